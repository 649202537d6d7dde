# %% [markdown]
# # 00 · A search in ten minutes
#
# **What you will be able to do.** Say what a space, an architecture, a trainer, a controller and a study are. Run a
# search for a neural network on real images, stop it, and go on with it another day. Say whether the network that it
# found is really better, or was lucky.
#
# **How long.** Ten minutes for the search itself, ten more to judge what it found, and a quarter of an hour for the
# exercises. The computer needs about a minute for the whole page, on two processor cores.
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
# - **random**: the best of 24 networks drawn by chance;
# - **q-learning**: the best of 24 networks, proposed by a controller that learns from every score it is told.
#
# In the end each network reads images that nobody has looked at before. Which of the three reads the most of them
# right? Choose below what you expect, before anything runs. A prediction that turns out wrong teaches more than none.
# It is kept, and you will see it again in section 7, beside the answer. (Work through the page from the top: click into
# a cell and press Shift and Enter.)

# %%
import tempfile

import numpy as np

import nasedu
from nasedu import Study, controllers, plots, spaces, tasks, trainers
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_00 import exercises, figures
from nasedu.tables.atlas import atlas
from nasedu.widgets import LiveStudy, Predict, Quiz, Reveal

# %%
Predict(exercises.winner)

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
#
# A line with a tick is a *claim*. Its numbers were computed by the cell above it, and the cell stops with an error if
# the claim does not hold. You will find such lines in every lesson, so that nothing has to be taken on trust.

# %% tags=["nbval-check-output"]
print(task.test)
sizes = [len(part.y) for part in (task.train, task.validation)]
total = sum(sizes) + len(task.test)
claim(f"{sizes[0]:,} images to train on, {sizes[1]} to choose by; {total:,} in all", total == 1797)
print(f"Always giving the same answer scores {task.chance:.3f}")

# %% [markdown]
# ## 2 · The space: what can be built
#
# A **space** is everything that the search may propose, laid out as a sequence of **choices**: first one layer, then
# the next, until the choice is *stop*. Ours is called `chain-cnn` and follows MetaQNN (Baker et al. 2017, section 4),
# cut down to small images. `conv3-32` is a convolution with 3 × 3 windows and 32 filters, `pool2` halves the image,
# `dense64` is a layer of 64 units, and `gap` averages each filter over the whole image. With eight choices for the
# first layer and six layers at most, would you guess hundreds of networks, or thousands?

# %% tags=["nbval-check-output"]
space = spaces.load("chain-cnn", task)
print("open at the start:", *space.choices(space.start()))
claim(f"{space.size():,} architectures of at most {space.depth} layers", space.size() > 100_000)

# %% [markdown]
# Nobody wants to train them all. An **architecture** is one complete path through the choices. It is no more than a
# tuple of words, easy to print, to compare and to keep. Here is one drawn at random: at each point, every open choice
# is as likely as every other.

# %% tags=["nbval-check-output"]
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
# Every path builds a network that runs. What would make no sense is no choice at all, and the space can say why not.
# [Lesson 01](01_search_spaces.ipynb) writes such a space in four short methods, and lets you walk through this one
# choice by choice.

# %% tags=["nbval-check-output"]
for layer in ("pool2", "dense64"):
    print(space.why_not(space.start(), layer))

# %% [markdown]
# ## 3 · The trainer: what one architecture is worth
#
# A **trainer** takes architectures and gives back an **evaluation** of each: it builds the network, trains it for some
# **epochs** (passes over the training images), and scores it on the validation images. The **seed** decides the weights
# it starts with and the order of the images. Let us train the network that we have just drawn:

# %%
trainer = trainers.load("sequential", space, task)
(evaluation,) = trainer([architecture], epochs=6, seed=0)
ax = plots.curve(evaluation)

