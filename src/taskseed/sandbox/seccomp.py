"""A system call filter that takes away what no solution to an exercise needs.

The calls refused are those that make new namespaces (in which a program could mount memory without limit)
and those with the widest reach into the kernel. It is a classic BPF program as `bwrap --seccomp` reads it;
the layout of `seccomp_data` and of the instructions is that of Linux's `seccomp(2)` and `linux/filter.h`.
"""

import errno
import struct

__all__ = ["filter_program"]

_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _ERROR, _KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
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


def filter_program(machine: str) -> bytes | None:
    """Return the filter for a machine as `os.uname` names it; None where its call numbers are not known."""
    if machine not in _MACHINES:
        return None
    token, clone, refused = _MACHINES[machine]
    ends = {
        "allow": _ALLOW,
        "refuse": _ERROR | errno.EPERM,
        "absent": _ERROR | errno.ENOSYS,
        "kill": _KILL,
    }
    # Each line: operation, value, where to go if it holds, and if not; an empty name is the next line.
    lines = [
        (_LOAD, _MACHINE_AT, "", ""),
        (_EQUAL, token, "", "kill"),
        (_LOAD, _NUMBER_AT, "", ""),
        (_AT_LEAST, _X32, "kill", ""),
        (_EQUAL, _CLONE3, "absent", ""),
        *((_EQUAL, number, "refuse", "") for number in refused),
        (_EQUAL, clone, "", "allow"),
        (_LOAD, _FIRST_ARGUMENT_AT, "", ""),
        (_HAS_BIT, _NEW_USER_NAMESPACE, "refuse", "allow"),
    ]
    places = {name: len(lines) + i for i, name in enumerate(ends)}
    program = b""
    for at, (operation, value, yes, no) in enumerate(lines, 1):
        program += struct.pack("=HBBI", operation, places.get(yes, at) - at, places.get(no, at) - at, value)
    return program + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in ends.values())
