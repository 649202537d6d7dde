# %% [markdown]
# # 04 · Tabular Q-learning
#
# **What you will be able to do.** Write the update of Q-learning and explain each letter in it. Watch a table learn,
# backup by backup: first on squares, then on neural networks. Find the weakness of a famous Q-learner, and mend it.
#
# **How long.** Twenty minutes to read and run, twenty more for the exercises. The page runs in under a minute on two
# cores.
#
# **What you need first.** Lesson 00 for the words. Lesson 03 builds the loop of ask and tell.
#
# ## The question
#
# A search gets one number at the end of a long walk: the score of a whole network. Five layers were chosen on the way.
# Which of them deserve the praise? This is the *credit assignment* problem, and reinforcement learning answers it in
# one line. In 2017, MetaQNN (Baker, Gupta, Naik and Raskar) used this line to choose the layers of image classifiers.
#
# We take the update of that paper exactly. Then we go past it, because it has a weakness. What do you expect?

# %%
import nasedu
from nasedu import Table, controllers, plots
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_04 import exercises, figures
from nasedu.spaces.grid_world import GridWorld
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
Predict(exercises.spread)

# %% [markdown]
# ## 1 · A world of squares
#
# We begin with squares, since networks are hard to look at. An agent stands in the corner S. In each **state**, its
# square, a few **choices** are open: the moves that stay on the grid. The agent walks until it reaches the goal G
# (reward 1) or the pit P (reward -1). Only there is it told a reward. Nobody says whether a single step was good.
#
# This world is a `Space` like all others in this course. The controller that walks here will choose layers later.

# %% tags=["nbval-check-output"]
world = GridWorld(["S...", ".#.P", "...G"])
print("\n".join(world.rows))
print("open at the start:", *world.choices(world.start()))


# %%
def walks(count):
    good = ("right", "right", "down", "down", "right")
    yield good, world.reward(good)
    for _ in range(count):
        walk = learner.walk(epsilon=0.5)
        yield walk, world.reward(walk)


settings = {"target": "max", "alpha": 0.5, "gamma": 0.9, "q_start": 0}
learner = controllers.load("q-learning", world, seed=0, replay=1, **settings)
Player(films.grid_world(world, learner, walks(7)))

# %% [markdown]
# Step with the arrow keys. Each step is a **backup**: one number of the table is corrected. The backups of a walk go
# from its last square to its first. See how the goal sends its value back along the way. (The
# code calls a complete walk a **trajectory**.)
#
# Here is what happens. The learner keeps a **table**. Its entry $Q(s, c)$ says which reward to expect at the end, if
# one takes choice $c$ in state $s$. At first all entries are equal: I know nothing. After a walk, each entry on the way
# moves a little towards a **target**, a better estimate:
#
# <!-- equation: q-update -->
# $$Q(s, c) \leftarrow Q(s, c) + \alpha \, \bigl( \text{target} - Q(s, c) \bigr)$$
#
# The step size $\alpha$ says how far. With $\alpha = 1$ the old value is forgotten at once. With a small $\alpha$, many
# walks are averaged. The published target looks one state ahead:
#
# <!-- equation: q-target -->
# $$\text{target} = \gamma \, \max_{c'} Q(s', c') \qquad \text{and the reward } r \text{ itself after the last choice}$$
#
# A choice is worth what the best choice *after* it is worth. The discount $\gamma$ makes later rewards count less. Here
# $\gamma = 0.9$, so a short way is worth more. For architectures $\gamma = 1$: a deep network is no worse because it
# was chosen in more steps.
#
# These are the backups of the first walk in the player. (The code counts squares from 0, the player from 1.)

# %% tags=["nbval-check-output"]
fresh = controllers.load("q-learning", world, seed=0, replay=1, **settings)
walk, r = next(walks(0))
for one in fresh.learn(fresh.trajectory(walk), r):
    print(f"{one.state} {one.choice}: target {one.target:.3f},", end=" ")
    print(f"{one.old:.3f} -> {one.new:.3f}")

