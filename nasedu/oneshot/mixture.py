"""A network in which every edge computes all of its operations, and adds them up by their shares.

Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, section 2.2, equation 2.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import Architecture, derive_seed, rng_from
from nasedu.oneshot.edges import NONE, Edge, Edges
from nasedu.spaces.cells import DARTS, NAS_BENCH_201, Block, Cell
from nasedu.trainers.single.initialise import initialise

Dropout = Callable[[torch.Tensor], torch.Tensor]


class Mixture(nn.Module):
    """The network of a space with every operation on every edge.

    It takes the shares of the operations with each batch, so its loss is a pure function of weights, shares and
    batch. It keeps no running statistics: every batch is normalised by itself. Normalisation inside the edges has no
    learned scale, because a scale would hide what a share is worth (DARTS's appendix A.1.1 does the same).

    Args:
        space: a cell-201 or darts space.
        kept: (edges, operations), which operations an edge has; None for all.
        seed: of the first weights.

    Attributes:
        edges: the rows and columns of the shares.
        network: what `space.build` gives, with mixed cells in place of its cells.
    """

    def __init__(self, space: Any, kept: np.ndarray | None = None, *, seed: int = 0):
        super().__init__()
        self.edges = Edges(space)
        self.kept = self.edges.all_kept() if kept is None else kept
        self.network: nn.Module = space.build(space.sample(rng_from(seed, "frame")))  # its cells are exchanged
        self.kind_of: dict[str, int] = {}
        places = [name for name, module in self.network.named_modules() if isinstance(module, Cell)]
        for place, name in enumerate(places):
            kind, channels = self.edges.cell(place)
            self.network.set_submodule(name, MixedCell(self.edges, self.kept, kind, channels))
            self.kind_of[name] = kind
        initialise(self.network, torch.Generator().manual_seed(derive_seed(seed, "weights")))
        for module in self.network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean = module.running_var = module.num_batches_tracked = None

    def forward(
        self,
        x: torch.Tensor,
        shares: torch.Tensor,
        live: np.ndarray | None = None,
        dropout: Dropout | None = None,
    ) -> torch.Tensor:
        """Return the outputs for a batch.

        Args:
            x: (batch, channels, height, width).
            shares: (edges, operations), with which each operation is multiplied.
            live: (edges, operations), which operations are computed at all; None for all that an edge has.
            dropout: applied to the result of each skip connection that changes no shape (P-DARTS).
        """
        cells = [module for module in self.network.modules() if isinstance(module, MixedCell)]
        for cell in cells:
            cell.given = shares, live, dropout
        outputs = self.network(x)
        for cell in cells:
            del cell.given  # else the shares' history would stay in memory
        return outputs

    def extract(self, architecture: Architecture) -> nn.Module:
        """Return the network of one architecture, with a copy of the weights that the mixture has for it.

        Its running statistics are those of no data: call `estimate_statistics` before it is used in evaluation mode.
        """
        network: nn.Module = self.edges.space.build(architecture)
        own = dict(self.network.named_parameters())
        chosen = self.edges.chosen(architecture)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.copy_(own[self._name_here(name, chosen)])
        return network

    def _name_here(self, name: str, chosen: dict[Edge, str]) -> str:
        """Return the name of a weight in the mixture: an edge has its operation's name as well."""
        cell, inside, rest = name.partition(".nodes.")
        if not inside:
            return name
        node, source, weight = rest.split(".", 2)
        operation = chosen[Edge(self.kind_of[cell], int(node) + self.edges.inputs, int(source))]
        return f"{cell}.nodes.{node}.{source}.{operation}.{weight}"


class MixedCell(nn.Module):
    """A cell in which a node is the sum of all operations on all earlier nodes, each multiplied by its share.

    All edges that leave one node read the same numbers. Therefore one call computes an operation for all of them.
    """

    def __init__(self, edges: Edges, kept: np.ndarray, kind: int, channels: int):
        super().__init__()
        table = DARTS if edges.chosen_pairs else NAS_BENCH_201
        self.inputs, self.joined = edges.inputs, edges.chosen_pairs
        self.nodes = nn.ModuleList()  # for each node: where an edge starts -> operation -> layer
        self.leaving: list[dict[int, list[tuple[int, int, str]]]] = []  # by source, by column: (row, node, operation)
        self.given: tuple[torch.Tensor, np.ndarray | None, Dropout | None]
        for row, edge in enumerate(edges.rows):
            if edge.kind != kind:
                continue
            while len(self.nodes) <= edge.node - self.inputs:
                self.nodes.append(nn.ModuleDict())
            while len(self.leaving) <= edge.source:
                self.leaving.append({})
            names = [name for column, name in enumerate(edges.operations) if kept[row, column]]
            layers = nn.ModuleDict({name: table[name](channels, edges.stride(edge)) for name in names})
            for module in layers.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.requires_grad_(False)  # weight 1, bias 0
            at = self.nodes[edge.node - self.inputs]
            assert isinstance(at, nn.ModuleDict)
            at[str(edge.source)] = layers
            for name in names:
                here = self.leaving[edge.source].setdefault(edges.operations.index(name), [])
                here.append((row, edge.node, name))
        self.empty = [table[NONE](channels, edges.stride(Edge(kind, 0, source))) for source in range(self.inputs)]

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        nodes = list(inputs)
        arriving: list[list[torch.Tensor]] = [[] for _ in range(self.inputs + len(self.nodes))]
        for source, columns in enumerate(self.leaving):
            if source >= self.inputs:
                nodes.append(self._sum(arriving[source], inputs))
            for rows, parts in self._operations_on(nodes[source], source, columns).items():
                for (_, node), part in zip(rows, parts.unbind(1), strict=True):
                    arriving[node].append(part)
        nodes.append(self._sum(arriving[-1], inputs))
        return torch.cat(nodes[self.inputs :], dim=1) if self.joined else nodes[-1]

    def _sum(self, parts: list[torch.Tensor], inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        if not parts:  # every edge to this node is `none`
            return self.empty[0](inputs[0])
        first, *others = parts
        return sum(others, start=first)

    def _operations_on(
        self, x: torch.Tensor, source: int, columns: dict[int, list[tuple[int, int, str]]]
    ) -> dict[tuple[tuple[int, int], ...], torch.Tensor]:
        """Return the mixtures on the edges that leave a node: by their (row, node), (batch, edges, *image)."""
        shares, live, dropout = self.given
        totals: dict[tuple[tuple[int, int], ...], torch.Tensor] = {}
        for column, edges in columns.items():
            used = [(row, node, name) for row, node, name in edges if live is None or live[row, column]]
            if not used or used[0][2] == NONE:  # zeros change no sum; their share is missing from the others
                continue
            rows = tuple((row, node) for row, node, _ in used)
            layers = [self.nodes[node - self.inputs][str(source)][name] for _, node, name in used]  # type: ignore[index]
            results = side_by_side(layers, x)
            if dropout and isinstance(layers[0], nn.Identity):
                results = dropout(results.expand(-1, len(used), -1, -1, -1))
            weighed = results * shares[[row for row, _ in rows], column].view(1, -1, 1, 1, 1)
            totals[rows] = totals[rows] + weighed if rows in totals else weighed
        return totals


FEW_CHANNELS = 16
"""Up to here, a full convolution whose weights are 0 between channels is 2 to 5 times as fast as a depthwise one, on a
processor."""


def side_by_side(layers: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    """Return what several layers of one kind give for the same images, in one call where that pays.

    Layers without weights all give the same, which is computed once. Of chains of convolutions and normalisations,
    the weights are joined: side by side they are one convolution with several times the channels.

    Args:
        layers: of one kind, such as several `nor_conv_3x3`.
        x: (batch, channels, height, width).

    Returns:
        (batch, layers, channels, height, width), or (batch, 1, ...) if all give the same.
    """
    first, count = layers[0], len(layers)
    if next(first.parameters(), None) is None:
        return first(x).unsqueeze(1)
    if not isinstance(first, Block) or count == 1:
        return torch.stack([layer(x) for layer in layers], dim=1)
    apart = False  # whether each layer has channels of its own by now
    for parts in zip(*layers, strict=True):
        part = parts[0]
        if isinstance(part, nn.Conv2d):
            weight = torch.cat([one.weight for one in parts])
            if apart and part.kernel_size == (1, 1) and part.groups == 1:  # a product of matrices: three times as fast
                rows = weight.view(count, part.out_channels, -1) @ x.unflatten(1, (count, -1)).flatten(3)
                x = rows.view(len(x), -1, *x.shape[2:])
                continue
            groups = part.groups * count if apart else 1
            if not apart and 1 < part.groups <= FEW_CHANNELS:
                weight = weight * torch.eye(part.groups).to(x).repeat(count, 1)[:, :, None, None]
            elif not apart and part.groups > 1:
                x, groups = x.repeat(1, count, 1, 1), part.groups * count
            x = nn.functional.conv2d(x, weight, None, part.stride, part.padding, part.dilation, groups)
            apart = True
        elif isinstance(part, nn.BatchNorm2d):
            x = nn.functional.batch_norm(x, None, None, training=True, eps=part.eps)  # of each channel by itself
        else:
            x = part(x)
    return x.unflatten(1, (count, -1))


@torch.no_grad()
def estimate_statistics(network: nn.Module, X: torch.Tensor, batch: int = 256) -> nn.Module:
    """Set a network's running statistics to their means over batches, and return it in evaluation mode.

    Args:
        network: such as `Mixture.extract` gives.
        X: examples for training; the last ones are omitted if they are fewer than a batch.
        batch: examples at a time.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    network.train()
    for start in range(0, max(len(X) - batch, 0) + 1, batch):
        network(X[start : start + batch])
    for norm in norms:
        norm.momentum = 0.1
    return network.eval()
