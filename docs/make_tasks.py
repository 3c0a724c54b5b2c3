"""Writes docs/tasks.md from the catalogue and its data files: `python docs/make_tasks.py`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from taskseed.cli.tasks import REASONS
from taskseed.tasks import Catalogue, TaskReport, load_catalogue, shape_of, task_report, unread_because
from taskseed.tasks.tables import curated_out, licence_of, overrides

PAGE = Path(__file__).parent / "tasks.md"
HEAD = """\
# The tasks

What may seed, of every leaf task in lm-evaluation-harness {version}. This page is written by `python docs/make_tasks.py`, and a test
fails when it is out of date. `taskseed tasks` shows the same for the version you have; `taskseed task NAME` shows one task with its
evidence, a row before and after normalisation, and the held-out sets that guard it.

A task seeds if it has a training split that **no** task of the harness holds out (as test or validation split), of at least
`tasks.min_train_rows` rows of text with questions. A recipe may refuse more: by licence, or because nothing can check an answer.
"""
SEEN = """\
## By family

*seen*: real rows were normalised, and every gold answer compared with one computed from the raw row. The others were held against
made-up rows with the field names of the task's own templates and functions: the harness's own code had to run on them and to point at
the same answer (`tests/tasks/test_agreement.py`). *unread*: the rows have a form that this version cannot read; they are dropped as
`no_normaliser`, with the reason below. *unchecked*: `unverifiable`, free text that only a judge (`models.judge`) can check.
"""
UNDECLARED = """\
## Training splits that no task declares

A reviewed file (`src/taskseed/tasks/data/overrides.yaml`) adds splits that exist and are not declared. They are judged like any other:
one that any task holds out does not seed.
"""
LICENCES = """\
## Licences

{known} of the {all} data sets that may seed have terms on record, with the words that state them; {commercial} of them allow
commercial use. The other {unknown} are `unknown`: `tasks.license_policy: commercial` refuses them. To add one: an entry with the words
and where they stand in `src/taskseed/tasks/data/licences.yaml`; never from memory.
"""


def page() -> str:
    """Return the whole page."""
    catalogue = load_catalogue()
    harness = [name for name, entry in catalogue.entries.items() if entry.origin == "harness"]
    reports = [task_report(catalogue, name) for name in harness]
    parts = [
        HEAD.format(version=catalogue.harness_version),
        *_totals(catalogue, reports),
        SEEN,
        *_families(catalogue, reports),
        *_unread(catalogue, reports),
        UNDECLARED,
        *_undeclared(catalogue),
        *_licences(catalogue, reports),
    ]
    return "\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows), ""]


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")


def _totals(catalogue: Catalogue, reports: Sequence[TaskReport]) -> list[str]:
    seeding = [r for r in reports if r["verdict"] == "seed"]
    declared = [r for r in seeding if not catalogue.entries[r["task"]].undeclared_train]
    families, own = {r["family"] for r in seeding}, {r["family"] for r in declared}
    unread = sum(shape_of(catalogue.entries[r["task"]]) is None for r in seeding)
    count = Counter(r["reason"] for r in reports if r["reason"])
    return [
        f"{len(reports):,} tasks; **{len(seeding)} in {len(families)} families may seed**: {len(declared)} in {len(own)} families "
        f"by declaration, {len(seeding) - len(declared)} from training splits that exist undeclared. Rows of {len(seeding) - unread} "
        f"of them become seeds; {unread} are not read yet.",
        "",
        *_table(("reason", "tasks", ""), ((f"`{r}`", n, REASONS[r]) for r, n in count.most_common())),
        "Reviewed by hand (`curated_out`): "
        + "; ".join(f"{name}: {why}" for name, why in curated_out().items())
        + ".",
        "",
    ]


def _some(values: Iterable[str], most: int = 3) -> str:
    listed = [value for value, _ in Counter(values).most_common()]
    return ", ".join(listed[:most]) + (f" +{len(listed) - most}" if len(listed) > most else "")


def _families(catalogue: Catalogue, reports: Sequence[TaskReport]) -> list[str]:
    by_family: dict[str, list[TaskReport]] = defaultdict(list)
    for report in reports:
        if report["verdict"] == "seed":
            by_family[report["family"]].append(report)
    rows = []
    for family, tasks in sorted(by_family.items()):
        specs = [shape_of(catalogue.entries[r["task"]]) for r in tasks]
        rows.append(
            (
                family,
                len(tasks),
                sum(spec is None for spec in specs) or "",
                sum(r["unverifiable"] for r in tasks) or "",
                "yes" if any(spec and spec.get("seen") for spec in specs) else "",
                _some(r["kind"] for r in tasks if r["kind"]) or "–",
                _some(r["capability"] for r in tasks),
                _some(r["domain"] for r in tasks),
                _some(r["language"] for r in tasks),
                _some(r["license"] for r in tasks),
            )
        )
    mostly = (Counter(r["capability"] for r in tasks).most_common(1) for tasks in by_family.values())
    groups = Counter(capability for ((capability, _),) in mostly)
    told = f"{groups['knowledge']} families ask mostly for knowledge, {groups['reasoning']} for reasoning."
    head = (
        "family",
        "may seed",
        "unread",
        "unchecked",
        "seen",
        "kind",
        "capability",
        "domain",
        "language",
        "licence",
    )
    return [told, "", *_table(head, rows)]


def _unread(catalogue: Catalogue, reports: Sequence[TaskReport]) -> list[str]:
    why: dict[str, list[TaskReport]] = defaultdict(list)
    for report in reports:
        entry = catalogue.entries[report["task"]]
        if report["verdict"] == "seed" and shape_of(entry) is None:
            why[unread_because(entry)].append(report)
    rows = sorted(
        ((_some((r["family"] for r in tasks), 9), len(tasks), reason) for reason, tasks in why.items())
    )
    return ["### Not read yet", "", *_table(("family", "tasks", "why"), rows)]


def _undeclared(catalogue: Catalogue) -> list[str]:
    count = Counter(
        (e.dataset_path, e.training_split) for e in catalogue.entries.values() if e.undeclared_train
    )
    seen: dict[str, tuple[object, ...]] = {}
    for found in overrides().values():
        seen[found.path] = (f"`{found.path}`", found.split, count[found.path, found.split], found.evidence)
    return _table(("data set", "split", "tasks", "evidence"), seen.values())


def _licences(catalogue: Catalogue, reports: Sequence[TaskReport]) -> list[str]:
    entries = [catalogue.entries[r["task"]] for r in reports if r["verdict"] == "seed"]
    by_set = {(e.dataset_path or e.family): licence_of(e) for e in entries}
    known = {name: terms for name, terms in by_set.items() if terms.spdx != "unknown"}
    told = LICENCES.format(
        known=len(known),
        all=len(by_set),
        commercial=sum(terms.commercial for terms in known.values()),
        unknown=len(by_set) - len(known),
    )
    rows = [
        (
            f"`{n}`",
            t.spdx,
            "yes" if t.commercial else "no",
            ", ".join(t.obligations),
            f"“{t.evidence}”, {t.where}",
        )
        for n, t in sorted(known.items())
    ]
    return [told, *_table(("data set", "terms", "commercial", "obligations", "evidence"), rows)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
