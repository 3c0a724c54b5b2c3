r"""A worked solution whose last `\boxed{...}` is the answer (the form of MATH, Hendrycks et al. 2021).

`question`, `solution`.
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, text

__all__ = ["read"]

_MARKS = ("\\boxed", "\\fbox")


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a maths row whose answer is an expression.

    :raises RowProblem: if a field is missing or the solution has no complete box.
    """
    solution = text(row, spec["solution"])
    answer = last_boxed(solution)
    if answer is None:
        raise RowProblem("bad_row", f"no complete \\boxed{{}} in the solution: {solution[-200:]!r}")
    return Draft(kind="expression", question=text(row, spec["question"]), answer=answer, solution=solution)


def last_boxed(solution: str) -> str | None:
    r"""Return what the last `\boxed{...}`, `\fbox{...}` or `\boxed x` holds, None where there is none."""
    start = max(solution.rfind(mark) for mark in _MARKS)
    if start < 0:
        return None
    rest = solution[start:].removeprefix(_MARKS[0]).removeprefix(_MARKS[1])
    if rest.startswith(" "):
        return rest.strip().split("$")[0].strip() or None
    depth = 0
    for place, letter in enumerate(rest):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return rest[1:place].strip() if place else None
    return None
