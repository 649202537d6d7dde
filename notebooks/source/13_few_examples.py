# %% [markdown]
# # 13 · Few examples
#
# **What you will be able to do.** Tell letters apart that no training has seen, from one example of each. Compare a
# learner with rivals that cost little or nothing. Say what an interval over 600 episodes covers, and what it does not.
#
# **How long.** Twenty-five minutes, and twenty for the exercises. The page runs in half a minute.
#
# **What you need first.** Lesson 02, for cross-entropy and gradient descent, and lesson 08, for intervals.

# %%
from itertools import product

import numpy as np
from torch import nn

import nasedu
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_13 import exercises, figures
from nasedu.classroom.lessons.lesson_13.recording import LEAKS, METHODS
from nasedu.classroom.lessons.lesson_13.recording import recorded
from nasedu.classroom.lessons.lesson_13.recording import scripts, spent
from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.pools import held_out_glyphs
from nasedu.metalearning.prototypes import Prototypes
from nasedu.widgets import EpisodeViewer, Predict, Quiz, Reveal

# %% [markdown]
# ## The question
#
# Below are five letters, in three examples each: the classes A to E. Perhaps you cannot read this script. Still you can
# say to which class each of the ten **queries** belongs.
#
# The marks show what a comparison of pixels says. A class is the mean of its three images, and the nearest mean wins.
# Press a query to see its distances. Then **drag a letter into another class**: its mean moves, and answers change.

# %%
train, test = (held_out_glyphs(part) for part in ("train", "test"))
shown = FewShotTasks(test, ways=5, shots=3, queries=2)
episode = shown.draw(1, np.random.default_rng(3))
pixels = load("centroid", nn.Flatten())
EpisodeViewer({"pixels": pixels}, episode)

# %% [markdown]
# A network needs thousands of examples, we have said so far. Now it gets one of each class. What can it bring along?

# %%
Predict(exercises.untrained_better)

# %% [markdown]
# ## 1 · An episode
#
# A small task like this one is an **episode** (Vinyals and others, 2016). It has a number of **ways**: its classes. It
# has a number of **shots**: the examples of each class that a learner may use, with their labels. They are the
# **support set**. Then the learner is asked about the **query set**.
#
# Every episode is new. So a learner cannot know the classes; it can only know *how to learn* them. It learns this from
# episodes of eight scripts. We test it on three other scripts. Three more are there to choose settings by.

# %%
print("to learn from:", *train.group_names)
print("to report on: ", *test.group_names)
tests = FewShotTasks(test, ways=5, shots=1, queries=15)
X, y = tests.draw(1, np.random.default_rng(0)).support
print("a support set:", X.shape, y.tolist())
both = set(train.group_names) & set(test.group_names)
claim("no script is in both parts", len(both) == 0)

# %%
Quiz(exercises.images)

# %% [markdown]
# ## 2 · What costs nothing
#
# Before we train, we look for rivals. The first one compares **pixels**. The second one is a network of three
# convolutions whose weights are random: an **untrained trunk**. Nobody has trained it. We compare its features by their
# cosine, as the pixels.

# %%
network = image_network(tests.input_shape, width=16)
untrained = load("centroid", network, seed=0)
pixel_test = meta_test(pixels, tests)
one_test = meta_test(untrained, tests)

# %% [markdown]
# A random network is one of many. So we take some more, from a recording (`recording.py` makes it). All learners of the
# recording were tested on the same 600 episodes. *Clearly* means on this page: by more than three standard errors over
# the seeds. There are five trainings of each kind.


# %%
def over_seeds(name, shots=1, where="glyphs"):
    return recorded(name, shots, where).mean(axis=1)


def panels(names, where="glyphs"):
    def scores(shots):
        return {name: over_seeds(name, shots, where) for name in names}

    return {"1 shot": scores(1), "5 shots": scores(5)}


# %%
lead = interval(over_seeds("untrained trunk") - over_seeds("pixels"))
words = f"seed 0: {one_test.mean:.2f}, pixels: {pixel_test.mean:.2f}; "
words += f"lead of others over pixels: {lead:.2f}"
because = asserted(words, lead.mean > 0)
ax = figures.rows(panels(METHODS[:2]))
answer = figures.told(exercises.untrained_better, lead)
Reveal(exercises.untrained_better, answer, because=because, show=ax)

