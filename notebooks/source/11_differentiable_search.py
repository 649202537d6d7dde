# %% [markdown]
# # 11 · Differentiable search
#
# **What you will be able to do.** Compute the gradient that moves an architecture, by hand and by a finite difference.
# Explain why a search can collapse, and name the remedies. Test whether alpha says which operation matters.
#
# **How long.** Thirty minutes, and thirty for the exercises. The page runs in about a minute.
#
# **What you need first.** Lesson 02, for gradients, lesson 08, for intervals, and the cells of lesson 01.

# %%
import numpy as np
import torch

from nasedu import tasks
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_11 import exercises, figures
from nasedu.classroom.lessons.lesson_11 import ground_truth, measuring
from nasedu.core.ranking import rank_correlation
from nasedu.oneshot.darts import Darts, hypergradient
from nasedu.oneshot.pdarts import PDarts
from nasedu.oneshot.search_state import SearchState
from nasedu.oneshot.selection import Perturbation
from nasedu.oneshot.two_operations import best_shares, learn_shares
from nasedu.widgets import AlphaPlayer, Predict, Quiz, Reveal

# %% [markdown]
# ## The question
#
# All searches so far *choose*: this operation or that one. A choice has no gradient. **DARTS** (Liu and others, 2019)
# takes every operation at once, each multiplied by a **share**. The shares are numbers, so gradient descent can move
# them. At the end, each edge keeps the operation of its largest share.
#
# Here is one search, of 200 steps. Its cell has six edges. Each edge mixes a skip connection and a 3x3 convolution. For
# 100 steps only the weights learn. Then the numbers behind the shares, called **alpha**, learn as well. Step through
# it. A frame shows which operation its edge would keep now. Below the bars, a strip shows the shares of this edge over
# time: grey for the skip, blue for the convolution. On which edges does the frame move after step 100?

# %%
task, space = tasks.load(ground_truth.TASK), ground_truth.space()
pair = ground_truth.kept()  # what each edge may have
usual = {"kept": pair, "warm": 100, "batch": 32, "alpha_rate": 0.1}
search = Darts(space, task, **usual, eigenvalue_every=50)
steps = list(search.run())
AlphaPlayer(steps, space)

# %% [markdown]
# The framed operations are the **derived cell**, drawn below. In the first steps, both shares are near 0.5, and the
# frames mean nothing. Later the cell changes while alpha moves. The mixture itself is never a cell: it always computes
# all operations.

# %%
Predict(exercises.gap)

# %% [markdown]
# ## 1 · The mixture
#
# On one edge, operation $k$ has the number $\alpha_k$. A softmax turns these numbers into shares that add up to 1:
#
# <!-- equation: alpha-share -->
# $$s_k = \frac{\exp(\alpha_k)}{\sum_{j} \exp(\alpha_j)}$$
#
# The edge adds up what its operations give, $o_k(x)$, each multiplied by its share:
#
# $$m(x) = \sum_k s_k \, o_k(x)$$
#
# So the loss depends on alpha, and has a slope in it. With the alpha of our search, we compute the shares by hand.

# %%
alpha = search.alpha.detach().numpy()[:, pair[0]]
by_hand = np.exp(alpha) / np.exp(alpha).sum(1, keepdims=True)
same = np.allclose(by_hand, search.shares()[:, pair[0]], atol=1e-6)
claim("shares by hand are the shares of the search", same)

# %% [markdown]
# ## 2 · Two levels
#
# Weights $w$ and alpha are not learned from the same loss. The training images are divided into two halves. The weights
# make the loss on the first half small. Alpha makes the loss on the second half small, *for the weights that have
# learned with this alpha*:
#
# $$\min_\alpha L_{val}(w^*(\alpha), \alpha) \quad \text{where} \quad w^*(\alpha) = \arg\min_w L_{train}(w, \alpha)$$
#
# One level stands inside the other. To be exact, each step of alpha needs a whole training. DARTS replaces this
# training by *one* step of the weights.

# %%
Quiz(exercises.two_halves)

