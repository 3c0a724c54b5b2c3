"""The data set's card and its attribution page, as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from taskseed.dataset.calibration import calibration_section

__all__ = ["CardFacts", "SourceLicense", "attribution", "card"]


@dataclass(frozen=True, slots=True)
class SourceLicense:
    """What is known about the terms of one source data set."""

    dataset: str
    config: str | None
    license: str  # SPDX id or "unknown"
    obligations: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card says besides the rows themselves.

    :param usage: what answers took, by stage and task: the manifest's `usage_by_task`.
    :param shards_without_usage: how many shards are not among them.
    :param calibration: the manifest's `calibration`; None without one.
    """

    name: str
    taskseed_version: str
    harness_version: str
    sha256: str
    guards_checked: Mapping[str, int]
    guards_unchecked: Mapping[str, str]
    funnel: Sequence[Mapping[str, Any]]
    tokenizer: str
    notes: Sequence[str] = field(default_factory=tuple)
    usage: Sequence[Mapping[str, Any]] = ()
    shards_without_usage: int = 0
    calibration: Mapping[str, Any] | None = None


def _counts(table: pa.Table, column: str) -> Counter[str]:
    counted = pc.value_counts(table.column(column))
    return Counter({str(e["values"]): e["counts"] for e in counted.to_pylist()})


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)


def card(table: pa.Table, facts: CardFacts) -> str:
    """Return the data set card: YAML header for the Hub, counts, provenance, guards and limits.

    :param table: all rows of the data set, in the contract's columns.
    """
    licenses = sorted(_counts(table, "license")) if table.num_rows else []
    tokens = pc.sum(table.column("tokens")).as_py() or 0
    sections = [
        _header(facts, licenses),
        f"# {facts.name}\n\nMade with taskseed {facts.taskseed_version} from training splits of evaluation "
        f"tasks (lm-evaluation-harness {facts.harness_version}).",
        f"{table.num_rows} rows, {tokens} tokens ({facts.tokenizer}), content hash `{facts.sha256}`.",
        *facts.notes,
        "## What is in it\n\n" + _composition(table),
        "## How the answers were established\n\n" + _verification(table),
        *([calibration_section(facts.calibration)] if facts.calibration else []),
        "## From task to row\n\n" + _funnel(facts.funnel),
        "## What it cost\n\n" + _cost(table, facts),
        "## Held-out sets\n\n" + _guards(facts),
        "## Licences\n\nSee ATTRIBUTION.md. Each row carries `license` (its source data set) and "
        "`model_license` (the terms of the model that wrote it; empty where no model wrote it). "
        "What is unknown is not cleared for commercial use.",
    ]
    return "\n\n".join(sections) + "\n"


def _header(facts: CardFacts, licenses: Sequence[str]) -> str:
    known = len(licenses) == 1 and licenses[0] != "unknown"
    lines = ["---", f"pretty_name: {facts.name}", f"license: {licenses[0].lower() if known else 'other'}"]
    lines += ["tags:", "- synthetic", "- taskseed", "configs:", "- config_name: default"]
    lines += ["  data_files:", "  - split: train", "    path: data/train-*.parquet", "---"]
    return "\n".join(lines)


def _composition(table: pa.Table) -> str:
    if not table.num_rows:
        return "No row was kept."
    grouped = table.group_by(["task", "kind", "capability", "style"]).aggregate([("id", "count")])
    rows = sorted(
        (r["task"], r["kind"], r["capability"], r["style"], r["id_count"]) for r in grouped.to_pylist()
    )
    return _markdown(["task", "kind", "capability", "style", "rows"], rows)


def _verification(table: pa.Table) -> str:
    if not table.num_rows:
        return "–"
    grouped = table.group_by(["verifier", "derivation"]).aggregate(
        [("id", "count"), ("agreement", "mean"), ("votes_total", "mean")]
    )
    rows = []
    for r in sorted(grouped.to_pylist(), key=lambda r: (r["verifier"], r["derivation"])):
        agreement = "–" if r["agreement_mean"] is None else f"{r['agreement_mean']:.3f}"
        rows.append(
            (r["verifier"], r["derivation"], r["id_count"], f"{r['votes_total_mean']:.1f}", agreement)
        )
    text = _markdown(["verifier", "derivation", "rows", "mean votes", "mean agreement"], rows)
    return (
        f"{text}\n\nAgreement is between solves of one model; it is not a measured accuracy. "
        "`recomputed` rows follow their seed's own derivation with new numbers; where `votes_total` is 0, "
        "nobody has checked that derivation again."
    )


