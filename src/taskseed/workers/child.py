"""The process of one worker: limits itself, then answers one call after the other until its pool is gone."""

import importlib
import resource
import signal
import socket
import sys
from typing import Any

from taskseed.workers.wire import TooLong, receive, send

__all__ = ["serve"]

_SHOWN = 300  # characters of an error's message


def serve(link: socket.socket, memory_bytes: int, wall_s: float) -> None:
    """Answer calls `[name, arguments]` with `[status, value, detail]` until the link is closed.

    A call without arguments (None) only imports the function's module.

    :param wall_s: a call that runs a second longer ends this process, should the pool be gone by then.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while True:
        try:
            name, arguments = receive(link)
        except OSError:
            return  # the pool has closed
        signal.setitimer(signal.ITIMER_REAL, wall_s + 1 if arguments is not None else 0)
        answer = _called(name, arguments)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            send(link, answer)
        except (TypeError, TooLong) as error:
            send(link, ["error", None, f"the result cannot be sent: {error}"[:_SHOWN]])


def _called(name: str, arguments: list[Any] | None) -> list[Any]:
    try:
        module, _, function = name.partition(":")
        call = getattr(importlib.import_module(module), function)
        return ["done", None if arguments is None else call(*arguments), ""]
    except MemoryError:
        return ["memory", None, "more memory than it may have"]
    except Exception as error:  # noqa: BLE001 - whatever our function raises on hostile input is its outcome
        return [
            "error",
            None,
            f"{type(error).__name__}: {error}"[:_SHOWN].encode("utf-8", "replace").decode(),
        ]


if __name__ == "__main__":
    descriptor, memory, wall = sys.argv[1:]
    with socket.socket(fileno=int(descriptor)) as opened:
        serve(opened, int(memory), float(wall))
