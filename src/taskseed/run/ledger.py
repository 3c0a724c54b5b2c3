"""What a run directory has cost and reached: counters that survive a kill, the state, and `status`."""

import fcntl
import mmap
import os
import secrets
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskseed.errors import UsageError
from taskseed.io import disk_errors, write_json
from taskseed.models.base import Usage
from taskseed.recipe import Price
from taskseed.run.directory import SHARDED, RunDirectory, Summary, read_json
from taskseed.run.usage import CALIBRATION, STAGE_OF, TOKENS, recipe_role, usage_by_task, usage_row, usd

__all__ = [
    "NAMES",
    "PURPOSES",
    "ROLES",
    "InvocationCounters",
    "StateFile",
    "cost",
    "status",
    "totals",
    "used",
]

ROLES = ("writer", "solver", "judge", "voter")
PURPOSES = (CALIBRATION, *ROLES)
"""What is counted apart: the roles of a recipe, and the solver's calibration on seeds."""

_FIRST_ROLES = ROLES[:3]
_FIRST = ("sent", "answered", "failed", "from_store", "possibly_billed", "input", "output")
_LATER = ("cached", "reasoning", "estimated_input", "estimated_output")
NAMES = (*_FIRST, *_LATER)
# What came later has its slots behind all others, so that an earlier version's file is a beginning.
_BEGINNING = [(role, name) for names in (_FIRST, _LATER) for role in _FIRST_ROLES for name in names]
_OF_VOTER = [("voter", name) for name in NAMES]
_OF_CALIBRATION = [(CALIBRATION, name) for name in NAMES]
_SLOTS = {slot: i for i, slot in enumerate([*_BEGINNING, *_OF_VOTER, *_OF_CALIBRATION])}
_LAYOUT = struct.Struct(f"={len(_SLOTS)}Q")
# By size in bytes: the slots of the files of this and of earlier versions, the latest of which had no voter.
_LAYOUTS = {
    8 * len(slots): slots
    for slots in (
        _BEGINNING[: len(_FIRST_ROLES) * len(_FIRST)],
        _BEGINNING,
        [*_BEGINNING, *_OF_CALIBRATION],
        list(_SLOTS),
    )
}


class InvocationCounters:
    """The running totals of one invocation, in a memory-mapped file.

    A page of shared memory belongs to the file, not to the process: what was counted before a `kill -9` is
    still there after it, at the price of one memory write per count. (A power cut may lose the last seconds.)
    """

    def __init__(self, folder: Path) -> None:
        self.path = (
            folder / f"{time.time_ns() // 1_000_000:015d}-{os.getpid()}-{secrets.token_hex(2)}.counters"
        )
        with disk_errors(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(bytes(_LAYOUT.size))
            with self.path.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._cells = memoryview(self._map).cast("Q")

    def add(self, role: str, name: str, amount: int) -> None:
        """Add an amount to one total of a role."""
        self._cells[_SLOTS[role, name]] += amount

    def total(self, name: str) -> int:
        """Return one total over all roles."""
        return sum(self._cells[_SLOTS[role, name]] for role in PURPOSES)

    def of(self, role: str, name: str) -> int:
        """Return one total of one role."""
        return self._cells[_SLOTS[role, name]]

    def all(self) -> dict[tuple[str, str], int]:
        """Return every total by (role, name)."""
        return dict(zip(_SLOTS, self._cells, strict=True))

    def close(self) -> None:
        """Flush and close the file."""
        self._map.flush()
        self._cells.release()
        self._map.close()


def totals(folder: Path) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """Return the totals by (role, name): over all invocations, and of the last one."""
    everything = dict.fromkeys(_SLOTS, 0)
    last = dict(everything)
    for path in sorted(folder.glob("*.counters")):
        data = path.read_bytes()
        if (slots := _LAYOUTS.get(len(data))) is not None:
            last = dict.fromkeys(_SLOTS, 0)
            last |= zip(slots, struct.unpack(f"={len(slots)}Q", data), strict=True)
            for slot, amount in last.items():
                everything[slot] += amount
    return everything, last


class StateFile:
    """Where an invocation says how it ended; a run that is under way is known by its lock instead."""

    def __init__(self, root: Path) -> None:
        self.path = root / "state.json"

    def write(self, state: str, reason: str = "") -> None:
        """Say `done`, `waiting` or `stopped`, and why."""
        write_json(
            self.path,
            {"state": state, "reason": reason, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())},
        )

    def read(self) -> Mapping[str, str]:
        """Return what the last invocation said; `stopped` if it could not."""
        return read_json(self.path) or {"state": "stopped", "reason": "it did not end by itself"}


