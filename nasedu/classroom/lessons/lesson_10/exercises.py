"""The exercises of lesson 10, shared weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.core.ranking import kendall_tau

ranks_better = Prediction(
    "On each of four tasks, the networks are put in order twice: by their scores with shared weights, and by counting "
    "their parameters. Where is the order of the shared weights clearly closer to the true order?",
    ("on all four", "on some, and somewhere counting is clearly closer", "on none"),
)

enas_ahead = Prediction(
    "ENAS trains the weights along paths that its policy prefers. After the same number of steps for the weights, "
    "which supernet puts all 1,188 networks into the better order?",
    ("that of ENAS", "no clear difference", "that of uniform paths"),
)

two_swapped = MultipleChoice(
    "Five networks have ten pairs. Shared weights put them in the true order, but for two neighbours that stand the "
    "wrong way round. What is Kendall's tau?",
    ("0.9", "0.8", "0.6"),
    right="0.8",
    why={
        "0.9": "Nine of ten pairs agree. But the tenth is not only missing: it counts against them. 9 - 1, of 10.",
        "0.8": "Nine pairs agree, one does not: (9 - 1) / 10.",
        "0.6": "Two networks stand wrong, but only one pair of them does.",
    },
)


# ---------------------------------------------------------------------- 1, count


@own_numbers(few=(4, 8), many=(16, 12, 8), channels=(1, 3), classes=(3, 4, 5, 10))
def count(few: int = 4, many: int = 8, channels: int = 1, classes: int = 4) -> Exercise:
    if few >= many:
        few = many // 2
    taps = 9 * channels
    layer, last, other = many * taps + many, many * classes + classes, few * classes + classes
    right, weights = layer + last + other, many * taps + (many + few) * classes
    sentences = {
        right + few * taps + few: f"{right + few * taps + few} are the numbers of the two networks apart. A shared "
        "tensor exists once, as wide as the widest layer.",
        layer + last: f"{layer + last} has one last layer only. Each shape that a last layer reads has a tensor of its "
        "own.",
        weights: f"{weights} counts no biases. Each filter and each output has one.",
        layer: f"{layer} are the numbers of the convolution alone.",
        last + other: f"{last + other} are the numbers of the last layers alone.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number; {show(answer)} is none."
        return "" if number == right else sentences.get(number, f"It is not {number}: add up each tensor, once.")

    plural = "channel" if channels == 1 else "channels"
    return Exercise(
        name="count",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** A small space has two networks: `conv3-{few} gap stop` and `conv3-{many} gap "
            f"stop`. The images have {in_words(channels)} {plural}, the task has {in_words(classes)} classes, and "
            "nothing is normalised. How many numbers has the supernet, biases included? The convolutions share a "
            "tensor. Each *shape* that a last layer reads has its own."
        ),
        stub="count = ...",
        solved=f"count = ({many} * {taps} + {many}) + ({many} * {classes} + {classes}) + "
        f"({few} * {classes} + {classes})",
        hints=(
            f"The convolution: {many} filters of 3 × 3 numbers for {in_words(channels)} {plural}, and {many} biases.",
            f"`gap` leaves one number for each channel. So one last layer reads {many} numbers, and the other reads "
            f"{few}.",
            f"A last layer from {many} numbers to {classes} classes has {many} · {classes} weights and "
            f"{classes} biases.",
        ),
        why_wrong=objection,
        wrong={
            f"count = {right + few * taps + few}": "the two networks apart",
            f"count = {layer + last}": "one last layer only",
            f"count = {weights}": "counts no biases",
            f"count = {layer}": "the convolution alone",
            f"count = {last + other}": "the last layers alone",
            f"count = {right + 1}": "add up each tensor",
            "count = 'many'": "a whole number",
        },
        praise="Here sharing saves little, because there are two networks. With 1,188 it saves nearly everything.",
    )


# ---------------------------------------------------------------------- 2, extract a path


def reads_reference(architecture: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return (place, window, outputs, inputs) of each convolution of a chain on images of one channel."""
    found, channels = [], 1
    for place, choice in enumerate(architecture):
        if choice.startswith("conv"):
            window, filters = map(int, choice.removeprefix("conv").split("-"))
            found.append((place, window, filters, channels))
            channels = filters
    return found


