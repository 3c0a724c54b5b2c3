"""One line of a batch file: shapes of OpenAI's Batch API and of `vllm run-batch`."""

import contextlib
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.batch import BadLine, Reply, read_reply, request_line
from taskseed.models.stored import request_key

PROMPT = Prompt("m", ({"role": "user", "content": "Why?"},), {"temperature": 1, "seed": 7})

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "So."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
}


def read(**line) -> Reply:
    """Read a line that is made of these fields."""
    return read_reply(json.dumps(line).encode())


def failure(**line) -> tuple[str, str]:
    """Return reason and detail of a line that holds a failure."""
    outcome = read(custom_id="a", **line).outcome
    assert isinstance(outcome, EngineFailure)
    return outcome.reason, outcome.detail


def test_a_request_line_asks_for_one_sample_with_its_own_seed():
    """The id is the request's key; what the server gets is what the engine would send for that sample."""
    key = request_key(PROMPT, 3)
    assert orjson.loads(request_line(key, PROMPT, 3)) == {
        "custom_id": key,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "m",
            "messages": [{"role": "user", "content": "Why?"}],
            "temperature": 1,
            "seed": 10,
        },
    }


def test_extra_body_is_merged_into_the_body():
    """A batch has no client that could merge it."""
    prompt = Prompt(
        "m", PROMPT.messages, {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}}
    )
    body = orjson.loads(request_line("k", prompt, 0))["body"]
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "extra_body" not in body


@pytest.mark.parametrize(
    "response",
    [
        {"status_code": 200, "request_id": "req_1", "body": ANSWER},  # OpenAI and vLLM
        {"body": ANSWER},  # hosts that leave the status out
    ],
)
def test_an_answer_is_read(response):
    """Text, finish reason and usage come through."""
    reply = read(id="batch_req_1", custom_id="a", response=response, error=None)
    assert reply.custom_id == "a"
    assert isinstance(reply.outcome, Completion)
    assert (reply.outcome.text, reply.outcome.finish_reason) == ("So.", "stop")
    assert (reply.outcome.usage.input, reply.outcome.usage.output) == (9, 2)


def test_what_openai_writes_for_failures():
    """Its error file holds requests that expired, and responses with another status than 200."""
    expired = {"code": "batch_expired", "message": "This request could not be executed in time."}
    assert failure(response=None, error=expired) == (
        "batch_expired",
        "This request could not be executed in time.",
    )
    too_long = {"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length"}}
    assert failure(response={"status_code": 400, "body": too_long}, error=None) == (
        "refused_400",
        "400 too long",
    )
    slow = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
    assert failure(response={"status_code": 429, "body": slow}, error=None)[0] == "http_429"


def test_what_vllm_writes_for_failures():
    """It puts an error object or a text beside a response without a body."""
    status = {"status_code": 400, "request_id": "vllm-1"}
    error = {"object": "error", "message": "max_tokens is too large", "type": "BadRequestError", "code": 400}
    assert failure(response=status, error=error) == ("refused_400", "400 max_tokens is too large")
    assert failure(response=status, error="unsupported URL")[0] == "refused_400"
    assert failure(response=None, error={"message": "engine dead", "code": 500})[0] == "http_500"
    assert failure(response=None, error="engine dead") == ("batch_error", "engine dead")


def test_a_body_that_is_no_completion_is_a_failure_of_that_request():
    """Status 200 proves nothing."""
    assert failure(response={"status_code": 200, "body": {"choices": []}}, error=None)[0] == "bad_body"
    assert failure(response={"status_code": 200, "body": "<html>"}, error=None)[0] == "bad_body"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "no `custom_id`"),
        (b'{"custom_id": 7}', "no `custom_id`"),
        (b'{"custom_id": "a"}', "neither `response` nor `error`"),
        (b'{"custom_id": "a", "method": "POST", "url": "/", "body": {}}', "a request, not a response"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_response_says_why(line, why):
    """The message is for the person who named the wrong file."""
    with pytest.raises(BadLine, match=why):
        read_reply(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["custom_id", "response", "error", "body"]), JSON))
def test_no_json_line_breaks_the_reader(line):
    """Whatever a file holds, a line is a reply or a `BadLine`."""
    with contextlib.suppress(BadLine):
        assert isinstance(read_reply(json.dumps(line).encode()), Reply)


@given(
    st.fixed_dictionaries({}, optional={"status_code": JSON, "body": JSON | st.just(ANSWER), "error": JSON}),
    JSON,
)
def test_no_response_breaks_the_reader(response, error):
    """Whatever the response holds, it is a completion or a failure with a short reason."""
    try:
        outcome = read(custom_id="a", response=response, error=error).outcome
    except BadLine:
        return
    assert isinstance(outcome, Completion) or (outcome.reason and len(outcome.reason) <= 61)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(line):
    """As above, for what is no JSON."""
    with contextlib.suppress(BadLine):
        assert isinstance(read_reply(line), Reply)
