"""Running a program confined by Landlock and a system call filter: nothing to install, no privilege needed.

The interpreter confines itself before any foreign line runs: it gives up every capability, may from then
on read the standard library and the system's own programs and no other file (Landlock, Linux 5.13), and may
make only the system calls that a calculation needs (seccomp): no process, thread, socket or signal, and no
change to any file. There is no writable folder, because without one of its own its size could not be bounded.

Weaker than bubblewrap in one respect: names, sizes and times of files can be looked up, not their content.
"""

import os
import sys
from dataclasses import dataclass

from taskseed.sandbox.base import Limits, Outcome, Sandbox
from taskseed.sandbox.inside import FLAGS, Start, executable, limit_numbers, preamble, prefix, run_inside
from taskseed.sandbox.seccomp import calculation_program

__all__ = ["Landlock", "find"]

# The numbers are those of linux/landlock.h, linux/prctl.h and linux/capability.h; system calls 444 to 446
# are Landlock's on every machine. By the version of its Landlock a kernel knows the first 13, 14, 15, 15 or
# 16 rights over files; later versions can refuse TCP, abstract sockets and signals too, as the filter does.
_CONFINE = """
import ctypes, struct
try:
    with open(program, "rb") as file:
        source = file.read()
    os.chdir("/")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long

    def call(function, *arguments):
        result = function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result

    call(libc.prctl, 38, 1, 0, 0, 0)  # no new privileges
    version = call(libc.syscall, 444, None, 0, 1)
    rights = (1 << (13, 14, 15, 15, 16)[min(version, 5) - 1]) - 1
    wanted = struct.pack("=QQQ", rights, 3 * (version >= 4), 3 * (version >= 6))
    wanted = wanted[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = call(libc.syscall, 444, wanted, len(wanted), 0)
    for path in shown:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = 0b1101 if os.path.isdir(path) else 0b0100  # list, read, execute
        call(libc.syscall, 445, rules, 1, struct.pack("=Qi", allowed, place), 0)
        os.close(place)
    call(libc.syscall, 446, rules, 0)
    os.close(rules)
    call(libc.capset, struct.pack("=Ii", 0x20080522, 0), bytes(24))
    call(libc.prctl, 1, 9, 0, 0, 0)  # end with the parent
    held = ctypes.create_string_buffer(calls, len(calls))
    call(libc.prctl, 22, 2, struct.pack("HxxxxxxP", len(calls) // 8, ctypes.addressof(held)))
except OSError as error:
    sys.exit("landlock: " + str(error))
del allowed, call, calls, ctypes, file, held, libc, path, place, program
del rights, rules, shown, struct, version, wanted
"""


@dataclass(frozen=True, slots=True)
class Landlock:
    """The kernel's own means as a sandbox.

    :param calls: the system call filter.
    """

    calls: bytes

    @property
    def name(self) -> str:
        """`landlock`."""
        return "landlock"

    def run(self, program: str, limits: Limits = Limits()) -> Outcome:  # noqa: B008 (frozen)
        """Run one Python program; see `Sandbox.run`."""
        return run_inside(program, limits, "landlock: ", lambda text, _: self._start(text, limits))

    def _start(self, text: int, limits: Limits) -> Start:
        # /proc/self is this process only where it is resolved inside; its status is how it sees its limits.
        own = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom")
        shown = [*own, "/proc/self/status", str(prefix())]
        given = f"program, shown, calls, limits = {(text, shown, self.calls, limit_numbers(limits))!r}"
        return Start(
            [str(prefix() / executable()), *FLAGS, preamble(given + _CONFINE)],
            environment={"PYTHONHASHSEED": "0", "LD_LIBRARY_PATH": str(prefix() / "lib")},
        )


def find(_: str | None = None) -> Sandbox | None:
    """Return Landlock where the machine's calls are known; nothing is tried yet, and no command is needed."""
    calls = calculation_program(os.uname().machine) if sys.platform == "linux" else None
    return None if calls is None else Landlock(calls)
