"""The limit layer: how many requests are out at once."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from taskseed.models.base import Completion, Engine, Prompt

__all__ = ["AUTO_CONCURRENCY", "Limited", "concurrency_of"]

AUTO_CONCURRENCY = 64
"""What `concurrency: auto` stands for."""


def concurrency_of(setting: int | Literal["auto"]) -> int:
    """Return the number of requests at once that a recipe's `concurrency` asks for."""
    return AUTO_CONCURRENCY if setting == "auto" else setting


class Limited:
    """Lets as many requests through at once as there are places, first come first served.

    A request for several samples counts as one. It stands outside `Retrying`, so that a request
    that waits to be asked again keeps its place: an endpoint that fails gets fewer new requests.

    :param places: roles that share an endpoint share its places. A semaphore wakes its waiters in order.
    """

    __slots__ = ("_engine", "_places")

    def __init__(self, engine: Engine, places: asyncio.Semaphore) -> None:
        self._engine = engine
        self._places = places

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions, once there is a place.

        :raises EngineFailure: as the engine does.
        """
        async with self._places:
            return await self._engine.complete(prompt, n)
