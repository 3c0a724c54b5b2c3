"""The held-out index: how much of any held-out text is in a text of ours.

A guard is a held-out set whose content must not appear in what we make. Its rows are taken raw, field by
field (`taskseed.guards.items`), and numbers are masked everywhere, so that changing them hides nothing.

The score of a text against an item is the share of the item that the text contains, where a word counts by
how rare its surroundings are among all held-out items: a word 3-gram that `d` of `N` items have weighs
`(1 - log d / log(max(N, 100,000) + 1))^2`, so an instruction shared by many items weighs little.

- An item of at least 24 words: the weight of its 3-grams that the text has, over the weight of all.
- A shorter item, where three changed words can break every 3-gram: from 1 with no edit, falling to a half
  where a quarter of its words are edited (Levenshtein) between it and the nearest part of the text, lowered
  where the words in common weigh little, the more so the fewer words it has, because two short questions of
  one form are an edit apart without being copies; or, if higher, the share of the item's weight that is in
  common, squared, times the share of its words that no edit touches.

A score of 0.5 therefore means: half of what sets a long item apart, or a quarter of a short one's words
changed. Measured recall and false alarms: docs/guards.md.
"""

import hashlib
import itertools
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from taskseed.errors import RunError
from taskseed.guards.items import Items, items_of
from taskseed.guards.overlap import Overlap
from taskseed.text import Rows, mix, rows_of, words

__all__ = ["GuardIndex", "GuardIndexBuilder", "Match"]

Array: TypeAlias = npt.NDArray[np.generic]

_VERSION = 2  # of the saved form and of everything that a score depends on
_TEXTS_AT_ONCE = 1024
_WORDS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Match:
    """The held-out item that a text contains most of.

    :param score: how much of the item is in the text (0..1).
    :param guard: the guard's name.
    :param row: the held-out row, zero-based.
    :param field: the field of the row (` + ` where short fields were joined).
    :param excerpt: the start of the held-out item.
    """

    score: float
    guard: str
    row: int
    field: str
    excerpt: str


class GuardIndexBuilder:
    """Collects held-out rows. Items whose words are equal (numbers aside) are kept once, the first."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Items]] = {}

    def add(self, guard_name: str, rows: Iterable[Mapping[str, Any]] | pa.Table) -> None:
        """Add held-out rows, of any shape, under a guard's name; rows of one name are counted on."""
        if isinstance(rows, pa.Table):
            rows = itertools.chain.from_iterable(batch.to_pylist() for batch in rows.to_batches(4096))
        parts = self._parts.setdefault(guard_name, [])
        first = sum(part.read for part in parts)
        items = items_of(rows)
        parts.append(replace(items, rows=[first + row for row in items.rows]))

    def build(self) -> "GuardIndex":
        """Return the index of everything added."""
        names = list(self._parts)
        parts = [(k, part) for k, name in enumerate(names) for part in self._parts[name]]
        hashes = rows_of([part.words for _, part in parts])
        kept = _first_of_equals(hashes)
        fields = [field for _, part in parts for field in part.fields]
        excerpts = [text for _, part in parts for text in part.excerpts]
        guards = np.concatenate([np.zeros(0, dtype=np.int64), *(np.full(len(p.rows), k) for k, p in parts)])
        rows = np.array([row for _, part in parts for row in part.rows], dtype=np.int64)
        covered = [len(np.unique(rows[guards == k])) for k in range(len(names))]
        counts = [sum(part.read for part in self._parts[name]) for name in names]
        index = Overlap.build(hashes.take(kept))
        about: dict[str, Array] = {
            "version": np.array([_VERSION]),
            "guard_rows": np.array(counts, dtype=np.int64),
            "guard_covered": np.array(covered, dtype=np.int64),
            "item_guards": guards[kept].astype(np.int32),
            "item_rows": rows[kept],
            **_texts("guard_names", names),
            **_texts("item_fields", [fields[i] for i in kept.tolist()]),
            **_texts("item_excerpts", [excerpts[i] for i in kept.tolist()]),
        }
        return GuardIndex({**about, **index.arrays})


