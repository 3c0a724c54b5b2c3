"""The workbench of one trace: what the numbers of a solution may come from."""

import random
from dataclasses import dataclass, field
from fractions import Fraction

from taskseed.numeric.cues import constants_of
from taskseed.numeric.equations import Worked
from taskseed.numeric.expression import BadExpression
from taskseed.numeric.grid import grid_of
from taskseed.numeric.limits import is_structural, limits_of
from taskseed.numeric.template import Ref, Step, Variable, run_steps
from taskseed.numeric.tokens import Token, scan

__all__ = [
    "Desk",
    "around",
    "candidates",
    "constant",
    "desk_for",
    "probe",
    "scales",
    "stands_fixed",
    "used_variables",
]

_HUNDRED = Fraction(100)


@dataclass(slots=True)
class Desk:
    """What one trace works with.

    :param tokens: the numbers of the question; `numbers`: those of the clean solution.
    :param sources: the question's tokens that may vary; the index is the variable's.
    :param steps: filled while binding.
    :param choices: every set of candidates of one number; all of a set must agree in a variant.
    :param frozen: variables that keep their value, with the reason.
    """

    question: str
    tokens: list[Token]
    numbers: list[Token]
    worked: Worked
    sources: list[Token]
    variables: tuple[Variable, ...]
    constants: frozenset[Fraction]
    steps: list[Step] = field(default_factory=list)
    choices: list[tuple[Ref, ...]] = field(default_factory=list)
    frozen: dict[int, str] = field(default_factory=dict)


def desk_for(question: str, worked: Worked) -> Desk:
    """Return the workbench of a problem, with nothing bound yet."""
    tokens = scan(question, fractions=True)
    sources = [t for t in tokens if _may_vary(question, t)]
    variables = tuple(Variable(t.values[0], *limits_of(question, t), grid_of(t)) for t in sources)
    constants = constants_of(question + "\n" + worked.text)
    return Desk(question, tokens, scan(worked.text, fractions=False), worked, sources, variables, constants)


def _may_vary(question: str, token: Token) -> bool:
    value = token.values[0]
    plain = token.style in {"digits", "word"} and (value > 1 or value.denominator > 1)
    return plain and not is_structural(question, token)


def constant(value: Fraction) -> Ref:
    """Return the reference to a value that no variant changes."""
    return Ref(None, offset=value)


def candidates(desk: Desk, value: Fraction, unit: str, upto: int) -> tuple[Ref, ...]:
    """Return everything a number of the solution may come from, given the steps before `upto`.

    :param unit: the number's own unit, or `operand` inside a calculation, where percent and cents may
        stand as hundredths.
    """
    found: list[Ref] = []
    for index, token in enumerate(desk.sources):
        lines = _lines(token)
        found.extend(Ref(index, a, b) for a, b in lines if b + a * token.values[0] == value)
    first = len(desk.variables)
    for index in range(upto):
        result = desk.steps[index].value
        found.extend(Ref(first + index, scale) for scale in scales(unit) if result * scale == value)
    if value in desk.constants or stands_fixed(desk, value, unit):
        found.append(constant(value))
    return tuple(found)


def stands_fixed(desk: Desk, value: Fraction, unit: str) -> bool:
    """Return whether a number of the question that never varies is worth this.

    Calculations may use any reading of it (for `a third`: also 3, 2/3, ...), prose only the plain ones.
    """
    plain = unit not in {"operand", "percent"}
    readings = (t.values[:3] if plain else t.values for t in desk.tokens if t not in desk.sources)
    return any(value in reading for reading in readings)


def scales(unit: str) -> tuple[Fraction, ...]:
    """Return by what a result may be multiplied where a number of this unit shows it."""
    if unit == "percent":
        return (Fraction(1), _HUNDRED)
    return (Fraction(1), 1 / _HUNDRED, _HUNDRED) if unit in {"operand", "cent"} else (Fraction(1),)


def _lines(token: Token) -> list[tuple[Fraction, Fraction]]:
    """Return (scale, offset) of each value a calculation may take from a number of the question."""
    one, zero = Fraction(1), Fraction(0)
    lines = [(one, zero)]
    if token.unit == "percent":
        hundredth = 1 / _HUNDRED
        lines += [(hundredth, zero), (-one, _HUNDRED), (-hundredth, one), (one, _HUNDRED), (hundredth, one)]
    elif token.unit == "cent":
        lines.append((1 / _HUNDRED, zero))
    elif token.unit == "dollar" and token.values[0].denominator > 1:
        lines.append((_HUNDRED, zero))
    return lines


def used_variables(desk: Desk) -> set[int]:
    """Return the variables that a calculation takes directly."""
    sources = (ref.source for step in desk.steps for ref in step.operands)
    return {s for s in sources if s is not None and s < len(desk.variables)}


def probe(desk: Desk, salt: int) -> list[Fraction]:
    """Return all sources with arbitrary values for the free variables.

    Rational functions that agree at two such points are taken as one (Schwartz-Zippel).
    """
    rng = random.Random(salt)
    drawn = [Fraction(rng.randint(10**8, 10**9), 10**4 + 7) for _ in desk.variables]
    variables = [v.value if i in desk.frozen else drawn[i] for i, v in enumerate(desk.variables)]
    try:
        return run_steps(desk.steps, variables)
    except BadExpression:  # nothing can be told apart there: say that all agree with the seed
        return run_steps(desk.steps, [v.value for v in desk.variables])


def around(desk: Desk, position: int) -> str:
    """Return the solution's text around a position, for evidence."""
    text = desk.worked.text
    begin, end = max(0, position - 60), position + 50
    shown = text[begin:end]
    shown = shown.partition(" ")[2] if begin else shown
    shown = shown.rpartition(" ")[0] if end < len(text) else shown
    return " ".join(shown.split())
