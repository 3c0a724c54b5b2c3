"""How good the votes are on seeds, whose answers are known: of each family, by level of agreement.

Every figure is a proportion with its 95 % interval. What they say of generated questions is the matter of
`label_precision`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "LEVELS",
    "Calibration",
    "Figures",
    "Level",
    "Place",
    "PlaceBias",
    "Solved",
    "calibrate",
    "level_of",
    "place_bias",
    "surely_below",
    "wilson",
]

LEVELS = (1.0, 0.8, 0.6, 0.0)
"""Lower ends of the levels of agreement that are told apart; the first is unanimity."""

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Solved:
    """What became of one seed that was solved blind.

    :param decided: whether the vote passed the recipe's rule.
    :param agreement: votes of the leader / all solves; None where nobody leads.
    :param right: whether the leader is the seed's own answer; None where nobody leads.
    :param first: of how many first solves, whose number depends on no vote, `first_right` were right.
    """

    family: str
    decided: bool
    agreement: float | None
    right: bool | None
    first: int
    first_right: int


@dataclass(frozen=True, slots=True)
class Level:
    """Votes at one level of agreement, on seeds.

    :param at_least: the level's lower end, of `LEVELS`.
    :param votes: votes with a leader, decided or not; `right` of them for the seed's own answer.
    :param decided: those that passed the recipe's rule; `decided_right` of them right.
    :param precision: `right / votes`, with its 95 % interval (Wilson) in `low` and `high`.
    """

    at_least: float
    votes: int
    right: int
    decided: int
    decided_right: int
    precision: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the solver can do, on seeds of one family or of all; intervals are of 95 % (Wilson).

    :param seeds: that were solved; `decided` of them by a vote that passed the rule, `right` of those right.
    :param precision: of decided votes.
    :param coverage: share of seeds whose vote was decided.
    :param accuracy: of one solve: the mean over seeds of the share of right ones among the first solves.
    """

    family: str
    seeds: int
    decided: int
    right: int
    precision: float | None
    precision_low: float
    precision_high: float
    coverage: float | None
    coverage_low: float
    coverage_high: float
    accuracy: float | None
    accuracy_low: float
    accuracy_high: float
    levels: tuple[Level, ...]

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Figures":
        """Return figures from what `dataclasses.asdict` made of them."""
        levels = tuple(Level(**level) for level in stored["levels"])
        return cls(**{**stored, "levels": levels})


@dataclass(frozen=True, slots=True)
class Calibration:
    """The figures of each family, by name, and of all seeds together."""

    families: Mapping[str, Figures]
    overall: Figures


@dataclass(frozen=True, slots=True)
class Place:
    """Where, as options were shown, one solve's choice stood and where the right one; both from 0."""

    model: str
    chosen: int
    gold: int


@dataclass(frozen=True, slots=True)
class PlaceBias:
    """How much more often a model chose a place than the right option stood there.

    :param chosen: share of answers by place, from the first; `gold` likewise for the right options.
    :param place: the place, from 0, with the largest excess of `chosen` over `gold`; `excess` is it.
    :param low: of the 95 % interval of the excess (normal, of paired differences); `high` likewise.
    """

    model: str
    answers: int
    chosen: tuple[float, ...]
    gold: tuple[float, ...]
    place: int
    excess: float
    low: float
    high: float


