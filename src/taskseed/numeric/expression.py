"""Arithmetic of calculator annotations: a tiny parser to postfix, and exact evaluation. No `eval`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["BadExpression", "Expression", "evaluate", "parse", "to_fraction"]

_MAX_LENGTH = 200
_MAX_DIGITS = 15
_LEXEME = re.compile(r"\s*(?:(\d[\d,]*(?:\.\d*)?|\.\d+)|([-+*/()]))")
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}


class BadExpression(ValueError):
    """The text is not a plain arithmetic expression, or it divides by zero."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A postfix program; an `int` item is an index into `operands`, a `str` item an operator.

    :param operands: the numbers in the order they are written.
    """

    program: tuple[int | str, ...]
    operands: tuple[Fraction, ...]


def to_fraction(text: str) -> Fraction:
    """Return the exact value of a decimal number such as `1,200`, `2.5` or `.05`.

    :raises BadExpression: the text is no such number, or has more than 15 digits.
    """
    plain = text.replace(",", "")
    if sum(c.isdigit() for c in plain) > _MAX_DIGITS or not re.fullmatch(r"\d+\.?\d*|\.\d+", plain, re.ASCII):
        raise BadExpression(text[:80])
    return Fraction(plain)


def parse(text: str) -> Expression:
    """Parse `+ - * /`, brackets and a leading minus (shunting-yard; Dijkstra, 1961).

    :raises BadExpression: anything else, or more than 200 characters.
    """
    if len(text) > _MAX_LENGTH:
        raise BadExpression(text[:80])
    output: list[int | str] = []
    stack: list[str] = []
    operands: list[Fraction] = []
    wants_operand = True
    for lexeme in _lexemes(text):
        if lexeme not in "+-*/()":
            if not wants_operand:
                raise BadExpression(text)
            output.append(len(operands))
            operands.append(to_fraction(lexeme))
            wants_operand = False
        elif lexeme == "(" or (wants_operand and lexeme in "+-"):
            if not wants_operand:
                raise BadExpression(text)
            stack.append({"(": "(", "-": "neg", "+": "pos"}[lexeme])
        elif wants_operand:
            raise BadExpression(text)
        elif lexeme == ")":
            _close(output, stack, text)
        else:
            _reduce(output, stack, _PRECEDENCE[lexeme])
            stack.append(lexeme)
            wants_operand = True
    _reduce(output, stack, 0)
    if wants_operand or stack:
        raise BadExpression(text)
    return Expression(tuple(output), tuple(operands))


def _lexemes(text: str) -> list[str]:
    found: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _LEXEME.match(text, position)
        if match is None:
            raise BadExpression(text)
        found.append(match.group(1) or match.group(2))
        position = match.end()
    return found


def _reduce(output: list[int | str], stack: list[str], precedence: int) -> None:
    """Move operators that bind at least as tightly from the stack to the output."""
    while stack and stack[-1] != "(":
        if _PRECEDENCE.get(stack[-1], 3) < precedence:
            break
        operator = stack.pop()
        if operator != "pos":
            output.append(operator)


def _close(output: list[int | str], stack: list[str], text: str) -> None:
    _reduce(output, stack, 0)
    if not stack:
        raise BadExpression(text)
    stack.pop()


def evaluate(program: Sequence[int | str], operands: Sequence[Fraction]) -> Fraction:
    """Return the exact value of a postfix program with these operands.

    :raises BadExpression: a division by zero.
    """
    stack: list[Fraction] = []
    for item in program:
        if isinstance(item, int):
            stack.append(operands[item])
        elif item == "neg":
            stack.append(-stack.pop())
        else:
            right = stack.pop()
            stack.append(_apply(item, stack.pop(), right))
    return stack[0]


def _apply(operator: str, left: Fraction, right: Fraction) -> Fraction:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        raise BadExpression("division by zero")
    return left / right
