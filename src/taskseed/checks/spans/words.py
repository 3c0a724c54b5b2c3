"""A passage and what is said of it as plain words, each fact in one spelling. Pure and linear."""

import functools
import re
from decimal import Decimal

from taskseed.checks.numbers.numerals import words_as_digits
from taskseed.checks.reading import clean, word_list
from taskseed.checks.short_answers.short import ABBREVIATIONS, without_initial_dots, without_marks
from taskseed.checks.spelling import american

__all__ = ["MARKS", "MONTHS", "UNITS", "Words", "span_words"]

MARKS = frozenset(",.;:()?!")  # words of their own: they say where a stretch ends
MONTHS = word_list("january february march april may june july august september october november december")
_MONTH = "|".join([*MONTHS, *(m[:3] for m in MONTHS if m != "may"), "sept"])
_CONTRACTED = (
    (re.compile(r"\bcan(?:'t|not)\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(it|he|she|that|there|what|who|where|when)'s\b"), r"\1 is"),
    (re.compile(r"\b(they|we|you)'re\b"), r"\1 are"),
)
_GROUPED = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee"}
_MONEY = re.compile(
    r"(?:\b(?:us|usd|eur|gbp)\s?)?([$€£¥₹])\s?([0-9]+(?:\.[0-9]+)?)"
    r"(?:\s?-?(thousand|million|billion|trillion|bn|m|k)\b)?"
)
_CODES = {"eur": "€", "usd": "$", "gbp": "£", "euro": "€"}
_CODED = re.compile(r"\b(eur|usd|gbp|euro)\s?(?=[0-9])|(?<=[0-9n])\s?(gbp)\b")
_SCALES = {
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "m": 6, "billion": 9, "bn": 9, "trillion": 12,
}  # fmt: skip
_SCALED = re.compile(r"\b([0-9]+(?:\.[0-9]+)?)[\s-](hundred|thousand|million|billion|bn|trillion)\b")
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
_SHARE_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
_SHARE = re.compile(
    rf"\b({'|'.join(_SHARE_COUNTS)})[\s-]({'|'.join(_PARTS)})(s?)\b"
    r"(?! (?:century|place|time|grade|row|day|year))"
)
_CLOCK = re.compile(
    r"\b([0-9]{1,2})(?:[:.]([0-5][0-9]))?\s?([ap])m\b|\b([01]?[0-9]|2[0-3]):([0-5][0-9])\b(?![:.][0-9])"
)
_DATES = (
    (
        re.compile(rf"\b({_MONTH})\.?\s([0-3]?[0-9])(?:st|nd|rd|th)?\b(?:\s?,)?(?:\s([12][0-9]{{3}})\b)?"),
        (2, 1, 3),
    ),
    (
        re.compile(
            rf"\b([0-3]?[0-9])(?:st|nd|rd|th)?(?: day)?(?:\sof)?\s({_MONTH})\b\.?"
            r"(?:\s?,)?(?:\s(?:of\s)?([12][0-9]{3})\b)?"
        ),
        (1, 2, 3),
    ),
)
_ISO = re.compile(r"\b([12][0-9]{3})-([01][0-9])-([0-3][0-9])\b")
_RANGE = re.compile(r"(?<=[0-9%])\s?(?:--|-)\s?(?=[$€£]?[0-9])")
_BETWEEN = re.compile(
    r"\b(?:between|from) ([0-9][0-9.:/apm]*(?: (?:percent|[a-z]{1,12}))?) (?:and|to) (?=[0-9])"
)
_UNIT_NAMES = {
    "kilometer": "km kms kilometers kilometre kilometres", "meter": "m metre metres meters",
    "centimeter": "cm centimetre centimetres centimeters",
    "millimeter": "mm millimetre millimetres millimeters",
    "kilogram": "kg kgs kilo kilos kilograms kilogramme", "gram": "g grams gramme",
    "milligram": "mg milligrams",
    "tonne": "t tonnes", "pound": "lb lbs pounds", "ounce": "oz ounces", "mile": "mi miles",
    "foot": "ft feet", "yard": "yd yds yards", "inch": "inches", "second": "s sec secs seconds",
    "minute": "min mins minutes", "hour": "h hr hrs hours", "day": "days", "week": "weeks wk wks",
    "month": "months", "year": "yr yrs years", "liter": "l litre litres liters",
    "milliliter": "ml millilitre milliliters", "hectare": "ha hectares", "acre": "acres",
    "kilowatt": "kw kilowatts", "megawatt": "mw megawatts", "gigawatt": "gw gigawatts",
    "dollar": "dollars usd", "euro": "euros eur", "cent": "cents", "degree": "degrees",
}  # fmt: skip
UNITS = {form: name for name, forms in _UNIT_NAMES.items() for form in (name, *forms.split())}
_SYMBOLS = "|".join(sorted(UNITS, key=len, reverse=True))
_AREA = re.compile(rf"(?<=[0-9 ])({_SYMBOLS})\s?(?:\^\s?\{{?)([23])\}}?(?![0-9])")
_SPEED = re.compile(rf"(?<=[0-9 ])({_SYMBOLS})\s?/\s?(hour|h|second|s|minute|min|day|year)\b")
_MEASURED = re.compile(
    rf"\b(?![0-9]{{2,4}}s\b)([0-9]+(?:\.[0-9]+)?)[\s-]?((?:sq\.?|square|cubic)\s)?({_SYMBOLS})\b(?![./'])"
)
_ONE_UNIT = re.compile(r"\b([0-9][0-9.]*) ([a-z]{2,12}) to ([0-9][0-9.]*) \2\b")
_DEGREES = re.compile(r"\s?°\s?(c|f)\b")
_WORD = re.compile(
    r"[0-9]+(?:[.:/][0-9]+)*(?:st|nd|rd|th|s|am|pm)?\b|'s\b|[^\W_]+(?:'(?!s\b)[^\W\d_]+)?|[-,.;:()?!+]"
)
Words = tuple[str, ...]


