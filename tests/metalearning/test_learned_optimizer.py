"""The learned optimiser: its gradient, what its rule sees, that each weight is treated alike, and that it goes on."""

import numpy as np
import pytest
import torch
from torch import nn

from nasedu.core import BadValue, Mismatch
from nasedu.metalearning.evaluation import scores_of
from nasedu.metalearning.examples import TensorBatch, on_device
from nasedu.metalearning.learned_optimizer import LearnedOptimizer, descend, preprocess
from nasedu.metalearning.quadratics import Point, Quadratics
from nasedu.metalearning.task_distribution import one_task
from tests.metalearning.small import BLOBS, WAVES, image_net, wave_net

TASKS = Quadratics(3)
SMALL = {"hidden": 4, "batch": 2, "horizon": 6, "unroll": 3}


def small(**settings):
    return LearnedOptimizer(Point(3), **{**SMALL, **settings})


def lively(**settings):
    """A learner whose updates depend on the gradients, as those of an untrained rule do not."""
    learner = small(**settings)
    with torch.no_grad():
        for tensor in learner.learned.values():
            tensor *= 4
    return learner


def batch_of(count=2, dtype=torch.float32):
    batch = on_device(TASKS.draw(count, np.random.default_rng(0)), torch.device("cpu"))
    return TensorBatch(*(type(part)(*(tensor.to(dtype) for tensor in part)) for part in batch))


def bowl(x):
    return (torch.tensor([1.0, 4.0, 9.0]) * x.square()).sum(-1)


# ---------------------------------------------------------------------- what the rule is given


def test_preprocessing_is_the_formula_of_the_appendix():
    e = np.e
    given = torch.tensor([1.0, -(e**5), e**-5, -(e**-10), e**-11, -(e**-12), 0.0])
    first = [0, 0.5, -0.5, -1, -1, -1, -1]
    second = [1, -1, 1, -1, e**-1, -(e**-2), 0]
    assert preprocess(given).numpy() == pytest.approx(np.stack([first, second], 1), abs=1e-6)
    assert preprocess(torch.tensor(e**-5), p=2).tolist() == pytest.approx([-1, e**-3], abs=1e-6)


def test_preprocessing_is_continuous_and_differentiable_at_0():
    limit = torch.tensor(np.exp(-10.0))
    assert preprocess(limit * 0.9999).tolist() == pytest.approx(preprocess(limit * 1.0001).tolist(), abs=1e-3)
    zero = torch.zeros(2, requires_grad=True)
    (slope,) = torch.autograd.grad(preprocess(zero).sum(), zero)
    assert slope.tolist() == pytest.approx([np.exp(10.0)] * 2)


def test_the_rule_treats_each_weight_alike():
    rule = small().rule
    gradients = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    order = torch.tensor([4, 0, 5, 2, 1, 3])
    memory, permuted = rule.start(6), rule.start(6)
    for gradient in gradients:
        update, memory = rule(gradient, memory)
        other, permuted = rule(gradient[order], permuted)
        assert torch.allclose(other, update[order], atol=1e-7)
    assert len(update.unique()) == 6  # not because all are the same
    alone = rule.start(1)
    for gradient in gradients:
        one, alone = rule(gradient[2:3], alone)
    assert torch.allclose(one, update[2:3], atol=1e-7)


# ---------------------------------------------------------------------- the gradient


@pytest.mark.parametrize("second_order", [True, False])
def test_the_gradient_is_that_of_finite_differences(second_order):
    """Without second derivatives, the gradients that the rule is given are constants: those of the first run."""
    learner = lively(second_order=second_order)
    learner.network.double(), learner.rule.double()
    learner.x = learner.x.double()
    batch = batch_of(dtype=torch.float64)
    seen, loss_of = [], learner.rule.forward

    def forward(gradient, memory):
        given = gradient if recording or second_order else seen[forward.step]
        seen.extend([gradient.detach()] if recording else [])
        forward.step += 1
        return loss_of(given, memory)

    learner.rule.forward = forward

    def loss():
        forward.step = 0
        return learner.meta_gradient(batch, None)

    recording = True
    _, found = loss()
    recording = False
    rng = np.random.default_rng(0)
    for name, tensor in learner.learned.items():
        for place in rng.choice(tensor.numel(), min(tensor.numel(), 4), replace=False):
            sides = []
            for way in (1e-5, -1e-5):
                tensor.data.view(-1)[place] += way
                sides.append(float(loss()[0]))
                tensor.data.view(-1)[place] -= way
            true = (sides[0] - sides[1]) / 2e-5
            assert float(found[name].view(-1)[place]) == pytest.approx(true, rel=1e-4, abs=1e-7), name


