"""Is this machine ready for the lessons, and if not, how to mend it."""

import importlib.util
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from nasedu.core.machine import memory_limit, usable_cores
from nasedu.lessons.places import shipped
from nasedu.lessons.timings import recorded

LEAST_PYTHON = (3, 11)
GIB = 2**30
BINDER_MEMORY, BINDER_CORES = 2 * GIB, 2
JUPYTERLAB_MEMORY = 0.25 * GIB  # measured: 0.13 at the start, and what it holds of an open notebook
LITTLE_MEMORY = 1.25 * BINDER_MEMORY  # a container's limit may read a little over what it gives
TOO_LITTLE_MEMORY = 1 * GIB  # torch and one search take up to 0.7 GB
WIDGETS = "@jupyter-widgets/jupyterlab-manager"
EXTENSIONS = {WIDGETS: "jupyterlab_widgets", "anywidget": "anywidget"}  # and the package that brings each


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        about: what was looked at.
        state: ok; a warning (the lessons run, with a limit); or a problem (something will not run).
        found: what there is.
        mend: what to do; empty if nothing needs doing.
    """

    about: str
    state: Literal["ok", "warning", "problem"]
    found: str
    mend: str = ""


def examine() -> list[Finding]:
    """Run every check, in the order of the report. A check that breaks is itself a problem found."""
    return [_safely(check) for check in CHECKS]


def _safely(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # a broken installation fails in ways that nobody foresees
        about = check.__name__.removeprefix("check_").replace("_", " ")
        return Finding(about, "problem", f"{type(error).__name__}: {error}".partition("\n")[0], _again("nasedu"))


def check_python() -> Finding:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] < LEAST_PYTHON:
        return Finding("Python", "problem", found, "install Python 3.11 or newer, then: make PYTHON=python3.12 lab")
    return Finding("Python", "ok", found)


def check_torch() -> Finding:
    return _package("torch", (2, 6), about="PyTorch", must_import=True)


def check_gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        size = torch.cuda.get_device_properties(0).total_memory / GIB
        return Finding("GPU", "ok", f"{torch.cuda.get_device_name(0)}, {size:.0f} GB")
    if torch.backends.mps.is_available():
        return Finding("GPU", "ok", "Apple; name it with --device mps (auto uses the CPU)")
    if shutil.which("nvidia-smi") is None:
        return Finding("GPU", "ok", "none; the lessons are made for a CPU")
    if torch.version.cuda is None:
        mend = "install PyTorch with CUDA, see pytorch.org/get-started; without it the CPU is used"
        return Finding("GPU", "warning", "NVIDIA tools are here, and this PyTorch is built for the CPU", mend)
    mend = "run nvidia-smi: does it list a GPU, and is its driver new enough for CUDA " + torch.version.cuda + "?"
    return Finding("GPU", "warning", "NVIDIA tools are here, and PyTorch cannot use the GPU", mend)


def check_threads() -> Finding:
    import torch

    cores, threads = usable_cores(), torch.get_num_threads()
    found = f"{threads} for PyTorch, on {cores:g} usable core{'s' if cores != 1 else ''}"
    if threads > max(cores, 1):  # more threads than cores wait for each other: many times slower in a container
        fitting = max(int(cores), 1)
        return Finding("threads", "warning", found, f"before you start: export OMP_NUM_THREADS={fitting}")
    return Finding("threads", "ok", found)


def check_jupyterlab() -> Finding:
    return _package("jupyterlab", (4, 2), about="JupyterLab")


def check_widgets() -> Finding:
    finding = _package("ipywidgets", (8, 1), about="widgets")
    if finding.state != "ok":
        return finding
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    places = jupyter_path("labextensions")
    for extension, package in EXTENSIONS.items():
        if not any(Path(place, extension, "package.json").is_file() for place in places):
            found = f"ipywidgets {finding.found}, and JupyterLab has no extension {extension} to show them"
            return Finding("widgets", "problem", found, _again(package))
    if any(_disables_widgets(Path(folder) / "labconfig" / "page_config.json") for folder in jupyter_config_path()):
        return Finding(
            "widgets", "problem", "the JupyterLab extension is disabled", f"jupyter labextension enable {WIDGETS}"
        )
    return Finding("widgets", "ok", f"ipywidgets {finding.found}, with the JupyterLab extension")


def check_memory() -> Finding:
    total = total_memory()
    found = f"{total / GIB:.1f} GB" + (" (a container's limit)" if memory_limit() == total else "")
    if total < TOO_LITTLE_MEMORY:
        return Finding("memory", "problem", found, "a search takes up to 0.7 GB: use a machine with 2 GB or more")
    if total < LITTLE_MEMORY:
        mend = "enough for one lesson at a time: shut other notebooks down (Kernel, Shut Down All Kernels)"
        return Finding("memory", "warning", f"{found}, as little as Binder gives", mend)
    return Finding("memory", "ok", found)


def check_lessons() -> Finding:
    """Check which lessons fit into this machine, by the memory and time of each when it was built."""
    timings = recorded(shipped())
    if not timings:
        mend = "install nasedu again; in a clone: make lessons"
        return Finding("lessons", "warning", "nobody measured what they take", mend)
    room = total_memory() - JUPYTERLAB_MEMORY
    widest = max(timings, key=lambda name: timings[name].megabytes)
    too_wide = [f"{name} ({t.megabytes:.0f} MB)" for name, t in timings.items() if t.megabytes * 1e6 > room]
    if too_wide:
        fitting = f"{len(timings) - len(too_wide)} of {len(timings)} fit into the {max(room, 0) / GIB:.1f} GB"
        found = f"{fitting} that JupyterLab leaves; not: {', '.join(too_wide)}"
        return Finding("lessons", "warning", found, "use a machine with more memory for these")
    found = f"all {len(timings)} fit; the widest, {widest}, takes {timings[widest].megabytes:.0f} MB next to JupyterLab"
    if usable_cores() < BINDER_CORES:
        mend = f"they were measured on {BINDER_CORES} cores, so each takes longer here: leave time, or use more cores"
        return Finding("lessons", "warning", f"{found}; {usable_cores():g} core is few", mend)
    return Finding("lessons", "ok", found)


def check_folder() -> Finding:
    here = Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=here):
            pass
    except OSError as error:
        mend = "go to a folder of your own, or name one: nasedu search --store FOLDER/search.db"
        return Finding("folder", "problem", f"{here} cannot be written ({error.strerror})", mend)
    free = shutil.disk_usage(here).free
    if free < 0.2 * GIB:
        return Finding("folder", "warning", f"{here} has {free / 2**20:.0f} MB free", "free some space on this disk")
    return Finding("folder", "ok", f"{here} can be written, {free / GIB:.0f} GB free")


def check_grading() -> Finding:
    """Check which fence surrounds a student's code while it is graded. Only instructors need it."""
    if importlib.util.find_spec("nbgrader") is None:
        return Finding("grading", "ok", "nbgrader is not installed; only instructors need it")
    from nasedu.classroom.grading import fence

    setup = fence.prepared()
    if setup.level == "bubblewrap":
        return Finding("grading", "ok", f"a student's code runs behind bubblewrap ({setup.program})")
    found = f"a student's code runs at the weak level: {setup.why_weak}. {fence.NOT_HELD}"
    return Finding("grading", "warning", found, _fence_mended(setup.why_weak))


