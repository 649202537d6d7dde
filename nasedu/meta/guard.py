"""A guard against negative transfer: a prior works on credit, and the search goes on as if cold when it is used up."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nasedu import controllers
from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, describe
from nasedu.meta.prior import Evidence, Prior

TRIES = 1000


class Guarded(Prior):
    """Lets a prior ask as long as it is worth it, and then lets a cold controller go on.

    Beside the controller that the prior opened there is a cold twin, which the prior does not touch. The prior's asks
    first, and every `every`-th question is the twin's: it costs nothing, since a cold search would have asked it too.
    The prior loses its trust, for good, as soon as

    - `share` * `budget` of its questions have not raised the best so far. A question is on credit from when it is
      asked; one that raises the best gives its credit back. So a prior costs no more than that, whatever it asks, and
      the few questions that made the best better;
    - or the first evaluations disagree with it: it promised good networks, and what it asked is worse than what the
      twin asked. Once each has `fewest` answers, one of the prior's must be better than one of the twin's in at least
      the share `better` of all pairs (the statistic of Mann and Whitney, 1947). Credit alone would not see a prior
      that has everything the wrong way round: it asks the worst first, and each network raises the best a little.

    From then on the twin asks, as if there had been no prior: it asks what a cold search asks, in the same order. What
    the prior's questions have answered already costs it nothing, and it is told of it when it comes to ask it, not
    before: a cold Q-table that was told of twenty networks around which a bad prior had looked went on to look there.

    Args:
        prior: any prior.
        budget: different networks that the search is meant to have.
        share: of the budget that the prior may cost, from 0 (it asks nothing) to 1.
        every: how often a question is the twin's while the prior has its trust, at least 2; 0 for never, and then the
            prior is judged by its credit alone.
        fewest: answers of the twin, and of the prior, before the two are compared.
        better: share of pairs, from 0 (never judge by it) to 1.
    """

    name = "guarded"

    def __init__(
        self,
        prior: Prior,
        *,
        budget: int = 100,
        share: float = 0.1,
        every: int = 5,
        fewest: int = 2,
        better: float = 0.5,
    ):
        if not isinstance(prior, Prior):
            raise BadValue(f"a guard is put around a prior, such as meta.load('surrogate', evidence); given {prior!r}")
        if budget < 1 or not 0 <= share <= 1 or every == 1 or every < 0 or fewest < 1 or not 0 <= better <= 1:
            raise BadValue(
                "guarded needs budget >= 1, 0 <= share <= 1, every of 0 or >= 2, fewest >= 1 and 0 <= better <= 1; "
                f"given {budget=}, {share=}, {every=}, {fewest=}, {better=}"
            )
        super().__init__(prior.evidence)
        self.prior = prior
        self.budget = budget
        self.share = share
        self.every = every
        self.fewest = fewest
        self.better = better

    def prepare(self, controller: Controller) -> Controller:
        cold = twin_of(controller)
        return GuardedSearch(self.prior.open(controller), cold, self)


def twin_of(controller: Controller) -> Controller:
    """Return a second fresh controller like this one: made by its registered name, or else a copy."""
    known = controllers.registry
    if controller.name in known and known[controller.name] is type(controller):
        return controllers.rebuild(describe(controller), controller.space)
    return copy.deepcopy(controller, {id(controller.space): controller.space})


def guarded(evidence: list[Evidence], *, prior: str | Mapping[str, Any] = "surrogate", **parameters: Any) -> Guarded:
    """Let another prior ask as long as its questions pay, then let a cold search go on.

    Args:
        evidence: one entry for each earlier study.
        prior: "warm-q", or {"name": "warm-q", "trust": 2}.
        **parameters: of `Guarded`.
    """
    from nasedu import meta

    described = {"name": prior} if isinstance(prior, str) else dict(prior)
    return Guarded(meta.load(described.pop("name"), evidence, **described), **parameters)


class GuardedSearch(Wrapped):
    """The search that `Guarded` opens.

    Args:
        inner: the controller that the prior opened.
        cold: its twin, which the prior has not touched.
        guard: what opened it.

    Attributes:
        credit: questions of the prior that may fail to raise the best.
        spent: how many have failed.
        on_credit: questions of the prior that are not answered yet.
        answered: what the prior's questions have answered, and the twin has not been told yet.
        told: what was answered as long as it had its trust: to the prior's questions (True) and to the twin's (False).
        won: share of all pairs in which the prior's answer is better than the twin's; None before they are compared.
        why: why the prior lost its trust; empty as long as it has it.
    """

    name = "guarded-search"

    def __init__(self, inner: Controller, cold: Controller, guard: Guarded):
        super().__init__(inner)
        self.cold = cold
        self.guard = guard
        self.credit = int(guard.share * guard.budget)
        self.spent = 0
        self.why = "" if self.credit else "it has no credit"
        self.on_credit: dict[Architecture, None] = {}
        self.answered: dict[Architecture, float] = {}
        self.won: float | None = None
        self._best = float("-inf")
        self._asked = 0
        self.told: dict[bool, list[float]] = {True: [], False: []}

    @property
    def trusted(self) -> bool:
        """Return whether the prior still has its trust."""
        return not self.why

    def ask(self) -> Architecture:
        self._asked += 1
        twins_turn = self.guard.every and self._asked % self.guard.every == 0
        if self.trusted and not twins_turn and self.spent + len(self.on_credit) < self.credit:
            architecture = self.inner.ask()
            self.on_credit[architecture] = None
            return architecture
        architecture = self._ask_cold()
        if self.trusted:
            self.inner.expect(architecture)
        return architecture

    def _ask_cold(self) -> Architecture:
        """The twin's next question; those that the prior's questions have answered already are answered at once."""
        for _ in range(TRIES):
            architecture = self.cold.ask()
            if architecture not in self.answered:
                return architecture
            self.cold.tell(architecture, self.answered.pop(architecture))
        return architecture

    def expect(self, architecture: Architecture) -> None:
        """Learn that a person has asked an architecture: it is neither on the prior's credit, nor the twin's."""
        self.pending[architecture] = None
        for learner in (self.inner, self.cold):
            learner.expect(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        asked_by_prior = architecture in self.on_credit
        asked_by_person = architecture in self.pending
        self.pending.pop(architecture, None)
        for learner in (self.inner,) if asked_by_prior else (self.cold, self.inner) if self.trusted else (self.cold,):
            learner.tell(architecture, reward)
        if asked_by_prior:
            del self.on_credit[architecture]
            self.answered[architecture] = reward
            self.spent += reward <= self._best
        self._best = max(self._best, reward)
        if self.trusted and not asked_by_person:
            self.told[asked_by_prior].append(reward)
        if self.trusted:
            self.why = self._objection()

    def _objection(self) -> str:
        """Why the prior loses its trust now; empty if it keeps it."""
        prior, twin = self.told[True], self.told[False]
        if self.guard.every and min(len(prior), len(twin)) >= self.guard.fewest:
            self.won = pairs_won(prior, twin)
        if self.spent >= self.credit:
            return f"{self.spent} of its questions did not raise the best"
        if self.won is not None and self.won < self.guard.better:
            return f"what it asked is worse than what a cold search asks: better in {self.won:.0%} of all pairs"
        return ""

    def status(self) -> dict[str, float]:
        return {**(self.inner if self.trusted else self.cold).status(), "trusted": float(self.trusted)}

    def learned(self) -> list[dict[str, Any]]:
        return (self.inner if self.trusted else self.cold).learned()


def pairs_won(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the share of all pairs in which the value of `a` is larger than that of `b`; a tie counts half."""
    differences = np.sign(np.subtract.outer(a, b))
    return float((differences + 1).mean() / 2)
