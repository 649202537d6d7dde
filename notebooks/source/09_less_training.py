# %% [markdown]
# # 09 · Less training
#
# **What you will be able to do.** Say how well a cheap score ranks networks, and find out before you rely on it. Stop
# a training early; race networks by successive halving and Hyperband; judge a network without training it at all.
# Tell the tasks on which this finds more for the same price from those on which it throws the best away.
#
# **How long.** Twenty-five minutes to read and run, twenty for the exercises. The page itself runs in under a minute
# on two cores.
#
# **What you need first.** Lesson 02, for learning curves, and lesson 08, for regret and intervals.
#
# ## The question
#
# Nearly all the time of a search is spent on training, and nearly all of it on networks that will be thrown away. So
# why train them to the end? A network that is bad after one epoch will hardly be the best after sixteen. Or will it?
#
# **Successive halving** takes this bet: train 16 networks for one epoch, the better 8 of them for two, the better 4
# for four, and so on. In the end one has all 16 epochs, and the whole costs as much as three complete trainings. What
# do you expect, on 16 tasks whose answers are known?

# %%
import numpy as np

from nasedu import plots, spaces, tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_09 import exercises, figures
from nasedu.core.ranking import rank_correlation
from nasedu.tables.atlas import atlas
from nasedu.tables.cuts import winners, winners_of_brackets
from nasedu.trainers import Halving, Hyperband
from nasedu.trainers.single.zero_cost import gradient_norm
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
Predict(exercises.halving_wins)

# %% [markdown]
# ## 1 · Learning curves
#
# The atlas has recorded each of its 1,188 networks after 1, 2, 4, 8 and 16 epochs, on 16 tasks. Here are twenty of
# them on two tasks: *what*, which digit is it, and *where*, in which of nine places does it stand. Follow the lines
# that end highest back to the left.

# %%
table = atlas()
rng = np.random.default_rng(0)
twenty = rng.choice(len(table), 20, replace=False)
ax = figures.learning_curves(table, ("what/digits", "where/digits"), twenty)
middle = np.median(table.curves("where/digits"), axis=0)
print("where, of all networks the middle one:", ", ".join(f"{score:.2f}" for score in middle))

# %% [markdown]
# Blue lines end in the better half, broken orange ones in the other. On the left most colours are sorted after four
# epochs. On the right they still cross there: after two epochs the middle network knows half of the places, after
# four nine in ten, and only then does the order settle. Who begins to rise first need not end first.
#
# Why are the two so different? Here is a guess. On the left the ends are far apart, and networks that differ so much
# can be told apart early; on the right nearly all ends lie together at the top, so their order is a matter of small
# differences. It sounds good, and two tasks agree with it. Section 2 asks all sixteen.
#
# One thing about these curves must be known before they are used. The learning rate falls along a cosine over all 16
# epochs, so a score after four epochs is that of a training *in its first quarter*, still with large steps. A
# training that is planned for four epochs would end better. The scores of this lesson are those of trainings that are
# cut, as halving cuts them.
#
# ## 2 · How well does a cheap score rank?
#
# To choose, we need no true score; we need the true *order*. How alike two orders are is said by Spearman's **rank
# correlation**: replace each score by its rank, and compute how the ranks go together. 1 is the same order, 0 none,
# -1 the reverse. If $d_i$ is the difference between the two ranks of network $i$ of $n$, and no two ranks are equal,
#
# <!-- equation: rank-correlation -->
# $$\rho = 1 - \frac{6 \sum_i d_i^2}{n \, (n^2 - 1)}$$
#
# Try it with four networks. In the end they stand first, second, third, fourth; after one epoch the first two had
# changed places. Two of the differences are 1, the others 0, so $\rho = 1 - 6 \cdot 2 / (4 \cdot 15) = 0.8$. One pair
# of neighbours out of order costs a fifth among four networks. Among 1,188 it costs next to nothing, even if it is
# the pair that we came for. Keep that in mind for the end of this section.
#
# And what would it make of scores that are all far too low? Think of four networks again, and take the same amount
# from each of their four scores:

# %%
Quiz(exercises.too_low_by_as_much)

# %% [markdown]
# Here it is for all tasks: the order after so many epochs against the order in the end.

# %%
epochs = table.epochs[:-1]
scores, names = table.scores, table.tasks
agree = np.array([[rank_correlation(scores(n, epochs=e), scores(n)) for e in epochs] for n in names])
ax = figures.agreement(agree, epochs, table.tasks)
half, quarter = agree[:, 3], agree[:, 2]
claim(f"half of the epochs: {half.min():.2f} to {half.max():.2f}", half.min() > 0.8)
claim(f"a quarter: {min(quarter):.2f} to {max(quarter):.2f}", min(quarter) < 0.3 and max(quarter) > 0.9)

