"""Which images are used, and in which split: no image twice, none of two classes, and given splits as they are."""

from collections.abc import Sequence

import numpy as np

from nasedu.core import BadValue, counted, rng_from
from nasedu.tasks.base import split_indices
from nasedu.tasks.folder.finding import PARTS, File
from nasedu.tasks.preparing import listed

_LATER = {"": 0, **{part: n for n, part in enumerate(PARTS)}}


def without_copies(
    keys: Sequence[bytes], files: Sequence[File], how: str = "once scaled"
) -> tuple[np.ndarray, list[str]]:
    """Return the places of the images that are used, in order, and sentences on the others.

    Of equal images the first in the last split is used; none, if their classes differ.

    Args:
        keys: of each image; equal for equal images.
        files: of each image, with its class and split.
        how: when the images are equal, for the sentences.
    """
    by_key: dict[bytes, list[int]] = {}
    for n, key in enumerate(keys):
        by_key.setdefault(key, []).append(n)
    disagree: list[str] = []
    copies: list[str] = []
    leaks: list[str] = []
    lost: set[int] = set()
    for same in (same for same in by_key.values() if len(same) > 1):
        if len({files[n].label for n in same}) > 1:
            disagree.append(" and ".join(files[n].told for n in same))
            lost.update(same)
            continue
        kept = max(same, key=lambda n: (_LATER[files[n].part], -n))
        for n in (n for n in same if n != kept):
            lost.add(n)
            told = leaks if files[n].part != files[kept].part else copies
            told.append(f"{files[n].told} (as {files[kept].told})")
    sentences = []
    if disagree:
        count = len(lost) - len(leaks) - len(copies)
        sentences.append(
            f"left out {counted(count, 'image')} because their labels disagree: the same image is in two classes "
            f"{how}: {listed(disagree)}"
        )
    if leaks:
        sentences.append(
            f"left out {counted(len(leaks), 'image')} with a copy in a later split {how}: {listed(sorted(leaks))}"
        )
    if copies:
        sentences.append(f"left out {counted(len(copies), 'image')} with an equal one before {how}: {listed(copies)}")
    return np.array([n for n in range(len(keys)) if n not in lost], np.int64), sentences


def split(y: np.ndarray, given: Sequence[str], names: Sequence[str], where: str) -> tuple[list[np.ndarray], str]:
    """Return the places of the training, validation and test images, and how they were divided, in words.

    A split that is not given is cut from train: a quarter of each class. The same y gives the same split.

    Args:
        y: the class of each image.
        given: the split of each image; "" if none is given.
        names: of the classes.
        where: what is being loaded, for messages.

    Raises:
        BadValue: a class has too few images in a given split.
    """
    if set(given) <= {"", "train"}:
        return list(split_indices(y)), "60/20/20 by class"
    parts = np.array(given, object)
    found = [part for part in PARTS if (parts == part).any()]
    cut = next((part for part in PARTS if part not in found), "")
    for part in found:
        counts = np.bincount(y[parts == part], minlength=len(names))
        least = (3 if cut else 2) if part == "train" else 1
        few = [f"{name!r} has {count}" for name, count in zip(names, counts, strict=True) if count < least]
        if few:
            raise BadValue(
                f"{where}: every class needs at least {least} different images in the given {part} split, and "
                f"{listed(few)}; add images, or remove the class everywhere"
            )
    if cut:
        rng = rng_from(0, "folder", cut)
        for label in range(len(names)):
            of_it = rng.permutation(np.flatnonzero((parts == "train") & (y == label)))
            parts[of_it[: max(round(len(of_it) / 4), 1)]] = cut
    words = f"{' and '.join(found)} as given, {cut} is a quarter of train" if cut else "as given"
    return [np.flatnonzero(parts == part) for part in PARTS], words
