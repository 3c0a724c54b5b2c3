"""Raw aiohttp: sends requests and parses the answers, nothing more."""

import asyncio

import aiohttp
import uvloop
from work import arguments, body, spread


async def main() -> None:
    url, count, at_once = arguments()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:

        async def one(number: int) -> str:
            async with session.post(f"{url}/chat/completions", json=body(number)) as response:
                return (await response.json())["choices"][0]["message"]["content"]

        await spread(one, count, at_once)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
