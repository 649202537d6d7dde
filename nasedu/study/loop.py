"""The loop: ask, train, tell, record. The only place that knows both a controller and a trainer."""

import contextlib
import dataclasses
import math
import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, CheckedArchitecture, Evaluation, Exhausted, StoreError, counted
from nasedu.store import IN_MEMORY, Store, Trial
from nasedu.study.best import best_trial
from nasedu.study.data_check import begin
from nasedu.study.dataframe import dataframe_of
from nasedu.study.freshness import check_fresh, not_fresh_any_more
from nasedu.study.identity import identity_of
from nasedu.study.replaying import replay, tell
from nasedu.study.results import as_imported, why_not_imported
from nasedu.study.retraining import retrain
from nasedu.study.validation import as_architecture, check_for_search, check_length, check_parts
from nasedu.study.winner import Winner, network_of
from nasedu.study.winner_files import packed, unpacked
from nasedu.trainers.base import Trainer, check_epochs


class Study:
    """A search that can be stopped at any moment and goes on as if it had never been stopped.

        study = Study(space, controller, trainer, store="digits.db")
        for trial in study.run(trials=40, batch=4):
            print(trial.number, trial.score)
        study.best, study.trials_dataframe(), study.finish()

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
        BadValue: epochs below 1, a controller that has already worked for another study, or a trainer that looks at
            the test split (`record_test_at`).

    Warns:
        UserWarning: the store has this search on other data, or one that did not record its data (see
            `nasedu.study.data_check`).
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
        check_parts(space, controller, trainer)
        self.space = space
        self.trainer = trainer
        self.epochs = epochs
        self.seed = seed
        self.prior = prior
        self.identity = identity_of(space, controller, trainer, epochs, seed, prior)
        check_fresh(controller)
        if prior:
            not_fresh_any_more(controller)
        self.controller = prior.open(controller) if prior else controller
        self.exhausted = False

        self._cut_off = False  # in the middle of a call to the controller
        self._asked: list[Trial] = []  # and not recorded yet
        self._trials: list[Trial] = []
        self._known: dict[Architecture, Evaluation] = {}
        self._imported: set[int] = set()
        self._told = 0
        self._store = Store(store)
        held: list[tuple[int, str]] = []
        self._closer = weakref.finalize(self, _release, self._store, held, os.getpid())
        try:
            self._id = begin(self._store, self.identity, prior.data() if prior else None)
            self._token = self._store.hold(self._id)
            held.append((self._id, self._token))
            self._replay()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------ going on

    def run(self, trials: int | None = None, batch: int = 1, minutes: float | None = None) -> Iterator[Trial]:
        """Go on until the study has this many trials, or until the time is over; yields each trial once evaluated.

        A generator: nothing happens until it is iterated over, and it can be left at any trial.

        **Time** counts from the first iteration of this run. A training that has begun is finished (a trainer's
        `time_limit` may end it), and nothing is begun after the time is over. What a batch still lacks then is trained
        when the study goes on. The test by `finish` comes on top.

        Args:
            trials: how many the study shall have in the end, those from earlier runs included. Imported ones do not
                count. None for any number.
            batch: how many are asked together, before any of them is told.
            minutes: how long to go on; None for any time.

        Raises:
            BadValue: trials or batch below 1, minutes that are not above 0, or neither trials nor minutes.
        """
        check_length(trials, minutes, batch)
        return self._run(math.inf if trials is None else trials, batch, minutes)

    def _run(self, trials: float, batch: int, minutes: float | None) -> Iterator[Trial]:
        is_over = _clock(minutes)
        self._record()  # what could not be recorded when it was asked: the disk was full
        yield from self._evaluate_open(is_over)
        while not is_over() and (left := trials - self._counted()) > 0 and (not self.exhausted or self.queue):
            self._ask(int(min(batch, left)))
            self._record()
            yield from self._evaluate_open(is_over)

    def _counted(self) -> int:
        """How many trials count: all but those that were imported."""
        return len(self._trials) - len(self._imported)

    def _ask(self, batch: int) -> None:
        """Ask for a batch: first what was enqueued, then what the controller asks."""
        asked: list[Trial] = []
        place = len(self._trials)
        number = self._trials[-1].batch + 1 if self._trials else 0
        queue = self.queue[:batch]
        with self._consulting():
            for architecture in queue:
                status = self.controller.status()
                self.controller.expect(architecture)
                asked.append(Trial(place + len(asked), number, architecture, status, origin="enqueued"))
            while len(asked) < batch and not self.exhausted:
                status = self.controller.status()
                try:
                    architecture = self.controller.ask()
                except Exhausted:
                    self.exhausted = True
                    break
                architecture = as_architecture(architecture, self.controller)
                self.space.walk(architecture)  # one that cannot be read would stand in the way of every resume
                asked.append(Trial(place + len(asked), number, architecture, status))
            self._asked = asked

    def _record(self) -> None:
        """Record what was asked, before any of it is trained."""
        if self._asked:
            self._store.add_batch(self._id, self._token, self._asked)
            self._trials[self._asked[0].number :] = self._asked
            for trial in self._asked:
                if trial.evaluation:
                    self._keep(trial)
            self._asked = []

    @contextlib.contextmanager
    def _consulting(self) -> Iterator[None]:
        """Around calls to the controller, whose memory is in no store: one that is cut off leaves it halfway."""
        if self._cut_off:
            raise BadValue(
                "this study was interrupted in the middle of a call to its controller: make both again, it goes on "
                "from its store as if nothing had happened"
            )
        not_fresh_any_more(self.controller)
        self._cut_off = True
        yield
        self._cut_off = False

    def _evaluate_open(self, is_over: Callable[[], bool]) -> Iterator[Trial]:
        """Evaluate what was asked and not yet evaluated, in pieces that suit the trainer; then tell it all."""
        waiting = [t for t in self._trials[self._told :] if t.evaluation is None]
        while waiting:
            if is_over():
                return
            piece = self._piece(waiting)
            yield from self._evaluate(piece)
            waiting = waiting[len(piece) :]
        self._tell_batch()

    def _piece(self, waiting: list[Trial]) -> list[Trial]:
        """The first of them, with no more new architectures than the trainer likes to get in one call."""
        new = set()
        for position, trial in enumerate(waiting):
            architecture = self._canonical(trial)
            if architecture not in self._known:
                new.add(architecture)
            if len(new) > self.trainer.preferred_batch:
                return waiting[:position]
        return waiting

    def _evaluate(self, piece: list[Trial]) -> list[Trial]:
        """Train what is new among the trials, and record all of them."""
        same = [self._canonical(trial) for trial in piece]
        new: dict[Architecture, Architecture] = {}
        for trial, canonical in zip(piece, same, strict=True):
            if canonical not in self._known:
                new.setdefault(canonical, trial.architecture)
        found = dict(zip(new, self._train(list(new.values())), strict=True))
        evaluated = []
        for trial, canonical in zip(piece, same, strict=True):
            evaluation = found.get(canonical) or self._known[canonical]
            evaluation = dataclasses.replace(evaluation, architecture=trial.architecture)
            evaluated.append(dataclasses.replace(trial, evaluation=evaluation))
        self._store.add_evaluations(self._id, self._token, {t.number: t.evaluation for t in evaluated if t.evaluation})
        for trial in evaluated:
            self._keep(trial)
        return evaluated

    def _train(self, architectures: list[Architecture]) -> list[Evaluation]:
        if not architectures:
            return []
        read = [CheckedArchitecture(a) for a in architectures]  # when they were asked for
        found = list(self.trainer(read, epochs=self.epochs, seed=self.seed))
        if len(found) != len(architectures) or not all(isinstance(e, Evaluation) for e in found):
            raise BadValue(
                f"the trainer {type(self.trainer).__name__} was given {len(architectures)} architectures and returned "
                f"{len(found)} results: an Evaluation for each is expected, in the same order"
            )
        return found

    def _canonical(self, trial: Trial) -> Architecture:
        """Equal for trials whose networks compute the same."""
        return self.space.canonical(CheckedArchitecture(trial.architecture))

    def _keep(self, trial: Trial) -> None:
        """Remember an evaluated trial."""
        assert trial.evaluation is not None
        self._trials[trial.number] = trial
        if trial.imported:  # never taken for a result of this trainer
            self._imported.add(trial.number)
        else:
            self._known.setdefault(self._canonical(trial), trial.evaluation)

    def _tell_batch(self) -> None:
        """Tell what has been evaluated and not yet told, in the order asked."""
        with self._consulting():
            self._told += len(tell(self.controller, self._trials[self._told :]))

    # ------------------------------------------------------------------ what a person adds

    def enqueue(self, architecture: Architecture) -> bool:
        """Let an architecture be asked next, before the controller is; several are asked in this order.

        The store has the queue, so it outlives this process.

        Returns:
            False, and nothing happens, if it waits in the queue, or is a trial of this study and not imported.

        Raises:
            BadArchitecture: the space cannot read the architecture.
            BadValue: it is not within the limits of the search.
        """
        architecture = check_for_search(self.controller, architecture)
        tried = (t.architecture for t in self._trials + self._asked if not t.imported)
        if architecture in (*self.queue, *tried):
            return False
        self._store.enqueue(self._id, self._token, architecture)
        return True

    @property
    def queue(self) -> list[Architecture]:
        """Return the architectures that were enqueued and not asked yet."""
        return self._store.queue(self._id)

    def add_results(self, evaluations: Iterable[Evaluation]) -> list[Trial]:
        """Add results that were found elsewhere as imported trials; the controller learns from them.

        They are never taken for results of this trainer: `run` does not count them, and an architecture of them that
        is asked is trained here.

        Raises:
            BadArchitecture, BadValue: one that the space cannot read, that is not within the limits of the search, or
                that is a trial already. Nothing was added.
        """
        results = list(evaluations)
        known = {t.architecture: f"trial {t.number + 1} of this study" for t in self._trials}
        for result in results:
            if reason := why_not_imported(self.controller, result.architecture, known):
                raise BadValue(reason)
            known[result.architecture] = "an earlier one of these results"
        self._record()
        new = as_imported(results, self._trials, joins_last=self._told < len(self._trials))
        with self._consulting():
            for trial in new:
                self.controller.expect(trial.architecture)
            self._asked = new
        self._record()
        if all(t.evaluation is not None for t in self._trials[self._told :]):
            self._tell_batch()
        return new

    # ------------------------------------------------------------------ resuming

    def _replay(self) -> None:
        """Bring a fresh controller to where the store is."""
        self._trials = self._store.trials(self._id)
        if not self._trials:
            return
        not_fresh_any_more(self.controller)
        self._told = replay(self.controller, self._trials, f"this study in {self._store.path}")
        for trial in self.trials:
            self._keep(trial)

    # ------------------------------------------------------------------ looking

    @property
    def trials(self) -> list[Trial]:
        """Return every evaluated trial, in the order asked."""
        return [t for t in self._trials if t.evaluation is not None]

    @property
    def best(self) -> Trial:
        """Return the trial with the highest validation score; on a tie, see `nasedu.core.best_first`.

        A network that was tested stays the best until another one scores higher.

        Raises:
            BadValue: no trial yet.
        """
        best = best_trial(self.trials, self.final)
        if best is None:
            raise BadValue("this study has no trial yet: iterate over study.run(trials=...) first")
        return best

    def trials_dataframe(self) -> Any:
        """Return every evaluated trial as a row of a pandas DataFrame (see `dataframe_of`)."""
        return dataframe_of(self.trials)

    # ------------------------------------------------------------------ the end

    def finish(self) -> Evaluation:
        """Retrain the best architecture on training and validation examples together, and test it: once.

        The network is trained as it was when it was chosen: until the epoch in which the validation split found it
        best (see `NetworkTrainer.retrain_and_test`). Its hand-picked rivals (`space.hand_picked()`) are trained,
        validated and tested in the same way; see `hand_picked`.
        A study that was finished gives the recorded result again. The test split is opened nowhere else.

        Raises:
            NoTest: the trainer has nothing to test with; the study is as it was.
            BadValue: a study without a successful trial, or one that went on after it was finished and has another
                winner now.
        """
        best = self.best.architecture
        if self.best.evaluation and not self.best.evaluation.ok:
            last = self.trials[-1].evaluation
            raise BadValue(
                f"of {counted(len(self.trials), 'trial')} none succeeded, so there is no network to test; the last "
                f"one: {last.status}, {last.reason}"
                if last
                else "no trial"
            )
        done = self._finals()
        tested = [e.architecture for role, e in done if role == "best"]
        if tested and tested[0] != best:
            raise BadValue(
                f"this study was finished with {tested[0]}, and has found {best} since: a second look at the test "
                "examples would no longer be a fair one. Its result stands; begin a new study for a longer search"
            )
        wanted = [("best", best), *(("hand-picked", a) for a in self.space.hand_picked() if self.controller.allows(a))]
        for role, architecture in wanted:
            if (role, architecture) not in [(r, e.architecture) for r, e in done]:
                evaluation, network = self._test(architecture)
                kept = network if role == "best" else None
                self._store.add_final(self._id, self._token, role, evaluation, kept)
        return next(e for role, e in self._finals() if role == "best")

    def _test(self, architecture: Architecture) -> tuple[Evaluation, tuple[str, bytes] | None]:
        """Train an architecture until the epoch that the validation split found best, and test it.

        Returns:
            Its test, and its network as a store keeps it; None for a trainer that gives no weights back.
        """
        known = self._known.get(self.space.canonical(CheckedArchitecture(architecture)))
        chosen = known or self._train([architecture])[0]
        tested = retrain(self.trainer, architecture, chosen, epochs=self.epochs, seed=self.seed)
        winner = Winner.of(self.trainer, chosen, tested)
        return dataclasses.replace(tested, weights=None), packed(winner) if winner else None

    def winner(self) -> Winner:
        """Return the network that `finish` trained and tested, ready to predict; see `nasedu.Winner`.

        Raises:
            BadValue: a study that is not finished, or whose trainer keeps no weights.
        """
        found = self._store.winner(self._id)
        if found is None:
            if self.final and not self.final.ok:
                raise BadValue(f"the network failed before its test ({self.final.status}, {self.final.reason})")
            raise BadValue(
                "this study is not finished, so there is no network yet: call study.finish() first"
                if self.final is None
                else "this study kept no network: its trainer gives back no weights (a table, several tasks, your own "
                "function), or an earlier version finished it"
            )
        return unpacked(*found, network_of(self.trainer, self.best.architecture)[0])

    @property
    def final(self) -> Evaluation | None:
        """Return what `finish` found for the best architecture; None before."""
        return next((e for role, e in self._finals() if role == "best"), None)

    @property
    def hand_picked(self) -> list[Evaluation]:
        """Return what `finish` found for the networks that a beginner would have picked by hand; empty before."""
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
        return f"<Study of {counted(len(self.trials), 'trial')} in {self._store.path}>"


def _clock(minutes: float | None) -> Callable[[], bool]:
    """Return a function that says whether this time, which begins now, is over; without a limit it never is."""
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    return lambda: time.monotonic() >= end


def _release(store: Store, held: list[tuple[int, str]], pid: int) -> None:
    if os.getpid() != pid:
        return  # a fork of the process that has the study: it holds nothing, and SQLite's handle is not its own
    with contextlib.suppress(StoreError):  # a full disk: this process ends, and with it its hold on the study
        for study, token in held:
            store.release(study, token)
    store.close()
