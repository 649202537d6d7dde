# %% [markdown]
# # 02 · What is one architecture worth?
#
# **What you will be able to do.** Run a training with nothing hidden. Say how far a score can be trusted: over seeds,
# over splits, over epochs. Explain why the best of many scores is too good, and show it with numbers.
#
# **How long.** Thirty minutes to read and run, thirty more for the exercises.
#
# **What you need first.** Lesson 00, and what a derivative is.
#
# ## The question
#
# A search believes its scores. If the scores are wrong in one direction, the search climbs in that direction. So what
# is one score worth? Guess first:

# %%
from itertools import pairwise

import numpy as np

from nasedu import Study, controllers, plots, spaces, tasks, trainers
from nasedu.classroom import asserted, claim, closest, interval, outcome
from nasedu.classroom.lessons.lesson_02 import exercises, figures
from nasedu.tables.atlas import atlas
from nasedu.trainers.single import gradient_descent
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

Predict(exercises.winner)

# %% [markdown]
# ## 1 · A training, step by step
#
# We begin with a network of two weights. It looks at a handwritten digit and says whether it is an eight or a three.
# It sees two numbers of the image: the ink in the upper left and in the lower left. An eight is closed there, a three
# is open.

# %%
task = tasks.load("digits")
X, y = exercises.threes_and_eights(task)  # y: 1 for an eight
ax = plots.classes(X, y, ["3", "8"])
_ = ax.set(xlabel="ink in the upper left", ylabel="ink in the lower left")

# %% [markdown]
# The **loss** says how wrong the network is. Its slope in each weight, the **gradient** $g$, points uphill. Training
# goes the other way, again and again, by a step of size $\alpha$, the **learning rate**:
#
# <!-- equation: descent-step -->
# $$w \leftarrow w - \alpha g$$
#
# That is the whole training. (The loss is the *cross-entropy*. Background, at the end, derives its gradient.)


# %%
def descend(w, alpha, steps):
    for _ in range(steps):
        p = 1 / (1 + np.exp(-X @ w))  # the belief in an eight
        g = X.T @ (p - y) / len(X)  # belief minus truth
        w = w - alpha * g
    return w


# %% [markdown]
# Play it. Each point of the map is a pair of weights. Each grey line joins points of the same loss.

# %%
start, options = (-2.0, 1.5), {"alpha": 2.0, "steps": 40}
steps = list(gradient_descent.descend(X, y, weights=start, **options))
Player(films.descent(steps, X, y))

# %% [markdown]
# Three things to see. The steps get shorter, because the gradient does. Each step leaves at a right angle to the grey
# line. The loss glides down, and the accuracy jumps.
#
# Now change `alpha` to 0.05, then to 60. Predict the path each time before you play it.
#
# <details><summary>What you should see</summary>
#
# With 0.05, forty steps end far from the lowest point. With 60 the first step jumps over the valley, and the loss
# rises. It falls, leaps up again, and ends above where it began. No rule says in advance which rate is right, but
# these two ways of being wrong are easy to tell apart.
#
# </details>

# %% tags=["nbval-check-output"]
same = np.allclose(descend(np.array(start), **options), steps[-1].after)
claim("our five lines end at the weights of the player", same)

# %% [markdown]
# ## 2 · Two numbers: the loss and the score
#
# Why does training not simply reduce the mistakes? Hold the first weight at 1, and move the second slowly:

# %%
line = np.linspace(1.5, 2.5, 400)
losses = [gradient_descent.cross_entropy((1, w), X, y) for w in line]
rights = [gradient_descent.accuracy((1, w), X, y) for w in line]
mistakes = 1 - np.array(rights)
ax = figures.loss_and_mistakes(line, losses, mistakes)

# %% tags=["nbval-check-output"]
flat = float(np.mean(np.diff(mistakes) == 0))
claim(f"mistakes: no slope in {flat:.0%} of the moves", flat > 0.5)
claim("loss: a slope in every move", bool(np.all(np.diff(losses) != 0)))

