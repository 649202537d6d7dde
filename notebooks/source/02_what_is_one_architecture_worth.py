# %% [markdown]
# # 02 · What is one architecture worth?
#
# **What you will be able to do.** Derive the loss of a classifier and its gradient, and run gradient descent with
# nothing hidden. Say what a validation score is made of, how far it can be trusted, and what it costs to trust it more:
# seeds, folds, early stopping. Choose a metric that cannot be fooled by a rare class. Explain why the better score may
# belong to the worse network, and show it with numbers.
#
# **How long.** Fifty minutes to read and run, thirty more for the exercises. The page itself runs in about a minute on
# two processor cores.
#
# **What you need first.** Lesson 00, and what a derivative is. Lesson 01 for the small chains at the end.
#
# ## The question
#
# So far a trainer was a machine: architectures in, scores out. A search believes these scores. It climbs towards them,
# however they come about, and if they are wrong in some direction it will climb in that direction. So before we search
# in earnest, we open the machine. In the first half of this lesson we build one training from the ground: loss,
# gradient, descent. In the second half we ask what the number at its end is worth.
#
# One question first. You will be able to answer it in section 11. Guess now:

# %%
import matplotlib.pyplot as plt
import numpy as np

import nasedu
from nasedu import plots, spaces, tasks, trainers
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_02 import exercises, figures
from nasedu.tables import selection_bias
from nasedu.tables.atlas import atlas
from nasedu.trainers.single import gradient_descent, metrics, training_loop
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

Predict(exercises.winner)

# %% [markdown]
# ## 1 · The smallest network there is
#
# We want a training so small that every number in it can be looked at. Therefore: two classes, the handwritten threes
# and eights among our digits; two numbers for each image instead of 64; and one layer of two weights. An eight is
# closed on its left side where a three is open, so our two numbers are the amount of ink in the upper left part and in
# the lower left part of the image. We shift and scale both so that they have mean 0 and standard deviation 1. That
# makes the weights comparable and spares us a bias, the constant that a layer usually adds. As everywhere in this
# course, `X` holds what a network is shown and `y` the right answers, here 1 for an eight and 0 for a three.

# %%
nasedu.show(exercises.threes_and_eights)

# %%
task = tasks.load("digits")
X, y = exercises.threes_and_eights(task)
ax = plots.classes(X, y, ["3", "8"])
_ = ax.set(xlabel="ink in the upper left", ylabel="ink in the lower left")

# %% [markdown]
# Each dot is an image. Eights lie further up and to the right, as hoped, and in the middle the two kinds overlap: no
# straight line separates them all, so no network of this size will be perfect. That is good, since we want to watch it
# trade one mistake for another.
#
# The network computes $z = w_1 x_1 + w_2 x_2$, which is large for what looks like an eight. A number between minus and
# plus infinity is not yet an answer. We squeeze it into a probability, the network's belief that this is an eight, with
# the **logistic function**:
#
# <!-- equation: logistic -->
# $$p = \frac{1}{1 + \exp(-z)}$$
#
# At $z = 0$ it is one half. The further $z$ goes up, the closer $p$ comes to 1, and it never gets there.

# %% [markdown]
# ## 2 · How wrong is an answer?
#
# The obvious measure is to count mistakes. It is what we care about in the end, and it is useless for learning. To see
# why, hold the first weight at 1, move the second slowly from left to right, and look at the share of mistakes. In the
# right figure it is a staircase: on a stair nothing changes, so nothing tells us in which direction to go. Almost
# everywhere its slope is exactly zero.
#
# We need a measure that also notices *how sure* the network was. Let $p_i$ be the probability that it gave to the
# **right** class of example $i$. If it is 1, nothing was wrong. As it approaches 0, the network was sure of the
# opposite, and the punishment should grow without limit. Minus the logarithm does this (left figure), and the mean over
# all examples is the **cross-entropy**:
#
# <!-- equation: cross-entropy -->
# $$L = -\frac{1}{n} \sum_{i=1}^{n} \log p_i$$
#
# There is a second reason for the logarithm. The probability that the network gives to *all* right answers together is
# their product, and the logarithm makes a sum of it. So the lowest cross-entropy is the highest probability of what was
# really seen: *maximum likelihood* (Bishop 2006, section 4.3.2).

