"""Attempts to get out of the fence. Each is code with a function `attempt`; what it returns is what it got.

`WORK` is another student's work, `GRADER` the number of the grader's process, `SOLVED` a file with solutions. Each
attempt in `ESCAPES` gets nothing at any level. Those in `BEHIND_BUBBLEWRAP` need a fence that the system holds.
"""

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    return getattr(libc, name)(*arguments) >= 0
"""

ESCAPES = {
    "the work of another student": "def attempt(): return open(WORK).read()",
    "a link to it": """
import os
def attempt():
    for link in (os.symlink, os.link):
        try:
            link(WORK, "mine.txt")
            return open("mine.txt").read()
        except OSError:
            pass
""",
    "the environment of the grader": """
import os
def attempt(): return os.environ.get("NASEDU_TEST_SECRET") or open(f"/proc/{GRADER}/environ").read()
""",
    "open files of the grader": """
import os
def attempt():
    there = []
    for number in range(3, 200):
        try:
            os.fstat(number)
            there.append(number)
        except OSError:
            pass
    return there[2:]  # two of them are the channel
""",
    "the memory of the grader": """
def attempt(): return open(f"/proc/{GRADER}/mem", "rb").read(1)
""",
    "a patched path": """
import os, posixpath
def attempt():
    posixpath._joinrealpath = lambda *a, **k: (os.__file__, True)
    os.lstat = lambda *a, **k: 1 / 0
    return open(WORK).read()
""",
    "a patched list": """
import ctypes
def attempt():
    try:
        1 / 0
    except Exception as error:
        frame = error.__traceback__.tb_frame
    while frame:
        found = frame.f_globals.get("confinement")
        if found:
            found.REFUSED, found.PATHS, found.WRITE = frozenset(), {}, 0
        frame = frame.f_back
    return ctypes.pythonapi.open(WORK.encode(), 0o2000000) > 0
""",
    "ptrace": LIBC + "def attempt(): return call('ptrace', 16, GRADER, 0, 0) or call('ptrace', 16, os.getppid(), 0, 0)",
    "signals": """
import os, signal
def attempt():
    sent = []
    for number in (GRADER, os.getppid(), -1, 0, 1):
        for send in (os.kill, os.killpg):
            try:
                send(number, signal.SIGUSR1)
                sent.append(number)
            except OSError:
                pass
    return sent
""",
    "signals by fcntl": """
import fcntl, os, signal
def attempt():
    got = []
    for command, value in ((fcntl.F_SETOWN, GRADER), (fcntl.F_SETOWN, -GRADER), (10, signal.SIGUSR1)):
        there, here = os.pipe()
        try:
            got.append(fcntl.fcntl(there, command, value))
            fcntl.fcntl(there, fcntl.F_SETFL, os.O_ASYNC)
            os.write(here, b"x")
        except OSError:
            pass
    return got
""",
    "a forged terminal": """
import fcntl, os
def attempt():
    for number in range(10):
        try:
            fcntl.ioctl(number, 0x5412, b"x")
            return number
        except OSError:
            pass
""",
    "processes": """
import os, subprocess
def attempt():
    ways = (os.fork, os.forkpty, lambda: subprocess.run([__import__("sys").executable, "-c", ""]),
            lambda: os.execv("/bin/true", ["true"]), lambda: os.posix_spawn("/bin/true", ["true"], {}))
    for way in ways:
        try:
            return way()
        except OSError:
            pass
""",
    "sockets": """
import socket
def attempt():
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 40, 38, 16):  # also vsock, crypto, netlink
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                return socket.socket(family, kind).fileno()
            except OSError:
                pass
""",
    "an abstract socket of the machine": """
import socket
def attempt():
    one = socket.socket(socket.AF_UNIX)
    one.connect("\\0nasedu-test")
    return 1
""",
    "memory without a file": "import os\ndef attempt(): return os.memfd_create('x')",
    "memory that grows downwards": """
import mmap
def attempt(): return len(mmap.mmap(-1, 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100))
""",
    "a lease, for which every other process waits": """
import fcntl, os
def attempt():
    with open(os.path.dirname(os.__file__) + "/antigravity.py") as file:
        return fcntl.fcntl(file, 1024, fcntl.F_WRLCK) or 1
""",
    "all requests to the disk": LIBC
    + """
def attempt():
    room = ctypes.c_ulong()
    return os.uname().machine == "x86_64" and call("syscall", 206, 60_000, ctypes.byref(room))
""",
    "shared memory": "import mmap\ndef attempt(): return len(mmap.mmap(-1, 2**30))",
    "shared memory by /dev/zero": """
import mmap, os
def attempt(): return len(mmap.mmap(os.open("/dev/zero", os.O_RDWR), 2**30))
""",
    "shared memory with a name": """
from multiprocessing import shared_memory
def attempt(): return shared_memory.SharedMemory("nasedu-test", True, 2**20).size
""",
    "settings of other processes": """
