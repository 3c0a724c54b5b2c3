"""Saying whether two mathematical answers are the same: values, words, units, and what is made of values.

Exact algebra decides (`checks.algebra`). What it cannot decide may be put to a computer algebra system, which
is not pure, and comes in as a callable.
"""

import re

from taskseed.checks.maths.asked_forms import Asked, asked_by
from taskseed.checks.maths.comparers import Comparer
from taskseed.checks.maths.explanations import conclusion_of, split_explanation
from taskseed.checks.maths.forms import divides_by_letters, form_of, is_plain_number
from taskseed.checks.maths.mathtext import bare_expression, maths_of, one_spelling
from taskseed.checks.maths.measures import compare_bases, compare_measures, compare_shares
from taskseed.checks.maths.sayings import (
    compare_letters,
    compare_words,
    empty_set,
    is_wording,
    number_in_words,
)
from taskseed.checks.maths.syntax import parse_formula
from taskseed.checks.maths.tokens import FUNCTIONS, Unreadable
from taskseed.checks.numbers.number_forms import in_asked_form
from taskseed.checks.numbers.quantities import Verdict, asks_in, equal_numbers, parse_number
from taskseed.checks.reading import spoken
from taskseed.checks.rules import NO_RULES, Rules

__all__ = ["compare_expressions", "expression_key"]

_HARD_CHARS = 500
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_OF_WHAT = re.compile(r"=|\b(?:of|in|from|for|at|on|with|across|along|through)\b", re.IGNORECASE)
_CHANCE = re.compile(r"(\d{1,9}) (?:out of|in) (\d{1,9})")
_RELATIONS = re.compile(r"[=<>≤≥≠≈]")
_TWICE = re.compile(
    r"([^()]{1,80}?|\(.{1,80}?\)),?\s\(?(?:or(?: equivalently)?|i\.e\.|that is|equivalently|which is|"
    r"which equals|=),?\s(.{1,80}?)\)?"
)
_PLAIN = re.compile(r"-?(?:\d{1,40}|\([^()]{1,80}\)|[A-Za-z])")
_LATEX = {"π": "\\pi ", "√": "\\sqrt ", "∞": "\\infty ", "∪": "\\cup ", "∩": "\\cap ", "≤": "\\le ",
    "≥": "\\ge ",
    "≠": "\\ne ", "±": "\\pm ", "°": "^{\\circ}", "·": "\\cdot ", "×": "\\times ", "∅": "\\emptyset ",
    "∈": "\\in "}  # fmt: skip


def expression_key(answer: str, question: str = "") -> str | None:
    """Return a plain number's exact value, else the expression without spaces; "y = 5" stays an equation.

    Where the question asks for a form, "0.5" and "1/2" are two votes.
    """
    if _asks(answer):
        return None
    explained = _explained(answer)
    if explained is None:
        return _key(answer, question)
    answer, concluded = explained
    firm = not concluded or _bare_key(concluded, question) == _bare_key(answer, question)
    return _key(answer, question) if firm else None


def _key(answer: str, question: str) -> str | None:
    text = spoken(one_spelling(answer))
    if text is None:
        return None
    if not asked_by(question).form:
        quantity = None if _OF_WHAT.search(text) else parse_number(text)
        if quantity is not None and not quantity.unit and text[:1] in "-+0123456789. ":
            return str(quantity.value)
    # A fraction written in LaTeX has no slash: "\\frac{1}{2}x" and "1/2x" need not be the same.
    words = (maths_of(answer) if "frac" in answer else text).split()
    return re.sub(r"(?<!\w) | (?!\w)", "", " ".join(words))


def compare_expressions(said: str, gold: str, rules: Rules = NO_RULES) -> Verdict:
    """Say whether an answer is the gold's mathematical object, in the form that the question asks for.

    `equal` and `different` are exact. `x = 5` states `5`; "50 %" beside "50", "1/2x", and what only has to be
    brought into the form asked for are `unknown`.

    :param rules: its question, and `hard`, which is asked where exact algebra does not know, and both are
        expressions of one shape.
    """
    if _asks(said):
        return "unknown"
    explained = _explained(said)
    if explained is not None:
        said, concluded = explained
        if concluded and _once(concluded, gold, rules) != "equal":
            return "unknown"
    verdict = _once(said, gold, rules)
    if verdict == "equal":
        return verdict
    asked = asked_by(rules.question)
    bare, wanted = bare_expression(maths_of(said), asked), maths_of(gold)
    if _said_twice(bare, gold, rules):
        return "equal"
    hard = rules.hard
    if verdict != "unknown" or hard is None or asked.form or _only_restated(bare, wanted, asked):
        return verdict
    bare = Comparer(asked).without_name(bare, wanted)
    sides = bare.split("=", 1), wanted.split("=", 1)
    if len(sides[0]) == len(sides[1]) == 2 and sides[0][0].strip() == sides[1][0].strip():
        bare, wanted = sides[0][1], sides[1][1]
    return hard(_latex(bare), _latex(wanted)) if _may_be_proved(bare, wanted) else verdict


def _asks(answer: str) -> bool:
    return answer.rstrip(" \n$*.)}").endswith("?")


def _explained(answer: str) -> tuple[str, str] | None:
    """Return an answer and what its explanation concludes; None where it has no explanation."""
    parts = split_explanation(one_spelling(answer).replace("’", "'"))
    return None if parts is None else (parts[0], conclusion_of(parts[1]))


def _bare_key(answer: str, question: str) -> str | None:
    """Return the key of what an answer or a conclusion says a value to be: 3 of "x = 3"."""
    return _key(answer.rpartition("=")[2], question)


