"""JSON schemas that a model wrote: what is refused unread, and answers checked in killable processes."""

import asyncio
import importlib.util
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.checks.structures.schemas import TRIVIAL, SchemaFit, schema_refusal
from taskseed.checks.structures.validation import violations
from taskseed.run.schemas import open_schemas

BOOKING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "guest": {"type": "string", "minLength": 1},
        "nights": {"type": "integer", "minimum": 1, "maximum": 30},
        "price": {"type": "number", "multipleOf": 0.01},
        "room": {"enum": ["single", "double"]},
        "arrival": {"type": "string", "format": "date"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
        "extras": {"type": "array", "items": {"$ref": "#/$defs/extra"}, "uniqueItems": True},
    },
    "required": ["guest", "nights"],
    "additionalProperties": False,
    "$defs": {"extra": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
}
GOOD = {"guest": "Ada", "nights": 2}


def nested(depth: int) -> dict[str, Any]:
    """Return a schema of objects inside objects."""
    return {"type": "object", "properties": {"a": nested(depth - 1)}} if depth else {"type": "null"}


REFUSED = [
    ("", "not one JSON value"),
    ("true", "not an object"),
    ("{}", "not an object"),
    ('{"type": "object"', "not one JSON value"),
    ('{"type": NaN}', "not one JSON value"),
    ("[" * 5000, "not one JSON value"),
    ('{"a": ' * 5000 + "1" + "}" * 5000, "longer than"),
    ('{"type": "string", "description": "' + "x" * 20_000 + '"}', "longer than"),
    ('{"$schema": "https://example.org/mine"}', "dialect"),
    ('{"$schema": 7}', "dialect"),
    (json.dumps(nested(31)), "deeper than 30"),
    (json.dumps({"allOf": [{"type": "string"}] * 999}), None),
    (json.dumps({"allOf": [{} for _ in range(4000)]}), "more than 3000"),
    ('{"$ref": "https://example.org/other.json"}', "no schema in this document"),
    ('{"$ref": "file:///etc/passwd"}', "no schema in this document"),
    ('{"$ref": "other.json#/a"}', "no schema in this document"),
    ('{"$ref": "#name"}', "no schema in this document"),
    ('{"$ref": "#/$defs/none"}', "no schema in this document"),
    ('{"$ref": 3}', "no schema in this document"),
    ('{"properties": {"a": {"$id": "https://example.org/a", "$ref": "#/b"}}}', "identity of its own"),
    ('{"$dynamicRef": "#a"}', "`$dynamicRef` is not read"),
    ('{"$defs": {"a": {"$anchor": "a"}}}', "`$anchor` is not read"),
    ('{"$ref": "#"}', "circle"),
    ('{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}', "circle"),
    ('{"allOf": [{"anyOf": [{"not": {"$ref": "#"}}]}]}', "circle"),
    ('{"if": {"type": "string"}, "then": {"$ref": "#"}}', "circle"),
    ('{"dependentSchemas": {"a": {"$ref": "#"}}}', "circle"),
    ('{"enum": [{"$ref": "#/enum/0"}], "allOf": [{"$ref": "#/enum/0"}]}', "circle"),
    ('{"type": "string", "pattern": "' + "a" * 201 + '"}', "pattern"),
    ('{"patternProperties": {"' + "a" * 201 + '": {}}}', "pattern"),
]
ACCEPTED = [
    BOOKING,
    {"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.org/x", "type": "object"},
    {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
    {"type": "array", "items": {"$ref": "#"}},
    {"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}, "pattern": {"type": "string"}}},
    {"enum": [{"$ref": "https://example.org"}], "const": {"$dynamicRef": "x"}},
    {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "null"}}},
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_cannot_be_bounded_is_refused(text: str, reason: str | None) -> None:
    """Other documents, circles, depth, size and what is read differently elsewhere are refused."""
    found = schema_refusal(text)
    assert (found is None) == (reason is None)
    assert (reason or "") in (found or "")


@pytest.mark.parametrize("schema", ACCEPTED)
def test_plain_schemas_are_accepted(schema: dict[str, Any]) -> None:
    """Local references are fine, also to the whole; so are data and properties that look like keywords."""
    assert schema_refusal(json.dumps(schema)) is None


KEYWORDS = st.sampled_from(
    ["$ref", "allOf", "not", "if", "properties", "$defs", "items", "pattern", "$id", "$schema", "enum", "a"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.dictionaries(KEYWORDS, JSON, max_size=4).map(json.dumps))
def test_any_text_is_read(text: str) -> None:
    """Whatever is called a schema is refused with a reason or accepted; nothing raises."""
    assert isinstance(schema_refusal(text), str | None)


@pytest.mark.parametrize(
    ("answer", "violated"),
    [
        (GOOD, ""),
        (GOOD | {"nights": 2.0}, ""),
        (GOOD | {"nights": 2.5}, "$.nights: "),
        (GOOD | {"nights": True}, "$.nights: "),
        (GOOD | {"nights": "2"}, "$.nights: "),
        (GOOD | {"nights": 31}, "$.nights: "),
        (GOOD | {"price": 299.99}, ""),
        (GOOD | {"price": 0.1 + 0.2}, "$.price: "),
        (GOOD | {"room": "suite"}, "$.room: "),
        (GOOD | {"arrival": "2026-02-28"}, ""),
        (GOOD | {"arrival": "2026-02-30"}, "$.arrival: "),
        (GOOD | {"code": "AB123"}, ""),
        (GOOD | {"code": "AB1234"}, "$.code: "),
        (GOOD | {"extras": [{"name": "cot"}]}, ""),
        (GOOD | {"extras": [{"name": "cot"}, {"name": "cot"}]}, "$.extras: "),
        (GOOD | {"extras": [{}]}, "$.extras[0]: "),
        (GOOD | {"pets": 1}, "$: "),
        ({"guest": "Ada"}, "$: "),
        ([GOOD], "$: "),
    ],
)
def test_answers_are_checked_against_the_schema(answer: Any, violated: str) -> None:
    """Types, ranges, enumerations, multiples, formats, patterns and references hold; the place is named."""
    (found,) = violations(json.dumps(BOOKING), [json.dumps(answer)])
    assert (found[: len(violated)], found == "") == (violated, violated == "")


@pytest.mark.parametrize(
    "answer",
    ["", "guest: Ada", "```json\n" + json.dumps(GOOD) + "\n```", "Here it is: " + json.dumps(GOOD),
     json.dumps(GOOD) + "\n" + json.dumps(GOOD), '{"guest": "Ada", "nights": 2, "nights": 3}',
     '{"guest": "Ada", "nights": NaN}', "[" * 3000, '{"guest": "\\ud800", "nights": 2}'],
)  # fmt: skip
def test_an_answer_is_json_and_nothing_else(answer: str) -> None:
    """Words, fences, a second value, a key twice and what is no JSON do not fit, whatever the schema says."""
    assert violations(json.dumps(BOOKING), [answer])[0][:18] == "not one JSON value"


@pytest.mark.parametrize(
    ("schema", "answer", "fits"),
    [
        ({"format": "date-time"}, '"2026-02-28T10:00:00Z"', True),
        ({"format": "date-time"}, '"2026-02-28 10:00"', False),
        ({"format": "date-time"}, '"2026-02-30T10:00:00Z"', False),
        ({"format": "time"}, '"25:00:00Z"', False),
        ({"format": "uuid"}, '"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"', True),
        ({"format": "ipv4"}, '"300.1.1.1"', False),
        ({"format": "something-else"}, '"x"', True),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "const": 1}, "1", True),
    ],
)
def test_formats_and_dialects(schema: dict[str, Any], answer: str, fits: bool) -> None:
    """Formats are checked where no further package is needed, so that every machine says the same."""
    assert (violations(json.dumps(schema), [answer]) == [""]) == fits


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strong"},
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True},
        {"items": [{"type": "string"}]},
        {"pattern": "("},
    ],
)
def test_what_is_no_schema_of_both_dialects_raises(schema: dict[str, Any]) -> None:
    """A schema must be one of its own dialect and of 2020-12, which the harness's metric goes by."""
    with pytest.raises(ValueError, match="no schema of its dialect"):
        violations(json.dumps(schema), ["1"])


