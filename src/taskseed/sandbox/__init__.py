"""Running code that a model wrote."""

import functools
from collections.abc import Callable

from taskseed.sandbox import bubblewrap, landlock
from taskseed.sandbox.asserts import run_asserts, run_asserts_async
from taskseed.sandbox.base import Limits, Outcome, Probe, Sandbox
from taskseed.sandbox.probes import self_test

__all__ = [
    "RUNGS",
    "Limits",
    "Outcome",
    "Probe",
    "Sandbox",
    "available",
    "run_asserts",
    "run_asserts_async",
    "self_test",
    "why_unavailable",
]

# The visible list, best first: each looks for its means on a search path, and a self-test decides.
RUNGS: tuple[tuple[str, Callable[[str | None], Sandbox | None]], ...] = (
    ("bwrap", bubblewrap.find),
    ("landlock", landlock.find),
)


def available(search_path: str | None = None) -> Sandbox | None:
    """Return the first sandbox that passes its self-test here, else None: then no foreign code may run.

    The answer is found once per process and search path (about two seconds).

    :param search_path: folders to look for commands in, joined by `:`; default: the variable `PATH`.
    """
    return _choose(search_path)[0]


def why_unavailable(search_path: str | None = None) -> str:
    """Return on one line why `available` is None; empty where there is a sandbox."""
    return _choose(search_path)[1]


@functools.cache
def _choose(search_path: str | None) -> tuple[Sandbox | None, str]:
    reasons: list[str] = []
    for name, find in RUNGS:
        sandbox = find(search_path)
        if sandbox is None:
            reasons.append(f"{name}: not found")
            continue
        escaped = [probe for probe in self_test(sandbox) if not probe.contained]
        if not escaped:
            return sandbox, ""
        reasons.append(f"{name}: {'; '.join(f'{probe.name} ({probe.detail})' for probe in escaped)}")
    return None, ", ".join(reasons)
