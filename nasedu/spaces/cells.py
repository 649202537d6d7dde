"""The parts of networks that are made of convolutional cells: operations, and graphs of operations.

At stride 1 every operation here keeps an image's size. At stride 2 it halves the size, rounded up. The results of
different operations can therefore be added for images of any size.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from nasedu.spaces.layers import Block, GlobalAverage, Residual

Operation = Callable[[int, int], nn.Module]
"""A function from (channels, stride) to a layer."""


def convolve(inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1, groups: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps the image's size (at stride 1), without a bias: normalisation follows."""
    padding = dilation * (kernel // 2)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias=False)


def relu_conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, drawing: str = "") -> Block:
    """Return ReLU, convolution, batch normalisation: the order in NAS-Bench-201 and DARTS."""
    title = drawing or f"Conv {kernel}×{kernel}"
    return Block(title, nn.ReLU(), convolve(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs))


def conv_norm_relu(inputs: int, outputs: int, kernel: int, drawing: str = "") -> Block:
    """Return convolution, batch normalisation, ReLU."""
    title = drawing or f"Conv {kernel}×{kernel}"
    return Block(title, convolve(inputs, outputs, kernel), nn.BatchNorm2d(outputs), nn.ReLU())


def conv_norm(inputs: int, outputs: int, kernel: int) -> Block:
    """Return convolution and batch normalisation."""
    return Block(f"Conv {kernel}×{kernel}", convolve(inputs, outputs, kernel), nn.BatchNorm2d(outputs))


class Zeros(nn.Module):
    """Zeros in the shape of an image: the sum at a node without incoming edges."""

    drawing = "Zeros"

    def __init__(self, stride: int = 1):
        super().__init__()
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :, :: self.stride, :: self.stride] * 0.0


class FactorizedReduce(nn.Module):
    """Halves an image by two 1x1 convolutions of stride 2, one of them shifted by a pixel (DARTS's code).

    Their channels are concatenated. An image of odd size is first padded by one row or column of zeros, below and to
    the right.
    """

    drawing = "Halve"

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        half = outputs // 2
        self.straight = convolve(inputs, half, 1, stride=2) if half else None
        self.shifted = convolve(inputs, outputs - half, 1, stride=2)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[2:]
        x = nn.functional.pad(x.relu(), (0, width % 2, 0, height % 2))
        halves = [self.shifted(x[:, :, 1:, 1:])]
        if self.straight is not None:
            halves.insert(0, self.straight(x))
        return self.norm(torch.cat(halves, dim=1))


def separable(drawing: str, channels: int, kernel: int, stride: int) -> Block:
    """Return ReLU, depthwise and 1x1 convolution, normalisation; all of it twice, the stride in the first (DARTS)."""
    layers: list[nn.Module] = []
    for s in (stride, 1):
        depthwise = convolve(channels, channels, kernel, s, groups=channels)
        layers += [nn.ReLU(), depthwise, convolve(channels, channels, 1), nn.BatchNorm2d(channels)]
    return Block(drawing, *layers)


def dilated(drawing: str, channels: int, kernel: int, stride: int) -> Block:
    """Return ReLU, depthwise convolution with dilation 2, 1x1 convolution, normalisation (DARTS)."""
    depthwise = convolve(channels, channels, kernel, stride, dilation=2, groups=channels)
    return Block(drawing, nn.ReLU(), depthwise, convolve(channels, channels, 1), nn.BatchNorm2d(channels))


def max_pool(stride: int) -> Block:
    return Block("max_pool_3x3", nn.MaxPool2d(3, stride, padding=1))


def average_pool(stride: int) -> Block:
    return Block("avg_pool_3x3", nn.AvgPool2d(3, stride, padding=1, count_include_pad=False))


DARTS: dict[str, Operation] = {
    "none": lambda channels, stride: Zeros(stride),
    "max_pool_3x3": lambda channels, stride: max_pool(stride),
    "avg_pool_3x3": lambda channels, stride: average_pool(stride),
    "skip_connect": lambda channels, stride: FactorizedReduce(channels, channels) if stride == 2 else nn.Identity(),
    "sep_conv_3x3": lambda channels, stride: separable("sep_conv_3x3", channels, 3, stride),
    "sep_conv_5x5": lambda channels, stride: separable("sep_conv_5x5", channels, 5, stride),
    "dil_conv_3x3": lambda channels, stride: dilated("dil_conv_3x3", channels, 3, stride),
    "dil_conv_5x5": lambda channels, stride: dilated("dil_conv_5x5", channels, 5, stride),
}
"""PRIMITIVES and OPS of DARTS's code, in its order. As in its final networks, no normalisation follows pooling."""

