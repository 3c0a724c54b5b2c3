"""Raw pyreqwest with orjson: sends requests and parses the answers, nothing more."""

import asyncio

import orjson
import uvloop
from pyreqwest.client import ClientBuilder
from work import arguments, body, spread


async def main() -> None:
    url, count, at_once = arguments()
    async with ClientBuilder().build() as client:

        async def one(number: int) -> str:
            request = client.post(f"{url}/chat/completions").body_bytes(orjson.dumps(body(number)))
            response = await request.header("content-type", "application/json").build().send()
            return orjson.loads(bytes(await response.bytes()))["choices"][0]["message"]["content"]

        await spread(one, count, at_once)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
