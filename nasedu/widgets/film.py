"""Films for a `Player`: pictures in order, each with a sentence and a table. Plain values, without any widget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nasedu.core import BadValue
from nasedu.widgets.svg import document


@dataclass(frozen=True)
class Frame:
    """What a film shows after one step.

    Attributes:
        picture: SVG elements, each a string; later ones cover earlier ones. Texts in them are escaped already.
        words: one sentence that contains the equation with its numbers.
        rows: the same content as a table of text; the first row is its head.
        label: a few words that distinguish this frame from the others.
    """

    picture: tuple[str, ...]
    words: str
    rows: tuple[tuple[str, ...], ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Film:
    """Frames in order, with a common background.

    Attributes:
        frames: at least one.
        width, height: of the picture, in the units of its elements; about 640 wide.
        head: SVG elements of every frame, below the frame's own elements.
        title: what the film shows, in a few words.
        choose: the frames are alternatives, chosen from a list by their labels, instead of steps in time.

    Raises:
        BadValue: no frame, a size that is not positive, or alternatives without different labels.
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
        """Return one frame as a complete SVG."""
        frame = self.frames[at]
        words = f"{self.title}. {frame.words}" if self.title else frame.words
        return document(self.width, self.height, words, [*self.head, *frame.picture])

    def data(self) -> dict[str, Any]:
        """Return the film as plain data for the browser.

        Elements and rows are stored once, in `parts` and `lines`, also if several frames use them. The `picture` and
        `rows` of a frame give its changes from the frame before: [new length, [place, number of the element], ...].
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
            new = {"picture": _changes(before, picture), "rows": _changes(above, rows)}
            frames.append({**new, "words": frame.words, "label": frame.label})
        whole = {"width": self.width, "height": self.height, "title": self.title, "choose": self.choose}
        stored = {"head": _short(self.head), "parts": _short(parts), "lines": [list(line) for line in lines]}
        return {**whole, **stored, "frames": frames}


def _changes(before: list[int], now: list[int]) -> list[Any]:
    """Return the changes from one list to the next: the new length, then [place, value] for each difference."""
    old = [*before, *[None] * len(now)]
    return [len(now), *([place, value] for place, value in enumerate(now) if value != old[place])]


def _short(elements: Iterable[str]) -> list[str]:
    """Return SVG elements with single quotes where they can have them: in a notebook a double one takes 4 bytes."""
    return [element if "'" in element else element.replace('"', "'") for element in elements]
