import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from nasedu import tables
from nasedu.core import BadValue
from nasedu.meta.embedding import classical, embed
from nasedu.tables.task_correlation import task_correlation

RNG = np.random.default_rng(0)


def apart(places):
    return squareform(pdist(places))


def stress(wanted, places):
    """How wrong a map is: Kruskal's stress, 0 for a perfect one; 0.1 is fair, 0.2 poor (Psychometrika 1964)."""
    return np.sqrt(((apart(places) - wanted) ** 2).sum() / (wanted**2).sum())


def test_what_lies_on_a_plane_is_found_as_it_lies():
    wanted = apart(RNG.normal(size=(7, 2)))
    places = embed(wanted)
    np.testing.assert_allclose(apart(places), wanted, atol=1e-6)
    assert stress(wanted, places) < 1e-6


@pytest.mark.filterwarnings("error::DeprecationWarning")
def test_the_map_is_better_than_the_classical_one_that_it_starts_from():
    wanted = apart(RNG.normal(size=(9, 6)))
    assert stress(wanted, embed(wanted)) < 0.9 * stress(wanted, classical(wanted))


def test_the_map_of_the_atlas():
    wanted = np.maximum(1 - task_correlation(tables.atlas()), 0)
    assert stress(wanted, embed(wanted)) == pytest.approx(0.12940796651936684, abs=1e-12)
    np.testing.assert_allclose(embed(wanted).mean(axis=0), 0, atol=1e-12)


def test_the_same_distances_give_the_same_map():
    wanted = apart(RNG.normal(size=(6, 5)))
    np.testing.assert_array_equal(embed(wanted), embed(wanted))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_things(count):
    wanted = 1.0 - np.eye(count)
    np.testing.assert_allclose(apart(embed(wanted)), wanted, atol=1e-6)


def test_things_in_one_place():
    assert np.isfinite(embed(np.zeros((4, 4)))).all()


def test_things_on_a_line_and_things_that_are_symmetric_but_for_rounding():
    wanted = apart(RNG.normal(size=(5, 1)))
    np.testing.assert_allclose(apart(embed(wanted * (1 + 1e-8 * np.tri(5)))), wanted, atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 3)), np.zeros(4), [[0, 1], [2, 0]], [[0, -1], [-1, 0]], [[0, np.nan], [np.nan, 0]], [[]]]
)
def test_what_is_no_matrix_of_distances(wrong):
    with pytest.raises(BadValue, match="distances are"):
        embed(wrong)
