"""The ground truth of lesson 11 is what its code measures, and its measures are those of the trained mixture."""

import numpy as np
import pytest
import torch

from nasedu.classroom.lessons.lesson_11 import exercises, figures, ground_truth, measuring
from nasedu.oneshot.darts import Darts
from tests.benchmarks import cells_alone
from tests.oneshot.small_mixtures import TASK, cell_201


def test_the_recorded_truth_has_each_cell_twice_with_the_recipe_of_the_benchmark():
    first, again = recorded = np.array(ground_truth.recorded())
    assert len(set(ground_truth.CELLS)) == len(first) == len(again) == 64
    assert list(ground_truth.scores().values()) == pytest.approx(recorded.mean(0).tolist())
    assert (ground_truth.RECIPE, ground_truth.EPOCHS) == (cells_alone.RECIPE, cells_alone.EPOCHS)


def test_noise_is_the_spread_of_one_training_and_counts_each_network_once(monkeypatch):
    spread = np.random.default_rng(0).normal(0, 0.02, (2, 4000))
    monkeypatch.setattr(ground_truth, "recorded", lambda: np.hstack([spread, np.zeros((2, 4000))]).tolist())
    assert ground_truth.noise() == pytest.approx(0.02, rel=0.05)


def test_cells_that_are_the_same_network_have_the_same_numbers():
    skip, convolution = ground_truth.PAIR
    one_convolution = [tuple(convolution if edge == at else skip for edge in range(6)) for at in (1, 2, 3, 4)]
    assert len({ground_truth.scores()[cell] for cell in one_convolution}) == 1


def test_a_recorded_cell_is_measured_again():
    (again,) = ground_truth.measure(ground_truth.CELLS[21:22], seed=1)
    assert again == pytest.approx(ground_truth.recorded()[1][21], abs=0.005)


def test_a_table_of_what_edges_may_have_allows_the_pair_alone():
    allowed = ground_truth.kept()
    assert allowed.shape == (6, 5)
    assert allowed.sum(1).tolist() == [2] * 6


def test_a_mixture_and_its_cell_are_judged_on_the_validation_split():
    search = Darts(cell_201(), TASK, steps=40, batch=16, alpha_rate=0.1)
    list(search.run())
    y = torch.from_numpy(TASK.validation.y)
    with torch.no_grad():
        outputs = search.mixture(torch.from_numpy(TASK.validation.X), torch.from_numpy(search.shares()))
    assert measuring.of_mixture(search) == pytest.approx(float((outputs.argmax(1) == y).float().mean()))
    convolutions = ("nor_conv_3x3",) * 6
    assert measuring.of_cell(search, convolutions) != measuring.of_cell(search, ("none",) * 6)


@pytest.mark.parametrize(("fall", "choice"), [(-0.1, 0), (0.04, 0), (0.1, 1), (0.3, 2)])
def test_the_size_of_the_gap_is_one_of_the_choices(fall, choice):
    assert exercises.size_of_gap([fall - 0.01, fall + 0.01]) == exercises.gap.choices[choice]


def test_the_finite_difference_errs_with_the_square_of_the_radius():
    errors = [figures.error_of(radius, torch.float64) for radius in (0.01, 0.1)]
    assert errors[0] < 1e-5
    assert 50 < errors[1] / errors[0] < 200
