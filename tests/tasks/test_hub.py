"""The mirror of public data, where there is one: every training row becomes a seed with the right answer."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskseed.records import Seed
from taskseed.tasks import load_catalogue, open_split, read_seeds
from taskseed.tasks.harness import extracts_after_hashes, open_task
from taskseed.tasks.normalise import shape_of
from taskseed.tasks.shapes import SHAPES
from taskseed.tasks.shapes.rendered import from_choices, from_text

pytestmark = pytest.mark.hub

Row = dict[str, Any]


@pytest.fixture(scope="module")
def hub() -> Path:
    """Return the mirror's folder."""
    folder = os.environ.get("TASKSEED_TEST_HUB")
    if not folder:
        pytest.skip("TASKSEED_TEST_HUB is unset")
    return Path(folder)


def arc(row: Row) -> str:
    """Return the gold text of ARC-like rows."""
    return row["choices"]["text"][row["choices"]["label"].index(row["answerKey"])]


GOLD: dict[str, Callable[[Row], str]] = {
    "arc_easy": arc,
    "arc_challenge": arc,
    "commonsense_qa": arc,
    "piqa": lambda row: (row["sol1"], row["sol2"])[row["label"]],
    "winogrande": lambda row: row["option" + row["answer"]],
    "boolq": lambda row: "yes" if row["label"] else "no",
    "pubmedqa": lambda row: row["final_decision"],
    "gsm8k": lambda row: row["answer"].split("####")[1],
    "webqs": lambda row: row["answers"][0],
    "ja_leaderboard_jcommonsenseqa": lambda row: row[f"choice{row['label']}"],
    "mbpp": lambda row: row["code"].replace("\r\n", "\n"),
    "qnlieu": lambda row: ["bai", "ez"][row["label"]],
}


@pytest.mark.parametrize("task", list(GOLD))
def test_every_training_row_normalises_with_its_gold_answer(hub: Path, task: str) -> None:
    """At least 99 % of the rows become seeds, and each answer is the row's gold answer."""
    entry = load_catalogue().entries[task]
    assert entry.training_split is not None
    batches = open_split(entry.source, entry.training_split, hub).batches()
    gold = [GOLD[task](row).strip() for batch in batches for row in batch if isinstance(row, dict)]
    stream = read_seeds(entry, hub)
    seeds = [item for item in stream if isinstance(item, Seed)]
    assert stream.rows == len(gold)
    assert len(seeds) >= 0.99 * len(gold)
    assert [s.answer for s in seeds] == [gold[s.source_row] for s in seeds]
    assert [s.options[s.answer_index] for s in seeds if s.answer_index is not None] == [
        s.answer for s in seeds if s.answer_index is not None
    ]


AGREEING = ["arc_easy", "piqa", "boolq", "commonsense_qa", "gsm8k", "webqs"]


@pytest.mark.parametrize("task", AGREEING)
def test_the_shapes_agree_with_the_tasks_own_templates(hub: Path, task: str) -> None:
    """What a shape reads from fields is what the harness's own prompt, choices and target say."""
    entry = load_catalogue().entries[task]
    rows = [r for r in next(open_split(entry.source, "train", hub).batches(300)) if isinstance(r, dict)]
    spec = shape_of(entry)
    assert spec is not None
    built = open_task(entry, rows)
    for document in built.documents(rows):
        shown = built.render(document, with_choices=entry.output_type == "multiple_choice")
        if entry.output_type == "multiple_choice":
            rendered = from_choices(shown)
        else:
            rendered = from_text(shown, extracts_after_hashes(built))
        read = SHAPES[spec["shape"]](rows[document.row], spec)
        assert (rendered.question, rendered.answer, rendered.kind, rendered.context) == (
            read.question,
            read.answer,
            read.kind if task != "webqs" else "short_answer",
            read.context,
        )


def test_a_task_whose_metric_needs_the_network_opens(hub: Path) -> None:
    """MBPP loads a metric from the Hub when it is imported; its document functions are enough here."""
    entry = load_catalogue().entries["mbpp"]
    rows = [r for r in next(open_split(entry.source, "train", hub).batches(3)) if isinstance(r, dict)]
    built = open_task(entry, rows)
    shown = built.render(built.documents(rows)[0], with_choices=False)
    assert shown.prompt.startswith("You are an expert Python programmer")
