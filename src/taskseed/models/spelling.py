"""The spelling layer: a request as its endpoint wants it, whatever the recipe calls things.

An endpoint keeps `max_tokens` or `max_completion_tokens`, and gets a schema only where it was seen to honour
one. Neither is part of a request's key. What it refuses is asked again in the other way, and once that has
been answered, all later requests are spelled so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.capabilities import Capabilities
from taskseed.models.errors import REFUSED
from taskseed.models.wire import Limit, limit_of, limit_wanted, with_limit, with_schema

__all__ = ["Spelling", "Spelt"]


@dataclass(frozen=True, slots=True)
class _Habits:
    """How one model's requests are spelled.

    :param limit: what the limit of output tokens is called; None as the recipe calls it.
    :param schema: whether a schema goes with them.
    """

    limit: Limit | None = None
    schema: bool = False


class Spelling:
    """What is known of one endpoint, by model; the roles that use it share it.

    :param recall: returns what the endpoint was seen to honour for a model, or None.
    """

    def __init__(self, recall: Callable[[str], Capabilities | None]) -> None:
        self._recall = recall
        self._habits: dict[str, _Habits] = {}
        self._ignores_n: dict[str, bool] = {}

    def habits(self, model: str) -> _Habits:
        """Return how a model's requests are spelled now."""
        if model not in self._habits:
            known = self._recall(model)
            self._habits[model] = (
                _Habits(known.max_tokens_field, bool(known.json_schema)) if known else _Habits()
            )
            self._ignores_n[model] = known is not None and not known.n
        return self._habits[model]

    def ignores_n(self, model: str) -> bool:
        """Say whether the endpoint was seen to send one sample where several were asked for."""
        self.habits(model)
        return self._ignores_n[model]

    def learn(self, model: str, before: _Habits, after: _Habits) -> None:
        """Take over what differs, now that the endpoint has answered a request spelled like `after`."""
        now = self.habits(model)
        limit = after.limit if after.limit != before.limit else now.limit
        self._habits[model] = _Habits(limit, now.schema and (after.schema or not before.schema))


class Spelt:
    """Sends requests as their endpoint wants them; stands outside the counter, so that each one sent counts.

    :param hints: whether a prompt's schema may be sent.
    """

    __slots__ = ("_engine", "_hints", "_spelling")

    def __init__(self, engine: Engine, spelling: Spelling, *, hints: bool) -> None:
        self._engine = engine
        self._spelling = spelling
        self._hints = hints

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return the engine's completions.

        :raises EngineFailure: as the engine does; a refusal only after the other spelling was refused too.
        """
        first = self._spelling.habits(prompt.model)
        if not self._hints:
            first = replace(first, schema=False)
        habits = first
        while True:
            spelt = _spelt(prompt, habits)
            try:
                completions = await self._engine.complete(spelt, n)
            except EngineFailure as failure:
                other = _otherwise(spelt, habits, first, failure)
                if other is None:
                    raise
                habits = other
                continue
            if habits is not first:
                self._spelling.learn(prompt.model, first, habits)
            return completions


def _spelt(prompt: Prompt, habits: _Habits) -> Prompt:
    if habits.limit is not None:
        prompt = with_limit(prompt, habits.limit)
    return with_schema(prompt) if habits.schema else prompt


def _otherwise(spelt: Prompt, habits: _Habits, first: _Habits, failure: EngineFailure) -> _Habits | None:
    """Return how a refused request may be spelled instead; each habit of the first is given up once."""
    if not failure.reason.startswith(REFUSED):
        return None
    sent = limit_of(spelt)
    wanted = limit_wanted(sent, failure.detail) if sent is not None else None
    if wanted is not None and habits.limit == first.limit:
        return replace(habits, limit=wanted)
    if habits.schema and spelt.schema is not None:
        return replace(habits, schema=False)  # no schema is better than no answer: the parser judges
    return None
