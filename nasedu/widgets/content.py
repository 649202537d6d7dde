"""Turns what stands in a cell into HTML: figures, tables, widgets and sentences."""

import sys
from collections.abc import Iterator
from typing import Any

from nasedu.core import BadValue
from nasedu.core.html import marked
from nasedu.widgets.base import Widget


def content_html(things: Any) -> str:
    """Return things as HTML, each below the one before.

    Args:
        things: a figure or axes of matplotlib, a sentence, a widget, any other object that a cell shows as HTML or
            as a picture, or a list of these. Figures are closed, so that the cell does not show them a second time.

    Raises:
        BadValue: a thing that a cell shows as plain text only.
    """
    return "".join(f"<div>{_html(thing)}</div>" for thing in _unique(things))


def _unique(things: Any) -> Iterator[Any]:
    """Yield things in order: of several axes of a figure, the figure once."""
    found: list[Any] = []
    for thing in getattr(things, "flat", things) if _are_many(things) else [things]:
        thing = thing.figure.figure if _is_drawn(thing) else thing  # of a part of a figure, the whole one
        if not any(thing is other for other in found):
            found.append(thing)
            yield thing


def _are_many(things: Any) -> bool:
    return isinstance(things, list | tuple) or type(things).__name__ == "ndarray"


def _is_drawn(thing: Any) -> bool:
    """Return whether a thing is a figure or axes; matplotlib is not imported for this question."""
    if "matplotlib.axes" not in sys.modules:
        return False
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    return isinstance(thing, Axes | FigureBase)


def _html(thing: Any) -> str:
    if isinstance(thing, str):
        return f"<p>{marked(thing)}</p>"
    if _is_drawn(thing):
        return _figure(thing)
    if isinstance(thing, Widget):
        return thing.page()
    if html := _formatted(thing):
        return html
    raise BadValue(f"show takes figures, sentences and what a cell shows as HTML; a {type(thing).__name__} is none")


def _figure(figure: Any) -> str:
    from matplotlib import pyplot as plt

    from nasedu.plots.published import figure_html

    plt.close(figure)
    return figure_html(figure)


def _formatted(thing: Any) -> str:
    """Return the HTML that an object gives of itself; empty if it gives none."""
    bundle: Any = getattr(thing, "_repr_mimebundle_", dict)()
    data: Any = bundle[0] if isinstance(bundle, tuple) else bundle or {}
    return data.get("text/html") or getattr(thing, "_repr_html_", str)() or ""
