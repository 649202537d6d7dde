"""Weights of one's own: torch's default distributions, from one's own generator."""

import math

import pytest
import torch
from torch import nn

from nasedu.spaces.layers import Dropout
from nasedu.trainers.single.initialise import initialise
from nasedu.trainers.single.model_size import count_flops, count_parameters


def drawn(module, seed=0):
    initialise(module, torch.Generator().manual_seed(seed))
    return module


LAYERS = {
    "linear": (lambda: nn.Linear(50, 400), 50),
    "linear without bias": (lambda: nn.Linear(50, 400, bias=False), 50),
    "convolution": (lambda: nn.Conv2d(8, 64, 3), 8 * 9),
    "grouped convolution": (lambda: nn.Conv2d(8, 64, 3, groups=4), 2 * 9),
    "one-dimensional convolution": (lambda: nn.Conv1d(6, 128, 5), 6 * 5),
    "recurrent": (lambda: nn.GRU(5, 40), 40),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_distribution_is_torchs_default(name):
    """Uniform within 1 / sqrt(fan-in): the same bounds and spread as torch draws."""
    make, fan_in = LAYERS[name]
    bound = 1 / math.sqrt(fan_in)
    torchs, ours = make(), drawn(make())
    for (label, p), q in zip(torchs.named_parameters(), ours.parameters(), strict=True):
        q, p = q.detach(), p.detach()
        assert q.abs().max() <= bound
        assert float(q.abs().max()) == pytest.approx(float(p.abs().max()), rel=0.25), label
        if q.numel() > 300:
            assert q.abs().max() > 0.98 * bound
            assert float(q.std()) == pytest.approx(bound / math.sqrt(3), rel=0.1)


def test_normalisation_starts_at_one_and_zero():
    layer = nn.BatchNorm2d(5)
    layer(torch.randn(4, 5, 3, 3))
    with torch.no_grad():
        layer.weight.fill_(7)
    drawn(layer)
    assert layer.weight.tolist() == [1.0] * 5
    assert layer.bias.tolist() == layer.running_mean.tolist() == [0.0] * 5


def test_an_embedding_is_standard_normal():
    weight = drawn(nn.Embedding(100, 50)).weight.detach()
    assert abs(float(weight.mean())) < 0.05
    assert float(weight.std()) == pytest.approx(1, rel=0.05)


def test_parameters_that_are_no_matrix_keep_their_start():
    assert drawn(nn.PReLU(init=0.3)).weight.item() == pytest.approx(0.3)


def network():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), Dropout(0.5), nn.Linear(16, 3))


def test_weights_are_a_function_of_the_seed_alone():
    a, b, c = drawn(network(), 1), drawn(network(), 1), drawn(network(), 2)
    assert all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert not torch.equal(a[0].weight, c[0].weight)


def test_torchs_own_generator_is_left_alone():
    module = network()
    before = torch.get_rng_state()
    drawn(module)
    assert torch.equal(torch.get_rng_state(), before)


def test_layers_that_ask_for_a_generator_get_it():
    generator = torch.Generator()
    module = network()
    initialise(module, generator)
    assert module[3].generator is generator


def test_parameters_are_counted_if_they_can_be_trained():
    layer = nn.Linear(4, 3)
    assert count_parameters(layer) == 15
    layer.bias.requires_grad = False
    assert count_parameters(layer) == 12


def test_flops_by_hand():
    """A multiplication and an addition for each weight of a linear layer, and for each pixel of a convolution."""
    assert count_flops(nn.Linear(64, 10), torch.zeros(1, 64)) == 2 * 64 * 10
    convolution = nn.Conv2d(3, 16, 3, padding=1)
    assert count_flops(convolution, torch.zeros(1, 3, 8, 8)) == 2 * (3 * 9) * 16 * (8 * 8)
    dropout = nn.Sequential(Dropout(0.5), nn.Linear(4, 2))
    assert count_flops(dropout.train(), torch.zeros(1, 4)) == 16
    assert dropout.training
