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
_NUMBER = r"-?\$?\d{1,12}(?:,\d{3})*(?:\.\d{1,9})?%?"
_EQUATION = re.compile(
    rf"(?<![\w.,/*×÷+^-])({_NUMBER})\s*([-+*/×÷x])\s*({_NUMBER})\s*=\s*({_NUMBER})(?![\w^/*×÷]|[.,]\d|\s*[-+*/×÷(])"
)
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
    """Return the plain equations `a op b = c` in a text that do not hold.

    A result may be rounded: it must lie within half a unit of its last printed digit. Equations of more
    than two operands, with percentages or with units between the numbers are not judged.
    """
    faults = []
    for match in _EQUATION.finditer(text[:_LONGEST]):
        left, operator, right, result = match.groups()
        if "%" in match.group():
            continue
        a, b, c = (Fraction(n.replace(",", "").replace("$", "")) for n in (left, right, result))
        exact = _apply(a, operator, b)
        digits = len(result.partition(".")[2])
        if exact is not None and abs(exact - c) > Fraction(1, 2 * 10**digits) * (
            digits > 0 or operator in "/÷"
        ):
            faults.append(match.group())
    return faults


def _apply(a: Fraction, operator: str, b: Fraction) -> Fraction | None:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator in "*×x":
        return a * b
    return a / b if b else None
