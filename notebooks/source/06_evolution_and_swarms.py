# %% [markdown]
# # 06 · Evolution and swarms
#
# **What you will be able to do.** Run an evolution by hand: tournament, parent, mutation, death. Say what each part is
# worth, and measure it. Read the velocity of a swarm whose particles choose layers.
#
# **How long.** Twenty minutes to read and run, twenty more for the exercises. The page runs in about a minute on two
# cores.
#
# **What you need first.** Lesson 03 for the loop of ask and tell. Lesson 00 for intervals, lesson 04 for the regret.
#
# ## The question
#
# In 2019, Real, Aggarwal, Huang and Le let networks evolve. A few networks are drawn at random: they are the
# **population**, and each is a *member*. Good ones have children, which differ in one layer, and old ones die. The best
# network of this search, AmoebaNet, was better than all networks that people had designed by then.
#
# The paper changed one rule of the textbook. Usually the *worst* member dies. Here the *oldest* one dies, even if it
# is the best of all. Is that wise? A reward comes from one noisy training. Perhaps a lucky network should not live
# forever.

# %%
import numpy as np

import nasedu
from nasedu import controllers, plots
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_06 import exercises, figures
from nasedu.classroom.nas_bench_macro import nas_bench_macro
from nasedu.controllers.evolution import RegularizedEvolution, tournament
from nasedu.core import rng_from
from nasedu.tables.atlas import atlas
from nasedu.tables.task_correlation import task_correlation
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
Predict(exercises.who_dies)

# %% [markdown]
# ## 1 · A population, step by step
#
# We search among the 1,188 networks of the atlas, on the task *where*: at which place is the digit? The population has
# 8 members, one box for each. A darker box is a higher reward. Step with the arrow keys.

# %%
table = atlas()
space = table.space
task = "where/digits"
scores = table.scores(task)


def score(architecture):
    return float(scores[table.row(architecture)])


# %%
settings = {"population": 8, "sample": 3}
evolution = controllers.load("regularized-evolution", space, seed=0, **settings)
Player(films.population(evolution, score, 22))

# %% [markdown]
# The first 8 networks are **founders**, drawn at random. Then the same steps repeat:
#
# 1. A **tournament** draws 3 members. One member may be drawn twice.
# 2. The best of them is the **parent**.
# 3. The child is a copy with one **mutation**: a layer is replaced, inserted or removed. A red frame marks it.
# 4. The child is trained. It joins, and the oldest member dies. Sometimes this is the best of all.
#
# Go to the last step. It shows the family of the winner, from a founder on. Most founders leave no descendants: the
# families of a few have taken over the population.
#
# The film invents nothing. It shows what the search itself yields, one step after the other. Here is the next step: the
# rewards of the three members that were drawn, and the child of the best of them.

# %% tags=["nbval-check-output"]
for birth in evolution.proposals():
    drawn = [member.reward for member in birth.tournaments[0]]
    print("drawn:", *(f"{reward:.3f}" for reward in drawn))
    print("child:", *birth.child)

# %% [markdown]
# ## 2 · Who becomes a parent?
#
# The size $S$ of the tournament decides how strict the selection is. Take a population of $P$ members. One draw misses
# the best of them with probability $1 - 1/P$. If all $S$ draws miss it, another member is the parent. So
#
# <!-- equation: best-is-parent -->
# $$\text{P(the best is the parent)} = 1 - \left(1 - \frac{1}{P}\right)^{S}$$
#
# We check the formula with the function that the controller uses. Each dot counts 2,000 tournaments.

# %%
members = [(f"network {n}", n / 10) for n in range(10)]
rng = rng_from(0, "lesson 06")
samples = (1, 2, 3, 5, 10, 20, 40)
counted, expected = [], []
for size in samples:
    won = [tournament(members, size, rng) for _ in range(2000)]
    counted.append(won.count(members[-1]) / 2000)
    expected.append(1 - (1 - 1 / 10) ** size)
ax = figures.pressure(samples, expected, counted)

# %%
gap = max(abs(a - b) for a, b in zip(counted, expected, strict=True))
claim(f"formula and count differ by at most {gap:.3f}", gap < 0.04)

