"""The rules of a task. See `nasedu.testing.check_task`. The argument of each rule is `load()`: it returns the task."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from nasedu.tasks.base import Task, digest_of, splits_of
from nasedu.testing.rules import Suite, expect, short

suite = Suite("task")
task_checks = suite.checks

Load = Callable[[], Task]


@suite.rule
def examples_are_finite_numbers_of_one_shape(load: Load) -> None:
    """Check that every split has float32 inputs of one shape without NaN, and an answer for each input."""
    task = load()
    for name, (X, y) in splits_of(task).items():
        expect(X.dtype == np.float32, f"{name}: inputs are {X.dtype}", "convert with .astype(np.float32)")
        expect(X.shape[1:] == task.input_shape, f"{name}: inputs of shape {X.shape[1:]}", "one shape for all splits")
        expect(bool(np.isfinite(X).all()), f"{name}: NaN or infinity", "remove or fill what is missing")
        expect(len(X) == len(y) > 0, f"{name}: {len(X)} inputs, {len(y)} answers", "one answer for each input")


@suite.rule
def classes_are_numbered_from_zero(load: Load) -> None:
    """Check that, for classification, every split has every class from 0 to outputs - 1, as int64."""
    task = load()
    for name, (_, y) in splits_of(task).items():
        if task.kind == "classification":
            expect(y.dtype == np.int64, f"{name}: answers are {y.dtype}", "convert with .astype(np.int64)")
            found = np.unique(y).tolist()
            expect(found == list(range(task.outputs)), f"{name}: classes {short(found)}", "number them from 0")


@suite.rule
def numbers_are_finite(load: Load) -> None:
    """Check that, for regression, every split has a finite float32 for each example and output."""
    task = load()
    for name, (X, y) in splits_of(task).items():
        if task.kind == "regression":
            wanted = (len(X), task.outputs)
            right = y.dtype == np.float32 and y.shape == wanted
            expect(right, f"{name}: answers are {y.dtype} {y.shape}", f"give float32 of shape {wanted}")
            expect(bool(np.isfinite(y).all()), f"{name}: NaN or infinite answers", "remove what is missing")


@suite.rule
def no_example_is_in_two_splits(load: Load) -> None:
    """Check that the splits share no input, byte for byte: a network is not tested on its training examples.

    Tasks that are divided by group or time, or whose splits were given, may: two patients can have equal features.
    """
    task, seen = load(), dict[bytes, str]()
    if not _is_divided_by_class(task):
        return
    for name, (X, _) in splits_of(task).items():
        for example in np.ascontiguousarray(X):
            other = seen.setdefault(example.tobytes(), name)
            expect(other == name, f"one input is in {other} and in {name}", "remove duplicates before you split")


@suite.rule
def every_split_has_its_share_of_every_class(load: Load) -> None:
    """Check that, for classification, the splits are stratified: each class is equally frequent in all splits.

    Equal examples lie in one split, so the shares may be off by as many as there are of one.
    """
    task = load()
    if task.kind != "classification" or not _is_divided_by_class(task):
        return
    equal = Counter(x.tobytes() for X, _ in splits_of(task).values() for x in X)
    parts = splits_of(task)
    everywhere = np.bincount(np.concatenate([y for _, y in parts.values()]), minlength=task.outputs)
    for name, (_, y) in parts.items():
        wanted = everywhere * len(y) / everywhere.sum()
        off = np.abs(np.bincount(y, minlength=task.outputs) - wanted)
        worst = int(off.argmax())
        expect(
            off[worst] <= max(2, *equal.values()),
            f"{name} has {int((y == worst).sum())} of class {worst}; its share would be {wanted[worst]:.1f}",
            "split each class by itself; see nasedu.tasks.split_indices",
        )


def _is_divided_by_class(task: Task) -> bool:
    return task.reading is None or task.reading.divided_by == "class"


@suite.rule
def chance_is_the_best_blind_guess(load: Load) -> None:
    """Check that `chance` is the validation score of the most frequent training class (regression: of the mean)."""
    task = load()
    y = task.validation.y
    if task.kind == "regression":
        guess, wanted = "the mean", _r2_of(task.train.y.mean(0, dtype=np.float64), y.astype(np.float64))
    elif task.kind == "classification":
        labels, counts = np.unique(task.train.y, return_counts=True)
        label = int(labels[counts == counts.max()][0])
        guess, wanted = str(label), _score_of(task.metrics[0], label, y, task.outputs)
    else:
        return
    expect(abs(task.chance - wanted) < 1e-9, f"chance is {task.chance}; always {guess} gives {wanted}", "compute it")


def _r2_of(guess: np.ndarray, y: np.ndarray) -> float:
    """Return R2 of the constant answer `guess`, the mean over the outputs.

    An output that never varies counts as 1 if `guess` is right, else as 0.
    """
    errors, spread = ((y - guess) ** 2).sum(0), ((y - y.mean(0)) ** 2).sum(0)
    varied = spread > 0
    worth = np.where(varied, 1 - errors / np.where(varied, spread, 1), errors == 0)
    return float(worth.mean())


def _score_of(metric: str, guess: int, y: np.ndarray, classes: int) -> float:
    """Return a metric of the constant answer `guess`; all metrics except accuracy are means over the classes."""
    share = int((y == guess).sum()) / len(y)
    found = {"recall": 1.0, "balanced_accuracy": 1.0, "precision": share, "f1": 2 / (1 / share + 1)}
    return share if metric == "accuracy" else found[metric] / classes


@suite.rule
def it_says_where_it_comes_from(load: Load) -> None:
    """Check that name, summary, source and licence are one line each, and that there is a first metric: the score."""
    task = load()
    for name in ("name", "summary", "source", "licence"):
        value = getattr(task, name)
        expect(bool(value.strip()) and "\n" not in value, f"{name}={value!r}", f"say it in one line: {name}=...")
    expect(bool(task.metrics), "no metrics", 'name what counts: metrics=("accuracy",)')


@suite.rule
def the_test_split_is_sealed(load: Load) -> None:
    """Check that no test example can be read by accident: `task.test` has no X and no y, and prints no data."""
    task = load()
    for name in ("X", "y"):
        expect(not hasattr(task.test, name), f"`task.test.{name}` exists", "wrap the split: test=Sealed(split)")
    text = repr(task) + repr(task.test)
    expect("array" not in text, f"its text shows data: {short(text)}", "wrap the split: test=Sealed(split)")
    both, test = task.reveal_test()
    whole = len(both.y) == len(task.train.y) + len(task.validation.y) and len(test.y) == len(task.test)
    expect(whole, f"`reveal_test` gave {len(both.y)} and {len(test.y)} examples", "do not override it")


@suite.rule
def loading_twice_gives_the_same_bytes(load: Load) -> None:
    """Check that a task is the same every time it is loaded, whatever the state of the global generators."""
    a, b = digest_of(load()), digest_of(load())
    expect(a == b, f"digests {a[:12]} and {b[:12]}", "draw from `rng_from(0, name)`, never from global randomness")
