"""The form that a question asks a number in: a fraction, a mixed number, a decimal, powers of ten. Pure."""

import re
from fractions import Fraction

from taskseed.checks.reading import clean, spoken

__all__ = ["in_asked_form"]

_QUESTION_CHARS = 4000
_ASKED = re.compile(
    r"\b(?:as|to|into|in) (?:an? )?(?:[a-z]{1,12} ){0,2}(?:fractions?|decimal|percentage|percent|mixed "
    r"numbers?|ratio)\b(?! (?:place|point))"
    r"|\b(?:in|to|into|using) (?:[a-z]{1,10} ){0,2}(?:scientific|decimal|fractional|mixed|percent(?:age)?|"
    r"fraction|standard|simplified|lowest|simplest|reduced|exponential) (?:form|notation|terms)\b"
    r"|\blowest terms\b|\bsimplest form\b|\bmixed number\b|\bimproper fraction\b|\bscientific notation\b"
    r"|\b(?:simplify|reduce)\b",
    re.IGNORECASE,
)
_WHOLE = r"\d{1,3}(?:,\d{3}){1,9}(?![\d,])|\d{1,40}"
_WRITTEN = re.compile(
    rf"(?P<power>(?:{_WHOLE})?(?:\.\d{{1,40}})?)\s?(?:[×x*·]\s?10\s?\^\s?[{{(]?\s?|[eE])(?P<ten>[-+]?\d{{1,3}})"
    r"|(?P<over>(?:\d{1,40}\s)?\s?\d{1,40}\s?/\s?\d{1,40})(?![\d/])"
    rf"|(?P<plain>(?:{_WHOLE})?(?:\.\d{{1,40}})?)(?P<share>\s?(?:%|percent|per cent))?"
)
_DECIMAL_WORDS = re.compile(r"\bpoint\b", re.IGNORECASE)


def in_asked_form(said: str, gold: str, question: str) -> bool:
    """Say whether a number that is worth the gold is written in the gold's form, where a form is asked for.

    "0.75" is no answer to "What is 0.75 as a fraction?", "6/8" none where 3/4 is asked in simplest form.
    """
    asked = _ASKED.search(clean(question[-_QUESTION_CHARS:]))
    if asked is None or "percent" in asked[0].casefold():
        return True  # whether the sign of a percentage may be left out is a matter of units
    wanted = _forms(gold)
    if len(wanted) != 1:
        return clean(said).split() == clean(gold).split()
    found = _forms(said)
    if not found:  # a number in words
        decimal = next(iter(wanted)).startswith("plain") and "." in gold
        return bool(_DECIMAL_WORDS.search(said)) == decimal
    return wanted <= found


def _forms(text: str) -> set[str]:
    """Return the numbers of a text, each with the form in which it is written."""
    found = set()
    for m in _WRITTEN.finditer(spoken(text) or ""):
        if m["ten"] and m["power"]:
            found.add(f"power {_decimal(m['power'])} {int(m['ten'])}")
        elif m["over"]:
            found.add("over " + re.sub(r"\s?/\s?", "/", " ".join(m["over"].split())))
        elif m["plain"]:
            found.add(f"plain {_decimal(m['plain'])}{'%' if m['share'] else ''}")
    return found


def _decimal(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))