NAS_BENCH_201: dict[str, Operation] = {
    "none": lambda channels, stride: Zeros(stride),
    "skip_connect": lambda channels, stride: nn.Identity(),
    "nor_conv_1x1": lambda channels, stride: relu_conv_norm(channels, channels, 1, stride, "nor_conv_1x1"),
    "nor_conv_3x3": lambda channels, stride: relu_conv_norm(channels, channels, 3, stride, "nor_conv_3x3"),
    "avg_pool_3x3": lambda channels, stride: average_pool(stride),
}
"""In the order of NAS-Bench-201's code; a cell uses stride 1 only."""


class Cell(nn.Module):
    """A graph of operations: every node is the sum of its edges, each an operation on an earlier node.

    Args:
        nodes: for each node after the inputs, its edges as {number of an earlier node: operation}. The inputs are the
            first nodes. Each node has at least one edge.
        joined: give the concatenation of all nodes after the inputs (DARTS) instead of the last one (NAS-Bench-201).
    """

    def __init__(self, nodes: Sequence[dict[int, nn.Module]], *, joined: bool):
        super().__init__()
        self.nodes = nn.ModuleList(nn.ModuleDict({str(k): op for k, op in edges.items()}) for edges in nodes)
        self.joined = joined

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        nodes = list(inputs)
        for edges in self.nodes:
            assert isinstance(edges, nn.ModuleDict)
            nodes.append(sum_of([operation(nodes[int(source)]) for source, operation in edges.items()]))
        return torch.cat(nodes[len(inputs) :], dim=1) if self.joined else nodes[-1]


def sum_of(terms: Sequence[torch.Tensor]) -> torch.Tensor:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def nodes_of(
    edges: Sequence[Sequence[tuple[str, int]]],
    operations: dict[str, Operation],
    channels: int,
    stride: Callable[[int], int] = lambda source: 1,
) -> list[dict[int, nn.Module]]:
    """Return the nodes of a `Cell` from names: for each node its edges as (operation, earlier node).

    An edge of `none` is omitted, because adding zeros changes nothing. A node with no other edge is zeros.
    """
    nodes = []
    for wanted in edges:
        used = [(name, source) for name, source in wanted if name != "none"] or [wanted[0]]
        nodes.append({source: operations[name](channels, stride(source)) for name, source in used})
    return nodes


def residual_reduction(inputs: int, outputs: int) -> Residual:
    """Return NAS-Bench-201's block between stages.

    The main path is two 3x3 convolutions, the first of stride 2. The shortcut is 2x2 average pooling and a 1x1
    convolution.
    """
    main = nn.Sequential(relu_conv_norm(inputs, outputs, 3, stride=2), relu_conv_norm(outputs, outputs, 3))
    pool = nn.AvgPool2d(2, ceil_mode=True)  # round up, as the convolution does; it changes nothing for even sizes
    return Residual(main, nn.Sequential(pool, convolve(inputs, outputs, 1)))


def inverted_residual(inputs: int, outputs: int, kernel: int, expansion: int, stride: int, drawing: str) -> nn.Module:
    """Return MobileNetV2's block: 1x1 convolution to more channels, depthwise convolution, 1x1 convolution to fewer.

    Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, with ReLU as in
    NAS-Bench-Macro's code; a shortcut where the shape stays the same.
    """
    wide = inputs * expansion
    block = Block(
        drawing,
        *(convolve(inputs, wide, 1), nn.BatchNorm2d(wide), nn.ReLU()),
        *(convolve(wide, wide, kernel, stride, groups=wide), nn.BatchNorm2d(wide), nn.ReLU()),
        *(convolve(wide, outputs, 1), nn.BatchNorm2d(outputs)),
    )
    return Residual(block) if inputs == outputs and stride == 1 else block


