"""A worked solution whose last line is `#### <number>` (the form of GSM8K, Cobbe et al. 2021).

`question`, `answer`. The whole text, with its calculator annotations, is kept as the solution.
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, text

__all__ = ["read"]


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a worked maths row.

    :raises RowProblem: if a field is missing or the answer has no `####`.
    """
    solution = text(row, spec["answer"])
    _, mark, number = solution.rpartition("####")
    if not mark:
        raise RowProblem("bad_row", f"no `####` in the answer: {solution[-200:]!r}")
    return Draft(
        kind="number", question=text(row, spec["question"]), answer=number.strip(), solution=solution
    )
