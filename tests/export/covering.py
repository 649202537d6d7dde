"""Few architectures of a space that together hold every choice it offers, and their networks with random weights."""

from itertools import combinations

import torch

from nasedu.core import rng_from
from nasedu.trainers import Recipe
from nasedu.trainers.single.network import build, draw_weights


def choices(space):
    """Every choice of a space, found by visiting every state."""
    found, seen, waiting = set(), {space.start()}, [space.start()]
    while waiting:
        for choice, after in space.moves(waiting.pop()).items():
            found.add(choice)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return found


def covering(space, pairs=0, candidates=400):
    """Architectures that together hold every choice, and as many pairs of choices as `pairs` more of them can hold.

    Each is the one of many random ones that holds the most which no earlier one holds.
    """
    rng = rng_from(0, "covering", space.name)
    walks = {walk: set(enumerate(walk)) for walk in (space.sample(rng) for _ in range(candidates))}
    found, missing = [], choices(space)
    while missing:
        found.append(max(walks, key=lambda walk: len(missing.intersection(walk))))
        assert missing.intersection(found[-1]), f"no walk holds {missing}: draw more candidates"
        missing.difference_update(found[-1])
    held = {walk: set(combinations(sorted(places), 2)) for walk, places in walks.items()}
    missing = set().union(*held.values()).difference(*(held[walk] for walk in found))
    while missing and pairs:
        found.append(max(walks, key=lambda walk: len(missing & held[walk])))
        missing -= held[found[-1]]
        pairs -= 1
    return found


def trained(space, architecture, recipe=None):
    """The network as a training leaves it: no weight, bias, running mean or variance is 0 or 1."""
    network = build(space, architecture, recipe or Recipe())
    draw_weights(network, 0)
    generator = torch.Generator().manual_seed(1)
    for value in [*network.parameters(), *network.buffers()]:
        if value.is_floating_point() and value.dim() == 1:
            value.data.uniform_(0.5, 1.5, generator=generator)
    return network.eval()
