"""A budget holds whatever is in flight at once."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.errors import StoppedShort, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt, Usage
from taskseed.models.budget import Budget, Budgeted, Rate, most_output
from tests.models.engines import Function

PROMPT = Prompt("m", ({"role": "user", "content": "x" * 84},), {"max_tokens": 50})  # at most 100 in, 50 out
FREE = Rate(0.0, 0.0)


def engine(answer):
    """Return an engine that answers each request after a moment."""
    return Function(lambda prompt, n: answer(n))


def using(tokens_in, tokens_out):
    """Return an answer that used so many tokens."""
    return lambda n: [Completion("y", usage=Usage(tokens_in if i == 0 else 0, tokens_out)) for i in range(n)]


async def until_spent(budgeted, workers=1, n=1):
    """Ask again and again, several at once, until the budget stops everyone; returns how often it went."""
    done = 0

    async def work():
        nonlocal done
        while True:
            try:
                await budgeted.complete(PROMPT, n)
            except StoppedShort:
                return
            done += 1

    await asyncio.gather(*(work() for _ in range(workers)))
    return done


def test_requests_go_out_while_the_most_they_can_cost_fits():
    """Of 1,000 tokens, requests of 60 are made until fewer than the 150 that the next may cost are left."""
    budget = Budget(tokens=1000, usd=None)
    assert asyncio.run(until_spent(Budgeted(engine(using(40, 20)), budget, FREE))) == 15
    assert budget.spent_tokens == 900


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000), st.integers(1, 20), st.integers(1, 4), st.integers(0, 10**6))
def test_many_at_once_never_exceed_it(tokens, workers, n, seed):
    """However many are in flight and however much each uses, the budget holds, and nothing waits for ever."""
    rng = random.Random(seed)
    budget = Budget(tokens=tokens, usd=None)

    def answer(n):
        return using(rng.randint(1, 100), rng.randint(1, 50))(n)

    asyncio.run(asyncio.wait_for(until_spent(Budgeted(engine(answer), budget, FREE), workers, n), 20))
    assert budget.spent_tokens <= tokens
    assert budget.spent_tokens > tokens - (100 + 50 * n) or budget.spent_tokens == 0


def test_dollars_are_counted_by_the_models_price():
    """Roles with different prices share one budget."""
    budget = Budget(tokens=None, usd=0.001)
    cheap = Budgeted(engine(using(40, 20)), budget, Rate(1.0, 2.0))
    dear = Budgeted(engine(using(40, 20)), budget, Rate(10.0, 20.0))

    async def both():
        await cheap.complete(PROMPT, 1)
        with pytest.raises(StoppedShort, match=r"0\.0001 of 0\.0010 USD; .* 150 tokens \(0\.0020 USD\)"):
            await dear.complete(PROMPT, 1)
        await cheap.complete(PROMPT, 1)

    asyncio.run(both())
    assert budget.spent_usd == pytest.approx(2 * 80e-6)


def test_what_was_spent_before_counts():
    """A resumed run has what is left."""
    budget = Budget(tokens=1000, usd=None, spent_tokens=851)
    with pytest.raises(StoppedShort, match="851 of 1,000 tokens"):
        asyncio.run(Budgeted(engine(using(1, 1)), budget, FREE).complete(PROMPT, 1))


@pytest.mark.parametrize(("billed", "spent"), [(True, 150), (False, 0)])
def test_a_failure_that_may_be_billed_counts_in_full(billed, spent):
    """A time-out may have cost what the answer would have; a refused connection has cost nothing."""

    def fail(n):
        raise EngineFailure("timeout", possibly_billed=billed)

    budget = Budget(tokens=1000, usd=None)
    with pytest.raises(EngineFailure):
        asyncio.run(Budgeted(engine(fail), budget, FREE).complete(PROMPT, 1))
    assert budget.spent_tokens == spent


def test_a_server_that_does_not_count_is_estimated():
    """Without usage, a third of the bytes stands for the tokens."""
    budget = Budget(tokens=1000, usd=None)
    answer = Completion("z" * 30, usage=Usage())
    asyncio.run(Budgeted(engine(lambda n: [answer]), budget, FREE).complete(PROMPT, 1))
    assert budget.spent_tokens == 84 // 3 + 10


def test_cached_input_counts_in_full():
    """A budget takes the full price for what came from a cache: it spends no more than it counts."""
    budget = Budget(tokens=None, usd=1.0)
    answer = Completion("z", usage=Usage(100, 10, cached=100))
    asyncio.run(Budgeted(engine(lambda n: [answer]), budget, Rate(1.0, 2.0)).complete(PROMPT, 1))
    assert budget.spent_usd == pytest.approx(120e-6)


def test_without_a_limit_of_output_no_budget_can_be_kept():
    """Nobody could say what the next request may cost."""
    assert most_output(Prompt("m", (), {"max_completion_tokens": 7})) == 7
    with pytest.raises(UsageError, match="limit of output tokens"):
        most_output(Prompt("m", (), {"temperature": 1}))
