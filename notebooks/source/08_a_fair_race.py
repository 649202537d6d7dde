# %% [markdown]
# # 08 · A fair race
#
# **What you will be able to do.** Measure how far a search is from the best there is. Say how many seeds a claim
# needs, put an interval beside it, and test a difference without a formula. Recognise ways of fooling yourself that
# can be found in print.
#
# **How long.** Twenty-five minutes to read and run, twenty-five for the exercises. The page itself runs in about half
# a minute on two cores.
#
# **What you need first.** Lesson 00, for the words, and lesson 03, for random and grid search. Lesson 02 speaks of
# noise in the score of one network; here it is the noise of whole searches.
#
# ## The question
#
# Every paper on architecture search holds a table, and in every table one row is printed in bold. It is the row of
# the authors. Could it have been another row, had they pressed the button once more? For most of them nobody can say,
# because a search was run once, for weeks. We can press it as often as we like.
#
# Here are two controllers, one of them better: over many seeds there is no doubt about it. How often does a single
# race between them name the wrong winner?

# %%
import numpy as np
from scipy.stats import rankdata

import nasedu
from nasedu import plots
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_08 import exercises, figures
from nasedu.tables.atlas import atlas
from nasedu.widgets import Predict, Quiz, Race, Reveal

# %%
Predict(exercises.one_seed)

# %% [markdown]
# ## 1 · A table that knows the truth, and regret
#
# To know how good a search is, one must know the best network of the space, and to know that, one must have trained
# them all. That was done once: the **atlas** holds every one of 1,188 small chains of layers, on 16 tasks, from 3
# seeds. Published tables of this kind are larger; NAS-Bench-201 (Dong and Yang, ICLR 2020) holds 15,625 cells on
# three sets of images. A search in a table costs milliseconds instead of days, and it is the same search: the
# controller cannot tell.
#
# With the truth at hand, the quality of a search is its **regret**: how far the best network found so far is below
# the best of the table. It starts high, never rises, and is zero for whoever has found the best.

# %%
table = atlas()
space = table.space
best = table.best("how-many/digits")
print(f"the best of {len(table):,}: {' '.join(best.architecture)}, worth {best.score:.3f}")
once = nasedu.race(space, table, ["random", "local-search"], 50, 1, task="how-many/digits")
ax = once.plot()

# %% [markdown]
# Two lines, two searches, one seed. A line can only go down, and it goes down in steps: each step is a network better
# than all before it, and most questions bring none. The axis is logarithmic, since near the end the steps get small.
# Whichever line is lower at the right has won this race. **Local search** begins with a random network and looks at
# the neighbours that differ in one choice, moving whenever one is better; **random search** you know.
#
# Random search has won. After 21 networks it had one that is better than all fifty of local search. What does this
# show about the two? Nothing, so far, as the next picture will make clear.
#
# ## 2 · Press the button again
#
# The same two controllers, the same task, 200 seeds; the one above is among them. A seed decides which networks are
# drawn first, and so the luck of the whole search. We stop each race after 25 networks and write down who is ahead.

# %%
race = nasedu.race(space, table, ["random", "local-search"], 25, 200, task="how-many/digits")
regret = race.at(25, of="regret")
ax = figures.humps(regret, "regret after 25 networks")

# %%
wrong = np.mean(regret["random"] <= regret["local-search"])
lead = interval(regret["random"] - regret["local-search"])
claim(f"local search is better: its regret is lower by {lead}", lead.low > 0)
claim(f"and yet a single race puts random ahead or level in {wrong:.0%} of all cases", wrong > 0.2)
Reveal(exercises.one_seed, "in more than 1 of 5")

# %% [markdown]
# The two humps overlap, and a race from one seed draws one number from each. Put a finger on any bar of the one and
# on any of the other: the left one may be in either panel. The means, the dotted lines, differ by 0.012, while the
# runs of one and the same controller differ by up to ten times as much. That is the whole trouble with a single race.
# The noise is not small beside the effect, it is large beside it.
#
# Nobody needs to cheat for a wrong table: it is enough to run everything once. Li and Talwalkar (2019) found that few
# of the papers they read reported more than a single search.
#
# ## 3 · An interval beside every mean
#
# The mean over seeds is an estimate as well: other seeds give another mean. How different? If $n$ runs have the mean
# $m$ and the standard deviation $s$, then in about 95 of 100 cases the true mean lies in
#
# <!-- equation: interval -->
# $$m \pm 1.96 \, \frac{s}{\sqrt{n}}$$
#
# The root is the expensive part. Half the width costs four times the seeds. Put in the numbers of the last figure: a
# standard deviation of about 0.03 and 200 seeds make a half width of $1.96 \cdot 0.03 / 14.1$, about 0.004. With 20
# seeds it would be 0.013, as much as the whole difference between the two means; and the difference of two means is
# less certain than either.
#
# And *about 95* is a promise for many seeds; with three seeds the spread itself is badly known. Since we can run a
# search thousands of times, we need not believe it. We take 1,000 races of random search for the whole truth, draw a
# few of them, compute the interval, and see how often it holds the true mean.

