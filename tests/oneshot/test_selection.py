"""Selection by perturbation keeps what is missed most, whatever alpha says; and the toy of proposition 1."""

import numpy as np
import pytest
import torch

from nasedu.oneshot.darts import Darts
from nasedu.oneshot.selection import Perturbation, by_largest_alpha
from nasedu.oneshot.two_operations import best_shares, learn_shares, mixture_error
from tests.oneshot.small_mixtures import TASK, cell_201, darts, stripes


def searched(space, steps=2, task=TASK, **settings):
    search = Darts(space, task, **{"steps": steps, "batch": 16, **settings})
    for _ in search.run():
        pass
    return search


@pytest.mark.parametrize("frozen", [False, True])
def test_each_edge_is_decided_once_and_gets_the_operation_without_which_the_mixture_is_worst(frozen):
    search = searched(cell_201(), frozen=frozen)
    selection = Perturbation(search, tune=1)
    decisions = list(selection.run())
    assert sorted(decision.edges[0] for decision in decisions) == sorted(search.edges.rows)
    for decision in decisions:
        worth = list(zip(decision.scores, [-loss for loss in decision.losses], strict=True))
        assert decision.chosen == decision.candidates[worth.index(min(worth))]
    chosen = {decision.edges[0]: decision.chosen for decision in decisions}
    assert selection.derived() == tuple(chosen[edge] for edge in search.edges.rows)


def test_what_is_missed_most_is_selected_though_alpha_says_otherwise():
    search = Darts(cell_201(), TASK, batch=16)
    with torch.no_grad():
        search.alpha[:, 1] = 9.0
    selection = Perturbation(search, tune=0)
    worth = np.random.default_rng(0).permutation(30).reshape(6, 5)
    selection._judge_without = lambda row, column: (worth[row, column], 0.0)
    list(selection.run())
    assert by_largest_alpha(search) == ("skip_connect",) * 6
    assert selection.derived() == tuple(search.edges.operations[column] for column in worth.argmin(1))


def test_on_equal_accuracy_the_loss_decides():
    selection = Perturbation(Darts(cell_201(), TASK, batch=16), tune=0)
    selection._judge_without = lambda row, column: (0.5, -float(column == 2))
    list(selection.run())
    assert selection.derived() == ("nor_conv_1x1",) * 6


def test_removing_an_operation_takes_its_share_and_no_other():
    search = searched(cell_201())
    selection = Perturbation(search, tune=0)
    shares = search.shares()
    shares[4, 3] = 0
    with torch.no_grad():
        batch = search.batch("alpha", 512)
        outputs = search.mixture(batch.X, torch.from_numpy(shares))
        loss = torch.nn.functional.cross_entropy(outputs, batch.y).item()
    assert selection._judge_without(4, 3)[1] == pytest.approx(-loss, rel=1e-5)


def test_the_search_is_not_changed_by_the_selection():
    search = searched(cell_201())
    before, derived = search.state().tensors, by_largest_alpha(search)
    list(Perturbation(search, tune=2).run())
    assert all(torch.equal(before[name], tensor) for name, tensor in search.state().tensors.items())
    assert by_largest_alpha(search) == derived


def test_a_darts_node_loses_the_edges_that_are_missed_least():
    search = searched(darts(operations=("none", "skip_connect", "sep_conv_3x3")))
    selection = Perturbation(search, tune=1)
    decisions = list(selection.run())
    removals = [decision for decision in decisions if len(decision.edges) > 1]
    assert len(decisions) - len(removals) == len(search.edges.rows)
    assert len(removals) == 2  # node 3 of each kind of cell has an edge too many
    for decision in removals:
        worth = list(zip(decision.scores, [-loss for loss in decision.losses], strict=True))
        assert decision.chosen == decision.candidates[worth.index(max(worth))]
    assert not any("none" in decision.candidates for decision in decisions)
    architecture = selection.derived()
    kept = search.edges.chosen(architecture)
    removed = {(d.edges[0].kind, d.edges[0].node, int(d.chosen)) for d in removals}
    assert removed == set(search.edges.rows) - set(kept)
    chosen = {d.edges[0]: d.chosen for d in decisions if len(d.edges) == 1}
    assert all(chosen[edge] == name for edge, name in kept.items())


def test_the_same_search_gives_the_same_cell():
    results = []
    for _ in range(2):
        selection = Perturbation(searched(cell_201()), tune=1)
        results.append((list(selection.run()), selection.derived()))
    assert results[0] == results[1]


def test_regression_is_judged_by_its_loss():
    task = stripes("regression")
    selection = Perturbation(searched(cell_201(task), task=task), tune=0)
    decision = next(selection.run())
    assert decision.scores == tuple(-loss for loss in decision.losses)


# ---------------------------------------------------------------------- proposition 1


def feature_maps(convolution, skip, examples=4000):
    """Return o, x and the target, of which the first two are off by independent noise of these sizes."""
    generator = torch.Generator().manual_seed(0)
    target, one, two = torch.randn(3, examples, generator=generator, dtype=torch.float64)
    return target + convolution * one, target + skip * two, target


def test_learned_alphas_go_where_the_formula_says():
    for sizes in ((1.0, 1.0), (0.5, 1.0), (1.0, 0.3)):
        maps = feature_maps(*sizes)
        *_, learned = learn_shares(*maps)
        best = best_shares(*maps)
        assert learned.skip == pytest.approx(best.skip, abs=0.01)
        # Without covariance, the share of the convolution is var(x - m) / (var(o - m) + var(x - m)).
        assert best.convolution == pytest.approx(sizes[1] ** 2 / (sizes[0] ** 2 + sizes[1] ** 2), abs=0.03)


def test_the_best_shares_are_the_lowest_of_a_grid_also_where_the_errors_are_correlated():
    o, x, target = feature_maps(0.8, 0.6)
    o = o + 0.3 * (x - target)
    best = best_shares(o, x, target)
    grid = np.linspace(0, 1, 501)
    errors = [float(mixture_error(torch.tensor([1 - skip, skip]), o, x, target)) for skip in grid]
    assert best.skip == pytest.approx(grid[np.argmin(errors)], abs=0.002)


def test_the_skip_gains_as_the_input_comes_nearer_to_the_target():
    """While a supernet gets better, both errors fall, and that of the input falls faster."""
    skips = []
    for training in (0.0, 1.0, 2.0):
        *_, learned = learn_shares(*feature_maps(np.exp(-0.3 * training), np.exp(-0.9 * training)))
        skips.append(learned.skip)
    assert skips[0] < skips[1] - 0.1 < skips[2] - 0.2
