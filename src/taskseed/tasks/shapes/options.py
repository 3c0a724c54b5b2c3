"""Option texts in fields, the gold one given by label, index or place.

`question`, `options` (one field or several), and one of: `gold` (the place that is always right, zero-based),
`answer` with `labels` (a field or a list that names each option), or `answer` as an index counted from
`index_from` (default 0). Optional: `context`.
"""

from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, choose, field, option_texts, plain, text

__all__ = ["read"]


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a multiple-choice row.

    :raises RowProblem: if a field is missing or the gold is not one of the options.
    """
    options = option_texts(row, spec["options"])
    index = _gold(row, spec, len(options))
    return Draft(
        kind="multiple_choice",
        question=text(row, spec["question"]),
        context=text(row, spec["context"]) if "context" in spec else None,
        options=options,
        answer=choose(options, index, spec.get("gold", index)),
        answer_index=index,
    )


def _gold(row: Mapping[str, Any], spec: Mapping[str, Any], count: int) -> int:
    if "gold" in spec:
        return int(spec["gold"])
    answer = plain(field(row, spec["answer"]))
    if "labels" in spec:
        named = spec["labels"]
        labels = [plain(v) for v in (field(row, named) if isinstance(named, str) else named)]
        if answer not in labels[:count]:
            raise RowProblem("gold_out_of_range", f"gold {answer!r:.100} is none of {labels!r:.200}")
        return labels.index(answer)
    if not answer.lstrip("-").isdecimal():
        raise RowProblem("gold_out_of_range", f"gold {answer!r:.100} is no index")
    return int(answer) - int(spec.get("index_from", 0))
