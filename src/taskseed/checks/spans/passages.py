"""What a comparison needs of a passage and its question: words, names, acronyms, what is asked for. Pure."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from taskseed.checks.reading import clean, word_list
from taskseed.checks.short_answers.short import ABBREVIATIONS
from taskseed.checks.spans.stems import FUNCTION_WORDS, TITLES
from taskseed.checks.spans.words import MARKS, UNITS, Words, span_words
from taskseed.checks.stems import stem

__all__ = ["Passage", "at_all", "read_passage"]

_NAME = re.compile(r"[^\W\d_][\w'’.-]*")
_NO_NAMES = frozenset(
    word_list(
        "i he she it they we you his her its their in on at from to by with for of and but or as when "
        "while after before if this that these those there then 's not no all each some most many one "
        "two"
    )
) | MARKS  # fmt: skip
_BRACKETED = re.compile(r"([^\W\d_][^().;\n]{2,100}?)\s\(([A-Z][A-Za-z.&]{1,9})\)")
_SMALL = frozenset(word_list("of the and for in on to a an de la du und"))
_ENDS = frozenset(".;?!")
_ASKED = frozenset(word_list("what which whom who whose where when how"))
_ASKING = frozenset(
    word_list("is was were are did do does has had have can could may might will would should")
)
_UNIT_WORDS = frozenset(UNITS.values()) | {
    "square",
    "cubic",
    "percent",
    "degree",
    "celsius",
    "fahrenheit",
    "people",
}


@functools.lru_cache(maxsize=64)
def names_in(text: str) -> frozenset[str]:
    """Return the words that a text writes with a capital wherever they stand: its names.

    A word that only begins sentences is one where another such word follows it ("Lena Strobl"), or where it
    is written so in the middle of a sentence elsewhere.
    """
    cleaned = clean(text)
    lower = {m[0] for m in _NAME.finditer(cleaned) if m[0][0].islower()}
    found: set[str] = set()
    last_end, last = 0, ""
    for m in _NAME.finditer(cleaned):
        word, between = m[0], cleaned[last_end : m.start()]
        starts = (
            not last_end
            or re.search(r"[.!?]\s|\n", between)
            or (last[-1:] == "." and last not in ABBREVIATIONS)
        )
        last_end, last = m.end(), word.casefold()
        if not word[0].isupper() or word.casefold().rstrip(".") in lower:
            continue
        follows = re.match(r"\s(?:of\s)?[A-Z]|'s\b", cleaned[m.end() : m.end() + 6])
        if not starts or follows or cleaned.count(word) > 1:
            found.update(span_words(word))
    return frozenset(found - _NO_NAMES)


def capitals_in(text: str) -> frozenset[str]:
    """Return the words that a text writes with a capital anywhere."""
    found = (span_words(m[0]) for m in _NAME.finditer(clean(text)) if m[0][0].isupper())
    return frozenset(word for words in found for word in words) - _NO_NAMES


@functools.lru_cache(maxsize=64)
def short_forms(passage: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the acronyms that a passage explains in brackets ("Chlorofluorocarbons (CFCs)"), with what they
    stand for.
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for m in _BRACKETED.finditer(clean(passage)):
        letters = re.sub(r"[^A-Za-z]", "", m[2])
        capitals = letters.rstrip("s") if letters[:-1].isupper() else letters
        if len(capitals) > 1 and capitals.isupper():
            long = _expanded(capitals.casefold(), m[1].split())
            if long:
                found[span_words(m[2])] = span_words(" ".join(long))
    return found


def _expanded(letters: str, words: list[str]) -> list[str]:
    """Return the last words whose initials are these letters, or the one word that has them in a row."""
    at = len(words)
    left = list(letters)
    while at and left:
        at -= 1
        initial = words[at][:1].casefold()
        if initial == left[-1]:
            left.pop()
        elif words[at].casefold() not in _SMALL:
            break
    if not left:
        return words[at:]
    signs = iter(words[-1].casefold())
    return words[-1:] if words[-1][:1].casefold() == letters[0] and all(c in signs for c in letters) else []


def at_all(part: Words, whole: Words) -> Iterator[int]:
    """Yield where words stand in a row in others."""
    at = -1
    while part and True:
        try:
            at = whole.index(part[0], at + 1)
        except ValueError:
            return
        if whole[at : at + len(part)] == part:
            yield at


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and its question, read once.

    :param words: the passage's words; of its marks only those that end a sentence or clause, as ".".
    :param marked: the passage's words with all marks.
    :param readings: the words, and where the passage has brackets, the words without what is in them.
    :param question: the question's words.
    :param stems: their stems.
    :param content: the stems of those words that are no function words, in their order.
    :param names: the words that passage and question write with a capital.
    :param capitals: all the words that the passage writes with a capital.
    :param asks_subject: whether the question asks who or what did something ("Who designed it?").
    """

    words: Words
    marked: Words
    readings: tuple[Words, ...]
    question: Words
    stems: frozenset[str]
    content: Words
    names: frozenset[str]
    capitals: frozenset[str]
    forms: tuple[tuple[Words, Words], ...]
    asks_subject: bool

    def asks(self, word: str) -> bool:
        """Say whether the question has a word, in whichever form: "winner" where it asks who won."""
        agent = len(word) > 4 and word.endswith(("er", "or")) and stem(word[:-2]) in self.stems
        return stem(word) in self.stems or agent

    @property
    def asked_with(self) -> frozenset[str]:
        """Return the prepositions that the question puts to what it asks for: "by whom", "moved to?"."""
        pairs = zip(self.question, self.question[1:], strict=False)
        return frozenset(word for word, after in pairs if after in _ASKED) | frozenset(self.question[-1:])

    @property
    def kind_asked(self) -> frozenset[str]:
        """Return the words behind "which" and "what": the kind of thing that is asked for."""
        at = next((i for i, w in enumerate(self.question) if w in ("which", "what")), -1)
        return frozenset() if at < 0 else frozenset(self.question[at + 1 : at + 3]) - FUNCTION_WORDS

    @property
    def known(self) -> frozenset[str]:
        """Return every word of passage and question."""
        return frozenset(self.words) | frozenset(self.question)

    @property
    def titles(self) -> frozenset[str]:
        """Return the words that name what somebody is, with or without a capital."""
        return TITLES

    @property
    def units(self) -> frozenset[str]:
        """Return the units of measure."""
        return _UNIT_WORDS

    def in_full(self, words: Words) -> Words:
        """Return words with the passage's acronyms written out, and dropped in brackets behind their name."""
        for short, long in self.forms:
            words = _replaced(words, (*long, "(", *short, ")"), long)
            words = _replaced(words, (*short, "(", *long, ")"), long)
            words = _replaced(words, short, long)
        return words


