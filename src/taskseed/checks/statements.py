"""The number that an answer states in words that only the question makes clear. Pure and bounded.

"None are left", "a decrease of 15%", "the 15th term", "twice", and sentences that restate the question:
"After giving away 5 of her 17 marbles, Ana has 12 left".
"""

import re
from fractions import Fraction
from itertools import pairwise

from taskseed.checks.amounts import calculated, read_amount, read_number
from taskseed.checks.asking import asking_sentence, noun_asked
from taskseed.checks.clauses import conclusion, without_opening
from taskseed.checks.conversions import Quantity
from taskseed.checks.measures import measures_asked
from taskseed.checks.numerals import ORDINALS, SMALL, TENS, amount_in_digits, amount_in_words
from taskseed.checks.reading import TAKEN_BACK, clean, spoken, word_list
from taskseed.checks.sentences import DOUBTFUL
from taskseed.checks.units import is_measured, read_unit
from taskseed.checks.verbs import ASKS_CHANGE, DIRECTIONS, FUNCTION, UP, WORD, roles, stem

__all__ = ["answer_in_question", "signed_change"]

_MAX_CHARS = 600
_ASKS_COUNT = re.compile(r"\b(?:how many|how much|number of)\b", re.IGNORECASE)
_ZERO = frozenset(("none", "nothing", "nobody", "no", "zero"))
_NOT_COUNTED = frozenset(word_list("answer result solution idea way value"))
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_ASKS_WHICH = re.compile(r"\b(?:which|what)\s([a-z]{3,12})\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"(?:(?:in|on|at) )?(?:the )?(?:(\d{1,6})(?:st|nd|rd|th)|([a-z]{5,11}))(?: ([a-z]{3,12}))?", re.I
)
_LABELLED = re.compile(
    r"(?:in |on |at )?(?:the )?([a-z]{3,12}) (?:number |no\. |# ?)?(\d{1,6})", re.IGNORECASE
)
_NUMBER_START = re.compile(r"(?<![\w.,/^])(?:[-+]?\s?[$€£¥₹]?\s?\d|[$€£¥₹]\s?\.?\d|[a-zA-Z])")
_IN_SOMETHING = re.compile(r"\sin\s(?=\w)")
_NUMBER_WORDS = frozenset((*SMALL, *TENS, "half", "dozen", "hundred", "thousand", "million"))
# Words that change the number they touch, even where the question has them.
_TOUCHING = frozenset(
    word_list(
        "half twice double triple thrice quarter third times plus minus squared cubed root square "
        "cube factorial of"
    )
)
_NAMING_OF = frozenset(
    word_list(
        "total sum speed area volume length width height distance average mean amount price cost "
        "rate profit loss "
        "value age weight mass perimeter temperature probability maximum minimum number change all result"
    )
)


def answer_in_question(answer: str, question: str) -> Quantity | None:
    """Return the number that an answer states in the light of the question; None where that is not sure."""
    text = spoken(answer) if question else None
    if text is None or len(text) > _MAX_CHARS:
        return None
    asking = clean(asking_sentence(question))
    question = clean(question[-4000:])
    for read in (_change, _nothing, _times, _more, _ordinal, _year):
        found = read(text, asking)
        if found is not None:
            return found
    return read_number(text) or _stated(text, asking, question)


def signed_change(text: str) -> tuple[int, Quantity] | None:
    """Return the direction (1 or -1) and the amount of "a decrease of 15%" and "it fell by 15%"."""
    words = WORD.findall(text)
    directions = {1 if stem(w) in UP else -1 for w in words if stem(w) in DIRECTIONS}
    spans = _numbers(text)
    if len(directions) != 1 or len(spans) != 1 or not TAKEN_BACK.isdisjoint(w.casefold() for w in words):
        return None
    start, end = spans[0]
    quantity = _with_unit(text, start, end)
    return (directions.pop(), quantity) if quantity and quantity.value > 0 else None


def _change(text: str, asking: str) -> Quantity | None:
    found = signed_change(text)
    if found is None or not _all_said(text, asking, extra=DIRECTIONS):
        return None
    sign, quantity = found
    if ASKS_CHANGE.search(asking):
        return Quantity(sign * quantity.value, quantity.unit)
    asked = {1 if stem(w) in UP else -1 for w in WORD.findall(asking) if stem(w) in DIRECTIONS}
    return quantity if asked == {sign} else None


