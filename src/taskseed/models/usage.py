"""The tokens of completions: added up, and estimated from lengths where a server does not tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from taskseed.models.base import Completion, Prompt, Usage

__all__ = ["BYTES_PER_TOKEN", "SELDOM", "total", "usage_of_record", "usage_record", "with_estimates"]

SELDOM = ("cached", "reasoning", "estimated_input", "estimated_output")
"""Names of a usage's numbers that are mostly 0, and then not written down."""

BYTES_PER_TOKEN = 3  # of text whose tokens the server does not tell; rather too few than too many


def with_estimates(prompt: Prompt, completions: Sequence[Completion]) -> Sequence[Completion]:
    """Return the completions of one prompt, with an estimate where the server does not tell the tokens.

    The prompt is counted on the first completion only, as what a server tells is. What was estimated
    before stays as it is.
    """
    if len(completions) == 1 and completions[0].usage.input and completions[0].usage.output:
        return completions
    told_input = any(c.usage.input or c.usage.estimated_input for c in completions)
    told_output = any(c.usage.output or c.usage.estimated_output for c in completions)
    if told_input and told_output:
        return completions
    asked = 0 if told_input else _tokens(*(message["content"] for message in prompt.messages))
    made = []
    for number, completion in enumerate(completions):
        used = completion.usage
        written = 0 if told_output else _tokens(completion.text, completion.reasoning)
        usage = replace(
            used,
            estimated_input=used.estimated_input + (0 if number else asked),
            estimated_output=used.estimated_output + written,
        )
        made.append(replace(completion, usage=usage))
    return made


def total(completions: Sequence[Completion]) -> Usage:
    """Return the tokens of several completions together."""
    if len(completions) == 1:
        return completions[0].usage
    return sum((completion.usage for completion in completions), Usage())


def usage_record(usage: Usage) -> dict[str, int]:
    """Return a usage as it is stored: what is seldom there only where it is."""
    record = {"input": usage.input, "output": usage.output}
    for name in SELDOM:
        if amount := getattr(usage, name):
            record[name] = amount
    return record


def usage_of_record(record: Mapping[str, Any]) -> Usage:
    """Return a stored usage; what is not there, as in what an earlier version stored, is 0.

    :raises ValueError: if a number is none; TypeError likewise.
    """
    used = int(record.get("input", 0)), int(record.get("output", 0))
    if len(record) <= len(used):
        return Usage(*used)
    return Usage(*used, *(int(record.get(name, 0)) for name in SELDOM))


def _tokens(*texts: str) -> int:
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return -(-size // BYTES_PER_TOKEN)
