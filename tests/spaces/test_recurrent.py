"""Recurrent networks: which layers they are, which way they read, and what is kept of the steps."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu import spaces
from nasedu.core import BadValue, Mismatch
from nasedu.spaces.layers import Pooled, Rows
from nasedu.spaces.recurrent import Recurrent
from nasedu.trainers.single.model_size import RECURRENT, count_flops
from tests.spaces.walks import any_walk, parameters, trains_one_step


def test_sizes():
    assert Recurrent((5, 3), 2).size() == 3 * 2 * 3 * 2 * 3
    assert Recurrent((5, 3), 2, cells=("gru",), layers=(1,), widths=(4, 8), pooling=("last",)).size() == 4


@pytest.mark.parametrize(("cell", "gates"), [("simple", 1), ("gru", 3), ("lstm", 4)])
def test_a_network_counted_by_hand(cell, gates):
    space = Recurrent((7, 3), 2, widths=(4,))
    one = gates * (4 * 3 + 4 * 4 + 2 * 4)
    assert parameters(space, (cell, "layers1", "width4", "forward", "last")) == one + 4 * 2 + 2
    assert parameters(space, (cell, "layers1", "width4", "both", "mean")) == 2 * one + 8 * 2 + 2
    second = gates * (4 * 4 + 4 * 4 + 2 * 4)
    assert parameters(space, (cell, "layers2", "width4", "forward", "max")) == one + second + 4 * 2 + 2


def test_an_image_is_read_row_by_row():
    image = torch.arange(2 * 3 * 4).reshape(1, 2, 3, 4)
    rows = Rows()(image)
    assert rows.shape == (1, 3, 8)
    assert rows[0, 1].tolist() == [*image[0, 0, 1].tolist(), *image[0, 1, 1].tolist()]


@pytest.mark.parametrize("cell", ["simple", "gru", "lstm"])
def test_last_is_where_each_direction_ends(cell):
    space = Recurrent((5, 3), 2, widths=(4,))
    network = space.build((cell, "layers2", "width4", "both", "last"))[0]
    x = torch.rand(2, 5, 3)
    states, _ = network.network(x)
    ends = torch.cat([states[:, -1, :4], states[:, 0, 4:]], dim=1)
    assert torch.allclose(network(x), ends)


def test_pooling_over_time():
    x = torch.tensor([[[1.0, 5.0], [3.0, 4.0]]])
    assert Pooled("mean")(x).tolist() == [[2, 4.5]]
    assert Pooled("max")(x).tolist() == [[3, 5]]
    assert Pooled("first")(x).tolist() == [[1, 5]]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(1, 1), (6, 2), (1, 8, 8), (3, 1, 5)]))
def test_any_walk_trains(seed, shape):
    space = Recurrent(shape, 3, widths=(3, 5))
    trains_one_step(space, any_walk(space, seed))


@pytest.mark.parametrize("cell", ["simple", "gru", "lstm"])
def test_the_arithmetic_is_counted(cell):
    """Two operations for each weight of a matrix, at each of the 6 steps, also where torch does a layer at once."""
    space = Recurrent((6, 3), 2, widths=(4,))
    network = space.build((cell, "layers2", "width4", "both", "last"))
    matrices = sum(p.numel() for p in network[0].parameters() if p.dim() == 2)
    assert count_flops(network, torch.zeros(1, 6, 3)) == 2 * 6 * matrices + 2 * 8 * 2


def test_the_arithmetic_of_a_whole_network_at_once():
    """cuDNN's operation, from the shapes that it is given."""
    counted = RECURRENT[torch.ops.aten._cudnn_rnn]
    assert counted((1, 6, 3), [(16, 3), (16, 4), (16,), (16,)], 4, None) == 2 * 6 * (16 * 3 + 16 * 4)


def test_a_closed_choice_says_why():
    space = Recurrent((5, 3), 2)
    assert "the width is one of width16, width32, width64" in space.why_not(2, "gru")
    assert "the pooling over time is one of last, mean, max" in space.why_not(4, "sum")


@pytest.mark.parametrize(
    "options",
    [
        {"cells": ("rnn",)},
        {"cells": ()},
        {"layers": (0,)},
        {"layers": ()},
        {"layers": 2},
        {"widths": (8, 8)},
        {"directions": ("backward",)},
        {"pooling": "last"},
        {"input_shape": (8,)},
        {"outputs": 0},
    ],
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="recurrent"):
        Recurrent(**({"input_shape": (5, 3), "outputs": 2} | options))


def test_it_needs_steps(digits):
    task = type("Task", (), {"kind": "classification", "input_shape": (64,), "outputs": 10, "name": "flat"})
    with pytest.raises(Mismatch, match=r"it needs sequences of shape \(time, features\), or images"):
        spaces.load("recurrent", task)
    task.kind, task.input_shape = "control", (5, 3)
    with pytest.raises(Mismatch, match="gives one answer for each input, and this is a control task"):
        spaces.load("recurrent", task)
    assert [len(a) for a in spaces.load("recurrent", digits).hand_picked()] == [5, 5]
