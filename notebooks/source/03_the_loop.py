# %% [markdown]
# # 03 · The loop
#
# **What you will be able to do.** Take any search apart into four verbs: ask, train, tell, record. Say how many draws
# random search needs, and on what its luck depends. Read a plausible search and find what is wrong with it.
#
# **How long.** Twenty minutes to read and run, twenty-five more for the exercises. The page itself runs in under a
# minute on two cores.
#
# **What you need first.** Lesson 00, for the words. Lesson 02 says what a score is and how far to trust it.
#
# ## The question
#
# Many searches for architectures have been published as a page of code, and most of those pages run. They train
# something, they print a number, and the number is high. Near the end of this lesson stands such a page, short enough
# to be read in two minutes. It trains two networks in three rounds and reports the best accuracy it saw. Somebody
# mends what keeps it from learning at all, and suggests to run it for ten rounds instead. Before you have seen a line
# of it: what will happen to the number?

# %%
from tempfile import mkdtemp

import numpy as np
import torch
from IPython.display import Markdown
from torch.nn import functional

import nasedu
from nasedu import Study, controllers, plots, spaces, tasks, trainers
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_03 import exercises, figures, listing
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
Predict(exercises.twice)

# %% [markdown]
# ## 1 · Four verbs
#
# Say a search in one breath: *pick a network, train it, look how good it was, pick the next.* There are two people in
# that sentence. One picks, and needs nothing but the scores; we call it the **controller**. The other trains, and
# needs nothing but the name of the network; that is the **trainer**. Between them run two messages. The controller is
# *asked* for an architecture, and it is *told* what that was worth, its **reward**.
#
# So a controller needs two methods and no more. Here is one, whole. It knows three networks and tries them in turn:


# %%
class InTurn:
    def __init__(self, architectures):
        self.left = list(architectures)
        self.told = {}

    def ask(self):
        return self.left.pop(0)

    def tell(self, architecture, reward):
        self.told[architecture] = reward


# %% [markdown]
# And here is the loop around it. The trainer is the plain one of lesson 00: it builds each network, trains it on the
# training images and scores it on the validation images. Nothing in these lines knows how networks are picked, and
# nothing in the class above knows how they are trained. Whoever keeps the two apart can exchange either.

# %%
task = tasks.load("digits")
space = spaces.load("chain-cnn", task)
trainer = trainers.load("sequential", space, task)
three = [("conv1-16", "gap", "stop"), ("conv3-16", "pool2", "stop"), ("conv3-64", "pool2", "stop")]
controller = InTurn(three)

# %%
for _ in range(3):
    architecture = controller.ask()  # ask
    (evaluation,) = trainer([architecture], epochs=3, seed=0)  # train
    controller.tell(architecture, evaluation.score)  # tell
controller.told

# %% [markdown]
# Three networks, three rewards, and a dictionary that remembers them. Notice what the controller was *not* given: no
# images, no weights, no task. It could as well be choosing pizzas. That is no weakness: a controller that knows
# nothing of networks can be tested on made-up rewards, replayed from a file, and moved from one kind of network to
# another without a change. Notice also what the trainer was not told: which networks were tried before, and how many
# are still to come. A search of three thousand would be the same lines with a cleverer `ask`. The fourth verb,
# *record*, has a section of its own below.
#
# Run the last cell twice, and the second run fails: the list is used up. A search has to say what happens when there
# is nothing left to ask, and the controllers of this package say it with an exception of their own, `Exhausted`,
# which ends the search in good order.
#
# ## 2 · Random search, and how many draws it needs
#
# The simplest controller that deserves the name draws its networks at random. It sounds helpless. Let us see how
# helpless, with a little arithmetic. Suppose a share $p$ of the space is good enough for us, and each network is as
# likely to be drawn as every other. One draw misses the good ones with probability $1-p$, and $n$ draws all miss with
# probability $(1-p)^n$. At least one hit, then, has the probability
#
# <!-- equation: hit -->
# $$P = 1 - (1-p)^n$$
#
# Its derivation is worth a minute, since it is the whole theory of random search. We could try to add up the ways to
# hit: on the first draw, on the second, on both. The trick is to look at the opposite. To miss altogether, every
# single draw has to miss, and independent probabilities multiply.
#
# Look at what does not occur in it: the size of the space. Ten thousand networks or ten billion, sixty draws will do
# for the best twentieth, with probability 0.95, as long as every network is as likely as every other.

