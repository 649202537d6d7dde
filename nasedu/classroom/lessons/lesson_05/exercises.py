"""The exercises of lesson 05, policy gradients."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from nasedu.classroom.claims import Interval
from nasedu.classroom.counterexamples import SCALES, against, fresh, largest, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import ERRORS, no_number, no_task
from nasedu.core.statistics import standard_error

baseline = Prediction(
    "Each network moves the logits by a step, in proportion to its reward. Now we subtract one and the same number "
    "from all rewards. What can change: the mean step over very many networks, or how much the single steps scatter "
    "around it (their variance)?",
    ("only the mean step", "only the variance", "both"),
)

structure = Prediction(
    "An LSTM reads all earlier choices. A table by position reads none. Both learn from 2,000 drawn networks on four "
    "tasks. Does the LSTM draw clearly better networks in the end?",
    ("on all four tasks", "on some tasks", "on no task"),
)


race = Prediction(
    "The recurrent policy `reinforce` and random search ask 100 networks each. The 95% interval of the difference in "
    "regret comes from 20 seeds. Where will `reinforce` be in the end?",
    ("clearly ahead of random search", "no clear difference", "clearly behind random search"),
)


def what_changes(expectation: float, ratio: float) -> str:
    """Return the choice of `baseline` that fits.

    Args:
        expectation: the largest difference of the two expectations.
        ratio: of the variances, without a baseline and with it.
    """
    moved, noisier = expectation > 1e-9, abs(ratio - 1) > 1e-9
    return baseline.choices[2 if moved and noisier else 0 if moved else 1]


def on_how_many(leads: Mapping[str, Interval]) -> str:
    """Return the choice of `structure` that fits the leads of the LSTM over the table, by task."""
    won = sum(lead.low > 0 for lead in leads.values())
    return structure.choices[0 if won == len(leads) else 1 if won else 2]


def who_is_ahead(lead: Interval) -> str:
    """Return the choice of `race` that fits the lead of `reinforce` over random search."""
    return race.choices[0 if lead.low > 0 else 2 if lead.high < 0 else 1]


one_logit = MultipleChoice(
    "A decision has three choices with probabilities 0.5, 0.3 and 0.2. The second one was taken, and the advantage is "
    "negative. Which logits grow?",
    ("the second one", "the first and the third", "none of them"),
    right="the first and the third",
    why={
        "the second one": "It was taken, and the network disappointed: this logit falls.",
        "the first and the third": "For them, onehot − p is negative. Times a negative advantage it is positive.",
        "none of them": "The changes of a row add up to 0. If one falls, others must grow.",
    },
)


# ---------------------------------------------------------------------- 1, the gradient of one logit


@own_numbers(choices=(4, 5, 8, 10), advantage=(-4, -3, -2, 2, 3, 4), rate=(0.1, 0.25, 0.5))
def logit_change(choices: int = 4, advantage: int = -2, rate: float = 0.5) -> Exercise:
    probability = 1 / choices
    right = rate * advantage * (0 - probability)
    signed = f"−{-advantage}" if advantage < 0 else str(advantage)
    is_negative = "the advantage is negative, and so is 0 − p" if advantage < 0 else "0 − p is negative"
    sentences = {
        -right: f"The sign is wrong: {is_negative}.",
        rate * advantage * (1 - probability): "That is the change of the logit that was taken, with onehot = 1.",
        right / rate: "The rate is missing: each change is multiplied by it.",
        0.0: "Not only the logit that was taken moves. For the others, onehot − p is not 0.",
    }

    def objection(answer: Any) -> str:
        if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
            return f"Give a number; {show(answer)} is none."
        if abs(float(answer) - right) < 1e-9:
            return ""
        near = (words for value, words in sentences.items() if abs(float(answer) - value) < 1e-9)
        return next(near, f"It is not {show(answer)}: multiply rate, advantage and onehot − p.")

    return Exercise(
        name="logit_change",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** A decision has {in_words(choices)} choices, and all logits are 0. The choice "
            f"*a* was taken. The advantage is {signed}, the rate {rate}. By how much does the logit of *b* change?"
        ),
        stub="logit_change = ...",
        solved=f"logit_change = {rate} * {advantage} * (0 - 1 / {choices})",
        hints=(
            f"{in_words(choices).capitalize()} equal logits: which probability has each choice?",
            "The choice *b* was not taken, so its onehot is 0.",
            "The change is rate times advantage times (0 − p).",
        ),
        why_wrong=objection,
        wrong={
            f"logit_change = {-right!r}": "The sign is wrong",
            f"logit_change = {rate * advantage * (1 - probability)!r}": "the logit that was taken",
            f"logit_change = {right / rate!r}": "rate is missing",
            "logit_change = 0.0": "Not only the logit",
            "logit_change = 7.7": "multiply rate, advantage",
            "logit_change = 'up'": "Give a number",
        },
        praise="A bad network makes all choices that it did not take more probable."
        if advantage < 0
        else "A good network makes all choices that it did not take less probable.",
    )


# ---------------------------------------------------------------------- 2, find the sign error


def policy_step_reference(logits: Sequence[float], taken: int, reward: float, mean: float, rate: float) -> list[float]:
    """Return the logits of one decision after a step of REINFORCE."""
    powers = [math.exp(z) for z in logits]
    return [z + rate * (reward - mean) * ((k == taken) - powers[k] / sum(powers)) for k, z in enumerate(logits)]


def _step_guess(got: Any, logits: Sequence[float], *_: Any) -> str:
    if not isinstance(got, list | tuple) or len(got) != len(logits):
        return "Return a list with a new logit for each old one."
    numbers = all(isinstance(z, int | float) and not isinstance(z, bool) for z in got)
    return "" if numbers else "Each new logit is a number."


def _step_size(logits: Sequence[float], taken: int, reward: float, mean: float, rate: float) -> float:
    return largest(logits) + rate * (abs(reward) + abs(mean))


def _step_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.0, 0.0], 0, 0.8, 0.5, 1.0)]
    for scale in SCALES * 2:
        logits = min(1, scale) * np.round(rng.uniform(-2, 2, rng.integers(2, 5)), 2)
        reward, mean = (scale * np.round(rng.uniform(-1, 1, 2), 2)).tolist()
        rate = float(np.round(rng.uniform(0.2, 0.8), 2))
        cases.append((logits.tolist(), int(rng.integers(len(logits))), reward, mean, rate))
    return against("policy_step", answer, policy_step_reference, cases, scale=_step_size, guess=_step_guess)


STEP = (
    "from math import exp\n\n\n"
    "def policy_step(logits, taken, reward, mean, rate):\n"
    "    powers = [exp(z) for z in logits]\n"
    "    new = []\n"
    "    for k, z in enumerate(logits):\n"
    "        p = powers[k] / sum(powers)\n"
    "        onehot = 1 if k == taken else 0\n"
    "        new.append(z + rate * (reward - mean) * (onehot - p))\n"
    "    return new"
)

policy_step = Exercise(
    name="policy_step",
    kind="code",
    prompt=(
        "**Exercise 2, find the sign error.** This function makes one step of REINFORCE for one decision. `logits` is "
        "a list, and `taken` is the place of the choice that was taken. `mean` is the baseline. It runs without an "
        "error, and each step makes good networks *less* probable. Mend it."
    ),
    stub=STEP.replace("(onehot - p)", "(p - onehot)"),
    solved=STEP,
    hints=(
        "Take two logits of 0, a reward above the mean and `taken = 0`. Which way should the first logit go?",
        "The slope of log p is onehot − p, and we go *up*.",
        "The last factor should be `(onehot - p)`.",
    ),
    why_wrong=_step_objection,
    wrong={
        ("(onehot - p)", "(p - onehot) + 0"): "The sign is still wrong: a network above the mean must become more "
        "probable.",
        ("(onehot - p)", "onehot * (1 - p)"): "Only the logit that was taken moves. The others move, too, by 0 − p.",
        ("(onehot - p)", "onehot"): "The probability p is missing: the slope is onehot − p.",
        ("(onehot - p)", "p * (onehot - p)"): "That is the slope of p itself. The slope of log p is onehot − p.",
        ("(reward - mean)", "reward"): "The mean is not subtracted: the advantage is reward − mean.",
        ("rate * (reward", "(reward"): "The rate is missing.",
        ("powers[k] / sum(powers)", "powers[k]"): "The powers do not add up to 1. Divide each by their sum.",
        ("z + rate", "rate"): "Return the new logits, and not their changes alone.",
        ("\n    return new", ""): "is there a return?",
        ("    return new", "    return 0"): "Return a list",
    },
    also_right=(("(onehot - p)", "onehot - rate * (reward - mean) * p"),),
    praise="A loop with the wrong sign raises no error. It finds bad networks, with great certainty.",
)


# ---------------------------------------------------------------------- 3, the baseline that cheats


def advantages_reference(rewards: Sequence[float]) -> list[float]:
    """Return each reward minus the mean of the others."""
    total, n = sum(rewards), len(rewards)
    return [reward - (total - reward) / (n - 1) for reward in rewards]


def _advantages_guess(got: Any, rewards: Sequence[float]) -> str:
    if not isinstance(got, list | tuple) or len(got) != len(rewards):
        return "Return a list with an advantage for each reward."
    numbers = all(isinstance(a, int | float) and not isinstance(a, bool) for a in got)
    return "" if numbers else "Each advantage is a number."


def _advantages_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.5, 0.9],), ([0.2, 0.4, 0.9],), ([0.4, 0.4, 0.7],)]
    cases += [((scale * np.round(rng.uniform(-0.2, 1, rng.integers(2, 7)), 2)).tolist(),) for scale in SCALES * 2]
    return against("advantages", answer, advantages_reference, cases, scale=largest, guess=_advantages_guess)


ADVANTAGES = (
    "def advantages(rewards):\n"
    "    n = len(rewards)\n"
    "    others = [(sum(rewards) - reward) / (n - 1) for reward in rewards]\n"
    "    return [reward - other for reward, other in zip(rewards, others)]"
)

advantages = Exercise(
    name="advantages",
    kind="code",
    prompt=(
        "**Exercise 3, the baseline that cheats.** This function returns an advantage for each reward of a batch. Its "
        "baseline is the mean of the batch, with the reward itself in it. Mend it: the baseline of each reward is the "
        "mean of the *others*."
    ),
    stub=(
        "def advantages(rewards):\n"
        "    mean = sum(rewards) / len(rewards)\n"
        "    return [reward - mean for reward in rewards]"
    ),
    solved=ADVANTAGES,
    hints=(
        "For two rewards, each baseline is the other reward.",
        "The sum of the others is `sum(rewards) - reward`.",
        "How many others are there? One fewer than rewards.",
    ),
    why_wrong=_advantages_objection,
    wrong={
        "def advantages(rewards):\n    return [r - sum(rewards) / len(rewards) for r in rewards]": "Its own reward is "
        "still in the mean: this advantage is (n − 1)/n of the right one.",
        ("reward - other for", "other for"): "That is the baseline. The advantage is the reward minus it.",
        (
            "reward - other for",
            "other - reward for",
        ): "The sign is wrong: the advantage of the best network is positive.",
        ("/ (n - 1)", "/ n"): "You took the reward out of the sum. Now divide by the number of the others, n − 1.",
        (
            "(sum(rewards) - reward) / (n - 1)",
            "sum(rewards) / (n - 1)",
        ): "You divide by n − 1, and the own reward is still in the sum.",
        (
            "(sum(rewards) - reward) / (n - 1)",
            "max(rewards)",
        ): "Your baseline is the best reward. It is to be the mean of the others.",
        "def advantages(rewards):\n"
        "    n, mean = len(rewards), sum(rewards) / len(rewards)\n"
        "    return [(r - mean) * (n - 1) / n for r in rewards]": "That makes it smaller once more. The own reward "
        "must leave the mean.",
        "import numpy as np\n\n\ndef advantages(rewards):\n"
        "    return (np.array(rewards) - np.mean(rewards)) / np.std(rewards)": "Nothing is to be divided by the "
        "spread: subtract the mean of the others from each reward.",
        "def advantages(rewards):\n    return 0": "Return a list",
    },
    also_right=(
        "import numpy as np\n\n\ndef advantages(rewards):\n"
        "    n = len(rewards)\n    return n / (n - 1) * (np.array(rewards) - np.mean(rewards))",
    ),
    praise="The mean of the others does not know this network. So it shifts no expectation.",
)


# ---------------------------------------------------------------------- 4, refute

SEEDS = 8


@lru_cache(maxsize=1)
def _walks() -> Any:
    from nasedu.classroom.lessons.lesson_05.walks import Walks
    from nasedu.tables.atlas import atlas

    return Walks(atlas().space, atlas().architectures)


def mean_reward(task: str, batch: int, evaluations: int, seed: int) -> float:
    """Return the expected reward of a table policy after some drawn networks, by a sum over all architectures."""
    from nasedu import controllers
    from nasedu.tables.atlas import atlas

    table, walks = atlas(), _walks()
    scores = table.scores(task)
    policy: Any = controllers.load("reinforce-table", table.space, seed=seed, batch=batch)
    for _ in range(evaluations):
        network = policy.draw()
        for _ in policy.learn(network, float(scores[table.row(network)])):
            pass
    return float(walks.probabilities(walks.table(policy)) @ scores)


def _refutation_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        return "Give four things: (task, small batch, large batch, evaluations)."
    task, small, large, evaluations = answer
    if refused := no_task(task) or no_number(evaluations, 20, 200):
        return refused
    if whole(small) is None or whole(large) is None or not 1 <= small < large <= 50:
        return f"The batches are whole numbers with 1 ≤ small < large ≤ 50; given {show(small)} and {show(large)}."
    seeds = [int(seed) for seed in fresh().choice(100_000, SEEDS, replace=False)]
    found = np.array([[mean_reward(task, int(b), int(evaluations), seed) for seed in seeds] for b in (small, large)])
    lead = found[0] - found[1]
    half = ERRORS * standard_error(lead)
    if lead.mean() > half:
        return ""
    return (
        f"On {task}, after {evaluations} networks, {SEEDS} fresh seeds: the mean reward with batches of {small} minus "
        f"that with batches of {large} is {lead.mean():+.3f} ± {half:.3f}. To refute the claim, all of that, three "
        "standard errors, must lie above 0."
    )


refutation = Exercise(
    name="refutation",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *A larger batch is always better at equal evaluations: its gradient is less noisy.* "
        "Give a task, two batch sizes (1 to 50) and a number of evaluations (20 to 200) that refute it: "
        "`refutation = (task, small, large, evaluations)`. The check trains `reinforce-table` with both batches, "
        f"{SEEDS} new seeds each, from networks that `draw` gives. It compares the mean reward of the two policies. "
        "The small batch must lead by more than three standard errors."
    ),
    stub="refutation = ...",
    solved='refutation = ("what/digits", 2, 25, 50)',
    hints=(
        "How many steps does a policy make from 50 networks with batches of 25?",
        "The first batch only sets the baseline. A large batch leaves few steps after it.",
        "Take a small batch of 2, a large one, and twice as many evaluations as the large batch has.",
    ),
    why_wrong=_refutation_objection,
    wrong={
        'refutation = "what/digits"': "Give four things",
        'refutation = ("imagenet", 2, 25, 50)': "has no task 'imagenet'",
        'refutation = ("what/digits", 2, 25, 5)': "from 20 to 200",
        'refutation = ("what/digits", 25, 2, 50)': "small < large",
        'refutation = ("what/digits", 45, 46, 40)': "must lie above 0",
    },
    praise="Less noise for each step, and fewer steps. Which counts more depends on the number of evaluations.",
    survivors={
        'refutation = ("what/digits", 1, 25, 50)': "a smaller batch makes even more steps",
        'refutation = ("what/digits", 3, 25, 50)': "a batch of three makes many steps, too",
        'refutation = ("what/digits", 2, 24, 50)': "a large batch, one smaller",
        'refutation = ("what/digits", 2, 26, 50)': "a large batch, one larger",
        'refutation = ("what/digits", 2, 25, 49)': "one network fewer is as good",
        'refutation = ("what/digits", 2, 25, 51)': "one network more is as good",
    },
)

exercises = (logit_change, policy_step, advantages, refutation)
