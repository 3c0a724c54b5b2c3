"""Whether what an answer says beside the gold repeats the passage or the question. Pure."""

from dataclasses import dataclass, replace

from taskseed.checks.reading import word_list
from taskseed.checks.spans.passages import Passage, at_all
from taskseed.checks.spans.quotes import (
    apposes,
    continues,
    goes_on,
    is_estimate,
    is_numeric,
    is_owner,
    is_quoted,
    modifies,
    shared,
)
from taskseed.checks.spans.stems import (
    CHANGERS,
    COPULAS,
    FILLERS,
    FUNCTION_WORDS,
    JOINING,
    JUDGING,
    NEGATIONS,
    PREPOSITIONS,
    RELATIVES,
)
from taskseed.checks.spans.words import MARKS, Words
from taskseed.checks.stems import stem

__all__ = ["states"]

# Prepositions that a question implies: an answer may leave them out.
_IMPLIED = frozenset(word_list("in on at to into by with for as during because of"))
_POSSESSIVES = frozenset(word_list("his her its their our my your"))
_ALTERNATIVES = frozenset(word_list("or nor either neither but"))
# Verbs without which a question asks for something else.
_TURNING = frozenset(
    stem(word)
    for word in word_list(
        "refuse fail decline avoid stop forget deny want plan try threaten cease prevent intend promise "
        "reject oppose pretend expect attempt hesitate cancel ban quit"
    )
)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What an answer says before and behind the gold, and the marks between."""

    before: Words
    after: Words
    mark_before: bool
    mark_after: bool
    gold: Words


def states(words: Words, gold: Words, whole: Words, passage: Passage) -> bool:
    """Say whether an answer is a form of the gold with nothing beside it that could change it."""
    bare = tuple(w for w in gold if w not in MARKS)
    lead = 0
    while lead < len(bare) - 1 and _may_lack(bare[lead], passage):
        lead += 1
    core, lost = bare[lead:], bare[:lead]
    if not core:
        return False
    spots = [(w, i > 0 and words[i - 1] in MARKS) for i, w in enumerate(words) if w not in MARKS]
    plain = tuple(w for w, _ in spots)
    if "." in words or ";" in words or ":" in words:
        return False
    for at in list(at_all(core, plain))[:4]:
        end = at + len(core)
        marks = sum(marked for _, marked in spots[at + 1 : end])
        beside = _Beside(plain[:at], plain[end:], spots[at][1], end < len(spots) and spots[end][1], whole)
        beside = _without_aside(beside, [marked for _, marked in spots[end:]], core, passage)
        if marks <= sum(w in MARKS for w in gold) + _day_comma(core) and _licensed(
            beside, core, lost, passage
        ):
            return True
    return False


def _without_aside(beside: _Beside, marked: list[bool], core: Words, passage: Passage) -> _Beside:
    """Leave out what is between commas: "Edmund Pryce, a Welsh engineer, designed it"."""
    end = next((i for i, mark in enumerate(marked) if mark and i), 0)
    aside = beside.after[:end]
    if not end or not beside.mark_after or not apposes(aside, (core, beside.gold), passage):
        return beside
    return replace(beside, after=beside.after[end:], mark_after=False)


def _day_comma(core: Words) -> int:
    return 1 if len(core) > 1 and core[-1].isdigit() else 0


def _may_lack(word: str, passage: Passage) -> bool:
    return word in _IMPLIED or (word in PREPOSITIONS and word in passage.asked_with)


def _licensed(beside: _Beside, core: Words, lost: Words, passage: Passage) -> bool:
    said = beside.before + beside.after
    if not said:
        return True
    if JOINING & set(beside.before[-1:] + beside.after[:1]) or _ALTERNATIVES & set(said):
        return False
    if _judges(beside.before) or _judges(beside.after):
        return False
    if not _preposition_fits(beside.before, core, lost, passage) or not _negations_fit(said, passage):
        return False
    return any(
        _before_fits(beside, core, whole[:at], passage)
        and _after_fits(beside, core, whole[at + len(core) :], passage)
        for whole in passage.readings
        for at in list(at_all(core, whole))[:8] or [len(whole)]
    )


def _judges(words: Words) -> bool:
    """Say whether words are about the answer itself: "X is wrong", "Right: X"."""
    told = {w for w in words if w not in FILLERS | FUNCTION_WORDS | NEGATIONS}
    return bool(told) and told <= JUDGING


def _preposition_fits(before: Words, core: Words, lost: Words, passage: Passage) -> bool:
    """Say whether the preposition before the gold is its own, the passage's, or the question's."""
    last = before[-1] if before else ""
    if last not in PREPOSITIONS:
        return True
    if lost:
        return last == lost[-1]
    if last in passage.asked_with or next(at_all((last, *core), passage.words), None) is not None:
        return last not in CHANGERS or last in passage.asked_with or is_estimate(last, core, passage)
    if last in ("in", "on", "at") and any(w[0].isdigit() for w in core):
        return any(w in passage.question for w in ("when", "year", "date", "time", "day", "month"))
    if last == "because":
        return "why" in passage.question
    return last == "by" and passage.asks_subject and bool(COPULAS & set(before))


def _lacks_turn(said: Words, passage: Passage) -> bool:
    """Say whether words repeat a question without the verb that turns it: "refused to sign"."""
    turning = [w for w in passage.content if w in _TURNING]
    repeats = any(stem(w) in passage.content for w in said)
    return repeats and not {stem(w) for w in said}.issuperset(turning)


def _negations_fit(said: Words, passage: Passage) -> bool:
    if _lacks_turn(said, passage):
        return False
    denied, asked = NEGATIONS & set(said), NEGATIONS & set(passage.question)
    if denied - asked:
        return False
    content = [w for w in said if w not in FILLERS | NEGATIONS | PREPOSITIONS and passage.asks(w)]
    return bool(denied) == bool(content) or not asked


def _before_fits(beside: _Beside, core: Words, there: Words, passage: Passage) -> bool:
    """Say whether what stands before the gold repeats the question or the passage."""
    words = beside.before
    if not words:
        return True
    near = shared(words[::-1], there[: -len(words) - 1 : -1])
    if beside.mark_before and apposes(words, (core, beside.gold), passage):
        return True
    led = words[0] in PREPOSITIONS or words[0] in ("according", "based")
    if beside.mark_before and not led and (words[-1] in passage.names or "or" in passage.question):
        return False
    if words[-1] in _POSSESSIVES and not near:
        return False
    stretch = words[len(words) - near :]
    rest = words[: len(words) - near]
    if not modifies(stretch, core, passage):
        return False
    owned = is_owner(words, core, passage)
    if not owned and not all(
        w in FILLERS or passage.asks(w) or is_quoted(i, words, passage) for i, w in enumerate(rest)
    ):
        return False
    if all(w in FILLERS for w in rest):
        return True
    ends = rest[-1] in COPULAS or words[-1] in PREPOSITIONS or words[-1] == "'s"
    return ends or beside.mark_before or _keeps_part(stretch, rest, core, passage)


def _keeps_part(stretch: Words, rest: Words, core: Words, passage: Passage) -> bool:
    """Say whether the gold keeps its part: "Refugees treated Roux" is not "Roux treated refugees"."""
    verbs = passage.stems - {stem(w) for w in passage.names | passage.kind_asked}
    if core[0][0].isdigit() or verbs & {stem(w) for w in stretch}:
        return True
    content = [stem(w) for w in rest if w not in FILLERS | FUNCTION_WORDS and passage.asks(w)]
    return bool({"did", "do", "does"} & set(passage.question)) and _in_order(content, core, passage)


def _after_fits(beside: _Beside, core: Words, there: Words, passage: Passage) -> bool:
    """Say whether what stands behind the gold repeats the question or the passage."""
    words = beside.after
    if not words or (beside.mark_after and apposes(words, (core, beside.gold), passage)):
        return True
    if goes_on(words, core, there, marked=beside.mark_after, passage=passage):
        return True
    first = words[0]
    if first == "'s" or (first in passage.names and first not in passage.question):
        return False
    listed = beside.mark_after and first not in PREPOSITIONS | RELATIVES | FILLERS
    if listed and (first in passage.names or "or" in passage.question):
        return False
    # "Ada Brandt designed it in 1931", where the passage has "by Ada Brandt in 1931".
    tail = next((k for k in range(min(len(words) - 1, 6), 1, -1) if words[-k:] == there[:k]), 0)
    if (
        tail
        and there[0] in PREPOSITIONS
        and continues(there[:tail], core, there, marked=False, passage=passage)
    ):
        words = words[:-tail]
    return _repeats(words, beside, core, passage)


def _repeats(words: Words, beside: _Beside, core: Words, passage: Passage) -> bool:
    """Say whether words behind the gold repeat the question, with the gold in its part."""
    first = words[0]
    aged = frozenset(("year",)) if passage.question[:2] == ("how", "old") else frozenset()
    for i, word in enumerate(words):
        licensed = word in FILLERS or word in aged or passage.asks(word) or is_quoted(i, words, passage)
        if not licensed or (word in PREPOSITIONS - FILLERS and word not in passage.question):
            return False
    content = [stem(w) for w in words if w not in FILLERS | FUNCTION_WORDS | aged and passage.asks(w)]
    in_order = _in_order(content, core, passage)
    if first in COPULAS:
        return _copula_fits(words, content, core, passage)
    if "by" in words and "by" not in passage.question:
        return False
    if first in PREPOSITIONS | RELATIVES | FILLERS or beside.mark_after:
        return in_order
    owned = core[-1] == "'s" and "whose" in passage.question
    return (passage.asks_subject or is_numeric(core) or owned) and in_order


def _copula_fits(words: Words, content: list[str], core: Words, passage: Passage) -> bool:
    """Say whether "was ..." leaves the gold its part: "Roux was treated" is not "Roux treated"."""
    swapped = passage.asks_subject and not (COPULAS & set(passage.question))
    if swapped and words[1:] and words[1].endswith(("ed", "en", "n", "t")) and stem(words[1]) in content:
        return False
    own = {stem(w) for w in core}
    return _in_order(content, core, passage) or ("by" in words and set(passage.content) - own <= set(content))


def _in_order(content: list[str], core: Words, passage: Passage) -> bool:
    """Say whether words repeat the question from its first word on, or all of it.

    "Karl signed the treaty" does not say who "refused to sign the treaty".
    """
    own = {stem(w) for w in core}
    asked = [w for w in passage.content if w not in own]
    said = [w.removesuffix("er") if w not in asked else w for w in content if w not in own]
    kind = len({stem(w) for w in passage.kind_asked} & set(asked))
    return any(said == asked[k : k + len(said)] for k in range(kind + 1))
