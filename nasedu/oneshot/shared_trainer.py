"""A trainer that scores every architecture with one set of shared weights.

trainer = trainers.load("shared", space, task, steps=6000)
trainer([architecture], epochs=8, seed=0)     # trains the supernet first, and once
trainer.score_all(seed=0)                     # every member of the space
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation, check_counts
from nasedu.oneshot.batch_norm import check_statistics
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import PATHS, SupernetTraining
from nasedu.oneshot.supernet import SUPERNET_RECIPE, Supernet
from nasedu.spaces.sharing import no_supernet, shares_weights
from nasedu.tasks.multi_task import tasks_in
from nasedu.trainers.checkpoint import State
from nasedu.trainers.failures import TrainingStopped
from nasedu.trainers.jobs import Job
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.devices import thread_limit
from nasedu.trainers.single.folds import mean_evaluation
from nasedu.trainers.single.metrics import all_metrics, score_of
from nasedu.trainers.single.model_size import count_flops, count_parameters
from nasedu.trainers.single.network_trainer import NetworkTrainer
from nasedu.trainers.single.training import order_of
from nasedu.trainers.single.training_record import TrainingRecord

MOST_SUPERNETS = 4
"""Trained supernets that a trainer keeps: one for each seed and each task, the last ones used."""


class SharedTrainer(NetworkTrainer):
    """Trains one supernet, then scores any architecture with its shared weights in milliseconds.

    The score of an architecture says how good its path through the supernet is; whether that ranks networks as their
    own trainings do is to be measured. `evaluation.metrics["shared_steps"]` says that the weights were shared, and how
    long they were trained. The seconds of the supernet are those of the evaluation that needed it first. The training
    depends on the seed and `steps` alone: `epochs` is for `retrain_and_test`, which trains the network alone.

    Args:
        space: one with a method `sharing`.
        task: as for `nasedu.trainers.single.sequential.SequentialTrainer`; of several tasks each has a supernet.
        steps: of the optimiser, for the supernet. By default as many as fit into 30 s of one core, with the scores of
            all networks of the atlas. 3,000 steps rank better than 1,500 on what/digits and gratings/angle, and alike
            on where/digits; 6,000 better than 4,000 on what/digits and gratings/angle.
        recipe: of the supernet, and of `retrain_and_test`. The default is that by which the atlas's networks were
            trained alone. It was chosen on the tasks what/digits and where/digits, against the usual recipe of a
            network alone, whose ranks are much worse there, and against a higher rate. gratings/angle and glyphs/greek
            were looked at, too. `make bench` (row `shared_weights`) measures it on all sixteen.
        paths: "uniform" (SPOS) or "fair" (FairNAS), see `nasedu.oneshot.spos`.
        statistics: of batch normalisation: "running", "batch" or "re-estimated", see `nasedu.oneshot.batch_norm`.
        examples: how many training examples re-estimate the statistics.
        device, threads, precision, metrics: as for the sequential trainer.
        time_limit: seconds for the supernet, and for each network in `retrain_and_test`.

    Raises:
        BadValue: a space without a supernet, or a value out of range.
    """

    name = "shared"
    preferred_batch = 64

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        steps: int = 6000,
        paths: str = "uniform",
        statistics: str = "re-estimated",
        examples: int = 256,
        device: str = "auto",
        threads: int | None = 1,
        recipe: Recipe = SUPERNET_RECIPE,
        time_limit: float = 300.0,
        precision: str = "float32",
        metrics: str = "score",
    ):
        if not shares_weights(space):
            raise no_supernet(space)
        check_counts(steps=steps, examples=examples)
        check_statistics(statistics)
        if paths not in PATHS:
            raise BadValue(f"paths is one of {', '.join(PATHS)}; given {paths!r}")
        PATHS[paths](space)  # refuses a space that it cannot sample from
        usual: dict[str, Any] = {"device": device, "threads": threads, "recipe": recipe, "time_limit": time_limit}
        super().__init__(space, task, **usual, precision=precision, metrics=metrics)
        self.steps = steps
        self.paths = paths
        self.statistics = statistics
        self.examples = examples
        self._supernets: OrderedDict[tuple[int, int], Supernet | TrainingStopped] = OrderedDict()
        self._one_at_a_time = threading.RLock()  # a supernet is trained once, and its skeletons serve one call

    def supernet(self, seed: int = 0, subtask: int = 0) -> Supernet:
        """Return the trained supernet of a seed; it is trained at the first call.

        Raises:
            TrainingStopped: its training diverged, or took too long.
        """
        with self._one_at_a_time, thread_limit(self._threads):
            if (seed, subtask) not in self._supernets:
                self._supernets[seed, subtask] = self._trained(seed, subtask)
                if len(self._supernets) > MOST_SUPERNETS * len(self._subtasks):
                    self._supernets.popitem(last=False)
            self._supernets.move_to_end((seed, subtask))
            found = self._supernets[seed, subtask]
        if isinstance(found, TrainingStopped):  # it would stop again, at the same place
            raise found
        return found

    def score_all(
        self, *, seed: int = 0, architectures: Iterable[Architecture] | None = None
    ) -> dict[Architecture, float]:
        """Return the score of every member of the space with shared weights, or of these architectures.

        Layers with which several chains begin are computed once, so this takes seconds for a thousand networks. Of
        several tasks, it is the mean score.
        """
        asked = list(self.space.enumerate() if architectures is None else architectures)
        totals = dict.fromkeys(asked, 0.0)
        with self._one_at_a_time, thread_limit(self._threads):
            for subtask, task in enumerate(self._subtasks):
                for architecture, outputs in self._answers(seed, subtask, list(totals)):
                    score = score_of(task, outputs, self._validation[subtask].y)
                    totals[architecture] += score / len(self._subtasks)
        return totals

    # ------------------------------------------------------------------ evaluations

    def _evaluate_all(
        self, jobs: Sequence[Job], states: Sequence[State | None], *, keep: bool
    ) -> list[tuple[Evaluation, State]]:
        """Score each architecture with shared weights. There is nothing to go on with, and a state holds nothing."""
        nothing = (None,) * len(self._subtasks)
        return [(self._evaluate(job), nothing) for job in jobs]

    def _evaluate(self, job: Job) -> Evaluation:
        found = [self._evaluate_on(subtask, job) for subtask in range(len(self._subtasks))]
        return mean_evaluation(found, self.task.chance, len(tasks_in(self.task)))

    def _evaluate_on(self, subtask: int, job: Job) -> Evaluation:
        task, run = self._subtasks[subtask], TrainingRecord(self.time_limit)
        with self._one_at_a_time, thread_limit(self._threads), run:
            supernet = self.supernet(job.seed, subtask)
            network = supernet.extract(job.architecture)
            run.parameters = count_parameters(network)
            run.flops = count_flops(network, self._train[subtask].X[:1], task.outputs)
            ((_, outputs),) = self._answers(job.seed, subtask, [job.architecture])
            y = self._validation[subtask].y
            run.score = score_of(task, outputs, y)
            run.metrics = all_metrics(task, outputs, y) if self.metrics == "all" else {task.metrics[0]: run.score}
            run.metrics["shared_steps"] = self.steps
        return run.evaluation(tuple(job.architecture), task.chance, job.epochs, job.seed)

    def _answers(self, seed: int, subtask: int, asked: Sequence[Architecture]) -> Any:
        """Return each architecture with its outputs for the validation examples."""
        data = self._train[subtask].X
        seen = data[order_of(len(data), seed, 0)[: self.examples].to(data.device)]
        given: dict[str, Any] = {"statistics": self.statistics, "seen": seen}
        return answers(self.supernet(seed, subtask), asked, self._validation[subtask].X, **given)

    def _trained(self, seed: int, subtask: int) -> Supernet | TrainingStopped:
        """Return the supernet after its training, or why that was stopped."""
        earlier = next((net for net in self._supernets.values() if isinstance(net, Supernet)), None)
        given: dict[str, Any] = {"steps": self.steps, "seed": seed, "paths": self.paths, "precision": self.precision}
        record = TrainingRecord(self.time_limit)
        if earlier:
            supernet = earlier.again(seed)
        else:
            supernet = Supernet(self.space, seed=seed, recipe=self.recipe, device=self._device)
        try:
            for step in SupernetTraining(supernet, self._subtasks[subtask], **given):
                if record.seconds > self.time_limit:
                    told = f"{record.seconds:.1f} s for {step.number} of {self.steps} steps of the supernet"
                    raise TrainingStopped("timeout", f"{told}; the limit is {self.time_limit:g} s")
        except TrainingStopped as stopped:
            return stopped
        return supernet

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker gets: everything but the lock. Supernets that were trained travel along."""
        return {name: value for name, value in self.__dict__.items() if name != "_one_at_a_time"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a state up, with a lock of its own."""
        self.__dict__ |= state
        self._one_at_a_time = threading.RLock()
