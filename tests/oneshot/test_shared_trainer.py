"""Scores with shared weights: what they are, how they are normalised, and that the trainer is one like any other."""

import pickle

import pytest
import torch

from nasedu import Study, controllers, spaces, trainers
from nasedu.core import BadValue
from nasedu.oneshot import scoring
from nasedu.oneshot.batch_norm import normalised
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import SupernetTraining
from nasedu.tasks.multi_task import together
from nasedu.trainers import Recipe
from tests.trainers.cabinet import Cabinet

NORMED = Recipe(batch_size=16, learning_rate=0.02, batch_norm=True)


@pytest.fixture(scope="module")
def shared(small_space, small_task):
    """A trainer whose supernet is trained already."""
    trainer = trainers.load("shared", small_space, small_task, device="cpu", steps=80, recipe=NORMED)
    trainer.supernet(0)
    return trainer


def test_the_evaluation_says_that_the_weights_were_shared(shared, small_space):
    architecture = ("conv3-4", "pool2", "stop")
    (evaluation,) = shared([architecture], epochs=8, seed=0)
    assert evaluation.ok
    assert evaluation.metrics["shared_steps"] == 80
    assert evaluation.metrics["accuracy"] == evaluation.score
    assert evaluation.parameters == sum(p.numel() for p in shared.supernet(0).extract(architecture).parameters())
    assert evaluation.curve == ()


def test_a_trained_supernet_is_better_than_guessing(small_task):
    space = spaces.load("mlp", small_task, depth=1, widths=(16,))
    trainer = trainers.load("shared", space, small_task, device="cpu", steps=100, recipe=Recipe(learning_rate=0.02))
    found = trainer.score_all()
    assert min(found.values()) > 0.6  # chance is 0.25
    # Layers of one shape read different weights here, those of relu or of tanh.
    assert list(found.values()) == [trainer([a], epochs=1, seed=0)[0].score for a in found]


def test_all_members_are_scored_as_one_by_one(shared, small_space):
    found = shared.score_all()
    assert list(found) == list(small_space.enumerate())
    some = list(found)[::17]
    assert [found[a] for a in some] == [e.score for e in shared(some, epochs=1, seed=0)]
    assert shared.score_all(architectures=some[:2]) == {a: found[a] for a in some[:2]}


def test_layers_that_begin_alike_are_computed_once(shared, small_space, monkeypatch):
    layers = []
    monkeypatch.setattr(scoring, "normalised", lambda *given: (layers.append(given[0]), normalised(*given))[1])
    shared.score_all()
    alone = sum(len(small_space.build(a)) for a in small_space.enumerate())
    assert len(layers) < 0.75 * alone


@pytest.mark.parametrize("statistics", ["running", "batch", "re-estimated"])
def test_the_three_statistics_are_those_of_a_network_that_is_extracted(statistics, shared, small_space, small_task):
    """Each way is done again by torch's own means, on a network of its own."""
    supernet, X = shared.supernet(0), torch.from_numpy(small_task.validation.X)
    seen = torch.from_numpy(small_task.train.X[:40])
    before = {key: tensor.clone() for key, tensor in supernet.statistics.items()}
    for architecture in list(small_space.enumerate())[::29]:
        network = supernet.extract(architecture).eval()
        norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d)]
        with torch.no_grad():
            if statistics == "re-estimated":
                for norm in norms:
                    norm.reset_running_stats()
                    norm.momentum = None  # the mean over all batches, here one
                network.train()(seen)
            expected = (network.train() if statistics == "batch" else network.eval())(X)
        ((_, found),) = answers(supernet, [architecture], X, statistics=statistics, seen=seen)
        assert torch.allclose(found, expected, atol=1e-5)
    assert all(torch.equal(tensor, before[key]) for key, tensor in supernet.statistics.items())


def test_a_supernet_is_trained_once_for_a_seed(small_space, small_task, monkeypatch):
    trained = []
    begin = SupernetTraining.__init__
    monkeypatch.setattr(
        SupernetTraining, "__init__", lambda self, *a, **k: (trained.append(k["seed"]), begin(self, *a, **k))[1]
    )
    trainer = trainers.load("shared", small_space, small_task, device="cpu", steps=2)
    for seed in (0, 0, 1, 0):
        trainer([("stop",), ("conv3-2", "stop")], epochs=1, seed=seed)
    assert trained == [0, 1]


def test_a_controller_searches_with_shared_weights_and_the_best_is_trained_alone(shared, small_space):
    with Study(small_space, controllers.load("regularized-evolution", small_space, seed=0), shared, epochs=3) as study:
        found = list(study.run(trials=12))
        result = study.finish()
    assert len(found) == 12
    assert {trial.evaluation.metrics["shared_steps"] for trial in found} == {80}
    assert len(result.losses) == 3


def test_the_trained_supernet_travels_to_workers(shared, small_space):
    asked = [("conv3-4", "stop"), ("conv1-2", "pool2", "stop")]
    here = [e.score for e in shared(asked, epochs=1, seed=0)]
    there = pickle.loads(pickle.dumps(shared))
    assert set(there._supernets) == set(shared._supernets)
    assert [e.score for e in there(asked, epochs=1, seed=0)] == here


def test_several_tasks_have_a_supernet_each(small_space, small_task):
    import dataclasses

    other = dataclasses.replace(small_task, name="other", train=small_task.validation, validation=small_task.train)
    trainer = trainers.load("shared", small_space, together(small_task, other), device="cpu", steps=2)
    (evaluation,) = trainer([("conv3-2", "stop")], epochs=1, seed=0)
    assert len(evaluation.metrics["scores"]) == 2
    assert trainer.score_all(architectures=[("conv3-2", "stop")]) == {
        ("conv3-2", "stop"): pytest.approx(evaluation.score)
    }


def test_a_supernet_that_diverges_is_an_evaluation_of_chance_and_not_trained_again(small_space, small_task):
    recipe = Recipe(optimiser="sgd", learning_rate=1e9)
    trainer = trainers.load("shared", small_space, small_task, device="cpu", steps=40, recipe=recipe)
    first, again = (trainer([("conv3-2", "stop")], epochs=1, seed=0)[0] for _ in range(2))
    assert (first.status, first.score) == ("diverged", small_task.chance)
    assert "the loss of the supernet was" in first.reason
    assert again.reason == first.reason
    slow = trainers.load("shared", small_space, small_task, device="cpu", steps=40, time_limit=1e-6)
    assert slow([("conv3-2", "stop")], epochs=1, seed=0)[0].status == "timeout"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"steps": 0}, "steps is a whole number of at least 1"),
        ({"paths": "fair"}, "strict fairness needs decisions that do not depend"),
        ({"paths": "all"}, "paths is one of uniform, fair"),
        ({"statistics": "none"}, "unknown statistics of batch normalisation 'none'; known: running, batch"),
    ],
    ids=str,
)
def test_nonsense_is_refused_at_the_door(options, told, small_space, small_task):
    with pytest.raises(BadValue, match=told):
        trainers.load("shared", small_space, small_task, **options)


def test_a_space_without_a_supernet_is_refused(small_task):
    with pytest.raises(BadValue, match=r"space 'cabinet' has no supernet; those that have: .*\bmlp\b"):
        trainers.load("shared", Cabinet(), small_task)
