"""Exact algebra of small expressions: quotients of polynomials over the rationals.

A value is a pair of polynomials. The letters of a polynomial are variables, primes under a root ("√2" to a
power between 0 and 1), `π`, and, as they stand, what else was written ("sin(...)"). Two values are the same
where `a·d - b·c` vanishes, once `sin²` is `1 - cos²`. Everything is bounded: terms, exponents and digits
beyond the limits make a text unreadable.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "MAX_EXPONENT",
    "ONE",
    "POSITIVE",
    "Monomial",
    "TooLarge",
    "Value",
    "add",
    "approximate",
    "decided",
    "divide",
    "leads_negative",
    "letter",
    "multiply",
    "number",
    "power",
    "prime_factors",
    "product_of_powers",
    "same",
    "terms_of",
    "written",
]

_MAX_TERMS = 300
MAX_EXPONENT = 60
_MAX_NAME = 500
_MAX_BITS = 2_000
_MAX_RADICAND = 10**8

POSITIVE = ("e", "π")  # letters that are numbers above zero

Monomial = tuple[tuple[str, int | Fraction], ...]
Polynomial = dict[Monomial, Fraction]


class TooLarge(ValueError):
    """An expression has more terms, higher powers or longer numbers than are computed here."""


@dataclass(frozen=True, slots=True)
class Value:
    """A quotient of two polynomials; the lower one is not zero."""

    above: Polynomial
    below: Polynomial

    def constant(self) -> Fraction | None:
        """Return the number that this is, if it is rational."""
        above, below = (_constant(p) for p in (self.above, self.below))
        return None if above is None or below is None else above / below


def _constant(p: Polynomial) -> Fraction | None:
    if not p:
        return Fraction(0)
    return p[()] if set(p) == {()} else None


def number(value: Fraction | int) -> Value:
    """Return a rational number as a value."""
    value = Fraction(value)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise TooLarge("digits")
    return Value({(): value} if value else {}, {(): Fraction(1)})


def letter(name: str) -> Value:
    """Return a variable, or anything else that stands for itself.

    :raises TooLarge: if its text is long: what nests such letters would grow without end.
    """
    if len(name) > _MAX_NAME:
        raise TooLarge("nested too deeply")
    return Value({((name, 1),): Fraction(1)}, {(): Fraction(1)})


ONE = number(1)


def add(a: Value, b: Value, sign: int = 1) -> Value:
    """Return a + sign·b."""
    if a.below == b.below:
        return _value(_sum(a.above, b.above, sign), a.below)
    return _value(_sum(_times(a.above, b.below), _times(b.above, a.below), sign), _times(a.below, b.below))


def multiply(a: Value, b: Value) -> Value:
    """Return a·b."""
    return _value(_times(a.above, b.above), _times(a.below, b.below))


def divide(a: Value, b: Value) -> Value:
    """Return a/b.

    :raises ZeroDivisionError: if b is zero.
    """
    if not b.above:
        raise ZeroDivisionError("division by zero")
    return _value(_times(a.above, b.below), _times(a.below, b.above))


def power(a: Value, exponent: int) -> Value:
    """Return a to a whole power."""
    if abs(exponent) > MAX_EXPONENT:
        base = a.constant()
        if (
            base is None
            or abs(exponent) * max(base.numerator.bit_length(), base.denominator.bit_length()) > _MAX_BITS
        ):
            raise TooLarge("exponent")
        return number(base**exponent)
    result = ONE
    for _ in range(abs(exponent)):
        result = multiply(result, a)
    return divide(ONE, result) if exponent < 0 else result


def prime_factors(n: int) -> list[tuple[int, int]]:
    """Return the primes of a positive number, each with how often it is in it.

    :raises TooLarge: if that would take long.
    """
    if n > _MAX_RADICAND:
        raise TooLarge("radicand")
    found: list[tuple[int, int]] = []
    prime = 2
    while prime * prime <= n:
        times = 0
        while n % prime == 0:
            n, times = n // prime, times + 1
        if times:
            found.append((prime, times))
        prime += 1
    return [*found, (n, 1)] if n > 1 else found


def terms_of(a: Value) -> list[tuple[Monomial, Fraction]] | None:
    """Return the terms of a polynomial, or None where there is something below the line."""
    below = _constant(a.below)
    return None if below is None else [(m, c / below) for m, c in sorted(a.above.items(), key=str)]


def leads_negative(a: Value) -> bool:
    """Say of a value, so that just one of it and its negative says so, whether its first term is negative."""
    return bool(a.above) and a.above[max(a.above, key=str)] < 0


def approximate(a: Value) -> float | None:
    """Return about what a constant is; None where there are letters of no known value, or it is too large."""
    try:
        above, below = (
            math.fsum(float(c) * math.prod(_about(n) ** float(e) for n, e in m) for m, c in p.items())
            for p in (a.above, a.below)
        )
        return above / below
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def _about(name: str) -> float:
    if name[0] in "√" and name[1:].isdigit():
        return float(name[1:])
    if name.startswith("ln(") and name[3:-1].isdigit():
        return math.log(int(name[3:-1]))
    if name in POSITIVE:
        return math.e if name == "e" else math.pi
    raise ValueError(name)


def same(a: Value, b: Value) -> bool:
    """Say whether two values are identical as quotients."""
    return not _without_squared_sines(_sum(_times(a.above, b.below), _times(b.above, a.below), -1))


def _without_squared_sines(p: Polynomial) -> Polynomial:
    """Write 1 - cos² for each sin²."""
    out: Polynomial = {}
    for m, c in p.items():
        part: Polynomial = {(): c}
        for name, e in m:
            pairs, rest = divmod(e, 2) if name.startswith("sin(") and e > 1 else (0, e)
            for _ in range(int(pairs)):
                cosine = "cos" + name[3:]
                part = _times(part, {(): Fraction(1), ((cosine, 2),): Fraction(-1)})
            part = _times(part, {((name, rest),) if rest else (): Fraction(1)})
        out = _sum(out, part, 1)
    return out


def decided(*values: Value) -> bool:
    """Say whether values that are not the same are surely different.

    Variables, π and the roots of primes satisfy no equation between them; of `e` beside π, `i`, degrees,
    sines and other roots nobody knows, or this module does not.
    """
    letters = {name for v in values for p in (v.above, v.below) for m in p for name, _ in m}
    return all(
        (len(n) == 1 and n not in "ei°∞") or n[0] == "√" or (n[0].isalpha() and n[1:2] == "_")
        for n in letters
    )


def written(a: Value) -> str:
    """Return the one text of a value, as far as its quotient was not reduced."""
    return f"{_text(a.above)}/{_text(a.below)}"


def _text(p: Polynomial) -> str:
    return "+".join(f"{c}" + "".join(f"*{n}^{e}" for n, e in m) for m, c in sorted(p.items(), key=str))


def _value(above: Polynomial, below: Polynomial) -> Value:
    """Return a quotient whose lower polynomial begins with 1, so that equal ones look alike more often."""
    lead = below[max(below, key=str)]
    if lead != 1:
        above = {m: c / lead for m, c in above.items()}
        below = {m: c / lead for m, c in below.items()}
    common = _common(above, below)
    if common:
        above, below = ({_less(m, common): c for m, c in p.items()} for p in (above, below))
    return Value(above, below)


def _common(above: Polynomial, below: Polynomial) -> Monomial:
    """Return the letters that all terms of both polynomials share."""
    monomials = [dict(m) for p in (above, below) for m in p]
    if not above or () in above or () in below:
        return ()
    names = set.intersection(*(set(m) for m in monomials))
    return tuple((n, min(m[n] for m in monomials)) for n in sorted(names))


def _less(m: Monomial, common: Monomial) -> Monomial:
    taken = dict(common)
    return tuple((n, e - taken.get(n, 0)) for n, e in m if e > taken.get(n, 0))


def _sum(a: Polynomial, b: Polynomial, sign: int) -> Polynomial:
    out = dict(a)
    for m, c in b.items():
        total = out.get(m, Fraction(0)) + sign * c
        if total:
            out[m] = total
        else:
            out.pop(m, None)
    return _bounded(out)


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > _MAX_TERMS * 20:
        raise TooLarge("terms")
    out: Polynomial = {}
    for m, c in a.items():
        for n, d in b.items():
            monomial, factor = product_of_powers(m, n)
            total = out.get(monomial, Fraction(0)) + c * d * factor
            if total:
                out[monomial] = total
            else:
                out.pop(monomial, None)
    return _bounded(out)


def product_of_powers(m: Monomial, n: Monomial) -> tuple[Monomial, Fraction]:
    """Return the product of two products of powers, and the number that comes out of its roots."""
    powers = dict(m)
    for name, exponent in n:
        powers[name] = powers.get(name, 0) + exponent
    factor = Fraction(1)
    for name in powers:
        if name[0] == "√" and powers[name] >= 1:
            whole, powers[name] = divmod(powers[name], 1)
            factor *= Fraction(int(name[1:])) ** int(whole)
        if powers[name] > MAX_EXPONENT:
            raise TooLarge("exponent")
    whole_ones = {k: int(v) if v.denominator == 1 else v for k, v in powers.items() if v}
    return tuple(sorted(whole_ones.items())), factor


def _bounded(p: Polynomial) -> Polynomial:
    if len(p) > _MAX_TERMS:
        raise TooLarge("terms")
    if any(max(c.numerator.bit_length(), c.denominator.bit_length()) > _MAX_BITS for c in p.values()):
        raise TooLarge("digits")
    return p