def _once(said: str, gold: str, rules: Rules) -> Verdict:
    """Compare by exact rules what states one value once."""
    left, right = expression_key(said, rules.question), expression_key(gold, rules.question)
    if left is None or right is None:
        return "unknown"
    asked = asked_by(rules.question)
    whole, wanted = maths_of(said), maths_of(gold)
    bare = bare_expression(whole, asked)
    if _only_restated(bare, wanted, asked):
        return "unknown"
    if left == right:
        return "equal"
    if not wanted or not bare:
        return "unknown"
    verdict = _in_words((whole, bare), wanted, asked, rules)
    if verdict is not None:
        return verdict
    return _measured(bare, wanted, asked) or Comparer(asked).compare(bare, wanted)


def _said_twice(said: str, gold: str, rules: Rules) -> bool:
    """Say whether an answer gives the gold in two ways: "3/4, or 0.75"."""
    m = _TWICE.fullmatch(said)
    if m is None or _once(m[1], gold, rules) != "equal":
        return False
    return _once(m[2], gold, rules) == "equal" or _is_share(m[2], gold)


def _is_share(said: str, gold: str) -> bool:
    """Say whether a percentage is the gold number: 75 % of 3/4."""
    x, y = parse_number(said), parse_number(gold)
    return x is not None and y is not None and x.unit == "%" and not y.unit and x.value == y.value * 100


def _in_words(texts: tuple[str, str], gold: str, asked: Asked, rules: Rules) -> Verdict | None:
    """Compare with a gold answer in words, or an answer in words; None where both are expressions."""
    letter = compare_letters(texts[1], gold)
    if letter is not None:
        return letter
    if empty_set(gold, asked):
        return "equal" if any(empty_set(text, asked) for text in texts) else "unknown"
    if is_wording(gold):
        verdicts = {compare_words(text, gold, asked, rules) for text in texts}
        return "equal" if "equal" in verdicts else _numbers_in_words(texts[1], gold, asked.question)
    return _numbers_in_words(texts[1], gold, asked.question) if is_wording(texts[1]) else None


def _numbers_in_words(said: str, gold: str, question: str) -> Verdict | None:
    """Compare where one of the two is a number in words: "three fourths"; None where none is."""
    x, y = number_in_words(said), number_in_words(gold)
    if x is None and y is None:
        return None
    other = parse_number(gold if x is not None else said)
    value = x if x is not None else y
    if other is None or other.unit or not in_asked_form(said, gold, question):
        return "unknown"
    return "equal" if other.value == value else "different"


def _measured(said: str, gold: str, asked: Asked) -> Verdict | None:
    """Compare what has a unit, a percent sign or a base; None where nothing has."""
    verdict = compare_bases(said, gold, asked)
    if verdict is not None or _RELATIONS.search(gold):
        return verdict
    said = Comparer(asked).without_name(said, gold)

    def same(a: str, b: str) -> Verdict:
        return Comparer(asked).compare(a, b)

    chance = _CHANCE.fullmatch(said)
    if chance and not asked.form and asked.says(r"\bprobab|\bchances?\b"):
        return same(f"{chance[1]}/{chance[2]}", gold)
    verdict = compare_shares(said, gold, asked, same)
    if verdict is not None:
        return verdict
    numbers = parse_number(said), parse_number(gold)
    if numbers[0] and numbers[1] and not asked.form and re.match(r"[-+$€£]?\s?\.?\d|[$€£]-", said):
        units = {numbers[0].unit, numbers[1].unit}
        product = re.search(r"\d\s?[A-Za-z]$", said) and not asks_in(numbers[0].unit, asked.question)
        if units != {""} and "degree" not in units and not product:  # "5 m" may be 5·m
            return equal_numbers(said, gold, asked.question)
    return compare_measures(said, gold, asked, same)


def _only_restated(said: str, gold: str, asked: Asked) -> bool:
    """Say whether an answer leaves to do what was asked: it stands in the question, or is not reckoned."""
    if not asked.question:
        return False
    try:
        a, b = parse_formula(said), parse_formula(gold)
    except Unreadable:
        return False
    if form_of(a) == form_of(b):
        return False
    if asked.evaluated and is_plain_number(b) and not is_plain_number(a):
        return True
    text = said.replace(" ", "")
    return len(text) > 2 and not _PLAIN.fullmatch(text) and text in asked.restated


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _may_be_proved(a: str, b: str) -> bool:
    """Say whether two texts may be put to a system that takes "x = 5" for 5, "10 cm" for 10, "1_2" for 1, a
    list for a set, and a rounded number for the number itself.
    """
    if max(len(a), len(b)) > _HARD_CHARS or any(a.count(sign) != b.count(sign) for sign in "°$|"):
        return False
    if any(
        re.search(r"[=<>≤≥≠≈%~,;:±&]|\d\s?_|\d\.\d|_\s?\{?\s?\d\d|\.\.\.|\^\s?\{?\s?[A-Z*]", text)
        for text in (a, b)
    ):
        return False
    words = {w for t in (a, b) for w in _WORDS.findall(re.sub(r"\\[a-zA-Z]+", " ", t))}
    try:  # what may be read in two ways, as "1/2x", is not read
        trees = parse_formula(a), parse_formula(b)
    except Unreadable:
        return False
    # x+1 and (x^2-1)/(x-1) differ where x is 1, which such a system overlooks.
    same_domain = divides_by_letters(trees[0]) == divides_by_letters(trees[1])
    return same_domain and not (words - FUNCTIONS - {"pi"})
