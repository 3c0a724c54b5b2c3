"""The retry layer: ask again when asking again can help."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt

__all__ = ["Retrying"]


class Retrying:
    """Asks again after retryable failures, with exponential backoff and full jitter.

    Full jitter is "Exponential Backoff And Jitter" (Brooker, AWS Architecture Blog, 2015): the
    wait before attempt k + 1 is uniform in [0, min(cap, base * 2**(k-1))] seconds.

    :param engine: the engine that is asked.
    :param attempts: how often one request is sent at most; it bounds what a server costs that
        fails the same request every time.
    :param base: the first bound of the wait, in seconds.
    :param cap: the last bound of the wait, in seconds.
    :param timeouts: how often one request may time out: each time costs the whole timeout, and
        perhaps its tokens.
    :param longest: a server that asks to wait for longer than this many seconds is not waited for.
    :param rng: draws the waits.
    :param sleep: waits; tests pass their own.
    """

    __slots__ = ("_attempts", "_base", "_cap", "_engine", "_longest", "_rng", "_sleep", "_timeouts")

    def __init__(
        self,
        engine: Engine,
        *,
        rng: random.Random,
        attempts: int = 6,
        base: float = 0.5,
        cap: float = 30.0,
        timeouts: int = 3,
        longest: float = 600.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._attempts = attempts
        self._base = base
        self._cap = cap
        self._timeouts = timeouts
        self._longest = longest
        self._rng = rng
        self._sleep = sleep

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: the last one, if it is not retryable or the attempts are used up.
        """
        timeouts = 0
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._engine.complete(prompt, n)
            except EngineFailure as failure:
                timeouts += failure.reason == "timeout"
                wait = self._wait(attempt, failure)
                spent = attempt >= self._attempts or timeouts >= self._timeouts
                if spent or wait is None:
                    raise
            await self._sleep(wait)
        raise ValueError(f"attempts must be at least 1, not {self._attempts}")

    def _wait(self, attempt: int, failure: EngineFailure) -> float | None:
        """Return the seconds to wait, or None where asking again cannot help."""
        asked = failure.retry_after or 0.0
        if not failure.retryable or asked > self._longest:
            return None
        bound = min(self._cap, self._base * 2.0 ** (attempt - 1))
        # The jitter comes on top of what the server asks for, so that not all come back at once.
        return asked + self._rng.uniform(0.0, bound)
