"""The exercises of lesson 09, less training."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.examples import against, fresh, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.prediction import Prediction

halving_wins = Prediction(
    "Halving trains 16 networks for one epoch, the better 8 for two, the better 4 for four, and so on; for the same "
    "price, three networks can be trained to the end. On how many of 16 tasks does halving find the clearly better "
    "one?",
    ("on all 16", "on some, but fewer than half, and somewhere it is clearly worse", "on none"),
)


# ---------------------------------------------------------------------- 1, predict


def _cost_objection(answer: Any) -> str:
    if isinstance(answer, bool) or not isinstance(answer, int):
        return f"Give a whole number of epochs; {show(answer)} is none."
    sentences = {
        81: "81 is the price of training all nine to the end.",
        27: "27 would be 9 + 9 + 9: each rung starting over. But whoever goes on is trained further from where it was.",
        13: "13 counts trainings (9 + 3 + 1), not epochs.",
        9: "9 is the first rung alone.",
        117: "117 adds 9, 27 and 81; but at each rung fewer are left.",
    }
    return "" if answer == 21 else sentences.get(answer, f"It is not {answer}: add up the three rungs.")


cost = Exercise(
    name="cost",
    kind="predict",
    prompt=(
        "**Exercise 1, predict.** Nine networks race by successive halving with factor 3 and rungs at 1, 3 and 9 "
        "epochs; who goes on is trained further from where it was. How many epochs are trained altogether? (All nine "
        "to the end would be 81.) Then ask the code: `Halving(judge, factor=3, company=9).plan(9, 9).epochs`."
    ),
    stub="cost = ...",
    solved="cost = 9 * 1 + 3 * 2 + 1 * 6",
    hints=(
        "How many epochs are *added* between the first rung and the second?",
        "Nine networks for 1 epoch, then three of them for 2 more.",
        "And one of them for 6 more.",
    ),
    why_wrong=_cost_objection,
    wrong={
        "cost = 81": "all nine to the end",
        "cost = 27": "from where it was",
        "cost = 13": "counts trainings",
        "cost = 9": "first rung alone",
        "cost = 20": "add up the three rungs",
        "cost = 'cheap'": "a whole number of epochs",
    },
    praise="A quarter of the price; what it costs in quality depends on how well one epoch ranks.",
)


# ---------------------------------------------------------------------- 2, one rung


def survivors_reference(scores: Sequence[float], factor: int) -> list[int]:
    """The places of the best 1 / factor, rounded down, at least one; the best first, of equals the earlier."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return order[: max(len(scores) // factor, 1)]


def _survivors_guess(got: Any, scores: Sequence[float], factor: int) -> str:
    if not isinstance(got, list | tuple):
        return "Give a list of places, the best first."
    right = survivors_reference(scores, factor)
    if list(got) == sorted(range(len(scores)), key=lambda place: scores[place])[: len(right)]:
        return "Those are the worst ones: higher is better."
    if list(got) == [scores[place] for place in right]:
        return "Those are their scores; their places in the list are asked for, from 0."
    if not got:
        return "At least one goes on, however few there are."
    if sorted(map(show, got)) == sorted(map(show, right)):
        return "The right ones; put the best first."
    if len(got) > len(right):
        return "That keeps too many: one in so many goes on, rounded down."
    return ""


def _survivors_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.2, 0.9], 3), ([0.5, 0.7, 0.6], 3)]
    for size in (4, 5, 7, 8, 9):
        cases.append((np.round(rng.permutation(np.linspace(0.1, 0.9, size)), 2).tolist(), int(rng.integers(2, 4))))
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
        "**Exercise 2, code.** One rung of halving. `survivors(scores, factor)` gives the places (from 0) of those "
        "that go on: one in `factor`, rounded down, but at least one; the best first. No two scores are equal."
    ),
    stub="def survivors(scores, factor):\n    ...",
    solved=SURVIVORS,
    hints=(
        "Sort the places by their scores: `sorted(range(len(scores)), key=...)`.",
        "How many go on? `len(scores) // factor`; what if that is 0?",
    ),
    why_wrong=_survivors_objection,
    wrong={
        "def survivors(scores, factor):\n"
        "    return sorted(range(len(scores)), key=lambda i: scores[i])[:max(len(scores) // factor, 1)]": "worst ones",
        "def survivors(scores, factor):\n"
        "    return sorted(scores, reverse=True)[:max(len(scores) // factor, 1)]": "Those are their scores",
        "def survivors(scores, factor):\n"
        "    return sorted(range(len(scores)), key=lambda i: -scores[i])[:len(scores) // factor]": "At least one goes "
        "on",
        "def survivors(scores, factor):\n"
        "    return sorted(range(len(scores)), key=lambda i: -scores[i])[:-(-len(scores) // factor)]": "keeps too many",
        "def survivors(scores, factor):\n    return max(scores)": "Give a list of places",
    },
    praise="That is all of halving; the rest is training, and a `for` around it.",
    survivors={
        SURVIVORS.replace("max(len(scores) // factor, 1)", "max(1, len(scores) // factor)"): "the larger of two is the "
        "same in either order",
    },
)


