"""The response store: every response ever received, by content hash of its request.

A store is a folder of append-only segments, each written by one process. A segment is text: one record
per line, `<crc32 hex> <key hex> <JSON payload>`, so that `cut -d' ' -f3- *.seg | jq` reads it. The checksum
covers key and payload. A torn last line or a flipped bit damages that record only: it counts as never
received. Commits are grouped: records that arrive while one fsync runs share the next one.
"""

import asyncio
import contextlib
import os
import secrets
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskseed.errors import TaskseedError
from taskseed.index import RecordIndex
from taskseed.io import disk_errors

__all__ = ["Damage", "ResponseStore"]

# Where commits follow each other within so long, each waits a little for more records to share it.
_BUSY_S, _GATHER_S = 0.1, 0.005
_KEY = 64
_HEAD = 8 + 1 + _KEY + 1


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that cannot be trusted: `offset` is the first byte of its line in `segment`."""

    segment: Path
    offset: int
    why: str


class ResponseStore:
    """Responses by request key; open one per process.

    :param folder: made when the first response is put.

    `problem` is why the last responses could not be stored: then nothing more should be paid for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[Damage] = []
        self.problem: TaskseedError | None = None
        self._index = RecordIndex()
        self._readers: list[int] = []
        self._writer: _Segment | None = None
        for path in sorted(folder.glob("*.seg")) if folder.is_dir() else []:
            self._load(path)

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, key: str) -> bool:
        return _short(key) in self._index

    def get(self, key: str) -> bytes | None:
        """Return the payload stored under a key, or None if there is none (or it no longer checks)."""
        place = self._index.get(_short(key))
        if place is None:
            return None
        segment, offset, length = place
        line = os.pread(self._readers[segment], length, offset)
        return line[_HEAD:-1] if _fault(line) is None else None

    def keys(self) -> Iterator[str]:
        """Return the keys of all sound records, in the order of their segments' names.

        Keys are shortened to 32 hexadecimal digits, which identify a record as well.
        """
        return (key.hex() for key in self._index)

    async def put(self, entries: Sequence[tuple[str, bytes]]) -> None:
        """Store payloads by their keys; returns when all are durable.

        Who stops waiting does not stop them from being stored.

        :param entries: key and payload; a payload is one JSON document without a newline.
        :raises RunError: if the disk is full or not writable.
        """
        try:
            if self._writer is None:
                self._writer = self._open_segment()
            await self._writer.append([(_short(key), _line(key, payload)) for key, payload in entries])
        except TaskseedError as problem:
            self.problem = problem
            raise

    def close(self) -> None:
        """Close all files; what was put is already durable."""
        for handle in self._readers:
            os.close(handle)
        self._readers = []
        if self._writer is not None:
            os.close(self._writer.handle)
            self._writer = None

    def _open_segment(self) -> "_Segment":
        name = f"{time.time_ns() // 1_000_000:015d}-{os.getpid()}-{secrets.token_hex(3)}.seg"
        path = self.folder / name
        with disk_errors(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._readers.append(os.open(path, os.O_RDONLY))
        return _Segment(path, handle, len(self._readers) - 1, self._index)

    def _load(self, path: Path) -> None:
        number = len(self._readers)
        self._readers.append(os.open(path, os.O_RDONLY))
        offset = 0
        with path.open("rb", buffering=1 << 20) as lines:
            for line in lines:
                fault = _fault(line)
                if fault is None:
                    self._index.set(_short_of(line), number, offset, len(line))
                else:
                    self.damaged.append(Damage(path, offset, fault))
                offset += len(line)


class _Segment:
    """The one writer of one segment, with group commit."""

    def __init__(self, path: Path, handle: int, number: int, index: RecordIndex) -> None:
        self.path = path
        self.handle = handle
        self._number = number
        self._index = index
        self._size = 0
        self._committed = 0.0
        self._waiting: list[tuple[list[tuple[bytes, bytes]], asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None

    def append(self, lines: list[tuple[bytes, bytes]]) -> asyncio.Future[None]:
        """Write lines, each with its shortened key, durably; the future is done when they are."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return future

    async def _flush(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            if clock() - self._committed < _BUSY_S:
                await asyncio.sleep(_GATHER_S)
            group, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(
                    self._commit, b"".join(line for lines, _ in group for _, line in lines)
                )
            except (OSError, TaskseedError) as problem:  # handed on to everyone who waits for this commit
                for _, future in group:
                    if not future.done():
                        future.set_exception(problem)
                continue
            self._committed = clock()
            for lines, future in group:
                for key, line in lines:
                    self._index.set(key, self._number, self._size, len(line))
                    self._size += len(line)
                if not future.done():
                    future.set_result(None)

    def _commit(self, data: bytes) -> None:
        with disk_errors(self.path):
            start = os.fstat(self.handle).st_size
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(self.handle, view) :]
                os.fdatasync(self.handle)
            except OSError:
                with contextlib.suppress(
                    OSError
                ):  # leave no half record before the next commit, if it can be
                    os.ftruncate(self.handle, start)
                raise


def _line(key: str, payload: bytes) -> bytes:
    body = key.encode() + b" " + payload
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _fault(line: bytes) -> str | None:
    if not line.endswith(b"\n"):
        return "torn"
    if len(line) <= _HEAD or line[8:9] != b" ":
        return "malformed"
    if b"%08x" % zlib.crc32(line[9:-1]) != line[:8]:
        return "checksum"
    return None


def _short(key: str) -> bytes:
    return bytes.fromhex(key[:32])


def _short_of(line: bytes) -> bytes:
    return bytes.fromhex(line[9:41].decode())
