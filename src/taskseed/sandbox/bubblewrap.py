"""Running a program inside bubblewrap (`bwrap`): own processes, no network, no files but the interpreter.

Two recipes, because a limit on processes does not bind root:

- as root: no user namespace; the program's first act, before any foreign line, is to become an
  unprivileged user of its own, which also takes every capability from it;
- otherwise: a user namespace in which the caller has no privileges.

In both a system call filter refuses further namespaces. Where its call numbers are not known (a machine
that is neither x86-64 nor ARM64) the filter is empty, the self-test sees it, and no sandbox is available.
"""

import os
import secrets
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from taskseed.sandbox.base import Limits, Outcome, Sandbox
from taskseed.sandbox.inside import (
    FLAGS,
    Start,
    executable,
    limit_numbers,
    preamble,
    prefix,
    readable,
    run_inside,
)
from taskseed.sandbox.seccomp import filter_program

__all__ = ["Bubblewrap", "find"]

# User numbers that systemd reserves for short-lived services. Each run draws one, since the limit on
# processes counts all processes of a user.
_FIRST_USER, _USERS = 61_184, 4_336

_CONFINE = """
user, *limits = map(int, sys.argv[1:])
if user:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
with open("/program.py", "rb") as file:
    source = file.read()
del file, user
"""


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The `bwrap` command as a sandbox.

    :param command: path of `bwrap`.
    :param as_root: whether to use the recipe for root.
    """

    command: str
    as_root: bool

    @property
    def name(self) -> str:
        """`bwrap`."""
        return "bwrap"

    def run(self, program: str, limits: Limits = Limits()) -> Outcome:  # noqa: B008 (frozen)
        """Run one Python program; see `Sandbox.run`."""
        return run_inside(program, limits, "bwrap: ", lambda text, opened: self._start(text, opened, limits))

    def _start(self, program_fd: int, opened: ExitStack, limits: Limits) -> Start:
        filter_fd = readable(filter_program(os.uname().machine) or b"", opened)
        return Start(self._argv(program_fd, filter_fd, limits), (filter_fd,))

    def _argv(self, program_fd: int, filter_fd: int, limits: Limits) -> list[str]:
        interpreter, binds = _interpreter()
        user = _FIRST_USER + secrets.randbelow(_USERS) if self.as_root else 0
        return [
            *(self.command, "--die-with-parent", "--new-session", "--clearenv"),
            *("--setenv", "PYTHONHASHSEED", "0", "--setenv", "LD_LIBRARY_PATH", "/py/lib"),
            *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
            *(_ROOT if self.as_root else _USER),
            *binds,
            *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"),
            *("--perms", "0444", "--ro-bind-data", str(program_fd), "/program.py"),
            *("--perms", "1777", "--size", str(limit_numbers(limits)[2]), "--tmpfs", "/tmp"),  # noqa: S108 (inside only)
            *("--remount-ro", "/", "--chdir", "/tmp", "--seccomp", str(filter_fd)),  # noqa: S108 (inside only)
            *(interpreter, *FLAGS, preamble(_CONFINE)),
            *(str(n) for n in (user, *limit_numbers(limits))),
        ]


_ROOT = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
_USER = ("--unshare-user", "--disable-userns", "--cap-drop", "ALL")


def find(search_path: str | None = None) -> Sandbox | None:
    """Return bubblewrap if its command is on the search path (default: `PATH`); nothing is tried yet."""
    command = shutil.which("bwrap", path=search_path) if sys.platform == "linux" else None
    return None if command is None else Bubblewrap(command, as_root=os.geteuid() == 0)


def _interpreter() -> tuple[str, list[str]]:
    """Return this interpreter's path inside, and the read-only binds that it needs.

    One that does not live under `/usr` appears as `/py`, since the folders on the way to it may be closed
    to others (a home folder with mode 0700).
    """
    binds = ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for folder in ("/bin", "/lib", "/lib32", "/lib64"):
        path = Path(folder)
        if path.is_symlink():
            binds += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            binds += ["--ro-bind", folder, folder]
    home = prefix()
    if home == Path("/") or home.is_relative_to("/usr"):
        return str((Path("/usr") if home == Path("/") else home) / executable()), binds
    return f"/py/{executable()}", [*binds, "--ro-bind", str(home), "/py"]
