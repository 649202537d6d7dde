"""The predictor: what its ensemble learns, which candidates it judges, and what its acquisition functions say."""

import numpy as np
import pytest

from nasedu.controllers.acquisition import ACQUISITIONS, expected_improvement, upper_confidence_bound
from nasedu.controllers.predictor import Predictor
from nasedu.core import BadValue
from nasedu.core.ranking import rank_correlation
from nasedu.spaces.cell_201 import Cell201
from nasedu.spaces.paths import path_encodings, paths_of
from nasedu.testing import VariableLength
from tests.controllers.games import Digits, play, total

SPACE = Digits(4, 3)
QUICK = {"model": "ridge", "members": 3, "startup": 8}


def test_expected_improvement_is_the_mean_of_what_is_gained_and_nothing_at_what_is_known():
    rng = np.random.default_rng(0)
    mean, spread, best = np.array([0.7, 0.9, 1.1]), np.array([0.2, 0.1, 0.3]), 0.9
    drawn = rng.normal(mean, spread, (200_000, 3))
    assert expected_improvement(mean, spread, best) == pytest.approx(np.maximum(drawn - best, 0).mean(0), abs=2e-3)
    assert expected_improvement([0.9, 0.8, 1.0], [0, 0, 0], best).tolist() == pytest.approx([0, 0, 0.1])
    assert upper_confidence_bound(mean, spread, 2.0).tolist() == pytest.approx([1.1, 1.1, 1.7])


def test_thompson_draws_each_candidate_for_itself():
    mean, spread = np.zeros(4000), np.full(4000, 2.0)
    drawn = ACQUISITIONS["thompson"](mean, spread, 0.0, np.random.default_rng(0))
    assert drawn.std() == pytest.approx(2, abs=0.1)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.05
    assert (ACQUISITIONS["mean"](mean, spread, 0.0, np.random.default_rng(0)) == mean).all()


@pytest.mark.parametrize(("model", "encoding"), [("ridge", "one-hot"), ("tree", "path"), ("network", "one-hot")])
def test_the_ensemble_learns_the_scores_and_its_members_differ(model, encoding):
    search = Predictor(SPACE, seed=1, model=model, encoding=encoding, members=4, startup=60, refit=60)
    play(search, total, 61)
    unseen = [architecture for architecture in SPACE.enumerate() if search.is_new(architecture)]
    mean, spread = search.predict(unseen)
    assert rank_correlation(mean, [total(one) for one in unseen]) > 0.6
    assert np.abs(mean - [total(one) for one in unseen]).mean() < 2, "in units of reward"
    assert (spread > 0).mean() > 0.9
    assert search.status() == {"fitted to": 60.0}


@pytest.mark.parametrize("seed", range(3))
def test_after_the_startup_it_asks_neighbours_of_the_best(seed):
    search = Predictor(SPACE, seed=seed, mutated=1, **QUICK)
    play(search, total, 8)
    for _ in range(4):
        best = max(search.rewards, key=search.rewards.get)
        asked = search.ask()
        assert asked in SPACE.neighbours(best)
        assert search.parents[asked] == (best,)
        search.tell(asked, total(asked))


def test_the_mean_exploits_what_the_ensemble_expects():
    search = Predictor(SPACE, seed=0, acquisition="mean", candidates=400, mutated=1, **QUICK)
    play(search, total, 8)
    best = max(search.rewards, key=search.rewards.get)
    asked = search.ask()
    mean, _ = search.predict([one for one in SPACE.neighbours(best) if one not in search.rewards])
    assert search.predict([asked])[0][0] == pytest.approx(mean.max())


def test_it_is_fitted_again_after_so_many_answers():
    search = Predictor(SPACE, seed=0, refit=3, **QUICK)
    sizes = []
    for _ in range(16):
        play(search, total, 1)
        sizes.append(search.status().get("fitted to", 0))
    assert sorted(set(sizes)) == [0, 8, 11, 14]


def test_it_finds_the_best_sooner_than_chance():
    """Of 256 networks one is the best; forty questions at random find it in a sixth of the cases."""
    found = sum(max(map(total, play(Predictor(SPACE, seed=seed, **QUICK), total, 40))) == 12 for seed in range(6))
    assert found == 6


def test_a_path_is_named_by_its_operations_and_a_chain_is_cut_into_pieces():
    conv, skip = "nor_conv_3x3", "skip_connect"
    cell = (conv, "none", conv, skip, "none", skip)
    assert paths_of(Cell201((1, 8, 8), 10), cell) == {(skip,), (conv, conv, skip)}
    space = VariableLength()
    longest = max(space.enumerate(), key=len)
    assert (longest[0],) in paths_of(space, longest)
    assert longest[:3] in paths_of(space, longest)
    X = path_encodings(SPACE, [("0", "1", "2", "3"), ("3", "2", "1", "0")], among=[("0", "1", "2", "3")])
    assert X.shape == (2, 9)
    assert X.sum(1).tolist() == [9, 4], "the second has the same single choices, and none of the pairs"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "forest"}, "model of predictor is one of ridge, tree, network; given 'forest'"),
        ({"encoding": "graph"}, "encoding of predictor is one of one-hot, path"),
        ({"acquisition": "luck"}, "acquisition of predictor is one of thompson, expected-improvement"),
        ({"members": 1}, "members and startup >= 2.*members=1"),
        ({"refit": 0}, "refit, candidates and mutated >= 1.*refit=0"),
    ],
)
def test_what_it_cannot_do_is_refused(options, message):
    with pytest.raises(BadValue, match=message):
        Predictor(SPACE, **options)


def test_before_the_first_fit_nothing_is_predicted():
    with pytest.raises(BadValue, match="tell at least 10 rewards"):
        Predictor(SPACE).predict([("0", "0", "0", "0")])
