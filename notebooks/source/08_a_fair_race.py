# %% [markdown]
# # 08 · A fair race
#
# **What you will be able to do.** Say how good a search is, and how sure you are of it. Test a difference without a
# formula. Recognise five ways to fool yourself.
#
# **How long.** Twenty minutes, and twenty-five for the exercises. The page runs in half a minute.
#
# **What you need first.** Lesson 00, for the words, and lesson 03, for random search.

# %%
import numpy as np
from scipy.stats import rankdata

import nasedu
from nasedu.classroom import asserted, claim, closest, interval
from nasedu.classroom.lessons.lesson_08 import exercises, figures
from nasedu.tables.atlas import atlas
from nasedu.widgets import Explorer, Predict, Quiz, Race, Reveal

# %% [markdown]
# ## The question
#
# Two searches look for the best of 1,188 networks. Each search may try 25. **Random search** draws networks blindly.
# **Local search** changes one layer at a time, and moves when the new network is better. The **regret** says how far
# the best network found so far is below the best of all: a lower line is better.
#
# Seed 0 has run: random search wins. Press *Go on* to run four more seeds. Then write 100 into *Seeds*, and press
# *New race*. Who leads now?

# %%
table, task = atlas(), "how-many/digits"
space = table.space
duel = ["random", "local-search"]
live = Race(space, table, duel, task=task, seeds=5, evaluations=25)
live.advance()
live.advance()
live

# %% [markdown]
# With 100 seeds, local search leads. A paper often shows one seed only. How often does one seed name the wrong winner?

# %%
Predict(exercises.one_seed)

# %% [markdown]
# ## 1 · Regret, from nothing
#
# To know the regret, we must know the best network. So all networks were trained before: the **atlas** has the scores
# of 1,188 networks on 16 tasks, each from 3 seeds. A search in this table takes milliseconds instead of hours, and the
# controller cannot tell the difference.
#
# Here is a whole random search. Its regret is the best score of all, minus the best score so far. We print it after 1,
# 5 and 25 networks:

# %%
scores = table.scores(task)
rng = np.random.default_rng(0)
drawn = rng.choice(len(table), 25, replace=False)
regret = scores.max() - np.maximum.accumulate(scores[drawn])
print(regret[[0, 4, 24]].round(3))

# %% [markdown]
# Regret never rises. It is zero when the best network of all is found.
#
# ## 2 · Two hundred races
#
# Now the two searches run from 200 seeds. A seed decides which networks are drawn first: it is the luck of a search.
# We stop each race after 25 networks, and count who is ahead.

# %%
race = nasedu.race(space, table, duel, 25, 200, task=task)
regret = race.at(25, of="regret")
wrong = np.mean(regret["random"] <= regret["local-search"])
ax = figures.humps(regret, "regret after 25 networks")
said = f"Random is ahead or level in {wrong:.0%} of 200 races."
because = asserted(said, wrong > 0.2)
answer = closest(exercises.one_seed, [1 / 20, 1 / 10, 1 / 5], wrong)
Reveal(exercises.one_seed, answer, because=because, show=ax)

# %% [markdown]
# Show the answer, and look at the two panels. One race draws one number from each panel. Put a finger on any bar above,
# and on any bar below. The upper finger is often further left: random search wins this race. The two means differ by
# little, and the runs of *one* search differ by much. This is the whole trouble with a single race.

# %%
lead = interval(regret["random"] - regret["local-search"])
claim(f"local search is better: less regret by {lead}", lead.low > 0)

# %% [markdown]
# Nobody has to cheat for a wrong table. Running everything once is enough. Li and Talwalkar (2019) found that few
# papers report more than one search.
#
# ## 3 · Why is one bar so tall?
#
# Look at the tall bar of local search: many of its runs end at the same regret. Where do they stand? Perhaps on a
# **local optimum**: a network whose neighbours are all worse. A neighbour differs by one layer that is changed, added
# or removed. The table can tell:


# %%
def is_optimum(network):
    around = [scores[table.row(n)] for n in space.neighbours(network)]
    return max(around) < scores[table.row(network)]


