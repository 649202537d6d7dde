"""Pools of images for few-shot tasks: letters, relatives of the digits, a student's own folder.

Drawing one image takes about a third of a millisecond, so a pool is drawn once and kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from nasedu.core import BadValue, check_counts, rng_from, unknown
from nasedu.metalearning.few_shot import Pool
from nasedu.tasks.alphabets import letters
from nasedu.tasks.drawing import check_side, draw_distinct
from nasedu.tasks.episodes import held_out
from nasedu.tasks.folder import folder_named
from nasedu.tasks.raster import LEVELS
from nasedu.tasks.variants import relative

Part = Literal["train", "validation", "test"]
PARTS = ("train", "validation", "test")

RELATIVES = {
    "train": ("rotated", "shuffled", "where", "how-many"),
    "validation": ("noisy-pixels",),
    "test": ("what", "anywhere"),
}
"""Questions to learn from, to choose by and to report on; each has at least five answers."""


def check_part(part: str) -> None:
    """Raise BadValue for a part that does not exist."""
    if part not in PARTS:
        raise BadValue(unknown("part", part, PARTS))


@lru_cache(maxsize=4)
def glyph_pool(scripts: tuple[str, ...], *, images: int = 20, side: int = 12, seed: int = 0) -> Pool:
    """Draw each letter of these scripts some times; a script is a group. All images differ.

    Args:
        scripts: names of scripts; `nasedu.tasks.glyphs.held_out` says which to learn from.
        images: of each letter.
        side: height and width of an image in pixels.
        seed: another seed gives other images.

    Raises:
        UnknownName: an unknown script.
        BadValue: no script, or a number out of its range.
    """
    check_counts(images=images)
    check_side(side)
    if not scripts:
        raise BadValue("a pool of letters needs at least one script, and none was given")
    known = [(script, letter) for script in scripts for letter in letters(script)]
    y = np.repeat(np.arange(len(known)), images)
    drawn = draw_distinct([known[label][1] for label in y], rng_from(seed, "glyph pool", *scripts), side=side)
    return Pool(
        name="glyphs",
        X=(drawn / LEVELS).astype(np.float32)[:, None],
        y=y,
        groups=np.repeat(np.arange(len(scripts)), [len(letters(script)) for script in scripts]),
        classes=tuple(letter for _, letter in known),
        group_names=scripts,
    )


def held_out_glyphs(part: str, *, images: int = 20, side: int = 12, seed: int = 0) -> Pool:
    """Return the letters of the scripts to learn from (8), to choose by (3) or to report on (3); see `held_out`."""
    check_part(part)
    return glyph_pool(held_out()[PARTS.index(part)], images=images, side=side, seed=seed)


def relatives_pool(part: str, material: str = "digits", questions: Sequence[str] = ()) -> Pool:
    """Return tasks like `shuffled/digits` as one pool; a question is a group, and its answers are the classes.

    The questions to report on are others than those to learn from, and so are the writings (of digits): they are from
    the validation splits. The test splits stay sealed.

    Args:
        part: "train", "validation" or "test".
        material: "digits", or a script that glyphs has.
        questions: of `nasedu.tasks.QUESTIONS`; those of `RELATIVES` if none is given.

    Raises:
        UnknownName: an unknown question or material.
        BadValue: an unknown part.
    """
    check_part(part)
    chosen = tuple(questions) or RELATIVES[part]
    found = [relative(question, material) for question in chosen]
    splits = [task.train if part == "train" else task.validation for task in found]
    starts = np.cumsum([0, *(task.outputs for task in found)])
    return Pool(
        name=f"relatives/{material}",
        X=np.concatenate([split.X for split in splits]),
        y=np.concatenate([split.y + start for split, start in zip(splits, starts[:-1], strict=True)]),
        groups=np.repeat(np.arange(len(found)), [task.outputs for task in found]),
        classes=tuple(f"{task.name} {label}" for task in found for label in range(task.outputs)),
        group_names=chosen,
    )


def folder_pool(path: str | Path, part: str = "all", *, seed: int = 0) -> Pool:
    """Return a student's own images, one folder for each class, as one group.

    Args:
        path: as in `folder/PATH`: a folder, or `PATH:12x1` for images of 12x12 pixels in shades of grey.
        part: "all" classes, or those to learn from ("train", three fifths), to choose by ("validation") or to report on
            ("test"): no class is in two parts.
        seed: of the order in which the classes are divided.

    Raises:
        BadValue: an unknown part, a part with fewer than two classes, or what `nasedu.tasks.folder` refuses.
    """
    if part != "all":
        check_part(part)
    task = folder_named(str(path))
    X, y = (np.concatenate(pair) for pair in zip(task.train, task.validation, strict=True))
    count = task.outputs
    order = rng_from(seed, "classes of a folder").permutation(count)
    cuts = [round(0.6 * count), round(0.8 * count)]
    chosen = np.arange(count) if part == "all" else np.sort(np.split(order, cuts)[PARTS.index(part)])
    if len(chosen) < 2:
        raise BadValue(
            f"folder {str(path)!r}: {count} classes in three parts leave {len(chosen)} for {part!r}, and a task needs "
            "2; add folders, or use part='all' with a learner that was trained on other images"
        )
    kept = np.isin(y, chosen)
    return Pool(
        name=f"folder/{path}",
        X=X[kept],
        y=np.searchsorted(chosen, y[kept]),
        groups=np.zeros(len(chosen), np.int64),
        classes=tuple(task.classes[label] for label in chosen),
        group_names=(str(path),),
    )
