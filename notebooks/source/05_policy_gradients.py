# %% [markdown]
# # 05 · Policy gradients
#
# **What you will be able to do.** Derive the gradient of a policy, and check it. Follow each logit while a policy
# learns. Say what a baseline changes, and what it does not. Test what a recurrent controller has learned.
#
# **How long.** Twenty-five minutes to read and run, twenty-five more for the exercises. The page runs in under a minute
# on two cores.
#
# **What you need first.** Lesson 04 for states and choices. Lesson 02 for softmax and gradients.
#
# ## The question
#
# Lesson 04 learned what a choice is *worth*. There is a more direct way: learn how *probable* each choice should be.
# Draw a network from these probabilities and train it. If it was good, make its choices more probable. This is a
# **policy gradient**. Zoph and Le (2017) used it to design networks, and many papers followed.
#
# Their policy was a recurrent network. We begin with the simplest policy there is, a table. Each decision has a row of
# numbers, the **logits**: one for each choice. The larger the logit, the more probable the choice.
#
# The space is the atlas again: 1,188 chains of layers whose scores we know. Step with the arrow keys.

# %%
import numpy as np

import nasedu
from nasedu import controllers
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_05 import exercises, figures
from nasedu.classroom.lessons.lesson_05 import policies, recording
from nasedu.classroom.lessons.lesson_05.walks import Walks
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, Predict, Quiz, Reveal, films

# %%
table = atlas()
space, task = table.space, "what/digits"
scores = table.scores(task)


def told(policy, networks):
    for _ in range(networks):
        network = policy.ask()
        yield network, float(scores[table.row(network)])


# %%
policy = controllers.load("reinforce-table", space, seed=0)
Player(films.policy(policy, told(policy, 7)))

# %% [markdown]
# For each network you see three things. First it is drawn: the orange bars are the choices that were taken. Then its
# reward is known, and the **advantage** says how much better it was than usual. Then each row moves, logit by logit. A
# thin line marks where a bar was before.
#
# The usual reward is called the **baseline**. Before you read what it is good for:

# %%
Predict(exercises.baseline)

# %% [markdown]
# ## 1 · One logit
#
# A row of logits $z$ becomes probabilities by softmax, as in lesson 02:
#
# <!-- equation: softmax -->
# $$p_k = \frac{\exp(z_k)}{\sum_{j} \exp(z_j)}$$
#
# Only the open choices count. Now let the choice $c$ be taken. How does $\log p_c = z_c - \log \sum_j \exp(z_j)$ change
# with each logit? The first part gives 1 for the choice that was taken. The second part gives $-p_k$ for every choice.
# With $t_k = 1$ for the choice that was taken and 0 for the others:
#
# <!-- equation: log-policy-slope -->
# $$\frac{\partial \log p_c}{\partial z_k} = t_k - p_k$$
#
# This is *onehot minus p*. The probability of a whole network is the product over its decisions. So its logarithm is a
# sum, and each row has its own slope. Here is a check by finite differences, for one network and one logit:

# %%
network = ("conv3-8", "pool2", "dense32", "stop")
row, c = policy.row(space.key(space.start())), policy._column["conv3-8"]

# %%
ends = []
for step in (1e-5, -1e-5):
    row[c] += step
    ends.append(policy.log_probability(network))
    row[c] -= step
measured = (ends[0] - ends[1]) / 2e-5
derived = 1 - policy.probabilities(network)[0]["conv3-8"]
words = f"measured {measured:.6f}, onehot minus p {derived:.6f}"
claim(words, abs(measured - derived) < 1e-6)

# %% [markdown]
# The update takes a step along this slope. Its length is a rate $\alpha$ times the advantage $A$:
#
# <!-- equation: logit-step -->
# $$z_k \leftarrow z_k + \alpha \, (t_k - p_k) \, A$$
#
# <!-- equation: advantage -->
# $$A = \frac{r - b}{s}$$
#
# $r$ is the reward, $b$ the baseline: a moving average of earlier rewards. $s$ is their usual distance from it. The
# division by $s$ is an addition of ours. It makes the step independent of the unit of the rewards. ($A$ is cut at
# $\pm 3$.) This is **REINFORCE** (Williams 1992).

# %%
Quiz(exercises.one_logit)

