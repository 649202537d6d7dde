# %% [markdown]
# # 15 · Meta-learned architecture search
#
# **What you will be able to do.** Open a search with what earlier searches found, in four ways: by copies, by
# Q-values, by a vote of models, and under guard. Say when that wins, when copying is all there is to it, and when it
# hurts. Notice early that it hurts, and limit the damage.
#
# **How long.** Thirty minutes to read and run, twenty for the exercises. The page itself runs in about a minute on
# two cores.
#
# **What you need first.** Lesson 04, for Q-values, and lesson 08, for regret, seeds and intervals.
#
# ## The question
#
# Nobody searches once. A team that found a network for one kind of image will search for the next kind, and would be
# foolish to forget everything in between. *Meta-learning* is the name for getting better at learning from one task to
# the next, and this lesson closes the loop of the whole course: define a space, evaluate, optimise, **carry over what
# was learned**, repeat.
#
# There are papers in which it works wonders. Wong and others (NeurIPS 2018) carry a controller from task to task;
# MetaD2A (Lee and others, ICLR 2021) and TNAS (Shala and others, ICLR 2023) predict good networks for a data set from
# its looks. There is also a trap. If all tasks of a benchmark want the same networks, copying the winners of before
# looks like learning. On the three data sets of NAS-Bench-201, the source's best ten are good on the others as well.
# So the atlas was made of tasks that are *unlike* each other. Before you see it:

# %%
import numpy as np

from nasedu import controllers, meta, plots
from nasedu.classroom import claim, interval
from nasedu.classroom.lessons.lesson_15 import exercises, figures
from nasedu.meta.compare import compare, earlier_study
from nasedu.tables.task_correlation import task_correlation
from nasedu.tables.atlas import atlas
from nasedu.widgets import Predict, Quiz, Reveal, TaskMap

# %%
Predict(exercises.hurts)

# %% [markdown]
# ## 1 · Sixteen tasks, and how alike they are
#
# The atlas holds 1,188 small chains of layers on each of sixteen tasks. Some ask *what* is on the image, some *where*
# it is, some *how many* there are or whether two are the *same*; on some the pixels are shuffled, so that neighbours
# mean nothing. Two tasks are alike, for a search, if they put the networks into the same order. Spearman's rank
# correlation says how far (lesson 09): 1 for the same order, 0 for none.

# %%
table = atlas()
alike = task_correlation(table)
ax = plots.alike(alike, table.tasks)
pairs = alike[np.triu_indices(len(table.tasks), 1)]
near, far = (pairs > 0.6).sum(), (pairs < 0.2).sum()
claim(f"of {len(pairs)} pairs {near} agree at over 0.6 and {far} at under 0.2", near > 20 and far > 8)

# %% [markdown]
# Each cell is a pair of tasks, bright where they agree. Look for the dark rows. *Where* and *how many* agree with
# nearly nobody: to say where something is, a network must keep places apart, which most of the other questions do not
# ask for. *Shuffled* tasks agree with each other at nearly 1, whatever the pictures were.
#
# The map is drawn from the whole table. A search that comes to a new task has no such map; it will have to find out
# from its first evaluations what this task is like.
#
# ## 2 · What there is to carry over
#
# An earlier search leaves behind its trials: which networks it tried, and what they scored. That is all the
# **evidence** there is. Here are the earlier searches that this lesson learns from: on each of the other fifteen
# tasks, one hundred networks by Q-learning that started cold, as a student has done who searched those tasks before.

# %%
target = "anywhere/hebrew"
evidence = [earlier_study(table, task, seed=0) for task in table.tasks if task != target]
for one in evidence[:3]:
    architecture, score = max(one.trials, key=lambda trial: trial[1])
    print(f"{one.task:20} {len(one.trials)} trials, best {score:.3f}: {' '.join(architecture)}")

