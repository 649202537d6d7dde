"""A meta-training and its test on new tasks, kept in one file."""

import time
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from nasedu import metalearning
from nasedu.cli.checkpoint_file import CheckpointFile
from nasedu.cli.metatrain_parts import Base, Tasks
from nasedu.core import BadValue, Mismatch
from nasedu.metalearning.embedding import Embedding
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.inner_loop import InnerLoop
from nasedu.metalearning.learner import MetaStep
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.metalearning.transfer import NearestCentroid
from nasedu.oneshot.search_state import SearchState, check_about, load_state
from nasedu.trainers.single.devices import thread_limit

SAVED_EVERY = 3.0
"""Seconds from one checkpoint of the training to the next."""
PLANNED_EVERY = 1.0
"""Seconds after which a training of some minutes counts again how many steps it has time for."""
INNER_STEPS = (0, 1, 5)
"""After how many inner steps a learner is tested, besides those that it was trained with."""

OURS = "metatrain"
"""Where the file keeps what is not the learner's own: with the rest alone, `Learner.load` reads it."""
LOSSES = f"{OURS}/losses"
UNTRAINED, PIXELS, CONSTANT = "untrained network", "pixels, nearest centroid", "mean of the support set"
CENTROID = "untrained network, nearest centroid"
"""By cosines: mostly better than the untrained network with the distances of prototypes."""


class Tested(NamedTuple):
    """What somebody is worth on new tasks.

    Attributes:
        who: the method, or what it is compared with.
        steps: inner steps on the support set; None where there are none.
        scores: of each task, NaN where the adaptation exploded.
    """

    who: str
    steps: int | None
    scores: np.ndarray


Event = MetaStep | Tested