# %%
line, p = np.linspace(0, 3, 400), np.linspace(0.01, 1, 100)
losses = [gradient_descent.cross_entropy((1, w), X, y) for w in line]
mistakes = [1 - gradient_descent.accuracy((1, w), X, y) for w in line]
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plots.lines(p, {"-log p": -np.log(p)}, left).set_xlabel("probability of the right class")
ax = plots.lines(line, {"cross-entropy": losses, "share of mistakes": mistakes}, right)
_ = ax.set_xlabel("second weight")

# %% tags=["nbval-check-output"]
flat = float(np.mean(np.diff(mistakes) == 0))
claim(f"the share of mistakes stands still in {flat:.0%} of the moves", flat > 0.5)
claim("the cross-entropy never does", bool(np.all(np.diff(losses) != 0)))

# %% [markdown]
# The smooth curve says at every place which way to go, down to its lowest point a little above 2. The staircase is near
# its lowest step there, too. So a small loss is a way to few mistakes, though no promise of it (exercise 4).
#
# ## 3 · Which way is down?
#
# The cross-entropy has a slope everywhere, and we can compute it. Take one example with $y = 1$ for an eight, 0 for a
# three, and $p$ for the network's belief in an eight. The chain rule goes backwards through three stations: how the
# loss depends on $p$, how $p$ depends on $z$, and how $z$ depends on a weight.
#
# For an eight the loss is $-\log p$, and its derivative with respect to $p$ is $-1/p$. The derivative of the logistic
# function is $p(1 - p)$; you can check that from its formula. Multiplied: $-(1 - p)$, that is $p - 1$. For a three the
# loss is $-\log(1 - p)$, the derivative is $1/(1 - p)$, and multiplied it is $p$. Both cases are one formula, $p - y$:
# what the network believed minus what is true. The last station is easy, since $z$ grows by $x$ for each unit of the
# weight. In the mean over all examples:
#
# <!-- equation: loss-gradient -->
# $$g = \frac{1}{n} \sum_{i=1}^{n} (p_i - y_i) \, x_i$$
#
# (Here $p_i$ is the belief in an eight.) There is one such number for each weight; together they are the **gradient**.
# The code is as short as the formula:

# %%
nasedu.show(gradient_descent.gradient)

# %% [markdown]
# `probabilities` is the logistic function of all examples at once, and the product with `X.T` multiplies each
# difference by its $x$ and adds them up.
#
# A derivation on paper can be wrong, so we check it twice. First by brute force: move one weight by a millionth up and
# down, and see what the loss gains. Then by torch, whose *automatic differentiation* walks back through the same chain
# rule on its own. All three must agree.

# %% tags=["nbval-check-output"]
import torch

w = np.array([0.5, -0.2])
ours = gradient_descent.gradient(w, X, y)
ends = [[gradient_descent.cross_entropy(w + d, X, y) for d in (move, -move)] for move in 1e-6 * np.eye(2)]
moved = [(above - below) / 2e-6 for above, below in ends]
weights = torch.tensor(w, requires_grad=True)
z = torch.from_numpy(X) @ weights
torch.nn.functional.binary_cross_entropy_with_logits(z, torch.from_numpy(y)).backward()
claim(f"gradient {ours.round(4)}: as by moving the weights", np.allclose(ours, moved, atol=1e-8))
claim("and as by torch", np.allclose(ours, weights.grad.numpy(), atol=1e-12))

# %% [markdown]
# Both numbers are negative, so from here the loss falls if either weight grows, and it falls faster with the second.
#
# ## 4 · Gradient descent, by hand
#
# The gradient points to where the loss grows fastest. We go the other way, by a step whose length is the gradient times
# a number $\alpha$, the **learning rate**:
#
# <!-- equation: descent-step -->
# $$w \leftarrow w - \alpha g$$
#
# That is all that training is: this line, again and again. Since there are only two weights, we can look at the loss
# from above, as at a map. In the player, each point of the map is a pair of weights, each line joins the points of one
# loss, and the path is the training. Step with the arrow keys, and compare each equation with the one before. Watch
# three things: the steps get shorter on their own, because the gradient does; each step sets out at right angles to the
# lines of equal loss; and the accuracy moves in jumps while the loss glides. Then change `alpha` or the start in the
# cell, and predict the path before you play it. Where will it end with `alpha=20`?

# %%
steps = list(gradient_descent.descend(X, y, alpha=2.0, steps=40, weights=(-2.0, 1.5)))
Player(films.descent(steps, X, y))

