"""Raw pycurl with orjson: sends requests and parses the answers, nothing more."""

import asyncio

import orjson
import pycurl
import uvloop
from work import arguments, body, spread


def prepared(url: str) -> pycurl.Curl:
    """Return a handle that posts JSON to an address."""
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"{url}/chat/completions")
    handle.setopt(pycurl.HTTPHEADER, ["content-type: application/json"])
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.POST, 1)
    return handle


async def main() -> None:
    url, count, at_once = arguments()
    free = [prepared(url) for _ in range(at_once)]
    async with pycurl.AsyncCurlMulti() as multi:
        multi.setopt(pycurl.M_MAXCONNECTS, at_once)

        async def one(number: int) -> str:
            handle = free.pop()
            pieces: list[bytes] = []
            handle.setopt(pycurl.POSTFIELDS, orjson.dumps(body(number)))
            handle.setopt(pycurl.WRITEFUNCTION, pieces.append)
            await multi.perform(handle)
            free.append(handle)
            return orjson.loads(b"".join(pieces))["choices"][0]["message"]["content"]

        await spread(one, count, at_once)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
