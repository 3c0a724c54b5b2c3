"""Files that appear complete or not at all, and the lock on a run directory."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from taskseed.errors import RunError

__all__ = [
    "disk_errors",
    "lock",
    "read_table",
    "table_metadata",
    "write_bytes",
    "write_json",
    "write_table",
    "write_tables",
]

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into a `RunError` that names the path and what to do."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise RunError(
                f"the disk is full: cannot write `{path}`",
                "free some space and run the same command again: nothing that was answered is lost",
            ) from problem
        if problem.errno in (errno.ENOTDIR, errno.EEXIST):
            raise RunError(
                f"cannot write `{path}`: a file is where a folder must be", "choose another folder with --out"
            ) from problem
        raise RunError(
            f"cannot write `{path}`: {problem.strerror or problem}", "choose a writable folder with --out"
        ) from problem


@contextlib.contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears complete or not at all (write beside, fsync, rename)."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)  # there only where it is not finished
        _sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that it appears complete or not at all (write beside, fsync, rename).

    :raises RunError: if the disk is full or the folder is not writable.
    """
    with _appearing(path) as file:
        file.write(data)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON; see `write_bytes`."""
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n").encode())


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as one Parquet file; see `write_bytes`."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_bytes(path, sink.getvalue().to_pybytes())


def write_tables(
    path_of: Callable[[int], Path], tables: Iterable[pa.Table], schema: pa.Schema, rows_per_file: int
) -> None:
    """Write tables one after another into Parquet files of so many rows each; see `write_bytes`.

    :param path_of: gives the path of each file by its number; without any row there is one file, too.
    :param schema: of each table.
    :raises RunError: if the disk is full or the folder is not writable.
    """
    files = left = 0
    with contextlib.ExitStack() as stack:
        for piece in chain(tables, [schema.empty_table()]):
            done = 0
            while done < piece.num_rows or not files:
                if not left:
                    stack.close()  # the file before is complete
                    file = stack.enter_context(_appearing(path_of(files)))
                    writer = stack.enter_context(pq.ParquetWriter(file, schema, compression="zstd"))
                    files, left = files + 1, rows_per_file
                part = piece.slice(done, left)
                writer.write_table(part)
                done, left = done + part.num_rows, left - part.num_rows


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read one Parquet file.

    :raises RunError: if the file is damaged.
    """
    try:
        return pq.ParquetFile(path).read(columns=columns)
    except (pa.ArrowInvalid, OSError) as problem:
        raise RunError(
            f"cannot read `{path}`: {problem}", "delete this file and run again: its shard is made anew"
        ) from problem


def table_metadata(path: Path) -> Mapping[str, str]:
    """Return the key-value metadata of a Parquet file, and its row count as `rows`, from the footer."""
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError) as problem:
        raise RunError(
            f"cannot read `{path}`: {problem}", "delete this file and run again: its shard is made anew"
        ) from problem
    pairs = {k.decode(): v.decode() for k, v in (footer.metadata or {}).items() if k != b"ARROW:schema"}
    return {**pairs, "rows": str(footer.num_rows)}


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a run directory for one writer; the lock ends with the process, however it ends.

    :raises RunError: if another process holds it, or the folder cannot be written.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 100, 0).decode(errors="replace").strip() or "another process"
            raise RunError(
                f"`{folder}` is in use by {holder}",
                f"wait for it, or look at it with: taskseed status {folder}",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
