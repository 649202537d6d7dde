"""The exercises of lesson 00, a search in ten minutes."""

from dataclasses import replace
from functools import cache
from typing import Any

from nasedu.classroom.counterexamples import against, fresh, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.reading import unreadable

best = Prediction(
    "A beginner's network counts 66% of the images right. How good is the best of all 1,188 networks of this size?",
    ("75%", "85%", "99%"),
)

holds_zero = MultipleChoice(
    "On `how-many`, the interval of q-learning's lead holds zero. What has been shown there?",
    ("that both are equally good", "that neither is ahead by much", "that q-learning is better by a little"),
    right="that neither is ahead by much",
    why={
        "that both are equally good": "A difference too small for a hundred seeds to see would look the same. To find "
        "nothing is not to find that there is nothing.",
        "that neither is ahead by much": "A small lead, no lead and a small loss are all within the interval. A larger "
        "lead is not. More seeds would make it narrower.",
        "that q-learning is better by a little": "It may be. But a small loss lies within the interval as well.",
    },
)


@cache
def _table() -> Any:
    from nasedu.tables.atlas import atlas

    return atlas()


def _space(depth: int = 4) -> Any:
    return replace(_table().space, depth=depth, outputs=5)


TASK = "how-many/digits"


def _row(architecture: Any) -> tuple[float, int]:
    """Return the true score and the number of parameters of an architecture of the atlas."""
    score = _table().scores(TASK)[_table().row(tuple(architecture))]
    return float(score), int(_space().measure("parameters", tuple(architecture)))


# ---------------------------------------------------------------------- 1, predict


def _size_objection(answer: Any) -> str:
    if not isinstance(answer, str):
        return f"Write one of the three answers, in quotation marks; {show(answer)} is no text."
    sizes = "; ".join(f"{depth} layers: {_space(depth).size():,} networks" for depth in (2, 3, 4)) + "."
    words = {
        "twice": f"Twice as many would mean that the depth matters little. {sizes}",
        "ten times": f"One more layer alone multiplies by about five. {sizes}",
    }
    said = answer.strip(" .!").lower()
    if said == "more than five hundred times":
        return ""
    return words.get(said, f"{show(answer)} is none of the three answers.")


size_at_8 = Exercise(
    name="size_at_8",
    kind="predict",
    prompt=(
        "**Exercise 1, predict.** Our space allows 4 layers and holds 1,188 networks. How many times larger is the "
        'space of 8 layers? Answer "twice", "ten times" or "more than five hundred times". Then compute it: '
        "`replace(space, depth=8).size()`."
    ),
    stub="size_at_8 = ...",
    solved='size_at_8 = "more than five hundred times"',
    hints=(
        "By how much does the number grow from depth=2 to depth=3? Compute both sizes.",
        "Each further layer multiplies the number by about five, and there are four further layers.",
    ),
    why_wrong=_size_objection,
    wrong={
        'size_at_8 = "twice"': "the depth matters little",
        'size_at_8 = "ten times"': "multiplies by about five",
        'size_at_8 = "many times"': "none of the three answers",
        "size_at_8 = 2": "is no text",
    },
    praise="Each layer multiplies the number of networks. No search can try them all, however patient.",
)


# ---------------------------------------------------------------------- 2, build a network

MOST_PARAMETERS, GOOD = 1000, 0.95


def _architecture_objection(answer: Any) -> str:
    if objection := unreadable(_space(), answer):
        return objection
    score, parameters = _row(answer)
    if parameters > MOST_PARAMETERS:
        return f"It has {parameters:,} parameters; at most {MOST_PARAMETERS:,} are allowed. It scores {score:.3f}."
    if score < GOOD:
        return f"It is small enough ({parameters:,} parameters), but it scores {score:.3f}; {GOOD} is wanted."
    return ""


my_network = Exercise(
    name="my_network",
    kind="choose",
    prompt=(
        f"**Exercise 2, build.** Find an architecture of this space with at most {MOST_PARAMETERS:,} parameters that "
        f'counts {GOOD:.0%} of the images right or more. Write it as a tuple that ends in `"stop"`. The Explorer '
        "above helps."
    ),
    stub="my_network = ...",
    solved='my_network = ("conv1-4", "pool4", "conv1-4", "conv1-8", "stop")',
    hints=(
        "A dense layer on a large image has most of the parameters. What makes the image small?",
        "Begin with conv1-4 and pool4, and let convolutions with 1 x 1 windows follow.",
    ),
    why_wrong=_architecture_objection,
    wrong={
        'my_network = ("pool2", "conv3-8", "dense32", "stop")': "pooling is never the first layer",
        'my_network = ("conv1-8", "pool4", "conv1-8")': "must go on with one of",
        'my_network = ("conv3-4", "pool4", "stop")': "is wanted",
        'my_network = ("conv1-8", "pool4", "conv1-8", "dense32", "stop")': "at most 1,000 are allowed",
        'my_network = "conv1-4"': "An architecture is a tuple of choices",
    },
    praise="Small and good: size is not what counts.",
)