# %% [markdown]
# The share of mistakes is a staircase. On a step nothing says where to go. The loss says it everywhere. So a
# **training** makes the loss small, and a **search** makes the score large. The two are not the same (exercise 4).
#
# ## 3 · The luck of the seed
#
# Now all ten digits: 64 pixels, 10 outputs, 640 weights. Each step looks at 32 images, a **batch**. A **seed** draws
# the batches. The line that moves `W` is again belief minus truth.


# %%
def train(X, y, seed, alpha=0.5, steps=300):
    rng = np.random.default_rng(seed)
    W, truth = np.zeros((64, 10)), np.eye(10)[y]
    for _ in range(steps):
        batch = rng.choice(len(X), 32)
        p = np.exp(X[batch] @ W)
        p /= p.sum(axis=1, keepdims=True)
        W -= alpha * X[batch].T @ (p - truth[batch]) / 32
    return W


# %% [markdown]
# The score is the share of **validation** images that it reads correctly. These images took no part in the training.


# %%
def score(W, X, y):
    return float(np.mean((X @ W).argmax(axis=1) == y))


parts = task.train, task.validation
images = np.concatenate([part.X.reshape(-1, 64) for part in parts])
digits = np.concatenate([part.y for part in parts])
old, new = np.split(np.arange(len(digits)), [len(task.train.y)])
found = [train(images[old], digits[old], seed) for seed in range(30)]
scores = [score(W, images[new], digits[new]) for W in found]
ax = figures.spreads({"30 seeds": scores})

# %% tags=["nbval-check-output"]
low, high = min(scores), max(scores)
claim(f"worst seed {low:.3f}, best seed {high:.3f}", high - low > 0.01)

# %% [markdown]
# The same network, the same images. Which dot is *the* score? The mean is the best answer. If scores vary by $s$ from
# seed to seed (their standard deviation), a mean over $n$ seeds varies by the **standard error**
#
# <!-- equation: standard-error -->
# $$e = \frac{s}{\sqrt{n}}$$
#
# The true mean lies within $1.96 \, e$ of it in 95 of 100 cases, if there are many seeds. With ten seeds it is 92 of
# 100 cases, with five 88. Most intervals of this course are made so. For half the error you need four times the
# seeds.
#
# Below is the mean of the first two seeds, of the first three, and so on:

# %%
ax = figures.means(scores)

# %% [markdown]
# With a few seeds the band can be anything: its width is an estimate, too. Then it shrinks, and ever more slowly.
#
# This noise is no fault of the trainer, which gives the same score for the same seed, to the last digit. But a result
# that holds for one seed alone is not a result about the network.
#
# In lesson 00 you met the **atlas**, a table of 1,188 trained networks on 16 tasks. How many seeds would they need?

# %%
Predict(exercises.seeds_needed)

# %% [markdown]
# Each network has its own error, and the errors of a difference add as squares. So the seeds are enough if
# $1.96 \sqrt{2} \, s / \sqrt{n} < 0.01$:

# %%
table = atlas()
last = table.values[:, :, :, -1]  # network, task, seed: the last epoch
s = interval(np.sqrt(last.var(axis=2, ddof=1).mean(axis=0)))
many = int(np.ceil(2 * (1.96 * s.mean / 0.01) ** 2))
answer = closest(exercises.seeds_needed, [3, 10, 100], many)
told = f"Scores vary by {s} from seed to seed: {many} seeds each."
Reveal(exercises.seeds_needed, answer, because=told)

# %% [markdown]
# For a difference of half a percent it would be four times as many. No search can pay for that. A search decides by
# single, noisy scores.

# %% [markdown]
# ## 4 · The winner, trained again
#
# A search keeps the best of many scores. What does that do to the number? The atlas holds each network from three
# seeds. The search sees seed 0. The other two seeds tell what was **luck**.

# %%
first = last[:, :, 0]  # what the search sees
luck = first - last[:, :, 1:].mean(axis=2)
luck -= luck.mean(axis=0)  # seed 0 may be kinder to all


