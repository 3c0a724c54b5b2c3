"""The equations that a text states, and whether they hold. Pure and bounded; a doubt is never a fault.

Only what is surely plain arithmetic is judged: both sides are made of numbers, operators, brackets,
percentages and units, nothing beside them changes their meaning ("half of", "remainder", "million"), and
the units are not of two sizes ("2 hours = 120 minutes"). An equation is at fault only where it fails in
every way in which its signs may be read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product

from taskseed.checks.arithmetic import BAD, Reading, Token, evaluate, plain_mathematics, tokens_of
from taskseed.checks.numbers.number_words import AND, CHANGE_LAST, CHANGE_NEXT, SIZES

__all__ = ["Equations", "check_equations"]

_MAX_CHARS = 50_000
_MAX_TOKENS = 60  # on one side of an equation
_MAX_LINE = 4_000

_READINGS = tuple(Reading(p, point) for p, point in product((Fraction(1, 100), Fraction(1)), (False, True)))
_SIDES = ("number", "operator", "power", "open", "close", "percent", "money")


@dataclass(frozen=True, slots=True)
class Equations:
    """What became of the equations of a text.

    :param judged: how many were surely plain arithmetic.
    :param wrong: those that do not hold, as they stand in the plain spelling of the text.
    """

    judged: int
    wrong: tuple[str, ...]


def check_equations(text: str) -> Equations:
    """Find the equations of a text and say which do not hold.

    An equation holds if both sides have the same exact value. A result that cannot be written exactly in
    the digits shown may be rounded: to half a unit of its last digit, to a whole unit after `≈` or where
    digits may be cut off. `a = b = c` are two equations, and `3 + 4 = 7 + 2 = 9` is read as the running
    calculation that it is. `x = 3 + 4 = 8` is judged in its second part. `3 + 4 is 8` and `3 + 4 equals 8`
    are equations where a sentence ends after them.
    """
    judged, wrong = 0, []
    for line in plain_mathematics(text[:_MAX_CHARS]).splitlines():
        if not any(sign in line for sign in ("=", "≈", " is ", " equals ")) or not any(
            c.isdigit() for c in line
        ):
            continue
        for holds, shown in _equations(line[:_MAX_LINE]):
            judged += 1
            if not holds:
                wrong.append(shown)
    return Equations(judged, tuple(wrong))


def _equations(line: str) -> list[tuple[bool, str]]:
    tokens = _related(tokens_of(_without_bullet(line)))
    relations = [i for i, token in enumerate(tokens) if token.kind == "relation"]
    found = []
    before: list[Token] | None = None  # the expression that a chain has before this relation, if it is one
    for place, at in enumerate(relations):
        chained = place > 0 and before is not None
        left = before if chained else _left(tokens, at)
        right, ends = _right(tokens, at)
        following = relations[place + 1] if place + 1 < len(relations) else -1
        before = right if right and ends == following else None
        if not left or not right or ends < 0 or (not chained and not _calculates(left, right)):
            continue
        verdict = _holds(left, right, tokens[at].text)
        if verdict is not None:
            shown = _without_bullet(line)[left[0].start : right[-1].end]
            found.append((verdict, shown))
    return found


def _without_bullet(line: str) -> str:
    return re.sub(r"^\s*(?:[-–•*+]\s|\d{1,2}[.)]\s)\s*", "", line)


def _related(tokens: list[Token]) -> list[Token]:
    """Return the tokens, `is` and `equals` as relations where a calculation ends its sentence with them."""
    out = list(tokens)
    for i, token in enumerate(tokens):
        if token.kind == "word" and token.text in ("is", "equals") and i and i + 1 < len(tokens):
            bare = tokens[i + 1 : i + 2] if tokens[i + 1].kind == "number" else tokens[i + 2 : i + 3]
            numeric = bool(bare) and bare[0].kind == "number" and tokens[i + 1].kind in ("number", "money")
            if numeric and tokens[i - 1].kind in ("number", "close") and _sentence_ends(tokens, i + 1):
                out[i] = Token("relation", "=", token.start, token.end)
    return out


def _sentence_ends(tokens: Sequence[Token], at: int) -> bool:
    while at < len(tokens) and tokens[at].kind in ("number", "money"):
        at += 1
    if at < len(tokens) and tokens[at].kind == "word" and tokens[at].text.casefold() not in CHANGE_LAST:
        at += 1
    return at >= len(tokens) or tokens[at].text in ".,;!)"


def _left(tokens: Sequence[Token], at: int) -> list[Token]:
    """Return the expression that ends before the relation at `at`; empty where it has no clear beginning."""
    start, depth, has_units = at, 0, False
    while start > 0 and at - start < _MAX_TOKENS:
        token = tokens[start - 1]
        if token.kind == "word":
            if _is_share(tokens, start - 1):
                start -= 1
                continue
            run = _unit_run(tokens, start - 1)
            if run is None or tokens[start].kind not in ("operator", "relation"):
                break
            has_units = has_units or start < at
            start = run
            continue
        if token.kind not in _SIDES or (token.kind == "open" and depth == 0) or _is_dash(tokens, start - 1):
            break
        depth += (token.kind == "close") - (token.kind == "open")
        start -= 1
    clear = depth == 0 and at - start < _MAX_TOKENS and _begins_clearly(tokens, start, has_units)
    return list(tokens[start:at]) if clear else []


def _is_share(tokens: Sequence[Token], at: int) -> bool:
    """`of` behind a percentage or a fraction multiplies: "20% of 50", "3/4 of 80"."""
    if (
        tokens[at].text != "of"
        or at + 1 >= len(tokens)
        or tokens[at + 1].kind not in ("number", "money", "open")
    ):
        return False
    fraction = (
        at > 2
        and tokens[at - 1].kind in ("number", "close")
        and "/" in [t.text for t in tokens[max(at - 4, 0) : at]]
    )
    return tokens[at - 1].kind == "percent" or fraction


def _unit_run(tokens: Sequence[Token], last: int) -> int | None:
    """Return where up to four words of a unit begin that end at `last`, a value before them; else None."""
    first = last
    while first > 0 and last - first < 4 and (tokens[first].kind == "word" or tokens[first].text == "/"):
        if tokens[first].text.casefold() in CHANGE_LAST | {"of", "so", "then", "is", "are", "which", "that"}:
            return None
        if not tokens[first].text.isascii() and _unspaced(tokens[first].text):
            return None
        first -= 1
    return first + 1 if tokens[first].kind in ("number", "close", "percent") and first < last else None


def _unspaced(text: str) -> bool:
    return any(ord(c) > 0x0E00 for c in text)


def _begins_clearly(tokens: Sequence[Token], start: int, has_units: bool) -> bool:
    before = tokens[start - 1] if start else None
    if before is None or before.kind == "relation":
        return True
    touches = before.end == tokens[start].start
    if before.kind == "mark":
        return before.text not in "{}" and not (touches and before.text in ".,:'/")
    if before.kind == "open":
        return start < 2 or tokens[start - 2].kind in ("mark", "relation", "word")
    if before.kind != "word" or touches:
        return False
    word, further = before.text.casefold(), tokens[start - 2] if start > 1 else before
    if word in CHANGE_NEXT and not (word == "of" and further.text in ("total", "cost")):
        return False
    if word in SIZES and further.kind == "number":
        return False
    return not (has_units or before.text in AND) or not _number_in_clause(tokens, start - 1)


def _number_in_clause(tokens: Sequence[Token], at: int) -> bool:
    while at >= 0 and tokens[at].kind not in ("mark", "relation", "open"):
        if tokens[at].kind in ("number", BAD):
            return True
        at -= 1
    return False


def _is_dash(tokens: Sequence[Token], at: int) -> bool:
    """A dash after words, or an unspaced en dash, is no minus."""
    token = tokens[at]
    if token.text not in "-–" or token.kind != "operator":
        return False
    before, after = tokens[at - 1] if at else None, tokens[at + 1] if at + 1 < len(tokens) else None
    if after is None or before is None:
        return after is None
    if before.kind == "word":
        return _unit_run(tokens, at - 1) is None
    return after.kind == "word"


def _right(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """Return the expression after the relation at `at`, and where it ends; -1 where the end is not clear."""
    end, depth, value_ended = at + 1, 0, -1
    while end < len(tokens) and end - at < _MAX_TOKENS:
        token = tokens[end]
        if token.kind == "word":
            upto = _units_before_more(tokens, end)
            if upto is None or tokens[end - 1].kind not in ("number", "close", "percent"):
                break
            end = upto
            continue
        if token.kind not in _SIDES or (token.kind == "close" and depth == 0) or _is_remark(tokens, end):
            break
        if token.kind == "operator" and _is_dash(tokens, end):
            break
        depth += (token.kind == "open") - (token.kind == "close")
        end += 1
    value_ended = end
    if depth or end == at + 1 or not _ends_clearly(tokens, end):
        return [], -1
    while end < len(tokens) and end - value_ended < 2 and _may_be_unit(tokens[end]):
        end += 1  # "= 36 inches = 3 feet": the chain goes on after the unit
    goes_on = end < len(tokens) and tokens[end].kind == "relation"
    return list(
        tokens[at + 1 : end if goes_on else min(value_ended + 2, end)]
    ), end if goes_on else value_ended


def _may_be_unit(token: Token) -> bool:
    word = token.text.casefold()
    return (
        token.kind == "word" and word not in AND | {"so", "then", "or"} and (len(word) > 1 or word in SIZES)
    )


def _units_before_more(tokens: Sequence[Token], at: int) -> int | None:
    """Return where words of a unit end that begin at `at`, if an operator and a value follow; else None."""
    end = at
    while end < len(tokens) and end - at < 4 and tokens[end].kind == "word":
        if tokens[end].text.casefold() in CHANGE_LAST:
            return None
        end += 1
    goes_on = end + 1 < len(tokens) and tokens[end].kind == "operator" and not _is_dash(tokens, end)
    return end if goes_on and tokens[end + 1].kind in ("number", "open", "money") else None


def _is_remark(tokens: Sequence[Token], at: int) -> bool:
    """A bracket after a space and with words in it, "540 (9 hours)", is no factor."""
    if tokens[at].kind != "open" or tokens[at - 1].kind not in ("number", "close", "percent"):
        return False
    inside = tokens[at + 1 : at + 12]
    words = any(t.kind in ("word", "relation", "mark") for t in inside[: _closing(inside)])
    return words and tokens[at - 1].end < tokens[at].start


def _closing(tokens: Sequence[Token]) -> int:
    return next((i for i, t in enumerate(tokens) if t.kind == "close"), len(tokens))


def _ends_clearly(tokens: Sequence[Token], end: int) -> bool:
    """Tell whether what stands behind a value leaves it as it is."""
    if tokens[end - 1].kind not in ("number", "close", "percent", "word"):
        return False
    if end >= len(tokens):
        return True
    after = tokens[end]
    if after.kind in ("relation", "close"):
        return True
    if after.kind == "open":
        return _is_remark(tokens, end)
    if after.kind == "operator":
        return _is_dash(tokens, end) and end + 1 < len(tokens) and len(tokens[end + 1].text) > 1
    if after.kind == "mark":
        more = end + 1 < len(tokens) and tokens[end + 1].kind == "number"
        return not (more and after.end == tokens[end + 1].start) and after.text not in "/½¼¾⅓⅔°^!'’[{"
    if after.kind != "word" or (_unspaced(after.text) and after.text[0] in "万萬億亿千百十兆半余만억천"):
        return False
    words = [t.text.casefold() for t in tokens[end : end + 3]]
    compound = after.text.casefold().rstrip("s") in SIZES and _is_amount(
        tokens[end + 2 : end + 3] if words[1:2] == [","] else tokens[end + 1 : end + 2]
    )
    goes_on = any(w in AND and _is_amount(tokens[end + i + 1 :][:1]) for i, w in enumerate(words[:2]))
    changed = words[0] in CHANGE_LAST or "than" in words or "remainder" in words
    return not (changed or compound or goes_on)


def _is_amount(tokens: Sequence[Token]) -> bool:
    return any(t.kind in ("number", BAD) or t.text in ("a", "half", "media") for t in tokens)


def _calculates(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Tell whether there is something to reckon: a lone fraction ("3/4 = 45 minutes") may be a share."""
    signs = [t.text for t in left[1:] if t.kind in ("operator", "power") or t.text == "of"]
    numbers = [t.text for t in left if t.kind == "number"]
    lone = signs == ["/"] and all(a.end == b.start for a, b in pairwise(left) if "/" in (a.text, b.text))
    if not lone:
        return bool(signs)
    decimal = any("." in t.text or t.kind == "percent" for t in right)
    return len(numbers) == 2 and (
        decimal or float(numbers[0].replace(",", "")) >= float(numbers[1].replace(",", ""))
    )


