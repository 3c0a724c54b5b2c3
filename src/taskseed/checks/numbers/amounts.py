"""Reading the one number, with its unit, that an answer states. What is not surely one number is not read."""

import re
from fractions import Fraction

from taskseed.checks.equations import check_equations
from taskseed.checks.maths.formulas import Unreadable, read_formula
from taskseed.checks.numbers.clauses import conclusion
from taskseed.checks.numbers.conversions import Quantity, across_units
from taskseed.checks.numbers.numerals import amount_in_digits, amount_in_words, decimal_comma
from taskseed.checks.numbers.sentences import DOUBTFUL, number_in_sentence
from taskseed.checks.numbers.units import is_measured, measure, read_unit
from taskseed.checks.reading import TAKEN_BACK, spoken, without_explanation

__all__ = ["MAX_NUMBER", "calculated", "parse_number", "read_amount", "read_number"]

MAX_NUMBER = 200  # characters of a number with its unit
_SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7, "half": 1,
}  # fmt: skip
_VARIABLE = re.compile(r"[A-Za-z]\w{0,15}\s?=\s?(?=[^=])|[=]\s{0,3}")
_MINUS = re.compile(r"(?:minus|negative) (?=[$€£¥₹]?[0-9])", re.IGNORECASE)
_WHOLE_TEXT = re.compile(r"(?P<a>[^()]{1,120}?)\s?\((?P<b>[^()]{1,120})\)(?P<unit>\s[^()]{1,60})?")
# "90 minutes, or 1.5 hours": the same quantity twice.
_TWICE = re.compile(r",?\s(?:or|i\.e\.,?|that is,?|which is|equivalently|=)\s|\s?[=]\s?", re.IGNORECASE)
# What a sentence says after a number without changing it.
_TAIL = re.compile(
    r"\s(?:(?:in (?:total|all)|altogether|overall)(?:\s[^\d]*)?"
    r"|(?:back|total|left(?: over)?|remaining|exactly|(?:is|are) left)"
    r"|(?:years|months|weeks|days)(?P<age> old| of age)"
    r"|(?:old|tall|long|wide|deep|thick|away|apart|in (?:length|width|height|depth|area|volume|diameter))"
    r"|(?:chance|probability|likelihood)"
    r"|is (?:the|my|our) (?:final |correct |right )?(?:answer|result|total|solution)"
    r"|(?:in|on|at|for|with|during) (?:the|his|her|their|its|my|our|your|all)\s[^\d]*)$",
    re.IGNORECASE,
)
_BELOW_ZERO = re.compile(r"(.{1,60}?)\sbelow\s(?:zero|0)(?:\s°?[CF])?", re.IGNORECASE)
_OF_HOW_MANY = re.compile(
    r"(?:an? )?(\d{1,15}|[a-z]{3,9})(?: |-)(?:out of|in|in every)(?: |-)(?:every )?(\d{1,15}|[a-z]{3,9})",
    re.I,
)
_NOT_BUT = re.compile(r"(?:it is |it's )?not ([^,;]{1,60}?),? but (?:rather )?(.{1,60})", re.IGNORECASE)
_AND_A_HALF = re.compile(
    r"(an?|one|\d{1,9})\s([a-z]{3,12}) and (a half|a quarter|three quarters)", re.IGNORECASE
)
_PART_OF_ONE = re.compile(
    r"(half|(?:a|one|three) (?:half|quarters?|thirds?)) (?:of )?(?:an?|one) (.{1,40})", re.I
)
_PARTS = {"a half": Fraction(1, 2), "a quarter": Fraction(1, 4), "three quarters": Fraction(3, 4)}
_AMOUNT_AND_REST = re.compile(r"(.+?)(?:,?\s(?:and\s)?|(?<=['′h])\s?)(\d.*)", re.DOTALL)
_WORDS_AND_REST = re.compile(
    r"((?:an?|one|\d{1,9}|[a-z-]{3,12}) [a-z]{3,9}),?\s(?:and\s)?([a-z-]{1,20} [a-z]{3,9})", re.I
)
_PLACE = re.compile(r"\s(from|in|on|at|of|for|with|across|along|through)\s(?=[a-z])", re.IGNORECASE)
# Words behind an amount that may change it, or take it back.
_NO_PLACE = (DOUBTFUL | TAKEN_BACK | {"each", "every", "per"}) - {"and", "to", "from"}
_IS = re.compile(r"(?<=\d)\s(?:is|equals|makes)\s(?=[$€£]?\d+(?:\.\d+)?\.?$)", re.IGNORECASE)
# A name before "=": a word or more, a variable, "f(2)", "P(red)", "∠ABC", "log_2(8)".
_LABEL = re.compile(
    r"[A-Za-z][A-Za-z ]{0,60}|[A-Za-z]_?\{?\w{0,3}\}?|[PEn][(\[][^()\[\]=]{1,40}[)\]]|"
    r"[A-Za-z]{1,6}(?:_\{?\d+\}?)?\([\d, .]{1,20}\)"
    r"|m?\s?(?:∠|\\angle)\s?[A-Z]{1,3}|\\binom\{\d+\}\{\d+\}|\\?[A-Za-z]{1,3}"
)
_MEASURED = re.compile(r"(?<=[\d)])\s[A-Za-zΩμ]{1,12}(?:/[A-Za-z]{1,8}\b)?(?:\^?[23])?")
_NOT_CONCLUDED = TAKEN_BACK | {"if", "unless", "else", "otherwise", "about", "approximately"}
_THE_ANSWER = re.compile(r"\A(?:the|my) (?:final |correct )?(?:answer|result) is:?\s", re.IGNORECASE)
_ONLY = re.compile(
    r"(?:just|only|exactly|precisely|a total of|in total,?|altogether,?)\s(?=\S)", re.IGNORECASE
)
_LATEX_UNITS = (("\\Omega", "Ω"), ("\\mu", "μ"), ("\\degree", "°"))
_NEGATIVE_FRACTION = re.compile(r"\\[dt]?frac\s?\{-(\d{1,40})\}\s?\{(\d{1,40})\}")
_FEET_INCHES = re.compile(r"(\d{1,6})\s?['′]\s?(\d{1,2}(?:\.\d{1,9})?)\s?(?:[\"″]|'')")


