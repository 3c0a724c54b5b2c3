"""collect: tasks → the tasks that may seed here, and the held-out rows that guard them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taskseed.errors import UsageError
from taskseed.guards import GuardIndex, GuardIndexBuilder
from taskseed.recipe import HeldOutSpec, TasksSpec
from taskseed.records import Dropped
from taskseed.tasks import (
    BadRow,
    Catalogue,
    GuardSpec,
    NotLoadable,
    TaskEntry,
    Verdict,
    card_licence,
    kind_of,
    licence_disagreement,
    licence_of,
    open_split,
    policy_refusal,
    with_rows,
)

__all__ = ["Collected", "Guarded", "choose_tasks", "load_guards"]

STAGE = "collect"


@dataclass(frozen=True, slots=True)
class Collected:
    """The tasks that the recipe's names stand for, each kept or dropped.

    :param rows: training rows by task, for the kept ones.
    :param verdicts: the catalogue's verdict on every task considered.
    :param unloadable: why a task that may seed cannot be loaded here, by task.
    :param disagreements: where the Hub's card gives other terms than those on record, by task.
    """

    entries: tuple[TaskEntry, ...]
    rows: dict[str, int | None]
    dropped: tuple[Dropped, ...]
    verdicts: tuple[Verdict, ...]
    unloadable: dict[str, str]
    disagreements: dict[str, str]


def choose_tasks(
    catalogue: Catalogue, spec: TasksSpec, watch: Callable[[str, int, int], None], *, judged: bool = False
) -> Collected:
    """Judge every task that the recipe names and look whether its training rows can be read here.

    :param watch: told (task, done, total).
    :param judged: whether the recipe has a judge, which can verify free text.
    :raises UsageError: if a name stands for nothing, a task named by its own name may not seed or cannot be
        read, or nothing is left.
    """
    if spec.hub is not None and not spec.hub.is_dir():
        raise UsageError(
            f"tasks.hub: there is no folder `{spec.hub}`", "name a mirror, or set tasks.hub to null"
        )
    selection = catalogue.select(spec.include, spec.exclude, spec.min_train_rows)
    for verdict in selection.named_refused:
        raise UsageError(
            f"`{verdict.task}` may not seed: {verdict.reason}: {verdict.evidence}",
            f"leave it out of tasks.include; the evidence: taskseed task {verdict.task}",
        )
    dropped = [
        _refused(v.task, v.reason or "", v.evidence) for v in selection.considered if v.verdict != "seed"
    ]
    entries, rows, unloadable, disagreements = [], {}, {}, {}
    for done, plain in enumerate(selection.entries):
        watch(plain.name, done, len(selection.entries))
        entry = plain if spec.hub else replace(plain, card_license=card_licence(plain))
        if disagreement := licence_disagreement(entry):
            disagreements[entry.name] = disagreement
        outcome = _open(entry, spec, judged)
        if not isinstance(outcome, Dropped):
            entries.append(entry)
            rows[entry.name] = outcome
            continue
        if outcome.reason in ("load_failed", "offline", "needs_extra"):
            unloadable[entry.name] = outcome.reason
        if entry.name in spec.include:
            raise UsageError(
                f"`{entry.name}`: {outcome.reason}: {outcome.evidence}",
                _mend(outcome.reason, entry.name),
            )
        dropped.append(outcome)
    watch("", len(selection.entries), len(selection.entries))
    if not entries:
        why = "; ".join(f"{d.task}: {d.reason}" for d in dropped[:5])
        raise UsageError(
            f"none of the {len(dropped)} tasks named can seed here ({why})", "see: taskseed tasks"
        )
    return Collected(tuple(entries), rows, tuple(dropped), selection.considered, unloadable, disagreements)


def _open(entry: TaskEntry, spec: TasksSpec, judged: bool) -> int | Dropped | None:
    """Return the number of training rows (None where only reading tells), or why the task is left out."""
    free_text = kind_of(entry) == "free_text"
    policy = policy_refusal(entry, spec.license_policy, spec.allow_unverifiable or (judged and free_text))
    if policy == "license":
        licence, wanted = licence_of(entry), spec.license_policy
        told = f"the terms are {licence.spdx}, commercial use {'yes' if licence.commercial else 'no'}"
        return _refused(entry.name, policy, f"{told}; tasks.license_policy: {wanted}")
    if policy:
        lacking = " but a judge, and models.judge is null" if free_text else ""
        return _refused(entry.name, policy, f"nothing can check a generated answer{lacking}")
    assert entry.training_split is not None  # noqa: S101 - the verdict is `seed`
    try:
        rows = open_split(entry.source, entry.training_split, spec.hub).rows
    except NotLoadable as problem:
        return _refused(entry.name, problem.reason, problem.message)
    if rows is None:
        return None
    verdict = with_rows(Verdict(entry.name, "seed", None, ""), rows, spec.min_train_rows)
    if verdict.verdict != "seed":
        return _refused(entry.name, verdict.reason or "", verdict.evidence)
    return rows


def _mend(reason: str, task: str) -> str:
    if reason == "unverifiable":
        return f"name a judge (models.judge), set tasks.allow_unverifiable, or leave `{task}` out"
    if reason == "offline":
        return "go online, or name a local mirror: --set tasks.hub=DIR"
    if reason == "load_failed":
        return f"mend tasks.hub, or leave `{task}` out of tasks.include"
    return f"leave `{task}` out of tasks.include, or see: taskseed task {task}"


def _refused(task: str, reason: str, evidence: str) -> Dropped:
    return Dropped.of(STAGE, reason, {"task": task}, id=task, task=task, evidence=evidence)


@dataclass(frozen=True, slots=True)
class Guarded:
    """The held-out index, and which guards are in it.

    :param checked: rows by guard.
    :param unchecked: why a guard could not be loaded, by guard: it is said, never silently skipped.
    """

    index: GuardIndex
    checked: dict[str, int]
    unchecked: dict[str, str]


def load_guards(
    catalogue: Catalogue,
    seeded: Iterable[TaskEntry],
    spec: HeldOutSpec,
    hub: Path | None,
    watch: Callable[[str, int, int], None],
) -> Guarded:
    """Read the held-out rows that guard the seeded tasks into one index.

    :param watch: told (guard, done, total).
    :raises UsageError: if a suite or task is unknown, or a guard of `held_out.require` cannot be loaded.
    """
    wanted = catalogue.guards_for(seeded, spec.suites, (*spec.tasks, *spec.require))
    builder = GuardIndexBuilder()
    checked: dict[str, int] = {}
    unchecked: dict[str, str] = {}
    for done, guard in enumerate(wanted):
        watch(guard.name, done, len(wanted))
        try:
            rows = 0
            for batch in open_split(guard.source, guard.split, hub).batches():
                builder.add(guard.name, [row for row in batch if not isinstance(row, BadRow)])
                rows += len(batch)
            checked[guard.name] = rows
        except NotLoadable as problem:
            unchecked[guard.name] = _without_folder(f"{problem.reason}: {problem.message}", hub)
    _require(catalogue, spec.require, wanted, unchecked)
    watch("", len(wanted), len(wanted))
    return Guarded(builder.build(), checked, unchecked)


def _without_folder(text: str, hub: Path | None) -> str:
    """Leave this machine's folder out of what a published card will say."""
    return text.replace(f"{hub}/", "") if hub else text


def _require(
    catalogue: Catalogue, names: Sequence[str], wanted: Sequence[GuardSpec], unchecked: dict[str, str]
) -> None:
    for name in names:
        tasks = set(catalogue.names_of(name))
        for guard in wanted:
            if guard.entry.name in tasks and guard.name in unchecked:
                raise UsageError(
                    f"held_out.require: `{guard.name}` of {name} cannot be loaded: {unchecked[guard.name]}",
                    "give tasks.hub a mirror that has it, go online, or take it out of held_out.require",
                )