# %% [markdown]
# With $S = 1$ there is no selection: each member is equally likely to be a parent. With $S = 40$ the best is nearly
# always the parent, and the search climbs from one network only. Now compute one yourself:

# %%
Quiz(exercises.parent_chance)

# %% [markdown]
# ## 3 · Who dies?
#
# Now the prediction from above. Our controller lets the oldest die (**ageing**). The textbook's rule lets the worst die
# (**elitism**). This is one method of the controller, so we replace this method:


# %%
class Elitism(RegularizedEvolution):
    def join(self, newcomer):
        self.members.append(newcomer)
        if len(self.members) > self.population:
            worst = min(self.members, key=lambda member: member.reward)
            self.members.remove(worst)
            return worst


# %% [markdown]
# Noise is the reason that the paper gives for ageing. So we change the noise, and nothing else:
#
# - *three trainings*: a reward is the mean of three trainings with different seeds;
# - *one training*: a reward is one of them, as in a real search;
# - *much noise*: to that we add normal noise with a standard deviation of 0.1.
#
# In all cases we take the network that looked best to the search, and measure the mean of three for it. Each search
# asks 100 networks, from 20 seeds. The four tasks are unlike. Their *rank correlations* are low: 1 would mean that two
# tasks put all networks into the same order, 0 that they do not agree at all.

# %%
tasks = "how-many/digits", "same/digits", "gratings/width", "shuffled/cyrillic"
places = [table.tasks.index(task) for task in tasks]
alike = task_correlation(table)[np.ix_(places, places)]
pairs = alike[np.triu_indices(4, 1)]
said = f"the six rank correlations are {min(pairs):.2f} to {max(pairs):.2f}"
claim(said, max(pairs) < 0.6)

# %% [markdown]
# We race all searches of this lesson at once, and look at them one after the other.

# %%
runners = {"random": "random", "local-search": "local-search"}
runners |= {"ageing": RegularizedEvolution, "elitism": Elitism}
for rate in (0.0, 0.5, 1.0):
    settings = {"crossover_rate": rate}
    runners[f"genetic, {rate:.0%} crossover"] = "genetic", settings
runners["swarm"] = "swarm"
runners["swarm, no inertia"] = "swarm", {"inertia": 0.0}


# %%
def run(who, task, reward="one-seed", seeds=20):
    more = {"task": task, "reward": reward}
    return nasedu.race(space, table, who, 100, seeds, **more)


def noisy(parent):
    class Noisy(parent):
        def tell(self, architecture, reward):
            noise = 0.1 * rng_from(self.seed, str(architecture)).normal()
            super().tell(architecture, reward + noise)

    return Noisy


# %%
races = {task: run(runners, task) for task in tasks}
pair = {"ageing": RegularizedEvolution, "elitism": Elitism}
noise = {name: noisy(parent) for name, parent in pair.items()}
kinds = {"three trainings": {t: run(pair, t, "mean") for t in tasks}}
kinds["one training"] = races
kinds["much noise"] = {task: run(noise, task) for task in tasks}


def lead(race, one, rival, networks=100):
    regret = race.at(networks, of="regret")
    return interval(regret[rival] - regret[one])


# %%
leads = {}
for kind, raced in kinds.items():
    found = {task: lead(raced[task], "ageing", "elitism") for task in tasks}
    leads[kind] = found
every = [one for found in leads.values() for one in found.values()]
ahead, behind = exercises.clear(every)
said = f"Ageing is clearly ahead in {ahead} of 12 cases, behind in {behind}."
because = asserted(said, ahead + behind < 6)
answer = exercises.which_death(leads["one training"])
Reveal(exercises.who_dies, answer, because=because, show=figures.deaths(leads))

