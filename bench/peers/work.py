"""What every driver does: a number of prompts, so many at once; no package is needed for it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

TEXT = "What is the capital of a country that nobody has heard of? " * 10
SAMPLING = {"temperature": 1.0, "max_tokens": 4096}


def prompt(number: int) -> str:
    return f"{number} {TEXT}"


def body(number: int) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": prompt(number)}], **SAMPLING}


def arguments() -> tuple[str, int, int]:
    """Return the base URL, how many requests, and how many of them at once."""
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def spread(one: Callable[[int], Awaitable[object]], count: int, at_once: int) -> None:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(worker() for _ in range(at_once)))
