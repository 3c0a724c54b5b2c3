"""Options that cannot stand beside each other: of equal value, overlapping, both right. Pure.

What is judged is what numbers, units, ranges, conjunctions and letters decide. Whether two options mean the
same in other words, or are both right as a matter of fact, only solvers can say: their votes split then.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from taskseed.checks.answers import Quantity, equal_numbers, normalise_text, parse_number

__all__ = ["both_right", "holding", "overlapping", "same_value"]

_MAX_CHARS = 200
_N = r"[$€£]?-?\d[\d,]*(?:\.\d+)?"
_BETWEEN = re.compile(
    rf"(?:from |between )?({_N})\s?(%?[a-z°%]{{0,12}}?)\s?(?:-|–|to|and)\s?({_N})\s?(.{{0,30}})",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"(?:(?:more|greater|larger|higher|longer|older|later) than|over|above|at least) ({_N})\s?(.{{0,30}})",
    re.IGNORECASE,
)
_BELOW = re.compile(
    rf"(?:(?:less|fewer|smaller|lower|shorter|younger|earlier) than|under|below|at most|up to) ({_N})\s?"
    r"(.{0,30})",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*,?\s+(?:and|as well as|plus|y|et|und)\s+|\s*&\s*", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:both|the|an?|either)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Range:
    """Amounts strictly between two ends, in a unit; an end may be open (None)."""

    low: Fraction | None
    high: Fraction | None
    unit: str


def same_value(options: Sequence[str]) -> tuple[str, str] | None:
    """Return two options that state one quantity ("10 cm" and "0.1 m", "twelve" and "12"), else None.

    A bare number and one with a unit are not one: which is right may be the question.
    """
    parsed = [parse_number(o) if len(o) <= _MAX_CHARS else None for o in options]
    for (a, x), (b, y) in combinations(zip(options, parsed, strict=True), 2):
        if x is None or y is None or bool(x.unit) != bool(y.unit) or _is_notation(a, b):
            continue
        if equal_numbers(a, b) == equal_numbers(b, a) == "equal":
            return a, b
    return None


def _is_notation(a: str, b: str) -> bool:
    """Tell whether two spellings of one amount may be the point: "0.5" and "1/2", "3.0" and "3", "1e3"."""
    digits = any(c.isdigit() for c in a) and any(c.isdigit() for c in b)
    return digits and _plain_unit(a) == _plain_unit(b)


def _plain_unit(text: str) -> str:
    return re.sub(r"[\d.,/\s^×x*e+-]+", "", text.casefold())


def overlapping(options: Sequence[str]) -> tuple[str, str] | None:
    """Return two options of which one range meets another, or holds an amount: "1-10" and "5-15", else None.

    Ranges that share an end ("10-20", "20-30") do not meet.
    """
    read = [(o, r) for o in options if len(o) <= _MAX_CHARS and (r := _range(o)) is not None]
    if not any(isinstance(r, _Range) for _, r in read):
        return None
    for (a, x), (b, y) in combinations(read, 2):
        if _meet(x, y):
            return a, b
    return None


def _range(option: str) -> _Range | Quantity | None:
    text = option.strip().rstrip(".").strip()
    between = _BETWEEN.fullmatch(text)
    if between is not None:
        low, high = _amount(between[1]), _amount(between[3])
        ordered = low is not None and high is not None and low < high
        return _Range(low, high, normalise_text(between[4])) if ordered else None
    for pattern, is_above in ((_ABOVE, True), (_BELOW, False)):
        match = pattern.fullmatch(text)
        if match is not None:
            end, unit = _amount(match[1]), normalise_text(match[2])
            return _Range(end, None, unit) if is_above else _Range(None, end, unit)
    return parse_number(text)


def _amount(text: str) -> Fraction | None:
    quantity = parse_number(text)
    return None if quantity is None else quantity.value


def _meet(x: _Range | Quantity, y: _Range | Quantity) -> bool:
    if isinstance(x, Quantity):
        return isinstance(y, _Range) and _meet(y, x)
    if isinstance(y, Quantity):
        inside = (x.low is None or x.low < y.value) and (x.high is None or y.value < x.high)
        return inside and _unit_of(x.unit) == y.unit
    if x.unit != y.unit:
        return False
    return _before(x.low, y.high) and _before(y.low, x.high)


def _unit_of(text: str) -> str:
    quantity = parse_number(f"1 {text}") if text else None
    return quantity.unit if quantity is not None else text


def _before(low: Fraction | None, high: Fraction | None) -> bool:
    return low is None or high is None or low < high


def holding(options: Sequence[str], answer_index: int) -> tuple[str, str] | None:
    """Return the answer and an option that it holds or that holds it as one of several, else None.

    "dogs" and "dogs and cats": who picks the one is not wrong in the other. Wrong options may.
    """
    parts = [_parts(o) for o in options]
    gold = parts[answer_index]
    for i, other in enumerate(parts):
        if i != answer_index and ((len(other) == 1 and other < gold) or (len(gold) == 1 and gold < other)):
            return options[answer_index], options[i]
    return None


def _parts(option: str) -> frozenset[str]:
    if option.casefold().startswith(("between ", "from ")):
        return frozenset({normalise_text(option)})
    pieces = [p for piece in _AND.split(option[:_MAX_CHARS]) for p in piece.split(", ")]
    return frozenset(normalise_text(_ARTICLE.sub("", p.strip())) for p in pieces if p.strip())


_STEM = re.compile(
    r"\b(?:which|what)\b[^?]{0,40}?\b(?:numbers?|integers?|values?|one|these|following)\b[^?]{0,20}?\b"
    r"(?:is|are)\s(?P<not>not\s|n't\s)?(?:an?\s|the\s)?"
    r"(?:(?P<plain>even|odd|prime|composite|perfect square|"
    r"square number|negative|positive)(?:\snumbers?)?|(?P<by"
    r">divisible by|evenly divisible by|multiples? of|factors? of|"
    r"divisors? of|greater than|larger than|less than|smaller than)\s(?P<n>\d{1,6}))\s*\??\s*$",
    re.IGNORECASE,
)
_SPELT = re.compile(
    r"\bwhich\b[^?]{0,40}?\bwords?\b[^?]{0,20}?\b(?P<not>(?:does|do) not\s|doesn't\s)?"
    r"(?P<how>starts?|begins?|ends?|contains?)"
    r"\s(?:with\s)?the letter\s[\"“'‘]?(?P<letter>[a-z])[\"”'’]?\s*\??\s*$",
    re.IGNORECASE,
)


def both_right(stem: str, options: Sequence[str]) -> tuple[str, str] | None:
    """Return two options that are both right by arithmetic or spelling, else None.

    Stems that ask for one number with a property ("which number is not prime?", "… is divisible by 6?") over
    options that are whole numbers, or for one word by its letters. The stem must end with the property.
    """
    tail = stem[-400:].strip()
    number, spelt = _STEM.search(tail), _SPELT.search(tail)
    if number is not None:
        values = [_whole(o) for o in options]
        holds = _property(number)
        if None in values or holds is None:
            return None
        verdicts = [holds(v) for v in values if v is not None]
    elif spelt is not None:
        verdicts = [_is_spelt(spelt, o) for o in options]
    else:
        return None
    negated = bool((number or spelt)["not"])  # type: ignore[index]
    right = [o for o, verdict in zip(options, verdicts, strict=True) if verdict != negated]
    return (right[0], right[1]) if len(right) > 1 else None


def _whole(option: str) -> int | None:
    text = option.strip().rstrip(".").replace(",", "")
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def _property(match: re.Match[str]) -> Callable[[int], bool] | None:
    if match["plain"]:
        return _PLAIN[match["plain"].casefold()]
    n, by = int(match["n"]), match["by"].casefold().split()[-2]
    if not n:
        return None
    tests: dict[str, Callable[[int], bool]] = {
        "divisible": lambda v: v % n == 0,
        "multiple": lambda v: v % n == 0,
        "factor": lambda v: v != 0 and n % v == 0,
        "divisor": lambda v: v != 0 and n % v == 0,
        "greater": lambda v: v > n,
        "larger": lambda v: v > n,
        "less": lambda v: v < n,
        "smaller": lambda v: v < n,
    }
    return tests[by.rstrip("s") if by not in ("less",) else by]


def _is_prime(value: int) -> bool:
    return value > 1 and all(value % d for d in range(2, int(value**0.5) + 1))


_PLAIN: dict[str, Callable[[int], bool]] = {
    "even": lambda v: v % 2 == 0,
    "odd": lambda v: v % 2 == 1,
    "prime": _is_prime,
    "composite": lambda v: v > 3 and not _is_prime(v),
    "perfect square": lambda v: v >= 0 and round(v**0.5) ** 2 == v,
    "square number": lambda v: v >= 0 and round(v**0.5) ** 2 == v,
    "negative": lambda v: v < 0,
    "positive": lambda v: v > 0,
}


def _is_spelt(match: re.Match[str], word: str) -> bool:
    word, letter, how = word.strip().casefold(), match["letter"].casefold(), match["how"].casefold()
    if how.startswith("end"):
        return word.endswith(letter)
    return letter in word if how.startswith("contain") else word.startswith(letter)
