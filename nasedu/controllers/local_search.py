"""Local search: try the neighbours of the best, move to the first that is better, restart at a local optimum.

White, Nolen, Savani, "Exploring the Loss Landscape in Neural Architecture Search", UAI 2021, algorithm 1. They found
it a strong baseline where the scores carry little noise.
"""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture


class LocalSearch(Controller):
    """Hill climbing with restarts; it never asks the same architecture twice.

    It has one current architecture, and asks its neighbours (`space.neighbours`) in a random order. As soon as one of
    them is better, this neighbour becomes the current one. If none is better, the current one is a local optimum, and
    the search restarts at a random architecture. `all_first=True` is the paper's variant, which asks all neighbours
    before it moves.

    Args:
        space: the space to choose from.
        all_first: ask all neighbours before moving to the best of them.
    """

    name = "local-search"

    def __init__(self, space: Any, *, seed: int = 0, all_first: bool = False):
        super().__init__(space, seed=seed)
        self.all_first = all_first
        self._here: Architecture | None = None
        self._height = float("-inf")
        self._better: tuple[Architecture, float] | None = None  # the best neighbour so far, if better than here
        self._to_ask: list[Architecture] = []
        self._began = False

    def ask(self) -> Architecture:
        self._began = True
        while self._to_ask:
            architecture = self._to_ask.pop()
            if self.is_new(architecture):
                self.pending[architecture] = None
                if self._here is not None:
                    self.parents[architecture] = (self._here,)
                return architecture
        if not self.pending:  # no evaluation is running that could still be better
            if self._better:
                self._move(*self._better)
                return self.ask()
            self._here, self._height = None, float("-inf")
        return self.first_new(lambda _: self.space.sample(self.rng))

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        if reward > max(self._height, self._better[1] if self._better else float("-inf")):
            if self.all_first and self._began and self._here is not None:  # it begins at the best that a prior told
                self._better = (architecture, reward)
            else:
                self._move(architecture, reward)

    def _move(self, architecture: Architecture, reward: float) -> None:
        self._here, self._height, self._better = architecture, reward, None
        neighbours = self.space.neighbours(architecture)
        self._to_ask = [neighbours[i] for i in self.rng.permutation(len(neighbours)).tolist()]
