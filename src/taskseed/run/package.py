"""Writes the data set's files: rows, card, attribution, manifest; the summary last."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from taskseed import __version__
from taskseed.checks.label_precision import LabelPrecision
from taskseed.dataset.card import CardFacts, SourceLicense, attribution, card
from taskseed.dataset.text import TOKENIZER
from taskseed.io import write_bytes, write_json, write_table
from taskseed.recipe import Recipe, redacted
from taskseed.records import Dropped, Sample, from_table, to_table
from taskseed.run.directory import RunDirectory, StageCount, Summary
from taskseed.run.labels import labels_of_dataset
from taskseed.run.ledger import status
from taskseed.run.usage import usage_by_task
from taskseed.stages.package import canonical_hash, choose, finish, order_rows
from taskseed.stages.package import parts as file_parts

__all__ = ["package_rows"]


def package_rows(
    directory: RunDirectory, recipe: Recipe, tables: Sequence[pa.Table], accept: int | None, mark: str
) -> Summary:
    """Write the data set of the samples in `tables`; returns the stage's summary.

    :param accept: keep exactly this many rows, or all.
    :param mark: the stage's fingerprint.
    """
    samples = sum(table.num_rows for table in tables)
    rows, dropped = choose(order_rows(finish(from_table(t, Sample)) for t in tables), accept)
    rows = rows.replace_schema_metadata(None)
    sha256 = canonical_hash(rows)
    count = StageCount("package", samples, rows.num_rows, Counter(d.reason for d in dropped))
    facts: dict[str, Any] = {"rows": rows.num_rows, "sha256": sha256}
    labels = labels_of_dataset(directory, recipe, rows, len(tables))
    funnel = [*directory.funnel()[:-1], count]
    data = directory.root / "dataset" / "data"
    directory.forget_summary("package")
    shutil.rmtree(data, ignore_errors=True)
    for number, part in enumerate(file_parts(rows)):
        write_table(data / f"train-{number:05d}.parquet", part)
    directory.write_parts("package", "dropped", [to_table(dropped, Dropped)])
    collected = directory.summary("collect")
    guards = collected.facts if collected else {}
    models = recipe.models
    usage, silent = usage_by_task(directory, models.prices(), models.names(), range(len(tables)))
    card_facts = CardFacts(
        name=recipe.name,
        taskseed_version=__version__,
        harness_version=str(guards.get("harness_version")),
        sha256=sha256,
        guards_checked=guards.get("guards_checked", {}),
        guards_unchecked=guards.get("guards_unchecked", {}),
        funnel=[{"stage": c.stage, "in": c.entered, "kept": c.kept, "dropped": c.dropped} for c in funnel],
        tokenizer=TOKENIZER,
        notes=_notes(recipe),
        usage=usage,
        shards_without_usage=silent,
        calibration=_calibration(directory, recipe, labels),
    )
    folder = directory.root / "dataset"
    write_bytes(folder / "README.md", card(rows, card_facts).encode())
    write_bytes(folder / "ATTRIBUTION.md", attribution(rows, _sources(guards.get("licences", []))).encode())
    manifest = _manifest(directory, recipe, facts, funnel)
    manifest |= {
        "usage_by_task": usage,
        "shards_without_usage": silent,
        "calibration": card_facts.calibration,
    }
    write_json(directory.root / "manifest.json", manifest)
    summary = Summary(mark, count, facts | ({"label_precision": asdict(labels)} if labels else {}))
    directory.write_summary("package", summary)
    return summary


def _calibration(
    directory: RunDirectory, recipe: Recipe, labels: LabelPrecision | None
) -> dict[str, Any] | None:
    found = directory.summary("calibrate")
    if found is None or not recipe.enrich.calibrate:
        return None
    return {**found.facts, "label_precision": asdict(labels) if labels else None}


def _notes(recipe: Recipe) -> list[str]:
    notes = []
    spec = recipe.generate
    if spec.kind == "numeric" or spec.numeric_variants:
        which = "The questions" if spec.kind == "numeric" else "Rows whose `derivation` is `numeric_variant`"
        notes.append(
            f"{which} are **numeric variants**: a worked problem of a training split with other numbers, "
            "its solution recomputed exactly. Their wording is their seed's: new problems, not new content."
        )
    if spec.kind == "model" and recipe.responses.on_miss == "refuse":
        notes.append(
            "What models say here was **replayed from recorded answers**; no model was asked when this data "
            "set was made."
        )
    return notes


def _sources(terms: Sequence[dict[str, Any]]) -> list[SourceLicense]:
    """Return the terms of each data set once, in order of their names."""
    found = {(t["dataset"], t["config"] or ""): SourceLicense(**t) for t in terms}
    return [found[name] for name in sorted(found)]


def _manifest(
    directory: RunDirectory, recipe: Recipe, dataset: dict[str, Any], funnel: Sequence[StageCount]
) -> dict[str, Any]:
    told = status(directory.root, recipe.models.prices(), recipe.models.names())
    collected = directory.summary("collect")
    facts = collected.facts if collected else {}
    return {
        "taskseed": __version__,
        "versions": {name: version(name) for name in ("lm_eval", "pyarrow", "numpy", "polars")},
        "recipe": redacted(recipe),
        "dataset": {
            **dataset,
            "tokenizer": TOKENIZER,
            "hash": "sha256 over canonical JSON rows in order of id",
        },
        "stages": [asdict(count) | {"dropped": dict(count.dropped)} for count in funnel],
        "guards": {
            "checked": facts.get("guards_checked", {}),
            "unchecked": facts.get("guards_unchecked", {}),
            "rows_without_text": facts.get("guards_uncovered", {}),
        },
        "licence_disagreements": facts.get("licence_disagreements", {}),
        "requests": told["requests"],
        "tokens": told["tokens"],
        "cost_usd": told["cost_usd"],
        "usage": told["usage"],
    }
