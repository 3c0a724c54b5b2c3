"""Answers that say they are rounded or approximate, and when that may be what was asked. Pure."""

import re
from fractions import Fraction

from taskseed.checks.numbers.numerals import SMALL, amount_in_digits
from taskseed.checks.reading import clean, spoken, without_explanation

__all__ = ["approximated", "decimals", "may_round", "rounds_to"]

_ABOUT = r"(?:≈|~|\\approx(?![a-z])|(?:approximately|approx\.?|about|roughly|around|circa)\b)"
_LEAD = re.compile(rf"(?:[A-Za-z]\w{{0,12}}\s?)?{_ABOUT}\s?", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"(?P<exact>[^≈~]{{1,80}}?)(?:\s?(?:≈|\\approx(?![a-z]))\s?|,?\s(?:or|which is|that is)\s{_ABOUT}\s?"
    rf"|,\s{_ABOUT}\s?|\s\({_ABOUT}\s?)(?P<about>[^()≈~]{{1,60}}?)\)?",
    re.IGNORECASE,
)
_TO = (
    r"(?:to|at) (?:the )?(?:nearest [a-z$ -]{1,30}|(?:\d|[a-z]{2,5}) (?:d\.?p\.?|s\.?f\.?|decimals?|"
    r"decimal places?|"
    r"significant (?:figures|digits)|places))"
)
_ROUNDED_TAIL = re.compile(
    rf"\s?[,(]?\s?(?:(?:when |if )?rounded(?: (?:up|off))?(?: {_TO})?|(?:correct )?{_TO}|"
    r"(?:\d|[a-z]{2,5}) (?:d\.?p\.?|s\.?f\.?|decimal places?))\)?$",
    re.IGNORECASE,
)
_VAGUE = re.compile(r"\b(?:about|roughly|around|circa)\b", re.IGNORECASE)
_ASKED_VAGUELY = re.compile(r"\bapproximat\w+|\bestimate\b|\babout how\b|\broughly how\b", re.IGNORECASE)
_ASKED = re.compile(
    r"\brounded\b|\bround (?:your|the|to|up|down|off|it)\b|\bnearest\b|\bdecimal places?\b|"
    r"\bsignificant (?:figures?|digits?)\b|\bd\.p\.|"
    r"\bapproximat\w+|\bestimate\b|\babout how\b|\broughly how\b",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"(\d|one|two|three|four|five|six) (?:decimal places?|decimals?\b|d\.?p\b)|nearest (tenth|"
    r"hundredth|thousandth|cent|"
    r"whole number|integer|whole|unit)\b",
    re.IGNORECASE,
)
_NAMED_PLACES = {"tenth": 1, "hundredth": 2, "thousandth": 3, "cent": 2}


def approximated(said: str) -> tuple[str, str, bool] | None:
    """Return what an answer states exactly, what it states as rounded, and whether it says "rounded".

    "6π ≈ 18.85" states 6π and 18.85; "about 72" and "0.67 (rounded to two decimals)" state nothing exactly.
    None for an answer that is not approximate.
    """
    text = spoken(said)
    if text is None or len(text) > 200:
        return None
    text = without_explanation(text)
    tail = _ROUNDED_TAIL.search(text)
    text = text[: tail.start()].rstrip(" ,") if tail and tail.start() else text
    lead = _LEAD.match(text)
    if lead is not None:
        return "", text[lead.end() :], tail is not None
    between = _BETWEEN.fullmatch(text)
    if between is not None:
        return between["exact"], between["about"], tail is not None
    return ("", text, True) if tail is not None and tail.start() else None


def may_round(said: str, question: str) -> bool:
    """Say whether a question asks for a number as approximate as an answer says that it is.

    "≈ 0.67" is what "rounded to two decimals" asks for; "about 72" only where "approximately" is asked.
    """
    asked = _ASKED_VAGUELY if _VAGUE.search(said) else _ASKED
    return asked.search(question[-600:]) is not None


def decimals(text: str) -> int:
    """Return how many decimals the first number in a text is written with."""
    m = re.search(r"\d(?:[\d,]*\d)?(?:\.(\d+))?", clean(text))
    return len(m[1]) if m and m[1] else 0


def rounds_to(said: str, value: Fraction, exact: Fraction, question: str) -> bool:
    """Say whether an answer is an exact number rounded to the decimals that a question asks for."""
    asked = _PLACES.search(question[-600:])
    if asked is None:
        return False
    count = asked[1]
    places = _NAMED_PLACES.get((asked[2] or "").casefold(), 0)
    if count:
        places = int(count) if count.isdigit() else SMALL.index(count.casefold())
    doubled = abs(exact) * 10**places * 2 + 1
    rounded = Fraction(int(doubled) // 2, 10**places) * (1 if exact >= 0 else -1)
    return decimals(said) == places and value == rounded and amount_in_digits(clean(said).strip()) is not None
