"""A network in one line: blocks with the colour of their layer, as high as they are wide."""

from itertools import pairwise
from xml.etree import ElementTree

from nasedu.core.palette import layer
from nasedu.spaces.strip import blocks, strip


def test_blocks_stand_side_by_side_and_show_their_channels():
    found = list(blocks(("conv3-16", "pool2", "conv3-64", "64-relu", "stop")))
    assert [block.text for block in found] == ["conv3-16", "pool2", "conv3-64", "64-relu"]
    assert all(b.x >= a.x + a.width for a, b in pairwise(found))
    conv, pool, wide, dense = (block.height for block in found)
    assert pool < conv < wide == dense
    assert [block.colour for block in found] == [layer(block.text) for block in found]


def test_a_strip_is_an_svg_with_words_also_of_no_layer():
    drawn = ElementTree.fromstring(strip(("conv3-16", "a<b", "stop")))
    assert drawn.get("aria-label") == "conv3-16 a<b stop"
    assert len(drawn.findall("{*}rect")) == 2
    assert ElementTree.fromstring(strip(())).get("width") == "2"
