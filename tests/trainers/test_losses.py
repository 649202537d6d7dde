"""Losses by hand: one number for each example, whatever dimensions come before."""

import math

import pytest
import torch
from torch import nn

from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.losses import losses_of

OUTPUTS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
SUM = math.log(math.exp(2) + 1 + math.exp(-1))
LOGS = [[2 - SUM, -SUM, -1 - SUM], [-math.log(3)] * 3]  # of the probabilities


def test_cross_entropy_of_classes():
    found = losses_of("classification", OUTPUTS, torch.tensor([1, 2]), Recipe())
    assert found.tolist() == pytest.approx([-LOGS[0][1], -LOGS[1][2]])


def test_label_smoothing_gives_a_share_to_all_classes_alike():
    found = losses_of("classification", OUTPUTS, torch.tensor([0, 2]), Recipe(label_smoothing=0.3))
    first = -(0.8 * LOGS[0][0] + 0.1 * LOGS[0][1] + 0.1 * LOGS[0][2])
    assert found.tolist() == pytest.approx([first, math.log(3)])


def test_soft_answers_are_weighed_and_then_smoothed():
    y = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    plain = losses_of("classification", OUTPUTS, y, Recipe())
    assert plain.tolist() == pytest.approx([-(LOGS[0][0] + LOGS[0][1]) / 2, math.log(3)])
    smooth = losses_of("classification", OUTPUTS, y, Recipe(label_smoothing=0.3))
    first = -(0.45 * LOGS[0][0] + 0.45 * LOGS[0][1] + 0.1 * LOGS[0][2])
    assert smooth.tolist() == pytest.approx([first, math.log(3)])


def test_soft_answers_that_are_sure_are_those_of_classes():
    outputs, y = torch.randn(7, 5), torch.arange(7) % 5
    recipe = Recipe(label_smoothing=0.1)
    hard = losses_of("classification", outputs, y, recipe)
    assert torch.allclose(hard, losses_of("classification", outputs, nn.functional.one_hot(y, 5).float(), recipe))


def test_squared_errors_of_numbers():
    y = torch.tensor([[2.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
    assert losses_of("regression", OUTPUTS, y, Recipe()).tolist() == pytest.approx([3.0, 3.0])


@pytest.mark.parametrize("kind", ["classification", "soft", "regression"])
def test_any_number_of_members_at_once(kind):
    outputs = torch.randn(3, 4, 6, 5)
    y = torch.randint(5, (3, 4, 6)) if kind == "classification" else torch.rand(3, 4, 6, 5)
    kind = "regression" if kind == "regression" else "classification"
    recipe = Recipe(label_smoothing=0.2)
    together = losses_of(kind, outputs, y, recipe)
    assert together.shape == (3, 4, 6)
    for i in range(3):
        for j in range(4):
            assert torch.allclose(together[i, j], losses_of(kind, outputs[i, j], y[i, j], recipe))
