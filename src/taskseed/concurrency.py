"""Awaiting many things at once without abandoning any."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

__all__ = ["settle"]

T = TypeVar("T")


async def settle(jobs: Iterable[Awaitable[T]], ended: Callable[[], None] | None = None) -> list[T]:
    """Await all jobs and return their results in order; only when all have ended is the first error raised.

    A plain `gather` lets an error leave while others are under way. Here they have paid for requests, whose
    answers must still reach the store.

    :param ended: is called as each job ends with a result.
    """

    async def told(job: Awaitable[T], ended: Callable[[], None]) -> T:
        result = await job
        ended()
        return result

    watched = jobs if ended is None else (told(job, ended) for job in jobs)
    results = await asyncio.gather(*watched, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
