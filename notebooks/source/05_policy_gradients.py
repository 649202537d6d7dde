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
# The space is the atlas again: 1,188 chains of layers whose scores we know. The task is *what*: which digit does an
# image show? The reward of a network is its validation accuracy. Step with the arrow keys.

# %%
import numpy as np

import nasedu
from nasedu import controllers
from nasedu.classroom import asserted, claim, interval
from nasedu.classroom.lessons.lesson_05 import exercises, figures
from nasedu.classroom.lessons.lesson_05 import policies, recording
from nasedu.classroom.lessons.lesson_05.walks import Walks
from nasedu.classroom.nas_bench_macro import nas_bench_macro
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, Predict, Quiz, Race, Reveal, films

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
Player(films.policy(policy, told(policy, 5)))

# %% [markdown]
# For each network you see three things. First it is drawn: the orange bars are the choices that were taken. Then its
# reward is known, and the **advantage** says how much better it was than usual. Then each row moves, logit by logit. A
# thin line marks where a bar was before.
#
# The usual reward is called the **baseline**. It is subtracted from each reward. So a network below the baseline makes
# its choices *less* probable. Before you read what this is good for:

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
# with each logit $z_k$? The first part gives 1 if $k$ is the choice that was taken. The derivative of the logarithm is
# $\exp(z_k) / \sum_j \exp(z_j)$, and this is $p_k$. With $t_k = 1$ for the choice that was taken and 0 for the others:
#
# <!-- equation: log-policy-slope -->
# $$\frac{\partial \log p_c}{\partial z_k} = t_k - p_k$$
#
# This is *onehot minus p*: the $t_k$ of all choices are a row of zeros with a single 1. The probability of a whole
# network is the product over its decisions. So its logarithm is a sum, and each row has its own slope. We check it for
# one network and one logit: we move the logit a little, up and down, and look at $\log P$.

# %%
network = ("conv3-8", "pool2", "dense32", "stop")
row = policy.row(space.key(space.start()))
column, _ = space.vocabulary()
c = column["conv3-8"]

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
# $r$ is the reward, $b$ the baseline: a moving average of earlier rewards. $s$ is a moving average of their distance
# from it. The division by $s$ is an addition of ours. It makes the step independent of the unit of the rewards. ($A$ is
# cut at $\pm 3$.) This is **REINFORCE** (Williams 1992). Find these numbers in the player above.

# %%
Quiz(exercises.one_logit)

# %% [markdown]
# ## 2 · What does this climb?
#
# The policy should draw good networks. So we want a large mean reward $J = \sum_a P(a) \, R(a)$: the sum runs over all
# networks $a$, $P(a)$ is the probability of one and $R(a)$ its reward. Its gradient is $\sum_a R(a) \, \nabla P(a)$.
# This is no mean over draws, since $\nabla P$ is no probability. But $\nabla P = P \, \nabla \log P$, and this helps:
#
# $$\nabla J = \sum_a P(a) \, R(a) \, \nabla \log P(a)$$
#
# Now it is a mean again: draw a network from the policy, and multiply its reward by its slopes. No slope of $R$ is
# needed. The reward may come from anything, also from a training of an hour.
#
# Our space is small, and all rewards are known. So we can compute the sum **exactly**, and see what samples give.
# `Walks` holds all 1,188 walks as arrays. The check moves one logit again, and looks at $J$.

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
# And now by samples. The gradient has a number for each logit. We look at two of them, for two choices of the first
# layer. Each dot is one estimate, from 1, 10 or 1,000 drawn networks. The cross is the exact gradient. In the lower
# row, the mean reward is subtracted from each reward.

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
# Look at the left column: one network says nearly nothing about the direction. A thousand trainings for one step would
# be good, and nobody can pay for them. Now compare the two rows: with the mean subtracted, the dots lie closer to the
# cross.
#
# ## 3 · The baseline
#
# Why may we subtract a number? The slopes of all networks, weighted by their probabilities, add up to zero:
# $\sum_a P(a) \nabla \log P(a) = \nabla \sum_a P(a) = \nabla 1 = 0$. So $b$ times this sum is zero, too. How much do
# estimates from one network scatter? We take their variance, added over all logits. Sums over all networks give mean
# and variance without any sampling:


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
words = f"mean step: {moved:.0e} apart; variance divided by {times:.1f}"
Reveal(exercises.baseline, answer, asserted(words, moved < 1e-9 and times > 4))

