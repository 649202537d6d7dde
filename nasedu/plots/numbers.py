"""Plots of plain numbers: curves over the same x, and bars of very different lengths."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

from matplotlib.axes import Axes

from nasedu.core import BadValue
from nasedu.core.palette import BLUE
from nasedu.plots.axes import name_lines, new_axes, tidy

STYLES = ("-", "--", "-.", ":")


def lines(x: Sequence[float], curves: Mapping[str, Sequence[float]], ax: Axes | None = None, **properties: Any) -> Axes:
    """Draw several curves over the same x, each with its own line style and its name at its end.

    Args:
        x: where the curves were measured.
        curves: by name, as long as `x`.
        properties: of the axes, such as xlabel="depth" and yscale="log"; names stand where lines end with them.
    """
    ax = ax or new_axes(7, 3.2)
    for (name, values), style in zip(curves.items(), cycle(STYLES), strict=False):
        ax.plot(x, values, style, label=name)
    ax.set(**properties)
    name_lines(ax)
    return tidy(ax)


def bars(values: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Draw positive numbers of very different size on a logarithmic axis, smallest below; each with its value."""
    if not values or min(values.values()) <= 0:
        raise BadValue(f"a logarithmic axis has room for positive numbers alone; given {dict(values)}")
    names = sorted(values, key=lambda name: values[name])
    numbers = [float(values[name]) for name in names]
    ax = ax or new_axes(7, 0.7 + 0.28 * len(names))
    ax.barh(names, numbers, color=BLUE, log=True)
    for row, number in enumerate(numbers):
        text = f"{number:,.0f}" if 1 <= number < 1e7 else f"{number:.2g}"
        ax.annotate(text, (number, row), (5, 0), textcoords="offset points", va="center")
    ax.set_xlim(right=numbers[-1] * (numbers[-1] / numbers[0]) ** 0.15)
    return tidy(ax)
