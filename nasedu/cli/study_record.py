"""What a store says about its studies: read only, so that a search may be running in it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation, counted
from nasedu.meta.earlier import digest_in
from nasedu.meta.pruned_space import whole_description
from nasedu.store import IN_MEMORY, Store, Trial
from nasedu.study import Study, best_trial, may_be_same, without_budget, without_evidence

SCORES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "r2")
"""What may be the score of a task: the metrics of which higher is better, those that are most often asked for first."""


@dataclass(frozen=True)
class StudyRecord:
    """One study, as it was when it was read.

    Attributes:
        identity: see `nasedu.study.identity_of`.
        recorded: every trial in the order asked, those still being trained included.
        finals: (role, evaluation on the test split) of what `Study.finish` reported; empty before.
        prior: the data of the prior that it was opened with; None if it had none.
        queue: architectures that were enqueued and not asked yet.
        name: what a person called it; empty if nobody named it.
        begun: date and time (UTC, ISO 8601); empty if it is unknown.
        version: what tells its data from those of the same task in another study of the store; empty if there is none.
    """

    identity: dict[str, Any]
    recorded: list[Trial]
    finals: list[tuple[str, Evaluation]]
    prior: Any = None
    queue: tuple[Architecture, ...] = ()
    name: str = ""
    begun: str = ""
    version: str = ""

    @classmethod
    def of(cls, study: Study) -> "StudyRecord":
        """Return the record of an open study."""
        final = [("best", study.final)] if study.final else []
        finals = [*final, *(("hand-picked", e) for e in study.hand_picked)]
        return cls(study.identity, study.trials, finals, queue=tuple(study.queue))

    @classmethod
    def read(cls, store: Store, number: int, identity: dict[str, Any]) -> "StudyRecord":
        """Return the record of a study in a store, by its number there."""
        recorded, finals, prior = store.trials(number), store.finals(number), store.prior(number)
        return cls(
            identity, recorded, finals, prior, tuple(store.queue(number)), store.name(number), store.begun(number)
        )

    @property
    def controller(self) -> str:
        """Return the name of the controller; of the one inside, if it had limits to keep to."""
        described = self.identity["controller"]
        return described.get("inner", described)["name"]

    @property
    def space(self) -> str:
        """Return the name of the space; of the whole one, if the search was pruned to a part of it."""
        name: str = whole_description(self.identity["space"])["name"]
        return name

    @property
    def pruned(self) -> bool:
        """Return whether it searched only what earlier tasks supported."""
        return whole_description(self.identity["space"]) is not self.identity["space"]

    @property
    def where(self) -> str:
        """Return what was searched, in words."""
        version = f" ({self.version})" if self.version else ""
        return f"{self.space}{' (pruned)' if self.pruned else ''} on {self.identity['task']}{version}"

    @property
    def metric(self) -> str:
        """Return what its scores are; of a study of version 0.1, the first metric that every score is equal to."""
        if "metric" in self.identity:
            return self.identity["metric"]
        every = [t.evaluation for t in self.trials] + [e for _, e in self.finals]
        found = [e for e in every if e and e.ok and e.metrics]
        names = [name for name in SCORES if all(e.metrics.get(name) == e.score for e in found)]
        return names[0] if found and names else "score"

    @property
    def prior_name(self) -> str:
        """Return the name of its prior; both names, if the search was widened; empty without a prior."""
        prior, names = self.identity["prior"], []
        while prior:
            names.append(prior["name"])
            prior = prior.get("prior") if prior["name"] == "continued" else None
        return " ".join(names)

    @property
    def seeds(self) -> str:
        """Return the seed in words; both, if controller and training have different ones."""
        described = self.identity["controller"]
        training, choosing = self.identity["seed"], described.get("inner", described).get("seed")
        return f"seed {training}" + (f" (controller {choosing})" if choosing not in (training, None) else "")

    @property
    def limits(self) -> dict[str, float]:
        """Return the greatest allowed value of each measure; empty without a constraint."""
        return self.identity["controller"].get("limits", {})

    @property
    def budget(self) -> int | None:
        """Return the number of trials that its controller was made for; None if it has no budget."""
        described = self.identity["controller"]
        return described.get("inner", described).get("budget")

    @property
    def trials(self) -> list[Trial]:
        """Return the trials that are evaluated."""
        return [t for t in self.recorded if t.evaluation is not None]

    @property
    def imported(self) -> list[Trial]:
        """Return the trials whose results were found elsewhere, so that this study did not train them."""
        return [t for t in self.trials if t.imported]

    @property
    def counted(self) -> list[Trial]:
        """Return the evaluated trials that count as trials of this search: all but the imported ones."""
        return [t for t in self.trials if not t.imported]

    @property
    def label(self) -> str:
        """Return what tells a study from the others of its store."""
        prior = f" with {self.prior_name}" if self.prior_name else ""
        name = f"{self.name!r}, " if self.name else ""
        return f"{name}{self.controller}{prior} in {self.where}, {self.seeds}"

    @property
    def best(self) -> Trial | None:
        """Return the best trial: see `nasedu.study.best.best_trial`."""
        return best_trial(self.trials, self.final)

    @property
    def final(self) -> Evaluation | None:
        """Return the test of its best network; None before `Study.finish`."""
        return next((e for role, e in self.finals if role == "best"), None)

    @property
    def hand_picked(self) -> list[Evaluation]:
        """Return the tests of the hand-picked networks; empty before `Study.finish`."""
        return [e for role, e in self.finals if role == "hand-picked"]

    def first(self, trials: int) -> "StudyRecord":
        """Return the first trials as a study; without the test result, if that is of a later architecture."""
        start = StudyRecord(self.identity, self.trials[:trials], [], self.prior)
        same = start.best and self.final and start.best.architecture == self.final.architecture
        return replace(start, finals=self.finals) if same else start


def records_in(path: str | os.PathLike[str]) -> dict[int, StudyRecord]:
    """Return every study of a store by its number, the oldest first.

    Raises:
        StoreError: see `nasedu.store.Store`.
    """
    store = Store(path, create=False)
    try:
        studies = store.studies()
        read = {number: StudyRecord.read(store, number, identity) for number, identity in studies}
    finally:
        store.close()
    return {number: replace(record, version=_version(record, read.values())) for number, record in read.items()}


def _version(record: StudyRecord, every: Iterable[StudyRecord]) -> str:
    """Return what tells the data of a study from others of the same task in a store; empty if there are none."""
    same = [r.identity for r in every if r.identity["task"] == record.identity["task"]]
    for part, called in (("digest", "data"), ("meaning", "names and units")):
        if len({digest_in(identity, part) for identity in same}) > 1:
            return f"{called} {digest_in(record.identity, part)[:8] or 'unknown'}"
    return ""


def choose(records: dict[int, StudyRecord], study: str | None, store: str) -> int:
    """Return the number of the study that is meant.

    Args:
        records: of every study in the store.
        study: its number or its name; None for the only one.
        store: named in an error.

    Raises:
        BadValue: there is none of this number or name, or none is named and there are several.
    """
    known = "; ".join(f"{n} ({r.label}, {counted(len(r.trials), 'trial')})" for n, r in records.items()) or "none"
    begun = [number for number, record in records.items() if record.trials]
    if study is None and len(begun) == 1:
        return begun[0]
    if study is None:
        raise BadValue(f"{store} holds several studies: choose one with --study; known: {known}")
    for number, record in records.items():
        if study.strip() in (str(number), record.name or None):
            return number
    raise BadValue(f"{store} has no study {study}; known: {known}")


def number_of(study: str | None, store: str) -> int | None:
    """Return the number of the study of a store with this number or name; None if none is named. Raises BadValue."""
    return None if study is None else choose(records_in(store), study, store)


def find_study(path: str, identity: dict[str, Any], *, any_budget: bool) -> StudyRecord | None:
    """Return the study of a store that a search with this identity continues; None if it begins a new one.

    It is the study with this very identity. If there is none, it is the same search at another length: "40 trials"
    after "20 trials" means twenty more, not a new search whose epsilon falls over 40. The same holds for a prior whose
    store has grown since: the study continues with the evidence that it was opened with.

    Args:
        path: the store, which may not exist yet; nothing is written to it.
        identity: of the search that is asked for.
        any_budget: whether a study whose controller has another budget is the same search.
    """
    if path == IN_MEMORY or not Path(path).exists():
        return None
    store = Store(path)  # for writing: a process that was killed early may have left it without its tables
    try:
        studies = store.studies()
        exact = [(n, i) for n, i in studies if may_be_same(i, identity, partial(store.trials, n))]
        wanted = _search_of(identity, any_budget)
        alike = [(n, i) for n, i in studies if may_be_same(_search_of(i, any_budget), wanted, partial(store.trials, n))]
        found = [StudyRecord.read(store, *study) for study in exact or alike]
    finally:
        store.close()
    return max(found, key=lambda record: len(record.recorded), default=None)


def _search_of(identity: dict[str, Any], any_budget: bool) -> dict[str, Any]:
    """The part of an identity that two studies share if they are the same search."""
    return without_evidence(without_budget(identity) if any_budget else identity)


def random_baseline(records: list[StudyRecord], record: StudyRecord) -> StudyRecord | None:
    """Return random search at the same budget: its first trials, as many as `record` has; None if there is none.

    It counts if task, data, metric, space, trainer and epochs are the same. Of several, the one with the same seed
    counts.
    """
    if record.controller == "random":
        return None
    same = ("task", "data", "metric", "space", "trainer", "epochs")
    found = [
        r
        for r in records
        if r.controller == "random"
        and r.limits == record.limits
        and r.identity["prior"] is None
        and all(r.identity.get(part) == record.identity.get(part) for part in same)
        and len(r.trials) >= len(record.counted) > 0
        and all(t.origin == "asked" for t in r.trials)
    ]
    found.sort(key=lambda r: r.identity["seed"] != record.identity["seed"])
    return found[0].first(len(record.counted)) if found else None


def words(architecture: Architecture) -> str:
    """Return an architecture on one line."""
    return " ".join(architecture)
