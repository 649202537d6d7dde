# %% [markdown]
# # 01 · Search spaces
#
# **What you will be able to do.** Say which choices make a network, and write them down as a space in four methods.
# Count the architectures of a space without listing them. Recognise two architectures that are one network. Say what
# a neighbour is, and measure whether neighbours score alike, which is what every clever search relies on.
#
# **How long.** Forty minutes to read and run, thirty more for the exercises. The page itself runs in about half a
# minute on two processor cores.
#
# **What you need first.** Lesson 00: what a space, a trainer and a score are. Python classes.
#
# ## The question
#
# In lesson 00 a search found a network in a space that was simply there. Somebody had written it, and with it had
# decided what the search could find at all: no method, however clever, finds a network that its space does not hold.
# And a space that holds everything would be of no use, for then the search would drown. In between lies a craft, and
# this lesson is about it.
#
# We begin with the plainest choices there are, build a space in front of you, learn to count, and then meet a famous
# space in which appearances deceive. It is made of small graphs called cells. Here is the question about it, before
# anything is computed. Take a guess, it is written down and comes back in section 6.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nasedu
from nasedu import plots, spaces, tasks, trainers
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_01 import exercises
from nasedu.tables.atlas import atlas
from nasedu.widgets import Explorer, Predict, Quiz, Reveal

Predict(exercises.different)

# %% [markdown]
# ## 1 · What there is to choose
#
# What makes one network different from another, before it has seen a single example? Four things, mostly.
#
# - **Layers**: how many there are, and of which kind: dense, convolution, pooling, recurrence, attention.
# - **Widths**: how many units a dense layer has, how many filters a convolution.
# - **Activations**: what bends the numbers between two layers. Without any, all layers together would be one matrix.
# - **Connections**: which layer reads from which. In a chain each reads from the one before; in a graph from several.
#
# How the network is *trained* is not among them. The learning rate, the batch size and the number of epochs are
# hyperparameters; they can be searched as well (`nasedu.tune`), and a fair search fixes them while it compares
# architectures. The space `mlp` offers the first three of the four. Its networks are multilayer perceptrons: dense
# layers in a row, for data of any shape, which is flattened first.

# %% tags=["nbval-check-output"]
task = tasks.load("digits")
mlp = spaces.load("mlp", task)
print("open at the start:", *mlp.choices(mlp.start()))

# %% [markdown]
# A choice is a short word that says a width and an activation, or `stop`. An **architecture** is a complete row of
# them. Below you see what `("64-relu", "16-tanh", "stop")` builds on our digits of 8 × 8 pixels. Nobody chose the
# last layer: ten digits need ten outputs, and the task says so. The drawing leaves activations out, since they change
# no shape and hold no parameters. They do change the network, and so `64-relu` and `64-tanh` are different choices.
# Check one number by hand: 64 pixels go into each of 64 units, and each unit adds a number of its own, its bias, so
# the first layer holds 65 × 64 parameters. In this network that is most of all there are.

# %%
nasedu.show(mlp.draw(("64-relu", "16-tanh", "stop")))

# %% [markdown]
# ## 2 · A space in four methods
#
# Suppose we believe that a good network for digits *narrows*: every layer has fewer units than the one before it. We
# would like to search among exactly these networks. What does a program have to know about them? Play it through as
# if you had to build one by hand, over the telephone, asking only what you need.
#
# *Where do I begin?* With nothing but the 64 pixels of the input. *What may I choose now?* A width below 64, say 32,
# 16 or 8, or to stop. *I choose 16; where does that leave me?* At a layer of 16 units, so that only smaller ones may
# follow. *I stop; what have I built?* A network. Four questions, four methods: `start`, `choices`, `step` and
# `build`.
#
# What the second and third answer depend on is called the **state**, and choosing it well is the art of the thing.
# Here it is the width of the last layer, and nothing else. How we came to a layer of 16 units, over 32 or directly,
# has no influence on what may follow. A state holds exactly what the future depends on. If it held less, say only the
# number of layers, we could not tell which widths are still open. If it held more, say all layers so far, nothing
# would be wrong, but the program would keep apart what is the same, and count, store and learn everything twice.
#
# First a function that is only about torch. Given the widths from input to output, it makes the network:

# %%
from itertools import pairwise

from torch import nn


