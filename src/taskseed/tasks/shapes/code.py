"""A programming task with a reference solution and asserts (the form of MBPP, Austin et al. 2021).

`question`, `code`, `tests`. Optional: `setup`, code that the asserts need; it stands before them.
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, field, plain, text

__all__ = ["read"]


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a programming row.

    :raises RowProblem: if a field is missing or there is no assert.
    """
    tests = field(row, spec["tests"])
    checks = tuple(plain(t) for t in tests if plain(t)) if isinstance(tests, list | tuple) else ()
    if not checks:
        raise RowProblem("bad_row", f"`{spec['tests']}` has no asserts")
    setup = text(row, spec["setup"]) if "setup" in spec else ""
    return Draft(
        kind="code",
        question=text(row, spec["question"]),
        answer=text(row, spec["code"]),
        checks=(setup, *checks) if setup else checks,
    )
