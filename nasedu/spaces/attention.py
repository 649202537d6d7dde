"""Small Transformers that read a sequence and give one answer.

Vaswani et al., "Attention Is All You Need", NIPS 2017: the encoder, section 3.1.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import Architecture, BadValue
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.validation import check_names, check_sizes, why_no_sequence

if TYPE_CHECKING:
    from torch import nn

NORMS = ("norm-first", "norm-last")
POOLING = ("mean", "max", "class-token")
DECISIONS = (
    "the number of layers",
    "the width",
    "the number of heads",
    "the feed-forward factor",
    "the place of normalisation",
    "the pooling",
)
HEADS = 2  # index of the one decision that depends on an earlier one


class AttentionState(NamedTuple):
    """The state of the walk: the information on which the next decision depends."""

    decided: int  # how many of the six decisions have been made
    width: int = 0  # set only between the choice of the width and the choice of the heads; else 0


@dataclass(repr=False, eq=False, kw_only=True)
class Attention(LabelSpace):
    """Small Transformers over sequences; an image is read row by row.

    An architecture: `("layers2", "width32", "heads4", "ff2", "norm-first", "class-token")`. Its six choices:

    - the number of layers;
    - the width: the length of the vector that represents one step;
    - the number of attention heads, which share the width equally;
    - the factor by which the hidden layer of the feed-forward network is wider than `width`;
    - normalisation before each part, or after its sum;
    - the input of the last linear layer: the mean or maximum over all steps, or an extra step, the class token.

    Positions are learned. A number of heads that does not divide the width is not offered.

    Args:
        input_shape: (time, features), or (channels, height, width): then time is the height.
        outputs: numbers that the network gives (classes, for classification).
        layers: numbers of layers, to choose from.
        widths: to choose from; each must be divisible by at least one of `heads`.
        heads: numbers of heads, to choose from.
        factors: of the feed-forward network, to choose from (the paper: 4).
        norms: of "norm-first" and "norm-last".
        pooling: of "mean", "max" and "class-token".
    """

    name = "attention"
    reads = staticmethod(why_no_sequence)

    layers: Sequence[int] = (1, 2)
    widths: Sequence[int] = (16, 24, 32)
    heads: Sequence[int] = (1, 2, 3, 4)
    factors: Sequence[int] = (1, 2, 4)
    norms: tuple[str, ...] = NORMS
    pooling: tuple[str, ...] = POOLING

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(self.name, layers=self.layers, widths=self.widths, heads=self.heads, factors=self.factors)
        check_names(self.name, "norms", self.norms, NORMS)
        check_names(self.name, "pooling", self.pooling, POOLING)
        for width in self.widths:
            if all(width % h for h in self.heads):
                raise BadValue(f"attention cannot share a width of {width} equally among any of {self.heads} heads")
        self._decisions: tuple[tuple[Choice, ...], ...] = (
            tuple(f"layers{n}" for n in self.layers),
            tuple(f"width{n}" for n in self.widths),
            tuple(f"heads{n}" for n in self.heads),
            tuple(f"ff{n}" for n in self.factors),
            self.norms,
            self.pooling,
        )

    # ------------------------------------------------------------------ the decision process

    def start(self) -> AttentionState:
        return AttentionState(0)

    def choices(self, state: AttentionState) -> tuple[Choice, ...]:
        if state.decided == len(self._decisions):
            return ()
        options = self._decisions[state.decided]
        if state.decided == HEADS:
            return tuple(option for option in options if state.width % _number(option) == 0)
        return options

    def step(self, state: AttentionState, choice: Choice) -> AttentionState:
        after = state.decided + 1
        return AttentionState(after, _number(choice) if after == HEADS else 0)

    def key(self, state: AttentionState) -> Hashable:
        """Return the number of decisions made.

        The width decides which heads are open, but says little about which of them are good.
        """
        return state.decided

    def explain(self, state: AttentionState, choice: Choice) -> str:
        options = self._decisions[state.decided]
        if choice in options:
            return (
                f"{_number(choice)} heads cannot share a width of {state.width} equally "
                f"({state.width} / {_number(choice)} is no whole number)"
            )
        return f"{choice!r} is no answer here: {DECISIONS[state.decided]} is one of {', '.join(options)}"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return networks of one and two layers, of width 32 with four heads; all else is as in the paper."""
        wanted = [(f"layers{n}", "width32", "heads4", "ff4", "norm-last", "mean") for n in (1, 2)]
        return tuple(a for a in wanted if a in self)

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        from nasedu.spaces import layers as parts

        self.check_architecture(architecture)
        depth, width, heads, factor = map(_number, architecture[:4])
        norm_first, pooling = architecture[4] == "norm-first", architecture[5]
        reader, time, features = parts.steps(self.input_shape)
        body = [parts.TransformerLayer(width, heads, factor, norm_first=norm_first) for _ in range(depth)]
        return nn.Sequential(
            *reader,
            nn.Linear(features, width),
            parts.Positions(time, width, token=pooling == "class-token"),
            *body,
            *([nn.LayerNorm(width)] if norm_first else []),  # without it, nothing would normalise the last sum
            parts.Pooled("first" if pooling == "class-token" else pooling),
            nn.Linear(width, self.outputs),
        )


def _number(choice: Choice) -> int:
    return int("".join(filter(str.isdigit, choice)))