def test_the_harness_own_examples() -> None:
    """Of the six examples in the task's file five fit their schemas; the third belongs to another one."""
    (where,) = importlib.util.find_spec("lm_eval").submodule_search_locations
    text = (Path(where) / "tasks/jsonschema_bench/jsonschema_bench_easy.yaml").read_text()
    samples = yaml.safe_load(text.replace("!function ", ""))["fewshot_config"]["samples"]
    found = [
        violations(sample["json_schema"].strip(), [sample["json_object"].strip()])[0] for sample in samples
    ]
    assert [not fault for fault in found] == [True, True, False, True, True, True]
    assert found[2][:3] == "$: "


@pytest.fixture
def fits():
    """Return what checks answers in processes of their own."""
    stack = AsyncExitStack()
    yield open_schemas(stack)
    asyncio.run(stack.aclose())


def test_hostile_schemas_are_bounded(fits) -> None:
    """A regular expression that never ends and 2^24 checks are `unknown` after three seconds each."""
    bomb = json.dumps({"type": "string", "pattern": "^(a+)+$"})
    laughs = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(24)}
    tree = json.dumps({"$ref": "#/$defs/l0", "$defs": {**laughs, "l24": {"type": "string"}}})
    assert [schema_refusal(bomb), schema_refusal(tree)] == [None, None]
    for schema in (bomb, tree):
        began = time.monotonic()
        (found,) = fits(schema, [json.dumps("a" * 40 + "!")])
        assert (found.verdict, time.monotonic() - began < 10) == ("unknown", True)
        assert found.detail[:8] == "timeout:"
    assert fits(json.dumps(BOOKING), [json.dumps(GOOD), "{}"]) == [
        SchemaFit("fits"),
        SchemaFit("violates", "$: 'guest' is a required property"),
    ]


def test_no_document_is_fetched(fits) -> None:
    """A reference that hides in data is looked for nowhere: the answer is `unknown`."""
    hidden = {"examples": [{"$ref": "http://127.0.0.1:9/a"}], "allOf": [{"$ref": "#/examples/0"}]}
    (found,) = fits(json.dumps(hidden), ["1"])
    assert (found.verdict, "127.0.0.1:9" in found.detail) == ("unknown", True)


def test_what_says_nothing_fits_no_schema_that_demands_something() -> None:
    """The values that a schema is tried with do not fit the booking, but a schema without demands."""
    assert [f == "" for f in violations(json.dumps(BOOKING), list(TRIVIAL))] == [False] * len(TRIVIAL)
    assert violations('{"description": "anything"}', list(TRIVIAL)) == [""] * len(TRIVIAL)
