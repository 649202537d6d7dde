"""Multilayer perceptrons: how many layers, how wide, and with which activation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from nasedu.core import Architecture, BadValue
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.sharing import Shared

if TYPE_CHECKING:
    from torch import nn

ACTIVATIONS = ("relu", "tanh")


@dataclass(repr=False, eq=False, kw_only=True)
class MLP(LabelSpace):
    """Dense layers, each with its own width and activation; stop at any depth.

    An architecture: `("64-relu", "32-tanh", "stop")`. The state is the number of layers so far, or "complete".

    Args:
        input_shape: the shape of one input; it is flattened.
        outputs: numbers that the network gives (classes, for classification).
        depth: greatest number of hidden layers.
        widths: units of a hidden layer to choose from.
        activations: of "relu" and "tanh".
    """

    name = "mlp"
    reads = staticmethod(lambda shape: "")

    depth: int = 3
    widths: Sequence[int] = (128, 64, 32, 16)
    activations: Sequence[str] = ACTIVATIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.depth < 1 or not self.widths or min(self.widths) < 1:
            raise BadValue(f"mlp needs depth >= 1 and positive widths; given depth={self.depth}, widths={self.widths}")
        if not self.activations or not set(self.activations) <= set(ACTIVATIONS):
            raise BadValue(f"mlp knows the activations {', '.join(ACTIVATIONS)}; given {self.activations}")
        self._layers = tuple(f"{width}-{activation}" for width in self.widths for activation in self.activations)

    @classmethod
    def why_unfit(cls, task: Any) -> str:
        if task.kind not in ("classification", "regression"):
            return f"it reads numbers of a fixed shape, and this is a {task.kind} task"
        return ""

    def start(self) -> int | str:
        return 0

    def choices(self, state: int | str) -> tuple[Choice, ...]:
        if state == "complete":
            return ()
        return ("stop",) if state == self.depth else (*self._layers, "stop")

    def step(self, state: int, choice: Choice) -> int | str:
        return "complete" if choice == "stop" else state + 1

    def explain(self, state: int, choice: Choice) -> str:
        if choice in self._layers:
            return f"{choice!r} would be hidden layer {state + 1}, and this space allows {self.depth}"
        return f"{choice!r} is no layer of this space (width-activation, or stop)"

    def hand_picked(self) -> tuple[Architecture, ...]:
        wanted = (("64-relu", "stop"), ("128-relu", "64-relu", "stop"))
        return tuple(a for a in wanted if a in self)

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        self.check_architecture(architecture)
        layers: list[nn.Module] = [nn.Flatten()]
        features = prod(self.input_shape)
        for choice in architecture[:-1]:
            width, activation = choice.split("-")
            layers += [nn.Linear(features, int(width)), nn.ReLU() if activation == "relu" else nn.Tanh()]
            features = int(width)
        return nn.Sequential(*layers, nn.Linear(features, self.outputs))

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return one tensor for each position and activation, sliced to the widths; one for each last layer."""
        names = [name for name, layer in network.named_children() if hasattr(layer, "in_features")]
        wide, shared = max(self.widths), {}
        for place, (name, choice) in enumerate(zip(names, architecture, strict=True)):
            inputs = wide if place else None
            hidden = Shared(f"{place}/{choice.rpartition('-')[2]}", wide, inputs)
            shared[name] = Shared(f"{place}/last", None, inputs) if choice == "stop" else hidden
        return shared
