"""What is under way, read from the counters and the endpoints' places."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from taskseed.models.pool import Desk
from taskseed.recipe import Price
from taskseed.run.askers import Askers, Gate
from taskseed.run.events import Asked, EndpointState, Traffic, Watch
from taskseed.run.ledger import PURPOSES, InvocationCounters, cost
from taskseed.run.work import Work

__all__ = ["Meter"]

_COUNTED = ("sent", "answered", "failed", "from_store", "input", "output")


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads what is under way.

    :param usd_before: what earlier invocations cost; None where a price is not known.
    :param clock: a clock in seconds that never goes back.
    """

    counters: InvocationCounters
    askers: Askers
    gate: Gate
    work: Work
    prices: Mapping[str, Price | None]
    usd_before: float | None
    clock: Callable[[], float] = time.monotonic

    def read(self) -> Traffic:
        """Return what is under way now."""
        by_role = {role: self._asked((role,)) for role in PURPOSES}
        return Traffic(
            at=self.clock(),
            total=self._asked(PURPOSES),
            by_role=by_role,
            endpoints=tuple(_state(desk) for desk in self.askers.desks),
            usd_before=self.usd_before,
            units=self.work.units(),
            to_come=self.work.to_come({r: a.answered + a.from_store for r, a in by_role.items()}),
            stopping=self.gate.shut,
        )

    @asynccontextmanager
    async def telling(self, watch: Watch) -> AsyncIterator[None]:
        """Tell at once, every second and at the end what is under way, for as long as the block runs."""
        ticker = asyncio.create_task(self._tell(watch))
        try:
            yield
        finally:
            ticker.cancel()
            watch(self.read())

    async def _tell(self, watch: Watch) -> None:
        while True:
            watch(self.read())
            await asyncio.sleep(1)

    def _asked(self, roles: tuple[str, ...]) -> Asked:
        counted = {slot: n if slot[0] in roles else 0 for slot, n in self.counters.all().items()}
        sums = {name: sum(counted[role, name] for role in roles) for name in _COUNTED}
        return Asked(**sums, usd=cost(counted, self.prices))


def _state(desk: Desk) -> EndpointState:
    places = desk.places
    return EndpointState(
        name=places.name,
        places=places.count,
        adapts=places.adapts,
        in_flight=places.in_flight,
        held=max(0, places.used - places.in_flight),
        waiting=places.waiting,
        too_many=places.too_many,
        failovers=places.failovers,
        rests=desk.rests,
    )