def test_second_derivatives_are_not_small():
    found = [lively(second_order=on).meta_gradient(batch_of(), None)[1] for on in (True, False)]
    with_them, without = (torch.cat([part.flatten() for part in one.values()]) for one in found)
    assert (with_them - without).norm() > 1e-3 * with_them.norm()  # few, as inputs are logarithms


def test_the_loss_of_a_quadratic_is_that_of_its_formula():
    batch = TASKS.draw(4, np.random.default_rng(0))
    W, y = batch.support.X / np.sqrt(3), batch.support.y[..., 0] / np.sqrt(3)
    x = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    found = small(batch=4).losses(batch_of(4))(torch.from_numpy(x))
    assert found.numpy() == pytest.approx(np.square(np.einsum("tij,tj->ti", W, x) - y).sum(1), rel=1e-5)
    assert batch.origin == pytest.approx(y)
    many = Quadratics(10).draw(500, np.random.default_rng(0))
    assert many.support.X.std() == pytest.approx(np.sqrt(10), rel=0.02)


# ---------------------------------------------------------------------- pieces of a training


def test_a_training_goes_on_from_piece_to_piece_and_then_begins_from_elsewhere(monkeypatch):
    learner, seen = small(), []
    forward = learner.rule.forward

    def watched(gradient, memory):
        seen.append((gradient.detach().clone(), memory[0].detach().clone()))
        return forward(gradient, memory)

    monkeypatch.setattr(learner.rule, "forward", watched)
    drawn = [learner.draw(TASKS, None).origin]
    ends = []
    for _ in learner.meta_train(TASKS, steps=4):
        ends.append(learner.x.clone())
        drawn.append(learner.draw(TASKS, None).origin)
    assert [len(seen), learner.done, learner.piece] == [12, 4, 0]
    begins = [not memory.any() for _, memory in seen]
    assert begins == [True, *[False] * 5] * 2
    assert np.array_equal(drawn[0], drawn[1])
    assert np.array_equal(drawn[2], drawn[3])
    assert not np.array_equal(drawn[1], drawn[2])
    fresh = learner.starts()
    assert not torch.equal(fresh[0], fresh[1])
    assert not any(torch.equal(fresh, end) for end in ends)


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_it_goes_on_bit_for_bit_also_in_the_middle_of_a_training(stop, tmp_path):
    whole, first, again = small(), small(), small()
    losses = [step.loss for step in whole.meta_train(TASKS, steps=5)]
    for step in first.meta_train(TASKS, steps=5):
        if step.number == stop:
            break
    first.save(tmp_path / "rule.safetensors")
    again.load(tmp_path / "rule.safetensors")
    assert [step.loss for step in again.meta_train(TASKS, steps=5)] == losses[stop:]
    assert all(torch.equal(tensor, again.tensors()[name]) for name, tensor in whole.tensors().items())


def test_it_learns_and_is_worth_more_on_new_problems_than_where_it_began():
    learner = LearnedOptimizer(Point(3), hidden=10, batch=8, horizon=20, unroll=10, meta_rate=0.02)
    starts = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))

    def ends():
        return [step.loss for step in descend(bowl, starts, learner.optimiser_for, 20)][-1]

    before = ends()
    losses = [step.loss for step in learner.meta_train(TASKS, steps=60)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])
    gain = (before - ends()).numpy()
    assert gain.mean() > 1.96 * gain.std() / np.sqrt(50)


# ---------------------------------------------------------------------- use


