"""Writes the data set's files: rows, card, attribution, manifest; the summary last."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from taskseed import __version__
from taskseed.checks.artifacts import ArtifactMonitor
from taskseed.checks.label_precision import LabelPrecision
from taskseed.dataset.card import CardFacts, SourceLicense, add_counts, attribution, card, count_rows
from taskseed.dataset.text import TOKENIZER
from taskseed.io import write_bytes, write_json, write_tables
from taskseed.recipe import Recipe, redacted
from taskseed.records import Dropped, Sample, from_table, schema_of, to_table
from taskseed.run.artifacts import artifacts_beside_seeds, items_of_rows
from taskseed.run.directory import RunDirectory, StageCount, Summary
from taskseed.run.labels import KeptQuestions, labels_of_dataset
from taskseed.run.ledger import status
from taskseed.run.sorting import buckets_by_id
from taskseed.run.usage import usage_by_task
from taskseed.stages.package import RowsHash, choose, finish, order_rows

__all__ = ["package_rows"]


ROWS_PER_FILE = 100_000
_ROWS_AT_ONCE = 5_000


def package_rows(
    directory: RunDirectory, recipe: Recipe, paths: Sequence[Path], accept: int | None, mark: str
) -> Summary:
    """Write the data set of the samples in files; returns the stage's summary.

    :param paths: one file a shard.
    :param accept: keep exactly this many rows, or all.
    :param mark: the stage's fingerprint.
    """
    data = directory.root / "dataset" / "data"
    directory.forget_summary("package")
    shutil.rmtree(data, ignore_errors=True)
    packing = _Packing(accept, calibrated=recipe.enrich.calibrate > 0)
    buckets = buckets_by_id(paths, directory.root / "package" / "sorting", _ROWS_AT_ONCE)
    write_tables(
        lambda number: data / f"train-{number:05d}.parquet",
        map(packing.take, buckets),
        schema_of(Sample),
        ROWS_PER_FILE,
    )
    directory.write_parts("package", "dropped", [to_table(packing.dropped, Dropped)])
    count = packing.count()
    facts: dict[str, Any] = {"rows": count.kept, "sha256": packing.hash.hexdigest()}
    funnel = [*directory.funnel()[:-1], count]
    labels = (
        labels_of_dataset(directory, recipe, packing.questions, len(paths)) if packing.questions else None
    )
    calibration = _calibration(directory, recipe, labels)
    _describe(directory, recipe, packing, funnel, calibration, len(paths))
    summary = Summary(mark, count, facts | ({"label_precision": asdict(labels)} if labels else {}))
    directory.write_summary("package", summary)
    return summary


class _Packing:
    """Makes rows of samples, and keeps what is said of them all.

    :param counts: how many rows there are, by all that the card counts; see `count_rows`.
    :param questions: what a calibration says something of; None unless one is wanted.
    """

    def __init__(self, accept: int | None, *, calibrated: bool) -> None:
        self._accept = accept
        self._kept = 0
        self.dropped: list[Dropped] = []
        self.hash = RowsHash()
        self.counts = count_rows(schema_of(Sample).empty_table())
        self.monitor = ArtifactMonitor()
        self.questions = KeptQuestions() if calibrated else None

    def take(self, bucket: Sequence[pa.Table]) -> pa.Table:
        """Return the rows of the next samples that stay, in order of their ids."""
        left = None if self._accept is None else self._accept - self._kept
        rows, dropped = choose(order_rows(finish(from_table(table, Sample)) for table in bucket), left)
        rows = rows.replace_schema_metadata(None)
        self._kept += rows.num_rows
        self.dropped += dropped
        self.hash.add(rows)
        self.counts = add_counts(self.counts, count_rows(rows))
        self.monitor.add(items_of_rows(rows))
        if self.questions is not None:
            self.questions.add(rows)
        return rows

    def count(self) -> StageCount:
        """Return how many samples went in, how many rows came out, and why the others did not."""
        entered = self._kept + len(self.dropped)
        return StageCount("package", entered, self._kept, Counter(d.reason for d in self.dropped))


def _describe(
    directory: RunDirectory,
    recipe: Recipe,
    packing: _Packing,
    funnel: Sequence[StageCount],
    calibration: dict[str, Any] | None,
    shards: int,
) -> None:
    """Write the card, the attribution and the manifest."""
    collected = directory.summary("collect")
    guards = collected.facts if collected else {}
    models = recipe.models
    artifacts = artifacts_beside_seeds(packing.monitor, directory, range(shards))
    usage, silent = usage_by_task(directory, models.prices(), models.names(), range(shards))
    sha256 = packing.hash.hexdigest()
    facts = CardFacts(
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
        calibration=calibration,
        artifacts=artifacts,
    )
    folder = directory.root / "dataset"
    terms = _sources(guards.get("licences", []))
    write_bytes(folder / "README.md", card(packing.counts, facts).encode())
    write_bytes(folder / "ATTRIBUTION.md", attribution(packing.counts, terms).encode())
    manifest = _manifest(directory, recipe, {"rows": funnel[-1].kept, "sha256": sha256}, funnel)
    manifest |= {
        "usage_by_task": usage,
        "shards_without_usage": silent,
        "calibration": calibration,
        "artifacts": artifacts,
    }
    write_json(directory.root / "manifest.json", manifest)


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
