"""Awaiting many requests at once without losing what was paid for."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

__all__ = ["together"]

T = TypeVar("T")


async def together(jobs: Iterable[Awaitable[T]]) -> list[T]:
    """Return the jobs' results in their order; all jobs end before the first one's error is raised.

    `asyncio.gather` raises at once and leaves the others behind: at the end of the event loop they are
    cancelled, and what they had asked and paid for is lost.

    :raises BaseException: what the first job, in their order, that failed has raised.
    """
    results: list[T] = []
    failures: list[BaseException] = []
    for outcome in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(outcome, BaseException):
            failures.append(outcome)
        else:
            results.append(outcome)
    for failure in failures:
        raise failure
    return results