# ---------------------------------------------------------------------- 3, early stopping


def stopped_reference(curve: Sequence[float], patience: int) -> int:
    """Epochs trained until `patience` epochs in a row brought no new best; all of them, if that never happens."""
    best, since = -float("inf"), 0
    for epoch, score in enumerate(curve, 1):
        best, since = (score, 0) if score > best else (best, since + 1)
        if since == patience:
            return epoch
    return len(curve)


def _against_last(curve: Sequence[float], patience: int) -> int:
    since = 0
    for epoch in range(1, len(curve)):
        since = 0 if curve[epoch] > curve[epoch - 1] else since + 1
        if since == patience:
            return epoch + 1
    return len(curve)


def _stopped_guess(got: Any, curve: Sequence[float], patience: int) -> str:
    if isinstance(got, bool) or not isinstance(got, int):
        return "Give a number of epochs, a whole one."
    right = stopped_reference(curve, patience)
    if got == _against_last(curve, patience):
        return (
            "Compare with the best so far, not with the epoch before: a curve that wobbles under its best has stalled."
        )
    if got == curve.index(max(curve[:right])) + 1:
        return "That is the epoch of the best score; the training went on until patience ran out."
    if got == right - 1:
        return "Epochs are counted from 1."
    return ""


def _stopped_objection(answer: Any) -> str:
    rng = fresh()
    cases = [([0.5, 0.6, 0.6, 0.6, 0.9], 2), ([0.1, 0.4, 0.2, 0.3, 0.35, 0.5], 3), ([0.1, 0.2, 0.3], 2)]
    for _ in range(12):
        cases.append((np.round(rng.uniform(0.2, 0.9, int(rng.integers(3, 10))), 1).tolist(), int(rng.integers(2, 4))))
    return against("stopped_after", answer, stopped_reference, cases, guess=_stopped_guess)


STOPPED = (
    "def stopped_after(curve, patience):\n"
    "    best, since = float('-inf'), 0\n"
    "    for epoch, score in enumerate(curve, 1):\n"
    "        if score > best:\n"
    "            best, since = score, 0\n"
    "        else:\n"
    "            since += 1\n"
    "        if since == patience:\n"
    "            return epoch\n"
    "    return len(curve)"
)

stopped_after = Exercise(
    name="stopped_after",
    kind="code",
    prompt=(
        "**Exercise 3, code.** Early stopping. `stopped_after(curve, patience)`: how many epochs were trained, if "
        "training ends as soon as `patience` epochs in a row have brought no score above the best so far. `curve` "
        "holds the score after each epoch; if patience never runs out, all of it was trained."
    ),
    stub="def stopped_after(curve, patience):\n    ...",
    solved=STOPPED,
    hints=(
        "Keep two numbers: the best so far, and how many epochs ago it was reached.",
        "A new best sets the second number to 0; anything else adds 1.",
        "`enumerate(curve, 1)` counts epochs from 1.",
    ),
    why_wrong=_stopped_objection,
    wrong={
        "def stopped_after(curve, patience):\n"
        "    since = 0\n"
        "    for epoch in range(1, len(curve)):\n"
        "        since = 0 if curve[epoch] > curve[epoch - 1] else since + 1\n"
        "        if since == patience:\n"
        "            return epoch + 1\n"
        "    return len(curve)": "the best so far, not with the epoch before",
        "def stopped_after(curve, patience):\n"
        "    best, since = float('-inf'), 0\n"
        "    for epoch, score in enumerate(curve):\n"
        "        best, since = (score, 0) if score > best else (best, since + 1)\n"
        "        if since == patience:\n"
        "            return epoch\n"
        "    return len(curve)": "counted from 1",
        "def stopped_after(curve, patience):\n"
        "    best, since, at = float('-inf'), 0, 0\n"
        "    for epoch, score in enumerate(curve, 1):\n"
        "        best, since, at = (score, 0, epoch) if score > best else (best, since + 1, at)\n"
        "        if since == patience:\n"
        "            return at\n"
        "    return len(curve)": "until patience ran out",
        "def stopped_after(curve, patience):\n    return max(curve)": "a whole one",
    },
    praise="What it saves, and what it misses when a curve rises late, you have seen in section 3.",
    survivors={
        STOPPED.replace(
            "float('-inf'), 0", f"float('-inf'), {since}"
        ): "the first score is above minus infinity, and sets it to 0"
        for since in (1, -1)
    },
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
        if not isinstance(architecture, tuple | list) or tuple(architecture) not in table:
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
        "**Exercise 4, refute.** *Halfway through the training one knows who will win.* Find a task and two networks "
        "of the atlas that refute it: `misled = (task, first, second)`. After 8 of 16 epochs the worst seed of the "
        "first must beat the best seed of the second; after 16 it must be the other way round. "
        "`table.values[network, task, seed, epochs]` holds all scores, and a search by code is allowed."
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
    praise="On each task a few hundred at most, of more than a million pairs: rare, and never announced.",
    survivors={
        MISLED.replace("[:, None] < end", "[:, None] <= end"): "the pair it finds first is no tie",
    },
)

exercises = (cost, survivors, stopped_after, misled)
