"""Numbers with units, read exactly. What is not surely one number is not read at all.

The amount is an exact fraction. A unit is a short text with one spelling per unit (`checks.units`).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from taskseed.checks.formulas import Unreadable, read_formula
from taskseed.checks.numerals import amount_in_digits, amount_in_words
from taskseed.checks.reading import clean, spoken, without_explanation
from taskseed.checks.sentences import number_in_sentence
from taskseed.checks.units import is_measured, measure, read_unit

__all__ = ["Quantity", "Verdict", "asks_in", "equal_numbers", "in_asked_unit", "parse_number"]

Verdict = Literal["equal", "different", "unknown"]

_MAX_CHARS = 200  # a number with its unit
_SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "half": 1,
}  # fmt: skip
_VARIABLE = re.compile(r"[A-Za-z]\w{0,15}\s?=\s?(?=[^=])|[=]\s{0,3}")
_MINUS = re.compile(r"(?:minus|negative) (?=[$€£¥₹]?[0-9])", re.IGNORECASE)
_WHOLE_TEXT = re.compile(r"(?P<a>[^()]{1,120}?)\s?\((?P<b>[^()]{1,120})\)(?P<unit>\s[^()]{1,60})?")
# What a sentence says after a number without changing it.
_TAIL = re.compile(
    r"\s(?:(?:in (?:total|all)|altogether|overall)(?:\s[^\d]*)?"
    r"|(?:total|left(?: over)?|remaining|exactly|(?:is|are) left)"
    r"|(?:in|on|at|for|with|during) (?:the|his|her|their|its|my|our|your|all)\s[^\d]*)$",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.?!])\s+|\n")
_ASKS_MONEY = re.compile(
    r"\b(?:how much|costs?|pric\w*|pays?|paid|earn\w*|spen[dt]\w*|sav\w+|worth|ow(?:e|es|ed)|charg\w*|"
    r"profits?|revenue|"
    r"salary|wages?|money|change|bill|budget|income|tip|tax|fee|donat\w*|rent|raise[ds]?)\b",
    re.IGNORECASE,
)
_MONEY_SIGNS = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹"}
# Different measures between which a reader may convert, or which share a name.
_NEAR = frozenset(
    map(frozenset, (("pound", "£"), ("°C", "K"), ("°C", "°F"), ("day", "month"), ("day", "year")))
)
_AMOUNT_AND_REST = re.compile(r"(.+?)(?:,?\s(?:and\s)?|(?<=['′h])\s?)(\d.*)", re.DOTALL)
_FEET_INCHES = re.compile(r"(\d{1,6})\s?['′]\s?(\d{1,2}(?:\.\d{1,9})?)\s?(?:[\"″]|'')")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount and its unit; the unit is empty where none was written."""

    value: Fraction
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit else str(self.value)


def parse_number(s: str) -> Quantity | None:
    """Read the one number that an answer states, with its unit; None where that is not certain.

    Reads "1,200", "$1,200.00", "3 1/2", "1e3", "10^3", "50%", "½", "-3", "twenty-one", "three and a half",
    "2 dozen", "x = 5", "2 hours 30 minutes", "72 (seventy-two)", "The answer is 72 apples", "She has 72
    left". Does not read ranges, several numbers, approximations, "5 or more", dates, times, decimal commas,
    more than 40 digits or exponents beyond 100.
    """
    text = spoken(s)
    if text is None:
        return None
    text = without_explanation(text)
    if len(text) > _MAX_CHARS:
        return None
    return _read(text) or _glossed(text) or _in_sentence(text) or _computed(text) or _equated(text)


def _computed(text: str) -> Quantity | None:
    """Read "sqrt(16)", "3 × 4" and "2^10 + 1"; a minus may be a range, and a slash a date."""
    if not re.search(r"sqrt|[√×*^+]|\\times|\\cdot", text) or re.search(r"[-!/=%]|[x-z]", text):
        return None
    try:
        value = read_formula(text).constant()
    except Unreadable:
        return None
    return None if value is None else Quantity(value)


def _read(text: str) -> Quantity | None:
    """Read a text that is a quantity and nothing more."""
    variable = _VARIABLE.match(text)
    text = text[variable.end() :] if variable is not None else text
    text = _TAIL.sub("", _MINUS.sub("-", text.replace("US$", "$")))
    simple = _simple(text)
    return simple if simple is not None else _compound(text)


