import itertools
import math
import random
from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.checks.votes import (
    Tally,
    VoteRule,
    decide,
    p_accepted,
    p_majority,
    permutation,
    still_needed,
    support,
    tally,
)

VOTES = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12)
COUNTS = st.integers(0, 20)  # beyond 50 one-sided votes p is 1.0 in a float
BETA = VoteRule(rule="beta")
NAMES = ("a", "b", "c", None)
RULES = st.builds(
    lambda least, more, confidence, agreement, rule, futility: VoteRule(
        least, least + more, confidence, agreement, rule, futility
    ),
    st.integers(1, 5),
    st.integers(0, 5),
    st.sampled_from([0.6, 0.75, 0.9, 0.95, 0.99]),
    st.sampled_from([0.0, 0.34, 0.5, 0.6, 0.75, 1.0]),
    st.sampled_from(["predictive", "beta", "window"]),
    st.sampled_from([0.0, 0.05, 0.2, 0.5]),
)


def decided(votes, rule, proposal=None):
    """Decide a ballot; `proposal` is the one answer that can be kept."""
    return decide(tally(votes), rule, support(votes, None if proposal is None else [proposal]))


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
def test_decide_with_the_beta_rule(votes, decision):
    """Four equal votes suffice; two rival or unread votes of eight can no longer be outvoted at 0.95."""
    assert decide(tally(votes), BETA) == decision


def test_a_sure_leader_of_a_scattered_vote_is_low_agreement():
    """A leader that is surely first, but with too small a share, does not count as agreed."""
    rule = VoteRule(min_votes=3, max_votes=12, confidence=0.85, min_agreement=0.7, rule="beta")
    assert decide(tally(["a"] * 4 + ["b", "c", "d"]), rule) == "low_agreement"


def test_a_vote_that_can_no_longer_reach_the_agreement_ends():
    """Where the leader could win but never with the share asked for, no further solve is paid."""
    rule = VoteRule(min_votes=3, max_votes=10, confidence=0.95, min_agreement=0.8, rule="beta")
    assert decide(tally(["a", "b", "c", "d"]), rule) == "low_agreement"


def test_max_votes_zero_asks_for_nothing():
    """Where no vote is allowed, none is asked for and nothing is agreed."""
    assert decide(tally([]), VoteRule(0, 0)) == "undecided"


@given(VOTES, st.integers(0, 12), st.floats(0.5, 1), st.floats(0, 1))
def test_decide_stops_by_max_votes_and_agrees_only_on_a_leader(votes, max_votes, confidence, agreement):
    """At the limit nothing more is asked, and an agreed vote has a leader with confidence and share."""
    rule = VoteRule(0, max_votes, confidence, agreement, "beta")
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
    """A vote that `beta` ends undecided cannot be won by any continuation for one answer."""
    rule = VoteRule(3, 8, rule="beta")
    if decide(tally(votes), rule) == "undecided":
        for answer in ("a", "b", "c"):
            assert decide(tally(votes + [answer] * (8 - len(votes))), rule) != "agreed"


@pytest.mark.parametrize(
    ("votes", "alone", "proposed"),
    [
        (["a"] * 2, "more", "more"),
        (["a"] * 3, "more", "agreed"),
        (["a"] * 4, "agreed", "agreed"),
        (["a"] * 3 + ["b"], "more", "more"),
        (["a"] * 4 + ["b"], "more", "agreed"),
        (["a"] * 5 + ["b", "c"], "agreed", "agreed"),
        (["a", "b", None], "undecided", "undecided"),
        (["a", "a", "b"], "more", "more"),
        (["a", "a", "b", "b"], "more", "more"),
        (["a", "b", "b"], "more", "unconfirmed"),
        (["b", "b", "b"], "more", "unconfirmed"),
        (["a", "a", "b", "c", None], "low_agreement", "low_agreement"),
    ],
)
def test_decide_with_the_default_rule(votes, alone, proposed):
    """Where only `a` can be kept less has to be found out: three votes for it do, one of three ends it."""
    assert (decided(votes, VoteRule()), decided(votes, VoteRule(), "a")) == (alone, proposed)


