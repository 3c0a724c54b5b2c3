"""How a prompt is spelled for a server: the same whether it is sent now or put into a batch file."""

from dataclasses import replace
from typing import Any

from taskseed.models.base import Prompt

__all__ = ["chat_body", "prompt_of_sample", "streamed_body"]

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
