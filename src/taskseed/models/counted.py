"""The counting layer: what went out to a model, what came back, what it cost.

It stands next to the engine, so that every attempt is counted, just before it goes out.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt

__all__ = ["Counted", "Counters"]


class Counters(Protocol):
    """Running totals by role.

    Names: `sent` and `failed` (HTTP requests), `answered` and `from_store` (completions),
    `possibly_billed` (failed requests that may have cost tokens), `input` and `output` (tokens).
    """

    def add(self, role: str, name: str, amount: int) -> None:
        """Add an amount to one total of a role."""
        ...


class Counted:
    """Counts every request of an engine under a role.

    :param engine: the engine that sends the requests.
    :param counters: the totals to add to.
    :param role: the model's role in the recipe: `writer`, `solver`, `judge`.
    """

    __slots__ = ("_counters", "_engine", "_role")

    def __init__(self, engine: Engine, counters: Counters, role: str) -> None:
        self._engine = engine
        self._counters = counters
        self._role = role

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions and count them and their tokens.

        :raises EngineFailure: as the engine does; it is counted as `failed`.
        """
        add = self._counters.add
        add(self._role, "sent", 1)
        try:
            completions = await self._engine.complete(prompt, n)
        except EngineFailure as failure:
            add(self._role, "failed", 1)
            if failure.possibly_billed:
                add(self._role, "possibly_billed", 1)
            raise
        except asyncio.CancelledError:
            # The request is out: the server may well generate, and bill, what nobody reads.
            add(self._role, "failed", 1)
            add(self._role, "possibly_billed", 1)
            raise
        add(self._role, "answered", len(completions))
        add(self._role, "input", sum(c.usage.input for c in completions))
        add(self._role, "output", sum(c.usage.output for c in completions))
        return completions
