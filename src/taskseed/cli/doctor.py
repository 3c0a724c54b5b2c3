"""`taskseed doctor`: what this machine and a recipe's endpoints can do, and what to mend."""

from collections.abc import Iterator
from pathlib import Path

from rich.markup import escape

from taskseed.cli.messages import stdout
from taskseed.cli.tasks import open_catalogue
from taskseed.recipe import load_recipe
from taskseed.run.doctor import Finding, check_machine, check_recipe

__all__ = ["doctor"]

STYLES = {"ok": "green", "lacks": "yellow", "fails": "bold red"}


def doctor(recipe: str | None, sets: list[str]) -> int:
    """Check this machine and, with a recipe, what it needs."""
    loaded = load_recipe(Path(recipe), sets) if recipe else None
    own = loaded.tasks.include_path if loaded is not None else None
    catalogue = open_catalogue(str(own) if own else None)
    failed = _show(check_machine(catalogue, Path("runs")))
    if loaded is not None:
        failed += _show(check_recipe(loaded, catalogue))
    return 1 if failed else 0


def _show(findings: Iterator[Finding]) -> int:
    """Print findings as they come; returns how many fail."""
    console = stdout()
    failed = 0
    for found in findings:
        mark = f"[{STYLES[found.state]}]{found.state:<5}[/]"
        console.print(f"{mark}  {found.what:<14} {escape(' '.join(found.said.split()))}", soft_wrap=True)
        if found.fix:
            console.print(f"{'':21} → {escape(' '.join(found.fix.split()))}", soft_wrap=True)
        failed += found.state == "fails"
    return failed
