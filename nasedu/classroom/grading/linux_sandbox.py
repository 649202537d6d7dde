"""Confines a process on Linux: a separate root folder, a separate network, and a filter for system calls.

It needs no privileges: it uses user namespaces (user_namespaces(7)) and seccomp (seccomp(2)). Many containers and some
distributions forbid user namespaces. Then each function raises OSError, and the caller reports it. This file runs
inside the sandbox, before any of the student's code. It imports nothing of nasedu.
"""

import ctypes
import os
import platform
import signal
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000  # linux/sched.h
READ_ONLY, NO_SUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 0x1000, 0x4000, 0x40000  # linux/mount.h
DETACH, AT_HERE, AT_RECURSIVE = 2, -100, 0x8000
MOUNT_SETATTR = 442
SCRATCH = "/answer"
"""The working folder inside the separate root folder. No visible folder can have this name (unlike /tmp)."""
END_WITH_PARENT, NO_NEW_RIGHTS, SET_SECCOMP, FILTER = 1, 38, 22, 2  # linux/prctl.h

# System calls by machine: those that are refused, those that change files (creat, truncate, rename, mkdir, rmdir,
# unlink, chmod, chown, mknod and related ones), and those that are allowed only with certain arguments.
# Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
NUMBERS = {
    "x86_64": {
        "pivot_root": 155,
        "open": ((2, 1), (257, 2)),  # open, openat: number, and which argument holds the flags
        "writing": (85, 76, 82, 264, 316, 83, 258, 84, 87, 263, 90, 91, 268, 92, 93, 94, 260, 133, 259),
        "clone": 56,
        "own": (62, 200, 234, 129, 297),  # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
        "prlimit64": 302,
        "refused": (
            *(41, 57, 58, 59, 322),  # socket, fork, vfork, execve, execveat
            *(101, 310, 311, 298, 321, 323),  # ptrace, process_vm_readv and writev, perf_event_open, bpf, userfaultfd
            *(272, 308, 165, 166, 155, 161, 304),  # unshare, setns, mount, umount2, pivot_root, chroot, handles
            *(86, 265, 88, 266, 141, 248, 249, 250),  # link, linkat, symlink, symlinkat, setpriority, keys
        ),
    },
    "aarch64": {
        "pivot_root": 41,
        "open": ((56, 2),),
        "writing": (45, 38, 276, 34, 35, 52, 53, 55, 54, 33),
        "clone": 220,
        "own": (129, 130, 131, 138, 240),
        "prlimit64": 261,
        "refused": (
            *(198, 221, 281),
            *(117, 270, 271, 241, 280, 282),
            *(97, 268, 40, 39, 41, 51, 265),
            *(36, 37, 140, 217, 218, 219),
        ),
    },
}
REFUSED_ANYWHERE = (425, 424, 434, 438, 428, 429, 430, 432, 442)  # io_uring_setup, pidfd_*, the new mount calls
OPENAT2, FCHMODAT2 = 437, 452
CLONE3 = 435  # its flags are in memory, which a filter cannot read; without it the C library uses clone
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
CLONE_THREAD = 0x00010000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    _call("mount", texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])


# ---------------------------------------------------------------------- namespaces


