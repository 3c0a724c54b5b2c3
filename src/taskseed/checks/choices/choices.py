"""Which option of a question an answer names, by its text or its label. Pure, and without guessing."""

import re
from collections.abc import Callable, Sequence

from taskseed.checks.choices.mentions import by_elimination, by_place, marked
from taskseed.checks.choices.option_groups import by_group
from taskseed.checks.choices.option_names import (
    LONGEST,
    by_beginning,
    by_head,
    by_label,
    by_text,
    by_text_or_label,
    contradicts_itself,
    is_other_letter,
    speaks_for_no_other,
)
from taskseed.checks.choices.option_words import by_wording, vocabulary
from taskseed.checks.choices.restatements import by_restatement
from taskseed.checks.reading import clean, spoken, without_explanation

__all__ = ["match_option"]

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
_GLOSSED = re.compile(
    r"([^,();]{3,80}),? \(?(?:i\.e\.,?|that is,|that is to say,|also known as|also called|namely|"
    r"better known as) ([^,();]{1,200})\)?"
)
_CONTRAST = re.compile(r"([^,:;]{1,200}),? (?:and not|not|rather than|instead of) (?:the )?([^,;]{1,200})")
_CERTAINLY = re.compile(r"(?:definitely|certainly|clearly|obviously|undoubtedly),?\s(?!not\b)", re.IGNORECASE)
_FINAL = re.compile(r"[.;:!\n]\s{1,3}(?:so\s|(?:the|my)\s)?final answer(?:\sis)?\s?:?\s{1,3}", re.IGNORECASE)
# Behind working that has one of these, a final answer may be a guess, or a second one.
_UNSETTLED = re.compile(
    r"\?|\b(?:answer|wait|actually|maybe|perhaps|possibly|probably|likely|guess(?:ing)?|unsure|sure|certain|might|"
    r"could|if|unless|forced|or|cannot|can't|unclear|depends)\b",
    re.IGNORECASE,
)


_Finder = Callable[[str], int | None]


def match_option(answer: str, options: Sequence[str], question: str = "") -> int | None:
    """Return the index of the one option that an answer names by its text or label, else None.

    Labels are letters: "B", "(B)", "[B]", "B) sunlight", "B is correct". Several options, a label beyond the
    options, a label beside another option's text, a letter that is one option's label and another's text, or
    an answer that takes back what it said is None.

    :param question: lets a sentence that repeats it state an option ("It began in 1789").
    """
    text = spoken(answer)
    if text is None or not options or len(options) > 26:
        return None
    text = _CERTAINLY.sub("", text, count=1) if _CERTAINLY.match(text) else text
    whole = clean(answer).strip()
    final = _FINAL.split(whole)
    if len(final) == 2:
        return _settled(final[0], match_option(final[1], options, question), options)
    forms = tuple(dict.fromkeys((whole, text, *_plainer(text, options))))
    if any(is_other_letter(form, options) for form in forms) or contradicts_itself(text, options):
        return None
    for form in forms:
        found = by_text(form, options)
        if found is None:
            found = by_label(form, options)
        if found is not None:
            return found
    found = by_beginning(text, options)
    if found is None:
        found = by_head(text, options)
    return _in_other_words(whole, text, options, question) if found is None else found


def _settled(working: str, index: int | None, options: Sequence[str]) -> int | None:
    """Return the final answer if its working neither doubts it nor speaks of other options alone."""
    if index is None or _UNSETTLED.search(working) is not None:
        return None
    named = [w for w in marked(working, options, vocabulary(options)) if w.startswith("<")]
    return index if not named or f"<{index}>" in named else None


def _finder(options: Sequence[str], question: str) -> _Finder:
    """Return what finds the one option that a part of an answer names."""

    def alone(part: str) -> int | None:
        if is_other_letter(part, options):
            return None
        index = by_text_or_label(part, options)
        return by_wording(part, options, question) if index is None else index

    return alone


def _in_other_words(answer: str, text: str, options: Sequence[str], question: str) -> int | None:
    """Find the option that an answer means which neither is nor begins with its text or label."""
    known = vocabulary(options)
    if len(text) > LONGEST or any(len(option) > LONGEST for option in options):
        return None

    alone = _finder(options, question)
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
            found = _eliminated(form, options, known)
        if found is not None:
            return found
    return None


def _eliminated(text: str, options: Sequence[str], known: frozenset[str]) -> int | None:
    """Read "It isn't D; it's A", but not where "A" may be a label or a text."""
    found = by_elimination(text, options, known)
    return None if found is None or is_other_letter(options[found], options) else found


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
    return found if found is not None and speaks_for_no_other(glossed[1], found, options) else None


def _plainer(text: str, options: Sequence[str]) -> list[str]:
    """Return the text without what says that it is right, what explains it, and "not" another option."""
    forms = []
    right = _RIGHT.search(text)
    if right is not None and right.end() == len(text) and right.start() and _supports(right["why"], options):
        forms.append(text[: right.start()])
    forms.append(without_explanation(text))
    contrast = _NOT_OTHER.fullmatch(text)
    if contrast is not None and contrast[1][-1] != ":":
        indices = [by_text_or_label(part, options) for part in (contrast[1], contrast[2])]
        if None not in indices and indices[0] != indices[1]:
            forms.append(contrast[1])
    return forms


def _supports(why: str | None, options: Sequence[str]) -> bool:
    return not why or (without_explanation(f" {why}") == "" or speaks_for_no_other(why, None, options))
