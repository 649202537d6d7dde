"""The picture of a race: a line and a band for each controller, with its name where its line ends."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from nasedu.core import BadValue, counted
from nasedu.core.palette import GREY, LINES, methods
from nasedu.core.spacing import spread_out
from nasedu.racing.curves import BANDS, statistics

if TYPE_CHECKING:
    from nasedu.racing.result import RaceResult

STYLES = ("-", "--", "-.", ":")


def draw(race: "RaceResult", ax: Any = None, of: str = "regret", band: str = "error") -> Any:
    """Draw a line for each controller over the number of different networks, with a band over the seeds.

    Points next to a line are separate runs, planned for that number of networks (see `budgets` of `nasedu.race`).

    Args:
        race: the result of `nasedu.race`.
        ax: where to draw; None makes a figure.
        of: "regret" (how far below the best of the table; a logarithmic axis) or "best" (the score itself).
        band: "error" for mean and standard error of the mean, "interval" for its 95% interval, "quartiles" for median
            and middle half of the runs.

    Returns:
        The axes drawn on.

    Raises:
        BadValue: an unknown word for `of` or `band`.
    """
    if band not in BANDS:
        raise BadValue(f"band is one of {', '.join(BANDS)}; given {band!r}")
    if ax is None:
        ax = plt.subplots(figsize=(9, 5), layout="constrained")[1]
    ends = {}
    floor = _lowest(race, of, band)
    colours = methods(race.labels)
    for place, label in enumerate(race.labels):
        look = {"color": colours[place], "linestyle": STYLES[place // len(LINES) % len(STYLES)]}
        low, middle, high = (np.maximum(row, floor) for row in statistics(race.curves(label, of), band))
        steps = np.arange(1, race.evaluations + 1)
        ax.fill_between(steps, low, high, color=look["color"], alpha=0.18, linewidth=0)
        ax.plot(steps, middle, linewidth=2, label=label, **look)
        aside = 0.006 * race.evaluations * (place - (len(race.labels) - 1) / 2)  # points of one budget, side by side
        _budget_points(ax, race, label, of, band, floor, aside, color=look["color"])
        ends[label] = (float(middle[-1]), look["color"])
    _label_axes(ax, race, of, band)
    _label_lines(ax, ends, race.evaluations)
    ax.set_title(_title(race), size=10, loc="left")
    return ax


def _lowest(race: "RaceResult", of: str, band: str) -> float:
    """Where a logarithmic axis ends: half the smallest regret above 0 that a line reaches; no line shows 0 there."""
    if of != "regret":
        return -np.inf
    lines = np.concatenate([statistics(race.curves(label, of), band)[1] for label in race.labels])
    above = lines[lines > 1e-12]
    return float(above.min()) / 2 if len(above) else 1e-3


def _budget_points(
    ax: Any, race: "RaceResult", label: str, of: str, band: str, floor: float, aside: float, **look: Any
) -> None:
    """A point with its band for each shorter budget that the controller was run with."""
    for name, length in race.runs:
        if name == label and length < race.evaluations:
            edges = statistics(race.curves(label, of, length)[:, -1:], band)[:, 0]
            low, middle, high = np.maximum(edges, floor)
            bar = [[middle - low], [high - middle]]
            ax.errorbar([length + aside], [middle], bar, marker="o", markersize=7, markeredgecolor="white", **look)


def _label_axes(ax: Any, race: "RaceResult", of: str, band: str) -> None:
    unit = " (%)" if race.table.scale == 100 else ""
    report = "test score" if race.report == "test" else "score"
    aside = ", in its test score" if race.report == "test" else ""
    what = f"regret{unit}: how far below the best network{aside}" if of == "regret" else f"best {report} so far{unit}"
    if of == "regret":
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
    else:
        everything = np.concatenate([race.curves(label, of).mean(axis=0) for label in race.labels])
        low = np.quantile(everything, 0.05)  # the first random networks would flatten all the rest
        ax.axhline(race.best, color=GREY, linestyle=":", linewidth=1.5)
        ax.set_ylim(low, race.best + 0.05 * max(race.best - low, 1e-9))
    ax.set(xlabel="different networks evaluated", xlim=(1, race.evaluations))
    ax.set_ylabel(f"{what}\n{BANDS[band]}, {counted(len(race.seeds), 'seed')}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)


def _label_lines(ax: Any, ends: dict[str, tuple[float, str]], last: int) -> None:
    """The names at the right ends of the lines, moved apart where they would cover each other."""
    to_pixels, back = ax.transData.transform, ax.transData.inverted().transform
    gap = 12 * ax.figure.dpi / 72
    order = sorted(ends, key=lambda label: ends[label][0])
    wanted = np.array([to_pixels((last, ends[label][0]))[1] for label in order])
    for label, height in zip(order, spread_out(wanted, gap), strict=True):
        value, colour = ends[label]
        ax.annotate(
            label,
            xy=(last, value),
            xytext=(1.03, back((0, height))[1]),
            textcoords=("axes fraction", "data"),
            va="center",
            size=9,
            color=colour,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "alpha": 0.5, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
        )


def _title(race: "RaceResult") -> str:
    text = f"{race.table.name}, {race.task}: {len(race.networks):,} networks, the best is worth {race.best:.4g}"
    notes = [race.table.note] if race.table.note else []
    if len({length for _, length in race.runs}) > 1:
        notes.append("Points: separate runs, each planned for its number of networks.")
    notes += [f"{label}: {n} runs given up, they only repeated themselves." for label, n in race.stuck.items()]
    notes += [f"{label}: {n} runs had nothing left to ask." for label, n in race.exhausted.items()]
    notes += [f"{label}: {n} runs ended after {race.seconds:g} s." for label, n in race.timed_out.items()]
    return "\n".join([text, *(line for note in notes for line in textwrap.wrap(note, 100))])
