"""How a prompt is spelled for a server: the same whether it is sent now or put into a batch file."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from taskseed.models.base import Prompt

__all__ = [
    "CONSTRAINTS",
    "LIMITS",
    "Limit",
    "chat_body",
    "limit_of",
    "limit_wanted",
    "prompt_of_sample",
    "response_format",
    "streamed_body",
    "with_limit",
    "with_schema",
]

Limit = Literal["max_tokens", "max_completion_tokens"]
LIMITS: tuple[Limit, Limit] = ("max_tokens", "max_completion_tokens")
"""What servers call the limit of output tokens; some refuse or ignore one of them."""

CONSTRAINTS = frozenset(
    {"response_format", "structured_outputs", "grammar", "regex", "ebnf", "json_schema", "guided_json"}
)
"""Settings that constrain the form of an answer; a request may have one."""

_INSTEAD = re.compile(r"unsupported|not supported|not permitted|deprecated|instead", re.IGNORECASE)

# `n` is how samples are asked for, and whether an answer is streamed belongs to the endpoint.
_OURS = frozenset({"n", "stream", "stream_options", "extra_body"})


def chat_body(prompt: Prompt, n: int) -> dict[str, Any]:
    """Return the body of the chat completion request for `n` samples of a prompt."""
    settings = {**prompt.sampling, **(prompt.sampling.get("extra_body") or {})}
    body: dict[str, Any] = {
        "model": prompt.model,
        "messages": [dict(message) for message in prompt.messages],
        **{name: value for name, value in settings.items() if name not in _OURS},
    }
    if n > 1:
        body["n"] = n
    return body


def streamed_body(body: dict[str, Any], *, usage: bool = True) -> dict[str, Any]:
    """Return the body that asks for the same answer as server-sent events.

    :param usage: ask for the token counts too; not every server takes the field.
    """
    return {**body, "stream": True, **({"stream_options": {"include_usage": True}} if usage else {})}


def limit_of(prompt: Prompt) -> Limit | None:
    """Return what a prompt's sampling calls the limit of output tokens; None where it sets none, or both."""
    stated = [name for name in LIMITS if name in prompt.sampling]
    return stated[0] if len(stated) == 1 else None


def limit_wanted(sent: str, detail: str) -> Limit | None:
    """Return the name that a server wants for the limit of output tokens, where it says so in a refusal.

    OpenAI's reasoning models do: "Unsupported parameter: 'max_tokens' is not supported with this model. Use
    'max_completion_tokens' instead." vLLM names both where a limit is too large, which asks for nothing.

    :param sent: the name that was sent.
    """
    (other,) = (name for name in LIMITS if name != sent)
    named = re.search(rf"\b{other}\b", detail)
    return other if named and _INSTEAD.search(detail) else None


def with_limit(prompt: Prompt, name: Limit) -> Prompt:
    """Return the prompt with its limit of output tokens under the given name."""
    stated = limit_of(prompt)
    if stated is None or stated == name:
        return prompt
    sampling = {name if key == stated else key: value for key, value in prompt.sampling.items()}
    return replace(prompt, sampling=sampling)


def with_schema(prompt: Prompt) -> Prompt:
    """Return the prompt with its schema among the settings, unless they constrain the answer already."""
    settings = {**prompt.sampling, **(prompt.sampling.get("extra_body") or {})}
    if prompt.schema is None or not CONSTRAINTS.isdisjoint(settings):
        return prompt
    return replace(
        prompt, sampling={**prompt.sampling, "response_format": response_format("item", prompt.schema)}
    )


def response_format(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the setting that asks for an answer in JSON that fits a schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def prompt_of_sample(prompt: Prompt, index: int) -> Prompt:
    """Give each sample its own sampling seed; a shared one would make every sample the same text.

    Servers that honour `n` add 0, 1, ... to the seed of the request themselves (vLLM,
    `vllm/v1/engine/parallel_sampling.py`), so a group that starts at `index` gets the seeds that
    its samples would get one by one.
    """
    seed = prompt.sampling.get("seed")
    if not isinstance(seed, int) or index == 0:
        return prompt
    return replace(prompt, sampling={**prompt.sampling, "seed": seed + index})