def parse_number(s: str) -> Quantity | None:
    """Read the one number that an answer states, with its unit; None where that is not certain.

    Reads "1,200", "$1,200.00", "3 1/2", "1e3", "10^3", "50%", "½", "-3", "twenty-one", "three and a half",
    "2 dozen", "x = 5", "2 hours 30 minutes", "72 (seventy-two)", "The answer is 72 apples", "She has 72
    left", "3 out of 8", "5 degrees below zero", "an hour and a half", "12,50 €", "Not 70 km but 72 km". Does
    not read ranges, several numbers, approximations, "5 or more", dates, times, decimal commas without a
    unit, more than 40 digits or exponents beyond 100.
    """
    text = spoken(s)
    if text is None:
        return None
    text = without_explanation(text)
    if len(text) > MAX_NUMBER:
        return None
    whole = read_number(text) or _in_sentence(text)
    if whole is not None and (not whole.unit or is_measured(whole.unit)):
        return whole
    return _before_place(text) or whole  # "miles from home" are miles


def read_number(text: str) -> Quantity | None:
    """Read a text that is a quantity, said once or twice, or a calculation that ends in it."""
    return (
        read_amount(text)
        or _contrasted(text)
        or _glossed(text)
        or _said_twice(text)
        or _computed(text)
        or calculated(text)
        or _concluded(text)
    )


def _computed(text: str) -> Quantity | None:
    """Read "sqrt(16)" and "2^10": one term. "17 + 13" is not worked out yet."""
    if not re.search(r"sqrt|[√^]", text) or re.search(r"[-+*×·/=%!]|times|cdot|[x-z]", text):
        return None
    value = _formula(text)
    return None if value is None else Quantity(value)


def _formula(text: str) -> Fraction | None:
    try:
        return read_formula(text).constant()
    except Unreadable:
        return None


