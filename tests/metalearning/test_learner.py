"""Every learner learns, adapts, stops and goes on bit for bit, and refuses what does not fit."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces, tasks
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.metalearning import load, registry
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.examples import on_device
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.learner import Learner
from nasedu.metalearning.networks import image_network, network_of, wave_network
from nasedu.metalearning.sinusoids import Sinusoids
from nasedu.metalearning.task_distribution import one_task
from tests.metalearning.small import (
    BLOBS,
    COMPARING,
    DESCENDING,
    WAVES,
    blobs,
    image_net,
    learner_of,
    wave_net,
)

METHODS = (*DESCENDING, "metanas", *COMPARING)


def numbers(learner):
    return {name: tensor.detach().clone() for name, tensor in learner.tensors().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_these_are_all_methods():
    assert sorted(METHODS) == sorted(registry)


# ---------------------------------------------------------------------- learn and adapt


@pytest.mark.parametrize("name", METHODS)
def test_a_learner_learns_from_tasks_and_adapts_to_another(name):
    learner, tasks_of = learner_of(name, meta_rate=0.01)
    steps = list(learner.meta_train(tasks_of, steps=60))
    assert [step.number for step in steps] == list(range(1, 61))
    if name != "metanas":  # it reports the loss before the first inner step, and the classes are numbered at random
        assert np.mean([step.loss for step in steps[-10:]]) < 0.9 * np.mean([step.loss for step in steps[:10]])
    batch = tasks_of.draw(3, np.random.default_rng(5))
    together = learner.answers(batch).numpy()
    for number in range(3):
        support, query = one_task(batch, number)
        predictor = learner.adapt(support)
        assert predictor(query.X) == pytest.approx(together[number], abs=1e-4)
        if tasks_of is BLOBS:
            assert np.array_equal(predictor.classes(query.X), together[number].argmax(-1))


FOR_THE_SUPPORT_SET = ("fine-tuning", "learned-optimizer")
"""What these learn makes the loss of a support set small, which need not be good for queries."""


@pytest.mark.parametrize("name", [name for name in METHODS if name not in FOR_THE_SUPPORT_SET])
def test_what_is_learned_is_worth_more_on_new_tasks_than_where_it_began(name):
    gains = []
    for seed in range(3 if name == "metanas" else 1):  # of the cells that it begins with, about one in four never pays
        learner, tasks_of = learner_of(name, meta_rate=0.01, seed=seed)
        before = meta_test(learner, tasks_of, 100)
        list(learner.meta_train(tasks_of, steps=150))
        after = meta_test(learner, tasks_of, 100)
        gains.append((before.scores - after.scores) * (1 if tasks_of is WAVES else -1))  # the same tasks
    gain = np.concatenate(gains)
    assert gain.mean() > 1.96 * gain.std() / len(gain) ** 0.5


def test_a_test_of_a_learner_is_the_mean_of_its_tasks_with_its_interval():
    learner, _ = learner_of("prototypes")
    found = meta_test(learner, BLOBS, 70)
    assert len(found.scores) == 70
    assert found.mean == pytest.approx(found.scores.mean())
    assert found.interval == pytest.approx(1.96 * found.scores.std(ddof=1) / 70**0.5)
    assert np.array_equal(found.scores, meta_test(learner, BLOBS, 70).scores)
    assert not np.array_equal(found.scores, meta_test(learner, BLOBS, 70, seed=1).scores)
    waves = meta_test(learner_of("maml")[0], WAVES, 3, steps=2)
    assert (waves.scores > 0).all()


def test_more_inner_steps_fit_a_support_set_better():
    learner, _ = learner_of("maml", inner_rate=0.05)
    (support, _) = one_task(WAVES.draw(1, np.random.default_rng(2)), 0)
    errors = [float(np.square(learner.adapt(support, steps)(support.X) - support.y).mean()) for steps in (0, 1, 5, 20)]
    assert errors == sorted(errors, reverse=True)
    assert [step.number for step in learner.adaptation(support, 4)] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", COMPARING)
def test_an_answer_does_not_depend_on_what_else_is_asked(name):
    learner, _ = learner_of(name)
    list(learner.meta_train(BLOBS, steps=5))  # running statistics are no longer 0 and 1
    support, query = one_task(BLOBS.draw(1, np.random.default_rng(2)), 0)
    predictor = learner.adapt(support)
    assert predictor(query.X[:1]) == pytest.approx(predictor(query.X)[:1], abs=1e-5)


def test_the_gradient_of_a_step_is_as_long_as_it_may_be():
    def length(clip):
        (step,) = learner_of("maml", clip=clip)[0].meta_train(WAVES, steps=1)
        return float(torch.stack([part.norm() for part in step.gradient.values()]).norm())

    free = length(1e6)
    assert length(free / 3) == pytest.approx(free / 3, rel=1e-5)


def test_inner_steps_of_reptile_take_other_examples(monkeypatch):
    learner, _ = learner_of("reptile", inner_steps=4, minibatch=3)
    seen = []

    def descend(learned, batches):
        batches = list(batches)
        seen.extend(batch.X.flatten() for batch in batches)
        return type(learner).descend(learner, learned, batches)

    monkeypatch.setattr(learner, "descend", descend)
    learner.function.batched = False
    batch = on_device(WAVES.draw(1, np.random.default_rng(0)), torch.device("cpu"))
    learner.meta_gradient(batch, np.random.default_rng(0))
    assert len(seen) == 4
    assert len(torch.cat(seen[:2]).unique()) == 6  # no example comes again before all 7 have been seen


def test_the_seed_decides_everything():
    def trained(seed):
        learner, tasks_of = learner_of("maml", seed=seed)
        list(learner.meta_train(tasks_of, steps=3))
        return numbers(learner)

    torch.manual_seed(1)
    one = trained(0)
    torch.manual_seed(2)
    assert same(one, trained(0))
    assert not same(one, trained(1))


def test_weights_can_be_kept():
    network = wave_net()
    kept, drawn = (load("maml", network, keep_weights=keep) for keep in (True, False))
    assert torch.equal(kept.learned["0.weight"], network[0].weight)
    assert not torch.equal(drawn.learned["0.weight"], network[0].weight)
    list(kept.meta_train(WAVES, steps=2))
    assert not torch.equal(kept.learned["0.weight"], network[0].weight)  # a copy was trained


def test_the_rate_falls_to_zero_where_the_number_of_steps_is_known():
    def last_move(steps, done):
        learner, _ = learner_of("maml")
        steps = learner.meta_train(WAVES, steps=steps)
        list(itertools.islice(steps, done - 1))
        before = numbers(learner)
        next(steps)
        return float(sum((after - before[name]).abs().sum() for name, after in numbers(learner).items()))

    assert last_move(40, 40) < 0.1 * last_move(None, 40)


def test_learned_rates_move_more_slowly_than_weights():
    learner, _ = learner_of("meta-sgd", share=0.25)
    before = numbers(learner)
    list(itertools.islice(learner.meta_train(WAVES), 1))  # Adam's first step has the length of its rate
    moves = {name: float((after - before[name]).abs().max()) for name, after in numbers(learner).items()}
    assert moves["learned/0.weight"] == pytest.approx(1e-3, rel=0.01)
    assert moves["learned/rate of 0.weight"] == pytest.approx(0.25e-3, rel=0.01)


# ---------------------------------------------------------------------- stop and resume


@pytest.mark.parametrize("name", METHODS)
def test_a_learner_goes_on_bit_for_bit_where_it_was_left(name, tmp_path):
    whole, tasks_of = learner_of(name)
    expected = [step.loss for step in whole.meta_train(tasks_of, steps=6)]
    first, _ = learner_of(name)
    found = [step.loss for step in itertools.islice(first.meta_train(tasks_of, steps=6), 3)]
    first.save(tmp_path / "half.safetensors")
    again, _ = learner_of(name)
    again.load(tmp_path / "half.safetensors")
    found += [step.loss for step in again.meta_train(tasks_of, steps=6)]
    assert found == expected
    assert same(numbers(again), numbers(whole))
    assert not same(numbers(again), numbers(first))


def other_network():
    return load("maml", nn.Sequential(nn.Linear(1, 7), nn.Tanh(), nn.Linear(7, 1)), batch=3)


def other_layers():
    network = nn.Sequential(nn.Linear(1, 6), nn.ReLU(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 1))
    return load("maml", network, batch=3)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (other_network, r"of another network: its '0.weight' has the shape \[6, 1\], and here it has \[7, 1\]"),
        (other_layers, "of another network with weights of the same shapes"),
        (lambda: learner_of("reptile")[0], "of another learner: its method is 'MAML', and here it is 'Reptile'"),
        (lambda: learner_of("maml", seed=1)[0], "its seed is 0, and here it is 1"),
        (lambda: learner_of("maml", inner_rate=0.5)[0], "its inner_rate is 0.01, and here it is 0.5"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused_and_changes_nothing(other, message, tmp_path):
    learner, _ = learner_of("maml")
    list(learner.meta_train(WAVES, steps=2))
    learner.save(tmp_path / "maml.safetensors")
    wrong = other()
    before = numbers(wrong)
    with pytest.raises(Mismatch, match=message):
        wrong.load(tmp_path / "maml.safetensors")
    assert same(numbers(wrong), before)
    assert wrong.done == 0


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "text").write_text("hello")
    with pytest.raises(BadValue, match="is no checkpoint"):
        learner_of("maml")[0].load(tmp_path / "text")


def test_a_learner_goes_on_with_the_same_tasks_only(tmp_path):
    learner, _ = learner_of("maml")
    list(learner.meta_train(WAVES, steps=2))
    with pytest.raises(Mismatch, match="cannot go on with"):
        learner.meta_train(Sinusoids(shots=5, queries=3), steps=4)
    assert len(list(learner.meta_train(WAVES, steps=4))) == 2


# ---------------------------------------------------------------------- any network


def bases():
    digits = tasks.load("digits")
    for name in spaces.registry:
        space = spaces.load(name, digits)
        picked = [space.sample(np.random.default_rng(seed)) for seed in range(2)] + list(space.hand_picked()[:1])
        for number, architecture in enumerate(picked):
            yield pytest.param(space, architecture, id=f"{name}-{number}")


@pytest.mark.parametrize(("space", "architecture"), bases())
def test_any_network_of_any_space_is_a_base(space, architecture):
    pool = blobs(classes=(10,), each=2)
    pool = type(pool)("rows", np.zeros((20, 1, 8, 8), np.float32), pool.y, pool.groups, pool.classes, pool.group_names)
    pool.X[:] = np.random.default_rng(0).normal(size=pool.X.shape)
    tasks_of = FewShotTasks(pool, ways=10, shots=1, queries=1)
    learner = load("maml", network_of(space, architecture), batch=2, inner_rate=0.001)
    (step,) = learner.meta_train(tasks_of, steps=1)
    assert step.gradient.keys() == learner.learned.keys()
    batch = tasks_of.draw(2, np.random.default_rng(0))
    together = learner.answers(batch).numpy()
    assert learner.adapt(one_task(batch, 1)[0])(batch.query.X[1]) == pytest.approx(together[1], rel=1e-3, abs=1e-4)


class WithUnusedBranch(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(1, 1), nn.Linear(1, 3)

    def forward(self, x):
        return self.used(x)


@pytest.mark.parametrize("name", DESCENDING[:4])
def test_a_branch_that_is_not_used_stays_as_it_is(name):
    learner = load(name, WithUnusedBranch(), batch=2)
    before = numbers(learner)
    list(learner.meta_train(WAVES, steps=2))
    moved = {key for key, value in numbers(learner).items() if not torch.equal(value, before[key])}
    assert not any("unused" in key for key in moved)
    assert name == "anil" or moved


class LooksAtNumbers(nn.Module):
    def __init__(self):
        super().__init__()
        self.above, self.below = nn.Linear(1, 1), nn.Linear(1, 1)

    def forward(self, x):
        return self.above(x) if x.mean() > 0 else self.below(x)


def test_recurrent_networks_are_fine_tuned_in_turn():
    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(4, 5, batch_first=True)

        def forward(self, x):
            return self.lstm(x.flatten(1, 2))[0][:, -1]

    learner = load("fine-tuning", Rows(), batch=4, tuning_steps=2)
    list(learner.meta_train(BLOBS, steps=1))
    batch = BLOBS.draw(2, np.random.default_rng(0))
    support, query = one_task(batch, 1)
    assert learner.adapt(support)(query.X) == pytest.approx(learner.answers(batch)[1].numpy(), abs=1e-5)


@pytest.mark.parametrize("name", ["maml", "reptile"])
def test_a_network_that_many_tasks_cannot_share_takes_them_in_turn(name):
    learner = load(name, LooksAtNumbers(), batch=8)
    (step,) = learner.meta_train(WAVES, steps=1)
    assert {key for key, part in step.gradient.items() if part.any()} == set(learner.learned)


# ---------------------------------------------------------------------- what does not fit


@pytest.mark.parametrize("name", METHODS)
def test_every_learner_is_one(name):
    learner, _ = learner_of(name)
    assert isinstance(learner, Learner)
    assert learner.settings()["seed"] == 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: load("mamle", wave_net()), UnknownName, "unknown meta-learner 'mamle'"),
        (lambda: load("maml", wave_net(), inner_rate=0.0), BadValue, "inner_rate is a finite number of more than 0"),
        (lambda: load("maml", wave_net(), inner_steps=0), BadValue, "inner_steps is a whole number"),
        (lambda: load("maml", nn.Flatten()), BadValue, "a Flatten has no weights that can be learned"),
        (lambda: load("anil", nn.Sequential(nn.Conv1d(1, 1, 1))), BadValue, "ANIL adapts the last linear layer"),
        (lambda: learner_of("prototypes")[0].meta_train(WAVES), Mismatch, "'sinusoids' is regression"),
        (lambda: learner_of("maml")[0].meta_train(BLOBS), Mismatch, "which the network cannot read"),
        (lambda: load("maml", image_net(2)).meta_train(BLOBS), Mismatch, "3 classes, and the network has 2 outputs"),
        (lambda: load("maml", nn.Linear(1, 2)).meta_train(WAVES), Mismatch, "1 numbers, and the network gives 2"),
        (lambda: learner_of("maml")[0].meta_train(WAVES, steps=0), BadValue, "steps is a whole number"),
        (lambda: load("centroid", image_net()).meta_train(WAVES), Mismatch, "transfer trains on a pool"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_step(make, error, message):
    with pytest.raises(error, match=message):
        make()


X3, Y3 = np.zeros((3, 1, 4, 4), np.float32), np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("support", "error", "message"),
    [
        (X3, BadValue, "a support set is a pair"),
        ((X3, Y3[:2]), BadValue, "3 examples and 2 answers"),
        ((X3[:0], Y3[:0]), BadValue, "0 examples"),
        ((X3, np.zeros(3, int)), BadValue, "only the class 0; give at least 2 classes"),
        ((X3, np.array([0, 2, 2])), BadValue, r"given \[0, 2\]"),
        ((X3 * np.nan, Y3), BadValue, "NaN or infinite"),
        ((X3, np.array(["a", "b", "c"])), BadValue, "y is no array of numbers"),
        ((X3[:, 0, 0, 0], Y3), Mismatch, "which the network cannot read"),
        ((X3, np.zeros((3, 1), np.float32)), Mismatch, "regression; give classes as whole numbers"),
    ],
)
def test_an_impossible_support_set_is_refused(support, error, message):
    with pytest.raises(error, match=message):
        learner_of("prototypes")[0].adapt(support)


def test_a_predictor_refuses_inputs_of_another_shape():
    predictor = learner_of("prototypes")[0].adapt((X3 + np.arange(3)[:, None, None, None], Y3))
    with pytest.raises(Mismatch, match=r"expected \('examples', 1, 4, 4\)"):
        predictor(np.zeros((2, 1, 5, 5)))


def test_more_classes_than_outputs_are_refused():
    support = (np.arange(3 * 16).reshape(3, 1, 4, 4), Y3)
    with pytest.raises(Mismatch, match="3 classes, and the network has 2 outputs"):
        load("maml", image_net(2)).adapt(support)


# ---------------------------------------------------------------------- explosions


def test_a_rate_that_is_large_and_finite_explodes_too():
    learner = load("maml", wave_network(), inner_rate=1.0)
    with pytest.raises(BadValue, match=r"meta-step 1, task \d+ of 16, inner step 1 of 1: .*inner_rate=1 is too large"):
        next(learner.meta_train(Sinusoids()))


def test_weights_that_are_frozen_stay():
    network = wave_net()
    network[2].requires_grad_(False)
    learner = load("maml", network)
    before = numbers(learner)
    list(learner.meta_train(WAVES, steps=2))
    moved = {name for name, value in numbers(learner).items() if not torch.equal(value, before[name])}
    assert moved == {f"learned/{layer}.{part}" for layer in (0, 4) for part in ("weight", "bias")}


def test_an_inner_rate_that_explodes_is_named_with_its_step_and_changes_nothing():
    learner, _ = learner_of("maml", inner_rate=1e30, inner_steps=3)
    before = numbers(learner)
    with pytest.raises(
        BadValue, match=r"meta-step 1, task 1 of 3, inner step \d of 3: .*inner_rate=1e\+30 is too large"
    ):
        list(learner.meta_train(WAVES, steps=2))
    assert same(numbers(learner), before)
    assert learner.done == 0
    support, _ = one_task(WAVES.draw(1, np.random.default_rng(2)), 0)
    with pytest.raises(BadValue, match=r"inner step 1 of 5: the loss of the support set went from .* to "):
        learner.adapt(support, 5)


def test_statistics_of_batch_normalisation_stay_when_a_step_is_refused():
    class Large(nn.Module):
        def forward(self, x):
            return x * 1e38 * 1e38

    network = nn.Sequential(*image_network((1, 4, 4), width=4), Large())
    learner = load("prototypes", network, batch=2)
    before = numbers(learner)
    with pytest.raises(BadValue, match="meta-step 1: the loss or its gradient became NaN"):
        list(learner.meta_train(BLOBS, steps=1))
    assert same(numbers(learner), before)
