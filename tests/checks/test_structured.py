import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stages.makers import question

from taskseed.checks.answers import same_answer, vote_key
from taskseed.checks.format import schema_fault
from taskseed.checks.structures.structured import canonical_structure

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("depth", [101, 255, 995, 50_000])
def test_a_deeply_nested_answer_is_no_answer(depth):
    """Nesting beyond 100 is not read, whether by brackets or braces, and raises nothing."""
    for nested in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "{" * depth):
        assert vote_key("structured", nested) is None
        assert same_answer("structured", nested, nested) == "unknown"


def test_a_deeply_nested_answer_is_a_bad_schema():
    """A question whose answer nests beyond what is read is dropped as `bad_schema`, not a crash."""
    nested = "[" * 300 + "]" * 300
    fault = schema_fault(question(kind="structured", answer=nested, options=(), answer_index=None))
    assert fault is not None
    assert fault.reason == "bad_schema"


@given(VALUES)
def test_any_value_is_read_back(value):
    """A value's JSON, plain, indented or fenced, has one canonical text, which reads as itself."""
    try:
        written = json.dumps(value, ensure_ascii=False)
        written.encode()
    except UnicodeEncodeError:
        return
    key = canonical_structure(written)
    assert canonical_structure(json.dumps(value, indent=2)) == key
    assert canonical_structure(f"```json\n{written}\n```") == key
    read = [None if text is None else json.loads(text, parse_int=float) for text in (key, written)]
    assert (canonical_structure(key or "x"), read[0]) == (key, read[1])


@given(st.text(max_size=200) | st.text('[]{}",:0123456789.eE-+ntfalsrue\\u', max_size=200))
def test_no_text_raises(text):
    """Whatever the text, it is a canonical value or None."""
    key = canonical_structure(text)
    assert key is None or canonical_structure(key) == key


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "{" * 50_000, "[" + "9" * 99_000 + "]", "1e999999999", '"' * 100_000, '"\\' * 50_000,
     "```" * 30_000, "a:" * 50_000, "9" * 10_000_000],
)  # fmt: skip
def test_hostile_structures_cost_nothing(text):
    """Braces, digits, quotes and fences without end are refused in a tenth of a second."""
    start = time.process_time()
    assert canonical_structure(text) is None
    assert time.process_time() - start < 0.1
