"""The shard loop: generate → screen → enrich → filter for one shard after another, overlapping.

Shards overlap so that the endpoint never idles, but they are screened in order: which of two duplicates
stays must not depend on which response came first.
"""

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from taskseed.checks.duplicates import NearDuplicates
from taskseed.errors import TaskseedError, WaitingForBatch
from taskseed.records import Decision, Dropped, Question, Sample, Seed
from taskseed.run.bench import Bench
from taskseed.run.events import Event
from taskseed.run.fingerprints import fingerprint
from taskseed.run.usage import Tallies
from taskseed.stages.screen import group_of, question_text

__all__ = ["ShardPlan", "ask_all", "run_shards", "shard_fingerprints"]

LOOKAHEAD = 2  # shards under way at once

_RECORDS: dict[str, type] = {"generate": Question, "screen": Question, "enrich": Decision, "filter": Sample}


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """Which shards there are, and what each stage's output is made from.

    :param accept: stop with the shard at which this many samples are reached, or None.
    """

    shards: int
    fingerprints: dict[str, str]
    accept: int | None


def shard_fingerprints(
    parts: dict[str, Any],
    upstream: str,
    guards: str,
    prompts: str,
    weak: Sequence[str] = (),
    maths: str | None = None,
) -> dict[str, str]:
    """Return, by sharded stage, the hash of everything that stage's output is made from.

    :param weak: the families for which nothing is generated.
    :param maths: what compares expressions, if anything does: with it other votes are equal.
    """
    generated = fingerprint(upstream, parts["generate"], prompts, *([sorted(weak)] if weak else []))
    screened = fingerprint(generated, parts["screen"], guards)
    enriched = fingerprint(screened, parts["enrich"], *([maths] if maths else []))
    filtered = fingerprint(enriched, parts["filter"])
    return {"generate": generated, "screen": screened, "enrich": enriched, "filter": filtered}


async def run_shards(bench: Bench, plan: ShardPlan) -> int:
    """Do what is not done yet, shard by shard; returns how many leading shards the data set is made of.

    All shards under way end before an error leaves, so that every response that was paid for is stored.

    :raises TaskseedError: what stopped a shard; `WaitingForBatch` where responses are still to come.
    """
    turns = _Turns(bench, plan)
    if plan.accept is None:
        await _all(turns, plan.shards)
        return plan.shards
    done = kept = 0
    while done < plan.shards and kept < plan.accept:  # nothing is asked for beyond the goal's shard
        kept += await turns.process(done)
        done += 1
    return done


async def _all(turns: "_Turns", shards: int) -> None:
    slots = asyncio.Semaphore(LOOKAHEAD)
    failures: list[TaskseedError] = []

    async def one(shard: int) -> None:
        async with slots:
            if any(not isinstance(f, WaitingForBatch) for f in failures):
                turns.leave(shard)
                return
            try:
                await turns.process(shard)
            except TaskseedError as problem:
                failures.append(problem)

    await asyncio.gather(*(one(shard) for shard in range(shards)))
    serious = [failure for failure in failures if not isinstance(failure, WaitingForBatch)]
    if serious:
        raise serious[0]
    if failures:
        raise _waiting(turns.bench)


def _waiting(bench: Bench) -> WaitingForBatch:
    folder, waiting = shlex.quote(str(bench.directory.root)), len(bench.pending)
    return WaitingForBatch(
        "1 request waits for a batch" if waiting == 1 else f"{waiting} requests wait for a batch",
        f"write them to a file with: taskseed batch export {folder} requests.jsonl",
    )


def _is_queued(entry: object) -> bool:
    return (
        isinstance(entry, Dropped) and entry.reason == "no_response" and entry.evidence.startswith("queued")
    )


def _lacks_response(entry: object) -> bool:
    """Tell whether a candidate was lost because its request failed: not to a queue or a replay's gap."""
    unasked = ("queued", "not_recorded")
    return (
        isinstance(entry, Dropped)
        and entry.reason == "no_response"
        and not entry.evidence.startswith(unasked)
    )