def test_an_optimiser_of_torch_makes_the_steps_of_the_rule():
    learner = small()
    start = torch.tensor([1.0, -2.0, 0.5])
    x, memory = start.clone(), learner.rule.start(3)
    for step in descend(bowl, start, learner.optimiser_for, 4):
        assert torch.allclose(step.x, x, atol=1e-6)
        assert float(step.loss) == pytest.approx(float(bowl(x)), rel=1e-5)
        with torch.no_grad():
            update, memory = learner.rule(2 * torch.tensor([1.0, 4.0, 9.0]) * x, memory)
        x = x + update
    network = wave_net()
    before = [weight.detach().clone() for weight in network.parameters()]
    network(torch.ones(2, 1)).sum().backward()
    learner.optimiser_for(network.parameters()).step()
    moved = [not torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True)]
    assert moved == [weight.grad is not None for weight in network.parameters()]


def test_steps_of_an_optimiser_of_torch_are_yielded_from_the_start():
    start = torch.tensor([1.0, 1.0, 1.0])
    steps = list(descend(bowl, start, lambda x: torch.optim.SGD(x, lr=0.05), 2))
    assert [step.number for step in steps] == [0, 1, 2]
    factor = 1 - 0.1 * torch.tensor([1.0, 4.0, 9.0])
    for step, power in zip(steps, (0, 1, 2), strict=True):
        assert torch.allclose(step.x, factor**power)


def test_adapting_trains_the_network_on_the_support_set():
    learner = LearnedOptimizer(wave_net(), hidden=4, batch=2, horizon=40, unroll=20, meta_rate=0.02)
    list(learner.meta_train(WAVES, steps=40))
    waves = WAVES.draw(30, np.random.default_rng(3))
    asked = waves._replace(query=waves.support)
    with torch.no_grad():
        untrained = learner.network(torch.from_numpy(waves.support.X)).numpy()
    gain = np.square(untrained - waves.support.y).mean((1, 2)) - scores_of(learner.answers(asked), asked)
    assert gain.mean() > 1.96 * gain.std() / np.sqrt(30)
    support, _ = one_task(asked, 0)
    assert learner.adapt(support)(support.X) == pytest.approx(learner.answers(asked).numpy()[0])


def test_networks_may_begin_from_the_weights_that_they_have():
    network = Point(3)
    learner = LearnedOptimizer(network, keep_weights=True, **SMALL)
    assert torch.equal(learner.starts(), network.x.weight.detach().view(1, 3).expand(2, 3))


def test_it_learns_from_classes_as_well():
    learner = LearnedOptimizer(image_net(), **SMALL)
    assert len(list(learner.meta_train(BLOBS, steps=2))) == 2


# ---------------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"unroll": 4}, "unroll divides the horizon of 6 steps; given 4"),
        ({"horizon": 0}, "horizon is a whole number of at least 1; given 0"),
        ({"hidden": 2.5}, "hidden is a whole number of at least 1; given 2.5"),
        ({"scale": 0}, "scale is a finite number of more than 0; given 0"),
    ],
)
def test_impossible_settings_are_refused(how, message):
    with pytest.raises(BadValue, match=message):
        small(**how)


def test_other_tasks_and_other_checkpoints_are_refused():
    with pytest.raises(Mismatch, match=r"inputs of shape \(10,\), which the network cannot read"):
        small().meta_train(Quadratics(10))
    with pytest.raises(Mismatch, match="another learner: its unroll is 3, and here it is 2"):
        small(unroll=2).restore(small().state())
    with pytest.raises(BadValue, match="n is a whole number of at least 1"):
        Quadratics(0)


def test_an_explosion_is_refused_and_leaves_the_learner_as_it_was():
    learner = small()
    next(learner.meta_train(TASKS, steps=4))
    nn.init.constant_(learner.rule.output.bias, 1e30)
    before = {name: tensor.clone() for name, tensor in learner.tensors().items()}
    with pytest.raises(BadValue, match=r"meta-step 2: .*NaN or infinite"):
        next(learner.meta_train(TASKS, steps=4))
    assert all(torch.equal(tensor, learner.tensors()[name]) for name, tensor in before.items())
    assert learner.done == 1
