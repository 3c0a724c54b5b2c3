"""How much of each held-out item a text contains: the arrays and the arithmetic behind the index.

See `taskseed.guards.index` for what the score means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from taskseed.text import Rows, distinct, mix, ngrams

__all__ = ["FAINT", "SHORT", "Overlap", "Scores"]

U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]

FAINT = 0.05
"""Scores below this are not reported; nearly every text shares a phrase with some item."""
SHORT = 24  # items of fewer words are aligned word by word; a bit set of them fits a float32 exactly
_GRAM_ITEMS = 1000  # a 3-gram of more long items finds nobody
_PAIR_ITEMS = 200  # a word pair of more short items finds nobody
# A phrase that 5 of 50 items share says less of how common it is than one that 5 of 100,000 share; so small
# indexes weigh like one of this size.
_FEWEST_ITEMS = 100_000
_LEAST = 6  # features by which every item can be found, however common they are
_CANDIDATES = 8  # short items aligned per text
_BUCKET = 16  # diagonals (place in the text minus place in the item) are told apart this coarsely
_SLACK = 8  # words around the diagonal's bucket that may still align
_WINDOW = _SLACK + _BUCKET + SHORT + _SLACK
_EDIT_SHARE = 0.25  # a short item scores a half at edits of that share of its words
# The weight that the text must share for few edits to count fully: a share of the item's weight that is high
# for few words, because two short questions of one form are an edit apart without being copies.
_NAMING, _NAMING_STEP, _MOST_NAMING, _ENOUGH = 0.3, 0.09, 0.9, 15
_ALIGNED_AT_ONCE = 4096
_BITS = (2.0 ** np.arange(SHORT)).astype(np.float32)
_PAIR_SALTS = (np.uint64(0xA5A5A5A5A5A5A5A5), np.uint64(0x5A5A5A5A5A5A5A5B))


@dataclass(frozen=True, slots=True)
class Scores:
    """For some (text, item) pairs, the score: `int64[n]`, `int64[n]`, `float64[n]`."""

    texts: I64
    items: I64
    scores: F64


@dataclass(frozen=True, slots=True)
class _Postings:
    """An inverted index: sorted feature hashes, and the items (with a place in them) of each.

    :param frequency: how many items have a feature, also where few of them are listed.
    """

    keys: U64
    offsets: I64
    items: npt.NDArray[np.int32]
    places: npt.NDArray[np.int16]
    frequency: npt.NDArray[np.int32]

    @classmethod
    def of(cls, features: U64, items: I64, places: I64, most: int) -> "_Postings":
        """Index features; one of more than `most` items finds only those that have hardly a rarer one."""
        order = np.argsort(features, kind="stable")
        features, items, places = features[order], items[order], places[order]
        counts = np.diff(_run_starts(features), append=len(features))
        frequency = np.repeat(counts, counts)
        kept = frequency <= most
        if len(items):
            few = np.flatnonzero(
                ~kept & (np.bincount(items[kept], minlength=items.max() + 1)[items] < _LEAST)
            )
            few = few[np.lexsort((frequency[few], items[few]))]
            first = np.searchsorted(items[few], items[few])
            kept[few[np.arange(len(few)) - first < _LEAST]] = True
        features, frequency = features[kept], frequency[kept]
        starts = _run_starts(features)
        offsets = np.concatenate([starts, [len(features)]]).astype(np.int64)
        listed, at = items[kept].astype(np.int32), places[kept].astype(np.int16)
        return cls(features[starts], offsets, listed, at, frequency[starts].astype(np.int32))

    def find(self, features: U64, seen: npt.NDArray[np.bool_]) -> tuple[I64, I64]:
        """Return the places of known features, and the place of each in `keys`."""
        maybe = np.flatnonzero(seen[(features >> _FILTER_SHIFT).astype(np.int64)])
        at = np.searchsorted(self.keys, features[maybe])
        at[at == len(self.keys)] = 0
        known = self.keys[at] == features[maybe]
        return maybe[known], at[known]

    def expand(self, at: I64) -> tuple[I64, I64]:
        """Return, for features found at `at`, the number of each in `at` and its place in `items`."""
        counts = self.offsets[at + 1] - self.offsets[at]
        ends = np.cumsum(counts)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
        return np.repeat(np.arange(len(at)), counts), np.repeat(self.offsets[at], counts) + within


_FILTER_BITS = 23
_FILTER_SHIFT = np.uint64(64 - _FILTER_BITS)


def _filter(keys: U64) -> npt.NDArray[np.bool_]:
    """Return a table that says of most unknown features at once that they are unknown."""
    seen = np.zeros(1 << _FILTER_BITS, dtype=bool)
    seen[(keys >> _FILTER_SHIFT).astype(np.int64)] = True
    return seen


class Overlap:
    """Scores texts against items; both are rows of word hashes with numbers masked.

    :param arrays: what `Overlap.build` or a loaded file gave.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        self.arrays = dict(arrays)
        self._grams = self._postings("gram")
        self._pairs = self._postings("pair")
        self._gram_filter = _filter(self._grams.keys)
        self._pair_filter = _filter(self._pairs.keys)
        self._gram_weights = np.asarray(self.arrays["gram_weights"], dtype=np.float64)
        self._totals = np.asarray(self.arrays["totals"], dtype=np.float64)
        self._short_words = np.asarray(self.arrays["short_words"], dtype=np.uint64)
        self._short_weights = np.asarray(self.arrays["short_weights"], dtype=np.float32)
        self._short_items = np.asarray(self.arrays["short_items"], dtype=np.int64)
        self._short_lengths = (self._short_words != 0).sum(axis=1)

    @classmethod
    def build(cls, items: Rows) -> "Overlap":
        """Index distinct items, each of at least one word."""
        grams = ngrams(items, 3)
        owners = grams.owners
        weights, ids, keys = _feature_weights(grams)
        short = items.lengths < SHORT
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        # long items: one posting per distinct 3-gram
        long = np.flatnonzero(~short[owners])
        code = distinct(ids[long] * max(len(items), 1) + owners[long])
        gram, item = np.divmod(code, max(len(items), 1))
        postings = _Postings.of(keys[gram], item, np.zeros(len(item), dtype=np.int64), _GRAM_ITEMS)
        arrays |= _stored("gram", postings)
        by_key = np.zeros(len(keys))
        by_key[ids] = weights
        arrays["gram_weights"] = by_key[np.searchsorted(keys, postings.keys)].astype(np.float32)
        kept = np.repeat(arrays["gram_weights"].astype(np.float64), np.diff(postings.offsets))
        arrays["totals"] = np.bincount(postings.items, kept, minlength=len(items)).astype(np.float32)
        # short items: their words, and postings of their word pairs
        chosen = np.flatnonzero(short)
        rows = items.take(chosen)
        place = np.arange(len(rows.values)) - rows.offsets[rows.owners]
        arrays["short_items"] = chosen.astype(np.int32)
        arrays["short_words"] = np.zeros((len(chosen), SHORT), dtype=np.uint64)
        arrays["short_words"][rows.owners, place] = rows.values
        own = _feature_weights(items)[0][short[items.owners]]
        arrays["short_weights"] = _word_weights(rows, weights[short[owners]], own)
        features, at = _word_pairs(rows)
        code, first = np.unique(mix(features) ^ rows.owners[at].astype(np.uint64), return_index=True)
        features, at = features[first], at[first]
        arrays |= _stored("pair", _Postings.of(features, rows.owners[at], place[at], _PAIR_ITEMS))
        return cls(arrays)

    def score(self, texts: Rows) -> Scores:
        """Return the positive scores of the texts against the items that they share most with."""
        found = [self._score_long(texts), self._score_short(texts)]
        return Scores(
            np.concatenate([part.texts for part in found]),
            np.concatenate([part.items for part in found]),
            np.concatenate([part.scores for part in found]),
        )

    def _postings(self, name: str) -> _Postings:
        return _Postings(*(np.asarray(self.arrays[f"{name}_{part}"]) for part in _PARTS))

    def _score_long(self, texts: Rows) -> Scores:
        grams = ngrams(texts, 3)
        if not len(self._grams.keys):
            return _nothing()
        where, at = self._grams.find(grams.values, self._gram_filter)
        code = distinct(grams.owners[where] * len(self._grams.keys) + at)  # a gram counts once per text
        text, known = code // len(self._grams.keys), code % len(self._grams.keys)
        hit, posting = self._grams.expand(known)
        code = text[hit] * len(self._totals) + self._grams.items[posting]
        order = np.argsort(code, kind="stable")
        first = _run_starts(code[order])
        weight = _run_sums(self._gram_weights[known[hit]][order], first)
        text, item = np.divmod(code[order][first], len(self._totals))
        totals = self._totals[item]
        share: F64 = np.divide(weight, totals, out=np.zeros(len(text)), where=totals > 0)
        seen = share >= FAINT
        return Scores(text[seen], item[seen], np.minimum(share[seen], 1.0))

    def _score_short(self, texts: Rows) -> Scores:
        if not len(self._pairs.keys) or not len(texts.values):
            return _nothing()
        features, place = _word_pairs(texts)
        owners = texts.owners
        where, at = self._pairs.find(features, self._pair_filter)
        hit, posting = self._pairs.expand(at)
        word = place[where][hit]
        text = owners[word]
        item = self._pairs.items[posting].astype(np.int64)
        diagonal = word - texts.offsets[text] - self._pairs.places[posting]
        bucket = (diagonal + SHORT) // _BUCKET
        rarity: F64 = (1.0 / np.sqrt(1.0 + self._pairs.frequency[at]))[hit]
        candidates = _candidates(text, item, bucket, rarity / self._short_lengths[item])
        scores = np.zeros(len(candidates[0]))
        for start in range(0, len(scores), _ALIGNED_AT_ONCE):
            part = slice(start, start + _ALIGNED_AT_ONCE)
            scores[part] = self._align(texts, *(column[part] for column in candidates))
        seen = scores >= FAINT
        return Scores(candidates[0][seen], self._short_items[candidates[1][seen]], scores[seen])

    def _align(self, texts: Rows, text: I64, item: I64, bucket: I64) -> F64:
        """Return the scores of (text, short item) pairs, each within its window of the text."""
        begin = texts.offsets[text] + np.maximum(bucket * _BUCKET - SHORT - _SLACK, 0)
        at = begin[:, None] + np.arange(_WINDOW)
        inside = at < texts.offsets[text + 1][:, None]
        window = np.where(inside, texts.values[np.where(inside, at, 0)], np.uint64(1))
        equal = window[:, :, None] == self._short_words[item][:, None, :]
        masks = (equal.astype(np.float32) @ _BITS).astype(np.uint64)
        weights = self._short_weights[item].astype(np.float64)
        lengths = self._short_lengths[item]
        total = weights.sum(axis=1)
        common = (weights * _common_words(masks)).sum(axis=1)
        covered: F64 = np.minimum(np.divide(common, total, out=np.zeros(len(total)), where=total > 0), 1.0)
        edits = _fewest_edits(masks, lengths)
        allowed = lengths * _EDIT_SHARE
        naming = np.clip(_NAMING + _NAMING_STEP * (_ENOUGH - lengths), _NAMING, _MOST_NAMING)
        edited: F64 = np.maximum(1.0 - 0.5 * edits / allowed, 0.0) * np.minimum(1.0, covered / naming)
        loose: F64 = covered**2 * (1.0 - edits / lengths)
        best: F64 = np.maximum(edited, loose)
        return best


