"""Metrics: each by hand, and what becomes of answers that are no numbers."""

import json
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score
from torch import nn

from nasedu.tasks import base
from nasedu.trainers import Recipe, load
from nasedu.trainers.failures import TrainingStopped
from nasedu.trainers.single.metrics import METRICS, Answers, accuracy, all_metrics, score_of
from tests.trainers.cabinet import Cabinet


class Kind:
    """As much of a task as a metric looks at."""

    def __init__(self, kind, *metrics):
        self.kind = kind
        self.metrics = metrics


CLASSES, NUMBERS = Kind("classification", "accuracy"), Kind("regression", "r2")


def logits(*rows):
    """Outputs whose softmax is these probabilities."""
    return torch.tensor(rows, dtype=torch.float64).log()


def answering(classes, outputs):
    return nn.functional.one_hot(torch.tensor(classes), outputs).float()


# ---------------------------------------------------------------------- classes


def test_what_counts_right_and_wrong_answers():
    """Class 0: both found, one too many. Class 1: one of two found, one too many. Class 2: never answered."""
    found = all_metrics(CLASSES, answering([0, 0, 1, 0, 1], 3), torch.tensor([0, 0, 1, 1, 2]))
    assert found["accuracy"] == 3 / 5
    assert found["balanced_accuracy"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["recall"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["precision"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found["f1"] == pytest.approx((4 / 5 + 1 / 2 + 0) / 3)
    assert found["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 1, 0]]


def test_balanced_accuracy_and_accuracy_differ_where_classes_do():
    """Nine of class 0, one of class 1, and always 0."""
    found = all_metrics(CLASSES, answering([0] * 10, 2), torch.tensor([0] * 9 + [1]))
    assert (found["accuracy"], found["balanced_accuracy"]) == (0.9, 0.5)


def test_a_class_that_does_not_occur_lowers_recall_and_not_balanced_accuracy():
    found = all_metrics(CLASSES, answering([0, 2], 3), torch.tensor([0, 0]))
    assert found["balanced_accuracy"] == 1 / 2
    assert found["recall"] == pytest.approx((1 / 2 + 0) / 2)
    assert found["confusion"] == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_log_loss():
    outputs = logits([0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.5, 0.25])
    found = all_metrics(CLASSES, outputs, torch.tensor([0, 1, 2]))
    assert found["log_loss"] == pytest.approx(-(math.log(0.5) + math.log(0.8) + math.log(0.25)) / 3)


def test_log_loss_does_not_need_every_class_and_is_finite_when_surely_wrong():
    outputs = torch.tensor([[200.0, -200.0], [200.0, -200.0]])
    found = all_metrics(CLASSES, outputs, torch.tensor([1, 1]))
    assert found["log_loss"] == pytest.approx(-math.log(2.0**-52))


def test_calibration_error():
    """Two answers at 0.9, one right: |0.5 - 0.9|. Two at 0.62, both right: |1 - 0.62|. Half the examples each."""
    outputs = logits([0.9, 0.1], [0.1, 0.9], [0.62, 0.38], [0.38, 0.62])
    found = all_metrics(CLASSES, outputs, torch.tensor([0, 0, 0, 1]))
    assert found["calibration_error"] == pytest.approx((0.4 + 0.38) / 2)


def test_calibration_error_has_15_bins():
    """0.71 and 0.75, one right and one wrong, are in two bins of 15 (cut at 0.7333); of 10 bins, they share one."""
    outputs = logits([0.71, 0.29], [0.75, 0.25])
    found = all_metrics(CLASSES, outputs, torch.tensor([0, 1]))
    assert found["calibration_error"] == pytest.approx((0.29 + 0.75) / 2)
    found = all_metrics(CLASSES, logits([0.74, 0.26], [0.79, 0.21]), torch.tensor([0, 1]))
    assert found["calibration_error"] == pytest.approx(abs(0.26 - 0.79) / 2)


def test_a_confidence_at_the_edge_belongs_to_the_lower_bin():
    """A third is 5 / 15: in the bin that ends there, and 0.35 in the one that begins there."""
    outputs = logits([1.0, 1.0, 1.0], [0.35, 0.33, 0.32])
    found = all_metrics(CLASSES, outputs, torch.tensor([0, 1]))
    assert found["calibration_error"] == pytest.approx((2 / 3 + 0.35) / 2)


def test_full_confidence_belongs_to_the_last_bin():
    found = all_metrics(CLASSES, torch.tensor([[999.0, 0.0], [999.0, 0.0]]), torch.tensor([0, 1]))
    assert found["calibration_error"] == pytest.approx(0.5)


# ---------------------------------------------------------------------- numbers


def test_r2_and_rmse_are_means_over_the_outputs():
    """First output: mean 2, spread 8, squared errors 0, 0, 4. Second: mean 0, spread 2, squared errors 1, 0, 0."""
    truth = torch.tensor([[0.0, -1.0], [2.0, 0.0], [4.0, 1.0]])
    outputs = torch.tensor([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]])
    found = all_metrics(NUMBERS, outputs, truth)
    assert found["r2"] == pytest.approx((1 - 4 / 8 + 1 - 1 / 2) / 2)
    assert found["rmse"] == pytest.approx((math.sqrt(4 / 3) + math.sqrt(1 / 3)) / 2)
    assert set(found) == {"r2", "rmse"}


@pytest.mark.parametrize("constant", [False, True])
def test_r2_is_that_of_scikit_learn_to_the_last_bit(constant):
    rng = np.random.default_rng(0)
    truth, outputs = rng.normal(5, 2, size=(2, 97, 3))
    truth[:, 1] = 7 if constant else truth[:, 1]
    assert METRICS["regression"]["r2"](Answers(truth, outputs)) == r2_score(truth, outputs)


def test_answers_that_are_far_off_are_finite():
    found = all_metrics(NUMBERS, torch.full((2, 1), 3e38), torch.tensor([[0.0], [1.0]]))
    assert all(map(math.isfinite, found.values()))


# ---------------------------------------------------------------------- the score


@pytest.mark.parametrize("name", [name for name in base.METRICS["classification"] if name not in base.LOWER_IS_BETTER])
def test_the_score_is_the_first_metric(name):
    outputs, y = answering([0, 0, 1, 0, 1], 3), torch.tensor([0, 0, 1, 1, 2])
    assert score_of(Kind("classification", name, "f1"), outputs, y) == all_metrics(CLASSES, outputs, y)[name]


def test_r2_can_be_the_score():
    assert score_of(NUMBERS, torch.tensor([[0.0], [3.0]]), torch.tensor([[0.0], [2.0]])) == pytest.approx(1 - 1 / 2)


def test_tasks_may_ask_for_what_there_is():
    """`confusion` is a table, and no number that could be compared."""
    for kind, names in base.METRICS.items():
        assert set(METRICS[kind]) - {"confusion"} == set(names)


def test_everything_is_plain_json():
    for found in (
        all_metrics(CLASSES, answering([0, 1], 2), torch.tensor([0, 0])),
        all_metrics(NUMBERS, torch.ones(2, 1), torch.zeros(2, 1)),
    ):
        assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_class_that_is_never_answered_raises_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        all_metrics(CLASSES, answering([3] * 4, 4), torch.tensor([0, 1, 2, 2]))


# ---------------------------------------------------------------------- answers that are no numbers


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "judge",
    [
        lambda outputs: accuracy(outputs, torch.tensor([0, 1, 0])),
        lambda outputs: all_metrics(CLASSES, outputs, torch.tensor([0, 1, 0])),
        lambda outputs: score_of(Kind("classification", "f1"), outputs, torch.tensor([0, 1, 0])),
        lambda outputs: score_of(NUMBERS, outputs, torch.zeros(3, 2)),
    ],
    ids=["accuracy", "all", "f1", "r2"],
)
def test_answers_that_are_no_numbers_end_a_training(broken, judge):
    outputs = torch.eye(3)[:, :2].clone()
    outputs[1, 0] = broken
    with pytest.raises(TrainingStopped, match="the answers to 1 of 3 examples were NaN or infinite") as stopped:
        judge(outputs)
    assert stopped.value.status == "diverged"


def plain():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 4))


