"""An answer within a sentence that repeats the question: "Leonardo painted the Mona Lisa." Pure.

Nothing is looked up and nothing guessed: beside the answer the sentence has only words of the question and
words without a meaning of their own, in the question's order, so that nobody changes places with anybody.
"""

import re
from collections.abc import Iterator, Sequence

from taskseed.checks.reading import word_list
from taskseed.checks.short_answers.questions import BE, PREPOSITIONS, Asked, stem

__all__ = ["stated"]

_MAX_WORDS = 40
_MAX_ANSWER = 12
_WORD = re.compile(r"[-−$€£¥]?[0-9][0-9.,:/]*[0-9](?![^\W_])%?|[^\W_]+(?:['’][^\W_]+)?")
_AT_SOME_TIME = re.compile(r"\sin\s(?:the\syear\s)?[12][0-9]{3}$")
# The word for who does what a question asks about.
_DOERS = {
    "author": "write", "writer": "write", "painter": "paint", "artist": "paint", "composer": "compose",
    "inventor": "invent", "discoverer": "discover", "director": "direct", "founder": "found",
    "designer": "design",
    "sculptor": "sculpt", "architect": "design", "creator": "create", "winner": "win", "leader": "lead",
    "builder": "build", "singer": "sing",
}  # fmt: skip
_ARTICLES = frozenset({"a", "an", "the"})
# Words that may come or go without a change of meaning.
_FREE = (
    _ARTICLES
    | BE
    | frozenset(
        word_list("has have had do does did there it he she they this that these those its our who which")
    )
)
_OPENING = _ARTICLES | frozenset(word_list("it is was that this they he she are were there"))
_CALLING = frozenset(word_list("called named known as termed"))
_TAKING_PLACE = frozenset(word_list("happened occurred took place located situated found lies lie stands"))
_WHERE_AND_WHEN = frozenset({"in", "on", "at"})
_DESCRIBED = re.compile(
    r"[a-z]{2,}(?:er|or|ist|ian|eer|man|woman|ess|ect|wright)"
    r"|astronaut|cosmonaut|athlete|monk|pilot|chef|hero|king|queen|president|pope|poet"
)
_NO_DESCRIPTION = frozenset(
    word_list(
        "former other another later earlier elder older younger neither either never rather lesser greater "
        "upper lower outer inner nor for over under after however whether perhaps being during nothing "
        "anything"
    )
)
_PEOPLES = re.compile(r"[A-Z][a-z]{2,}(?:an|ish|ese|ic|ch|ek|ss|se|i)(?:-born)?")


_WORKS = r"plays?|novels?|books?|poems?|operas?|films?|movies?|songs?|paintings?|symphon(?:y|ies)|ballets?"


def stated(text: str, asked: Asked) -> Iterator[str]:
    """Yield the parts of a sentence that may be its answer, where all the rest repeats the question.

    Each of them stands where the question asks for it: "Wellington defeated Napoleon." yields "Wellington"
    for "Who defeated Napoleon?", and "Napoleon defeated Wellington." yields nothing.
    """
    if asked.role != "adjunct" and not any(w[0].isdigit() for w in asked.words):
        text = _AT_SOME_TIME.sub("", text)
    found = list(_WORD.finditer(text))
    if text.strip(" .").casefold() in asked.text.casefold():
        return  # it names what the question names: "carbon dioxide" is not "carbon"
    if not asked.role or asked.negated or not 1 < len(found) <= _MAX_WORDS or _breaks(text):
        return
    words = [m[0].replace("’", "'").casefold().rstrip("%") for m in found]
    own = {stem(w) for w in asked.words} | ({"city"} if "capital" in asked.words else set())
    own |= {doer for doer, does in _DOERS.items() if stem(does) in own}
    foreign = [i for i, w in enumerate(words) if not (_is_light(w) or stem(w) in own)]
    low, high = (foreign[0], foreign[-1] + 1) if foreign else (len(words), 0)
    for start in range(min(low, len(words) - 1) + 1):
        for end in range(max(high, start + 1), min(start + _MAX_ANSWER, len(words)) + 1):
            before, after = words[:start], words[end:]
            if (before or after) and _fits(before, after, asked, words[start]):
                yield text[found[start].start() : found[end - 1].end()]
    yield from _described(text, found, words, asked, own)


def _breaks(text: str) -> bool:
    """Say whether a text is more than one sentence, or a question."""
    return re.search(r"[?;\n]|[.!]\s+[A-Z].{6}", text) is not None


def _is_light(word: str) -> bool:
    return (
        word in _FREE or word in PREPOSITIONS or word in _CALLING or word in _TAKING_PLACE or word == "year"
    )


