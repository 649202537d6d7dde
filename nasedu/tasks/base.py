"""What a network is judged on: three splits of examples, and what a good answer is."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from nasedu.core import BadValue, rng_from

Kind = Literal["classification", "regression", "sequence", "control"]


class Split(NamedTuple):
    """Examples and their answers, in the same order.

    X: float32, (examples, *input_shape). y: int64, (examples,) for classes; float32, (examples, outputs) for numbers.
    """

    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Task:
    """Training and validation examples in the open, test examples behind one door.

    A search sees `train` and `validation`. The test split is for the very end: `Study.finish` opens it with
    `reveal_test`, once for each network that it reports, and nothing is chosen afterwards.

    The arrays are numpy's, so that tasks, tables and controllers work without torch; a trainer moves them to its
    device.

    Attributes:
        name: the registered name.
        summary: one line on what is to be told from what.
        input_shape: the shape of one example, such as (1, 8, 8): channels, height, width.
        outputs: numbers that a network gives for one example (classes, for classification).
        kind: classification, regression, sequence or control.
        metrics: the names that count, the first of them is the score.
        chance: the score of the best guess that ignores its input.
        source, licence: where the data come from and what they may be used for.
    """

    name: str
    summary: str
    train: Split = field(repr=False)
    validation: Split = field(repr=False)
    test: "Sealed" = field(repr=False)
    outputs: int
    source: str
    licence: str
    kind: Kind = "classification"
    metrics: tuple[str, ...] = ("accuracy", "recall", "f1")

    def __post_init__(self) -> None:
        for name, split in (("train", self.train), ("validation", self.validation)):
            check_split(f"task {self.name!r}, split {name!r}", split, self.kind, self.outputs)

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.train.X.shape[1:]

    @property
    def chance(self) -> float:
        """Always answering with the most frequent class of the training split."""
        counts = np.bincount(self.train.y, minlength=self.outputs)
        return float(np.mean(self.validation.y == counts.argmax()))

    def reveal_test(self) -> tuple[Split, Split]:
        """(train and validation together, test). Only for the last word on a network already chosen."""
        both = Split(*(np.concatenate(pair) for pair in zip(self.train, self.validation, strict=True)))
        return both, self.test.opened()


class Sealed:
    """A split that is not looked at by accident: it has no X and no y until it is opened."""

    def __init__(self, split: Split):
        self._split = split

    def opened(self) -> Split:
        return self._split

    def __len__(self) -> int:
        return len(self._split.y)

    def __repr__(self) -> str:
        return f"<{len(self)} sealed test examples; Study.finish() opens them>"


def check_split(where: str, split: Split, kind: str, outputs: int) -> None:
    """Raises BadValue for examples without answers, numbers that are no numbers, or a class out of range."""
    X, y = split
    if len(X) != len(y) or len(X) == 0:
        raise BadValue(f"{where}: {len(X)} examples and {len(y)} answers; every example needs one answer")
    if not np.isfinite(X).all():
        raise BadValue(f"{where}: {int((~np.isfinite(X)).sum())} values are NaN or infinite; remove or fill them first")
    if kind == "classification":
        found = np.unique(y)
        if not np.array_equal(found, np.arange(outputs)) or outputs < 2:
            raise BadValue(f"{where}: the classes are {found.tolist()}; expected every one of 0 to {outputs - 1}")


def split_indices(y: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the training, validation and test examples: 60, 20 and 20 percent of each class, drawn once.

    The same y and seed give the same split on every machine.
    """
    rng = rng_from(seed, "split")
    parts: tuple[list[np.ndarray], ...] = ([], [], [])
    for label in np.unique(y):
        places = rng.permutation(np.flatnonzero(y == label))
        cuts = [round(0.6 * len(places)), round(0.8 * len(places))]
        for part, chosen in zip(parts, np.split(places, cuts), strict=True):
            part.append(chosen)
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return train, validation, test
