"""The glossary in two languages; and no line of a page is a list by accident."""

import re
from pathlib import Path

import pytest

from tools.lessons.places import NOTEBOOKS
from tools.lessons.structure import accidental_lists

ROOT = NOTEBOOKS.parent
OWN, _, BOTH = (NOTEBOOKS / "GLOSSARY.md").read_text(encoding="utf-8").partition("## English and Chinese")
ENTRIES = [tuple(map(str.strip, row)) for row in re.findall(r"^\|(.+)\|(.+)\|(.+)\|$", BOTH, re.M)][2:]


def word(entry):
    """An entry without what explains it: `space (search space)` is `space`."""
    return entry.partition(" (")[0]


def test_every_word_of_the_course_has_a_chinese_entry_with_the_same_lesson():
    own = re.findall(r"^\| ([^|]+) \| .*?\[(\d\d)\].*?\| [^|]*\|$", OWN, re.M)
    assert len(own) >= 24
    assert set(own) <= {(word(english), lesson) for english, _, lesson in ENTRIES}


def test_no_entry_stands_there_twice():
    names = [name.strip().lower() for english, *_ in ENTRIES for name in word(english).split(",")]
    assert [name for name in names if names.count(name) > 1] == []
    assert len(ENTRIES) >= 100


def test_each_entry_has_chinese_and_a_lesson_of_the_course():
    for english, chinese, lesson in ENTRIES:
        assert english.isascii(), english
        assert re.search("[\u4e00-\u9fff]", chinese), english
        assert re.fullmatch(r"[01]\d|2[0-3]", lesson), english
    assert [lesson for *_, lesson in ENTRIES] == sorted(lesson for *_, lesson in ENTRIES)


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *NOTEBOOKS.glob("*.md"), ROOT / "nasedu" / "tables" / "ATLAS.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_line_of_a_page_is_a_list_by_accident(page: Path):
    assert list(accidental_lists(page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("- Baker and others, ICLR\n  2017. Section 4", 1),
        ("in\n2017. It was", 1),
        ("these are 1 + 1\n+ 2 of them", 1),
        ("of lesson\n# 4 it is said", 1),
        ("1. one\n   of them\n2. two\n\n1. again\n2) and", 0),
        ("to say:\n\n+ one\n+ two", 0),
        ("- a\n- b\n* c", 0),
        ("# Title\n## and another", 0),
        ("```\n2017. code\n```", 0),
        ("2017 was a year. -1 is a number", 0),
    ],
)
def test_a_line_that_begins_like_a_list_by_accident_is_found(markdown, found):
    assert len(list(accidental_lists(markdown))) == found