# %% [markdown]
# Read a row from left to right: it is a task, and the numbers say how much of the final order is already there. Read
# the last column from top to bottom: it is the cheapest advice of this lesson. (These are orders of means over three
# trainings. Who has trained each network once has more noise in both.) And the guess of section 1? Half of all
# networks lie in the middle of a task's scores: how far apart are they, and does that go with the third column?

# %%
middle = [np.subtract(*np.quantile(scores(name), (0.75, 0.25))) for name in table.tasks]
guess = rank_correlation(np.array(middle), quarter)
claim(f"spread of the scores and agreement after four epochs: {guess:.2f}, no explanation", guess < 0.5)

# %% [markdown]
# The guess does not hold: on *how many* the scores lie far apart and early ones say nothing, on *noisy pixels* they
# lie close together and early ones say much. (An explanation that fits two tasks is cheap, too.)
#
# Half of the training ranks nearly as well as all of it, on every task; only *how many* stays below 0.9. A quarter
# does so on some tasks, and on *where* and *how many* it says little. There is no number of epochs that is enough for
# all tasks. But it can be measured on networks that were trained to the end, and that is the first thing to do on a
# task of your own: twenty of them tell useful from useless and no more, a hundred tell more.
#
# A correlation over *all* networks is kind: most of it is earned by telling good from hopeless. For a search it
# matters whether the **best** survive. If the better third after some epochs goes on, how many of the best 5%, 59
# networks, are still there?

