"""Rational powers in exact algebra: roots of numbers, of letters, and of what stands for itself."""

import math
from fractions import Fraction

from taskseed.checks.maths.algebra import (
    MAX_EXPONENT,
    ONE,
    POSITIVE,
    TooLarge,
    Value,
    divide,
    letter,
    multiply,
    number,
    power,
    prime_factors,
    product_of_powers,
    written,
)

__all__ = ["raised"]

_POSITIVE_NAMES = ("√", "exp(", "pow(")


def raised(a: Value, exponent: Fraction, *, real: bool = False) -> Value:
    """Return a to a rational power: the principal value.

    :param real: of a negative number take the real root, where the degree is odd.
    :raises TooLarge: if a number cannot be factored quickly.
    """
    if exponent.denominator == 1:
        return power(a, int(exponent))
    degree = exponent.denominator
    constant = a.constant()
    if constant == 0 and exponent > 0:
        return number(0)
    if constant is not None and constant < 0:
        if degree == 2:
            return multiply(power(letter("i"), exponent.numerator), raised(number(-constant), exponent))
        if real and degree % 2:
            sign = number(-1 if exponent.numerator % 2 else 1)
            return multiply(sign, raised(number(-constant), exponent))
    if len(a.above) == len(a.below) == 1 and (found := _monomial_raised(a, exponent)) is not None:
        return found
    content = _content(a)
    bare = multiply(a, number(1 / content))
    whole = letter(f"root{degree}({written(bare)})")
    return multiply(raised(number(content), exponent), power(whole, exponent.numerator))


def _content(a: Value) -> Fraction:
    """Return the positive number that can be drawn out of a value."""
    parts = [math.gcd(*(c.numerator for c in p.values())) for p in (a.above, a.below)]
    below = [math.lcm(*(c.denominator for c in p.values())) for p in (a.above, a.below)]
    return Fraction(parts[0] * below[1], below[0] * parts[1])


def _monomial_raised(a: Value, exponent: Fraction) -> Value | None:
    """Return a power of c·x·y²…, where no sign of a letter is lost: √(x²) is no x."""
    (above, c), (below, d) = next(iter(a.above.items())), next(iter(a.below.items()))
    if c / d < 0:
        return None
    powers = dict(above) | {name: -e for name, e in below}
    unknown = [e for name, e in powers.items() if not _is_positive(name)]
    whole = all(Fraction(e).denominator == 1 for e in unknown)
    odd = sum(e % 2 != 0 for e in unknown)
    if exponent.denominator % 2 == 0 and unknown and not (whole and len(unknown) == odd == 1):
        return None
    result = _rational_raised(c / d, exponent)
    for name, e in powers.items():
        result = multiply(result, _letter_raised(name, Fraction(e) * exponent))
    return result


def _is_positive(name: str) -> bool:
    return name in POSITIVE or name.startswith(_POSITIVE_NAMES)


def _letter_raised(name: str, exponent: Fraction) -> Value:
    if abs(exponent) > MAX_EXPONENT:
        raise TooLarge("exponent")
    monomial, factor = product_of_powers(((name, abs(exponent)),), ())
    value = Value({monomial: factor}, {(): Fraction(1)})
    return divide(ONE, value) if exponent < 0 else value


def _rational_raised(value: Fraction, exponent: Fraction) -> Value:
    result = ONE
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, times in prime_factors(part):
            result = multiply(result, _letter_raised(f"√{prime}", times * exponent * sign))
    return result
