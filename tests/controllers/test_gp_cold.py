"""Gaussian processes around expectations: exact where it can be computed otherwise, and a search by one around none."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from nasedu import controllers
from nasedu.controllers import candidates, processes
from nasedu.controllers.candidates import Candidates
from nasedu.controllers.gaussian import kernel
from nasedu.controllers.processes import LEVEL, SHARED, SPREAD, posterior
from nasedu.core import BadValue
from nasedu.core.ranking import normal_scores
from tests.meta.unlike import Chain

RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 3))
EXPECTED = np.vstack([np.zeros(12), RNG.normal(size=(2, 12))])
SEEN, REWARDS = [1, 4, 7, 9, 11], [0.2, 0.9, 0.4, 0.5, 0.1]
BEFORE = np.array([0.5, 0.3, 0.2])


@pytest.fixture
def one_scale(monkeypatch):
    monkeypatch.setattr(processes, "LENGTHS", (0.7,))
    monkeypatch.setattr(processes, "NOISES", (0.2,))


def covariance(h, a, b):
    """Of the scores at two lists of places, by the words of the docstring."""
    own = 1 - SHARED**2 if h else 1.0
    along = SPREAD**2 * np.outer(EXPECTED[h, a], EXPECTED[h, b])
    return LEVEL + along + own * kernel(X[a], X[b], 0.7)


def test_weights_are_those_of_the_exact_likelihood(one_scale):
    y = normal_scores(REWARDS)
    likely = [
        before
        * multivariate_normal(
            (SHARED if h else 0) * EXPECTED[h, SEEN], covariance(h, SEEN, SEEN) + 0.2 * np.eye(5)
        ).pdf(y)
        for h, before in enumerate(BEFORE)
    ]
    found = posterior(X, SEEN, REWARDS, EXPECTED, BEFORE)
    np.testing.assert_allclose(found.weights, np.array(likely) / sum(likely), rtol=1e-6)


def test_the_improvement_is_that_of_the_conditional_normal(one_scale, monkeypatch):
    monkeypatch.setattr(processes, "LIKELY", 1.0)
    y, everywhere = normal_scores(REWARDS), list(range(12))
    found = posterior(X, SEEN, REWARDS, EXPECTED, BEFORE)
    expected = np.zeros(12)
    for h, weight in enumerate(found.weights):
        inverse = np.linalg.inv(covariance(h, SEEN, SEEN) + 0.2 * np.eye(5))
        cross, m = covariance(h, everywhere, SEEN), (SHARED if h else 0) * EXPECTED[h]
        mean = m + cross @ inverse @ (y - m[SEEN])
        sd = np.sqrt(np.diag(covariance(h, everywhere, everywhere) - cross @ inverse @ cross.T))
        grid = np.linspace(-8, 8, 4001)
        gains = np.maximum(mean[:, None] + sd[:, None] * grid - mean[SEEN].max(), 0)
        expected += weight * np.trapezoid(gains * norm.pdf(grid), grid, axis=1)
    np.testing.assert_allclose(found.improvement, expected, atol=1e-4)


def test_an_expectation_that_is_refuted_comes_to_count_for_nothing():
    truth = X[:, 0]
    right = posterior(X, range(12), truth, np.vstack([np.zeros(12), truth]), np.array([0.5, 0.5])).weights
    wrong = posterior(X, range(12), truth, np.vstack([np.zeros(12), -truth]), np.array([0.5, 0.5])).weights
    assert right[1] > 0.8
    assert wrong[0] > 0.99


def test_only_promising_members_are_looked_at_closely(monkeypatch):
    monkeypatch.setattr(processes, "PROMISING", 4)
    assert np.isfinite(posterior(X, SEEN, REWARDS).improvement).sum() == 4


def test_it_is_sooner_than_random_search_on_a_smooth_function():
    space = Chain()
    worth = {a: sum(layer == "conv3" for layer in a) - 0.5 * len(a) for a in space.enumerate()}
    best = max(worth.values())

    def questions(name, seed):
        search = controllers.load(name, space, seed=seed)
        for count in range(1, 400):
            architecture = search.ask()
            if worth[architecture] == best:
                return count
            search.tell(architecture, worth[architecture])
        return 400

    seeds = range(6)
    assert max(questions("gp-cold", seed) for seed in seeds) < np.mean([questions("random-uniform", s) for s in seeds])


def test_what_it_was_told_counts_as_its_first_questions():
    search = controllers.load("gp-cold", Chain(), first=2)
    search.tell(("conv3", "stop"), 0.9)
    search.tell(("pool", "stop"), 0.1)
    search.ask()
    assert search.model.last is not None


def test_a_space_that_is_too_large_is_sampled_and_the_title_says_so(monkeypatch):
    space = Chain()
    assert Candidates(space).title == f"all {space.size():,} networks of the space"
    monkeypatch.setattr(candidates, "LARGEST", 100)
    monkeypatch.setattr(candidates, "SAMPLED", 20)
    small = Candidates(Chain())
    assert small.title == f"a sample of {len(small.architectures)} networks; the space has 936 architectures"
    search = controllers.load("gp-cold", Chain(), seed=1)
    asked = []
    for _ in range(30):
        asked.append(search.ask())
        search.tell(asked[-1], len(asked[-1]))
    assert len(set(asked)) == 30


def test_it_begins_with_at_least_one():
    with pytest.raises(BadValue, match="first >= 1; given 0"):
        controllers.load("gp-cold", Chain(), first=0)
