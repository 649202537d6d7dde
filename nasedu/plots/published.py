"""A figure as a notebook shows it: a picture for light pages, one for dark pages, and words for those who see neither.

Importing `nasedu.plots` in a notebook makes this the way in which the notebook shows every figure. A page that takes
style sheets out, such as GitHub or a notebook that is not trusted, shows the light picture.
"""

import hashlib
from base64 import b64encode
from html import escape
from io import BytesIO

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from scipy.spatial import KDTree

from nasedu.core.html import least_width
from nasedu.core.themes import on_dark
from nasedu.plots.dark import dark_canvas, light_canvas
from nasedu.plots.style import STYLE

SHARPER = 1.5
"""Pixels of the picture for one pixel of the page: letters are sharp on today's screens."""
FREQUENT = 128
"""The most frequent colours of a picture, which stay exactly as they are; the others are blended to fill a palette."""


def figure_html(figure: Figure) -> str:
    """Return a figure as an HTML image that is light on a light page and dark on a dark one.

    The words for those who do not see it are the figure's label (`figure.set_label`), or else its titles and the labels
    of its axes.
    """
    figure.draw_without_rendering()  # the layout, once for both
    frame = figure.get_tightbbox().padded(0.1)
    with light_canvas(figure) as canvas:
        light, width = _drawn(canvas, frame)
    with dark_canvas(figure) as canvas:
        dark, _ = _drawn(canvas, frame)
    key = "nasedu-" + hashlib.sha256(light.encode()).hexdigest()[:12]  # the same figure, the same page
    least = least_width(width, _letters(figure))
    switch = on_dark(f".{key}", "content:var(--dark)!important")
    return (
        f'<div class="nasedu-figure" style="overflow-x:auto"><img class="{key}" alt="{escape(words(figure))}" '
        f'width="{width}" style="max-width:100%;min-width:{least}px;height:auto" src="{light}">'
        f"<style>.{key}{{--dark:url({dark})}}{switch}</style></div>"
    )


def _letters(figure: Figure) -> list[float]:
    """Return the sizes of all texts of a figure, in pixels."""
    texts = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible() and bool(artist.get_text()))
    return [float(text.get_fontsize()) * figure.dpi / 72 for text in texts if isinstance(text, Text)]


def words(figure: Figure) -> str:
    """Return what a figure shows in a sentence: its label, or its titles and the labels of its axes."""
    if label := str(figure.get_label()):
        return label
    said = [figure.get_suptitle(), *(_axes_words(ax) for ax in figure.axes if ax.get_visible())]
    return "; ".join(dict.fromkeys(filter(None, said))) or "A figure."


def _axes_words(ax: Axes) -> str:
    axes = " against ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel())))
    legend = ax.get_legend_handles_labels()[1]
    what = ": ".join(filter(None, (ax.get_title() or ax.get_title("left"), axes)))
    return f"{what or 'a plot'} ({', '.join(legend)})" if legend else what


def _drawn(canvas: FigureCanvasAgg, frame: Bbox) -> tuple[str, int]:
    """Return a picture of the frame, in inches, as a data URL, and its width on the page."""
    file, small = BytesIO(), BytesIO()
    dpi = SHARPER * canvas.figure.dpi
    canvas.print_figure(file, format="png", dpi=dpi, bbox_inches=frame, pil_kwargs={"compress_level": 1})
    image = Image.open(file).convert("RGB")
    _with_palette(np.asarray(image)).save(small, format="png", optimize=True)
    return "data:image/png;base64," + b64encode(small.getvalue()).decode(), round(image.width / SHARPER)


def _with_palette(pixels: np.ndarray) -> Image.Image:
    """Return an image of at most 256 colours: the frequent ones stay exactly as they are, those of data among them."""
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    found, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.column_stack([found >> 16, found >> 8 & 255, found & 255]).astype(np.uint8)
    order = np.argsort(-counts, kind="stable")
    palette, rare = colours[order[:FREQUENT]], colours[order[FREQUENT:]]
    if len(rare):
        blended = Image.fromarray(rare[None]).quantize(256 - FREQUENT, Image.Quantize.MEDIANCUT).getpalette()
        palette = np.concatenate([palette, np.array(blended).reshape(-1, 3)])
    near = KDTree(palette).query(colours)[1].astype(np.uint8)
    image = Image.fromarray(near[place].reshape(packed.shape))
    image.putpalette(palette.astype(np.uint8).tobytes())
    return image


def register() -> None:
    """Make this, and `STYLE`, the way in which a notebook shows figures; do nothing outside of one."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:  # plots are drawn without notebooks, too
        return
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return

    def show(figure: Figure) -> None:
        display({"text/plain": words(figure), "text/html": figure_html(figure)}, raw=True)

    plt.rcParams.update(STYLE)
    # Not a formatter of text/html: the picture of the notebook itself would be kept, too, and its size doubled.
    shell.display_formatter.ipython_display_formatter.for_type(Figure, show)
