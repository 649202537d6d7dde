"""A lesson for the site: its title, how long it takes, its sections, and its cells as HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import HTMLExporter

from tools.lessons.places import mistake
from tools.site.questions import with_buttons
from tools.site.stills import with_note

TEMPLATES = Path(__file__).parent / "templates"

_HIDE_LOADING = re.compile(r"<style>\.jp-OutputArea-child:not.*?</style>", re.S)
"""The style with which a widget hides a line of JupyterLab; this page has no such line."""
_BADGE = re.compile(r"^\[!\[Open this lesson on Binder\].*\n", re.M)
"""The page has links of its own."""
REPORT = "Report a mistake here"
_HEADING = re.compile(r'<h([1-4]) id="[^"]+">(.*?)<a class="anchor-link"[^>]*>.*?</a></h\1>', re.S)


@dataclass(frozen=True)
class Section:
    """A heading: its level (1 to 4), its anchor and its title in plain text."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True)
class Lesson:
    """What the pages of the site need to know of a lesson."""

    name: str
    title: str
    minutes: str
    """How long reading and exercises take, in the words of the lesson."""
    aim: str
    """What a student will be able to do, in the words of the lesson."""
    body: str
    sections: Sequence[Section]
    notebook: Any

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def has_equations(self) -> bool:
        return any("$" in cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")


def read_lesson(path: Path) -> Lesson:
    """Read an executed notebook; execute nothing."""
    notebook = nbformat.read(path, as_version=4)
    head = notebook.cells[0].source
    body, sections = anchored(cells_html(notebook), reported=f"lesson {path.stem[:2]}")
    return Lesson(
        name=path.stem,
        title=_found(r"^# \d\d · (.+)$", head),
        minutes=_found(r"\*\*How long\.\*\* ([^.]+\.)", head),
        aim=_found(r"\*\*What you will be able to do\.\*\* ((?:.+\n?)+)", head),
        body=body,
        sections=sections,
        notebook=notebook,
    )


def cells_html(notebook: Any) -> str:
    """Return the cells of a notebook as HTML with live widgets, and links that lead to pages of the site."""
    shown = nbformat.from_dict(notebook)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = _BADGE.sub("", cell.source)
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get("text/html")
            if html:
                output.data["text/html"] = with_note(with_buttons(_HIDE_LOADING.sub("", html)))
    body, _ = _exporter().from_notebook_node(shown)
    return relinked(body)


def markdown_html(text: str) -> str:
    """Return Markdown as HTML, in the same way as the text of a lesson."""
    return cells_html(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]))


def anchored(html: str, reported: str = "") -> tuple[str, list[Section]]:
    """Return HTML in which each heading has a readable anchor of its own, and the headings in order.

    Args:
        html: the content of a page.
        reported: what the page is called in the report of a mistake; "" for no link to report one.
    """
    sections: list[Section] = []

    def heading(found: re.Match[str]) -> str:
        level, title = found.groups()
        slug = re.sub(r"\W+", "-", plain(title).lower()).strip("-") or "section"
        same = sum(section.anchor == slug or section.anchor.startswith(f"{slug}--") for section in sections)
        anchor = f"{slug}--{same + 1}" if same else slug
        sections.append(Section(int(level), anchor, plain(title)))
        link = f' <a class="anchor" href="#{anchor}" aria-label="Link to this section">#</a>'
        if reported:
            address = escape(mistake(f"{reported}, {plain(title)}"))
            link += f' <a class="anchor" href="{address}" title="{REPORT}" aria-label="{REPORT}">⚑</a>'
        link = link if level != "1" else ""
        return f'<h{level} id="{anchor}">{title}{link}</h{level}>'

    return _HEADING.sub(heading, html), sections


def relinked(html: str) -> str:
    """Return HTML in which links between notebooks lead to the pages of the site."""
    return re.sub(r'(href="(?!https?:)[^"#]*)\.ipynb(["#])', r"\1.html\2", html)


def plain(html: str) -> str:
    """Return the text of HTML without tags, its white space as single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.M)
    return " ".join(found[1].split()) if found else ""


@cache
def _exporter() -> HTMLExporter:
    """Return an exporter that loads nothing from anywhere."""
    return HTMLExporter(
        template_name="notebook",
        extra_template_basedirs=[str(TEMPLATES)],
        require_js_url="",
        mathjax_url="",
        mermaid_js_url="",
        embed_images=True,
        highlight_class="highlight",
    )