@pytest.mark.parametrize(
    ("votes", "decision"),
    [
        (["a"] * 3, "agreed"),
        (["a", "a", "b"], "more"),
        (["b", "a", "a", "a"], "more"),
        (["b", "a", "a", "a", "a", "a"], "agreed"),
        (["b", "b", "c", "a", "a", "a"], "low_agreement"),
        (["a", "b", "c", "a", "b", "c", "a", "a"], "low_agreement"),
        ([None, None, None], "more"),
    ],
)
def test_the_window_rule_looks_at_whole_windows(votes, decision):
    """A window of three that agrees ends the vote, which all votes then decide; parts of two do not."""
    assert decided(votes, VoteRule(rule="window")) == decision


@given(st.lists(st.sampled_from(NAMES), max_size=12), RULES, st.sampled_from([None, "a"]))
def test_no_rule_asks_beyond_max_votes_or_stops_before_min_votes(votes, rule, proposal):
    """Below `min_votes` every rule asks on, at `max_votes` none does."""
    decision = decided(votes, rule, proposal)
    if len(votes) < rule.min_votes:
        assert decision == "more"
    elif len(votes) >= rule.max_votes:
        assert decision != "more"


@given(st.lists(st.sampled_from(NAMES), max_size=12), RULES, st.sampled_from([None, "a"]), st.randoms())
def test_rules_but_for_the_window_do_not_depend_on_the_order_of_votes(votes, rule, proposal, random):
    """The same votes in another order are decided alike."""
    shuffled = random.sample(votes, len(votes))
    if rule.rule == "window":
        assert tally(shuffled) == tally(votes)
    else:
        assert decided(shuffled, rule, proposal) == decided(votes, rule, proposal)


@given(st.lists(st.sampled_from(NAMES), max_size=12), RULES, st.sampled_from([None, "a"]))
def test_what_is_agreed_leads_with_its_share(votes, rule, proposal):
    """Whatever the rule, an agreed answer has more votes than any other and at least `min_agreement`."""
    if decided(votes, rule, proposal) == "agreed":
        counted = tally(votes)
        assert counted.leader in {"a", "b", "c"}
        assert counted.agreement >= rule.min_agreement
        if rule.rule == "predictive" and proposal and len(votes) < rule.max_votes:
            assert counted.leader == proposal


@given(st.lists(st.sampled_from(NAMES), max_size=9), RULES, st.sampled_from([None, "a"]))
def test_a_vote_for_the_answer_never_turns_an_accepted_vote_into_a_dropped_one(votes, rule, proposal):
    """Another vote for the leader of an agreed vote leaves it agreed, up to the limit."""
    if rule.rule == "window" or len(votes) >= rule.max_votes:
        return
    if decided(votes, rule, proposal) == "agreed":
        assert decided([*votes, tally(votes).leader], rule, proposal) == "agreed"


@given(st.integers(1, 8), st.sampled_from([0.34, 0.5, 0.6, 0.75, 1.0]), st.data())
def test_no_confidence_short_of_certainty_decides_as_all_solves_would(most, agreement, data):
    """With confidence 1 and futility 0 the prediction changes no outcome: it only leaves out what is idle."""
    rule = VoteRule(1, most, 1.0, agreement, futility=0.0)
    votes = data.draw(st.lists(st.sampled_from(NAMES), min_size=most, max_size=most))
    stopped = next(n for n in range(1, most + 1) if decided(votes[:n], rule, "a") != "more")
    at_once = decided(votes, VoteRule(most, most, 1.0, agreement))
    kept = at_once == "agreed" and tally(votes).leader == "a"
    early = decided(votes[:stopped], rule, "a")
    assert (early == "agreed" and tally(votes[:stopped]).leader == "a") == kept


def accepted(votes_for, rival, total, most, agreement, against):
    """Return p_accepted by going through every continuation, each vote drawn from Polya's urn."""
    urn = [
        Fraction(1 + votes_for),
        Fraction(against) / 2 + rival,
        Fraction(against) / 2 + total - votes_for - rival,
    ]

    def chance(mine, its, left, urn):
        if not left:
            return Fraction(mine > its and mine >= math.ceil(agreement * most - 1e-9))
        found = Fraction(0)
        for ball, weight in enumerate(urn):
            later = [w + (i == ball) for i, w in enumerate(urn)]
            found += weight / sum(urn) * chance(mine + (ball == 0), its + (ball == 1), left - 1, later)
        return found

    return chance(votes_for, rival, most - total, urn)


