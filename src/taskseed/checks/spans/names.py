"""Other words by which a passage lets one name what the gold names: a surname, "Y of X", a pronoun. Pure."""

from collections.abc import Iterator

from taskseed.checks.reading import word_list
from taskseed.checks.spans.passages import Passage, at_all
from taskseed.checks.spans.people import described, full_names, is_alone, surnames, untitled
from taskseed.checks.spans.stems import PREPOSITIONS, TITLES
from taskseed.checks.spans.words import MARKS, Words

__all__ = ["golds"]

_PRONOUNS = frozenset(word_list("his her its their"))
_CITIES = frozenset(word_list("city town village port capital cities"))
_REALMS = frozenset(word_list("country nation state province county region land"))
_JOINING = frozenset(word_list("and or nor"))
_WATERS = frozenset(word_list("river lake county"))
_NO_SUBJECTS = _PRONOUNS | frozenset(word_list("he she it they"))
_SAME = (
    frozenset(("he", "his")),
    frozenset(("she", "her")),
    frozenset(("it", "its")),
    frozenset(("they", "their")),
)
_DATES = frozenset(
    word_list(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june "
        "july august september october november december"
    )
)
_MOST = 16


def golds(gold: Words, passage: Passage) -> list[Words]:
    """Return the gold and the forms of words that mean the same in this passage, the gold first."""
    found = [gold]
    for more in (
        _appositions,
        described,
        untitled,
        full_names,
        surnames,
        _places,
        _owned,
        _waters,
        _doing,
        _pronouns,
        _bare_pronoun,
        _day_parts,
    ):
        for form in list(found):
            found.extend(new for new in more(form, passage) if new and new not in found)
            if len(found) > _MOST:
                return found[:_MOST]
    return found


