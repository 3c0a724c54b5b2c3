"""Short answers in words: names, dates, terms. Pure; what only may mean the same is `unknown`."""

import re
import unicodedata
from collections.abc import Sequence

from taskseed.checks.numbers.numerals import words_as_digits
from taskseed.checks.numbers.quantities import Quantity, Verdict, equal_numbers, parse_number
from taskseed.checks.numbers.units import is_measured
from taskseed.checks.reading import TAKEN_BACK, clean, normalise_text, spoken, without_explanation, word_list
from taskseed.checks.rules import NO_RULES, Ignored, Rules, ignored
from taskseed.checks.short_answers.dates import compare_dates, read_date
from taskseed.checks.short_answers.glosses import tells_apart
from taskseed.checks.short_answers.questions import read_question, stem, words_of
from taskseed.checks.short_answers.terms import same_term
from taskseed.checks.spelling import american

__all__ = [
    "ABBREVIATIONS",
    "equal_short",
    "occurs_in",
    "plain_answer",
    "read_count",
    "short_key",
    "without_initial_dots",
    "without_marks",
]

_NOT_A_COUNT = re.compile(r"[0-9][.](?!0{1,3}(?![0-9]))[0-9]|(?<![0-9.,])0[0-9]|/|[0-9][eE]|[\^*×√+]")
ABBREVIATIONS = {
    "mt": "mount", "mt.": "mount", "st.": "saint", "ste.": "saint", "dr.": "doctor", "dr": "doctor",
    "mr.": "mister", "mr": "mister", "ft.": "fort", "prof.": "professor", "&": "and", "'n'": "and",
    "n'": "and", "'n": "and", "vs.": "vs", "versus": "vs", "jr.": "junior", "jr": "junior", "sr.": "senior",
    "sgt.": "sergeant", "gen.": "general", "ave.": "avenue", "rd.": "road", "blvd.": "boulevard",
    "no.": "number", "gov.": "governor", "sen.": "senator", "capt.": "captain", "lt.": "lieutenant",
    "col.": "colonel", "dept.": "department", "univ.": "university", "bce": "bc", "ce": "ad", "inc.": "inc",
    "co.": "company", "corp.": "corporation", "ltd.": "limited",
}  # fmt: skip
_PREFIXES = re.compile(
    r"\b(co|e|anti|non|semi|multi|inter|micro|macro|ultra|super|sub|pseudo|bio|geo|neo|post|pre|photo|hydro|electro|radio)-(?=[a-z])"
)
_ROMAN_AFTER = frozenset(
    word_list(
        "war part chapter volume act book type phase episode bowl grade stage class title level "
        "section article figure season mark apollo rocky schedule tier cranial factor olympiad"
    )
)
_ROMAN = {
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "xi": 11,
    "xii": 12,
    "xiii": 13,
    "xiv": 14,
    "xv": 15,
}
_ROMAN_ONE = {"i": 1, "v": 5, "x": 10}
_INITIALS = re.compile(
    r"(?<![\w.])(?:[A-Za-z]\.\s?){2,}(?![a-z])"
    r"|(?<![\w.])(?:[A-Za-z]{1,2}\.){1,}[A-Za-z]{1,3}\.?(?![\w.])"
)
_ANSWER_PREPOSITION = re.compile(r"(?:in|at|on)\s(?:the\s)?(?!and\b|a\b)(?=\S)")
# Words whose case is their meaning; and articles that are the name.
_CASED = frozenset({"polish", "us", "aids", "it", "who"})
_NAMED_BY_ARTICLE = frozenset(
    word_list("who what it that one him her them us we i you the band cure verve fall")
)
_SET_OFF = re.compile(r"[.;:!,]?\s{1,3}(?:[(—–]|-\s)|[.;:!]\s{1,3}|\n")


def equal_short(said: str, gold: str, aliases: Sequence[str] = (), rules: Rules = NO_RULES) -> Verdict:
    """Compare a short answer with the gold; two texts that differ may still mean the same, so that is
    `unknown`.

    Dates, numbers in words, ordinals, diacritics, hyphens, "&", "Mt.", dotted initials, articles, British
    spellings and a numeral behind "World War" are read alike; then what the task's own metrics ignore is.

    :param aliases: other texts that mean the same as the gold.
    :returns: `different` only for two dates, for plain counts ("12", "twelve") of different value, and for
        the gold with "not" before it.
    """
    ignores = ignored(rules.equivalence)
    verdicts = [_compare(said, other, ignores, rules.question) for other in (gold, *aliases)]
    return "equal" if "equal" in verdicts else verdicts[0]


