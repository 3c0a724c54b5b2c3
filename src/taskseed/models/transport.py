"""HTTP by libcurl on the running event loop: a request out, status, headers and body back.

The one module that imports `pycurl`. libcurl brings what the world outside asks for (TLS, proxies, HTTP/2,
compression, connections that are used again) and works in the event loop's own thread: a client with a
thread of its own costs more in handing over than in sending (bench/README.md).
"""

import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

import certifi
import pycurl

from taskseed.models.base import EngineFailure
from taskseed.models.errors import failure_of_transport

__all__ = ["Received", "Sink", "Transport", "check_certificates"]

_CONNECT_SECONDS = 30.0
# Common servers close idle connections after 5 s (uvicorn's default); a request sent on one that
# is just being closed is lost, so ours go first.
_IDLE_SECONDS = 4
_MOST_KEPT = 4096
_MOST_BYTES = 1 << 28  # of one body: a server that never ends one must not fill the memory
_KEEP_ALIVE_SECONDS = 60
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Received:
    """What came back.

    :param lines: the lines of the response's head as they came.
    """

    status: int
    body: bytes
    lines: tuple[bytes, ...]

    def header(self, name: str) -> str | None:
        """Return a header by its name in any case, or None; of informational responses before it none."""
        return _header(self.lines, name)


_Target = tuple[str, bool, float]  # the address, whether it is a POST, the seconds it may take

Sink = Callable[[int, Callable[[str], str | None], bytes], bool]
"""Takes a piece of a body, with the status and a look-up of headers; True ends the transfer."""


class Transport:
    """Sends requests to one host; use it on one event loop, and close it.

    :param parts: the address that requests go to; user and password in it are sent.
    :param headers: for every request.
    :param seconds: from the start of a request to the end of its answer.
    :param user_agent: what the requests say they come from.
    :param ca_file: certificates (PEM) of authorities to trust beside those of the system.
    :param direct: whether proxies of the environment are left aside.
    :param keep: whether a connection is used again.
    """

    def __init__(
        self,
        parts: SplitResult,
        headers: Mapping[str, str],
        *,
        seconds: float,
        user_agent: str,
        ca_file: Path | None = None,
        direct: bool = False,
        keep: bool = True,
    ) -> None:
        self._headers = [f"{name}: {value}" if value else f"{name};" for name, value in headers.items()]
        self._headers.append("expect:")  # libcurl would wait for a `100 Continue` before a large body
        self._seconds = seconds
        self._agent = user_agent
        self._proxy = "" if direct else _proxy(parts)
        self._keep = keep
        self._trust = _Trust(ca_file) if parts.scheme == "https" else None
        self._multi = pycurl.AsyncCurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _MOST_KEPT)
        self._free: dict[_Target, list[pycurl.Curl]] = {}

    async def send(
        self, url: str, body: bytes | None, *, seconds: float | None = None, sink: Sink | None = None
    ) -> Received:
        """Send one request, once, and return what came back; a redirect is an answer like any other.

        :param body: what to POST; None sends a GET.
        :param seconds: in place of the transport's own.
        :param sink: gets the body as it comes, in place of the result.
        :raises EngineFailure: if no whole response came, as `taskseed.models.errors` classifies it.
        """
        target = url, body is not None, seconds or self._seconds
        free = self._free.setdefault(target, [])
        handle = free.pop() if free else self._fresh(*target)
        exchange = _Exchange(sink)
        exchange.prepare(handle, body)
        try:
            await self._multi.perform(handle)
        except pycurl.error as problem:
            if not exchange.ended:
                raise _failure(problem, handle, exchange) from None
        # A handle whose request failed or was cancelled is not used again.
        free.append(handle)
        return exchange.received(handle.getinfo(pycurl.RESPONSE_CODE))

    async def close(self) -> None:
        """Close the connections."""
        await self._multi.aclose()
        self._free.clear()
        if self._trust is not None:
            self._trust.close()

    def _fresh(self, url: str, posts: bool, seconds: float) -> pycurl.Curl:
        handle = pycurl.Curl()
        for option, value in (
            (pycurl.URL, url),
            (pycurl.POST if posts else pycurl.HTTPGET, 1),
            (pycurl.TIMEOUT_MS, max(1, round(seconds * 1000))),
            (pycurl.CONNECTTIMEOUT_MS, max(1, round(min(seconds / 2, _CONNECT_SECONDS) * 1000))),
            (pycurl.NOSIGNAL, 1),
            (pycurl.HTTPHEADER, self._headers),
            (pycurl.USERAGENT, self._agent),
            (pycurl.ACCEPT_ENCODING, ""),  # whatever this libcurl can read
            (pycurl.MAXFILESIZE_LARGE, _MOST_BYTES),
            (pycurl.MAXAGE_CONN, _IDLE_SECONDS),
            (pycurl.TCP_KEEPALIVE, 1),
            (pycurl.TCP_KEEPIDLE, _KEEP_ALIVE_SECONDS),
            (pycurl.PROXY, self._proxy),
            (pycurl.FORBID_REUSE, int(not self._keep)),
        ):
            handle.setopt(option, value)
        if self._trust is not None:
            self._trust.apply(handle)
        return handle


