"""ENAS's macro space: closed form of its size, what is joined with what, and where the image is halved."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces.cells import SkipNetwork
from nasedu.spaces.skip_chain import OPERATIONS, SkipChain
from tests.spaces.walks import any_walk, trains_one_step


def chain(layers=4, side=8, **options):
    return SkipChain((1, side, side), 10, **({"layers": layers, "width": 4} | options))


@pytest.mark.parametrize("layers", range(1, 13))
def test_the_size_in_closed_form(layers):
    assert chain(layers).size() == 6**layers * 2 ** ((layers - 1) * (layers - 2) // 2)


def test_with_the_previous_layer_optional_it_has_the_size_of_the_paper():
    assert chain(12).size() * 2**11 == 6**12 * 2**66  # 11 layers have a previous one


def test_small_spaces_hold_what_they_should():
    space = chain(3, operations=("conv3x3", "max3x3"))
    assert set(space.enumerate()) == {
        (a, b, c, answer)
        for a in space.operations
        for b in space.operations
        for c in space.operations
        for answer in ("sees1", "skips1")
    }


def test_what_each_layer_sees():
    architecture = ("conv3x3", "sep3x3", "max3x3", "sees1", "conv5x5", "skips1", "sees2")
    assert chain().connections(architecture) == [
        ("conv3x3", (0,)),
        ("sep3x3", (1,)),
        ("max3x3", (2, 1)),
        ("conv5x5", (3, 2)),
    ]


class Plus(torch.nn.Module):
    """Adds a number to the mean of the channels it is shown, and remembers what it was shown."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def forward(self, x):
        self.seen = x[0, :, 0, 0].tolist()
        return x.mean(1, keepdim=True) + self.number


def test_what_is_seen_stands_side_by_side_also_after_halving():
    layers = [Plus(1), Plus(10), Plus(100), Plus(1000)]
    network = SkipNetwork(list(zip(layers, [(0,), (1,), (2, 1), (3, 1)], strict=True)), frozenset({2}))
    output = network(torch.zeros(1, 1, 4, 4))
    assert [layer.seen for layer in layers] == [[0], [1], [11, 1], [106, 1]]
    assert output.shape == (1, 1, 2, 2)
    assert output[0, 0, 0, 0] == 1053.5


def test_a_merge_is_there_where_several_are_seen():
    plain, all_seen = (chain(width=4).build(a) for a in chain(width=4).hand_picked())
    merges = sum(p.numel() for p in all_seen.parameters()) - sum(p.numel() for p in plain.parameters())
    assert merges == (2 * 4 * 4 + 2 * 4) + (3 * 4 * 4 + 2 * 4)  # 1x1 convolutions without a bias, normalisation


@pytest.mark.parametrize(
    ("layers", "side", "places"),
    [(12, 32, {4, 8}), (6, 8, {2, 4}), (4, 8, {1, 2}), (4, 4, {1}), (4, 3, set()), (1, 8, set()), (2, 8, {1})],
)
def test_the_image_is_halved_after_thirds_of_the_layers(layers, side, places):
    space = chain(layers, side)
    assert space.halved_after() == places
    body = space.build(space.hand_picked()[0])[:2]
    assert body(torch.zeros(2, 1, side, side)).shape[-1] == side // 2 ** len(places)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 9), st.integers(1, 9))
def test_any_walk_trains(seed, layers, height, width):
    space = SkipChain((2, height, width), 3, layers=layers, width=3)
    trains_one_step(space, any_walk(space, seed))


@pytest.mark.parametrize(
    ("before", "choice", "reason"),
    [
        ((), "sees1", "layer 1 needs an operation"),
        ((), "conv7x7", "layer 1 needs an operation .*and 'conv7x7' is none"),
        (("conv3x3", "conv3x3", "conv3x3"), "conv3x3", "whether it also sees layer 1, and 'conv3x3' is no answer"),
        (("conv3x3", "conv3x3", "conv3x3"), "sees2", "whether it also sees layer 1"),
    ],
)
def test_a_closed_choice_says_why(before, choice, reason):
    with pytest.raises(BadArchitecture, match=reason):
        chain().walk((*before, choice))


@pytest.mark.parametrize(
    "options",
    [
        {"layers": 0},
        {"width": 0},
        {"operations": ()},
        {"operations": ("conv7x7",)},
        {"operations": ("conv3x3", "conv3x3")},
        {"operations": "conv3x3"},
        {"input_shape": (8,)},
    ],
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="skip-chain"):
        SkipChain(**({"input_shape": (1, 8, 8), "outputs": 10} | options))


def test_the_operations_are_the_papers():
    assert len(OPERATIONS) == 6
