# %% [markdown]
# # 00 · A search in ten minutes
#
# **What you will be able to do.** Say what a space, an architecture, a trainer, a controller and a study are. Run a
# search for a neural network on real images, stop it, and go on with it another day. Say whether the network that it
# found is really better, or was lucky.
#
# **How long.** Ten minutes to read and run, ten more for the exercises. The whole page runs in under 90 seconds on two
# processor cores.
#
# **What you need first.** Python, and to have trained a neural network once, with any library. Nothing about searching.
#
# ## The question
#
# Somebody hands you handwritten digits and asks for a network that reads them. How many layers? How wide? Convolution
# first, or two of them, or none? Most people copy what worked elsewhere and change a number here and there until they
# run out of patience. **Neural architecture search** hands this trying over to a program.
#
# In this lesson three rivals meet on the same images:
#
# - **hand-picked**: the better of two networks that a beginner would try first;
# - **random**: the best of some networks drawn by chance;
# - **q-learning**: the best of as many networks, proposed by a controller that learns from every score it is told.
#
# In the end each network reads images that nobody has looked at before. Which of the three reads the most of them
# right? Before anything runs, write down what you expect. A prediction that turns out wrong teaches more than none.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import nasedu
from nasedu import Study, controllers, plots, spaces, tasks, trainers
from nasedu.classroom import lesson_00
from nasedu.widgets import LiveStudy


# %%
prediction = ...  # put "q-learning", "random" or "hand-picked" in place of the dots

lesson_00.winner.record(prediction)

# %% [markdown]
# ## 1 · The task: what a network is judged on
#
# A **task** is a set of examples with right answers, and a rule for what counts. Ours are 1,797 digits that people
# wrote by hand, scanned and shrunk to 8 × 8 pixels; they come with scikit-learn, so nothing is downloaded. Here are two
# of each kind. Some would make you hesitate, too.

# %%
task = tasks.load("digits")
ax = plots.examples(task)

# %% [markdown]
# The images are split into three parts, once and for all. A network learns its weights from the **training** part. The
# search compares networks by how many images of the **validation** part they read right: that share is the **score**.
# The **test** part stays sealed until the very end. The reason is simple: whatever you use for choosing, you can no
# longer use for judging. Whoever tries many networks and keeps the best on some images has, in part, kept the one that
# those images happened to suit.

# %%
# NBVAL_CHECK_OUTPUT
print(f"{len(task.train.y)} training images, {len(task.validation.y)} validation images")
print(task.test)
print(f"Always giving the same answer scores {task.chance:.3f}")

# %% [markdown]
# ## 2 · The space: what can be built
#
# A **space** is everything that the search may propose, laid out as a sequence of **choices**: first one layer, then
# the next, until the choice is *stop*. Ours is called `chain-cnn` and follows MetaQNN (Baker et al. 2017, section 4),
# cut down to small images. `conv3-32` is a convolution with 3 × 3 windows and 32 filters, `pool2` halves the image,
# `dense64` is a layer of 64 units, and `gap` averages each filter over the whole image.

# %%
# NBVAL_CHECK_OUTPUT
space = spaces.load("chain-cnn", task)
print(f"{space.size():,} architectures of at most {space.depth} layers")
print("open at the start:", *space.choices(space.start()))

# %% [markdown]
# Nobody wants to train them all. An **architecture** is one complete path through the choices. It is no more than a
# tuple of words, easy to print, to compare and to keep. Here is one drawn at random: at each point, every open choice
# is as likely as every other.

# %%
# NBVAL_CHECK_OUTPUT
rng = np.random.default_rng(0)
architecture = space.sample(rng)
print(architecture)

# %% [markdown]
# The space also knows how to build it. In the drawing each box is a layer with the shape of what leaves it (channels ×
# height × width) and its number of **parameters**, the numbers that training adjusts. The last box is always a linear
# layer with ten outputs, one for each digit. Look where most of the parameters sit.

# %%
nasedu.show(space.draw(architecture))

