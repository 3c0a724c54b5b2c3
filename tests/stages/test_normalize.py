"""normalize: rows become seeds in order of their ids; every row is accounted for."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.records import Dropped, content_id
from taskseed.stages.normalize import Limits, normalize
from tests.stages.makers import HELD_OUT, guards, seed

OPEN = Limits(contamination=0.5)


def row(number, task="a", *, place=None, **changes):
    """Return the seed of one data set row, as one task reads it."""
    place = number if place is None else place
    return seed(number, task=task, family=task[0], source_row=place, **changes)


def bad(task, place):
    """Return a row that could not be read."""
    return Dropped.of("normalize", "bad_row", {}, id=f"{task}/train/{place}", task=task)


def run(folder, tasks, limits=OPEN, index=None, watch=lambda task, rows: None):
    """Normalize tasks given as {name: rows}; returns (seeds, dropped) of all batches."""
    readers = [(name, lambda rows=rows: rows) for name, rows in tasks.items()]
    kept, dropped = [], []
    for seeds, refused in normalize(readers, index or guards(), limits, folder / "buckets", watch):
        kept += seeds
        dropped += refused
    return kept, dropped


def test_seeds_come_in_order_of_their_ids(tmp_path):
    """Ids ascend over all batches, whatever the order of tasks and rows."""
    kept, dropped = run(
        tmp_path, {"a": [row(n) for n in range(90)], "b": [row(n, "b") for n in range(200, 90, -1)]}
    )
    assert dropped == []
    assert [s.seed_id for s in kept] == sorted(
        content_id("test seed", n) for n in [*range(90), *range(91, 201)]
    )


def test_more_rows_than_a_bucket_holds_in_memory(tmp_path):
    """Rows that went through files come back unchanged and in order."""
    rows = [dataclasses.replace(row(n), seed_id=f"{n % 7:04x}{n:016x}") for n in range(9000)]
    kept, dropped = run(tmp_path, {"a": rows})
    assert dropped == []
    assert kept == sorted(
        (dataclasses.replace(r, heldout_overlap=0.0) for r in rows), key=lambda s: s.seed_id
    )


def test_a_row_of_two_tasks_is_one_seed(tmp_path):
    """The first task owns it, the other stands in `also_tasks`, and its row is dropped once as `same_row`."""
    kept, dropped = run(tmp_path, {"a": [row(1)], "b": [row(1, "b", place=9)]})
    assert [(s.task, s.source_row, s.also_tasks) for s in kept] == [("a", 1, ("b",))]
    assert [(d.reason, d.id, d.task, d.evidence) for d in dropped] == [
        ("same_row", "b/train/9", "b", "a seed of a")
    ]


def test_the_order_of_tasks_decides_the_owner(tmp_path):
    """It is the order in which the tasks are given, not that of their names."""
    tasks = {"c": [row(1, "c")], "a": [row(1)], "b": [row(1, "b"), row(1, "b", place=2)]}
    kept, dropped = run(tmp_path, tasks)
    assert [(s.task, s.also_tasks) for s in kept] == [("c", ("a", "b"))]
    assert [d.reason for d in dropped] == ["same_row"] * 3


def test_equal_rows_of_one_task_are_one_seed(tmp_path):
    """The first row stays; each repetition is a `duplicate_row` that names it."""
    kept, dropped = run(tmp_path, {"a": [row(1, place=7), row(1, place=3), row(1, place=5)]})
    assert [s.source_row for s in kept] == [3]
    assert [(d.reason, d.id, d.evidence) for d in dropped] == [
        ("duplicate_row", f"a/train/{place}", "row 3 of the split is the same") for place in (5, 7)
    ]


def test_rows_that_were_refused_are_passed_on(tmp_path):
    """What a task could not read is dropped as the reader said."""
    kept, dropped = run(tmp_path, {"a": [bad("a", 0), row(1), bad("a", 2)]})
    assert ([s.source_row for s in kept], dropped) == ([1], [bad("a", 0), bad("a", 2)])


def test_limits_take_the_lowest_ids(tmp_path):
    """Of more seeds than wanted, those with the lowest ids stay; the others say which limit it was."""
    tasks = {"a": [row(n) for n in range(40)], "b": [row(n, "b") for n in range(40, 80)]}
    everything, _ = run(tmp_path, tasks)
    kept, dropped = run(tmp_path, tasks, Limits(0.5, total=11))
    assert kept == everything[:11]
    assert [d.reason for d in dropped] == ["over_limit"] * 69
    kept, dropped = run(tmp_path, tasks, Limits(0.5, per_task=5))
    of = {t: [s for s in everything if s.task == t] for t in "ab"}
    assert sorted(kept, key=lambda s: s.task) == of["a"][:5] + of["b"][:5]
    assert {d.reason for d in dropped} == {"over_task_limit"}


def test_a_family_limit_counts_its_tasks_together(tmp_path):
    """Two tasks of one family share the family's number."""
    tasks = {"aa": [row(n, "aa") for n in range(9)], "ab": [row(n, "ab") for n in range(9, 18)]}
    kept, dropped = run(tmp_path, tasks, Limits(0.5, per_family=4))
    everything, _ = run(tmp_path, tasks)
    assert kept == everything[:4]
    assert [d.reason for d in dropped] == ["over_family_limit"] * 14