def _common_words(masks: U64) -> npt.NDArray[np.bool_]:
    """Return which words of each item stand in the window in the item's order: `bool[pairs, SHORT]`.

    All pairs advance together, one word of the window per step, with the bit-parallel recurrence for the
    longest common subsequence (Allison and Dix 1986): a bit of `state` falls where it grows.

    :param masks: `uint64[pairs, window]`, for each word of the window a bit per equal word of the item.
    """
    full = np.uint64((1 << SHORT) - 1)
    state = np.full(len(masks), full, dtype=np.uint64)
    for step in range(masks.shape[1]):
        common = state & masks[:, step]
        state = ((state + common) | (state - common)) & full
    fallen: npt.NDArray[np.bool_] = (
        (state[:, None] >> np.arange(SHORT, dtype=np.uint64)) & np.uint64(1)
    ) == 0
    return fallen


def _fewest_edits(masks: U64, lengths: I64) -> I64:
    """Return the fewest word edits that turn each item into some part of its window: `int64[pairs]`.

    Myers (1999), "A fast bit-vector algorithm for approximate string matching", all pairs in step.

    :param masks: as of `_common_words`.
    :param lengths: the words of each item.
    """
    one = np.uint64(1)
    last = (lengths - 1).astype(np.uint64)
    plus = np.full(len(masks), (1 << SHORT) - 1, dtype=np.uint64)
    minus = np.zeros(len(masks), dtype=np.uint64)
    distance = lengths.astype(np.int64)
    fewest = distance.copy()
    for step in range(masks.shape[1]):
        equal = masks[:, step]
        diagonal = (((equal & plus) + plus) ^ plus) | equal | minus
        up = minus | ~(diagonal | plus)
        down = plus & diagonal
        distance += ((up >> last) & one).astype(np.int64) - ((down >> last) & one).astype(np.int64)
        up, down = up << one, down << one
        plus = down | ~(diagonal | up)
        minus = up & diagonal
        np.minimum(fewest, distance, out=fewest)
    return fewest


