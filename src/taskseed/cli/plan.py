"""`taskseed plan`: what a run will ask, use, cost and give."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.cli.calibration import print_calibration
from taskseed.cli.messages import human, stdout
from taskseed.cli.progress import watching
from taskseed.cli.run import positive, run_folder
from taskseed.recipe import load_recipe
from taskseed.run.pipeline import Spending
from taskseed.run.plan import FIGURES, Figure, Plan, make_plan

__all__ = ["plan"]

WORDS = {
    "answers": "answers",
    "input": "input tokens",
    "output": "output tokens",
    "usd": "USD",
    "rows": "rows kept",
}


def plan(
    recipe: str,
    out: str | None,
    pilot: int | None,
    limit: int | None,
    budget_usd: float | None,
    budget_tokens: int | None,
    sets: list[str],
    quiet: bool,
) -> int:
    """Say what the run of a recipe will take, from a pilot or from the lengths of its prompts."""
    positive(pilot=pilot, limit=limit, budget_usd=budget_usd, budget_tokens=budget_tokens)
    loaded = load_recipe(Path(recipe), sets)
    folder = run_folder(loaded, out)
    with watching(quiet) as watch:
        made = make_plan(loaded, folder, pilot or 0, limit, Spending(budget_usd, budget_tokens), watch)
    console = stdout()
    if made.pilot:
        _show_pilot(console, made)
    else:
        _show_bounds(console, made)
    if made.calibration is not None:
        _show_calibration(console, made.calibration)
    if made.figures["usd"].high is None:
        _say(console, "the cost is unknown: a model has no `price`, or its sampling no max_tokens")
    _say(console, f"written to {folder / 'plan.json'}")
    return 0


def _show_pilot(console: Console, made: Plan) -> None:
    share = made.pilot / made.seeds if made.seeds else 0.0
    _say(console, f"from a pilot of {human(made.pilot)} of {human(made.seeds)} seeds ({share:.1%}):\n")
    table = _table("", "pilot", "whole run", "95 % interval")
    for name in FIGURES:
        figure = made.figures[name]
        if figure.middle is not None:
            about = "~" if made.estimated and name in ("input", "output", "usd") else ""
            values = (figure.pilot, figure.middle, figure.low, figure.high)
            words = (about + _number(name, value) for value in values)
            own, middle, low, high = words
            table.add_row(WORDS[name], own, middle, f"{low} – {high}")
    console.print(table)
    console.print()
    if made.estimated:
        _say(console, "~: the server tells no token counts, so they are estimated from the lengths of texts")
    if made.seconds is not None:
        pace = timedelta(seconds=round(made.seconds))
        _say(console, f"at the pilot's pace: {pace}; a longer run is often faster")
    _say(console, "the pilot's answers are kept: the run does not ask for them again")


def _show_calibration(console: Console, told: dict[str, Any]) -> None:
    console.print()
    print_calibration(console, told)
    took = told["took"]
    usd = "an unknown cost" if took["usd"] is None else f"{took['usd']:.4f} USD"
    _say(
        console,
        f"solving the seeds took {human(took['answers'])} answers, {human(took['input'])} tokens in, "
        f"{human(took['output'])} out, {usd}",
    )
    for family, why in told["weak"].items():
        _say(console, f"refused (teacher_too_weak): {family}: {why}")
    console.print()


def _show_bounds(console: Console, made: Plan) -> None:
    _say(console, f"bounds for {human(made.seeds)} seeds, by the lengths of the prompts (4 bytes a token):\n")
    table = _table("", "at least", "at most")
    for name in FIGURES:
        figure: Figure = made.figures[name]
        if figure.high is not None:
            table.add_row(WORDS[name], _number(name, figure.low), _number(name, figure.high))
    console.print(table)
    console.print()
    _say(console, "for an estimate with an interval, ask a few seeds: taskseed plan RECIPE --pilot 50")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(columns[0])
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.4f}" if name == "usd" else human(value)


def _say(console: Console, line: str) -> None:
    console.print(escape(line), soft_wrap=True)
