"""Shorter and fuller names by which a passage lets one name a person. Pure."""

from collections.abc import Iterator

from taskseed.checks.reading import word_list
from taskseed.checks.spans.passages import Passage, at_all
from taskseed.checks.spans.stems import TITLES
from taskseed.checks.spans.words import Words

__all__ = ["described", "full_names", "is_alone", "surnames", "untitled"]

_PARTICLES = frozenset(word_list("van von de la du di der den ter bin al el le da dos del st saint mc o"))
# Last words of names of bodies and places, which alone name nothing.
_GENERIC = frozenset(
    word_list(
        "real bayern inter atletico borussia fc ac red white black blue green cross "
        "university college company group bank united city club party council school society institute "
        "museum church army government ministry committee commission association union corporation house "
        "court court team league river lake mountain mount island sea ocean street road bridge county "
        "state states kingdom republic empire junior senior center hospital library press times post "
        "news airport station park hall castle palace foundation trust agency department office board "
        "band orchestra theater airlines motors industries national international royal north south east "
        "west new great old"
    )
)
_PEOPLE = frozenset(
    word_list(
        "player quarterback kicker writer author artist painter actor actress singer driver skier runner "
        "scientist engineer architect poet composer politician leader founder woman man person girl boy "
        "character student novelist explorer inventor astronomer physicist chemist athlete swimmer "
        "cyclist teacher designer"
    )
)
_KIN = frozenset(
    word_list(
        "brother sister son daughter father mother wife husband widow widower cousin nephew niece uncle aunt "
        "grandson granddaughter grandfather grandmother twin heir family"
    )
)
_JOINING = frozenset(word_list("and or , ;"))
_RELATIONAL = _JOINING | frozenset(word_list("of in on at to from by with for who that as than not"))
_AT = frozenset(word_list("in at near"))
_MOST = 16  # places in the passage that are looked at


def _asks_who(passage: Passage) -> bool:
    asked = passage.question
    near = (asked[i + 1 : i + 4] for i, word in enumerate(asked) if word in ("which", "what"))
    return bool({"who", "whom", "whose"} & set(asked)) or any(
        (TITLES | _PEOPLE) & set(words) for words in near
    )


def untitled(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield a person's name without title and realm: "Aldric II" for "King Aldric II of Norland"."""
    if gold[0] not in TITLES or len(gold) < 2 or not _asks_who(passage) or _JOINING & set(gold):
        return
    head = gold[: gold.index("of")] if "of" in gold else gold
    for whole in {gold, head}:
        name = whole[1:]
        while len(name) > 1 and name[0] in TITLES:
            name = name[1:]
        named = name and set(name) - {"of"} <= passage.names and name[0] not in TITLES | {"of"}
        if named and is_alone(name, whole, passage):
            yield name
    if head != gold and len(head) > 1 and is_alone(head, gold, passage):
        yield head


def surnames(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield the surname of a person whom the passage names in full, where nobody else bears it there."""
    name = tuple(w for w in gold if w not in TITLES)
    person = _asks_who(passage) and 2 <= len(name) <= 4 and name == gold[len(gold) - len(name) :]
    if (
        not person
        or not set(name) <= passage.names
        or _GENERIC & set(name)
        or next(at_all(gold, passage.words), -1) < 0
    ):
        return
    at = len(name) - 1
    while at > 1 and name[at - 1] in _PARTICLES:
        at -= 1
    if name[at - 1] not in _PARTICLES and is_alone(name[at:], name, passage):
        yield name[at:]
        if len(name) < len(gold):
            yield (*gold[: len(gold) - len(name)], *name[at:])
        for title in TITLES & passage.known:
            if next(at_all((title, *name), passage.words), -1) >= 0:
                yield (title, *name[at:])
        if len(name) == 3 and len(name[1]) == 1:
            yield (name[0], name[2])


def described(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield the name behind what somebody is: "Karl" for "Otto's brother Karl"."""
    at = len(gold)
    while at and gold[at - 1] in passage.names and gold[at - 1] not in TITLES:
        at -= 1
    told = gold[:at]
    says = at and set(told) - TITLES and not _RELATIONAL & set(told)
    asked = _asks_who(passage) or set(told) & set(passage.question)
    if says and asked and at < min(len(gold), 6) and is_alone(gold[at:], gold, passage):
        yield gold[at:]


def is_alone(short: Words, whole: Words, passage: Passage) -> bool:
    """Say whether a shorter name stands in the passage only in the whole one, or by itself."""
    words = passage.marked
    start = next(at_all(short, whole), 0)
    seen = False
    for at in at_all(short, words):
        seen = True
        if words[at - start : at - start + len(whole)] == whole:
            continue
        before, after = (
            words[at - 1] if at else ".",
            words[at + len(short)] if at + len(short) < len(words) else ".",
        )
        if before in passage.names or after in passage.names:
            return False
    return seen


def full_names(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield the full name of the one person whom the gold names by the surname, with and without titles.

    The passage must give that name in full where it first names anybody so, and then at most the surname.
    """
    if not _asks_who(passage) or not set(gold) <= passage.names - TITLES or (_GENERIC | _KIN) & set(gold):
        return
    words = passage.marked
    found = [_with_all_before(at, words, passage) for at in at_all(gold, words)][:_MOST]
    full = found[0] + gold if found else gold
    name = full
    while name[0] in TITLES:
        name = name[1:]
    ends = [words[at + len(gold) : at + len(gold) + 1] for at in at_all(gold, words)]
    one = all(before in ((), found[0]) for before in found) and not any(
        end and (end[0] in passage.names | _GENERIC) for end in ends
    )
    lone = () in found
    related = lone and _KIN & passage.known
    if one and not related and len(gold) < len(full) <= 6 and not _GENERIC & set(full):
        yield full
        if len(gold) < len(name) < len(full):
            yield name


def _with_all_before(at: int, words: Words, passage: Passage) -> Words:
    """Return the names, titles and particles that stand before a name, or "in", which makes it a place."""
    start = at
    while start and (words[start - 1] in passage.names | TITLES or words[start - 1] in _PARTICLES):
        start -= 1
    while start < at and words[start] in _PARTICLES:
        start += 1
    if start == at and at and words[at - 1] in _AT:
        return words[at - 1 : at]
    return words[start:at]
