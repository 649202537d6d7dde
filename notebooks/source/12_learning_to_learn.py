# %% [markdown]
# # 12 · Learning to learn
#
# **What you will be able to do.** Write an inner step, and compute MAML's gradient by hand. Change one line of MAML and
# get first-order MAML, Reptile, Meta-SGD or ANIL. Judge three popular claims about them by measurements.
#
# **How long.** Thirty minutes, and thirty for the exercises. The page runs in half a minute.
#
# **What you need first.** Lesson 02, for gradient descent, and lesson 08, for intervals.

# %%
import numpy as np
import torch
from torch.func import grad

from nasedu import metalearning
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.answers import outcome
from nasedu.classroom.lessons.lesson_12 import exercises, figures, recording
from nasedu.core import BadValue
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples
from nasedu.metalearning.going_back import going_back
from nasedu.metalearning.task_distribution import one_task
from nasedu.plots import runs
from nasedu.widgets import AdaptationPlayer, Predict, Quiz, Reveal

# %% [markdown]
# ## The question
#
# So far, every network began with random weights. Here are ten points of a wave. Can a network with 1,761 weights learn
# the whole wave from ten points, in five steps of gradient descent? From random weights it cannot. From the right
# **start** it can. **MAML** (Finn and others, 2017) learns this start from many other waves.
#
# Each wave is a **task**. The ten points are its **support set**. Other points of the same wave are its **queries**:
# they say whether the wave was learned. A step on the support set is an **inner step**, and its rate is the **inner
# rate**, $\alpha$.
#
# Here is one new wave, and one start that MAML has learned from 100,000 others. Step forward, five times. Then go on:
# the frames go backwards through the same steps. Section 2 says what comes back.

# %%
maml = recording.trained("MAML")
waves = metalearning.load_tasks("sinusoids", shots=10, queries=100)
batch = waves.draw(1, np.random.default_rng(0))
support, query = one_task(batch, 0)
AdaptationPlayer(maml, support, query, steps=5)

# %% [markdown]
# The first step does most of the work. On the right you see the parameters, in one plane of their space of 1,761
# dimensions. Its grey lines are lines of equal error on the support set. The first step jumps nearly into the valley.

# %%
Predict(exercises.head_only)

# %% [markdown]
# ## 1 · The inner step
#
# An inner step is one step of gradient descent. Take the smallest case: one number $\theta$, and the loss
# $a (\theta - c)^2 / 2$. Its slope is $a (\theta - c)$. So one step leads to
#
# <!-- equation: inner-step -->
# $$\theta' = \theta - \alpha a (\theta - c)$$
#
# For a network, this line stands in `InnerLoop.moved`, for all weights by their names. Nothing in it knows of
# meta-learning. The start is what makes the difference. Here is the same wave from a start that has learned nothing:

# %%
untrained = recording.learner("MAML")
AdaptationPlayer(untrained, support, query, steps=5)

# %%
losses = {}
for name, one in (("random start", untrained), ("MAML's start", maml)):
    answers = one.adapt(support, steps=5)(query.X)
    losses[name] = float(np.mean((answers - query.y) ** 2))
    print(f"{name}: error {losses[name]:.2f} on the queries after 5 steps")
words = "MAML's start is more than five times better on this wave"
claim(words, 5 * losses["MAML's start"] < losses["random start"])

# %% [markdown]
# ## 2 · The gradient through the step
#
# How does MAML learn the start? It asks: how does the loss *after* the step depend on the start *before* it? We take
# the same loss for support and queries. By the chain rule, the answer has two factors. The first is the slope at the
# new place:
#
# <!-- equation: first-order-gradient -->
# $$g_1 = a (\theta' - c)$$
#
# The second is the slope of $\theta'$ in $\theta$. From the equation of section 1, it is $1 - \alpha a$. So MAML's
# gradient is
#
# <!-- equation: maml-gradient -->
# $$g = a (\theta' - c) (1 - \alpha a)$$
#
# Put in $a = 2$, $c = 1$, $\theta = 3$, $\alpha = 0.1$. The step leads to $3 - 0.1 \cdot 2 \cdot 2 = 2.6$. Then
# $g_1 = 2 \cdot 1.6 = 3.2$, and $g = 3.2 \cdot 0.8 = 2.56$. `torch.func` differentiates through the step, too, because
# `adapted` is a function like any other:

# %%
a, c, alpha, theta = 2.0, 1.0, 0.1, torch.tensor(3.0)


def loss(theta):
    return a * (theta - c) ** 2 / 2


def adapted(theta):
    return theta - alpha * grad(loss)(theta)


# %% tags=["nbval-check-output"]
through = float(grad(lambda start: loss(adapted(start)))(theta))
first_order = float(grad(loss)(adapted(theta)))
claim(f"MAML's gradient is {through:.2f}", abs(through - 2.56) < 1e-5)
ratio = through / first_order
claim(f"first order times {ratio:.2f}", abs(ratio - (1 - alpha * a)) < 1e-6)

# %% [markdown]
# **First-order MAML** leaves the second factor out: it uses $g_1$. With one task, both gradients are zero at the same
# place. With two tasks of different curvature they are not. Here one task has $a = 1$ and $c = 0$, the other $a = 3$
# and $c = 2$. The inner rate is 0.25.

# %%
ax, (of_maml, of_first) = figures.two_starts(((1, 0), (3, 2)), alpha=0.25)
claim(f"they rest at {of_maml:.2f} and {of_first:.2f}", of_maml < of_first)

# %% [markdown]
# The step solves the task of high curvature nearly alone. So MAML's start leans towards the other task. First-order
# MAML does not see this.
#
# For a network, $1 - \alpha a$ becomes a matrix: the identity minus $\alpha$ times the Hessian of the support loss. The
# gradient passes one such matrix for each inner step, from the last one to the first. This is what the player shows in
# its second half. The arrow points against the gradient at each place, and the bars are its length. The last gradient
# is MAML's:

# %%
one = [Examples(*map(torch.as_tensor, part)) for part in (support, query)]
*_, back = going_back(maml, *one, steps=1)
pairs = [Examples(*(part[None] for part in each)) for each in one]
_, whole = maml.meta_gradient(TensorBatch(*pairs), np.random.default_rng(0))
off = max(float((back.gradient[n] - whole[n]).abs().max()) for n in whole)
claim(f"both gradients agree; they differ by {off:.0e}", off < 1e-4)

# %%
Quiz(exercises.where_it_goes)

# %% [markdown]
# ## 3 · The family, one line each
#
# A step of meta-training draws some waves, adapts to each, and moves the start against the mean gradient. The relatives
# of MAML change one line of it. This table is read from the code of the package:

# %%
figures.one_line_changes()

# %% [markdown]
# - **First-order MAML** treats the inner gradient as a constant, so nothing is multiplied on the way back.
# - **Meta-SGD** (Li and others, 2017) learns one inner rate for each weight, along with the start.
# - **ANIL** (Raghu and others, 2020) moves only the last layer, the **head**. All other layers are the same for all
#   tasks. Their outputs are called **features**.
# - **Reptile** (Nichol and others, 2018) trains on a task for some steps. Then it moves the start a little towards the
#   end of this training. It needs no queries and no second derivatives.
#
# ## 4 · Measured, with three seeds
#
# `recording.py` trained each method with three seeds, 1,000 steps each, and kept the errors on 600 new waves. Its
# settings are those of `make bench`, which were chosen with another seed and other waves. **Joint training** is the
# control: one network learns all waves at once, without any thought of adaptation. In the figure, a band reaches from
# the best seed to the worst.

# %%
family = ["MAML", "first-order MAML", "Reptile", "Meta-SGD", "ANIL"]
control = [*family, "joint training"]
recorded = {name: recording.errors(name) for name in control}

# %%
leads = recorded["ANIL"][:, 5] - recorded["MAML"][:, 5]
drop = interval(leads)
right = outcome(exercises.head_only, drop)
shown = {n: recorded[n][:, :6] for n in control if n != "Meta-SGD"}
ax = figures.over_steps(shown)
words = f"ANIL minus MAML after 5 steps: {drop}; each seed is higher"
why = asserted(words, min(leads) > 0)
Reveal(exercises.head_only, right, because=why, show=ax)

# %% [markdown]
# Show the answer. Here are the numbers, with the smallest and the largest of the seeds. Meta-SGD is not in the figure,
# for the reason of section 5.

