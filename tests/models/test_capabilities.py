"""What endpoints honour is told from what they answer: servers of each behaviour, and llama.cpp's own."""

import asyncio
from dataclasses import asdict
from typing import Any

import pytest

from taskseed.models.base import EngineFailure
from taskseed.models.capabilities import Capabilities, probe
from taskseed.models.openai import Endpoint, OpenAIEngine
from tests.obedient import NO_MAX_TOKENS, obedient
from tests.servers import MockServer, Reply, Respond, chat, error

SAMPLING = {"temperature": 0.3, "max_tokens": 4000, "top_p": 0.9, "stop": ["#"], "extra_body": {"top_k": 20}}
ALL = Capabilities(True, "max_tokens", True, True, True, True, True)
NAMES = {"n": "n", "seed": "seed", "logprobs": "logprobs", "response_format": "json_schema", "stop": "stop"}
UNKNOWN_FIELD = error(422, {"detail": [{"type": "extra_forbidden", "msg": "Extra inputs are not permitted"}]})
THINKING_HAS_USED_IT_UP = error(
    400,
    {
        "error": {
            "message": "Could not finish the message because max_tokens or model output limit was reached. "
            "Please try again with higher max_tokens.",
            "type": "invalid_request_error",
        }
    },
)


def probed(respond: Respond, sampling: dict[str, Any] | None = None) -> tuple[Capabilities, list[dict]]:
    """Return what a server is seen to honour, and the requests that it got."""
    with MockServer(respond) as server:
        return probe_at(server.base_url, sampling), server.received


def probe_at(base_url: str, sampling: dict[str, Any] | None = None) -> Capabilities:
    """Return what is seen to be honoured at an address."""

    async def run() -> Capabilities:
        async with OpenAIEngine(Endpoint(base_url, timeout=20.0)) as engine:
            return await probe(engine.post, "m", SAMPLING if sampling is None else sampling)

    return asyncio.run(run())


def differing(found: Capabilities) -> dict[str, Any]:
    """Return what is not as where all is honoured."""
    return {k: v for k, v in asdict(found).items() if v != getattr(ALL, k)}


def test_six_small_requests_tell_what_is_honoured() -> None:
    """A server that honours all is asked six times, for less than 200 tokens of prose in all."""
    found, asked = probed(obedient())
    assert (found, len(asked)) == (ALL, 6)
    prose = [r["max_tokens"] * r.get("n", 1) for r in asked if "response_format" not in r]
    assert sum(prose) == 2 * 16 + 3 * 32 + 64


def test_the_rest_of_the_sampling_goes_with_every_request() -> None:
    """What the server refuses in the recipe's sampling shows now; only what is tried is set otherwise."""
    _, asked = probed(obedient())
    assert {(r["top_p"], r["top_k"], r["model"]) for r in asked} == {(0.9, 20, "m")}
    assert [r.get("stop") for r in asked if r.get("stop")] == [["5", "e"]]
    assert sorted({r["temperature"] for r in asked if "seed" in r and "stop" not in r}) == [1]


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_that_is_ignored_with_status_200_is_not_honoured(name: str) -> None:
    """Of the five settings, the one that is ignored is found, and no other."""
    found, _ = probed(obedient(ignores={name}))
    assert differing(found) == {NAMES[name]: False}


@pytest.mark.parametrize("reply", [UNKNOWN_FIELD, error(400), error(500)], ids=["422", "400", "500"])
@pytest.mark.parametrize("name", NAMES)
def test_a_setting_that_is_refused_is_not_honoured(name: str, reply: Reply) -> None:
    """A 400, 422 or 500 (llama-cpp-python, for a schema) for one setting is no failure of the endpoint."""
    found, asked = probed(obedient(refuses={name: reply}))
    assert differing(found) == {NAMES[name]: False}
    assert len(asked) <= 8


def test_a_server_that_is_always_greedy_honours_no_seed() -> None:
    """The same text for two seeds at temperature 1, as of `transformers serve`, is no sampling."""
    assert differing(probed(obedient(greedy=True))[0]) == {"seed": False}


def test_max_completion_tokens_where_max_tokens_is_refused() -> None:
    """The refusal names the other; all other requests use it, and nothing else is lost."""
    found, asked = probed(obedient(refuses={"max_tokens": NO_MAX_TOKENS}))
    assert differing(found) == {"max_tokens_field": "max_completion_tokens"}
    assert (len(asked), [r for r in asked[1:] if "max_tokens" in r]) == (7, [])


