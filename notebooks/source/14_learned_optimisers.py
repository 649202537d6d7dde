# %% [markdown]
# # 14 · Learned optimisers
#
# **What you will be able to do.** Write any optimiser as a function, and learn one. Find what cuts a graph by mistake.
# Explain why trainings are cut on purpose, and what a learned rule does where nobody trained it.
#
# **How long.** Thirty minutes, and thirty for the exercises. The page runs in about a minute.
#
# **What you need first.** Lesson 02, for gradient descent, and lesson 08, for intervals.

# %%
from functools import partial

import numpy as np
import torch

from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_14 import exercises, figures
from nasedu.classroom.lessons.lesson_14 import measuring, recording
from nasedu.classroom.lessons.lesson_14.noisy_quadratic import example
from nasedu.metalearning.learned_optimizer import LearnedOptimizer
from nasedu.metalearning.learned_optimizer import descend
from nasedu.metalearning.quadratics import Point, Quadratics
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %% [markdown]
# ## The question
#
# People have invented SGD, momentum, Adam and many more. Each is a short formula, found by thinking. Can a formula be
# *learned*, like the weights of a network? Andrychowicz and others asked this in 2016.
#
# Here are three optimisers of people and one that was learned. All start at one point of one surface. The learned one
# has never seen this surface: it was trained on random functions of *ten* numbers, and this one has two. Step forward.
# On the right, you see the losses. Who is ahead after 10 steps, who after 40?


# %%
def valley(x):
    return (x[..., 0] + x[..., 1]) ** 2 + 9 * (x[..., 0] - x[..., 1]) ** 2


rules = [recording.recorded(20, seed) for seed in recording.SEEDS]
racers = {
    "SGD": partial(torch.optim.SGD, lr=0.02),
    "momentum": partial(torch.optim.SGD, lr=0.02, momentum=0.9),
    "Adam": partial(torch.optim.Adam, lr=0.3),
    "learned": rules[0].optimiser_for,
}

# %%
start = torch.tensor([2.0, -0.5])


def race(function, start, steps=40):
    paths = {}
    for name, made in racers.items():
        paths[name] = list(descend(function, start, made, steps))
    return paths


Player(films.optimizer_race(race(valley, start), valley))

# %% [markdown]
# One race says little: the rates are ours, and there is one surface and one start. Section 3 repeats it with hundreds
# of problems and tuned rates. First, a guess:

# %%
Predict(exercises.beyond)

# %% [markdown]
# ## 1 · An optimiser is a function
#
# An optimiser is given a gradient and what it remembers. It returns an update and a new memory:
#
# $$(u, m') = r(g, m)$$
#
# SGD has no memory. Momentum remembers a fading sum of past gradients. Written this way, one loop serves both.


# %%
def sgd(g, m):
    return -0.02 * g, m


def momentum(g, m):
    m = 0.9 * m + g
    return -0.02 * m, m


# %%
def by_hand(rule, x, steps):
    m = torch.zeros(2)
    for _ in range(steps):
        u, m = rule(figures.gradient(valley, x), m)
        x = x + u
    return x


# %%
for name, rule in {"SGD": sgd, "momentum": momentum}.items():
    *_, last = descend(valley, start, racers[name], 40)
    same = torch.allclose(by_hand(rule, start, 40), last.x, atol=1e-5)
    claim(f"{name} by hand is that of torch", same)

# %% [markdown]
# ## 2 · A function with weights
#
# Now $r$ becomes a small network with weights of its own. It is an **LSTM**, a network with a memory: two layers of 20
# units. What should it see?
#
# A network with ten inputs could only train functions of ten numbers. So the rule sees *one* weight: its gradient goes
# in, its update comes out. All weights share one rule, and each has a memory of its own. This is called
# **coordinate-wise**.
#
# Gradients may be 100 or 0.00001. A network cannot work with both. So each gradient becomes two numbers, with $p = 10$:
# its size as $\log(|g|) / p$, and its sign. Below $e^{-p}$, the first number is $-1$, and the second one is $e^p g$.

