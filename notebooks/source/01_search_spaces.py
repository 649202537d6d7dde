# %% [markdown]
# # 01 · Search spaces
#
# **What you will be able to do.** Write a search space in four methods. Count its architectures without a list. Tell
# when two architectures are one network. Measure whether neighbours score alike.
#
# **How long.** Twenty-five minutes to read and play, thirty for the exercises. The page runs in half a minute on two
# cores.
#
# **What you need first.** Lesson 00: what an architecture and a score are. Python classes.
#
# ## The question
#
# This drawing is the best-known cell of the field. It comes from NAS-Bench-201 (Dong and Yang 2020). On each of its
# six edges stands one of five operations. What does the space of all such cells hold?

# %%
import matplotlib.pyplot as plt
import numpy as np

import nasedu
from nasedu import plots, spaces, tasks, trainers
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_01 import exercises
from nasedu.widgets import Explorer, Predict, Quiz, Reveal

task = tasks.load("digits")
cells = spaces.load("cell-201", task)
residual = cells.hand_picked()[0]
nasedu.show(cells.draw_cell(residual))

# %%
Predict(exercises.different)

# %% [markdown]
# ## 1 · Build one, choice by choice
#
# We begin with a simpler space: the chains of lesson 00. Each button is a **choice**. A complete row of choices is
# an **architecture**.
#
# Some buttons are crossed out: these choices are illegal now. Point at one to read why. Then try two things. Reach a
# dense layer with as few parameters as possible. Reach a layer whose image is a single pixel.

# %%
chain = spaces.load("chain-cnn", task)
Explorer(chain, architecture=("conv3-16", "pool2"))

# %% [markdown]
# An illegal choice is never offered. Therefore each complete walk builds a network that runs. The rules come from
# MetaQNN (Baker et al. 2017). The space itself knows them:

# %% tags=["nbval-check-output"]
for choice in ("pool2", "dense64"):
    print(chain.why_not(chain.start(), choice))

# %% [markdown]
# <details><summary>What else could be a choice?</summary>
#
# A space offers layers, widths, activations, or connections between layers. The learning rate, the batch size and the
# number of epochs are no part of an architecture. They are *hyperparameters*. A fair comparison of architectures
# keeps them fixed. `nasedu.tune` searches them.
#
# </details>
#
# ## 2 · A space of your own, in four methods
#
# We believe that a good network for digits *narrows*: each layer has fewer units than the layer before. Which
# networks are these? A program needs answers to four questions.
#
# | question | method |
# |---|---|
# | Where do I begin? | `start` |
# | What may I choose now? | `choices` |
# | Where does this choice lead? | `step` |
# | What have I built? | `build` |
#
# The answers depend on the **state**. Here the state is the width of the last layer: 64 pixels at the start, 0 after
# `stop`. Two small functions come first: which widths are narrower, and how widths become a network in plain PyTorch.

# %%
from itertools import pairwise

from torch import nn


def narrower(width):
    return [str(n) for n in (32, 16, 8) if n < width]


def network(sizes):
    layers = [nn.Flatten()]
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


# %% [markdown]
# Now the space: one method for each question. Where `choices` is empty, the network is complete.


# %%
class Narrowing(nasedu.Space):
    input_shape = (1, 8, 8)

    def start(self):
        return 64

    def choices(self, state):
        return (*narrower(state), "stop") if state else ()

    def step(self, state, choice):
        return 0 if choice == "stop" else int(choice)

    def build(self, architecture):
        return network([64, *map(int, architecture[:-1]), 10])


# %% [markdown]
# That is all. The explorer has never seen this space, and it works. Can you reach a layer of 16 units after a layer
# of 8?

# %%
narrowing = Narrowing()
Explorer(narrowing, architecture=("32", "8"))

# %% [markdown]
# The figure shows the whole space. A dot is a state. An arrow is a choice. Each path from left to right is one
# architecture.

# %%
ax = plots.decisions(narrowing)

# %% [markdown]
# A trainer only needs `build`. So it can train all of them:

# %%
trainer = trainers.load("sequential", narrowing, task)
evaluations = trainer(list(narrowing.enumerate()), epochs=6, seed=0)
ax = plots.by_size(evaluations)
best = max(evaluations, key=lambda e: e.score)
sentence = f"best of {len(evaluations)} networks: {' '.join(best.architecture)}"
claim(sentence, all(e.ok for e in evaluations))