def network(sizes):
    layers = [nn.Flatten()]
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


# %% [markdown]
# And now the space. Read each method as the answer to its question. The state 0 means that we have stopped: there the
# choices are empty, which is how a space says that a network is complete. `input_shape` is no method but a fact: the
# shape of one image, which the drawing and the trainer ask for.


# %%
class Narrowing(nasedu.Space):
    input_shape = (1, 8, 8)

    def start(self):
        return 64

    def choices(self, state):
        return (*(str(n) for n in (32, 16, 8) if n < state), "stop") if state else ()

    def step(self, state, choice):
        return 0 if choice == "stop" else int(choice)

    def build(self, architecture):
        return network([64, *map(int, architecture[:-1]), 10])


# %% [markdown]
# These ten lines are a *finite decision process*, the same thing that a board game for one player is. Everything else
# follows from them, and is written once for all spaces in the base class: drawing a network at random, reading an
# architecture and refusing a wrong one, counting, listing. Here is the whole space, listed:

# %% tags=["nbval-check-output"]
narrowing = Narrowing()
for architecture in narrowing.enumerate():
    print(*architecture)

# %% [markdown]
# Eight architectures, and we could have known: each of the three widths is either in or out, and the order is forced,
# so there are 2 × 2 × 2. The figure shows the space as a graph. A dot is a state, an arrow a choice, and the number
# in a dot says how many architectures can still come of it. Follow the arrows from the left to the green dot, and
# each way you can take is one of the lines above. Note that there are fewer dots than architectures, because many
# ways meet in one state.

# %%
ax = plots.decisions(narrowing)

# %% [markdown]
# Does a space of our own get on with the rest? The trainer has never heard of it. It asks for `build`, and that is
# all it needs. We train all eight networks for six epochs from one seed and look at score and size:

# %%
trainer = trainers.load("sequential", narrowing, task)
evaluations = trainer(list(narrowing.enumerate()), epochs=6, seed=0)
ax = plots.by_size(evaluations)
claim(f"{len(evaluations)} of {narrowing.size()} networks trained", all(e.ok for e in evaluations))

# %% [markdown]
# Look for the network without any hidden layer, `stop` alone: it is a linear classifier, and on these digits not a
# bad one. Its rivals differ from it, and from each other, in two ways at once: some are wider at the narrowest place,
# some have had more layers to train in the same six epochs. One seed is too little to rank them (lesson 02 says how
# little), and six epochs say little of sixty. But we have seen what such a space is: our belief in narrowing, and a
# choice like any other. Whoever writes a space writes a belief into it, and no search inside will ever question it.

# %% [markdown]
# ## 3 · Rules, and why a choice is closed
#
# `chain-cnn`, the space of lesson 00, follows MetaQNN (Baker et al. 2017). Its choices are convolutions, pooling,
# dense layers, global average pooling and `stop`, and they do not go together in every order: pooling needs something
# to pool, a convolution needs an image, and after a dense layer there is none. Such rules belong into `choices`. What
# is closed is then never offered, and every complete walk builds a network that runs.
#
# To *know* that something is closed is one thing, to know why is another. `why_not` says why. (The last one asks for
# windows of 5 × 5, more than half of our small images; this space leaves such windows out from the beginning.)

# %% tags=["nbval-check-output"]
chain = spaces.load("chain-cnn", task)
for choice in ("pool2", "dense64", "conv5-16"):
    print(chain.why_not(chain.start(), choice))

# %% [markdown]
# How much do the rules rule out? Suppose that every layer could stand anywhere. With one place there would be as many
# networks as kinds of layer, with two places that number squared, and so on up to six places. We add it all up and
# compare with what the rules leave. The rest is ruled out. Some of it would not run, and some would run well and is
# not what the authors of the space believed in:

# %% tags=["nbval-check-output"]
kinds = len(chain.vocabulary()[0]) - 1  # all choices but stop
anything = sum(kinds**layers for layers in range(chain.depth + 1))
kept = chain.size() / anything
claim(f"{chain.size():,} of {anything:,} sequences obey the rules, {kept:.1%}", kept < 0.1)

# %% [markdown]
# Build one yourself. In the explorer every choice of the space has a button. One that is not open is greyed, and
# tells you why when you point at it or press it. The drawing, the shapes and the number of parameters follow each
# choice. Try to reach a dense layer while the image is as large as possible; then with as few parameters as possible.
# Can you build a network in which a layer sees an image of a single pixel? You will need one in exercise 4.

