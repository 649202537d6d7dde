"""The sentences of docstrings, error messages and pages: a verb first, short, in plain words."""

import pytest

from tools import prose


def test_no_sentence_breaks_the_rules():
    assert not [complaint for file in prose.files_of([]) for complaint in prose.complaints(file)]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ('def f():\n    """The sum."""', "begins with 'The', which is no verb"),
        ('def f():\n    """Return what whoever waits for needs."""', "says 'whoever'"),
        ('def f():\n    """Return it.\n\n    ' + "word " * 31 + '.\n    """', "a sentence of 31 words"),
        ('def f():\n    raise ValueError("the rows are left out")', "says 'are left out'"),
    ],
)
def test_each_rule_finds_what_breaks_it(code, fault, tmp_path):
    file = tmp_path / "a.py"
    file.write_text(code)
    (complaint,) = prose.complaints(file)
    assert fault in complaint
