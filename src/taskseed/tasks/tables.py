"""The reviewed data files of this room, as records.

They live in `taskseed/tasks/data/`; a contributor extends one by adding an entry with its evidence.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from taskseed.tasks.entries import TaskEntry

__all__ = [
    "BUILTIN",
    "DATA",
    "Family",
    "Licence",
    "Override",
    "aliases",
    "canonical_path",
    "curated_out",
    "families",
    "family_of",
    "known_rows",
    "licence_disagreement",
    "licence_of",
    "override_of",
    "overrides",
    "shapes",
    "suites",
    "translations",
]

DATA = Path(__file__).parent / "data"
BUILTIN = Path(__file__).parent / "builtin"

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def _read(name: str) -> Any:
    return yaml.load((DATA / name).read_bytes(), Loader=_Base)  # noqa: S506 -- the safe loader, in C


@functools.cache
def aliases() -> Mapping[str, str]:
    """Return the other paths of data sets, each with the path that stands for the data set."""
    return {str(other): str(path) for path, others in _read("aliases.yaml").items() for other in others}


def canonical_path(path: str) -> str:
    """Return the one path of a data set that has several."""
    return aliases().get(path, path)


@dataclass(frozen=True, slots=True)
class Family:
    """What a family asks for.

    :param capability: `knowledge` or `reasoning`.
    :param language: a BCP 47 tag, or `config`, `name`: the language stands in the data set's config or
        is the last known tag in the task's name.
    :param unverifiable: nothing but a judge can check a generated answer (translations, summaries, ...).
    """

    capability: str
    domain: str
    language: str
    unverifiable: bool = False


UNCLASSIFIED = Family("knowledge", "unclassified", "und")


@functools.cache
def families() -> Mapping[str, Family]:
    """Return the family table, by folder name; some tasks and data sets have an entry of their own."""
    return {name: Family(**row) for name, row in _read("families.yaml").items()}


def family_of(entry: TaskEntry) -> Family:
    """Return a task's row of the family table; `unclassified` where nobody has filled it in.

    Looked up as the task, its data set with the config, its data set, and its family.
    """
    table, path = families(), canonical_path(entry.dataset_path or "")
    names = (entry.name, f"{path}:{entry.dataset_name}", path, entry.family)
    return next((table[name] for name in names if name in table), UNCLASSIFIED)


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of a data set.

    :param spdx: an SPDX id, `A AND B` where both must be kept, or `unknown`.
    :param commercial: whether the terms allow commercial use; unknown terms do not.
    :param obligations: `attribution`, `share-alike`, `notice`.
    :param evidence: the words that state it.
    :param where: where those words stand.
    """

    spdx: str
    commercial: bool
    obligations: tuple[str, ...]
    evidence: str
    where: str


UNKNOWN_LICENCE = Licence("unknown", False, (), "", "")


@functools.cache
def _licences() -> Mapping[str, Licence]:
    rows = _read("licences.yaml")
    return {p: Licence(**{**row, "obligations": tuple(row["obligations"])}) for p, row in rows.items()}


@functools.cache
def _terms() -> Mapping[str, Mapping[str, Any]]:
    return dict(_read("terms.yaml"))


def licence_of(entry: TaskEntry) -> Licence:
    """Return the terms of a task's data set, `unknown` without evidence.

    What is on record here counts; the card on the Hub fills a gap. Where the two disagree on commercial use,
    there is none.
    """
    if entry.origin == "builtin":
        return _licences()["builtin"]
    stated, card = _on_record(entry), _on_card(entry)
    if stated is None:
        return card or UNKNOWN_LICENCE
    return replace(stated, commercial=stated.commercial and (card is None or card.commercial))


def licence_disagreement(entry: TaskEntry) -> str | None:
    """Return how the card on the Hub disagrees with what is on record here; None where it does not."""
    stated, card = _on_record(entry), _on_card(entry)
    if stated is None or card is None or stated.spdx == card.spdx:
        return None
    return f"{stated.spdx} on record ({stated.where}), {card.spdx} on the Hub's card"


def _on_record(entry: TaskEntry) -> Licence | None:
    if entry.data_files:
        return None
    table, path = _licences(), canonical_path(entry.dataset_path or "")
    return table.get(f"{path}:{entry.dataset_name}") or table.get(path)


def _on_card(entry: TaskEntry) -> Licence | None:
    found = _terms().get(entry.card_license or "")
    if found is None:
        return None
    obligations = tuple(found["obligations"])
    where, words = f"Hub card of {entry.dataset_path}", f"license: {entry.card_license}"
    return Licence(found["spdx"], found["commercial"], obligations, words, where)


@dataclass(frozen=True, slots=True)
class Override:
    """A training split that the data set has and no task declares.

    :param config: `*` stands for every config; the file may list several.
    :param evidence: what says that it is one, and where.
    """

    path: str
    config: str | None
    split: str
    evidence: str


@functools.cache
def overrides() -> Mapping[tuple[str, str | None], Override]:
    """Return the undeclared training splits by (data set path, config or `*`)."""
    found = {}
    for row in _read("overrides.yaml"):
        for config in row["config"] if isinstance(row["config"], list) else [row["config"]]:
            found[row["path"], config] = Override(**{**row, "config": config})
    return found


def override_of(entry: TaskEntry) -> Override | None:
    """Return the undeclared training split of a task's data set, if there is one."""
    path, table = canonical_path(entry.dataset_path or ""), overrides()
    return table.get((path, entry.dataset_name)) or table.get((path, "*"))


@functools.cache
def known_rows() -> Mapping[tuple[str, str, str], tuple[int, str]]:
    """Return (rows, evidence) by (data set path, config or `*`, split) of sets that need not be at hand."""
    rows = _read("rows.yaml")
    return {(r["path"], r["config"], r["split"]): (int(r["rows"]), str(r["evidence"])) for r in rows}


@functools.cache
def curated_out() -> Mapping[str, str]:
    """Return the reviewed refusals: family or task name and the reason."""
    return {str(k): str(v) for k, v in _read("curated.yaml").items()}


@functools.cache
def suites() -> Mapping[str, tuple[str, ...]]:
    """Return the guard suites: name and the tasks, families, groups, tags or globs in it."""
    return {str(k): tuple(v) for k, v in _read("suites.yaml")["suites"].items()}


@functools.cache
def translations() -> Mapping[str, tuple[str, ...]]:
    """Return data set paths whose held-out sets are, translated, held out elsewhere too."""
    return {str(k): tuple(v) for k, v in _read("suites.yaml")["translations"].items()}


@functools.cache
def shapes() -> Mapping[str, Mapping[str, Any]]:
    """Return how the rows of a data set are read, by `path:config`, `path` or `task:name`."""
    return dict(_read("shapes.yaml"))