optima = [a for a in table.architectures if is_optimum(a)]
heights = np.array([table.regret(a, task) for a in optima])
stands = np.isclose(regret["local-search"][:, None], heights)  # seeds × optima
for place in stands.sum(axis=0).argsort(kind="stable")[:-4:-1]:
    name = " ".join(optima[place]).removesuffix(" stop")
    print(f"{stands[:, place].sum()} seeds, {heights[place]:.3f}: {name}")

# %% [markdown]
# These three are the most frequent ends. One of them is the best network of all, with regret 0. The other two stand
# in the tall bar. Here is the first. Every dot is a neighbour, and all dots lie to the left of the diamond. Press a dot
# to go there. Can you climb out?

# %%
trap = optima[stands.sum(axis=0).argmax()]
Explorer(space, table, task, architecture=trap)

# %%
one = space.neighbours(trap)
two = {far for near in one for far in space.neighbours(near)} - {trap, *one}
out = [n for n in two if table.regret(n, task) < table.regret(trap, task)]
claim(f"all {len(one)} neighbours are worse", is_optimum(trap))
claim(f"two changes: {len(two)} networks, {len(out)} better", len(out) < 10)
longer = nasedu.race(space, table, ["local-search"], 100, 200, task=task)
done = np.sum(longer.at(100, of="regret")["local-search"] < 1e-9)
claim(f"after 100, {done} of 200 have the best of all", done > 90)

# %% [markdown]
# The trap has one way out, and this way begins with a worse network. Local search never takes it. Instead, when all
# neighbours are tried, local search starts again from a random network. With 25 networks there is often no time for
# that. With 100 networks there is.
#
# ## 4 · An interval, from nothing
#
# Both searches ran from the same seeds. So we take their difference seed by seed: $n$ numbers, with mean $m$ and
# standard deviation $s$. In about 95 of 100 cases the true mean lies in
#
# <!-- equation: interval -->
# $$m \pm 1.96 \, \frac{s}{\sqrt{n}}$$
#
# The root is the expensive part: half the width costs four times the seeds. And *95* is a promise for many seeds. Does
# it hold for few? We can test it. The mean of 1,000 races is the truth. We draw $n$ of these races, compute the
# interval, and look whether it holds the truth. We do so 4,000 times.


# %%
def half_width(runs):
    n = runs.shape[-1]
    return 1.96 * runs.std(axis=-1, ddof=1) / np.sqrt(n)


many = nasedu.race(space, table, duel, 25, 1000, task=task)
many = many.at(25, of="regret")
lead = many["random"] - many["local-search"]

# %%
holds, sees = {}, {}
for n in (2, 3, 5, 10, 20, 40, 80):
    drawn = rng.choice(lead, size=(4000, n))
    mean, half = drawn.mean(axis=1), half_width(drawn)
    holds[n] = np.mean(np.abs(mean - lead.mean()) <= half)
    sees[n] = np.mean(mean > half)
ax = figures.seeds_needed(holds, sees)

# %%
three = holds[3]
claim(f"3 seeds: {three:.0%} of the intervals hold the truth", three < 0.9)
few, enough = sees[20], sees[80]
claim(f"the lead is seen by 20 seeds in {few:.0%} of cases", few < 0.5)
claim(f"by 80 seeds in {enough:.0%}", enough > 0.7)

# %% [markdown]
# The upper line: three results may lie close together by luck. Then the interval is too narrow, and misses the truth.
# From ten seeds on, the promise nearly holds.
#
# The lower line: how often does the interval lie above zero, and so show that local search is better? With 20 seeds, in
# fewer than half of all cases. **No difference found** may only mean *too few seeds*.
#
# The interval is one of the *mean*. What does it say about a single run?

# %%
Quiz(exercises.one_more_run)

# %% [markdown]
# ## 5 · A test without a formula
#
# Suppose that neither search is better. Then each difference could as well have the other sign. So we flip the signs
# at random, many times. How often does this chance give a mean as far from zero as ours? This share is the **p-value**
# (Fisher 1935). A small p means: chance alone seldom does as much.


# %%
def p_value(differences, rng, flips=4000):
    signs = rng.choice([-1, 1], size=(flips, len(differences)))
    by_chance = np.abs((signs * differences).mean(axis=1))
    return np.mean(by_chance >= abs(differences.mean()))


