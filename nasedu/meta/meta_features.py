"""What is known of a task before a network is trained on it: a few numbers, for priors that ask how alike tasks are.

Such numbers are called simple meta-features: Vanschoren, "Meta-Learning", chapter 2 of Hutter, Kotthoff, Vanschoren,
"Automated Machine Learning", Springer 2019. Lesson 15.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from nasedu import tasks
from nasedu.core import NaseduError

FILES = ("openml", "folder", "csv")
"""Families whose tasks lie in files that may be large, elsewhere, or gone by now."""
LOOK = 1000
"""Examples that are looked at."""


def meta_features(task: Any) -> dict[str, float]:
    """Return numbers about a task, for `Evidence.about` and for the `about` of a prior.

    Everything is taken from what a search may see: the test split stays closed.

    Args:
        task: one with examples, or one of a table. A table does not keep the examples, so all that is known of its
            tasks is the shape that its space was made for.

    Returns:
        What is known of `inputs` (numbers in one example), `outputs`, `examples` (for training), `chance` (the score of
        guessing) and `smoothness` (the correlation of numbers that stand next to each other in an example,
        from -1 to 1: about 0 where pixels are shuffled or noise).
    """
    found: dict[str, float | None] = {"inputs": _product(task.input_shape), "outputs": task.outputs}
    train = getattr(task, "train", None)
    if train is not None:
        found |= {"examples": len(train.X), "chance": task.chance, "smoothness": _smoothness(train.X)}
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def _product(shape: Any) -> float | None:
    return None if shape is None else float(np.prod(shape))


def _smoothness(X: np.ndarray) -> float | None:
    """Correlation of neighbours along the last axis, (examples, ..., length); None where there are none, or all alike.

    The mean over the examples is taken off each place first: a background that never changes says nothing.
    """
    X = X[:LOOK].astype(np.float64)
    X -= X.mean(axis=0)
    left, right = X[..., :-1].ravel(), X[..., 1:].ravel()
    spread = math.sqrt(float(left @ left) * float(right @ right))
    return round(float(left @ right) / spread, 4) if spread > 0 else None  # the last digits are the machine's


def known_about(task: Any) -> tuple[tuple[str, float], ...]:
    """Return the meta-features of a task as `Evidence.about` keeps them."""
    return tuple(sorted(meta_features(task).items()))


@lru_cache(maxsize=256)
def known_by_name(name: str) -> tuple[tuple[str, float], ...]:
    """Return the meta-features of a registered task; () for an unknown name, or if a file would have to be opened."""
    if name.partition("/")[0] in FILES:
        return ()
    try:
        return known_about(tasks.load(name))
    except NaseduError:
        return ()
