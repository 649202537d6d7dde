"""Runs the code cells of one notebook in this process, made to look like a browser's; a script of `checking.py`."""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.interactiveshell import InteractiveShell

BLOCKED = {"torch", "psutil", "jupyterlab", "jupyter_core", "nbformat", "typer", "nbgrader"}
"""What pyodide does not carry, and what the browser wheel does not require."""
NOT_IN_PYODIDE = {"_multiprocessing", "_posixshmem", "curses", "dbm", "grp", "pwd", "readline", "resource", "tkinter"}
"""Parts of Python that pyodide 314.0.6 lacks; found by importing all in it, under Node.js."""


class Absent:
    """Answers an import of what a browser lacks as if the module were not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise ModuleNotFoundError for these modules; leave others to the usual finders."""
        if name.partition(".")[0] in BLOCKED | NOT_IN_PYODIDE:
            # `None` in `sys.modules` would be a lie to scipy: it asks there whether torch has been imported.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def look_like_a_browser() -> None:
    """Set the platform, and make fail what fails there: some imports, threads and processes."""
    sysconfig.get_config_vars()  # of this machine: it has none for a browser's
    importlib.import_module("multiprocessing.connection")  # there it needs no `_multiprocessing`
    for name in NOT_IN_PYODIDE:
        sys.modules.pop(name, None)
    threading.Thread.start = _fails(RuntimeError("can't start new thread"))  # type: ignore[method-assign]
    subprocess.Popen.__init__ = _fails(OSError(138, "emscripten does not support processes."))  # type: ignore[method-assign]
    os.fork = _fails(OSError(52, "Function not implemented"))
    sys.platform = "emscripten"
    sys.meta_path.insert(0, Absent)


def _fails(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


def failures(notebook: Path, shell: Any) -> tuple[int, list[str]]:
    """Return the number of code cells, and for each one that failed its place and its error."""
    cells = [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    failed = []
    for place, cell in enumerate(cells, 1):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell("".join(cell["source"]), store_history=True)
        if not result.success:
            failed.append(f"  cell {place}: {result.error_in_exec or result.error_before_exec!r}")
    return len(cells), failed


if __name__ == "__main__":
    shell = InteractiveShell.instance()  # its history has a thread of its own
    look_like_a_browser()
    path = Path(sys.argv[1])
    count, failed = failures(path, shell)
    print(f"{path.name[:2]}: {count - len(failed)} of {count}", *failed, sep="\n", flush=True)
    sys.exit(bool(failed))
