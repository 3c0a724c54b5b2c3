"""Faults of what stands beside an answer. Pure, bounded, and without a model.

Each check is for what can be told surely: a text that is dropped here costs one of several solves, one that
is kept is read by a trainer. What an answer is, and which answers are the same, is said elsewhere
(`checks.answers`); here is only what a text says of it.
"""

import re
from collections.abc import Sequence

from taskseed.checks.answers import Verdict
from taskseed.checks.degenerate import LONGEST, looping, stops_mid_sentence
from taskseed.checks.languages import speaks_another_language
from taskseed.text import split_words

__all__ = ["arrives_elsewhere", "enrichment_fault", "never_names"]

_ABOUT_ITSELF = re.compile(
    r"\b(?:as an? (?:ai\b|artificial intelligence|(?:large |helpful |ai )*(?:language model|assistant)\b)|"
    r"(?:i['’]?m|i am) (?:just |only )?an? (?:ai\b|(?:large )?language model|assistant\b)|"
    r"my (?:training data|knowledge cut-?off|instructions|system prompt)|i (?:was|am) trained (?:on|by)|"
    r"i (?:cannot|can['’]?t|do not|don['’]t) (?:browse|have (?:real-time|access to|personal))|"
    r"the (?:user|prompt|instructions?) (?:asks?|wants?|says?|states?|gives?|given|requires?|tells?|above)|"
    r"(?:as|like) (?:given|provided|requested|instructed|asked) (?:above|in the (?:prompt|instructions?))|"
    r"(?:in|from|per|by|following) (?:(?:the|this|your|my) prompt|your instructions)\b|"
    r"seed (?:question|problem|example|task|item)s?\b|"
    r"the (?:proposed|expected|reference|gold|provided|intended) (?:answer|solution)\b)|"
    r"\b(?:como|soy) (?:una?|un modelo de) (?:ia\b|inteligencia artificial|modelo de lenguaje|lenguaje)|"
    r"\ben tant qu(?:e modèle|['’]ia\b)|\bals (?:ki\b|(?:ki-)?sprachmodell)|\bcomo (?:uma )?ia\b|"
    r"作为(?:一个|一名)?(?:人工智能|语言模型|AI)|(?:AI|人工知能|言語モデル)として|"
    r"\bкак (?:ИИ\b|языковая модель)",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(r"(?:the\s)?(?:same|above|below|following|one|that|this|given)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_WORDS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
)
_CHANGED = re.compile(r"[/^:%−-]|\b(?:half|thousand|million|billion|dozen)\b")
_PARTED = re.compile(r"\d[ \u00a0\u202f]\d{3}\b")  # "1 200"
_FEW_WORDS = 8
_RECKONS = 3


def enrichment_fault(text: str, language: str = "", question: str = "") -> tuple[str, str] | None:
    """Return (reason, evidence) if a text is not fit to stand beside an answer, else None.

    `degenerate` (loops, or far too long), `truncated` (it stops in the middle of a sentence), `about_itself`
    (speaks of being a model, of its prompt or of the seed), `wrong_language`.

    :param language: BCP 47, the seed's; empty: any.
    :param question: the question's text; a text in its language is never in the wrong one.
    """
    if len(text) > LONGEST:
        return "degenerate", text[:200]
    if repeated := looping(text):
        return "degenerate", repeated
    if end := stops_mid_sentence(text):
        return "truncated", end
    if about := _ABOUT_ITSELF.search(text):
        return "about_itself", about.group()
    found = speaks_another_language(text, language, question) if language else None
    if found:
        return "wrong_language", f"{found} instead of {language}: {text[:200]}"
    return None


def arrives_elsewhere(
    stated: str, marked: bool, verdict: Verdict, answer: str, others: Sequence[str] = ()
) -> bool:
    """Say whether a final answer that a text states is not surely the kept one.

    `different` is a contradiction and `equal` is none. `unknown` is read against the text where it states an
    X A sentence that merely begins "the answer is …" ("the answer is found by
    adding") states nothing.

    :param stated: the final answer read from the text.
    :param marked: whether the text marks it as its answer, beyond a sentence that says "the answer is …".
    :param verdict: what comparing it with the kept answer gave.
    :param answer: the kept answer; `others` the other options.
    """
    if verdict != "unknown":
        return verdict == "different"
    words = split_words(stated)
    if not words or _contains(words, split_words(answer)):
        return False
    if any(_contains(words, split_words(other)) for other in others):
        return True
    is_name = stated[:1].isupper() or stated[:1].isdigit()
    if _SAYS_NOTHING.match(stated) or len(words) > _FEW_WORDS or not (marked or is_name):
        return False
    return set(words).isdisjoint(split_words(answer))


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    n = len(part)
    return n > 0 and any(list(words[i : i + n]) == list(part) for i in range(len(words) - n + 1))


def never_names(text: str, answer: str) -> bool:
    """Say whether reasoning towards a whole number never comes to name that number, in digits or as a word.

    Answers that are not one whole number, and texts that hardly reckon (fewer than three numbers), are not
    judged (False).
    """
    if len(_NUMBER.findall(text)) < _RECKONS:
        return False
    numbers = _NUMBER.findall(answer)
    value = _digits(numbers[0]) if len(numbers) == 1 else ""
    if not value.isdigit() or (len(value) > 1 and value[0] == "0") or _CHANGED.search(answer):
        return False
    if value in {_digits(found) for found in _NUMBER.findall(text)} or _PARTED.search(text):
        return False
    small = len(value) < 3 and int(value) < len(_NUMBER_WORDS)
    return not (small and (not text.isascii() or _NUMBER_WORDS[int(value)] in split_words(text)))


def _digits(number: str) -> str:
    """Return a number without marks between thousands and without zeros behind its point."""
    return re.sub(r"[.,](?=\d{3}(?!\d))", "", re.sub(r"[.,]0{1,2}$", "", number))
