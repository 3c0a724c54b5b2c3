"""`taskseed demo`: the whole flow on built-in tasks, and what it made, shown record by record."""

import json
import textwrap
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.cli.messages import stdout
from taskseed.cli.progress import watching
from taskseed.cli.run import print_result
from taskseed.io import read_table
from taskseed.recipe import parse_recipe
from taskseed.run.local import RunOptions, run_local

__all__ = ["demo"]

HONESTLY = (
    "No model was asked. The maths problems below are numeric variants of built-in training problems, "
    "recomputed exactly; new wording and new subjects need a model."
)


def demo(out: str, quiet: bool) -> int:
    """Run the demo recipe and show what came of it."""
    text = files("taskseed.cli").joinpath("demo_recipe.yaml").read_text(encoding="utf-8")
    folder = Path(out)
    with watching(quiet) as watch:
        run_local(parse_recipe(text, "the demo recipe"), folder, RunOptions(), watch)
    console = stdout()
    console.print(f"\n{HONESTLY}\n", soft_wrap=True)
    _show_record(console, folder)
    _show_dropped(console, folder)
    _show_refusals(console, folder)
    console.print(_by_task(folder))
    console.print()
    print_result(folder)
    _show_next(console)
    return 0


def _paragraph(console: Console, title: str, text: str) -> None:
    console.print(f"[bold]{escape(title)}[/]")
    for line in text.strip().splitlines():
        for part in textwrap.wrap(line, min(console.width, 100) - 2) or [""]:
            console.print(f"  {part}", markup=False, soft_wrap=True)
    console.print()


def _show_record(console: Console, folder: Path) -> None:
    """Show one row from its seed to its text."""
    rows = _rows(folder)
    if not rows:
        return
    row = rows[0]
    seed = _find(folder / "normalize" / "kept", "seed_id", row["seed_id"])
    where = f"{row['task']}, {row['source_split']} row {row['source_row']}"
    _paragraph(console, f"a seed ({where})", _asked(seed))
    _paragraph(console, "the new question written from it", _asked(row))
    trust = f"verifier: {row['verifier']}, votes: {row['votes_total']}"
    _paragraph(console, f"the kept answer ({trust})", f"{row['enrichment']}\nAnswer: {row['answer']}")


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
            text = f"{_text_of(json.loads(dropped['record']))}\nwhy: {dropped['evidence']}"
            _paragraph(console, f"{title}: {dropped['reason']}{score}", text)


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


def _by_task(folder: Path) -> Table:
    """Return what became of each task."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task")
    for name in ("rows kept", "questions", "mean agreement"):
        table.add_column(name, justify="right")
    table.add_column("verifier")
    table.add_column("styles")
    rows = _rows(folder)
    for task in sorted({row["task"] for row in rows}):
        mine = [row for row in rows if row["task"] == task]
        questions = {row["question_id"]: row["agreement"] for row in mine}
        agreed = [a for a in questions.values() if a is not None]
        mean = f"{sum(agreed) / len(agreed):.2f}" if agreed else "–"
        words = [", ".join(sorted({row[column] for row in mine})) for column in ("verifier", "style")]
        table.add_row(task, str(len(mine)), str(len(questions)), mean, *words)
    return table


def _show_next(console: Console) -> None:
    lines = (
        "\nnext, on your own model (any OpenAI-compatible endpoint):",
        "  taskseed tasks arc_easy gsm8k         # what may seed, and why",
        "  taskseed doctor recipe.yaml           # a recipe of six lines: see the README",
        "  taskseed run recipe.yaml --limit 20",
    )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