# %% [markdown]
# Random filters already look at small neighbourhoods, and pooling forgives a small shift. This comes from the
# *architecture*, and not from any training. So "better than guessing" says nothing for a meta-learner. It has to beat
# this network, and by how much is the question.
#
# ## 3 · Prototypes
#
# Which features would be ideal? Each class should lie around one point, far from the points of other classes. Then one
# example shows where the point is. **Prototypical networks** (Snell and others, 2017) train for exactly this. The
# prototype of a class is the mean of its features. With $d_k$ for the squared distance of a query from prototype $k$,
# the probability of class $k$ is
#
# <!-- equation: prototype-share -->
# $$p_k = \frac{\exp(-d_k)}{\sum_j \exp(-d_j)}$$
#
# The loss is the cross-entropy of the queries. All of it is one function, and gradient descent finds the features:

# %%
nasedu.show(Prototypes.compare)

# %% [markdown]
# Here it learns, live. Each step is one episode with 20 ways. In between we test it on the scripts to choose by.

# %%
check = FewShotTasks(held_out_glyphs("validation", images=10), shots=1)
tasks = FewShotTasks(train, ways=20, shots=1, queries=5)
learner = load("prototypes", network, seed=0, meta_rate=0.006, batch=1)
curve = {0: meta_test(learner, check, 200).mean}
for step in learner.meta_train(tasks, 300):
    if step.number in (20, 50, 100, 200, 300):
        curve[step.number] = meta_test(learner, check, 200).mean
ax = figures.learning(curve, meta_test(pixels, check, 200).mean)

# %%
trained = meta_test(learner, tests)
words = f"on the three test scripts: {trained.mean:.2f}"
claim(f"{words}, untrained {one_test.mean:.2f}", trained.mean > 0.8)

# %% [markdown]
# Most of it is learned in the first fifty steps, from letters of other scripts. Now look at the episode from above once
# more. Press *pixels*, *untrained* and *trained*, and watch the map at the right. It shows the two directions in which
# the features differ most. A cross is a prototype, the ring is the query.
#
# Then spoil it. Drag a letter of A to B: one wrong label. How many answers change? And how many wrong labels does it
# take until a class is lost?

# %%
views = {"pixels": pixels, "untrained": untrained, "trained": learner}
EpisodeViewer(views, episode, by="trained")

# %%
viewer = EpisodeViewer(views, episode, by="trained")
right = [int(np.equal(viewer.answers, viewer.asked_y).sum())]
for example in (0, 1, 2):
    viewer.move(example, to=1)
    right.append(int(np.equal(viewer.answers, viewer.asked_y).sum()))
words = f"right of 10, with 0, 1, 2, 3 letters of A moved to B: {right}"
claim(words, right[3] < right[0])

# %% [markdown]
# ## 4 · Shots and ways
#
# More shots make a mean more reliable. More ways are more chances to be wrong. The learner does not have to be trained
# for a number of ways or shots: it only compares. Here is the learner from above, on episodes of other sizes.

# %%
grid = {ways: [] for ways in (2, 5, 20)}
for ways, scores in grid.items():
    for shots in (1, 2, 5):
        one = FewShotTasks(test, ways=ways, shots=shots, queries=5)
        scores.append(meta_test(learner, one, 100).mean)
ax = figures.shots_and_ways((1, 2, 5), grid)

# %%
falls = all(scores[0] < scores[-1] for scores in grid.values())
claim("more shots are better for each number of ways", falls)
claim("more ways are harder", grid[2][0] > grid[5][0] > grid[20][0])
for k in (1, 5):
    gain = interval(over_seeds("20 ways", k) - over_seeds("5 ways", k))
    print(f"{k} shots: trained with 20 ways minus with 5 ways {gain}")

