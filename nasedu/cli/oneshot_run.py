"""A one-shot search with all that follows it, kept in one file: search, selection, comparison with random networks."""

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.cli.checkpoint_file import CheckpointFile
from nasedu.core import Architecture, BadValue, Evaluation, Mismatch, describe
from nasedu.oneshot.against_random import AgainstRandom, Trained
from nasedu.oneshot.search_state import SearchState, check_about, load_state
from nasedu.oneshot.searches import Method, Step
from nasedu.oneshot.selection import Decision, Perturbation
from nasedu.study.winner import Winner
from nasedu.study.winner_files import NETWORK
from nasedu.trainers.single.devices import thread_limit

SAVED_EVERY = 3.0
"""Seconds from one checkpoint of the search to the next."""
POINTS = 200
"""Moments at which the shares are kept for the picture."""

Event = Step | Decision | Trained


class History(NamedTuple):
    """What a search looked like while it ran.

    Attributes:
        steps: for each step its number, its loss and its validation loss or score; None where it had none.
        moments: the steps at which the shares were kept, about `POINTS` of them.
        shares: at each moment, (edges, operations).
    """

    steps: list[tuple[int, float | None, float | None]]
    moments: list[int]
    shares: list[np.ndarray]


class OneshotRun:
    """A search by a method, the selection of a network, and what that network is worth. The file remembers all of it.

    Iterate over `run()`; after an interruption make it again, and iterate on. The file is written every few seconds of
    the search, after the selection and after each training.

    Args:
        name: of the method.
        method: at its first step.
        trainer: of the networks that are trained alone.
        path: the file; one that exists is continued.
        selection: "alpha" or "perturbation".
        epochs, seed, repeats: see `AgainstRandom`.

    Raises:
        BadValue: the file is no checkpoint, is damaged, or cannot be written.
        Mismatch: it is of another search.
    """

    def __init__(
        self,
        name: str,
        method: Method,
        trainer: Any,
        path: Path,
        *,
        selection: str,
        epochs: int,
        seed: int,
        repeats: int,
    ):
        self.method, self.trainer, self.path = method, trainer, path
        self.selection, self.epochs, self.seed, self.repeats = selection, epochs, seed, repeats
        space, task = trainer.space, trainer.task
        self.about = {
            **{"method": name, "task": task.name, "data": task.fingerprint()["digest"], "space": describe(space)},
            **{"seed": seed, "selection": selection, "epochs": epochs, "repeats": repeats, "search": method.about()},
        }
        self.seconds = 0.0  # of the processor, for search and selection
        self.history = History([], [], [])
        self.architecture: Architecture | None = None
        self.decisions: list[list[Any]] = []
        self.trained: list[Trained] = []
        self.winner: dict[str, Any] | None = None
        self.network: dict[str, torch.Tensor] = {}
        self.file = CheckpointFile(path)
        if path.exists():
            self._restore(load_state(path))

    # ------------------------------------------------------------------ going on

    def run(self) -> Iterator[Event]:
        """Yield each step, each decision of the selection and each training that is still to do."""
        with thread_limit(1):
            if self.architecture is None:
                with self.file.dropped_on_failure():
                    for step in self._timed(self.method.run()):
                        self._remember(step)
                        if self.file.age > SAVED_EVERY:
                            self.save()
                        yield step
                self.save()
                yield from self._select()
                self.save()
        against = self.against()
        for trained in against.run():
            self._keep(trained)
            self.save()
            yield trained

    def _timed(self, steps: Iterator[Any]) -> Iterator[Any]:
        """Yield steps, and count the processor seconds that each takes."""
        while True:
            start = time.process_time()
            step = next(steps, None)
            self.seconds += time.process_time() - start
            if step is None:
                return
            yield step

    def _remember(self, step: Step) -> None:
        self.history.steps.append((step.number, step.loss, step.validation))
        if step.shares is not None and (step.number % max(1, step.of // POINTS) == 0 or step.number == 1):
            self.history.moments.append(step.number)
            self.history.shares.append(step.shares.astype(np.float32))

    def _select(self) -> Iterator[Decision]:
        """Derive the network; a selection that was interrupted begins again, and gives the same."""
        self.decisions = []
        if self.selection == "perturbation":
            assert self.method.mixture is not None
            selection = Perturbation(self.method.mixture)
            for decision in self._timed(selection.run()):
                self.decisions.append([decision.edges, decision.candidates, decision.scores, decision.chosen])
                yield decision
            self.architecture = selection.derived()
        else:
            self.architecture = next(self._timed(self.method.derived() for _ in range(1)))

    def _keep(self, trained: Trained) -> None:
        """Remember a training; of the derived network's first test also the network, to be taken home."""
        evaluation = trained.evaluation
        if trained.role == "derived tested" and self.winner is None:
            winner = Winner.of(self.trainer, self.trained[0].evaluation, evaluation)
            if winner:
                self.winner = winner.to_data()
                self.network = {name: torch.from_numpy(np.array(value)) for name, value in winner.weights.items()}
        self.trained.append(trained._replace(evaluation=dataclasses.replace(evaluation, weights=None)))

    def against(self) -> AgainstRandom:
        """Return the comparison with random networks, as far as it is."""
        assert self.architecture is not None
        given: dict[str, Any] = {"epochs": self.epochs, "seed": self.seed, "repeats": self.repeats}
        parts = self.trainer.space, self.trainer, self.architecture, self.seconds
        return AgainstRandom(*parts, done=self.trained, **given)

    @property
    def done(self) -> int:
        """Return the number of steps of the search so far."""
        return self.history.steps[-1][0] if self.history.steps else 0

    @property
    def finished(self) -> bool:
        """Return whether nothing is left to do."""
        return self.architecture is not None and self.against().finished

    # ------------------------------------------------------------------ the file

    def pause(self) -> None:
        """Write where the run is. Of a selection nothing is kept: it begins again, with its time."""
        if not self.decisions or self.architecture is not None:
            self.save()

    def save(self) -> None:
        """Write the file. Only between two steps: in the middle of one, nothing is whole."""
        inner = self.method.state()
        tensors = {f"search/{name}": tensor for name, tensor in inner.tensors.items()}
        tensors |= {NETWORK + name: tensor for name, tensor in self.network.items()}
        if self.history.shares:
            tensors["shares"] = torch.from_numpy(np.stack(self.history.shares))
        plain = {
            "search": inner.plain,
            "seconds": self.seconds,
            "steps": self.history.steps,
            "moments": self.history.moments,
            "architecture": self.architecture,
            "decisions": self.decisions,
            "trained": [[t.role, t.evaluation.to_json(), t.seconds] for t in self.trained],
            "winner": self.winner,
        }
        self.file.write(SearchState(tensors, self.about, plain))

    def _restore(self, state: SearchState) -> None:
        there = state.about
        if there.get("task") == self.about["task"] and there.get("data") != self.about["data"]:
            raise Mismatch(
                f"{self.path}: the data of task {self.about['task']!r} have changed since this search began; name "
                "another file with --store to search on what they are now"
            )
        try:
            check_about(state.about, self.about)
        except Mismatch as error:
            raise Mismatch(f"{self.path}: {error}, or name another file with --store") from error
        plain = state.plain
        try:
            inner = {k.removeprefix("search/"): v for k, v in state.tensors.items() if k.startswith("search/")}
            self.method.restore(SearchState(inner, state.about["search"], plain["search"]))
            shares = list(state.tensors["shares"].numpy()) if plain["moments"] else []
            self.history = History([tuple(step) for step in plain["steps"]], plain["moments"], shares)
            self.seconds = plain["seconds"]
            self.architecture = tuple(plain["architecture"]) if plain["architecture"] else None
            self.decisions, self.winner = plain["decisions"], plain["winner"]
            self.trained = [Trained(role, Evaluation.from_json(text), s) for role, text, s in plain["trained"]]
            self.network = {k.removeprefix(NETWORK): v for k, v in state.tensors.items() if k.startswith(NETWORK)}
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, BadValue):
                raise
            raise BadValue(f"the checkpoint {self.path} is damaged ({type(error).__name__}: {error})") from error