_PARTS = ("keys", "offsets", "items", "places", "frequency")


def _run_starts(ordered: npt.NDArray[np.integer]) -> I64:
    """Return where each run of equal values begins."""
    begins = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def _run_sums(values: F64, first: I64) -> F64:
    return np.add.reduceat(values, first) if len(first) else np.zeros(0)


def _stored(name: str, postings: _Postings) -> dict[str, npt.NDArray[np.generic]]:
    return {f"{name}_{part}": getattr(postings, part) for part in _PARTS}


def _nothing() -> Scores:
    none = np.zeros(0, dtype=np.int64)
    return Scores(none, none, np.zeros(0))


def _feature_weights(rows: Rows) -> tuple[F64, I64, U64]:
    """Return the weight of each value by how many rows have it, its number, and the distinct values."""
    keys, ids = np.unique(rows.values, return_inverse=True)
    ids = ids.astype(np.int64)
    code = distinct(ids * max(len(rows), 1) + rows.owners)
    frequency = np.bincount(code // max(len(rows), 1), minlength=len(keys))
    weights = (1.0 - np.log(np.maximum(frequency, 1)) / np.log(max(len(rows), _FEWEST_ITEMS) + 1.0)) ** 2
    return weights[ids], ids, keys


def _word_weights(rows: Rows, gram_weights: F64, own: F64) -> npt.NDArray[np.float32]:
    """Return the mean weight of the 3-grams around each word of short items: `float32[items, SHORT]`."""
    table = np.zeros((len(rows), SHORT + 2))
    lengths = rows.lengths
    counts = np.maximum(lengths - 2, np.minimum(lengths, 1))
    owners = np.repeat(np.arange(len(rows)), counts)
    table[owners, np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)] = gram_weights
    exists = (np.arange(SHORT + 2) < counts[:, None]).astype(np.float64)
    total, known = table.copy(), exists.copy()
    for step in (1, 2):
        total[:, step:] += table[:, :-step]
        known[:, step:] += exists[:, :-step]
    mean = (total / np.maximum(known, 1.0))[:, :SHORT]
    mean[np.arange(SHORT) >= lengths[:, None]] = 0.0
    place = np.arange(len(rows.values)) - rows.offsets[rows.owners]
    mean[rows.owners, place] *= own
    return mean.astype(np.float32)


