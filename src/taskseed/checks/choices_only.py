"""How well the right option is told from the options alone: a small classifier that never sees a question.

A conditional logit (McFadden 1974): each option has a score linear in its features, the options of a question
share one softmax, the gold option is what it should choose. Features are hashed words and word pairs, and a
few figures of an option against its neighbours (length, hedging, digits, words shared with the others). It is
fitted and judged by folds of whole groups of questions, so that no question is judged by itself or by its
siblings. What it finds above chance is leaked by how options are written (Gururangan et al. 2018, "Annotation
Artifacts"; Balepur et al. 2024, "Artifacts or Abduction", arXiv 2402.12483).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taskseed.text import Rows, mix, ngrams, rows_of, words

__all__ = ["HEDGES", "Features", "features_of", "guessed"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_BUCKETS = 4096
_DENSE = 9
_FOLDS = 5
_STEPS = 60
_RATE = 0.1
_RIDGE = 10.0  # of a hashed feature; the figures have a tenth of it, for there are few


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEDGES = _words(
    "may might can could usually often generally typically sometimes some most many likely unlikely probably "
    "tend tends partly mainly mostly largely approximately about around almost nearly"
)
"""Words by which an option claims less."""
_ABSOLUTES = _words("always never all none only every must cannot no entirely completely exactly")


@dataclass(frozen=True, slots=True)
class Features:
    """The options of some questions as numbers.

    :param hashed: per option its hashed features, columns below 4096.
    :param dense: `float64[options, 9]`.
    :param question: `int64[options]`: the question of each option, ascending.
    :param gold: `bool[options]`.
    """

    hashed: Rows
    dense: F64
    question: I64
    gold: npt.NDArray[np.bool_]


def features_of(questions: Sequence[tuple[Sequence[str], int]]) -> Features:
    """Return the features of questions, each given as its options and the place of the gold one."""
    options = [option for texts, _ in questions for option in texts]
    lengths = np.array([len(texts) for texts, _ in questions], dtype=np.int64)
    question = np.repeat(np.arange(len(questions)), lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(questions) else lengths
    gold = np.zeros(len(options), dtype=bool)
    gold[starts + np.array([answer for _, answer in questions], dtype=np.int64)] = True
    single = words(options)
    grams = ngrams(single, 2)
    both = rows_of([single, grams])
    order = np.stack([np.arange(len(options)), np.arange(len(options)) + len(options)], axis=1).ravel()
    merged = both.take(order)
    hashed = Rows(mix(merged.values) % np.uint64(_BUCKETS), merged.offsets[::2])
    dense = [row for texts, _ in questions for row in _dense(texts)]
    return Features(hashed, np.array(dense, dtype=np.float64).reshape(-1, _DENSE), question, gold)


def _dense(options: Sequence[str]) -> list[list[float]]:
    lengths = [len(o) for o in options]
    logs = np.log1p(lengths)
    split = [o.casefold().replace(",", " ").split() for o in options]
    sets = [set(s) for s in split]
    rows = []
    for i, option in enumerate(options):
        others = set[str]().union(*(s for j, s in enumerate(sets) if j != i))
        rows.append(
            [
                float(lengths[i] == max(lengths)),
                float(lengths[i] == min(lengths)),
                float(logs[i] - logs.mean()),
                float(sum(w in HEDGES for w in split[i])),
                float(sum(w in _ABSOLUTES for w in split[i])),
                float(any(c.isdigit() for c in option)),
                float(option.count(",") > 0),
                len(sets[i] & others) / max(len(sets[i]), 1),
                float(option[:1].isupper()),
            ]
        )
    return rows


def guessed(features: Features, groups: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """Return how right the classifier is about each question, judged by folds that it was not fitted to.

    :param groups: `int[questions]`: questions of one group (of one seed) stand in one fold.
    :returns: `float64[questions]`: 1 where the gold option alone has the highest score, 1/k where k share it.
    """
    count = len(groups)
    right = np.zeros(count)
    folds = mix(groups.astype(np.uint64)) % np.uint64(_FOLDS)
    mean, spread = features.dense.mean(axis=0), features.dense.std(axis=0)
    dense = (features.dense - mean) / np.where(spread > 0, spread, 1.0)
    for fold in range(_FOLDS):
        held_out = folds == fold
        if not held_out.any():
            continue
        weights, slopes = _fitted(features, dense, ~held_out[features.question])
        scores = _scores(features, dense, weights, slopes)
        best = np.full(count, -np.inf)
        np.maximum.at(best, features.question, scores)
        top = scores >= best[features.question] - 1e-9
        shared = np.bincount(features.question, weights=top, minlength=count)
        hit = np.bincount(features.question, weights=top & features.gold, minlength=count)
        right[held_out] = (hit / np.maximum(shared, 1))[held_out]
    return right


def _scores(features: Features, dense: F64, weights: F64, slopes: F64) -> F64:
    owners, columns = features.hashed.owners, features.hashed.values.astype(np.int64)
    scores = np.bincount(owners, weights=weights[columns], minlength=len(dense))
    return scores + dense @ slopes


def _fitted(features: Features, dense: F64, used: npt.NDArray[np.bool_]) -> tuple[F64, F64]:
    """Fit by full-batch Adagrad (Duchi et al. 2011), which needs no step size for each of the features."""
    owners, columns = features.hashed.owners, features.hashed.values.astype(np.int64)
    inside = used[owners]
    owners, columns = owners[inside], columns[inside]
    questions = int(features.question.max()) + 1
    weights, slopes = np.zeros(_BUCKETS), np.zeros(_DENSE)
    seen_weights, seen_slopes = np.full(_BUCKETS, 1e-6), np.full(_DENSE, 1e-6)
    target = features.gold.astype(np.float64)
    for _ in range(_STEPS):
        scores = np.bincount(owners, weights=weights[columns], minlength=len(dense)) + dense @ slopes
        shifted = np.exp(np.clip(scores, -30, 30))
        total = np.bincount(features.question, weights=shifted, minlength=questions)
        error = np.where(used, shifted / total[features.question] - target, 0.0)
        slope = dense.T @ error + 0.1 * _RIDGE * slopes
        step = np.bincount(columns, weights=error[owners], minlength=_BUCKETS) + _RIDGE * weights
        seen_weights += step**2
        seen_slopes += slope**2
        weights -= _RATE * step / np.sqrt(seen_weights)
        slopes -= _RATE * slope / np.sqrt(seen_slopes)
    return weights, slopes
