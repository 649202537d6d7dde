"""Ranks, and the weights that follow from pairs in the wrong order."""

import itertools

import numpy as np
import pytest
import scipy.stats

from nasedu.controllers.gaussian import Gaussian, kernel
from nasedu.core import rng_from
from nasedu.core.ranking import kendall_tau, normal_scores, rank_correlation, ranks
from nasedu.meta.ranking import misranked, ranking_weights


def test_ranks_by_hand():
    np.testing.assert_allclose(ranks([30, -10, 20, 20]), [0.875, 0.125, 0.5, 0.5])
    assert ranks([7.0]).tolist() == [0.5]
    np.testing.assert_allclose(normal_scores([1, 100, 1000]), [-0.967422, 0, 0.967422], atol=1e-6)


def test_the_rank_correlation_is_spearmans():
    rng = rng_from(0, "ranks")
    for _ in range(20):
        a, b = rng.integers(0, 6, (2, 12)).astype(float)  # with many ties
        assert rank_correlation(a, b) == pytest.approx(scipy.stats.spearmanr(a, b).statistic)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) == 0
    assert rank_correlation([1], [2]) == 0


def test_the_tau_is_kendalls():
    rng = rng_from(0, "tau")
    for size in (2, 5, 40):
        a, b = rng.integers(0, 6, (2, size)).astype(float)
        b[0], a[1] = b.max() + 1, a.max() + 1  # neither is constant
        assert kendall_tau(a, b) == pytest.approx(scipy.stats.kendalltau(a, b).statistic)
    assert kendall_tau([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx((5 - 1) / 6), "one of six pairs is turned round"
    assert kendall_tau([1, 1, 1], [1, 2, 3]) == 0


def test_misranked_pairs_counted_one_by_one():
    rng = rng_from(1, "pairs")
    predictions, rewards = rng.integers(0, 4, (3, 7)).astype(float), rng.integers(0, 5, 7).astype(float)
    draws = np.vstack([np.ones(7), rng.multinomial(7, np.full(7, 1 / 7), size=4)])
    expected = np.zeros((3, 5))
    for m, d in itertools.product(range(3), range(5)):
        drawn = np.repeat(np.arange(7), draws[d].astype(int))
        for i, j in itertools.combinations(drawn, 2):
            truth, said = np.sign(rewards[i] - rewards[j]), np.sign(predictions[m, i] - predictions[m, j])
            expected[m, d] += abs(truth - said) / 2 if truth else 0
    np.testing.assert_allclose(misranked(predictions, rewards, draws), expected)


def test_weight_goes_to_the_models_that_rank_rightly():
    rewards = np.arange(6.0)
    predictions = np.array([rewards**3, -rewards, np.log1p(rewards)])
    draws = rng_from(2, "draws").multinomial(6, np.full(6, 1 / 6), size=50).astype(float)
    weights = ranking_weights(predictions, rewards, draws, np.array([1.0, 1.0, 3.0]))
    np.testing.assert_allclose(weights, [0.25, 0, 0.75])  # the two right ones share every draw, as was said before


def test_a_gaussian_process_against_scikit_learn():
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF

    rng = rng_from(3, "gaussian")
    X, new = rng.normal(size=(30, 3)) / 2, rng.normal(size=(9, 3)) / 2
    y = np.sin(3 * X[:, 0]) + X[:, 1] + 0.1 * rng.normal(size=30)
    y = (y - y.mean()) / y.std()
    ours = Gaussian(X, y)
    theirs = GaussianProcessRegressor(RBF(ours.length), alpha=ours.noise, optimizer=None).fit(X, y)
    np.testing.assert_allclose(ours.predict(new), theirs.predict(new), atol=1e-8)
    constant = 0.5 * len(y) * np.log(2 * np.pi)
    assert ours.likelihood - constant == pytest.approx(theirs.log_marginal_likelihood_value_)


def test_the_kernel_by_hand():
    value = kernel(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), 5.0)
    assert value.tolist() == [[pytest.approx(np.exp(-0.5))]]
