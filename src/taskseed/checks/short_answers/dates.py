"""Calendar dates as people write them, read exactly; where two readings are possible, not at all. Pure."""

import re
from dataclasses import dataclass

from taskseed.checks.numbers.numerals import ORDINALS
from taskseed.checks.reading import word_list

__all__ = ["Date", "compare_dates", "read_date"]

_MONTHS = (
    word_list("january february march april may june july august september october november december"),
    word_list("jan feb mar apr may jun jul aug sep oct nov dec"),
)
_MONTH = "|".join([*_MONTHS[0], *(f"{m}\\.?" for m in _MONTHS[1]), "sept\\.?"])
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{3,4})"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s)?"
_ERA = r"(?:,?\s(?P<era>(?:bc|bce|ad|ce|b\.c\.e?\.?|a\.d\.|c\.e\.)))?"
_FORMS = tuple(
    re.compile(rf"{_WEEKDAY}(?:(?:on|in)\s)?(?:the\s)?{form}{_ERA}", re.IGNORECASE)
    for form in (
        rf"(?P<month>{_MONTH})\s(?:the\s)?{_DAY}(?:,?\s(?:in\s|of\s)?{_YEAR})?",
        rf"{_DAY}(?:\sday)?(?:\sof)?\s(?P<month>{_MONTH})(?:,?\s(?:in\s|of\s)?{_YEAR})?",
        rf"{_DAY}-(?P<month>{_MONTH})-{_YEAR}",
        rf"(?:the\s)?(?:month\sof\s)?(?P<month>{_MONTH})(?:,|\sof|\sin)?(?:\sthe\syear)?\s{_YEAR}",
        r"(?P<year>[0-9]{4})[-/.](?P<month>[01]?[0-9])[-/.](?P<day>[0-3]?[0-9])",
    )
)
_SLASHED = re.compile(r"(?P<a>[0-3]?[0-9])[/.-](?P<b>[0-3]?[0-9])[/.-](?P<year>[0-9]{4})")


_ORDINAL = re.compile(
    rf"\b(?:(twenty|thirty)[- ])?({'|'.join(list(ORDINALS)[:20])}|thirtieth)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Date:
    """A day, a day of no year, or a month of a year; years before our era are negative."""

    year: int | None
    month: int
    day: int | None

    def __str__(self) -> str:
        year = "-" if self.year is None else f"{self.year:04d}"
        return f"{year}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


def read_date(text: str) -> Date | None:
    """Return the date that a whole text is, or None: "July 4, 1776", "the 4th of July", "1776-07-04",
    "13/7/1776".

    "4/7/1776" is not read: it is April or July, as the writer was brought up.
    """
    if len(text) > 60:
        return None
    text = _ORDINAL.sub(_in_digits, " ".join(text.split()))
    for form in _FORMS:
        m = form.fullmatch(text)
        if m is not None:
            return _date(m.groupdict())
    m = _SLASHED.fullmatch(text)
    if m is None:
        return None
    a, b = int(m["a"]), int(m["b"])
    if a <= 12 and b <= 12 and a != b:
        return None
    day, month = (a, b) if a > 12 or a == b else (b, a)
    return _date({"day": str(day), "month": str(month), "year": m["year"]})


def _in_digits(m: re.Match[str]) -> str:
    tens = {"": 0, "twenty": 20, "thirty": 30}[(m[1] or "").casefold()]
    number = ORDINALS[m[2].casefold()]
    return f"{tens + number}th" if not tens or number < 10 else m[0]


def _date(parts: dict[str, str | None]) -> Date | None:
    month_text = (parts.get("month") or "").rstrip(".").casefold()
    month = int(month_text) if month_text.isdecimal() else _month(month_text)
    day, year = (None if text is None else int(text) for text in (parts.get("day"), parts.get("year")))
    era = (parts.get("era") or "").replace(".", "").casefold()
    if era and year is None:
        return None
    if year is not None and era.startswith("b"):
        year = -year
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return Date(year, month, day)


def _month(name: str) -> int:
    for names in _MONTHS:
        if name in names:
            return names.index(name) + 1
    return 9 if name == "sept" else 0


def compare_dates(said: Date, gold: Date) -> str:
    """Return `equal`, `different`, or `unknown` where one says less than the other."""
    if said == gold:
        return "equal"
    pairs = ((said.year, gold.year), (said.month, gold.month), (said.day, gold.day))
    return "different" if any(a != b for a, b in pairs if a is not None and b is not None) else "unknown"
