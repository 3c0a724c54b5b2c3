"""Whether an answer says yes or no. Pure."""

import re
from collections.abc import Sequence

from taskseed.checks.choices import DOUBT
from taskseed.checks.reading import normalise_text, spoken

__all__ = ["polar_option", "yes_or_no"]

_YES = frozenset({"yes", "true", "y", "correct", "right", "yep", "yeah", "yup", "affirmative"})
_NO = frozenset({"no", "false", "n", "incorrect", "wrong", "nope", "nah", "untrue"})
_NEGATIVE = frozenset({"not", "never", "cannot", "neither", "nor", "isn't"})
_CONDITIONS = frozenset(
    {"if", "when", "provided", "only", "sometimes", "mostly", "partly", "which", "depending"}
)
_TURNS = _CONDITIONS | frozenset(
    {"but", "wait", "actually", "however", "maybe", "instead", "rather", "or", "unless", "except", "mind"}
)
_SENTENCE = re.compile(
    r"(?:the|this|that)\s(?:statement|claim|sentence|assertion|proposition|hypothesis|answer)\s"
    r"(?:is|was|must be)\s(?P<not>not\s)?(?P<word>true|false|correct|incorrect|right|wrong|untrue)",
    re.IGNORECASE,
)
# What follows the word must be set off: "Right now" is no yes.
_SET_OFF = re.compile(r"\w+\s*(?:[.,;:(\n!]|[-—–]\s|because\b|since\b)")
_WHY = re.compile(r"[\s,.;:]\(?(?:because|since|as|explanation|reason)\b", re.IGNORECASE)


def yes_or_no(answer: str) -> str | None:
    """Return `yes` or `no` where the answer says one of them, and nothing later says otherwise."""
    text = spoken(answer)
    if text is None:
        return None
    sentence = _SENTENCE.match(text)
    if sentence is not None:
        positive = sentence["word"].casefold() in _YES
        if sentence["not"] and not positive:
            return None  # a double negation
        said = "yes" if positive and not sentence["not"] else "no"
        rest = text[sentence.end() :]
        return said if not rest or (rest[0] in " .,;:(\n" and _agrees(said, rest)) else None
    words = re.findall(r"\w+", normalise_text(text))
    if len(words) == 2 and words[0] == "not" and words[1] in ("true", "correct", "right"):
        return "no"
    if not words or words[0] not in _YES | _NO:
        return None
    said = "yes" if words[0] in _YES else "no"
    if len(words) == 1:
        return said
    first = re.match(r"\W*\w+", text)
    return (
        said
        if first and _SET_OFF.match(text.lstrip("\"'*(")) and _agrees(said, text[first.end() :])
        else None
    )


def _agrees(said: str, rest: str) -> bool:
    """Say whether what follows a yes or a no leaves it as it is; an explanation only if it turns nowhere."""
    why = _WHY.search(rest)
    words = re.findall(r"\w+(?:'\w+)?", normalise_text(rest[: why.start()] if why else rest))
    if not _TURNS.isdisjoint(words):
        return False
    denies = not _NEGATIVE.isdisjoint(words) or any(w.endswith("n't") for w in words)
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
