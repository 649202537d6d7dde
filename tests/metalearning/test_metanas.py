"""MetaNAS anneals a cell in each task, prunes it without loss, and is Reptile where the cell stays."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces, tasks
from nasedu.core import BadValue, Mismatch
from nasedu.metalearning import load
from nasedu.metalearning.functional import Examples, Functional
from nasedu.metalearning.metanas import PRUNED, disagreement
from nasedu.metalearning.task_distribution import one_task
from nasedu.spaces.cell_201 import Cell201
from nasedu.spaces.cells import Cell
from nasedu.spaces.darts import Darts
from nasedu.trainers.single.norm_and_dropout import NORMS, replaced
from tests.metalearning.small import BLOBS, image_batch

CELLS = Cell201(input_shape=(1, 4, 4), outputs=3, width=2)
PAIRS = Darts(input_shape=(1, 4, 4), outputs=3, width=2, nodes=2, operations=("none", "skip_connect", "sep_conv_3x3"))
ARCHITECTURE = ("nor_conv_3x3", "none", "nor_conv_1x1", "skip_connect", "avg_pool_3x3", "nor_conv_3x3")
SUPPORT, QUERY = one_task(BLOBS.draw(1, np.random.default_rng(3)), 0)


def metanas(space=CELLS, **settings):
    return load("metanas", space, **{"batch": 2, "inner_steps": 3, "inner_rate": 0.1, **settings})


def lone_network(learner, architecture):
    """Return the space's own network of a cell, without scales inside the cell, and the names that its weights have."""
    network = learner.network.edges.space.build(architecture)
    for cell in [module for module in network.modules() if isinstance(module, Cell)]:
        norms = [module for module in cell.modules() if isinstance(module, NORMS)]
        replaced(cell, {m: nn.BatchNorm2d(m.num_features, affine=False) for m in norms})
    mixture = learner.network.mixture
    chosen = learner.network.edges.chosen(architecture)
    names = {name: f"mixture.network.{mixture._name_here(name, chosen)}" for name, _ in network.named_parameters()}
    return network, names


def test_with_a_cell_that_stays_it_is_reptile():
    learner = metanas()
    with torch.no_grad():
        learner.learned["alpha"].copy_(1e4 * torch.from_numpy(learner.network.edges.one_hot(ARCHITECTURE)))
    network, names = lone_network(learner, ARCHITECTURE)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            weight.copy_(learner.learned[names[name]])
    reptile = load("reptile", network, batch=2, inner_steps=3, inner_rate=0.1, keep_weights=True)
    loss, mine = learner.meta_gradient(image_batch(), np.random.default_rng(0))
    same_loss, theirs = reptile.meta_gradient(image_batch(), np.random.default_rng(0))
    assert float(loss) == pytest.approx(float(same_loss), abs=1e-5)
    for name, way in theirs.items():
        assert mine.pop(names[name]).detach().numpy() == pytest.approx(way.detach().numpy(), abs=1e-4), name
    assert not any(way.any() for way in mine.values())  # neither the cell nor the other operations move
    assert len(mine) > 20
    batch = BLOBS.draw(2, np.random.default_rng(1))
    assert learner.answers(batch).numpy() == pytest.approx(reptile.answers(batch).numpy(), abs=1e-4)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"inner_steps": 4, "coldest": 0.1}, [0.7, 0.4, 0.1, PRUNED, PRUNED]),
        ({"inner_steps": 2, "coldest": 0.5}, [0.5, PRUNED, PRUNED]),
        ({"inner_steps": 1}, [PRUNED, PRUNED]),
        ({"inner_steps": 3, "coldest": 0.99}, [0.995, 0.99, PRUNED, PRUNED]),
    ],
)
def test_the_temperature_falls_evenly_and_then_one_operation_is_left(settings, expected):
    learner = metanas(**settings)
    steps = list(learner.adaptation(SUPPORT, len(expected)))
    assert [float(step.parameters["temperature"]) for step in steps] == pytest.approx(expected)
    largest = [learner.shares(step.parameters).max(1) for step in steps]
    cold = [number for number, temperature in enumerate(expected) if temperature == PRUNED]
    assert all((largest[number] == 1).all() for number in cold)
    assert all((largest[number] < 1).all() for number in range(cold[0]))
    assert largest[cold[0]].sum() == len(learner.network.edges.rows)


def test_a_pruned_cell_stays_and_its_weights_go_on():
    learner = metanas(inner_steps=2)
    *_, one, other = learner.adaptation(SUPPORT, 5)
    assert torch.equal(one.parameters["alpha"], other.parameters["alpha"])
    moved = {name for name, before in one.parameters.items() if not torch.equal(before, other.parameters[name])}
    _, names = lone_network(learner, learner.cell(one.parameters))
    assert moved
    assert moved <= set(names.values())


