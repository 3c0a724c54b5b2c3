"""The store layer: ask for a prompt's samples, and pay only for those that no store has.

A response is looked up by the hash of what was asked (`request_key`): the model's name, the
messages, the sampling as the recipe states it and the sample's index. The endpoint, how `n` was
split over requests and how a server spells its settings are not part of it, so a response that
was recorded anywhere is found anywhere. What a miss means is the policy: `call` the engine,
`queue` the request for a batch, or `refuse` (replay).
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import orjson

from taskseed.concurrency import settle
from taskseed.errors import RunError, TaskseedError, UsageError
from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.counted import Counters
from taskseed.models.errors import REFUSED
from taskseed.models.limit import Places
from taskseed.models.usage import usage_of_record, usage_record
from taskseed.models.wire import prompt_of_sample
from taskseed.records import canonical_json

__all__ = [
    "Answer",
    "Ask",
    "Asker",
    "OnMiss",
    "Pending",
    "ResponseStore",
    "Spent",
    "decode_answer",
    "encode_completion",
    "encode_failure",
    "request_key",
    "request_record",
    "untold",
]

OnMiss = Literal["call", "queue", "refuse"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one sample of a prompt.

    :param index: the sample's index, as asked.
    :param completion: what the model wrote; None where nothing usable came.
    :param failure: why nothing came: an `EngineFailure` reason, `queued` or `not_recorded`;
        None where a completion came.
    :param detail: what the server said about the failure, shortened.
    """

    index: int
    completion: Completion | None
    failure: str | None = None
    detail: str = ""


Ask = Callable[[Prompt, Sequence[int]], Awaitable[Sequence[Answer]]]
"""What a stage gets for a model: a prompt and sample indices in, one answer per index out, in order."""

Spent = Callable[[str, Prompt, Sequence[Answer]], None]
"""What a stage tells of each ask: the task it was for, the prompt and the answers."""


def untold(task: str, prompt: Prompt, answers: Sequence[Answer]) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One request that waits for a batch."""

    key: str
    prompt: Prompt
    index: int


class ResponseStore(Protocol):
    """Where responses are kept, by request key; `problem` is why no more can be."""

    problem: TaskseedError | None

    def get(self, key: str) -> bytes | None:
        """Return the JSON payload stored under a key, or None."""
        ...

    async def put(self, entries: Sequence[tuple[str, bytes]]) -> None:
        """Store JSON payloads under their keys, also for a caller who is cancelled; return when durable."""
        ...


def request_key(prompt: Prompt, index: int) -> str:
    """Return the key of one sample: 64 hexadecimal digits of the sha256 of what was asked.

    :param prompt: what is asked, as the recipe states it.
    :param index: the sample's index: 0, 1, ... for independent samples of one prompt.
    """
    return hashlib.sha256(_sample_text(_prompt_text(prompt), index)).hexdigest()


def _prompt_text(prompt: Prompt) -> bytes:
    """Return the canonical JSON of a request after its index, which is all that samples differ in."""
    return canonical_json(_prompt_record(prompt)).removeprefix(b"{")


def _sample_text(prompt_text: bytes, index: int) -> bytes:
    """Return the canonical JSON of `request_record`."""
    return b'{"index":%d,%b' % (index, prompt_text)


def encode_completion(
    prompt: Prompt, index: int, completion: Completion, *, role: str, received: float
) -> bytes:
    """Return the stored JSON of one completion; it names what was asked, and no key or header.

    :param received: when it came, in Unix seconds.
    """
    return _encoded(_sample_text(_prompt_text(prompt), index), completion, role, received)


def encode_failure(
    prompt: Prompt, index: int, failure: EngineFailure, *, role: str, received: float
) -> bytes:
    """Return the stored JSON of a request that the server refuses for what it says.

    :param received: when the refusal came, in Unix seconds.
    """
    return _encoded(_sample_text(_prompt_text(prompt), index), failure, role, received)


def _encoded(asked: bytes, came: Completion | EngineFailure, role: str, received: float) -> bytes:
    entry: dict[str, Any] = {"request": orjson.Fragment(asked)}
    if isinstance(came, Completion):
        entry["response"] = {
            "text": came.text,
            "reasoning": came.reasoning,
            "finish_reason": came.finish_reason,
            "usage": usage_record(came.usage),
        }
    else:
        entry["failure"] = {"reason": came.reason, "detail": came.detail}
    return orjson.dumps({**entry, "role": role, "received": received})


def decode_answer(payload: bytes, index: int) -> Answer:
    """Return the answer that a stored payload holds.

    :raises RunError: if the payload is not what `encode_completion` or `encode_failure` writes.
    """
    try:
        entry = orjson.loads(payload)
        if (failure := entry.get("failure")) is not None:
            return Answer(index, None, str(failure["reason"]), str(failure.get("detail", "")))
        response = entry["response"]
        completion = Completion(
            text=str(response["text"]),
            reasoning=str(response.get("reasoning") or ""),
            finish_reason=str(response.get("finish_reason") or "unknown"),
            usage=usage_of_record(response.get("usage") or {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise RunError(
            f"a stored response is not readable: {payload[:80]!r}",
            "run `taskseed verify` on the run directory; the store may come from another tool",
        ) from problem
    return Answer(index, completion)


def request_record(prompt: Prompt, index: int) -> dict[str, Any]:
    """Return what is asked for one sample as plain data; its canonical JSON hashed is the request's key."""
    return {"index": index, **_prompt_record(prompt)}