# %% [markdown]
# That was the first policy, where all open choices are equally likely. A policy that has learned draws mostly good
# networks. Their rewards are all high and lie close together. Then the baseline should matter even more. We ask this on
# four unlike tasks, before learning and after 60 networks, with five seeds:


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
# It does, with every seed. (*Shuffled* is *what* with all pixels mixed, *where* asks for a place, *angle* for the
# direction of stripes. With 40 other seeds, it held for each of them, too.)
#
# ### A baseline that cheats
#
# The baseline must not depend on the network whose reward it is subtracted from. Take a batch of $n$ networks, and
# subtract the mean of the batch from each reward. Each reward is then in its own baseline, with weight $1/n$. So a
# share $1/n$ of it is lost. The mean of the *others* is allowed:
#
# <!-- equation: others -->
# $$b_i = \frac{n \, m - r_i}{n - 1}$$
#
# with the mean $m$ of the batch. We measure how far the estimates reach along the exact gradient, on average over
# 20,000 batches. A share of 1 is the whole gradient:

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
# With its own reward in it, the mean estimate is $(n-1)/n$ of the gradient. The direction is right and the step is
# shorter. This is harmless for a large batch. For two networks, a half is lost. In our package the mean of the others
# is `baseline="leave-one-out"`, with `batch=5` for example.
#
# ## 4 · Too certain, too early
#
# A policy that was lucky early draws the same networks again. It learns nothing about others, and becomes more certain.
# The usual remedy is a bonus for **entropy**, $H(p) = -\sum_k p_k \log p_k$. It is largest where all choices are
# equally likely. The policy then climbs $A \log P$ plus a weight times the entropy of each decision.
#
# To see this, the policy must be allowed to ask twice. So we use `draw` and not `ask`, as training with shared weights
# does (lesson 10). The whole experiment:

# %%
nasedu.show(recording.drawn)

# %%
runs = {}
for bonus in recording.BONUSES:
    each = [recording.drawn(bonus, task, s, every=25) for s in range(8)]
    runs[f"entropy {bonus}"] = np.swapaxes(each, 1, 2)
panels = ("undecided among", "mean reward", "regret of the likeliest")
figure = figures.certainty(runs, panels, every=25)

# %% [markdown]
# The left panel shows $\exp(H)$: the number of networks among which the policy is undecided. Without the bonus it falls
# to one or two on this task, and the policy learns nothing more. This is **premature certainty**. A weight of 0.4 keeps
# many networks open. The middle panel shows the price: the policy draws worse networks on average. Is its *likeliest*
# network better for it? The right panel cannot say, with eight seeds. We recorded 40 seeds on the four tasks. A fifth
# row is **NAS-Bench-Macro** (Su and others, 2021): 6,561 networks that other people trained on CIFAR-10. It has test
# accuracies only. So it can compare searches, but not report a network.

# %%
kept, better = {}, {}
for name in recording.TABLES:
    without, free = (recording.certainty(w, name) for w in (0, 0.4))
    kept[name] = interval(free[:, 0] - without[:, 0])
    better[name] = interval(without[:, 2] - free[:, 2])
    claim(f"{name}: more open by {kept[name]:.0f}", kept[name].low > 0)
ax = figures.rows(better, "regret of the likeliest, without minus with 0.4")

# %%
what, shuffled, where, angle = recording.TASKS
claim(f"{shuffled}: better by {better[shuffled]}", better[shuffled].low > 0)
claim(f"{where}: better by {better[where]}", better[where].high < 0)

# %% [markdown]
# The bonus keeps the policy open on every table. What this is worth depends on the task. On *shuffled* the likeliest
# network is better with it, on *where* it is clearly worse. On *what*, *angle* and NAS-Bench-Macro we see no
# difference. (Three other sets of 20 seeds, from 1000, 2000 and 3000 on, gave the same answers.) We did not test why.
#
# In a *search* nothing is asked twice. If a network is known, another one is drawn, with more and more chance in it.
# Does the bonus help there? The same seeds with and without it (recorded, see section 6):

# %%
clear = []
for name in recording.TABLES:
    with_bonus = recording.regrets("table, entropy 0.1", name)[:, -1]
    without = recording.regrets("reinforce-table", name)[: len(with_bonus), -1]
    lead = interval(without - with_bonus)
    print(f"{name}: regret without minus with it {lead:.4f}")
    clear += [name] if abs(lead.mean) > 1.5 * lead.half else []
claim(f"beyond three standard errors: {len(clear)} of 5", not clear)

# %% [markdown]
# This is a **null result**: where nothing is asked twice, we saw no effect of this bonus. (20 seeds for each table. A
# small effect could hide in these intervals.)
#
# ## 5 · A network as policy
#
# In a table, each row is learned alone, also if two states are alike. The policy of Zoph and Le is a recurrent network,
# an **LSTM**. It reads the choices one after the other, so it could learn *structure*: this layer is good after that
# one. In torch it takes a few lines. The controller `reinforce` in our package is a smaller one, an RNN in numpy.

