# %% [markdown]
# # 10 · Shared weights
#
# **What you will be able to do.** Say which shared weights a network reads. Train one supernet for 1,188 networks.
# Measure whether it ranks them, and decide when it is worth its time.
#
# **How long.** Twenty minutes, and twenty for the exercises. The page runs in a minute.
#
# **What you need first.** Lesson 08, for intervals, and lesson 09, for cheap scores and rank correlation.

# %%
from itertools import islice

import numpy as np
import torch

from nasedu import tasks
from nasedu.building.atlas import ATLAS
from nasedu.classroom import across, asserted, claim, interval, outcome
from nasedu.classroom.lessons.lesson_10 import exercises, figures
from nasedu.classroom.lessons.lesson_10.recording import POLICY, TASKS
from nasedu.classroom.lessons.lesson_10.recording import recorded
from nasedu.core.ranking import kendall_tau
from nasedu.oneshot.batch_norm import STATISTICS
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import SUPERNET_RECIPE, SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.tables.atlas import atlas
from nasedu.widgets import LiveSupernet, PathSampler, Player, Predict
from nasedu.widgets import Quiz, Reveal, ScoreScatter, films

# %% [markdown]
# ## The question
#
# All networks so far had weights of their own, and each was trained alone. Now **one set of weights** serves all 1,188
# networks of the atlas. Each network is a **path**: it reads a part of the shared weights.
#
# Press *sample a path*. The orange frames are what this path reads, and what this step trains. The numbers count the
# steps. Then build a path of your own: press an orange button to take this choice back.

# %%
task = tasks.load("where/digits")
space = ATLAS.space_for(task)
supernet = Supernet(space, seed=0, recipe=SUPERNET_RECIPE)
training = SupernetTraining(supernet, task, steps=1500, seed=0)
PathSampler(supernet, islice(training, 120), at=1)

# %% [markdown]
# At most 120 of 1,188 paths are sampled here. All 1,500 steps of the training sample a path 1.3 times on average, and
# many never. But other paths train the *weights* that it reads. So after one training we can score every network. Do
# these scores put the networks into the right order?

# %%
Predict(exercises.ranks_better)

# %% [markdown]
# ## 1 · One set of weights
#
# Look at the boxes again. A convolution has one tensor for each layer and window. A layer with 4 filters reads the
# upper half of its tensor; a layer with 8 filters reads all of it. If the layer before has 4 filters, only the left
# half is read. So a wide tensor is cut into **slices**.
#
# A last layer cannot be sliced so easily: behind `pool4` it reads other numbers than behind `gap`. So it has one tensor
# for each shape that it may read: `8x3x3` is for 8 channels of 3 × 3 numbers. Dense layers, too. How much is saved?

# %%
table = atlas()
apart, shared = int(table.parameters.sum()), supernet.grow(space.enumerate())
claim(f"{apart:,} numbers apart, {shared:,} shared", shared < apart / 20)
network = ("conv3-8", "pool2", "conv1-4", "gap", "stop")
alone = supernet.extract(network).eval()
X = torch.from_numpy(task.validation.X[:100])
gap = (alone(X) - supernet(network, X)).abs().max().item()
claim("a path, cut out of the supernet, computes the same", gap < 1e-5)

# %% [markdown]
# The second claim is the definition of a supernet. `extract` copies the slices of a path into a network of its own.
# This network gives the same answers as the path.
#
# ## 2 · Train it
#
# The recipe is short. Draw a path, each network with the same probability. Take the next 50 images. Make one step of
# the optimiser for the weights that this path reads. All other weights stay as they are. This is **single path
# one-shot** training, SPOS for short (Guo and others, 2020).
#
# Here it is, live. It goes on after the 120 steps from above, and it pauses after step 600. Press *Go on* and *Stop* as
# you like; the next cell takes the rest.

# %%
live = LiveSupernet(training)
live.run(600)
live

# %%
live.run()
late = [loss for number, loss in live.losses.items() if number > 1300]
early = [loss for number, loss in live.losses.items() if number < 400]
means = f"mean loss {np.mean(early):.2f} early, {np.mean(late):.2f} late"
claim(means, np.mean(late) < np.mean(early))

