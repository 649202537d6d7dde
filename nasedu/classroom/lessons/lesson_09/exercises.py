"""The exercises of lesson 09, less training."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction

halving_wins = Prediction(
    "For the same price, halving starts with 16 networks, or three networks are trained to the end. On how many of 16 "
    "tasks does halving find the clearly better network?",
    ("on all 16", "on more than half, and somewhere it is clearly worse", "on fewer than half"),
)

too_low_by_as_much = MultipleChoice(
    "After one epoch every network scores exactly 0.3 less than it will in the end. What is the rank correlation?",
    ("1", "0.7", "0"),
    right="1",
    why={
        "1": "No place has changed. A cheap score may be wrong, if it is wrong by the same amount for all.",
        "0.7": "It compares places, not scores. Take 0.3 from every score, and each place stays the same.",
        "0": "It would be near 0 if the early order said nothing about the final order. Here it says everything.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(factor=(2, 3, 4, 5), rungs=(3, 4), start=(1, 2, 3))
def cost(factor: int = 3, rungs: int = 3, start: int = 1) -> Exercise:
    ends = [start * factor**rung for rung in range(rungs)]
    left = [factor ** (rungs - 1 - rung) for rung in range(rungs)]
    added = [end - before for end, before in zip(ends, [0, *ends], strict=False)]
    right = sum(number * epochs for number, epochs in zip(left, added, strict=True))
    sentences = {
        left[0] * ends[-1]: f"{left[0] * ends[-1]} is the price of training all {in_words(left[0])} to the end.",
        rungs * left[0] * start: f"{rungs * left[0] * start} would be {' + '.join([str(left[0] * start)] * rungs)}: "
        "each rung starting over. But what goes on is trained further from where it was.",
        sum(left): f"{sum(left)} counts trainings ({' + '.join(map(str, left))}), not epochs.",
        left[0] * start: f"{left[0] * start} is the first rung alone.",
        left[0]
        * sum(ends): f"{left[0] * sum(ends)} trains all networks at each rung; but at each rung fewer are left.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number of epochs; {show(answer)} is none."
        if number == right:
            return ""
        return sentences.get(number, f"It is not {number}: add up the {in_words(rungs)} rungs.")

    terms = [f"{number} * {epochs}" for number, epochs in zip(left, added, strict=True)]
    return Exercise(
        name="cost",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** {in_words(left[0]).capitalize()} networks race by successive halving with "
            f"factor {factor} and rungs at {', '.join(map(str, ends[:-1]))} and {ends[-1]} epochs. How many epochs "
            f"does the race cost? Then ask the code: `Halving(judge, factor={factor}, cohort={left[0]}"
            f"{'' if start == 1 else f', first={start}'}).plan({left[0]}, {ends[-1]}).epochs`."
        ),
        stub="cost = ...",
        solved=f"cost = {' + '.join(terms)}",
        hints=(
            "How many epochs are *added* between the first rung and the second?",
            f"{in_words(left[0]).capitalize()} networks for {start} epoch{'s' * (start > 1)}, then {in_words(left[1])} "
            f"of them for {added[1]} more.",
            f"And {in_words(left[2])} of them for {added[2]} more.",
        ),
        why_wrong=objection,
        wrong={
            f"cost = {left[0] * ends[-1]}": f"all {in_words(left[0])} to the end",
            f"cost = {rungs * left[0] * start}": "from where it was",
            f"cost = {sum(left)}": "counts trainings",
            f"cost = {left[0] * start}": "first rung alone",
            f"cost = {right + 1}": f"add up the {in_words(rungs)} rungs",
            "cost = 'cheap'": "a whole number of epochs",
        },
        praise=f"{right / left[0] / ends[-1]:.0%} of the full price; what it costs in quality depends on how well the "
        "first rung ranks.",
    )


# ---------------------------------------------------------------------- 2, one rung


def survivors_reference(scores: Sequence[float], factor: int) -> list[int]:
    """Return the places of the best 1 / factor, rounded down, at least one; best first, on a tie the earlier."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return order[: max(len(scores) // factor, 1)]


