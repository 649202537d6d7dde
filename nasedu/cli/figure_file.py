"""A figure as a file: a .svg is light on a light page and dark on a dark one; a .png or .pdf is light."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from nasedu.cli.checkpoint_file import check_place
from nasedu.core import BadValue
from nasedu.core.themes import DARK, INK, PAPER
from nasedu.plots.style import STYLE
from nasedu.study.winner_files import write_whole

LOOK: dict[Any, Any] = {
    **STYLE,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), PAPER),
    "svg.fonttype": "none",
    "svg.hashsalt": "nasedu",
    "font.family": "sans-serif",
}


def check_figure(path: Path) -> None:
    """Raise BadValue if a figure cannot be written there."""
    known = sorted(Figure().canvas.get_supported_filetypes())
    if path.suffix.lstrip(".").lower() not in known:
        raise BadValue(f"a figure's name ends in one of {', '.join('.' + kind for kind in known)}; given {path.name!r}")
    check_place(path, "--figure")


def draw(picture: Callable[[], Figure], path: Path) -> None:
    """Write the figure that a function returns."""
    with plt.rc_context(LOOK):
        figure = picture()
        try:
            if path.suffix.lower() == ".svg":
                text = StringIO()
                figure.savefig(text, format="svg", metadata={"Date": None})
                write_whole(path, _themed(text.getvalue()).encode())
            else:
                figure.savefig(path, dpi=120)
        except OSError as error:
            raise BadValue(f"the figure {path} cannot be written: {error.strerror}") from error


def _themed(svg: str) -> str:
    """Return an SVG of matplotlib with the dark colours of the house; `color-scheme` of the page decides."""
    rules = ":root{color-scheme:light dark}"
    for light, dark in DARK.items():
        for name in ("fill", "stroke"):
            if f"{name}: {light}" in svg:
                rules += f'[style*="{name}: {light}"]{{{name}:light-dark({light},{dark})!important}}'
    head, end, rest = svg.partition("<defs>")
    return f"{head}<style>{rules}</style>{end}{rest}"
