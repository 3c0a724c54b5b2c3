"""The endpoint of the benchmarks: chat completions in a process of its own, with latencies and faults.

`python bench/server.py` prints its base URL and serves until it is killed. It does as little as it can, so
that the client is what is measured: the answer's bytes are made once, and JSON is only parsed where a request
asks for several choices or texts depend on the prompt. `POST /reset` sets all counts to nothing, `GET /stats`
returns them.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib
import json
import math
import random
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvloop

ROOT = Path(__file__).parent.parent
FAULTS = ("http_500", "http_429", "reset", "truncated", "html", "hang")
HTML = b"<!doctype html><html><body><h1>Welcome</h1></body></html>"
MODELS = {"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "bench"}]}
PHRASES = {200: "OK", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}

Texts = Callable[[str, int], str]


@dataclass(frozen=True)
class Behaviour:
    """How requests are answered.

    :param chars: length of each answer's text, where `texts` is None.
    :param texts: the text for a prompt and a choice's number.
    :param median: median latency in seconds of a lognormal distribution; 0 answers at once.
    :param sigma: its spread (standard deviation of the logarithm).
    :param longest: no latency is longer, in seconds.
    :param faults: share of the requests by fault; a fault takes as long as an answer, a hang for ever.
    :param count: whether to count the answers of each request, by its body.
    """

    chars: int = 600
    texts: Texts | None = None
    median: float = 0.0
    sigma: float = 0.5
    longest: float = math.inf
    faults: Mapping[str, float] = field(default_factory=dict)
    count: bool = False
    seed: int = 0


class Endpoint:
    """What all connections share: the draws and the counts."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._plain = {n: http(200, completion(["x" * behaviour.chars] * n)) for n in range(1, 33)}
        self.reset()

    def reset(self) -> None:
        self._latencies = random.Random(f"latency {self.behaviour.seed}")
        self._draws = random.Random(f"fault {self.behaviour.seed}")
        self.connections = self.requests = self.answers = self.in_flight = self.peak = 0
        self.latencies = self.busy = self.busy_at_last_arrival = 0.0
        self.first = self.last_arrival = self.last_end = self._changed = 0.0
        self.faults: Counter[str] = Counter()
        self.answered: Counter[bytes] = Counter()

    def arrived(self) -> float:
        """Count a request; return its latency in seconds."""
        now = self._change(1)
        self.requests += 1
        self.peak = max(self.peak, self.in_flight)
        self.first = self.first or now
        self.last_arrival, self.busy_at_last_arrival = now, self.busy
        if not self.behaviour.median:
            return 0.0
        drawn = self._latencies.lognormvariate(math.log(self.behaviour.median), self.behaviour.sigma)
        latency = min(drawn, self.behaviour.longest)
        self.latencies += latency
        return latency

    def ended(self) -> None:
        self.last_end = self._change(-1)

    def _change(self, by: int) -> float:
        now = time.perf_counter()
        self.busy += self.in_flight * (now - self._changed)
        self._changed = now
        self.in_flight += by
        return now

    def fault(self) -> str | None:
        """Return what goes wrong with the next request, or None."""
        if not self.behaviour.faults:
            return None
        drawn = self._draws.random()
        for name, share in self.behaviour.faults.items():
            drawn -= share
            if drawn < 0:
                self.faults[name] += 1
                return name
        return None

    def answer(self, body: bytes) -> bytes:
        self.answers += 1
        if self.behaviour.count:
            self.answered[hashlib.blake2b(body, digest_size=8).digest()] += 1
        if self.behaviour.texts is None:
            return self._plain[int(orjson.loads(body).get("n") or 1) if b'"n":' in body else 1]
        request = orjson.loads(body)
        prompt, first = request["messages"][-1]["content"], request.get("seed") or 0
        texts = [self.behaviour.texts(prompt, first + i) for i in range(request.get("n") or 1)]
        return http(200, completion(texts, len(prompt)))

    def stats(self) -> dict[str, Any]:
        """Return the counts: times in seconds from the first arrival, `busy` in request-seconds."""
        return {
            "connections": self.connections,
            "requests": self.requests,
            "answers": self.answers,
            "peak": self.peak,
            "latencies": self.latencies,
            "busy": self.busy,
            "busy_in_tail": self.busy - self.busy_at_last_arrival,
            "last_arrival": self.last_arrival - self.first,
            "last_end": self.last_end - self.first,
            "faults": dict(self.faults),
            "answered_bodies": len(self.answered),
            "answered_twice": sum(times - 1 for times in self.answered.values()),
        }


