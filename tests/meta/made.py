"""A space of 256 words and a table of tasks over it, for the tests of the loop over tasks; no torch is needed."""

from nasedu import Space, Table
from nasedu.meta.search import MetaSearch

WORTH = {"a": 0.0, "b": 0.2, "c": 0.6, "d": 1.0}
PLACES = (0.4, 0.3, 0.2, 0.1)


class Words(Space):
    """Four letters of a few."""

    name = ""

    def __init__(self, letters="abcd", length=4):
        self.letters = letters
        self.length = length

    def start(self):
        return 0

    def choices(self, state):
        return tuple(self.letters) if state < self.length else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("nothing is built in these tests")


def worth(word):
    """d is better than c, better than b, better than a; the first place counts most."""
    return sum(share * WORTH[letter] for share, letter in zip(PLACES, word, strict=False))


def table(space, name="made", **tasks):
    """A table of the space; a task is a function from a word to its score."""
    words = list(space.enumerate())
    return Table(space, words, {task: [score(word) for word in words] for task, score in tasks.items()}, name=name)


WORDS = Words()
MADE = table(
    WORDS,
    first=worth,
    alike=lambda word: worth(word) ** 2,
    against=lambda word: 1 - worth(word),
    again=worth,
)


def loop(tasks=("first", "alike", "against", "again"), controller="q-learning", prior="warm-q", **more):
    """A loop over tasks of the table."""
    usual = {"trainer": "table", "trials": 24, "compare": True}
    return MetaSearch(WORDS, [MADE.task(task) for task in tasks], controller, prior, **(usual | more))
