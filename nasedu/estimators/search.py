"""The search behind `fit`: cross-validated scores, then the best few networks trained on everything."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasedu import controllers, spaces, trainers
from nasedu.core import BadValue, Evaluation, best_first
from nasedu.store import Trial
from nasedu.study import Study
from nasedu.study.retraining import retrain
from nasedu.study.winner import Winner
from nasedu.tasks.base import Sealed, Split, Task
from nasedu.trainers.recipe import Recipe

RECIPE = Recipe(optimiser="adamw", weight_decay=0.1, schedule="cosine")
"""How networks for small tables are trained: weights that decay, and a rate that falls to 0."""

MANY = 2000
"""With more examples than this, one validation split of a fifth says enough, and folds would cost five trainings."""

BATCH = 8
"""Networks for a table that are trained as one computation, with all folds: four times as many in the same time."""

ALONE = 4
"""How much longer a network trains by itself than in a batch."""


@dataclass(frozen=True)
class SearchOptions:
    """What an estimator was asked for; see `nasedu.estimators.nas`."""

    space: Any
    controller: str
    trials: int | None
    minutes: float | None
    epochs: int
    folds: int | None
    ensemble: int
    recipe: Recipe
    seed: int


def task_of(X: np.ndarray, y: np.ndarray, kind: str, metric: str, seed: int) -> Task:
    """Return examples as a task, four fifths of them to train on.

    Nothing is kept to test on: that is for the user of an estimator, as everywhere in scikit-learn. A task has a test
    split, so this one repeats the validation split there, and no score on it is reported.

    Args:
        X: float32 (examples, features).
        y: int64 (examples,), or float32 (examples, 1) for a regression.
    """
    classes = kind == "classification"
    outputs = int(y.max()) + 1 if classes else 1
    held = _a_fifth(y if classes else np.zeros(len(y), np.int64), 1 if classes else 2, seed)
    train, validation = Split(X[~held], y[~held]), Split(X[held], y[held])
    return Task(
        name="your table",
        summary=f"{len(y)} examples of {X.shape[1]} features",
        train=train,
        validation=validation,
        test=Sealed(validation),
        outputs=outputs,
        source="given to fit",
        licence="not stated",
        kind="classification" if classes else "regression",
        metrics=(metric,),
    )


def _a_fifth(groups: np.ndarray, least: int, seed: int) -> np.ndarray:
    """Return which examples to validate on, bool (examples,): of each group a fifth, and no fewer than `least`."""
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        held[rng.permutation(members)[: max(round(len(members) / 5), least)]] = True
    return held


def folds_for(task: Task, wanted: int | None) -> int:
    """Return how many folds a score is the mean of; 0 for the one validation split."""
    examples = len(task.train.y) + len(task.validation.y)
    if wanted is None:
        wanted = 5 if examples <= MANY and len(task.input_shape) == 1 else 0
    if task.kind == "classification":
        rarest = int(np.bincount(np.concatenate([task.train.y, task.validation.y])).min())
        wanted = min(wanted, rarest)
    return wanted if 2 <= wanted <= examples // 2 else 0


def search(task: Task, options: SearchOptions) -> tuple[list[Trial], list[Winner]]:
    """Search for networks, and train the best few on all examples.

    Returns:
        Every trial, and the winners, the best first. Each is trained from a seed of its own.

    Raises:
        BadValue: no network could be trained; the message says why.
    """
    space = spaces.usual(task) if options.space is None else options.space
    space = spaces.load(space, task) if isinstance(space, str) else space
    images = len(task.input_shape) > 1
    folds = folds_for(task, options.folds)
    trainer = trainers.load(
        "sequential" if images else "population", space, task, recipe=options.recipe, folds=folds, patience=0
    )
    controller = controllers.load(options.controller, space, seed=options.seed)
    with Study(space, controller, trainer, epochs=options.epochs, seed=options.seed) as study:
        for _ in _within(study, options, 1 if images else BATCH, folds):
            pass
        return study.trials, list(_winners(study, trainer, options))


def _within(study: Study, options: SearchOptions, batch: int, folds: int) -> Iterator[Trial]:
    """Yield trials until one of the two budgets is spent; of the time, what the last trainings need is kept."""
    start, spent = time.monotonic(), 0.0
    for number, trial in enumerate(study.run(options.trials or 1_000_000, batch), 1):
        yield trial
        spent += trial.evaluation.seconds if trial.evaluation else 0.0
        last_trainings = options.ensemble * spent / number / max(folds, 1) * (ALONE if batch > 1 else 1)
        if options.minutes and time.monotonic() - start + last_trainings > 60 * options.minutes:
            return


def _winners(study: Study, trainer: Any, options: SearchOptions) -> Iterator[Winner]:
    found = [t.evaluation for t in study.trials if t.evaluation]
    best: dict[Any, Evaluation] = {}
    for evaluation in sorted((e for e in found if e.ok), key=best_first):
        best.setdefault(study.space.canonical(evaluation.architecture), evaluation)
    if not best:
        reason = f"{found[-1].status}, {found[-1].reason}"
        raise BadValue(f"no network could be trained on these examples; the last one: {reason}")
    for place, chosen in enumerate(list(best.values())[: options.ensemble]):
        seed = options.seed + place
        tested = retrain(trainer, chosen.architecture, chosen, epochs=options.epochs, seed=seed)
        winner = Winner.of(trainer, chosen, tested)
        if winner:
            yield winner
