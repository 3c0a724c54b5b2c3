"""Sets of real numbers, however they are written: intervals, inequalities, "all reals except 2". Pure."""

import re
from dataclasses import dataclass
from functools import cmp_to_key

from taskseed.checks.maths.algebra import Value, approximate, letter, multiply, number, same
from taskseed.checks.maths.formulas import Unreadable, read_formula

__all__ = ["RealSet", "is_bare_pair", "read_set", "same_set"]

_MAX_PARTS = 8
_SIGNS = re.compile(r"([<>≤≥≠=])")
_INTERVAL = re.compile(
    r"([(\[\]])\s?([^()\[\],]{1,80}(?:\([^()]{1,40}\)[^()\[\],]{0,40})?)\s?,\s?([^\[\],]{1,80})\s?([)\]\[])"
)
_WORDS = (
    (r"(?:that are |which are |is |are )?(?:strictly )?(?:greater|more|larger) than or equal to", "≥"),
    (r"(?:that are |which are |is |are )?(?:less|smaller) than or equal to", "≤"),
    (r"(?:is |are )at least", "≥"), (r"(?:is |are )at most", "≤"),
    (r"(?:that are |which are |is |are )?(?:strictly )?(?:greater|more|larger) than", ">"),
    (r"(?:that are |which are |is |are )?(?:strictly )?(?:less|smaller) than", "<"),
    (r"(?:is|are|does) not equal(?: to)?", "≠"), (r"cannot (?:be|equal)", "≠"), (r"is not", "≠"),
    (r"is in(?: the interval)?", "∈"), (r"union", "∪"),
)  # fmt: skip
_SPELLED = tuple((re.compile(rf"\b{words}\b", re.IGNORECASE), f" {sign} ") for words, sign in _WORDS)
_ALL = re.compile(
    r"(?:the set of )?(?:all|any|every)?\s?(?:the )?(?:real numbers?|reals|real values?|values|numbers)?"
    r"(?:\sof)?\s?([a-z])?",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r",?\s?\b(?:except(?: for| when| at)?|other than|excluding|not equal to|such that|where|with|for "
    r"which|but not)\s|\s?∖\s?",
    re.IGNORECASE,
)
_BUILDER = re.compile(r"\\?\{\s?([a-z])\s?(?:∈\s?ℝ\s?)?[|:]\s?(.{1,200}?)\\?\}")
_NAMED = {
    "positive real numbers": "> 0", "negative real numbers": "< 0", "nonnegative real numbers": "≥ 0",
    "non-negative real numbers": "≥ 0", "nonpositive real numbers": "≤ 0", "non-positive real numbers": "≤ 0",
    "positive reals": "> 0", "negative reals": "< 0", "nonnegative reals": "≥ 0", "non-negative reals": "≥ 0",
}  # fmt: skip
_FLIPPED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠"}


@dataclass(frozen=True, slots=True)
class _End:
    """An end of an interval. `at` orders ends; `open` ends leave their value out."""

    at: float
    value: Value
    open: bool


Interval = tuple[_End, _End]


@dataclass(frozen=True, slots=True)
class RealSet:
    """A set of real numbers.

    :param intervals: disjoint, in order.
    :param variable: the letter it was written for, if any.
    """

    intervals: tuple[Interval, ...]
    variable: str = ""


_LOW = _End(float("-inf"), multiply(number(-1), letter("∞")), True)
_HIGH = _End(float("inf"), letter("∞"), True)
_EVERYTHING: tuple[Interval, ...] = ((_LOW, _HIGH),)


def is_bare_pair(text: str) -> bool:
    """Say whether a text is "(1, 2)", which may be a point."""
    return re.fullmatch(r"\([^()]*,[^()]*\)", text.strip()) is not None


def same_set(a: RealSet, b: RealSet) -> bool:
    """Say whether two sets have the same numbers, and not two different letters."""
    if a.variable and b.variable and a.variable != b.variable:
        return False
    return len(a.intervals) == len(b.intervals) and all(
        _same_end(x, y)
        for one, other in zip(a.intervals, b.intervals, strict=True)
        for x, y in zip(one, other, strict=True)
    )


