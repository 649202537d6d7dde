"""Recurrent networks: the cell, the number of layers, the width, the reading direction, and the pooling over time.

Simple: Elman, "Finding Structure in Time", Cognitive Science 1990. LSTM: Hochreiter, Schmidhuber, "Long Short-Term
Memory", Neural Computation 1997. GRU: Cho et al., EMNLP 2014. Both directions: Schuster, Paliwal, IEEE Transactions on
Signal Processing 1997.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nasedu.core import Architecture
from nasedu.spaces.base import Choice, Space
from nasedu.spaces.validation import check_counts, check_names, check_shape, check_sizes, why_no_labels, why_no_sequence

if TYPE_CHECKING:
    from torch import nn

RECURRENT_CELLS = ("simple", "gru", "lstm")
DIRECTIONS = ("forward", "both")
POOLING = ("last", "mean", "max")
DECISIONS = ("the cell", "the number of layers", "the width", "the direction", "the pooling over time")


class Recurrent(Space):
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

    def __init__(
        self,
        input_shape: Sequence[int],
        outputs: int,
        *,
        cells: Sequence[str] = RECURRENT_CELLS,
        layers: Sequence[int] = (1, 2),
        widths: Sequence[int] = (16, 32, 64),
        directions: Sequence[str] = DIRECTIONS,
        pooling: Sequence[str] = POOLING,
    ):
        check_shape(self.name, why_no_sequence(input_shape))
        check_counts(self.name, outputs=outputs)
        check_sizes(self.name, layers=layers, widths=widths)
        check_names(self.name, "cells", cells, RECURRENT_CELLS)
        check_names(self.name, "directions", directions, DIRECTIONS)
        check_names(self.name, "pooling", pooling, POOLING)
        self.input_shape = tuple(input_shape)
        self.outputs = outputs
        self.cells = tuple(cells)
        self.layers = tuple(layers)
        self.widths = tuple(widths)
        self.directions = tuple(directions)
        self.pooling = tuple(pooling)
        self._decisions: tuple[tuple[Choice, ...], ...] = (
            self.cells,
            tuple(f"layers{n}" for n in self.layers),
            tuple(f"width{n}" for n in self.widths),
            self.directions,
            self.pooling,
        )

    @classmethod
    def why_unfit(cls, task: Any) -> str:
        return why_no_labels(task.kind) or why_no_sequence(task.input_shape)

    # ------------------------------------------------------------------ the decision process

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return self._decisions[state] if state < len(self._decisions) else ()

    def step(self, state: int, choice: Choice) -> int:
        return state + 1

    def explain(self, state: int, choice: Choice) -> str:
        return f"{choice!r} is no answer here: {DECISIONS[state]} is one of {', '.join(self._decisions[state])}"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return a simple network and an LSTM: one layer of the first width over 16, read forward, its last state."""
        width = next((n for n in self.widths if n > 16), self.widths[0])
        wanted = [(cell, "layers1", f"width{width}", "forward", "last") for cell in ("simple", "lstm")]
        return tuple(a for a in wanted if all(c in d for c, d in zip(a, self._decisions, strict=True)))

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