class BreaksWhenAsked(nn.Module):
    """Trains like any other, and answers NaN to whatever it is asked afterwards."""

    def __init__(self):
        super().__init__()
        self.network = plain()

    def forward(self, x):
        return self.network(x) * (1.0 if torch.is_grad_enabled() else math.nan)


@pytest.mark.parametrize("metric", ["accuracy", "f1"])
@pytest.mark.parametrize("name", ["sequential", "population"])
def test_a_network_that_answers_nan_has_diverged(small_task, name, metric):
    task = replace(small_task, metrics=(metric,))
    space = Cabinet(good=plain, bad=BreaksWhenAsked)
    trainer = load(name, space, task, device="cpu")
    good, bad = trainer([("good",), ("bad",)], epochs=2, seed=0)
    assert good.ok
    assert (bad.status, bad.score, bad.curve) == ("diverged", task.chance, ())
    assert bad.reason == "the answers to 32 of 32 examples were NaN or infinite"
    assert trainer.retrain_and_test(("bad",), epochs=1, seed=0).status == "diverged"


@pytest.mark.parametrize("metrics", ["score", "all"])
@pytest.mark.parametrize("name", ["sequential", "population"])
def test_a_last_step_that_is_far_too_large_is_noticed_at_validation(small_task, name, metrics):
    """One step on all examples: its loss is of the weights before, and they are out of range after it."""
    recipe = Recipe(learning_rate=1e38, batch_size=96)
    trainer = load(name, Cabinet(it=plain), small_task, device="cpu", recipe=recipe, metrics=metrics)
    for e in trainer([("it",)] * 2, epochs=1, seed=[0, 1]):
        assert (e.status, e.score, e.metrics) == ("diverged", small_task.chance, {})
        assert math.isfinite(e.losses[0])
        assert "examples were NaN or infinite" in e.reason


@pytest.mark.parametrize("name", ["sequential", "population"])
def test_all_metrics_of_the_best_epoch_are_kept(small_task, name):
    trainer = load(name, Cabinet(it=plain), small_task, device="cpu", metrics="all")
    (e,) = trainer([("it",)], epochs=6, seed=0)
    assert set(e.metrics) == set(METRICS["classification"])
    assert e.metrics["accuracy"] == e.score == max(e.curve)
    assert np.sum(e.metrics["confusion"]) == 32
