"""The exercises of lesson 14, learned optimisers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction

beyond = Prediction(
    "Rules of three seeds are trained on trainings of 100 steps. We let each make 1,000 steps. What happens to its "
    "loss between step 100 and step 1,000?",
    ("it falls with each seed", "it falls with some seeds and rises with others", "it rises with each seed"),
)


def what_happens(before: Sequence[float], after: Sequence[float]) -> str:
    """Return the choice that is right for these losses, one of each seed."""
    rises = np.greater(after, before)
    return beyond.choices[0 if not rises.any() else 2 if rises.all() else 1]


same_rule = MultipleChoice(
    "The rule was learned on functions of ten numbers. Can it train a network of 3,000 weights?",
    ("yes, one weight at a time", "no, it has ten inputs", "only after another meta-training"),
    right="yes, one weight at a time",
    why={
        "yes, one weight at a time": "It runs. Whether it is a good optimiser there is a question for an experiment.",
        "no, it has ten inputs": "It has two inputs, which come from the gradient of one weight.",
        "only after another meta-training": "That may make it better. It runs without.",
    },
)


def _is_number(answer: Any) -> bool:
    return isinstance(answer, int | float | np.number) and not isinstance(answer, bool)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(power=(2, 3, 4, 5, 6, 7, 8, 9), p=(10, 12, 20), sign=(-1, 1))
def two_numbers(power: int = 5, p: int = 10, sign: int = -1) -> Exercise:
    name = "negative" if sign < 0 else "positive"

    def objection(answer: Any) -> str:
        if not isinstance(answer, list | tuple) or len(answer) != 2 or not all(map(_is_number, answer)):
            return f"Give a pair of two numbers; {show(answer)} is none."
        first, second = map(float, answer)
        if abs(first + power / p) < 1e-4 and second == sign:
            return ""
        if abs(first - power / p) < 1e-4 and second == sign:
            return "The logarithm of a number below 1 is negative."
        if second == -sign:
            return f"The second input is the sign of the gradient, and this gradient is {name}."
        if first == -power:
            return f"Divide the logarithm by p = {p}."
        return f"It is another pair: take the logarithm of the size, divide it by {p}, and give the sign."

    return Exercise(
        name="two_numbers",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** A gradient is ${'-' * (sign < 0)}e^{{-{power}}}$, and $p = {p}$. Which two "
            "inputs does the rule get? Give the pair `(first, second)`."
        ),
        stub="two_numbers = ...",
        solved=f"two_numbers = (-{power} / {p}, {sign:.1f})",
        hints=(
            f"Is the size of the gradient above or below $e^{{-{p}}}$?",
            f"The first input is $\\log(e^{{-{power}}}) / {p}$.",
        ),
        why_wrong=objection,
        wrong={
            f"two_numbers = ({power} / {p}, {sign:.1f})": "logarithm of a number below 1",
            f"two_numbers = (-{power} / {p}, {-sign:.1f})": f"this gradient is {name}",
            f"two_numbers = (-{power:.1f}, {sign:.1f})": "Divide the logarithm",
            "two_numbers = (-1.0, -0.1)": "another pair",
            "two_numbers = -0.5": "a pair of two numbers",
        },
        praise="Sizes from 0.00005 to 1 become numbers from -1 to 0, which a small network can tell apart.",
    )


# ---------------------------------------------------------------------- 2, the greedy rate


def greedy_reference(h: Sequence[float], A: Sequence[float], s: Sequence[float]) -> float:
    """Return the rate of section 5 after whose single step the expected loss is smallest."""
    above = sum(h[i] ** 2 * A[i] for i in range(len(h)))
    return above / sum(h[i] ** 3 * (A[i] + s[i]) for i in range(len(h)))


def _number_guess(got: Any, *_: Any) -> str:
    return "" if _is_number(got) else "Give a number: a tensor becomes one by float."


def _greedy_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([1.0, 0.5], [4.0, 4.0], [1.0, 2.0])]
    for scale, n in zip(SCALES, (2, 3, 3, 4, 2, 5), strict=True):
        h, A, s = np.round(rng.uniform(0.2, 3, (3, n)), 2)
        other = float(rng.choice(SCALES))
        cases.append(((scale * h).tolist(), (other * A).tolist(), (other * s).tolist()))
    return against("greedy", answer, greedy_reference, cases, guess=_number_guess)


GREEDY = (
    "def greedy(h, A, s):\n"
    "    above = sum(h[i] ** 2 * A[i] for i in range(len(h)))\n"
    "    below = sum(h[i] ** 3 * (A[i] + s[i]) for i in range(len(h)))\n"
    "    return above / below"
)

greedy = Exercise(
    name="greedy",
    kind="code",
    prompt=(
        "**Exercise 2, derive.** One step makes of each mean square $A_i$ the $A_i'$ of section 5. Derive "
        "$\\sum_i h_i A_i' / 2$ in alpha, and set the slope to 0. `greedy(h, A, s)` takes three lists of one length, "
        "and returns the rate with the smallest loss after this step."
    ),
    stub="def greedy(h, A, s):\n    ...",
    solved=GREEDY,
    hints=(
        "The slope of $(1 - \\alpha h)^2 A$ in alpha is $-2 h (1 - \\alpha h) A$.",
        "Bring everything with alpha to one side. It is a sum over the weights, multiplied by alpha.",
        "Above the line is the sum of $h^2 A$, below it the sum of $h^3 (A + s)$.",
    ),
    why_wrong=_greedy_objection,
    wrong={
        ("(A[i] + s[i])", "A[i]"): "Where is the noise? Without it, each step could be longer.",
        (
            "sum(h[i] ** 2 * A[i] for i in range(len(h)))\n    below = sum(h[i] ** 3",
            "sum(h[i] * A[i] for i in range(len(h)))\n    below = sum(h[i] ** 2",
        ): "The loss itself has a factor h: derive the sum of h A'.",
        "def greedy(h, A, s):\n    return sum(A[i] / (h[i] * (A[i] + s[i])) for i in range(len(h)))": "One rate "
        "serves all weights: divide the sums, and not each pair.",
        "def greedy(h, A, s):\n"
        "    return sum(A[i] / (h[i] * (A[i] + s[i])) for i in range(len(h))) / len(h)": "That is the mean of the "
        "best rates of each weight. One rate serves all: divide the sums.",
        (
            "h[i] ** 2 * A[i] for i in range(len(h)))\n    below = sum(h[i] ** 3 * (A[i] + s[i])",
            "h[i] ** 2 * (A[i] + s[i]) for i in range(len(h)))\n    below = sum(h[i] ** 3 * A[i]",
        ): "The noise makes a step shorter: s stands below the line.",
        ("above / below", "below / above"): "That is turned round: the sum with the noise stands below the line.",
        (
            "above / below",
            "above / below / 2",
        ): "That is half of it. Both terms with alpha have the same factor 2 when they are derived.",
        "def greedy(h, A, s):\n    return 'small'": "Give a number",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def greedy(h, A, s):\n"
        "    h, A, s = map(np.array, (h, A, s))\n"
        "    return h**2 @ A / (h**3 @ (A + s))",
    ),
    praise="The strongest bends decide alone, because of the third power. Weak ones have to wait.",
)


# ---------------------------------------------------------------------- 3, the bug


LISTING = """def slope_in_alpha(alpha, h, x, steps):
    alpha = torch.tensor(alpha, requires_grad=True)
    param = torch.tensor(x, requires_grad=True)
    for _ in range(steps):
        loss = h * param**2 / 2
        (slope,) = torch.autograd.grad(loss, param)
        param.data = param - alpha * slope
    meta_loss = h * param**2 / 2
    meta_loss.backward()
    return alpha.grad"""
"""The listing of section 4, which cuts the graph in two places."""


def mended_reference(alpha: float, h: float, x: float, steps: int) -> float:
    """Return the slope in alpha of h w^2 / 2, where w is x (1 - alpha h)^steps."""
    factor = 1 - alpha * h
    return -h * h * x * x * steps * factor ** (2 * steps - 1)


def _mended_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(0.1, 2.0, 1.0, 2)]
    for scale, steps in zip(SCALES, (1, 2, 3, 3, 4, 4), strict=True):
        alpha, h, x = np.round(rng.uniform((0.1, 0.1, -2), (0.9, 0.9, 2)), 2).tolist()
        cases.append((alpha, h, scale * (x or 1.0), steps))
    return against("mended", answer, mended_reference, cases, tolerance=1e-4, guess=_number_guess)


MENDED = """def mended(alpha, h, x, steps):
    import torch

    alpha = torch.tensor(alpha, requires_grad=True)
    param = torch.tensor(x, requires_grad=True)
    for _ in range(steps):
        loss = h * param**2 / 2
        (slope,) = torch.autograd.grad(loss, param, create_graph=True)
        param = param - alpha * slope
    meta_loss = h * param**2 / 2
    meta_loss.backward()
    return float(alpha.grad)"""

mended = Exercise(
    name="mended",
    kind="code",
    prompt=(
        "**Exercise 3, find the bug.** Mend the listing of section 4. `mended(alpha, h, x, steps)` takes four numbers, "
        "and returns the true slope of the last loss in alpha, as a number. The graph is cut in two places."
    ),
    stub="def mended(alpha, h, x, steps):\n    ...",
    solved=MENDED,
    hints=(
        "What does autograd know about a tensor whose `.data` was exchanged?",
        "Write `param = param - alpha * slope`. The new `param` remembers where it is from.",
        "The slope depends on alpha, too, from the second step on: `create_graph=True`.",
    ),
    why_wrong=_mended_objection,
    wrong={
        (
            "param = param - alpha * slope\n    meta_loss = h * param**2 / 2\n    meta_loss.backward()\n"
            "    return float(alpha.grad)",
            "param.data = param - alpha * slope\n    return 0.0",
        ): "The graph is still cut: no gradient arrives at alpha.",
        (
            ", create_graph=True",
            "",
        ): "One cut is left: the slopes count as constants. Which argument of `grad` keeps their graph?",
        ("float(alpha.grad)", "float(meta_loss.detach())"): "That is the loss itself. Return its slope in alpha.",
        ("param - alpha", "param + alpha"): "The sign is wrong: a step goes downhill.",
        ("float(alpha.grad)", "-float(alpha.grad)"): "The mending is right, and then you turned the sign round.",
        ("meta_loss = h * param**2 / 2", "meta_loss = h * param**2"): "The last loss has the factor 1/2, too.",
        ("range(steps)", "range(steps - 1)"): "Make as many steps as `steps` says; yours are one fewer.",
        ("float(alpha.grad)", "'a slope'"): "Give a number",
    },
    also_right=(
        "def mended(alpha, h, x, steps):\n    return -h * h * x * x * steps * (1 - alpha * h) ** (2 * steps - 1)",
    ),
    survivors={"argument 3 absolute": "x stands in the slope as a square"},
    material=f"The listing:\n\n```python\n{LISTING}\n```",
    praise="Without create_graph you get what the paper uses: a slope that leaves second derivatives out.",
)


# ---------------------------------------------------------------------- 4, refute

STEPS = 50


def _refuted_objection(answer: Any) -> str:
    from nasedu.classroom.lessons.lesson_14.noisy_quadratic import example

    wanted = f"Give a list of {STEPS} rates, finite numbers from 0 to 2."
    try:
        rates = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return wanted
    if rates.ndim != 1 or not np.isfinite(rates).all() or ((rates < 0) | (rates > 2)).any():
        return wanted
    if len(rates) != STEPS:
        return f"There are {STEPS} steps; you gave {len(rates)} rates."
    q = example()
    best, yours = q.losses(q.greedy_rates(STEPS)), q.losses(rates.tolist())
    if np.allclose(best, yours):
        return "These are the greedy rates themselves."
    if yours[-1] >= 0.8 * best[-1]:
        return (
            f"At the end your loss is {yours[-1]:.3f}, and the greedy one {best[-1]:.3f}: yours must be smaller by a "
            "fifth. Which rates are good for weights with a weak bend?"
        )
    return ""


GREEDY = """
import numpy as np

