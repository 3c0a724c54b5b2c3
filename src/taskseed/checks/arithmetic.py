"""Plain arithmetic in running text, cut into tokens and evaluated exactly. Pure and bounded.

Nothing is evaluated by Python itself: tokens are the numbers, operators and brackets listed here, the
grammar is a hand-written descent of limited depth, and values are fractions of limited size. What is
not surely arithmetic has no value (None), which callers must read as "not judged".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["BAD", "Reading", "Token", "evaluate", "plain_mathematics", "tokens_of"]

BAD = "bad"
"""The kind of a token that no plain arithmetic holds; nothing beside it is judged."""

_MAX_DIGITS = 15  # of a number, its signs included
_MAX_BITS = 2_000
_MAX_EXPONENT = 64
_MAX_DEPTH = 20

_LATEX = (
    (re.compile(r"\\(?:left|right|big|Big|displaystyle)(?![A-Za-z])|\\[!;:]"), ""),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\(?:times|cdot|ast)(?![A-Za-z])"), " * "),
    (re.compile(r"\\div(?![A-Za-z])"), " / "),
    (re.compile(r"\\approx(?![A-Za-z])"), " ≈ "),
    (re.compile(r"\\[%$]"), lambda m: m[0][1]),
    (re.compile(r"\\[()\[\]]"), "\n"),
    (re.compile(r"\^\{\s?(-?\d{1,3})\s?\}"), r"^(\1)"),
    (re.compile(r"\\[dt]?frac\s?(\d)(?=[\d{])"), r"\\frac{\1}"),  # \frac12 and \frac7{10}
    (re.compile(r"(\\[dt]?frac\{[^{}\n]{1,60}\})\s?(\d)(?!\d)"), r"\1{\2}"),
    (re.compile(r"(?<!\d)\\[dt]?frac\{([^{}\n]{1,60})\}\{([^{}\n]{1,60})\}"), r"((\1)/(\2))"),
    (re.compile(r"\\(?:text|mathrm|mbox|operatorname)\{([^{}\n]{0,40})\}"), r" \1 "),
    (re.compile(r"(?<![*\w])\*\*(?=\S)|(?<=\S)\*\*(?![*\w])|`|\$\$|\$(?=[^\d\s$]|\s+\D)"), " "),
    (re.compile(r"(?<=[\d)])\s?\$(?!\s?\d)"), lambda m: " dollars " if "cent" in m.string else " "),
)  # fmt: skip
_SIGNS = str.maketrans({"−": "-", "·": "*", "∙": "*", "⋅": "*", "×": "*", "÷": "/", "²": "^2", "³": "^3",
                        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "＝": "=", "＋": "+"})  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<bad>\d(?=:\d)|(?<=\d):(?=\d)|[=<>!]=+|=>|[-+*/]=|->|//|[√∑∫|±&~\\_<>]|\d[^\W\d_](?=\d)|(?<=\d)!)
    |(?P<number>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\d.])\.\d+)
    |(?P<power>\*\*|\^)
    |(?P<operator>[-+*/–])
    |(?P<relation>[=≈])
    |(?P<open>\()|(?P<close>\))
    |(?P<percent>%)
    |(?P<money>[$€£¥₹])
    |(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*\.?(?=\d)|[^\W\d_]+(?:['’-][^\W\d_]+)*)
    |(?P<space>[ \t]+)
    |(?P<mark>.|\n)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR_WORDS = {"x": "*", "X": "*", "plus": "+", "minus": "-", "times": "*"}
_PHRASES = (
    (re.compile(r"(?<=\d) (?:divided by) (?=\d)", re.IGNORECASE), " / "),
    (re.compile(r"(?<=\d) (?:multiplied by) (?=\d)", re.IGNORECASE), " * "),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text.

    :param start: where it begins, in characters of the plain text; `end` where it ends.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How a number's signs are meant where writers differ.

    :param percent: what `%` multiplies by: 1/100, or 1 where it is only a unit.
    :param point: whether a point before three digits (`1.200`) parts thousands, as in much of Europe.
    """

    percent: Fraction = Fraction(1, 100)
    point: bool = False


