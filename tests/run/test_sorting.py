"""Rows of many files in order of their ids, a part at a time."""

import hashlib

import pyarrow as pa
import pytest

from taskseed.io import write_table
from taskseed.run.sorting import buckets_by_id


def name(number):
    """Return an id as rows have them."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:20]


def files(folder, *parts):
    """Write one file per list of ids; returns their paths."""
    paths = [folder / f"{number}.parquet" for number in range(len(parts))]
    for path, ids in zip(paths, parts, strict=True):
        write_table(path, pa.table({"id": pa.array(ids, pa.string()), "n": range(len(ids))}))
    return paths


def ids_of(bucket):
    """Return the ids of a bucket in order."""
    return sorted(row for table in bucket for row in table.column("id").to_pylist())


@pytest.mark.parametrize("rows_per_bucket", [1, 7, 50, 1000])
def test_buckets_are_ranges_of_ids(tmp_path, rows_per_bucket):
    """Bucket after bucket the ids ascend, each row is in one, and equal ids are together."""
    parts = [[name(n) for n in range(start, start + 40)] for start in (0, 20, 60)] + [[]]
    paths = files(tmp_path, *parts)
    buckets = [ids_of(b) for b in buckets_by_id(paths, tmp_path / "sorting", rows_per_bucket)]
    assert [row for bucket in buckets for row in bucket] == sorted(row for part in parts for row in part)
    assert max(map(len, buckets)) <= max(4 * rows_per_bucket, 12)
    assert not (tmp_path / "sorting").exists()


def test_no_files_are_one_empty_bucket(tmp_path):
    """Without files there is nothing to sort."""
    assert list(buckets_by_id([], tmp_path / "sorting", 10)) == [[]]


def test_what_a_killed_run_left_is_not_taken(tmp_path):
    """Files of an earlier attempt are removed before the first row is put there."""
    left = tmp_path / "sorting"
    left.mkdir()
    (left / "00000.parquet").write_bytes(b"half a file")
    paths = files(tmp_path, [name(n) for n in range(30)])
    found = [row for bucket in buckets_by_id(paths, left, 5) for row in ids_of(bucket)]
    assert found == sorted(name(n) for n in range(30))
