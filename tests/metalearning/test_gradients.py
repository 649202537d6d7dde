"""Every gradient is the true one: by another way of computing it, by a closed form, or by finite differences."""

import numpy as np
import pytest
import torch
from torch import nn

from nasedu.metalearning import load
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import BatchStatistics, Examples
from tests.metalearning.small import image_batch, image_net, wave_batch, wave_net

RNG = np.random.default_rng(0)


def relative(found, true):
    """Return the length of the difference over the length of what is true, over all tensors."""
    with torch.no_grad():
        difference = sum((found[name] - true[name]).square().sum() for name in true)
        return float((difference / sum(part.square().sum() for part in true.values())).sqrt())


def by_create_graph(learner, batch):
    """Return MAML's gradient as the textbooks compute it: task by task, through a graph that autograd keeps."""
    weights = learner.learned
    total = 0.0
    for X, y, query_X, query_y in zip(*batch.support, *batch.query, strict=True):
        moved = weights
        for _ in range(learner.inner_steps):
            loss = learner.function.loss(moved, Examples(X, y))
            gradient = torch.autograd.grad(loss, list(moved.values()), create_graph=True)
            moved = {n: w - learner.inner_rate * g for (n, w), g in zip(moved.items(), gradient, strict=True)}
        total = total + learner.function.loss(moved, Examples(query_X, query_y)) / len(batch.support.y)
    return total.detach(), dict(zip(weights, torch.autograd.grad(total, list(weights.values())), strict=True))


@pytest.mark.parametrize("inner_steps", [1, 3])
@pytest.mark.parametrize("kind", ["waves", "images with batch normalisation"])
def test_the_gradient_of_maml_is_that_through_a_graph_that_autograd_keeps(kind, inner_steps):
    network, batch = (wave_net(), wave_batch()) if kind == "waves" else (image_net(), image_batch())
    learner = load("maml", network, inner_rate=0.1, inner_steps=inner_steps)
    loss, found = learner.meta_gradient(batch, RNG)
    expected, true = by_create_graph(learner, batch)
    assert float(loss) == pytest.approx(float(expected), rel=1e-6)
    assert relative(found, true) < 1e-6
    first_order = load("first-order-maml", network, inner_rate=0.1, inner_steps=inner_steps)
    same_loss, without = first_order.meta_gradient(batch, RNG)
    assert float(same_loss) == pytest.approx(float(loss), rel=1e-6)
    assert relative(without, true) > 1e-2  # what is left out is not small


def check_by_finite_differences(learner, batch):
    """Compare every third number of the gradient with the difference of two losses; batch is of float64."""
    learner.network.double()
    for tensor in learner.learned.values():
        tensor.data = tensor.data.double()
    _, gradient = learner.meta_gradient(batch, RNG)
    for key, tensor in learner.learned.items():
        flat, slope = tensor.data.view(-1), gradient[key].reshape(-1)
        for place in range(0, len(flat), 3):
            losses = []
            for step in (1e-5, -2e-5):
                flat[place] += step
                losses.append(float(learner.meta_gradient(batch, RNG)[0]))
            flat[place] += 1e-5
            assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(float(slope[place]), rel=1e-5, abs=1e-8)


NORMED = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))


@pytest.mark.parametrize(("name", "network"), [("maml", NORMED), ("anil", wave_net()), ("meta-sgd", wave_net())])
def test_the_gradient_is_that_of_finite_differences(name, network):
    learner = load(name, network, inner_rate=0.1, inner_steps=2)
    batch = wave_batch(torch.float64)
    check_by_finite_differences(learner, batch)


@pytest.mark.parametrize("name", ["prototypes", "matching"])
def test_the_gradient_through_features_is_that_of_finite_differences(name):
    learner = load(name, nn.Sequential(nn.Flatten(), nn.Linear(16, 3), nn.Tanh()))
    batch = TensorBatch(*(Examples(X.double(), y) for X, y in image_batch(2)))
    check_by_finite_differences(learner, batch)


@pytest.mark.parametrize(
    ("norm", "shape"), [(nn.BatchNorm1d(3), (5, 3)), (nn.BatchNorm2d(3, affine=False), (5, 3, 4, 4))]
)
def test_batch_normalisation_is_torchs_own_on_a_batch(norm, shape):
    x = 2 + 3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
    written = BatchStatistics(norm)
    assert dict(written.named_parameters()).keys() == dict(norm.named_parameters()).keys()
    if norm.affine:
        norm.weight.data, norm.bias.data = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, -1.0])
    assert torch.allclose(BatchStatistics(norm)(x), norm.train()(x), atol=1e-5)


def test_first_order_maml_comes_near_maml_with_the_inner_rate():
    def error(rate):
        maml, first = (load(name, wave_net(), inner_rate=rate) for name in ("maml", "first-order-maml"))
        return relative(first.meta_gradient(wave_batch(), RNG)[1], maml.meta_gradient(wave_batch(), RNG)[1])

    assert error(0.1) > 1e-2
    assert error(0.001) == pytest.approx(error(0.01) / 10, rel=0.1)


# ---------------------------------------------------------------------- quadratics


