"""The space of DARTS: two cells, one that keeps the image's size and one that halves it.

Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, sections 2.1 and 3.1 and appendix A.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import Architecture, BadArchitecture
from nasedu.spaces import darts_drawing
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.sharing import Shared
from nasedu.spaces.validation import check_names, check_positive, why_no_image

if TYPE_CHECKING:
    from torch import nn

OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
"""The eight operations of DARTS's code, in its order; `nasedu.spaces.cells.DARTS` maps each name to its layer."""
CELLS = ("normal", "reduction")
INPUTS = 2


class DartsState(NamedTuple):
    """The place of the next decision."""

    cell: int  # 0 normal, 1 reduction, 2 complete
    node: int  # the node that is being decided; 0 and 1 are the cell's inputs
    first: int = -1  # where the node's first edge comes from; -1 while it has none


class Genotype(NamedTuple):
    """Both cells: for each node its two edges, (operation, earlier node)."""

    normal: tuple[tuple[tuple[str, int], ...], ...]
    reduction: tuple[tuple[tuple[str, int], ...], ...]


@dataclass(repr=False, eq=False, kw_only=True)
class Darts(LabelSpace):
    """DARTS's cells: 2 inputs, 4 nodes, 8 operations, 2 edges a node; a normal and a reduction cell.

    An architecture names the edges of the normal cell's nodes, then those of the reduction cell's:
    `("sep_conv_3x3~0", "skip_connect~1", ...)`, 16 in all. `op~0` and `op~1` start at the cell's inputs (the outputs
    of the two cells before), `op~2` at its first node. A node is the sum of its two edges. They start at different
    nodes, the earlier one named first. The cell's output is the concatenation of all nodes.

    `none`, the eighth operation, gives zeros: the edge does not exist. The paper uses it in the search, but never in
    the final cell. Remove it from `operations` for the paper's 180 x 7^8 = 10^9 cells of each kind.

    The network: a 3x3 convolution, then cells; global average pooling, one linear layer. The cell after one third and
    the cell after two thirds are reduction cells, which double the channels. The auxiliary head and drop-path, which
    the paper adds for its final training, are omitted.

    Args:
        input_shape: (channels, height, width) of one image.
        outputs: numbers that the network gives (classes, for classification).
        cells: in the network (the paper: 8 in the search, 20 in the end).
        width: channels of a node in the first cell (the paper: 16 and 36).
        nodes: of a cell, its inputs not counted (the paper: 4).
        operations: of an edge, to choose from.
    """

    name = "darts"
    reads = staticmethod(why_no_image)

    cells: int = 3
    width: int = 4
    nodes: int = 4
    operations: Sequence[str] = OPERATIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.name, cells=self.cells, width=self.width, nodes=self.nodes)
        check_names(self.name, "operations", self.operations, OPERATIONS)

    # ------------------------------------------------------------------ the decision process

    def start(self) -> DartsState:
        return DartsState(0, INPUTS)

    def choices(self, state: DartsState) -> tuple[Choice, ...]:
        if state.cell == len(CELLS):
            return ()
        return tuple(f"{name}~{source}" for source in self._sources(state) for name in self.operations)

    def _sources(self, state: DartsState) -> range:
        """Return where the next edge may start; each pair of edges occurs once, the earlier start first."""
        if state.first < 0:
            return range(state.node - 1)
        return range(state.first + 1, state.node)

    def step(self, state: DartsState, choice: Choice) -> DartsState:
        if state.first < 0:
            return state._replace(first=_source(choice))
        if state.node + 1 < INPUTS + self.nodes:
            return DartsState(state.cell, state.node + 1)
        return DartsState(state.cell + 1, INPUTS)

    def key(self, state: DartsState) -> Hashable:
        """Return the cell, the node, and which of its two edges is next.

        The open choices are known without the start of the first edge, and the best choice depends on it only little.
        """
        return (state.cell, state.node, state.first >= 0)

    def explain(self, state: DartsState, choice: Choice) -> str:
        name, _, source = choice.rpartition("~")
        if name not in self.operations or not source.isdigit():
            return f"{choice!r} is no edge of this space: operation~node, with one of {', '.join(self.operations)}"
        where = f"{choice!r} cannot lead to node {state.node} of the {CELLS[state.cell]} cell"
        if int(source) >= state.node:
            return f"{where}: an edge starts at an earlier node (0 to {state.node - 1})"
        if state.first < 0:
            return f"{where} as its first edge: the second starts at a later node than the first, and none is left"
        return (
            f"{where} as its second edge: it starts at a later node than the first edge, which starts at {state.first}"
        )

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return the cells in which every node reads both inputs through separable 3x3 convolutions."""
        if "sep_conv_3x3" not in self.operations:
            return ()
        return (("sep_conv_3x3~0", "sep_conv_3x3~1") * (len(CELLS) * self.nodes),)

    # ------------------------------------------------------------------ cells without networks

    def genotype(self, architecture: Architecture) -> Genotype:
        """Return the two cells, in the notation of the paper's code."""
        self.check_architecture(architecture)
        edges = [(choice.rpartition("~")[0], _source(choice)) for choice in architecture]
        nodes = [tuple(edges[i : i + 2]) for i in range(0, len(edges), 2)]
        return Genotype(tuple(nodes[: self.nodes]), tuple(nodes[self.nodes :]))

    def from_genotype(self, genotype: Genotype) -> Architecture:
        """Return the architecture of two cells; a node's edges in any order. Raise BadArchitecture if it has none."""
        try:
            nodes = [sorted(node, key=lambda edge: edge[1]) for cell in genotype for node in cell]
            architecture = tuple(f"{name}~{source}" for node in nodes for name, source in node)
        except (TypeError, ValueError) as error:
            raise BadArchitecture(
                f"a genotype is two cells of nodes ((operation, node), (operation, node)); given {genotype!r}"
            ) from error
        self.check_architecture(architecture)
        return architecture

    def draw_cell(self, choices: Sequence[Choice]) -> str:
        state = self.start()
        for choice in choices:
            if choice not in self.moves(state):
                self.walk(choices)  # raises, with the reason
            state = self.step(state, choice)
        edges = [(choice.rpartition("~")[0], _source(choice)) for choice in choices]
        halves = edges[: 2 * self.nodes], edges[2 * self.nodes :]
        begun = [(f"{title} cell", half) for title, half in zip(CELLS, halves, strict=True) if half]
        return darts_drawing.svg(begun) if begun else ""

    def reductions(self) -> tuple[int, ...]:
        """Return the places of the reduction cells in the network."""
        return tuple(i for i in range(self.cells) if i in (self.cells // 3, 2 * self.cells // 3))

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from nasedu.spaces.cells import DartsNetwork

        genotype = self.genotype(architecture)
        return DartsNetwork(
            self.input_shape[0],
            self.outputs,
            width=self.width,
            kinds=[genotype.reduction if i in self.reductions() else genotype.normal for i in range(self.cells)],
            reductions=self.reductions(),
        )

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return the weights of each operation on each edge of each cell of the network."""
        genotype, shared = self.genotype(architecture), {}
        for cell in range(self.cells):
            nodes = genotype.reduction if cell in self.reductions() else genotype.normal
            for node, edges in enumerate(nodes):
                for name, source in edges:
                    if name != "none":
                        edge = f"cells.{cell}.cell.nodes.{node}.{source}"
                        shared[edge] = Shared(f"{edge}/{name}")
        return shared


def _source(choice: Choice) -> int:
    return int(choice.rpartition("~")[2])
