"""normalize: rows of the training splits → seeds, in order of `seed_id`.

Rows stream task by task into buckets on disk by the first digits of their id, and each bucket is then sorted
and judged in memory, so that memory depends on the size of a bucket and not on the number of rows.
"""

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from taskseed.guards import GuardIndex
from taskseed.io import disk_errors
from taskseed.records import Dropped, Seed, from_table, to_table

__all__ = ["Limits", "normalize"]

STAGE = "normalize"
BUCKETS = 64
_CHUNK = 4096

Rows = Callable[[], Iterable[Seed | Dropped]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seeds to take; of more, those with the lowest ids are taken, which is an even draw.

    :param contamination: a seed that matches a guard by this score or more is dropped.
    """

    contamination: float
    total: int | None = None
    per_task: int | None = None
    per_family: int | None = None


def normalize(
    tasks: Sequence[tuple[str, Rows]],
    guards: GuardIndex,
    limits: Limits,
    scratch: Path,
    watch: Callable[[str, int], None],
) -> Iterator[tuple[list[Seed], list[Dropped]]]:
    """Yield seeds in order of their ids, in batches, with what was dropped beside them.

    Each row of each task is in exactly one list. A row that several tasks use is one seed of the first
    task; for the others it is dropped as `same_row`, and they are named in `also_tasks`.

    :param tasks: task names in catalogue order, each with a function that reads its rows.
    :param scratch: a folder for the buckets; removed at the end.
    :param watch: told the task and the number of rows read so far.
    """
    order = {name: i for i, (name, _) in enumerate(tasks)}
    taken = _Taken(limits)
    with _buckets(scratch) as buckets:
        yield from _spool(tasks, buckets, watch)
        for seeds in buckets.sorted(order):
            yield _judge(seeds, guards, limits, taken)


def _spool(
    tasks: Sequence[tuple[str, Rows]], buckets: "_Buckets", watch: Callable[[str, int], None]
) -> Iterator[tuple[list[Seed], list[Dropped]]]:
    read = 0
    dropped: list[Dropped] = []
    for name, rows in tasks:
        for entry in rows():
            read += 1
            if isinstance(entry, Seed):
                buckets.add(entry)
            else:
                dropped.append(entry)
            if len(dropped) >= _CHUNK:
                yield [], dropped
                dropped = []
            if read % _CHUNK == 0:
                watch(name, read)
        watch(name, read)
    if dropped:
        yield [], dropped


class _Taken:
    """How many seeds were taken so far, in all and by task and family."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total = 0
        self._tasks: Counter[str] = Counter()
        self._families: Counter[str] = Counter()

    def refuse(self, seed: Seed) -> str | None:
        """Count a seed in, or return the limit that is reached."""
        caps = self._limits
        if caps.per_task is not None and self._tasks[seed.task] >= caps.per_task:
            return "over_task_limit"
        if caps.per_family is not None and self._families[seed.family] >= caps.per_family:
            return "over_family_limit"
        if caps.total is not None and self._total >= caps.total:
            return "over_limit"
        self._total += 1
        self._tasks[seed.task] += 1
        self._families[seed.family] += 1
        return None


def _judge(
    seeds: Sequence[Seed], guards: GuardIndex, limits: Limits, taken: _Taken
) -> tuple[list[Seed], list[Dropped]]:
    kept: list[Seed] = []
    dropped: list[Dropped] = []
    owners, repeats = _owners(seeds)
    dropped += repeats
    matches = guards.score([_text(seed) for seed in owners])
    for seed, match in zip(owners, matches, strict=True):
        seed = replace(seed, heldout_overlap=match.score if match else 0.0)
        if match is not None and match.score >= limits.contamination:
            where = f"{match.guard} row {match.row}, {match.field}"
            dropped.append(_drop(seed, "heldout_overlap", match.score, f"{where}: {match.excerpt}"))
        elif cap := taken.refuse(seed):
            dropped.append(_drop(seed, cap, None, "", {"row": seed.source_row, "seed_id": seed.seed_id}))
        else:
            kept.append(seed)
    return kept, dropped


def _owners(seeds: Sequence[Seed]) -> tuple[list[Seed], list[Dropped]]:
    """Return one seed per id, the first, with the other tasks in `also_tasks`; and the others as dropped."""
    owners: dict[str, Seed] = {}
    also: dict[str, list[str]] = {}
    dropped = []
    for seed in seeds:
        owner = owners.setdefault(seed.seed_id, seed)
        if owner is seed:
            continue
        if seed.task == owner.task:
            evidence = f"row {owner.source_row} of the split is the same"
            dropped.append(_drop(seed, "duplicate_row", None, evidence))
            continue
        also.setdefault(seed.seed_id, []).append(seed.task)
        dropped.append(_drop(seed, "same_row", None, f"a seed of {owner.task}"))
    named = [
        replace(s, also_tasks=tuple(dict.fromkeys(also[i]))) if i in also else s for i, s in owners.items()
    ]
    return named, dropped


def _text(seed: Seed) -> str:
    parts = [seed.context, seed.question, *seed.options, seed.answer, seed.solution]
    return "\n".join(part for part in parts if part)


def _drop(
    seed: Seed, reason: str, score: float | None, evidence: str, candidate: dict[str, object] | None = None
) -> Dropped:
    return Dropped.of(
        STAGE,
        reason,
        candidate or seed,
        id=f"{seed.task}/{seed.source_split}/{seed.source_row}",
        task=seed.task,
        seed_id=seed.seed_id,
        score=score,
        evidence=evidence,
    )


class _Buckets:
    """Seeds on disk, by the first digits of their ids."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[list[Seed]] = [[] for _ in range(BUCKETS)]
        self._files: dict[int, pa.ipc.RecordBatchStreamWriter] = {}

    def add(self, seed: Seed) -> None:
        """Put a seed into its bucket."""
        number = int(seed.seed_id[:4], 16) * BUCKETS >> 16
        bucket = self._waiting[number]
        bucket.append(seed)
        if len(bucket) >= _CHUNK:
            self._flush(number)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:02d}.arrow"

    def _flush(self, number: int) -> None:
        table = to_table(self._waiting[number], Seed)
        with disk_errors(self._path(number)):
            if number not in self._files:
                self._files[number] = pa.ipc.new_stream(str(self._path(number)), table.schema)
            self._files[number].write_table(table)
        self._waiting[number] = []

    def sorted(self, order: dict[str, int]) -> Iterator[list[Seed]]:
        """Yield the seeds of each bucket, by id, then by their tasks' order, then by row."""
        for number in range(BUCKETS):
            seeds = list(self._read(number)) + self._waiting[number]
            self._waiting[number] = []
            yield sorted(seeds, key=lambda s: (s.seed_id, order[s.task], s.source_row))

    def _read(self, number: int) -> Iterator[Seed]:
        writer = self._files.pop(number, None)
        if writer is None:
            return
        writer.close()
        with pa.ipc.open_stream(str(self._path(number))) as stream:
            for batch in stream:
                yield from from_table(pa.Table.from_batches([batch]), Seed)
        self._path(number).unlink()


@contextlib.contextmanager
def _buckets(folder: Path) -> Iterator[_Buckets]:
    with disk_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    try:
        yield _Buckets(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