# %%
nasedu.show(policies.Recurrent)

# %% [markdown]
# Does it learn structure? Adam and Lorraine (2019) looked into the controller of ENAS (lesson 10), and found none. We
# ask our own. Three policies learn from 2,000 networks with the same loop. One is a table *by position*: it has one row
# for the first layer, one for the second and so on, and knows no earlier choice. One is a table by state, as above. One
# is the LSTM.

# %%
Predict(exercises.structure)

# %%
policy = policies.recurrent(walks, seed=0)
training = policies.Training(policy, walks, scores, seed=0, rate=0.003)
for number, _ in enumerate(training.steps(60), 1):
    if number % 20 == 0:
        now = training.probabilities() @ scores
        print(f"after {10 * number} networks the mean reward is {now:.3f}")

# %% [markdown]
# That was one beginning. The full comparison has five seeds and four tasks (`recording.py`). We measure the mean reward
# of what each policy draws, by a sum over all networks:

# %%
ahead = {}
for name in recording.TASKS:
    lstm = recording.policies("LSTM", name)[:, -1, 0]
    position = recording.policies("table by position", name)[:, -1, 0]
    ahead[name] = interval(lstm - position)
answer = exercises.on_how_many(ahead)
ax = figures.rows(ahead, "mean reward of the LSTM minus table by position")
Reveal(exercises.structure, answer, show=ax)

# %% [markdown]
# Then we take its memory out: we look for the policy by position that is nearest to it. Two questions follow. How much
# does the LSTM know beyond this policy? This is a divergence in **nats**, a unit of information: a fair coin has 0.69.
# And how much reward is lost without this knowledge?

# %%
for look, networks in enumerate(recording.LOOKS):
    for kind in ("table by state", "LSTM"):
        found = [recording.policies(kind, name) for name in recording.TASKS]
        known = interval(np.concatenate([one[:, look, 1] for one in found]))
        lost = [one[:, look, 0] - one[:, look, 2] for one in found]
        lost = interval(np.concatenate(lost))
        words = f"knows {known} nats, without them loses {lost}"
        print(f"{kind}, {10 * networks} networks: {words}")

# %%
lost = []
for name in recording.TASKS:
    found = recording.policies("LSTM", name)
    lost += list((found[..., 0] - found[..., 2]).ravel())
claim(f"its memory is worth {max(lost):.3f} at most", max(lost) < 0.02)
claim(f"{where}: the LSTM is behind, {ahead[where]}", ahead[where].high < 0)

# %% [markdown]
# The LSTM could use what it read. But what it knows beyond the position is close to nothing, and without it the
# networks are as good. Our controller learned which layer is good in which place. This fits what Adam and Lorraine saw
# in ENAS. The table by state does differ between states, most of all early. On average, that is worth nearly nothing,
# too.
#
# Two limits. In this space a table by position draws networks as good as the others do, so little structure is needed.
# And we tried one size of LSTM, one rate, and 2,000 networks. (In three other sets of five seeds, 5 to 19, the LSTM was
# again clearly ahead on no task. Its lag on *where* was clear in two of them.)
#
# ## 6 · The race
#
# Which controller finds good networks? Four unlike tasks and NAS-Bench-Macro, 100 different networks, 100 seeds. A
# reward is the mean of three trainings. The **regret** says how far the best network so far is below the best of all.
# Such races take minutes, so we recorded them. Three runs again, as a check:


# %%
def check(table, name, task=None):
    again = nasedu.race(table.space, table, ["reinforce"], 100, 3, task=task)
    new = again.curves("reinforce", of="regret") / table.scale
    kept = recording.regrets("reinforce", name)[:3]
    same = np.abs(new - kept).max() < 1e-4
    claim(f"{name}: three seeds, run again, are as recorded", same)


check(table, task, task)
macro = nas_bench_macro()

# %%
if macro:
    check(macro, "NAS-Bench-Macro")

# %%
races = {}
for name in recording.TABLES:
    races[name] = {m: recording.regrets(m, name) for m in recording.RIVALS}
figure = figures.races(races)

# %% [markdown]
# A lower line is better. The axis is logarithmic: each mark is a tenth of the mark above it. For the end of each line,
# we subtract the regret of the RNN, `reinforce`, seed by seed. Right of the dotted line, the RNN is ahead:

# %%
ahead = {name: {} for name in races}
for name, found in races.items():
    for m in [m for m in found if m != "reinforce"]:
        lead = found[m][:, -1] - found["reinforce"][:, -1]
        ahead[name][m] = interval(lead)