# %%
Explorer(chain, architecture=("conv3-16", "pool2"))

# %% [markdown]
# ## 4 · Counting without listing
#
# How did `size` know that number? Listing a quarter of a million architectures takes a moment, and the largest space
# of section 7 could not be listed in a lifetime. There is no need to. What goes on from a state goes on from one of
# the states that its choices lead to, so the numbers add up. Write $N(s)$ for the number of architectures that go on
# from state $s$, and $s_c$ for the state that choice $c$ leads to. Then
#
# <!-- equation: ways -->
# $$N(s) = \sum_{c} N(s_c)$$
#
# and where no choice is open, $N(s) = 1$: there is one complete network. Look back at the figure of section 2 and
# check the numbers in its dots, from right to left. The green dot has 1 by definition. Left of it a dot with a single
# arrow to the green one has 1 as well. The next has an arrow to each of these, 1 + 1; the next 2 + 1 + 1; the first 4
# + 2 + 1 + 1.
#
# This is *dynamic programming*: every state is counted once and its number remembered, however many ways lead to it.
# In the code, `cache` does the remembering, and the rest is the equation. Then we check it against plain listing.

# %% tags=["nbval-check-output"]
from functools import cache


@cache
def ways(state):
    following = chain.moves(state).values()
    return sum(ways(after) for after in following) if following else 1


counted, listed = ways(chain.start()), sum(1 for _ in chain.enumerate())
claim(f"counted {counted:,}, listed {listed:,}", counted == listed == chain.size())
visited = ways.cache_info().currsize
claim(f"and only {visited} states were visited", visited < 100)

# %% [markdown]
# Two ways to the same number, one of which visited a few dozen states. So we can afford to ask how fast a space
# grows. In the figure depth runs to the right, and the axis upwards is logarithmic: each line on it is a hundred
# times the one below. The number of architectures is almost a straight line there, which means that each further
# layer multiplies it. The number of states only creeps up, because a state remembers the depth, the size of the image
# and a few facts about the last layers, and forgets the rest. That gap between the two curves is the whole profit of
# thinking in states. It will come back in lesson 04, where a table has one row for each state, and not one for each
# network.

# %%
from nasedu.spaces import counting

depths = range(1, 13)
deeper = [spaces.load("chain-cnn", task, depth=depth) for depth in depths]
numbers = {"architectures": [one.size() for one in deeper]}
numbers["states"] = [len(counting.counts(one)) for one in deeper]
ax = plots.lines(depths, numbers)
_ = ax.set(xlabel="most layers", ylabel="number", yscale="log")

# %% [markdown]
# MetaQNN's own space is larger still: images of 28 pixels, 64 to 512 filters, up to 12 layers. We can build the space
# of that paper, though not train it, and count. Then we divide by the seconds of a year, as if each network took one
# second:

# %% tags=["nbval-check-output"]
wide = {"filters": (64, 128, 256, 512), "dense": (512, 256, 128)}
paper = spaces.registry["chain-cnn"](input_shape=(1, 28, 28), outputs=10, depth=12, **wide)
years = paper.size() / (365 * 24 * 3600)
claim(f"{paper.size():.1e} architectures, {years:,.0f} years at one second each", years > 1e6)

# %% [markdown]
# The counts are good for more than awe. `sample`, which draws a random network, throws the dice at each state, and
# all open choices are equally likely, as in MetaQNN. That is *not* a fair draw among architectures: `stop` is open
# from the start and ends many walks early, although nearly all members of the space are deep. With the counts one can
# draw fairly: `nth(k)` finds the k-th architecture by walking past everything that is counted before it. Compare how
# often the two ways give a network of the full six layers:

# %% tags=["nbval-check-output"]
rng = np.random.default_rng(0)
fair = [len(chain.nth(int(k))) == 7 for k in rng.integers(chain.size(), size=2000)]
walked = [len(chain.sample(rng)) == 7 for _ in range(2000)]
fair, walked = interval(fair), interval(walked)
claim(f"six layers: {fair:.2f} drawn fairly, {walked:.2f} walked", fair.low > 2 * walked.high)

