"""The contract of a task: three splits of examples, and the metrics that score an answer."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

from nasedu.core import BadValue, check_counts, rng_from, unknown
from nasedu.tasks.arrays import as_split
from nasedu.tasks.preparation import Preparation
from nasedu.tasks.reading import Reading

Kind = Literal["classification", "regression", "sequence", "control"]

METRICS = {
    "classification": (
        "accuracy",
        "balanced_accuracy",
        "precision",
        "recall",
        "f1",
        "log_loss",
        "calibration_error",
    ),
    "regression": ("r2", "rmse"),
}
"""The metrics of each kind of task; see `nasedu.trainers.single.metrics`. Other kinds name their own."""

USUAL_METRICS = {"classification": ("accuracy", "recall", "f1"), "regression": ("r2", "rmse")}

LOWER_IS_BETTER = ("log_loss", "calibration_error", "rmse")
"""These metrics can be reported, but cannot be the score: of a score, higher is better."""


class Split(NamedTuple):
    """Examples and their answers, in the same order.

    X: float32, (examples, *input_shape). y: int64, (examples,) for classes; float32, (examples, outputs) for numbers.
    """

    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Task:
    """Training and validation examples, which are open, and test examples, which are sealed.

    A search sees `train` and `validation`. The test split is used only at the end: `Study.finish` opens it with
    `reveal_test`, once for each network that it reports, and nothing is chosen afterwards.

    The arrays are numpy's, so that tasks, tables and controllers work without torch; a trainer moves them to its
    device.

    Attributes:
        name: the registered name.
        summary: one line that says what a network must tell or predict.
        input_shape: the shape of one example, such as (1, 8, 8): channels, height, width.
        outputs: numbers that a network gives for one example (classes, for classification).
        kind: classification, regression, sequence or control.
        metrics: the names that count (see `METRICS`); the first of them is the score. Usual: accuracy, recall and f1
            for classification, r2 and rmse for regression.
        chance: the score of the best guess that ignores its input.
        classes: the names of the classes 0, 1, ..., for classification; empty if they have none but their numbers.
        preparation: what turns raw examples into inputs; None for a task that was made of arrays.
        reading: what was read of a user's own data; None for a task of this package.
        groups: for each training and each validation example the number of its group, such as a patient; a
            cross-validation keeps groups together. None if every example stands for itself.
        source, licence: the origin of the data, and their permitted uses.

    The splits may also be pairs of lists, data frames or tensors (see `nasedu.tasks.arrays`), and a test split that is
    not sealed is sealed here.

    Raises:
        BadValue: examples that cannot be trained on, in any of the three splits, or metrics that are unknown or can be
            no score.
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
    metrics: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    preparation: Preparation | None = field(default=None, repr=False)
    reading: Reading | None = field(default=None, repr=False)
    groups: tuple[np.ndarray, np.ndarray] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", tuple(self.metrics) or USUAL_METRICS.get(self.kind, ()))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        where = f"task {self.name!r}"
        check_metrics(where, self.kind, self.metrics)
        if isinstance(self.outputs, np.integer):
            object.__setattr__(self, "outputs", int(self.outputs))
        check_counts(outputs=self.outputs)
        if self.classes and len(self.classes) != self.outputs:
            raise BadValue(f"{where}: {len(self.classes)} names of classes and outputs={self.outputs}; give one each")
        for name in ("train", "validation"):
            object.__setattr__(self, name, self._checked(f"{where}, split {name!r}", getattr(self, name)))
        test = self.test if isinstance(self.test, Sealed) else Sealed(self.test)
        object.__setattr__(
            self, "test", test.through(lambda split: self._checked(f"{where}, split 'test'", split, sealed=True))
        )

    def _checked(self, where: str, given: Any, *, sealed: bool = False) -> Split:
        """Return a split as arrays, checked; one that is right is returned as it is."""
        split = Split(*as_split(where, given, self.kind, self.outputs))
        check_split(where, split, self.kind, self.outputs, sealed=sealed)
        shape, wanted = split.X.shape[1:], np.shape(getattr(self.train, "X", split.X))[1:]
        if shape != wanted:
            raise BadValue(f"{where}: examples of shape {shape}, and those of 'train' have {wanted}")
        same = isinstance(given, Split) and all(one is other for one, other in zip(split, given, strict=True))
        return given if same else split

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.train.X.shape[1:]

    @property
    def chance(self) -> float:
        """Return the score of a constant answer: the most frequent class of the training split, or its mean answer."""
        if self.kind == "regression":
            from sklearn.metrics import r2_score

            y = self.validation.y
            return float(r2_score(y, np.broadcast_to(self.train.y.mean(0, dtype=np.float64), y.shape)))
        counts = np.bincount(self.train.y, minlength=self.outputs)
        return _blind(self.metrics[0], float(np.mean(self.validation.y == counts.argmax())), self.outputs)

    def fingerprint(self) -> dict[str, Any]:
        """Return what tells these data from others.

        Returns:
            How many examples each split has; `digest`, of their bytes and groups, on which every score depends; and
            `meaning`, a digest of what the bytes stand for: names of classes and columns, units, and so on. A network
            keeps those, and a test is told in them.
        """
        counts = {"train": len(self.train.y), "validation": len(self.validation.y), "test": len(self.test)}
        grouped = [np.asarray(part).tolist() for part in self.groups or ()]  # folds keep them together
        digest = digest_of(self) if not grouped else _hashed([digest_of(self), grouped])
        meaning = _hashed([self.classes, self.preparation and self.preparation.to_data()])
        return {**counts, "digest": digest[:16], "meaning": meaning[:16]}

    def reveal_test(self) -> tuple[Split, Split]:
        """Return (train and validation together, test). Use it only to report a network that is already chosen."""
        both = Split(*(np.concatenate(pair) for pair in zip(self.train, self.validation, strict=True)))
        return both, self.test.opened()


