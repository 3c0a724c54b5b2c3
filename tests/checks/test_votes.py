import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.votes import Tally, VoteRule, decide, p_majority, permutation, tally

VOTES = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12)
COUNTS = st.integers(0, 20)  # beyond 50 one-sided votes p is 1.0 in a float


def test_tally_counts_leader_and_runner_up():
    """The leader, its votes, the runner-up and all shares are counted."""
    assert tally(["a", "b", "a", "a"]) == Tally("a", 3, 4, 0, 1, 0.75, p_majority(3, 1))


def test_unparsed_votes_stand_in_the_denominator_and_against_the_leader():
    """Two unread solves lower the agreement and count as the rival's votes."""
    counted = tally(["a", None, "a", None])
    assert counted == Tally("a", 2, 4, 2, 0, 0.5, p_majority(2, 2))
    assert counted.p_majority == 0.5


def test_a_tie_has_no_leader():
    """Two answers that share the lead both lose."""
    assert tally(["a", "b", "b", "a", "c"]) == Tally(None, 2, 5, 0, 2, 0.4, None)


def test_no_votes_and_only_unread_votes():
    """0/0 has no agreement; nothing but unread solves has agreement 0 and no leader."""
    assert tally([]) == Tally(None, 0, 0, 0, 0, None, None)
    assert tally([None, None]) == Tally(None, 0, 2, 2, 0, 0.0, None)


@given(st.permutations(["a", "a", "b", "c", None, "a", None]))
def test_tally_does_not_depend_on_order(votes):
    """Any order of the same votes gives the same tally."""
    assert tally(votes) == tally(["a", "a", "a", "b", "c", None, None])


@given(VOTES)
def test_leader_has_strictly_most_votes(votes):
    """There is a leader exactly where one answer has strictly more votes than every other."""
    counted = tally(votes)
    counts = sorted((votes.count(v) for v in "abc"), reverse=True)
    assert (counted.votes_for, counted.runner_up) == (counts[0], counts[1])
    assert (counted.leader is not None) == (counts[0] > counts[1])
    assert counted.votes_unparsed == votes.count(None)


@pytest.mark.parametrize(
    ("leader", "rival", "p"),
    [(0, 0, 1 / 2), (1, 0, 3 / 4), (3, 0, 15 / 16), (4, 0, 31 / 32), (2, 2, 1 / 2), (5, 1, 120 / 128)],
)
def test_p_majority_known_values(leader, rival, p):
    """Small cases agree with the Beta integral done by hand."""
    assert p_majority(leader, rival) == p


@given(st.integers(0, 12), st.integers(0, 12))
def test_p_majority_is_the_beta_integral(a, b):
    """The closed form equals the integral of x^a (1-x)^b from 1/2 to 1 over that from 0 to 1."""

    def antiderivative(x):
        return sum(Fraction((-1) ** k * math.comb(b, k), a + k + 1) * x ** (a + k + 1) for k in range(b + 1))

    whole = antiderivative(Fraction(1))
    assert p_majority(a, b) == float((whole - antiderivative(Fraction(1, 2))) / whole)


@given(COUNTS, COUNTS)
def test_p_majority_is_monotone_and_symmetric(a, b):
    """A vote for the leader raises p, a vote for the rival lowers it, and the two sides mirror each other."""
    p = p_majority(a, b)
    assert p_majority(a + 1, b) > p > p_majority(a, b + 1)
    assert math.isclose(p + p_majority(b, a), 1.0)


def test_p_majority_of_many_votes_is_finite():
    """Thousands of votes neither overflow nor lose the exact middle."""
    assert p_majority(3000, 3000) == 0.5
    assert math.isclose(p_majority(3000, 1000), 1.0)


def test_negative_votes_are_refused():
    """A negative count is an error of the caller."""
    with pytest.raises(ValueError, match="negative"):
        p_majority(-1, 0)


