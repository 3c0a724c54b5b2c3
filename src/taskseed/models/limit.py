"""How many requests are out at once: a number of places that is fixed, or that finds itself.

`concurrency: auto` finds it by additive increase and multiplicative decrease (Chiu and Jain, 1989), as TCP
does: it doubles while all goes well and throughput rises, and from then on takes half a place more for
each round of answers, and a whole one once it has been quiet for long. What it goes back by is the share of a
round that the endpoint refused as too much: of a sharp limit that is just what stands over. Where going back
made that share no smaller, it was no matter of how many are out at once (some hosts refuse one request in
twenty whatever one does): then the places come back, such a share is borne from then on, and unless a larger
one has shown a limit, doubling goes on.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt

__all__ = ["CONGESTED", "Paced", "Places"]

_START, _MOST = 16, 1024
_BORNE = 0.02  # a share of refusals below which nothing is done, and above what is borne
_BELOW = 0.96  # how far below what the endpoint seems to take the places go
_LEFT = 0.5  # the least that stays of the places in one step: attempts repeated make the share look too large
_MOST_NOISE = 0.2  # a larger share is always too much, whether or not going back helped
_LONG = 8  # quiet rounds after which the places rise twice as fast
_SHORTEST_ROUND = 100  # outcomes that a share is taken of: of fewer it says little
_RISE = 1.05  # a round of doubling that brings less than this much more throughput has found the knee
CONGESTED = frozenset({"http_429", "http_503", "http_529"})
"""Reasons of failures by which an endpoint says that it has too much."""


@dataclass(slots=True)
class _Judged:
    """The outcomes of requests since the number of places last changed.

    :param borne: the share of refusals that is no matter of how many are out at once.
    :param before: how many places there were before they were taken back; 0 where that is settled.
    :param share_before: the share of refusals at that time.
    :param quiet: rounds since then.
    """

    borne: float = 0.0
    before: float = 0.0
    share_before: float = 0.0
    quiet: int = 0
    answered: int = 0
    refused: int = 0

    @property
    def outcomes(self) -> int:
        return self.answered + self.refused

    @property
    def share(self) -> float:
        return self.refused / self.outcomes

    @property
    def is_too_much(self) -> bool:
        """Whether the share is above what is borne by more than chance makes it (two standard errors)."""
        chance = 2.0 * math.sqrt(self.borne * (1.0 - self.borne) / self.outcomes)
        return self.share > self.borne + _BORNE + chance


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
        self._limited = False  # whether a share of refusals was seen that only a limit explains
        self._epoch = 0
        self._clock = clock
        self._round: tuple[float, int] | None = None  # when it began, and how many answers end it
        self._answers = 0
        self._best = 0.0
        self._judged = _Judged()

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
        """How often the number of places was taken back or given back; see `congested`."""
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

    def answered(self, epoch: int) -> None:
        """Say that a request was answered.

        :param epoch: what `epoch` was when the request went out.
        """
        if not self.adapts:
            return
        if self._used >= self.count - 1:  # else more places would stand empty
            if self._doubling:
                self._limit += 1.0
                self._end_round()
            else:
                rise = 0.5 if self._judged.quiet < _LONG else 1.0
                self._limit += rise / max(self._limit, _SHORTEST_ROUND / 2)
            self._limit = min(self._limit, float(_MOST))
        if epoch == self._epoch:
            self._judged.answered += 1
            self._judge()
        self._wake()

    def congested(self, epoch: int) -> None:
        """Say that the endpoint has too much; what went out before the places last changed does not count.

        :param epoch: what `epoch` was when the request went out.
        """
        if self.adapts and epoch == self._epoch:
            self._judged.refused += 1
            self._judge()

    def _judge(self) -> None:
        """After a round of outcomes, go back by the share of refusals, or take the last step back again."""
        now = self._judged
        if now.outcomes < max(_SHORTEST_ROUND, self.count, self._used):
            return
        if now.before and _BORNE < now.share <= _MOST_NOISE and now.share > 0.5 * now.share_before:
            self._limit = max(self._limit, now.before)  # going back did not help
            if not self._limited:  # what was found was no limit: look for one again
                self._doubling, self._round, self._best = True, None, 0.0
            self._begin(_Judged(borne=now.share))
        elif now.is_too_much:
            before = self._limit
            self._limit = max(1.0, before * max(_LEFT, (1.0 - now.share) * _BELOW))
            self._doubling = False
            self._limited = self._limited or now.share > _MOST_NOISE
            self._begin(_Judged(borne=now.borne, before=before, share_before=now.share))
        else:
            borne = now.borne + 0.25 * min(0.0, now.share - now.borne)
            self._judged = _Judged(borne=borne, quiet=now.quiet + 1)

    def _begin(self, judged: "_Judged") -> None:
        """Begin to judge another number of places, by what goes out from now on."""
        self._judged = judged
        self._epoch += 1

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
        places.answered(epoch)
        return completions
