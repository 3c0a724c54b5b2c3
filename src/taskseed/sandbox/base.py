"""What a sandbox is: one method that runs a program within limits and says how that ended."""

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Limits", "Outcome", "Probe", "Sandbox", "Status"]

Status = Literal["passed", "failed", "timeout", "killed", "flooded", "error"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use.

    :param wall_s: seconds of wall time for all of its processes.
    :param cpu_s: seconds of CPU time, per process.
    :param memory_mb: MiB of address space, per process.
    :param output_bytes: bytes on stdout and stderr together.
    :param disk_mb: MiB in its only writable folder, if it has one, which is memory and vanishes with it.
    :param processes: processes and threads at one time, if it may have more than one.
    """

    wall_s: float = 5.0
    cpu_s: int = 4
    memory_mb: int = 512
    output_bytes: int = 1_000_000
    disk_mb: int = 16
    processes: int = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended.

    :param status: `passed` (exit 0), `failed` (another exit), `timeout` (wall or CPU time), `killed` (by
        a signal), `flooded` (too much output), `error` (the sandbox itself did not start it).
    :param detail: the last line of stderr, shortened.
    :param output: what it wrote on stdout, at most `output_bytes`.
    """

    status: Status
    detail: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One attempted escape and whether the sandbox held."""

    name: str
    contained: bool
    detail: str = ""


class Sandbox(Protocol):
    """A way to run a program that nobody trusts."""

    @property
    def name(self) -> str:
        """The name shown to the user and written into the manifest."""
        ...

    def run(self, program: str, limits: Limits = Limits()) -> Outcome:
        """Run one Python program with the standard library only; never raises for what it does."""
        ...