def luck_of_best(luck, n, rng):
    seen = rng.permutation(len(first))[:n]
    best = seen[first[seen].argmax(axis=0)]  # on each task
    return luck[best, range(16)]


# %% [markdown]
# Four lines are the whole experiment: look at $n$ networks, keep the best, ask how lucky it was. We repeat it 400
# times.
#
# Score and test can differ in a second way: the *same weights*, on **test images** that took no part in any choice.


# %%
def mean_luck(luck, n):
    rng = np.random.default_rng(0)
    searches = [luck_of_best(luck, n, rng) for _ in range(400)]
    return interval(np.mean(searches, axis=0))  # over the 16 tasks


sizes = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300)
on_test = first - table.test[:, :, 0, -1]  # the same weights
on_test -= on_test.mean(axis=0)  # test images may be harder
both = luck, on_test
again, kept = [[mean_luck(one, n) for n in sizes] for one in both]

# %%
names = "trained again, other seeds", "same weights, test images"
ax = figures.drops(sizes, dict(zip(names, (again, kept), strict=True)))
seeds, tests = (one[sizes.index(100)] for one in (again, kept))
answer = outcome(exercises.winner, seeds)
told = f"best of 100: other seeds {seeds} lower, test images {tests}"
shown = ax, asserted(told, seeds.low > max(tests.high, 0))
Reveal(exercises.winner, answer, show=shown)

# %% [markdown]
# The more networks we choose from, the more the winner falls. It was chosen for what it is *and* for how well one
# training went. This is **selection bias**, or the winner's curse. Step through one search:

# %%
order = np.random.default_rng(0).permutation(len(first))
both = first[order, 0], (first - luck)[order, 0]  # task 0
Player(films.winners_curse(*both, sizes, again))

# %% [markdown]
# On the left is one search on one task; each thin line is a network that it looked at. Most lines near the top fall:
# a network there was lucky more often than not. Another seed in `default_rng(0)` is another search, and some winners
# rise. On the right is the mean over all searches and tasks, with its interval.
#
# The same weights, on test images, keep nearly all of their score. So there was little luck in the *images*: the
# atlas has 1,000 validation images for each task. The luck was in the *training*. These weights really are that good.
# Their architecture is not.
#
# Nobody cheated, and it happens to pure chance, too. Take 1,000 "networks" that guess, each with 360 validation and
# 360 test images. Each is worth 0.1:

# %% tags=["nbval-check-output"]
guesses = np.random.default_rng(0).binomial(360, 0.1, (2, 20, 1000))
lucky = guesses[0].argmax(axis=1)  # the best of 1,000, 20 times
seen, test = (interval(part[range(20), lucky] / 360) for part in guesses)
claim(f"best of 1,000: validation {seen}, test {test}", seen.low > test.high)

# %% [markdown]
# ## 5 · The better score, the worse network
#
# Take two networks at random, look at one score of each, and keep the higher one. How often is it the worse network?
# The mean test score over the other two seeds has the last word.

# %%
Predict(exercises.worse)

# %%
rng = np.random.default_rng(0)
a, b = rng.integers(len(first), size=(2, 100_000))
truth = table.test[:, :, 1:, -1].mean(axis=2)
ahead = first[a] - first[b]
wrong = ahead * (truth[a] - truth[b]) < 0

# %%
edges = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15]
shares = []
for low, high in pairwise(edges):
    near = (abs(ahead) > low) & (abs(ahead) <= high)
    shares.append(interval((near & wrong).sum(axis=0) / near.sum(axis=0)))
middle = shares[2]  # 0.01 to 0.02 apart
answer = closest(exercises.worse, [1 / 20, 1 / 6, 1 / 3], middle.mean)
ax = figures.wrong_decisions(edges, shares)
told = f"0.01 to 0.02 apart: {middle:.2f} of the decisions are wrong"
Reveal(exercises.worse, answer, show=(ax, asserted(told, middle.low > 0.25)))

# %% tags=["nbval-check-output"]
near, far = shares[0], shares[-1]
claim(f"closer than 0.005: {near:.2f} are wrong", near.low > 0.4)
claim(f"0.08 to 0.15 apart: {far:.2f} are wrong", far.high < 0.15)

