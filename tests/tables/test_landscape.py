"""Neighbours and random walks in a table, on tables whose answer is known; and on the atlas."""

from itertools import pairwise

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.spaces.mlp import MLP
from nasedu.tables import Table, atlas, landscape


@pytest.fixture(scope="module")
def table():
    """Two layers at most of one width and one activation: none, one, two layers, scored by how many there are."""
    space = MLP((4,), 2, depth=2, widths=(8,), activations=("relu",))
    architectures = sorted(space.enumerate(), key=len)
    return Table(space, architectures, {"depth": [0.0, 1.0, 2.0]})


def test_the_neighbours_of_a_chain_are_one_layer_longer_and_one_shorter(table):
    assert [sorted(rows.tolist()) for rows in landscape.neighbour_rows(table)] == [[1], [0, 2], [1]]


def test_a_walk_goes_from_neighbour_to_neighbour(table):
    rows = landscape.random_walk(table, 200, seed=1)
    assert len(rows) == 201
    assert set(np.abs(np.diff(rows)).tolist()) == {1}
    assert (rows == landscape.random_walk(table, 200, seed=1)).all()
    assert set(rows.tolist()) == {0, 1, 2}


def test_a_walk_in_the_atlas_keeps_to_neighbours():
    found = atlas()
    rows = landscape.random_walk(found, 20)
    networks = [found.architectures[row] for row in rows]
    assert all(b in found.space.neighbours(a) for a, b in pairwise(networks))


def test_where_no_way_leads_on_is_said(table):
    alone = Table(table.space, [("stop",), ("8-relu", "8-relu", "stop")], {"depth": [0.0, 2.0]})
    with pytest.raises(BadValue, match="has no neighbour in the table"):
        landscape.random_walk(alone, 3)


def test_the_autocorrelation_of_a_wave_and_of_noise():
    wave = np.cos(np.arange(4000) * np.pi / 4)  # eight steps to a period
    noise = np.random.default_rng(0).random(4000)
    found = [landscape.autocorrelation(np.stack([wave, noise], axis=1), steps) for steps in (4, 8)]
    assert found[0][0] == pytest.approx(-1)
    assert found[1][0] == pytest.approx(1)
    assert abs(found[0][1]) < 0.1