def _simple(text: str) -> Quantity | None:
    digits = amount_in_digits(text)
    if digits is not None:
        return _with_unit(digits[0], digits[1] + " ", digits[2])
    words = amount_in_words(text)
    if words is None or (words[1] and not words[1][0].isspace()):
        return _one(text)
    return _with_unit(words[0], "", words[1])


def _one(text: str) -> Quantity | None:
    """Read "an hour" and "a mile": one unit of measure."""
    m = re.fullmatch(r"an?\s([a-z]{3,12})", text, re.IGNORECASE)
    unit = read_unit(m[1], attached=False) if m else None
    return Quantity(Fraction(1), unit) if unit and is_measured(unit) else None


def _with_unit(value: Fraction, currency: str, rest: str) -> Quantity | None:
    words = rest.split(None, 1)
    factor = _SCALES.get(words[0].casefold()) if words and rest[0].isspace() else None
    if factor is not None and factor > 1:
        value, rest = value * factor, " " + words[1] if len(words) > 1 else ""
        words = rest.split(None, 1)
        if words and words[0].casefold() in ("thousand", "million", "billion", "trillion"):
            return None
    # "5x" and "1990s" are no quantities; "5cm" is one.
    attached = bool(rest) and rest[0].isalpha()
    if attached and (rest == "s" and value >= 1000):
        return None
    if rest.startswith("-") and len(rest) > 2 and rest[1].isalpha():
        rest = " " + rest[1:]  # "72-inch"
    unit = read_unit(currency.replace("Rs.", "Rs") + rest, attached=attached)
    return None if unit is None else Quantity(value, unit)


def _compound(text: str) -> Quantity | None:
    """Read "2 hours 30 minutes", "5 ft 6 in", "5'6\"",
    "5 dollars and 50 cents": units of one kind that fall."""
    feet = _FEET_INCHES.fullmatch(text)
    if feet is not None:
        return Quantity(Fraction(feet[1]) * 12 + Fraction(feet[2]), "inch")
    total: Quantity | None = None
    last = Fraction(0)
    for _ in range(4):
        m = _AMOUNT_AND_REST.fullmatch(text)
        part = _simple(m[1] if m else text)
        if part is None or not is_measured(part.unit) or part.value < 0:
            return None
        scale, kind = measure(part.unit)
        if total is not None and (kind != measure(total.unit)[1] or part.value * scale >= last):
            return None
        value = part.value if total is None else total.value + part.value * scale / measure(total.unit)[0]
        total = Quantity(value, part.unit if total is None else total.unit)
        if m is None:
            return total
        last, text = scale, m[2]
    return None


def _glossed(text: str) -> Quantity | None:
    """Read "72 (seventy-two)" and "72 minutes (1 hour 12 minutes)": the same quantity twice."""
    m = _WHOLE_TEXT.fullmatch(text)
    if m is None:
        return None
    a, b = _read(m["a"]), _read(m["b"])
    if a is None or b is None:
        return None
    same = a.value == b.value if not a.unit or not b.unit else _across_units(a, b) == "equal"
    if m["unit"] and same:
        return None if a.unit else _with_unit(a.value, "", m["unit"])
    return (a if a.unit or not b.unit else b) if same else None


def _in_sentence(text: str) -> Quantity | None:
    """Read a number at the end of a sentence whose words cannot change it: "He needs 72 minutes"."""
    rest = number_in_sentence(text)
    return None if rest is None else _read(rest) or _glossed(rest)


def _equated(text: str) -> Quantity | None:
    """Read the right side of "12 + 24 = 36", where the left side is the same number."""
    left, sign, right = text.rpartition("=")
    quantity = _simple(right.strip()) if sign else None
    if quantity is None:
        return None
    try:
        value = read_formula(left).constant()
    except Unreadable:
        return None
    return quantity if value == quantity.value else None


