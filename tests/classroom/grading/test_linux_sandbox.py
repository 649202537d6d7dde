"""What Linux holds by itself, without the audit hook: each in a process that tries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nasedu.classroom.grading import sandbox
from tests.patience import patience

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces and seccomp are Linux's")
BEGIN = """
import importlib.util, json, os, signal, socket, sys, threading, ctypes
spec = importlib.util.spec_from_file_location("kernel", sys.argv[1])
kernel = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kernel)
folder, parent, libc = sys.argv[2], os.getppid(), ctypes.CDLL(None, use_errno=True)

def refused(way):
    try:
        way()
    except OSError as error:
        return error.errno
    return 0
"""


def tried(tmp_path, code):
    """What a process prints as JSON after it was confined in part and tried to get out."""
    kernel = Path(sandbox.__file__).with_name("linux_sandbox.py")
    command = [sys.executable, "-I", "-c", BEGIN + code, str(kernel), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(120))
    if "cannot be had" in done.stderr:
        pytest.skip("this system forbids it: " + done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FILTER = """
try:
    kernel.few_system_calls(READ_ONLY)
except OSError as error:
    sys.exit(f"a filter cannot be had: {error}")
"""


def test_system_calls_are_refused(tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("x")
    got = tried(
        tmp_path,
        FILTER.replace("READ_ONLY", "True")
        + """
def c(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)
mine = folder + "/mine"
print(json.dumps({
    "fork": refused(os.fork),
    "exec": refused(lambda: os.execv("/bin/true", ["true"])),
    "spawn": refused(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "socket": refused(socket.socket),
    "kill": refused(lambda: os.kill(parent, 0)),
    "ptrace": refused(lambda: c("ptrace", 16, parent, 0, 0)),
    "limits": refused(lambda: c("prlimit", parent, 0, None, ctypes.create_string_buffer(16))),
    "unshare": refused(lambda: c("unshare", 0x10000000)),
    "mount": refused(lambda: c("mount", b"none", folder.encode(), b"tmpfs", 0, None)),
    "symlink": refused(lambda: os.symlink(mine, folder + "/other")),
    "link": refused(lambda: os.link(mine, folder + "/other")),
    "write": refused(lambda: open(mine, "r+")),
    "append": refused(lambda: os.open(mine, os.O_WRONLY | os.O_APPEND)),
    "create": refused(lambda: os.open(folder + "/new", os.O_RDWR | os.O_CREAT)),
    "truncate": refused(lambda: os.truncate(mine, 0)),
    "remove": refused(lambda: os.remove(mine)),
    "rename": refused(lambda: os.rename(mine, folder + "/other")),
    "chmod": refused(lambda: os.chmod(mine, 0)),
    "mkdir": refused(lambda: os.mkdir(folder + "/new")),
}))
""",
    )
    assert set(got.values()) == {1}, got  # EPERM
    assert mine.read_text() == "x"
    assert os.listdir(tmp_path) == ["mine"]


def test_what_an_honest_answer_needs_is_allowed(tmp_path):
    got = tried(
        tmp_path,
        FILTER.replace("READ_ONLY", "False")
        + """
seen = []
thread = threading.Thread(target=seen.append, args=(1,))
thread.start(); thread.join()
open(folder + "/new", "w").write("x")
signal.signal(signal.SIGUSR1, lambda *a: seen.append(2))
os.kill(os.getpid(), signal.SIGUSR1)
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
print(json.dumps([seen, open(folder + "/new").read()]))
""",
    )
    assert got == [[1, 2], "x"]


def test_the_root_folder_holds_what_is_visible_and_no_more(tmp_path):
    for name in ("seen/inner", "seen/hidden", "unseen", "root"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    got = tried(
        tmp_path,
        """
try:
    kernel.own_namespaces()
    visible = ["/usr", "/lib", "/lib64", "/nowhere", folder + "/seen"]
    kernel.own_root(folder + "/root", visible, [folder + "/seen/hidden"])
    kernel.no_capabilities()
except OSError as error:
    sys.exit(f"namespaces cannot be had: {error}")
open("mine", "w").write("x")
print(json.dumps({
    "seen": open(folder + "/seen/inner/file").read(),
    "hidden": os.listdir(folder + "/seen/hidden"),
    "unseen": os.path.exists(folder + "/unseen"),
    "processes": os.path.exists("/proc/1"),
    "write": refused(lambda: open(folder + "/seen/inner/file", "w")),
    "create": refused(lambda: open(folder + "/seen/new", "w")),
    "unmount": refused(lambda: kernel._call("umount2", (folder + "/seen/hidden").encode(), 2)),
    "network": refused(lambda: socket.socket().connect(("127.0.0.1", 9))) != 0,
    "interfaces": [name for _, name in socket.if_nameindex()],
    "full": refused(lambda: open("much", "wb").write(bytes(40 * 2**20))),
}))
""",
    )
    assert got == {
        "seen": "seen/inner",
        "hidden": [],
        "unseen": False,
        "processes": False,
        "write": 30,  # EROFS
        "create": 30,
        "unmount": 1,  # EPERM
        "network": True,
        "interfaces": ["lo"],
        "full": 28,  # ENOSPC
    }