class GuardIndex:
    """The items of all guards, ready to score texts. Made by `GuardIndexBuilder.build` or `load`.

    :param arrays: the arrays of a built or saved index.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = dict(arrays)
        self._overlap = Overlap(self._arrays)
        self._guards = [_text(arrays, "guard_names", i) for i in range(len(arrays["guard_rows"]))]

    def __len__(self) -> int:
        return len(self._arrays["item_rows"])

    @property
    def items(self) -> int:
        """How many distinct held-out texts are guarded."""
        return len(self)

    @property
    def guards(self) -> dict[str, int]:
        """How many rows of each guard were read."""
        return dict(zip(self._guards, self._arrays["guard_rows"].tolist(), strict=True))

    @property
    def uncovered(self) -> dict[str, int]:
        """How many rows of each guard gave no item (too short, or hardly more than numbers)."""
        missing = self._arrays["guard_rows"] - self._arrays["guard_covered"]  # type: ignore[operator]
        return dict(zip(self._guards, missing.tolist(), strict=True))

    @property
    def fingerprint(self) -> str:
        """The sha256 (hexadecimal) of everything that scores and matches depend on."""
        digest = hashlib.sha256()
        for name in sorted(self._arrays):
            array = self._arrays[name]
            digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def score(self, texts: Sequence[str]) -> list[Match | None]:
        """Return the best match of each text, None where no item reaches a score of `overlap.FAINT` (0.05).

        Scores are in [0.05, 1]; equal scores go to the item added first. Long texts cost time in proportion
        to their length; memory is bounded by scoring some thousand words at a time.
        """
        found: list[Match | None] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            hashes = words(texts[start : start + _TEXTS_AT_ONCE], mask_numbers=True)
            for part in _parts(hashes):
                found += self._score(hashes.take(part))
        return found

    def save(self, path: Path) -> None:
        """Write the index to one file (NumPy's `.npz`); it appears complete or not at all.

        :raises OSError: if the file cannot be written.
        """
        beside = path.with_name(f".{path.name}.part")
        with beside.open("wb") as file:
            np.savez(file, **self._arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> "GuardIndex":
        """Read an index that `save` wrote.

        :raises RunError: if the file is no guard index, or one of another version.
        :raises OSError: if the file cannot be read.
        """
        hint = "delete the file; the next run builds it again"
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise RunError(f"{path} is not a guard index: {error}", hint) from error
        version = arrays.get("version")
        if version is None or version.tolist() != [_VERSION]:
            raise RunError(f"{path} is a guard index of another version", hint)
        return cls(arrays)

    def _score(self, hashes: Rows) -> list[Match | None]:
        scores = self._overlap.score(hashes)
        found: list[Match | None] = [None] * len(hashes)
        order = np.lexsort((scores.items, -scores.scores, scores.texts))
        text = scores.texts[order]
        best = order[np.flatnonzero(np.diff(text, prepend=-1) != 0)]
        for i in best.tolist():
            found[int(scores.texts[i])] = self._match(float(scores.scores[i]), int(scores.items[i]))
        return found

    def _match(self, score: float, item: int) -> Match:
        guard = self._guards[int(self._arrays["item_guards"][item])]
        row = int(self._arrays["item_rows"][item])
        field = _text(self._arrays, "item_fields", item)
        return Match(score, guard, row, field, _text(self._arrays, "item_excerpts", item))


def _parts(hashes: Rows) -> Iterator[npt.NDArray[np.int64]]:
    start = 0
    while start < len(hashes):
        limit = hashes.offsets[start] + _WORDS_AT_ONCE
        stop = max(start + 1, int(np.searchsorted(hashes.offsets, limit, side="right")) - 1)
        yield np.arange(start, stop)
        start = stop


def _first_of_equals(hashes: Rows) -> npt.NDArray[np.int64]:
    """Return the numbers of the rows that equal no row before them."""
    place = np.arange(len(hashes.values)) - hashes.offsets[hashes.owners]
    placed = mix(hashes.values + mix(place.astype(np.uint64)))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(placed)])
    _, first = np.unique(sums[hashes.offsets[1:]] - sums[hashes.offsets[:-1]], return_index=True)
    return np.sort(first)


def _texts(name: str, texts: Sequence[str]) -> dict[str, Array]:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.concatenate([[0], np.cumsum([len(t) for t in encoded])]).astype(np.int64)
    return {name: np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_ends": ends}


def _text(arrays: Mapping[str, Array], name: str, i: int) -> str:
    ends = arrays[f"{name}_ends"]
    return arrays[name][int(ends[i]) : int(ends[i + 1])].tobytes().decode()