def _funnel(stages: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for stage in stages:
        reasons = ", ".join(f"{k} {v}" for k, v in sorted(stage["dropped"].items(), key=lambda i: -i[1]))
        rows.append((stage["stage"], stage["in"], stage["kept"], reasons or "–"))
    return _markdown(["stage", "in", "kept", "dropped, by reason"], rows)


def _cost(table: pa.Table, facts: CardFacts) -> str:
    silent = facts.shards_without_usage
    untold = (
        [f"{silent} shards were made by an earlier version, which did not note tokens."] if silent else []
    )
    if not facts.usage:
        return " ".join(untold) or "No model was asked."
    kept = _counts(table, "task")
    tasks = sorted({row["task"] for row in facts.usage})
    stages = list(dict.fromkeys(row["stage"] for row in facts.usage))
    lines = [
        _cost_line(task, kept[task], [row for row in facts.usage if row["task"] == task], stages)
        for task in tasks
    ]
    if len(tasks) > 1:
        lines.append(_cost_line("all", sum(kept[task] for task in tasks), facts.usage, stages))
    by_stage = [f"{stage}: {words}" for stage in stages for words in ("answers", "tokens in", "tokens out")]
    told = _markdown(["task", "rows", *by_stage, "tokens per row", "USD"], lines)
    return f"{told}\n\n{' '.join([*_cost_words(facts.usage), *untold])}"


def _cost_line(
    name: str, kept: int, rows: Sequence[Mapping[str, Any]], stages: Sequence[str]
) -> tuple[object, ...]:
    cells: list[object] = []
    for stage in stages:
        mine = [row for row in rows if row["stage"] == stage]
        cells += [_sum(mine, "answers"), _about(mine, _tokens_in(mine)), _about(mine, _tokens_out(mine))]
    per_row = _about(rows, (_tokens_in(rows) + _tokens_out(rows)) / kept) if kept else "–"
    costs = [row["cost_usd"] for row in rows]
    usd = "unknown" if None in costs else _about(rows, sum(costs), 4)
    return (name, kept, *cells, per_row, usd)


def _cost_words(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    words = [
        "Tokens of every answer that these rows come from, dropped candidates included, whether it was asked "
        "for now or found in a store, at the recipe's prices; what failed requests took is not among them."
    ]
    if cached := _sum(rows, "cached_input"):
        words.append(f"{cached} of the tokens in came from a prompt cache.")
    if thought := _sum(rows, "reasoning"):
        words.append(f"{thought} of the tokens out were spent on thinking.")
    if any(row["estimated"] for row in rows):
        words.append("`~`: no token counts were told, so they are estimated from the lengths of texts.")
    if any(row["cost_usd"] is None for row in rows):
        words.append("The cost is unknown where a model has no price in the recipe.")
    return words


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows)


def _tokens_in(rows: Sequence[Mapping[str, Any]]) -> int:
    return _sum(rows, "input") + _sum(rows, "estimated_input")


def _tokens_out(rows: Sequence[Mapping[str, Any]]) -> int:
    return _sum(rows, "output") + _sum(rows, "estimated_output")


def _about(rows: Sequence[Mapping[str, Any]], amount: float, digits: int = 0) -> str:
    """Return a number, marked where it holds an estimate."""
    return ("~" if any(row["estimated"] for row in rows) else "") + f"{amount:.{digits}f}"


def _guards(facts: CardFacts) -> str:
    checked = f"Checked against {len(facts.guards_checked)} held-out sets"
    checked += f" ({sum(facts.guards_checked.values())} rows)."
    if not facts.guards_unchecked:
        return checked + " None was left unchecked."
    missing = _markdown(["not checked", "why"], sorted(facts.guards_unchecked.items()))
    return f"{checked} These could not be loaded, so overlap with them is **unchecked**:\n\n{missing}"


def attribution(table: pa.Table, sources: Sequence[SourceLicense]) -> str:
    """Return ATTRIBUTION.md: every source data set that contributed a row, and its terms."""
    grouped = table.group_by(["source_dataset", "source_config"]).aggregate([("id", "count")])
    counts = {(r["source_dataset"], r["source_config"]): r["id_count"] for r in grouped.to_pylist()}
    rows = [
        (
            s.dataset,
            s.config or "–",
            counts.get((s.dataset, s.config), 0),
            s.license,
            s.obligations or "–",
            s.evidence or "–",
        )
        for s in sources
    ]
    models = _counts(table, "writer_model") + _counts(table, "solver_model") if table.num_rows else Counter()
    written = sorted(m for m in models if m != "None")
    text = "# Attribution\n\nRows were derived from the training splits of these data sets.\n\n"
    text += _markdown(["data set", "config", "rows", "licence", "obligations", "where it is stated"], rows)
    if written:
        text += "\n\nModels whose output is part of the rows: " + ", ".join(f"`{m}`" for m in written) + "."
    return text + "\n"