# %% [markdown]
# The dots jump: each is another network, and some networks cannot solve the task at all. The orange line is the mean.
#
# An own training of the atlas has 160 such steps. So the supernet costs as many steps as nine own trainings. They have
# to serve 1,188 networks.
#
# ## 3 · Ask all of them
#
# Now we ask every network for its answers to 1,000 validation images. Networks that begin with the same layers give the
# same numbers there, so these layers are computed once.


# %%
def shared_scores(networks, statistics="re-estimated"):
    X, seen = map(torch.from_numpy, (task.validation.X, task.train.X[:256]))
    options = {"statistics": statistics, "seen": seen}
    found = answers(supernet, networks, X, **options)
    said = [outputs.argmax(1).numpy() for _, outputs in found]
    return np.array([(one == task.validation.y).mean() for one in said])


# %%
networks = list(space.enumerate())
mine = shared_scores(networks)
true = table.scores("where/digits")[[table.row(one) for one in networks]]
ScoreScatter(networks, mine, true)

# %% [markdown]
# Each dot is a network. To the right is what the shared weights say, and upwards what its own trainings say: the mean
# of three seeds. Press a dot to see the network. Or press *ranked far too high*: which network fooled the supernet?
#
# Two groups of dots look like agreement. But a search needs no true scores, it needs the true *order*: press *show
# ranks*. **Kendall's tau** compares two orders by pairs. With $n$
# networks, let $C$ pairs stand in the same order twice, and $D$ pairs in opposite orders:
#
# <!-- equation: kendall-tau -->
# $$\tau = \frac{C - D}{n \, (n - 1) / 2}$$
#
# So 1 is the same order, 0 says nothing, and -1 is the reverse.

# %%
Quiz(exercises.two_swapped)

# %%
tau = kendall_tau(mine, true)
claim(f"tau on where, this supernet: {tau:.2f}", 0.2 < tau < 0.65)
high = (mine > true).mean()
claim(f"on where, {high:.0%} score higher than alone", high > 0.5)
what = recorded("uniform", "what/digits") > table.scores("what/digits")
claim(f"on what, {what.mean():.1%} do", what.mean() < 0.05)

# %% [markdown]
# So a shared score is no true score. On *where*, most networks score higher than alone; perhaps because shared layers
# have seen more steps. On *what*, nearly all score lower: the weights are a compromise. Only the order can be of use.
#
# ## 4 · Is that good?
#
# A tau alone says little. It needs company. What does it cost nothing to know? The number of **parameters**, and the
# multiplications (**FLOPs**). What do one and two **own epochs** say? And how much of the true order is luck? One
# **full own training**, compared with the mean of two others, shows it.
#
# We want five seeds on four tasks. So twenty supernets were trained as above, once, and their scores are in a file
# (`recording.py` makes it). The four tasks are those of lesson 09, section 8. *Clearly* means in this lesson: by more
# than three standard errors.


# %%
def tau_after(name, n, seed):
    runs = table.values[:, table.tasks.index(name)]  # (networks, seeds, 5)
    rest = np.delete(runs, seed, axis=1).mean(axis=1).max(axis=1)
    return kendall_tau(runs[:, seed, :n].max(axis=1), rest)


def taus_of(measure, name):
    return [kendall_tau(s, table.scores(name)) for s in recorded(measure, name)]


cut = {"one own epoch": 1, "two own epochs": 2, "one own training": 5}

# %%
ours = {name: taus_of("uniform", name) for name in TASKS}
sizes = {"parameters": table.parameters, "FLOPs": table.flops}
others = {}
for key, size in sizes.items():
    others[key] = {n: kendall_tau(size, table.scores(n)) for n in TASKS}
for key, n in cut.items():
    of = {name: [tau_after(name, n, s) for s in range(3)] for name in TASKS}
    others[key] = {name: np.mean(of[name]) for name in TASKS}
counting = others["parameters"]
leads = {n: interval(np.array(ours[n]) - counting[n]) for n in TASKS}

