"""Writes the seeds of a run as they come, in shards."""

import hashlib
import shutil
from collections import Counter

from taskseed.io import write_table
from taskseed.records import Dropped, Seed, to_table
from taskseed.run.directory import RunDirectory, StageCount

__all__ = ["SeedWriter"]


class SeedWriter:
    """Cuts the stream of seeds into shards and writes them, dropped rows beside them."""

    def __init__(self, directory: RunDirectory, shard_size: int) -> None:
        self._directory = directory
        self._size = shard_size
        self._seeds: list[Seed] = []
        self._drops: list[Dropped] = []
        self._reasons: Counter[str] = Counter()
        self._kept = self._parts = self.shards = 0
        self.first_evidence = ""
        self.digest = hashlib.sha256()
        shutil.rmtree(directory.root / "normalize" / "kept", ignore_errors=True)
        shutil.rmtree(directory.root / "normalize" / "dropped", ignore_errors=True)

    def add(self, seeds: list[Seed], dropped: list[Dropped]) -> None:
        """Take the next seeds, in order of their ids, and what was dropped on the way."""
        self._seeds += seeds
        self._drops += dropped
        self.first_evidence = self.first_evidence or next((d.evidence for d in dropped), "")
        self._kept += len(seeds)
        self._reasons.update(d.reason for d in dropped)
        for seed in seeds:
            self.digest.update(seed.seed_id.encode())
        while len(self._seeds) >= self._size:
            self._write_seeds()
        if len(self._drops) >= 10_000:
            self._write_drops()

    def finish(self) -> StageCount:
        """Write what is left; returns the stage's counts."""
        if self._seeds:
            self._write_seeds()
        if self._drops or not self._parts:
            self._write_drops()
        entered = self._kept + self._reasons.total()
        return StageCount("normalize", entered, self._kept, dict(self._reasons))

    def _write_seeds(self) -> None:
        shard, self._seeds = self._seeds[: self._size], self._seeds[self._size :]
        write_table(self._directory.shard_path("normalize", "kept", self.shards), to_table(shard, Seed))
        self.shards += 1

    def _write_drops(self) -> None:
        write_table(
            self._directory.shard_path("normalize", "dropped", self._parts), to_table(self._drops, Dropped)
        )
        self._parts += 1
        self._drops = []
