"""Rows of a training split → seeds of one schema, in row order, streaming."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskseed.records import Dropped, Seed, content_id
from taskseed.tasks import harness
from taskseed.tasks.entries import TaskEntry
from taskseed.tasks.shapes import KIND_OF_SHAPE, SHAPES, Draft, RowProblem
from taskseed.tasks.shapes.rendered import from_choices, from_text
from taskseed.tasks.snapshot import harness_version
from taskseed.tasks.sources import BadRow, NotLoadable, Row, open_split
from taskseed.tasks.tables import canonical_path, family_of, licence_of, shapes

__all__ = [
    "SeedStream",
    "kind_of",
    "language_of",
    "normalise_row",
    "read_seeds",
    "shape_of",
    "unread_because",
]

_STAGE = "normalize"
_BATCH = 512


@dataclass(frozen=True, slots=True)
class SeedStream:
    """The rows of one task's training split, each as a seed or as what is wrong with it.

    :param rows: how many rows the split has; None where only reading them tells.
    :param revision: the revision of the data, where it is known.
    :param where: the file or address that is read.
    """

    rows: int | None
    revision: str | None
    where: str
    items: Iterator[Seed | Dropped]

    def __iter__(self) -> Iterator[Seed | Dropped]:
        return self.items


def shape_of(entry: TaskEntry) -> Mapping[str, Any] | None:
    """Return how a task's rows are read: its entry in `data/shapes.yaml`, None where nothing fits.

    Looked up as `task:name`, then the data set with its config, the data set, and `family:name`. A user's
    own task without an entry is read through its own templates.
    """
    found = _listed_shape(entry)
    if found is not None:
        return None if found["shape"] == "none" else found
    return {"shape": "rendered"} if entry.origin == "user" else None


def unread_because(entry: TaskEntry) -> str:
    """Return why no shape reads a task's rows."""
    found = _listed_shape(entry)
    return str(found["why"]) if found else f"no normaliser fits family `{entry.family}`"


def _listed_shape(entry: TaskEntry) -> Mapping[str, Any] | None:
    path = canonical_path(entry.dataset_path or "")
    names = (f"task:{entry.name}", f"{path}:{entry.dataset_name}", path, f"family:{entry.family}")
    return next((shapes()[name] for name in names if name in shapes()), None)


def kind_of(entry: TaskEntry) -> str | None:
    """Return the kind of a task's questions as far as it is known without reading a row."""
    spec = shape_of(entry)
    if spec is None:
        return None
    shape = spec["shape"]
    if "kind" in spec:
        return str(spec["kind"])
    if shape == "fixed":
        return "boolean" if len(spec["answers"]) == 2 else "multiple_choice"
    if shape == "rendered" and entry.output_type == "multiple_choice":
        return "multiple_choice"
    return KIND_OF_SHAPE.get(shape)


_TAG = re.compile(r"[a-z]{2,3}$")
# BCP 47 takes the two-letter code of a language that has one (RFC 5646, 2.2.1); some sets use three
_SHORTEST = {
    "amh": "am",
    "bam": "bm",
    "ewe": "ee",
    "hau": "ha",
    "ibo": "ig",
    "kin": "rw",
    "lug": "lg",
    "nya": "ny",
    "orm": "om",
    "por": "pt",
    "sna": "sn",
    "swa": "sw",
    "tir": "ti",
    "tsn": "tn",
    "tso": "ts",
    "twi": "tw",
    "wol": "wo",
    "xho": "xh",
    "yor": "yo",
    "zul": "zu",
}


@functools.lru_cache(maxsize=4096)
def language_of(entry: TaskEntry) -> str:
    """Return the BCP 47 tag of a task, from the family table, the data set's config or the task's name."""
    stated = family_of(entry).language
    if stated == "config":
        found = [entry.dataset_name or ""]
    elif stated == "name":
        found = entry.name.split("_")[::-1]
    else:
        return stated
    tag = next((part for part in found if _TAG.match(part)), "und")
    return _SHORTEST.get(tag, tag)


def read_seeds(entry: TaskEntry, hub: Path | None) -> SeedStream:
    """Open a task's training split and return its rows as seeds and dropped rows.

    `in = kept + dropped`: every row of the split appears once, in order. Reasons of dropped rows:
    `bad_row`, `gold_out_of_range`, `empty_question`, `empty_answer`, `filtered_by_task`, `no_normaliser`,
    and, where the task's own code cannot be used, `load_failed` or `needs_extra`. Rows that are equal give
    seeds of equal id; who merges tasks also merges them.

    :param hub: the mirror's folder; None for the Hugging Face Hub.
    :raises NotLoadable: if the split cannot be opened, or its rows cannot be read to the end.
    """
    if entry.training_split is None:
        raise NotLoadable("load_failed", f"`{entry.name}` has no training split")
    reader = open_split(entry.source, entry.training_split, hub)
    items = _items(entry, reader.batches(_BATCH), reader.revision)
    return SeedStream(reader.rows, reader.revision, reader.where, items)


