"""Calibration: a few seeds of each family, whose answers are known, solved blind as questions are.

They go through the real enrich stage and the response store, before any question of their family is written.
Nothing of them gets into the data set.
"""

import asyncio
import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from taskseed.checks.calibration import (
    Calibration,
    Figures,
    Place,
    PlaceBias,
    Solved,
    calibrate,
    place_bias,
    surely_below,
)
from taskseed.checks.orders import own_turns, shown_order
from taskseed.checks.votes import tally
from taskseed.io import read_table
from taskseed.recipe import Recipe
from taskseed.records import Decision, Dropped, Question, Seed, Solve, from_table
from taskseed.run.bench import Bench
from taskseed.run.directory import RunDirectory, StageCount, Summary
from taskseed.run.events import Event
from taskseed.run.fingerprints import fingerprint
from taskseed.run.shards import ask_all
from taskseed.run.usage import Tallies
from taskseed.stages.ballots import Hard, confirms
from taskseed.stages.generate import GENERATED_KINDS, unverifiable

__all__ = ["STAGE", "Calibrated", "RunCalibration", "as_question", "calibration_mark", "choose_seeds"]

STAGE = "calibrate"
MOST_FOR_PLAN = 50
"""Seeds of one family that a plan solves at most, where the recipe does not say how many."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration found.

    :param asked: seeds that were to be solved; `lost` of them got no response, and are in no figure.
    :param places: of the answers to multiple choice, by model.
    :param took: by the solver: `answers`, and tokens by the names of `Usage`.
    :param judged: likewise what a judge of free text took; empty where none was asked.
    :param voted: likewise what a voter took; empty where there is none.
    """

    figures: Calibration
    places: Sequence[PlaceBias]
    asked: int
    lost: int
    took: Mapping[str, int]
    judged: Mapping[str, int] = field(default_factory=dict)
    voted: Mapping[str, int] = field(default_factory=dict)

    def weak(self, least: float | None) -> dict[str, str]:
        """Return the families whose votes are surely right less often than `least`, and how that shows."""
        if least is None:
            return {}
        return {
            family: f"{f.right} of {f.decided} decided votes on its seeds were right, which is at most "
            f"{f.precision_high:.3f}; enrich.min_precision is {least}"
            for family, f in self.figures.families.items()
            if surely_below(f, least)
        }

    def told(self) -> dict[str, Any]:
        """Return what is stored and shown, as plain data."""
        return {
            "asked": self.asked,
            "lost": self.lost,
            "took": dict(self.took),
            "judged": dict(self.judged),
            "voted": dict(self.voted),
            "families": [asdict(figures) for figures in self.figures.families.values()],
            "overall": asdict(self.figures.overall),
            "places": [asdict(place) for place in self.places],
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Calibrated":
        """Return what `told` gave."""
        families = {stored["family"]: Figures.read(stored) for stored in told["families"]}
        figures = Calibration(families, Figures.read(told["overall"]))
        places = [PlaceBias(**{**p, **{k: tuple(p[k]) for k in ("chosen", "gold")}}) for p in told["places"]]
        counts = told["asked"], told["lost"]
        return cls(figures, places, *counts, told["took"], told["judged"], told.get("voted", {}))


def calibration_mark(
    parts: Mapping[str, Any], upstream: str, prompts: str, seeds: int, maths: str | None
) -> str:
    """Return the hash of everything that a calibration is made from.

    :param parts: of the recipe, see `fingerprints.parts`.
    :param seeds: how many are solved per family.
    :param maths: what compares expressions, if anything does: with it other votes are equal.
    """
    made_from = (upstream, parts["generate"]["seed"], parts["enrich"], prompts, seeds)
    return fingerprint("calibrate", *made_from, *([maths] if maths else []))


class RunCalibration:
    """The calibration of a run, in the folder `calibrate` of its directory.

    :param mark: fingerprint of everything that it is made from.
    :param shards: of seeds.
    """

    def __init__(self, directory: RunDirectory, recipe: Recipe, mark: str, shards: int) -> None:
        self._directory = directory
        self._recipe = recipe
        self._shards = shards
        self.mark = mark

    @property
    def wanted(self) -> bool:
        """Whether the recipe asks for one."""
        return self._recipe.enrich.calibrate > 0

    def found(self) -> Calibrated | None:
        """Return what is there already; None where it is made from something else, or not wanted."""
        summary = self._directory.summary(STAGE)
        if not self.wanted or summary is None or summary.fingerprint != self.mark:
            return None
        return Calibrated.read(summary.facts)

    @property
    def missing(self) -> bool:
        """Whether it is wanted and not there."""
        return self.wanted and self.found() is None

    def weak(self) -> dict[str, str]:
        """Return the families that are refused, and why; none before it is known."""
        found = self.found()
        return found.weak(self._recipe.enrich.min_precision) if found else {}

    def forget_other(self) -> None:
        """Remove what an earlier recipe made."""
        if self.found() is None:
            self._directory.forget_summary(STAGE)
            self._directory.drop_shards(STAGE)

    async def make(self, bench: Bench) -> Calibrated:
        """Return what is there, or solve the seeds and write down what that gave.

        :raises WaitingForBatch: if answers are still to come.
        """
        if (found := self.found()) is not None:
            return found
        self.forget_other()
        chosen = await asyncio.to_thread(self.choose, bench.can_run_code)
        calibrated, entries, took = await _solve(bench, [s for seeds in chosen.values() for s in seeds])
        count = self._directory.write_shard(STAGE, 0, self.mark, entries, Decision, took.by_role())
        self._directory.write_summary(STAGE, Summary(self.mark, count, calibrated.told()))
        _tell(bench, count)
        return calibrated

    def choose(
        self, can_run_code: Callable[[], bool], per_family: int | None = None
    ) -> dict[str, list[Seed]]:
        """Return the seeds to solve; see `choose_seeds`.

        :param per_family: in place of the recipe's number.
        """
        wanted = self._recipe.enrich.calibrate if per_family is None else per_family
        # Without a model that writes, no judge is asked either.
        judged = self._recipe.models.role("judge") is not None and self._recipe.generate.kind == "model"
        seed = self._recipe.seed
        return choose_seeds(self._directory, self._shards, wanted, seed, can_run_code, judged=judged)

    async def try_some(self, bench: Bench, seeds: int) -> Calibrated | None:
        """Return what the recipe's own calibration gives, or else one of about `seeds` seeds in all.

        The latter is written nowhere, but its responses are in the store. None where no model solves.
        """
        if self.wanted:
            return await self.make(bench)
        if self._recipe.models.role("solver") is None:
            return None
        chosen = await asyncio.to_thread(self.choose, bench.can_run_code, min(seeds, MOST_FOR_PLAN))
        each = -(-seeds // max(1, len(chosen)))
        calibrated, _, _ = await _solve(bench, [s for found in chosen.values() for s in found[:each]])
        return calibrated


def choose_seeds(
    directory: RunDirectory,
    shards: int,
    per_family: int,
    random_seed: int,
    can_run_code: Callable[[], bool],
    *,
    judged: bool = False,
) -> dict[str, list[Seed]]:
    """Draw seeds of each family that a vote can judge; the first of N + 1 are those of N.

    :param can_run_code: is asked where there are code seeds.
    :param judged: whether a judge is there, without whom votes on free text mean nothing.
    :returns: the seeds by family, families in order of their names.
    """
    drawn: dict[str, list[tuple[str, int, int]]] = {}
    for shard in range(shards):
        path = directory.shard_path("normalize", "kept", shard)
        columns = read_table(path, ["seed_id", "family", "kind"]).to_pydict()
        rows = zip(columns["seed_id"], columns["family"], columns["kind"], strict=True)
        for row, (seed_id, family, kind) in enumerate(rows):
            if kind in GENERATED_KINDS and (judged or kind != "free_text"):
                draw = hashlib.sha256(f"calibrate {random_seed} {seed_id}".encode()).hexdigest()
                drawn.setdefault(family, []).append((draw, shard, row))
        for family, places in drawn.items():  # some more than wanted: a few cannot be judged
            drawn[family] = heapq.nsmallest(2 * per_family + 10, places)
    loaded = _load(directory, [place for places in drawn.values() for place in places])
    has_code = any(seed.kind == "code" for seed in loaded.values())
    runs_code = has_code and can_run_code()
    chosen: dict[str, list[Seed]] = {}
    for family, places in sorted(drawn.items()):
        seeds = [loaded[place] for place in sorted(places)]
        fit = [seed for seed in seeds if unverifiable(seed, can_run_code=runs_code, free_text=judged) is None]
        if fit:
            chosen[family] = fit[:per_family]
    return chosen


def _load(
    directory: RunDirectory, places: Sequence[tuple[str, int, int]]
) -> dict[tuple[str, int, int], Seed]:
    loaded: dict[tuple[str, int, int], Seed] = {}
    for shard in sorted({place[1] for place in places}):
        mine = [place for place in places if place[1] == shard]
        table = read_table(directory.shard_path("normalize", "kept", shard))
        seeds = from_table(table.take([row for _, _, row in mine]), Seed)
        loaded |= dict(zip(mine, seeds, strict=True))
    return loaded


def as_question(seed: Seed) -> Question:
    """Return a seed as a question whose proposed answer is the gold one, which no solve is shown."""
    return Question(
        question_id=seed.seed_id,
        seed_id=seed.seed_id,
        task=seed.task,
        slot=0,
        kind=seed.kind,
        question=seed.question,
        context=seed.context,
        options=seed.options,
        answer=seed.answer,
        answer_index=seed.answer_index,
        aliases=seed.aliases,
        checks=seed.checks,
        solution=None,
        derivation="written",
        writer_model=None,
        writer_prompt=None,
        extractor=seed.extractor,
        equivalence=seed.equivalence,
        schema=seed.schema,
    )


async def _solve(bench: Bench, seeds: Sequence[Seed]) -> tuple[Calibrated, list[Decision | Dropped], Tallies]:
    """Solve seeds blind; returns what that gave, one entry per seed, and what the answers took."""
    done = Counter[str]()

    def solved() -> None:
        done["seeds"] += 1
        if done["seeds"] % 50 == 0:
            bench.watch(Event(STAGE, done["seeds"], len(seeds), note="seeds solved blind"))

    questions = [as_question(seed) for seed in seeds]
    made, took = await ask_all(bench, lambda took: bench.solve_seeds(questions, took, solved))
    families = [seed.family for seed in seeds]
    entries, found, places = await asyncio.to_thread(_judge_all, bench, questions, made, families)
    calibrated = Calibrated(
        calibrate(found),
        place_bias(places),
        asked=len(seeds),
        lost=len(seeds) - len(found),
        took=_sums(took, "solver"),
        judged=_sums(took, "judge") if "judge" in took.by_role() else {},
        voted=_sums(took, "voter") if "voter" in took.by_role() else {},
    )
    return calibrated, entries, took


def _sums(took: Tallies, role: str) -> dict[str, int]:
    answers, used = took.of(role).sums()
    return {"answers": answers, **asdict(used)}


def _judge_all(
    bench: Bench, questions: Sequence[Question], made: Sequence[Decision | Dropped], families: Sequence[str]
) -> tuple[list[Decision | Dropped], list[Solved], list[Place]]:
    """Compare votes with gold answers, which may take computer algebra."""
    entries = [_against_gold(q, entry, bench.hard) for q, entry in zip(questions, made, strict=True)]
    found: list[Solved] = []
    places: list[Place] = []
    for question, entry, family in zip(questions, entries, families, strict=True):
        if isinstance(entry, Dropped) and entry.reason == "no_response":
            continue
        solves = _solves(entry)
        found.append(_judged(question, entry, solves, family, bench))
        places += _places(question, solves, bench.recipe.seed)
    return entries, found, places


def _against_gold(question: Question, entry: Decision | Dropped, hard: Hard) -> Decision | Dropped:
    """Return an entry as this stage's: kept only where the votes are for the gold answer."""
    if isinstance(entry, Decision):
        if confirms(question, entry.winner, hard):
            return entry
        return Dropped.of(
            STAGE,
            "disagrees_with_gold",
            {"question": question, "solves": list(entry.solves)},
            id=question.question_id,
            task=question.task,
            seed_id=question.seed_id,
            score=entry.agreement,
            evidence=f"{question.answer} / {entry.winner}",
        )
    # Code is decided by its tests, and what has a JSON schema by that: they are the gold here,
    # so that a vote against them is dropped already.
    reason = "disagrees_with_gold" if entry.reason == "disagrees_with_writer" else entry.reason
    return replace(entry, stage=STAGE, reason=reason)


def _solves(entry: Decision | Dropped) -> Sequence[Solve]:
    if isinstance(entry, Decision):
        return entry.solves
    return [Solve(**stored) for stored in orjson.loads(entry.record)["solves"]]


def _judged(
    question: Question, entry: Decision | Dropped, solves: Sequence[Solve], family: str, bench: Bench
) -> Solved:
    known: dict[str | None, bool] = {None: False}  # each distinct vote is judged once

    def right(vote: str | None) -> bool:
        if vote not in known:
            known[vote] = vote is not None and confirms(question, vote, bench.hard)
        return known[vote]

    counted = tally([solve.vote for solve in solves])
    decided = isinstance(entry, Decision) or entry.reason == "disagrees_with_gold"
    first = [solve for solve in solves if solve.index < bench.recipe.enrich.min_votes]
    return Solved(
        family,
        decided,
        counted.agreement if counted.leader is not None else None,
        right(counted.leader) if counted.leader is not None else None,
        len(first),
        sum(right(solve.vote) for solve in first),
    )


def _places(question: Question, solves: Sequence[Solve], random_seed: int) -> list[Place]:
    """Return where the chosen and the right option of each read solve stood, as it was shown them."""
    if question.kind != "multiple_choice" or question.answer_index is None:
        return []
    places = []
    turns = own_turns(solves)
    for solve in sorted(solves, key=lambda s: s.index):
        if solve.vote in question.options:
            order = shown_order(question, turns[solve.solve_id], random_seed)
            chosen = order.index(question.options.index(solve.vote))
            places.append(Place(solve.solver_model or "", chosen, order.index(question.answer_index)))
    return places


def _tell(bench: Bench, count: StageCount) -> None:
    bench.watch(Event(STAGE, 1, 1, count.kept, sum(count.dropped.values())))
