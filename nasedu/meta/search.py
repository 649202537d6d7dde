"""Meta-learned search: search on a task, keep what was found, open the next search with it."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from nasedu import controllers, meta, spaces, tasks
from nasedu.core import BadValue, check_counts, counted, rng_from
from nasedu.meta.continued import Continued
from nasedu.meta.events import Event, Learned, Opened, Source, SpaceChosen, Tried
from nasedu.meta.meta_features import known_about
from nasedu.meta.prior import Evidence, Prior
from nasedu.meta.pruned_space import PrunedSpace, restricted_trainer
from nasedu.meta.pruning import VISITS, favourites, prune, readable, task_correlation, why_widen
from nasedu.meta.rivals import RIVALS
from nasedu.store import IN_MEMORY, Store, Trial
from nasedu.study import Study, identity_of
from nasedu.study.build import make_controller, make_space, make_trainer, open_workers
from nasedu.trainers.base import check_epochs, nested
from nasedu.trainers.kept import Kept, kept


class MetaSearch:
    """Searches on one task after the other, each search opened with what all earlier ones found.

        loop = MetaSearch("chain-cnn", ["digits", "digits-noisy"], "q-learning", "warm-q", store="meta.db")
        for step in loop.run():
            print(step)

    *Define a space, evaluate, optimise, update what is carried over, repeat.* For each task the loop decides what is
    searched (`SpaceChosen`; see `nasedu.meta.pruning` for both rules), and opens a study with a prior (`Opened`). Then
    it evaluates (`Tried`), and keeps what was found (`Learned`). The first task starts cold. Lesson 15.

    **One store, many studies.** Each search is a study like any other. A loop that was stopped or killed continues
    exactly: the evidence for a task is what the store holds of the tasks before. A pruned search that is widened
    becomes a second study of the same task, which is told what the first one found. Together they have `trials` trials.

    Args:
        space_of: a registered name, from which a space is made for each task; one space for all tasks; or a function
            from a task to its space; None for a usual space that fits all tasks.
        tasks: at least two different ones: registered names, tasks, or tasks of a table.
        controller: a registered name.
        prior: a registered name; None carries nothing over but the pruning.
        trainer: a registered name.
        trials: different trials on each task.
        batch: how many are asked together.
        epochs: passes over the training split for each candidate; a table of final scores serves them for any number.
        seed: of every controller, of initial weights and of data order.
        store: a file, or ":memory:" to keep nothing.
        prune: whether later tasks search only what earlier ones support.
        visits: how often a choice must have failed before it is omitted.
        patience: a pruned search is widened after this number of trials without a better one; None for half of
            `trials`, and at least 5.
        compare: also run a cold search of each later task: by the twin of the prior (`Prior.twin`).
        rivals: further searches of each later task to compare with: labels of `nasedu.meta.rivals.RIVALS`. All searches
            of a task share its trained networks, so a network costs one training.
        workers: processes that train; 1 trains in this one.
        space_options, controller_options, prior_options, trainer_options: parameters by name. A prior with
            `about=True` is told the meta-features of each new task (`nasedu.meta.meta_features`).

    Raises:
        UnknownName, BadValue, Mismatch: a name that is not registered, one task alone, a task twice, a prior that
            cannot open this controller.
    """

    def __init__(
        self,
        space_of: Any,
        tasks: Sequence[Any],
        controller: str = "q-learning",
        prior: str | None = "warm-q",
        *,
        trainer: str = "sequential",
        trials: int = 20,
        batch: int = 2,
        epochs: int = 8,
        seed: int = 0,
        store: str | os.PathLike[str] = IN_MEMORY,
        prune: bool = True,
        visits: int = VISITS,
        patience: int | None = None,
        compare: bool = False,
        rivals: Sequence[str] = (),
        workers: int = 1,
        space_options: dict[str, Any] | None = None,
        controller_options: dict[str, Any] | None = None,
        prior_options: dict[str, Any] | None = None,
        trainer_options: dict[str, Any] | None = None,
    ):
        check_counts(trials=trials, batch=batch, workers=workers, visits=visits)
        check_epochs(epochs)
        self.patience = max(5, trials // 2) if patience is None else patience
        check_counts(patience=self.patience)
        self.tasks = _load_tasks(tasks)
        self.space_of = spaces.usual(*self.tasks) if space_of is None else space_of
        self.controller = controller
        self.prior = prior
        self.trainer = trainer
        self.trials = trials
        self.batch = batch
        self.epochs = epochs
        self.seed = seed
        self.store = store
        self.prune = prune
        self.visits = visits
        self.compare = compare
        self.rivals = _known_rivals(rivals)
        self.workers = workers
        self.space_options = space_options or {}
        self.controller_options = controller_options or {}
        self.prior_options = prior_options or {}
        self.trainer_options = trainer_options or {}
        self.learned: list[Learned] = []
        self.twin = ""
        self._check_parts()

    # ------------------------------------------------------------------ the loop

    def run(self) -> Iterator[Event]:
        """Run the loop step by step; nothing happens until it is iterated over, and it can be left at any step.

        Called again it continues from the store: tasks that are done take no time, and give the same steps as before.
        """
        self.learned = []
        for task in self.tasks:
            earlier = [done.evidence for done in self.learned]
            space = self._space(task)
            with open_workers(self._trainer(space, task), self.workers) as opened:
                trainer = kept(opened)
                yield from self._search(task, space, trainer, earlier)
                if self.compare and earlier:
                    yield from self._search_cold(task, space, trainer)
                for rival in self.rivals if earlier else ():
                    yield from self._search_by_rival(rival, task, space, trainer, earlier)
            yield self.learned[-1]

    def _search(self, task: Any, space: Any, trainer: Any, earlier: list[Evidence]) -> Iterator[Event]:
        """One task: a study of a pruned or the whole space; after a widening, a second study of the whole space."""
        known = [readable(space, entry) for entry in earlier]
        searched = prune(space, known, self.visits) if self.prune else space
        opened = Opened(task.name, searched, None, _sources(searched, earlier, known), favourites(space, known))
        found, why = Evidence(task.name, (), known_about(task)), _reason(searched, self.prune)
        chosen: list[SpaceChosen] = []
        tried: list[Trial] = []
        while why:
            chosen.append(SpaceChosen(task.name, searched, why))
            if earlier:
                yield chosen[-1]
            now = replace(opened, space=searched, sources=_sources(searched, earlier, known))
            with self._study(searched, trainer, known, found) as study:
                yield _with_recorded(now, study, self.prior if any(source.trials for source in now.sources) else None)
                for trial in self._run_batches(study, space, known, len(found.trials)):
                    yield Tried(task.name, trial)
                found = replace(found, trials=found.trials + _scored(study))
                tried += study.trials
            searched, why = space, self._why_widen(searched, space, known, found)
        alike = (task_correlation(space, [entry], found.trials) for entry in known)
        sources = tuple(replace(s, alike=a) for s, a in zip(opened.sources, alike, strict=True))
        self.learned.append(Learned(task.name, found, sources, opened.favourites, tuple(chosen), trials=tuple(tried)))

    def _why_widen(self, searched: Any, space: Any, known: list[Evidence], found: Evidence) -> str:
        """Why a search that is over continues in the whole space; empty if it does not."""
        left = self.trials - len(found.trials)
        if not isinstance(searched, PrunedSpace) or left <= 0:
            return ""
        reason = why_widen(space, known, found.trials, self.patience) or "nothing else was left to ask"
        return f"widened again after {counted(len(found.trials), 'trial')}: {reason}"

    def _run_batches(self, study: Study, space: Any, known: list[Evidence], before: int) -> Iterator[Trial]:
        """Batch after batch; a pruned search stops where it is to be widened, also if it was resumed."""
        left, done = self.trials - before, 0
        while done < left and not study.exhausted:
            done = min(done + self.batch, left)
            yield from study.run(done, self.batch)
            if isinstance(study.space, PrunedSpace) and why_widen(space, known, _scored(study)[:done], self.patience):
                return

    def _search_cold(self, task: Any, space: Any, trainer: Any) -> Iterator[Event]:
        """The same mind with nothing carried over: the twin of the prior, or the controller that it opens."""
        controller = controllers.load(self.twin, space, seed=self.seed) if self.twin else None
        with self._study(space, trainer, [], Evidence(task.name, ()), controller) as study:
            yield _with_recorded(Opened(task.name, space, None, cold=True, twin=self.twin), study, None)
            for trial in study.run(self.trials, self.batch):
                yield Tried(task.name, trial, cold=True)
            cold = Evidence(task.name, _scored(study))
            self.learned[-1] = replace(self.learned[-1], cold=cold, twin=self.twin)

    def _search_by_rival(
        self, rival: str, task: Any, space: Any, trainer: Any, earlier: list[Evidence]
    ) -> Iterator[Event]:
        """A search of the whole space by somebody else, with the same budget and seed."""
        controller, prior = RIVALS[rival]
        known = [entry for entry in (readable(space, e) for e in earlier) if entry.trials]
        opening = meta.load(prior, known) if prior and known else None
        with self._open(space, trainer, controllers.load(controller, space, seed=self.seed), opening) as study:
            if not study.trials and self.store != IN_MEMORY:
                _mark_comparison(self.store, study)
            yield _with_recorded(Opened(task.name, space, None, rival=rival), study, opening.name if opening else None)
            for trial in study.run(self.trials, self.batch):
                yield Tried(task.name, trial, rival=rival)
            done = self.learned[-1]
            self.learned[-1] = replace(done, rivals=(*done.rivals, (rival, Evidence(task.name, _scored(study)))))

    # ------------------------------------------------------------------ the parts of a search

    def _study(self, space: Any, trainer: Any, known: list[Evidence], found: Evidence, controller: Any = None) -> Study:
        """The study of a space, opened with what is known, and told what a pruned search of the task found."""
        kept = [entry for entry in (readable(space, e) for e in known) if entry.trials]
        prior: Prior | None = None
        if kept and self.prior is not None:
            prior = self._prior(kept, found)
        if found.trials:
            prior = Continued([*kept, found], prior=prior)
        asks = controller or self._controller(space, self.trials - len(found.trials))
        return self._open(space, restricted_trainer(space, trainer), asks, prior)

    def _open(self, space: Any, trainer: Any, controller: Any, prior: Prior | None) -> Study:
        """A study with the settings of the loop; the trainer of the task learns what the study holds already."""
        study = Study(space, controller, trainer, store=self.store, epochs=self.epochs, seed=self.seed, prior=prior)
        for layer in nested(trainer):
            if isinstance(layer, Kept):
                recorded = [t.evaluation for t in study.trials if t.evaluation and not t.imported]
                layer.keep(recorded, epochs=self.epochs, seed=self.seed)
        return study

    def _space(self, task: Any) -> Any:
        return space_for(self.space_of, task, self.space_options)

    def _controller(self, space: Any, trials: int) -> Any:
        return make_controller(self.controller, space, self.controller_options, seed=self.seed, trials=trials)

    def _trainer(self, space: Any, task: Any) -> Any:
        return make_trainer(self.trainer, space, task, self.trainer_options)

    def _prior(self, evidence: list[Evidence], new: Evidence) -> Prior:
        """The prior; a guard, which may cost a share of the budget, is told how long a search is."""
        assert self.prior is not None
        usual = {"budget": self.trials} if self.prior == "guarded" else {}
        return meta.load(self.prior, evidence, **(usual | _with_about(self.prior_options, new)))

    # ------------------------------------------------------------------ checks

    def first_identity(self) -> dict[str, Any]:
        """Return the identity of the first study, which tells whether a store belongs to this loop."""
        space = self._space(self.tasks[0])
        controller, trainer = self._controller(space, self.trials), self._trainer(space, self.tasks[0])
        return identity_of(space, controller, trainer, self.epochs, self.seed)

    def _check_parts(self) -> None:
        """Raise an error for a wrong name or option, or for a prior that cannot open such a controller."""
        if self.prior is not None:
            meta.registry.check_name(self.prior)
        searched = [self._space(task) for task in self.tasks]
        self._controller(searched[0], self.trials)
        for space, task in zip(searched, self.tasks, strict=True):
            self._trainer(space, task)
        if self.prior is None:
            return
        rng = rng_from(0, "try a prior")
        sample = tuple((searched[0].sample(rng), number / 10) for number in range(10))
        first = Evidence(self.tasks[0].name, sample, known_about(self.tasks[0]))
        prior = self._prior([first], first)
        prior.open(self._controller(searched[0], self.trials))
        self.twin = prior.twin


def _with_about(options: dict[str, Any], new: Evidence) -> dict[str, Any]:
    """The options of a prior, with what is known about the new task where they say `about=True`."""
    found = dict(options)
    for name, value in options.items():
        if name == "about" and value is True:
            found[name] = dict(new.about)
        elif isinstance(value, dict):  # the prior that a guard is put around
            found[name] = _with_about(value, new)
    return found


def _known_rivals(given: Sequence[str]) -> tuple[str, ...]:
    unknown = [given] if isinstance(given, str) else [name for name in given if name not in RIVALS]
    if unknown:
        raise BadValue(f"rivals is a list of {', '.join(map(repr, RIVALS))}; given {given!r}")
    return tuple(dict.fromkeys(given))


def space_for(space_of: Any, task: Any, options: dict[str, Any]) -> Any:
    """Return the space of a task: made by its registered name, the same for all tasks, or what a function returns."""
    if isinstance(space_of, str):
        return make_space(space_of, task, options)
    return space_of if isinstance(space_of, spaces.Space) else space_of(task)


def _load_tasks(given: Sequence[Any]) -> list[Any]:
    if isinstance(given, str):
        raise BadValue(f"tasks is a list, such as ['digits', 'digits-noisy']; given {given!r}")
    found = [tasks.load(task) if isinstance(task, str) else task for task in given]
    names = [task.name for task in found]
    if len(found) < 2:
        raise BadValue(f"a search that learns from earlier ones needs at least two tasks; given {names or 'none'}")
    for name in names:
        if names.count(name) > 1:
            raise BadValue(f"the task {name!r} comes twice: a second search of it would learn from its own answers")
    return found


def _mark_comparison(path: str | os.PathLike[str], study: Study) -> None:
    """Note in the store that a study is a rival; one that somebody ran before as a search of its own stays that."""
    store = Store(path)
    try:
        number = store.study_id(study.identity)
        if number is not None:
            store.mark_comparison(number)
    finally:
        store.close()


def _with_recorded(opened: Opened, study: Study, prior: str | None) -> Opened:
    """The step, with the trials that the study has already."""
    status = tuple(study.controller.status().items())
    return replace(opened, prior=prior, earlier=tuple(study.trials), status=status)


def _scored(study: Study) -> tuple[Any, ...]:
    return tuple((trial.architecture, trial.score) for trial in study.trials)


def _sources(space: Any, earlier: list[Evidence], known: list[Evidence]) -> tuple[Source, ...]:
    """What each earlier task gives to the study of this space, and what of it the space cannot read."""
    found = []
    for entry, reads in zip(earlier, known, strict=True):
        kept = len(readable(space, reads).trials)
        whole = len(reads.trials)
        found.append(Source(entry.task, kept, len(entry.trials) - whole, whole - kept))
    return tuple(found)


def _reason(space: Any, pruning: bool) -> str:
    """Why this space is searched."""
    if not pruning:
        return "the whole space: pruning is switched off"
    if not isinstance(space, PrunedSpace):
        return "the whole space: the evidence speaks against no choice yet"
    count = sum(map(len, space.dropped.values()))
    choices = f"{counted(count, 'choice')} {'was' if count == 1 else 'were'}"
    return f"pruned: {choices} tried often on earlier tasks, and never among the better half"
