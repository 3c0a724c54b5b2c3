"""Numbers with units, read exactly. What is not surely one number is not read at all.

The amount is an exact fraction. A unit is a short text with one spelling per unit; counted things
("apples") are units too. A unit may be missing on one side of a comparison, but two units must agree.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from taskseed.checks.reading import clean, spoken, without_explanation

__all__ = ["Quantity", "Verdict", "equal_numbers", "omissible", "parse_number"]

Verdict = Literal["equal", "different", "unknown"]

_MAX_CHARS = 200  # a number with its unit
_MAX_EXPONENT = 100

# Each unit: its spellings. Symbols keep their case ("mm" is not "Mm"), words do not.
_SYMBOLS = {
    "%": "%", "$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹", "¢": "cent", "USD": "$", "EUR": "€",
    "GBP": "£", "JPY": "¥", "INR": "₹", "mm": "mm", "cm": "cm", "m": "m", "km": "km", "mg": "mg", "g": "g",
    "kg": "kg", "ms": "ms", "s": "s", "sec": "s", "min": "minute", "h": "hour", "hr": "hour", "hrs": "hour",
    "L": "litre", "l": "litre", "mL": "ml", "ml": "ml", "ft": "foot", "in": "inch", "yd": "yard",
    "mi": "mile", "lb": "pound", "lbs": "pound", "oz": "ounce", "C": "°C", "F": "°F", "J": "J", "kJ": "kJ",
    "W": "W", "kW": "kW", "MW": "MW", "N": "N", "V": "V", "A": "A", "K": "K", "Hz": "Hz", "Pa": "Pa",
}  # fmt: skip
_LONE_LETTERS = frozenset("JWNVAKCF")  # units only with a space before them: "5N" may be a product
_WORDS = {
    "percent": "%", "dollar": "$", "buck": "$", "euro": "€", "yen": "¥", "rupee": "₹", "cent": "cent",
    "millimeter": "mm", "millimetre": "mm", "centimeter": "cm", "centimetre": "cm", "meter": "m",
    "metre": "m", "kilometer": "km", "kilometre": "km", "milligram": "mg", "gram": "g", "kilogram": "kg",
    "millisecond": "ms", "second": "s", "minute": "minute", "min": "minute", "hour": "hour", "day": "day",
    "week": "week", "liter": "litre", "litre": "litre", "milliliter": "ml", "millilitre": "ml",
    "foot": "foot", "feet": "foot", "inch": "inch", "inche": "inch", "yard": "yard", "mile": "mile",
    "pound": "pound", "ounce": "ounce", "degree": "degree", "celsius": "°C", "fahrenheit": "°F",
    "sq": "square", "people": "person", "children": "child", "men": "man", "women": "woman",
}  # fmt: skip
# unit: what it measures, and how many of the smallest unit here it is (exact by definition)
_SCALES = {
    "mm": ("length", 1), "cm": ("length", 10), "m": ("length", 1000), "km": ("length", 1_000_000),
    "mg": ("mass", 1), "g": ("mass", 1000), "kg": ("mass", 1_000_000), "ms": ("time", 1),
    "s": ("time", 1000), "minute": ("time", 60_000), "hour": ("time", 3_600_000),
    "day": ("time", 86_400_000), "week": ("time", 604_800_000), "ml": ("volume", 1),
    "litre": ("volume", 1000), "inch": ("foot length", 1), "foot": ("foot length", 12),
    "yard": ("foot length", 36), "mile": ("foot length", 63_360), "$": ("money $", 100),
    "cent": ("money $", 1), "%": ("share", 1), "€": ("money €", 1), "£": ("money £", 1),
    "¥": ("money ¥", 1), "₹": ("money ₹", 1), "°C": ("temperature C", 1), "°F": ("temperature F", 1),
    "degree °C": ("temperature C", 1), "degree °F": ("temperature F", 1),
}  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_NUMBER_WORDS = {w: i for i, w in enumerate(_SMALL)} | {w: 10 * i for i, w in enumerate(_TENS, 2)}
_MULTIPLIERS = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
}  # fmt: skip
# Words after a number that make it another number, or no number. They are never units.
_CHANGERS = frozenset(_NUMBER_WORDS) | frozenset(
    _words(
        "or and more less fewer least most max maximum minimum not no minus plus times than to over under "
        "above below about around approximately roughly nearly almost half halves quarter quarters third "
        "thirds fourth fourths fifth fifths sixth sixths seventh eighth eighths ninth tenth tenths "
        "hundredth hundredths thousandth thousandths hundred thousand million billion trillion squared "
        "cubed factorial pi sqrt root sin cos tan log ln exp mod modulo remainder am pm bc bce ad ce if is "
        "are was were but except without between through until before after of off st nd rd th wrong "
        "incorrect up instead rather either neither nor out lakh lakhs lac crore crores mio mrd bn mn mil "
        "dutzend docena douzaine double triple twice power"
    )
)
_CHANGER_PREFIXES = _words("millio millia mille milló billio trillio tausend hundert thousand hundred infin")
_CHANGER_SIGNS = frozenset("万萬億亿千百十兆半倍割以多余만억천백조")

_CURRENCY = r"(?:US\$|USD|EUR|GBP|JPY|INR|\$|€|£|¥|₹)"
_NUMBER = re.compile(
    rf"""(?P<sign>[+-]?)(?:(?P<currency>{_CURRENCY})\s?)?(?P<sign2>[+-]?)
    (?:(?P<whole>[0-9]{{1,15}})\s{{1,3}}(?P<above>[0-9]{{1,15}})\s?/\s?(?P<below>[0-9]{{1,15}})
      |(?P<numerator>[0-9]{{1,40}})\s?/\s?(?P<denominator>[0-9]{{1,40}})
      |(?P<decimal>[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,12}}(?![0-9])(?:\.[0-9]{{1,40}})?
          |[0-9]{{1,40}}(?:\.[0-9]{{1,40}})?|\.[0-9]{{1,40}})
       (?:[eE](?P<exponent>[+-]?[0-9]{{1,3}})
         |\s?[x×*·]\s?10\s?\^\s?\{{?(?P<power>[+-]?[0-9]{{1,3}})\}}?)?)
    (?P<rest>.*)""",
    re.VERBOSE | re.DOTALL,
)
_IN_WORDS = re.compile(
    r"(?P<sign>(?:minus|negative)\s{1,3})?(?P<words>[a-z]+(?:[ -][a-z]+)?)(?P<rest>.*)", re.I | re.S
)
_VARIABLE = re.compile(r"[A-Za-z]\w{0,15}\s?=\s?(?=[^=])")
_POWER_UNIT = re.compile(r"([A-Za-z]{1,12})\^\{?([23])\}?")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|[%$€£¥₹¢]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount and its unit; the unit is empty where none was written."""

    value: Fraction
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit else str(self.value)


