"""What gives right options away, over many questions at once, beside the same of their seeds. Pure.

Machine-written options leak: the right one is the longest, the most hedged, repeats the question's words,
stands in one place, or is told from the others without the question. These are facts of a set, not of a row:
they are reported, and drop nothing.
"""

import hashlib
import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from taskseed.checks.choices_only import HEDGES, features_of, guessed
from taskseed.checks.format import is_catch_all

__all__ = ["FIGURES", "ArtifactMonitor", "Figures", "Item", "Rate", "compared", "figures_of", "wilson"]

FIGURES = ("gold_longest", "stem_overlap", "most_hedged", "top_position", "catch_all", "choices_only")
"""The figures, in the order in which they are shown."""

MIN_FITTED = 20
"""Fewer questions than this are not enough to fit and judge a classifier."""

_PER_SET = 2000
_IN_ALL = 200_000
_RESAMPLES = 500
_DRAWS = 200
_Z = 1.959964  # the normal distribution's 97.5 % point: intervals are of 95 %
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_MIN_LETTERS = 4  # shorter words of a stem are mostly function words


class Item(NamedTuple):
    """One multiple-choice question.

    :param model: who wrote it; None for a seed.
    :param group: what siblings share: the seed's id.
    """

    task: str
    model: str | None
    id: str
    group: str
    stem: str
    options: tuple[str, ...]
    answer_index: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of questions with its 95 % interval.

    :param expected: what it would be if nothing told the right option from the others.
    """

    value: float
    low: float
    high: float
    expected: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found in one set of questions.

    :param rates: by name; a figure that the set is too small for is not there.
    :param positions: how often the right option stood in each place.
    """

    questions: int
    rates: dict[str, Rate]
    positions: tuple[int, ...]


class ArtifactMonitor:
    """Takes questions in batches of any size and order, and reports on an even draw of them.

    Of each set (a task's seeds, or what one model wrote for it) at most 2,000 questions are kept, fewer where
    there are so many sets that 200,000 questions in all would be passed: those whose ids have the lowest
    hashes. So memory is bounded, and what is kept does not depend on the order. A question that comes twice
    (one of its solves after another) counts once.
    """

    def __init__(self, per_set: int = _PER_SET, in_all: int = _IN_ALL) -> None:
        self._limit = per_set
        self._in_all = in_all
        self._sets: dict[tuple[str, str | None], _Draw] = {}

    def add(self, items: Iterable[Item]) -> None:
        """Take some questions; those with fewer than two options or no right one are passed over."""
        for item in items:
            if len(item.options) < 2 or not 0 <= item.answer_index < len(item.options):
                continue
            name = (item.task, item.model)
            self._sets.setdefault(name, _Draw()).add(item, self._limit)
        while self._limit > 1 and sum(len(s.kept) for s in self._sets.values()) > self._in_all:
            self._limit //= 2
            for draw in self._sets.values():
                draw.cut(self._limit)

    def is_full(self, task: str, model: str | None = None) -> bool:
        """Tell whether a set has as many questions as are kept, so that more would hardly change it."""
        draw = self._sets.get((task, model))
        return draw is not None and len(draw.kept) >= self._limit

    def tasks(self) -> set[str]:
        """Return the tasks for which a model's questions were seen."""
        return {task for task, model in self._sets if model is not None}

    def report(self) -> list[dict[str, Any]]:
        """Return one entry for each task and model, and one over all tasks of a model where it has several.

        Each holds `task` (null over all), `model`, `questions`, `seed_questions`, `positions`,
        `seed_positions` and `figures`: by name `made` and `seeds`, each with `value`, `low`, `high` and
        `expected` or null, and `above`, whether the interval lies above the seeds' and what is expected.
        """
        written = sorted((task, model) for task, model in self._sets if model is not None)
        rows = []
        for model in sorted({model for _, model in written}):
            tasks = [task for task, by in written if by == model]
            rows += [self._row(task, model, [task]) for task in tasks]
            if len(tasks) > 1:
                rows.append(self._row(None, model, tasks))
        return rows

    def _row(self, task: str | None, model: str, tasks: Sequence[str]) -> dict[str, Any]:
        made = self._drawn([(t, model) for t in tasks])
        seeds = self._drawn([(t, None) for t in tasks])
        of_seeds = figures_of(seeds[: len(made)], seeds)
        return {"task": task, "model": model, **compared(figures_of(made), of_seeds)}

    def _drawn(self, names: Sequence[tuple[str, str | None]]) -> list[Item]:
        drawn = [entry for name in names if name in self._sets for entry in self._sets[name].entries()]
        return [item for _, item in sorted(drawn, key=lambda e: (e[0], e[1].id))[: self._limit]]


