"""The recording of a race as a film, so that a saved page can replay it without a kernel."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nasedu.core.themes import FAINT, PAPER
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.regret_plot import Curve, PlotArea, labels, layout, plot, rows

MOST_FRAMES = 26
SIZE = (680, 340)


def race_film(curves: Sequence[Curve], evaluations: int, words: str, unit: str = "") -> Film:
    """Return a film of at most `MOST_FRAMES` frames: each shows the lines up to a number of networks.

    Args:
        curves: at least one.
        evaluations: the number of networks in a run.
        words: what the last frame says; this frame is the picture of `regret_plot.svg`.
        unit: of the regret.
    """
    area, room = layout(curves, evaluations, (0, 0, *SIZE))
    head = (*plot(curves, area, unit), *labels(area, curves, room))
    frames = []
    for place in np.unique(np.linspace(1, evaluations, MOST_FRAMES).round().astype(int)).tolist():
        seen = [replace(c, low=c.low[:place], middle=c.middle[:place], high=c.high[:place]) for c in curves]
        frames.append(Frame((_cover(area, place),), _words(seen, place, evaluations), _rows(seen, place)))
    frames[-1] = Frame((), words, tuple(rows(curves, evaluations)))
    return Film(frames, *SIZE, head=head, title="The race, recorded")


def _cover(area: PlotArea, place: int) -> str:
    """Return a rectangle over everything after this number of networks."""
    x, right = area.x(place), area.left + area.width
    shape = f"M{x:.0f} {area.top - 2:.0f}H{right:.0f}V{area.top + area.height - 1:.0f}H{x:.0f}z"
    return f'<path d="{shape}" fill="{PAPER}" stroke="{FAINT}"/>'


def _rows(seen: Sequence[Curve], place: int) -> tuple[tuple[str, ...], ...]:
    ranked = sorted(seen, key=lambda curve: float(curve.middle[-1]))
    return (("controller", "runs", "regret"), *((c.label, str(c.seeds), c.after(place)) for c in ranked))


def _words(seen: Sequence[Curve], place: int, evaluations: int) -> str:
    first = min(seen, key=lambda curve: float(curve.middle[-1]))
    return f"After {place} of {evaluations} networks: lowest mean regret: {first.label}, {first.after(place)}."
