"""The reference trainer: what it does with candidates that fail, when it stops, and what it looks at."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces, trainers
from nasedu.core import BadArchitecture, BadValue, UnknownName
from nasedu.trainers import Recipe
from nasedu.trainers.base import Trainer, check_epochs, one_seed_each
from nasedu.trainers.single.devices import pick_device
from nasedu.trainers.single.sequential import SequentialTrainer
from nasedu.trainers.single.training import order_of
from nasedu.trainers.single.training_record import TrainingRecord
from tests.trainers.cabinet import Cabinet


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

    e = train(small_task, deep, recipe=Recipe(learning_rate=1e30))
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
    e = trainer.retrain_and_test(("bad",), epochs=1, seed=0)
    assert (e.status, e.score) == ("error", small_task.chance)


def test_ctrl_c_passes_through(small_task):
    with pytest.raises(KeyboardInterrupt):
        train(small_task, only_in_training(KeyboardInterrupt()))


# ---------------------------------------------------------------------- training


def test_it_learns(small_task):
    e = train(small_task, plain, epochs=8, recipe=Recipe(learning_rate=0.03, batch_size=8))
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

    assert train(small_task, network, epochs=1, recipe=Recipe(batch_size=5)).ok
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
        trainer = SequentialTrainer(space, small_task, device="cpu", recipe=Recipe(batch_size=16))
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
    trainer.retrain_and_test(("it",), epochs=1, seed=0)
    assert seen == [2, 2]
    assert torch.get_num_threads() == before


class Fixed(nn.Module):
    """Answers with the four corners, whatever its only weight is."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x[:, 0, ::5, ::5].flatten(1) + 0 * self.weight


def test_the_losses_are_the_means_over_all_examples_of_an_epoch(small_task):
    """96 examples in batches of 7: the last batch has 5, and they count as much as the others."""
    corners = small_task.train.X[:, 0, ::5, ::5].reshape(96, 4).astype(np.float64)
    powers = np.exp(corners)
    expected = -np.log(powers[np.arange(96), small_task.train.y] / powers.sum(1)).mean()
    e = train(small_task, Fixed, epochs=3, recipe=Recipe(batch_size=7))
    assert e.losses == pytest.approx([expected] * 3, rel=1e-6)


def test_everything_that_is_given_matters(small_task):
    base = train(small_task, plain, epochs=2)
    assert train(small_task, plain, epochs=2, seed=1).curve != base.curve
    assert train(small_task, plain, epochs=2, recipe=Recipe(learning_rate=0.05)).curve != base.curve
    assert train(small_task, plain, epochs=2, recipe=Recipe(batch_size=8)).curve != base.curve


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
    e = trainer.retrain_and_test(("it",), epochs=2, seed=0)
    assert set(trained) == rows(small_task.train, small_task.validation)
    assert len(trained) == 2 * 128
    assert sorted(tested[1:]) == sorted(rows(small_task.test.opened()))  # the first one is for counting FLOPs
    assert e.curve == ()


def test_the_last_training_ends_after_the_best_epoch_with_the_schedule_of_the_search(small_task, small_space):
    trainer = SequentialTrainer(small_space, small_task, device="cpu", recipe=Recipe(schedule="cosine"))

    def losses(epochs, best_epoch):
        return trainer.retrain_and_test(("conv1-2", "stop"), epochs=epochs, seed=0, best_epoch=best_epoch).losses

    assert losses(8, 3) == losses(8, None)[:3]
    assert losses(8, 3) != losses(3, 3), "the rate falls as it fell in the search"


def test_the_weights_of_the_last_training_are_those_that_were_tested(small_task, small_space):
    trainer = SequentialTrainer(small_space, small_task, device="cpu")
    tested = trainer.retrain_and_test(("conv1-2", "stop"), epochs=4, seed=0)
    network = small_space.build(("conv1-2", "stop"))
    network.load_state_dict({name: torch.from_numpy(value) for name, value in tested.weights.items()})
    X, y = small_task.test.opened()
    with torch.no_grad():
        assert (network.eval()(torch.from_numpy(X)).argmax(1).numpy() == y).mean() == tested.score
    assert "weights" not in tested.to_json()


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
    examples = [example.tobytes() for example in small_task.train.X]
    expected = [examples[place] for epoch in (1, 2) for place in order_of(96, 0, epoch)]
    assert once == again == expected
    assert once != other
    assert once[:96] != once[96:]
    assert set(once[:96]) == set(once[96:]) == set(other[:96])


def test_judge_gives_accuracy_recall_and_f1_by_hand(small_task, small_space):
    e = SequentialTrainer(small_space, small_task, device="cpu").retrain_and_test(("conv1-2", "stop"), epochs=8, seed=0)
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


# ---------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    "options",
    [
        {"patience": -1},
        {"time_limit": 0},
        {"threads": 0},
        {"device": "abacus"},
        {"precision": "int3"},
        {"metrics": "some"},
        {"folds": 1},
        {"folds": 33},
    ],
)
def test_impossible_parameters_are_refused(small_task, small_space, options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        SequentialTrainer(small_space, small_task, **options)


@pytest.mark.parametrize("kind", ["sequence", "control"])
def test_only_classes_and_numbers_are_trained(small_task, small_space, kind):
    other = replace(small_task, kind=kind, metrics=("return",))
    with pytest.raises(BadValue, match=f"trains on examples of classes or numbers; task 'corners' is {kind}"):
        SequentialTrainer(small_space, other)


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
        trainer.retrain_and_test(("pool2", "stop"), epochs=1, seed=0)
    with pytest.raises(BadValue):
        trainer.retrain_and_test(("stop",), epochs=0, seed=0)


def test_load_refuses_unknown_names_and_parameters(small_task, small_space):
    with pytest.raises(UnknownName, match=r"unknown trainer 'fast'; known: .*sequential"):
        trainers.load("fast", small_space, small_task)
    with pytest.raises(BadValue, match=r"trainer 'sequential' has no parameter 'lr'; it has: .*patience"):
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
    assert trainer.retrain_and_test(architectures[0], epochs=2, seed=0).ok


def test_a_network_that_kept_the_time_limit_keeps_it_before_its_test(small_space, small_task, monkeypatch):
    steps = []
    monkeypatch.setattr(TrainingRecord, "seconds", property(lambda record: float(len(steps))))
    monkeypatch.setattr("nasedu.trainers.single.training_loop.set_rate", lambda *_: steps.append(1))  # a second each
    trainer = SequentialTrainer(small_space, small_task, device="cpu", time_limit=len(small_task.train.y) / 32)
    assert trainer([("conv1-2", "stop")], epochs=1, seed=0)[0].ok
    steps.clear()
    assert trainer.retrain_and_test(("conv1-2", "stop"), epochs=1, seed=0).ok  # with more examples
    assert len(steps) > trainer.time_limit
    steps.clear()
    assert trainer.retrain_and_test(("conv1-2", "stop"), epochs=8, seed=0).status == "timeout"
