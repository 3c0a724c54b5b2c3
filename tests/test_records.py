"""Records survive storage, ids are stable, and errors survive a process boundary."""

import dataclasses
import pickle
import typing

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed import errors
from taskseed.models.base import EngineFailure
from taskseed.records import (
    Decision,
    Dropped,
    Question,
    Sample,
    Seed,
    Solve,
    canonical_json,
    content_id,
    from_table,
    schema_of,
    to_table,
)

RECORDS = (Seed, Question, Solve, Decision, Sample, Dropped)
NUMBERS = {int: st.integers(-(2**31), 2**31 - 1), float: st.floats(allow_nan=False, allow_infinity=False)}


def fields_of(record_type):
    """Return a strategy for each field of a record, by its type."""
    hints = typing.get_type_hints(record_type)
    return {f.name: values_of(f.name, hints[f.name]) for f in dataclasses.fields(record_type)}


def values_of(name, hint):
    """Return a strategy for one annotated type."""
    if dataclasses.is_dataclass(hint):
        return records_of(hint)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return st.lists(values_of(name, arguments[0]), max_size=3).map(tuple)
    if arguments:
        return st.one_of([st.none() if a is type(None) else values_of(name, a) for a in arguments])
    if name == "source_row":
        return st.integers(0, 2**63 - 1)
    return NUMBERS[hint] if hint in NUMBERS else st.text(max_size=8)


def records_of(record_type):
    """Return a strategy for whole records."""
    return st.builds(record_type, **fields_of(record_type))


@pytest.mark.parametrize("record_type", RECORDS)
def test_records_come_back_from_a_table(record_type):
    """Any records, written and read, are equal to what they were, in order."""

    @settings(deadline=None, max_examples=25)
    @given(st.lists(records_of(record_type), max_size=3))
    def holds(records):
        table = to_table(records, record_type)
        assert table.schema == schema_of(record_type)
        assert from_table(table, record_type) == records
        sliced = pa.concat_tables([table.slice(0, 1), table.slice(1)])
        assert from_table(sliced, record_type) == records

    holds()


@pytest.mark.parametrize("record_type", RECORDS)
def test_a_column_is_nullable_exactly_where_the_field_may_be_none(record_type):
    """The schema has the fields in their order; only `X | None` may hold null."""
    schema, hints = schema_of(record_type), typing.get_type_hints(record_type)
    assert schema.names == [f.name for f in dataclasses.fields(record_type)]
    assert {f.name for f in schema if f.nullable} == {
        name for name, hint in hints.items() if type(None) in typing.get_args(hint)
    }


def test_the_types_of_the_data_sets_columns():
    """The public columns have the types that are promised."""
    types = {f.name: str(f.type) for f in schema_of(Sample)}
    assert {n for n, t in types.items() if t == "list<item: string>"} == {
        "aliases", "also_tasks", "axes", "options"
    }  # fmt: skip
    assert {n for n, t in types.items() if t == "int64"} == {"source_row"}
    assert {n for n, t in types.items() if t == "int32"} == {
        "answer_index", "votes_for", "votes_total", "votes_unparsed", "tokens",
        "letters_replaced", "equations_judged", "equations_wrong",
    }  # fmt: skip
    assert {n for n, t in types.items() if t == "double"} == {
        "agreement", "p_majority", "seed_similarity", "heldout_overlap", "nearest_duplicate"
    }  # fmt: skip
    assert {types[n] for n in ("id", "context", "text", "license", "model_license")} == {"string"}


def test_metadata_is_written_into_the_table():
    """Facts about a table travel with it."""
    assert to_table([], Seed, {"shard": "3"}).schema.metadata == {b"shard": b"3"}


def test_nested_records_are_readable_json():
    """A decision's solves are one JSON text per row, also where there are none."""
    question = Question(
        "q", "s", "t", 0, "number", "?", None, (), "1", None, (), (), None, "written", None, None
    )
    empty = Decision(question, "1", None, 0, 0, 0, None, None, "recomputed", "1", ())
    table = to_table([empty], Decision)
    assert table.column("solves").to_pylist() == ["[]"]
    assert from_table(table, Decision) == [empty]


def test_ids_are_stable_and_depend_on_every_part():
    """An id is 80 bits of a hash over canonical JSON: pinned, and blind to the order of keys only."""
    assert (
        content_id("question", 1, {"b": 2, "a": None})
        == content_id("question", 1, {"a": None, "b": 2})
        == PINNED
    )
    others = [
        content_id(*parts)
        for parts in (("question", "1"), ("question1",), ("question", 1), (["question", 1],))
    ]
    assert len({*others, PINNED}) == 5


def test_canonical_json_is_compact_sorted_utf8():
    """One value has one text."""
    assert canonical_json({"b": ["ü", 1.0, None], "a": True}) == '{"a":true,"b":["ü",1.0,null]}'.encode()


def test_a_dropped_candidate_keeps_its_record_and_short_evidence():
    """Records of ours and any row of a data set are kept as JSON; evidence is shortened and storable."""
    row = {"bytes": b"\x00\x01", 3: "key", "text": "語"}
    dropped = Dropped.of(
        "normalize", "bad_row", row, id="t/train/3", task="t", evidence="\ud83d" + "x" * 5000
    )
    assert dropped.record == '{"bytes":"b\'\\\\x00\\\\x01\'","3":"key","text":"語"}'
    assert (dropped.evidence[:2], len(dropped.evidence), dropped.score, dropped.seed_id) == (
        "?x",
        2000,
        None,
        None,
    )
    again = Dropped.of("package", "over_accept", dropped, id="again", task="t", score=0.5)
    assert '"reason":"bad_row"' in again.record
    assert from_table(to_table([dropped, again], Dropped), Dropped) == [dropped, again]


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_survive_pickling(name):
    """Message, hint, type and exit code cross a process boundary."""
    raised = getattr(errors, name)("the disk is full", "free some space")
    copy = pickle.loads(pickle.dumps(raised))
    assert (type(copy), copy.message, copy.hint, str(copy)) == (
        type(raised), "the disk is full", "free some space", "the disk is full"
    )  # fmt: skip
    assert copy.exit_code == raised.exit_code


def test_exit_codes_are_those_of_the_contract():
    """Each kind of error has its exit code."""
    assert {name: getattr(errors, name).exit_code for name in errors.__all__} == {
        "TaskseedError": 1,
        "RunError": 1,
        "EndpointError": 1,
        "UsageError": 2,
        "StoppedShort": 3,
        "WaitingForBatch": 4,
        "Interrupted": 130,
    }


def test_a_failed_request_survives_pickling():
    """Everything that decides about asking again is kept."""
    failure = EngineFailure("http_500", "try later", retryable=True, retry_after=1.5, possibly_billed=True)
    copy = pickle.loads(pickle.dumps(failure))
    assert (copy.reason, copy.detail, copy.retryable, copy.retry_after, copy.possibly_billed) == (
        "http_500", "try later", True, 1.5, True
    )  # fmt: skip
    assert str(copy) == "http_500: try later"
    assert str(EngineFailure("timeout")) == "timeout"


PINNED = "49ad4efa074c24b85c54"