# %%
better = [name for name in TASKS if figures.clear(leads[name]) > 0]
worse = [name for name in TASKS if figures.clear(leads[name]) < 0]
said = f"Closer on {len(better)}, worse on {len(worse)} of four tasks."
because = asserted(said, len(better) > 0 and len(worse) > 0)
ax = figures.orders({"shared weights": ours} | others)
answer = across(exercises.ranks_better, better, worse)
Reveal(exercises.ranks_better, answer, because=because, show=ax)

# %% [markdown]
# Show the answer, and read it row by row. The blue circle is the supernet; small dots are its five seeds.
#
# - On *where*, nothing cheap ranks well (lesson 09). The supernet does, far better than two own epochs.
# - On *gratings*, it is far better than counting parameters, and about as good as counting FLOPs.
# - On *what*, it is a little better than counting parameters, and not better than counting FLOPs. Both cost nothing.
# - On *shuffled*, **counting parameters ranks better than the supernet**. A shuffled image has no neighbourhoods, and
#   large dense layers win. Counting them tells most of what there is to know.
#
# So "sharing ranks well" is no claim about sharing. It is a claim about a task, a space and a way to train.

# %%
top = others["one own training"]
upper = min(top[name] - np.mean(ours[name]) for name in TASKS)
claim(f"an own training: {upper:.2f} higher, or more", upper > 0.1)
spread = max(np.std(ours[name], ddof=1) for name in TASKS)
claim(f"supernets of two seeds differ: sd up to {spread:.2f}", spread < 0.15)
flops = [np.array(ours[n]) - others["FLOPs"][n] for n in TASKS]
ahead = [figures.clear(interval(one)) for one in flops].count(1)
claim(f"clearly better than FLOPs on {ahead} of four", 0 < ahead < 4)

# %% [markdown]
# Four tasks are few, and *what*, *where* and *gratings* were also looked at when the settings of this training were
# chosen. On most of the other twelve tasks of the atlas, tau is lower. A longer training helps: `SharedTrainer` takes
# 6,000 steps. Then parameters or FLOPs rank better on few of the sixteen tasks, and one own training on all of them:
# see [RESULTS.md](../tests/benchmarks/RESULTS.md).

# %% [markdown]
# ## 5 · Three ways to normalise
#
# Batch normalisation subtracts a mean and divides by a standard deviation. In a training, these are of the batch.
# Later, **running** means are used. But whose means? In a supernet, every sampled path has moved them, so they fit
# none.
#
# There are two ways out. Take the statistics of the **batch** that is scored. Or **re-estimate** them for each path, on
# some training images (Bender and others, 2018, section 3.4). We ask our supernet in all three ways, for every
# sixth network. Below are the twenty supernets of the file.

# %%
for way in STATISTICS:
    one = shared_scores(networks[::6], way)
    words = f"tau {kendall_tau(one, true[::6]):.2f}"
    print(f"{way:13} {words}, median score {np.median(one):.2f}")

# %%
ways = {n: recorded("statistics", n) for n in TASKS}
by_way = {}
for place, way in enumerate(STATISTICS):
    by_way[way] = {name: ways[name][:, place] for name in TASKS}
ax = figures.orders(by_way)

# %%
gains = [ways[n][:, 2] - ways[n][:, 0] for n in TASKS]
helps = sum(figures.clear(interval(one)) > 0 for one in gains)
claim(f"re-estimated: clearly better on {helps} of 4", helps > 1)
most = max(one.max() for one in gains)
claim(f"running statistics cost up to {most:.2f}", most > 0.1)
even = max(np.abs(ways[n][:, 1] - ways[n][:, 2]).max() for n in TASKS)
claim(f"batch and re-estimated differ by {even:.3f}", even < 0.05)

