"""taskseed's whole engine as a run builds it, as a driver: `python bench/engine.py URL REQUESTS AT_ONCE`.

Asker, breaker, retries, pacing, gate, counters, client; every answer is in the store, durably, before it is
used. The last line on stdout is JSON: what became of the requests.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from work import SAMPLING, prompt, spread

from taskseed.models.base import Prompt
from taskseed.models.stored import Asker
from taskseed.recipe import Recipe
from taskseed.run.askers import Gate, open_askers
from taskseed.run.events import unwatched
from taskseed.run.ledger import InvocationCounters
from taskseed.run.local import calm_collector
from taskseed.store import ResponseStore


@dataclass(frozen=True)
class Opened:
    """An engine that is ready to be asked.

    :param ask: asks one prompt by its number; returns the answers' failures, None for each that came.
    """

    asker: Asker
    store: ResponseStore
    counters: InvocationCounters
    ask: Callable[[int], Awaitable[list[str | None]]]


@asynccontextmanager
async def opened(
    url: str, folder: Path, concurrency: str, *, seconds: float = 600.0, samples: int = 1
) -> AsyncIterator[Opened]:
    """Open the engine as `run` does.

    :param concurrency: a number, or `auto`.
    :param seconds: the longest that a request may take.
    """
    sampling = {name: int(value) for name, value in SAMPLING.items()}  # as a recipe spells them
    model = {
        "base_url": url,
        "model": "m",
        "api_key_env": None,
        "concurrency": concurrency if concurrency == "auto" else int(concurrency),
        "timeout": seconds,
        "sampling": sampling,
    }
    recipe = Recipe.model_validate(
        {"name": "bench", "tasks": {"include": ["gsm8k"]}, "models": {"writer": model}}
    )
    async with AsyncExitStack() as stack:
        counters = stack.enter_context(closing(InvocationCounters(folder / "invocations")))
        store = stack.enter_context(closing(ResponseStore(folder / "responses")))
        askers = await open_askers(recipe, store, counters, Gate(), lambda *_: None, None, unwatched, stack)
        asker = askers.by_role["writer"]
        indices = range(samples)

        async def ask(number: int) -> list[str | None]:
            asked = Prompt("m", ({"role": "user", "content": prompt(number)},), sampling)
            return [answer.failure for answer in await asker.ask(asked, indices)]

        yield Opened(asker, store, counters, ask)


async def main(options: argparse.Namespace) -> None:
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        engine = opened(
            options.url,
            Path(folder),
            options.concurrency or str(options.at_once),
            seconds=options.timeout,
            samples=options.samples,
        )
        async with engine as opened_engine:

            async def one(number: int) -> None:
                outcomes.update(failure or "answered" for failure in await opened_engine.ask(number))

            started = time.monotonic()
            await spread(one, options.requests, options.at_once)
            seconds = time.monotonic() - started
            counted = {
                name: opened_engine.counters.of("writer", name)
                for name in ("sent", "answered", "failed", "possibly_billed")
            }
            stored = len(opened_engine.store)
    print(json.dumps({"seconds": seconds, "outcomes": outcomes, "stored": stored, **counted}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("requests", type=int)
    parser.add_argument("at_once", type=int)
    parser.add_argument("--samples", type=int, default=1, help="answers per request")
    parser.add_argument("--concurrency", help="`auto`; default: as many as are asked at once")
    parser.add_argument("--timeout", type=float, default=600.0)
    parser.add_argument("--folder", help="where the store is put; default: the folder for temporary files")
    with calm_collector(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(parser.parse_args()))
