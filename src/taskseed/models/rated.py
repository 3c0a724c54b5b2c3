"""The rate layer: no more requests, and no more tokens, per minute than a host allows.

Requests are spaced evenly (the generic cell rate algorithm of ITU-T I.371 in its virtual scheduling form), so
that so many per minute are not exceeded in any minute, at the price of no bursts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from taskseed.models.base import Completion, Engine, Prompt

__all__ = ["Rated", "Spacing"]

_BYTES_PER_TOKEN = 4


class Spacing:
    """So many units a minute, spaced evenly; shared by all who draw on one allowance.

    :param per_minute: units a minute; None is no limit.
    :param clock: a clock in seconds that never goes back; tests pass their own.
    :param sleep: waits; tests pass their own.
    """

    def __init__(
        self,
        per_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._seconds = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0

    async def take(self, units: float) -> None:
        """Wait until it is one's turn, and put the next turn off by `units`."""
        if not self._seconds:
            return
        now = self._clock()
        turn = max(now, self._next)
        self._next = turn + units * self._seconds
        if turn > now:
            await self._sleep(turn - now)

    def give_back(self, units: float) -> None:
        """Let the next turn come earlier: less was used than was taken (or later: more)."""
        self._next -= units * self._seconds


class Rated:
    """Keeps an engine's requests within two allowances.

    A request takes the tokens that it may use at most, as hosts count it, and gives back what it did not use.

    :param requests: requests a minute.
    :param tokens: tokens a minute, input and output together.
    """

    __slots__ = ("_engine", "_requests", "_tokens")

    def __init__(self, engine: Engine, requests: Spacing, tokens: Spacing) -> None:
        self._engine = engine
        self._requests = requests
        self._tokens = tokens

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: as the engine does.
        """
        asked = sum(len(message["content"].encode()) for message in prompt.messages) / _BYTES_PER_TOKEN
        most = asked + n * float(prompt.sampling.get("max_tokens") or 0)
        await self._requests.take(1)
        await self._tokens.take(most)
        completions = await self._engine.complete(prompt, n)
        used = sum(c.usage.input + c.usage.output for c in completions)
        if used:
            self._tokens.give_back(most - used)
        return completions
