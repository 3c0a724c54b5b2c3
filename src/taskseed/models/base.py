"""The seam to every model: one async method, two value types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["CUT_OFF", "Completion", "Engine", "EngineFailure", "Prompt", "Usage"]

CUT_OFF = ("length", "content_filter", "abort")
"""Finish reasons of a text that its model did not end itself."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of a model, as the recipe states it (not as a server spells it).

    :param model: the model's name.
    :param messages: chat messages in order, each `{"role": ..., "content": ...}`.
    :param sampling: sampling settings of the recipe (`temperature`, `max_tokens`, ...).
    :param schema: the JSON schema that a good answer fits, for servers that can hold a model to it: a hint,
        no part of what is asked.
    """

    model: str
    messages: tuple[Mapping[str, str], ...]
    sampling: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one completion. With `n > 1` the shared input is counted on the first completion only.

    :param input: as the server tells them.
    :param output: as the server tells them, the thinking included.
    :param cached: those of the input that came from a prompt cache.
    :param reasoning: those of the output that were spent on thinking.
    :param estimated_input: in place of `input` where the server does not tell it; see `with_estimates`.
    :param estimated_output: in place of `output`, likewise.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    estimated_input: int = 0
    estimated_output: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
            self.estimated_input + other.estimated_input,
            self.estimated_output + other.estimated_output,
        )

    @property
    def estimated(self) -> int:
        """Tokens that are an estimate."""
        return self.estimated_input + self.estimated_output

    @property
    def tokens(self) -> int:
        """All tokens, in and out, told and estimated."""
        return self.input + self.output + self.estimated


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a model.

    :param text: the answer without the thinking.
    :param reasoning: the thinking, where the server or the text kept it apart (`reasoning`,
        `reasoning_content`, inline `<think>`); else empty.
    :param finish_reason: `stop`, `length`, `content_filter`, `abort`, ... as the server said it.
    :param usage: tokens of this completion.
    """

    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    usage: Usage = Usage()


class EngineFailure(Exception):
    """One request got no usable response. This is data about that request, not the end of the run.

    :param reason: short and stable: `timeout`, `http_500`, `bad_body`, `refused_400`, ...
    :param detail: what the server said, shortened, without credentials.
    :param retryable: whether asking again can help.
    :param retry_after: seconds the server asked to wait, if it did.
    :param possibly_billed: whether the server may have generated (and billed) tokens for it.
    """

    def __init__(
        self,
        reason: str,
        detail: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        possibly_billed: bool = False,
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retryable = retryable
        self.retry_after = retry_after
        self.possibly_billed = possibly_billed

    def __reduce__(self) -> tuple[Any, ...]:
        state = {k: getattr(self, k) for k in ("retryable", "retry_after", "possibly_billed")}
        return (type(self), (self.reason, self.detail), state)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class Engine(Protocol):
    """How a prompt becomes text."""

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return up to `n` independent completions of one prompt (at least one).

        :raises EngineFailure: if the request got no usable response.
        """
        ...
