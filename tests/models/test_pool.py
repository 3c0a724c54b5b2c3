"""Several endpoints for one model."""

import asyncio
from typing import Any

import pytest

from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.limit import Places
from taskseed.models.pool import Desk, Member, Pool, SharedPlaces
from taskseed.models.rated import Rated, Spacing
from tests.models.engines import PROMPT, Script

CONNECT = EngineFailure("connect", "refused", retryable=True)
BROKEN = EngineFailure("http_500", "broken", retryable=True)
REFUSAL = EngineFailure("refused_400", "too long")
LATER = EngineFailure("http_429", "later", retryable=True, retry_after=30.0)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Scene:
    """A pool of scripted endpoints with a clock that stands still."""

    def __init__(self, *scripts: Any, places: int = 4) -> None:
        self.clock = Clock()
        self.desks = [Desk(Places(places, name=f"host{n}"), self.clock) for n in range(len(scripts))]
        self.pool = Pool([Member(desk, script) for desk, script in zip(self.desks, scripts, strict=True)])

    @property
    def failovers(self) -> int:
        """How often a request went on to another endpoint."""
        return sum(desk.places.failovers for desk in self.desks)

    @property
    def resting(self) -> list[str]:
        """The names of the endpoints that rest."""
        return [desk.places.name for desk in self.desks if desk.rests]


def ask(scene: Scene, times: int = 1) -> list[str | None]:
    """Ask one after the other; return the reasons of the failures, None where texts came."""

    async def run() -> list[str | None]:
        outcomes: list[str | None] = []
        for _ in range(times):
            try:
                await scene.pool.complete(PROMPT, 1)
                outcomes.append(None)
            except EngineFailure as failure:
                outcomes.append(failure.reason)
        return outcomes

    return asyncio.run(run())


def test_requests_are_spread_by_free_places() -> None:
    """Of two endpoints with 30 and 10 places, the first gets three of four requests that are out at once."""
    large, small = Script(delay=0.01), Script(delay=0.01)
    desks = Desk(Places(30)), Desk(Places(10))

    async def run() -> None:
        asked = Pool([Member(desks[0], large), Member(desks[1], small)])
        await asyncio.gather(*(asked.complete(PROMPT, 1) for _ in range(40)))

    asyncio.run(run())
    assert (large.peak, small.peak) == (30, 10)


def test_an_endpoint_that_cannot_be_reached_costs_no_failed_request() -> None:
    """Its request goes to another one at once, and it rests: nobody waits for it a second time."""
    down, up = Script(*[CONNECT] * 9), Script()
    scene = Scene(down, up)
    assert ask(scene, times=20) == [None] * 20
    assert (len(down.asked), len(up.asked), scene.failovers, scene.resting) == (1, 20, 1, ["host0"])


def test_an_endpoint_that_is_back_rejoins_with_one_request_at_first() -> None:
    """After its rest one request tries it; once that is answered it gets its share again."""
    down, up = Script(CONNECT, delay=0.01), Script(delay=0.01)
    scene = Scene(down, up)
    assert ask(scene) == [None]
    scene.clock.now += 6.0

    async def crowd() -> int:
        await asyncio.gather(*(scene.pool.complete(PROMPT, 1) for _ in range(6)))
        return len(down.asked)

    assert asyncio.run(crowd()) == 2  # the one that failed, and the one that tried
    assert ask(scene, times=2) == [None] * 2
    assert len(down.asked) == 4


def test_a_rest_grows_while_the_endpoint_stays_away() -> None:
    """It is tried after 5, 10, 20 seconds and so on, never less than every two minutes."""
    down, up = Script(*[CONNECT] * 50), Script()
    scene = Scene(down, up)
    tried = []
    for second in range(600):
        scene.clock.now = 100.0 + second
        ask(scene)
        if len(down.asked) > len(tried):
            tried.append(second)
    assert tried == [0, 5, 15, 35, 75, 155, 275, 395, 515]


def test_failures_in_a_row_let_an_endpoint_rest() -> None:
    """Eight broken answers in a row, and the others get its requests; an answer in between starts again."""
    bad, good = Script(*[BROKEN] * 7, 1, *[BROKEN] * 20), Script()
    scene = Scene(bad, good, places=1)

    async def only_bad(times: int) -> None:
        async with scene.desks[1].places:  # the other one is taken
            for _ in range(times):
                with pytest.raises(EngineFailure):
                    await scene.pool.complete(PROMPT, 1)

    asyncio.run(only_bad(7))
    assert scene.resting == []

    async def answered() -> None:
        async with scene.desks[1].places:
            await scene.pool.complete(PROMPT, 1)

    asyncio.run(answered())
    asyncio.run(only_bad(8))
    assert scene.resting == ["host0"]
    assert ask(scene, times=5) == [None] * 5


def test_a_refusal_is_no_fault_of_the_endpoint() -> None:
    """A request that is refused for what it says is refused once, and nobody rests for it."""
    first, second = Script(*[REFUSAL] * 30), Script(*[REFUSAL] * 30)
    scene = Scene(first, second)
    assert ask(scene, times=30) == ["refused_400"] * 30
    assert (len(first.asked) + len(second.asked), scene.resting) == (30, [])


def test_an_endpoint_that_asks_to_wait_is_left_alone_for_so_long() -> None:
    """`Retry-After` rests the endpoint for its seconds; the request goes elsewhere meanwhile."""
    busy, free = Script(LATER), Script()
    scene = Scene(busy, free)
    assert ask(scene, times=4) == [None] * 4
    assert (len(busy.asked), scene.resting) == (1, ["host0"])
    scene.clock.now += 31.0
    assert ask(scene, times=2) == [None] * 2
    assert len(busy.asked) == 3


def test_where_all_rest_the_failure_is_told() -> None:
    """With nobody left the last failure is raised, and the next request still tries one endpoint."""
    scene = Scene(Script(*[CONNECT] * 9), Script(*[CONNECT] * 9))
    assert ask(scene, times=3) == ["connect"] * 3
    assert scene.failovers == 1


def test_shared_places_are_those_of_the_endpoints_that_do_not_rest() -> None:
    """Whoever holds a place until an answer is durable holds one of all that may be out at once."""
    scene = Scene(Script(CONNECT), Script(), places=5)
    shared = SharedPlaces(scene.desks)
    assert shared.count == 10
    ask(scene)
    assert shared.count == 5


def test_spacing_keeps_to_so_many_a_minute() -> None:
    """Of 120 requests at 60 a minute the last goes out after 119 seconds, and none waits before the first."""
    clock = Clock()
    spacing = Spacing(60, clock, clock.sleep)

    async def run() -> list[float]:
        taken = []
        for _ in range(120):
            await spacing.take(1)
            taken.append(clock.now)
        return taken

    taken = asyncio.run(run())
    assert (taken[0], taken[-1]) == (100.0, 219.0)


def test_tokens_that_were_not_used_are_given_back() -> None:
    """A request takes what it may use at most; what it did not use does not hold up the next one."""
    clock = Clock()
    prompt = Prompt("m", ({"role": "user", "content": "x" * 400},), {"max_tokens": 900})
    rated = Rated(Script(), Spacing(None), Spacing(6000, clock, clock.sleep))

    async def run() -> list[Completion]:
        return [(await rated.complete(prompt, 1))[0] for _ in range(3)]

    used = sum(c.usage.input + c.usage.output for c in asyncio.run(run()))
    assert used == 45
    assert clock.now == pytest.approx(100.0 + 30 / 100)  # two requests of 15 tokens at 100 a second