# %% [markdown]
# Compute the first two lines by hand. The last step reached the goal: its target is 1, its old value is 0. With
# $\alpha = 0.5$ it moves half of the way, to 0.5. The step before has the target $0.9 \cdot 0.5 = 0.45$ and moves half
# of that way, to 0.225. Each square further back hears less of the goal. More walks are needed until it knows.
#
# Now one without help:

# %%
Quiz(exercises.one_backup)

# %% [markdown]
# ## 2 · Exploring: epsilon
#
# A learner that always takes the best choice repeats the first walk that went well. A learner that never does makes no
# use of what it learned. The usual compromise is **epsilon-greedy**: with probability *epsilon* take any open choice,
# else the best one. Epsilon starts at 1, when the table knows nothing, and falls.
#
# How fast it falls depends on the **budget**. MetaQNN trained 2,700 networks, and drew the first 1,500 of them with
# epsilon 1. We have about a hundred trainings, so our schedule is a straight line from 1 to 0.1:

# %%
ax = figures.schedules(100)

# %% [markdown]
# MetaQNN spends more than half of its budget on random search. With 2,700 trainings, enough remain. With a hundred,
# few do.
#
# ## 3 · From squares to layers
#
# Now networks. The space is that of the **atlas**: 1,188 small chains of layers, each trained on 16 tasks. A look into
# this table takes a microsecond, so this lesson can afford thousands of "trainings".
#
# The state of a half-built network says how many layers there are, what kind the last one was, and how large the image
# still is. Two half-built networks of the same state share their row of the Q-table, and what was learned there.

# %% tags=["nbval-check-output"]
table = atlas()
space = table.space
for step in space.walk(("conv3-8", "pool2", "dense32", "stop")):
    print(step.choice, "was chosen in the state", space.key(step.state))

# %% [markdown]
# A walk is now a network. Its reward is the validation accuracy on the task *what*: which digit is it? The published
# learner chooses, we tell it the rewards, and the player shows every backup.

# %%
task = "what/digits"
scores = table.scores(task)


def told(controller, networks):
    for _ in range(networks):
        architecture = controller.ask()
        yield architecture, float(scores[table.row(architecture)])


as_published = {"target": "max", "alpha": 0.1, "replay": 4, "budget": 20}
published = controllers.load("q-learning", space, seed=0, **as_published)
Player(films.q_learning(published, told(published, 8)))

# %% [markdown]
# Above the table stand the network and the update with its numbers. Each row is a state, each column a choice. With
# `replay=4`, three stored networks are learned from again after each new one: a training is expensive, a backup is
# free.
#
# Find a backup of a *first* layer, and compare its target with the reward of the network. Usually they differ. The
# target is the best value in the row of the second layer, whatever this network was worth. Remember this.
#
# Equation and code agree. One walk, checked by hand:

# %%
walk = published.trajectory(published.ask())
for one in published.learn(walk, 0.9):
    by_hand = one.old + published.alpha * (one.target - one.old)
    assert abs(by_hand - one.new) < 1e-12
print(f"the last one: {one.old:.3f} + {published.alpha} × ", end="")
print(f"({one.target:.3f} - {one.old:.3f}) = {one.new:.3f}")

# %% [markdown]
# ## 4 · A state that forgets
#
# Now the weakness. We take the simplest space there is: six slots, each filled with *a*, *b* or *c*. In every slot, *c*
# is worth 0.1 more than *a*, and *b* is worth 0.05 more. We made this worth up, so we know the truth about every
# choice, and can compare a table with it.


# %%
class Slots(nasedu.Space):
    def start(self):
        return 0  # slots that are filled

    def choices(self, state):
        return ("a", "b", "c") if state < 6 else ()

    def step(self, state, choice):
        return state + 1

    build = None  # nothing is trained here


