"""A pilot: a few seeds taken through all stages, and what each of them took and gave.

The pilot's requests are those that the run itself would send, so their responses are kept in the store and
the run does not ask for them again. What a single seed took is found afterwards by going through its stages
once more, alone and from the store.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from taskseed.checks.duplicates import NearDuplicates
from taskseed.models.base import Prompt
from taskseed.models.stored import Answer, Asker
from taskseed.records import Decision, Dropped, Question, Sample, Seed
from taskseed.run.askers import Askers
from taskseed.run.bench import Bench
from taskseed.run.work import Work
from taskseed.store import ResponseStore

__all__ = ["Pilot", "SeedCost", "run_pilot"]


@dataclass(slots=True)
class SeedCost:
    """What one seed took and gave.

    :param answers: completions, whether asked now or found in the store.
    :param usd: None where a model has no price.
    """

    answers: int = 0
    input: int = 0
    output: int = 0
    usd: float | None = 0.0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a pilot found.

    :param seeds: one entry per seed.
    :param sent: requests that were sent now.
    :param seconds: how long the pilot took, from its first request to its last answer.
    """

    seeds: list[SeedCost]
    sent: int
    seconds: float


async def run_pilot(bench: Bench, seeds: Sequence[Seed], shard: Sequence[Seed], store: Path) -> Pilot:
    """Take seeds through all stages, all at once, then each alone.

    :param shard: the shard that they belong to, for the examples that the writer is shown.
    :param store: where the responses are.
    """
    before, began = bench.askers.counters.total("sent"), time.monotonic()
    await _through(bench, seeds, shard)
    seconds = time.monotonic() - began
    sent = bench.askers.counters.total("sent") - before
    with closing(ResponseStore(store)) as opened:
        costs = [await _cost(bench, seed, shard, opened) for seed in seeds]
    return Pilot(costs, sent, seconds)


async def _cost(bench: Bench, seed: Seed, shard: Sequence[Seed], store: ResponseStore) -> SeedCost:
    prices = {role: bench.recipe.models.role(role) for role in bench.askers.by_role}
    metered = _Metered(bench.askers.counters)
    for role in bench.askers.by_role:
        metered.by_role[role] = Asker(None, store, "refuse", _Uncounted(), role=role)
    samples = await _through(replace(bench, askers=metered, work=Work(bench.recipe, 0)), [seed], shard)
    cost = SeedCost(rows=len(samples))
    for role, (answers, tokens_in, tokens_out) in metered.used.items():
        spec = prices[role]
        cost.answers += answers
        cost.input += tokens_in
        cost.output += tokens_out
        if spec is None or spec.price is None:
            cost.usd = None
        elif cost.usd is not None:
            cost.usd += (tokens_in * spec.price.input + tokens_out * spec.price.output) / 1e6
    return cost


async def _through(bench: Bench, seeds: Sequence[Seed], shard: Sequence[Seed]) -> list[Sample]:
    by_id = {seed.seed_id: seed for seed in seeds}
    seen = NearDuplicates(bench.recipe.screen.near_duplicate)
    written = [q for q in await bench.generate(seeds, shard) if isinstance(q, Question)]
    screened = [q for q in await bench.screen(written, by_id, seen) if isinstance(q, Question)]
    decided = [d for d in await bench.enrich(screened) if isinstance(d, Decision)]
    return [s for s in await bench.filter(decided, by_id) if not isinstance(s, Dropped)]


class _Uncounted:
    def add(self, role: str, name: str, amount: int) -> None:
        """Count nothing: these answers were counted when they came."""


@dataclass(slots=True)
class _Metered(Askers):
    """Adds up what is asked, by role: answers, input tokens, output tokens."""

    used: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    async def ask(self, role: str, prompt: Prompt, indices: Sequence[int]) -> Sequence[Answer]:
        answers = await self.by_role[role].ask(prompt, indices)
        came = [a.completion for a in answers if a.completion is not None]
        before = self.used.get(role, (0, 0, 0))
        more = len(came), sum(c.usage.input for c in came), sum(c.usage.output for c in came)
        self.used[role] = before[0] + more[0], before[1] + more[1], before[2] + more[2]
        return answers