def _replaced(words: Words, old: Words, new: Words) -> Words:
    out: list[str] = []
    at = 0
    while at < len(words):
        if words[at : at + len(old)] == old:
            out.extend(new)
            at += len(old)
        else:
            out.append(words[at])
            at += 1
    return tuple(out)


@functools.lru_cache(maxsize=64)
def read_passage(context: str, question: str) -> Passage:
    """Return what a comparison needs of a passage and its question."""
    forms = tuple(short_forms(context).items())
    empty = Passage((), (), (), (), frozenset(), (), frozenset(), frozenset(), forms, False)
    marked = empty.in_full(span_words(context))
    words = _without_marks(marked)
    short = _without_marks(_without_brackets(marked))
    asked = tuple(w for w in empty.in_full(span_words(question)) if w not in MARKS)
    content = tuple(stem(w) for w in asked if w not in FUNCTION_WORDS)
    first = next((i for i, w in enumerate(asked) if w in ("who", "what", "which")), -1)
    verb = asked[first + 1] if 0 <= first < len(asked) - 1 else ""
    subject = first == 0 and verb not in _ASKING and not {"did", "do", "does"} & set(asked)
    return Passage(
        words=words,
        marked=marked,
        readings=(words,) if short == words else (words, short),
        question=asked,
        stems=frozenset(map(stem, asked)),
        content=content,
        names=names_in(context) | names_in(question),
        capitals=capitals_in(context),
        forms=forms,
        asks_subject=subject,
    )


def _without_marks(words: Words) -> Words:
    return tuple("." if w in _ENDS else w for w in words if w not in MARKS or w in _ENDS)


def _without_brackets(words: Words) -> Words:
    out: list[str] = []
    depth = 0
    for word in words:
        depth = max(0, depth + {"(": 1, ")": -1}.get(word, 0))
        if not depth and word != ")":
            out.append(word)
    return tuple(out)
