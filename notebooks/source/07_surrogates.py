# %% [markdown]
# # 07 · Surrogates
#
# **What you will be able to do.** Write a Gaussian process and the expected improvement. Explain what a model of scores
# adds to a search, and what it does not. Judge a predictor by what a search needs from it.
#
# **How long.** Thirty minutes, and twenty for the exercises. The page runs in about half a minute.
#
# **What you need first.** Lesson 02 for intervals, lesson 03 for ask, tell and regret.

# %%
from itertools import combinations

import numpy as np

import nasedu
from nasedu.classroom import asserted, claim, closest, interval
from nasedu.classroom.lessons.lesson_07 import exercises, figures
from nasedu.classroom.lessons.lesson_07.measuring import KINDS, TASKS
from nasedu.classroom.lessons.lesson_07.measuring import judged, judged_by
from nasedu.classroom.lessons.lesson_07.measuring import recorded
from nasedu.controllers.acquisition import expected_improvement
from nasedu.tables.atlas import atlas
from nasedu.tables.landscape import neighbour_rows
from nasedu.widgets import AcquisitionExplorer, Predict, Quiz, Reveal
from nasedu.widgets.acquisition_explorer import Look

# %% [markdown]
# ## The question
#
# A training takes minutes. A prediction takes microseconds. So we let a model learn from the networks that were
# trained, and ask it about all others. Such a model is a **surrogate**, or a **predictor**. Which network should we
# train next: one of which the model expects much, or one of which it knows little?
#
# We look at a walk through the atlas, the table of 1,188 trained networks from lesson 00. Each network differs from the
# one before by one layer: changed, added or removed. We pretend that only three of 24 scores are known.


# %%
def wander(seed, places=24):
    rng = np.random.default_rng(seed)
    walk = [space.sample(rng)]
    while len(walk) < places:
        near = [a for a in space.neighbours(walk[-1]) if a not in walk]
        walk.append(near[int(rng.integers(len(near)))])
    return walk


table = atlas()
space, scores = table.space, table.scores("what/digits")

# %% [markdown]
# The model is a **Gaussian process**, and `posterior` is all of it. Section 2 explains each line. `looks` is the
# search: fit the model, choose the network with the highest *mean + dial × spread*, and learn its score.


# %%
def posterior(X, known, y, length=2.0):
    far = ((X[:, None] - X[None]) ** 2).sum(-1)
    K = np.exp(-far / (2 * length**2))
    inside = K[known][:, known] + 1e-6 * np.eye(len(known))
    weights = np.linalg.solve(inside, K[known]).T
    level, unit = y.mean(), y.std()
    mean = level + weights @ (y - level)
    left = 1 - (weights * K[:, known]).sum(1)
    return mean, unit * np.sqrt(np.maximum(left, 0))


# %%
def looks(dial, X, truth, known, steps=8):
    for _ in range(steps):
        mean, spread = posterior(X, known, truth[known])
        worth = mean + dial * spread
        worth[known] = -np.inf
        chosen = int(worth.argmax())
        yield Look(tuple(known), mean, spread, chosen)
        known = [*known, chosen]


# %%
walk = wander(seed=0)
X = np.array([space.encode(a) for a in walk], float)
truth = scores[[table.row(a) for a in walk]]
dials = (0, 2, 4, 8)
first = [3, 11, 19]
runs = {dial: list(looks(dial, X, truth, first)) for dial in dials}
AcquisitionExplorer(walk, truth, runs, dial=2)

# %% [markdown]
# In the upper picture, the black dots are known scores. The line is what the model expects. The band reaches two
# standard deviations to each side. Below stands what a trial of each candidate is worth: *mean + dial × spread*. The
# highest, in red, is tried next.
#
# Press *try it*. The network in the ring is trained, its score becomes known, and the band closes around it. Go back to
# step 1, turn the dial, and step again. At 0, the search tries what the model expects to be best. At 8, it goes where
# the band is wide. Then show the truth. In places, the grey line leaves the band: one layer can change a score by more
# than the model expects. Which dial is right? One walk cannot say. Section 3 takes 400 walks, on four tasks.
#
# First, a guess about predictors. Two numbers judge one. The **rank correlation** compares its order of all networks
# with the true order: 1 is the same order, 0 is no relation. The **precision at the top** looks at the 5% that it puts
# first: what share is truly among the best 5%?