def asks_in(unit: str, question: str) -> bool:
    """Say whether a question asks for a number of this unit, so that an answer may leave the unit out.

    "How many cm …?", "… in euros?", "what percentage …?"; money where the question is about money and names
    no other currency; a counted thing that the question names, where it asks how many.
    """
    if not question or not unit:
        return False
    question = clean(question[-4000:])
    sentences = [s for s in _SENTENCES.split(question) if s.strip()]
    asking = next((s for s in reversed(sentences) if "?" in s), sentences[-1] if sentences else "")
    if unit == "%":
        return re.search(r"percent|per cent|%", asking, re.IGNORECASE) is not None
    named = _units_asked(asking)
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
    found: set[str] = set()
    starts = re.finditer(r"\b(?:how many|number of|in|to the nearest|of)\b", sentence[:2000], re.IGNORECASE)
    for start in starts:
        words = re.findall(r"[^\W\d_]+(?:[/²³][^\W\d_]*)?|[$€£¥₹°]", sentence[start.end() : start.end() + 60])
        for first in range(min(3, len(words))):
            for last in range(first + 1, min(first + 5, len(words)) + 1):
                unit = read_unit(clean(" ".join(words[first:last])), attached=False)
                if unit:
                    found.add(unit)
                    found.add(unit.removeprefix("degree "))
    return found


def in_asked_unit(quantity: Quantity, question: str) -> Quantity:
    """Return a quantity without its unit where the question asks in that unit."""
    return Quantity(quantity.value) if asks_in(quantity.unit, question) else quantity


def equal_numbers(said: str, gold: str, question: str = "") -> Verdict:
    """Say whether an answer states the gold quantity.

    The answer may have a unit that the gold lacks ("$1,200" for "1200"), and may lack the gold's only where
    the question asks in it. Two units must agree, or convert exactly ("100 cm" and "1 m"). A percentage
    beside a bare number is `unknown` where it could be meant, because readers disagree on it. Two different
    counted things ("apples", "fruits") are `unknown`. Texts that are no readable number are `equal` only if
    they are the same text.
    """
    x, y = parse_number(said), parse_number(gold)
    if x is None or y is None:
        same = max(len(said), len(gold)) <= _MAX_CHARS and clean(said).split() == clean(gold).split()
        return "equal" if same and said.strip() else "unknown"
    if x.unit and y.unit and x.unit != y.unit:
        return _across_units(x, y)
    x, y = in_asked_unit(x, question), in_asked_unit(y, question)
    if x.unit == y.unit:
        return _same_unit(x, y, said + gold)
    asked = _asked_measure((x.unit or y.unit), question)
    if asked:
        x, y = (q if q.unit else Quantity(q.value, asked) for q in (x, y))
        return _across_units(x, y)
    return _against_bare(x, y)


def _same_unit(x: Quantity, y: Quantity, written: str) -> Verdict:
    if x.value == y.value:
        return "equal"
    # 0.3333333333 may be meant as 1/3; nobody can say.
    close = abs(x.value - y.value) * 10**5 < abs(y.value)
    return "unknown" if close and "." in written else "different"


def _against_bare(x: Quantity, y: Quantity) -> Verdict:
    with_unit, bare = (x, y) if x.unit else (y, x)
    if with_unit.unit == "%" and bare.value == with_unit.value / 100:
        return "unknown"
    if x.value != y.value:
        return "different"
    gained = not y.unit and x.unit != "%"
    foreign = not (is_measured(x.unit) or x.unit.isascii())  # "3 halve": a word that may change the number
    return "equal" if gained and not foreign else "unknown"


def _asked_measure(unit: str, question: str) -> str:
    """Return the one unit of measure that a question asks in and that converts into this one, if any."""
    if not question or not is_measured(unit):
        return ""
    sentences = [s for s in _SENTENCES.split(clean(question[-4000:])) if s.strip()]
    named = _units_asked(sentences[-1] if sentences else "")
    kind = measure(unit)[1]
    asked = sorted(u for u in named if is_measured(u) and u != unit and measure(u)[1] == kind)
    return asked[0] if len({measure(u)[0] for u in asked}) == 1 else ""


def _across_units(x: Quantity, y: Quantity) -> Verdict:
    if x.unit == y.unit:
        return "equal" if x.value == y.value else "different"
    if not (is_measured(x.unit) and is_measured(y.unit)):
        return "unknown"
    (scale, kind), (other_scale, other_kind) = measure(x.unit), measure(y.unit)
    if kind != other_kind:
        names = {x.unit.removeprefix("degree "), y.unit.removeprefix("degree ")}
        return (
            "unknown"
            if frozenset(names) in _NEAR or {"kitchen", "length"} <= dict(kind + other_kind).keys()
            else "different"
        )
    a, b = x.value * scale, y.value * other_scale
    if a == b:
        return "equal"
    return "unknown" if abs(a - b) * 100 < abs(b) else "different"
