"""Cells that need torch, as text: their lines and what they showed, in the copy of a lesson that a browser runs."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat

from nasedu.core import BadValue

TAG = "torch"
"""A code cell with this tag needs torch, or what such a cell has computed."""
SAID = "*This part trains with torch, which a browser does not have. Here are its lines, and what they showed.*"
_FIGURE = re.compile(r'<img class="nasedu-\w+" alt="(?P<words>[^"]*)"[^>]* src="data:image/png;base64,(?P<png>[^"]+)"')


def is_saved(cell: Any) -> bool:
    """Return whether a browser shows this cell and does not run it."""
    return TAG in cell["metadata"].get("tags", ())


def write_copy(notebook: Path, folder: Path) -> Path:
    """Write the copy of an executed notebook that a browser gets into a folder, and return its path."""
    copy = with_saved_cells(nbformat.read(notebook, as_version=4))
    # Not with nbformat.write: it makes lists of lines, and JupyterLite 0.8.6 shows the commas of a list.
    path = folder / notebook.name
    path.write_text(json.dumps(copy, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


def with_saved_cells(notebook: Any) -> Any:
    """Return a copy of an executed notebook in which each cell with `TAG` is text.

    Raises:
        BadValue: such a cell shows what text cannot hold: anything but lines and a figure.
    """
    copy = nbformat.from_dict(notebook)
    before = False
    for cell in copy.cells:
        saved = is_saved(cell)
        if saved:
            _make_text(cell, "" if before else f"{SAID}\n\n")
        before = saved
    return copy


def _make_text(cell: Any, said: str) -> None:
    parts = [f"```python\n{cell.source}\n```"]
    pictures: dict[str, dict[str, str]] = {}
    for output in cell.pop("outputs"):
        html = output.get("data", {}).get("text/html", "")
        if output.output_type == "stream":
            parts.append(f"```text\n{output.text.rstrip()}\n```")
        elif figure := _FIGURE.search(html):
            name = f"figure-{len(pictures)}.png"
            pictures[name] = {"image/png": figure["png"]}
            parts.append(f"![{figure['words']}](attachment:{name})")
        else:
            raise BadValue(
                f"a cell with the tag {TAG!r} shows {', '.join(output.get('data', {})) or output.output_type}, and a "
                f"browser's copy can hold lines and figures only: {cell.source.splitlines()[0]!r}"
            )
    cell.pop("execution_count")
    cell.cell_type = "markdown"
    cell.source = said + "\n\n".join(parts)
    if pictures:
        cell.attachments = pictures
