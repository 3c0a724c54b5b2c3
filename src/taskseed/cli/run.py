"""`taskseed run`, `seeds`, `status`, `verify`."""

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.cli.calibration import print_calibration
from taskseed.cli.messages import funnel_table, human, stdout
from taskseed.cli.progress import watching
from taskseed.errors import UsageError
from taskseed.recipe import Recipe, load_recipe
from taskseed.run.directory import SHARDED, STAGES
from taskseed.run.ledger import status as read_status
from taskseed.run.local import RunOptions, run_local
from taskseed.run.pipeline import Spending
from taskseed.run.verify import verify_directory

__all__ = ["positive", "print_result", "run", "run_folder", "seeds", "status", "stored_recipe", "verify"]


def run(
    recipe: str,
    out: str | None,
    limit: int | None,
    accept: int | None,
    budget_usd: float | None,
    budget_tokens: int | None,
    sets: list[str],
    update: bool,
    quiet: bool,
) -> int:
    """Make the data set of a recipe."""
    positive(limit=limit, accept=accept, budget_usd=budget_usd, budget_tokens=budget_tokens)
    loaded = load_recipe(Path(recipe), sets)
    folder = run_folder(loaded, out)
    spending = Spending(budget_usd, budget_tokens)
    options = RunOptions(limit=limit, accept=accept, update=update, spending=spending)
    with watching(quiet) as watch:
        run_local(loaded, folder, options, watch)
    print_result(folder)
    return 0


def seeds(recipe: str, out: str | None, limit: int | None, sets: list[str], update: bool, quiet: bool) -> int:
    """Collect and normalise the seeds of a recipe."""
    positive(limit=limit)
    loaded = load_recipe(Path(recipe), sets)
    folder = run_folder(loaded, out)
    with watching(quiet) as watch:
        run_local(loaded, folder, RunOptions(limit=limit, update=update, last_stage="normalize"), watch)
    told = read_status(folder, {})
    stages = [s for s in told["stages"] if s["stage"] in STAGES[:2]]
    console = stdout()
    console.print(funnel_table(stages))
    console.print(f"\nseeds: {escape(str(folder / 'normalize' / 'kept'))}", soft_wrap=True)
    console.print(f"every task considered: {escape(str(folder / 'tasks.json'))}", soft_wrap=True)
    return 0


def positive(**flags: float | None) -> None:
    """Refuse numbers that leave nothing to do.

    :raises UsageError: naming the option.
    """
    for name, value in flags.items():
        if value is not None and value <= 0:
            option = "--" + name.replace("_", "-")
            raise UsageError(f"{option} {value} leaves nothing to do", f"give {option} a number above 0")


def run_folder(recipe: Recipe, out: str | None) -> Path:
    """Return the run directory: `runs/<name>` unless it is named."""
    return Path(out) if out else Path("runs") / recipe.name


def stored_recipe(folder: Path) -> Recipe:
    """Return the recipe that a run directory was made from.

    :raises UsageError: if the folder is not a run directory.
    """
    path = folder / "recipe.yaml"
    if not path.exists():
        raise UsageError(f"`{folder}` is not a run directory", "name the folder that `taskseed run` wrote to")
    return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def status(directory: str, as_json: bool) -> int:
    """Show the funnel, requests, tokens and cost of a run."""
    folder = Path(directory)
    recipe = stored_recipe(folder)
    told = read_status(folder, recipe.models.prices(), recipe.models.names())
    console = stdout()
    if as_json:
        console.print(json.dumps(told, indent=2), markup=False, soft_wrap=True)
        return 0
    reason = f" ({told['reason']})" if told["reason"] and told["state"] != "running" else ""
    console.print(f"{escape(str(folder))}: [bold]{told['state']}[/]{escape(reason)}\n", soft_wrap=True)
    console.print(funnel_table(told["stages"]))
    if told["state"] == "running":
        _print_under_way(console, told)
    requests = told["requests"]
    console.print(
        f"\nrequests: {human(requests['sent'])} sent, {human(requests['answered'])} answers, "
        f"{human(requests['failed'])} failed, {human(requests['from_store'])} answers from the store, "
        f"{human(requests['possibly_billed'])} possibly billed without an answer",
        soft_wrap=True,
    )
    console.print(f"tokens: {_tokens(told['tokens'])}; cost: {_cost(told)}", soft_wrap=True)
    if len(told["usage"]) > 1:
        console.print()
        console.print(_usage_table(told["usage"]))
        console.print()
    if told["calibration"] is not None:
        if len(told["usage"]) < 2:
            console.print()
        print_calibration(console, told["calibration"])
        console.print()
    guards = folder / "manifest.json"
    if guards.exists():
        unchecked = json.loads(guards.read_text(encoding="utf-8"))["guards"]["unchecked"]
        if unchecked:
            console.print(
                f"held-out sets not checked: {len(unchecked)} (see {escape(str(guards))})", soft_wrap=True
            )
    if told["dataset"]["sha256"]:
        console.print(
            f"data set: {told['dataset']['rows']} rows, sha256 {told['dataset']['sha256']}", soft_wrap=True
        )
    return 0


