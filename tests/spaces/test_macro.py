"""NAS-Bench-Macro's chain: its codes, its classes, and that the networks are the table's."""

import csv

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces.macro import Macro
from nasedu.trainers.single.model_size import count_flops
from tests.benchmarks.macro_table import FILE
from tests.spaces.walks import any_walk, parameters, trains_one_step

TABLES = Macro((3, 32, 32), 10, width=32, head=1280, halvings=3)


def test_sizes():
    space = Macro((1, 8, 8), 10)
    every = list(space.enumerate())
    assert len(every) == space.size() == 3**8
    assert len({space.canonical(a) for a in every}) == 3969
    assert Macro((1, 8, 8), 10, stages=(1, 2)).size() == 27


@pytest.mark.parametrize(
    ("code", "params", "flops"),
    [
        ("00000000", 387_882, 7_713_280),
        ("00000001", 791_594, 14_115_328),
        ("12012012", 2_014_602, 67_092_992),
        ("22212220", 1_985_514, 85_164_544),
    ],
)
def test_the_tables_networks_have_the_tables_size(code, params, flops):
    """The table counts a multiplication and an addition as one."""
    network = TABLES.build(TABLES.from_code(code))
    assert sum(p.numel() for p in network.parameters()) == params
    assert count_flops(network, torch.zeros(1, 3, 32, 32)) == 2 * flops


def test_the_table_agrees():
    if not FILE.exists():
        pytest.skip(f"the table is not there: {FILE.name} beside the repository, in shared/data")
    with FILE.open() as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert set(rows) == {TABLES.to_code(a) for a in TABLES.enumerate()}
    for code, row in rows.items():
        other = rows[TABLES.to_code(TABLES.canonical(TABLES.from_code(code)))]
        assert {**row, "code": ""} == {**other, "code": ""}  # the authors trained each class once
    for code in list(rows)[::700]:
        assert parameters(TABLES, TABLES.from_code(code)) == int(rows[code]["params"])


def test_codes_are_read_and_written():
    space = Macro((1, 8, 8), 10)
    assert space.from_code("01200000")[:4] == ("identity", "ir3x3-e3", "ir5x5-e6", "identity")
    assert all(space.from_code(space.to_code(a)) == a for a in list(space.enumerate())[::31])
    for code in ("", "2221222", "222122200", "22212223", 22212220):
        with pytest.raises(BadArchitecture, match="8 digits of 0, 1 and 2; given"):
            space.from_code(code)


def test_identities_move_to_the_end_of_their_stage():
    space = Macro((1, 8, 8), 10)
    assert space.to_code(space.canonical(space.from_code("01001002"))) == "01010020"
    assert space.to_code(space.canonical(space.from_code("10200210"))) == "10200210"


def test_identity_is_nothing_inside_a_stage():
    space = Macro((1, 8, 8), 10)
    network = space.build(("identity",) * 8)
    nothing = [place for place, layer in enumerate(network) if isinstance(layer, torch.nn.Identity)]
    assert nothing == [2, 4, 5, 7, 8]  # after the stem at 0: slots 2, 4, 5, 7 and 8


@pytest.mark.parametrize(("halvings", "side"), [(0, 8), (1, 4), (2, 2), (3, 1)])
def test_the_last_stages_halve_the_image(halvings, side):
    space = Macro((1, 8, 8), 10, halvings=halvings)
    network = space.build(("ir3x3-e3",) * 8)
    assert network[:-2](torch.zeros(2, 1, 8, 8)).shape == (2, 64, side, side)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2))
def test_any_walk_trains(seed, height, width, halvings):
    space = Macro((2, height, width), 3, width=2, head=4, stages=(2, 1), halvings=halvings)
    trains_one_step(space, any_walk(space, seed))


def test_what_is_seen_of_a_state_is_the_position():
    space = Macro((1, 8, 8), 10)
    assert [space.key(step.after) for step in space.walk(space.hand_picked()[0])] == list(range(1, 9))
    assert "no block for slot 3: identity, ir3x3-e3" in space.why_not(2, "conv3")


@pytest.mark.parametrize(
    "options",
    [
        {"stages": ()},
        {"stages": (2, 0)},
        {"stages": "23"},
        {"halvings": 4},
        {"halvings": -1},
        {"width": 0},
        {"head": 0},
        {"input_shape": (64,)},
    ],
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="macro"):
        Macro(**({"input_shape": (1, 8, 8), "outputs": 10} | options))