# %%
ax = figures.hits((0.01, 0.05, 0.2))

# %% [markdown]
# Follow the middle line to where it crosses the dotted one: a little under sixty draws, and one of the best 5% is
# there with a probability of 0.95. For one of the best 1% the figure is too narrow. And mind what is promised: *one
# of* the best 5%, not the best of all. To hit a single network among 1,188 with the same probability takes more than
# three thousand draws.
#
# Is it so? We can count, because the **atlas** that comes with this package knows every network of a small space:
# 1,188 chains of layers, each trained on 16 tasks. We draw sixty of them, a hundred thousand times over, and count
# how often at least one of the best 5% was among them.

# %%
table = atlas()
scores = table.scores("what/digits")
good = scores >= np.quantile(scores, 0.95)
rng = np.random.default_rng(0)
hits = good[rng.integers(len(table), size=(100_000, 60))].any(axis=1)
expected = 1 - (1 - good.mean()) ** 60
claim(f"hit in {interval(hits)}; by the formula {expected:.3f}", abs(np.mean(hits) - expected) < 0.01)

# %% [markdown]
# The two differ by two thousandths. That is more than the interval allows, the mean ± 1.96 standard errors over the
# runs: three standard errors, which luck does about once in 350 times. Change the seed in the cell and look again.
# (What must not be done is to change it until it fits, and keep that.)
#
# ## 3 · Grid search
#
# Random search may draw nearly the same network twice and leave a corner of the space out. A **grid** does neither:
# it goes through the list of all networks in order. Which order? If it began with the first layer fixed and turned
# the last one, a small budget would never leave the first corner. So our grid jumps about 0.618 of the list at each
# step, which spreads the first few questions over all of it, however many they turn out to be. (Why that number? It
# is the golden section, and the docstring says where the proof is.)

# %%
asked = {name: controllers.load(name, table.space, seed=1) for name in ("grid", "random")}
number = {architecture: place for place, architecture in enumerate(table.space.enumerate())}
ax = figures.marks({name: [number[one.ask()] for _ in range(40)] for name, one in asked.items()})

# %% [markdown]
# Each mark is one of the first forty questions, placed by its number in the list. The grid leaves no wide gap and
# puts no two marks on one spot; random has clumps and gaps. So is a grid better? Bergstra and Bengio (2012) gave a
# famous reason why not, for hyperparameters that hardly matter: a grid of values repeats each value of the one that
# does. Ours repeats no network, and values no more often than chance does, so their reason does not apply here. Let
# the two race on all 16 tasks: 50 networks each, 200 seeds, and the **regret**, how far the best network found is
# from the best there is. *Clearly* shall mean more than three standard errors, one and a half times the half width of
# the interval: sixteen tasks are sixteen chances to be fooled.

# %%
raced, leads = {}, {}
for name in table.tasks:
    regret = nasedu.race(table.space, table, ["grid", "random"], 50, 200, task=name).at(50, of="regret")
    raced[name] = regret
    leads[name] = interval((regret["random"] - regret["grid"]) / regret["random"].mean())
ax = plots.leads(leads, "share of random's regret that grid saves (95% interval)")
wins, losses = (sum(sign * one.mean > 1.5 * one.half for one in leads.values()) for sign in (1, -1))
claim(f"grid is clearly better on {wins} tasks and clearly worse on {losses}", wins > 8 and losses >= 1)

# %% [markdown]
# Each row is a task; a dot to the right of the dotted line says that the grid ended nearer to the best network, a dot
# to the left that random search did. A share of 1 would mean that the grid had no regret left at all; at -1 it has
# twice as much as random search. The interval is over seeds: where it touches the line, nothing was shown.
#
# What strikes the eye is how lopsided this is. The grid wins on most tasks, each time by a share of the regret. Where
# it loses, it has two to four times as much. A mean over the tasks would hide that, and so would a count of wins.
#
# ## 4 · Random is not random
#
# Better on many tasks and clearly worse on a few: evenness alone would not do that. The two differ in something else.
# The grid takes every *network* alike. Our random search takes every *choice* alike: at each point of the walk, any
# open choice is as likely as every other, *stop* among them. A walk that may stop at every step is seldom long. For
# each network the probability of being drawn is the product of one over the number of open choices, so nothing needs
# to be estimated here:


# %%
def probability(architecture):
    return np.prod([1 / len(table.space.choices(step.state)) for step in table.space.walk(architecture)])