def _holds(left: Sequence[Token], right: Sequence[Token], sign: str) -> bool | None:
    """Say whether two expressions are equal in some reading; None where that cannot be judged."""
    if (
        _two_sizes([*left, *right])
        or _odd_difference(left)
        or _odd_difference(right)
        or _mixed_percent(left, right)
    ):
        return None
    verdicts = [
        _equal(a, b, left, right, sign)
        for one, other in product(_READINGS, _READINGS)
        if one.point == other.point
        and (a := evaluate(left, one)) is not None
        and (b := evaluate(right, other)) is not None
    ]
    if not verdicts:
        return None
    return any(verdicts) or _runs_on(left, right)


def _two_sizes(tokens: Sequence[Token]) -> bool:
    """Tell whether units of one kind stand there in several sizes."""
    seen: dict[str, set[str]] = {}
    for token in tokens:
        name = token.text.casefold()
        name = name if name in SIZES else name.removesuffix("s")
        if token.kind in ("word", "money") and name in SIZES:
            seen.setdefault(SIZES[name], set()).add({"dollar": "$", "euro": "€", "buck": "$"}.get(name, name))
    return any(len(names) > 1 for names in seen.values()) or "count" in seen


def _odd_difference(tokens: Sequence[Token]) -> bool:
    """`10-20` without spaces, or with an en dash, may be a range."""
    for i in range(1, len(tokens) - 1):
        before, sign, after = tokens[i - 1 : i + 2]
        tight = before.end == sign.start and sign.end == after.start
        if sign.text in "-–" and (tight or sign.text == "–") and before.kind == after.kind == "number":
            first, second = (float(t.text.replace(",", "")) for t in (before, after))
            if first < second:
                return True
    return False


