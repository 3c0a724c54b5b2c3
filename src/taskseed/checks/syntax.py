"""The syntax of mathematical expressions, in LaTeX or typed plainly: from text to a tree. Pure and bounded."""

import re
from dataclasses import dataclass

from taskseed.checks.reading import word_list

__all__ = ["FUNCTIONS", "Ambiguous", "Node", "Unreadable", "parse_formula"]

_MAX_CHARS = 500
_MAX_DEPTH = 40
FUNCTIONS = frozenset(
    word_list(
        "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh ln log exp sqrt cbrt abs"
    )
)
_INVERSE = {name: f"arc{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")}
_GREEK = frozenset(
    word_list(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
        "chi psi omega varphi vartheta varepsilon Gamma Delta Theta Lambda Sigma Phi Psi Omega"
    )
)
_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
_BINOMIALS = ("binom", "dbinom", "tbinom")
_SIGNS = {
    "\\cdot": "*", "\\times": "*", "×": "*", "·": "*", "∙": "*", "⋅": "*", "∗": "*", "\\div": "/", "÷": "/",
    "**": "^", "\\pi": "π", "pi": "π", "−": "-", "\\infty": "∞", "infinity": "∞", "inf": "∞", "oo": "∞",
    "\\ast": "*", "\\lbrace": "{", "\\rbrace": "}", "\\lvert": "|", "\\rvert": "|", "\\vert": "|", "∛": "cbrt",
    "⟨": "(", "⟩": ")", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉",
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
_DEGREE = re.compile(r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![a-zA-Z]))|\\degree(?![a-zA-Z])|º")
_SIGN = re.compile(
    r"\s*(\\[a-zA-Z]+|\d{1,40}(?:\.\d{1,40})?|\.\d{1,40}|\*\*|[a-zA-Z]+|[α-ωπ∞√∛°+\-*/^!(){}\[\]|_×·÷−∙,]|\S)"
)
_UNITS = frozenset(word_list("cm mm km kg mg ml ft lb lbs oz hr min sec mph mi yd in rad deg"))
_REPEATING = re.compile(r"(\d{0,20})\.(\d{0,20})\\(?:overline|bar)\s?\{(\d{1,20})\}")

_APPLIED = frozenset("fgFGP")  # before a bracket these are functions: f(x+1) is not f(x) + f(1)


class Unreadable(ValueError):
    """A text is no expression that is surely read."""


class Ambiguous(Unreadable):
    """A text is an expression that is read in two ways."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression.

    :param kind: `number`, `letter`, `sum`, `product`, `quotient`, `power`, `root`, `function`, `mixed`.
    :param text: a number as it was written, a letter, a function's name, a root's degree.
    :param parts: what it is made of; of a function its argument, then what stands below a `log`.
    """

    kind: str
    text: str = ""
    parts: tuple["Node", ...] = ()


def parse_formula(text: str) -> Node:
    """Return the tree of an expression.

    Reads numbers, letters, Greek, + - * / ^ !, juxtaposition, fractions, roots, functions, degrees. "1/2x" and
    "√3x" may be read in two ways and are not read; nor is a word, a unit or a percentage.

    :raises Unreadable: if the text is anything else, or too large.
    """
    if len(text) > _MAX_CHARS:
        raise Unreadable("too long")
    try:
        reader = _Reader(_tokens(text))
        node = reader.sum()
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    if reader.peek():
        raise Unreadable(f"unexpected {reader.peek()}")
    return node