# ---------------------------------------------------------------------- 3, how far off may a test be


def _standard_error(p: float, n: int) -> float:
    return float((p * (1 - p) / n) ** 0.5)


def _error_objection(answer: Any) -> str:
    """Compare on fresh numbers; 0.5 and 100 come first, since they are easy to compute by hand."""
    rng = fresh()
    cases = [(0.5, 100), (0.9, 360), (1.0, 50), (0.0, 7)]
    cases += [(round(float(rng.uniform(0.05, 0.95)), 2), int(rng.integers(2, 5000))) for _ in range(10)]
    cases += [(round(float(rng.uniform(0, 1)), 6), int(rng.integers(1, 10)) * 10**power) for power in range(2, 9)]
    return against("standard_error", answer, _standard_error, cases)


standard_error = Exercise(
    name="standard_error",
    kind="code",
    prompt=(
        "**Exercise 3, code.** A network reads each image right with probability p. Its accuracy on n images then "
        "varies, from one set of images to the next, with the standard deviation $\\sqrt{p(1-p)/n}$. Write it as a "
        "function."
    ),
    stub="def standard_error(p, n):\n    return ...",
    solved="def standard_error(p, n):\n    return (p * (1 - p) / n) ** 0.5",
    hints=("In Python a root is a power: x ** 0.5.", "p * (1 - p), divided by n, and then the root of it all."),
    why_wrong=_error_objection,
    wrong={
        (" ** 0.5", ""): "That is its square: the root is missing.",
        (" / n", ""): "That is the error of one single image: divide by n.",
        (" * (1 - p)", ""): "It must shrink with p near 1, where there is nothing left to vary: multiply by 1 - p.",
        (" / n) ** 0.5", ") ** 0.5 / n"): "Only p (1 - p) stands under your root: n belongs there, too.",
        ("(p * (1 - p) / n) ** 0.5", "p * (1 - p) / n ** 0.5"): "Python takes a power first, here that of n alone: put "
        "the whole fraction in brackets.",
        ("/ n)", "/ (n - 1))"): "Divide by n: n - 1 is for a variance that is computed from the images.",
        (
            "return ",
            "return 1.96 * ",
        ): "That is half the width of the 95% interval: one standard deviation is asked for.",
        ("return ", "return 100 * "): "That is in percent. p is a number from 0 to 1, and so is its spread.",
        "def standard_error(p, n):\n    (p * (1 - p) / n) ** 0.5": "is there a return?",
        "standard_error = 0.05": "keep the line that begins with def",
    },
    also_right=(
        ("p * (1 - p)", "(p - p**2)"),
        "import numpy as np\n\nstandard_error = lambda p, n: np.sqrt(p * (1 - p) / n)",
    ),
    praise="Four times as many test images halve it.",
)


# ---------------------------------------------------------------------- 4, refute a claim


def _pair_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (small, large), two architectures."
    for name, architecture in zip(("small", "large"), answer, strict=True):
        if objection := unreadable(_space(), architecture):
            return f"The {name} one: {objection}"
    (small, few), (large, many) = map(_row, answer)
    if many < 10 * few:
        return (
            f"The second needs ten times the parameters of the first; here the first has {few:,}, the second {many:,}."
        )
    if small <= large:
        return f"The small one scores {small:.3f} and the large one {large:.3f}: this pair agrees with the claim."
    return ""


counterexample = Exercise(
    name="counterexample",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *The network with more parameters scores higher.* Find a pair in the atlas that "
        "refutes it: `counterexample = (small, large)`. The second has at least ten times the parameters of the "
        "first, and a lower score on how-many/digits."
    ),
    stub="counterexample = ...",
    solved=(
        'small = ("conv1-4", "pool4", "conv1-4", "conv1-4", "stop")\n'
        'large = ("conv3-8", "pool2", "dense32", "stop")\n'
        "counterexample = (small, large)"
    ),
    hints=(
        "You know a large network with a poor score: the hand-picked one.",
        "Now find a small one that scores higher: your answer to exercise 2 may do.",
    ),
    why_wrong=_pair_objection,
    wrong={
        'counterexample = ("conv3-8", "pool2", "stop")': "Give a pair",
        'counterexample = (("conv3-8", "pool2", "stop"), ("pool2", "stop"))': "The large one: ('pool2', 'stop')",
        'counterexample = (("conv3-8", "stop"), ("conv3-4", "stop"))': "ten times the parameters",
        'counterexample = (("conv1-4", "gap", "stop"), ("conv3-8", "dense32", "stop"))': "agrees with the claim",
    },
    praise="One pair is enough against a claim that allows for no exception.",
)

exercises = (size_at_8, my_network, standard_error, counterexample)
