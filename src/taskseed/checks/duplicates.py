"""Exact and near duplicates by the Jaccard similarity of word 3-gram sets.

Nothing is estimated. Candidates come from the prefix filter (Chaudhuri, Ganti and Kaushik 2006;
Bayardo, Ma and Srikant 2007): under one total order of all shingles, two sets with a Jaccard
similarity of at least `t` share one of the first `size - ceil(t * size) + 1` shingles of each. With
the rarest shingles first these are few, and each candidate pair is then compared exactly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from taskseed.text import Rows, distinct, mix, rows_of, shingles

__all__ = ["REPORTED_FROM", "Duplicate", "NearDuplicates", "similarity"]

U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]

REPORTED_FROM = 0.7
"""Similarities from here on are reported exactly, even where the threshold is higher.

Lower ones are not looked for: texts of one form reach a half by the thousand, and each pair would have to be
compared.
"""

_FIRST_REORDER = 256
_COMMON = 8  # a shingle in fewer accepted texts than this counts as rare
_BATCH = 2048  # and no more than are accepted, so that the first texts soon give an order
_PAIRS_AT_ONCE = 200_000
_POSTINGS_AT_ONCE = 4_000_000
_ROWS_AT_ONCE = 20_000
_PARTS, _PART_SHIFT = 16, np.uint64(60)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The accepted text nearest to an offered one.

    :param score: their Jaccard similarity (0..1); 1.0 for an exact copy inside one group.
    :param other_id: the id of the nearest accepted text; of equally near ones the first accepted.
    :param is_duplicate: whether the score reaches the threshold, so that the text was not accepted.
    """

    score: float
    other_id: str
    is_duplicate: bool


def similarity(left: Sequence[str], right: Sequence[str], mask_numbers: bool = False) -> list[float]:
    """Return the Jaccard similarity (0..1) of the word 3-gram sets of each pair of texts.

    A text of fewer than three words has one shingle (see `taskseed.text.shingles`).

    :param mask_numbers: whether texts that differ only in their numbers count as equal.
    :raises ValueError: if the two sequences differ in length.
    """
    if len(left) != len(right):
        msg = f"{len(left)} texts cannot be compared pairwise with {len(right)}"
        raise ValueError(msg)
    rows = shingles([*left, *right], 3, mask_numbers)
    first = np.arange(len(left), dtype=np.int64)
    return [float(score) for score in _jaccard(rows, first, first + len(left))]