# %% [markdown]
# ## 2 · What does this climb?
#
# The policy should draw good networks. So we want a large mean reward $J = \sum_a P(a) \, R(a)$, a sum over all
# networks. Its gradient is not a mean that one could sample. But $\nabla P = P \, \nabla \log P$, and this helps:
#
# $$\nabla J = \sum_a P(a) \, R(a) \, \nabla \log P(a)$$
#
# Now it is a mean again: draw a network from the policy, and multiply its reward with its slopes. No slope of $R$ is
# needed. The reward may come from anything, also from a training of an hour.
#
# Our space is small, and all rewards are known. So we can compute the sum **exactly**, and see what samples give.
# `Walks` holds all 1,188 walks as arrays.

# %%
walks = Walks(space, table.architectures)
first = walks.table(controllers.load("reinforce-table", space))
P, slopes = walks.probabilities(first), walks.score_vectors(first)
exact = (P * scores) @ slopes
k = int(np.abs(exact).argmax())
shift = 1e-5 * (np.arange(first.size) == k).reshape(first.shape)
ends = [walks.probabilities(first + s) @ scores for s in (shift, -shift)]
measured = (ends[0] - ends[1]) / 2e-5
words = f"slope of J: measured {measured:.6f}, by the sum {exact[k]:.6f}"
claim(words, abs(measured - exact[k]) < 1e-8)

# %% [markdown]
# And now by samples. Each dot is an estimate of two numbers of this gradient, for two choices of the first layer. The
# cross is the exact gradient. In the lower row, the mean reward is subtracted from each reward.

# %%
rng = np.random.default_rng(0)
start = walks.rows.index(space.key(space.start()))
names = ("conv3-8", "conv1-4")
pair = [start * len(walks.choices) + walks.choices.index(n) for n in names]


def estimates(count, b, repeats=200):
    drawn = rng.choice(len(P), (repeats, count), p=P)
    return ((scores[drawn] - b)[..., None] * slopes[drawn][..., pair]).mean(1)


# %%
mean = float(P @ scores)
ways = {"reward": 0, "reward − mean": mean}
found = {}
for way, b in ways.items():
    found[way] = {n: estimates(n, b) for n in (1, 10, 1000)}
figure = figures.clouds(found, exact[pair], names)

# %% [markdown]
# One network says nearly nothing about the direction. A thousand trainings for one step would be good, and nobody can
# pay for them.
#
# ## 3 · The baseline
#
# Why may we subtract a number? The slopes of all networks, weighted by their probabilities, add up to zero:
# $\sum_a P(a) \nabla \log P(a) = \nabla \sum_a P(a) = \nabla 1 = 0$. So $b$ times this sum is zero, too. Sums over all
# networks give expectation and variance without any sampling:


# %%
def variance(P, slopes, R, b):
    mean = (P * (R - b)) @ slopes
    return P @ ((R - b) ** 2 * (slopes**2).sum(1)) - mean @ mean


def ratio(P, slopes, R):
    return variance(P, slopes, R, 0) / variance(P, slopes, R, P @ R)


# %%
moved = np.abs((P * (scores - mean)) @ slopes - exact).max()
times = ratio(P, slopes, scores)
answer = exercises.what_changes(moved, times)
words = f"expectation: {moved:.0e} apart; variance divided by {times:.1f}"
Reveal(exercises.baseline, answer, asserted(words, moved < 1e-9 and times > 4))

# %% [markdown]
# That was the first policy, where all open choices are equally likely. A policy that has learned draws mostly good
# networks. Their rewards are all high and lie close together. Then the baseline should matter even more:


# %%
def after(networks, task, seed):
    policy = controllers.load("reinforce-table", space, seed=seed)
    own = table.scores(task, seed=seed % 3)
    for _ in range(networks):
        network = policy.ask()
        policy.tell(network, float(own[table.row(network)]))
    now = walks.table(policy)
    P = walks.probabilities(now)
    return ratio(P, walks.score_vectors(now), table.scores(task))


# %%
for name in recording.TASKS:
    before = ratio(P, slopes, table.scores(name))
    later = [after(60, name, seed) for seed in range(5)]
    low, high = min(later), max(later)
    words = f"divided by {before:.1f}; after 60: by {low:.0f} to {high:.0f}"
    claim(f"{name}: {words}", before > 4 and low > before)

# %% [markdown]
# ### A baseline that cheats
#
# The baseline must not depend on the network whose reward it is subtracted from. Take a batch of $n$ networks, and
# subtract the mean of the batch from each reward. Each network is in its own baseline, with weight $1/n$. So a share
# $1/n$ of what it has to say is lost. The mean of the *others* is allowed:
#
# <!-- equation: others -->
# $$b_i = \frac{n \, m - r_i}{n - 1}$$
#
# with the mean $m$ of the batch. We measure how far estimates reach along the exact gradient, over 20,000 batches:

# %%
along = slopes @ exact / (exact @ exact)


