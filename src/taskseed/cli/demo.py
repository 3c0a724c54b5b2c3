"""`taskseed demo`: the whole flow on built-in tasks, and what it made, shown record by record.

The demo replays a recording (`recorded/`): the responses of a large language model to the requests of
`recorded/recipe.yaml`, in a response store, and the prompts that they were asked with.
"""

import json
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.cli.messages import human, stdout
from taskseed.cli.progress import watching
from taskseed.cli.run import print_result
from taskseed.io import read_table, write_bytes
from taskseed.recipe import load_recipe
from taskseed.run.local import RunOptions, run_local

__all__ = ["RECORDED", "demo"]

RECORDED = Path(__file__).parent / "recorded"

MOST_LINES = 14  # of one text on the screen

HONESTLY = (
    "Recorded answers: the questions and solves below were written by a large language model when this demo "
    "was recorded, each from one request and nothing else, and stand as they came. Nothing was asked of a "
    "model now. Rows marked `recomputed` are numeric variants of built-in maths problems, worked out exactly."
)


def demo(out: str, quiet: bool) -> int:
    """Run the demo recipe on the recorded responses and show what came of it."""
    folder = Path(out)
    recipe = load_recipe(RECORDED / "recipe.yaml")
    again = _is_a_demo(folder)
    with watching(quiet) as watch:
        if again or not (folder / "recipe.yaml").exists():
            _lay_down_recording(folder)
        run_local(recipe, folder, RunOptions(update=again), watch)
    console = stdout()
    console.print(f"\n{HONESTLY}\n", soft_wrap=True)
    rows = _rows(folder)
    _show_record(console, folder, [r for r in rows if r["options"] and r["language"] == "en"])
    _show_record(console, folder, [r for r in rows if r["derivation"] == "numeric_variant"])
    _show_dropped(console, folder)
    _show_refusals(console, folder)
    console.print(_by_task(rows))
    console.print()
    print_result(folder)
    _show_next(console, folder)
    return 0


def _lay_down_recording(folder: Path) -> None:
    """Put the recording where the run looks for responses: then the run directory is whole by itself."""
    for segment in sorted((RECORDED / "responses").glob("*.seg")):
        copy, data = folder / "responses" / segment.name, segment.read_bytes()
        if not copy.exists() or copy.read_bytes() != data:
            write_bytes(copy, data)


def _is_a_demo(folder: Path) -> bool:
    """Tell whether a folder holds a demo, perhaps of another version: then its stages may be made anew."""
    path = folder / "recipe.yaml"
    return path.exists() and yaml.safe_load(path.read_text(encoding="utf-8")).get("name") == "demo"


def _paragraph(console: Console, title: str, text: str, end: str = "") -> None:
    """Print a title and a text, a long one cut in the middle; `end` is never cut."""
    console.print(f"[bold]{escape(title)}[/]")
    width = min(console.width, 100) - 2
    lines = [part for line in text.strip().splitlines() for part in textwrap.wrap(line, width) or [""]]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"… {len(lines) - MOST_LINES + 1} more lines"]
    for line in (*lines, *end.splitlines()):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print()


