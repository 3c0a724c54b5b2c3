"""Counting votes, and deciding whether another solve is worth paying for.

A vote is the answer that one solve arrived at; `None` is a solve whose answer could not be read. An unread
solve might have been anybody's vote, so it stands in every denominator and counts against the leader.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Decision", "Tally", "VoteRule", "decide", "p_majority", "permutation", "tally"]

Decision = Literal["more", "agreed", "undecided", "low_agreement"]


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
    """

    leader: str | None
    votes_for: int
    votes_total: int
    votes_unparsed: int
    runner_up: int
    agreement: float | None
    p_majority: float | None


@dataclass(frozen=True, slots=True)
class VoteRule:
    """When a vote is decided; the recipe's `enrich` block.

    :raises ValueError: if not `0 <= min_votes <= max_votes`, or a share is outside [0, 1].
    """

    min_votes: int = 3
    max_votes: int = 8
    confidence: float = 0.95
    min_agreement: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.min_votes <= self.max_votes:
            raise ValueError(f"min_votes {self.min_votes} is not between 0 and max_votes {self.max_votes}")
        for name in ("confidence", "min_agreement"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is not between 0 and 1")


def tally(votes: Sequence[str | None]) -> Tally:
    """Count votes; the order of the votes does not matter.

    :param votes: one entry per solve, `None` where its answer could not be read.
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
    )


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


def decide(counted: Tally, rule: VoteRule) -> Decision:
    """Say whether to ask for another solve, and if not, how the vote ended.

    `agreed` needs both the rule's confidence and its agreement. Beyond `min_votes`, a vote that could not
    be won even if all solves still allowed were to vote for the leader ends at once.
    """
    if counted.votes_total < rule.min_votes:
        return "more"
    if counted.p_majority is not None and counted.p_majority >= rule.confidence:
        return "agreed" if (counted.agreement or 0.0) >= rule.min_agreement else "low_agreement"
    left = rule.max_votes - counted.votes_total
    if left <= 0:
        return "undecided"
    best = counted.votes_for + left
    if p_majority(best, counted.runner_up + counted.votes_unparsed) < rule.confidence:
        return "undecided"
    return "more" if best / rule.max_votes >= rule.min_agreement else "low_agreement"


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
