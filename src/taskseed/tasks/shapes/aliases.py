"""A short answer, with other texts that are equally right, or a span of a passage.

`question`, `answers` (a field with the texts; a single text counts as a list of one, and an answer may be a
list of one text). Optional: `answer` (the field with the preferred text; else the first of the answers),
`context`, `kind` (default `short_answer`).
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, field, plain, text

__all__ = ["read"]


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a row with a short answer.

    :raises RowProblem: if a field is missing, the answers are no texts, or an answer is a list of several.
    """
    found = field(row, spec["answers"])
    listed = [_one(v) for v in (found if isinstance(found, list | tuple) else [found])]
    if "answer" in spec:
        listed = [text(row, spec["answer"]), *listed]
    answers = tuple(dict.fromkeys(a for a in listed if a)) or ("",)
    return Draft(
        kind=str(spec.get("kind", "short_answer")),
        question=text(row, spec["question"]),
        context=text(row, spec["context"]) if "context" in spec else None,
        answer=answers[0],
        aliases=answers[1:],
    )


def _one(answer: Any) -> str:
    if isinstance(answer, Mapping):
        raise RowProblem("bad_row", f"an answer is not a text: {dict(answer)!r:.200}")
    if isinstance(answer, list | tuple) and len(answer) > 1:
        raise RowProblem("several_answers", f"one answer of {len(answer)} parts: {list(answer)!r:.200}")
    return plain(answer)