def plain_mathematics(text: str) -> str:
    r"""Spell LaTeX and typographic signs of arithmetic plainly: `\frac{1}{2} \times 6` is `((1)/(2)) * 6`."""
    if "\\" in text or "{" in text or "*" in text or "`" in text or "$" in text:
        for pattern, spelled in _LATEX:
            text = pattern.sub(spelled, text)
    text = text.translate(_SIGNS)
    for pattern, sign in _PHRASES:
        text = pattern.sub(sign, text)
    return text


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a plain text, spaces left out.

    A word between numbers that means an operator (`3 plus 4`, `6 x 7`) is one; a word that touches a
    bracket (`f(`) or a digit in front of a single letter (`3x`) is `bad`: a function, a variable.
    """
    found = [
        Token(str(match.lastgroup), match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    return [_in_place(found, i) for i in range(len(found))]


def _in_place(found: Sequence[Token], i: int) -> Token:
    token = found[i]
    if token.kind == "number" and (len(token.text) > _MAX_DIGITS or re.match(r"0\d", token.text)):
        return Token(BAD, token.text, token.start, token.end)
    per = token.text == "/" and i + 1 < len(found) and found[i + 1].kind == "word"
    if per and found[i + 1].start == token.end:  # "balls/pack"
        return Token("word", token.text, token.start, token.end)
    if token.kind != "word":
        return token
    before = found[i - 1] if i else None
    after = found[i + 1] if i + 1 < len(found) else None
    if token.text in _OPERATOR_WORDS and _is_value_end(before) and _is_value_start(after):
        return Token("operator", _OPERATOR_WORDS[token.text], token.start, token.end)
    touches_bracket = after is not None and after.kind == "open" and after.start == token.end
    glued = before is not None and before.end == token.start and before.kind in ("number", "close", "power")
    glued_on = after is not None and after.kind in ("number", "power") and after.start == token.end
    if touches_bracket or glued_on or (glued and len(token.text) == 1 and token.text.isascii()):
        return Token(BAD, token.text, token.start, token.end)
    return token


def _is_value_end(token: Token | None) -> bool:
    return token is not None and token.kind in ("number", "close", "percent")


def _is_value_start(token: Token | None) -> bool:
    return token is not None and token.kind in ("number", "open", "money")


def evaluate(tokens: Sequence[Token], reading: Reading) -> Fraction | None:
    """Return the exact value of an expression, or None where the tokens are no plain, bounded arithmetic.

    Words and currency signs among the tokens are units and count for nothing. Products come before sums,
    powers before both. Not evaluated, because writers differ on it: a minus before a power (`-3^2`), a
    bracket that follows a division (`6/2(3)`), `a/b` beside a number unless it is a mixed number (`2 1/2`).
    """
    parser = _Parser(
        [t for t in tokens if t.kind not in ("word", "money") or t.text.casefold() == "of"], reading
    )
    value = parser.sum(0)
    return value if parser.done() else None


class _Parser:
    """A descent over tokens; every method returns None where it cannot go on, and nothing after that."""

    def __init__(self, tokens: Sequence[Token], reading: Reading) -> None:
        self._tokens = tokens
        self._reading = reading
        self._at = 0

    def done(self) -> bool:
        """Tell whether every token was read."""
        return self._at == len(self._tokens)

    def _peek(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else Token("end", "", -1, -1)

    def _takes(self, kind: str, texts: str) -> str:
        token = self._peek()
        if token.kind == kind and token.text in texts:
            self._at += 1
            return token.text
        return ""

    def sum(self, depth: int) -> Fraction | None:
        """Read terms joined by plus and minus."""
        total = self._product(depth)
        while total is not None and (sign := self._takes("operator", "+-–")):
            term = self._product(depth)
            total = None if term is None else _bounded(total + term if sign == "+" else total - term)
        return total

    def _product(self, depth: int) -> Fraction | None:
        value = self._signed(depth)
        divided = False
        tight: bool | None = None
        while value is not None:
            spacing = self._is_tight()
            sign = self._takes("operator", "*/")
            if sign == "/":  # "28 / 1/5": which slash binds is not said
                if tight is not None and spacing != tight:
                    return None
                tight = spacing
            if not sign and self._is_share_of(divided):
                self._at += 1
                sign = "*"
            if not sign:
                if self._peek().kind == "open":  # a bracket beside a value multiplies
                    sign = "" if divided else "*"
                    if not sign:
                        return None
                else:
                    return value
            factor = self._signed(depth)
            if factor is None or (sign == "/" and not factor):
                return None
            divided = divided or sign == "/"
            value = _bounded(value / factor if sign == "/" else value * factor)
        return value

    def _is_tight(self) -> bool:
        """Tell whether the token here touches those beside it."""
        before = self._tokens[self._at - 1] if self._at else self._peek()
        return before.end == self._peek().start and self._peek().end == self._peek(1).start

    def _is_share_of(self, divided: bool) -> bool:
        """`20% of 50` and `3/4 of 20` are products; `5 of 8` is not."""
        before = self._tokens[self._at - 1] if self._at else None
        share = divided or (before is not None and before.kind in ("percent", "close"))
        return share and self._peek().kind == "word"

    def _signed(self, depth: int) -> Fraction | None:
        if not self._takes("operator", "-"):
            return self._power(depth)
        if self._peek().kind == "number" and self._peek(1).kind == "power":
            return None
        value = self._power(depth)
        return None if value is None else -value

    def _power(self, depth: int) -> Fraction | None:
        base = self._atom(depth)
        if base is None or not (self._takes("power", "^") or self._takes("power", "**")):
            return base
        negative = bool(self._takes("operator", "-"))
        exponent = self._atom(depth)
        if exponent is None or exponent.denominator != 1 or abs(exponent) > _MAX_EXPONENT:
            return None
        times = -int(exponent) if negative else int(exponent)
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if self._peek().kind == "power" or (not base and times < 1) or size * abs(times) > _MAX_BITS:
            return None
        return Fraction(base) ** times

    def _atom(self, depth: int) -> Fraction | None:
        if self._takes("open", "("):
            inner = self.sum(depth + 1) if depth < _MAX_DEPTH else None
            value = inner if inner is not None and self._takes("close", ")") else None
        elif self._peek().kind == "number":
            value = self._number()
        else:
            return None
        if value is not None and self._takes("percent", "%"):
            value *= self._reading.percent
        return value

    def _number(self) -> Fraction | None:
        value = _number(self._peek().text, self._reading)
        self._at += 1
        above, slash, below = self._peek(), self._peek(1), self._peek(2)
        if above.kind == "number":
            mixed = (
                slash.text == "/" and below.kind == "number" and above.end == slash.start == below.start - 1
            )
            if (
                not mixed
                or not (above.text + below.text).isdigit()
                or not 0 < int(above.text) < int(below.text)
            ):
                return None
            self._at += 3
            return None if value is None else value + Fraction(int(above.text), int(below.text))
        return value


def _number(text: str, reading: Reading) -> Fraction | None:
    whole, _, part = text.replace(",", "").partition(".")
    if reading.point and len(part) == 3 and 0 < len(whole) < 4 and "," not in text:
        return Fraction(int(whole + part))
    return Fraction(f"{whole or '0'}.{part or '0'}")


def _bounded(value: Fraction) -> Fraction | None:
    return value if value.numerator.bit_length() + value.denominator.bit_length() < _MAX_BITS else None
