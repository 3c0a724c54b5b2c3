"""Runs for tests: recipes, funnels, and a command line in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from taskseed.recipe import Recipe, parse_recipe
from taskseed.run.ledger import status
from taskseed.run.local import RunOptions, run_local

NUMERIC = "name: t\ntasks: {include: [taskseed_maths]}\nheld_out: {suites: []}\ngenerate: {kind: numeric}\n"

MODEL = """
name: t
shard_size: 12
tasks: {{include: [taskseed_maths]}}
held_out: {{suites: []}}
models:
  writer:
    model: teacher
    base_url: "{url}"
    concurrency: {concurrency}
    price: {{input: 1.0, output: 2.0}}
    sampling: {{temperature: 1.0, seed: 100}}
enrich: {{min_votes: 3, max_votes: 6, confidence: 0.9}}
"""


ALIKE = ("generate.axes=null", "generate.examples=0")
"""Settings without axes and siblings: the slots of a seed ask the same, one request for several samples."""


def model_recipe(url: str, concurrency: int = 8, sets: tuple[str, ...] = ()) -> Recipe:
    """Return a recipe of five shards over the built-in maths task."""
    return parse_recipe(MODEL.format(url=url, concurrency=concurrency), sets=sets)


def make(recipe: Recipe, out: Path, **options: Any) -> dict[str, Any]:
    """Run a recipe in this process; returns what `status --json` says."""
    run_local(recipe, out, RunOptions(**options), lambda _: None)
    return told(out, recipe)


def told(out: Path, recipe: Recipe) -> dict[str, Any]:
    """Return what `status --json` says."""
    return status(out, recipe.models.prices(), recipe.models.names())


def rows(out: Path) -> list[dict[str, Any]]:
    """Return the data set's rows."""
    return [r for f in sorted((out / "dataset/data").glob("*.parquet")) for r in pq.read_table(f).to_pylist()]


def dropped(out: Path, stage: str) -> list[dict[str, Any]]:
    """Return what a stage dropped."""
    files = sorted((out / stage / "dropped").glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def unbalanced(state: dict[str, Any]) -> list[str]:
    """Return the stages where something vanished."""
    return [s["stage"] for s in state["stages"] if s["in"] != s["kept"] + sum(s["dropped"].values())]


def taskseed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, without terminal and without keys."""
    kept = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    return subprocess.run(
        [sys.executable, "-m", "taskseed", *arguments],
        env={**kept, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def commands(*above: str) -> list[tuple[str, ...]]:
    """Return the commands that --help lists, each as its words, those below a group included."""
    listed = taskseed(*above, "--help").stdout.partition("Commands:")[2]
    found = [(*above, name) for name in re.findall(r"^  (\w+)  ", listed, flags=re.M)]
    return [words for c in found for words in (commands(*c) if c == ("batch",) else [c])]
