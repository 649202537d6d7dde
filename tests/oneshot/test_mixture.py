"""A mixture computes each architecture of its space exactly, and derives to one of them."""

import numpy as np
import pytest
import torch

from nasedu import spaces
from nasedu.core import Mismatch, rng_from
from nasedu.oneshot import mixture as module
from nasedu.oneshot.edges import Edge, Edges
from nasedu.oneshot.mixture import Mixture, estimate_statistics
from tests.oneshot.small_mixtures import SPACES, TASK, cell_201, darts

X = torch.from_numpy(TASK.train.X[:16])


@pytest.mark.parametrize("name", SPACES)
def test_one_hot_shares_are_the_network_of_an_architecture_with_its_extracted_weights(name):
    space = SPACES[name](cells=3 if name == "darts" else 2)
    mixture = Mixture(space, seed=1)
    for seed in range(4):
        architecture = space.sample(rng_from(seed))
        shares = torch.from_numpy(mixture.edges.one_hot(architecture))
        alone = mixture.extract(architecture).train()(X)
        assert torch.allclose(mixture(X, shares), alone, atol=1e-5)
        assert torch.allclose(mixture(X, shares, shares.numpy() > 0), alone, atol=1e-5)  # computing nothing else
    assert not torch.allclose(mixture(X, shares.roll(1, 1)), alone, atol=1e-2)


@pytest.mark.parametrize("name", SPACES)
def test_one_call_for_all_edges_that_leave_a_node_gives_what_each_alone_gives(name, monkeypatch):
    mixture = Mixture(SPACES[name](), seed=2)
    alpha = torch.randn(mixture.kept.shape, generator=torch.Generator().manual_seed(0), requires_grad=True)
    results = []
    for merge in (module.side_by_side, lambda layers, x: torch.stack([layer(x) for layer in layers], 1)):
        monkeypatch.setattr(module, "side_by_side", merge)
        outputs = mixture(X, alpha.softmax(1))
        (gradient,) = torch.autograd.grad(outputs.square().sum(), alpha)
        results.append((outputs, gradient))
    for merged, alone in zip(*results, strict=True):
        assert torch.allclose(merged, alone, rtol=1e-4, atol=1e-4)


def test_an_extracted_network_runs_in_evaluation_mode_after_its_statistics_are_estimated():
    mixture = Mixture(cell_201(), seed=3)
    network = mixture.extract(("nor_conv_3x3",) * 6)
    data = torch.from_numpy(TASK.train.X)
    assert estimate_statistics(network, data, batch=len(data)).training is False
    expected = mixture.extract(("nor_conv_3x3",) * 6).train()(data)
    scale = len(data) / (len(data) - 1)  # running variances are unbiased, those of a batch are not
    assert torch.allclose(network(data), expected, atol=0.1 * scale)


def test_an_operation_that_is_not_kept_has_no_weights():
    edges = Edges(cell_201())
    kept = edges.all_kept()
    kept[:, edges.operations.index("nor_conv_3x3")] = False
    names = [name for name, _ in Mixture(cell_201(), kept).named_parameters()]
    assert any("nor_conv_1x1" in name for name in names)
    assert not any("nor_conv_3x3" in name for name in names)


@pytest.mark.parametrize("name", SPACES)
def test_what_is_derived_is_an_architecture_of_the_space(name):
    space = SPACES[name]()
    edges = Edges(space)
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert edges.derive(rng.random((len(edges.rows), len(edges.operations)))) in space


def test_a_derived_darts_cell_keeps_the_two_strongest_edges_and_never_none():
    edges = Edges(darts(nodes=4))
    values = np.zeros((28, 8))
    values[:, edges.operations.index("none")] = 9  # would win everywhere
    for row, edge in enumerate(edges.rows):
        values[row, 3 + edge.source % 3] = edge.source + 1  # later starts are stronger
    architecture = edges.derive(values)
    assert not any(choice.startswith("none") for choice in architecture)
    assert [int(choice[-1]) for choice in architecture] == [0, 1, 1, 2, 2, 3, 3, 4] * 2
    assert architecture[3] == "sep_conv_5x5~2"


def test_none_may_win_in_nas_bench_201_as_in_the_authors_code():
    edges = Edges(cell_201())
    values = np.zeros((6, 5))
    values[2, 3] = values[4, 1] = 1
    assert edges.derive(values) == ("none", "none", "nor_conv_3x3", "none", "skip_connect", "none")
    assert edges.skips(edges.derive(values)) == 1


def test_one_hot_shares_derive_to_their_own_architecture():
    for make in SPACES.values():
        space = make()
        edges = Edges(space)
        for seed in range(5):
            architecture = space.sample(rng_from(seed))
            if not any(choice.startswith("none~") for choice in architecture):
                assert edges.derive(edges.one_hot(architecture)) == architecture


def test_a_cell_of_the_paper_can_be_derived_in_1_037_664_180_ways():
    edges = Edges(darts(nodes=4))
    ways = 1
    for rows in edges.nodes():
        if edges.rows[rows[0]].kind == 0:
            pairs = len(rows) * (len(rows) - 1) // 2
            ways *= pairs * int(edges.derivable()[rows[0]].sum()) ** 2
    assert ways == 180 * 7**8 == 1_037_664_180


def test_the_rows_are_the_edges_in_the_order_of_the_papers():
    assert [(e.source, e.node) for e in Edges(cell_201()).rows] == [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    assert len(Edges(darts(nodes=4)).rows) == 28
    assert Edges(darts()).rows[2] == Edge(0, 3, 0)


@pytest.mark.parametrize("name", ["chain-cnn", "skip-chain"])
def test_a_space_without_edges_is_refused_in_one_line(name):
    with pytest.raises(Mismatch, match=f"the space '{name}' has no edges .* needs cell-201 or darts"):
        Mixture(spaces.load(name, TASK))


def test_edges_of_none_alone_are_refused():
    with pytest.raises(Mismatch, match="'none' alone"):
        Mixture(darts(operations=("none",)))
