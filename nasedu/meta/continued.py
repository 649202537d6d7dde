"""How a search goes on in a wider space: it knows what this task has shown already."""

from typing import Any

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, Exhausted
from nasedu.meta.prior import Evidence, Prior

TRIES = 1000


class Continued(Prior):
    """Opens a controller as an earlier part of the same search was opened, and tells it what that part found.

    Args:
        evidence: what the earlier tasks found; the last entry is what this task itself has shown so far.
        prior: what the earlier tasks open the controller with, ready made from all entries but the last; None for
            nothing.
    """

    name = "continued"

    def __init__(self, evidence: list[Evidence], *, prior: Prior | None = None):
        super().__init__(evidence)
        if not self.evidence[-1].trials:
            raise BadValue("a search is continued from at least one trial; this one has none")
        self.prior = prior

    def identity(self) -> dict[str, Any]:
        return {"name": self.name, "prior": self.prior.identity() if self.prior else None, "digest": self.digest}

    def prepare(self, controller: Controller) -> Controller:
        opened = self.prior.open(controller) if self.prior else controller
        known = dict(self.evidence[-1].trials)
        for architecture, score in known.items():
            opened.tell(architecture, score)
        return Knowing(opened, known)


class Knowing(Wrapped):
    """Does not let a controller ask what is known already: it is told the score once more, and asked again.

    Args:
        inner: the controller that asks.
        known: architecture to score, from this very task.
    """

    name = "knowing"

    def __init__(self, inner: Controller, known: dict[Architecture, float]):
        super().__init__(inner)
        self._known = known

    def ask(self) -> Architecture:
        for _ in range(TRIES):
            architecture = self.inner.ask()
            if architecture not in self._known:
                return architecture
            self.inner.tell(architecture, self._known[architecture])
        raise Exhausted(f"{TRIES} questions in a row were about networks that are known already")
