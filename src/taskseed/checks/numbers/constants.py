"""Exact multiples of π and of roots, with their units: "2√3 cm", "π/2 radians". Pure and bounded."""

import re
from dataclasses import dataclass
from fractions import Fraction

from taskseed.checks.maths.algebra import Value, approximate, decided, divide, letter, multiply, number, same
from taskseed.checks.maths.formulas import Unreadable, read_formula
from taskseed.checks.numbers.amounts import parse_number
from taskseed.checks.numbers.asking import asks_in
from taskseed.checks.numbers.conversions import Verdict
from taskseed.checks.numbers.sentences import DOUBTFUL
from taskseed.checks.numbers.units import is_measured, measure, read_unit
from taskseed.checks.reading import TAKEN_BACK, spoken, without_explanation

__all__ = ["equal_constants", "nearly"]

_MAX_CHARS = 120
_LABEL = re.compile(r"[A-Za-z]\w{0,12}|[A-Za-z][A-Za-z ]{0,40}")
_STATEMENT = re.compile(r"[A-Za-z][A-Za-z ]{0,60}?\s(?:is|equals|of)\s(?=[\d\\π√-])", re.IGNORECASE)
_CONSTANT = re.compile(r"π|√|∛|pi\b|sqrt|\be\b")
_KNOWN = ("π", "e")
_UNLIKE_A_UNIT = re.compile(r"^[a-z]{1,2}$")  # "2π r" is a product


@dataclass(frozen=True, slots=True)
class _Exact:
    """A constant and its unit."""

    value: Value
    unit: str


def equal_constants(said: str, gold: str, question: str = "") -> Verdict:
    """Compare two constants that need not be rational; `unknown` where one of them is none.

    The gold's unit may be left out only where the question asks in it; degrees and radians convert.
    """
    x, y = _read(said), _read(gold)
    if x is None or y is None:
        return "unknown"
    if not (_CONSTANT.search(said) and (_CONSTANT.search(gold) or parse_number(gold))) and not (
        _CONSTANT.search(gold) and parse_number(said)
    ):
        return "unknown"  # "100 - 28" is a calculation
    a, b = x.value, y.value
    if x.unit != y.unit and x.unit and y.unit:
        scales = _scale(x.unit), _scale(y.unit)
        if scales[0] is None or scales[1] is None or scales[0][1] != scales[1][1]:
            return "unknown"
        a, b = multiply(a, scales[0][0]), multiply(b, scales[1][0])
    elif not x.unit and y.unit and not asks_in(y.unit, question):
        return "unknown"
    if same(a, b):
        return "equal"
    both = _CONSTANT.search(said) and _CONSTANT.search(gold)
    return "different" if both and decided(a, b) and x.unit == y.unit else "unknown"


def nearly(text: str, value: Fraction) -> bool:
    """Say whether a constant as it is written is this decimal, to within half a hundredth of it."""
    read = _read(text)
    if read is None:
        return False
    exact = approximate(read.value)
    return exact is not None and abs(exact - float(value)) <= 0.005 * abs(exact)


def _read(text: str) -> _Exact | None:
    plain = spoken(text)
    if plain is None:
        return None
    plain = without_explanation(plain)
    if len(plain) > _MAX_CHARS or "!" in plain:
        return None
    statement = _STATEMENT.match(plain)
    plain = plain[statement.end() :] if statement and _is_plain(statement[0]) else plain
    *before, plain = [part.strip() for part in plain.split("=")]
    value = _constant(plain)
    if before and not (_LABEL.fullmatch(before[0]) and (value is not None or len(before) == 1)):
        first = _constant(before[0])
        if first is None or value is None or not same(first, value):
            return None  # "2x = 6π"
    if value is not None and any(not same(c, value) for c in map(_constant, before[1:]) if c is not None):
        return None
    plain = (
        plain.replace("°", " °").replace("\\pi", "π").replace("(", " (")
        if "\\" in plain or "°" in plain
        else plain
    )
    value = _constant(plain)
    if value is not None:
        return _Exact(value, "")
    spaces = [m.start() for m in re.finditer(r"\s+", plain)][-6:]
    for at in spaces:
        tail = plain[at:].strip()
        unit = read_unit(tail, attached=False)
        if not unit or (_UNLIKE_A_UNIT.match(tail) and not is_measured(unit)):
            continue
        value = _constant(plain[:at])
        if value is not None:
            return _Exact(value, unit)
    return None


def _is_plain(text: str) -> bool:
    return (DOUBTFUL | TAKEN_BACK).isdisjoint(word.casefold() for word in text.split())


def _constant(text: str) -> Value | None:
    """Return the value of a formula whose letters are all constants."""
    try:
        value = read_formula(text)
    except Unreadable:
        return None
    names = {name for p in (value.above, value.below) for m in p for name, _ in m}
    return value if all(name in _KNOWN or name[0] in "√∛" for name in names) else None


def _scale(unit: str) -> tuple[Value, tuple[tuple[str, int], ...]] | None:
    if unit == "radian":
        return divide(number(180), letter("π")), (("angle", 1),)
    if not is_measured(unit):
        return None
    scale, kind = measure(unit)
    return number(scale), kind
