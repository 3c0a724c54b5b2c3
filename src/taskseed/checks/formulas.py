"""Reading mathematical expressions, in LaTeX or typed plainly, into exact values. Pure and bounded."""

import math
import re
from fractions import Fraction

from taskseed.checks.algebra import (
    ONE,
    Value,
    add,
    divide,
    letter,
    multiply,
    number,
    power,
    root,
    written,
)
from taskseed.checks.reading import word_list

__all__ = ["Unreadable", "read_formula"]

_MAX_CHARS = 500
_MAX_DEPTH = 40
_MAX_WORK = 400  # operations
_FUNCTIONS = frozenset(
    word_list("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp sqrt abs")
)
_GREEK = frozenset(
    word_list(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
        "chi psi omega varphi vartheta varepsilon Gamma Delta Theta Lambda Sigma Phi Psi Omega"
    )
)
_SIGNS = {
    "\\cdot": "*", "\\times": "*", "×": "*", "·": "*", "∙": "*", "\\div": "/", "÷": "/", "**": "^",
    "\\pi": "π", "pi": "π",
    "−": "-", "\\infty": "∞", "infinity": "∞", "inf": "∞", "oo": "∞", "\\ast": "*", "\\lbrace": "{",
    "\\rbrace": "}",
}  # fmt: skip
_GREEK_SIGNS = dict(zip("αβγδεζηθικλμνξρστφχψω", (
    word_list(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
        "chi psi omega"
    )
), strict=True))  # fmt: skip
_DROPPED = re.compile(
    r"\\(?:left|right|displaystyle|limits|bigg?[lr]?|Bigg?[lr]?|,|;|!|:|quad|qquad| )(?![a-zA-Z])|[$~]"
)
_WRAPPED = re.compile(r"\\(?:text|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]{1,20})\}")
_SIGN = re.compile(
    r"\s*(\\[a-zA-Z]+|\d{1,40}(?:\.\d{1,40})?|\.\d{1,40}|\*\*|[a-zA-Z]+|[α-ωπ∞√+\-*/^!(){}\[\]|_×·÷−∙,]|\S)"
)
_UNITS = frozenset(word_list("cm mm km kg mg ml ft lb lbs oz hr min sec mph mi yd in rad deg"))


class Unreadable(ValueError):
    """A text is no expression that is surely read."""


def read_formula(text: str) -> Value:
    """Return the value of an expression.

    Reads numbers, letters, Greek, + - * / ^ !, juxtaposition, fractions, roots, functions. "1/2x" may be read
    in two ways and is not read; nor is a word, a unit or a percentage.

    :raises Unreadable: if the text is anything else, or too large.
    """
    if len(text) > _MAX_CHARS:
        raise Unreadable("too long")
    try:
        reader = _Reader(_tokens(text))
        value = reader.sum()
        if reader.peek():
            raise Unreadable(f"unexpected {reader.peek()}")
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    return value


def _tokens(text: str) -> list[str]:
    if text.lstrip().startswith("~"):
        raise Unreadable("about")
    text = (
        _WRAPPED.sub(r" \1 ", _DROPPED.sub(" ", text))
        .replace("{,}", "")
        .replace("\\{", "(")
        .replace("\\}", ")")
    )
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    out: list[str] = []
    for sign in _SIGN.findall(text):
        sign = _SIGNS.get(sign, sign)
        name = sign.lstrip("\\")
        if sign in _GREEK_SIGNS:
            out.append(_GREEK_SIGNS[sign])
        elif name in _FUNCTIONS or name in _GREEK or name in ("frac", "dfrac", "tfrac", "cfrac"):
            out.append("frac" if name.endswith("frac") else name)
        elif sign.startswith("\\"):
            raise Unreadable(sign)
        elif sign.isalpha() and sign.isascii():
            out.extend(_letters(sign))
        else:
            out.append(sign)
    return out