def _survivors_guess(got: Any, scores: Sequence[float], factor: int) -> str:
    if not isinstance(got, list | tuple):
        return "Give a list of places, the best first."
    if not got:
        return "At least one goes on, however few there are."
    kept = len(survivors_reference(scores, factor))
    return "That keeps too many: one in so many goes on, rounded down." if len(got) > kept else ""


def _survivors_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.2, 0.9], 3), ([0.5, 0.7, 0.6], 3)]
    cases += [([0.3, 0.1, 0.5, 0.2, 0.4], 3), ([0.3, 0.1, 0.4, 0.2], 2)]
    for scale, size in zip(SCALES * 2, range(4, 16), strict=True):
        scores = rng.permutation(np.arange(size)) / 10 - rng.choice([0, 1])
        cases.append(((scale * scores).tolist(), int(rng.integers(2, 5))))
    return against("survivors", answer, survivors_reference, cases, guess=_survivors_guess)


SURVIVORS = (
    "def survivors(scores, factor):\n"
    "    order = sorted(range(len(scores)), key=lambda place: scores[place], reverse=True)\n"
    "    return order[:max(len(scores) // factor, 1)]"
)

survivors = Exercise(
    name="survivors",
    kind="code",
    prompt=(
        "**Exercise 2, code.** One rung of halving. `survivors(scores, factor)` returns the places (from 0) of the "
        "networks that go on, the best first. One in `factor` goes on, rounded down, but at least one. No two scores "
        "are equal."
    ),
    stub="def survivors(scores, factor):\n    ...",
    solved=SURVIVORS,
    hints=(
        "Sort the places by their scores: `sorted(range(len(scores)), key=...)`.",
        "How many go on? `len(scores) // factor`; what if that is 0?",
    ),
    why_wrong=_survivors_objection,
    wrong={
        (", reverse=True", ""): "Those are the worst ones: higher is better.",
        (
            "range(len(scores)), key=lambda place: scores[place]",
            "scores",
        ): "Those are their scores; their places in the list are asked for, from 0.",
        ("max(len(scores) // factor, 1)", "len(scores) // factor"): "At least one goes on",
        (
            "max(len(scores) // factor, 1)",
            "-(-len(scores) // factor)",
        ): "You round up: one in `factor` goes on, rounded down.",
        (
            "max(len(scores) // factor, 1)",
            "max(round(len(scores) / factor), 1)",
        ): "You round to the nearest number: one in `factor` goes on, rounded down.",
        ("max(len(scores) // factor, 1)", "factor"): "That keeps `factor` networks. One in `factor` goes on.",
        (
            "order[:max(len(scores) // factor, 1)]",
            "sorted(order[:max(len(scores) // factor, 1)])",
        ): "These are the right ones, in the order of the list; put the best first.",
        ("order[:max", "[place + 1 for place in order][:max"): "Places are counted from 0.",
        "def survivors(scores, factor):\n    return max(scores)": "Give a list of places",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def survivors(scores, factor):\n    return np.argsort(scores)[::-1][:max(len(scores) // factor, 1)]",
    ),
    praise="That is all of halving; the rest is training, and a `for` around it.",
    survivors={
        SURVIVORS.replace("max(len(scores) // factor, 1)", "max(1, len(scores) // factor)"): "the larger of two is the "
        "same in either order",
    },
)


# ---------------------------------------------------------------------- 3, rank correlation


def rho_reference(early: Sequence[float], final: Sequence[float]) -> float:
    """Return Spearman's rank correlation of the scores of at least two networks, no two of them equal."""
    n = len(early)
    total = sum((a - b) ** 2 for a, b in zip(_ranks(early), _ranks(final), strict=True))
    return 1 - 6 * total / (n * (n**2 - 1))


def _ranks(scores: Sequence[float]) -> list[int]:
    return [sorted(scores).index(score) for score in scores]


def _rho_guess(got: Any, early: Sequence[float], final: Sequence[float]) -> str:
    number = isinstance(got, int | float) and not isinstance(got, bool) and -1 - 1e-9 <= got <= 1 + 1e-9
    return "" if number else "Give a number from -1 to 1."


def _rho_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.3, 0.4], [0.6, 0.5]), ([0.3, 0.4, 0.6], [0.6, 0.5, 0.9])]
    for scale, size in zip(SCALES * 2, (2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8), strict=True):
        early, final = (rng.permutation(np.arange(size) ** 2 / 100) + low for low in (0.2, -0.1))
        cases.append(((scale * early).tolist(), (rng.choice(SCALES) * final).tolist()))
    return against("rho", answer, rho_reference, cases, scale=lambda early, final: 1.0, guess=_rho_guess)


