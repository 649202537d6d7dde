"""The choices for a race in a page, and how to read them from typed text, without widget or browser."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nasedu.controllers import registry
from nasedu.core import BadValue
from nasedu.racing.contestant import Entry, contestants_from

SLOW = ("tpe", "gp")
"""Each question takes them seconds, so the page offers them only if the caller names them."""
MOST_SEEDS, MOST_EVALUATIONS = 100, 2000


def offered(entries: Mapping[str, Entry] | Iterable[Entry]) -> dict[str, Entry]:
    """Return the controllers to choose from, by label: the given and the registered ones. Raise as `contestants`."""
    found: dict[str, Any] = {}
    for one in contestants_from(entries):
        found[one.label] = (one.maker, one.parameters) if one.parameters else one.maker
    others = [name for name in registry if name not in SLOW]
    return {**found, **{name: name for name in others if name not in found}}


def labels_in(given: Iterable[str], known: Mapping[str, Entry]) -> list[str]:
    """Return the labels of the chosen controllers. Raise BadValue for none, and for an unknown one."""
    labels = list(given)
    if not labels or any(label not in known for label in labels):
        raise BadValue(f"choose at least one of {', '.join(known)}; given {', '.join(labels) or 'none'}")
    return labels


def seeds_in(given: Any) -> int | list[int]:
    """Read the number of seeds, or the seeds: 10 or "10", "3, 5, 8", "10-19". Raise BadValue for others or too many."""
    if not isinstance(given, str):
        return given
    text = given.replace("–", "-").strip()
    if re.fullmatch(r"\d{1,9}", text):
        seeds: int | list[int] = int(text)
    elif match := re.fullmatch(r"(\d{1,9})\s*-\s*(\d{1,9})", text):
        first, last = int(match[1]), int(match[2])
        seeds = list(range(first, min(last, first + MOST_SEEDS) + 1))
    elif re.fullmatch(r"\d{1,9}(\s*,\s*\d{1,9})+", text):
        seeds = [int(part) for part in text.split(",")]
    else:
        raise BadValue(f"seeds are how many, such as 10, or which, such as 3, 5, 8 or 10-19; given {given!r}")
    if not 1 <= (seeds if isinstance(seeds, int) else len(seeds)) <= MOST_SEEDS:
        raise BadValue(f"a race in a page has 1 to {MOST_SEEDS} seeds; given {given!r}")
    return seeds


def count_in(given: Any) -> int:
    """Read a number of networks, also from text. Raise BadValue if it is out of range or no number."""
    if isinstance(given, str):
        if not re.fullmatch(r"\d{1,9}", given.strip()) or not 1 <= int(given) <= MOST_EVALUATIONS:
            raise BadValue(f"networks in a run are a whole number from 1 to {MOST_EVALUATIONS:,}; given {given!r}")
        return int(given)
    return given


def text_of(seeds: int | Sequence[int]) -> str:
    """Return the seeds as a user would type them."""
    if isinstance(seeds, int):
        return str(seeds)
    numbers = list(seeds)
    if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(map(str, numbers))


def words_of(seeds: int | Sequence[int]) -> str:
    """Return the seeds as words for a sentence: "10 seeds", "seeds 3, 5, 8"."""
    if isinstance(seeds, int):
        return "1 seed" if seeds == 1 else f"{seeds} seeds"
    return f"seeds {text_of(seeds)}" if len(seeds) > 1 else f"seed {seeds[0]}"
