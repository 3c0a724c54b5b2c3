"""Batches: what a waiting run wants to ask, as files that go out, and the responses that come back.

A run with `responses.on_miss: queue` writes each request that it lacks to `pending.jsonl`. `export_batch`
makes batch files of those, `import_batch` puts what came back into the response store; then the run goes on,
and may want another round: votes need questions, and an undecided vote needs more votes. A response belongs
to its request by the request's key, so lines may be missing, come in any order and in several files.
"""

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from taskseed.errors import RunError, UsageError
from taskseed.io import disk_errors, lock
from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.batch import BadLine, read_reply, request_line
from taskseed.models.counted import count_answers
from taskseed.models.errors import REFUSED
from taskseed.models.stored import (
    Pending,
    encode_completion,
    encode_failure,
    request_key,
    request_record,
)
from taskseed.models.usage import with_estimates
from taskseed.recipe import Recipe
from taskseed.run.events import Event, Watch
from taskseed.run.ledger import InvocationCounters, StateFile
from taskseed.store import ResponseStore

__all__ = ["BatchFile", "Imported", "PendingFile", "export_batch", "import_batch"]

NAME = "pending.jsonl"
# What OpenAI takes as one file (https://platform.openai.com/docs/api-reference/batch/create), and one
# model per file.
MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000
_AT_ONCE = 512  # responses per commit of the store
_NAMED = 10  # lines not taken that a result names one by one
_KEY = re.compile(r"[0-9a-f]{64}")


class PendingFile:
    """Where a run writes down what waits for a batch: complete once `finish` was called, else not there."""

    def __init__(self, root: Path) -> None:
        self._path = root / NAME
        self._beside = root / f".{NAME}.{secrets.token_hex(4)}.tmp"
        self._file: IO[bytes] | None = None
        self._keys: set[bytes] = set()
        with disk_errors(self._path):
            # What an earlier run wanted may not be wanted any more; a killed one left half a list.
            for old in (self._path, *root.glob(f".{NAME}.*.tmp")):
                old.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, role: str, pending: Pending) -> None:
        """Write down one request, once."""
        key = bytes.fromhex(pending.key)
        if key in self._keys:
            return
        self._keys.add(key)
        entry = {"key": pending.key, "role": role, "request": request_record(pending.prompt, pending.index)}
        with disk_errors(self._path):
            if self._file is None:
                self._file = self._beside.open("wb")
            self._file.write(orjson.dumps(entry) + b"\n")

    def finish(self) -> None:
        """Let the file appear."""
        if self._file is not None:
            with disk_errors(self._path):
                self._file.close()
                self._beside.replace(self._path)

    def close(self) -> None:
        """Remove what `finish` did not let appear."""
        if self._file is not None:
            self._file.close()
        self._beside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One file of requests for one model.

    :param characters: characters of all messages together.
    :param most_output: the most tokens of all answers together; None where a request sets no limit.
    """

    path: Path
    model: str
    requests: int
    bytes: int
    characters: int
    most_output: int | None


def export_batch(recipe: Recipe, root: Path, file: Path, most_requests: int) -> list[BatchFile]:
    """Write the requests that a run waits for as batch files; what the store has meanwhile is left out.

    :param file: the file to write; where one is not enough (one model per file, and the limits of OpenAI),
        the files are numbered: `requests-1.jsonl`, `requests-2.jsonl`.
    :param most_requests: the most requests per file.
    :raises UsageError: if nothing waits, or a file of that name is there.
    """
    if file.exists():
        raise UsageError(f"`{file}` is there already", "name another file, or delete it")
    with lock(root), closing(_open_store(recipe, root)) as store:
        parts = _Parts(file, most_requests)
        try:
            for entry in _pending(root):
                if entry.key not in store:
                    parts.add(entry)
            return parts.finish()
        finally:
            parts.discard()


class _Parts:
    """The files that are being written, one at a time for each model."""

    def __init__(self, file: Path, most_requests: int) -> None:
        self._file = file
        self._most_requests = most_requests
        self._open: dict[str, _Part] = {}
        self._done: list[_Part] = []

    def add(self, entry: "_Entry") -> None:
        """Write a request to its model's file."""
        line = request_line(entry.key, entry.prompt, entry.index) + b"\n"
        part = self._open.get(entry.prompt.model)
        if part is not None and (part.requests >= self._most_requests or part.bytes + len(line) > MOST_BYTES):
            self._done.append(part)
            part = None
        if part is None:
            part = self._open[entry.prompt.model] = _Part(self._file, entry.prompt.model)
        part.add(line, entry.prompt)

    def finish(self) -> list[BatchFile]:
        """Let the files appear under their names."""
        parts = [*self._done, *self._open.values()]
        if not parts:
            raise UsageError("nothing waits for a batch: every request has its response", "run it again")
        paths = [self._file]
        if len(parts) > 1:
            paths = [self._file.with_stem(f"{self._file.stem}-{n}") for n in range(1, len(parts) + 1)]
            for path in paths:
                if path.exists():
                    raise UsageError(f"`{path}` is there already", "name another file, or delete it")
        return [part.finish(path) for part, path in zip(parts, paths, strict=True)]

    def discard(self) -> None:
        """Remove what did not appear."""
        for part in (*self._done, *self._open.values()):
            part.discard()