# %% [markdown]
# Running statistics rank worse on average over the twenty supernets. And they are less reliable: look at the single
# dots far to the left. One supernet alone does not show it: with another seed, the three may change places. Batch and
# re-estimated statistics are nearly the same here: 1,000 validation images are a large batch. A deep network may need
# them more: an error in the first layer can grow from layer to layer.
#
# <details><summary>Is it fair?</summary>
#
# Look at the counts in the first widget again. Some weights were trained more than ten times as often as others. A path
# with often trained weights may win only for this reason. FairNAS (Chu, Zhang and Xu, 2021) samples several paths for
# each step, so that each choice is taken equally often. This needs decisions that do not depend on earlier ones, as in
# a cell: `SupernetTraining(supernet, task, steps=500, paths="fair")`. In our chains, `pool2` is open only after a
# convolution, so strict fairness is impossible. We sample *networks* with equal probability instead. Long chains then
# come more often than short ones, because there are more of them.
#
# </details>
#
# ## 6 · ENAS: a policy chooses the paths
#
# Why train paths that look hopeless? **ENAS** (Pham and others, 2018) lets a policy choose. Two turns alternate. In the
# weights' turn, the policy samples paths, and the shared weights learn. In the policy's turn, the weights rest. The
# policy samples paths, and their validation scores are its rewards: good paths become more probable.
#
# Step through it. In the first half, the policy waits, and the paths are uniform. Then watch the bars: they are the
# probabilities along the path of this step. Watch two numbers, too: how undecided the policy is, and how many of the
# last 20 paths are different. `POLICY` holds its learning rate, 0.005, and its entropy bonus, 0.5. This section is
# about these two settings: the defaults of `Enas` have a lower rate and a larger bonus.

# %%
fresh = Supernet(space, seed=1, recipe=SUPERNET_RECIPE)
quick = {"rounds": 24, "weight_steps": 10, "policy_steps": 20}
Player(films.enas(Enas(fresh, task, seed=1, **quick, **POLICY)))

# %% [markdown]
# There is a danger in it. A path that is good by chance is chosen more often. So its weights are trained more, it gets
# better, and it is chosen more often still. In the end, the policy may know a few paths only: it **collapses**. Two
# things slow this down. An entropy bonus pays the policy for being undecided. And the policy waits, until the weights
# are half trained. The wait is ours: the paper has none. In the cell above, write `seed=1, warm_up=0`, run it, and go
# to the last step. Most seeds that we tried collapse so, not all.

# %%
Predict(exercises.enas_ahead)

# %% [markdown]
# The fair comparison has equal steps for the weights: 1,500 each, five seeds, two tasks. ENAS gets the steps of its
# policy for free.

# %%
pair = ("what/digits", "where/digits")
gain = {n: np.array(ours[n]) - taus_of("enas", n) for n in pair}
both = interval(np.concatenate(list(gain.values())))
leads = {name: interval(one) for name, one in gain.items()}
ax = figures.paired(leads, "ENAS", "uniform", "difference of tau")
because = f"tau of uniform paths minus tau of ENAS: {both:.3f}"
answer = outcome(exercises.enas_ahead, both)
Reveal(exercises.enas_ahead, answer, because=because, show=ax)

# %%
for name in pair:
    drawn = recorded("drawn", name).astype(int)  # seeds × 50 draws
    worth = interval(table.scores(name)[drawn].mean(axis=1))
    mean = table.scores(name).mean()
    words = f"{name}: true mean of the policy's paths {worth:.2f}"
    claim(f"{words}, of all {mean:.2f}", worth.low > mean)
    print("   different paths of 50:", [len(set(rows)) for rows in drawn])

# %% [markdown]
# The policy learned something: its paths are truly better than the average network. But on *what*, with this rate and
# this bonus, it collapsed to fewer than ten paths with some of the five seeds. A lower rate and a larger bonus keep it
# undecided for longer, and then it learns less. For the order of *all* networks, uniform paths are at least as good.
#
# ## 7 · Is it worth its time?
#
# A search does not need the order of all networks. It needs one good network. So: take the **best ten** by shared
# weights, train these ten alone, and keep the best of them. The rival is random search with as many *seconds*. How many
# own trainings is that? When the file was made, a supernet with its scores and three own trainings were timed, twice on
# each task, in processor seconds. The machine ran other programs, too, so these numbers are rough. We take their mean.
# Ten more pay for the ten.
#
# Both searches see one training of each network, and keep the best. What they kept is judged by the mean of three. Each
# of the three trainings is the one that is seen, in turn.


