"""One score from several trainings: the folds of a cross-validation, or several tasks of one shape."""

import statistics
from collections.abc import Sequence
from typing import Any

from nasedu.core import BadValue, Evaluation
from nasedu.tasks.base import Task
from nasedu.tasks.multi_task import folds_of


def parts_of(task: Any, folds: int) -> tuple[Task, ...]:
    """What a network is trained on in turn: the task itself, the tasks that it is made of, or the folds of each.

    Raises:
        BadValue: a task that no network can be trained on, or an impossible number of folds.
    """
    tasks: tuple[Task, ...] = getattr(task, "parts", (task,))
    for part in tasks:
        if part.kind not in ("classification", "regression") or not hasattr(part, "train"):
            raise BadValue(f"this trainer trains on examples of classes or numbers; task {part.name!r} is {part.kind}")
    return tuple(fold for part in tasks for fold in (folds_of(part, folds) if folds else (part,)))


def merged(evaluations: Sequence[Evaluation], chance: float) -> Evaluation:
    """The evaluation of an architecture from its evaluations on every part.

    Score, curve, losses and metrics are means over the parts, as far as all of them went; `metrics["scores"]` holds
    each part's score and `metrics["deviation"]` their sample standard deviation. Of a survey, `metrics["curves"]` and
    `metrics["tests"]` hold the validation and test scores of each part. If one part failed, all of it did.

    Args:
        evaluations: one for each part, of the same architecture, epochs and seed; one alone is given back as it is.
        chance: the score of a failure.
    """
    first = evaluations[0]
    if len(evaluations) == 1:
        return first
    failed = next((e for e in evaluations if not e.ok), None)
    scores = [e.score for e in evaluations]
    metrics = {name: _mean([e.metrics[name] for e in evaluations]) for name in _shared_numbers(evaluations)}
    spread: dict[str, Any] = {"deviation": statistics.stdev(scores), "scores": scores}
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


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_curve(curves: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The mean at each epoch that every part reached."""
    return tuple(map(_mean, zip(*curves, strict=False)))


def _shared_numbers(evaluations: Sequence[Evaluation]) -> list[str]:
    """The names of the metrics that are one number in every part."""
    return [
        name
        for name in evaluations[0].metrics
        if all(isinstance(e.metrics.get(name), int | float) for e in evaluations)
    ]
