"""How lessons are kept: an author edits notebooks/source/NN_name.py, a student opens notebooks/NN_name.ipynb.

    python -m nasedu.lessons build      executes every source and writes its notebook, with outputs
    python -m nasedu.lessons check      says where source and notebook differ, and what is wrong with a notebook

Both need the `dev` extra (jupytext, nbclient).
"""

import json
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from nasedu.core import BadValue, MissingExtra, NaseduError

MOST_BYTES = 1_000_000
MOST_WIDGET_BYTES = 200_000
MOST_SECONDS, MOST_MEGABYTES = 90, 1500
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|tmp|Users|private|var|work|mnt|opt)/\w|\b[A-Z]:\\\\?\w|\b0x[0-9a-f]{6,}\b"
)
PROMISE = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Timing:
    """What one run of a lesson took.

    Attributes:
        seconds: on the clock, the start of the kernel included.
        processor_seconds: of the kernel alone; what counts where other programs run beside it.
        megabytes: the greatest resident memory of the kernel.
    """

    seconds: float
    processor_seconds: float
    megabytes: float


# ---------------------------------------------------------------------- where they are


def folder(path: Path | None = None) -> Path:
    """The folder of the notebooks: the one given, or `notebooks` beside the package, or in the current folder.

    Raises:
        BadValue: it has no `source` in it.
    """
    beside = Path(__file__).resolve().parent.parent / "notebooks"
    candidates = [path] if path else [beside, Path("notebooks")]
    for candidate in candidates:
        if candidate.joinpath("source").is_dir():
            return candidate
    raise BadValue(f"there is no folder {candidates[0] / 'source'}: run this in a checkout of nasedu")


def sources(notebooks: Path) -> list[Path]:
    """The sources of all lessons, in order."""
    return sorted(notebooks.joinpath("source").glob("[0-9][0-9]_*.py"))


def notebook_of(source: Path) -> Path:
    return source.parent.parent / f"{source.stem}.ipynb"


# ---------------------------------------------------------------------- building


def build(source: Path) -> Timing:
    """Execute a source and write its notebook, outputs included.

    Raises:
        NaseduError: a cell failed, or the notebook has a fault (see `faults`); the old notebook is left as it was.
    """
    notebook = read_source(source)
    timing = execute(notebook, source.name)
    clean(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    found = faults(notebook, len(text.encode()))
    if found:
        raise NaseduError(f"{source.name}: " + "; ".join(found))
    notebook_of(source).write_text(text, encoding="utf-8")
    return timing


def read_source(source: Path) -> Any:
    """The notebook that a py:percent source describes, without outputs. The same source gives the same notebook."""
    jupytext = _needed("jupytext")
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": PROMISE, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
    return notebook


def execute(notebook: Any, name: str) -> Timing:
    """Run all cells in a fresh kernel, in an empty folder; the outputs go into the notebook.

    Raises:
        NaseduError: a cell raised; the message says which, and what.
    """
    nbclient = _needed("nbclient")
    with tempfile.TemporaryDirectory() as empty:
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", record_timing=False, resources={"metadata": {"path": empty}}
        )
        started = time.perf_counter()
        try:
            with client.setup_kernel(), usage(client.km.provisioner.pid) as used:
                for number, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, number)
        except nbclient.exceptions.CellExecutionError as error:
            raise NaseduError(f"{name}: cell {number} ended in {error.ename}: {error.evalue}") from error
    return Timing(time.perf_counter() - started, used["processor_seconds"], used["megabytes"])


