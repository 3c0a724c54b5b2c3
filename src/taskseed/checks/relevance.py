"""Whether what an answer says about its number is about what the question asks. Pure.

An answer is turned down where it names somebody else ("Ben has 12", of Ana), says that something else
happened ("she gave away 12", of what is left), counts something else, or is in another form than was asked
for. What is not said cannot be wrong: a bare number always fits.
"""

import re

from taskseed.checks.asking import SIDE_CLAUSE, asked_about, asking_sentence, noun_asked
from taskseed.checks.clauses import conclusion, without_opening
from taskseed.checks.measures import CONTRARY, MEASURES, measures_asked
from taskseed.checks.numerals import SMALL, TENS
from taskseed.checks.reading import clean, spoken, without_explanation, word_list
from taskseed.checks.units import is_measured, read_unit
from taskseed.checks.verbs import ASKS_CHANGE, DIRECTIONS, FUNCTION, WORD, roles, stem

__all__ = ["is_fitting"]

_HOW_MUCH = re.compile(r"\bhow (?:much|far|long|fast|old|tall|high|heavy|wide|deep)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?:\b(?:per|each|every|an?|one)\s|/\s?)(second|minute|hour|day|night|week|month|year)\b|\b(hourly|daily|weekly|"
    r"monthly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)
_COINS = frozenset(map(stem, word_list("dollar cent euro pound pence yen rupee buck money yuan")))
_PERIODS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year",
            "annual": "year", "annually": "year"}  # fmt: skip
_SHARED = re.compile(r"\b(?:each|apiece|every(?!\s(?:day|week|month|year|hour))|per)\b", re.IGNORECASE)
_IN_ALL = re.compile(r"\b(?:total|altogether|in all|combined|overall)\b", re.IGNORECASE)
_VARIABLE = re.compile(r"(?:^|[\s,(])([A-Za-z])\s?=(?!=)")
_CALCULATED = re.compile(r"[\d)}].{0,30}=")
_LETTER = re.compile(r"(?<![A-Za-z'’])([B-HJ-Zb-hj-z])(?![A-Za-z'’])")
_MONEY = re.compile(r"[$€£¥₹]")
_THAN = re.compile(r"\bthan (?:the |a |an )?(\w+)", re.IGNORECASE)
_OF_NUMBER = re.compile(r"\bof \$?(\d[\d,.]*\d|\d)")
_FRACTION = re.compile(r"(?:\\[dt]?frac\s?\{(\d{1,9})\}\s?\{(\d{1,9})\}|(?<![\d.])(\d{1,9})\s?/\s?(\d{1,9}))")
_LOWEST = re.compile(r"\b(?:simplest|lowest terms|reduced|simplif\w+|irreducible)\b", re.IGNORECASE)
# The form that a question asks for, and what such a number looks like.
_FORMS = (
    (
        re.compile(r"\bas an? decimal|\bin decimal\b|\bdecimal (?:form|number)\b", re.IGNORECASE),
        re.compile(r"^[^/%]*$"),
    ),
    (
        re.compile(r"\bas an? (?:\w+ )?fraction\b|\bfraction in\b", re.IGNORECASE),
        re.compile(r"/|frac|[½¼¾⅓-⅞]|[a-z]{4}"),
    ),
    (
        re.compile(r"\bmixed (?:number|fraction)\b", re.IGNORECASE),
        re.compile(r"\d\s?(?:\d+\s?/|\\[dt]?frac|[½¼¾⅓-⅞])|and"),
    ),
    (
        re.compile(r"\bscientific notation\b|\bstandard form\b", re.IGNORECASE),
        re.compile(r"\d[eE][-+\d]|10\s?(?:\^|\*\*)"),
    ),
)
_NUMBER_WORDS = frozenset({*SMALL, *TENS, "hundred", "thousand", "million", "billion", "dozen", "half"})
_MAX_WORDS = 80
_ORDINAL_ENDING = re.compile(r"^(?:st|nd|rd|th)\b")
_ASKING = frozenset(
    word_list(
        "how what which who whose when where why if find calculate determine compute solve given suppose let"
    )
)
_NO_NAMES = FUNCTION | _NUMBER_WORDS | _ASKING | {"none", "no", "nothing", "zero", "nobody", "km", "kg", "cm"}
_AUXILIARIES = frozenset(word_list("is was are were has had have does did will would can and gets got"))
_PLAIN_VERBS = frozenset(
    word_list(
        "has have had left contains contain holds takes take took lasts last lasted gets get costs cost"
    )
)
_ASKS_WHEN = re.compile(r"\b(?:what|which) year\b|^when\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|its|he|his|she|her|they|their)\b", re.IGNORECASE)
_LATER = frozenset(word_list("will would could used"))
_CALENDAR = frozenset(
    word_list(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may "
        "june july august "
        "september october november december"
    )
)
_NEUTRAL = frozenset(
    map(
        stem,
        word_list(
            "rounded nearest decimal places place figure significant whole correct old tall long "
            "wide deep high thick "
            "away apart age pi sqrt frac minus negative point percent below zero not but "
            "approximately people person "
            "overline text boxed units unit"
        ),
    )
)
_GENERIC = frozenset(
    word_list("units items things pieces ones people persons kids children students pupils dollars")
)


