"""A student's own images: a folder with one folder for each class.

    pets/cat/1.jpg  pets/cat/2.png  ...  pets/dog/1.jpg  ...

Pillow reads the images. The split is fixed: the same files give the same splits. Pillow's decoders decide the bytes:
for PNG they are the same everywhere; for JPEG another version may round a pixel differently.

finding.py      which files are images of which class and split
decoding.py     from one image to numbers of a common size
pixels.py       from all files to one array
splitting.py    copies, labels that disagree, and the splits
preparation.py  the same for new images: what a network keeps
plain_source.py the same in plain Python, for an exported file
"""

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.base import Split, Task
from nasedu.tasks.folder.decoding import BITS_8
from nasedu.tasks.folder.finding import PARTS, existing, find, of_tools, tree_of
from nasedu.tasks.folder.pixels import Pixels, keys_of, read
from nasedu.tasks.folder.preparation import MOST_SIDE, Images
from nasedu.tasks.folder.splitting import split, without_copies
from nasedu.tasks.preparing import check_classes, listed, task_of, warn
from nasedu.tasks.reading import Reading

NARROW = 1 / 8
"""If nearly all pixels are within this share of the range, a warning says so."""


def folder(path: str | Path, *, side: int | None = None, channels: int | None = None) -> Task:
    """Classify your own images, one folder for each class.

    Each image is rotated as its camera says. Transparent parts become white. A square is cut from its middle and scaled
    to the common side. Of several frames or pages the first is taken. With 8 bits, 0 becomes 0 and 255 becomes 1. For
    deeper images, the least and the greatest value of the training images become 0 and 1.

    Folders named train, val and test (or alike) that hold the folders of the classes are the splits. A missing
    validation or test split is a quarter of train.

    Args:
        path: the folder that holds a folder for each class; images may lie deeper in those.
        side: pixels, from 4 to 512; by default the median of the images' shorter sides, limited to 8 to 32.
        channels: 1 for shades of grey, 3 for colours; by default 1 if all images are grey.

    Returns:
        A classification task of inputs (channels, side, side), float32 from 0 to 1, classes in the order of their
        names. `load("folder/PATH")` gives the same, `load("folder/PATH:16x3")` with side 16 and 3 channels. Its
        `reading` says what was read, and its `preparation` makes inputs of new images.

    Raises:
        BadValue: no such folder, no images, a single class, a class with fewer than 4 different images, or one that is
            missing in a given split. A side or channels out of range, or inputs of more than 2 GB.

    Warns:
        UserWarning: what is omitted or guessed, with names and count: unreadable files, copies of an image, images in
            two splits or two classes, images in no class, further frames.
    """
    if side is not None and (not isinstance(side, int) or isinstance(side, bool) or not 4 <= side <= MOST_SIDE):
        raise BadValue(f"side is a whole number of pixels, at least 4 and at most {MOST_SIDE}; given {side!r}")
    if channels not in (None, 1, 3):
        raise BadValue(f"channels is 1 (grey) or 3 (colours); given {channels!r}")
    where = f"folder {str(path)!r}"
    tree = tree_of(existing(path), where, "a folder that holds one folder of images for each class")
    found = find(tree, where)
    _warn(where, guesses := found.guesses + found.left_out)
    pixels, unread = read(found.files, side, channels, where)
    _warn(where, unread)
    kept, copies = without_copies(pixels.keys(), pixels.files)
    _warn(where, copies)
    pixels = pixels.at(kept)
    y = np.array([file.label for file in pixels.files], np.int64)
    check_classes(where, found.names, y, "different images", "add images, or remove the folder")
    places, divided = split(y, [file.part for file in pixels.files], found.names, where)
    preparation = Images.fitted(pixels.values, pixels.depths, places[0], found.names)
    splits, again = _splits(pixels, y, places, preparation)
    _warn(where, again)
    left_out = [*guesses, *unread, *copies, *again, *of_tools(tree), pixels.size, *preparation.scales_said()]
    return _task(splits, _name(path, side, channels), path, preparation, divided, left_out)


def folder_named(text: str) -> Task:
    """Classify your own images, one folder a class: `PATH`, `PATH:16` (side) or `PATH:16x3` (and channels)."""
    found = re.fullmatch(r"(.+?):(\d{0,12})(?:x(\d{1,12}))?", text)
    if not found or not (found[2] or found[3]) or os.path.lexists(existing(text)):  # what exists wins over the syntax
        return folder(text)
    return folder(found[1], side=int(found[2]) if found[2] else None, channels=int(found[3]) if found[3] else None)


def _name(path: str | Path, side: int | None, channels: int | None) -> str:
    """Return the name that `load` reads as this folder and this size, also if a folder `PATH:16` exists."""
    size = (f":{side or ''}" if side or channels else "") + (f"x{channels}" if channels else "")
    return f"folder/{path}{'/' if size and os.path.lexists(existing(f'{path}{size}')) else ''}{size}"


def _splits(
    pixels: Pixels, y: np.ndarray, places: Sequence[np.ndarray], preparation: Images
) -> tuple[list[Split], list[str]]:
    """Return the splits from 0 to 1, without images that this made equal, and sentences on what was found."""
    inputs = [preparation.scaled(pixels.values, pixels.depths, of) for of in places]
    splits, said = [Split(X, y[of]) for X, of in zip(inputs, places, strict=True)], _almost_one_shade(inputs[0])
    if set(preparation.scales) == {BITS_8}:  # what was different is different
        return splits, said
    files = [pixels.files[n]._replace(part=part) for part, of in zip(PARTS, places, strict=True) for n in of]
    kept, equal = without_copies([key for X in inputs for key in keys_of(X)], files, "once their values are scaled")
    starts = np.cumsum([0, *map(len, places)])
    left = [kept[(kept >= a) & (kept < b)] - a for a, b in pairwise(starts)]
    return [Split(s.X[n], s.y[n]) for s, n in zip(splits, left, strict=True)], [*said, *equal]


def _almost_one_shade(X: np.ndarray) -> list[str]:
    """Return a sentence if nearly all pixels are of almost one brightness, so that a network sees next to nothing."""
    sample = X.ravel()[:: max(X.size // 10**6, 1)]
    low, high = np.percentile(sample, (1, 99))
    if not 0 < high - low < NARROW:
        return []
    return [
        f"nearly all pixels of the training images are from {low:.3f} to {high:.3f}, in a range from 0 to 1; if they "
        "look black or white, spread their values first"
    ]


def _task(
    splits: Sequence[Split], name: str, path: str | Path, preparation: Images, divided: str, left_out: Sequence[str]
) -> Task:
    names, side, sizes = preparation.classes, preparation.side, [len(split.y) for split in splits]
    counts = np.bincount(np.concatenate([split.y for split in splits]), minlength=len(names)).tolist()
    return task_of(
        splits,
        name=name,
        summary=f"{listed(names)}? {sum(sizes)} images of {side}x{side} pixels from your folder.",
        outputs=len(names),
        source=f"the images in {path}",
        licence="not stated: it is for the owner of the images to say",
        classes=names,
        preparation=preparation,
        reading=Reading(
            kind="images",
            examples=sum(sizes),
            classes=dict(zip(names, counts, strict=True)),
            splits=f"{divided}: {'/'.join(map(str, sizes))}",
            divided_by="given" if "as given" in divided else "class",
            left_out=tuple(left_out),
        ),
    )


def _warn(where: str, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        warn(f"{where}: {sentence}")
