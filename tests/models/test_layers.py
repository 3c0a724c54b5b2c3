"""Retry, limit, breaker and counting."""

import asyncio
import random

import pytest

from taskseed.errors import EndpointError
from taskseed.models.base import Completion, EngineFailure, Usage
from taskseed.models.breaker import Breaker
from taskseed.models.counted import Counted
from taskseed.models.limit import Paced, Places
from taskseed.models.retry import Retrying
from tests.models.engines import PROMPT, Function, Script, Totals
from tests.models.virtual import run_virtual

BUSY = EngineFailure("http_503", "busy", retryable=True)
REFUSAL = EngineFailure("refused_400", "too long")
TIMEOUT = EngineFailure("timeout", retryable=True, possibly_billed=True)
CONNECT = EngineFailure("connect", "Connection refused", retryable=True)


class Waits(list):
    """A sleep that only notes how long it was asked to."""

    async def __call__(self, seconds):
        """Note a wait."""
        self.append(seconds)


def ask(engine, times=1):
    """Ask one after the other; return the reasons of the failures, None where texts came."""

    async def run():
        outcomes = []
        for _ in range(times):
            try:
                await engine.complete(PROMPT, 1)
                outcomes.append(None)
            except EngineFailure as failure:
                outcomes.append(failure.reason)
        return outcomes

    return asyncio.run(run())


def retrying(script, waits, **options):
    """Return a retry layer that does not wait."""
    return Retrying(script, rng=random.Random(0), sleep=waits, **options)


def test_retries_until_it_answers():
    """Retryable failures are asked again, and what came in the end is returned."""
    script, waits = Script(BUSY, BUSY), Waits()
    assert (ask(retrying(script, waits)), len(script.asked), len(waits)) == ([None], 3, 2)


def test_waits_stay_under_doubling_bounds():
    """The k-th wait is within [0, min(cap, base * 2**(k-1))], drawn from the given generator."""
    script, waits = Script(*[BUSY] * 9), Waits()
    ask(retrying(script, waits, attempts=10, base=1.0, cap=8.0))
    bounds = [1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0]
    rng = random.Random(0)
    assert waits == [rng.uniform(0.0, bound) for bound in bounds]


def test_attempts_bound_a_failure_that_never_passes():
    """A server that always fails is asked `attempts` times, and its last failure is raised."""
    script, waits = Script(*[BUSY] * 50), Waits()
    assert (ask(retrying(script, waits)), len(script.asked), len(waits)) == (["http_503"], 6, 5)


def test_refusals_are_not_retried():
    """A failure that is not retryable is raised at once."""
    script, waits = Script(REFUSAL), Waits()
    assert (ask(retrying(script, waits)), len(script.asked), waits) == (["refused_400"], 1, [])


def test_timeouts_have_their_own_bound():
    """A request may time out three times: each time costs the whole timeout."""
    script, waits = Script(*[TIMEOUT] * 9), Waits()
    assert (ask(retrying(script, waits)), len(script.asked)) == (["timeout"], 3)


def test_retry_after_is_waited_for():
    """A wait is at least what the server asks for, plus jitter up to the usual bound."""
    script, waits = Script(EngineFailure("http_429", retryable=True, retry_after=7.0)), Waits()
    ask(retrying(script, waits, base=0.5))
    assert waits == [7.0 + random.Random(0).uniform(0.0, 0.5)]


def test_endless_retry_after_is_not_waited_for():
    """A server that asks for more than the longest wait fails the request at once."""
    script, waits = Script(EngineFailure("http_429", retryable=True, retry_after=40_000.0)), Waits()
    assert (ask(retrying(script, waits)), waits) == (["http_429"], [])


def test_limit_bounds_what_is_out():
    """Of 50 requests at most 7 are out at once, and all are answered in order of arrival."""
    script = Script(delay=0.002)

    async def run():
        places = Places(7)
        finished = []

        async def one(number):
            async with places:
                await script.complete(PROMPT, 3)
            finished.append(number)

        await asyncio.gather(*(one(i) for i in range(50)))
        return finished

    assert (asyncio.run(run()), script.peak) == (list(range(50)), 7)


def test_a_failed_request_gives_its_place_back():
    """Failures do not use up the places."""

    async def run():
        places = Places(1)
        script = Script(BUSY, BUSY, BUSY)
        for _ in range(3):
            with pytest.raises(EngineFailure):
                async with places:
                    await script.complete(PROMPT, 1)
        async with places:
            return len(await script.complete(PROMPT, 1))

    assert asyncio.run(run()) == 1


def test_no_places_are_an_error():
    """Nothing could ever go out."""
    with pytest.raises(ValueError, match="at least 1"):
        Places(0)