# %%
kept = {}
for name in ("same/digits", "shuffled/digits", "what/digits", "noisy-labels/digits", "where/digits"):
    values = table.values[:, names.index(name)]  # networks × trainings × epochs
    best = np.argsort(-values[:, 1:, -1].mean(axis=1))[: len(table) // 20]
    third = [np.argsort(-values[:, 0, place])[: len(table) // 3] for place in range(4)]
    kept[name] = [np.isin(best, rows).mean() for rows in third]

# %%
ax = figures.survival(kept, epochs)
first, last = kept["shuffled/digits"][0], kept["where/digits"][0]
claim(f"best that survive one epoch: {first:.0%} on shuffled, {last:.0%} on where", first > last + 0.5)
noisy, same = kept["noisy-labels/digits"][0], kept["same/digits"][0]
claim(f"on noisy labels {noisy:.0%}, on same {same:.0%}", noisy < 0.45 and same > 0.6)

# %% [markdown]
# (The early scores are those of one training, and who is best is said by two others: a search has no more to go by,
# and no luck is counted twice.) The dotted line is what blindness would give: whoever keeps a third without looking
# keeps about a third of the best. On *shuffled* the cut after one epoch is far above that. On *where* it is below,
# after two epochs far below, and after four as good as blindness: the slow starters are the ones that win.
#
# Compare two of the tasks with the table above. *Noisy labels* have a correlation near 0.5 after one epoch and after
# two, which looks useful, and the cut keeps hardly more of their best than blindness would. *Same* is the other way
# round: after one epoch its correlation is only half as high, and most of its best are kept. They stand out at once,
# and what is undecided is the order of the others. A correlation over everything can flatter a cheap score, and it
# can wrong it. Measure the thing that you need.
#
# ## 3 · Stopping early
#
# The oldest saving looks at one curve alone: if the score has not improved for some epochs, the **patience**, stop.
# It is what the trainers of this package do by default. Look at a real training: the same network, with and without.

# %%
task = tasks.load("digits")
space = spaces.load("chain-cnn", task)
network = ("conv3-16", "pool2", "conv3-32", "gap", "stop")
runs = {}
for patience in (0, 3):
    trainer = trainers.load("sequential", space, task, patience=patience)
    (runs[patience],) = trainer([network], epochs=30, seed=0)

# %%
ax = figures.stopped(runs[0].curve, runs[3].curve, "patience 3")
print(f"scores: {runs[0].score:.3f} after 30 epochs, {runs[3].score:.3f} with patience 3")

# %% [markdown]
# The grey line is the training that nobody stopped, the blue one ends where patience ran out. Compare how far the
# grey one went on, and what it found there. Both trainings began with the same weights and saw the images in the same
# order, so the two lines are the same as long as both exist: a curve depends on network, task, epochs, seed and
# recipe, and on nothing else. (A score is the best of its curve, lesson 02: the grey line ends a little below its
# score.)
#
# Here patience was too short. The score rested for three epochs, the training ended, and the grey line went on to
# something better; the two printed scores say what that cost. Is a patience of 3 then a mistake? One training from
# one seed cannot say. Lesson 02 asked six seeds of another network, on noisy labels, and there it cost hardly
# anything. What the figure does show is the kind of mistake.
#
# Patience saves what a *finished* training would waste. It can be wrong in one way only: a curve that rests and rises
# again. (Exercise 3 of lesson 02 asks for the rule exactly.) What patience cannot do is to stop a network that still
# improves but will never be good. For that, networks have to be compared with each other.
#
# ## 4 · Successive halving
#
# Jamieson and Talwalkar (2016) saw the choice among many half-trained networks as a game with slot machines of which
# only the best one counts. Their answer: give everyone the same little, drop the worse half, double, and go on. The
# plan with 16 candidates and factor 2:

# %% tags=["nbval-check-output"]
judge = trainers.load("table", table.space, table.task("what/digits"))
halving = Halving(judge, factor=2, cohort=16)
plan = halving.plan(16, 16)
for size, rung in zip(plan.sizes, plan.rungs, strict=True):
    print(f"to epoch {rung:2}: {size:2} of the 16 networks")
print(f"{plan.epochs} epochs in all; every network to the end would be {16 * 16}")

# %% [markdown]
# Count along. The first rung costs 16 epochs, one for each. Who goes on is trained further from where it was, not
# anew, so the second rung costs 8 networks one more epoch each; the third, 4 networks two more; the fourth, 2
# networks four more; the last, one network eight more. Four times 8, and the 16 of the beginning, are 48. The code
# keeps the weights of everyone who is left, and a table simply looks up the next number.
#
# In the player, each column is a rung. Step forward: everyone who is left is trained further, then the worse half is
# dropped. Whom would you have kept?

# %%
candidates = [table.architectures[row] for row in rng.choice(len(table), 16, replace=False)]
rungs = list(halving.rungs(candidates, epochs=16, seed=0))
Player(films.halving(rungs, candidates))

# %% [markdown]
# It may seem wasteful that so much is thrown away. But count: sixteen networks were looked at for the price of three.
# And the losers are not lost to the search. They are results like all others, with the score of their rung, and a
# controller may be told them.
#
# Now the bet, on all tasks. For 48 epochs one can halve 16 networks, or train three to the end. What is there to win?
# The best of $n$ networks drawn at random stands, on average, above a share $n / (n + 1)$ of the space: 75 of 100 for
# three, 94 of 100 for sixteen. That would be the gain if halving always kept the best of its sixteen. What it loses
# by dropping the wrong ones has to be set against it, and no formula knows how much that is.
#
# So we try. The three are the first three of the sixteen; both ways are told one recorded training and judged by the
# mean of all three. A table knows every curve, so a race is mere sorting, and `winners` sorts many at once (it is
# tested against the trainer above). So we can afford fifty thousand draws on each task. *Clearly* shall mean more
# than one and a half times the half width, three standard errors: sixteen tasks are sixteen comparisons (Bonferroni's
# rule, lesson 08).


# %%
def regret_of(name, cohorts, rungs):
    rows, _ = winners(table, name, cohorts, rungs)
    return scores(name).max() - scores(name)[rows]


sixteen = np.array([rng.choice(len(table), 16, replace=False) for _ in range(50_000)])
three = {name: regret_of(name, sixteen[:, :3], (16,)) for name in names}
halved = {name: regret_of(name, sixteen, plan.rungs) for name in names}
saved = {name: (three[name] - halved[name]) / three[name].mean() for name in names}

# %%
leads = {name: interval(saved[name]) for name in names}
ax = plots.leads(leads, "share of the regret that halving saves (95% interval)")
better = [name for name, one in leads.items() if one.mean > 1.5 * one.half]
worse = [name for name, one in leads.items() if one.mean < -1.5 * one.half]
losses = " and ".join(worse)
claim(f"clearly better on {len(better)} tasks, worse on {losses}", len(better) > 8 > len(worse) > 0)
found = rank_correlation(quarter, np.array([leads[name].mean for name in names]))
claim(f"where four epochs rank well, halving saves more: they agree at {found:.2f}", found > 0.5)

# %%
Reveal(exercises.halving_wins, "on more than half, and somewhere it is clearly worse")

# %% [markdown]
# Each row is a task, each dot how much of the regret halving saved there. To the right of the dotted line it found
# the better network, on the average; where the interval touches the line, nothing was shown. Compare the order of the
# tasks with the table of section 2. Where early scores rank well, halving looks at five times as many networks for
# the same money, and gains. On *how many*, whose early scores say little, its first cuts throw the good away, and the
# three that were trained to the end beat it.
#
# And *where*? On the average halving loses there as well, and the interval is wide for so many draws. Look at the
# single draws behind it:

# %%
w = "where/digits"
lost, won = (three[w] < halved[w]).mean(), (three[w] > halved[w]).mean()
claim(f"on where, halving ends worse in {lost:.0%} of the draws, better in {won:.0%}", lost > 0.5)
bad, bad_halved = (three[w] > 0.1).mean(), (halved[w] > 0.1).mean()
print(f"a regret above 0.1: {bad:.1%} of the draws with three networks, {bad_halved:.1%} with halving")
for n in (40, 500, len(sixteen)):
    print(f"share saved, from the first {n:6,} draws: {interval(saved[w][:n])}")
few = [interval(rng.choice(saved[w], 40)) for _ in range(1000)]
held = np.mean([one.low <= saved[w].mean() <= one.high for one in few])
claim(f"of intervals from forty draws, {held:.0%} hold the mean of all, not 95%", held < 0.92)

# %% [markdown]
# In nearly two of three draws the three long trainings win by a little. And once in twenty or so all three networks
# are poor ones and lose by a lot; among sixteen that is several times as rare. So the many small losses and the few
# large gains nearly make up for each other, and the mean is much smaller than either. Which of the two you want to
# know, what usually happens or what happens on the average, depends on how often you will run it.
#
# And whoever draws forty times may meet none of the rare draws, or one too many. An interval knows only what its
# draws have seen, so it is wrong more often than it promises: the 1.96 standard errors of lesson 08 ask for more
# draws where a few of them count for so much. Compare the three printed lines.
#
# ## 5 · Hyperband
#
# How hard should one cut, if one does not know how well early epochs rank? Hyperband (Li and others, 2018) answers:
# in several ways at once. It runs a few halvings, called **brackets**, each for a price of the same order: the first
# with many networks that are cut from the first epoch on, the last with a few that nobody cuts.

# %% tags=["nbval-check-output"]
for bracket in Hyperband(judge, factor=2).plan(16):
    steps = zip(bracket.sizes, bracket.rungs, strict=True)
    print(f"{bracket.epochs:3} epochs:", ", ".join(f"{size} to epoch {rung}" for size, rung in steps))

# %% [markdown]
# The first line is the halving of section 4. Each line after it begins later and with no more networks, so that fewer
# mistakes can be made and fewer networks are looked at. The last one trains five to the end and cuts nobody: if early
# scores are worthless, at least this bracket is not fooled.
#
# All brackets together look at 43 networks and cost 278 epochs. For about as many, a single halving can begin with 93
# networks (it ends with five, and hands back the best of them). Which is the better way to spend them?

# %%
many = np.array([rng.choice(len(table), 93, replace=False) for _ in range(20_000)])
brackets = Hyperband(judge, factor=2).plan(16)
bands = {}
for name in names:
    rows, _ = winners_of_brackets(table, name, many[:, :43], brackets)
    bands[name] = scores(name).max() - scores(name)[rows]

# %%
cut = {name: regret_of(name, many, plan.rungs) for name in names}
leads = {name: interval((cut[name] - bands[name]) / cut[name].mean()) for name in names}
ax = plots.leads(leads, "share of halving's regret that Hyperband saves (95% interval)")
wins, losses = (sum(sign * one.mean > 1.5 * one.half for one in leads.values()) for sign in (1, -1))
claim(f"Hyperband is clearly better on {wins} tasks, clearly worse on {losses}", wins > 2 and losses > 5)
found = rank_correlation(quarter, np.array([leads[name].mean for name in names]))
claim(f"where four epochs rank well, the hedge costs more: they agree at {found:.2f}", found < -0.5)

# %% [markdown]
# Halving bets everything on the first epoch; Hyperband hedges. Where early scores rank well the hedge costs, on
# *same* and on the shuffled tasks a third of the regret or more; where they do not, it saves. *Where* is the task on
# which it saves most, and on the sixteen together it loses more often than it wins. Whoever does not know which kind
# of task is at hand pays for insurance, and this is its price.
#
# One more thing stands behind these numbers. Hyperband has five winners in the end and hands back the one with the
# highest score, told by one training each. The bracket that did best does not always win that last comparison,
# either.
#
# ## 6 · No training at all
#
# The boldest saving is not to train at all. Can one judge a network before its first step? Such a judgement is called
# a **zero-cost proxy**. The simplest look at the network from outside: how many parameters it has, how many
# multiplications. A popular one looks at the gradient of the loss with respect to the weights, for one batch and
# weights as they were drawn: the larger its norm, so the idea goes, the more there is to learn from (Abdelfattah and
# others, ICLR 2021).
#
# A proxy is judged as everything cheap was in section 2, by rank correlation with the final score. Beside the proxies
# stands what two epochs of training say, which is the price that a proxy has to beat.


# %%
def proxies(name):
    task = tasks.load(name)
    space = ATLAS.space_for(task)  # the same chains, with as many outputs as this task has
    known = {"gradient norm": [gradient_norm(space, network, task) for network in table.architectures]}
    known |= {"parameters": table.parameters, "FLOPs": table.flops, "two epochs": scores(name, epochs=2)}
    return {label: rank_correlation(values, scores(name)) for label, values in known.items()}


# %%
four = ("what/digits", "shuffled/digits", "where/digits", "gratings/angle")
found = {name: proxies(name) for name in four}
by_proxy = {label: [found[name][label] for name in four] for label in found[four[0]]}
ax = plots.grouped_bars(by_proxy, four, "", "rank correlation with the final score")
wins = [name for name, row in found.items() if row["parameters"] > row["gradient norm"] + 0.2]
claim(f"counting parameters ranks better than the gradient norm on {', '.join(wins)}", len(wins) == 3)
claim("on where, nothing that is cheap ranks well", max(found["where/digits"].values()) < 0.4)

# %% [markdown]
# Counting parameters does clearly better than the gradient norm on three of the four, and hardly better on *where*.
# On *what* and on shuffled pixels it ranks about as well as training for two epochs; on *gratings* FLOPs do, and
# parameters do not. Which of the two one should count depends on the task, as everything cheap does. On *where*,
# nothing that is cheap ranks well. White and others (2022) tried many proxies on many benchmarks, and found that
# plain parameters and FLOPs were hard to beat consistently. The networks of one small space are no verdict on proxies
# elsewhere. They are a warning: measure yours, on your task, before you trust it.

# %% [markdown]
# ## By hand: your own race
#
# Change the task, the factor, or the number of candidates in this cell and run it. Then step through the bracket and
# try to say, at each rung, who will be dropped. On *where*, can you?

# %%
by_hand = Halving(trainers.load("table", table.space, table.task("where/digits")), factor=4, cohort=16)
Player(films.halving(by_hand.rungs(candidates, epochs=16, seed=0), candidates))

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

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
# - A cheap score need not be right, it must rank. Half of the epochs ranked well on all sixteen tasks, a quarter on
#   some, hardly on others. Why is an open question: the first guess was wrong.
# - What counts is whether the best survive the cut, and that is harder than a good correlation over everything.
# - Patience stops a training that has ended; halving stops one that loses. Halving won clearly on most of the tasks,
#   and lost clearly where early scores say little. Hyperband hedges, and pays for it.
# - Where rare draws carry the mean, forty draws may mislead, with an interval beside them. Look at the single draws.
# - Proxies without training can be measured like everything else; here, counting parameters beat a cleverer one on
#   three tasks of four.

# %% [markdown]
# ## Where it comes from
#
# - K. Jamieson, A. Talwalkar, *Non-stochastic Best Arm Identification and Hyperparameter Optimization*, AISTATS 2016.
#   Section 3: successive halving.
# - L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, *Hyperband*, JMLR 18(185), 2018. Algorithm 1: the
#   brackets.
# - L. Prechelt, *Early Stopping, But When?*, in: Neural Networks: Tricks of the Trade, 1998: rules for stopping.
# - M. S. Abdelfattah, A. Mehrotra, Ł. Dudziak, N. D. Lane, *Zero-Cost Proxies for Lightweight NAS*, ICLR 2021: the
#   gradient norm and others.
# - C. White, M. Khodak, R. Tu, S. Shah, S. Bubeck, D. Dey, *A Deeper Look at Zero-Cost Proxies for Lightweight NAS*,
#   ICLR Blog Track 2022: parameters and FLOPs as rivals.
# - T. Domhan, J. T. Springenberg, F. Hutter, *Speeding Up Automatic Hyperparameter Optimization of Deep Neural
#   Networks by Extrapolation of Learning Curves*, IJCAI 2015: predicting the end of a curve from its beginning.

# %% [markdown]
# ## Where to go next
#
# [Lesson 15, meta-learned architecture search](15_meta_learned_search.ipynb) saves in another way: it starts from
# what earlier searches found. Lesson 10, shared weights (in preparation), trains all networks at once. Back: [lesson
# 08, a fair race](08_a_fair_race.ipynb).
