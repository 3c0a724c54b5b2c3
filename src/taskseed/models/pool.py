"""Several endpoints that serve one model: who gets a request, who rests, who comes back.

Each endpoint has its own places, so that each finds out by itself how much it takes. A request goes to the
endpoint with the largest share of free places. One that cannot be reached, or fails many requests in a row,
rests for a while, longer each time, and then gets one request to show that it is back. While all rest, the
one whose rest ends first is asked all the same: whether that ends the run is for the breaker to say.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.errors import REFUSED
from taskseed.models.limit import CONGESTED, Places

__all__ = ["Desk", "Member", "Pool", "SharedPlaces"]

_FIRST_REST, _LONGEST_REST = 5.0, 120.0
_IN_A_ROW = 8
# Not a matter of how many: nothing answers, the key or the credit is refused, or there is no such model.
_AT_ONCE = frozenset({"connect", "http_401", "http_402", "http_403", "http_404"})
# Where the endpoint has not begun to work on the request, asking another one at once costs nothing twice.
_NEVER_BEGUN = CONGESTED | {"connect"}


@dataclass(slots=True, eq=False)
class Desk:
    """One endpoint as all roles see it: its places, and how it has been doing.

    :param places: how many requests it gets at once.
    :param clock: a clock in seconds that never goes back; tests pass their own.
    """

    places: Places
    clock: Callable[[], float] = time.monotonic
    rests_until: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)
    _rest: float = field(default=0.0, init=False)

    @property
    def rests(self) -> bool:
        """Whether it is left alone now."""
        return self.clock() < self.rests_until

    @property
    def is_open(self) -> bool:
        """Whether it may be asked: after a rest for failures, by one request at first."""
        return not self.rests and not (self._rest and self.places.used)

    def answered(self) -> None:
        """Say that it has answered."""
        self._failures, self._rest = 0, 0.0

    def failed(self, failure: EngineFailure) -> None:
        """Let it rest for as long as it asks, or because of its failures; once for all that are in flight."""
        if self.rests or failure.reason.startswith(REFUSED):
            return
        if failure.retry_after:
            self.rests_until = self.clock() + failure.retry_after
        elif failure.reason not in CONGESTED:  # what is too much is for its places to find out
            self._failures += 1
            if failure.reason in _AT_ONCE or self._failures >= _IN_A_ROW:
                self._rest = min(max(_FIRST_REST, 2 * self._rest), _LONGEST_REST)
                self.rests_until = self.clock() + self._rest


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An endpoint with what sends a role's requests to it."""

    desk: Desk
    engine: Engine


class Pool:
    """Sends each request of a role to one of several endpoints.

    :param members: the endpoints, at least one.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        if not members:
            raise ValueError("a pool needs at least one endpoint")
        self._members = tuple(members)

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the completions of the first endpoint that takes the request.

        :raises EngineFailure: as an endpoint's engine does. A request that no endpoint began to work on is
            tried at each of them before that.
        """
        tried: list[Member] = []
        while True:
            member = self._choose(tried)
            tried.append(member)
            try:
                async with member.desk.places:
                    completions = await member.engine.complete(prompt, n)
            except EngineFailure as failure:
                member.desk.failed(failure)
                if failure.reason not in _NEVER_BEGUN or not self._open(tried):
                    raise
                member.desk.places.failovers += 1
                continue
            member.desk.answered()
            return completions

    def _choose(self, tried: Sequence[Member]) -> Member:
        found = self._open(tried)
        if found:
            return max(found, key=lambda m: m.desk.places.free_share)
        return min(self._members, key=lambda m: m.desk.rests_until)

    def _open(self, tried: Sequence[Member]) -> list[Member]:
        return [m for m in self._members if m not in tried and m.desk.is_open]


class SharedPlaces(Places):
    """The places of several endpoints together, for who holds a place until an answer is durable."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        super().__init__(1)
        self._desks = tuple(desks)

    @property
    def count(self) -> int:
        """How many requests may be out at once now, over all endpoints that do not rest."""
        return max(1, sum(desk.places.count for desk in self._desks if not desk.rests))
