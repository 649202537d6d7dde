"""Tasks that ask different questions about one material: variants of the digits and of the glyphs, and gratings.

All of them show images of 12x12 pixels, so that one space fits them all, but they need different networks. After global
pooling, a network cannot tell where a thing is, but it can tell what it is. Shuffled pixels have no neighbourhoods. Two
equal things must be compared across the image. Lessons 08 and 15 search on these tasks.

A name is `question/material`, such as `where/digits` or `shuffled/greek`. Every task has 500 training, 1,000 validation
and 500 test examples, balanced. Handwritten digits are divided before any image is made of them, so no writing is in
two splits; glyphs are drawn again for each split. All is computed in whole numbers, so that the bytes are the same on
every machine.
"""

from collections.abc import Callable

import numpy as np

from nasedu.core import UnknownName, rng_from, unknown
from nasedu.tasks.base import Split, Task
from nasedu.tasks.material import SIDE, Draw, Material, material_of
from nasedu.tasks.preparing import task_of

EXAMPLES = {"train": 500, "validation": 1000, "test": 500}
CELLS = 3  # a thing of a third of the side fits into nine places
FEW = 50

Make = Callable[[Draw, np.ndarray, np.random.Generator], np.ndarray]
"""A function from a `Draw`, answers (examples,) and a generator to images (examples, 12, 12) of brightness 0 to 16."""


