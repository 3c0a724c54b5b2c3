"""Rows of a training split become seeds."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from taskseed.records import Dropped, Seed
from taskseed.tasks import NotLoadable, TaskEntry, kind_of, language_of, load_catalogue, read_seeds
from tests.tasks.helpers import entry, write_rows, write_task

GSM = {"question": "Ana has 3 figs and eats 1. How many are left?", "answer": "3-1=<<3-1=2>>2\n#### 2"}


def gsm8k(hub: Path, rows: list[dict[str, Any]]) -> TaskEntry:
    """Return the gsm8k task with these rows in a mirror."""
    write_rows(hub / "openai" / "gsm8k" / "main" / "train.jsonl", rows)
    return entry("gsm8k", "gsm8k", dataset_path="openai/gsm8k", dataset_name="main", training_split="train")


def own_task(folder: Path, rows: list[dict[str, Any]], more: str, code: str = "") -> TaskEntry:
    """Return a user's task with rows beside its YAML file."""
    write_rows(folder / "train.jsonl", rows)
    (folder / "utils.py").write_text(code)
    text = "task: own\ndataset_path: json\ntraining_split: train\n"
    files = "dataset_kwargs: {data_files: {train: train.jsonl}}\n"
    write_task(folder, "own", text + files + more)
    return load_catalogue(folder).entries["own"]


CHOICE = """
output_type: multiple_choice
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: options
doc_to_target: label
"""


def test_a_seed_has_its_lineage(tmp_path: Path) -> None:
    """A seed carries content, classification, licence and the place of its row."""
    (seed,) = read_seeds(gsm8k(tmp_path, [GSM]), tmp_path)
    assert isinstance(seed, Seed)
    assert (seed.task, seed.family, seed.kind, seed.answer) == ("gsm8k", "gsm8k", "number", "2")
    assert (seed.capability, seed.domain, seed.language, seed.license) == (
        "reasoning",
        "mathematics",
        "en",
        "MIT",
    )
    assert (seed.source_dataset, seed.source_config, seed.source_split, seed.source_row) == (
        "openai/gsm8k",
        "main",
        "train",
        0,
    )


def test_every_row_is_a_seed_or_dropped_with_its_reason(tmp_path: Path) -> None:
    """In = kept + dropped, in row order, each dropped row with one reason."""
    rows = [
        GSM,
        {**GSM, "question": "  "},
        {**GSM, "answer": "#### "},
        {**GSM, "answer": "two"},
        {"question": "no answer field"},
        {**GSM, "question": "Another?"},
    ]
    stream = read_seeds(gsm8k(tmp_path, rows), tmp_path)
    items = list(stream)
    reasons = [item.reason if isinstance(item, Dropped) else None for item in items]
    assert reasons == [None, "empty_question", "empty_answer", "bad_row", "bad_row", None]
    assert stream.rows == len(items) == 6
    assert [item.source_row for item in items if isinstance(item, Seed)] == [0, 5]
    assert next(item.id for item in items if isinstance(item, Dropped)) == "gsm8k/train/1"


def test_a_seeds_id_is_its_rows_content(tmp_path: Path) -> None:
    """Equal rows have equal ids, whichever task reads them and wherever they stand; other rows do not."""
    task = gsm8k(tmp_path, [GSM, {**GSM, "question": "Other?"}, dict(reversed(GSM.items()))])
    other = entry(
        "gsm8k_cot", "gsm8k", dataset_path="openai/gsm8k", dataset_name="main", training_split="train"
    )
    first, second, third = (s.seed_id for s in read_seeds(task, tmp_path) if isinstance(s, Seed))
    assert first == third != second
    assert [s.seed_id for s in read_seeds(other, tmp_path) if isinstance(s, Seed)] == [first, second, third]


def test_an_empty_split_has_no_rows(tmp_path: Path) -> None:
    """An empty file gives an empty stream."""
    stream = read_seeds(gsm8k(tmp_path, []), tmp_path)
    assert (stream.rows, list(stream)) == (0, [])


def test_a_family_without_a_normaliser_is_reported_row_by_row(tmp_path: Path) -> None:
    """Rows that nothing can read are dropped as `no_normaliser`, not guessed at."""
    write_rows(tmp_path / "a" / "b" / "default" / "train.jsonl", [{"x": "1"}, {"x": "2"}])
    task = entry("t", "nobody", dataset_path="a/b", training_split="train")
    assert [d.reason for d in read_seeds(task, tmp_path) if isinstance(d, Dropped)] == ["no_normaliser"] * 2
    assert kind_of(task) is None