for n in (5, 80):
    p = p_value(lead[:n], rng)
    print(f"{n:2} seeds: {interval(lead[:n])}, p = {p:.3f}")

# %% [markdown]
# Five seeds cannot give a small p. Five signs can be flipped in 32 ways, and two of these ways give the largest sum.
# So p is at least 2/32, or 0.06. With 80 seeds, the two ways of asking agree: p is small, and the interval lies above
# zero.
#
# Now a trap. Random search races *against itself*, with other seeds. Every difference that we find is false. We
# compare 20 seeds with 20 others on 16 tasks, and do so 200 times. How often is p below 0.05?

# %%
alarms = []
for name in table.tasks:
    runs = nasedu.race(space, table, ["random"], 25, 400, task=name)
    runs = runs.at(25, of="regret")["random"]
    for _ in range(200):
        a, b = rng.permutation(runs)[:40].reshape(2, 20)
        alarms.append(p_value(a - b, rng, 400) < 0.05)
alarms = np.reshape(alarms, (16, 200))

# %%
each, some = alarms.mean(), alarms.any(axis=0).mean()
claim(f"one comparison: false in {each:.1%}", 0.02 < each < 0.09)
claim(f"sixteen comparisons: one or more in {some:.0%}", some > 0.3)

# %% [markdown]
# All sixteen stay silent with a probability of only $0.95^{16}$, or 44%. So an equal rival looks different on some task
# more often than not. Report all tasks that you raced. Or ask for a smaller p: 0.05 divided by the number of
# comparisons (Bonferroni's rule).
#
# ## 6 · Three more ways to fool yourself
#
# **Choosing by the test set.** The best of many test scores is high partly by luck. The atlas can tell how much, since
# it has the test scores of three trainings of each network. We deal its networks like cards into 27 searches of 44.
# Each search reports its winner's test score from one training. How far is this score above that of the two other
# trainings?

# %%
test, validation = table.test[..., -1], table.values[..., -1]
others = (test.sum(axis=2, keepdims=True) - test) / 2
luck = test - others  # networks × tasks × trainings
hands = rng.permutation(len(table)).reshape(27, 44)


def flattery(chosen_by):
    won = [hand[chosen_by[hand].argmax(axis=0)] for hand in hands]
    return np.take_along_axis(luck, np.array(won), axis=0).mean(axis=2)


by_test, by_validation = flattery(test), flattery(validation)

# %%
ax = figures.flattered(table.tasks, by_test, by_validation)
flattered = sum(interval(one).low > 0 for one in by_test.T)
claim(f"chosen by test: flattered on {flattered} of 16", flattered > 12)
whole = interval(by_test.mean(axis=1))
price = interval((by_test - by_validation).mean(axis=1))
claim(f"by {whole}; due to the test set: {price}", price.low > 0)

# %% [markdown]
# If nobody had chosen, every mark would stand at zero, on average. But every mark lies right of zero: the reported
# score is too high. A winner was chosen because *one training* went well, and this training went well on the test
# images too. To remove this luck, train the winner again, and report the second training.
#
# The gap between circle and square is the price of choosing by the test set. For this gap there is no remedy: the
# images that could tell are used up.
#
# **A lucky space.** A method comes with its own space, and wins. Was it the method? We give random search a quarter of
# the space: the networks that begin with `conv3-8`, which are good on average. Local search gets the whole space.


# %%
def random_inside(seed):
    rng = np.random.default_rng(seed)
    drawn = rng.choice(np.flatnonzero(inside), 50, replace=False)
    return scores.max() - np.maximum.accumulate(scores[drawn])


scores = table.scores("what/digits")
inside = np.array([a[0] == "conv3-8" for a in table.architectures])
inner = np.array([random_inside(seed) for seed in range(100)])

# %%
outer = nasedu.race(space, table, duel[1:], 50, 100, task="what/digits")
outer = outer.curves("local-search", of="regret")  # seeds × networks
ax = figures.crossing(inner, outer)
early = interval(outer[:, 9] - inner[:, 9])
late = interval(inner[:, -1] - outer[:, -1])
claim(f"at 10 the lucky space leads by {early}", early.low > 0)
claim(f"at 50 the whole space leads by {late}", late.low > 0)

