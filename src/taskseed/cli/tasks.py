"""`taskseed tasks`: which tasks may seed, which may not, and why."""

import difflib
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson
from rich.console import Console

from taskseed.cli.columns import printable, show_columns
from taskseed.cli.messages import human, stderr, stdout
from taskseed.errors import UsageError
from taskseed.tasks import Catalogue, TaskReport, load_catalogue, shape_of, task_report

__all__ = ["folder", "open_catalogue", "tasks"]

FEW = 60  # as many single tasks are listed without --all
NARROW = 110  # columns of a terminal that has no room for a column of evidence

FAMILY_COLUMNS = (
    *("family", "seed", "held", "refused", "kind", "licence"),
    *("train rows", "capability", "domain", "language"),
)
VERDICTS = {"seed": "may seed", "held_out_only": "held-out only", "refused": "refused"}
REASONS = {
    "no_training_split": "nothing but test or validation rows",
    "split_is_scored": "the training split is held out by a task on the same data",
    "exemplars_only": "a handful of few-shot examples",
    "not_text": "questions about images or sound",
    "perplexity": "plain text without questions",
    "curated_out": "reviewed by hand; the evidence says why",
}


def tasks(
    names: list[str],
    every: bool,
    refused: bool,
    facts: dict[str, str | None],
    as_json: bool,
    include_path: str | None,
    hub: str | None,
) -> int:
    """List families, or the tasks that names stand for.

    :param refused: list what is refused instead of what may seed.
    :param facts: wanted values by field of a report (`capability`, `kind`, ...); None wants any.
    :raises UsageError: if a name or a value stands for nothing, or a folder is none.
    """
    mirror = folder(hub, "hub")
    catalogue = open_catalogue(include_path)
    chosen = _chosen(catalogue, names)
    reports = [task_report(catalogue, name, mirror) for name in chosen]
    for field, value in facts.items():
        reports = reports if value is None else _having(reports, field, value)
    if refused:
        reports = [r for r in reports if r["verdict"] == "refused"]
    if as_json:
        shown = reports if every or names or refused else [r for r in reports if r["verdict"] == "seed"]
        sys.stdout.buffer.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2) + b"\n")
        return 0
    console = stdout()
    if every or ((names or refused) and len(reports) < FEW):
        _show_tasks(console, reports)
    else:
        _show_families(console, reports, all_families=bool(names) or refused)
    console.print()
    _show_totals(console, catalogue, reports)
    if not (names or every or refused or any(facts.values())):
        _say(console, "\nmore: taskseed tasks FAMILY   taskseed task TASK   taskseed tasks --all [--json]")
    return 0


def folder(path: str | None, option: str) -> Path | None:
    """Return the folder that an option names.

    :raises UsageError: if it is not a folder.
    """
    if path is not None and not Path(path).is_dir():
        raise UsageError(f"`{path}` is not a folder", f"give --{option} a folder, or leave it out")
    return Path(path) if path is not None else None


def open_catalogue(include_path: str | None) -> Catalogue:
    """Return the catalogue; says on stderr which of the user's files cannot be read.

    :raises UsageError: if `include_path` is not a folder.
    """
    own = folder(include_path, "include-path")
    told: list[str] = []

    def progress(what: str, done: int, total: int) -> None:
        if not told and total:
            told.append(what)
            stderr().print("reading the harness's tasks (once for each version of it)", markup=False)

    catalogue = load_catalogue(own, progress)
    for problem in catalogue.problems:
        where = f"{problem.file}:{problem.line}"
        stderr().print(f"warning: {where}: {' '.join(problem.message.split())}", markup=False, soft_wrap=True)
    return catalogue


def _chosen(catalogue: Catalogue, names: Sequence[str]) -> list[str]:
    if not names:
        return list(catalogue.entries)
    wanted = {task for name in names for task in catalogue.names_of(name)}
    return [name for name in catalogue.entries if name in wanted]


def _having(reports: Sequence[TaskReport], field: str, value: str) -> list[TaskReport]:
    """Return the tasks with a value in a field.

    :raises UsageError: if no task has it; names the values that are near, or all.
    """
    found = {str(r.get(field)) for r in reports if r.get(field)}
    if reports and value not in found:
        near = difflib.get_close_matches(value, sorted(found), n=3, cutoff=0.5)
        raise UsageError(
            f"--{field}: none of these tasks is `{value}`",
            f"did you mean {' or '.join(f'`{n}`' for n in near)}?"
            if near
            else f"known: {', '.join(sorted(found))}",
        )
    return [r for r in reports if r.get(field) == value]


