"""Small engines, stores and counters for the tests of the layers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from taskseed.models.base import Completion, EngineFailure, Prompt, Usage

PROMPT = Prompt("m", ({"role": "user", "content": "What is 2+2?"},), {"temperature": 1.0, "max_tokens": 8})


class Script:
    """An engine that plays outcomes in order: a failure is raised, a number is that many completions.

    After the script it returns all that is asked for. `asked` lists `(seed, n)` of each request.
    """

    def __init__(self, *outcomes: EngineFailure | int, delay: float = 0.0, most: int = 99) -> None:
        self.outcomes = list(outcomes)
        self.delay = delay
        self.most = most
        self.asked: list[tuple[int | None, int]] = []
        self.in_flight = self.peak = 0

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Play the next outcome."""
        self.asked.append((prompt.sampling.get("seed"), n))
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.in_flight -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else n
        if isinstance(outcome, EngineFailure):
            raise outcome
        return [
            Completion(f"text {len(self.asked)}.{i}", usage=Usage(10 * (i == 0), 5))
            for i in range(min(outcome, self.most))
        ]


class Function:
    """An engine that is a function of the prompt and n."""

    def __init__(self, function: Callable[[Prompt, int], Sequence[Completion]]) -> None:
        self.function = function
        self.requests = 0

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return what the function returns."""
        self.requests += 1
        await asyncio.sleep(0)
        return self.function(prompt, n)


class MemoryStore:
    """A store in memory; a put takes a moment, as a durable one does."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.problem = None
        self.puts = 0
        self.putting = asyncio.Event()

    def get(self, key: str) -> bytes | None:
        """Return the payload of a key, or None."""
        return self.kept.get(key)

    async def put(self, entries: Sequence[tuple[str, bytes]]) -> None:
        """Keep payloads, after a moment, whether or not anybody waits for it."""
        self.puts += len(entries)
        self.putting.set()
        await asyncio.shield(asyncio.create_task(self._keep(entries)))

    async def _keep(self, entries: Sequence[tuple[str, bytes]]) -> None:
        await asyncio.sleep(0.001)
        self.kept |= dict(entries)


class Totals:
    """Counters in memory."""

    def __init__(self) -> None:
        self.totals: Counter[tuple[str, str]] = Counter()

    def add(self, role: str, name: str, amount: int) -> None:
        """Add to a total."""
        self.totals[role, name] += amount

    def of(self, role: str) -> dict[str, int]:
        """Return the totals of a role that are not zero."""
        return {name: amount for (r, name), amount in self.totals.items() if r == role and amount}
