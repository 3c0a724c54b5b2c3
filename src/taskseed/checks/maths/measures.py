"""What stands behind an expression: its unit, a percent sign, a number's base. Pure."""

import re
from collections.abc import Callable

from taskseed.checks.maths.asked_forms import Asked
from taskseed.checks.numbers.quantities import Verdict, asks_in, equal_numbers, parse_number
from taskseed.checks.numbers.units import is_measured, measure, read_unit
from taskseed.checks.reading import word_list

__all__ = ["compare_bases", "compare_measures", "compare_shares"]

_BASES = {name: i for i, name in enumerate(
    word_list("zero one two three four five six seven eight nine ten eleven twelve"))}  # fmt: skip
_BASE_WORDS = "|".join(_BASES)
_IN_BASE = re.compile(
    rf"([0-9][0-9A-Za-z]{{0,39}})\s?(?:_\s?\{{?\s?(?:base\s)?(\d{{1,2}}|"
    rf"{_BASE_WORDS})\s?\}}?|\(?(?:in\s)?base[ -](\d{{1,2}}|{_BASE_WORDS})\)?)",
    re.IGNORECASE,
)
_PLAIN_DIGITS = re.compile(r"[0-9][0-9A-Fa-f]{0,39}")
_GENERIC = frozenset({"unit", "square unit", "cubic unit", "radian"})  # units that say nothing more
_UNIT_START = re.compile(r"(?<=[0-9π)}\]!a-z√])\s(?=[A-Za-z])|(?<=[0-9π)}])(?=(?:cm|mm|km|kg|ft)\b)")
_PERCENT = re.compile(r"(.{1,40}?)\s?(?:%|percent|per cent)")

Comparison = Callable[[str, str], Verdict]


def compare_bases(said: str, gold: str, asked: Asked) -> Verdict | None:
    """Compare numbers of which one or both name a base; None where none does.

    "101" is "101_2" only where the question asks in base 2.
    """
    a, b = _in_base(said), _in_base(gold)
    if a is None and b is None:
        return None
    if a is not None and b is not None:
        return "equal" if a == b else "different" if a[1] != b[1] or a[0] != b[0] else "unknown"
    digits, base = a or b or ("", 0)
    other = gold if a else said
    if asked.base == base and _PLAIN_DIGITS.fullmatch(other):
        return "equal" if other.lower().lstrip("0") == digits else "different"
    return "unknown"


def _in_base(text: str) -> tuple[str, int] | None:
    m = _IN_BASE.fullmatch(text)
    if m is None:
        return None
    name = (m[2] or m[3]).lower()
    base = _BASES[name] if name in _BASES else int(name)
    digits = m[1].lower()
    return (digits.lstrip("0"), base) if 2 <= base <= 36 and all(int(d, 36) < base for d in digits) else None


def compare_measures(said: str, gold: str, asked: Asked, same: Comparison) -> Verdict | None:
    """Compare two expressions of which one or both have a unit; None where none has.

    An answer may gain a unit, but no degree and no percent sign unless they are asked for; and it may leave
    the gold's out only where it says nothing, or the question asks in it.
    """
    (a, x), (b, y) = _with_unit(said), _with_unit(gold)
    if not x and not y:
        return None
    if x and y:
        return _both(said, gold, (a, x), (b, y), same)
    unit = x or y
    if unit == "°":
        asked_in = asked.says(r"\bdegrees?\b")
    else:
        asked_in = unit in _GENERIC or asks_in(unit, asked.question)
    if not (asked_in or (x and unit != "°" and not _asked_in_another(unit, asked))):
        return "unknown"
    verdict = same(a, b)
    return verdict if verdict == "equal" else "unknown"


def _both(said: str, gold: str, a: tuple[str, str], b: tuple[str, str], same: Comparison) -> Verdict:
    if a[1] == b[1]:
        return same(a[0], b[0])
    if "°" in (a[1], b[1]) or not (is_measured(a[1]) and is_measured(b[1])):
        return "unknown"
    if measure(a[1])[1] != measure(b[1])[1]:
        return "different"
    return equal_numbers(said, gold) if parse_number(said) and parse_number(gold) else "unknown"


def _with_unit(text: str) -> tuple[str, str]:
    """Return an expression and its unit, which is empty where there is none."""
    if text.endswith("°") and not re.search("sin|cos|tan|cot|sec|csc", text):
        return text[:-1].strip(), "°"
    for start in list(_UNIT_START.finditer(text))[:12]:
        rest = text[start.end() :]
        if re.fullmatch(r"(?:(?:square|sq\.?|cubic|cu\.?)\s)?units?(?:\s?\^\s?\{?[23]\}?|\ssquared)?", rest):
            return text[: start.start()], "unit"
        rest = re.sub(
            r"^([a-z]{1,12})\s(squared|cubed)$", lambda m: f"{m[1]}^{2 if m[2] == 'squared' else 3}", rest
        )
        rest = re.sub(r"\s?\^\s?\{?\s?([23])\s?\}?", r"^\1", rest)
        unit = read_unit(" " + rest, attached=False) if len(rest) > 1 and len(rest) < 60 else None
        if unit and is_measured(unit) and "%" not in unit and not re.search(r"[+*=\\]", rest):
            return text[: start.start()], unit
    return text, ""


def _asked_in_another(unit: str, asked: Asked) -> bool:
    """Say whether the question speaks of other units of the same measure and not of this one."""
    if not asked.question or not is_measured(unit):
        return False
    named = {read_unit(word, attached=False) for word in re.findall(r"[^\W\d_]{2,}", asked.question)[:1000]}
    own = {part for part in unit.split() if part not in ("per", "square", "cubic")}
    measured = {name for name in named if name and is_measured(name)}
    kinds = {measure(part)[1] for part in own}
    return any(measure(name)[1] in kinds for name in measured) and not own <= measured


def compare_shares(said: str, gold: str, asked: Asked, same: Comparison) -> Verdict | None:
    """Compare where one of two is a percentage: 75 % is 3/4 as a probability; None where none or both are.

    Beside the bare number it is equal where the question asks for a percentage.
    """
    a, b = _PERCENT.fullmatch(said), _PERCENT.fullmatch(gold)
    if bool(a) == bool(b):
        return same(a[1], b[1]) if a and b else None
    x, y = (a[1] if a else said), (b[1] if b else gold)
    percentage = asked.says(r"percent|per cent|%")
    if percentage and not asked.says("probability|fraction|decimal") and same(x, y) == "equal":
        return "equal"
    if a and not percentage and not asked.form and asked.says(r"\bprobab|\bhow likely|\bchances?\b"):
        return "equal" if same(f"({x})/100", y) == "equal" else "unknown"
    return "unknown"
