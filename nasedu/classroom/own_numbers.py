"""Exercises with own numbers for each student: question, check and solution come from one function of the numbers.

    @own_numbers(a=range(2, 9), b=(10, 20))
    def product(a: int = 3, b: int = 10) -> Exercise:
        return Exercise(name="product", prompt=f"How much is {a} times {b}?", solved=f"product = {a} * {b}", ...)

The lesson uses the default numbers. `product.for_student("course-1 Ann")` has others, always the same for this key.
"""

import ast
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

from nasedu.classroom.exercise import Exercise

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def own_numbers(**values: Sequence[Any]) -> Callable[[Callable[..., Exercise]], Exercise]:
    """Turn a function of numbers into an exercise: its defaults are the lesson's, `versions` has all combinations.

    Args:
        **values: for each argument of the function, the values that a student can get.
    """

    def made(define: Callable[..., Exercise]) -> Exercise:
        combinations = product(*values.values())
        versions = [partial(define, **dict(zip(values, numbers, strict=True))) for numbers in combinations]
        return replace(define(), versions=versions)

    return made


def in_words(number: int) -> str:
    """Return a small number as a word, and a larger one in digits."""
    return WORDS[number] if 0 <= number < len(WORDS) else f"{number:,}"


def identity(name: str) -> str:
    """Return what two spellings of one person's name have in common: its letters and digits, sorted.

    "Ann Smith_1234" (a folder of Moodle's), "smith, ann" and "smithann" (Canvas) are one person. Two people with one
    identity get the same numbers; nothing else depends on it.
    """
    name = re.sub(r"(?<=[ _])(.*)_\d+$", r"\1", name.strip())  # Moodle's number: only after a name of two words
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sorted(letter for letter in plain if letter.isalnum()))


def own_key(course: str, name: str) -> str:
    """Return the key of a student's numbers, for `Exercise.for_student`."""
    return f"{course} {identity(name)}"


def written_name(sources: Iterable[str]) -> str:
    """Return the name that a student has written as `student = "..."`, the last one of several; "" if there is none."""
    name = ""
    for source in sources:
        for line in re.findall(r"(?m)^student\s*=\s*(.{1,200})$", source):  # no literal that a parser would drown in
            try:
                value = ast.literal_eval(line.partition("#")[0].strip())
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            name = value if isinstance(value, str) else name
    return name