figure = figures.panels(ahead, "regret minus that of reinforce, 100 seeds")

# %%
for name, leads in ahead.items():
    lead = leads["random"]
    if name == where:
        claim(f"{name}: random {lead:.4f}, no lead", lead.low < 0)
    else:
        claim(f"{name}: ahead of random by {lead:.4f}", lead.low > 0)
lead = ahead[what]["q-learning"]
claim(f"{what}: ahead of q-learning by {lead:.4f}", lead.low > 0)

# %%
over = {n: leads["regularized-evolution"] for n, leads in ahead.items()}
claim(f"{where}: behind evolution, {over[where]:.4f}", over[where].high < 0)
most = max(lead.mean for lead in over.values())
claim(f"nowhere ahead of evolution by more than {most:.4f}", most < 0.001)

# %% [markdown]
# The RNN is ahead of random search, but not on *where*: random search comes close to the best network there, and all
# regrets are tiny. It is ahead of Q-learning (with default settings) on *what*, and by less on *shuffled* and
# NAS-Bench-Macro. Evolution is ahead of the RNN on *where* and on *shuffled*, by little. The RNN is nowhere ahead of
# evolution by a thousandth. It is ahead of the table on three tasks.
#
# Do these leads last? We ran three other sets of 50 seeds (from 1000, 2000 and 3000 on). The claims above held in each
# set. On *shuffled*, the leads over Q-learning and the table and the lag behind evolution did not: they were not clear
# in each set. Nor was the lead over the table on *what*.
#
# And without the baseline?

# %%
needs = {}
for name in recording.TABLES:
    raw = recording.regrets("RNN, no baseline", name)[:, -1]
    lead = raw - recording.regrets("reinforce", name)[: len(raw), -1]
    needs[name] = interval(lead)
ax = figures.rows(needs, "regret of the RNN without a baseline minus with it")

# %%
for name in (what, shuffled, "NAS-Bench-Macro"):
    words = f"the RNN loses {needs[name]:.4f} without it"
    claim(f"{name}: {words}", needs[name].low > 0)

# %% [markdown]
# Less variance is not only a matter of theory: where regrets are large enough to differ, the RNN needs its baseline. On
# *where* and *angle* all regrets are tiny, and the difference is tiny, too.
#
# ## 7 · Your race
#
# Now a race of your own, on a task that we have not used: *how many* digits does an image show? Random search,
# evolution and the two policies ask 100 networks each, from 20 seeds.

# %%
Predict(exercises.race)

# %%
many = "how-many/digits"
rivals = ["random", "regularized-evolution", "reinforce-table", "reinforce"]
live = Race(space, table, rivals, task=many, seeds=20, evaluations=100)
for _ in rivals:
    live.advance()
live

# %% [markdown]
# Seed 0 has run. Who is ahead? Press *Go on*, and watch the lines while the seeds come in. A line is a mean over the
# seeds so far, a band its 95% interval. Did the order of seed 0 last?

# %%
mine = nasedu.race(space, table, rivals, 100, 20, task=many)
found = mine.at(100, of="regret")
lead = interval(found["random"] - found["reinforce"])
curves = {m: mine.curves(m, of="regret") for m in rivals}
said = f"The regret of random search minus that of reinforce: {lead}."
shown = figures.races({many: curves})
Reveal(exercises.race, exercises.who_is_ahead(lead), said, show=shown)

# %% [markdown]
# Is the difference clear? Ask new seeds before you believe it: write *1000-1019* into *Seeds*, and press *New race*.
# Then choose another task, or another rival such as *local-search*. Say what you expect before you look.
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
# - Without an entropy bonus, a policy that may ask twice becomes certain too early. A bonus keeps it open. Whether it
#   finds a better network depends on the task. In a search that asks nothing twice, we saw no effect at all.
# - Our LSTM learned what is good in which position, and no more structure than that.
# - In the race, REINFORCE was ahead of random search on four of five tables. It was nowhere ahead of evolution by more
#   than a thousandth.

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
# - X. Su and others, *Prioritized Architecture Sampling with Monto-Carlo Tree Search*, CVPR 2021: NAS-Bench-Macro.
# - G. Adam, J. Lorraine, *Understanding Neural Architecture Search Techniques*, 2019: what the controller of ENAS
#   remembers.

# %% [markdown]
# ## Where to go next
#
# [Lesson 06, evolution and swarms](06_evolution_and_swarms.ipynb): the rival that was ahead here. [Lesson 10, shared
# weights](10_shared_weights.ipynb) uses a policy where asking twice is usual. Back: [lesson 04, tabular
# Q-learning](04_tabular_q_learning.ipynb).
