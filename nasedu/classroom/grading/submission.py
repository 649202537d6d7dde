"""Reads and restores a submitted notebook: whatever the file contains, the result is a notebook with known cells."""

import json
import secrets
import stat
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nasedu.classroom.grading import sanitize
from nasedu.classroom.grading.notebook import KERNEL, nbgrader_marks

MOST_BYTES = 20_000_000
MOST_CELLS = 2_000
MOST_LETTERS = 300_000
"""Of all cells together, without outputs: a feedback page of megabytes of code takes minutes and gigabytes to make."""
OURS = secrets.token_hex(16)
"""The signature of a complaint: a student cannot know it, and so cannot forge a complaint."""
NO_NOTEBOOK = "The file could not be read as a notebook"
LINKED = f"{NO_NOTEBOOK}: it is a symbolic link."

# ---------------------------------------------------------------------- reading


class SubmissionExporter(NotebookExporter):
    """Reads a notebook. Any other file gives an empty notebook with a note on what is wrong."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        notebook, complaint = _read(Path(filename))
        if complaint:
            self.log.warning("%s: %s", filename, complaint)
            notebook = nbformat.v4.new_notebook(metadata={"nasedu": {"unreadable": complaint, "by": OURS}})
        resources = {**(resources or {}), "metadata": {"name": Path(filename).stem, "path": str(Path(filename).parent)}}
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _read(path: Path) -> tuple[Any, str]:
    """Return the notebook in a file, and a sentence on what is wrong with it (empty if nothing is wrong)."""
    place = path if path.is_absolute() else Path.cwd() / path
    inside = place.relative_to(Path.cwd()).parts if place.is_relative_to(Path.cwd()) else place.parts[-3:]
    above = [Path(*place.parts[: len(place.parts) - n]) for n in range(len(inside))]
    if any(folder.is_symlink() for folder in above):
        return None, LINKED
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > MOST_BYTES:
            return None, f"{NO_NOTEBOOK}: it is no plain file of at most {MOST_BYTES:,} bytes."
        text = path.read_bytes().decode("utf-8")
        if not text.strip():
            return None, f"{NO_NOTEBOOK}: it is empty."
        data = _without_surrogates(json.loads(text))
        cells = data.get("cells") if isinstance(data, dict) else None
        if isinstance(cells, list) and len(cells) > MOST_CELLS:  # before a validation that would take minutes
            return None, f"{NO_NOTEBOOK}: it has {len(cells):,} cells, and {MOST_CELLS:,} are read."
        notebook = nbformat.reads(json.dumps(data), as_version=4)
        nbformat.validate(notebook)
        letters = sum(len(cell.source) for cell in notebook.cells)
        if letters > MOST_LETTERS:
            return None, f"{NO_NOTEBOOK}: its cells hold {letters:,} characters, and {MOST_LETTERS:,} are read."
    except json.JSONDecodeError as error:
        return None, f"{NO_NOTEBOOK}: it is damaged or not whole, from line {error.lineno} on."
    except NotADirectoryError:  # `plain_files` makes a file of a folder that is a link
        return None, LINKED
    except OSError as error:
        return None, f"{NO_NOTEBOOK}: {error.strerror}."
    except (ValueError, RecursionError) as error:
        words = str(error).splitlines()[0][:200] if str(error) else ""
        return None, f"{NO_NOTEBOOK}: {type(error).__name__}, {words}."
    except Exception as error:  # nbformat raises errors of several libraries
        return None, f"{NO_NOTEBOOK}: {type(error).__name__}."
    return notebook, ""


def _without_surrogates(data: Any) -> Any:
    """Return the data with lone surrogates replaced: JSON allows them, but no UTF-8 file can contain them."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, list):
        return [_without_surrogates(part) for part in data]
    if isinstance(data, dict):
        return {_without_surrogates(key): _without_surrogates(part) for key, part in data.items()}
    return data


# ---------------------------------------------------------------------- restoring


class RestoreCells(NbGraderPreprocessor):
    """Restores the type and the nbgrader metadata of each cell, and adds tests that are missing.

    Points, locks and versions in a student's file are ignored, and so are outputs and attachments. The student's text
    is made harmless for its readers.
    """

    def preprocess(self, nb: Any, resources: Any) -> Any:
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            given = _given(gradebook.find_notebook(where["notebook"], where["assignment"]))
        said = nb.metadata.get("nasedu")
        unreadable = said["unreadable"] if isinstance(said, dict) and said.get("by") == OURS else ""
        notes: dict[str, list[str]] = {}
        cells = _restored(nb.cells, given, notes)
        cells += _missing(cells, given, notes, unreadable)
        for number, cell in enumerate(cells):
            cell.id = f"cell-{number:04d}"
        nb = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nb.metadata["nasedu"] = {"notes": notes, "unreadable": unreadable}
        return nb, resources


def _given(notebook: Any) -> dict[str, dict[str, Any]]:
    """Return the cells of the assignment by name: type, source, and nbgrader's metadata."""
    points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    return {
        cell.name: {
            "type": cell.cell_type,
            "source": cell.source,
            "locked": cell.locked,
            "marks": {
                **nbgrader_marks(
                    cell.name,
                    solution=cell.name in solutions,
                    locked=cell.locked,
                    points=points.get(cell.name),
                    task=cell.name in tasks,
                ),
                "grade": cell.name in points and cell.name not in tasks,
                "checksum": cell.checksum,
                "cell_type": cell.cell_type,
            },
        }
        for cell in notebook.source_cells
    }


def _restored(cells: Any, given: dict[str, dict[str, Any]], notes: dict[str, list[str]]) -> list[Any]:
    """Return the submitted cells with nbgrader's metadata. If several have one name, the last one keeps it."""
    made, seen = [], set()
    for cell in reversed(cells):
        marks = cell.metadata.get("nbgrader")
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        was = given.get(name) if isinstance(name, str) else None
        if was is None:
            made.append(_new(cell.cell_type, _written(cell.source, cell.cell_type), {}))
        elif name in seen:
            made.append(_new(was["type"], _written(cell.source, was["type"]), {"nasedu": {"copy_of": name}}))
        else:
            seen.add(name)
            if cell.cell_type != was["type"]:
                notes.setdefault(str(name), []).append("This was no code cell any more; it is graded as one.")
            as_given = was["locked"] or cell.source == was["source"]
            source = was["source"] if as_given else _written(cell.source, was["type"])
            made.append(_new(was["type"], source, {"nbgrader": was["marks"]}))
    return made[::-1]


def _written(source: str, kind: str) -> str:
    """Return what a student has written into a cell, made harmless."""
    return sanitize.code(source) if kind == "code" else sanitize.text(source)


def _missing(
    cells: list[Any], given: dict[str, dict[str, Any]], notes: dict[str, list[str]], unreadable: str
) -> list[Any]:
    """Return the graded cells that are missing; they are added at the end."""
    there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    added = []
    for name, was in given.items():
        if was["marks"]["grade"] and name not in there:
            if not unreadable:
                notes.setdefault(name, []).append("The test was gone from the notebook, and has been put back.")
            added.append(_new(was["type"], was["source"], {"nbgrader": was["marks"], "nasedu": {"added": True}}))
    return added


def _new(kind: str, source: str, metadata: dict[str, Any]) -> Any:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    return make.get(kind, nbformat.v4.new_raw_cell)(source, metadata=nbformat.from_dict(metadata))
