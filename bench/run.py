"""Client CPU per request, side by side: `make bench`.

Each driver runs in a process of its own against the same mock server on loopback, in rounds. What is
compared is the CPU time of the client process per request, start-up excluded (CPU at N requests minus CPU at
N/10). Ratios hold within one run only.
"""

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

N = 6000
AT_ONCE = 64
TEXT = "What is the capital of a country that nobody has heard of? " * 10


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def spread(one: Callable[[int], Awaitable[object]], first: int, last: int) -> None:
    numbers = iter(range(first, last))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def measure(one: Callable[[int], Awaitable[object]]) -> float:
    await spread(one, 0, N // 10)
    before = cpu()
    await spread(one, N // 10, N)
    return (cpu() - before) / (N - N // 10)


async def raw_aiohttp(url: str) -> float:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def one(number: int) -> str:
            body = {"model": "m", "messages": [{"role": "user", "content": f"{number} {TEXT}"}]}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                return (await response.json())["choices"][0]["message"]["content"]

        return await measure(one)


async def raw_pyreqwest(url: str) -> float:
    import orjson
    from pyreqwest.client import ClientBuilder

    async with ClientBuilder().build() as client:

        async def one(number: int) -> str:
            body = {"model": "m", "messages": [{"role": "user", "content": f"{number} {TEXT}"}]}
            request = client.post(f"{url}/chat/completions").body_bytes(orjson.dumps(body))
            response = await request.header("content-type", "application/json").build().send()
            return orjson.loads(bytes(await response.bytes()))["choices"][0]["message"]["content"]

        return await measure(one)


async def taskseed_engine(url: str) -> float:
    """The whole engine: store (durable), single flight, limit, breaker, retries, counting, parsing."""
    from taskseed.models.base import Prompt
    from taskseed.models.breaker import Breaker
    from taskseed.models.counted import Counted
    from taskseed.models.limit import Places
    from taskseed.models.openai import Endpoint, OpenAIEngine
    from taskseed.models.retry import Retrying
    from taskseed.models.stored import Asker
    from taskseed.run.ledger import InvocationCounters
    from taskseed.store import ResponseStore

    with tempfile.TemporaryDirectory() as folder:
        counters = InvocationCounters(Path(folder))
        store = ResponseStore(Path(folder) / "responses")
        async with OpenAIEngine(Endpoint(base_url=url)) as engine:
            patient = Retrying(Counted(engine, counters, "writer"), rng=random.Random(0))
            breaker = Breaker(patient, url)
            asker = Asker(breaker, store, "call", counters, role="writer", places=Places(AT_ONCE))

            async def one(number: int) -> object:
                message = {"role": "user", "content": f"{number} {TEXT}"}
                return await asker.ask(Prompt("m", (message,), {"temperature": 1}), [0])

            return await measure(one)


DRIVERS = {
    "aiohttp, raw": raw_aiohttp,
    "pyreqwest, raw": raw_pyreqwest,
    "taskseed, whole engine": taskseed_engine,
}


def run_driver(name: str, url: str) -> None:
    import uvloop

    from taskseed.run.local import calm_collector

    calm = calm_collector() if DRIVERS[name] is taskseed_engine else contextlib.nullcontext()
    with calm, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(DRIVERS[name](url))))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver")
    parser.add_argument("--url")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.driver:
        run_driver(options.driver, options.url)
        return
    from tests.servers import server_process

    taken: dict[str, list[float]] = {name: [] for name in DRIVERS}
    with tempfile.TemporaryDirectory() as folder, server_process(Path(folder) / "log") as server:
        for _ in range(options.rounds):
            for name in DRIVERS:
                command = [sys.executable, __file__, "--driver", name, "--url", server.base_url]
                taken[name].append(json.loads(subprocess.check_output(command)))
    base = statistics.median(taken["aiohttp, raw"])
    packages = ("aiohttp", "pyreqwest", "uvloop", "orjson")
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}, ", end="")
    print(f"Python {platform.python_version()}, {versions}; {N} requests, {AT_ONCE} at once, 0 ms latency\n")
    print("| client | CPU ms per request, median (min–max) | ratio to raw aiohttp |\n|---|---|---|")
    for name, times in taken.items():
        low, high, middle = min(times) * 1e3, max(times) * 1e3, statistics.median(times)
        print(f"| {name} | {middle * 1e3:.3f} ({low:.3f}–{high:.3f}) | {middle / base:.2f} |")


if __name__ == "__main__":
    main()