# %% [markdown]
# Each row is a task, each marker a kind of reward. To the right of zero, ageing has found the better networks. Nearly
# every interval touches zero. One clear case of 12 is little: chance alone gives one of 20. With 40 other seeds (1000
# to 1039, one training), no task showed a clear difference. Use `run(pair, task, seeds=list(range(1000, 1040)))`.
#
# So we cannot confirm the reason that the paper gives: not here, not with 100 networks. A lucky network does harm only
# if it stays long and has many children. Our searches end before that. This is a null result for small budgets. It
# says nothing about 20,000 networks.
#
# ## 4 · Is a second parent worth it?
#
# In nature most children have two parents. The textbook's genetic algorithm copies this. **Crossover** joins the
# beginning of one parent to the end of another one, where they fit together. Then the child is mutated.
#
# `genetic` is this algorithm, with the death of the worst. In the race above, 0%, 50% and 100% of its children had two
# parents. Mutation was the same in all three. How far is crossover ahead of mutation alone?

# %%
mutants = "genetic, 0% crossover"
crossed = ["genetic, 50% crossover", "genetic, 100% crossover"]


def leads_over(rival, names):
    found = {}
    for task, race in races.items():
        found[task] = {name: lead(race, name, rival) for name in names}
    return found


gains = leads_over(mutants, crossed)
figure = figures.panels(gains, "lead over mutation alone (regret)")

# %%
every = [gain for found in gains.values() for gain in found.values()]
ahead, behind = exercises.clear(every)
said = f"crossover is clearly ahead in {ahead} of 8 cases"
claim(f"{said}, behind in {behind}", ahead + behind <= 3)

# %% [markdown]
# Ahead once and behind once: crossover buys nothing that 20 seeds can show. With 40 other seeds (1000 to 1039), all
# eight intervals held zero. When could it help? One parent needs a good beginning and another one a good end, and the
# two must be good *together*. Perhaps the members of a small population are soon near relatives, and both halves come
# from nearly the same network. We have not tested this.
#
# ## 5 · How large a population?
#
# `population` and `sample` belong together. A large sample and a small population climb fast, from few ancestors. A
# small sample and a large population explore. The paper had 100 members and drew 25, for 20,000 networks. We have 100
# networks in all. We try four populations with three samples each:

# %%
grid = [(p, s) for p in (5, 10, 30, 100) for s in (1, 3, 10)]
settings = {}
for p, s in grid:
    numbers = {"population": p, "sample": s}
    settings[str((p, s))] = "regularized-evolution", numbers
swept = {}
for task in tasks:
    found = run(settings, task).at(100, of="regret")
    swept[task] = {pair: found[str(pair)] for pair in grid}
figure = figures.sweep(swept)

# %% [markdown]
# Each cell is the mean regret of 20 seeds, and a darker cell is worse. Look at the left columns: with a sample of 1
# there is no selection, and evolution wanders. Now look at the last rows: why are their three numbers the same?

# %%
costs = []
for found in swept.values():
    costs += [found[p, 1] - found[p, 3] for p in (5, 10, 30)]
cost = interval(np.mean(costs, axis=0))
claim(f"on average, sample 1 costs {cost} more than 3", cost.low > 0)
last = [[found[100, s] for s in (1, 3, 10)] for found in swept.values()]
gap = np.ptp(last, axis=1).max()
claim("a population of 100: the sample changes nothing", gap == 0)

# %% [markdown]
# With 100 founders, our budget ends before the first child is born: this is random search. The paper's numbers would
# give just that. The numbers of a paper belong to its budget: do not copy them into a small search. (The cost of sample
# 1 was clear in four other sets of seeds, too.)
#
# ## 6 · A swarm
#
# **Particle swarm optimisation** (Kennedy and Eberhart, 1995) was made for numbers. A particle has a position and a
# velocity. It is pulled towards its own best position, and towards the best position of the whole swarm.
#
# But a layer is no number. What is "pool4" minus "conv3-8"? Strasser and others (2016) take a table of probabilities
# as the position: one row for each layer, one column for each choice. For each entry $p$ of this table:
#
# <!-- equation: swarm-velocity -->
# $$v \leftarrow \omega v + \varphi_1 u_1 (b - p) + \varphi_2 u_2 (g - p)$$
#
# Here $b$ is the entry of the particle's best position and $g$ that of the swarm's best; $u_1$ and $u_2$ are random
# numbers from 0 to 1. The **inertia** $\omega$ says which part of the old velocity is kept. $\varphi_1$ and $\varphi_2$
# say how strong the two pulls are. Then $p + v$ is cut to the range from 0 to 1, and each row is scaled to the sum 1.
#
# Say it plainly: **velocity on unordered categories is a definition, not a law.** Nothing moves *between* "pool4" and
# "conv3-8". Somebody decided that a part of the old velocity is kept. Only experiments can say what this is worth.