class _Draw:
    """The questions of one set whose ids have the lowest hashes."""

    def __init__(self) -> None:
        self.kept: dict[str, Item] = {}
        self._heap: list[tuple[int, str]] = []  # the highest hash first

    def add(self, item: Item, limit: int) -> None:
        """Keep a question if it is one of the lowest `limit`."""
        key = -_hash(item.id)
        if item.id in self.kept or (len(self._heap) >= limit and key <= self._heap[0][0]):
            return
        heapq.heappush(self._heap, (key, item.id))
        self.kept[item.id] = item
        self.cut(limit)

    def cut(self, limit: int) -> None:
        """Let go what is beyond the lowest `limit`."""
        while len(self._heap) > limit:
            del self.kept[heapq.heappop(self._heap)[1]]

    def entries(self) -> list[tuple[int, Item]]:
        """Return each question with its hash."""
        return [(-key, self.kept[name]) for key, name in self._heap]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def wilson(hits: float, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) where nothing was counted."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    reach = _Z * ((share * (1 - share) / total + square / (4 * total * total)) ** 0.5) / (1 + square / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def figures_of(items: Sequence[Item], counted: Sequence[Item] | None = None) -> Figures:
    """Return the figures of a set of questions.

    :param items: what the classifier is fitted to.
    :param counted: what all else is counted in, where that is more: a classifier that saw more is better, so
        that two of them are compared on equal numbers, but a share is the better for each question.
    """
    counted = items if counted is None else counted
    if not counted:
        return Figures(0, {}, ())
    places = np.bincount([i.answer_index for i in counted], minlength=max(len(i.options) for i in counted))
    rates = {
        "gold_longest": _standing_out(counted, [[float(len(o)) for o in i.options] for i in counted]),
        "stem_overlap": _standing_out(counted, [_shared(i) for i in counted]),
        "most_hedged": _standing_out(counted, [[_hedges(o) for o in i.options] for i in counted]),
        "top_position": _rate(int(places.max()), len(counted), _top_by_chance(counted)),
        "catch_all": _rate(sum(any(map(is_catch_all, i.options)) for i in counted), len(counted), 0.0),
    }
    if len(items) >= MIN_FITTED:
        rates["choices_only"] = _choices_only(items)
    return Figures(len(counted), rates, tuple(places.tolist()))


def _top_by_chance(items: Sequence[Item]) -> float:
    """Return the share of the commonest place where all places are equally likely: the largest of several."""
    sizes = np.bincount([len(i.options) for i in items])
    draw = np.random.default_rng(0)
    tops = np.zeros((_DRAWS, len(sizes)))
    for size in np.flatnonzero(sizes).tolist():
        tops[:, :size] += draw.multinomial(sizes[size], [1 / size] * size, _DRAWS)
    return float(tops.max(axis=1).mean() / len(items))


def _standing_out(items: Sequence[Item], amounts: Sequence[list[float]]) -> Rate:
    """Return how often the right option alone has the most; by chance 1 in k, where one alone has it."""
    hits, expected = 0, 0.0
    for item, amount in zip(items, amounts, strict=True):
        if amount.count(max(amount)) == 1:
            expected += 1 / len(amount)
            hits += amount[item.answer_index] == max(amount)
    return _rate(hits, len(items), expected / len(items))


def _rate(hits: int, total: int, expected: float) -> Rate:
    return Rate(hits / total, *wilson(hits, total), expected)


def _shared(item: Item) -> list[float]:
    stem = {w for w in _words(item.stem) if len(w) >= _MIN_LETTERS or not w.isascii()}
    return [float(len(stem & set(_words(o)))) for o in item.options]


def _hedges(option: str) -> float:
    return float(sum(word in HEDGES for word in _words(option)))


def _words(text: str) -> list[str]:
    """Return words without the care of `taskseed.text`, which is made for many texts at once."""
    return _WORD.findall(text.casefold())


def _choices_only(items: Sequence[Item]) -> Rate:
    """Return how often the classifier is right; the interval is of whole groups, resampled."""
    names, groups = np.unique([i.group for i in items], return_inverse=True)
    keys = np.array([_hash(str(name)) for name in names], dtype=np.uint64)[groups]
    right = guessed(features_of([(i.options, i.answer_index) for i in items]), keys)
    sums, sizes = np.bincount(groups, weights=right), np.bincount(groups)
    drawn = np.random.default_rng(0).integers(0, len(names), (_RESAMPLES, len(names)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    chance = float(np.mean([1 / len(i.options) for i in items]))
    return Rate(float(right.mean()), float(low), float(high), chance)


def compared(made: Figures, seeds: Figures) -> dict[str, Any]:
    """Return two sets' figures beside each other, as plain values with four decimals."""
    figures = {}
    for name in FIGURES:
        mine, theirs = made.rates.get(name), seeds.rates.get(name)
        floor = max((rate for rate in (theirs and theirs.high, mine and mine.expected) if rate), default=0.0)
        above = mine is not None and mine.low > floor
        figures[name] = {"made": _plain(mine), "seeds": _plain(theirs), "above": above}
    return {
        "questions": made.questions,
        "seed_questions": seeds.questions,
        "figures": figures,
        "positions": list(made.positions),
        "seed_positions": list(seeds.positions),
    }


def _plain(rate: Rate | None) -> dict[str, float] | None:
    if rate is None:
        return None
    return {
        "value": round(rate.value, 4),
        "low": round(rate.low, 4),
        "high": round(rate.high, 4),
        "expected": round(rate.expected, 4),
    }
