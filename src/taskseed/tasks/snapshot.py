"""The catalogue of one harness version as one small file.

A snapshot of the pinned version ships with the package; another version is read once from its YAML files
(about four seconds) and cached. Remake the shipped one with `python -m taskseed.tasks.snapshot`.
"""

import dataclasses
import functools
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from taskseed import __version__
from taskseed.errors import RunError
from taskseed.io import write_bytes
from taskseed.records import content_id
from taskseed.tasks.classfiles import declared_by_class
from taskseed.tasks.entries import TaskEntry, entry_from_config
from taskseed.tasks.yamlfiles import BrokenYaml, Problem, YamlFiles, yaml_files_under

__all__ = [
    "Parsed",
    "cache_file",
    "from_file",
    "harness_root",
    "harness_version",
    "load_harness",
    "parse_folder",
    "shipped",
    "to_bytes",
]

Progress = Callable[[str, int, int], None]
_PARTS = ("origin", "root", "card_license")  # the same for every row, and `root` is a path of one machine
_STEP = 500


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the YAML files of one folder say.

    :param groups: group name and the names in it (tasks, groups, tags).
    """

    entries: tuple[TaskEntry, ...]
    groups: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]


@functools.cache
def harness_version() -> str:
    """Return the version of the installed harness.

    :raises RunError: if it is not installed.
    """
    try:
        return importlib.metadata.version("lm_eval")
    except importlib.metadata.PackageNotFoundError as missing:
        raise RunError("lm-eval is not installed", "pip install lm-eval") from missing


def harness_root() -> Path:
    """Return the folder of the installed harness's tasks, without importing the harness.

    :raises RunError: if it is not installed.
    """
    spec = importlib.util.find_spec("lm_eval")
    if spec is None or not spec.submodule_search_locations:
        raise RunError("lm-eval is not installed", "pip install lm-eval")
    return Path(next(iter(spec.submodule_search_locations))) / "tasks"


def parse_folder(root: Path, origin: str, progress: Progress | None = None) -> Parsed:
    """Read every task and group below a folder; the first of two equal names counts, as in the harness.

    :param progress: called with (what, done, total).
    """
    files, paths = YamlFiles(), yaml_files_under(root)
    entries: dict[str, TaskEntry] = {}
    groups: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for number, path in enumerate(paths):
        if progress and number % _STEP == 0:
            progress("reading task files", number, len(paths))
        try:
            _take(files.config(path), path, _Place(root, origin), entries, groups)
        except BrokenYaml as error:
            problems.append(error.problem)
        except ValueError as error:
            problems.append(Problem(str(path), 1, str(error)))
    if progress:
        progress("reading task files", len(paths), len(paths))
    return Parsed(tuple(entries.values()), groups, tuple(problems))


@dataclass(frozen=True, slots=True)
class _Place:
    root: Path
    origin: str

    def family(self, path: Path) -> str:
        parts = path.relative_to(self.root).parts
        return parts[0] if len(parts) > 1 else self.root.name


def _take(
    config: Mapping[str, Any],
    path: Path,
    place: _Place,
    entries: dict[str, TaskEntry],
    groups: dict[str, tuple[str, ...]],
) -> None:
    if "group" in config and "class" not in config:
        members = tuple(_members(config.get("task")))
        groups.setdefault(str(config["group"]), members)
    elif "task" in config:
        entry = entry_from_config(
            {**declared_by_class(config, path.parent), **config},
            family=place.family(path),
            origin=place.origin,
            root=str(place.root),
            yaml=path.relative_to(place.root).as_posix(),
        )
        entries.setdefault(entry.name, entry)


def _members(listed: Any) -> list[str]:
    names: list[str] = []
    for item in listed if isinstance(listed, list) else [listed]:
        if isinstance(item, str):
            names.append(item)
        elif isinstance(item, Mapping) and isinstance(item.get("task"), list):
            names.extend(_members(item["task"]))  # a group written inside a group
        elif isinstance(item, Mapping):
            names.extend(str(item[key]) for key in ("task", "group") if item.get(key))
    return names


def to_bytes(parsed: Parsed, version: str) -> bytes:
    """Return a snapshot: one Parquet row per task, the groups and the version in its metadata."""
    fields = [f.name for f in dataclasses.fields(TaskEntry) if f.name not in _PARTS]
    plain = [dataclasses.asdict(entry) for entry in parsed.entries]
    columns = {name: [_cell(row[name]) for row in plain] for name in fields}
    table = pa.table(columns, schema=pa.schema([(name, _TYPES.get(name, pa.string())) for name in fields]))
    groups = orjson.dumps({k: list(v) for k, v in parsed.groups.items()})
    packed = pa.compress(groups, codec="zstd", asbytes=True)
    table = table.replace_schema_metadata(
        {"version": version, "groups": packed, "groups_size": str(len(groups))}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=19, use_dictionary=True)
    return bytes(sink.getvalue().to_pybytes())


_TYPES = {"undeclared_train": pa.bool_()}


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return orjson.dumps(value).decode() if value else None
    return value


def from_file(path: Path, root: Path) -> tuple[str, Parsed]:
    """Return a snapshot's harness version and its content, placed in this machine's harness folder.

    :raises RunError: if the file is damaged.
    """
    try:
        table = pq.ParquetFile(path).read()
        meta = table.schema.metadata
        raw = pa.decompress(meta[b"groups"], int(meta[b"groups_size"]), codec="zstd", asbytes=True)
    except (pa.ArrowInvalid, OSError, KeyError, TypeError) as problem:
        raise RunError(f"cannot read `{path}`: {problem}", "delete this file and run again") from problem
    columns = {name: _column(name, table.column(name).to_pylist()) for name in table.column_names}
    count, where = table.num_rows, str(root)
    columns |= {"origin": ["harness"] * count, "root": [where] * count, "card_license": [None] * count}
    names = [f.name for f in dataclasses.fields(TaskEntry)]
    entries = tuple(TaskEntry(*row) for row in zip(*(columns[n] for n in names), strict=True))
    groups = {str(k): tuple(v) for k, v in orjson.loads(raw).items()}
    return meta[b"version"].decode(), Parsed(entries, groups, ())


def _column(name: str, values: list[Any]) -> list[Any]:
    if name in ("choices", "tags"):
        cells = {v: tuple(orjson.loads(v)) for v in set(values) if v}
        return [cells[v] if v else () for v in values]
    if name == "data_files":
        files = {v: tuple((s, tuple(f)) for s, f in orjson.loads(v)) for v in set(values) if v}
        return [files[v] if v else () for v in values]
    return values


def shipped() -> Path:
    """Return the snapshot that ships with the package."""
    return Path(__file__).parent / "data" / "catalogue.parquet"


def cache_file(version: str) -> Path:
    """Return where the catalogue of another harness version is kept (`$XDG_CACHE_HOME/taskseed`).

    What another version of taskseed read is another file: it may hold other columns, or read them otherwise.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    form = content_id(__version__, [f.name for f in dataclasses.fields(TaskEntry)])[:8]
    return Path(base) / "taskseed" / f"catalogue-{version}-{form}.parquet"


def load_harness(progress: Progress | None = None) -> tuple[str, Parsed]:
    """Return the installed harness's version and every task in it: shipped, cached, or read now.

    :raises RunError: if the harness is not installed.
    """
    version, root = harness_version(), harness_root()
    for path in (shipped(), cache_file(version)):
        if path.is_file():
            found, parsed = from_file(path, root)
            if found == version:
                return version, parsed
    parsed = parse_folder(root, "harness", progress)
    _keep(cache_file(version), to_bytes(parsed, version))
    return version, parsed


def _keep(path: Path, data: bytes) -> None:
    try:
        write_bytes(path, data)
    except (RunError, OSError):
        return  # a cache that cannot be written costs time only


def main() -> None:
    """Remake the shipped snapshot from the installed harness."""
    parsed = parse_folder(harness_root(), "harness")
    data = to_bytes(parsed, harness_version())
    write_bytes(shipped(), data)
    sys.stdout.write(f"{len(parsed.entries)} tasks, {len(parsed.groups)} groups, {len(data)} bytes\n")


if __name__ == "__main__":
    main()
