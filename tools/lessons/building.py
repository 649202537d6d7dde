"""From a source to an executed notebook."""

import copy
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import psutil

from nasedu.core import BadValue, NaseduError
from nasedu.lessons.timings import Timing
from tools.lessons.checking import faults
from tools.lessons.places import notebook_of, sources
from tools.lessons.source import METADATA, read_source
from tools.lessons.timings import record

RECORD = """
import sys
if "nasedu.widgets.explorer" in sys.modules:
    sys.modules["nasedu.widgets.explorer"].record_all()
"""
"""Run after the last cell, and no part of the run time. The explorers of the saved notebook then need no kernel."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def build_all(notebooks: Path, names: Sequence[str] = ()) -> dict[str, Timing]:
    """Build all lessons, or those whose names begin as given, and write their run times down.

    Raises:
        BadValue: a name that no lesson begins with.
        NaseduError: see `build`.
    """
    timings = {}
    for source in sources(notebooks, names):
        timings[source.stem] = build(source)
        record(notebooks, timings)
    return timings


def build(source: Path) -> Timing:
    """Execute a source and write its notebook, outputs included.

    Raises:
        NaseduError: a cell failed, or the notebook has a fault (see `faults`); the old notebook is left as it was.
    """
    notebook = read_source(source)
    timing = execute(notebook, source.name)
    clean(notebook)
    _write(notebook, source)
    return timing


def reword(source: Path) -> None:
    """Write the notebook again, with the prose of the source and the outputs it has: nothing is run.

    Raises:
        BadValue: there is no notebook yet, or a code cell has changed, so that its output may be another.
    """
    path = notebook_of(source)
    if not path.exists():
        raise BadValue(f"{path.name} is missing: run `python -m tools.lessons build {source.stem[:2]}`")
    new, old = read_source(source), nbformat.read(path, as_version=4)
    code = [[cell for cell in notebook.cells if cell.cell_type == "code"] for notebook in (new, old)]
    if [cell.source for cell in code[0]] != [cell.source for cell in code[1]]:
        raise BadValue(f"the code of {source.name} has changed: run `python -m tools.lessons build {source.stem[:2]}`")
    for a, b in zip(*code, strict=True):
        a.outputs, a.execution_count = b.outputs, b.execution_count
    _write(new, source)


def _write(notebook: Any, source: Path) -> None:
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    found = faults(notebook, len(text.encode()))
    if found:
        raise NaseduError(f"{source.name}: " + "; ".join(found))
    notebook_of(source).write_text(text, encoding="utf-8")


def execute(notebook: Any, name: str) -> Timing:
    """Run all cells in a fresh kernel, in an empty folder; the outputs go into the notebook.

    Raises:
        NaseduError: a cell raised, the message says which, and what; or files were left behind, which the next run
            of the lesson would find.
    """
    with tempfile.TemporaryDirectory() as empty:
        client: Any = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", record_timing=False, resources={"metadata": {"path": empty}}
        )
        started = time.perf_counter()
        try:
            with client.setup_kernel():
                with usage(client.km.provisioner.pid) as used:
                    for number, cell in enumerate(notebook.cells):
                        client.execute_cell(cell, number)
                seconds = time.perf_counter() - started
                record_explorers(notebook, client)
        except nbclient.exceptions.CellExecutionError as error:
            raise NaseduError(f"{name}: cell {number} ended in {error.ename}: {error.evalue}") from error
        if left := sorted(path.name for path in Path(empty).iterdir()):
            raise NaseduError(f"{name}: leaves {', '.join(left)} behind: write into a tempfile.TemporaryDirectory()")
    return Timing(seconds, used["processor_seconds"], used["megabytes"])


def record_explorers(notebook: Any, client: Any) -> None:
    """Let the explorers of an executed notebook, whose kernel still runs, put their spaces into their pictures."""
    notebook.cells.append(nbformat.v4.new_code_cell(RECORD))
    client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)  # puts the cell at this place of the notebook
    notebook.cells.pop()


@contextmanager
def usage(pid: int) -> Iterator[dict[str, float]]:
    """Yield what a process uses until the context ends: processor time, and memory as looked up 20 times a second."""
    used = {"processor_seconds": 0.0, "megabytes": 0.0}
    ended = threading.Event()
    process = psutil.Process(pid)

    def watch() -> None:
        with suppress(psutil.NoSuchProcess):
            while True:
                times = process.cpu_times()
                used["processor_seconds"] = times.user + times.system
                used["megabytes"] = max(used["megabytes"], process.memory_info().rss / 1e6)
                if ended.wait(0.05):
                    return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield used
    finally:
        ended.set()
        watcher.join()


def clean(notebook: Any) -> None:
    """Remove what differs from run to run and means nothing, and what only a running kernel can show."""
    notebook.metadata = copy.deepcopy(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(WIDGET_VIEW, None)  # its model died with the kernel; its picture stays
            output.pop("transient", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _shows_nothing(output)]


def _shows_nothing(output: Any) -> bool:
    """Return whether an output is the empty one of a widget, whose picture is in another output."""
    data = output.get("data")
    return data is not None and not any(data.values())
