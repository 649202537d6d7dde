"""No text in a table is evaluated by a spreadsheet, and numbers stay numbers."""

import pytest

from nasedu.classroom.grading.spreadsheet import harmless


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\ttext",
        "＝1+1",
        "-",
        "-1e",
        "+١",
    ],
)
def test_a_formula_gets_an_apostrophe_in_front(text):
    made = harmless(text)
    assert made.lstrip(" ").startswith("'")
    assert made.replace("'", "", 1) == text or made.count("'") > 1


@pytest.mark.parametrize("text", ["Ann;=1+1", "a\n=1+1", "a\t@b", "a;;-cmd"])
def test_a_formula_behind_what_may_split_a_cell_does_too(text):
    cells = harmless(text).replace("\n", ";").replace("\t", ";").split(";")
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@")]


@pytest.mark.parametrize("value", [1, -2.5, None, True, "-2.5", "+3", "1e-3", "-.5", "Ann-Marie", "a = b", "x, -3", ""])
def test_numbers_and_other_texts_stay(value):
    assert harmless(value) == value
