"""The index of the search: the text of each section of each page, as a script that a page loads when it is needed."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

_ANCHOR = re.compile(r' <a class="anchor".*?</a>')


@dataclass(frozen=True)
class Entry:
    """One section of a page: page title, section title, address from the root of the site, and plain text."""

    page: str
    section: str
    address: str
    text: str


class _Sections(HTMLParser):
    """Collects the text under each heading, without scripts and styles."""

    SKIPPED = ("script", "style")
    INLINE = ("a", "b", "code", "em", "i", "img", "span", "strong", "sub", "sup")
    """Between other parts is a space."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[tuple[str, list[str]]] = [("", [])]
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in self.SKIPPED
        self._space(tag)
        anchor = dict(attrs).get("id")
        if re.fullmatch("h[1-4]", tag) and anchor:
            self.sections.append((anchor, []))

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in self.SKIPPED
        self._space(tag)

    def _space(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.sections[-1][1].append(" ")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.sections[-1][1].append(data)


def entries(page: str, address: str, html: str, titles: dict[str, str]) -> list[Entry]:
    """Return an entry for each section of a page.

    Args:
        page: the title of the page.
        address: of the page, from the root of the site.
        html: the content of the page, without its frame.
        titles: the title of each section by its anchor.
    """
    found = _Sections()
    found.feed(_ANCHOR.sub("", html))
    texts = ((anchor, " ".join("".join(parts).split())) for anchor, parts in found.sections)
    return [
        Entry(page, titles.get(anchor, ""), f"{address}#{anchor}" if anchor else address, text)
        for anchor, text in texts
        if text
    ]


def script(index: Iterable[Entry]) -> str:
    """Return the index as a script: a page that is opened as a file can load a script, and no JSON."""
    rows = [[entry.page, entry.section, entry.address, entry.text] for entry in index]
    return f"window.courseIndex = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"