# %% [markdown]
# ## 3 · The hypergradient, by hand
#
# Take the smallest case: one weight $w$, one number $a$ for alpha. The network answers $a w$. It should be $y$ on the
# training half and $z$ on the validation half:
#
# $$L_{train} = \tfrac{1}{2} (a w - y)^2 \qquad L_{val} = \tfrac{1}{2} (a w - z)^2$$
#
# One step of the weight, with rate $\xi$, leads to
#
# <!-- equation: moved-weight -->
# $$w' = w - \xi \, (a w - y) \, a$$
#
# What is the slope of $L_{val}(w', a)$ in $a$? It has two parts, because $a$ stands in the loss and inside $w'$:
#
# <!-- equation: hypergradient -->
# $$g = (a w' - z) \, w' - \xi \, (2 a w - y) \, v$$
#
# Here $v = (a w' - z) \, a$ is the slope of the validation loss in $w'$. The factor $2 a w - y$ is the mixed second
# derivative of the training loss. Now put in $a = 0.5$, $w = 2$, $y = 3$, $z = 2$, $\xi = 1$. The moved weight is
# $w' = 2 - (1 - 3) \cdot 0.5 = 3$. Then $v = (1.5 - 2) \cdot 0.5 = -0.25$, and $g = -0.5 \cdot 3 + 0.25 \cdot (2 - 3) =
# -1.75$.
#
# **First order** sets $\xi = 0$: the weight counts as if it did not depend on $a$. **Second order** uses $\xi > 0$. The
# package does both. We compare with the exact gradient through the unrolled step.


# %%
def train(weights, a):
    return (a * weights[0] - 3) ** 2 / 2


def validation(weights, a):
    return (a * weights[0] - 2) ** 2 / 2


w, a = (torch.tensor(v, requires_grad=True) for v in (2.0, 0.5))
orders = [hypergradient(train, validation, (w,), a, xi)[0] for xi in (0, 1)]
first, second = map(float, orders)

# %%
(slope,) = torch.autograd.grad(train((w,), a), w, create_graph=True)
exact = float(torch.autograd.grad(validation((w - slope,), a), a)[0])
words = f"exact {exact:.2f}, second order {second:.2f}"
claim(words, abs(second - exact) < 1e-3)
claim(f"first order {first:.2f} differs", abs(first - exact) > 0.1)

# %% [markdown]
# A network has thousands of weights, and its mixed second derivatives do not fit into memory. DARTS needs only their
# product with $v$. A **finite difference** gives it: the slope of the training loss in alpha, $g_+$ at the weights
# $w + \epsilon v$ and $g_-$ at $w - \epsilon v$.
#
# <!-- equation: finite-difference -->
# $$p = \frac{g_+ - g_-}{2 \epsilon} \qquad \epsilon = \frac{0.01}{\lVert v \rVert}$$
#
# Why 0.01? We put a bend into the loss, $\tanh(a w)$, and try other numbers.

# %%
radii = np.logspace(-6, 0, 13)
ax, errors = figures.errors(radii)
middle = errors["float32"][8]
words = f"with 0.01 the error in float32 is {middle:.0e}"
claim(words, middle < 1e-4 and middle < errors["float32"][0])

# %% [markdown]
# On the right, the bend spoils the difference: the error grows with the square of the radius. On the left, single
# precision cannot tell the two slopes apart. The paper's 0.01 stands between the two.
#
# <details><summary>What second order costs, and what it does not promise</summary>
#
# First order computes one gradient for a step of alpha, second order four: one for the moved weights, one of the
# validation loss, and two for the finite difference. The sum is a better gradient of the validation loss. It does not
# protect from the collapse of section 6. On NAS-Bench-201, both orders end at 54.30% (Dong and Yang, 2020).
#
# </details>
#
# ## 4 · The gap
#
# The search is over, and each edge keeps one operation. The network that was trained was the mixture. The network that
# we get is another one. How much of the accuracy survives? We make two more supernets with other seeds. Each has a
# twin: it shares the first 100 steps, and then its alpha stays **frozen** at 0. We need the twins in section 7.


# %%
def twin_of(seed):
    learned = Darts(space, task, **usual, seed=seed)
    frozen = Darts(space, task, **usual, seed=seed, frozen=True)
    for _ in range(usual["warm"]):
        learned.step()
    state = learned.state()
    zero = {**state.tensors, "alpha": 0 * state.tensors["alpha"]}
    frozen.restore(SearchState(zero, frozen.about(), state.plain))
    return learned, frozen


# %%
twins = [twin_of(seed) for seed in range(3)]
losses = []
for learned, frozen in twins:
    losses.append([step.validation_loss for step in learned.run()])
    list(frozen.run())

# %%
truth = ground_truth.scores()
rows = []
for learned, _ in twins:
    cell = learned.derived()
    inherited = measuring.of_cell(learned, cell)
    rows.append((measuring.of_mixture(learned), inherited, truth[cell]))
falls = [mixture - inherited for mixture, inherited, _ in rows]

# %%
answer = exercises.size_of_gap(falls)
said = f"It fell by {', '.join(f'{fall:.2f}' for fall in falls)}."
ax = figures.gap(rows)
Reveal(exercises.gap, answer, because=asserted(said, min(falls) > 0), show=ax)

