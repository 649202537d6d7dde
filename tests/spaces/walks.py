"""What any walk of any space must do: build, train one step on the right shapes, survive its JSON."""

import json

import torch

from nasedu.core import rng_from
from nasedu.trainers.single.initialise import initialise


def any_walk(space, seed):
    """A random architecture, read back from its JSON."""
    architecture = space.sample(rng_from(seed))
    assert tuple(json.loads(json.dumps(architecture))) == architecture
    return architecture


def trains_one_step(space, architecture, seed=0, batch=2):
    """Builds and trains the network on one batch of the smallest size that is ever used; returns it."""
    network = space.build(architecture)
    generator = torch.Generator().manual_seed(seed)
    initialise(network, generator)
    X = torch.rand(batch, *space.input_shape, generator=generator)
    y = torch.arange(batch) % space.outputs
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    before = [p.detach().clone() for p in network.parameters()]
    output = network.train()(X)
    assert output.shape == (batch, space.outputs)
    loss = torch.nn.functional.cross_entropy(output, y)
    loss.backward()
    optimiser.step()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p).all() for p in network.parameters())
    assert any(not torch.equal(p, q) for p, q in zip(before, network.parameters(), strict=True))
    with torch.no_grad():
        assert network.eval()(X[:1]).shape == (1, space.outputs)
    return network


def parameters(space, architecture):
    return sum(p.numel() for p in space.build(architecture).parameters())
