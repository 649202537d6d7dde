"""A number with its noun; and no message that would say "1 trials"."""

import ast
import re
from pathlib import Path

import pytest

from nasedu.core import counted

CLI = sorted((Path(__file__).parents[2] / "nasedu" / "cli").rglob("*.py"))


@pytest.mark.parametrize(
    ("count", "thing", "said"),
    [(1, "trial", "1 trial"), (0, "trial", "0 trials"), (1234, "copy", "1,234 copies"), (2, "day", "2 days")],
)
def test_a_number_with_its_noun(count, thing, said):
    assert counted(count, thing) == said


def numbers_before_a_plural(tree):
    """`{len(trials)} trials` in a formatted string: what follows a length directly is a word that ends in s."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for number, text in zip(node.values, node.values[1:], strict=False):
                is_length = isinstance(number, ast.FormattedValue) and ast.unparse(number.value).startswith("len(")
                if is_length and isinstance(text, ast.Constant) and re.match(r" [a-z]+s\b", str(text.value)):
                    yield ast.unparse(number.value) + str(text.value)


@pytest.mark.parametrize("path", CLI, ids=lambda path: path.stem)
def test_the_command_line_counts_with_counted(path):
    assert list(numbers_before_a_plural(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_such_a_string_is_found():
    assert list(numbers_before_a_plural(ast.parse('f"{len(trials)} trials"')))