def is_fitting(said: str, gold: str, question: str) -> bool:
    """Say whether nothing in an answer tells that its number is the answer to something else.

    :param gold: words of the gold may always be said; it may be empty.
    """
    text = spoken(said)
    if not question or text is None:
        return True
    asking = clean(asking_sentence(question))
    question = clean(question[-4000:])
    text = text if "=" in text else without_explanation(text)
    text = without_opening(conclusion(text)[1])
    text = text.rpartition("=")[2] if _CALCULATED.search(text) else text
    words = WORD.findall(text)[:_MAX_WORDS]
    side = SIDE_CLAUSE.search(text, 1)
    main = WORD.findall(text[: side.start()] if side else text)[:_MAX_WORDS]
    return (
        _form_fits(said, clean(gold), asking)
        and _variable_fits(text, asking)
        and _money_fits(text, gold, asking, question)
        and _period_fits(text, clean(gold), asking, question)
        and (len(words) < 2 or _people_fit(words, asking, question))
        and _roles_fit(main, asking)
        and _noun_fits(text, gold, asking, question)
        and _comparison_fits(text, asking)
        and _measure_fits(main, asking)
        and _contrary_fits(words, asking)
        and _rest_fits(text, gold, question)
    )


def _form_fits(said: str, gold: str, asking: str) -> bool:
    if _LOWEST.search(asking):
        pairs = [(f[1] or f[3], f[2] or f[4]) for f in map(_FRACTION.search, (said, gold)) if f]
        if len(pairs) == 2 and pairs[0] != pairs[1]:
            return False
    return all(
        not asked.search(asking) or form.search(said) or not form.search(gold) for asked, form in _FORMS
    )


def _variable_fits(text: str, asking: str) -> bool:
    said = _VARIABLE.findall(text)
    asked = set(_LETTER.findall(asked_about(asking))) or set(_LETTER.findall(asking))
    return not said or not asked or said[-1] in asked


def _money_fits(text: str, gold: str, asking: str, question: str) -> bool:
    signs, named = set(_MONEY.findall(text)), set(_MONEY.findall(question))
    noun = noun_asked(asking)
    if signs and noun and not _MONEY.search(gold) and not any(stem(w) in _COINS for w in noun.split()):
        return False  # "$72" where eggs are counted
    return not signs or not named or signs <= named


def _periods(text: str) -> set[str]:
    return {_PERIODS.get(b.casefold(), a.casefold()) for a, b in _PERIOD.findall(text)}


def _period_fits(text: str, gold: str, asking: str, question: str) -> bool:
    said = _periods(text) - _periods(gold)
    if said and not said <= (_periods(asking) or _periods("" if _IN_ALL.search(asking) else question)):
        return False
    shared = _SHARED.search(text) and not said and not _SHARED.search(gold)
    return not (shared and not _SHARED.search(asking))


def _people(words: list[str]) -> list[str]:
    return [stem(w) for w in words if w[0].isupper() and len(w) > 1 and w.casefold() not in _NO_NAMES]


def _people_fit(words: list[str], asking: str, question: str) -> bool:
    """Whoever an answer names, the question asks about, in this order; or it names nobody else."""
    asking_words = WORD.findall(asking)
    asked = [stem(w) for w in asking_words]
    capitals = set(_people(WORD.findall(question)))
    named = _people(asking_words[1:])
    common = {stem(w) for w in WORD.findall(question) if w[0].islower()} | set(map(stem, _CALENDAR))
    order = []
    for i, word in enumerate(words):
        if not word[0].isupper() or len(word) < 2 or word.casefold() in _NO_NAMES:
            continue
        if stem(word) in asked:
            order.append(asked.index(stem(word)))
            continue
        if stem(word) in common:
            continue  # a word at the start of the sentence
        if stem(word) in capitals:
            others = capitals - common - {stem(word)}
            if named or others:
                return False
            continue
        follows = words[i + 1].casefold() if i + 1 < len(words) else ""
        if roles(follows) or stem(follows) in asked or follows in _AUXILIARIES:
            return False
    people = [at for at in order if asking_words[at][0].isupper()]
    return people == sorted(people)


