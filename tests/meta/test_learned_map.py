"""A map of the features learned on earlier tasks: an exact gradient, what it finds out, and what a search gains."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import multivariate_normal

from nasedu.controllers import candidates
from nasedu.controllers.candidates import features
from nasedu.controllers.gaussian import Gaussian, kernel
from nasedu.controllers.processes import posterior
from nasedu.core.ranking import normal_scores, rank_correlation
from nasedu.meta import Evidence
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.learned_map import DIGITS, LEAST, learned_map, loss
from tests.meta import unlike

SPACE = unlike.Chain()
MEMBERS = tuple(SPACE.enumerate())
RNG = np.random.default_rng(7)
SCORED = [(RNG.normal(size=(n, 3)), RNG.normal(size=n)) for n in (6, 1, 9)]
PARAMETERS = np.append((np.eye(3) + 0.2 * RNG.normal(size=(3, 3))).ravel(), -1.5)


# ---------------------------------------------------------------------- the map


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


def evidence():
    """Tasks that count one layer, and do not mind where it stands."""
    return [
        Evidence(name, tuple((a, weight * a.count("conv3") + 0.001 * len(a)) for a in MEMBERS[start::9]))
        for start, (name, weight) in enumerate((("one", 1.0), ("two", 2.0), ("three", 0.5)))
    ]


def test_networks_that_earlier_tasks_score_alike_come_to_lie_near():
    W = learned_map(SPACE, evidence())
    few = [MEMBERS[i] for i in np.random.default_rng(0).permutation(len(MEMBERS))[:200]]
    count = np.array([a.count("conv3") for a in few])
    same = count[:, None] == count[None, :]

    def apart(Z):
        squared = ((Z[:, None] - Z[None]) ** 2).sum(2)
        return squared[~same].mean() / squared[same].mean()

    X = features(SPACE, few)
    assert apart(X @ W) > 2 * apart(X)
    assert learned_map(SPACE, evidence()) is W  # learned once for the same evidence
    np.testing.assert_array_equal(learned_map(unlike.Chain(), evidence()), W.round(DIGITS))


# ---------------------------------------------------------------------- what uses it


def test_the_scores_choose_between_the_given_and_the_learned_features():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 4)) / 2
    useful, useless = X @ np.diag([3.0, 0, 0, 0]), X @ np.diag([0, 0, 0, 3.0])
    rewards, places = np.sin(6 * X[:40, 0]), list(range(40))
    plain, mapped = posterior(X, places, rewards), posterior(useful, places, rewards)
    np.testing.assert_array_equal(posterior(X, places, rewards, learned=useless).improvement, plain.improvement)
    np.testing.assert_array_equal(posterior(X, places, rewards, learned=useful).improvement, mapped.improvement)


def expected(one, architectures, W):
    """What the model of a task says, by hand."""
    X, y = features(SPACE, list(one.scores)), normal_scores(list(one.scores.values()))
    return Gaussian(X @ W, y).predict(features(SPACE, architectures) @ W)


def test_the_models_of_earlier_tasks_see_the_learned_features():
    plain, pool = (CandidatePool(SPACE, evidence(), learn=learn) for learn in (False, True))
    W = learned_map(SPACE, evidence())
    np.testing.assert_allclose(pool.learned, pool.X @ W)
    for said, one, given in zip(pool.said, evidence(), plain.said, strict=True):
        np.testing.assert_allclose(said, expected(one, pool.architectures, W), atol=1e-6)
        np.testing.assert_allclose(given, expected(one, pool.architectures, np.eye(len(W))), atol=1e-6)
        assert abs(said - given).max() > 0.1
    assert plain.learned is None


def test_a_sample_grows_in_the_learned_features_too(monkeypatch):
    monkeypatch.setattr(candidates, "LARGEST", 5)
    monkeypatch.setattr(candidates, "SAMPLED", 3)
    pool = CandidatePool(unlike.Chain(), evidence(), learn=True)
    new = next(a for a in MEMBERS if a not in pool.places)
    place = pool.place(new)
    assert len(pool.X) == len(pool.learned) == pool.said.shape[1] == place + 1
    np.testing.assert_allclose(pool.learned[place], features(SPACE, [new])[0] @ pool.W)
    by_hand = [expected(one, [new], pool.W)[0] for one in evidence()]
    np.testing.assert_allclose(pool.said[:, place], by_hand, atol=1e-6)


# ---------------------------------------------------------------------- what is gained


def family(rng):
    """Five earlier tasks and a new one that want different sums of what the layers are worth; each scores all members.

    What was good before says little. But only one direction of the features matters, and it is the same for all.
    """
    worth = dict(zip(SPACE.kinds, rng.normal(size=len(SPACE.kinds)), strict=True), stop=0.0)
    total = np.array([sum(worth[layer] for layer in a) for a in MEMBERS])
    total = (total - total.mean()) / total.std()
    return [-((total - wanted) ** 2) for wanted in rng.uniform(-1.5, 1.5, 6)]


def gain(seed, of_noise):
    """By how much learned features raise the rank correlation of the expected improvement with what is true.

    Twelve members of the new task were seen, and sixty of each earlier task.
    """
    rng = np.random.default_rng(seed)
    X = features(SPACE, MEMBERS)
    *before, truth = family(rng)
    earlier = []
    for scores in before:
        rows = rng.choice(len(X), 60, replace=False).tolist()
        told = rng.normal(size=len(X)) if of_noise else scores
        earlier.append(Evidence("some", tuple((MEMBERS[row], float(told[row])) for row in rows)))
    seen = rng.choice(len(X), 12, replace=False).tolist()
    ways = None, X @ learned_map(SPACE, earlier)
    without, learned = (posterior(X, seen, truth[seen], learned=Z).improvement for Z in ways)
    return rank_correlation(learned, truth) - rank_correlation(without, truth)


def gains(of_noise, seeds=16):
    """Mean over seeds, and 1.96 standard errors."""
    values = np.array([gain(seed, of_noise) for seed in range(seeds)])
    return values.mean(), 1.96 * values.std(ddof=1) / seeds**0.5


def test_it_helps_where_only_one_direction_matters():
    mean, half = gains(of_noise=False)
    assert mean - half > 0.2


def test_it_does_not_hurt_where_earlier_tasks_are_noise():
    mean, half = gains(of_noise=True)
    assert mean + half > 0
    assert half < 0.1
