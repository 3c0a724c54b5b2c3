"""Sentences that repeat their question with its answer put in, as "It began in 1789". Pure."""

import re
from collections.abc import Sequence

from taskseed.checks.choices.mentions import marked
from taskseed.checks.choices.wordforms import words_of
from taskseed.checks.reading import TAKEN_BACK, clean, word_list
from taskseed.checks.stems import stem

__all__ = ["NEGATIONS", "by_restatement"]

NEGATIONS = frozenset(word_list("not no never none neither nor nobody nothing without except"))
_FUNCTION = frozenset(
    word_list(
        "it he she they this that these those there is are was were be been being do does did has "
        "have had will can "
        "its his her their our which who what when where how much many here i we you of in on at "
        "for as by to and "
        "so answer called known named total exactly just therefore thus hence correct right option"
    )
)
_BEFORE = frozenset(word_list("in on at by is are was were be named called as = : , have has had"))
_BOUNDARY = frozenset(word_list("with because since due when which where who during , . ; : ( — as"))
_DOUBT = (TAKEN_BACK | NEGATIONS) - {"but"} | frozenset(
    word_list("but if about nearly almost around approximately before after until than least "
              "most more less half "
              "probably likely may would should ? sometimes partly")
)  # fmt: skip
_IS = frozenset(word_list("is are was were be named called"))
_AUXILIARIES = frozenset(word_list("is are was were do does did has have had can could will would"))
_PREPOSITIONS = frozenset(
    word_list("in on at by of to for from with into onto against after before over under through than "
              "between near behind toward towards like about")
)  # fmt: skip
_OWNER = re.compile(
    r"(?<!\bit)(?<!\bthat)(?<!\bhe)(?<!\bshe)(?<!\bthere)(?<!\bwho)"
    r"(?<!\bwhat)(?:'s|(?<=s)')(?!\w)",
    re.IGNORECASE,
)
# These doubt an option even where the question has them too.
_WRONG = frozenset(
    word_list("wrong incorrect false untrue or either if unless maybe perhaps possibly probably ?")
)


def by_restatement(text: str, options: Sequence[str], question: str, known: frozenset[str]) -> int | None:
    """Return the index of the option that the text states by repeating the question around it, else None.

    Before the option stand only words of the question and function words; behind it such words, or an adjunct
    that names no other option and turns nothing.
    """
    words = marked(text, options, known, labels=False) if question else []
    named = [i for i, w in enumerate(words) if w.startswith("<")]
    if not named or len(words) == 1:
        return None
    at = named[0]
    index = int(words[at][1:-1])
    left, right = words[:at], words[at + 1 :]
    numeric = options[index].strip().lstrip("-").replace(",", "").isdigit()
    if len({words[i] for i in named}) > 1 and not (numeric and _is_enumeration(right)):
        return None
    asked = {stem(w) for w in words_of(question, known)}
    if not _holds([*left, *right], left[-1:], asked, question) or _adds_owner(text, question):
        return None
    leads = not left or (_fits(left, asked) and _leads(left[-1], asked))
    return index if leads and _follows(right, asked) and _keeps_roles(left, right, question) else None


def _thing_asked(asked: Sequence[str]) -> list[str]:
    """Return the words that say what is asked for: "blood type" in "Which blood type is …?"."""
    at = next((i for i, w in enumerate(asked) if w in {"which", "what", "many", "much"}), len(asked))
    phrase: list[str] = []
    for word in asked[at + 1 : at + 5]:
        if word in _AUXILIARIES:
            return phrase
        phrase.append(word)
    return phrase[:1]


def _adds_owner(text: str, question: str) -> bool:
    """Say whether a text speaks of what is somebody's ("Brazil's neighbour") where the question does not."""
    return _OWNER.search(clean(text)) is not None and _OWNER.search(clean(question)) is None


def _keeps_roles(left: Sequence[str], right: Sequence[str], question: str) -> bool:
    """Say whether the option stands where the question asks: "Germany beat Brazil" is not who beat Germany.

    Behind "is" or a preposition it is what is named; behind a verb the question must ask for its object, and
    before one for its subject. The other words keep their order.
    """
    asked = words_of(_last_sentence(question))
    for_object = not {"do", "does", "did"}.isdisjoint(asked)
    last = left[-1] if left else ""
    cut = next((i for i, w in enumerate(right) if w in _BOUNDARY), len(right))
    thing = _thing_asked(asked)
    if left and not right and set(left) <= set(thing):
        return True  # "Type O"
    beside = [stem(w) for w in (*left, *right[:cut]) if w not in _FUNCTION and w not in thing]
    order = iter([stem(w) for w in asked])
    in_order = all(word in order for word in beside)
    if last in _IS or last in {"in", "on", "at", "=", ":"}:
        return last in _IS or in_order or not beside
    if last == "by":
        return not for_object and "by" not in asked
    if last:
        return for_object and in_order
    if "by" in right[:cut] and "by" not in asked:
        return for_object
    active = not (right and right[0] in _IS)
    return (
        asked[-1:] != []
        and asked[-1] not in _PREPOSITIONS
        and not (for_object and active and beside)
        and (in_order or not active)
    )


def _holds(beside: Sequence[str], before: Sequence[str], asked: set[str], question: str) -> bool:
    """Say whether the words around an option neither deny nor doubt it, but as the question does."""
    if _denies_as_asked(beside, question):
        beside = [w for w in beside if w != "not"]
        # "not the shark" says nothing of what is asked
        if list(before) == ["not"] or not any(stem(w) in asked and w not in _FUNCTION for w in beside):
            return False
    elif not NEGATIONS.isdisjoint({*beside, *words_of(_last_sentence(question))}):
        return False
    return (_DOUBT - asked).isdisjoint(beside) and _WRONG.isdisjoint(beside)


def _denies_as_asked(said: Sequence[str], question: str) -> bool:
    """Say whether a sentence denies once, as its question does: "Which is NOT a mammal?"."""
    return said.count("not") == 1 and words_of(_last_sentence(question)).count("not") == 1


def _last_sentence(question: str) -> str:
    parts = [part for part in re.split(r"(?<=[.?!])\s", question) if part.strip()]
    return parts[-1] if parts else ""


def _is_enumeration(right: Sequence[str]) -> bool:
    """Say whether numbers stand only in a list at the end: ": -1, 0 and 1"."""
    if ":" not in right:
        return False
    tail = right[right.index(":") + 1 :]
    head = right[: right.index(":")]
    return not any(w.startswith("<") for w in head) and all(
        re.fullmatch(r"<\d+>|[-\d.,√/]+|and|\W", w) for w in tail
    )


def _fits(words: Sequence[str], asked: set[str]) -> bool:
    return all(w in _FUNCTION or stem(w) in asked or w in {",", "=", ":"} for w in words if w != "not")


def _leads(last: str, asked: set[str]) -> bool:
    """Say whether an option behind this word is what is asked for, not what that is near."""
    return last in _BEFORE or (stem(last) in asked and last not in _FUNCTION and last not in _PREPOSITIONS)


def _follows(right: Sequence[str], asked: set[str]) -> bool:
    cut = next((i for i, w in enumerate(right) if w in _BOUNDARY), len(right))
    return _fits(right[:cut], asked) and (cut < 1 or right[0] not in {"of", "and", "to", "for"})
