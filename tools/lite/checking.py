"""Runs the cells of lessons here as a browser would: from the browser wheel, without torch and without processes."""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.lessons.places import NOTEBOOKS, notebook_of, sources
from tools.lite.browser_wheel import build_browser_wheel
from tools.lite.saved_cells import write_copy


def check_lessons(names: Sequence[str]) -> bool:
    """Run the lessons one by one, print how many cells of each passed, and return whether all did."""
    with tempfile.TemporaryDirectory() as folder:
        installed, work = Path(folder, "installed"), Path(folder, "work")
        work.mkdir()
        with zipfile.ZipFile(build_browser_wheel(Path(folder))) as wheel:
            wheel.extractall(installed)
        passed = []
        for source in sources(NOTEBOOKS, names):
            copy = write_copy(notebook_of(source), Path(folder))
            passed.append(check_lesson(copy, installed, work))
        return all(passed)


def check_lesson(notebook: Path, installed: Path, work: Path) -> bool:
    """Run the cells of a notebook in a process that sees the package in `installed`; return whether all passed."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("cells.py")), str(notebook)]
    environment = {**os.environ, "PYTHONPATH": str(installed), "MPLBACKEND": "agg"}
    return subprocess.run(command, cwd=work, env=environment).returncode == 0
