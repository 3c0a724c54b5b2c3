"""Which part of a recipe each stage depends on, and what changes when a key changes.

Where a model lives, how fast it may be asked, its headers, options and price are not part of a fingerprint:
they change how a run goes, not what it makes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskseed.recipe import Recipe, redacted
from taskseed.records import canonical_json

__all__ = ["Change", "changes", "fingerprint", "parts"]

FORMAT = 2  # raised when a new version of a stage makes something else of the same input

_OF_FILTER = (
    "keep_per_question",
    "on_wrong_arithmetic",
)  # of `enrich`: what decides once all solves are there
_OF_CALIBRATION = ("calibrate", "min_precision")  # of `enrich`, but no matter of a vote
_HOW = (
    "base_url",
    "api_key_env",
    "ca_file",
    "concurrency",
    "requests_per_minute",
    "tokens_per_minute",
    "timeout",
    "headers",
    "options",
    "schema_hints",
    "price",
    "stream",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs between two recipes, and the first stage that has to be done again for it."""

    key: str
    before: Any
    after: Any
    stage: str


def parts(recipe: Recipe) -> dict[str, Any]:
    """Return, by stage in their order, the part of a recipe that the stage depends on.

    What is generated depends on calibration only by the families that it refuses: no part of a recipe.
    """
    data = redacted(recipe)
    for name, role in data["models"].items():
        if isinstance(role, dict):
            for key in _HOW:
                role.pop(key)
            role["model"] = getattr(recipe.models, name).name
    tasks, models = data["tasks"], data["models"]
    limits = ("max_seeds_per_task", "max_seeds_per_family")
    # Which judge it is matters to its verdicts alone.
    judged = {"models": {"judge": "is there"}} if recipe.models.role("judge") else {}
    others = {r: _resolved(recipe, r, data) for r in ("voter", "judge") if recipe.models.role(r)}
    return {
        "collect": {
            "tasks": {k: v for k, v in tasks.items() if k not in limits},
            "held_out": data["held_out"],
            **judged,
        },
        "normalize": {
            "tasks": {k: tasks[k] for k in limits},
            "screen": {"contamination": data["screen"]["contamination"]},
            "shard_size": data["shard_size"],
        },
        "calibrate": {"enrich": {k: data["enrich"][k] for k in _OF_CALIBRATION}},
        "generate": {
            "seed": data["seed"],
            "generate": data["generate"],
            "models": {"writer": models["writer"]},
        },
        "screen": {"screen": data["screen"]},
        "enrich": {
            "models": {"solver": _resolved(recipe, "solver", data), **others},
            "enrich": {k: v for k, v in data["enrich"].items() if k not in (*_OF_FILTER, *_OF_CALIBRATION)},
        },
        "filter": {"enrich": {k: data["enrich"][k] for k in _OF_FILTER}},
        "package": {"name": data["name"], "package": data["package"]},
    }


def _resolved(recipe: Recipe, role: str, data: Mapping[str, Any]) -> Any:
    value = data["models"][role]
    for _ in data["models"]:
        value = data["models"][value] if isinstance(value, str) else value
    return value


def fingerprint(*parts: Any) -> str:
    """Return a short content hash of what something is made from."""
    return hashlib.sha256(canonical_json([FORMAT, *parts])).hexdigest()[:16]


def changes(before: Recipe, after: Recipe) -> list[Change]:
    """Return what differs between two recipes that matters to the data, in the order of the stages."""
    old, new = parts(before), parts(after)
    found: list[Change] = []
    for stage in old:
        left, right = dict(_flat(old[stage])), dict(_flat(new[stage]))
        differing = [k for k in sorted(set(left) | set(right)) if left.get(k) != right.get(k)]
        found += [Change(key, left.get(key), right.get(key), stage) for key in differing]
    return found


def _flat(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        return [(prefix, value)]
    return [
        entry for key, inner in value.items() for entry in _flat(inner, f"{prefix}.{key}" if prefix else key)
    ]
