# %% [markdown]
# # 06 · Evolution and swarms
#
# **What you will be able to do.** Run an evolution by hand: tournament, parent, mutation, death. Say what each part is
# worth, and measure it. Read the velocity of a swarm whose particles choose layers.
#
# **How long.** Twenty minutes to read and run, twenty more for the exercises. The page runs in about a minute on two
# cores.
#
# **What you need first.** Lesson 03 for the loop of ask and tell, lesson 08 for regret and intervals.
#
# ## The question
#
# In 2019, Real, Aggarwal, Huang and Le let networks evolve. A few networks are drawn at random. Good ones have
# children, which differ in one layer, and old ones die. The best network of this search, AmoebaNet, was better than all
# networks that people had designed by then.
#
# The paper changed one rule of the textbook. Usually the *worst* member dies. Here the *oldest* one dies, even if it
# is the best of all. Is that wise? A reward comes from one noisy training. Perhaps a lucky network should not live
# forever.

# %%
import nasedu
from nasedu import controllers, plots
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_06 import exercises, figures
from nasedu.controllers.evolution import RegularizedEvolution, tournament
from nasedu.core import rng_from
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
Predict(exercises.who_dies)

# %% [markdown]
# ## 1 · A population, step by step
#
# We search among the 1,188 networks of the atlas, on the task *where*. The population has 8 members. Step with the
# arrow keys.

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
Player(films.population(evolution, score, 30))

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
# The film invents nothing. It shows what the search itself yields, one step after the other:

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
# In all cases we measure the mean of three, of the network that looked best. Four tasks are raced, 100 networks, 40
# seeds. These tasks are unlike: the rank correlations between their scores are 0.08 to 0.51.


# %%
def noisy(parent):
    class Noisy(parent):
        def tell(self, architecture, reward):
            if not hasattr(self, "noise"):
                self.noise = rng_from(self.seed, "noise")
            super().tell(architecture, reward + 0.1 * self.noise.normal())

    return Noisy


# %%
tasks = "how-many/digits", "same/digits", "gratings/width", "shuffled/cyrillic"
pair = {"ageing": RegularizedEvolution, "elitism": Elitism}
noise = {name: noisy(parent) for name, parent in pair.items()}
kinds = {"three trainings": (pair, "mean"), "one training": (pair, "one-seed")}
kinds["much noise"] = noise, "one-seed"


def lead_of_ageing(runners, reward, task):
    race = nasedu.race(space, table, runners, 100, 40, task=task, reward=reward)
    regret = race.at(100, of="regret")
    return interval(regret["elitism"] - regret["ageing"])


# %%
leads = {}
for kind, (runners, reward) in kinds.items():
    leads[kind] = {task: lead_of_ageing(runners, reward, task) for task in tasks}
every = [lead for by_task in leads.values() for lead in by_task.values()]
clear = sum(lead.low > 0 for lead in every)
lost = sum(lead.high < 0 for lead in every)
said = f"Ageing is clearly ahead in {clear} of 12 cases, behind in {lost}."
because = asserted(said, clear + lost < 6)
answer = exercises.which_death(leads["one training"])
Reveal(exercises.who_dies, answer, because=because, show=figures.deaths(leads))

# %% [markdown]
# DEATHS
#
# ## 4 · Is a second parent worth it?
#
# In nature most children have two parents. The textbook's genetic algorithm copies this. **Crossover** joins the
# beginning of one parent to the end of another one, where they fit together. Then the child is mutated.
#
# `genetic` is this algorithm. Its worst member dies. One number says how often a child has two parents. We set it to 0,
# 0.5 and 1, and leave mutation as it is:

# %%
runners = {"random": "random", "local-search": "local-search"}
runners["evolution"] = "regularized-evolution"
runners["swarm"] = "swarm"
for rate in (0.0, 0.5, 1.0):
    settings = {"crossover_rate": rate}
    runners[f"genetic, {rate:.0%} crossover"] = "genetic", settings


def run(task):
    more = {"task": task, "reward": "one-seed"}
    return nasedu.race(space, table, runners, 100, 40, **more)


# %%
races = {task: run(task) for task in tasks}
mutants = "genetic, 0% crossover"


def lead_over(rival, names, networks=100):
    found = {}
    for task, race in races.items():
        regret = race.at(networks, of="regret")
        pairs = {one: regret[rival] - regret[one] for one in names}
        found[task] = {one: interval(gap) for one, gap in pairs.items()}
    return found


crossed = ["genetic, 50% crossover", "genetic, 100% crossover"]
gains = lead_over(mutants, crossed)
figure = figures.panels(gains, "lead over mutation alone (regret)")

# %%
every = [gain for found in gains.values() for gain in found.values()]
helps, harms = (sum(one.low > 0 for one in every), 0)
harms = sum(one.high < 0 for one in every)
widest = max(max(abs(one.low), abs(one.high)) for one in every)
said = f"crossover helps clearly in {helps} of 8 cases, harms in {harms}"
claim(f"{said}; all lie within ± {widest:.3f}", helps <= 2)

# %% [markdown]
# CROSSOVER
#
# ## 5 · How large a population?
#
# `population` and `sample` belong together. A large sample and a small population climb fast, from few ancestors. A
# small sample and a large population explore. The paper had 100 members and drew 25, for 20,000 networks. We have 100
# networks in all:

# %%
grid = [(p, s) for p in (5, 10, 30) for s in (1, 3, 10)]


