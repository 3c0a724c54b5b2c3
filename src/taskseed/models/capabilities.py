"""What an endpoint honours of what it is asked: found out by a few cheap requests.

Most servers answer a setting that they ignore with status 200, so that only the content of an answer shows
whether it was honoured. Six requests of few tokens do, one or two more where something is refused.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.errors import REFUSED
from taskseed.models.replies import completions_of
from taskseed.models.wire import CONSTRAINTS, LIMITS, Limit, chat_body, limit_wanted, response_format

__all__ = ["Capabilities", "Send", "probe"]

Send = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Sends the body of a chat request and returns the JSON of its answer; raises `EngineFailure`."""

_PROBED = frozenset({*LIMITS, *CONSTRAINTS, "n", "seed", "logprobs", "top_logprobs", "stop"})
# One setting that is not supported; llama-cpp-python says so with a 500. The rest is the endpoint's trouble.
_UNSUPPORTED = frozenset({"http_500", "http_501"})
# OpenAI's words where thinking has used the limit up: then nothing is told about the setting.
_TOO_LITTLE = "output limit was reached"
_ROOM_TO_THINK = 2048

_COUNT = "Count from 1 to 100 in digits, separated by commas."
_COUNT_TOKENS = 16
_WORDS = "Write twelve unusual English words in one line, drawn at random."
_WORDS_TOKENS = 32
_FEWEST_CHARACTERS = 20  # a shorter text may be the same by chance
_SEEDS = (11, 12)
_SKY = "In one short sentence of plain prose, without JSON: what colour is a clear sky at noon?"
_SKY_TOKENS = 512  # only a model that thinks uses them
_SKY_SCHEMA = {
    "type": "object",
    "properties": {
        "colour": {"type": "string", "enum": ["red", "green", "blue"]},
        "sure": {"type": "boolean"},
    },
    "required": ["colour", "sure"],
    "additionalProperties": False,
}
_NINE = "Count from 1 to 9 in digits, separated by commas, then from one to nine in words."
_NINE_TOKENS = 64
_STOPS = ("5", "e")  # whatever a model writes here, it comes upon one of them


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one endpoint was seen to honour for one model; None where the answers could not tell.

    :param n: several samples by one request.
    :param max_tokens_field: the name of the limit of output tokens that is kept; None if neither is.
    :param seed: the same seed gives the same text, and another seed another one.
    :param logprobs: the log probabilities of the tokens come with the answer.
    :param json_schema: answers fit a schema that `response_format` gives.
    :param stop: the text ends before a stop string.
    :param usage: token counts come with the answer.
    """

    n: bool
    max_tokens_field: Limit | None
    seed: bool | None
    logprobs: bool
    json_schema: bool | None
    stop: bool | None
    usage: bool

    def told(self) -> tuple[list[str], list[str], list[str]]:
        """Return the names of what is honoured, of what is not, and of what could not be told."""
        fields = ("n", "seed", "logprobs", "json_schema", "stop")
        by_state: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for name in fields:
            by_state[getattr(self, name)].append(name)
        limit = [self.max_tokens_field] if self.max_tokens_field else []
        unkept = [] if limit else list(LIMITS)
        return [*limit, *by_state[True]], [*unkept, *by_state[False]], by_state[None]


async def probe(send: Send, model: str, sampling: Mapping[str, Any]) -> Capabilities:
    """Find out what an endpoint honours; each finding rests on what came back, not on a status.

    :param sampling: the recipe's; all of it but what is probed goes with every request.
    :raises EngineFailure: if the endpoint fails, or refuses the rest of the sampling.
    """
    return await _Probe(send, model, sampling).run()


class _Answer(NamedTuple):
    value: Any
    completions: Sequence[Completion]

    @property
    def text(self) -> str:
        return self.completions[0].text

    @property
    def written(self) -> str:
        """The text with its thinking."""
        return self.completions[0].reasoning + self.completions[0].text

    @property
    def is_cut(self) -> bool:
        return self.completions[0].finish_reason == "length"

    @property
    def output(self) -> int:
        """The output tokens that the server tells, over all choices."""
        return sum(c.usage.output for c in self.completions)


class _Probe:
    def __init__(self, send: Send, model: str, sampling: Mapping[str, Any]) -> None:
        body = chat_body(Prompt(model, (), sampling), 1)
        stated = "max_completion_tokens" if "max_completion_tokens" in body else "max_tokens"
        self._limits = sorted(LIMITS, key=lambda name: name != stated)
        self._send = send
        self._body = {name: value for name, value in body.items() if name not in _PROBED}
        self._limit: Limit = self._limits[0]
        self._room = 0
        self._refusal: EngineFailure | None = None

    async def run(self) -> Capabilities:
        n, limit, usage = await self._begin()
        seed, logprobs = await self._seed_and_logprobs()
        schema = await self._schema()
        stop = await self._stop({"seed": _SEEDS[0]} if seed else {})
        return Capabilities(n, limit, seed, logprobs, schema, stop, usage)

    async def _begin(self) -> tuple[bool, Limit | None, bool]:
        """Return whether `n` is honoured, which limit is, and whether usage is told."""
        unwanted: set[Limit] = set()
        for name in self._limits:
            self._limit = name
            for n in (2, 1):
                if name in unwanted:
                    break
                answer = await self._ask(_COUNT, _COUNT_TOKENS, **({"n": n} if n > 1 else {}))
                if answer is not None:
                    return len(answer.completions) > 1, await self._kept_limit(answer), answer.output > 0
                if self._refusal and limit_wanted(name, self._refusal.detail):
                    unwanted.add(name)
        assert self._refusal is not None  # noqa: S101 - every request was refused
        raise self._refusal

    async def _kept_limit(self, answer: _Answer) -> Limit | None:
        if self._keeps_limit(answer):
            return self._limit
        first = self._limit
        self._limit = next(name for name in LIMITS if name != first)
        other = await self._ask(_COUNT, _COUNT_TOKENS)
        if other is not None and other.is_cut and self._keeps_limit(other):
            return self._limit
        self._limit = first
        return None

    def _keeps_limit(self, answer: _Answer) -> bool:
        """Say whether nothing shows that the limit was ignored: an answer may well end before it."""
        most = max(_COUNT_TOKENS, self._room)
        if answer.output:
            return answer.output <= most * len(answer.completions)
        return answer.is_cut or len(answer.written) < 4 * most

    async def _seed_and_logprobs(self) -> tuple[bool | None, bool]:
        settings: dict[str, Any] = {"logprobs": True}
        if "temperature" in self._body:
            settings["temperature"] = 1  # at 0 every seed gives the same
        first = await self._ask(_WORDS, _WORDS_TOKENS, seed=_SEEDS[0], **settings)
        if first is not None:
            return await self._seed(first, settings), _has_logprobs(first)
        del settings["logprobs"]
        first = await self._ask(_WORDS, _WORDS_TOKENS, seed=_SEEDS[0], **settings)
        if first is not None:
            return await self._seed(first, settings), False
        alone = await self._ask(_WORDS, _WORDS_TOKENS, logprobs=True, **settings)
        return False, alone is not None and _has_logprobs(alone)

    async def _seed(self, first: _Answer, settings: Mapping[str, Any]) -> bool | None:
        if len(first.written) < _FEWEST_CHARACTERS:
            return None
        again = await self._ask(_WORDS, _WORDS_TOKENS, seed=_SEEDS[0], **settings)
        if again is None or again.written != first.written:
            return False
        other = await self._ask(_WORDS, _WORDS_TOKENS, seed=_SEEDS[1], **settings)
        return other is not None and other.written != first.written

    async def _schema(self) -> bool | None:
        answer = await self._ask(_SKY, _SKY_TOKENS, response_format=response_format("sky", _SKY_SCHEMA))
        if answer is None:
            return False
        return None if not answer.text and answer.is_cut else _fits(answer.text)

    async def _stop(self, settings: Mapping[str, Any]) -> bool | None:
        answer = await self._ask(_NINE, _NINE_TOKENS, stop=list(_STOPS), **settings)
        if answer is None:
            return False
        if any(stop in answer.text for stop in _STOPS):
            return False
        return None if not answer.text or answer.is_cut else True

    async def _ask(self, question: str, tokens: int, **settings: Any) -> _Answer | None:
        """Return the answer to a question, or None where its settings are refused."""
        body = {**self._body, "messages": [{"role": "user", "content": question}], **settings}
        body[self._limit] = max(tokens, self._room)
        try:
            value = await self._send(body)
        except EngineFailure as failure:
            if _TOO_LITTLE in failure.detail and not self._room:
                self._room = _ROOM_TO_THINK
                return await self._ask(question, tokens, **settings)
            if failure.reason.startswith(REFUSED) or failure.reason in _UNSUPPORTED:
                self._refusal = failure
                return None
            raise
        return _Answer(value, completions_of(value, settings.get("n", 1)))


def _has_logprobs(answer: _Answer) -> bool:
    listed = answer.value["choices"][0].get("logprobs")
    tokens = listed.get("content") if isinstance(listed, dict) else None
    first = tokens[0] if isinstance(tokens, list) and tokens else None
    return isinstance(first, dict) and isinstance(first.get("logprob"), int | float)


def _fits(text: str) -> bool:
    """Say whether a text is JSON that fits the schema of the sky, and nothing else."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(value, dict)
        and sorted(value) == ["colour", "sure"]
        and value["colour"] in ("red", "green", "blue")
        and isinstance(value["sure"], bool)
    )
