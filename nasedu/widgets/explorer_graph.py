"""The networks of an explorer for a saved page: there, without a kernel, `explorer_answers.js` looks up each click.

To build, draw and measure 1,000 networks takes 15 s, so only the builder of the lessons asks for a graph.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from nasedu.core import Architecture
from nasedu.core.themes import themed
from nasedu.spaces.base import Space
from nasedu.spaces.strip import blocks
from nasedu.tables import Table
from nasedu.widgets import trial_plot
from nasedu.widgets.explorer_picture import reach
from nasedu.widgets.explorer_truth import truth
from nasedu.widgets.explorer_view import View, build, look

MOST_STATES, MOST_BYTES = 3000, 60_000
PART = "this page has only a part of the space, and Python has all of it"
"""Why a choice of the space is not open in a page that does not have what follows."""

Path = tuple[str, ...]
"""The choices so far, from the start."""


@dataclass(frozen=True)
class Graph:
    """What a page needs to answer clicks.

    Attributes:
        text: the graph as JSON, compressed by zlib, in base64.
        omitted: a sentence on what the page does not have; empty if it has the whole space.
    """

    text: str
    omitted: str


def graph_of(
    space: Space,
    shown: Architecture,
    table: Table | None = None,
    task: str | None = None,
    search: trial_plot.Search | None = None,
) -> Graph | None:
    """Return the graph of a space, or of the part around a network; None if it needs more than `MOST_BYTES`.

    Args:
        space: the space.
        shown: the choices that the page shows first.
        table, task: the scores of all networks of the space.
        search: a search by hand, without trials; its scores are in the graph, too.
    """
    built = cache(build)
    most = MOST_STATES
    while most > len(shown):
        paths, whole = paths_around(space, shown, most)
        if table and not whole:
            return None  # neighbours and ranks need all networks
        views = [look(space, path, build=built) for path in paths]
        text = _packed(_plain(space, views, table, task, search))
        if len(text) <= MOST_BYTES:
            return Graph(text, "" if whole else _omitted(views))
        most //= 2
    return None


def paths_around(space: Space, shown: Path, most: int) -> tuple[list[Path], bool]:
    """Return at most `most` paths, each after the one it continues, and whether these are all of the space.

    If the space has more, they are the paths of its first levels, those to `shown`, and the next levels from there.
    """
    found, whole = _levels(space, (), most)
    if not whole:
        found |= {shown[:length] for length in range(len(shown))}
        found |= _levels(space, shown, most - len(found))[0]
    return sorted(found), whole


def _levels(space: Space, begin: Path, most: int) -> tuple[set[Path], bool]:
    """Return the paths from a path on, level by level while there is room, and whether these are all."""
    state = space.start()
    for choice in begin:
        state = space.moves(state)[choice]
    found: set[Path] = set()
    level = {begin: state}
    while level and len(found) + len(level) <= most:
        found.update(level)
        level = {(*path, c): after for path, state in level.items() for c, after in space.moves(state).items()}
    return found, not level


def _omitted(views: Sequence[View]) -> str:
    networks = len({view.network for view in views if view.network})
    return f"This page has {networks:,} networks of the space, near the one shown. The others need Python."


class _Numbers:
    """Values in the order in which they were first asked for, each with its number."""

    def __init__(self) -> None:
        self.of: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        return self.of.setdefault(value, len(self.of))

    def all(self, values: Iterable[Any]) -> list[int]:
        return [self(value) for value in values]


def _plain(
    space: Space, views: Sequence[View], table: Table | None, task: str | None, search: trial_plot.Search | None
) -> dict[str, Any]:
    """Return the graph as plain data. What several views share is stored once, and named by its number."""
    parts, groups, rows, networks = _Numbers(), _Numbers(), _Numbers(), _Numbers()
    places = {view.choices: place for place, view in enumerate(views)}
    states = [
        {
            "parent": places[view.choices[:-1]] if view.choices else -1,
            "choice": parts(view.choices[-1] if view.choices else ""),
            "made": parts(view.made[-1] if view.choices else ""),
            "decides": parts(view.decides),
            "groups": groups(_groups(view, places)),
            "cell": parts.all(_pieces(view.cell)),
            "network": -1 if view.network is None else networks(view.network),
            "complete": int(view.complete),
        }
        for view in views
    ]
    built = {view.network: view.built for view in views if view.network and view.built}
    known = [built[network] for network in networks.of]
    choices = sorted({choice for view in views for choice in view.choices})
    return {
        "states": {name: [state[name] for state in states] for name in states[0]},
        "networks": [[*network] for network in networks.of] if table else [],
        "drawings": [parts.all(_pieces(one.drawing)) for one in known],
        "layers": [rows.all((title, shape, f"{count:,}") for title, shape, count in one.layers) for one in known],
        "sizes": [one.words for one in known],
        "table": _table(space, table, task, [*networks.of]) if table else None,
        "search": _search(search) if search else None,
        "looks": {block.text: [block.colour, round(block.height)] for block in blocks(tuple(choices))},
        "parts": [*parts.of],
        "groups": [*groups.of],
        "rows": [*rows.of],
    }


def _groups(view: View, places: dict[Path, int]) -> tuple[Any, ...]:
    """Return the groups of options; those that lead out of the page are not open."""

    def why(choice: str, why_not: str) -> str:
        return why_not or ("" if (*view.choices, choice) in places else PART)

    return tuple(
        (title, tuple((o.choice, why(o.choice, o.why_not)) for o in options)) for title, options in view.groups
    )


def _pieces(svg: str) -> list[str]:
    """Return a drawing in pieces that other drawings share, without its text alternative: an image has its own."""
    plain = re.sub(r' aria-label="[^"]*"|<title>.*?</title>', "", themed(svg))
    return [piece for piece in re.split(r"(?=<g>|<path |<text )", plain) if piece]


def _table(space: Space, table: Table, task: str | None, networks: list[Architecture]) -> dict[str, Any]:
    column = table.task(task).column
    every = [one for one in (truth(space, network, table, column).own for network in networks) if one]
    low, high = reach(replace(truth(space, networks[0], table, column), own=None))
    return {
        "task": column,
        "seeds": table.values.shape[2],
        "scores": [one.score for one in every],
        "texts": [one.texts[1] for one in every],
        "low": low,
        "high": high,
    }


def _search(search: trial_plot.Search) -> dict[str, Any]:
    x, y = trial_plot.scales(search)
    return {
        "tries": search.target,
        "plot": trial_plot.svg(search),
        "words": search.words,
        "colour": search.colour,
        "x": [x(0), x(1)],
        "y": [y(0.0), y(1.0)],
    }


def _packed(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()
