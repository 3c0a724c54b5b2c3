"""A server that honours what it is asked, but for what a test has it ignore or refuse.

Its texts are words without meaning that depend on question and seed; a token is a word.
"""

import hashlib
import random
from collections.abc import Collection, Mapping
from typing import Any

from tests.servers import Reply, Respond, chat, error

WORDS = ("tree", "stone", "5", "river", "moon", "hand", "salt", "wind")
LONG = 90
"""Words of a text that nothing ends before."""

NO_MAX_TOKENS = error(
    400,
    {
        "error": {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        }
    },
)
"""What OpenAI's reasoning models say."""


def obedient(
    *,
    ignores: Collection[str] = (),
    refuses: Mapping[str, Reply] | None = None,
    greedy: bool = False,
    usage: bool = True,
    words: int = LONG,
) -> Respond:
    """Return the answers of a server.

    :param ignores: settings that it takes and does not honour.
    :param refuses: what it answers to a request with a setting; `n` counts where it is above 1.
    :param greedy: whether a question has one text, whatever the seed.
    :param usage: whether it tells token counts.
    :param words: the length of its texts.
    """

    def respond(request: dict[str, Any], number: int) -> Reply:
        for name, reply in (refuses or {}).items():
            if request.get(name) is not None:
                return reply
        heard = {name: value for name, value in request.items() if name not in ignores}
        choices = [_choice(heard, number, i, greedy, words) for i in range(heard.get("n") or 1)]
        reply = chat(*(text for text, _ in choices))
        for choice, (text, reason) in zip(reply.body["choices"], choices, strict=True):
            choice["finish_reason"] = reason
            if heard.get("logprobs"):
                choice["logprobs"] = {"content": [{"token": w, "logprob": -0.5} for w in text.split()]}
        written = sum(len(text.split()) for text, _ in choices)
        reply.body["usage"] = {"prompt_tokens": 9, "completion_tokens": written} if usage else None
        return reply

    return respond


def _choice(heard: Mapping[str, Any], number: int, index: int, greedy: bool, words: int) -> tuple[str, str]:
    wanted = heard.get("response_format")
    if wanted is not None:
        return _instance(wanted["json_schema"]["schema"]), "stop"
    seed = heard.get("seed")
    drawn = "" if greedy else f"{number} {index}" if seed is None else f"seed {seed + index}"
    key = hashlib.sha256(f"{drawn} {heard['messages'][-1]['content']}".encode()).digest()
    drawing = random.Random(key)
    text = ["hm", *(drawing.choice(WORDS) for _ in range(words - 1))]
    limit = heard.get("max_tokens") or heard.get("max_completion_tokens") or words
    written, reason = " ".join(text[:limit]), "length" if limit < words else "stop"
    found = [written.index(stop) for stop in heard.get("stop") or () if stop in written]
    return (written[: min(found)], "stop") if found else (written, reason)


def _instance(schema: Mapping[str, Any]) -> str:
    values = {"string": '"hm"', "boolean": "true", "array": "[]"}
    keys = schema["properties"].items()
    return "{" + ", ".join(f'"{k}": {_enum(v) or values[v["type"]]}' for k, v in keys) + "}"


def _enum(schema: Mapping[str, Any]) -> str | None:
    return f'"{schema["enum"][-1]}"' if "enum" in schema else None