def own_namespaces() -> None:
    """Leave the network, mounts and shared memory of the machine for new, empty ones. Raise OSError if forbidden."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", NEW_USER | NEW_MOUNTS | NEW_NETWORK | NEW_IPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def own_root(folder: str, visible: Iterable[str], hidden: Iterable[str]) -> None:
    """Change to a new root folder: only the visible files can be read there, and only SCRATCH can be written.

    Args:
        folder: an empty folder to build it on.
        visible: files and folders that keep their paths; those that do not exist are skipped.
        hidden: folders among them that must look empty.
    """
    _mount("none", "/", None, RECURSIVE | PRIVATE)
    _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, "size=1m,mode=755")
    for path in sorted(visible):
        _show(folder, path)
    for path in hidden:
        if os.path.isdir(folder + path):
            _mount("tmpfs", folder + path, "tmpfs", NO_SUID | NO_DEVICES, "size=4k")
    os.makedirs(folder + SCRATCH, exist_ok=True)
    read_only = struct.pack("QQQQ", READ_ONLY, 0, 0, 0)
    _call("syscall", MOUNT_SETATTR, AT_HERE, folder.encode(), AT_RECURSIVE, read_only, ctypes.c_size_t(len(read_only)))
    _mount("tmpfs", folder + SCRATCH, "tmpfs", NO_SUID | NO_DEVICES, "size=32m,mode=700")
    os.chdir(folder)
    _call("syscall", NUMBERS[platform.machine()]["pivot_root"], b".", b".")
    _call("umount2", b".", DETACH)
    os.chdir(SCRATCH)


def _show(root: str, path: str) -> None:
    """Bind a file or folder to its path under a new root; a link stays a link."""
    taken = os.path.lexists(root + path) and not os.path.isdir(root + path)
    if taken or not os.path.lexists(path):
        return
    os.makedirs(os.path.dirname(root + path), exist_ok=True)
    if os.path.islink(path):
        if not os.path.lexists(root + path):
            os.symlink(os.readlink(path), root + path)
        return
    if os.path.isdir(path):
        os.makedirs(root + path, exist_ok=True)
    else:
        Path(root + path).touch()
    _mount(path, root + path, None, BIND | RECURSIVE)


def no_capabilities() -> None:
    """Drop all capabilities that the namespaces gave: no mounting, no unmounting."""
    header = struct.pack("Ii", 0x20080522, 0)
    _call("capset", header, bytes(24))


# ---------------------------------------------------------------------- system calls


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends. Raise OSError if that fails."""
    _call("prctl", END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def few_system_calls(read_only: bool) -> None:
    """Refuse system calls for new processes and programs, sockets, mounts, and access to other processes.

    Threads can be started. Signals and limits can reach this process only. Raise OSError if the system has no filter.

    Args:
        read_only: also refuse to open files for writing, and to change them in any other way.
    """
    machine = platform.machine()
    if machine not in NUMBERS:
        raise OSError(f"no list of system calls for {machine}")
    code = _program(machine, read_only)
    filters = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(filters))
    _call("prctl", NO_NEW_RIGHTS, 1, 0, 0, 0)
    _call("prctl", SET_SECCOMP, FILTER, program, 0, 0)


def _program(machine: str, read_only: bool) -> bytes:
    """Return the filter in classic BPF (linux/filter.h): instruction, jump if true, jump if false, value."""
    load, equal, bits, above, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, refuse, unknown, kill = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
    number, arch, arguments = 0, 4, 16
    known: Any = NUMBERS[machine]
    refused, unheard = [*known["refused"], *REFUSED_ANYWHERE], [CLONE3]
    decided = [(known["clone"], 0, bits, CLONE_THREAD), (known["prlimit64"], 0, equal, 0)]
    decided += [(call, 0, equal, os.getpid()) for call in known["own"]]
    if read_only:
        refused += [*known["writing"], FCHMODAT2]
        unheard += [OPENAT2]
    lines = [(load, 0, 0, arch), (equal, 1, 0, AUDIT_ARCH[machine]), (give, 0, 0, kill), (load, 0, 0, number)]
    lines += [(above, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # the x32 numbers of x86
    for calls, answer in ((refused, refuse), (unheard, unknown)):
        lines += [line for call in calls for line in ((equal, 0, 1, call), (give, 0, 0, answer))]
    for call, place, test, value in decided:
        lines += [(equal, 0, 4, call), (load, 0, 0, arguments + 8 * place)]
        lines += [(test, 0, 1, value), (give, 0, 0, allow), (give, 0, 0, refuse)]
    for call, place in known["open"] if read_only else ():
        lines += [(equal, 0, 4, call), (load, 0, 0, arguments + 8 * place)]
        lines += [(bits, 0, 1, WRITING), (give, 0, 0, refuse), (give, 0, 0, allow)]
    lines += [(give, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
