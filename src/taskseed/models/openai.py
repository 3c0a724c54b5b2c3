"""The engine for every endpoint that speaks OpenAI's chat completions.

One request is one `POST {base_url}/chat/completions`, without redirects; its answer comes whole, or as a
stream where a gateway on the way would give up on a connection that is silent for long.
Credentials travel in headers only and stand in no message, log or repr.
"""

import base64
import contextlib
import ipaddress
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import orjson

from taskseed import __version__
from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.errors import (
    REFUSED,
    Headers,
    failure_of_status,
    is_html,
    redact,
    status_in,
)
from taskseed.models.replies import completions_of, load_json
from taskseed.models.sse import StreamedAnswer
from taskseed.models.transport import Received, Transport, check_certificates
from taskseed.models.wire import chat_body, streamed_body

__all__ = ["Endpoint", "OpenAIEngine"]

_CHECK_SECONDS = 30.0
_PEM = "name a PEM file of certificates"
# What RFC 9110 (§5.1, §5.5) lets stand in a header's name and value.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """Where a model is served.

    :param base_url: the address up to and including `/v1`; a query is kept.
    :param api_key: sent as `Authorization: Bearer ...`; None sends none.
    :param headers: more headers for every request; taken as secret too.
    :param timeout: seconds from the start of a request to the end of its answer.
    :param stream: whether answers are asked for as server-sent events; what comes of it is the same.
    :param ca_file: certificates (PEM) of authorities to trust beside those of the system.
    """

    base_url: str
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600.0
    stream: bool = False
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        """The address without credentials and query, for messages."""
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"


class OpenAIEngine:
    """Completions of an OpenAI-compatible endpoint; close it, or use it as a context manager.

    :raises UsageError: if the address is no HTTP address, a header cannot be sent or `ca_file` not be used.
    """

    __slots__ = ("_chat_url", "_endpoint", "_models_url", "_secrets", "_tells_usage", "_transport")

    def __init__(self, endpoint: Endpoint) -> None:
        parts = _split(endpoint)
        self._endpoint = endpoint
        self._chat_url = _join(parts, "/chat/completions")
        self._models_url = _join(parts, "/models")
        self._secrets = _secrets(endpoint, parts)
        self._transport = _transport(endpoint, parts)
        self._tells_usage = True

    def __repr__(self) -> str:
        return f"OpenAIEngine({self._endpoint!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return up to `n` completions by one request; servers that ignore `n` send one.

        :raises EngineFailure: as `taskseed.models.errors` classifies it.
        """
        with self._redacting():
            return completions_of(await self._answer(chat_body(prompt, n)), n)

    async def post(self, body: Mapping[str, Any]) -> Any:
        """Send the body of a chat request as it is, and return the JSON of its answer.

        :raises EngineFailure: as `taskseed.models.errors` classifies it.
        """
        with self._redacting():
            return await self._answer(dict(body))

    async def check(self) -> None:
        """See that the endpoint can be reached, takes the key and is no web page; costs no tokens.

        Asks for `/models`, which some gateways lack: any refusal but that of the key will do. Where a page or
        a redirect answers, an empty chat request tells whether chat is there all the same.

        :raises EndpointError: if it cannot be used.
        """
        response = await self._probe(self._models_url, None)
        if response.status >= 400 or (response.status == 200 and _is_json(response.body)):
            return
        response = await self._probe(self._chat_url, b"{}")
        if response.status in (404, 405) or 300 <= response.status < 400 or not _is_json_or_text(response):
            raise EndpointError(
                f"{self._endpoint.name} does not speak OpenAI's chat completions "
                f"(status {response.status} for /chat/completions)",
                "check base_url; it usually ends in /v1",
            )

    async def _answer(self, body: dict[str, Any]) -> Any:
        if self._endpoint.stream:
            return await self._streamed(body)
        return _value(await self._transport.send(self._chat_url, orjson.dumps(body)))

    @contextlib.contextmanager
    def _redacting(self) -> Iterator[None]:
        try:
            yield
        except EngineFailure as failure:
            failure.detail = redact(failure.detail, self._secrets)
            failure.args = (failure.reason, failure.detail)
            raise

    async def _streamed(self, body: dict[str, Any]) -> Any:
        """Return the answer to a request that is asked for as a stream, as it would have come whole."""
        usage = self._tells_usage
        reading = _Reading()
        asked = orjson.dumps(streamed_body(body, usage=usage))
        whole = await self._transport.send(self._chat_url, asked, sink=reading.take)
        if whole.status == 200 and _is_stream(whole.header):
            return reading.answer.value()
        try:
            # An error, or a server that does not stream.
            return _value(replace(whole, body=b"".join(reading.pieces)))
        except EngineFailure as failure:
            if usage and failure.reason.startswith(REFUSED) and "stream_options" in failure.detail:
                # Some servers refuse to be asked for token counts, for example Mistral's
                # (openai/openai-agents-python#442).
                self._tells_usage = False
                raise EngineFailure(f"http_{whole.status}", failure.detail, retryable=True) from None
            raise

    async def _probe(self, url: str, body: bytes | None) -> Received:
        seconds = min(self._endpoint.timeout, _CHECK_SECONDS)
        try:
            response = await self._transport.send(url, body, seconds=seconds)
        except EngineFailure as failure:
            hint = "start the server, or check base_url"
            if "certificate" in failure.detail:
                hint = "name the certificate of the authority that signed the server's as ca_file"
            raise EndpointError(
                f"{self._endpoint.name} cannot be reached: {redact(failure.detail, self._secrets)}", hint
            ) from None
        if response.status in (401, 403):
            wrong = "refuses the API key" if self._endpoint.api_key else "wants an API key and got none"
            raise EndpointError(
                f"{self._endpoint.name} {wrong} (status {response.status})",
                "set the environment variable that api_key_env names",
            )
        return response


