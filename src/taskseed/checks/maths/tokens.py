"""The signs of mathematical expressions, in LaTeX or typed plainly. Pure and linear."""

import re

from taskseed.checks.reading import word_list

__all__ = ["FUNCTIONS", "GREEK", "Ambiguous", "Unreadable", "tokens_of"]

FUNCTIONS = frozenset(
    word_list(
        "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh ln log exp "
        "sqrt cbrt abs"
    )
)
GREEK = frozenset(
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
    "\\ast": "*", "\\lbrace": "{", "\\rbrace": "}", "\\lvert": "|", "\\rvert": "|", "\\vert": "|",
    "∛": "cbrt",
    "⟨": "(", "⟩": ")", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉",
}  # fmt: skip
_GREEK_SIGNS = dict(zip("αβγδεζηθικλμνξρστφχψω", (
    word_list(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
        "chi psi omega"
    )
), strict=True))  # fmt: skip
_DROPPED = re.compile(
    r"(?<!\\)\\(?:(?:left|right|displaystyle|limits|bigg?[lr]?|Bigg?[lr]?|quad|qquad)(?![a-zA-Z])|[,;!: ])"
    r"|[$~]"
)
_WRAPPED = re.compile(r"\\(?:text|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]{1,20})\}")
_DEGREE = re.compile(r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![a-zA-Z]))|\\degree(?![a-zA-Z])|º")
_SIGN = re.compile(
    r"\s*(\\[a-zA-Z]+|\d{1,40}(?:\.\d{1,40})?|\.\d{1,40}|\*\*|[a-zA-Z]+|[α-ωπ∞√∛°+\-*/^!(){}\[\]|_×·÷−∙,]|\S)"
)
_UNITS = frozenset(word_list("cm mm km kg mg ml ft lb lbs oz hr min sec mph mi yd in rad deg"))
_REPEATING = re.compile(r"(\d{0,20})\.(\d{0,20})\\(?:overline|bar)\s?\{(\d{1,20})\}")


class Unreadable(ValueError):
    """A text is no expression that is surely read."""


class Ambiguous(Unreadable):
    """A text is an expression that is read in two ways."""


def tokens_of(text: str) -> list[str]:
    """Return the signs of an expression, each in one spelling.

    :raises Unreadable: if there is a word, a unit or an unknown command.
    """
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
        elif name in FUNCTIONS or name in GREEK or name in (*_FRACTIONS, *_BINOMIALS):
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
