"""The data of lesson 02, what one architecture is worth, and its exercises."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction

winner = Prediction(
    "A search trains 100 networks, each once, and reports the best score. You train that very network again from "
    "other seeds, on the same images. Compared with the reported score, are the new scores on average higher, about "
    "the same, or lower?",
    ("higher", "about the same", "lower"),
)

seeds_needed = Prediction(
    "In truth, two networks differ by 0.01. From how many seeds must you train each of them to see the difference, on "
    "the tasks of the atlas?",
    ("about 3", "about 10", "about 100"),
)

wrong_labels = Prediction(
    "Three of ten training labels are wrong. A network trains for 40 epochs, and its training loss falls to the end. "
    "What does its validation score do?",
    ("it rises to the end", "it rises and then stays", "it rises and then falls"),
)

worse = Prediction(
    "Two networks are trained once each, and their scores differ by 0.015. How often does the higher score belong to "
    "the worse network?",
    ("1 in 20", "1 in 6", "1 in 3"),
)

report = MultipleChoice(
    "A search chose the best of 100 networks by validation score. Somebody wants to train this architecture again. "
    "Which number tells her what to expect?",
    (
        "the validation score that chose it",
        "the best of ten new trainings",
        "the mean of ten new trainings, from seeds that chose nothing",
    ),
    right="the mean of ten new trainings, from seeds that chose nothing",
    why={
        "the validation score that chose it": "It was chosen because it was high, and a part of that was luck.",
        "the best of ten new trainings": "That is a choice again: the best of ten is too good, as the best of 100 is.",
        "the mean of ten new trainings, from seeds that chose nothing": "Nothing was chosen by these scores, so they "
        "are as often too high as too low. Their spread gives the interval.",
    },
)

always_healthy = MultipleChoice(
    "One person in a hundred has a certain illness. A test says healthy to everybody. What is its balanced accuracy?",
    ("0.99", "0.5", "0"),
    right="0.5",
    why={
        "0.99": "That is its accuracy: 99 of 100 answers are right. Balanced accuracy gives each class the same "
        "weight, however rare it is.",
        "0.5": "Of the healthy it finds all, of the ill none: the mean of 1 and 0.",
        "0": "Its recall of the ill is 0, that of the healthy is 1. Balanced accuracy is the mean of the two.",
    },
)


# ---------------------------------------------------------------------- what its cells work on


def threes_and_eights(task: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the training images of a 3 or an 8 as (X, y): two numbers for each image, and whether it is an 8.

    X: float64, (images, 2), the ink in the upper left and in the lower left part, each of mean 0 and deviation 1.
    y: float64, (images,), 1 for an 8 and 0 for a 3.
    """
    either = np.isin(task.train.y, (3, 8))
    images, digits = task.train.X[either, 0].astype(float), task.train.y[either]
    upper = images[:, 1:4, 1:3].mean(axis=(1, 2))
    lower = images[:, 4:7, 1:3].mean(axis=(1, 2))
    ink = np.stack([upper, lower], axis=1)
    return (ink - ink.mean(axis=0)) / ink.std(axis=0), (digits == 8).astype(float)