class Crowded:
    """A server that takes a while, answers so many requests at once, and 429 to those beyond."""

    def __init__(self, allowed, seconds=0.01, workers=None):
        self.allowed = allowed
        self.workers = asyncio.Semaphore(workers or allowed)
        self.seconds = seconds
        self.out = self.peak = 0
        self.log = []

    async def complete(self, prompt, n):
        """Answer, or say that it is too much."""
        self.out += 1
        self.peak = max(self.peak, self.out)
        try:
            if self.out > self.allowed:
                await asyncio.sleep(0.001)
                self.log.append(False)
                raise EngineFailure("http_429", retryable=True)
            async with self.workers:
                await asyncio.sleep(self.seconds)
            self.log.append(True)
            return [Completion("y")] * n
        finally:
            self.out -= 1


async def flood(server, places, requests):
    """Send many requests through places and retries; return the number of places after each answer."""
    patient = Retrying(Paced(server, places), rng=random.Random(1), attempts=99, base=0.01, cap=0.05)
    seen = []

    async def one():
        async with places:
            await patient.complete(PROMPT, 1)
        seen.append(places.count)

    await asyncio.gather(*(one() for _ in range(requests)))
    return seen


def adapting():
    """Return places that find out their number by the loop's own time."""
    return Places(clock=asyncio.get_running_loop().time)


