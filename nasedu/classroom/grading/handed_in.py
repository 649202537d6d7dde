"""What was handed in, read and restored: whatever the file holds, the grader goes on with a notebook of known cells."""

import json
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import parse_utc
from traitlets.log import get_logger

from nasedu.classroom.grading.notebook import KERNEL, nbgrader_marks

MOST_BYTES = 50_000_000
LONGEST_TIME = 100
OURS = secrets.token_hex(16)
"""What the reader signs its complaint with: a student who writes one cannot know it."""
NO_NOTEBOOK = "The file could not be read as a notebook"
LINKED = f"{NO_NOTEBOOK}: it is a symbolic link."

# ---------------------------------------------------------------------- reading


class Reader(NotebookExporter):
    """Reads a notebook; whatever else lies in its place becomes an empty notebook with a note of what is wrong."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        notebook, complaint = _read(Path(filename))
        if complaint:
            self.log.warning("%s: %s", filename, complaint)
            notebook = nbformat.v4.new_notebook(metadata={"nasedu": {"unreadable": complaint, "by": OURS}})
        resources = {**(resources or {}), "metadata": {"name": Path(filename).stem, "path": str(Path(filename).parent)}}
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _read(path: Path) -> tuple[Any, str]:
    """The notebook in a file, and what is wrong with it, as a sentence; an empty one if nothing is."""
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
        data = _whole_letters(json.loads(text))
        notebook = nbformat.reads(json.dumps(data), as_version=4)
        nbformat.validate(notebook)
    except json.JSONDecodeError as error:
        return None, f"{NO_NOTEBOOK}: it is damaged or not whole, from line {error.lineno} on."
    except NotADirectoryError:  # what `plain_files` makes of a folder that is a link
        return None, LINKED
    except OSError as error:
        return None, f"{NO_NOTEBOOK}: {error.strerror}."
    except (ValueError, RecursionError) as error:
        words = str(error).splitlines()[0][:200] if str(error) else ""
        return None, f"{NO_NOTEBOOK}: {type(error).__name__}, {words}."
    except Exception as error:  # nbformat raises errors of several libraries
        return None, f"{NO_NOTEBOOK}: {type(error).__name__}."
    return notebook, ""


def _whole_letters(data: Any) -> Any:
    """The same data with halves of letters, which JSON allows and no file can hold, replaced."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, list):
        return [_whole_letters(part) for part in data]
    if isinstance(data, dict):
        return {_whole_letters(key): _whole_letters(part) for key, part in data.items()}
    return data


def plain_files(assignment: str, student: str, notebooks: Iterable[str]) -> None:
    """Called before a submission is graded: what lies beside the notebook can be copied and read afterwards.

    nbgrader copies it, and what a link leads to, into the feedback: a link to the gradebook would hand it out. Links
    become text files that say where they led.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        if folder.parent.is_symlink():  # nothing in there is this student's; the reader complains
            continue
        _make_plain(folder)
        for where, folders, files in os.walk(folder):
            for name in (*folders, *files):
                _make_plain(Path(where, name))
        readable_times(folder)


def _make_plain(path: Path) -> None:
    if path.is_symlink():
        if path.suffix != ".ipynb":  # a notebook's is the reader's to complain of
            target = os.readlink(path)
            path.unlink()
            path.write_text(f"This was a symbolic link to {target}\n", encoding="utf-8")
    elif path.is_dir():
        path.chmod(0o700)  # links in a folder that nobody may write to could not be taken away
    elif not path.is_file():  # a pipe, from which nbgrader would read for ever
        path.unlink()


def readable_times(submissions: str | Path) -> None:
    """Give each `timestamp.txt` that holds no time another name: at such a file nbgrader stops, for the whole class.

    Without one, nbgrader takes a submission for one in time.
    """
    for path in Path(submissions).rglob("timestamp.txt"):
        try:
            if path.stat().st_size > LONGEST_TIME:
                raise ValueError
            parse_utc(path.read_text().strip() or "2000-01-01")
        except Exception:  # whatever a library makes of it
            aside = path.with_name(f"timestamp-unreadable-{secrets.token_hex(2)}.txt")
            path.rename(aside)
            get_logger().warning("%s holds no time; it is now called %s", path, aside.name)


# ---------------------------------------------------------------------- restoring


class Restore(NbGraderPreprocessor):
    """Gives each cell the type and the marks under which it was given out, and puts tests back that are gone.

    What a student's file says of points, locks and versions counts for nothing; nor do outputs and attachments.
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
    """The cells that were given out, by name: type, source, and the marks of nbgrader."""
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
    """The submitted cells, each under its marks. Of several with one name, the last one carries it."""
    made, seen = [], set()
    for cell in reversed(cells):
        marks = cell.metadata.get("nbgrader")
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        was = given.get(name) if isinstance(name, str) else None
        if was is None:
            made.append(_new(cell.cell_type, cell.source, {}))
        elif name in seen:
            made.append(_new(was["type"], cell.source, {"nasedu": {"copy_of": name}}))
        else:
            seen.add(name)
            if cell.cell_type != was["type"]:
                notes.setdefault(str(name), []).append("This was no code cell any more; it is graded as one.")
            made.append(_new(was["type"], was["source"] if was["locked"] else cell.source, {"nbgrader": was["marks"]}))
    return made[::-1]


def _missing(
    cells: list[Any], given: dict[str, dict[str, Any]], notes: dict[str, list[str]], unreadable: str
) -> list[Any]:
    """The graded cells that are not there, to be put at the end."""
    there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    added = []
    for name, was in given.items():
        if was["marks"]["grade"] and name not in there:
            if not unreadable:
                notes.setdefault(name, []).append("The test was gone from the notebook, and has been put back.")
            added.append(_new(was["type"], was["source"], {"nbgrader": was["marks"], "nasedu": {"added": True}}))
    return added


def _new(kind: str, source: str, metadata: dict[str, Any]) -> Any:
    make: dict[str, Callable[..., Any]] = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
    }
    return make.get(kind, nbformat.v4.new_raw_cell)(source, metadata=nbformat.from_dict(metadata))