def test_the_limit_that_the_recipe_names_is_tried_first_and_the_other_where_it_is_ignored() -> None:
    """llama-cpp-python ignores `max_completion_tokens` and writes on; both may be ignored, too."""
    stated = {"temperature": 1, "max_completion_tokens": 4000}
    assert differing(probed(obedient(), stated)[0]) == {"max_tokens_field": "max_completion_tokens"}
    assert probed(obedient(ignores={"max_completion_tokens"}), stated)[0] == ALL
    none = probed(obedient(ignores={"max_tokens", "max_completion_tokens"}))[0]
    # A text that ends after its stop string shows nothing about the limit.
    assert differing(none) == {"max_tokens_field": None}


def test_an_ignored_limit_shows_without_token_counts_too() -> None:
    """By the length of the text; and that no counts come is told."""
    found, _ = probed(obedient(ignores={"max_tokens"}, usage=False))
    assert differing(found) == {"max_tokens_field": "max_completion_tokens", "usage": False}


def test_a_stop_string_that_stays_in_the_text_is_not_honoured() -> None:
    """`transformers serve` ends there, but keeps it."""
    honest = obedient()

    def keeping(request: dict[str, Any], number: int) -> Reply:
        return chat("1, 2, 3, 4, 5") if request.get("stop") else honest(request, number)

    assert differing(probed(keeping)[0]) == {"stop": False}


def test_texts_that_are_too_short_tell_nothing_about_seeds() -> None:
    """Two words may be the same by chance; one request is enough to see it."""
    found, asked = probed(obedient(words=2))
    assert (found.seed, [r["seed"] for r in asked if "seed" in r and "stop" not in r]) == (None, [11])


def test_a_model_that_thinks_until_it_is_cut_tells_little() -> None:
    """No text came, so that schema and stop string may be honoured or not; the thinking shows the seed."""

    def thinking(request: dict[str, Any], number: int) -> Reply:
        thought = f"Let me think about this for a long while, by {request.get('seed')}"
        limit = request["max_tokens"]
        usage = {"prompt_tokens": 9, "completion_tokens": limit}
        return chat("", finish_reason="length", reasoning_content=thought, usage=usage)

    found, _ = probed(thinking)
    wanted = {"n": False, "seed": True, "json_schema": None, "stop": None, "logprobs": False}
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_where_thinking_needs_more_room_it_gets_it() -> None:
    """OpenAI refuses a request whose limit was used up by thinking; the same is asked with more."""
    honest = obedient()

    def thinking(request: dict[str, Any], number: int) -> Reply:
        return THINKING_HAS_USED_IT_UP if request["max_tokens"] < 1000 else honest(request, number)

    found, asked = probed(thinking)
    assert (differing(found), len(asked)) == ({}, 7)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (error(401), "http_401"),
        (error(429), "http_429"),
        (error(503), "http_503"),
        (Reply(action="html"), "bad_body"),
        (Reply(action="reset"), "reset"),
    ],
)
@pytest.mark.parametrize("first", [0, 4])
def test_a_failure_of_the_endpoint_is_raised(reply: Reply, reason: str, first: int) -> None:
    """At the first request or later: nothing may be concluded from it about a setting."""
    honest = obedient()
    with pytest.raises(EngineFailure) as caught:
        probed(lambda request, number: reply if number >= first else honest(request, number))
    assert caught.value.reason == reason


def test_sampling_that_is_refused_whatever_is_asked_is_raised() -> None:
    """Then the recipe's own settings are wrong for this server, and it says so itself."""
    with pytest.raises(EngineFailure, match="Extra inputs are not permitted") as caught:
        probed(obedient(refuses={"top_k": UNKNOWN_FIELD}))
    assert caught.value.reason == "refused_422"


def test_a_real_server_honours_all_of_it(real_server: str) -> None:
    """llama.cpp's own server, with either name of the limit."""
    plain = {"temperature": 1, "max_tokens": 60}
    assert probe_at(real_server, plain) == ALL
    other = probe_at(real_server, {"temperature": 1, "max_completion_tokens": 60})
    assert differing(other) == {"max_tokens_field": "max_completion_tokens"}
