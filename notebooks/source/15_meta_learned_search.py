# %% [markdown]
# # 15 · Meta-learned architecture search
#
# **What you will be able to do.** Open a search with what earlier searches found: by copies, by Q-values, by a vote of
# models. Tell what the memory brings from what the model brings. Limit what earlier tasks may cost.
#
# **How long.** Thirty minutes, and twenty for the exercises. The page runs in about a minute.
#
# **What you need first.** Lesson 04 for Q-values. Lesson 08 for regret, seeds and intervals. Lesson 11 for section 9.
#
# ## The question
#
# You have searched on fifteen tasks. Now comes the sixteenth. *Meta-learning* means to get better from one task to
# the next. It closes the loop of this course: define a space, evaluate, optimise, **carry over**, repeat.

# %%
from dataclasses import replace
from math import comb

import numpy as np

from nasedu import controllers, meta
from nasedu.classroom import claim
from nasedu.classroom.lessons.lesson_15 import exercises, figures
from nasedu.core.ranking import ranks
from nasedu.meta.comparison import compare, earlier_study
from nasedu.meta.copy_best import best_of_before
from nasedu.tables.atlas import atlas
from nasedu.tables.task_correlation import task_correlation
from nasedu.widgets import Player, Predict, Quiz, Reveal, TaskMap, films

# %%
Predict(exercises.hurts)

# %% [markdown]
# ## 1 · A map of sixteen tasks
#
# The atlas knows 1,188 small networks on each of sixteen tasks. Some tasks ask *what* is on an image. Others ask
# *where* it is, *how many* there are, or whether two are the *same*. On *shuffled* tasks the pixels are mixed.
#
# **Choose a task from the list.** Near tasks put the networks into nearly the same order. A bar is a rank correlation
# (lesson 09): 1 is the same order, 0 is no agreement. Which tasks stand alone?

# %%
table = atlas()
TaskMap(table)

# %%
alike = task_correlation(table)
pairs = alike[np.triu_indices(len(table.tasks), 1)]
near, far = (pairs > 0.6).sum(), (pairs < 0.2).sum()
claim(
    f"of {len(pairs)} pairs {near} agree above 0.6, and {far} below 0.2",
    near > 20 and far > 8,
)

# %% [markdown]
# Why do the tasks differ? We measure it. Every network has a rank on a task: 1 is the best, 0 the worst. The *effect*
# of a layer is the mean rank of all networks with this layer, minus the mean rank of the others.


# %%
def effect(task, layer):
    rank = ranks(table.scores(task))
    has = np.array([layer in network for network in table.architectures])
    return rank[has].mean() - rank[~has].mean()


layers = ["conv1-8", "conv3-8", "pool4", "dense32", "gap"]
kinds = ["what", "anywhere", "shuffled", "same", "how-many", "where"]
worth = {k: {a: effect(f"{k}/digits", a) for a in layers} for k in kinds}
grid = np.array([list(row.values()) for row in worth.values()])
ax = figures.effects(grid, kinds, layers)

# %% [markdown]
# Read the map row by row. `conv3` looks at 3 × 3 pixels, `conv1` at one pixel. `pool4` joins 4 × 4 pixels, and `gap`
# averages over the whole image, which costs on all six.
#
# - *what*, *anywhere*: 3 × 3 convolutions help most.
# - *shuffled*: a dense layer helps most. Neighbours mean nothing there, and a large pool mixes them.
# - *same*: a dense layer helps more than any layer does on any other task.
# - *how many*: a dense layer costs. It does so in no other row.
# - *where*: a large pool helps, and on *what* it costs. Single pixels help more than 3 × 3 pixels.

# %%
for kind in kinds:
    print(f"{kind:9} {max(layers, key=worth[kind].get)} helps most")
dense = [kind for kind in kinds if worth[kind]["dense32"] < 0]
claim(f"a dense layer costs on {dense} alone", dense == ["how-many"])
pools = worth["where"]["pool4"], worth["what"]["pool4"]
claim("a large pool helps on where, and costs on what", pools[0] > 0 > pools[1])
claim("gap costs on all six", max(worth[kind]["gap"] for kind in kinds) < 0)

# %% [markdown]
# A search that comes to a new task has no such map. It must find out from its first evaluations.
#
# ## 2 · Copying, from nothing
#
# An earlier search leaves its trials: networks and scores. They are the **evidence**. Here each earlier search tried
# one hundred networks by Q-learning and started cold.