RHO = (
    "def rho(early, final):\n"
    "    n = len(early)\n"
    "    ranks = [[sorted(scores).index(score) for score in scores] for scores in (early, final)]\n"
    "    total = sum((a - b) ** 2 for a, b in zip(*ranks))\n"
    "    return 1 - 6 * total / (n * (n**2 - 1))"
)

rho = Exercise(
    name="rho",
    kind="code",
    prompt=(
        "**Exercise 3, code.** `rho(early, final)` returns the rank correlation of section 4 for the scores of the "
        "same networks, early in training and at its end. Each list has two scores or more, and no two are equal."
    ),
    stub="def rho(early, final):\n    ...",
    solved=RHO,
    hints=(
        "Ranks first: `sorted(scores).index(score)` is the rank of one score, counted from 0.",
        "Then the differences of the ranks, network by network: `zip` pairs two lists.",
        "Square them, add them up, and put the sum into the formula of section 4.",
    ),
    why_wrong=_rho_objection,
    wrong={
        (
            "[sorted(scores).index(score) for score in scores]",
            "scores",
        ): "Those are the differences of the scores. Replace each score by its rank first.",
        (" ** 2 for", " for"): "The differences cancel if they are added as they are: square each of them.",
        ("(a - b) ** 2", "abs(a - b)"): "Those are the distances of the ranks. The formula has their squares.",
        (
            "[sorted(scores).index(score) for score in scores]",
            "sorted(range(n), key=lambda i: scores[i])",
        ): "Sorting the places tells which network is first, second, and so on. A rank is the reverse: of each "
        "network, at which place it stands.",
        (
            "[[sorted(scores).index(score) for score in scores] for scores in (early, final)]",
            "[[sorted(early).index(s) for s in early], [sorted(final)[::-1].index(s) for s in final]]",
        ): "That is the reverse: give both lists their ranks in the same direction.",
        ("return 1 - 6", "return 6"): "That is large where the orders differ. The formula begins with 1 minus.",
        ("n**2 - 1", "n**2 + 1"): "Below the line stands n times n squared less one.",
        (
            "1 - 6 * total / (n * (n**2 - 1))",
            "abs(1 - 6 * total / (n * (n**2 - 1)))",
        ): "That is the absolute value. Below 0 the early order is turned round, which must show.",
        (
            "1 - 6 * total / (n * (n**2 - 1))",
            "(1 - 6 * total / (n * (n**2 - 1))) ** 2",
        ): "That is the square of the right number.",
        "import numpy as np\ndef rho(early, final):\n    return np.corrcoef(early, final)[0, 1]": "That is the "
        "correlation of the scores. Replace each score by its rank first; then it is right.",
        ("1 - 6 * total / (n * (n**2 - 1))", "ranks"): "Give a number",
    },
    also_right=(
        "import numpy as np\ndef rho(early, final):\n"
        "    ranks = [np.argsort(np.argsort(one)) for one in (early, final)]\n    return np.corrcoef(*ranks)[0, 1]",
    ),
    survivors={"result rounded": "a correlation to six places"},
    praise="A number from -1 to 1 for any cheap score, if you have trained some twenty networks to the end.",
)


