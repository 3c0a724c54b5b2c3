"""The vocabulary the stages share: small frozen records, and the Arrow schemas they are stored in.

A field's name is its column's name. The schema of `Sample` is the public contract of
`dataset/data/*.parquet`; see `docs/columns.md`.
"""

import dataclasses
import hashlib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import pyarrow as pa

__all__ = [
    "KINDS",
    "STYLES",
    "Decision",
    "Dropped",
    "Question",
    "Sample",
    "Seed",
    "Solve",
    "canonical_json",
    "content_id",
    "from_table",
    "schema_of",
    "to_table",
]

KINDS = (
    "multiple_choice",
    "number",
    "expression",
    "short_answer",
    "span",
    "boolean",
    "code",
    "structured",
    "free_text",
)
STYLES = ("direct", "reasoning", "knowledge", "distractors")

R = TypeVar("R")


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, UTF-8, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)


def content_id(*parts: Any) -> str:
    """Return a stable 20-digit hexadecimal id (80 bits of sha256) of the parts' canonical JSON."""
    return hashlib.sha256(canonical_json(parts)).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Seed:
    """One normalised training row. `answer` is the row's gold answer as a person would say it."""

    seed_id: str
    task: str
    family: str
    also_tasks: tuple[str, ...]
    capability: str
    domain: str
    language: str
    kind: str
    question: str
    context: str | None
    options: tuple[str, ...]
    answer: str
    answer_index: int | None
    aliases: tuple[str, ...]  # other texts that are equally right
    checks: tuple[str, ...]  # asserts that a code answer must pass
    solution: str | None  # the row's own worked solution, where it has one
    extractor: str | None  # JSON: how the task itself finds an answer in a text
    equivalence: str | None  # JSON: what the task's metrics ignore when they compare answers
    license: str
    source_dataset: str
    source_config: str | None
    source_split: str
    source_revision: str | None
    source_row: int
    harness_version: str
    heldout_overlap: float | None = None
    schema: str | None = None  # the JSON schema that an answer must fit; such a row may have no gold answer


@dataclass(frozen=True, slots=True)
class Question:
    """A new question written from a seed. `answer` is the writer's proposal until votes confirm it."""

    question_id: str
    seed_id: str
    task: str
    slot: int
    kind: str
    question: str
    context: str | None
    options: tuple[str, ...]
    answer: str
    answer_index: int | None
    aliases: tuple[str, ...]
    checks: tuple[str, ...]
    solution: str | None  # a numeric variant's recomputed solution
    derivation: str  # written | numeric_variant
    writer_model: str | None
    writer_prompt: str | None
    extractor: str | None = None  # the seed's, as is the next: how answers of its task are found and compared
    equivalence: str | None = None
    seed_similarity: float | None = None
    heldout_overlap: float | None = None
    nearest_duplicate: float | None = None
    schema: str | None = None  # the JSON schema that decides whether an answer is right; `question` shows it
    axes: tuple[str, ...] = ()  # what the writer was asked for: "difficulty=harder", "topic=tides", ...