# %% [markdown]
# Every path builds a network that runs. What would make no sense is no choice at all, and the space can say why not:

# %%
# NBVAL_CHECK_OUTPUT
for layer in ("pool2", "dense64"):
    print(space.why_not(space.start(), layer))

# %% [markdown]
# ## 3 · The trainer: what one architecture is worth
#
# A **trainer** takes architectures and gives back an **evaluation** of each: it builds the network, trains it for some
# **epochs** (passes over the training images), and scores it on the validation images. The **seed** decides the
# weights it starts with and the order of the images, so the same call gives the same score again.

# %%
trainer = trainers.load("sequential", space, task)
(evaluation,) = trainer([architecture], epochs=8, seed=0)
ax = plots.curve(evaluation)

# %% [markdown]
# This is the **learning curve**: the score after each epoch. It may end early, because the trainer stops a network that
# has not improved for a while. The score that counts is the best one on the curve.

# %%
print(f"score {evaluation.score:.3f} after {evaluation.seconds:.1f} s")
print(f"{evaluation.parameters:,} parameters")
hours = space.size() * evaluation.seconds / 3600
print(f"trying all {space.size():,} would take {hours:,.0f} hours at this pace")

# %% [markdown]
# ## 4 · The loop, by hand
#
# So we have to choose what to try. That is the work of a **controller**, and it has only two methods. `ask` gives the
# architecture to try next; `tell` lets it know how that went. Everything called neural architecture search is a loop
# around these two:

# %%
controller = controllers.load("random", space, seed=0)
for _ in range(3):
    architecture = controller.ask()
    (evaluation,) = trainer([architecture], epochs=8, seed=0)
    controller.tell(architecture, evaluation.score)
    print(f"{evaluation.score:.3f}", *architecture)

# %% [markdown]
# Compare the scores. Every network has seen the same images for the same number of epochs, from the same seed; only the
# layers differ. Three networks are no search yet, and a search of three hundred would be the same lines. The
# controller here was the simplest there is. It listens to nothing; this is all of it:

# %%
nasedu.show(type(controller))

# %% [markdown]
# ## 5 · A controller that learns, in a study that remembers
#
# **Q-learning** keeps a table. For each situation (how many layers so far, of what kind the last one was, how large the
# image still is) and each choice that is open there, it holds a value: the score to be expected of networks that go
# this way. With probability **epsilon** it takes any choice, to find out more; otherwise it takes the one with the
# highest value. Epsilon starts at 1, so the first networks are random, and falls to 0.1. Lesson 04 takes all of this
# apart.
#
# A **study** runs the loop for us and writes each **trial** (one architecture, asked for and evaluated) into a file,
# the **store**. Our **budget** is 24 trials. We stop after 10, as if the computer had been switched off:


# %%
def search(name, **parameters):
    controller = controllers.load(name, space, seed=0, **parameters)
    return Study(space, controller, trainer, store=store, epochs=8)


folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
store = Path(folder.name) / "digits.db"
study = search("q-learning", budget=24)
before = list(study.run(trials=10))
study.close()

# %% [markdown]
# Now everything but the file is forgotten: the controller, its table, its random numbers. We open the same study again.
# It takes a new controller and asks and tells it everything that is recorded, which takes no training and hardly any
# time. After that the controller knows what the old one knew, and the search goes on as if nothing had happened.

# %%
study = search("q-learning", budget=24)
assert study.trials == before
after = list(study.run(trials=24))
print(f"{len(before)} trials were in the store; {len(after)} more make {len(study.trials)}")
print(f"best: {study.best.score:.3f}", *study.best.architecture)

# %% [markdown]
# In the figure each dot is a trial; the line is the best score so far. Below it is epsilon. On the left the controller
# draws its layers blindly; towards the right it relies more and more on its table. Do the bad networks become fewer?
# Look first, then compare with the two means that are printed above the figure. Two dozen trials are little to learn
# from, and a table that has seen little can be wrong.