def parse_number(s: str) -> Quantity | None:
    """Read the one number that an answer states, with its unit; None where that is not certain.

    Reads "1,200", "$1,200.00", "3 1/2", "1e3", "50%", "½", "-3", "twenty-one", "2 dozen", "x = 5",
    "The answer is 72 apples." Does not read ranges, several numbers, approximations, "5 or more",
    expressions, dates, times, decimal commas, more than 40 digits or exponents beyond 100.
    """
    text = spoken(s)
    if text is None:
        return None
    text = without_explanation(text)
    if len(text) > _MAX_CHARS:
        return None
    variable = _VARIABLE.match(text)
    if variable is not None:
        text = text[variable.end() :]
    text = text.replace("US$", "$")
    digits = _NUMBER.fullmatch(text)
    return _from_digits(digits) if digits is not None else _from_words(text)


def equal_numbers(a: str, b: str) -> Verdict:
    """Say whether two answers state the same quantity.

    A unit or currency may be missing on one side; two units must agree, or convert exactly ("100 cm" and
    "1 m"). A percentage beside a bare number is `unknown` where it could be meant ("50%" and "50" or
    "0.5"), because readers disagree on it. Two different counted things ("apples", "fruits") are
    `unknown`. Texts that are no readable number are `equal` only if they are the same text.
    """
    x, y = parse_number(a), parse_number(b)
    if x is None or y is None:
        same = len(a) <= _MAX_CHARS and len(b) <= _MAX_CHARS and clean(a).split() == clean(b).split()
        return "equal" if same and a.strip() else "unknown"
    if x.unit == y.unit:
        return "equal" if x.value == y.value else "different"
    if not x.unit or not y.unit:
        return _against_bare(*((x, y) if x.unit else (y, x)))
    return _across_units(x, y)


def omissible(unit: str) -> bool:
    """Say whether a quantity without a unit may mean one in this unit: not for shares and foreign words."""
    return unit != "%" and (unit in _SCALES or unit.isascii())