@functools.lru_cache(maxsize=256)
def span_words(text: str) -> tuple[str, ...]:
    """Return the words and marks of a text without case, articles and accents, in one spelling.

    Numbers are digits ("eleven", "$3.5 billion" as `3500000000 dollar`), units are written out in the
    singular, days stand before months ("March 9, 2006" as `9 march 2006`), times are `7:30pm`, ranges have
    `to`, possessives are `'s` on their own.
    """
    text = without_initial_dots(clean(text)).casefold()
    text = text.replace("`", "'").replace("\\", " ").replace("—", " - ").replace("mph", "miles per hour")
    text = without_marks(" ".join(text.split()).replace(" - ", " , ").replace(" -- ", " , "))
    for pattern, written in _CONTRACTED:
        text = pattern.sub(written, text)
    text = _ISO.sub(_iso, _GROUPED.sub("", text.replace("%", " percent ").replace("per cent", "percent")))
    text = re.sub(r"(?<=s)'(?=\s|$)", "", text)  # "Years' War" is written without it too
    text = re.sub(r"(?<=\d0)'s\b", "s", text)
    words = [ABBREVIATIONS.get(word.strip(',;()*"'), word) for word in text.split(" ")]
    text = re.sub(r"([,;:()!?\"*])(?=\s|$|\w)|(?<=\s)([(\"*])|^([(\"*])", r" \1\2\3 ", " ".join(words))
    text = re.sub(r"(?<=\d) : (?=\d)", ":", text)
    text = re.sub(r"\ban? (?=(?:hundred|thousand|million|billion|trillion)\b)", "1 ", text)
    text = _SHARE.sub(lambda m: f"{_SHARE_COUNTS[m[1]]}/{_PARTS[m[2]]}", " ".join(text.split()))
    text = words_as_digits(re.sub(r"\.(?=\s|$)", " .", text))
    text = _SCALED.sub(_scaled, _MONEY.sub(_money, _CODED.sub(_coded, text)))
    text = _CLOCK.sub(_clock, text)
    for form, order in _DATES:
        text = form.sub(functools.partial(_dated, order), text)
    text = _RANGE.sub(" to ", text)
    text = _BETWEEN.sub(r"\1 to ", text)
    text = re.sub(r"(?<!\w)-(?=[0-9])", "minus ", text)
    text = _DEGREES.sub(lambda m: " degree " + {"c": "celsius", "f": "fahrenheit"}[m[1]], text)
    text = _SPEED.sub(lambda m: f" {UNITS[m[1]]} per {UNITS[m[2]]} ", text.replace("km/h", "km/hour"))
    text = _AREA.sub(lambda m: f" {({'2': 'square', '3': 'cubic'})[m[2]]} {UNITS[m[1]]} ", text)
    text = _ONE_UNIT.sub(r"\1 to \3 \2", _MEASURED.sub(_measured, text))
    found = [american(word) for word in _WORD.findall(text.replace("-", " "))]
    after = [*found[1:], "."]
    return tuple(
        word
        for word, follows in zip(found, after, strict=False)
        if word not in ("a", "an", "the", "-")
        or (word == "a" and (len(follows) == 1 or follows in ("and", "or", "is", "was")))  # "vitamin A"
    )


def _iso(m: re.Match[str]) -> str:
    month = int(m[2])
    return f"{int(m[3])} {MONTHS[month - 1]} {m[1]}" if 1 <= month <= 12 else m[0]


def _dated(order: tuple[int, int, int], m: re.Match[str]) -> str:
    day, month, year = (m[i] for i in order)
    name = next(name for name in MONTHS if name.startswith(month[:3]))
    comma = " ," if m[0].rstrip().endswith(",") else ""
    return f"{int(day)} {name}" + (f" {year}" if year else "") + comma


def _clock(m: re.Match[str]) -> str:
    hour, minutes = int(m[1] or m[4]), m[2] or m[5] or "00"
    half = m[3]
    if half is None and hour > 12:
        hour, half = hour - 12, "p"
    return f"{hour}:{minutes}{half}m" if half else f"{hour}:{minutes}"


def _coded(m: re.Match[str]) -> str:
    return _CODES[m[1]] if m[1] else " pound"


def _money(m: re.Match[str]) -> str:
    return f"{_times(m[2], m[3] or '')} {_CURRENCIES[m[1]]}"


def _scaled(m: re.Match[str]) -> str:
    return _times(m[1], m[2])


def _times(number: str, scale: str) -> str:
    if len(number) > 40:
        return number
    value = Decimal(number).scaleb(_SCALES.get(scale, 0))
    whole = value == value.to_integral_value()
    return str(int(value)) if whole else format(value.normalize(), "f")


def _measured(m: re.Match[str]) -> str:
    power = (m[2] or "").strip().replace("sq", "square").replace("squareuare", "square").rstrip(".")
    return " ".join(filter(None, (m[1], power, UNITS[m[3]])))