def read_amount(text: str) -> Quantity | None:
    """Read a text that is a quantity and nothing more: "72", "x = 72 km", "2 hours 30 minutes"."""
    variable = _VARIABLE.match(text)
    text = text[variable.end() :].strip() if variable is not None else text
    text = text[only.end() :] if (only := _ONLY.match(text)) else text
    if "\\" in text:
        text = _NEGATIVE_FRACTION.sub(r"-\1/\2", text)
        for sign, plain in _LATEX_UNITS:
            text = text.replace(sign, plain)
    cold = _BELOW_ZERO.fullmatch(text)
    if cold is not None:
        above = read_amount(cold[1])
        return None if above is None or above.value <= 0 else Quantity(-above.value, above.unit)
    tail = _TAIL.search(_MINUS.sub("-", text.replace("US$", "$")))
    text = _MINUS.sub("-", text.replace("US$", "$"))
    if tail is not None:
        text = text[: tail.start("age") if tail["age"] else tail.start()]
    return _simple(text) or _compound(text) or _with_part(text)


def _simple(text: str) -> Quantity | None:
    european = decimal_comma(text)
    if european is not None:
        quantity = _simple(european)
        return quantity if quantity is None or is_measured(quantity.unit) or "," not in text else None
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


def _with_part(text: str) -> Quantity | None:
    """Read "an hour and a half", "half an hour", "3 out of 8"."""
    share = _OF_HOW_MANY.fullmatch(text)
    if share is not None:
        few, many = _simple(share[1]), _simple(share[2])
        whole = few and many and not few.unit and not many.unit and 0 <= few.value <= many.value > 0
        return Quantity(few.value / many.value) if few and many and whole else None
    m = _AND_A_HALF.fullmatch(text)
    if m is not None:
        unit = read_unit(m[2], attached=False)
        count = Fraction(m[1]) if m[1].isdigit() else Fraction(1)
        return Quantity(count + _PARTS[m[3].casefold()], unit) if unit and is_measured(unit) else None
    m = _PART_OF_ONE.fullmatch(text)
    part, unit = (_simple(m[1]), read_unit(m[2], attached=False)) if m else (None, None)
    return Quantity(part.value, unit) if part and not part.unit and unit and is_measured(unit) else None


def _with_unit(value: Fraction, currency: str, rest: str) -> Quantity | None:
    words = rest.split(None, 1)
    factor = _SCALES.get(words[0].casefold()) if words and rest[0].isspace() else None
    if factor is not None and factor > 1:
        value, rest = value * factor, " " + words[1] if len(words) > 1 else ""
        words = rest.split(None, 1)
        if words and words[0].casefold() in ("thousand", "million", "billion", "trillion"):
            if factor != 100:
                return None
            value, rest = value * _SCALES[words[0].casefold()], " " + words[1] if len(words) > 1 else ""
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
        m = _AMOUNT_AND_REST.fullmatch(text) or _WORDS_AND_REST.fullmatch(text)
        part = _simple(m[1] if m else text)
        if part is None or not is_measured(part.unit) or part.value < 0:
            return None
        if part.unit == "pound" and re.search(r"\d ?p\b|pence", text):
            part = Quantity(part.value, "£")
        scale, kind = measure(part.unit)
        if total is not None and (kind != measure(total.unit)[1] or part.value * scale >= last):
            return None
        value = part.value if total is None else total.value + part.value * scale / measure(total.unit)[0]
        total = Quantity(value, part.unit if total is None else total.unit)
        if m is None:
            return total
        last, text = scale, m[2]
    return None


def _contrasted(text: str) -> Quantity | None:
    """Read "Not 70 km but 72 km": what is meant stands last."""
    m = _NOT_BUT.fullmatch(text)
    if m is None or read_amount(m[1]) is None:
        return None
    return read_amount(m[2])


