"""The counting layer: what went out to a model, what came back, what it cost.

It stands next to the engine, so that every attempt is counted, just before it goes out.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.usage import SELDOM, total, with_estimates

__all__ = ["Counted", "Counters", "count_answers"]


class Counters(Protocol):
    """Running totals by role.

    Names: `sent` and `failed` (HTTP requests), `answered` and `from_store` (completions),
    `possibly_billed` (failed requests that may have cost tokens), and tokens by the names of `Usage`.
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
        """Return the engine's completions, tokens that it does not tell estimated, and count both.

        :raises EngineFailure: as the engine does; it is counted as `failed`.
        """
        add = self._counters.add
        add(self._role, "sent", 1)
        try:
            completions = with_estimates(prompt, await self._engine.complete(prompt, n))
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
        count_answers(self._counters, self._role, completions)
        return completions


def count_answers(counters: Counters, role: str, completions: Sequence[Completion]) -> None:
    """Add completions and their tokens to a role's totals."""
    used = total(completions)
    counters.add(role, "answered", len(completions))
    counters.add(role, "input", used.input)
    counters.add(role, "output", used.output)
    for name in SELDOM:
        if amount := getattr(used, name):
            counters.add(role, name, amount)
