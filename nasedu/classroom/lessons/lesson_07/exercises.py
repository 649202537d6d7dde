"""The exercises of lesson 07, surrogates."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, largest, same, show
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import no_task
from nasedu.core.statistics import standard_error

agreement = Prediction(
    "Two predictors learn from the same 50 networks. One has the higher rank correlation. In how many of 100 such "
    "comparisons does the same one also have the higher precision at the top?",
    ("about 95", "about 80", "about 60"),
)


known_again = MultipleChoice(
    "The model knows the score of a network without noise: expected 0.90, standard deviation 0. The best known score "
    "is 0.90. What is its expected improvement?",
    ("0", "0.90", "0.45"),
    right="0",
    why={
        "0": "To train it again can improve nothing. This is why the search goes on to other networks.",
        "0.90": "That is the expected score. The improvement counts only what lies above the best known score.",
        "0.45": "Half of the draws would lie above the best if there were a spread. Here the spread is 0.",
    },
)


# ---------------------------------------------------------------------- 1, expected improvement by hand


@own_numbers(
    said=(
        (0.70, 0.80, 0.94, 1.00),
        (0.60, 0.82, 0.95, 0.98),
        (0.66, 0.74, 0.91, 0.97),
        (0.58, 0.78, 0.92, 0.98),
        (0.50, 0.72, 0.92, 0.97),
    ),
    best=(0.83, 0.85, 0.87, 0.88, 0.89, 0.90),
)
def improvement(said: tuple[float, ...] = (0.70, 0.80, 0.94, 1.00), best: float = 0.90) -> Exercise:
    """Ask for the mean gain over `best`, where two of the four members are above it."""
    gains = [round(score - best, 2) for score in said[2:]]
    mean, total = round(sum(said) / 4, 4), round(sum(gains), 2)
    right, below = total / 4, mean < best
    slips = {
        right: "",
        0.0: f"The mean of the four is {mean:g}, below the best. But two of the four scores are above it: count these.",
        round(mean - best, 4): "A score below the best is no negative improvement: the best stays what it was. Count "
        "it as 0.",
        0.5: "That is the probability of an improvement: it forgets how large the improvement is.",
        total / 2: "Divide by all four members, also by those that see no improvement.",
        total: "That is the sum of the improvements. The expected one is their mean.",
        gains[1]: "That is what the most hopeful member says, and it is one of four.",
        mean: "That is the expected score. How much of it lies above the best known score?",
    }
    if not below:
        slips[0.0] = "Two of the four scores are above the best: count these."
    listed = f"{', '.join(f'{score:.2f}' for score in said[:-1])} and {said[-1]:.2f}"

    def objection(answer: Any) -> str:
        if not isinstance(answer, int | float | np.number) or isinstance(answer, bool):
            return f"Give a number; {show(answer)} is none."
        near = [words for slip, words in slips.items() if same(answer, slip)]
        rest = f"For each member: what is gained over {best:.2f}? It is 0 for two of the four. Then the mean."
        return near[0] if near else rest

    return Exercise(
        name="improvement",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** Expected improvement by hand. The four members of an ensemble say {listed} of a "
            f"candidate. All four are equally likely. The best known score is {best:.2f}. What is the expected "
            "improvement?"
        ),
        stub="improvement = ...",
        solved=f"improvement = ({gains[0]:.2f} + {gains[1]:.2f}) / 4",
        hints=(
            f"What is gained if the score is {said[1]:.2f}, and {best:.2f} is known already?",
            f"The four gains are 0, 0, {gains[0]:.2f} and {gains[1]:.2f}.",
            "The expected improvement is the mean of the four gains.",
        ),
        why_wrong=objection,
        wrong={
            "improvement = 0": "of the four scores are above",
            f"improvement = {mean:g} - {best:.2f}": "no negative improvement",
            "improvement = 2 / 4": "probability of an improvement",
            f"improvement = ({gains[0]:.2f} + {gains[1]:.2f}) / 2": "Divide by all four",
            f"improvement = {gains[0]:.2f} + {gains[1]:.2f}": "the sum of the improvements",
            f"improvement = {gains[1]:.2f}": "most hopeful member",
            f"improvement = {mean:g}": "the expected score",
            "improvement = 'some'": "Give a number",
        },
        praise=f"The mean of the members is {'below' if below else 'above'} the best"
        f"{', and a trial may still pay' if below else ''}. Section 3 has the same mean for a normal distribution.",
    )


# ---------------------------------------------------------------------- 2, the leak


def _nearest(X: Sequence[float], i: int, among: Sequence[int]) -> int:
    return min(among, key=lambda j: abs(X[i] - X[j]))


def error_reference(X: Sequence[float], y: Sequence[float], known: Sequence[int]) -> float:
    """Return the mean error of a nearest neighbour among the known, over all that are not known."""
    rest = [i for i in range(len(X)) if i not in known]
    return sum(abs(y[i] - y[_nearest(X, i, known)]) for i in rest) / len(rest)


def _error_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[list[float], list[float], list[int]]] = [
        ([0.0, 1.0, 3.0, 7.0], [0.5, 0.6, 0.9, 0.7], [0, 2]),
        ([-2.0, 4.0, 1.5, 6.0], [0.5, 0.9, 0.6, 0.7], [0, 1]),
    ]
    for scale, n, count in zip(SCALES, (4, 5, 6, 7, 7, 8), (2, 2, 3, 3, 4, 3), strict=True):
        X, y = (scale * rng.uniform(-1, 5, (2, n))).tolist()
        cases.append((X, y, rng.choice(n, count, replace=False).tolist()))
    return against("error", answer, error_reference, cases, scale=lambda X, y, known: largest(y))


LEAKING = """def error(X, y, known):
    places = range(len(X))
    total = 0
    for i in places:
        near = min(places, key=lambda j: abs(X[i] - X[j]))
        total += abs(y[i] - y[near])
    return total / len(places)"""

error = Exercise(
    name="error",
    kind="code",
    prompt=(
        "**Exercise 2, find the leak.** A predictor takes the score of the nearest network. A colleague reports an "
        "error of 0: the predictor saw the scores that it was asked for. `X` holds one number for each network, `y` "
        "the scores, `known` the places whose scores were measured. Mend it: predict each network that is *not* known, "
        "and from known ones only. Return the mean of the absolute errors over the networks that you predicted."
    ),
    stub=LEAKING,
    solved=(
        "def error(X, y, known):\n"
        "    places = [i for i in range(len(X)) if i not in known]\n"
        "    total = 0\n"
        "    for i in places:\n"
        "        near = min(known, key=lambda j: abs(X[i] - X[j]))\n"
        "        total += abs(y[i] - y[near])\n"
        "    return total / len(places)"
    ),
    hints=(
        "Which network is nearest to network 3, if network 3 may be chosen?",
        "`min(known, ...)` looks at known networks only.",
        "A known network must not be judged either. Leave it out of the loop, and out of the number below the line.",
    ),
    why_wrong=_error_objection,
    wrong={
        LEAKING.replace(
            "places = range(len(X))", "places = list(range(len(X)))"
        ): "Both leaks are still there: the nearest network to each one is that network itself.",
        (
            "[i for i in range(len(X)) if i not in known]",
            "range(len(X))",
        ): "A known network is its own nearest one, with an error of 0. Count only those that you predicted.",
        (
            "min(known, ",
            "min([j for j in range(len(X)) if j != i], ",
        ): "One leak is left: it may look at scores that nobody has measured yet. Ask only the known ones.",
        ("total / len(places)", "total / len(known)"): "The sum is right. Divide it by the number of those that you "
        "predicted.",
        ("total / len(places)", "total"): "That is the sum of the errors. Return their mean.",
        (
            "abs(y[i] - y[near])",
            "(y[i] - y[near]) ** 2",
        ): "That is the mean of the squares. The error is a distance, without a square.",
        (
            "abs(y[i] - y[near])",
            "y[i] - y[near]",
        ): "Misses to both sides cancel here: take the distance, without its sign.",
        ("abs(X[i] - X[j])", "abs(y[i] - y[j])"): "You look for the nearest score, which you do not know. Look for the "
        "nearest X.",
        ("    return total / len(places)", "    total / len(places)"): "is there a return?",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def error(X, y, known):\n"
        "    X, y = np.array(X), np.array(y)\n"
        "    rest = np.setdiff1d(np.arange(len(X)), known)\n"
        "    near = np.abs(X[rest][:, None] - X[known][None]).argmin(axis=1)\n"
        "    return np.abs(y[rest] - y[known][near]).mean()",
    ),
    survivors={
        "argument 3 sorted": "the known ones have no order",
        "argument 3 reversed": "the known ones have no order",
    },
    praise="Whenever a predictor looks too good, ask first which scores it has seen.",
)


# ---------------------------------------------------------------------- 3, refute

SEEDS = 40
SURE = 2
"""Standard errors; the solution is about five away from 0, so that a right answer is refused in one of 1,000 checks."""
SHOWN = "what/digits"
"""The task for which the lesson itself refutes the claim."""


def _refuted_objection(answer: Any) -> str:
    from nasedu.classroom.lessons.lesson_07.measuring import KINDS, PICKS, judged

    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three things: (task, better_ranks, better_finds)."
    task, ranks, finds = answer
    if refused := no_task(task):
        return refused
    if task == SHOWN:
        return f"Section 6 shows it for {SHOWN}: find another task."
    for kind in (ranks, finds):
        if kind not in KINDS:
            return f"A predictor is one of {', '.join(map(repr, KINDS))}; given {show(kind)}."
    if ranks == finds:
        return "Give two different predictors."
    seeds = fresh().choice(100_000, SEEDS, replace=False).tolist()
    one, other = (np.array([judged(kind, task, seed) for seed in seeds]) for kind in (ranks, finds))
    lead = one[:, 0] - other[:, 0]
    if lead.mean() <= SURE * standard_error(lead):
        return (
            f"On {task}, {SEEDS} fresh draws of 50 networks: the rank correlation of {ranks!r} minus that of {finds!r} "
            f"is {lead.mean():+.3f} ± {SURE * standard_error(lead):.3f} (two standard errors). It must lie above 0."
        )
    lag = one[:, 2] - other[:, 2]
    if lag.mean() <= SURE * standard_error(lag):
        return (
            f"On {task}, {ranks!r} does rank better. But the best of its first {PICKS} networks is not clearly worse: "
            f"its regret minus that of {finds!r} is {lag.mean():+.4f} ± {SURE * standard_error(lag):.4f}. It must "
            "lie above 0."
        )
    return ""


refuted = Exercise(
    name="refuted",
    kind="refute",
    prompt=(
        "**Exercise 3, refute.** *A predictor with a higher rank correlation finds better networks, except on "
        "`what/digits`.* Give another task (see `table.tasks`) and two predictors of section 6: "
        "`refuted = (task, better_ranks, better_finds)`. The check draws 50 networks "
        f"{SEEDS} times. The first predictor must have the higher rank correlation. Yet the best of the ten networks "
        "that it names must be worse than the best of the other's ten. Both by more than two standard errors."
    ),
    stub="refuted = ...",
    solved='refuted = ("glyphs/greek", "ridge, path", "trees, one-hot")',
    hints=(
        "Section 6 compares `ridge, path` with `trees, one-hot`. Try this pair on other tasks.",
        "Two families of tasks are worth a try: `gratings` and `glyphs`.",
        "`judged(kind, task, seed)` gives rank correlation, precision, and `found`, the regret of the best of ten.",
    ),
    why_wrong=_refuted_objection,
    wrong={
        'refuted = "what/digits"': "Give three things",
        'refuted = ("mnist", "ridge, path", "trees, one-hot")': "has no task 'mnist'",
        'refuted = ("what/digits", "ridge, path", "trees, one-hot")': "find another task",
        'refuted = ("same/digits", "ridge", "trees, one-hot")': "A predictor is one of",
        'refuted = ("same/digits", "ridge, path", "ridge, path")': "two different predictors",
        'refuted = ("glyphs/greek", "trees, one-hot", "ridge, path")': "the rank correlation of",
        'refuted = ("where/digits", "trees, path", "ridge, one-hot")': "does rank better. But",
    },
    praise="A rank correlation counts all networks alike. A search needs only the best ones.",
)

exercises = (improvement, error, refuted)
