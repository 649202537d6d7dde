"""Builds a network choice by choice: shows which choices are open, why others are not, and the network. Lesson 01."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import traitlets

from nasedu.core import Architecture, BadArchitecture, BadValue, Mismatch, rng_from
from nasedu.core.palette import METHODS
from nasedu.core.themes import themed
from nasedu.spaces.base import Space
from nasedu.spaces.strip import blocks
from nasedu.tables import Table
from nasedu.widgets import trial_plot
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet
from nasedu.widgets.explorer_graph import Graph, graph_of, in_part
from nasedu.widgets.explorer_picture import dot_plot, html, plot_words
from nasedu.widgets.explorer_truth import Truth, number
from nasedu.widgets.explorer_view import View, look
from nasedu.widgets.show import picture

__all__ = ["Explorer", "View", "look", "record_all"]

_made: "WeakSet[Explorer]" = WeakSet()


class Explorer(Widget):
    """Shows a button for every choice of a space, and the network so far: drawing, size and, with a table, true score.

        Explorer(space)
        Explorer(atlas().space, atlas(), "where/digits", architecture=("conv3-8", "pool2"))
        Explorer(atlas().space, atlas(), "how-many/digits", tries=10)

    A choice that is not open is grey. It shows the reason when the mouse is on it, or when it is focused or pressed. A
    partial network is drawn and scored as if it stopped now, if the space allows that. Use it from Python with
    `choose`, `undo`, `reset`, `random` and `go`; `architecture` holds the choices so far.

    In a built lesson the saved page answers clicks without a kernel, too: see `record`.

    With `tries` it is a search by hand: true scores are hidden until "Score it" is pressed, which costs one try. After
    the last try everything is shown.

    Args:
        space: the space of the network.
        table: true scores of networks of this space, such as `nasedu.tables.atlas()`.
        task: a task of the table; optional if the table has only one.
        architecture: the first choices.
        seed: the seed of the button Random.
        tries: how many networks may be scored; None hides nothing.
        marks: networks of the table to compare with, by name; lines in the picture of the tries.

    Attributes:
        tried: each scored network with its true score, in order.

    Raises:
        BadArchitecture: the space does not allow the first choices.
        Mismatch: the table is of another space.
        BadValue: a task or tries without a table, a task that the table does not have, tries below 1.
    """

    _esm = javascript("explorer.js")
    _css = stylesheet("explorer.css", ".nasedu-explorer")
    shown = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        space: Space,
        table: Table | None = None,
        task: str | None = None,
        architecture: Sequence[str] = (),
        seed: int = 0,
        tries: int | None = None,
        marks: Mapping[str, Sequence[str]] | None = None,
    ):
        space.check()
        if table is None and task is not None:
            raise BadValue(f"the task {task!r} is one of a table's: give the table too, such as nasedu.tables.atlas()")
        if table is not None:
            table.task(task)
            _check_same(space, table)
        self.space, self.table, self.task, self.seed = space, table, task, seed
        if tries is not None and (table is None or tries < 1):
            raise BadValue(f"tries are networks to score by a table, 1 or more; given tries={tries}, table={table!r}")
        self.tries = tries
        self.tried: list[tuple[Architecture, float]] = []
        self.marks = {name: self._true_score(tuple(network)) for name, network in (marks or {}).items()}
        self.view = self._look(architecture)
        self._before: list[Architecture] = []
        self._rng = rng_from(seed, "nasedu.widgets.explorer")
        self._turn = 0
        self._graph: Graph | None = None
        super().__init__(shown=self._plain())
        _made.add(self)
        self.on_msg(lambda _, message, __: self._answer(message))

    # ------------------------------------------------------------------ building

    @property
    def architecture(self) -> Architecture:
        """Return the choices so far."""
        return self.view.choices

    def choose(self, choice: str) -> None:
        """Make a choice. Raise BadArchitecture, with the reason, if it is not open."""
        self.go((*self.architecture, choice))

    def undo(self) -> None:
        """Undo the last change; if there is none, remove the last choice."""
        if self._before:
            self._show(self._before.pop())
        elif self.architecture:
            self._show(self.architecture[:-1])

    def reset(self) -> None:
        """Go to the empty network."""
        self.go(())

    def random(self) -> None:
        """Go to a random complete network of the space."""
        self.go(self.space.sample(self._rng))

    def go(self, architecture: Sequence[str]) -> None:
        """Go to any network, complete or not. Raise BadArchitecture if the space does not allow its choices."""
        before = self.architecture
        self._show(architecture)
        if self.architecture != before:
            self._before.append(before)

    def score(self) -> float:
        """Return the true score of the network, and count one try; a network that was scored before costs none.

        Raises:
            BadArchitecture: the network cannot be built before more choices are made.
            BadValue: no try is left, or there is no table.
        """
        if self.table is None:
            raise BadValue("there is no table to score a network by: Explorer(table.space, table, task, tries=10)")
        if self.view.network is None:
            raise BadArchitecture(f"{self.view.words} Choose on, then score it")
        found = dict(self.tried).get(self.view.network)
        if found is not None:
            self._show(self.architecture, f"Scored before: {number(found)}. It costs no try.")
            return found
        if self.tries is not None and not self._left:
            raise BadValue(_used(self.tries))
        found = self._true_score(self.view.network)
        self.tried.append((self.view.network, found))
        self._show(self.architecture)
        return found

    @property
    def _left(self) -> int:
        return (self.tries or 0) - len(self.tried)

    def _true_score(self, network: Architecture) -> float:
        if self.table is None or network not in self.table:
            raise BadArchitecture(f"{' '.join(network)} is not a network of the table")
        return float(self.table.scores(self.table.task(self.task).column)[self.table.row(network)])

    # ------------------------------------------------------------------ showing

    def _look(self, architecture: Sequence[str]) -> View:
        """Return the view; during a search by hand without what the table knows."""
        return look(self.space, architecture, None if self._left > 0 else self.table, self.task)

    def _search(self) -> trial_plot.Search:
        dots = [trial_plot.Dot(network, found) for network, found in self.tried]
        return trial_plot.Search(dots, self.tries or 0, self.marks, METHODS["you"])

    def _scored(self) -> str:
        """Return what the search by hand says of the network: its score, if it has one, and whether it was the last."""
        scores, network = dict(self.tried), self.view.network
        if self.tries is None or network not in scores:
            return ""
        if self._left <= 0:
            return f" {_used(self.tries)}" if network == self.tried[-1][0] else ""
        found, best = scores[network], max(scores.values())
        compared = "the best so far" if found == best else f"the best so far has {number(best)}"
        return f" Score {number(found)} on try {[*scores].index(network) + 1} of {self.tries}: {compared}."

    def _show(self, architecture: Sequence[str], note: str = "") -> None:
        self.view = self._look(architecture)
        self._turn += 1
        self.shown = self._plain(note)
        self.keep()

    def _answer(self, message: Any) -> None:
        """Answer a click in the browser with a new state."""
        kind, value = (message.get("do"), message.get("value")) if isinstance(message, dict) else (None, None)
        try:
            if kind == "choose" and isinstance(value, str):
                self.choose(value)
            elif kind == "go" and isinstance(value, list):
                self.go(tuple(map(str, value)))
            elif kind in ("undo", "reset", "random", "score"):
                getattr(self, kind)()
        except (BadArchitecture, BadValue) as error:
            self._show(self.architecture, str(error))

    def _plain(self, note: str = "", graph: Graph | None = None) -> dict[str, Any]:
        """Return the view as plain data for the browser, or for a page that has only a graph."""
        view, built = self.view, self.view.built
        if graph:
            view = in_part(view, graph.paths)
        return {
            "turn": self._turn,
            "note": note,
            "choices": list(map(list, zip(view.choices, view.made, strict=True))),
            "decides": view.decides,
            "part": graph.part if graph else "",
            "words": view.words + self._scored(),
            "groups": [[title, [[o.choice, o.why_not] for o in options]] for title, options in view.groups],
            "cell": themed(view.cell),
            "drawing": themed(built.drawing) if built else "",
            "layers": [[title, shape, f"{count:,}"] for title, shape, count in built.layers] if built else [],
            "undo": bool(self._before or view.choices),
            "truth": _truth(view.truth) if view.truth else None,
            "looks": self._looks(),
            "search": None if self.tries is None else self._searched(),
        }

    def _looks(self) -> dict[str, list[Any]]:
        """Return the colour and the height of each choice of the listed networks (`nasedu.spaces.strip`)."""
        listed = [network for network, _ in self.tried]
        listed += [one.architecture for one in self.view.truth.neighbours] if self.view.truth else []
        every = sorted({choice for network in listed for choice in network})
        return {block.text: [block.colour, round(block.height)] for block in blocks(tuple(every))}

    def _searched(self) -> dict[str, Any]:
        search = self._search()
        return {
            "left": self._left,
            "plot": trial_plot.svg(search),
            "words": search.words,
            "rows": [[str(i), number(score), list(network)] for i, (network, score) in enumerate(self.tried, 1)],
        }

    def words(self) -> str:
        return self.view.words if self.tries is None else f"{self.view.words} {self._search().words}"

    def static(self) -> str:
        searched = "" if self.tries is None else picture(trial_plot.svg(self._search()))
        return searched + html(self.view)

    def page(self) -> str:
        """Return the picture and the tables; after `record`, the explorer itself for pages that may run a script."""
        if self._graph is None or self.architecture not in self._graph.paths:
            return self.static()
        state = {"shown": self._plain(graph=self._graph), "_graph": self._graph.text}
        return interactive_html(self.static(), javascript("explorer_answers.js", "explorer.js"), str(self._css), state)

    def record(self) -> None:
        """Put the space, or the part around the network, into the saved notebook, which then needs no kernel.

        It takes seconds, so that the builder of the lessons does it, and no cell.
        """
        search = None if self.tries is None else replace(self._search(), dots=())
        self._graph = graph_of(self.space, self.architecture, self.table, self.task, search)
        self.keep()


def record_all() -> None:
    """Put the spaces of all explorers into the saved notebook: see `Explorer.record`.

    Raises:
        BadValue: a space takes too much room, so a saved page would have only its picture.
    """
    for explorer in list(_made):
        explorer.record()
        if explorer._graph is None:
            raise BadValue(f"{explorer!r} is too large for a saved page: give it a smaller space")


def _used(tries: int) -> str:
    return f"All {tries} tries are used: run this cell again for new ones."


def _check_same(space: Space, table: Table) -> None:
    """Raise Mismatch if the space cannot read the networks of the table."""
    try:
        space.walk(table.architectures[0])
    except BadArchitecture as error:
        raise Mismatch(
            f"the table {table.name!r} is not of this space; use its own: Explorer(table.space, table, ...). {error}"
        ) from error


def _truth(truth: Truth) -> dict[str, Any]:
    return {
        "plot": dot_plot(truth),
        "words": plot_words(truth),
        "rows": [[*one.texts, list(one.architecture)] for one in truth.neighbours],
    }