# %%
def made_up(architecture):
    worth = {"a": 0.0, "b": 0.05, "c": 0.1}
    return 0.4 + sum(worth[choice] for choice in architecture)


# %% [markdown]
# Two learners evaluate 100 networks each. They differ only in the target. One looks at the best of what comes next, as
# published. The other takes the **return**: the reward with which the whole walk really ended. This is called Monte
# Carlo, since it uses no estimate, only what was drawn.
#
# <!-- equation: q-return -->
# $$\text{target} = \gamma^{\,n-i} \, r \qquad \text{for step } i \text{ of } n$$


# %%
def learner_after(target, seed, space, **more):
    settings = {"target": target, "budget": 100, **more}
    controller = controllers.load("q-learning", space, seed=seed, **settings)
    for _ in range(100):
        architecture = controller.ask()
        controller.tell(architecture, made_up(architecture))
    return controller


# %%
by_max = learner_after("max", 0, Slots())
by_return = learner_after("return", 0, Slots())
names = "target max, as published", "target return"
tables = by_max.learned(), by_return.learned()
figure = figures.two_tables(dict(zip(names, tables, strict=True)))
row = by_max.row(Slots().start())
answer = exercises.how_far(row["c"] - row["a"], truth=0.1)
Reveal(exercises.spread, answer, show=figure)

# %% [markdown]
# Read each table column by column: a column is a slot. With the return, every slot has found that *c* is best. With the
# published target, only the last slot has. The first columns have one colour, and their three values are nearly equal.
# A controller that goes by this table chooses the first slots by chance. That was one seed. Here are twenty:


# %%
def gap(target, seed, space, **more):
    row = learner_after(target, seed, space, **more).row(space.start())
    return row["c"] - row["a"]


slots = Slots()
by_max = interval(gap("max", seed, slots) for seed in range(20))
by_return = interval(gap("return", seed, slots) for seed in range(20))
claim(f"first slot, c minus a, target max: {by_max}", by_max.high < 0.02)
claim(f"first slot, c minus a, return: {by_return}", by_return.low > 0.05)

# %% [markdown]
# Why? The state is the number of the slot. It forgets what was chosen. Whatever the first slot holds, the walk goes on
# in the same state: the same row of the same table. So the target of all three first choices is the same number, the
# largest of that row, and all three values converge to it. The table says what a good walk is worth from here on. It
# has lost what the walk has gathered so far.
#
# Is it the forgetting? The control is the same chain with a state that remembers all choices made so far.


# %%
class Remembering(Slots):
    def start(self):
        return ()

    def choices(self, state):
        return super().choices(len(state))

    def step(self, state, choice):
        return (*state, choice)


kept = interval(gap("max", seed, Remembering()) for seed in range(20))
claim(f"first slot, c minus a, max, with memory: {kept}", kept.low > 0.02)

# %% [markdown]
# It is. Target, step size and rewards are the same; only the state was exchanged. The price is the size of the table:
# it has a row for each beginning of a network, and few rows are visited twice. A state that forgets lets many networks
# teach the same row, and learns faster.
#
# What a state should remember is a bet: which of the choices made so far will matter for those to come? The published
# target needs this bet to be right. The return does not. It asks: *how did networks end that took this choice?* Its
# answer is noisier, but it tells the choices apart.
#
# Between the two targets there is a dial, **lambda**: 0 is the published target, 1 is the return. Let us turn it.

# %%
dial = (0.0, 0.25, 0.5, 0.75, 1.0)
found = []
for value in dial:
    chain = Slots()
    gaps = [gap("lambda", seed, chain, lambda_=value) for seed in range(10)]
    found.append(interval(gaps))
ax = figures.dial(dial, found, truth=0.1)
more = f"lambda 1: {found[-1]}, lambda 0: {found[0]}"
claim(more, found[-1].low > found[0].high)

