"""The lessons in JupyterLab."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from nasedu.core import BadValue, MissingExtra

FIRST = "00_*.ipynb"


def lesson_00() -> Path:
    """The first lesson: of the checkout that this package lies in, or of the current folder.

    Raises:
        BadValue: there is none in any of these places.
    """
    here = Path.cwd()
    folders = [Path(__file__).resolve().parents[1] / "notebooks", here / "notebooks", here]
    for folder in folders:
        if found := sorted(folder.glob(FIRST)):
            return found[0]
    raise BadValue(
        f"no lesson {FIRST} in {', '.join(map(str, dict.fromkeys(folders)))}: go to the folder with the lessons, "
        "or get them with: git clone, then make lab"
    )


def command(lesson: Path, arguments: list[str]) -> list[str]:
    """The command that opens a lesson. Jupyter refuses to run as root unless it is told to: in a container it is."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    allow = ["--allow-root"] if root and "--allow-root" not in arguments else []
    # The address that Jupyter prints, for whoever has no browser on this machine, leads to the lesson, too.
    page = [f"--LabApp.default_url=/lab/tree/{lesson.name}"]
    return [sys.executable, "-m", "jupyterlab", str(lesson), *page, *allow, *arguments]


def open_lab(arguments: list[str]) -> int:
    """Open JupyterLab on lesson 00, with further arguments for it; returns when it has ended, with its exit code."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingExtra("JupyterLab is not installed: python -m pip install 'jupyterlab>=4.2' 'ipywidgets>=8.1'")
    full = command(lesson_00(), arguments)
    if os.name == "posix":  # Jupyter takes this process over, so that Ctrl-C reaches it and nothing else
        os.execv(full[0], full)
    return subprocess.call(full)