# %% [markdown]
# How large should the learning rate be? Nobody can tell in advance, but the two ways of being wrong look different.
# Below are three trainings of forty steps from the same start:

# %%
curves = {}
for alpha in (0.05, 2.0, 60.0):
    path = gradient_descent.descend(X, y, alpha=alpha, steps=40, weights=(-2.0, 1.5))
    curves[f"alpha = {alpha}"] = [step.loss for step in path]
_ = plots.lines(range(40), curves).set(xlabel="step", ylabel="cross-entropy", ylim=(0, 4))
slow, good, wild = (losses[-1] for losses in curves.values())
claim(f"losses at the end: {slow:.2f}, {good:.2f}, {wild:.2f}", good < slow and good < wild)

# %% [markdown]
# With the small rate the loss falls so slowly that forty steps are not enough. With the large one the first step jumps
# over the valley, to where the loss is three times as high as at the start. It comes down, leaps up again, and ends
# above where it began. With the rate in between it falls quickly and has settled after ten steps. Where the loss is
# curved like a bowl one can say how large is too large: more than 2 divided by the curvature (it follows from section
# 4.3.1 of Goodfellow et al. 2016). Networks are no bowls, but the picture is the same.
#
# In practice the gradient is not taken over all examples but over a small **batch** of them, drawn anew for each step.
# That is much cheaper, and its direction is right on average. The price is noise, and the noise comes from a seed. Here
# are the paths of two such trainings that differ in nothing but the seed:

# %%
_, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
for seed in (0, 1):
    few = {"batch": 8, "seed": seed}
    path = list(gradient_descent.descend(X, y, alpha=2.0, steps=40, weights=(-2.0, 1.5), **few))
    ax.plot(*zip(*(step.weights for step in path), strict=True), marker=".", label=f"seed {seed}")
ax.plot(*zip(*(step.weights for step in steps), strict=True), color="black", label="all examples")
ax.set(xlabel="first weight", ylabel="second weight")
_ = ax.legend()

# %% [markdown]
# The black path goes down to the lowest point and comes to rest there. The other two set out in the same direction and
# then wander about that point, for each batch of eight images pulls a little elsewhere. After forty steps they stand at
# different weights. Section 7 asks what this does to scores.
#
# ## 5 · Ten classes, and a real trainer
#
# For ten digits the network has ten outputs $z_1, \dots, z_{10}$, and the logistic function gives way to the
# **softmax**: powers of e, divided by their sum, so that all are positive and together make 1. Adding the same number
# to all outputs changes nothing, only their differences count:
#
# <!-- equation: softmax -->
# $$p_k = \frac{\exp(z_k)}{\sum_{j} \exp(z_j)}$$
#
# The loss stays what it was, minus the logarithm of the probability of the right class. What is its slope now? Written
# out, the loss of one example is $-z_y + \log \sum_j \exp(z_j)$, with $y$ for the right class. The first part has the
# slope $-1$ for the right output and 0 for the others. The second has the slope $\exp(z_k) / \sum_j \exp(z_j)$, and
# that is $p_k$. So with $t_k = 1$ for the right class and 0 for the others,
#
# <!-- equation: softmax-slope -->
# $$\frac{\partial L}{\partial z_k} = p_k - t_k$$
#
# Belief minus truth, once more. A network without hidden layers has 64 × 10 weights for our digits, and the whole of
# its training fits into a few lines of numpy. (You will write the slope yourself in exercise 2, for one example.)


# %%
def train(X, y, alpha, steps):
    W, truth = np.zeros((X.shape[1], 10)), np.eye(10)[y]
    for _ in range(steps):
        powers = np.exp(X @ W)
        W -= alpha * X.T @ (powers / powers.sum(axis=1, keepdims=True) - truth) / len(X)
    return W


pixels = task.train.X.reshape(-1, 64).astype(float)
W = train(pixels, task.train.y, alpha=0.5, steps=200)

# %% [markdown]
# Does torch do the same? We give its plainest optimiser the same start, the same learning rate and as many steps, and
# compare the 640 weights at the end:

# %% tags=["nbval-check-output"]
examples, answers = torch.from_numpy(pixels), torch.from_numpy(task.train.y)
theirs = torch.zeros(64, 10, dtype=torch.float64, requires_grad=True)
optimiser = torch.optim.SGD([theirs], lr=0.5)
for _ in range(200):
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(examples @ theirs, answers).backward()
    optimiser.step()
