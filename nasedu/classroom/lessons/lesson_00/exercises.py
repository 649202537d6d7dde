"""The exercises of lesson 00, a search in ten minutes."""

from functools import cache
from typing import Any

from nasedu.classroom.counterexamples import against, fresh, same, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.reading import unreadable

winner = Prediction(
    "Which network will read the most test images correctly: the one that q-learning finds, the one that random "
    "search finds, or the better of the two hand-picked?",
    ("q-learning", "random", "hand-picked"),
)

holds_zero = MultipleChoice(
    "On `noisy-pixels`, the interval of q-learning's lead holds zero. What has been shown there?",
    ("that both are equally good", "that neither is ahead by much", "that q-learning is better by a little"),
    right="that neither is ahead by much",
    why={
        "that both are equally good": "A difference too small for a hundred seeds to see would look the same. To find "
        "nothing is not to find that there is nothing.",
        "that neither is ahead by much": "A small lead, no lead and a small loss are all within the interval; a lead "
        "larger than it is not. Who is ahead, it does not say. More seeds would make it narrower.",
        "that q-learning is better by a little": "It may be. But the interval says how far off the mark may be, and a "
        "small loss is not too far.",
    },
)


@cache
def _space(depth: int = 6) -> Any:
    from nasedu import spaces, tasks

    return spaces.load("chain-cnn", tasks.load("digits"), depth=depth)


@cache
def _trainer() -> Any:
    from nasedu import tasks, trainers

    return trainers.load("sequential", _space(), tasks.load("digits"))


@cache
def parameters_of(architecture: tuple[str, ...]) -> int:
    """Return the number of trainable parameters of the network."""
    return sum(p.numel() for p in _space().build(architecture).parameters())


# ---------------------------------------------------------------------- 1, predict


def _size_objection(answer: Any) -> str:
    if not isinstance(answer, str):
        return f"Write one of the three answers, in quotation marks; {show(answer)} is no text."
    words = {
        "twice": "Twice as many would need that the depth hardly matters. But each further layer multiplies the "
        f"number: with 2 layers there are {_space(2).size():,}, with 3 already {_space(3).size():,}.",
        "a thousand times": f"A thousand times sounds like a lot, but from 3 layers ({_space(3).size():,}) to 6 "
        f"({_space(6).size():,}) the number grew by a factor of {_space(6).size() / _space(3).size():,.0f}, "
        "and from 6 to 12 there are twice as many layers to add.",
    }
    said = answer.strip(" .!").lower()
    if said == "more than ten thousand times":
        return ""
    return words.get(said, f"{show(answer)} is none of the three answers.")


size_at_12 = Exercise(
    name="size_at_12",
    kind="predict",
    prompt=(
        "**Exercise 1, predict.** The space of this lesson allows 6 layers; MetaQNN on MNIST allowed 12 "
        '(Baker et al. 2017). How many times larger is our space if we allow 12? Answer "twice", "a thousand times" or '
        '"more than ten thousand times". Then compute it: `spaces.load("chain-cnn", task, depth=12).size()`.'
    ),
    stub="size_at_12 = ...",
    solved='size_at_12 = "more than ten thousand times"',
    hints=(
        "How much does the number grow from depth=2 to depth=3? Compute both sizes.",
        "Each further layer multiplies the number by about the same factor, and there are six further layers.",
        "From 3 to 6 layers the factor is already above a hundred; 6 to 12 is twice as many layers, so square it.",
    ),
    why_wrong=_size_objection,
    wrong={
        'size_at_12 = "twice"': "each further layer multiplies",
        'size_at_12 = "a thousand times"': "sounds like a lot",
        'size_at_12 = "many times"': "none of the three answers",
        "size_at_12 = 2": "is no text",
    },
    praise="Each layer multiplies the number of networks. No search can try them all, however patient.",
)


# ---------------------------------------------------------------------- 2, build a network


def _architecture_objection(answer: Any) -> str:
    if objection := unreadable(_space(), answer):
        return objection
    missing = [kind for kind in ("conv", "pool", "dense") if not any(choice.startswith(kind) for choice in answer)]
    if missing:
        return f"This network runs, but it has no {missing[0]} layer: {' → '.join(answer)}."
    count = parameters_of(tuple(answer))
    if count >= 6000:
        return f"This network runs, but it has {count:,} parameters; fewer than 6,000 are allowed."
    return ""


my_network = Exercise(
    name="my_network",
    kind="choose",
    prompt=(
        "**Exercise 2, build.** Write an architecture of this space with a convolution, a pooling and a dense layer, "
        'and fewer than 6,000 parameters. An architecture is a tuple of choices that ends in `"stop"`.'
    ),
    stub="my_network = ...",
    solved='my_network = ("conv3-16", "pool3/2", "dense32", "stop")',
    hints=(
        "What may come first? Look at the output of `space.choices(space.start())` above.",
        "Most parameters sit between image and dense layer: pixels times channels times units.",
        "Pool with pool3/2, which leaves a smaller image than pool2, then take a narrow dense layer.",
    ),
    why_wrong=_architecture_objection,
    wrong={
        'my_network = ("pool2", "conv3-16", "dense32", "stop")': "pooling is never the first layer",
        'my_network = ("conv3-16", "dense32", "stop")': "dense layers may follow at 7 or fewer",
        'my_network = ("conv3-16", "pool2", "dense32")': "must go on with one of",
        'my_network = ("conv3-16", "pool2", "stop")': "it has no dense layer",
        'my_network = ("conv3-64", "pool2", "dense128", "stop")': "fewer than 6,000 are allowed",
        'my_network = "conv3-16"': "An architecture is a tuple of choices",
    },
    praise="A small network, and a legal one.",
)


