"""What every trainer of networks on this machine shares: its settings, the data on the device, one training.

A subclass decides in which order networks are trained, or which of them together.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import torch

from nasedu.core import Architecture, BadValue, Evaluation
from nasedu.core.machine import usable_cores
from nasedu.spaces.base import check_builds, check_shapes
from nasedu.tasks.base import Split
from nasedu.trainers.base import TIME_TO_TEST
from nasedu.trainers.checkpoint import Checkpoint, State
from nasedu.trainers.jobs import Job, check_states, jobs_for, one_state_each
from nasedu.trainers.recipe import USUAL, Recipe, check_recipe
from nasedu.trainers.single.devices import PRECISIONS, pick_device, thread_limit
from nasedu.trainers.single.folds import mean_evaluation, subtasks_of
from nasedu.trainers.single.metrics import all_metrics, score_of
from nasedu.trainers.single.model_size import count_flops, count_parameters
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.training import Data, Training
from nasedu.trainers.single.training_loop import train_epoch
from nasedu.trainers.single.training_record import TrainingRecord


class NetworkTrainer(ABC):
    """Trains networks on the CPU or a GPU of this machine.

    The data are tensors that stay on the device. A network is trained on each subtask in turn: on the task itself, on
    each task of several, or on each fold of a cross-validation.

    Args, Raises: see `nasedu.trainers.single.sequential.SequentialTrainer`.
    """

    name = ""
    preferred_batch = 1

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        device: str = "auto",
        threads: int | None = 1,
        recipe: Recipe = USUAL,
        folds: int = 0,
        patience: int = 4,
        time_limit: float = 300.0,
        precision: str = "float32",
        metrics: str = "score",
        record_test_at: Sequence[int] | None = None,
    ):
        if (threads is not None and threads < 1) or patience < 0 or time_limit <= 0:
            raise BadValue(
                "a trainer needs threads >= 1, patience >= 0 and time_limit > 0; given "
                f"threads={threads}, patience={patience}, time_limit={time_limit}"
            )
        if metrics not in ("score", "all"):
            raise BadValue(f"metrics is 'score' or 'all'; given {metrics!r}")
        if precision not in PRECISIONS:
            raise BadValue(f"precision is one of {', '.join(PRECISIONS)}; given {precision!r}")
        check_builds(space)
        check_shapes(space, task)
        check_recipe(recipe, task)
        check_record_test_at(record_test_at, folds, patience)
        self.space = space
        self.task = task
        self.device = device
        self.threads = threads
        self.recipe = recipe
        self.folds = folds
        self.patience = patience
        self.time_limit = time_limit
        self.precision = precision
        self.metrics = metrics
        self.record_test_at = None if record_test_at is None else tuple(record_test_at)
        self._threads = threads or max(int(usable_cores()), 1)  # of one training
        self._device = pick_device(device)
        self._subtasks = subtasks_of(task, folds)
        self._train = [Data.of(subtask.train, self._device) for subtask in self._subtasks]
        self._validation = [Data.of(self._looked_at(subtask), self._device) for subtask in self._subtasks]

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`."""
        jobs = jobs_for(self.space, architectures, epochs, seed, total=epochs)
        return [evaluation for evaluation, _ in self._evaluate_all(jobs, [None] * len(jobs), keep=False)]

    def extend(
        self,
        architectures: Sequence[Architecture],
        *,
        epochs: int,
        seed: int | Sequence[int],
        total: int,
        states: Sequence[State | None] | None = None,
    ) -> list[tuple[Evaluation, State]]:
        """See `nasedu.trainers.base.Continuing`."""
        jobs = jobs_for(self.space, architectures, epochs, seed, total=total)
        earlier = one_state_each(jobs, states)
        check_states(jobs, earlier, len(self._subtasks))
        return self._evaluate_all(jobs, earlier, keep=True)

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: int | Sequence[int] | None = None
    ) -> Evaluation:
        """Train on training and validation examples together, then look at the test split once.

        The search took the score of the best epoch. No examples are left to find that epoch again: those that could
        tell it are trained on. So the training makes as many passes as the search made until then, over more examples,
        and the learning rate has the schedule of the search, pass for pass. It is the second of the two ways in
        Goodfellow, Bengio, Courville, "Deep Learning", 2016, section 7.8. `make bench` (row `retraining`) compares it
        with as many steps, and with all epochs. Several tasks are trained until the best epoch of each.

        Returns:
            An evaluation whose score is the task's first metric on the test split; `metrics` holds all of them, and
            `weights` those of the network; None for several tasks, each of which has its own.
        """
        tasks = subtasks_of(self.task, 0)
        stops = one_stop_each(best_epoch or epochs, len(tasks))
        jobs = [jobs_for(self.space, [architecture], stop, seed, total=epochs)[0] for stop in stops]
        tested, weights = [], []
        for task, job in zip(tasks, jobs, strict=True):
            evaluation, kept = self._test(task, job)
            tested.append(evaluation)
            weights.append(kept)
        found = mean_evaluation(tested, self.task.chance, len(tasks))
        return replace(found, weights=weights[0] if len(weights) == 1 else None)

    @abstractmethod
    def _evaluate_all(
        self, jobs: Sequence[Job], states: Sequence[State | None], *, keep: bool
    ) -> list[tuple[Evaluation, State]]:
        """Train each architecture from where its state is; the new states hold checkpoints only if `keep`."""

    # ------------------------------------------------------------------ one training

    def _evaluate_subtask(
        self, subtask: int, job: Job, before: Checkpoint | None, keep: bool, halt: Event | None = None
    ) -> tuple[Evaluation, Checkpoint | None]:
        """Train a network on one subtask, validate it after each epoch, and stop early if it no longer improves."""
        task, after = self._subtasks[subtask], None
        run = TrainingRecord.resumed(before, self.time_limit, halt=halt)
        with thread_limit(self._threads), run:
            training = self._begin(run, task, self._train[subtask], job.architecture, job.seed, job.total)
            if before:
                training.go_on_from(before)
            while training.done < job.epochs and not run.has_stalled(self.patience):
                train_epoch(training, run)
                if self._looks_after(training.done):
                    self._validate(run, subtask, training.answers(self._validation[subtask].X))
            run.score = max(run.curve)
            after = training.checkpoint(run) if keep else None
        return run.evaluation(job.architecture, task.chance, job.epochs, job.seed), after

    def _validate(self, run: TrainingRecord, subtask: int, outputs: Any) -> None:
        """Add the score of these answers to the curve, and keep the metrics of the best epoch."""
        task, y = self._subtasks[subtask], self._validation[subtask].y.to(outputs.device)
        tests = list(run.metrics.get("test", ()))
        if self.record_test_at is not None:
            own = len(task.validation.y)
            tests.append(score_of(task, outputs[own:], y[own:]))
            outputs, y = outputs[:own], y[:own]
        score = score_of(task, outputs, y)
        if not run.curve or score > max(run.curve):
            run.metrics = all_metrics(task, outputs, y) if self.metrics == "all" else {task.metrics[0]: score}
        if self.record_test_at is not None:
            run.metrics["test"] = tests
        run.curve.append(score)

    def _looks_after(self, epoch: int) -> bool:
        return self.record_test_at is None or epoch in self.record_test_at

    def _looked_at(self, task: Any) -> Split:
        """Return the validation examples; with `record_test_at`, the test examples after them."""
        if self.record_test_at is None:
            return task.validation
        return Split(*map(np.concatenate, zip(task.validation, task.test.opened(), strict=True)))

    def _test(self, task: Any, job: Job) -> tuple[Evaluation, dict[str, np.ndarray] | None]:
        """Train on all examples but the test split, and score on that; None for the weights of a failure."""
        both, test = (Data.of(split, self._device) for split in task.reveal_test())
        run, weights = TrainingRecord(time_limit=TIME_TO_TEST * self.time_limit), None
        with thread_limit(self._threads), run:
            training = self._begin(run, task, both, job.architecture, job.seed, job.total)
            while training.done < job.epochs:
                train_epoch(training, run)
            run.metrics = all_metrics(task, training.answers(test.X), test.y)
            run.score = run.metrics[task.metrics[0]]
            weights = {name: tensor.cpu().numpy() for name, tensor in training.network.state_dict().items()}
        return run.evaluation(job.architecture, task.chance, job.epochs, job.seed), weights

    def _begin(
        self, run: TrainingRecord, task: Any, data: Data, architecture: Architecture, seed: int, epochs: int
    ) -> Training:
        """Return the training of a fresh network."""
        network = build(self.space, architecture, self.recipe)
        run.parameters = count_parameters(network)
        network.to(self._device)
        if self.precision != "float32":  # half precision convolutions are made for images whose channels come last
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        run.flops = count_flops(network, data.X[:1], task.outputs)
        generator = draw_weights(network, seed)
        given: dict[str, Any] = {"seed": seed, "epochs": epochs, "kind": task.kind, "generator": generator}
        return Training(network, data, self.recipe, precision=self.precision, **given)


def one_stop_each(best_epoch: int | Sequence[int], tasks: int) -> list[int]:
    """Return the epoch after which to stop on each task. Raises BadValue if there are more or fewer than tasks."""
    stops = [best_epoch] * tasks if isinstance(best_epoch, int) else list(best_epoch)
    if len(stops) != tasks:
        raise BadValue(f"{tasks} tasks and {len(stops)} best epochs: give one for all, or one for each")
    return stops


def check_record_test_at(record_test_at: Sequence[int] | None, folds: int, patience: int) -> None:
    """Raise BadValue for epochs that do not rise from 1, or options that make no sense with `record_test_at`."""
    if record_test_at is None:
        return
    if (
        not record_test_at
        or any(epoch < 1 for epoch in record_test_at)
        or list(record_test_at) != sorted(set(record_test_at))
    ):
        raise BadValue(
            f"the epochs of record_test_at rise, each at least 1, such as (1, 2, 4, 8); given {record_test_at!r}"
        )
    if folds or patience:
        raise BadValue(
            "record_test_at trains every network to its end on the one split: it needs patience=0 and folds=0; given "
            f"{patience=}, {folds=}"
        )
