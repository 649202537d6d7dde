"""The reference trainer: what it does with candidates that fail, when it stops, and what it looks at."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces, trainers
from nasedu.core import BadArchitecture, BadValue, UnknownName
from nasedu.spaces import Space
from nasedu.trainers.base import Trainer, check_epochs, one_seed_each
from nasedu.trainers.sequential import SequentialTrainer, accuracy, classification_metrics, pick_device, predict


class Cabinet(Space):
    """One architecture for each network that is put in."""

    name = "cabinet"

    def __init__(self, **networks):
        self.networks = networks

    def start(self):
        return "open"

    def choices(self, state):
        return tuple(self.networks) if state == "open" else ()

    def step(self, state, choice):
        return "closed"

    def build(self, architecture):
        return self.networks[architecture[0]]()


def plain():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 4))


class Trick(nn.Module):
    """A network that does something before it answers."""

    def __init__(self, trick):
        super().__init__()
        self.network = plain()
        self.trick = trick

    def forward(self, x):
        return self.trick(self.network(x))


def only_in_training(error):
    def trick(output):
        if torch.is_grad_enabled():
            raise error
        return output

    return lambda: Trick(trick)


def train(task, network, epochs=3, seed=0, **options):
    trainer = SequentialTrainer(Cabinet(it=network), task, **({"device": "cpu"} | options))
    return trainer([("it",)], epochs=epochs, seed=seed)[0]


# ---------------------------------------------------------------------- candidates that fail


def test_a_network_that_gives_nan_diverged(small_task):
    e = train(small_task, lambda: Trick(lambda output: output * math.nan))
    assert (e.status, e.score, e.curve) == ("diverged", small_task.chance, ())
    assert e.reason == "the loss was nan in epoch 1"
    assert e.parameters == 36 * 4 + 4


def test_a_step_size_that_is_far_too_large_diverges(small_task):
    def deep():
        return nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.Linear(8, 8), nn.Linear(8, 4))

    e = train(small_task, deep, learning_rate=1e30)
    assert (e.status, e.score) == ("diverged", small_task.chance)
    assert e.reason.startswith("the loss was ")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        MemoryError("no room"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: not enough memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_network_without_memory(small_task, error):
    e = train(small_task, only_in_training(error))
    assert (e.status, e.score) == ("out-of-memory", small_task.chance)
    assert type(error).__name__ in e.reason


def test_a_network_of_a_petabyte(small_task):
    e = train(small_task, lambda: nn.Linear(36, 10**13))
    assert (e.status, e.score, e.parameters, e.flops) == ("out-of-memory", small_task.chance, None, None)


def test_a_network_that_is_too_slow(small_task):
    e = train(small_task, plain, time_limit=1e-9)
    assert (e.status, e.score) == ("timeout", small_task.chance)
    assert e.reason.endswith("in epoch 1; the limit is 1e-09 s")


@pytest.mark.parametrize("network", [only_in_training(ValueError("a\nb")), lambda: nn.Linear(5, 4), lambda: None])
def test_a_network_with_a_mistake(small_task, network):
    e = train(small_task, network)
    assert (e.status, e.score) == ("error", small_task.chance)
    assert e.reason
    assert "\n" not in e.reason


def test_one_failure_does_not_disturb_the_others(small_task):
    space = Cabinet(good=plain, bad=only_in_training(ValueError("no")))
    found = SequentialTrainer(space, small_task, device="cpu")([("good",), ("bad",), ("good",)], epochs=2, seed=0)
    assert [e.status for e in found] == ["ok", "error", "ok"]
    assert found[0].curve == found[2].curve


def test_judge_turns_a_failure_into_a_result_too(small_task):
    trainer = SequentialTrainer(Cabinet(bad=only_in_training(ValueError("no"))), small_task, device="cpu")
    e = trainer.judge(("bad",), epochs=1, seed=0)
    assert (e.status, e.score) == ("error", small_task.chance)


def test_ctrl_c_passes_through(small_task):
    with pytest.raises(KeyboardInterrupt):
        train(small_task, only_in_training(KeyboardInterrupt()))


# ---------------------------------------------------------------------- training


def test_it_learns(small_task):
    e = train(small_task, plain, epochs=8, learning_rate=0.03, batch_size=8)
    assert e.ok
    assert e.score == max(e.curve) > 0.9
    assert e.metrics == {"accuracy": e.score}
    assert (e.epochs, e.seed, e.reason, e.flops) == (8, 0, "", 2 * 36 * 4)


def constant():
    return Trick(lambda output: output * 0)


@pytest.mark.parametrize(("patience", "length"), [(1, 2), (3, 4), (0, 10)])
def test_it_stops_when_nothing_improves(small_task, patience, length):
    assert len(train(small_task, constant, epochs=10, patience=patience).curve) == length


def test_the_score_is_the_best_epochs(small_task):
    """Its answers get worse each time it is asked: the first epoch counts."""

    class Tiring(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))
            self.epochs = 0

        def forward(self, x):
            corners = torch.stack([x[:, 0, 0, 0], x[:, 0, 0, 5], x[:, 0, 5, 0], x[:, 0, 5, 5]], 1)
            if not self.training and len(x) > 1:
                self.epochs += 1
                corners = corners.roll(self.epochs - 1, dims=1)
            return corners * self.scale

    e = train(small_task, Tiring, epochs=3)
    assert e.curve[0] > 0.9
    assert e.curve[1] < 0.5
    assert e.score == e.curve[0]


def test_a_batch_of_one_is_left_out(small_task):
    """96 examples in batches of 5 leave one over, which batch normalisation could not normalise."""
    sizes = []

    def network():
        return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(36), nn.Linear(36, 4), Watch(sizes))

    assert train(small_task, network, epochs=1, batch_size=5).ok
    assert sizes == [5] * 19


class Watch(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes = sizes

    def forward(self, x):
        if self.training:
            self.sizes.append(len(x))
        return x


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"batch_norm": True}])
def test_dropout_and_batch_norm_change_the_curve_but_not_from_run_to_run(small_task, options):
    curves = []
    for chosen in ({}, options, options):
        space = spaces.load("chain-cnn", small_task, filters=(4,), dense=(16,), **chosen)
        trainer = SequentialTrainer(space, small_task, device="cpu", batch_size=16)
        torch.rand(len(curves) + 1)
        curves.append(trainer([("conv3-4", "pool2", "dense16", "stop")], epochs=4, seed=1)[0].curve)
    assert curves[1] == curves[2]
    assert curves[0] != curves[1]


@pytest.mark.parametrize("network", [plain, only_in_training(ValueError("no"))])
def test_torch_has_as_many_threads_afterwards_as_before(small_task, network):
    seen = []

    def watching():
        seen.append(torch.get_num_threads())
        return network()

    before = torch.get_num_threads()
    trainer = SequentialTrainer(Cabinet(it=watching), small_task, device="cpu", threads=2)
    trainer([("it",)], epochs=1, seed=0)
    trainer.judge(("it",), epochs=1, seed=0)
    assert seen == [2, 2]
    assert torch.get_num_threads() == before


def test_everything_that_is_given_matters(small_task):
    base = train(small_task, plain, epochs=2)
    assert train(small_task, plain, epochs=2, seed=1).curve != base.curve
    assert train(small_task, plain, epochs=2, learning_rate=0.05).curve != base.curve
    assert train(small_task, plain, epochs=2, batch_size=8).curve != base.curve


# ---------------------------------------------------------------------- the last word


class Diary(nn.Module):
    """Writes down which examples it was shown in training, and which in testing."""

    def __init__(self, trained, tested):
        super().__init__()
        self.network = plain()
        self.trained, self.tested = trained, tested

    def forward(self, x):
        (self.trained if self.training else self.tested).extend(example.numpy().tobytes() for example in x)
        return self.network(x)


def rows(*splits):
    return {example.tobytes() for split in splits for example in split.X}


def test_judge_trains_on_training_and_validation_examples_and_tests_once(small_task):
    trained, tested = [], []
    trainer = SequentialTrainer(Cabinet(it=lambda: Diary(trained, tested)), small_task, device="cpu")
    e = trainer.judge(("it",), epochs=2, seed=0)
    assert set(trained) == rows(small_task.train, small_task.validation)
    assert len(trained) == 2 * 128
    assert sorted(tested[1:]) == sorted(rows(small_task.test.opened()))  # the first one is for counting FLOPs
    assert e.curve == ()


def test_a_search_never_sees_a_test_example(small_task):
    trained, tested = [], []
    trainer = SequentialTrainer(Cabinet(it=lambda: Diary(trained, tested)), small_task, device="cpu")
    trainer([("it",)], epochs=2, seed=0)
    assert set(trained) == rows(small_task.train)
    assert set(tested[1:]) == rows(small_task.validation)


def test_the_order_of_the_examples_comes_from_the_seed_and_changes_every_epoch(small_task):
    def order(seed):
        trained = []
        train(small_task, lambda: Diary(trained, []), epochs=2, seed=seed)
        return trained

    once, again, other = order(0), order(0), order(1)
    assert once == again
    assert once != other
    assert once[:96] != once[96:]
    assert set(once[:96]) == set(once[96:]) == set(other[:96])


def test_judge_gives_accuracy_recall_and_f1_by_hand(small_task, small_space):
    e = SequentialTrainer(small_space, small_task, device="cpu").judge(("conv1-2", "stop"), epochs=8, seed=0)
    confusion = np.array(e.metrics["confusion"])
    right = np.diag(confusion)
    recall = right / confusion.sum(1)
    precision = np.divide(right, confusion.sum(0), out=np.zeros(4), where=confusion.sum(0) > 0)
    f1 = np.divide(2 * recall * precision, recall + precision, out=np.zeros(4), where=recall + precision > 0)
    assert confusion.sum() == len(small_task.test)
    assert 0.25 < e.score < 1
    assert e.score == e.metrics["accuracy"] == pytest.approx(right.sum() / 32)
    assert e.metrics["recall"] == pytest.approx(recall.mean())
    assert e.metrics["f1"] == pytest.approx(f1.mean())


def test_metrics_of_answers_by_hand():
    """Class 0: both found, one too many (precision 2/3). Class 1: one of two found. Class 2: never answered."""
    found = classification_metrics(np.array([0, 0, 1, 1, 2]), np.array([0, 0, 1, 0, 1]))
    assert found["accuracy"] == 3 / 5
    assert found["recall"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["f1"] == pytest.approx((0.8 + 0.5 + 0) / 3)
    assert found["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 1, 0]]


def test_predict_and_accuracy_in_pieces():
    X = torch.eye(3).repeat(700, 1)
    y = torch.arange(3).repeat(700)
    network = nn.Identity().train()
    assert torch.equal(predict(network, X), y)
    y[:21] = (y[:21] + 1) % 3
    assert accuracy(network, X, y) == 1 - 21 / 2100


# ---------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 1},
        {"learning_rate": 0},
        {"patience": -1},
        {"time_limit": 0},
        {"threads": 0},
        {"device": "abacus"},
    ],
)
def test_impossible_parameters_are_refused(small_task, small_space, options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        SequentialTrainer(small_space, small_task, **options)


def test_only_classification_is_trained(small_task, small_space):
    numbers = replace(small_task, kind="regression")
    with pytest.raises(BadValue, match="trains classifiers; task 'corners' is regression"):
        SequentialTrainer(small_space, numbers)


@pytest.mark.parametrize("epochs", [0, -3, 1.5, True, "3"])
def test_epochs_are_a_whole_number(epochs):
    with pytest.raises(BadValue, match="epochs is a whole number of at least 1; given"):
        check_epochs(epochs)


def test_one_seed_for_all_or_one_for_each():
    assert one_seed_each([("a",), ("b",)], 3) == [3, 3]
    assert one_seed_each([("a",), ("b",)], (3, 4)) == [3, 4]
    with pytest.raises(BadValue, match="2 architectures and 1 seeds"):
        one_seed_each([("a",), ("b",)], [3])


def test_judge_refuses_what_it_cannot_read(small_task, small_space):
    trainer = SequentialTrainer(small_space, small_task, device="cpu")
    assert isinstance(trainer, Trainer)
    with pytest.raises(BadArchitecture):
        trainer.judge(("pool2", "stop"), epochs=1, seed=0)
    with pytest.raises(BadValue):
        trainer.judge(("stop",), epochs=0, seed=0)


def test_load_refuses_unknown_names_and_parameters(small_task, small_space):
    with pytest.raises(UnknownName, match=r"unknown trainer 'fast'; known: .*sequential"):
        trainers.load("fast", small_space, small_task)
    with pytest.raises(BadValue, match=r"trainer 'sequential' has no parameter 'lr'; it has: .*learning_rate"):
        trainers.load("sequential", small_space, small_task, lr=1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: training on a GPU is not tested")
def test_a_gpu_trains_and_repeats_itself(small_task, small_space):
    assert pick_device("auto").type == "cuda"
    trainer = SequentialTrainer(small_space, small_task)
    architectures = [("conv3-4", "pool2", "dense8", "stop"), ("stop",)]
    once, again = (trainer(architectures, epochs=6, seed=0) for _ in range(2))
    assert all(e.ok for e in once)
    assert [e.curve for e in once] == [e.curve for e in again]
    assert trainer.judge(architectures[0], epochs=2, seed=0).ok
