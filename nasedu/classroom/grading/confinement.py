"""Limits a student's process from inside; where there is no bubblewrap, an audit hook refuses what no answer needs.

`confine` runs once, before any of the student's code, and returns what confines the process. It protects the machine
and the other submissions. The marks do not depend on it, because answers are compared outside. This file runs in the
student's process. It imports nothing of nasedu.
"""

import base64
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MEGABYTE = 2**20
END_WITH_PARENT, NO_NEW_RIGHTS, SET_SECCOMP, FILTER = 1, 38, 22, 2  # linux/prctl.h


def confine(rules: dict[str, Any]) -> dict[str, str]:
    """Confine this process.

    Args:
        rules: `level` ("bubblewrap" or "hook"), `filters` (base64, see system_calls.py), `seconds` and `megabytes` (of
            processor time and of memory); for the hook also `folder` (the only writable one) and `visible`.

    Returns:
        For files, network, processes and use of the machine: the mechanism that confines them.
    """
    strong = rules["level"] == "bubblewrap"
    held = dict.fromkeys(("files", "network", "processes"), "bubblewrap" if strong else "audit hook")
    held["use"] = "the clock"
    os.chdir(rules["folder"])
    os.environ.update(HOME=rules["folder"], TMPDIR=rules["folder"], MPLCONFIGDIR=rules["folder"])
    if not strong:
        _holds(end_with_parent)
        _holds(_no_capabilities)
    filtered = bool(rules["filters"])
    if _holds(_limit, rules["seconds"], rules["megabytes"], not filtered):
        held["use"] = "resource limits"
    for instructions in rules["filters"]:
        filtered = _holds(_refuse_calls, base64.b64decode(instructions)) and filtered
    if filtered:
        held.update({what: f"{how}, seccomp" for what, how in held.items() if what != "use"})
    if not strong:
        _hook(rules["folder"], rules["visible"])
    return held


def _holds(measure: Callable[..., None], *arguments: Any) -> bool:
    """Take a measure, and return whether the system allowed it."""
    try:
        measure(*arguments)
    except (OSError, ImportError, ValueError, AttributeError, TypeError):
        return False
    return True


def end_with_parent() -> None:
    """Let Linux kill this process when its parent ends. bubblewrap does this by itself."""
    _call("prctl", END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _no_capabilities() -> None:
    """Drop the rights of root, if the grader has them: the owner of the files remains. bubblewrap drops them, too."""
    _call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))


def _refuse_calls(instructions: bytes) -> None:
    buffer = ctypes.create_string_buffer(instructions)
    _call("prctl", NO_NEW_RIGHTS, 1, 0, 0, 0)
    program = struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(buffer))
    _call("prctl", SET_SECCOMP, FILTER, program, 0, 0)


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def _limit(seconds: int, megabytes: int, processes: bool) -> None:
    """Limit processor time, memory, files, and (without seccomp) processes. Raise OSError on Windows."""
    if resource is None:
        raise OSError("this system has no limits")
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


def _out_of_reach(name: str) -> Any:
    """Return a function of os.path that uses copies of all that it calls: nobody can put other functions there."""
    own: dict[str, Any] = {**vars(os.path), "os": SimpleNamespace(**vars(os))}
    for key, value in vars(os.path).items():
        if isinstance(value, FunctionType):
            own[key] = FunctionType(value.__code__, own, key, value.__defaults__, value.__closure__)
            own[key].__kwdefaults__ = value.__kwdefaults__
    return own[name]


def _hook(folder: str, visible: Sequence[str]) -> None:
    """Refuse actions that no answer needs. All names are local variables here, so that no patch can reach them."""
    real, is_folder = _out_of_reach("realpath"), _out_of_reach("isdir")
    refusal, text, paths = PermissionError, str, (bytes, type(Path()))
    refused, path_events, write = REFUSED, dict(PATHS), WRITE
    own, may_read = (real(folder),), tuple(map(real, visible))
    separator = os.sep
    solutions = tuple(f"{separator}nasedu{separator}{name}" for name in ("classroom", "notebooks"))
    foreign = "_cffi_backend"  # its calls raise no audit event
    length, kind, is_number, decoded = len, type, int, os.fsdecode

    def within(path: str, places: tuple[str, ...]) -> bool:
        for place in places:  # noqa: SIM110, any() can be patched
            if path == place or path[: length(place) + 1] == place + separator:
                return True
        return False

    def secret(path: str) -> bool:
        lower = path.lower()
        for part in solutions:  # noqa: SIM110
            if part in lower:
                return True
        return False

    def opens(path: Any, flags: Any) -> None:
        if kind(path) is is_number:
            return
        if kind(path) is not text and kind(path) not in paths:
            raise refusal(f"an answer may not open a {kind(path)} while it is graded")
        place = real(path if kind(path) is text else decoded(path))
        if kind(flags) is is_number and flags & write:
            fine = within(place, own) or place == "/dev/null"
        else:
            fine = within(place, own + may_read) and not secret(place) and not is_folder(place)
        if not fine:
            raise refusal(f"an answer may not open {place} while it is graded")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            opens(arguments[0], arguments[2])
        elif event in refused or (event[:7] == "socket." and event != "socket.gethostname"):
            raise refusal(f"an answer may not use {event} while it is graded")
        elif event in path_events:
            for path in arguments[: path_events[event]]:
                if kind(path) is is_number or not within(real(decoded(path)), own):
                    raise refusal(f"an answer may not use {event} outside of its folder")
        elif event == "sqlite3.connect":
            raise refusal("an answer may not open a database while it is graded")
        elif event == "import" and foreign in f"{arguments[0]} {arguments[1]}":
            raise refusal("an answer may not call foreign code while it is graded")
        elif event == "ctypes.dlopen" and not (arguments[0] and within(real(arguments[0]), may_read)):
            raise refusal("an answer may not load libraries while it is graded")

    sys.addaudithook(hook)
