"""The exercises of lesson 03, the loop."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import against, fresh, fresh_names, show, smallest, whole
from nasedu.classroom.exercise import Exercise, Part
from nasedu.classroom.lessons.lesson_03 import listing
from nasedu.classroom.lessons.lesson_03.listing import INNOCENT, REPAIRS
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import no_number, no_task, not_behind

twice = Prediction(
    "The page trains two networks in three rounds and reports the best accuracy. Once the networks learn anything, you "
    "run ten rounds instead of three, and change nothing else. What happens to the reported number?",
    ("it rises", "it stays the same", "it falls"),
)

listening = Prediction(
    "NearTheBest listens, RandomSearch does not. Where does NearTheBest end with better networks?",
    ("on all tasks", "on many, but somewhere it is clearly worse", "no clear difference on any task"),
)

draws = Prediction(
    "How many random draws find at least one of the best 5% with probability 0.95?",
    ("about 20", "about 60", "about 600", "it depends on the size of the space"),
)

even = Prediction(
    "Where does the grid end with less regret than random search?",
    ("on all tasks", "on most, but somewhere it is clearly worse", "no clear difference on any task"),
)

dearer = Prediction(
    "Which 50 networks take longer to train, those of the grid or those of random search?",
    ("those of the grid", "those of random search", "both take equally long"),
)

global_draws = MultipleChoice(
    "A controller draws with `np.random.rand()`: numpy's one global generator, without a seed. Its study is stopped "
    "and opened again. What happens?",
    ("it goes on as if nothing had happened", "the study refuses to go on with it", "its old scores are lost"),
    right="the study refuses to go on with it",
    why={
        "it goes on as if nothing had happened": "For that, the new controller would have to draw the same numbers as "
        "the old one. A global generator starts with other numbers in each process.",
        "the study refuses to go on with it": "Its draws depend on more than its seed and what it was told. Replay "
        "asks, compares with the record, and notices.",
        "its old scores are lost": "They are in the file, and they stay true: a score belongs to a network. What "
        "cannot be repeated are the questions.",
    },
)


# ---------------------------------------------------------------------- 1, find what is wrong


def _letters(answer: Any) -> set[str] | None:
    """Return the set of letters in an answer, a string or several strings; None if it is neither."""
    if isinstance(answer, str):
        return {letter for letter in answer.lower() if letter.isalpha()}
    if isinstance(answer, Iterable) and all(isinstance(item, str) for item in answer):
        return {letter for item in answer if (letter := item.strip(" ()").lower())}
    return None


def _faults_objection(answer: Any) -> str:
    letters = _letters(answer)
    if letters is None:
        return f"Give letters, such as 'ab'; {show(answer)} holds none."
    if unknown := sorted(letters - REPAIRS.keys() - INNOCENT.keys()):
        return f"No place is marked ({unknown[0]}); they go from a to m."
    if innocent := sorted(letters & INNOCENT.keys()):
        return f"({innocent[0]}) is in order. {INNOCENT[innocent[0]]}"
    missing = len(REPAIRS) - len(letters)
    return (
        f"These are all wrong indeed, and {missing} more {'is' if missing == 1 else 'are'} to be found."
        if missing
        else ""
    )


faults = Exercise(
    name="faults",
    kind="choose",
    prompt=(
        "**Exercise 1, find.** Thirteen places of the listing of section 7 carry a letter, (a) to (m). Which are "
        'wrong? Write the letters into one string, such as `faults = "bd"`. Do not run it. Ask of each line what it '
        "does, not what its name says."
    ),
    stub="faults = ...",
    solved='faults = "abefjkm"',
    hints=(
        "Follow the images: which part of the task are the networks trained on, and which is the score taken from?",
        "How many convolutions exist while the search runs? How many output layers does each model have?",
        "What do rounds two and three try that round one has not tried? And what does the loss make of the label 7?",
    ),
    why_wrong=_faults_objection,
    wrong={
        'faults = "bjk"': "4 more are to be found",
        'faults = "abefjk"': "1 more is to be found",
        'faults = "abdefjkm"': "Tanh in place of ReLU",
        'faults = "abefgjkm"': "a usual choice",
        'faults = "xyz"': "they go from a to m",
        'faults = ["a", "", "q"]': "No place is marked (q)",
        "faults = 7": "Give letters",
    },
    material=f"The listing of section 7:\n\n{listing.as_markdown()}",
    praise="Seven mistakes, and only one of them, (f), shows in the number that is printed. Mend it alone, and the "
    "other six hide behind a number that looks fine.",
)


# ---------------------------------------------------------------------- 2, predict


@own_numbers(percent=(0.5, 1, 2, 3, 4), sure=(0.9, 0.95, 0.98, 0.99, 0.999))
def enough(percent: float = 1, sure: float = 0.95) -> Exercise:
    miss, allowed = round(1 - percent / 100, 4), round(1 - sure, 4)
    right = next(draws for draws in range(10_000) if miss**draws <= allowed)
    hundred, fifth = round(100 / percent), next(draws for draws in range(10_000) if 0.95**draws <= allowed)
    sentences = {
        fifth: f"{fifth} draws are enough for the best 5%. The best {percent}% are rarer: each draw misses with "
        f"probability {miss}.",
        95: f"95 draws miss with probability {miss}^95 = {miss**95:.0%}. Missing must become less likely.",
        hundred: f"After {hundred} draws one of the best {percent}% is expected once on average, yet in "
        f"{miss}^{hundred} = {miss**hundred:.0%} of all cases there was none.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number of networks; {show(answer)} is none."
        if number == right:
            return ""
        missed = miss ** max(number, 0)
        if number in sentences and number < right - 1:
            return sentences[number]
        if number < right:
            return f"With {number} draws all of them miss with probability {missed:.4g}; that is above {allowed}. More!"
        return f"With {number} draws all of them miss with probability {missed:.4g}; fewer draws would do."

    return Exercise(
        name="enough",
        kind="predict",
        prompt=(
            "**Exercise 2, predict.** Each network is equally likely to be drawn. How many draws find at least one of "
            f"the best **{percent}%** with a probability of at least {sure}? Guess first, then compute."
        ),
        stub="enough = ...",
        solved=f"enough = {right}",
        hints=(
            f"With what probability does a single draw miss the best {percent}%? And two draws, both?",
            f"n draws all miss with probability {miss} ** n. How small must that be?",
            f"The smallest n with {miss} ** n <= {allowed}.",
        ),
        why_wrong=objection,
        wrong={
            f"enough = {fifth}": "enough for the best 5%",
            f"enough = {right - 1}": "above",
            f"enough = {right + 1}": "fewer draws would do",
            f"enough = {right - 1}.1": "a whole number of networks",
        }
        | ({"enough = 95": "Missing must become less likely"} if right > 95 and 95 not in (fifth, right - 1) else {})
        | ({f"enough = {hundred}": "expected once on average"} if hundred < right - 1 and hundred != 95 else {}),
        praise="The rarer the good networks, the more draws. The size of the space does not matter.",
    )


# ---------------------------------------------------------------------- 3, code


def hit_reference(share: float, draws: int) -> float:
    """Return the probability that at least one of `draws` draws is in the best share of the space."""
    return 1 - (1 - share) ** draws


def _hit_objection(answer: Any) -> str:
    rng = fresh()
    cases = [(0.3, 2), (0.05, 59), (1.0, 3)]
    cases += [(float(np.round(rng.uniform(0.01, 0.9), 2)), int(rng.integers(2, 40))) for _ in range(10)]
    cases += [(float(rng.integers(1, 10)) * 10.0**-power, int(rng.integers(2, 100))) for power in (3, 4, 5, 6)]
    return against("chance_of_hit", answer, hit_reference, cases)


chance_of_hit = Exercise(
    name="chance_of_hit",
    kind="code",
    prompt=(
        "**Exercise 3, code.** `chance_of_hit(share, draws)` returns the probability that at least one of `draws` "
        "networks is among the best `share` of a space (0.05 for the best 5%). All networks are equally likely."
    ),
    stub="def chance_of_hit(share, draws):\n    ...",
    solved="def chance_of_hit(share, draws):\n    return 1 - (1 - share) ** draws",
    hints=(
        "The opposite of *at least one hits* is *all miss*.",
        "One draw misses with probability 1 - share; independent draws multiply.",
    ),
    why_wrong=_hit_objection,
    wrong={
        ("1 - (1 - share)", "(1 - share)"): "That is the probability that all of them miss.",
        ("1 - (1 - share) ** draws", "share * draws"): "That is how many hits to expect, and it passes 1; at least one "
        "hit is less likely.",
        (
            "1 - (1 - share) ** draws",
            "min(1, share * draws)",
        ): "The chances of the draws do not add up: two of them may hit.",
        ("(1 - share)", "share"): "That is the probability that not all of them hit.",
        ("1 - (1 - share)", "share"): "That is the probability that all of them hit.",
        (
            "(1 - share) ** draws",
            "(1 - share) * draws",
        ): "Independent draws multiply: one miss after the other is a power.",
        ("(1 - share) ** draws", "1 - share ** draws"): "Brackets are missing: a power is taken before a difference.",
        (
            "1 - (1 - share) ** draws",
            "draws * share * (1 - share) ** (draws - 1)",
        ): "That is the probability of exactly one hit. More hits are as welcome.",
        "def chance_of_hit(share, draws):\n    1 - (1 - share) ** draws": "is there a return?",
    },
    also_right=(
        "import math\n\n\ndef chance_of_hit(share, draws):\n"
        "    return 1.0 if share == 1 else -math.expm1(draws * math.log1p(-share))",
        "def chance_of_hit(share, draws):\n    return sum(share * (1 - share) ** n for n in range(draws))",
    ),
    praise="And the size of the space does not occur in it.",
)


# ---------------------------------------------------------------------- 4, mend the loop


def _play(answer: Any, networks: list[str], told: dict[str, tuple[float, float]]) -> str:
    """Let an answer search, as the listing does. Return a sentence on what went wrong; empty if nothing did."""
    search = answer(list(networks))
    asked: list[str] = []
    for number in range(1, 4):
        names = search.ask()
        if not isinstance(names, list | tuple | set | dict):
            return f"ask() should give a list of names; in round {number} it gave {show(names)}."
        if again := [name for name in names if name in asked]:
            return f"Round {number} asks for {again[0]!r} again, which was trained and told in an earlier round."
        for name in names:
            if name not in told:
                return f"ask() gave {show(name)}, which is none of the networks {show(networks)}."
            if name in asked:
                return f"Round {number} asks for {name!r} more than once: every network is trained once and no more."
            asked.append(name)
            search.tell(name, *told[name])
    if left := [name for name in networks if name not in asked]:
        return f"Of the networks {show(networks)}, {left[0]!r} was never asked for."
    wanted = max(networks, key=lambda name: told[name][1])
    if (got := search.best()) == wanted:
        return ""
    wrong = f"Told (training, validation) {show(told)}, best() should be {wanted!r}; yours is {show(got)}."
    return wrong + _blame(got, networks, told)


def _blame(got: Any, networks: list[str], told: dict[str, tuple[float, float]]) -> str:
    if got not in networks:
        return " Give the name of the best one."
    if got == max(networks, key=lambda name: told[name][0]):
        return " That one has the best *training* accuracy: it may have learned its images by heart."
    if got == min(networks, key=lambda name: told[name][1]):
        return " That one has the lowest validation accuracy of all." + (
            " It is the one that was told last." if got == networks[-1] else ""
        )
    return " Another one has a higher validation accuracy: choose by validation alone."


def _search_objection(answer: Any) -> str:
    if not callable(answer):
        return f"Search is to be a class; yours is {show(answer)}."
    rng = fresh()
    cases = []
    for size, step in ((3, 0.05), (3, 0.01), (4, 0.05), (5, 0.02), (5, 0.002)):
        networks = fresh_names(rng, size)
        places = sorted(rng.permutation(size).tolist(), key=lambda place: place == 0)  # the worst is told last
        validation = [0.6 + step * place for place in places]
        training = [score + 0.02 for score in validation]
        if size > 3:  # the best has learned a little by heart, too, and is the best all the same
            training[places.index(size - 1)] += 3 * step
        training[places.index(1)] = 0.99  # nearly the worst on new images: it learned its own by heart
        pairs = zip(networks, training, validation, strict=True)
        cases.append((networks, {name: (round(a, 3), round(b, 3)) for name, a, b in pairs}))
    return smallest(cases, lambda networks, told: _play(answer, networks, told))


def _ask_objection(answer: Any) -> str:
    """Look at the questions of three rounds alone."""
    search, asked = answer(["a", "b", "c"]), []
    for _ in range(3):
        for name in search.ask():
            asked.append(name)
            search.tell(name, 0.5, 0.5)
    return "" if sorted(asked) == ["a", "b", "c"] else f"It asked for {asked}."


def _best_objection(answer: Any, by_heart: float = 0.0) -> str:
    """Tell four networks, whatever was asked, the best one not last. Look at what is called the best.

    `by_heart` is added to the training accuracy of the second best.
    """
    rng = fresh()
    names = [f"network {number}" for number in rng.permutation(100)[:4]]
    *first, last = (0.6, 0.7, 0.8, 0.5)
    told = dict(zip(names, [*rng.permutation(first).tolist(), last], strict=True))
    search = answer(list(names))
    search.ask()
    for name, score in told.items():
        search.tell(name, score + by_heart * (score == 0.7), score)
    return "" if search.best() == max(told, key=lambda name: told[name]) else "Another one is the best."


_BODY = (
    "class Search:\n"
    "    def __init__(self, networks):\n"
    "        self.networks, self.found = networks, {{}}\n\n"
    "    def ask(self):\n"
    "        return {ask}\n\n"
    "    def tell(self, name, training, validation):\n"
    "        {tell}\n\n"
    "    def best(self):\n"
    "        return {best}"
)
_ALL, _NEW = "list(self.networks)", "[name for name in self.networks if name not in self.found]"
_MOST, _LAST = "max(self.found, key=self.found.get)", "list(self.found)[-1]"

Search = Exercise(
    name="Search",
    kind="code",
    prompt=(
        "**Exercise 4, mend.** Here is the loop of the listing as a class. In each round, `ask` names the networks to "
        "train, and `tell` is told both accuracies of each. At the end, `best` names the winner. Three habits of the "
        "listing are wrong: it asks for everything again in each round, it keeps the training accuracy, and it calls "
        "the last one the best. Mend them, for any number of rounds."
    ),
    stub=_BODY.format(ask=_ALL, tell="self.found[name] = training", best=_LAST),
    solved=_BODY.format(ask=_NEW, tell="self.found[name] = validation", best=_MOST),
    hints=(
        "After a round, which networks are in `self.found`? Those need not be asked for again.",
        "`tell` gets two numbers. Which of them says something about images that the network has not seen?",
        "The best of a dictionary by value: `max(self.found, key=self.found.get)`.",
    ),
    why_wrong=_search_objection,
    wrong={
        (_NEW, _ALL): "trained and told in an earlier round",
        ("= validation", "= training"): "best *training* accuracy",
        (_MOST, _LAST): "told last",
        (_MOST, "max(self.found.values())"): "Give the name",
        (_MOST, "max(self.found)"): "best() should be",
        (_MOST, "min(self.found, key=self.found.get)"): "the lowest validation accuracy",
        (_NEW, "self.networks[:2] if not self.found else []"): "was never asked for",
        (_NEW, f"{_NEW} * 3"): "more than once",
        ("= validation", "= validation - abs(training - validation)"): "choose by validation alone",
        (_NEW, "None"): "should give a list of names",
    },
    parts=(
        Part("it asks for each network once", 0.4, _ask_objection),
        Part("the best is not simply the last one", 0.3, _best_objection),
        Part(
            "the best is the one with the best validation accuracy", 0.3, lambda answer: _best_objection(answer, 0.25)
        ),
    ),
    praise="Ask, train, tell, record: a loop that trains nothing twice and judges on images that were held back.",
    methods=("ask", "tell", "best"),
    survivors={"renamed": "the names of the networks mean nothing"},
)


# ---------------------------------------------------------------------- 5, refute

SEEDS = 60


def _refutation_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (task, evaluations)."
    task, evaluations = answer
    refused = no_task(task) or no_number(evaluations, 2, 200)
    return refused or not_behind(task, {"grid": "grid"}, {"random": "random"}, evaluations, SEEDS)


refutation = Exercise(
    name="refutation",
    kind="refute",
    prompt=(
        "**Exercise 5, refute.** *Grid search omits nothing and repeats nothing, so it finds better networks than "
        "random search at the same price.* Refute it: `refutation = (task, evaluations)`, with 2 to 200 evaluations. "
        f"The check races both on {SEEDS} new seeds. It accepts if the grid ends "
        "with more regret, by more than three standard errors. Why does it happen on this task?"
    ),
    stub="refutation = ...",
    solved='refutation = ("shuffled/digits", 50)',
    hints=(
        "Section 4 shows how long the networks of each search are. On which tasks is a short network good?",
        "Where the pixels are shuffled, convolutions see nothing that belongs together.",
        'Try the tasks "shuffled/digits" and "same/digits".',
    ),
    why_wrong=_refutation_objection,
    wrong={
        'refutation = "shuffled/digits"': "Give a pair",
        'refutation = ("shuffled/letters", 50)': "has no task 'shuffled/letters'",
        'refutation = ("shuffled/digits", 5000)': "from 2 to 200",
        'refutation = ("gratings/angle", 50)': "must lie above 0",
    },
    praise="Grid draws every network alike, and most of them are long; a random walk stops early more often, and where "
    "a short network is among the best, that is the better way to draw.",
    survivors={
        "refutation = ('shuffled/digits', 49)": "one network fewer: a counter-example as good as this one",
        "refutation = ('shuffled/digits', 51)": "one network more: a counter-example as good as this one",
    },
)

exercises = (faults, enough, chance_of_hit, Search, refutation)
