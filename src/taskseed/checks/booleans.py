"""Whether an answer says yes or no. Pure."""

import re
from collections.abc import Sequence

from taskseed.checks.choices import DOUBT
from taskseed.checks.reading import normalise_text, spoken, word_list

__all__ = ["polar_option", "yes_or_no"]

_YES = frozenset({"yes", "true", "y", "correct", "right", "yep", "yeah", "yup", "affirmative"})
_NO = frozenset({"no", "false", "n", "incorrect", "wrong", "nope", "nah", "untrue"})
_NEGATIVE = frozenset({"not", "never", "cannot", "neither", "nor", "isn't"})
_CONDITIONS = frozenset(
    {"if", "when", "provided", "only", "sometimes", "mostly", "partly", "which", "depending"}
)
_TURNS = (
    frozenset({"sure", "certain"})
    | _CONDITIONS
    | frozenset(
        {"but", "wait", "actually", "however", "maybe", "instead", "rather", "or", "unless", "except", "mind"}
    )
)
# What a short clause behind "yes," or "no," may say.
_PLAIN = (
    _YES
    | _NO
    | _NEGATIVE
    | frozenset(
        word_list(
            "it its it's is isn't that that's this they are aren't was wasn't were weren't he she we "
            "you i there do don't does doesn't did didn't can can't could couldn't will won't would "
            "wouldn't has hasn't have haven't had hadn't should shouldn't must indeed absolutely "
            "definitely certainly of course always the statement claim answer a clearly surely sir "
            "the as stated above shown given"
        )
    )
)
_SENTENCE = re.compile(
    r"(?:the|this|that)\s(?:statement|claim|sentence|assertion|proposition|hypothesis|answer)\s"
    r"(?:is|was|must be)\s(?P<not>not\s)?(?P<word>true|false|correct|incorrect|right|wrong|untrue)",
    re.IGNORECASE,
)
# What follows the word must be set off: "Right now" is no yes.
_SET_OFF = re.compile(
    r"\w+(?:\s*(?:[.,;:(\n!](?!\w)|[-—–]\s|\()|\s+(?:because|since|it|they|he|she|that|this|there|we|you|i)\b)",
    re.IGNORECASE,
)
_WHY = re.compile(r"[\s,.;:]\(?(?:because|since|as|explanation|reason)\b", re.IGNORECASE)


def yes_or_no(answer: str) -> str | None:
    """Return `yes` or `no` where the answer says one of them, and nothing later says otherwise."""
    text = spoken(answer)
    if text is None:
        return None
    statement = _SENTENCE.match(text)
    return _first_word(text) if statement is None else _of_statement(text, statement)


def _of_statement(text: str, statement: re.Match[str]) -> str | None:
    """Read "The statement is not true"; a double negation is not read."""
    positive = statement["word"].casefold() in _YES
    if statement["not"] and not positive:
        return None
    said = "yes" if positive and not statement["not"] else "no"
    rest = text[statement.end() :]
    return said if not rest or (rest[0] in " .,;:(\n" and _agrees(said, rest)) else None


def _first_word(text: str) -> str | None:
    if text[0] not in "\"'*([" and not text[0].isalnum():
        return None  # "~yes", "≠ no"
    words = re.findall(r"\w+", normalise_text(text))
    if len(words) == 2 and words[0] == "not" and words[1] in ("true", "correct", "right"):
        return "no"
    if not words or words[0] not in _YES | _NO:
        return None
    said = "yes" if words[0] in _YES else "no"
    if len(words) == 1:
        return said if re.fullmatch(r"\W*\w+[\s.,;:!?*\"')\]]*", text) else None
    first = re.match(r"\W*(\w+)", text)
    if first is None or first[1].casefold() != words[0] or not _SET_OFF.match(text, first.start(1)):
        return None
    return said if _agrees(said, text[first.end() :]) else None


def _agrees(said: str, rest: str) -> bool:
    """Say whether what follows a yes or a no leaves it as it is; an explanation only if it turns nowhere."""
    why = _WHY.search(rest)
    words = re.findall(r"\w+(?:'\w+)?", normalise_text(rest[: why.start()] if why else rest))
    if not _TURNS.isdisjoint(words):
        return False
    denies = not _NEGATIVE.isdisjoint(words) or any(w.endswith("n't") for w in words)
    if re.match(r",?\s+\w", rest) and len(words) < 4 and not _PLAIN.issuperset(words):
        return False  # "Yes, in part", "Yes, sort of"
    if said == "yes":
        return not denies and _NO.isdisjoint(words) and DOUBT.isdisjoint(set(words) - {"and", "also", "both"})
    affirms = not _YES.isdisjoint(words)
    # "No, it is not true" and "No, that is wrong" say no; "No, it is true" and "No, it is not false" do not.
    return not (affirms and not denies) and not (denies and not _NO.isdisjoint(set(words) - {"no"}))


def polar_option(answer: str, options: Sequence[str]) -> int | None:
    """Return the index of the one option that says what the answer says: "yes" is "True"."""
    said = yes_or_no(answer)
    polar = [i for i, option in enumerate(options) if said and yes_or_no(option) == said]
    return polar[0] if len(polar) == 1 else None
