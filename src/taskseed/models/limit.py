"""How many requests are out at once: a number of places that is fixed, or that finds itself.

`concurrency: auto` finds it by additive increase and multiplicative decrease (Chiu and Jain, 1989), as TCP
does: it doubles while all goes well and throughput rises, goes back by a tenth when the endpoint says that it
has too much, and from then on takes one place more for each round of answers. A tenth, not TCP's half,
because an endpoint's limit is sharp and stays: the places swing between nine tenths of it and just above.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt

__all__ = ["CONGESTED", "Paced", "Places"]

_START, _MOST = 16, 1024
_BACK_OFF, _FIRST_BACK_OFF = 0.9, 0.5  # the first time, doubling may have gone up to twice too far
_RISE = 1.05  # a round of doubling that brings less than this much more throughput has found the knee
CONGESTED = frozenset({"http_429", "http_503", "http_529"})
"""Reasons of failures by which an endpoint says that it has too much."""


class Places:
    """The places of one endpoint, as a context manager: first come, first served.

    Roles that share an endpoint share its places. A request for several samples takes one. It keeps its
    place while it waits to be asked again, so that an endpoint that fails gets fewer new requests.

    :param count: requests at once, at least 1; None finds it out.
    :param clock: a clock in seconds that never goes back; tests pass their own.
    :param name: the endpoint's name for messages, without credentials.

    Whoever watches reads `name`, `adapts`, `count`, `used`, `waiting`, and what `Paced` counts: `in_flight`
    (attempts that are out now) and `too_many` (answers with status 429). What sends a request that failed
    here to another endpoint adds to `failovers`.
    """

    def __init__(
        self, count: int | None = None, clock: Callable[[], float] = time.monotonic, name: str = ""
    ) -> None:
        if count is not None and count < 1:
            raise ValueError(f"concurrency must be at least 1, not {count}")
        self.name = name
        self.adapts = count is None
        self.in_flight = 0
        self.too_many = 0
        self.failovers = 0
        self._limit = float(_START if count is None else count)
        self._used = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._doubling = True
        self._epoch = 0
        self._clock = clock
        self._round: tuple[float, int] | None = None  # when it began, and how many answers end it
        self._answers = 0
        self._best = 0.0

    @property
    def count(self) -> int:
        """How many requests may be out at once now."""
        return int(self._limit)

    @property
    def used(self) -> int:
        """How many requests hold a place."""
        return self._used

    @property
    def free_share(self) -> float:
        """The share of the places that nobody holds or waits for; below 0 where more wait than there are."""
        return 1.0 - (self._used + len(self._waiters)) / self.count

    @property
    def waiting(self) -> int:
        """How many requests wait for a place."""
        return sum(not waiter.done() for waiter in self._waiters)

    @property
    def epoch(self) -> int:
        """How often the number of places was taken back; see `congested`."""
        return self._epoch

    async def __aenter__(self) -> Self:
        if self._used < self.count and not self._waiters:
            self._used += 1
            return self
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # it was given a place and will not use it
                self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def answered(self) -> None:
        """Say that a request was answered."""
        if not self.adapts or self._used < self.count - 1:  # more places would stand empty
            return
        if self._doubling:
            self._limit += 1.0
            self._end_round()
        else:
            self._limit += 1.0 / self._limit
        self._limit = min(self._limit, float(_MOST))
        self._wake()

    def congested(self, epoch: int) -> None:
        """Say that the endpoint has too much; of all requests that were out at once, one counts.

        :param epoch: what `epoch` was when the request went out.
        """
        if not self.adapts or epoch != self._epoch:
            return
        self._epoch += 1
        self._limit = max(1.0, self._limit * (_FIRST_BACK_OFF if self._doubling else _BACK_OFF))
        self._doubling = False

    def _end_round(self) -> None:
        """Stop doubling once a round, as many answers as there were places, is no faster than before."""
        now = self._clock()
        self._answers += 1
        if self._round is None:
            self._round = now, self.count
            self._answers = 0
        began, wanted = self._round
        if self._answers < wanted:
            return
        rate = self._answers / max(now - began, 1e-9)
        if rate <= self._best * _RISE:
            self._doubling = False
            self._limit = float(wanted)
        self._best = max(self._best, rate)
        self._round, self._answers = (now, self.count), 0

    def _leave(self) -> None:
        self._used -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiters and self._used < self.count:
            waiter = self._waiters.popleft()
            if not waiter.done():
                self._used += 1
                waiter.set_result(None)


class Paced:
    """Tells an endpoint's places that an attempt goes out and how it went; stands inside the retries.

    :param places: those that the endpoint's requests take.
    """

    __slots__ = ("_engine", "_places")

    def __init__(self, engine: Engine, places: Places) -> None:
        self._engine = engine
        self._places = places

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: as the engine does.
        """
        places = self._places
        epoch = places.epoch
        places.in_flight += 1
        try:
            completions = await self._engine.complete(prompt, n)
        except EngineFailure as failure:
            places.too_many += failure.reason == "http_429"
            if failure.reason in CONGESTED or failure.reason == "timeout":
                places.congested(epoch)
            raise
        finally:
            places.in_flight -= 1
        places.answered()
        return completions
