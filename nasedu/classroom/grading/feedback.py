"""The feedback page of a student: each exercise by its name, the answer, and what the check says.

The page is one file without scripts, and loads nothing: formulas are pictures in it, and a policy in its head forbids
everything else. Tests are not printed, so that no hidden test is. Whatever a student has written, there is a page.
"""

import base64
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from nbconvert.exporters import Exporter
from nbconvert.filters import markdown2html

from nasedu.classroom.grading import result
from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.notebook import BEGIN_HIDDEN, END_HIDDEN, role
from nasedu.core import NaseduError

TEMPLATE = Path(__file__).with_name("feedback.html")
TITLE = re.compile(r"\*\*(.+?)[.:]?\*\*")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(?!\s)([^$\n]{1,300}?)(?<!\s)\$", re.DOTALL)
CODE_OR_TAG = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>|<[^>]*>)", re.DOTALL)
LONGEST_FORMULA = 300
MOST_FORMULAS = 100
"""Of one page, as pictures; further ones are shown as they were written."""


@dataclass
class Part:
    """A cell on the page."""

    html: str = ""
    code: str = ""
    label: str = ""
    heading: Any = None
    is_prompt: bool = False
    status: str = ""
    verdicts: list[str] = field(default_factory=list)
    comment: str = ""


@dataclass(frozen=True)
class Heading:
    """An exercise in the list at the top."""

    title: str
    anchor: str
    head: str = ""
    points: str = ""


class FeedbackPage(Exporter):
    """Writes a graded notebook as a page for its student; nbgrader's GenerateFeedback uses it as its exporter."""

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """Return the page and the resources, after GetGrades has put points and comments into the notebook."""
        graded, resources = super().from_notebook_node(nb, resources, **kw)
        where = resources["nbgrader"]
        results = {
            (found.lesson, found.name): found
            for who, found in result.read(Path.cwd(), where["assignment"])
            if who == where["student"]
        }
        headings = {cell["metadata"]["nbgrader"]["grade_id"]: _heading(cell, results) for cell in _graded(graded.cells)}
        page = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
        text = page.render(
            name=where["notebook"],
            score=f"{where['score']:g}",
            most=f"{where['max_score']:g}",
            late=f"{where['late_penalty']:g}" if where["late_penalty"] else "",
            exercises=list(headings.values()),
            parts=list(_parts(graded.cells, headings, results)),
        )
        return text, resources


def _graded(cells: Any) -> Iterator[Any]:
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade") or marks.get("task"):
            yield cell


def _heading(cell: Any, results: Any) -> Heading:
    marks = cell["metadata"]["nbgrader"]
    name, known = marks["grade_id"], role(marks["grade_id"])
    found = results.get(known[1:]) if known else None
    title = title_of(*known[1:]) if known else name
    head = str(replace(found, message="", notes=[])) if found else ""
    score = "–" if marks.get("score") is None else f"{marks['score']:g}"
    return Heading(title, name, head, f"{score} of {marks.get('points') or 0:g}")


def title_of(lesson: str, name: str) -> str:
    """Return the title of an exercise, as its question begins: "Exercise 2, write the update"; else its name."""
    try:
        found = TITLE.match(find(lesson, name).prompt)
    except NaseduError:
        found = None
    return f"{found[1]} ({name})" if found else name


def _parts(cells: Any, headings: dict[str, Heading], results: Any) -> Iterator[Part]:
    """Yield the cells as they are shown. The heading of an exercise stands above the first cell of it."""
    waiting, budget = dict(headings), [MOST_FORMULAS]
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        known = role(marks.get("grade_id"))
        try:
            part = _part(cell, known, results, budget)
        except Exception:  # a renderer fails in many ways on text that was written to let it fail
            part = Part(code=str(cell["source"]))
        part.comment = str(marks.get("comment") or "")
        name = f"test-{known[1]}-{known[2]}" if known else marks.get("grade_id")
        part.heading = waiting.pop(name, None)
        yield part


def _part(cell: Any, known: Any, results: Any, budget: list[int]) -> Part:
    source = cell["source"]
    if known and known[0] == "prompt":
        shown = [output["data"].get("text/markdown", "") for output in cell.get("outputs", ()) if "data" in output]
        return Part(html=rendered("\n\n".join(shown) or source, budget), is_prompt=True)
    if cell["cell_type"] == "markdown":
        return Part(html=rendered(source, budget))
    said = [str(text) for output in cell.get("outputs", ()) if (text := output.get("text") or output.get("evalue"))]
    if known and known[0] == "test":
        if (found := results.get(known[1:])) is None:
            return Part(verdicts=said)
        words = str(replace(found, message="", notes=[]))
        return Part(status=found.status.replace(" ", "-"), verdicts=[f"{words} {found.message}".rstrip(), *found.notes])
    visible = re.sub(f"{BEGIN_HIDDEN}.*?({END_HIDDEN}|\\Z)", "", source, flags=re.DOTALL).strip()
    label = "Your answer" if known and known[0] == "answer" else ""
    return Part(code=visible, label=label, verdicts=said)


# ---------------------------------------------------------------------- text and formulas


def rendered(source: str, budget: list[int]) -> str:
    """Return Markdown as HTML, with formulas as pictures."""
    pieces = CODE_OR_TAG.split(markdown2html(source))
    pieces[::2] = [FORMULA.sub(lambda found: _formula(found, budget), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _formula(found: re.Match[str], budget: list[int]) -> str:
    written = html.unescape(found[1] or found[2]).strip()
    budget[0] -= 1
    picture = _picture(written) if budget[0] >= 0 and len(written) <= LONGEST_FORMULA else None
    if picture is None:
        return f"<code>{html.escape(written)}</code>"
    data, width, height, depth = picture
    size = f"width:{width:.2f}em;height:{height:.2f}em;vertical-align:{-depth:.2f}em"
    alternative = html.escape(written, quote=True)
    image = f'<img class="formula" alt="{alternative}" style="{size}" src="data:image/svg+xml;base64,{data}">'
    return f"<br>{image}<br>" if found[1] else image


@lru_cache(512)
def _picture(formula: str) -> tuple[str, float, float, float] | None:
    """Return a formula as an SVG in base64 with width, height and depth in em; None if matplotlib cannot read it."""
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    size = 12.0
    formula = re.sub(r"\\text\{", r"\\mathrm{", formula.replace("\n", " "))
    try:
        width, height, depth, *_ = MathTextParser("path").parse(f"${formula}$", dpi=72, prop=FontProperties(size=size))
        figure = Figure(figsize=(width / 72, height / 72))
        figure.text(0, depth / height, f"${formula}$", fontsize=size)
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    except Exception:  # its parser raises what its author did not expect, too
        return None
    return base64.b64encode(file.getvalue()).decode(), width / size, height / size, depth / size
