"""What wording and world say about a number of a question: whether it must stay, how far it may go."""

import re
from fractions import Fraction

from taskseed.numeric.tokens import Token, sentence_around, words_after, words_before

__all__ = ["is_structural", "limits_of"]

_PEOPLE = re.compile(
    r"(?:friends?|brothers?|sisters?|siblings?|kids|children|sons?|daughters?|people|persons?|women|men|boys|"
    r"girls|cousins?|roommates?|neighbors?|classmates?|parents|grandchildren)$"
)
_DEFINITE = {"all", "these", "those", "other", "both", "remaining", "every"}
_NORMS = {"standard", "regulation", "boiling", "boils", "freezing", "freezes"}
_SERIAL = {"first", "last", "next", "previous", "past", "final", "initial", "following"}
_CASH = re.compile(r"bills?|notes?|coins?|denominations?")
_BODY = re.compile(
    r"legs?|wheels?|tires?|paws?|eyes?|ears?|arms?|hands?|fingers?|toes?|wings?|tentacles?|sides?|corners?|"
    r"strings?|quarters|innings?|halves|noses?|tails?|horns?|seasons|angles?|sided|legged|wheeled|wheeler|d"
)
_NARROW = re.compile(r"\b(?:age|ages|aged|older|younger|birthday|old|tall|taller|height|weigh\w*)\b", re.I)
_DAILY = re.compile(r"\b(?:day|daily|night|morning|evening|today|each|every)\b")
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|month)\b"
)
_LISTING = re.compile(r"[^.?!,]{0,40}(?::|--|—| - |\()")
_LENGTH = r"(?:inch(?:es)?|feet|foot|yards?|miles?|mm|cm|centimeters?|meters?|km|kilometers?)"
_MASS = r"(?:pounds?|lbs?|ounces?|oz|grams?|kg|kilograms?|kilos?|tons?)"
_VOLUME = r"(?:ml|milliliters?|liters?|cups?|pints?|quarts?|gallons?|ounces?|teaspoons?|tablespoons?)"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?)"
_EACH = r"(?:an? |each |every |one |1 )"
_CONVERSION = re.compile(
    rf"[- ]?(?:{_LENGTH} (?:in|per|to) {_EACH}?{_LENGTH}|{_MASS} (?:in|per|to) {_EACH}?{_MASS}"
    rf"|{_VOLUME} (?:in|per|to) {_EACH}?{_VOLUME}"
    rf"|(?:seconds|minutes|weeks|months|years) (?:in|per|to|for) {_EACH}{_TIME})\b",
    re.I,
)
_EQUAL = re.compile(
    rf"\b{_EACH}(?:{_LENGTH}|{_MASS}|{_VOLUME}|{_TIME}|stone)(?: per {_TIME})? "
    r"(?:is|equals?|=|has|are|weighs)(?: equal| about| approximately| roughly| to){0,3} $",
    re.I,
)
_UNIT_CAPS = {
    "day": (7, 30, 365), "hour": (12, 16, 24), "minute": (59,), "second": (59,), "month": (12,),
    "week": (52,), "inche": (12,), "inch": (12,), "semester": (2,), "feet": (7,), "degree": (180, 360),
}  # fmt: skip


def is_structural(text: str, token: Token) -> bool:
    """Return whether a number of a question is bound to the wording around it, so that it must stay.

    Such are `all 3`, `the last 2`, `two brothers, Ann and Bob`, `4 legs`, `a $5 bill`, `12 inches in a foot`,
    `a mile is 1.6 km`.
    """
    value, after = token.values[0], words_after(text, token.end, 6)
    before = words_before(text, token.start, 2)
    stretch = text[token.end : token.end + 60]
    if any(_BODY.fullmatch(w) for w in after[:2]) or _CONVERSION.match(stretch):
        return True
    if token.unit == "dollar" and any(_CASH.fullmatch(w) for w in [*after[:3], *before]):
        return True
    if _EQUAL.search(text[max(0, token.start - 60) : token.start]):
        return True
    if 28 <= value <= 31 and after[:1] == ["days"] and _MONTH.search(sentence_around(text, token.start)):
        return True
    if not _NORMS.isdisjoint(re.findall(r"[a-z]+", sentence_around(text, token.start))):
        return True
    return not token.unit and _refers(text, token, before, after)


def _refers(text: str, token: Token, before: list[str], after: list[str]) -> bool:
    """Return whether the number counts things that the text names or has counted before."""
    value = token.values[0]
    article = before[-1:] == ["the"]
    if value <= 12 and before and before[-1] in _DEFINITE | _SERIAL:
        return True
    if article and (value <= 5 or (after[:2] and after[0] == "of")):
        return True
    if value > 8:
        return False
    named = any(_PEOPLE.match(w) for w in after[:3]) and _names_follow(text, token)
    return named or _LISTING.match(text[token.end : token.end + 60]) is not None


def _names_follow(text: str, token: Token) -> bool:
    rest = re.split(r"[?!]|\. [a-z]", text[token.end : token.end + 160], maxsplit=1)[0]
    names = set(re.findall(r"(?<=[ ,(])[A-Z][a-z]+", rest))
    return len(names) >= min(2, int(token.values[0]))


def limits_of(text: str, token: Token) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest value that a number may take in place of this one.

    Half to twice as much in general; narrower for ages, heights and weights; never past a limit of the
    world that the number now keeps (7 days a week, 24 hours a day, 60 minutes, 12 months, 100 %).
    """
    value = token.values[0]
    low, high = value / 2, value * 2
    if not token.unit and _NARROW.search(text):
        low, high = value * 3 / 4, value * 5 / 4
        if value < 8:
            low, high = max(Fraction(1), value - 2), value + 2
    for cap in _caps(token, words_after(text, token.end, 4), sentence_around(text, token.start)):
        if value <= cap:
            high = min(high, Fraction(cap))
    return low, high


def _caps(token: Token, after: list[str], sentence: str) -> list[int]:
    if token.unit:
        return {"percent": [95], "cent": [99]}.get(token.unit, [])
    unit = next((w.rstrip("s") for w in after[:3] if w.rstrip("s") in _UNIT_CAPS), "")
    caps = list(_UNIT_CAPS.get(unit, ()))
    if unit == "hour" and not _DAILY.search(sentence):
        caps = [24]
    if unit == "week" and "month" in sentence:
        caps.append(4)
    if after[:1] in (["times"], ["time"]) and re.search(r"\bweek(?:ly)?\b", sentence):
        caps.append(7)
    return caps
