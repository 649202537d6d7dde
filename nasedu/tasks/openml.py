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

from nasedu.core import BadValue, check_counts, counted, rng_from
from nasedu.tasks.base import Split, Task
from nasedu.tasks.openml_fetch import Fetched, fetch
from nasedu.tasks.preparing import LEAST, check_classes, divide, first_copies, listed, task_of, warn
from nasedu.tasks.reading import Reading
from nasedu.tasks.table.answers import Answers
from nasedu.tasks.table.cells import Cells, Texts
from nasedu.tasks.table.making import Options, task_from
from nasedu.tasks.table.notation import NUMBERS
from nasedu.tasks.table.sheet import Sheet
from nasedu.tasks.table.sorts import Sort

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
    column of 0 and 1 for each value of a feature that is a category, and standardised by the training split. Flat
    examples that are equal lie in one split; `nasedu.tasks.csv_table` reads tables alike.

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
        UserWarning: copies of an earlier image, and classes with fewer than 4 different examples, are omitted. Missing
            numbers are filled with the mean of the training split. Each warning says how many.
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
    shape = IMAGES.get(data.X.shape[1]) if data.X.dtype == np.uint8 else None
    places = _usable(where, data, copies=shape is None)
    if limit is not None:
        places = places[_sample(where, data.y[places], limit)]
    present, y = np.unique(data.y[places], return_inverse=True)
    names = [data.classes[n] for n in present]
    about = {
        "name": f"openml/{name}" + (f":{limit}" if limit else ""),
        "summary": f"Which of {len(names)} classes ({listed(names, 3)})? {len(places)} examples of OpenML's {name}.",
        "source": data.source,
        "licence": data.licence,
    }
    if shape is None:
        return _table(where, data, places, Answers(y.astype(np.int64), tuple(names)), about)
    check_classes(where, names, y, "different examples", "choose another data set")
    counts = dict(zip(names, np.bincount(y).tolist(), strict=True))
    return task_of(
        [_images(split, shape) for split in divide(data.X[places], y.astype(np.int64))],
        outputs=len(names),
        classes=tuple(names),
        reading=Reading("images", len(places), classes=counts, splits="60/20/20 by class"),
        **about,
    )


def _usable(where: str, data: Fetched, copies: bool) -> np.ndarray:
    """Places of the examples whose class is no rarity, and that are no copy of an earlier one unless `copies`."""
    different, _ = first_copies(data.X)
    places = np.arange(len(data.X)) if copies else different
    if len(places) < len(data.X):
        warn(f"{where}: left out {counted(len(data.X) - len(places), 'example')} with an equal one before")
    counts = np.bincount(data.y[different], minlength=len(data.classes))
    rare = [n for n, count in enumerate(counts) if 0 < count < LEAST]
    if rare:
        told = listed([data.classes[n] for n in rare])
        lost = int(np.isin(data.y[places], rare).sum())
        warn(f"{where}: left out {lost} examples of classes that have fewer than {LEAST}: {told}")
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


def _images(split: Split, shape: tuple[int, ...]) -> Split:
    return Split((split.X / np.float32(255)).astype(np.float32).reshape(-1, *shape), split.y)


def _table(where: str, data: Fetched, places: np.ndarray, answers: Answers, about: dict[str, Any]) -> Task:
    """Return the task of a set that is flat: its columns are what OpenML says they are."""
    X = data.X[places].astype(np.float64)
    columns: dict[str, Cells] = {}
    sorts, start = {}, 0
    for name, values in data.columns or [(str(n), None) for n in range(X.shape[1])]:
        part = X[:, start : start + (1 if values is None else len(values))]
        start += part.shape[1]
        if values is None:
            columns[name], sorts[name] = part[:, 0], Sort(NUMBERS)
            continue
        gone = np.isnan(part).any(1)
        columns[name] = Texts(np.where(gone, -1, np.nan_to_num(part).argmax(1)), values)
        sorts[name] = Sort(values=(*values, *([""] if gone.any() else [])))
    target = data.target
    while target in columns:
        target += " (answer)"
    columns[target] = Texts(answers.y, list(answers.classes))
    options = Options(guess=False, sorts=sorts)
    return task_from(Sheet(columns), target, options, where, about, answers)
