"""Answers that are the same for every row: yes and no, a verdict on a pair of sentences.

`question`, `answers` (the fixed texts) and `label` (an index into them, or, with `labels`, a name of each; a
list names one answer by several labels). `kind: boolean` (the default for two answers) has no options where
they are yes and no; other words, of other languages, are listed, as they are for `multiple_choice`. Optional:
`context`.
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, choose, field, plain, text

__all__ = ["read"]


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a row with fixed answers.

    :raises RowProblem: if a field is missing or the label stands for no answer.
    """
    answers = tuple(str(a) for a in spec["answers"])
    index = _index(field(row, spec["label"]), spec.get("labels"))
    answer = choose(answers, index, field(row, spec["label"]))
    kind = str(spec.get("kind", "boolean" if len(answers) == 2 else "multiple_choice"))
    listed = kind == "multiple_choice" or not {"yes", "no"}.issuperset(answers)
    return Draft(
        kind=kind,
        question=text(row, spec["question"]),
        context=text(row, spec["context"]) if "context" in spec else None,
        options=answers if listed else (),
        answer=answer,
        answer_index=index if listed else None,
    )


def _index(label: Any, labels: list[Any] | None) -> int:
    if labels is not None:
        shown = plain(label)
        named = [[plain(v) for v in (names if isinstance(names, list) else [names])] for names in labels]
        found = [index for index, names in enumerate(named) if shown in names]
        if not found:
            raise RowProblem("gold_out_of_range", f"label {shown!r:.100} is none of {labels!r:.200}")
        return found[0]
    shown = str(int(label)) if isinstance(label, bool) else plain(label)
    if not shown.lstrip("-").isdecimal():
        raise RowProblem("gold_out_of_range", f"label {shown!r:.100} is no index")
    return int(shown)
