"""Where the records of a store lie, by key, at 28 bytes a record.

A dictionary costs five times as much, and a store may hold many millions. What came last stands in a small
dictionary; once that is full it becomes a sorted run of arrays, and runs are merged as they grow alike
(the log-structured merge tree of O'Neil et al., 1996, in memory).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["KEY_BYTES", "RecordIndex"]

_U64: TypeAlias = npt.NDArray[np.uint64]
_U32: TypeAlias = npt.NDArray[np.uint32]

KEY_BYTES = 16
_OFFSET_BITS = 44  # of where a record lies; the bits above number its segment
_OFFSET = (1 << _OFFSET_BITS) - 1


@dataclass(frozen=True, slots=True)
class _Run:
    """Sorted by key, each key once; a key is two words."""

    high: _U64
    low: _U64
    where: _U64
    length: _U32
    keys: memoryview = field(init=False)  # of `high`: bisecting it is faster than asking numpy for one number

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", self.high.data)

    def __len__(self) -> int:
        return len(self.high)

    def find(self, high: int, low: int) -> tuple[int, int] | None:
        at = bisect_left(self.keys, high)
        while at < len(self.keys) and self.keys[at] == high:
            if self.low[at] == low:
                return int(self.where[at]), int(self.length[at])
            at += 1
        return None

    @classmethod
    def of(cls, high: _U64, low: _U64, where: _U64, length: _U32) -> "_Run":
        """Return a run of records in order of their coming; of equal keys the last counts."""
        order = np.lexsort((low, high))  # stable
        high, low = high[order], low[order]
        last = np.ones(len(order), dtype=bool)
        last[:-1] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        order = order[last]
        return cls(high[last], low[last], where[order], length[order])

    def with_later(self, later: "_Run") -> "_Run":
        """Return both in one."""
        return _Run.of(
            np.concatenate([self.high, later.high]),
            np.concatenate([self.low, later.low]),
            np.concatenate([self.where, later.where]),
            np.concatenate([self.length, later.length]),
        )


class RecordIndex:
    """Segment, offset and length in bytes of records, by keys of `KEY_BYTES` bytes.

    A key that is set again has its last place.

    :param recent: how many records stand in the dictionary at most.
    """

    def __init__(self, recent: int = 1 << 16) -> None:
        self._most = recent
        self._recent: dict[bytes, tuple[int, int]] = {}
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        self._seal(into_one=True)
        return sum(map(len, self._runs))

    def __contains__(self, key: bytes) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the keys in the order of segments and offsets."""
        self._seal(into_one=True)
        for run in self._runs:
            order = np.argsort(run.where)
            keys = np.column_stack([run.high[order], run.low[order]]).astype(">u8").tobytes()
            yield from (keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES))

    def get(self, key: bytes) -> tuple[int, int, int] | None:
        """Return segment, offset and length of a key's record, or None."""
        found = self._recent.get(key) or (self._find(key) if self._runs else None)
        if found is None:
            return None
        where, length = found
        return where >> _OFFSET_BITS, where & _OFFSET, length

    def _find(self, key: bytes) -> tuple[int, int] | None:
        high, low = int.from_bytes(key[:8]), int.from_bytes(key[8:])
        return next((spot for run in reversed(self._runs) if (spot := run.find(high, low))), None)

    def set(self, key: bytes, segment: int, offset: int, length: int) -> None:
        """Say where the record of a key lies."""
        self._recent[key] = (segment << _OFFSET_BITS) | offset, length
        if len(self._recent) >= self._most:
            self._seal()

    def _seal(self, *, into_one: bool = False) -> None:
        """Make a run of what came last, and one of the runs at the end that are alike in size (or of all)."""
        if self._recent:
            words = np.frombuffer(b"".join(self._recent), dtype=">u8").reshape(-1, 2).astype(np.uint64)
            where, length = np.array(list(self._recent.values()), dtype=np.uint64).T
            self._runs.append(_Run.of(words[:, 0], words[:, 1], where, length.astype(np.uint32)))
            self._recent = {}
        while len(self._runs) > 1 and (into_one or 2 * len(self._runs[-1]) >= len(self._runs[-2])):
            later = self._runs.pop()
            self._runs[-1] = self._runs[-1].with_later(later)
