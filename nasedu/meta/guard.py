"""A guard against negative transfer: a prior asks on credit, beside a search that knows everything but the prior."""

import copy
from collections.abc import Mapping
from typing import Any

from nasedu import controllers
from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, describe
from nasedu.meta.prior import Evidence, Prior

TRIES = 1000


class Guarded(Prior):
    """Lets a prior ask every second question, as long as its answers are not worse than those of a cold search.

    Beside the search that the prior opened there is a cold *twin*. They ask in turn. Both are told everything that is
    found, so neither loses what the other learned. The k-th answer of the prior is compared with the k-th answer of
    the twin: a better one earns one unit of credit back, up to where it began, a worse one costs one. The prior loses
    its trust for good when `share` * `budget` units are spent. From then on the twin asks alone.

    So the evidence is what both found at the same stage of the search: at most that many more answers of the prior are
    worse than are better. If it is as good as the twin, its credit may end, too, and nothing is lost: the twin knows
    all.

    This bounds worse answers, not the delay until a good network. Where scores are noisy, a twin that is told more can
    be led astray: of 50 networks, on the worst of 24 tasks, by 12 with the prior `surrogate`, by 4 with `mixture`
    (`make bench`, rows transfer and transfer_mlp).

    Args:
        prior: any prior.
        budget: different networks that the search is meant to have.
        share: of the budget that the prior may cost, from 0 (it asks nothing) to 1.
        twin: name of the twin's controller; "" for one like the controller that is opened.
    """

    name = "guarded"

    def __init__(self, prior: Prior, *, budget: int = 100, share: float = 0.1, twin: str = "gp-cold"):
        if not isinstance(prior, Prior):
            raise BadValue(f"a guard is put around a prior, such as meta.load('mixture', evidence); given {prior!r}")
        if budget < 1 or not 0 <= share <= 1:
            raise BadValue(f"guarded needs budget >= 1 and 0 <= share <= 1; given {budget=}, {share=}")
        if share and int(share * budget) < 1:
            raise BadValue(
                f"a guard with {share=} of {budget=} networks has no credit, so the prior would never ask: search "
                "longer, raise the share to 1 / budget or more, or give share=0"
            )
        if twin:
            controllers.registry.check_name(twin)
        super().__init__(prior.evidence)
        self.prior = prior
        self.budget = budget
        self.share = share
        self.twin = twin

    def prepare(self, controller: Controller) -> Controller:
        cold = controllers.load(self.twin, controller.space, seed=controller.seed) if self.twin else twin_of(controller)
        return GuardedSearch(self.prior.open(controller), cold, self)


def twin_of(controller: Controller) -> Controller:
    """Return a second fresh controller like this one: made by its registered name, or else a copy."""
    known = controllers.registry
    if controller.name in known and known[controller.name] is type(controller):
        return controllers.rebuild(describe(controller), controller.space)
    return copy.deepcopy(controller, {id(controller.space): controller.space})


def guarded(evidence: list[Evidence], *, prior: str | Mapping[str, Any] = "mixture", **parameters: Any) -> Guarded:
    """Let another prior ask in turn with a cold search, as long as its answers are not worse.

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
        inner: the search that the prior opened.
        cold: its twin.
        guard: what opened it.

    Attributes:
        credit: how many answers more may be worse than the twin's than are better.
        spent: how many are, from 0 to `credit`.
        answers: of the prior (True) and of the twin (False), in the order told.
        why: why the prior lost its trust; empty as long as it has it.
    """

    name = "guarded-search"

    def __init__(self, inner: Controller, cold: Controller, guard: Guarded):
        super().__init__(inner)
        self.cold = cold
        self.guard = guard
        self.credit = int(guard.share * guard.budget)
        self.spent = 0
        self.answers: dict[bool, list[float]] = {True: [], False: []}
        self.why = "" if self.credit else "it has no credit"
        self.asked_by: dict[Architecture, bool] = {}
        """Questions that are not answered yet, and whether the prior asked."""
        self._told: dict[Architecture, float] = {}
        self._compared = self._turn = 0

    @property
    def trusted(self) -> bool:
        """Return whether the prior still has its trust."""
        return not self.why

    def ask(self) -> Architecture:
        # A batch could ask more on credit than is left: unanswered questions count as if they were lost.
        open_credit = self.credit - self.spent - sum(self.asked_by.values())
        by_prior = self.trusted and self._turn % 2 == 0 and open_credit > 0
        self._turn += 1
        asks, listens = (self.inner, self.cold) if by_prior else (self.cold, self.inner)
        architecture = self._new(asks)
        listens.expect(architecture)
        self.asked_by[architecture] = by_prior
        return architecture

    def _new(self, asks: Controller) -> Architecture:
        """Return a question that was not answered yet; of those that were, the asker is told once more."""
        for _ in range(TRIES):
            architecture = asks.ask()
            if architecture not in self._told:
                break
            asks.tell(architecture, self._told[architecture])
        return architecture

    def expect(self, architecture: Architecture) -> None:
        """Learn that a person has asked an architecture: it counts for neither side."""
        for learner in (self.inner, self.cold):
            learner.expect(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        for learner in (self.inner, self.cold):
            learner.tell(architecture, reward)
        self._told[architecture] = reward
        by_prior = self.asked_by.pop(architecture, None)
        if self.trusted and by_prior is not None:
            self.answers[by_prior].append(reward)
            self._compare()

    def _compare(self) -> None:
        """Compare the answers of both sides that have the same number, and judge the prior."""
        for prior, twin in list(zip(self.answers[True], self.answers[False], strict=False))[self._compared :]:
            self._compared += 1
            self.spent = max(0, self.spent + (prior < twin) - (prior > twin))
            if self.spent >= self.credit:
                self.why = f"{self.spent} more of its answers were worse than the cold search's than were better"
                return

    def status(self) -> dict[str, float]:
        return {**(self.inner if self.trusted else self.cold).status(), "trusted": float(self.trusted)}

    def learned(self) -> list[dict[str, Any]]:
        return (self.inner if self.trusted else self.cold).learned()
