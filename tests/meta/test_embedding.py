import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.meta.embedding import apart, classical, embed, guttman, stress

RNG = np.random.default_rng(0)


def test_what_lies_on_a_plane_is_found_as_it_lies():
    wanted = apart(RNG.normal(size=(7, 2)))
    places = embed(wanted)
    np.testing.assert_allclose(apart(places), wanted, atol=1e-6)
    assert stress(wanted, places) < 1e-6


def test_no_step_makes_the_map_worse_and_together_they_make_it_better():
    wanted = apart(RNG.normal(size=(9, 6)))
    places = classical(wanted)
    first = before = stress(wanted, places)
    for _ in range(30):
        places = guttman(wanted, places)
        assert stress(wanted, places) <= before + 1e-12
        before = stress(wanted, places)
    assert before < 0.9 * first


def test_the_same_distances_give_the_same_map():
    wanted = apart(RNG.normal(size=(6, 5)))
    np.testing.assert_array_equal(embed(wanted), embed(wanted))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_things(count):
    wanted = 1.0 - np.eye(count)
    np.testing.assert_allclose(apart(embed(wanted)), wanted, atol=1e-6)


def test_things_in_one_place():
    assert np.isfinite(embed(np.zeros((4, 4)))).all()


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 3)), np.zeros(4), [[0, 1], [2, 0]], [[0, -1], [-1, 0]], [[0, np.nan], [np.nan, 0]], [[]]]
)
def test_what_is_no_matrix_of_distances(wrong):
    with pytest.raises(BadValue, match="distances are"):
        embed(wrong)