@dataclass(frozen=True, slots=True)
class Solve:
    """One independent attempt to answer a question; both a vote and a candidate record.

    :param vote: the answer it arrived at (option text or normalised value); None where unparsed.
    """

    solve_id: str
    question_id: str
    seed_id: str
    task: str
    index: int
    style: str
    enrichment: str
    answer: str | None
    vote: str | None
    finish_reason: str
    solver_model: str | None
    solver_prompt: str | None
    heldout_overlap: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A question whose votes are decided, with every solve that was made of it.

    :param answer: the answer that the votes (or another verifier) established.
    :param verifier: `vote`, `vote+equivalence`, `executed`, `recomputed` or `judge`.
    :param votes_by_style: JSON, by style: how many solves arrived at the answer, and how many there were.
    :param votes_by_model: the same by the solves' model; the share is the question's difficulty for it.
    """

    question: Question
    answer: str
    answer_index: int | None
    votes_for: int
    votes_total: int
    votes_unparsed: int
    agreement: float | None
    p_majority: float | None
    verifier: str
    winner: str  # the winning vote
    solves: tuple[Solve, ...]
    votes_by_style: str = "{}"
    votes_by_model: str = "{}"
    judge_model: str | None = None  # where the verifier is `judge`


@dataclass(frozen=True, slots=True)
class Sample:
    """An accepted record: one row of the data set."""

    id: str
    question_id: str
    seed_id: str
    task: str
    family: str
    also_tasks: tuple[str, ...]
    capability: str
    domain: str
    language: str
    kind: str
    question: str
    context: str | None
    options: tuple[str, ...]
    answer: str
    answer_index: int | None
    aliases: tuple[str, ...]
    style: str
    enrichment: str
    text: str
    votes_for: int
    votes_total: int
    votes_unparsed: int
    agreement: float | None
    p_majority: float | None
    votes_by_style: str
    votes_by_model: str
    verifier: str
    derivation: str
    axes: tuple[str, ...]
    seed_similarity: float | None
    heldout_overlap: float | None
    nearest_duplicate: float | None
    license: str
    model_license: str | None
    source_dataset: str
    source_config: str | None
    source_split: str
    source_revision: str | None
    source_row: int
    writer_model: str | None
    solver_model: str | None
    writer_prompt: str | None
    solver_prompt: str | None
    tokens: int
    judge_model: str | None = None
    letters_replaced: int = 0  # option letters in the enrichment for which the options' texts were put
    equations_judged: int | None = (
        None  # of the enrichment; None where the question is not one of mathematics
    )
    equations_wrong: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that ended here, with its one terminal reason.

    :param id: the candidate's own id (seed row, slot, question, solve or sample).
    :param score: the number that decided, where one did.
    :param evidence: what a person needs to see to agree or object, shortened.
    :param record: the candidate as JSON, so that nothing is lost.
    """

    id: str
    stage: str
    task: str
    seed_id: str | None
    reason: str
    score: float | None
    evidence: str
    record: str

    @classmethod
    def of(
        cls,
        stage: str,
        reason: str,
        candidate: Any,
        *,
        id: str,  # noqa: A002
        task: str,
        seed_id: str | None = None,
        score: float | None = None,
        evidence: str = "",
    ) -> "Dropped":
        """Drop a candidate: a record of ours, or any JSON-serialisable value."""
        if dataclasses.is_dataclass(candidate) and not isinstance(candidate, type):
            candidate = dataclasses.asdict(candidate)
        text = orjson.dumps(candidate, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        # Evidence may quote what a model escaped: half a surrogate pair is text that no file can hold.
        shown = evidence[:2000].encode("utf-8", "replace").decode("utf-8")
        return cls(id, stage, task, seed_id, reason, score, shown, text)


_ARROW = {str: pa.string(), int: pa.int32(), float: pa.float64(), bool: pa.bool_()}
_WIDE = {"source_row": pa.int64()}


def _arrow_field(name: str, hint: Any) -> pa.Field:
    args = typing.get_args(hint)
    if dataclasses.is_dataclass(hint) or (args and dataclasses.is_dataclass(args[0])):
        return pa.field(name, pa.string(), nullable=False)  # nested records are stored as JSON
    if isinstance(hint, types.UnionType):
        inner = next(a for a in args if a is not type(None))
        return pa.field(name, _WIDE.get(name, _ARROW[inner]), nullable=True)
    if typing.get_origin(hint) is tuple:
        return pa.field(name, pa.list_(pa.string()), nullable=False)
    return pa.field(name, _WIDE.get(name, _ARROW[hint]), nullable=False)


def schema_of(record_type: type) -> pa.Schema:
    """Return the Arrow schema of a record type; a field typed `X | None` is nullable."""
    hints = typing.get_type_hints(record_type)
    return pa.schema([_arrow_field(f.name, hints[f.name]) for f in dataclasses.fields(record_type)])


def to_table(
    records: Iterable[Any], record_type: type, metadata: Mapping[str, str] | None = None
) -> pa.Table:
    """Return a table with one row per record, in the given order."""
    rows: Sequence[Any] = list(records)
    schema = schema_of(record_type)
    columns = [pa.array([_plain(getattr(r, f.name), f.type) for r in rows], type=f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema).replace_schema_metadata(dict(metadata or {}))


def from_table(table: pa.Table, record_type: type[R]) -> list[R]:
    """Return the records of a table written by `to_table`."""
    hints = typing.get_type_hints(record_type)
    names = [f.name for f in dataclasses.fields(record_type)]  # type: ignore[arg-type]
    columns = [[_revive(v, hints[n]) for v in table.column(n).to_pylist()] for n in names]
    return [record_type(*row) for row in zip(*columns, strict=True)]


def _plain(value: Any, column: pa.DataType) -> Any:
    if dataclasses.is_dataclass(value) or (isinstance(value, tuple) and pa.types.is_string(column)):
        return orjson.dumps(value).decode()
    return list(value) if isinstance(value, tuple) else value


def _revive(value: Any, hint: Any) -> Any:
    nested = hint if dataclasses.is_dataclass(hint) else next(iter(typing.get_args(hint)), None)
    if not (isinstance(nested, type) and dataclasses.is_dataclass(nested)):
        return tuple(value) if isinstance(value, list) else value
    data = orjson.loads(value)
    if isinstance(data, list):
        return tuple(_revived(nested, d) for d in data)
    return _revived(nested, data)


def _revived(record_type: type, data: Mapping[str, Any]) -> Any:
    return record_type(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})
