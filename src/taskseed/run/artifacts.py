"""Feeds the monitor of artifacts: the questions of the data set, and the seeds of their tasks."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from taskseed.checks.artifacts import ArtifactMonitor, Item
from taskseed.io import read_table
from taskseed.run.directory import RunDirectory

__all__ = ["artifacts_beside_seeds", "items_of_rows", "items_of_seeds"]

_AT_ONCE = 10_000
_OF_BOTH = ["task", "kind", "seed_id", "question", "options", "answer_index"]
_OF_ROWS = [*_OF_BOTH, "question_id", "writer_model"]


def artifacts_beside_seeds(
    monitor: ArtifactMonitor, directory: RunDirectory, shards: Iterable[int]
) -> list[dict[str, Any]]:
    """Return what gives the right options away, by task and model: the manifest's `artifacts`.

    :param monitor: has seen the data set's rows, in parts of any size; see `items_of_rows`.
    :param shards: the shards of seeds that the rows come from; no more of them are read than are needed.
    """
    tasks = monitor.tasks()
    for shard in shards:
        wanted = [task for task in sorted(tasks) if not monitor.is_full(task)]
        if not wanted:
            break
        table = read_table(directory.shard_path("normalize", "kept", shard), columns=_OF_BOTH)
        monitor.add(items_of_seeds(table.filter(pc.is_in(table["task"], pa.array(wanted)))))
    return monitor.report()


def items_of_rows(rows: pa.Table | pa.RecordBatch) -> Iterator[Item]:
    """Return the multiple-choice questions of some rows; a question comes as often as it has rows."""
    for r in _chosen(rows.select(_OF_ROWS)):
        if r["writer_model"] is not None:
            yield _item(r, r["writer_model"], r["question_id"])


def items_of_seeds(seeds: pa.Table) -> Iterator[Item]:
    """Return the multiple-choice questions among some seeds."""
    for r in _chosen(seeds):
        yield _item(r, None, r["seed_id"])


def _chosen(rows: pa.Table | pa.RecordBatch) -> Iterator[dict[str, Any]]:
    wanted = rows.filter(pc.equal(rows["kind"], "multiple_choice"))
    for start in range(0, wanted.num_rows, _AT_ONCE):
        yield from wanted.slice(start, _AT_ONCE).to_pylist()


def _item(row: dict[str, Any], model: str | None, name: str) -> Item:
    at = -1 if row["answer_index"] is None else row["answer_index"]
    return Item(row["task"], model, name, row["seed_id"], row["question"], tuple(row["options"]), at)
