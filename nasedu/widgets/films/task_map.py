"""Makes the film of a task map from plain arrays: one frame for each task. Lesson 15."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.core.palette import RED, methods
from nasedu.core.palette import task as colour_of
from nasedu.core.themes import INK, MIDDLE
from nasedu.meta.comparison import COLD, Comparison
from nasedu.widgets import regret_plot, task_places
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.regret_plot import Curve
from nasedu.widgets.svg import text
from nasedu.widgets.task_places import Box

WIDTH, MAP_HEIGHT, CURVES_HEIGHT = 700, 350, 300
MAP = Box(14, 34, 436, MAP_HEIGHT - 8)
LIST = Box(456, 34, WIDTH - 10, MAP_HEIGHT - 8)
MOST_SOURCES = 8
FAINT, TAUGHT = MIDDLE, RED


def film(tasks: Sequence[str], alike: np.ndarray, comparisons: Sequence[Comparison] = ()) -> Film:
    """Return the film of a task map: one frame for each task.

    Args:
        tasks: the names of the tasks.
        alike: rank correlations, (tasks, tasks).
        comparisons: comparisons on some of the tasks.

    Raises:
        BadValue: as for `TaskMap`.
    """
    check(tasks, alike, comparisons)
    layout = MapLayout.of(tasks, alike)
    compared = {one.task: one for one in comparisons}
    frames = [frame(layout, number, compared.get(task), bool(compared)) for number, task in enumerate(tasks)]
    height = MAP_HEIGHT + (CURVES_HEIGHT if comparisons else 0)
    return Film(frames, WIDTH, height, tuple(ground(layout)), "How alike tasks are, and what was carried over", True)


def check(tasks: Sequence[str], alike: np.ndarray, comparisons: Sequence[Comparison]) -> None:
    shape = np.shape(alike)
    if not tasks or len(set(tasks)) < len(tasks) or shape != (len(tasks), len(tasks)):
        raise BadValue(
            f"a task map needs the names of different tasks and their similarity, (tasks, tasks); given {len(tasks)} "
            f"names and an array of {shape}"
        )
    if not np.allclose(alike, np.transpose(alike)) or not (np.abs(alike) <= 1 + 1e-9).all():
        raise BadValue("the similarity is a symmetric matrix of rank correlations, from -1 to 1")
    for number, one in enumerate(comparisons):
        if one.task not in tasks or one.task in [c.task for c in comparisons[:number]]:
            raise BadValue(f"one comparison for a task of the map ({', '.join(tasks)}); given one more of {one.task!r}")


# ---------------------------------------------------------------------- the map


@dataclass(frozen=True)
class MapLayout:
    """The layout of the map, the same for every chosen task.

    Attributes:
        tasks: the names of the tasks.
        alike: rank correlations, (tasks, tasks).
        places: positions of the dots, (tasks, 2).
        boxes: boxes of the names.
    """

    tasks: tuple[str, ...]
    alike: np.ndarray
    places: np.ndarray
    boxes: list[Box]

    @classmethod
    def of(cls, tasks: Sequence[str], alike: np.ndarray) -> "MapLayout":
        inner = Box(MAP.left + 40, MAP.top + 14, MAP.right - 40, MAP.bottom - 14)
        places = task_places.dots(alike, inner)
        return cls(tuple(tasks), np.asarray(alike, dtype=float), places, task_places.names(tasks, places, MAP))


def ground(layout: MapLayout) -> list[str]:
    """Draw links, dots and names."""
    parts = [text(MAP.left, 18, "near: they rank networks alike; linked: most alike")]
    for i, j in task_places.pairs(layout.alike):
        (x, y), (u, v) = layout.places[[i, j]].tolist()
        parts.append(f'<path class="link" d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="{FAINT}"/>')
    for task, (x, y), box in zip(layout.tasks, layout.places.tolist(), layout.boxes, strict=True):
        parts += [leader(x, y, box), f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{colour_of(task)}"/>']
        parts.append(
            f'<text class="task" x="{box.left:.1f}" y="{box.bottom - 2.5:.1f}" font-size="11" fill="{INK}">'
            f"{escape(task)}</text>"
        )
    return [part for part in parts if part]


def leader(x: float, y: float, box: Box) -> str:
    """Draw a thin line from a dot to its name, if the name is not next to the dot."""
    u, v = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    if np.hypot(u - x, v - y) < task_places.REACH[0] + 4:
        return ""
    return f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="{FAINT}" stroke-width="0.8"/>'


# ---------------------------------------------------------------------- one task chosen


def frame(layout: MapLayout, number: int, comparison: Comparison | None, others: bool = False) -> Frame:
    """Return the frame of one task: the map, the similar tasks, and its regret curves.

    Args:
        number: the chosen task.
        comparison: the comparison on this task, if there is one.
        others: whether another task has a comparison; then a task without one says so.
    """
    weights = {task: float(np.mean(w)) for task, w in comparison.weights.items()} if comparison else {}
    order = [i for i in np.argsort(-layout.alike[number], kind="stable").tolist() if i != number]
    shown = sorted(order, key=lambda i: -weights.get(layout.tasks[i], 0.0)) if weights else order
    parts = [*carried(layout, number, weights), *ring(layout, number)]
    parts += sources(layout, number, shown[:MOST_SOURCES], weights)
    rows: list[tuple[str, ...]] = []
    said = f"{layout.tasks[number]}: {nearest(layout, number, order)}"
    if comparison:
        ways = enumerate(zip(comparison.regrets.items(), methods(list(comparison.regrets)), strict=True))
        found = [Curve.of(way, place, regrets, colour) for place, ((way, regrets), colour) in ways]
        box = (0.0, float(MAP_HEIGHT), float(WIDTH), float(CURVES_HEIGHT))
        parts += regret_plot.elements(found, comparison.evaluations, "", box)
        said += f" {verdict(comparison)}"
        (_, *head), *body = regret_plot.rows(found, comparison.evaluations)
        rows = [("search", *head), *body]
    elif others:
        parts.append(
            text(WIDTH / 2, MAP_HEIGHT + CURVES_HEIGHT / 2, "this task was not searched here", anchor="middle")
        )
    rows += source_rows(layout, number, order, weights, len(rows[0]) if rows else 0)
    return Frame(tuple(parts), said, tuple(rows), layout.tasks[number])


def carried(layout: MapLayout, number: int, weights: dict[str, float]) -> list[str]:
    """Draw a line from each earlier task with a weight; its width shows the weight."""
    parts = []
    for task, weight in weights.items():
        if task in layout.tasks and weight >= 0.02:
            (x, y), (u, v) = layout.places[[layout.tasks.index(task), number]].tolist()
            parts.append(
                f'<path class="carried" d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="{TAUGHT}" stroke-opacity="0.6" '
                f'stroke-width="{1 + 9 * weight:.1f}"><title>{escape(task)}: {weight:.2f}</title></path>'
            )
    return parts


def ring(layout: MapLayout, number: int) -> list[str]:
    (x, y), box = layout.places[number].tolist(), layout.boxes[number]
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="{INK}" stroke-width="2.5"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{TAUGHT}"/>',
        f'<path d="M{box.left:.1f} {box.bottom:.1f}H{box.right:.1f}" stroke="{INK}" stroke-width="1.5"/>',
    ]


def sources(layout: MapLayout, number: int, shown: Sequence[int], weights: dict[str, float]) -> list[str]:
    """Draw the earlier tasks as a list of bars with numbers: the weight of each, or its rank correlation."""
    title = "what counted as evidence (weight)" if weights else "how alike (rank correlation)"
    parts = [text(LIST.left, 18, title)]
    step = min((LIST.bottom - LIST.top) / MOST_SOURCES, 38)
    for line, other in enumerate(shown):
        task, top = layout.tasks[other], LIST.top + step * line
        value = weights.get(task, 0.0) if weights else float(layout.alike[number, other])
        wide = max(value, 0.0) * (LIST.right - LIST.left - 40)
        also = f", alike {layout.alike[number, other]:.2f}" if weights else ""
        parts.append(text(LIST.left, top + 11, task + also, size=11))
        parts.append(
            f'<rect class="bar" x="{LIST.left}" y="{top + 15:.1f}" width="{wide:.1f}" height="9" '
            f'fill="{TAUGHT if weights else colour_of(task)}"/>'
        )
        parts.append(text(LIST.left + wide + 5, top + 23, f"{value:.2f}", size=11))
    return parts


def nearest(layout: MapLayout, number: int, order: Sequence[int]) -> str:
    if not order:
        return "no other task."
    best = order[0]
    return f"most like {layout.tasks[best]} (rank correlation {layout.alike[number, best]:.2f})."


def verdict(comparison: Comparison) -> str:
    """Return a sentence on the lead of each way over the cold start at the end of the searches."""
    if COLD not in comparison.regrets:
        return ""
    after = comparison.evaluations
    told = [
        f"{way} {standing(*comparison.lead(way, after=after))}"
        for way in comparison.regrets
        if way not in (COLD, "random")
    ]
    return f"After {after} networks, against a cold start: {'; '.join(told)}." if told else ""


def standing(mean: float, half: float) -> str:
    """Return a lead and half of its 95% interval in words."""
    if np.isnan(half):
        return f"{mean:+.3f} in a single run"
    if abs(mean) <= half:
        return f"not told apart ({mean:+.3f} ± {half:.3f})"
    return f"{'ahead' if mean > 0 else 'behind'} by {abs(mean):.3f} ± {half:.3f}"


def source_rows(
    layout: MapLayout, number: int, order: Sequence[int], weights: dict[str, float], columns: int
) -> list[tuple[str, ...]]:
    """Return the earlier tasks as rows of the table, with rank correlation and weight."""
    head = ("earlier task", "rank correlation", *(("weight",) if weights else ()))
    lines: list[tuple[Any, ...]] = [head]
    for other in order:
        task = layout.tasks[other]
        weight = (f"{weights.get(task, 0.0):.2f}",) if weights else ()
        lines.append((task, f"{layout.alike[number, other]:.2f}", *weight))
    return [(*line, *[""] * max(columns - len(line), 0)) for line in lines]
