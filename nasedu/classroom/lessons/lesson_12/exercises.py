"""The exercises of lesson 12, learning to learn."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, largest, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction

head_only = Prediction(
    "ANIL is MAML in which only the last layer adapts. Both learn from the same number of waves. On new waves, after "
    "five inner steps, the error of ANIL is ...",
    ("lower than MAML's", "not clearly different", "higher than MAML's"),
)

where_it_goes = MultipleChoice(
    "In the player, the last frames go backwards through the inner steps. What is the last arrow used for?",
    ("to move the start", "to move the adapted network", "to choose the inner rate"),
    right="to move the start",
    why={
        "to move the start": "One step of meta-training moves the start against the mean of such gradients over many "
        "waves.",
        "to move the adapted network": "The adapted network is thrown away. Each wave begins again at the start.",
        "to choose the inner rate": "In MAML the inner rate is set by hand. Meta-SGD learns it.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(curvature=(3, 4, 6, 7, 8), rate=(0.05, 0.1, 0.3, 0.4, 0.6))
def factor(curvature: int = 4, rate: float = 0.5) -> Exercise:
    moved = round(rate * curvature, 4)
    right = round(1 - moved, 4)
    sentences = {
        1.0: "The second derivative of this loss is a, and not 0: the start matters less after a step.",
        moved: "That is the product of rate and curvature. The factor is one less this product.",
        1 + moved: "A step goes downhill: the product is subtracted from 1.",
        rate: "That is the inner rate. Multiply it by the curvature first.",
    }

    def objection(answer: Any) -> str:
        if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
            return f"Give a number; {show(answer)} is none."
        if abs(answer - right) < 1e-9:
            return ""
        near = (words for value, words in sentences.items() if abs(answer - value) < 1e-9)
        return next(near, f"It is not {show(answer)}: see section 2.")

    beyond = (
        "The inner step jumps over the lowest point. The two gradients point in opposite directions, so descending in "
        "the first-order one climbs."
    )
    within = "The inner step stays on its side of the lowest point, so both gradients point in the same direction."
    return Exercise(
        name="factor",
        kind="predict",
        prompt=(
            "**Exercise 1, predict.** A task has the loss $a (\\theta - c)^2 / 2$ with curvature "
            f"$a = {curvature}$. The inner rate is {rate}, and there is one inner step. By which number must you "
            "multiply the first-order gradient to get MAML's?"
        ),
        stub="factor = ...",
        solved=f"factor = 1 - {rate} * {curvature}",
        hints=(
            f"One step leads from theta to theta - {rate} * {curvature} * (theta - c).",
            "Derive this in theta.",
        ),
        why_wrong=objection,
        wrong={
            "factor = 1.0": "is a, and not 0",
            f"factor = {moved}": "one less this product",
            f"factor = {1 + moved}": "is subtracted from 1",
            f"factor = {rate}": "Multiply it by the curvature",
            "factor = 7": "It is not 7",
            "factor = 'half'": "Give a number",
        },
        praise=f"It is {right:g}. {beyond if right < 0 else within}",
    )


# ---------------------------------------------------------------------- 2, the inner step


def inner_step_reference(w: float, b: float, X: Sequence[float], y: Sequence[float], alpha: float) -> list[float]:
    """Return weight and bias of a line after one step of gradient descent in the mean squared error."""
    misses = [w * x + b - height for x, height in zip(X, y, strict=True)]
    slope = 2 * sum(miss * x for miss, x in zip(misses, X, strict=True)) / len(X)
    return [w - alpha * slope, b - alpha * 2 * sum(misses) / len(X)]


def _inner_step_guess(got: Any, *_: Any) -> str:
    return "" if isinstance(got, list | tuple) and len(got) == 2 else "Give both numbers back: [w, b]."


def _inner_step_size(w: float, b: float, X: Sequence[float], y: Sequence[float], alpha: float) -> float:
    x = largest(X)
    return abs(w) + abs(b) + 2 * alpha * (1 + x) * (abs(w) * x + abs(b) + largest(y))


def _inner_step_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(1.0, 0.5, [1.0, 3.0], [0.0, 2.0], 0.1)]
    for scale, n in zip(SCALES, (2, 3, 3, 1, 4, 5), strict=True):
        w, b, *y = (scale * np.round(rng.uniform(-2, 2, n + 2), 2)).tolist()
        cases.append((w, b, np.round(rng.uniform(-3, 3, n), 1).tolist(), y, float(np.round(rng.uniform(0.2, 2), 2))))
    return against("inner_step", answer, inner_step_reference, cases, scale=_inner_step_size, guess=_inner_step_guess)


INNER = (
    "def inner_step(w, b, X, y, alpha):\n"
    "    misses = [w * x + b - height for x, height in zip(X, y)]\n"
    "    slope_w = sum(2 * miss * x for miss, x in zip(misses, X)) / len(X)\n"
    "    slope_b = sum(2 * miss for miss in misses) / len(X)\n"
    "    return [w - alpha * slope_w, b - alpha * slope_b]"
)

inner_step = Exercise(
    name="inner_step",
    kind="code",
    prompt=(
        "**Exercise 2, code.** Write the inner step for the smallest network: a line, `w * x + b`. Its loss on the "
        "support set is the mean of `(w * x + b - y) ** 2`. `inner_step(w, b, X, y, alpha)` returns `[w, b]` after one "
        "step of gradient descent. `X` and `y` are lists of numbers. Use no autograd."
    ),
    stub="def inner_step(w, b, X, y, alpha):\n    ...",
    solved=INNER,
    hints=(
        "First the misses: `w * x + b - y` of each example.",
        "The slope in b is the mean of `2 * miss`, that in w the mean of `2 * miss * x`.",
        "Both parameters move by `-alpha` times their slope, at the same time.",
    ),
    why_wrong=_inner_step_objection,
    wrong={
        (
            "w - alpha * slope_w, b - alpha * slope_b",
            "w + alpha * slope_w, b + alpha * slope_b",
        ): "The sign is wrong: a step downhill subtracts the slope.",
        "def inner_step(w, b, X, y, alpha):\n"
        "    misses = [w * x + b - height for x, height in zip(X, y)]\n"
        "    slope_w = sum(miss * x for miss, x in zip(misses, X)) / len(X)\n"
        "    return [w - alpha * slope_w, b - alpha * sum(misses) / len(X)]": "A square has a slope with the factor 2.",
        "def inner_step(w, b, X, y, alpha):\n"
        "    misses = [w * x + b - height for x, height in zip(X, y)]\n"
        "    slope_w = sum(2 * miss * x for miss, x in zip(misses, X))\n"
        "    return [w - alpha * slope_w, b - alpha * 2 * sum(misses)]": "The error is a mean: divide by the number of "
        "examples.",
        ("alpha * slope_w, b - alpha * slope_b", "slope_w, b - slope_b"): "The rate alpha is missing.",
        "def inner_step(w, b, X, y, alpha):\n"
        "    w = w - alpha * sum(2 * (w * x + b - v) * x for x, v in zip(X, y)) / len(X)\n"
        "    b = b - alpha * sum(2 * (w * x + b - v) for x, v in zip(X, y)) / len(X)\n"
        "    return [w, b]": "The bias moved by the slope at the new weight. Compute both slopes first, then move "
        "both.",
        "def inner_step(w, b, X, y, alpha):\n"
        "    for x, height in zip(X, y):\n"
        "        miss = w * x + b - height\n"
        "        w, b = w - alpha * 2 * miss * x / len(X), b - alpha * 2 * miss / len(X)\n"
        "    return [w, b]": "You step after each example. Add up the slopes of all examples first, then make one "
        "step.",
        ("b - alpha * slope_b]", "b]"): "The bias has a slope of its own: the mean of the misses, times 2.",
        ("2 * miss * x for miss, x", "2 * miss for miss, x"): "The slope of the weight has the factor x.",
        (
            "[w - alpha * slope_w, b - alpha * slope_b]",
            "[slope_w, slope_b]",
        ): "Those are the two slopes. Return what weight and bias are after the step.",
        ("return [w - alpha * slope_w, b - alpha * slope_b]", "return w - alpha * slope_w"): "both numbers back",
    },
    praise="MAML repeats this for each task of a batch, and then asks how the end depends on the start.",
    also_right=(
        "import torch\n\n\n"
        "def inner_step(w, b, X, y, alpha):\n"
        "    X, y = torch.tensor(X), torch.tensor(y)\n"
        "    misses = w * X + b - y\n"
        "    return w - alpha * 2 * (misses * X).mean(), b - alpha * 2 * misses.mean()",
    ),
    survivors={INNER.replace("zip(misses, X)", "zip(X, misses)"): "a product of two numbers has no order"},
)


# ---------------------------------------------------------------------- 3, the quadratic identity


def maml_gradient_reference(theta: float, a: float, c: float, alpha: float, steps: int) -> float:
    """Return the gradient of the loss after some inner steps, in the start."""
    shrink = (1 - alpha * a) ** steps
    return a * shrink * (theta - c) * shrink


def _maml_gradient_guess(got: Any, *_: Any) -> str:
    return "" if isinstance(got, int | float) and not isinstance(got, bool) else "Give a number."


def _maml_gradient_size(theta: float, a: float, c: float, alpha: float, steps: int) -> float:
    return a * (abs(theta) + abs(c)) * abs(1 - alpha * a) ** steps


def _maml_gradient_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(1.0, 2.0, 0.0, 0.1, 1), (1.0, 2.0, 0.0, 0.1, 3), (1.0, 4.0, 0.5, 0.4, 2)]
    for scale, steps in zip(SCALES, (1, 3, 3, 4, 5, 2), strict=True):
        theta, c = (scale * np.round(rng.uniform(-2, 2, 2), 2)).tolist()
        a, alpha = np.round(rng.uniform((0.3, 0.1), (2, 0.3)), 2).tolist()
        cases.append((theta, a, c, alpha, steps))
    return against(
        "maml_gradient", answer, maml_gradient_reference, cases, scale=_maml_gradient_size, guess=_maml_gradient_guess
    )


QUADRATIC = (
    "def maml_gradient(theta, a, c, alpha, steps):\n"
    "    end = theta\n"
    "    for _ in range(steps):\n"
    "        end = end - alpha * a * (end - c)\n"
    "    gradient = a * (end - c)\n"
    "    for _ in range(steps):\n"
    "        gradient = (1 - alpha * a) * gradient\n"
    "    return gradient"
)

maml_gradient = Exercise(
    name="maml_gradient",
    kind="code",
    prompt=(
        "**Exercise 3, derive.** The loss of one task is $a (\\theta - c)^2 / 2$, for support and queries. Section 2 "
        "has MAML's gradient for one inner step. Write it for `steps` of them, without autograd: "
        "`maml_gradient(theta, a, c, alpha, steps)`."
    ),
    stub="def maml_gradient(theta, a, c, alpha, steps):\n    ...",
    solved=QUADRATIC,
    hints=(
        "Go forward first: where is theta after all steps?",
        "The gradient there is the first-order one.",
        "Each step back multiplies by the same factor as in section 2.",
    ),
    why_wrong=_maml_gradient_objection,
    wrong={
        (
            "(1 - alpha * a) * gradient",
            "gradient",
        ): "That is the first-order gradient: it forgets how the end depends on the start.",
        "def maml_gradient(theta, a, c, alpha, steps):\n    return a * (theta - c)": "That is the gradient without any "
        "adaptation.",
        "def maml_gradient(theta, a, c, alpha, steps):\n"
        "    return a * (theta - c) * (1 - alpha * a) ** (steps + 1)": "The end is right. The way back has one factor "
        "for each step, not one in all.",
        "def maml_gradient(theta, a, c, alpha, steps):\n"
        "    return a * (theta - c) * (1 - alpha * a) ** 2": "That is the right number for one step. Here there are "
        "more.",
        "def maml_gradient(theta, a, c, alpha, steps):\n"
        "    return a * (theta - c) * (1 + alpha * a) ** (2 * steps)": "The inner step goes downhill: 1 - alpha a.",
        (
            "gradient = a * (end - c)",
            "gradient = end - c",
        ): "The curvature a is missing: the slope of the loss is a (theta - c).",
        "def maml_gradient(theta, a, c, alpha, steps):\n"
        "    return a * (theta - c) * (1 - alpha) ** (2 * steps)": "The inner step has the slope of the loss, so the "
        "curvature: its factor is 1 - alpha a.",
        "def maml_gradient(theta, a, c, alpha, steps):\n"
        "    return a * (theta - c) ** 2 / 2 * (1 - alpha * a) ** (2 * steps)": "That is the loss after the steps. "
        "Derive it in the start.",
        "def maml_gradient(theta, a, c, alpha, steps):\n    return [theta]": "Give a number",
    },
    also_right=(
        "def maml_gradient(theta, a, c, alpha, steps):\n    return a * (theta - c) * (1 - alpha * a) ** (2 * steps)",
    ),
    praise=(
        "Forward, each step shrinks the distance to c. Back, it shrinks the gradient by the same factor. The player "
        "showed the same for 1,761 weights, where the factor is a matrix."
    ),
)


# ---------------------------------------------------------------------- 4, refute

RATE, STEPS, WAVES, SHOTS = 0.01, 5, 200, 10
MOST_FEATURES = 50


def _features_objection(answer: Any) -> str:
    from nasedu.classroom.lessons.lesson_12.recording import errors_of_long
    from nasedu.core.statistics import standard_error

    if not callable(answer):
        return f"features is to be a function: keep the line that begins with def. Yours is {show(answer)}."
    found = fixed_features(answer, fresh())
    if isinstance(found, str):
        return found
    limit, half = float(errors_of_long("MAML")[STEPS]), 3 * standard_error(found)
    mean = float(found.mean())
    if mean + half < limit:
        return ""
    return (
        f"On {WAVES} new waves the error after {STEPS} steps is {mean:.3g} ± {half:.2g}. All of that, three standard "
        f"errors, must lie below {limit:.3f}, the error of MAML. {_features_guess(answer, mean)}"
    )


def fixed_features(features: Callable[[float], Sequence[float]], rng: np.random.Generator) -> np.ndarray | str:
    """Return the error on each of some new waves, if only a linear last layer adapts; or what is wrong with features.

    Weights and bias begin at 0 for every wave, and make `STEPS` steps with the rate `RATE` on `SHOTS` points.
    """
    from nasedu.tasks.sinusoids import waves

    X, y, _, _ = waves(WAVES, SHOTS + 100, rng)
    first = features(0.5)
    if not isinstance(first, list | tuple | np.ndarray) or not 1 <= len(first) <= MOST_FEATURES:
        return f"features(0.5) gives {show(first)}; give a list of 1 to {MOST_FEATURES} numbers."
    grid = np.round(X[..., 0] * 1024) / 1024
    known = {x: features(float(x)) for x in np.unique(grid)}
    if len({len(one) for one in known.values()}) != 1:
        return "Give the same number of features for each x."
    rows = np.array([[known[x] for x in line] for line in grid], dtype=float)
    if not np.isfinite(rows).all():
        return "The features must be finite numbers, for each x from -5 to 5."
    rows = np.concatenate([rows, np.ones((*grid.shape, 1))], axis=2)  # the bias of the last layer
    heights = y[..., 0].astype(float)
    weights = np.zeros((WAVES, rows.shape[2]))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(STEPS):
            misses = np.einsum("wef,wf->we", rows[:, :SHOTS], weights) - heights[:, :SHOTS]
            weights = weights - RATE * 2 * np.einsum("we,wef->wf", misses, rows[:, :SHOTS]) / SHOTS
        found = np.square(np.einsum("wef,wf->we", rows[:, SHOTS:], weights) - heights[:, SHOTS:]).mean(1)
    return np.nan_to_num(found, nan=np.inf, posinf=1e300)


def _features_guess(features: Callable[[float], Sequence[float]], mean: float) -> str:
    """Return what helps: longer features make longer steps, until they are too long."""
    if mean > 100:
        return "The steps explode: the features are too large for this rate."
    longer = fixed_features(lambda x: [5 * one for one in features(x)], np.random.default_rng(0))
    if not isinstance(longer, str) and longer.mean() < mean / 2:
        return "The last layer hardly moves: larger features make longer steps."
    return "Is every wave of this family a sum of your features, each multiplied by a number?"


FEATURES = "import math\n\n\ndef features(x):\n    return [8 * math.sin(x), 8 * math.cos(x)]"

features = Exercise(
    name="features",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *On waves, ANIL ends behind MAML. So waves need features that adapt.* Find features "
        "that never adapt and are better. `features(x)` returns a list of numbers for one `x` from -5 to 5: at most "
        f"{MOST_FEATURES}, the same for every wave. The check adds a linear last layer that begins at 0. Only this "
        f"layer adapts: {STEPS} inner steps with rate {RATE} on {SHOTS} points, as MAML makes them. On {WAVES} new "
        "waves the mean error must be clearly below that of MAML after 4,000 steps."
    ),
    stub="def features(x):\n    ...",
    solved=FEATURES,
    hints=(
        "A wave is $A \\sin(x - p)$. Write the sine of a difference as a sum.",
        "$A \\sin(x - p) = A \\cos(p) \\sin(x) - A \\sin(p) \\cos(x)$: two features, two numbers.",
        "With features of size 1, five steps of rate 0.01 are too short. Multiply the features by 8 or so.",
    ),
    why_wrong=_features_objection,
    wrong={
        ("8 * ", ""): "larger features make longer steps",
        ("8 * ", "60 * "): "The steps explode",
        (", 8 * math.cos(x)", ""): "a sum of your features",
        "def features(x):\n    return x": "give a list",
        "def features(x):\n    return [x] * (1 + (x > 0))": "the same number of features",
        "def features(x):\n    return [float('inf') if x < 0 else x]": "must be finite",
        "def features(x):\n    return []": "1 to 50 numbers",
    },
    praise=(
        "Two features that stay, and MAML is beaten by its own inner loop. So fixed features can be enough here. The "
        "network of ANIL has not found such features in its meta-training. That says something about this training, "
        "and nothing about what waves need."
    ),
    survivors={
        FEATURES.replace(old, new): "a feature of size 7 or 9 is also good"
        for old in ("8 * math.sin", "8 * math.cos")
        for new in (old.replace("8", "7"), old.replace("8", "9"))
    },
)

exercises = (factor, inner_step, maml_gradient, features)
