"""`taskseed task`: one task, its verdict and evidence, its guards, a row raw and normalised."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from taskseed.cli.columns import printable
from taskseed.cli.messages import human, stdout
from taskseed.cli.tasks import VERDICTS, folder, open_catalogue
from taskseed.errors import UsageError
from taskseed.records import Dropped, Seed
from taskseed.tasks import (
    BadRow,
    Catalogue,
    NotLoadable,
    TaskEntry,
    TaskReport,
    licence_of,
    open_split,
    read_seeds,
    task_report,
    unread_because,
)

__all__ = ["task"]

LOOKED_AT = 20  # rows: the first that becomes a seed is shown
LONGEST = 240  # characters of a value
MOST_ITEMS = 8  # of a list
MOST_GUARDS = 16  # on a terminal
BESIDE = 100  # columns of a terminal that has room for two rows beside each other

Found = tuple[Any, Seed | Dropped]


def task(name: str, hub: str | None, include_path: str | None) -> int:
    """Show one task.

    :raises UsageError: if there is no such task, or a folder is none.
    """
    mirror = folder(hub, "hub")
    catalogue = open_catalogue(include_path)
    _must_be_a_task(catalogue, name)
    report = task_report(catalogue, name, mirror)
    entry = catalogue.entries[name]
    console = stdout()
    why = f" ({report['reason']})" if report["reason"] else ""
    console.print(Text(f"{printable(name)}: {VERDICTS[report['verdict']]}{why}", "bold"), soft_wrap=True)
    for word, value in _facts(entry, report):
        _field(console, word, value)
    _show_guards(console, catalogue, entry, report)
    _show_row(console, entry, mirror)
    return 0


def _must_be_a_task(catalogue: Catalogue, name: str) -> None:
    if name in catalogue.entries:
        return
    members = catalogue.names_of(name)
    shown = ", ".join(f"`{m}`" for m in members[:3])
    raise UsageError(
        f"`{name}` stands for {len(members)} tasks, not for one",
        f"name one, such as {shown}, or list them: taskseed tasks '{name}'",
    )


def _facts(entry: TaskEntry, report: TaskReport) -> list[tuple[str, str]]:
    licence = licence_of(entry)
    terms = "commercial use allowed" if licence.commercial else "not for commercial use"
    if licence.spdx == "unknown":
        terms = "nothing states it, so not for commercial use"
    stated = f'; "{licence.evidence}" ({licence.where})' if licence.evidence else ""
    rows = report["train_rows"]
    config = f", config {report['dataset_name']}" if report["dataset_name"] else ""
    unread = "unknown"
    if report["verdict"] == "seed" and report["kind"] is None:
        unread = f"unknown: this version cannot read its rows: {unread_because(entry)}"
    training = (
        f"{report['train_split']} ({human(rows) + ' rows' if rows is not None else 'rows not counted'})"
    )
    return [
        ("evidence", report["evidence"]),
        ("data set", f"{entry.dataset_id}{config}"),
        ("training split", training if report["train_split"] else "none"),
        ("licence", f"{licence.spdx} ({terms}){stated}"),
        ("kind", (report["kind"] or unread) + (", unverifiable" if report["unverifiable"] else "")),
        ("capability", f"{report['capability']}; domain: {report['domain']}; language: {report['language']}"),
        ("family", f"{report['family']} ({entry.yaml})"),
    ]


def _field(console: Console, word: str, value: str) -> None:
    label = f"  {word:<16}"
    if not console.is_terminal:
        console.print(Text(label + printable(value)), soft_wrap=True)
        return
    grid = Table.grid(padding=0)
    grid.add_column(width=len(label), no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    grid.add_row(Text(label), Text(printable(value)))
    console.print(grid)


def _show_guards(console: Console, catalogue: Catalogue, entry: TaskEntry, report: TaskReport) -> None:
    if report["verdict"] != "seed":
        _field(console, "it holds out", ", ".join(entry.held_out_splits) or "nothing")
        return
    guards = catalogue.guards_for([entry], (), ())
    sets = "set" if len(guards) == 1 else "sets"
    _field(
        console,
        "guarded by",
        f"{len(guards)} held-out {sets}, and by the suites of the recipe (default: core)",
    )
    shown = guards if not console.is_terminal else guards[:MOST_GUARDS]
    for guard in shown:
        _field(console, "", f"{guard.name} ({', '.join(guard.reasons)})")
    if len(shown) < len(guards):
        _field(console, "", f"and {len(guards) - len(shown)} more (all of them: on a pipe)")


def _show_row(console: Console, entry: TaskEntry, hub: Path | None) -> None:
    console.print()
    found = _find_row(entry, hub)
    if isinstance(found, str):
        console.print(Text(f"no row is shown: {printable(found)}"), soft_wrap=True)
        return
    raw, made = found
    number = made.source_row if isinstance(made, Seed) else int(made.id.rpartition("/")[2])
    before = _as_json({"not readable": raw.message} if isinstance(raw, BadRow) else raw)
    if isinstance(made, Seed):
        title, after = "the same row as a seed", _as_json(dataclasses.asdict(made))
    else:
        title, after = "it is dropped", _as_json({"reason": made.reason, "evidence": made.evidence})
    _beside(console, (f"row {number} of `{entry.training_split}`", before), (title, after))


def _find_row(entry: TaskEntry, hub: Path | None) -> Found | str:
    """Return the first row that becomes a seed, else the first row, else why there is none."""
    if entry.training_split is None:
        return "the task has no training split"
    if hub is None and not entry.source.is_packaged:
        return "its data set is not on this machine; give --hub, a local mirror"
    found: list[Found] = []
    try:
        rows = next(open_split(entry.source, entry.training_split, hub).batches(LOOKED_AT), [])
        for raw, made in zip(rows, read_seeds(entry, hub), strict=False):
            found.append((raw, made))
            if isinstance(made, Seed):
                break
    except NotLoadable as problem:
        return f"{problem.reason}: {problem.message}"
    if not found:
        return "the training split is empty"
    return found[-1] if isinstance(found[-1][1], Seed) else found[0]


def _as_json(value: Any) -> str:
    return printable(json.dumps(_short(value), indent=2, ensure_ascii=False, default=str))


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}… (+{len(value) - LONGEST:,} characters)"
    if isinstance(value, dict):
        return {str(k): _short(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        more = [f"… (+{len(value) - MOST_ITEMS:,} items)"] if len(value) > MOST_ITEMS else []
        return [*(_short(v) for v in value[:MOST_ITEMS]), *more]
    return _short(repr(value)) if isinstance(value, bytes) else value


def _beside(console: Console, left: tuple[str, str], right: tuple[str, str]) -> None:
    if console.is_terminal and console.width >= BESIDE:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
        for title, _ in (left, right):
            table.add_column(Text(title), overflow="fold", ratio=1)
        table.add_row(Text(left[1]), Text(right[1]))
        console.print(table)
        return
    for title, text in (left, right):
        console.print(Text(title, "bold"), soft_wrap=True)
        console.print(Text(text), soft_wrap=True)
