"""What answers took, by stage, role and task, and what that costs.

There are two accounts. The counters say what this run directory paid for: every attempt, once. The shards
say, by task, what the answers that they are made of took, whether paid for here or found in a store.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from taskseed.models.base import Prompt, Usage
from taskseed.models.stored import Answer
from taskseed.models.usage import total, with_estimates
from taskseed.recipe import Price
from taskseed.run.directory import RunDirectory

__all__ = [
    "CALIBRATION",
    "STAGE_OF",
    "TOKENS",
    "Tallies",
    "Tally",
    "recipe_role",
    "usage_by_task",
    "usage_row",
    "usd",
]

CALIBRATION = "calibration"
"""What the solver's answers to seeds are counted as: a purpose of their own, beside the roles of a recipe."""

STAGE_OF = {
    CALIBRATION: "calibrate",
    "writer": "generate",
    "solver": "enrich",
    "voter": "enrich",
    "judge": "enrich",
}
_ASKED_IN = (
    ("calibrate", "solver"),
    ("calibrate", "voter"),
    ("calibrate", "judge"),
    ("generate", "writer"),
    ("enrich", "solver"),
    ("enrich", "voter"),
    ("enrich", "judge"),
)
TOKENS = tuple(field.name for field in fields(Usage))


class Tally:
    """Adds up, by task, what a role's answers took in a stage."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (1 + len(TOKENS)))

    def add(self, task: str, prompt: Prompt, answers: Sequence[Answer]) -> None:
        """Count the completions among the answers to one prompt."""
        came = [answer.completion for answer in answers if answer.completion is not None]
        if not came:
            return
        used = total(with_estimates(prompt, came))
        sums = self._sums[task]
        sums[0] += len(came)
        for place, name in enumerate(TOKENS, 1):
            sums[place] += getattr(used, name)

    def by_task(self) -> dict[str, dict[str, int]]:
        """Return `answers` and the tokens by the names of `Usage`, by task; zeros are left out."""
        names = ("answers", *TOKENS)
        return {
            task: {name: amount for name, amount in zip(names, sums, strict=True) if amount}
            for task, sums in sorted(self._sums.items())
        }

    def sums(self) -> tuple[int, Usage]:
        """Return answers and tokens over all tasks."""
        columns = [sum(column) for column in zip(*self._sums.values(), strict=True)] or [0]
        return columns[0], Usage(*columns[1:])


class Tallies:
    """Adds up what the answers of each role took in a stage."""

    def __init__(self) -> None:
        self._of: defaultdict[str, Tally] = defaultdict(Tally)

    def of(self, role: str) -> Tally:
        """Return the tally of a role."""
        return self._of[role]

    def by_role(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return `Tally.by_task` of each role that got answers."""
        return {role: used for role, tally in sorted(self._of.items()) if (used := tally.by_task())}


def usd(usage: Usage, price: Price | None) -> float | None:
    """Return what tokens cost in USD, estimated ones included; None where there are some without a price."""
    if price is None:
        return None if usage.tokens else 0.0
    cached = price.input if price.cached_input is None else price.cached_input
    full = usage.input - usage.cached + usage.estimated_input
    written = usage.output + usage.estimated_output
    return (full * price.input + usage.cached * cached + written * price.output) / 1e6


def recipe_role(purpose: str) -> str:
    """Return the role of a recipe whose model answers for a purpose that is counted by itself."""
    return "solver" if purpose == CALIBRATION else purpose


def usage_row(stage: str, role: str, usage: Usage, price: Price | None, **facts: Any) -> dict[str, Any]:
    """Return one line of a table of usage; `cost_usd` is None where it is not known.

    :param facts: what stands between the role and the tokens: model, task, counts.
    """
    cost = usd(usage, price)
    return {
        "stage": stage,
        "role": role,
        **facts,
        "input": usage.input,
        "output": usage.output,
        "cached_input": usage.cached,
        "reasoning": usage.reasoning,
        "estimated": usage.estimated,
        "estimated_input": usage.estimated_input,
        "estimated_output": usage.estimated_output,
        "cost_usd": None if cost is None else round(cost, 6),
    }


def usage_by_task(
    directory: RunDirectory,
    prices: Mapping[str, Price | None],
    models: Mapping[str, str],
    shards: Iterable[int] | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Return what the answers of finished shards took, by stage and task; and how many shards do not tell.

    Shards that an earlier version made do not tell.

    :param shards: which; None is all that a stage has finished.
    """
    rows: list[dict[str, Any]] = []
    silent: set[int] = set()
    for stage, role in _ASKED_IN:
        if role not in models:
            continue
        sums: defaultdict[str, tuple[int, Usage]] = defaultdict(lambda: (0, Usage()))
        whole = shards is None or stage == "calibrate"  # which has one shard, whatever the run's are
        for shard in directory.shards(stage) if whole else shards or ():
            used = directory.shard_usage(stage, shard, role)
            if used is None:
                silent.add(shard)
            for task, amounts in (used or {}).items():
                answers, usage = sums[task]
                more = Usage(**{name: amounts.get(name, 0) for name in TOKENS})
                sums[task] = answers + amounts["answers"], usage + more
        rows += [
            usage_row(stage, role, usage, prices.get(role), model=models[role], task=task, answers=answers)
            for task, (answers, usage) in sorted(sums.items())
        ]
    return rows, len(silent)
