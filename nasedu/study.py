"""The loop: ask, train, tell, record. The only place that knows both a controller and a trainer."""

import contextlib
import dataclasses
import os
import weakref
from collections.abc import Iterator
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, Evaluation, Exhausted, Mismatch, StoreError, describe
from nasedu.store import IN_MEMORY, Store, Trial
from nasedu.trainers.base import Trainer, check_epochs


class Study:
    """A search that can be stopped at any moment and goes on as if it had never been stopped.

        study = Study(space, controller, trainer, store="digits.db")
        for trial in study.run(trials=40, batch=4):
            print(trial.number, trial.score)
        study.best, study.frame(), study.finish()

    **Resume is replay.** Opening a study that the store already has asks and tells the controller everything that is
    recorded, and checks that it asks what it asked then. Nothing of a controller is ever saved.

    Trials are told in the order asked, after their whole batch was evaluated, so one worker and eight make the same
    study. An architecture that was evaluated before is not trained again.

    Args:
        space: what is searched.
        controller: a fresh one over that space.
        trainer: scores architectures of that space on a task.
        store: a file, or ":memory:" to forget everything at the end.
        epochs: passes over the training split for each candidate.
        seed: of initial weights and data order, the same for every candidate.
        prior: what earlier tasks taught (`nasedu.meta`); it opens the controller before the first question.

    Raises:
        Mismatch: controller or trainer belong to another space, or the recorded trials do not fit the code.
        StoreError, StoreHeld: see `nasedu.store.Store`.
        BadValue: epochs below 1.
    """

    def __init__(
        self,
        space: Any,
        controller: Controller,
        trainer: Trainer,
        *,
        store: str | os.PathLike[str] = IN_MEMORY,
        epochs: int = 8,
        seed: int = 0,
        prior: Any = None,
    ):
        check_epochs(epochs)
        _check_one_space(space, controller, trainer)
        self.space = space
        self.trainer = trainer
        self.epochs = epochs
        self.seed = seed
        self.prior = prior
        self.identity = identity_of(space, controller, trainer, epochs, seed, prior)
        self.controller = prior.open(controller) if prior else controller
        self.exhausted = False

        self._store = Store(store)
        self._id = self._store.begin(self.identity, prior.data() if prior else None)
        self._token = self._store.hold(self._id)
        self._closer = weakref.finalize(self, _release, self._store, self._id, self._token)
        self._trials: list[Trial] = []
        self._known: dict[Architecture, Evaluation] = {}
        self._best: Trial | None = None
        self._told = 0
        self._replay()

    # ------------------------------------------------------------------ going on

    def run(self, trials: int, batch: int = 1) -> Iterator[Trial]:
        """Go on until the study has this many trials; yields each one that is evaluated, when it is.

        A generator: nothing happens until it is iterated over, and it can be left at any trial.

        Args:
            trials: how many the study shall have in the end, those from earlier runs included.
            batch: how many are asked together, before any of them is told.

        Raises:
            BadValue: trials or batch below 1.
        """
        for name, value in (("trials", trials), ("batch", batch)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise BadValue(f"{name} is a whole number of at least 1; given {value!r}")
        return self._run(trials, batch)

    def _run(self, trials: int, batch: int) -> Iterator[Trial]:
        yield from self._evaluate_open()
        while len(self._trials) < trials and not self.exhausted:
            self._ask(min(batch, trials - len(self._trials)))
            yield from self._evaluate_open()

    def _ask(self, batch: int) -> None:
        """Ask the controller for a batch and record it."""
        number = self._trials[-1].batch + 1 if self._trials else 0
        asked: list[Trial] = []
        for _ in range(batch):
            status = self.controller.status()
            try:
                architecture = self.controller.ask()
            except Exhausted:
                self.exhausted = True
                break
            asked.append(Trial(len(self._trials) + len(asked), number, architecture, status))
        self._store.add_batch(self._id, self._token, asked)
        self._trials += asked

    def _evaluate_open(self) -> Iterator[Trial]:
        """Evaluate what was asked and not yet evaluated, in pieces that suit the trainer; then tell it all."""
        while waiting := [t for t in self._trials[self._told :] if t.evaluation is None]:
            yield from self._evaluate_piece(waiting)
        self._tell_batch()

    def _evaluate_piece(self, waiting: list[Trial]) -> Iterator[Trial]:
        known = [t for t in waiting if self.space.canonical(t.architecture) in self._known]
        piece = known or waiting[: self.trainer.group]
        if known:
            found = [self._known[self.space.canonical(t.architecture)] for t in known]
        else:
            found = self.trainer([t.architecture for t in piece], epochs=self.epochs, seed=self.seed)
        evaluated = [
            dataclasses.replace(t, evaluation=dataclasses.replace(e, architecture=t.architecture))
            for t, e in zip(piece, found, strict=True)
        ]
        self._store.add_evaluations(self._id, self._token, {t.number: t.evaluation for t in evaluated if t.evaluation})
        for trial in evaluated:
            self._keep(trial)
            yield trial

    def _keep(self, trial: Trial) -> None:
        """Remember an evaluated trial."""
        assert trial.evaluation is not None
        self._trials[trial.number] = trial
        self._known.setdefault(self.space.canonical(trial.architecture), trial.evaluation)
        if self._best is None or trial.score > self._best.score:
            self._best = trial

    def _tell_batch(self) -> None:
        """Tell what has been evaluated and not yet told, in the order asked."""
        for trial in self._trials[self._told :]:
            self.controller.tell(trial.architecture, trial.score)
            self._told += 1

    # ------------------------------------------------------------------ resuming

    def _replay(self) -> None:
        """Bring a fresh controller to where the store is."""
        recorded = self._store.trials(self._id)
        for position, trial in enumerate(recorded):
            if position and trial.batch != recorded[position - 1].batch:
                self._tell_batch()
            asked = self.controller.ask()
            if asked != trial.architecture:
                raise Mismatch(
                    f"trial {trial.number} of this study in {self._store.path} was {trial.architecture}, and the "
                    f"{self.controller.name or type(self.controller).__name__} controller of today asks {asked}: its "
                    "code has changed since, or it was not fresh. Use another store, or the version that began it"
                )
            self._trials.append(trial)
            if trial.evaluation is not None:
                self._keep(trial)
        if all(t.evaluation is not None for t in self._trials[self._told :]):
            self._tell_batch()

    # ------------------------------------------------------------------ looking

    @property
    def trials(self) -> list[Trial]:
        """Every evaluated trial, in the order asked."""
        return [t for t in self._trials if t.evaluation is not None]

    @property
    def best(self) -> Trial:
        """The trial with the highest validation score; of equals, the first. Raises BadValue if there is none."""
        if self._best is None:
            raise BadValue("this study has no trial yet: iterate over study.run(trials=...) first")
        return self._best

    def frame(self) -> Any:
        """Every evaluated trial as a row of a pandas DataFrame (see `frame_of`)."""
        return frame_of(self.trials)

    # ------------------------------------------------------------------ the end

    def finish(self) -> Evaluation:
        """Retrain the best architecture on training and validation examples together, and test it: once.

        Its hand-picked rivals (`space.hand_picked()`) are trained and tested in the same way; see `hand_picked`.
        A study that was finished gives the recorded result again. The test split is opened nowhere else.

        Raises:
            BadValue: a study without trials, or one that goes on after it was finished with another winner.
        """
        best = self.best.architecture
        done = self._finals()
        tested = [e.architecture for role, e in done if role == "best"]
        if tested and tested[0] != best:
            raise BadValue(
                f"this study was finished with {tested[0]}, and has found {best} since: a second look at the test "
                "examples would no longer be a fair one. Its result stands; begin a new study for a longer search"
            )
        wanted = [("best", best), *(("hand-picked", a) for a in self.space.hand_picked())]
        for role, architecture in wanted:
            if (role, architecture) not in [(r, e.architecture) for r, e in done]:
                evaluation = self.trainer.judge(architecture, epochs=self.epochs, seed=self.seed)
                self._store.add_final(self._id, self._token, role, evaluation)
        return next(e for role, e in self._finals() if role == "best")

    @property
    def final(self) -> Evaluation | None:
        """What `finish` found for the best architecture; None before."""
        return next((e for role, e in self._finals() if role == "best"), None)

    @property
    def hand_picked(self) -> list[Evaluation]:
        """What `finish` found for the networks that a beginner would have picked by hand; empty before."""
        return [e for role, e in self._finals() if role == "hand-picked"]

    def _finals(self) -> list[tuple[str, Evaluation]]:
        return self._store.finals(self._id)

    def close(self) -> None:
        """Give the study back, so that another process may open it. Happens by itself when the study is forgotten."""
        self._closer()

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Study of {len(self.trials)} trials in {self._store.path}>"


def identity_of(
    space: Any, controller: Controller, trainer: Trainer, epochs: int, seed: int, prior: Any = None
) -> dict[str, Any]:
    """What makes two studies the same study, as plain data."""
    return {
        "task": trainer.task.name,
        "space": describe(space),
        "controller": describe(controller),
        "trainer": describe(trainer),
        "epochs": epochs,
        "seed": seed,
        "prior": prior.identity() if prior else None,
    }


def frame_of(trials: list[Trial]) -> Any:
    """Trials as a pandas DataFrame.

    Columns: number, batch, architecture (choices joined by spaces), score, best (so far), status, seconds,
    parameters, flops, and one for each number of the controller's status, such as epsilon.
    """
    import pandas as pd

    rows = []
    for t in trials:
        e = t.evaluation
        assert e is not None
        row = {"number": t.number, "batch": t.batch, "architecture": " ".join(t.architecture), "score": e.score}
        row |= {"status": e.status, "seconds": e.seconds, "parameters": e.parameters, "flops": e.flops, **t.status}
        rows.append(row)
    frame = pd.DataFrame(rows)
    if rows:
        frame.insert(4, "best", frame["score"].cummax())
    return frame


def _check_one_space(space: Any, controller: Controller, trainer: Trainer) -> None:
    for part, other in (("controller", controller.space), ("trainer", trainer.space)):
        if other is not space and describe(other) != describe(space):
            raise Mismatch(f"the {part} was made for {other!r}, and the study is to search {space!r}")


def _release(store: Store, study: int, token: str) -> None:
    with contextlib.suppress(StoreError):  # a full disk: this process ends, and with it its hold on the study
        store.release(study, token)
    store.close()