def _show_record(console: Console, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Show the first of some rows from its seed to its text."""
    if not rows:
        return
    row = rows[0]
    seed = _find(folder / "normalize" / "kept", "seed_id", row["seed_id"])
    where = f"{row['task']}, {row['source_split']} row {row['source_row']}"
    made = (
        "the new question written from it" if row["derivation"] == "written" else "the same with new numbers"
    )
    _paragraph(console, f"a seed ({where})", _asked(seed))
    _paragraph(console, made, _asked(row))
    votes = f"{row['votes_for']} of {row['votes_total']} solves agree" if row["votes_total"] else "no votes"
    trust = f"style: {row['style']}, verifier: {row['verifier']}, {votes}"
    _paragraph(console, f"a kept answer ({trust})", row["enrichment"], f"Answer: {row['answer']}")


def _asked(record: dict[str, Any]) -> str:
    options = [f"- {option}" for option in record["options"]]
    return "\n".join([record["context"] or "", record["question"], *options])


def _rows(folder: Path) -> list[dict[str, Any]]:
    paths = sorted((folder / "dataset" / "data").glob("*.parquet"))
    return [row for path in paths for row in read_table(path).to_pylist()]


def _find(folder: Path, column: str, value: str) -> dict[str, Any]:
    for path in sorted(folder.glob("*.parquet")):
        table = read_table(path)
        for row in table.filter(pc.equal(table.column(column), value)).to_pylist():
            return dict(row)
    return {"question": "", "options": [], "context": None}


def _show_dropped(console: Console, folder: Path) -> None:
    """Show the first candidate of each stage that was dropped for what it says."""
    for stage, title in (
        ("normalize", "a seed row that was dropped"),
        ("generate", "a slot that gave no question"),
        ("screen", "a question that was dropped"),
        ("enrich", "a question whose answer was not established"),
        ("filter", "a solve that was dropped"),
    ):
        found = [d for d in _dropped(folder, stage) if d["reason"] not in ("over_task_limit", "not_selected")]
        if found:
            dropped = found[0]
            score = "" if dropped["score"] is None else f" ({dropped['score']:.2f})"
            why = f"why: {_evidence(folder, dropped)}"
            text = _text_of(json.loads(dropped["record"]))
            _paragraph(console, f"{title}: {dropped['reason']}{score}", text, why)


def _evidence(folder: Path, dropped: dict[str, Any]) -> str:
    """Return the first line of why a candidate was dropped, with the question that it resembles."""
    said = dropped["evidence"].partition("\n")[0]
    if dropped["reason"] != "near_duplicate":
        return str(said)
    other = _find(folder / "screen" / "kept", "question_id", said.removeprefix("question "))
    return f"{said}: {other['question']}"


def _text_of(record: dict[str, Any]) -> str:
    inner = record.get("question")
    if isinstance(inner, dict):
        return str(inner["question"])
    return str(inner or record.get("seed_question") or record.get("enrichment") or "")


def _dropped(folder: Path, stage: str) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / stage / "dropped").glob("*.parquet")):
        yield from read_table(path).to_pylist()


def _show_refusals(console: Console, folder: Path) -> None:
    lines = [f"{r['task']}: {r['reason']}: {r['evidence']}" for r in _dropped(folder, "collect")]
    _paragraph(console, "tasks that may not seed", "\n".join(lines))


def _by_task(rows: list[dict[str, Any]]) -> Table:
    """Return what became of each task."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task")
    for name in ("rows kept", "questions", "mean agreement"):
        table.add_column(name, justify="right")
    table.add_column("verifier")
    table.add_column("styles")
    for task in sorted({row["task"] for row in rows}):
        mine = [row for row in rows if row["task"] == task]
        questions = {row["question_id"]: row["agreement"] for row in mine}
        agreed = [a for a in questions.values() if a is not None]
        mean = f"{sum(agreed) / len(agreed):.2f}" if agreed else "–"
        words = [", ".join(sorted({row[column] for row in mine})) for column in ("verifier", "style")]
        table.add_row(task, str(len(mine)), str(len(questions)), mean, *words)
    return table


def _show_next(console: Console, folder: Path) -> None:
    exchanges = sum(path.read_bytes().count(b"\n") for path in (folder / "responses").glob("*.seg"))
    segments = f"{shlex.quote(str(folder / 'responses'))}/*.seg"
    lines = (
        f"\nwhat was asked and answered, all {human(exchanges)} exchanges of the recording:",
        f"  cut -d' ' -f3- {segments} | jq .      # or: … | python -m json.tool --json-lines",
        "what this shows and what it does not, record by record: docs/first-run.md",
        "\nnext, on your own model (any OpenAI-compatible endpoint):",
        "  taskseed tasks arc_easy gsm8k         # what may seed, and why",
        "  taskseed doctor recipe.yaml           # a recipe of six lines: see the README",
        "  taskseed run recipe.yaml --limit 20",
    )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
