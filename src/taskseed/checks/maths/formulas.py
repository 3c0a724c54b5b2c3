"""Reading mathematical expressions into exact values. Pure and bounded."""

import math
from fractions import Fraction

from taskseed.checks.maths.algebra import (
    ONE,
    Value,
    add,
    divide,
    letter,
    multiply,
    number,
    power,
    prime_factors,
    terms_of,
    written,
)
from taskseed.checks.maths.functions import applied, logarithm
from taskseed.checks.maths.powers import raised
from taskseed.checks.maths.syntax import Node, parse_formula
from taskseed.checks.maths.tokens import Unreadable

__all__ = ["Unreadable", "evaluate", "read_formula"]

_MAX_WORK = 400  # operations


def read_formula(text: str) -> Value:
    """Return the value of an expression: see `syntax.parse_formula` for what is read.

    :raises Unreadable: if the text is anything else, or too large.
    """
    return evaluate(parse_formula(text))


def evaluate(node: Node) -> Value:
    """Return the value of a tree.

    :raises Unreadable: if it has none, or is too large.
    """
    try:
        return _Evaluation().value(node)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Unreadable(str(error)) from error


class _Evaluation:
    """One evaluation, and how much work it has done."""

    def __init__(self) -> None:
        self.work = 0

    def _worked(self, value: Value) -> Value:
        self.work += 1 + len(value.above) // 10
        if self.work > _MAX_WORK:
            raise Unreadable("too much work")
        return value

    def value(self, node: Node) -> Value:
        """Return the value of a part."""
        if node.kind == "number":
            return number(Fraction(node.text))
        if node.kind == "letter":
            return letter(node.text)
        if node.kind == "power":
            return self._power(node)
        parts = [self.value(part) for part in node.parts]
        if node.kind in ("sum", "product"):
            join = add if node.kind == "sum" else multiply
            value = parts[0]
            for part in parts[1:]:
                value = self._worked(join(value, part))
            return value
        if node.kind == "quotient":
            return self._worked(divide(*parts))
        if node.kind == "mixed":
            return _mixed(*parts)
        if node.kind == "root":
            return self._worked(raised(parts[0], Fraction(1, int(node.text)), real=True))
        return self._worked(_function(node.text, parts))

    def _power(self, node: Node) -> Value:
        base, exponent = (self.value(part) for part in node.parts)
        constant = exponent.constant()
        if constant is not None:
            return self._worked(
                power(base, int(constant)) if constant.denominator == 1 else raised(base, constant)
            )
        return self._worked(_exponential(base, exponent))


def _mixed(whole: Value, part: Value) -> Value:
    constant = part.constant()
    if constant is None or not 0 < constant < 1:
        raise Unreadable("a number before a fraction")
    return add(whole, part)


def _function(name: str, parts: list[Value]) -> Value:
    if name == "factorial":
        return _factorial(parts[0])
    if name == "binom":
        return _binomial(*parts)
    if name == "exp":
        constant = parts[0].constant()
        if constant is None:
            return _exponential(letter("e"), parts[0])
        return (
            power(letter("e"), int(constant)) if constant.denominator == 1 else raised(letter("e"), constant)
        )
    if name in ("ln", "log"):
        return logarithm(name, *parts)
    return applied(name, parts[0])


def _exponential(base: Value, exponent: Value) -> Value:
    """Return a power whose exponent has letters: the product of one power for each of its terms."""
    terms = terms_of(exponent)
    if terms is None or len(terms) > 6:
        return letter(f"pow({written(base)},{written(exponent)})")
    result = ONE
    for monomial, coefficient in terms:
        power_of = _of_term(base, "*".join(f"{n}^{e}" for n, e in monomial), coefficient)
        if power_of is None:
            return letter(f"({written(base)})^({written(exponent)})")
        result = multiply(result, power_of)
    return result


def _of_term(base: Value, term: str, coefficient: Fraction) -> Value | None:
    """Return base^(coefficient·term) as powers of letters, one for each prime of a number; else None."""
    constant = base.constant()
    if not term:
        return raised(base, coefficient)
    if base == letter("e"):
        return raised(letter(f"exp({term})"), coefficient)
    if constant is None or constant <= 0:
        return (
            None
            if len(base.above) != 1 or base.constant() is not None
            else _of_letter(base, term, coefficient)
        )
    result = ONE
    for part, sign in ((constant.numerator, 1), (constant.denominator, -1)):
        for prime, times in prime_factors(part):
            result = multiply(result, raised(letter(f"pow({prime},{term})"), coefficient * times * sign))
    return result


def _of_letter(base: Value, term: str, coefficient: Fraction) -> Value | None:
    """Return x^(2n) as (x^n)²: only of a bare letter, and a whole coefficient."""
    (monomial, c), *rest = base.above.items()
    bare = not rest and c == 1 and len(monomial) == 1 and monomial[0][1] == 1 and base.below == ONE.below
    if not bare or coefficient.denominator != 1:
        return None
    return power(letter(f"({monomial[0][0]})^({term})"), int(coefficient))


def _factorial(value: Value) -> Value:
    n = value.constant()
    if n is None or n.denominator != 1 or not 0 <= n <= 100:
        return letter(f"factorial({written(value)})")
    return number(math.factorial(int(n)))


def _binomial(above: Value, below: Value) -> Value:
    n, k = above.constant(), below.constant()
    if n is None or k is None or n.denominator != 1 or k.denominator != 1 or not (0 <= n <= 200 and k >= 0):
        return letter(f"binom({written(above)},{written(below)})")
    return number(math.comb(int(n), int(k)))
