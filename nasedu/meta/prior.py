"""The contract of a prior: what earlier searches found, and how it opens a new one."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from nasedu.controllers.base import Controller
from nasedu.controllers.constrained import Constrained
from nasedu.core import Architecture, BadArchitecture, BadValue, Mismatch, describe
from nasedu.store import canonical_json


@dataclass(frozen=True)
class Evidence:
    """What one earlier study found.

    Attributes:
        task: its name.
        trials: (architecture, score) of each of its trials, in the order asked.
        about: what is known of the task itself, such as `{"examples": 1200, "classes": 10}`;
            kept as pairs in the order of the names. A prior that asks how alike tasks are looks at it.
        digest: of the data that the scores are of, so that evidence on a changed file is other evidence; "" if unknown.

    Raises:
        BadValue: a score, or a number about the task, that is NaN or infinite.
    """

    task: str
    trials: tuple[tuple[Architecture, float], ...]
    about: tuple[tuple[str, float], ...] = ()
    digest: str = ""

    def __post_init__(self) -> None:
        for architecture, score in self.trials:
            if not math.isfinite(score):
                raise BadValue(
                    f"the study of {self.task!r} says that {architecture} scored {score}; a score is a finite number: "
                    "omit the trial, or give it the score of guessing"
                )
        object.__setattr__(self, "about", checked_about(self.task, self.about))

    @classmethod
    def from_data(cls, data: list[Any]) -> "Evidence":
        """Make the evidence from an entry of `Prior.data()`, as the store gives it back."""
        task, trials, *about = data
        return cls(task, tuple((tuple(architecture), score) for architecture, score in trials), *about)

    @property
    def scores(self) -> dict[Architecture, float]:
        """Return the score of each architecture; of one that was tried several times, the last."""
        return dict(self.trials)

    def data(self) -> list[Any]:
        """Return the evidence as plain data; without what is not known about the task and its data."""
        trials = [[list(architecture), score] for architecture, score in self.trials]
        about = [dict(self.about)] if self.about or self.digest else []
        return [self.task, trials, *about, *([self.digest] if self.digest else [])]


def checked_about(task: str, about: Any) -> tuple[tuple[str, float], ...]:
    """Return numbers about a task as pairs in the order of their names. Raises BadValue unless they are finite."""
    pairs = tuple(sorted(about.items() if isinstance(about, Mapping) else (tuple(pair) for pair in about)))
    for name, value in pairs:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BadValue(f"what is known about the task {task!r} are finite numbers; given {name}={value!r}")
    return pairs


class Prior:
    """Opens a controller with what earlier tasks taught, before its first question.

        class AskTheBestFirst(Prior):
            '''Asks the best architecture of the first earlier task, then lets the controller go on.'''

            name = "ask-the-best-first"

            def prepare(self, controller):
                best, _ = max(self.evidence[0].trials, key=lambda trial: trial[1])
                return Opening(controller, [best])

    Show its search with its `twin`, random search, and copying what was best before: only then can a reader see what
    was carried over. A model that learns from the new task, too, gains much without any memory. Lesson 15.

    Args:
        evidence: one entry for each earlier study.

    Raises:
        BadValue: no evidence at all.
    """

    name: ClassVar[str] = ""
    twin: str = ""
    """Name of the controller that has the same mind and no memory: what the search gains over it was carried over.
    "" for the controller that is opened, which then is the twin itself."""

    def __init__(self, evidence: list[Evidence]):
        self.evidence = list(evidence)
        if not any(e.trials for e in self.evidence):
            raise BadValue("a prior needs at least one earlier study with a trial; there is none")
        self._checked: Any = None
        self.digest = hashlib.sha256(canonical_json(self.data()).encode()).hexdigest()[:16]

    def open(self, controller: Controller) -> Controller:
        """Return the controller, prepared; or a controller that does something first and then hands over to it.

        The limits of a `Constrained` controller hold for what the prior asks, too.

        Args:
            controller: a fresh one.

        Raises:
            Mismatch: the evidence is about another space, or the controller cannot use it.
        """
        if isinstance(controller, Constrained):
            return controller.around(self.open(controller.inner))
        self.check_space(controller.space)
        return self.prepare(controller)

    def prepare(self, controller: Controller) -> Controller:
        """Return the opened controller; its space was checked. This is the method that a new prior writes."""
        raise NotImplementedError(f"{type(self).__name__} is no prior yet: it needs `prepare(controller)`")

    def identity(self) -> dict[str, Any]:
        """Return what makes two priors the same prior: their kind, their parameters, and a digest of the evidence."""
        return {**describe(self), "digest": self.digest}

    def data(self) -> list[list[Any]]:
        """Return the evidence as plain data, for the store."""
        return [evidence.data() for evidence in self.evidence]

    def check_space(self, space: Any) -> None:
        """Raise Mismatch if the space cannot read what the earlier studies found."""
        if self._checked is space:  # the same prior opens many searches in a benchmark
            return
        for evidence in self.evidence:
            for architecture, _ in evidence.trials:
                try:
                    space.walk(architecture)
                except BadArchitecture as error:
                    raise Mismatch(
                        f"the prior is from another space: its study of {evidence.task!r} holds an architecture that "
                        f"this space cannot read ({error})"
                    ) from error
        self._checked = space