class NearDuplicates:
    """The texts accepted so far; tells of each new text whether it is near one of them.

    Decisions and scores depend only on the order of the texts, not on how they are cut into calls.
    Memory grows with the number of accepted words (about 40 bytes per word).

    :param threshold: a text whose Jaccard similarity with an accepted one is at least this is a
        duplicate; in (0, 1].
    :raises ValueError: if the threshold is outside (0, 1].
    """

    def __init__(self, threshold: float) -> None:
        if not 0 < threshold <= 1:
            msg = f"the threshold must be in (0, 1], not {threshold}"
            raise ValueError(msg)
        self.threshold = threshold
        self._floor = min(threshold, REPORTED_FROM)
        self._ids: list[str] = []
        self._groups = np.zeros(0, dtype=np.int64)
        self._group_numbers: dict[str, int] = {}
        self._exact: dict[tuple[int, str], int] = {}
        self._shingles = _Growing()
        self._order = _Order.of(rows_of([]))
        self._reorder_at = _FIRST_REORDER
        self._segments: list[_Postings] = []

    def __len__(self) -> int:
        return len(self._ids)

    def offer(
        self, ids: Sequence[str], texts: Sequence[str], group: Sequence[str] | None = None
    ) -> list[Duplicate | None]:
        """Compare each text, in order, with all accepted before it, and accept it if it is new.

        :param ids: one id per text.
        :param group: one group name per text (numeric variants of one seed, for example). Texts of
            one group are duplicates of each other only if they are equal but for case and spaces;
            texts of different groups, and texts without a group (`""`), are compared by similarity.
        :returns: per text the nearest accepted text. The score is exact wherever the similarity is at
            least `min(threshold, REPORTED_FROM)`; None means that no accepted text is that near.
        :raises ValueError: if the sequences differ in length.
        """
        groups = _checked(ids, texts, group)
        found: list[Duplicate | None] = []
        while len(found) < len(ids):
            size = min(_BATCH, max(_FIRST_REORDER, len(self)))
            part = slice(len(found), len(found) + size)
            found += self._offer(ids[part], texts[part], groups[part])
        return found

    def add(self, ids: Sequence[str], texts: Sequence[str], group: Sequence[str] | None = None) -> None:
        """Accept texts without comparing them: those that were accepted before a resume, in order.

        :raises ValueError: if the sequences differ in length.
        """
        groups = _checked(ids, texts, group)
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            self._accept(ids[part], self._keys(texts[part], groups[part]), shingles(texts[part]))

    def _offer(
        self, ids: Sequence[str], texts: Sequence[str], groups: Sequence[str]
    ) -> list[Duplicate | None]:
        rows = shingles(texts)
        keys = self._keys(texts, groups)
        pairs = self._pairs(rows, np.array([key[0] for key in keys], dtype=np.int64))
        found, kept = _decide(keys, pairs, self._exact, [*self._ids, *ids], self.threshold)
        accepted = rows.take(np.array(kept, dtype=np.int64))
        self._accept([ids[i] for i in kept], [keys[i] for i in kept], accepted)
        return found

    def _pairs(self, rows: Rows, groups: I64) -> "_Pairs":
        """Return every pair (offered, earlier) whose similarity reaches the floor, exactly."""
        old, total = len(self), len(self) + len(rows)
        everything = self._shingles.with_more(rows)
        own = _Postings.of(rows, np.arange(old, total), self._order, self._floor)
        all_groups = np.concatenate([self._groups, groups])
        codes = [np.zeros(0, dtype=np.int64)]
        for segment in [*self._segments, own]:
            for offered, other in segment.candidates(own):
                sizes = everything.offsets[offered + 1] - everything.offsets[offered]
                others = everything.offsets[other + 1] - everything.offsets[other]
                alike = np.minimum(sizes, others) >= self._floor * np.maximum(sizes, others) - 1e-9
                grouped = (all_groups[other] == all_groups[offered]) & (all_groups[offered] > 0)
                wanted = (other < offered) & alike & ~grouped
                codes.append(distinct(offered[wanted] * total + other[wanted]))
        offered, other = np.divmod(distinct(np.concatenate(codes)), max(total, 1))
        score = _jaccard(everything, offered, other)
        near = score >= self._floor
        return _Pairs(offered[near], other[near], score[near], old)

    def _keys(self, texts: Sequence[str], groups: Sequence[str]) -> list[tuple[int, str]]:
        """Return what must be equal for two texts of one group to be equal: group number and plain text."""
        return [
            (self._number(name), " ".join(text.casefold().split()) if name else "")
            for text, name in zip(texts, groups, strict=True)
        ]

    def _number(self, name: str) -> int:
        """Return the number of a group; 0 for texts without one."""
        return self._group_numbers.setdefault(name, len(self._group_numbers) + 1) if name else 0

    def _accept(self, ids: Sequence[str], keys: Sequence[tuple[int, str]], rows: Rows) -> None:
        first = len(self._ids)
        for place, key in enumerate(keys, first):
            if key[0]:
                self._exact.setdefault(key, place)
        self._ids += ids
        self._groups = np.concatenate([self._groups, np.array([key[0] for key in keys], dtype=np.int64)])
        self._shingles.append(rows)
        if len(self) >= self._reorder_at:
            self._reorder_at = 2 * len(self)
            rows, first = self._shingles.rows, 0
            self._order = _Order.of(rows)
            self._segments = []
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows.between(start, min(start + _ROWS_AT_ONCE, len(rows)))
            numbers = np.arange(first + start, first + start + len(part))
            self._segments.append(_Postings.of(part, numbers, self._order, self._floor))
            self._merge_segments()

    def _merge_segments(self) -> None:
        while len(self._segments) > 1 and len(self._segments[-1].shingles) * 2 >= len(
            self._segments[-2].shingles
        ):
            last = self._segments.pop()
            self._segments[-1] = self._segments[-1].merged(last)


@dataclass(frozen=True, slots=True)
class _Pairs:
    offered: I64
    other: I64
    score: F64
    first: int  # the number of the first offered text; the others follow


