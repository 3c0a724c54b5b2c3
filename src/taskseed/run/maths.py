"""Computer algebra for votes on expressions, where the extra `maths` is installed."""

import functools
import importlib.util
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from importlib.metadata import version

from taskseed.checks.answers import Verdict
from taskseed.workers import Workers

__all__ = ["maths_version", "open_maths"]

_EQUAL = "taskseed.checks.maths.symbolic:equal_expressions"


def maths_version() -> str | None:
    """Return what compares expressions, which decides votes as the recipe does; None where nothing does."""
    found = importlib.util.find_spec("math_verify") is not None
    return f"math-verify {version('math-verify')}" if found else None


def open_maths(stack: ExitStack | AsyncExitStack) -> Callable[[str, str], Verdict] | None:
    """Return what compares two expressions, or None where nothing is installed that could.

    A comparison takes three seconds and a gigabyte at most, in a process of its own; what takes more is
    `unknown`. It blocks: call it from a thread.

    :param stack: ends the processes.
    """
    if maths_version() is None:
        return None
    workers = Workers()
    stack.callback(workers.close)

    @functools.lru_cache(maxsize=10_000)
    def compare(said: str, gold: str) -> Verdict:
        outcome = workers.call(_EQUAL, said, gold)
        return "equal" if outcome.status == "done" and outcome.value == "equal" else "unknown"

    return compare
