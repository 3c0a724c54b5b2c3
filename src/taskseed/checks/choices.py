"""Which option of a question an answer names, by its text or its label. Pure, and without guessing."""

import re
from collections.abc import Callable, Sequence

from taskseed.checks.mentions import by_elimination, by_place
from taskseed.checks.option_groups import by_group
from taskseed.checks.option_words import by_wording, vocabulary
from taskseed.checks.quantities import equal_numbers, parse_number
from taskseed.checks.reading import TAKEN_BACK, clean, normalise_text, spoken, without_explanation, word_list
from taskseed.checks.restatements import by_restatement

__all__ = ["DOUBT", "match_option"]

_NAME = r"(?:option|choice|answer|letter|statement)\s{1,2}"
_BARE_LABEL = re.compile(rf"(?:{_NAME})?[(\[{{<]{{0,2}}([A-Za-z])[)\]}}>]{{0,2}}[).:!]?", re.IGNORECASE)
_LABEL_AND_TEXT = re.compile(
    rf"(?:{_NAME})?(?:[(\[<]([A-Za-z])[)\]>][:.,]?|([A-Za-z])[).:]|([A-Z])\s?(?=[-—–=]\s)[-—–=])\s+(.+)",
    re.I | re.S,
)
_LABEL_SPACE_TEXT = re.compile(rf"(?:{_NAME})?([A-Z]),? (.+)", re.DOTALL | re.IGNORECASE)
_RIGHT = re.compile(
    r"[\s,]{1,3}(?:is|was|would be|must be|seems)\s(?:the\s|clearly\s|definitely\s)?"
    r"(?:(?:only\s|most\s|single\s|the\s)?(?:correct|right|best|true|likely|"
    r"plausible)(?:\s(?:answer|option|choice|one))?"
    r"|(?:answer|correct one))(?:[.,;:]?\s+(?P<why>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_NOT_OTHER = re.compile(
    r"(.+?)(?:,\s{1,3}|\s{1,3}\(|\s{1,3})(?:and\s)?not\s(?:the\s)?([^()]{1,300}?)\)?", re.DOTALL
)
_LONGEST = 600  # an answer in other words is a sentence or two
_GLOSSED = re.compile(
    r"([^,();]{3,80}),? \(?(?:i\.e\.,?|that is,|that is to say,|also known as|also called|namely|"
    r"better known as) ([^,();]{1,200})\)?"
)
_CONTRAST = re.compile(r"([^,:;]{1,200}),? (?:and not|not|rather than|instead of) (?:the )?([^,;]{1,200})")
_CERTAINLY = re.compile(r"(?:definitely|certainly|clearly|obviously|undoubtedly),?\s(?!not\b)", re.IGNORECASE)
_HEAD = re.compile(r"[.,;:]\s|\s[(—–-](?=\W|\w)|\n")
_SENTENCE_END = re.compile(r"[.:;]\s|\n|\s\(")
# Words by which a text takes back, negates or widens what stood before it.
DOUBT = TAKEN_BACK | frozenset(word_list("and both cannot also"))
_WIDENS = frozenset({"and", "or", "both", "also", "rather", "nor"})


_Finder = Callable[[str], int | None]


def match_option(answer: str, options: Sequence[str], question: str = "") -> int | None:
    """Return the index of the one option that an answer names by its text or label, else None.

    The text wins over the label. Labels are letters: "B", "(B)", "[B]", "B) sunlight", "B is correct".
    Several options, a label beyond the options, or an answer that takes back what it said is None.

    :param question: lets a sentence that repeats it state an option ("It began in 1789").
    """
    text = spoken(answer)
    if text is None or not options or len(options) > 26:
        return None
    text = _CERTAINLY.sub("", text, count=1) if _CERTAINLY.match(text) else text
    for form in dict.fromkeys((clean(answer).strip(), text, *_plainer(text, options))):
        found = _by_text(form, options)
        if found is None:
            found = _by_label(form, options)
        if found is not None:
            return found
    found = _by_beginning(text, options)
    if found is None:
        found = _by_head(text, options)
    return _in_other_words(clean(answer).strip(), text, options, question) if found is None else found


def _in_other_words(answer: str, text: str, options: Sequence[str], question: str) -> int | None:
    """Find the option that an answer means which neither is nor begins with its text or label."""
    known = vocabulary(options)
    if len(text) > _LONGEST or any(len(option) > _LONGEST for option in options):
        return None

    def alone(part: str) -> int | None:
        index = _alone(part, options)
        return by_wording(part, options, question) if index is None else index

    for form in dict.fromkeys((text, answer, without_explanation(text))):
        ways = (
            by_place(form, options),
            by_group(form, options, question, alone),
            by_wording(form, options, question),
        )
        found = next((index for index in ways if index is not None), None)
        if found is not None:
            return found
    for way in (_contrasted, _last_clause, _glossed):
        found = way(text, options, question, alone)
        if found is not None:
            return found
    for form in dict.fromkeys((answer, text)):
        found = by_restatement(form, options, question, known)
        if found is None:
            found = by_elimination(form, options, known)
        if found is not None:
            return found
    return None


def _contrasted(text: str, options: Sequence[str], question: str, alone: _Finder) -> int | None:
    """Read "The capital is Canberra, not Sydney"."""
    contrast = _CONTRAST.fullmatch(text)
    other = alone(contrast[2]) if contrast is not None else None
    if contrast is None or other is None:
        return None
    index = alone(contrast[1])
    if index is None:
        index = by_restatement(contrast[1], options, question, vocabulary(options))
    return index if index != other else None


