"""What the form of a yes-or-no question makes of an answer: its own signs, "all", "the only". Pure.

"0" where the question wants "1 if yes and 0 if no"; "Not necessarily" of "Must every …?"; "Yes, they are the
only ones; no others are".
"""

import re

from taskseed.checks.choices.polar_sentences import asked_words, content, negative
from taskseed.checks.choices.wordforms import words_of
from taskseed.checks.reading import normalise_text, word_list

__all__ = ["denies_all", "signs_of", "without_uniqueness"]

# A question that says which sign stands for yes and which for no: "1 if yes and 0 if no", "yes = 1, no = 0".
_SIGN = re.compile(
    r"(?<![\w.-])(?P<before>[0-9]|[A-Z](?!\s?=))[\"']?\s?(?:if|for|=|means|when)\s?"
    r"(?:(?:the answer|it|the statement) is\s)?[\"']?(?P<then>yes|no|true|false)"
    r"(?=[\"']?\s?(?:[,;.)\]/?!]|and\b|or\b|otherwise\b|$))"
    r"|\b(?P<first>yes|no|true|false)[\"']?\s?(?:(?:=|->|→)\s?[\"']?(?P<behind>[0-9])\b|\((?P<beside>[0-9A-Z])\))",
    re.IGNORECASE,
)
_NOT_ALWAYS = re.compile(
    r"(?:no,\s)?not (?:(?P<must>necessarily)|always|in general|in (?:all|every) cases?|"
    r"every \w+|all(?: of them)?)",
    re.IGNORECASE,
)
_FAILS_SOMEWHERE = re.compile(
    r"(?:false|no|not true),? in general(?:[,;]? (?:although|though|even though|but) (?:it|this|that) "
    r"(?:is true|holds|is|does) (?:for|when|if|in)\s(?:(?!\b(?:all|every|any|each|always)\b)[^.;?]){1,80})?",
    re.IGNORECASE,
)
_NO_OTHER = re.compile(
    r"[,;.]\s(?:and\s)?(?:no other|no one else|nobody else|nothing else)\b"
    r"(?:(?!\b(?:but|except|besides|apart|than)\b)[^.;?]){0,120}\.?$",
    re.I,
)
_THE_ONLY = re.compile(r"\bthe only\b", re.IGNORECASE)
_ALL = frozenset(word_list("all every each always must necessarily"))
_NECESSARY = frozenset(word_list("always must necessarily"))
_REPORTED = frozenset(word_list("that say said claim believe think thought know mean who which"))
_LIMITS = frozenset(
    word_list(
        "maybe perhaps possibly probably likely might may could if unless but or however though almost mostly"
    )
)


def signs_of(question: str) -> dict[str, str]:
    """Return what the signs mean by which a question wants a yes or no; none where that is unclear."""
    if len(question) > 4000:
        return {}
    found: dict[str, str] = {}
    for m in _SIGN.finditer(question):
        sign = (m["before"] or m["behind"] or m["beside"]).upper()
        word = (m["then"] or m["first"]).casefold()
        means = "yes" if word in ("yes", "true") else "no"
        if found.setdefault(sign, means) != means:
            return {}
    return found if sorted(found.values()) == ["no", "yes"] else {}


def denies_all(text: str, question: str, turns: frozenset[str]) -> bool:
    """Read "Not necessarily" of "Must every …?", "Not always" and "False in general" of "Does every …?"."""
    found = _NOT_ALWAYS.match(text)
    if found is not None:
        rest = text[found.end() :]
        words = set(word_list(normalise_text(re.sub(r"[^\w'\s]", " ", rest))))
        if (rest and not re.match(r"[,.;:]\s", rest)) or not turns.isdisjoint(words):
            return False
    elif _FAILS_SOMEWHERE.fullmatch(text) is None:
        return False
    return _asks_for_all(question, necessity=found is not None and found["must"] is not None)


def _asks_for_all(question: str, *, necessity: bool = False) -> bool:
    """Say whether a question asks if something holds of all, or always, so that one exception denies it.

    :param necessity: "all" is not enough: "Have all paid?" asks for what may not be known.
    """
    asked = asked_words(question)
    if asked is None or negative(question) or not _REPORTED.isdisjoint(asked):
        return False
    return not (_NECESSARY if necessity else _ALL).isdisjoint(asked)


def without_uniqueness(rest: str, question: str) -> str:
    """Return what stands behind "yes" but "… are the only ones; no other is" of "Are … the only ones?"."""
    asked = asked_words(question)
    if asked is None or _THE_ONLY.search(question) is None:
        return rest
    bare = _NO_OTHER.sub("", rest)
    said = words_of(bare)
    states = _THE_ONLY.search(bare) is not None and content(said) <= content(asked) and not negative(bare)
    return "" if states and _LIMITS.isdisjoint(said) else bare
