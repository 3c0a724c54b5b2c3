"""World constants: which numbers a word of a problem licenses without their being written in it."""

import re
from fractions import Fraction

__all__ = ["constants_of"]

_LICENSED = [
    (re.compile(rf"\b(?:{cue})\b", re.I), tuple(Fraction(v) for v in values.split()))
    for cue, values in (
        (r"weeks?|weekly|days?|daily|fortnight", "7 14"),
        (r"weekends?|every other|pairs?|both|couple|twins?|twice|double[ds]?|doubling|each other", "2"),
        (r"halves|half|mid\w*|average|mean|round.?trip|ways?|back|return\w*|again|same", "2 1/2"),
        (r"sides?|another|second|others?", "2 1/2"),
        (r"weekdays?|school days?|work ?days?|business days?|work ?week|school week|nickels?", "5 1/20"),
        (r"months?|monthly|annual\w*|years?|yearly|dozens?|inch|inches|foot|feet", "12"),
        (r"half.dozen", "6"),
        (r"months?|monthly|weeks?|quarter\w*|seasons?|four-legged", "4 1/4 30 31 28"),
        (r"years?|yearly|annual\w*", "52 365 366"),
        (r"days?|daily|hours?|hourly", "24"),
        (r"hours?|hourly|minutes?|seconds?|mph|per hour", "60 3600 1/60"),
        (r"%|percent\w*|cents?|dollars?|penn(?:y|ies)|meters?|centuries|century|cm|centimet\w+", "100 1/100"),
        (r"kilo\w+|grams?|kg|ml|milli\w+|liters?|litres?|km|meters?|tons?", "1000 1/1000"),
        (r"yards?|feet|thirds?|triple[ds]?|tripling|thrice|triangles?|tricycles?|trio", "3 36 1/3"),
        (r"pounds?|lbs?|ounces?|oz", "16 2000"),
        (r"quarts?|gallons?|cups?|pints?|ounces?", "2 4 8 16 128 32"),
        (r"dimes?|decades?|tenths?|mm|cm", "10 1/10"),
        (r"quarters?", "25 1/4 4 15"),
        (r"miles?", "5280 1760"),
        (r"squares?|rectang\w+|perimeter|fence\w*|quadruple\w*", "4 2"),
        (r"cows?|dogs?|cats?|horses?|goats?|sheep", "4 2"),
        (r"animals?|legs?|legged|feet|paws?|tires?|wheels?|cars?|chickens?|birds?|bicycles?|bikes?", "4 2"),
        (r"cubes?|dice|die|insects?|hexagon\w*|ants?", "6 12"),
        (r"spiders?|octop\w+|octagon\w*", "8"),
        (r"pentagon\w*", "5"),
        (r"degrees?|angles?|circle|triangle", "90 180 360"),
        (r"decks?|cards?", "52"),
        (r"basketball|hoops?|shots?|baskets?|three-pointers?", "1 2 3"),
        (r"football|touchdowns?", "6 7 3"),
        (r"alphabet|letters", "26"),
        (r"fingers?|toes?|hands?", "5 10"),
    )
]  # fmt: skip
_DAY = "mon|tues|wednes|thurs|fri|satur|sun"
_NAME_LIST = re.compile(r"\b(?:[A-Z][a-z]+, ){0,8}(?:and )?[A-Z][a-z]+(?:,? (?:and|&) [A-Z][a-z]+)?\b")


def constants_of(text: str) -> frozenset[Fraction]:
    """Return every world constant that a word of the text licenses (week: 7, dozen: 12, percent: 100)."""
    found: set[Fraction] = {Fraction(0), Fraction(1)}
    for cue, values in _LICENSED:
        if cue.search(text):
            found.update(values)
    if "%" in text or "$" in text:
        found.update((Fraction(100), Fraction(1, 100)))
    return frozenset(found | _counts(text))


def _counts(text: str) -> set[Fraction]:
    """Return how many names and weekdays the text lists: counts that a solver uses without a number."""
    days = {d.lower() for d in re.findall(rf"\b({_DAY})(?:days?|\.)?\b", text, re.I)}
    found = {Fraction(len(days))} if len(days) > 1 else set()
    if re.search(rf"\b(?:{_DAY})\w* ?(?:to|through|until|till|-|–) ?(?:{_DAY})", text, re.I):
        found |= {Fraction(n) for n in range(2, 7)}
    for run in _NAME_LIST.findall(text[:5000]):
        names = Fraction(len(re.findall(r"[A-Z][a-z]+", run)))
        found |= {names, names + 1} if names > 2 else {names}
    return {v for v in found if v > 1}