def _reads_guess(got: Any, architecture: Sequence[str]) -> str:
    rows = isinstance(got, list | tuple) and all(isinstance(one, list | tuple) and len(one) == 4 for one in got)
    return "" if rows else "Give a list with four numbers for each convolution: (place, window, outputs, inputs)."


def _reads_objection(answer: Any) -> str:
    rng = fresh()
    paths: list[tuple[str, ...]] = [("conv3-4", "stop"), ("conv3-4", "pool2", "conv1-8", "stop"), ("gap", "stop")]
    for _ in range(12):
        convolutions = [f"conv{rng.choice([1, 3, 5])}-{rng.choice([4, 8, 16])}" for _ in range(rng.integers(4, 9))]
        if rng.random() < 0.5:
            convolutions[int(rng.integers(1, 4))] = f"pool{rng.choice([2, 4])}"
        paths.append((*convolutions, *([], ["gap"], ["dense32"])[int(rng.integers(3))], "stop"))
    return against("reads", answer, reads_reference, [(path,) for path in paths], guess=_reads_guess)


READS = (
    "def reads(architecture):\n"
    "    found, channels = [], 1\n"
    "    for place, choice in enumerate(architecture):\n"
    "        if choice.startswith('conv'):\n"
    "            window, filters = map(int, choice[4:].split('-'))\n"
    "            found.append((place, window, filters, channels))\n"
    "            channels = filters\n"
    "    return found"
)

reads = Exercise(
    name="reads",
    kind="code",
    prompt=(
        "**Exercise 2, code.** Which slice does a path read? `reads(architecture)` returns for each convolution "
        "`(place, window, outputs, inputs)`. The place counts all layers of the path, from 0. Outputs are the rows of "
        "the shared tensor that it reads, inputs are the columns. Images have one channel; pooling keeps the channels. "
        "So `('conv3-4', 'pool2', 'conv1-8', 'stop')` gives `[(0, 3, 4, 1), (2, 1, 8, 4)]`."
    ),
    stub="def reads(architecture):\n    ...",
    solved=READS,
    hints=(
        "Walk along the path with `enumerate`, and keep the number of channels that the next layer gets.",
        "`'conv3-8'[4:].split('-')` gives `['3', '8']`.",
        "After a convolution, the channels are its filters. All other layers leave them as they are.",
    ),
    why_wrong=_reads_objection,
    wrong={
        ("window, filters, channels)", "window, channels, filters)"): "Swap outputs and inputs: rows are outputs, and "
        "columns are inputs.",
        ("(place, window", "(len(found), window"): "The place counts all layers of the path, also pooling.",
        ("(place, window", "(place + 1, window"): "Places are counted from 0.",
        (
            "            channels = filters\n",
            "",
        ): "A layer reads as many columns as the convolution before it has filters.",
        (
            "(place, window, filters,",
            "(place, filters, window,",
        ): "`conv3-8` has the window 3 and 8 filters, not the other way round.",
        (
            "channels = filters",
            "channels = 8",
        ): "The tensor may have 8 columns. After `conv3-4` only the first 4 are read.",
        (
            "map(int, choice[4:].split('-'))",
            "int(choice[4]), int(choice[-1])",
        ): "A number may have more than one digit, as in `conv3-16`: split at the hyphen.",
        ("channels = [], 1", "channels = [], None"): "Images have one channel: the first convolution reads 1.",
        ("found.append((place, window, filters, channels))", "found.append(filters)"): "four numbers",
    },
    also_right=(
        "import re\n\n\n"
        "def reads(architecture):\n"
        "    found = []\n"
        "    for place, choice in enumerate(architecture):\n"
        "        if match := re.fullmatch(r'conv(\\d+)-(\\d+)', choice):\n"
        "            found.append([place, int(match[1]), int(match[2]), found[-1][2] if found else 1])\n"
        "    return found",
    ),
    survivors={"argument 1 without its last": "stop reads nothing"},
    praise="With these four numbers you can cut any convolution out of the supernet.",
)


# ---------------------------------------------------------------------- 3, Kendall's tau


def tau_reference(a: Sequence[float], b: Sequence[float]) -> float:
    """Return Kendall's tau of two lists without equal values."""
    return kendall_tau(a, b)


def _tau_guess(got: Any, a: Sequence[float], b: Sequence[float]) -> str:
    number = isinstance(got, int | float) and not isinstance(got, bool) and -1 - 1e-9 <= got <= 1 + 1e-9
    return "" if number else "Give a number from -1 to 1."


def _tau_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.3, 0.4], [0.6, 0.5]), ([0.2, 0.4, 0.3], [0.5, 0.7, 0.6])]
    for scale, size in zip(SCALES * 2, (2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8), strict=True):
        a, b = (rng.permutation(np.arange(size) ** 2 / 100) + low for low in (0.2, -0.1))
        cases.append(((scale * a).tolist(), (rng.choice(SCALES) * b).tolist()))
    return against("tau", answer, tau_reference, cases, scale=lambda a, b: 1.0, guess=_tau_guess)


TAU = (
    "def tau(a, b):\n"
    "    n = len(a)\n"
    "    total = 0\n"
    "    for i in range(n):\n"
    "        for j in range(i):\n"
    "            total += 1 if (a[i] > a[j]) == (b[i] > b[j]) else -1\n"
    "    return 2 * total / (n * (n - 1))"
)

tau = Exercise(
    name="tau",
    kind="code",
    prompt=(
        "**Exercise 3, code.** First by hand: five networks have the shared scores 0.5, 0.6, 0.7, 0.8, 0.9 and the "
        "true scores 0.6, 0.5, 0.9, 0.7, 0.8. Then by code: `tau(a, b)` returns Kendall's tau of two lists of scores "
        "of the same networks. Each list has two scores or more, and no two are equal."
    ),
    stub="def tau(a, b):\n    ...",
    solved=TAU,
    hints=(
        "By hand: write the ten pairs down. Three of them stand the wrong way round.",
        "Two loops: for each `i`, all `j` before it. Then each pair comes once.",
        "A pair agrees if `(a[i] > a[j]) == (b[i] > b[j])`.",
    ),
    why_wrong=_tau_objection,
    wrong={
        (
            "else -1\n    return 2 * total / (n * (n - 1))",
            "else 0\n    return 2 * total / (n * (n - 1))",
        ): "That is the share of pairs that agree. Subtract those that do not.",
        (
            "return 2 * total / (n * (n - 1))",
            "return total",
        ): "That is the number of pairs that agree, less the others. Divide by the number of pairs.",
        ("return 2 * total", "return total"): "That is half of it: there are n (n - 1) / 2 pairs, each counted once.",
        ("range(i)", "range(n)"): "Each pair comes twice here, and each network is paired with itself.",
        (") == (b", ") != (b"): "That is the reverse: pairs in the same order count +1.",
        ("return 2 * total / (n * (n - 1))", "return [total]"): "from -1 to 1",
        (
            "return 2 * total",
            "return 4 * total",
        ): "That is twice as much: count each pair once, or divide by n (n - 1).",
        (
            "return 2 * total / (n * (n - 1))",
            "return abs(2 * total / (n * (n - 1)))",
        ): "That is the absolute value. Below 0 the order is turned round, which must show.",
        ("total / (n * (n - 1))", "total / n**2"): "There are n (n - 1) / 2 pairs: no network is paired with itself.",
        "def tau(a, b):\n"
        "    n, ranks = len(a), [[sorted(one).index(score) for score in one] for one in (a, b)]\n"
        "    return 1 - 6 * sum((x - y) ** 2 for x, y in zip(*ranks)) / (n * (n**2 - 1))": "That is Spearman's "
        "correlation, which compares ranks. Kendall's tau counts pairs.",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def tau(a, b):\n"
        "    signs = [np.sign(np.subtract.outer(one, one)) for one in (a, b)]\n"
        "    return (signs[0] * signs[1]).sum() / (len(a) * (len(a) - 1))",
    ),
    praise="By hand it is (7 - 3) / 10 = 0.4: near to what our supernet reached on *where*.",
    survivors={
        TAU.replace(">", "<"): "both comparisons turned round agree and disagree as before",
        TAU.replace(">", ">="): "no two scores are equal",
        "result rounded": "a correlation to six places",
    },
)


