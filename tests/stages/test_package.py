"""package: samples become ordered rows, chosen and hashed."""

import dataclasses

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.dataset.text import canonical_text, count_tokens
from taskseed.records import Dropped, Sample, from_table, schema_of
from taskseed.stages.package import RowsHash, choose, finish, order_rows
from tests.stages.makers import sample


def rows_of(*numbers):
    """Return finished rows in the order of their ids."""
    return order_rows([finish([sample(n) for n in numbers])])


def hash_of(*tables):
    """Return the hash of rows that come in tables."""
    rows = RowsHash()
    for table in tables:
        rows.add(table)
    return rows.hexdigest()


def test_finishing_writes_the_text_and_counts_its_tokens():
    """Each row gets the canonical text of its sample and the length of that text; the rest stays."""
    (made,) = from_table(finish([sample(4)]), Sample)
    assert made.text == canonical_text(sample(4))
    assert made.tokens == count_tokens(made.text)
    assert dataclasses.replace(made, text="", tokens=0) == sample(4)


def test_rows_are_ordered_by_id_over_all_shards():
    """However samples are spread over tables, the rows come in order of their ids."""
    rows = order_rows([finish([sample(n) for n in numbers]) for numbers in ((5, 1), (), (9, 3, 7))])
    assert rows.column("id").to_pylist() == [sample(n).id for n in (1, 3, 5, 7, 9)]


def test_accept_keeps_exactly_as_many():
    """The first `accept` rows in order stay; each other one is dropped as `over_accept`."""
    kept, dropped = choose(rows_of(*range(10)), 4)
    assert kept == rows_of(0, 1, 2, 3)
    assert [(d.id, d.reason, d.stage) for d in dropped] == [
        (sample(n).id, "over_accept", "package") for n in range(4, 10)
    ]
    assert (dropped[0].task, dropped[0].seed_id) == (sample(4).task, sample(4).seed_id)


@pytest.mark.parametrize(("accept", "kept"), [(None, 3), (0, 0), (3, 3), (99, 3)])
def test_accept_may_be_open_zero_or_more_than_there_is(accept, kept):
    """Nothing is invented and nothing breaks at the ends of the range."""
    rows, dropped = choose(rows_of(1, 2, 3), accept)
    assert (rows.num_rows, len(dropped), rows.schema) == (kept, 3 - kept, rows_of(1).schema)


def test_an_id_stands_once():
    """The second row of an id is a `duplicate_row` and does not count towards `accept`."""
    kept, dropped = choose(rows_of(1, 2, 2, 2, 3), 3)
    assert kept == rows_of(1, 2, 3)
    assert [(d.id, d.reason) for d in dropped] == [(sample(2).id, "duplicate_row")] * 2


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), max_size=12), st.none() | st.integers(0, 12))
def test_every_sample_is_kept_or_dropped(numbers, accept):
    """For any samples and any `accept`, each row ends once, and the kept ids ascend."""
    kept, dropped = choose(rows_of(*numbers), accept)
    ids = kept.column("id").to_pylist()
    assert ids == sorted(set(ids))
    assert len(ids) == min(len(set(numbers)), len(numbers) if accept is None else accept)
    assert sorted(ids + [d.id for d in dropped]) == sorted(sample(n).id for n in numbers)


def test_the_hash_does_not_depend_on_the_layout_of_files(tmp_path):
    """Rows cut into other tables, chunks, files, row groups and compressions have the same hash."""
    rows = rows_of(*range(20))
    hashes = {hash_of(rows), hash_of(rows_of(*reversed(range(20))))}
    for size, codec in ((1, "zstd"), (7, "snappy"), (100, "none")):
        pieces = [rows.slice(start, size) for start in range(0, 20, size)]
        for number, piece in enumerate(pieces):
            pq.write_table(piece, tmp_path / f"{size}-{number}.parquet", row_group_size=3, compression=codec)
        read = [pq.read_table(tmp_path / f"{size}-{n}.parquet") for n in range(len(pieces))]
        hashes |= {hash_of(*pieces), hash_of(*read), hash_of(pa.concat_tables(read))}
    assert len(hashes) == 1


def test_the_hash_is_pinned():
    """It is the sha256 of each row's JSON, keys sorted, with a line break; old manifests rely on it."""
    assert hash_of(rows_of(1, 2)) == PINNED


@pytest.mark.parametrize("field", dataclasses.fields(Sample), ids=lambda field: field.name)
def test_the_hash_depends_on_every_column(field):
    """Another value in any one column is another hash."""
    other = {
        "context": "A passage.",
        "answer_index": 3,
        "source_config": "main",
        "source_revision": "def",
        "model_license": None,
        "judge_model": "judge",
        "equations_judged": 2,
        "equations_wrong": 0,
    }
    value = getattr(sample(1), field.name)
    by_type = {
        str: lambda v: v + "x",
        int: lambda v: v + 1,
        float: lambda v: v + 0.125,
        tuple: lambda v: (*v, "x"),
    }
    changed = other[field.name] if field.name in other else by_type[type(value)](value)
    rows = pa.table(
        {
            f.name: pa.array([changed], f.type) if f.name == field.name else rows_of(1).column(f.name)
            for f in schema_of(Sample)
        }
    )
    assert hash_of(rows) != hash_of(rows_of(1))


def test_the_hash_depends_on_the_order_of_rows():
    """The hash is of the rows in order."""
    rows = rows_of(1, 2)
    assert hash_of(rows.take([1, 0])) != hash_of(rows)


def test_an_empty_data_set_has_all_columns():
    """Where nothing was kept there is still a table with every column."""
    rows, dropped = choose(order_rows([]), 5)
    assert (rows.num_rows, dropped, rows.schema) == (0, [], schema_of(Sample))
    assert order_rows([finish([])]).schema == schema_of(Sample)


def test_dropped_rows_can_be_read_again():
    """The dropped row is kept whole, as JSON."""
    _, (dropped,) = choose(rows_of(1, 2), 1)
    assert isinstance(dropped, Dropped)
    assert f'"id":"{sample(2).id}"' in dropped.record
    assert '"options":["crimson","emerald","cobalt","saffron"]' in dropped.record


PINNED = "046dc51591bdf51d13b56ef4518bc3250dbcf2810f4802afbfaedc9d352d135a"
