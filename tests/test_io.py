"""Files that appear complete or not at all."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.io import write_tables

SCHEMA = pa.schema([pa.field("n", pa.int64())])


def write(folder, tables, rows_per_file):
    """Write tables into a folder; returns the rows of each file, in order."""
    write_tables(lambda number: folder / f"{number:03d}.parquet", tables, SCHEMA, rows_per_file)
    return [pq.read_table(file).column("n").to_pylist() for file in sorted(folder.iterdir())]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 7), max_size=6), st.integers(1, 9))
def test_tables_are_cut_into_files(tmp_path_factory, sizes, rows_per_file):
    """However rows come, each file but the last holds as many as it may, and all rows are there in order."""
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    tables = [
        pa.table({"n": pa.array(range(end - size, end), pa.int64())})
        for size, end in zip(sizes, ends, strict=True)
    ]
    files = write(tmp_path_factory.mktemp("files"), tables, rows_per_file)
    rows = list(range(sum(sizes)))
    assert files == [
        rows[start : start + rows_per_file] for start in range(0, max(1, len(rows)), rows_per_file)
    ]


def test_a_file_that_is_not_finished_does_not_appear(tmp_path):
    """What was complete before the rows ended too early stays; the file under way leaves nothing."""

    def rows():
        yield pa.table({"n": [1, 2, 3]})
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write(tmp_path, rows(), 2)
    assert [file.name for file in tmp_path.iterdir()] == ["000.parquet"]