# %%
Predict(exercises.agreement)

# %% [markdown]
# ## 1 · The honest rival
#
# A model has to beat a search without one. **Local search** has one current network. It asks the neighbours of this
# network in random order, and moves as soon as one is better. If none is better, it starts again from a random network.
# White, Nolen and Savani (2021) found it hard to beat on small tables. So it is the rival in the race of section 7.
#
# How can it be good without a model? It uses one fact: neighbours have similar scores. We measure the mean difference
# of scores over all pairs of neighbours, and over all pairs. The four tasks ask different questions about images.

# %%
neighbours = neighbour_rows(table)
for name in TASKS:
    s = table.scores(name)
    pairs = zip(s, neighbours, strict=True)
    near = np.mean([np.abs(one - s[rows]).mean() for one, rows in pairs])
    far = np.abs(s[:, None] - s).mean()
    words = f"{name}: neighbours {near:.3f}, all pairs {far:.3f}"
    claim(words, near < 0.6 * far)

# %% [markdown]
# Two neighbours differ about half as much as any two networks. This helps, but one layer can still change much. A
# surrogate learns the same fact, and more.

# %% [markdown]
# ## 2 · A Gaussian process
#
# What is a network's score, if scores of similar networks are known? The **kernel** says how similar two networks are.
# Ours looks at their one-hot vectors: 1 for the choice that stands in each place, 0 for all others. $d^2$ counts the
# entries that differ. Another choice in one place makes two entries differ.
#
# $$k(a, b) = e^{-d^2 / 2 \ell^2}$$
#
# It is 1 for the same network, and near 0 for two that share little. The length $\ell$ says how fast it falls. Before
# any training, the model expects the same mean $m$ of each network. With scores $y$ at the known places, it expects
#
# $$\mu = m + k^\top K^{-1} (y - m), \qquad \sigma^2 = s^2 \, (1 - k^\top K^{-1} k)$$
#
# Here $K$ holds the kernel between all known networks, and $k$ between them and the new one. $m$ and $s$ are mean and
# standard deviation of the known scores. In words: a weighted sum of what is known, and a spread that shrinks near it.
#
# In the code, `far` is $d^2$. `inside` is $K$, with $10^{-6}$ added to its diagonal, so that it can be solved.
# `weights` is $K^{-1} k$ for each network. `level` is $m$, `unit` is $s$, and `left` is the bracket of $\sigma^2$. Is
# it the same as scikit-learn's Gaussian process?

# %%
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

known, y = [3, 11, 19, 0], truth[[3, 11, 19, 0]]
mean, spread = posterior(X, known, y)
theirs = GaussianProcessRegressor(RBF(2.0), optimizer=None, alpha=1e-6)
theirs.fit(X[known], (y - y.mean()) / y.std())
said, error = theirs.predict(X, return_std=True)

# %%
same = np.allclose(mean, y.mean() + y.std() * said, atol=1e-6)
claim("our mean is scikit-learn's", same)
same = np.allclose(spread, y.std() * error, atol=1e-5)
claim("and so is our standard deviation", same)
sure = spread[known].max()
claim(f"where the score is known, it is {sure:.5f}", sure < 1e-3)

# %% [markdown]
# ## 3 · What is a trial worth?
#
# The dial adds some standard deviations to the mean. This is the **upper confidence bound**. Another question has no
# dial: by how much will a trial improve the best known score $b$, on average? This is the **expected improvement**, EI.
# A score below $b$ improves nothing. For a normal distribution, EI has a closed form, with $z = (\mu - b) / \sigma$:
#
# <!-- equation: expected-improvement -->
# $$EI = (\mu - b) \, \Phi(z) + \sigma \, \varphi(z)$$
#
# $\varphi$ is the bell curve, $\Phi$ the area below it to the left of $z$. A high mean helps, and so does a wide band.
# We check the formula with random draws. And what does it say of a network whose score is known?

