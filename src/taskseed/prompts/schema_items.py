"""Items that ask for data that fits a JSON schema, as writers send them.

Unlike other items they are read as JSON and nothing else: a number in a schema must stay one, and what is
repaired is no longer what the writer meant. Never inventive, like the other readers.
"""

import json
import re
from typing import Any

from taskseed.prompts.final_answer import after_thinking, looks_refused
from taskseed.prompts.jsonish import MAX_CHARS
from taskseed.prompts.parse import Draft, Malformed

__all__ = ["parse_schema_draft"]

_MAX_BRACKETS = 4_000
_MOST_STARTS = 20
_START = re.compile(r'\{\s*"')
_BAD = re.compile("[\ud800-\udfff\x00]")


def parse_schema_draft(text: str) -> Draft | Malformed:
    """Return the item in a writer's reply: `question`, `schema` and `answer`. Never raises; work is bounded.

    Of several items the last is the writer's last word. Schema and answer may be JSON or JSON as text.
    """
    body = after_thinking(text)
    if len(body) > MAX_CHARS or sum(map(body.count, "{[")) > _MAX_BRACKETS:
        return Malformed(
            "malformed", f"longer than {MAX_CHARS} characters, or of too many parts: {body[:200]}"
        )
    items = [found for found in _objects(body) if "question" in found]
    if not items:
        refused = not body.lstrip().startswith(("{", "`")) and looks_refused(body)
        return Malformed("refused" if refused else "malformed", f"no item in JSON: {body[-200:]}")
    item = items[-1]
    question, schema, answer = item["question"], _json(item.get("schema")), _json(item.get("answer"))
    if not isinstance(question, str) or not question.strip():
        return Malformed("malformed", "no question")
    if schema is None or answer is None:
        return Malformed("malformed", f"no {'schema' if schema is None else 'answer'} in JSON: {body[:200]}")
    if any(map(_BAD.search, (question, schema, answer))):
        return Malformed("malformed", "characters that are no text")
    return Draft(question.strip(), None, (), answer, None, (), schema=schema)


def _objects(body: str) -> list[dict[str, Any]]:
    """Return the objects in a text that are not inside one another, in order."""
    decoder = json.JSONDecoder(strict=False, parse_constant=_no_constant)
    found: list[dict[str, Any]] = []
    at = 0
    for _ in range(_MOST_STARTS):
        start = _START.search(body, at)
        if start is None:
            break
        try:
            value, at = decoder.raw_decode(body, start.start())
        except (ValueError, RecursionError):
            at = start.start() + 1
        else:
            found.append(value)
    return found


def _json(value: Any) -> str | None:
    """Return a value as JSON text; a text that is JSON itself stands for it."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            value = json.loads(value, parse_constant=_no_constant)
        return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