def _print_under_way(console: Console, told: dict[str, Any]) -> None:
    """Print how many shards are finished, and what the invocation that runs now has asked so far."""
    shards, now = told["shards"], told["under_way"]
    done = ", ".join(f"{stage} {human(shards[stage])}" for stage in SHARDED)
    console.print(f"\nshards finished, of {human(shards['total'])}: {done}", soft_wrap=True)
    if now is not None:
        took = timedelta(seconds=int(now["seconds"]))
        rate = now["sent"] / max(1.0, now["seconds"])
        console.print(
            f"under way for {took}: {human(now['sent'])} requests sent ({rate:.1f}/s), "
            f"{human(now['answered'])} answers, {human(now['failed'])} failed, "
            f"{human(now['from_store'])} answers from the store",
            soft_wrap=True,
        )


def _tokens(tokens: Mapping[str, int]) -> str:
    """Return tokens in words: in and out, and where there are any, those from a cache, thought, estimated."""
    cached, thought, estimated = (tokens[name] for name in ("cached_input", "reasoning", "estimated"))
    words_in = f"{human(tokens['input'])} in" + (f" ({human(cached)} from a prompt cache)" if cached else "")
    words_out = f"{human(tokens['output'])} out" + (f" ({human(thought)} reasoning)" if thought else "")
    about = f", ~{human(estimated)} estimated from the lengths of texts" if estimated else ""
    return f"{words_in}, {words_out}{about}"


def _cost(told: Mapping[str, Any]) -> str:
    usd = told["cost_usd"]
    if usd is None:
        return "unknown (a model has no `price` in the recipe)"
    return f"{'~' if told['tokens']['estimated'] else ''}{usd:.4f} USD"


def _usage_table(usage: Sequence[Mapping[str, Any]]) -> Table:
    """Return what each stage's model was asked and took; `~` marks what is partly an estimate."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage")
    for name in ("requests", "answers", "tokens in", "tokens out", "USD"):
        table.add_column(name, justify="right")
    table.add_column("model", overflow="fold")
    for row in usage:
        usd = "unknown" if row["cost_usd"] is None else f"{row['cost_usd']:.4f}"
        cells = [
            human(row["input"] + row["estimated_input"]),
            human(row["output"] + row["estimated_output"]),
            usd,
        ]
        if row["estimated"]:
            cells = [cell if cell == "unknown" else f"~{cell}" for cell in cells]
        table.add_row(
            row["stage"], human(row["requests"]), human(row["answers"]), *cells, escape(row["model"])
        )
    return table


def print_result(folder: Path) -> None:
    """Print the funnel and where the data set is."""
    recipe = stored_recipe(folder)
    told = read_status(folder, recipe.models.prices())
    console = stdout()
    console.print(funnel_table(told["stages"]))
    console.print(
        f"\n{human(told['last']['sent'])} requests sent now; tokens over the run's life: "
        f"{_tokens(told['tokens'])}; cost: {_cost(told)}",
        soft_wrap=True,
    )
    data = folder / "dataset"
    console.print(f"data set: {escape(str(data))}  ({told['dataset']['rows']} rows)", soft_wrap=True)
    console.print(f"sha256:   {told['dataset']['sha256']}", soft_wrap=True)
    console.print(f"look again: taskseed status {shlex.quote(str(folder))}", soft_wrap=True, markup=False)


def verify(directory: str) -> int:
    """Check the files of a run directory."""
    folder = Path(directory)
    stored_recipe(folder)
    faults = verify_directory(folder)
    console = stdout()
    for fault in faults:
        console.print(fault, markup=False, soft_wrap=True)
    console.print(f"{len(faults)} faults" if faults else "every file is as the run made it")
    return 1 if faults else 0