async def ask_all(
    bench: Bench, make: Callable[[Tallies], Awaitable[Sequence[Any]]]
) -> tuple[Sequence[Any], Tallies]:
    """Make a stage's entries, once more where requests got no answer; returns them and what they took.

    :raises EndpointError: if an endpoint has answered nothing.
    :raises Interrupted: if the gate is shut.
    :raises WaitingForBatch: if an answer is still to come.
    """
    bench.gate.check()
    took = Tallies()
    entries = await make(took)
    lost = [entry for entry in entries if _lacks_response(entry)]
    if lost:
        bench.askers.must_be_alive(lost[0].evidence)
    if any(not entry.evidence.startswith("refused_") for entry in lost):
        took = Tallies()
        entries = await make(took)  # once more: what was answered comes from the store
    if any(_is_queued(entry) for entry in entries):
        raise _waiting(bench)
    return entries, took


class _Turns:
    """Processes shards; hands the list of questions seen so far from one shard to the next, in order."""

    def __init__(self, bench: Bench, plan: ShardPlan) -> None:
        self.bench = bench
        self.plan = plan
        self.seen = NearDuplicates(bench.recipe.screen.near_duplicate)
        self._screened = [asyncio.Event() for _ in range(plan.shards)]
        self._unfinished = plan.shards  # the lowest shard that is not done this time

    def leave(self, shard: int) -> None:
        """Say that a shard will not be done now, and neither can those after it."""
        self._unfinished = min(self._unfinished, shard)
        self._screened[shard].set()

    async def process(self, shard: int) -> int:
        """Bring one shard through all stages; returns how many samples it has."""
        screened: list[Question] | None = None
        try:
            seeds = self.bench.directory.read_shard("normalize", shard, Seed)
            questions = await self._stage(
                "generate", shard, lambda took: self.bench.generate(seeds, seeds, took.of("writer").add)
            )
            if shard:
                await self._screened[shard - 1].wait()
            screened = await self._screen(shard, questions, {s.seed_id: s for s in seeds})
        finally:
            if screened is None:
                self.leave(shard)
            self._screened[shard].set()
        decisions = await self._stage("enrich", shard, lambda took: self.bench.enrich(screened, took))
        by_id = {s.seed_id: s for s in seeds}
        samples = await self._stage("filter", shard, lambda _: self.bench.filter(decisions, by_id))
        return len(samples)

    async def _stage(
        self, stage: str, shard: int, make: Callable[[Tallies], Awaitable[Sequence[Any]]]
    ) -> list[Any]:
        """Return a stage's kept records of a shard, making them only if they are not there yet."""
        directory, mark = self.bench.directory, self.plan.fingerprints[stage]
        if directory.shard_is_done(stage, shard, mark):
            return directory.read_shard(stage, shard, _RECORDS[stage])
        entries, took = await ask_all(self.bench, make)
        count = directory.write_shard(stage, shard, mark, entries, _RECORDS[stage], took.by_role())
        finished = self.bench.work.finish(stage, shard, count.kept)
        dropped = sum(count.dropped.values())
        self.bench.watch(Event(stage, finished, self.plan.shards, count.kept, dropped))
        return [entry for entry in entries if not isinstance(entry, Dropped)]

    async def _screen(
        self, shard: int, questions: Sequence[Question], seeds: dict[str, Seed]
    ) -> list[Question]:
        if self._unfinished < shard:
            raise _waiting(self.bench)  # an earlier shard lacks responses, or failed and will say so
        done = self.bench.directory.shard_is_done("screen", shard, self.plan.fingerprints["screen"])
        kept: list[Question] = await self._stage(
            "screen", shard, lambda _: self.bench.screen(questions, seeds, self.seen)
        )
        if done:
            self.seen.add(
                [q.question_id for q in kept], [question_text(q) for q in kept], [group_of(q) for q in kept]
            )
        return kept