def _more(text: str, asking: str) -> Quantity | None:
    """Read "12 more" and "12 more marbles" where the question asks how many more."""
    m = re.fullmatch(
        r"(\S{1,20}(?: (?!times)[a-z-]{1,20})?) ([a-z]{2,8}er|more|less)( .{1,80})?", text, re.IGNORECASE
    )
    if m is None or not re.search(rf"\bhow (?:many|much)\b.*\b{m[2]}\b", asking, re.IGNORECASE):
        return None
    return read_amount(m[1]) if _all_said(m[3] or "", asking) else None


def _nothing(text: str, asking: str) -> Quantity | None:
    """Read "None are left", "There are no apples left": only words of the question beside the nothing."""
    words = [w.casefold() for w in WORD.findall(text)]
    zeros = [w for w in words if w in _ZERO]
    asked = {stem(w) for w in WORD.findall(asking)}
    if any(
        w == "no" and stem(then) not in asked and then in _NOT_COUNTED for w, then in pairwise([*words, ""])
    ):
        return None
    if len(zeros) != 1 or any(c.isdigit() for c in text) or not _ASKS_COUNT.search(asking):
        return None
    if zeros == ["no"] and len(words) == 1:
        return None
    others = [
        w for w in words if w not in _ZERO and w not in FUNCTION and w != "any" and stem(w) not in asked
    ]
    if others and not (
        len(others) == 1 and others[0] in ("one", "remain", "remaining", "over") and "left" in asking + text
    ):
        return None
    return Quantity(Fraction(0))


def _times(text: str, asking: str) -> Quantity | None:
    count = _TIMES.get(text.casefold().strip())
    return Quantity(Fraction(count)) if count and re.search(r"\bhow many times\b", asking, re.I) else None


def _ordinal(text: str, asking: str) -> Quantity | None:
    """Read "the 15th term" and "term 15" where the question asks which term."""
    asked = _ASKS_WHICH.search(asking)
    if asked is None:
        return None
    m = _ORDINAL.fullmatch(text)
    if m is not None and (not m[3] or stem(m[3]) == stem(asked[1])):
        value = int(m[1]) if m[1] else ORDINALS.get(m[2].casefold())
        return Quantity(Fraction(value)) if value else None
    m = _LABELLED.fullmatch(text)
    return Quantity(Fraction(int(m[2]))) if m and stem(m[1]) == stem(asked[1]) else None


def _year(text: str, asking: str) -> Quantity | None:
    m = re.fullmatch(r"(?:in )?(?:the year )?(\d{3,4})(?: (?:AD|CE))?", text, re.IGNORECASE)
    asked = re.search(r"\b(?:what|which) year\b|^when\b", asking, re.IGNORECASE)
    return Quantity(Fraction(int(m[1]))) if m and asked else None


def _numbers(text: str) -> list[tuple[int, int]]:
    """Return where the numbers of a text stand, in digits and in words."""
    spans: list[tuple[int, int]] = []
    at = 0
    while len(spans) < 20:
        m = _NUMBER_START.search(text, at)
        if m is None:
            return spans
        start = m.start()
        if text[m.end() - 1].isalpha():
            word = WORD.match(text, m.end() - 1)
            at = word.end() if word else m.end()
            if word is None or word[0].casefold().partition("-")[0] not in _NUMBER_WORDS:
                continue
            words = amount_in_words(text[word.start() : word.start() + 80])
            if words is not None:
                at = word.start() + len(text[word.start() : word.start() + 80]) - len(words[1])
            spans.append((word.start(), at))
            continue
        digits = amount_in_digits(text[start : start + 80].lstrip())
        at = m.end() if digits is None else start + len(text[start : start + 80]) - len(digits[2])
        spans.append((start, max(at, m.end())))
    return spans


