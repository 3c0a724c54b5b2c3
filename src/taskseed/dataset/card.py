"""The data set's card and its attribution page, as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
    """What the card says besides the rows themselves."""

    name: str
    taskseed_version: str
    harness_version: str
    sha256: str
    guards_checked: Mapping[str, int]
    guards_unchecked: Mapping[str, str]
    funnel: Sequence[Mapping[str, Any]]
    tokenizer: str
    notes: Sequence[str] = field(default_factory=tuple)


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
        "## From task to row\n\n" + _funnel(facts.funnel),
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
