"""MetaQNN's space: convolutional networks as a chain of layers, scaled to the task's image.

Baker, Gupta, Naik, Raskar, "Designing Neural Network Architectures using Reinforcement Learning", ICLR 2017,
section 4 and appendix B.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from nasedu.core import Architecture, BadValue
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.validation import why_no_image

if TYPE_CHECKING:
    from torch import nn


class ChainState(NamedTuple):
    """The state of the walk: the information on which the next layer depends."""

    kind: str  # of the last layer: start, conv, pool, dense, gap, stop
    depth: int  # layers so far
    side: int  # shorter side of the representation, in pixels; 0 once it is flat
    dense: int = 0  # dense layers so far
    units: int = 0  # width of the last dense layer


@dataclass(repr=False, eq=False, kw_only=True)
class ChainCNN(LabelSpace):
    """Convolution, pooling, dense layers, global average pooling, stop: MetaQNN's chain.

    An architecture: `("conv3-32", "pool2", "dense64", "stop")`. `conv3-32` is a 3x3 convolution of 32 filters with
    stride 1 that keeps the image's size, then ReLU. `pool2` is 2x2 max pooling; `pool3/2` has a window of 3 and
    stride 2. `dense64` is 64 units and ReLU. `gap` averages each channel over the image. The rules are the paper's:

    - stop from any state; every network ends in one linear layer to the outputs;
    - pooling never first and never after pooling;
    - dense where the representation is small (at most 7 pixels a side), at most two, never wider than the last;
    - after a dense layer only dense or stop; after global average pooling only stop.

    The paper's sizes are for images of 32 pixels. Here windows over half the image's side are omitted (on 8x8
    digits: 5x5 convolutions and pooling), and widths and depth have small defaults.

    Args:
        input_shape: (channels, height, width) of one image.
        outputs: numbers that the network gives (classes, for classification).
        depth: greatest number of layers, the last linear one not counted (the paper: 12 or 18).
        filters: of a convolution, to choose from (the paper: 64 to 512).
        kernels: sides of a convolution's window, to choose from.
        pools: (window, stride) of pooling, to choose from.
        dense: units of a dense layer, to choose from (the paper: 512, 256, 128).
        dense_side: greatest side of a representation that a dense layer may follow (the paper: 7).
        batch_norm: normalise after each convolution, before ReLU.
        dropout: probability of dropping a unit after each dense layer and each pooling; 0 for none.
    """

    name = "chain-cnn"
    reads = staticmethod(why_no_image)

    depth: int = 6
    filters: Sequence[int] = (16, 32, 64)
    kernels: Sequence[int] = (1, 3, 5)
    pools: Sequence[tuple[int, int]] = ((5, 3), (3, 2), (2, 2))
    dense: Sequence[int] = (128, 64, 32)
    dense_side: int = 7
    batch_norm: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.depth < 1:
            raise BadValue(f"chain-cnn needs depth >= 1; given {self.depth}")
        if not all(kernel % 2 and kernel > 0 for kernel in self.kernels):
            raise BadValue(f"chain-cnn keeps the image's size, so kernels are odd and positive; given {self.kernels}")
        if not all(len(pool) == 2 and min(pool) >= 1 for pool in self.pools):
            raise BadValue(f"chain-cnn needs pools of (window, stride), each at least 1; given {self.pools}")
        if not self.filters or min(*self.filters, *self.dense, 1) < 1:
            raise BadValue(f"chain-cnn needs positive widths; given filters={self.filters}, dense={self.dense}")
        if self.dense_side < 1:
            raise BadValue(f"chain-cnn needs dense_side >= 1; given {self.dense_side}")
        if not 0 <= self.dropout < 1:
            raise BadValue(f"dropout is a probability from 0 to below 1; given {self.dropout}")
        self.pools = tuple((window, stride) for window, stride in self.pools)

        half = max(min(self.input_shape[1:]) // 2, 1)
        self._convs = {f"conv{k}-{f}": (k, f) for k in self.kernels if k <= half for f in self.filters}
        self._pools = {_pool_name(w, s): (w, s) for w, s in self.pools if w <= half}
        self._dense = {f"dense{units}": units for units in self.dense}

    @classmethod
    def why_unfit(cls, task: Any) -> str:
        if task.kind not in ("classification", "regression"):
            return f"convolutions here read images, and this is a {task.kind} task"
        return why_no_image(task.input_shape)

    # ------------------------------------------------------------------ the decision process

    def start(self) -> ChainState:
        return ChainState("start", 0, min(self.input_shape[1:]))

    def choices(self, state: ChainState) -> tuple[Choice, ...]:
        if state.kind == "stop":
            return ()
        layers = (*self._convs, *self._pools, *self._dense, "gap")
        return (*(layer for layer in layers if not self._objection(state, layer)), "stop")

    def step(self, state: ChainState, choice: Choice) -> ChainState:
        depth = state.depth + 1
        if choice in self._convs:
            return ChainState("conv", depth, state.side)
        if choice in self._pools:
            return ChainState("pool", depth, pooled(state.side, *self._pools[choice]))
        if choice in self._dense:
            return ChainState("dense", depth, 0, state.dense + 1, self._dense[choice])
        return ChainState("gap", depth, 0) if choice == "gap" else ChainState("stop", state.depth, 0)

    def _objection(self, state: ChainState, layer: Choice) -> str:
        """Return why a layer cannot follow, in words; empty if it can."""
        if state.depth == self.depth:
            return f"the network has {state.depth} layers, the most that this space allows, so only stop remains"
        if state.kind == "gap":
            return "after global average pooling only stop may follow"
        if layer in self._dense:
            return self._objection_to_dense(state, self._dense[layer])
        if state.kind == "dense":
            return "after a dense layer there is no image left to look at, so only dense layers or stop may follow"
        if layer in self._pools:
            return self._objection_to_pool(state, self._pools[layer][0])
        if layer in self._convs and self._convs[layer][0] > max(state.side, 1):
            return f"its window is larger than the representation ({state.side} pixels a side)"
        return ""

    def _objection_to_dense(self, state: ChainState, units: int) -> str:
        if state.dense == 2:
            return "two dense layers are the most"
        if state.dense and units > state.units:
            return f"a dense layer is never wider than the one before it ({state.units} units)"
        if not state.dense and state.side > self.dense_side:
            return (
                f"the image is still {state.side} pixels wide, and dense layers may follow at "
                f"{self.dense_side} or fewer"
            )
        return ""

    def _objection_to_pool(self, state: ChainState, window: int) -> str:
        if state.kind == "start":
            return "pooling is never the first layer, for there are no features to pool yet"
        if state.kind == "pool":
            return "pooling never follows pooling"
        if window > state.side:
            return f"its window is larger than the representation ({state.side} pixels a side)"
        return ""

    def explain(self, state: ChainState, choice: Choice) -> str:
        if choice in self._convs or choice in self._pools or choice in self._dense or choice == "gap":
            return f"{choice!r} cannot follow: {self._objection(state, choice)}"
        return f"{choice!r} is no layer of this space"

    def key(self, state: ChainState) -> Hashable:
        """Return MetaQNN's state: kind of the last layer, depth, size in three bins, dense layers so far."""
        return (state.kind, state.depth, size_bin(state.side), state.dense)

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return at most two simple networks, of the space's own widths: a 3x3 convolution, 2x2 pooling, a dense layer.

        With its defaults that is 32 or 64 filters, and 64 or 128 units. Convolution and pooling are repeated until the
        image is small enough for a dense layer.
        """
        side, repeats = min(self.input_shape[1:]), 0
        while side > self.dense_side:
            side, repeats = pooled(side, 2, 2), repeats + 1
        filters, dense = sorted(self.filters)[-2:], sorted(self.dense)[-2:]
        widths = zip(filters[-len(dense) :], dense[-len(filters) :], strict=True) if filters and dense else ()
        wanted = [(*(f"conv3-{f}", "pool2") * max(repeats, 1), f"dense{d}", "stop") for f, d in widths]
        return tuple(a for a in wanted if a in self)

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        self.check_architecture(architecture)
        channels, height, width = self.input_shape
        features = 0  # of the flat representation; 0 while there is still an image
        layers: list[nn.Module] = []
        for choice in architecture[:-1]:
            if choice in self._convs:
                layers += self._convolution(channels, *self._convs[choice])
                channels = self._convs[choice][1]
            elif choice in self._pools:
                window, stride = self._pools[choice]
                layers += [nn.MaxPool2d(window, stride), *self._drop()]
                height, width = pooled(height, window, stride), pooled(width, window, stride)
            elif choice == "gap":
                layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
                features = channels
            else:
                units = self._dense[choice]
                layers += [] if features else [nn.Flatten()]
                layers += [nn.Linear(features or channels * height * width, units), nn.ReLU(), *self._drop()]
                features = units
        layers += [] if features else [nn.Flatten()]
        return nn.Sequential(*layers, nn.Linear(features or channels * height * width, self.outputs))

    def _convolution(self, channels: int, kernel: int, filters: int) -> "list[nn.Module]":
        from torch import nn

        # Batch normalisation subtracts the mean, and with it any bias before it.
        convolution = nn.Conv2d(channels, filters, kernel, padding=kernel // 2, bias=not self.batch_norm)
        return [convolution, *([nn.BatchNorm2d(filters)] if self.batch_norm else []), nn.ReLU()]

    def _drop(self) -> "list[nn.Module]":
        from nasedu.spaces.layers import Dropout

        return [Dropout(self.dropout)] if self.dropout else []


def size_bin(side: int) -> str:
    """Return MetaQNN's bin of the representation's size: over 7 pixels, over 3, or the rest (appendix B)."""
    return "large" if side > 7 else "middle" if side > 3 else "small"


def pooled(side: int, window: int, stride: int) -> int:
    """Return the side of an image after pooling without padding."""
    return (side - window) // stride + 1


def _pool_name(window: int, stride: int) -> str:
    return f"pool{window}" if stride == window else f"pool{window}/{stride}"