def _glossed(text: str) -> Quantity | None:
    """Read "72 (seventy-two)", "72 minutes (1 hour 12 minutes)", "18 (9 × 2)", "72 (km)"."""
    m = _WHOLE_TEXT.fullmatch(text)
    if m is None:
        return None
    a = read_amount(m["a"])
    if a is None:
        return None
    unit = read_unit(m["b"], attached=False)
    if unit and is_measured(unit) and not m["unit"]:
        return Quantity(a.value, unit) if a.unit in ("", unit) else None
    b = read_amount(m["b"])
    if b is not None and {a.unit, b.unit} == {"", "%"} and not m["unit"]:
        return _share_twice(a, b)
    if b is None:
        reckoned = _formula(m["b"].removeprefix("=")) if re.search(r"[-+*/×·^√]", m["b"]) else None
        return a if reckoned == a.value and not m["unit"] else None
    same = a.value == b.value if not a.unit or not b.unit else across_units(a, b) == "equal"
    if m["unit"] and same:
        return None if a.unit else _with_unit(a.value, "", m["unit"])
    return (a if a.unit or not b.unit else b) if same else None


def _said_twice(text: str) -> Quantity | None:
    """Read "90 minutes, or 1.5 hours" and "3/4 = 75%": the same quantity twice."""
    joint = _TWICE.search(text)
    if joint is None or not joint.start():
        return None
    a, b = read_amount(text[: joint.start()]), read_amount(text[joint.end() :])
    if a is None or b is None:
        return None
    if {a.unit, b.unit} == {"", "%"}:
        return _share_twice(a, b)
    if a.unit and b.unit:
        return a if across_units(a, b) == "equal" else None
    return (a if a.unit else b) if a.value == b.value else None


def _share_twice(a: Quantity, b: Quantity) -> Quantity | None:
    """Return a share that is said as a percentage and without: "3/8 (37.5%)"."""
    bare, share = (a, b) if b.unit else (b, a)
    return share if bare.value * 100 == share.value else None


def _in_sentence(text: str) -> Quantity | None:
    """Read a number at the end of a sentence whose words cannot change it: "He needs 72 minutes"."""
    rest = number_in_sentence(text)
    return None if rest is None else read_amount(rest) or _glossed(rest)


def _before_place(text: str) -> Quantity | None:
    """Read "150 mi from home to the lake", "3 cups of flour": an amount, and what or where it is."""
    place = _PLACE.search(text)
    if place is None:
        return None
    words = {w.casefold() for w in re.findall(r"[^\W\d_]+", text[place.start() :])}
    if any(c.isdigit() for c in text[place.start() :]) or not words.isdisjoint(_NO_PLACE):
        return None
    quantity = read_amount(text[: place.start()]) or _in_sentence(text[: place.start()])
    part = quantity is not None and place[1] == "of" and 0 < quantity.value < 1
    return quantity if quantity and (is_measured(quantity.unit) or part) else None


def calculated(text: str) -> Quantity | None:
    """Read the right side of "12 + 24 = 36" and "d = vt = 60 × 3 = 180 km", where the sides are the same.

    What has no digits before it is a name ("Total cost = $45"); "2x = 10" is no answer.
    """
    text = text if "=" in text else _IS.sub(" = ", text, count=1)
    *before, right = [part.strip() for part in text.split("=")]
    quantity = read_amount(right) if before and right else None
    if quantity is None or len(before) > 8:
        return None
    while before and _is_label(before[0]):
        before.pop(0)
    if not before or quantity.value in (_formula(before[-1]), _formula(_MEASURED.sub(_no_unit, before[-1]))):
        return quantity
    found = check_equations(text)
    return quantity if found.judged == len(before) and not found.wrong else None


def _no_unit(m: re.Match[str]) -> str:
    unit = read_unit(m[0], attached=False)
    return "" if unit and is_measured(unit) else m[0]


def _is_label(text: str) -> bool:
    words = {w.casefold() for w in re.findall(r"[^\W\d_]+", text)}
    return _LABEL.fullmatch(text) is not None and words.isdisjoint((DOUBTFUL | TAKEN_BACK) - {"of", "to"})


def _concluded(text: str) -> Quantity | None:
    """Read the last part of "2x = 10, so x = 5"."""
    working, last = conclusion(text)
    words = {w.casefold() for w in re.findall(r"[^\W\d_]+", text)}
    if not working or not words.isdisjoint(_NOT_CONCLUDED):
        return None
    last = _THE_ANSWER.sub("", last)
    return read_amount(last) or (calculated(last) if "=" in last else None)