class _Part:
    def __init__(self, file: Path, model: str) -> None:
        self._beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
        with disk_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._handle = self._beside.open("wb")
        self.model = model
        self.requests = self.bytes = self.characters = 0
        self.most_output: int | None = 0

    def add(self, line: bytes, prompt: Prompt) -> None:
        with disk_errors(self._beside):
            self._handle.write(line)
        self.requests += 1
        self.bytes += len(line)
        self.characters += sum(len(message["content"]) for message in prompt.messages)
        most = prompt.sampling.get("max_tokens", prompt.sampling.get("max_completion_tokens"))
        known = self.most_output is not None and isinstance(most, int)
        self.most_output = self.most_output + most if known else None

    def finish(self, path: Path) -> BatchFile:
        with disk_errors(path):
            self._handle.close()
            self._beside.replace(path)
        return BatchFile(path, self.model, self.requests, self.bytes, self.characters, self.most_output)

    def discard(self) -> None:
        self._handle.close()
        self._beside.unlink(missing_ok=True)


@dataclass(slots=True)
class Imported:
    """What became of the lines of one import.

    :param stored: responses that are in the store now and were not before.
    :param known: lines whose request had its response already, from an earlier import.
    :param refused: requests that the model's server refuses for what they say; they are not asked again.
    :param failed: requests without a usable response, by reason; they still wait.
    :param bad: lines that were not taken; `named` says of the first of them where they are and what is wrong.
    :param left: requests that still wait.
    """

    stored: int = 0
    known: int = 0
    refused: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    named: list[str] = field(default_factory=list)
    left: int = 0


def import_batch(recipe: Recipe, root: Path, files: Sequence[Path], watch: Watch) -> Imported:
    """Put the responses of batch output and error files into the store of a run.

    Every good line is taken, whatever the others are. A line that is no response, whose request the run did
    not ask, or that answers a request a second time in this import is not taken, and the result names it.

    :raises UsageError: if a file cannot be read.
    :raises RunError: if what waits is damaged or the store cannot be written.
    """
    for file in files:
        if not file.is_file():
            raise UsageError(f"there is no file `{file}`", "name the output file of the batch")
    with ExitStack() as stack:
        stack.enter_context(lock(root))
        store = stack.enter_context(closing(_open_store(recipe, root)))
        counters = stack.enter_context(closing(InvocationCounters(root / "invocations")))
        importing = _Import(root, store, counters)
        asyncio.run(importing.read(files, watch))
        done = importing.done
        if done.stored or done.refused:
            StateFile(root).write("waiting", f"{done.left} requests still wait for a batch; run it again")
        return done


