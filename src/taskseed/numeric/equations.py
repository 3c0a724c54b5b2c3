"""Equations that stand in prose, such as `20 + $60 = $80`, and the calculator annotations of a solution."""

import re
from dataclasses import dataclass
from fractions import Fraction

from taskseed.numeric.expression import BadExpression, Expression, evaluate, parse, to_fraction

__all__ = ["Equation", "Worked", "false_equations", "prose_equations", "read_solution"]

_ANNOTATION = re.compile(r"<<([^<>]*)>>")
_NUMBER = r"(?:\$ ?)?(?:\d[\d,]{0,19}(?:\.\d{1,9})?|\.\d{1,9})%?"
_OPERATOR = r" ?[-+*/×÷–−xX] ?"
_EQUATION = re.compile(
    r"(?<![\w.$,)\]])(?<![-+*/×÷–−=%] )(?<![-+*/×÷–−=(])"
    rf"\(?({_NUMBER}(?:{_OPERATOR}{_NUMBER}){{1,12}})\)? ?= ?({_NUMBER})"
    r"(?![\w(]| ?[-+*/×÷−] ?[\d($])"
)
_SIGNS = str.maketrans({"×": "*", "÷": "/", "–": "-", "−": "-", "x": "*", "X": "*", "$": None, " ": None})


@dataclass(frozen=True, slots=True)
class Equation:
    """A calculation at a place of the clean solution.

    :param position: where its result is shown; the calculation itself stands before it.
    :param start: where the calculation starts, for a prose equation; else `position`.
    """

    start: int
    position: int
    expression: Expression
    value: Fraction


@dataclass(frozen=True, slots=True)
class Worked:
    """A solution without its annotations and its final line; `problem` names what cannot be read in it."""

    text: str
    equations: tuple[Equation, ...]
    annotated: int
    answer: Fraction
    problem: tuple[str, str] | None = None


def read_solution(solution: str) -> Worked:
    """Take a worked solution (GSM8K's format, arXiv 2110.14168) apart."""
    body, mark, final = solution.rpartition("####")
    try:
        answer = to_fraction(final.strip().lstrip("$").strip()) if mark else None
    except BadExpression:
        answer = None
    if answer is None:
        return Worked("", (), 0, Fraction(0), ("no_final_answer", final.strip()[:80]))
    pieces: list[str] = []
    found: list[Equation] = []
    position, length = 0, 0
    for match in _ANNOTATION.finditer(body):
        piece = body[position : match.start()]
        pieces.append(piece)
        length, position = length + len(piece), match.end()
        problem, equation = _annotation(match.group(1), length)
        if equation is None:
            return Worked("", (), 0, answer, (problem, match.group()[:200]))
        found.append(equation)
    text = "".join([*pieces, body[position:]])
    text = text.rstrip()
    marked = {equation.position for equation in found}
    near = {p + shift for p in marked for shift in range(-2, 2)}
    found.extend(e for e in prose_equations(text) if e.position not in near)
    found.sort(key=lambda e: e.position)
    return Worked(text, tuple(found), len(marked), answer)


def _annotation(text: str, position: int) -> tuple[str, Equation | None]:
    left, equals, right = text.rpartition("=")
    if not equals:
        return "unreadable_annotation", None
    try:
        expression = parse(left)
        sign = -1 if right.strip().startswith("-") else 1
        value = sign * to_fraction(right.strip().lstrip("-+"))
        if evaluate(expression.program, expression.operands) != value:
            return "result_mismatch", None
    except BadExpression:
        return "unreadable_annotation", None
    return "", Equation(position, position, expression, value)


def prose_equations(text: str) -> list[Equation]:
    """Return the purely numeric equations of a text that hold, from left to right.

    A percentage counts either as written or as hundredths, whichever makes the equation hold.
    """
    return [e for e, holds in _judged(text) if holds]


def false_equations(text: str) -> list[str]:
    """Return the purely numeric equations of a text that do not hold."""
    return [text[e.start : e.position + 20] for e, holds in _judged(text) if not holds]


def _judged(text: str) -> list[tuple[Equation, bool]]:
    found = []
    for match in _EQUATION.finditer(text):
        left, right = match.group(1), match.group(2)
        readings = [_reading(left, right, percent) for percent in ("", "/100")]
        read = [r for r in readings if r is not None]
        if not read:
            continue
        held = [r for r in read if _value_of(r[0]) == r[1]]
        expression, value = (held or read)[0]
        plain = "%" not in left + right
        if held and not plain and readings[0] not in held:
            continue  # true with hundredths: nothing to complain about, but no step of its own
        position = match.start(2) + len(right) - len(right.lstrip("$ "))
        found.append((Equation(match.start(1), position, expression, value), bool(held)))
    return found


def _reading(left: str, right: str, percent: str) -> tuple[Expression, Fraction] | None:
    try:
        plain = left.translate(_SIGNS)
        plain = re.sub(r"([\d.,]{1,30})%", rf"(\1{percent})", plain)
        number = right.translate(_SIGNS)
        value = to_fraction(number.rstrip("%,")) / (100 if percent and number.endswith("%") else 1)
        return parse(plain), value
    except BadExpression:
        return None


def _value_of(expression: Expression) -> Fraction | None:
    """Return an expression's value, or None where it divides by zero."""
    try:
        return evaluate(expression.program, expression.operands)
    except BadExpression:
        return None
