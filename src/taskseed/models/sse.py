"""Chat completions that come as server-sent events, put together to what one whole answer would have been.

Servers agree on `data: {...}` with deltas by choice, and on little else: the usage comes in a last
event with empty `choices` (OpenAI, vLLM), for each choice (llama.cpp with `n` above 1), inside the last
normal event, in every event so far, or not at all; some send no `[DONE]`; a first delta may hold
`content: null`; deltas of several choices are interleaved. An error after the status line comes as an
event with `error`.
"""

import io
from typing import Any

from taskseed.models.base import EngineFailure
from taskseed.models.errors import bad_body, failure_of_status, said_in, status_in
from taskseed.models.replies import content_of, count_of, load_json

__all__ = ["EventReader", "StreamedAnswer"]

_BOM = b"\xef\xbb\xbf"
_DONE = b"[DONE]"
_TEXTS = ("reasoning", "reasoning_content", "refusal")


class EventReader:
    """Finds the data of server-sent events in bytes that come in pieces of any size; linear in their length.

    Reads what the HTML standard, §9.2.6, says, with its three line ends. Fields but `data` are left out.
    """

    __slots__ = ("_data", "_pieces")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that are whole with this chunk."""
        self._pieces.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        lines = b"".join(self._pieces).splitlines(keepends=True)
        # A carriage return at the end may be the first half of a line end.
        self._pieces = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        return self._events(lines)

    def end(self) -> list[bytes]:
        """Return the data of an event that the stream ended without a blank line, as some servers do."""
        lines = b"".join(self._pieces).splitlines()
        self._pieces = []
        return self._events([*lines, b""])

    def _events(self, lines: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for line in lines:
            name, _, value = line.rstrip(b"\r\n").partition(b":")
            if name in (b"data", _BOM + b"data"):
                self._data.append(value.removeprefix(b" "))
            elif not name and not value and not line.startswith(b":") and self._data:
                found.append(b"\n".join(self._data))
                self._data = []
        return found


class StreamedAnswer:
    """One chat completion, from the bytes of its stream.

    `done` is True once the server has said that nothing more comes.
    """

    __slots__ = ("_choices", "_events", "_usage", "_usages", "done")

    def __init__(self) -> None:
        self._events = EventReader()
        self._choices: dict[int, _Choice] = {}
        self._usage: Any = None
        self._usages: list[Any] = []
        self.done = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream.

        :raises EngineFailure: if an event is an error, or no JSON (`bad_body`).
        """
        for data in self._events.feed(chunk):
            self._take(data)

    def value(self) -> dict[str, Any]:
        """Return the answer in the shape of a response without streaming; call it once, at the end.

        :raises EngineFailure: `bad_body` if the stream was cut: no `[DONE]`, and a choice without an end.
        """
        for data in self._events.end():
            self._take(data)
        ended = bool(self._choices) and all(choice.finish_reason for choice in self._choices.values())
        if not self.done and not ended:
            raise bad_body("the stream ended before the answer")
        choices = [self._choices[index].value(index) for index in sorted(self._choices)]
        usage = self._usage
        if len(self._usages) == len(choices) > 1:  # llama.cpp counts each choice by itself
            written = [count_of(each, "completion_tokens") for each in self._usages]
            usage = {**usage, "completion_tokens": sum(written)}
        return {"choices": choices, "usage": usage}

    def _take(self, data: bytes) -> None:
        data = data.strip()
        if self.done or not data:
            return
        if data == _DONE:
            self.done = True
            return
        value = load_json(data)
        if not isinstance(value, dict):
            return
        if value.get("error") or value.get("object") == "error":
            raise _failure_in(value.get("error") or value, data, begun=bool(self._choices))
        choices = value.get("choices")
        if isinstance(usage := value.get("usage"), dict):
            self._usage = usage
            self._usages += [] if choices else [usage]
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict):
                index = choice.get("index")
                at = index if type(index) is int else 0
                self._choices.setdefault(at, _Choice()).add(choice)


class _Choice:
    """What has come of one choice."""

    __slots__ = ("_error", "_texts", "finish_reason")

    def __init__(self) -> None:
        self._texts: dict[str, io.StringIO] = {}
        self._error: Any = None
        self.finish_reason: str | None = None

    def add(self, choice: dict[str, Any]) -> None:
        """Take the choice of one event."""
        delta = choice.get("delta")
        if isinstance(delta, dict):
            text, thinking = content_of(delta.get("content"))
            self._write("content", text)
            self._write("thinking", thinking)
            for name in _TEXTS:
                self._write(name, delta.get(name))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish_reason = reason
        self._error = choice.get("error") or self._error

    def value(self, index: int) -> dict[str, Any]:
        """Return the choice as it would stand in a response without streaming."""
        texts = {name: _paired(text.getvalue()) for name, text in self._texts.items()}
        content: Any = texts.pop("content", "")
        if thinking := texts.pop("thinking", ""):
            content = [{"type": "thinking", "thinking": thinking}, content]
        message = {"role": "assistant", "content": content, **texts}
        return {
            "index": index,
            "finish_reason": self.finish_reason,
            "message": message,
            "error": self._error,
        }

    def _write(self, name: str, text: Any) -> None:
        if isinstance(text, str) and text:
            if name not in self._texts:
                self._texts[name] = io.StringIO()
            self._texts[name].write(text)


def _failure_in(error: Any, data: bytes, *, begun: bool) -> EngineFailure:
    """Return what an error in a stream means; once text was coming, it is the server's, not the request's."""
    status = status_in(error)
    if status is not None and not begun:
        return failure_of_status(status, lambda name: None, data, now=0.0)
    message, _ = said_in(data)
    reason = "bad_body" if status is None else f"http_{status}"
    return EngineFailure(reason, message, retryable=True, possibly_billed=True)


def _paired(text: str) -> str:
    """Put the halves of surrogate pairs together that came in two deltas."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