def test_auto_settles_near_what_a_server_allows():
    """Of a server that answers 37 at once it uses 30 to 44, and seldom more than it is allowed."""

    async def run():
        server = Crowded(37)
        return server, await flood(server, adapting(), 6000)

    server, seen = run_virtual(run())
    settled = seen[len(seen) // 2 : -100]
    assert min(settled) >= 30
    assert max(settled) <= 44
    later = server.log[len(server.log) // 2 :]
    assert later.count(False) < 0.03 * len(later)


class Moody(Crowded):
    """A server that takes all that comes, and refuses one request in so many whatever one does."""

    def __init__(self, one_in, **options):
        super().__init__(10_000, workers=10_000, **options)
        self.one_in = one_in
        self.rng = random.Random(3)

    async def complete(self, prompt, n):
        """Answer, or refuse at random."""
        if self.rng.random() < 1 / self.one_in:
            raise EngineFailure("http_429", retryable=True)
        return await super().complete(prompt, n)


@pytest.mark.parametrize("one_in", [50, 20, 10])
def test_auto_bears_refusals_that_are_no_matter_of_how_many_are_out(one_in):
    """One refusal in ten, twenty or fifty, at random, does not bring the places down to a few."""

    async def run():
        return await flood(Moody(one_in, seconds=0.02), adapting(), 12_000)

    seen = sorted(run_virtual(run())[6000:])
    assert (seen[0] >= 50, seen[len(seen) // 2] >= 100) == (True, True)


def test_auto_finds_the_limit_of_a_server_that_also_refuses_at_random():
    """With one random refusal in twenty it still uses no more than a server of 37 places takes."""

    class Both(Crowded):
        rng = random.Random(4)

        async def complete(self, prompt, n):
            if self.rng.random() < 0.05:
                raise EngineFailure("http_429", retryable=True)
            return await super().complete(prompt, n)

    async def run():
        return await flood(Both(37), adapting(), 6000)

    settled = sorted(run_virtual(run())[3000:-100])
    assert 25 <= settled[len(settled) // 2] <= 48


def test_auto_comes_down_to_a_single_place_and_up_again():
    """A server that takes one at a time gets few at a time."""

    async def run():
        server = Crowded(1, seconds=0.001)
        return await flood(server, adapting(), 300)

    assert max(run_virtual(run())[150:]) <= 8


def test_auto_stops_doubling_where_more_at_once_brings_no_more():
    """A server that queues what is beyond its 40 workers is not sent a thousand at once."""

    async def run():
        server = Crowded(10_000, seconds=0.02, workers=40)
        return server, await flood(server, adapting(), 6000)

    server, seen = run_virtual(run())
    assert min(seen[3000:]) >= 40
    assert max(seen[3000:]) <= 200
    assert server.peak <= 300


def test_a_fixed_number_stays():
    """What a recipe states is not adapted."""

    async def run():
        places = Places(50)
        return set(await flood(Crowded(37), places, 500))

    assert asyncio.run(run()) == {50}


def test_places_tell_what_is_out_and_what_was_too_much():
    """Attempts that are out, places that are held between attempts, requests that wait, answers of 429."""

    async def run():
        busy = EngineFailure("http_429", retryable=True)
        script, places, seen = Script(busy, BUSY, delay=0.001), Places(1, name="here"), []

        async def pause(seconds):
            seen.append((places.in_flight, places.used, places.waiting))

        async def one():
            async with places:
                await Retrying(Paced(script, places), rng=random.Random(0), sleep=pause).complete(PROMPT, 1)

        jobs = asyncio.gather(one(), one())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        seen.append((places.in_flight, places.used, places.waiting))
        await jobs
        seen.append((places.in_flight, places.used, places.waiting))
        return seen, places.too_many

    # At first one is out and one waits; twice it pauses, its place held; in the end nothing is out.
    assert asyncio.run(run()) == ([(1, 1, 1), (0, 1, 1), (0, 1, 1), (0, 0, 0)], 1)


def breaker(script, clock=lambda: 0.0, **options):
    """Return a breaker around a script."""
    return Breaker(script, "http://host/v1", clock=clock, **options)


def test_breaker_stops_after_failures_in_a_row():
    """The 20th failure in a row stops the run, and no request goes out afterwards."""
    script = Script(*[BUSY] * 30)
    layer = breaker(script)
    assert ask(layer, times=19) == ["http_503"] * 19
    for _ in range(2):
        with pytest.raises(EndpointError) as caught:
            ask(layer)
    assert str(caught.value) == (
        "http://host/v1 failed 20 requests in a row; the last failure was http_503: busy"
    )
    assert caught.value.hint == "start the server and run the same command again: nothing is lost"
    assert len(script.asked) == 20


def test_an_answer_starts_the_count_again():
    """Failures with answers in between never stop the run."""
    outcomes = ([BUSY] * 19 + [1]) * 5
    assert ask(breaker(Script(*outcomes)), times=100).count("http_503") == 95


def test_refused_requests_never_stop_a_working_endpoint():
    """Once an endpoint has answered, any number of refused requests leaves the run going."""
    assert ask(breaker(Script(1, *[REFUSAL] * 100)), times=101)[1:] == ["refused_400"] * 100


def test_an_endpoint_that_refuses_everything_stops_the_run():
    """Twenty refusals before any answer mean that the recipe does not suit the server."""
    with pytest.raises(EndpointError) as caught:
        ask(breaker(Script(*[REFUSAL] * 20)), times=20)
    assert caught.value.hint == "check model and sampling in the recipe: the server refuses every request"


def test_no_connection_stops_the_run_after_patience():
    """A request that cannot connect is asked again until it went on for long enough, then the run stops."""
    times = iter([0.0, 20.0, 31.0])
    layer = breaker(Script(*[CONNECT] * 9), clock=lambda: next(times))
    with pytest.raises(EndpointError) as caught:
        ask(layer)
    assert str(caught.value) == "http://host/v1 could not be reached for 31 s: Connection refused"


def test_an_endpoint_that_comes_back_answers_the_request_that_waited():
    """A connection that cannot be made is never a fact about the request."""
    assert ask(breaker(Script(CONNECT, CONNECT))) == [None]


def test_counting():
    """Every request is counted when it goes out, and its completions, tokens and failures after."""
    totals = Totals()
    counted = Counted(Script(1, BUSY, TIMEOUT), totals, "writer")
    ask(counted, times=3)
    asyncio.run(counted.complete(PROMPT, 3))
    assert totals.of("writer") == {
        "sent": 4,
        "failed": 2,
        "possibly_billed": 1,
        "answered": 4,
        "input": 20,
        "output": 20,
    }


def test_tokens_that_are_not_told_are_counted_apart_as_estimates():
    """What a server tells and what is estimated never mix; the parts of what is told are counted too."""
    totals = Totals()
    told = Function(lambda prompt, n: [Completion("abc", usage=Usage(9, 4, 6, 3))])
    untold = Function(lambda prompt, n: [Completion("a" * 9, "b" * 3) for _ in range(n)])
    asyncio.run(Counted(told, totals, "writer").complete(PROMPT, 1))
    made = asyncio.run(Counted(untold, totals, "solver").complete(PROMPT, 2))
    assert totals.of("writer") == {
        "sent": 1, "answered": 1, "input": 9, "output": 4, "cached": 6, "reasoning": 3,
    }  # fmt: skip
    assert totals.of("solver") == {"sent": 1, "answered": 2, "estimated_input": 4, "estimated_output": 8}
    assert [c.usage for c in made] == [
        Usage(estimated_input=4, estimated_output=4),
        Usage(estimated_output=4),
    ]


def test_a_cancelled_request_may_be_billed():
    """A request cancelled while it is out counts as sent, failed and possibly billed."""
    totals = Totals()

    async def run():
        task = asyncio.create_task(Counted(Script(delay=60), totals, "w").complete(PROMPT, 1))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert totals.of("w") == {"sent": 1, "failed": 1, "possibly_billed": 1}
