"""Counting votes, and deciding whether another solve is worth paying for.

A vote is the answer that one solve arrived at; `None` is a solve whose answer could not be read. An unread
solve might have been anybody's vote, so it stands in every denominator and counts against the leader.

**What is accepted.** A vote of a fixed number of solves is accepted if one answer has more votes than each
other one and at least `min_agreement` of all solves, unread ones included. Where only one answer can be kept
(the writer's, with `on_disagreement: drop`), that answer must be this one. The rules below differ in when
they stop before `max_votes`:

- `predictive` stops once it is all but settled whether the vote of `max_votes` solves would be accepted: its
  posterior predictive probability is at least `confidence`, or at most `futility`. This is stochastic
  curtailment (Lan, Simon and Halperin 1982) by predictive probability, as in trials with a yes-or-no outcome
  (Lee and Liu 2008, doi:10.1177/1740774508089279).
- `beta` stops once the leader is the model's majority answer with probability `confidence`: Adaptive-
  Consistency (Aggarwal et al. 2023, arXiv 2305.11860). It accepts nothing of which it is not that sure.
- `window` stops once a whole window of `min_votes` solves agrees: early-stopping self-consistency, ESC
  (Li et al. 2024, arXiv 2401.10480).
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

__all__ = [
    "Decision",
    "Rule",
    "Tally",
    "VoteRule",
    "decide",
    "p_accepted",
    "p_majority",
    "permutation",
    "still_needed",
    "support",
    "tally",
]

Rule = Literal["predictive", "beta", "window"]
Decision = Literal["more", "agreed", "undecided", "low_agreement", "unconfirmed"]

# Answers that no solve gives: any other one, and the only one that can be kept before anybody voted for it.
_OTHER, _PROPOSED = "\0another answer", "\0the proposed answer"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the solves of one question voted.

    :param leader: the answer with the most votes; None where nobody leads (a tie, or no readable vote).
    :param votes_for: votes of the leader; in a tie, of each of those that share the lead.
    :param votes_total: all solves, read or not.
    :param votes_unparsed: solves whose answer could not be read.
    :param runner_up: votes of the second answer; in a tie the same as `votes_for`.
    :param agreement: `votes_for / votes_total`; None where there was no solve.
    :param p_majority: probability that the leader is this model's majority answer; None without a leader.
    :param streak: how many of the last solves in a row voted for one answer. The only part that depends on
        the votes' order; it is no part of equality.
    """

    leader: str | None
    votes_for: int
    votes_total: int
    votes_unparsed: int
    runner_up: int
    agreement: float | None
    p_majority: float | None
    streak: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VoteRule:
    """When a vote is decided; the recipe's `enrich` block.

    :raises ValueError: if not `0 <= min_votes <= max_votes`, a share is outside [0, 1], or `futility` is not
        below `confidence`.
    """

    min_votes: int = 3
    max_votes: int = 8
    confidence: float = 0.95
    min_agreement: float = 0.6
    rule: Rule = "predictive"
    futility: float = 0.2

    def __post_init__(self) -> None:
        if not 0 <= self.min_votes <= self.max_votes:
            raise ValueError(f"min_votes {self.min_votes} is not between 0 and max_votes {self.max_votes}")
        for name in ("confidence", "min_agreement"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is not between 0 and 1")
        if not 0.0 <= self.futility < self.confidence:
            raise ValueError(f"futility {self.futility} is not between 0 and confidence {self.confidence}")


def tally(votes: Sequence[str | None]) -> Tally:
    """Count votes; but for `streak` their order does not matter.

    :param votes: one entry per solve, in order; `None` where its answer could not be read.
    """
    counts = Counter(vote for vote in votes if vote is not None)
    total = len(votes)
    unparsed = total - counts.total()
    top = counts.most_common(2)
    votes_for = top[0][1] if top else 0
    runner_up = top[1][1] if len(top) > 1 else 0
    leader = top[0][0] if votes_for > runner_up else None
    return Tally(
        leader=leader,
        votes_for=votes_for,
        votes_total=total,
        votes_unparsed=unparsed,
        runner_up=runner_up,
        agreement=votes_for / total if total else None,
        p_majority=None if leader is None else p_majority(votes_for, runner_up + unparsed),
        streak=_streak(votes),
    )


def _streak(votes: Sequence[str | None]) -> int:
    if not votes or votes[-1] is None:
        return 0
    return next((i for i, vote in enumerate(reversed(votes)) if vote != votes[-1]), len(votes))


def support(votes: Sequence[str | None], keepable: Iterable[str] | None) -> int | None:
    """Return the votes for the one answer that can be kept; None where any answer can.

    :param keepable: the names under which it was voted for, the best of which counts.
    """
    if keepable is None:
        return None
    counts = Counter(votes)
    return max((counts[name] for name in keepable), default=0)


@lru_cache(maxsize=65536)
def p_majority(leader: int, rival: int) -> float:
    """Return P(X > 1/2) for X ~ Beta(leader + 1, rival + 1): the chance that the leader beats its rival.

    This is the stopping rule "Beta" of Adaptive-Consistency (Aggarwal et al. 2023, arXiv 2305.11860), in
    closed form: it equals P(Binomial(leader + rival + 1, 1/2) <= leader), an exact sum of binomials.

    :param leader: votes of the leader.
    :param rival: votes of the runner-up plus unread solves.
    :raises ValueError: if a count is negative.
    """
    if leader < 0 or rival < 0:
        raise ValueError(f"votes cannot be negative: {leader}, {rival}")
    n = leader + rival + 1
    favourable = sum(math.comb(n, k) for k in range(leader + 1))
    return favourable / (1 << n)


@lru_cache(maxsize=65536)
def p_accepted(
    votes_for: int, rival: int, total: int, max_votes: int, min_agreement: float, against: float
) -> float:
    """Return the probability that the vote of `max_votes` solves would accept an answer, given those made.

    The answer's share has the prior Beta(1, `against`), its strongest rival gets half of what is not the
    answer's; the votes to come are then Dirichlet-multinomial (Beta-binomial, where a share above one half is
    asked for, since the rival does not matter there).

    :param votes_for: votes for the answer so far.
    :param rival: votes of the strongest other answer so far.
    :param total: solves so far.
    :param against: 1 for an answer that was named before the votes; 2 for the one that leads them, because
        being picked for its votes speaks for it by chance too.
    """
    left = max_votes - total
    needed = math.ceil(min_agreement * max_votes - 1e-9)
    mine, its, rest = 1 + votes_for, against / 2 + rival, against / 2 + total - votes_for - rival
    if 2 * needed > max_votes:
        least = max(0, needed - votes_for)
        return min(1.0, math.fsum(_beta_binomial(k, left, mine, its + rest) for k in range(least, left + 1)))
    found = []
    for between in range(left + 1):  # of the votes to come, those for the answer or its rival
        least = max(needed - votes_for, (between + rival - votes_for) // 2 + 1, 0)
        wins = math.fsum(_beta_binomial(k, between, mine, its) for k in range(least, between + 1))
        found.append(_beta_binomial(between, left, mine + its, rest) * wins)
    return min(1.0, math.fsum(found))


def _beta_binomial(k: int, n: int, a: float, b: float) -> float:
    """Return P(k of n) where the share has the distribution Beta(a, b)."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    above = math.lgamma(a + k) + math.lgamma(b + n - k) - math.lgamma(a + b + n)
    return math.exp(ways + above - math.lgamma(a) - math.lgamma(b) + math.lgamma(a + b))


def decide(counted: Tally, rule: VoteRule, proposed: int | None = None) -> Decision:
    """Say whether to ask for another solve, and if not, how the vote ended.

    :param proposed: the votes for the one answer that can be kept (`support`); None where any answer can.
        Only the rule `predictive` uses it: whoever keeps an answer checks that it is that one.
    :returns: `more`; `agreed`: the leader is accepted; `undecided`: nobody leads, or not surely enough;
        `low_agreement`: the leader's share is too small; `unconfirmed`: the answer that alone can be kept is
        not the leader, and will hardly become it.
    """
    if counted.votes_total < rule.min_votes:
        return "more"
    if rule.rule == "beta":
        return _by_beta(counted, rule)
    if counted.votes_total >= rule.max_votes:
        return _as_it_stands(counted, rule)
    if rule.rule == "window":
        window = max(1, rule.min_votes)
        unanimous = counted.votes_total % window == 0 and counted.streak >= window
        return _as_it_stands(counted, rule) if unanimous else "more"
    return _by_prediction(counted, rule, proposed)


def _as_it_stands(counted: Tally, rule: VoteRule) -> Decision:
    """Decide as a fixed number of solves does."""
    if counted.leader is None:
        return "undecided"
    return "agreed" if (counted.agreement or 0.0) >= rule.min_agreement else "low_agreement"


def _by_prediction(counted: Tally, rule: VoteRule, proposed: int | None) -> Decision:
    mine = counted.votes_for if proposed is None else proposed
    leads = counted.leader is not None and mine == counted.votes_for
    chance = p_accepted(
        mine,
        counted.runner_up if leads else counted.votes_for,
        counted.votes_total,
        rule.max_votes,
        rule.min_agreement,
        2.0 if proposed is None else 1.0,
    )
    if chance >= rule.confidence and leads and (counted.agreement or 0.0) >= rule.min_agreement:
        return "agreed"
    if chance > rule.futility:
        return "more"
    if counted.leader is None:
        return "undecided"
    return "low_agreement" if leads else "unconfirmed"


def _by_beta(counted: Tally, rule: VoteRule) -> Decision:
    """Decide by the posterior of the leader; a vote that not even all solves still allowed could win ends."""
    if counted.p_majority is not None and counted.p_majority >= rule.confidence:
        return "agreed" if (counted.agreement or 0.0) >= rule.min_agreement else "low_agreement"
    left = rule.max_votes - counted.votes_total
    if left <= 0:
        return "undecided"
    best = counted.votes_for + left
    if p_majority(best, counted.runner_up + counted.votes_unparsed) < rule.confidence:
        return "undecided"
    return "more" if best / rule.max_votes >= rule.min_agreement else "low_agreement"


def still_needed(votes: Sequence[str | None], rule: VoteRule, keepable: Iterable[str] | None = None) -> int:
    """Return how many further solves are certainly needed: no run of fewer votes could decide the vote.

    So many can be asked for at once, and the vote ends as if they had been asked for one by one.

    :param votes: of a vote that is not decided yet.
    :param keepable: the names of the one answer that can be kept, as for `support`.
    """
    names = None if keepable is None else {*keepable, _PROPOSED}
    # A vote is decided soonest by further votes that all say the same.
    ballots = dict.fromkeys([*votes, None, _OTHER, *([] if keepable is None else [*keepable, _PROPOSED])])
    left = rule.max_votes - len(votes)
    for more in range(max(1, rule.min_votes - len(votes)), left):
        for ballot in ballots:
            later = [*votes, *[ballot] * more]
            if decide(tally(later), rule, support(later, names)) != "more":
                return more
    return max(1, left)


def permutation(n_options: int, index: int, seed: int) -> tuple[int, ...]:
    """Return the order in which solve `index` is shown the options: place j shows option `result[j]`.

    A base order drawn from the seed is rotated by `index`, so that over any `n_options` solves in a row
    every option stands once in every place, and a model that prefers a place cannot win the vote by it.

    :raises ValueError: if `n_options` or `index` is negative.
    """
    if n_options < 0 or index < 0:
        raise ValueError(f"n_options {n_options} and index {index} must not be negative")
    # Sorting by hash gives the same order on every Python version; random.shuffle does not promise that.
    base = sorted(range(n_options), key=lambda i: hashlib.sha256(f"{seed}:{i}".encode()).digest())
    return tuple(base[(place + index) % n_options] for place in range(n_options))
