"""Checking JSON answers against a JSON schema. It takes as long as the schema wants: only for `workers/`."""

import decimal
import re
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import orjson

from taskseed.checks.structures.schemas import DIALECTS, schema_refusal
from taskseed.checks.structures.structured import read_structure

__all__ = ["violations"]

# Formats whose check needs no further package, so that every machine says the same; others say nothing.
_FORMATS = ("date", "email", "ipv4", "ipv6", "regex", "uuid")
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_SHOWN = 200  # characters of what does not fit
_DIGITS = 1000  # of exact arithmetic: `multipleOf: 0.01` holds for 299.99


def violations(schema: str, answers: list[str]) -> list[str]:
    """Return for each answer what does not fit the schema first, or an empty text where it fits.

    An answer is JSON and nothing else. The schema is read in its own dialect, and in that of 2020-12, which
    the harness's metric goes by (jsonschema_bench: `schema_compliance`); an answer must fit both.

    :raises ValueError: if the schema is refused, or is no schema of its dialect.
    :raises Exception: whatever a hostile schema makes the validator raise.
    """
    refused = schema_refusal(schema)
    if refused:
        raise ValueError(refused)
    with decimal.localcontext(decimal.Context(prec=_DIGITS)):
        validators = _validators(_plain(read_structure(schema)))
        return [_violation(answer, validators) for answer in answers]


def _validators(schema: dict[str, Any]) -> list[Any]:
    # Only a worker may take the time and memory that a hostile schema wants.
    import jsonschema
    from referencing import Registry

    formats = jsonschema.FormatChecker(formats=_FORMATS)
    formats.checks("date-time", raises=ValueError)(_is_date_time)
    formats.checks("time", raises=ValueError)(_is_time)
    dialect = str(schema.pop("$schema", DIALECTS[-1])).removesuffix("#")
    for name in ("$id", "id"):  # the document's own name: nothing outside of it refers to it
        if isinstance(schema.get(name), str):
            del schema[name]
    own = jsonschema.validators.validator_for({"$schema": dialect})
    found = []  # with an empty registry: no document but this one is ever looked for
    for kind in dict.fromkeys((own, jsonschema.Draft202012Validator)):
        try:
            kind.check_schema(schema)
        except jsonschema.SchemaError as fault:
            raise ValueError(f"no schema of its dialect: {fault.message[:_SHOWN]}") from None
        found.append(kind(schema, format_checker=formats, registry=Registry()))
    return found


def _violation(answer: str, validators: list[Any]) -> str:
    try:
        value = _plain(read_structure(answer))
        orjson.loads(answer)  # the text is the value: no fence, no words around it
    except ValueError as problem:
        return f"not one JSON value: {problem}"[:_SHOWN]
    for validator in validators:
        fault = next(validator.iter_errors(value), None)
        if fault is not None:
            return f"{fault.json_path}: {fault.message}"[:_SHOWN]
    return ""


def _plain(value: Any) -> Any:
    """Return a value with whole numbers as integers: `1.0` is one (JSON Schema 2020-12, 6.1.1)."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _is_date_time(value: Any) -> bool:
    """Say whether a text is a date and time of RFC 3339; what is no text has no format."""
    if not isinstance(value, str):
        return True
    day, _, hour = value.partition("T" if "T" in value else "t")
    datetime.strptime(day, "%Y-%m-%d")
    return _is_time(hour)


def _is_time(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    if _TIME.fullmatch(value) is None:
        return False
    time.fromisoformat(value.upper()[:8])
    return True