@runtime_checkable
class AnyTask(Protocol):
    """What everything that scores networks has, examples or not: a `Task`, several together, a task of a table."""

    name: str
    kind: str
    metrics: tuple[str, ...]
    input_shape: tuple[int, ...]
    outputs: int


def with_metric(task: Task, metric: str) -> Task:
    """Return the task with another score: this metric, before those that it has.

    Raises:
        BadValue: the metric is unknown for this kind of task, or of it lower is better.
    """
    return replace(task, metrics=(metric, *(name for name in task.metrics if name != metric)))


class Sealed:
    """A split that nobody reads by accident: it has no X and no y until it is opened."""

    def __init__(self, split: Split):
        self._split = split

    def opened(self) -> Split:
        return self._split

    def through(self, change: Callable[[Split], Split]) -> "Sealed":
        """Return the split as a function changes it, still sealed; the same one, if nothing is changed."""
        changed = change(self._split)
        return self if changed is self._split else Sealed(changed)

    def feed(self, total: Any) -> None:
        """Add the bytes of the split to a hash: what comes out tells nothing about an example."""
        _feed(total, "test", self._split)

    def __len__(self) -> int:
        return len(self._split.y)

    def __repr__(self) -> str:
        return f"<{len(self)} sealed test examples; Study.finish() opens them>"


def splits_of(task: Task) -> dict[str, Split]:
    """Return all splits by name, the test split opened: to check or describe a task, never for a search."""
    return {"train": task.train, "validation": task.validation, "test": task.test.opened()}


def digest_of(task: Task) -> str:
    """Return a hash of all bytes of a task, including its test split: equal bytes, equal digest."""
    total = hashlib.sha256()
    _feed(total, "train", task.train)
    _feed(total, "validation", task.validation)
    task.test.feed(total)
    return total.hexdigest()


def _hashed(plain: Any) -> str:
    """Return a hash of plain data."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _feed(total: Any, name: str, split: Split) -> None:
    """Feed the bytes of a split to a hash."""
    for array in split:
        total.update(f"{name} {array.dtype.str} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())


def check_split(where: str, split: Split, kind: str, outputs: int, *, sealed: bool = False) -> None:
    """Raise BadValue for examples without answers, values that are not finite, or a class out of range.

    Args:
        sealed: for a test split: it may lack a class or be empty, and no message tells which classes it has.
    """
    X, y = split
    if sealed and len(X) == len(y) == 0:
        return  # nothing to test on, as in an estimator of scikit-learn
    if len(X) != len(y) or len(X) == 0:
        raise BadValue(f"{where}: {len(X)} examples and {len(y)} answers; every example needs one answer")
    if not np.isfinite(X).all():
        bad = ~np.isfinite(X).reshape(len(X), -1).all(1)
        raise BadValue(
            f"{where}: {int((~np.isfinite(X)).sum())} values are NaN or infinite, in {int(bad.sum())} of {len(X)} "
            f"examples, the first of them X[{int(bad.argmax())}]; remove or fill them first"
        )
    if kind == "classification":
        found = np.unique(y)
        if outputs < 2:
            raise BadValue(f"{where}: a task has at least 2 classes to tell apart; given outputs={outputs}")
        if sealed and (strange := int(((y < 0) | (y >= outputs)).sum())):
            raise BadValue(f"{where}: {strange} of {len(y)} answers are no class; expected 0 to {outputs - 1}")
        if not sealed and not np.array_equal(found, np.arange(outputs)):
            missing = np.setdiff1d(np.arange(outputs), found).tolist()
            advice = f"; of {_short(missing)} there is no example: each split needs every class" if missing else ""
            raise BadValue(
                f"{where}: the classes are {_short(found.tolist())}; expected every one of 0 to {outputs - 1}{advice}"
            )
    if kind == "regression":
        if y.dtype != np.float32 or y.shape != (len(X), outputs):
            raise BadValue(f"{where}: the answers are {y.dtype} {y.shape}; expected float32 {(len(X), outputs)}")
        if not np.isfinite(y).all():
            raise BadValue(f"{where}: {int((~np.isfinite(y)).sum())} answers are NaN or infinite; remove them first")
        if len(y) < 2:
            raise BadValue(f"{where}: 1 example; R2 compares with the mean of at least 2")


def _short(labels: list[int]) -> str:
    """Return the labels for a message, at most ten of them."""
    return str(labels) if len(labels) <= 10 else f"{str(labels[:10])[:-1]}, and {len(labels) - 10} more]"


def check_metrics(where: str, kind: str, metrics: tuple[str, ...]) -> None:
    """Raise BadValue for an unknown metric, or one that cannot be the score."""
    known = METRICS.get(kind)
    if known is None:
        return
    missing = [name for name in metrics if name not in known]
    if missing:
        raise BadValue(f"{where}, {kind}: {unknown('metric', missing[0], known)}")
    if metrics[0] in LOWER_IS_BETTER:
        scores = ", ".join(name for name in known if name not in LOWER_IS_BETTER)
        raise BadValue(
            f"{where}: the first metric is the score, of which higher is better, and of {metrics[0]} lower is "
            f"better; put one of {scores} first"
        )


def _blind(metric: str, share: float, classes: int) -> float:
    """Return the score of always answering one class of share `share`; no example of the other classes is found."""
    of_that_class = {"precision": share, "recall": 1.0, "balanced_accuracy": 1.0, "f1": 2 * share / (1 + share)}
    return of_that_class[metric] / classes if metric in of_that_class else share


def split_indices(y: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of the training, validation and test examples: 60, 20 and 20 percent of each class.

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
