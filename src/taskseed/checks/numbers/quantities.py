"""Saying whether two answers state the same quantity, exactly.

The amount is an exact fraction. A unit is a short text with one spelling per unit (`checks.units`).
"""

from taskseed.checks.maths.explanations import conclusion_of, recants
from taskseed.checks.numbers.amounts import MAX_NUMBER, parse_number
from taskseed.checks.numbers.asking import (
    asked_measure,
    asks_in,
    asks_otherwise,
    in_asked_unit,
    temperature_change,
)
from taskseed.checks.numbers.constants import equal_constants, nearly
from taskseed.checks.numbers.conversions import Quantity, Verdict, across_units, kelvins
from taskseed.checks.numbers.number_forms import in_asked_form
from taskseed.checks.numbers.rounding import approximated, decimals, may_round, rounds_to
from taskseed.checks.numbers.units import is_measured
from taskseed.checks.reading import clean, spoken, without_explanation

__all__ = [
    "Quantity",
    "Verdict",
    "asks_in",
    "equal_numbers",
    "in_asked_unit",
    "number_key",
    "parse_number",
]


_HEAT = {"°C": ("celsius", "°c", "centigrade"), "°F": ("fahrenheit", "°f")}


def number_key(answer: str, question: str = "") -> str | None:
    """Return the exact number and unit ("72", "5/2", "50 %") under which an answer is counted.

    The unit is left out where the question asks in it. None where the answer cannot be read.
    """
    quantity = parse_number(answer)
    if quantity is None or _explained_otherwise(answer, without_explanation(spoken(answer) or ""), question):
        return None
    return str(in_asked_unit(quantity, question))


def equal_numbers(said: str, gold: str, question: str = "") -> Verdict:
    """Say whether an answer states the gold quantity.

    The answer may have a unit that the gold lacks ("$1,200" for "1200"), and may lack the gold's only where
    the question asks in it. Two units must agree, or convert exactly ("100 cm" and "1 m"). "0.5" is "50%";
    "50" beside "50%" is `unknown`, because readers disagree on it. Two different counted things ("apples",
    "fruits") are `unknown`. Texts that are no readable number are `equal` only if they are the same text.
    """
    verdict = _compared(said, gold, question)
    if verdict != "equal":
        return verdict
    firm = in_asked_form(said, gold, question) and not _explained_otherwise(said, gold, question)
    return "equal" if firm else "unknown"


def _explained_otherwise(said: str, gold: str, question: str) -> bool:
    """Say whether the explanation behind a number takes it back, or concludes in another number."""
    text = spoken(said) or ""
    reason = text[len(without_explanation(text)) :]
    concluded = conclusion_of(reason)
    other = any(c.isdigit() for c in concluded) and _compared(concluded, gold, question) != "equal"
    return other or recants(reason)


def _compared(said: str, gold: str, question: str) -> Verdict:
    """Compare the values, in whatever form they are written."""
    about, true = approximated(said), approximated(gold)
    if about is None:
        return _exactly(said, gold, question)
    exact, rounded, stated = about
    if exact and _is_near(exact, rounded) and _exactly(exact, gold, question) == "equal":
        return "equal"
    gold = true[1] if true is not None and not true[0] else gold
    may = stated or true is not None or may_round(said, question)
    if may and decimals(rounded) == decimals(gold) and _exactly(rounded, gold, question) == "equal":
        return "equal"
    return "unknown"


def _is_near(exact: str, rounded: str) -> bool:
    """Say whether the two sides of "6π ≈ 18.85" are near each other."""
    x, y = parse_number(exact), parse_number(rounded)
    if y is None:
        return False
    return abs(x.value - y.value) * 200 <= abs(x.value) if x is not None else nearly(exact, y.value)


def _exactly(said: str, gold: str, question: str) -> Verdict:
    x, y = parse_number(said), parse_number(gold)
    if x is None or y is None:
        same = max(len(said), len(gold)) <= MAX_NUMBER and clean(said).split() == clean(gold).split()
        return "equal" if same and said.strip() else equal_constants(said, gold, question)
    if x.unit == y.unit and "." not in gold and rounds_to(said, x.value, y.value, question):
        return "equal"
    x, y = (_meant(q, question) for q in (x, y))
    if x.unit and y.unit and x.unit != y.unit:
        if kelvins(x) is not None and kelvins(y) is not None and temperature_change(question):
            return "unknown"  # ten degrees more are no 50 °F more
        return across_units(x, y)
    x, y = in_asked_unit(x, question), in_asked_unit(y, question)
    if x.unit == y.unit:
        return _same_unit(x, y, said + gold)
    asked = asked_measure((x.unit or y.unit), question)
    if asked and x.unit and clean(said).strip(" .") in question:
        return "unknown"  # "3 weeks" only says again "How many days are 3 weeks?"
    if asked:
        x, y = (q if q.unit else Quantity(q.value, asked) for q in (x, y))
        return across_units(x, y)
    return _against_bare(x, y, question)


def _meant(q: Quantity, question: str) -> Quantity:
    """Return a unit as the question means it: pounds as money, cents of the euro, degrees of heat."""
    if q.unit == "pound" and ("£" in question or "pence" in question):
        return Quantity(q.value, "£")
    if q.unit == "cent" and "$" not in question and ("€" in question or "euro" in question.casefold()):
        return Quantity(q.value, "eurocent")
    if q.unit == "degree":
        folded = question.casefold()
        scales = [s for s, words in _HEAT.items() if any(word in folded for word in words)]
        return Quantity(q.value, f"degree {scales[0]}") if len(scales) == 1 else q
    return q


def _same_unit(x: Quantity, y: Quantity, written: str) -> Verdict:
    if x.value == y.value:
        return "equal"
    # 0.3333333333 may be meant as 1/3; nobody can say.
    close = abs(x.value - y.value) * 10**5 < abs(y.value)
    return "unknown" if close and "." in written else "different"


def _against_bare(x: Quantity, y: Quantity, question: str) -> Verdict:
    with_unit, bare = (x, y) if x.unit else (y, x)
    if with_unit.unit == "%" and bare.value == with_unit.value / 100:
        # "1" beside "100%" may be one per cent, and so may 0.5 be where a percentage is asked.
        return "unknown" if bare.value.denominator == 1 or asks_in("%", question) else "equal"
    if x.value != y.value:
        return "different"
    gained = not y.unit and x.unit not in ("%", "p")  # "5p" may be a product
    foreign = not (is_measured(x.unit) or x.unit.isascii())  # "3 halve": a word that may change the number
    return "equal" if gained and not foreign and not asks_otherwise(x.unit, question) else "unknown"