def shares(n):
    drawn = rng.choice(len(P), (20_000, n), p=P)
    r, x = scores[drawn], along[drawn]
    m = r.mean(1, keepdims=True)
    others = (n * m - r) / (n - 1)
    return [interval(((r - b) * x).mean(1)) for b in (m, others)]


# %%
counts = (2, 3, 5, 10, 20)
own, others = zip(*map(shares, counts), strict=True)
ax = figures.own_sample(counts, own, others)

# %%
for n, a, b in zip(counts, own, others, strict=True):
    words = f"n = {n}: own reward in it {a}, others {b}"
    fits = abs(a.mean - (n - 1) / n) < 2 * a.half
    claim(words, fits and abs(b.mean - 1) < 2 * b.half)

# %% [markdown]
# With its own reward in it, the estimate is $(n-1)/n$ of the gradient. The direction is right and the step is shorter.
# This is harmless for a large batch, and a half is lost for two networks. In our package it is one word:
# `baseline="leave-one-out"`, with `batch=5`.
#
# ## 4 · Too certain, too early
#
# A policy that was lucky early draws the same networks again. It learns nothing about others, and becomes more certain.
# The usual remedy is a bonus for **entropy**: $A \log P$ plus a weight times $\sum H(p)$, which is largest where all
# choices are equally likely.
#
# To see this, the policy must be allowed to ask twice: we use `draw`, as training with shared weights does. The left
# panel shows $\exp(H)$, the number of networks among which the policy is undecided.


# %%
def looks(policy):
    P = walks.probabilities(walks.table(policy))
    undecided = np.exp(-(P * np.log(P + 1e-300)).sum())
    return undecided, P @ scores, scores.max() - scores[P.argmax()]


# %%
def watch(entropy, seed):
    settings = {"entropy": entropy, "learning_rate": 0.5}
    policy = controllers.load("reinforce-table", space, seed=seed, **settings)
    yield looks(policy)
    for n in range(1, 201):
        network = policy.draw()
        list(policy.learn(network, float(scores[table.row(network)])))
        if n % 25 == 0:
            yield looks(policy)


# %%
runs = {}
for entropy in (0, 0.1, 0.4):
    each = [np.transpose(list(watch(entropy, seed))) for seed in range(8)]
    runs[f"entropy {entropy}"] = np.array(each)
panels = ("undecided among", "mean reward", "regret of the likeliest")
figure = figures.certainty(runs, panels, every=25)

# %%
for name, found in runs.items():
    a, b, c = (interval(found[:, panel, -1]) for panel in range(3))
    print(f"{name}: {a:.1f} networks, mean reward {b}, regret {c}")
least, most = runs["entropy 0"], runs["entropy 0.4"]
certain, open_ = least[:, 0, -1].max(), most[:, 0, -1].min()
words = f"{certain:.1f} networks at most, with the bonus 0.4 at least"
claim(f"{words} {open_:.1f}", certain < open_)
worse = interval(most[:, 2, -1] - least[:, 2, -1])
claim(f"the bonus adds {worse} to the regret", worse.low < 0 < worse.high)

# %% [markdown]
# Without the bonus, each policy ends with one or a few networks. They are good, and not the best. The policy is
# certain, so it learns nothing more: this is *premature certainty*. A strong bonus keeps many networks open. But its
# likeliest network is not better after 200 draws: the interval of the difference contains 0. The bonus buys
# exploration, and we saw no better network for it.
#
# In a *search* nothing is asked twice. If a network is known, another one is drawn, with more and more chance in it.
# Does the bonus help there? The same seeds with and without it (recorded, see section 6):

# %%
leads = {}
for name in recording.TASKS:
    with_bonus = recording.regrets("table, entropy 0.1", name)[:, -1]
    without = recording.regrets("reinforce-table", name)[: len(with_bonus), -1]
    leads[name] = interval(without - with_bonus)
ax = figures.rows(leads, "regret without the bonus minus with it")

# %%
clear = [n for n, one in leads.items() if abs(one.mean) > 1.5 * one.half]
claim(f"clear differences on {len(clear)} of 4 tasks", not clear)

# %% [markdown]
# No difference is beyond three standard errors. This is a **null result**: where nothing is asked twice, we saw no
# effect of this bonus. (20 seeds for each task. A small effect could hide in these intervals.)
#
# ## 5 · A network as policy
#
# A table has no idea that two states are alike, and a row knows only its state. The policy of Zoph and Le reads the
# choices one after the other, so it could learn *structure*: this layer is good after that one. In torch it takes a few
# lines. `reinforce` in our package is a smaller one in numpy, with its gradient by hand.

