"""A search as dots by trial and score, with the tree of who was made from whom. Lesson 03."""

from collections.abc import Mapping, Sequence
from typing import Any

from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, ORANGE, RED
from nasedu.core.themes import INK, MIDDLE, PAPER, SOFT
from nasedu.study import ranking
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import cross, curve, dot, path, text

WIDTH, HEIGHT = 640, 380
NAME = 84  # letters that fit into a line


def search(
    trials: Sequence[Any], parents: Mapping[Architecture, Sequence[Architecture]] | None = None, *, title: str = ""
) -> Film:
    """Return a film of a search: one trial after the other, each with its parents.

        for trial in study.run(trials=40): ...
        Player(films.search(study.trials, study.controller.parents))

    A ring is an architecture without parents (drawn at random, or from a learned distribution). A dot is an
    architecture with parents, and a line leads to each parent. The ancestors of the newest trial are marked.

    Args:
        trials: evaluated trials in the order asked, such as `study.trials`.
        parents: `controller.parents`: the parents of each architecture; without it there is no tree.
        title: replaces "A search, trial by trial".

    Raises:
        BadValue: no trial, or a trial that was not evaluated.
    """
    trials = list(trials)
    if not trials or any(trial.evaluation is None for trial in trials):
        raise BadValue(f"this film shows at least one trial, each evaluated; given {len(trials)}: use study.trials")
    scores = [trial.score for trial in trials]
    edge = max((max(scores) - min(scores)) * 0.06, 0.005)
    plot = Plot(50, 88, 574, 240, (0, len(trials) + 1), (min(scores) - edge, max(scores) + edge))
    first: dict[Architecture, int] = {}
    for number, trial in enumerate(trials):
        first.setdefault(trial.architecture, number)
    made_from = [
        [first[p] for p in (parents or {}).get(trial.architecture, ()) if first.get(p, number) < number]
        for number, trial in enumerate(trials)
    ]
    fixed = [_dot(plot, number, trial, bool(made_from[number])) for number, trial in enumerate(trials)]
    lines = [_lines(plot, scores, number, made_from[number]) for number in range(len(trials))]
    frames = [_frame(plot, trials, made_from, lines, fixed, number) for number in range(len(trials))]
    return Film(frames, WIDTH, HEIGHT, tuple(_head(plot)), title or "A search, trial by trial")


def _head(plot: Plot) -> list[str]:
    """Draw the axes, and a legend of rings, dots and lines."""
    legend = [
        dot(52, 370, 4, PAPER, BLUE) + text(62, 374, "no parents", size=11),
        dot(136, 370, 4, BLUE) + text(146, 374, "made from others", size=11),
        path("M256 370h18", ORANGE, 2.5) + text(280, 374, "ancestors of the newest", size=11),
        path("M424 370h18", INK, 1.5, dash="4 3") + text(448, 374, "best so far", size=11),
    ]
    return [*plot.axes("trial", "validation score"), *legend]


def _dot(plot: Plot, number: int, trial: Any, made: bool) -> str:
    x, y = plot.at(number + 1, trial.score)
    if not trial.evaluation.ok:
        return cross(x, y, 4)
    return dot(x, y, 4, BLUE if made else PAPER, PAPER if made else BLUE)


def _lines(plot: Plot, scores: Sequence[float], number: int, parents: Sequence[int]) -> str:
    """Draw a line from each parent to the child."""
    here = plot.at(number + 1, scores[number])
    return "".join(curve([plot.at(p + 1, scores[p]), here], MIDDLE, 1) for p in parents)


def _frame(
    plot: Plot,
    trials: Sequence[Any],
    made_from: Sequence[Sequence[int]],
    lines: Sequence[str],
    dots: Sequence[str],
    now: int,
) -> Frame:
    scores = [trial.score for trial in trials]
    tree = _ancestors(made_from, now)
    marked = [curve([plot.at(a + 1, scores[a]), plot.at(b + 1, scores[b])], ORANGE, 2.5) for a, b in tree]
    steps = []
    for number in range(now + 1):
        best = max(scores[: number + 1])
        steps += [plot.at(number + 1, best), plot.at(number + 2 if number < now else number + 1, best)]
    way = path("M" + "L".join(f"{x:.0f} {y:.1f}" for x, y in steps), INK, 1.5, dash="4 3")
    x, y = plot.at(now + 1, scores[now])
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{RED}" stroke-width="2.5"/>'
    origin, words = _said(trials, made_from, now)
    heading = [
        text(10, 20, f"Trial {now + 1}: score {scores[now]:.3f}", bold=True),
        text(10, 38, " ".join(trials[now].architecture)[:NAME], size=11),
        text(10, 56, origin[:NAME], size=11, fill=SOFT),
    ]
    order = [part for pair in zip(lines, dots, strict=True) for part in pair][: 2 * now + 2]
    return Frame(
        (*(part for part in order if part), way, *marked, ring, *heading), words, _rows(trials, made_from, now)
    )


def _ancestors(made_from: Sequence[Sequence[int]], now: int) -> list[tuple[int, int]]:
    """Return the lines of the tree above a trial, each as (parent, child)."""
    found: list[tuple[int, int]] = []
    waiting, seen = [now], {now}
    while waiting:
        child = waiting.pop()
        for parent in made_from[child]:
            found.append((parent, child))
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(found)


def _said(trials: Sequence[Any], made_from: Sequence[Sequence[int]], now: int) -> tuple[str, str]:
    """Return the origin of a trial, and the content of the frame in one sentence."""
    trial = trials[now]
    origins = [f"trial {p + 1} (score {trials[p].score:.3f})" for p in made_from[now]]
    origin = f"made from {' and '.join(origins)}" if origins else "without parents"
    best = min(range(now + 1), key=lambda number: ranking(trials[number]))
    failed = "" if trial.evaluation.ok else f" ({trial.evaluation.status})"
    words = (
        f"Trial {now + 1} of {len(trials)}: {' '.join(trial.architecture)}, {origin}, score {trial.score:.3f}{failed}; "
        f"the best so far is trial {best + 1} with {trials[best].score:.3f}."
    )
    return origin, words


def _rows(trials: Sequence[Any], made_from: Sequence[Sequence[int]], now: int) -> tuple[tuple[str, ...], ...]:
    """Return the last eight trials as a table."""
    body = []
    for number in range(max(now - 7, 0), now + 1):
        parents = ", ".join(str(p + 1) for p in made_from[number])
        trial = trials[number]
        body.append((str(number + 1), f"{trial.score:.3f}", parents, " ".join(trial.architecture)))
    return (("trial", "score", "made from trial", "architecture"), *body)