def _tokens(text: str) -> list[str]:
    if text.lstrip().startswith("~"):
        raise Unreadable("about")
    text = _REPEATING.sub(_repeating, _DEGREE.sub("°", text))
    text = (
        _WRAPPED.sub(r" \1 ", _DROPPED.sub(" ", text))
        .replace("{,}", "")
        .replace("\\{", "(")
        .replace("\\}", ")")
        .replace("\\|", "|")
    )
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    # "√3/2 i" is the usual way to type a complex number; without the space it may be 2i below the line.
    text = re.sub(r"((?:√|sqrt)\s?\(?\d{1,9}\)?\s?/\s?\d{1,9})\s{1,3}i(?![a-zA-Z])", r"(\1)i", text)
    out: list[str] = []
    for sign in _SIGN.findall(text):
        sign = _SIGNS.get(sign, sign)
        name = sign.lstrip("\\")
        if sign in _GREEK_SIGNS:
            out.append(_GREEK_SIGNS[sign])
        elif name in FUNCTIONS or name in _GREEK or name in (*_FRACTIONS, *_BINOMIALS):
            out.append("frac" if name.endswith("frac") else "binom" if name in _BINOMIALS else name)
        elif sign.startswith("\\"):
            raise Unreadable(sign)
        elif sign.isalpha() and sign.isascii():
            out.extend(_letters(sign))
        else:
            out.append(sign)
    return out


def _repeating(m: re.Match[str]) -> str:
    whole, fixed, period = m[1] or "0", m[2], m[3]
    below = (10 ** len(period) - 1) * 10 ** len(fixed)
    above = int(whole + fixed) * (10 ** len(period) - 1) + int(period)
    return f"\\frac{{{above}}}{{{below}}}"


def _letters(run: str) -> list[str]:
    """Split letters that stand together into factors; longer words, and units, are no expression."""
    for name in sorted(FUNCTIONS | {"pi"}, key=len, reverse=True):
        at = run.find(name)
        if at >= 0 and len(run) - len(name) <= 2:
            middle = ["π"] if name == "pi" else [name]
            return [*run[:at], *middle, *run[at + len(name) :]]
    if len(run) > 3 or run in _UNITS:
        raise Unreadable(run)
    return list(run)


def _negative(node: Node) -> Node:
    return Node("product", "", (Node("number", "-1"), node))


