"""Many networks as one batched computation, on the CPU or a GPU."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import torch

from nasedu.core import Architecture, BadValue, Evaluation, Status
from nasedu.core.machine import free_memory, usable_cores
from nasedu.trainers.checkpoint import Checkpoint, State
from nasedu.trainers.jobs import Job
from nasedu.trainers.population.batched_training import Crowd, Member
from nasedu.trainers.population.grouping import Seat, crowds_of, divided
from nasedu.trainers.population.profile import Profile, profile_of
from nasedu.trainers.recipe import USUAL, Recipe
from nasedu.trainers.single.devices import PRECISIONS, thread_limit
from nasedu.trainers.single.folds import merged
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.sequential import SequentialTrainer
from nasedu.trainers.single.training_record import TrainingRecord, TrainingStopped, status_of

MOST_ON_A_CPU = 32
"""Members of one computation: more of them no longer fit the processor's cache, and gain nothing."""

Trained = dict[int, tuple[Evaluation, Checkpoint | None]]
"""What was trained, by the place of its seat."""


class PopulationTrainer(SequentialTrainer):
    """Trains many small networks at once, as batched matrix products; scores are those of the sequential trainer.

    Small networks leave a machine idle: most of the time goes into starting operations, not into arithmetic. Networks
    of one skeleton are therefore stacked, and every layer is computed once for all of them: one architecture with many
    seeds, on many tasks of one shape or on the folds of a cross-validation, and different architectures whose layers
    have the same shapes or, with `padding`, differ in width. Each draws the same weights, the same order of examples
    and the same dropout as it would alone. What cannot be stacked is trained by the sequential trainer in the same
    call. Several cores work on several stacks.

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
            recipe=recipe,
            folds=folds,
            patience=patience,
            time_limit=time_limit,
            precision=precision,
            metrics=metrics,
            record_test_at=record_test_at,
        )
        self.threads = threads  # type: ignore[assignment]
        self.members = members
        self.padding = padding
        self.preferred_batch = preferred_batch
        self._cores = (threads or max(int(usable_cores()), 1)) if self._device.type == "cpu" else 1

    # ------------------------------------------------------------------ dividing the work

    def _evaluate_all(
        self, jobs: Sequence[Job], states: Sequence[State | None], *, keep: bool
    ) -> list[tuple[Evaluation, State]]:
        parts = len(self._parts)
        seats = self._seats(jobs, states)
        sizes = [
            (len(train.X), len(validation.X)) for train, validation in zip(self._train, self._validation, strict=True)
        ]
        crowds = [piece for crowd in crowds_of(seats, sizes, self.padding) for piece in self._divided(crowd)]
        crowds.sort(key=_arithmetic, reverse=True)  # the longest first, so that no core waits for it at the end
        halt = Event()
        trained: Trained = {}
        for part in self._side_by_side([partial(self._train_crowd, crowd, keep, halt) for crowd in crowds], halt):
            trained |= part
        found = []
        for first in range(0, len(seats), parts):
            own = [trained[place] for place in range(first, first + parts)]
            found.append((merged([e for e, _ in own], self.task.chance), tuple(checkpoint for _, checkpoint in own)))
        return found

    def _seats(self, jobs: Sequence[Job], states: Sequence[State | None]) -> list[Seat]:
        """A seat for each job on each part of the task."""
        profiles = {architecture: self._profile(architecture) for architecture in {job.architecture for job in jobs}}
        seats: list[Seat] = []
        for job, state in zip(jobs, states, strict=True):
            for part in range(len(self._parts)):
                before = state[part] if state else None
                seats.append(Seat(len(seats), job, part, before, profiles[job.architecture]))
        return seats

    def _profile(self, architecture: Architecture) -> Profile | None:
        """What can be stacked, if it is worth it; None for a network that is better trained alone."""
        try:
            network = build(self.space, architecture, self.recipe).to(self._device)
            profile = profile_of(network, self._train[0].X[:1])
        except Exception:  # trained alone, it fails again, and its evaluation says how
            return None
        stacked = profile.exact is not None or profile.mapped
        nearby = self._device.type != "cpu" or profile.fits_a_cache(self.recipe.batch_size, PRECISIONS[self.precision])
        return profile if stacked and nearby else None

    def _divided(self, crowd: list[Seat]) -> list[list[Seat]]:
        """A crowd in pieces that fit the memory and give every core something to do."""
        profile = crowd[0].profile
        if profile is None:
            return [crowd]
        fitting = self._room() // self._cores // max(profile.bytes(self.recipe.batch_size), 1)
        most = max(min(self.members or fitting, fitting), 1)
        if self._device.type == "cpu":
            most = min(most, MOST_ON_A_CPU)
        return divided(crowd, most, self._cores)

    def _room(self) -> int:
        """Bytes to work with: half of what is free, as an estimate is no promise."""
        if self._device.type == "cuda":
            return torch.cuda.mem_get_info(self._device)[0] // 2
        return free_memory() // 2

    def _side_by_side(self, work: Sequence[Callable[[], Trained]], halt: Event) -> list[Trained]:
        """Do all of it, one piece for each core at a time."""
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

    def _train_crowd(self, seats: list[Seat], keep: bool, halt: Event) -> Trained:
        """Train a crowd as one; in halves if the memory does not suffice, one by one if it cannot be done."""
        if seats[0].profile is not None:
            trained, failure = self._try_together(seats, keep, halt)
            if not failure:
                return trained
            # Not inside `except`: the exception holds on to everything that the failed attempt had in memory.
            if failure == "out-of-memory" and len(seats) > 1:
                _give_back_memory(self._device)
                half = len(seats) // 2
                first, rest = (self._train_crowd(part, keep, halt) for part in (seats[:half], seats[half:]))
                return first | rest
        return {s.place: self._evaluate_part(s.part, s.job, s.before, keep, halt) for s in seats}

    def _try_together(self, seats: list[Seat], keep: bool, halt: Event) -> tuple[Trained, Status | None]:
        """What came of training them as one, or how that failed."""
        try:
            with thread_limit(1):
                return self._train_together(seats, keep, halt), None
        except Exception as error:
            failure = status_of(error)
            if failure != "out-of-memory":
                told = f"{len(seats)} networks could not be trained as one, and are trained one by one: {error!r}"
                warnings.warn(told, RuntimeWarning, stacklevel=2)
            return {}, failure

    def _train_together(self, seats: list[Seat], keep: bool, halt: Event) -> Trained:
        members, parts = self._members(seats, halt)
        crowd = Crowd(
            members,
            [self._train[part] for part in parts],
            [self._validation[part] for part in parts],
            self.recipe,
            epochs=seats[0].job.total,
            kind=self._parts[0].kind,
            mapped=bool(seats[0].profile and seats[0].profile.mapped),
            precision=PRECISIONS[self.precision],
        )
        trained: Trained = {}
        sitting = list(seats)
        while True:
            sitting = self._let_go(crowd, sitting, trained, keep)
            if not sitting:
                return trained
            try:
                crowd.run_epoch()
            except TrainingStopped as stopped:
                for member in crowd.members:
                    member.run.fail(stopped)
                continue
            if not self._looks_after(crowd.done):
                continue
            for seat, member, answers in zip(sitting, crowd.members, crowd.outputs().cpu(), strict=True):
                if member.run.status == "ok":
                    with member.run as run:
                        self._validate(run, seat.part, answers)

    def _members(self, seats: list[Seat], halt: Event) -> tuple[list[Member], list[int]]:
        """The members of a crowd, and the parts of the task that their `data` counts."""
        parts = sorted({seat.part for seat in seats})
        members = []
        for seat in seats:
            assert seat.profile is not None
            network = build(self.space, seat.job.architecture, self.recipe).to(self._device)
            generator = draw_weights(network, seat.job.seed)
            if seat.before:
                network.load_state_dict({name: seat.before.tensors[name] for name in network.state_dict()})
            run = TrainingRecord.resumed(seat.before, self.time_limit, share=len(seats), halt=halt)
            run.parameters, run.flops = seat.profile.parameters, seat.profile.flops
            members.append(Member(network, generator, seat.job.seed, parts.index(seat.part), run, seat.before))
        return members, parts

    def _let_go(self, crowd: Crowd, sitting: list[Seat], trained: Trained, keep: bool) -> list[Seat]:
        """Note what is finished, and let the crowd go on without it; returns the seats of those that stay."""
        stay = []
        for place, (seat, member) in enumerate(zip(sitting, crowd.members, strict=True)):
            job, run = seat.job, member.run
            if run.status == "ok" and crowd.done < job.epochs and not run.has_stalled(self.patience):
                stay.append(place)
                continue
            run.score = max(run.curve, default=0.0)
            after = crowd.checkpoint(place) if keep and run.status == "ok" else None
            evaluation = run.evaluation(job.architecture, self._parts[seat.part].chance, job.epochs, job.seed)
            trained[seat.place] = evaluation, after
        if 0 < len(stay) < len(sitting):
            crowd.keep(stay)
        return [sitting[place] for place in stay]


def _arithmetic(crowd: Sequence[Seat]) -> int:
    """Of a whole crowd, to compare crowds with."""
    return sum(seat.profile.flops for seat in crowd if seat.profile)


def _give_back_memory(device: torch.device) -> None:
    """What a failed attempt held stands in the way of the next."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