def test_a_task_without_training_split_cannot_be_read(tmp_path: Path) -> None:
    """There is nothing to read without a training split."""
    with pytest.raises(NotLoadable):
        read_seeds(entry(dataset_path="a/b"), tmp_path)


def test_a_users_task_is_read_through_its_own_templates(tmp_path: Path) -> None:
    """A task of the user's needs no shape: its templates give question, options and gold."""
    rows = [
        {"question": "Which one flies?", "options": ["a stone", "a kite"], "label": 1},
        {"question": "Which one swims?", "options": ["a fish", "a brick"], "label": 2},
    ]
    good, bad = read_seeds(own_task(tmp_path, rows, CHOICE), None)
    assert isinstance(good, Seed)
    assert (good.question, good.options, good.answer) == (
        "Which one flies?",
        ("a stone", "a kite"),
        "a kite",
    )
    assert isinstance(bad, Dropped)
    assert (bad.reason, bad.evidence) == ("gold_out_of_range", "gold 2 of 2 options")


def test_rows_that_process_docs_filters_keep_the_others_in_place(tmp_path: Path) -> None:
    """A row that the task's process_docs leaves out is dropped; the others keep their row numbers."""
    rows = [
        {"question": f"Which one is {n}?", "options": [str(n), "none"], "label": 0, "level": n}
        for n in range(4)
    ]
    code = "def keep(docs):\n    return docs.filter(lambda d: d['level'] % 2 == 1)\n"
    more = CHOICE + "process_docs: !function utils.keep\n"
    items = list(read_seeds(own_task(tmp_path, rows, more, code), None))
    assert [i.reason if isinstance(i, Dropped) else i.answer for i in items] == [
        "filtered_by_task",
        "1",
        "filtered_by_task",
        "3",
    ]
    assert [i.source_row for i in items if isinstance(i, Seed)] == [1, 3]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('stop')\n", "load_failed"),
        ("import a_package_that_is_not_there\n", "needs_extra"),
        ("def keep(docs):\n    raise KeyError('x')\n", "load_failed"),
    ],
)
def test_a_tasks_own_code_cannot_stop_a_run(tmp_path: Path, code: str, reason: str) -> None:
    """Whatever a task's code raises, its rows are dropped with the reason."""
    rows = [{"question": "Which one?", "options": ["a", "b"], "label": 0}]
    more = CHOICE + "process_docs: !function utils.keep\n"
    items = list(read_seeds(own_task(tmp_path, rows, more, code), None))
    assert [i.reason for i in items if isinstance(i, Dropped)] == [reason]


def test_a_metric_that_needs_the_network_does_not_matter(tmp_path: Path) -> None:
    """A task whose metric cannot be loaded is built from its document functions alone."""
    code = "def ask(doc):\n    return 'Question: ' + doc['question'] + '\\nAnswer:'\n"
    more = CHOICE.replace('"Question: {{question}}\\nAnswer:"', "!function utils.ask")
    more += "metric_list: [{metric: !function broken.score}]\n"
    (tmp_path / "broken.py").write_text("raise OSError('no network')\n")
    rows = [{"question": "Which one flies?", "options": ["a stone", "a kite"], "label": 1}]
    (seed,) = read_seeds(own_task(tmp_path, rows, more, code), None)
    assert isinstance(seed, Seed)
    assert (seed.question, seed.answer) == ("Which one flies?", "a kite")


@pytest.mark.parametrize(
    ("name", "family", "config", "language"),
    [
        ("arc_easy", "arc", None, "en"),
        ("arc_challenge_mt_da", "arc_mt", None, "da"),
        ("headqa_es", "headqa", "es", "es"),
        ("ja_leaderboard_jcommonsenseqa", "japanese_leaderboard", None, "ja"),
        ("qnlieu", "basqueglue", "qnli", "eu"),
        ("nobody", "nobody", None, "und"),
    ],
)
def test_the_language_comes_from_the_table(name: str, family: str, config: str | None, language: str) -> None:
    """The language is stated by the family table, the config or the task's name, never guessed from text."""
    assert language_of(entry(name, family, dataset_name=config)) == language


NLI = {"premise": "P.", "hypothesis": "H.", "label": 1}
PAIR = {"id": 1, "sentence1": "One is here.", "sentence2": "The other is there.", "label": 1}