# %% [markdown]
# This is the **learning curve**: the score after each epoch. It may end early, because the trainer stops a network that
# has not improved for a while. The score that counts is the best one on the curve. It is a poor one here, after six
# epochs; the network was drawn by chance. Is it the layers, or would more epochs help? The curve alone cannot say.
#
# If the seed decides everything random, then the same call must give the same score, to the last digit. Try it, and see
# as well how long it would take to train everything there is:

# %%
(again,) = trainer([architecture], epochs=6, seed=0)
claim(f"once {evaluation.score:.3f}, again {again.score:.3f}", again.score == evaluation.score)
hours = space.size() * evaluation.seconds / 3600
print(f"{evaluation.seconds:.1f} s; at this pace all {space.size():,} would take {hours:,.0f} hours")

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
    (evaluation,) = trainer([architecture], epochs=6, seed=0)
    controller.tell(architecture, evaluation.score)
    print(f"{evaluation.score:.3f}", *architecture)

# %% [markdown]
# Compare the scores. Every network has seen the same images, from the same seed, for at most six epochs (one that
# does not improve is stopped before); only the layers differ. Three networks are no search yet, but a search of three
# hundred would be the same lines. [Lesson 03](03_the_loop.ipynb) has more to say about them, above all about what goes
# wrong in published ones. The controller here was the simplest there is. It listens to nothing; this is all of it:

# %%
nasedu.show(type(controller))

# %% [markdown]
# ## 5 · A controller that learns, in a study that remembers
#
# **Q-learning** keeps a table. For each situation (how many layers so far, of what kind the last one was, how large the
# image still is) and each choice that is open there, it holds a value: the score to be expected of networks that go
# this way. With probability **epsilon** it takes any choice, to find out more; otherwise it takes the one with the
# highest value. Epsilon starts at 1, so the first networks are random, and falls to 0.1. [Lesson
# 04](04_tabular_q_learning.ipynb) takes all of this apart.
#
# A **study** runs the loop for us and writes each **trial** (one architecture, asked for and evaluated) into a file,
# the **store**. Our **budget** is 24 trials. We stop after 10, as if the computer had been switched off:


# %%
def search(name, **parameters):
    controller = controllers.load(name, space, seed=0, **parameters)
    return Study(space, controller, trainer, store=f"{folder.name}/digits.db", epochs=6)


folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
study = search("q-learning", budget=24)
before = list(study.run(trials=10))
study.close()

# %% [markdown]
# Now everything but the file is forgotten: the controller, its table, its random numbers. We open the same study again.
# It takes a new controller and asks and tells it everything that is recorded, which takes no training and hardly any
# time. After that the controller should know what the old one knew, and the search should go on as if nothing had
# happened.
#
# Should: we can check it. A controller that was never interrupted is told the same scores, one after the other, from
# the first to the last. If the interrupted search has lost anything on the way, the two will sooner or later ask for
# different networks.

# %%
study = search("q-learning", budget=24)
after = list(study.run(trials=24))
never_stopped = controllers.load("q-learning", space, seed=0, budget=24)
same = 0
for trial in study.trials:
    same += never_stopped.ask() == trial.architecture
    never_stopped.tell(trial.architecture, trial.score)
claim(f"{len(before)} trials, then {len(after)}: {same} of 24 are what one long search asks", same == 24)

# %% [markdown]
# In the figure each dot is a trial; the line is the best score so far. Below it is epsilon. On the left the controller
# draws its layers blindly; towards the right it relies more and more on its table. Do the bad networks become fewer?
# Look first, then compare with the two means above the figure. But do not build on them: with a dozen networks in each
# half, luck alone can move such a mean by a tenth or two.

# %%
ax = figures.progress(study.trials)

# %% [markdown]
# And this is what the table holds, averaged by layer. Bright is good. Read the first column: which first layer does it
# expect most of, and which one least? An empty cell means that it never went there, or that nothing may. (`pool3/2` is
# pooling, too, with windows of 3 × 3.) With so few trials most values rest on one or two networks, so do not read too
# much into the second decimal.

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
rival_trials = list(rival.run(trials=24))
ax = figures.abreast({"q-learning": study.trials, "random": rival_trials})

