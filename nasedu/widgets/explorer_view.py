"""The view of a network that is being built: a pure function from choices to a view, without any widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nasedu.core import Architecture, BadArchitecture
from nasedu.spaces.base import Space
from nasedu.spaces.places import decides
from nasedu.tables import Table
from nasedu.widgets import choice_names as naming
from nasedu.widgets.explorer_truth import Truth, number, truth


@dataclass(frozen=True)
class Option:
    """A choice of the space. `why_not` gives the reason why it is not open here; it is empty for an open choice."""

    choice: str
    why_not: str


@dataclass(frozen=True)
class Built:
    """A built network: its drawing (SVG), its layers (title, output shape, parameters) and its size.

    If the network cannot be built, only `error` is set, to the reason.
    """

    drawing: str = ""
    layers: tuple[tuple[str, str, int], ...] = ()
    parameters: int = 0
    flops: int = 0
    error: str = ""

    @property
    def words(self) -> str:
        """Return the size in words, or why there is none."""
        if self.error:
            return f"it cannot be built. {self.error}"
        return f"{self.parameters:,} parameters, {self.flops:,} FLOPs."


@dataclass(frozen=True)
class View:
    """Everything that the explorer shows.

    Attributes:
        choices: the choices so far.
        made: what each of them decided, in words; empty if the space has no name for it.
        next: what the next choice decides, as a sentence.
        groups: every choice of the space, by group: (title, options).
        complete: no further choice can follow.
        network: the network that is drawn and measured: the choices, with "stop" if needed; None if it cannot stop.
        built: that network, built.
        truth: its true score by the table; None without a table, or without a network.
        cell: a picture of the choices so far as a cell (SVG); empty if the space has no cells.
    """

    choices: Architecture
    made: tuple[str, ...]
    next: str
    groups: tuple[tuple[str, tuple[Option, ...]], ...]
    complete: bool
    network: Architecture | None
    built: Built | None
    truth: Truth | None
    cell: str = ""

    @property
    def decides(self) -> str:
        """Return what the next choice decides, and how many choices are open."""
        if self.complete:
            return self.next
        return f"{self.next} Open here: {sum(not option.why_not for _, some in self.groups for option in some)}."

    @property
    def words(self) -> str:
        """Return the view in a few sentences."""
        if self.built is None:
            return f"{_spoken(self.choices)}: it cannot be built before more choices are made."
        stop = "" if self.complete else ", stopped here"
        return f"{_spoken(self.choices)}{stop}: {self.built.words}{_score(self.truth)}"


def build(space: Space, network: Architecture) -> Built:
    """Return a network built, or why it cannot be."""
    from nasedu.spaces import drawing

    try:
        layers = tuple(
            (layer.title, " × ".join(map(str, layer.shape)), layer.parameters)
            for layer in drawing.layers(space, network)
        )
        parameters, flops = (space.measure(name, network) for name in ("parameters", "flops"))
        return Built(space.draw(network), layers, parameters, flops)
    except Exception as error:  # `build` may be a student's own: the explorer shows its error
        return Built(error=f"{type(error).__name__}: {error}")


def look(
    space: Space,
    choices: Sequence[str],
    table: Table | None = None,
    task: str | None = None,
    build: Callable[[Space, Architecture], Built] = build,
) -> View:
    """Return the view after these choices.

    Args:
        space: the space of the network.
        choices: the choices so far, from the start; () is the empty network.
        table: true scores of networks of this space, if available.
        task: a task of the table; optional if the table has only one.
        build: gives the network, built; another one can remember what it built.

    Raises:
        BadArchitecture: a choice is not open at its place; the message gives the reason.
        BadValue: the table does not have the task.
    """
    choices = tuple(choices)
    *passed, state = _follow(space, choices)
    moves = space.moves(state)
    known = naming.grouped(naming.every_choice(space, choices))
    groups = tuple(
        (title, tuple(Option(c, space.why_not(state, c) or "") for c in options)) for title, options in known.items()
    )
    network = choices if not moves else _stopped(space, choices, state)
    return View(
        choices=choices,
        made=tuple(decides(space, before) for before in passed),
        next=_next(space, state, len(choices)),
        groups=groups,
        complete=not moves,
        network=network,
        built=None if network is None else build(space, network),
        truth=None if network is None or table is None else truth(space, network, table, table.task(task).column),
        cell=space.draw_cell(choices),
    )


def _follow(space: Space, choices: Architecture) -> list[Any]:
    """Return the states along the choices, beginning with the start."""
    states: list[Any] = [space.start()]
    for place, choice in enumerate(choices, 1):
        moves = space.moves(states[-1])
        if choice not in moves:
            reason = space.why_not(states[-1], choice)
            raise BadArchitecture(f"choice {place}: {reason}; open here: {', '.join(moves) or 'nothing'}")
        states.append(moves[choice])
    return states


def _stopped(space: Space, choices: Architecture, state: Any) -> Architecture | None:
    """Return the network if it stopped now; None if "stop" is not open."""
    after = space.moves(state).get("stop")
    return None if after is None or space.moves(after) else (*choices, "stop")


def _next(space: Space, state: Any, made: int) -> str:
    if not space.moves(state):
        return "The network is complete."
    longest = naming.longest(space)
    most = f" of at most {longest}" if longest else ""
    about = decides(space, state)
    about = f": {about}" if about else ""
    return f"Choice {made + 1}{most}{about}."


# ---------------------------------------------------------------------- words


def _spoken(choices: Architecture) -> str:
    return " ".join(choices) or "No choice yet"


def _score(seen: Truth | None) -> str:
    if seen is None:
        return ""
    if seen.own is None:
        return f" The table for {seen.task} does not have it."
    own, of = seen.own, len(seen.scores)
    seeds = f" ± {number(own.spread)} over {seen.seeds} seeds" if seen.seeds > 1 else ""
    return f" On {seen.task}: {number(own.score)}{seeds}, rank {own.rank:,} of {of:,}."