# %% [markdown]
# Each line is one earlier search and its best network. Notice how little that is. A search has seen a hundred of
# 1,188 networks, no more. (In one thing all searches of this lesson are spoilt: they are told the mean of three
# trainings, and that is also what they are judged by.) And the scores of different searches cannot be compared: 0.366
# is the best of its hundred on noisy pixels, and would be a poor score elsewhere.
#
# A **prior** is made of evidence and opens the next search. The simplest one copies: it ranks the networks that were
# tried before by their mean rank over the tasks, and asks for those first. (Why ranks, and not scores? Exercise 2.)
# The controller behind it takes over when the copies are used up, and is told everything.

# %%
cold = controllers.load("q-learning", table.space, seed=0, budget=50)
opened = meta.load("copy-best", evidence).open(cold)
scores = table.scores(target)
for _ in range(3):
    architecture = opened.ask()
    reward = float(scores[table.row(architecture)])
    opened.tell(architecture, reward)
    print(f"{reward:.3f}", *architecture)
print(f"the best there is: {scores.max():.3f}, the average network: {scores.mean():.3f}")

# %% [markdown]
# One question, from this seed, and the search is near the best network of the table. Is that meta-learning? It is
# memory. Whoever claims more must be better than this, and so copying stands beside everything that follows, together
# with three other baselines that cost nothing: random search; the same controller started cold; and the cold
# controller with the shorter exploration that a warm one is given. The last one is often forgotten. A search that
# explores less looks better at the beginning, whether it knows anything or not.
#
# ## 3 · A task on which transfer wins
#
# Two priors that do more than copy. **warm-q** carries Q-values over, scaled to the new task's range, with a trust
# that decays as evidence comes in. No established paper carries a Q-*table* to a new task; it is an experiment of
# this course. **surrogate** fits a model to each earlier task that predicts a score from the encoding of an
# architecture, and lets these models vote; a vote weighs the more, the better its model ranks the networks that were
# tried on the *new* task (in the manner of RGPE: Feurer, Letham and Bakshy, 2018). Its first three questions are
# copies, too. Copying itself is there twice: as usual it asks for its five best and leaves the rest to the cold
# controller, and in another search it goes on copying to the end. The last way is for section 6.
#
# One target, sixty seeds, thirty evaluations, everything else held back. The first case is a glyph that may stand
# anywhere in the image:

# %%
copying_on = ("copy-best", {"most": 30})
guarded = ("guarded", {"prior": "warm-q", "budget": 30})
ways = {"warm-q": "warm-q", "surrogate": "surrogate", "copying on": copying_on, "guarded": guarded}
anywhere = compare(table, "anywhere/hebrew", ways, seeds=60, evaluations=30)
ax = figures.comparison(anywhere, ("random", "cold", "cold, warm schedule", "warm-q"))

# %%
ax = figures.comparison(anywhere, ("cold", "copy-best", "copying on", "surrogate"))

# %% [markdown]
# Each line is the mean of sixty searches. The axis is logarithmic, so one step down the labels is ten times nearer to
# the best network. In the first figure three lines carry nothing over, in the second only the uppermost. Read both at
# ten networks, the moment that the claims below are about.

# %%
for way in ("copy-best", "warm-q", "surrogate"):
    mean, half = anywhere.lead(way, after=10)
    claim(f"after 10 networks {way} is {mean:.3f} ± {half:.3f} nearer than cold", mean > half)
mean, half = anywhere.lead("surrogate", over="copy-best", after=10)
claim(f"and the surrogate {mean:.3f} ± {half:.3f} nearer than copying five", mean > half)
mean, half = anywhere.lead("surrogate", over="copying on", after=10)
print(f"  after 10 it is {mean:.3f} ± {half:.3f} nearer than copying on to the end")
memory, more = anywhere.lead("copying on", after=20)[0], anywhere.lead("surrogate", "copying on", 20)[0]
claim(f"after 20, memory brings {memory:.3f}, and the surrogate {more:.3f} more", more < memory / 10)