# %%
best = y.max()
EI = expected_improvement(mean, spread, best)
rng = np.random.default_rng(0)
drawn = rng.normal(mean, spread, (100_000, len(walk)))
gain = np.maximum(drawn - best, 0).mean(0)
off = np.abs(gain - EI).max()
claim(f"formula and draws differ by at most {off:.5f}", off < 1e-3)
most = EI[known].max()
words = f"EI is at most {most:.6f} where the score is known"
claim(f"{words}, {EI.max():.4f} elsewhere", most < EI.max() / 100)

# %%
bound = mean + 2 * spread
worth = {"EI": EI, "mean + 2 spread": bound - bound.min()}
ax = figures.along(worth, known)
first_choice = EI.argmax() + 1
words = f"both would try place {first_choice}"
claim(words, first_choice == bound.argmax() + 1)

# %% [markdown]
# The dotted lines are the known places. There, EI falls to 0. It is highest next to the best known network (place 20):
# the model expects much there, and is not sure. The upper confidence bound is high wherever the band is wide.

# %%
Quiz(exercises.known_again)

# %% [markdown]
# Now the dial: 400 walks, three known places drawn at random, and eight trials. How far is the best of these below the
# best of its walk? **Chance** begins with the same places and draws eight others. We measure the share of chance's
# regret that a dial saves. At 1, no regret is left. At 0, the model is no better than chance.


# %%
def regret_of(dial, X, truth, known):
    *_, last = looks(dial, X, truth, known)
    return truth.max() - truth[[*last.known, last.chosen]].max()


def regret_of_chance(X, truth, known):
    rng = np.random.default_rng(known)
    free = [place for place in rng.permutation(24) if place not in known]
    return truth.max() - truth[[*known, *free[:8]]].max()


# %%
def one_walk(seed):
    walk = wander(seed)
    X = np.array([space.encode(a) for a in walk], float)
    start = np.random.default_rng(seed).permutation(24)[:3].tolist()
    return X, [table.row(a) for a in walk], start


walks = [one_walk(seed) for seed in range(1, 401)]

# %%
saved = {}
for name in TASKS:
    s = table.scores(name)
    runs = [(X, s[rows], start) for X, rows, start in walks]
    chance = np.array([regret_of_chance(*run) for run in runs])
    found = {d: [regret_of(d, *run) for run in runs] for d in dials}
    saved[name] = {d: (chance - found[d]) / chance.mean() for d in dials}

# %%
ax = figures.dial(saved)

# %%
for name in ("what/digits", "same/digits", "gratings/angle"):
    share = interval(saved[name][2])
    claim(f"{name}: dial 2 saves {share:.2f}", share.low > 0)

# %%
more = {n: interval(share[8] - share[0]) for n, share in saved.items()}
for name, gain in more.items():
    print(f"{name}: dial 8 less dial 0, {gain:.2f}")
claim("exploring pays on same/digits", more["same/digits"].low > 0)

# %% [markdown]
# On three tasks, the model helps: it saves about half of chance's regret, or more. On `where/digits`, it saves little
# or nothing. And the dial? On `same/digits`, exploring pays. On `what/digits`, it does not. So first ask whether the
# model helps at all. Then the right dial depends on the task. EI needs no such choice.
#
# ## 4 · TPE: two densities instead of one model
#
# TPE (Bergstra and others, 2011) turns the question around. It does not ask for the score of a network. It asks which
# choices are frequent among the *good* networks, and rare among the others:
#
# $$\text{worth of } a = \frac{l(a)}{g(a)}$$
#
# $l$ is the density of the good networks that we know, $g$ that of the rest. The paper shows that the expected
# improvement grows with this ratio. Here the best quarter is good. (Our controller `tpe` is Optuna's: there, it is the
# best tenth.) If we count how often each choice stands in each place, TPE needs five lines:

# %%
every = np.array([space.encode(a) for a in table.architectures], float)


def log_ratio(known, y, share=0.25):
    good = y >= np.quantile(y, 1 - share)
    counts = every[known][good].sum(0), every[known][~good].sum(0)
    L, G = ((count + 1) / (count + 1).sum() for count in counts)
    return every @ np.log(L / G)


