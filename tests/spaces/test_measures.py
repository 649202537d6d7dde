"""What a constraint can limit, against the network that is really built."""

import pytest
import torch

from nasedu import spaces
from nasedu.core import BadArchitecture, BadValue, Mismatch, rng_from
from nasedu.spaces.mlp import MLP
from nasedu.testing import VariableLength
from nasedu.trainers.single.model_size import count_flops, count_parameters
from tests.controllers.games import Digits


def test_a_network_measured_by_hand():
    """8 inputs, layers of 16 and 4, 3 outputs: weights and biases; a multiplication and an addition for each weight."""
    space, architecture = VariableLength(), ("16", "4", "stop")
    assert space.measure("parameters", architecture) == (8 * 16 + 16) + (16 * 4 + 4) + (4 * 3 + 3)
    assert space.measure("flops", architecture) == 2 * (8 * 16 + 16 * 4 + 4 * 3)
    assert space.measure("layers", architecture) == 3


@pytest.mark.parametrize("name", spaces.registry)
def test_every_space_is_measured_as_its_networks_are(name, digits):
    space = spaces.load(name, digits)
    rng = rng_from(0, "measured", name)
    for _ in range(3):
        architecture = space.sample(rng)
        network = space.build(architecture)
        assert space.measure("parameters", architecture) == count_parameters(network)
        assert space.measure("flops", architecture) == count_flops(network, torch.zeros(1, *space.input_shape))
        assert space.measure("layers", architecture) == len(architecture)


def test_a_network_too_large_for_any_memory_is_measured_all_the_same():
    """500 layers of 4,096 units: 33 gigabytes of weights, if they were drawn."""
    space = MLP((8,), 3, depth=500, widths=(4096,), activations=("relu",))
    architecture = (*["4096-relu"] * 500, "stop")
    assert space.measure("parameters", architecture) == 9 * 4096 + 499 * 4096 * 4097 + 3 * 4097
    assert space.measure("flops", architecture) == 2 * (8 * 4096 + 499 * 4096**2 + 3 * 4096)


def test_measuring_draws_no_random_number(digits):
    before = torch.get_rng_state()
    spaces.load("chain-cnn", digits).measure("parameters", ("conv3-16", "stop"))
    assert torch.equal(torch.get_rng_state(), before)


def test_layers_need_no_network():
    """Digits cannot be built."""
    assert Digits(3, 1).measure("layers", ("0", "1", "0")) == 3
    with pytest.raises(NotImplementedError):
        Digits(3, 1).measure("parameters", ("0", "1", "0"))


def test_an_unknown_measure_is_refused_with_those_there_are():
    for attempt in (lambda s: s.check_measure("size"), lambda s: s.measure("size", ("4", "stop"))):
        with pytest.raises(BadValue, match="unknown measure 'size'; known: parameters, flops, layers"):
            attempt(VariableLength())
    VariableLength().check_measure("flops")


def test_what_cannot_be_read_cannot_be_measured():
    with pytest.raises(BadArchitecture):
        VariableLength().measure("layers", ("4", "16", "stop"))


def test_flops_need_the_shape_of_an_input():
    class Shapeless(VariableLength):
        input_shape = None

        def build(self, architecture):
            return torch.nn.Linear(8, 3)

    with pytest.raises(Mismatch, match="does not say what its networks take in"):
        Shapeless().measure("flops", ("4", "stop"))
    assert Shapeless().measure("parameters", ("4", "stop")) == 27