# %%
nasedu.show(policies.Recurrent)

# %% [markdown]
# Does it learn structure? Adam and Lorraine (2019) looked into the controller of ENAS and found none. We ask our own.
# Three policies learn from 2,000 networks with the same loop. One is a table *by position*: its first layer knows
# nothing of the second. One is a table by state. One is the LSTM.

# %%
Predict(exercises.structure)

# %%
policy = policies.Recurrent(walks)
training = policies.Training(policy, walks, scores, seed=0, rate=0.003)
for number, _ in enumerate(training.steps(60), 1):
    if number % 20 == 0:
        now = training.probabilities() @ scores
        print(f"after {10 * number} networks the mean reward is {now:.3f}")

# %% [markdown]
# That was one beginning. The full comparison has five seeds and four tasks (`recording.py`). We measure the mean reward
# of each policy, by a sum over all networks. Then we take its memory out. We fit the best policy by position to it, and
# measure how much reward is lost.

# %%
ahead = {}
for name in recording.TASKS:
    lstm = recording.policies("LSTM", name)[:, -1, 0]
    position = recording.policies("table by position", name)[:, -1, 0]
    ahead[name] = interval(lstm - position)
answer = exercises.on_how_many(ahead)
ax = figures.rows(ahead, "mean reward of the LSTM minus table by position")
Reveal(exercises.structure, answer, show=ax)

# %%
for look, networks in enumerate(recording.LOOKS):
    for kind in ("table by state", "LSTM"):
        found = [recording.policies(kind, name) for name in recording.TASKS]
        known = interval(np.concatenate([one[:, look, 1] for one in found]))
        lost = [one[:, look, 0] - one[:, look, 2] for one in found]
        lost = interval(np.concatenate(lost))
        told = f"knows {known} nats, without them loses {lost}"
        print(f"{kind}, {10 * networks} networks: {told}")

# %%
lost = []
for name in recording.TASKS:
    found = recording.policies("LSTM", name)
    lost += list((found[..., 0] - found[..., 2]).ravel())
claim(f"its memory is worth {max(lost):.3f} at most", max(lost) < 0.02)

# %% [markdown]
# A **nat** is a unit of information: a fair coin has 0.69. The LSTM could use what it read. But what it knows beyond
# the position is close to nothing, and without it the networks are as good. Our controller learned which layer is good
# in which place. This is what Adam and Lorraine saw in ENAS. The table by state does differ between states, most of all
# early. That is worth nearly nothing, too.
#
# Two limits. In this space a table by position draws networks as good as the others do, so little structure is needed.
# And we tried one size of LSTM, one rate, and 2,000 networks.
#
# ## 6 · The race
#
# Which controller finds good networks? Four unlike tasks, 100 different networks, 100 seeds. The rewards are of one
# training seed, and the regret is measured on the mean of three. Such races take minutes, so we recorded them. Three
# runs again, as a check:

# %%
again = nasedu.race(space, table, ["reinforce"], 100, 3, task=task)
kept = recording.regrets("reinforce", task)[:3]
same = np.abs(again.curves("reinforce", of="regret") - kept).max() < 1e-4
claim("three seeds, run again, are as recorded", same)

# %%
races = {}
for name in recording.TASKS:
    races[name] = {m: recording.regrets(m, name) for m in recording.RIVALS}
figure = figures.races(races)

# %%
ahead = {}
for name, found in races.items():
    for m in [m for m in found if m != "reinforce"]:
        lead = found[m][:, -1] - found["reinforce"][:, -1]
        ahead[f"{name}: {m}"] = interval(lead)
print(f"{len(lead)} seeds")
ax = figures.rows(ahead, "regret minus that of reinforce, 100 networks")

# %%
what, shuffled, where = recording.TASKS[:3]
for name in (what, shuffled):
    for m in ("random", "q-learning"):
        lead = ahead[f"{name}: {m}"]
        claim(f"{name}: ahead of {m} by {lead:.4f}", lead.low > 0)
lead = ahead[f"{where}: random"]
claim(f"{where}: random {lead:.4f}, no lead", lead.low < 0)

# %%
for name in (shuffled, where):
    lead = ahead[f"{name}: regularized-evolution"]
    claim(f"{name}: behind evolution, {lead:.4f}", lead.high < 0)
tie = ahead[f"{what}: regularized-evolution"]
claim(f"{what}: evolution {tie:.4f}, a tie", tie.low < 0 < tie.high)

