"""The breaker layer: stop the run when an endpoint fails everything."""

import time
from collections.abc import Callable, Sequence

from taskseed.errors import EndpointError
from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.errors import REFUSED

__all__ = ["Breaker"]

_AGAIN = "run the same command again: nothing is lost"


class Breaker:
    """Raises `EndpointError` once an endpoint fails everything, and for every request after that.

    That is: `failures` requests failed in a row (each after its retries), or for `patience`
    seconds no connection could be made at all. A connection that cannot be made is never a fact
    about a request: it is tried again until then. A refusal of one request for what it says counts
    only until the endpoint has answered something: afterwards it shows that the server is alive,
    and no number of such requests stops the run.

    :param engine: the engine that is asked, retries included.
    :param name: the endpoint's name for messages, without credentials.
    :param failures: failed requests in a row that stop the run.
    :param patience: seconds without any connection that stop the run.
    :param clock: a clock in seconds that never goes back; tests pass their own.
    """

    __slots__ = (
        "_answered",
        "_clock",
        "_engine",
        "_failures",
        "_in_a_row",
        "_name",
        "_opened",
        "_patience",
        "_unreachable_since",
    )

    def __init__(
        self,
        engine: Engine,
        name: str,
        *,
        failures: int = 20,
        patience: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._name = name
        self._failures = failures
        self._patience = patience
        self._clock = clock
        self._in_a_row = 0
        self._unreachable_since: float | None = None
        self._answered = False
        self._opened: tuple[str, str] | None = None

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: as the engine does.
        :raises EndpointError: if the endpoint is found to fail everything.
        """
        while True:
            if self._opened is not None:
                raise EndpointError(*self._opened)
            try:
                completions = await self._engine.complete(prompt, n)
                break
            except EngineFailure as failure:
                self._opened = self._opened or self._judge(failure)
                if self._opened is not None:
                    raise EndpointError(*self._opened) from None
                if failure.reason != "connect":
                    raise
        self._answered = True
        self._in_a_row = 0
        self._unreachable_since = None
        return completions

    def _judge(self, failure: EngineFailure) -> tuple[str, str] | None:
        """Count a failure; return the message and the hint that end the run, or None."""
        if failure.reason.startswith(REFUSED) and self._answered:
            self._unreachable_since = None
            return None
        if failure.reason == "connect":
            now = self._clock()
            self._unreachable_since = now if self._unreachable_since is None else self._unreachable_since
            waited = now - self._unreachable_since
            if waited < self._patience:
                return None
            return f"{self._name} could not be reached for {waited:.0f} s: {failure.detail}", _hint(failure)
        self._in_a_row += 1
        self._unreachable_since = None
        if self._in_a_row < self._failures:
            return None
        message = f"{self._name} failed {self._in_a_row} requests in a row; the last failure was {failure}"
        return message, _hint(failure)


def _hint(failure: EngineFailure) -> str:
    if failure.reason in ("http_401", "http_403"):
        return f"check the key in the variable that api_key_env names and {_AGAIN}"
    if failure.reason == "http_404":
        return f"check base_url and model in the recipe and {_AGAIN}"
    if failure.reason.startswith(REFUSED):
        return "check model and sampling in the recipe: the server refuses every request"
    if failure.reason in ("http_402", "http_429"):
        return f"wait for the quota or lower concurrency and {_AGAIN}"
    return f"start the server and {_AGAIN}"
