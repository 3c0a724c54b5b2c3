"""`taskseed demo`: the whole flow on built-in tasks, and what it made, shown record by record."""

import json
import textwrap
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from rich.console import Console
from rich.markup import escape

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
    _show_sample(console, folder)
    _show_refusals(console, folder)
    _show_dropped(console, folder)
    print_result(folder)
    console.print("\nnext, on your own model (any OpenAI-compatible endpoint):", soft_wrap=True)
    console.print(
        "  taskseed tasks arc_easy gsm8k      # what may seed, and why", markup=False, soft_wrap=True
    )
    console.print(
        "  taskseed run recipe.yaml --limit 20   # a recipe of six lines: see the README",
        markup=False,
        soft_wrap=True,
    )
    return 0


def _paragraph(console: Console, title: str, text: str) -> None:
    console.print(f"[bold]{escape(title)}[/]")
    for line in text.strip().splitlines():
        for part in textwrap.wrap(line, min(console.width, 100) - 2) or [""]:
            console.print(f"  {part}", markup=False, soft_wrap=True)
    console.print()


def _show_sample(console: Console, folder: Path) -> None:
    rows = read_table(folder / "dataset" / "data" / "train-00000.parquet").to_pylist()
    if not rows:
        return
    row = rows[0]
    seed = _find_seed(folder, row["seed_id"])
    where = f"{row['task']}, {row['source_split']} row {row['source_row']}"
    _paragraph(console, f"a seed ({where})", f"{seed['question']}\nAnswer: {seed['answer']}")
    _paragraph(console, "its new question", row["question"])
    trust = f"verifier: {row['verifier']}, votes: {row['votes_total']}"
    worked = f"{row['enrichment']}\nAnswer: {row['answer']}   ({trust})"
    _paragraph(console, "the kept answer", worked)


def _find_seed(folder: Path, seed_id: str) -> dict[str, Any]:
    for path in sorted((folder / "normalize" / "kept").glob("*.parquet")):
        table = read_table(path)
        found = table.filter(pc.equal(table.column("seed_id"), seed_id)).to_pylist()
        if found:
            return dict(found[0])
    return {"question": "", "answer": ""}


def _show_refusals(console: Console, folder: Path) -> None:
    refused = read_table(folder / "collect" / "dropped" / "00000.parquet").to_pylist()
    lines = [f"{r['task']}: {r['reason']}: {r['evidence']}" for r in refused]
    _paragraph(console, "tasks that may not seed", "\n".join(lines))


def _show_dropped(console: Console, folder: Path) -> None:
    for stage, title in (("normalize", "a dropped seed row"), ("generate", "a dropped slot")):
        dropped = read_table(folder / stage / "dropped" / "00000.parquet").to_pylist()
        if dropped:
            worst = max(dropped, key=lambda d: (d["score"] or 0.0, d["id"]))
            score = f" ({worst['score']:.2f})" if worst["score"] is not None else ""
            record = json.loads(worst["record"])
            text = f"{record.get('question') or record.get('seed_question')}\nevidence: {worst['evidence']}"
            _paragraph(console, f"{title}: {worst['reason']}{score}", text)
