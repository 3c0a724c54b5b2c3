"""A few processes that each do one call at a time, and are killed and replaced when a call goes wrong."""

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from taskseed.workers.wire import TooLong, receive, send

__all__ = ["Outcome", "Workers"]

Status = Literal["done", "error", "timeout", "memory", "died"]

_PROGRAM = (sys.executable, "-m", "taskseed.workers.child")
_CALLS = 2000  # after so many a worker is replaced, whatever its caches have grown to
_START_S = 60.0  # for a fresh interpreter and the function's imports, on a busy machine


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    :param status: `done`; `error` (the function raised, or does not exist, or its arguments are not JSON);
        `timeout`; `memory`; `died` (the process ended, or could not be started).
    :param value: what the function returned, as JSON knows it; None unless `done`.
    :param detail: one line about what went wrong.
    """

    status: Status
    value: Any = None
    detail: str = ""


class Workers:
    """A pool of spawned processes for calls that may hang or swell; safe to use from many threads.

    A call that hangs holds up one process for `wall_s`; the others go on. Processes start when they are
    needed. The time that a process takes to start and to import the function's module is not part of the
    call's time.

    :param size: processes at most.
    :param wall_s: seconds of wall time for one call.
    :param memory_bytes: address space of each process.
    """

    def __init__(self, size: int = 2, wall_s: float = 3.0, memory_bytes: int = 1 << 30) -> None:
        self._wall_s = wall_s
        self._memory_bytes = memory_bytes
        # Last in, first out: a warm worker is used again before another one is started.
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._size = size
        self._closed = threading.Event()

    def call(self, function: str, *arguments: Any) -> Outcome:
        """Call an importable function, waiting for a free process; never raises for what the function does.

        :param function: `package.module:name`.
        :param arguments: JSON values.
        """
        worker = self._idle.get()
        if self._closed.is_set():
            self._idle.put(worker)
            return Outcome("died", detail="the pool is closed")
        outcome = Outcome("died", detail="interrupted")
        try:
            try:
                worker = worker or _Worker(self._memory_bytes, self._wall_s)
            except OSError as error:
                outcome = Outcome("died", detail=f"no process: {error.strerror}")
            else:
                outcome = worker.call(function, arguments)
        finally:
            # Also on Ctrl-C: a worker in the middle of a call must not answer the next one.
            if worker is not None and (outcome.status not in ("done", "error") or worker.calls >= _CALLS):
                worker.end()
                worker = None
            self._idle.put(worker)
        return outcome

    def close(self) -> None:
        """End all processes; calls under way end first, each within its time."""
        self._closed.set()
        for _ in range(self._size):
            worker = self._idle.get()
            if worker is not None:
                worker.end()
        for _ in range(self._size):
            self._idle.put(None)  # whoever was waiting goes on

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Worker:
    """One process and the link to it.

    :raises OSError: if no process can be started.
    """

    def __init__(self, memory_bytes: int, wall_s: float) -> None:
        self.calls = 0
        self._wall_s = wall_s
        self._loaded: set[str] = set()
        self._link, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [*_PROGRAM, str(theirs.fileno()), str(memory_bytes), str(wall_s)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C is for the run, which closes the pool
                )
            except OSError:
                self._link.close()
                raise

    def call(self, function: str, arguments: tuple[Any, ...]) -> Outcome:
        """Return how the call ended; after anything but `done` and `error` this worker is of no more use."""
        module = function.partition(":")[0]
        self.calls += 1
        if module not in self._loaded:
            loaded = self._asked([function, None], _START_S)
            if loaded.status != "done":
                return loaded
            self._loaded.add(module)
        return self._asked([function, arguments], self._wall_s)

    def end(self) -> None:
        """Kill the process; nothing of it is left when this returns."""
        self._link.close()
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()

    def _asked(self, message: list[Any], wall_s: float) -> Outcome:
        deadline = time.monotonic() + wall_s
        try:
            send(self._link, message, wall_s)
            return Outcome(*receive(self._link, max(1e-3, deadline - time.monotonic())))
        except (TypeError, TooLong) as error:
            return Outcome("error", detail=f"the arguments cannot be sent: {error}")
        except TimeoutError:
            return Outcome("timeout", detail=f"not done after {wall_s:g} s")
        except (OSError, ValueError):
            return Outcome("died", detail="the process ended")


def _environment() -> dict[str, str]:
    """Return the environment of a worker: where modules are, and nothing that names a key or a proxy."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TMPDIR") if name in os.environ}
    paths = [path for path in sys.path if path]
    # Threads of numeric libraries reserve address space for each core, which the memory limit counts.
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
