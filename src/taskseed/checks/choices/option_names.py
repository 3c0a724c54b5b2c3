"""Which option a text names by its own text, its label, or both, at its beginning. Pure.

What names an option by its label and another by its text, or may mean either, names none.
"""

import re
from collections.abc import Sequence

from taskseed.checks.choices.option_words import by_wording
from taskseed.checks.numbers.quantities import equal_numbers, parse_number
from taskseed.checks.reading import TAKEN_BACK, clean, normalise_text, spoken, without_explanation, word_list

__all__ = [
    "DOUBT",
    "LONGEST",
    "by_beginning",
    "by_head",
    "by_label",
    "by_text",
    "by_text_or_label",
    "contradicts_itself",
    "is_other_letter",
    "speaks_for_no_other",
]

_NAME = r"(?:option|choice|answer|letter|statement)\s{1,2}"
_BARE_LABEL = re.compile(rf"(?:{_NAME})?[(\[{{<]{{0,2}}([A-Za-z])[)\]}}>]{{0,2}}[).:!]?", re.IGNORECASE)
_LABEL_AND_TEXT = re.compile(
    rf"(?:{_NAME})?(?:[(\[<]([A-Za-z])[)\]>][:.,]?|([A-Za-z])[).:]|([A-Z])\s?(?=[-—–=→]\s)[-—–=→]|([A-Z])(?=\n))\s+(.+)",
    re.I | re.S,
)
_LABEL_GLUED = re.compile(r"[(\[]?([A-Z])[).:\]](\S.*)", re.DOTALL)
_TEXT_AND_LABEL = re.compile(
    r"(?P<text>.+?)(?:[.,;:]?\s|\s?[-—–=→]\s|,?\s(?:so|hence|thus|i\.e\.,?)\s)"
    rf"\(?(?:{_NAME}\(?)?(?P<label>[A-Z])[).]{{0,2}}",
    re.DOTALL,
)
_LABEL_SPACE_TEXT = re.compile(rf"(?:{_NAME})?([A-Z]),? (.+)", re.DOTALL | re.IGNORECASE)
LONGEST = 600  # an answer in other words is a sentence or two
_HEAD = re.compile(r"[.,;:]\s|\s[(—–-](?=\W|\w)|\n")
_LETTER = re.compile(r"[(\[{<]{0,2}([A-Za-z])[)\]}>]{0,2}[).:!]?")

_SENTENCE_END = re.compile(r"[.:;]\s|\n|\s\(")
# Words by which a text takes back, negates or widens what stood before it.
DOUBT = TAKEN_BACK | frozenset(word_list("and both cannot also"))
_WIDENS = frozenset({"and", "or", "both", "also", "rather", "nor"})


def by_text(text: str, options: Sequence[str]) -> int | None:
    """Find the one option whose text this is: to the letter, then normalised, then as a quantity."""
    exact = [i for i, option in enumerate(options) if option.strip() == text]
    if exact:
        return exact[0] if len(exact) == 1 else None
    wanted = _key(text)
    alike = [i for i, option in enumerate(options) if _key(option) == wanted]
    if alike:
        return alike[0] if len(alike) == 1 else None
    # "It is reflected" as an option, of which "It is" was taken for an announcement.
    alike = [i for i, option in enumerate(options) if _key(spoken(option) or "") == wanted != ""]
    if len(alike) == 1:
        return alike[0]
    if len(text) > 100 or parse_number(text) is None:
        return None
    equal = [i for i, option in enumerate(options) if _same_quantity(text, option)]
    return equal[0] if len(equal) == 1 and not _units_differ(text, options) else None


def by_label(text: str, options: Sequence[str]) -> int | None:
    """Find the option by its letter, alone or before a text that does not speak for another option."""
    bare = _BARE_LABEL.fullmatch(text)
    if bare is not None:
        return _index(bare[1], options)
    spaced = _LABEL_SPACE_TEXT.fullmatch(text)
    if spaced is not None:
        named = by_text(spaced[2], options)
        if named is not None:
            return named if named == _index(spaced[1], options) else None
    both = _LABEL_AND_TEXT.fullmatch(text)
    if both is None:
        glued = _LABEL_GLUED.fullmatch(text)
        named = by_text(glued[2], options) if glued is not None else None
        return named if glued is not None and named == _index(glued[1], options) else None
    index = _index(both[1] or both[2] or both[3] or both[4], options)
    for form in (both[5], without_explanation(both[5])):
        named = by_text(form, options)
        if named is not None:
            return named
    named = by_beginning(both[5], options)
    if named is not None:
        return named
    return index if index is not None and speaks_for_no_other(both[5], index, options) else None


def by_beginning(text: str, options: Sequence[str]) -> int | None:
    """Find the longest option that the text begins with, where what follows only explains it."""
    said = _key(re.sub(r"(?<![.:;,])\s*\n\s*", ". ", text))
    found = [
        (len(key), i) for i, option in enumerate(options) if (key := _key(option)) and _begins(said, key)
    ]
    if not found:
        return None
    length, index = max(found)
    if [n for n, _ in found].count(length) > 1 or is_other_letter(options[index], options):
        return None
    return index if _explains(said[:length], said[length:], index, options) else None