def quadratic(a, c):
    """Return one example on which the squared error of theta * x is a (theta - c)^2 / 2."""
    x = torch.tensor([[[(a / 2) ** 0.5]]])
    return Examples(x, x * c)


@pytest.mark.parametrize("inner_steps", [1, 4])
def test_on_a_quadratic_maml_is_first_order_maml_times_one_less_rate_times_curvature(inner_steps):
    a, c, rate = 3.0, 0.7, 0.1
    batch = TensorBatch(quadratic(a, c), quadratic(2.0, -1.0))
    found = {}
    for name in ("maml", "first-order-maml"):
        learner = load(name, nn.Linear(1, 1, bias=False), inner_rate=rate, inner_steps=inner_steps)
        found[name] = float(learner.meta_gradient(batch, RNG)[1]["weight"])
        theta = float(learner.learned["weight"].detach())
    adapted = c + (theta - c) * (1 - rate * a) ** inner_steps
    assert found["first-order-maml"] == pytest.approx(2.0 * (adapted + 1.0), rel=1e-5)
    assert found["maml"] == pytest.approx(found["first-order-maml"] * (1 - rate * a) ** inner_steps, rel=1e-5)


@pytest.mark.parametrize("strength", [0.5, 4.0])
def test_on_a_quadratic_implicit_maml_is_what_calculus_says(strength):
    a, c = 3.0, 0.7
    learner = load("implicit-maml", nn.Linear(1, 1, bias=False), inner_rate=0.1, inner_steps=100, strength=strength)
    loss, gradient = learner.meta_gradient(TensorBatch(quadratic(a, c), quadratic(2.0, -1.0)), RNG)
    theta = float(learner.learned["weight"].detach())
    rest = (a * c + strength * theta) / (a + strength)  # where the slope of both terms is zero
    assert float(loss) == pytest.approx((rest + 1) ** 2, rel=1e-5)
    assert float(gradient["weight"]) == pytest.approx(2 * (rest + 1) * strength / (a + strength), rel=1e-5)


def test_the_implicit_gradient_is_that_through_all_steps_once_they_are_at_rest():
    def both(inner_steps):
        how = {"inner_rate": 0.1, "inner_steps": inner_steps, "strength": 3.0, "solver_steps": 12}
        learner, batch = load("implicit-maml", wave_net(), **how), wave_batch()
        loss = 0.0
        for X, y, query_X, query_y in zip(*batch.support, *batch.query, strict=True):
            end = learner.adapted(learner.learned, [Examples(X, y)] * inner_steps)
            loss = loss + learner.function.loss(end, Examples(query_X, query_y)) / len(batch.support.y)
        true = dict(zip(learner.learned, torch.autograd.grad(loss, list(learner.learned.values())), strict=True))
        return relative(learner.meta_gradient(batch, RNG)[1], true)

    assert both(100) < 1e-4
    assert both(3) > 1e-2


# ---------------------------------------------------------------------- identities


def joint_gradient(learner, batch):
    """Return the gradient of the mean loss of all examples of all tasks, without any adaptation."""
    pairs = zip(batch.support, batch.query, strict=True)
    X, y = (torch.cat(pair, dim=1).flatten(0, 1) for pair in pairs)
    loss = learner.function.loss(learner.learned, Examples(X, y))
    return dict(zip(learner.learned, torch.autograd.grad(loss, list(learner.learned.values())), strict=True))


def test_reptile_with_one_inner_step_is_joint_training():
    batch = wave_batch()
    one = load("reptile", wave_net(), inner_steps=1, minibatch=7)
    assert relative(one.meta_gradient(batch, RNG)[1], joint_gradient(one, batch)) < 1e-3  # it divides by the rate
    several = load("reptile", wave_net(), inner_steps=4, minibatch=7, inner_rate=0.1)
    found = {name: part / 4 for name, part in several.meta_gradient(batch, RNG)[1].items()}
    assert relative(found, joint_gradient(several, batch)) > 1e-2


def test_meta_sgd_with_one_constant_rate_is_maml():
    batch = wave_batch()
    maml, meta_sgd = (load(name, wave_net(), inner_rate=0.1, inner_steps=2) for name in ("maml", "meta-sgd"))
    loss, true = maml.meta_gradient(batch, RNG)
    same, found = meta_sgd.meta_gradient(batch, RNG)
    assert torch.equal(same, loss)
    assert relative(found, true) < 1e-6
    assert len(found) == 2 * len(true)  # and one gradient for each rate
    meta_sgd.learned["rate of 0.bias"].data += 0.5
    assert relative(meta_sgd.meta_gradient(batch, RNG)[1], true) > 1e-3


def test_the_mean_over_every_step_is_that_of_learners_with_fewer_steps():
    batch = wave_batch()
    every = load("maml", wave_net(), inner_rate=0.1, inner_steps=3, every_step=True)
    loss, found = every.meta_gradient(batch, RNG)
    each = [load("maml", wave_net(), inner_rate=0.1, inner_steps=k).meta_gradient(batch, RNG) for k in (1, 2, 3)]
    assert float(loss) == pytest.approx(np.mean([float(one) for one, _ in each]), rel=1e-6)
    assert relative(found, {name: sum(g[name] for _, g in each) / 3 for name in found}) < 1e-5