# %%
ax = figures.two_inputs()

# %%
rule = rules[0].rule
g = torch.tensor([3.0, -0.01, 0.5, 2.0])
order = torch.tensor([2, 0, 3, 1])
with torch.no_grad():
    update, _ = rule(g, rule.start(4))
    exchanged, _ = rule(g[order], rule.start(4))
same = torch.allclose(exchanged, update[order], atol=1e-6)
claim("exchanged weights, exchanged updates", same)
weights = sum(weight.numel() for weight in rule.parameters())
print(f"the rule has {weights:,} weights: an LSTM, and one output")

# %%
Quiz(exercises.same_rule)

# %% [markdown]
# ## 3 · Learn it
#
# How good is a rule $r$? Take a random function $f$ and a random start. Let the rule make 100 steps. The
# **meta-loss** is the mean loss after each of them:
#
# $$L(r) = \frac{1}{T} \sum_{t=1}^{T} f(x_t), \quad x_t = x_{t-1} + u_t, \quad
# (u_t, m_t) = r(\nabla f(x_{t-1}), m_{t-1})$$
#
# In the code, all steps count alike, also the early ones: a rule that is quick at first is rewarded.
#
# Each $x_t$ depends on the weights of the rule. So $L$ has a slope in them, and Adam can make it smaller. An optimiser
# trains an optimiser. The functions are those of the paper: $f(x) = \lVert W x - y \rVert^2$ with ten numbers, all of
# $W$ and $y$ drawn at random.
#
# Here is the beginning of a meta-training. Each step of it is a piece of 20 steps, and five pieces make one training.
# Then a new training begins, on new functions: a dotted line.

# %%
learner = LearnedOptimizer(Point(10), seed=0, meta_rate=0.02, batch=8)
steps = list(learner.meta_train(Quadratics(10), steps=60))
losses = [step.loss for step in steps]
ax = figures.meta_losses(losses, pieces=5)

# %%
first, last = np.mean(losses[:5]), np.mean(losses[-5:])
words = f"mean loss of the first training {first:.0f}, of the last {last:.1f}"
claim(words, last < first / 2)

# %% [markdown]
# Every fifth step is high, since a new training begins at a random point. The whole meta-training has 400 steps of 32
# functions, about 16 s. We recorded the rules of three seeds (`recording.py`). Now a fair race. The rivals get the best
# rate of 15, for 100 steps, on 300 other functions. The learned rule has no rate to tune.

# %%
rates = measuring.tuned(measuring.quadratics(seed=100, count=300), 100)
new = measuring.quadratics(seed=101, count=300)
curves = {}
for name, rate in rates.items():
    rival = measuring.RIVALS[name](rate)
    curves[f"{name}, {rate}"] = measuring.curve(new, rival, 200)
runs = [measuring.curve(new, one.optimiser_for, 200) for one in rules]
curves["learned"] = np.array(runs)
ax = figures.curves(curves, horizon=100)

# %%
learned = curves.pop("learned")
for at in (20, 100, 200):
    told = [f"{name}: {one[at]:.2f}" for name, one in curves.items()]
    print(f"after {at} steps: learned {interval(learned[:, at])};", *told)
best = min(one[20] for one in curves.values())
claim("each rule leads after 20 steps", learned[:, 20].max() < best)

# %% [markdown]
# The band reaches from the best of the three rules to the worst. Early on, the lead is large: these rivals were tuned
# for step 100. In [RESULTS.md](../tests/benchmarks/RESULTS.md), `make bench` tunes them for each number of steps, and
# trains five rules. Then the lead over momentum is large after 20 steps. After 100 steps it is small, and its interval
# just excludes 0.
#
# ## 4 · A graph that is cut by mistake
#
# The slope must flow back through the updates. Here is a listing that many people write at first. One weight, one rate
# alpha to be learned: what is the slope of the last loss in alpha?


