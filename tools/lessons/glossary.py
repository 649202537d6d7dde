"""Only the course's own names: what docs/SPELLING.md lists as other spellings stands in no lesson."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPELLING = Path(__file__).parents[2] / "docs" / "SPELLING.md"


@dataclass(frozen=True)
class Glossary:
    """The other spellings, each with the one that the course uses: in prose, and as names in code."""

    prose: dict[str, str]
    code: dict[str, str]


@cache
def read_glossary(page: Path) -> Glossary:
    """Read the two tables of the page; the other spellings are separated by commas."""
    prose, _, code = page.read_text(encoding="utf-8").partition("| in code |")
    return Glossary(dict(_rows(prose)), dict(_rows(code)))


def _rows(table: str) -> Iterator[tuple[str, str]]:
    for row in re.findall(r"^\|(.+)\|(.+)\|$", table, re.M):
        right, others = (cell.strip().replace("`", "") for cell in row)
        if others != "not" and not set(others) <= set("- "):
            for other in others.split(","):
                yield other.strip(), right


def spelled_otherwise(prose: str, glossary: Glossary) -> list[str]:
    """Return the words of some Markdown that the glossary spells otherwise; titles in italics and code may stand."""
    plain = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)", " ", prose, flags=re.S)
    plain = re.sub(r"(?<![*\w])\*(?![\s*])[^*]+\*(?!\*)", " ", plain)
    words = re.sub(r"\s+", " ", plain)
    return [
        f"{other!r}, spelled {right!r} in docs/SPELLING.md"
        for other, right in glossary.prose.items()
        if re.search(rf"(?<![\w-]){re.escape(other)}(?![\w-])", words)
    ]


def named_otherwise(code: str, glossary: Glossary) -> list[str]:
    """Return the names that some code gives to things for which the glossary has another name."""
    given = re.findall(r"^[ \t]*([\w, \t]+?)[ \t]*(?:=(?!=)|\+=)|\bfor ([\w, ]+) in\b|\bdef \w+\(([^)]*)\)", code, re.M)
    names = {name for groups in given for group in groups for name in re.findall(r"\b[A-Za-z_]\w*\b", group)}
    return [
        f"{name!r}, named {glossary.code[name]!r} in docs/SPELLING.md" for name in sorted(names & glossary.code.keys())
    ]