def _against_bare(quantity: Quantity, bare: Quantity) -> Verdict:
    if quantity.unit == "%" and bare.value == quantity.value / 100:
        return "unknown"
    if quantity.value != bare.value:
        return "different"
    return "equal" if omissible(quantity.unit) else "unknown"


def _across_units(x: Quantity, y: Quantity) -> Verdict:
    if x.unit not in _SCALES or y.unit not in _SCALES:
        return "unknown"
    (kind, scale), (other_kind, other_scale) = _SCALES[x.unit], _SCALES[y.unit]
    if kind != other_kind:
        return "unknown" if {kind, other_kind} == {"length", "foot length"} else "different"
    return "equal" if x.value * scale == y.value * other_scale else "different"


def _from_digits(m: re.Match[str]) -> Quantity | None:
    if m["sign"] and m["sign2"]:
        return None
    value = _value(m)
    if value is None:
        return None
    return _with_unit(
        -value if "-" in m["sign"] + m["sign2"] else value, (m["currency"] or "") + " ", m["rest"]
    )


def _value(m: re.Match[str]) -> Fraction | None:
    if m["whole"]:
        above, below = int(m["above"]), int(m["below"])
        return int(m["whole"]) + Fraction(above, below) if above < below else None
    if m["numerator"]:
        return Fraction(int(m["numerator"]), int(m["denominator"])) if int(m["denominator"]) else None
    exponent = int(m["exponent"] or m["power"] or 0)
    if abs(exponent) > _MAX_EXPONENT:
        return None
    return Fraction(m["decimal"].replace(",", "")) * Fraction(10) ** exponent


def _from_words(text: str) -> Quantity | None:
    m = _IN_WORDS.fullmatch(text)
    if m is None:
        return None
    words = re.split("[ -]", m["words"].casefold())
    value = _NUMBER_WORDS.get(words[0])
    if value is None:
        return None
    rest = m["words"][len(words[0]) :] + m["rest"]
    if len(words) > 1 and value >= 20 and 0 < _NUMBER_WORDS.get(words[1], 0) < 10:
        value, rest = value + _NUMBER_WORDS[words[1]], m["rest"]
    if rest and not rest[0].isspace():
        return None
    return _with_unit(Fraction(-value if m["sign"] else value), "", rest)


def _with_unit(value: Fraction, currency: str, rest: str) -> Quantity | None:
    words = rest.split(None, 1)
    factor = _MULTIPLIERS.get(words[0].casefold()) if words else None
    if factor is not None:
        value, rest = value * factor, " " + words[1] if len(words) > 1 else ""
    # "5x" and "1990s" are no quantities; "5cm" is one.
    attached = bool(rest) and rest[0].isalpha()
    if attached and (rest == "s" and value >= 1000):
        return None
    unit = _unit(currency + rest, attached=attached)
    return None if unit is None else Quantity(value, unit)


def _unit(text: str, *, attached: bool) -> str | None:
    """Return the one spelling of a unit text, or None where it is more than a unit."""
    if text.strip() == "times":
        return "time"
    text = _POWER_UNIT.sub(lambda m: ("square " if m[2] == "2" else "cubic ") + m[1], text)
    for sign, spelled in (("°", " degree "), ("/", " per "), ("per cent", "%"), ("mph", "mile per hour")):
        text = text.replace(sign, spelled)
    text = re.sub(r"([%$€£¥₹¢])", r" \1 ", text)
    words = text.split()
    if len(words) > 5:
        return None
    names: list[str] = []
    for i, word in enumerate(words):
        name = _unit_word(word, attached=attached and i == 0)
        if name is None:
            return None
        if not names or names[-1] != name:
            names.append(name)
    return " ".join(names)


def _unit_word(word: str, *, attached: bool) -> str | None:
    if _WORD.fullmatch(word) is None:
        return None
    if word in _SYMBOLS and not (attached and word in _LONE_LETTERS):
        return _SYMBOLS[word]
    folded = word.casefold()
    if folded in _CHANGERS or folded.startswith(_CHANGER_PREFIXES) or not _CHANGER_SIGNS.isdisjoint(word):
        return None
    singular = folded[:-1] if len(folded) > 3 and folded[-1] == "s" and folded[-2] != "s" else folded
    if singular in _WORDS or folded in _WORDS:
        return _WORDS.get(singular) or _WORDS[folded]
    if word.isascii() and (len(word) < 3 or attached):
        return None  # "5x", "5ab": a product, not a unit
    return singular if len(word) > 4 or word == folded else word  # "MeV" is not "meV"