# %%
swarm = controllers.load("swarm", space, seed=0, particles=3)
Player(films.swarm(swarm, score, 6))

# %% [markdown]
# A cell is a probability. When a particle flies, a green bar is a velocity upwards, a red bar one downwards. The
# equation shows the fastest entry with its numbers. In the next step the particle draws a network, layer by layer,
# among the choices that are open.
#
# What is the velocity worth? With inertia $\omega = 0$ a particle forgets its old velocity, and only the two pulls
# remain. The race has run it:

# %%
kept = {t: lead(races[t], "swarm", "swarm, no inertia") for t in tasks}
ax = plots.leads(kept, "lead of inertia 0.7 over 0 (regret)")

# %%
ahead, behind = exercises.clear(kept.values())
said = f"inertia is clearly better on {ahead} of 4 tasks, worse on {behind}"
claim(said, ahead + behind <= 1)

# %% [markdown]
# Read the figure: a row that touches the dotted line shows no difference. The old velocity is a part of the definition,
# and nobody promised that it is useful. With 20 seeds we cannot show that it is. (In four other sets of seeds, one of
# 16 rows was clear. In the largest set, with 100 seeds, none was.)
#
# ## 7 · The honest rivals
#
# Evolution and swarm must be compared with simpler searches. **Local search** has one member, which mutates until a
# child is better. **Random search** has no member at all. How far is each one ahead of random search?

# %%
names = ["local-search", "ageing", mutants, "swarm"]
found = leads_over("random", names)
figure = figures.panels(found, "lead over random search (regret)")

# %%
rivals = leads_over("local-search", names[1:])
every = [one for found in rivals.values() for one in found.values()]
ahead, behind = exercises.clear(every)
said = f"of 12 rivals of local search, {ahead} are clearly ahead"
claim(f"{said}, {behind} clearly behind", ahead <= behind)

# %% [markdown]
# With 20 seeds, no rival is clearly ahead of local search, and none is clearly behind. We ran two sets of 100 other
# seeds (from 4000 and 5000 on). In both, ageing was clearly behind it on *gratings*, and the swarm on *same*. On
# *shuffled*, the swarm was ahead of it by a thousandth. So the simplest search is as good as the others here, or
# nearly. White and others (2021) found it strong where the noise is small.
#
# Begin with local search, and show it in every comparison. A population is useful if many networks are trained at the
# same time.
#
# ## 8 · "Evolution beats reinforcement learning"
#
# Real and others (2019) compared three searches at equal compute. Evolution was ahead *early*; at the end, evolution
# and reinforcement learning were level, and both were better than random search. The short sentence above forgets half
# of this.
#
# We ask the same on our four tasks, and on NAS-Bench-Macro (Su and others, 2021): 6,561 networks that other people
# trained on CIFAR-10. That table has test accuracies only, so it can compare searches, but not report a network. It is
# not a part of this course: where its file is absent, only the atlas is shown. Reinforcement learning is `reinforce`,
# the recurrent policy of lesson 05.

# %%
duelists = ["regularized-evolution", "reinforce"]
points = (10, 20, 35, 50, 75, 100)


def early_and_late(table, task=None):
    more = {"task": task, "reward": "one-seed"}
    race = nasedu.race(table.space, table, duelists, 100, 20, **more)
    found = {n: race.at(n, of="regret") for n in points}
    gap = {n: one["reinforce"] - one[duelists[0]] for n, one in found.items()}
    return {n: interval(one / table.scale) for n, one in gap.items()}


# %%
duel = {task: early_and_late(table, task) for task in tasks}
if other := nas_bench_macro():
    duel[other.name] = early_and_late(other)
figure = figures.duel(duel)