# %% [markdown]
# Neither is wrong, but they are two different baselines. If deep networks are the good ones, the fair draw looks
# clever without any merit; if they are slow to train, it looks expensive. Whoever reports that something beat "random
# search" should say which. In this course it is the walk, unless a lesson says otherwise.

# %% [markdown]
# See whether the difference has come across. Do not calculate; imagine the walk standing at its first state, with the
# dice in its hand. (The first answer counts.)

# %%
Quiz(exercises.one_behind_a_door)

# %% [markdown]
# ## 5 · Cells: graphs instead of chains
#
# In a chain each layer reads from the one before it. The network that won the ImageNet competition of 2015 has
# *shortcuts*: the input of a block is added to its output (He et al. 2016). To search for such connections one needs
# graphs, and a large graph has so many that most searches look for a small one, a **cell**, and repeat it.
# NAS-Bench-201 (Dong and Yang 2020) is the most studied example. Its cell has four nodes. Node 0 is the input, node 3
# the output, and an edge leads from each node to every later one. On each of these six edges stands one of five
# operations: nothing at all (`none`), the identity (`skip_connect`), a convolution of 1 × 1 or 3 × 3, or average
# pooling. A node adds up what arrives.
#
# How many cells are there? Each of $v$ nodes has an edge to each of the others, and every edge is counted once from
# either end, so there are $v(v-1)/2$ edges. On each stands one of $o$ operations, and they are chosen independently:
#
# <!-- equation: cells -->
# $$n = o^{v (v - 1) / 2}$$
#
# With 5 operations and 4 nodes these are the 15,625 of our question. The decision process is the simplest one could
# think of: the state is how many edges have their operation, and all five are open at each.