# %% [markdown]
# The best of these eight is `stop` alone: no hidden layer, a linear classifier. But do not rank them yet. One seed and
# six epochs are too little: lesson 02 shows why.
#
# <details><summary>What belongs in a state?</summary>
#
# A state holds exactly what the future depends on. Suppose that it held less, such as the number of layers. Then we
# could not tell which widths are still open. Suppose that it held more, such as all layers so far. Then nothing would
# be wrong, but a program would count, store and learn the same thing many times.
#
# </details>
#
# ## 3 · Count without a list
#
# Look at the numbers in the dots. The number in a dot is the sum of the numbers to which its arrows lead. The last
# dot, a complete network, counts 1. Write $N(s)$ for the number of a state $s$, and $s_c$ for the state after choice
# $c$:
#
# <!-- equation: ways -->
# $$N(s) = \sum_{c} N(s_c)$$
#
# In code, this is one line. `cache` remembers each number, so each state is counted once. This is *dynamic
# programming*. We check it on the chains of section 1 against a plain list:

# %% tags=["nbval-check-output"]
from functools import cache


@cache
def ways(state):
    following = chain.moves(state).values()
    return sum(ways(after) for after in following) if following else 1


counted, listed = ways(chain.start()), sum(1 for _ in chain.enumerate())
claim(f"counted {counted:,}, listed {listed:,}", counted == listed)
visited = ways.cache_info().currsize
claim(f"and only {visited} states were visited", visited < 100)

# %% [markdown]
# How fast does a space grow with its depth? The axis upwards is logarithmic.

# %%
from nasedu.spaces import counting

depths = range(1, 13)
deeper = [spaces.load("chain-cnn", task, depth=depth) for depth in depths]
numbers = {"architectures": [one.size() for one in deeper]}
numbers["states"] = [len(counting.counts(one)) for one in deeper]
look = {"xlabel": "most layers", "ylabel": "number", "yscale": "log"}
ax = plots.lines(depths, numbers, **look)

# %% [markdown]
# Each further layer multiplies the architectures, and adds only a few states. In lesson 04 a table has one row for
# each state. That is why the table is small.
#
# One warning. `sample` draws a random network: at each state, each open choice is equally likely.

# %%
Quiz(exercises.one_behind_a_door)

# %% [markdown]
# So a random walk is not a fair draw of architectures. With the counts, `nth(k)` draws fairly:

# %% tags=["nbval-check-output"]
rng = np.random.default_rng(0)
places = rng.integers(chain.size(), size=2000)
fair = interval(len(chain.nth(int(k))) == 7 for k in places)
walked = interval(len(chain.sample(rng)) == 7 for _ in range(2000))
sentence = f"with six layers: {fair:.2f} of fair draws, {walked:.2f} of walks"
claim(sentence, fair.low > 2 * walked.high)

# %% [markdown]
# These are two different kinds of random search. If a paper beats "random search", ask which one. In this course,
# random search is the walk: the controller `random`. The controller `random-uniform` draws fairly.
#
# ## 4 · The cell: a graph instead of a chain
#
# In a chain each layer reads the layer before it. Good networks also have *shortcuts* (He et al. 2016). Then the
# network is a graph. A large graph has too many edges to search. So most searches look for one small graph, a
# **cell**, and repeat the cell.
#
# The cell of NAS-Bench-201 has four nodes. Node 0 is the input, and node 3 is the output. A node adds up what
# arrives. An architecture names six operations, one for each edge, in this order: 0→1; 0→2, 1→2; 0→3, 1→3, 2→3. So
# first comes the edge into node 1, then the edges into node 2, then those into node 3. The drawing numbers the edges
# 1 to 6.
#
# Choose the three missing operations. Bold arrows carry the input to the output.

# %%
Explorer(cells, architecture=residual[:3])

# %% [markdown]
# After the sixth choice, the network appears below the cell. It repeats the cell with 8, 16 and 32 channels. All
# three copies have the same six operations: this keeps the space small. With $v$ nodes there are $v(v-1)/2$ edges. On
# each edge stands one of $o$ operations:
#
# <!-- equation: cells -->
# $$n = o^{v (v - 1) / 2}$$

