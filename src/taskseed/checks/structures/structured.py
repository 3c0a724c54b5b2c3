"""JSON answers: read strictly, compared by value. Pure, linear, and bounded in depth."""

import json
import re
from decimal import Decimal
from typing import Any

from taskseed.checks.structures.python_literals import python_as_json, takes_python
from taskseed.checks.structures.stated_values import stated_value

__all__ = ["MAX_STRUCTURED", "canonical_structure", "read_structure"]

MAX_STRUCTURED = 100_000  # characters; a structure may be longer than an answer in words
_MAX_DEPTH = 100
_MAX_DIGITS = 400  # of one number; and the largest exponent
# The closing quote may be missing, so that the search never goes back.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class _Unreadable(ValueError):
    """The text is not one plain JSON value."""


def read_structure(text: str, question: str = "") -> Any:
    """Return the JSON value that an answer states; numbers are exact (`int` or `Decimal`).

    Reads JSON as such, in what models wrap it in (fences, emphasis, `\\boxed{}`), and in words that say that
    it is the answer. Where several values stand there, the one that is announced as the answer behind all
    others counts, or the only one that does not stand in the question.

    :param question: what was asked; if it takes a Python literal, one is read as its JSON.
    :raises ValueError: if the text is anything else: cut off, nested deeper than 100, with a key twice in one
        object, with `NaN`, with a number beyond 400 digits, or with half a surrogate pair.
    """
    if len(text) > MAX_STRUCTURED:
        raise _Unreadable(f"longer than {MAX_STRUCTURED} characters")
    if takes_python(question):
        text = python_as_json(text)
    return _loaded(stated_value(text, _form, question))


def canonical_structure(text: str, question: str = "") -> str | None:
    """Return the one JSON text of the value that an answer states, or None where it is not readable.

    Keys are sorted and numbers are written by value, so that `{"b": 1.0, "a": 1e2}` is `{"a":100,"b":1}`.
    `true` is not `1`, text is not a number, and the order of a list counts.

    :param question: what was asked.
    """
    try:
        return _canonical(read_structure(text, question))
    except ValueError:
        return None


def _form(text: str) -> str | None:
    """Return the canonical form of a JSON text."""
    try:
        return _canonical(_loaded(text))
    except ValueError:
        return None


def _canonical(value: Any) -> str:
    written = _written(value)
    written.encode()  # half a surrogate pair may have been escaped
    return written


def _loaded(body: str) -> Any:
    if _depth(body) > _MAX_DEPTH:
        raise _Unreadable(f"nested deeper than {_MAX_DEPTH}")
    body.encode()  # UnicodeEncodeError is a ValueError
    return json.loads(
        body,
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_number,
        parse_constant=_constant,
    )


def _depth(text: str) -> int:
    """Return how deep brackets nest outside of strings."""
    deepest = depth = 0
    for sign in _STRING_OR_BRACKET.findall(text):
        if sign[0] != '"':
            depth += 1 if sign in "[{" else -1
            deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unreadable("a key stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise _Unreadable("a number is too long")
    return int(digits)


def _number(digits: str) -> Decimal:
    value = Decimal(digits) if len(digits) <= _MAX_DIGITS else Decimal("Infinity")
    if abs(value.adjusted() if value.is_finite() else _MAX_DIGITS + 1) > _MAX_DIGITS:
        raise _Unreadable("a number is too long")
    return value


def _constant(name: str) -> Any:
    raise _Unreadable(f"{name} is no JSON")


def _written(value: Any) -> str:
    """Write a value; its depth is bounded by what was read."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(k)}:{_written(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Decimal):
        return _plain(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(value: Decimal) -> str:
    digits = f"{value:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits
