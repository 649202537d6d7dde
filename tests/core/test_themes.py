"""Which colours of a picture change on a dark page, and which do not."""

from xml.etree import ElementTree

import numpy as np

from nasedu.core import themes
from nasedu.core.contrast import READABLE, contrast
from nasedu.core.palette import LAYERS, LINES, METHODS
from nasedu.core.themes import BLUES, DARK, DARK_PAPER, DARK_TEXT, INK, ORANGES, PAPER

SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><rect fill="{PAPER}" stroke="#0072b2"/><text fill="{INK}"/></svg>'


def test_a_colour_of_data_never_changes_but_that_of_ink():
    kept = {*LINES, *METHODS.values(), *LAYERS} - {PAPER, "#000000", METHODS["random"]}
    assert not kept & DARK.keys()


def test_an_svg_for_an_image_stays_one_and_says_its_dark_colours():
    found = themes.themed(SVG)
    assert ElementTree.fromstring(found).tag.endswith("svg")
    assert f'[fill="{INK}"]{{fill:light-dark({INK},{DARK[INK]})}}' in found
    assert f':not(text)[fill="{PAPER}"]{{fill:light-dark({PAPER},{DARK_PAPER})}}' in found
    assert "0072b2" not in found.split("</style>")[0], "no text has this colour"
    assert themes.themed("<svg></svg>") == "<svg></svg>"


def test_a_scale_leaves_paper_behind_in_both_themes():
    def channels(colour):
        return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]

    for scale in (BLUES, ORANGES):
        light, dark = [sum(channels(c)) for c in scale], [sum(channels(DARK[c])) for c in scale]
        assert light == sorted(light, reverse=True)
        assert dark == sorted(dark)


def test_only_a_dark_page_is_said_to_be_dark():
    rule = themes.on_dark(".x", "color:red")
    assert 'body[data-jp-theme-light="false"] .x' in rule
    assert "not print" in rule
    assert 'body:not([data-jp-theme-light],[class*="vscode-"]) .x' in rule


def test_a_text_in_a_colour_of_data_can_be_read_on_dark_paper():
    found = themes.themed('<svg><text fill="#0072b2"/><path fill="#0072b2"/></svg>')
    assert f'text[fill="#0072b2"]{{fill:light-dark(#0072b2,{DARK_TEXT["#0072b2"]})}}' in found
    assert found.count("light-dark") == 1, "only the text changes"
    paper = np.full(3, 0x11 / 255)
    for colour in {*METHODS.values(), *LINES} - DARK.keys():
        seen = DARK_TEXT.get(colour, colour)
        rgb = np.array([int(seen[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        assert contrast(rgb, paper) >= READABLE - 0.05, colour
