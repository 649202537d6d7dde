"""An image that a student draws, and what a trained network says of it. Lesson 00."""

from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from nasedu.core import BadValue
from nasedu.core.themes import INK, on_dark
from nasedu.widgets.base import Widget, javascript, stylesheet, table

MOST_SIDE = 64
TURNED = "filter:invert(.93) hue-rotate(180deg)"
"""White becomes dark paper, black becomes light ink, and the mark of the cursor stays orange."""


class Canvas(Widget):
    """Lets one draw an image with mouse, finger, pen or keyboard, and shows the answer of a network to it.

        Canvas(study.winner())
        Canvas(study.winner(), guides=3)    # thin lines divide the image into 3 × 3 boxes

    The network sees exactly the pixels that are shown. Strokes are dark, the ground is light, as in `plots.examples`; a
    dark page turns both around, there as here.

    Args:
        winner: a `nasedu.Winner` of a classification of grey images, at most 64 pixels a side.
        guides: into how many boxes thin lines divide a side; they help the eye, the network does not see them.
        image: the first image, shape (height, width), from 0 to 1; by default all 0. Or the path of a picture of dark
            strokes on a light ground: its middle square, grey and scaled to the size of the canvas, with full contrast.

    Attributes:
        image: what is drawn, float32 (height, width), from 0 (ground) to 1 (stroke).
        chances: the probability of each answer, by its name, the highest first.

    Raises:
        BadValue: the network is none for small grey images; the first image has another shape, or cannot be read.
    """

    _esm = javascript("canvas.js")
    _css = stylesheet("canvas.css", ".nasedu-canvas") + on_dark(".nasedu-canvas canvas", TURNED)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, winner: Any, guides: int = 1, image: Any = None):
        shape = tuple(winner.task.input_shape)
        if winner.task.kind != "classification" or len(shape) != 3 or shape[0] != 1 or max(shape[1:]) > MOST_SIDE:
            raise BadValue(
                f"a canvas is for a network that classifies grey images of at most {MOST_SIDE} pixels a side; "
                f"given one for {winner.task.kind} of inputs {shape}"
            )
        self.winner, self.guides = winner, guides
        self.image = np.zeros(shape[1:], np.float32) if image is None else self._checked(image)
        super().__init__(shown=self._plain())
        self.on_msg(lambda _, message, __: self._answer(message))

    @property
    def answer(self) -> str:
        """Return the answer of the network to what is drawn."""
        return next(iter(self.chances))

    @property
    def chances(self) -> dict[str, float]:
        found = self.winner.predict_proba(self.image[None, None])[0]
        names = self.winner.task.classes or tuple(map(str, range(len(found))))
        order = np.argsort(-found, kind="stable")
        return {names[place]: float(found[place]) for place in order}

    def draw(self, image: Any) -> None:
        """Replace the image: an array or a path, as for the first one. Raise BadValue if it is neither."""
        self.image = self._checked(image)
        self.shown = self._plain()
        self.keep()

    def _checked(self, image: Any) -> np.ndarray:
        wanted = tuple(self.winner.task.input_shape[1:])
        found = _read(Path(image), wanted) if isinstance(image, str | PathLike) else np.asarray(image, np.float32)
        if found.shape != wanted or not ((found >= 0) & (found <= 1)).all():
            raise BadValue(f"the image has shape {wanted} and values from 0 to 1; given shape {found.shape}")
        return found

    def _answer(self, message: Any) -> None:
        """Take over what was drawn in the browser: {"pixels": brightness from 0 to 255, row after row}."""
        pixels = message.get("pixels") if isinstance(message, dict) else None
        if isinstance(pixels, list) and len(pixels) == self.image.size:
            self.draw(np.clip(np.asarray(pixels, np.float32) / 255, 0, 1).reshape(self.image.shape))

    def _plain(self) -> dict[str, Any]:
        pixels = np.rint(self.image * 255).astype(int)
        return {
            "height": self.image.shape[0],
            "width": self.image.shape[1],
            "guides": self.guides,
            "pixels": pixels.ravel().tolist(),
            "chances": [[name, round(chance, 3)] for name, chance in self.chances.items()] if pixels.any() else [],
            "words": self.words(),
        }

    def words(self) -> str:
        if not self.image.any():
            return "Nothing is drawn yet."
        name, chance = next(iter(self.chances.items()))
        return f"The network says {name}, with probability {chance:.2f}."

    def static(self) -> str:
        rows = [("answer", "probability"), *((name, f"{chance:.2f}") for name, chance in self.chances.items())]
        drawn = table(rows) if self.image.any() else ""
        return f"{self._picture()}<p>{escape(self.words())}</p>{drawn}<p><em>Run this cell to draw.</em></p>"

    def _picture(self) -> str:
        """Return the image as HTML: one box for each pixel of a stroke."""
        from nasedu.widgets.show import picture
        from nasedu.widgets.svg import document

        height, width = self.image.shape
        side = 240 / max(height, width)
        boxes = [
            f'<path d="M{x * side:.1f} {y * side:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z" fill="{INK}" '
            f'fill-opacity="{v:.2f}"/>'
            for (y, x), v in np.ndenumerate(self.image)
            if v >= 0.005
        ]
        return picture(document(width * side, height * side, self.words(), boxes))


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return a picture of dark strokes as an image of this shape, from 0 (its lightest pixel) to 1 (its darkest)."""
    from nasedu.tasks.folder.decoding import Unreadable, opened, values_of

    if shape[0] != shape[1]:
        raise BadValue(f"a picture is read for a square canvas; this one is {shape}: give an array")
    try:
        grey = np.asarray(opened(path, lambda image: values_of(image, shape[0], 1))[0], np.float32)
    except Unreadable as error:
        raise BadValue(f"{path} cannot be read as a picture: give a .png or .jpg file {error}".rstrip()) from error
    return (grey.max() - grey) / max(float(np.ptp(grey)), 1.0)