class _Reading:
    """Reads a body as it comes: as a stream, or in pieces where it is none."""

    __slots__ = ("answer", "pieces")

    def __init__(self) -> None:
        self.answer = StreamedAnswer()
        self.pieces: list[bytes] = []

    def take(self, status: int, header: Headers, piece: bytes) -> bool:
        """Take the next bytes; returns whether nothing more is waited for."""
        if status == 200 and _is_stream(header):
            self.answer.feed(piece)
        else:
            self.pieces.append(piece)
        return self.answer.done


def _value(received: Received) -> Any:
    """Return the JSON of a whole response.

    :raises EngineFailure: if it is an error, perhaps one with status 200, or no JSON.
    """
    status, value = received.status, None
    if status == 200:
        value = load_json(received.body)
        status = _hidden_status(value) or status
    if status != 200:
        raise failure_of_status(status, received.header, received.body, now=time.time())
    return value


def _is_stream(header: Headers) -> bool:
    """Say whether a body is a stream; some servers do not stream, others label a stream wrongly."""
    kind = (header("content-type") or "").lower()
    return "json" not in kind and "html" not in kind


def _split(endpoint: Endpoint) -> SplitResult:
    wrong = UsageError(
        f"base_url {redact(endpoint.base_url, ())!r} is not an HTTP address",
        "write it like http://localhost:8000/v1",
    )
    try:
        parts = urlsplit(endpoint.base_url)
        _ = parts.port  # parsed, and refused, only when read
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong
    return parts


def _join(parts: SplitResult, path: str) -> str:
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, parts.query, ""))


def _secrets(endpoint: Endpoint, parts: SplitResult) -> tuple[str, ...]:
    """Return what a server might repeat in an error and nobody may read; the longest first."""
    values = {endpoint.api_key or "", *endpoint.headers.values()}
    # Of `Bearer KEY` and the like a server may repeat the second word alone.
    values |= {value.partition(" ")[2].strip() for value in endpoint.headers.values()}
    if parts.password:
        user, password = unquote(parts.username or ""), unquote(parts.password)
        values |= {parts.password, password, base64.b64encode(f"{user}:{password}".encode()).decode()}
    # Shorter values (`1`, `true`) would blank out half of a message and are no secrets.
    return tuple(sorted((v for v in values if len(v) >= 6), key=lambda v: (-len(v), v)))


def _transport(endpoint: Endpoint, parts: SplitResult) -> Transport:
    headers = {"content-type": "application/json"}
    if endpoint.api_key:
        headers["authorization"] = f"Bearer {endpoint.api_key}"
    headers |= {name.lower(): value for name, value in endpoint.headers.items()}
    if not all(_TOKEN.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers.items()):
        raise UsageError(
            f"a header or the API key for {endpoint.name} cannot be sent",
            "look for line breaks and unusual characters in it",
        )
    if endpoint.ca_file is not None:
        _check_ca_file(endpoint.ca_file)
    return Transport(
        parts,
        headers,
        seconds=endpoint.timeout,
        user_agent=f"taskseed/{__version__}",
        ca_file=endpoint.ca_file,
        direct=_is_loopback(parts.hostname or ""),  # a proxy cannot reach this machine's own servers
        # llama.cpp closes a connection after a stream without saying so; a request on it would be lost.
        keep=not endpoint.stream,
    )


def _check_ca_file(path: Path) -> None:
    try:
        check_certificates(path)
    except OSError as problem:
        raise UsageError(f"cannot read ca_file `{path}`: {problem.strerror}", _PEM) from None
    except ValueError as problem:
        raise UsageError(f"ca_file `{path}`: {problem}", _PEM) from None


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _hidden_status(value: Any) -> int | None:
    """Return the status of an error that a gateway sent with status 200."""
    if not isinstance(value, dict) or value.get("choices"):
        return None
    return status_in(value.get("error"))


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict | list)
    except orjson.JSONDecodeError:
        return False


def _is_json_or_text(response: Received) -> bool:
    """Say whether an answer may come from a model server: some send plain text with a 500."""
    return _is_json(response.body) or (response.status >= 500 and not is_html(response.body))
