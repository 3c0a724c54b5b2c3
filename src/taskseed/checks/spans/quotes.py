"""Whether words beside the gold stand beside it in the passage too, and leave it what it is. Pure."""

import re

from taskseed.checks.spans.passages import Passage, at_all
from taskseed.checks.spans.stems import (
    AUXILIARIES,
    CHANGERS,
    ESTIMATES,
    FUNCTION_WORDS,
    JOINING,
    NEGATIONS,
    PREPOSITIONS,
    RELATIVES,
    is_past,
)
from taskseed.checks.spans.words import MONTHS, Words

__all__ = [
    "apposes",
    "continues",
    "goes_on",
    "is_estimate",
    "is_numeric",
    "is_owner",
    "is_quoted",
    "modifies",
    "shared",
]

_PEOPLES = re.compile(r"[a-z]+(?:an|ish|ese|ch|ss|lsh|eek)")


def is_owner(before: Words, core: Words, passage: Passage) -> bool:
    """Say whether "Austria's" stands before what the passage calls "of Austria"."""
    forms = ((*core, joint, *before[:-1]) for joint in ("of", "from"))
    return before[-1] == "'s" and any(next(at_all(form, passage.words), -1) >= 0 for form in forms)


def is_quoted(i: int, words: Words, passage: Passage) -> bool:
    """Say whether a word stands beside a word of the question as it does in the passage: "the Arctic tern".

    Not where the question has another word there ("the common tern").
    """
    word, after = words[i], words[i + 1] if i + 1 < len(words) else ""
    if word in CHANGERS | JOINING | NEGATIONS or word[0].isdigit() or after not in passage.question:
        return False
    asked = passage.question
    before = {asked[k - 1] for k, w in enumerate(asked) if k and w == after} - FUNCTION_WORDS
    return (
        after not in FUNCTION_WORDS
        and before <= set(words)
        and next(at_all((word, after), passage.words), -1) >= 0
    )


def modifies(stretch: Words, core: Words, passage: Passage) -> bool:
    """Say whether words that stand before the gold in the passage leave it what it is."""
    numeric, named = core[0][0].isdigit(), bool(passage.names & set(core))
    for i, word in enumerate(stretch):
        if word in passage.question or (i == len(stretch) - 1 and is_estimate(word, core, passage)):
            continue
        if (word in CHANGERS or word in JOINING) and not (word == "may" and numeric):
            return False
        if word[0].isdigit() and numeric and not (len(word) < 3 and len(stretch) <= 2):
            return False
        follows = stretch[i + 1] if i + 1 < len(stretch) else core[0]
        people = _PEOPLES.fullmatch(word) and follows not in passage.names - passage.titles
        if (
            word in passage.names
            and named
            and not (follows == "'s" or people or word in passage.titles or numeric)
        ):
            return False
    return True


def is_estimate(word: str, core: Words, passage: Passage) -> bool:
    """Say whether the passage has "approximately" before this number wherever it has the number."""
    places = list(at_all(core, passage.words))
    return (
        word in ESTIMATES
        and is_numeric(core[:1])
        and bool(places and passage.question)
        and all(at and passage.words[at - 1] == word for at in places)
    )


def goes_on(words: Words, core: Words, there: Words, *, marked: bool, passage: Passage) -> bool:
    """Say whether the passage itself goes on like this behind the gold."""
    same = shared(words, there) == len(words)
    if same and continues(words, core, there, marked=marked, passage=passage):
        return True
    if len(words) == 2 and words[0] == "of" and next(at_all((words[1], "'s", *core), passage.words), -1) >= 0:
        return True
    return (
        is_numeric(core) and len(words) == 1 and words[0] in passage.units and _unit_follows(there, words[0])
    )


def is_numeric(core: Words) -> bool:
    """Say whether a number is among words."""
    return any(word[0].isdigit() for word in core)


