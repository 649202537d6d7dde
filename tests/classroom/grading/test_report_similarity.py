"""Which answers are said to be alike: copies, whatever was renamed in them; not what most people write."""

import random
import time

import pytest

from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.similarity import alike, fragments
from tests.classroom.grading.made_up_answers import EXERCISES, copied, is_right, written_by

PUBLISHED = {name: f"{find(lesson, name).solved}\n{find(lesson, name).stub}" for name, lesson in EXERCISES.items()}
COPIES = 10


def class_of(size, seed):
    return {f"s{n:03d}": written_by(seed * 10_000 + n) for n in range(size)}


def with_copies(seed, size=100):
    """A class, and the pairs of it in which one has the work of the other."""
    made, pairs = class_of(size, seed), set()
    for n, author in enumerate(random.Random(seed).sample(sorted(made), COPIES)):
        made[f"c{n:03d}"] = copied(made[author], seed * 100 + n)
        pairs.add((f"c{n:03d}", author))
    return made, pairs


def test_made_up_answers_and_their_copies_are_right():
    for seed in range(15):
        answers = written_by(seed)
        for code in (answers, copied(answers, seed)):
            assert all(is_right(name, text) for name, text in code.items()), seed


def test_independent_authors_of_a_class_of_100_are_hardly_ever_a_pair():
    """Less than one pair in a class, on average."""
    false = [alike(class_of(100, seed), PUBLISHED) for seed in (1, 2, 3)]
    assert sum(map(len, false)) < 3


def test_nine_of_ten_copies_are_found():
    found = expected = 0
    for seed in (4, 5):
        answers, pairs = with_copies(seed)
        found += len(pairs & {pair.students for pair in alike(answers, PUBLISHED)})
        expected += len(pairs)
    assert found >= 0.9 * expected


def test_a_pair_says_where_and_how_many():
    answers, pairs = with_copies(6, size=30)
    pair = next(pair for pair in alike(answers, PUBLISHED) if pair.students in pairs)
    assert set(pair.shared) <= set(EXERCISES)
    assert pair.fragments == sum(pair.shared.values()) > len(pair.shared) >= 3


def test_the_published_solution_is_no_sign():
    solved = {name: find(lesson, name).solved for name, lesson in EXERCISES.items()}
    answers = class_of(20, 7) | {"ann": solved, "bob": copied(solved, 1)}
    assert ("ann", "bob") not in {pair.students for pair in alike(answers, PUBLISHED)}
    assert ("ann", "bob") in {pair.students for pair in alike(answers, {})}, "it is, if nothing is published"


def test_what_half_of_the_class_writes_is_no_sign():
    common = written_by(8)
    answers = {f"s{n}": copied(common, n) if n % 2 else written_by(900 + n) for n in range(40)}
    assert not [pair for pair in alike(answers, PUBLISHED) if pair.students == ("s1", "s3")]


def test_one_short_exercise_tells_nothing():
    answers = {who: {"stops_after": own["stops_after"]} for who, own in with_copies(9, 40)[0].items()}
    assert alike(answers, PUBLISHED) == []


CODE = """
import numpy as np
from math import sqrt as root

class Search:
    def __init__(self, networks):
        self.found = {}

    def tell(self, name, value):
        if value > 0.5 and name not in self.found:
            self.found[name] = root(np.exp(value))
"""
DISGUISED = '''
from math import sqrt
import numpy

class Search:
    """Mine."""
    def tell(me, key: str, v: float) -> None:
        # keep it
        if v > 0.25 and key not in me.memory:
            me.memory[key] = sqrt(numpy.exp(v))

    def __init__(me, nets):
        "What it knows."
        me.memory = {}
'''


def test_names_values_comments_imports_and_order_do_not_count():
    assert fragments(CODE) == fragments(DISGUISED) != set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sqrt as root", "exp as root"),
        ("np.exp", "np.log"),
        ("> 0.5", "< 0.5"),
        ("and name", "or name"),
        ("self.found[name] =", "self.found[name] +="),
    ],
)
def test_what_the_code_does_counts(old, new):
    assert fragments(CODE) != fragments(CODE.replace(old, new))


@pytest.mark.parametrize("code", ["def f(:", "x = " + "[" * 90 + "]" * 90, "\0", "x" * 60_000, "-" * 5000 + "1"])
def test_no_code_ends_the_report(code):
    assert isinstance(fragments(code), set)


def test_lines_of_ipython_are_passed_over():
    assert fragments(f"%matplotlib inline\n!ls\n{CODE}") == fragments(CODE)


def test_code_that_is_written_to_be_slow_costs_little():
    """Many empty lines; and a long condition, which stands at the head of each statement in its block."""
    block = "".join(f"    {'-' * (n % 7 + 1)}x{'+x' * (n // 7)}\n" for n in range(300))
    began = time.process_time()
    assert fragments("\n" * 40_000) == set()
    found = fragments(f"if [{','.join(['x'] * 5_000)}]:\n{block}")
    assert time.process_time() - began < 3
    assert len(found) > 300
    assert sum(map(len, found)) < 1_000_000


IDLE = (
    "seen = [n * n for n in range(3)]",
    "checked = {letter: str(letter) for letter in 'abc'}",
    "done = sum(n for n in (1, 2, 3)) > 2",
    "extra = sorted({4, 2, 9}, key=lambda value: -value)",
    "flag = any(x % 2 for x in (1, 3, 5))",
    "total = max(abs(value) for value in (-1, 2))",
)


def test_statements_that_do_nothing_hide_no_copy():
    made, pairs = with_copies(2)
    drawn = random.Random(0)
    for copy, _ in pairs:
        made[copy] = {name: "\n".join([*drawn.sample(IDLE, 5), code]) for name, code in made[copy].items()}
    found = {pair.students for pair in alike(made, PUBLISHED)}
    assert len(pairs & found) >= 9, "it was 7 without a limit for what only one has"
