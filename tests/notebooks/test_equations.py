"""Every equation that a lesson tags is read out of the lesson, evaluated, and compared with the code."""

import numpy as np
import pytest

from nasedu.core import BadValue
from tools.lessons.equations import EQUATIONS
from tools.lessons.latex import evaluate
from tools.lessons.places import NOTEBOOKS, sources
from tools.lessons.source import read_source
from tools.lessons.structure import EQUATION

TAGGED = [
    pytest.param(name, latex, id=f"{source.stem[:2]}-{name}")
    for source in sources(NOTEBOOKS)
    for cell in read_source(source).cells
    for name, latex in EQUATION.findall(cell.source)
]


@pytest.mark.parametrize(("name", "latex"), TAGGED)
def test_an_equation_in_a_lesson_agrees_with_the_code(name, latex):
    assert name in EQUATIONS, "add an entry to tools/lessons/equations.py"
    for seed in range(20):
        symbols = EQUATIONS[name].symbols(np.random.default_rng(seed))
        wanted = EQUATIONS[name].code(symbols)
        assert evaluate(latex, symbols) == pytest.approx([wanted], rel=EQUATIONS[name].tolerance)


def test_every_entry_belongs_to_an_equation_of_a_lesson():
    assert EQUATIONS.keys() == {parameters.values[0] for parameters in TAGGED}


@pytest.mark.parametrize(
    "wrong",
    [
        r"Q(s, c) \leftarrow Q(s, c) - \alpha \bigl( \text{target} - Q(s, c) \bigr)",
        r"Q(s, c) \leftarrow Q(s, c) + \alpha \bigl( \text{target} + Q(s, c) \bigr)",
        r"Q(s, c) \leftarrow Q(s, c) + \bigl( \text{target} - Q(s, c) \bigr)",
    ],
)
def test_an_equation_with_a_wrong_sign_or_a_lost_factor_is_noticed(wrong):
    symbols = EQUATIONS["q-update"].symbols(np.random.default_rng(0))
    assert evaluate(wrong, symbols) != pytest.approx([EQUATIONS["q-update"].code(symbols)])


@pytest.mark.parametrize(
    ("latex", "symbols", "value"),
    [
        (r"s = \sqrt{\frac{p \, (1 - p)}{n}}", {"p": 0.5, "n": 100}, 0.05),
        (r"s = \sqrt{p(1-p)/n}", {"p": 0.5, "n": 100}, 0.05),
        (r"\bar x = \frac{1}{n} \sum_{i=1}^{n} x_i", {"n": 3, "x_i": [1, 2, 6]}, 3),
        (r"m = \frac1n \sum_i x_i^2 + 1", {"n": 2, "x_i": [1, 3]}, 6),
        (r"a = -b + 2 c^{2} d", {"b": 1, "c": 3, "d": 2}, 35),
        (r"a = b - c - d", {"b": 9, "c": 3, "d": 2}, 4),
        (r"a = b / c / d", {"b": 12, "c": 3, "d": 2}, 2),
        (r"h = - \sum_{i} p_i \log p_i", {"p_i": [0.5, 0.5]}, np.log(2)),
        (r"a = \alpha\beta", {r"\alpha": 2, r"\beta": 3}, 6),
        (r"a = \alpha b", {r"\alpha": 2, "b": 3}, 6),
        (r"a = |b - c| \cdot 2", {"b": 1, "c": 3}, 4),
        (r"a = \max\{b, c\} - \min(b, c)", {"b": 1, "c": 3}, 2),
        (r"a = \left\lfloor \frac{b}{c} \right\rfloor", {"b": 7, "c": 2}, 3),
        (r"a = \gamma^{\,n-i} \, r", {r"\gamma": 0.5, "n": 5, "i": 3, "r": 8}, 2),
        (r"a = 1 - e^{-b}", {"b": 0}, 0),
        (r"a = \binom{n}{2} + 3!", {"n": 4}, 12),
        (r"a = x_{n+1} \qquad \text{a remark}", {"x_{n+1}": 7}, 7),
        (r"a = \max_i x_i", {"x_i": [1, 5, 2]}, 5),
        (r"r = 1{,}000 \, a.", {"a": 2}, 2000),
        (r"m \pm 2 \, \frac{s}{\sqrt{n}}", {"m": 1, "s": 6, "n": 9}, 5),
    ],
)
def test_what_the_reader_of_equations_knows(latex, symbols, value):
    assert evaluate(latex, symbols) == pytest.approx([value])


def test_every_further_side_is_evaluated():
    assert evaluate("a = b + b = 2 b", {"b": 3}) == [6, 6]


@pytest.mark.parametrize("latex", ["a", "a = b + q", "a = (b", r"a = \frac{b}", "a = b )"])
def test_what_it_does_not_know_it_says(latex):
    with pytest.raises(BadValue, match="cannot read"):
        evaluate(latex, {"b": 1})