# %% [markdown]
# The paper trains with more ways than the test has (section 3.1). The last two lines compare trainings with 20 ways and
# with 5, with as many images in each step. They are means over several seeds, of 300 steps each, as above.
#
# ## 5 · The table
#
# Now the honest comparison. Matching networks and prototypes learn from episodes. **Transfer** does not: it trains the
# same network, on as many images, to tell *all* letters of the eight scripts apart. Then it drops the last layer. On an
# episode it compares features with the mean of each class (**centroid**), or it trains a new linear layer on them
# (**linear probe**).
#
# A dot is one training, and all were tested on the same 600 episodes. The orange strokes are means over the seeds.

# %%
ax = figures.rows(panels(METHODS))

# %%
for name in METHODS[:-1]:
    gains = [over_seeds("prototypes", k) - over_seeds(name, k) for k in (1, 5)]
    one, five = map(interval, gains)
    print(f"prototypes minus {name:23} {one:.3f} | {five:.3f}")
shares = [over_seeds(name).mean() for name in METHODS]
free, best = shares[1] - shares[0], shares[-1] - shares[0]
words = f"{free / best:.0%} of the gain over pixels"
claim(f"{words} needs no training", 0 < free < best / 2)

# %% [markdown]
# Prototypes are ahead with 1 shot and with five. But look how near transfer is: it knows nothing of episodes. With
# five shots, the linear probe lacks about one answer in a hundred. So most of what is learned here is simply a good
# network for letters. What the episodes add is the rest.
#
# Settings were chosen on the validation scripts: learning rates by the benchmark, with networks twice as wide.
#
# ## 6 · And MAML?
#
# Lesson 12 adapts by gradient descent. MAML's last layer has five outputs, and its inner steps move all weights. It
# gets as many processor seconds here as prototypes had.

# %%
Predict(exercises.maml_ahead)

# %%
names = (METHODS[-1], "maml", "maml's trunk, centroid")
names += ("prototypes, not normalised", "maml, not normalised")
few = len(over_seeds("maml"))
found = {p: {n: of[n][:few] for n in names} for p, of in panels(names).items()}
lead = interval(over_seeds("maml") - over_seeds(METHODS[-1])[:few])
because = f"MAML minus prototypes, 1 shot: {lead:.3f}"
answer = figures.told(exercises.maml_ahead, lead)
ax = figures.rows(found)
Reveal(exercises.maml_ahead, answer, because=because, show=ax)

# %% [markdown]
# MAML is far above pixels. It is behind prototypes, and behind transfer (section 5). Why? We can measure three things.

# %%
steps = spent("maml")[:, 1]
words = f"MAML makes {steps.min():.0f} to {steps.max():.0f} meta-steps"
claim(f"{words}, prototypes make 1,000", steps.max() < 1000)
maml = over_seeds("maml")
for name in ("maml's trunk, centroid", "maml, one query at a time"):
    print(f"{name}, minus MAML: {interval(over_seeds(name) - maml)}")
as_maml = over_seeds("prototypes, normalised in each task")
print("prototypes, normalised as MAML is:", f"{as_maml.mean():.3f}")

# %% [markdown]
# - **Steps.** Both get as many seconds, and as many images in a step. But a step of MAML goes through the network
#   twice, and then back through both. So it makes fewer steps.
# - **Features.** Cut off MAML's last layer, and compare its features by centroid. This is the first line. It scores
#   nearly what MAML scores with its inner steps. So what MAML has learned here is features, as lesson 12 says of ANIL.
#   Prototypes learn them directly: no last layer has to learn again which class is called A.
# - **Normalisation.** Our MAML normalises over all queries of an episode, as in the code of its authors. So it may look
#   at 75 queries before it answers one. This is called **transductive**. The second line asks one query at a time.
#   Prototypes look at no other query.
#
# This is one kind of network, one kind of image, and seven seconds. MAML's settings were chosen on the validation
# scripts.
#
# ## 7 · What an interval says
#
# "0.91 ± 0.007 over 600 episodes": most papers report their results in this form. What was drawn 600 times? Episodes.
# One training was made, and three scripts were used. We look at each of the three.

# %%
again = [interval(scores) for scores in recorded("again")]
five = [interval(scores) for scores in recorded("prototypes")]
of_scripts = [recorded("prototypes")[0][scripts() == n] for n in range(3)]
by_script = [interval(scores) for scores in of_scripts]
groups = {"one learner, 20 × 600 episodes": again}
groups |= {"other trainings": five, "three scripts": by_script}
ax = figures.intervals(groups)

