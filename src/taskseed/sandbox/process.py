"""Starting a process whose output is read only up to a limit, and ending it with all its children.

`Popen.communicate` is not used because it reads without bound: a program that only prints would take all
the memory of the machine.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal

__all__ = ["Finished", "run_capped"]

_GRACE_S = 5.0  # for the kernel to end the processes of a killed group


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended: by itself, out of time, or with too much output.

    :param returncode: exit status; negative is the signal that ended it.
    """

    end: Literal["exit", "timeout", "flooded"]
    returncode: int
    stdout: bytes
    stderr: bytes


def run_capped(
    argv: Sequence[str],
    *,
    wall_s: float,
    output_bytes: int,
    pass_fds: Sequence[int],
    env: Mapping[str, str],
) -> Finished:
    """Run a command without input; keep at most `output_bytes` of its output.

    At the limit of time or output the whole process group is killed. The call returns only after the
    output is closed, so that nothing can still write to it.

    :param wall_s: seconds of wall time.
    :param pass_fds: open files that the command inherits.
    :param env: its whole environment.
    :raises OSError: if the command cannot be started.
    """
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        pass_fds=pass_fds,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + wall_s
        try:
            end, chunks = _read(process, deadline, output_bytes)
            if end == "exit" and not _ended(process, deadline):  # it closed its output and goes on
                end = "timeout"
        finally:
            _kill_group(process)
        out, err = (b"".join(kept)[:output_bytes] for kept in chunks)
        return Finished(end, process.wait(), out, err)


def _read(
    process: subprocess.Popen[bytes], deadline: float, output_bytes: int
) -> tuple[Literal["exit", "timeout", "flooded"], tuple[list[bytes], list[bytes]]]:
    """Read both pipes until they close; from the first limit that is hit on, only wait for the close."""
    kept: tuple[list[bytes], list[bytes]] = ([], [])
    end: Literal["exit", "timeout", "flooded"] = "exit"
    room = output_bytes
    with selectors.DefaultSelector() as ready:
        for stream, chunks in zip((process.stdout, process.stderr), kept, strict=True):
            ready.register(_pipe(stream), selectors.EVENT_READ, chunks)
        while ready.get_map():
            events = ready.select(max(0.0, deadline - time.monotonic()))
            for key, _ in events:
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    ready.unregister(key.fileobj)
                elif end == "exit":
                    key.data.append(chunk)
                    room -= len(chunk)
            if end == "exit" and (room < 0 or time.monotonic() >= deadline):
                end = "flooded" if room < 0 else "timeout"
                deadline = time.monotonic() + _GRACE_S
                _kill_group(process)
            elif end != "exit" and time.monotonic() >= deadline:
                break
    return end, kept


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:  # for the type checker: both streams are pipes
        raise OSError("the process has no pipe")
    return stream


def _ended(process: subprocess.Popen[bytes], deadline: float) -> bool:
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:  # not reaped yet, so the number cannot belong to another group
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