@dataclass(slots=True)
class _Exchange:
    """One request on its way.

    :param ended: whether the sink has ended the transfer.
    :param sends: how often libcurl was about to send the request.
    """

    sink: Sink | None
    ended: bool = False
    sends: int = 0
    lines: list[bytes] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    problem: BaseException | None = None

    def prepare(self, handle: pycurl.Curl, body: bytes | None) -> None:
        if body is not None:
            handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.HEADERFUNCTION, self.lines.append)
        handle.setopt(pycurl.WRITEFUNCTION, self.pieces.append if self.sink is None else self._hand_on)
        handle.setopt(pycurl.PREREQFUNCTION, self._once)

    def received(self, status: int) -> Received:
        """Return what came; raise what the sink raised."""
        if self.problem is not None:
            raise self.problem
        pieces = self.pieces
        return Received(status, pieces[0] if len(pieces) == 1 else b"".join(pieces), tuple(self.lines))

    def _once(self, *addresses: object) -> int:
        """Let a request go out once only.

        Where a kept connection ends before the answer, libcurl sends the request again by itself. The first
        one may have been worked on (and billed), so that this is for the retry layer to say, and to count.
        """
        self.sends += 1
        allowed: int = pycurl.PREREQFUNC_OK if self.sends == 1 else pycurl.PREREQFUNC_ABORT
        return allowed

    def _hand_on(self, piece: bytes) -> int | None:
        assert self.sink is not None  # noqa: S101  # set in `prepare` only then
        try:
            self.ended = self.sink(_status(self.lines), lambda name: _header(self.lines, name), piece)
        except EngineFailure as failure:  # libcurl would print what a callback raises
            self.problem, self.ended = failure, True
        return 0 if self.ended else None  # fewer bytes taken than came: libcurl ends the transfer


class _Trust:
    """Who may vouch for a server: the system's authorities (certifi's, if it has none), and `ca_file`'s."""

    def __init__(self, ca_file: Path | None) -> None:
        paths = ssl.get_default_verify_paths()  # follows SSL_CERT_FILE and SSL_CERT_DIR
        self._file: str | None = paths.cafile
        self._folder: str | None = None
        if (
            not self._file
        ):  # of a file libcurl keeps what it has parsed for the next connection, of a folder not
            if paths.capath and any(Path(paths.capath).iterdir()):
                self._folder = paths.capath
            else:
                self._file = certifi.where()
        self._made: IO[bytes] | None = None
        if ca_file is not None:
            self._made = tempfile.NamedTemporaryFile(prefix="taskseed-", suffix=".pem")  # noqa: SIM115
            self._made.write(Path(self._file).read_bytes() if self._file else b"")
            self._made.write(b"\n" + ca_file.expanduser().read_bytes())
            self._made.flush()
            self._file = self._made.name

    def apply(self, handle: pycurl.Curl) -> None:
        for option, path in ((pycurl.CAINFO, self._file), (pycurl.CAPATH, self._folder)):
            if path is None:
                handle.unsetopt(option)
            else:
                handle.setopt(option, path)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


def check_certificates(ca_file: Path) -> None:
    """See that a file of certificates can be used.

    :raises OSError: if it cannot be read.
    :raises ValueError: if it holds no certificate, or one that cannot be parsed.
    """
    text = ca_file.expanduser().read_bytes().decode("ascii", "replace")
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise ValueError("it holds no certificate")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except ssl.SSLError as problem:
        raise ValueError(f"a certificate in it cannot be used: {problem.reason or problem}") from None


def _proxy(parts: SplitResult) -> str:
    """Return the proxy that the environment names for an address; empty for none."""
    host = parts.hostname or ""
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    if proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return ""
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def _failure(problem: pycurl.error, handle: pycurl.Curl, exchange: _Exchange) -> EngineFailure:
    code, *said = problem.args
    cause = str(*said[:1])
    if exchange.sends > 1:
        cause = "the connection ended before the answer"
    elif code == pycurl.E_COULDNT_CONNECT and (number := handle.getinfo(pycurl.OS_ERRNO)):
        cause = os.strerror(number)
    return failure_of_transport(
        cause,
        unsendable=code == pycurl.E_URL_MALFORMAT,
        connected=exchange.sends > 0,
        timed_out=code == pycurl.E_OPERATION_TIMEDOUT,
    )


def _status(lines: list[bytes]) -> int:
    """Return the status of the response whose head came last."""
    for line in reversed(lines):
        if line.startswith(b"HTTP/"):
            status = line.split(None, 2)[1:2]
            return int(status[0]) if status and status[0].isdigit() else 0
    return 0


def _header(lines: list[bytes] | tuple[bytes, ...], name: str) -> str | None:
    wanted = name.lower().encode() + b":"
    for line in reversed(lines):
        if line.startswith(b"HTTP/"):
            return None
        if line[: len(wanted)].lower() == wanted:
            return line[len(wanted) :].strip().decode("latin-1")
    return None
