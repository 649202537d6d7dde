"""The reference trainer: one network after the other, in a plain loop that can be read in a lesson."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import Architecture, BadValue, Evaluation, Status, derive_seed
from nasedu.trainers.base import check_epochs, one_seed_each
from nasedu.trainers.initialise import initialise
from nasedu.trainers.measure import count_flops, count_parameters


class SequentialTrainer:
    """Trains one network after the other with Adam and cross-entropy, on the CPU or a GPU.

    The data are tensors that stay on the device; a batch is a slice of a permutation. The score is the accuracy on
    the validation split after the best epoch (MetaQNN's reward). A network that stops improving is stopped early.

    Used in lesson 00; lesson 02 takes it apart.

    Args:
        space: reads and builds the architectures.
        task: a classification task.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "mps".
        threads: cores that one training may use. One is calm: small networks gain a third from a second core, but
            beside other programs that compute, threads that wait for each other take several times as long (`make
            bench` measures both). It also keeps scores from depending on how many cores there are.
        batch_size: examples in a step.
        learning_rate: Adam's step size.
        patience: stop when this many epochs in a row brought no better validation score; 0 never stops early.
        time_limit: seconds for one candidate; one that takes longer is an evaluation with status `timeout`.

    Raises:
        BadValue: a value out of range, or a device that this machine does not have.
    """

    name = "sequential"
    group = 1

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        device: str = "auto",
        threads: int = 1,
        batch_size: int = 32,
        learning_rate: float = 2e-3,
        patience: int = 4,
        time_limit: float = 300.0,
    ):
        if task.kind != "classification":
            raise BadValue(f"the sequential trainer trains classifiers; task {task.name!r} is {task.kind}")
        if threads < 1 or batch_size < 2 or learning_rate <= 0 or patience < 0 or time_limit <= 0:
            raise BadValue(
                "a trainer needs threads >= 1, batch_size >= 2, learning_rate > 0, patience >= 0 and time_limit > 0; "
                f"given threads={threads}, batch_size={batch_size}, learning_rate={learning_rate}, "
                f"patience={patience}, time_limit={time_limit}"
            )
        self.space = space
        self.task = task
        self.device = device
        self.threads = threads
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.time_limit = time_limit
        self._device = pick_device(device)
        self._train = self._on_device(task.train)
        self._validation = self._on_device(task.validation)

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`."""
        check_epochs(epochs)
        seeds = one_seed_each(architectures, seed)
        for architecture in architectures:
            self.space.walk(architecture)
        return [self._evaluate(a, epochs, s) for a, s in zip(architectures, seeds, strict=True)]

    def judge(self, architecture: Architecture, *, epochs: int, seed: int) -> Evaluation:
        """Train on training and validation examples together for all epochs, then look at the test split once.

        Returns:
            An evaluation whose score is the test accuracy; `metrics` holds accuracy, recall and f1 (both averaged
            over the classes) and `confusion`: one row for each true class, one column for each answer.
        """
        check_epochs(epochs)
        self.space.walk(architecture)
        both, test = map(self._on_device, self.task.reveal_test())
        run = Run(time_limit=self.time_limit)
        with thread_limit(self.threads), run:
            network = self._network(run, architecture, seed)
            for _ in self._train_epochs(run, network, both, epochs, seed):
                pass
            answers = predict(network, test[0]).cpu().numpy()
            run.metrics = classification_metrics(test[1].cpu().numpy(), answers)
            run.score = run.metrics["accuracy"]
        return run.evaluation(architecture, self.task.chance, epochs, seed)

    # ------------------------------------------------------------------ one network

    def _evaluate(self, architecture: Architecture, epochs: int, seed: int) -> Evaluation:
        run = Run(time_limit=self.time_limit)
        X, y = self._validation
        with thread_limit(self.threads), run:
            network = self._network(run, architecture, seed)
            for _ in self._train_epochs(run, network, self._train, epochs, seed):
                run.curve.append(accuracy(network, X, y))
                if self.patience and len(run.curve) - 1 - int(np.argmax(run.curve)) >= self.patience:
                    break
            run.score = max(run.curve)
            run.metrics = {"accuracy": run.score}
        return run.evaluation(architecture, self.task.chance, epochs, seed)

    def _network(self, run: "Run", architecture: Architecture, seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):  # torch's layers draw from its global generator when they are made
            network = self.space.build(architecture)
        run.parameters = count_parameters(network)
        network.to(self._device)
        run.flops = count_flops(network, self._train[0][:1])
        generator = torch.Generator(self._device)
        generator.manual_seed(derive_seed(seed, "weights"))
        initialise(network, generator)
        return network

    def _train_epochs(
        self, run: "Run", network: nn.Module, data: tuple[torch.Tensor, torch.Tensor], epochs: int, seed: int
    ) -> Any:
        """The training loop; it pauses after every epoch, and whoever iterates over it decides what to do there."""
        X, y = data
        optimiser = torch.optim.Adam(network.parameters(), lr=self.learning_rate, fused=self._device.type != "mps")
        order = torch.Generator()
        order.manual_seed(derive_seed(seed, "order"))
        for epoch in range(1, epochs + 1):
            network.train()
            total = torch.zeros((), device=X.device)
            for batch in torch.randperm(len(X), generator=order).to(X.device).split(self.batch_size):
                if len(batch) < 2:  # batch normalisation needs two examples to normalise over
                    continue
                loss = nn.functional.cross_entropy(network(X[batch]), y[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                total += loss.detach()
                run.check_time(epoch)
            run.check_loss(float(total), epoch)  # once an epoch: reading a number off a GPU makes it wait
            yield epoch

    def _on_device(self, split: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(split.X).to(self._device), torch.from_numpy(split.y).to(self._device)


class Stopped(Exception):
    """Training ended before its time; says with which status and why."""

    def __init__(self, status: Status, reason: str):
        super().__init__(reason)
        self.status = status


@dataclass
class Run:
    """The record of one training: used as a context, it turns whatever happens inside into an evaluation."""

    time_limit: float
    started: float = field(default_factory=time.perf_counter)
    score: float = 0.0
    status: Status = "ok"
    reason: str = ""
    curve: list[float] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    flops: int | None = None

    def check_time(self, epoch: int) -> None:
        elapsed = time.perf_counter() - self.started
        if elapsed > self.time_limit:
            raise Stopped("timeout", f"{elapsed:.1f} s in epoch {epoch}; the limit is {self.time_limit:g} s")

    def check_loss(self, loss: float, epoch: int) -> None:
        if not np.isfinite(loss):
            raise Stopped("diverged", f"the loss was {loss} in epoch {epoch}")

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        if error is None:
            return True
        if not isinstance(error, Exception):
            return False  # Ctrl-C and the like are not the candidate's doing
        self.status = status_of(error)
        self.reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        if isinstance(error, Stopped):
            self.reason = str(error)
        return True

    def evaluation(self, architecture: Architecture, chance: float, epochs: int, seed: int) -> Evaluation:
        return Evaluation(
            architecture=tuple(architecture),
            score=self.score if self.status == "ok" else chance,
            status=self.status,
            metrics=self.metrics,
            curve=tuple(self.curve),
            seconds=time.perf_counter() - self.started,
            parameters=self.parameters,
            flops=self.flops,
            epochs=epochs,
            seed=seed,
            reason=self.reason,
        )


def status_of(error: Exception) -> Status:
    """How a candidate failed, from the exception that ended it."""
    if isinstance(error, Stopped):
        return error.status
    out_of_memory = isinstance(error, MemoryError | torch.OutOfMemoryError) or "alloc" in str(error).lower()
    return "out-of-memory" if out_of_memory else "error"


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """torch uses this many cores inside, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def pick_device(name: str) -> torch.device:
    """The device of this name; "auto" takes a GPU if there is one. Raises BadValue for one that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise BadValue(f"device {name!r} cannot be used here ({reason}); use 'auto' or 'cpu'") from error
    return device


@torch.no_grad()
def predict(network: nn.Module, X: torch.Tensor) -> torch.Tensor:
    """The most likely class of each example, int64 of shape (examples,)."""
    network.eval()
    return torch.cat([network(part).argmax(1) for part in X.split(1024)])


def accuracy(network: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    """The share of right answers, from 0 to 1."""
    return int((predict(network, X) == y).sum()) / len(y)


def classification_metrics(truth: np.ndarray, answers: np.ndarray) -> dict[str, Any]:
    """Accuracy, recall and F1 averaged over the classes, and the confusion matrix (rows: truth)."""
    from sklearn import metrics

    return {
        "accuracy": float(metrics.accuracy_score(truth, answers)),
        "recall": float(metrics.recall_score(truth, answers, average="macro", zero_division=0)),
        "f1": float(metrics.f1_score(truth, answers, average="macro", zero_division=0)),
        "confusion": metrics.confusion_matrix(truth, answers).tolist(),
    }
