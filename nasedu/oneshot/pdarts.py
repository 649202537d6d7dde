"""P-DARTS: DARTS in three stages, each with a deeper network and fewer operations on an edge.

Chen, Xie, Wu, Tian, "Progressive Differentiable Architecture Search: Bridging the Depth Gap between Search and
Evaluation", ICCV 2019, sections 3.2 and 3.3, and the authors' code. Lesson 11.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import Architecture, BadValue, derive_seed
from nasedu.oneshot.darts import Darts, DartsStep
from nasedu.oneshot.edges import SKIP, Edges
from nasedu.oneshot.search_state import SearchState, check_about

SHARES_OF_OPERATIONS = (1, 5 / 8, 3 / 8)
"""Of eight operations the paper keeps 8, 5 and 3."""
DEPTHS = (1, 2, 3)
"""Times the cells of the space; the paper has 5, 11 and 17."""


class PDartsStep(NamedTuple):
    """One step of P-DARTS: the stage, from 1, the operations that edges still have, and the step of DARTS in it."""

    stage: int
    kept: np.ndarray
    step: DartsStep


class PDarts:
    """DARTS three times: the network grows from stage to stage, and each edge loses its operations of least share.

    Weights and alpha begin again in each stage. Two rules hold skip connections back. Within a stage, dropout behind
    each skip falls (`Settings.skip_dropout`). At the end, the normal cell keeps at most `most_skips` of them.

    Args:
        space: a cell-201 or darts space; its number of cells is that of the first stage.
        task: with examples.
        operations: how many an edge has in each stage; None for all, 5/8 and 3/8 of them.
        cells: of the network in each stage; None for 1, 2 and 3 times those of the space.
        dropout: behind skips, when alpha begins to learn in each stage (the paper's for CIFAR-10; it has 0.1, 0.2, 0.3
            for CIFAR-100, and the authors' README 0.1, 0.4, 0.7).
        most_skips: of the normal cell, or of NAS-Bench-201's only cell; None for no cap.
        warm: of each stage, the share in which the weights are alone (the code: 10 of 25 epochs).
        steps: of each stage.
        seed, **settings: as for `Darts`.

    Raises:
        BadValue: not three stages, or operations that grow from stage to stage.
    """

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        operations: Sequence[int] | None = None,
        cells: Sequence[int] | None = None,
        dropout: Sequence[float] = (0.0, 0.4, 0.7),
        most_skips: int | None = 2,
        warm: float = 0.4,
        steps: int = 100,
        seed: int = 0,
        **settings: Any,
    ):
        self.edges = Edges(space)
        everything = len(self.edges.operations)
        self.operations = tuple(operations or (max(2, round(everything * part)) for part in SHARES_OF_OPERATIONS))
        self.cells = tuple(cells or (space.cells * times for times in DEPTHS))
        self.dropout, self.most_skips = tuple(dropout), most_skips
        if {len(self.operations), len(self.cells), len(self.dropout)} != {3}:
            raise BadValue(
                "P-DARTS has three stages: give operations, cells and dropout three numbers each; given "
                f"{self.operations}, {self.cells} and {self.dropout}"
            )
        if not everything == self.operations[0] >= self.operations[1] >= self.operations[2] >= 2:
            raise BadValue(
                f"operations begin at {everything}, never grow, and end at 2 or more; given {self.operations}"
            )
        if not all(0 <= share < 1 for share in self.dropout):
            raise BadValue(f"dropout is a share in each stage, at least 0 and less than 1; given {self.dropout}")
        if not 0 <= warm < 1:
            raise BadValue(f"warm is a share of a stage, at least 0 and less than 1; given {warm!r}")
        self.space, self.task, self.seed = space, task, seed
        self.settings = {**settings, "steps": steps, "warm": round(warm * steps)}
        self.stage = 0
        self.search = self._search(self.edges.all_kept())

    def _search(self, kept: np.ndarray) -> Darts:
        deeper = replace(self.space, cells=self.cells[self.stage])
        seed = derive_seed(self.seed, "stage", self.stage)
        return Darts(
            deeper, self.task, kept=kept, seed=seed, **{**self.settings, "skip_dropout": self.dropout[self.stage]}
        )

    def run(self) -> Iterator[PDartsStep]:
        """Yield each step that is still to do, of all stages."""
        while True:
            for step in self.search.run():
                yield PDartsStep(self.stage + 1, self.search.mixture.kept, step)
            if self.stage == len(self.cells) - 1:
                return
            kept = dropped(self.edges, self.search.shares(), self.search.mixture.kept, self.operations[self.stage + 1])
            self.stage += 1
            self.search = self._search(kept)

    def derived(self) -> Architecture:
        """Return the architecture of the largest shares of this stage, with no more skip connections than allowed."""
        return capped(self.edges, self.search.shares(), self.search.mixture.kept, self.most_skips)

    # ------------------------------------------------------------------ stop and resume

    def about(self) -> dict[str, Any]:
        """Return what the search is of, as plain data."""
        settings = {"operations": self.operations, "cells": self.cells, "dropout": self.dropout}
        return {"method": "PDarts", "seed": self.seed, **settings, "most_skips": self.most_skips}

    def state(self) -> SearchState:
        """Return where the search is now: the stage, and where DARTS is in it."""
        inner = self.search.state()
        tensors = {**inner.tensors, "kept": torch.from_numpy(self.search.mixture.kept)}
        return SearchState(tensors, self.about(), {"stage": self.stage, "about": inner.about, "plain": inner.plain})

    def restore(self, state: SearchState) -> None:
        """Go back to where a search was. Raise Mismatch if that was another search; this one is then as it was."""
        check_about(state.about, self.about())
        before = self.stage, self.search
        self.stage = state.plain["stage"]
        try:
            self.search = self._search(state.tensors["kept"].numpy())
            self.search.restore(SearchState(state.tensors, state.plain["about"], state.plain["plain"]))
        except BaseException:
            self.stage, self.search = before
            raise


def dropped(edges: Edges, shares: np.ndarray, kept: np.ndarray, count: int) -> np.ndarray:
    """Return the operations that edges keep for the next stage: on each edge the `count` of the largest shares.

    At least one of them is an operation that a derived cell may have.
    """
    after = np.zeros_like(kept)
    derivable = edges.derivable(kept)
    for row, values in enumerate(np.where(kept, shares, -np.inf)):
        order = np.argsort(-values, kind="stable")
        after[row, order[:count]] = True
        if not (after[row] & derivable[row]).any():
            best = next(column for column in order if derivable[row, column])
            after[row, [order[count - 1], best]] = False, True
    return after & kept


def capped(edges: Edges, shares: np.ndarray, kept: np.ndarray, most: int | None) -> Architecture:
    """Return the architecture of the largest shares, of which the normal cell has at most `most` skip connections.

    While it has more, the skip of least share among them loses its share, and the cell is derived again (the authors'
    code). An edge that has no other operation keeps its skip.
    """
    shares, kept = shares.copy(), kept.copy()
    architecture = edges.derive(shares, kept)
    if most is None or SKIP not in edges.operations:
        return architecture
    column = edges.operations.index(SKIP)
    while edges.skips(architecture, kinds=[0]) > most:
        chosen = edges.chosen(architecture)
        rows = [row for row, edge in enumerate(edges.rows) if edge.kind == 0 and chosen.get(edge) == SKIP]
        free = [row for row in rows if edges.derivable(kept)[row].sum() > 1]
        if not free:
            break
        least = min(free, key=lambda row: shares[row, column])
        kept[least, column] = False
        architecture = edges.derive(shares, kept)
    return architecture
