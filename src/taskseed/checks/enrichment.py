"""Faults of what stands beside an answer. Pure."""

import re
from fractions import Fraction

__all__ = ["arithmetic_faults", "enrichment_fault"]

_ABOUT_ITSELF = re.compile(
    r"\b(as an ai\b|as a language model|i am an ai|my training data|the (user|prompt) (asks|wants|says)|"
    r"the (proposed|expected|reference|gold) answer)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\b(options?|choices?|answers?)\s+\(?[A-J]\)?(?![\w'])|(?<![\w(])\([A-J]\)(?!\w)")
_NUMBER = r"-?\$?\d{1,12}(?:,\d{3})*(?:\.\d{1,9})?"
_OPERATOR = r"[-+*/×÷]| x "
_EQUATION = re.compile(
    rf"(?<![\w.,])({_NUMBER}(?:\s?(?:{_OPERATOR})\s?{_NUMBER}){{1,12}})\s?=\s?({_NUMBER})(?![\w%]|[.,]\d)"
)
# Typographic signs, one character for one: places in the text stay. An en dash may be a range, not a minus.
_PLAIN_SIGNS = str.maketrans({"−": "-", "·": "*", "∙": "*", "⋅": "*"})
_NUMBER_AT = re.compile(_NUMBER)
_OPERATOR_AT = re.compile(_OPERATOR)
_LONGEST = 50_000


def enrichment_fault(text: str, has_options: bool) -> tuple[str, str] | None:
    """Return (reason, evidence) if a text is not fit to stand beside an answer, else None.

    `degenerate` (loops, or far too long), `about_itself` (speaks of being an AI or of the prompt),
    `option_letters` (names options by letters, which mean nothing once their order is another).
    """
    if len(text) > _LONGEST or (looping := _loop(text)):
        return "degenerate", text[:200] if len(text) > _LONGEST else looping
    if about := _ABOUT_ITSELF.search(text):
        return "about_itself", about.group()
    if has_options and (letter := _LETTER.search(text)):
        return "option_letters", letter.group()
    return None


def _loop(text: str) -> str:
    """Return a line that stands four times or more, if there is one."""
    counts: dict[str, int] = {}
    for line in text.splitlines():
        line = line.strip()
        if len(line) > 15:
            counts[line] = counts.get(line, 0) + 1
            if counts[line] >= 4:
                return line
    return ""


def arithmetic_faults(text: str) -> list[str]:
    """Return the plain equations in a text (`3 + 4 * 2 = 11`) that do not hold.

    A result may be rounded: it must lie within half a unit of its last printed digit; a whole result is
    taken as rounded only after a division. Parts of longer expressions, powers, brackets, percentages and
    equations with units between the numbers are not judged.
    """
    faults = []
    plain = text[:_LONGEST].translate(_PLAIN_SIGNS)
    for match in _EQUATION.finditer(plain):
        if plain[: match.start()].rstrip()[-1:] in tuple("+-–*/×÷^(=") or _goes_on(plain[match.end() :]):
            continue
        expression, result = match.groups()
        exact = _value(expression)
        rounded = "." in result or "/" in expression or "÷" in expression
        allowed = Fraction(int(rounded), 2 * 10 ** len(result.partition(".")[2]))
        if exact is not None and abs(exact - _number(result)) > allowed:
            faults.append(text[match.start() : match.end()])
    return faults


def _goes_on(rest: str) -> bool:
    return rest.lstrip(" ")[:1] in tuple("*/×÷^(") or rest[:3] in (" + ", " - ", " – ", " x ")


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace("$", ""))


def _value(expression: str) -> Fraction | None:
    """Return the value of numbers joined by operators, products before sums; None if it divides by zero."""
    terms: list[Fraction] = []
    operator = "+"
    wants_number = True
    at = 0
    while at < len(expression):
        if expression[at].isspace() and not expression.startswith(" x ", at):
            at += 1
            continue
        step = (_NUMBER_AT if wants_number else _OPERATOR_AT).match(expression, at)
        if step is None:
            return None
        at = step.end()
        if wants_number:
            number = _number(step.group())
            if operator in "+-":
                terms.append(number if operator == "+" else -number)
            elif operator in "/÷":
                if not number:
                    return None
                terms[-1] /= number
            else:
                terms[-1] *= number
        else:
            operator = step.group().strip().replace("x", "*")
        wants_number = not wants_number
    return sum(terms, Fraction())
