"""NAS-Bench-Macro's space: a chain of slots of fixed length, each filled with one of three blocks.

Su et al., "Prioritized Architecture Sampling with Monto-Carlo Tree Search", CVPR 2021, section 5 (the benchmark), and
`train/model.py` of its code. "Monto" is how the title is spelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasedu.core import Architecture, BadArchitecture, BadValue
from nasedu.spaces.base import Choice
from nasedu.spaces.label_space import FixedWalk
from nasedu.spaces.sharing import Shared
from nasedu.spaces.validation import check_positive, is_count, why_no_image

if TYPE_CHECKING:
    from torch import nn

BLOCKS = ("identity", "ir3x3-e3", "ir5x5-e6")
"""The blocks, in the order of the table's digits 0, 1, 2."""


@dataclass(repr=False, eq=False, kw_only=True)
class Macro(FixedWalk):
    """Eight slots of three blocks each, in three stages: NAS-Bench-Macro's chain, 6,561 networks.

    An architecture: `("ir5x5-e6", "ir5x5-e6", "identity", ...)`, one block for each slot. `ir3x3-e3` is MobileNetV2's
    inverted residual with a 3x3 window and three times the channels inside; `identity` is the identity, or a 1x1
    convolution where the shape changes. The first slot of each stage doubles the channels, and in the last
    `halvings` stages it halves the image. `to_code` and `from_code` translate to the table's digits ("22212220").

    The state is the number of filled slots: the open choices never depend on earlier choices. A tabular learner sees
    this state too. On the benchmark's table, it learned more in 100 evaluations from the position alone than from
    the position and the last block.

    The table's networks: `Macro((3, 32, 32), 10, width=32, head=1280, halvings=3)`.

    Args:
        input_shape: (channels, height, width) of one image.
        outputs: numbers that the network gives (classes, for classification).
        stages: slots in each stage.
        width: channels before the first stage.
        head: channels before global average pooling.
        halvings: how many stages, counted from the last, halve the image.
    """

    name = "macro"
    reads = staticmethod(why_no_image)

    stages: Sequence[int] = (2, 3, 3)
    width: int = 8
    head: int = 64
    halvings: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.name, width=self.width, head=self.head)
        if isinstance(self.stages, str) or not self.stages or not all(map(is_count, self.stages)):
            raise BadValue(f"macro needs stages of at least one slot each, such as (2, 3, 3); given {self.stages!r}")
        if self.halvings not in range(len(self.stages) + 1):
            raise BadValue(
                f"macro has {len(self.stages)} stages, so that 0 to {len(self.stages)} halve the image; given "
                f"{self.halvings!r}"
            )
        self.decisions = (BLOCKS,) * sum(self.stages)

    # ------------------------------------------------------------------ the decision process

    def explain(self, state: int, choice: Choice) -> str:
        return f"{choice!r} is no block for slot {state + 1}: {', '.join(BLOCKS)}"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return the networks with the small block everywhere, and with the large block everywhere."""
        return tuple((block,) * sum(self.stages) for block in BLOCKS[1:])

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the architecture with the identities moved to the end of each stage.

        After the first slot of a stage, an identity changes nothing in any place. The 6,561 networks are therefore
        3,969 different ones, and the table gives all members of a class the same numbers.
        """
        self.check_architecture(architecture)
        moved: list[Choice] = []
        for slots in self.stages:
            first, *rest = architecture[len(moved) : len(moved) + slots]
            moved += [first, *sorted(rest, key=lambda block: block == "identity")]
        return tuple(moved)

    # ------------------------------------------------------------------ the table's codes

    def to_code(self, architecture: Architecture) -> str:
        """Return the table's digits, such as "22212220"."""
        self.check_architecture(architecture)
        return "".join(str(BLOCKS.index(block)) for block in architecture)

    def from_code(self, code: str) -> Architecture:
        """Return the architecture of the table's digits. Raise BadArchitecture for anything else."""
        slots = sum(self.stages)
        if not isinstance(code, str) or len(code) != slots or not set(code) <= set("012"):
            raise BadArchitecture(f"a code of this space is {slots} digits of 0, 1 and 2; given {code!r}")
        return tuple(BLOCKS[int(digit)] for digit in code)

    # ------------------------------------------------------------------ the network

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        from nasedu.spaces.cells import conv_norm_relu, inverted_residual, shrinking_identity
        from nasedu.spaces.layers import GlobalAverage

        self.check_architecture(architecture)
        blocks, width = iter(architecture), self.width
        layers: list[nn.Module] = [conv_norm_relu(self.input_shape[0], width, 3)]
        for stage, slots in enumerate(self.stages):
            for slot in range(slots):
                wider = 1 if slot else 2
                stride = 2 if slot == 0 and stage >= len(self.stages) - self.halvings else 1
                block = next(blocks)
                if block == "identity":
                    layers.append(shrinking_identity(width, wider * width, stride))
                else:
                    kernel, expansion = (3, 3) if block == "ir3x3-e3" else (5, 6)
                    layers.append(inverted_residual(width, wider * width, kernel, expansion, stride, block))
                width *= wider
        layers += [conv_norm_relu(width, self.head, 1), GlobalAverage()]
        return nn.Sequential(*layers, nn.Linear(self.head, self.outputs))

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return the weights of each block in each slot."""
        return {f"{slot}": Shared(f"slot {slot}/{block}") for slot, block in enumerate(architecture, 1)}