# %% [markdown]
# Compare two things. The *mean* score of all trials says how much time went into bad networks. The *end of the line*
# says what we get in the end, and that is what we came for. A controller can be clearly better at the first and hardly
# at the second: if good networks are common in the space, chance finds one of them as well.
#
# But this is one search against one search, and another seed would have drawn other networks. A hundred searches each
# would tell us more, at a hundred times the price; unless somebody has paid it already. The **atlas** is a table that
# comes with this course: 1,188 small networks, every one of a space like ours, each trained on 16 tasks long ago. A
# search in it looks scores up instead of training, and since all of them are known, we know the best network, too. The
# **regret** of a search is how far the best that it found stays below it.
#
# So here is such a race with 24 different networks and 100 seeds for each controller, on two of those tasks: one on
# which the lead is large, and one on which it is small. On *noisy-pixels* the digit is hard to make out under noise; on
# *anywhere* it is small and may stand in any place. The mark is by how much nearer to the best network q-learning came
# than random search, on average; the bar is a 95% interval, and says how far off that average may be.

# %%
table = atlas()
leads = {}
for what in ("noisy-pixels/digits", "anywhere/digits"):
    race = nasedu.race(table.space, table, ["q-learning", "random"], 24, 100, task=what)
    regret = race.at(24, of="regret")
    leads[what] = interval(regret["random"] - regret["q-learning"])
ax = plots.leads(leads, "how much nearer to the best network q-learning came")

# %%
noisy, anywhere = leads.values()
claim(f"noisy-pixels: q-learning leads by {noisy}, which may be nothing", noisy.low < 0 < noisy.high)
claim(f"anywhere: it leads by {anywhere}, which is not chance", anywhere.low > 0)

# %% [markdown]
# The same two controllers, the same space, the same budget, and two answers. Where an interval holds zero, it is not
# shown who is ahead; where it does not, the lead is real, *on that task*. "Our search beats random search" is therefore
# never the whole sentence. [Lesson 08](08_a_fair_race.ipynb) makes a fair race of this, and [lesson
# 15](15_meta_learned_search.ipynb) asks whether what was learned on one task helps on the next.

# %% [markdown]
# A short question before the seal is broken, about the first of those two claims. Choose an answer and press the
# button. The first one counts, and each answer, also the right one, is told why it is what it is.

# %%
Quiz(exercises.holds_zero)

# %% [markdown]
# ## 7 · The final test
#
# Back to our digits, and to the two winners. Now the seal is broken, once. `finish` trains the winner of a study again,
# on training and validation images together, until the epoch that was best in the search. Then the network reads the
# test images. The two hand-picked networks get the same treatment. The cell computes everything and shows nothing yet.

# %%
finals = {"q-learning": [study.finish()], "random": [rival.finish()], "hand-picked": study.hand_picked}
best_of = {name: max(e.score for e in results) for name, results in finals.items()}
first = [name for name, score in best_of.items() if score == max(best_of.values())]
shares = ", ".join(f"{name} {score:.3f}" for name, score in best_of.items())

# %% [markdown]
# Remember your prediction? If you have made one, here it is beside the answer. If not, it is not too late: the answer
# stays covered until you have said what you expect.

# %%
Reveal(exercises.winner, " and ".join(first), because=f"Share of images: {shares}.")

# %% [markdown]
# And here are all four networks: the share of the test images that each read right, who found it, its layers, and its
# size. Look also at the sizes. The largest network need not be the best one, and if two are equally good, most people
# would rather have the smaller. (Of the two hand-picked ones the better counts, and it is the test that says which; no
# other rival is granted that.)

# %%
for name, results in finals.items():
    for one in results:
        print(f"{one.score:.3f}  {name}: {' '.join(one.architecture)} ({one.parameters:,} parameters)")

