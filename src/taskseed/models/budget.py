"""The budget layer: a request goes out only if the most that it can cost still fits.

What is in flight is reserved, so that many requests at once cannot spend the same remainder. A request that
does not fit waits for what is in flight to end, which is nearly always cheaper than it was reserved for; if
nothing is in flight and it still does not fit, the run stops.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from taskseed.errors import StoppedShort, UsageError
from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.usage import total, with_estimates

__all__ = ["Budget", "Budgeted", "Rate", "most_output"]


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens; zero where only tokens are counted.

    Input from a prompt cache counts in full here, so that what is spent is never more than what is counted.
    """

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class _Cost:
    tokens: int
    usd: float


class Budget:
    """What all roles of a run may spend together.

    :param tokens: the most tokens, input and output together; None is no limit.
    :param usd: the most USD; None is no limit.
    :param spent_tokens: tokens that were spent before.
    :param spent_usd: USD that were spent before.
    """

    def __init__(
        self, tokens: int | None, usd: float | None, spent_tokens: int = 0, spent_usd: float = 0.0
    ) -> None:
        self._most = _Cost(tokens or 0, usd or 0.0)
        self._tokens, self._usd = tokens is not None, usd is not None
        self.spent_tokens = spent_tokens
        self.spent_usd = spent_usd
        self._reserved_tokens = 0
        self._reserved_usd = 0.0
        self._in_flight = 0
        self._ended = asyncio.Condition()

    async def reserve(self, most: _Cost) -> None:
        """Wait until `most` fits and set it aside.

        :raises StoppedShort: if it does not fit although nothing is in flight.
        """
        async with self._ended:
            while not self._fits(most):
                if not self._in_flight:
                    raise StoppedShort(
                        f"the budget is spent: {self._spent()}; another request may need {self._words(most)}",
                        "run the same command again with a larger budget: nothing is lost or asked twice",
                    )
                await self._ended.wait()
            self._reserved_tokens += most.tokens
            self._reserved_usd += most.usd
            self._in_flight += 1

    async def settle(self, reserved: _Cost, spent: _Cost) -> None:
        """Put what a request has cost in the place of what was set aside for it."""
        async with self._ended:
            self._reserved_tokens -= reserved.tokens
            self._reserved_usd -= reserved.usd
            self._in_flight -= 1
            self.spent_tokens += spent.tokens
            self.spent_usd += spent.usd
            self._ended.notify_all()

    def _fits(self, most: _Cost) -> bool:
        tokens = self.spent_tokens + self._reserved_tokens + most.tokens
        usd = self.spent_usd + self._reserved_usd + most.usd
        return (not self._tokens or tokens <= self._most.tokens) and (not self._usd or usd <= self._most.usd)

    def _spent(self) -> str:
        parts = [f"{self.spent_tokens:,} of {self._most.tokens:,} tokens"] if self._tokens else []
        parts += [f"{self.spent_usd:.4f} of {self._most.usd:.4f} USD"] if self._usd else []
        return ", ".join(parts)

    def _words(self, cost: _Cost) -> str:
        return f"{cost.tokens:,} tokens" + (f" ({cost.usd:.4f} USD)" if self._usd else "")


class Budgeted:
    """Keeps the requests of an engine within a budget.

    :param rate: what the model costs.
    """

    __slots__ = ("_budget", "_engine", "_rate")

    def __init__(self, engine: Engine, budget: Budget, rate: Rate) -> None:
        self._engine = engine
        self._budget = budget
        self._rate = rate

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: as the engine does; what it may have cost counts as spent in full.
        :raises StoppedShort: if the budget is spent.
        """
        asked = sum(len(message["content"].encode()) for message in prompt.messages)
        # No tokenizer makes more tokens than there are bytes; chat templates add a few around each message.
        most = self._cost(asked + 16 * len(prompt.messages), n * most_output(prompt))
        await self._budget.reserve(most)
        spent = most
        try:
            completions = await self._engine.complete(prompt, n)
            used = total(with_estimates(prompt, completions))
            spent = self._cost(used.input + used.estimated_input, used.output + used.estimated_output)
        except EngineFailure as failure:
            if not failure.possibly_billed:
                spent = self._cost(0, 0)
            raise
        finally:
            await asyncio.shield(self._budget.settle(most, spent))
        return completions

    def _cost(self, tokens_in: int, tokens_out: int) -> _Cost:
        usd = (tokens_in * self._rate.input + tokens_out * self._rate.output) / 1e6
        return _Cost(tokens_in + tokens_out, usd)


def most_output(prompt: Prompt) -> int:
    """Return the most tokens that one sample of a prompt may have.

    :raises UsageError: if its sampling sets no limit.
    """
    for name in ("max_tokens", "max_completion_tokens"):
        limit = prompt.sampling.get(name)
        if isinstance(limit, int):
            return limit
    raise UsageError(
        f"a budget needs a limit of output tokens, and the sampling of `{prompt.model}` sets none",
        "set max_tokens in its sampling",
    )
