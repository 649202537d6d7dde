"""Reads a notebook file as far as it can be read: only the type, the source and our names of its cells are needed.

No schema is checked. Outputs, attachments and foreign metadata are dropped while the file is read. So what is missing
or wrong in them is no reason to refuse a notebook, and they cost no time later. Formats 3 and 4 are read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 50_000_000
MOST_CELLS = 2_000
MOST_LETTERS = 300_000
"""Of all cells together, without outputs: a feedback page of megabytes of code takes minutes and gigabytes to make."""
KEPT = {"cells", "worksheets", "metadata", "cell_type", "source", "input", "level", "id", "nbgrader", "grade_id"}
HEADINGS = (1, 2, 3, 4, 5, 6)
KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown", "html": "markdown"}
OTHER_FILES = (
    (b"PK\x03\x04", "a zip archive, or a document of an office program"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
    (b"<", "a page in HTML or XML"),
    (b"version https://git-lfs", "a pointer to a file that git keeps elsewhere"),
    (b"import ", "a Python script"),
    (b"from ", "a Python script"),
    (b"# ", "a script or a text"),
    (b"#!", "a script"),
)
"""How files begin that are handed in under the name of a notebook."""


class Unreadable(ValueError):
    """A file that is no notebook; the message says why, in words for its author."""


@dataclass(frozen=True)
class FoundCell:
    """A cell as it stands in a file.

    Attributes:
        kind: "code", "markdown" or "raw"; empty if the file gives no type that is known.
        source: its text, with line ends of one kind.
        name: nbgrader's name of the cell (`grade_id`), or an empty string.
        ids: the cell's ids, by Jupyter and by Colab.
    """

    kind: str
    source: str
    name: str = ""
    ids: tuple[str, ...] = ()


def read_notebook(path: Path) -> list[FoundCell]:
    """Return the cells of a notebook file. Raise Unreadable if it is no notebook, OSError if it cannot be opened."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    return parse_notebook(data)


def parse_notebook(data: bytes) -> list[FoundCell]:
    """Return the cells of a notebook, given as the bytes of its file. Raise Unreadable if it is none."""
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"it has more than {MOST_BYTES:,} bytes. Clear its outputs (Edit → Clear Outputs of All Cells) and save it"
        )
    cells = _cells(_loaded(data))
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"it has {len(cells):,} cells, and {MOST_CELLS:,} are read")
    found = [_found(cell) for cell in cells if isinstance(cell, dict)]
    if cells and not any(cell.kind for cell in found):
        raise Unreadable("none of its cells is code or text")
    letters = sum(len(cell.source) for cell in found)
    if letters > MOST_LETTERS:
        raise Unreadable(f"its cells hold {letters:,} characters, and {MOST_LETTERS:,} are read")
    return found


def _loaded(data: bytes) -> Any:
    """Return the JSON of a file, without what nobody needs."""
    if not data.strip(b"\xef\xbb\xbf\0 \t\r\n"):
        raise Unreadable("it is empty")
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((words for head, words in OTHER_FILES if start.startswith(head)), "")
    if kind:
        raise Unreadable(f"it is {kind}. Hand in the file that ends in .ipynb and opens in JupyterLab")
    try:
        text = data.decode(json.detect_encoding(data), "replace").lstrip("\ufeff")
        return json.loads(
            text, strict=False, object_hook=_kept, parse_int=_small, parse_float=_small, parse_constant=_small
        )
    except json.JSONDecodeError as error:
        marks = "\n<<<<<<< " in text and "\n>>>>>>> " in text
        why = "; git has left the marks of a merge in it (<<<<<<<)" if marks else ""
        raise Unreadable(f"it is damaged or not whole, from line {error.lineno} on{why}") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None


def _kept(found: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is needed of an object; the parser calls this before it reads the next one."""
    return {key: value for key, value in found.items() if key in KEPT} or None


def _small(digits: str) -> int:
    """Return a heading's level. No other number is needed, and Python refuses to read very long ones."""
    return int(digits) if len(digits) == 1 and digits.isdecimal() else 0


def _cells(data: Any) -> list[Any]:
    if not isinstance(data, dict):
        raise Unreadable("it has no cells")
    sheets = data.get("worksheets")
    if "cells" not in data and isinstance(sheets, list):  # format 3
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for part in parts if isinstance(part, list) for cell in part]
    if not isinstance(data.get("cells"), list):
        raise Unreadable("it has no cells")
    return list(data["cells"])


def _found(cell: Mapping[str, Any]) -> FoundCell:
    kind = cell.get("cell_type")
    source = _text(cell.get("input") if kind == "code" and "source" not in cell else cell.get("source"))
    if kind == "heading":
        level = cell.get("level")
        source = f"{'#' * (level if level in HEADINGS else 1)} {source}"
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    ids = tuple(_text(one) for one in (cell.get("id"), metadata.get("id")) if isinstance(one, str) and one)
    return FoundCell(KINDS.get(kind, "") if isinstance(kind, str) else "", source, _text(name), ids)


def _text(value: Any) -> str:
    """Return a text that may be a list of lines, with `\\n` as line end and without lone surrogates.

    JSON allows lone surrogates, but no file in UTF-8 can contain them.
    """
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
