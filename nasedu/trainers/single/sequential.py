"""The reference trainer: one network after the other."""

from collections.abc import Sequence

from nasedu.core import Evaluation
from nasedu.tasks.multi_task import tasks_in
from nasedu.trainers.checkpoint import State
from nasedu.trainers.jobs import Job
from nasedu.trainers.single.folds import mean_evaluation
from nasedu.trainers.single.network_trainer import NetworkTrainer


class SequentialTrainer(NetworkTrainer):
    """Trains one network after the other, on the CPU or a GPU.

    The data are tensors that stay on the device; a batch is a slice of a permutation. The score is the task's first
    metric on the validation split after the best epoch (for classification the accuracy: MetaQNN's reward). A network
    that stops improving is stopped early.

    Used in lesson 00. Lesson 02 takes its loop apart: `nasedu.trainers.single.training_loop.train_epoch`.

    Args:
        space: reads and builds the architectures.
        task: classification or regression; or several tasks of one shape as `nasedu.tasks.together(...)`, and every
            architecture is trained on each of them.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "mps".
        threads: cores that one training may use; None for all that this process may use. Small networks gain a third
            from a second core. While other programs compute, threads that wait for each other take several times as
            long (`make bench` measures both). One core also keeps scores from depending on how many cores there are.
        recipe: how a network is trained.
        folds: k of k-fold cross-validation over training and validation examples together (stratified for
            classification); 0 trains on the one split and validates on the other.
        patience: stop when this many epochs in a row brought no better validation score; 0 never stops early.
        time_limit: seconds for one candidate on one task or fold; one that takes longer is an evaluation with status
            `timeout`.
        precision: of the products, "float32" or "bfloat16" (see `nasedu.trainers.single.devices.PRECISIONS`).
        metrics: "score" computes the task's first metric alone, "all" every metric of its kind.
        record_test_at: for tables of ground truth alone: epochs after which validation and test score are taken, and no
            others. The curve has one entry for each of them, and so has `metrics["test"]`; of several tasks,
            `metrics["curves"]` and `metrics["tests"]` have a list for each. No search may be given such a trainer.

    Raises:
        BadValue: a value out of range, a recipe that asks what the task's examples do not have, or a device that this
            machine does not have.
    """

    name = "sequential"
    preferred_batch = 1

    def _evaluate_all(
        self, jobs: Sequence[Job], states: Sequence[State | None], *, keep: bool
    ) -> list[tuple[Evaluation, State]]:
        return [self._evaluate(job, state, keep=keep) for job, state in zip(jobs, states, strict=True)]

    def _evaluate(self, job: Job, state: State | None, *, keep: bool) -> tuple[Evaluation, State]:
        """Train a network on each subtask, from where its checkpoint is."""
        before = state or (None,) * len(self._subtasks)
        found = [self._evaluate_subtask(subtask, job, left, keep) for subtask, left in enumerate(before)]
        return mean_evaluation([e for e, _ in found], self.task.chance, len(tasks_in(self.task))), tuple(
            checkpoint for _, checkpoint in found
        )
