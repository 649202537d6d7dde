"""The simplest thing that can be carried over, and often the hardest to beat: what was best before."""

from collections.abc import Iterator

from nasedu.controllers.base import Controller, Wrapped
from nasedu.controllers.constrained import Constrained
from nasedu.core import Architecture, BadValue
from nasedu.meta.prior import Evidence, Prior


class CopyBest(Prior):
    """Asks the best architectures of earlier studies first, then lets the controller go on.

    The best of each earlier task take turns: the best of every task, then the second best of every task, and so on.
    The controller is told what they were worth on the new task.

    Args:
        evidence: one entry for each earlier study.
        most: how many are asked.
    """

    name = "copy-best"

    def __init__(self, evidence: list[Evidence], *, most: int = 5):
        if most < 1:
            raise BadValue(f"copy-best needs most >= 1; given {most}")
        super().__init__(evidence)
        self.most = most

    def open(self, controller: Controller) -> Controller:
        if isinstance(controller, Constrained):  # what was best before must keep to the limits, too
            return controller.around(self.open(controller.inner))
        self.check_space(controller.space)
        return Opening(controller, list(self._best())[: self.most])

    def _best(self) -> Iterator[Architecture]:
        ranked = [
            list(dict.fromkeys(a for a, _ in sorted(e.trials, key=lambda trial: -trial[1]))) for e in self.evidence
        ]
        seen: dict[Architecture, None] = {}
        for place in range(max(map(len, ranked))):
            for architectures in ranked:
                if place < len(architectures) and architectures[place] not in seen:
                    seen[architectures[place]] = None
                    yield architectures[place]


class Opening(Wrapped):
    """Asks a list of architectures first, and is the controller inside from then on."""

    name = "opening"

    def __init__(self, inner: Controller, first: list[Architecture]):
        super().__init__(inner)
        self.first = first
        self._asked = 0

    def ask(self) -> Architecture:
        if self._asked < len(self.first):
            self._asked += 1
            architecture = self.first[self._asked - 1]
            self.inner.pending[architecture] = None  # so that the controller does not ask it in the same batch
            return architecture
        return self.inner.ask()
