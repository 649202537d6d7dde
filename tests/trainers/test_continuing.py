"""A training that was left and taken up again is the training that was never left: to the last bit, on a CPU."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces
from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces.layers import Dropout
from nasedu.tasks import together
from nasedu.tasks.base import Split
from nasedu.trainers import Continuing, Recipe
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.trainers.cabinet import Cabinet

ARCHITECTURES = [("conv3-4", "pool2", "dense8", "stop"), ("dense8", "stop"), ("stop",)]
STOPS = (1, 2, 5)


@pytest.fixture(scope="module")
def noisy_space(small_task):
    """With everything that remembers or draws numbers while it trains."""
    return spaces.load(
        "chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4), batch_norm=True, dropout=0.3
    )


@pytest.fixture(scope="module")
def relatives(small_task):
    """The task, and the same with other images."""
    rng = np.random.default_rng(1)

    def shaken(split):
        return Split(split.X + rng.normal(0, 0.2, split.X.shape).astype(np.float32), split.y)

    other = replace(small_task, name="shaken", train=shaken(small_task.train), validation=shaken(small_task.validation))
    return together(small_task, other)


def trainer_for(space, task, **options):
    return SequentialTrainer(space, task, **({"device": "cpu", "patience": 0} | options))


def in_pieces(trainer, architectures, stops=STOPS, total=STOPS[-1], on_the_way=lambda state: state):
    """What each stop gave: evaluations and states."""
    found, states = [], None
    for epochs in stops:
        found.append(trainer.extend(architectures, epochs=epochs, seed=7, total=total, states=states))
        states = [on_the_way(state) for _, state in found[-1]]
    return found


def straight(trainer, architectures, epochs=STOPS[-1], total=STOPS[-1]):
    return trainer.extend(architectures, epochs=epochs, seed=7, total=total)


def essence(evaluation):
    return replace(evaluation, seconds=0.0)


def assert_same_to_the_last_bit(pieces, whole):
    for (piece, state), (evaluation, other) in zip(pieces, whole, strict=True):
        assert essence(piece) == essence(evaluation)
        assert len(state) == len(other)
        for checkpoint, same in zip(state, other, strict=True):
            assert (checkpoint is None) == (same is None)
            if checkpoint:
                assert_same_checkpoint(checkpoint, same)


def assert_same_checkpoint(checkpoint, same):
    assert (checkpoint.epochs, checkpoint.curve, checkpoint.losses) == (same.epochs, same.curve, same.losses)
    assert checkpoint.metrics == same.metrics
    assert checkpoint.tensors.keys() == same.tensors.keys()
    for name, tensor in checkpoint.tensors.items():
        assert torch.equal(tensor, same.tensors[name]), name


# ---------------------------------------------------------------------- never having stopped


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metrics": "all"},
        {"recipe": Recipe(batch_size=40, learning_rate=0.02)},
        {"patience": 1},
        {"folds": 2},
        {"folds": 2, "patience": 1},
    ],
    ids=str,
)
def test_in_pieces_and_straight_are_the_same(noisy_space, small_task, options):
    trainer = trainer_for(noisy_space, small_task, **options)
    assert isinstance(trainer, Continuing)
    whole = straight(trainer, ARCHITECTURES)
    for on_the_way in (lambda state: state, lambda state: pickle.loads(pickle.dumps(state))):
        assert_same_to_the_last_bit(in_pieces(trainer, ARCHITECTURES, on_the_way=on_the_way)[-1], whole)
    called = trainer(ARCHITECTURES, epochs=STOPS[-1], seed=7)
    assert [essence(e) for e, _ in whole] == [essence(e) for e in called]


def test_several_tasks_together(noisy_space, relatives):
    trainer = trainer_for(noisy_space, relatives)
    pieces = in_pieces(trainer, ARCHITECTURES)[-1]
    assert_same_to_the_last_bit(pieces, straight(trainer, ARCHITECTURES))
    evaluation, state = pieces[0]
    assert len(state) == 2
    assert evaluation.score == pytest.approx(np.mean([max(checkpoint.curve) for checkpoint in state]))


def test_where_it_stops_does_not_matter(noisy_space, small_task):
    trainer = trainer_for(noisy_space, small_task)
    for stops in ((5,), (4, 5), (1, 2, 3, 4, 5), (2, 2, 5)):
        pieces = in_pieces(trainer, ARCHITECTURES[:1], stops)[-1]
        assert_same_to_the_last_bit(pieces, straight(trainer, ARCHITECTURES[:1]))


def test_each_stop_is_what_the_training_had_come_to(noisy_space, small_task):
    trainer = trainer_for(noisy_space, small_task)
    (whole, _), *_ = straight(trainer, ARCHITECTURES)
    for stop, ((evaluation, (checkpoint,)), *_) in zip(STOPS, in_pieces(trainer, ARCHITECTURES), strict=True):
        assert evaluation.curve == checkpoint.curve == whole.curve[:stop]
        assert evaluation.losses == checkpoint.losses == whole.losses[:stop]
        assert evaluation.score == max(whole.curve[:stop])
        assert (evaluation.epochs, checkpoint.epochs) == (stop, stop)


def test_a_state_is_a_copy_and_can_be_taken_up_again(noisy_space, small_task):
    """Two trainings from one state do not disturb each other, nor the state."""
    trainer = trainer_for(noisy_space, small_task)
    ((_, state),) = straight(trainer, ARCHITECTURES[:1], epochs=2)
    before = {name: tensor.clone() for name, tensor in state[0].tensors.items()}
    once, again = (trainer.extend(ARCHITECTURES[:1], epochs=5, seed=7, total=5, states=[state]) for _ in range(2))
    assert_same_to_the_last_bit(once, again)
    assert all(torch.equal(tensor, before[name]) for name, tensor in state[0].tensors.items())


def test_an_equal_trainer_takes_it_up(noisy_space, small_task):
    begun = straight(trainer_for(noisy_space, small_task), ARCHITECTURES, epochs=2)
    other = trainer_for(noisy_space, small_task)
    states = [state for _, state in begun]
    ended = other.extend(ARCHITECTURES, epochs=5, seed=7, total=5, states=states)
    assert_same_to_the_last_bit(ended, straight(other, ARCHITECTURES))


def test_some_begin_while_others_go_on(noisy_space, small_task):
    trainer = trainer_for(noisy_space, small_task)
    ((_, state),) = straight(trainer, ARCHITECTURES[:1], epochs=2)
    mixed = trainer.extend(ARCHITECTURES, epochs=5, seed=7, total=5, states=[state, None, None])
    assert_same_to_the_last_bit(mixed, straight(trainer, ARCHITECTURES))


# ---------------------------------------------------------------------- patience, time, failures


def plain():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 4))


class BreaksAfter(nn.Module):
    """Counts its steps in a buffer, and breaks when there were so many."""

    def __init__(self, steps):
        super().__init__()
        self.network = plain()
        self.most = steps
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        if self.training:
            self.steps += 1
            if self.steps > self.most:
                raise ValueError(f"broke after {self.most} steps")
        return self.network(x)


STEPS_IN_AN_EPOCH = 3  # 96 examples in batches of 32


def test_each_epoch_draws_its_own_noise_wherever_it_stops(small_task):
    """A training that drew the same dropout again in each piece would still agree with itself."""
    masks = []

    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = plain()
            self.dropout = Dropout(0.5)

        def forward(self, x):
            if self.training:
                masks.append(self.dropout(torch.ones(64)).tolist())
            return self.network(x)

    trainer = trainer_for(Cabinet(it=Masked), small_task)
    in_pieces(trainer, [("it",)])
    pieces = masks[:]
    masks.clear()
    straight(trainer, [("it",)])
    assert pieces == masks
    assert len({tuple(mask) for mask in masks}) == len(masks) == 5 * STEPS_IN_AN_EPOCH


def test_one_that_fails_late_fails_at_the_same_step(small_task):
    trainer = trainer_for(Cabinet(good=plain, bad=lambda: BreaksAfter(2 * STEPS_IN_AN_EPOCH + 1)), small_task)
    both = [("bad",), ("good",)]
    stops = in_pieces(trainer, both, (2, 3, 5))
    assert_same_to_the_last_bit(stops[-1], straight(trainer, both))
    assert [[e.status for e, _ in found] for found in stops] == [["ok", "ok"], ["error", "ok"], ["error", "ok"]]
    failed, state = stops[1][0]
    assert failed.score == small_task.chance
    assert failed.reason == "ValueError: broke after 7 steps"
    assert len(failed.curve) == 2
    assert state == (None,)


def test_a_part_that_fails_leaves_the_others_where_they_are(small_task):
    """The second fold has a network that breaks in its third epoch; the first one is trained to the end."""
    built = []

    def second_is_bad():
        built.append(1)
        return BreaksAfter(2 * 4 if len(built) % 2 == 0 else 10**6)  # 128 examples, two folds: 64 each, 2 steps

    trainer = trainer_for(Cabinet(it=second_is_bad), small_task, folds=2)
    stops = in_pieces(trainer, [("it",)], (3, 5))
    ((evaluation, state),) = stops[-1]
    assert evaluation.status == "error"
    assert evaluation.reason.startswith("part 2 of 2: ")
    assert evaluation.score == small_task.chance
    assert state[1] is None
    assert state[0].epochs == 5
    assert_same_to_the_last_bit(stops[-1], straight(trainer, [("it",)]))


class Fades(nn.Module):
    """Answers with the next class, once it has been trained for two epochs."""

    def __init__(self):
        super().__init__()
        self.network = plain()
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        if self.training:
            self.steps += 1
            return self.network(x)
        return self.network(x).roll(int(self.steps > 2 * STEPS_IN_AN_EPOCH), dims=1)


def test_the_best_epoch_counts_whichever_piece_it_was_in(small_task):
    trainer = trainer_for(Cabinet(it=Fades), small_task, recipe=Recipe(learning_rate=0.05))
    stops = in_pieces(trainer, [("it",)], (1, 2, 3, 5))
    curve = stops[-1][0][0].curve
    assert max(curve[:2]) > 0.5 > max(curve[2:])
    for ((evaluation, (checkpoint,)),) in stops:
        best = max(curve[: evaluation.epochs])
        assert evaluation.score == best
        assert evaluation.metrics == checkpoint.metrics == {"accuracy": best}


class Constant(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = plain()

    def forward(self, x):
        return self.network(x) * 0


def test_one_that_was_stopped_early_stays_stopped(small_task):
    trainer = trainer_for(Cabinet(it=Constant), small_task, patience=2)
    stops = in_pieces(trainer, [("it",)], (2, 4, 9), total=9)
    assert [len(found[0][0].curve) for found in stops] == [2, 3, 3]
    assert_same_to_the_last_bit(stops[-1], straight(trainer, [("it",)], epochs=9, total=9))


def test_the_seconds_of_all_pieces_count(small_task):
    trainer = trainer_for(Cabinet(it=plain), small_task, time_limit=1000.0)
    ((first, (checkpoint,)),) = straight(trainer, [("it",)], epochs=1)
    assert 0 < checkpoint.seconds <= first.seconds
    slow = replace(checkpoint, seconds=500.0)
    ((second, (after,)),) = trainer.extend([("it",)], epochs=2, seed=7, total=5, states=[(slow,)])
    assert 500 < after.seconds <= second.seconds < 1000
    over = replace(checkpoint, seconds=1000.0)
    ((late, state),) = trainer.extend([("it",)], epochs=2, seed=7, total=5, states=[(over,)])
    assert (late.status, late.score, state) == ("timeout", small_task.chance, (None,))


def test_nothing_is_trained_that_was_trained(small_task):
    steps = []

    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = plain()

        def forward(self, x):
            if self.training:
                steps.append(len(x))
            return self.network(x)

    in_pieces(trainer_for(Cabinet(it=Counts), small_task), [("it",)], (1, 1, 2, 4, 5))
    assert len(steps) == 5 * STEPS_IN_AN_EPOCH


# ---------------------------------------------------------------------- the door


def test_what_is_refused(small_space, small_task):
    trainer = trainer_for(small_space, small_task)
    with pytest.raises(BadValue, match="3 epochs of a training that has 2 in all; give total >= epochs"):
        trainer.extend([("stop",)], epochs=3, seed=0, total=2)
    with pytest.raises(BadValue, match="1 architectures and 2 states"):
        trainer.extend([("stop",)], epochs=1, seed=0, total=2, states=[None, None])
    with pytest.raises(BadArchitecture):
        trainer.extend([("pool2", "stop")], epochs=1, seed=0, total=2)