def _prompt_record(prompt: Prompt) -> dict[str, Any]:
    return {
        "messages": [dict(message) for message in prompt.messages],
        "model": prompt.model,
        "sampling": dict(prompt.sampling),
    }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The samples of one prompt that one ask sends for; `answers` fills up as they come."""

    prompt: Prompt
    text: bytes  # as `_prompt_text` gives it: what several samples share is spelled out once
    keys: Mapping[int, str]
    answers: dict[int, Answer] = field(default_factory=dict)


class Asker:
    """What the stages get as `ask`: samples of a prompt, from the store or from the engine.

    :param engine: where misses go; None where the model's engine is `none`.
    :param store: where responses are kept.
    :param on_miss: `call` the engine, `queue` the request, or `refuse`.
    :param counters: gets `from_store` for each completion that the store had.
    :param role: the model's role in the recipe, written beside each response.
    :param places: how many requests are out at once. A place is held until what came is durable, so
        that a kill loses no more than that many.
    :param queue: gets each request that a batch is to answer, perhaps more than once.
    :param clock: the time of day in Unix seconds, for `received`.
    :param one_by_one: whether the server is known to send one sample where several are asked for.
    :raises UsageError: if misses are to be called without an engine.
    """

    def __init__(
        self,
        engine: Engine | None,
        store: ResponseStore,
        on_miss: OnMiss,
        counters: Counters,
        *,
        role: str,
        places: Places | None = None,
        queue: Callable[[Pending], None] = lambda pending: None,
        clock: Callable[[], float] = time.time,
        one_by_one: bool = False,
    ) -> None:
        if engine is None and on_miss == "call":
            raise UsageError(
                f"the {role}'s engine is `none`, so there is nothing to call",
                "name an engine, or set responses.on_miss to `refuse` or `queue`",
            )
        self._engine = engine
        self._store = store
        self._on_miss = on_miss
        self._counters = counters
        self._role = role
        self._places = places or Places()
        self._queue = queue
        self._clock = clock
        self._flying: dict[str, asyncio.Future[Mapping[int, Answer]]] = {}
        self._held: list[tuple[str, bytes]] = []
        self._answered = False
        self._one_by_one = one_by_one

    async def ask(self, prompt: Prompt, indices: Sequence[int]) -> list[Answer]:
        """Return one answer per index, in order; a completion is durable before it is returned.

        Misses of one prompt go out together, as one request for several choices where the server
        can do that. Two concurrent asks for the same sample send one request.

        :raises EndpointError: if the engine finds its endpoint unusable.
        :raises RunError: if a stored response cannot be read or a new one cannot be stored.
        """
        text = _prompt_text(prompt)
        keys = {index: hashlib.sha256(_sample_text(text, index)).hexdigest() for index in indices}
        answers: dict[int, Answer] = {}
        while True:
            missing = {index: key for index, key in keys.items() if index not in answers}
            self._take_recorded(missing, answers)
            if not missing:
                return [answers[index] for index in indices]
            if self._on_miss != "call":
                answers |= self._unasked(prompt, missing)
                continue
            theirs = {index: flight for index, key in missing.items() if (flight := self._flying.get(key))}
            mine = (
                {index: key for index, key in missing.items() if index not in theirs} if theirs else missing
            )
            if mine:
                answers |= await self._fly(_Wanted(prompt, text, mine))
            for index, flight in theirs.items():
                # Nothing for this index: whoever sent it was cancelled or stopped, so the next turn sends it.
                if (answer := (await asyncio.shield(flight)).get(index)) is not None:
                    answers[index] = answer

    def _take_recorded(self, missing: dict[int, str], answers: dict[int, Answer]) -> None:
        """Move what the store has from `missing` to `answers`."""
        completions = 0
        for index, key in list(missing.items()):
            if (payload := self._store.get(key)) is not None:
                answers[index] = answer = decode_answer(payload, index)
                completions += answer.completion is not None
                del missing[index]
        if completions:
            self._counters.add(self._role, "from_store", completions)

    def _unasked(self, prompt: Prompt, keys: Mapping[int, str]) -> dict[int, Answer]:
        if self._on_miss == "refuse":
            return {index: Answer(index, None, "not_recorded") for index in keys}
        for index, key in keys.items():
            self._queue(Pending(key, prompt, index))
        return {index: Answer(index, None, "queued") for index in keys}

    async def _fly(self, wanted: _Wanted) -> Mapping[int, Answer]:
        flight = asyncio.get_running_loop().create_future()
        self._flying.update(dict.fromkeys(wanted.keys.values(), flight))
        try:
            await self._fetch(wanted, list(wanted.keys))
        finally:
            for key in wanted.keys.values():
                del self._flying[key]
            flight.set_result(wanted.answers)
        return wanted.answers

    async def _fetch(self, wanted: _Wanted, indices: list[int]) -> None:
        """Answer the indices, each group of them by one request, the groups at once."""
        groups = _groups(wanted.prompt, indices, one_by_one=self._one_by_one)
        if len(groups) == 1:
            return await self._fetch_group(wanted, groups[0])
        await settle(self._fetch_group(wanted, group) for group in groups)
        return None

    async def _fetch_group(self, wanted: _Wanted, group: list[int]) -> None:
        outcome = await self._send(wanted, group)
        if isinstance(outcome, EngineFailure):
            if len(group) > 1 and outcome.reason.startswith(REFUSED):
                return await self._fetch_refused(wanted, group)
            return await self._fail(wanted, group, outcome)
        left = group[outcome:]
        if left:
            # Several servers ignore `n` and send one choice; asking for the others at once costs
            # the same and takes one round trip.
            self._one_by_one = self._one_by_one or outcome == 1
            await self._fetch(wanted, left)
        return None

    async def _send(self, wanted: _Wanted, group: list[int]) -> int | EngineFailure:
        """Send one request; return how many samples came, once they are durable, or why none did."""
        assert self._engine is not None  # noqa: S101  # the constructor saw to it
        async with self._places:
            if self._store.problem is not None:  # an answer that cannot be kept is not paid for
                raise RunError(self._store.problem.message, self._store.problem.hint)
            try:
                completions = await self._engine.complete(
                    prompt_of_sample(wanted.prompt, group[0]), len(group)
                )
            except EngineFailure as failure:
                return failure
            got = dict(zip(group, completions, strict=False))
            if not got:
                return EngineFailure("bad_body", "no choices")
            await self._keep(wanted, got)
            return len(got)

    async def _fetch_refused(self, wanted: _Wanted, group: list[int]) -> None:
        """Find out with one sample whether the server refuses the prompt or only `n` above 1."""
        first, *rest = group
        await self._fetch_group(wanted, [first])
        answer = wanted.answers[first]
        if answer.failure is None:
            self._one_by_one = True
            return await self._fetch(wanted, rest)
        return await self._fail(wanted, rest, EngineFailure(answer.failure, answer.detail))

    def _entry(self, wanted: _Wanted, index: int, came: Completion | EngineFailure) -> tuple[str, bytes]:
        asked = _sample_text(wanted.text, index)
        return wanted.keys[index], _encoded(asked, came, self._role, self._clock())

    async def _keep(self, wanted: _Wanted, got: Mapping[int, Completion]) -> None:
        entries = self._held + [self._entry(wanted, index, completion) for index, completion in got.items()]
        self._held = []
        self._answered = True
        await self._store.put(entries)
        wanted.answers.update((index, Answer(index, completion)) for index, completion in got.items())

    async def _fail(self, wanted: _Wanted, group: list[int], failure: EngineFailure) -> None:
        if failure.reason.startswith(REFUSED):
            entries = [self._entry(wanted, index, failure) for index in group]
            if self._answered:
                await self._store.put(entries)
            else:
                # A server that refuses everything is set up wrongly: only once it has answered
                # something is a refusal a fact about the request.
                self._held += entries
        wanted.answers.update((i, Answer(i, None, failure.reason, failure.detail)) for i in group)


def _groups(prompt: Prompt, indices: list[int], *, one_by_one: bool) -> list[list[int]]:
    if one_by_one:
        return [[index] for index in indices]
    if "seed" not in prompt.sampling:
        return [indices]
    groups: list[list[int]] = []
    for index in sorted(indices):
        if groups and groups[-1][-1] == index - 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