by_walk = np.array([probability(architecture) for architecture in table.architectures])
lengths = np.array([len(architecture) - 1 for architecture in table.architectures])
drawn = {"random walk": [by_walk[lengths == n].sum() for n in range(5)]}
drawn["each network alike"] = [np.mean(lengths == n) for n in range(5)]
ax = plots.grouped_bars(drawn, range(5), "layers before stop", "probability")

# %% [markdown]
# The bars say how the two ways of drawing spread over the lengths; those of each kind add up to one. There is only
# one network of no layer, and there are nearly a thousand of four, so a fair draw from the list hardly ever gives a
# short one. The walk gives this single network in one of seven draws: seven choices are open at the start, *stop* is
# one of them, and nothing else has to be decided.
#
# A walk draws short networks many times more often than a draw from the list would. Where a short network is good,
# that is a gift. With pixels in a fixed but shuffled order, neighbours mean nothing, and dense layers are what
# counts: most of the best networks are long, but the short `dense32 dense32 stop` is one of them. For each task, how
# likely is one draw to hit the best 5%?

# %%
chance = {}
for name in ("shuffled/digits", "same/digits", "what/digits", "gratings/angle"):
    good = table.scores(name) >= np.quantile(table.scores(name), 0.95)
    chance[name] = by_walk[good].sum()
    print(f"{name:16} walk {chance[name]:.3f}, each network alike {good.mean():.3f}")
low, high = chance["gratings/angle"], chance["shuffled/digits"]
claim("a walk favours what is good on shuffled digits, and not on gratings", low < 0.04 and high > 0.1)

# %% [markdown]
# On shuffled digits a walk is nearly three times as likely to hit as a fair draw, on *same* four times. On *what* and
# on gratings it is the other way round: put 0.016 for $p$ into the formula of section 2, and sixty draws hit with
# 0.62 in place of 0.95. Go back to the figure of section 3: shuffled digits and *same* are two of the three tasks on
# which the grid lost. It was handed another distribution.
#
# Are its even steps good for anything, then? The control is a third search, which draws fifty networks from the list,
# each as likely as every other, with as many clumps and gaps as luck will have:

# %%
shares = []
for name, regret in raced.items():
    scores = table.scores(name)
    fair = [scores.max() - scores[rng.choice(len(table), 50, replace=False)].max() for _ in range(1000)]
    grid, walk = regret["grid"].mean(), regret["random"].mean()
    shares.append(abs(np.mean(fair) - grid) / abs(walk - grid))
share = np.median(shares)
claim(f"grid and fair draw lie {share:.0%} as far apart as grid and walk", share < 0.4)

# %% [markdown]
# That is the middle one of sixteen tasks: most of what separates grid from random search came from *which* networks
# are likely, and little from how evenly they were spread. (Little is not nothing. Thousands of draws would show small
# differences, in both directions.) Had we stopped at the figure of section 3, we would have praised the wrong thing.
#
# So *random search* is no single algorithm. It is a distribution over a space, and the distribution is a bet on what
# good networks look like. When you read that something "beats random search", ask how the random networks were drawn.
#
# ## 5 · The budget
#
# Two searches can only be compared at the same price. What is the price? Not the number of questions: a controller
# that asks the same network twice has learned nothing new, and a training that is repeated is thrown away. We count
# *different* networks that were trained, and call the limit the **budget**. A network that fails, because its loss
# became infinite or the memory was too small, was paid for as well: it is a result, with the score of guessing.
#
# Why not simply count seconds? Because they depend on the machine, on what else it is doing, and on how well the code
# is written, and none of these says anything about the controller. Counting networks is the fairer currency as long
# as they cost about the same. Do they? The atlas has recorded the seconds of each training. Grid and random search
# draw fifty networks each, and the grid draws the longer ones, so you can guess the answer:


# %%
def seconds(name, seed):
    controller = controllers.load(name, table.space, seed=seed)
    return sum(table.seconds[table.row(controller.ask())] for _ in range(50))


cost = {name: [seconds(name, seed) for seed in range(20)] for name in ("grid", "random")}
ax = plots.runs(cost, "seconds of training for 50 networks (dots: 20 seeds)")
grid, walk = (interval(numbers) for numbers in cost.values())
claim(f"the grid's 50 took {grid:.1f} s, the walk's {walk:.1f}", grid.low > walk.high)