def _word_pairs(rows: Rows) -> tuple[U64, I64]:
    """Return features of words one and two places apart, and where the first word of each stands."""
    owners, features, places = rows.owners, [], []
    for step, salt in enumerate(_PAIR_SALTS, 1):
        at = np.flatnonzero(owners[step:] == owners[:-step])
        features.append(mix(mix(rows.values[at] + salt) * np.uint64(3) + rows.values[at + step]))
        places.append(at)
    return np.concatenate(features), np.concatenate(places)


def _candidates(text: I64, item: I64, bucket: I64, weight: F64) -> tuple[I64, I64, I64]:
    """Return the few (text, item, bucket) of each text that share most, of those sharing two pairs."""
    if not len(text):
        return text, item, bucket
    wide, many = int(bucket.max()) + 1, int(item.max()) + 1
    code = (text * many + item) * wide + bucket
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = _run_starts(code)
    total = _run_sums(weight[order], starts)
    several = np.diff(starts, append=len(code)) >= 2
    code, total = code[starts][several], total[several]
    owner = code // (many * wide)
    order = np.lexsort((code, -total, owner))
    owner = owner[order]
    first = np.searchsorted(owner, owner)
    best = order[np.arange(len(order)) - first < _CANDIDATES]
    pair, bucket = np.divmod(code[best], wide)
    text, item = np.divmod(pair, many)
    return text, item, bucket