# %%
def slope_in_alpha(alpha, h, x, steps):
    alpha = torch.tensor(alpha, requires_grad=True)
    param = torch.tensor(x, requires_grad=True)
    for _ in range(steps):
        loss = h * param**2 / 2
        (slope,) = torch.autograd.grad(loss, param)
        param.data = param - alpha * slope
    meta_loss = h * param**2 / 2
    meta_loss.backward()
    return alpha.grad


# %%
found = slope_in_alpha(0.1, 2.0, 1.0, 3)
size = 1e-3
ends = [2 * (1 - a * 2) ** 6 / 2 for a in (0.1 + size, 0.1 - size)]
true = (ends[0] - ends[1]) / (2 * size)
words = f"autograd says {found}, the truth is {true:.2f}"
claim(words, found is None and true < -1)

# %% [markdown]
# No error, no warning, and nothing would ever be learned. `param.data = new` copies numbers. It does not tell autograd
# where they are from. So `param` stays a beginning, and alpha is not among its causes. Optimisers of torch work this
# way on purpose, since usually nobody asks for this slope. Exercise 3 asks you to mend the listing. It has a second
# cut: `slope` is a constant for autograd. The paper leaves this one in, as it is cheaper: no second derivatives.
#
# ## 5 · Why it is cut on purpose
#
# Each step of a training is kept in memory until the slope has flowed back. So long trainings are cut into pieces: the
# paper cuts 100 steps into five. No slope passes a cut. Each piece starts where the last one ended, but takes this
# place as given. What is lost?
#
# Take a loss that bends with $h_i$ in each weight $x_i$. Its minimum is noisy: each step draws another one, of variance
# $s_i$. A step of rate alpha makes of the mean square $A$ of a weight
#
# <!-- equation: noisy-step -->
# $$A' = (1 - \alpha h)^2 A + \alpha^2 h^2 s$$
#
# The first part shrinks, the second is noise that comes in. The expected loss is the sum of $h_i A_i / 2$. Which rate
# makes it smallest after *one* step? We can derive it (exercise 2):
#
# <!-- equation: greedy-rate -->
# $$\alpha = \frac{\sum_i h_i^2 A_i}{\sum_i h_i^3 (A_i + s_i)}$$
#
# This is the **greedy** rate. A learner that is cut after each step would learn it. We compare it with one constant
# rate. There is no luck here: all losses are expectations, and computed exactly.

# %%
q = example()
greedy = q.greedy_rates(200)
losses = {"constant, 0.5": q.losses([0.5] * 200), "greedy": q.losses(greedy)}
ax = figures.curves(losses, log=True)

# %%
one, other = losses["greedy"], losses["constant, 0.5"]
words = f"after 1 step greedy {one[1]:.1f}, constant {other[1]:.1f}"
claim(words, one[1] < other[1])
words = f"after 200 steps greedy {one[-1]:.2f}, constant {other[-1]:.2f}"
claim(words, one[-1] > 1.3 * other[-1])
print(f"greedy rates: first {greedy[0]:.2f}, last {greedy[-1]:.3f}")

# %% [markdown]
# Greedy wins the first step and loses the end. To remove the noise of strong bends pays off at once, so the greedy rate
# falls quickly. Weights with weak bends then hardly move. This is **short-horizon bias** (Wu and others, 2018).
#
# Now let meta-training learn one rate for all 200 steps, with cuts after 1, 2, 5, ... steps. The grey line is the
# meta-loss of each rate. The red points are where meta-training ends.

# %%
unrolls = (1, 2, 5, 20, 200)
ax, learned_rates, means = figures.cuts(q, 200, unrolls)