# %% tags=["nbval-check-output"]
cells = spaces.load("cell-201", task)
operations = cells.choices(cells.start())
residual = cells.hand_picked()[0]
whole = len(operations) ** (4 * 3 // 2)
claim(f"{len(operations)} operations on 6 edges make {whole:,} cells", cells.size() == whole)
print(cells.to_string(residual))

# %% [markdown]
# The printed form is the paper's: each node's list of operations, each with the node that it reads from. This cell is
# two convolutions in a row with a shortcut around them, and so makes a residual network. Find the cell in the
# drawing: two boxes `nor_conv_3x3`, whose result meets a line that went around them at a small circle with a plus. It
# comes up three times, with 8, 16 and 32 channels, and all three copies are the same cell: that is what keeps the
# space small. Around the cell stands what the search never touches: a first convolution, blocks that halve the image,
# the last layer.

# %%
nasedu.show(cells.draw(residual))

# %% [markdown]
# ## 6 · Duplicates that look different
#
# Here are two cells. In one, the input goes through a convolution to node 1 and is passed on from there to the
# output. In the other it goes over node 2. All other edges are `none`. As tuples they are clearly different. Are they
# as networks? We train both from the same seed and lay their learning curves on top of each other:

# %%
over_1 = ("nor_conv_3x3", "none", "none", "none", "skip_connect", "none")
over_2 = ("none", "nor_conv_3x3", "none", "none", "none", "skip_connect")
trainer = trainers.load("sequential", cells, task)
first, second = trainer([over_1, over_2], epochs=4, seed=0)
ax = plots.curve(first, label="over node 1")
ax.lines[0].set(linewidth=7, alpha=0.35)
plots.curve(second, ax, label="over node 2")
claim("the two curves agree to the last digit", first.curve == second.curve)

# %% [markdown]
# One network, two names. A search that does not know it trains the same network twice and may believe it has learned
# something from the second score. Spaces of graphs are full of such pairs: nodes can be swapped, a skip can stand
# before or after, a convolution can hang on an edge that leads nowhere.
#
# To count the truly different ones we need a rule that says when two cells are one. The authors of NAS-Bench-201
# write each cell as a formula of its input: `0` is the input, `(0)@nor_conv_3x3` a convolution of it, a skip passes
# its node's formula on, and `none` becomes the sign `#` for zero. The terms of a sum are sorted, since their order
# does not matter. Cells with equal formulas are equal. Here are the formulas of our two cells, first as the authors
# write them, with all zeros kept, then with terms that add nothing left out:

# %% tags=["nbval-check-output"]
from nasedu.spaces.cell_201 import signature

for drop_zeros in (False, True):
    print(signature(over_1, drop_zeros), "|", signature(over_2, drop_zeros))

# %% [markdown]
# The authors' formulas differ, though we have just seen that the networks do not. Their rule is cautious: it
# sometimes calls one cell two. (It is bold in two points as well. A convolution of nothing counts as nothing,
# although a trained one could add a constant; the other point comes below.) With zeros dropped both formulas are the
# same. `canonical` gives back one representative of all cells with the same formula, so that counting the different
# ones is a matter of putting the representatives into a set. We count with both rules:

# %% tags=["nbval-check-output"]
dropping = spaces.load("cell-201", task, drop_zeros=True)
every = list(cells.enumerate())
kept_zeros = {cells.canonical(cell) for cell in every}
classes = [dropping.canonical(cell) for cell in every]
claim(f"the authors' rule: {len(kept_zeros):,} different cells", len(kept_zeros) == 6466)
claim(f"with zeros dropped: {len(set(classes)):,} different cells", len(set(classes)) == 5390)

# %%
Reveal(exercises.different, "fewer than half")

# %% [markdown]
# The first number is the one in the literature. Is the second the truth? The formula has a blind spot. Take a cell
# that convolves once and adds the result to itself, and one that convolves twice, with weights of its own each time,
# and adds the two:

# %% tags=["nbval-check-output"]
added_twice = ("nor_conv_3x3", "none", "skip_connect", "none", "skip_connect", "skip_connect")
two_layers = ("nor_conv_3x3", "nor_conv_3x3", "none", "none", "skip_connect", "skip_connect")
print(signature(added_twice, True), "|", signature(two_layers, True))
few, more = (sum(p.numel() for p in cells.build(cell).parameters()) for cell in (added_twice, two_layers))
claim(f"one formula, {few:,} and {more:,} parameters", few < more)

# %% [markdown]
# The formula does not say whether two equal terms are one layer or two. So even 5,390 calls some different networks
# one; and there are regroupings of sums that it does not see, so it calls some equal ones two. It errs both ways.
# That fewer than half of the names are different networks holds either way. Names are cheap, and to know that two
# things are the same is hard.
#
# Not all classes are equally large. Sort them by how many names each has, and most are alone, but a few are huge:

# %%
_, names = np.unique([" ".join(cell) for cell in classes], return_counts=True)
ax = plots.lines(range(1, len(names) + 1), {"its names": np.sort(names)[::-1]})
ax.set(xlabel="networks, those with most names first", ylabel="names", xscale="log", yscale="log")
alone, most = float(np.mean(names == 1)), names.max()
claim(f"{alone:.0%} of the networks have one name, others up to {most}", alone > 0.5 and most > 400)

# %% [markdown]
# The networks at the left end are the simplest ones: nothing at all, or a single operation from input to output, with
# all manner of dead ends beside it. A random draw among *names* hits them again and again, while the rich cells at
# the right end come up once in 15,625. So the naming of a space tilts what chance finds in it, and a search pays for
# what it already knows. How often? Draw 1,000 names, count the networks, and do it with twenty seeds. For comparison:
# if all 15,625 names were different networks, $k$ draws out of $n$ would miss each of them with probability $(1 -
# 1/n)^k$, and so would hold $n (1 - (1 - 1/n)^k)$ different ones on average. Even then a few would come up twice.

# %%
n, k = cells.size(), 1000
expected = n * (1 - (1 - 1 / n) ** k)
rngs = [np.random.default_rng(seed) for seed in range(20)]
found = interval(len({dropping.canonical(dropping.sample(rng)) for _ in range(k)}) for rng in rngs)
claim(f"{k:,} draws hold {found:.0f} networks, not {expected:.0f}", found.high < 0.6 * expected)

# %% [markdown]
# Almost every second training would have been wasted. The remedy costs two lines: look the canonical form up before
# you train. Tables of ground truth do it, and so can you. It matters most for the comparison of methods: of two
# searches with the same budget, one may have bought nearly twice as many networks as the other.

# %% [markdown]
# ## 7 · Sequences: recurrence and attention
#
# Images are not everything. For sequences (sound, text, the rows of an image read one after the other) there are two
# families. A *recurrent* network reads step by step and carries a state along. Its choices are the kind of cell
# (simple, GRU, LSTM), the layers, the width, whether a second network reads backwards, and what is kept of the steps.
# A *Transformer* lets every step look at all others through attention (Vaswani et al. 2017). Its choices are the
# layers, the width, the number of heads, and more. Below is one that reads our digits row by row, eight steps of
# eight pixels:

# %%
attention = spaces.load("attention", task)
nasedu.show(attention.draw(("layers1", "width24", "heads3", "ff2", "norm-first", "mean")))

# %% [markdown]
# For a space, all this is nothing new: a start, choices, a step, a build. There is one rule. Heads share the width
# equally, so their number must divide it. Therefore the state has to remember the width, but only until the heads are
# chosen; after that nothing depends on it any more, and it is forgotten. Again: what the future depends on, no more.

# %% tags=["nbval-check-output"]
state = attention.start()
for choice in ("layers1", "width16"):
    state = attention.step(state, choice)
print("after the width:", state, "after the heads:", attention.step(state, "heads4"))
print(attention.why_not(state, "heads3"))

# %% [markdown]
# Here are all spaces of this course on the same task, by their number of architectures; the axis is logarithmic
# again. DARTS (Liu et al. 2019), which searches two cells at once, leads by far, and still `size` answers at once,
# because its states are few. Between the largest and the smallest lie almost seventeen powers of ten. Large and small
# say nothing about good and bad, though: that depends on what was put in, as section 10 will show.

# %%
sizes = {name: spaces.load(name, task).size() for name in spaces.registry}
ax = plots.bars(sizes)
few = len(counting.counts(spaces.load("darts", task)))
claim(f"darts: {sizes['darts']:.1e} architectures, {few} states", few < 100 < min(sizes.values()))

# %% [markdown]
# ## 8 · Neighbours, and architectures as numbers
#
# A search that is cleverer than chance assumes that good networks live near good networks. What is *near*? In this
# course a **neighbour** is one edit away: one choice replaced, inserted or removed, and the result legal. This too
# follows from the four methods, without a line in any space. From here on we use the small chains of the *atlas*, the
# table that comes with this package: every chain of at most four layers, trained on 16 tasks with three seeds. So for
# once we can look up what a search would have to guess.

# %%
table = atlas()
small = table.space
centre = ("conv3-8", "pool2", "dense32", "stop")
around = small.neighbours(centre)
for what, length in (("removed", 3), ("replaced", 4), ("inserted", 5)):
    found = [" ".join(a[:-1]) for a in around if len(a) == length]
    print(f"{len(found):2} by one {what}, such as {', '.join(found[:3])}")
back = all(a in small.neighbours(b) for a in table.architectures[::40] for b in small.neighbours(a))
claim(f"{len(around)} neighbours, and whose neighbour I am is mine", back)

# %% [markdown]
# Models that predict scores (lesson 07) want numbers, not words. `encode` writes an architecture as a vector: for
# each place a row with a 1 at the choice that stands there and 0 elsewhere, all rows behind each other. In the figure
# each panel is such a vector, one row to a place. On the left our network; in the middle a neighbour with one choice
# *replaced*; on the right a neighbour with a layer *inserted* at the front. Compare them:

# %%
shown = [centre, ("conv3-4", *centre[1:]), ("conv3-8", *centre)]
ax = plots.encodings(small, shown)
codes = [small.encode(architecture) for architecture in shown]
far = [int((code != codes[0]).sum()) for code in codes]
claim(f"one edit, but {far[1]} and {far[2]} numbers of the vector change", far[2] > far[1])

# %% [markdown]
# To the space both are one edit away, but in the vector the second one is much farther: everything behind the edit
# has moved by one place. A model on top of this encoding will think of them as less alike. How an architecture is
# written down is not innocent either, and White et al. (2020) found that the choice of encoding changes how well
# searches do. Networks that compute the same, as in section 6, may even lie far apart: the encoding knows names, not
# functions.
#
# ## 9 · Is the space smooth?
#
# Now the assumption itself. If neighbours scored no more alike than any two networks, then what a search learns about
# one network would say nothing about the next, and nothing could beat chance. The atlas lets us measure. We take
# three kinds of pairs: the *same* network trained from two seeds, two *neighbours*, and two *strangers* drawn from
# the whole space. For each kind we take the mean difference between the score of one (from seed 0) and of the other
# (from seed 1), so that the luck of a training is in all three alike.

# %%
from nasedu.tables import landscape

near = landscape.neighbour_rows(table)
i, j = np.repeat(range(len(near)), [len(rows) for rows in near]), np.concatenate(near)
any_two = np.random.default_rng(0).integers(len(table), size=len(j))
last = table.values[:, :, :, -1]  # (architectures, tasks, seeds): the score after the last epoch
apart = [np.abs(last[i, :, 0] - last[other, :, 1]).mean(axis=0) for other in (i, j, any_two)]
_, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(["same, other seed", "neighbours", "strangers"], apart, "o-", color=plots.BLUE, alpha=0.5)
_ = ax.set_ylabel("mean difference in score")

# %% [markdown]
# Each line is one of the 16 tasks, and every one of them rises from left to right. The left end is the noise: what
# remains if nothing but the seed changes. The right end is what chance would have. Neighbours lie in between, clearly
# away from both. In words that a controller would like: a neighbour's score tells you something, and far from
# everything. How much, we say with an interval over the tasks:

# %%
share = interval(apart[1] / apart[2])
claim(f"neighbours differ {share:.2f} times as much as strangers, over 16 tasks", share.high < 0.75)
claim("on every task: same < neighbours < strangers", bool(np.all(np.diff(apart, axis=0) > 0)))

# %% [markdown]
# How far does the likeness reach? Take a walk from neighbour to neighbour, always to a random one, and compare the
# score at the start of $k$ steps with the score at their end. The correlation between the two, over a very long walk,
# is called the autocorrelation of the landscape; Weinberger (1990) introduced it for the landscapes of biology, and
# White et al. (2021) ask the same question of architectures. A correlation of 1 would mean that the start tells
# everything about the end, 0 that it tells nothing. The line in the figure is the mean over 16 tasks, the band its
# uncertainty.

# %%
met = last.mean(axis=2)[landscape.random_walk(table, steps=20_000)]  # (walk, tasks)
steps = range(1, 9)
means = [interval(landscape.autocorrelation(met, k)) for k in steps]
ax = plots.band(steps, means)
_ = ax.set(xlabel="steps of a random walk", ylabel="correlation of the scores", ylim=(0, 1))
one, eight = means[0], means[7]
claim(f"one step: {one:.2f}; eight steps: {eight:.2f}", one.low > 0.5 and eight.high < 0.2)

# %% [markdown]
# After a handful of edits hardly anything of the likeness is left. That is a small space, of course: four layers can
# be rewritten completely in a few edits. The lesson to take along is the method. Before you trust a search, you can
# ask whether its landscape is one in which it *could* work, and how long its steps may be: here, whoever changes
# three of four layers at once might as well draw a new network.
#
# Now walk the landscape yourself. The explorer knows the true scores of the task where a digit must be read under
# noise. It shows where your network stands among all 1,188, and above them its neighbours. Move to the best
# neighbour, again and again. Where do you get stuck, and how far below the best is it? This is local search, and
# lesson 07 will come back to it.

# %%
Explorer(small, table, "noisy-pixels/digits", architecture=centre)

# %% [markdown]
# ## 10 · Larger is not better
#
# A larger space holds a network at least as good: that much is logic. But a search has to *find* it. Let us cut the
# atlas's space in two ways, by allowing only convolutions of 3 × 3, or only those of 1 × 1, and compare two numbers,
# each as the distance from the best network of the whole space: how good is the best network *in* the cut space, and
# how good is the best of *ten random networks* from it, on average over 200 tries? (Here each network of a cut is as
# likely as every other, and the ten are different.) Both are averaged over the 16 tasks.

# %%
from nasedu.building.atlas import ATLAS

scores = last.mean(axis=2)  # (architectures, tasks)


def distances(kernels):
    cut = type(small)(small.input_shape, 10, **{**ATLAS.space_parameters, "kernels": kernels})
    rows, rng = np.array([table.row(a) for a in cut.enumerate()]), np.random.default_rng(0)
    tens = np.array([rng.choice(rows, 10, replace=False) for _ in range(200)])
    best = scores[rows].max(axis=0)
    return scores.max(axis=0) - best, scores.max(axis=0) - scores[tens].max(axis=1).mean(axis=0)


# %%
cuts = {"1×1 and 3×3": [1, 3], "only 3×3": [3], "only 1×1": [1]}
results = {name: distances(kernels) for name, kernels in cuts.items()}
ax = None
for place, label in enumerate(("the best there is", "the best of ten")):
    found = {name: interval(pair[place]) for name, pair in results.items()}
    ax = plots.whiskers(found, ax, label)
_ = ax.set_xlabel("how far below the best network of the whole space")

# %% [markdown]
# The whiskers are wide because the tasks differ so much from one another; some are hard for any ten networks. What
# matters is the difference *on the same task*, and its interval is much narrower. So we compare task by task:

# %%
whole, threes, ones = results.values()
lost, won = interval(threes[0]), interval(whole[1] - threes[1])
claim(f"without 1×1 the best there is loses {lost}, the best of ten gains {won}", won.low > 0)
missing = interval(ones[0])
claim(f"without 3×3 the best there is loses {missing}", missing.low > lost.high)
print("less than without 1×1 on:", *np.array(table.tasks)[ones[0] < threes[0]])

# %% [markdown]
# The space without 1 × 1 convolutions is smaller and its best network hardly worse, and ten tries in it find better
# networks on average, since it holds fewer of the poor ones. The other cut went wrong: on average over the tasks,
# what was thrown away is what they need, and no search can bring it back. On average: the last line names the tasks
# on which it is the other way round. Both times somebody has put knowledge into the space, and whether it is true
# depends on the task. Note also how much larger the distance of ten random tries is than that between the two good
# spaces: here a better search would bring more than a better space.
#
# A good space is a strong belief, and no search corrects a wrong one. That is why a search must always be compared
# with random search *in the same space*: a lucky space makes every search look clever (lesson 08).

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

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
# - A space is a finite decision process in four methods: `start`, `choices`, `step`, `build`. Counting, sampling,
#   neighbours and encodings follow from them.
# - A state holds exactly what the future depends on. Then a space of 10^18 architectures is counted from a few dozen
#   states.
# - Rules belong into `choices`, so that every complete walk builds a network that runs.
# - Names deceive: of the 15,625 cells of NAS-Bench-201 fewer than half are different, and random draws repeat the
#   simple ones.
# - Neighbours score alike, clearly more than strangers and clearly less than one network twice. That is what searches
#   live on, and it can be measured.
# - The space is the strongest belief in a search. A larger one holds networks at least as good, and hides them
#   better.

# %% [markdown]
# ## Where it comes from
#
# - T. Elsken, J. H. Metzen, F. Hutter, *Neural Architecture Search: A Survey*, JMLR 20(55), 2019. Section 2: chains,
#   multi-branch networks and cells.
# - B. Baker, O. Gupta, N. Naik, R. Raskar, *Designing Neural Network Architectures using Reinforcement Learning*,
#   ICLR 2017. Section 4 and appendix B: the chains of `chain-cnn` and their rules.
# - X. Dong, Y. Yang, *NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search*, ICLR 2020.
#   Section 2: the cell, its operations and the network around it. The rule for equal cells is `to_unique_str` in
#   their code.
# - K. He, X. Zhang, S. Ren, J. Sun, *Deep Residual Learning for Image Recognition*, CVPR 2016. Section 3: shortcuts.
# - H. Liu, K. Simonyan, Y. Yang, *DARTS: Differentiable Architecture Search*, ICLR 2019. Section 2.1: its cells.
# - A. Vaswani and others, *Attention Is All You Need*, NIPS 2017. Section 3: layers, heads and width.
# - C. White, W. Neiswanger, S. Nolen, Y. Savani, *A Study on Encodings for Neural Architecture Search*, NeurIPS 2020.
# - C. White, S. Nolen, Y. Savani, *Exploring the Loss Landscape in Neural Architecture Search*, UAI 2021. Section 3:
#   neighbours.
# - E. Weinberger, *Correlated and Uncorrelated Fitness Landscapes and How to Tell the Difference*, Biological
#   Cybernetics 63, 1990.

# %% [markdown]
# ## Where to go next
#
# [Lesson 02, what is one architecture worth?](02_what_is_one_architecture_worth.ipynb) We have taken scores as they
# came. The next lesson takes one apart: where it comes from, how far it can be trusted, and why the better score may
# be the worse network. To see all spaces in a terminal: `nasedu spaces`. Back: [lesson 00, a search in ten
# minutes](00_a_search_in_ten_minutes.ipynb).