@pytest.mark.parametrize("space", [CELLS, PAIRS], ids=["cell-201", "darts"])
def test_the_pruned_mixture_is_the_network_of_the_derived_cell(space):
    learner = metanas(space)
    list(learner.meta_train(BLOBS, 2))
    *_, last = learner.adaptation(SUPPORT)
    network, names = lone_network(learner, learner.cell(last.parameters))
    weights = {name: last.parameters[names[name]] for name in names}
    X = torch.from_numpy(QUERY.X)
    alone = Functional(network)(weights, X)
    assert learner.adapt(SUPPORT)(QUERY.X) == pytest.approx(alone.numpy(), abs=1e-5)
    mixed = learner.function({**last.parameters, "temperature": torch.tensor(1.0)}, X)
    assert not np.allclose(mixed, alone, atol=1e-2)


def test_the_first_inner_step_descends_in_alpha_and_weights_at_their_own_rates():
    learner = metanas(alpha_rate=0.7)
    alpha = learner.learned["alpha"]
    nn.init.normal_(alpha, generator=torch.Generator().manual_seed(0))
    parameters = learner.start(learner.learned)
    loss = learner.function.loss(parameters, Examples(*map(torch.from_numpy, SUPPORT)))
    name = "mixture.network.0.0.weight"
    of_alpha, of_weight = torch.autograd.grad(loss, (alpha, learner.learned[name]))
    first = next(learner.adaptation(SUPPORT)).parameters
    assert first["alpha"].numpy() == pytest.approx((alpha - 0.7 * of_alpha).detach().numpy(), abs=1e-6)
    weight = (learner.learned[name] - 0.1 * of_weight).detach().numpy()
    assert first[name].numpy() == pytest.approx(weight, abs=1e-6)
    assert of_alpha.abs().max() > 1e-3


def test_with_one_inner_step_it_is_joint_training_of_weights_and_cell():
    learner = metanas(inner_steps=1, minibatch=12, alpha_rate=3.0)
    batch = image_batch(2)
    _, found = learner.meta_gradient(batch, np.random.default_rng(0))
    X, y = (torch.cat(pair, dim=1) for pair in zip(batch.support, batch.query, strict=True))
    start = learner.start(learner.learned)
    loss = torch.stack([learner.function.loss(start, Examples(*task)) for task in zip(X, y, strict=True)]).mean()
    true = torch.autograd.grad(loss, list(learner.learned.values()))
    for name, part in zip(learner.learned, true, strict=True):
        assert found[name].detach().numpy() == pytest.approx(part.numpy(), abs=1e-4), name


def test_the_cell_has_its_own_rate_across_tasks():
    learner = metanas(share=7.0, meta_rate=1e-3)
    list(islice(learner.meta_train(BLOBS), 1))  # Adam's first step has the length of its rate
    assert float(learner.learned["alpha"].detach().abs().max()) == pytest.approx(7e-3, rel=0.01)


def test_each_task_derives_a_cell_and_two_may_differ():
    learner = metanas(alpha_rate=20.0)
    batch = BLOBS.draw(4, np.random.default_rng(0))
    cells = learner.cells(batch)
    for number, cell in enumerate(cells):
        *_, last = learner.adaptation(one_task(batch, number)[0])
        assert learner.cell(last.parameters) == cell
        assert learner.network.edges.derive(learner.shares(last.parameters)) == cell
    assert len(set(cells)) > 1
    assert len(set(learner.cells(batch, steps=0))) == 1  # all start from one


def test_disagreement_is_the_share_of_choices_that_differ():
    assert disagreement([("a", "b"), ("a", "c")]) == 0.5
    assert disagreement([("a", "b"), ("a", "c"), ("a", "b")]) == pytest.approx(1 / 3)
    assert disagreement([("a", "b")] * 3) == 0
    assert disagreement([("a", "b")]) == 0


def test_in_the_space_of_darts_each_node_reads_two_earlier_ones():
    learner = metanas(PAIRS, inner_steps=2)
    steps = list(learner.adaptation(SUPPORT))
    for step in steps:
        shares = learner.shares(step.parameters)
        assert not shares[:, 0].any()  # none is never derived
        for rows in learner.network.edges.nodes():
            assert shares[rows].sum() == pytest.approx(2, abs=1e-5)
    assert (
        np.sort(learner.shares(steps[-1].parameters).sum(1)).round(6) == sorted([1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
    ).all()


def test_the_start_is_known_and_can_be_kept():
    learner = metanas()
    assert np.allclose(learner.shares(learner.learned), 1 / 5)
    list(learner.meta_train(BLOBS, 2))
    kept = metanas(learner.network, keep_weights=True)
    assert all(torch.equal(kept.learned[name], tensor) for name, tensor in learner.learned.items())


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: metanas(spaces.load("chain-cnn", tasks.load("digits"))),
            Mismatch,
            "has no edges to mix operations on",
        ),
        (lambda: metanas(nn.Flatten()), BadValue, "learns cells of a space, such as cell-201; given a Flatten"),
        (lambda: metanas(coldest=1.5), BadValue, "coldest is a temperature from 0.001 to 0.99; given 1.5"),
        (lambda: metanas(alpha_rate=0.0), BadValue, "alpha_rate is a finite number of more than 0"),
        (
            lambda: metanas(Cell201(input_shape=(1, 4, 4), outputs=2)).meta_train(BLOBS),
            Mismatch,
            "3 classes, and the n",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, error, message):
    with pytest.raises(error, match=message) as refused:
        make()
    assert "\n" not in str(refused.value)
