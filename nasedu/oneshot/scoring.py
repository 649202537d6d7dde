"""The answers of many architectures with shared weights, computed as one walk over the tree of their layers.

Two chains that begin with the same layers give the same values there, because they read the same weights. So these
layers are computed once. The members of a space come in the order of `enumerate`, depth first, and only the values
along one branch are kept.
"""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.core import Architecture
from nasedu.oneshot.batch_norm import check_statistics, normalised
from nasedu.oneshot.supernet import Slice, Supernet


class Part(NamedTuple):
    """One layer of a chain, or a whole network that is no chain.

    Attributes:
        layer: it has no weights of its own.
        reads: its tensors by name.
        same: equal for two layers that compute the same.
    """

    layer: nn.Module
    reads: dict[str, Slice]
    same: Hashable


@torch.no_grad()
def answers(
    supernet: Supernet,
    architectures: Iterable[Architecture],
    X: torch.Tensor,
    *,
    statistics: str = "running",
    seen: torch.Tensor | None = None,
) -> Iterator[tuple[Architecture, torch.Tensor]]:
    """Yield each architecture with its outputs for the examples, float of shape (examples, outputs).

    Args:
        architectures: those with the same first layers next to each other, as `space.enumerate()` gives them.
        X: the examples, on the supernet's device.
        statistics: of batch normalisation, see `nasedu.oneshot.batch_norm`.
        seen: training examples, for re-estimated statistics.

    Raises:
        BadValue: unknown statistics.
    """
    check_statistics(statistics)
    if X.dim() == 4:  # images whose channels come last: a third less time
        X = X.clone(memory_format=torch.channels_last)
        seen = None if seen is None else seen.clone(memory_format=torch.channels_last)
    branch: list[tuple[Hashable, tuple[torch.Tensor, torch.Tensor | None]]] = []
    for architecture in architectures:
        values = X, seen
        for depth, part in enumerate(parts_of(supernet, architecture)):
            if depth < len(branch) and branch[depth][0] == part.same:
                values = branch[depth][1]
            else:
                del branch[depth:]
                tensors = {name: supernet.read(read) for name, read in part.reads.items()}
                values = normalised(part.layer, tensors, *values, statistics)
                branch.append((part.same, values))
        yield architecture, values[0].float()


def parts_of(supernet: Supernet, architecture: Architecture) -> Iterator[Part]:
    """Yield the layers of an architecture in order; a network that is no chain is a single part."""
    skeleton = supernet.skeleton(architecture)
    for prefix, layer in _chain(skeleton.network, ""):
        reads = {name.removeprefix(prefix): read for name, read in skeleton.reads.items() if name.startswith(prefix)}
        told = all(type(module).__module__.startswith("torch.nn.") for module in layer.modules())
        # torch's own layers print all their settings; of others only the object itself is known to be the same
        yield Part(layer, reads, (repr(layer) if told else id(layer), tuple(reads.items())))


def _chain(network: Any, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    if type(network).forward is not nn.Sequential.forward:
        yield prefix, network
        return
    for name, layer in network._modules.items():
        yield from _chain(layer, f"{prefix}{name}.")