def _compare(said: str, gold: str, ignores: Ignored, question: str) -> Verdict:
    if _goes_on(said, gold) or ("?" in clean(said) and "?" not in clean(gold)):  # "Canberra?" is a guess
        return "unknown"
    verdict = _compare_forms(said, gold, ignores, question)
    if verdict == "equal":
        return verdict
    return "equal" if same_term(plain_answer(said), plain_answer(gold), question, short_key) else verdict


def _compare_forms(said: str, gold: str, ignores: Ignored, question: str) -> Verdict:
    left, right = short_key(said), short_key(gold)
    if left is None or right is None or _counts_others(said, gold, question):
        return "unknown"
    if left == right or ignores.alike(left, right) or _spoken_before(said, right, question):
        return "equal"
    dates = read_date(plain_answer(said)), read_date(plain_answer(gold))
    if dates[0] is not None and dates[1] is not None:
        return compare_dates(dates[0], dates[1])  # type: ignore[return-value]
    if left in (f"not {right}", f"non {right}"):
        return "different"
    x, y = read_count(said), read_count(gold)
    if x is None or y is None:
        return _same_share(said, gold)
    verdict = equal_numbers(_written(x), _written(y), question)
    return verdict if x.unit == y.unit or verdict == "equal" else "unknown"


def _counts_others(said: str, gold: str, question: str) -> bool:
    """Say whether a number counts what the question does not: "8 eyes" for "how many legs"."""
    asked = read_question(question)
    if not asked.noun or asked.words[:2] != ("how", "many"):
        return False
    x, y = read_count(said), read_count(gold)
    if x is None or y is None or y.unit or not x.unit.isalpha() or is_measured(x.unit):
        return False
    return stem(x.unit) not in {stem(w) for w in words_of(question)}


def _same_share(said: str, gold: str) -> Verdict:
    """Compare "two-thirds" and "2/3": one of them is in words, so that neither is a date."""
    texts = plain_answer(said), plain_answer(gold)
    x, y = (parse_number(text) if len(text) < 40 else None for text in texts)
    in_words = any(text.replace("-", "").replace(" ", "").isalpha() for text in texts)
    shares = x is not None and y is not None and x == y and x.value.denominator > 1
    return "equal" if shares and in_words else "unknown"


def _goes_on(said: str, gold: str) -> bool:
    """Say whether a text is the gold and more, where the gold reads like an answer with its reasons."""
    whole = spoken(gold)
    if not whole or without_explanation(whole) == whole:
        return False
    left, right = _folded(spoken(said) or "") or "", _folded(whole) or ""
    return left != right and left.startswith(right)


def _written(quantity: Quantity) -> str:
    return f"{quantity.value} {quantity.unit}"


def _spoken_before(said: str, gold_key: str, question: str = "") -> bool:
    """Say whether a text begins with the gold, set off from an explanation that takes nothing back."""
    text = spoken(said)
    cut = _SET_OFF.search(text) if text else None
    for _ in range(3):
        if text is None or cut is None:
            return False
        rest = re.findall(r"\w+(?:'\w+)?", text[cut.end() :].casefold())
        long_enough = len(rest) > 2 or rest[:1] == ["see"]
        doubtful = (
            not TAKEN_BACK.isdisjoint(rest) or any(w.endswith("n't") for w in rest) or rest[:1] == ["and"]
        )
        if short_key(text[: cut.start()]) == gold_key:
            more = text[cut.end() :]
            titled = ":" in cut[0] and more[:1].isupper()  # "Star Wars: The Empire Strikes Back"
            other = tells_apart(more[:60], read_question(question)) and "(" in cut[0]
            return long_enough and not (doubtful or titled or other)
        cut = _SET_OFF.search(text, cut.end())
    return False


def short_key(answer: str) -> str | None:
    """Return the form in which short answers are compared and counted; None where there is no answer.

    A date is written as in ISO 8601; a count with its unit as a number; names keep their case where it is
    their meaning ("US", "CO", "10 MW").
    """
    text = plain_answer(answer)
    if not text:
        return None
    date = read_date(text)
    if date is not None:
        return str(date)
    count = read_count(answer)
    if count is not None:
        return str(count)
    cased = _with_case(text)
    return _folded(text) if cased is None else cased


def plain_answer(answer: str) -> str:
    """Return the answer without what announces or explains it; empty where it cannot be read."""
    text = spoken(answer)
    if text is None:
        return ""
    return without_explanation(text).strip()


