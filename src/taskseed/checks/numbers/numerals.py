"""Amounts as people write them, in digits and in English words, read exactly. Pure, linear, and bounded."""

import re
from fractions import Fraction

from taskseed.checks.reading import word_list

__all__ = [
    "MONEY",
    "ORDINALS",
    "SMALL",
    "TENS",
    "amount_in_digits",
    "amount_in_words",
    "decimal_comma",
    "words_as_digits",
]

_MAX_EXPONENT = 100
MONEY = r"(?:US\$|USD|EUR|GBP|JPY|INR|CHF|CNY|RMB|KRW|RUB|Rs\.?|\$|€|£|¥|₹|₩|₽)"
_GROUPED = (
    r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,12}(?![0-9])"
    r"|[1-9][0-9]{0,2}(?:[ '_][0-9]{3}){1,12}(?![0-9])"
    r"|[1-9][0-9]?(?:,[0-9]{2}){1,8},[0-9]{3}(?![0-9])"  # 1,00,000
)
_NUMBER = re.compile(
    rf"""(?P<sign>[+-]?)(?:(?P<currency>{MONEY})\s?)?(?P<sign2>[+-]?)
    (?:(?P<whole>[0-9]{{1,15}})(?:\s{{1,3}}|\s(?:and|&)\s)(?P<above>[0-9]{{1,15}})\s?/\s?(?P<below>[0-9]{{1,15}})
      |(?P<numerator>[0-9]{{1,40}})\s?/\s?(?P<denominator>[0-9]{{1,40}})
      |(?P<base>[0-9]{{1,4}})\s?\^\s?\{{?(?P<to>-?[0-9]{{1,3}})\}}?
      |(?P<repeating>[0-9]{{1,15}}\.[0-9]{{0,15}})\\overline\s?\{{(?P<period>[0-9]{{1,15}})\}}
      |(?P<decimal>(?:{_GROUPED})(?:\.[0-9]{{1,40}})?|[0-9]{{1,40}}(?:\.[0-9]{{1,40}})?|\.[0-9]{{1,40}})
       (?:[eE](?P<exponent>[+-]?[0-9]{{1,3}})
         |\s?[x×*·]\s?10\s?(?:\^|\*\*)\s?\{{?(?P<power>[+-]?[0-9]{{1,3}})\}}?
         |(?P<suffix>[kKMB]|bn|mn|(?(currency)m|(?!)))(?![\w/²³^·]))?)
    (?P<rest>.*)""",
    re.VERBOSE | re.DOTALL,
)
_SUFFIXES = {"k": 3, "K": 3, "m": 6, "M": 6, "mn": 6, "B": 9, "bn": 9}

SMALL = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_UNITS = (
    {"nought": 0, "naught": 0, "nil": 0}
    | {w: i for i, w in enumerate(SMALL)}
    | {w: 10 * i for i, w in enumerate(TENS, 2)}
)
_GREAT = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALES = {"hundred": 100, "dozen": 12, **_GREAT}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80,
    "ninetieth": 90, "hundredth": 100,
}  # fmt: skip
_PARTS = {
    "half": 2, "halves": 2, "quarter": 4, "quarters": 4,
    **{word: number for word, number in ORDINALS.items() if 3 <= number <= 20 or number == 100},
    **{word + "s": number for word, number in ORDINALS.items() if 3 <= number <= 20 or number == 100},
}  # fmt: skip
_GREAT_COMMA = re.compile(r"(?<=thousand),\s(?=[a-z])|(?<=million),\s(?=[a-z])", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z]+|[ -]{1,3}|.", re.DOTALL)


def amount_in_digits(text: str) -> tuple[Fraction, str, str] | None:
    """Return the amount that a text begins with, its currency sign, and the rest of the text."""
    m = _NUMBER.fullmatch(text)
    if m is None or (m["sign"] and m["sign2"]):
        return None
    value = _value(m)
    if value is None:
        return None
    return (-value if "-" in m["sign"] + m["sign2"] else value), m["currency"] or "", m["rest"]


