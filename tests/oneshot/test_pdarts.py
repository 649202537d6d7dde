"""P-DARTS: three stages, fewer operations, a deeper network, and few skips in the end."""

import numpy as np
import pytest

from nasedu.core import BadValue, Mismatch
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.edges import Edges
from nasedu.oneshot.pdarts import PDarts, capped, dropped
from nasedu.oneshot.search_state import load_state, save_state
from tests.oneshot.small_mixtures import TASK, cell_201, darts

QUICK = {"steps": 3, "batch": 12, "alpha_rate": 0.2, "warm": 0.4}


def search(**parameters):
    return PDarts(cell_201(), TASK, **{**QUICK, **parameters})


def test_each_stage_has_a_deeper_network_and_fewer_operations():
    progressive = search()
    seen = {}
    for number, kept, _ in progressive.run():
        inner = progressive.search
        seen[number] = (inner.space.cells, set(kept.sum(1)), inner.settings.skip_dropout, inner.settings.warm, kept)
    assert [row[:4] for row in seen.values()] == [(1, {5}, 0.0, 1), (2, {3}, 0.4, 1), (3, {2}, 0.7, 1)]
    assert (seen[3][4] <= seen[2][4]).all()  # what is dropped does not come back
    assert progressive.derived() in progressive.space


def test_the_paper_keeps_eight_five_and_three_operations():
    assert PDarts(darts(), TASK, **QUICK).operations == (8, 5, 3)


def test_the_smallest_shares_are_dropped_and_something_to_derive_stays():
    edges = Edges(darts())
    shares = np.tile([0.5, 0.2, 0.1, 0.1, 0.04, 0.03, 0.02, 0.01], (len(edges.rows), 1))
    kept = dropped(edges, shares, edges.all_kept(), 3)
    assert (kept == [True, True, True, False, False, False, False, False]).all()
    kept[:, 1] = False
    assert (np.flatnonzero(dropped(edges, shares, kept, 1)[0]) == [2]).all()  # not `none`, though it is larger


def test_the_cap_takes_the_weakest_skips_of_the_normal_cell_alone():
    edges = Edges(darts())
    skip = edges.operations.index("skip_connect")
    shares = np.full((len(edges.rows), 8), 0.01)
    shares[:, skip] = [0.9, 0.8, 0.7, 0.6, 0.5] + [0.9] * 5
    shares[:, skip + 1] = 0.3
    everything = edges.all_kept()
    for most in (4, 3, 2, 1, 0):
        architecture = capped(edges, shares, everything, most)
        assert edges.skips(architecture, kinds=[0]) == most
        assert edges.skips(architecture, kinds=[1]) == 4
    assert capped(edges, shares, everything, 1)[0] == "skip_connect~0"  # the strongest stays
    assert capped(edges, shares, everything, None) == edges.derive(shares)
    assert everything.all()


def test_an_edge_that_has_nothing_but_its_skip_keeps_it():
    edges = Edges(cell_201())
    kept = np.zeros((6, 5), bool)
    kept[:, 1] = True
    assert capped(edges, kept / 1.0, kept, 0) == ("skip_connect",) * 6


@pytest.mark.parametrize("done", [2, 3])
def test_a_search_that_was_stopped_goes_on_bit_for_bit(tmp_path, done):
    whole = search()
    expected = list(whole.run())
    first, again = search(), search()
    for _, _ in zip(range(done), first.run(), strict=False):
        pass
    save_state(first.state(), tmp_path / "search.safetensors")
    again.restore(load_state(tmp_path / "search.safetensors"))
    rest = list(again.run())
    assert len(rest) == len(expected) - done
    assert [one.step.loss for one in rest] == [one.step.loss for one in expected[done:]]
    assert np.array_equal(again.search.shares(), whole.search.shares())
    assert again.derived() == whole.derived()


def test_a_checkpoint_of_another_search_is_refused_and_changes_nothing():
    progressive = search()
    for other in (search(most_skips=1), search(alpha_rate=0.1), Darts(cell_201(), TASK, steps=3)):
        for giver, taker in ((progressive, other), (other, progressive)):
            before = taker.state()
            with pytest.raises(Mismatch, match="of another search"):
                taker.restore(giver.state())
            assert taker.state().about == before.about


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"operations": (5, 3)}, "three stages"),
        ({"operations": (5, 3, 4)}, "never grow"),
        ({"operations": (4, 3, 2)}, "begin at 5"),
        ({"warm": 1.0}, "warm is a share"),
        ({"dropout": (0, 0.4, 1.0)}, "dropout is a share"),
    ],
)
def test_impossible_stages_are_refused(parameters, message):
    with pytest.raises(BadValue, match=message):
        search(**parameters)