# %% [markdown]
# On *what* and *shuffled*, the RNN is clearly ahead of random search and of Q-learning with its default settings. On
# *where*, it is no better than random search: many networks are good there, and all regrets are tiny. Evolution is
# ahead of the RNN on *shuffled* and *where*, by very little, and we cannot tell them apart on *what*. The RNN is ahead
# of the table on three of four tasks. We did not test why.
#
# And without the baseline?

# %%
leads = {}
for variant, method in (
    ("table, no baseline", "reinforce-table"),
    ("RNN, no baseline", "reinforce"),
):
    for name in recording.TASKS:
        raw = recording.regrets(variant, name)[:, -1]
        lead = raw - recording.regrets(method, name)[: len(raw), -1]
        leads[f"{variant}, {name}"] = interval(lead)
ax = figures.rows(leads, "regret without a baseline minus with it")

# %%
lead = leads[f"RNN, no baseline, {what}"]
claim(f"{what}: the RNN loses {lead} without it", lead.low > 0)

# %% [markdown]
# Less variance is not only a matter of theory: where regrets are large enough to differ, the RNN needs its baseline. On
# the two tasks on which all regrets are tiny, the difference is tiny, too.
#
# ## What Zoph and Le did
#
# Their controller had two LSTM layers of 35 units, trained by Adam with rate 0.0006. 100 copies of the controller had 8
# networks each in training, so 800 networks at once, and 12,800 in all. The reward was the best validation accuracy of
# the last five epochs, *cubed*. The cube makes differences between good networks larger than between poor ones:

# %%
good, poor = 0.9**3 - 0.8**3, 0.5**3 - 0.4**3
words = f"0.8 to 0.9 counts {good:.3f}, 0.4 to 0.5 counts {poor:.3f}"
claim(words, good > 3 * poor)

# %% [markdown]
# Here it is `reward_power=3`. With our 100 networks, we see what such a method does at its very beginning, and no more.
#
# ## Exercises
#
# Each has a cell to fill in and a cell that checks it at once.

# %%
exercises.logit_change

# %%
logit_change = ...

# %%
exercises.logit_change.check(logit_change)

# %%
exercises.policy_step

# %%
from math import exp


def policy_step(logits, taken, reward, mean, rate):
    powers = [exp(z) for z in logits]
    new = []
    for k, z in enumerate(logits):
        p = powers[k] / sum(powers)
        onehot = 1 if k == taken else 0
        new.append(z + rate * (reward - mean) * (p - onehot))
    return new


# %%
exercises.policy_step.check(policy_step)

# %%
exercises.advantages


# %%
def advantages(rewards):
    mean = sum(rewards) / len(rewards)
    return [reward - mean for reward in rewards]


# %%
exercises.advantages.check(advantages)

# %%
exercises.refutation

# %%
refutation = ...

# %%
exercises.refutation.check(refutation)

# %% [markdown]
# ## What we have seen
#
# - A policy gradient makes the choices of good networks more probable. For one logit the slope is onehot minus p.
# - The sum over all networks is exact. A sample of it is right on average, and one sample says nearly nothing.
# - A baseline leaves the expectation as it is and divides the variance. It must not contain the network's own reward.
# - Without an entropy bonus, a policy that may ask twice becomes certain too early. The bonus kept it open, and we saw
#   no better network. In a search that asks nothing twice, we saw no effect at all.
# - Our LSTM learned what is good in which position, and no more structure than that.
# - In the race, REINFORCE was ahead of random search on three of four tasks. Evolution was a little ahead on two.

# %% [markdown]
# ## Where it comes from
#
# - R. J. Williams, *Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning*, Machine
#   Learning 8, 1992: REINFORCE, and that a baseline does not change the expectation (section 4).
# - B. Zoph, Q. V. Le, *Neural Architecture Search with Reinforcement Learning*, ICLR 2017. Section 3.2: the gradient
#   and the baseline; 4.1: the controller, its training and the reward.
# - W. Kool, H. van Hoof, M. Welling, *Buy 4 REINFORCE Samples, Get a Baseline for Free!*, ICLR workshop 2019: the mean
#   of the others.
# - H. Pham and others, *Efficient Neural Architecture Search via Parameter Sharing*, ICML 2018: the entropy bonus.
# - G. Adam, J. Lorraine, *Understanding Neural Architecture Search Techniques*, 2019: what the controller of ENAS
#   remembers.

# %% [markdown]
# ## Where to go next
#
# [Lesson 08, a fair race](08_a_fair_race.ipynb): regret, seeds and intervals. [Lesson 10, shared
# weights](10_shared_weights.ipynb) uses a policy where asking twice is usual. Back:
# [lesson 04, tabular Q-learning](04_tabular_q_learning.ipynb).
