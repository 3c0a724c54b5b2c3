"""What of a held-out row must not come back: its texts, found without knowing the row's shape."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from taskseed.text import NUMBER, Rows, rows_of, words

__all__ = ["MIN_WORDS", "Items", "items_of"]

MIN_WORDS = 8
"""A value of at least this many words is an item by itself."""

_MIN_LISTED = 24  # words of a list's element that is an item by itself
_MIN_JOINED = 5  # words of an item that joins a row's short values
_MIN_NAMING = 4  # words that are no numbers, of any item
_MIN_LETTERS = 8  # of any item, in runs of at least two
_PIECE = 256  # words of a piece of a long value
_EXCERPT = 240  # characters
_MAX_VALUES = 256  # of one row
_MAX_DEPTH = 8
_ROWS_AT_ONCE = 4096
_LABEL_ROWS = 10
_ADDRESS = re.compile(r"(?:[a-z]{1,12}://|www\.)\S*", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_IDENTIFIER = re.compile(r"(?=\S*\d)\S+|\S")


@dataclass(frozen=True, slots=True)
class Items:
    """Held-out texts in the order of their rows, as word hashes with numbers masked.

    :param words: one row of hashes per item.
    :param rows: the held-out row of each item.
    :param fields: the field of each item, as a path (`choices.text.0`), joined by ` + `.
    :param excerpts: the start of each item's text.
    :param read: how many held-out rows were read.
    """

    words: Rows
    rows: Sequence[int]
    fields: Sequence[str]
    excerpts: Sequence[str]
    read: int


@dataclass(frozen=True, slots=True)
class _Value:
    row: int
    field: str
    text: str
    listed: bool = False


def items_of(rows: Iterable[Mapping[str, Any]]) -> Items:
    """Return the items of held-out rows of any shape.

    A string value of at least `MIN_WORDS` words is an item (a very long one is cut into pieces of about
    256 words). The shorter textual values of a row are joined to one item; values that look like
    identifiers (no space, with a digit; a URL; one character) and labels (one word that comes back in
    many rows) stay out. A text of fewer than 5 words, or of hardly more than numbers and single letters, is
    no item.
    """
    parts: list[Items] = []
    short: list[_Value] = []
    read = 0
    for batch in _batches(rows):
        values = [value for i, row in enumerate(batch, read) for value in _flatten(row, i)]
        read += len(batch)
        hashes = words([value.text for value in values], mask_numbers=True)
        listed = np.array([value.listed for value in values], dtype=bool)
        least = np.where(listed, _MIN_LISTED, MIN_WORDS) * _characters_per_word(values)
        alone = hashes.lengths >= least
        parts.append(_pieces(list(itertools.compress(values, alone)), hashes.take(np.flatnonzero(alone))))
        guarded = {value.row for value in itertools.compress(values, alone)}
        short += [value for value in values if value.row not in guarded]
    joined = list(_joined(short))
    hashes = words([value.text for value in joined], mask_numbers=True)
    parts.append(_pieces(joined, hashes))
    return Items(
        rows_of([part.words for part in parts]),
        [row for part in parts for row in part.rows],
        [field for part in parts for field in part.fields],
        [excerpt for part in parts for excerpt in part.excerpts],
        read,
    )


def _characters_per_word(values: Sequence[_Value]) -> npt.NDArray[np.int64]:
    """Return 2 for texts without a space, whose words are single characters, and 1 for others."""
    return np.array([1 if " " in value.text.strip() else 2 for value in values], dtype=np.int64)


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _flatten(row: Mapping[str, Any], number: int) -> list[_Value]:
    found: list[_Value] = []
    stack: list[tuple[str, Any, int, bool]] = [("", row, 0, False)]
    while stack and len(found) < _MAX_VALUES:
        path, value, depth, listed = stack.pop()
        if isinstance(value, str):
            if not _ADDRESS.fullmatch(value.strip()):
                found.append(_Value(number, path, value, listed))
        elif depth < _MAX_DEPTH and isinstance(value, Mapping):
            prefix = f"{path}." if path else ""
            stack += [(f"{prefix}{k}", v, depth + 1, listed) for k, v in reversed(list(value.items()))]
        elif depth < _MAX_DEPTH and isinstance(value, list | tuple):
            numbered = list(enumerate(value[:_MAX_VALUES]))
            stack += [(f"{path}.{i}", v, depth + 1, True) for i, v in reversed(numbered)]
    return found


def _joined(values: Sequence[_Value]) -> Iterator[_Value]:
    """Join the short values of each row, without identifiers and labels."""
    single = Counter((value.field, value.text) for value in values if " " not in value.text.strip())
    by_row: dict[int, dict[str, str]] = {}  # of each row: text -> field, so that a repeated value counts once
    for value in values:
        text = value.text.strip()
        label = single[value.field, value.text] >= _LABEL_ROWS
        if text and not label and not _IDENTIFIER.fullmatch(text):
            by_row.setdefault(value.row, {}).setdefault(text, value.field)
    for row, texts in by_row.items():
        yield _Value(row, " + ".join(dict.fromkeys(texts.values())), "\n".join(texts))


def _pieces(values: Sequence[_Value], hashes: Rows) -> Items:
    naming = np.bincount(hashes.owners[hashes.values != NUMBER], minlength=len(hashes))
    letters = np.array([_has_letters(value.text) for value in values], dtype=bool)
    long_enough = (hashes.lengths >= _MIN_JOINED) & (naming >= _MIN_NAMING) & letters
    lengths = np.where(long_enough, hashes.lengths, 0)
    counts = np.where(lengths >= 2 * _PIECE, lengths // _PIECE, np.minimum(lengths, 1))
    owner = np.repeat(np.arange(len(values)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = hashes.offsets[owner] + lengths[owner] * place // counts[owner]
    ends = hashes.offsets[owner] + lengths[owner] * (place + 1) // counts[owner]
    # the kept values lie one behind the other once the refused ones are left out
    inside = np.repeat(long_enough, hashes.lengths)
    offsets = np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64)
    chosen = [values[i] for i in owner.tolist()]
    share = (place / counts[owner]).tolist()
    cut = [int(len(v.text) * s) for v, s in zip(chosen, share, strict=True)]
    return Items(
        Rows(hashes.values[inside], offsets),
        [value.row for value in chosen],
        [value.field for value in chosen],
        [v.text[c : c + _EXCERPT] for v, c in zip(chosen, cut, strict=True)],
        0,
    )


def _has_letters(text: str) -> bool:
    found = 0
    for match in _LETTERS.finditer(text):
        found += match.end() - match.start()
        if found >= _MIN_LETTERS:
            return True
    return False