# %% [markdown]
# The same number of networks, and nearly half as much again in time. So the currency is not perfect: a controller
# that likes long networks gets more for its fifty coins. When a result depends on it, say both numbers.
#
# ## 6 · Record
#
# The fourth verb. What is not written down was not trained: a process is killed, a laptop closes, and a night of
# scores is gone. A **study** runs the loop for us and writes each trial into a file before it goes on to the next.
# Watch what it takes to go on. The controller itself is never saved; a new one is asked the same questions and told
# the recorded answers, and stands where the old one stood. Here a search of 30 is cut off after 12 and opened again.
# The control is a search that nobody cut off.


# %%
def open_study(store=":memory:"):
    controller = controllers.load("regularized-evolution", table.space, seed=0, population=8, sample=4)
    judge = trainers.load("table", table.space, table.task("what/digits"), seeds="mean")
    return Study(table.space, controller, judge, store=store, epochs=16)


store = mkdtemp() + "/cut.db"
with open_study(store) as study:
    before = list(study.run(trials=12))

# %%
with open_study(store) as study:
    after = list(study.run(trials=30))
study = open_study()
whole = [trial.architecture for trial in study.run(trials=30)]
claim("cut off and gone on with, it asks the same", whole[12:] == [one.architecture for one in after])

# %% [markdown]
# *Replay* is the name of the trick. It works because a controller is a function of its seed and of what it was told,
# and of nothing else: no clock, no global random numbers. And it has a pleasant side effect. Whoever changes the code
# of the controller in the meantime and opens the study again is told so, as soon as the new code asks something else
# than what is recorded.
#
# What breaks it? Think of a controller that a friend has written in good faith, and follow what replay does with it,
# question by question:

# %%
Quiz(exercises.global_draws)

# %% [markdown]
# The controller of our own study was evolution, which lesson 06 is about: it takes a good network and changes one
# layer. The dataframe below is the memory of the study, a row for each trial.

# %%
study.trials_dataframe()[["number", "architecture", "score"]].head(5)

# %%
ax = plots.scores(study.trials)

# %% [markdown]
# The first eight dots are drawn at random, from the ninth on each network is a child of a good one. That the line
# rises says nothing, for the best so far can only rise. If a search learns, what shows it is that the *dots* rise,
# above those of a search that learns nothing. Here it looks so, in one picture from one seed, and without the other
# search beside it. Lesson 08 asks the same of many seeds, on all tasks, with random search in the figure.
#
# ## By hand: a search, step by step
#
# The same thirty trials in the player. Each dot is a network; step forward and see who is asked for next, what it was
# told, and from which parent it came. Go back, and the search has not happened yet. Try to say, before each step,
# which part of the picture the next network will come from. For evolution you can often tell; for random search
# never.

# %%
Player(films.search(study.trials, study.controller.parents))

# %% [markdown]
# ## 7 · A page of plausible code
#
# Here is the page that was promised. It was written for this lesson, after the manner of many others. Take your time
# and read it: two networks, a loss, a loop of three rounds, and the best score in the end. The letters mark places
# for exercise 3; not all of them are wrong.

# %%
Markdown(listing.as_markdown())

# %% [markdown]
# Before you scroll on, write down on paper what you would change. Then we run it as it stands. Ten classes, equally
# frequent: an accuracy of 0.1 is what guessing gives.

# %%
torch.manual_seed(0)
winner, highest, models = listing.search(task)
claim(f"as listed, it reports {highest:.3f}, which is guessing", highest < 0.25)

# %% [markdown]
# It printed no warning and raised no error. Code that is wrong in the way of plain Python errors is the harmless
# kind; this kind runs through. No test that asks whether the page runs would find it. A test that asks whether it can
# tell a good network from a bad one would.
#
# One mistake is loud, then: nothing is learned at all. Its author would have looked for it, found that the loss at
# (f) makes nonsense of the labels, and put the right loss in its place. So do we. And now the number looks fine, more
# so with ten rounds than with three:


# %%
def reported(rounds, seed):
    torch.manual_seed(seed)
    return listing.search(task, functional.cross_entropy, rounds)[1]


three, ten = (interval(reported(rounds, seed) for seed in range(4)) for rounds in (3, 10))
claim(f"it reports {three} after 3 rounds, {ten} after 10", ten.low > three.high)

# %%
Reveal(exercises.twice, "it rises")

