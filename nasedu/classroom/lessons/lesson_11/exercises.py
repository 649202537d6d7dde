"""The exercises of lesson 11, differentiable search."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction

GAPS = (0.05, 0.2)
gap = Prediction(
    "The search ends, and each edge keeps only the operation of its largest share, with the weights that it has. What "
    "happens to the accuracy?",
    ("it changes by 0.05 at most", "it falls by 0.05 to 0.2", "it falls by more than 0.2"),
)


def size_of_gap(falls: Sequence[float]) -> str:
    """Return the choice that holds the mean fall."""
    return gap.choices[int(np.searchsorted(GAPS, np.mean(falls)))]


two_halves = MultipleChoice(
    "Why does alpha learn on other images than the weights?",
    ("so that it is judged on new images", "because it is faster", "because alpha has few numbers"),
    right="so that it is judged on new images",
    why={
        "so that it is judged on new images": "An operation can fit the images of the weights too well. Only other "
        "images show this.",
        "because it is faster": "It is not: each step needs a second batch.",
        "because alpha has few numbers": "A few numbers overfit less. Their choice of operations can still favour "
        "those that remember the images.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(skip=(1, 2, 3, 4), convolution=(3, 5, 6, 7, 9))
def skip_share(skip: int = 1, convolution: int = 3) -> Exercise:
    right = convolution / (skip + convolution)
    if skip >= convolution:  # the skip is to be the nearer one
        skip = convolution - 1
        right = convolution / (skip + convolution)
    sentences = {
        1 - right: "That is the share of the convolution. Its own error is the larger one.",
        0.5: "Equal shares are best if both errors are equal.",
        convolution / skip: "That is the ratio of the shares. The two shares add up to 1.",
    }

    def objection(answer: Any) -> str:
        if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
            return f"Give a number from 0 to 1; {show(answer)} is none."
        if abs(answer - right) < 1e-4:
            return ""
        near = (words for value, words in sentences.items() if abs(answer - value) < 1e-4)
        return next(near, f"It is not {show(answer)}: divide one variance by the sum of both.")

    return Exercise(
        name="skip_share",
        kind="predict",
        prompt=(
            "**Exercise 1, predict.** In section 6, the skip is nearer to the best mixture than the convolution: "
            f"$\\text{{var}}(x - m) = {skip}$ and $\\text{{var}}(o - m) = {convolution}$, with covariance 0. What "
            "is the best share of the skip?"
        ),
        stub="skip_share = ...",
        solved=f"skip_share = {convolution} / ({skip} + {convolution})",
        hints=(
            "The share of the skip grows with the error of the *convolution*.",
            f"Shares add up to 1. Here they stand as {convolution} to {skip}.",
        ),
        why_wrong=objection,
        wrong={
            f"skip_share = {skip} / {skip + convolution}": "share of the convolution",
            "skip_share = 0.5": "Equal shares",
            f"skip_share = {convolution} / {skip}": "ratio of the shares",
            "skip_share = 0.42": "divide one variance",
            "skip_share = 'most'": "a number from 0 to 1",
        },
        praise=f"A skip that passes on what is nearly right already is worth {convolution / skip:.2g} times a "
        "convolution that is not.",
    )


# ---------------------------------------------------------------------- 2, the second-order term


def second_term_reference(w: float, a: float, y: float, z: float, xi: float) -> float:
    """Return the second part of the hypergradient of section 3."""
    moved = w - xi * (a * w - y) * a
    return -xi * (a * moved - z) * a * (2 * a * w - y)


def _second_term_size(w: float, a: float, y: float, z: float, xi: float) -> float:
    w, a, y, z, xi = map(abs, (w, a, y, z, xi))
    return xi * a * (a * (w + xi * a * (a * w + y)) + z) * (2 * a * w + y)


def _number_guess(got: Any, *_: Any) -> str:
    return "" if isinstance(got, int | float) and not isinstance(got, bool) else "Give a number."


def _second_term_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(2.0, 0.5, 4.0, 1.0, 0.5)]
    for scale in SCALES * 2:
        w, y, z = (scale * np.round(rng.uniform(-3, 3, 3), 2)).tolist()
        a, xi = np.round(rng.uniform(0.3, 3, 2), 2).tolist()
        cases.append((w, a, y, z, xi))
    return against("second_term", answer, second_term_reference, cases, scale=_second_term_size, guess=_number_guess)


SECOND = (
    "def second_term(w, a, y, z, xi):\n"
    "    moved = w - xi * (a * w - y) * a\n"
    "    v = (a * moved - z) * a\n"
    "    return -xi * v * (2 * a * w - y)"
)

second_term = Exercise(
    name="second_term",
    kind="code",
    prompt=(
        "**Exercise 2, derive.** Take the two losses of section 3. Derive on paper "
        "$\\partial^2 L_{train} / \\partial a \\, \\partial w$, and write the second part of the hypergradient "
        "without autograd. `second_term(w, a, y, z, xi)` returns $-\\xi \\, v$ times this derivative, with $v$ taken "
        "at the moved weight."
    ),
    stub="def second_term(w, a, y, z, xi):\n    ...",
    solved=SECOND,
    hints=(
        "The slope of the training loss in w is `(a * w - y) * a`. Derive this in a: a stands in it twice.",
        "The moved weight is `w - xi * (a * w - y) * a`.",
        "v is the slope of the validation loss in the weight: `(a * moved - z) * a`.",
    ),
    why_wrong=_second_term_objection,
    wrong={
        ("return -xi", "return xi"): "The sign is wrong: a step downhill subtracts.",
        ("v = (a * moved", "v = (a * w"): "The validation loss is that at the moved weight, w', and not at w.",
        (
            "(2 * a * w - y)",
            "(a * w - y)",
        ): "The training loss has the product a w: the product rule gives two terms, so 2 a w - y.",
        (
            "(2 * a * w - y)",
            "(2 * a * moved - y)",
        ): "The derivative of the training loss is taken at w, and not at the moved weight.",
        ("-xi * v", "-v"): "The rate xi is missing: a longer step depends more on a.",
        ("(a * moved - z) * a", "(a * moved - z)"): "The slope of the validation loss in the weight has the factor a.",
        ("w - xi * (a * w - y) * a", "w - (a * w - y) * a"): "The step to the moved weight has the rate xi, too.",
        (
            "return -xi",
            "return (a * moved - z) * moved - xi",
        ): "That is the whole hypergradient. Return its second part alone.",
    },
    praise="The finite difference finds the same number with two gradients, and no second derivative.",
)


# ---------------------------------------------------------------------- 3, the bug


def mended_reference(direct: float, above: float, below: float, xi: float, epsilon: float) -> float:
    """Return equation 8 put into equation 7."""
    return direct - xi * (above - below) / (2 * epsilon)


def _mended_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(1.0, 3.0, 2.0, 0.5, 0.25)]
    for scale in SCALES * 2:
        slopes = (scale * np.round(rng.uniform(-3, 3, 3), 2)).tolist()
        cases.append((*slopes, *np.round(rng.uniform(0.01, 0.3, 2), 2).tolist()))
    return against("mended", answer, mended_reference, cases, scale=_mended_size, guess=_number_guess)


def _mended_size(direct: float, above: float, below: float, xi: float, epsilon: float) -> float:
    return abs(direct) + xi * (abs(above) + abs(below)) / (2 * epsilon)


MENDED = "def mended(direct, above, below, xi, epsilon):\n    return direct - xi * (above - below) / (2 * epsilon)"

mended = Exercise(
    name="mended",
    kind="code",
    prompt=(
        "**Exercise 3, find the bug.** This line should give the hypergradient: "
        "`direct + xi * (above - below) / epsilon`. Here `above` and `below` are the slopes of the training loss in "
        "alpha, at the weights $w + \\epsilon v$ and $w - \\epsilon v$. It has two bugs. Write "
        "`mended(direct, above, below, xi, epsilon)`."
    ),
    stub="def mended(direct, above, below, xi, epsilon):\n    ...",
    solved=MENDED,
    hints=("How far apart are the two weights, in units of v?", "Which sign has the step of the weights?"),
    why_wrong=_mended_objection,
    wrong={
        (
            "direct - xi * (above - below) / (2 * epsilon)",
            "direct + xi * (above - below) / epsilon",
        ): "That is the line with both bugs. Compare it with section 3.",
        ("(2 * epsilon)", "epsilon"): "One bug is left: the two places are 2 epsilon apart.",
        ("direct - xi", "direct + xi"): "One bug is left: the sign of the second part.",
        ("/ (2 * epsilon)", "/ 2 * epsilon"): "Python divides by 2 and then multiplies by epsilon: put 2 * epsilon in "
        "brackets.",
        ("(above - below)", "above - below"): "Brackets are missing: the whole difference is multiplied and divided.",
        (
            "direct - xi * (above - below) / (2 * epsilon)",
            "xi * (direct - (above - below) / (2 * epsilon))",
        ): "xi stands in the second part alone.",
    },
    praise="Neither bug raises an error. Only a comparison with the exact gradient finds them.",
)


# ---------------------------------------------------------------------- 4, prevent a collapse


def capped_reference(skip: Sequence[float], most: int) -> list[str]:
    """Return the operation of each edge, with at most `most` skip connections: those of the largest shares."""
    skips = [edge for edge in range(len(skip)) if skip[edge] > 0.5]
    stay = sorted(skips, key=lambda edge: -skip[edge])[:most]
    return ["skip" if edge in stay else "conv" for edge in range(len(skip))]


def _capped_guess(got: Any, skip: Sequence[float], most: int) -> str:
    if not isinstance(got, list | tuple):
        return 'Give a list with "skip" or "conv" for each edge.'
    if len(got) != len(skip):
        return "Give one operation for each edge."
    skips, kept = sum(share > 0.5 for share in skip), list(got).count("skip")
    if kept > most:
        return f"There are {kept} skips, and at most {most} may be."
    if kept < min(most, skips):
        return "That takes out more skips than the cap asks for."
    return "" if set(got) <= {"skip", "conv"} else 'Write "skip" or "conv".'


def _capped_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.6, 0.9, 0.7], 1), ([0.6, 0.2], 2), ([0.6, 0.7, 0.8, 0.9], 2), ([0.4, 0.6], 0)]
    cases.append(([0.5, 0.6], 2))
    for size in (3, 4, 5, 5, 6, 6, 7, 8):
        values = rng.choice(np.arange(480, 550, 2) if rng.random() < 0.5 else np.arange(1, 1000), size, replace=False)
        cases.append(((values / 1000).tolist(), int(rng.integers(0, 4))))
    return against("capped", answer, capped_reference, cases, guess=_capped_guess)


CAPPED = (
    "def capped(skip, most):\n"
    "    edges = sorted(range(len(skip)), key=lambda edge: -skip[edge])\n"
    "    stay = [edge for edge in edges if skip[edge] > 0.5][:most]\n"
    "    return ['skip' if edge in stay else 'conv' for edge in range(len(skip))]"
)

capped = Exercise(
    name="capped",
    kind="code",
    prompt=(
        "**Exercise 4, prevent a collapse.** On an edge with two operations, the skip is chosen if its share is above "
        "0.5. With the shares `[0.6, 0.7, 0.8, 0.9]` all four edges become skips. Write the cap of P-DARTS. "
        '`capped(skip, most)` returns `"skip"` or `"conv"` for each edge, and never more skips than `most`. Those of '
        "the largest shares stay. No two shares are equal."
    ),
    stub="def capped(skip, most):\n    ...",
    solved=CAPPED,
    hints=(
        "Which edges would be skips without the cap? Their share is above 0.5.",
        "Sort these edges by their share, the largest first, and keep the first `most`.",
    ),
    why_wrong=_capped_objection,
    wrong={
        ("[:most]", ""): "That is the collapsed cell: no skip was taken out.",
        (
            "sorted(range(len(skip)), key=lambda edge: -skip[edge])",
            "range(len(skip))",
        ): "You kept the first skips. Keep those with the largest shares.",
        ("lambda edge: -skip", "lambda edge: skip"): "You kept the skips with the smallest shares. Keep those with the "
        "largest.",
        ("if skip[edge] > 0.5", "if True"): "An edge whose convolution has the larger share is no skip, cap or not.",
        ("> 0.5", ">= 0.5"): "A share of exactly 0.5 is not above 0.5.",
        ("[:most]", "[:max(most - 1, 0)]"): "That takes out more skips than the cap asks for.",
        (
            "    return ['skip' if edge in stay else 'conv' for edge in range(len(skip))]",
            "    return ['skip'] * len(stay) + ['conv'] * (len(skip) - len(stay))",
        ): "The number of skips is right. Each edge stays at its place in the list.",
        "def capped(skip, most):\n    return 'conv'": "Give a list",
        "def capped(skip, most):\n    return []": "one operation for each edge",
    },
    praise="A cap sets the number of skips. It does not say which convolution is better.",
    also_right=(
        "def capped(skip, most):\n"
        "    return ['skip' if share > 0.5 and sum(other > share for other in skip) < most else 'conv' for share in "
        "skip]",
    ),
)


# ---------------------------------------------------------------------- 5, refute


def _refuted_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three lists of numbers: (o, x, target)."
    try:
        o, x, target = (np.asarray(part, dtype=float) for part in answer)
    except (TypeError, ValueError):
        return "Give three lists of numbers: (o, x, target)."
    if o.ndim != 1 or not o.shape == x.shape == target.shape or not 3 <= len(o) <= 10_000:
        return "The three lists are equally long, and hold three numbers or more (10,000 at most)."
    if not np.isfinite([o, x, target]).all():
        return "The numbers must be finite."
    conv, skip = _best_shares(o, x, target)
    if skip <= 0.5:
        return f"The skip does not have the larger share: it has {skip:.2f}. Bring x nearer to the target."
    if skip > 0.99:
        return f"The skip has a share of {skip:.2f}, so the convolution counts for nothing. Bring the two together."
    without_conv, without_skip = np.var(skip * x - target), np.var(conv * o - target)
    if without_conv <= 1.2 * without_skip:
        return (
            f"Without the convolution the error is {without_conv:.3g}, without the skip {without_skip:.3g}. The first "
            "must be larger by a fifth at least. A small share of large numbers can matter more."
        )
    return ""


def _best_shares(o: np.ndarray, x: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    import torch

    from nasedu.oneshot.two_operations import best_shares

    if np.ptp(o - x) == 0:  # every share gives the same
        return 0.5, 0.5
    return best_shares(*(torch.from_numpy(part.copy()) for part in (o, x, target)))


REFUTED = (
    "import numpy as np\n\n"
    "rng = np.random.default_rng(0)\n"
    "x, o = rng.normal(0, 1, 1000), rng.normal(0, 3, 1000)\n"
    "refuted = (o, x, 0.6 * x + 0.4 * o)"
)

refuted = Exercise(
    name="refuted",
    kind="refute",
    prompt=(
        "**Exercise 5, refute.** *The largest alpha is the most important operation.* Find a mixture of two operations "
        "that refutes it: `refuted = (o, x, target)`, three lists of numbers. At the best shares, the skip `x` must "
        "have the larger one. Yet the error, the variance of mixture minus target, must be larger without the "
        "convolution `o` than without the skip, by a fifth or more. To remove an operation, its share becomes 0, and "
        "the other share stays."
    ),
    stub="refuted = ...",
    solved=REFUTED,
    hints=(
        "What an operation adds to the mixture is its share *times its numbers*.",
        "Let `o` have larger numbers than `x`.",
        "Draw both at random, and choose a target that is a mixture of them: then you know the best shares.",
    ),
    why_wrong=_refuted_objection,
    wrong={
        "refuted = 3": "Give three lists",
        "refuted = ([1, 2, 3], [1, 2], [1, 2, 3])": "equally long",
        ("0.6 * x + 0.4 * o", "0.4 * x + 0.6 * o"): "does not have the larger share",
        ("0.6 * x + 0.4 * o", "x"): "counts for nothing",
        ("rng.normal(0, 3, 1000)", "rng.normal(0, 1, 1000)"): "must be larger by a fifth",
    },
    praise="A share is a factor, and no measure of importance. Perturbation measures what is missing without it.",
    survivors={
        REFUTED.replace("normal(0, 3", "normal(0, 4"): "a convolution of larger numbers matters even more",
        REFUTED.replace("normal(0, 3", "normal(-1, 3"): "a mean does not change a variance",
        REFUTED.replace("normal(0, 1", "normal(0, 0"): "a skip of zeros is not missed at all",
        REFUTED.replace("normal(0, 1", "normal(1, 0"): "nor is a constant, whose variance is zero",
    },
)

exercises = (skip_share, second_term, mended, capped, refuted)
