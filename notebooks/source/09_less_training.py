# %% [markdown]
# # 09 · Less training
#
# **What you will be able to do.** Write successive halving in ten lines. Measure how well a cheap score ranks networks,
# and tell when you may rely on it. Judge a network before its first training step.
#
# **How long.** Twenty minutes, and twenty for the exercises. The page runs in less than a minute.
#
# **What you need first.** Lesson 02, for learning curves, and lesson 08, for regret and intervals.

# %%
import numpy as np

from nasedu import plots, spaces, tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.classroom import across, asserted, claim, interval
from nasedu.classroom.lessons.lesson_09 import exercises, figures
from nasedu.core.ranking import rank_correlation
from nasedu.tables.atlas import atlas
from nasedu.tables.cuts import winners, winners_of_brackets
from nasedu.trainers import Halving, Hyperband
from nasedu.trainers.single.zero_cost import gradient_norm
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %% [markdown]
# ## The question
#
# A search spends nearly all its time on training networks that are thrown away. Why train them to the end?
#
# **Successive halving** trains 16 networks for one epoch and drops the worse 8. The others train on, and after 2, 4 and
# 8 epochs the worse half is dropped again. Step through it: each column is a rung. Before each cut, say which networks
# you would keep.

# %%
table, names = atlas(), atlas().tasks
rng = np.random.default_rng(0)
first = rng.choice(len(table), 16, replace=False)
candidates = [table.architectures[row] for row in first]
judge = trainers.load("table", table.space, table.task("what/digits"))
halving = Halving(judge, factor=2, cohort=16)
rungs = list(halving.rungs(candidates, epochs=16, seed=0))
Player(films.halving(rungs, candidates))

# %% [markdown]
# Halving looked at sixteen networks, and spent 48 epochs. This is the price of three whole trainings. The dropped
# networks are not lost: each is a result like all others, with the score of its rung. But was the best one dropped?

# %%
Predict(exercises.halving_wins)

# %% [markdown]
# ## 1 · Halving, from nothing
#
# Jamieson and Talwalkar (2016) give all candidates the same little training, keep the better half, double the epochs,
# and go on. On a tie, the smaller network goes on. That is the whole algorithm:

# %%
size = table.parameters


