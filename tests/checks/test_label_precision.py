"""The label precision to expect: bounds by hand, laws, and that they cover what is true."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.checks.calibration import Calibration, Solved, calibrate
from taskseed.checks.label_precision import LabelPrecision, Voted, label_precision


def seeds(right: int, of: int, family: str = "a", agreement: float = 1.0) -> list[Solved]:
    """Return seeds whose votes were decided at one level."""
    return [Solved(family, True, agreement, i < right, 3, 3) for i in range(of)]


def told(calibration: Calibration, voted: Voted, realised: bool = True) -> LabelPrecision:
    """Return the label precision, which there is."""
    found = label_precision(calibration, voted, realised=realised)
    assert found is not None
    return found


def test_the_bounds_are_these() -> None:
    """90 % of seeds right; 80 agreed, 20 not: at worst 20 more are ill-posed, at best all were caught."""
    found = told(calibrate(seeds(90, 100)), Voted({("a", 0): 80}, 80, 20))
    assert found.worst == pytest.approx(0.9 * (80 - 20) / 80)
    assert found.best == 1.0  # 10 of 100 votes were wrong, 20 were not kept
    assert found.expected == pytest.approx((found.worst + 1) / 2)
    assert (found.questions, found.agreement_with_writer) == (80, 0.8)
    assert found.low < found.worst < found.best == found.high


def test_wrong_votes_beyond_the_disagreements_are_in_the_best_case_too() -> None:
    """40 of 100 votes are wrong and 10 were not kept, so that 30 of 90 labels are wrong at best."""
    found = told(calibrate(seeds(60, 100)), Voted({("a", 0): 90}, 90, 10))
    assert found.best == pytest.approx(1 - 30 / 90)
    assert found.worst == pytest.approx(0.6 * (90 - 10) / 90)
    assert found.low < found.worst < found.best < found.high < 0.85


def test_replaced_disagreements_are_among_the_labels() -> None:
    """At worst both the 20 that disagreed and 20 that did not are ill-posed; nothing is caught at best."""
    found = told(calibrate(seeds(90, 100)), Voted({("a", 0): 100}, 80, 20, replaced=True))
    assert found.worst == pytest.approx(0.9 * 0.6)
    assert found.best == pytest.approx(0.9)


def test_levels_and_families_weigh_as_questions_were_kept() -> None:
    """Harder questions show in their agreement: they are worth what seeds of that agreement were."""
    solved = [*seeds(50, 50), *seeds(10, 20, agreement=0.8), *seeds(8, 10, "b"), *seeds(6, 10, "b", 0.7)]
    kept = {("a", 0): 10, ("a", 1): 30, ("b", 0): 40, ("b", 2): 20}
    found = told(calibrate(solved), Voted(kept, 100, 0))
    assert found.worst == pytest.approx(0.1 * 1.0 + 0.3 * 0.5 + 0.4 * 0.8 + 0.2 * 0.6)


def test_where_a_family_or_level_has_no_seed_the_nearest_stand_for_it() -> None:
    """First the level in all families, then the family, then all seeds."""
    solved = calibrate([*seeds(9, 10), *seeds(5, 10, "b", 0.8)])
    for cell, expected in ((("a", 1), 0.5), (("new", 0), 0.9), (("a", 2), 0.9), (("new", 3), 0.7)):
        assert told(solved, Voted({cell: 5}, 5, 0)).worst == pytest.approx(expected)


def test_where_nothing_is_known_nothing_is_told() -> None:
    """No kept question, or no decided vote on a seed."""
    assert label_precision(calibrate(seeds(5, 5)), Voted({}, 0, 3), realised=True) is None
    undecided = calibrate([Solved("a", False, 0.5, True, 3, 1)])
    assert label_precision(undecided, Voted({("a", 0): 3}, 3, 0), realised=True) is None


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 300),
    st.integers(0, 100),
    st.integers(0, 100),
    st.booleans(),
    st.booleans(),
)
def test_bounds_are_in_order(
    solved: tuple[int, int], kept: int, filtered: int, disagreed: int, replaced: bool, realised: bool
) -> None:
    """Whatever was counted: 0 <= low <= worst <= expected <= best <= high <= 1."""
    might = kept + filtered
    agreed = max(0, might - disagreed) if replaced else might
    voted = Voted({("a", 0): kept}, agreed, disagreed, replaced)
    found = told(calibrate(seeds(*solved)), voted, realised)
    ends = [0.0, found.low, found.worst, found.expected, found.best, found.high, 1.0]
    assert all(left <= right + 1e-12 for left, right in pairwise(ends))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.integers(0, 50), st.integers(1, 50))
def test_more_disagreement_is_no_better_sign(agreed: int, disagreed: int, more: int) -> None:
    """The worst case falls with each vote that disagrees with the writer."""
    solved = calibrate(seeds(18, 20))
    few, many = (told(solved, Voted({("a", 0): agreed}, agreed, d)) for d in (disagreed, disagreed + more))
    assert many.worst <= few.worst
    assert many.low <= few.low + 0.02  # draws


def test_many_families_with_few_seeds_do_not_add_up_a_bias() -> None:
    """70 families, 4 right seeds of 4 each: 280 of 280, so that the low end is near what that says."""
    solved = calibrate([s for i in range(70) for s in seeds(4, 4, str(i))])
    found = told(solved, Voted({(str(i), 0): 30 for i in range(70)}, 2100, 0))
    assert 0.97 < found.low < 0.995


def test_the_interval_covers_the_worst_case_when_it_is_true() -> None:
    """The writer shares every wrong vote, and every disagreement is an ill-posed question's coin."""
    covered = 0
    for number in range(300):
        rng = np.random.default_rng(number)
        solved = calibrate(seeds(rng.binomial(60, 0.93), 60))
        ill = rng.binomial(250, 0.1)
        kept_ill, well = rng.binomial(ill, 0.5), 250 - ill
        right = rng.binomial(well, 0.93)
        kept = well + kept_ill
        found = told(solved, Voted({("a", 0): int(kept)}, int(kept), int(ill - kept_ill)))
        covered += found.low <= right / kept <= found.high
    assert 0.94 <= covered / 300 <= 1.0


def test_the_interval_covers_the_best_case_when_it_is_true() -> None:
    """No question is ill-posed and the writer is never wrong, so that only what is caught disagrees."""
    covered = 0
    for number in range(300):
        rng = np.random.default_rng(number)
        solved = calibrate(seeds(rng.binomial(60, 0.8), 60))
        wrong = rng.binomial(250, 0.2)
        kept = 250 - wrong
        found = told(solved, Voted({("a", 0): int(kept)}, int(kept), int(wrong)))
        covered += found.low <= 1.0 <= found.high
    assert 0.94 <= covered / 300 <= 1.0


def test_a_pilots_few_questions_say_less_than_the_runs_many() -> None:
    """About others like them, the interval is wider the fewer were seen."""
    solved = calibrate(seeds(190, 200))
    few = told(solved, Voted({("a", 0): 18}, 18, 2), realised=False)
    many = told(solved, Voted({("a", 0): 1800}, 1800, 200), realised=False)
    assert few.worst == pytest.approx(many.worst)
    assert few.low < many.low < many.worst
