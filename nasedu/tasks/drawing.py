"""Letters as images: each with its own face, place, rotation, size and stroke, under a little noise."""

from collections.abc import Sequence
from math import ceil, floor, isfinite
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.outlines import faces, outline
from nasedu.tasks.raster import LEVELS, UNIT, Pose, rasterise

SMALLEST, LARGEST = 6, 256
TRIES = 20


def draw(
    characters: Sequence[str],
    rng: np.random.Generator,
    *,
    side: int = 12,
    shift: float = 1.0,
    rotate: float = 15.0,
    scale: tuple[float, float] = (0.75, 0.95),
    stroke: tuple[float, float] = (-0.2, 0.5),
    noise: int = 2,
) -> np.ndarray:
    """Draw every character once, each in its own DejaVu face and pose.

    All random numbers are whole (degrees, thousandths, 256ths of a pixel), so that the same generator gives the same
    bytes on every machine.

    Args:
        characters: single characters, such as "ABBA" or ["α", "ת"].
        rng: the generator of all random numbers.
        side: height and width of an image in pixels, 6 to 256.
        shift: greatest distance of a letter from the middle, in pixels, to either side and up or down.
        rotate: greatest rotation, in degrees, in either direction.
        scale: the least and the greatest share of the image's side that the longer side of a letter fills.
        stroke: the least and the greatest change of the thickness of its strokes, in pixels.
        noise: the greatest number added to or subtracted from each pixel, in levels of 0 to 16; the result stays in
            that range.

    Returns:
        uint8, (len(characters), side, side): 0 where there is no ink, 16 where a pixel is full of it.

    Raises:
        BadValue: a character that no face has, or a number out of its range.
    """
    check_side(side)
    _check_ranges(side, shift, rotate, scale, stroke, noise)
    n = len(characters)
    choices = {character: faces(character) for character in dict.fromkeys(characters)}
    which = rng.integers(0, np.array([len(choices[c]) for c in characters], np.int64), dtype=np.int64)
    drawn = [outline(c, choices[c][k]) for c, k in zip(characters, which.tolist(), strict=True)]

    def between(low: float, high: float, unit: int) -> np.ndarray:
        return rng.integers(ceil(low * unit), floor(high * unit), size=n, dtype=np.int64, endpoint=True)

    pose = Pose(
        turn=between(-rotate, rotate, 1),
        scale=between(*scale, 1000),
        right=between(-shift, shift, UNIT),
        down=between(-shift, shift, UNIT),
        stroke=between(*stroke, UNIT),
    )
    images = rasterise(drawn, pose, side)
    grains = rng.integers(-noise, noise, size=images.shape, dtype=np.int8, endpoint=True)
    return np.clip(images.astype(np.int8) + grains, 0, LEVELS).astype(np.uint8)


def draw_distinct(characters: Sequence[str], rng: np.random.Generator, **how: Any) -> np.ndarray:
    """Draw as `draw` does, but no two images are the same: a repeated image is drawn again.

    Raises:
        BadValue: as `draw`, or when two images are still the same after 20 rounds: too little varies.
    """
    images = draw(characters, rng, **how)
    for _ in range(TRIES):
        twice = np.setdiff1d(np.arange(len(images)), first_of_a_kind(images))
        if not len(twice):
            return images
        images[twice] = draw([characters[place] for place in twice], rng, **how)
    raise BadValue(f"{len(twice)} of {len(images)} images are the same as another; allow more noise, shift or rotation")


def first_of_a_kind(images: np.ndarray) -> np.ndarray:
    """Return the places of the images that equal none before them."""
    return np.unique(images.reshape(len(images), -1), axis=0, return_index=True)[1]


def check_side(side: int) -> None:
    """Raise BadValue for an image too small to read or too large to draw."""
    if type(side) is not int or not SMALLEST <= side <= LARGEST:
        raise BadValue(f"side is a whole number of pixels from {SMALLEST} to {LARGEST}; given {side!r}")


def _check_ranges(side: int, shift: float, rotate: float, scale: Any, stroke: Any, noise: int) -> None:
    if not 0 <= shift <= side:
        raise BadValue(f"shift is from 0 to {side} pixels, the image's side; given {shift!r}")
    if not 0 <= rotate <= 180:
        raise BadValue(f"rotate is from 0 to 180 degrees; given {rotate!r}")
    low, high = _bounds("scale", scale)
    if low <= 0 or high > 2 or ceil(1000 * low) > floor(1000 * high):
        raise BadValue(f"scale is two shares of the image's side over 0 and up to 2; given {scale!r}")
    low, high = _bounds("stroke", stroke)
    if low < -side or high > side or ceil(UNIT * low) > floor(UNIT * high):
        raise BadValue(f"stroke is two changes of thickness, of at most {side} pixels; given {stroke!r}")
    if type(noise) is not int or not 0 <= noise <= LEVELS:
        raise BadValue(f"noise is a whole number of levels from 0 to {LEVELS}; given {noise!r}")


def _bounds(name: str, pair: Any) -> tuple[float, float]:
    """Return the least and the greatest of a range."""
    if isinstance(pair, Sequence) and len(pair) == 2 and all(isinstance(v, int | float) for v in pair):
        low, high = pair
        if isfinite(low) and isfinite(high) and low <= high:
            return low, high
    raise BadValue(f"{name} is two numbers, the least and the greatest, such as (0.5, 0.9); given {pair!r}")