# %%
def ranked(seed, scores):
    known = np.random.default_rng(seed).permutation(len(table))[:50]
    rest = np.setdiff1d(np.arange(len(table)), known)
    said = log_ratio(known, scores[known])
    return judged_by(said[rest], scores[rest])


# %%
for name in TASKS:
    s = table.scores(name)
    by_tpe = np.array([ranked(seed, s) for seed in range(20)])
    rank, top = interval(by_tpe[:, 0]), interval(by_tpe[:, 1])
    words = f"{name}: rank correlation {rank:.2f}, precision {top:.2f}"
    claim(words, rank.low > 0.2 and top.low > 0.1)

# %% [markdown]
# TPE saw 50 networks and ordered the other 1,138. Without a model, the rank correlation would be 0 and the precision at
# the top 0.05. No score enters the two densities, only the order. So TPE does not care how far ahead a network is.
#
# ## 5 · An ensemble, and what it sees
#
# A Gaussian process needs a kernel, and its time grows with the cube of the number of known scores. BANANAS (White,
# Neiswanger and Savani, 2021) takes an **ensemble** instead. Several models learn the same scores, and each makes other
# mistakes. Their mean is what we expect, and their disagreement is the spread. Then:
#
# 1. Fit the ensemble to all scores so far.
# 2. Mutate the best networks: these are the candidates.
# 3. For each candidate, draw a score from its mean and spread, and train the one with the highest draw.
#
# Step 3 is **independent Thompson sampling**. Our controller `predictor` (`nasedu/controllers/predictor.py`) has
# models, encodings and acquisition functions by name. The paper's models are neural networks. Ours are cheaper:
#
# - A **ridge regression** is linear: it gives each entry of the vector a weight, and prefers small weights.
# - A **tree** asks one yes-or-no question after another.
#
# The paper stresses the encoding. **One-hot** says which choice stands in which place. The **path encoding** has a bit
# for each path from input to output, named by its operations. In a cell, a path keeps its name wherever it runs. Here
# is a cell of lesson 01. The edge `none` carries nothing, so two paths are left:

# %%
cell = nasedu.spaces.load("cell-201", nasedu.tasks.load("digits"))
some_cell = cell.hand_picked()[0]
for path in cell.paths(some_cell):
    print("a path:", " → ".join(path))
nasedu.show(cell.draw_cell(some_cell))

# %% [markdown]
# The atlas holds chains. A chain has one path only, so its bit tells nothing about other chains. We take its pieces
# instead: each run of one to three layers, wherever it stands. This is our extension, and not the paper's.
#
# ## 6 · How to judge a predictor
#
# The usual number is the rank correlation. But a search never trains most networks. It needs the best ones. So we also
# look at the precision at the top.
#
# Two models with two encodings are four predictors: five ridge regressions or five trees, one-hot or paths. They learn
# from 50 networks, on all 16 tasks, with three seeds each.

# %%
tasks, seeds = table.tasks, range(3)
found = {}
for kind in KINDS:
    of = {t: np.array([judged(kind, t, s) for s in seeds]) for t in tasks}
    found[kind] = of


def mean_of(kind, task):
    return found[kind][task].mean(0)


# %%
def agree(one, other):  # on each task: do both numbers prefer the same?
    gaps = [mean_of(one, t) - mean_of(other, t) for t in tasks]
    return [np.sign(gap[0]) == np.sign(gap[1]) for gap in gaps]


pairs = list(combinations(KINDS, 2))
share = np.mean([agree(*pair) for pair in pairs])

# %%
linear, trees = "ridge, path", "trees, one-hot"
ax = figures.judged(found, joined=(linear, trees))
words = f"{len(pairs)} pairs on 16 tasks: they agree in {share:.0%}"
because = asserted(words, share < 0.8)
answer = closest(exercises.agreement, [0.95, 0.8, 0.6], share)
Reveal(exercises.agreement, answer, because=because, show=ax)