# %%
for n in (20, 100):
    ahead, behind = exercises.clear(found[n] for found in duel.values())
    said = f"after {n}: evolution is clearly ahead in {ahead} panels"
    print(f"{said}, behind in {behind}")
early, _ = exercises.clear(found[20] for found in duel.values())
claim("an early lead of evolution does not appear", early == 0)

# %% [markdown]
# A line above zero means that evolution is ahead. The band is the 95% interval of 20 seeds. The early lead of evolution
# does not appear: after 20 networks it is clear in no panel. After 100 networks the two are level here.
#
# With more seeds, small differences become clear. We ran 100 other seeds (from 4000 on). After 20 networks, `reinforce`
# was ahead on *same* and *shuffled*. After 100, evolution was ahead on *how-many*, and `reinforce` on *gratings* and,
# by very little, on NAS-Bench-Macro. Its lead there after 20 networks, as in the figure, was not clear any more. So
# neither wins everywhere.
#
# This does not refute the paper: its space, its budget and its policy are others. It refutes the short sentence.
# "Evolution beats reinforcement learning" needs a space, a budget and a curve.
#
# ## By hand: two parents
#
# The same player shows the genetic algorithm. A child of two parents has two rows above it. Here the worst member dies.
# Change `crossover_rate`, or write `"regularized-evolution"`, and run the cell again.

# %%
settings = {"population": 8, "crossover_rate": 1.0}
genetic = controllers.load("genetic", space, seed=1, **settings)
Player(films.population(genetic, score, 11))

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it at once.

# %%
exercises.tournament


# %%
def tournament(rewards, numbers): ...


# %%
exercises.tournament.check(tournament)

# %%
exercises.ageing


# %%
def ageing(members, child, size):
    members = [*members, child]
    if len(members) >= size:
        members = members[1:]
    return members


# %%
exercises.ageing.check(ageing)

# %%
exercises.reachable

# %%
reachable = ...

# %%
exercises.reachable.check(reachable)

# %%
exercises.refutation

# %%
refutation = ...

# %%
exercises.refutation.check(refutation)

# %% [markdown]
# ## What we have seen
#
# - Evolution is four small steps: tournament, parent, mutation, death. The best of $P$ is the parent with probability
#   $1 - (1 - 1/P)^S$.
# - Ageing lets a lucky network die. On four unlike tasks, with 100 networks, we found no clear difference to elitism;
#   more noise changed little. This is a null result for small budgets.
# - Crossover bought nothing that we could measure.
# - Population and sample belong to a budget. As long as founders are drawn, evolution is random search.
# - Velocity on unordered categories is a definition. It has to earn its place by experiments.
# - Evolution or reinforcement learning: which is ahead depends on the task and on the budget.
# - Local search is hard to beat on small tables. Show it in every comparison.
#
# ## Where it comes from
#
# - E. Real, A. Aggarwal, Y. Huang, Q. V. Le, *Regularized Evolution for Image Classifier Architecture Search*,
#   AAAI 2019. Algorithm 1: ageing; the comparison with reinforcement learning and random search at equal compute;
#   population 100, sample 25, 20,000 networks.
# - D. E. Goldberg, *Genetic Algorithms in Search, Optimization and Machine Learning*, 1989: crossover, mutation,
#   selection. D. E. Goldberg, K. Deb, *A Comparative Analysis of Selection Schemes Used in Genetic Algorithms*, 1991:
#   tournaments.
# - J. Kennedy, R. Eberhart, *Particle Swarm Optimization*, ICNN 1995. S. Strasser, R. Goodman, J. Sheppard,
#   S. Butcher, *A New Discrete Particle Swarm Optimization Algorithm*, GECCO 2016: positions as probabilities.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021: local search
#   as a strong baseline where there is little noise.
# - X. Su and others, *Prioritized Architecture Sampling with Monto-Carlo Tree Search*, CVPR 2021: NAS-Bench-Macro.

# %% [markdown]
# ## Where to go next
#
# [Lesson 07, surrogates](07_surrogates.ipynb), asks a model before it trains. [Lesson 08, a fair
# race](08_a_fair_race.ipynb): how such comparisons fool us. Back: [lesson 05, policy
# gradients](05_policy_gradients.ipynb).