def _in_use(root: Path) -> bool:
    try:
        handle = os.open(root / ".lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _under_way(root: Path, last: Mapping[tuple[str, str], int]) -> dict[str, float] | None:
    """Return what the invocation under way has asked so far; None where none is, or it asks nothing yet."""
    files = sorted((root / "invocations").glob("*.counters"))
    if not files or not _in_use(root):
        return None
    began, process, _ = files[-1].stem.split("-")
    if (root / ".lock").read_text(encoding="utf-8", errors="replace").strip() != f"process {process}":
        return None  # it collects or normalises: the last counters are those of an earlier one
    asked = {name: sum(last[role, name] for role in PURPOSES) for name in NAMES}
    return {"seconds": round(max(0.0, time.time() - int(began) / 1000), 1), **asked}


def status(
    root: Path, prices: Mapping[str, Price | None], models: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what `taskseed status --json` prints; works while another process runs.

    `cost_usd` is null where a model that was paid has no known price. `usage` is what was paid for here, by
    role; `usage_by_task` what the answers that finished shards are made of took, wherever they came from.
    `calibration` is what solved seeds say (docs/calibration.md); null where none were.
    `under_way` has the seconds and totals of the invocation that runs now, and is null where none does.

    :param models: the name of each role's model; without them `usage_by_task` is empty.
    :raises UsageError: if the folder is not a run directory.
    """
    if not (root / "recipe.yaml").exists():
        raise UsageError(f"`{root}` is not a run directory", "name the folder that `taskseed run` wrote to")
    directory = RunDirectory(root)
    everything, last = totals(root / "invocations")

    def total(name: str) -> int:
        return sum(everything[role, name] for role in PURPOSES)

    package, normalize = directory.summary("package"), directory.summary("normalize")
    by_task, silent = usage_by_task(directory, prices, models or {})
    said = StateFile(root).read()
    return {
        "state": "running" if _in_use(root) else said["state"],
        "reason": said.get("reason", ""),
        "stages": [
            {"stage": c.stage, "in": c.entered, "kept": c.kept, "dropped": dict(c.dropped)}
            for c in directory.funnel()
        ],
        "shards": {
            "total": normalize.facts["shards"] if normalize else 0,
            **{stage: len(directory.shards(stage)) for stage in SHARDED},
        },
        "under_way": _under_way(root, last),
        "requests": {
            name: total(name) for name in ("sent", "answered", "failed", "from_store", "possibly_billed")
        },
        "last": {"sent": sum(last[role, "sent"] for role in PURPOSES)},
        "tokens": _tokens(used(everything)),
        "cost_usd": cost(everything, prices),
        "usage": _by_role(everything, prices, models or {}),
        "usage_by_task": by_task,
        "shards_without_usage": silent,
        "calibration": _calibration(directory, package),
        "dataset": {
            "rows": package.facts["rows"] if package else 0,
            "sha256": package.facts["sha256"] if package else None,
        },
    }


def _calibration(directory: RunDirectory, package: Summary | None) -> dict[str, Any] | None:
    """Return what is known of the solver and of the labels, which are there once there is a data set."""
    found = directory.summary("calibrate")
    if found is None:
        return None
    return {**found.facts, "label_precision": package.facts.get("label_precision") if package else None}


def cost(counted: Mapping[tuple[str, str], int], prices: Mapping[str, Price | None]) -> float | None:
    """Return USD spent, or None where tokens of a model without a known price are among them."""
    spent = [usd(used(counted, role), prices.get(recipe_role(role))) for role in PURPOSES]
    known = [amount for amount in spent if amount is not None]
    return round(sum(known), 6) if len(known) == len(spent) else None


def used(counted: Mapping[tuple[str, str], int], *roles: str) -> Usage:
    """Return the tokens that were counted for some roles; without a name for all."""
    return Usage(**{name: sum(counted.get((r, name), 0) for r in roles or PURPOSES) for name in TOKENS})


def _tokens(usage: Usage) -> dict[str, int]:
    return {
        "input": usage.input,
        "output": usage.output,
        "cached_input": usage.cached,
        "reasoning": usage.reasoning,
        "estimated": usage.estimated,
    }


def _by_role(
    counted: Mapping[tuple[str, str], int], prices: Mapping[str, Price | None], models: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what each role that was asked has taken."""
    return [
        usage_row(
            STAGE_OF[role],
            recipe_role(role),
            used(counted, role),
            prices.get(recipe_role(role)),
            model=models.get(recipe_role(role)),
            requests=counted[role, "sent"],
            answers=counted[role, "answered"],
        )
        for role in PURPOSES
        if counted[role, "sent"]
    ]