class _Reader:
    """A recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.bars = 0

    def peek(self, ahead: int = 0) -> str:
        """Return the next sign, or one further on, or nothing."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def _take(self, expected: str | None = None) -> str:
        sign = self.peek()
        if not sign or (expected is not None and sign != expected):
            raise Unreadable(f"expected {expected}, found {sign}")
        self.at += 1
        return sign

    def sum(self) -> Node:
        """Read terms joined by + and -."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Unreadable("nested too deeply")
        parts: list[Node] = []
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self._take() == "-"
        while True:
            term = self._product()
            parts.append(_negative(term) if negative else term)
            if self.peek() not in ("+", "-"):
                break
            negative = self._take() == "-"
            if self.peek() == "-":  # "3 + -4i"
                self._take()
                negative = not negative
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Node("sum", "", tuple(parts))

    def _product(self) -> Node:
        parts = [self._power()]
        divided = False
        while True:
            sign = self.peek()
            if sign in ("*", "/"):
                self._take()
                factor = self._signed()
                divided = sign == "/"
                if divided:
                    parts = [Node("quotient", "", (_product_of(parts), factor))]
                else:
                    parts.append(factor)
            elif self._starts_factor(sign):
                if divided:
                    raise Ambiguous("1/2x may be read in two ways")
                if sign[0].isdigit() or sign[0] == ".":
                    raise Unreadable("two numbers side by side")
                parts.append(self._power())
            else:
                return _product_of(parts)

    def _bare_root(self) -> bool:
        """Say whether a root sign without a bracket comes next: nobody knows where it ends."""
        return self.peek() in ("√", "cbrt") and self.peek(1) not in ("(", "{", "[")

    def _starts_factor(self, sign: str) -> bool:
        if sign == "|":
            return not self.bars
        return bool(sign) and (sign[0].isalnum() or sign in ("(", "{", "√", "π", "∞", "[", "°", ".") or sign[0] == ".")

    def _signed(self) -> Node:
        if self.peek() == "-":
            self._take()
            return _negative(self._power())
        return self._power()

    def _power(self) -> Node:
        bare = self._bare_root()
        mixed = self.peek().isdigit() and self.peek(1) == "frac"
        node = self._atom()
        if bare and self.peek() and (self.peek()[0].isalnum() or self.peek() == "^"):
            raise Ambiguous("√3x may be read in two ways")
        if mixed:
            return Node("mixed", "", (node, self._power()))
        while self.peek() == "!":
            self._take()
            node = Node("function", "factorial", (node,))
        if self.peek() != "^":
            return node
        self._take()
        return Node("power", "", (node, self._exponent()))

    def _exponent(self) -> Node:
        exponent = self._atom() if self.peek() in ("{", "(") else self._signed_atom()
        if self.peek() == "^":
            self._take()
            exponent = Node("power", "", (exponent, self._exponent()))
        return exponent

    def _signed_atom(self) -> Node:
        if self.peek() == "-":
            self._take()
            return _negative(self._atom())
        return self._atom()

    def _atom(self) -> Node:
        sign = self._take()
        if sign[0].isdigit() or sign[0] == ".":
            return Node("number", sign)
        if sign in ("(", "{", "["):
            bars, self.bars = self.bars, 0
            node = self.sum()
            self.bars = bars
            self._take({"(": ")", "{": "}", "[": "]"}[sign])
            return node
        if sign == "|":
            return self._absolute()
        if sign in ("frac", "binom"):
            above = self._argument()
            below = self._argument()
            return Node("quotient", "", (above, below)) if sign == "frac" else Node("function", "binom", (above, below))
        if sign in ("sqrt", "√", "cbrt"):
            return self._root("3" if sign == "cbrt" else "2")
        if sign in FUNCTIONS:
            return self._function(sign)
        if sign == "°":
            return Node("letter", sign)
        if sign in _GREEK or (len(sign) == 1 and (sign.isalpha() or sign in "π∞")):
            name = sign + self._subscript()
            if sign in _APPLIED and self.peek() == "(":
                return Node("function", name, (self._atom(),))
            return Node("letter", name if len(sign) == 1 else f"{sign[0]}_{name}")
        raise Unreadable(f"unexpected {sign}")

    def _absolute(self) -> Node:
        self.bars += 1
        node = self.sum()
        self.bars -= 1
        self._take("|")
        return Node("function", "abs", (node,))

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

    def _argument(self) -> Node:
        r"""Read what stands behind `\frac`: a group or a single sign."""
        sign = self.peek()
        if sign in ("{", "("):
            return self._atom()
        if sign.isdigit() and len(sign) > 1:  # \frac12
            self.tokens[self.at : self.at + 1] = list(sign)
        return self._atom()

    def _root(self, degree: str) -> Node:
        if self.peek() == "[":
            self._take()
            degree = self._take()
            self._take("]")
        if not degree.isdigit() or not 2 <= int(degree) <= 12:
            raise Unreadable("a root of no whole degree")
        return Node("root", degree, (self._atom(),))

    def _function(self, name: str) -> Node:
        base: tuple[Node, ...] = ()
        if self.peek() == "_":
            self._take()
            base = (self._atom(),)
        exponent = None
        if self.peek() == "^":
            self._take()
            exponent = self._exponent()
            if exponent == _negative(Node("number", "1")):
                if name not in _INVERSE:
                    raise Unreadable("an inverse or a reciprocal")
                name, exponent = _INVERSE[name], None
        if name in ("log", "ln") and not base and self.peek().isdigit() and self.peek(1) == "(":
            raise Ambiguous("log2(8) may be read in two ways")
        node = Node("function", name, (self._applied_to(), *base))
        return node if exponent is None else Node("power", "", (node, exponent))

    def _applied_to(self) -> Node:
        if self.peek() in ("(", "{", "["):
            return self._atom()
        parts = [self._power()]
        while self._starts_factor(self.peek()) and self.peek() not in FUNCTIONS and self.peek() not in ("(", "|"):
            parts.append(self._power())
        if self.peek() == "/" and parts[0].kind == "letter" and self.peek(1) not in FUNCTIONS:
            raise Ambiguous("sin x/2 may be read in two ways")
        return _product_of(parts)


def _product_of(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Node("product", "", tuple(parts))
