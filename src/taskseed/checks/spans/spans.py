"""Whether an answer names the stretch of a passage that the gold names, with more or less of it. Pure.

The passage decides: what an answer says beside the gold must stand beside it there too, or repeat the
question; what it leaves out must be a title, a first name, an apposition or a preposition, where the passage
has nobody and nothing else of that name.
"""

import re
from collections.abc import Iterator

from taskseed.checks.lists.asked_order import order_counts
from taskseed.checks.numbers.quantities import parse_number
from taskseed.checks.reading import spoken
from taskseed.checks.rules import Rules
from taskseed.checks.short_answers.dates import read_date
from taskseed.checks.short_answers.short import equal_short, occurs_in, plain_answer, read_count
from taskseed.checks.spans.names import golds
from taskseed.checks.spans.passages import Passage, at_all, read_passage
from taskseed.checks.spans.sentences import states
from taskseed.checks.spans.stems import FILLERS, JOINING, JUDGING, NEGATIONS, PREPOSITIONS
from taskseed.checks.spans.words import MARKS, UNITS, Words, span_words
from taskseed.checks.stems import stem

__all__ = ["same_span", "stands_in"]

_MAX_CONTEXT = 20_000
_MAX_WORDS = 120  # of an answer
_BULLETS = re.compile(r"\s{0,9}\n\s{0,9}(?:(?:[-*•–]|\(?[0-9]{1,2}[.)])\s{1,4})?")
_FIRST_BULLET = re.compile(r"(?:[-*•–]|\(?1[.)])\s{1,4}")


def same_span(said: str, gold: str, rules: Rules) -> bool:
    """Say whether an answer surely names the stretch of the passage that the gold names.

    True for the gold in a sentence that repeats the question, for the gold with what stands beside it in the
    passage, for a surname, a resolved pronoun, an acronym or another exact form; False where it is not sure.
    """
    passage = read_passage((rules.context or "")[:_MAX_CONTEXT], rules.question[-2000:])
    text = plain_answer(said)
    if "why" in passage.question and "because" in said:
        text = spoken(said) or ""  # the reason is what is asked for
    if "\n" in said.strip():
        text = _BULLETS.sub(", ", _FIRST_BULLET.sub("", (spoken(said) or "").strip(), count=1))
    words, right = passage.in_full(span_words(text)), passage.in_full(span_words(plain_answer(gold)))
    while words and words[-1] in MARKS:
        words = words[:-1]
    if not set(words) - MARKS or not set(right) - MARKS or len(words) > _MAX_WORDS or len(right) > _MAX_WORDS:
        return False
    known = occurs_in(gold, rules.context or "") or _found(right, passage)
    if (
        rules.context
        and not known
        and not all(_found(item, passage) for item in _items(right, passage) or [()])
    ):
        return False
    if {"?", "!"} & set(words) or ("£" in said and "£" not in gold + (rules.context or "")):
        return False
    words = _behind_colon(words, passage)
    if words[0][0].isdigit() and len(words) < 7 and _same_amount(said, gold, rules):
        return True
    readings = [words, *_contrasts(words, right, passage)]
    variants = golds(right, passage)
    if any(states(reading, variant, right, passage) for reading in readings for variant in variants):
        return True
    return not order_counts(rules.question) and _same_items(words, right, passage)


def _behind_colon(words: Words, passage: Passage) -> Words:
    """Return what "The winner: X" says of the question."""
    if words.count(":") != 1:
        return words
    at = words.index(":")
    head = words[:at]
    if (NEGATIONS | JOINING | JUDGING) & set(head) or not all(w in FILLERS or passage.asks(w) for w in head):
        return words
    return words[at + 1 :] if not set(head) & passage.names or head[-1] not in passage.names else words


def stands_in(said: str, context: str) -> bool:
    """Say whether an answer's words stand in a passage, in a row, in whichever exact form."""
    passage = read_passage(context[:_MAX_CONTEXT], "")
    words = passage.in_full(span_words(plain_answer(said)))
    if _found(words, passage):
        return True
    return not _beside_number(said) and occurs_in(said, context)


