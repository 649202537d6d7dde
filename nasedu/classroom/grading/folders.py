"""Puts the folder `submitted/` into a state that nbgrader can read: plain files, valid times, expected names."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from nbgrader.utils import parse_utc
from traitlets.log import get_logger

LONGEST_TIME = 100
HARMLESS = {".ipynb", ".txt", ".csv", ".tsv", ".json", ".py", ".md", ".png", ".jpg", ".jpeg", ".gif"}
"""File extensions for which a browser runs no code."""


def prepare(course: str | Path) -> None:
    """Prepare all submissions. nbgrader_config.py calls this before nbgrader reads the submissions."""
    for folder in Path(course).glob("submitted/*/*"):
        if not folder.is_dir() or folder.is_symlink() or folder.parent.is_symlink():
            continue
        try:
            _open_up(folder)
            _set_bad_time_aside(folder)
            _name_as_given_out(folder, Path(course, "source", folder.name))
        except OSError as error:  # one submission must not stop the class
            get_logger().warning("%s could not be put in order: %s", folder, error)


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
        _set_bad_time_aside(folder)


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


def _set_bad_time_aside(folder: Path) -> None:
    """Rename a `timestamp.txt` that contains no time: with such a file nbgrader stops for the whole class.

    Without the file, nbgrader treats a submission as handed in on time.
    """
    path = folder / "timestamp.txt"
    if not os.path.lexists(path) or _is_time(path):
        return
    aside = _free(folder, "timestamp-unreadable", ".txt")
    path.rename(aside)
    get_logger().warning("%s holds no time; it is now called %s", path, aside.name)


def _is_time(path: Path) -> bool:
    status = path.lstat()  # a link may lead to an endless file
    if not stat.S_ISREG(status.st_mode) or status.st_size > LONGEST_TIME:
        return False
    try:
        year = parse_utc(path.read_text().strip() or "2000-01-01").year
    except Exception:  # the library raises many kinds of errors
        return False
    return 1990 < year < 2100  # formgrader cannot convert the first and last years of the calendar to another time zone


def _name_as_given_out(folder: Path, source: Path) -> None:
    """Rename the only notebook of a submission to the name of the only one in the assignment.

    Browsers write names such as `04 (1).ipynb`.
    """
    given, here = [sorted(place.glob("*.ipynb")) for place in (source, folder)]
    if len(given) == len(here) == 1 and given[0].name != here[0].name:
        here[0].rename(folder / given[0].name)
        get_logger().warning("%s is now called %s, as it was given out", here[0], given[0].name)


def _free(folder: Path, name: str, end: str) -> Path:
    """Return a path in a folder that does not exist yet."""
    number = 1
    while os.path.lexists(path := folder / f"{name}{f'-{number}' if number > 1 else ''}{end}"):
        number += 1
    return path
