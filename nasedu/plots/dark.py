"""A figure for a dark page: ink and paper change places, data keep their colours.

A renderer draws the same figure a second time. Greys are turned around, colours that are too dark are lightened, and
images and colour maps stay as they are. Only a colour map that begins with paper, as that of a drawn digit, begins with
dark paper. A text or a line over an image keeps its colour if it reads better so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

from nasedu.core.contrast import READABLE, contrast, lightened
from nasedu.core.themes import DARK_INK, DARK_PAPER

TINT = 0.2  # a colour is a grey, or a tint of the paper, if its channels differ by no more
WHITE = 1.1  # the most contrast of a colour and white, for it to be paper
MAPPED = "nasedu-mapped"  # marks artists whose colours come from a colour map, while they are drawn

_paper, _ink = np.array(to_rgb(DARK_PAPER)), np.array(to_rgb(DARK_INK))


def darkened(colours: Any) -> np.ndarray:
    """Return colours (..., 3 or 4) as they are drawn on dark paper; transparency stays."""
    colours = np.array(colours, dtype=float)
    if not colours.size:
        return colours
    rgb = colours[..., :3]
    mean = rgb.mean(-1, keepdims=True)
    turned = _ink + (_paper - _ink) * mean + (rgb - mean)
    grey = np.ptp(rgb, axis=-1, keepdims=True) <= TINT
    colours[..., :3] = np.where(grey, turned.clip(0, 1), lightened(rgb, _paper))
    return colours


@contextmanager
def light_canvas(figure: Figure, kind: type[FigureCanvasAgg] = FigureCanvasAgg) -> Iterator[FigureCanvasAgg]:
    """Open a canvas that draws a figure as it is; afterwards the figure has its own canvas again."""
    before = figure.canvas
    try:
        yield kind(figure)
    finally:
        figure.set_canvas(before)


@contextmanager
def dark_canvas(figure: Figure) -> Iterator[FigureCanvasAgg]:
    """Open a canvas that draws a figure on dark paper; afterwards the figure is as before."""
    coloured = [artist for artist in figure.findobj() if isinstance(artist, ScalarMappable)]
    mapped: list[Any] = [artist for artist in coloured if artist.get_array() is not None]
    before = [(artist.get_gid(), artist.get_cmap()) for artist in mapped]
    try:
        for artist, (_, colours) in zip(mapped, before, strict=True):
            artist.set(gid=MAPPED, cmap=_on_paper(colours))
        with light_canvas(figure, _DarkCanvas) as canvas:
            yield canvas
    finally:
        for artist, (name, colours) in zip(mapped, before, strict=True):
            artist.set(gid=name, cmap=colours)


def _on_paper(colours: Colormap) -> Colormap:
    """Return a colour map that begins with dark paper, if this one begins with paper; others stay as they are."""
    first, last = np.array(colours([0.0, 1.0]))[:, :3]
    if contrast(first, np.ones(3)) > WHITE or contrast(last, np.ones(3)) < READABLE:
        return colours
    return LinearSegmentedColormap.from_list(
        f"{colours.name} on dark paper", [_paper, lightened(darkened(last), _paper, READABLE)]
    )


class _DarkCanvas(FigureCanvasAgg):
    def get_renderer(self) -> "_DarkRenderer":
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if getattr(self, "_size", None) != size:
            self._size, self._dark = size, _DarkRenderer(*size)
        return self._dark


class _DarkRenderer(RendererAgg):
    """Draws with `darkened` colours whatever does not come from an image or a colour map."""

    _keeps, _line = False, False
    """Whether the colours of the artist that is drawn come from a colour map; whether it is a line, not a frame."""

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._keeps, self._line = gid == MAPPED, s == "line2d"

    def close_group(self, s: str) -> None:
        self._keeps, self._line = False, False

    def _update_methods(self) -> None:
        """Put own methods before those that the base class takes from its compiled part."""
        super()._update_methods()
        self._agg_markers: Any = self.draw_markers
        self._agg_collection: Any = self.draw_path_collection
        self.__dict__.update(draw_markers=self._draw_markers, draw_path_collection=self._draw_path_collection)

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        if self._keeps:
            return super().draw_path(gc, path, transform, rgbFace)
        if rgbFace is None and self._line:
            return super().draw_path(self._over(gc, _along(transform.transform(path.vertices))), path, transform)
        face = None if rgbFace is None else tuple(darkened(rgbFace))
        super().draw_path(_with(gc, darkened(gc.get_rgb())), path, transform, face)

    def _draw_markers(self, gc: Any, marker: Any, turn: Any, path: Any, transform: Any, face: Any = None) -> None:
        if not self._keeps:
            gc = self._over(gc, transform.transform(path.vertices))
            face = None if face is None else tuple(darkened(face))
        self._agg_markers(gc, marker, turn, path, transform, face)

    def _draw_path_collection(self, gc: Any, *arguments: Any, **more: Any) -> None:
        before, faces, edges, after = arguments[:5], arguments[5], arguments[6], arguments[7:]
        if not self._keeps:
            faces, edges = darkened(faces), darkened(edges)
        self._agg_collection(gc, *before, faces, edges, *after, **more)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        width, height, _ = self.get_text_width_height_descent(s, prop, ismath)
        turn = np.exp(1j * np.deg2rad(angle))
        inside = x + 1j * (self.height - y) + turn * np.add.outer(width * np.array([0.1, 0.5, 0.9]), 0.4j * height)
        super().draw_text(
            self._over(gc, np.c_[inside.real, inside.imag], READABLE), x, y, s, prop, angle, ismath, mtext
        )

    def _over(self, gc: Any, points: np.ndarray, least: float = 1.0) -> Any:
        """Return the context with the colour, as given or darkened, that reads better on what is drawn at points."""
        given, dark = np.array(gc.get_rgb()), darkened(gc.get_rgb())
        dark[:3] = lightened(dark[:3], _paper, least)
        drawn = np.asarray(self.buffer_rgba())
        columns, rows = np.nan_to_num(points, nan=-1, posinf=-1, neginf=-1).astype(int).T
        rows = drawn.shape[0] - 1 - rows
        seen = (rows >= 0) & (rows < drawn.shape[0]) & (columns >= 0) & (columns < drawn.shape[1])
        ground = np.median(drawn[rows[seen], columns[seen], :3], axis=0) / 255 if seen.any() else _paper
        on_paper = np.abs(ground - _paper).max() < 0.02
        return _with(gc, given if not on_paper and contrast(given, ground) > contrast(dark, ground) else dark)


def _along(points: np.ndarray) -> np.ndarray:
    """Return points between those of a line: at its ends it meets the frame."""
    at = np.linspace(0, len(points) - 1, 34)[1:-1]
    return np.column_stack([np.interp(at, range(len(points)), axis) for axis in points.T])


def _with(gc: Any, colour: np.ndarray) -> Any:
    """Return a copy of a graphics context in another colour."""
    other = type(gc)()
    other.copy_properties(gc)
    other.set_foreground(tuple(colour), isRGBA=True)
    if gc.get_hatch() is not None:
        other.set_hatch_color(tuple(darkened(gc.get_hatch_color())))
    return other
