"""Runs the code cells of one notebook in this process, made to look like a browser's; a script of `checking.py`."""

import contextlib
import io
import json
import sys
import sysconfig
from pathlib import Path

BLOCKED = ("torch", "psutil", "jupyterlab", "_multiprocessing", "jupyter_core", "nbformat", "typer", "nbgrader")
"""What a browser lacks, and what the browser wheel does not require."""


class Absent:
    """Answers an import of `BLOCKED` as if the module were not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise ModuleNotFoundError for these modules; leave others to the usual finders."""
        if name.partition(".")[0] in BLOCKED:
            # `None` in `sys.modules` would be a lie to scipy: it asks there whether torch has been imported.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def look_like_a_browser() -> None:
    """Set the platform, and make imports of `BLOCKED` fail."""
    sysconfig.get_config_vars()  # of this machine: it has none for a browser's
    sys.platform = "emscripten"
    sys.meta_path.insert(0, Absent)


def failures(notebook: Path) -> tuple[int, list[str]]:
    """Return the number of code cells, and for each one that failed its place and its error."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    cells = [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    failed = []
    for place, cell in enumerate(cells, 1):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell("".join(cell["source"]), store_history=True)
        if not result.success:
            failed.append(f"  cell {place}: {result.error_in_exec or result.error_before_exec!r}")
    return len(cells), failed


if __name__ == "__main__":
    look_like_a_browser()
    path = Path(sys.argv[1])
    count, failed = failures(path)
    print(f"{path.name[:2]}: {count - len(failed)} of {count}", *failed, sep="\n", flush=True)
    sys.exit(bool(failed))
