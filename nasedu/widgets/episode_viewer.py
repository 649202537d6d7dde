"""A few-shot task to look at and to change: which prototype is nearest, and what a moved letter does. Lesson 13."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import traitlets

from nasedu.core import BadValue
from nasedu.core.palette import LINES
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet, table
from nasedu.widgets.episode_picture import BARS, MAP, NAMES, TALL, TILE, Features, features_of, picture_of, png
from nasedu.widgets.show import picture

__all__ = ["EpisodeViewer"]

MOST_EXAMPLES = 40


class EpisodeViewer(Widget):
    """Shows an episode: its support by class, its queries, and how far a query is from each prototype.

        EpisodeViewer({"pixels": pixels, "trained": learner}, tasks.draw(1, rng))

    A letter of the support can be dragged into another class. Or press it, and then press the class. Or use the left
    and right arrow on it. Prototypes and all answers follow. Whatever the learners do themselves: here the nearest mean
    by squared Euclidean distance wins. It works without a kernel, and in a saved page.

    Args:
        learners: what has `embed`, such as `Prototypes` or `NearestCentroid`, by name: their features can be compared.
        episode: the first task of this batch is shown: 2 to 8 classes, at most 40 examples and 40 queries, images of
            one or three channels.
        chosen: the place of the query whose distances are shown at first.
        by: whose features are shown at first; by default those of the first learner.

    Attributes:
        assigned: the class of each example of the support, 0, 1, ... Moves in the browser change it.
        chosen, by: as above; presses in the browser change them.

    Raises:
        BadValue: an episode that does not fit, no learner, or a class, query or learner that does not exist.
    """

    _esm = javascript("episode_viewer.js")
    _css = stylesheet("episode_viewer.css", ".nasedu-episode")
    _data = traitlets.Dict().tag(sync=True)
    assigned: Any = traitlets.List(traitlets.Int()).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    by = traitlets.Unicode().tag(sync=True)

    def __init__(self, learners: Mapping[str, Any], episode: Any, *, chosen: int = 0, by: str = ""):
        if not learners:
            raise BadValue("an episode viewer needs a learner with `embed`; given none")
        X, y, asked, asked_y = (np.asarray(part[0]) for part in (*episode.support, *episode.query))
        _check(X, y, asked)
        self.own, self.asked_y = [int(label) for label in y], [int(label) for label in asked_y]
        self.ways = max(self.own) + 1
        self.images, self.asked = ([png(image) for image in part] for part in (X, asked))
        self.features: dict[str, Features] = {}
        for name, learner in learners.items():
            with torch.no_grad():
                both = learner.embed(torch.from_numpy(np.concatenate([X, asked])).to(learner.device)).cpu().numpy()
            self.features[name] = features_of(both[: len(X)], both[len(X) :])
        super().__init__(_data=self._plain(), assigned=list(self.own), chosen=chosen, by=by or next(iter(learners)))

    @traitlets.validate("assigned")
    def _check_assigned(self, proposal: Any) -> list[int]:
        given = list(proposal["value"])
        if len(given) != len(self.own) or not all(0 <= label < self.ways for label in given):
            raise BadValue(
                f"give a class from 0 to {self.ways - 1} for each of {len(self.own)} examples; given {given}"
            )
        return given

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self.asked):
            raise BadValue(f"the queries have the places 0 to {len(self.asked) - 1}; given {proposal['value']}")
        return int(proposal["value"])

    @traitlets.validate("by")
    def _check_by(self, proposal: Any) -> str:
        if proposal["value"] not in self.features:
            raise BadValue(f"there are features of: {', '.join(self.features)}; given {proposal['value']!r}")
        return str(proposal["value"])

    # ------------------------------------------------------------------ moving letters

    def move(self, example: int, to: int) -> None:
        """Move an example of the support, by its place, to a class. Raise BadValue if one of them does not exist."""
        if not 0 <= example < len(self.own):
            raise BadValue(f"the support has the places 0 to {len(self.own) - 1}; given {example}")
        self.assigned = [to if place == example else label for place, label in enumerate(self.assigned)]

    def put_back(self) -> None:
        """Move every example back to its own class."""
        self.assigned = list(self.own)

    @property
    def seen(self) -> Features:
        """Return the features that are shown."""
        return self.features[self.by]

    @property
    def distances(self) -> np.ndarray:
        """Return the squared distances of the queries from the prototypes, (queries, ways); NaN without examples."""
        return self.seen.distances(self.assigned, self.ways)

    @property
    def answers(self) -> list[int]:
        """Return the class of the nearest prototype of each query."""
        return [int(label) for label in np.nanargmin(self.distances, axis=1)]

    # ------------------------------------------------------------------ what is seen

    def words(self) -> str:
        row, answer, own = self.distances[self.chosen], self.answers[self.chosen], self.asked_y[self.chosen]
        right = sum(a == b for a, b in zip(self.answers, self.asked_y, strict=True))
        moved = sum(a != b for a, b in zip(self.assigned, self.own, strict=True))
        letters = f" {moved} of {len(self.own)} examples moved to another class." if moved else ""
        return (
            f"Features: {self.by}. Query {self.chosen + 1} is of class {NAMES[own]}. The nearest prototype is "
            f"{NAMES[answer]}, at squared distance {row[answer]:.3g}: {'right' if answer == own else 'wrong'}. "
            f"{right} of {len(self.asked)} queries are answered right.{letters}"
        )

    def static(self) -> str:
        return picture(picture_of(self)) + table(self._rows(), self.words())

    def page(self) -> str:
        """Return the picture and its table, and the widget itself for pages that may run a script."""
        state = {"_data": self._data, "assigned": list(self.assigned), "chosen": self.chosen, "by": self.by}
        return interactive_html(self.static(), str(self._esm), str(self._css), state)

    def _rows(self) -> list[tuple[str, ...]]:
        head = ("query", "its class", "answer", *(f"distance to {NAMES[label]}" for label in range(self.ways)))
        rows: list[tuple[str, ...]] = [head]
        for place, (row, answer, own) in enumerate(zip(self.distances, self.answers, self.asked_y, strict=True)):
            numbers = ("" if np.isnan(distance) else f"{distance:.3g}" for distance in row)
            rows.append((str(place + 1), NAMES[own], NAMES[answer], *numbers))
        return rows

    def _plain(self) -> dict[str, Any]:
        """Return all that the browser needs, as plain data."""
        features = {
            name: {key: part.tolist() for key, part in one._asdict().items()} for name, one in self.features.items()
        }
        return {
            "names": list(NAMES[: self.ways]),
            "colours": list(LINES[: self.ways]),
            "images": self.images,
            "asked": self.asked,
            "own": self.own,
            "asked_y": self.asked_y,
            "features": features,
            "tile": TILE,
            "bars": BARS,
            "map": MAP,
            "tall": TALL,
        }


def _check(X: np.ndarray, y: np.ndarray, asked: np.ndarray) -> None:
    """Raise BadValue for an episode that cannot be shown."""
    ways = len(np.unique(y))
    if X.ndim != 4 or X.shape[1] not in (1, 3) or not np.isfinite(X).all() or not np.isfinite(asked).all():
        raise BadValue(f"the examples of an episode are finite images of one or three channels; given {X.shape[1:]}")
    if not 2 <= ways <= len(NAMES) or not len(X) <= MOST_EXAMPLES or not 1 <= len(asked) <= MOST_EXAMPLES:
        raise BadValue(
            f"an episode viewer shows 2 to {len(NAMES)} classes, at most {MOST_EXAMPLES} examples and "
            f"{MOST_EXAMPLES} queries; given {ways}, {len(X)} and {len(asked)}: draw a smaller episode"
        )