# %% [markdown]
# Transfer wins: whatever is carried over is far ahead of a cold start. Where a line leaves the picture below, nearly
# all of its searches have found the very best network, and a regret of 0 has no place on such an axis.
#
# How much of that was *learned*? Beside the copying of five, the surrogate looks clever: it weighs the earlier tasks
# by how well they rank what was tried on this one. But the copying of five stops, the cold controller goes on, and
# its line is flat for long stretches. Let the same memory speak to the end, and what is left for the surrogate is a
# small lead, a few hundredths of what memory alone has brought. A rival must be given the same rope. Most of what has
# won here is memory.
#
# In the first figure, the line of the warm schedule lies on the cold one at ten networks, so less exploration is not
# what helps there. Later it comes down a little: a part of the warm Q-table's lead is the schedule's.
#
# ## 4 · A task on which copying is all there is
#
# The second case: digits, with only a handful of examples to learn from. Watch the one that copies to the end, and
# the surrogate beside it.

# %%
bolder = {"warm-q, bolder": ("warm-q", {"epsilon_first": 0.1})}  # explores hardly at all
few = compare(table, "few/digits", ways | bolder, seeds=60, evaluations=30)
ax = figures.comparison(few, ("cold", "copying on", "warm-q", "surrogate"))

# %%
mean, half = few.lead("copy-best", after=10)
claim(f"copying is {mean:.3f} ± {half:.3f} nearer than cold", mean > half)
for after in (10, 25):
    mean, half = few.lead("surrogate", over="copying on", after=after)
    claim(f"the surrogate, beside copying on, after {after}: {mean:+.4f} ± {half:.4f}", abs(mean) <= half)
mean, half = few.lead("warm-q", over="copy-best", after=10)
claim(f"the warm Q-table, beside copying: {mean:.3f} ± {half:.3f}, clearly behind", mean < -half)
mean, half = few.lead("warm-q, bolder", over="warm-q", after=10)
claim(f"if it explores hardly at all, {mean:.3f} ± {half:.3f} nearer", mean > half)

# %% [markdown]
# Both learners are ahead of a cold start, and a paper could be written about that. But copying is as good as the one
# and better than the other: beside the memory that speaks to the end, the surrogate has no lead that sixty seeds
# could show. There was nothing to learn here beyond what was best before. Without the plain rival in the picture,
# memory would have passed for insight.
#
# Why is the warm Q-table behind? In part because it explores: copying takes no random choice, and a warm table that
# takes hardly any is nearer, and still behind. The rest may be this: it does not remember networks, it remembers what
# each *choice* was worth on average, and must put a network together from that. Which choices were good together is
# lost on the way.
#
# Remember this when you read of meta-learning elsewhere. Here is what an abstract may say, and nothing in it is
# untrue. What would you ask its authors?

# %%
Quiz(exercises.missing_rival)

# %% [markdown]
# ## 5 · A task on which it hurts
#
# The third case is *where*, one of the two tasks that agree with nearly nobody. What was good elsewhere is a fair
# first guess there, and a poor guide after that.

# %%
where = compare(table, "where/digits", ways, seeds=60, evaluations=30)
ax = figures.comparison(where, ("random", "cold", "copy-best", "warm-q"))

# %%
for after in (5, 10, 15, 20, 25):
    rivals = (where.lead("warm-q", over=over, after=after) for over in ("cold", "cold, warm schedule"))
    against = ", beside its schedule ".join(f"{mean:+.4f} ± {half:.4f}" for mean, half in rivals)
    print(f"  after {after:2} networks, warm-q beside cold {against}")
for over in ("cold", "random", "copy-best"):
    mean, half = where.lead("warm-q", over=over, after=25)
    claim(f"after 25 networks, warm-q is {-mean:.4f} ± {half:.4f} farther than {over}", mean < -half)
Reveal(exercises.hurts, "yes")

# %% [markdown]
# After five networks the warm table is ahead, if anything; that is the prior speaking. After twenty it is behind, and
# it stays behind, also beside the cold search that explores as little as it does. The distances are small, since on
# this task many networks are good; what counts is that they are beyond the intervals. This is **negative transfer**:
# what was learned is not merely useless, it keeps the search where the best networks are not. A search that had
# forgotten everything would have done better, and so would one that draws at random. Copying did no such harm: five
# networks are a good first guess on this task, too, and then it lets go.
#
# And the surrogate, which is not in the picture? It pays as well, and not for ever:

