"""Pictures of networks: the graph that is traced, where its boxes go, and that the numbers in it are right."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
import torch
from torch import nn

from nasedu import spaces
from nasedu.core import rng_from
from nasedu.spaces.drawing import layers
from nasedu.spaces.layers import Block, Dropout, Residual
from nasedu.spaces.layout import lay_out
from nasedu.spaces.tracing import Node, title, trace

NAMES = list(spaces.registry)


# ---------------------------------------------------------------------- tracing


class Net(nn.Module):
    """All that can happen between layers."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.scale = nn.Parameter(torch.ones(4))
        self.last = nn.Linear(8, 2)

    def forward(self, x):
        a = self.a(x).relu()
        b = self.b(a.clone())
        total = a + b
        total += a
        joined = torch.cat([total, a * self.scale], dim=1)
        return self.last(joined)


def test_a_network_becomes_a_graph():
    assert trace(Net(), (4,)) == [
        Node("input", (4,), 0, (), True),
        Node("Linear", (4,), 20, (0,), True),
        Node("Linear", (4,), 20, (1,), True),
        Node("+", (4,), 0, (1, 2), False),
        Node("+", (4,), 0, (3, 1), False),
        Node("×", (4,), 4, (1,), False),
        Node("join", (8,), 0, (4, 5), False),
        Node("Linear", (2,), 18, (6,), True),
    ]


def test_a_shortcut_is_an_edge():
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), Residual(nn.Conv2d(2, 2, 1)), nn.Flatten(), nn.Linear(8, 1))
    nodes = trace(network, (1, 2, 2))
    assert [(node.title, node.sources) for node in nodes] == [
        ("input", ()),
        ("Conv2d 3×3", (0,)),
        ("Conv2d 1×1", (1,)),
        ("+", (2, 1)),
        ("Flatten", (3,)),
        ("Linear", (4,)),
    ]


def test_what_keeps_every_number_in_its_place_is_no_node():
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), Dropout(0.5), nn.Dropout(0.5), nn.Identity(), nn.Tanh())
    assert [node.title for node in trace(network, (4,))] == ["input", "Linear"]


def test_pooling_is_a_node_even_where_it_keeps_the_shape():
    network = nn.Sequential(nn.MaxPool2d(3, 1, 1))
    assert [node.title for node in trace(network, (1, 4, 4))] == ["input", "MaxPool 3, stride 1"]


def test_a_block_is_one_node_and_a_layer_used_twice_is_counted_once():
    linear = nn.Linear(4, 4)
    nodes = trace(nn.Sequential(Block("Twice", linear, nn.ReLU()), Block("again", linear)), (4,))
    assert [(node.title, node.parameters) for node in nodes] == [("input", 0), ("Twice", 20), ("again", 0)]


def test_torchs_own_compounds_are_one_node():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
            self.recurrent = nn.LSTM(4, 3, batch_first=True)

        def forward(self, x):
            attended, _ = self.attention(query=x, key=x, value=x)
            states, _ = self.recurrent(attended)
            return states

    nodes = trace(Own(), (5, 4))
    assert [(n.title, n.shape, n.sources) for n in nodes[1:]] == [
        ("MultiheadAttention", (5, 4), (0,)),
        ("LSTM", (5, 3), (1,)),
    ]


def test_what_is_forgotten_is_not_confused_with_what_comes_after():
    """A tensor that is gone leaves its place in memory to the next one."""

    class Forgets(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)
            self.register_buffer("constant", torch.ones(1, 4))

        def forward(self, x):
            for _ in range(20):
                gone = self.layer(x)
                del gone
                x = x + self.constant.numpy().sum() * torch.from_numpy(self.constant.numpy())
            return x

    nodes = trace(Forgets(), (4,))
    sums = [place for place, node in enumerate(nodes) if node.title == "+"]
    assert all(len(nodes[place].sources) <= 1 for place in sums)


