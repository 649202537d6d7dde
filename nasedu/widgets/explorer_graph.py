"""The networks of an explorer for a saved page: there, without a kernel, `explorer_answers.js` looks up each click.

To build, draw and measure 1,000 networks takes 15 s, so only the builder of the lessons asks for a graph.
"""

import base64
import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from nasedu.core import Architecture, rng_from
from nasedu.core.themes import themed
from nasedu.spaces.base import Space, State
from nasedu.spaces.counting import TooManyStates
from nasedu.spaces.strip import blocks
from nasedu.tables import Table
from nasedu.widgets import trial_plot
from nasedu.widgets.explorer_picture import reach
from nasedu.widgets.explorer_truth import truth
from nasedu.widgets.explorer_view import Option, View, build, look

MOST_STATES, MOST_BYTES = 3000, 64_000
SIZES = [round(MOST_STATES * (2 / 3) ** smaller) for smaller in range(12, -1, -1)]
"""How many states a part may have: the largest one within `MOST_BYTES` is taken."""
PART = "this page has only a part of the space, and Python has all of it"
"""Why a choice of the space is not open in a page that does not have what follows."""

Path = tuple[str, ...]
"""The choices so far, from the start."""


@dataclass(frozen=True)
class Graph:
    """What a page needs to answer clicks.

    Attributes:
        text: the graph as JSON, compressed by zlib, in base64.
        paths: those that the page has.
        part: a sentence on how much of the space the page has; empty if it has the whole space.
    """

    text: str
    paths: frozenset[Path]
    part: str


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
    looked = cache(lambda path: look(space, path, build=built))
    best, before = None, 0
    for most in [MOST_STATES] if table else SIZES:
        paths, whole = paths_around(space, shown, most)
        if table and not whole:
            return None  # neighbours and ranks need all networks
        if len(paths) == before:
            continue
        there, before = frozenset(paths), len(paths)
        views = [in_part(looked(path), there) for path in paths]
        part = "" if whole else _part(space, sum(view.complete for view in views))
        text = _packed({**_plain(space, views, table, task, search), "part": part})
        if len(text) > MOST_BYTES:
            break
        best = Graph(text, there, part)
    return best


def paths_around(space: Space, shown: Path, most: int) -> tuple[list[Path], bool]:
    """Return about `most` paths, each after the one it continues, and whether these are all of the space.

    If the space has more, they are the paths to `shown`, and the next levels from there and from the start. For each
    path, a complete network that continues it is among the paths. So a page with these paths has no dead end.
    """
    rng = rng_from(0, "nasedu.widgets.explorer_graph")
    *_, model = _to_the_end(space, shown, (), rng)

    def with_ends(paths: Iterable[Path]) -> set[Path]:
        return found.union(*(_to_the_end(space, path, model, rng) for path in paths if path not in found))

    found: set[Path] = set()
    found = with_ends(shown[:length] for length in range(len(shown) + 1))
    near, far = _levels(space, shown), _levels(space, ())
    whole, walks = False, [near, far]
    next(near)  # it is one level ahead: who opens the page begins there
    while walks:
        for walk in list(walks):
            level = next(walk, None)
            if level and len(level) <= most and len(more := with_ends(level)) <= most:
                found = more
            else:
                whole = whole or (level is None and walk is far)
                walks.remove(walk)
    return sorted(found, key=lambda path: (len(path), path)), whole


def _levels(space: Space, begin: Path) -> Iterator[list[Path]]:
    """Yield the paths from a path on, level by level."""
    level = [begin]
    while level:
        yield level
        level = [(*path, choice) for path in level for choice in _moves(space, path)]


def _to_the_end(space: Space, path: Path, model: Path, rng: np.random.Generator) -> Iterator[Path]:
    """Yield a path and those to one complete network that continues it.

    A choice of it is "stop" if that is open, else the one that `model` has at this place, else a random one. What most
    networks share takes few bytes.
    """
    yield path
    while moves := [*_moves(space, path)]:
        liked = [choice for choice in ("stop", *model[len(path) : len(path) + 1]) if choice in moves]
        path = (*path, liked[0] if liked else moves[int(rng.random() * len(moves))])
        yield path


def _moves(space: Space, path: Path) -> dict[str, State]:
    state = space.start()
    for choice in path:
        state = space.moves(state)[choice]
    return space.moves(state)


def in_part(view: View, paths: Collection[Path]) -> View:
    """Return a view for a page that has only some paths: a choice that leads out of them is not open."""

    def option(choice: str, why_not: str) -> Option:
        return Option(choice, why_not or ("" if (*view.choices, choice) in paths else PART))

    return replace(
        view, groups=tuple((title, tuple(option(o.choice, o.why_not) for o in some)) for title, some in view.groups)
    )


def _part(space: Space, networks: int) -> str:
    try:
        size = f" of {space.size():,}"
    except TooManyStates:
        size = ""
    return f"This page has a part of the space: {networks:,}{size} networks. Python has all of them."


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
            "groups": groups(_groups(view)),
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


def _groups(view: View) -> tuple[Any, ...]:
    return tuple((title, tuple((o.choice, o.why_not) for o in options)) for title, options in view.groups)


@lru_cache(maxsize=2 * MOST_STATES)
def _pieces(svg: str) -> tuple[str, ...]:
    """Return a drawing in pieces that other drawings share, without its text alternative: an image has its own."""
    plain = re.sub(r' aria-label="[^"]*"|<title>.*?</title>', "", themed(svg))
    return tuple(piece for piece in re.split(r"(?=<[^/]| [dxy]=| c[xy]=| fill=)", plain) if piece)


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
