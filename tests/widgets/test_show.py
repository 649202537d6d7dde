import base64
import re

import pytest

import nasedu
from nasedu.core import BadValue, describe
from nasedu.widgets.show import picture, source


def test_a_function_is_shown_with_its_name_and_its_source():
    text = source(describe)
    assert text.startswith("`nasedu.core.describe.describe`\n\n```python\ndef describe(")
    assert text.endswith("```")


def test_a_method_is_shown_without_its_indentation():
    assert "```python\ndef first_new(" in source(nasedu.Controller.first_new)


def fenced():
    """Holds ``` in its own source."""


def test_backticks_in_the_source_do_not_end_it():
    lines = source(fenced).splitlines()
    assert (lines[2], lines[-1]) == ("````python", "````")


@pytest.mark.parametrize("thing", [3, len, "no drawing"])
def test_what_has_no_source_is_refused_with_advice(thing):
    with pytest.raises(BadValue, match="show its type"):
        nasedu.show(thing)


def test_show_gives_something_a_notebook_displays():
    assert "def describe" in nasedu.show(describe)._repr_markdown_()
    assert nasedu.show('<svg aria-label="a dot"></svg>')._repr_html_().startswith('<div style="overflow-x:auto"><img ')


def test_a_drawing_is_dark_on_a_dark_page_and_moves_sideways_on_a_narrow_one():
    html = picture(
        '<svg xmlns="http://www.w3.org/2000/svg" width="700" height="9" font-size="12"><path stroke="#222222"/></svg>'
    )
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', html)[1]
    assert '[stroke="#222222"]{stroke:light-dark(#222222,#e6e6e6)}' in base64.b64decode(data).decode()
    assert 'body[data-jp-theme-light="false"] .nasedu-picture' in html
    assert "color-scheme:light" in html
    assert "overflow-x:auto" in html
    assert "min-width:525px" in html


def test_a_drawing_is_an_image_with_its_words():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" aria-label="1 &lt; 2"></svg>'
    html = picture(svg)
    assert 'alt="1 &lt; 2"' in html
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', html)[1]
    assert base64.b64decode(data).decode() == svg
