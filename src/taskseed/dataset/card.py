"""The data set's card and its attribution page, as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from taskseed.dataset.artifacts import artifacts_section
from taskseed.dataset.calibration import calibration_section
from taskseed.dataset.markdown import markdown as _markdown

__all__ = ["CardFacts", "SourceLicense", "add_counts", "attribution", "card", "count_rows"]

_BY = ("task", "kind", "capability", "style", "verifier", "derivation", "license")
_FROM = ("source_dataset", "source_config", "writer_model", "solver_model")
_SUMS = ("rows", "tokens", "votes_total", "agreement", "agreement_told")


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
    :param artifacts: what gives right options away, by task and model: the manifest's `artifacts`.
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
    artifacts: Sequence[Mapping[str, Any]] = ()


def count_rows(rows: pa.Table) -> pa.Table:
    """Return how many rows there are of each kind, and sums over them: all that a card counts.

    :param rows: rows of the data set, in the contract's columns.
    """
    counted = rows.select([*_BY, *_FROM, "tokens", "votes_total", "agreement"])
    told = pc.cast(pc.is_valid(rows.column("agreement")), pa.int64())
    counted = counted.append_column("agreement_told", told)
    return add_counts(counted.append_column("rows", pa.array([1] * rows.num_rows, pa.int64())))


def add_counts(*counts: pa.Table) -> pa.Table:
    """Return the counts of several parts of a data set together."""
    grouped = pa.concat_tables(counts).group_by([*_BY, *_FROM])
    summed = grouped.aggregate([(name, "sum") for name in _SUMS])
    return summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])


def _counts(counts: pa.Table, column: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for value, rows in zip(counts.column(column).to_pylist(), counts.column("rows").to_pylist(), strict=True):
        found[str(value)] += rows
    return found


def card(counts: pa.Table, facts: CardFacts) -> str:
    """Return the data set card: YAML header for the Hub, counts, provenance, guards and limits.

    :param counts: of all rows of the data set; see `count_rows`.
    """
    licenses = sorted(_counts(counts, "license"))
    tokens = pc.sum(counts.column("tokens")).as_py() or 0
    rows = pc.sum(counts.column("rows")).as_py() or 0
    sections = [
        _header(facts, licenses),
        f"# {facts.name}\n\nMade with taskseed {facts.taskseed_version} from training splits of evaluation "
        f"tasks (lm-evaluation-harness {facts.harness_version}).",
        f"{rows} rows, {tokens} tokens ({facts.tokenizer}), content hash `{facts.sha256}`.",
        *facts.notes,
        "## What is in it\n\n" + _composition(counts),
        "## How the answers were established\n\n" + _verification(counts),
        *([calibration_section(facts.calibration)] if facts.calibration else []),
        *(["## What gives answers away\n\n" + artifacts_section(facts.artifacts)] if facts.artifacts else []),
        "## From task to row\n\n" + _funnel(facts.funnel),
        "## What it cost\n\n" + _cost(counts, facts),
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


def _composition(counts: pa.Table) -> str:
    if not counts.num_rows:
        return "No row was kept."
    by = ["task", "kind", "capability", "style"]
    grouped = counts.group_by(by).aggregate([("rows", "sum")])
    rows = sorted((*(r[name] for name in by), r["rows_sum"]) for r in grouped.to_pylist())
    return _markdown([*by, "rows"], rows)


def _verification(counts: pa.Table) -> str:
    if not counts.num_rows:
        return "–"
    grouped = counts.group_by(["verifier", "derivation"]).aggregate([(name, "sum") for name in _SUMS])
    rows = []
    for r in sorted(grouped.to_pylist(), key=lambda r: (r["verifier"], r["derivation"])):
        told = r["agreement_told_sum"]
        agreement = f"{r['agreement_sum'] / told:.3f}" if told else "–"
        votes = r["votes_total_sum"] / r["rows_sum"]
        rows.append((r["verifier"], r["derivation"], r["rows_sum"], f"{votes:.1f}", agreement))
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


def _cost(counts: pa.Table, facts: CardFacts) -> str:
    silent = facts.shards_without_usage
    untold = (
        [f"{silent} shards were made by an earlier version, which did not note tokens."] if silent else []
    )
    if not facts.usage:
        return " ".join(untold) or "No model was asked."
    kept = _counts(counts, "task")
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


def attribution(counts: pa.Table, sources: Sequence[SourceLicense]) -> str:
    """Return ATTRIBUTION.md: every source data set that contributed a row, and its terms.

    :param counts: of all rows of the data set; see `count_rows`.
    """
    grouped = counts.group_by(["source_dataset", "source_config"]).aggregate([("rows", "sum")])
    rows_of = {(r["source_dataset"], r["source_config"]): r["rows_sum"] for r in grouped.to_pylist()}
    rows = [
        (
            s.dataset,
            s.config or "–",
            rows_of.get((s.dataset, s.config), 0),
            s.license,
            s.obligations or "–",
            s.evidence or "–",
        )
        for s in sources
    ]
    models = _counts(counts, "writer_model") + _counts(counts, "solver_model")
    written = sorted(m for m in models if m != "None")
    text = "# Attribution\n\nRows were derived from the training splits of these data sets.\n\n"
    text += _markdown(["data set", "config", "rows", "licence", "obligations", "where it is stated"], rows)
    if written:
        text += "\n\nModels whose output is part of the rows: " + ", ".join(f"`{m}`" for m in written) + "."
    return text + "\n"