# %%
def best_of(rows, name):  # the last axis of rows: the networks to choose from
    worth = []
    for seed in range(3):
        told = table.scores(name, seed=seed)[rows].argmax(-1)[..., None]
        best = np.take_along_axis(rows, told, -1)[..., 0]
        worth.append(table.scores(name)[best])
    return np.mean(worth, axis=0)


def by_sharing(name, measure="uniform"):
    order = (-recorded(measure, name)).argsort(axis=1, kind="stable")
    return best_of(order[:, :10], name)


# %%
def by_random(name, n, rng, draws=500):
    rows = [rng.choice(len(table), n, replace=False) for _ in range(draws)]
    return best_of(np.array(rows), name).mean()


rng = np.random.default_rng(0)
grid = (5, 10, 20, 30, 40, 60)
line = {n: [by_random(n, many, rng) for many in grid] for n in TASKS}
costs = [recorded("trainings", name) for name in TASKS]
cost = round(np.mean(costs)) + 10  # own trainings in as many seconds
print(f"supernet: {np.min(costs):.0f} to {np.max(costs):.0f} own trainings")
found = {n: by_sharing(n) for n in TASKS}

# %%
dots = {n: (cost, interval(found[n])) for n in TASKS}
ax = figures.equal_seconds(grid, line, dots)
rival = {n: by_random(n, cost, rng, 3000) for n in TASKS}
won = {n: interval(found[n] - rival[n]) for n in TASKS}
results = [figures.clear(won[n]) for n in TASKS]
counts = [results.count(value) for value in (1, 0, -1)]
claim(f"win, tie, loss: {counts}", counts[0] > 0 and counts[2] > 0)

# %%
for place, many in list(enumerate(grid))[2:]:
    leads = [interval(found[n] - line[n][place]) for n in TASKS]
    same = [figures.clear(one) for one in leads] == results
    claim(f"against {many} own trainings: the same", same)

# %%
ax = figures.paired(won, "random", "shared", "difference of true score")
*most, last = sorted(found["where/digits"], reverse=True)
words = f"on where: four found {most[-1]:.3f} or more, one {last:.3f}"
claim(words, most[-1] > 0.98 > last)
for name in pair:
    lead = interval(by_sharing(name, "enas") - found[name])
    print(f"{name}: ten of ENAS minus ten of uniform {lead}")

# %% [markdown]
# Read the rows. On *gratings/angle*, sharing wins, by very little: random search is nearly perfect there, too. On
# *shuffled*, it loses clearly. On *what* and *where* there is no clear difference. The rough timing does not matter:
# against 20 to 60 own trainings, the result is the same.
#
# On *where*, four of five supernets lead to one of the best networks. With the fifth, one of the ten has luck in the
# training that we see, and fails with another seed: one training tells too little. ENAS does not change it: its ten are
# as good as those of uniform paths, within the interval.
#
# Does sharing win on one task in four? Do not say so. The four tasks are those of lesson 09, and three helped to choose
# the settings. The benchmark trains its supernets four times as long, for four unlike tasks, *gratings/width* among
# them. There sharing wins on *what*, by very little, and ties on the three others:
# [RESULTS.md](../tests/benchmarks/RESULTS.md). So sharing may pay on a task. Nobody tells us before on which. With ENAS
# it is the same: its section of that page has one win over random search with shared weights, one tie and one loss.
#
# ## By hand: another task
#
# Here is one supernet of the file, on *shuffled*. Press *best by score with shared weights*, then *best by true score*.
# Then press dots at the right, and dots at the top. Which kind of layer does the supernet not see?

# %%
other = "shuffled/digits"
told = recorded("uniform", other)[0]
ScoreScatter(table.architectures, told, table.scores(other))

# %%
dense = np.array(["dense32" in one for one in table.architectures])
rows = [s.argsort(kind="stable")[-50:] for s in recorded("uniform", other)]
best = dense[np.array(rows)].mean(axis=1)
truly = dense[table.scores(other).argsort(kind="stable")[-50:]].mean()
claim(f"of the truly best 50, {truly:.0%} have a dense layer", truly > 0.9)
claim(f"of each supernet's best 50, at most {best.max():.0%}", best.max() < 0.1)