def _same_end(a: _End, b: _End) -> bool:
    return a.open == b.open and (
        a.at == b.at if a in (_LOW, _HIGH) or b in (_LOW, _HIGH) else same(a.value, b.value)
    )


def read_set(text: str) -> RealSet | None:
    """Return the set of real numbers that a text is, in the spelling of `mathtext.maths_of`; else None."""
    if len(text) > 300:
        return None
    for words, sign in _SPELLED:
        text = words.sub(sign, text)
    variables: set[str] = set()
    try:
        intervals = _union(" ".join(text.split()), variables)
    except Unreadable:
        return None
    if len(variables) > 1:
        return None
    return RealSet(intervals, "".join(variables))


def _union(text: str, variables: set[str]) -> tuple[Interval, ...]:
    text = text.strip(" .,")
    builder = _BUILDER.fullmatch(text)
    if builder:
        variables.add(builder[1])
        text = builder[2]
    text = re.sub(r"(?<=[)\]])\s?[uU]\s?(?=[(\[])", " ∪ ", re.sub(r"^([a-z])\s?∈\s?(?=[(\[ℝ{\\])", "", text))
    parts = [p for p in re.split(r"\s?∪\s?|,?\s\bor\b\s|\s?;\s?", text) if p]
    if not 0 < len(parts) <= _MAX_PARTS:
        raise Unreadable("no set")
    found: list[Interval] = []
    for part in parts:
        found.extend(_intersection(part, variables))
    return _joined(found)


def _intersection(text: str, variables: set[str]) -> tuple[Interval, ...]:
    text = text.strip()
    interval = _INTERVAL.fullmatch(text)
    if interval:
        return (_interval(*interval.groups()),)
    if text in ("ℝ", "\\mathbb{R}"):
        return _EVERYTHING
    named = _NAMED.get(re.sub(r"^(?:the set of )?(?:all )?(?:the )?", "", text.casefold()))
    if named:
        return _condition(named, variables)
    head, *rest = _EXCEPT.split(text, maxsplit=1)
    if rest or not _SIGNS.search(text):
        everything = _ALL.fullmatch(head.strip())
        if head.strip() != "ℝ" and not (
            everything and re.search(r"real|number|value|all" if rest else r"\breals?\b", head, re.IGNORECASE)
        ):
            raise Unreadable("no set")
        if everything and everything[1]:
            variables.add(everything[1])
        return _excluded(rest[0], variables) if rest else _EVERYTHING
    result = _EVERYTHING
    text = re.sub(
        r"^(?:the set of )?(?:all|any)\s(?:real numbers?|reals|real values of|values of|real)?\s?", "", text
    )
    previous = ""
    for part in re.split(r",?\s\band\b\s|\s?,\s?|\s?∩\s?", text):
        if not _SIGNS.search(part):
            part = f"{previous} {part}"  # "x ≠ 2, 3"
        elif part.strip()[:1] in "<>≤≥≠" and variables:
            part = f"{min(variables)} {part}"  # "x > 2 and < 5"
        result = _common(result, _condition(part, variables))
        head = re.match(r"\s?[a-z]\s?≠", part)
        previous = head[0] if head else "?"
    return result


def _excluded(text: str, variables: set[str]) -> tuple[Interval, ...]:
    """Return the numbers that "x = 2 and x = 3", "2 and 3" or "{2, 3}" leaves; or that a condition is for."""
    text = text.strip().strip("{}\\ ")
    if re.search(r"[<>≤≥≠]", text):
        return _intersection(text, variables)
    result = _EVERYTHING
    for part in re.split(r",?\s\b(?:and|or)\b\s|\s?,\s?", text):
        name = re.match(r"([a-z])\s?=\s?", part)
        if name:
            variables.add(name[1])
        value = _end(part[name.end() :] if name else part)
        result = _common(result, _points_out(value))
    return result