def _roles_fit(words: list[str], asking: str) -> bool:
    """What an answer says to have happened happened in the question: nothing given away is what is left."""
    main = asked_about(asking)
    asked_stems = {stem(w) for w in WORD.findall(main)}
    asked = frozenset().union(*(roles(w) for w in WORD.findall(main)))
    if not asked:
        return not any(
            roles(w) and w.casefold() not in _PLAIN_VERBS and stem(w) not in asked_stems for w in words
        )
    when = _ASKS_WHEN.search(asking) is not None
    for word in words:
        own = roles(word)
        if when and own and stem(word) not in asked_stems:
            return False
        if not own or stem(word) in asked_stems or own & asked:
            continue
        if word.casefold() in ("has", "have", "had") and asked != {"away"}:
            continue
        return False
    return True


def _noun_fits(text: str, gold: str, asking: str, question: str) -> bool:
    """Where a question asks how many of a thing, an answer counts no other thing of the question."""
    noun = noun_asked(asking) or _HOW_MUCH.search(asking)
    m = re.search(r"\d\s+([^\W\d_]+)", clean(text))
    if not noun or m is None or m[1].casefold() in FUNCTION | _NUMBER_WORDS:
        return True
    said = stem(m[1])
    if said in {stem(w) for w in WORD.findall(asking + " " + gold)}:
        return True
    unit = read_unit(m[1], attached=False)
    if unit and is_measured(unit):
        return True
    return said not in {stem(w) for w in WORD.findall(question)}


def _measure_fits(words: list[str], asking: str) -> bool:
    """The perimeter is no answer to a question about the area."""
    asked = measures_asked(asking)
    said = {stem(w) for w in words} & MEASURES
    return not (asked and said - asked - {stem(w) for w in WORD.findall(asking)})


def _contrary_fits(words: list[str], asking: str) -> bool:
    folded, named = {w.casefold() for w in words}, {w.casefold() for w in WORD.findall(asking)}
    if ("not" in named) != ("not" in folded) and named & folded - FUNCTION - {
        w.casefold() for w in WORD.findall(noun_asked(asking))
    }:
        return False  # "30 are red", of those that are not
    if "now" in named and folded & {"had", "was", "were"}:
        return False
    if {stem(w) for w in words} & DIRECTIONS - {stem(w) for w in named} and not ASKS_CHANGE.search(asking):
        return False
    if (folded & _LATER and not named & _LATER) or ({"old", "is"} <= named and "was" in folded):
        return False
    return not any(
        len(pair & folded) == 1 and len(pair & named) == 1 and not pair & folded & named for pair in CONTRARY
    )


def _rest_fits(text: str, gold: str, question: str) -> bool:
    """What stands around the number is its unit, words of the question, or one counted thing."""
    last = re.search(r"\d(?=\D*$)", text)
    first = re.search(r"\d", text)
    if first is None or last is None:
        return True
    asking = asking_sentence(question)
    known = {stem(w) for w in WORD.findall(f"{asking} {gold}")} | _NEUTRAL | measures_asked(asking)
    known |= {stem(w) for w in WORD.findall(text) if w[0].isupper()}  # people are looked at elsewhere
    if _PRONOUN.search(asking):  # "A train travels … How far does it go?"
        known |= set([stem(w) for w in WORD.findall(question) if w.casefold() not in _NO_NAMES][:1])
    known |= DIRECTIONS if ASKS_CHANGE.search(question) else set()
    before = _unknown(text[: first.start()], known)
    after = _unknown(_ORDINAL_ENDING.sub("", text[last.end() :]), known | {"squar", "cubic"})
    if before or len(after) > 1:
        return False
    told = {stem(w) for w in WORD.findall(question)}
    return not after or (
        (after[0].endswith("s") or stem(after[0]) in told)
        and (after[0] in _GENERIC or not noun_asked(asking))
    )


def _unknown(text: str, known: set[str]) -> list[str]:
    found = []
    for word in WORD.findall(text)[:40]:
        folded = word.casefold()
        if folded in FUNCTION | _NUMBER_WORDS or stem(word) in known or roles(word) or len(word) < 2:
            continue
        unit = read_unit(word, attached=False)
        if not (unit and is_measured(unit)) or folded in ("square", "cubic"):
            found.append(folded)
    return found


def _comparison_fits(text: str, asking: str) -> bool:
    asked = _THAN.search(asking)
    if asked is not None:
        said = _THAN.search(text)
        other = stem(asked[1])
        if stem(said[1]) != other if said else other in {stem(w) for w in WORD.findall(text)}:
            return False
    of = [{n.replace(",", "") for n in _OF_NUMBER.findall(t)} for t in (text, asking)]
    return not of[0] or not of[1] or not of[0].isdisjoint(of[1])