# %%
target = "anywhere/hebrew"
others = [task for task in table.tasks if task != target]
evidence = [earlier_study(table, task, seed=0) for task in others]
for one in evidence[:3]:
    network, score = max(one.trials, key=lambda trial: trial[1])
    count = len(one.trials)
    print(f"{one.task:20} {count} trials, best {score:.3f}:", *network)

# %% [markdown]
# Scores of different tasks cannot be compared: the best score on noisy pixels would be a poor one elsewhere. Ranks can
# be compared. So we rank the networks of each task, and take each network's mean rank over the tasks that tried it.

# %%
found = {}
for one in evidence:
    rank = ranks([score for _, score in one.trials])
    for (network, _), place in zip(one.trials, rank / rank.max(), strict=True):
        found.setdefault(network, []).append(place)
# One success may be luck: each mean counts one more task, a middling one.
mean_rank = {n: (sum(r) + 0.5) / (len(r) + 1) for n, r in found.items()}
copies = sorted(mean_rank, key=mean_rank.get, reverse=True)
same = copies[:5] == best_of_before(evidence, 5)
claim("the prior copy-best of the package asks for the same five", same)

# %%
scores = table.scores(target)
for network in copies[:3]:
    print(f"{scores[table.row(network)]:.3f}", *network)
print(f"the best: {scores.max():.3f}, the mean: {scores.mean():.3f}")

# %% [markdown]
# The first copies are far better than the mean network. This is memory, not learning, and it costs nothing.
#
# There is a trap here. If all tasks of a benchmark want the same networks, copying looks like learning. On the three
# data sets of NAS-Bench-201, the ten best networks of one are good on the others, too. So the atlas has tasks that are
# *unlike* each other, and `copy-best` stands next to everything that follows. A **prior** is what opens a search with
# evidence. Published priors predict good networks from the data themselves (MetaD2A, TNAS). Ours are simpler.
#
# ## 3 · Told Q-values
#
# The prior `warm-q` learns one Q-table from each earlier task, with ranks as rewards. For a choice, table $t$ says
# $Q_t$. The **advice** $a$ is their weighted mean, on the scale of the new rewards from the lowest, $l$, to the
# highest, $h$:
#
# <!-- equation: advice -->
# $$a = l + (h - l) \sum_t w_t \, Q_t$$
#
# A task has a large weight $w_t$ if it ranks the networks tried so far as the new task does. The walk goes by
#
# <!-- equation: warm-value -->
# $$v = \frac{\tau a + n q}{\tau + n}$$
#
# Here $q$ is the search's own Q-value, and $n$ networks made it. The advice counts as much as $\tau$ networks. This
# **trust** is halved every $H$ networks. After $k$ networks it is
#
# <!-- equation: trust -->
# $$\tau = \tau_0 \cdot 0.5^{k / H}$$


# %%
def opened(name, evidence, **parameters):
    cold = controllers.load("q-learning", table.space, seed=0, budget=30)
    return meta.load(name, evidence, **parameters).open(cold)


def asked(search, target, networks):
    scores = table.scores(target)
    for _ in range(networks):
        network = search.ask()
        yield network, float(scores[table.row(network)])


# %%
warm = opened("warm-q", evidence)
Player(films.warm_q(warm, asked(warm, target, 9)))

# %% [markdown]
# Press play, or step with the arrow keys. You see the first choice of each network: its advice as a ring, the search's
# own value as a dot, and the value that decides as a bar. Find the first network for which the own value of `conv3-8`
# weighs more than the advice: $n$ is larger than $\tau$. Watch the weights, too. At first all tasks speak equally.
#
# Here is the last value once more, from nothing. The code is as short as the equations:

# %%
start = table.space.start()
mix = max(warm.mixes(start), key=lambda mix: mix.value)
tables = [one.get(table.space.key(start), {}) for one in warm.advice.tables]
Q = np.array([row.get(mix.choice, 0.5) for row in tables])
w = warm.advice.task_similarity.weights
low, high = warm.scale
tau = 4 * 0.5 ** (len(warm.rewards) / 25)
a, n, q = low + (high - low) * (w @ Q), mix.seen, mix.own
v = (tau * a + n * q) / (tau + n)
claim(f"{mix.choice} is worth {v:.3f}, by hand, too", np.isclose(v, mix.value))

