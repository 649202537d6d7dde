"""Reads and restores a submitted notebook: whatever the file contains, the result is a notebook with known cells."""

import secrets
import stat
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nasedu.classroom.grading import sanitize
from nasedu.classroom.grading.cell_names import defined, names_of
from nasedu.classroom.grading.notebook import KERNEL, nbgrader_marks, role
from nasedu.classroom.grading.notebook_file import FoundCell, Unreadable, read_notebook
from nasedu.classroom.grading.origin import problem_of

OURS = secrets.token_hex(16)
"""The signature of a complaint: a student cannot know it, and so cannot forge a complaint."""
NO_NOTEBOOK = "The file could not be read as a notebook"
LINKED = "it is a symbolic link"

# ---------------------------------------------------------------------- reading


class SubmissionExporter(NotebookExporter):
    """Reads a notebook. Any other file gives an empty notebook with a note on what is wrong."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        if not getattr(self.parent, "_sanitizing", True):  # the second pass reads what RestoreCells has written
            return super().from_filename(filename, resources=resources, **kw)
        path, metadata, cells = Path(filename), {}, []
        try:
            cells = _read(path)
        except Unreadable as error:
            complaint = problem_of(path) or f"{NO_NOTEBOOK}: {error}."
            self.log.warning("%s: %s", filename, complaint)
            metadata = {"nasedu": {"unreadable": complaint, "by": OURS}}
        made = [_new(cell.kind, cell.source, {"nasedu": {"name": cell.name, "ids": list(cell.ids)}}) for cell in cells]
        notebook = nbformat.v4.new_notebook(cells=made, metadata=metadata)
        resources = {**(resources or {}), "metadata": {"name": path.stem, "path": str(path.parent)}}
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _read(path: Path) -> list[FoundCell]:
    """Return the cells of a notebook in the course. Raise Unreadable if it is none, or if it is reached by a link."""
    place = path if path.is_absolute() else Path.cwd() / path
    inside = place.relative_to(Path.cwd()).parts if place.is_relative_to(Path.cwd()) else place.parts[-3:]
    above = [Path(*place.parts[: len(place.parts) - n]) for n in range(len(inside))]
    if any(folder.is_symlink() for folder in above):
        raise Unreadable(LINKED)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("it is no plain file")
        return read_notebook(path)
    except NotADirectoryError:  # `plain_files` makes a file of a folder that is a link
        raise Unreadable(LINKED) from None
    except OSError as error:
        raise Unreadable(str(error.strerror)) from None
    except Unreadable:
        raise
    except Exception as error:  # whatever else a file may contain, it must not stop the class
        raise Unreadable(f"{type(error).__name__}") from error


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
        cells = _restored(_as_found(nb.cells), given, notes)
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


def _as_found(cells: Any) -> list[FoundCell]:
    """Return the cells as they stood in the file, as SubmissionExporter passed them on."""
    about = [cell.metadata.nasedu for cell in cells]
    return [
        FoundCell(cell.cell_type, cell.source, said.name, tuple(said.ids))
        for cell, said in zip(cells, about, strict=True)
    ]


def _restored(cells: list[FoundCell], given: dict[str, dict[str, Any]], notes: dict[str, list[str]]) -> list[Any]:
    """Return the submitted cells with nbgrader's metadata. If several have one name, the last one keeps it."""
    made, seen = [], set()
    texts = {was["source"].strip(): name for name, was in given.items() if was["locked"]}
    answers = {known[2] for known in map(role, given) if known and known[0] == "answer"}
    for cell, name in zip(reversed(cells), reversed(names_of(cells, given, texts)), strict=True):
        was = given.get(name)
        if was is None:
            made.append(_new(cell.kind, _written(cell.source, cell.kind), {}))
        elif name in seen:
            made.append(_new(was["type"], _written(cell.source, was["type"]), {"nasedu": {"copy_of": name}}))
        else:
            seen.add(name)
            if cell.kind != was["type"]:
                notes.setdefault(name, []).append(f"This was no {was['type']} cell any more; it is graded as one.")
            as_given = was["locked"] or cell.source == was["source"]
            source = was["source"] if as_given else _written(cell.source, was["type"])
            made.append(_new(was["type"], source, {"nbgrader": was["marks"]}))
            if was["locked"] and cell.kind == "code" and source != cell.source and answers & defined(cell.source):
                made.append(_new("code", _written(cell.source, "code"), {}))  # an answer, written where the test is
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
