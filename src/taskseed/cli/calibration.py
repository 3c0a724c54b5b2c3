"""What solved seeds say of the solver and of the labels, for `plan` and `status`."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from taskseed.cli.messages import human

__all__ = ["print_calibration"]


def print_calibration(console: Console, told: Mapping[str, Any]) -> None:
    """Print the figures of each family, of all by agreement, the positions, and the label precision."""
    solved, lost = told["overall"]["seeds"], told["lost"]
    without = f"; {human(lost)} more got no response" if lost else ""
    console.print(
        f"calibration: {human(solved)} seeds, whose answers are known, solved blind{without} "
        "(95 % intervals)\n",
        soft_wrap=True,
    )
    if not solved:
        return
    console.print(_families(told))
    console.print()
    levels = [level for level in told["overall"]["levels"] if level["votes"]]
    by_agreement = ", ".join(
        f"{level['right']} of {level['votes']} at {level['at_least']:.0%}{_more(level)}" for level in levels
    )
    _say(console, f"leaders that were right, by agreement: {by_agreement or 'no vote had a leader'}")
    for place in told["places"]:
        _say(
            console,
            f"position: {place['model']} chose place {place['place'] + 1} "
            f"{100 * place['excess']:+.1f} points more often than the right option stood there "
            f"({100 * place['low']:+.1f} to {100 * place['high']:+.1f}, {human(place['answers'])} answers)",
        )
    labels = told["label_precision"]
    if labels is not None:
        _say(
            console,
            f"expected label precision: {labels['expected']:.1%} ({labels['low']:.1%}–{labels['high']:.1%}), "
            f"from {human(labels['questions'])} kept questions; on what conditions: docs/calibration.md",
        )


def _more(level: Mapping[str, Any]) -> str:
    return " or more" if level["at_least"] < 1 else ""


def _families(told: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("family", overflow="fold")
    for name in ("seeds", "one solve right", "votes decided", "decided votes right"):
        table.add_column(name, justify="right")
    families = told["families"]
    for figures in [*families, *([told["overall"]] if len(families) > 1 else [])]:
        shares = (
            _share(figures[name], figures[f"{name}_low"], figures[f"{name}_high"])
            for name in ("accuracy", "coverage", "precision")
        )
        table.add_row(escape(figures["family"]), human(figures["seeds"]), *shares)
    return table


def _share(share: float | None, low: float, high: float) -> str:
    return "–" if share is None else f"{share:.1%} ({low:.1%}–{high:.1%})"


def _say(console: Console, line: str) -> None:
    console.print(escape(line), soft_wrap=True)