def _letters(run: str) -> list[str]:
    """Split letters that stand together into factors; longer words, and units, are no expression."""
    for name in sorted(_FUNCTIONS | {"pi"}, key=len, reverse=True):
        at = run.find(name)
        if at >= 0 and len(run) - len(name) <= 2:
            middle = ["π"] if name == "pi" else [name]
            return [*run[:at], *middle, *run[at + len(name) :]]
    if len(run) > 3 or run in _UNITS:
        raise Unreadable(run)
    return list(run)


class _Reader:
    """A recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.work = 0

    def peek(self) -> str:
        """Return the next sign, or nothing."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, expected: str | None = None) -> str:
        sign = self.peek()
        if not sign or (expected is not None and sign != expected):
            raise Unreadable(f"expected {expected}, found {sign}")
        self.at += 1
        return sign

    def _worked(self, value: Value) -> Value:
        self.work += 1 + len(value.above) // 10
        if self.work > _MAX_WORK:
            raise Unreadable("too much work")
        return value

    def sum(self) -> Value:
        """Read terms joined by + and -."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Unreadable("nested too deeply")
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self._take() == "-"
        value = self._product()
        if negative:
            value = multiply(number(-1), value)
        while self.peek() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            value = self._worked(add(value, self._product(), sign))
        self.depth -= 1
        return value

    def _product(self) -> Value:
        value = self._power()
        divided = False
        while True:
            sign = self.peek()
            if sign in ("*", "/"):
                self._take()
                factor = self._signed()
                divided = sign == "/"
                value = divide(value, factor) if divided else multiply(value, factor)
            elif self._starts_factor(sign):
                if divided:
                    raise Unreadable("1/2x may be read in two ways")
                if sign[0].isdigit() or sign[0] == ".":
                    raise Unreadable("two numbers side by side")
                value = multiply(value, self._power())
            else:
                return value
            self._worked(value)

    def _starts_factor(self, sign: str) -> bool:
        return bool(sign) and (sign[0].isalnum() or sign in ("(", "{", "√", "π", "∞", "[") or sign[0] == ".")

    def _signed(self) -> Value:
        if self.peek() == "-":
            self._take()
            return multiply(number(-1), self._power())
        return self._power()

    def _power(self) -> Value:
        mixed = (
            self.peek().isdigit() and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == "frac"
        )
        value, name = self._atom()
        if mixed:
            part = self._power()
            constant = part.constant()
            if constant is None or not 0 < constant < 1:
                raise Unreadable("a number before a fraction")
            return add(value, part)
        while self.peek() == "!":
            self._take()
            value, name = _factorial(value), ""
        if self.peek() != "^":
            return value
        self._take()
        return self._raised(value, name, self._exponent())

    def _exponent(self) -> Value:
        if self.peek() in ("{", "("):
            exponent, _ = self._atom()
        else:
            exponent = self._signed_atom()
        if self.peek() == "^":
            self._take()
            exponent = self._raised(exponent, "", self._exponent())
        return exponent

    def _signed_atom(self) -> Value:
        if self.peek() == "-":
            self._take()
            return multiply(number(-1), self._atom()[0])
        return self._atom()[0]

    def _raised(self, base: Value, name: str, exponent: Value) -> Value:
        constant = exponent.constant()
        whole = exponent.above.get((), Fraction(0)) if exponent.below == ONE.below else Fraction(0)
        if constant is None and whole and whole.denominator == 1:  # 2^(n+1) is 2·2^n
            rest = self._raised(base, name, add(exponent, number(whole), -1))
            return multiply(self._worked(power(base, int(whole))), rest)
        if constant is None:
            return letter(
                f"exp({written(exponent)})" if name == "e" else f"({written(base)})^({written(exponent)})"
            )
        if constant.denominator == 1:
            return self._worked(power(base, int(constant)))
        if constant.denominator in (2, 3):
            return power(root(base, constant.denominator), constant.numerator)
        return letter(f"({written(base)})^({constant})")

    def _atom(self) -> tuple[Value, str]:
        sign = self._take()
        if sign[0].isdigit() or sign[0] == ".":
            return number(Fraction(sign)), ""
        if sign in ("(", "{", "["):
            value = self.sum()
            self._take({"(": ")", "{": "}", "[": "]"}[sign])
            return value, ""
        if sign == "frac":
            above = self._argument()
            return divide(above, self._argument()), ""
        if sign in ("sqrt", "√"):
            return self._root(), ""
        if sign in _FUNCTIONS:
            return self._function(sign), ""
        if sign in _GREEK or (len(sign) == 1 and (sign.isalpha() or sign in "π∞")):
            name = sign + self._subscript()
            return letter(name if len(sign) == 1 else f"{sign[0]}_{name}"), name
        raise Unreadable(f"unexpected {sign}")

    def _subscript(self) -> str:
        if self.peek() != "_":
            return ""
        self._take()
        if self.peek() != "{":
            return f"_{self._take()}"
        self._take()
        parts = []
        while self.peek() != "}":
            parts.append(self._take())
        self._take("}")
        return f"_{''.join(parts)}"

    def _argument(self) -> Value:
        """Read what stands behind `\\frac`: a group or a single sign."""
        sign = self.peek()
        if sign in ("{", "("):
            return self._atom()[0]
        if sign.isdigit() and len(sign) > 1:  # \frac12
            self.tokens[self.at : self.at + 1] = list(sign)
        return self._atom()[0]

    def _root(self) -> Value:
        degree = 2
        if self.peek() == "[":
            value = self._atom()[0].constant()
            degree = int(value) if value is not None and value.denominator == 1 else 0
        argument = self._atom()[0]
        if degree < 2:
            raise Unreadable("a root of no whole degree")
        return root(argument, degree)

    def _function(self, name: str) -> Value:
        base = ""
        if self.peek() == "_":
            base = self._subscript()
        exponent = None
        if self.peek() == "^":
            self._take()
            exponent = self._exponent()
            if exponent.constant() == -1:
                raise Unreadable("an inverse or a reciprocal")
        if self.peek() in ("(", "{", "["):
            argument = self._atom()[0]
        else:
            argument = self._power()
            while self._starts_factor(self.peek()) and self.peek() not in _FUNCTIONS and self.peek() != "(":
                argument = multiply(argument, self._power())
        value = _applied(name, base, argument)
        return value if exponent is None else self._raised(value, "", exponent)


def _factorial(value: Value) -> Value:
    n = value.constant()
    if n is None or n.denominator != 1 or not 0 <= n <= 100:
        return letter(f"factorial({written(value)})")
    return number(math.factorial(int(n)))


def _applied(name: str, base: str, argument: Value) -> Value:
    constant = argument.constant()
    if name == "exp" and constant != 0:
        whole = constant is not None and constant.denominator == 1 and abs(constant) < 50
        return power(letter("e"), int(constant or 0)) if whole else letter(f"exp({written(argument)})")
    if constant == 0 and name in ("sin", "tan", "exp", "abs", "arcsin", "arctan", "sinh", "tanh"):
        return ONE if name == "exp" else number(0)
    if (name == "cos" and constant == 0) or (name == "ln" and argument == letter("e")):
        return ONE
    if name in ("ln", "log") and constant == 1:
        return number(0)
    if name == "log" and base and constant is not None:
        exact = _logarithm(base.lstrip("_"), constant)
        if exact is not None:
            return number(exact)
    if name == "abs" and constant is not None:
        return number(abs(constant))
    return letter(f"{name}{base}({written(argument)})")


def _logarithm(base: str, argument: Fraction) -> int | None:
    if not base.isdigit() or not 2 <= int(base) <= 10_000 or argument <= 0:
        return None
    for exponent in range(-64, 65):
        if Fraction(int(base)) ** exponent == argument:
            return exponent
    return None