# %% [markdown]
# Each marker is a predictor on one task. Each grey line joins two predictors on the same task. A line that rises to the
# right: both numbers prefer the same one. Some lines fall. Two numbers without any relation would agree in 50%. So the
# rank correlation is a first look, and no more.
#
# Which predictor finds better networks? Each names ten networks, and we take the best of them: `found` is its regret.
# On `what/digits`, thirty seeds:


# %%
def runs_of(kind, task="what/digits"):
    return np.array([judged(kind, task, seed) for seed in range(30)])


runs = {kind: runs_of(kind) for kind in KINDS}
for kind, of in runs.items():
    rank, top, regret = (interval(column) for column in of.T)
    print(f"{kind}: rank {rank:.2f}, top {top:.2f}, found {regret:.3f}")
rank, top, regret = map(interval, (runs[linear] - runs[trees]).T)
claim(f"{linear}: ranks better, by {rank:.2f}", rank.low > 0)
claim(f"yet its ten are worse, by {regret}", regret.low > 0)

# %% [markdown]
# `ridge, path` has the highest rank correlation of the four, and the lowest precision at the top. Most networks are
# weak or middling, and a rank correlation counts them all. With one-hot, the same regression is better at the top.
# Perhaps the best chains need a layer in a certain place, which a path does not say. We did not test this explanation.
#
# Now the four predictors over all tasks: mean and interval of 16 tasks. `found` is the regret of the best of ten.

# %%
for kind in KINDS:
    runs = np.array([mean_of(kind, task) for task in tasks])
    rank, top, regret = (interval(column) for column in runs.T)
    print(f"{kind}: rank {rank:.2f}, top {top:.2f}, found {regret:.3f}")
less = [mean_of(linear, t) - mean_of("ridge, one-hot", t) for t in tasks]
rank, top, regret = (interval(column) for column in np.transpose(less))
print(f"ridge, paths less one-hot: rank {rank}, regret {regret}")

# %% [markdown]
# With paths, a ridge regression ranks a little better. What it finds is not better. On these chains, with our pieces,
# the encoding does not decide.
#
# And in cells? The paper reports, for the cells of NAS-Bench-101, that its networks predict better from paths than from
# a list of edges and operations. White and others (2020) studied this further: which encoding is best depends on the
# part of the search that uses it. We trained 150 cells of lesson 01, once each. The models learned from 50 of them, and
# ranked the other 100. With paths, the rank correlation of ridge regressions was 0.61 (one-hot: 0.56), of trees 0.46
# (0.40), and of small neural networks 0.57 (0.60). So paths helped the two simpler models a little.
# ([RESULTS.md](../tests/benchmarks/RESULTS.md), *One-hot or path encoding*.)
#
# ## 7 · Does the model pay?
#
# Now the search: 50 networks for each controller, 30 seeds. A fifth task is NAS-Bench-Macro (Su and others, 2021):
# 6,561 networks that other people trained on CIFAR-10. This table does not come with nasedu, so we recorded all races.
# (`python -m tests.benchmarks predictor` runs them again, where the table is there. Its scores are test accuracies: it
# has no validation split.)
#
# - `random` and `local-search` have no model.
# - `tpe` and `gp` are Optuna's. In chains of different length, `gp` models only choices that all chains share, and
#   draws the others at random. It is slow, so it ran with five seeds, and is not in the figure.
# - `gp-cold` is what you saw in sections 2 and 3: a Gaussian process and EI, for all networks of the space. It also
#   fits the length $\ell$, learns ranks instead of scores, and counts how often each choice occurs.
# - `predictor` is the ensemble of section 5: five ridge regressions, with both encodings.

# %%
raced = recorded()
rivals = ["random", "local-search", "tpe", "gp-cold"]
rivals += ["predictor, one-hot", "predictor, path"]
shown = {n: {r: of[r] for r in rivals} for n, of in raced.items()}
ax = figures.raced(shown)


# %%
def leads(rival):
    gaps = {n: of["local-search"] - of[rival] for n, of in raced.items()}
    return {name: interval(gap) for name, gap in gaps.items()}