gap = float(np.abs(W - theirs.detach().numpy()).max())
claim("after 200 steps all 640 weights agree to nine decimals", gap < 1e-9)

# %%
validation = task.validation.X.reshape(-1, 64) @ W
reads = float(np.mean(validation.argmax(axis=1) == task.validation.y))
claim(f"it reads {reads:.1%} of the validation images correctly", reads > 0.85)

# %% [markdown]
# More than nine in ten, without any hidden layer: whatever a search finds on these digits has to be measured against
# that.
#
# Nothing in the trainers of this course is different in kind. They draw the weights from a seed instead of beginning at
# zero, take batches, and use Adam (Kingma and Ba 2015), which gives each weight a step size of its own. The loss and
# its gradient are the ones above; behind a hidden layer the chain rule has a few more stations to go through, and torch
# walks them for us. This is the loop that trains every single network of this course, one epoch of it:

# %%
nasedu.show(training_loop.train_epoch)

# %% [markdown]
# Forward, the loss, backward, one step: the middle of the loop is the four lines that you have just seen. The other
# lines set the learning rate, move or mix the images if a recipe asks for it, and stop a training that takes too long.
#
# Below is the training of a network with one hidden layer of 32 units. On the left is what the training makes small,
# the loss on the training images; on the right what the search looks at, the share of validation images read correctly.

# %%
mlp = spaces.load("mlp", task)
trainer = trainers.load("sequential", mlp, task)
small = ("32-relu", "stop")
(evaluation,) = trainer([small], epochs=12, seed=0)
ax = figures.training([evaluation])

# %% [markdown]
# Check the beginning of the left curve against exercise 1: before it has learned anything a network cannot do better
# than to give ten digits a tenth each. (The curve begins a little lower, for its first value is the mean over the whole
# first epoch.) Two curves, two questions. The left one asks: is it still learning? Here it is, to the end. The right
# one: has it learned something that holds beyond the images it has seen? Here it has, ever more slowly and with
# setbacks. In this run both improve together. The next section shows what happens when they part.

# %% [markdown]
# ## 6 · When to stop
#
# `noisy-labels/digits` is a relative of our task with few training images. Three training labels in ten are wrong (its
# `summary` says so), as some are in real life. A network with enough weights can learn even these by heart, and that
# cannot help it on other images. We train a convolution with a wide dense layer for 40 epochs from six seeds and do not
# let the trainer stop it (`patience=0`). A **recipe** says how to train; this one raises the learning rate from the
# usual 0.002. The lines are means over the seeds, the bands their uncertainty:

# %%
noisy = tasks.load("noisy-labels/digits")
recipe = trainers.Recipe(learning_rate=0.005)
space, wide = spaces.load("chain-cnn", noisy), ("conv3-16", "pool2", "dense64", "stop")
patient = trainers.load("sequential", space, noisy, patience=0, recipe=recipe)
runs = patient([wide] * 6, epochs=40, seed=range(6))
ax = figures.training(runs)

# %% [markdown]
# On the left, progress to the end. On the right the score rises, has its best days before the middle, and then slowly
# declines, while the loss goes on falling as if nothing had happened. From there on the network learns the mistakes of
# its labels. This is **overfitting**, and the training loss does not know of it. The decline is gentle, so we had
# better check that it is no accident of these seeds: see the second claim below.
#
# The remedy is as old as neural networks: watch the validation score, and stop when it has not improved for a while
# (Prechelt 1998). How long a while is called the **patience**. And the score that counts is the best on the curve, not
# the last. With a patience of three, from the same seeds:

# %%
stopping = trainers.load("sequential", space, noisy, patience=3, recipe=recipe)
stopped = stopping([wide] * 6, epochs=40, seed=range(6))
pairs = list(zip(runs, stopped, strict=True))
claim("the same curves, as far as they go", all(e.curve[: len(s.curve)] == s.curve for e, s in pairs))
decline = interval(np.mean(e.curve[12:20]) - np.mean(e.curve[-8:]) for e in runs)
claim(f"epochs 13 to 20 against the last eight: {decline} of score lost", decline.low > 0)
trained, missed = interval(len(s.curve) for _, s in pairs), interval(e.score - s.score for e, s in pairs)
claim(f"patience 3: {trained:.0f} of 40 epochs, {missed} of score missed", trained.high < 38)

