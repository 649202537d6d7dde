"""A training function of your own as a trainer: any code that gives a score.

    def train(architecture, epochs, seed):
        network = space.build(architecture)
        for epoch in range(epochs):
            one_pass_over(my_examples, network, seed + epoch)
            yield share_right(my_validation_examples, network)      # higher is better

    trainer = nasedu.trainers.from_function(train, space, test=test)

A function that yields a score after each epoch can be stopped early (`patience`), and successive halving can go on with
it. One that returns a single score is a trainer, too. What it raises, and a score of NaN, are results with a status and
a reason: a search goes on.
"""

import hashlib
import inspect
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation, NoTest, Status, check_counts
from nasedu.trainers.failures import TrainingStopped, reason_of, status_of
from nasedu.trainers.global_randomness import GlobalRandomness
from nasedu.trainers.jobs import Job, jobs_for, one_state_each

Function = Callable[[Architecture, int, int], Any]
"""`train(architecture, epochs, seed)`: returns a score, or yields one after each epoch."""


@dataclass(frozen=True)
class FunctionTask:
    """What a training function scores networks on, as far as anybody else knows: a name, and no examples.

    Attributes:
        name: what a store and a report call it.
        chance: the score of guessing, which a candidate that fails gets.
        input_shape, outputs: those of the space, if it says them.
    """

    name: str
    chance: float = 0.0
    input_shape: Any = None
    outputs: Any = None
    kind = "regression"  # any number may be a score
    metrics = ("score",)

    @property
    def summary(self) -> str:
        return f"What the training function {self.name} says."


def from_function(
    train: Function,
    space: Any,
    task: Any = None,
    *,
    name: str = "",
    chance: float = 0.0,
    test: Function | None = None,
    patience: int = 0,
    version: str = "",
) -> "FunctionTrainer":
    """Make a trainer of a function `train(architecture, epochs, seed)` that returns a score, or yields one each epoch.

    Global generators (`torch.manual_seed`, `numpy.random`) are seeded for each training, and kept apart. Threads share
    them: for a pool of threads, draw from generators of your own.

    **A store notices when the function changes**: the digest of its source is part of what a study is, so a changed
    function begins a new study. Only its own text counts, not that of functions which it calls. Give a `version` that
    you change yourself to count those, or to keep a study in spite of a harmless change.

    Args:
        train: called with the architecture, the epochs of the whole training, and the seed. Higher scores are better.
        space: what is searched.
        task: a task that the function trains on, if there is one: its name, metric and chance are used.
        name: of what the networks are judged on, without a task; usually the name of the function.
        chance: the score of guessing, without a task. A candidate that fails gets it. Where scores may be negative,
            such as -loss, give one that is below them.
        test: called as `train` is, once, for the network that is chosen: it trains for that number of epochs and
            returns the score on test examples. Without it a search ends without a test.
        patience: stop when this many epochs in a row brought no better score; 0 never stops early.
        version: replaces the digest of the source in a store.

    Raises:
        BadValue: no function of three arguments, or one whose source cannot be read and that has no version.
    """
    if task is not None and (name or chance):
        raise BadValue(f"the task {task.name!r} has a name and a chance of its own: leave out name and chance")
    if task is None:
        shapes = getattr(space, "input_shape", None), getattr(space, "outputs", None)
        task = FunctionTask(name or getattr(train, "__name__", "function"), chance, *shapes)
    kind = ContinuingFunctionTrainer if _yields(train) else FunctionTrainer
    return kind(space, task, train=train, test=test, patience=patience, version=version)