# %% [markdown]
# Which digits does the searched network still confuse? Each row is a true digit, each column what the network said;
# everything off the diagonal is a mistake. The metrics beside accuracy are averages over the ten digits: **recall** is
# the share of a digit's images that were found, **F1** also counts how often the answer was given wrongly. [Lesson
# 02](02_what_is_one_architecture_worth.ipynb) says when accuracy alone misleads.

# %%
final = study.final
ax = plots.confusion(final.metrics["confusion"])
print(", ".join(f"{name} {final.metrics[name]:.3f}" for name in task.metrics))

# %% [markdown]
# ## 8 · Better, or lucky?
#
# One test, one winner: it is tempting to stop here. But the test has only a few hundred images, so a difference of one
# percent is a handful of them. And each network was trained once, from one seed. Let us train three of them again, from
# four seeds each, and look at how far the scores of *one* network lie apart. We use the validation images for this; the
# test images have had their day.

# %%
rivals = {"q-learning": study.best.architecture, "random": rival.best.architecture}
rivals["hand-picked"] = max(study.hand_picked, key=lambda e: e.score).architecture
runs = {}
for name, winner in rivals.items():
    runs[name] = [e.score for e in trainer([winner] * 4, epochs=6, seed=range(4))]
ax = plots.runs(runs, "validation score (dots: four seeds, the first on top; bar: their mean)")

# %%
spread = min(max(scores) - min(scores) for scores in runs.values())
claim(f"nothing but the seed changed, and scores differ by {spread:.3f} or more", spread > 0)
p, n = final.score, len(task.test)
print(f"{p:.3f} on {n} images is uncertain by ± {1.96 * np.sqrt(p * (1 - p) / n):.3f}")
for rival_name in ("random", "hand-picked"):
    lead = round((p - best_of[rival_name]) * n)
    print(f"right answers on the test, q-learning minus {rival_name}: {lead:+d} of {n}")
print("means of four seeds:", ", ".join(f"{name} {np.mean(scores):.3f}" for name, scores in runs.items()))

# %% [markdown]
# The second line says how far off an accuracy on so few images may be, nine times in ten or so; exercise 3 is about it.
# Compare it with the leads below it, which are a few images. The last line trains all three anew, and need not bring
# the order of the test. Whoever won that, by as little as this, was lucky or was better; one test does not say which.
#
# Where the dots of two networks overlap, one training could have put either of them first. And the uppermost dot of the
# two searched networks, seed 0, is the run for which they were chosen, out of 24. The best of many runs was good, but
# part of that may have been luck, which does not repeat itself. Four dots cannot show it. In the atlas every network
# was trained from three seeds. We deal its networks out like cards, into 49 searches of 24, and keep in each the one
# that scores best with one seed. How much lower is this winner with the other two seeds? Each seed takes its turn as
# the one that chooses; with nobody chosen, the three turns would add up to nothing.

# %% tags=["nbval-check-output"]
seeds = np.stack([table.scores("noisy-pixels/digits", seed=seed) for seed in range(3)], axis=1)
others = (seeds.sum(axis=1, keepdims=True) - seeds) / 2  # networks × seeds: the mean of the two others
hands = np.random.default_rng(0).permutation(len(table))[: 49 * 24].reshape(49, 24)
winners = [hand[seeds[hand].argmax(axis=0)] for hand in hands]
luck = interval((seeds - others)[rows, range(3)].mean() for rows in winners)
claim(f"the best of 24, from other seeds, scores {luck} lower", luck.low > 0)

# %% [markdown]
# So the score of a winner, on the very run that made it the winner, is too high; not by accident, but on average. This
# is why there is a test at the end, why the test counts once, and why the next lessons keep asking how far a number can
# be trusted. For now one sentence is enough: **no claim without its spread.**

# %% [markdown]
# ## By hand: a live study
#
# Here is a search that you hold yourself: the same controller with another seed, and four trials to begin with. *Go on*
# runs trials one by one; *Stop* takes hold when the trial under way is done. Stop it in the middle, look at the table,
# go on. Other cells can run in between, and what you find by clicking is in `live.trials`. Then try a controller or a
# budget of your own in the cell. (Where no kernel runs you see its picture, without the buttons.)

