"""What the votes' precision on seeds says of the labels of generated questions.

What seeds can tell is how often a decided vote on a well-posed question is right. Two things they cannot tell
are whether a *generated* question has one right answer at all, and how often the writer's answer is wrong.
What is seen of both is how often decided votes and the writer agree.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from taskseed.checks.calibration import Calibration

__all__ = ["COIN", "LabelPrecision", "Voted", "label_precision"]

COIN = 0.5
"""How often, at most, a decided vote and the writer meet on a question that has no single right answer."""

_DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Voted:
    """What the votes said of generated questions.

    :param kept: questions of the data set, by family and place of their agreement's level in `LEVELS`.
    :param agreed: decided votes that arrived at the writer's answer, whether or not the question was kept.
    :param disagreed: decided votes that arrived at another answer.
    :param replaced: whether those are kept too, with the votes' answer (`on_disagreement: replace`).
    """

    kept: Mapping[tuple[str, int], int]
    agreed: int
    disagreed: int
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class LabelPrecision:
    """The share of kept questions with one right answer that is the label; see `label_precision`.

    :param expected: the middle between `worst` and `best`, by convention: the data do not say more.
    :param low: 2.5 % quantile of the worst case; `high`: 97.5 % quantile of the best case.
    :param worst: the worst case without chance; `best` likewise.
    :param questions: that the figure is about.
    :param agreement_with_writer: share of decided votes that arrived at the writer's answer.
    """

    expected: float
    low: float
    high: float
    worst: float
    best: float
    questions: int
    agreement_with_writer: float | None


def label_precision(
    calibration: Calibration, voted: Voted, *, realised: bool, seed: int = 0
) -> LabelPrecision | None:
    """Bound the share of kept questions that have one right answer, which is the label.

    Taken for granted:

    1. On a well-posed generated question, a decided vote is right as often as on a seed of the same family
       at the same level of agreement (post-stratification, so that questions may be harder than seeds as
       long as harder ones show lower agreement). Wrong gold of seeds counts against the votes.
    2. On a question without a single right answer (several are defensible, or none), a decided vote and the
       writer meet at most half of the time (`COIN`): neither knows which the other will take. Whatever is
       kept of these counts as wrong.

    Not taken for granted: how many questions are ill-posed, how often the writer's answer is wrong, and
    whether writer and solver make the same mistakes. These are not identified, so the result is an interval
    for a partially identified share (Manski): from the worst case to the best, each with its sampling error.

    Worst: all D disagreements come from ill-posed questions, so that as many were kept (D·c/(1-c) with
    c = `COIN`), and of the others the writer shares every wrong vote. Best: no question is ill-posed, and the
    disagreements caught as many of the wrong votes as there were.

    The precision on seeds is weighted by the kept questions' families and levels; its error is that of a
    Beta distribution at the effective number of seeds (Korn & Graubard, 1998, with Jeffreys' prior in the
    place of Clopper and Pearson's ends). Half of the 5 % lies on either side.

    :param realised: whether the figure is about the very questions in `voted`, or about others like them.
    :param seed: of the draws that quantiles are taken of.
    :returns: None where no question was kept, or no seed's vote was decided.
    """
    kept = sum(voted.kept.values())
    if not kept or not calibration.overall.decided:
        return None
    share, effective = _weighted(calibration, voted.kept)
    rng = np.random.default_rng(seed)
    right = rng.beta(share * effective + 0.5, (1 - share) * effective + 0.5, _DRAWS)
    at_best = right if share < 1.0 else np.ones(_DRAWS)  # of votes that were never wrong, the best is that
    decided = voted.agreed + voted.disagreed
    if realised:
        low_side, high_side = _worst_of_these(voted, right, rng), _best_of_these(voted, at_best, rng)
    else:
        rates = rng.beta(voted.disagreed + 0.5, voted.agreed + 0.5, _DRAWS)
        low_side, high_side = _worst(voted, right, rates), _best(voted, at_best, rates)
    rate = np.array([voted.disagreed / decided if decided else 0.0])
    worst = float(_worst(voted, np.array([share]), rate)[0])
    best = float(_best(voted, np.array([share]), rate)[0])
    return LabelPrecision(
        expected=(worst + best) / 2,
        low=min(worst, float(np.quantile(low_side, 0.025))),
        high=max(best, float(np.quantile(high_side, 0.975))),
        worst=worst,
        best=best,
        questions=kept,
        agreement_with_writer=voted.agreed / decided if decided else None,
    )


Array = np.ndarray[Any, np.dtype[np.float64]]


def _weighted(calibration: Calibration, kept: Mapping[tuple[str, int], int]) -> tuple[float, float]:
    """Return the precision on seeds, weighted as questions were kept, and its effective number of seeds."""
    weights: Counter[tuple[int, int, str]] = Counter()
    for (family, level), count in kept.items():
        weights[_cell(calibration, family, level)] += count
    total = sum(weights.values())
    share = smooth = variance = 0.0
    for (right, of, _), count in weights.items():
        weight, near = count / total, (right + 0.5) / (of + 1)
        share += weight * right / of
        smooth += weight * near
        variance += weight * weight * near * (1 - near) / of
    return share, smooth * (1 - smooth) / variance


def _cell(calibration: Calibration, family: str, level: int) -> tuple[int, int, str]:
    """Return right and decided votes of the nearest seeds: of the family's level, the level, the family, all.

    The third entry tells cells with the same numbers apart.
    """
    overall = calibration.overall
    mine = calibration.families.get(family, overall)
    near = (
        (mine.levels[level].decided_right, mine.levels[level].decided, f"{mine.family} {level}"),
        (overall.levels[level].decided_right, overall.levels[level].decided, f"all {level}"),
        (mine.right, mine.decided, mine.family),
    )
    return next((cell for cell in near if cell[1]), (overall.right, overall.decided, "all"))


def _worst(voted: Voted, right: Array, rate: Array) -> Array:
    """Return the label precision where every disagreement came from an ill-posed question.

    :param right: precision of a vote on a well-posed question, by draw.
    :param rate: of disagreement between decided votes and writer, by draw.
    """
    met = rate * COIN / (1 - COIN)  # of all decided votes: on an ill-posed question, with the writer
    ill = rate + met if voted.replaced else met / np.maximum(1e-9, 1 - rate)
    return np.asarray(right * (1 - np.minimum(1.0, ill)), dtype=np.float64)


def _best(voted: Voted, right: Array, rate: Array) -> Array:
    """Return the label precision where all questions are well-posed and each disagreement caught an error."""
    if voted.replaced:
        return right
    left = np.maximum(0.0, 1 - right - rate) / np.maximum(1e-9, 1 - rate)
    return np.asarray(1 - np.minimum(1.0, left), dtype=np.float64)


def _worst_of_these(voted: Voted, right: Array, rng: np.random.Generator) -> Array:
    """As `_worst`, for the very questions that were kept: with the luck of each of them.

    Ill-posed questions go on being kept until one more disagreement would have been seen: a negative
    binomial number, with half a disagreement more than were seen (as Jeffreys' prior adds to a proportion).
    """
    kept = sum(voted.kept.values())
    through = _through(voted, kept)
    more = rng.negative_binomial(voted.disagreed + 0.5, 1 / (1 + through * COIN / (1 - COIN)), len(right))
    ill = more + (rng.binomial(voted.disagreed, through, len(right)) if voted.replaced else 0)
    well = kept - np.minimum(ill, kept)
    return np.asarray(rng.binomial(well, right) / kept, dtype=np.float64)


def _best_of_these(voted: Voted, right: Array, rng: np.random.Generator) -> Array:
    """As `_best`, for the very questions that were kept."""
    kept = sum(voted.kept.values())
    if voted.replaced:
        return np.asarray(rng.binomial(kept, right) / kept, dtype=np.float64)
    decided = max(kept, voted.agreed) + voted.disagreed
    wrong = np.maximum(0, rng.binomial(decided, 1 - right) - voted.disagreed) * _through(voted, kept)
    return np.asarray(1 - np.minimum(1.0, wrong / kept), dtype=np.float64)


def _through(voted: Voted, kept: int) -> float:
    """Return the share of the questions that might have been kept which were: filters ask no vote."""
    might = voted.agreed + voted.disagreed if voted.replaced else voted.agreed
    return min(1.0, kept / might) if might else 1.0
