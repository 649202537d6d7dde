"""The edges of a space's cells, a row of numbers for each: the table that a differentiable search fills.

Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, sections 2.1 and 2.4.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nasedu.core import Architecture, Mismatch
from nasedu.spaces import cell_201, darts

SKIP, NONE = "skip_connect", "none"


class Edge(NamedTuple):
    """An edge of a cell: the kind of cell, the node that it leads to, the node where it starts; the input is 0."""

    kind: int
    node: int
    source: int


class Edges:
    """The edges of a space and the operations that each may have.

    All tables here have a row for each edge and a column for each operation.

    Args:
        space: a `Cell201` or `Darts`, or a space that inherits from one of them.

    Attributes:
        rows: the edges, in order.
        operations: the names of the columns.
        kinds: the names of the kinds of cell.

    Raises:
        Mismatch: a space without edges, or one in which every edge must be `none`.
    """

    def __init__(self, space: Any):
        self.space = space
        self.rows: tuple[Edge, ...]
        if isinstance(space, darts.Darts):
            self.kinds: tuple[str, ...] = darts.CELLS
            self.inputs, self.operations = darts.INPUTS, tuple(space.operations)
            nodes = range(self.inputs, self.inputs + space.nodes)
            self.rows = tuple(Edge(kind, node, start) for kind in (0, 1) for node in nodes for start in range(node))
        elif isinstance(space, cell_201.Cell201):
            self.kinds, self.inputs, self.operations = ("cell",), 1, cell_201.OPERATIONS
            self.rows = tuple(Edge(0, node, start) for start, node in cell_201.EDGES)
        else:
            raise Mismatch(
                f"the space {getattr(space, 'title', space)!r} has no edges to mix operations on; a differentiable "
                "search needs cell-201 or darts"
            )
        if self.chosen_pairs and set(self.operations) == {NONE}:
            raise Mismatch("the space 'darts' has the operation 'none' alone, which no derived cell takes: give others")

    @property
    def chosen_pairs(self) -> bool:
        """Return whether a node keeps only two of its edges, and never one of `none`, as in DARTS."""
        return isinstance(self.space, darts.Darts)

    def all_kept(self) -> np.ndarray:
        """Return the table in which every edge may have every operation."""
        return np.ones((len(self.rows), len(self.operations)), bool)

    # ------------------------------------------------------------------ from numbers to a cell

    def derive(self, values: np.ndarray, kept: np.ndarray | None = None) -> Architecture:
        """Return the architecture of the largest values: on each edge the largest operation.

        In DARTS's space, a node keeps the two edges whose largest operation is largest, and `none` is never taken
        (section 2.4). In NAS-Bench-201's space all edges stay and `none` may win, as in the authors' code. On a tie,
        the first wins.

        Args:
            values: (edges, operations).
            kept: the operations that an edge still has; None for all.
        """
        best = self.best(values, kept)
        if not self.chosen_pairs:
            return tuple(self.operations[column] for column, _ in best)
        architecture: list[str] = []
        for rows in self.nodes():
            two = sorted(sorted(rows, key=lambda row: -best[row][1])[:2])
            architecture += [f"{self.operations[best[row][0]]}~{self.rows[row].source}" for row in two]
        return tuple(architecture)

    def best(self, values: np.ndarray, kept: np.ndarray | None = None) -> list[tuple[int, float]]:
        """Return for each edge the operation of the largest value among those that may be derived, and that value."""
        values = np.where(self.derivable(kept), values, -np.inf)
        return [(int(row.argmax()), float(row.max())) for row in values]

    def derivable(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Return which operations an edge of a derived cell may have, (edges, operations)."""
        allowed = self.all_kept() if kept is None else kept.copy()
        if self.chosen_pairs and NONE in self.operations:
            allowed[:, self.operations.index(NONE)] = False
        return allowed

    def nodes(self) -> Iterator[list[int]]:
        """Yield for each node of each kind of cell the rows of the edges that lead to it."""
        for kind, node in dict.fromkeys((edge.kind, edge.node) for edge in self.rows):
            yield [row for row, edge in enumerate(self.rows) if (edge.kind, edge.node) == (kind, node)]

    # ------------------------------------------------------------------ from a cell to numbers

    def chosen(self, architecture: Architecture) -> dict[Edge, str]:
        """Return the operation of each edge that an architecture has."""
        self.space.check_architecture(architecture)
        if not self.chosen_pairs:
            return dict(zip(self.rows, architecture, strict=True))
        genotype = self.space.genotype(architecture)
        return {
            Edge(kind, node, source): name
            for kind, nodes in enumerate(genotype)
            for node, edges in enumerate(nodes, self.inputs)
            for name, source in edges
        }

    def one_hot(self, architecture: Architecture) -> np.ndarray:
        """Return the shares with which a mixture computes one architecture: 1 for each of its operations, else 0."""
        shares = np.zeros((len(self.rows), len(self.operations)), np.float32)
        for edge, name in self.chosen(architecture).items():
            shares[self.rows.index(edge), self.operations.index(name)] = 1
        return shares

    def skips(self, architecture: Architecture, kinds: Sequence[int] | None = None) -> int:
        """Return how many edges are skip connections, in all kinds of cell or only in some."""
        chosen = self.chosen(architecture).items()
        return sum(name == SKIP and (kinds is None or edge.kind in kinds) for edge, name in chosen)

    # ------------------------------------------------------------------ where cells stand in a network

    def cell(self, place: int) -> tuple[int, int]:
        """Return the kind of a network's cell, by its place, and the channels of each of its nodes."""
        if not self.chosen_pairs:
            return 0, self.space.width * 2 ** (place // self.space.cells)
        reductions = self.space.reductions()
        return int(place in reductions), self.space.width * 2 ** sum(r <= place for r in reductions)

    def stride(self, edge: Edge) -> int:
        """Return the step of an edge over the image: 2 from the inputs of a reduction cell."""
        return 2 if self.chosen_pairs and edge.kind == 1 and edge.source < self.inputs else 1