def test_anil_moves_the_last_linear_layer_alone_and_is_maml_where_there_is_no_other():
    learner = load("anil", wave_net(), inner_rate=0.1)
    (step,) = learner.adaptation(WAVE)
    moved = {name for name, weight in step.parameters.items() if not torch.equal(weight, learner.learned[name])}
    assert moved == {"4.weight", "4.bias"}
    batch = wave_batch()
    true, found = (load(name, nn.Linear(1, 1)).meta_gradient(batch, RNG)[1] for name in ("maml", "anil"))
    assert relative(found, true) == 0


WAVE = Examples(*(part[0] for part in wave_batch().support))


def test_adaptation_is_gradient_descent():
    learner = load("maml", wave_net(), inner_rate=0.1, inner_steps=3)
    weights = {name: weight.detach().clone().requires_grad_() for name, weight in learner.learned.items()}
    for number, step in enumerate(learner.adaptation(WAVE), 1):
        loss = learner.function.loss(weights, WAVE)
        gradient = torch.autograd.grad(loss, list(weights.values()))
        assert (step.number, float(step.loss)) == (number, pytest.approx(float(loss.detach()), rel=1e-6))
        assert relative(step.gradient, dict(zip(weights, gradient, strict=True))) < 1e-6
        weights = {
            name: (weight - 0.1 * part).detach().requires_grad_()
            for (name, weight), part in zip(weights.items(), gradient, strict=True)
        }
        assert relative(step.parameters, weights) < 1e-6
    assert number == 3


# ---------------------------------------------------------------------- comparing features


def test_prototypes_are_a_linear_layer_of_the_features():
    learner = load("prototypes", image_net(outputs=None))
    batch = image_batch(1)
    support, asked = Examples(*(part[0] for part in batch.support)), batch.query.X[0]
    weight, bias = learner.linear_layer(support)
    with torch.no_grad():
        features = learner.embed(asked)
    linear = nn.functional.linear(features, weight, bias)
    outputs = torch.from_numpy(learner.adapt(support)(asked))
    assert torch.allclose(outputs - outputs[:, :1], linear - linear[:, :1], atol=1e-5)
    assert torch.allclose(outputs.softmax(1), linear.softmax(1), atol=1e-6)
    with torch.no_grad():
        means = torch.stack([learner.embed(support.X)[support.y == label].mean(0) for label in range(3)])
    assert torch.allclose(outputs, -torch.cdist(features, means).square(), atol=1e-4)


def test_matching_adds_up_the_votes_of_the_support_set():
    learner = load("matching", nn.Sequential(nn.Flatten(), nn.Linear(2, 2)), sharpness=2.0)
    features, asked = torch.tensor([[1.0, 0.0], [0.0, 3.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0]])
    outputs = learner.compare(features, torch.tensor([0, 1, 1]), 2, asked)
    e = np.exp(2.0)
    assert outputs.exp().tolist() == [pytest.approx([e / (e + 2), 2 / (e + 2)], rel=1e-6)]


def test_the_nearest_centroid_is_one_of_directions():
    learner = load("centroid", nn.Flatten())
    features = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
    outputs = learner.compare(features, torch.tensor([0, 0, 1]), 2, torch.tensor([[0.3, 0.4]]))
    assert outputs.tolist() == [pytest.approx([0.6, 0.8])]


def test_a_linear_probe_descends_in_the_loss_of_logistic_regression():
    learner = load("linear-probe", nn.Flatten(), probe_steps=3, probe_rate=0.5)
    generator = torch.Generator().manual_seed(0)
    features, asked = torch.randn(6, 4, generator=generator), torch.randn(5, 4, generator=generator)
    y = torch.tensor([0, 0, 1, 1, 2, 2])
    weight, bias = torch.zeros(3, 4, requires_grad=True), torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.SGD([weight, bias], lr=0.5)
    for _ in range(3):
        optimiser.zero_grad()
        nn.functional.cross_entropy(nn.functional.normalize(features, dim=1) @ weight.T + bias, y).backward()
        optimiser.step()
    expected = nn.functional.normalize(asked, dim=1) @ weight.T + bias
    assert torch.allclose(learner.compare(features, y, 3, asked), expected, atol=1e-6)


def test_fine_tuning_begins_with_the_prototypes_and_moves_all_weights():
    network = image_net(outputs=None)
    batch = image_batch(1)
    support, asked = Examples(*(part[0] for part in batch.support)), batch.query.X[0]
    tuning = load("fine-tuning", network, tuning_steps=1, tuning_rate=1e-9)
    outputs = torch.from_numpy(tuning.adapt(support)(asked)).softmax(1)
    prototypes = torch.from_numpy(load("prototypes", network).adapt(support)(asked)).softmax(1)
    assert torch.allclose(outputs, prototypes, atol=1e-4)
    weights = load("fine-tuning", network, tuning_steps=1).tuned(*support, 3)
    start = dict(tuning.network.named_parameters())
    assert all(not torch.equal(weights[name], weight) for name, weight in start.items())
