"""What a question asks for, as far as its words say so, and what part the answer plays. Pure."""

import functools
import re
from dataclasses import dataclass
from typing import Literal

from taskseed.checks.numbers.numerals import ORDINALS, SMALL
from taskseed.checks.reading import clean, word_list
from taskseed.checks.stems import IRREGULAR
from taskseed.checks.stems import stem as stem_of

__all__ = ["BE", "NO_QUESTION", "PREPOSITIONS", "Asked", "Role", "read_question", "stem", "words_of"]

Role = Literal["named", "subject", "object", "adjunct", ""]

BE = frozenset(word_list("is are was were be been"))
_DO = frozenset(word_list("do does did"))
_HELPERS = BE | _DO | frozenset(word_list("has have had can could will would should may might must"))
PREPOSITIONS = frozenset(
    word_list(
        "in on at of to from for with by into as during through after before than against under over "
        "between near around about without within since until across behind beyond towards toward"
    )
)
_ARTICLES = frozenset({"a", "an", "the"})
_NEGATIONS = frozenset(
    word_list("not no never except without neither nor cannot least false incorrect wrong")
)
_WORD = re.compile(r"[0-9][0-9.,]*[0-9](?![^\W_])|[^\W_]+(?:'[^\W_]+)?")
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n")
# Nouns of which "What colour is the sky?" asks: the thing behind the verb has them.
_ATTRIBUTES = frozenset(
    word_list(
        "color colour shape size age temperature length height width weight mass speed year month day date "
        "time language currency century decade season religion nationality"
    )
)
_TIMES = frozenset(word_list("year month day date time century decade season"))
_PERSONS = frozenset(
    word_list(
        "king queen monarch president pope saint scientist general poet man woman person people prophet "
        "philosopher prince princess chief astronaut pilot god goddess figure architect hero name judge tsar "
        "czar pharaoh sultan athlete"
    )
)
_NO_PERSONS = frozenset(
    word_list(
        "river water number letter order chapter paper computer tower winter summer september october "
        "december "
        "november computer colour color organ factor sensor motor layer power center centre character matter "
        "member computer border disorder cancer fever"
    )
)
_PERSON_ENDING = re.compile(r"[a-z]{2,}(?:ist|ian|er|or|eer|man|woman|ess)$")
_ORDINAL = re.compile(r"[0-9]{1,4}(?:st|nd|rd|th)")
_NUMBERS = {w: str(n) for n, w in enumerate(SMALL)} | {w: f"{n}th" for w, n in ORDINALS.items()}
_SHORTENED = re.compile(r"\b(what|who|where|when|how)'s\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    :param words: the words of the sentence that asks, from its question word on, casefolded; empty where
        nothing could be read.
    :param role: what the answer is in the sentence that answers: `named` ("What is the capital of France?"),
        its `subject` ("Who painted it?"), its `object` ("What did he invent?"), an `adjunct` ("When …?").
    :param noun: the words for the thing that is asked for ("longest river"); the last is its head.
    :param before: the preposition before the question word ("In which city"), or the one at the end.
    :param negated: the question takes something away: "not", "except".
    :param person: it asks for a person.
    :param text: the whole question in one spelling of its signs.
    """

    words: tuple[str, ...] = ()
    role: Role = ""
    noun: tuple[str, ...] = ()
    before: str = ""
    negated: bool = False
    person: bool = False
    text: str = ""

    @property
    def head(self) -> str:
        """The stem of the noun that names what is asked for; empty where there is none."""
        return stem(self.noun[-1]) if self.noun else ""

    def has(self, pattern: str) -> bool:
        """Say whether a pattern of few words stands in the question, as whole words, in any case."""
        return re.search(rf"\b(?:{pattern})\b", self.text, re.IGNORECASE) is not None


NO_QUESTION = Asked()


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text, casefolded; "France's" is one."""
    return _WORD.findall(clean(text).casefold())


def stem(word: str) -> str:
    """Return the stem of a word, and a number or an ordinal in digits."""
    if word in _NUMBERS or _ORDINAL.fullmatch(word):
        return _NUMBERS.get(word) or word[:-2] + "th"
    return stem_of(word)


@functools.lru_cache(maxsize=512)
def read_question(question: str) -> Asked:
    """Return what a question asks for; `NO_QUESTION` where there is none. Only its last sentence is read."""
    text = _SHORTENED.sub(r"\1 is", clean(question[-2000:]).strip())
    sentences = [s for s in _SENTENCE.split(text) if s.strip()]
    if not sentences:
        return NO_QUESTION
    asking = next((s for s in reversed(sentences) if "?" in s), sentences[-1])
    words = _WORD.findall(asking.casefold())[:80]
    start = next((i for i, w in enumerate(words) if w in _OPENERS), None)
    negated = not _NEGATIONS.isdisjoint(words) or any(w.endswith("n't") for w in words)
    if start is None:
        return Asked(tuple(words), negated=negated, text=text)
    before = words[start - 1] if start and words[start - 1] in PREPOSITIONS else ""
    if not before and words[-1] in PREPOSITIONS:
        before = words[-1]
    opener, rest = words[start], words[start + 1 :]
    noun, role = _READERS[opener](rest, before)
    head = stem(noun[-1]) if noun else ""
    person = opener in ("who", "whom", "whose") or (bool(noun) and _names_person(noun[-1]))
    if opener == "how" and head:
        person = False
    role = "object" if role in ("named", "subject") and words[-1] in PREPOSITIONS else role
    if start and words[start - 1] in PREPOSITIONS:
        role = "adjunct"
    return Asked(tuple(words[start:]), role, tuple(noun), before, negated, person, text)


def _names_person(noun: str) -> bool:
    single = noun.removesuffix("s")
    return single in _PERSONS or (single not in _NO_PERSONS and _PERSON_ENDING.fullmatch(single) is not None)


def _thing(rest: list[str]) -> tuple[list[str], int]:
    """Return the noun that a question word is followed by ("which Great Lake is"), and where it ends."""
    end = 0
    while end < min(len(rest), 5) and rest[end] not in _HELPERS and rest[end] not in PREPOSITIONS:
        end += 1
    return rest[:end], end


def _phrase(rest: list[str]) -> list[str]:
    """Return the noun behind "What is": "the longest river", "the name of the river", "one of the lakes"."""
    words = [w for w in rest[:12] if w not in _ARTICLES]
    noun: list[str] = []
    for word in words:
        if word == "of" and noun and (noun[-1] in ("name", "one", "two") or noun[-1].endswith("est")):
            noun = [w for w in noun if w != "name"]
            continue
        if word in PREPOSITIONS or word in _HELPERS or word in _ENDING:
            break
        noun.append(word)
    return noun


_ENDING = frozenset(word_list("that which who whose where when called known named made"))


def _which(rest: list[str], before: str) -> tuple[list[str], Role]:
    kind_of = len(rest) > 2 and rest[0] in ("type", "kind", "sort", "form") and rest[1] == "of"
    rest = rest[2:] if kind_of else rest
    thing, end = _thing(rest)
    helper = rest[end] if end < len(rest) else ""
    if not thing and helper in BE:
        noun = _phrase(rest[1:])
        return noun, "named"
    if helper in _DO:
        return thing, "adjunct" if thing and thing[-1] in _TIMES else "object"
    if helper in BE and thing:
        follows = rest[end + 1] if end + 1 < len(rest) else ""
        done = follows in IRREGULAR or follows.endswith(("ed", "ing"))
        has_it = (thing[-1] in _ATTRIBUTES and not done) or (kind_of and follows in _ARTICLES)
        return thing, "adjunct" if has_it else "subject"
    if helper in _HELPERS and helper:
        return thing, "subject"
    # No helper: the noun ends somewhere before the verb, which nobody marks.
    return thing[: _noun_length(thing)], "subject"


def _noun_length(words: list[str]) -> int:
    """Return how many words before the verb there are: one, and what surely qualifies it."""
    qualifying = re.compile(r".*(?:est|ic|al|an|ish|ese|ous|ian|ern|ary|ive)$")
    known = next((i + 1 for i, w in enumerate(words[:4]) if w.removesuffix("s") in _THINGS), 0)
    if known:
        return known
    n = 1
    while n < len(words) and (qualifying.match(words[n - 1]) or words[n - 1] in _QUALIFYING):
        n += 1
    return n


# What "Which …" often asks for, to know the noun before a verb.
_THINGS = frozenset(
    word_list(
        "play novel book film movie song opera painting poem symphony album river city country state "
        "lake ocean sea "
        "mountain desert island planet moon animal bird organ bone gas element metal mineral acid "
        "vitamin hormone "
        "king queen president emperor pharaoh pope scientist physicist chemist author writer poet "
        "composer painter "
        "artist philosopher mathematician explorer inventor treaty battle war language religion company "
        "team club "
        "particle organelle gland tree fruit festival dynasty empire canal musical man woman god goddess"
    )
)
_QUALIFYING = frozenset(
    word_list(
        "us uk great large small famous major main common first second third two three four french "
        "greek dutch "
        "irish welsh world's body chemical noble blood"
    )
)


def _who(rest: list[str], before: str) -> tuple[list[str], Role]:
    helper = rest[0] if rest else ""
    if helper in BE:
        noun = _phrase(rest[1:])
        return noun, "named"
    return [], "object" if helper in _DO else "subject"


def _whom(rest: list[str], before: str) -> tuple[list[str], Role]:
    return [], "object"


def _when(rest: list[str], before: str) -> tuple[list[str], Role]:
    return [], "adjunct"


def _how(rest: list[str], before: str) -> tuple[list[str], Role]:
    if rest[:1] in (["many"], ["much"]):
        thing, _ = _thing(rest[1:])
        return thing[: _noun_length(thing)] if thing else [], "adjunct"
    return rest[:1], "adjunct"


def _name(rest: list[str], before: str) -> tuple[list[str], Role]:
    return _phrase(rest), "named"


_READERS = {
    "what": _which, "which": _which, "who": _who, "whom": _whom, "whose": _whom, "when": _when,
    "where": _when, "how": _how, "name": _name, "identify": _name, "give": _name, "state": _name,
}  # fmt: skip
_OPENERS = frozenset(_READERS)