# ---------------------------------------------------------------------- 4, refute: when half the epochs mislead


def _misled_objection(answer: Any) -> str:
    from nasedu.tables.atlas import atlas

    table = atlas()
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three things: (task, first, second), the last two being architectures."
    task, *pair = answer
    if task not in table.tasks:
        return f"The atlas has no task {task!r}; its tasks are: {', '.join(table.tasks)}."
    rows = []
    for architecture in pair:
        words = isinstance(architecture, tuple | list) and all(isinstance(choice, str) for choice in architecture)
        if not words or tuple(architecture) not in table:
            return f"The atlas has no network {show(architecture)}: take one of `table.architectures`."
        rows.append(table.row(tuple(architecture)))
    half, end = (table.values[rows, table.tasks.index(task), :, table.epochs.index(epochs)] for epochs in (8, 16))
    if half[0].min() <= half[1].max():
        return f"After 8 epochs the first does not lead from every seed: {_runs(half[0])} against {_runs(half[1])}."
    if end[1].min() <= end[0].max():
        return f"After 16 epochs the second does not lead from every seed: {_runs(end[1])} against {_runs(end[0])}."
    return ""


def _runs(scores: Any) -> str:
    return ", ".join(f"{score:.3f}" for score in scores)


MISLED = (
    "from nasedu.tables.atlas import atlas\n\n"
    "table = atlas()\n"
    "for task in table.tasks:\n"
    "    half, end = (table.values[:, table.tasks.index(task), :, place] for place in (3, 4))\n"
    "    ahead = half.min(axis=1)[:, None] > half.max(axis=1)[None, :]\n"
    "    behind = end.max(axis=1)[:, None] < end.min(axis=1)[None, :]\n"
    "    if (ahead & behind).any():\n"
    "        first, second = divmod(int((ahead & behind).argmax()), len(table))\n"
    "misled = (task, table.architectures[first], table.architectures[second])"
)

misled = Exercise(
    name="misled",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *Halfway through the training we know who will win.* Find a task and two networks of "
        "the atlas that refute it: `misled = (task, first, second)`. After 8 of 16 epochs, the worst seed of the first "
        "must beat the best seed of the second. After 16 epochs it must be the other way round. Search by code: "
        "`table.values[network, task, seed, epochs]` holds all scores."
    ),
    stub="misled = ...",
    solved=MISLED,
    hints=(
        "For one network, `half = table.values[row, place, :, 3]` are its three scores after 8 epochs.",
        "Compare all pairs at once: `half.min(axis=1)[:, None] > half.max(axis=1)[None, :]`.",
        "`numpy.argwhere(ahead & behind)` lists the pairs.",
    ),
    why_wrong=_misled_objection,
    wrong={
        'misled = ("what/digits", ("conv3-8", "stop"))': "Give three things",
        'misled = ("mnist", ("conv3-8", "stop"), ("conv1-4", "stop"))': "has no task 'mnist'",
        'misled = ("what/digits", ("conv3-8", "stop"), ("conv9-9", "stop"))': "has no network",
        'misled = ("what/digits", ("conv1-4", "stop"), ("conv3-8", "pool2", "dense32", "stop"))': "After 8 epochs the "
        "first",
        'misled = ("what/digits", ("conv3-8", "pool2", "dense32", "stop"), ("conv1-4", "stop"))': "After 16 epochs "
        "the second",
    },
    praise="On each task it is some fifty to some six hundred of 705,078 pairs: rare, and never announced.",
    survivors={
        MISLED.replace("[:, None] < end", "[:, None] <= end"): "the pair it finds first is no tie",
    },
)

exercises = (cost, survivors, rho, misled)
