"""Every task of the harness, the built-in ones and the user's own: names, verdicts, selections and guards."""

import difflib
import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taskseed.errors import UsageError
from taskseed.tasks import snapshot
from taskseed.tasks.entries import DataSource, TaskEntry
from taskseed.tasks.sources import count_rows
from taskseed.tasks.suitability import HeldOut, Verdict, held_out_index, judge, split_keys, with_rows
from taskseed.tasks.tables import BUILTIN, canonical_path, override_of, suites, translations
from taskseed.tasks.yamlfiles import Problem

__all__ = ["BUILTIN_PATH", "Catalogue", "GuardSpec", "Selection", "load_catalogue"]

BUILTIN_PATH = BUILTIN


@dataclass(frozen=True, slots=True)
class GuardSpec:
    """A held-out split whose content must not appear in what we make.

    :param entry: a task that holds the split out (it knows how the rows are read).
    :param reasons: why it guards: `family arc`, `translation of gsm8k`, `suite core`, `recipe`.
    """

    entry: TaskEntry
    source: DataSource
    split: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """`path[:config]/split`, as manifest and card show it."""
        files = self.source.files_of(self.split)
        if files:
            return f"{self.entry.family}/{files[0]}"
        path = self.source.path or self.entry.name
        config = f":{self.source.name}" if self.source.name else ""
        return f"{path}{config}/{self.split}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the names of a recipe stand for.

    :param entries: the tasks that may seed, in catalogue order.
    :param considered: the verdict on every task the names stand for, in catalogue order.
    :param named_refused: the verdicts on tasks that were named exactly and may not seed.
    """

    entries: tuple[TaskEntry, ...]
    considered: tuple[Verdict, ...]
    named_refused: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All tasks in catalogue order: the harness's by file, then the built-in ones, then the user's.

    :param entries: by task name.
    :param groups: group name and the names in it.
    :param held_out: every held-out split and a task that holds it out, also of tasks that others override.
    :param row_counts: training rows of tasks whose files lie beside their YAML file, by task.
    :param problems: the user's YAML files that cannot be read.
    """

    harness_version: str
    entries: Mapping[str, TaskEntry]
    groups: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, tuple[str, ...]]
    families: Mapping[str, tuple[str, ...]]
    held_out: HeldOut
    row_counts: Mapping[str, int]
    problems: tuple[Problem, ...]

    def verdict(self, task: str, min_train_rows: int = 50) -> Verdict:
        """Return whether a task may seed.

        :raises UsageError: if there is no such task.
        """
        entry = self.entries.get(task)
        if entry is None:
            raise self._unknown(task)
        verdict = judge(entry, self.held_out, min_train_rows)
        rows = self.row_counts.get(task)
        return verdict if rows is None else with_rows(verdict, rows, min_train_rows)

    def names_of(self, name: str) -> tuple[str, ...]:
        """Return the tasks that one name stands for, in catalogue order.

        A name is tried as a task, then as a group, a tag, a family, and last as a glob over task names.

        :raises UsageError: if it stands for nothing; the hint names what is near.
        """
        if name in self.entries:
            return (name,)
        if name in self.groups or name in self.tags:
            return self._in_order(self._expand(name, set()))
        if name in self.families:
            return self.families[name]
        found = fnmatch.filter(self.entries, name) if any(c in name for c in "*?[") else []
        if not found:
            raise self._unknown(name)
        return tuple(found)

    def select(
        self, include: Sequence[str], exclude: Sequence[str] = (), min_train_rows: int = 50
    ) -> Selection:
        """Return the tasks that a recipe's names stand for, with a verdict on each.

        :raises UsageError: if a name stands for nothing.
        """
        out = {task for name in exclude for task in self.names_of(name)}
        wanted = {task for name in include for task in self.names_of(name)} - out
        considered = tuple(self.verdict(task, min_train_rows) for task in self._in_order(wanted))
        entries = tuple(self.entries[v.task] for v in considered if v.verdict == "seed")
        named = tuple(v for v in considered if v.verdict != "seed" and v.task in include)
        return Selection(entries, considered, named)

    def guards_for(
        self, seeded: Iterable[TaskEntry], suite_names: Sequence[str], tasks: Sequence[str]
    ) -> list[GuardSpec]:
        """Return the held-out splits that guard what is made from the seeded tasks, each once.

        These are the held-out splits of every task of a seeded family or on a seeded data set, those that
        are known translations of them, the suites', and the recipe's own (`all` stands for every task).

        :raises UsageError: if a suite or a task is unknown.
        """
        reasons: dict[str, list[str]] = {}
        for task, reason in self._family_guards(tuple(seeded)):
            reasons.setdefault(task, []).append(reason)
        for suite in suite_names:
            for task in self._suite(suite):
                reasons.setdefault(task, []).append(f"suite {suite}")
        for name in tasks:
            for task in self.entries if name == "all" else self.names_of(name):
                reasons.setdefault(task, []).append("recipe")
        return self._guards(reasons)

    def _family_guards(self, seeded: Sequence[TaskEntry]) -> Iterable[tuple[str, str]]:
        families = {entry.family for entry in seeded}
        paths = {canonical_path(e.dataset_path or ""): e.family for e in reversed(seeded) if _on_hub(e)}
        linked = {other: family for path, family in paths.items() for other in translations().get(path, ())}
        for entry in self.entries.values():
            path = canonical_path(entry.dataset_path or "")
            if entry.family in families:
                yield entry.name, f"family {entry.family}"
            elif _on_hub(entry) and path in paths:
                yield entry.name, f"family {paths[path]}"
            elif path in linked:
                yield entry.name, f"translation of {linked[path]}"

    def _suite(self, name: str) -> tuple[str, ...]:
        listed = suites().get(name)
        if listed is None:
            known = ", ".join(sorted(suites()))
            raise UsageError(f"unknown guard suite `{name}`", f"known suites: {known}")
        known_names = [n for n in listed if self._stands_for_something(n)]
        return self._in_order({task for n in known_names for task in self.names_of(n)})

    def _stands_for_something(self, name: str) -> bool:
        # another harness version may lack a task of a suite; that is no error of the recipe
        known = name in self.entries or name in self.groups or name in self.tags or name in self.families
        return known or bool(fnmatch.filter(self.entries, name))

    def _guards(self, reasons: Mapping[str, Sequence[str]]) -> list[GuardSpec]:
        found: dict[tuple[tuple[str, ...], ...], GuardSpec] = {}
        for task in self._in_order(reasons):
            entry = self.entries[task]
            for split in entry.held_out_splits:
                key = split_keys(entry, split)
                known = found.get(key)
                why = dict.fromkeys((*(known.reasons if known else ()), *reasons[task]))
                first = known or GuardSpec(entry, entry.source, split, ())
                found[key] = replace(first, reasons=tuple(why))
        return list(found.values())

    def _in_order(self, tasks: Iterable[str]) -> tuple[str, ...]:
        wanted = set(tasks)
        return tuple(name for name in self.entries if name in wanted)

    def _expand(self, name: str, seen: set[str]) -> set[str]:
        if name in seen:
            return set()
        seen.add(name)
        if name in self.entries:
            return {name}
        members = (*self.groups.get(name, ()), *self.tags.get(name, ()))
        return {task for member in members for task in self._expand(member, seen)}

    def _unknown(self, name: str) -> UsageError:
        known = [*self.entries, *self.groups, *self.tags, *self.families]
        near = difflib.get_close_matches(name, dict.fromkeys(known), n=3)
        names = ", ".join(f"`{n}`" for n in near)
        hint = f"did you mean {names}?" if near else "list what there is: taskseed tasks --all"
        return UsageError(f"no task, family, group or tag is called `{name}`", hint)