# %% [markdown]
# The intervals are over four seeds, and they do not even come near each other. (On the page as it stands, with its
# useless loss, the number cannot fall either: the best of ten rounds is at least the best of the first three.)
#
# It rises, and no search has taken place. The same two networks were trained again and again, and whoever trains
# longer scores higher on the images that were trained on. This is the mistake that a second look misses: the loop
# goes round, the number improves, and what improves it is not the loop.
#
# How good is the winner on images that it has not seen? And how many convolutions are there in this "search" over two
# networks?

# %%
torch.manual_seed(0)
winner, highest, models = listing.search(task, functional.cross_entropy, rounds=10)
own, other = (  # (a) mixed the parts up: the listing learns from the validation part
    (models[winner](torch.as_tensor(part.X)).argmax(dim=1).numpy() == part.y).mean()
    for part in (task.validation, task.train)
)
print(f"reported {highest:.3f}; now {own:.3f} on its own images, {other:.3f} on others")
claim("what is handed back is no more what was scored", own < highest - 0.05)
claim("both models hold the very same convolution", models["model_1"][0] is models["model_2"][0])

# %% [markdown]
# The report was 0.917, and what the function hands back reads no more than that of its *own* images: 0.719. On images
# that it has not seen it does about as well. So this is not what learning by heart looks like. The network was good
# when it was scored, and was spoilt afterwards: since the models share their layers, the second one rewrites the
# weights of the first while it trains. It is not even clear *which* network was scored. That the score is taken on
# the images that were trained on flatters as well, a little, as one would find if this had not happened; and that the
# names of the two parts were mixed up in the first line leaves it the smaller part to learn from. Exercise 3 asks you
# to find all seven places, exercise 4 to mend the loop.
#
# And done right? With the four verbs kept apart there is little left that could go wrong: every network has layers of
# its own, is trained once, and is judged on validation images; what is tried next is the controller's affair, and the
# test images are read once, in the end.

# %%
mended = Study(space, controllers.load("random", space, seed=0), trainer, epochs=4)
tried = {trial.architecture for trial in mended.run(trials=6)}
best, final = mended.best.score, mended.finish().score
claim(f"{len(tried)} networks, each trained once: {best:.3f}, on the test {final:.3f}", len(tried) == 6)

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

# %%
exercises.enough

# %%
enough = ...

# %%
exercises.enough.check(enough)

# %%
exercises.chance_of_hit


# %%
def chance_of_hit(share, draws): ...


# %%
exercises.chance_of_hit.check(chance_of_hit)

# %%
exercises.faults

# %%
faults = ...

# %%
exercises.faults.check(faults)

# %%
exercises.Search


# %%
class Search:
    def __init__(self, networks):
        self.networks, self.found = networks, {}

    def ask(self):
        return list(self.networks)

    def tell(self, name, training, validation):
        self.found[name] = training

    def best(self):
        return list(self.found)[-1]


# %%
exercises.Search.check(Search)

# %%
exercises.refutation

# %%
refutation = ...

# %%
exercises.refutation.check(refutation)

# %% [markdown]
# ## What we have seen
#
# - Ask, train, tell, record. The controller knows no training, the trainer knows no choosing, and the study
#   remembers.
# - Where all networks are equally likely, sixty draws hit one of the best twentieth, however large the space. Whoever
#   wants to beat it has to beat that.
# - How one draws is a bet: a walk that may stop at each step prefers short networks, a list does not. On some tasks
#   the one is better, on some the other.
# - A budget counts different networks; they do not all cost the same.
# - A number that rises shows that something is trained, not that something is searched.

# %% [markdown]
# ## Where it comes from
#
# - J. Bergstra, Y. Bengio, *Random Search for Hyper-Parameter Optimization*, JMLR 13, 2012. Section 1 and figure 1:
#   why a grid of values wastes its trials when few of the parameters matter.
# - L. Li, A. Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*, UAI 2019. Section 4:
#   random search as a rival for published methods, and what they leave out.
# - T. Elsken, J. H. Metzen, F. Hutter, *Neural Architecture Search: A Survey*, JMLR 20(55), 2019. Figure 1: search
#   space, search strategy and performance estimation strategy, our space, controller and trainer.

# %% [markdown]
# ## Where to go next
#
# [Lesson 04, tabular Q-learning](04_tabular_q_learning.ipynb): the first controller that listens to what it is told.
# Or [lesson 08, a fair race](08_a_fair_race.ipynb), where rivals meet on the same seeds.