@pytest.mark.parametrize(
    ("task", "row", "kind", "asked", "options", "answer"),
    [
        ("xnli_en", NLI, "multiple_choice", "true, false or impossible to tell", 3, "impossible to tell"),
        ("xnli_de", {**NLI, "label": 0}, "multiple_choice", "nach dem Text", 3, "wahr"),
        ("xnli_zh", {**NLI, "label": 2}, "multiple_choice", "“H.”", 3, "错的"),
        ("xnli_eu", {**NLI, "label": 2}, "multiple_choice", "«H.»", 3, "gezurra"),
        ("paws_en", PAIR, "boolean", "the same meaning", 0, "yes"),
        ("paws_es", {**PAIR, "label": 0}, "boolean", "Significan lo mismo", 2, "no"),
        (
            "assin2_rte",
            {"premise": "P.", "hypothesis": "H.", "entailment_judgment": 1, "relatedness_score": 4.5},
            *("boolean", "Segundo o texto", 2, "sim"),
        ),
        (
            "ja_leaderboard_jnli",
            {"sentence1": "前", "sentence2": "後", "label": 1},
            *("multiple_choice", "「後」", 3, "矛盾"),
        ),
        (
            "ethics_deontology",
            {"label": 1, "scenario": "Would you water the plants?", "excuse": "No, it rains."},
            *("boolean", "plants? No, it rains.", 2, "reasonable"),
        ),
        ("ethics_justice", {"label": 0, "scenario": "S."}, "boolean", '"S."', 2, "unreasonable"),
        ("ethics_virtue", {"label": 1, "scenario": "S.", "trait": "brave"}, "boolean", "brave", 0, "yes"),
        (
            "ethics_utilitarianism",
            {"activity": "I found a coin.", "baseline": "I lost a coin."},
            *("multiple_choice", "preferable", 2, "I found a coin."),
        ),
        (
            "multirc",
            {"paragraph": "P.", "question": "Who?", "answer": "Ann", "idx": {"question": 1}, "label": 1},
            *("boolean", 'Is "Ann" a correct answer to the question "Who?"', 0, "yes"),
        ),
        (
            "wic",
            {**PAIR, "word": "bank", "start1": 0, "start2": 0, "end1": 1, "end2": 1},
            *("boolean", '"bank"', 0, "yes"),
        ),
        (
            "wsc",
            {"text": "Tom met Al. He left.", "span1_text": "Tom", "span2_text": "He", "label": 0},
            *("boolean", 'Does "He" refer to "Tom"?', 0, "no"),
        ),
        ("kobest_sentineg", {"sentence": "좋다", "label": 1}, "boolean", "좋다", 2, "긍정"),
        (
            "kobest_wic",
            {"word": "배", "context_1": "가", "context_2": "나", "label": 0},
            *("boolean", '"배"', 2, "아니오"),
        ),
        ("ja_leaderboard_marc_ja", {"sentence": "良い", "label": 0}, "boolean", "良い", 2, "ポジティブ"),
        (
            "mutual",
            {"article": "f : hi .", "options": ["m : a .", "m : b .", "m : c .", "m : d ."], "answers": "C"},
            *("multiple_choice", "continues this dialogue", 4, "m: c."),
        ),
    ],
)
def test_whole_sentence_choices_and_verdicts_become_real_labels(
    tmp_path: Path, task: str, row: dict[str, Any], kind: str, asked: str, options: int, answer: str
) -> None:
    """A row with the fields that the task's own templates use is asked in words, with a label as answer."""
    chosen = load_catalogue(None).entries[task]
    place = tmp_path / (chosen.dataset_path or "") / (chosen.dataset_name or "default")
    write_rows(place / f"{chosen.training_split}.jsonl", [row])
    (seed,) = read_seeds(chosen, tmp_path)
    assert isinstance(seed, Seed), seed
    assert (seed.kind, len(seed.options), seed.answer) == (kind, options, answer)
    assert asked in seed.question
    assert (seed.answer_index is None) == (not options)
    passage = row.get("premise") or row.get("paragraph") or row.get("article")
    assert (seed.context is not None) == bool(passage or "text" in row or task.endswith("jnli"))


def test_a_seed_carries_the_tasks_own_extraction_and_equivalence(tmp_path: Path) -> None:
    """GSM8K's regular expressions and what its metric ignores stand on the seed, as its YAML gives them."""
    task = load_catalogue().entries["gsm8k"]
    write_rows(tmp_path / "openai" / "gsm8k" / "main" / "train.jsonl", [GSM])
    (seed,) = read_seeds(task, tmp_path)
    assert isinstance(seed, Seed)
    filters = json.loads(seed.extractor or "")
    assert [(f["name"], f["function"]) for f in filters] == [
        ("strict-match", "regex"),
        ("flexible-extract", "regex"),
    ]
    assert re.search(filters[0]["regex_pattern"], GSM["answer"]) is not None
    assert json.loads(seed.equivalence or "")["exact_match"]["regexes_to_ignore"][:2] == [",", "\\$"]
    assert seed.harness_version == load_catalogue().harness_version