def shrinking_identity(inputs: int, outputs: int, stride: int) -> nn.Module:
    """Return the identity; where the shape changes, a 1x1 convolution and normalisation (NAS-Bench-Macro)."""
    if inputs == outputs and stride == 1:
        return nn.Identity()
    return Block("identity", convolve(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class SkipNetwork(nn.Module):
    """Layers that read the concatenated outputs of several earlier layers (ENAS's macro space).

    Args:
        layers: (layer, numbers of the layers that it reads), where 0 is the input and the layers count from 1.
        halved_after: layers after which the image is halved, together with all outputs that later layers may read.
    """

    def __init__(self, layers: Sequence[tuple[nn.Module, tuple[int, ...]]], halved_after: frozenset[int]):
        super().__init__()
        self.layers = nn.ModuleList(layer for layer, _ in layers)
        self.seen = [seen for _, seen in layers]
        self.last_use = {j: k for k, seen in enumerate(self.seen, 1) for j in seen}
        self.halved_after = halved_after
        self.halve = nn.MaxPool2d(2, ceil_mode=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs = {0: x}
        for number, layer in enumerate(self.layers, 1):
            seen = [outputs[j] for j in self.seen[number - 1]]
            outputs[number] = x = layer(torch.cat(seen, dim=1) if len(seen) > 1 else seen[0])
            if number in self.halved_after:
                outputs = {j: self.halve(out) for j, out in outputs.items() if self.last_use.get(j, 0) > number}
        return x


def skip_layer(name: str, width: int, seen: int) -> nn.Module:
    """Return an operation of ENAS's macro space; if it reads several layers, a 1x1 convolution merges them first."""
    kernel = int(name[-1])
    layer: nn.Module
    if name.startswith("conv"):
        layer = conv_norm_relu(width, width, kernel, name)
    elif name.startswith("sep"):
        depthwise = convolve(width, width, kernel, groups=width)
        layer = Block(name, depthwise, convolve(width, width, 1), nn.BatchNorm2d(width), nn.ReLU())
    elif name.startswith("max"):
        layer = Block(name, nn.MaxPool2d(kernel, 1, padding=kernel // 2))
    else:
        layer = Block(name, nn.AvgPool2d(kernel, 1, padding=kernel // 2, count_include_pad=False))
    return layer if seen == 1 else nn.Sequential(conv_norm_relu(seen * width, width, 1, "Merge 1×1"), layer)


class DartsCell(nn.Module):
    """A cell of DARTS, with the layers that bring both its inputs to its own width and size.

    Args:
        nodes: for each node its edges, (operation, earlier node); 0 and 1 are the inputs.
        inputs: channels of the two inputs.
        width: channels of each node.
        reduction: whether edges from the inputs halve the image.
        after_reduction: whether the first input is still twice as large as the second.
    """

    def __init__(
        self,
        nodes: Sequence[Sequence[tuple[str, int]]],
        inputs: tuple[int, int],
        width: int,
        *,
        reduction: bool,
        after_reduction: bool,
    ):
        super().__init__()
        before, last = inputs
        self.first = FactorizedReduce(before, width) if after_reduction else relu_conv_norm(before, width, 1)
        self.second = relu_conv_norm(last, width, 1)
        stride = (lambda source: 2 if source < 2 else 1) if reduction else (lambda source: 1)
        self.cell = Cell(nodes_of(nodes, DARTS, width, stride), joined=True)

    def forward(self, before: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        return self.cell(self.first(before), self.second(last))


class DartsNetwork(nn.Module):
    """A chain of cells; each cell reads the outputs of the two cells before it.

    Args:
        channels: of an image.
        outputs: of the last linear layer.
        width: channels of a node in the first cell.
        kinds: the nodes of each cell in turn.
        reductions: which cells halve the image and double the width.
    """

    STEM = 3  # times the width: channels of the first convolution

    def __init__(self, channels: int, outputs: int, *, width: int, kinds: Sequence[Any], reductions: Sequence[int]):
        super().__init__()
        wide = self.STEM * width
        self.stem = conv_norm(channels, wide, 3)
        self.cells = nn.ModuleList()
        inputs = (wide, wide)
        for place, nodes in enumerate(kinds):
            reduction = place in reductions
            width *= 2 if reduction else 1
            cell = DartsCell(nodes, inputs, width, reduction=reduction, after_reduction=place - 1 in reductions)
            self.cells.append(cell)
            inputs = (inputs[1], width * len(nodes))
        self.head = nn.Sequential(GlobalAverage(), nn.Linear(inputs[1], outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        before = last = self.stem(x)
        for cell in self.cells:
            before, last = last, cell(before, last)
        return self.head(last)
