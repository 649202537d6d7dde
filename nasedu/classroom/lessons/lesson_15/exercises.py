"""The exercises of lesson 15, meta-learned architecture search."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, fresh_names, show, smallest, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import ERRORS, no_task
from nasedu.core.statistics import standard_error

hurts = Prediction(
    "Fifteen tasks were searched before. A new search begins with what was learned there. Is that ever worse than to "
    "start from nothing?",
    ("never: at worst it is useless", "yes"),
)

missing_rival = MultipleChoice(
    "A paper shows that its meta-learned search beats a cold search on new tasks, beyond the intervals. Which rival "
    "must it also beat before we call it learning?",
    ("random search", "copying the best networks of earlier tasks", "a search from nothing with twice the budget"),
    right="copying the best networks of earlier tasks",
    why={
        "random search": "It belongs into the figure, too. But it remembers nothing, and to beat it takes no more "
        "than some memory.",
        "copying the best networks of earlier tasks": "It has the same memory and does nothing clever with it. What a "
        "method has beyond this rival, given the same time, it may have learned.",
        "a search from nothing with twice the budget": "That would say how much the memory is worth, in networks. It "
        "would not say whether it takes more than remembering.",
    },
)


# ---------------------------------------------------------------------- 1, predict


def _agree_objection(answer: Any) -> str:
    if not isinstance(answer, str):
        return f"Answer with a word in quotation marks; {show(answer)} is none."
    word = answer.strip(" .!").lower()
    if word == "no":
        return ""
    if word == "yes":
        return (
            "A rank correlation is a statement about all networks, most of which are middling. Two orders can agree on "
            "thousands and still differ at the very top, which is where a search wants to go."
        )
    return f'Answer "yes" or "no"; given {show(answer)}.'


agree = Exercise(
    name="agree",
    kind="predict",
    prompt=(
        "**Exercise 1, predict.** Two tasks have a rank correlation of 0.88. Must the best network of the one task be "
        'among the best 1% of the other? Answer "yes" or "no". Then look: `task_correlation(table)` and '
        "`table.best(task)`."
    ),
    stub="agree = ...",
    solved='agree = "no"',
    hints=(
        "What does a rank correlation average over?",
        "Some pairs will confirm it, so look at more than one: a single pair that does not is enough. "
        "`noisy-labels/digits` and `turned/digits` agree at 0.88. At which place does the best network of the first "
        "stand on the second?",
    ),
    why_wrong=_agree_objection,
    wrong={
        'agree = "yes"': "differ at the very top",
        'agree = "maybe"': 'Answer "yes" or "no"',
        "agree = 0.9": "a word in quotation marks",
    },
    praise="Agreement over everything is kind; what is carried over is the top.",
)


# ---------------------------------------------------------------------- 2, copy the best of before


def order_reference(scores: Sequence[Sequence[float]]) -> list[int]:
    """Return the networks by their mean rank over tasks, the best first; on a tie the earlier."""
    return _order(sum(map(_ranks, scores))).tolist()


def _order(values: Any) -> np.ndarray:
    """Return the places of the values from the lowest to the highest; on a tie the earlier."""
    return np.argsort(values, kind="stable")


def _ranks(row: Sequence[float]) -> np.ndarray:
    """Return the rank of each score: 0 for the highest."""
    return _order(_order(-np.asarray(row)))


def _order_guess(got: Any, scores: Sequence[Sequence[float]]) -> str:
    if not isinstance(got, list | tuple):
        return "Give a list of places, the best first."
    places = sorted(map(repr, map(whole, got))) == sorted(map(repr, range(len(scores[0]))))
    return "" if places else "Each network comes once, by its place: whole numbers from 0."


def _earlier(rng: np.random.Generator, tasks: int, networks: int) -> list[list[float]]:
    """Return scores on tasks of different scales, no two networks equally good."""
    while True:
        drawn = np.round(rng.random((tasks, networks)) ** 3 - rng.choice([0, 1]), 3)
        ranks = sum(map(_ranks, drawn))
        if len(np.unique(ranks)) == networks and all(len(np.unique(row)) == networks for row in drawn):
            return (rng.choice(SCALES, (tasks, 1)) * drawn).tolist()


def _order_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([[0.3, 1.8, 2.2, 0.7, 2.3], [0.9, 0.1, 0.4, 1.7, 0.6]],)]  # two scalings differ
    cases += [([[2.9, 2.3, 0.1, 0.7, 1.0], [0.8, 0.9, 2.7, 1.8, 1.4], [0.8, 2.0, 2.1, 2.2, 2.8]],)]
    cases += [(_earlier(rng, tasks, networks),) for tasks in (2, 3, 4) for networks in (3, 4, 5, 6)]
    return against("copy_order", answer, order_reference, cases, guess=_order_guess)


copy_order = Exercise(
    name="copy_order",
    kind="code",
    prompt=(
        "**Exercise 2, code.** `copy_order(scores)` gets a list for each earlier task: the scores of the same networks "
        "in the same order. Return the places of the networks by their *mean rank* over the tasks, the best first. No "
        "ties occur. Why ranks? On one task scores lie between 0.98 and 0.99, on another between 0.2 and 0.9."
    ),
    stub="def copy_order(scores):\n    ...",
    solved=(
        "import numpy as np\n\n"
        "def copy_order(scores):\n"
        "    ranks = [np.argsort(np.argsort(-np.array(row))) for row in scores]\n"
        "    return np.argsort(np.mean(ranks, axis=0)).tolist()"
    ),
    hints=(
        "`np.argsort(-row)` gives the places from the best to the worst; `np.argsort` of that gives each one's rank.",
        "Average the ranks over the tasks, and sort by that.",
    ),
    why_wrong=_order_objection,
    wrong={
        (
            "np.argsort(np.argsort(-np.array(row)))",
            "-np.array(row)",
        ): "That is the order of the mean score: the task whose scores lie furthest apart decides alone. Rank first.",
        (
            "np.argsort(np.argsort(-np.array(row)))",
            "np.argsort(-np.array(row))",
        ): "A single argsort lists the places from "
        "the best to the worst. The argsort of this list is the rank of each network.",
        (
            "np.argsort(np.mean(ranks, axis=0))",
            "np.argsort(np.argsort(np.mean(ranks, axis=0)))",
        ): "Those are the ranks of the mean ranks. For the places in their order, sort the means once.",
        ("np.mean(ranks, axis=0)", "ranks[-1]"): "That is the order of the last task; all of them count.",
        ("np.mean(ranks, axis=0)", "ranks[0]"): "That is the order of the first task; all of them count.",
        (
            "np.argsort(np.mean(ranks, axis=0))",
            "np.argsort(-np.max(scores, axis=0))",
        ): "That is the order of the largest score of each network, on whichever task. Rank each task first.",
        ("np.mean(ranks", "np.median(ranks"): "That is the median of the ranks. Take their mean.",
        ("np.mean(ranks", "np.min(ranks"): "That is the best rank of each network. Take the mean over all tasks.",
        ("np.mean(ranks", "-np.mean(ranks"): "That begins with the worst: rank 0 is the highest score.",
        (
            "np.argsort(np.argsort(-np.array(row)))",
            "(np.mean(row) - np.array(row)) / np.std(row)",
        ): "That brings the scores of each task to one scale, its spread. A rank says less: at which place a network "
        "stands.",
        (
            "np.argsort(np.argsort(-np.array(row)))",
            "-(np.array(row) - min(row)) / (max(row) - min(row))",
        ): "That brings the scores of each task to one scale, from 0 to 1. A rank says less: at which place a network "
        "stands.",
        (
            "np.argsort(np.mean(ranks, axis=0)).tolist()",
            "np.mean(ranks, axis=0).tolist()",
        ): "Those are the mean ranks. Return the places of the networks, the one with the smallest mean rank first.",
        "def copy_order(scores):\n    return max(scores[0])": "Give a list of places",
    },
    also_right=(
        "import pandas as pd\n\n\n"
        "def copy_order(scores):\n"
        "    return pd.DataFrame(scores).rank(axis=1, ascending=False).mean().sort_values().index",
        "def copy_order(scores):\n"
        "    total = [sum(sorted(row, reverse=True).index(row[n]) for row in scores) for n in range(len(scores[0]))]\n"
        "    return sorted(range(len(total)), key=total.__getitem__)",
    ),
    survivors={
        "argument 1 sorted": "a mean over tasks knows no order of the tasks",
        "argument 1 reversed": "a mean over tasks knows no order of the tasks",
    },
    praise="The first rival of every claim that something was *learned*: it only remembers.",
)


# ---------------------------------------------------------------------- 3, a prior with a stated price


def _insurance_objection(prior: list[str], cold: list[str], price: int, answer: Any) -> str:
    call = f"insure({show(prior)}, {show(cold)}, {price})"
    got = answer(list(prior), list(cold), price)
    if got is None:
        return f"{call} gives None: is there a return?"
    if not isinstance(got, list | tuple | dict) or not all(isinstance(name, str) for name in got):
        return f"{call} should give a list of networks; yours gives {show(got)}."
    if len(got) > 2 * len(cold):
        return f"{call} should ask for each network once, {len(cold)} in all; yours gives {len(got)}."
    got = list(got)
    if len(set(got)) < len(got):
        twice = next(name for name in got if got.count(name) > 1)
        return f"{call} asks for {twice!r} twice: {show(got)}. A network that is known need not be trained again."
    if unknown := [name for name in got if name not in cold]:
        return f"{call} asks for {show(unknown[0])}, which is in neither list."
    if missing := [name for name in cold if name not in got]:
        return f"{call} never asks for {missing[0]!r}: {show(got)}."
    for place, name in enumerate(cold, 1):
        if got.index(name) + 1 > place + price:
            return (
                f"{call} is {show(got)}: {name!r} comes at place {got.index(name) + 1}, and the cold search would have "
                f"had it at place {place}. That costs more than the stated price, {price}."
                + _too_dear(got, prior, cold, price)
            )
    for place, name in enumerate(prior[:price], 1):
        if got.index(name) + 1 > 2 * place:
            return (
                f"{call} is {show(got)}: the prior's {name!r}, its number {place}, comes at place "
                f"{got.index(name) + 1}. The price is not used: a good prior would bring too little."
            )
    return ""


def _too_dear(got: list[str], prior: list[str], cold: list[str], price: int) -> str:
    """Return a sentence on the probable mistake of an order that costs too much, or an empty string."""
    if got == prior:
        return " The prior asks to the end: what if it is wrong?"
    if got == list(dict.fromkeys(name for pair in zip(prior, cold, strict=True) for name in pair)):
        return " Who takes turns to the end pays for half of all questions."
    if got[: price + 1] == prior[: price + 1]:
        return " The prior asked more questions than it may."
    return ""


def _insure_objection(answer: Any) -> str:
    if not callable(answer):
        return f"insure is to be a function; yours is {show(answer)}."
    rng = fresh()
    cases = [
        (list(reversed(names)), list(names), price) for names, price in (("abcd", 1), ("abcdef", 2), ("abcdefg", 0))
    ]
    for size in (4, 5, 6, 8):
        names = fresh_names(rng, size)
        cases.append((names, rng.permutation(names).tolist(), int(rng.integers(1, 4))))
    return smallest(cases, lambda prior, cold, price: _insurance_objection(prior, cold, price, answer))


insure = Exercise(
    name="insure",
    kind="code",
    prompt=(
        "**Exercise 3, design a prior with a stated price.** A prior would ask in the order `prior`, a cold search in "
        "the order `cold`. Both lists hold the same names. Write `insure(prior, cold, price)`: one order in which "
        "every network comes once. However bad the prior, no network comes more than `price` places later than in "
        "`cold`. And the price is used: of the prior's first `price` networks, number k comes at place 2 k or earlier."
    ),
    stub="def insure(prior, cold, price):\n    ...",
    solved=(
        "def insure(prior, cold, price):\n"
        "    first = prior[:price]\n"
        "    return first + [name for name in cold if name not in first]"
    ),
    hints=(
        "How many questions may the prior ask, if each of them moves the cold search back by one place?",
        "Let the prior ask its first `price` networks. Then the cold search goes on; leave out what is known already.",
    ),
    why_wrong=_insure_objection,
    wrong={
        "def insure(prior, cold, price):\n    return list(prior)": "The prior asks to the end",
        "def insure(prior, cold, price):\n    return list(cold)": "The price is not used",
        "def insure(prior, cold, price):\n    return prior[:price] + cold": "twice",
        "def insure(prior, cold, price):\n    return list(prior)[:1]": "never asks for",
        "def insure(prior, cold, price):\n    return [*prior, 'junk']": "in neither list",
        "def insure(prior, cold, price):\n"
        "    pairs = zip(prior, cold)\n"
        "    return list(dict.fromkeys(name for pair in pairs for name in pair))": "takes turns to the end",
        ("prior[:price]", "prior[:price + 1]"): "more questions than it may",
    },
    also_right=(
        "def insure(prior, cold, price):\n"
        "    turns = [name for pair in zip(cold, prior[:price]) for name in pair]\n"
        "    return dict.fromkeys([*turns, *cold])",
    ),
    survivors={
        "renamed": "the names of the networks mean nothing",
        "argument 1 without its last": "the cold search asks for this network as well",
    },
    praise="The price is stated before the first question, and nothing that the prior says can raise it. The guard of "
    "section 8 goes on from there: answers that are better earn credit back.",
)


# ---------------------------------------------------------------------- 4, refute

SEEDS, COPIED = 60, 10


def _pair_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (source, target), two tasks of the atlas."
    source, target = answer
    if refused := no_task(source) or no_task(target):
        return refused
    if source == target:
        return f"{source!r} twice: copying within one task is no transfer."
    return _copying_objection(str(source), str(target))


def _copying_objection(source: str, target: str) -> str:
    """Compare ten copied networks with ten networks drawn at random from fresh seeds."""
    from nasedu.tables.atlas import atlas

    table, rng = atlas(), fresh()
    scores = table.scores(target)
    size = np.asarray(table.parameters)
    best = np.lexsort((size, -table.scores(source)))[:COPIED]  # on a tie, the smaller network
    copied = scores[best].max()
    drawn = np.array([scores[rng.choice(len(table), COPIED, replace=False)].max() for _ in range(SEEDS)])
    half = ERRORS * standard_error(drawn)
    if drawn.mean() - copied > half:
        return ""
    return (
        f"The best {COPIED} of {source} reach {copied:.3f} on {target}; {COPIED} drawn at random reach "
        f"{drawn.mean():.3f} ± {half:.3f} (three standard errors, {SEEDS} draws). Random must be better than that."
    )


worse_than_random = Exercise(
    name="worse_than_random",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *What was best before is at least a good place to begin.* Find two tasks that refute "
        "it: `worse_than_random = (source, target)`. The ten best networks of the source must find less on the target "
        f"than ten random networks do. The check draws {SEEDS} times, and random must be better by three standard "
        "errors."
    ),
    stub="worse_than_random = ...",
    solved='worse_than_random = ("where/digits", "what/digits")',
    hints=(
        "Which tasks stand far from all others on the map of section 1?",
        "On *where* a large pool helps, and 3 × 3 convolutions hardly do. Which tasks want it the other way round?",
        "Try where/digits as the source.",
    ),
    why_wrong=_pair_objection,
    wrong={
        'worse_than_random = "shuffled/digits"': "Give a pair",
        'worse_than_random = ("shuffled/digits", "imagenet")': "has no task 'imagenet'",
        'worse_than_random = ("same/digits", "same/digits")': "is no transfer",
        'worse_than_random = ("shuffled/cyrillic", "shuffled/digits")': "Random must be better",
    },
    praise="That is negative transfer. The good scores on the source could not have warned you: only the target can.",
)

exercises = (agree, copy_order, insure, worse_than_random)
