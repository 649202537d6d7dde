"""Data sets of OpenML by name or number: MNIST, Fashion-MNIST, CIFAR-10, and any other for classification.

This is the one kind of task that needs the network, and only the first time it is asked for: `load("openml/mnist_784")`
fetches the set through scikit-learn's `fetch_openml` and keeps it in a cache (`nasedu.tasks.openml_fetch`).

What is checked: scikit-learn compares the MD5 sum of the fetched file with the one that OpenML's description of the set
states, which finds a file cut short or damaged on its way; numpy's `.npz` has a checksum of what is kept. What is not:
that OpenML itself still serves what it served when a course was written. `nasedu.tasks.base.digest_of` tells.

J. Vanschoren, J. N. van Rijn, B. Bischl, L. Torgo, "OpenML: networked science in machine learning", SIGKDD
Explorations 15(2), 2013.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue, check_counts, rng_from
from nasedu.tasks.base import Split, Task
from nasedu.tasks.openml_fetch import Fetched, fetch
from nasedu.tasks.preparing import (
    LEAST,
    check_classes,
    divide,
    first_copies,
    listed,
    rescaled,
    six_digits,
    task_of,
    warn,
)

IMAGES = {784: (1, 28, 28), 3072: (3, 32, 32)}
"""Sets of this many features are images of this shape, if all values are whole numbers from 0 to 255."""


def openml(
    name_or_id: str | int,
    *,
    cache: str | Path | None = None,
    limit: int | None = None,
    progress: bool = True,
) -> Task:
    """Make a classification task of a data set of OpenML. It is fetched once, then kept.

    784 features are images (1, 28, 28) and 3072 are images (3, 32, 32), from 0 to 1; anything else is flat, with a
    column of 0 and 1 for each value of a feature that is a category, and standardised by the training split.

    Args:
        name_or_id: a name such as "mnist_784" (of several versions, the oldest that is active) or OpenML's number.
        cache: where to keep what was fetched; usually `nasedu/openml` in the user's cache directory.
        limit: the largest number of examples, each class by its share; the split is made of those.
        progress: whether to show that it is being fetched, in a terminal or a notebook.

    Returns:
        A classification task, split 60, 20 and 20 percent of each class. `load("openml/mnist_784")` gives the same,
        `load("openml/mnist_784:2000")` with limit 2000.

    Raises:
        UnknownName: OpenML has no set of this name or number.
        BadValue: no network, a file that is cut short or damaged, or a set that is none for classification. Nothing
            of it stays in the cache.

    Warns:
        UserWarning: copies of an earlier example, and classes with fewer than 4 examples, are omitted. Missing values
            are filled with the mean of the training split. Each warning says how many.
    """
    if limit is not None:
        check_counts(limit=limit)
    name = _name(name_or_id)
    return _task(name, f"OpenML's {name!r}", fetch(name, cache, progress), limit)


def openml_named(text: str) -> Task:
    """Make the task of a data set of OpenML, fetched on first use: `NAME`, `NUMBER`, or either with `:LIMIT`."""
    found = re.fullmatch(r"(.+):(\d{1,15})", text)
    return openml(found[1], limit=int(found[2])) if found else openml(text)


def _name(name_or_id: str | int) -> str:
    """The name as text; a number as its digits."""
    if isinstance(name_or_id, int) and not isinstance(name_or_id, bool) and name_or_id > 0:
        return str(name_or_id)
    if isinstance(name_or_id, str) and name_or_id.strip(" .") and name_or_id.isprintable():
        return name_or_id
    raise BadValue(f"OpenML's sets have a name, such as 'mnist_784', or a number, such as 554; given {name_or_id!r}")


# ---------------------------------------------------------------------- from arrays to a task


def _task(name: str, where: str, data: Fetched, limit: int | None) -> Task:
    places = _usable(where, data)
    if limit is not None:
        places = places[_sample(where, data.y[places], limit)]
    present, y = np.unique(data.y[places], return_inverse=True)
    names = [data.classes[n] for n in present]
    check_classes(where, names, y, "different examples", "choose another data set")
    splits = divide(data.X[places], y.astype(np.int64))
    shape = IMAGES.get(data.X.shape[1]) if data.X.dtype == np.uint8 else None
    return task_of(
        _images(splits, shape) if shape else _flat(where, splits),
        name=f"openml/{name}" + (f":{limit}" if limit else ""),
        summary=f"Which of {len(names)} classes ({listed(names, 3)})? {len(places)} examples of OpenML's {name}.",
        outputs=len(names),
        source=data.source,
        licence=data.licence,
    )


def _usable(where: str, data: Fetched) -> np.ndarray:
    """Places of the examples that are no copy of an earlier one, and whose class is no rarity."""
    places, _ = first_copies(data.X)
    if len(places) < len(data.X):
        warn(f"{where}: left out {len(data.X) - len(places)} examples that are copies of an earlier one")
    counts = np.bincount(data.y[places], minlength=len(data.classes))
    rare = [n for n, count in enumerate(counts) if 0 < count < LEAST]
    if rare:
        told = listed([data.classes[n] for n in rare])
        warn(f"{where}: left out {int(counts[rare].sum())} examples of classes that have fewer than {LEAST}: {told}")
    return places[~np.isin(data.y[places], rare)]


def _sample(where: str, y: np.ndarray, limit: int) -> np.ndarray:
    """Places of at most `limit` examples in their order, each class by its share and with at least `LEAST`."""
    classes, counts = np.unique(y, return_counts=True)
    if limit < LEAST * len(classes):
        raise BadValue(
            f"{where} has {len(classes)} classes, so limit is at least {LEAST * len(classes)}; given {limit}"
        )
    if limit >= len(y):
        return np.arange(len(y))
    wanted = np.maximum(LEAST, (counts * limit) // len(y))
    while wanted.sum() > limit:
        wanted[wanted.argmax()] -= 1
    rng = rng_from(0, "openml", "limit")
    chosen = [rng.permutation(np.flatnonzero(y == label))[:most] for label, most in zip(classes, wanted, strict=True)]
    return np.sort(np.concatenate(chosen))


def _images(splits: Any, shape: tuple[int, ...]) -> list[Split]:
    return [Split((X / np.float32(255)).astype(np.float32).reshape(-1, *shape), y) for X, y in splits]


def _flat(where: str, splits: Any) -> list[Split]:
    """Fill and standardise by the training split; examples that this made equal are omitted."""
    train = splits[0].X.astype(np.float64)
    missing = sum(int(np.isnan(split.X).sum()) for split in splits)
    there = ~np.isnan(train)
    mean = six_digits(np.where(there, train, 0).sum(0) / np.maximum(there.sum(0), 1))
    if missing:
        warn(f"{where}: filled {missing} missing values with the mean of their column in the training split")
    left, lost = rescaled([Split(np.where(np.isnan(X), mean, X), y) for X, y in splits])
    if lost:
        warn(f"{where}: left out {lost} examples that filling or scaling has made equal to another")
    return left