# %% [markdown]
# Dense layers. A likely reason stands in the first widget: a dense layer has a tensor for each shape, so few paths
# train each of them. What is shared decides what is seen.

# %% [markdown]
# ## 8 · What the literature says
#
# Papers report every value of tau from about 0 to about 0.7. They do not contradict each other: **the protocol
# decides**.
#
# - Yu and others (2020) measured tau = 0.195 in a space of convolutional networks, and -0.004 in one of recurrent
#   networks. Random search was as good as three famous searches.
# - Pourchot and others (2020) re-estimated the statistics for each path, on a public table of networks. They found rank
#   correlations (Spearman) of 0.46 to 0.71. Still, sharing was rarely clearly better than random search.
# - Bender and others (2018) found good networks with shared weights, and needed no policy.
# - Li and Talwalkar (2019) let random search use shared weights: a test error of 2.85 ± 0.08 % on CIFAR-10. Random
#   search with own trainings had reached 3.29 ± 0.15 %, and second-order DARTS, run again by them, 2.78 ± 0.12 %.
# - ENAS itself (Pham and others, 2018) reported 2.89 %, with a thousandth of the compute of earlier searches.
#
# Before you believe a tau, ask five things. Which space? How long was the training? Which statistics? How many seeds?
# And what do the parameters alone say?

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.count

# %%
count = ...

# %%
exercises.count.check(count)

# %%
exercises.reads


# %%
def reads(architecture): ...


# %%
exercises.reads.check(reads)

# %%
exercises.tau


# %%
def tau(a, b): ...


# %%
exercises.tau.check(tau)

# %%
exercises.misranked

# %%
misranked = ...

# %%
exercises.misranked.check(misranked)

# %% [markdown]
# ## What we have seen
#
# - A supernet is one set of weights; a network is a path that reads slices of them.
# - Each step trains one path. Other paths profit, because they read the same weights.
# - A shared score is no true score, and its order is only partly the true one. One own training ranks far better.
# - How well it ranks depends on the task. On one task, counting parameters ranked better, for nothing. Where paths
#   share little, the supernet saw little: it missed the dense layers.
# - Running statistics belong to no path. Statistics of the batch, or re-estimated ones, rank a little better here.
# - ENAS trains paths that its policy prefers. With the settings here they were better than average, on one task few;
#   the order was no better.
# - At equal seconds, the best ten by shared weights won on one of four tasks, by little, and lost on one. On two it was
#   open. The benchmark, with longer training and other tasks, found one win and three ties.

# %% [markdown]
# ## Where it comes from
#
# - H. Pham, M. Guan, B. Zoph, Q. Le, J. Dean, *Efficient Neural Architecture Search via Parameter Sharing*, ICML 2018.
#   Section 2.2: the two turns.
# - G. Bender, P.-J. Kindermans, B. Zoph, V. Vasudevan, Q. Le, *Understanding and Simplifying One-Shot Architecture
#   Search*, ICML 2018. Section 3.4: statistics of normalisation.
# - Z. Guo and others, *Single Path One-Shot Neural Architecture Search with Uniform Sampling*, ECCV 2020. Section 3.2:
#   uniform paths; section 3.3: statistics again; section 3.4: slices for widths.
# - X. Chu, B. Zhang, R. Xu, *FairNAS: Rethinking Evaluation Fairness of Weight Sharing Neural Architecture Search*,
#   ICCV 2021. Section 3.2: strict fairness.
# - K. Yu, C. Sciuto, M. Jaggi, C. Musat, M. Salzmann, *Evaluating the Search Phase of Neural Architecture
#   Search*, ICLR 2020. Table 1: random search compared with others.
# - A. Pourchot, A. Ducarouge, O. Sigaud, *To Share or Not To Share: A Comprehensive Appraisal of Weight-Sharing*, 2020.
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019.
# - M. G. Kendall, *The Treatment of Ties in Ranking Problems*, Biometrika 33, 1945.

# %% [markdown]
# ## Where to go next
#
# With `nasedu search --trainer shared --controller regularized-evolution`, any controller searches with shared weights.
# Forward: [lesson 11, differentiable search](11_differentiable_search.ipynb). Back: [lesson 09, less
# training](09_less_training.ipynb).