def _with_case(text: str) -> str | None:
    """Return a text in its own case where the case is its meaning, else None."""
    joined = without_initial_dots(text)
    bare = joined.removeprefix("the ").removeprefix("The ").strip(" .")
    if len(bare) == 2 and bare.isupper() and bare.isalpha() and bare.isascii():
        return bare
    if bare.casefold() in _CASED and bare[:1].isupper() and bare.isascii():
        # At the start of an answer a capital may be nothing but its start, yet nobody can tell.
        article = "the " if bare != joined.strip(" .") and bare.casefold() in _NAMED_BY_ARTICLE else ""
        return article + bare
    symbols = [word for word in joined.split() if len(word) < 5] if text[:1].isdigit() else []
    if any(word != word.lower() for word in symbols) and not re.search(r"\b(?:AD|BC|BCE|CE|AM|PM)\b", joined):
        return " ".join(text.split())
    return None


def without_initial_dots(text: str) -> str:
    """Write initials without their dots: "US" for "U.S."."""
    return _INITIALS.sub(
        lambda m: m[0].replace(".", "").replace(" ", "") + (" " if m[0][-1] == " " else ""), text
    )


def _folded(text: str) -> str | None:
    text = re.sub(r",(?= [^\W\d])|[\"“”]", "", without_initial_dots(text).replace("&", " and "))
    key = normalise_text(text)
    article = re.match(r"(?:the)\s", clean(text).strip(" \"'").casefold())
    if article is not None and key in _NAMED_BY_ARTICLE:
        key = f"the {key}"
    key = _ANSWER_PREPOSITION.sub("", key, count=1) if _ANSWER_PREPOSITION.match(key) else key
    words = [ABBREVIATIONS.get(word, word) for word in key.split()]
    if words[1:] and words[-1] == "saint":
        words[-1] = "street"
    if words[1:] and words[0] == "st":
        words[0] = "saint"
    words = [american(word) for word in words]
    key = words_as_digits(" ".join(_arabic(words)))
    key = _PREFIXES.sub(r"\1", key)
    key = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", key)
    key = re.sub(r"\b([a-z]) (?=[0-9]{1,3}\b)", r"\1", key)  # "vitamin b 12"
    key = re.sub(r"\b([a-z])\.(?= )", r"\1", key).replace("per cent", "percent")
    key = re.sub(r"^(ad) ([0-9]{1,4})$", r"\2 \1", key)
    key = re.sub(r"(?<=[0-9]0)'s\b", "s", key)  # "1990's"
    return without_marks(key) or None


def without_marks(text: str) -> str:
    """Return a text without accents on Latin letters: "beyonce" for "beyoncé"; other scripts keep theirs."""
    if text.isascii():
        return text
    out: list[str] = []
    latin = False
    for sign in unicodedata.normalize("NFD", text):
        if unicodedata.combining(sign):
            if not latin:
                out.append(sign)
            continue
        latin = sign < "\u0250"
        out.append({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}.get(sign, sign))
    return unicodedata.normalize("NFC", "".join(out))


def _arabic(words: Sequence[str]) -> list[str]:
    """Write the Roman numeral behind "World War" and the like in digits."""
    out = list(words)
    for i in range(1, len(out)):
        if out[i - 1] in _ROMAN_AFTER:
            value = _ROMAN.get(out[i]) or _ROMAN_ONE.get(out[i])
            out[i] = str(value) if value else out[i]
    return out


def read_count(answer: str) -> Quantity | None:
    """Return a number written as a count: not "007", "3.10" or "1/2", which may be names."""
    text = plain_answer(answer)
    if not text or len(text) > 200 or "=" in text:
        return None
    quantity = parse_number(text) if text[:1] in "-+$€£¥₹.0123456789" or text[:1].isalpha() else None
    if quantity is None or not _starts_as_number(text):
        return None
    if _NOT_A_COUNT.search(text) and not quantity.unit:
        return None
    return quantity if quantity.value.denominator == 1 or quantity.unit else None


def _starts_as_number(text: str) -> bool:
    """Say whether a text is a number from its first word on: "World War 2" is none, though it ends in one."""
    first = text.split()[0].casefold()
    return (
        not first[0].isalpha()
        or parse_number(first.partition("-")[0]) is not None
        or first in ("minus", "negative", "a", "an", "half")
    )


def occurs_in(answer: str, context: str) -> bool:
    """Say whether an answer's words stand in a text, in a row, however they are written there."""
    key = short_key(answer)
    plain = _folded(plain_answer(answer))
    return any(_in_words(_letters(form), _letters(_running(context))) for form in (key, plain) if form)


def _running(context: str) -> str:
    """Return a long text in the form of `short_key`, without what looks at the text as a whole."""
    text = without_marks(" ".join(clean(context).casefold().split()))
    words = [american(ABBREVIATIONS.get(w, w)) for w in text.split(" ")]
    return words_as_digits(" ".join(w for w in words if w != "the"))


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text.casefold())))


def _in_words(form: str, text: str) -> bool:
    if not form:
        return False
    if not form.isascii():
        return form in text
    return f" {form} " in f" {text} "