def _points_out(end: _End) -> tuple[Interval, ...]:
    out = _End(end.at, end.value, True)
    return ((_LOW, out), (out, _HIGH))


def _interval(left: str, low: str, high: str, right: str) -> Interval:
    a, b = _end(low, left != "["), _end(high, right != "]")
    if a.at > b.at or (a.at == b.at and (a.open or b.open)):
        raise Unreadable("an empty interval")
    return a, b


def _end(text: str, is_open: bool = False) -> _End:
    text = text.strip()
    if text in ("∞", "+∞", "+ ∞", "infinity", "inf", "oo"):
        return _HIGH
    if text in ("-∞", "- ∞", "-infinity", "-inf", "-oo"):
        return _LOW
    value = read_formula(text)
    at = approximate(value)
    if at is None:
        raise Unreadable("no number")
    return _End(at, value, is_open)


def _condition(text: str, variables: set[str]) -> tuple[Interval, ...]:
    """Return the numbers for which "x > 2", "2 ≤ x < 5" or "x ≠ 2" holds."""
    pieces = [p.strip() for p in _SIGNS.split(text)]
    if pieces[0] == "":  # "greater than 3", said of all numbers
        pieces[0] = "_"
    if len(pieces) == 3:
        if re.fullmatch(r"[a-z_]", pieces[2]):
            pieces = [pieces[2], _FLIPPED[pieces[1]], pieces[0]]
        return _compared(pieces[0], pieces[1], pieces[2], variables)
    if (len(pieces) == 5 and all(pieces[i] in "<≤" for i in (1, 3))) or (
        len(pieces) == 5 and all(pieces[i] in ">≥" for i in (1, 3))
    ):
        return _common(
            _compared(pieces[2], _FLIPPED[pieces[1]], pieces[0], variables),
            _compared(pieces[2], pieces[3], pieces[4], variables),
        )
    raise Unreadable("no condition")


def _compared(name: str, sign: str, bound: str, variables: set[str]) -> tuple[Interval, ...]:
    if not re.fullmatch(r"[a-z_]", name) or name in "ei":
        raise Unreadable("no variable")
    if name != "_":
        variables.add(name)
    end = _end(bound, sign in "<>≠")
    if sign == "≠":
        return _points_out(end)
    if sign == "=":
        return ((end, end),)
    return ((_LOW, end),) if sign in "<≤" else ((end, _HIGH),)


def _order(a: _End, b: _End) -> int:
    if same(a.value, b.value):
        return 0
    return -1 if a.at < b.at else 1


def _common(a: tuple[Interval, ...], b: tuple[Interval, ...]) -> tuple[Interval, ...]:
    out: list[Interval] = []
    for low, high in a:
        for other_low, other_high in b:
            first, last = _later(low, other_low), _earlier(high, other_high)
            order = _order(first, last)
            if order < 0 or (order == 0 and not first.open and not last.open):
                out.append((first, last))
    if not out or len(out) > _MAX_PARTS:
        raise Unreadable("an empty set")
    return tuple(out)


def _later(a: _End, b: _End) -> _End:
    order = _order(a, b)
    return (a if a.open else b) if order == 0 else (b if order < 0 else a)


def _earlier(a: _End, b: _End) -> _End:
    order = _order(a, b)
    return (a if a.open else b) if order == 0 else (a if order < 0 else b)


def _joined(found: list[Interval]) -> tuple[Interval, ...]:
    """Return a union as disjoint intervals in order."""

    def order_of(x: Interval, y: Interval) -> int:
        return _order(x[0], y[0]) or x[0].open - y[0].open

    ordered = sorted(found, key=cmp_to_key(order_of))
    out = [ordered[0]]
    for low, high in ordered[1:]:
        last = out[-1][1]
        order = _order(low, last)
        if order > 0 or (order == 0 and low.open and last.open):
            out.append((low, high))
            continue
        ends = _order(high, last)
        out[-1] = (out[-1][0], high if ends > 0 or (ends == 0 and not high.open) else last)
    return tuple(out)