@pytest.mark.parametrize(
    ("votes", "decision"),
    [
        ([], "more"),
        (["a", "a"], "more"),
        (["a"] * 3, "more"),
        (["a"] * 4, "agreed"),
        (["a"] * 3 + ["b"], "more"),
        (["a"] * 6 + ["b"], "agreed"),
        (["a", "a", "b", "b"], "undecided"),
        ([None, "a", None, "a"], "undecided"),
        ([None] * 3, "undecided"),
        (["a"] * 5 + ["b", "b", "c"], "undecided"),
        (["a", "b", "c"], "more"),
    ],
)
def test_decide_with_the_default_rule(votes, decision):
    """Four equal votes suffice; two rival or unread votes of eight can no longer be outvoted at 0.95."""
    assert decide(tally(votes), VoteRule()) == decision


def test_a_sure_leader_of_a_scattered_vote_is_low_agreement():
    """A leader that is surely first, but with too small a share, does not count as agreed."""
    rule = VoteRule(min_votes=3, max_votes=12, confidence=0.85, min_agreement=0.7)
    assert decide(tally(["a"] * 4 + ["b", "c", "d"]), rule) == "low_agreement"


def test_a_vote_that_can_no_longer_reach_the_agreement_ends():
    """Where the leader could win but never with the share asked for, no further solve is paid."""
    rule = VoteRule(min_votes=3, max_votes=10, confidence=0.95, min_agreement=0.8)
    assert decide(tally(["a", "b", "c", "d"]), rule) == "low_agreement"


def test_max_votes_zero_asks_for_nothing():
    """Where no vote is allowed, none is asked for and nothing is agreed."""
    assert decide(tally([]), VoteRule(0, 0)) == "undecided"


@given(VOTES, st.integers(0, 12), st.floats(0.5, 1), st.floats(0, 1))
def test_decide_stops_by_max_votes_and_agrees_only_on_a_leader(votes, max_votes, confidence, agreement):
    """At the limit nothing more is asked, and an agreed vote has a leader with confidence and share."""
    rule = VoteRule(0, max_votes, confidence, agreement)
    counted = tally(votes)
    decision = decide(counted, rule)
    if len(votes) >= max_votes:
        assert decision != "more"
    if decision == "agreed":
        assert counted.leader in {"a", "b", "c"}
        assert counted.p_majority >= confidence
        assert counted.agreement >= agreement


@given(st.lists(st.sampled_from(["a", "b", None]), min_size=3, max_size=6))
def test_a_vote_ended_early_was_hopeless(votes):
    """A vote that ends undecided before the limit cannot be won by any continuation for one answer."""
    rule = VoteRule(3, 8)
    if decide(tally(votes), rule) == "undecided":
        for answer in ("a", "b", "c"):
            assert decide(tally(votes + [answer] * (8 - len(votes))), rule) != "agreed"


@pytest.mark.parametrize("values", [(5, 3), (-1, 3), (1, 3, 1.5), (1, 3, 0.9, -0.1)])
def test_impossible_rules_are_refused(values):
    """A rule whose limits contradict each other or leave [0, 1] is an error."""
    with pytest.raises(ValueError, match="not between"):
        VoteRule(*values)


@given(st.integers(1, 12), st.integers(0, 50), st.integers())
def test_every_option_visits_every_place_equally(n, start, seed):
    """Over n solves in a row, the options at each place are all n options once."""
    orders = [permutation(n, start + i, seed) for i in range(n)]
    everything = list(range(n))
    assert [sorted(order) for order in orders] == [everything] * n
    assert [sorted(order[place] for order in orders) for place in range(n)] == [everything] * n


def test_permutation_is_pinned():
    """The order is a function of its arguments alone; changing it would change recorded requests."""
    assert permutation(4, 0, 7) == PINNED
    assert permutation(4, 1, 7) == (*PINNED[1:], PINNED[0])
    assert permutation(0, 3, 7) == ()
    assert len({permutation(4, 0, seed) for seed in range(200)}) == 24


PINNED = (3, 2, 1, 0)