def _number(answer: Any) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(classes=(5, 6, 7, 8, 9, 12, 15, 20, 25, 26, 30, 40, 43, 50, 64, 100))
def guessing_loss(classes: int = 10) -> Exercise:
    loss, probability = math.log(classes), 1 / classes
    what, one = ("ten digits", "digit") if classes == 10 else (f"{in_words(classes)} classes", "class")
    sentences = {
        probability: f"{show(probability)} is the probability of the right {one}. The loss is minus its logarithm.",
        1 - probability: f"{show(1 - probability)} is the share of wrong answers. The loss does not count answers, it "
        "looks at probabilities.",
        math.log10(classes): "That is the logarithm to the base of 10; losses in this course use the natural "
        "logarithm.",
        math.log2(classes): "That is in bits, with the logarithm to the base of 2; losses here use the natural one, in "
        "nats.",
        -loss: "The sign is the other way round: a loss is never below 0, since no probability is above 1.",
    }

    def objection(answer: Any) -> str:
        if not _number(answer):
            return f"Give a number; {show(answer)} is none."
        if math.isclose(answer, loss, abs_tol=0.01):
            return ""
        near = (words for value, words in sentences.items() if math.isclose(answer, value, abs_tol=0.005))
        return next(
            near, f"It is not {show(answer)}: how probable is the right {one}, and what is minus its logarithm?"
        )

    return Exercise(
        name="guessing_loss",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** An untrained network gives each of {what} the same probability. What is its "
            "cross-entropy, with the natural logarithm? (A training whose loss stays there learns nothing.)"
        ),
        stub="guessing_loss = ...",
        solved=f"import math\n\nguessing_loss = math.log({classes})",
        hints=(
            f"What probability does the right {one} get, whichever it is?",
            "The loss of one example is minus the natural logarithm of that probability, and all examples have the "
            "same.",
            f"-log(1/{classes}) = log({classes}), about {loss:.1f}.",
        ),
        why_wrong=objection,
        wrong={
            f"guessing_loss = {probability:.4f}": "minus its logarithm",
            f"guessing_loss = {1 - probability:.4f}": "does not count answers",
            f"guessing_loss = {math.log10(classes):.3f}": "natural logarithm",
            f"guessing_loss = {math.log2(classes):.3f}": "in bits",
            f"guessing_loss = {-loss:.3f}": "never below 0",
            "guessing_loss = 'ln 10'": "Give a number",
        },
        praise="The logarithm of the number of classes: near it every honest training begins.",
    )


# ---------------------------------------------------------------------- 2, the gradient


def slope_reference(z: Sequence[float], y: int) -> list[float]:
    """Return the gradient of the cross-entropy for the outputs: the probabilities, minus 1 for the right class."""
    powers = [math.exp(value - max(z)) for value in z]
    return [power / sum(powers) - (place == y) for place, power in enumerate(powers)]


def _slope_guess(got: Any, z: Sequence[float], y: int) -> str:
    fits = isinstance(got, list | tuple) and len(got) == len(z) and all(map(_number, got))
    return "" if fits else "One number for each output, in a list."


def _outputs() -> Iterator[tuple[list[float], int]]:
    """Yield two equal outputs, two small cases, and random cases of two to five classes."""
    yield [0.0, 0.0], 0
    yield [0.0, 1.0], 0
    yield [1.0, 0.0, 2.0], 1
    rng = fresh()
    for spread, classes in zip((0.01, 1, 1, 2, 2, 3, 5, 5), rng.integers(2, 6, size=8), strict=True):
        yield rng.normal(0, spread, classes).round(3).tolist(), int(rng.integers(classes))


slope = Exercise(
    name="slope",
    kind="code",
    prompt=(
        "**Exercise 2, code.** Write the gradient of the cross-entropy for one example. `slope(z, y)` takes a list of "
        "outputs and the right class. It returns a list: the slope of the loss for each output (see Background). "
        "`slope([0.0, 0.0], 0)` is `[-0.5, 0.5]`."
    ),
    stub="def slope(z, y):\n    return ...",
    solved=(
        "import math\n\n\n"
        "def slope(z, y):\n"
        "    powers = [math.exp(value) for value in z]\n"
        "    total = sum(powers)\n"
        "    return [power / total - (1 if k == y else 0) for k, power in enumerate(powers)]"
    ),
    hints=(
        "First the probabilities: each power of e, divided by the sum of all.",
        "The derivative is the probability, except for the right class: there 1 is taken away.",
        "[power / total - (1 if k == y else 0) for k, power in enumerate(powers)]",
    ),
    why_wrong=lambda answer: against(
        "slope", answer, slope_reference, _outputs(), scale=lambda z, y: 1.0, guess=_slope_guess
    ),
    wrong={
        (
            "power / total - (1 if k == y else 0)",
            "(1 if k == y else 0) - power / total",
        ): "The sign is turned round: the loss falls when the right output rises, so that slope is negative.",
        (
            " - (1 if k == y else 0)",
            "",
        ): "These are the probabilities; from the one of the right class 1 is taken away.",
        ("power / total", "power"): "The powers must be divided by their sum, or they are no probabilities.",
        ("power / total - (1 if k == y else 0)", "power / total - 1 if k == y else 0.0"): "The wrong classes have a "
        "slope, too: each has to give up its probability.",
        ("1 if k == y else 0", "1"): "Only the right class has 1 taken away.",
        ("k == y", "k == y - 1"): "Classes are counted from 0, as the outputs are.",
        ("power / total", "z[k]"): "Those are the outputs. Take the probabilities: powers of e, divided by their sum.",
        "import math\ndef slope(z, y):\n    return -math.log(math.exp(z[y]) / sum(map(math.exp, z)))": (
            "One number for each output"
        ),
        "def slope(z, y):\n    [0.0]": "is there a return?",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def slope(z, y):\n"
        "    p = np.exp(np.array(z) - max(z))\n"
        "    p /= p.sum()\n"
        "    p[y] -= 1\n"
        "    return p",
    ),
    survivors={"result rounded": "a slope is a probability, which in single precision has as many places"},
    praise="Probability minus truth: the most used gradient there is, and it fits on one line.",
)