def _described(
    text: str, found: Sequence[re.Match[str]], words: list[str], asked: Asked, own: set[str]
) -> Iterator[str]:
    """Yield a name behind what somebody is: "by the French sculptor Auguste Bartholdi"."""
    for at in range(len(words) - 1):
        name = found[at + 1][0]
        if not (_DESCRIBED.fullmatch(found[at][0]) and name[:1].isupper()) or words[at] in _NO_DESCRIPTION:
            continue
        first = at
        while first > 0 and (
            _PEOPLES.fullmatch(found[first - 1][0])
            or (_DESCRIBED.fullmatch(found[first - 1][0]) and words[first - 1] not in _NO_DESCRIPTION)
        ):
            first -= 1
        if first and words[first - 1] in _ARTICLES:
            first -= 1
        elif first and words[first - 1] not in BE and words[first - 1] != "by":
            continue
        for end in range(at + 2, min(at + 2 + _MAX_ANSWER, len(words)) + 1):
            before, after = words[:first], words[end:]
            rest_known = all(_is_light(w) or stem(w) in own for w in (*before, *after))
            if rest_known and (
                _fits(before, after, asked, "") or (asked.person and not before and not after)
            ):
                yield text[found[at + 1].start() : found[end - 1].end()]


def _fits(before: list[str], after: list[str], asked: Asked, opens: str) -> bool:
    """Say whether an answer between these words, which opens with this word, is the one that is asked for."""
    if before and not after and _CALLING.issuperset(before[:1]) and _ARTICLES.issuperset(before[1:]):
        return True  # "[It is] called a joey"
    if asked.role == "adjunct":
        return _fits_adjunct(before, after, asked, opens)
    if asked.role == "object":
        return _fits_object(before, after, asked)
    return (
        _fits_subject(before, after, asked) or _fits_named(before, after, asked) or _by(before, after, asked)
    )


def _fits_subject(before: list[str], after: list[str], asked: Asked) -> bool:
    """ "Leonardo painted the Mona Lisa", "It was Leonardo who painted it"."""
    if not _OPENING.issuperset(before) or not _shape(after):
        return False
    if after[0] == "by" and _ARTICLES.issuperset(before) and asked.has(_WORKS):
        return {stem(w) for w in after[1:]} <= {stem(w) for w in asked.words}
    be_said = not BE.isdisjoint(after)
    if be_said != (not BE.isdisjoint(asked.words)):
        return False
    shape = [w for w in _shape(after) if w != "than" or "or" not in asked.words or "than" in asked.words]
    return _follows(shape, asked)


def _fits_named(before: list[str], after: list[str], asked: Asked) -> bool:
    """ "The capital of France is Paris", "The process is called photosynthesis"."""
    if after:
        return False
    subject = list(before)
    while subject and (subject[-1] in _ARTICLES or subject[-1] in _CALLING):
        subject.pop()
    if not subject or subject[-1] not in BE:
        return False
    shape = _shape(subject[:-1])
    if "with" not in asked.words and not {"has", "have", "had"}.isdisjoint(asked.words):
        shape = [w for w in shape if w != "with"]
    if not shape:
        return _OPENING.issuperset(subject) and before[-1] in _CALLING | _ARTICLES
    if asked.role == "subject" and stem(_DOERS.get(shape[0], "")) in _shape(asked.words)[:1]:
        return shape[1:2] in ([], ["of"]) and _in_order(shape[2:], _shape(asked.words))
    if not BE.isdisjoint(subject[:-1]) or asked.head not in shape:
        return False
    opens = stem(next((w for w in subject if w not in _ARTICLES), ""))
    named = asked.role == "named" or opens == asked.head or not BE.isdisjoint(asked.words)
    return named and _follows(shape, asked)


def _by(before: list[str], after: list[str], asked: Asked) -> bool:
    """ "The Mona Lisa was painted by Leonardo", where the question is "Who painted the Mona Lisa?"."""
    lead = _without_articles(before)
    if lead[-1:] != ["by"] or not BE.isdisjoint(asked.words):
        return False
    at = next((i for i, w in enumerate(lead) if w in BE), -1) + 1  # no "was": "[It was] painted by Leonardo"
    verb, shape = stem(lead[at]), _shape(asked.words)
    if verb not in shape or (not at and len(lead) > 2):
        return False
    shape.remove(verb)
    return _in_order(_shape(lead[:at]) + _shape(lead[at + 1 : -1]) + _shape(after), shape, strict=False)