# %% [markdown]
# Most of the gap comes with the last quarter. The return reaches the first slot through five backups, and each lets a
# share lambda of it pass: $0.5^5$ is 0.03, and even $0.75^5$ is 0.24.
#
# The gap of the return is larger than the true 0.1. Late in the search, most walks that begin with *c* are good in
# their other slots, too. A value of a table is always the value *for walks of this controller*.
#
# ## 5 · Does it find better networks?
#
# A better table is not yet a better search. On the made-up chain we can measure: how far is the best of 100 networks
# from the best of all? This distance is the **regret**.


# %%
everyone = list(Slots().enumerate())
worth = {"made up": [made_up(one) for one in everyone]}
truth = Table(Slots(), everyone, worth, name="slots")
with_max = ("q-learning", {"target": "max"})
runners = {"random": "random", "target max": with_max, "return": "q-learning"}
race = nasedu.race(truth.space, truth, runners, 100, 100)
regret = race.at(100, of="regret")
ax = plots.runs(regret, "regret after 100 networks (dots: 100 seeds)", best=0)

# %%
lead = interval(regret["random"] - regret["target max"])
missed = sum(regret["target max"] > 1e-9)
claim(f"target max ends {lead} nearer than random", lead.low > 0)
claim(f"yet {missed} of 100 seeds miss the best network", missed > 50)
claim("with the return, no seed misses it", max(regret["return"]) < 1e-9)

# %% [markdown]
# The dots stand in columns: a regret of 0.05 is one slot with a *b*, 0.1 is two of them or one *a*. The published
# target knows the last slot, so it is ahead of chance. It chooses the first slots as chance does, so most of its
# searches miss what the other learner finds every time.
#
# ## 6 · And on real networks?
#
# The states of the atlas tell more than the position: the last layer, and how large the image still is. So the
# published target should suffer less. We measure it on two tasks, 100 networks, 100 seeds. MetaQNN has its published
# settings, with its schedule scaled to the budget. `q-learning` is ours, with the return. Ours differs from MetaQNN
# in several settings, so a third learner is ours with the published target and no other change.

# %%
metaqnn = {"target": "max", "alpha": 0.01, "replay": 100}
runners = {
    "random": "random",
    "MetaQNN": ("q-learning", {**metaqnn, "schedule": "metaqnn"}),
    "q-learning, target max": with_max,
    "q-learning": "q-learning",
}
races = {}
for name in ("what/digits", "same/digits"):
    races[name] = nasedu.race(space, table, runners, 100, 100, task=name)


# %%
def gain(name, learner, over, networks=100):
    regret = races[name].at(networks, of="regret")
    return interval(regret[over] - regret[learner])


def ahead(name, networks=100):
    rest = list(runners)[1:]
    return {one: gain(name, one, "random", networks) for one in rest}


# %%
what, same = ahead("what/digits"), ahead("same/digits")
rivals = list(runners)[:-1]
gains = {one: gain("what/digits", "q-learning", one) for one in rivals}
clear = min(one.low for one in gains.values()) > 0
first = asserted("Each lead of this learner is beyond its interval.", clear)
answer, figure = exercises.who_leads(gains), figures.races(races)
Reveal(exercises.real, answer, first, show=figure)

# %% [markdown]
# Each line is a mean over 100 seeds, each band its 95% interval. At the left end, all lines lie over each other. What
# counts is the right end, after 100 networks: how far is each learner ahead of random search there?

# %%
ax = figures.ahead({"what/digits": what, "same/digits": same})

# %%
early, late = ahead("what/digits", 20)["q-learning"], what["q-learning"]
claim(f"what: q-learning leads random by {late}", late.low > 0)
claim(f"after 20 networks only by {early}", early.mean < late.mean)
with_target = "q-learning, target max"
on_what = gains[with_target]
on_same = gain("same/digits", "q-learning", with_target)
claim(f"what: the return is worth {on_what}", on_what.low > 0)
claim(f"same: it is worth only {on_same}", on_same.high < on_what.mean)

