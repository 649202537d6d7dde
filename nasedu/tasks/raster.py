"""Rasterising polygons in whole numbers throughout, so that the bytes are the same on every machine."""

from collections.abc import Sequence
from math import cos, radians, sin
from typing import NamedTuple

import numpy as np

from nasedu.tasks.outlines import NORMAL, Outline

LEVELS = 16
"""A pixel is sampled at 4 x 4 points; its level is the number of points inside the letter, 0 to 16."""

SAMPLES = 4
UNIT = 256  # coordinates are rounded to 256ths of a pixel
TURN = 1 << 14  # a sine of 1, as a whole number
SINE = np.array([round(TURN * sin(radians(degrees))) for degrees in range(360)], np.int64)
COSINE = np.array([round(TURN * cos(radians(degrees))) for degrees in range(360)], np.int64)
AT_ONCE = 4_000_000  # samples in one step: some tens of megabytes


class Pose(NamedTuple):
    """The pose of each of n letters in its image; each field is a whole number for each letter, (n,).

    turn: degrees, counterclockwise. scale: thousandths of the image's side that the letter's frame fills.
    right, down: shifts in 256ths of a pixel. stroke: the change of the strokes' thickness, in 256ths of a pixel.
    """

    turn: np.ndarray
    scale: np.ndarray
    right: np.ndarray
    down: np.ndarray
    stroke: np.ndarray


def rasterise(outlines: Sequence[Outline], pose: Pose, side: int) -> np.ndarray:
    """Return the letters as images: uint8, (n, side, side), from 0 (outside) to 16 (inside), by non-zero winding."""
    images = np.empty((len(outlines), side, side), np.uint8)
    step = max(1, AT_ONCE // (SAMPLES * side) ** 2)
    for start in range(0, len(outlines), step):
        part = slice(start, start + step)
        images[part] = _rasterise(outlines[part], Pose(*(values[part] for values in pose)), side)
    return images


def _rasterise(outlines: Sequence[Outline], pose: Pose, side: int) -> np.ndarray:
    lengths = np.array([len(each.points) for each in outlines])
    letter = np.repeat(np.arange(len(outlines)), lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    points = _placed(outlines, pose, side, letter)
    after = points[np.concatenate([each.following for each in outlines]) + first]
    return _filled(letter, points, after, len(outlines), side)


def _placed(outlines: Sequence[Outline], pose: Pose, side: int, letter: np.ndarray) -> np.ndarray:
    """Return points in 256ths of a pixel from the upper left corner, (points, 2)."""
    sine, cosine = SINE[pose.turn % 360][letter], COSINE[pose.turn % 360][letter]

    def turned(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = vectors.T
        return cosine * x - sine * y, -(sine * x + cosine * y)

    magnified = (pose.scale * side * UNIT)[letter]
    shrunk = (np.array([each.size for each in outlines]) * 1000 * TURN)[letter]
    thicker = pose.stroke[letter]
    places = turned(np.concatenate([each.points for each in outlines]))
    grown = turned(np.concatenate([each.normals for each in outlines]))
    shifts = (pose.right[letter], pose.down[letter])
    return np.stack(
        [
            place * magnified // shrunk + normal * thicker // (2 * NORMAL * TURN) + shift + side * UNIT // 2
            for place, normal, shift in zip(places, grown, shifts, strict=True)
        ],
        axis=1,
    )


def _filled(letter: np.ndarray, points: np.ndarray, after: np.ndarray, count: int, side: int) -> np.ndarray:
    """Fill the polygons along scan lines through the samples.

    Where an edge crosses a scan line, the winding number changes for all samples to the right.
    """
    lines, gap = side * SAMPLES, UNIT // SAMPLES
    rows = np.clip(-(-(np.stack([points[:, 1], after[:, 1]]) - gap // 2) // gap), 0, lines)
    top, crossed = rows.min(0), np.abs(rows[1] - rows[0])
    edge = np.repeat(np.arange(len(points)), crossed)
    row = top[edge] + np.arange(len(edge)) - (np.cumsum(crossed) - crossed)[edge]
    (x, y), (dx, dy) = points[edge].T, (after - points)[edge].T
    place = x + (row * gap + gap // 2 - y) * dx // dy
    column = np.clip(-(-(place - gap // 2) // gap), 0, lines)
    cells = (letter[edge] * lines + row) * (lines + 1) + column
    size = count * lines * (lines + 1)
    changes = np.bincount(cells[dy > 0], minlength=size) - np.bincount(cells[dy < 0], minlength=size)
    inside = changes.astype(np.int8).reshape(count, lines, lines + 1)[..., :-1].cumsum(-1, dtype=np.int8) != 0
    return inside.reshape(count, side, SAMPLES, side, SAMPLES).sum((2, 4), dtype=np.uint8)