# %%
near = [abs(one.mean - again[0].mean) < 1.4 * one.half for one in again]
inside = np.mean(near)  # two means differ by 1.4 times as much as one
claim(f"of other 600 episodes, {inside:.0%} as near as promised", inside > 0.8)
means = [one.mean for one in five]
words = f"trainings: {min(means):.3f} to {max(means):.3f}"
claim(words, max(means) - min(means) > five[0].half)
far = [abs(one.mean - five[0].mean) / five[0].half for one in by_script]
of = dict(zip(test.group_names, by_script, strict=True))
words = ", ".join(f"{name} {one.mean:.2f}" for name, one in of.items())
claim(f"scripts: {words}", min(far) > 3)

# %% [markdown]
# The grey band is the first interval. The first group does what an interval promises: other episodes give nearly the
# same mean. The second group was tested on the *same* 600 episodes. So its differences come from the trainings alone,
# and the interval knows nothing of them. The third group is far away. **None of the three scripts has the score that
# the mean reports.** More episodes make the band thinner. They change nothing in the other two groups.
#
# So two methods whose intervals over episodes do not overlap may still be equal. Train each several times. And three
# scripts are three draws: about a fourth one this page can say little.
#
# ## 8 · Turned letters
#
# **Augmentation** makes more of what there is. A letter that lies on its side is another letter. So quarter turns make
# four scripts of one (Santoro and others, 2016). `turned=True` does it. We try it with all eight scripts, and with two.
# Each training has 300 steps.

# %%
pairs = ("20 ways", "turned"), ("two scripts", "two scripts, turned")
ax = figures.rows(panels(sum(pairs, ())))
for (without, turned), k in product(pairs, (1, 5)):
    gain = interval(over_seeds(turned, k) - over_seeds(without, k))
    print(f"{turned} minus {without}, {k} shots: {gain}")
less = over_seeds("turned") - over_seeds("20 ways")
words = f"with eight scripts, turning helps no seed: {less.max():.3f}"
claim(words, less.max() < 0)

# %% [markdown]
# With eight scripts, turning costs. With two, there is no clear difference. A turned letter is a harder lesson, and
# nothing in the test is turned. 300 steps are few, too: we have not tried whether a longer training turns the result.
# So augmentation is no gift. Measure it on the scripts to choose by, as any other setting.
#
# ## 9 · Letters or scripts?
#
# We kept the scripts apart. Many papers and programs split *letters* instead: some letters of a script are in the
# training, others are in the test. All test letters are new, so is it not the same?

# %%
Predict(exercises.leak_helps)

# %% [markdown]
# Four trainings, tested on one half of the letters of each test script. The
# first has the eight scripts alone. The second gets three other scripts besides. The third gets the *other half* of the
# test scripts instead of them. The fourth gets the very letters of the test, in other images.

# %%
lead = interval(over_seeds("same scripts") - over_seeds("other scripts"))
because = f"same scripts minus other scripts, 1 shot: {lead:.3f}"
answer = figures.told(exercises.leak_helps, lead)
ax = figures.rows(panels(LEAKS))
Reveal(exercises.leak_helps, answer, because=because, show=ax)

# %% [markdown]
# No letter of the test was in the third training, and still its score is higher than with three other scripts. It is
# the *script* that leaks: its letters share strokes, sizes and distances. With the letters of the test themselves, the
# score rises further.
#
# Which split is right? It depends on what will be new. If users bring new letters of scripts that you know, split by
# letter. If they bring new scripts, a split by letter flatters.
#
# ## 10 · Further away
#
# New scripts are near to old ones. How far do the features reach? We ask about handwritten digits, and about
# digits that stand anywhere in the image. No learner has seen these images, though the Latin script has printed digits.

# %%
ax = figures.rows(panels(METHODS, "digits"))

# %%
for rival, k in product(("transfer, linear probe", "matching"), (1, 5)):
    one, other = (over_seeds(n, k, "digits") for n in ("prototypes", rival))
    print(f"{k} shots, prototypes minus {rival}: {interval(one - other)}")
