"""Words and word n-grams of many texts at once, as arrays of 64-bit hashes.

Everything that compares texts (duplicates, seed copies, held-out overlap) sees them through this
module, so that one rule says what a word is:

- a text is normalised by Unicode NFKC and case-folded;
- a word is a letter and the letters, marks and digits behind it (`x1`, `h2o`), or a number (`1,000` is
  `1000`, `3.5` stays whole, `5kg` is `5`, `kg`); apostrophes and invisible characters vanish, everything
  else separates;
- scripts that are written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) give one word per
  character.

No Python loop touches a character or a word: the texts of a chunk are joined, their code points
classified by table, and each word hashed as the difference of two prefix sums of a polynomial.
"""

import functools
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "NUMBER",
    "Rows",
    "distinct",
    "mix",
    "ngrams",
    "offsets_of",
    "rows_of",
    "shingles",
    "split_words",
    "with_schema",
    "without_schema",
    "words",
]

U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
N = TypeVar("N", np.int64, np.uint64)

_SEPARATOR, _LETTER, _DIGIT, _SINGLE, _NOTHING = range(5)
_CHUNK_CHARACTERS = 1_000_000
_MARKS_IN_A_ROW = 8
_BASE = 0x9E3779B97F4A7C15 | 1  # odd, so that it has an inverse modulo 2^64
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
_UNSPACED = (  # first and last code point of the scripts that do not separate words
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_VANISHING = "'\u2018\u2019\u02bc\u0060\u00b4\uff07"
_CATEGORIES = {"L": _LETTER, "M": _LETTER, "Nd": _DIGIT, "Nl": _LETTER, "No": _LETTER, "Cf": _NOTHING}

NUMBER = np.uint64(0x6E756D6265720001)
"""The hash that stands for a masked number (and for a run of numbers beside each other)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of different lengths in one array (CSR): row `i` is `values[offsets[i]:offsets[i + 1]]`.

    :param values: `uint64[total]`.
    :param offsets: `int64[rows + 1]`, starting at 0.
    """

    values: U64
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> I64:
        """How many values each row has: `int64[rows]`."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> I64:
        """The row of each value: `int64[total]`."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    def between(self, start: int, stop: int) -> "Rows":
        """Return rows `start` to `stop - 1`; their values are not copied."""
        offsets = self.offsets[start : stop + 1]
        return Rows(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def take(self, indices: I64) -> "Rows":
        """Return the chosen rows, in the order of `indices` (rows may repeat)."""
        lengths = self.lengths[indices]
        offsets = offsets_of(lengths)
        start = np.repeat(self.offsets[indices] - offsets[:-1], lengths)
        return Rows(self.values[start + np.arange(offsets[-1])], offsets)


def offsets_of(lengths: npt.NDArray[np.integer]) -> I64:
    """Return the CSR offsets (`int64[n + 1]`) of rows with these lengths (`int[n]`)."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def rows_of(parts: Sequence[Rows]) -> Rows:
    """Return all rows of the parts, one after the other."""
    if not parts:
        return Rows(np.zeros(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))
    lengths = np.concatenate([part.lengths for part in parts])
    return Rows(np.concatenate([part.values for part in parts]), offsets_of(lengths))


def distinct(values: npt.NDArray[N]) -> npt.NDArray[N]:
    """Return the distinct values, sorted; by sorting, which beats `numpy.unique` several times over."""
    ordered = np.sort(values)
    keep = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
    return ordered[keep]


def mix(values: U64) -> U64:
    """Return a well-spread 64-bit hash of each value (the finaliser of splitmix64, Steele et al. 2014)."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def words(texts: Sequence[str], mask_numbers: bool = False) -> Rows:
    """Return the hashes of the words of each text, in order.

    :param mask_numbers: whether every run of neighbouring numbers becomes the one word `NUMBER`, so
        that texts which differ only in their numbers have the same words.
    """
    return rows_of([_hash_words(chunk, mask_numbers) for chunk in _chunks(texts)])


def split_words(text: str) -> list[str]:
    """Return the words of one text as strings, as `words` sees them (numbers unmasked)."""
    points, kinds = _classify([text])
    starts, ends = _bounds(kinds)
    return [_decode(points[s:e]) for s, e in zip(starts.tolist(), ends.tolist(), strict=True)]


def ngrams(rows: Rows, n: int) -> Rows:
    """Return the hashes of every `n` neighbouring values of each row; a row of 0 < k < n values gives one.

    :raises ValueError: if `n` is not positive.
    """
    if n < 1:
        msg = f"n must be positive, not {n}"
        raise ValueError(msg)
    lengths = rows.lengths
    counts = np.where(lengths >= n, lengths - n + 1, np.minimum(lengths, 1))
    offsets = offsets_of(counts)
    firsts = np.repeat(rows.offsets[:-1] - offsets[:-1], counts) + np.arange(offsets[-1])
    ends = np.repeat(rows.offsets[1:], counts)
    hashes = np.full(len(firsts), n, dtype=np.uint64)
    for step in range(n):
        at = firsts + step
        inside = at < ends
        value = rows.values[np.where(inside, at, firsts)]
        hashes = np.where(inside, mix(hashes * np.uint64(_BASE) + value), hashes)
    return Rows(hashes, offsets)


def shingles(texts: Sequence[str], n: int = 3, mask_numbers: bool = False) -> Rows:
    """Return the set of word n-grams of each text as sorted, distinct hashes.

    A text of fewer than `n` words has one shingle, all its words; a text without words has one
    shingle, its own characters, so that it equals only itself.
    """
    grams = ngrams(words(texts, mask_numbers), n)
    empty = np.flatnonzero(grams.lengths == 0)
    if len(empty):
        grams = _insert(grams, empty, _hash_whole([texts[i] for i in empty.tolist()]))
    order = np.lexsort((grams.values, grams.owners))
    values, owners = grams.values[order], grams.owners
    keep = np.ones(len(values), dtype=bool)
    keep[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
    counts = np.bincount(owners[keep], minlength=len(grams))
    return Rows(values[keep], offsets_of(counts))


def _insert(rows: Rows, where: I64, values: U64) -> Rows:
    return Rows(
        np.insert(rows.values, rows.offsets[where], values),
        offsets_of(rows.lengths + np.bincount(where, minlength=len(rows))),
    )


def _hash_whole(texts: Sequence[str]) -> U64:
    hashes = np.zeros(len(texts), dtype=np.uint64)
    for i, text in enumerate(texts):
        points = _points(" ".join(text.split()))
        powers = _powers(_BASE, len(points))
        hashes[i] = np.sum((points.astype(np.uint64) + np.uint64(1)) * powers, dtype=np.uint64)
    return mix(hashes)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for i, text in enumerate(texts):
        size += len(text) + 1
        if size >= _CHUNK_CHARACTERS:
            yield texts[start : i + 1]
            start, size = i + 1, 0
    if start < len(texts):
        yield texts[start:]


def _hash_words(texts: Sequence[str], mask_numbers: bool) -> Rows:
    points, kinds = _classify(texts)
    starts, ends = _bounds(kinds)
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    np.cumsum((points.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(points)), out=sums[1:])
    hashes = mix((sums[ends] - sums[starts]) * _powers(_BASE_INVERSE, len(points))[starts])
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    offsets[1:-1] = np.searchsorted(starts, np.flatnonzero(points == 0))
    offsets[-1] = len(starts)
    if not mask_numbers:
        return Rows(hashes, offsets)
    number = kinds[starts] == _DIGIT
    hashes[number] = NUMBER
    repeated = np.zeros(len(hashes), dtype=bool)
    repeated[1:] = number[1:] & number[:-1]
    repeated[offsets[:-1][offsets[:-1] < len(hashes)]] = False
    kept = offsets_of((~repeated).astype(np.int64))
    return Rows(hashes[~repeated], kept[offsets])


def _powers(base: int, count: int) -> U64:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, out=powers)


def _classify(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the code points of the texts, joined by 0, and the kind of each; what vanishes is gone."""
    joined = "\0".join([text.replace("\0", " ") for text in texts])
    if not joined.isascii():
        joined = unicodedata.normalize("NFKC", _without_mark_piles(joined))
    points = _points(joined.casefold())
    kinds = _kinds()[points]
    digit = np.zeros(len(points) + 5, dtype=bool)
    digit[1 : len(points) + 1] = kinds == _DIGIT
    after = [digit[i : i + len(points)] for i in range(6)]  # after[1 + k] is the digit k places on
    number = after[0] & after[2]
    kinds[number & (points == ord("."))] = _DIGIT
    kinds[number & (points == ord(",")) & after[3] & after[4] & ~after[5]] = _NOTHING
    stays = kinds != _NOTHING
    points, kinds = points[stays], kinds[stays]
    starts, ends = _bounds(kinds)
    joins = starts[1:] == ends[:-1]
    joins &= (kinds[starts[1:]] == _DIGIT) & (kinds[starts[:-1]] == _LETTER)
    step = np.zeros(len(kinds) + 1, dtype=np.int8)
    step[starts[1:][joins]] = 1
    step[ends[1:][joins]] -= 1
    kinds[np.cumsum(step[:-1], dtype=np.int8) > 0] = _LETTER
    return points, kinds


def _bounds(kinds: npt.NDArray[np.uint8]) -> tuple[I64, I64]:
    padded = np.zeros(len(kinds) + 2, dtype=np.uint8)
    padded[1:-1] = kinds
    change = (padded[1:] != padded[:-1]) | (padded[1:] == _SINGLE) | (padded[:-1] == _SINGLE)
    starts = np.flatnonzero(change[:-1] & (kinds != _SEPARATOR))
    ends = np.flatnonzero(change[1:] & (kinds != _SEPARATOR)) + 1
    return starts, ends


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


def _decode(points: npt.NDArray[np.uint32]) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _without_mark_piles(text: str) -> str:
    """Drop marks beyond a few in a row: normalising a long pile of them takes quadratic time."""
    points = _points(text)
    mark = _marks()[points]
    if not mark.any():
        return text
    place = np.arange(len(points))
    since = place - np.maximum.accumulate(np.where(mark, -1, place))
    return _decode(points[since <= _MARKS_IN_A_ROW])


@functools.cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return the kind of every code point. Letters beyond the BMP count; emoji separate."""
    kinds = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for point in range(0x20000):
        category = unicodedata.category(chr(point))
        kinds[point] = _CATEGORIES.get(category, _CATEGORIES.get(category[0], _SEPARATOR))
    for first, last in _UNSPACED:
        block = kinds[first : last + 1]
        block[(block == _LETTER) | (first >= 0x20000)] = _SINGLE
    kinds[0xFE00:0xFE10] = _NOTHING  # variation selectors
    kinds[[ord(c) for c in _VANISHING]] = _NOTHING
    return kinds


@functools.cache
def _marks() -> npt.NDArray[np.bool_]:
    marks = np.zeros(sys.maxunicode + 1, dtype=bool)
    marks[:0x20000] = [unicodedata.combining(chr(p)) > 0 for p in range(0x20000)]
    return marks


def with_schema(instruction: str, schema: str) -> str:
    """Return the text of a question whose answer must fit a JSON schema: what is asked, then the schema."""
    return f"{instruction}{_schema_block(schema)}"


def without_schema(question: str, schema: str) -> str:
    """Return what a question of `with_schema` asks."""
    return question.removesuffix(_schema_block(schema))


def _schema_block(schema: str) -> str:
    return f"\n\nJSON schema:\n```json\n{schema}\n```"