def wilson(right: float, of: float) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson, 1927); (0, 1) of nothing.

    :param right: may be a fraction where `of` is an effective number of observations.
    """
    if of <= 0:
        return 0.0, 1.0
    share, z2 = right / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    # At the ends the formula gives 0 and 1 but for rounding.
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return (0.0 if right <= 0 else low), (1.0 if right >= of else high)


def level_of(agreement: float) -> int:
    """Return the place in `LEVELS` of the level that an agreement belongs to."""
    return next((i for i, least in enumerate(LEVELS) if agreement >= least), len(LEVELS) - 1)


def calibrate(solved: Iterable[Solved]) -> Calibration:
    """Return the figures of each family and of all seeds together; families in order of their names."""
    entries = list(solved)
    names = sorted({entry.family for entry in entries})
    families = {name: _figures(name, [e for e in entries if e.family == name]) for name in names}
    return Calibration(families, _figures("all", entries))


def _figures(family: str, entries: Sequence[Solved]) -> Figures:
    decided = [e for e in entries if e.decided]
    right = sum(e.right is True for e in decided)
    accuracy = _accuracy(entries)
    return Figures(
        family,
        len(entries),
        len(decided),
        right,
        *_proportion(right, len(decided)),
        *_proportion(len(decided), len(entries)),
        *accuracy,
        tuple(_level(place, entries) for place in range(len(LEVELS))),
    )


def _proportion(right: int, of: int) -> tuple[float | None, float, float]:
    return (right / of if of else None, *wilson(right, of))


def _level(place: int, entries: Sequence[Solved]) -> Level:
    mine = [e for e in entries if e.agreement is not None and level_of(e.agreement) == place]
    decided = [e for e in mine if e.decided]
    right, decided_right = (sum(e.right is True for e in found) for found in (mine, decided))
    return Level(LEVELS[place], len(mine), right, len(decided), decided_right, *_proportion(right, len(mine)))


def _accuracy(entries: Sequence[Solved]) -> tuple[float | None, float, float]:
    """Return mean and interval of the accuracy of one solve.

    Solves of one seed are alike, so that ten of them say less than ten of ten seeds: Wilson's interval is
    taken at the effective number p(1-p) / variance of the mean over seeds (Kish, 1965), which lies between
    the number of seeds and that of solves.
    """
    shares = np.array([e.first_right / e.first for e in entries if e.first], dtype=float)
    if not len(shares):
        return None, 0.0, 1.0
    solves = sum(e.first for e in entries)
    mean, effective = float(shares.mean()), float(len(shares))
    variance = float(shares.var(ddof=1)) / len(shares) if len(shares) > 1 else 0.0
    if variance > 0:
        effective = min(float(solves), max(effective, mean * (1 - mean) / variance))
    return mean, *wilson(mean * effective, effective)


def surely_below(figures: Figures, least: float) -> bool:
    """Tell whether even the upper end of the interval of decided votes' precision is below `least`.

    Two-sided 95 %, so a family that is good enough is refused once in 40 times. What the writer's
    agreement and ill-posed questions do to the labels is not in it: they are not known before anything is
    paid. Where no vote was decided nothing is sure.
    """
    return figures.decided > 0 and figures.precision_high < least


def place_bias(places: Iterable[Place]) -> list[PlaceBias]:
    """Return, by model, how often each place was chosen and how often the right option stood there.

    Options are shown in balanced orders, so that the right one stands in every place about equally often;
    the paired difference takes away what imbalance is left.
    """
    by_model: dict[str, list[Place]] = {}
    for place in places:
        by_model.setdefault(place.model, []).append(place)
    return [_bias(model, found) for model, found in sorted(by_model.items())]


def _bias(model: str, found: Sequence[Place]) -> PlaceBias:
    wide = 1 + max(max(p.chosen, p.gold) for p in found)
    chosen = np.array([[p.chosen == j for j in range(wide)] for p in found], dtype=float)
    gold = np.array([[p.gold == j for j in range(wide)] for p in found], dtype=float)
    excess = (chosen - gold).mean(axis=0)
    place = int(excess.argmax())
    half = _Z * float((chosen - gold)[:, place].std()) / math.sqrt(len(found))
    return PlaceBias(
        model,
        len(found),
        tuple(map(float, chosen.mean(axis=0))),
        tuple(map(float, gold.mean(axis=0))),
        place,
        float(excess[place]),
        float(excess[place]) - half,
        float(excess[place]) + half,
    )