# ---------------------------------------------------------------------- 3, early stopping


def stops_after_reference(curve: Sequence[float], patience: int) -> int:
    """Return after how many epochs training stops: when `patience` epochs in a row brought no better score."""
    best = 0
    for epoch, score in enumerate(curve):
        if score > curve[best]:
            best = epoch
        if epoch - best == patience:
            return epoch + 1
    return len(curve)


def _stop_guess(got: Any, curve: Sequence[float], patience: int) -> str:
    if (trained := whole(got)) is None:
        return "It is a number of epochs."
    return "No more epochs are trained than the curve has." if trained > len(curve) else ""


def _curves() -> Iterator[tuple[list[float], int]]:
    """Yield short curves made by hand, and random ones of any size: percent, or minus a loss."""
    yield [0.2], 1
    yield [0.5, 0.2], 1
    yield [0.1, 0.2, 0.3], 1
    yield [0.5, 0.5, 0.5], 1
    yield [0.5, 0.5, 0.5, 0.5], 2
    yield [0.5, 0.2, 0.3, 0.4], 2
    yield [0.5, 0.2, 0.6, 0.1, 0.2, 0.3], 3
    yield [-0.5, -0.4], 1
    rng = fresh()
    for scale in SCALES * 5:
        low, step = rng.choice([-1, 0, 0.9]), rng.choice([0.1, 0.01])
        curve = scale * (low + step * rng.integers(1, 9, rng.integers(4, 13)))
        yield curve.tolist(), int(rng.integers(1, 4))


_STOPS = """\
def stops_after(curve, patience):
    best = 0
    for epoch, score in enumerate(curve):
        if score > curve[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch + 1
    return len(curve)"""