h, A, refuted = np.logspace(0, -2, 20), np.full(20, 25.0), []
for _ in range(50):
    refuted.append(float((h**2 * A).sum() / (h**3 * (A + 1)).sum()))
    A = (1 - refuted[-1] * h) ** 2 * A + (refuted[-1] * h) ** 2
"""
"""A wrong answer to `refuted`: with the lesson's quadratic, which a student's process has without our modules."""


refuted = Exercise(
    name="refuted",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *The best step at each moment leads to the best end.* Take the noisy quadratic of "
        f"section 5. Give a list of {STEPS} rates, after which its expected loss is smaller by a fifth or more than "
        "after the greedy rates."
    ),
    stub="refuted = ...",
    solved="refuted = [0.75] * 45 + [0.2] * 5",
    hints=(
        "After its first steps, greedy has short steps, so that the noise of strong bends does no harm.",
        "Take longer steps for most of the time. The noise can be removed at the end.",
        "`[a] * 45 + [b] * 5` is a list of 50 rates.",
    ),
    why_wrong=_refuted_objection,
    wrong={
        "refuted = 0.5": "Give a list of 50 rates",
        "refuted = [0.5] * 49": "you gave 49 rates",
        "refuted = [0.01] * 50": "must be smaller by a fifth",
        GREEDY: "greedy rates themselves",
    },
    praise="What is best for one step can be worse for fifty. Short cuts teach exactly this mistake.",
    survivors={
        "refuted = [0.75] * 45 + [0.4] * 5": "other short steps at the end remove the noise as well",
        "refuted = [1.5] * 45 + [0.2] * 5": "longer steps are stable up to a rate of 2",
    },
)

exercises = (two_numbers, greedy, mended, refuted)
