"""Whether two items of lists are the same: by words, as numbers, as expressions, by what was asked. Pure."""

import re
from collections.abc import Sequence

from taskseed.checks.lists.sentences import stems
from taskseed.checks.maths.expressions import compare_expressions
from taskseed.checks.numbers.quantities import Verdict, equal_numbers, parse_number
from taskseed.checks.reading import without_explanation
from taskseed.checks.rules import Rules
from taskseed.checks.short_answers.gazetteer import FORMULAS
from taskseed.checks.short_answers.short import equal_short
from taskseed.checks.spelling import american

__all__ = ["is_mathematical", "same_item", "without_shared_noun"]

_MAX_MATHS = 80
_MAX_BESIDE = 200  # characters that explain an item
_MATHS = re.compile(
    r"(?:\\(?:d?frac|tfrac|sqrt|pi|cdot|times)(?![a-zA-Z])|sqrt|pi\b|[0-9.,+\-−*/^(){}√πi ]|"
    r"[xyn](?![a-z])){1,80}+"
)
_WRITTEN_FORM = re.compile(
    r"\b(?:time signatures?|simplest|lowest terms|simplif\w+|reduced?|dates?|scores?|ratios?|"
    r"scientific|decimals?|"
    r"fractions?|base|binary|hexadecimal|octal|notation|round\w*)\b",
    re.IGNORECASE,
)
_SIGNS = frozenset("$€£¥₹")
_ADDS = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|last|next|also|too|other|another|more|and|plus)\b",
    re.IGNORECASE,
)
# Behind a full stop, what begins with an article and has no verb is another name.
_TITLE = re.compile(
    r"[.!\s]{1,9}(?:\S+(?:\s\S+){0,2}\s{0,3}\Z|(?i:the)\s(?!.*\s(?:is|are|was|were|has|have)\s))", re.DOTALL
)
_GLOSS = re.compile(r"([^()]{1,80}?)\s?\(([A-Za-z0-9.]{1,12})\)")
_FIRST_NAMES = re.compile(r"\b(?:first|given|christian|fore) ?names?\b", re.IGNORECASE)
_LAST_NAMES = re.compile(r"\b(?:last|family|sur) ?names?\b", re.IGNORECASE)
_DAYS = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday",
    "thur": "thursday", "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}  # fmt: skip
_MONTHS = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "may": "may", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "sept": "september", "oct": "october",
    "nov": "november", "dec": "december",
}  # fmt: skip


def is_mathematical(item: str) -> bool:
    """Say whether an item is a number or a formula, without units and words."""
    return bool(_MATHS.fullmatch(item)) and re.search(r"[0-9√π\\]|sqrt", item) is not None


def same_item(said: str, gold: str, golds: Sequence[str], rules: Rules) -> Verdict:
    """Compare two items.

    :param golds: all items of the gold: beside other weekdays, "Sun" is Sunday.
    """
    if len(said) > len(gold) + _MAX_BESIDE:
        return "unknown"
    if said.casefold() == gold.casefold() and "." not in said:
        verdict: Verdict = "equal" if said == gold else equal_short(said, gold, (), rules)
        if verdict == "equal":
            return verdict
    behind = said[len(without_explanation(said)) :]
    if behind and behind not in gold and (_ADDS.search(behind) or _TITLE.match(behind)):
        return "unknown"  # "green. The third is blue"; "Queen. The Who"
    if is_mathematical(said) and is_mathematical(gold):
        verdict = equal_short(said, gold, (), rules)
        if (
            verdict == "unknown"
            and max(len(said), len(gold)) <= _MAX_MATHS
            and not _WRITTEN_FORM.search(rules.question)
        ):
            verdict = compare_expressions(said, gold)
        return verdict
    if is_mathematical(gold) and said[:1].isdigit():  # "4 July" is no 4
        return "equal" if _same_quantity(said, gold, rules.question) else "unknown"
    verdict = equal_short(said, gold, (), rules)
    if verdict == "equal" or max(len(said), len(gold)) > _MAX_MATHS:
        return verdict
    if _same_quantity(said, gold, rules.question):
        return "equal"
    return "equal" if _same_thing(said, gold, golds, rules) else verdict


def _same_quantity(said: str, gold: str, question: str) -> bool:
    """Say whether two items are the same amount; a unit of measure may be added where it is asked in."""
    if not re.match(r"[-+$€£¥₹.0-9]", gold) or not re.match(r"[-+$€£¥₹.0-9\\]", said):
        return False
    x, y = parse_number(said), parse_number(gold)
    if x is None or y is None or equal_numbers(said, gold, question) != "equal":
        return False
    return (
        x.unit == y.unit
        or (not y.unit and x.unit in _SIGNS)
        or bool(set(stems(x.unit)) & set(stems(question)))
    )


def _same_thing(said: str, gold: str, golds: Sequence[str], rules: Rules) -> bool:
    b = _bare(gold)
    for names in (_DAYS, _MONTHS):
        if all(_named(other, names) for other in golds) and _named(said, names) == _named(gold, names):
            return True
    gloss = _GLOSS.fullmatch(said)
    if gloss and _is_symbol(gloss[1], gloss[2]):
        return equal_short(gloss[1], gold, (), rules) == "equal"
    owner = re.match(r"([^\W\d_]+)['’]s?\s(?=\S)", said)
    if owner and set(stems(owner[1])) <= set(stems(rules.question)):
        return equal_short(said[owner.end() :], gold, (), rules) == "equal"
    parts = said.split()
    if 1 < len(parts) < 5 and len(gold.split()) == 1:
        if _FIRST_NAMES.search(rules.question):
            return parts[0].casefold() == b
        if _LAST_NAMES.search(rules.question):
            return parts[-1].casefold() == b
    return False


def _bare(item: str) -> str:
    return item.casefold().replace(".", "").strip().removeprefix("the ")


def _named(item: str, names: dict[str, str]) -> str | None:
    word = (
        item.casefold().rstrip(".").removesuffix("s")
        if item.casefold().endswith("days")
        else item.casefold().rstrip(".")
    )
    return names.get(word) or (word if word in names.values() else None)


def _is_symbol(name: str, gloss: str) -> bool:
    """Say whether a gloss is the symbol or the initials of what stands before it."""
    bare = _bare(name)
    if american(bare) in FORMULAS.values():
        return FORMULAS.get(gloss) == american(bare)
    initials = "".join(word[0] for word in bare.split() if word not in {"of", "the", "and", "for"})
    if len(initials) == 1:
        return gloss == initials.upper()
    return gloss.casefold().replace(".", "") == initials


def without_shared_noun(items: Sequence[str], question: str) -> list[str]:
    """Return items without the noun that was asked for behind them: "igneous and metamorphic rocks".

    The noun stands behind the last or behind all of them, in small letters, and never alone.
    """
    last = items[-1].split()
    noun = last[-1] if len(last) > 1 else ""
    if not noun.isalpha() or not noun.islower() or not set(stems(noun)) <= set(stems(question)):
        return list(items)
    ends = [len(item.split()) > 1 and stems(item.split()[-1]) == stems(noun) for item in items]
    if not (all(ends) or ends == [False] * (len(items) - 1) + [True]):
        return list(items)
    bare = [item.rsplit(None, 1)[0] if end else item for item, end in zip(items, ends, strict=True)]
    # "carbon dioxide", where the question itself says so, is one thing.
    asked = " ".join(stems(question))
    whole = any(
        f" {' '.join(stems(item))} " in f" {asked} " for item, end in zip(items, ends, strict=True) if end
    )
    return list(items) if whole else bare