class _Import:
    """One pass over the files of an import."""

    def __init__(self, root: Path, store: ResponseStore, counters: InvocationCounters) -> None:
        self.done = Imported()
        self._root = root
        self._store = store
        self._counters = counters
        self._asked = {bytes.fromhex(entry.key): entry.offset for entry in _pending(root)}
        self._answered: dict[bytes, str] = {}  # by key: the line that answered it
        self._refusals: dict[bytes, EngineFailure] = {}
        self._uncommitted: list[tuple[str, bytes]] = []

    async def read(self, files: Sequence[Path], watch: Watch) -> None:
        """Take every line of the files."""
        for file in files:
            for number, line in _lines(file):
                self._take(f"{file}, line {number}", line)
                if len(self._uncommitted) >= _AT_ONCE:
                    await self._commit()
                    watch(Event("import", self.done.stored, len(self._asked), note="responses"))
        # As live: a server that refuses everything is set up wrongly, and nothing is concluded from it.
        for key, failure in self._refusals.items():
            if self.done.stored:
                self._keep(key, failure)
            else:
                self.done.failed[failure.reason] += 1
        await self._commit()
        self.done.left = sum(key.hex() not in self._store for key in self._asked)

    def _take(self, where: str, line: bytes) -> None:
        try:
            reply = read_reply(line)
        except BadLine as problem:
            return self._refuse(where, str(problem))
        key = _key(reply.custom_id)
        if key in self._answered:
            return self._refuse(where, f"its request was answered already by {self._answered[key]}")
        if key is not None and key.hex() in self._store:
            self.done.known += 1
        elif key not in self._asked:
            return self._refuse(where, f"the run does not wait for `{reply.custom_id[:80]}`")
        elif isinstance(reply.outcome, EngineFailure) and not reply.outcome.reason.startswith(REFUSED):
            self.done.failed[reply.outcome.reason] += 1
            return None
        elif isinstance(reply.outcome, EngineFailure):
            self._refusals[key] = reply.outcome
        else:
            self._keep(key, reply.outcome)
        self._answered[key] = where
        return None

    def _refuse(self, where: str, why: str) -> None:
        self.done.bad += 1
        if len(self.done.named) < _NAMED:
            self.done.named.append(f"{where}: {why}")

    def _keep(self, key: bytes, outcome: Completion | EngineFailure) -> None:
        entry = _read_entry(self._root, self._asked[key])
        facts: dict[str, Any] = {"role": entry.role, "received": time.time()}
        self._counters.add(entry.role, "sent", 1)
        if isinstance(outcome, EngineFailure):
            payload = encode_failure(entry.prompt, entry.index, outcome, **facts)
            self._counters.add(entry.role, "failed", 1)
            self.done.refused += 1
        else:
            (completion,) = with_estimates(entry.prompt, [outcome])
            payload = encode_completion(entry.prompt, entry.index, completion, **facts)
            count_answers(self._counters, entry.role, [completion])
            self.done.stored += 1
        self._uncommitted.append((entry.key, payload))

    async def _commit(self) -> None:
        entries, self._uncommitted = self._uncommitted, []
        await self._store.put(entries)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of `pending.jsonl`; `offset` is its first byte."""

    key: str
    role: str
    prompt: Prompt
    index: int
    offset: int


def _pending(root: Path) -> Iterator[_Entry]:
    """Yield what a run waits for; nothing where it does not wait.

    :raises RunError: if a line is damaged.
    """
    try:
        file = (root / NAME).open("rb")
    except FileNotFoundError:
        return
    with file:
        offset = 0
        for line in file:
            yield _entry(root, line, offset)
            offset += len(line)


def _read_entry(root: Path, offset: int) -> _Entry:
    with (root / NAME).open("rb") as file:
        file.seek(offset)
        return _entry(root, file.readline(), offset)


def _entry(root: Path, line: bytes, offset: int) -> _Entry:
    try:
        value = orjson.loads(line)
        asked = value["request"]
        prompt = Prompt(asked["model"], tuple(asked["messages"]), asked["sampling"])
        entry = _Entry(value["key"], value["role"], prompt, asked["index"], offset)
        if request_key(entry.prompt, entry.index) == entry.key:
            return entry
    except (ValueError, KeyError, TypeError):
        pass
    raise RunError(
        f"`{root / NAME}` is damaged at byte {offset}", "run `taskseed run` again: it is made anew"
    )


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, numbered from 1."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def _key(custom_id: str) -> bytes | None:
    return bytes.fromhex(custom_id) if _KEY.fullmatch(custom_id) else None


def _open_store(recipe: Recipe, root: Path) -> ResponseStore:
    return ResponseStore(recipe.responses.store or root / "responses")
