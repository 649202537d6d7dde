"""Two scores of each network as a scatter plot, in which a press on a dot shows the network. Lesson 10."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets

from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, ORANGE
from nasedu.core.ranking import kendall_tau
from nasedu.spaces.strip import blocks
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet, table
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.show import picture
from nasedu.widgets.svg import document

WIDTH, HEIGHT = 640, 380
MOST_NETWORKS = 3000


class _View(NamedTuple):
    """Where the dots stand: by scores, or by ranks.

    Attributes:
        plot: the axes.
        values: of each network across and up, (2, networks).
        titles: of both axes.
    """

    plot: Plot
    values: np.ndarray
    titles: tuple[str, str]

    def places(self) -> np.ndarray:
        """Return the positions in the picture, (2, networks)."""
        return np.array([self.plot.at(x, y) for x, y in self.values.T]).T

    def axes(self) -> list[str]:
        return self.plot.axes(*self.titles)


class ScoreScatter(Widget):
    """Shows a dot for each network: a cheap score to the right, the true score upwards. A press on a dot shows it.

        ScoreScatter(table.architectures, shared, table.scores("where/digits"))

    For the chosen network it shows the layers, both scores and both ranks. Four buttons go to the best by either score
    and to the two networks whose ranks differ most. A fifth one shows ranks on the axes instead of scores. With the
    focus on the picture, the left and right arrow go to the next network by the cheap score, up and down by the true
    one. It works without a kernel, and in a saved page.

    Args:
        architectures: of the dots, at most 3,000.
        cheap, true: a score of each, as a sequence of finite numbers.
        names: what the two scores are called.
        chosen: the place of the first network to show; by default the best by the cheap score.
        by_rank: whether the axes show ranks at first, the best to the right and at the top.

    Attributes:
        chosen: the place of the network that is shown. Presses in the browser change it.
        by_rank: whether the axes show ranks. Presses in the browser change it, too.
        tau: Kendall's tau of the two scores.

    Raises:
        BadValue: no networks or too many, scores that are not as many or not finite, or a place that does not exist.
    """

    _esm = javascript("score_scatter.js")
    _css = stylesheet("score_scatter.css", ".nasedu-scatter")
    _data = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    by_rank = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        architectures: Sequence[Architecture],
        cheap: Sequence[float] | np.ndarray,
        true: Sequence[float] | np.ndarray,
        *,
        names: tuple[str, str] = ("score with shared weights", "true score"),
        chosen: int | None = None,
        by_rank: bool = False,
    ):
        self.architectures = [tuple(one) for one in architectures]
        both = [np.asarray(cheap, float), np.asarray(true, float)]
        count = len(self.architectures)
        fits = all(scores.shape == (count,) and np.isfinite(scores).all() for scores in both)
        if not 2 <= count <= MOST_NETWORKS or not fits:
            raise BadValue(
                f"a scatter has 2 to {MOST_NETWORKS:,} networks, with two finite scores of each; given {count} "
                f"networks, and scores of the shapes {both[0].shape} and {both[1].shape}"
            )
        self.scores = np.array(both)
        self.names = names
        self.ranks = np.array([1 + (row[None, :] > row[:, None]).sum(axis=1) for row in self.scores])
        self.tau = kendall_tau(*self.scores)
        across, up = (f"rank by {name} (1 is the best)" for name in names)
        ranked = _View(_rank_plot(count), self.ranks, (across, up))
        self.views = (_View(_plot(self.scores), self.scores, names), ranked)
        first = int(self.scores[0].argmax()) if chosen is None else chosen
        self._place(first)
        super().__init__(_data=self._plain(), chosen=first, by_rank=by_rank)

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: Any) -> int:
        return self._place(proposal["value"])

    def _place(self, chosen: Any) -> int:
        count = len(self.architectures)
        if not isinstance(chosen, int) or isinstance(chosen, bool) or not 0 <= chosen < count:
            raise BadValue(f"the networks have the places 0 to {count - 1}; given {chosen!r}")
        return chosen

    def words(self) -> str:
        at, count = self.chosen, len(self.architectures)
        both = ", ".join(
            f"{name} {scores[at]:.3f} (rank {ranks[at]} of {count:,})"
            for name, scores, ranks in zip(self.names, self.scores, self.ranks, strict=True)
        )
        return f"{' '.join(self.architectures[at])}: {both}. Kendall's tau of all {count:,} is {self.tau:.2f}."

    def static(self) -> str:
        view = self.views[self.by_rank]
        places = zip(*(map(float, axis) for axis in view.places()), strict=True)
        dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in sorted(set(places)))
        drawn = f'<path d="{dots}" fill="none" stroke="{BLUE}" stroke-opacity="0.85" stroke-width="6" {_ROUND}/>'
        x, y = (axis[self.chosen] for axis in view.places())
        ring = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="none" stroke="{ORANGE}" stroke-width="4"/>'
        svg = document(WIDTH, HEIGHT, self.words(), [*view.axes(), drawn, ring])
        return picture(svg) + table(self._rows(), f"The best by {self.names[0]}. {self.words()}")

    def page(self) -> str:
        """Return the picture and its table, and the widget itself for pages that may run a script."""
        state = {"_data": self._data, "chosen": self.chosen, "by_rank": self.by_rank}
        return interactive_html(self.static(), str(self._esm), str(self._css), state)

    def _rows(self, most: int = 10) -> list[tuple[str, ...]]:
        best = (-self.scores[0]).argsort(kind="stable")[:most].tolist()
        head = (self.names[0], "rank", self.names[1], "rank", "network")
        cells = [[(f"{s[at]:.3f}", str(r[at])) for s, r in zip(self.scores, self.ranks, strict=True)] for at in best]
        names = [" ".join(self.architectures[at]) for at in best]
        return [head, *((*a, *b, name) for (a, b), name in zip(cells, names, strict=True))]

    def _plain(self) -> dict[str, Any]:
        vocabulary = sorted({choice for network in self.architectures for choice in network})
        number = {choice: place for place, choice in enumerate(vocabulary)}
        looks = {block.text: [block.colour, round(block.height)] for block in blocks(tuple(vocabulary))}
        return {
            "width": WIDTH,
            "height": HEIGHT,
            "names": list(self.names),
            "choices": vocabulary,
            "looks": looks,
            "networks": [[number[choice] for choice in network] for network in self.architectures],
            "scores": self.scores.round(4).tolist(),
            "ranks": self.ranks.tolist(),
            "views": [{"head": "".join(view.axes()), "places": view.places().round(1).tolist()} for view in self.views],
            "tau": f"{self.tau:.2f}",
        }


_ROUND = 'stroke-linecap="round"'


def _plot(scores: np.ndarray) -> Plot:
    """Return axes that hold all dots, with a little room around them."""
    (left, right), (low, high) = ((row.min(), row.max()) for row in scores)
    wide, tall = max(right - left, 1e-3) * 0.03, max(high - low, 1e-3) * 0.03
    across, up = (float(left - wide), float(right + wide)), (float(low - tall), float(high + tall))
    return Plot(52, 28, WIDTH - 70, HEIGHT - 66, across, up)


def _rank_plot(count: int) -> Plot:
    """Return axes of ranks: the first rank is to the right and at the top, where the best score is."""
    return Plot(52, 28, WIDTH - 70, HEIGHT - 66, (count, 1), (count, 1))
