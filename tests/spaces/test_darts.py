"""DARTS's cells: closed form of their number, the paper's cell at the paper's size, every operation on odd sizes."""

import re
import xml.etree.ElementTree as ET

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces.cells import DARTS, Cell, FactorizedReduce, nodes_of
from nasedu.spaces.darts import OPERATIONS, Darts, Genotype
from tests.spaces.walks import any_walk, parameters, trains_one_step

# The cells that the paper found by its second-order method (DARTS_V2 in the code).
FOUND = Genotype(
    normal=(
        (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
        (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
        (("sep_conv_3x3", 1), ("skip_connect", 0)),
        (("skip_connect", 0), ("dil_conv_3x3", 2)),
    ),
    reduction=(
        (("max_pool_3x3", 0), ("max_pool_3x3", 1)),
        (("skip_connect", 2), ("max_pool_3x3", 1)),
        (("max_pool_3x3", 0), ("skip_connect", 2)),
        (("skip_connect", 2), ("max_pool_3x3", 1)),
    ),
)


def space(**options):
    return Darts((1, 8, 8), 10, **options)


def test_the_size_in_closed_form():
    pairs = 1 * 3 * 6 * 10  # of earlier nodes, for each of the four nodes
    assert space().size() == (pairs * 8**8) ** 2
    papers = space(operations=OPERATIONS[1:])
    assert papers.size() == (pairs * 7**8) ** 2
    assert 10**18 < papers.size() < 2 * 10**18  # the paper's "10^18"
    assert space(nodes=1, operations=("skip_connect",)).size() == 1


def test_a_small_space_holds_what_it_should():
    small = space(nodes=2, operations=("none", "skip_connect"))
    cells = {
        (f"{a}~0", f"{b}~1", f"{c}~{i}", f"{d}~{j}")
        for a in small.operations
        for b in small.operations
        for c in small.operations
        for d in small.operations
        for i, j in ((0, 1), (0, 2), (1, 2))
    }
    assert set(small.enumerate()) == {(*normal, *reduction) for normal in cells for reduction in cells}


def test_the_papers_cells_at_the_papers_size():
    """3.3 million parameters in the paper's table 1, the auxiliary head not counted."""
    papers = Darts((3, 32, 32), 10, cells=20, width=36)
    assert papers.reductions() == (6, 13)
    assert parameters(papers, papers.from_genotype(FOUND)) == 3_349_342


def test_genotypes_are_read_and_written():
    searched = space()
    architecture = searched.from_genotype(FOUND)
    assert architecture[4:8] == ("skip_connect~0", "sep_conv_3x3~1", "skip_connect~0", "dil_conv_3x3~2")
    back = searched.genotype(architecture)
    assert [set(node) for cell in back for node in cell] == [set(node) for cell in FOUND for node in cell]
    assert searched.from_genotype(back) == architecture
    for wrong in (Genotype(FOUND.normal, ()), FOUND.normal, (1, 2)):
        with pytest.raises(BadArchitecture):
            searched.from_genotype(wrong)


def test_the_names_are_those_of_the_layers():
    assert tuple(DARTS) == OPERATIONS


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("height", "width"), [(8, 8), (7, 5), (1, 1), (2, 3)])
def test_every_operation_keeps_or_halves_the_image(name, stride, height, width):
    operation = DARTS[name](3, stride).eval()
    assert operation(torch.zeros(1, 3, height, width)).shape == (1, 3, -(-height // stride), -(-width // stride))


def test_halving_sees_every_pixel():
    layer = FactorizedReduce(1, 2).eval()
    for place in range(25):
        x = torch.zeros(1, 1, 5, 5)
        x.view(-1)[place] = 1
        row, column = divmod(place, 5)
        seen = not torch.equal(layer(x), layer(torch.zeros(1, 1, 5, 5)))
        assert seen == (row % 2 == column % 2)  # the code's own: a pixel that is shifted in one direction only is not


def test_nodes_are_sums_and_stand_side_by_side():
    x, y = torch.ones(1, 1, 2, 2), torch.full((1, 1, 2, 2), 10.0)
    nodes = [[("skip_connect", 0), ("skip_connect", 1)], [("none", 0), ("skip_connect", 2)], [("none", 0), ("none", 1)]]
    output = Cell(nodes_of(nodes, DARTS, 1), joined=True)(x, y)
    assert output[0, :, 0, 0].tolist() == [11, 11, 0]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3))
def test_any_walk_trains(seed, height, width, cells, nodes):
    searched = Darts((2, height, width), 3, cells=cells, width=1, nodes=nodes)
    trains_one_step(searched, any_walk(searched, seed))


def test_any_walk_trains_as_it_comes():
    searched = space()
    for architecture in (*searched.hand_picked(), ("none~0", "none~1") * 8, any_walk(searched, 1)):
        trains_one_step(searched, architecture)


@pytest.mark.parametrize(
    ("before", "choice", "reason"),
    [
        ((), "conv~0", "no edge of this space: operation~node"),
        ((), "sep_conv_3x3", "no edge of this space"),
        ((), "none~2", r"an edge starts at an earlier node \(0 to 1\)"),
        ((), "none~1", "the second starts at a later node than the first, and none is left"),
        (("none~0",), "none~0", "later node than the first edge, which starts at 0"),
        (("none~0", "none~1", "none~1"), "none~0", "node 3 of the normal cell as its second edge"),
        (("none~0", "none~1") * 4, "none~3", "node 2 of the reduction cell"),
    ],
)
def test_a_closed_choice_says_why(before, choice, reason):
    with pytest.raises(BadArchitecture, match=reason):
        space().walk((*before, choice))


@pytest.mark.parametrize(
    "options",
    [{"cells": 0}, {"width": 0}, {"nodes": 0}, {"operations": ()}, {"operations": ("conv",)}, {"input_shape": (4, 4)}],
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="darts"):
        Darts(**({"input_shape": (1, 8, 8), "outputs": 10} | options))


# ---------------------------------------------------------------------- the picture of the cells


def test_the_picture_names_every_edge_and_every_node():
    picture = space().draw_cell(space().from_genotype(FOUND))
    words = [text.text for text in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    operations = [(operation, source) for cell in FOUND for node in cell for operation, source in node]
    assert sorted(word for word in words if word in OPERATIONS) == sorted(operation for operation, _ in operations)
    assert [word for word in words if word in ("normal cell", "reduction cell")] == ["normal cell", "reduction cell"]
    assert all(words.count(str(edge)) == 1 for edge in range(6, 17))
    said = re.findall(r"(\d)→(\d) (\w+)", picture.split("<title>")[0])
    assert len(said) == 16
    assert {(int(start), int(end), name) for start, end, name in said[:8]} == {
        (source, node, name) for node, edges in enumerate(FOUND.normal, 2) for name, source in edges
    }


def test_the_picture_grows_with_the_choices():
    assert space().draw_cell(()) == ""
    assert "reduction" not in space().draw_cell(("none~0",))
    assert "reduction" in space().draw_cell(("none~0", "none~1") * 4 + ("none~0",))
    with pytest.raises(BadArchitecture, match="starts at an earlier node"):
        space().draw_cell(("none~2",))
