"""The exercises of lesson 13, few examples."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from nasedu.classroom.claims import Interval, interval
from nasedu.classroom.counterexamples import SCALES, against, fresh, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction

untrained_better = Prediction(
    "A network has random weights and was never trained. Its features take the place of pixels; the nearest example "
    "wins, as before. With one example of each of five letters, how often is the answer right?",
    ("more often than with pixels", "about as often", "less often than with pixels"),
)

maml_ahead = Prediction(
    "MAML gets as many seconds as prototypes. Which answers better about letters of unseen scripts, with one example "
    "each?",
    ("MAML", "no clear difference", "prototypes"),
)

leak_helps = Prediction(
    "Half of the letters of each test script join the training, and the other half is the test. The rival gets as many "
    "scripts, but three others. On the test, what does this do?",
    ("the score is clearly higher", "no clear difference", "the score is clearly lower"),
)

images = MultipleChoice(
    "An episode has 5 ways, 5 shots, and 15 queries of each class. How many labelled images may the learner use?",
    ("5", "25", "100"),
    right="25",
    why={
        "5": "That is one for each class. Here each class has 5 shots.",
        "25": "5 classes with 5 images each. The labels of the 75 queries are only for the score.",
        "100": "The episode has 100 images, but the labels of the 75 queries are only for the score.",
    },
)


# ---------------------------------------------------------------------- 1, five-way one-shot by hand

POINTS = ((1, 1), (4, 0), (0, 4), (8, 4), (-3, -2))
QUERIES = ((4, 2), (1, 3), (-1, 0), (6, 3))


def by_euclid(support: Mapping[str, tuple[int, int]]) -> str:
    """Return the class of the nearest example of each query."""
    squared = [{k: (x - a) ** 2 + (y - b) ** 2 for k, (a, b) in support.items()} for x, y in QUERIES]
    return "".join(min(row, key=lambda k: row[k]) for row in squared)


def by_cosine(support: Mapping[str, tuple[int, int]]) -> str:
    """Return the class of the example in the most similar direction."""
    cosines = [{k: (x * a + y * b) / np.hypot(a, b) for k, (a, b) in support.items()} for x, y in QUERIES]
    return "".join(max(row, key=lambda k: row[k]) for row in cosines)


@own_numbers(order=list(permutations("ABCDE"))[::4])
def answers(order: Sequence[str] = "ABCDE") -> Exercise:
    """Ask for the nearest of five points, which have their letters in this order."""
    support = dict(zip(order, POINTS, strict=True))
    right, turned = by_euclid(support), by_cosine(support)
    listed = ", ".join(f"{letter} {point}" for letter, point in sorted(support.items()))
    first, fifth = order[0], order[4]

    def objection(answer: Any) -> str:
        letters = (
            "".join(answer) if isinstance(answer, list | tuple) and all(isinstance(a, str) for a in answer) else answer
        )
        if not isinstance(letters, str) or len(letters) != len(right) or not set(letters.upper()) <= set(support):
            return f"Give {len(right)} letters from A to E, one for each query; {show(answer)} is none of these."
        if letters.upper() == turned:
            return (
                "You compared directions, which is the cosine. Here the nearest point wins: add both squared "
                "differences."
            )
        for query, given, wanted in zip(QUERIES, letters.upper(), right, strict=True):
            if given != wanted:
                a, b = support[given]
                far = (query[0] - a) ** 2 + (query[1] - b) ** 2
                return f"The query {query} has the squared distance {far} from {given}, and another class is nearer."
        return ""

    return Exercise(
        name="answers",
        kind="predict",
        prompt=(
            "**Exercise 1, predict.** A five-way one-shot episode by hand. A network gives two features. The support "
            f"is {listed}. The queries are {', '.join(map(str, QUERIES))}. With a single shot, each example is its own "
            'prototype. Write the four answers of prototypes as a text, such as `"ABCD"`.'
        ),
        stub="answers = ...",
        solved=f'answers = "{right}"',
        hints=(
            f"The squared distance of (4, 2) from {first} is (4 - 1)² + (2 - 1)² = 10.",
            "No roots are needed: the smallest squared distance belongs to the smallest distance.",
        ),
        why_wrong=objection,
        wrong={
            f'answers = "{turned}"': "You compared directions",
            f'answers = "{first}{right[1:]}"': f"(4, 2) has the squared distance 10 from {first}",
            f'answers = "{right[:2]}{fifth}{right[3]}"': f"(-1, 0) has the squared distance 8 from {fifth}",
            f'answers = "{right[:3]}"': "Give 4 letters",
        },
        praise=f"With the cosine, two of the four answers would be others: (4, 2) would go to {turned[0]}, and (-1, 0) "
        f"to {turned[2]}.",
    )


# ---------------------------------------------------------------------- 2, a linear layer


def linear_reference(prototypes: Sequence[Sequence[float]]) -> tuple[list[list[float]], list[float]]:
    """Return w = 2 c and b = -|c|^2 of each prototype."""
    return [[2 * v for v in c] for c in prototypes], [-sum(v * v for v in c) for c in prototypes]


def _linear_guess(got: Any, prototypes: Sequence[Sequence[float]]) -> str:
    try:
        weight, bias = (np.asarray(part, float) for part in got)
    except (TypeError, ValueError):
        return "Give two things: a list of weights for each class, and a list with one bias for each class."
    if (weight.shape, bias.shape) == (np.shape(prototypes), (len(prototypes),)):
        return ""
    return "Give two things: a list of weights for each class, and a list with one bias for each class."


def _linear_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([[1.0, 2.0], [3.0, 1.0]],)]
    for scale, ways, features in zip(SCALES * 2, (2, 2, 3, 3, 5, 4) * 2, (1, 1, 2, 2, 3, 4) * 2, strict=True):
        cases.append(((scale * rng.integers(-5, 6, (ways, features)) / rng.choice([1, 10])).tolist(),))
    return against("linear", answer, linear_reference, cases, guess=_linear_guess)


LINEAR = (
    "def linear(prototypes):\n"
    "    weights = [[2 * value for value in c] for c in prototypes]\n"
    "    biases = [-sum(value**2 for value in c) for c in prototypes]\n"
    "    return weights, biases"
)

linear = Exercise(
    name="linear",
    kind="code",
    prompt=(
        "**Exercise 2, derive and code.** Prototypes are a linear layer. Multiply $-|x - c|^2$ out, and drop what is "
        "the same for all classes. `linear(prototypes)` gets a list of prototypes, each a list of numbers. It returns "
        "the weights (a list for each class) and the biases (a number for each class). The output of a class, "
        "$w \\cdot x + b$, must differ from $-|x - c|^2$ by the same number for all classes."
    ),
    stub="def linear(prototypes):\n    ...",
    solved=LINEAR,
    hints=(
        "$|x - c|^2 = x \\cdot x - 2 \\, c \\cdot x + c \\cdot c$. Which of the three terms has no $c$ in it?",
        "What multiplies $x$ is the weight. What is left with $c$ alone is the bias.",
    ),
    why_wrong=_linear_objection,
    wrong={
        (
            "-sum(",
            "sum(",
        ): "The weights are right. The bias has the other sign: a long prototype is far from most points.",
        (
            "-sum(value**2 for value in c)",
            "-sum(value**2 for value in c)**0.5",
        ): "The weights are right. The bias needs the square of the length.",
        (
            "-sum(value**2 for value in c)",
            "-sum(c) ** 2",
        ): "The weights are right. The bias needs the sum of the squares, and not the square of the sum.",
        (
            "-sum(value**2 for value in c)",
            "0.0",
        ): "The weights are right. Without the right bias, long prototypes win too often.",
        ("2 * value", "value"): "The factor 2 of the mixed term is missing in the weights.",
        ("2 * value", "-2 * value"): "The weights have the wrong sign: a nearer prototype needs a larger output.",
        (
            "return weights, biases",
            "return [[-v for v in w] for w in weights], [-b for b in biases]",
        ): "Both have the wrong sign: the output is minus the squared distance.",
        (
            "return weights, biases",
            "return [[v / 2 for v in w] for w in weights], [b / 2 for b in biases]",
        ): "Both are half of it. The answers are the same, but the differences are not those of the distances.",
        ("return weights, biases", "return biases, weights"): "The weights come first, and the biases after them.",
        ("return weights, biases", "return weights"): "Give two things",
    },
    also_right=(
        "import numpy as np\n\n\n"
        "def linear(prototypes):\n    return 2 * np.array(prototypes), -np.square(prototypes).sum(axis=1)",
    ),
    praise="So one forward pass gives the last layer that MAML descends to. It is linear in the features, not in the "
    "images.",
)


# ---------------------------------------------------------------------- 3, what an interval says

_SENTENCES = {
    "b": "Not b: no second training is in these episodes. The trainings of section 7 differ by more.",
    "c": "Not c: all episodes are from three scripts. A new script can be easier or harder than all of them.",
    "d": "Not d: the interval is of the *mean*. Single episodes lie far outside: most have 75 answers, and not one in "
    "twenty is that near.",
}


def _follows_objection(answer: Any) -> str:
    letters = (
        "".join(answer)
        if isinstance(answer, list | tuple | set) and all(isinstance(a, str) for a in answer)
        else answer
    )
    if not isinstance(letters, str) or not letters or not set(letters.lower()) <= set("abcde"):
        return f'Give the letters of the statements that follow, as a text such as "bd"; {show(answer)} is none.'
    given = set(letters.lower())
    if wrong := sorted(given - set("ae")):
        return _SENTENCES[wrong[0]]
    if "a" not in given:
        return "One is missing: which statement is about other episodes of the same learner and the same scripts?"
    return "" if "e" in given else "One is missing: how does the width of an interval depend on the number of episodes?"


follows = Exercise(
    name="follows",
    kind="predict",
    prompt=(
        "**Exercise 3, predict.** One learner was tested on 600 episodes of three test scripts: 0.900 ± 0.006 (the 95% "
        "interval of the mean over episodes). Which statements follow? (a) On 600 other episodes of these scripts, the "
        "mean of this learner will probably be within 0.01 of 0.900. (b) After a training with another seed, the mean "
        "will be from 0.894 to 0.906 with a probability of 95%. (c) On a fourth script, the mean will be from 0.894 to "
        "0.906 with a probability of 95%. (d) In 95% of the episodes, the accuracy is from 0.894 to 0.906. (e) With "
        '2,400 episodes, the interval would be about half as wide. Write the letters as a text, such as `"bd"`.'
    ),
    stub="follows = ...",
    solved='follows = "ae"',
    hints=(
        "What was drawn 600 times? The interval is about the mean of this, and about nothing else.",
        "Two statements follow.",
    ),
    why_wrong=_follows_objection,
    wrong={
        'follows = "ab"': "Not b",
        'follows = "ace"': "Not c",
        'follows = "de"': "Not d",
        'follows = "a"': "how does the width",
        'follows = "e"': "about other episodes",
        'follows = "f"': "Give the letters",
    },
    praise="For trainings, train several times. For scripts, test on several.",
)


# ---------------------------------------------------------------------- 4, refute


def _episodes(name: str, seed: int) -> Interval:
    from nasedu.classroom.lessons.lesson_13.recording import recorded

    return interval(recorded(name)[seed - 1])


def _apart_objection(answer: Any) -> str:
    from nasedu.classroom.lessons.lesson_13.recording import METHODS, recorded

    if not isinstance(answer, tuple | list) or len(answer) != 3:
        return "Give three things: (name, first, second), the last two being seeds."
    name, *seeds = answer
    if name not in METHODS:
        return f"There is no method {show(name)} in the table; there are: {'; '.join(METHODS)}."
    last = len(recorded(name))
    if any(whole(seed) is None or not 1 <= seed <= last for seed in seeds):
        return f"The seeds are 1 to {last}; given {show(seeds)}."
    first, second = (_episodes(name, int(seed)) for seed in seeds)
    if second.low > first.high:
        return f"The intervals lie apart: {first} and {second}. Name the seed with the higher one first."
    return "" if first.low > second.high else f"The intervals overlap: {first} and {second}."


apart = Exercise(
    name="apart",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** Two learners were tested on the same 600 episodes. *If their intervals do not "
        "overlap, one method is better*. Find one method of the table in section 5, and two seeds of it, that refute "
        "this. Write `apart = (name, first, second)`. The interval of the first seed must lie wholly above that of the "
        "second, with 1 shot. `interval(recorded(name)[0])` is that of seed 1, the next row is that of seed 2."
    ),
    stub="apart = ...",
    solved='apart = ("transfer, centroid", 1, 2)',
    hints=(
        "Which method has the widest spread of dots in the figure of section 5?",
        "Print `interval(row)` for each `row` of `recorded(name)`.",
    ),
    why_wrong=_apart_objection,
    wrong={
        'apart = ("transfer, centroid", 1)': "Give three things",
        'apart = ("transfer", 1, 2)': "There is no method",
        'apart = ("prototypes", 1, 9)': "The seeds are 1 to",
        'apart = ("pixels", 1, 2)': "The intervals overlap",
        'apart = ("transfer, centroid", 2, 1)': "Name the seed with the higher one first",
    },
    praise="It is the same method with the same settings. Only the seed of the training differs.",
)


exercises = (answers, linear, follows, apart)
