"""System call filters that take away what no solution to an exercise needs.

`filter_program` goes with namespaces of the program's own: it refuses the calls that make new ones (in
which a program could mount memory without limit) and those with the widest reach into the kernel.
`calculation_program` stands alone: it refuses every call that is not listed. Both are classic BPF programs;
the layout of `seccomp_data` and of the instructions is that of Linux's `seccomp(2)` and `linux/filter.h`.
"""

import errno
import struct
from collections.abc import Mapping, Sequence

__all__ = ["calculation_program", "filter_program"]

_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24
_ENDS = {
    "allow": 0x7FFF_0000,
    "refuse": 0x0005_0000 | errno.EPERM,
    "absent": 0x0005_0000 | errno.ENOSYS,
    "kill": 0x8000_0000,
}
_NEW_USER_NAMESPACE = 0x1000_0000
_X32 = 0x4000_0000  # calls of a second, rarely used convention on x86-64
_CLONE3 = 435  # its flags lie in memory, out of a filter's sight; libraries fall back to clone

# machine: AUDIT_ARCH_* of linux/audit.h, the number of clone, and the numbers of unshare, setns, mount,
# umount2, pivot_root, ptrace, bpf, userfaultfd, perf_event_open, keyctl, add_key, request_key; then, alike
# on both, io_uring_setup, open_tree, move_mount, fsopen, fsmount.
_ALIKE = (425, 428, 429, 430, 432)
_MACHINES = {
    "x86_64": (0xC000_003E, 56, (272, 308, 165, 166, 155, 101, 321, 323, 298, 250, 248, 249, *_ALIKE)),
    "aarch64": (0xC000_00B7, 220, (97, 268, 40, 39, 41, 117, 280, 282, 241, 219, 217, 218, *_ALIKE)),
}

# What a calculation in Python calls: name, number on x86-64, number on ARM64, `-` where it does not exist.
_CALCULATION = """
    read 0 63, write 1 64, open 2 -, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, lseek 8 62, pread64 17 67,
    pwrite64 18 68, readv 19 65, writev 20 66, access 21 -, pipe 22 -, pipe2 293 59, dup 32 23, dup2 33 -,
    dup3 292 24, getcwd 79 17, chdir 80 49, readlink 89 -, readlinkat 267 78, getdents64 217 61,
    openat 257 56, newfstatat 262 79, faccessat 269 48, faccessat2 439 439, statx 332 291,
    statfs 137 43, fstatfs 138 44,
    close_range 436 436, umask 95 166,
    mmap 9 222, mprotect 10 226, munmap 11 215, brk 12 214, mremap 25 216, msync 26 227, mincore 27 232,
    madvise 28 233,
    poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create1 291 20, epoll_ctl 233 21,
    epoll_wait 232 -, epoll_pwait 281 22, eventfd2 290 19, sched_yield 24 124, nanosleep 35 101,
    clock_nanosleep 230 115, alarm 37 -, getitimer 36 102, setitimer 38 103, gettimeofday 96 169, time 201 -,
    times 100 153, clock_gettime 228 113, clock_getres 229 114, getrandom 318 278,
    rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, sigaltstack 131 132, pause 34 -,
    restart_syscall 219 128, futex 202 98, getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174,
    geteuid 107 175, getgid 104 176, getegid 108 177, getpgrp 111 -, getgroups 115 158, getresuid 118 148,
    getresgid 120 150, uname 63 160, getrlimit 97 163, getrusage 98 165, sysinfo 99 179, getcpu 309 168,
    sched_getaffinity 204 123, arch_prctl 158 -, set_tid_address 218 96, set_robust_list 273 99, rseq 334 293,
    membarrier 324 283, exit 60 93, exit_group 231 94
"""
# Calls that are harmless with some arguments only: ioctl, fcntl, prlimit64.
_CHOOSY = {"x86_64": (16, 72, 302), "aarch64": (29, 25, 261)}
_IOCTL = (
    0x5401,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
    0x5413,
)  # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, size
_FCNTL_SIGNALS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: have the kernel send signals to others

# Operation, value, where to go if it holds, and if not: a block, an end, or, if empty, the next line.
_Line = tuple[int, int, str, str]


def filter_program(machine: str) -> bytes | None:
    """Return the filter for a machine as `os.uname` names it; None where its call numbers are not known."""
    if machine not in _MACHINES:
        return None
    token, clone, refused = _MACHINES[machine]
    return _assemble(
        {
            "calls": [
                *_opening(token),
                (_EQUAL, _CLONE3, "absent", ""),
                *((_EQUAL, number, "refuse", "") for number in refused),
                (_EQUAL, clone, "", "allow"),
                (_LOAD, _FIRST_ARGUMENT_AT, "", ""),
                (_HAS_BIT, _NEW_USER_NAMESPACE, "refuse", "allow"),
            ]
        }
    )


def calculation_program(machine: str) -> bytes | None:
    """Return the filter that lets through only what a calculation needs: no process, socket or signal.

    :param machine: as `os.uname` names it; None is returned where its call numbers are not known.
    """
    if machine not in _MACHINES:
        return None
    column = 1 + list(_MACHINES).index(machine)
    numbers = [call.split()[column] for call in _CALCULATION.split(",")]
    ioctl, fcntl, prlimit = _CHOOSY[machine]
    return _assemble(
        {
            "calls": [
                *_opening(_MACHINES[machine][0]),
                (_EQUAL, ioctl, "ioctl", ""),
                (_EQUAL, fcntl, "fcntl", ""),
                (_EQUAL, prlimit, "prlimit", ""),
                *((_EQUAL, int(number), "allow", "") for number in numbers if number != "-"),
                (_EQUAL, _CLONE3, "absent", "refuse"),
            ],
            "ioctl": [
                (_LOAD, _SECOND_ARGUMENT_AT, "", ""),
                *((_EQUAL, request, "allow", "") for request in _IOCTL[:-1]),
                (_EQUAL, _IOCTL[-1], "allow", "refuse"),
            ],
            "fcntl": [
                (_LOAD, _SECOND_ARGUMENT_AT, "", ""),
                *((_EQUAL, command, "refuse", "") for command in _FCNTL_SIGNALS[:-1]),
                (_EQUAL, _FCNTL_SIGNALS[-1], "refuse", "allow"),
            ],
            "prlimit": [
                (_LOAD, _FIRST_ARGUMENT_AT, "", ""),
                (_EQUAL, 0, "allow", "refuse"),
            ],  # only of itself
        }
    )


def _opening(token: int) -> list[_Line]:
    """Return the lines that leave a call's number loaded, and end a program of another convention."""
    return [
        (_LOAD, _MACHINE_AT, "", ""),
        (_EQUAL, token, "", "kill"),
        (_LOAD, _NUMBER_AT, "", ""),
        (_AT_LEAST, _X32, "kill", ""),
    ]


def _assemble(blocks: Mapping[str, Sequence[_Line]]) -> bytes:
    """Return blocks of lines as a program, behind them one line for each end."""
    lines: list[_Line] = []
    places: dict[str, int] = {}
    for name, block in blocks.items():
        places[name] = len(lines)
        lines += block
    places |= {name: len(lines) + i for i, name in enumerate(_ENDS)}
    program = b""
    for at, (operation, value, yes, no) in enumerate(lines, 1):
        program += struct.pack("=HBBI", operation, places.get(yes, at) - at, places.get(no, at) - at, value)
    return program + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in _ENDS.values())
