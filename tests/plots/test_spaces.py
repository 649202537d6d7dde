"""A space as a graph, and its architectures as vectors."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from nasedu import plots
from nasedu.core import BadValue
from nasedu.core.palette import layer
from nasedu.spaces.mlp import MLP
from tests.plots.conftest import texts


def test_a_space_as_a_graph_has_its_counts_and_its_choices(space):
    found = texts(plots.decisions(space))
    assert {"7", "3", "1", "8-relu, 8-tanh", "stop"} <= set(found)
    assert found.count("stop") == 3
    with pytest.raises(BadValue, match="at most 40"):
        plots.decisions(MLP((4,), 2, depth=60))


def test_encodings_are_drawn_one_beside_the_other(space):
    ax = plots.encodings(space, [("stop",), ("8-relu", "stop")])
    first, second = ax.figure.axes
    assert [panel.get_title() for panel in (first, second)] == ["stop", "8-relu stop"]
    assert np.asarray(second.images[0].get_array()).sum() == 2


def test_strips_draw_a_block_for_each_layer_in_the_colour_of_its_kind():
    ax = plots.strips({"best": ("conv3-16", "pool2", "dense64", "stop"), "other": ("gap", "stop")})
    assert [to_hex(block.get_facecolor()) for block in ax.patches] == [
        layer(c) for c in ("conv3", "pool2", "dense64", "gap")
    ]
    assert [text.get_text() for text in ax.texts] == ["conv3-16", "pool2", "dense64", "gap"]
    conv, pool, dense, _ = (block.get_height() for block in ax.patches)
    assert pool < conv < dense
    assert [label.get_text() for label in ax.get_yticklabels()] == ["best", "other"]
