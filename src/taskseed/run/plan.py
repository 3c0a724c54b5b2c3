"""`taskseed plan`: what a run will ask, use, cost and give, before it is paid for.

From a pilot, each figure is its mean over the pilot's seeds times all seeds, with the 95 % interval of the
percentile bootstrap (Efron, 1979) over seeds. Without one only bounds can be told: prompts have a length, but
nobody knows how long answers will be, how many questions pass and how many votes they need.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from taskseed.errors import UsageError
from taskseed.io import lock, write_json
from taskseed.models.base import Usage
from taskseed.prompts import Messages, draw_axes, judge_messages, solver_messages, writer_messages
from taskseed.recipe import ModelSpec, Recipe
from taskseed.records import Seed
from taskseed.run.adopt import adopt_recipe
from taskseed.run.askers import Gate, check_budget, resolve_keys
from taskseed.run.calibrate import as_question
from taskseed.run.events import Watch
from taskseed.run.ledger import StateFile
from taskseed.run.local import interruptible
from taskseed.run.pilot import Pilot
from taskseed.run.pipeline import Pipeline, Prepared, Spending
from taskseed.run.usage import TOKENS, usd
from taskseed.stages.generate import GENERATED_KINDS
from taskseed.stages.judging import most_requests

__all__ = ["FIGURES", "Figure", "Plan", "make_plan"]

FIGURES = ("answers", "input", "output", "usd", "rows")
"""What is told: completions, tokens in and out, USD, rows of the data set."""

_BYTES_PER_TOKEN = 4
_LOOKED_AT = 200  # seeds whose prompts are measured
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for the whole run: a middle value and its bounds; None where nobody can tell.

    :param pilot: the pilot's own sum.
    """

    middle: float | None
    low: float | None
    high: float | None
    pilot: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to expect.

    :param seeds: of the whole run.
    :param pilot: seeds of the pilot; 0 without one, and then `low` and `high` are bounds, not an interval.
    :param figures: by the names of `FIGURES`.
    :param seconds: of the whole run at the pilot's pace; None where nothing was asked now.
    :param estimated: whether tokens of the pilot had to be estimated from the lengths of texts.
    :param calibration: what solved seeds say of the solver and of the labels, and what solving them took: a
        part of the figures if the recipe wants it; None without a pilot or a solver.
    """

    seeds: int
    pilot: int
    figures: dict[str, Figure]
    seconds: float | None
    estimated: bool = False
    calibration: dict[str, Any] | None = None


def make_plan(
    recipe: Recipe, root: Path, pilot: int, limit: int | None, spending: Spending, watch: Watch
) -> Plan:
    """Collect and normalise the seeds, ask for a pilot of some of them, and say what the run will take.

    The plan is also written to `plan.json` in the run directory.

    :param pilot: how many seeds to try; 0 asks nothing.
    :param limit: as the run's.
    :param spending: the most that the run directory may spend, the pilot included.
    :raises UsageError: if the recipe cannot be run, or asks no endpoint that a pilot could ask.
    :raises StoppedShort: if the pilot reaches a limit of spending.
    """
    if pilot and recipe.responses.on_miss == "queue":
        raise UsageError("a pilot asks an endpoint, and responses.on_miss is queue", "leave --pilot out")
    if pilot:
        resolve_keys(recipe)
        check_budget(recipe, spending.usd, spending.tokens)
    with lock(root):
        adopt_recipe(recipe, root, update=False)
        pipeline = Pipeline(recipe, root, watch)
        prepared = pipeline.prepare(limit)
        seeds = pipeline.seeds_in_all()
        if pilot:
            gate = Gate()
            trying = pipeline.pilot(prepared, pilot, gate, spending)
            found = asyncio.run(interruptible(trying, gate, pipeline.tell_traffic))
            plan = _from_pilot(recipe, found, seeds)
        else:
            plan = _from_lengths(recipe, pipeline, prepared, seeds)
        write_json(root / "plan.json", asdict(plan))
        if not StateFile(root).path.exists():
            StateFile(root).write("stopped", "a plan was made, nothing was run")
        return plan


def _from_pilot(recipe: Recipe, pilot: Pilot, seeds: int) -> Plan:
    columns: dict[str, Any] = {name: [getattr(cost, name) for cost in pilot.seeds] for name in FIGURES}
    figures = {name: _interval(values, seeds) for name, values in columns.items()}
    calibration = _calibration(recipe, pilot)
    if calibration and recipe.enrich.calibrate:  # whose cost does not grow with the run
        figures = {name: _with_fixed(f, calibration["took"].get(name, 0)) for name, f in figures.items()}
    tried = len(pilot.seeds)
    seconds = pilot.seconds * seeds / tried if pilot.sent and tried else None
    return Plan(seeds, tried, figures, seconds, any(cost.estimated for cost in pilot.seeds), calibration)


def _calibration(recipe: Recipe, pilot: Pilot) -> dict[str, Any] | None:
    found = pilot.calibrated
    if found is None:
        return None
    took: dict[str, float | None] = {"answers": 0, "input": 0, "output": 0, "usd": 0.0}
    for role, amounts in (("solver", found.took), ("voter", found.voted), ("judge", found.judged)):
        used = Usage(**{name: amounts.get(name, 0) for name in TOKENS})
        more = {
            "answers": amounts.get("answers", 0),
            "input": used.input + used.estimated_input,
            "output": used.output + used.estimated_output,
            "usd": usd(used, recipe.models.prices().get(role)),
        }
        took = {name: _plus(amount, more[name]) for name, amount in took.items()}
    weak = found.weak(recipe.enrich.min_precision)
    labels = asdict(pilot.labels) if pilot.labels else None
    return {**found.told(), "took": took, "weak": weak, "label_precision": labels}


def _plus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right


def _with_fixed(figure: Figure, amount: float | None) -> Figure:
    values = (figure.middle, figure.low, figure.high, figure.pilot)
    return Figure(*(_plus(value, amount) for value in values))


def _interval(values: list[float | None], seeds: int) -> Figure:
    if not values or any(value is None for value in values):
        return Figure(None, None, None)
    taken = np.array(values, dtype=float)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(taken), (_RESAMPLES, len(taken)))
    low, high = np.percentile(taken[drawn].mean(axis=1), [2.5, 97.5])
    return Figure(float(taken.mean() * seeds), float(low * seeds), float(high * seeds), float(taken.sum()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """How often a role is asked, and how long its requests are.

    :param most: answers at most.
    :param tokens: mean of a request's input.
    """

    role: str
    most: float
    tokens: float


def _from_lengths(recipe: Recipe, pipeline: Pipeline, prepared: Prepared, seeds: int) -> Plan:
    """Return bounds: every slot may fail or give a question, and a question gets from min to max votes."""
    drawn = pipeline.first_seeds(prepared)[:_LOOKED_AT]
    looked_at = [seed for seed in drawn if seed.kind in GENERATED_KINDS]
    count = seeds * len(looked_at) / max(1, len(drawn))
    spec, enrich = recipe.generate, recipe.enrich
    questions = sum(spec.questions_of(seed.family) for seed in looked_at) / max(1, len(looked_at))
    slots = count * (questions + spec.numeric_variants)
    calls = sum(ceil(spec.questions_of(seed.family) / spec.questions_per_call) for seed in looked_at)
    writing = 0.0 if spec.kind == "numeric" else count * calls / max(1, len(looked_at))
    written = 0.0 if spec.kind == "numeric" else count * questions
    solving = slots * enrich.max_votes if recipe.models.role("solver") else 0.0
    blind = pipeline.calibrated_seeds(prepared)
    solving += len(blind) * enrich.max_votes
    one_each = 0.0 if spec.kind == "numeric" else count  # all slots of a seed may come of one request
    asked = [
        _Asked("writer", writing * spec.attempts, _writer_tokens(recipe, pipeline, looked_at)),
        *_solving(recipe, solving, _solver_tokens(pipeline, looked_at)),
        _judging(recipe, pipeline, looked_at, written, blind),
    ]
    return Plan(
        seeds,
        0,
        {
            "answers": Figure(None, writing, sum(a.most for a in asked)),
            "input": Figure(None, one_each * asked[0].tokens, sum(a.most * a.tokens for a in asked)),
            "output": Figure(None, 0.0, _most_output(recipe, asked)),
            "usd": Figure(None, 0.0, _most_usd(recipe, asked)),
            "rows": Figure(None, 0.0, slots * enrich.keep_per_question),
        },
        None,
    )


def _solving(recipe: Recipe, most: float, tokens: float) -> list[_Asked]:
    """Return what solves take; a solver and a voter take turns."""
    turns = [role for role in ("solver", "voter") if recipe.models.role(role) is not None]
    return [_Asked(role, most / len(turns), tokens) for role in turns]


def _judging(
    recipe: Recipe, pipeline: Pipeline, seeds: list[Seed], questions: float, blind: list[Seed]
) -> _Asked:
    """Return what a judge of free text may be asked; verbatim answers need none, so it may be nothing.

    :param blind: the seeds that a calibration solves.
    """
    free = [seed for seed in seeds if seed.kind == "free_text"]
    free_blind = [seed for seed in blind if seed.kind == "free_text"]
    if not (free or free_blind) or recipe.models.role("judge") is None:
        return _Asked("judge", 0.0, 0.0)
    anchored = recipe.enrich.on_disagreement == "drop"
    each = most_requests(recipe.enrich.max_votes, anchored=anchored)
    most = questions * len(free) / max(1, len(seeds)) * each
    most += len(free_blind) * most_requests(recipe.enrich.max_votes, anchored=False)
    asked = (
        judge_messages(pipeline.prompts, as_question(s), s.answer, s.answer)[0] for s in free + free_blind
    )
    return _Asked("judge", most, _mean_tokens(asked))


def _writer_tokens(recipe: Recipe, pipeline: Pipeline, seeds: list[Seed]) -> float:
    spec = recipe.generate
    siblings = seeds[: spec.examples]
    asked = []
    for seed in seeds:
        slots = range(min(spec.questions_per_call, spec.questions_of(seed.family)))
        axes = [draw_axes(pipeline.prompts, spec.axes, seed, slot, recipe.seed) for slot in slots]
        asked.append(writer_messages(pipeline.prompts, seed, siblings, axes)[0])
    return _mean_tokens(asked)


def _solver_tokens(pipeline: Pipeline, seeds: list[Seed]) -> float:
    """Return the mean input of a solver's request; seeds stand for questions."""
    orders = ((seed, range(len(seed.options))) for seed in seeds)
    return _mean_tokens(
        solver_messages(pipeline.prompts, as_question(seed), "reasoning", order)[0] for seed, order in orders
    )


def _mean_tokens(prompts: Iterable[Messages]) -> float:
    sizes = [sum(len(m["content"].encode()) for m in messages) for messages in prompts]
    return sum(sizes) / max(1, len(sizes)) / _BYTES_PER_TOKEN


def _limit(spec: ModelSpec | None) -> int | None:
    found = [spec.sampling.get(n) for n in ("max_tokens", "max_completion_tokens")] if spec else [0]
    return next((n for n in found if isinstance(n, int)), None)


def _most_output(recipe: Recipe, asked: Sequence[_Asked]) -> float | None:
    limits = [(a.most, _limit(recipe.models.role(a.role))) for a in asked if a.most]
    if any(limit is None for _, limit in limits):
        return None
    return sum((most * (limit or 0) for most, limit in limits), 0.0)


def _most_usd(recipe: Recipe, asked: Sequence[_Asked]) -> float | None:
    usd = 0.0
    for a in asked:
        spec = recipe.models.role(a.role)
        if not a.most:
            continue
        limit = _limit(spec)
        if spec is None or spec.price is None or limit is None:
            return None
        usd += a.most * (a.tokens * spec.price.input + limit * spec.price.output) / 1e6
    return usd