# %% tags=["nbval-check-output"]
whole = 5 ** (4 * 3 // 2)
claim(f"5 operations on 6 edges: {whole:,} cells", cells.size() == whole)

# %% [markdown]
# ## 5 · Do two names make two networks?
#
# Here are two cells. `over_1` goes over node 1:

# %%
conv, skip = "nor_conv_3x3", "skip_connect"
over_1 = (conv, "none", "none", "none", skip, "none")
nasedu.show(cells.draw_cell(over_1))

# %% [markdown]
# And `over_2` goes over node 2:

# %%
over_2 = ("none", conv, "none", "none", "none", skip)
nasedu.show(cells.draw_cell(over_2))

# %% [markdown]
# As tuples they are different. Are they different networks? We train both from the same seed.

# %%
trainer = trainers.load("sequential", cells, task)
first, second = trainer([over_1, over_2], epochs=4, seed=0)
ax = plots.curve(first, label="over node 1")
ax.lines[0].set(linewidth=9, alpha=0.35)
plots.curve(second, ax, label="over node 2")
claim("both curves agree to the last digit", first.curve == second.curve)

# %% [markdown]
# One network, two names. A search that does not know this pays twice. How many *different* networks are there? We
# need a rule that says when two cells are equal. Write each cell as a formula of its input `x`. `none` gives zero. A
# skip passes its node on. The terms of a sum are sorted, because their order does not matter:


# %%
def term(operation, node):
    if operation == "none" or node == "zero":
        return "zero"
    return node if operation == skip else f"({node})@{operation}"


# %% [markdown]
# Node by node, the formula of the output grows:


# %%
def formula(cell):
    nodes, names = ["x"], iter(cell)
    for node in (1, 2, 3):
        terms = [term(next(names), nodes[i]) for i in range(node)]
        terms = sorted(t for t in terms if t != "zero") or ["zero"]
        nodes.append("+".join(terms))
    return nodes[-1]


# %% tags=["nbval-check-output"]
for cell in (over_1, over_2, residual):
    print(formula(cell))

# %% [markdown]
# Cells with equal formulas count as one. Now we write down all formulas, and count the different ones. Your
# prediction?

# %%
names = [formula(cell) for cell in cells.enumerate()]
different = len(set(names))
authors = len({cells.canonical(cell) for cell in cells.enumerate()})
answer = exercises.different.choices[1 + (different < len(names) / 2)]
sentence = f"our rule: {different:,}; the authors' rule: {authors:,}"
counted = asserted(sentence, different < authors < len(names))

# %%
counts = {"different networks": different, "names": len(names)}
_, ax = plt.subplots(figsize=(7, 1.8), layout="constrained")
ax.bar_label(ax.barh(list(counts), list(counts.values())), fmt="{:,.0f}")
Reveal(exercises.different, answer, show=[ax, counted])

# %% [markdown]
# The authors' rule keeps zeros in the sums, and so it calls `over_1` and `over_2` different. Their count is the one
# in the literature.
#
# <details><summary>Is our count the truth?</summary>
#
# No, it errs both ways. The formula does not see whether two equal terms are one layer or two. So it sometimes calls
# different networks equal. It does not see all regroupings of a sum. So it sometimes calls equal networks different.
# One more point: a trained convolution of zeros can add a constant, because normalisation does.
#
# </details>
#
# Does it matter? Draw 1,000 random cells with each of twenty seeds, and count the networks. If all names were
# different networks, $k$ draws out of $n$ would hold $n (1 - (1 - 1/n)^k)$ on average.

# %% tags=["nbval-check-output"]
n, k = cells.size(), 1000
expected = n * (1 - (1 - 1 / n) ** k)
rngs = [np.random.default_rng(seed) for seed in range(20)]
drawn = [{formula(cells.sample(r)) for _ in range(k)} for r in rngs]
found = interval(map(len, drawn))
sentence = f"{k:,} draws hold {found:.0f} networks, not {expected:.0f}"
claim(sentence, found.high < 0.6 * expected)
most = np.unique(names, return_counts=True)[1].max()
claim(f"one network has {most} names", most > 400)

# %% [markdown]
# Almost every second training would be wasted. Simple networks have most names. The remedy is short: look up
# `canonical` before you train.
#
# ## 6 · Other families, the same four methods
#
# A *recurrent* network reads a sequence step by step. A *Transformer* sees all steps at once (Vaswani et al. 2017).
# This Transformer reads our digits row by row. One rule is new: the number of heads must divide the width. Click on
# `layers1` to go back. Choose another width. Which heads are open now?

# %%
attention = spaces.load("attention", task)
rest = ("heads3", "ff2", "norm-first", "mean")
Explorer(attention, architecture=("layers1", "width24", *rest))

# %% [markdown]
# The state keeps the width only until the heads are chosen. After that, nothing depends on the width.
#
# These are all spaces of this course on one task, by their number of architectures:

# %%
sizes = {name: spaces.load(name, task).size() for name in spaces.registry}
ax = plots.bars(sizes)
few = len(counting.counts(spaces.load("darts", task)))
claim(f"darts: {sizes['darts']:.1e} architectures, {few} states", few < 100)

# %% [markdown]
# The largest is DARTS (Liu et al. 2019), which searches two cells at once. `size` answers immediately, because there
# are few states.
#
# ## 7 · Do neighbours score alike?
#
# A **neighbour** is one edit away: one choice replaced, inserted or removed. A clever search assumes that good
# networks have good neighbours. We can test this. The *atlas* is a table of 1,188 small chains with their true scores
# on 16 tasks, from three seeds each.
#
# Walk in this landscape yourself. The task: read a digit under noise. Move to the best neighbour, again and again.
# Where do you get stuck, and how far below the best?

# %%
from nasedu.tables.atlas import atlas

table = atlas()
small = table.space
centre = ("conv3-8", "pool2", "dense32", "stop")
Explorer(small, table, "noisy-pixels/digits", architecture=centre)

# %% [markdown]
# Now measure it. Take two neighbours, and look at the difference of their scores. Compare it with two *strangers*,
# drawn at random. What do you expect?

# %%
Predict(exercises.smooth)

# %% [markdown]
# We also take the *same* network from two seeds: that difference is noise. The figure has a line for each task.

# %%
from nasedu.tables import landscape

near = landscape.neighbour_rows(table)
i = np.repeat(range(len(near)), [len(rows) for rows in near])
j = np.concatenate(near)
strangers = np.random.default_rng(0).integers(len(table), size=len(j))
last = table.values[:, :, :, -1]  # (architectures, tasks, seeds)
pairs = {"same, other seed": i, "neighbours": j, "strangers": strangers}
one, two = last[:, :, 0], last[:, :, 1]  # two seeds
apart = [np.abs(one[i] - two[k]).mean(axis=0) for k in pairs.values()]

# %%
_, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.plot(list(pairs), apart, "o-", color=plots.BLUE, alpha=0.5)
_ = ax.set_ylabel("mean difference in score")
share = interval(apart[1] / apart[2])
between = share.low > 0.4 and share.high < 0.8
sentence = f"neighbours differ {share:.2f} times as much as strangers"
found = asserted(f"{sentence}, over 16 tasks", between)
Reveal(exercises.smooth, exercises.smooth.choices[1], show=[ax, found])

# %%
rising = bool(np.all(np.diff(apart, axis=0) > 0))
claim("on every task: same < neighbours < strangers", rising)

# %% [markdown]
# A neighbour's score tells something, but not everything. How far does the similarity reach? Walk from neighbour to
# random neighbour. Compare the scores before and after $k$ steps (Weinberger 1990):

# %%
mean = last.mean(axis=2)  # (architectures, tasks)
met = mean[landscape.random_walk(table, steps=20_000)]
steps = range(1, 9)
alike = [interval(landscape.autocorrelation(met, k)) for k in steps]
ax = plots.band(steps, alike)
_ = ax.set(xlabel="steps", ylabel="correlation of scores", ylim=(0, 1))
sentence = f"one step: {alike[0]:.2f}; eight steps: {alike[7]:.2f}"
claim(sentence, alike[0].low > 0.5 and alike[7].high < 0.2)

# %% [markdown]
# A search on this space should take small steps. After eight edits it knows almost nothing.
#
# ## 8 · Is a larger space better?
#
# The best network of a larger space is at least as good. But a search has to *find* it. We cut the atlas's space in two
# ways: only 3 × 3 convolutions, or only 1 × 1. How far from the best network of the whole space do we end? We ask this
# of the best network in the cut, and of the best of ten random ones in the cut (a mean of 200 draws).

# %%
Predict(exercises.smaller)

# %%
from nasedu.building.atlas import ATLAS


def distances(kernels):
    options = {**ATLAS.space_parameters, "kernels": kernels}
    cut = type(small)(small.input_shape, 10, **options)
    rows = np.array([table.row(a) for a in cut.enumerate()])
    rng = np.random.default_rng(0)
    tens = [rng.choice(rows, 10, replace=False) for _ in range(200)]
    of_ten = mean[np.array(tens)].max(axis=1).mean(axis=0)
    return mean.max(axis=0) - mean[rows].max(axis=0), mean.max(axis=0) - of_ten


# %%
cuts = {"1×1 and 3×3": [1, 3], "only 3×3": [3], "only 1×1": [1]}
results = {name: distances(kernels) for name, kernels in cuts.items()}
both, threes, ones = results.values()
lost, won = interval(threes[0]), interval(both[1] - threes[1])

# %%
ax = None
for place, label in enumerate(("the best there is", "the best of ten")):
    rows = {name: interval(pair[place]) for name, pair in results.items()}
    ax = plots.whiskers(rows, ax, label)
_ = ax.set_xlabel("distance from the best network of the whole space")
sentence = f"only 3×3: best loses {lost}, best of ten gains {won}"
gains = asserted(sentence, won.low > 0)
Reveal(exercises.smaller, exercises.smaller.choices[1], show=[ax, gains])

# %% [markdown]
# The whiskers are wide, because tasks differ. So the sentence compares on the same task. And the other cut?

# %%
missing = interval(ones[0])
claim(f"only 1×1: best loses {missing}", missing.low > lost.high)
print("but 1×1 wins on:", *np.array(table.tasks)[ones[0] < threes[0]])

# %% [markdown]
# One cut makes the search easier, and costs almost nothing. The other throws away what most tasks need. On two tasks it
# is the other way round. A space is a belief, and no search inside corrects a wrong one. So compare each search with
# random search *in the same space*: a lucky space makes every search look clever (lesson 08).

# %% [markdown]
# ## Exercises
#
# Fill in a cell, then run the check below it.

# %%
exercises.how_many

# %%
how_many = ...

# %%
exercises.how_many.check(how_many)

# %%
exercises.count


# %%
def count(leads_to, state):
    return ...


# %%
exercises.count.check(count)

# %%
exercises.alternating


# %%
class Alternating:
    def start(self):
        return ...

    def choices(self, state):
        return ...

    def step(self, state, choice):
        return ...

    def build(self, architecture):
        return ...


# %%
exercises.alternating.check(Alternating)

# %%
exercises.twins

# %%
twins = ...

# %%
exercises.twins.check(twins)

# %%
exercises.dead_cell

# %%
dead_cell = ...

# %%
exercises.dead_cell.check(dead_cell)

# %% [markdown]
# ## What we have seen
#
# - A space is four methods: `start`, `choices`, `step`, `build`. The base class derives the rest: counting, sampling,
#   neighbours, the explorer.
# - A state holds exactly what the future depends on. Few states count a very large space.
# - An architecture of NAS-Bench-201 is six operations in a fixed order of edges. Fewer than half of the 15,625 names
#   are different networks.
# - Neighbours score more alike than strangers, and less alike than one network twice.
# - A space is a belief. A larger space holds better networks, and hides them better.

# %% [markdown]
# ## Where it comes from
#
# - T. Elsken, J. H. Metzen, F. Hutter, *Neural Architecture Search: A Survey*, JMLR 20(55), 2019. Section 2: spaces.
# - B. Baker, O. Gupta, N. Naik, R. Raskar, *Designing Neural Network Architectures using Reinforcement Learning*,
#   ICLR 2017. Section 4 and appendix B: the chains and their rules.
# - X. Dong, Y. Yang, *NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search*, ICLR 2020.
#   Section 2: the cell. The rule for equal cells is `to_unique_str` in their code.
# - K. He, X. Zhang, S. Ren, J. Sun, *Deep Residual Learning for Image Recognition*, CVPR 2016. Section 3: shortcuts.
# - H. Liu, K. Simonyan, Y. Yang, *DARTS: Differentiable Architecture Search*, ICLR 2019. Section 2.1: its cells.
# - A. Vaswani and others, *Attention Is All You Need*, NIPS 2017. Section 3: layers, heads and width.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021. Section 3:
#   neighbours.
# - E. Weinberger, *Correlated and Uncorrelated Fitness Landscapes and How to Tell the Difference*, Biological
#   Cybernetics 63, 1990.

# %% [markdown]
# ## Where to go next
#
# [Lesson 02, what is one architecture worth?](02_what_is_one_architecture_worth.ipynb) takes one score apart: how far
# can it be trusted? All spaces in a terminal: `nasedu spaces`. Back: [lesson 00, a search in ten
# minutes](00_a_search_in_ten_minutes.ipynb).
