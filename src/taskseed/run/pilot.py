"""A pilot: a few seeds taken through all stages, and what each of them took and gave.

The pilot's requests are those that the run itself would send, so their responses are kept in the store and
the run does not ask for them again. What a single seed took is found afterwards by going through its stages
once more, alone and from the store.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from taskseed.checks.duplicates import NearDuplicates
from taskseed.checks.label_precision import LabelPrecision
from taskseed.models.stored import Asker
from taskseed.records import Decision, Dropped, Question, Sample, Seed
from taskseed.run.askers import Askers
from taskseed.run.bench import Bench
from taskseed.run.calibrate import Calibrated, RunCalibration
from taskseed.run.labels import labels_of_pilot
from taskseed.run.usage import Tallies, usd
from taskseed.run.work import Work
from taskseed.store import ResponseStore

__all__ = ["Pilot", "SeedCost", "run_pilot"]


@dataclass(slots=True)
class SeedCost:
    """What one seed took and gave.

    :param answers: completions, whether asked now or found in the store.
    :param input: tokens, those that had to be estimated included; `output` likewise.
    :param estimated: those of them that are an estimate.
    :param usd: None where a model has no price.
    """

    answers: int = 0
    input: int = 0
    output: int = 0
    estimated: int = 0
    usd: float | None = 0.0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a pilot found.

    :param seeds: one entry per seed.
    :param sent: requests that were sent now.
    :param seconds: how long the pilot took, from its first request to its last answer.
    :param calibrated: what the solver did on seeds whose answer is known; None where no model solves.
    :param labels: the label precision to expect; None where the pilot kept no question that was voted on.
    """

    seeds: list[SeedCost]
    sent: int
    seconds: float
    calibrated: Calibrated | None = None
    labels: LabelPrecision | None = None


async def run_pilot(
    bench: Bench, seeds: Sequence[Seed], shard: Sequence[Seed], store: Path, calibration: RunCalibration
) -> Pilot:
    """Solve seeds blind, then take seeds through all stages, all at once, then each alone.

    :param shard: the shard that they belong to, for the examples that the writer is shown.
    :param store: where the responses are.
    """
    calibrated = await calibration.try_some(bench, len(seeds))
    bench = replace(bench, weak=calibration.weak())
    before, began = bench.askers.counters.total("sent"), time.monotonic()
    found = await _through(bench, seeds, shard, Tallies())
    seconds = time.monotonic() - began
    sent = bench.askers.counters.total("sent") - before
    with closing(ResponseStore(store)) as opened:
        costs = [await _cost(bench, seed, shard, opened) for seed in seeds]
    labels = labels_of_pilot(calibrated, found.ended, found.samples, bench.recipe) if calibrated else None
    return Pilot(costs, sent, seconds, calibrated, labels)


async def _cost(bench: Bench, seed: Seed, shard: Sequence[Seed], store: ResponseStore) -> SeedCost:
    prices = bench.recipe.models.prices()
    alone = Askers(bench.askers.counters)
    for role in bench.askers.by_role:
        alone.by_role[role] = Asker(None, store, "refuse", _Uncounted(), role=role)
    took = Tallies()
    found = await _through(replace(bench, askers=alone, work=Work(bench.recipe, 0)), [seed], shard, took)
    cost = SeedCost(rows=len(found.samples))
    for role in bench.askers.by_role:
        answers, used = took.of(role).sums()
        cost.answers += answers
        cost.input += used.input + used.estimated_input
        cost.output += used.output + used.estimated_output
        cost.estimated += used.estimated
        spent = usd(used, prices.get(role))
        cost.usd = None if cost.usd is None or spent is None else cost.usd + spent
    return cost


@dataclass(frozen=True, slots=True)
class _Found:
    """What the stages gave: every entry of enrich, and the samples."""

    ended: list[Decision | Dropped]
    samples: list[Sample]


async def _through(bench: Bench, seeds: Sequence[Seed], shard: Sequence[Seed], took: Tallies) -> _Found:
    by_id = {seed.seed_id: seed for seed in seeds}
    seen = NearDuplicates(bench.recipe.screen.near_duplicate)
    written = [
        q for q in await bench.generate(seeds, shard, took.of("writer").add) if isinstance(q, Question)
    ]
    screened = [q for q in await bench.screen(written, by_id, seen) if isinstance(q, Question)]
    ended = await bench.enrich(screened, took)
    decided = [d for d in ended if isinstance(d, Decision)]
    samples = [s for s in await bench.filter(decided, by_id) if not isinstance(s, Dropped)]
    return _Found(ended, samples)


class _Uncounted:
    def add(self, role: str, name: str, amount: int) -> None:
        """Count nothing: these answers were counted when they came."""
