"""How many requests are out at once."""

import asyncio
from types import TracebackType
from typing import Literal, Self

__all__ = ["AUTO_CONCURRENCY", "Places", "concurrency_of"]

AUTO_CONCURRENCY = 64
"""What `concurrency: auto` stands for."""


def concurrency_of(setting: int | Literal["auto"]) -> int:
    """Return the number of requests at once that a recipe's `concurrency` asks for."""
    return AUTO_CONCURRENCY if setting == "auto" else setting


class Places:
    """The places of one endpoint, as a context manager: first come, first served.

    Roles that share an endpoint share its places. A request for several samples takes one. It keeps its
    place while it waits to be asked again, so that an endpoint that fails gets fewer new requests.

    :param count: requests at once, at least 1.
    """

    __slots__ = ("_free",)

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"concurrency must be at least 1, not {count}")
        self._free = asyncio.Semaphore(count)  # wakes its waiters in order

    async def __aenter__(self) -> Self:
        await self._free.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.release()