def _value(m: re.Match[str]) -> Fraction | None:
    if m["whole"]:
        above, below = int(m["above"]), int(m["below"])
        return int(m["whole"]) + Fraction(above, below) if above < below else None
    if m["numerator"]:
        return Fraction(int(m["numerator"]), int(m["denominator"])) if int(m["denominator"]) else None
    if m["base"]:
        base, to = int(m["base"]), int(m["to"])
        return Fraction(base) ** to if base and abs(to) <= _MAX_EXPONENT else None
    if m["repeating"]:
        fixed = Fraction(m["repeating"].rstrip("."))
        places = len(m["repeating"].partition(".")[2])
        return fixed + Fraction(int(m["period"]), (10 ** len(m["period"]) - 1) * 10**places)
    exponent = int(m["exponent"] or m["power"] or _SUFFIXES.get(m["suffix"] or "", 0))
    if abs(exponent) > _MAX_EXPONENT:
        return None
    return Fraction(re.sub("[,'_ ]", "", m["decimal"])) * Fraction(10) ** exponent


# "1.234,50", "12,50" and "0,375" can only have a decimal comma; the points of "1.200.000" part thousands.
_DECIMAL_COMMA = re.compile(
    rf"""([+-]?\s?(?:{MONEY}\s?)?[+-]?)
    ([1-9][0-9]{{0,2}}(?:[. ][0-9]{{3}}){{1,5}},[0-9]{{1,2}}|[0-9]{{1,12}},[0-9]{{1,2}}|0,[0-9]{{1,9}}
    |[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}}){{2,5}})
    (?![0-9]|[.,][0-9])(.*)""",
    re.VERBOSE | re.DOTALL,
)


def decimal_comma(text: str) -> str | None:
    """Return a text that begins with a number of the European form with a decimal point; else None."""
    m = _DECIMAL_COMMA.fullmatch(text)
    return None if m is None else m[1] + re.sub("[. ]", "", m[2]).replace(",", ".") + m[3]


def amount_in_words(text: str) -> tuple[Fraction, str] | None:
    """Return the amount in words that a text begins with, and the rest of the text.

    Reads "one hundred and twenty-five", "minus three", "three and a half", "two-thirds", "half", "two point
    five", "a dozen", "twenty-one hundred". A word that could be more of the number ends in None: "two hundred
    twenty thirty".
    """
    tokens = _TOKEN.findall(_GREAT_COMMA.sub(" ", text[:200]))
    words = [(t.casefold(), i) for i, t in enumerate(tokens) if t.isalpha()]
    negative = bool(words) and words[0][0] in ("minus", "negative")
    reader = _WordReader([word for word, _ in words[negative:]])
    value = reader.amount()
    if value is None:
        return None
    used = negative + reader.at
    last = words[used - 1][1]
    joints = "".join(t for t in tokens[: last + 1] if not t.isalpha())
    if joints.strip(" -"):
        return None  # something stands between the words of the number
    rest = "".join(tokens[last + 1 :]) + text[200:]
    return (-value if negative else value), rest