# %%
live = Study(space, controllers.load("q-learning", space, seed=1, budget=24), trainer, epochs=4)
first_trials = list(live.run(trials=4))
LiveStudy(live, trials=24)

# %% [markdown]
# ## 9 · What you can do with it
#
# A search leaves more than a score: `study.winner()` is the trained network. It predicts, and it can be saved. Here it
# reads the first twelve test images, then answers again after it was saved and loaded.

# %%
winner = study.winner()
images, right = (part[:12] for part in task.test.opened())
print("it reads:", *winner.predict(images), "\nright is:", *right)
folder = tempfile.mkdtemp()
winner.save(f"{folder}/my-digits")
same = np.array_equal(nasedu.Winner.load(f"{folder}/my-digits").outputs(images), winner.outputs(images))
claim("the saved network gives the same answers", same)

# %% [markdown]
# A colleague needs no nasedu to use it. `export` writes one file of plain PyTorch that builds the network, and a second
# file with its weights. These are the layers, as you would have written them:

# %%
exported = winner.export(f"{folder}/my_digits")
code = exported.paths[0].read_text()
print(code[code.index("class Network") : code.index("def load")])

# %% [markdown]
# With your own data it takes four lines in a terminal: a table or a folder of images goes in, and a network, a report
# and predictions come out. The [README](../README.md) shows them.

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

# %%
exercises.size_at_12

# %%
size_at_12 = ...

# %%
exercises.size_at_12.check(size_at_12)

# %%
exercises.my_network

# %%
my_network = ...

# %%
exercises.my_network.check(my_network)

# %%
exercises.standard_error


# %%
def standard_error(p, n):
    return ...


# %%
exercises.standard_error.check(standard_error)

# %%
exercises.counterexample

# %%
counterexample = ...

# %%
exercises.counterexample.check(counterexample)

# %% [markdown]
# ## What we have seen
#
# A controller walks a space, choice by choice, to an architecture; a trainer scores it on a task; a study remembers
# every trial. That sentence is the whole of neural architecture search, and each of its five nouns can be exchanged
# without touching the others.
#
# - A space of six layers already holds more networks than anyone will train; what to try is the question.
# - The loop is `ask`, train, `tell`. A search that is recorded can be stopped at any moment, and goes on to ask exactly
#   what it would have asked.
# - Validation images choose, test images judge, and they judge once.
# - The first rival is random search at the same price, the second is what one would have picked by hand. Whether a
#   search beats chance depends on the task, too.
# - A score has a spread: over the images it was measured on, and over the seeds it was trained from. The score by which
#   a winner was chosen is too high on average.

# %% [markdown]
# ## Where it comes from
#
# - T. Elsken, J. H. Metzen, F. Hutter, *Neural Architecture Search: A Survey*, JMLR 20(55), 2019. Sections 2, 3 and 4
#   are search space, search strategy and performance estimation: our space, controller and trainer.
# - B. Baker, O. Gupta, N. Naik, R. Raskar, *Designing Neural Network Architectures using Reinforcement Learning*, ICLR
#   2017. Section 4: the space, and Q-learning on it (MetaQNN).
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019. Abstract and
#   section 4: random search as a baseline, and what published searches leave out.
# - E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998: the
#   images.

# %% [markdown]
# ## Where to go next
#
# [Lesson 01, search spaces](01_search_spaces.ipynb): what happens to a search when the space is made larger, smaller,
# or different, and how to write a space of your own in four methods. If you would rather save the time of training:
# [lesson 09, less training](09_less_training.ipynb). Or, in a terminal (after `. .venv/bin/activate`), the same search
# with more patience:
#
# `nasedu search --task digits --space chain-cnn --controller q-learning --trials 40 --store digits.db`
