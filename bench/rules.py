"""Stopping rules on many questions: `python bench/rules.py` prints some figures of `bench/votes.py`, finer.

The same truths, the same biases and the real `decide`, but votes are drawn by numpy and nothing is asked of
anybody, so that 100,000 questions of each mix take a minute and differences of 0.1 points can be told.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import teacher
from bench.measure import machine, table, versions

from taskseed.checks.votes import Tally, VoteRule, decide, p_majority

MIXES = ((8.0, 1.0), (4.0, 1.0), (2.0, 1.0))
UNREAD = 4


@dataclass(frozen=True)
class Deck:
    """Questions and all votes that could be asked for.

    :param votes: by question and solve, the option voted for, or `UNREAD`.
    :param gold: the right option, or -1.
    """

    votes: np.ndarray
    gold: np.ndarray
    proposal: np.ndarray


def drawn(name: str, count: int, most: int) -> Deck:
    truths = [teacher.truth.__wrapped__(name, n) for n in range(count)]
    rng = np.random.default_rng(0)
    upto = np.array([t.shares for t in truths]).cumsum(axis=1)
    first = rng.integers(0, 4, count)
    votes = np.empty((count, most), np.int8)
    for solve in range(most):
        chosen = np.minimum((rng.random(count)[:, None] > upto).sum(axis=1), 3)
        chosen = np.where(rng.random(count) < teacher.BIAS, (first + solve) % 4, chosen)
        votes[:, solve] = np.where(rng.random(count) < teacher.UNREADABLE, UNREAD, chosen)
    proposal = np.minimum((rng.random(count)[:, None] > upto).sum(axis=1), 3)
    return Deck(votes, np.array([-1 if t.gold is None else t.gold for t in truths]), proposal)


@dataclass(frozen=True)
class Found:
    """Precision, share kept and solves per question of a rule."""

    precision: float
    kept: float
    solves: float


def run(deck: Deck, rule: VoteRule, *, replace: bool) -> Found:
    """Vote on every question of a deck as the stage does; `replace`: any answer can be kept."""
    everyone = np.arange(len(deck.gold))
    asking = np.ones(len(deck.gold), bool)
    kept, right, solves = np.zeros_like(asking), np.zeros_like(asking), np.zeros(len(asking))
    for total, counts, streak in _counted(deck):
        ranked = np.sort(counts[:, :UNREAD], axis=1)
        leader = counts[:, :UNREAD].argmax(axis=1)
        alone = ranked[:, -1] > ranked[:, -2]
        mine = counts[everyone, deck.proposal]
        states = np.stack([ranked[:, -1], ranked[:, -2], counts[:, UNREAD], mine, streak], axis=1)[asking]
        kinds, which = np.unique(states, axis=0, return_inverse=True)
        said = np.array([_decided(total, kind, rule, replace=replace) for kind in kinds])[which.ravel()]
        ended = np.flatnonzero(asking)[said != "more"]
        agreed = np.flatnonzero(asking)[said == "agreed"]
        agreed = agreed[alone[agreed] & (replace | (leader[agreed] == deck.proposal[agreed]))]
        kept[agreed] = True
        right[agreed] = leader[agreed] == deck.gold[agreed]
        solves[ended] = total
        asking[ended] = False
        if not asking.any():
            break
    return Found(right.sum() / kept.sum(), kept.mean(), solves.mean())


def _counted(deck: Deck) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield, after each solve, how many there are, the counts by option and unread, and the streak."""
    count, most = deck.votes.shape
    counts, streak = np.zeros((count, 5), np.int16), np.zeros(count, np.int16)
    for solve in range(most):
        vote = deck.votes[:, solve]
        same = (vote == deck.votes[:, solve - 1]) if solve else np.zeros(count, bool)
        streak = np.where(vote == UNREAD, 0, np.where(same, streak + 1, 1))
        counts[np.arange(count), vote] += 1
        yield solve + 1, counts, streak


def _decided(total: int, state: np.ndarray, rule: VoteRule, *, replace: bool) -> str:
    first, second, unread, mine, streak = map(int, state)
    p = p_majority(first, second + unread) if first > second else None
    leader = "leader" if first > second else None
    counted = Tally(leader, first, total, unread, second, first / total, p, streak)
    return decide(counted, rule, None if replace else mine)


def row(name: str, found: Found, against: Found) -> list[str]:
    return [
        name,
        f"{found.precision:.2%}",
        f"{100 * (found.precision - against.precision):+.2f}",
        f"{found.kept:.1%}",
        f"{found.solves:.2f}",
        f"{1 - found.solves / against.solves:.1%}",
        f"{found.solves / found.kept:.2f}",
    ]


def rules(most: int) -> dict[str, tuple[VoteRule, bool]]:
    found = {}
    for rule in ("predictive", "beta", "window"):
        found[f"`{rule}`"] = (VoteRule(max_votes=most, rule=rule), False)
    for futility in (0.05, 0.1, 0.3):
        found[f"`predictive`, `futility: {futility}`"] = (VoteRule(max_votes=most, futility=futility), False)
    found["`predictive`, any answer"] = (VoteRule(max_votes=most), True)
    found["`beta`, any answer"] = (VoteRule(max_votes=most, rule="beta"), True)
    return found


COLUMNS = (
    "rule",
    "precision",
    "against fixed, points",
    "kept",
    "solves per question",
    "fewer",
    "per kept",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=100_000, help="per mix")
    options = parser.parse_args()
    print(f"{machine()}, {versions(sys.executable, ['numpy'])}; {options.questions:,} questions per mix")
    for mix in MIXES:
        deck = drawn(teacher.deck(*mix), options.questions, 32)
        for most in (8, 32):
            short = Deck(deck.votes[:, :most], deck.gold, deck.proposal)
            fixed = {r: run(short, VoteRule(most, most), replace=r) for r in (False, True)}
            rows = [
                row("fixed", fixed[False], fixed[False]),
                row("fixed, any answer", fixed[True], fixed[True]),
            ]
            rows += [row(n, run(short, rule, replace=r), fixed[r]) for n, (rule, r) in rules(most).items()]
            print(f"\nAccuracy per question from Beta({mix[0]:g}, {mix[1]:g}), at most {most} solves\n")
            print(table(COLUMNS, rows), flush=True)


if __name__ == "__main__":
    main()
