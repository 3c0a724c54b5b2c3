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
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import orjson
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, PyreqwestError
from pyreqwest.http import HeaderMap
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from taskseed import __version__
from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.errors import (
    REFUSED,
    cause_of,
    failure_of_status,
    failure_of_transport,
    is_html,
    redact,
    status_in,
)
from taskseed.models.replies import completions_of, load_json
from taskseed.models.sse import StreamedAnswer
from taskseed.models.wire import chat_body, streamed_body

__all__ = ["Endpoint", "OpenAIEngine"]

_CONNECT_SECONDS = 30.0
_CHECK_SECONDS = 30.0
# Common servers close idle connections after 5 s (uvicorn's default); a request sent on one that
# is just being closed is lost, so ours go first.
_IDLE_SECONDS = 4.0
_PEM = "name a PEM file of certificates"
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


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

    __slots__ = ("_chat_url", "_client", "_endpoint", "_models_url", "_secrets", "_tells_usage")

    def __init__(self, endpoint: Endpoint) -> None:
        parts = _split(endpoint)
        self._endpoint = endpoint
        self._chat_url = _join(parts, "/chat/completions")
        self._models_url = _join(parts, "/models")
        self._secrets = _secrets(endpoint, parts)
        self._client = _client(endpoint, parts.hostname or "")
        self._tells_usage = True

    def __repr__(self) -> str:
        return f"OpenAIEngine({self._endpoint!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

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
        response = await self._probe(self._client.get(self._models_url))
        if response.status >= 400 or (response.status == 200 and _is_json(response.body)):
            return
        response = await self._probe(self._chat({}))
        if response.status in (404, 405) or 300 <= response.status < 400 or not _is_json_or_text(response):
            raise EndpointError(
                f"{self._endpoint.name} does not speak OpenAI's chat completions "
                f"(status {response.status} for /chat/completions)",
                "check base_url; it usually ends in /v1",
            )

    async def _answer(self, body: dict[str, Any]) -> Any:
        if self._endpoint.stream:
            return await self._streamed(body)
        return _value(await self._send(self._chat(body)))

    @contextlib.contextmanager
    def _redacting(self) -> Iterator[None]:
        try:
            yield
        except EngineFailure as failure:
            failure.detail = redact(failure.detail, self._secrets)
            failure.args = (failure.reason, failure.detail)
            raise

    def _chat(self, body: Mapping[str, Any]) -> RequestBuilder:
        return self._client.post(self._chat_url).body_bytes(orjson.dumps(body))

    async def _streamed(self, body: dict[str, Any]) -> Any:
        """Return the answer to a request that is asked for as a stream, as it would have come whole."""
        usage = self._tells_usage
        request = self._chat(streamed_body(body, usage=usage))
        try:
            # No buffer: the client would hold the stream back until that is full or the server closes.
            async with request.streamed_read_buffer_limit(0).build_streamed() as response:
                if response.status == 200 and _is_stream(response):
                    return await _assembled(response)
                whole = _Received(response.status, bytes(await response.bytes()), response)
        except PyreqwestError as error:
            raise failure_of_transport(error) from None
        try:
            return _value(whole)  # an error, or a server that does not stream
        except EngineFailure as failure:
            if usage and failure.reason.startswith(REFUSED) and "stream_options" in failure.detail:
                # Some servers refuse to be asked for token counts, for example Mistral's
                # (openai/openai-agents-python#442).
                self._tells_usage = False
                raise EngineFailure(f"http_{whole.status}", failure.detail, retryable=True) from None
            raise

    async def _send(self, request: RequestBuilder) -> "_Received":
        try:
            response = await request.build().send()
            return _Received(response.status, bytes(await response.bytes()), response)
        except PyreqwestError as error:
            # Not chained: the client's error may hold the address with its credentials.
            raise failure_of_transport(error) from None

    async def _probe(self, request: RequestBuilder) -> "_Received":
        seconds = min(self._endpoint.timeout, _CHECK_SECONDS)
        try:
            response = await self._send(request.timeout(timedelta(seconds=seconds)))
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


class _Received(NamedTuple):
    status: int
    body: bytes
    response: Response

    def header(self, name: str) -> str | None:
        return self.response.get_header(name)


def _value(received: _Received) -> Any:
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


def _is_stream(response: Response) -> bool:
    """Say whether a body is a stream; some servers do not stream, others label a stream wrongly."""
    kind = (response.get_header("content-type") or "").lower()
    return "json" not in kind and "html" not in kind


async def _assembled(response: Response) -> dict[str, Any]:
    answer = StreamedAnswer()
    while not answer.done and (chunk := await response.body_reader.read_chunk()) is not None:
        answer.feed(bytes(chunk))
    return answer.value()


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


def _client(endpoint: Endpoint, host: str) -> Client:
    headers = HeaderMap()
    headers.insert("content-type", "application/json")
    try:
        if endpoint.api_key:
            headers.insert("authorization", f"Bearer {endpoint.api_key}", is_sensitive=True)
        for name, value in endpoint.headers.items():
            headers.insert(name, value, is_sensitive=True)
    except ValueError:
        raise UsageError(
            f"a header or the API key for {endpoint.name} cannot be sent",
            "look for line breaks and unusual characters in it",
        ) from None
    builder = (
        ClientBuilder()
        .default_headers(headers)
        .user_agent(f"taskseed/{__version__}")
        .follow_redirects(False)
        .referer(False)
        .timeout(timedelta(seconds=endpoint.timeout))
        .connect_timeout(timedelta(seconds=min(endpoint.timeout / 2, _CONNECT_SECONDS)))
        .pool_idle_timeout(timedelta(seconds=_IDLE_SECONDS))
    )
    if endpoint.stream:
        # llama.cpp closes a connection after a stream without saying so; a request on it would be lost.
        builder = builder.pool_max_idle_per_host(0)
    for certificate in _authorities(endpoint.ca_file):
        builder = builder.add_root_certificate_pem(certificate)
    if _is_loopback(host):  # a proxy of the environment cannot reach this machine's own servers
        builder = builder.no_proxy()
    try:
        return builder.build()
    except BuilderError as problem:
        if endpoint.ca_file is None:
            raise
        raise UsageError(f"ca_file `{endpoint.ca_file}` cannot be used: {cause_of(problem)}", _PEM) from None


def _authorities(path: Path | None) -> list[bytes]:
    """Return the certificates of a PEM file, one by one.

    :raises UsageError: if it cannot be read or holds none.
    """
    if path is None:
        return []
    try:
        found = _CERTIFICATE.findall(path.expanduser().read_bytes())
    except OSError as problem:
        raise UsageError(f"cannot read ca_file `{path}`: {problem.strerror}", _PEM) from None
    if not found:
        raise UsageError(f"ca_file `{path}` holds no certificate", _PEM)
    return found


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


def _is_json_or_text(response: _Received) -> bool:
    """Say whether an answer may come from a model server: some send plain text with a 500."""
    return _is_json(response.body) or (response.status >= 500 and not is_html(response.body))
