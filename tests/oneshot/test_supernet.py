"""Every space with a supernet passes the suite, and every rule of the suite is broken by a space that breaks it."""

import pickle
from contextlib import suppress
from inspect import signature

import pytest
import torch

from nasedu import spaces
from nasedu.core import BadValue
from nasedu.oneshot import supernet as module
from nasedu.oneshot.shared_trainer import SharedTrainer
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.spaces.chain_cnn import ChainCNN
from nasedu.spaces.mlp import MLP
from nasedu.spaces.sharing import Shared, sharing_spaces
from nasedu.testing import check_supernet
from nasedu.testing.supernet_rules import supernet_checks
from nasedu.trainers import Recipe

SMALL = {
    "macro": {"stages": (2, 2), "width": 4, "head": 8},
    "cell-201": {"width": 4},
    "darts": {"cells": 2, "nodes": 2},
    "skip-chain": {"layers": 4, "width": 4},
}


@pytest.mark.parametrize("check", supernet_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", sharing_spaces())
def test_registered_spaces(name, check, small_task):
    check(spaces.load(name, small_task, **SMALL.get(name, {})))


def test_a_chain_with_normalisation_and_dropout_of_its_own_passes(small_task):
    check_supernet(spaces.load("chain-cnn", small_task, depth=3, batch_norm=True, dropout=0.2))


# ---------------------------------------------------------------------- spaces that break one rule each


class TooNarrow(ChainCNN):
    """Forgets that layers differ in width."""

    def sharing(self, architecture, network):
        return {name: Shared(s.key) for name, s in super().sharing(architecture, network).items()}


class BuildsOtherLayers(MLP):
    """Other activations each time."""

    built = 0

    def build(self, architecture):
        self.built += 1
        network = super().build(architecture)
        network.append(torch.nn.Softplus() if self.built % 2 else torch.nn.Sigmoid())
        return network


class CountsCalls(MLP):
    """The key depends on when it is asked for."""

    calls = 0

    def sharing(self, architecture, network):
        self.calls += 1
        return {n: s._replace(key=f"{s.key}/{self.calls}") for n, s in super().sharing(architecture, network).items()}


class SharesNothing(MLP):
    def sharing(self, architecture, network):
        shared = super().sharing(architecture, network).items()
        return {name: s._replace(key=f"{s.key}/{architecture}", outputs=None, inputs=None) for name, s in shared}


BROKEN = {
    TooNarrow: "every_member_can_be_scored",
    BuildsOtherLayers: "an_extracted_network_gives_the_same",
    CountsCalls: "weights_do_not_depend_on_the_order",
    SharesNothing: "networks_share",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_space_is_caught_by_its_rule(broken):
    with pytest.raises(AssertionError, match=rf"(?s)supernet rule '{BROKEN[broken]}'.*seen: (?!TypeE).+to mend: "):
        check_supernet(broken(input_shape=(1, 6, 6), outputs=3))


def test_gradients_elsewhere_are_caught(monkeypatch):
    read = Supernet.read
    monkeypatch.setattr(Supernet, "read", lambda self, part: read(self, part) + read(self, part).sum().detach() * 0)
    check_supernet(MLP(input_shape=(4,), outputs=3))

    def leaks(self, part):
        others = [w.sum() for key, w in self.weights.items() if key != part.key]
        return read(self, part) + 1e-3 * torch.stack(others).sum()

    monkeypatch.setattr(Supernet, "read", leaks)
    (check,) = (check for check in supernet_checks if check.__name__ not in BROKEN.values())
    with pytest.raises(AssertionError, match="gradients_touch_only_what_a_path_uses"):
        check(MLP(input_shape=(4,), outputs=3))


# ---------------------------------------------------------------------- the weights


def test_a_chain_reads_the_first_filters_of_the_widest(small_space):
    supernet = Supernet(small_space, recipe=Recipe())
    narrow, wide = ("conv3-2", "conv3-2", "stop"), ("conv3-4", "conv3-4", "stop")
    supernet.grow([narrow])
    widest = supernet.weights["1/conv3.weight"]
    assert widest.shape == (4, 4, 3, 3)
    assert torch.equal(supernet.tensors_of(narrow)["2.weight"], widest[:2, :2])
    assert supernet.tensors_of(wide)["2.weight"] is widest
    assert supernet.tensors_of(wide)["2.weight"].data_ptr() == supernet.tensors_of(narrow)["2.weight"].data_ptr()


def test_a_merging_layer_reads_the_channels_of_the_layers_that_it_sees(small_task):
    space = spaces.load("skip-chain", small_task, layers=4, width=2, operations=("conv3x3",))
    architecture = ("conv3x3", "conv3x3", "conv3x3", "skips1", "conv3x3", "skips1", "sees2")
    supernet = Supernet(space)
    read = supernet.tensors_of(architecture)["1.layers.3.0.0.weight"]
    assert torch.equal(read, supernet.weights["layer 4/merge.weight"][:, [6, 7, 4, 5]])  # layer 3, then layer 2


def test_weights_are_drawn_as_those_of_the_widest_layer(small_space):
    """Uniform within 1 / sqrt(fan-in): a slice of the widest has its bound, not the bound of a narrow layer."""
    supernet = Supernet(small_space, recipe=Recipe(batch_norm=True))
    supernet.grow([("conv3-4", "conv3-2", "stop")])
    drawn = supernet.weights["1/conv3.weight"].detach()
    assert 0.9 / 6 < float(drawn.abs().max()) <= 1 / 6
    assert torch.equal(supernet.weights["1/conv3.norm.weight"], torch.ones(4))
    assert not torch.equal(drawn, made_with(small_space, seed=1).weights["1/conv3.weight"])
    assert torch.equal(drawn, made_with(small_space, seed=0).weights["1/conv3.weight"])


def made_with(space, seed):
    supernet = Supernet(space, seed=seed)
    supernet.grow([("conv1-2", "conv3-2", "stop")])
    return supernet


def test_training_moves_the_running_statistics_of_a_path_alone(small_space):
    supernet = Supernet(small_space, recipe=Recipe(batch_norm=True))
    X = torch.randn(8, 1, 6, 6)
    supernet(("conv3-2", "stop"), X, training=True)
    mean = supernet.statistics["0/conv3.norm.running_mean"]
    assert mean[:2].all()
    assert not mean[2:].any()
    before = mean.clone()
    supernet(("conv3-4", "stop"), X)
    assert torch.equal(mean, before)


def test_a_supernet_touches_no_global_generator(small_space):
    before = torch.get_rng_state()
    supernet = Supernet(small_space, recipe=Recipe(dropout=0.5))
    supernet(("conv3-2", "stop"), torch.zeros(4, 1, 6, 6), training=True)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_supernet_is_normalised_unless_its_recipe_says_otherwise(small_space):
    """As `SharedTrainer`'s: without it, paths of unlike scale spoil each other's weights."""
    path = ("conv3-2", "conv1-4", "stop")
    usual, bare = Supernet(small_space), Supernet(small_space, recipe=Recipe())
    usual.grow([path])
    bare.grow([path])
    assert usual.recipe == signature(SharedTrainer).parameters["recipe"].default
    assert set(usual.weights) - set(bare.weights) == {
        f"{place}.norm.{own}" for place in ("0/conv3", "1/conv1") for own in ("weight", "bias")
    }


def test_skeletons_hold_no_numbers_and_are_not_kept_for_ever(small_space, monkeypatch):
    monkeypatch.setattr(module, "MOST_SKELETONS", 3)
    supernet = Supernet(small_space)
    supernet.grow(list(small_space.enumerate())[:7])
    assert len(supernet._skeletons) == 3
    assert all(p.is_meta for s in supernet._skeletons.values() for p in s.network.parameters())


@pytest.mark.parametrize("shape", [(4, 1, 6, 6), (4, 3, 6, 6)], ids=["computed", "refused by a layer"])
def test_a_skeleton_gives_the_weights_back(shape, small_space):
    supernet = Supernet(small_space)
    with suppress(RuntimeError):  # of three channels, where the first layer reads one
        supernet(("conv3-2", "stop"), torch.zeros(shape), training=True)
    assert all(parameter.is_meta for parameter in supernet.skeleton(("conv3-2", "stop")).network.parameters())


@pytest.mark.parametrize("order", [1, -1])
def test_layers_of_one_key_that_ask_for_other_shapes_are_refused(order):
    space = TooNarrow(input_shape=(1, 6, 6), outputs=3)
    with pytest.raises(BadValue, match=r"asks for the shared tensor '0/conv3.weight' of shape .*the widest"):
        Supernet(space).grow([("conv3-16", "stop"), ("conv3-32", "stop")][::order])


@pytest.mark.parametrize("name", ["recurrent", "attention"])
def test_a_space_without_sharing_is_refused_in_one_line(name, small_task):
    space = spaces.load(name, small_task)
    with pytest.raises(BadValue, match=f"space '{name}' has no supernet; those that have: mlp, chain-cnn, ") as error:
        Supernet(space)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("travelled", [False, True])
def test_the_supernet_of_another_seed_is_as_if_it_were_made_alone(travelled, small_space, small_task):
    first, alone = (Supernet(small_space, seed=seed, recipe=Recipe(batch_norm=True)) for seed in (0, 1))
    first = pickle.loads(pickle.dumps(first)) if travelled else first
    first.grow([("stop",), ("conv3-4", "stop")])
    for _ in SupernetTraining(first, small_task, steps=3):  # what was trained does not travel
        pass
    other = first.again(seed=1)
    X = torch.from_numpy(small_task.train.X)
    for supernet in (other, alone):
        list(SupernetTraining(supernet, small_task, steps=3, seed=1))
    for architecture in [("stop",), ("conv3-4", "stop"), ("conv1-2", "conv3-2", "stop")]:
        assert torch.equal(other(architecture, X), alone(architecture, X))
        assert not torch.equal(other(architecture, X), first(architecture, X))