# %%
_, (above, below) = plt.subplots(2, 1, figsize=(7, 5), height_ratios=[3, 1])
plots.scores(study.trials, above).set_xlabel("")
plots.epsilon(study.trials, below)
scores = [trial.score for trial in study.trials]
print(f"mean of the first 12: {np.mean(scores[:12]):.3f}, then {np.mean(scores[12:]):.3f}")

# %% [markdown]
# And this is what the table holds, averaged by layer. Bright is good. Read the first column: which first layer does it
# expect most of? An empty cell means that it never went there. With so few trials most values rest on one or two
# networks, so do not read too much into the second decimal.

# %%
ax = plots.learned(study.controller.learned())

# %% [markdown]
# ## 6 · Against chance, at the same price
#
# Is that good? A number alone cannot say. The first rival of every search is **random search** with the same budget,
# and it is a strong one: Li and Talwalkar (2019) found that random search with early stopping did at least as well as
# ENAS, a leading method then, on both benchmarks they tried.

# %%
rival = search("random")
rival_trials = list(rival.run(trials=len(study.trials)))
_, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for ax, name, one in zip(axes, ("q-learning", "random"), (study, rival), strict=True):
    mean = np.mean([trial.score for trial in one.trials])
    plots.scores(one.trials, ax).set_title(f"{name}: mean {mean:.3f}")

# %% [markdown]
# Compare two things. The *mean* score of all trials says how much time went into bad networks. The *end of the line*
# says what we get in the end, and that is what we came for. A controller can be clearly better at the first and hardly
# at the second: if good networks are common in the space, chance finds one of them as well.

# %% [markdown]
# ## 7 · The final test
#
# Now the seal is broken, once. `finish` trains the winner again, on training and validation images together, and lets
# it read the test images. The two hand-picked networks get the same treatment. Remember your prediction?

# %%
finals = {"q-learning": [study.finish()], "random": [rival.finish()]}
finals["hand-picked"] = study.hand_picked
rows = []
for name, results in finals.items():
    rows += [(name, " ".join(e.architecture), e.score, e.parameters) for e in results]
pd.options.display.max_colwidth = None
columns = ["found by", "architecture", "test accuracy", "parameters"]
pd.DataFrame(rows, columns=columns).round(3).set_index("found by")

# %%
best_of = {name: max(e.score for e in results) for name, results in finals.items()}
first = [name for name, score in best_of.items() if score == max(best_of.values())]

lesson_00.winner.reveal(" and ".join(first))

# %% [markdown]
# Which digits does the searched network still confuse? Each row is a true digit, each column what the network said;
# everything off the diagonal is a mistake. The metrics beside accuracy are averages over the ten digits: **recall** is
# the share of a digit's images that were found, **F1** also counts how often the answer was given wrongly.

# %%
final = study.final
ax = plots.confusion(final.metrics["confusion"])
print(", ".join(f"{name} {final.metrics[name]:.3f}" for name in task.metrics))

# %% [markdown]
# ## 8 · Better, or lucky?
#
# One test, one winner: it is tempting to stop here. But the test has only a few hundred images, so a difference of one
# percent is a handful of them. And each network was trained once, from one seed. Let us train three of them again, from
# five seeds each, and look at how far the scores of *one* network lie apart. We use the validation images for this; the
# test images have had their day.

# %%
rivals = {"q-learning": study.best.architecture, "random": rival.best.architecture}
rivals["hand-picked"] = max(study.hand_picked, key=lambda e: e.score).architecture
runs = {}
for name, winner in rivals.items():
    runs[name] = [e.score for e in trainer([winner] * 5, epochs=8, seed=range(5))]

# %%
_, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
for row, scores in enumerate(runs.values()):
    ax.scatter(scores, row + np.linspace(-0.2, 0.2, 5))
    ax.scatter(np.mean(scores), row, marker="|", s=300, color="black")
ax.set(yticks=range(len(runs)), yticklabels=runs, ylim=(2.5, -0.5))
_ = ax.set_xlabel("validation score (dots: one seed each; bar: their mean)")