class MetaTraining:
    """A learner that learns from tasks and is then tested on others. The file remembers all of it.

    Iterate over `run()`; after an interruption make it again, and iterate on. With `steps` it is then the same to the
    last bit. The file is written every few seconds, and after each test.

    Args:
        method: its name.
        make: makes the learner at its first step.
        base: the network to begin with.
        tasks: to learn from, and to be tested on.
        path: the file; one that exists is continued.
        steps, minutes: of the training, one of the two.
        episodes: tasks of the test.
        seed: of the learner, and of the tasks of the test.

    Raises:
        BadValue: the file is no checkpoint, or is damaged.
        Mismatch: it is of another training.
    """

    def __init__(
        self,
        method: str,
        make: Callable[[], Any],
        base: Base,
        tasks: Tasks,
        path: Path,
        *,
        steps: int | None,
        minutes: float | None,
        episodes: int,
        seed: int,
    ):
        self.method, self.make, self.base, self.tasks, self.path = method, make, base, tasks, path
        self.steps, self.minutes, self.episodes, self.seed = steps, minutes, episodes, seed
        self.learner = make()
        self.about = {
            **{"method": method, "tasks": tasks.train.describe(), "test": tasks.test.describe(), "seed": seed},
            **{"network": base.words, "steps": steps, "minutes": minutes, "episodes": episodes},
        }
        self.elapsed = 0.0  # seconds of the training
        self.seconds = 0.0  # the same of the processor
        self.losses: list[float] = []
        self.trained = False
        self.tested: list[Tested] = []
        self.file = CheckpointFile(path)
        if path.exists():
            self._restore(load_state(path))

    # ------------------------------------------------------------------ going on

    def run(self) -> Iterator[Event]:
        """Yield each step and each test that is still to do."""
        with thread_limit(1):
            with self.file.dropped_on_failure():
                for step in self._timed(() if self.trained else self._steps()):
                    self.losses.append(step.loss)
                    if self.file.age > SAVED_EVERY:
                        self.save()
                    yield step
            if not self.trained:
                self.trained = True
                self.save()
            for who, steps, subject in self._subjects()[len(self.tested) :]:
                how = {} if steps is None else {"steps": steps}
                found = meta_test(subject(), self.tasks.test, self.episodes, seed=self.seed, **how)
                self.tested.append(Tested(who, steps, found.scores))
                self.save()
                yield self.tested[-1]

    def _timed(self, steps: Any) -> Iterator[MetaStep]:
        """Yield steps, and count the time that each takes."""
        steps = iter(steps)
        while True:
            start, start_processor = time.monotonic(), time.process_time()
            step = next(steps, None)
            self.elapsed += time.monotonic() - start
            self.seconds += time.process_time() - start_processor
            if step is None:
                return
            yield step

    def _steps(self) -> Iterator[MetaStep]:
        """Yield the steps that are left. With minutes, the rate falls as if the pace so far would last."""
        if self.steps is not None:
            yield from self.learner.meta_train(self.tasks.train, self.steps)
            return
        assert self.minutes is not None
        while (left := 60 * self.minutes - self.elapsed) > 0:
            done = self.learner.done
            total = done + max(1, ceil(left * done / self.elapsed)) if done else None
            until = time.monotonic() + min(PLANNED_EVERY, left)
            for step in self.learner.meta_train(self.tasks.train, total):
                yield step
                if time.monotonic() > until:
                    break

    def _subjects(self) -> list[tuple[str, int | None, Callable[[], Any]]]:
        """Return what is tested: its name, its inner steps, and what makes it."""
        learner, image = self.learner, self.tasks.test.kind == "classification"
        descends = isinstance(learner, InnerLoop)
        counts = sorted({*INNER_STEPS, learner.inner_steps}) if descends else [None]
        found: list[tuple[str, int | None, Callable[[], Any]]]
        found = [(self.method, count, lambda: learner) for count in counts]
        found.append((UNTRAINED, learner.inner_steps if descends else None, self.make))
        if isinstance(learner, Embedding) and not isinstance(learner, NearestCentroid):
            found.append((CENTROID, None, lambda: metalearning.load("centroid", self.base.network, seed=self.seed)))
        if image:
            found.append((PIXELS, None, lambda: metalearning.load("centroid", nn.Flatten())))
        else:
            found.append((CONSTANT, None, MeanOfSupport))
        return found

    @property
    def tests(self) -> int:
        """Return how many tests there are."""
        return len(self._subjects())

    @property
    def finished(self) -> bool:
        """Return whether nothing is left to do."""
        return self.trained and len(self.tested) == self.tests

    def where(self) -> str:
        """Return how far it is, in words."""
        if self.trained:
            return f"after the training and {len(self.tested)} of {self.tests} tests"
        of = "" if self.steps is None else f" of {self.steps}"
        return f"after {self.learner.done}{of} steps"

    # ------------------------------------------------------------------ the file

    def save(self) -> None:
        """Write the file. Only between two steps: in the middle of one, nothing is whole."""
        tensors, about, plain = self.learner.state()
        ours = {
            **{"elapsed": self.elapsed, "seconds": self.seconds, "trained": self.trained},
            "tested": [[who, steps, [_plain(s) for s in scores]] for who, steps, scores in self.tested],
        }
        tensors = {**tensors, LOSSES: torch.tensor(self.losses, dtype=torch.float64)}
        self.file.write(SearchState(tensors, {**about, OURS: self.about}, {**plain, OURS: ours}))

    def _restore(self, state: SearchState) -> None:
        if OURS not in state.about:
            raise BadValue(f"{self.path} is no store of nasedu metatrain; name another file with --store")
        there = state.about[OURS]
        for part in ("tasks", "test"):
            then, now = there.get(part, {}), self.about[part]
            if then != now and {**then, "pool": ""} == {**now, "pool": ""}:
                raise Mismatch(
                    f"{self.path}: the images of {now['name']!r} have changed since this training began; name another "
                    "file with --store to learn from what they are now"
                )
        try:
            check_about(there, self.about, "training")
            self.learner.restore(state)
        except Mismatch as error:
            raise Mismatch(f"{self.path}: {error}, or name another file with --store") from error
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise self._damaged(error) from error
        try:
            ours = state.plain[OURS]
            self.elapsed, self.seconds, self.trained = ours["elapsed"], ours["seconds"], ours["trained"]
            self.losses = state.tensors[LOSSES].tolist()
            self.tested = [Tested(who, steps, np.array(scores, float)) for who, steps, scores in ours["tested"]]
        except (LookupError, TypeError, ValueError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> BadValue:
        return BadValue(f"the checkpoint {self.path} is damaged ({type(error).__name__}: {error})")


def _plain(score: float) -> float | None:
    """Return a score as JSON has it."""
    return float(score) if np.isfinite(score) else None


class MeanOfSupport:
    """Answers every query with the mean answer of the support set: a regression that looks at no input."""

    def check_fits(self, tasks: Any) -> None:
        """Accept any tasks of numbers."""

    def answers(self, batch: TaskBatch) -> torch.Tensor:
        """Return the mean answer for each query, (tasks, queries, outputs)."""
        mean = batch.support.y.mean(axis=1, keepdims=True)
        return torch.from_numpy(np.broadcast_to(mean, batch.query.y.shape).copy())