# %% [markdown]
# Show the answer. The second point is the **discretisation gap**: the weights learned to work in the mixture, and half
# of the mixture is gone. The third point is the same cell, trained alone from new weights. So nobody uses the weights
# of the mixture in the end. They only serve to choose.
#
# The third number comes from a table: all 64 cells of this small space were trained alone, twice (`ground_truth.py`).
# The mean of both trainings is our **ground truth**.
#
# ## 5 · P-DARTS: the gap in stages
#
# The mixture has few cells and many operations on an edge. The final network has many cells, and one operation on an
# edge. **P-DARTS** (Chen and others, 2019) goes from one to the other in three stages. In each stage the network is
# deeper, and each edge loses its operations of least share. Here all five operations of the space take part. A dotted
# line ends a stage. Say before each dotted line which operations will be dropped.

# %%
progressive = PDarts(space, task, steps=20, batch=32, alpha_rate=0.1)
progress = list(progressive.run())
AlphaPlayer(progress, space)

# %%
cells = progressive.cells
left = [int(progress[at].kept[0].sum()) for at in (0, 20, 40)]
claim(f"cells {cells}, operations {left}", left == [5, 3, 2])

# %% [markdown]
# Two more rules limit the skips: dropout behind each skip, which falls within a stage, and a cap for the final cell.
# Twenty steps a stage are far too few to find a good cell. They show how the method works.
#
# ## 6 · Collapse
#
# Some searches end in a cell of skips alone. This is called **collapse**. It looks like a failed optimisation. It is
# not: Wang and others (2021, proposition 1) show that shares of skips grow *because the supernet gets better*.
#
# Look at one edge. Let $m$ be the best mixture of its operations. A skip passes on its input $x$, a convolution gives
# $o$. Write $e_x$ for the variance of $x - m$, $e_o$ for that of $o - m$, and $c$ for their covariance. The best share
# of the skip is
#
# <!-- equation: best-share -->
# $$s = \frac{e_o - c}{e_x + e_o - 2 c}$$
#
# The better the layers before, the nearer is $x$ to $m$: $e_x$ falls. We let gradient descent find the shares.

# %%
rng = torch.Generator().manual_seed(0)
m, of_x, of_o = torch.randn(3, 4000, generator=rng, dtype=torch.float64)
away, learned_shares, formula = np.linspace(2, 0.25, 8), [], []
for variance in away:
    x, o = m + variance**0.5 * of_x, m + of_o
    *_, last = learn_shares(o, x, m)
    learned_shares.append(last.skip)
    formula.append(best_shares(o, x, m).skip)
ax = figures.skip_share(away, learned_shares, formula)

# %%
off = np.abs(np.subtract(learned_shares, formula)).max()
claim(f"descent finds the formula to {off:.1e}", off < 0.01)
low, high = learned_shares[0], learned_shares[-1]
grows = bool(np.all(np.diff(learned_shares) > 0))
claim(f"the skip's share rises from {low:.2f} to {high:.2f}", grows)
curves = np.array(losses)
before, after = curves[:, :25].mean(), curves[:, -25:].mean()
claim(f"alpha's loss: {before:.2f}, at the end {after:.2f}", after < before)

# %% [markdown]
# In the figure, the convolution is as good on the right as on the left: $e_o$ is near 1 everywhere. Yet above the
# broken line, this edge becomes a skip. This is a collapse of one edge. Nothing failed: descent found the best shares.
# It is the *last* step, from shares to a cell, that reads them wrongly.
#
# Did our three searches collapse? Their loss of alpha got smaller, too. We count their skips:

# %%
taken = [one.derived().count("skip_connect") for one, _ in twins]
claim(f"of six edges, {taken} are skips", max(taken) < 6)

# %% [markdown]
# No search took skips alone. We looked for a setting in which this small space collapses with most seeds, and found
# none. The twenty searches of [RESULTS.md](../tests/benchmarks/RESULTS.md) (section on differentiable search) do not
# end in six skips, either. Its section on the skip's share asks whether the share grows as real supernets get better:
# here this is not shown. So this page cannot show you a collapse of a whole search.
#
# <details><summary>What we tried</summary>
#
# In this space, seven settings had five seeds each: slow weights, fast alpha, no steps for the weights alone, no weight
# decay, three times as many cells, second order. In DARTS's own space we mixed the skip and a separable convolution, as
# S2 in section 8 does. There, three settings had ten seeds each. A search harms if its cell is clearly worse than
# random cells. In no setting did most searches harm: see the two sections on skips in
# [RESULTS.md](../tests/benchmarks/RESULTS.md). Other operations had one to three seeds, and never took skips with each.
#
# </details>
#
# Would a collapse harm? That depends on the space. Our table knows all 64 cells, each trained twice:

# %%
trainings = np.array(ground_truth.recorded())
skips = np.array([cell.count("skip_connect") for cell in truth])
groups = [trainings[:, skips == n].mean(1) for n in range(7)]
for name, means in zip(("first", "second"), np.transpose(groups), strict=True):
    print(f"{name} training, 0 to 6 skips:", *(f"{m:.3f}" for m in means))
noise = ground_truth.noise()
print(f"one training, repeated: {noise:.3f} standard deviation")
worst = np.argmin(groups, axis=0)
claim("six skips are the worst in both trainings", set(worst) == {6})

# %% [markdown]
# With six skips, a cell is the worst in both trainings. From none to five skips, the order of one training is not the
# order of the other. So two trainings cannot say what a partial collapse costs. In
# [RESULTS.md](../tests/benchmarks/RESULTS.md), five trainings judge most of these cells, and there the mean falls with
# each further skip. In the spaces of section 8, a collapse costs far more.
#
# Four remedies are in use. Each changes another part of the search:
#
# - **Stop early.** The largest eigenvalue of the Hessian in alpha says how sharply the loss bends. Zela and others
#   (2020) stop when it grows too fast. The player above shows it.
# - **Regularise** the weights more: a larger weight decay gives a flatter loss (the same paper).
# - **Limit the skips**: dropout and a cap, as P-DARTS does. Exercise 4 asks you to write the cap.
# - **Select differently.** Remove each operation once from the trained mixture, and keep the one that is missed most:
#   **perturbation** (Wang and others, 2021). Alpha may stay frozen at 0.
#
# ## 7 · Does alpha say which operation matters?
#
# The same supernets, three ways to select: by the largest alpha, by perturbation, and by perturbation with the frozen
# twin, which has learned no alpha. The grey strokes are all 64 cells, each the mean of two trainings. This is what
# random search draws from. The broken line is the cell of six convolutions, which needs no search.


# %%
def by_perturbation(search):
    selection = Perturbation(search)
    list(selection.run())
    return truth[selection.derived()]


found = {"frozen alpha, perturbation": [by_perturbation(f) for _, f in twins]}
found["perturbation"] = [by_perturbation(one) for one, _ in twins]
found["largest alpha"] = [truth[one.derived()] for one, _ in twins]
convolutions = truth[("nor_conv_3x3",) * 6]
values = list(truth.values())
ax = figures.derived(values, found, convolutions, "six convolutions")

# %%
for name, three in found.items():
    beaten = [f"{np.mean(np.less(values, one)):.0%}" for one in three]
    print(f"{name}: {interval(three)}; better than", *beaten)
lead = np.subtract(found["perturbation"], found["largest alpha"])
print(f"perturbation minus largest alpha: {interval(lead)}")
place = np.mean(np.less(values, convolutions))
print(f"six convolutions, without a search: better than {place:.0%}")
agree = rank_correlation(*trainings)
words = f"rank correlation of the two trainings: {agree:.2f}"
claim(words, abs(agree) < 0.3)

# %% [markdown]
# Which selection is the best? This table cannot tell, and the last line says why. The two trainings do not agree on
# which cells are good. So most of the distance between the grey strokes is the noise of training, and no search can
# find what is not there. A cell that is "better than most" was mostly lucky. Before you compare searches, train some
# cells twice.
#
# `make bench` repeats the race with twenty supernets, and twice as many steps. It trains each chosen cell five times,
# with other seeds. Its numbers stand in [RESULTS.md](../tests/benchmarks/RESULTS.md), in the section on differentiable
# search. In words:
#
# - Perturbation is not shown to be better than the largest alpha: the interval of the difference contains 0.
# - Nor are its cells more alike: the two standard deviations are nearly equal.
# - Frozen alpha selects as well as learned alpha.
# - Six convolutions score higher than the mean of each selection, and need no search. Our table has only two trainings
#   of them, and there the broken line is near the middle.
#
# Now edge by edge. From the table we know what a convolution on an edge is worth: the mean of the 32 cells with it,
# minus the mean of the 32 with a skip there. A line reaches from one training to the other. Does the lead of the
# convolution's share say the same?

# %%
has = np.array([[name != "skip_connect" for name in cell] for cell in truth])
effects = [[one[w].mean() - one[~w].mean() for w in has.T] for one in trainings]
shares = [one.shares()[:, pair[0]] for one, _ in twins]
share_leads = [share[:, 1] - share[:, 0] for share in shares]
ax = figures.effects(effects, share_leads)