@settings(deadline=None)
@given(
    st.integers(0, 4), st.integers(0, 4), st.integers(0, 2), st.integers(0, 4),
    st.sampled_from([0.0, 0.34, 0.5, 0.6, 0.75, 1.0]), st.sampled_from([1, 2]),
)  # fmt: skip
def test_p_accepted_is_the_share_of_all_continuations(votes_for, rival, others, left, agreement, against):
    """The closed form equals the sum over every way the votes to come can fall."""
    total = votes_for + rival + others
    most = total + left
    needed = math.ceil(agreement * most - 1e-9)
    if 2 * needed > most:
        rival = 0  # beyond one half it does not matter which of the others is the rival
    found = p_accepted(votes_for, rival, total, most, agreement, float(against))
    if most:
        assert math.isclose(found, accepted(votes_for, rival, total, most, agreement, against), abs_tol=1e-9)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 30), st.sampled_from([0.6, 0.75, 0.9]))
def test_p_accepted_is_monotone(votes_for, against, left, agreement):
    """A vote for the answer raises the chance that it is accepted, any other vote lowers it."""
    total = votes_for + against
    most = total + left
    now = p_accepted(votes_for, 0, total, most, agreement, 1.0)
    assert p_accepted(votes_for + 1, 0, total + 1, most, agreement, 1.0) >= now - 1e-12
    assert p_accepted(votes_for, 0, total + 1, most, agreement, 1.0) <= now + 1e-12


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(NAMES), max_size=6), RULES, st.sampled_from([None, "a"]))
def test_as_many_as_are_still_needed_are_certainly_needed(votes, rule, proposal):
    """No way in which fewer votes than that can fall decides the vote, and some way of that many does."""
    if len(votes) >= rule.max_votes or decided(votes, rule, proposal) != "more":
        return
    keepable = None if proposal is None else [v for v in set(votes) if v == proposal]
    needed = still_needed(votes, rule, keepable)
    assert 1 <= needed <= rule.max_votes - len(votes)
    for more in range(1, min(needed, 5)):
        for added in itertools.product([*NAMES, "new"], repeat=more):
            assert decided([*votes, *added], rule, proposal) == "more"


def test_the_first_round_is_min_votes_and_later_ones_are_small():
    """Three are asked for first; after two of three, as many as could settle it."""
    assert still_needed([], VoteRule(), []) == 3
    assert still_needed(["a", "a", "b"], VoteRule(), ["a"]) == 2
    assert still_needed(["a", "a", "b"], VoteRule(3, 8, 0.85, rule="beta")) == 2
    assert still_needed(["a", "a", "b"], VoteRule(rule="window"), ["a"]) == 3
    assert still_needed(["a"] * 3, VoteRule(3, 32)) == 3


@pytest.mark.parametrize(
    "values",
    [
        (5, 3),
        (-1, 3),
        (1, 3, 1.5),
        (1, 3, 0.9, -0.1),
        (1, 3, 0.9, 0.6, "beta", 0.9),
        (1, 3, 0.9, 0.6, "beta", -1),
    ],
)
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


@pytest.mark.parametrize("rule", ["predictive", "beta", "window"])
def test_p_majority_is_calibrated_where_its_prior_holds(rule):
    """If two answers share the solves by any share alike, the leader is the majority answer that often.

    However the vote was stopped: the probability is a posterior, which no stopping rule biases.
    """
    rng = random.Random(0)
    settings = VoteRule(2, 8, 0.9, 0.0, rule)
    found = defaultdict(list)
    for _ in range(30_000):
        share = rng.random()
        votes = []
        while not votes or decide(tally(votes), settings) == "more":
            votes.append("a" if rng.random() < share else "b")
        counted = tally(votes)
        if counted.leader is not None:
            found[counted.p_majority].append((share > 0.5) == (counted.leader == "a"))
    many = {p: sum(hits) / len(hits) for p, hits in found.items() if len(hits) >= 1500}
    assert len(many) >= 2
    assert many == {p: pytest.approx(p, abs=0.03) for p in many}
