"""Puts the folder `submitted/` into a state that nbgrader can read: plain files, valid times, expected names."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nbgrader.utils import parse_utc
from traitlets.log import get_logger

from nasedu.classroom.grading import origin
from nasedu.classroom.grading.notebook_names import choose_notebooks
from nasedu.classroom.grading.origin import note, problem_of, read_origin

LONGEST_TIME = 100
NOTED = {"timestamp.txt", origin.NAME}
PATTERNS = str.maketrans("[]*?", "()+_")
"""What nbgrader takes for a pattern in a name, and what stands for it."""
HARMLESS = {".ipynb", ".txt", ".csv", ".tsv", ".json", ".py", ".md", ".png", ".jpg", ".jpeg", ".gif"}
"""File extensions for which a browser runs no code."""


def prepare(course: str | Path) -> None:
    """Prepare all submissions. nbgrader_config.py calls this before nbgrader reads the submissions."""
    for student in sorted(Path(course).glob("submitted/*")):
        _careful(_name_without_patterns, student)
    for folder in sorted(Path(course).glob("submitted/*/*")):
        if folder.is_dir() and not folder.is_symlink() and not folder.parent.is_symlink():
            _careful(prepare_submission, folder, Path(course, "source", folder.name))


def prepare_submission(folder: Path, source: Path) -> list[str]:
    """Prepare one submission: submitted/STUDENT/ASSIGNMENT/, with the source of the assignment.

    Returns:
        A sentence for each change.
    """
    _open_up(folder)
    return [*_set_bad_time_aside(folder), *_name_as_given_out(folder, source)]


def _careful(step: Callable[..., list[str]], folder: Path, *more: Path) -> None:
    try:
        for line in step(folder, *more):
            get_logger().warning("%s: %s", folder, line)
    except OSError as error:  # one submission must not stop the class
        get_logger().warning("%s could not be put in order: %s", folder, error)


def _name_without_patterns(student: Path) -> list[str]:
    """Rename the folder of a student whose id nbgrader would take for a pattern: it would pass the student over."""
    name = student.name.translate(PATTERNS)
    if name == student.name or student.is_symlink() or not student.is_dir():
        return []
    free = _free(student.parent, name, "")
    student.rename(free)
    for folder in free.iterdir():
        if folder.is_dir() and not folder.is_symlink():
            note(folder, **{"folder": student.name, **read_origin(folder)})
    return [f"it is now called {free.name}: nbgrader takes [ ] * ? for a pattern"]


def plain_files(assignment: str, student: str, notebooks: Iterable[str]) -> None:
    """Make the other files of a submission harmless. nbgrader calls this before it grades a submission.

    nbgrader copies these files into the feedback, and follows links: a link to the gradebook would give it to the
    student. So links become text files that name their target. Formgrader serves the files: a page with a script
    would run with the instructor's rights. So files without a harmless extension become text files.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        if folder.parent.is_symlink():  # nothing in it is this student's; SubmissionExporter complains
            continue
        _make_plain(folder)
        for where, folders, files in os.walk(folder):
            for name in (*folders, *files):
                _make_plain(Path(where, name))
        for where, folders, files in os.walk(folder, topdown=False):
            for name in (*folders, *files):
                _make_text(Path(where, name))
        for line in _set_bad_time_aside(folder):
            get_logger().warning("%s: %s", folder, line)


def _make_plain(path: Path) -> None:
    if path.is_symlink():
        if path.suffix != ".ipynb":  # SubmissionExporter complains of a notebook that is a link
            target = os.readlink(path)
            path.unlink()
            path.write_text(f"This was a symbolic link to {target}\n", encoding="utf-8")
    elif path.is_dir():
        _open_up(path)
    elif not path.is_file():  # a pipe: nbgrader would read from it for ever
        path.unlink()


def _make_text(path: Path) -> None:
    """Rename a file to .txt if formgrader would serve it as a page, or as a picture with scripts."""
    if path.suffix.lower() not in HARMLESS and (path.is_file() or path.suffix):
        path.rename(_free(path.parent, path.name, ".txt"))


def _open_up(folder: Path) -> None:
    """Let the grader write to a folder: otherwise a link in a read-only folder could not be removed."""
    folder.chmod(folder.stat().st_mode | 0o700)


def _set_bad_time_aside(folder: Path) -> list[str]:
    """Rename a `timestamp.txt` that contains no time: with such a file nbgrader stops for the whole class.

    Without the file, nbgrader treats a submission as handed in on time.
    """
    path = folder / "timestamp.txt"
    if not os.path.lexists(path) or _is_time(path):
        return []
    aside = _free(folder, "timestamp-unreadable", ".txt")
    path.rename(aside)
    return [f"timestamp.txt holds no time; it is now called {aside.name}"]


def _is_time(path: Path) -> bool:
    status = path.lstat()  # a link may lead to an endless file
    if not stat.S_ISREG(status.st_mode) or status.st_size > LONGEST_TIME:
        return False
    try:
        year = parse_utc(path.read_text().strip() or "2000-01-01").year
    except Exception:  # the library raises many kinds of errors
        return False
    return 1990 < year < 2100  # formgrader cannot convert the first and last years of the calendar to another time zone


def _name_as_given_out(folder: Path, source: Path) -> list[str]:
    """Rename the notebook of a submission to its name in the assignment: browsers write `04 (1).ipynb`.

    If there is none, an empty notebook stands for it. So this student, too, gets a result with its reason.
    """
    wanted, said = [path.name for path in sorted(source.glob("*.ipynb"))], []
    found = [path for path in _files(folder) if not problem_of(path)]
    here = {path.name: path for path in sorted(found, key=lambda path: (-len(path.parts), path))}
    chosen, problem = choose_notebooks(here, wanted)
    for name, old in chosen.items():
        if here[old] != folder / name:
            here[old].replace(folder / name)
            note(folder, notebook=str(here[old].relative_to(folder)))
            said.append(f"{here[old].relative_to(folder)} is now called {name}, as it was given out")
    noted = read_origin(folder).get("problem") or ""
    if not chosen and wanted and (here or noted):
        if not (folder / wanted[0]).exists():
            said.append(noted or problem)
        note(folder, problem=noted or problem)
        (folder / wanted[0]).touch()
    return said


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that a student handed in: not what is hidden, and not what grading has noted."""
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        links = [name for name in folders if name.endswith(".ipynb")]
        yield from (Path(where, name) for name in (*links, *files) if not name.startswith(".") and name not in NOTED)


def _free(folder: Path, name: str, end: str) -> Path:
    """Return a path in a folder that does not exist yet."""
    number = 1
    while os.path.lexists(path := folder / f"{name}{f'-{number}' if number > 1 else ''}{end}"):
        number += 1
    return path
