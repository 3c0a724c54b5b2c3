"""Items with a JSON schema are read as JSON: a number stays one, and nothing is repaired."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.prompts import Draft, parse_schema_draft

SCHEMA = {"type": "object", "properties": {"n": {"type": "number", "minimum": 0.5}}, "required": ["n"]}
ITEM = {"question": "How much?", "schema": SCHEMA, "explanation": "It is more.", "answer": {"n": 2}}
TEXT = json.dumps(ITEM)


@pytest.mark.parametrize(
    "reply",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"<think>A schema { {} } first.</think>Here it is:\n{TEXT}\nThat is all.",
        json.dumps({"question": "An earlier try?", "schema": {"type": "null"}, "answer": 1}) + "\n" + TEXT,
        json.dumps(ITEM | {"schema": json.dumps(SCHEMA), "answer": '{"n": 2}'}),
        f"{{ not this }}\n{TEXT}",
    ],
)
def test_an_item_is_found_and_its_numbers_stay_numbers(reply: str) -> None:
    """What models write around it is passed over; schema and answer may come as text; the last counts."""
    draft = parse_schema_draft(reply)
    assert isinstance(draft, Draft)
    assert (draft.question, json.loads(draft.schema or ""), json.loads(draft.answer)) == (
        "How much?",
        SCHEMA,
        {"n": 2},
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "malformed"),
        ("I'm sorry, but I can't help with that.", "refused"),
        (TEXT[:-2], "malformed"),
        (TEXT.replace('"', "'"), "malformed"),
        (json.dumps({k: v for k, v in ITEM.items() if k != "schema"}), "malformed"),
        (json.dumps({k: v for k, v in ITEM.items() if k != "answer"}), "malformed"),
        (json.dumps(ITEM | {"question": " "}), "malformed"),
        (json.dumps(ITEM | {"question": ["How much?"]}), "malformed"),
        (json.dumps(ITEM | {"schema": "{ cut"}), "malformed"),
        (json.dumps(ITEM | {"answer": "two"}), "malformed"),
        (TEXT.replace("0.5", "NaN"), "malformed"),
        (TEXT.replace("0.5", "1e999"), "malformed"),
        (TEXT.replace("How", "\\ud800"), "malformed"),
        ('{"a": ' * 5000, "malformed"),
        ('{"question": ' + "[" * 3000 + "]" * 3000 + "}", "malformed"),
        ("x" * 300_000 + TEXT, "malformed"),
    ],
)
def test_what_is_no_item_says_so(reply: str, reason: str) -> None:
    """Cut off, repaired, without schema or answer, or too deep: nothing is made up."""
    assert getattr(parse_schema_draft(reply), "reason", None) == reason


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=80)
    | st.dictionaries(st.sampled_from(["question", "schema", "answer"]), st.text()).map(json.dumps)
)
def test_any_reply_is_read(reply: str) -> None:
    """No reply raises; what is a draft has a schema."""
    assert getattr(parse_schema_draft(reply), "schema", "") is not None