def test_tracing_leaves_no_hook_and_no_mode_behind():
    class Fails(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x):
            raise RuntimeError("no")

    network = Fails()
    with pytest.raises(RuntimeError, match="no"):
        trace(network, (4,))
    assert not network.layer._forward_hooks
    assert not network.layer._forward_pre_hooks
    assert torch.overrides._get_current_function_mode() is None


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.Conv1d(1, 1, 5), "Conv1d 5"),
        (nn.AvgPool2d(2), "AvgPool 2, stride 2"),
        (nn.MaxPool2d((2, 1)), "MaxPool 2×1, stride 2×1"),
        (nn.AdaptiveAvgPool2d(1), "AvgPool global"),
        (nn.BatchNorm2d(2), "BatchNorm2d"),
    ],
)
def test_titles(layer, name):
    assert title(layer) == name


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_drawn(name, digits):
    """The numbers on the boxes add up, and each box says the shape that leaves it."""
    space = spaces.load(name, digits)
    for architecture in (*space.hand_picked(), *(space.sample(rng_from(seed)) for seed in range(3))):
        network = space.build(architecture)
        nodes = trace(network, space.input_shape)
        total = sum(p.numel() for p in network.parameters())
        used = sum(node.parameters for node in nodes)
        assert used <= total
        if name not in ("cell-201", "darts"):  # there an operation may read nothing but zeros, or be read by nobody
            assert used == total
        assert nodes[-1].shape == (10,)
        read = {source for node in nodes for source in node.sources}
        if name not in ("cell-201", "darts"):
            assert read == set(range(len(nodes) - 1))
        picture = space.draw(architecture)
        ET.fromstring(picture)
        assert f"{used:,} parameters in all" in picture
        assert [layer.shape for layer in layers(space, architecture)][-1] == (10,)


# ---------------------------------------------------------------------- layout


def boxes(layout):
    return [item for item in layout.items if item.node is not None]


def overlap(a, b):
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def check_layout(layout):
    found = boxes(layout)
    assert not [(a, b) for i, a in enumerate(found) for b in found[:i] if overlap(a, b)]
    assert all(box.width / 2 <= box.x <= layout.width - box.width / 2 + 1e-6 for box in found)
    assert all(box.height / 2 - 1e-6 <= box.y <= layout.height - box.height / 2 + 1e-6 for box in found)
    for points in layout.edges:
        steps = list(pairwise(points))
        assert all(b.column == a.column + 1 for a, b in steps)
        assert all(a.right < b.left for a, b in steps if a.row == b.row)
        assert all(b.row == a.row + 1 for a, b in steps if a.row != b.row)


def test_a_chain_is_a_straight_line():
    layout = lay_out([(100, 80)] * 5, [(), (0,), (1,), (2,), (3,)])
    assert len({item.y for item in layout.items}) == 1
    assert [item.x for item in layout.items] == [50, 180, 310, 440, 570]
    check_layout(layout)


def test_a_shortcut_goes_around_its_box():
    layout = lay_out([(100, 80), (100, 80), (20, 20)], [(), (0,), (1, 0)])
    (_, around, _) = next(edge for edge in layout.edges if len(edge) == 3)
    box = layout.items[1]
    assert abs(around.y - box.y) >= box.height / 2
    check_layout(layout)


def test_a_long_chain_wraps():
    layout = lay_out([(100, 80)] * 30, [(), *((i,) for i in range(29))], widest=1000)
    assert [item.row for item in layout.items] == sorted(item.row for item in layout.items)
    assert layout.width <= 1120
    assert len(layout.bottoms) >= 4
    check_layout(layout)


def test_no_row_for_one_last_box():
    layout = lay_out([(100, 80)] * 9, [(), *((i,) for i in range(8))], widest=1060)
    assert len(layout.bottoms) == 1


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_do_not_overlap(seed):
    rng = rng_from(seed)
    count = int(rng.integers(2, 40))
    sources = [()] + [
        tuple({int(s) for s in rng.integers(max(0, n - 6), n, size=int(rng.integers(1, 4)))}) for n in range(1, count)
    ]
    check_layout(lay_out([(int(w), int(h)) for w, h in rng.integers(20, 110, size=(count, 2))], sources))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_stay_readable(name, digits):
    """No wider than a page, and no text that leaves its box."""
    space = spaces.load(name, digits)
    for seed in range(3):
        picture = space.draw(space.sample(rng_from(seed)))
        width = int(re.search(r'width="(\d+)"', picture)[1])
        assert width < 1400
        for text in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
            assert len(text.text) * 6.4 < 108 or "textLength" in text.attrib or "parameters in all" in text.text


def test_names_are_escaped(digits):
    class Odd(spaces.load("mlp", digits).__class__):
        def build(self, architecture):
            return nn.Sequential(nn.Flatten(), Block('<a href="x"> & co', nn.Linear(64, 10)))

    picture = Odd((1, 8, 8), 10).draw(("stop",))
    assert ET.fromstring(picture) is not None
    assert "<a " not in picture