def _appositions(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield the name before ", a Welsh engineer"."""
    if "," in gold and not {"and", "or"} & set(gold) and gold.count(",") == 1:
        at = gold.index(",")
        head, rest = gold[:at], gold[at + 1 :]
        says = bool(rest) and (rest[0] in TITLES or any(w not in passage.names and w != "of" for w in rest))
        if head and says and set(head) <= passage.names and is_alone(head, head, passage):
            yield head


def _places(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "Bergen, Norway" for "Bergen" and the other way round, where a city is asked for.

    The passage must write the two together wherever it names the city, and not in a list.
    """
    if not _CITIES & passage.kind_asked or _REALMS & set(passage.question):
        return
    lead = 1 if gold[0] in PREPOSITIONS else 0
    city = gold[lead : gold.index(",")] if "," in gold else gold[lead:]
    if not city or not set(city) <= passage.names:
        return
    found = {_realm(at + len(city), passage) for at in list(at_all(city, passage.marked))[:_MOST]}
    realm = found.pop() if len(found) == 1 else ()
    before = {passage.marked[at - 1] for at in at_all(city, passage.marked) if at}
    if not realm or not before <= PREPOSITIONS:
        return
    if gold[lead:] == city:
        yield (*gold, ",", *realm)
    elif gold[lead:] == (*city, ",", *realm):
        yield gold[: lead + len(city)]


def _realm(at: int, passage: Passage) -> Words:
    """Return the names behind a city's comma, where nothing behind them makes them another's part."""
    words = passage.marked
    if words[at : at + 1] != (",",):
        return ()
    end = at + 1
    while end < len(words) and words[end] in passage.names:
        end += 1
    after = words[end : end + 2]
    listed = after[:1] == (",",) and after[1:] and (after[1] in passage.names or after[1] in _JOINING)
    ends = not after or after[0] in MARKS or after[0] in PREPOSITIONS
    return words[at + 1 : end] if ends and not listed and end - at < 5 else ()


def _owned(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "Y of X" for "X's Y", and the other way round."""
    if gold.count("'s") == 1 and not MARKS & set(gold):
        at = gold.index("'s")
        if 0 < at < len(gold) - 1 and not {"of", "and", "or"} & set(gold):
            yield (*gold[at + 1 :], "of", *gold[:at])
    if gold.count("of") == 1 and not {"'s", "and", "or"} & set(gold) and not MARKS & set(gold):
        at = gold.index("of")
        one_owner = 0 < at <= 3 and 1 <= len(gold) - at - 1 <= 2 and not any(w[0].isdigit() for w in gold)
        if one_owner and not set(gold[:at]) & passage.names and set(gold[at + 1 :]) & passage.names:
            yield (*gold[at + 1 :], "'s", *gold[:at])


def _waters(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "River Vell" for "the Vell River"."""
    if len(gold) == 2 and _WATERS & set(gold) and set(gold) <= passage.names:
        yield gold[::-1]


def _doing(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "reading in the hall" for "read in the hall" where the question asks what somebody does."""
    asked = passage.question
    if len(gold) < 2 or not asked or asked[-1] != "do" or not gold[0].isalpha():
        return
    word = gold[0]
    forms = (
        (word + "ing", word[:-1] + "ing") if word.endswith("e") else (word + "ing", word + word[-1] + "ing")
    )
    if word.endswith("ing"):
        forms = (word[:-3], word[:-3] + "e")
    for form in forms:
        if len(form) > 2:
            yield (form, *gold[1:])


def _day_parts(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "Tuesday in the morning" for "Tuesday morning", and "Monday at 6:45" for "6:45 on Monday"."""
    if len(gold) == 3 and gold[1] == "on" and gold[2] in _DATES and ":" in gold[0]:
        yield (gold[2], "at", gold[0])
        yield (gold[2], ",", gold[0])
    if len(gold) == 2 and gold[1] in ("morning", "afternoon", "evening") and gold[0] in _DATES:
        yield (gold[0], ",", "in", gold[1])
        yield (gold[1], "of", gold[0])


def _bare_pronoun(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield the gold with "the" for "its", or "its" for "the", where the thing is named once."""
    for i, word in enumerate(gold):
        if (word == "its" or (word == "their" and not i)) and i + 1 < len(gold):
            yield gold[:i] + gold[i + 1 :]
    plain = gold[-2:-1] and gold[-2].isalpha() and not set(gold) & (_PRONOUNS | {"'s"} | passage.names)
    if plain and gold[-1].isalpha() and "its" in passage.words:
        before = ("near", "after", "before", "in", "on", "at", "of", "to")
        start = next((i + 1 for i, w in enumerate(gold) if w in before), 0)
        if start:
            yield (*gold[:start], "its", *gold[start:])


def _pronouns(gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield "Maya's grandmother" for "her grandmother" where the passage leaves no doubt who she is."""
    if gold[0] not in _NO_SUBJECTS or len(gold) < 2:
        return
    owners = {_antecedent(at, gold[0], passage) for at in at_all(gold, passage.words)}
    owner = owners.pop() if len(owners) == 1 else None
    if gold[0] not in _PRONOUNS:
        yield from ((*form, *gold[1:]) for form in owner or ())
        return
    for form in owner or ():
        yield (*form, "'s", *gold[1:])
        if form[-1].endswith("s"):
            yield (*form, *gold[1:])  # "Mills' brother"
        yield (*gold[1:], "of", *form)


def _behind_time(words: Words, start: int, end: int) -> int:
    """Return where a sentence begins behind "On Saturday" or "In 1925"."""
    at = start
    while (
        at < end
        and at - start < 4
        and (words[at] in ("on", "in") or words[at] in _DATES or words[at][0].isdigit())
    ):
        at += 1
    return at if at - start > 1 and at < end else start


def _antecedent(at: int, pronoun: str, passage: Passage) -> tuple[Words, ...] | None:
    """Return the ways to name whom a pronoun means; None where another name could be meant.

    It is the subject of its sentence, or of one before where all between begin with the same pronoun.
    """
    words = passage.words
    own = _sentence_start(words, at)
    start = _subject_start(at, pronoun, words)
    if start is None:
        return None
    length = 1
    while (
        start + length < at and words[start + length] in passage.names and words[start + length] not in _DATES
    ):
        length += 1
    end = start + length
    if (
        words[start] not in passage.names
        and length == 1
        and words[end : end + 1]
        and words[end] in passage.names
    ):
        end += 1  # "The probe Kestrel"
    subject = words[start:end]
    joined = words[end : end + 1] in (("'s",), ("and",), ("of",), ("or",), ("in",))
    if joined or words[start] in ("in", "on", "at", "after", "before", "when", "if", "."):
        return None
    if pronoun not in ("its", "it"):
        stop = words.index(".", end) if "." in words[end:at] else at
        around = [*range(end, min(stop, at)), *range(max(own, end), at)] if start < own else range(at)
        others = (passage.names | passage.capitals) - _DATES - set(subject)
        if any(words[i] in others and words[i - 1] not in ("in", "at", "from", "near") for i in around):
            return None
    named = tuple(w for w in subject if w in passage.names)
    return (subject, named) if named and named != subject else (subject,)


def _subject_start(at: int, pronoun: str, words: Words) -> int | None:
    """Return where the sentence begins that names what a pronoun means."""
    same = next(group for group in _SAME if pronoun in group)
    start = _sentence_start(words, at)
    for _ in range(8):
        start = _behind_time(words, start, at)
        if start != at and words[start] not in _NO_SUBJECTS:
            return start
        if start != at and words[start] not in same:
            return None
        start = _sentence_start(words, start)
        if not start:
            return None
        start = _sentence_start(words, start - 1)
    return None


def _sentence_start(words: Words, at: int) -> int:
    while at and words[at - 1] != ".":
        at -= 1
    return at