def _fence_mended(why: str) -> str:
    if "needs Linux" in why:
        return "grade on Linux, in a virtual machine or, on Windows, in WSL; docs/INSTRUCTORS.md, section Security"
    if "not installed" in why or "too old" in why:
        return "apt install bubblewrap (Debian, Ubuntu), or: conda install -c conda-forge bubblewrap"
    allow = (
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu 24.04, sysctl user.max_user_namespaces=10000"
    )
    return f"allow user namespaces ({allow}), or grade outside of the container"


CHECKS = (
    check_python,
    check_torch,
    check_gpu,
    check_threads,
    check_jupyterlab,
    check_widgets,
    check_memory,
    check_lessons,
    check_folder,
    check_grading,
)


# ---------------------------------------------------------------------- looking


def total_memory() -> int:
    """Return the memory of this machine, or of its container, in bytes."""
    import psutil

    return min(int(psutil.virtual_memory().total), memory_limit() or sys.maxsize)


def _package(name: str, least: tuple[int, int], *, about: str, must_import: bool = False) -> Finding:
    """Whether a package is there, new enough, and, if asked for, can be imported."""
    wanted = ".".join(map(str, least))
    try:
        version = metadata.version(name)
        if must_import:
            __import__(name)
    except metadata.PackageNotFoundError:
        return Finding(about, "problem", "not installed", f"{sys.executable} -m pip install '{name}>={wanted}'")
    except (ImportError, OSError) as error:
        return Finding(about, "problem", f"{version} cannot be imported: {error}".partition("\n")[0], _again(name))
    if tuple(int(part) for part in version.split(".")[:2]) < least:
        mend = f"{sys.executable} -m pip install --upgrade '{name}>={wanted}'"
        return Finding(about, "problem", f"{version}; {wanted} or newer is needed", mend)
    return Finding(about, "ok", version)


def _disables_widgets(config: Path) -> bool:
    try:
        settings = json.loads(config.read_text())
    except (OSError, ValueError):
        return False
    disabled = settings.get("disabledExtensions", {})
    return bool(disabled.get(WIDGETS)) if isinstance(disabled, dict) else WIDGETS in disabled


def _again(package: str) -> str:
    return f"{sys.executable} -m pip install --force-reinstall {package}"