def _on_hub(entry: TaskEntry) -> bool:
    return bool(entry.dataset_path) and not entry.data_files


def load_catalogue(
    include_path: Path | None = None, progress: Callable[[str, int, int], None] | None = None
) -> Catalogue:
    """Return every task of the installed harness, the built-in ones and those under `include_path`.

    A later task overrides an earlier one of the same name, but its held-out splits stay held out.

    :param progress: called with (what, done, total) while a harness version is read for the first time.
    :raises UsageError: if `include_path` is not a folder.
    :raises RunError: if the harness is not installed.
    """
    if include_path is not None and not include_path.is_dir():
        hint = "tasks.include_path is a folder of task YAML files"
        raise UsageError(f"`{include_path}` is not a folder", hint)
    version, harness = snapshot.load_harness(progress)
    parts = [harness, snapshot.parse_folder(BUILTIN_PATH, "builtin")]
    if include_path is not None:
        parts.append(snapshot.parse_folder(include_path.resolve(), "user"))
    every = [entry for part in parts for entry in part.entries]
    entries = {entry.name: _with_undeclared_split(entry) for entry in every}
    tags: dict[str, list[str]] = {}
    families: dict[str, list[str]] = {}
    for entry in entries.values():
        families.setdefault(entry.family, []).append(entry.name)
        for tag in entry.tags:
            tags.setdefault(tag, []).append(entry.name)
    local = (entry for entry in entries.values() if entry.origin != "harness" and entry.training_split)
    counted = {entry.name: count_rows(entry.source, entry.training_split or "") for entry in local}
    return Catalogue(
        harness_version=version,
        entries=entries,
        groups={name: members for part in parts for name, members in part.groups.items()},
        tags={name: tuple(tasks) for name, tasks in tags.items()},
        families={name: tuple(tasks) for name, tasks in families.items()},
        held_out=held_out_index(every),
        row_counts={name: rows for name, rows in counted.items() if rows is not None},
        problems=tuple(problem for part in parts for problem in part.problems),
    )


def _with_undeclared_split(entry: TaskEntry) -> TaskEntry:
    if entry.training_split or not entry.dataset_path:
        return entry
    found = override_of(entry)
    return replace(entry, training_split=found.split, undeclared_train=True) if found else entry