def _fits_object(before: list[str], after: list[str], asked: Asked) -> bool:
    """ "Edison invented the phonograph", "The phonograph was invented by Edison"."""
    shape = _shape(asked.words)
    if "call" in shape[:3] and len(before) > 2 and not after:  # "What do you call a baby kangaroo?"
        named = _without_articles(before)
        return named[-1] in _CALLING and named[-2] in BE and _in_order(_shape(named[:-2]), shape)
    if _OPENING.issuperset(before):
        after = _without_articles(after)
        passive = len(after) > 3 and after[0] in BE and after[2] == "by" and stem(after[1]) in shape
        if not passive or before not in ([], ["the"], ["a"], ["an"]):
            return False
        shape.remove(stem(after[1]))
        return _in_order(_shape(after[3:]), shape)
    if BE.isdisjoint(asked.words) and not BE.isdisjoint(before):
        return False
    if len(_shape(before)) < 2 and before[0] not in _OPENING:
        return False  # "Springfield, Illinois"
    last = _without_articles(before)[-1]
    if last in PREPOSITIONS and last != asked.before:
        return False
    return _in_order(_shape(before) + _shape(after), shape)


def _fits_adjunct(before: list[str], after: list[str], asked: Asked, opens: str) -> bool:
    """ "The wall fell in 1989", "In 1989, the wall fell", "There are 206 bones in the body"."""
    lead = _without_articles(before)
    noun = {stem(w) for w in asked.noun} | {"year"}
    if len(lead) > 2 and stem(lead[0]) in noun and lead[1] == "of" and lead[-1] in BE:
        lead = lead[2:]  # "the colour of the sky is"
    while lead and stem(lead[-1]) in noun and not asked.has("how"):
        lead.pop()
    if lead[-1:] == ["of"] and asked.before != "of":
        lead.pop()
        while lead and stem(lead[-1]) in noun:
            lead.pop()
    if lead and lead[-1] in PREPOSITIONS:
        if lead[-1] not in (_WHERE_AND_WHEN if not asked.before else {asked.before}) | (
            {"in", "on"} if asked.before in ("in", "on") else set()
        ):
            return False
        lead.pop()
    elif not asked.has("how|what colou?r") and not (lead and lead[-1] in BE) and opens not in PREPOSITIONS:
        return False
    if asked.has("how") and not lead and not after:
        return False
    said = [w for w in lead if w not in _TAKING_PLACE] + [w for w in after if w not in _TAKING_PLACE]
    moved = {stem(w) for w in asked.noun} | {"many", "much"} if asked.words[:1] == ("how",) else set()
    shape = [w for w in _shape(asked.words) if w not in moved]
    return _in_order([w for w in _shape(said) if w not in moved], shape)


def _without_articles(words: Sequence[str]) -> list[str]:
    return [w for w in words if w not in _ARTICLES]


def _shape(words: Sequence[str]) -> list[str]:
    """Return the stems that carry the meaning, in order; "France's capital" is "capital of France"."""
    out: list[str] = []
    start, at = 0, 0
    while at < len(words):
        word = words[at]
        if word.endswith("'s") and word[:-2] not in ("it", "that", "what", "who") and at + 1 < len(words):
            end = at + 1
            while end < len(words) and not (words[end] in _FREE or words[end] in PREPOSITIONS):
                end += 1
            owner = [stem(w) for w in words[start : at + 1]]
            del out[len(out) - (at - start) :]
            out += [stem(w) for w in words[at + 1 : end]] + ["of", *owner]
            at = start = end
            continue
        if word in _FREE or (word == "city" and at and words[at - 1] == "capital"):
            start = at + 1
        else:
            out.append(word if word in PREPOSITIONS else stem(word))
            start = at + 1 if word in PREPOSITIONS else start
        at += 1
    return out


def _follows(said: list[str], asked: Asked) -> bool:
    """Say whether a text follows the question, wherever it has the noun that is asked for: "the largest
    state" for "which state is largest"."""
    shape = _shape(asked.words)
    if _in_order(said, shape):
        return True
    noun = {stem(w) for w in asked.noun}
    bare = [w for w in said if w not in noun]
    return bool(bare) and _in_order(bare, [w for w in shape if w not in noun])


def _in_order(said: list[str], asked: list[str], *, strict: bool = True) -> bool:
    """Say whether all that is said stands in the question, in its order, with no preposition left out
    between two of its words."""
    at, first = 0, True
    for word in said:
        try:
            found = asked.index(word, at)
        except ValueError:
            return False
        if strict and not first and not PREPOSITIONS.isdisjoint(asked[at:found]):
            return False
        at, first = found + 1, False
    return True