# %% [markdown]
# So stopping early saves about half of the epochs and costs hardly any score. In a search that is often a good bargain:
# the epochs that are saved pay for other architectures. How low one can bid is the subject of lesson 09.
#
# One more thing has happened on the way, and it matters later. Taking the *best of 40* validation scores is itself a
# choice, made with the validation images. What has been used for choosing can no longer be used for judging. That is
# why there is a third part, the test images, which no curve has ever seen.

# %% [markdown]
# ## 7 · The luck of the seed
#
# Two trainings of the same network differ by their seed: in the weights they start from and in the order of the images.
# How much does that matter? We train our small network from twelve seeds:

# %%
again = trainer([small] * 12, epochs=12, seed=range(12))
scores = [e.score for e in again]
ax = plots.runs({"one network": scores}, "validation score (dots: twelve seeds; bar: their mean)")

# %% [markdown]
# The same network, the same images, and between the best seed and the worst lies more than one percent. Which is *the*
# score? The best answer is the mean, and the more seeds are in it, the less it depends on them. If scores vary by $s$
# from seed to seed ($s$ is their standard deviation), their mean over $n$ seeds varies by the **standard error**
#
# <!-- equation: standard-error -->
# $$e = \frac{s}{\sqrt{n}}$$
#
# and once there are more than a few seeds the true mean lies within 1.96 times that in 95 of 100 cases (with five or
# six seeds, in about 9 of 10). Most intervals in this course are made so. Here is the mean of the first two seeds, of
# the first three, and so on, each with its interval as a band:

# %%
ax = plots.band(range(2, 13), [interval(scores[:n]) for n in range(2, 13)])
_ = ax.set(xlabel="seeds in the mean", ylabel="mean score")

# %% [markdown]
# With two seeds the band can be anything. Here the first two scores are equal, and it claims a certainty that does not
# exist. The mean of all twelve lies outside the bands of the first few. From the third seed on the band shrinks, until
# seeds come in that lie further apart: its width is an estimate, too. In the long run it shrinks slowly, for to halve
# it one needs four times the seeds.
#
# So how many would it take to tell two networks apart whose true scores differ by one percent? Each has its own error,
# and errors of a difference add as squares, so we need $1.96 \sqrt{2}\, s / \sqrt{n} < 0.01$. (That is enough to see
# the difference in every second case. To see it in four of five takes twice as many.) We compute that for our network,
# and for those of the **atlas**, the table of trained networks from lesson 00. Its `values` are scores by network,
# task, seed and epoch, and we take the last epoch:

# %%
s, table = float(np.std(scores, ddof=1)), atlas()
spread = interval(np.sqrt(table.values[:, :, :, -1].var(axis=2, ddof=1).mean(axis=0)))
few, many = (int(np.ceil(2 * (1.96 * each / 0.01) ** 2)) for each in (s, spread.mean))
claim(f"here the scores vary by {s:.4f} from seed to seed: {few} seeds for each network", few > 1)
claim(f"on the 16 tasks of the atlas by {spread}: {many} seeds", spread.low > s and many > 24)

# %% [markdown]
# On these easy digits few seeds will do, and yet not as few as printed: with so few, $s$ itself is badly known. On the
# tasks of the atlas, which are harder and trained with fewer images, the same calculation asks for more than a hundred,
# and for a difference of half a percent for four times as many. No search can afford that for every network, and none
# does. It goes by single noisy scores and must live with them.
#
# Mind what the noise is *not*: it is no fault of the trainer, which gives the same score for the same seed, to the last
# digit. It is an honest property of training. Which weights a network begins with is arbitrary, and a result that holds
# for one beginning alone is not a result about the network.

# %% [markdown]
# ## 8 · The luck of the split
#
# The seed is not the only accident. Somebody has also decided *which* images are for training and which for validation.
# With other images the score would have been another one. **Cross-validation** takes this into account. The training
# and validation images are put together and dealt into $k$ equal heaps, the *folds*. Each heap is for validation once,
# while the network is trained on all the others, and the score is the mean over the $k$ trainings. Every image is
# looked at exactly once, so no lucky choice of images can flatter the network. (The best of twelve epochs is a choice
# of another kind, and it flatters here as in section 6.) In this course it is one argument, `folds=5`, and the scores
# of the single folds are in the evaluation:

# %%
folded = trainers.load("sequential", mlp, task, folds=5)
by_seed = [e.metrics["scores"] for e in folded([small] * 3, epochs=12, seed=range(3))]
rows = {"one split, 12 seeds": interval(scores)}
rows |= {f"five folds, seed {seed}": interval(found) for seed, found in enumerate(by_seed)}
ax = plots.whiskers(rows)
ax.set_xlabel("validation score")
between = float(np.mean([np.std(found, ddof=1) for found in by_seed]))
claim(f"scores vary by {between:.4f} from fold to fold, by {s:.4f} from seed to seed", between > s)

# %% [markdown]
# The uppermost row has the shortest whisker: it is a mean of twelve scores and not of five, and above all it knows of
# the luck of the seed alone. That its 360 images may be harder than others it cannot know, and the means of the other
# rows do lie further right. (With five folds the network also learns from a few more images, four fifths in place of
# three quarters.)
#
# The folds differ more than the seeds do. Can we understand the number? An image is read correctly with some
# probability $p$. If we draw $n$ images, the share read correctly varies by $\sqrt{p (1 - p) / n}$, as you know from
# exercise 3 of lesson 00. A fold has a fifth of all images, so:

# %%
p, n = float(np.mean(by_seed)), (len(task.train.y) + len(task.validation.y)) // 5
chance = (p * (1 - p) / n) ** 0.5
claim(f"chance alone makes a fold of {n} images vary by {chance:.4f}", between < 2 * chance)

# %% [markdown]
# That is about what we saw. So most of the difference between folds is the luck of which images are in them, and a
# difference of one percent between two networks on one small validation set may be no more than this luck. Five folds
# cost five trainings. Whether they are better spent on folds, on seeds, or on five other architectures depends on which
# luck is the larger, and now you know how to find out.
#
# One warning about the whiskers in the figure. The five scores are not independent of each other, for any two of the
# trainings share most of their images. The interval is therefore a rough one, and Bengio and Grandvalet (2004) proved
# that no formula can do without some such error. Use it to get an idea of the spread, not to claim a victory.

# %% [markdown]
# ## 9 · One number is not enough
#
# Accuracy counts right answers. If some class is rare, that can mislead badly. Let us ask of each validation image only
# whether it is an eight. About one in ten is. Here are three who answer. All of them look at the probability of an
# eight in our numpy network of section 5, and say *eight* if it is above a threshold. For the network itself that is
# one half. An alarmist says *eight* at the slightest suspicion, above one percent. The third asks for more than 1, and
# so always says *no*. We look at them with four measures.
#
# **Precision** asks of those who were called eights, how many are. **Recall** asks of the eights, how many were called
# so. Either can be had for nothing, recall by always saying yes. **F1** is their harmonic mean, which is low as soon as
# one of the two is. As functions of this package they are averaged over the classes (here two, eights and all others),
# so that a rare class counts as much as a frequent one. With $P_k$ and $R_k$ for precision and recall of class $k$ of
# $m$ classes:
#
# <!-- equation: f1 -->
# $$F_1 = \frac{1}{m} \sum_{k=1}^{m} \frac{2 P_k R_k}{P_k + R_k}$$

# %%
answers = metrics.Answers(task.validation.y, validation)
eight = answers.probabilities[:, 8]
said = {"always no": eight > 1, "the network": eight > 0.5, "the alarmist": eight > 0.01}
measured = exercises.measures(task.validation.y == 8, said)
right, f1 = measured.loc["always no", ["accuracy", "f1"]]
claim(f"always no: accuracy {right:.2f}, F1 {f1:.2f}", right > 0.85 and f1 < 0.5)
measured.round(3)

# %% [markdown]
# Somebody who never looks at the image is right nine times out of ten. `balanced_accuracy`, the mean of the recalls,
# gives that answer the 0.5 it deserves, and F1 even less. The network is hardly ever wrong when it says *eight*, but it
# misses some, and that lowers its balanced accuracy and its F1. The alarmist has the opposite weakness: it finds the
# eights, and its precision pays for it. Which measure is right depends on what a mistake costs: for an illness a missed
# case may be worse than a false alarm. A task in this course names its metrics, and the first is what the search
# climbs. Choose it before you search; a search finds whatever you reward.
#
# Try it on a case in which it matters more than with eights. No code is needed, only what the two classes are, and what
# the recall of each of them is:

# %%
Quiz(exercises.always_healthy)

