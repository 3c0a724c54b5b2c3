"""A JSON schema to be met: the form of JSONSchemaBench (Geng et al. 2025, arXiv 2501.10868).

`schema` (a field with the schema, as text or as a value), `instruction` (what is asked, a text of its own,
since rows have none). Optional: `answer`, a field that some rows have, with one answer that fits. There are
many; a row without one is a seed nevertheless, because the schema says which answers are right.
"""

import json
from collections.abc import Mapping
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, field, plain
from taskseed.text import with_schema

__all__ = ["MAX_SCHEMA", "read"]

MAX_SCHEMA = 20_000  # characters: a longer one leaves no room for a question like it


def read(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Draft:
    """Return the draft of a row with a schema.

    :raises RowProblem: if the schema is missing, too long, or not a JSON object.
    """
    schema = _text(field(row, spec["schema"]))
    if len(schema) > MAX_SCHEMA:
        raise RowProblem("bad_row", f"a schema of {len(schema)} characters, more than {MAX_SCHEMA}")
    try:
        whole = isinstance(json.loads(schema), dict)
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        raise RowProblem("bad_row", f"the schema is not a JSON object: {schema[:200]!r}")
    return Draft(
        kind="structured",
        question=with_schema(str(spec["instruction"]), schema),
        answer=_text(row.get(str(spec.get("answer")))),
        schema=schema,
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else plain(value)
