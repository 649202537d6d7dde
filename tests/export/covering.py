"""Few architectures of a space that together hold every choice it offers, and their networks with random weights."""

import torch

from nasedu.core import rng_from
from nasedu.trainers import Recipe
from nasedu.trainers.single.network import build, draw_weights


def choices(space, *, places):
    """Every choice of a space, each with its place in the architecture if `places`, found by visiting every state."""
    waiting = {space.start()}
    found = set()
    place = 0
    while waiting:
        moves = [move for state in waiting for move in space.moves(state).items()]
        found |= {(place if places else 0, choice) for choice, _ in moves}
        waiting = {after for _, after in moves}
        place += 1
    return found


def covering(space, *, places=False, candidates=400):
    """Architectures that together hold every choice: each is the one of many that holds the most new ones."""
    missing = choices(space, places=places)
    rng = rng_from(0, "covering", space.name)
    walks = [space.sample(rng) for _ in range(candidates)]
    held = {walk: {(place if places else 0, choice) for place, choice in enumerate(walk)} for walk in walks}
    found = []
    while missing:
        best = max(walks, key=lambda walk: len(missing & held[walk]))
        assert missing & held[best], f"no walk holds {missing}: draw more candidates"
        found.append(best)
        missing -= held[best]
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
