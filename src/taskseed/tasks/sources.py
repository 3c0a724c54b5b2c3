"""Where rows come from: files beside a task, a local mirror of public data, or the Hugging Face Hub.

The mirror is `<hub>/<data set path>/<config or "default">/<split>.parquet` or `.jsonl`. Where a mirror is
given, only it is read, never the network. `datasets` is imported here alone: for the Hub, and for the
harness, which wants its types.
"""

import functools
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from taskseed.tasks.entries import DataSource
from taskseed.tasks.tables import aliases, canonical_path

__all__ = [
    "BadRow",
    "NotLoadable",
    "Row",
    "SplitReader",
    "as_dataset",
    "as_dataset_dict",
    "count_rows",
    "is_loadable",
    "is_online",
    "open_split",
]

_SUFFIXES = (".parquet", ".jsonl")


class NotLoadable(Exception):
    """A split or a task that cannot be used on this machine; data about that task, not the end of a run.

    :param reason: `offline`, `load_failed` or `needs_extra`.
    :param message: what was looked for and what is there.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read; it keeps its place, so that row numbers stay right."""

    message: str
    text: str


Row: TypeAlias = dict[str, Any] | BadRow


@dataclass(frozen=True, slots=True)
class SplitReader:
    """One split, read in batches.

    :param where: the file or the Hub address.
    :param rows: how many rows there are, where that is known without reading them all.
    :param revision: the revision of the data, where it is known.
    """

    where: str
    rows: int | None
    revision: str | None
    read: Callable[[int], Iterator[list[Row]]]

    def batches(self, size: int = 1024) -> Iterator[list[Row]]:
        """Yield the rows in order, `size` at a time.

        :raises NotLoadable: if the rest cannot be read.
        """
        return self.read(size)


def open_split(source: DataSource, split: str, hub: Path | None) -> SplitReader:
    """Return a reader of one split.

    :param hub: the mirror's folder; None for the Hugging Face Hub.
    :raises NotLoadable: if the split is not there; the message names what was looked for and what is there.
    """
    if source.is_packaged:
        return _open_files(_packaged_files(source, split), source.revision)
    if hub is not None:
        return _open_files([_mirrored_file(source, split, hub)], source.revision)
    return _open_on_hub(source, split)


def is_loadable(source: DataSource, split: str, hub: Path | None) -> bool | None:
    """Return whether a split's files are at hand; None where only the Hub could tell."""
    try:
        if source.is_packaged:
            _packaged_files(source, split)
        elif hub is not None:
            _mirrored_file(source, split, hub)
        else:
            return None
    except NotLoadable:
        return False
    return True


def count_rows(source: DataSource, split: str) -> int | None:
    """Return how many rows a split has whose files lie beside the task; None for any other."""
    if not source.is_packaged:
        return None
    try:
        files = _packaged_files(source, split)
        return sum(_count(path) for path in files)
    except NotLoadable:
        return None


def as_dataset(rows: Sequence[dict[str, Any]]) -> Any:
    """Return rows as a `datasets.Dataset` in memory.

    :raises NotLoadable: if the rows do not have one type per column.
    """
    import datasets

    datasets.disable_progress_bars()  # a task's process_docs would draw them over ours
    try:
        return datasets.Dataset(pa.Table.from_pylist(list(rows)))
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError) as problem:
        raise NotLoadable("load_failed", f"the rows' columns have mixed types: {problem}") from problem


def as_dataset_dict(splits: dict[str, Any]) -> Any:
    """Return a `datasets.DatasetDict` of splits made by `as_dataset`."""
    import datasets

    return datasets.DatasetDict(splits)


def _packaged_files(source: DataSource, split: str) -> list[Path]:
    folder = (source.folder or Path()).resolve()
    names = source.files_of(split) or (source.files_of("*") if split == "train" else ())
    if not names:
        known = ", ".join(name for name, _ in source.data_files)
        raise NotLoadable("load_failed", f"no data file for split `{split}`; the task has: {known}")
    files = [(folder / name).resolve() for name in names]
    for name, path in zip(names, files, strict=True):
        if source.contained and not path.is_relative_to(folder):
            raise NotLoadable("load_failed", f"`{name}` lies outside the task's folder")
        if not path.is_file():
            raise NotLoadable("load_failed", f"no such file: {path}")
    return files


def _mirrored_file(source: DataSource, split: str, hub: Path) -> Path:
    if not source.path or source.data_files:
        raise NotLoadable("load_failed", "the task loads its rows by itself; the mirror cannot hold them")
    canonical = canonical_path(source.path)
    paths = [source.path, canonical, *(o for o, c in aliases().items() if c == canonical)]
    config = source.name or "default"
    parts = [*Path(source.path).parts, config, split]
    if any(part in ("..", "/") or "/" in part for part in parts):
        raise NotLoadable("load_failed", f"`{source.path}` is no data set path")
    for path in dict.fromkeys(paths):
        for suffix in _SUFFIXES:
            found = hub / path / config / f"{split}{suffix}"
            if found.is_file():
                return found
    folder = hub / source.path / config
    raise NotLoadable("load_failed", f"no {folder}/{split}.parquet or .jsonl; {_what_is_there(folder)}")


def _what_is_there(folder: Path) -> str:
    if folder.is_dir():
        splits = sorted(p.stem for p in folder.iterdir() if p.suffix in _SUFFIXES)
        return f"splits there: {', '.join(splits) or 'none'}"
    if folder.parent.is_dir():
        configs = sorted(p.name for p in folder.parent.iterdir() if p.is_dir())
        return f"configs there: {', '.join(configs[:20]) or 'none'}"
    return "the data set is not in the mirror"


