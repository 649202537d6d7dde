"""The lessons in JupyterLab: copies to work in, since JupyterLab saves into a file whatever is done in it.

In a checkout they lie in `work/`, elsewhere in `nasedu-lessons/`, or wherever the student says. What was done there
before stays; what was not touched is updated.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from nasedu.core import BadValue, MissingExtra
from nasedu.lessons.copying import LIST, Copied, copy_lessons
from nasedu.lessons.places import PACKAGE, shipped
from nasedu.lessons.signing import sign

FIRST = "00_*.ipynb"


def workplace(folder: str | None = None) -> Path:
    """Return the folder of a student's copies: the one given; the current one, if it holds copies; or the usual one."""
    if folder is not None:
        return Path(folder)
    if Path(LIST).is_file():
        return Path.cwd()
    return PACKAGE.parent / "work" if shipped().parent == PACKAGE.parent else Path.cwd() / "nasedu-lessons"


def lesson_00(folder: Path) -> Path:
    """Return the first lesson of a folder.

    Raises:
        BadValue: there is none.
    """
    found = sorted(folder.glob(FIRST))
    if not found:
        raise BadValue(f"no lesson {FIRST} in {folder}: get them with nasedu lessons copy {folder}")
    return found[0]


def command(lesson: Path, arguments: list[str]) -> list[str]:
    """Return the command that opens a lesson."""
    # Jupyter refuses to run as root unless it is told to; in a container everybody is root.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    allow = ["--allow-root"] if root and "--allow-root" not in arguments else []
    # The address that Jupyter prints, for a browser on another machine, leads to the lesson, too.
    page = [f"--LabApp.default_url=/lab/tree/{lesson.name}"]
    return [sys.executable, "-m", "jupyterlab", str(lesson), *page, *allow, *arguments]


def open_lab(arguments: list[str], folder: str | None = None) -> int:
    """Open JupyterLab on lesson 00, with further arguments for it; returns when it has ended, with its exit code."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingExtra("JupyterLab is not installed: python -m pip install 'jupyterlab>=4.2' 'ipywidgets>=8.1'")
    origin = shipped()
    copied = copy_lessons(origin, workplace(folder))
    print(_words(copied), file=sys.stderr)
    if failed := sign(origin, copied.target, copied.untouched):
        print(f"note: {failed}", file=sys.stderr)
    full = command(lesson_00(copied.target), arguments)
    if os.name == "posix":  # Jupyter takes this process over, so that Ctrl-C reaches it and nothing else
        os.execv(full[0], full)
    return subprocess.call(full)


def _words(copied: Copied) -> str:
    words = f"your lessons are in {copied.target}; what you do there stays"
    if copied.outdated:
        words += f". There is a newer edition of {', '.join(copied.outdated)}; yours was kept. {copied.advice()}"
    return words