for rival in ("gp-cold", "predictor, one-hot"):
    print(f"{rival} is ahead of local-search by")
    for name, lead in leads(rival).items():
        print(f"    {name}: {lead:.4f}")

# %%
lead = leads("gp-cold")
for name in ("what/digits", "gratings/angle", "NAS-Bench-Macro"):
    claim(f"{name}: gp-cold is clearly ahead", lead[name].low > 0)
never = raced["same/digits"]["gp-cold"].max()
claim("same/digits: it found the best in each run", never == 0)

# %%
two = ["local-search", "gp-cold"]
again = nasedu.race(space, table, two, 50, 3, task=TASKS[0])
for name, regret in again.at(50, of="regret").items():
    same = np.allclose(regret, raced[TASKS[0]][name][:3], atol=1e-5)
    claim(f"{name}: three runs again are as recorded", same)

# %% [markdown]
# Lower is better. At 0, all runs found the best network of all. The dotted line is random search. On three tasks,
# `gp-cold` is clearly ahead of local search. On `same/digits`, it never missed the best network. On `where/digits`,
# even random search is so close to the best that its lead is tiny. So a model can pay. The ensemble is level with local
# search, or slightly behind: its model does not pay.
#
# Why? Not because of the start: `gp-cold` begins with 3 random networks, and `predictor` with 10. We gave each the
# start of the other:

# %%
swapped = ["gp-cold, 10 random first", "predictor, 3 random first"]
for name in ("gp-cold", "predictor, one-hot", *swapped):
    means = [of[name].mean() for of in raced.values()]
    print(f"{name:26}", *(f"{mean:.4f}" for mean in means))

# %% [markdown]
# The order stays. The two differ in more: in the model, in the acquisition function, and in the candidates. `predictor`
# asks about mutations of the five best networks, `gp-cold` about all networks. (In a large space, it asks about a
# sample, and the neighbours of each new best.) We did not separate these. And Optuna's Gaussian process?

# %%
for name, of in raced.items():
    share = of["gp"].mean() / of["random"].mean()
    print(f"{name}: gp has {share:.2f} of random's regret")

# %% [markdown]
# In the chains of the first three tasks, `gp` is no better than random search, and it models only a part of each
# chain. In NAS-Bench-Macro, all networks have eight layers, and `gp` is good. `gp` and `gp-cold` are both Gaussian
# processes, so the name of a method says little.
#
# One more warning. `random` builds a chain choice by choice. `random-uniform` draws each network equally often (lesson
# 01). After a dense layer, few choices are open, so `random` draws two dense layers more often. The best networks of
# `same/digits` have two. Both shares, and both regrets:

# %%
rng = np.random.default_rng(0)
drawn = [space.sample(rng) for _ in range(2000)]
for name, some in (("random", drawn), ("random-uniform", table.architectures)):
    two = np.mean([a.count("dense32") == 2 for a in some])
    regret = interval(raced["same/digits"][name])
    print(f"{name}: {two:.0%} with two dense layers, regret {regret}")

# %% [markdown]
# So say which random search was beaten.
#
# ## 8 · Hyperparameters, and which matters more
#
# A recipe is a walk, too: first a learning rate, then a batch size. So the same controllers tune recipes.
# `nasedu.tune` does it for one network. We try five learning rates for three networks, and ask: what makes the larger
# difference here, the rate or the architecture?

# %%
rates = [0.0003, 0.001, 0.003, 0.01, 0.03]
networks = {
    "pooled": ("conv3-8", "pool2", "stop"),
    "dense": ("conv3-8", "pool2", "dense32", "stop"),
    "deeper": ("conv3-8", "pool2", "conv3-8", "stop"),
}
options = {"filters": [8], "kernels": [3], "dense": [32]}
digits = nasedu.tasks.load("digits")
chains = nasedu.spaces.load("chain-cnn", digits, **options)

# %% tags=["torch"]
tuned = {}
settings = {"trials": 5, "epochs": 4, "controller": "grid"}
ranges = {"learning_rate": rates}
for name, network in networks.items():
    one = nasedu.tune(ranges, network, digits, space=chains, **settings)
    frame = one.trials_dataframe().sort_values("learning_rate", kind="stable")
    tuned[name] = frame["score"].tolist()