# %% [markdown]
# At the left, the lucky space does the work. At the right, local search has found its own good region. Yang, Esperança
# and Carlucci (2020) measured this for published methods: the space and the training often matter more than the
# search. So give every rival the same space, training and budget.
#
# **The best moment.** Both claims are true, and a paper could print either one. If you watch the curve and stop when
# your own method leads, your method always wins. So fix the budget before the race, or show the whole curve as here.
#
# ## 7 · The race
#
# Now a fair race: five controllers, sixteen tasks, twenty seeds, and a budget of 50 that was fixed before. Tasks differ
# in how large a regret can be. So we rank the five, for each task and seed.

# %%
rivals = ["random", "grid", *duel[1:], "regularized-evolution", "q-learning"]
budgets, places = (5, 10, 20, 30, 40, 50), []
for name in table.tasks:
    race = nasedu.race(space, table, rivals, 50, 20, task=name)
    ends = [list(race.at(n, of="regret").values()) for n in budgets]
    places.append(rankdata(ends, axis=1))
mean = np.mean(places, axis=0)  # budgets × controllers × seeds
ranks = {r: [*map(interval, mean[:, i])] for i, r in enumerate(rivals)}

# %%
ax = figures.rank_curves(budgets, ranks)
end = {rival: curve[-1] for rival, curve in ranks.items()}
best = end.pop("local-search")
first = all(best.high < other.low for other in end.values())
claim("at 50, local search is first, beyond the intervals", first)
learners = ("regularized-evolution", "q-learning")
behind = all(end[r].high < end["random"].low for r in learners)
claim("at 50, random is behind every learner", behind)

# %% [markdown]
# A rank of 3 is what chance gives. At the end local search is first, the simplest of the learners. White, Nolen and
# Savani (2021) found the same on larger tables: where noise is small, neighbours are a good guide.
#
# Now look at the left of the figure. After 5 networks, *grid* is first: it spreads its networks evenly. Which of grid
# and random is last at the end? Here their intervals overlap, so the figure does not say. This is a result about *one*
# space and *one* budget. A race can say no more.
#
# ## Exercises
#
# Fill in the first cell and run the second one. For your own races, use the widget at the top: choose other
# controllers, tasks, seeds and budgets.

# %%
exercises.seeds

# %%
seeds = ...

# %%
exercises.seeds.check(seeds)

# %%
exercises.mean_and_half


# %%
def mean_and_half(values): ...


# %%
exercises.mean_and_half.check(mean_and_half)

# %%
exercises.flips


# %%
def flips(differences): ...


# %%
exercises.flips.check(flips)

# %%
exercises.fair

# %%
fair = ...

# %%
exercises.fair.check(fair)

# %%
exercises.refutation

# %%
refutation = ...

# %%
exercises.refutation.check(refutation)

# %% [markdown]
# ## What we have seen
#
# - Regret needs the truth. A table of ground truth has it, so a search can be measured a thousand times.
# - One seed often names the wrong winner. Three seeds with an interval miss more often than they say.
# - Local search stands still on a local optimum until it starts again.
# - Compare seed by seed, and flip signs. If you compare often, ask for a smaller p.
# - Choosing by the test set, a lucky space, the best moment: each makes a method look better than it is.
# - *Best* needs four words: controller, space, task and budget.

# %% [markdown]
# ## Where it comes from
#
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019, sections 2 and 5.
# - A. Yang, P. M. Esperança, F. M. Carlucci, *NAS evaluation is frustratingly hard*, ICLR 2020, sections 3 and 4.
# - X. Dong, Y. Yang, *NAS-Bench-201*, ICLR 2020: a table of 15,625 cells; its baselines were run 500 times.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021.
# - M. Lindauer, F. Hutter, *Best Practices for Scientific Research on Neural Architecture Search*, JMLR 21(243), 2020.
# - R. A. Fisher, *The Design of Experiments*, 1935, chapter III: the test by flipping signs.

# %% [markdown]
# ## Where to go next
#
# [Lesson 09, less training](09_less_training.ipynb): when every score is expensive, how little training is enough to
# choose? [Lesson 15, meta-learned architecture search](15_meta_learned_search.ipynb) races searches that remember
# earlier tasks.