# %%
for after in (15, 30):
    mean, half = where.lead("surrogate", over="random", after=after)
    print(f"  after {after} networks, the surrogate beside random search: {mean:+.4f} ± {half:.4f}")

# %% [markdown]
# It asks again at each step which earlier task agrees with what it sees, and it has one more voter, a model of the
# new task's own trials, which has more to say the more of them there are. Section 6 comes back to that.
#
# How common is harm? Take the plainest transfer there is, from one task to one other: try the source's best ten
# networks on the target, and compare with ten drawn at random, a hundred times.


# %%
def gain(source, target):
    scores = table.scores(target)
    copied = scores[np.argsort(-table.scores(source))[:10]].max()
    drawn = interval(scores[rng.choice(len(table), 10, replace=False)].max() for _ in range(100))
    return copied - drawn.mean, drawn.half


rng = np.random.default_rng(0)
gains, halves = np.array([[gain(a, b) for b in table.tasks] for a in table.tasks]).transpose(2, 0, 1)

# %%
ax = figures.gains(alike, gains)
others = ~np.eye(len(gains), dtype=bool)
worse, better = (gains < -halves)[others].mean(), (gains > halves)[others].mean()
claim(f"beyond the interval, copying hurts {worse:.0%} of the pairs, helps {better:.0%}", worse > 0.2)

# %% [markdown]
# Each dot is a pair. To the right, where tasks agree, copying gains; far to the left it loses, or gains next to
# nothing. Compare the two sides of the dotted line as well. The most that copying gained is far less than the most
# that it lost, for ten random networks are seldom all bad, and ten copies of one idea can be. The agreement of two
# tasks says much of what will happen, and the trouble is only that it has to be known.
#
# ## 6 · Noticing early
#
# It can be estimated. If a few networks have been tried on the new task, each earlier task can be asked: do you put
# *these* into the right order? The weights of the surrogate are made so. Here is what they come to when thirty
# networks are known, drawn at random; with fewer they are less certain:

# %%
truth = dict(zip(table.tasks, alike[table.tasks.index("anywhere/hebrew")], strict=True))
order = sorted(anywhere.weights, key=lambda task: -anywhere.weights[task].mean())
for task in order[:3] + order[-2:]:
    print(f"{task:20} weight {anywhere.weights[task].mean():.2f}, true agreement {truth[task]:.2f}")
claim("the heaviest source is one that truly agrees", truth[order[0]] > np.median(list(truth.values())))

# %% [markdown]
# The weights are shares of one vote. The first task asks the digits the same question, *what is it, wherever it
# stands*, and gets the largest, on average over the searches; the whole table, which the search never saw, confirms
# it. At the end stand tasks that agree less, and they are not listened to at all. (The vote is winner-takes-most: it
# finds a good advisor, it does not measure how good each one is.)
#
# A **guard** goes one step further. It watches what the prior promises and what the first evaluations say, and takes
# the trust away from a prior that disagrees. And it limits how many of the prior's questions may bring nothing, to a
# tenth of the budget unless told otherwise, here three of 30, so that the worst case is known before the search
# begins. We put one around the warm Q-table, on the task where it hurt and on one where it helped.

# %%
ax = figures.comparison(where, ("cold", "warm-q", "guarded"))

# %%
for found, after in ((where, 10), (where, 25), (anywhere, 10), (anywhere, 25)):
    (bare, a), (kept, b) = (found.lead(way, after=after) for way in ("warm-q", "guarded"))
    print(f"{found.task}, {after}: over cold {bare:+.3f} ± {a:.3f} bare, {kept:+.3f} ± {b:.3f} guarded")
