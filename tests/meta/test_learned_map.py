"""A map of the features learned on earlier tasks: an exact gradient, and what it finds out."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import multivariate_normal

from nasedu.controllers.candidates import Candidates
from nasedu.controllers.gaussian import kernel
from nasedu.controllers.processes import posterior
from nasedu.meta import Evidence
from nasedu.meta.learned_kernel import LEAST, learned_map, loss
from tests.meta import unlike

SPACE = unlike.Chain()
MEMBERS = tuple(SPACE.enumerate())
RNG = np.random.default_rng(7)
SCORED = [(RNG.normal(size=(n, 3)), RNG.normal(size=n)) for n in (6, 1, 9)]
PARAMETERS = np.append((np.eye(3) + 0.2 * RNG.normal(size=(3, 3))).ravel(), -1.5)


def test_the_loss_is_that_of_the_exact_likelihood():
    W = PARAMETERS[:-1].reshape(3, 3)
    exact = 0.5 * ((W - np.eye(3)) ** 2).sum()
    for X, y in SCORED:
        covariance = 1 + kernel(X @ W, X @ W, 1.0) + (np.exp(-1.5) + LEAST) * np.eye(len(y))
        exact -= multivariate_normal(np.zeros(len(y)), covariance).logpdf(y) + 0.5 * len(y) * np.log(2 * np.pi)
    assert loss(PARAMETERS, SCORED)[0] == pytest.approx(exact)


def test_the_gradient_is_that_of_finite_differences():
    off = check_grad(lambda p: loss(p, SCORED)[0], lambda p: loss(p, SCORED)[1], PARAMETERS)
    assert off < 1e-5 * np.linalg.norm(loss(PARAMETERS, SCORED)[1])


def scores(architecture, weight):
    return weight * architecture.count("conv3") + 0.001 * len(architecture)


def evidence():
    """Tasks that count one layer, and do not mind where it stands."""
    return [
        Evidence(name, tuple((a, scores(a, weight)) for a in MEMBERS[start::9]))
        for start, (name, weight) in enumerate((("one", 1.0), ("two", 2.0), ("three", 0.5)))
    ]


def test_networks_that_earlier_tasks_score_alike_come_to_lie_near():
    candidates = Candidates(SPACE)
    W = learned_map(candidates, evidence())
    count = np.array([a.count("conv3") for a in candidates.architectures])
    same = count[:, None] == count[None, :]

    def apart(Z):
        squared = ((Z[:, None] - Z[None]) ** 2).sum(2)
        return squared[~same].mean() / squared[same].mean()

    few = np.random.default_rng(0).permutation(len(count))[:200]
    same = same[np.ix_(few, few)]
    assert apart(candidates.X[few] @ W) > 2 * apart(candidates.X[few])
    assert learned_map(candidates, evidence()) is W  # learned once for the same evidence


def test_the_scores_choose_between_the_given_and_the_learned_features():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 4)) / 2
    useful, useless = np.diag([3.0, 0, 0, 0]), np.diag([0, 0, 0, 3.0])
    rewards, places = np.sin(6 * X[:40, 0]), list(range(40))
    plain = posterior(X, places, rewards)
    np.testing.assert_array_equal(posterior(X, places, rewards, learned=useless).improvement, plain.improvement)
    np.testing.assert_array_equal(
        posterior(X, places, rewards, learned=useful).improvement, posterior(X @ useful, places, rewards).improvement
    )