# %% [markdown]
# Behind all of these measures stands the **confusion** matrix: rows are what is true, columns what was said. It is the
# first thing to look at when a score surprises you. Here it is for our numpy network on all ten digits. Which digits
# does it take for which? Are the mistakes the ones that you would make?

# %%
counts = metrics.confusion(answers)
ax = plots.confusion(counts)
diagonal = float(np.trace(counts) / np.sum(counts))
claim(f"the diagonal holds {diagonal:.1%} of the images, the accuracy", abs(diagonal - reads) < 1e-9)

# %% [markdown]
# The most frequent mistake is a one taken for a nine. Nine is where this network is weakest: along its column stand
# other digits that were called nines, along its row nines that were called something else.
#
# ## 10 · Choosing makes optimists
#
# Now the question of the beginning. A search looks at many scores and keeps the best. What does that do to the number?
# Take the extreme case first: a thousand "networks" that know nothing and guess. Each is judged on 360 validation
# images and on as many test images. All of them are worth exactly 0.1. We keep the one with the best validation score,
# and look at both of its scores, over twenty repetitions:

# %%
sizes = (1, 3, 10, 30, 100, 300, 1000)
rights = np.random.default_rng(0).binomial(360, 0.1, size=(2, 20, 1000))
chosen = [rights[0, :, :n].argmax(axis=1) for n in sizes]
first, test = ([interval(part[range(20), best] / 360) for best in chosen] for part in rights)
ax = plots.band(sizes, first, label="validation score of the best")
plots.band(sizes, test, ax, label="its test score")
_ = ax.set(xscale="log", xlabel="networks to choose from", ylabel="score")
claim(f"best of 1,000: validation {first[-1]}, test {test[-1]}", first[-1].low > test[-1].high)

# %% [markdown]
# Nothing here can do better than chance, and still the best of a thousand seems to be half as good again. Nobody has
# cheated. The more one looks at, the luckier the luckiest. This is **selection bias**, and the test score is immune to
# it, for a simple reason: it had no part in the choice.
#
# Real networks are not equal, so the best score is part merit and part luck. How much of each? The atlas can tell, for
# it holds every network trained from three seeds. We play a search that looks at $n$ random networks, each trained once
# (from seed 0), and keeps the best. Then we ask for two numbers. What do the *other* seeds of that same network score
# on the same validation images? And what do the *same weights* score on test images? (Test images are harder or easier
# as a whole, so we take each task's mean difference away.)


# %%
nasedu.show(selection_bias.drop_of_best)

# %% [markdown]
# ## 11 · The winner, trained again
#
# In the code `first` holds each network's score from seed 0, `others` the mean over the other two seeds, and `tries`
# the searches that are averaged. We let it choose from one network, from three, and so on up to 300. The bands are over
# the 16 tasks. A drop of 0 would mean that the score by which the winner was chosen can be believed.

# %%
sizes = sizes[:-1]
drops = [selection_bias.drop_of_best(table, n) for n in sizes]
again, kept = [interval(d.retrained) for d in drops], [interval(d.same_weights) for d in drops]
ax = plots.band(sizes, again, label="trained again from other seeds")
plots.band(sizes, kept, ax, label="the same weights, on test images")
_ = ax.set(xscale="log", xlabel="networks to choose from", ylabel="drop of the score")
claim(f"the best of {sizes[4]}, trained again: lower by {again[4]}", again[4].low > 0)
claim(f"its own weights on test images: lower by {kept[4]}", kept[4].high < 0.01)

# %%
Reveal(exercises.winner, "lower")

# %% [markdown]
# Two lines, and they say different things. The upper one: the more networks we choose from, up to a hundred or so, the
# more the winner disappoints when it is trained again. (Seed 0 was a little kinder to all networks; that is taken
# away.) It was chosen not only for what it is but for how well that one training happened to go. The lower one stays
# near zero: with a thousand validation images, as the atlas has, hardly any of the luck was in the *images*. The
# weights that won really are that good; it is their *architecture* that is not.
#
# Which of the two do you want to know? If you will use these very weights, the second. If you will train again, on more
# data or for longer, as every search in this course does at its end (`study.finish()`), the first. A report that does
# not say which of the two it means has left out the most important thing.
#
# What can a careful searcher do? Three things, and none of them is expensive. Train the few best networks again, from
# seeds that had no part in the choice, and report those scores. Let the number of seeds grow where it matters: one is
# enough to throw a bad network out, the finalists deserve more. And keep the test images for the last word, once.
#
# ## 12 · The better score, the worse network
#
# So here is what one score is worth. Take two networks of the atlas at random, look at one score of each (seed 0), and
# decide for the higher one. How often is that the wrong one, if the mean test score over the two other seeds has the
# last word? It depends on how far the scores are apart:

# %%
edges = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15]
wrong = [interval(shares) for shares in selection_bias.wrong_decisions(table, edges)]
ax = plots.band(np.convolve(edges, [0.5, 0.5], "valid"), wrong)
_ = ax.set(xlabel="difference of the two scores", ylabel="share of wrong decisions", ylim=(0, 0.55))
near, middle, far = wrong[0], wrong[2], wrong[-1]
claim(f"scores less than 0.005 apart: wrong in {near:.2f} of the cases", near.low > 0.4)
claim(f"0.01 to 0.02 apart: {middle:.2f}; 0.08 to 0.15: {far:.2f}", middle.low > 0.25 > far.high)

# %% [markdown]
# At the left end the decision is little better than a coin toss. At one or two percent, a difference that papers have
# been written about, more than one decision in four is wrong on most of these tasks. Only far to the right can a single
# score be trusted. This does not make searching hopeless: a search needs to be right *on the whole*, and its mistakes
# are most frequent where they cost least, among networks that are nearly equal. But it makes one sentence necessary,
# and we shall repeat it until the last lesson: no claim without its spread.

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

# %%
exercises.guessing_loss

# %%
guessing_loss = ...

# %%
exercises.guessing_loss.check(guessing_loss)

# %%
exercises.slope


# %%
def slope(z, y):
    return ...


# %%
exercises.slope.check(slope)

# %%
exercises.stops_after


# %%
def stops_after(curve, patience):
    return ...


# %%
exercises.stops_after.check(stops_after)

# %%
exercises.two_networks

# %%
two_networks = ...

# %%
exercises.two_networks.check(two_networks)

# %%
exercises.impostor

# %%
impostor = ...

# %%
exercises.impostor.check(impostor)

# %% [markdown]
# ## What we have seen
#
# - The loss is what training makes small, the score what a search makes large. The one needs a slope, the other need
#   not have any.
# - Belief minus truth: the gradient of cross-entropy, for two classes and for ten. Checked on paper, by moving the
#   weights, and by torch.
# - A score is made of merit, of the luck of the seed, and of the luck of the images. Seeds measure the second, folds
#   the third, and both cost trainings.
# - Stopping early saves epochs for little score. Taking the best of a curve is already a choice.
# - Accuracy flatters whoever ignores a rare class; precision, recall, F1 and the confusion matrix do not.
# - The best of many scores is too good. Trained again, the winner falls back, and far more so among a hundred rivals
#   than among a few.

# %% [markdown]
# ## Where it comes from
#
# - C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006. Section 4.3: logistic regression,
#   cross-entropy, softmax and their gradients.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016. Section 4.3: gradient descent and
#   curvature; section 5.3: validation sets and cross-validation; section 7.8: early stopping.
# - D. P. Kingma, J. Ba, *Adam: A Method for Stochastic Optimization*, ICLR 2015. Section 2: the optimiser of our
#   trainers.
# - L. Prechelt, *Early Stopping, but When?*, in: Neural Networks: Tricks of the Trade, Springer 1998.
# - M. Sokolova, G. Lapalme, *A Systematic Analysis of Performance Measures for Classification Tasks*, Information
#   Processing and Management 45(4), 2009. Tables 2 and 3: the measures, for two classes and for many.
# - Y. Bengio, Y. Grandvalet, *No Unbiased Estimator of the Variance of K-Fold Cross-Validation*, JMLR 5, 2004.
# - G. C. Cawley, N. L. C. Talbot, *On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
#   Evaluation*, JMLR 11, 2010. Why the best of many validation scores is too good.
# - The atlas: `nasedu/tables/ATLAS.md` in this package says how it was made.

# %% [markdown]
# ## Where to go next
#
# [Lesson 03, the loop](03_the_loop.ipynb): ask, train, tell, record. Now that we know what a score is worth, we can go
# looking for good ones, and learn to find the mistakes in a search that only looks right. In a terminal, `nasedu search
# --trainer-option folds=5` uses cross-validation for every trial. Back: [lesson 01, search
# spaces](01_search_spaces.ipynb).