near, far = (over_seeds("prototypes", 5, w) for w in ("glyphs", "digits"))
words = f"5 shots: {near.mean():.2f} on new scripts, {far.mean():.2f} here"
claim(words, near.mean() > far.mean() + 0.2)

# %% [markdown]
# Everything falls deep. What was trained still lies far above pixels, the untrained trunk only a little. With 1 shot,
# prototypes lead here, too. With five shots, the linear probe is no longer behind: a new layer, trained on the new
# classes, adapts more than a mean can. Chen and others (2019) saw this on photographs: far from the classes of the
# training, the plain network compares well.

# %% [markdown]
# ## 11 · What the literature says
#
# On small photographs of 100 classes (mini-ImageNet), with 5 ways and 1 or 5 shots, the percentages of right answers in
# the papers are:
#
# | method | 1 shot | 5 shots |
# |---|---|---|
# | fine-tuning | 28.86 | 49.79 |
# | matching networks | 43.56 | 55.31 |
# | MAML | 48.70 ± 1.84 | 63.11 |
# | prototypes | 49.42 | 68.20 |
#
# With 1 shot, MAML and prototypes do not differ by more than MAML's own interval. And the numbers of MAML are
# transductive, as in section 6.
#
# - Chen and others (2019) compared methods with equal networks. With deeper networks, the methods differ much less. A
#   plain network with a new last layer holds its own. When the new classes come from far away, it compares well with
#   all of them.
# - Tian and others (2020) trained on all classes at once, and put a linear classifier on the features. This was better
#   than the meta-learners of its time.

# %% [markdown]
# ## Exercises
#
# Fill in the first cell and run the second one.

# %%
exercises.answers

# %%
answers = ...

# %%
exercises.answers.check(answers)

# %%
exercises.linear


# %%
def linear(prototypes): ...


# %%
exercises.linear.check(linear)

# %%
exercises.follows

# %%
follows = ...

# %%
exercises.follows.check(follows)

# %%
exercises.apart

# %%
apart = ...

# %%
exercises.apart.check(apart)

# %% [markdown]
# ## What we have seen
#
# - An episode is a small task: ways, shots, support, query. A learner gets better from episode to episode.
# - Prototypes learn features in which the mean of a class answers. That is all their adaptation.
# - Compare with what costs little: pixels, an untrained trunk, transfer. Transfer came near, with no episode at all.
# - MAML made fewer steps in as many seconds. Its features alone were as good as its inner steps.
# - An interval over episodes says nothing of other trainings, and nothing of other scripts.
# - Letters of a test script in the training raise the score, also if they are other letters.

# %% [markdown]
# ## Where it comes from
#
# - O. Vinyals, C. Blundell, T. Lillicrap, K. Kavukcuoglu, D. Wierstra, *Matching Networks for One Shot Learning*,
#   NIPS 2016. Section 2.1.1, equation 1: votes by cosine. Section 4.1.1: the network of blocks.
# - J. Snell, K. Swersky, R. Zemel, *Prototypical Networks for Few-shot Learning*, NIPS 2017. Section 2.2, equation 2;
#   section 2.4, equation 8: a linear layer; section 3.1: more ways.
# - W.-Y. Chen, Y.-C. Liu, Z. Kira, Y.-C. F. Wang, J.-B. Huang, *A Closer Look at Few-shot Classification*, ICLR 2019.
#   Section 3.2: a linear layer on a trained trunk.
# - Y. Tian, Y. Wang, D. Krishnan, J. B. Tenenbaum, P. Isola, *Rethinking Few-Shot Image Classification: A Good
#   Embedding Is All You Need?*, ECCV 2020.
# - C. Finn, P. Abbeel, S. Levine, *Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks*, ICML 2017.
# - A. Santoro and others, *Meta-Learning with Memory-Augmented Neural Networks*, ICML 2016: turned letters
#   as new classes.

# %% [markdown]
# ## Where to go next
#
# `nasedu.metalearning.load_tasks("folder/PATH")` makes episodes of your own images, one folder for each class. Forward:
# [lesson 14, learned optimisers](14_learned_optimisers.ipynb), in which the steps are what is learned. Back:
# [lesson 12, learning to learn](12_learning_to_learn.ipynb).