# %% [markdown]
# At the left end a score is little better than a coin toss. At one or two percent, about one decision in three is
# wrong. Searching is still worth it: most mistakes are among networks that are nearly equal. But no claim without its
# spread.

# %% [markdown]
# ## 6 · Which score to report
#
# The two lines in the figure of section 4 answer two questions. If you will use *these weights*, ask the test images.
# If you will *train again*, ask new seeds. Say which one you report.
#
# `study.finish()` trains again. It trains the winner from the start, on training and validation images together. It
# stops after as many epochs as were best in the search: no image is left to find the best epoch again. Then it opens
# the test images, once. (A winner that learns nothing this time is trained once more, from the next seed.) We try it
# on a task with only 50 different training images, but 1,000 validation images:

# %%
few = tasks.load("few/digits")
mlp = spaces.load("mlp", few)
trainer = trainers.load("sequential", mlp, few)
study = Study(mlp, controllers.load("random", mlp), trainer, epochs=12)
trials = list(study.run(trials=12))
chosen, final = study.best.evaluation, study.finish()

# %% tags=["nbval-check-output"]
epochs = len(final.losses)
told = f"best in epoch {chosen.best_epoch}, so trained for {epochs} epochs"
claim(told, epochs == chosen.best_epoch)
told = f"{chosen.score:.3f} in the search, {final.score:.3f} on the test"
claim(told, final.score > chosen.score)

# %% [markdown]
# Here the test score is far *higher*. The winner may have lost its luck, and it got many more images to learn from.
# One number cannot tell these two apart. So do not compare the score of a search with the score of `finish()`.
# Compare what was done in the same way: `finish()` also trains and tests the networks that a beginner would pick by
# hand (`study.hand_picked`).
#
# So a careful searcher does three cheap things:
#
# - train the few best networks again, from seeds that chose nothing, and report those scores;
# - give the finalists more seeds than the rest;
# - keep the test images for the last word, once.

# %%
Quiz(exercises.report)

# %% [markdown]
# ## 7 · The luck of the split
#
# The seed is not the only luck. Somebody also decided *which* images are for validation. **Cross-validation** takes
# this luck into account. It deals all images into $k$ heaps, the **folds**. Each heap is for validation once, and the
# network trains on the others.


# %%
def folds(k, seed):
    deal = np.random.default_rng(seed).permutation(len(digits))
    for heap in np.array_split(deal, k):
        rest = np.setdiff1d(deal, heap)
        W = train(images[rest], digits[rest], seed=0)
        yield score(W, images[heap], digits[heap])


by_fold = [one for seed in range(6) for one in folds(5, seed)]
ax = figures.spreads({"30 seeds": scores, "30 folds": by_fold})

# %% tags=["nbval-check-output"]
seeds, splits = np.std(scores, ddof=1), np.std(by_fold, ddof=1)
told = f"from seed to seed {seeds:.3f}, from fold to fold {splits:.3f}"
claim(told, splits > seeds)
p, n = np.mean(by_fold), len(digits) // 5
chance = (p * (1 - p) / n) ** 0.5
claim(f"chance alone, over {n} images: {chance:.3f}", splits < 2 * chance)

# %% [markdown]
# Here the split is the larger luck. Chance alone explains it: a share of $n$ images, each read correctly with
# probability $p$, varies by $\sqrt{p (1 - p) / n}$. So a difference of one percent on a small validation set may be
# luck alone.
#
# Every trainer of this course can do it: `trainers.load(..., folds=5)`. Five folds cost five trainings. Are they
# better spent on folds, on seeds, or on four more architectures? It depends on which luck is larger, and now you can
# measure that.
#
# <details><summary>Why the interval over folds is a rough one</summary>
#
# Two trainings share most of their images, so their scores are not independent. Bengio and Grandvalet (2004) proved
# that no formula can estimate the error of their mean without bias.
#
# </details>

