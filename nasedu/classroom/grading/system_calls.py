"""Writes the filter of system calls for a student's process: seccomp, as classic BPF (seccomp(2), linux/filter.h).

The bubblewrap level needs it for what namespaces do not limit: memory outside of the limit, and rarely tried parts of
the kernel. The weak level also needs it for what namespaces would hide: other processes, the network, files to write.
"""

import os
import platform
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# The number of each system call on x86_64 and on aarch64; None where it does not exist.
# Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
MEMORY = {  # memory that the limits of a process do not count, or that outlives it
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196)},
    **{"msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180)},
    **{"io_setup": (206, 0)},  # of a number that the whole machine has
}
KERNEL = {  # parts of the kernel that no answer needs, and in which faults were found again and again
    **{"socket": (41, 198), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "kcmp": (312, 272)},
    **{"io_uring_setup": (425, 425), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    **{"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51)},
    **{"pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430)},
    **{"fsmount": (432, 432), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265)},
}
OTHERS = {  # signals and settings of other processes, and of the machine
    **{"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138)},
    **{"rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434)},
    **{"pidfd_getfd": (438, 438), "process_madvise": (440, 440), "setsid": (112, 157), "setpgid": (109, 154)},
    **{"setpriority": (141, 140), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118)},
    **{"sched_setattr": (314, 274), "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239)},
    **{"sethostname": (170, 161), "setdomainname": (171, 162)},
}
PROGRAMS = {"fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281)}
WRITING = {  # changes of files and of what is known about them
    **{"creat": (85, None), "truncate": (76, 45), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276)},
    **{"mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35)},
    **{"link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36)},
    **{"chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452)},
    **{"chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54)},
    **{"mknod": (133, None), "mknodat": (259, 33), "utime": (132, None), "utimes": (235, None)},
    **{"utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "lsetxattr": (189, 6)},
    **{"fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16)},
}
FLAGS_IN_MEMORY = {"clone3": (435, 435), "openat2": (437, 437)}
"""A filter cannot read their flags. Without them, the C library uses the older calls."""


class Argument(NamedTuple):
    """A call that is refused only with some arguments: if `argument & mask` equals the value, or if it does not."""

    call: tuple[int | None, int | None]
    place: int
    mask: int
    value: int
    refused_if: bool = True


ANY = 0xFFFFFFFF
FCNTL, IOCTL, OPEN, OPENAT = (72, 25), (16, 29), (2, None), (257, 56)
ARGUMENTS = [
    # RLIMIT_DATA does not count mappings of two kinds:
    *(Argument((9, 222), 3, flags, flags) for flags in (0x21, 0x100)),  # shared and anonymous; MAP_GROWSDOWN
    *(Argument(FCNTL, 1, ANY, command) for command in (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals
    Argument(FCNTL, 1, ANY, 1024),  # F_SETLEASE: every other process would wait when it opens the file
    *(Argument(IOCTL, 1, ANY, request) for request in (0x5452, 0x8901, 0x8902)),  # FIOASYNC and its relatives
    *(Argument(IOCTL, 1, ANY, request) for request in (0x5412, 0x541C)),  # TIOCSTI, TIOCLINUX: type into a terminal
    *(Argument(IOCTL, 1, ANY, request) for request in (0x40086602, 0x401C5820)),  # attributes, such as append-only
    Argument((157, 167), 0, ANY, 1),  # prctl: live on after the parent
    Argument((302, 261), 0, ANY, 0, refused_if=False),  # prlimit64 of another process
    Argument((203, 122), 0, ANY, 0, refused_if=False),  # sched_setaffinity of another process
]
NO_NEW_PROCESS = [Argument((56, 220), 0, 0x00010000, 0x00010000, refused_if=False)]  # clone, but for threads
READ_ONLY = [
    Argument(call, place, mask, mask)
    for call, place in ((OPEN, 1), (OPENAT, 2))
    for mask in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)
]
CLOSE_ON_EXEC = 0o2000000
"""A flag that Python sets whenever it opens a file, after the audit hook. Most compiled libraries do not set it."""
SEEN_BY_PYTHON = [
    Argument(call, place, CLOSE_ON_EXEC, CLOSE_ON_EXEC, refused_if=False) for call, place in ((OPEN, 1), (OPENAT, 2))
]
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which of the two numbers holds, and the name of the machine in linux/audit.h."""


def base_filter() -> bytes:
    """Return the filter for every process of the grader's: it can still start processes and write files.

    Raises:
        OSError: there is no list of system calls for this machine.
    """
    return _program({**MEMORY, **KERNEL, **OTHERS}, ARGUMENTS)


def answer_filter(read_only: bool) -> bytes:
    """Return the further filter for a student's code: no new process and no program.

    Args:
        read_only: also refuse to write, and to read files of which the audit hook does not hear.
    """
    if read_only:
        return _program({**PROGRAMS, **WRITING}, NO_NEW_PROCESS + READ_ONLY + SEEN_BY_PYTHON)
    return _program(PROGRAMS, NO_NEW_PROCESS)


def _program(refused: Mapping[str, tuple[int | None, int | None]], arguments: Iterable[Argument]) -> bytes:
    """Return the instructions of a filter: each has a code, a jump if true, a jump if false, and a value."""
    machine = platform.machine()
    if machine not in MACHINES:
        raise OSError(f"no list of system calls for {machine}")
    column, audit = MACHINES[machine]
    load, both, equal, above, give = 0x20, 0x54, 0x15, 0x35, 0x06
    allow, refuse, unknown, kill = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM; ENOSYS
    reload = (load, 0, 0, 0)
    lines = [(load, 0, 0, 4), (equal, 1, 0, audit), (give, 0, 0, kill), reload]
    lines += [(above, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # the x32 numbers of x86
    for calls, answer in ((refused, refuse), (FLAGS_IN_MEMORY, unknown)):
        known = [number for pair in calls.values() if (number := pair[column]) is not None]
        lines += [line for call in known for line in ((equal, 0, 1, call), (give, 0, 0, answer))]
    for one in arguments:
        call = one.call[column]
        if call is None:
            continue
        jumps = (0, 1) if one.refused_if else (1, 0)
        lines += [(equal, 0, 5, call), (load, 0, 0, 16 + 8 * one.place), (both, 0, 0, one.mask)]
        lines += [(equal, *jumps, one.value), (give, 0, 0, refuse), reload]
    lines += [(give, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