# %% [markdown]
# No established paper carries a Q-*table* to a new task. This is an experiment of the course.
#
# ## 4 · A vote of models
#
# The prior `surrogate` fits a model $m_t$ to each earlier task. It predicts how good a network $x$ is, also one that
# nobody tried. The models vote:
#
# <!-- equation: vote -->
# $$e(x) = \sum_t w_t \, m_t(x)$$
#
# The network with the highest $e$ is asked next. One more voter is a model of the new task's own trials. A model is
# tested on **pairs** of known networks: which of the two is better? The weight $w_t$ is the share of 64 bootstrap
# samples in which model $t$ has the fewest wrong pairs (after RGPE, 2018). The first three questions are copies.

# %%
voting = opened("surrogate", evidence)
Player(films.vote(voting, asked(voting, target, 8)))

# %% [markdown]
# A bar to the right says that the network is better than the average, a bar to the left that it is worse. Go to
# question 5, where the vote begins. Then watch the column *wrong*. Which task takes the vote over? We count its
# wrong pairs by hand, and ask the whole table, which the search never saw, whether the choice was right.

# %%
ballot = voting.vote
heard = ballot.weights.argmax()
says, reward = ballot.predictions[heard], ballot.rewards
wrong = 0
for i in range(len(reward)):
    for j in range(i):
        wrong += (says[i] - says[j]) * (reward[i] - reward[j]) < 0
claim(f"{others[heard]} has {wrong} wrong pairs", wrong == ballot.wrong[heard])

# %%
row = alike[table.tasks.index(target)]
truth = row[table.tasks.index(others[heard])]
most = truth > np.median(row)
claim(f"over all networks it agrees at {truth:.2f}, more than most", most)

# %% [markdown]
# With another seed *few* or *turned* may lead after eight networks. They agree with the new task, too, but less. Eight
# networks say little, and the weights say so: they are spread over several tasks.
#
# ## 5 · The same mind without the memory
#
# Now all ways race on a task that is like others. Each runs with twenty seeds and a budget of thirty networks. A line
# is a **lead**: how much lower the regret is than that of a cold start of Q-learning, seed by seed. The prior
# `copy-best` usually copies five networks. Here it copies to the end, so that memory has the same budget as its rivals.
#
# <details><summary>What the searches are told</summary>
#
# Every search is told the mean score of three trainings, and regret is measured by the same mean. The target is held
# back from the evidence. Random search, local search and a cold start with the shorter exploration of
# <code>warm-q</code> run, too.
# </details>
#
# The surrogate differs from the cold Q-learner in two ways. It has a memory, and it has another *mind*: a model of its
# own trials. So it needs one rival more, a **cold twin**: the same mind without the memory. The controller `gp-cold`
# models its own trials by a Gaussian process, and is told of no other task.
#
# A vote can also be *diluted*: fifteen old tasks speak, the new task has one voice. So for every second question, the
# prior `mixture` expects nothing of the old tasks.
#
# Its memory has a second part. On the old tasks `mixture` learns which networks are alike: a matrix $W$ maps the
# features $X$ of the networks to $XW$. Networks with near rows of $XW$ got like scores there. Then the scores of the
# new task choose between $X$ and $XW$, by the likelihood. Learned features are memory, too. So the twin `gp-cold` has
# neither the old scores nor $W$. All else is the same. The surrogate's rule of choice is a little different.

# %%
to_the_end = "copy-best, to the end"
guard = {"prior": "surrogate", "budget": 30, "share": 0.1}
guarded = {"guarded": ("guarded", guard)}
ways = {"warm-q": "warm-q", "surrogate": "surrogate", "mixture": "mixture"}
ways[to_the_end] = ("copy-best", {"most": 30})

# %%
anywhere = compare(table, target, ways | guarded, seeds=20, evaluations=30)
ax = figures.leads(anywhere, ("warm-q", "surrogate", "gp-cold"))


# %%
def lead(found, way, over="cold"):
    mean, half = found.lead(way, over)  # at the end, after all 30 networks
    print(f"{way} over {over}: {mean:+.4f} ± {half:.4f}")
    return mean, half


mean, half = lead(anywhere, "surrogate")
claim("at the end the surrogate is ahead of a cold start", mean > half)
of_the_memory, _ = lead(anywhere, "surrogate", "gp-cold")
share = of_the_memory / mean
claim("less than a quarter of it is the memory's", share < 0.25)

