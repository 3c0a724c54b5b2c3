"""The one place that says what a failed request means: its reason, and whether asking again can help.

| reason | when | asked again |
|---|---|---|
| `connect` | no connection: refused, no such host, connect timeout | yes |
| `timeout` | no answer in time; the server may still generate it | yes, possibly billed |
| `reset` | the connection broke before the answer was whole | yes, possibly billed |
| `bad_body` | status 200, but HTML, empty, cut or no choices | yes, possibly billed |
| `http_NNN` | 408, 409, 425, 429 and 5xx | yes |
| `http_NNN` | 3xx, wrong key, no credit, no such path or model | no |
| `refused_NNN` | 400, 413, 414, 422: the server refuses this request for what it says | no |

Servers word errors in five shapes: `{"error": {...}}`, `{"error": "text"}`, a flat
`{"object": "error", "message": ...}`, `{"detail": ...}`, and plain text, HTML or nothing.
"""

import email.utils
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from taskseed.models.base import EngineFailure

__all__ = [
    "REFUSED",
    "Headers",
    "bad_body",
    "failure_of_status",
    "failure_of_transport",
    "is_html",
    "redact",
    "retry_after_seconds",
    "said_in",
    "status_in",
]

REFUSED = "refused_"
"""How the reason of a failure starts that belongs to the request itself, not to the endpoint."""

_REFUSALS = frozenset({400, 413, 414, 422})
_RETRYABLE = frozenset({408, 409, 425, 429})
_POSSIBLY_BILLED = frozenset({408, 499, 502, 504, 524})  # a proxy gave up on a server that may go on
_SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})  # a 429 that no waiting mends
_DETAIL_CHARS = 300
_USERINFO = re.compile(r"://[^/\s@]{1,256}@")
_HALF = 4  # characters; a shorter start of a secret gives nothing away

Headers = Callable[[str], str | None]


def failure_of_status(status: int, header: Headers, body: bytes, *, now: float) -> EngineFailure:
    """Return what an error response means.

    :param status: the HTTP status, not 200.
    :param header: looks up a response header by name in any case.
    :param now: the time of day in Unix seconds, for a `Retry-After` date without a `Date`.
    """
    message, code = said_in(body)
    detail = f"{status} {message}".strip()
    if status in _REFUSALS:
        return EngineFailure(f"{REFUSED}{status}", detail)
    return EngineFailure(
        f"http_{status}",
        detail,
        retryable=(status in _RETRYABLE or status >= 500) and code not in _SPENT,
        retry_after=retry_after_seconds(header, now=now),
        possibly_billed=status in _POSSIBLY_BILLED,
    )


def failure_of_transport(cause: str, *, unsendable: bool, connected: bool, timed_out: bool) -> EngineFailure:
    """Return what it means that no whole response came.

    :param cause: what the HTTP client says.
    :param unsendable: whether no request could be made of what was to be sent.
    :param connected: whether a connection stood that the request could go out on.
    :param timed_out: whether it took too long.
    """
    if unsendable:
        return EngineFailure("bad_request", _short(cause))
    if not connected:
        return EngineFailure("connect", _short(cause), retryable=True)
    if timed_out:
        return EngineFailure("timeout", "no answer in time", retryable=True, possibly_billed=True)
    return EngineFailure("reset", _short(cause), retryable=True, possibly_billed=True)


def bad_body(detail: str) -> EngineFailure:
    """Return the failure of a response that came with status 200 and cannot be used."""
    return EngineFailure("bad_body", _short(detail), retryable=True, possibly_billed=True)


def retry_after_seconds(header: Headers, *, now: float) -> float | None:
    """Return how many seconds the server asks to wait, or None.

    Reads `retry-after-ms` (used by OpenAI and Azure) and `Retry-After` in both forms of RFC 9110
    §10.2.3; a date counts from the response's own `Date`, because clocks differ.
    """
    if (milliseconds := _number(header("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = header("retry-after") or ""
    if (seconds := _number(value)) is not None:
        return seconds
    if (until := _date(value)) is None:
        return None
    sent = _date(header("date") or "")
    return max(0.0, until - (now if sent is None else sent))


def is_html(body: bytes) -> bool:
    """Say whether a body is a web page."""
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<head", b"<body"))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text without the given secrets and without credentials in URLs.

    The start of a secret at the end of the text goes too: texts are shortened before they come here.
    """
    whole = text.removesuffix("…")
    more = text[len(whole) :]
    for secret in secrets:
        whole = whole.replace(secret, "***")
        half = next((n for n in range(len(secret), _HALF - 1, -1) if whole.endswith(secret[:n])), 0)
        whole = whole[: len(whole) - half] + ("***" if half else "")
    return _USERINFO.sub("://***@", whole) + more


def said_in(body: bytes) -> tuple[str, str]:
    """Return the message and the error code of an error body."""
    if is_html(body):
        return "an HTML page", ""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _short(body[: 4 * _DETAIL_CHARS].decode("utf-8", "replace")), ""
    if isinstance(value, list) and value:  # Gemini's compatible endpoint wraps the error in a list
        value = value[0]
    if not isinstance(value, dict):
        return _short(_text(value)), ""
    inner = value.get("error", value)
    if not isinstance(inner, dict):
        return _short(_text(inner)), ""
    message = inner.get("message", inner.get("detail", inner))
    code = next((inner[k] for k in ("code", "type") if isinstance(inner.get(k), str)), "")
    return _short(_text(message)), code


def status_in(error: Any) -> int | None:
    """Return the HTTP status that an error object names as its code, or None; some send it as text."""
    if not isinstance(error, dict):
        return None
    try:
        code = int(error.get("code") or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return code if 400 <= code <= 599 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _short(text: str) -> str:
    """Return the start of a text on one line."""
    line = " ".join(text[: 4 * _DETAIL_CHARS].split())
    line = "".join(c for c in line if c.isprintable())
    return line if len(line) <= _DETAIL_CHARS else line[: _DETAIL_CHARS - 1] + "…"


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _date(value: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