class Connection(asyncio.Protocol):
    """One connection, kept alive; requests on it are answered one after another."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # set before any data comes
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.endpoint.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            self._request(head, body)

    def _request(self, head: bytes, body: bytes) -> None:
        target = head.split(b" ", 2)[1]
        closing = b"\r\nconnection: close" in head
        if target.endswith(b"/chat/completions"):
            latency = self.endpoint.arrived()
            fault = self.endpoint.fault()
            if fault == "hang":
                self.endpoint.ended()  # a place of the client's, but none that the endpoint works on
            elif latency:
                asyncio.get_running_loop().call_later(latency, self._respond, body, fault, closing)
            else:
                self._respond(body, fault, closing)
        elif target == b"/stats":
            self._write(http(200, self.endpoint.stats()), closing)
        elif target == b"/reset":
            self.endpoint.reset()
            self._write(http(200, {}), closing)
        else:
            known = target.endswith((b"/models", b"/health"))
            self._write(http(200, MODELS) if known else http(404, {"detail": "Not Found"}), closing)

    def _respond(self, body: bytes, fault: str | None, closing: bool) -> None:
        self.endpoint.ended()
        if self.transport.is_closing():
            return
        if fault is None:
            self._write(self.endpoint.answer(body), closing)
        elif fault == "reset":
            # Closing with a zero linger time sends RST instead of FIN.
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self._write(_faulty(fault), closing)

    def _write(self, data: bytes, closing: bool) -> None:
        self.transport.write(data)
        if closing:
            self.transport.close()


def _faulty(fault: str) -> bytes:
    if fault == "html":
        return http(200, HTML, "text/html")
    if fault == "truncated":
        body = orjson.dumps(completion(["cut off in the midd"]))
        return http(200, body[: len(body) // 2])
    status = int(fault.removeprefix("http_"))
    return http(status, {"error": {"message": f"failed with {status}", "type": "bench", "code": status}})


def completion(texts: list[str], prompt_chars: int = 600) -> dict[str, Any]:
    """Return the body of an answer; its usage counts four characters as a token."""
    choices = [
        {"index": i, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        for i, text in enumerate(texts)
    ]
    read, written = prompt_chars // 4, sum(len(text) for text in texts) // 4
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": choices,
        "usage": usage,
    }


def http(status: int, body: Any, kind: str = "application/json") -> bytes:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    head = (
        f"HTTP/1.1 {status} {PHRASES[status]}\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


@dataclass(frozen=True)
class Served:
    """A server process."""

    base_url: str
    pid: int

    def reset(self) -> None:
        urllib.request.urlopen(f"{self.base_url.removesuffix('/v1')}/reset", b"").read()

    def stats(self) -> dict[str, Any]:
        return json.loads(urllib.request.urlopen(f"{self.base_url.removesuffix('/v1')}/stats").read())


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[Served]:
    """Run a server in its own process; the arguments are those of the command line."""
    command = [sys.executable, __file__, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Served(process.stdout.readline().strip(), process.pid)
    finally:
        process.kill()
        process.communicate()


async def serve(behaviour: Behaviour) -> None:
    endpoint = Endpoint(behaviour)
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    port = listening.getsockname()[1]
    server = await loop.create_server(lambda: Connection(endpoint), sock=listening)
    # The same endpoint by a name that no client takes for this machine.
    other = socket.create_server(("127.0.0.2", port), backlog=4096)
    async with server, await loop.create_server(lambda: Connection(endpoint), sock=other):
        print(f"http://127.0.0.1:{port}/v1", flush=True)
        await server.serve_forever()


def _shares(text: str) -> dict[str, float]:
    pairs = [part.split("=") for part in text.split(",") if part]
    assert all(name in FAULTS for name, _ in pairs), f"faults are {FAULTS}"
    return {name: float(share) for name, share in pairs}


def _texts(name: str) -> Texts | None:
    if not name:
        return None
    sys.path.insert(0, str(ROOT))
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def main() -> None:
    parser = argparse.ArgumentParser(description="A quick OpenAI-compatible server for benchmarks.")
    parser.add_argument("--chars", type=int, default=600, help="length of each answer's text")
    parser.add_argument("--texts", default="", help="module:function(prompt, choice) -> text, instead")
    parser.add_argument("--median", type=float, default=0.0, help="median latency in seconds (lognormal)")
    parser.add_argument("--sigma", type=float, default=0.5)
    parser.add_argument("--longest", type=float, default=math.inf, help="no latency is longer, in seconds")
    parser.add_argument("--faults", default="", help="for example http_500=0.1,hang=0.01")
    parser.add_argument("--count", action="store_true", help="count the answers of each request")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    behaviour = Behaviour(
        chars=options.chars,
        texts=_texts(options.texts),
        median=options.median,
        sigma=options.sigma,
        longest=options.longest,
        faults=_shares(options.faults),
        count=options.count,
        seed=options.seed,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, contextlib.suppress(KeyboardInterrupt):
        runner.run(serve(behaviour))


if __name__ == "__main__":
    main()
