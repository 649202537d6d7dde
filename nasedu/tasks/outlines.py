"""Outlines of letters, as the authors of the DejaVu fonts drew them, as polygons of whole numbers.

A TrueType outline is closed contours of lines and parabolas on a grid of whole numbers, and matplotlib's font reader
returns it unchanged. Hinting and FreeType's own pixels change from one version to the next, so they are not used:
`nasedu.tasks.raster` makes the pixels.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasedu.core import BadValue, UnknownName, unknown

FACES = tuple(
    f"DejaVu{family}{style}"
    for family, styles in (
        ("Sans", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("SansMono", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("Serif", ("", "-Bold", "-Italic", "-BoldItalic")),
    )
    for style in styles
)
"""The faces of text that matplotlib ships, by the names of their files."""

CURVE = 4  # line segments for one parabola; their points are then whole sixteenths
FONT_UNIT = CURVE * CURVE
NORMAL = 1024  # the length of a normal, as a whole number
BRAILLE_CELL = "\u28ff"


class Outline(NamedTuple):
    """Closed polygons, as arrays of whole numbers.

    points: (points, 2), x to the right and y upwards, from the middle of the frame, in sixteenths of a font unit.
    normals: (points, 2), the direction in which the letter grows with its strokes; of length 1024 on a straight edge.
    following: (points,), the place of the next point of the same polygon.
    size: the longer side of the frame, in sixteenths of a font unit.
    """

    points: np.ndarray
    normals: np.ndarray
    following: np.ndarray
    size: int


def faces(characters: Sequence[str]) -> tuple[str, ...]:
    """Return the DejaVu faces that have every one of these characters.

    Raises:
        BadValue: something that is no single character, or characters that no face has, or none has together.
    """
    for character in characters:
        if not isinstance(character, str) or len(character) != 1:
            raise BadValue(f"characters are single characters, such as 'A'; given {character!r}")
        if not _faces_of(character):
            raise BadValue(f"no DejaVu face has {named(character)}; `glyphs.SCRIPTS` lists those that there are")
    found = tuple(face for face in FACES if all(face in _faces_of(character) for character in characters))
    if not found:
        raise BadValue(f"no DejaVu face has all of {' '.join(characters)} together; ask for those of one script")
    return found


@cache
def outline(character: str, face: str) -> Outline:
    """Return the outline of a character in a face, in its frame: its bounding box, or Braille's cell of eight dots.

    Raises:
        UnknownName: a face that is not among `FACES`.
        BadValue: a character that this face does not have, or that has no outline, such as a space.
    """
    contours = _contours(character, face)
    if not contours:
        raise BadValue(f"{named(character)} has no outline in {face}: nothing would be drawn; leave it out")
    framed = _contours(BRAILLE_CELL, face) if "\u2800" < character < BRAILLE_CELL else contours
    corners = np.concatenate(framed)
    low, high = corners.min(0), corners.max(0)
    contours = [contour - (low + high) // 2 for contour in contours]
    starts = np.cumsum([0, *map(len, contours[:-1])])
    following = [start + np.roll(np.arange(len(c)), -1) for start, c in zip(starts, contours, strict=True)]
    normals = np.concatenate([_normals(contour) for contour in contours])
    outwards = 1 if sum(_area(contour) for contour in contours) > 0 else -1
    return Outline(np.concatenate(contours), outwards * normals, np.concatenate(following), int((high - low).max()))


def _contours(character: str, face: str) -> list[np.ndarray]:
    """Return the polygons of a character, (points, 2) each, in sixteenths of a font unit; without repeated points."""
    font = _font(face)
    if face not in _faces_of(character):
        raise BadValue(f"{face} does not have {named(character)}; see `faces` for those that do")
    font.load_char(ord(character), flags=_unscaled())
    vertices, codes = font.get_path()
    contours: list[list[list[int]]] = []
    waiting: list[list[int]] = []
    points = np.rint(vertices * 64).astype(np.int64) * FONT_UNIT
    for point, code in zip(points.tolist(), codes, strict=True):
        if code == 1:  # a new contour; it closes by itself, so a closing code (79) adds nothing
            contours.append([point])
        elif code == 2:
            contours[-1].append(point)
        elif code == 3:  # a parabola: its control point, then its end
            waiting.append(point)
            if len(waiting) == 2:
                contours[-1] += _parabola(contours[-1][-1], *waiting)
                waiting = []
    return [kept for contour in contours if len(kept := _without_repeats(np.array(contour))) > 2]


def _parabola(start: list[int], control: list[int], end: list[int]) -> list[list[int]]:
    """Return the points after the start; Python's own numbers are ten times as fast here as arrays of two."""
    steps = ((k, CURVE - k) for k in range(1, CURVE + 1))
    return [
        [
            (a * left * left + 2 * b * k * left + c * k * k) // FONT_UNIT
            for a, b, c in zip(start, control, end, strict=True)
        ]
        for k, left in steps
    ]


def _without_repeats(points: np.ndarray) -> np.ndarray:
    return points[(points != np.roll(points, 1, axis=0)).any(1)]


def _area(points: np.ndarray) -> int:
    """Return twice the area of a polygon, positive if it runs counterclockwise."""
    x, y = points.T
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _normals(points: np.ndarray) -> np.ndarray:
    """Return the normal at each point, to the right of the direction of travel, midway between its two edges.

    Normals are longer at corners, up to twice. Before rounding, only operations are used whose results IEEE 754 fixes
    to the last digit.
    """
    edges = (np.roll(points, -1, axis=0) - points).astype(np.float64)
    x, y = edges.T
    length = np.sqrt(x * x + y * y)
    right = np.stack([y / length, -x / length], axis=1)
    before = np.roll(right, 1, axis=0)
    both = right + before
    square = both[:, 0] * both[:, 0] + both[:, 1] * both[:, 1]
    return np.rint(NORMAL * 2 * both / np.maximum(square, 1.0)[:, None]).astype(np.int64)


@cache
def _font(face: str) -> Any:
    if face not in FACES:
        raise UnknownName(unknown("face", face, FACES))
    import matplotlib  # a tenth of a second, and only when a letter is drawn
    from matplotlib.ft2font import FT2Font

    # Before matplotlib 3.11, a hinting factor of 1 is needed: without it, outlines have an eighth of their width. Since
    # 3.11, this argument is deprecated.
    plain: dict[str, Any] = {"hinting_factor": 1} if matplotlib.__version_info__ < (3, 11) else {}
    return FT2Font(str(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{face}.ttf")), **plain)


def _unscaled() -> Any:
    from matplotlib import ft2font

    flags = getattr(ft2font, "LoadFlags", None)  # since matplotlib 3.10
    return ft2font.LOAD_NO_SCALE if flags is None else flags.NO_SCALE  # type: ignore[attr-defined, unused-ignore]


@cache
def _characters_of(face: str) -> frozenset[int]:
    return frozenset(_font(face).get_charmap())


@cache
def _faces_of(character: str) -> frozenset[str]:
    return frozenset(face for face in FACES if ord(character) in _characters_of(face))


def named(character: str) -> str:
    """Return a character as an error shows it: 'A' (U+0041)."""
    return f"{character!r} (U+{ord(character):04X})"
