"""The files of a run directory: who wrote a shard, from what, and how many went in.

Each stage has `kept/` and `dropped/` with one Parquet file per shard. The dropped file is written first,
the kept file last: a shard is done when its kept file is there and carries the fingerprint of what it was
made from. Collect, normalize and package are done for all shards at once and have a `stage.json` instead.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from taskseed.errors import RunError
from taskseed.io import disk_errors, read_table, table_metadata, write_json, write_table
from taskseed.records import Dropped, from_table, to_table

__all__ = ["SHARDED", "STAGES", "RunDirectory", "StageCount", "Summary"]

STAGES = ("collect", "normalize", "generate", "screen", "enrich", "filter", "package")
SHARDED = ("generate", "screen", "enrich", "filter")

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many of a stage's unit went in, stayed, and left by reason."""

    stage: str
    entered: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether everything that went in is accounted for."""
        return self.entered == self.kept + sum(self.dropped.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """What `stage.json` says of a stage that is done for all shards at once."""

    fingerprint: str
    count: StageCount
    facts: Mapping[str, Any]


class RunDirectory:
    """One run's files; reading never writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def shard_path(self, stage: str, side: str, shard: int) -> Path:
        """Return the file of one shard; `side` is `kept` or `dropped`."""
        return self.root / stage / side / f"{shard:05d}.parquet"

    def write_shard(
        self,
        stage: str,
        shard: int,
        fingerprint: str,
        entries: Sequence[Any],
        record_type: type,
        usage: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
    ) -> StageCount:
        """Write a stage's entries for one shard: records of `record_type` are kept, `Dropped` are dropped.

        :param usage: what the answers that they are made of took, by role and task; see `shard_usage`.
        """
        kept = [e for e in entries if not isinstance(e, Dropped)]
        dropped = [e for e in entries if isinstance(e, Dropped)]
        count = StageCount(stage, len(entries), len(kept), Counter(d.reason for d in dropped))
        marks = {
            "fingerprint": fingerprint,
            "in": str(count.entered),
            "dropped": json.dumps(dict(count.dropped)),
        }
        write_table(self.shard_path(stage, "dropped", shard), to_table(dropped, Dropped, marks))
        marks["usage_by_role"] = json.dumps(usage or {})
        write_table(self.shard_path(stage, "kept", shard), to_table(kept, record_type, marks))
        return count

    def read_shard(self, stage: str, shard: int, record_type: type[R]) -> list[R]:
        """Return the kept records of one shard."""
        return from_table(read_table(self.shard_path(stage, "kept", shard)), record_type)

    def shard_is_done(self, stage: str, shard: int, fingerprint: str) -> bool:
        """Tell whether a shard was finished from exactly these inputs."""
        path = self.shard_path(stage, "kept", shard)
        if not path.exists() or not self.shard_path(stage, "dropped", shard).exists():
            return False
        return table_metadata(path).get("fingerprint") == fingerprint

    def shards(self, stage: str) -> list[int]:
        """Return the numbers of the shards that a stage has finished."""
        return sorted(int(p.stem) for p in (self.root / stage / "kept").glob("[0-9]*.parquet"))

    def shard_count(self, stage: str, shard: int) -> StageCount:
        """Return the counts of one finished shard, from the footers of its files."""
        marks = table_metadata(self.shard_path(stage, "kept", shard))
        return StageCount(stage, int(marks["in"]), int(marks["rows"]), json.loads(marks["dropped"]))

    def shard_usage(self, stage: str, shard: int, role: str) -> Mapping[str, Mapping[str, int]] | None:
        """Return a role's answers and tokens by task of one finished shard.

        :returns: None where an earlier version made the shard, which did not tell.
        """
        marks = table_metadata(self.shard_path(stage, "kept", shard))
        if (said := marks.get("usage_by_role")) is not None:
            return json.loads(said).get(role, {})  # type: ignore[no-any-return]
        if (said := marks.get("usage")) is not None:  # an earlier version, when a stage asked one role
            return {} if role in ("judge", "voter") else json.loads(said)
        return None

    def drop_shards(self, stage: str, keep: Iterable[int] = ()) -> None:
        """Remove a stage's shard files, except those named; what they hold is made again from the store."""
        kept = {f"{n:05d}.parquet" for n in keep}
        for side in ("kept", "dropped"):
            for path in (self.root / stage / side).glob("*.parquet"):
                if path.name not in kept:
                    with disk_errors(path):
                        path.unlink()

    def write_parts(self, stage: str, side: str, tables: Iterable[pa.Table]) -> int:
        """Write tables as consecutive files of a stage's side, in place of what was there; returns rows."""
        written = rows = 0
        for table in tables:
            write_table(self.shard_path(stage, side, written), table)
            written += 1
            rows += table.num_rows
        for path in (self.root / stage / side).glob("*.parquet"):
            if int(path.stem) >= written:
                path.unlink()
        return rows

    def write_summary(self, stage: str, summary: Summary) -> None:
        """Write `stage.json`, which marks a stage as done."""
        count = summary.count
        if not count.balanced:
            raise RunError(
                f"{stage}: {count.entered} went in, but {count.kept} + {dict(count.dropped)} came out"
            )
        write_json(
            self.root / stage / "stage.json",
            {
                "fingerprint": summary.fingerprint,
                "in": count.entered,
                "kept": count.kept,
                "dropped": dict(count.dropped),
                "facts": dict(summary.facts),
            },
        )

    def summary(self, stage: str) -> Summary | None:
        """Return what `stage.json` says, or None where the stage is not done."""
        data = read_json(self.root / stage / "stage.json")
        if data is None:
            return None
        count = StageCount(stage, data["in"], data["kept"], data["dropped"])
        return Summary(data["fingerprint"], count, data["facts"])

    def forget_summary(self, stage: str) -> None:
        """Mark a stage as not done."""
        (self.root / stage / "stage.json").unlink(missing_ok=True)

    def funnel(self) -> list[StageCount]:
        """Return the counts of every stage so far, in the order of the flow."""
        return [self._count(stage) for stage in STAGES]

    def _count(self, stage: str) -> StageCount:
        if stage not in SHARDED:
            summary = self.summary(stage)
            return summary.count if summary else StageCount(stage, 0, 0)
        counts = [self.shard_count(stage, shard) for shard in self.shards(stage)]
        dropped: Counter[str] = Counter()
        for count in counts:
            dropped.update(count.dropped)
        by_size = dict(sorted(dropped.items(), key=lambda item: (-item[1], item[0])))
        return StageCount(stage, sum(c.entered for c in counts), sum(c.kept for c in counts), by_size)


def read_json(path: Path) -> Any | None:
    """Return a JSON file's value, or None where there is no such file.

    :raises RunError: if it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as problem:
        raise RunError(f"`{path}` is damaged: {problem}", "delete it and run again") from problem
