"""Plots as SVG inside a page: light or dark as the page is, the same bytes every time, with a text in their place."""

import io
import re
from collections.abc import Callable
from html import escape
from typing import Any

from nasedu.core.palette import BLUE
from nasedu.plots.style import STYLE

INK, PAPER = "#010203", "#fdfcfb"
"""Colours that no plot uses, drawn in place of black and white; the page's own colours replace them."""


def drawn(name: str, alt: str, plot: Callable[[], Any]) -> str:
    """Return a plot as an inline SVG.

    Args:
        name: of letters alone, different for each figure of a page.
        alt: what the picture says, for those who do not see it.
        plot: draws with pyplot, and returns the axes or an array of them.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    named = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "hatch.color")
    style: dict[Any, Any] = (
        STYLE | dict.fromkeys(named, INK) | dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER)
    )
    style |= {"svg.hashsalt": name, "svg.fonttype": "path", "text.parse_math": False}
    with matplotlib.rc_context(style):
        axes = plot()
        figure = getattr(axes, "flat", [axes])[0].figure
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return _inline(file.getvalue(), name, alt)


def _inline(text: str, name: str, alt: str) -> str:
    """Return the SVG without what a file of its own needs, its ids apart from those of other figures."""
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.S)
    text = re.sub(r'id="', f'id="{name}-', text)
    text = re.sub(r'((?:xlink:)?href="|url\()#', rf"\1#{name}-", text)
    for colour, stands_for in ((INK, "currentColor"), (PAPER, "var(--paper)"), (BLUE, "var(--accent)")):
        text = text.replace(colour, stands_for)
    return re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>',
        lambda found: (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{found[1]}" style="width:{float(found[1].split()[2]) / 72:.2f}in" role="img" '
            f'aria-label="{escape(alt)}">'
        ),
        text,
        count=1,
    )
