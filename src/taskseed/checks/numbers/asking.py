"""What a question asks for: in which unit, how exactly, in which form. Pure."""

import re

from taskseed.checks.numbers.conversions import Quantity
from taskseed.checks.numbers.units import is_measured, measure, read_unit
from taskseed.checks.reading import clean

__all__ = [
    "asked_measure",
    "asking_sentence",
    "asks_in",
    "asks_otherwise",
    "in_asked_unit",
    "temperature_change",
]

_SENTENCES = re.compile(r"(?<=[.?!])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)\s+|\n")
_ASKS_MONEY = re.compile(
    r"\b(?:how much|costs?|pric\w*|pays?|paid|earn\w*|spen[dt]\w*|sav\w+|worth|ow(?:e|es|ed)|charg\w*|"
    r"profits?|revenue|"
    r"salary|wages?|money|change|bill|budget|income|tip|tax|fee|donat\w*|rent|raise[ds]?)\b",
    re.IGNORECASE,
)
_WARMER = re.compile(
    r"\b(?:chang\w*|differ\w*|ris(?:e|es|en)|rose|rais\w*|drop\w*|f[ae]ll\w*|increas\w*|decreas\w*|"
    r"warmer|colder|cooler|hotter|higher|lower|more|less|range)\b",
    re.IGNORECASE,
)
_ASKS_PERCENT = re.compile(r"(?<!\d)(?<!\d )(?:percent|per cent|%)", re.IGNORECASE)  # not "15% of 200"
_MONEY_SIGNS = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹"}


def asking_sentence(question: str) -> str:
    """Return the last sentence of a question that has a question mark, or else the last."""
    sentences = [s for s in _SENTENCES.split(question[-4000:]) if s.strip()]
    return next((s for s in reversed(sentences) if "?" in s), sentences[-1] if sentences else "")


def temperature_change(question: str) -> bool:
    """Say whether a question asks by how many degrees something changes or differs."""
    return _WARMER.search(asking_sentence(question)) is not None


def asks_in(unit: str, question: str) -> bool:
    """Say whether a question asks for a number of this unit, so that an answer may leave the unit out.

    "How many cm …?", "… in euros?", "what percentage …?"; money where the question is about money and names
    no other currency; a counted thing that the question names, where it asks how many.
    """
    if not question or not unit:
        return False
    question = clean(question[-4000:])
    asking = asking_sentence(question)
    if unit == "%":
        return _ASKS_PERCENT.search(asking) is not None
    named = _units_asked(asking)
    if unit == "year" and re.search(r"\bhow old\b", asking, re.IGNORECASE) and "month" not in asking:
        return True
    if unit in named or unit.removeprefix("degree ") in named:
        return True
    if unit in _MONEY_SIGNS and not (named & {"cent", *_MONEY_SIGNS}):
        signs = {u for u in _MONEY_SIGNS if u in question} or (_all_units(question) & set(_MONEY_SIGNS))
        return signs == {unit} and _ASKS_MONEY.search(asking) is not None
    if any(name in _MONEY_SIGNS or is_measured(name) for name in unit.split()):
        return False
    return re.search(r"\bhow many\b", asking, re.IGNORECASE) is not None and unit in _all_units(question)


def _all_units(text: str) -> set[str]:
    found = (read_unit(word, attached=False) for word in re.findall(r"[^\W\d_]+|[$€£¥₹%]", text)[:2000])
    return {unit for unit in found if unit}


def _units_asked(sentence: str) -> set[str]:
    """Return the units named after "how many", "in", "(in" or "number of", with up to four words each."""
    named: set[str] = set()
    for starts in (r"\b(?:how many|number of)\b", r"\b(?:in|to the nearest|of)\b"):
        found: set[str] = set()
        for start in re.finditer(starts, sentence[:2000], re.IGNORECASE):
            found |= _units_at(sentence[start.end() : start.end() + 60])
        if any(is_measured(unit) for unit in found) and "many" in starts:
            return found  # "how many days are there in 3 weeks"
        named = found if "many" in starts else named | found
    return named


def _units_at(text: str) -> set[str]:
    """Return the units that the words of a text name, the longest measure of those that begin together."""
    words = re.findall(r"[^\W\d_]+(?:[/²³][^\W\d_]*)?|[$€£¥₹°]", text)
    found: set[str] = set()
    for first in range(min(3, len(words))):
        read = [
            read_unit(clean(" ".join(words[first:last])), attached=False)
            for last in range(first + 1, min(first + 5, len(words)) + 1)
        ]
        measured = [unit for unit in read if unit and is_measured(unit)]
        units = measured[-1:] or [unit for unit in read if unit]
        found.update(units, (unit.removeprefix("degree ") for unit in units))
        if measured and " per " in measured[-1]:
            break  # miles per hour are neither miles nor hours
    return found


def asks_otherwise(unit: str, question: str) -> bool:
    """Say whether a question asks in a unit that has nothing to do with this one, or in another currency."""
    if not question or not is_measured(unit):
        return False
    question = clean(question[-4000:])
    if unit in _MONEY_SIGNS:  # of a bare number, "$72" may only be a habit
        return bool((_all_units(question) & set(_MONEY_SIGNS)) - {unit}) and unit not in _all_units(question)
    named = {u for u in _units_asked(asking_sentence(question)) if is_measured(u)}
    if not named or "degree" in named:
        return False
    kinds = {measure(u.split(" per ")[0] if u[0] in _MONEY_SIGNS else u)[1] for u in named}
    return kinds.isdisjoint((measure(unit)[1], measure(unit.split(" per ")[0])[1]))


def in_asked_unit(quantity: Quantity, question: str) -> Quantity:
    """Return a quantity without its unit where the question asks in that unit."""
    return Quantity(quantity.value) if asks_in(quantity.unit, question) else quantity


def asked_measure(unit: str, question: str) -> str:
    """Return the one unit of measure that a question asks in and that converts into this one, if any."""
    if not question or not is_measured(unit):
        return ""
    sentences = [s for s in _SENTENCES.split(clean(question[-4000:])) if s.strip()]
    named = _units_asked(sentences[-1] if sentences else "")
    if sentences and re.search(r"\bhow old\b", sentences[-1], re.IGNORECASE):
        named = named or {"year"}
    kind = measure(unit)[1]
    asked = sorted(u for u in named if is_measured(u) and u != unit and measure(u)[1] == kind)
    return asked[0] if len({measure(u)[0] for u in asked}) == 1 else ""