mean, half = where.lead("guarded", over="warm-q", after=25)
claim(f"where the bare prior hurt, the guard saves {mean:.4f} ± {half:.4f} after 25", mean > half)
mean, half = anywhere.lead("guarded", over="warm-q", after=25)
claim(f"where it helped, the guard costs {-mean:.3f} ± {half:.3f} after 25", mean < -half)
mean, half = anywhere.lead("guarded", after=25)
claim(f"and is still {mean:.3f} ± {half:.3f} ahead of cold", mean > half)

# %% [markdown]
# A guard has to see something first: after ten networks the guarded search lies where the bare one lies. Then it has
# noticed that the prior leads nowhere, goes on as if cold, and after 25 has caught up with the cold search. On the
# other task it gave the prior its say, and later took two thirds of the lead away, for there, too, most questions did
# not bring a new best. That is the price, and it is not small: a guard costs something where the prior is good, and
# saves something where it is bad. Exercise 3 asks you to build the simplest one, for which the factor can be proved.
#
# ## By hand: the map
#
# Choose a target from the list. Near tasks lie near each other, and grey lines link those that are most alike. For
# the three targets of this lesson, orange lines say from where the evidence came, and below the map you see warm
# against cold with their bands; of any other the map says only what it is like. Take a shuffled task, a glyph and
# *same*, and say from their neighbours which of the three cases each would be. Then let one of them be searched: run
# `shuffled = compare(table, "shuffled/digits", seeds=20, evaluations=30)` in a cell of its own, and put `shuffled`
# into the list below.

# %%
TaskMap(table, [anywhere, few, where])

# %% [markdown]
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it. Hints and the solution unfold under the check.

# %%
exercises.agree

# %%
agree = ...

# %%
exercises.agree.check(agree)

# %%
exercises.copy_order


# %%
def copy_order(scores): ...


# %%
exercises.copy_order.check(copy_order)

# %%
exercises.interleave


# %%
def interleave(prior, cold): ...


# %%
exercises.interleave.check(interleave)

# %%
exercises.worse_than_random

# %%
worse_than_random = ...

# %%
exercises.worse_than_random.check(worse_than_random)

# %% [markdown]
# ## What we have seen
#
# - Evidence is what earlier searches tried and what came of it; a prior opens the next search with it.
# - Copying the winners of before is memory, it costs nothing, and it is the rival that counts. Beside it stand random
#   search, a cold start, and a cold start with the warm exploration.
# - On one task all that was carried over won by far, and most of it was memory; on one there was nothing beyond
#   copying; on one the warm Q-table did harm.
# - How alike tasks are decides, and it can be estimated from the first evaluations. Limit what a prior may cost
#   before you trust it.

# %% [markdown]
# ## Where it comes from
#
# - C. Wong, N. Houlsby, Y. Lu, A. Gesmundo, *Transfer Learning with Neural AutoML*, NeurIPS 2018. Section 3: one
#   controller for many tasks.
# - M. Feurer, B. Letham, E. Bakshy, *Scalable Meta-Learning for Bayesian Optimization*, AutoML workshop at ICML 2018.
#   Section 4: ranking-weighted ensembles (RGPE).
# - H. Lee, E. Hyung, S. J. Hwang, *Rapid Neural Architecture Search by Learning to Generate Graphs from Datasets*,
#   ICLR 2021 (MetaD2A).
# - G. Shala, T. Elsken, F. Hutter, J. Grabocka, *Transfer NAS with Meta-learned Bayesian Surrogates*, ICLR 2023
#   (TNAS).
# - T. Elsken, B. Staffler, J. H. Metzen, F. Hutter, *Meta-Learning of Neural Architectures for Few-Shot Learning*,
#   CVPR 2020 (MetaNAS).
# - The warm Q-table is this course's own experiment, and the atlas its own table; its data card says how it was made.

# %% [markdown]
# ## Where to go next
#
# The same loop with real training, in a terminal: `nasedu meta --tasks
# digits,glyphs/greek,glyphs/hebrew,digits-shuffled --trials 20`. Lesson 12, learning to learn (in preparation),
# carries over weights instead of scores. Back: [lesson 08, a fair race](08_a_fair_race.ipynb).
