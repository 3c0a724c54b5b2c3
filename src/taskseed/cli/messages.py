"""How errors, numbers and tables look."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.errors import TaskseedError

__all__ = ["funnel_table", "human", "print_error", "stderr", "stdout"]


def stdout() -> Console:
    """Return the console for data and the final summary."""
    return Console(
        file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty(), width=_width(sys.stdout)
    )


def stderr() -> Console:
    """Return the console for progress and errors."""
    return Console(
        file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty(), width=_width(sys.stderr)
    )


def _width(stream: Any) -> int | None:
    """Piped output is not cut to the width of a terminal that is not there."""
    return None if stream.isatty() or "COLUMNS" in os.environ else 120


def print_error(problem: TaskseedError) -> None:
    """Print one `error:` line and, where there is one, one `hint:` line."""
    console = stderr()
    console.print(f"[bold red]error:[/] {escape(_line(problem.message))}", soft_wrap=True)
    if problem.hint:
        console.print(f"[bold]hint:[/] {escape(_line(problem.hint))}", soft_wrap=True)


def _line(text: str) -> str:
    return " ".join(text.split())


def human(number: float) -> str:
    """Return a count with thin separators: 12,345."""
    return f"{number:,.0f}"


def funnel_table(stages: Sequence[Mapping[str, Any]]) -> Table:
    """Return the funnel as a table: what went in, stayed and left, by reason."""
    units = {
        "collect": "tasks",
        "normalize": "rows",
        "generate": "slots",
        "screen": "questions",
        "enrich": "questions",
        "filter": "solves",
        "package": "samples",
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage")
    for name in ("in", "kept", "dropped"):
        table.add_column(name, justify="right")
    table.add_column("unit", style="dim")
    table.add_column("reasons", overflow="fold")
    for stage in stages:
        ordered = sorted(stage["dropped"].items(), key=lambda item: (-item[1], item[0]))
        reasons = ", ".join(f"{reason} {count}" for reason, count in ordered)
        lost = sum(stage["dropped"].values())
        counts = (human(stage["in"]), human(stage["kept"]), human(lost))
        table.add_row(stage["stage"], *counts, units[stage["stage"]], escape(reasons))
    return table