def halve(left, score_after, factor=2):
    for epochs in (1, 2, 4, 8, 16):
        score = score_after(epochs)
        keep = max(len(left) // factor, 1)
        best = sorted(left, key=lambda row: (-score[row], size[row]))[:keep]
        left = [row for row in left if row in best]
    return left[0]


# %% [markdown]
# A survivor trains further from where it was. So the rungs cost $16 \cdot 1 + 8 \cdot 1 + 4 \cdot 2 + 2 \cdot 4 + 1
# \cdot 8 = 48$ epochs, instead of $16 \cdot 16 = 256$. Is our function the same as the trainer of the package? We ask
# both for 500 races.

# %%
plan = halving.plan(16, 16)
claim(f"the plan costs {plan.epochs} epochs", plan.epochs == 48)
draws = [rng.choice(len(table), 16, replace=False) for _ in range(500)]
theirs, _ = winners(table, "what/digits", np.array(draws), plan.rungs)


def told(race):  # three trainings are recorded: the races take turns
    return lambda n: table.scores("what/digits", seed=race % 3, epochs=n)


ours = [halve(list(draw), told(race)) for race, draw in enumerate(draws)]
claim("500 races, the same winners", np.array_equal(ours, theirs))

# %% [markdown]
# ## 2 · Does it pay?
#
# For 48 epochs we can halve 16 networks, or train three to the end. The best of $n$ random networks is better than a
# share $n / (n + 1)$ of the space, on average: 75 of 100 for three, 94 of 100 for sixteen. This is the gain, if halving
# keeps the best of its sixteen. But it may drop the best too early. No formula tells how often.
#
# So we try: 50,000 draws on each of 16 tasks. Both ways are told one training, and are judged by the mean of three. The
# figure shows which share of the regret halving saves. In colour: more than three standard errors from zero, because
# sixteen tasks are sixteen comparisons (lesson 08).


# %%
def regret_of(name, cohorts, rungs):
    rows, _ = winners(table, name, cohorts, rungs)
    true = table.scores(name)
    return true.max() - true[rows]


def cohorts_of(size, races):
    one = [rng.choice(len(table), size, replace=False) for _ in range(races)]
    return np.array(one)


draws = cohorts_of(16, 50_000)
three = {n: regret_of(n, draws[:, :3], (16,)) for n in names}
halved = {n: regret_of(n, draws, plan.rungs) for n in names}

# %%
saved = {n: (three[n] - halved[n]) / three[n].mean() for n in names}
leads = {name: interval(saved[name]) for name in names}
better, worse = figures.clear(leads)
said = f"Better on {len(better)} tasks, worse on {' and '.join(worse)}."
because = asserted(said, len(better) > 8 > len(worse) > 0)
ax = figures.saved(leads, "three win", "halving wins")
answer = across(exercises.halving_wins, better, worse)
Reveal(exercises.halving_wins, answer, because=because, show=ax)

# %% [markdown]
# Show the answer. Each row is a task. A bar to the right means that halving found the better network, on average.
# Halving wins on most tasks: it looks at five times as many networks for the same price. It loses on *how many* and on
# *where*.
#
# *Where* is special. Its interval is wide, although there are 50,000 draws. Let us look at the single draws:

# %%
w = "where/digits"
lost, won = (three[w] < halved[w]).mean(), (three[w] > halved[w]).mean()
claim(f"on where: {lost:.0%} lost, {won:.0%} won", lost > 0.5)
bad, bad_halved = (three[w] > 0.1).mean(), (halved[w] > 0.1).mean()
print(f"regret above 0.1: {bad:.1%} with three, {bad_halved:.1%} halved")
few = [interval(rng.choice(saved[w], 40)) for _ in range(1000)]
held = np.mean([i.low <= saved[w].mean() <= i.high for i in few])
claim(f"of intervals from 40 draws, {held:.0%} hold the mean", held < 0.92)

# %% [markdown]
# On *where*, the three long trainings win in most draws, by a little. But once in twenty draws all three are poor
# networks, and lose by much. Many small losses and few large gains nearly cancel. So *what usually happens* and *what
# happens on average* are two questions.
#
# An interval from 40 draws may not have met one of the rare draws. So it misses more often than it promises. Where few
# draws count for so much, look at the single draws.
#
# ## 3 · Curves that cross
#
# Why does halving win here, and lose there? Look at learning curves on two tasks. A solid line ends in the better half,
# a broken line in the worse half.

# %%
some = rng.choice(len(table), 14, replace=False)
ax = figures.learning_curves(table, ("what/digits", "where/digits"), some)

# %% [markdown]
# Follow the solid lines from the right end back to the left. On *what*, most colours are sorted after four epochs. On
# *where*, the lines still cross there: the network that rises first need not end first.
#
# <details><summary>These are trainings that were cut</summary>
#
# The learning rate falls along a cosine over all 16 epochs. So a score after four epochs is that of a training in its
# first quarter, still with large steps. A training that is planned for four epochs would end better.
#
# </details>
#
# ## 4 · Does a cheap score rank?
#
# To choose, we need no true scores. We need the true *order*. Spearman's **rank correlation** compares two orders: 1 is
# the same order, 0 is none, -1 is the reverse. With $d_i$, the difference between the two ranks of network $i$ of $n$:
#
# <!-- equation: rank-correlation -->
# $$\rho = 1 - \frac{6 \sum_i d_i^2}{n \, (n^2 - 1)}$$
#
# Try it with four networks. After one epoch the first two stand in the wrong order: two differences are 1, the others
# are 0. So $\rho = 1 - 6 \cdot 2 / (4 \cdot 15) = 0.8$. And if every early score is too low by the same amount?

# %%
Quiz(exercises.too_low_by_as_much)

# %% [markdown]
# Here are all tasks: the order after a few epochs, compared with the order at the end. Read a row from left to right.
# It says how much of the final order is already known.

# %%
epochs, scores = table.epochs[:-1], table.scores


def agreement(name, n):
    return rank_correlation(scores(name, epochs=n), scores(name))


agree = np.array([[agreement(name, n) for n in epochs] for name in names])
ax = figures.agreement(agree, epochs, names)

# %%
half, quarter = agree[:, 3], agree[:, 2]
claim(f"half: {half.min():.2f} to {half.max():.2f}", half.min() > 0.8)
low, high = quarter.min(), quarter.max()
claim(f"a quarter: {low:.2f} to {high:.2f}", low < 0.3 and high > 0.9)
found = [leads[name].mean for name in names]
rho = rank_correlation(quarter, np.array(found))
claim(f"four epochs rank well, halving saves: {rho:.2f}", rho > 0.5)

# %% [markdown]
# Half of the training ranks well on every task. A quarter ranks well on some tasks, and says little on *where* and *how
# many*: the two tasks on which halving loses. In between the two orders agree as well: the better four epochs rank, the
# more halving saves.
#
# What makes a task easy to rank early? A guess: its scores lie far apart, so that networks can be told apart early.
# The distance between the quartiles of the scores can tell.

# %%
apart = [np.subtract(*np.quantile(scores(n), (0.75, 0.25))) for n in names]
guess = rank_correlation(np.array(apart), quarter)
claim(f"spread and early ranks: {guess:.2f}, no explanation", guess < 0.5)

# %% [markdown]
# The guess was wrong. So do not guess: **measure on your own task**. Train twenty networks to the end. They tell useful
# from useless; a hundred tell more.
#
# ## 5 · Do the best survive?
#
# A correlation over *all* networks is kind: most of it comes from telling good from hopeless. A search needs more: the
# **best** must survive. We keep the better third after some epochs. How many of the best 5% are still there? The early
# scores come from one training, and who is best is told by the two others.

# %%
kept = {}
shown = ("same", "shuffled", "what", "noisy-labels", "where")
for name in shown:
    values = table.values[:, names.index(f"{name}/digits")]
    ends = -values[:, 1:, -1].mean(axis=1)
    best = ends.argsort(kind="stable")[: len(table) // 20]
    order = (-values[:, 0, :3]).argsort(axis=0, kind="stable")
    third = order[: len(table) // 3]  # networks × epochs
    kept[name] = [np.isin(best, rows).mean() for rows in third.T]

# %%
ax = figures.survival(kept, epochs[:3])
a, b = kept["shuffled"][0], kept["where"][0]
claim(f"one epoch: {a:.0%} on shuffled, {b:.0%} on where", a > b + 0.4)
noisy, same = kept["noisy-labels"][0], kept["same"][0]
words = f"on noisy labels {noisy:.0%}, on same {same:.0%}"
claim(words, noisy < 0.45 and same > 0.6)

# %% [markdown]
# A blind cut keeps a third of the best. On *shuffled*, the cut after one epoch is far better. On *where*, cuts
# after one or two epochs are worse than blind: the slow starters are the ones that win.
#
# Compare *noisy labels* and *same* with the table above. After one epoch, *noisy labels* has the higher correlation.
# But *same* keeps more of its best networks: they stand out at once, and only the order of the others is open. So a
# correlation can make a cheap score look too good, or too bad. Measure the thing that you need.
#
# ## 6 · Hyperband
#
# How hard should we cut, if we do not know how well early epochs rank? Hyperband (Li and others, 2018) cuts in several
# ways at once. It runs several halvings, called **brackets**, each for a similar price.

# %% tags=["nbval-check-output"]
brackets = Hyperband(judge, factor=2).plan(16)
for b in brackets:
    steps = zip(b.sizes, b.rungs, strict=True)
    words = ", ".join(f"{size} to epoch {rung}" for size, rung in steps)
    print(f"{b.epochs:2} epochs: {words}")

# %% [markdown]
# The first line is our halving. The last line cuts nobody: if early scores are worthless, this bracket is not fooled.
# All brackets together look at 43 networks and cost 278 epochs. In the end, the bracket winner with the highest score
# is handed back. For about as many epochs, one halving can begin with 93 networks. Which way is better?

# %%
wide = cohorts_of(93, 20_000)
cut = {name: regret_of(name, wide, plan.rungs) for name in names}
bands = {}
for name in names:
    rows, _ = winners_of_brackets(table, name, wide[:, :43], brackets)
    bands[name] = scores(name).max() - scores(name)[rows]

# %%
hedge = {n: interval((cut[n] - bands[n]) / cut[n].mean()) for n in names}
ax = figures.saved(hedge, "halving wins", "Hyperband wins")
wins, losses = map(len, figures.clear(hedge))
claim(f"better on {wins} tasks, worse on {losses}", wins > 2 and losses > 5)
rho = rank_correlation(quarter, np.array([hedge[n].mean for n in names]))
claim(f"four epochs rank well, the hedge costs: {rho:.2f}", rho < -0.5)

# %% [markdown]
# Halving bets everything on the first epoch. Hyperband buys insurance. It saves most on *where*, and it pays on the
# tasks where early scores rank well. If you do not know your task, this is the price of the insurance.
#
# ## 7 · Stopping one training
#
# The oldest saving looks at one curve only. If the score has not improved for some epochs, the **patience**, the
# training stops. Here is one real network, with and without.

# %%
task = tasks.load("digits")
space = spaces.load("chain-cnn", task)
network = ("conv3-16", "pool2", "conv3-32", "gap", "stop")
runs, tests = {}, {}
for patience in (0, 3):
    options = {"epochs": 30, "seed": 0}
    trainer = trainers.load("sequential", space, task, patience=patience)
    (runs[patience],) = trainer([network], **options)
    options["best_epoch"] = runs[patience].best_epoch
    tests[patience] = trainer.retrain_and_test(network, **options)

# %%
ax = figures.stopped(runs[0].curve, runs[3].curve, "patience 3")
for patience, run in runs.items():
    tested = f"tested {tests[patience].score:.3f}"
    print(f"patience {patience}: validated {run.score:.3f}, {tested}")

# %% [markdown]
# Both trainings have the same weights and images, so the two lines are the same until one ends. Here patience was too
# short: the score rested for three epochs, and the grey line rose again later. One training cannot say whether a
# patience of 3 is a mistake. It shows which mistake is possible. And patience cannot stop a network that still improves
# but will never be good. For that, networks must be compared, as halving does.
#
# **What is tested?** A score is the best of a curve, and it belongs to one epoch: `best_epoch`. At the end of a search,
# `study.finish()` trains the winner again until this epoch, on training and validation images together. Then it tests
# the winner once (`retrain_and_test`). The same is true for a winner of halving: it is trained again until its best
# epoch, with the learning rates of a whole training. Compare the two printed tests: a better validation score does not
# promise a better test.
#
# ## 8 · No training at all
#
# The boldest saving is not to train at all. Can we judge a network before its first step? Such a judge is called a
# **zero-cost proxy**. The simplest ones count parameters or multiplications (FLOPs). A popular one takes the norm of
# the gradient for one batch, with the weights as they were drawn: the larger the norm, the more there is to learn
# (Abdelfattah and others, 2021). The rival is what two epochs of training say.


# %%
sample = rng.choice(len(table), 400, replace=False)


def proxies(name):
    task = tasks.load(name)
    space, true = ATLAS.space_for(task), scores(name)[sample]
    drawn = [table.architectures[row] for row in sample]
    norms = [gradient_norm(space, network, task) for network in drawn]
    known = {"gradient norm": norms, "parameters": table.parameters[sample]}
    known |= {"FLOPs": table.flops[sample]}
    known |= {"two epochs": scores(name, epochs=2)[sample]}
    return {n: rank_correlation(v, true) for n, v in known.items()}


# %%
four = ("what/digits", "shuffled/digits", "where/digits", "gratings/angle")
found = {name: proxies(name) for name in four}
bars = {n: [found[name][n] for name in four] for n in found[four[0]]}
ax = plots.grouped_bars(bars, four, "", "rank correlation")
gain = {n: f["parameters"] - f["gradient norm"] for n, f in found.items()}
wins = [name for name in four if gain[name] > 0.15]
claim(f"parameters beat the norm: {', '.join(wins)}", len(wins) == 3)
cheap = max(found["where/digits"].values())
claim("on where, nothing cheap ranks well", cheap < 0.45)

# %% [markdown]
# Counting parameters ranks better than the gradient norm on three of the four tasks. On *what* and *shuffled*, it ranks
# about as well as two epochs of training, for nothing. On *gratings*, FLOPs do so, and parameters do not. On *where*,
# nothing cheap ranks well.
#
# White and others (2022) found on many benchmarks that parameters and FLOPs are hard to beat. One small space is no
# verdict on proxies. It is a warning: measure yours on your own task.
#
# ## By hand: your own race
#
# Change the task, the factor or the candidates, and run the cell. Before each rung, say who will be dropped. Can you do
# it on *where*?

# %%
hard = trainers.load("table", table.space, table.task("where/digits"))
by_hand = Halving(hard, factor=4, cohort=16)
rungs = by_hand.rungs(candidates, epochs=16, seed=0)
Player(films.halving(rungs, candidates))

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.cost

# %%
cost = ...

# %%
exercises.cost.check(cost)

# %%
exercises.survivors


# %%
def survivors(scores, factor): ...


# %%
exercises.survivors.check(survivors)

# %%
exercises.rho


# %%
def rho(early, final): ...


# %%
exercises.rho.check(rho)

# %%
exercises.misled

# %%
misled = ...

# %%
exercises.misled.check(misled)

# %% [markdown]
# ## What we have seen
#
# - A cheap score need not be right. It must rank, and the best must survive the cut.
# - Half of the epochs ranked well on all sixteen tasks, a quarter on some. Why is an open question.
# - Halving stops a training that loses. It won on most tasks, and lost where early scores say little.
# - Hyperband insures against that, and the insurance has a price.
# - Patience stops a training that rests. The winner is trained again until its best epoch, and tested once.
# - Proxies can be measured like everything else. Here, counting parameters beat a cleverer one on three of four tasks.

# %% [markdown]
# ## Where it comes from
#
# - K. Jamieson, A. Talwalkar, *Non-stochastic Best Arm Identification and Hyperparameter Optimization*, AISTATS 2016.
#   Section 3: successive halving.
# - L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, *Hyperband*, JMLR 18(185), 2018. Algorithm 1.
# - L. Prechelt, *Early Stopping, But When?*, in: Neural Networks: Tricks of the Trade, 1998.
# - M. S. Abdelfattah, A. Mehrotra, Ł. Dudziak, N. D. Lane, *Zero-Cost Proxies for Lightweight NAS*, ICLR 2021.
# - C. White, M. Khodak, R. Tu, S. Shah, S. Bubeck, D. Dey, *A Deeper Look at Zero-Cost Proxies for Lightweight NAS*,
#   ICLR Blog Track 2022.

# %% [markdown]
# ## Where to go next
#
# [Lesson 10, shared weights](10_shared_weights.ipynb) saves more: one training serves all networks of a space. Back:
# [lesson 08, a fair race](08_a_fair_race.ipynb).
