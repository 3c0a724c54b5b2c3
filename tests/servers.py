"""Local HTTP servers for tests: real sockets, scripted answers.

`MockServer` speaks `/v1/models` and `/v1/chat/completions` from a thread of the test process.
`server_process` runs the same server in a process of its own with a log of every request, so that
a test can kill its client at any moment and count afterwards. `python tests/servers.py --help`.

A server's answers come from a function `respond(request, number) -> Reply`: the request's JSON
body and its number (0, 1, ... in order of arrival). It runs in the server's thread.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import orjson

__all__ = [
    "MockServer",
    "Reply",
    "Respond",
    "ServerProcess",
    "chat",
    "echo",
    "error",
    "server_process",
    "stream",
]

HTML = b"<!doctype html><html><body><h1>Welcome</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends for one request.

    :param body: bytes as they are, or a value that is sent as JSON.
    :param delay: seconds to wait before the answer.
    :param action: `ok`; `reset` (the connection is reset without an answer); `truncate` (the
        length is right, but the JSON stops half-way); `cut` (the connection closes half-way);
        `hang` (no answer until the server stops); `html`, `empty` (such a body, with `status`).
    :param pieces: sent one by one in place of the body, as a chunked stream of events. Then `cut` leaves
        out the stream's end, and `hang` keeps the connection open after the last piece.
    :param pause: seconds before each piece.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    action: Literal["ok", "reset", "truncate", "cut", "hang", "html", "empty"] = "ok"
    pieces: Sequence[bytes] = ()
    pause: float = 0.0


Respond = Callable[[dict[str, Any], int], Reply]


def chat(
    *texts: str, finish_reason: str | None = "stop", usage: dict[str, int] | None = None, **message: Any
) -> Reply:
    """Return a chat completion with one choice per text; `message` adds fields to each message."""
    choices = [
        {
            "index": i,
            "finish_reason": finish_reason,
            "message": {"role": "assistant", "content": t, **message},
        }
        for i, t in enumerate(texts)
    ]
    if usage is None:
        usage = {"prompt_tokens": 10, "completion_tokens": 5 * len(texts)}
    return Reply({"id": "x", "object": "chat.completion", "choices": choices, "usage": usage})


def stream(*events: Any, done: bool = True, **more: Any) -> Reply:
    """Return a stream with one event per value, and `[DONE]`; `more` are further fields of the reply."""
    pieces = [b"data: " + orjson.dumps(event) + b"\n\n" for event in events]
    return Reply(pieces=[*pieces, *([b"data: [DONE]\n\n"] if done else [])], **more)


def error(status: int, body: Any = None, **headers: str) -> Reply:
    """Return an error reply; by default OpenAI's shape. `retry_after="1"` sends `Retry-After: 1`."""
    if body is None:
        body = {"error": {"message": f"failed with {status}", "type": "test", "param": None, "code": status}}
    return Reply(body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def echo(request: dict[str, Any], number: int) -> Reply:
    """Answer the last message with a text that depends on the request only; honours `n`."""
    key = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()[:8]
    return chat(*(f"answer {key} {i}" for i in range(request.get("n") or 1)))


class MockServer:
    """An OpenAI-compatible server on 127.0.0.1, as a context manager.

    :param respond: the answer to each chat request.
    :param models: the answer to `GET .../models`; None lists the model `test`.
    :param api_key: where given, requests without it get 401.
    :param log: where given, one JSON line per chat request at arrival and one at its answer.
    :param tls: where given, the server speaks HTTPS.

    Counts: `requests` (chat requests that arrived), `model_requests` (to `/models`), `answered`,
    `peak` (most in flight at once), `connections`, `bodies` (sha256 of a request's canonical
    JSON -> times received), `received` (the parsed requests in order of arrival), `headers` (the
    headers of each request, names in lower case), `targets` (their paths, queries included).
    """

    def __init__(
        self,
        respond: Respond = echo,
        *,
        models: Reply | None = None,
        api_key: str | None = None,
        port: int = 0,
        log: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.respond = respond
        self.models = models or Reply({"object": "list", "data": [{"id": "test", "object": "model"}]})
        self.api_key = api_key
        self._tls = tls
        self.requests = self.model_requests = self.answered = self.peak = self.connections = 0
        self.bodies: Counter[str] = Counter()
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.targets: list[str] = []
        self._in_flight = 0
        self._log = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY) if log else None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._socket = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mock-server", daemon=True)

    @property
    def base_url(self) -> str:
        """The URL that a recipe would name."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def repeats(self) -> int:
        """How many requests had been received before, word for word."""
        return sum(count - 1 for count in self.bodies.values())

    def __enter__(self) -> "MockServer":
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        if self._log is not None:
            os.close(self._log)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, sock=self._socket, ssl=self._tls)
        self._started.set()
        await self._stopping.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the server stops
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; return whether the connection lives on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ", 2)
        path = target.partition("?")[0]
        self.headers.append(headers)
        self.targets.append(target)
        if self.api_key and headers.get("authorization") != f"Bearer {self.api_key}":
            return await self._send(writer, error(401, {"error": {"message": "wrong API key", "code": 401}}))
        if path.endswith("/chat/completions") and method == "POST":
            return await self._chat(body, writer)
        if path.endswith("/models") and method == "GET":
            self.model_requests += 1
            return await self._send(writer, self.models)
        return await self._send(writer, error(404, {"detail": "Not Found"}))

    async def _chat(self, body: bytes, writer: asyncio.StreamWriter) -> bool:
        number = self.requests
        self.requests += 1
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            request = orjson.loads(body)
            key = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()
            self.bodies[key] += 1
            self.received.append(request)
            self._note("arrived", number, key)
            reply = self.respond(request, number)
            alive = await self._send(writer, reply)
            self.answered += 1
            self._note("answered", number, key, status=reply.status, action=reply.action)
            return alive
        finally:
            self._in_flight -= 1

    def _note(self, event: str, number: int, key: str, **more: Any) -> None:
        if self._log is not None:
            entry = {"event": event, "number": number, "key": key, "time": time.time(), **more}
            os.write(self._log, orjson.dumps(entry) + b"\n")

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.pieces:
            return await self._stream(writer, reply)
        if reply.action == "hang":
            await self._stopping.wait()
            return False
        if reply.action == "reset":
            # Closing with a zero linger time sends RST instead of FIN.
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()
            return False
        body, kind = _body(reply)
        head = [
            f"HTTP/1.1 {reply.status} {_phrase(reply.status)}",
            f"content-length: {len(body)}",
            *(f"{k}: {v}" for k, v in {"content-type": kind, **reply.headers}.items()),
        ]
        if reply.action == "cut":
            body = body[: len(body) // 2]
        writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        await writer.drain()
        return reply.action != "cut"

    async def _stream(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked", **reply.headers}
        head = [
            f"HTTP/1.1 {reply.status} {_phrase(reply.status)}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
        for piece in reply.pieces:
            await asyncio.sleep(reply.pause)
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
        if reply.action == "hang":
            await self._stopping.wait()
        if reply.action != "ok":
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _body(reply: Reply) -> tuple[bytes, str]:
    if reply.action == "html":
        return HTML, "text/html"
    if reply.action == "empty":
        return b"", "application/json"
    if isinstance(reply.body, bytes):
        return reply.body, "text/plain"
    body = orjson.dumps(reply.body)
    return (body[: len(body) // 2] if reply.action == "truncate" else body), "application/json"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A `MockServer` in a process of its own."""

    base_url: str
    log: Path
    process: subprocess.Popen[str]

    def entries(self, event: str = "arrived") -> list[dict[str, Any]]:
        """Return the log's entries of one event (`arrived`, `answered`), in order."""
        lines = self.log.read_bytes().split(b"\n")
        return [entry for entry in map(orjson.loads, filter(None, lines)) if entry["event"] == event]


@contextlib.contextmanager
def server_process(
    log: Path, respond: str = "tests.servers:echo", *, delay: float = 0.0, port: int = 0
) -> Iterator[ServerProcess]:
    """Run a `MockServer` in its own process.

    :param log: the file of its log lines.
    :param respond: `module:function`, importable from the repository's root.
    :param delay: seconds added to every answer.
    """
    arguments = ["--port", str(port), "--log", str(log), "--respond", respond, "--delay", str(delay)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", *arguments],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield ServerProcess(process.stdout.readline().strip(), log, process)
    finally:
        process.kill()
        process.communicate()


def _function(name: str) -> Respond:
    module, _, function = name.partition(":")
    found: Respond = getattr(importlib.import_module(module), function)
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until killed; the first line on stdout is the base URL."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible server.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--respond", default="tests.servers:echo", help="module:function")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds added to every answer")
    options = parser.parse_args(argv)
    sys.path.insert(0, str(Path(__file__).parent.parent))
    respond = _function(options.respond)

    def delayed(request: dict[str, Any], number: int) -> Reply:
        reply = respond(request, number)
        return replace(reply, delay=reply.delay + options.delay)

    with MockServer(delayed if options.delay else respond, port=options.port, log=options.log) as server:
        sys.stdout.write(server.base_url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
