"""What a player plays: pictures in order, each with a sentence and a table. Plain values, no widget in here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nasedu.core import BadValue
from nasedu.widgets.svg import document


@dataclass(frozen=True)
class Frame:
    """What there is to see after one step.

    Attributes:
        picture: SVG elements, each a string, later ones above earlier ones. Texts in them are escaped already.
        words: one sentence, with the numbers put into the equation.
        rows: the same as a table of text; the first row is its head.
        label: a few words that tell this frame from the others.
    """

    picture: tuple[str, ...]
    words: str
    rows: tuple[tuple[str, ...], ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Film:
    """Frames in order, on one ground.

    Attributes:
        frames: at least one.
        width, height: of the picture, in the units of its elements; about 640 wide.
        head: SVG elements that every frame has, underneath its own.
        title: what the film shows, in a few words.
        choose: the frames are alternatives with labels, to be picked from a list, and not steps in time.

    Raises:
        BadValue: no frame, a size that is not positive, or alternatives without labels to tell them apart.
    """

    frames: Sequence[Frame]
    width: int
    height: int
    head: tuple[str, ...] = ()
    title: str = ""
    choose: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", tuple(self.frames))
        if not self.frames:
            raise BadValue("a film has at least one frame; given none: let the algorithm make a step first")
        if self.width <= 0 or self.height <= 0:
            raise BadValue(f"a film's width and height are positive; given {self.width} by {self.height}")
        labels = [frame.label for frame in self.frames]
        if self.choose and (not all(labels) or len(set(labels)) < len(labels)):
            raise BadValue(f"with choose=True every frame needs a label of its own; given {labels}")

    def svg(self, at: int) -> str:
        """One frame as a whole SVG."""
        frame = self.frames[at]
        words = f"{self.title}. {frame.words}" if self.title else frame.words
        return document(self.width, self.height, words, [*self.head, *frame.picture])

    def data(self) -> dict[str, Any]:
        """The film as plain data for the browser.

        What frames share is stored once: elements in `parts`, rows in `lines`. A frame's `picture` and `rows` are what
        is new beside the frame before it: [how many there are, [place, number of the element], ...].
        """
        parts: dict[str, int] = {}
        lines: dict[tuple[str, ...], int] = {}
        frames: list[dict[str, Any]] = []
        picture: list[int] = []
        rows: list[int] = []
        for frame in self.frames:
            before, above = picture, rows
            picture = [parts.setdefault(element, len(parts)) for element in frame.picture]
            rows = [lines.setdefault(tuple(row), len(lines)) for row in frame.rows]
            new = {"picture": _news(before, picture), "rows": _news(above, rows)}
            frames.append({**new, "words": frame.words, "label": frame.label})
        whole = {"width": self.width, "height": self.height, "title": self.title, "choose": self.choose}
        stored = {"head": list(self.head), "parts": list(parts), "lines": [list(line) for line in lines]}
        return {**whole, **stored, "frames": frames}


def _news(before: list[int], now: list[int]) -> list[Any]:
    """What turns one list into the next: its length, then [place, value] where they differ."""
    old = [*before, *[None] * len(now)]
    return [len(now), *([place, value] for place, value in enumerate(now) if value != old[place])]