def what(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify ten kinds of things; each lies in the middle, at most one pixel away."""
    return draw(y, 8, rng, around=1)


def rotated(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify ten kinds of things, each image rotated by 0, 90, 180 or 270 degrees."""
    return _turned(what(draw, y, rng), rng.integers(4, size=len(y)))


def turned(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Count the quarter turns of an image, whatever thing it shows."""
    return _turned(what(draw, rng.integers(10, size=len(y)), rng), y)


def noisy_pixels(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify ten kinds of things under noise of up to three quarters of the brightness range on every pixel."""
    images = what(draw, y, rng)
    return np.clip(images + rng.integers(-12, 13, size=images.shape), 0, 16)


def shuffled(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify ten kinds of things after one fixed permutation of the pixels of all images."""
    order = rng_from(0, "shuffled pixels").permutation(SIDE * SIDE)
    return what(draw, y, rng).reshape(-1, SIDE * SIDE)[:, order].reshape(-1, SIDE, SIDE)


def anywhere(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify ten kinds of small things, each in a random place of the image."""
    return draw(y, 6, rng, around=SIDE)


def where(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Find in which of nine places a thing is, whatever it is. The class is the place, so global pooling must fail."""
    small = draw(rng.integers(10, size=len(y)), SIDE // CELLS, rng, alone=True)
    images = np.zeros((len(y), CELLS, CELLS, *small.shape[1:]), dtype=np.int64)
    images[np.arange(len(y)), y // CELLS, y % CELLS] = small // 2
    return _with_grain(4 + _joined(images), rng, 5)


def how_many(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Count the things, one to five, of any kind and in any place."""
    cells = CELLS * CELLS
    small = draw(rng.integers(10, size=len(y) * cells), SIDE // CELLS, rng, alone=True)
    small = small.reshape(len(y), cells, *small.shape[1:])
    ranks = rng.random((len(y), cells)).argsort(1, kind="stable").argsort(1, kind="stable")
    small = small * (ranks <= y[:, None])[:, :, None, None]  # class 0 is one thing
    return _with_grain(_joined(small.reshape(len(y), CELLS, CELLS, *small.shape[2:])), rng)


def same(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Decide whether two things, side by side, are the same (1) or different (0). There are four kinds of things."""
    left = rng.integers(4, size=len(y))
    right = np.where(y == 1, left, (left + rng.integers(1, 4, size=len(y))) % 4)
    halves = [draw(kind, 6, rng, alone=True) for kind in (left, right)]
    images = np.zeros((len(y), SIDE, SIDE), dtype=np.int64)
    images[:, 3:9, :6], images[:, 3:9, 6:] = halves
    return _with_grain(images, rng)


def grating_angle(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify the direction of stripes, one of eight, for any width and phase."""
    return _stripes(y * 22.5, rng.uniform(2.6, 5.0, size=len(y)), rng)


def grating_width(draw: Draw, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classify the width of stripes, one of eight, for any direction and phase."""
    return _stripes(rng.uniform(0, 180, size=len(y)), 2.4 * 1.16**y, rng)


QUESTIONS: dict[str, tuple[Make, int]] = {
    "what": (what, 10),
    "rotated": (rotated, 10),
    "turned": (turned, 4),
    "noisy-pixels": (noisy_pixels, 10),
    "noisy-labels": (what, 10),
    "few": (what, 10),
    "shuffled": (shuffled, 10),
    "anywhere": (anywhere, 10),
    "where": (where, CELLS * CELLS),
    "how-many": (how_many, 5),
    "same": (same, 2),
}
"""For each question, the function that makes the images, and the number of classes."""

GRATINGS: dict[str, tuple[Make, int]] = {"angle": (grating_angle, 8), "width": (grating_width, 8)}

CLASSES = {"how-many": ("1", "2", "3", "4", "5")}
"""Names of classes that a number from 0 would hide."""

EXTRAS = {
    "noisy-labels": "Classify ten kinds of things; three of ten training labels are wrong.",
    "few": f"Classify ten kinds of things from {FEW} different training examples, each shown ten times an epoch.",
}


def relative(question: str, material: str) -> Task:
    """Return the task `question/material`, such as relative("where", "digits").

    Args:
        question: one of `QUESTIONS`.
        material: "digits", or a script that glyphs has.

    Raises:
        UnknownName: the message lists the questions or the scripts.
    """
    if question not in QUESTIONS:
        raise UnknownName(unknown("question", question, QUESTIONS))
    make, classes = QUESTIONS[question]
    return _task(f"{question}/{material}", summary_of(question), make, classes, material_of(material), question)


def summary_of(question: str) -> str:
    """Return one line that says what a question asks."""
    return EXTRAS.get(question) or (QUESTIONS[question][0].__doc__ or "").partition("\n")[0]


def grating(kind: str) -> Task:
    """Classify the direction (`gratings/angle`) or the width (`gratings/width`) of stripes.

    Raises:
        UnknownName: there is no such kind.
    """
    if kind not in GRATINGS:
        raise UnknownName(unknown("grating", kind, GRATINGS))
    make, classes = GRATINGS[kind]
    return _task(f"gratings/{kind}", (make.__doc__ or "").partition("\n")[0], make, classes, material_of(None), kind)


def _task(name: str, summary: str, make: Make, classes: int, material: Material, question: str) -> Task:
    return task_of(
        [_split(name, split, make, classes, material, question) for split in EXAMPLES],
        name=name,
        summary=summary,
        outputs=classes,
        classes=CLASSES.get(question, ()),
        source=material.source,
        licence=material.licence,
    )


def _split(name: str, split: str, make: Make, classes: int, material: Material, question: str) -> Split:
    rng = rng_from(0, name, split)
    few = question == "few" and split == "train"
    y = rng.permutation(np.arange(FEW if few else EXAMPLES[split]) % classes)
    images = make(material.drawer(split), y, rng)
    if few:
        images, y = (np.tile(part, (EXAMPLES[split] // FEW, *[1] * (part.ndim - 1))) for part in (images, y))
    if question == "noisy-labels" and split == "train":
        y = _partly_wrong(y, rng)
    X = (np.clip(images, 0, 16) / 16).astype(np.float32)[:, None]
    return Split(np.ascontiguousarray(X), y.astype(np.int64))


def _partly_wrong(y: np.ndarray, rng: np.random.Generator, share: float = 0.3) -> np.ndarray:
    """Return the answers, a share of them replaced by an answer of another class; each class stays as frequent."""
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    chosen = chosen[np.argsort(y[chosen], kind="stable")]
    wrong = y.copy()
    wrong[chosen] = np.roll(y[chosen], np.bincount(y[chosen]).max())  # sorted, so a roll this far changes every class
    return wrong


def _turned(images: np.ndarray, turns: np.ndarray) -> np.ndarray:
    return np.stack([np.rot90(image, k) for image, k in zip(images, turns, strict=True)])


def _joined(cells: np.ndarray) -> np.ndarray:
    """Join (examples, rows, columns, height, width) into one image for each example."""
    examples, rows, columns, height, width = cells.shape
    return cells.transpose(0, 1, 3, 2, 4).reshape(examples, rows * height, columns * width)


def _with_grain(images: np.ndarray, rng: np.random.Generator, most: int = 3) -> np.ndarray:
    return np.clip(images + rng.integers(-most, most + 1, size=images.shape), 0, 16)


def _stripes(angles: np.ndarray, widths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return stripes of a direction (degrees) and a wavelength (pixels), of random phase and contrast, under noise."""
    down, across = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    radians = np.deg2rad(angles)[:, None, None]
    along = np.cos(radians) * across + np.sin(radians) * down
    phase = rng.uniform(0, 2 * np.pi, size=(len(angles), 1, 1))
    contrast = rng.uniform(3, 8, size=(len(angles), 1, 1))
    waves = contrast * np.sin(2 * np.pi * along / widths[:, None, None] + phase)
    # Round to a sixteenth: the last digits of a sine are not the same on every machine.
    return np.clip(np.rint(8 + waves) + rng.integers(-4, 5, size=waves.shape), 0, 16).astype(np.int64)
