"""What a run tells whoever watches it."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Event", "Watch", "unwatched"]


@dataclass(frozen=True, slots=True)
class Event:
    """Progress of one stage.

    :param stage: a stage, `requests` for what goes on between two shards, or `model` for a download.
    :param done: units of work finished so far, of `total` (tasks, guards, rows, shards, requests or MB).
    :param total: 0 where nobody knows it.
    :param note: what is going on, in a few words.
    """

    stage: str
    done: int
    total: int
    kept: int = 0
    dropped: int = 0
    note: str = ""


Watch = Callable[[Event], None]


def unwatched(_: Event) -> None:
    """Watch nothing."""
