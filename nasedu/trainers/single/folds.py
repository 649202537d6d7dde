"""One score from several trainings: the folds of a cross-validation, or several tasks of one shape."""

import statistics
from collections.abc import Sequence
from typing import Any

from nasedu.core import BadValue, Evaluation
from nasedu.core.evaluation import best_of_curve
from nasedu.tasks.base import Task
from nasedu.tasks.multi_task import folds_of, tasks_in


def subtasks_of(task: Any, folds: int) -> tuple[Task, ...]:
    """Return what a network is trained on in turn: the task itself, the tasks that it is made of, or their folds.

    Raises:
        BadValue: a task that no network can be trained on, or an impossible number of folds.
    """
    tasks = tasks_in(task)
    for one in tasks:
        if one.kind not in ("classification", "regression") or not hasattr(one, "train"):
            raise BadValue(f"this trainer trains on examples of classes or numbers; task {one.name!r} is {one.kind}")
    return tuple(subtask for one in tasks for subtask in (folds_of(one, folds) if folds else (one,)))


def mean_evaluation(evaluations: Sequence[Evaluation], chance: float, tasks: int = 1) -> Evaluation:
    """Return the evaluation of an architecture from its evaluations on all subtasks.

    Score, curve, losses and metrics are means over the subtasks, as far as all of them went; `metrics["scores"]` holds
    the score on each subtask, `metrics["deviation"]` their sample standard deviation, and `metrics["best_epochs"]` the
    best epoch of each task (see `best_epoch_of`). With `record_test_at`,
    `metrics["curves"]` and `metrics["tests"]` hold the validation and test scores on each. One failure fails them all.

    Args:
        evaluations: one for each subtask, of the same architecture, epochs and seed; one alone is given back as it is.
        chance: the score of a failure.
        tasks: how many tasks they are of; each has as many folds, one after the other.
    """
    first = evaluations[0]
    if len(evaluations) == 1:
        return first
    failed = next((e for e in evaluations if not e.ok), None)
    scores, folds = [e.score for e in evaluations], len(evaluations) // tasks
    metrics = {name: _mean([e.metrics[name] for e in evaluations]) for name in _shared_numbers(evaluations)}
    spread: dict[str, Any] = {"deviation": statistics.stdev(scores), "scores": scores}
    if "test" not in first.metrics:  # else the curves have an epoch here and there
        spread["best_epochs"] = [best_epoch_of(evaluations[n : n + folds]) for n in range(0, len(scores), folds)]
    if "test" in first.metrics and not failed:
        spread |= {"curves": [list(e.curve) for e in evaluations], "tests": [e.metrics["test"] for e in evaluations]}
    return Evaluation(
        architecture=first.architecture,
        score=chance if failed else _mean(scores),
        status=failed.status if failed else "ok",
        metrics={} if failed else metrics | spread,
        curve=_mean_curve([e.curve for e in evaluations]),
        losses=_mean_curve([e.losses for e in evaluations]),
        seconds=sum(e.seconds for e in evaluations),
        parameters=first.parameters,
        flops=first.flops,
        epochs=first.epochs,
        seed=first.seed,
        reason=f"part {evaluations.index(failed) + 1} of {len(evaluations)}: {failed.reason}" if failed else "",
    )


def best_epoch_of(folds: Sequence[Evaluation]) -> int:
    """Return how long a network is trained on one task, from its evaluations on the folds of it.

    It is the best epoch of the mean curve. Early stopping ends some folds before others, and the mean curve with the
    first: then it is the mean of their own best epochs, rounded.
    """
    if len({len(e.curve) for e in folds}) > 1:
        return round(_mean([e.best_epoch for e in folds]))
    return best_of_curve(mean) if (mean := _mean_curve([e.curve for e in folds])) else folds[0].best_epoch


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_curve(curves: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Return the mean at each epoch that all subtasks reached."""
    return tuple(map(_mean, zip(*curves, strict=False)))


def _shared_numbers(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return the names of the metrics that are one number on all subtasks."""
    return [
        name
        for name in evaluations[0].metrics
        if all(isinstance(e.metrics.get(name), int | float) for e in evaluations)
    ]