def _open_files(files: list[Path], revision: str | None) -> SplitReader:
    def read(size: int) -> Iterator[list[Row]]:
        for path in files:
            yield from _reader_of(path)(path, size)

    rows = sum(_count(path) for path in files)
    return SplitReader(", ".join(map(str, files)), rows, revision, read)


def _reader_of(path: Path) -> Callable[[Path, int], Iterator[list[Row]]]:
    readers: dict[str, Callable[[Path, int], Iterator[list[Row]]]] = {
        ".parquet": _read_parquet,
        ".jsonl": _read_jsonl,
        ".json": _read_json,
        ".csv": _read_csv,
    }
    if path.suffix not in readers:
        raise NotLoadable("load_failed", f"`{path.name}` is not .parquet, .jsonl, .json or .csv")
    return readers[path.suffix]


def _count(path: Path) -> int:
    try:
        if path.suffix == ".parquet":
            return int(pq.read_metadata(path).num_rows)
        return sum(len(batch) for batch in _reader_of(path)(path, 4096))
    except (OSError, pa.ArrowInvalid) as problem:
        raise NotLoadable("load_failed", f"cannot read {path}: {problem}") from problem


def _read_parquet(path: Path, size: int) -> Iterator[list[Row]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=size):
                yield batch.to_pylist()
    except (OSError, pa.ArrowInvalid, UnicodeDecodeError) as problem:
        raise NotLoadable("load_failed", f"cannot read {path}: {problem}") from problem


def _read_jsonl(path: Path, size: int) -> Iterator[list[Row]]:
    try:
        with path.open("rb") as file:
            lines = (line for line in file if line.strip())
            while batch := list(islice(lines, size)):
                yield [_json_row(line) for line in batch]
    except OSError as problem:
        raise NotLoadable("load_failed", f"cannot read {path}: {problem}") from problem


def _json_row(line: bytes) -> Row:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as problem:
        return BadRow(f"not JSON: {problem}", line[:2000].decode(errors="replace"))
    return _row(row)


def _row(value: Any) -> Row:
    return value if isinstance(value, dict) else BadRow("not an object with named fields", str(value)[:2000])


def _read_json(path: Path, size: int) -> Iterator[list[Row]]:
    try:
        value = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as problem:
        raise NotLoadable("load_failed", f"cannot read {path}: {problem}") from problem
    if not isinstance(value, list):
        raise NotLoadable("load_failed", f"{path} is not a list of rows")
    for start in range(0, len(value), size):
        yield [_row(v) for v in value[start : start + size]]


def _read_csv(path: Path, size: int) -> Iterator[list[Row]]:
    try:
        with pa_csv.open_csv(path) as file:
            for batch in file:
                for start in range(0, batch.num_rows, size):
                    yield batch.slice(start, size).to_pylist()
    except (OSError, pa.ArrowInvalid) as problem:
        raise NotLoadable("load_failed", f"cannot read {path}: {problem}") from problem


def _open_on_hub(source: DataSource, split: str) -> SplitReader:
    if not source.path:
        raise NotLoadable("load_failed", "the task loads its rows by itself")
    if _is_told_offline():
        raise NotLoadable("offline", f"`{source.path}` is on the Hub, and HF_HUB_OFFLINE is set")
    if not is_online():
        raise NotLoadable("offline", f"`{source.path}` is on the Hub, and {_endpoint()} cannot be reached")
    data = _hub_call(lambda: _load_dataset(source, split), source)
    splits = data.info.splits or {}
    rows = splits[split].num_examples if split in splits else None

    def read(size: int) -> Iterator[list[Row]]:
        batches = iter(data.with_format("arrow").iter(batch_size=size))
        while (table := _hub_call(lambda: next(batches, None), source)) is not None:
            yield table.to_pylist()

    return SplitReader(f"hf://datasets/{source.path}", rows, source.revision, read)


def is_online() -> bool:
    """Return whether the Hub may be asked and answers."""
    return not _is_told_offline() and _is_reachable(_endpoint())


def _is_told_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "0").upper() in ("1", "ON", "YES", "TRUE")


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co")


@functools.cache
def _is_reachable(endpoint: str) -> bool:
    """Tell once per process whether the Hub answers: each of its own attempts takes half a minute to fail."""
    if not endpoint.startswith(("https://", "http://")):
        return False
    try:
        urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=10).close()  # noqa: S310 -- http(s) only
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _load_dataset(source: DataSource, split: str) -> Any:
    import datasets

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    files = {name: list(listed) for name, listed in source.data_files}
    data_files: Any = files.get("*", files) or None
    return datasets.load_dataset(
        source.path,
        source.name,
        split=split,
        data_files=data_files,
        data_dir=source.data_dir,
        revision=source.revision,
        streaming=True,
    )


def _hub_call(call: Callable[[], Any], source: DataSource) -> Any:
    try:
        return call()
    except ImportError as missing:
        raise NotLoadable("needs_extra", f"`{source.path}` needs a package: {missing}") from missing
    except ConnectionError as problem:
        raise NotLoadable("offline", f"cannot reach the Hub for `{source.path}`: {problem}") from problem
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, pa.ArrowInvalid) as problem:
        raise NotLoadable("load_failed", f"cannot load `{source.path}`: {problem}") from problem