def _mixed_percent(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Percentages taken off or added to plain numbers ("50 - 20% = 40") mean what people make of them."""
    for side in (left, right):
        numbers = sum(t.kind == "number" for t in side)
        percents = sum(t.kind == "percent" for t in side)
        sums = any(t.kind == "operator" and t.text in "+-–" for t in side)
        if sums and 0 < percents < numbers:
            return True
    return False


def _equal(a: Fraction, b: Fraction, left: Sequence[Token], right: Sequence[Token], sign: str) -> bool:
    if a == b:
        return True
    shown = [t.text.replace(",", "") for t in right if t.kind == "number"]
    if len(shown) != 1:
        return sign == "≈" and bool(abs(a - b) * 20 <= max(abs(a), abs(b)))
    places = len(shown[0].partition(".")[2])
    unit = Fraction(1, 10**places)
    if any(t.kind == "percent" for t in right):
        unit *= b / Fraction(shown[0]) if Fraction(shown[0]) else 1
    if sign == "≈":
        zeros = len(shown[0]) - len(shown[0].rstrip("0")) if not places else 0
        return bool(abs(a - b) <= abs(unit) * 10**zeros)
    if (a / unit).denominator == 1 if unit else True:
        return False  # it could have been written exactly
    inexact = "/" in [t.text for t in left] or any("." in t.text for t in left) or bool(places)
    return inexact and bool(abs(a - b) <= abs(unit) * (1 if places else Fraction(1, 2)))


def _runs_on(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """`3 + 4 = 7 + 2 = 9`: the right side begins with the result and is reckoned on with."""
    value = evaluate(left, _READINGS[0])
    first = evaluate([t for t in right if t.kind == "number"][:1], _READINGS[0])
    return len(right) > 2 and value is not None and value == first
