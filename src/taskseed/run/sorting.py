"""Tables on disk in order of their ids, a part at a time: a distribution sort with files for buckets.

A data set may be larger than memory. Ids are hashes, so that equal ranges of them hold about as many rows.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from taskseed.io import disk_errors, read_table, table_metadata

__all__ = ["buckets_by_id"]

_DIGITS = 6  # of an id that say which bucket it is in


def buckets_by_id(paths: Sequence[Path], folder: Path, rows_per_bucket: int) -> Iterator[list[pa.Table]]:
    """Yield the rows of files in buckets: every id of one is below every id of the next.

    :param paths: files with a column `id` of hexadecimal digits; all of one schema.
    :param folder: where buckets are put while they are made; it is removed at the end.
    :param rows_per_bucket: about how many rows come together. Fewer in all are not put on disk.
    :raises RunError: if a file is damaged, or the disk full.
    """
    rows = sum(int(table_metadata(path)["rows"]) for path in paths)
    buckets = -(-rows // rows_per_bucket)
    if buckets <= 1:
        yield [read_table(path) for path in paths]
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        files = [folder / f"{number:05d}.parquet" for number in range(buckets)]
        with disk_errors(folder):
            folder.mkdir(parents=True)
            _distribute(paths, files)
        for file in files:
            if file.exists():
                yield [read_table(file)]
                file.unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _distribute(paths: Sequence[Path], files: Sequence[Path]) -> None:
    with contextlib.ExitStack() as stack:
        writers: dict[int, pq.ParquetWriter] = {}
        for path in paths:
            table = read_table(path).replace_schema_metadata(None)
            starts = [int(row_id[:_DIGITS], 16) for row_id in table.column("id").to_pylist()]
            bucket = np.array(starts, dtype=np.int64) * len(files) // 16**_DIGITS
            for number in np.unique(bucket).tolist():
                if number not in writers:
                    writer = pq.ParquetWriter(files[number], table.schema, compression="zstd")
                    writers[number] = stack.enter_context(writer)
                writers[number].write_table(table.filter(pa.array(bucket == number)))
