"""Messages between a pool and its workers: JSON behind its length, over a socket."""

import socket
import time
from typing import Any

import orjson

__all__ = ["MAX_BYTES", "TooLong", "receive", "send"]

MAX_BYTES = 16 << 20
_HEAD = 8


class TooLong(ValueError):
    """A message is longer than `MAX_BYTES`."""


def send(link: socket.socket, message: Any, wall_s: float | None = None) -> None:
    """Send one message.

    :param wall_s: seconds that it may take.
    :raises TypeError: if the message is not JSON (`orjson.JSONEncodeError`).
    :raises TooLong: if it is longer than `MAX_BYTES`; nothing was sent.
    :raises OSError: if the other side is gone, or does not take it in time (`TimeoutError`).
    """
    text = orjson.dumps(message)
    if len(text) > MAX_BYTES:
        raise TooLong(f"more than {MAX_BYTES} bytes")
    link.settimeout(wall_s)
    link.sendall(len(text).to_bytes(_HEAD, "big") + text)


def receive(link: socket.socket, wall_s: float | None = None) -> Any:
    """Return the next message.

    :param wall_s: seconds until it must be here as a whole.
    :raises TooLong: if it is longer than `MAX_BYTES`.
    :raises OSError: if the other side is gone (`EOFError` is not used), or is too slow (`TimeoutError`).
    :raises orjson.JSONDecodeError: if it is not JSON.
    """
    deadline = None if wall_s is None else time.monotonic() + wall_s
    length = int.from_bytes(_exactly(link, _HEAD, deadline), "big")
    if length > MAX_BYTES:
        raise TooLong(f"more than {MAX_BYTES} bytes")
    return orjson.loads(_exactly(link, length, deadline))


def _exactly(link: socket.socket, count: int, deadline: float | None) -> bytes:
    chunks = bytearray()
    while len(chunks) < count:
        link.settimeout(None if deadline is None else max(1e-3, deadline - time.monotonic()))
        chunk = link.recv(min(65_536, count - len(chunks)))
        if not chunk:
            raise ConnectionResetError("the other side has closed")
        chunks += chunk
    return bytes(chunks)