def _items(entry: TaskEntry, batches: Iterator[list[Row]], revision: str | None) -> Iterator[Seed | Dropped]:
    read: BatchReader | None = None
    start = 0
    for batch in batches:
        read = read or _batch_reader(entry, batch)
        for offset, draft in enumerate(read(batch)):
            yield normalise_row(entry, batch[offset], draft, start + offset, revision)
        start += len(batch)


Drafted = Draft | RowProblem
BatchReader = Callable[[Sequence[Row]], list[Drafted]]


def _batch_reader(entry: TaskEntry, first: Sequence[Row]) -> BatchReader:
    spec = shape_of(entry)
    if spec is None:
        return _all_problems("no_normaliser", unread_because(entry))
    if spec["shape"] != "rendered" and not spec.get("processed"):
        return lambda batch: [_drafted(row, spec) for row in batch]
    try:
        task = harness.open_task(entry, [row for row in first if not isinstance(row, BadRow)])
    except NotLoadable as problem:
        return _all_problems(problem.reason, problem.message)
    numbered = harness.extracts_after_hashes(task)

    def draft(document: harness.Document) -> Drafted:
        if spec["shape"] != "rendered":
            return _drafted(document.fields, spec)
        try:
            if entry.output_type == "multiple_choice":
                return from_choices(task.render(document, with_choices=True))
            return from_text(task.render(document, with_choices=False), numbered)
        except RowProblem as problem:
            return problem

    return lambda batch: _through_harness(task, batch, draft)


def _all_problems(reason: str, evidence: str) -> BatchReader:
    problem = RowProblem(reason, evidence)
    return lambda batch: [problem] * len(batch)


def _drafted(row: Row, spec: Mapping[str, Any]) -> Drafted:
    if isinstance(row, BadRow):
        return RowProblem("bad_row", row.message)
    try:
        return SHAPES[spec["shape"]](row, spec)
    except RowProblem as problem:
        return problem


def _through_harness(
    task: harness.HarnessTask, batch: Sequence[Row], draft: Callable[[harness.Document], Drafted]
) -> list[Drafted]:
    filtered = RowProblem("filtered_by_task", "the task's process_docs leaves this row out")
    drafts: list[Drafted] = [filtered] * len(batch)
    good: list[tuple[int, dict[str, Any]]] = []
    for number, row in enumerate(batch):
        if isinstance(row, BadRow):
            drafts[number] = RowProblem("bad_row", row.message)
        else:
            good.append((number, row))
    try:
        documents = task.documents([row for _, row in good])
    except NotLoadable as problem:
        return [RowProblem("bad_row", problem.message)] * len(batch)
    for document in documents:
        drafts[good[document.row][0]] = draft(document)
    return drafts


def normalise_row(
    entry: TaskEntry, row: Row, draft: Drafted, number: int, revision: str | None
) -> Seed | Dropped:
    """Return one row's seed, or the row with what is wrong with it.

    :param draft: what a shape read from the row.
    :param number: the row's zero-based place in its split.
    """
    if isinstance(row, BadRow):
        return _dropped(entry, number, row.text, RowProblem("bad_row", row.message))
    try:
        seed_id = content_id("seed", canonical_path(entry.dataset_id), row)
    except TypeError as problem:  # a value that JSON has no form for, such as the bytes of an image
        return _dropped(entry, number, str(row)[:2000], RowProblem("bad_row", str(problem)))
    checked = _checked(draft)
    if isinstance(checked, RowProblem):
        return _dropped(entry, number, row, checked, seed_id)
    return _seed(entry, checked, seed_id, number, revision)


def _dropped(
    entry: TaskEntry, number: int, row: Any, problem: RowProblem, seed_id: str | None = None
) -> Dropped:
    return Dropped.of(
        _STAGE,
        problem.reason,
        row,
        id=f"{entry.name}/{entry.training_split}/{number}",
        task=entry.name,
        seed_id=seed_id,
        evidence=problem.evidence,
    )


def _checked(draft: Drafted) -> Drafted:
    if isinstance(draft, RowProblem):
        return draft
    if not draft.question:
        return RowProblem("empty_question", f"answer: {draft.answer[:200]}")
    if not draft.answer and draft.schema is None:
        return RowProblem("empty_answer", f"question: {draft.question[:200]}")
    return draft


def _seed(entry: TaskEntry, draft: Draft, seed_id: str, number: int, revision: str | None) -> Seed:
    family = family_of(entry)
    return Seed(
        seed_id=seed_id,
        task=entry.name,
        family=entry.family,
        also_tasks=(),
        capability=family.capability,
        domain=family.domain,
        language=language_of(entry),
        kind=draft.kind,
        question=draft.question,
        context=draft.context or None,
        options=draft.options,
        answer=draft.answer,
        answer_index=draft.answer_index,
        aliases=draft.aliases,
        checks=draft.checks,
        solution=draft.solution,
        extractor=entry.extractor,
        equivalence=entry.equivalence,
        license=licence_of(entry).spdx,
        source_dataset=entry.dataset_id,
        source_config=entry.dataset_name,
        source_split=entry.training_split or "",
        source_revision=revision,
        source_row=number,
        harness_version=harness_version(),
        schema=draft.schema,
    )
