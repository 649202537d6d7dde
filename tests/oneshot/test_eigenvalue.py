"""The largest eigenvalue is that of the dense Hessian, and the rule for stopping is that of the paper."""

import pytest
import torch

from nasedu.oneshot.darts import Darts
from nasedu.oneshot.eigenvalue import largest_eigenvalue, must_stop, stop_place
from tests.oneshot.small_mixtures import TASK, cell_201


def quadratic(*eigenvalues):
    basis, _ = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    hessian = basis @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ basis.T
    return lambda alpha: alpha.flatten() @ hessian @ alpha.flatten() / 2


@pytest.mark.parametrize(
    ("eigenvalues", "largest"),
    [
        ((5.0, 3, 1, 0, -1, -2), 5.0),
        ((5.0, 3, 1, 0, -1, -9), 5.0),  # the largest magnitude is another
        ((-1.0, -2, -3, -4, -5, -9), -1.0),
        ((0.0, 0, 0, 0, 0, 0), 0.0),
    ],
)
def test_the_largest_eigenvalue_of_a_quadratic(eigenvalues, largest):
    alpha = torch.randn(2, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = largest_eigenvalue(quadratic(*eigenvalues), alpha, tolerance=1e-9, iterations=1000)
    assert found == pytest.approx(largest, abs=1e-3)


def test_a_loss_that_is_linear_in_alpha_does_not_bend():
    assert largest_eigenvalue(lambda alpha: 3 * alpha.sum(), torch.ones(2, 2)) == 0


def test_the_largest_eigenvalue_of_a_mixture_is_that_of_its_dense_hessian():
    search = Darts(cell_201(), TASK, steps=4, warm=4, batch=24)
    for _ in search.run():
        pass
    batch, weights = search.batch("alpha"), tuple(weight.detach() for weight in search.weights())

    def loss(alpha):
        return search.loss(weights, alpha.view(6, 5), batch)

    dense = torch.autograd.functional.hessian(loss, search.alpha.detach().flatten())
    largest = float(torch.linalg.eigvalsh((dense + dense.T) / 2)[-1])
    assert largest > 0.01
    assert largest_eigenvalue(loss, search.alpha.flatten()) == pytest.approx(largest, rel=0.01)


def test_the_search_ends_when_the_mean_of_five_before_falls_under_three_quarters_of_the_mean_now():
    assert not must_stop([1.0] * 5 + [4 / 3 - 0.01] * 5)
    assert must_stop([1.0] * 5 + [4 / 3 + 0.01] * 5)
    assert not must_stop([1.0] * 4 + [9.0] * 5)  # too few
    assert not must_stop([9.0] * 5 + [1.0] * 5)  # a fall is no alarm
    assert must_stop([9.0] * 7 + [1.0] * 5 + [9.0] * 5)  # only the last ten count
    assert stop_place(list(range(12))) == 4  # the middle of 2, 3, 4, 5, 6


def test_a_search_that_is_stopped_derives_what_it_had_before_the_eigenvalue_grew(monkeypatch):
    values = iter([1.0] * 5 + [2.0] * 9)
    monkeypatch.setattr("nasedu.oneshot.darts.largest_eigenvalue", lambda *_, **__: next(values))
    search = Darts(cell_201(), TASK, steps=40, batch=8, alpha_rate=0.5, eigenvalue_every=1, stop_early=True)
    steps = list(search.run())
    assert (len(steps), steps[-1].stopped, steps[-2].stopped) == (10, True, False)
    assert search.derived() == steps[-1].derived == steps[2].derived != steps[-2].derived
