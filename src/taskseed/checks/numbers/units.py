"""Units of measure: one spelling each, and how they convert. Exact by definition, or not at all.

A unit is a short text: names separated by spaces, `square` and `cubic` before a name, `per` before what it is
divided by ("m per s", "square cm", "apple"). Counted things are units too; they convert into nothing.
"""

import re
from fractions import Fraction

from taskseed.checks.reading import word_list

__all__ = ["CHANGERS", "is_measured", "measure", "read_unit"]

# What is measured, in which base, by which names; the symbols' case counts ("mm" is not "Mm").
_BASES: dict[str, tuple[str, str]] = {  # symbol: dimension, words
    "m": ("length", "meter metre"), "g": ("mass", "gram gramme"), "s": ("time", "second"), "J": ("energy",
    "joule"),
    "W": ("power", "watt"), "N": ("force", "newton"), "V": ("voltage", "volt"), "A": ("current",
    "ampere amp"),
    "Hz": ("frequency", "hertz"), "Pa": ("pressure", "pascal"), "L": ("volume", "liter litre"),
    "B": ("data", "byte"), "b": ("data", "bit"), "eV": ("energy eV", "electronvolt"), "cal": ("energy cal",
    "calorie"),
    "mol": ("amount", "mole mol"), "Ω": ("resistance", "ohm"), "Wh": ("energy", "watt-hour"),
    "K": ("kelvin", "kelvin"), "C": ("charge", "coulomb"), "F": ("capacitance", "farad"),
    "T": ("flux density", "tesla"), "Wb": ("flux", "weber"), "H": ("inductance", "henry henrie"),
    "Bq": ("activity", "becquerel"), "Sv": ("dose", "sievert"), "Gy": ("absorbed dose", "Gy"),
    "lm": ("luminous flux", "lumen"), "lx": ("illuminance", "lux"), "cd": ("luminosity", "candela"),
    "bar": ("pressure", "bar"),
}  # fmt: skip
_PREFIXES = {
    "T": ("tera", 12), "G": ("giga", 9), "M": ("mega", 6), "k": ("kilo", 3), "c": ("centi", -2),
    "d": ("deci", -1), "m": ("milli", -3), "μ": ("micro", -6), "n": ("nano", -9),
    "p": ("pico", -12), "h": ("hecto", 2),
}  # fmt: skip
# How a derived dimension is made of lengths, masses and times.
_DERIVED: dict[str, tuple[Fraction, tuple[tuple[str, int], ...]]] = {
    "volume": (Fraction(1, 1000), (("length", 3),)),
    "force": (Fraction(1000), (("length", 1), ("mass", 1), ("time", -2))),
    "energy": (Fraction(1000), (("length", 2), ("mass", 1), ("time", -2))),
    "power": (Fraction(1000), (("length", 2), ("mass", 1), ("time", -3))),
    "pressure": (Fraction(1000), (("length", -1), ("mass", 1), ("time", -2))),
    "frequency": (Fraction(1), (("time", -1),)),
}
_OWN = {"B": 8, "Wh": 3600, "bar": 10**5}  # bytes in bits, watt-hours in joules, bars in pascals
# Other units: dimension, how many of the dimension's base, spellings. Words and symbols alike.
_OTHERS: tuple[tuple[str, str, Fraction | int | str, str], ...] = (
    ("minute", "time", 60, "min mins minute"), ("hour", "time", 3600, "h hr hrs hour"),
    ("day", "time", 86_400, "day"), ("week", "time", 604_800, "week wk wks"),
    ("month", "calendar", 1, "month"), ("year", "calendar", 12, "year yr yrs"),
    ("fortnight", "time", 1_209_600, "fortnight"), ("decade", "calendar", 120, "decade"),
    ("century", "calendar", 1200, "century centurie"),
    ("inch", "length", "0.0254", "in inch inche"), ("foot", "length", "0.3048", "ft foot feet"),
    ("yard", "length", "0.9144", "yd yds yard"), ("mile", "length", "1609.344", "mi mile"),
    ("pound", "mass", "453.59237", "lb lbs pound"), ("ounce", "mass", "28.349523125", "oz ounce"),
    ("tonne", "mass", 1_000_000, "tonne metric-ton"),
    ("stone", "mass", "6350.29318", "stone"), ("nmi", "length", 1852, "nautical-mile"),
    ("kn", "knot", 1, "knot kn kts"), ("Å", "length", "0.0000000001", "Å angstrom ångström"),
    ("atm", "pressure", 101_325, "atm atmosphere"), ("hectare", "area", 1, "hectare ha"),
    ("acre", "acre", 1, "acre"),
    ("teaspoon", "kitchen", 1, "teaspoon tsp"), ("tablespoon", "kitchen", 3, "tablespoon tbsp"),
    ("cup", "kitchen", 48, "cup"), ("pint", "kitchen", 96, "pint pt"), ("quart", "kitchen", 192, "quart qt"),
    ("gallon", "kitchen", 768, "gallon gal"), ("%", "share", 1, "% percent"), ("bp", "share", "0.01", "bps"),
    ("‰", "share", "0.1", "‰"),
    ("$", "money $", 100, "$ USD dollar buck"), ("cent", "money $", 1, "¢ cent"),
    ("€", "money €", 100, "€ EUR euro"), ("eurocent", "money €", 1, "eurocent euro-cent"),
    ("£", "money £", 100, "£ GBP quid"), ("p", "money £", 1, "p pence"), ("¥", "money ¥", 1, "¥ JPY yen"),
    ("₹", "money ₹", 1, "₹ INR rupee Rs"), ("CHF", "money CHF", 1, "CHF"),
    ("₩", "money ₩", 1, "₩ KRW"), ("₽", "money ₽", 1, "₽ RUB ruble rouble"),
    ("CNY", "money CNY", 1, "CNY RMB yuan renminbi"), ("peso", "money peso", 1, "peso"),
    ("°C", "celsius", 1, "celsius centigrade"), ("°F", "fahrenheit", 1, "fahrenheit"),
    ("degree", "angle", 1, "degree deg"),
    ("radian", "radian", 1, "radian rad"),
)  # fmt: skip
_LONE_LETTERS = frozenset("JWNVAKCFLBTH")  # units only with a space before them: "5N" may be a product
_SAME_THING = {
    "people": "person", "persons": "person", "children": "child", "kid": "child", "men": "man",
    "women": "woman",
    "sq": "square", "cu": "cubic", "mice": "mouse", "geese": "goose", "knives": "knife",
    "loaves": "loaf", "leaves": "leaf", "halves": "half", "shelves": "shelf", "wolves": "wolf",
}  # fmt: skip
_SUFFIXES = (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"))

# Words after a number that make it another number, or no number. They are never units.
CHANGERS = frozenset(
    word_list(
        "ago o'clock tops like ish odd pair pairs other way ways or and more less fewer least most max "
        "maximum minimum not no minus plus times than to over under above below about around "
        "approximately roughly nearly almost half halves quarter quarters third thirds fourth fourths "
        "fifth fifths sixth sixths seventh eighth eighths ninth tenth tenths hundredth hundredths "
        "thousandth thousandths hundred thousand million billion trillion squared cubed factorial pi "
        "sqrt root sin cos tan log ln exp mod modulo remainder am pm bc bce ad ce if is are was were "
        "but except without between through until before after of off st nd rd th wrong incorrect up "
        "instead rather either neither nor out lakh lakhs lac crore crores mio mrd bn mn mil dutzend "
        "docena douzaine double triple twice power zero one two three four five six seven eight nine "
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
        "forty fifty sixty seventy eighty ninety dozen doz π larger smaller greater higher lower faster "
        "slower longer shorter older younger false"
    )
)
_CHANGER_PREFIXES = tuple(
    word_list("millio millia mille milló billio trillio tausend hundert thousand hundred infin")
)
_CHANGER_SIGNS = frozenset("万萬億亿千百十兆半倍割以多余만억천백조")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|[%$€£¥₹¢Ω]")
_POWER = re.compile(r"([A-Za-z]{1,12})(?:\^\s?\{?(-?[123])\}?|(?<=[a-z])([23])\b)")
_SPELLED_POWER = re.compile(r"\b([A-Za-z]{1,15})\s(squared|cubed)\b")
_SPELLED = (
    ("°", " degree "), ("/", " per "), ("per cent", "%"), ("kmph", "km per hour"), ("km/hr", "km per hour"),
    ("mph", "mile per hour"), ("kph", "km per hour"), ("rpm", "revolution per minute"),
    ("pounds sterling", "£"), ("pound sterling", "£"), ("metric ton", "metric-ton"),
    ("nautical mile", "nautical-mile"), ("euro cent", "euro-cent"), ("sqft", "square ft"),
    ("sqm", "square m"),
    ("basis points", "bps"), ("basis point", "bps"), ("·", " "), ("each ", "per "),
    ("fl oz", "fluid-ounce"), ("fl. oz.", "fluid-ounce"),
    ("fluid ounce", "fluid-ounce"), ("sq.", "square"), ("ft.", "ft"), ("in.", "in"), ("lbs.", "lb"),
    ("hrs.", "hour"),
    ("mins.", "min"), ("µ", "μ"),
)  # fmt: skip


def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, tuple[Fraction, str]]]:
    """Return symbols, words (in the singular) and the canonical units' scale and dimension."""
    symbols: dict[str, str] = {}
    words: dict[str, str] = {}
    units: dict[str, tuple[Fraction, str]] = {}
    for symbol, (dimension, names) in _BASES.items():
        for sign, (prefix, power) in (*_PREFIXES.items(), ("", ("", 0))):
            unit = "minute" if sign + symbol == "min" else sign + symbol
            units[unit] = Fraction(10) ** power * _OWN.get(symbol, 1), dimension
            symbols[unit] = unit
            words.update(dict.fromkeys((prefix + name for name in names.split()), unit))
    symbols.update(
        {
            "l": "L",
            "ml": "mL",
            "cl": "cL",
            "dl": "dL",
            "sec": "s",
            "secs": "s",
            "KB": "kB",
            "kgs": "kg",
            "kms": "km",
            "cms": "cm",
            "gms": "g",
            "mls": "mL",
            "kwh": "kWh",
            "ohms": "Ω",
            "mcg": "μg",
            "ug": "μg",
            "um": "μm",
            "uL": "μL",
            "uF": "μF",
            "uC": "μC",
            "cc": "mL",
            "Calories": "kcal",
        }
    )
    del symbols["pm"]  # a time of day
    words["kilo"] = "kg"
    for unit, dimension, scale, names in _OTHERS:
        units[unit] = Fraction(scale), dimension
        for name in names.split():
            (words if name.islower() and len(name) > 2 else symbols)[name] = unit
    return symbols, words, units


