"""Numbers and number words in prose: where they stand, what they are worth, which of them may vary."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from taskseed.numeric.expression import BadExpression, to_fraction

__all__ = ["NUMBER_WORDS", "Token", "scan", "sentence_around", "words_after", "words_before"]

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
NUMBER_WORDS = {w: i for i, w in enumerate(_UNITS)} | {w: 10 * (i + 2) for i, w in enumerate(_TENS)}
_PARTS = {
    "half": 2, "halves": 2, "quarter": 4, "quarters": 4, "third": 3, "thirds": 3, "fourth": 4, "fourths": 4,
    "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8,
    "eighths": 8, "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "twelfth": 12, "twelfths": 12,
}  # fmt: skip
_MULTIPLIERS = {
    "twice": 2, "thrice": 3, "double": 2, "doubles": 2, "doubled": 2, "doubling": 2, "triple": 3,
    "triples": 3, "tripled": 3, "tripling": 3, "quadruple": 4, "quadrupled": 4, "quadruples": 4,
    "dozen": 12, "dozens": 12, "couple": 2, "pair": 2, "pairs": 2, "both": 2, "twins": 2, "triplets": 3,
    "trio": 3, "decade": 10, "decades": 10,
}  # fmt: skip

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,5}(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+"
_COUNT = "|".join(sorted([*NUMBER_WORDS, *_SCALES], key=len, reverse=True))
_WORDS = rf"\b(?:{_COUNT})(?:(?:-|\ and\ |\ )(?:{_COUNT}))*\b"
_NAMED = "|".join(sorted([*_PARTS, *_MULTIPLIERS], key=len, reverse=True))
_TOKEN = re.compile(rf"(?P<digits>{_DIGITS})|(?P<words>{_WORDS})|\b(?P<named>{_NAMED})\b", re.I | re.ASCII)
_FRACTION = re.compile(r"(?:(\d+) +)?(\d+) ?/ ?(\d+)(?![\d.,]*\d)", re.ASCII)
_CLOCK = re.compile(r"\s?(?:[ap]\.?m\b|o'?clock)|:\d\d", re.I)
_SCALE_AFTER = re.compile(r"[ -]?(hundred|thousand|million|billion|k|dozen)\b", re.I)
_ORDINAL_AFTER = re.compile(r"(?:st|nd|rd|th)\b", re.I)
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DATE_BEFORE = re.compile(rf"\b{_MONTH} $", re.I)
_DATE_AFTER = re.compile(rf"(?:st|nd|rd|th)?(?: of)? {_MONTH}\b", re.I)
_LABEL_BEFORE = re.compile(
    r"(?:\b(?:grade|room|level|chapter|page|highway|route|section|unit|version|number|no\.|channel|bus|gate|"
    r"class|day|week|year|month|step|part|round|game|size|figure|team|box|version|type|group|model|quarter|"
    r"season|problem|question|player|line|stage|phase) |#)$",
    re.I,
)
_LABEL_AFTER = re.compile(
    r"[ -](?:sided|bills?\b|notes? |dimensional|point scale|wheeler|legged|wheeled|D\b|dollar bill)|D\b"
    r"|-(?:point|pointers?|way|on)\b",
    re.I,
)
_GLUED_UNIT = re.compile(
    r"(?:kg|lbs?|oz|ft|cm|mm|km|ml|mph|kph|hrs?|mins?|secs?|gb|mb|tb|kb|mbps|am|pm|st|nd|rd|th|in)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Token:
    """One number in prose.

    :param values: the values that a calculation may take from it; the first is its plain value.
    :param style: `digits` or `word` (these may vary), `fixed` (half, dozen, 2/3, 7:30, 2020, 3rd) or
        `glued` (`5x`, `iPhone12`).
    :param unit: `percent`, `dollar`, `cent` or empty.
    """

    start: int
    end: int
    text: str
    values: tuple[Fraction, ...]
    style: str
    unit: str = ""


def scan(text: str, *, fractions: bool) -> list[Token]:
    """Return the numbers of a text from left to right.

    :param fractions: whether `3/4` is one (fixed) number, as in a question, or a division.
    """
    found: list[Token] = []
    position = 0
    while (match := _TOKEN.search(text, position)) is not None:
        token = _token(text, match, fractions=fractions)
        found.append(token)
        position = max(token.end, match.end())
    return found


def words_after(text: str, end: int, count: int) -> list[str]:
    """Return up to `count` lower-case words that follow a position in the same sentence."""
    stretch = re.split(r"[.?!;:](?:\s|$)", text[end : end + 20 * count], maxsplit=1)[0]
    return re.findall(r"[a-z']+", stretch.lower())[:count]


def words_before(text: str, start: int, count: int) -> list[str]:
    """Return up to `count` lower-case words that stand before a position in the same sentence."""
    stretch = re.split(r"[.?!;:]\s", text[max(0, start - 20 * count) : start])[-1]
    return re.findall(r"[a-z']+", stretch.lower())[-count:]


def sentence_around(text: str, position: int) -> str:
    """Return the lower-case sentence that holds a position."""
    begin = max(text.rfind(mark, 0, position) for mark in (". ", "? ", "! ", "\n"))
    ends = [e for e in (text.find(mark, position) for mark in (". ", "? ", "! ", "\n")) if e >= 0]
    return text[begin + 1 : min(ends, default=len(text))].lower()


def _token(text: str, match: re.Match[str], *, fractions: bool) -> Token:
    if match.group("named"):
        return _named(match)
    if match.group("words"):
        return _in_words(text, match)
    start, end = match.span()
    if fractions and (fraction := _FRACTION.match(text, start)) and fraction.group(3).strip("0"):
        return _fraction(fraction)
    try:
        value = to_fraction(match.group())
    except BadExpression:  # too many digits to be a quantity
        return Token(start, end, match.group(), (Fraction(-1),), "fixed")
    values = (value, *_scaled(text, end, value))
    style = _digit_style(text, start, end, value)
    return Token(start, end, match.group(), values, style, _unit(text, start, end))


def _digit_style(text: str, start: int, end: int, value: Fraction) -> str:
    before, after = text[max(0, start - 12) : start], text[end : end + 24]
    if _CLOCK.match(after) or re.search(r"\d:$", before) or _SCALE_AFTER.match(after):
        return "fixed"
    if _ORDINAL_AFTER.match(after) or _DATE_BEFORE.search(before) or _DATE_AFTER.match(after):
        return "fixed"
    if _LABEL_BEFORE.search(before) or _LABEL_AFTER.match(after) or re.match(r"['’]", after):
        return "fixed"
    if _is_year(before, after, value, text[start:end]):
        return "fixed"
    if re.search(r"[A-Za-z_]$", before) and not re.search(r"(?:^|[\d\s])[xX]$", before):
        return "glued"
    if re.match(r"[A-Za-z_]", after) and not re.match(r"[xX] ?[$\d(]", after):
        return "digits" if _GLUED_UNIT.match(after) else "glued"
    return "digits"


def _is_year(before: str, after: str, value: Fraction, text: str) -> bool:
    plain = text.isdigit() and 1700 <= value <= 2100 and not before.endswith("$")
    return plain and (
        re.search(r"\b(?:in|since|year|of|by|from|until|to|before|after) $", before, re.I) is not None
        or not re.match(r" ?[a-z%]", after)
    )


def _unit(text: str, start: int, end: int) -> str:
    after = text[end : end + 10].lower()
    if re.match(r" ?%|[ -]percent", after):
        return "percent"
    if text[max(0, start - 2) : start].rstrip().endswith("$") or re.match(r"[ -]?dollars?\b|\$", after):
        return "dollar"
    return "cent" if re.match(r"[ -]?(?:cents?\b|¢)", after) else ""


def _scaled(text: str, end: int, value: Fraction) -> Iterator[Fraction]:
    match = _SCALE_AFTER.match(text, end)
    if match is not None:
        scale = {"k": 1000, "dozen": 12}.get(match.group(1).lower()) or _SCALES[match.group(1).lower()]
        yield value * scale


def _fraction(match: re.Match[str]) -> Token:
    whole, top, bottom = (int((g or "0")[:9]) for g in match.groups())
    values = _parts_of(top, bottom)
    if match.group(1):
        values = (whole + values[0], *values, Fraction(whole), whole * bottom + Fraction(top))
    return Token(match.start(), match.end(), match.group(), values, "fixed")


def _parts_of(top: int, bottom: int) -> tuple[Fraction, ...]:
    share = Fraction(top, bottom)
    rest = 1 - share
    return (
        share, Fraction(top), Fraction(bottom), rest, Fraction(abs(bottom - top)), 100 * share, 100 * rest,
        1 + share, Fraction(bottom + top), 100 + 100 * share,
    )  # fmt: skip


def _named(match: re.Match[str]) -> Token:
    word = match.group().lower()
    if word in _PARTS:
        values = _parts_of(1, _PARTS[word])
    else:
        number = Fraction(_MULTIPLIERS[word])
        values = (number, 1 / number, number - 1, number + 1, number / 2)
    return Token(match.start(), match.end(), match.group(), values, "fixed")


def _in_words(text: str, match: re.Match[str]) -> Token:
    words = re.findall(r"[a-z]+", match.group().lower())
    start, end = match.span()
    part = re.compile(rf"[- ]({'|'.join(_PARTS)})\b", re.I).match(text, end)
    if part is not None and len(words) == 1 and words[0] in NUMBER_WORDS:
        values = _parts_of(NUMBER_WORDS[words[0]], _PARTS[part.group(1).lower()])
        return Token(start, part.end(), text[start : part.end()], values, "fixed")
    value, simple = _word_value(words)
    after = _SCALE_AFTER.match(text, end)
    fixed = not simple or value <= 1 or after is not None or _LABEL_AFTER.match(text, end) is not None
    fixed = fixed or _CLOCK.match(text, end) is not None
    fixed = fixed or _LABEL_BEFORE.search(text[max(0, start - 12) : start]) is not None
    values = (Fraction(value), *_scaled(text, end, Fraction(value)), *(Fraction(v) for v in _loose(words)))
    return Token(start, end, match.group(), values, "fixed" if fixed else "word", _unit(text, start, end))


def _loose(words: list[str]) -> list[int]:
    return [NUMBER_WORDS[w] for w in words if w in NUMBER_WORDS] if len(words) > 1 else []


def _word_value(words: list[str]) -> tuple[int, bool]:
    """Return the value of a run of number words, and whether it is one plain number below 100."""
    if len(words) == 1 and words[0] in NUMBER_WORDS:
        return NUMBER_WORDS[words[0]], True
    if len(words) == 2 and words[0] in _TENS and 0 < NUMBER_WORDS.get(words[1], 0) < 10:
        return NUMBER_WORDS[words[0]] + NUMBER_WORDS[words[1]], True
    total, current = 0, 0
    for word in words:
        if word == "and":
            continue
        if word == "hundred":
            current = max(1, current) * 100
        elif word in _SCALES:
            total, current = total + max(1, current) * _SCALES[word], 0
        else:
            current += NUMBER_WORDS[word]
    return total + current, False
