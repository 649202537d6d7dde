"""Positions of the dots of a task map and of their names: plain numbers, without any drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nasedu.meta.embedding import embed

LETTER, HEIGHT = 5.9, 12.0  # width of a letter and height of a name, in units of the picture
DOT = 6.0
REACH = (9, 20, 33, 48, 66)
"""Possible distances of a name from its dot; from the second on, a thin line joins them."""
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7))


@dataclass(frozen=True)
class Box:
    """A rectangle: of a name, or of a dot."""

    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: "Box") -> float:
        """Return the area in which it overlaps another box."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def dots(alike: np.ndarray, room: Box) -> np.ndarray:
    """Return the positions of the dots, (tasks, 2). Distances follow 1 - rank correlation: similar tasks are near."""
    distances = np.maximum(1 - np.asarray(alike, dtype=float), 0)
    np.fill_diagonal(distances, 0)
    places = embed(distances)
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    spans = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-9)
    scale = min((room.right - room.left) / spans[0], (room.bottom - room.top) / spans[1])  # the same both ways
    return np.array(room.middle) + (places - middle) * min(scale, 1e6)


def names(texts: Sequence[str], places: np.ndarray, room: Box) -> list[Box]:
    """Return a box for each name next to its dot. No box overlaps another or a dot, if there is room.

    Names with the most dots nearby are placed first.
    """
    taken = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in places.tolist()]
    nearby = [sum(bool(np.hypot(*(p - q)) < 60) for q in places) for p in places]
    found: dict[int, Box] = {}
    for number in sorted(range(len(texts)), key=lambda i: -nearby[i]):
        wide = LETTER * len(texts[number])
        found[number] = min(
            candidates(places[number].tolist(), wide, room),
            key=lambda box: sum(box.over(other) for other in taken),  # on a tie, the first
        )
        taken.append(found[number])
    return [found[number] for number in range(len(texts))]


def candidates(place: Sequence[float], wide: float, room: Box) -> Iterator[Box]:
    """Yield boxes for a name around its dot, the nearest first, all inside the room."""
    x, y = place
    for reach in REACH:
        for across, down in DIRECTIONS:
            middle_x = x + across * reach + (wide / 2) * (across > 0) - (wide / 2) * (across < 0)
            middle_y = y + down * (reach + HEIGHT / 3)
            left = min(max(middle_x - wide / 2, room.left), room.right - wide)
            top = min(max(middle_y - HEIGHT / 2, room.top), room.bottom - HEIGHT)
            yield Box(left, top, left + wide, top + HEIGHT)


def pairs(alike: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs of each task and the task most similar to it, every pair once."""
    others = np.array(alike, dtype=float)
    np.fill_diagonal(others, -np.inf)
    if len(others) < 2:
        return []
    return sorted({(min(i, j), max(i, j)) for i, j in enumerate(others.argmax(axis=1).tolist())})