# %%
many = nasedu.race(space, table, ["random"], 25, 1000, task="how-many/digits")
many = many.at(25, of="regret")["random"]
rng = np.random.default_rng(0)
coverage = {}
for n in (2, 3, 5, 10, 30, 100):
    drawn = rng.choice(many, size=(4000, n))
    half = 1.96 * drawn.std(axis=1, ddof=1) / np.sqrt(n)
    coverage[n] = np.mean(np.abs(drawn.mean(axis=1) - many.mean()) <= half)

# %%
ax = figures.kept_promises(coverage)
three, thirty = coverage[3], coverage[30]
claim(f"with 3 seeds {three:.0%} hold the truth, with 30 {thirty:.0%}", three < 0.9 < thirty)

# %% [markdown]
# Three seeds and an error bar look like science, and in one case of six or so the bar misses. The reason is that
# three results may lie close together by luck. Their mean is then no worse than any other, but the interval is too
# narrow to reach the truth. From ten seeds on, the formula can be used; this course uses twenty or more wherever a
# table makes it cheap.
#
# A common misunderstanding: the interval does not say where the next *run* will end. Its runs are spread over the
# whole hump. It says how well the *mean* of the hump is known.
#
# Here is one such report. You know the width of the interval and the number of seeds, and the formula of this section
# says how the two hang together:

# %%
Quiz(exercises.one_more_run)

# %% [markdown]
# ## 4 · Is it a difference?
#
# Two intervals that do not overlap: a difference. Two that overlap: not necessarily none. Better than comparing two
# intervals is one interval of the *differences*, seed by seed. If a seed gives something to both, such as the same
# first network, that cancels out. (Here it gives them little in common, and nothing is lost by it.) And then there is
# a test that needs no formula at all. Suppose that neither were better. Then each difference might as well have had
# the other sign. So flip the signs at random, many times, and see how often chance alone brings forth a sum as large
# as ours. That share is the **p-value** (you will write it in exercise 3).


# %%
def p_value(differences, rng, flips=4000):
    signs = rng.choice([-1, 1], size=(flips, len(differences)))
    by_chance = np.abs((signs * differences).mean(axis=1))
    return np.mean(by_chance >= abs(differences.mean()))


lead = regret["random"] - regret["local-search"]
for n in (5, 20, 80):
    print(f"{n:3} seeds: lead {interval(lead[:n])}, p = {p_value(lead[:n], rng):.3f}")

# %% [markdown]
# The difference is there, we have seen it over 200 seeds. Five seeds do not find it, and would even have pointed the
# wrong way. They *cannot* find it: five signs can be flipped in 32 ways, two of which bring forth the largest sum, so
# p is never below 0.06. Twenty do not find it here either. With eighty, chance alone seldom does as much, and the
# interval no longer holds zero; the two ways of asking agree. A large p is therefore no proof that two controllers
# are equally good. It may only mean that nobody has run them often enough.
#
# Now a trap. A p-value under 0.05 happens by luck in 5 of 100 comparisons, so whoever makes many comparisons is lucky
# often. To see it, let random search race *against itself*, with other seeds: whatever is found here is false.
# Sixteen tasks, twenty seeds each, and the whole experiment two hundred times.

# %%
false_alarms = []
for name in table.tasks:
    values = nasedu.race(space, table, ["random"], 25, 400, task=name).at(25, of="regret")["random"]
    for _ in range(200):
        drawn = rng.permutation(values)
        false_alarms.append(p_value(drawn[:20] - drawn[20:40], rng, 400) < 0.05)
false_alarms = np.reshape(false_alarms, (len(table.tasks), 200))
each, some = false_alarms.mean(), false_alarms.any(axis=0).mean()
claim(f"one comparison: a false alarm in {each:.1%} of all cases", 0.02 < each < 0.09)
claim(f"sixteen comparisons: at least one false alarm in {some:.0%}", some > 0.3)

