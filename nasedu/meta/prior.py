"""The contract of a prior: what earlier searches found, and how it opens a new one."""

import hashlib
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadArchitecture, BadValue, Mismatch, describe
from nasedu.store import Store, canonical_json
from nasedu.study import without_budget


@dataclass(frozen=True)
class Evidence:
    """What one earlier study found: (architecture, score) of each of its trials, in the order asked."""

    task: str
    trials: tuple[tuple[Architecture, float], ...]

    @classmethod
    def from_data(cls, data: list[Any]) -> "Evidence":
        """From an entry of `Prior.data()`, as the store gives it back."""
        task, trials = data
        return cls(task, tuple((tuple(architecture), score) for architecture, score in trials))


class Prior(ABC):
    """Opens a controller with what earlier tasks taught, before its first question.

    Show its search beside a cold start, random search, and copying what was best before: only then can be seen what
    was carried over. Lesson 15.

    Args:
        evidence: one entry for each earlier study.

    Raises:
        BadValue: no evidence at all.
    """

    name: ClassVar[str] = ""

    def __init__(self, evidence: list[Evidence]):
        self.evidence = list(evidence)
        if not any(e.trials for e in self.evidence):
            raise BadValue("a prior needs at least one earlier study with a trial; there is none")
        self.digest = hashlib.sha256(canonical_json(self.data()).encode()).hexdigest()[:16]

    @abstractmethod
    def open(self, controller: Controller) -> Controller:
        """The controller, prepared; or one that first does something else and then hands over to it.

        Raises:
            Mismatch: the evidence is about another space, or the controller cannot use it.
        """

    def identity(self) -> dict[str, Any]:
        """What makes two priors the same prior: their kind, their parameters, and a digest of the evidence."""
        return {**describe(self), "digest": self.digest}

    def data(self) -> list[list[Any]]:
        """The evidence as plain data, for the store."""
        return [[e.task, [[list(a), score] for a, score in e.trials]] for e in self.evidence]

    def check_space(self, space: Any) -> None:
        """Raises Mismatch if the space cannot read what the earlier studies found."""
        for evidence in self.evidence:
            for architecture, _ in evidence.trials:
                try:
                    space.walk(architecture)
                except BadArchitecture as error:
                    raise Mismatch(
                        f"the prior is from another space: its study of {evidence.task!r} holds an architecture that "
                        f"this space cannot read ({error})"
                    ) from error


def _why_none(found: list[dict[str, Any]], wanted: dict[str, Any]) -> str:
    """Why none of these spaces is the one that is wanted."""
    others = sorted({space["name"] for space in found} - {wanted["name"]})
    same = [space for space in found if space["name"] == wanted["name"] and space != wanted]
    if same:
        keys = [key for key in {**wanted, **same[-1]} if wanted.get(key) != same[-1].get(key)]
        return "it was searched with other settings: " + ", ".join(
            f"{key} {same[-1].get(key)} there, {wanted.get(key)} here" for key in keys
        )
    return f"its studies searched {', '.join(others)}" if others else "it has no other study with trials"


def _is_cold_self(identity: dict[str, Any], coming: dict[str, Any]) -> bool:
    return without_budget({**identity, "prior": None}) == without_budget({**coming, "prior": None})


def evidence_in(path: str | os.PathLike[str], space: Any, *, leave_out: dict[str, Any] | None = None) -> list[Evidence]:
    """What the studies in a store found in this space.

    Args:
        path: a store.
        space: the space of the coming study; only studies of an equal space count.
        leave_out: the identity of the coming study without its prior: a study that lies in the same store does not
            learn from itself, nor from itself with another number of trials in mind.

    Raises:
        StoreError: see `nasedu.store.Store`.
        Mismatch: none of the studies searched this space.
    """
    store = Store(path, create=False)
    try:
        spaces, found = [], []
        for number, identity in store.studies():
            spaces.append(identity["space"])
            if identity["space"] != describe(space) or (leave_out and _is_cold_self(identity, leave_out)):
                continue
            trials = tuple((t.architecture, t.score) for t in store.trials(number) if t.evaluation)
            if trials:
                found.append(Evidence(identity["task"], trials))
    finally:
        store.close()
    if not found:
        raise Mismatch(
            f"{path} has no earlier study of the space {space.title!r}: {_why_none(spaces, describe(space))}"
        )
    return found