def _with_unit(text: str, start: int, end: int) -> Quantity | None:
    """Return the number at a place with the unit of measure behind it, if there is one."""
    best = read_amount(text[start:end].strip())
    rest = text[end : end + 60]
    rest = _IN_SOMETHING.split(rest)[0]  # "$2 in change" is not in inches
    stops = [m.end() for m in re.finditer(r"[^\s,.;:()]+(?=[\s,.;:()]|$)", rest)][:5]
    for stop in stops:
        longer = read_amount(text[start : end + stop].strip())
        if longer is not None and longer.unit and is_measured(longer.unit):
            best = longer
    return best


def _stated(text: str, asking: str, question: str) -> Quantity | None:
    """Return the number of a sentence that restates the question, or of the conclusion of its working."""
    words = [w.casefold() for w in WORD.findall(text)]
    if not TAKEN_BACK.isdisjoint(words) or any(w.endswith("n't") for w in words) or "if" in words:
        return None
    working, last = conclusion(text)
    if "=" in last:
        return calculated(last) or read_amount(last)
    main = without_opening(last)
    last = main if _numbers(main) else last
    place = _candidate(last, asking, question, alone=bool(working))
    if place is None or not _all_said(last, asking, question=question):
        return None
    return _with_unit(last, *place)


def _candidate(text: str, asking: str, question: str, *, alone: bool) -> tuple[int, int] | None:
    """Return the one number of a sentence that the question does not have, or its only one."""
    spans = every = _numbers(text)
    if len(spans) > 1:
        given = {_value(question[a:b]) for a, b in _numbers(question)}
        spans = [(a, b) for a, b in spans if _value(text[a:b]) not in given]
    noun = [stem(w) for w in WORD.findall(noun_asked(asking))]
    if len(spans) != 1 and noun:  # "9 pears and 8 apples"
        spans = [(a, b) for a, b in every if [stem(w) for w in WORD.findall(text[b:])][: len(noun)] == noun]
    if len(spans) != 1:
        return None
    start, end = spans[0]
    if not alone and len(_numbers(text)) == 1 and not any(_is_verb(w, asking) for w in WORD.findall(text)):
        return None
    attached = re.match(r"[^\W\d_]+", text[end:])
    if attached is not None and not is_measured(read_unit(attached[0], attached=True) or ""):
        return None  # "36π", "7x"
    before = [w.casefold() for w in WORD.findall(text[:start])][-2:]
    after = [w.casefold() for w in WORD.findall(text[end:])][:1]
    if before[-1:] == ["of"] and (len(before) < 2 or before[0] not in _NAMING_OF):
        return None
    if (before[-1:] and before[-1] in _TOUCHING - {"of"}) or (
        after and after[0] in _TOUCHING - {"of", "times"}
    ):
        return None
    if re.search(r"[-+*/×÷^√<>≤≥≈~±(:]\s?$", text[:start]) or re.match(
        r"\s?[-+*/×÷^<>≤≥±!:?)(+]", text[end:]
    ):
        return None
    return start, end


def _is_verb(word: str, asking: str) -> bool:
    return (
        stem(word) in _verbs_asked(asking)
        or bool(roles(word))
        or stem(word) in DIRECTIONS
        or word.casefold() in ("is", "are", "was", "were", "does", "did", "equals", "will", "would")
    )


def _verbs_asked(asking: str) -> set[str]:
    """Return the stems behind "does", "did" and the like: "how many pages does she read"."""
    m = re.search(r"\b(?:do|does|did|can|will|would|is|are|was|were|has|have)\b", asking)
    return {stem(w) for w in WORD.findall(asking[m.end() :])} if m else set()


def _value(text: str) -> Fraction | None:
    read = read_amount(text.strip())
    return None if read is None else read.value


def _all_said(text: str, asking: str, question: str = "", extra: frozenset[str] = frozenset()) -> bool:
    """Say whether the words of a sentence are the question's, function words, and its numbers' units."""
    asked = {stem(w) for w in WORD.findall(asking)}
    told = {stem(w) for w in WORD.findall(question)}
    asked |= measures_asked(asking)
    for word in WORD.findall(text):
        folded = word.casefold()
        if stem(word) in asked or stem(word) in extra or folded in _NUMBER_WORDS:
            continue
        if folded in DOUBTFUL and folded != "and":
            return False
        unit = read_unit(word, attached=False)
        if folded in FUNCTION or roles(word) or (unit and is_measured(unit)) or stem(word) in told:
            continue
        return False
    return True