# %%
words = f"cut after 1 step: rate {learned_rates[0]:.2f}"
words = f"{words}; not cut: {learned_rates[-1]:.2f}"
claim(words, np.all(np.diff(learned_rates) > 0))
words = f"the short cut costs {means[0] / means[-1] - 1:.0%} of the loss"
claim(words, np.all(np.diff(means) < 0))

# %% [markdown]
# The shorter the pieces, the further is the red point from the lowest place. More meta-training does not help: each
# cut has another minimum. Then why not leave out all cuts? Look at the size of the slope. Descent on a bend $h$ is
# stable up to the rate $2 / h$, and here the strongest bend is 1.

# %%
lengths = (1, 5, 10, 20, 40, 80)
ax, slopes = figures.explosion(q, (0.5, 1.5, 2.2), lengths)

# %%
calm, edge, wild = (np.array(one) for one in slopes)
grew = wild[-1] / wild[0]
claim(f"at 2.2 the slope grows by a factor of {grew:.0e}", grew > 1e9)
most = max(calm[-1] / calm[0], edge[-1] / edge[0])
claim("at 0.5 and 1.5 it does not", most < 2)

# %% [markdown]
# A little above the limit, each step makes the slope larger by the same factor, and 80 steps do so 80 times over. One
# such step of meta-training moves the rule anywhere. Metz and others (2019) say it in one line: short cuts are biased,
# long ones explode.
#
# Does this show in our rules? We also trained rules that are cut after 5 steps, for the same seconds. So they made
# 1,300 steps of meta-training, and not 400.

# %%
short = [recording.recorded(5, seed) for seed in recording.SEEDS]
runs = [measuring.curve(new, one.optimiser_for, 200) for one in short]
both = {"cut at 20": learned, "cut at 5": np.array(runs)}
ax = figures.curves(both, horizon=100)
for at in (20, 100, 200):
    told = [f"{name} {interval(one[:, at])}" for name, one in both.items()]
    print(f"after {at} steps:", "; ".join(told))

# %% [markdown]
# On these functions, the short cut is not worse. Two things differ from the noisy quadratic. The gradients here have no
# noise, so there is little to gain from short steps. And a piece of 5 steps is cheap: in the same seconds, the rule
# learns from three times as many pieces. Short-horizon bias is a fact about where meta-training *ends*. It need not be
# what limits a meta-training of 16 s.
#
# ## 6 · Beyond the horizon
#
# Each training had 100 steps. What does a rule do after them? It has never been there.

# %%
some = measuring.quadratics(seed=102, count=50)
far = [measuring.curve(some, one.optimiser_for, 1000) for one in rules]
long = {}
for name in ("momentum", "Adam"):
    rival = measuring.RIVALS[name](rates[name])
    long[name] = measuring.curve(some, rival, 1000)

# %%
at_100, at_1000 = np.array(far)[:, [100, 1000]].T
pairs = zip(at_100, at_1000, strict=True)
said = "; ".join(f"from {a:.2f} to {b:.2f}" for a, b in pairs)
ax = figures.curves({**long, "learned": far}, horizon=100, log=True)
answer = exercises.what_happens(at_100, at_1000)
told = asserted(said, np.array(far).max(0)[200] < np.array(far)[:, 0].min())
Reveal(exercises.beyond, answer, because=told, show=ax)

# %% [markdown]
# Up to step 100, all three rules do the same. Beyond it, nothing ever asked them to stay at a minimum. The loss of one
# rule may go on falling, and that of another one may rise. You cannot tell from the training: all had the same
# settings, and differ by their seeds. Adam and momentum have no horizon, but a constant rate has its limits, too.
#
# ## 7 · Another kind of problem
#
# The rule knows quadratics. Rosenbrock's valley is none: its floor is a curve, and steep walls stand on both sides. We
# let the same four optimisers run there, with smaller rates for SGD and momentum, which would explode.


# %%
def rosenbrock(x):
    return (1 - x[..., 0]) ** 2 + 100 * (x[..., 1] - x[..., 0] ** 2) ** 2


