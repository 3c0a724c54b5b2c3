"""Labelled pairs of answers, `pairs/<kind>.jsonl`: what is said, the gold, the verdict, the rules.

A pair is `equal` where a careful marker with the question at hand would give the mark, `different` where
none would, and `unknown` where markers argue or nothing can be told.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from taskseed.checks.answers import Rules, Verdict, same_answer, vote_key

PAIRS = Path(__file__).parent / "pairs"
KINDS = (
    "number", "expression", "multiple_choice", "boolean", "short_answer", "span", "list", "structured",
)  # fmt: skip


def pairs(kind: str) -> list[tuple[str, str, str, Rules]]:
    """Return the labelled pairs of a kind."""
    rows = [json.loads(line) for line in (PAIRS / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(said, gold, label, rules_from(*rules)) for said, gold, label, *rules in rows]


def rules_from(given: dict[str, Any] | None = None) -> Rules:
    """Return rules from their JSON."""
    return Rules(**{k: tuple(v) if isinstance(v, list) else v for k, v in (given or {}).items()})


def judged(kind: str) -> list[tuple[str, str, str, Verdict]]:
    """Return each pair with its label and its verdict."""
    return [
        (said, gold, label, same_answer(kind, said, gold, rules)) for said, gold, label, rules in pairs(kind)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_enough_pairs(kind):
    """Each kind has at least sixty labelled pairs, of each label some."""
    labels = [label for _, _, label, _ in pairs(kind)]
    assert len(labels) >= 60
    assert set(labels) == {"equal", "different", "unknown"}
    assert min(labels.count(label) for label in set(labels)) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_no_pair_is_wrongly_equal(kind):
    """Not one pair that is not the same answer is called equal."""
    assert [row for row in judged(kind) if row[3] == "equal" and row[2] != "equal"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_equal_pairs_are_found(kind):
    """At least 97 % of the pairs that are the same answer are called equal, and none is called different."""
    equal = [row for row in judged(kind) if row[2] == "equal"]
    missed = [row for row in equal if row[3] != "equal"]
    assert len(missed) <= 0.03 * len(equal), missed
    assert [row for row in missed if row[3] == "different"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_equal_votes_are_no_different_answers(kind):
    """Two answers that vote alike are never labelled different, whatever their order."""
    alike = [
        (said, gold)
        for said, gold, label, rules in pairs(kind)
        if label == "different" and vote_key(kind, said, rules) is not None
        if vote_key(kind, said, rules) == vote_key(kind, gold, rules)
    ]
    assert alike == []
