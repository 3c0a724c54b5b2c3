"""Years, spans of years and amounts in the forms that short answers have them in. Pure."""

import re

from taskseed.checks.numbers.numerals import SMALL, TENS
from taskseed.checks.numbers.quantities import Quantity, equal_numbers, parse_number
from taskseed.checks.reading import clean
from taskseed.checks.short_answers.dates import Date, read_date
from taskseed.checks.short_answers.questions import Asked

__all__ = ["read_span", "read_year", "same_amount", "says_when"]

_ERA = r"(?:\s?(?P<era{0}>bce?|ce|ad|b\.c\.e?\.?|a\.d\.|c\.e\.))?"
_SPAN = re.compile(
    r"(?:from |between |the years )?(?:ad )?(?P<a>[0-9]{1,4})"
    + _ERA.format(1)
    + r"(?:\s?-\s?|\s(?P<word>to|until|till|through|and)\s)(?P<b>[0-9]{1,4})"
    + _ERA.format(2),
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:from |between )?(?P<a>[0-9][0-9,.]{0,12}?)\s?(?P<unit>%|percent|°C|°F)?(?:\s?-\s?|\sto\s|\sand\s)"
    r"(?P<b>[0-9][0-9,.]{0,12}?)(?P<rest>\s?[^\W\d_%][^\d]{0,30}|\s?%|)",
)
_YEAR = re.compile(
    r"(?:(?:in |during )?(?:the )?year (?:of )?)?(?:(?P<ad>ad|a\.d\.|ce)\s)?(?P<year>[0-9]{1,4})"
    + _ERA.format(""),
    re.IGNORECASE,
)
_DIGITS = {word: n for n, word in enumerate(SMALL)} | {word: 10 * n for n, word in enumerate(TENS, 2)}
_ABOUT = re.compile(
    r"(?:about|around|approximately|approx\.?|roughly|nearly|almost|circa|c\.|ca\.|some|~|≈|an estimated)\s?",
    re.IGNORECASE,
)
_ASKS_ABOUT = r"about|around|approximately|roughly|estimated?|approx"
_SCALED = re.compile(
    r"[-+]?[$€£¥]?[0-9][0-9.,]{0,20}\s(?:thousand|million|billion|trillion)\b.{0,40}", re.IGNORECASE
)
_POWER = re.compile(
    r"[-+]?[0-9]{1,12}(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2}|\s?[×x*·]\s?10\s?\^?\s?\{?[-+]?[0-9]{1,2}\}?)(?:\s[^\d].{0,30})?"
)
_CLOCK = re.compile(
    r"(?:at )?(?P<hour>[0-2]?[0-9])(?::(?P<minute>[0-5][0-9]))?(?:\s?(?P<half>[ap])\.?m\b\.?)?", re.IGNORECASE
)
_CLOCK_FORM = r"hours?|clocks?|formats?|notation|convert\w*|written|expressed|digital|am|pm|military|how long"
_SHARES = r"fraction|proportion|share|portion|probability|ratio|how much of|chance"


def read_year(text: str) -> tuple[int, str] | None:
    """Return a year and whether its era is said, as (1066, "") or (-44, "bc"); None for anything else.

    Reads "1066", "the year 1066", "1066 AD", "AD 79", "44 BC" and "nineteen eighty-four".
    """
    text = clean(text).strip()
    if len(text) > 40:
        return None
    in_words = _year_in_words(text)
    if in_words is not None:
        return in_words, ""
    m = _YEAR.fullmatch(text)
    if m is None or (m["ad"] and m["era"]):
        return None
    era = (m["ad"] or m["era"] or "").replace(".", "").casefold()
    year = int(m["year"])
    if era.startswith("b"):
        return -year, "bc"
    return year, "ad" if era else ""


def _year_in_words(text: str) -> int | None:
    """Read "nineteen eighty-four", "nineteen oh five", "eighteen hundred", "two thousand and one"."""
    words = text.casefold().replace("-", " ").replace(" and ", " ").split()
    if not 2 <= len(words) <= 4 or not words[0].isalpha():
        return None
    if words[:2] == ["two", "thousand"] and len(words) == 3 and 0 < _DIGITS.get(words[2], 0) < 20:
        return 2000 + _DIGITS[words[2]]
    century = _DIGITS.get(words[0], 0)
    if not 10 <= century <= 20:
        return None
    rest = words[1:]
    if rest == ["hundred"]:
        return century * 100 if century < 20 else None
    if rest[0] in ("oh", "o") and len(rest) == 2 and 0 < _DIGITS.get(rest[1], 0) < 10:
        return century * 100 + _DIGITS[rest[1]]
    tens = _DIGITS.get(rest[0], 0)
    ones = _DIGITS.get(rest[1], 0) if len(rest) == 2 else 0
    if len(rest) > 2 or tens < 10 or (len(rest) == 2 and not (tens >= 20 and 0 < ones < 10)):
        return None
    return century * 100 + tens + ones