stops_after = Exercise(
    name="stops_after",
    kind="code",
    prompt=(
        "**Exercise 3, code.** Training stops as soon as `patience` epochs in a row brought no score *above the best "
        "so far*. `stops_after(curve, patience)` returns the number of epochs that are trained, all of them if "
        "patience is never used up. `stops_after([0.5, 0.7, 0.6, 0.7, 0.8], 2)` is 4: the 0.8 is never seen."
    ),
    stub="def stops_after(curve, patience):\n    return ...",
    solved=_STOPS,
    hints=(
        "Remember in which epoch the best score was. When is it too long ago?",
        "An equal score is no better one: it does not start the counting again.",
        "Epochs are counted from 0 by enumerate: after epoch number 3, four epochs have been trained.",
    ),
    why_wrong=lambda answer: against("stops_after", answer, stops_after_reference, _curves(), guess=_stop_guess),
    wrong={
        "def stops_after(curve, patience):\n    falls = 0\n    for e in range(1, len(curve)):\n"
        "        falls = falls + 1 if curve[e] <= curve[e - 1] else 0\n        if falls == patience:\n"
        "            return e + 1\n    return len(curve)": "Compare with the best score so far, not with that of the "
        "epoch before.",
        ("score > curve", "score >= curve"): "An equal score is no better one, and uses up patience, too.",
        (
            "return epoch + 1",
            "return epoch",
        ): "Epoch number 3 of enumerate is the fourth one: 4 have been trained by then.",
        (
            ">= patience",
            "> patience",
        ): "That stops one epoch too late: when `patience` epochs brought nothing, training ends at once.",
        (
            "return epoch + 1",
            "return best + 1",
        ): "That is the epoch of the best score. Training goes on until patience is used up.",
        "def stops_after(curve, patience):\n    best, missed = curve[0], 0\n    for e, score in enumerate(curve[1:], "
        "2):\n"
        "        best, missed = max(best, score), missed + (score <= best)\n"
        "        if missed == patience:\n            return e\n    return len(curve)": "You count such epochs in all. "
        "Count them in a row: a new best begins at 0.",
        "def stops_after(curve, patience):\n"
        "    return min(curve.index(max(curve)) + 1 + patience, len(curve))": "That looks for the best score of the "
        "whole curve. Training has stopped before it may see that one.",
        ("score > curve[best]", "score > curve[best] + 0.05"): "Every better score counts, also one that is better by "
        "little: ask for no least difference.",
        ("\n    return len(curve)", ""): "is there a return?",
        "def stops_after(curve, patience):\n    best, since = 0, 0\n    for e, score in enumerate(curve, 1):\n"
        "        best, since = (score, 0) if score > best else (best, since + 1)\n"
        "        if since == patience:\n            return e\n    return len(curve)": "A score may be below 0, such "
        "as minus a loss: the best so far begins with the first one.",
        "def stops_after(curve, patience):\n    return curve.index(max(curve)) + 1 + patience": "No more epochs",
    },
    also_right=(
        "def stops_after(curve, patience):\n    best, missed = float('-inf'), 0\n    for e, score in enumerate(curve, "
        "1):\n"
        "        best, missed = (score, 0) if score > best else (best, missed + 1)\n"
        "        if missed == patience:\n            return e\n    return len(curve)",
    ),
    praise="A few lines that save many epochs, and, as you have seen, cost a little score now and then.",
)


# ---------------------------------------------------------------------- 4, refute a claim

MOST_EXAMPLES = 20


def _two_networks_objection(answer: Any) -> str:
    if not isinstance(answer, list | tuple) or len(answer) != 2 or not all(isinstance(p, list | tuple) for p in answer):
        return "Give a pair of lists: (one, other)."
    one, other = answer
    if len(one) != len(other) or not 2 <= len(one) <= MOST_EXAMPLES:
        return f"Both networks see the same examples, 2 to {MOST_EXAMPLES}; given {len(one)} and {len(other)}."
    wrong = [p for p in (*one, *other) if not _number(p) or not 0 < p < 1]
    if wrong:
        return f"Each entry is a probability between 0 and 1, without the ends; {wrong[0]!r} is none."
    losses = [-sum(map(math.log, network)) / len(network) for network in (one, other)]
    shares = [sum(p > 0.5 for p in network) / len(network) for network in (one, other)]
    told = (
        f"The first has a cross-entropy of {losses[0]:.3f} and an accuracy of {shares[0]:.2f}, the second "
        f"{losses[1]:.3f} and {shares[1]:.2f}. "
    )
    if losses[0] >= losses[1]:
        return told + "The first should have the lower cross-entropy."
    return "" if shares[0] < shares[1] else told + "The first should have the lower accuracy as well."