# %%
for learner in ("q-learning", with_target):
    lead = same[learner]
    claim(f"same: {learner} leads random by {lead}", lead.low > 0)
others = gain("same/digits", with_target, "MetaQNN")
claim(f"same: it leads MetaQNN by {others}", others.low > 0)

# %% [markdown]
# On *what*, the return ends ahead of all others. The two learners with the published target end close to random search.
# In the upper figure, their lines even end above its line. With other seeds they end a little below it, or level with
# it. On *same*, both targets are ahead of random search by about as much: what the target is worth depends on the task.
# Our lead over MetaQNN comes from the other settings there: step size, replay, exploration.
#
# So do not expect the weakness of section 4 in every space. Look at what its states remember. (In the paper, MetaQNN
# had 2,700 trainings. Our hundred say little about such a search.)
#
# ## By hand: the learner in mid-step
#
# Here are eight networks with the return as the target. Find a backup of the first layer and compare with the player of
# section 3: now every step of a walk has the same target, the reward of its network. Then change `alpha`, `replay` or
# the target, and run the cell again.

# %%
settings = {"target": "return", "alpha": 0.1, "replay": 4, "budget": 20}
mended = controllers.load("q-learning", space, seed=0, **settings)
Player(films.q_learning(mended, told(mended, 8)))

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it at once.

# %%
exercises.backups

# %%
backups = ...

# %%
exercises.backups.check(backups)

# %%
exercises.q_update


# %%
def q_update(old, following, reward, alpha, gamma): ...


# %%
exercises.q_update.check(q_update)

# %%
exercises.learn


# %%
def learn(q, path, reward, alpha):
    target = reward
    for state, choice in path:
        q[state][choice] += alpha * (q[state][choice] - target)
        target = max(q[state].values())
    return q


# %%
exercises.learn.check(learn)

# %%
exercises.epsilon


# %%
def epsilon(asked, budget): ...


# %%
exercises.epsilon.check(epsilon)

# %%
exercises.refutation

# %%
refutation = ...

# %%
exercises.refutation.check(refutation)

# %% [markdown]
# ## What we have seen
#
# - $Q$ moves a share alpha of the way to its target. The rest of Q-learning is what to try (epsilon) and what to learn
#   from again (replay).
# - The same code walks on squares and chooses layers. The reward comes at the end. A pass from the last step backwards
#   carries it to the first.
# - The published target asks what can still come. This is the same for all choices that lead to one state. Where the
#   state forgets, their values become equal, and the search chooses them by chance.
# - The return tells them apart. It is noisier, and it depends on how the controller walks.
# - A schedule of exploration belongs to a budget. Copied from a larger one, it is mostly random search.

# %% [markdown]
# ## Where it comes from
#
# - B. Baker, O. Gupta, N. Naik, R. Raskar, *Designing Neural Network Architectures using Reinforcement Learning*,
#   ICLR 2017. Section 3: Q-learning and the update; section 4 and its appendix: states, choices, the schedule (1,500
#   of 2,700 networks with epsilon 1), replay of 100 trajectories, step size 0.01.
# - C. J. C. H. Watkins, P. Dayan, *Q-learning*, Machine Learning 8, 1992: the update, and when it converges.
# - R. S. Sutton, A. G. Barto, *Reinforcement Learning: An Introduction*, 2nd edition, 2018. Section 6.5: Q-learning;
#   5.1: Monte Carlo; 12.1: lambda, the return between the two.
# - That the published target is blind where the state forgets is this course's own measurement; you have just
#   repeated it.

# %% [markdown]
# ## Where to go next
#
# [Lesson 05, policy gradients](05_policy_gradients.ipynb), learns probabilities of choices where this lesson learned
# their values. [Lesson 08, a fair race](08_a_fair_race.ipynb): regret, seeds and intervals, and how one fools oneself.
# Back: [lesson 03, the loop](03_the_loop.ipynb).
