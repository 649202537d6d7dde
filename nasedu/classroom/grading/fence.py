"""The fence around a student's process: bubblewrap (`bwrap`) where it works, else the weak level.

    setup = fence.prepared()            # once for a grading run: the level, and a copy of nasedu without solutions
    fence.command(setup)                # how to start the process behind the fence

Behind bubblewrap, a process has a file system of its own, which shows Python, its libraries and the copy, read-only.
It has its own network, processes, users and host name, and no rights. Where bubblewrap is missing or the system forbids
user namespaces, an audit hook, a filter of system calls and resource limits are left. `NOT_HELD` says what is open.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from glob import escape, glob
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Literal

import nasedu
from nasedu.core import BadValue

PACKAGE = Path(nasedu.__file__).resolve().parent
WITH_SOLUTIONS = ("classroom", "notebooks")
"""Folders of the package that hold solutions: the copy for the answers lacks them."""
PROGRAM = ("sandbox_main.py", "confinement.py", "placeholders.py", "wire_format.py")
INSIDE = "/grading"
"""Where the copy lies behind bubblewrap, with the only writable folder. No folder of the machine has this name."""
SCRATCH_BYTES = 32 * 2**20
NOT_HELD = (
    "Without bubblewrap, an expert's code can read files that you can read, and quote them in its feedback. "
    "Grade only the work of people whom you know, or install bubblewrap (nasedu doctor)."
)
SYSTEM = (
    *("/lib64", "/usr/lib64", "/lib/ld-*", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
    *("/usr/share/fonts", "/etc/fonts", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
)
DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")  # /dev/zero would give memory outside of the limit


@dataclass(frozen=True)
class Setup:
    """What a grading run uses for each student's process.

    Attributes:
        level: "bubblewrap", or "hook": the weak level.
        folder: `program/` and `package/`, what the process needs of nasedu. There are no solutions in it.
        hidden: folders in visible places that must look empty: other copies of nasedu.
        program: the path of bubblewrap; empty at the weak level.
        why_weak: why bubblewrap is not used; empty if it is.
    """

    level: Literal["bubblewrap", "hook"]
    folder: str
    hidden: Sequence[str] = ()
    program: str = ""
    why_weak: str = ""

    @property
    def package(self) -> str:
        """Return the folder from which the process imports nasedu, as the process sees it."""
        return f"{INSIDE if self.level == 'bubblewrap' else self.folder}/package"


@cache
def prepared(confinement: str = "all") -> Setup:
    """Return the setup of this grading run.

    Args:
        confinement: "all": bubblewrap if it works here; "bubblewrap": nothing else; "hook": the weak level.

    Raises:
        BadValue: bubblewrap is demanded and does not work here.
    """
    folder = _stripped_copy()
    if confinement == "hook":
        return Setup("hook", folder, why_weak="the setting confinement asks for the weak level")
    program, why = find_bubblewrap()
    if not why:
        setup = Setup("bubblewrap", folder, _copies_of_nasedu(), program)
        why = _why_not(setup)
        if not why:
            return setup
    if confinement == "bubblewrap":
        raise BadValue(f"bubblewrap is demanded and does not work here: {why}")
    return Setup("hook", folder, why_weak=why)


def find_bubblewrap() -> tuple[str, str]:
    """Return the path of bubblewrap, and why it cannot be used (empty if it can)."""
    search = os.pathsep.join((os.environ.get("PATH", os.defpath), f"{sys.prefix}/bin", "/usr/bin"))
    program = shutil.which("bwrap", path=search) if sys.platform == "linux" else None
    if not program:
        return "", "bubblewrap is not installed" if sys.platform == "linux" else "bubblewrap needs Linux"
    try:
        known = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return program, str(error)
    return program, "" if "--size" in known else "this bubblewrap is too old: 0.7 or newer is needed"


def command(setup: Setup, seccomp: int | None = None) -> list[str]:
    """Return the command that starts a student's process.

    Args:
        setup: see `prepared`.
        seccomp: a file descriptor from which bubblewrap reads a filter of system calls.
    """
    if setup.level == "hook":
        return [*python(), f"{setup.folder}/program/sandbox_main.py"]
    return [*_bubblewrap(setup, seccomp), *python(), f"{INSIDE}/program/sandbox_main.py"]


def python() -> list[str]:
    """Return the interpreter itself, without a virtual environment, which would need more visible files."""
    return [os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable), "-I", "-S", "-B"]


def _bubblewrap(setup: Setup, seccomp: int | None) -> list[str]:
    options = [setup.program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    options += ["--hostname", "answer"]
    options += [word for place in [*visible(), *system()] for word in ("--ro-bind-try", place, place)]
    options += [word for place in DEVICES for word in ("--dev-bind-try", place, place)]
    options += [word for place in setup.hidden for word in ("--ro-bind", f"{setup.folder}/empty", place)]
    options += ["--ro-bind", setup.folder, INSIDE]
    options += ["--size", str(SCRATCH_BYTES), "--tmpfs", f"{INSIDE}/scratch", "--remount-ro", "/"]
    if seccomp is not None:
        options += ["--seccomp", str(seccomp)]
    return options


def _why_not(setup: Setup) -> str:
    """Return why Python does not start behind bubblewrap here, in bubblewrap's own words; empty if it does."""
    trial = [*_bubblewrap(setup, None), *python(), "-c", "import json, ctypes"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=20, errors="replace")
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"bubblewrap ended with {done.returncode}"])[-1]