# %% [markdown]
# Five of 100 were to be expected. Sixteen at once are another matter: all of them stay silent with a probability of
# only $0.95^{16}$, or 44%. A method that is exactly as good as its rival differs from it "significantly" on some task
# out of sixteen more often than not. Tell all tasks that were raced; or ask for a smaller p, 0.05 divided by the
# number of comparisons (Bonferroni's rule).
#
# ## 5 · Three more ways to fool yourself
#
# **The test set as validation.** Choosing by the test images is choosing. The best of many test scores is high partly
# because it was lucky, and afterwards no images are left that could tell. The atlas has the test scores of three
# trainings of each network, so we can look at what such a report promises, and at what its network is worth when it
# is trained anew.
#
# One of the three trainings may have had it easier than the others, for whatever reason, and that would look like
# flattery. So each takes its turn as the one that is reported: whatever is kindness of one training cancels out. And
# draws that share networks are no separate experiments; an interval over them would be too narrow. So the atlas is
# dealt out like cards, into 27 searches of 44 networks, none of them twice. The control is what one should do: the
# same searches choose by the *validation* score, and report the test score of what they chose.

# %%
test, validation = table.test[..., -1], table.values[..., -1]  # networks × tasks × trainings, in the end
promise = test - (test.sum(axis=2, keepdims=True) - test) / 2  # one training minus the two others
hands = rng.permutation(len(table)).reshape(27, 44)


def flattery(scores):
    winners = np.array([hand[scores[hand].argmax(axis=0)] for hand in hands])  # hands × tasks × trainings
    return np.take_along_axis(promise, winners, axis=0).mean(axis=2)


by_test, by_validation = flattery(test), flattery(validation)

# %%
ax = None
for label, found in (("chosen by the test", by_test), ("chosen by the validation", by_validation)):
    rows = {name: interval(found[:, place]) for place, name in enumerate(table.tasks)}
    ax = plots.whiskers(rows, ax, label)
ax.set_xlabel("test score that was reported, minus that of two other trainings")
clear = sum(interval(one).low > 0 for one in by_test.T)
claim(f"chosen by the test, the network is flattered on {clear} of 16 tasks", clear > 12)
price = interval((by_test - by_validation).mean(axis=1))
claim(f"in the mean by {interval(by_test.mean(axis=1))}, of which {price} by choosing so", price.low > 0)

# %% [markdown]
# Each row is a task, each dot how much the winner of a search reports beyond what it keeps. With nobody chosen, every
# dot would stand at zero: over all networks the promises of three trainings that take turns add up to nothing.
#
# Now compare dots and squares. The squares are no clean control, for they are flattered as well, and by most of it. A
# winner was chosen because *one training* went well, and a training that went well does so on all images, on those of
# the test too. No seal on the test images helps against that; training the winner anew does. What the test set as
# validation adds is the distance from square to dot, about a quarter of the whole, and for that part there is no
# remedy: the images that could have told are used up.
#
# No line of the code is a cheat: each of these test scores was measured honestly. What misleads is to report the
# number that was picked, and not another one. A number that was picked for being high is no longer a measurement of
# how high it is.
#
# **A lucky space.** A method is published with a space of its own, and wins. Was it the method? We cut the atlas down
# to the quarter of the space in which the average network is good (here: networks whose first layer is a 3 × 3
# convolution of 8 filters) and let *random search* loose in it. Against it runs the best controller we have, in the
# whole space.


# %%
def random_inside(seed):
    drawn = np.random.default_rng(seed).choice(np.flatnonzero(inside), 50, replace=False)
    return scores.max() - np.maximum.accumulate(scores[drawn])


scores = table.scores("what/digits")
inside = np.array([architecture[0] == "conv3-8" for architecture in table.architectures])
print(f"{inside.mean():.0%} of the space; mean {scores[inside].mean():.3f}, of all {scores.mean():.3f}")
inner = np.array([random_inside(seed) for seed in range(100)])  # seeds × networks tried

# %%
search = nasedu.race(space, table, ["local-search"], 50, 100, task="what/digits")
budgets = range(5, 51, 5)
outer = [search.at(n, of="regret")["local-search"] for n in budgets]
early, late = interval(outer[1] - inner[:, 9]), interval(inner[:, 49] - outer[-1])
ax = plots.band(budgets, [interval(inner[:, n - 1]) for n in budgets], label="random in the lucky space")
plots.band(budgets, [*map(interval, outer)], ax, "local search in the whole space")
ax.set(xlabel="networks tried", ylabel="regret", yscale="log")
claim(f"after 10 networks, the lucky space is ahead by {early}", early.low > 0)
claim(f"after 50, the whole space is ahead by {late}", late.low > 0)