@contextmanager
def usage(pid: int) -> Iterator[dict[str, float]]:
    """What a process has used when the context ends: processor time, and memory as looked up 20 times a second."""
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
    """Take out what would differ from run to run without meaning anything, and what only a running kernel can show."""
    notebook.metadata = {"kernelspec": PROMISE, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(WIDGET_VIEW, None)  # its model died with the kernel: the picture beside it stays
            output.pop("transient", None)


# ---------------------------------------------------------------------- checking


def check(source: Path) -> list[str]:
    """Everything that is wrong with the notebook of a source, in words; empty if nothing is."""
    path = notebook_of(source)
    if not path.exists():
        return [f"{path.name} is missing: run `nasedu lessons build`"]
    nbformat = _needed("nbformat")
    notebook = nbformat.read(path, as_version=4)
    return drift(read_source(source), notebook) + faults(notebook, path.stat().st_size)


def drift(wanted: Any, found: Any) -> list[str]:
    """Where the cells of two notebooks differ, outputs aside."""
    complaints = []
    if len(wanted.cells) != len(found.cells):
        complaints.append(f"the source has {len(wanted.cells)} cells, the notebook {len(found.cells)}")
    for number, (a, b) in enumerate(zip(wanted.cells, found.cells, strict=False)):
        if (a.cell_type, a.source) != (b.cell_type, b.source):
            complaints.append(f"cell {number} differs from its source: {_first_line(a.source)!r}")
    return [f"{complaint}: run `nasedu lessons build`" for complaint in complaints]


def faults(notebook: Any, size: int) -> list[str]:
    """What no lesson may have: cells that did not run, errors, warnings, traces of a machine, too many bytes."""
    complaints = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            complaints += [f"cell {number} {fault}" for fault in _faults_of(cell)]
    widgets = len(json.dumps(notebook.metadata.get("widgets", {})))
    if widgets > MOST_WIDGET_BYTES:
        complaints.append(f"its widgets take {widgets:,} bytes; at most {MOST_WIDGET_BYTES:,}")
    if size > MOST_BYTES:
        complaints.append(f"it takes {size:,} bytes; at most {MOST_BYTES:,}")
    return complaints


def _faults_of(cell: Any) -> Iterator[str]:
    if cell.source.strip() and cell.execution_count is None:
        yield "was not run"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"ended in {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"printed a warning: {_first_line(output.text)!r}"
        for text in _texts(output):
            trace = MACHINE.search(text)
            if trace:
                yield f"shows a path or an address: {text[trace.start() : trace.start() + 40]!r}"


def _texts(output: Any) -> Iterator[str]:
    yield output.get("text", "")
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/") and isinstance(value, str):
            yield re.sub(r"data:[\w/+;]+base64,[\w+/=]+", "", value)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:80]


def _needed(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"lessons are built with {module}: pip install 'nasedu[dev]'") from error


# ---------------------------------------------------------------------- the page of run times

TIMINGS_HEAD = f"""# How long the lessons take

Written by `nasedu lessons build`: one run of each lesson from top to bottom in a fresh kernel, start of the kernel
included. A lesson may take {MOST_SECONDS} s and {MOST_MEGABYTES:,} MB on two cores. Where the seconds are well above
the processor seconds, the machine was busy with something else.

| lesson | seconds | processor seconds | peak memory, MB | notebook, kB |
|---|---:|---:|---:|---:|
"""


def record(notebooks: Path, timings: dict[str, Timing]) -> None:
    """Write the run times into TIMINGS.md; lessons that were not run keep the line they had."""
    page = notebooks / "TIMINGS.md"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    lines = {name: line for line, name in re.findall(r"^(\| (\d\d_\w+) \|.*)$", old, re.M)}
    for name, timing in timings.items():
        kilobytes = notebooks.joinpath(f"{name}.ipynb").stat().st_size / 1000
        lines[name] = (
            f"| {name} | {timing.seconds:.0f} | {timing.processor_seconds:.0f} | {timing.megabytes:.0f} "
            f"| {kilobytes:.0f} |"
        )
    kept = {source.stem for source in sources(notebooks)}
    rows = [line for name, line in sorted(lines.items()) if name in kept]
    page.write_text(TIMINGS_HEAD + "\n".join(rows) + "\n", encoding="utf-8")


# ---------------------------------------------------------------------- the command


def build_all(notebooks: Path, names: Sequence[str] = ()) -> dict[str, Timing]:
    """Build all lessons, or those whose names begin as given, and write their run times down.

    Raises:
        BadValue: a name that no lesson begins with.
        NaseduError: see `build`.
    """
    chosen = [s for s in sources(notebooks) if not names or any(s.stem.startswith(name) for name in names)]
    if not chosen:
        raise BadValue(f"no lesson begins with {', '.join(names)}; there are: {_listed(notebooks)}")
    timings = {}
    for source in chosen:
        timings[source.stem] = build(source)
        record(notebooks, timings)
    return timings


def check_all(notebooks: Path) -> dict[str, list[str]]:
    """The complaints about each lesson, by its name; notebooks without a source among them."""
    known = sources(notebooks)
    found = {source.stem: check(source) for source in known}
    for path in sorted(notebooks.glob("*.ipynb")):
        if path.stem not in found:
            found[path.stem] = [f"has no source: notebooks/source/{path.stem}.py is missing"]
    return found


def _listed(notebooks: Path) -> str:
    return ", ".join(source.stem for source in sources(notebooks))


def main(arguments: Sequence[str] | None = None) -> int:
    """`build` and `check`; 0 if all is well, 1 if a check found something, 2 if the command makes no sense."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["build"]:
            for name, timing in build_all(folder(), words[1:]).items():
                print(f"{name}: {timing.seconds:.0f} s, {timing.megabytes:.0f} MB")
            return 0
        if words == ["check"]:
            found = check_all(folder())
            for name, complaints in found.items():
                print(f"{name}: {'; '.join(complaints) or 'in order'}")
            return int(any(found.values()))
        raise BadValue("say `build`, `build 00`, or `check`")
    except NaseduError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