class _Growing:
    """Rows that are appended to in amortised constant time per value."""

    def __init__(self) -> None:
        self._values = np.zeros(1024, dtype=np.uint64)
        self._offsets = np.zeros(1024, dtype=np.int64)
        self._count = 0

    @property
    def rows(self) -> Rows:
        offsets = self._offsets[: self._count + 1]
        return Rows(self._values[: offsets[-1]], offsets)

    def with_more(self, rows: Rows) -> Rows:
        """Return the rows with more behind them, without appending: a view until the next call."""
        end, count = int(self._offsets[self._count]), self._count
        values, offsets = end + len(rows.values), count + len(rows)
        if values > len(self._values):
            self._values = np.concatenate([self._values, np.zeros(values // 4, dtype=np.uint64), rows.values])
        if offsets >= len(self._offsets):
            self._offsets = np.concatenate(
                [self._offsets, np.zeros(offsets // 4, dtype=np.int64), rows.offsets]
            )
        self._values[end:values] = rows.values
        self._offsets[count : offsets + 1] = rows.offsets + end
        return Rows(self._values[:values], self._offsets[: offsets + 1])

    def append(self, rows: Rows) -> None:
        self.with_more(rows)
        self._count += len(rows)


@dataclass(frozen=True, slots=True)
class _Order:
    """A total order of shingles: rare ones first (by hash), then the common ones by frequency."""

    common: U64  # sorted
    frequency: I64

    @classmethod
    def of(cls, rows: Rows) -> "_Order":
        common, frequency = [], []
        for part in range(_PARTS):  # of the hashes' range, so that little is sorted at once
            chosen = rows.values[rows.values >> _PART_SHIFT == np.uint64(part)]
            values, counts = np.unique(chosen, return_counts=True)
            often = counts >= _COMMON
            common.append(values[often])
            frequency.append(counts[often].astype(np.int64))
        return cls(np.concatenate(common), np.concatenate(frequency))

    def ranks(self, values: U64) -> I64:
        if not len(self.common):
            return np.zeros(len(values), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.common, values), len(self.common) - 1)
        return np.where(self.common[at] == values, self.frequency[at], 0)


@dataclass(frozen=True, slots=True)
class _Postings:
    """The prefix shingles of some texts, sorted, each with the number of its text."""

    shingles: U64
    owners: I64

    @classmethod
    def of(cls, rows: Rows, numbers: I64, order: _Order, floor: float) -> "_Postings":
        owners = rows.owners
        ranked = np.lexsort((rows.values, order.ranks(rows.values), owners))
        place = np.arange(len(owners)) - rows.offsets[owners]
        lengths = rows.lengths
        prefix = lengths - np.ceil(floor * lengths - 1e-9).astype(np.int64) + 1
        chosen = ranked[place < prefix[owners]]
        sort = np.argsort(rows.values[chosen], kind="stable")
        return cls(rows.values[chosen][sort], numbers[owners[chosen][sort]])

    def merged(self, other: "_Postings") -> "_Postings":
        values = np.concatenate([self.shingles, other.shingles])
        sort = np.argsort(values, kind="stable")
        return _Postings(values[sort], np.concatenate([self.owners, other.owners])[sort])

    def candidates(self, offered: "_Postings") -> Iterator[tuple[I64, I64]]:
        """Yield pairs (number of an offered text, number of a text here) that share a prefix shingle."""
        left = np.searchsorted(self.shingles, offered.shingles, side="left")
        counts = np.searchsorted(self.shingles, offered.shingles, side="right") - left
        ends = np.cumsum(counts)
        start = 0
        while start < len(counts):
            done = ends[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, done + _POSTINGS_AT_ONCE)))
            some = counts[start:stop]
            within = np.arange(some.sum()) - np.repeat(np.cumsum(some) - some, some)
            yield (
                np.repeat(offered.owners[start:stop], some),
                self.owners[np.repeat(left[start:stop], some) + within],
            )
            start = stop


def _decide(
    keys: Sequence[tuple[int, str]],
    pairs: _Pairs,
    exact: dict[tuple[int, str], int],
    names: Sequence[str],
    threshold: float,
) -> tuple[list[Duplicate | None], list[int]]:
    """Walk through the offered texts in order; only accepted ones count for those behind them."""
    bounds = np.searchsorted(pairs.offered, pairs.first + np.arange(len(keys) + 1)).tolist()
    others, scores = pairs.other.tolist(), pairs.score.tolist()
    fresh: dict[tuple[int, str], int] = {}
    refused: set[int] = set()
    found: list[Duplicate | None] = []
    for i, key in enumerate(keys):
        span = range(bounds[i], bounds[i + 1])
        near = [(scores[k], -others[k]) for k in span if others[k] not in refused]
        same = exact.get(key, fresh.get(key)) if key[0] else None
        if same is not None:
            near.append((1.0, -same))
        score, place = max(near, default=(0.0, 0))
        duplicate = bool(near) and score >= threshold
        found.append(Duplicate(score, names[-place], duplicate) if near else None)
        if duplicate:
            refused.add(pairs.first + i)
        elif key[0]:
            fresh.setdefault(key, pairs.first + i)
    return found, [i for i in range(len(keys)) if pairs.first + i not in refused]


def _jaccard(rows: Rows, left: I64, right: I64) -> F64:
    """Return the exact Jaccard similarity of pairs of rows; rows hold sorted distinct values."""
    scores = np.zeros(len(left))
    sizes = rows.lengths
    start = 0
    ends = np.cumsum(sizes[left] + sizes[right])
    while start < len(left):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + 32 * _PAIRS_AT_ONCE)))
        part = slice(start, stop)
        scores[part] = _overlap(rows, left[part], right[part])
        start = stop
    union = sizes[left] + sizes[right] - scores
    return np.divide(scores, union, out=np.zeros(len(left)), where=union > 0)


def _overlap(rows: Rows, left: I64, right: I64) -> I64:
    both = rows_of([rows.take(left), rows.take(right)])
    pair = both.owners % len(left)
    keys = both.values ^ mix(pair.astype(np.uint64) + np.uint64(1))
    order = np.argsort(keys)
    keys = keys[order]
    shared = np.flatnonzero(keys[1:] == keys[:-1])
    return np.bincount(pair[order[shared]], minlength=len(left))


def _checked(ids: Sequence[str], texts: Sequence[str], group: Sequence[str] | None) -> Sequence[str]:
    groups = [""] * len(ids) if group is None else group
    if not len(ids) == len(texts) == len(groups):
        msg = f"{len(ids)} ids, {len(texts)} texts and {len(groups)} groups do not match"
        raise ValueError(msg)
    return groups