# %% [markdown]
# Look at the two averages that were printed first. Whoever draws a single network inside is ahead before the search
# has begun. With few networks random search wins, because the space has done its work for it. Yang, Esperança and
# Carlucci (ICLR 2020) measured this for published methods: the space and the training recipe often matter more than
# the strategy, and random networks of a good space come close to what is found in it. The remedy is plain: every
# rival in the same space, with the same training, at the same price.
#
# Now read the figure from left to right, and the tale turns. After five networks the lucky space has less than half
# of the other's regret, after twenty the two are level, and after fifty it has nearly three times as much. Random
# search learns nothing from what it has seen, so its line falls ever more slowly. Local search has found its own way
# into good country by then, and goes on from there. A head start is no strategy. It is a head start.
#
# **The best moment.** Both of the last two claims are true, and a paper could print either. A curve that is looked at
# while it runs, and stopped when the own method is ahead, will be ahead. Fix the budget before the race; the exercise
# at the end shows how much it decides.
#
# ## 6 · The race
#
# Now fairly: five controllers, all sixteen tasks, fifty different networks, twenty seeds, and all of it told. Tasks
# differ in how large a regret can be, so we compare **ranks**: for each task and seed, who came first, second, and so
# on.

# %%
rivals = ["random", "grid", "local-search", "regularized-evolution", "q-learning"]
places = []
for name in table.tasks:
    regret = nasedu.race(space, table, rivals, 50, 20, task=name).at(50, of="regret")
    places.append(rankdata([regret[rival] for rival in rivals], axis=0))
mean = np.mean(places, axis=0)  # over the tasks: controllers × seeds
summary = {rival: interval(row) for rival, row in zip(rivals, mean, strict=True)}

# %%
plots.whiskers(summary).set_xlabel("mean rank over 16 tasks (1 is best; 95% interval over 20 seeds)")
first = summary["local-search"]
claim(
    "local search is first, beyond the intervals",
    all(first.high < summary[r].low for r in rivals if r != "local-search"),
)
last = summary["random"]
claim("random is behind every learner", all(summary[r].high < last.low for r in rivals[2:]))

# %% [markdown]
# A rank of 3 is what chance would give among five. Local search lies well to the left of it, random and grid to the
# right. Which of those two is behind the other, this figure does not show: their intervals overlap, and section 4
# says what one would have to compute. Local search, the simplest of the learners, is first here. White, Nolen and
# Savani (UAI 2021) found the same on larger tables, and explained it: where noise is small, neighbours are a good
# guide. Here it is smaller than in life, since a race tells the mean of three trainings. On another space the order
# may change. It is a result about this space at this budget, and that is all a race can ever be.
#
# ## By hand: your own race
#
# The first run was made for you; *Go on* makes the others. The bands are 95% intervals. Watch them shrink as seeds
# come in, and watch who leads after 5, 10 and 40 networks. *Stop* takes hold at once, and *Go on* goes on from there.
# Then pick other controllers, another task, more seeds or more networks: the button now says *New race*, and begins
# the one that you describe. The same seeds give the same curves, on every machine.

# %%
runners = ("random", "local-search", "q-learning")
live = Race(space, table, controllers=runners, task="few/digits", seeds=10, evaluations=40)
live.advance()
live

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

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
# - Regret needs the truth, and a table of ground truth has it. It makes a search a thing that can be measured a
#   thousand times over.
# - One seed names the wrong winner in a fair share of races. Three seeds with an error bar miss more often than they
#   say.
# - Compare seed by seed, and test by flipping signs. Who compares often must ask for more.
# - Choosing by the test, a space that does the work, a moment picked afterwards: each makes a method look good that
#   is not.
# - *Best* is said of a controller, a space, a task and a budget, all four.

# %% [markdown]
# ## Where it comes from
#
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019. Section 2 and
#   5: what searches report, and what they leave out.
# - A. Yang, P. M. Esperança, F. M. Carlucci, *NAS evaluation is frustratingly hard*, ICLR 2020. Sections 3 and 4:
#   random networks of the same space as the baseline; what the training recipe does.
# - X. Dong, Y. Yang, *NAS-Bench-201*, ICLR 2020: a table of 15,625 cells; its baselines were run 500 times.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021: local
#   search, and when it is strong.
# - M. Lindauer, F. Hutter, *Best Practices for Scientific Research on Neural Architecture Search*, JMLR 21(243),
#   2020: a checklist.
# - R. A. Fisher, *The Design of Experiments*, 1935, chapter III: the test by flipping signs.

# %% [markdown]
# ## Where to go next
#
# [Lesson 09, less training](09_less_training.ipynb): when every score is expensive, how little of one is enough to
# choose by. [Lesson 15, meta-learned architecture search](15_meta_learned_search.ipynb) races searches that remember
# earlier tasks, by the rules of this one.
