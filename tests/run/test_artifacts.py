"""The monitor of artifacts is fed with the data set's questions and with their tasks' seeds."""

import random
from pathlib import Path

import pyarrow as pa

from taskseed.checks.artifacts import ArtifactMonitor
from taskseed.io import write_table
from taskseed.records import Sample, Seed, to_table
from taskseed.run.artifacts import artifacts_beside_seeds, items_of_rows
from taskseed.run.directory import RunDirectory
from tests.stages.makers import COLOURS, sample, seed


def report(directory, parts, shards):
    """Return what is found in parts of a data set."""
    monitor = ArtifactMonitor()
    for part in parts:
        monitor.add(items_of_rows(part))
    return artifacts_beside_seeds(monitor, directory, shards)


def written(number: int, **changes: object) -> Sample:
    """Return a sample whose right option is the longest, in some place."""
    place = random.Random(number).randrange(4)
    options = tuple(f"{c} glaze of Arno" if i == place else c for i, c in enumerate(COLOURS))
    fields = {
        "options": options,
        "answer": options[place],
        "answer_index": place,
        "seed_id": f"seed {number}",
    }
    return sample(number, **{**fields, **changes})


def chosen(number: int, **changes: object) -> Seed:
    """Return a multiple-choice seed whose right option is no longer than others."""
    place = random.Random(number).randrange(4)
    fields = {"kind": "multiple_choice", "options": COLOURS, "answer": COLOURS[place], "answer_index": place}
    return seed(number, **{**fields, **changes})


def test_questions_are_set_beside_the_seeds_of_their_task(tmp_path: Path) -> None:
    """Two rows of one question are one question; other kinds, other tasks and variants are not counted."""
    directory = RunDirectory(tmp_path)
    seeds = [
        [chosen(n) for n in range(30)],
        [chosen(n) for n in range(30, 50)] + [chosen(n, task="b") for n in range(9)],
    ]
    for shard, some in enumerate(seeds):
        write_table(directory.shard_path("normalize", "kept", shard), to_table(some, Seed))
    rows = [written(n) for n in range(40)]
    rows += [written(n, style="reasoning", id=f"{n} again") for n in range(40)]
    rows += [written(90, kind="boolean"), written(91, writer_model=None, derivation="numeric_variant")]
    parts = to_table(rows, Sample).to_batches(max_chunksize=7)
    (found,) = report(directory, parts, range(2))
    assert (found["task"], found["model"]) == ("made_up", "writer")
    assert (found["questions"], found["seed_questions"]) == (40, 50)
    longest = found["figures"]["gold_longest"]
    assert (longest["made"]["value"], longest["above"]) == (1.0, True)
    assert found["figures"]["choices_only"]["made"]["value"] > 0.9
    assert (sum(found["positions"]), sum(found["seed_positions"])) == (40, 50)


def test_a_data_set_without_options_has_no_artifacts(tmp_path: Path) -> None:
    """Where nothing was written with options, no seed is read."""
    rows = to_table([written(1, kind="short_answer")], Sample)
    parts = [rows, pa.Table.from_batches([], rows.schema)]
    assert report(RunDirectory(tmp_path), parts, range(3)) == []
