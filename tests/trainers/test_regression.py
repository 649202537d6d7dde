"""Answers that are numbers: trained on squared errors, scored by R2, in every trainer that trains."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from torch import nn

from nasedu import spaces
from nasedu.controllers.random_search import RandomSearch
from nasedu.study import Study
from nasedu.testing import check_trainer
from nasedu.trainers import Recipe, load
from tests.trainers.cabinet import Cabinet

LEARNS = Recipe(learning_rate=0.03, batch_size=12)
TRAINERS = pytest.mark.parametrize("name", ["sequential", "population"])


def linear():
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 2))


def train(name, task, epochs, **options):
    trainer = load(name, Cabinet(it=linear), task, device="cpu", patience=0, **options)
    return trainer([("it",)] * 2, epochs=epochs, seed=[0, 1])


@TRAINERS
def test_what_is_linear_is_learned(heights, name):
    X, y = (heights.validation.X.reshape(20, 6), heights.validation.y)
    best = LinearRegression().fit(heights.train.X.reshape(60, 6), heights.train.y).score(X, y)
    for e in train(name, heights, 100, recipe=LEARNS, metrics="all"):
        assert e.ok
        assert e.score == max(e.curve) == e.metrics["r2"]
        assert best == pytest.approx(1.0)
        assert e.score > 0.99
        assert e.metrics["rmse"] < 0.1
        assert e.losses[-1] < 0.01 < 5 < e.losses[0]


@TRAINERS
def test_the_loss_is_the_mean_squared_error(heights, name):
    """With a rate that changes nothing, every epoch's loss is that of the weights as they were drawn."""
    for e in train(name, heights, 2, recipe=Recipe(optimiser="sgd", learning_rate=1e-12)):
        assert e.losses[0] == pytest.approx(e.losses[1], rel=1e-6)
        y = heights.train.y
        assert 0.5 < e.losses[0] / float((y**2).mean()) < 2


def test_the_loss_by_hand(heights):
    """Always 0, whatever is asked: the loss is the mean of the squared answers."""

    class Nothing(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return 0 * self.weight * x[:, 0, :, 0]

    (e,) = load("sequential", Cabinet(it=Nothing), heights, device="cpu")([("it",)], epochs=1, seed=0)
    assert e.losses == pytest.approx([float(np.mean(heights.train.y.astype(float) ** 2))], rel=1e-5)


@TRAINERS
def test_numbers_can_be_mixed(heights, name):
    """Of a mixture of two examples the right answer is the mixture of theirs, since the task is linear."""
    for e in train(name, heights, 120, recipe=replace(LEARNS, mixup=1.0)):
        assert e.ok
        assert e.score > 0.99
        assert e.losses[-1] < 0.05


@TRAINERS
def test_a_cross_validation_of_numbers(heights, name):
    for e in train(name, heights, 60, recipe=LEARNS, folds=4):
        assert len(e.metrics["scores"]) == 4
        assert min(e.metrics["scores"]) > 0.9


@TRAINERS
def test_a_failure_gets_the_score_of_the_mean(heights, name):
    for e in train(name, heights, 1, time_limit=1e-9):
        assert (e.status, e.score) == ("timeout", heights.chance)
        assert e.score < 0


@TRAINERS
def test_the_last_word(heights, name):
    trainer = load(name, Cabinet(it=linear), heights, device="cpu", recipe=LEARNS)
    e = trainer.retrain_and_test(("it",), epochs=60, seed=0)
    assert e.score == e.metrics["r2"] > 0.9
    assert set(e.metrics) == {"r2", "rmse"}


@TRAINERS
def test_it_keeps_the_rules(heights, name):
    space = spaces.load("mlp", heights, widths=(4, 8))
    architectures = [("8-relu", "stop"), ("4-tanh", "4-relu", "stop")]
    check_trainer(load(name, space, heights, device="cpu", recipe=LEARNS), architectures)


def test_a_study_of_numbers_from_beginning_to_end(heights):
    space = spaces.load("chain-cnn", heights, depth=2, filters=(2, 4), kernels=(1,), dense=(8,))
    trainer = load("sequential", space, heights, device="cpu", recipe=LEARNS)
    study = Study(space, RandomSearch(space), trainer, epochs=3)
    assert len(list(study.run(3))) == 3
    assert study.finish().metrics["rmse"] > 0
