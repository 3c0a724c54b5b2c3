"""Figures of solved seeds: proportions, their intervals, places of options."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.calibration import (
    LEVELS,
    Figures,
    Place,
    Solved,
    calibrate,
    level_of,
    place_bias,
    surely_below,
    wilson,
)

Z = 1.959963984540054


def seed(
    family: str = "a", agreement: float | None = 1.0, right: bool | None = True, decided: bool = True
) -> Solved:
    """Return a seed solved three times at first, all as the leader or none."""
    return Solved(family, decided, agreement, right, 3, 3 if right else 0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_where_the_score_test_ends(counts: tuple[int, int]) -> None:
    """At each end the observed share is 1.96 standard deviations of the end's own binomial away."""
    right, of = counts
    low, high = wilson(right, of)
    assert 0.0 <= low <= right / of <= high <= 1.0
    for end in (low, high):
        if 0.0 < end < 1.0:
            assert abs(right / of - end) == pytest.approx(Z * math.sqrt(end * (1 - end) / of), abs=1e-9)
    assert (low == 0.0, high == 1.0) == (right == 0, right == of)


def test_wilsons_interval_as_published() -> None:
    """Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for right, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_everything_is_possible() -> None:
    """Without an observation the interval is the whole range, and no figure is made up."""
    assert wilson(0, 0) == (0.0, 1.0)
    nothing = calibrate([])
    assert (dict(nothing.families), nothing.overall.seeds) == ({}, 0)
    assert (nothing.overall.precision, nothing.overall.coverage, nothing.overall.accuracy) == (None,) * 3
    assert [level.precision for level in nothing.overall.levels] == [None] * len(LEVELS)


def test_figures_are_counted_by_family_and_level() -> None:
    """Decided votes make precision and coverage; leaders of undecided votes are only in their level."""
    found = calibrate(
        [
            seed("b"),
            seed("b", 1.0, False),
            seed("b", 0.875),
            seed("b", 0.625, False, decided=False),
            seed("b", None, None, decided=False),
            seed("a", 0.6),
        ]
    )
    assert list(found.families) == ["a", "b"]
    b = found.families["b"]
    assert (b.seeds, b.decided, b.right, b.precision, b.coverage) == (5, 3, 2, 2 / 3, 3 / 5)
    assert (b.precision_low, b.precision_high) == wilson(2, 3)
    assert (b.coverage_low, b.coverage_high) == wilson(3, 5)
    assert b.accuracy == 2 / 5
    counts = [(v.at_least, v.votes, v.right, v.decided, v.decided_right) for v in b.levels]
    assert counts == [(1.0, 2, 1, 2, 1), (0.8, 1, 1, 1, 1), (0.6, 1, 0, 0, 0), (0.0, 0, 0, 0, 0)]
    assert (found.overall.seeds, found.overall.decided, found.overall.right) == (6, 4, 3)
    assert Figures.read(asdict(b)) == b


def test_levels_of_agreement_have_their_lower_end() -> None:
    """Unanimity is apart; a level holds its lower end and not its upper."""
    agreements = (1.0, 0.99, 0.8, 0.79, 0.6, 0.59, 0.0)
    assert [LEVELS[level_of(a)] for a in agreements] == [1.0, 0.8, 0.8, 0.6, 0.6, 0.0, 0.0]


def test_solves_of_one_seed_count_as_what_they_say() -> None:
    """Three solves that are always alike are one observation; that go their own ways, nearly three."""
    alike = [Solved("a", True, 1.0, True, 3, 3)] * 20 + [Solved("a", True, 1.0, False, 3, 0)] * 20
    apart = [Solved("a", True, 1.0, True, 3, 2 - i % 2) for i in range(40)]
    figures = [calibrate(entries).overall for entries in (alike, apart)]
    assert [f.accuracy for f in figures] == [0.5, 0.5]
    assert (figures[0].accuracy_low, figures[0].accuracy_high) == pytest.approx(wilson(20, 40), abs=0.005)
    assert (figures[1].accuracy_low, figures[1].accuracy_high) == pytest.approx(wilson(60, 120), abs=1e-9)


def test_accuracy_covers_what_is_true() -> None:
    """Of 400 families whose seeds differ, 93 to 98 % of the intervals hold the teacher's accuracy."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        hits = rng.binomial(3, rng.beta(4, 1, 40))
        figures = calibrate(Solved("a", True, 1.0, True, 3, int(hit)) for hit in hits).overall
        covered += figures.accuracy_low <= 0.8 <= figures.accuracy_high
    assert 0.93 <= covered / 400 <= 0.98


@pytest.mark.parametrize(
    ("right", "of", "least", "refused"),
    [(0, 8, 0.8, True), (5, 8, 0.8, False), (5, 8, 0.9, True), (0, 1, 0.8, True), (0, 1, 0.79, False)],
)
def test_a_family_is_refused_only_where_it_is_sure(right: int, of: int, least: float, refused: bool) -> None:
    """The upper end of the interval decides: 5 of 8 may be 86 %, 0 of 1 may be 79 %."""
    entries = [seed(right=i < right) for i in range(of)]
    assert surely_below(calibrate(entries).overall, least) is refused


def test_without_a_decided_vote_nothing_is_sure() -> None:
    """A family whose votes never pass is not refused for their precision."""
    undecided = calibrate([seed(agreement=0.5, right=False, decided=False)] * 30).overall
    assert surely_below(undecided, 1.0) is False


def test_places_are_told_by_model() -> None:
    """Shares of the chosen and of the right places, and the largest excess with its interval."""
    always_first = [Place("x", 0, gold) for gold in (0, 1, 2, 3)] * 25
    as_it_is = [Place("y", gold, gold) for gold in (0, 1)] * 10
    y, x = sorted(place_bias([*as_it_is, *always_first]), key=lambda bias: bias.excess)
    assert (x.model, x.answers, x.place, x.excess) == ("x", 100, 0, 0.75)
    assert (x.chosen, x.gold) == ((1.0, 0.0, 0.0, 0.0), (0.25,) * 4)
    half = Z * math.sqrt(0.75 * 0.25 / 100)
    assert (x.low, x.high) == pytest.approx((0.75 - half, 0.75 + half))
    assert (y.model, y.excess, y.low, y.high) == ("y", 0.0, 0.0, 0.0)
    assert place_bias([]) == []