# ---------------------------------------------------------------------- what is visible


def site_packages() -> list[str]:
    """Return the folders of installed packages, as `sys.path` has them."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def visible() -> list[str]:
    """Return the files and folders of Python and of the installed packages, by each path that leads there.

    This is never all of /usr or /usr/local: below /usr/local lies nbgrader's exchange, with the work of others.
    """
    shared = sysconfig.get_config_var("LIBDIR") or ""
    places = [python()[0], os.path.dirname(os.__file__), sysconfig.get_config_var("DESTSHARED") or "", *site_packages()]
    if sys.platform != "linux":  # there is only the hook, and each system has its own folders for libraries
        places += [sys.base_prefix, sys.base_exec_prefix]
    if os.path.realpath(sys.base_prefix) in ("/usr", "/usr/local"):
        places += glob(f"{shared}/libpython*")
    else:
        places.append(shared)
    return _outermost(form for place in places if place for form in (place, os.path.realpath(place)))


def system() -> list[str]:
    """Return the libraries of the system, and its data on processors, time zones and fonts."""
    machine = sysconfig.get_config_var("MULTIARCH") or "none"
    return [path for place in (f"/lib/{machine}", f"/usr/lib/{machine}", *SYSTEM) for path in glob(place)]


def _outermost(places: Iterable[str]) -> list[str]:
    """Return the places that exist and lie in no other one, sorted."""
    kept: list[str] = []
    for place in sorted(set(places)):
        if os.path.exists(place) and not any(place.startswith(other + os.sep) for other in kept):
            kept.append(place)
    return kept


def _copies_of_nasedu() -> list[str]:
    """Return the folders with solutions in visible places: of this nasedu, of other versions, of clones."""
    found = []
    for place in visible():
        for folder, inner, _ in os.walk(place):
            if os.path.basename(folder) in WITH_SOLUTIONS and _is_of_nasedu(folder):
                found.append(folder)
                inner.clear()
    return found


def _is_of_nasedu(folder: str) -> bool:
    return os.path.isdir(f"{folder}/lessons") or bool(glob(f"{escape(folder)}/[0-9][0-9]_*.ipynb"))


@cache
def _stripped_copy() -> str:
    """Return a folder with the program of the student's process, and with nasedu without solutions.

    It is removed when the grader ends.
    """
    folder = tempfile.mkdtemp(prefix="nasedu-grading-")
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=10)  # not at the end of a process that was forked
    place = Path(folder)

    def left_out(at: str, names: list[str]) -> list[str]:
        return [name for name in names if name in WITH_SOLUTIONS] if Path(at) == PACKAGE else []

    shutil.copytree(PACKAGE, place / "package" / "nasedu", ignore=left_out)
    (place / "program").mkdir()
    for name in PROGRAM:
        shutil.copy(Path(__file__).with_name(name), place / "program")
    (place / "empty").mkdir()
    (place / "scratch").mkdir()
    return folder
