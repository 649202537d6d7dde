"""Recurrent networks: the cell, the number of layers, the width, the reading direction, and the pooling over time.

Simple: Elman, "Finding Structure in Time", Cognitive Science 1990. LSTM: Hochreiter, Schmidhuber, "Long Short-Term
Memory", Neural Computation 1997. GRU: Cho et al., EMNLP 2014. Both directions: Schuster, Paliwal, IEEE Transactions on
Signal Processing 1997.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasedu.core import Architecture
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import FixedWalk
from nasedu.spaces.validation import check_names, check_sizes, why_no_sequence

if TYPE_CHECKING:
    from torch import nn

RECURRENT_CELLS = ("simple", "gru", "lstm")
DIRECTIONS = ("forward", "both")
POOLING = ("last", "mean", "max")
DECISIONS = ("the cell", "the number of layers", "the width", "the direction", "the pooling over time")


@dataclass(repr=False, eq=False, kw_only=True)
class Recurrent(FixedWalk):
    """Recurrent networks over sequences; an image is read row by row.

    An architecture: `("gru", "layers1", "width32", "both", "mean")`. Its five choices:

    - the cell;
    - the number of layers;
    - the width: numbers in a layer's state;
    - the direction: forward only, or also backwards by a second network;
    - the input of the last linear layer: the state after the last step, or the mean or maximum over all steps.

    The state, which is also what a tabular learner sees, is the number of decisions made: the open choices never
    depend on earlier choices.

    Args:
        input_shape: (time, features), or (channels, height, width): then time is the height.
        outputs: numbers that the network gives (classes, for classification).
        cells: of "simple", "gru" and "lstm".
        layers: numbers of layers, to choose from.
        widths: of a layer, to choose from.
        directions: of "forward" and "both".
        pooling: of "last", "mean" and "max".
    """

    name = "recurrent"
    reads = staticmethod(why_no_sequence)

    cells: tuple[str, ...] = RECURRENT_CELLS
    layers: Sequence[int] = (1, 2)
    widths: Sequence[int] = (16, 32, 64)
    directions: tuple[str, ...] = DIRECTIONS
    pooling: tuple[str, ...] = POOLING

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(self.name, layers=self.layers, widths=self.widths)
        check_names(self.name, "cells", self.cells, RECURRENT_CELLS)
        check_names(self.name, "directions", self.directions, DIRECTIONS)
        check_names(self.name, "pooling", self.pooling, POOLING)
        self.decisions = (
            self.cells,
            tuple(f"layers{n}" for n in self.layers),
            tuple(f"width{n}" for n in self.widths),
            self.directions,
            self.pooling,
        )

    # ------------------------------------------------------------------ the decision process

    def explain(self, state: int, choice: Choice) -> str:
        return f"{choice!r} is no answer here: {DECISIONS[state]} is one of {', '.join(self.decisions[state])}"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return a simple network and an LSTM: one layer of the first width over 16, read forward, its last state."""
        width = next((n for n in self.widths if n > 16), self.widths[0])
        wanted = [(cell, "layers1", f"width{width}", "forward", "last") for cell in ("simple", "lstm")]
        return tuple(a for a in wanted if a in self)

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        from nasedu.spaces import layers as parts

        self.check_architecture(architecture)
        cell, layers, width, direction, pooling = architecture
        depth, units = int(layers.removeprefix("layers")), int(width.removeprefix("width"))
        reader, _, features = parts.steps(self.input_shape)
        both, last = direction == "both", pooling == "last"
        network = parts.Recurrent(cell, features, units, layers=depth, both=both, last=last)
        pool = [] if last else [parts.Pooled(pooling)]
        return nn.Sequential(*reader, network, *pool, nn.Linear(units * (2 if both else 1), self.outputs))