def _unit_follows(there: Words, unit: str) -> bool:
    """Say whether the passage gives a number this unit behind the next: "48 and 31 yards"."""
    at = there.index(unit) if unit in there[:4] else 0
    return at > 0 and all(w[0].isdigit() or w in ("and", "or", "to") for w in there[:at])


def continues(words: Words, core: Words, there: Words, *, marked: bool, passage: Passage) -> bool:
    """Say whether a passage's own words behind the gold say more of it, and not of something else too."""
    first = words[0]
    if (JOINING | NEGATIONS) & set(words) or (is_numeric(core) and _other_number(words, core, passage)):
        return is_numeric(core) and len(words) == 1 and len(first) == 4 and core[-1] in MONTHS  # a day's year
    if not marked:
        opens = first in PREPOSITIONS or first in RELATIVES or first in AUXILIARIES
        # "Anand beat Topalov" for "Who won?"
        acts = (
            passage.asks_subject
            and "who" in passage.question
            and is_past(first)
            and set(core) <= passage.names
        )
        unit = is_numeric(core) and first in passage.units
        return (opens or acts or unit or passage.asks(first)) and first != "to"
    next_up = there[len(words) :][:6]
    end = next_up.index(".") if "." in next_up else 6
    listed = first not in RELATIVES and any(w in ("and", "or") for w in next_up[:end])
    name = first in passage.names and first not in passage.titles and not _PEOPLES.fullmatch(first)
    return not listed and not name


def _other_number(words: Words, core: Words, passage: Passage) -> bool:
    """Say whether words behind a number give another of its kind: "7.5 % in 2010 to 4.2 %"."""
    threes = zip(("", *words), words, (*words[1:], ""), strict=False)
    return any(
        before not in PREPOSITIONS or before == "to" or (after,) == core[1:2]
        for before, word, after in threes
        if word[0].isdigit() and word not in passage.question
    )


def apposes(words: Words, forms: tuple[Words, Words], passage: Passage) -> bool:
    """Say whether words set off from the gold are said of it in the passage, beside it or in one clause."""
    if (JOINING | CHANGERS) & set(words) or len(words) > 12:
        return False
    if forms[0][0][0].isdigit() and any(w[0].isdigit() for w in words):
        return False
    owned = len(words) > 1 and words[1] == "'s"
    if all(w in passage.names or w == "of" for w in words) and words[0] not in passage.titles and not owned:
        return False
    places = [(at, at + len(form)) for form in forms for at in list(at_all(form, passage.words))[:8]]
    others = [(at, at + len(words)) for at in list(at_all(words, passage.words))[:8]]
    return any(_stand_together(place, other, passage) for place in places for other in others)


def _kind(words: Words, passage: Passage) -> tuple[bool, bool]:
    return bool(passage.names & set(words)), is_numeric(words)


def _stand_together(place: tuple[int, int], other: tuple[int, int], passage: Passage) -> bool:
    first, last = sorted((place, other))
    gap = passage.words[first[1] : last[0]]
    if last[0] < first[1] or "." in gap:
        return False
    if not gap or (gap == ("by",) and other < place):
        # Two things of a kind may be items of a list: "apples, pears and plums".
        kinds = {_kind(passage.words[a:b], passage) for a, b in (place, other)}
        far = passage.words[last[1] : last[1] + (6 if len(kinds) == 1 else 1)]
        near = passage.words[max(0, first[0] - 1) : first[0]]
        return not {"and", "or"} & {*(far[: far.index(".")] if "." in far else far), *near}
    plain = not any(w in passage.names or w[0].isdigit() or w in JOINING | NEGATIONS for w in gap)
    told = passage.words[other[0] : other[1]]
    return plain and len(told) > 2 and any(w[0].isdigit() for w in told) and len(gap) < 9 and other > place


def shared(words: Words, others: Words) -> int:
    """Return how many words are the same from the start on."""
    count = 0
    while count < min(len(words), len(others)) and words[count] == others[count]:
        count += 1
    return count
