"""Requests are spelled as the endpoint wants them, and what it refuses is asked in the other way."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.capabilities import Capabilities
from taskseed.models.spelling import Spelling, Spelt
from taskseed.models.stored import request_key
from taskseed.models.wire import chat_body, limit_wanted
from tests.models.engines import Function

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
PROMPT = Prompt("m", ({"role": "user", "content": "Why?"},), {"temperature": 1, "max_tokens": 8}, SCHEMA)
KNOWN = Capabilities(True, "max_tokens", True, True, True, True, True)
WANTS = "400 Unsupported parameter: 'max_tokens' is not supported with this model. Use '{}' instead."
TOO_LARGE = "400 'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum is 4096."


class Server:
    """An engine that notes what it gets and refuses settings with the words given.

    :param refuses: setting -> what it says.
    """

    def __init__(self, **refuses: str) -> None:
        self.refuses = refuses
        self.got: list[dict[str, Any]] = []
        self.engine = Function(self._answer)

    def _answer(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        body = chat_body(prompt, n)
        self.got.append({k: v for k, v in body.items() if k not in ("model", "messages")})
        for name, words in self.refuses.items():
            if name in body:
                raise EngineFailure("refused_400", words)
        return [Completion("so")] * n


def spelling(known: Capabilities | None = None) -> Spelling:
    """Return the spelling of an endpoint of which this is known for every model."""
    return Spelling(lambda model: known)


def ask(server: Server, found: Spelling, prompt: Prompt = PROMPT, n: int = 1, *, hints: bool = True) -> int:
    """Ask once; returns how many completions came."""
    return len(asyncio.run(Spelt(server.engine, found, hints=hints).complete(prompt, n)))


def test_where_nothing_is_known_a_request_goes_out_as_the_recipe_states_it() -> None:
    """No other name, and no schema."""
    server = Server()
    assert ask(server, spelling(), n=2) == 2
    assert server.got == [{"temperature": 1, "max_tokens": 8, "n": 2}]


def test_a_known_limit_is_called_what_the_endpoint_calls_it() -> None:
    """In its place, and only where one is set under one name."""
    server = Server()
    found = spelling(replace(KNOWN, max_tokens_field="max_completion_tokens", json_schema=False))
    for sampling in (
        {"max_tokens": 8, "top_p": 1},
        {"top_p": 1},
        {"max_tokens": 8, "max_completion_tokens": 9},
    ):
        ask(server, found, replace(PROMPT, sampling=sampling))
    assert server.got == [
        {"max_completion_tokens": 8, "top_p": 1},
        {"top_p": 1},
        {"max_tokens": 8, "max_completion_tokens": 9},
    ]


@pytest.mark.parametrize(
    ("sent", "other"), [("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")]
)
def test_a_refusal_that_names_the_other_limit_switches_it_for_good(sent: str, other: str) -> None:
    """The refused request is asked again at once, later ones are right from the start."""
    server = Server(**{sent: f"400 {sent!r} is not supported with this model. Use {other!r} instead."})
    found = spelling()
    prompt = replace(PROMPT, sampling={sent: 8})
    assert (ask(server, found, prompt, 3), ask(server, found, prompt)) == (3, 1)
    assert server.got == [{sent: 8, "n": 3}, {other: 8, "n": 3}, {other: 8}]


def test_other_models_of_the_endpoint_are_not_concerned() -> None:
    """A host serves models of both kinds."""
    server = Server(max_tokens=WANTS.format("max_completion_tokens"))
    found = spelling()
    ask(server, found)
    assert found.habits("another").limit is None


def test_a_limit_that_is_too_large_is_not_asked_again() -> None:
    """vLLM names both limits there and wants neither instead."""
    server = Server(max_tokens=TOO_LARGE)
    with pytest.raises(EngineFailure, match="too large"):
        ask(server, spelling())
    assert len(server.got) == 1
    assert limit_wanted("max_tokens", TOO_LARGE) is None


def test_what_is_refused_in_both_spellings_is_refused() -> None:
    """Nothing is learned from it, and nobody asks for ever."""
    server = Server(
        max_tokens=WANTS.format("max_completion_tokens"), max_completion_tokens=WANTS.format("max_tokens")
    )
    found = spelling()
    with pytest.raises(EngineFailure):
        ask(server, found)
    assert (len(server.got), found.habits("m").limit) == (2, None)


def test_other_failures_pass() -> None:
    """A failure that is no refusal is for the retries."""

    def busy(prompt: Prompt, n: int) -> Sequence[Completion]:
        raise EngineFailure("http_503", WANTS.format("max_completion_tokens"), retryable=True)

    engine = Function(busy)
    with pytest.raises(EngineFailure, match="http_503"):
        asyncio.run(Spelt(engine, spelling(KNOWN), hints=True).complete(PROMPT, 1))
    assert engine.requests == 1


def test_a_schema_goes_where_it_was_seen_to_be_honoured() -> None:
    """Not where it was not, nor where the recipe says never, nor without one."""
    server = Server()
    honoured = {json_schema: replace(KNOWN, json_schema=json_schema) for json_schema in (True, False, None)}
    ask(server, spelling(honoured[True]))
    ask(server, spelling(honoured[False]))
    ask(server, spelling(honoured[None]))
    ask(server, spelling(honoured[True]), hints=False)
    ask(server, spelling(honoured[True]), replace(PROMPT, schema=None))
    wanted = {"type": "json_schema", "json_schema": {"name": "item", "strict": True, "schema": SCHEMA}}
    assert [body.get("response_format") for body in server.got] == [wanted, None, None, None, None]


@pytest.mark.parametrize(
    "own", [{"response_format": {"type": "text"}}, {"extra_body": {"grammar": 'root ::= "a"'}}]
)
def test_a_constraint_of_the_recipe_stays_alone(own: dict[str, Any]) -> None:
    """Servers take one per request."""
    server = Server()
    ask(server, spelling(KNOWN), replace(PROMPT, sampling=own))
    assert server.got == [own.get("extra_body", own)]


def test_a_schema_that_is_refused_is_left_out_from_then_on() -> None:
    """The prompt asks for the same in words, and the parser judges."""
    server = Server(response_format="400 schema too complex")
    found = spelling(KNOWN)
    assert (ask(server, found), ask(server, found)) == (1, 1)
    assert [sorted(body) for body in server.got] == [
        ["max_tokens", "response_format", "temperature"],
        ["max_tokens", "temperature"],
        ["max_tokens", "temperature"],
    ]


def test_a_prompt_that_is_refused_anyway_says_nothing_about_its_schema() -> None:
    """The next one goes out with a schema again."""
    server = Server(temperature="400 too long")
    found = spelling(KNOWN)
    with pytest.raises(EngineFailure, match="too long"):
        ask(server, found)
    assert (len(server.got), found.habits("m").schema) == (2, True)


def test_a_role_without_hints_takes_them_from_nobody() -> None:
    """What it learns about the limit holds for the role that shares the endpoint, its lack of schemas not."""
    server = Server(max_tokens=WANTS.format("max_completion_tokens"))
    found = spelling(KNOWN)
    ask(server, found, hints=False)
    ask(server, found)
    assert [sorted(body) for body in server.got[1:]] == [
        ["max_completion_tokens", "temperature"],
        ["max_completion_tokens", "response_format", "temperature"],
    ]


def test_a_schema_is_no_part_of_the_key() -> None:
    """A response that was asked for without a schema is found by who would ask with one."""
    assert request_key(PROMPT, 1) == request_key(replace(PROMPT, schema=None), 1)