def _last_clause(text: str, options: Sequence[str], question: str, alone: _Finder) -> int | None:
    """Read "Sydney is larger, but Canberra is the capital": only the last clause states an answer."""
    clauses = re.split(r";\s|,?\sbut\s", text)
    if len(clauses) != 2 or "?" in text or alone(clauses[0]) is not None:
        return None
    first, last = (by_restatement(clause, options, question, vocabulary(options)) for clause in clauses)
    return last if first is None else None


def _glossed(text: str, options: Sequence[str], _: str, alone: _Finder) -> int | None:
    """Read "ascorbic acid, i.e. vitamin C"."""
    glossed = _GLOSSED.fullmatch(text)
    if glossed is None or alone(glossed[1]) is not None:
        return None
    found = alone(glossed[2])
    return found if found is not None and _speaks_for_no_other(glossed[1], found, options) else None


def _plainer(text: str, options: Sequence[str]) -> list[str]:
    """Return the text without what says that it is right, what explains it, and "not" another option."""
    forms = []
    right = _RIGHT.search(text)
    if right is not None and right.end() == len(text) and right.start() and _supports(right["why"], options):
        forms.append(text[: right.start()])
    forms.append(without_explanation(text))
    contrast = _NOT_OTHER.fullmatch(text)
    if contrast is not None and contrast[1][-1] != ":":
        indices = [_alone(part, options) for part in (contrast[1], contrast[2])]
        if None not in indices and indices[0] != indices[1]:
            forms.append(contrast[1])
    return forms


def _supports(why: str | None, options: Sequence[str]) -> bool:
    return not why or (without_explanation(f" {why}") == "" or _speaks_for_no_other(why, None, options))


def _alone(text: str, options: Sequence[str]) -> int | None:
    index = _by_text(text, options)
    return _by_label(text, options) if index is None else index


def _key(text: str) -> str:
    return normalise_text(text.replace("&", " and ")).replace("\\", "")


def _by_text(text: str, options: Sequence[str]) -> int | None:
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


def _by_label(text: str, options: Sequence[str]) -> int | None:
    """Find the option by its letter, alone or before a text that does not speak for another option."""
    bare = _BARE_LABEL.fullmatch(text)
    if bare is not None:
        return _index(bare[1], options)
    spaced = _LABEL_SPACE_TEXT.fullmatch(text)
    if spaced is not None:
        named = _by_text(spaced[2], options)
        if named is not None:
            return named if named == _index(spaced[1], options) else None
    both = _LABEL_AND_TEXT.fullmatch(text)
    if both is None:
        return None
    for form in (both[4], without_explanation(both[4])):
        named = _by_text(form, options)
        if named is not None:
            return named
    named = _by_beginning(both[4], options)
    index = _index(both[1] or both[2] or both[3], options)
    if named is not None:
        return named
    return index if index is not None and _speaks_for_no_other(both[4], index, options) else None


def _by_beginning(text: str, options: Sequence[str]) -> int | None:
    """Find the longest option that the text begins with, where what follows only explains it."""
    said = _key(re.sub(r"(?<![.:;,])\s*\n\s*", ". ", text))
    found = [
        (len(key), i) for i, option in enumerate(options) if (key := _key(option)) and _begins(said, key)
    ]
    if not found:
        return None
    length, index = max(found)
    if [n for n, _ in found].count(length) > 1:
        return None
    return index if _explains(said[:length], said[length:], index, options) else None


def _begins(said: str, key: str) -> bool:
    return said.startswith(key) and re.match(r"[.,;:!?)]{0,2}(?:\s[(\[—–-]?|$)", said[len(key) :]) is not None


def _explains(head: str, rest: str, index: int, options: Sequence[str]) -> bool:
    boundary = re.match(r"[.,;:!?)]{1,2}\s|\s[(\[—–-]", rest)
    if boundary is None or _may_go_on(head, rest, _without(index, options)):
        return False
    sentence = rest[0] in ".;:!?" or "(" in boundary[0]
    return _speaks_for_no_other(rest[boundary.end() :], index, options, sentence=sentence)


def _by_head(text: str, options: Sequence[str]) -> int | None:
    """Find the option named before a comma, a full stop or a parenthesis, if the rest takes nothing back."""
    cut = _HEAD.search(text)
    if cut is None:
        return None
    head, rest = text[: cut.start()], text[cut.end() :]
    index = _by_text(head, options)
    bare = _BARE_LABEL.fullmatch(head)
    if index is None and bare is not None:
        index = _index(bare[1], options)
    sentence = _SENTENCE_END.match(cut[0]) is not None
    if index is None or not _speaks_for_no_other(rest, index, options, sentence=sentence):
        return None
    return None if _may_go_on(normalise_text(head), rest, _without(index, options)) else index


def _may_go_on(head: str, rest: str, others: Sequence[str]) -> bool:
    """Say whether `rest` may be the end of a longer option: "Washington, DC" is not surely "Washington"."""
    words = set(re.findall(r"\w+", normalise_text(rest)))
    ends = [o[len(head) :] for o in map(normalise_text, others) if re.match(rf"{re.escape(head)}\W", o)]
    return any(len(words) < 3 or not words.isdisjoint(re.findall(r"\w+", end)) for end in ends)


def _speaks_for_no_other(
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
