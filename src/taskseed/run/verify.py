"""`taskseed verify`: are the files of a run directory what the run made?"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taskseed.errors import TaskseedError
from taskseed.io import read_table
from taskseed.run.directory import RunDirectory
from taskseed.stages.package import RowsHash
from taskseed.store import ResponseStore

__all__ = ["verify_directory"]


def verify_directory(root: Path) -> list[str]:
    """Return what is wrong, one line each: damaged responses, an unbalanced stage, a changed data set."""
    return [*_responses(root), *_stages(root), *_dataset(root)]


def _responses(root: Path) -> list[str]:
    store = ResponseStore(root / "responses")
    try:
        return [f"{d.segment}: byte {d.offset}: {d.why}; it will be asked again" for d in store.damaged]
    finally:
        store.close()


def _stages(root: Path) -> list[str]:
    faults = []
    directory = RunDirectory(root)
    for path in sorted(root.glob("*/*/*.parquet")):
        try:
            read_table(path)
        except TaskseedError as problem:
            faults.append(problem.message)
    if faults:
        return faults
    for count in directory.funnel():
        if not count.balanced:
            lost = count.entered - count.kept - sum(count.dropped.values())
            faults.append(f"{count.stage}: {count.entered} went in, {lost} are not accounted for")
    return faults


def _dataset(root: Path) -> list[str]:
    package = RunDirectory(root).summary("package")
    if package is None:
        return []
    files = sorted((root / "dataset" / "data").glob("train-*.parquet"))
    rows = RowsHash()
    try:
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=1000):
                rows.add(pa.Table.from_batches([batch]))
    except (pa.ArrowInvalid, OSError) as problem:
        return [f"{root / 'dataset'}: {problem}"]
    found = rows.hexdigest() if files else "no file"
    wanted = package.facts["sha256"]
    faults = [] if found == wanted else [f"{root / 'dataset'}: its hash is {found}, the run made {wanted}"]
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    if manifest["dataset"]["sha256"] != wanted:
        faults.append(f"{root / 'manifest.json'}: names another data set than the run made")
    return faults
