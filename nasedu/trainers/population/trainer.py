"""Many networks as one batched computation, on the CPU or a GPU."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import torch

from nasedu.core import Architecture, BadValue, Evaluation, Status
from nasedu.core.machine import free_memory
from nasedu.tasks.multi_task import tasks_in
from nasedu.trainers.checkpoint import Checkpoint, State
from nasedu.trainers.failures import TrainingStopped, status_of
from nasedu.trainers.jobs import Job
from nasedu.trainers.population.batched_training import BatchedTraining, Member
from nasedu.trainers.population.grouping import SubtaskJob, group_trainings, split_group
from nasedu.trainers.population.profile import Profile, profile_of
from nasedu.trainers.recipe import USUAL, Recipe
from nasedu.trainers.single.devices import PRECISIONS, thread_limit
from nasedu.trainers.single.folds import mean_evaluation
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.network_trainer import NetworkTrainer
from nasedu.trainers.single.training_record import TrainingRecord

MOST_ON_A_CPU = 32
"""Members of one computation: more of them no longer fit the processor's cache, and gain nothing."""

Trained = dict[int, tuple[Evaluation, Checkpoint | None]]
"""What was trained, by the place of its job."""


class PopulationTrainer(NetworkTrainer):
    """Trains many small networks at once, as batched matrix products; scores are those of the sequential trainer.

    Small networks leave a machine idle: most of the time goes into starting operations, not into arithmetic. Networks
    of one skeleton are therefore stacked, and every layer is computed once for all of them. A stack may hold one
    architecture with many seeds, on many tasks of one shape or on the folds of a cross-validation. It may also hold
    different architectures whose layers have the same shapes or, with `padding`, differ in width. Each draws the same
    weights, the same order of examples and the same dropout as it would alone. What cannot be stacked is trained alone
    in the same call, as the sequential trainer does it. Several cores work on several stacks.

    Args:
        space, task, device, recipe, folds, patience, time_limit, precision, metrics, record_test_at: as of
            `SequentialTrainer`.
        threads: cores to use; None for all that this process may use. A score does not depend on it.
        members: most networks in one computation; None asks how much memory there is.
        padding: stack networks of different widths if the wider arithmetic costs at most this many times their own.
            1 stacks equal shapes alone. What is stacked with what changes only the last digits of a sum.
        preferred_batch: architectures that a study should hand over at once.

    Raises:
        BadValue: a value out of range, or a device that this machine does not have.
    """

    name = "population"

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        device: str = "auto",
        threads: int | None = None,
        recipe: Recipe = USUAL,
        folds: int = 0,
        patience: int = 4,
        time_limit: float = 300.0,
        precision: str = "float32",
        metrics: str = "score",
        record_test_at: Sequence[int] | None = None,
        members: int | None = None,
        padding: float = 1.0,
        preferred_batch: int = 64,
    ):
        if (
            (members is not None and members < 1)
            or padding < 1
            or preferred_batch < 1
            or (threads is not None and threads < 1)
        ):
            raise BadValue(
                "a population needs threads, members and preferred_batch of at least 1 and padding >= 1; given "
                f"{threads=}, {members=}, {padding=}, {preferred_batch=}"
            )
        super().__init__(
            space,
            task,
            device=device,
            threads=threads,
            recipe=recipe,
            folds=folds,
            patience=patience,
            time_limit=time_limit,
            precision=precision,
            metrics=metrics,
            record_test_at=record_test_at,
        )
        self.members = members
        self.padding = padding
        self.preferred_batch = preferred_batch
        self._cores = self._threads if self._device.type == "cpu" else 1
        self._threads = 1  # of one training: the cores are for many at a time

    # ------------------------------------------------------------------ dividing the work

    def _evaluate_all(
        self, jobs: Sequence[Job], states: Sequence[State | None], *, keep: bool
    ) -> list[tuple[Evaluation, State]]:
        trainings = self._subtask_jobs(jobs, states)
        sizes = [(len(a.X), len(b.X)) for a, b in zip(self._train, self._validation, strict=True)]
        groups = [piece for group in group_trainings(trainings, sizes, self.padding) for piece in self._split(group)]
        groups.sort(key=_arithmetic, reverse=True)  # the longest first, so that no core waits for it at the end
        halt = Event()
        trained: Trained = {}
        for part in self._in_threads([partial(self._train_group, group, keep, halt) for group in groups], halt):
            trained |= part
        found, subtasks = [], len(self._subtasks)
        for first in range(0, len(trainings), subtasks):
            own = [trained[place] for place in range(first, first + subtasks)]
            states_after = tuple(checkpoint for _, checkpoint in own)
            found.append(
                (mean_evaluation([e for e, _ in own], self.task.chance, len(tasks_in(self.task))), states_after)
            )
        return found

    def _subtask_jobs(self, jobs: Sequence[Job], states: Sequence[State | None]) -> list[SubtaskJob]:
        """Return the trainings that are asked for: each job on each subtask."""
        profiles = {architecture: self._profile(architecture) for architecture in {job.architecture for job in jobs}}
        trainings: list[SubtaskJob] = []
        for job, state in zip(jobs, states, strict=True):
            for subtask in range(len(self._subtasks)):
                before = state[subtask] if state else None
                trainings.append(SubtaskJob(len(trainings), job, subtask, before, profiles[job.architecture]))
        return trainings

    def _profile(self, architecture: Architecture) -> Profile | None:
        """Return what a network can be stacked with; None for a network that is better trained alone."""
        try:
            network = build(self.space, architecture, self.recipe).to(self._device)
            profile = profile_of(network, self._train[0].X[:1], self.task.outputs)
        except Exception:  # trained alone, it fails again, and its evaluation says how
            return None
        stacked = profile.exact is not None or profile.mapped
        nearby = self._device.type != "cpu" or profile.fits_a_cache(self.recipe.batch_size, PRECISIONS[self.precision])
        return profile if stacked and nearby else None

    def _split(self, group: list[SubtaskJob]) -> list[list[SubtaskJob]]:
        """Return a group in pieces that fit the memory and give every core something to do."""
        profile = group[0].profile
        if profile is None:
            return [group]
        fitting = self._room() // self._cores // max(profile.bytes(self.recipe.batch_size), 1)
        most = max(min(self.members or fitting, fitting), 1)
        if self._device.type == "cpu":
            most = min(most, MOST_ON_A_CPU)
        return split_group(group, most, self._cores)

    def _room(self) -> int:
        """Return the bytes to work with: half of what is free, as an estimate is no promise."""
        if self._device.type == "cuda":
            return torch.cuda.mem_get_info(self._device)[0] // 2
        return free_memory() // 2

    def _in_threads(self, work: Sequence[Callable[[], Trained]], halt: Event) -> list[Trained]:
        """Do all of the work, one piece for each core at a time."""
        if self._cores == 1 or len(work) < 2:
            return [piece() for piece in work]
        with ThreadPoolExecutor(self._cores) as threads:
            waiting = [threads.submit(piece) for piece in work]
            try:
                wait(waiting, return_when=FIRST_EXCEPTION)
                return [piece.result() for piece in waiting if piece.done()]
            except BaseException:
                halt.set()  # the threads look at it after every step
                threads.shutdown(wait=True, cancel_futures=True)
                raise

    # ------------------------------------------------------------------ training

    def _train_group(self, group: list[SubtaskJob], keep: bool, halt: Event) -> Trained:
        """Train a group as one; in halves if the memory does not suffice, one by one if it cannot be done."""
        if group[0].profile is not None:
            trained, failure = self._try_together(group, keep, halt)
            if not failure:
                return trained
            # Not inside `except`: the exception holds on to everything that the failed attempt had in memory.
            if failure == "out-of-memory" and len(group) > 1:
                _give_back_memory(self._device)
                half = len(group) // 2
                first, rest = (self._train_group(part, keep, halt) for part in (group[:half], group[half:]))
                return first | rest
        return {one.place: self._evaluate_subtask(one.subtask, one.job, one.before, keep, halt) for one in group}

    def _try_together(self, group: list[SubtaskJob], keep: bool, halt: Event) -> tuple[Trained, Status | None]:
        """Return what came of training them as one, or how that failed."""
        try:
            with thread_limit(1):
                return self._train_together(group, keep, halt), None
        except Exception as error:
            failure = status_of(error)
            if failure != "out-of-memory":
                told = f"{len(group)} networks could not be trained as one, and are trained one by one: {error!r}"
                warnings.warn(told, RuntimeWarning, stacklevel=2)
            return {}, failure

    def _train_together(self, group: list[SubtaskJob], keep: bool, halt: Event) -> Trained:
        training = self._begin_together(group, halt)
        trained: Trained = {}
        active = list(group)
        while True:
            active = self._remove_finished(training, active, trained, keep)
            if not active:
                return trained
            try:
                training.run_epoch()
            except TrainingStopped as stopped:
                for member in training.members:
                    member.run.fail(stopped)
                continue
            if not self._looks_after(training.done):
                continue
            for one, member, answers in zip(active, training.members, training.outputs().cpu(), strict=True):
                if member.run.status == "ok":
                    with member.run as run:
                        self._validate(run, one.subtask, answers)

    def _begin_together(self, group: list[SubtaskJob], halt: Event) -> BatchedTraining:
        """Return the training of a group, each network as it would begin or go on alone."""
        subtasks = sorted({one.subtask for one in group})
        return BatchedTraining(
            [self._member(one, subtasks.index(one.subtask), len(group), halt) for one in group],
            [self._train[subtask] for subtask in subtasks],
            [self._validation[subtask] for subtask in subtasks],
            self.recipe,
            epochs=group[0].job.total,
            kind=self._subtasks[0].kind,
            mapped=bool(group[0].profile and group[0].profile.mapped),
            precision=PRECISIONS[self.precision],
        )

    def _member(self, one: SubtaskJob, data: int, share: int, halt: Event) -> Member:
        """Return the network of one training, as a member of a group of `share` networks."""
        assert one.profile is not None
        network = build(self.space, one.job.architecture, self.recipe).to(self._device)
        generator = draw_weights(network, one.job.seed)
        if one.before:
            network.load_state_dict({name: one.before.tensors[name] for name in network.state_dict()})
        run = TrainingRecord.resumed(one.before, self.time_limit, share=share, halt=halt)
        run.parameters, run.flops = one.profile.parameters, one.profile.flops
        return Member(network, generator, one.job.seed, data, run, one.before)

    def _remove_finished(
        self, training: BatchedTraining, active: list[SubtaskJob], trained: Trained, keep: bool
    ) -> list[SubtaskJob]:
        """Note what is finished and let the group go on without it; return those that are still in training."""
        stay = []
        for place, (one, member) in enumerate(zip(active, training.members, strict=True)):
            job, run = one.job, member.run
            if run.status == "ok" and training.done < job.epochs and not run.has_stalled(self.patience):
                stay.append(place)
                continue
            run.score = max(run.curve, default=0.0)
            after = training.checkpoint(place) if keep and run.status == "ok" else None
            evaluation = run.evaluation(job.architecture, self._subtasks[one.subtask].chance, job.epochs, job.seed)
            trained[one.place] = evaluation, after
        if 0 < len(stay) < len(active):
            training.keep(stay)
        return [active[place] for place in stay]


def _arithmetic(group: Sequence[SubtaskJob]) -> int:
    """Return the arithmetic of a whole group, to compare groups with."""
    return sum(one.profile.flops for one in group if one.profile)


def _give_back_memory(device: torch.device) -> None:
    """Give back what a failed attempt held: it stands in the way of the next."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
