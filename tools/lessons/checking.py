"""What is wrong with a notebook, in words: does it differ from its source, and what no lesson may have."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

from tools.lessons.places import notebook_of, sources
from tools.lessons.source import read_source

MOST_BYTES = 1_000_000
MOST_WIDGET_BYTES = 200_000
MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|tmp|Users|private|var|work|mnt|opt)/\w|\b[A-Z]:\\\\?\w|\b0x[0-9a-f]{6,}\b"
)
ELSEWHERE = re.compile(r"""<link\b|@import\b|(?:\bsrc|xlink:href)\s*=\s*["']?(?:https?:)?//|\burl\(["']?https?:""")
"""What makes a browser fetch something. A link that a reader may follow is allowed."""


def check_all(notebooks: Path, names: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the complaints about each lesson, by its name; a notebook without a source is one."""
    found = {source.stem: check(source) for source in sources(notebooks, names)}
    known = {source.stem for source in sources(notebooks)}
    for path in sorted(notebooks.glob("*.ipynb")):
        if path.stem not in known:
            found[path.stem] = [f"has no source: notebooks/source/{path.stem}.py is missing"]
    return found


def check(source: Path) -> list[str]:
    """Return everything that is wrong with the notebook of a source, in words; empty if nothing is."""
    path = notebook_of(source)
    if not path.exists():
        return [f"{path.name} is missing: run `python -m tools.lessons build`"]
    notebook = nbformat.read(path, as_version=4)
    return drift(read_source(source), notebook) + faults(notebook, path.stat().st_size)


def drift(wanted: Any, found: Any) -> list[str]:
    """Return where the cells of two notebooks differ, apart from their outputs."""
    complaints = []
    if len(wanted.cells) != len(found.cells):
        complaints.append(f"the source has {len(wanted.cells)} cells, the notebook {len(found.cells)}")
    for number, (a, b) in enumerate(zip(wanted.cells, found.cells, strict=False)):
        if (a.cell_type, a.source, a.get("attachments")) != (b.cell_type, b.source, b.get("attachments")):
            complaints.append(f"cell {number} differs from its source: {_first_line(a.source)!r}")
        elif a.metadata.get("tags") != b.metadata.get("tags"):
            complaints.append(f"cell {number} has other tags than its source: {_first_line(a.source)!r}")
    return [f"{complaint}: run `python -m tools.lessons build`" for complaint in complaints]


def faults(notebook: Any, size: int) -> list[str]:
    """Return what no lesson may have: cells that did not run, errors, warnings, traces of a machine, too many bytes."""
    complaints = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            complaints += [f"cell {number} {fault}" for fault in _faults_of(cell)]
    widgets = len(json.dumps(notebook.metadata.get("widgets", {})))
    if widgets > MOST_WIDGET_BYTES:
        complaints.append(f"its widgets take {widgets:,} bytes; at most {MOST_WIDGET_BYTES:,}")
    if size > MOST_BYTES:
        complaints.append(f"it takes {size:,} bytes; at most {MOST_BYTES:,}")
    return complaints


def _faults_of(cell: Any) -> Iterator[str]:
    if cell.source.strip() and cell.execution_count is None:
        yield "was not run"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"ended in {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"printed a warning: {_first_line(output.text)!r}"
        for text in _texts(output):
            if trace := MACHINE.search(text):
                yield f"shows a path or an address: {text[trace.start() : trace.start() + 40]!r}"
            if fetch := ELSEWHERE.search(text):
                yield f"loads something from elsewhere: {text[fetch.start() : fetch.start() + 60]!r}"


def _texts(output: Any) -> Iterator[str]:
    yield output.get("text", "")
    for kind, value in output.get("data", {}).items():
        if isinstance(value, str) and (kind.startswith("text/") or kind in ("image/svg+xml", "application/javascript")):
            yield re.sub(r"data:[\w/+;]+base64,[\w+/=]+", "", value)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:80]