two_networks = Exercise(
    name="two_networks",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *The network with the lower cross-entropy has the higher accuracy.* Invent two "
        "networks that refute it: `two_networks = (one, other)`. Each is a list of the probabilities of the *right* "
        "class, one for each example, such as `[0.9, 0.6, 0.3]`. Above 0.5 an example counts as right. The first "
        "network has the lower cross-entropy, and the lower accuracy."
    ),
    stub="two_networks = ...",
    solved="one = [0.9, 0.9, 0.45]\nother = [0.55, 0.55, 0.55]\ntwo_networks = (one, other)",
    hints=(
        "What does the loss see that accuracy does not? Look at the figure in section 2.",
        "A network that is right without conviction has full accuracy and a high loss.",
        "One network is very sure and just misses a single example; the other is barely right on all of them.",
    ),
    why_wrong=_two_networks_objection,
    wrong={
        "two_networks = [0.9, 0.6]": "a pair of lists",
        "two_networks = ([0.9, 0.6], [0.6])": "the same examples",
        "two_networks = ([1.0, 0.4], [0.6, 0.6])": "without the ends",
        "two_networks = ([0.6, 0.4], [0.6, 0.6])": "should have the lower cross-entropy",
        "two_networks = ([0.9, 0.9], [0.6, 0.6])": "the lower accuracy as well",
    },
    praise="The loss pays for confidence, accuracy for being on the right side. A training follows the one, a search "
    "the other.",
)


# ---------------------------------------------------------------------- 5, choose

ILL, WELL = 10, 90
LEAST_ACCURACY, MOST_F1 = 0.88, 0.3


def _confusion_objection(answer: Any) -> str:
    pairs = isinstance(answer, list | tuple) and all(isinstance(row, list | tuple) for row in answer)
    counts = [whole(count) for row in answer for count in row] if pairs else []
    known = [count for count in counts if count is not None and count >= 0]
    if not pairs or [len(row) for row in answer] != [2, 2] or len(known) != 4:
        return "Give [[a, b], [c, d]]: two rows of two whole numbers, none below 0."
    well, alarms, missed, found = known
    if (well + alarms, missed + found) != (WELL, ILL):
        return (
            f"The first row holds the {WELL} healthy people and the second the {ILL} ill ones; yours hold "
            f"{well + alarms} and {missed + found}."
        )
    accuracy, f1 = (well + found) / (WELL + ILL), 2 * found / (2 * found + alarms + missed)
    told = f"Its accuracy is {accuracy:.2f}, the F1 of the ill {f1:.2f}. "
    if accuracy < LEAST_ACCURACY:
        return told + f"The accuracy is to be at least {LEAST_ACCURACY}: it may not alarm many healthy people."
    if not found:
        return told + "Nobody is found at all: anyone would notice that. Let it find at least one."
    return (
        ""
        if f1 <= MOST_F1
        else told + f"That is too good for an impostor: the F1 of the ill is to be at most {MOST_F1}."
    )


impostor = Exercise(
    name="impostor",
    kind="choose",
    prompt=(
        f"**Exercise 5, choose.** Of {WELL + ILL} people {ILL} are ill. Choose the confusion matrix of an impostor: an "
        f"accuracy of at least {LEAST_ACCURACY}, at least one ill person found, and an F1 of the ill of at most "
        f"{MOST_F1}. `impostor = [[a, b], [c, d]]`: the first row holds the healthy people, said to be healthy (a) or "
        "ill (b). The second row holds the ill people, said to be healthy (c) or ill (d)."
    ),
    stub="impostor = ...",
    solved="impostor = [[89, 1], [9, 1]]",
    hints=(
        "What is the accuracy of always saying *healthy*?",
        "Start from [[90, 0], [10, 0]] and let it find one ill person.",
        "With one ill person found, F1 is low whatever happens in the first row; see how far you can go there.",
    ),
    why_wrong=_confusion_objection,
    wrong={
        "impostor = [[90, 0], [10, 0]]": "Nobody is found",
        "impostor = [[90, 0], [1, 9]]": "too good for an impostor",
        "impostor = [[50, 40], [9, 1]]": "may not alarm many",
        "impostor = [[80, 10], [5, 5, 0]]": "two rows of two",
        "impostor = [[9, 1], [89, 1]]": "The first row holds",
    },
    praise="Nearly everybody is told right, and most of the ill are sent home. Look at more than one number.",
)

exercises = (guessing_loss, slope, stops_after, two_networks, impostor)
