"""What `tasks --json` and a run's `tasks.json` say about a task."""

from pathlib import Path
from typing import TypedDict

from taskseed.tasks.catalogue import Catalogue
from taskseed.tasks.normalise import kind_of, language_of
from taskseed.tasks.sources import NotLoadable, is_loadable, open_split
from taskseed.tasks.suitability import rows_known
from taskseed.tasks.tables import family_of, licence_of

__all__ = ["TaskReport", "task_report"]


class TaskReport(TypedDict):
    """One task, ready for JSON. `verdict` is a fact of the catalogue, `loadable` of this machine.

    `loadable` is None where only the Hub could tell; `kind` and `train_rows` are None where unknown.
    """

    task: str
    family: str
    verdict: str
    reason: str | None
    evidence: str
    kind: str | None
    capability: str
    domain: str
    language: str
    license: str
    dataset_path: str | None
    dataset_name: str | None
    train_split: str | None
    train_rows: int | None
    loadable: bool | None
    unverifiable: bool


def task_report(
    catalogue: Catalogue, task: str, hub: Path | None = None, min_train_rows: int = 50
) -> TaskReport:
    """Return what is known about a task without reading its rows or running its code.

    :param hub: the mirror's folder; with it, training rows are counted from the file's footer.
    :raises UsageError: if there is no such task.
    """
    verdict = catalogue.verdict(task, min_train_rows)
    entry = catalogue.entries[task]
    family = family_of(entry)
    split = entry.training_split
    loadable = is_loadable(entry.source, split, hub) if split else None
    known = catalogue.row_counts.get(task)
    if known is None:
        stated = rows_known(entry)
        known = stated[0] if stated else None
    if known is None and split and loadable and verdict.verdict == "seed":
        known = _rows_at_hand(catalogue, task, hub)
    return TaskReport(
        task=task,
        family=entry.family,
        verdict=verdict.verdict,
        reason=verdict.reason,
        evidence=verdict.evidence,
        kind=kind_of(entry),
        capability=family.capability,
        domain=family.domain,
        language=language_of(entry),
        license=licence_of(entry).spdx,
        dataset_path=entry.dataset_path,
        dataset_name=entry.dataset_name,
        train_split=split,
        train_rows=known,
        loadable=loadable,
        unverifiable=family.unverifiable,
    )


def _rows_at_hand(catalogue: Catalogue, task: str, hub: Path | None) -> int | None:
    entry = catalogue.entries[task]
    try:
        return open_split(entry.source, entry.training_split or "", hub).rows
    except NotLoadable:
        return None
