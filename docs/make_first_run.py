"""Writes docs/first-run.md and docs/examples.md from what the demo makes: `python docs/make_first_run.py`."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from taskseed.cli.demo import RECORDED
from taskseed.io import read_table
from taskseed.recipe import load_recipe
from taskseed.records import KINDS, STYLES
from taskseed.run.directory import STAGES, RunDirectory
from taskseed.run.events import unwatched
from taskseed.run.local import RunOptions, run_local

DOCS = Path(__file__).parent
Record = dict[str, Any]

HEAD = """\
# What the demo shows

`taskseed demo` takes twelve built-in tasks, of every kind, through the whole flow. This page shows what it makes, so that you can decide
whether to trust it. It is written by `python docs/make_first_run.py` from the demo's own files, and a test fails when it is out of date;
the examples are the first of their kind by id, not the best.

**What is real.** The questions and solves were written by a large language model. Each request went out as one line of a batch file
(`taskseed batch export`), was answered by a model that saw the message of that line and nothing else, and came back by `taskseed batch
import`: {writer} requests for questions, {solver} for solves, {judge} to compare two open answers. Nothing was planted, tidied or left out; malformed answers, faulty questions
and disagreements stand as they came. The checks, votes, code runs and drops happen on your machine, now.

**What is not.** No model is asked when the demo runs: it replays the recording (`responses.on_miss: refuse`). The data calls the model
`recorded-llm`; its terms are not on record, so no row is cleared for commercial use. The model was used as an assistant with its own
settings, so `temperature` and `max_tokens` in the recorded requests are what was asked for, not what was in force, and its tokens were not
counted. The tasks are small and easy for a large model: agreement here says little about yours.

Every exchange, to the byte: `cut -d' ' -f3- runs/demo/responses/*.seg | jq .` – a test proves that no request for a solve holds the
proposed answer. To record the demo with another model: `make record-demo`.
"""
READ = """\
## How to read a record

A *seed* is a row of a training split. The writer saw it, and three siblings, and wrote the *question*. Solvers saw the question alone, with
its options in another order each time, and each wrote an answer with something beside it: reasoning, background knowledge, or why the other
options fail (the *style*). Each solve is a vote; three that agree were enough here, and the solves that agree are the records. `agreement`
is one model agreeing with itself. It is not accuracy: an error that the model always makes gets every vote.

So able a model makes few faults on tasks this easy: here nothing was malformed, no vote was lost, and what was dropped was mostly surplus
(`not_selected`). Where a task lost nothing for a fault, such a surplus solve is shown as its dropped example.
"""


EXAMPLES = """\
# Kept rows, one per kind and style

Chosen by hand from what [the demo](first-run.md) keeps, as rows that we would train on: for each kind of question, one of each style
that it is solved in. A row's question was written by a model from a seed of a built-in task, and its answer reached by solves that saw
the question alone. `direct` is not among them: such a row is a question and its answer, with nothing beside it.

This page is written by `python docs/make_first_run.py`; a test fails when a kind or a style is missing, or when the demo no longer keeps a row.
"""

CHOSEN = (
    "8fdf59ebb659c497a63f", "ff24403f2e9b31577914", "630ea2e17cb7726c3313",  # multiple_choice
    "97bd6ead0dcb003c0216", "04cf3d923d6f14c87128",  # boolean
    "21586fabd33a384e3e5c", "fc0db658bfab7427ae6f",  # number
    "b7a62a39f66ae31da102", "208533c0e0c5db9d8e27",  # expression
    "a15a38941c2962e8deec", "198f4b1397f84aebab65",  # short_answer
    "192c2c36e2360348706a", "55fef055e0a8f46baa22",  # span
    "2a8e34dbffef32468016", "bb8a6a4e62cdfad4871f",  # code
    "063611a0c14d52107454", "6edc8f7b84b27f0f91a5",  # structured
    "de98064107c15eef80bc", "3184e1db2742d77167d1",  # free_text
)  # fmt: skip


def pages() -> dict[str, str]:
    """Run the demo and return the pages by their names."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "demo"
        recipe = load_recipe(RECORDED / "recipe.yaml", [f"responses.store={RECORDED / 'responses'}"])
        run_local(recipe, root, RunOptions(), unwatched)
        return {"first-run.md": "\n".join(_page(root)), "examples.md": "\n".join(_examples(root))}


def _examples(root: Path) -> Iterator[str]:
    rows = {row["id"]: row for row in _read(root / "dataset" / "data")}
    seeds = {seed["seed_id"]: seed for seed in _read(root / "normalize" / "kept")}
    chosen = [rows[key] for key in CHOSEN]
    yield EXAMPLES
    for kind in KINDS:
        yield f"## {kind}\n"
        for row in sorted((r for r in chosen if r["kind"] == kind), key=lambda r: STYLES.index(r["style"])):
            yield from _kept(row, seeds)