# ---------------------------------------------------------------------- 3, how far off may a test be


def _standard_error(p: float, n: int) -> float:
    return float((p * (1 - p) / n) ** 0.5)


def _error_objection(answer: Any) -> str:
    """Compare on fresh numbers; 0.5 and 100 come first, since they are easy to compute by hand."""
    rng = fresh()
    cases = [(0.5, 100), (0.9, 360), (1.0, 50)]
    cases += [(round(float(rng.uniform(0.05, 0.95)), 2), int(rng.integers(2, 5000))) for _ in range(20)]
    return against("standard_error", answer, _standard_error, cases, guess=_error_guess)


def _error_guess(got: Any, p: float, n: int) -> str:
    """Return what went wrong, if the number shows it."""
    known = {
        "That is its square: the root is missing.": p * (1 - p) / n,
        "That is the error of one single image: divide by n.": (p * (1 - p)) ** 0.5,
        "It must shrink with p near 1, where there is nothing left to vary: multiply by 1 - p.": (p / n) ** 0.5,
    }
    return next((words for words, value in known.items() if same(got, value)), "")


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
        "def standard_error(p, n):\n    return p * (1 - p) / n": "the root is missing",
        "def standard_error(p, n):\n    return (p * (1 - p)) ** 0.5": "divide by n",
        "def standard_error(p, n):\n    return (p / n) ** 0.5": "multiply by 1 - p",
        "def standard_error(p, n):\n    (p * (1 - p) / n) ** 0.5": "is there a return?",
        "standard_error = 0.05": "keep the line that begins with def",
    },
    praise="Four times as many test images halve it.",
)


# ---------------------------------------------------------------------- 4, refute a claim

SEEDS = 3
EPOCHS = 4


def _pair_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (small, large), two architectures."
    small, large = answer
    for name, architecture in (("small", small), ("large", large)):
        if objection := unreadable(_space(), architecture):
            return f"The {name} one: {objection}"
    sizes = parameters_of(tuple(small)), parameters_of(tuple(large))
    if sizes[1] < 2 * sizes[0]:
        return (
            f"The second should have at least twice as many parameters; here the first has {sizes[0]:,}, the second "
            f"{sizes[1]:,}."
        )
    return _experiment_objection(tuple(small), tuple(large))


def _experiment_objection(small: tuple[str, ...], large: tuple[str, ...]) -> str:
    """Train both from fresh seeds; the worst run of the small one must beat the best run of the large one."""
    seeds = fresh().integers(10_000, size=SEEDS).tolist()
    scores = [[e.score for e in _trainer()([network] * SEEDS, epochs=EPOCHS, seed=seeds)] for network in (small, large)]
    if min(scores[0]) > max(scores[1]):
        return ""
    runs = [", ".join(f"{score:.3f}" for score in row) for row in scores]
    return (
        f"From the seeds {seeds}, {EPOCHS} epochs each, the small one scored {runs[0]} and the large one {runs[1]}. "
        "To refute the claim, every run of the small one must beat every run of the large one."
    )


counterexample = Exercise(
    name="counterexample",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *The network with more parameters scores higher.* Find a pair that refutes it: "
        "`counterexample = (small, large)`, where the second has at least twice the parameters of the first and the "
        f"lower score. The check draws {SEEDS} seeds, trains both from each for {EPOCHS} epochs (a few seconds), and "
        "accepts the pair if every run of the small one beats every run of the large one."
    ),
    stub="counterexample = ...",
    solved=(
        'small = ("conv3-16", "pool2", "stop")\n'
        'large = ("conv1-64", "conv1-64", "conv1-64", "gap", "stop")\n'
        "counterexample = (small, large)"
    ),
    hints=(
        "Which networks scored worst above? `study.trials_dataframe().sort_values('score')` shows them, with their "
        "parameters.",
        "A 1x1 convolution sees one pixel at a time. What is left of a digit after averaging those over the image?",
        "Many 1x1 convolutions of 64 filters, then gap: thousands of parameters, and blind to shapes.",
    ),
    why_wrong=_pair_objection,
    wrong={
        'counterexample = ("conv3-16", "pool2", "stop")': "Give a pair",
        'counterexample = (("conv3-16", "pool2", "stop"), ("pool2", "stop"))': "The large one: ('pool2', 'stop')",
        'counterexample = (("conv3-64", "stop"), ("conv3-16", "stop"))': "at least twice as many parameters",
        'counterexample = (("conv1-16", "gap", "stop"), ("conv3-64", "pool2", "stop"))': "To refute the claim",
    },
    praise="One pair is enough against a claim that allows for no exception.",
)

exercises = (size_at_12, my_network, standard_error, counterexample)