class _WordReader:
    """Reads one amount from a list of words; `at` is the first word that is not part of it."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def amount(self) -> Fraction | None:
        """Return the amount, or None where there is none or more than one."""
        if self._peek() == "point":
            return self._decimals(Fraction(0))
        value = self._whole()
        if value is None:
            return self._part_alone()
        if self._peek() == "point":
            return self._decimals(value)
        if self._peek() in _PARTS and self.words[self.at - 1] not in _SCALES:
            return self._taken(value / _PARTS[self._peek()])
        half = self._and_part()
        value = value + half if half is not None else value
        if half is not None and self._peek() in _GREAT:  # two and a half million
            value = self._taken(value * _GREAT[self._peek()])
        return None if self._peek() in _UNITS or self._peek() in _SCALES else value

    def _peek(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead] if self.at + ahead < len(self.words) else ""

    def _taken(self, value: Fraction) -> Fraction:
        self.at += 1
        return value

    def _whole(self) -> Fraction | None:
        """Read "three million two hundred and five"; scales must fall."""
        total, limit = Fraction(0), 10**15
        found = False
        while True:
            start = self.at
            group = self._below_thousand(found)
            if group is None:
                break
            scale = _GREAT.get(self._peek(), 1)
            if scale >= limit:
                self.at = start
                break
            self.at += scale > 1
            total, found, limit = total + group * scale, True, scale
            if scale == 1:
                break
        return total if found else None

    def _below_thousand(self, later: bool) -> Fraction | None:
        """Read "two hundred and five", "a hundred", "twenty-one", "two dozen"."""
        skip = 1 if later and self._peek() == "and" else 0
        word = self._peek(skip)
        if word in ("a", "an") and self._peek(skip + 1) in _SCALES and not later:
            value = Fraction(1)
        elif word in _UNITS:
            value = Fraction(_UNITS[word])
        else:
            return None
        self.at += skip + 1
        if value >= 20 and 0 < _UNITS.get(self._peek(), 0) < 10:
            value = self._taken(value + _UNITS[self._peek()])
        if self._peek() not in ("hundred", "dozen"):
            return value
        value = self._taken(value * _SCALES[self._peek()])
        if self.words[self.at - 1] == "dozen":
            return value
        joint = 1 if self._peek() == "and" else 0
        if 0 < _UNITS.get(self._peek(joint), 0) < 100:
            value += _UNITS[self._peek(joint)]
            tens = _UNITS[self._peek(joint)] >= 20
            self.at += joint + 1
            if tens and 0 < _UNITS.get(self._peek(), 0) < 10:
                value = self._taken(value + _UNITS[self._peek()])
        return value

    def _decimals(self, value: Fraction) -> Fraction | None:
        self.at += 1
        digits = ""
        while self._peek() in SMALL[:10]:
            digits += str(_UNITS[self._peek()])
            self.at += 1
        if not digits or self._peek() in _UNITS:
            return None
        value += Fraction(int(digits), 10 ** len(digits))
        return self._taken(value * _GREAT[self._peek()]) if self._peek() in _GREAT else value

    def _and_part(self) -> Fraction | None:
        """Read "and a half", "and three quarters"."""
        if self._peek() != "and":
            return None
        count = 1 if self._peek(1) in ("a", "an") else _UNITS.get(self._peek(1), 0)
        part = _PARTS.get(self._peek(2))
        if not count or part is None or count >= part:
            return None
        self.at += 3
        return Fraction(count, part)

    def _part_alone(self) -> Fraction | None:
        """Read "half", "a third", "half a dozen", "half a million"."""
        article = self._peek() in ("a", "an", "one")
        part = _PARTS.get(self._peek(article))
        if part is None or (not article and self._peek() not in ("half",)):
            return None
        self.at += article + 1
        value = Fraction(1, part)
        skip = 1 if self._peek() in ("a", "an") else 0
        if self._peek(skip) in _SCALES:
            value *= _SCALES[self._peek(skip)]
            self.at += skip + 1
        return value


def words_as_digits(text: str) -> str:
    """Return a text with the numbers in words, and the ordinals, in it written in digits.

    "seven years" is "7 years", "the twenty-first century" is "the 21st century".
    """
    words = text.split(" ")
    out: list[str] = []
    at = 0
    while at < len(words):
        used, written = _digits_from(words[at : at + 8])
        out.append(written if used else words[at])
        at += used or 1
    return " ".join(out)


def _digits_from(words: list[str]) -> tuple[int, str]:
    """Return how many of the words make a number, and that number in digits."""
    first = words[0].casefold().partition("-")[0].strip(",")
    if first not in _UNITS and first not in ORDINALS:
        return 0, ""
    for used in range(len(words), 0, -1):
        phrase = " ".join(words[:used])
        ordinal = _ordinal(phrase)
        if ordinal:
            return used, ordinal
        read = amount_in_words(phrase)
        if read is not None and not read[1] and read[0].denominator == 1:
            return used, str(read[0])
    return 0, ""


def _ordinal(phrase: str) -> str | None:
    """Return "21st" for "twenty-first"; "second" alone may be a time and stays."""
    head, _, last = phrase.casefold().replace("-", " ").rpartition(" ")
    number = ORDINALS.get(last)
    if number is None or (not head and last == "second"):
        return None
    if head:
        read = amount_in_words(head)
        # "one third" is a share, "twenty-first" and "one hundred and third" are not.
        if read is None or read[1].strip(" ") not in ("", "and") or read[0] < 20 or number >= 20:
            return None
        number += int(read[0])
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
