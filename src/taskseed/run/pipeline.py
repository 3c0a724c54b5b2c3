"""The order of the stages: the one place that knows it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

import pyarrow as pa

from taskseed.errors import RunError, WaitingForBatch
from taskseed.guards import GuardIndex
from taskseed.io import disk_errors, write_json
from taskseed.models.budget import Budget
from taskseed.prompts import PromptSet, load_prompts
from taskseed.recipe import Recipe
from taskseed.records import Dropped, Seed, to_table
from taskseed.run.askers import Gate, check_endpoints, open_askers
from taskseed.run.batch import PendingFile
from taskseed.run.bench import Bench
from taskseed.run.calibrate import RunCalibration, calibration_mark
from taskseed.run.directory import SHARDED, RunDirectory, StageCount, Summary
from taskseed.run.events import Event, Watch
from taskseed.run.fingerprints import fingerprint, parts
from taskseed.run.ledger import InvocationCounters, cost, totals, used
from taskseed.run.maths import maths_version, open_maths
from taskseed.run.package import package_rows
from taskseed.run.pilot import Pilot, run_pilot
from taskseed.run.schemas import open_schemas
from taskseed.run.seeds import SeedWriter
from taskseed.run.shards import ShardPlan, run_shards, shard_fingerprints
from taskseed.run.traffic import Meter
from taskseed.run.work import Work
from taskseed.sandbox import available
from taskseed.stages.collect import choose_tasks, load_guards
from taskseed.stages.normalize import Limits, normalize
from taskseed.store import ResponseStore
from taskseed.tasks import TaskEntry, licence_of, load_catalogue, read_seeds, task_report

__all__ = ["Pipeline", "Prepared", "Spending"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What collect and normalize leave for the shards.

    :param upstream: fingerprint of the seeds and of everything before them.
    """

    guards: GuardIndex
    upstream: str
    shards: int


@dataclass(frozen=True, slots=True)
class Spending:
    """The most that a run directory may spend over its life; None is no limit."""

    usd: float | None = None
    tokens: int | None = None


