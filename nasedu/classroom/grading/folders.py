"""The folder `submitted/`, put into a state in which nbgrader can read it: plain files, times that are times, names."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from nbgrader.utils import parse_utc
from traitlets.log import get_logger

LONGEST_TIME = 100
HARMLESS = {".ipynb", ".txt", ".csv", ".tsv", ".json", ".py", ".md", ".png", ".jpg", ".jpeg", ".gif"}
"""Ends of names that no browser runs anything for."""


def prepare(course: str | Path) -> None:
    """Called whenever nbgrader reads the configuration of a course, before it looks at what was handed in."""
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
    """Called before a submission is graded: what lies beside the notebook can be copied and read afterwards.

    nbgrader copies it, and what a link leads to, into the feedback: a link to the gradebook would hand it out. Links
    become text files that say where they led. Formgrader serves it: a page with a script in it would run there with the
    instructor's rights. What is none of a few harmless kinds becomes a text file, too.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        if folder.parent.is_symlink():  # nothing in there is this student's; the reader complains
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
        if path.suffix != ".ipynb":  # a notebook's is the reader's to complain of
            target = os.readlink(path)
            path.unlink()
            path.write_text(f"This was a symbolic link to {target}\n", encoding="utf-8")
    elif path.is_dir():
        _open_up(path)
    elif not path.is_file():  # a pipe, from which nbgrader would read for ever
        path.unlink()


def _make_text(path: Path) -> None:
    """Give what formgrader would serve as a page, or as a picture with scripts, the end of a name of plain text."""
    if path.suffix.lower() not in HARMLESS and (path.is_file() or path.suffix):
        path.rename(_free(path.parent, path.name, ".txt"))


def _open_up(folder: Path) -> None:
    """Whoever grades may change what is in a folder: a link in one that nobody may write to could not be taken away."""
    folder.chmod(folder.stat().st_mode | 0o700)


def _set_bad_time_aside(folder: Path) -> None:
    """Give a `timestamp.txt` that holds no time another name: at such a file nbgrader stops, for the whole class.

    Without one, nbgrader takes a submission for one in time.
    """
    path = folder / "timestamp.txt"
    if not os.path.lexists(path) or _is_time(path):
        return
    aside = _free(folder, "timestamp-unreadable", ".txt")
    path.rename(aside)
    get_logger().warning("%s holds no time; it is now called %s", path, aside.name)


def _is_time(path: Path) -> bool:
    status = path.lstat()  # a link may lead to what never ends
    if not stat.S_ISREG(status.st_mode) or status.st_size > LONGEST_TIME:
        return False
    try:
        year = parse_utc(path.read_text().strip() or "2000-01-01").year
    except Exception:  # whatever a library makes of it
        return False
    return 1990 < year < 2100  # at the ends of the calendar, formgrader's change of time zones fails


def _name_as_given_out(folder: Path, source: Path) -> None:
    """Where one notebook was given out and one has come back, it is that one: browsers write `04 (1).ipynb`."""
    given, here = [sorted(place.glob("*.ipynb")) for place in (source, folder)]
    if len(given) == len(here) == 1 and given[0].name != here[0].name:
        here[0].rename(folder / given[0].name)
        get_logger().warning("%s is now called %s, as it was given out", here[0], given[0].name)


def _free(folder: Path, name: str, end: str) -> Path:
    """A name in a folder that nothing has."""
    number = 1
    while os.path.lexists(path := folder / f"{name}{f'-{number}' if number > 1 else ''}{end}"):
        number += 1
    return path