import os
def attempt():
    ways = (lambda who: os.sched_setaffinity(who, {0}), lambda who: os.setpriority(os.PRIO_PROCESS, who, 5),
            lambda who: os.sched_setscheduler(who, os.SCHED_BATCH, os.sched_param(0)))
    done = []
    for way in ways:
        for who in (GRADER, os.getppid()):
            try:
                way(who)
                done.append(who)
            except OSError:
                pass
    return done
""",
    "limits of other processes": """
import os, resource
def attempt(): return resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (10, 10)) or 1
""",
    "higher limits": """
import resource
def attempt(): return resource.setrlimit(resource.RLIMIT_DATA, (2**40, 2**40)) or 1
""",
    "the name of the machine": "import socket\ndef attempt(): return socket.sethostname('mine') or 1",
    "files of Python": """
import os
def attempt():
    ways = (lambda: os.utime(os.__file__, (0, 0)), lambda: os.chmod(os.__file__, 0o777),
            lambda: open(os.__file__, "a"), lambda: os.setxattr(os.__file__, "user.x", b"x"),
            lambda: os.remove(os.__file__), lambda: os.rename(os.__file__, os.__file__ + "x"))
    done = []
    for number, way in enumerate(ways):
        try:
            way()
            done.append(number)
        except OSError:
            pass
    return done
""",
    "namespaces and rights of its own": LIBC
    + """
def attempt():
    return call("unshare", 0x10000000) or call("mount", b"none", b"/tmp", b"tmpfs", 0, None) or call("chroot", b"/")
""",
    "rarely tried parts of the kernel": LIBC
    + """
def attempt():
    numbers = {"io_uring_setup": 425, "keyctl": 250, "userfaultfd": 323, "bpf": 321, "perf_event_open": 298}
    if os.uname().machine != "x86_64":
        return []
    return [name for name, number in numbers.items() if call("syscall", number, 0, 0, 0, 0, 0)]
""",
    "the solution by its file": "def attempt(): return open(SOLVED).read()",
    "the solution by a module": """
import importlib.util
def attempt():
    spec = importlib.util.spec_from_file_location("mine", SOLVED)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return 1
""",
    "the solution by nasedu": """
def attempt():
    from nasedu.classroom.lessons.lesson_00.exercises import standard_error
    return isinstance(standard_error.solved, str)
""",
}

ESCAPES["compiled libraries that read"] = """
def attempt():
    import torch
    ways = (lambda path: bytes(torch.UntypedStorage.from_file(path, False, 4)).decode(),
            lambda path: torch.from_file(path, False, 4, dtype=torch.uint8).tolist(),
            lambda path: torch.jit.load(path), lambda path: torch.classes.load_library(path),
            lambda path: __import__("sqlite3").connect(path).execute("select 1").fetchall(),
            lambda path: LEVEL == "hook" and __import__("_cffi_backend").__name__)
    got = []
    for way in ways:
        for path in (WORK, SOLVED):
            try:
                got.append(way(path))
            except Exception:
                pass
    return [one for one in got if one]
"""

BEHIND_BUBBLEWRAP = {
    "the C library": LIBC + "def attempt(): return call('open', WORK.encode(), 0) or call('open', SOLVED.encode(), 0)",
    "the names of other files": """
import os
def attempt():
    found = []
    for place in ("/home", "/root", "/var", "/usr/local/share", "/usr/share/nbgrader", os.path.dirname(WORK)):
        for folder, inner, files in os.walk(place):
            found += [os.path.join(folder, name) for name in files if ".pyenv" not in folder and "/lib/" not in folder]
    return found[:5]
""",
    "exercises anywhere": """
import os
def attempt():
    for folder, inner, files in os.walk("/"):
        if "exercises.py" in files or folder.endswith("nasedu/classroom") and files:
            return folder
""",
    "the numbers of other processes": """
import os
def attempt(): return [name for name in os.listdir("/proc") if name.isdigit()] or os.getpid() > 100
""",
    "the disk": """
import os
def attempt():
    written = 0
    try:
        for number in range(40):
            with open(f"part{number}", "wb") as file:
                written += file.write(bytes(2**22))
    except OSError:
        pass
    return written > 2**25
""",
    "memory as a file": """
import os
def attempt():
    got = []
    for place in ("/dev/shm", "/dev", "/", "/run", "/grading", "/grading/program", "/proc"):
        try:
            with open(place + "/mine", "wb") as file:
                got.append(file.write(bytes(2**20)))
        except OSError:
            pass
    return got
""",
    "rights of root": LIBC
    + """
def attempt():
    import struct
    have = ctypes.create_string_buffer(24)
    call("capget", struct.pack("Ii", 0x20080522, 0), have)
    return any(have.raw)
""",
}

HARNESS = """
try:
    exec({code!r})
    got = attempt() or 0
except Exception as error:
    got = 0
"""
