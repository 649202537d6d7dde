"""Floor 4: plots of a search, its space and its tasks: `plots.scores(trials)`.

Every function takes `ax=None` and returns the axes it drew on; `slices` has axes for each place. `encodings` and
`search_figure` make figures of their own. Colour is never the only difference between two things.

In a notebook a figure is light on a light page and dark on a dark one (`figure_html`), in the letters and lines of
`STYLE`.
"""

from nasedu.core.palette import BLUE, GREEN, GREY, ORANGE, RED
from nasedu.plots.choices import importance, parallel_coordinates, slices
from nasedu.plots.comparisons import grouped_bars, leads, runs
from nasedu.plots.intervals import band, whiskers
from nasedu.plots.numbers import bars, lines
from nasedu.plots.published import figure_html, register
from nasedu.plots.search import epsilon, learned, scores, search_figure
from nasedu.plots.spaces import MOST_DECISIONS, decisions, encodings, strips
from nasedu.plots.style import STYLE
from nasedu.plots.tasks import alike, classes, examples
from nasedu.plots.training import by_size, confusion, curve, residuals

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "MOST_DECISIONS",
    "ORANGE",
    "RED",
    "STYLE",
    "alike",
    "band",
    "bars",
    "by_size",
    "classes",
    "confusion",
    "curve",
    "decisions",
    "encodings",
    "epsilon",
    "examples",
    "figure_html",
    "grouped_bars",
    "importance",
    "leads",
    "learned",
    "lines",
    "parallel_coordinates",
    "residuals",
    "runs",
    "scores",
    "search_figure",
    "slices",
    "strips",
    "whiskers",
]

register()