# %% [markdown]
# ## 8 · When to stop
#
# In this task three of ten training labels are wrong, as some are in real life. A network with enough weights can
# learn even these by heart.

# %%
Predict(exercises.wrong_labels)

# %%
noisy = tasks.load("noisy-labels/digits")
space = spaces.load("chain-cnn", noisy)
wide = ("conv3-16", "pool2", "dense64", "stop")
fast = trainers.Recipe(learning_rate=0.005)
trainer = trainers.load("sequential", space, noisy, patience=0, recipe=fast)
runs = trainer([wide] * 8, epochs=40, seed=range(8))

# %%
curves = np.array([one.curve for one in runs])
fall = interval(curves[:, 12:20].mean(axis=1) - curves[:, -8:].mean(axis=1))
answer = outcome(exercises.wrong_labels, fall)
told = f"epochs 13 to 20 are better than the last 8 by {fall}"
shown = figures.training(runs), asserted(told, fall.low > 0)
Reveal(exercises.wrong_labels, answer, show=shown)

# %% [markdown]
# The lines are means over eight seeds, the bands their intervals. After the dotted line, the best epoch of the mean,
# the network learns the mistakes of its labels. This is **overfitting**, and the training loss does not show it.
#
# The remedy: watch the validation score, and stop if it has not improved for some epochs. This number of epochs is
# the **patience** (Prechelt 1998). What counts is the best score of the curve. You write the rule in exercise 3; here
# is what it saves:

# %% tags=["nbval-check-output"]
stops = [exercises.stops_after_reference(c, patience=5) for c in curves]
missed = [max(c) - max(c[:n]) for c, n in zip(curves, stops, strict=True)]
epochs, missed = interval(stops), interval(missed)
claim(f"patience 5 trains {epochs:.0f} of 40 epochs", epochs.high < 30)
claim(f"and misses {missed} of the score", missed.high < 0.03)

# %% [markdown]
# About half of the epochs are saved, and little of the score is lost.
#
# But look at what we did. We took the *best* of 40 validation scores. That is a choice again, as in section 4, so
# this score is a little too good. Therefore a task has a third part, the test images, which no curve has seen.

# %% [markdown]
# ## Background
#
# What a general course on machine learning teaches. Read it now if it is new, or when an exercise needs it.
#
# <details><summary>Loss, gradient, learning rate, softmax; accuracy, precision, recall, F1, confusion</summary>
#
# **A belief.** The network of section 1 computes $z = w_1 x_1 + w_2 x_2$. The logistic function makes a probability
# of it, the belief in an eight:
#
# <!-- equation: logistic -->
# $$p = \frac{1}{1 + \exp(-z)}$$
#
# **The loss.** Let $y_i$ be 1 if image $i$ is an eight, and 0 if not. Minus the logarithm of the belief in the right
# class is 0 if the network is sure and right. It grows without limit if the network is sure and wrong. Its mean is
# the cross-entropy:
#
# <!-- equation: cross-entropy -->
# $$L = -\frac{1}{n} \sum_{i=1}^{n} \bigl( y_i \log p_i + (1 - y_i) \log (1 - p_i) \bigr)$$
#
# The smallest cross-entropy is the largest probability of all that was seen: *maximum likelihood* (Bishop 2006,
# section 4.3.2).
#
# **The gradient.** The chain rule has three factors. For an eight the loss is $-\log p$, with the slope $-1/p$. The
# logistic function has the slope $p (1 - p)$. The product is $p - 1$. For a three the same way gives $p$. Both are
# belief minus truth, $p - y$. The third factor is $x$, since $z$ grows by $x$ with each unit of the weight:
#
# <!-- equation: loss-gradient -->
# $$g = \frac{1}{n} \sum_{i=1}^{n} (p_i - y_i) \, x_i$$
#
# **The learning rate.** If it is too small, training takes long. If it is too large, a step jumps over the valley. In
# a bowl, a rate above 2 divided by the curvature is too large (Goodfellow et al. 2016, section 4.3.1). A batch has
# the right gradient on average, with noise.
#
# **Ten classes.** Softmax makes probabilities of the outputs $z_k$:
#
# <!-- equation: softmax -->
# $$p_k = \frac{\exp(z_k)}{\sum_{j} \exp(z_j)}$$
#
# The loss is minus the logarithm of the probability of the right class. Let $t_k$ be 1 for the right class and 0 for
# the others. The slope is belief minus truth again:
#
# <!-- equation: softmax-slope -->
# $$\frac{\partial L}{\partial z_k} = p_k - t_k$$
#
# The trainers of this course do the same with more layers. They draw the first weights from the seed, and use Adam
# (Kingma and Ba 2015), which adapts the step of each weight.
#
# **Accuracy** is the share of right answers. It misleads if a class is rare: if one person in a hundred is ill, *all
# are healthy* has an accuracy of 0.99. **Precision** asks: of those who were called ill, how many are? **Recall**
# asks: of the ill, how many were called so? **Balanced accuracy** is the mean recall over the classes. **F1** is the
# harmonic mean of precision and recall. With $P_k$ and $R_k$ for class $k$ of $m$, the mean over the classes is
#
# <!-- equation: f1 -->
# $$F_1 = \frac{1}{m} \sum_{k=1}^{m} \frac{2 P_k R_k}{P_k + R_k}$$
#
# The **confusion matrix** has a row for each true class and a column for each answer. Its diagonal holds the right
# answers. The first metric of a task is what a search climbs, so choose it before you search.
#
# </details>
#
# A derivation on paper can be wrong. So we check the gradient: move each weight by a millionth, up and down, and see
# what the loss gains.

