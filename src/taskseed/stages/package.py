"""package: samples → the data set: texts written, rows ordered by id, a hash over canonical rows."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson
import pyarrow as pa

from taskseed.dataset.text import canonical_text, count_tokens
from taskseed.records import Dropped, Sample, schema_of, to_table

__all__ = ["RowsHash", "choose", "finish", "order_rows"]

STAGE = "package"


def finish(samples: Sequence[Sample]) -> pa.Table:
    """Return the samples as rows, with the text a trainer reads and its length in tokens."""
    finished = []
    for sample in samples:
        text = canonical_text(sample)
        finished.append(replace(sample, text=text, tokens=count_tokens(text)))
    return to_table(finished, Sample)


def order_rows(tables: Iterable[pa.Table]) -> pa.Table:
    """Return all rows ordered by `id`."""
    gathered = list(tables) or [schema_of(Sample).empty_table()]
    return pa.concat_tables(gathered).sort_by("id").combine_chunks()


def choose(rows: pa.Table, accept: int | None) -> tuple[pa.Table, list[Dropped]]:
    """Return the rows to keep and those dropped: rows of one id twice, and rows beyond `accept` (None: none).

    Ids are hashes, so the first `accept` rows in their order are an even draw.
    """
    ids = rows.column("id").to_pylist()
    first = [i for i, row_id in enumerate(ids) if i == 0 or ids[i - 1] != row_id]
    kept = first if accept is None else first[:accept]
    chosen = set(kept)
    unique = set(first)
    dropped = [
        Dropped.of(
            STAGE,
            "over_accept" if i in unique else "duplicate_row",
            row := rows.slice(i, 1).to_pylist()[0],
            id=row["id"],
            task=row["task"],
            seed_id=row["seed_id"],
        )
        for i in range(rows.num_rows)
        if i not in chosen
    ]
    return (rows if len(kept) == rows.num_rows else rows.take(pa.array(kept, pa.int64()))), dropped


class RowsHash:
    """The sha256 over rows in order, each as canonical JSON (sorted keys) and a newline.

    It depends on the rows alone: not on file names, row groups or compression, nor on how they are cut.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, rows: pa.Table) -> None:
        """Take the next rows."""
        for batch in rows.to_batches(max_chunksize=1000):
            for row in batch.to_pylist():
                line = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
                self._digest.update(line)

    def hexdigest(self) -> str:
        """Return the hash of all rows so far, in hexadecimal digits."""
        return self._digest.hexdigest()