def read_span(text: str) -> tuple[int, int] | None:
    """Return the first and last year of "1939–1945", "from 1939 to 1945", "1939-45", "264-146 BC"."""
    m = _SPAN.fullmatch(clean(text).strip())
    if m is None or (m["word"] == "and") != text.casefold().strip().startswith("between"):
        return None
    a, b = int(m["a"]), int(m["b"])
    eras = [(m[name] or "").replace(".", "").casefold()[:1] for name in ("era1", "era2")]
    if not any(eras) and len(m["a"]) == 4 and len(m["b"]) == 2 and b > a % 100:
        b += a - a % 100
    if not any(eras) and (a < 1000 or b < 1000):
        return None
    first = eras[0] or eras[1]
    a, b = -a if first == "b" else a, -b if eras[1] == "b" else b
    return (a, b) if a < b else None


def _clock(text: str) -> tuple[int, int] | None:
    """Return the hour and minute of "5:30 PM" and "17:30"; None for "5:30", in either half of a day."""
    m = _CLOCK.fullmatch(clean(text).strip().rstrip("."))
    if m is None or not (m["half"] or m["minute"]):
        return None
    hour, minute = int(m["hour"]), int(m["minute"] or 0)
    if m["half"]:
        return (hour % 12 + 12 * (m["half"] in "pP"), minute) if 1 <= hour <= 12 else None
    return (hour, minute) if hour == 0 or 13 <= hour < 24 else None


def says_when(said: str, gold: str, asked: Asked) -> bool:
    """Say whether two texts are one time: of a day, a year, a span of years, or a day of the year that is
    asked for.
    """
    times = _clock(said), _clock(gold)
    if times[0] is not None and times[0] == times[1] and not asked.has(_CLOCK_FORM):
        return not asked.words or asked.has("times?|when")
    spans = read_span(said), read_span(gold)
    if spans[0] is not None and spans[0] == spans[1]:
        return True
    x, y = read_year(said), read_year(gold)
    if x is not None and y is not None:
        same = x[0] == y[0] and abs(x[0]) > 31
        return same and (x[1] == y[1] or (x[1] == "ad" and not y[1]) or (y[1] == "ad" and x[0] >= 1000))
    date = read_date(clean(said))
    if date is None:
        return False
    if y is not None:
        return date.year == y[0] and abs(y[0]) > 31 and asked.has("years?|when")
    return _finer(date, gold, asked)


def _finer(said: Date, gold: str, asked: Asked) -> bool:
    """Say whether a date has the month that is asked for: "July 1969" or "July" beside "20 July 1969"."""
    target = read_date(clean(gold))
    if target is not None:
        return (
            (said.year, said.month) == (target.year, target.month)
            and not target.day
            and asked.has("month|when")
        )
    month = read_date(f"{clean(gold)} 2000")
    return (
        month is not None
        and not month.day
        and said.month == month.month
        and asked.has("(?:which|what) month")
    )


def same_amount(said: str, gold: str, asked: Asked) -> bool:
    """Say whether two texts are one amount: "1.5 million" and "1,500,000", powers of ten, "20 to 30 minutes";
    where the question asks for them, shares ("0.21" and "21%"), units ("42.195" km) and round numbers.
    """
    said, gold = clean(said).strip(), clean(gold).strip()
    if max(len(said), len(gold)) > 120:
        return False
    about = _ABOUT.match(gold), _ABOUT.match(said)
    if (about[0] is None) != (about[1] is None) and not asked.has(_ASKS_ABOUT):
        return False  # markers argue whether "300" states "about 300"
    gold = gold[about[0].end() :] if about[0] else gold
    said = said[about[1].end() :] if about[1] else said
    if any(about) and said.casefold() == gold.casefold() and said[:1].isdigit():
        return True
    ranges = _range(said), _range(gold)
    if ranges[0] is not None and ranges[0] == ranges[1]:
        return True
    x, y = parse_number(said), parse_number(gold)
    if x is None or y is None:
        return False
    if _large(said) or _large(gold) or (any(about) and said[:1].isdigit()):
        return (x.value.denominator == 1 and _states(x, y, asked)) or (
            _large(said) and _large(gold) and x == y
        )
    if "%" in (x.unit, y.unit) and x.unit != y.unit:
        return not (x.unit.strip("%") or y.unit.strip("%")) and _share(x) == _share(y) and asked.has(_SHARES)
    measured = bool(x.unit or y.unit) and said[:1] in "-+.0123456789" and gold[:1] in "-+.0123456789"
    return measured and x.value.denominator > 1 and bool(asked.words) and _states(x, y, asked)


def _large(text: str) -> bool:
    return _SCALED.fullmatch(text) is not None or _POWER.fullmatch(text) is not None


def _share(quantity: Quantity) -> object:
    return quantity.value / 100 if quantity.unit == "%" else quantity.value


def _states(said: Quantity, gold: Quantity, asked: Asked) -> bool:
    said_text, gold_text = (f"{q.value} {q.unit}" for q in (said, gold))
    return equal_numbers(said_text, gold_text, asked.text) == "equal"


def _range(text: str) -> tuple[str, str, str] | None:
    m = _RANGE.fullmatch(text)
    if m is None or text.startswith("between ") != (" and " in text):
        return None
    rest = (m["rest"] or "").strip().casefold() or (m["unit"] or "").casefold()
    if not rest or (m["unit"] and m["unit"].casefold() not in (rest, "")):
        return None
    return m["a"].replace(",", ""), m["b"].replace(",", ""), rest
