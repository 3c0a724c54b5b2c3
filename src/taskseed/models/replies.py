"""Reading a chat completion: the text, the thinking kept apart, why it stopped, what it used.

Servers put the thinking in `message.reasoning` (vLLM from 0.12), in `message.reasoning_content`
(SGLang, DeepSeek), in typed parts of `content` (Mistral), or leave it in the text between
`<think>` and `</think>`: without the first tag where the chat template wrote it, without the
second where the answer was cut.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from taskseed.models.base import Completion, Usage
from taskseed.models.errors import bad_body, is_html

__all__ = ["completions_of", "content_of", "count_of", "load_json", "split_thinking"]

_OPEN, _CLOSE = "<think>", "</think>"
_THINKING_PARTS = frozenset({"thinking", "reasoning"})
_PLAIN = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
_MOST_TOKENS = 2**31 - 1  # a count beyond this is not a count


def load_json(body: bytes) -> Any:
    """Return the value of a JSON body.

    Falls back to the standard library for what orjson rejects and servers send: `NaN`, and half
    of a surrogate pair where an answer was cut inside an emoji.

    :raises EngineFailure: `bad_body` if it is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    if not body.strip():
        raise bad_body("an empty body")
    if is_html(body):
        raise bad_body("an HTML page instead of JSON")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise bad_body(f"not JSON: {body[:200].decode('utf-8', 'replace')}") from None


def completions_of(value: Any, n: int) -> list[Completion]:
    """Return the completions of a chat response, at most `n`, in the order of their choices.

    :param value: the parsed body of a response with status 200.
    :raises EngineFailure: `bad_body` if there is no choice with a message.
    """
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list):
        raise bad_body("a body without choices")
    usable = [c for c in choices if _is_usable(c)][:n]
    if not usable:
        raise bad_body("no choice with a message")
    usages = _usages(value.get("usage"), len(usable))
    return [_completion(choice, usage) for choice, usage in zip(usable, usages, strict=True)]


def split_thinking(text: str) -> tuple[str, str]:
    """Return `(answer, thinking)` of a text that may hold `<think>` blocks; linear in its length.

    What stands before the first `<think>` is part of the answer; before a lone `</think>`,
    thinking. An unclosed `<think>` counts only at the start of the text: elsewhere it may be
    what the answer is about.
    """
    answer: list[str] = []
    thinking: list[str] = []
    rest = text
    while _CLOSE in rest:
        head, _, rest = rest.partition(_CLOSE)
        before, opened, thought = head.partition(_OPEN)
        if opened:
            answer.append(before)
            thinking.append(thought)
        elif not thinking:
            thinking.append(head)
        else:
            answer.append(head + _CLOSE)
    if not thinking and rest.lstrip().startswith(_OPEN):
        thinking.append(rest.lstrip().removeprefix(_OPEN))
        rest = ""
    if not thinking:
        return text, ""
    answer.append(rest)
    return "".join(answer).strip(), "\n".join(t.strip() for t in thinking)


def content_of(content: Any) -> tuple[str, str]:
    """Return `(text, thinking)` of a message's content: a string, typed parts or null."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        return "", ""
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        (thoughts if kind in _THINKING_PARTS else texts).append(_part_text(part))
    return "".join(texts), "".join(thoughts)


def count_of(usage: dict[str, Any], name: str) -> int:
    """Return one number of a usage; 0 where it is not there or no count."""
    value = usage.get(name)
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else 0


def _is_usable(choice: Any) -> bool:
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        return False
    # Some gateways report an upstream's failure as a choice of a response with status 200.
    return not (choice.get("finish_reason") == "error" or choice.get("error"))


def _completion(choice: dict[str, Any], usage: Usage) -> Completion:
    message = choice["message"]
    content, in_parts = content_of(message.get("content"))
    if not content and isinstance(message.get("refusal"), str):
        content = message["refusal"]
    text, inline = split_thinking(content) if "think>" in content else (content, "")
    apart = message.get("reasoning")
    if not isinstance(apart, str):
        apart = message.get("reasoning_content")
    thoughts = [part for part in (apart, in_parts, inline) if part and isinstance(part, str)]
    reason = choice.get("finish_reason")
    return Completion(
        text=_clean(text),
        reasoning=_clean("\n".join(thoughts)) if thoughts else "",
        finish_reason=_clean(reason) if isinstance(reason, str) and reason else "unknown",
        usage=usage,
    )


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    for key in ("text", "thinking", "reasoning"):
        inner = part.get(key)
        if isinstance(inner, str):
            return inner
        if isinstance(inner, list):
            return "".join(p["text"] for p in inner if isinstance(p, dict) and isinstance(p.get("text"), str))
    return ""


def _usages(usage: Any, n: int) -> Sequence[Usage]:
    """Return the usage of each completion.

    Servers give one total. The input is shared, so it counts on the first completion only; the
    output is split evenly, because nothing says how it was spread.
    """
    usage = usage if isinstance(usage, dict) else {}
    first = count_of(usage, "prompt_tokens")
    if n == 1 and usage.keys() <= _PLAIN:  # most servers: nothing to tell apart
        return [Usage(first, count_of(usage, "completion_tokens"))]
    output, thought = _output(usage, first)
    cached = _cached(usage, first)
    if n == 1:
        return [Usage(first, output, cached, thought)]
    each, more = divmod(output, n)
    thoughts, odd = divmod(thought, n)
    return [
        Usage(0 if i else first, each + (i < more), 0 if i else cached, thoughts + (i < odd))
        for i in range(n)
    ]


def _cached(usage: dict[str, Any], first: int) -> int:
    """Return the input tokens from a prompt cache, under OpenAI's name for them or DeepSeek's."""
    found = _detail(usage, "prompt_tokens_details", "cached_tokens")
    found = found or count_of(usage, "prompt_cache_hit_tokens")
    return found if found <= first else 0


def _output(usage: dict[str, Any], first: int) -> tuple[int, int]:
    """Return the output tokens, thinking included, and those of them that were spent on thinking.

    xAI's `completion_tokens` leave the thinking out; its total, which counts it, tells them apart.
    """
    output = count_of(usage, "completion_tokens")
    thought = _detail(usage, "completion_tokens_details", "reasoning_tokens")
    thought = thought or count_of(usage, "reasoning_tokens")
    if thought and count_of(usage, "total_tokens") == first + output + thought:
        return output + thought, thought
    return output, thought if thought <= output else 0


def _detail(usage: dict[str, Any], part: str, name: str) -> int:
    details = usage.get(part)
    return count_of(details, name) if isinstance(details, dict) else 0


def _clean(text: str) -> str:
    """Return the text with halves of surrogate pairs replaced, so that it can be stored as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
