"""Folders of task YAML files and rows of our own writing."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from taskseed.tasks.entries import TaskEntry, entry_from_config


def write_task(folder: Path, name: str, text: str) -> Path:
    """Write one YAML file and return its path."""
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as Parquet or JSON lines, by the file's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([dict(r) for r in rows]), path)
    else:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def entry(name: str = "t", family: str = "f", origin: str = "harness", **config: Any) -> TaskEntry:
    """Return an entry made from a task config."""
    return entry_from_config(
        {"task": name, **config}, family=family, origin=origin, root="/nowhere", yaml=f"{family}/{name}.yaml"
    )
