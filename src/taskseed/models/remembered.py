"""What endpoints were seen to honour, kept in the user's cache folder, one small file for each model.

A file names the endpoint without credentials and query, the model and the time; it holds no key.
"""

import dataclasses
import os
from pathlib import Path
from typing import Any

import orjson

from taskseed.errors import RunError
from taskseed.io import write_bytes
from taskseed.models.capabilities import Capabilities
from taskseed.models.wire import LIMITS
from taskseed.records import content_id

__all__ = ["cache_file", "recall", "remember"]

_LONGEST = 30 * 24 * 3600.0  # seconds; servers are upgraded


def cache_file(endpoint: str, model: str) -> Path:
    """Return where it is kept what an endpoint honours for a model (`$XDG_CACHE_HOME/taskseed`).

    :param endpoint: the endpoint's name (`Endpoint.name`).
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "taskseed" / f"capabilities-{content_id(endpoint, model)}.json"


def remember(endpoint: str, model: str, found: Capabilities, *, now: float) -> None:
    """Keep what was found out, if the folder can be written.

    :param now: the time of day in Unix seconds.
    """
    entry = {"endpoint": endpoint, "model": model, "probed": now, "honours": dataclasses.asdict(found)}
    try:
        write_bytes(cache_file(endpoint, model), orjson.dumps(entry, option=orjson.OPT_INDENT_2))
    except (RunError, OSError):
        return  # a run finds out the hard way what it does not know


def recall(endpoint: str, model: str, *, now: float) -> Capabilities | None:
    """Return what was found out within the last 30 days, or None; also where the file is not readable.

    :param now: the time of day in Unix seconds.
    """
    try:
        entry = orjson.loads(cache_file(endpoint, model).read_bytes())
        age = now - float(entry["probed"])
        if (entry["endpoint"], entry["model"]) != (endpoint, model) or not 0 <= age <= _LONGEST:
            return None
        return _capabilities(entry["honours"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _capabilities(kept: dict[str, Any]) -> Capabilities:
    """Return kept capabilities.

    :raises ValueError: if a value is none that `probe` gives.
    :raises TypeError: if the fields are others.
    """
    found = Capabilities(**kept)
    if found.max_tokens_field not in (*LIMITS, None):
        raise ValueError(found.max_tokens_field)
    for name, value in kept.items():
        if name != "max_tokens_field" and value not in (True, False, None):
            raise ValueError(f"{name}: {value}")
    return found