def _page(root: Path) -> Iterator[str]:
    roles = Counter(
        json.loads(line.split(" ", 2)[2])["role"]
        for file in sorted((RECORDED / "responses").glob("*.seg"))
        for line in file.read_text(encoding="utf-8").splitlines()
    )
    rows = list(_read(root / "dataset" / "data"))
    seeds = {seed["seed_id"]: seed for seed in _read(root / "normalize" / "kept")}
    yield HEAD.format(writer=roles["writer"], solver=roles["solver"], judge=roles["judge"])
    yield READ
    yield from _funnel(root)
    yield from _tasks(rows, list(_read(root / "enrich" / "dropped")))
    asked = {question["question_id"]: question for question in _read(root / "screen" / "kept")}
    for task in sorted({row["task"] for row in rows}):
        yield f"## {task}\n"
        for derivation in ("written", "numeric_variant"):
            found = [row for row in rows if (row["task"], row["derivation"]) == (task, derivation)]
            if found:
                yield from _kept(found[0], seeds)
        yield from _lost(root, task, asked)


def _read(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.glob("*.parquet")):
        yield from read_table(path).to_pylist()


def _funnel(root: Path) -> Iterator[str]:
    yield "## From task to row\n"
    yield "| stage | in | kept | dropped, by reason |\n|---|---|---|---|"
    for count in RunDirectory(root).funnel():
        reasons = ", ".join(f"{reason} {number}" for reason, number in sorted(count.dropped.items()))
        yield f"| {count.stage} | {count.entered} | {count.kept} | {reasons or '–'} |"
    yield "\nEach reason is explained in [drop-reasons.md](drop-reasons.md).\n"


def _tasks(rows: Sequence[Record], undecided: Sequence[Record]) -> Iterator[str]:
    yield "| task | kind | rows | questions | all solves agreed | some differed | not decided |\n|---|---|---|---|---|---|---|"
    for task in sorted({row["task"] for row in rows}):
        mine = [row for row in rows if row["task"] == task]
        agreement = {row["question_id"]: row["agreement"] for row in mine}
        whole = sum(1 for value in agreement.values() if value == 1)
        lost = sum(1 for dropped in undecided if dropped["task"] == task)
        yield f"| {task} | {mine[0]['kind']} | {len(mine)} | {len(agreement)} | {whole} | {len(agreement) - whole} | {lost} |"
    yield ""


def _kept(row: Record, seeds: dict[str, Record]) -> Iterator[str]:
    seed = seeds[row["seed_id"]]
    yield f"**Kept**, style `{row['style']}`, {row['votes_for']} of {row['votes_total']} solves agree, verifier `{row['verifier']}`.\n"
    yield f"From this seed (row {seed['source_row']} of `{seed['source_split']}`):\n"
    yield _quoted(_asked(seed), f"Answer: {seed['answer']}")
    yield (
        "the writer made this question:\n"
        if row["writer_model"]
        else "new numbers, without any model, made this question:\n"
    )
    yield _quoted(_asked(row))
    yield "and one of the solves stands beside its answer:\n"
    answer = f"```python\n{row['answer']}\n```" if row["kind"] == "code" else f"Answer: {row['answer']}"
    yield _quoted(row["enrichment"], answer)


def _asked(record: Record) -> str:
    options = "\n".join(f"- {option}" for option in record["options"])
    return "\n\n".join(part for part in (record["context"], record["question"], options) if part)


def _quoted(*parts: str) -> str:
    text = "\n\n".join(part.strip() for part in parts)
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + "\n"


# Nothing was wrong with these: they are shown only where a task lost nothing else.
UNTOLD = ("not_selected", "over_task_limit")


def _lost(root: Path, task: str, asked: dict[str, Record]) -> Iterator[str]:
    found = [
        (
            UNTOLD.index(dropped["reason"]) + 1 if dropped["reason"] in UNTOLD else 0,
            -STAGES.index(stage),
            dropped,
        )
        for stage in STAGES[1:-1]
        for dropped in _read(root / stage / "dropped")
        if dropped["task"] == task
    ]
    _, stage, dropped = min(found, key=lambda entry: entry[:2])
    score = "" if dropped["score"] is None else f", score {dropped['score']:.2f}"
    yield f"**Dropped** at {STAGES[-stage]}: `{dropped['reason']}`{score}.\n"
    record = json.loads(dropped["record"])
    if "enrichment" in record:
        yield _quoted(_asked(asked[record["question_id"]]))
        yield "was solved like this:\n"
    yield _quoted(_text(record))
    other = asked.get(dropped["evidence"].removeprefix("question "))
    yield f"Why: {dropped['evidence'].strip()}{': ' + other['question'] if other else ''}\n"


def _text(record: Record) -> str:
    inner = record.get("question")
    if isinstance(inner, dict):
        return _asked(inner)
    if isinstance(inner, str):
        return _asked({"context": None, "options": [], **record})
    return str(record.get("seed_question") or record.get("enrichment"))


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
