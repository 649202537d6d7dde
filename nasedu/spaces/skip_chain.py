"""ENAS's macro space: a chain of layers, each with skip connections from earlier ones.

Pham, Guan, Zoph, Le, Dean, "Efficient Neural Architecture Search via Parameter Sharing", ICML 2018, section 2.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import Architecture
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.sharing import Shared
from nasedu.spaces.validation import check_names, check_positive, why_no_image

if TYPE_CHECKING:
    from torch import nn

OPERATIONS = ("conv3x3", "conv5x5", "sep3x3", "sep5x5", "avg3x3", "max3x3")


class SkipState(NamedTuple):
    """The place of the next decision."""

    layer: int  # from 1; the layer that is being decided
    earlier: int  # 0: the operation is next; j: whether the layer also sees layer j is next


@dataclass(repr=False, eq=False, kw_only=True)
class SkipChain(LabelSpace):
    """Each layer chooses an operation, and which earlier layers it also sees.

    An architecture: `("conv3x3", "sep3x3", "max3x3", "sees1", "conv5x5", "skips1", "sees2")`. Every layer sees the
    previous layer. From the third layer on, it has one more choice for each earlier layer: to see it or not. The inputs
    of a layer are concatenated, and a 1x1 convolution merges them to the layer's width (with normalisation and ReLU).
    `conv` is convolution, normalisation, ReLU; `sep` is a depthwise separable convolution.

    (In the paper even the previous layer is optional; the paper does not say what a layer without inputs does. With
    L layers this space has 6^L x 2^((L-1)(L-2)/2) members, the paper's 6^L x 2^(L(L-1)/2).)

    After a third and after two thirds of the layers, 2x2 max pooling halves the image, as long as a side of 2 is left.
    It also halves all outputs that later layers may see. At the end: global average pooling, one linear layer.

    The state, which is also what a tabular learner sees, is the place of the next decision: the open choices never
    depend on earlier choices.

    Args:
        input_shape: (channels, height, width) of one image.
        outputs: numbers that the network gives (classes, for classification).
        layers: how many (the paper: 12).
        width: channels of every layer.
        operations: of a layer, to choose from.
    """

    name = "skip-chain"
    reads = staticmethod(why_no_image)

    layers: int = 4
    width: int = 16
    operations: tuple[str, ...] = OPERATIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.name, layers=self.layers, width=self.width)
        check_names(self.name, "operations", self.operations, OPERATIONS)

    # ------------------------------------------------------------------ the decision process

    def start(self) -> SkipState:
        return SkipState(1, 0)

    def choices(self, state: SkipState) -> tuple[Choice, ...]:
        if state.layer > self.layers:
            return ()
        if state.earlier:
            return (f"sees{state.earlier}", f"skips{state.earlier}")
        return self.operations

    def step(self, state: SkipState, choice: Choice) -> SkipState:
        done = state.earlier >= state.layer - 2  # every layer sees the previous layer
        return SkipState(state.layer + 1, 0) if done else SkipState(state.layer, state.earlier + 1)

    def explain(self, state: SkipState, choice: Choice) -> str:
        if state.earlier:
            return (
                f"layer {state.layer} has its operation; the question is whether it also sees layer {state.earlier}, "
                f"and {choice!r} is no answer to that"
            )
        return f"layer {state.layer} needs an operation ({', '.join(self.operations)}), and {choice!r} is none"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return 3x3 convolutions in a plain chain, and with every layer seeing all earlier layers (as in DenseNet)."""
        if "conv3x3" not in self.operations:
            return ()
        plain = self._uniform("skips")
        return (plain,) if self.layers < 3 else (plain, self._uniform("sees"))

    def _uniform(self, answer: str) -> Architecture:
        layers = range(1, self.layers + 1)
        return tuple(c for k in layers for c in ("conv3x3", *(f"{answer}{j}" for j in range(1, k - 1))))

    def connections(self, architecture: Architecture) -> list[tuple[str, tuple[int, ...]]]:
        """Return for each layer its operation, and the earlier layers that it sees (from 1; 0 is the stem)."""
        layers: list[tuple[str, tuple[int, ...]]] = []
        self.check_architecture(architecture)
        for choice in architecture:
            if choice in self.operations:
                layers.append((choice, (len(layers),)))
            elif choice.startswith("sees"):
                operation, seen = layers[-1]
                layers[-1] = operation, (*seen, int(choice.removeprefix("sees")))
        return layers

    # ------------------------------------------------------------------ the network

    def halved_after(self) -> frozenset[int]:
        """Return the layers (from 1) after which the image is halved."""
        thirds = (self.layers // 3, 2 * self.layers // 3)
        side, places = min(self.input_shape[1:]), set()
        for layer in thirds:
            if 0 < layer < self.layers and side >= 4 and layer not in places:
                places.add(layer)
                side //= 2
        return frozenset(places)

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        from nasedu.spaces.cells import SkipNetwork, conv_norm_relu, skip_layer
        from nasedu.spaces.layers import GlobalAverage

        stem = conv_norm_relu(self.input_shape[0], self.width, 3)
        layers = [(skip_layer(name, self.width, len(seen)), seen) for name, seen in self.connections(architecture)]
        body = SkipNetwork(layers, self.halved_after())
        return nn.Sequential(stem, body, GlobalAverage(), nn.Linear(self.width, self.outputs))

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return the weights of each operation in each layer, and of its merging convolution for each earlier layer."""
        shared = {}
        for number, (name, seen) in enumerate(self.connections(architecture), 1):
            layer = f"1.layers.{number - 1}"
            shared[layer if len(seen) == 1 else f"{layer}.1"] = Shared(f"layer {number}/{name}")
            if len(seen) > 1:
                columns = tuple(j * self.width + channel for j in seen for channel in range(self.width))
                merge = Shared(f"layer {number}/merge", self.width, number * self.width, columns)
                shared |= {f"{layer}.0.0": merge, f"{layer}.0.1": Shared(f"layer {number}/merge.norm")}
        return shared