def _show_tasks(console: Console, reports: Sequence[TaskReport]) -> None:
    rows = [(r["task"], VERDICTS[r["verdict"]], r["reason"] or "", r["evidence"]) for r in reports]
    if console.is_terminal and console.width < NARROW:
        for task, *verdict, evidence in rows:
            _say(console, f"{printable(task)}: {' '.join(verdict).rstrip()}")
            _say(console, _indented(printable(evidence), console.width))
        return
    show_columns(console, ("task", "verdict", "reason", "evidence"), rows)


def _show_families(console: Console, reports: Sequence[TaskReport], all_families: bool) -> None:
    by_family: dict[str, list[TaskReport]] = {}
    for report in reports:
        by_family.setdefault(report["family"], []).append(report)
    shown = {
        name: listed
        for name, listed in sorted(by_family.items())
        if all_families or any(r["verdict"] == "seed" for r in listed)
    }
    rows = [_family_row(name, listed) for name, listed in shown.items()]
    left_out = show_columns(console, FAMILY_COLUMNS, rows, right=(1, 2, 3, 6))
    if left_out:
        _say(console, f"(no room for {', '.join(left_out)}: use a wider terminal, a pipe or --json)")


def _family_row(name: str, reports: Sequence[TaskReport]) -> tuple[str, ...]:
    count = Counter(r["verdict"] for r in reports)
    seeding = [r for r in reports if r["verdict"] == "seed"] or list(reports)
    return (
        name,
        *(human(count[v]) if count[v] else "" for v in VERDICTS),
        _some(r["kind"] for r in seeding if r["kind"]) or "–",
        _some(r["license"] for r in seeding),
        _train_rows(seeding) if count["seed"] else "",
        _some(r["capability"] for r in seeding),
        _some(r["domain"] for r in seeding),
        _some(r["language"] for r in seeding),
    )


def _some(values: Iterable[str]) -> str:
    """Return the distinct values, the most frequent first; of many, three and how many more."""
    listed = [value for value, _ in Counter(values).most_common()]
    more = f" +{len(listed) - 3}" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more


def _train_rows(reports: Sequence[TaskReport]) -> str:
    """Return the rows of the distinct training splits; `+` where some are not counted."""
    splits = {(r["dataset_path"], r["dataset_name"], r["train_split"]): r["train_rows"] for r in reports}
    known = [rows for rows in splits.values() if rows is not None]
    if not known:
        return ""
    return human(sum(known)) + ("+" if len(known) < len(splits) else "")


def _show_totals(console: Console, catalogue: Catalogue, reports: Sequence[TaskReport]) -> None:
    count = Counter(r["verdict"] for r in reports)
    families = {r["family"] for r in reports if r["verdict"] == "seed"}
    _say(
        console,
        f"{_counted(count['seed'], 'task')} in {_counted(len(families), 'family', 'families')} may seed, "
        f"{human(count['held_out_only'])} are held-out only, {human(count['refused'])} refused",
    )
    lines = [
        (number, reason, REASONS.get(reason, ""))
        for reason, number in Counter(r["reason"] for r in reports if r["reason"]).most_common()
    ]
    seeding = [r for r in reports if r["verdict"] == "seed"]
    unread = sum(shape_of(catalogue.entries[r["task"]]) is None for r in seeding)
    unverifiable = sum(r["unverifiable"] for r in seeding)
    for number, reason, meaning in lines:
        _say(console, f"{number:>8,}  {reason:<18} {meaning}")
    if unread or unverifiable:
        _say(console, "of those that may seed:")
    if unread:
        _say(console, f"{unread:>8,}  {'no_normaliser':<18} rows of a form that this version cannot read yet")
    if unverifiable:
        meaning = "free text that only a judge can check; see models.judge"
        _say(console, f"{unverifiable:>8,}  {'unverifiable':<18} {meaning}")


def _indented(text: str, width: int) -> str:
    lines = textwrap.wrap(text, width - 4, break_long_words=False, break_on_hyphens=False)
    return textwrap.indent("\n".join(lines), "    ")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{human(number)} {one if number == 1 else many or one + 's'}"


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)
