"""Which of several fit texts about one question are kept: each style in turn, no two alike. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taskseed.checks.duplicates import similarity

__all__ = ["TOO_ALIKE", "Selection", "select"]

TOO_ALIKE = 0.8
"""Two texts of this Jaccard similarity of word 3-grams are one text twice."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The texts chosen.

    :param chosen: their places, in the order in which they were chosen.
    :param overlaps: of every text, its highest similarity with another chosen one; 0 without one.
    """

    chosen: tuple[int, ...]
    overlaps: tuple[float, ...]


def select(texts: Sequence[str], styles: Sequence[str], turns: Sequence[str], keep: int) -> Selection:
    """Choose up to `keep` texts: the styles in turn, and within a style the one least like those chosen.

    Of equally different texts the first is taken, so that the result depends on nothing but the order. A text
    that is `TOO_ALIKE` to a chosen one is never taken, even where a place stays empty.

    :param styles: the style of each text.
    :param turns: the styles in the order in which they come; others follow in the order of their texts.
    """
    likeness = _likeness(texts)
    order = [*dict.fromkeys([s for s in turns if s in styles] + list(styles))]
    chosen: list[int] = []
    while len(chosen) < keep:
        before = len(chosen)
        for style in order:
            free = [i for i, s in enumerate(styles) if s == style and i not in chosen]
            near = {i: max((likeness[i, j] for j in chosen), default=0.0) for i in free}
            best = min(free, key=lambda i: (near[i], i), default=None)
            if best is not None and near[best] < TOO_ALIKE and len(chosen) < keep:
                chosen.append(best)
        if len(chosen) == before:
            break
    overlaps = [
        max((float(likeness[i, j]) for j in chosen if j != i), default=0.0) for i in range(len(texts))
    ]
    return Selection(tuple(chosen), tuple(overlaps))


def _likeness(texts: Sequence[str]) -> np.ndarray:
    """Return the similarity of every pair: `float64[n, n]`."""
    n = len(texts)
    likeness = np.zeros((n, n))
    pairs = [(i, j) for i in range(n) for j in range(i)]
    scores = similarity([texts[i] for i, _ in pairs], [texts[j] for _, j in pairs]) if pairs else []
    for (i, j), score in zip(pairs, scores, strict=True):
        likeness[i, j] = likeness[j, i] = 1.0 if texts[i] == texts[j] else score
    return likeness
