"""Confines a student's code: by the means of the system, and by an audit hook for what the system cannot refuse.

`confine` runs inside the sandbox, once, before any of the student's code, and returns which means are in use. It
protects the machine, the other submissions and the solutions. The marks do not depend on it, because answers are
compared outside. This file imports nothing of nasedu.
"""

import builtins
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

SYSTEM = (
    *("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu"),
    *("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
)
MEGABYTE = 2**20


def confine(rules: dict[str, Any], kernel: ModuleType | None) -> dict[str, str]:
    """Confine this process as far as the system allows.

    Args:
        rules: `folder` (empty, the only writable one), `visible` and `hidden` (paths), `seconds` and `megabytes` (of
            processor time and of memory), `level` (see `Limits.confinement` in process.py).
        kernel: the module linux_sandbox, on Linux.

    Returns:
        For files, network, processes and use of the machine: the mechanism that confines them.
    """
    held = {"files": "audit hook", "network": "audit hook", "processes": "audit hook", "use": "the clock"}
    visible = [*SYSTEM, *rules["visible"]]
    folder = rules["folder"]
    os.chdir(folder)
    if kernel:
        _holds(kernel.end_with_parent)
    kernel = None if rules["level"] == "hook" else kernel
    if kernel and rules["level"] == "all" and _holds(kernel.own_namespaces):
        held["network"] = "network namespace"
        if _holds(kernel.own_root, folder, visible, rules["hidden"]):
            held["files"], folder = "mount namespace", kernel.SCRATCH
        _holds(kernel.no_capabilities)
    if kernel and _holds(kernel.few_system_calls, held["files"] == "audit hook"):
        held["processes"] = "seccomp"
        held["files"] = "audit hook, seccomp" if held["files"] == "audit hook" else held["files"]
        held["network"] = "seccomp" if held["network"] == "audit hook" else "network namespace, seccomp"
    if _holds(_limit, rules["seconds"], rules["megabytes"], held["processes"] != "seccomp"):
        held["use"] = "resource limits"
    os.environ.update(HOME=folder, TMPDIR=folder, MPLCONFIGDIR=folder)
    _hook(folder, visible, rules["hidden"], databases=held["files"] == "mount namespace")
    return held


def _holds(measure: Callable[..., None], *arguments: Any) -> bool:
    """Take a measure, and return whether the system allowed it."""
    try:
        measure(*arguments)
    except (OSError, ImportError, ValueError, AttributeError):
        return False
    return True


def _limit(seconds: int, megabytes: int, processes: bool) -> None:
    """Limit processor time, memory, files, and (without seccomp) processes. Raise ImportError on Windows."""
    import resource

    bounds = {"CPU": seconds + 1, "CORE": 0, "FSIZE": 32 * MEGABYTE, "NOFILE": 256}
    bounds["DATA"] = megabytes * MEGABYTE  # memory that the program fills; the address space also holds libraries
    bounds["AS"] = max(4 * megabytes, 8192) * MEGABYTE
    if processes:
        bounds["NPROC"] = _processes_of_mine() + 16
    for name, most in bounds.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def _processes_of_mine() -> int:
    """Return how many threads the user has now: the limit of the system counts all of them."""
    count = 0
    for number in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        try:
            if os.stat(f"/proc/{number}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{number}/task"))
        except OSError:
            continue
    return count or 1000


# ---------------------------------------------------------------------- the audit hook

REFUSED = frozenset(
    (
        *("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.kill"),
        *("os.killpg", "os.link", "os.symlink", "os.chroot", "os.chown", "os.setxattr", "os.mknod", "pty.spawn"),
        *("subprocess.Popen", "ctypes.dlsym", "ctypes.dlsym/handle", "ctypes.call_function", "ctypes.string_at"),
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._current_frames", "signal.pthread_kill"),
        *("resource.prlimit", "resource.setrlimit", "cpython.remote_debugger_script", "sys.remote_exec"),
        *(
            "mmap.__new__",
            "syslog.openlog",
            "syslog.syslog",
            "webbrowser.open",
            "sqlite3.enable_load_extension",
            "winreg.OpenKey",
        ),
    )
)
PATHS = {"os.chdir": 1, "os.chmod": 1, "os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.truncate": 1, "os.rename": 2}
PATHS |= {"os.utime": 1, "shutil.rmtree": 1, "shutil.move": 2, "shutil.copyfile": 2}
WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _hook(folder: str, visible: Sequence[str], hidden: Sequence[str], databases: bool) -> None:
    """Refuse actions that no answer needs. All names are local variables here, so that no patch can reach them."""
    real, is_folder, refusal, text, paths = os.path.realpath, os.path.isdir, PermissionError, str, (bytes, type(Path()))
    own, may_read = (real(folder),), tuple(map(real, visible))
    secret = tuple(map(real, hidden))
    separator = os.sep
    length, kind, is_number, decoded = len, type, int, os.fsdecode

    def within(path: str, places: tuple[str, ...]) -> bool:
        for place in places:  # noqa: SIM110, any() can be patched
            if path == place or path[: length(place) + 1] == place + separator:
                return True
        return False

    def opens(path: Any, flags: Any) -> None:
        if kind(path) is is_number:
            return
        if kind(path) is not text and kind(path) not in paths:
            raise refusal(f"an answer may not open a {kind(path)} while it is graded")
        place = real(path if kind(path) is text else decoded(path))
        if kind(flags) is is_number and flags & WRITE:
            fine = within(place, own) or place == "/dev/null"
        else:
            fine = within(place, own + may_read) and not within(place, secret) and not is_folder(place)
        if not fine:
            raise refusal(f"an answer may not open {place} while it is graded")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            opens(arguments[0], arguments[2])
        elif event in REFUSED or (event[:7] == "socket." and event != "socket.gethostname"):
            raise refusal(f"an answer may not use {event} while it is graded")
        elif event in PATHS:
            for path in arguments[: PATHS[event]]:
                if kind(path) is is_number or not within(real(decoded(path)), own):
                    raise refusal(f"an answer may not use {event} outside of its folder")
        elif event == "sqlite3.connect" and not databases:
            raise refusal("an answer may not open a database while it is graded")
        elif event == "ctypes.dlopen" and not (arguments[0] and within(real(arguments[0]), may_read)):
            raise refusal("an answer may not load libraries while it is graded")

    sys.addaudithook(hook)


# ---------------------------------------------------------------------- placeholders for the notebook and the classroom


class Placeholder:
    """An object that accepts every call and has every attribute."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __getattr__(self, name: str) -> "Placeholder":
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "Placeholder":
        return self


class _PlaceholderModule(ModuleType):
    def __getattr__(self, name: str) -> Placeholder:
        if name[:2] == "__":
            raise AttributeError(name)
        return Placeholder()


class PlaceholderFinder:
    """An import finder that gives placeholders for `nasedu.classroom` and its modules.

    So the cells of a lesson run, and the solutions are not there.
    """

    name = "nasedu.classroom"

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        inside = name == self.name or name.startswith(self.name + ".")
        return ModuleSpec(name, self, is_package=True) if inside else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> ModuleType:
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def install_placeholders() -> None:
    """Install what a notebook's cell expects (`display`, `get_ipython`), and a classroom without solutions."""
    sys.meta_path.insert(0, PlaceholderFinder())
    sys.stdin = io.StringIO()
    vars(builtins).update(display=Placeholder(), get_ipython=Placeholder())