# %%
for name, scores in runs.items():
    print(f"{np.mean(scores):.3f} ± {np.std(scores, ddof=1):.3f} over seeds: {name}")
p, n = final.score, len(task.test)
print(f"uncertainty of {p:.3f} on {n} images: ± {np.sqrt(p * (1 - p) / n):.3f}")
lead = round((p - best_of["hand-picked"]) * n)
print(f"right answers on the test, q-learning minus hand-picked: {lead:+d} of {n}")

# %% [markdown]
# Where the dots of two networks overlap, one training could have put either of them first. And look at seed 0 of the
# two searched networks: it is the run for which they were chosen, out of 24. The best of many runs was probably also
# a lucky one, so its other seeds tend to score lower. Lesson 08 makes a fair race of this, with many seeds, intervals
# and significance. Until then: **no claim without its spread.**

# %% [markdown]
# ## By hand: a live study
#
# Here is a search that you hold yourself: the same controller with another seed, and four trials to begin with. *Go on*
# runs trials one by one; *Stop* takes hold when the trial under way is done. Stop it in the middle, look at the table,
# go on. Then try a controller or a budget of your own in the cell. (Where no kernel runs you see its picture, without
# the buttons.)

# %%
live = Study(space, controllers.load("q-learning", space, seed=1, budget=24), trainer, epochs=4)
first_trials = list(live.run(trials=4))
LiveStudy(live, trials=24)

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it at once. Take away the `#` before `hint` for a hint, and run the
# cell again for the next one; before `solution` when you want to compare.

# %%
lesson_00.size_at_12

# %%
size_at_12 = ...

# %%
lesson_00.size_at_12.check(size_at_12)
# lesson_00.size_at_12.hint()
# lesson_00.size_at_12.solution()

# %%
lesson_00.my_network

# %%
my_network = ...

# %%
lesson_00.my_network.check(my_network)
# lesson_00.my_network.hint()
# lesson_00.my_network.solution()

# %%
lesson_00.standard_error


# %%
def standard_error(p, n):
    return ...


# %%
lesson_00.standard_error.check(standard_error)
# lesson_00.standard_error.hint()
# lesson_00.standard_error.solution()

# %%
lesson_00.counterexample

# %%
counterexample = ...

# %%
lesson_00.counterexample.check(counterexample)
# lesson_00.counterexample.hint()
# lesson_00.counterexample.solution()

# %% [markdown]
# ## What we have seen
#
# A controller walks a space, choice by choice, to an architecture; a trainer scores it on a task; a study remembers
# every trial. That sentence is the whole of neural architecture search, and each of its five nouns can be exchanged
# without touching the others.
#
# - A space of six layers already holds more networks than anyone will train; what to try is the question.
# - The loop is `ask`, train, `tell`. A search that is recorded can be stopped at any moment and goes on.
# - Validation images choose, test images judge, and they judge once.
# - The first rival is random search at the same price, the second is what one would have picked by hand.
# - A score has a spread: over the images it was measured on, and over the seeds it was trained from.

# %% [markdown]
# ## Where it comes from
#
# - T. Elsken, J. H. Metzen, F. Hutter, *Neural Architecture Search: A Survey*, JMLR 20(55), 2019. Sections 2, 3 and 4
#   are search space, search strategy and performance estimation: our space, controller and trainer.
# - B. Baker, O. Gupta, N. Naik, R. Raskar, *Designing Neural Network Architectures using Reinforcement Learning*,
#   ICLR 2017. Section 4: the space, and Q-learning on it (MetaQNN).
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019. Abstract and
#   section 4: random search as a baseline, and what published searches leave out.
# - E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998: the
#   images.

# %% [markdown]
# ## Where to go next
#
# **Lesson 01, search spaces** (in preparation): what happens to a search when the space is made larger, smaller, or
# different, and how to write a space of your own in four methods. Or, in a terminal (after `. .venv/bin/activate`), the
# same search with more patience:
# `nasedu search --task digits --space chain-cnn --controller q-learning --trials 40 --store digits.db`
