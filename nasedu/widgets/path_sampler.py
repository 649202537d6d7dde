"""Paths through a supernet: which shared weights a network reads, and how often each was trained. Lesson 10."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import traitlets

from nasedu.core import Architecture, BadArchitecture, BadValue, counted
from nasedu.core.themes import BLUES, STEPS
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet, table
from nasedu.widgets.path_sampler_picture import KEY, Weights, picture_of, weights_of
from nasedu.widgets.show import picture

__all__ = ["PathSampler"]

MOST_NETWORKS, MOST_STEPS = 2000, 5000


class PathSampler(Widget):
    """Shows the shared weights of a space: what a path reads of them, and how often each part was trained.

        training = SupernetTraining(supernet, task, steps=200)
        PathSampler(supernet, training)

    Each box is a shared tensor. It is divided where some networks read a part of it only: a layer with 4 filters reads
    the upper half of the tensor that a layer with 8 filters reads whole. The number in a part says how many steps have
    trained it. The buttons step through the training, forward and back; a path can also be built choice by choice.
    Everything is in the browser, so it works without a kernel, and in a saved page.

    Args:
        supernet: its space has at most 2,000 networks; tensors that do not exist yet are made.
        steps: steps of a training, such as `SupernetTraining` yields, or the path of each step; at most 5,000.
        at: how many of the steps are taken at first.
        architecture: the first path to show; by default that of the last step taken.

    Attributes:
        at: how many steps are taken. Clicks in the browser change it.
        path: the choices of the path that is shown, complete or not.

    Raises:
        BadValue: a space or a training that is too large, or a step that does not exist.
        BadArchitecture: the space does not allow the first path.
    """

    _esm = javascript("path_sampler.js")
    _css = stylesheet("path_sampler.css", ".nasedu-paths")
    _data = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    path: Any = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self, supernet: Any, steps: Iterable[Any] = (), *, at: int = 0, architecture: Sequence[str] | None = None
    ):
        self.supernet = supernet
        size = supernet.space.size()
        if size > MOST_NETWORKS:
            raise BadValue(
                f"a path sampler holds every architecture of its space, at most {MOST_NETWORKS:,}; space "
                f"{supernet.space.title!r} has {size:,}: take a smaller one, such as nasedu.tables.atlas().space"
            )
        self.networks = list(supernet.space.enumerate())
        rows = {network: row for row, network in enumerate(self.networks)}
        self.taken, self.losses = self._steps(steps, rows)
        self.weights = weights_of(supernet, self.networks)
        first = list(self._last_of(self._place(at)) if architecture is None else architecture)
        self._matching(first)
        super().__init__(_data=self._plain(), at=at, path=first)

    def _steps(self, steps: Iterable[Any], rows: dict[Architecture, int]) -> tuple[list[list[int]], list[float | None]]:
        """Return the networks of each step by their place among all, and its loss if there is one."""
        taken: list[list[int]] = []
        losses: list[float | None] = []
        for step in steps:
            paths = getattr(step, "paths", None) or (tuple(step),)
            for path in paths:
                if path not in rows:
                    raise BadArchitecture(f"step {len(taken) + 1} trains {path}, which is no network of this space")
            taken.append([rows[path] for path in paths])
            losses.append(getattr(step, "loss", None))
            if len(taken) > MOST_STEPS:
                raise BadValue(f"a path sampler shows at most {MOST_STEPS:,} steps: give the first ones of them")
        return taken, losses

    @traitlets.validate("at")
    def _check_at(self, proposal: Any) -> int:
        return self._place(proposal["value"])

    def _place(self, at: Any) -> int:
        if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at <= len(self.taken):
            raise BadValue(f"this training has the steps 1 to {len(self.taken)}, and 0 is before it; given {at!r}")
        return at

    @traitlets.validate("path")
    def _check_path(self, proposal: Any) -> list[str]:
        self._matching(proposal["value"])
        return list(proposal["value"])

    def _matching(self, path: Sequence[str]) -> list[int]:
        """Return the networks that begin with these choices. Raise BadArchitecture if there is none."""
        begins = tuple(path)
        found = [row for row, network in enumerate(self.networks) if network[: len(begins)] == begins]
        if not found:
            raise BadArchitecture(f"no network of this space begins with {begins}")
        return found

    def _last_of(self, at: int) -> Architecture:
        return self.networks[self.taken[at - 1][-1]] if at else ()

    # ------------------------------------------------------------------ stepping

    def forward(self) -> None:
        """Take one step, and show its path; stay at the last one."""
        self.go(min(self.at + 1, len(self.taken)))

    def back(self) -> None:
        """Take one step back; stay before the first one."""
        self.go(max(self.at - 1, 0))

    def go(self, at: int) -> None:
        """Go to a step, counted from 1, and show its path. Raise BadValue if it does not exist."""
        self.at = self._place(at)
        self.path = list(self._last_of(at))

    def choose(self, choice: str) -> None:
        """Make the next choice of the path. Raise BadArchitecture if it is not open."""
        self.path = [*self.path, choice]

    # ------------------------------------------------------------------ what is seen

    @property
    def counts(self) -> list[int]:
        """Return how often each part of the weights was trained, in the order of `weights.parts`."""
        paths = Counter(row for step in self.taken[: self.at] for row in step)
        found = [0] * len(self.weights.parts)
        for row, times in paths.items():
            for part in self.weights.reads[row]:
                found[part] += times
        return found

    @property
    def lit(self) -> list[int]:
        """Return the parts that every network with these first choices reads."""
        rows = self._matching(self.path)
        return sorted(set.intersection(*(set(self.weights.reads[row]) for row in rows))) if self.path else []

    def words(self) -> str:
        step = f"After {counted(self.at, 'step')} of {len(self.taken)}:"
        if tuple(self.path) not in self.networks:
            begun = f"the path so far is {' '.join(self.path)}" if self.path else "no path is chosen yet"
            return f"{step} {begun}."
        (row,) = self._matching(self.path)
        times = sum(step.count(row) for step in self.taken[: self.at])
        counts = [self.counts[part] for part in self.weights.reads[row]]
        least, most = min(counts), max(counts)
        trained = counted(most, "time") if least == most else f"{least} to {most} times"
        return (
            f"{step} the path {' '.join(self.path)} reads {self.weights.numbers[row]:,} of {self.weights.total:,} "
            f"shared numbers. It was sampled {counted(times, 'time')}; the parts that it reads were trained {trained}."
        )

    def static(self) -> str:
        drawn = picture(picture_of(self.weights, self.counts, self.lit, self.words()))
        return f"{drawn}<p>{' · '.join(KEY)}</p>{table(self._rows())}"

    def page(self) -> str:
        """Return the picture and its table, and the widget itself for pages that may run a script."""
        state = {"_data": self._data, "at": self.at, "path": list(self.path)}
        return interactive_html(self.static(), str(self._esm), str(self._css), state)

    def _rows(self) -> list[tuple[str, ...]]:
        read = set(self.lit)
        rows: list[tuple[str, ...]] = [("part of the shared weights", "trained", "read by this path")]
        for place, (part, count) in enumerate(zip(self.weights.parts, self.counts, strict=True)):
            if count or place in read:
                rows.append((part.name, str(count), "yes" if place in read else ""))
        return rows

    def _plain(self) -> dict[str, Any]:
        """Return all that the browser needs, as plain data."""
        vocabulary = sorted({choice for network in self.networks for choice in network})
        place = {choice: number for number, choice in enumerate(vocabulary)}
        weights: Weights = self.weights
        return {
            "width": weights.width,
            "height": weights.height,
            "head": "".join(weights.head),
            "parts": [[*map(round, part.box), part.label, part.name] for part in weights.parts],
            "choices": vocabulary,
            "networks": [[place[choice] for choice in network] for network in self.networks],
            "reads": weights.reads,
            "numbers": weights.numbers,
            "total": weights.total,
            "steps": self.taken,
            "losses": [None if loss is None else round(loss, 3) for loss in self.losses],
            "key": KEY,
            "blues": BLUES,
            "dark": round(0.65 * STEPS),
        }