def by_head(text: str, options: Sequence[str]) -> int | None:
    """Find the option named before a comma, a full stop or a parenthesis, if the rest takes nothing back."""
    cut = _HEAD.search(text)
    if cut is None:
        return None
    head, rest = text[: cut.start()], text[cut.end() :]
    if is_other_letter(head, options):
        return None
    index = by_text(head, options)
    bare = _BARE_LABEL.fullmatch(head)
    if index is None and bare is not None:
        index = _index(bare[1], options)
    sentence = _SENTENCE_END.match(cut[0]) is not None
    if index is None or not speaks_for_no_other(rest, index, options, sentence=sentence):
        return None
    return None if _may_go_on(normalise_text(head), rest, _without(index, options)) else index


def is_other_letter(text: str, options: Sequence[str]) -> bool:
    """Say whether a letter is the label of one option and the text of another: blood type "A" under "B"."""
    letter = _LETTER.fullmatch(text)
    index = _index(letter[1], options) if letter is not None else None
    if letter is None or index is None:
        return False
    return any(normalise_text(o) == letter[1].casefold() for o in _without(index, options))


def contradicts_itself(text: str, options: Sequence[str]) -> bool:
    """Say whether a text gives one option's label and another's text: "(A) Rutherford" where A is Thomson."""
    if len(text) > LONGEST:
        return False
    # An option may itself begin with a letter ("A las 19:35"); one behind a line break is a label.
    oneline = text.replace("\n", ": ")
    if any(by_text(form, options) is not None for form in (oneline, without_explanation(oneline))):
        return False
    before = _LABEL_AND_TEXT.fullmatch(text) or _LABEL_SPACE_TEXT.fullmatch(text)
    if before is not None:
        index = _index(next(filter(None, before.groups())), options)
        return index is not None and _speaks_for_other(before[before.re.groups], index, options)
    behind = _TEXT_AND_LABEL.fullmatch(text)
    named = by_text(behind["text"], options) if behind is not None else None
    return behind is not None and named is not None and _index(behind["label"], options) not in (None, named)


def _speaks_for_other(text: str, index: int, options: Sequence[str]) -> bool:
    """Say whether the text behind a label is, or begins with, an option that the label does not name."""
    for form in dict.fromkeys((text, without_explanation(text), spoken(text) or "")):
        for find in (by_text, by_beginning, by_wording):
            named = find(form, options)
            if named is not None:
                return named != index
    said = _key(text)
    begins = [i for i, option in enumerate(options) if (key := _key(option)) and _begins(said, key)]
    return bool(begins) and index not in begins


def by_text_or_label(text: str, options: Sequence[str]) -> int | None:
    """Find the option that a text is, or whose label it is, if it cannot mean two."""
    if is_other_letter(text, options):
        return None
    index = by_text(text, options)
    return by_label(text, options) if index is None else index


def _key(text: str) -> str:
    return normalise_text(text.replace("&", " and ")).replace("\\", "")


def _units_differ(text: str, options: Sequence[str]) -> bool:
    """Say whether a bare number stands in several options, which differ in their units alone."""
    said = parse_number(text)
    if said is None or said.unit:
        return False
    alike = [q for q in map(parse_number, options) if q is not None and q.value == said.value]
    return len(alike) > 1 and all(q.unit for q in alike)


def _same_quantity(a: str, b: str) -> bool:
    """Compare in both directions: "10" may be "$10", where no other option is."""
    return parse_number(b) is not None and "equal" in (equal_numbers(a, b), equal_numbers(b, a))


def _begins(said: str, key: str) -> bool:
    return said.startswith(key) and re.match(r"[.,;:!?)]{0,2}(?:\s[(\[—–-]?|$)", said[len(key) :]) is not None


def _explains(head: str, rest: str, index: int, options: Sequence[str]) -> bool:
    boundary = re.match(r"[.,;:!?)]{1,2}\s|\s[(\[—–-]", rest)
    if boundary is None or _may_go_on(head, rest, _without(index, options)):
        return False
    sentence = rest[0] in ".;:!?" or "(" in boundary[0]
    return speaks_for_no_other(rest[boundary.end() :], index, options, sentence=sentence)


def _may_go_on(head: str, rest: str, others: Sequence[str]) -> bool:
    """Say whether `rest` may be the end of a longer option: "Washington, DC" is not surely "Washington"."""
    words = set(re.findall(r"\w+", normalise_text(rest)))
    ends = [o[len(head) :] for o in map(normalise_text, others) if re.match(rf"{re.escape(head)}\W", o)]
    return any(len(words) < 3 or not words.isdisjoint(re.findall(r"\w+", end)) for end in ends)


def speaks_for_no_other(
    text: str, index: int | None, options: Sequence[str], *, sentence: bool = False
) -> bool:
    """Say whether a text behind an answer leaves it as it is.

    :param sentence: the text is a sentence of its own, in which "and" joins only what it speaks of.
    """
    words = re.findall(r"\w+(?:'\w+)?", clean(text))
    labels = {chr(65 + i) for i in range(len(options)) if i != index} - ({"A", "I"} if sentence else set())
    folded = [word.casefold() for word in words]
    doubt = DOUBT - _WIDENS if sentence and folded[:1] and folded[0] not in DOUBT else DOUBT
    if not labels.isdisjoint(words) or not doubt.isdisjoint(folded):
        return False
    if any(word.endswith("n't") for word in folded):
        return False
    said = f" {' '.join(folded)} "
    others = (" ".join(re.findall(r"\w+(?:'\w+)?", normalise_text(o))) for o in _without(index, options))
    return not any(other and f" {other} " in said for other in others)


def _without(index: int | None, options: Sequence[str]) -> list[str]:
    return [option for i, option in enumerate(options) if i != index]


def _index(label: str, options: Sequence[str]) -> int | None:
    index = ord(label.upper()) - 65
    return index if index < len(options) else None
