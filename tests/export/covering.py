"""Few architectures of a space that together hold every choice it offers, and their networks with random weights."""

from collections import Counter

import torch

from nasedu.core import rng_from
from nasedu.trainers.single.network import build, draw_weights


def choices(space):
    """Every choice of a space, found by visiting every state."""
    found, waiting, seen = set(), [space.start()], {space.start()}
    while waiting:
        for choice, after in space.moves(waiting.pop()).items():
            found.add(choice)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return found


def covering(space, candidates=300):
    """Architectures that together hold every choice: each is the one of many with the most choices not seen so far."""
    missing = choices(space)
    rng = rng_from(0, "covering", space.name)
    walks = [space.sample(rng) for _ in range(candidates)]
    found = []
    while missing:
        best = max(walks, key=lambda walk: len(missing & set(walk)))
        assert missing & set(best), f"no walk has {missing}: draw more candidates"
        found.append(best)
        missing -= set(best)
    return found


def trained(space, architecture, recipe):
    """The network as a training leaves it: weights, and running means and variances, are all different from 0 and 1."""
    network = build(space, architecture, recipe)
    draw_weights(network, 0)
    generator = torch.Generator().manual_seed(1)
    for name, value in [*network.named_parameters(), *network.named_buffers()]:
        if value.is_floating_point() and value.dim() <= 1:
            value.data.uniform_(0.5, 1.5, generator=generator)
    return network.eval()


def counted(architectures):
    return Counter(choice for architecture in architectures for choice in architecture)