ax = figures.rates(tuned, rates)

# %% tags=["torch"]
cube = np.array(list(tuned.values()))  # networks × rates
for first, words in ((0, "all rates"), (2, "from 0.003 on")):
    some = cube[:, first:]
    by_rate = np.ptp(some.mean(axis=0))
    by_network = np.ptp(some.mean(axis=1))
    print(f"{words}: rates differ by {by_rate:.2f}", end=", ")
    print(f"networks by {by_network:.2f}")

# %% tags=["torch"]
by_rate, by_network = np.ptp(cube.mean(axis=0)), np.ptp(cube.mean(axis=1))
claim("over all rates, the rate matters more", by_rate > 4 * by_network)

# %% [markdown]
# Three networks and one seed are a small look. A large one is in HPOBench's tables (Eggensperger and others, 2021):
# 30,000 settings on each of eight tasks, with ten rates from 0.00001 to 1. The rate explains 51% to 61% of the variance
# of the scores, depth and width explain 1% to 4%. But take only the three best neighbouring rates, a factor of 13. Then
# the rate explains at most 1%, and depth and width explain 0% to 14%. The numbers stand in
# [RESULTS.md](../tests/benchmarks/RESULTS.md), in the section on the predictor.
#
# So *which matters more* has no answer without the ranges. A very wrong rate costs far more than a wrong depth or
# width. Near the best rate, it no longer matters. So before you compare architectures, tune the rate for each of them,
# or show that it makes no difference.

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.improvement

# %%
improvement = ...

# %%
exercises.improvement.check(improvement)

# %%
exercises.error


# %%
def error(X, y, known):
    places = range(len(X))
    total = 0
    for i in places:
        near = min(places, key=lambda j: abs(X[i] - X[j]))
        total += abs(y[i] - y[near])
    return total / len(places)


# %%
exercises.error.check(error)

# %%
exercises.refuted

# %%
refuted = ...

# %%
exercises.refuted.check(refuted)

# %% [markdown]
# ## What we have seen
#
# - A surrogate is a model of scores. To ask it costs little, and it says which network to train next.
# - A Gaussian process gives a mean and a band. Where the score is known, the band is closed, and the expected
#   improvement is 0. A dial from exploiting to exploring can matter only where the model helps.
# - TPE compares two densities. An ensemble takes its spread from the disagreement of its members.
# - Rank correlation and precision at the top are two different things, and a search needs the second.
# - A model can pay: a Gaussian process over all networks beats local search here. An ensemble does not. Local search
#   needs no model, and is the rival to beat.

# %% [markdown]
# ## Where it comes from
#
# - C. White, W. Neiswanger, Y. Savani, *BANANAS: Bayesian Optimization with Neural Architectures for Neural
#   Architecture Search*, AAAI 2021. Algorithm 1, and the path encoding.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021.
# - C. E. Rasmussen, C. K. I. Williams, *Gaussian Processes for Machine Learning*, MIT Press 2006. Algorithm 2.1.
# - D. R. Jones, M. Schonlau, W. J. Welch, *Efficient Global Optimization of Expensive Black-Box Functions*, 1998.
#   Equation 15.
# - J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, *Algorithms for Hyper-Parameter Optimization*, NIPS 2011. Section 4.
# - C. White, W. Neiswanger, S. Nolen, Y. Savani, *A Study on Encodings for Neural Architecture Search*, NeurIPS 2020.
# - X. Su and others, *Prioritized Architecture Sampling with Monte-Carlo Tree Search*, CVPR 2021: NAS-Bench-Macro.
# - K. Eggensperger and others, *HPOBench: A Collection of Reproducible Multi-Fidelity Benchmark Problems for HPO*,
#   NeurIPS 2021.

# %% [markdown]
# ## Where to go next
#
# [Lesson 08, a fair race](08_a_fair_race.ipynb) says when one search is better than another. In [lesson
# 15](15_meta_learned_search.ipynb), surrogates learn from earlier tasks. Back: [lesson 04, tabular
# Q-learning](04_tabular_q_learning.ipynb).
