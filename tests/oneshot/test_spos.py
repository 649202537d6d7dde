"""Which paths are drawn, how a supernet is trained along them, and that a training goes on where it was left."""

from collections import Counter

import numpy as np
import pytest
import torch

from nasedu import spaces
from nasedu.core import BadValue, Mismatch
from nasedu.oneshot.search_state import load_state, save_state
from nasedu.oneshot.spos import FairPaths, SupernetTraining, UniformPaths
from nasedu.oneshot.supernet import Supernet
from nasedu.testing import VariableLength
from nasedu.trainers import Recipe
from nasedu.trainers.failures import TrainingStopped


def drawn(paths, times, seed=0):
    rng = np.random.default_rng(seed)
    return [path for _ in range(times) for path in paths(rng)]


def test_uniform_paths_draw_each_network_as_often_as_any_other():
    space = VariableLength()
    found = Counter(drawn(UniformPaths(space), 200 * space.size()))
    assert len(found) == space.size()
    assert min(found.values()) > 140
    assert max(found.values()) < 260
    walks = Counter(space.sample(rng) for rng in [np.random.default_rng(0)] for _ in range(200 * space.size()))
    assert max(walks.values()) > 400  # what uniform walks do instead


def test_more_networks_than_a_number_of_numpy_holds_are_drawn_uniformly(small_task):
    space = spaces.load("skip-chain", small_task, layers=12, width=2)
    assert space.size() > 2**63
    found = drawn(UniformPaths(space), 300)
    assert len(set(found)) == 300
    share = np.mean([path[0] == space.operations[0] for path in found])
    assert 0.09 < share < 0.25  # one of six operations


class Prefix(VariableLength):
    """Too many states to count: the state is the whole prefix."""

    def start(self):
        return ()

    def choices(self, state):
        return ("a", "b", "c", "d") if len(state) < 12 else ()

    def step(self, state, choice):
        return (*state, choice)


def test_a_space_that_cannot_be_counted_is_walked_and_says_so(monkeypatch):
    monkeypatch.setattr("nasedu.spaces.counting.states_by_depth_first.__defaults__", (1000,))
    paths = UniformPaths(Prefix())
    assert paths.over == "walks"
    assert len(drawn(paths, 1)[0]) == 12
    assert UniformPaths(VariableLength()).over == "networks"


def test_fair_paths_take_every_choice_equally_often_in_each_step(small_task):
    space = spaces.load("skip-chain", small_task, layers=3, width=2)
    paths = FairPaths(space)(np.random.default_rng(0))
    assert len(paths) == 6
    assert all(path in space for path in paths)
    for decision in zip(*paths, strict=True):
        assert len(set(Counter(decision).values())) == 1
    assert paths != FairPaths(space)(np.random.default_rng(1))


def test_fairness_is_refused_where_choices_depend_on_each_other(small_space):
    with pytest.raises(BadValue, match="space 'chain-cnn' they do: use paths='uniform'"):
        FairPaths(small_space)


# ---------------------------------------------------------------------- training


def trained(space, task, steps, *, recipe=None, **options):
    supernet = Supernet(space, recipe=recipe or Recipe(batch_size=16, learning_rate=0.02, batch_norm=True))
    training = SupernetTraining(supernet, task, steps=steps, **options)
    return training, list(training)


def test_the_loss_falls_and_each_step_tells_its_path(small_task):
    space = spaces.load("mlp", small_task, depth=1, widths=(16, 8))
    training, steps = trained(space, small_task, 40)
    assert [step.number for step in steps] == list(range(1, 41))
    assert all(len(step.paths) == 1 and step.paths[0] in space for step in steps)
    assert np.mean([s.loss for s in steps[-10:]]) < 0.7 * np.mean([s.loss for s in steps[:10]])
    assert training.done == 40
    assert list(training) == []


def test_a_step_leaves_what_its_path_does_not_read_as_it_is(small_space, small_task):
    training, _ = trained(small_space, small_task, 5)
    training.supernet.grow([("conv3-2", "conv1-2", "stop"), ("conv3-4", "conv3-4", "stop")])
    before = {key: tensor.detach().clone() for key, tensor in training.supernet.weights.items()}
    training.step((("conv3-2", "conv1-2", "stop"),))
    moved = {key for key, tensor in training.supernet.weights.items() if not torch.equal(tensor, before[key])}
    read = {part.key for part in training.supernet.skeleton(("conv3-2", "conv1-2", "stop")).reads.values()}
    assert "0/conv3.weight" in moved
    assert moved <= read


def test_fair_steps_add_the_gradients_of_their_paths(small_task):
    space = spaces.load("macro", small_task, stages=(1, 1), width=2, head=4)
    _, steps = trained(space, small_task, 2, paths="fair")
    assert [len(step.paths) for step in steps] == [3, 3]
    assert {path[0] for path in steps[0].paths} == {"identity", "ir3x3-e3", "ir5x5-e6"}


RECIPE = Recipe(batch_size=16, schedule="cosine", dropout=0.2, batch_norm=True, shift=1)


def test_a_training_goes_on_bit_for_bit_from_a_file(small_space, small_task, tmp_path):
    straight, all_steps = trained(small_space, small_task, 24, recipe=RECIPE)
    half = SupernetTraining(Supernet(small_space, recipe=RECIPE), small_task, steps=24)
    first = [step for _, step in zip(range(11), half, strict=False)]
    save_state(half.state(), tmp_path / "half.safetensors")
    again = SupernetTraining(Supernet(small_space, recipe=RECIPE), small_task, steps=24)
    again.restore(load_state(tmp_path / "half.safetensors"))
    assert first + list(again) == all_steps
    for key, tensor in straight.supernet.weights.items():
        assert torch.equal(tensor, again.supernet.weights[key]), key
    for key, tensor in straight.supernet.statistics.items():
        assert torch.equal(tensor, again.supernet.statistics[key]), key


def test_a_state_of_another_training_is_refused(small_space, small_task):
    training, _ = trained(small_space, small_task, 2)
    other = spaces.load("mlp", small_task)
    with pytest.raises(Mismatch, match="another search: its space"):
        SupernetTraining(Supernet(other, recipe=training.recipe), small_task, steps=2).restore(training.state())
    with pytest.raises(Mismatch, match="its steps is 2, and here it is 3"):
        SupernetTraining(Supernet(small_space, recipe=training.recipe), small_task, steps=3).restore(training.state())


def test_a_loss_that_is_no_number_stops_the_training(small_space, small_task):
    with pytest.raises(TrainingStopped, match=r"the loss of the supernet was (nan|inf) in step"):
        trained(small_space, small_task, 40, recipe=Recipe(optimiser="sgd", learning_rate=1e9))


def test_regression_is_trained_and_unknown_paths_are_refused(heights):
    space = spaces.load("mlp", heights, depth=1)
    _, steps = trained(space, heights, 60, recipe=Recipe(learning_rate=0.05))
    assert steps[-1].loss < steps[0].loss
    with pytest.raises(BadValue, match="unknown paths 'fare'; known: uniform, fair"):
        SupernetTraining(Supernet(space), heights, steps=1, paths="fare")