# %% tags=["nbval-check-output"]
w, moves = np.array([0.5, -0.2]), 1e-6 * np.eye(2)
loss = gradient_descent.cross_entropy
gains = [loss(w + move, X, y) - loss(w - move, X, y) for move in moves]
g = gradient_descent.gradient(w, X, y)
same = np.allclose(g, np.array(gains) / 2e-6)
claim(f"gradient {g.round(4)}, and the same by moving the weights", same)

# %% [markdown]
# And one question on a rare class:

# %%
Quiz(exercises.always_healthy)

# %% [markdown]
# ## Exercises
#
# Fill in the first cell of each exercise, then run the cell that checks it.

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
# - Training makes a loss small, because a loss has a slope everywhere. A search makes a score large.
# - A score is merit, luck of the seed and luck of the images. Seeds measure the first luck, folds the second.
# - Stopping early saves epochs for little score. The best of a curve is already a choice.
# - The best of many scores is too good. Trained again, the winner falls, and the more rivals it had, the deeper.
# - Say which score you report: of these weights, or of this architecture.
#
# `nasedu.tables.selection_bias` measures sections 4 and 5 on a table of your own.

# %% [markdown]
# ## Where it comes from
#
# - C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006. Section 4.3: cross-entropy, softmax and
#   their gradients.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016. Sections 4.3 (gradient descent), 5.3
#   (validation, folds) and 7.8 (early stopping, and training again on all images).
# - D. P. Kingma, J. Ba, *Adam: A Method for Stochastic Optimization*, ICLR 2015. Section 2.
# - L. Prechelt, *Early Stopping, but When?*, in: Neural Networks: Tricks of the Trade, Springer 1998.
# - M. Sokolova, G. Lapalme, *A Systematic Analysis of Performance Measures for Classification Tasks*, Information
#   Processing and Management 45(4), 2009. Tables 2 and 3.
# - Y. Bengio, Y. Grandvalet, *No Unbiased Estimator of the Variance of K-Fold Cross-Validation*, JMLR 5, 2004.
# - G. C. Cawley, N. L. C. Talbot, *On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
#   Evaluation*, JMLR 11, 2010.

# %% [markdown]
# ## Where to go next
#
# [Lesson 03, the loop](03_the_loop.ipynb): ask, train, tell, record. In a terminal, `nasedu search --trainer-option
# folds=5` uses cross-validation for every trial. Back: [lesson 01, search spaces](01_search_spaces.ipynb).
