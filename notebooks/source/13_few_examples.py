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
import numpy as np
from torch import nn

import nasedu
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_13 import exercises, figures
from nasedu.classroom.lessons.lesson_13.recording import FEW, METHODS
from nasedu.classroom.lessons.lesson_13.recording import recorded, scripts, spent
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
# A network needs thousands of examples, we have said so far. Here it gets five images. What can it bring along?

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
pixel_test, one_test = (meta_test(rival, tests) for rival in (pixels, untrained))

# %% [markdown]
# A random network is one of many. So we take five more, from a recording (`recording.py` makes it). All learners of the
# recording were tested on the same 600 episodes. *Clearly* means on this page: by more than three standard errors over
# five seeds.


# %%
def over_seeds(name, shots=1, where="glyphs"):
    return recorded(name, shots, where).mean(axis=1)


def panels(names, where="glyphs"):
    shots = {"1 shot": 1, "5 shots": 5}
    return {p: {n: over_seeds(n, k, where) for n in names} for p, k in shots.items()}


# %%
lead = interval(over_seeds("untrained trunk") - over_seeds("pixels"))
words = f"seed 0: {one_test.mean:.2f}, pixels: {pixel_test.mean:.2f}; "
words += f"lead of five others over pixels: {lead:.2f}"
because = asserted(words, lead.mean > 0)
ax = figures.rows(panels(METHODS[:2]))
answer = exercises.told(exercises.untrained_better, lead)
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
right = [np.equal(viewer.answers, viewer.asked_y).sum()]
for example in (0, 1):
    viewer.move(example, to=1)
    right.append(np.equal(viewer.answers, viewer.asked_y).sum())
claim(f"right of 10, with 0, 1, 2 wrong labels: {right}", right[2] < right[0])

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
few = {p: interval(over_seeds("prototypes", k) - over_seeds("5 ways", k))
       for p, k in (("1 shot", 1), ("5 shots", 5))}
for shots, gain in few.items():
    print(f"{shots}: trained with 20 ways minus with 5 ways {gain}")