# %% [markdown]
# The table has every rival: random search, local search, and local search after five copies. It shows the mean regret
# after five networks and after thirty. Each prior stands next to its own twin.

# %%
anywhere.summary(at=(5, 30)).round(4).astype(object).fillna("")

# %% [markdown]
# The dashed line is the twin, which remembers nothing. At the end most of the lead is there without any memory: the
# *model* made it. What did the memory bring? The same lead *earlier*. We count networks until one of the best 1% is
# found.


# %%
def needed(found, way):
    worth = np.sort(table.scores(found.task))[::-1]
    aim = (worth[0] - worth[len(worth) // 100]) / table.scale
    hit = found.regrets[way] < aim + 1e-9
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 31)  # none


def saved(found, way, over="gp-cold"):
    fewer = needed(found, over) - needed(found, way)
    mean, half = fewer.mean(), 1.96 * fewer.std(ddof=1) / len(fewer) ** 0.5
    print(f"{way}: {mean:+.1f} ± {half:.1f} networks less than {over}")
    return mean, half


# %%
for way in ("surrogate", "mixture", to_the_end):
    mean, half = saved(anywhere, way)
    claim(f"{way} needs fewer networks than the twin", mean > half)
mean, half = saved(anywhere, "warm-q", "cold")
claim("warm-q needs fewer networks than its own twin", mean > half)
mean, half = saved(anywhere, "surrogate", to_the_end)
claim("the surrogate needs no fewer than copying", mean <= half)

# %% [markdown]
# The twin of `warm-q` is the cold Q-learner. Each memory saves networks over its own twin. Copying saves as many: the
# first questions of the surrogate are copies.
#
# > **The rule.** Compare a memory with the same mind without it. A lead over another mind says nothing about memory.
#
# ## 6 · A task on which copying is nearly all
#
# The task *few* has only a handful of training examples. Here is what a paper could report about it, and every word
# would be true. What would you ask its authors?

# %%
Quiz(exercises.missing_rival)

# %%
few = compare(table, "few/digits", ways, seeds=20, evaluations=30)
ax = figures.leads(few, ("surrogate", "mixture", to_the_end), "gp-cold")

# %%
for way in ("surrogate", "mixture"):
    mean, half = lead(few, way, "gp-cold")
    claim(f"{way} is ahead of its twin", mean > half)
whole = mean
mean, half = lead(few, "surrogate", to_the_end)
claim("the surrogate is not ahead of copying", mean < half)
mean, half = lead(few, "mixture", to_the_end)
claim("mixture is ahead of copying", mean > half)
claim("it is less than a quarter of its lead over the twin", mean < whole / 4)

# %% [markdown]
# Here the lead is the memory's: both are ahead of their twin, which is now the line at 0. The surrogate does not beat
# copying. `mixture` does, but copying alone makes most of its lead. Without the line of copying, all of it would look
# like insight.
#
# ## 7 · Can it hurt?
#
# The third target is *where*, one of the two lonely tasks. The next cell covers its figure. Guess first.

# %%
where = compare(table, "where/digits", ways | guarded, seeds=20, evaluations=30)
mean, half = where.lead("surrogate", "gp-cold")
Reveal(
    exercises.hurts,
    exercises.hurts.choices[mean < -half],
    "On where/digits the surrogate ends behind its own cold twin.",
    show=figures.leads(where, ("surrogate", "mixture"), "gp-cold"),
)

# %% [markdown]
# The line of the surrogate lies below zero. This is **negative transfer**: the prior keeps the search where the best
# networks are not. Would you have seen it without the twin?

# %%
mean, half = lead(where, "surrogate", "gp-cold")
claim("the surrogate ends behind its twin", mean < -half)
mean, half = lead(where, "surrogate")
claim("the surrogate is not behind a cold start", mean > -half)
mean, half = saved(where, "surrogate")
claim("it needs more networks than its twin", mean < -half)
mean, half = lead(where, "mixture", "gp-cold")
claim("mixture does not end behind its twin", mean > -half)
mean, half = lead(where, to_the_end, "random")
claim("copying to the end is not ahead of random search", mean < half)

# %% [markdown]
# Next to a cold Q-learner the surrogate looks harmless. Its model is the better mind, and pays for what the memory
# spoils. Only the twin shows the harm. `mixture` can forget, and does not end behind its twin.
#
# How common is harm? Take the plainest transfer: copy the ten best networks of one task to another task. On a tie the
# smaller network comes first. Compare the best of them with the best of ten networks drawn at random, on average.


# %%
def top(task, count=10):
    size, score = table.parameters, table.scores(task)
    return np.lexsort((size, -score))[:count]


def drawn(task, count=10):
    score = np.sort(table.scores(task))
    # score[i] is the best of the draw if all others come from the i below.
    ways = np.array([comb(i, count - 1) for i in range(len(score))], float)
    return score @ ways / comb(len(score), count)


def gain(source, target):
    return table.scores(target)[top(source)].max() - drawn(target)


# %% tags=["nbval-check-output"]
gains = [[gain(a, b) for b in table.tasks] for a in table.tasks]
off = ~np.eye(len(table.tasks), dtype=bool)
worse = np.array(gains)[off] < 0
print(f"copying is worse than drawing in {worse.sum()} of {worse.size} pairs")

# %%
ax = figures.gains(alike, np.array(gains))
low, high = worse[alike[off] < 0.2].mean(), worse[alike[off] > 0.8].mean()
claim(f"below 0.2 copying hurts in {low:.0%} of the pairs", low > 0.8)
claim(f"above 0.8 copying hurts in {high:.0%} of the pairs", high < 0.1)

# %% [markdown]
# Each dot is a pair of tasks. On the right, where tasks agree, copying gains. On the left it loses. And it can lose
# far more than it can gain: ten copies of one idea can all be bad.
#
# ## 8 · A guard
#
# A **guard** limits what a prior may cost. The prior and the cold twin ask in turn, and both are told everything that
# is found. The guard compares their k-th answers, $p_k$ of the prior and $t_k$ of the twin. A worse answer of the
# prior costs one unit of credit, a better one gives one back. With $d$ units spent before, the next pair leaves
#
# <!-- equation: spent -->
# $$d \leftarrow \max(0, d + [p_k < t_k] - [p_k > t_k])$$
#
# A bracket is 1 if it is true, and else 0. For a budget of $B$ networks and a share $s$ the credit is
#
# <!-- equation: credit -->
# $$c = \lfloor s \, B \rfloor$$
#
# When $c$ units are spent, the prior has lost its trust for good. The twin asks alone, and it knows all answers.

# %%
old = [one for one in evidence if one.task != "where/digits"]
old.append(earlier_study(table, target, seed=0))
search = opened("guarded", old, **guard)
Player(films.guard(search, asked(search, "where/digits", 10)))

# %% [markdown]
# Step through it. On the right are the k-th answers, side by side. Watch the credit: which answer costs a unit, and
# which one earns it back? By hand:

# %%
d = 0
for p, t in zip(search.answers[True], search.answers[False], strict=False):
    d = max(0, d + (p < t) - (p > t))
claim(f"{d} of {search.credit} units are spent", d == search.spent)

# %% [markdown]
# What does the guard cost, and what does it save? The line at 0 is the twin again.

# %%
ax = figures.two_leads(where, anywhere, ("surrogate", "guarded"), "gp-cold")

# %%
mean, half = saved(where, "guarded", "surrogate")
claim("where the prior hurt, the guard saves networks", mean > half)
mean, half = lead(where, "guarded", "gp-cold")
claim("at the end it is not behind the twin", mean > -half)
mean, half = saved(anywhere, "guarded")
claim("where the prior helped, it still needs fewer", mean > half)
mean, _ = saved(anywhere, "guarded", "surrogate")
claim(f"there the guard costs {-mean:.1f} networks", 0 < -mean < 2)

# %% [markdown]
# The guard removes most of the harm. Where the prior is right, it costs about one network or less. When is the
# trust lost?


# %%
def lost_at(target, seed):
    old = [earlier_study(table, t, seed) for t in table.tasks if t != target]
    search = opened("guarded", old, **guard)
    for number, (network, reward) in enumerate(asked(search, target, 30), 1):
        search.tell(network, reward)
        if search.why:
            return number
    return None


# %%
lost = {}
for task in ("where/digits", target):
    lost[task] = [lost_at(task, seed) for seed in range(12)]
    print(f"{task}: the trust is lost at {lost[task]}")
count = 12 - lost["where/digits"].count(None)
claim(f"where the prior hurts, in {count} of 12 searches", count > 9)
count = 12 - lost[target].count(None)
claim(f"where it helps, in {count} of 12", count < 5)

# %% [markdown]
# The bad prior nearly always loses its trust, and mostly early. The good one mostly keeps it. If not, the twin asks
# alone, and it knows all that the prior found.
#
# The credit bounds worse *answers*, not every delay. `make bench` runs all tasks with 50 networks. On *how-many*, the
# guard comes to a good network about twelve networks later than the twin. Scores there are noisy, and the twin was told
# more of them. With `mixture` inside it is about four later, and that could be chance.
#
# Exercise 3 asks for the simplest insurance of all.

# %% [markdown]
# ## 9 · Weights and cells together
#
# All priors so far carried scores. *MetaNAS* (Elsken et al., 2020) carries weights and a cell, on the mixtures of
# lesson 11. It builds on *Reptile*: train on one task for a few **inner steps**, then move the start a little towards
# the end. In MetaNAS the inner steps move the shares, too. So each task derives a cell of its own.
#
# A derived cell would have to be trained again, because its weights know only the mixture. So MetaNAS divides by a
# temperature $T$ that falls from 1 to 0.05 over the inner steps:
#
# <!-- equation: annealed-share -->
# $$s_k = \frac{\exp(\alpha_k / T)}{\sum_{j} \exp(\alpha_j / T)}$$
#
# At the end one operation of each edge is left. Here is a short meta-training on letters: five classes of one script,
# five examples of each.

# %% tags=["torch"]
from nasedu import metalearning
from nasedu.metalearning.metanas import disagreement
from nasedu.metalearning.task_distribution import one_task
from nasedu.spaces.cell_201 import Cell201

# %% tags=["torch"]
letters = metalearning.load_tasks("glyphs", shots=5, queries=10)
cells = Cell201(input_shape=(1, 12, 12), outputs=5, width=4)
rates = {"inner_rate": 0.3, "meta_rate": 0.01, "alpha_rate": 1.0}
learner = metalearning.load("metanas", cells, seed=0, batch=2, **rates)
steps = list(learner.meta_train(letters, steps=8))

# %% tags=["torch"]
unseen = metalearning.load_tasks("glyphs", "test", shots=5)
drawn_tasks = unseen.draw(2, np.random.default_rng(0))
supports = [one_task(drawn_tasks, number)[0] for number in (0, 1)]
adapted = [list(learner.adaptation(support)) for support in supports]
shares = [[learner.shares(s.parameters) for s in task] for task in adapted]
ax = figures.annealed(shares, learner.network.edges, (0, 2, 4))

# %% [markdown]
# Two tasks of scripts that the learner never saw. A row of a picture is an edge, a column an operation; dark is a share
# near 1. Follow one edge from left to right. Both tasks begin with the same shares. Where do their last cells differ?

# %% tags=["torch"]
middle = adapted[0][1].parameters
alpha, T = middle["alpha"].numpy(), float(middle["temperature"])
s = np.exp(alpha / T) / np.exp(alpha / T).sum(1, keepdims=True)
claim("the shares by hand, too", np.allclose(s, shares[0][1], atol=1e-5))
last = np.array([task[-1] for task in shares])
claim("after the last step each share is 0 or 1", set(last.flat) == {0, 1})
own = [learner.cell(task[-1].parameters) for task in adapted]
print(f"the two cells differ on {disagreement(own):.0%} of the edges")

# %% [markdown]
# Does it pay? A step of MetaNAS computes every operation of every edge. So its rivals get the same *seconds*, not the
# same steps: Reptile with six convolutions, and Reptile with a random cell. A recording holds five seeds, each with
# eight seconds of training (`lesson_15/measuring.py` makes it). Copying has its counterpart here, too: a network that
# was never trained, and adapts to the new task alone.

# %%
from nasedu.classroom.lessons.lesson_15 import recording

ways = recording.WAYS
seeds = recording.recorded()
accuracy = {way: np.array([one[way] for one in seeds]) for way in ways}
ax = figures.together(accuracy, ways, recording.SHOTS)

# %% tags=["nbval-check-output"]
for rival in recording.RIVALS:
    mean, half = recording.leads("MetaNAS", rival)[:, 1]  # with five shots
    said = "a tie" if abs(mean) <= half else "a win" if mean > 0 else "a loss"
    print(f"MetaNAS over {rival}: {mean:+.3f} ± {half:.3f}, {said}")

# %% [markdown]
# A lead inside its interval is a tie. Three questions help to read the picture.
#
# - What was there before any meta-training? The network that was never trained adapts, too.
# - What did the mixture cost? In equal seconds, MetaNAS makes fewer meta-steps than Reptile.
# - Was it the cell, or learning it along with the weights? The last row learns a cell for half of the seconds. Then it
#   drops the weights, and trains this one cell by Reptile.
#
# With eight seconds and five shots, MetaNAS loses to both rivals here. The last row, whose cell was learned first and
# trained by Reptile afterwards, wins against neither. `make bench` repeats the whole comparison, and finds no win,
# either. Nor do these tasks ask for cells of their own. After the trainings of the recording, which are longer than
# ours, the cells of two tasks differ on few edges. Whether hours instead of seconds would change this, the recording
# cannot say.
#
# Prototypes, the subject of lesson 13, move no weight for a new task, and learn no cell. They belong into every such
# comparison.

# %% [markdown]
# ## By hand: the map again
#
# The target is *where*. Thick lines show which tasks counted as evidence. Below are the regrets, with bands.
# Then search a *shuffled* task: run `shuffled = compare(table, "shuffled/digits", seeds=20, evaluations=30)` in a new
# cell, and `TaskMap(table, [shuffled])` in the next one.

# %%
shown = ("gp-cold", "surrogate")


def readable(one):
    return replace(one, regrets={way: one.regrets[way] for way in shown})


TaskMap(table, [readable(where)])

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it.

# %%
exercises.agree

# %%
agree = ...

# %%
exercises.agree.check(agree)

# %%
exercises.copy_order


# %%
def copy_order(scores): ...


# %%
exercises.copy_order.check(copy_order)

# %%
exercises.insure


# %%
def insure(prior, cold, price): ...


# %%
exercises.insure.check(insure)

# %%
exercises.worse_than_random

# %%
worse_than_random = ...

# %%
exercises.worse_than_random.check(worse_than_random)

# %% [markdown]
# ## What we have seen
#
# - Evidence is what earlier searches tried. A prior opens the next search with it.
# - Copying the winners is memory. It costs nothing, and every learner must beat it.
# - A memory is compared with its cold twin: the same mind without it. On one task most of the lead was the model's. On
#   one, copying did as well. On one, a prior did harm that only the twin showed.
# - How alike tasks are decides. A guard limits the harm to a stated credit, and costs little.
# - MetaNAS carries weights and a cell. In equal seconds, it did not win against a cell that stays.

# %% [markdown]
# ## Where it comes from
#
# - C. Wong, N. Houlsby, Y. Lu, A. Gesmundo, *Transfer Learning with Neural AutoML*, NeurIPS 2018. Section 3: one
#   controller for many tasks.
# - M. Feurer, B. Letham, E. Bakshy, *Scalable Meta-Learning for Bayesian Optimization*, AutoML workshop at ICML 2018.
#   Section 4: ranking-weighted ensembles (RGPE).
# - H. Lee, E. Hyung, S. J. Hwang, *Rapid Neural Architecture Search by Learning to Generate Graphs from Datasets*,
#   ICLR 2021 (MetaD2A).
# - G. Shala, T. Elsken, F. Hutter, J. Grabocka, *Transfer NAS with Meta-learned Bayesian Surrogates*, ICLR 2023
#   (TNAS).
# - T. Elsken, B. Staffler, J. H. Metzen, F. Hutter, *Meta-Learning of Neural Architectures for Few-Shot Learning*,
#   CVPR 2020 (MetaNAS). Section 4: task-dependent cells.
# - A. Nichol, J. Achiam, J. Schulman, *On First-Order Meta-Learning Algorithms*, arXiv 1803.02999, 2018 (Reptile).
# - The warm Q-table is this course's own experiment, and the atlas its own table; its data card says how it was made.

# %% [markdown]
# ## Where to go next
#
# The same loop with real training, in a terminal: `nasedu meta --tasks
# digits,glyphs/greek,glyphs/hebrew,digits-shuffled --trials 20`.
# [Lesson 12, learning to learn](12_learning_to_learn.ipynb), carries over weights instead of scores. Back:
# [lesson 14, learned optimisers](14_learned_optimisers.ipynb).