# %%
for name, rows in recorded.items():
    one, five = rows[:, 1], rows[:, 5]
    print(f"{name}, {recording.seconds(name):.0f} s: error", end=" ")
    print(f"{one.mean():.2f} after 1 step, {five.mean():.3g} after 5", end=" ")
    print(f"(1 step: {one.min():.2f} to {one.max():.2f})")
worst = max(recorded[name][:, 1].max() for name in family)
best_joint = recorded["joint training"][:, 1].min()
words = "after one step, every seed of every method beats joint training"
claim(words, worst < best_joint)

# %% [markdown]
# Now each method minus MAML after one step, seed by seed. One more learner of each method had four times as many steps
# of meta-training:

# %%
for name in control[1:]:
    lead = recorded[name][:, 1] - recorded["MAML"][:, 1]
    print(f"{name} minus MAML:", *(f"{one:+.2f}" for one in lead), end="; ")
    longer = [recording.errors_of_long(n)[1] for n in (name, "MAML")]
    print(f"after 4,000 steps, one seed: {longer[0] - longer[1]:+.2f}")

# %% [markdown]
# - **ANIL** is behind MAML with every seed, and remains so after 4,000 steps.
# - **First-order MAML** is behind after 1,000 steps. After 4,000 steps little of the difference is left. So second
#   derivatives made learning faster here. That they make its end better is not shown.
# - **Reptile** is behind as well, and one training takes longer: it makes five inner steps.
# - **Meta-SGD** is ahead after one step. It has a rate for each weight.
#
# An interval from three seeds is only rough, so we look at each seed: the signs above are the same in all three. At
# 4,000 steps there is one seed, so nothing is known of its spread. A short run on your machine shows how this learning
# begins. We take 200 steps, and one seed:

# %%
short = {}
for name in family:
    learner = recording.learner(name, seed=0)
    for _ in learner.meta_train(metalearning.load_tasks("sinusoids"), 200):
        pass
    tests = [meta_test(learner, waves, 200, steps=k) for k in (0, 1, 5)]
    short[name] = [test.mean for test in tests]
    print(f"{name}: after 0, 1, 5 steps", *(f"{m:.3g}" for m in short[name]))
fell = all(means[1] < means[0] for means in short.values())
claim("after 200 steps, one inner step helps with each start", fell)

# %% [markdown]
# Meta-SGD's last number may be huge or no number at all. Do not rank the methods by this table: it is one seed, after
# few steps.
#
# ## 5 · Rates that explode
#
# Meta-SGD is the best of all after the one step that it was trained for. What if we take five?

# %%
published = recording.trained("Meta-SGD")
many = waves.draw(200, np.random.default_rng(1))
for number in range(200):
    try:
        list(published.adaptation(one_task(many, number)[0], steps=5))
    except BadValue as error:
        print(f"wave {number}: {error}")
        break

# %% [markdown]
# Some learned rates are large: they are right for one long jump from this start. A second jump with the same rates
# begins elsewhere, and can go too far. From then on, each step makes the error larger.
#
# The mend is one argument, `every_step=True`: meta-training takes five inner steps, and descends in the mean loss after
# *each* of them (Antoniou and others, 2019, section 4). A rate that explodes at step five now costs something. This
# learner also changes its rates ten times more slowly than its weights.

# %%
mend = recording.MENDED
shares = {name: recording.explosions(name) for name in ("Meta-SGD", mend)}
ax = figures.exploded(shares)
bad = 100 * shares["Meta-SGD"][:, 5]
words = f"at 5 steps, {bad.min():.0f} to {bad.max():.0f}% exploded"
claim(words, bad.min() > 1)
words = "mended, one seed: none, up to 10 steps"
claim(words, shares[mend].max() == 0)

# %%
(errors,) = recording.errors(mend)  # one seed
words = f"mended: {errors[1]:.2f} after 1 step, {errors[5]:.3f} after 5"
claim(words, errors[5] < recorded["MAML"][:, 5].min())
print(f"one training: {recording.seconds(mend):.0f} s")
AdaptationPlayer(recording.trained(mend), support, query)

# %% [markdown]
# Step through it with the wave from above, and compare. One training costs three to four times the seconds of MAML's.
#
# ## 6 · Do features adapt?
#
# A popular claim says: *MAML learns features that adapt fast.* Raghu and others (2020) tested it. They took trained
# starts, and in the test they moved only the head. On images, little was lost. We do the same with our waves. The
# features of MAML's start are **frozen**, and only the head makes the five steps.

