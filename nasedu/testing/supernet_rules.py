"""The rules of a space with a supernet. See `nasedu.testing.check_supernet`.

The argument of each rule is a space. It is tried on a sample of its architectures, or on all if there are few.
"""

from typing import Any

import torch

from nasedu.core import Architecture, derive_seed
from nasedu.oneshot.supernet import Supernet
from nasedu.spaces.base import input_shape_of
from nasedu.testing import space_rules
from nasedu.testing.rules import Suite, expect, short
from nasedu.trainers import Recipe

suite = Suite("supernet")
supernet_checks = suite.checks

NETWORKS = 10
"""Architectures that a rule looks at."""
CLOSE = 1e-5


def members(space: Any) -> list[Architecture]:
    """Return the hand-picked architectures of a space and a sample of others; fewer if it has fewer."""
    return list(dict.fromkeys([*space.hand_picked(), *space_rules.members(space, NETWORKS)]))[:NETWORKS]


def examples(space: Any, name: str = "X") -> torch.Tensor:
    """Return eight examples of random numbers."""
    generator = torch.Generator().manual_seed(derive_seed(0, name))
    return torch.randn(8, *input_shape_of(space), generator=generator)


@suite.rule
def every_member_can_be_scored(space: Any) -> None:
    """Check that every architecture has finite outputs with shared weights, also with normalisation of a recipe."""
    X = examples(space)
    for recipe in (Recipe(), Recipe(batch_norm=True)):
        supernet = Supernet(space, recipe=recipe)
        for architecture in members(space):
            outputs = supernet(architecture, X, training=True)
            expect(
                len(outputs) == len(X) and bool(outputs.isfinite().all()),
                f"{architecture} gave outputs of shape {tuple(outputs.shape)}: {short(outputs.tolist())}",
                "name in `sharing` each layer whose shape differs from network to network",
            )


@suite.rule
def an_extracted_network_gives_the_same(space: Any) -> None:
    """Check that a network with a copy of the shared weights gives the outputs of the supernet, to 1e-5."""
    supernet, X = Supernet(space), examples(space)
    for architecture in members(space):
        supernet(architecture, examples(space, "before"), training=True)  # the running statistics move
        shared, alone = supernet(architecture, X), supernet.extract(architecture).eval()(X)
        apart = float((shared - alone).detach().abs().max())
        expect(
            apart <= CLOSE,
            f"{architecture} alone is {apart:.2g} away from its outputs in the supernet",
            "`build` makes the same layers, by the same names, each time that it is given the same architecture",
        )


@suite.rule
def gradients_touch_only_what_a_path_uses(space: Any) -> None:
    """Check that the gradient of a path is zero or absent outside the parts of the tensors that it reads."""
    supernet, X = Supernet(space), examples(space)
    supernet.grow(members(space))
    for architecture in members(space):
        for tensor in supernet.weights.values():
            tensor.grad = None
        supernet(architecture, X, training=True).square().sum().backward()
        grads = {key: t.grad.clone() for key, t in supernet.weights.items() if t.grad is not None and t.grad.any()}
        expect(bool(grads), f"{architecture} has no gradient at all", "`build` gives a network that can be trained")
        for part in supernet.skeleton(architecture).reads.values():
            if part.key in grads:
                grads[part.key][part.place] = 0
        outside = sorted(key for key, grad in grads.items() if grad.any())
        expect(not outside, f"{architecture} moves {short(outside)}", "a layer reads what `sharing` names alone")


@suite.rule
def weights_do_not_depend_on_the_order(space: Any) -> None:
    """Check that a supernet that met the architectures in another order gives the same outputs, to the last bit."""
    X, asked = examples(space), members(space)
    forwards, backwards = Supernet(space), Supernet(space)
    forwards.grow(asked)
    backwards.grow(asked[::-1])
    for architecture in asked:
        expect(
            torch.equal(forwards(architecture, X), backwards(architecture, X)),
            f"{architecture} gave other outputs in a supernet that met {asked[-1]} first",
            "the key of a layer depends on its architecture alone",
        )


@suite.rule
def networks_share(space: Any) -> None:
    """Check that different networks read weights of the same tensors."""
    supernet, asked = Supernet(space), members(space)
    read = [{part.key for part in supernet.skeleton(a).reads.values()} for a in asked]
    common = sum(map(len, read)) - len(set().union(*read))
    expect(
        common > 0 or len(asked) == 1,
        f"{len(asked)} networks read {sum(map(len, read))} tensors, and no tensor is read twice",
        "give layers of different networks the same key",
    )
