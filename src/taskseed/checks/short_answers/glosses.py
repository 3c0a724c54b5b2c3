"""What a writer adds to an answer without changing it: brackets, appositives, "X, not Y". Pure."""

import re
from collections.abc import Callable, Iterator

from taskseed.checks.numbers.quantities import equal_numbers, parse_number
from taskseed.checks.reading import TAKEN_BACK, word_list
from taskseed.checks.short_answers.gazetteer import FORMULAS
from taskseed.checks.short_answers.names import FORM_ASKED
from taskseed.checks.short_answers.questions import Asked, stem, words_of

__all__ = ["is_short_for", "same_substance", "tells_apart", "without_contrast", "without_gloss"]

Key = Callable[[str], str | None]

_BRACKET = re.compile(r"(?P<head>[^()]{1,120}?)\s?\((?P<gloss>[^()]{1,120})\)(?P<tail>[^()]{0,80})")
_YEARS = re.compile(
    r"(?:(?:born|b\.|reigned|r\.|ruled|lived|c\.|ca\.|in office|president)\s)?(?:c\.\s?)?[0-9]{1,4}"
    r"(?:\s?(?:bce?|ad|ce))?\s?(?:-|to)\s?(?:c\.\s?)?(?:[0-9]{1,4}|present)(?:\s?(?:bce?|ad|ce))?",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(
    r"(?:formerly|previously|originally|historically|once|then|now|today|also|commonly|sometimes|often|née|nee|"
    r"a\.?k\.?a\.?|real name|born|known as|called|or simply|abbreviated|symbol|chemical symbol|"
    r"chemical formula|"
    r"formula|short for|i\.e\.|pronounced|from the|derived from|literally|meaning)\b[\s,:].{1,80}",
    re.IGNORECASE,
)
_APPOSITION = re.compile(
    r",\s(?=(?:who|which|whose|where|an?|the|also|formerly|known|named|born|located|founded|written|painted|"
    r"composed|directed|meaning|short)\b)",
    re.IGNORECASE,
)
_SINGLE_YEAR = re.compile(r"[12][0-9]{3}")
# What tells two things of one name apart: in an addition, the question must speak of the same.
_KINDS = frozenset(
    map(
        stem,
        word_list(
            "planet element god goddess country state city town river province county island company band "
            "film "
            "movie novel book song album play musical opera game series show magazine newspaper ship car "
            "plant "
            "animal bird fruit color metal mineral bone organ language people tribe region district village "
            "elder younger senior junior father son brother sister daughter wife husband mother uncle nephew "
            "cousin emperor king queen actor singer footballer politician basketball player football rapper "
            "unit moon star constellation"
        ),
    )
)
_ORDERED = re.compile(
    r"[0-9]|\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|other)\b"
)
_CONTRAST = re.compile(
    r"(?:,\s(?:and\s)?not|,?\s(?:and not|rather than|instead of|as opposed to))\s(?P<other>[^.;:?!()]{1,60})$"
    r"|\s\((?:and\s)?not\s(?P<bracketed>[^.;:?!()]{1,60})\)$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"not\s(?P<other>[^.;:?!(),]{1,60}),?\sbut\s(?:rather\s)?(?P<answer>[^;:?!]{1,200})", re.IGNORECASE
)
_NO_OTHER = frozenset(
    word_list(
        "only just merely sure certain certainly necessarily really quite exactly entirely always yet "
        "possible "
        "known clear simply both all that if when but or because also always every even anymore now "
        "longer nor "
        "either neither so too very much at in of on to with without"
    )
)
_LITTLE = frozenset(word_list("of and the for in on de la a an to"))


def without_contrast(text: str) -> str:
    """Return an answer without what it sets itself apart from: "Wellington" for "Wellington, not Auckland"
    and "not Auckland, but Wellington"."""
    m = _BEFORE.fullmatch(text)
    if m is not None and _is_other(m["other"], m["answer"]):
        return m["answer"].strip()
    m = _CONTRAST.search(text)
    if m is not None and m.start() and _is_other(m["other"] or m["bracketed"], text[: m.start()]):
        return text[: m.start()].strip()
    return text


def _is_other(other: str, answer: str) -> bool:
    words = words_of(other)
    plain = [w for w in words if w not in ("the", "a", "an")]
    if not 0 < len(words) <= 5 or not plain or not _NO_OTHER.isdisjoint(words):
        return False
    if not TAKEN_BACK.isdisjoint(words_of(answer)) or any(stem(w) in _KINDS for w in plain):
        return False
    return set(plain) != set(words_of(answer)) and not set(words_of(answer)) <= set(plain)


def without_gloss(text: str, asked: Asked, key: Key) -> Iterator[str]:
    """Yield an answer without a bracket or an appositive that cannot change which thing is meant.

    Brackets: years of a life, "formerly Burma", an abbreviation or its expansion, a formula, the same
    amount in another unit. Where an abbreviation and its expansion stand together, both are yielded.
    """
    m = _BRACKET.fullmatch(text)
    if m is not None:
        head, gloss = m["head"].strip(), m["gloss"].strip()
        rest = f"{head}{m['tail']}"
        if _only_explains(gloss, asked) or _same_amount(head, gloss):
            yield rest
        elif (
            is_short_for(head, gloss)
            or is_short_for(gloss, head)
            or (asked.words and same_substance(head, gloss, key))
        ):
            yield rest
            if not m["tail"].strip() and not (asked.has(FORM_ASKED) and len(gloss) < len(head)):
                yield gloss
    apposition = _APPOSITION.search(text)
    if apposition is not None and apposition.start():
        head, gloss = text[: apposition.start()], text[apposition.end() :]
        # "It weighs 6 kg, a grey one 4 kg" tells of a second thing.
        if not (_DIGIT.search(head) and _DIGIT.search(gloss)) and _adds_nothing(gloss, asked):
            yield head


_DIGIT = re.compile(r"\d")


def _only_explains(gloss: str, asked: Asked) -> bool:
    if _YEARS.fullmatch(gloss):
        return True
    if _SINGLE_YEAR.fullmatch(gloss):
        return gloss in asked.words
    return _OTHER_NAME.fullmatch(gloss) is not None and _adds_nothing(gloss, asked, names=True)


def _adds_nothing(gloss: str, asked: Asked, *, names: bool = False) -> bool:
    """Say whether an explanation takes nothing back and tells no two things of one name apart."""
    words = words_of(gloss)
    if len(words) < 2 or len(gloss) > 300 or re.search(r"[?;]", gloss):
        return False
    if not TAKEN_BACK.isdisjoint(words) or any(w.endswith("n't") for w in words):
        return False
    if tells_apart(gloss, asked):
        return False
    if names:
        return True
    numbers = [m[0] for m in _ORDERED.finditer(gloss.casefold())]
    if numbers and not any(w[0].isdigit() or w in numbers for w in asked.words):
        numbers = [n for n in numbers if not n.isdigit()]
    if any(n not in asked.text.casefold() for n in numbers):
        return False
    placed = {w.casefold() for w in re.findall(r"\b(?:in|of|from|near) (?:the )?([A-Z]\w+)", gloss)}
    elsewhere = {w.casefold() for w in re.findall(r"(?<=[a-z,] )[A-Z]\w+", asked.text)}
    return not placed or not elsewhere or not placed.isdisjoint(elsewhere)


def tells_apart(gloss: str, asked: Asked) -> bool:
    """Say whether a gloss names a kind of thing of which the question does not speak: "(the element)"."""
    own = {stem(w) for w in asked.words}
    return any(stem(w) in _KINDS and stem(w) not in own for w in words_of(gloss))


def _same_amount(head: str, gloss: str) -> bool:
    """Say whether a bracket has the same amount in another unit: "5 km (3.1 miles)"."""
    x, y = parse_number(head), parse_number(gloss)
    if x is None or y is None or not x.unit or not y.unit or x.unit == y.unit:
        return False
    names = {x.unit.removeprefix("degree "), y.unit.removeprefix("degree ")}
    if names == {"°C", "°F"}:
        celsius, heat = (x, y) if "C" in x.unit else (y, x)
        return abs(celsius.value * 9 / 5 + 32 - heat.value) <= 1
    both = f"{x.value} {x.unit}", f"{y.value} {y.unit}"
    return equal_numbers(*both) == "equal" or (
        equal_numbers(*both) == "unknown" and equal_numbers(both[0], f"{y.value * 2} {y.unit}") == "different"
    )


def is_short_for(short: str, full: str) -> bool:
    """Say whether a text is made of letters of another: "DNA" and "deoxyribonucleic acid"."""
    letters = short.replace(".", "").strip()
    if not (2 <= len(letters) <= 8 and letters.isalpha() and letters[1:].isupper() and letters[0].isupper()):
        return False
    words = [w for w in re.findall(r"[^\W\d_]+", full.casefold()) if w not in _LITTLE]
    if not words or len(full) < 2 * len(letters):
        return False
    initials = "".join(w[0] for w in words)
    letters = letters.casefold()
    if initials == letters:
        return True
    joined = "".join(words)
    return (
        len(words) < len(letters)
        and letters[0] == joined[0]
        and _within(letters, joined)
        and _within(initials, letters)
    )


def _within(part: str, whole: str) -> bool:
    """Say whether the letters of one text come in another, in their order."""
    at = iter(whole)
    return all(letter in at for letter in part)


def same_substance(a: str, b: str, key: Key) -> bool:
    """Say whether one text is the formula or symbol of the other: "CO2" and "carbon dioxide"."""
    for formula, name in ((a, b), (b, a)):
        known = FORMULAS.get(formula.replace("_", "").replace("^", "").strip())
        if known is not None and key(name) == known:
            return True
    return False