# %%
found = {name: recorded[name][:, 5] for name in ("MAML", "ANIL")}
found["MAML, features frozen"] = recording.errors(recording.FROZEN)[:, 5]
ax = runs(found, "error after 5 inner steps; a dot is a seed")
lost = interval(found["MAML, features frozen"] - found["MAML"])
claim(f"freezing costs {lost} on waves", lost.low > 0.5)

# %% [markdown]
# On our waves, features do move, and much is lost without that. On images it is the other way round. Accuracy on
# mini-ImageNet, five classes, in percent:
#
# | claim | what was compared | 1 example | source |
# |---|---|---|---|
# | "features adapt" | MAML / ANIL | 46.9 / 46.7 | Raghu and others 2020, section 4 |
# | "second derivatives matter" | MAML / first order | 48.70 ± 1.84 / 48.07 ± 1.75 | Finn and others 2017, table 1 |
# | "Reptile beats MAML" | Reptile with / without transduction | 49.97 / 47.07 | Nichol and others 2018, table 1 |
#
# - **ANIL equals MAML** there with one example: the features were good already, and only the head must adapt. With
#   five examples, ANIL has 61.5 and MAML 63.1.
# - **Second derivatives** change less than the interval. On our waves they made learning faster, step for step.
#   After four times as many steps, little of the difference was left.
# - **Reptile's lead is transduction.** With it, batch normalisation sees all queries of a test at once, so the queries
#   help each other. Without it, Reptile has 47.07. MAML's 48.70 was measured with this help. With the same help,
#   Reptile's 49.97 lies inside MAML's interval.
#
# So both sentences are true: ANIL equals MAML on images with one example, and it is worse on our waves. A claim about
# meta-learning needs the name of its tasks. Exercise 4 goes one step further: do waves *need* features that adapt?
#
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

# %%
exercises.factor

# %%
factor = ...

# %%
exercises.factor.check(factor)

# %%
exercises.inner_step


# %%
def inner_step(w, b, X, y, alpha): ...


# %%
exercises.inner_step.check(inner_step)

# %%
exercises.maml_gradient


# %%
def maml_gradient(theta, a, c, alpha, steps): ...


# %%
exercises.maml_gradient.check(maml_gradient)

# %%
exercises.features


# %%
def features(x): ...


# %%
exercises.features.check(features)

# %% [markdown]
# ## What we have seen
#
# - An inner step is plain gradient descent. The start decides how much it helps.
# - MAML's gradient goes back through each inner step. On a quadratic, each step back multiplies by $1 - \alpha a$.
# - First-order MAML, Meta-SGD, ANIL and Reptile change one line each.
# - After one step, all of them beat joint training on new waves, with every seed.
# - Rates that were learned for one step can explode at five. Training for every step mended this for one seed. With
#   others, some trainings themselves exploded.
# - ANIL is worse than MAML on waves, and equal to it on images with one example. What is true depends on the tasks.
#
# ## Where it comes from
#
# - C. Finn, P. Abbeel, S. Levine, *Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks*, ICML 2017: the
#   algorithm (section 2.2), the waves (5.1), first order and images (5.2, table 1).
# - A. Nichol, J. Achiam, J. Schulman, *On First-Order Meta-Learning Algorithms*, arXiv 1803.02999, 2018: Reptile
#   (section 3), the gradients (5), transduction (6.1, table 1).
# - Z. Li, F. Zhou, F. Chen, H. Li, *Meta-SGD: Learning to Learn Quickly for Few-Shot Learning*, arXiv 1707.09835, 2017,
#   algorithm 1.
# - A. Raghu, M. Raghu, S. Bengio, O. Vinyals, *Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness
#   of MAML*, ICLR 2020: freezing (section 3), ANIL (section 4).
# - A. Antoniou, H. Edwards, A. Storkey, *How to Train Your MAML*, ICLR 2019, section 4.
#
# ## Where to go next
#
# - [Lesson 13, few examples](13_few_examples.ipynb): images of new classes, and a rival of MAML that takes no step.
# - [Lesson 15](15_meta_learned_search.ipynb) carries over what whole searches have learned.
# - `nasedu.show(type(maml).meta_gradient)` shows MAML as the package computes it.
