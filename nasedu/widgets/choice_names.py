"""Names in the explorer: the group of a choice. `nasedu.spaces.places` says what the next choice decides.

The space itself tells which choices are open, and why others are not (`space.moves`, `space.why_not`).
"""

import re
from collections.abc import Iterable

from nasedu.core import Architecture, rng_from
from nasedu.spaces.base import Space
from nasedu.spaces.counting import TooManyStates

GROUPS = (
    ("convolutions", r"(nor_|sep_|dil_)?conv|sep\d|ir\d"),
    ("pooling", r"((avg|max)_)?pool|(avg|max)\d|gap$"),
    ("dense layers", r"dense"),
    ("shortcut or nothing", r"skip_connect|identity|none$"),
    ("hidden layers, relu", r"\d+-relu$"),
    ("hidden layers, tanh", r"\d+-tanh$"),
    ("also sees an earlier layer?", r"(sees|skips)\d"),
    ("cell", r"(simple|lstm|gru)$"),
    ("layers", r"layers\d"),
    ("width", r"width\d"),
    ("heads", r"heads\d"),
    ("feed-forward, times the width", r"ff\d"),
    ("normalisation", r"norm-"),
    ("direction", r"(forward|both)$"),
    ("summary of the sequence", r"(last|mean|max|class-token)$"),
)
"""Titles of groups, each with a pattern for the beginning of its choices; all others are "other choices"."""
OTHER, END = "other choices", "end"
WALKS = 200  # random walks that are sampled if a space has too many states to visit


def group(choice: str) -> str:
    """Return the title of the group of a choice."""
    rule, colon, _ = choice.partition(":")
    if colon:
        return f"rule {rule}"  # a grammar's choice names the rule that it expands
    if source := re.fullmatch(r"[a-z_0-9]+~(\d+)", choice):
        return f"edge from node {source[1]}"
    if choice == "stop":
        return END
    return next((title for title, pattern in GROUPS if re.match(pattern, choice)), OTHER)


def grouped(choices: Iterable[str]) -> dict[str, list[str]]:
    """Return the choices by the title of their group: in the order of `GROUPS`, "end" last, numbers in their order."""
    order = [title for title, _ in GROUPS]
    ranked = sorted(choices, key=_natural)
    titles = sorted({group(choice) for choice in ranked})
    titles.sort(key=lambda title: (title == END, title == OTHER, order.index(title) if title in order else 0))
    return {title: [choice for choice in ranked if group(choice) == title] for title in titles}


def _natural(choice: str) -> list[tuple[bool, int, str]]:
    """Return a sort key that sorts `dense32` before `dense128`."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", choice)]


def every_choice(space: Space, choices: Architecture) -> set[str]:
    """Return every choice of the space; for a space that is too large to visit, those on random walks."""
    names, _ = _vocabulary(space)
    if names is not None:
        return names
    rng = rng_from(0, "nasedu.widgets.explorer", "every choice")
    found, state = set(choices), space.start()
    for choice in choices:
        found.update(space.moves(state))
        state = space.moves(state)[choice]
    return found.union(space.moves(state), *(space.sample(rng) for _ in range(WALKS)))


def longest(space: Space) -> int | None:
    """Return the number of choices of the longest walk; None if the space is too large to count it."""
    return _vocabulary(space)[1]


def _vocabulary(space: Space) -> tuple[set[str] | None, int | None]:
    """Every choice and the length of the longest walk, asked for once: a space too large takes long to say so."""

    def ask() -> tuple[set[str] | None, int | None]:
        try:
            names, most = space.vocabulary()
        except TooManyStates:
            return None, None
        return set(names), most

    return space.cached("vocabulary or none", ask)
