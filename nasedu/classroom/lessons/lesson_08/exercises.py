"""The exercises of lesson 08, a fair race."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import SCALES, against, fresh, largest, same, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import no_number, no_task, not_behind

one_seed = Prediction(
    "Over many seeds, local search is better than random search after 25 networks. Now each runs from one seed only. "
    "How often is random search ahead or level?",
    ("in fewer than 1 of 20 races", "in about 1 of 10", "in more than 1 of 5"),
)

one_more_run = MultipleChoice(
    "A report says 0.90 ± 0.02, a 95% interval over 20 seeds. You run the search once more, from a new seed. The "
    "runs are spread like a bell. Where does this run end, in about 95 of 100 cases?",
    ("within 0.90 ± 0.02", "within 0.90 ± 0.09", "nobody can say"),
    right="within 0.90 ± 0.09",
    why={
        "within 0.90 ± 0.02": "The mean of the hump lies there. A single run is drawn from the whole hump.",
        "within 0.90 ± 0.09": "The half width of the mean is 1.96 s divided by the root of 20. Multiply it by this "
        "root, about 4.5: the result is 1.96 s, the spread of the runs.",
        "nobody can say": "The interval alone does not say it. But the number of seeds is known too, and both together "
        "give the spread of the runs.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(first=(8, 10, 12, 15, 20, 25, 30), times=(2, 3, 4, 5))
def seeds(first: int = 10, times: int = 2) -> Exercise:
    right, root = first * times**2, round(first * times**0.5)
    wide = {2: "0.02", 3: "0.03", 4: "0.04", 5: "0.05"}[times]
    sentences = {
        first * times: f"{first * times} seeds are {in_words(times)} times as many, and make the interval narrower by "
        f"the root of {in_words(times)} only.",
        root: f"{root} is {first} times the root of {in_words(times)}. It is the other way round: the width goes as 1 "
        "over that root.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number of seeds; {show(answer)} is none."
        if number == right:
            return ""
        if 0 < number < first:
            return "Fewer seeds make it wider, not narrower."
        width = (first / max(number, 1)) ** 0.5
        return sentences.get(number, f"With {number} seeds it would be {width:.2f} as wide.")

    return Exercise(
        name="seeds",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** {in_words(first).capitalize()} seeds gave an interval of ± {wide}. How many "
            "seeds give ± 0.01, if their results are spread in the same way?"
        ),
        stub="seeds = ...",
        solved=f"seeds = {right}",
        hints=(
            "In the formula for the interval, where does the number of seeds stand?",
            "Under a root. To halve the fraction, what must happen to the number under the root?"
            if times == 2
            else f"Under a root. For 1/{times} of the width, what must happen to the number under the root?",
        ),
        why_wrong=objection,
        wrong={
            f"seeds = {first * times}": f"by the root of {in_words(times)} only",
            f"seeds = {root}": "the other way round",
            f"seeds = {first * 100}": "it would be 0.10 as wide",
            "seeds = 5": "wider, not narrower",
            "seeds = 'more'": "a whole number of seeds",
        },
        praise="Four times the work for half the width. That is why a table that answers in microseconds is worth so "
        "much.",
    )


# ---------------------------------------------------------------------- 2, the interval


def interval_reference(values: Sequence[float]) -> list[float]:
    """Return mean and half width of the 95% interval: 1.96 standard errors."""
    n = len(values)
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return [mean, 1.96 * (variance / n) ** 0.5]


def _interval_guess(got: Any, values: Sequence[float]) -> str:
    if not isinstance(got, list | tuple) or len(got) != 2:
        return "Give both: the mean, and half the width."
    mean, _ = interval_reference(values)
    return "" if same(got[0], mean, 1e-4, largest(values)) else f"The mean of these is {mean:.4g}."


def _interval_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([1.0, 2.0, 6.0],)]
    for scale, n in zip(SCALES, (3, 4, 5, 8, 8, 12), strict=True):
        cases.append(((scale * np.round(rng.choice([-1, 1, 5]) + rng.normal(0, 0.3, n), 2)).tolist(),))
    return against(  # 1.96 is rounded: more digits of it, from scipy, are right, too
        "mean_and_half", answer, interval_reference, cases, tolerance=1e-4, guess=_interval_guess
    )


mean_and_half = Exercise(
    name="mean_and_half",
    kind="code",
    prompt=(
        "**Exercise 2, code.** `mean_and_half(values)` takes a list of results, one for each seed. It returns the pair "
        "(mean, half): the mean, and 1.96 standard errors of the mean."
    ),
    stub="def mean_and_half(values):\n    ...",
    solved=(
        "def mean_and_half(values):\n"
        "    n = len(values)\n"
        "    mean = sum(values) / n\n"
        "    variance = sum((value - mean) ** 2 for value in values) / (n - 1)\n"
        "    return mean, 1.96 * (variance / n) ** 0.5"
    ),
    hints=(
        "The variance is the mean squared distance from the mean, divided by n - 1 instead of n.",
        "The standard error is the root of variance / n.",
    ),
    why_wrong=_interval_objection,
    wrong={
        (
            "(variance / n)",
            "variance",
        ): "That is the spread of single runs: the mean of n runs varies less, by the root of n.",
        ("(n - 1)", "n"): "Divide by n - 1, not by n: the mean was computed from the same values, and lies too near to "
        "them.",
        ("1.96 * ", ""): "That is one standard error; the interval takes 1.96 of them.",
        ("(variance / n) ** 0.5", "variance**0.5 / n"): "The spread is divided by n; it should be the root of n.",
        ("1.96 * ", "2 * 1.96 * "): "That is the whole width. Half of it is asked for.",
        (
            "mean, 1.96 * (variance / n) ** 0.5",
            "1.96 * (variance / n) ** 0.5, mean",
        ): "Both are right, in the other order.",
        (
            "return mean, 1.96 * (variance / n) ** 0.5",
            "half = 1.96 * (variance / n) ** 0.5\n    return mean - half, mean + half",
        ): "Those are the two ends of the interval. Return its mean and half of its width.",
        ("1.96", "{3: 4.30265, 4: 3.18245, 5: 2.77645, 8: 2.36462, 12: 2.20099}[n]"): "You took a quantile of the t "
        "distribution, which suits few seeds. Here 1.96 standard errors are asked for.",
        "import numpy as np\ndef mean_and_half(values):\n    return [float(np.median(values)), 0.0]": "The mean of",
        "def mean_and_half(values):\n    return sum(values) / len(values)": "Give both",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def mean_and_half(values):\n"
        "    return np.mean(values), 1.959964 * np.std(values, ddof=1) / np.sqrt(len(values))",
        "import pandas as pd\n\n\n"
        "def mean_and_half(values):\n"
        "    return pd.Series(values).mean(), 1.96 * pd.Series(values).sem()",
    ),
    survivors={
        "argument 1 sorted": "mean and spread know no order",
        "argument 1 reversed": "mean and spread know no order",
    },
    praise="Every claim of this course stands beside such a number.",
)


# ---------------------------------------------------------------------- 3, a test without formulas


def _counted(differences: Sequence[float]) -> int:
    """Return in how many sign patterns the sum is at least as far from zero, without any allowance for rounding."""
    sums = [abs(sum(np.multiply(signs, differences))) for signs in product((1, -1), repeat=len(differences))]
    return sum(total >= abs(sum(differences)) for total in sums)


def flips_reference(differences: Sequence[float]) -> float:
    """Return the share of all sign patterns whose sum is at least as far from zero as the observed sum.

    The differences have at most two decimals, or their number is a power of two: whole numbers need no allowance.
    """
    return _counted([round(100 * d) for d in differences]) / 2 ** len(differences)


def _flips_guess(got: Any, differences: Sequence[float]) -> str:
    share = isinstance(got, int | float) and not isinstance(got, bool) and 0 <= got <= 1
    return "" if share else "Give a share, a number from 0 to 1."


def _flips_objection(answer: Any) -> str:
    """Compare on values whose sums are all different, on a sum of zero, and on values whose equal sums are rounded."""
    rng = fresh()
    cases: list[tuple[list[float]]] = [([1.0, 2.0, 4.0],), ([0.1, 0.2, -0.3],), ([-0.5, -1.0],)]
    cases += [((2.0 ** rng.permutation(n) * rng.choice([-1, 1], n)).tolist(),) for n in (3, 4, 5)]
    while len(cases) < 10:
        values = (rng.integers(-9, 10, rng.integers(4, 7)) / rng.choice([10, 100])).tolist()
        if _counted(values) != 2 ** len(values) * flips_reference(values):
            cases.append((values,))
    return against("flips", answer, flips_reference, cases, guess=_flips_guess)


FLIPS = (
    "from itertools import product\n\n"
    "def flips(differences):\n"
    "    seen = abs(sum(differences))\n"
    "    ways = list(product((1, -1), repeat=len(differences)))\n"
    "    sums = [abs(sum(s * d for s, d in zip(signs, differences))) for signs in ways]\n"
    "    return sum(total >= seen - 1e-12 for total in sums) / len(ways)"
)

flips = Exercise(
    name="flips",
    kind="code",
    prompt=(
        "**Exercise 3, code.** The exact p-value of section 5, for few seeds. `flips(differences)` tries all $2^n$ "
        "ways to choose the signs; `itertools.product((1, -1), repeat=n)` lists them. It returns the share of ways "
        "whose sum is at least as far from zero as the sum that was seen. The seen way is one of them. Sums that "
        "differ only by rounding are equal."
    ),
    stub="def flips(differences):\n    ...",
    solved=FLIPS,
    hints=(
        "For each way: multiply signs and differences, add them up, take the absolute value.",
        "Compare with the absolute value of the sum that was seen; allow for rounding, a 1e-12.",
        "The share is a mean of truth values: how many, divided by how many ways.",
    ),
    why_wrong=_flips_objection,
    wrong={
        (
            "[abs(sum(s * d for s, d in zip(signs, differences)))",
            "[sum(s * d for s, d in zip(signs, differences))",
        ): "That counts one side only. A difference of the same size the other way would have surprised us as much.",
        (">= seen -", "> seen +"): "The pattern that was seen is one of them: at least as large, not larger.",
        (">= seen", "< seen"): "That is the share of patterns that came out smaller; count those at least as large.",
        (" / len(ways)", ""): "That is how many patterns; divide by how many there are.",
        (" - 1e-12", ""): "Some sums are equal, and the computer rounds them differently. Allow for that, by a 1e-12.",
        (
            "[abs(sum(s * d for s, d in zip(signs, differences))) for signs in ways]\n    return ",
            "[sum(s * d for s, d in zip(signs, differences)) for signs in ways]\n    return 2 * ",
        ): "That is twice the share of one side. It counts each sum of zero twice: take the absolute values.",
        (
            "abs(sum(differences))\n    ways = list(product((1, -1), repeat=len(differences)))\n"
            "    sums = [abs(sum(s * d for s, d in zip(signs, differences))) for signs in ways]\n    return ",
            "sum(differences)\n    ways = list(product((1, -1), repeat=len(differences)))\n"
            "    sums = [sum(s * d for s, d in zip(signs, differences)) for signs in ways]\n    return 2 * ",
        ): "That is twice the share on the right side. It is right only if the sum that was seen lies on that side.",
        (
            "abs(sum(differences))",
            "sum(differences)",
        ): "The sum that was seen has a sign, and yours are absolute values: take its absolute value, too.",
    },
    also_right=(
        "from itertools import product\nfrom math import isclose\n\n\n"
        "def flips(differences):\n"
        "    seen, far = abs(sum(differences)), 0\n"
        "    for signs in product((1, -1), repeat=len(differences)):\n"
        "        total = abs(sum(s * d for s, d in zip(signs, differences)))\n"
        "        far += total > seen or isclose(total, seen, abs_tol=1e-9)\n"
        "    return far / 2 ** len(differences)",
    ),
    praise="No bell curve, no table of quantiles: only the question what chance alone would have done.",
    survivors={
        FLIPS.replace("total >= seen", "total > seen"): "a total that equals the sum seen is above it less a 1e-12",
        FLIPS.replace("1e-12", "2e-12"): "both only forgive the rounding of a sum",
        FLIPS.replace("zip(signs, differences)", "zip(differences, signs)"): "a product of the same two numbers",
        "argument 1 sorted": "the sum of all differences has no order",
        "argument 1 reversed": "the sum of all differences has no order",
        "result rounded": "a share of at most 64 patterns has six places",
    },
)


# ---------------------------------------------------------------------- 4, fooling oneself

REPORTS = {
    "a": "Both ran on eleven tasks from 30 seeds. On *gratings* ours was better by more than the interval.",
    "b": "Both had the same space, training and budget, and 30 seeds on all 16 tasks. By more than the interval, ours "
    "was better on 6 and worse on 1.",
    "c": "Of 200 networks that our search tried, the one with the best test accuracy reached 0.934.",
    "d": "Our search reaches 0.931. A published rival, with its own space and training, reaches 0.924.",
    "e": "Both started from seed 0, and ours was better by 0.02.",
}
WHY_NOT = {
    "a": "Eleven tasks were raced and one is reported. If both were equally good, luck alone would show this on at "
    "least one of eleven tasks with a probability of 24%.",
    "c": "Choosing by the test is choosing: the highest of 200 is partly luck, and no images are left to judge.",
    "d": "Another space and another training: either could be the whole difference.",
    "e": "One seed. Section 2 shows how often that names the wrong winner.",
}


def _fair_objection(answer: Any) -> str:
    letter = answer.strip(" ().").lower() if isinstance(answer, str) else ""
    if letter not in REPORTS:
        return f"Answer with one letter, from a to e; {show(answer)} is none."
    return "" if letter == "b" else f"({letter}) {WHY_NOT[letter]}"


fair = Exercise(
    name="fair",
    kind="choose",
    prompt=(
        "**Exercise 4, choose.** Which of these five reports is evidence that the method is better than its rival? "
        "Answer with its letter.\n\n" + "\n".join(f"- ({letter}) *{text}*" for letter, text in REPORTS.items())
    ),
    stub="fair = ...",
    solved='fair = "b"',
    hints=(
        "For each report: what else could give this number, if the method were no better than its rival?",
        "Sections 2, 5 and 6 show what is wrong with four of them.",
    ),
    why_wrong=_fair_objection,
    wrong={
        'fair = "a"': "one is reported",
        'fair = "c"': "Choosing by the test is choosing",
        'fair = "d"': "could be the whole difference",
        'fair = "e"': "names the wrong winner",
        'fair = "f"': "from a to e",
    },
    praise="The same budget, many seeds, and all tasks are reported: also the lost one.",
)


# ---------------------------------------------------------------------- 5, refute

SEEDS = 200
RIVALS = ("random", "grid", "genetic", "regularized-evolution", "q-learning")


def _claim_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three things: (task, controller, evaluations)."
    task, rival, evaluations = answer
    if refused := no_task(task):
        return refused
    if rival not in RIVALS:
        return f"The rival is one of {', '.join(RIVALS)}; given {rival!r}."
    refused = no_number(evaluations, 5, 150)
    return refused or not_behind(task, {"local-search": "local-search"}, {rival: rival}, evaluations, SEEDS)


refutation = Exercise(
    name="refutation",
    kind="refute",
    prompt=(
        "**Exercise 5, refute.** *Local search wins every race on the atlas.* Find a task, a rival and a number of "
        "evaluations (5 to 150) that refute it: `refutation = (task, rival, evaluations)`. The rival is one of "
        f"{', '.join(RIVALS)}. The check races both from {SEEDS} fresh seeds. Local search must end with more regret, "
        "by more than three standard errors of the difference."
    ),
    stub="refutation = ...",
    solved='refutation = ("few/digits", "grid", 10)',
    hints=(
        "Local search begins somewhere and looks at neighbours. With which budgets has it seen little of the space?",
        "Try small budgets, about ten networks, against the rival that spreads its networks evenly.",
        "A task with few good networks and a bad start, such as few/digits.",
    ),
    why_wrong=_claim_objection,
    wrong={
        'refutation = ("few/digits", 10)': "Give three things",
        'refutation = ("mnist", "grid", 10)': "has no task 'mnist'",
        'refutation = ("few/digits", "luck", 10)': "The rival is one of",
        'refutation = ("few/digits", "grid", 1000)': "from 5 to 150",
        'refutation = ("few/digits", "random", 60)': "must lie above 0",
    },
    praise="A controller is good at a budget and on a task. The word *best* needs both.",
    survivors={
        "refutation = ('few/digits', 'grid', 9)": "one network fewer: a counter-example as good as this one",
        "refutation = ('few/digits', 'grid', 11)": "one network more: a counter-example as good as this one",
    },
)

exercises = (seeds, mean_and_half, flips, fair, refutation)