racers["SGD"] = partial(torch.optim.SGD, lr=0.001)
racers["momentum"] = partial(torch.optim.SGD, lr=0.001, momentum=0.9)
paths = race(rosenbrock, torch.tensor([-0.5, 1.0]), 60)
Player(films.optimizer_race(paths, rosenbrock, title="Rosenbrock's valley"))

# %%
begin, ends = torch.tensor([-0.5, 1.0]), []
for one in rules:
    *_, end = descend(rosenbrock, begin, one.optimiser_for, 60)
    ends.append(float(end.loss))
adam = float(paths["Adam"][-1].loss)
words = f"after 60 steps Adam {adam:.2f}, the rules"
ahead = sum(end < adam for end in ends)
claim(f"{words} {', '.join(f'{end:.2f}' for end in ends)}", ahead == 1)

# %% [markdown]
# The film shows the rule of the first seed, and it is the luckiest of the three: the two others end behind Adam. A rule
# that was learned is not one thing. The seed decides what it does on problems that it was not trained for. The paper
# reports the same for networks: a rule for sigmoid units works on larger networks of the same kind, and fails with ReLU
# (its section 3.2).
#
# `make bench` also lets the rules train a small network on digits, with rivals that are tuned for it. The numbers stand
# in [RESULTS.md](../tests/benchmarks/RESULTS.md), in the section on the learned optimiser. In words: the rules cut at
# 20 start more slowly than Adam, and are level after 100 steps. The rules cut at 5 are far behind. On quadratics, the
# two kinds of rules could not be told apart after 100 steps. So a short cut can do harm that the training problems do
# not show.
#
# Three popular claims need care:
#
# - *"A learned optimiser needs no tuning."* It needs no rate. Its meta-training has a rate, a cut, a horizon and a
#   distribution of problems.
# - *"It beats Adam."* Say on which problems, after how many steps, and whether Adam was tuned for them.
# - *"Second derivatives are needed."* The authors' code leaves them out.

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.two_numbers

# %%
two_numbers = ...

# %%
exercises.two_numbers.check(two_numbers)

# %%
exercises.greedy


# %%
def greedy(h, A, s): ...


# %%
exercises.greedy.check(greedy)

# %%
exercises.mended


# %%
def mended(alpha, h, x, steps): ...


# %%
exercises.mended.check(mended)

# %%
exercises.refuted

# %%
refuted = ...

# %%
exercises.refuted.check(refuted)

# %% [markdown]
# ## What we have seen
#
# - An optimiser is a function from gradients and a memory to updates. Such a function can be learned.
# - One small rule serves every weight, so it runs on problems of any size.
# - The slope flows back through the updates. `param.data = new` cuts it, and no error says so.
# - Short cuts are biased: the greedy rate is the best for one step, and poor for many. Long ones explode.
# - A rule is good where it was trained: on its problems, up to its horizon. Measure before you use it elsewhere.

# %% [markdown]
# ## Where it comes from
#
# - M. Andrychowicz, M. Denil, S. Gomez Colmenarejo, M. Hoffman, D. Pfau, T. Schaul, B. Shillingford, N. de Freitas,
#   *Learning to learn by gradient descent by gradient descent*, NIPS 2016. Sections 2 and 3.1, appendix A.
# - Y. Wu, M. Ren, R. Liao, R. Grosse, *Understanding Short-Horizon Bias in Stochastic Meta-Optimization*, ICLR 2018.
#   Section 2.
# - L. Metz, N. Maheswaranathan, J. Nixon, C. D. Freeman, J. Sohl-Dickstein, *Understanding and correcting pathologies
#   in the training of learned optimizers*, ICML 2019.

# %% [markdown]
# ## Where to go next
#
# [Lesson 15, meta-learned architecture search](15_meta_learned_search.ipynb) asks what one search can teach the next.
# Back: [lesson 13, few examples](13_few_examples.ipynb).
