"""JSON answers: read strictly, compared by value. Pure, linear, and bounded in depth."""

import json
import re
from decimal import Decimal
from typing import Any

__all__ = ["MAX_STRUCTURED", "canonical_structure", "read_structure"]

MAX_STRUCTURED = 100_000  # characters; a structure may be longer than an answer in words
_MAX_DEPTH = 100
_MAX_DIGITS = 400  # of one number; and the largest exponent
_FENCE = re.compile(
    r"```[ \t]{0,3}(?:json[c5]?)?[ \t]{0,3}\n(.*?)\n?[ \t]{0,8}```", re.DOTALL | re.IGNORECASE
)
# The closing quote may be missing, so that the search never goes back.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_DENIED = re.compile(r"\b(?:not|no|never|wrong|incorrect|instead|except|invalid)\b|n't\b", re.IGNORECASE)
_INTRODUCED = re.compile(r"[^\[{\"\n]{0,200}:\s{1,3}(?=[\[{])")


class _Unreadable(ValueError):
    """The text is not one plain JSON value."""


def read_structure(text: str) -> Any:
    """Return the JSON value that an answer states; numbers are exact (`int` or `Decimal`).

    Reads JSON as such, in a Markdown fence, or after an introduction ("Here it is: {...}").

    :raises ValueError: if the text is anything else: cut off, nested deeper than 100, with a key twice in one
        object, with `NaN`, with a number beyond 400 digits, or with half a surrogate pair.
    """
    if len(text) > MAX_STRUCTURED:
        raise _Unreadable(f"longer than {MAX_STRUCTURED} characters")
    body = _body(text)
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


def canonical_structure(text: str) -> str | None:
    """Return the one JSON text of the value that an answer states, or None where it is not readable.

    Keys are sorted and numbers are written by value, so that `{"b": 1.0, "a": 1e2}` is `{"a":100,"b":1}`.
    `true` is not `1`, text is not a number, and the order of a list counts.
    """
    try:
        written = _written(read_structure(text))
        written.encode()  # half a surrogate pair may have been escaped
    except ValueError:
        return None
    return written


def _body(text: str) -> str:
    fences = _FENCE.findall(text) if text.count("```") == 2 else []
    if fences:
        return str(fences[0]).strip()
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "`" and text.count("`") == 2:
        text = text[1:-1].strip()
    introduced = _INTRODUCED.match(text)
    if introduced is None or _DENIED.search(introduced[0]):
        return text
    return text[introduced.end() :]


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
