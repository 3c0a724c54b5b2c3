"""Lists of pairs: every word with its tag, or every name with its label; the answer is a JSON list of lists.

`question`, and either `left` with `right` (two fields with as many values each; `names` says what the
integers of `right` stand for), or `listed` (a field with text such as `PER: David $$ LOC: Oslo`). Optional:
`context`.
"""

import json
from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, field, plain, text

__all__ = ["read"]

_BETWEEN, _INSIDE = "$$", ": "


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a row whose answer is a list of pairs.

    :raises RowProblem: if a field is missing, or the pairs cannot be read.
    """
    pairs = _listed(plain(field(row, spec["listed"]))) if "listed" in spec else _paired(row, spec)
    return Draft(
        kind="structured",
        question=text(row, spec["question"]),
        context=text(row, spec["context"]) if "context" in spec else None,
        answer=json.dumps(pairs, ensure_ascii=False),
    )


def _listed(shown: str) -> list[list[str]]:
    """Read `PER: David $$ LOC: Oslo`; an empty text is a list of nothing."""
    found = []
    for part in shown.split(_BETWEEN) if shown else []:
        label, inside, name = part.strip().partition(_INSIDE)
        if not (label and inside and name.strip()):
            raise RowProblem("bad_row", f"no `label: name` in {part!r:.100}")
        found.append([label, name.strip()])
    return found


def _paired(row: Mapping[str, Any], spec: Mapping[str, Any]) -> list[list[str]]:
    left, right, names = field(row, spec["left"]), field(row, spec["right"]), spec.get("names")
    if not isinstance(left, list | tuple) or not isinstance(right, list | tuple) or len(left) != len(right):
        raise RowProblem("bad_row", f"`{spec['left']}` and `{spec['right']}` are no lists of one length")
    return [[plain(word), _named(tag, names)] for word, tag in zip(left, right, strict=True)]


def _named(tag: Any, names: list[str] | None) -> str:
    if names is None:
        return plain(tag)
    if not isinstance(tag, int) or not 0 <= tag < len(names):
        raise RowProblem("gold_out_of_range", f"tag {tag!r:.100} of {len(names)}")
    return str(names[tag])