def _beside_number(text: str) -> frozenset[str]:
    """Return the words that a text's key leaves out where it is a number: "of jobs" for "12% of jobs"."""
    count = read_count(text)
    if count is None:
        return frozenset()
    kept = frozenset(map(stem, span_words(str(count))))
    units = frozenset(UNITS.values()) | MARKS
    return frozenset(w for w in span_words(plain_answer(text)) if stem(w) not in kept and w not in units)


def _found(words: Words, passage: Passage) -> bool:
    bare = tuple(w for w in words if w not in MARKS)
    return bool(bare) and next(at_all(bare, passage.words), None) is not None


def _same_amount(said: str, gold: str, rules: Rules) -> bool:
    """Say whether both are one quantity or one date, in two exact forms."""
    texts = plain_answer(said), plain_answer(gold)
    x, y = (parse_number(text) for text in texts)
    if not _beside_number(said) <= set(span_words(texts[1])):
        return False
    exact = x is not None and y is not None and bool(x.unit) == bool(y.unit)
    return (exact or all(read_date(text) is not None for text in texts)) and equal_short(
        said, gold, (), rules
    ) == "equal"


def _contrasts(words: Words, gold: Words, passage: Passage) -> Iterator[Words]:
    """Yield what remains of "not X, but Y", "Y, not X", "Y, but not X", "Y rather than X"."""
    kept: Words = ()
    left: Words = ()
    if words[0] == "not" and "but" in words:
        at = words.index("but")
        kept, left = words[at + 1 :], words[1:at]
    for joint in (("but", "not"), (",", "not"), ("(", "not"), ("rather", "than"), ("instead", "of")):
        at = next(at_all(joint, words), 0)
        if at and words[0] != "not":
            kept, left = words[:at], words[at + 2 :]
            break
    left = tuple(w for w in left if w not in MARKS)
    kept = tuple(w for w in kept if w != "(") if kept[-1:] == ("(",) else kept
    known = left and all(w in passage.known for w in left) and len(left) < 12
    clear = not ((JOINING | NEGATIONS) & set(left)) and not (NEGATIONS & set(kept))
    bare = tuple(w for w in gold if w not in MARKS)
    core = bare[1:] if bare[0] in PREPOSITIONS else bare
    if not known or not clear or next(at_all(left, core), None) is not None:
        return
    if next(at_all(core, left), None) is not None:
        return
    yield tuple(w for i, w in enumerate(kept) if not (w in MARKS and i in (0, len(kept) - 1)))


def _same_items(words: Words, gold: Words, passage: Passage) -> bool:
    """Compare two lists without their order: "A and B Ferrer" is "B Ferrer and A Ferrer"."""
    left, right = _items(words, passage), _items(gold, passage)
    if len(left) != len(right) or len(left) < 2 or len(left) > 12:
        return False
    if all(item[0][0].isdigit() for item in right):
        return left == right
    rest = list(right)
    for item in left:
        found = next(
            (other for other in rest if any(states(item, v, other, passage) for v in golds(other, passage))),
            None,
        )
        if found is None:
            return False
        rest.remove(found)
    return True


def _items(words: Words, passage: Passage) -> list[Words]:
    if (JOINING - {"and", "plus"} | NEGATIONS | {".", ";", "(", ":"}) & set(words):
        return []
    items: list[Words] = []
    item: list[str] = []
    for word in (*words, ","):
        if word in (",", "and", "plus"):
            if item:
                items.append(tuple(item[1:] if item[0] == "1" and len(item) > 1 else item))  # "a pike"
            item = []
        else:
            item.append(word)
    last = items[-1] if items else ()
    if len(items) == 2 and len(items[0]) == 1 and len(last) == 2 and {*items[0], *last} <= passage.names:
        items[0] = (items[0][0], last[1])  # "Ana and Lucia Ferrer"
    return items
