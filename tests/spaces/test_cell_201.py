"""NAS-Bench-201's cells: how many, which are one, and that the networks are the benchmark's."""

import xml.etree.ElementTree as ET
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu import spaces
from nasedu.core import BadArchitecture, BadValue, Mismatch
from nasedu.spaces.cell_201 import EDGES, OPERATIONS, Cell201, signature
from nasedu.spaces.cell_drawing import on_a_path
from nasedu.spaces.cells import NAS_BENCH_201, Cell, nodes_of
from tests.spaces.walks import any_walk, parameters, trains_one_step

RESNET = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|"


def space(**options):
    return Cell201((1, 8, 8), 10, **options)


def cell(architecture):
    a, b, c, d, e, f = architecture
    edges = [[(a, 0)], [(b, 0), (c, 1)], [(d, 0), (e, 1), (f, 2)]]
    return Cell(nodes_of(edges, NAS_BENCH_201, channels=2), joined=False)


@pytest.mark.parametrize(("drop_zeros", "classes"), [(False, 6466), (True, 5390)])
def test_the_classes_are_the_authors(drop_zeros, classes):
    searched = space(drop_zeros=drop_zeros)
    every = list(searched.enumerate())
    assert len(every) == len(set(every)) == searched.size() == 15625
    representatives = [searched.canonical(a) for a in every]
    assert len(set(representatives)) == classes
    assert set(representatives) <= set(every)
    assert all(searched.canonical(a) == a for a in set(representatives))
    assert len({signature(a, drop_zeros) for a in every}) == classes


@pytest.mark.parametrize("drop_zeros", [False, True])
def test_cells_of_one_class_compute_the_same(drop_zeros):
    """All 729 cells of operations without weights, on one image."""
    x = torch.rand(1, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    outputs = {}
    for architecture in product(("none", "skip_connect", "avg_pool_3x3"), repeat=6):
        output = cell(architecture)(x)
        first = outputs.setdefault(signature(architecture, drop_zeros), output)
        assert torch.allclose(first, output, atol=1e-5), architecture


def test_a_node_is_the_sum_of_its_edges():
    x = torch.rand(1, 2, 4, 4)
    assert torch.allclose(cell(["skip_connect"] * 6)(x), 4 * x)  # x, 2x, x + x + 2x
    assert torch.allclose(cell(["skip_connect", "none", "none", "none", "skip_connect", "skip_connect"])(x), x)
    assert torch.equal(cell(["none"] * 6)(x), torch.zeros_like(x))
    assert torch.allclose(cell(["none", "none", "none", "avg_pool_3x3", "none", "none"])(torch.ones_like(x)), x * 0 + 1)


def test_the_papers_networks_have_the_papers_size():
    """0.073 and 1.53 million parameters are the smallest and the largest of the benchmark."""
    papers = Cell201((3, 32, 32), 10, width=16, cells=5)
    assert parameters(papers, ("skip_connect",) * 6) == 73_306
    assert parameters(papers, ("nor_conv_3x3",) * 6) == 1_531_546


def test_the_order_of_operations_in_a_block():
    kinds = [type(layer).__name__ for layer in NAS_BENCH_201["nor_conv_3x3"](4, 1)]
    assert kinds == ["ReLU", "Conv2d", "BatchNorm2d"]


def test_strings_are_read_and_written():
    searched = space()
    assert searched.to_string(searched.hand_picked()[0]) == RESNET
    assert searched.from_string(RESNET) == searched.hand_picked()[0]
    texts = {searched.to_string(a): a for a in searched.enumerate()}
    assert len(texts) == 15625
    assert all(searched.from_string(text) == a for text, a in list(texts.items())[::97])


@pytest.mark.parametrize(
    "text",
    [
        "",
        RESNET[:-1],
        RESNET.replace("~1", "~0"),
        RESNET.replace("none", "zero"),
        RESNET.replace("+", ""),
        "|none~0|" * 6,
        RESNET + " ",
    ],
)
def test_other_strings_are_refused(text):
    with pytest.raises(BadArchitecture, match=r"is no cell of NAS-Bench-201; expected \|op~0\|\+"):
        space().from_string(text)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(1, 2))
def test_any_walk_trains(seed, height, width, channels, cells):
    searched = Cell201((channels, height, width), 3, width=2, cells=cells)
    trains_one_step(searched, any_walk(searched, seed))


def test_a_closed_choice_says_why():
    searched = space()
    assert "no operation for the edge from node 1 to node 2" in searched.why_not(2, "conv5")
    assert "complete" in searched.why_not(6, "none")
    assert all(searched.why_not(0, name) is None for name in OPERATIONS)


def test_the_encoding_is_one_hot_of_each_edge():
    vector = space().encode(("none",) * 6)
    assert vector.shape == (6 * 5,)
    assert vector.sum() == 6


@pytest.mark.parametrize(
    "options", [{"width": 0}, {"cells": 0}, {"cells": 1.5}, {"width": True}, {"outputs": 0}, {"input_shape": (8, 8)}]
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="cell-201"):
        Cell201(**({"input_shape": (1, 8, 8), "outputs": 10} | options))


def test_it_needs_images(digits):
    flat = type("Task", (), {"kind": "classification", "input_shape": (64,), "outputs": 10, "name": "flat"})
    with pytest.raises(Mismatch, match=r"'cell-201' does not fit task 'flat': it needs images .* shape \(64,\)"):
        spaces.load("cell-201", flat)
    assert spaces.load("cell-201", digits).size() == 15625


# ---------------------------------------------------------------------- the picture of a cell


def words_of(picture):
    return [text.text for text in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_names_each_edge_with_its_place():
    names = ["nor_conv_3x3", "none", "avg_pool_3x3", "skip_connect", "none", "nor_conv_1x1"]
    words = words_of(space().draw_cell(names))
    edges = [word for name in enumerate(names, 1) for word in map(str, name)]
    assert words == [*edges, "0", "input", "1", None, "2", None, "3", "output"]


def test_the_picture_of_an_unfinished_cell_marks_the_next_edge():
    assert words_of(space().draw_cell(["none"]))[:12] == [
        "1",
        "none",
        "2",
        "next",
        "3",
        "?",
        "4",
        "?",
        "5",
        "?",
        "6",
        "?",
    ]
    assert words_of(space().draw_cell([]))[1] == "next"


@pytest.mark.parametrize("wrong", [["conv3-16"], ["none"] * 7])
def test_the_picture_of_no_cell_is_refused(wrong):
    with pytest.raises(BadArchitecture, match="cannot be read by the space 'cell-201'"):
        space().draw_cell(wrong)


def test_only_edges_that_carry_the_input_to_the_output_are_bold():
    """All 64 cells of none and skip, by listing the four paths from node 0 to node 3."""
    paths = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
    for names in product(("none", "skip_connect"), repeat=6):
        used = {edge for edge, name in zip(EDGES, names, strict=True) if name != "none"}
        assert on_a_path(EDGES, names) == {edge for path in paths if used >= set(path) for edge in path}, names
