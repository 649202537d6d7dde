"""Letters of many scripts, drawn from the fonts that matplotlib ships: real shapes, no download, 1,600 classes.

In this course they replace Omniglot (B. Lake, R. Salakhutdinov, J. Tenenbaum, "Human-level concept learning through
probabilistic program induction", Science 350, 2015) for few-shot learning. A machine draws them instead of people.

    tasks.load("glyphs/greek")                     ten Greek letters, told apart
    glyphs.episodes(5, 1, ("greek", "hebrew"))     few-shot learning: five letters, one example of each
    glyphs.held_out()                              scripts to learn from, to choose by and to report on
"""

from collections.abc import Sequence

import numpy as np

from nasedu.core import BadValue, rng_from
from nasedu.tasks.alphabets import ALIKE, SCRIPTS, letters
from nasedu.tasks.base import Split, Task
from nasedu.tasks.drawing import check_side, draw, draw_distinct
from nasedu.tasks.episodes import Episode, Episodes, episodes, held_out
from nasedu.tasks.outlines import faces
from nasedu.tasks.preparing import task_of
from nasedu.tasks.raster import LEVELS

__all__ = [
    "ALIKE",
    "LEVELS",
    "SCRIPTS",
    "Episode",
    "Episodes",
    "draw",
    "draw_distinct",
    "episodes",
    "faces",
    "glyphs",
    "held_out",
    "letters",
    "ten_of",
]

SOURCE = "DejaVu fonts 2.37, as shipped with matplotlib; drawn here"
MOST = 100_000
"""Examples of one split at most: each is drawn, and none twice."""

LICENCE = (
    "Bitstream Vera Fonts Copyright and Arev Fonts Copyright (free to use); changes by DejaVu in the public domain"
)


def glyphs(script: str, *, classes: int = 10, side: int = 12, examples: Sequence[int] = (500, 1000, 500)) -> Task:
    """Classify letters of one script, each drawn with its own face, place, rotation, size and stroke, under noise.

    The letters were drawn at random from the script, once. The classes are numbered in the order of that draw; with
    fewer classes the first of them remain. All images differ.

    Args:
        script: one of `SCRIPTS`.
        classes: letters to tell apart, 2 up to those that the script has.
        side: height and width of an image in pixels.
        examples: how many for training, validation and test; each class has its equal share, to within one.

    Returns:
        A task of images of (1, side, side), 0 (no ink) to 1 in steps of a sixteenth.

    Raises:
        UnknownName: an unknown script.
        BadValue: more classes than letters, or fewer examples in a split than classes.
    """
    characters = _chosen(script, classes)
    check_side(side)
    counts = _counts(examples, classes)
    rng = rng_from(0, "glyphs", script, classes, side, *counts)
    labels = [rng.permutation(np.arange(count, dtype=np.int64) % classes) for count in counts]
    y = np.concatenate(labels)
    X = (draw_distinct([characters[label] for label in y], rng, side=side) / LEVELS).astype(np.float32)[:, None]
    cuts = np.cumsum(counts)[:-1]
    return task_of(
        [Split(*part) for part in zip(np.split(X, cuts), labels, strict=True)],
        name=f"glyphs/{script}",
        summary=f"Classify {classes} {script} letters in any DejaVu face, shifted, rotated, scaled and under noise.",
        outputs=classes,
        source=SOURCE,
        licence=LICENCE,
    )


def ten_of(script: str) -> tuple[str, ...]:
    """Return the ten letters that `glyphs(script)` tells apart, in the order of their classes. Raise UnknownName."""
    return _chosen(script, 10)


def _chosen(script: str, classes: int) -> tuple[str, ...]:
    known = letters(script)
    if type(classes) is not int or not 2 <= classes <= len(known):
        raise BadValue(f"classes is a whole number from 2 to {len(known)}, the letters of {script}; given {classes!r}")
    order = rng_from(0, "glyphs", script, "classes").permutation(len(known))
    return tuple(known[place] for place in order[:classes])


def _counts(examples: Sequence[int], classes: int) -> tuple[int, ...]:
    counts = tuple(examples) if isinstance(examples, Sequence) else ()
    if len(counts) != 3 or any(type(count) is not int or not classes <= count <= MOST for count in counts):
        raise BadValue(
            f"examples is three whole numbers, for training, validation and test, of at least {classes} each, one "
            f"for each class, and at most {MOST:,}; given {examples!r}"
        )
    return counts