@pytest.mark.parametrize("field", ["question", "context", "answer", "solution", "options"])
def test_held_out_rows_are_dropped(tmp_path, field):
    """A guarded text in any field of a row drops it with its score and place, and takes no limit's place."""
    planted = row(1, **{field: (HELD_OUT, "no") if field == "options" else HELD_OUT})
    kept, dropped = run(tmp_path, {"a": [planted, row(2)]}, Limits(0.5, total=1), guards(HELD_OUT))
    assert [(s.source_row, s.heldout_overlap) for s in kept] == [(2, 0.0)]
    assert [(d.reason, d.score) for d in dropped] == [("heldout_overlap", 1.0)]
    assert dropped[0].evidence.startswith("held/out/test row 0, question: A lighthouse keeper")


def test_a_faint_overlap_is_kept_with_its_score(tmp_path):
    """Below the threshold the score is stored on the seed."""
    third = " ".join(HELD_OUT.split()[:14])
    (kept,), _ = run(tmp_path, {"a": [row(1, question=third)]}, OPEN, guards(HELD_OUT))
    assert 0.05 <= kept.heldout_overlap < 0.5


def test_the_scratch_folder_is_gone_afterwards(tmp_path):
    """After the last batch, after an error and after leaving early nothing is left behind."""
    (tmp_path / "buckets").mkdir()
    (tmp_path / "buckets/old.arrow").write_text("left by a killed run")
    run(tmp_path, {"a": [row(n) for n in range(9)]})
    assert list(tmp_path.iterdir()) == []

    def broken():
        yield row(1)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        run(tmp_path, {"a": broken()})
    assert list(tmp_path.iterdir()) == []
    batches = normalize(
        [("a", lambda: [row(1), bad("a", 2)])], guards(), OPEN, tmp_path / "buckets", lambda *_: None
    )
    next(batches)
    batches.close()
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_by_task(tmp_path):
    """The watcher hears each task's name with the rows read so far."""
    heard = []
    tasks = {"a": [row(n) for n in range(5)], "b": [bad("b", 0)]}
    run(tmp_path, tasks, watch=lambda *event: heard.append(event))
    assert heard == [("a", 5), ("b", 6)]


ROWS = st.lists(st.integers(0, 12) | st.none(), max_size=25)


@settings(deadline=None, max_examples=60)
@given(
    st.fixed_dictionaries({"b": ROWS, "a": ROWS, "ab": ROWS}),
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 4),
)
def test_what_goes_in_is_kept_or_dropped(tmp_path_factory, numbers, total, per_task, per_family):
    """For any mix of good, equal, shared and broken rows and any limits, each row ends once."""
    tasks = {
        name: [bad(name, i) if n is None else row(n, name, place=i) for i, n in enumerate(listed)]
        for name, listed in numbers.items()
    }
    limits = Limits(0.5, total, per_task, per_family)
    kept, dropped = run(tmp_path_factory.mktemp("mix"), tasks, limits)
    rows = [f"{name}/train/{i}" for name, listed in tasks.items() for i in range(len(listed))]
    assert sorted([f"{s.task}/train/{s.source_row}" for s in kept] + [d.id for d in dropped]) == sorted(rows)
    assert [s.seed_id for s in kept] == sorted({s.seed_id for s in kept})
