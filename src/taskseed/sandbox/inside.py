"""What every sandbox does alike: which interpreter it starts, the first lines inside, how its end is read."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from taskseed.sandbox.base import Limits, Outcome, Status
from taskseed.sandbox.process import Finished, run_capped

__all__ = ["FLAGS", "Start", "executable", "limit_numbers", "preamble", "prefix", "readable", "run_inside"]

# Not -I: it would ignore PYTHONHASHSEED, and the order of sets would differ from run to run.
FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8", "-c")

_DETAIL = 200
_MIB = 1 << 20

# Hard limits cannot be raised by an unprivileged process.
_LIMITED = """
for name, value in zip(("CPU", "AS", "FSIZE", "NPROC"), limits):
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value + (name == "CPU")))
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.argv[:] = ["/program.py"]
code = compile(source, "/program.py", "exec")
main = {"__name__": "__main__", "__builtins__": __builtins__, "__file__": "/program.py"}
del source, limits, name, value
exec(code, main)
"""


def preamble(confine: str) -> str:
    """Return the first Python of the process, which runs before any foreign line.

    :param confine: takes away what the sandbox's own means do not; leaves the program as bytes in `source`
        and the numbers of `limit_numbers` in `limits`.
    """
    return f"import os, resource, sys\n{confine}{_LIMITED}"


def limit_numbers(limits: Limits) -> tuple[int, int, int, int]:
    """Return CPU seconds, bytes of address space, bytes of a file, and processes."""
    return limits.cpu_s, limits.memory_mb * _MIB, limits.disk_mb * _MIB, limits.processes


def prefix() -> Path:
    """Return the folder that this interpreter and its standard library are installed in."""
    return Path(sys.base_prefix).resolve()


def executable() -> str:
    """Return the interpreter's path below its prefix."""
    return f"bin/python{sys.version_info.major}.{sys.version_info.minor}"


def readable(content: bytes, opened: ExitStack) -> int:
    """Return a descriptor from which a child can read `content`, closed with `opened`."""
    descriptor = os.memfd_create("taskseed")
    opened.callback(os.close, descriptor)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@dataclass(frozen=True, slots=True)
class Start:
    """How a sandbox starts a program.

    :param descriptors: open files that the command inherits, besides the program's.
    :param environment: the command's whole environment.
    """

    argv: Sequence[str]
    descriptors: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def run_inside(
    program: str, limits: Limits, own_error: str, start: Callable[[int, ExitStack], Start]
) -> Outcome:
    """Run one Python program; never raises for what it does.

    :param own_error: how a message starts that is the sandbox's own, because it could not confine.
    :param start: gets a descriptor from which the program's text can be read.
    """
    try:
        source = program.encode()
    except UnicodeEncodeError as error:
        return Outcome("error", f"the program is not text: {error.reason}")
    with ExitStack() as opened:
        try:
            text = readable(source, opened)
            started = start(text, opened)
            finished = run_capped(
                started.argv,
                wall_s=limits.wall_s,
                output_bytes=limits.output_bytes,
                pass_fds=(text, *started.descriptors),
                env=started.environment,
            )
        except OSError as error:
            return Outcome("error", f"{own_error}{error.strerror}")
    lines = finished.stderr[-4096:].decode(errors="replace").strip().splitlines()
    detail = lines[-1][:_DETAIL] if lines else ""
    return Outcome(_status(finished, detail, own_error), detail, finished.stdout.decode(errors="replace"))


def _status(finished: Finished, detail: str, own_error: str) -> Status:
    if finished.end != "exit":
        return finished.end
    # bwrap reports the signal of the program that it waited for as 128 + its number.
    code = finished.returncode if finished.returncode < 128 else 128 - finished.returncode
    if code == 0:
        return "passed"
    if code == -signal.SIGXCPU:
        return "timeout"
    if code < 0:
        return "killed"
    return "error" if detail.startswith(own_error) else "failed"