class Pipeline:
    """The stages of one run directory, in their order."""

    def __init__(self, recipe: Recipe, root: Path, watch: Watch) -> None:
        self.recipe = recipe
        self.directory = RunDirectory(root)
        self.watch = watch
        self._parts = parts(recipe)
        self._prompts: PromptSet = load_prompts(recipe.prompts)
        self._meter: Meter | None = None

    @property
    def prompts(self) -> PromptSet:
        """The prompts of the recipe."""
        return self._prompts

    @property
    def is_packaged(self) -> bool:
        """Whether an earlier run ended with a data set: then perhaps nothing has to be asked."""
        return self.directory.summary("package") is not None

    @property
    def _guards_path(self) -> Path:
        return self.directory.root / "collect" / "guards.npz"

    def prepare(self, limit: int | None) -> Prepared:
        """Collect and normalize, as far as that is not done already.

        :raises UsageError: if the recipe's tasks cannot seed.
        """
        own = _stamps(self.recipe.tasks.include_path)
        collected = fingerprint(self._parts["collect"], version("lm_eval"), own)
        wanted = fingerprint(collected, self._parts["normalize"], limit)
        summary = self.directory.summary("normalize")
        if self._is_current("collect", collected) and summary and summary.fingerprint == wanted:
            guards = GuardIndex.load(self._guards_path)
        else:
            self.directory.forget_summary("normalize")
            guards, tasks = self._collect(collected)
            summary = self._normalize(tasks, guards, wanted, limit)
        return Prepared(guards, fingerprint(wanted, summary.facts["seeds_sha256"]), summary.facts["shards"])

    def _is_current(self, stage: str, wanted: str) -> bool:
        summary = self.directory.summary(stage)
        return summary is not None and summary.fingerprint == wanted

    def _collect(self, mark: str) -> tuple[GuardIndex, list[TaskEntry]]:
        spec = self.recipe.tasks
        watch = self._watching("collect")
        catalogue = load_catalogue(spec.include_path, watch)
        chosen = choose_tasks(catalogue, spec, watch, judged=self.recipe.models.role("judge") is not None)
        if self._is_current("collect", mark):
            return GuardIndex.load(self._guards_path), list(chosen.entries)
        guarded = load_guards(catalogue, chosen.entries, self.recipe.held_out, spec.hub, watch)
        with disk_errors(self._guards_path):
            self._guards_path.parent.mkdir(parents=True, exist_ok=True)
            guarded.index.save(self._guards_path)
        reports = [
            task_report(catalogue, verdict.task, hub=spec.hub, min_train_rows=spec.min_train_rows)
            for verdict in chosen.verdicts
        ]
        write_json(self.directory.root / "tasks.json", reports)
        self.directory.write_parts("collect", "dropped", [to_table(chosen.dropped, Dropped)])
        seeding = {entry.name for entry in chosen.entries}
        kept = [report for report in reports if report["task"] in seeding]
        self.directory.write_parts("collect", "kept", [pa.Table.from_pylist(kept)])
        count = StageCount(
            "collect", len(chosen.verdicts), len(chosen.entries), Counter(d.reason for d in chosen.dropped)
        )
        facts = {
            "harness_version": catalogue.harness_version,
            "tasks": [entry.name for entry in chosen.entries],
            "guards_checked": guarded.checked,
            "guards_unchecked": guarded.unchecked,
            "guards_uncovered": {name: rows for name, rows in guarded.index.uncovered.items() if rows},
            "guard_items": guarded.index.items,
            "licences": [_terms(entry) for entry in chosen.entries],
            "licence_disagreements": chosen.disagreements,
        }
        self.directory.write_summary("collect", Summary(mark, count, facts))
        told = f"{len(guarded.checked)} held-out sets, {len(guarded.unchecked)} unchecked"
        for task, disagreement in chosen.disagreements.items():
            told += f"; {task}: {disagreement}"
        for problem in catalogue.problems:
            told += f"; not read: {problem.file}:{problem.line}: {' '.join(problem.message.split())}"
        self._tell("collect", count, told)
        return guarded.index, list(chosen.entries)

    def _normalize(self, tasks: list[TaskEntry], guards: GuardIndex, mark: str, limit: int | None) -> Summary:
        spec = self.recipe.tasks
        limits = Limits(
            self.recipe.screen.contamination, limit, spec.max_seeds_per_task, spec.max_seeds_per_family
        )
        readers = [(entry.name, _reader(entry, spec.hub)) for entry in tasks]
        scratch = self.directory.root / "normalize" / ".buckets"

        def read(task: str, rows: int) -> None:
            self.watch(Event("normalize", 0, 1, note=f"{task}: {rows} rows"))

        writer = SeedWriter(self.directory, self.recipe.shard_size)
        for kept, dropped in normalize(readers, guards, limits, scratch, read):
            writer.add(kept, dropped)
        count = writer.finish()
        if not count.kept:
            reasons = ", ".join(f"{reason} {rows}" for reason, rows in count.dropped.items())
            first = f"; the first: {writer.first_evidence}" if writer.first_evidence else ""
            raise RunError(
                f"no row of {', '.join(e.name for e in tasks)} became a seed: {reasons or 'no rows'}{first}",
                f"look at {self.directory.root / 'normalize' / 'dropped'}",
            )
        facts = {"shards": writer.shards, "seeds_sha256": writer.digest.hexdigest()}
        summary = Summary(mark, count, facts)
        self.directory.write_summary("normalize", summary)
        self._tell("normalize", count, "")
        return summary

    async def work(self, prepared: Prepared, accept: int | None, gate: Gate, limits: Spending) -> int:
        """Do the shards; returns how many leading shards the data set is made of.

        :raises StoppedShort: if a limit of spending is reached.
        :raises EndpointError: if a model cannot be reached.
        :raises Interrupted: if the gate was shut before all was done.
        """
        calibration = self._calibration(prepared)
        calibration.forget_other()
        with closing(InvocationCounters(self.directory.root / "invocations")) as counters:
            work = Work(self.recipe, self.seeds_in_all(), accept)
            plan = None if calibration.missing else self._plan(prepared, accept, work)
            finished = self._finished(plan) if plan else None
            if finished is not None:
                return finished  # nothing to ask: no endpoint has to be up
            self.directory.forget_summary("package")
            await check_endpoints(self.recipe)
            budget = self._budget(limits)
            async with self._bench(prepared.guards, counters, gate, budget, work) as (bench, pending):
                try:
                    if plan is None:  # which families are refused is not known yet
                        await calibration.make(bench)
                        plan = self._plan(prepared, accept, work)
                    return await run_shards(replace(bench, weak=calibration.weak()), plan)
                except WaitingForBatch:
                    pending.finish()
                    raise

    def _plan(self, prepared: Prepared, accept: int | None, work: Work) -> ShardPlan:
        """Return what is to be done; what was made from something else is removed, and the rest told."""
        plan = ShardPlan(prepared.shards, self._shard_marks(prepared), accept)
        for event in work.resume(self.directory, self._forget_stale(plan)):
            self.watch(event)
        return plan

    def _calibration(self, prepared: Prepared) -> RunCalibration:
        prompts, seeds = self._all_prompts(), self.recipe.enrich.calibrate
        mark = calibration_mark(self._parts, prepared.upstream, prompts, seeds, maths_version())
        return RunCalibration(self.directory, self.recipe, mark, prepared.shards)

    def tell_traffic(self) -> None:
        """Tell what is under way, if models may be asked now."""
        if self._meter is not None:
            self.watch(self._meter.read())

    @asynccontextmanager
    async def _bench(
        self, guards: GuardIndex, counters: InvocationCounters, gate: Gate, budget: Budget | None, work: Work
    ) -> AsyncIterator[tuple[Bench, PendingFile]]:
        """Open store, list of waiting requests and models, and tell every second what comes."""
        async with AsyncExitStack() as stack:
            store = stack.enter_context(closing(ResponseStore(self.store_folder)))
            pending = stack.enter_context(closing(PendingFile(self.directory.root)))
            askers = await open_askers(
                self.recipe, store, counters, gate, pending.add, budget, self.watch, stack
            )
            bench = Bench(
                self.recipe,
                self.directory,
                self._prompts,
                guards,
                askers,
                pending,
                available,
                self.watch,
                gate,
                work,
                open_maths(stack),
                open_schemas(stack),
            )
            prices = self.recipe.models.prices()
            before, _ = totals(self.directory.root / "invocations")  # this one has counted nothing yet
            self._meter = Meter(counters, askers, gate, work, prices, cost(before, prices))
            try:
                async with self._meter.telling(self.watch):
                    yield bench, pending
            finally:
                self._meter = None

    @property
    def store_folder(self) -> Path:
        """Where responses are kept."""
        return self.recipe.responses.store or self.directory.root / "responses"

    def first_seeds(self, prepared: Prepared) -> list[Seed]:
        """Return the seeds of the first shard: those with the lowest ids, which is an even draw of all."""
        return self.directory.read_shard("normalize", 0, Seed) if prepared.shards else []

    def seeds_in_all(self) -> int:
        """Return how many seeds were normalised."""
        summary = self.directory.summary("normalize")
        return summary.count.kept if summary else 0

    def calibrated_seeds(self, prepared: Prepared) -> list[Seed]:
        """Return the seeds that the recipe's calibration solves at most, if a sandbox is there."""
        chosen = self._calibration(prepared).choose(lambda: True) if self.recipe.enrich.calibrate else {}
        return [seed for seeds in chosen.values() for seed in seeds]

    async def pilot(self, prepared: Prepared, count: int, gate: Gate, limits: Spending) -> Pilot:
        """Take a few seeds through all stages; their responses are stored, and nothing else is kept.

        :raises EndpointError: if a model cannot be reached.
        """
        shard = self.first_seeds(prepared)
        with closing(InvocationCounters(self.directory.root / "invocations")) as counters:
            await check_endpoints(self.recipe)
            work = Work(self.recipe, 0)
            async with self._bench(prepared.guards, counters, gate, self._budget(limits), work) as (bench, _):
                calibration = self._calibration(prepared)
                return await run_pilot(bench, shard[:count], shard, self.store_folder, calibration)

    def _budget(self, limits: Spending) -> Budget | None:
        """Return what is left to spend: a limit holds for the run directory's whole life."""
        if limits.usd is None and limits.tokens is None:
            return None
        spent, _ = totals(self.directory.root / "invocations")
        tokens = used(spent).tokens
        return Budget(limits.tokens, limits.usd, tokens, cost(spent, self.recipe.models.prices()) or 0.0)

    def leading(self, prepared: Prepared) -> int:
        """Return how many shards from the first on are finished."""
        mark = self._shard_marks(prepared)["filter"]
        done = (self.directory.shard_is_done("filter", n, mark) for n in range(prepared.shards))
        return sum(1 for _ in takewhile(bool, done))

    def _finished(self, plan: ShardPlan) -> int | None:
        """Return how many finished shards make the data set; None where one of them is not finished."""
        kept = 0
        for shard in range(plan.shards):
            if plan.accept is not None and kept >= plan.accept:
                return shard
            if not self.directory.shard_is_done("filter", shard, plan.fingerprints["filter"]):
                return None
            kept += self.directory.shard_count("filter", shard).kept
        return plan.shards

    def _shard_marks(self, prepared: Prepared) -> dict[str, str]:
        """Return the marks of the sharded stages; until it is known who is refused, marks of nothing."""
        calibration, guards = self._calibration(prepared), prepared.guards.fingerprint
        unknown = calibration.missing and self.recipe.enrich.min_precision is not None
        weak = ["not known yet"] if unknown else sorted(calibration.weak())
        prompts, maths = self._all_prompts(), maths_version()
        return shard_fingerprints(self._parts, prepared.upstream, guards, prompts, weak, maths)

    def _all_prompts(self) -> str:
        return self._prompts.hash(sorted(self._prompts.texts))

    def _forget_stale(self, plan: ShardPlan) -> dict[str, list[int]]:
        """Remove what was made from something else, so that status never mixes two makings.

        :returns: the shards that are done, by stage.
        """
        done = {}
        for stage in SHARDED:
            mark = plan.fingerprints[stage]
            done[stage] = [n for n in range(plan.shards) if self.directory.shard_is_done(stage, n, mark)]
            self.directory.drop_shards(stage, done[stage])
        return done

    def package(self, prepared: Prepared, shards: int, accept: int | None) -> int:
        """Make the data set of the first `shards` shards; returns its rows."""
        made_from = [self._shard_marks(prepared)["filter"], self._parts["package"], shards, accept]
        calibration = self._calibration(prepared)
        mark = fingerprint(*made_from, *([calibration.mark] if calibration.found() else []))
        summary = self.directory.summary("package")
        if summary is None or summary.fingerprint != mark:
            paths = [self.directory.shard_path("filter", "kept", n) for n in range(shards)]
            summary = package_rows(self.directory, self.recipe, paths, accept, mark)
        self._tell("package", summary.count, "")
        return int(summary.facts["rows"])

    def _watching(self, stage: str) -> Callable[[str, int, int], None]:
        return lambda what, done, total: self.watch(Event(stage, done, total, note=what))

    def _tell(self, stage: str, count: StageCount, note: str) -> None:
        self.watch(Event(stage, 1, 1, count.kept, sum(count.dropped.values()), note))


def _stamps(folder: Path | None) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of the user's own task files: editing them makes seeds anew."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []
    return [(str(f.relative_to(folder or f)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]


def _terms(entry: TaskEntry) -> dict[str, str | None]:
    """Return the terms of a task's data set, under the names that seeds give it."""
    licence = licence_of(entry)
    return {
        "dataset": entry.dataset_id,
        "config": entry.dataset_name,
        "license": licence.spdx,
        "obligations": ", ".join(licence.obligations),
        "evidence": f"“{licence.evidence}”, {licence.where}" if licence.evidence else "",
    }


def _reader(entry: TaskEntry, hub: Path | None) -> Callable[[], Iterable[Seed | Dropped]]:
    return lambda: read_seeds(entry, hub)
