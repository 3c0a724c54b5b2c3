"""`taskseed plan`: what a run will ask, use, cost and give, before it is paid for.

From a pilot, each figure is its mean over the pilot's seeds times all seeds, with the 95 % interval of the
percentile bootstrap (Efron, 1979) over seeds. Without one only bounds can be told: prompts have a length, but
nobody knows how long answers will be, how many questions pass and how many votes they need.
"""

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taskseed.errors import UsageError
from taskseed.io import lock, write_json
from taskseed.models.base import Usage
from taskseed.prompts import solver_messages, writer_messages
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
    used = Usage(**{name: found.took[name] for name in TOKENS})
    took = {
        "answers": found.took["answers"],
        "input": used.input + used.estimated_input,
        "output": used.output + used.estimated_output,
        "usd": usd(used, recipe.models.prices().get("solver")),
    }
    weak = found.weak(recipe.enrich.min_precision)
    labels = asdict(pilot.labels) if pilot.labels else None
    return {**found.told(), "took": took, "weak": weak, "label_precision": labels}


def _with_fixed(figure: Figure, amount: float | None) -> Figure:
    values = (figure.middle, figure.low, figure.high, figure.pilot)
    return Figure(*(None if value is None or amount is None else value + amount for value in values))


def _interval(values: list[float | None], seeds: int) -> Figure:
    if not values or any(value is None for value in values):
        return Figure(None, None, None)
    taken = np.array(values, dtype=float)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(taken), (_RESAMPLES, len(taken)))
    low, high = np.percentile(taken[drawn].mean(axis=1), [2.5, 97.5])
    return Figure(float(taken.mean() * seeds), float(low * seeds), float(high * seeds), float(taken.sum()))


def _from_lengths(recipe: Recipe, pipeline: Pipeline, prepared: Prepared, seeds: int) -> Plan:
    """Return bounds: every slot may fail or give a question, and a question gets from min to max votes."""
    drawn = pipeline.first_seeds(prepared)[:_LOOKED_AT]
    looked_at = [seed for seed in drawn if seed.kind in GENERATED_KINDS]
    asked = seeds * len(looked_at) / max(1, len(drawn))
    written, solved = _lengths(recipe, pipeline, looked_at)
    spec, enrich = recipe.generate, recipe.enrich
    numeric = spec.kind == "numeric"
    questions = sum(spec.questions_of(seed.family) for seed in looked_at) / max(1, len(looked_at))
    slots = asked * (questions + spec.numeric_variants)
    writing = 0.0 if numeric else asked * questions
    most_writing = writing * spec.attempts
    most_solving = slots * enrich.max_votes if recipe.models.role("solver") else 0.0
    most_solving += pipeline.calibrated_seeds(prepared) * enrich.max_votes
    tokens_in = (0.0 if numeric else asked * written), most_writing * written + most_solving * solved
    most_out = _most_output(recipe, most_writing, most_solving)
    return Plan(
        seeds,
        0,
        {
            "answers": Figure(None, writing, most_writing + most_solving),
            "input": Figure(None, *tokens_in),
            "output": Figure(None, 0.0, most_out),
            "usd": Figure(None, 0.0, _most_usd(recipe, most_writing, written, most_solving, solved)),
            "rows": Figure(None, 0.0, slots * enrich.keep_per_question),
        },
        None,
    )


def _lengths(recipe: Recipe, pipeline: Pipeline, seeds: list[Seed]) -> tuple[float, float]:
    """Return the mean input tokens of a writer's and a solver's request; seeds stand for questions."""
    if not seeds:
        return 0.0, 0.0
    siblings = seeds[: recipe.generate.examples]
    asked = [writer_messages(pipeline.prompts, seed, siblings)[0] for seed in seeds]
    solved = [
        solver_messages(pipeline.prompts, as_question(seed), "reasoning", range(len(seed.options)))[0]
        for seed in seeds
    ]

    def mean(prompts: Any) -> float:
        size = sum(len(m["content"].encode()) for messages in prompts for m in messages)
        return size / len(prompts) / _BYTES_PER_TOKEN

    return mean(asked), mean(solved)


def _limit(spec: ModelSpec | None) -> int | None:
    found = [spec.sampling.get(n) for n in ("max_tokens", "max_completion_tokens")] if spec else [0]
    return next((n for n in found if isinstance(n, int)), None)


def _most_output(recipe: Recipe, writing: float, solving: float) -> float | None:
    most = 0.0
    for role, answers in (("writer", writing), ("solver", solving)):
        limit = _limit(recipe.models.role(role)) if answers else 0
        if limit is None:
            return None
        most += answers * limit
    return most


def _most_usd(recipe: Recipe, writing: float, written: float, solving: float, solved: float) -> float | None:
    usd = 0.0
    for role, answers, tokens_in in (("writer", writing, written), ("solver", solving, solved)):
        spec = recipe.models.role(role)
        if not answers:
            continue
        limit = _limit(spec)
        if spec is None or spec.price is None or limit is None:
            return None
        usd += answers * (tokens_in * spec.price.input + limit * spec.price.output) / 1e6
    return usd