# ---------------------------------------------------------------------- 4, refute: the shared weights know the better


def _misranked_objection(answer: Any) -> str:
    from nasedu.classroom.lessons.lesson_10.recording import TASKS, recorded
    from nasedu.tables.atlas import atlas

    table = atlas()
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three things: (task, first, second), the last two being architectures."
    task, *pair = answer
    if task not in TASKS:
        return f"There are no shared scores on {show(task)}; there are on: {', '.join(TASKS)}."
    rows = []
    for architecture in pair:
        words = isinstance(architecture, tuple | list) and all(isinstance(choice, str) for choice in architecture)
        if not words or tuple(architecture) not in table:
            return f"The atlas has no network {show(architecture)}: take one of `table.architectures`."
        rows.append(table.row(tuple(architecture)))
    shared = recorded("uniform", task)[:, rows].T
    own = np.array([table.scores(task, seed=seed)[rows] for seed in range(3)]).T
    if shared[0].min() <= shared[1].max():
        return f"With shared weights the first does not lead from every seed: {_runs(shared)}."
    if own[1].min() <= own[0].max():
        return f"Trained alone, the second does not win from every seed: {_runs(own)}."
    return ""


def _runs(scores: np.ndarray) -> str:
    return " against ".join(", ".join(f"{score:.3f}" for score in row) for row in scores)


MISRANKED = (
    'first = ("conv1-8", "conv1-4", "conv1-4", "conv1-4", "stop")\n'
    'misranked = ("what/digits", first, ("dense32", "dense32", "stop"))'
)
"""Of all pairs, the one in which both leads are largest; the hints say how it is found."""

misranked = Exercise(
    name="misranked",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *If five supernets agree on the better of two networks, it is better.* "
        "Find a task and two networks that refute it: `misranked = (task, first, second)`. The worst of the "
        "five shared scores of the first must beat the best of the second. Trained alone, the worst of three seeds of "
        'the second must beat the best of the first. `recorded("uniform", task)` holds the shared scores (seeds × '
        "networks), `table.scores(task, seed=0)` those of own trainings."
    ),
    stub="misranked = ...",
    solved=MISRANKED,
    hints=(
        "`shared.min(axis=0)` is the worst of the five shared scores of each network.",
        "Compare all pairs at once: `shared.min(axis=0)[:, None] > shared.max(axis=0)[None, :]`.",
        "`numpy.argwhere(ahead & behind)` lists the pairs.",
    ),
    why_wrong=_misranked_objection,
    wrong={
        'misranked = ("what/digits", ("conv3-8", "stop"))': "Give three things",
        'misranked = ("few/digits", ("conv3-8", "stop"), ("conv1-4", "stop"))': "no shared scores on",
        'misranked = ("what/digits", ("conv3-8", "stop"), ("conv9-9", "stop"))': "has no network",
        'misranked = ("what/digits", ("gap", "stop"), ("conv3-8", "pool2", "dense32", "stop"))': "the first does not "
        "lead",
        'misranked = ("what/digits", ("conv3-8", "pool2", "dense32", "stop"), ("gap", "stop"))': "the second does not "
        "win",
    },
    praise="More seeds make shared scores agree with each other. They do not make them agree with the truth.",
)

exercises = (count, reads, tau, misranked)