_SYMBOLS, _WORDS, _UNITS = _tables()


def is_measured(unit: str) -> bool:
    """Say whether every part of a unit is a unit of measure, not a counted thing."""
    return bool(unit) and all(n in _UNITS or n in ("per", "square", "cubic") for n in unit.split())


def measure(unit: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    """Return how many base units a unit is, and the powers of the dimensions it is made of.

    A counted thing is a dimension of its own.
    """
    scale, powers, sign, power = Fraction(1), dict[str, int](), 1, 1
    names = unit.replace("degree °", "°").split()
    for name in names:
        if name == "per":
            sign = -1
        elif name in ("square", "cubic"):
            power = 2 if name == "square" else 3
        else:
            own, dimension = _UNITS.get(name, (Fraction(1), f"count {name}"))
            factor, parts = _DERIVED.get(dimension, (Fraction(1), ((dimension, 1),)))
            scale *= (own * factor) ** (sign * power)
            for part, count in parts:
                powers[part] = powers.get(part, 0) + count * sign * power
            power = 1
    return scale, tuple(sorted((p, n) for p, n in powers.items() if n))


def read_unit(text: str, *, attached: bool) -> str | None:
    """Return the one spelling of a unit text, or None where it is more than a unit.

    :param attached: the text stood right behind the number, without a space: "5cm", but "5x" is a product.
    """
    if text.strip() == "times":
        return "time"
    powered = _POWER.match(text.lstrip())
    attached = attached and not (powered and (powered[2] or powered[3]) and powered[1] in _SYMBOLS)  # "40cm²"
    text = _SPELLED_POWER.sub(_spelled_power, _POWER.sub(_powered, text))
    for sign, spelled in _SPELLED:
        if sign in text:
            text = text.replace(sign, spelled)
    text = re.sub(r"([%$€£¥₹¢])", r" \1 ", text)
    words = text.split()
    if len(words) > 6:
        return None
    names: list[str] = []
    for i, word in enumerate(words):
        article = i > 0 and word.casefold() in ("a", "an")
        # "$5 an hour" is "$5 per hour", and so is "$5 per an hour".
        name = "per" if article else _name(word.rstrip("."), attached=attached and i == 0)
        if name is None:
            return None
        if not names or names[-1] != name:  # "$5 dollars"
            names.append(name)
    if len(names) > 1 and names[-1] == "per":
        names.pop()
    if names[0:1] == ["degree"] and names[1:2] in (["C"], ["F"]):
        names[1] = f"°{names[1]}"
    return " ".join(names)


def _powered(m: re.Match[str]) -> str:
    if m[3] and m[1] not in _SYMBOLS:
        return m[0]
    power = m[2] or m[3]
    before = {"1": "", "2": "square ", "3": "cubic "}[power.lstrip("-")]
    return (" per " if power.startswith("-") else "") + before + m[1]


def _spelled_power(m: re.Match[str]) -> str:
    """Read "second squared" as "square second"; "apples squared" stays, and is no unit."""
    if not is_measured(_name(m[1], attached=False) or ""):
        return m[0]
    return f"{'square' if m[2] == 'squared' else 'cubic'} {m[1]}"


def _name(word: str, *, attached: bool) -> str | None:
    if _WORD.fullmatch(word) is None:
        return None
    if word in _SYMBOLS and not (attached and word in _LONE_LETTERS):
        return _SYMBOLS[word]
    folded = word.casefold()
    if folded in ("per", "each", "every"):
        return "per"
    if folded in CHANGERS or folded.startswith(_CHANGER_PREFIXES) or not _CHANGER_SIGNS.isdisjoint(word):
        return None
    if folded in _SAME_THING:
        return _SAME_THING[folded]
    for form in (folded, _singular(folded)):
        if form in _WORDS:
            return _WORDS[form]
    if word.isascii() and (len(word) < 3 or attached):
        return None  # "5x", "5ab": a product, not a unit
    singular = _singular(folded)
    return singular if len(word) > 4 or word == folded else word  # "MeV" is not "meV"


def _singular(word: str) -> str:
    for ending, singular in _SUFFIXES:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            return word[: -len(ending)] + singular
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "s":
        return word[:-1]
    return word