def by_setting(task):
    evolutions = {}
    for p, s in grid:
        settings = {"population": p, "sample": s}
        evolutions[f"{p}, {s}"] = "regularized-evolution", settings
    more = {"task": task, "reward": "one-seed"}
    race = nasedu.race(space, table, evolutions, 100, 40, **more)
    return race.at(100, of="regret")


# %%
swept = {task: by_setting(task) for task in tasks[1:3]}
for task, found in swept.items():
    means = {pair: found[f"{pair[0]}, {pair[1]}"].mean() for pair in grid}
    ax = figures.sweep(means, task)

# %%
for task, found in swept.items():
    none = interval(found["30, 1"] - found["10, 3"])
    claim(f"{task}: 30 and 1 cost {none} more than 10 and 3", none.low > 0)

# %% [markdown]
# SWEEP
#
# ## 6 · A swarm
#
# **Particle swarm optimisation** (Kennedy and Eberhart, 1995) was made for numbers. A particle has a position and a
# velocity. It is pulled towards its own best position, and towards the best position of the whole swarm.
#
# But a layer is no number. What is "pool4" minus "conv3-8"? Strasser, Goodman and Sheppard (2016) take a table of
# probabilities as the position: one row for each layer, one column for each choice. For each entry $p$ of this table:
#
# <!-- equation: swarm-velocity -->
# $$v \leftarrow \omega v + \varphi_1 u_1 (b - p) + \varphi_2 u_2 (g - p)$$
#
# Here $b$ is the entry of the particle's best position and $g$ that of the swarm's best; $u_1$ and $u_2$ are random
# numbers from 0 to 1. Then $p + v$ is cut to the range from 0 to 1, and each row is scaled to the sum 1.
#
# Say it plainly: **velocity on unordered categories is a definition, not a law.** Nothing moves *between* "pool4" and
# "conv3-8". A part of the old velocity is kept since somebody decided so. Only experiments can say what this is worth.

# %%
swarm = controllers.load("swarm", space, seed=0, particles=3)
Player(films.swarm(swarm, score, 18))

# %% [markdown]
# A cell is a probability. In a flight, a green bar is a velocity upwards, a red bar one downwards. The equation shows
# the fastest entry with its numbers. In the next step the particle draws a network, layer by layer, among the choices
# that are open.
#
# What is the velocity worth? With inertia $\omega = 0$ a particle forgets its old velocity, and only the two pulls
# remain:

# %%
still = {"inertia": "swarm", "no inertia": ("swarm", {"inertia": 0.0})}
worth = {}
for task in tasks:
    more = {"task": task, "reward": "one-seed"}
    race = nasedu.race(space, table, still, 100, 30, **more)
    regret = race.at(100, of="regret")
    worth[task] = interval(regret["no inertia"] - regret["inertia"])
ax = plots.leads(worth, "lead of inertia 0.7 over 0 (regret)")

# %%
clear = sum(one.low > 0 for one in worth.values())
lost = sum(one.high < 0 for one in worth.values())
said = f"inertia is clearly better on {clear} of 4 tasks, worse on {lost}"
claim(said, clear < 4)

# %% [markdown]
# INERTIA
#
# ## 7 · The honest rivals
#
# Evolution and swarm must be compared with simpler searches. **Local search** has one member, which mutates until a
# child is better. **Random search** has no member at all. Here is how far each is ahead of random search:

# %%
names = ["local-search", "evolution", mutants, "swarm"]
ahead = lead_over("random", names)
figure = figures.panels(ahead, "lead over random search (regret)")

# %%
rivals = lead_over("local-search", names[1:])
every = [one for found in rivals.values() for one in found.values()]
better = sum(one.low > 0 for one in every)
worse = sum(one.high < 0 for one in every)
said = f"of 12 rivals of local search, {better} are clearly ahead"
claim(f"{said}, {worse} clearly behind", better <= worse)

# %% [markdown]
# RIVALS
#
# ## 8 · "Evolution beats reinforcement learning"
#
# Real and others (2019) compared three searches at equal compute. Evolution was ahead *early*; at the end, evolution
# and reinforcement learning were level. Both were better than random search. The short sentence above forgets half of
# this.
#
# We ask the same on two tables: the atlas, and NAS-Bench-Macro (Su and others, 2021), 6,561 networks that other people
# trained on CIFAR-10. That table has test accuracies only, so it can compare searches, but not report a network. It is
# not a part of this course: where its file is absent, only the atlas is shown. Reinforcement learning is `reinforce`,
# the policy of lesson 05.

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
other = figures.other_table()
duel = {"same/digits": early_and_late(table, "same/digits")}
duel |= {other.name: early_and_late(other)} if other else {}
figure = figures.duel(duel)

# %%
for name, found in duel.items():
    print(f"{name}: lead after 35 {found[35]:.4f}, 100 {found[100]:.4f}")
first = duel["same/digits"]

# %% [markdown]
# RL
#
# ## By hand: two parents
#
# The same player shows the genetic algorithm. A child of two parents has two rows above it. Here the worst member dies.
# Change `crossover_rate`, or write `"regularized-evolution"`, and run the cell again.

# %%
settings = {"population": 8, "crossover_rate": 1.0}
genetic = controllers.load("genetic", space, seed=1, **settings)
Player(films.population(genetic, score, 30))

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
# SEEN
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
# [Lesson 08, a fair race](08_a_fair_race.ipynb): how such comparisons fool us. Lesson 07, surrogates, asks a model
# before it trains (in preparation). Back: [lesson 04, tabular Q-learning](04_tabular_q_learning.ipynb).
