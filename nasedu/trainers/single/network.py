"""From an architecture to a network that is ready to train."""

import threading
from typing import Any

import torch
from torch import nn

from nasedu.core import Architecture, derive_seed
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.initialise import initialise
from nasedu.trainers.single.norm_and_dropout import apply_norm_and_dropout

_building = threading.Lock()


def build(space: Any, architecture: Architecture, recipe: Recipe) -> nn.Module:
    """Return the network of an architecture, with what the recipe adds to it; its weights are still to be drawn.

    torch's layers draw weights from its global generator when they are made. It is put back afterwards; two threads
    that did so at the same time would put back each other's state.
    """
    with _building, torch.random.fork_rng(devices=[]):
        return apply_norm_and_dropout(space.build(architecture), recipe)


def draw_weights(network: nn.Module, seed: int) -> torch.Generator:
    """Draw the weights of a network from the seed, in place.

    Returns:
        The generator of the network's device; layers that draw numbers while they train keep it.
    """
    first = next(network.parameters(), None)
    generator = torch.Generator(first.device if first is not None else "cpu")
    generator.manual_seed(derive_seed(seed, "weights"))
    initialise(network, generator)
    return generator
