"""The gradient norm: that of a network whose gradient is known, repeatable, and of nothing but the seed."""

import numpy as np
import pytest
import torch

from nasedu import tasks
from nasedu.core import BadValue
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.zero_cost import gradient_norm
from tests.trainers.faulty import Workshop


def test_it_is_the_length_of_the_gradient_by_hand(small_task):
    """A single linear layer has the gradient (p - y) x, which needs no automatic differentiation."""
    space = Workshop(["nan"])
    space.build = lambda _: torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 4))
    network = build(space, ("nan",), Recipe())
    draw_weights(network, 3)
    X, y = small_task.train.X[:20].reshape(20, -1).astype(float), small_task.train.y[:20]
    weight, bias = (p.detach().numpy().astype(float) for p in network.parameters())
    outputs = X @ weight.T + bias
    chances = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    slope = (chances - np.eye(4)[y]) / 20
    by_hand = np.sqrt(((slope.T @ X) ** 2).sum() + (slope.sum(axis=0) ** 2).sum())
    assert gradient_norm(space, ("nan",), small_task, seed=3, examples=20) == pytest.approx(by_hand, rel=1e-5)


def test_only_the_seed_decides_and_nobody_elses_random_numbers_are_touched(small_task):
    space = Workshop(["8"])
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    first = gradient_norm(space, ("8",), small_task, seed=1)
    assert torch.equal(torch.rand(3), wanted)
    assert gradient_norm(space, ("8",), small_task, seed=1) == first
    assert gradient_norm(space, ("8",), small_task, seed=2) != first


def test_a_regression_is_refused():
    with pytest.raises(BadValue, match="is that of a cross-entropy"):
        gradient_norm(Workshop(["8"]), ("8",), tasks.load("sinusoids"))


def test_it_computes_in_one_thread_and_gives_the_others_back(small_task, monkeypatch):
    used = []
    loss = torch.nn.functional.cross_entropy
    monkeypatch.setattr(
        torch.nn.functional, "cross_entropy", lambda *given: (used.append(torch.get_num_threads()), loss(*given))[1]
    )
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        gradient_norm(Workshop(["8"]), ("8",), small_task)
        assert used == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