# %%
most = np.abs(share_leads).max()
worth = np.abs(np.mean(effects, axis=0)).max()
words = f"the largest lead of a share is {most:.2f}"
claim(f"{words}, an edge is worth {worth:.3f}", most > 0.3 > 10 * worth)
differ = int((np.prod(effects, axis=0) < 0).sum())
claim(f"on {differ} of 6 edges, the two trainings differ in sign", differ > 2)

# %% [markdown]
# If alpha said what matters, the dots would rise from lower left to upper right. Here the table says that no edge
# matters much, on average over the others. On most edges we do not even know the sign. The shares are far from equal
# all the same, and each seed has other ones. A share is a factor in a sum. It says how this mixture is mixed. It does
# not say what a network without the other operation can learn.
#
# ## 8 · What the literature says
#
# Test error on CIFAR-10 in DARTS's space, in percent:
#
# | search | error | source |
# |---|---|---|
# | DARTS, first order | 3.00 ± 0.14 | Wang and others 2021, table 2 |
# | DARTS, second order | 2.76 ± 0.09 | the same |
# | P-DARTS | 2.50 | the same |
# | random search | 3.29 ± 0.15 | Li and Talwalkar 2019 |
# | random search with shared weights | 2.85 ± 0.08 | the same |
#
# The spaces S1 to S4 were made to provoke a collapse (Wang and others, table 3). NAS-Bench-201 is their table 4.
#
# | selection | S1 | S2 | S3 | S4 | NAS-Bench-201 |
# |---|---|---|---|---|---|
# | largest alpha | 3.84 | 4.85 | 3.34 | 7.20 | 45.7 |
# | perturbation | 3.50 | 2.79 | 2.49 | 2.64 | 11.89 |
# | perturbation, frozen alpha | 2.86 | 2.59 | 2.52 | 2.58 | 6.20 |
#
# Three popular claims are false:
#
# - *"Alpha says which operation matters."* In the table above, frozen alpha selects about as well, or better.
# - *"Collapse is a failed optimisation."* The best mixture itself may have large shares of skips (section 6).
# - *"Second order prevents collapse."* On NAS-Bench-201 both orders end at 54.30% (Dong and Yang 2020).

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.skip_share

# %%
skip_share = ...

# %%
exercises.skip_share.check(skip_share)

# %%
exercises.second_term


# %%
def second_term(w, a, y, z, xi): ...


# %%
exercises.second_term.check(second_term)

# %%
exercises.mended


# %%
def mended(direct, above, below, xi, epsilon): ...


# %%
exercises.mended.check(mended)

# %%
exercises.capped


# %%
def capped(skip, most): ...


# %%
exercises.capped.check(capped)

# %%
exercises.refuted

# %%
refuted = ...

# %%
exercises.refuted.check(refuted)

# %% [markdown]
# ## What we have seen
#
# - A mixture takes all operations at once. So the loss has a slope in alpha, and gradient descent can search.
# - The hypergradient has two parts. Second order adds the part that runs through the weights, by a finite difference.
# - The mixture is not the cell. Much of its accuracy is lost when one operation is left on each edge.
# - A collapse is no failed optimisation. The shares are right for the mixture, and wrong as a choice. Our small space
#   did not collapse.
# - Compare each search with frozen alpha, with random cells, and with the cell that needs no search.
# - Train some cells twice before you compare searches. Where two trainings do not agree, there is little to find.

# %% [markdown]
# ## Where it comes from
#
# - H. Liu, K. Simonyan, Y. Yang, *DARTS: Differentiable Architecture Search*, ICLR 2019. Section 2.3, equations 5 to 8.
# - X. Chen, L. Xie, J. Wu, Q. Tian, *Progressive Differentiable Architecture Search*, ICCV 2019. Sections 3.2 and 3.3.
# - R. Wang, M. Cheng, X. Chen, X. Tang, C.-J. Hsieh, *Rethinking Architecture Selection in Differentiable NAS*,
#   ICLR 2021. Proposition 1, section 4, tables 2 to 4.
# - A. Zela, T. Elsken, T. Saikia, Y. Marrakchi, T. Brox, F. Hutter, *Understanding and Robustifying Differentiable
#   Architecture Search*, ICLR 2020. Sections 4 and 5.1.
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019.
# - X. Dong, Y. Yang, *NAS-Bench-201*, ICLR 2020.

# %% [markdown]
# ## Where to go next
#
# [Lesson 12, learning to learn](12_learning_to_learn.ipynb) learns where a training starts, again by a gradient through
# a step. Back: [lesson 10, shared weights](10_shared_weights.ipynb).