class FunctionTrainer:
    """Calls a training function for one architecture after the other. Made by `from_function`.

    Args, Raises: see `from_function`.
    """

    name = "function"
    preferred_batch = 1
    not_described = ("train", "test")  # the version describes the first; the second changes no score of a search

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        train: Function,
        test: Function | None = None,
        patience: int = 0,
        version: str = "",
    ):
        if not hasattr(space, "walk"):
            raise BadValue(f"from_function(train, space) needs a space, whose architectures it reads; given {space!r}")
        for function, what in ((train, "train"), (test, "test")):
            check_function(function, what, optional=what == "test")
        check_counts(0, patience=patience)
        self.space = space
        self.task = task
        self.train = train
        self.test = test
        self.patience = patience
        self.version = str(version) or source_digest(train)

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`."""
        jobs = jobs_for(self.space, architectures, epochs, seed, total=epochs)
        return [self._evaluate(Run(self.train, job), job) for job in jobs]

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: int | None = None
    ) -> Evaluation:
        """Return what the function `test` says of an architecture, trained for `best_epoch` epochs.

        Raises:
            NoTest: there is no such function.
        """
        until = best_epoch or epochs
        (job,) = jobs_for(self.space, [architecture], until, seed, total=until)
        if self.test is None:
            raise NoTest(
                f"{self.task.name!r} has no test: give from_function(..., test=test), where test(architecture, epochs, "
                "seed) trains the network that was chosen and returns its score on examples that no search has seen"
            )
        return self._evaluate(Run(self.test, job), job, tested=True)

    def _evaluate(self, run: "Run", job: Job, *, tested: bool = False) -> Evaluation:
        """Let a run go on to the epoch of the job; a test counts as it ends, and chooses no epoch."""
        status: Status = "ok"
        score, reason = self.task.chance, ""
        try:
            run.go_on(job.epochs, 0 if tested else self.patience)
            score = run.curve[-1] if tested else max(run.curve)
        except Exception as error:
            status, reason = status_of(error), reason_of(error)
        if score < self.task.chance == 0 and isinstance(self.task, FunctionTask):
            warnings.warn(
                f"{self.task.name!r} has scores below 0, and a candidate that fails gets chance=0: give from_function "
                "a chance that is below all of them",
                stacklevel=3,
            )
        return Evaluation(
            tuple(job.architecture),
            score,
            status,
            metrics={self.task.metrics[0]: score} if status == "ok" else {},
            curve=run.curve if run.yields and not tested else (),
            seconds=run.seconds,
            epochs=job.epochs,
            seed=job.seed,
            reason=reason,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.task.name}>"


class ContinuingFunctionTrainer(FunctionTrainer):
    """Calls a training function that yields a score after each epoch, so that a training can be left and gone on with.

    A training that was left waits in this process, with everything that it has in memory, as long as its state does. A
    state that was sent to another process, as `Parallel` does, has nothing but its epochs with it. Then the function is
    run again from its beginning, which gives the same scores and takes longer.
    """

    def extend(
        self,
        architectures: Sequence[Architecture],
        *,
        epochs: int,
        seed: int | Sequence[int],
        total: int,
        states: Sequence["Progress | None"] | None = None,
    ) -> list[tuple[Evaluation, "Progress"]]:
        """See `nasedu.trainers.base.Continuing`. The function is told the epochs of the whole training, `total`."""
        jobs = jobs_for(self.space, architectures, epochs, seed, total=total)
        earlier = one_state_each(jobs, states)
        for job, state in zip(jobs, earlier, strict=True):
            if state is not None and state.epochs > job.epochs:
                raise BadValue(f"{state.epochs} epochs of {job.architecture} are done already; asked for {job.epochs}")
        return [self._extend(job, state) for job, state in zip(jobs, earlier, strict=True)]

    def _extend(self, job: Job, state: "Progress | None") -> tuple[Evaluation, "Progress"]:
        run = (state and state.take(job)) or Run(self.train, job)
        evaluation = self._evaluate(run, job)
        return evaluation, Progress(job.epochs, run if evaluation.ok else None)


class Run:
    """One training while it lasts.

    Attributes:
        curve: the scores so far.
        seconds: that it has taken.
        yields: whether it gives a score after each epoch, and not one in all.
    """

    def __init__(self, function: Function, job: Job):
        self.job = job
        self.curve: list[float] = []
        self.seconds = 0.0
        self.yields = True
        self._function = function
        self._scores: Iterator[Any] | None = None
        self._randomness = GlobalRandomness(job.seed)

    def go_on(self, epochs: int, patience: int) -> None:
        """Train until `epochs` are done, or until `patience` epochs in a row brought no better score.

        Raises:
            TrainingStopped: a score that is NaN or infinite, or none at all.
            TypeError: what should be a score is no number.
            Exception: whatever the function raises.
        """
        started = time.perf_counter()
        try:
            with self._randomness:
                if self._scores is None:
                    self._scores = self._begin()
                while len(self.curve) < epochs and not self._has_stalled(patience):
                    score = next(self._scores, None)
                    if score is None and self.curve:
                        break  # it ended by itself
                    self.curve.append(number(score, f" in epoch {len(self.curve) + 1}" if self.yields else ""))
        finally:
            self.seconds += time.perf_counter() - started

    def _begin(self) -> Iterator[Any]:
        found = self._function(tuple(self.job.architecture), self.job.total, self.job.seed)
        self.yields = isinstance(found, Iterator)
        return found if isinstance(found, Iterator) else iter([found])

    def _has_stalled(self, patience: int) -> bool:
        since = len(self.curve) - 1 - self.curve.index(max(self.curve)) if self.curve else 0
        return 0 < patience <= since


@dataclass
class Progress:
    """How far a training is: the state that `extend` gives. Pickled, it holds nothing but the epochs.

    Attributes:
        epochs: that are done.
        run: the training that waits in this process; None where there is none.
    """

    epochs: int
    run: Run | None = field(default=None, repr=False, compare=False)

    def take(self, job: Job) -> Run | None:
        """Return the training that waits, once: asked again it gives None, and the function is run again."""
        run, self.run = self.run, None
        fits = run and run.job._replace(epochs=job.epochs) == job
        return run if fits else None

    def __getstate__(self) -> dict[str, Any]:
        return {"epochs": self.epochs, "run": None}


# ---------------------------------------------------------------------- small things


def number(score: Any, when: str) -> float:
    """Return a score as a float; of an array or tensor with one number, that number.

    Raises:
        TrainingStopped: NaN or infinite (`diverged`).
        TypeError: no number.
    """
    if hasattr(score, "item") and getattr(score, "ndim", 0) == 0:
        score = score.item()
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise TypeError(f"the training function gave {score!r}{when}; a score is a number")
    if score != score or score in (float("inf"), float("-inf")):
        raise TrainingStopped("diverged", f"the score was {score}{when}")
    return float(score)


def check_function(function: Any, what: str, *, optional: bool) -> None:
    """Raise BadValue unless the function can be called with an architecture, epochs and a seed."""
    if function is None and optional:
        return
    wanted = f"from_function needs {what}(architecture, epochs, seed)"
    if not callable(function):
        raise BadValue(f"{wanted}; given {function!r}")
    try:
        inspect.signature(function).bind(("a choice",), 1, 0)
    except TypeError as error:
        raise BadValue(f"{wanted}, called in this order; {function!r} cannot be: {error}") from error
    except ValueError:
        return  # a function of C does not say what it takes


def source_digest(train: Any) -> str:
    """Return a digest of the source text of a function. Raises BadValue if the text cannot be read."""
    try:
        source = inspect.getsource(train)
    except (OSError, TypeError) as error:
        raise BadValue(
            f"the source of {train!r} cannot be read, so a store could not notice that it changed: give "
            "from_function(..., version='1'), and another version when it changes"
        ) from error
    return hashlib.sha256(textwrap.dedent(source).encode()).hexdigest()[:16]


def _yields(train: Any) -> bool:
    method = vars(type(train)).get("__call__")  # of an object that can be called
    return inspect.isgeneratorfunction(train) or inspect.isgeneratorfunction(method)
