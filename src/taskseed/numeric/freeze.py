"""Deciding which numbers must keep their seed value, because their origin or their role is open."""

import itertools
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from taskseed.numeric.desk import Desk, constant, probe, used_variables
from taskseed.numeric.template import Ref
from taskseed.numeric.tokens import Token, words_after

__all__ = ["freeze_ambiguous", "freeze_related"]

_WHOLES = (("day", "week", 7), ("hour", "day", 24), ("month", "year", 12))
_MAX_COMPARED = 24


def freeze_related(desk: Desk) -> None:
    """Freeze numbers of the question that add up, so that a total stated beside its parts stays right."""
    lively = used_variables(desk) - desk.frozen.keys()
    idle = [t for t in desk.tokens if t not in desk.sources or desk.sources.index(t) not in lively]
    tokens = [t for t in desk.tokens if t.values[0] > 1][:_MAX_COMPARED]
    for one, other in itertools.combinations(tokens, 2):
        if _neighbours(desk, one, other) or _fill_a_whole(desk, one, other):
            _freeze(desk, (one, other))
        for third in tokens:
            group = (one, other, third)
            total, product = one.values[0] + other.values[0], one.values[0] * other.values[0]
            if third.values[0] == total or (third.values[0] == product and any(t in idle for t in group)):
                _freeze(desk, group)
    shares = [t for t in desk.tokens if t.unit == "percent"][:6]
    for size in range(2, len(shares) + 1):
        for shared in itertools.combinations(shares, size):
            if sum(t.values[0] for t in shared) == 100:
                _freeze(desk, shared)
    _hold_stated_results(desk, {t.values[0] for t in idle})


def _hold_stated_results(desk: Desk, stated: set[Fraction]) -> None:
    """Hold every result that the question itself seems to state."""
    for index, step in enumerate(desk.steps):
        if step.value in stated and step.value > 2:
            desk.choices.append((Ref(len(desk.variables) + index), constant(step.value)))


def _neighbours(desk: Desk, one: Token, other: Token) -> bool:
    """Whether two numbers differ by one and count the same things: `4 runners ... three runners`."""
    near = abs(one.values[0] - other.values[0]) == 1
    return near and not _nouns(desk, one).isdisjoint(_nouns(desk, other))


def _fill_a_whole(desk: Desk, one: Token, other: Token) -> bool:
    """Whether two numbers share out a week, a day or a year: `5 days a week ... 2 days`."""
    nouns = _nouns(desk, one) | _nouns(desk, other)
    total = one.values[0] + other.values[0]
    return any(
        total == whole and part in nouns and re.search(rf"\b{unit}", desk.question, re.I)
        for part, unit, whole in _WHOLES
    )


def _nouns(desk: Desk, token: Token) -> set[str]:
    return {w.rstrip("s") for w in words_after(desk.question, token.end, 2) if len(w) > 2}


def _freeze(desk: Desk, tokens: Iterable[Token]) -> None:
    for token in tokens:
        if token in desk.sources:
            desk.frozen.setdefault(desk.sources.index(token), "numbers_add_up")


def freeze_ambiguous(desk: Desk) -> None:
    """Freeze until, at every number, all candidates agree whatever the free variables are.

    Then any choice among them is right, because under the seed's values they are equal.
    """
    depends = _dependencies(desk)
    settled = False
    while not settled:
        settled = True
        points = [probe(desk, salt) for salt in (1, 2)]
        for choice in desk.choices:
            if all(len({ref.at(point) for ref in choice}) == 1 for point in points):
                continue
            involved = {v for ref in choice if ref.source is not None for v in depends[ref.source]}
            fresh = sorted(involved - desk.frozen.keys())
            settled = settled and not fresh
            desk.frozen.update(dict.fromkeys(fresh, _cause(desk, choice)))


def _dependencies(desk: Desk) -> list[set[int]]:
    """Return, per source, the variables that it depends on through the chosen bindings."""
    found: list[set[int]] = [{i} for i in range(len(desk.variables))]
    for step in desk.steps:
        sources = [ref.source for ref in step.operands if ref.source is not None]
        found.append(set().union(*(found[s] for s in sources)))
    return found


def _cause(desk: Desk, choice: Sequence[Ref]) -> str:
    if any(ref.source is None for ref in choice):
        return "ambiguous_constant"
    given = [r for r in choice if r.source is not None and r.source < len(desk.variables)]
    return "value_twice" if len(given) == len(choice) else "ambiguous_operand"
