"""From a trained mixture to one cell: by the largest alpha, or by what is missed most.

Wang, Cheng, Chen, Tang, Hsieh, "Rethinking Architecture Selection in Differentiable NAS" (DARTS-PT), ICLR 2021,
section 4, algorithm 1, and the authors' code. With `frozen=True` in the search alpha was always 0 (their section 5.3).
Lesson 11.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from nasedu.core import Architecture, check_counts, rng_from
from nasedu.oneshot.edges import Edge
from nasedu.oneshot.gdas import Shares
from nasedu.oneshot.mixture_search import Batch, MixtureSearch
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.losses import losses_of


def by_largest_alpha(search: MixtureSearch) -> Architecture:
    """Return the architecture of the largest shares, as DARTS selects it."""
    return search.derived()


class Decision(NamedTuple):
    """One decision of the perturbation, after it.

    Attributes:
        edges: the edge whose operation is decided; or all edges of a node that has too many.
        candidates: the operations of that edge; or the starts of those edges.
        scores: without each candidate, the accuracy of the mixture (regression: its loss, with a minus).
        losses: without each candidate, the loss of the mixture.
        chosen: the operation without which the mixture is worst; or the start of the edge that it misses least, and
            that is removed.
    """

    edges: tuple[Edge, ...]
    candidates: tuple[str, ...]
    scores: tuple[float, ...]
    losses: tuple[float, ...]
    chosen: str


class Perturbation:
    """Select operations by removing each of them once from the trained mixture.

    An edge, drawn at random, gets the operation without which the validation accuracy falls most. The other operations
    of that edge go, the weights are trained a little more, and the next edge follows. In DARTS's space, a node then
    loses one edge after the other, always the one that is missed least, until two are left.

    On equal accuracy the loss decides. The search itself is not changed: this works on a copy of the weights, and alpha
    stays where it is, while the authors' code trains it on. It depends on the search and its seed alone. Therefore a
    resumed search gives the same cell.

        selection = Perturbation(search)
        for decision in selection.run():
            print(decision.edges, decision.chosen)
        selection.derived()

    Args:
        search: a search that is done; by `frozen=True`, its alpha may never have been learned.
        tune: batches for the weights after each decision (the paper: 5 epochs).
        examples: for judging, from the half of the training examples on which alpha was trained.
    """

    def __init__(self, search: MixtureSearch, *, tune: int = 5, examples: int = 512):
        check_counts(0, tune=tune)
        check_counts(2, examples=examples)
        self.search, self.edges, self.tune = search, search.edges, tune
        self.examples = examples
        self.weights = tuple(weight.detach().clone().requires_grad_() for weight in search.weights())
        s = search.settings
        self.optimiser = torch.optim.SGD(  # a tenth of the rate, as in the authors' code
            self.weights, lr=s.weight_rate / 10, momentum=s.weight_momentum, weight_decay=s.weight_decay
        )
        self.shares = search.shares()
        self.kept = search.mixture.kept.copy()
        self.judged_on = search.batch("alpha", examples)._replace(seed=None)
        self.tuned = 0

    def run(self) -> Iterator[Decision]:
        """Yield each decision: first an operation for each edge, then which edges a node keeps."""
        rng = rng_from(self.search.seed, "perturbation")
        for row in rng.permutation(len(self.edges.rows)):
            yield self._decide_operation(int(row))
            self._tune()
        if self.edges.chosen_pairs:
            nodes = list(self.edges.nodes())
            for place in rng.permutation(len(nodes)):
                rows = nodes[place]
                while len(rows) > 2:
                    decision, rows = self._remove_edge(rows)
                    yield decision
                self._tune()

    def derived(self) -> Architecture:
        """Return the architecture of what is left; before the end, what is undecided goes by the largest share."""
        return self.edges.derive(self.shares, self.kept)

    def _decide_operation(self, row: int) -> Decision:
        columns = np.flatnonzero(self.edges.derivable(self.kept)[row])
        judged = [self._judge_without(row, int(column)) for column in columns]
        best = int(columns[min(range(len(columns)), key=lambda n: judged[n])])
        self.kept[row] = False
        self.kept[row, best] = True
        self.shares[row] = self.kept[row]
        names = tuple(self.edges.operations[column] for column in columns)
        return _decision([self.edges.rows[row]], names, judged, self.edges.operations[best])

    def _remove_edge(self, rows: list[int]) -> tuple[Decision, list[int]]:
        judged = [self._judge_without(row, slice(None)) for row in rows]
        worst = rows[max(range(len(rows)), key=lambda n: judged[n])]
        self.kept[worst] = False
        self.shares[worst] = 0
        edges = [self.edges.rows[row] for row in rows]
        starts = tuple(str(edge.source) for edge in edges)
        chosen = str(self.edges.rows[worst].source)
        return _decision(edges, starts, judged, chosen), [row for row in rows if row != worst]

    def _judge_without(self, row: int, columns: int | slice) -> tuple[float, float]:
        """Return what the mixture is worth without some operations of an edge: its score, and its loss with a minus."""
        shares, kept = self.shares.copy(), self.kept.copy()
        shares[row, columns], kept[row, columns] = 0, False
        with torch.no_grad():
            outputs = self.search.outputs(self.weights, self._shares(shares, kept), self.judged_on)
            y = self.judged_on.y
            loss = float(losses_of(self.search.task.kind, outputs, y, Recipe()).mean())
        right = float((outputs.argmax(1) == y).float().mean()) if self.search.task.kind == "classification" else -loss
        return right, -loss

    def _shares(self, shares: np.ndarray, kept: np.ndarray) -> Shares:
        return Shares(torch.from_numpy(shares).to(self.search.device), kept)

    def _tune(self) -> None:
        for _ in range(self.tune):
            batch = self._next_batch()
            self.optimiser.zero_grad()
            self.search.loss_by_shares(self.weights, self._shares(self.shares, self.kept), batch).backward()
            torch.nn.utils.clip_grad_norm_(self.weights, self.search.settings.clip)
            self.optimiser.step()

    def _next_batch(self) -> Batch:
        X, y = self.search.halves["weights"]
        rng = rng_from(self.search.seed, "tuning", self.tuned)
        places = torch.from_numpy(rng.permutation(len(y))[: self.search.settings.batch]).to(X.device)
        self.tuned += 1
        return Batch(X[places], y[places], None)


def _decision(edges: list[Edge], names: tuple[str, ...], judged: list[tuple[float, float]], chosen: str) -> Decision:
    return Decision(
        tuple(edges), names, tuple(score for score, _ in judged), tuple(-loss for _, loss in judged), chosen
    )
