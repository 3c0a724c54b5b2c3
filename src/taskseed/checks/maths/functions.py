"""Sines, logarithms and absolute values in exact algebra. What has no exact value is a letter of its own."""

from fractions import Fraction

from taskseed.checks.maths.algebra import (
    ONE,
    POSITIVE,
    Monomial,
    Value,
    add,
    divide,
    leads_negative,
    letter,
    multiply,
    number,
    prime_factors,
    terms_of,
    written,
)
from taskseed.checks.maths.powers import raised

__all__ = ["applied", "logarithm"]

_MAX_TERMS = 3  # of an angle
_MAX_MULTIPLE = 6
_HALF = Fraction(1, 2)

Sines = tuple[Value, Value]  # the sine and the cosine of one angle


def applied(name: str, argument: Value) -> Value:
    """Return the value of a function of one argument.

    :raises ZeroDivisionError: where it is not defined.
    """
    if name == "abs":
        return _absolute(argument)
    if name in ("sin", "cos", "tan", "cot", "sec", "csc"):
        sine, cosine = _sines(argument)
        return {
            "sin": lambda: sine,
            "cos": lambda: cosine,
            "tan": lambda: divide(sine, cosine),
            "cot": lambda: divide(cosine, sine),
            "sec": lambda: divide(ONE, cosine),
            "csc": lambda: divide(ONE, sine),
        }[name]()
    if argument.constant() == 0 and name in ("arcsin", "arctan", "sinh", "tanh"):
        return number(0)
    return letter(f"{name}({written(argument)})")


def _absolute(argument: Value) -> Value:
    constant = argument.constant()
    if constant is not None:
        return number(abs(constant))
    if leads_negative(argument) != leads_negative(Value(argument.below, argument.below)):
        argument = multiply(number(-1), argument)
    return letter(f"abs({written(argument)})")


def _sines(angle: Value) -> Sines:
    terms = terms_of(angle)
    if terms is None or len(terms) > _MAX_TERMS:
        return _whole(angle)
    result: Sines = (number(0), ONE)
    for monomial, coefficient in terms:
        result = _of_sum(result, _of_term(*_in_radians(monomial, coefficient)))
    return result


def _in_radians(monomial: Monomial, coefficient: Fraction) -> tuple[Monomial, Fraction]:
    powers = dict(monomial)
    if powers.get("°") != 1:
        return monomial, coefficient
    del powers["°"]
    powers["π"] = powers.get("π", 0) + 1
    return tuple(sorted(powers.items())), coefficient / 180


def _of_term(monomial: Monomial, coefficient: Fraction) -> Sines:
    if monomial == (("π", 1),):
        turns = coefficient % 2
        if (turns * 12).denominator == 1:
            return _of_twelfths(int(turns * 12))
    multiple = abs(coefficient.numerator)
    unit = Value({monomial: Fraction(1, coefficient.denominator)}, ONE.below)
    if multiple > _MAX_MULTIPLE:
        unit, multiple = multiply(unit, number(multiple)), 1
    one = _whole(unit)
    result: Sines = (number(0), ONE)
    for _ in range(multiple):
        result = _of_sum(result, one)
    return (multiply(number(-1), result[0]), result[1]) if coefficient < 0 else result


def _whole(angle: Value) -> Sines:
    flipped = leads_negative(angle)
    text = written(multiply(number(-1), angle) if flipped else angle)
    sine = letter(f"sin({text})")
    return (multiply(number(-1), sine) if flipped else sine), letter(f"cos({text})")


def _of_sum(a: Sines, b: Sines) -> Sines:
    return (
        add(multiply(a[0], b[1]), multiply(a[1], b[0])),
        add(multiply(a[1], b[1]), multiply(a[0], b[0]), -1),
    )


def _of_twelfths(n: int) -> Sines:
    """Return the sine and cosine of n·π/12."""
    root2, root3, root6 = (raised(number(r), _HALF) for r in (2, 3, 6))
    quarter = number(Fraction(1, 4))
    first = (
        number(0),
        multiply(quarter, add(root6, root2, -1)),
        number(_HALF),
        multiply(number(_HALF), root2),
        multiply(number(_HALF), root3),
        multiply(quarter, add(root6, root2)),
        ONE,
    )

    def sine(at: int) -> Value:
        at %= 24
        value = first[at % 12 if at % 12 <= 6 else 12 - at % 12]
        return multiply(number(-1), value) if at > 12 else value

    return sine(n), sine(n + 6)


def logarithm(name: str, argument: Value, base: Value | None = None) -> Value:
    """Return a logarithm as logarithms of primes; of a `log` without a base nobody knows the base.

    :raises ZeroDivisionError: if the base is 1.
    """
    value = _natural(argument)
    if base is not None:
        return divide(value, _natural(base))
    return value if name == "ln" else divide(value, letter("ln(base)"))


def _natural(argument: Value) -> Value:
    """Return ln of a positive number as a sum; ln(x²) of a variable is not 2·ln(x)."""
    if len(argument.above) != 1 or len(argument.below) != 1:
        return letter(f"ln({written(argument)})")
    (above, c), (below, d) = next(iter(argument.above.items())), next(iter(argument.below.items()))
    powers = dict(above) | {name: -e for name, e in below}
    if c / d <= 0 or any(not (n in POSITIVE or n[0] == "√" or n.startswith("exp(")) for n in powers):
        return letter(f"ln({written(argument)})")
    value = number(0)
    for part, sign in (((c / d).numerator, 1), ((c / d).denominator, -1)):
        for prime, times in prime_factors(part):
            value = add(value, multiply(number(times * sign), letter(f"ln({prime})")))
    for name, e in powers.items():
        one = ONE if name == "e" else letter(f"ln({name[1:] if name[0] == '√' else name})")
        value = add(value, multiply(number(Fraction(e)), one))
    return value
