"""NAS-Bench-201's space: one small cell, repeated in a fixed network.

Dong, Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", ICLR 2020, section 2.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from nasedu.core import Architecture, BadArchitecture
from nasedu.spaces import cell_drawing
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import FixedWalk
from nasedu.spaces.sharing import Shared
from nasedu.spaces.validation import check_positive, why_no_image

if TYPE_CHECKING:
    from torch import nn

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""(from, to), in the order of the paper's strings."""
ZERO = "#"


@dataclass(repr=False, eq=False, kw_only=True)
class Cell201(FixedWalk):
    """NAS-Bench-201's cell: 5 operations on 6 edges between 4 nodes, 15,625 cells.

    An architecture names the operation on each edge, ordered by the node that the edge leads to: 0→1, 0→2, 1→2, 0→3,
    1→3, 2→3. `("nor_conv_3x3", "none", "nor_conv_3x3", "skip_connect", "none", "skip_connect")` is two convolutions
    with a shortcut around them. Node 0 is the cell's input, every other node the sum of its edges, node 3 the
    output. `nor_conv` is ReLU, convolution, batch normalisation.

    The network: a 3x3 convolution; three stages of cells, with 1, 2 and 4 times the width; between stages a residual
    block that halves the image; normalisation, ReLU, global average pooling, one linear layer.

    The state is the number of edges whose operation is chosen: the open choices never depend on earlier choices.

    Args:
        input_shape: (channels, height, width) of one image.
        outputs: numbers that the network gives (classes, for classification).
        width: channels in the first stage (the paper: 16).
        cells: in each stage (the paper: 5).
        drop_zeros: which cells `canonical` counts as equal. False: the authors' rule, 6,466 classes. True: the rule
            also drops zeros from sums, 5,390 classes.
    """

    name = "cell-201"
    reads = staticmethod(why_no_image)
    decisions = (OPERATIONS,) * len(EDGES)

    width: int = 8
    cells: int = 1
    drop_zeros: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.name, width=self.width, cells=self.cells)
        self.drop_zeros = bool(self.drop_zeros)

    # ------------------------------------------------------------------ the decision process

    def explain(self, state: int, choice: Choice) -> str:
        start, end = EDGES[state]
        return f"{choice!r} is no operation for the edge from node {start} to node {end}"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return the cell that makes a residual network; the benchmark's authors mark it in their figures."""
        return (("nor_conv_3x3", "none", "nor_conv_3x3", "skip_connect", "none", "skip_connect"),)

    # ------------------------------------------------------------------ the paper's strings

    def to_string(self, architecture: Architecture) -> str:
        """Return the paper's form, such as `|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|`."""
        self.check_architecture(architecture)
        edges = list(zip(architecture, EDGES, strict=True))
        nodes = ["".join(f"|{name}~{start}" for name, (start, end) in edges if end == node) for node in (1, 2, 3)]
        return "+".join(f"{node}|" for node in nodes)

    def from_string(self, text: str) -> Architecture:
        """Return the architecture of a string in the paper's form. Raise BadArchitecture for any other string."""
        names = tuple(re.findall(r"\|?([^|~+\s]+)~\d", text))
        if len(names) != len(EDGES) or not set(names) <= set(OPERATIONS) or self.to_string(names) != text:
            raise BadArchitecture(
                f"{text!r} is no cell of NAS-Bench-201; expected |op~0|+|op~0|op~1|+|op~0|op~1|op~2| with op one of "
                f"{', '.join(OPERATIONS)}"
            )
        return names

    def draw_cell(self, choices: Sequence[Choice]) -> str:
        names = tuple(choices)
        self.check_architecture((*names, *("none",) * (len(EDGES) - len(names))))
        return cell_drawing.svg(EDGES, names)

    def paths(self, architecture: Architecture) -> list[tuple[str, ...]]:
        """Return the operations along each path from node 0 to node 3; one over "none" carries nothing, and is no path.

        See `nasedu.spaces.paths`. There are four ways through the edges, so a cell has at most four paths.
        """
        self.check_architecture(architecture)
        ways = ((3,), (0, 4), (1, 5), (0, 2, 5))  # places in EDGES
        named = [tuple(architecture[edge] for edge in way) for way in ways]
        return [path for path in named if "none" not in path]

    # ------------------------------------------------------------------ equal cells

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the first cell, in the order of `enumerate`, that is equal by the rule of `signature`."""
        self.check_architecture(architecture)
        return self._first[signature(architecture, self.drop_zeros)]

    @cached_property
    def _first(self) -> dict[str, Architecture]:
        """Return the first cell of each class: one pass over all 15,625 cells takes a fraction of a second, once."""
        first: dict[str, Architecture] = {}
        for architecture in product(OPERATIONS, repeat=len(EDGES)):
            first.setdefault(signature(architecture, self.drop_zeros), architecture)
        return first

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        from nasedu.spaces.cells import NAS_BENCH_201, Cell, conv_norm, nodes_of, residual_reduction
        from nasedu.spaces.layers import GlobalAverage

        self.check_architecture(architecture)
        edges: list[list[tuple[str, int]]] = [[], [], []]
        for name, (start, end) in zip(architecture, EDGES, strict=True):
            edges[end - 1].append((name, start))
        width = self.width
        layers: list[nn.Module] = [conv_norm(self.input_shape[0], width, 3)]
        for stage in range(3):
            if stage:
                layers.append(residual_reduction(width, 2 * width))
                width *= 2
            layers += [Cell(nodes_of(edges, NAS_BENCH_201, width), joined=False) for _ in range(self.cells)]
        layers += [nn.BatchNorm2d(width), nn.ReLU(), GlobalAverage()]
        return nn.Sequential(*layers, nn.Linear(width, self.outputs))

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return the weights of each operation on each edge of each cell."""
        operations = {f"nodes.{end - 1}.{start}": name for name, (start, end) in zip(architecture, EDGES, strict=True)}
        return {
            f"{cell}.{edge}": Shared(f"cell {cell}/{edge}/{name}")
            for cell, layer in network.named_children()
            if hasattr(layer, "nodes")
            for edge, name in operations.items()
            if name != "none"
        }


def signature(architecture: Sequence[str], drop_zeros: bool) -> str:
    """Return a cell's output, written as a formula of its input; cells with the same formula count as equal.

    The rule is exactly that of the authors' code (`to_unique_str`): the order in which it writes and sorts the terms
    decides which sums are equal. 0 is the input and # is zero. A skip passes its node on, an operation on # is #,
    and the terms of a sum are sorted, because their order does not matter. With `drop_zeros`, a sum omits its # terms.

    The rule errs in both directions. It does not see that # + # is #, nor all regroupings of a sum: then it counts
    equal cells as different. It does not see whether two equal terms are one convolution or two: then it counts
    different cells as equal. In a trained network, a convolution of zeros is a learned constant, because
    normalisation adds one.
    """
    nodes = ["0"]
    edges = iter(architecture)
    for node in (1, 2, 3):
        terms = [_term(next(edges), nodes[source]) for source in range(node)]
        if drop_zeros:
            terms = [term for term in terms if term != ZERO] or [ZERO]
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def _term(operation: str, node: str) -> str:
    if operation == "none" or node == ZERO:
        return ZERO
    return node if operation == "skip_connect" else f"({node})@{operation}"
