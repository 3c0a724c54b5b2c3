"""One line of a batch file: a request as it goes out, a response as it comes back.

The shapes are those of OpenAI's Batch API, which `vllm run-batch` and most hosts read and write:
`{"custom_id", "method", "url", "body"}` out, `{"custom_id", "response": {"status_code", "body"}, "error"}`
in. What failed stands in `error` (an object, or plain text where vLLM refuses a line), in the body of a
status other than 200, or in both.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.errors import failure_of_status, said_in
from taskseed.models.replies import completions_of, load_json
from taskseed.models.wire import chat_body, prompt_of_sample

__all__ = ["BadLine", "Reply", "read_reply", "request_line"]

URL = "/v1/chat/completions"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")


class BadLine(ValueError):
    """A line that is no response; the message says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a batch answered to one request.

    :param custom_id: the request's id, as it went out.
    :param outcome: the completion, or why there is none.
    """

    custom_id: str
    outcome: Completion | EngineFailure


def request_line(key: str, prompt: Prompt, index: int) -> bytes:
    """Return the line that asks for one sample, without its line break; its id is the request's key."""
    body = chat_body(prompt_of_sample(prompt, index), 1)
    return orjson.dumps({"custom_id": key, "method": "POST", "url": URL, "body": body})


def read_reply(line: bytes) -> Reply:
    """Return what one line of an output or error file says.

    :raises BadLine: if it is not JSON, or not a response.
    """
    try:
        value = load_json(line)
    except EngineFailure as failure:
        raise BadLine(failure.detail) from None
    if not isinstance(value, dict) or not isinstance(value.get("custom_id"), str):
        raise BadLine("no `custom_id`")
    response, error = value.get("response"), value.get("error")
    if response is None and error is None:
        asks = "method" in value and "body" in value
        raise BadLine("a request, not a response" if asks else "neither `response` nor `error`")
    return Reply(value["custom_id"], _outcome(response if isinstance(response, dict) else {}, error))


def _outcome(response: dict[str, Any], error: Any) -> Completion | EngineFailure:
    if error or response.get("status_code", 200) != 200:
        return _failure(response, error)
    try:
        return completions_of(response.get("body"), 1)[0]
    except EngineFailure as failure:
        return failure


def _failure(response: dict[str, Any], error: Any) -> EngineFailure:
    said = json.dumps(response.get("body") or error).encode()
    code = error.get("code") if isinstance(error, dict) else None
    for status in (response.get("status_code"), code):
        if type(status) is int and 400 <= status <= 599:
            return failure_of_status(status, lambda name: None, said, now=0.0)
    named = isinstance(code, str) and _CODE.fullmatch(code)
    return EngineFailure(str(code) if named else "batch_error", said_in(said)[0], retryable=True)
