"""Saying whether an answer is the right one, and what it votes for: `equal`, `different` or `unknown`.

Everything fails closed: `equal` is said only where it is sure, and what cannot be read is no vote. All
functions are pure and take hostile text in bounded time: answers beyond 2,000 characters (100,000 of JSON)
are not read. What may take long, computer algebra, comes in as `Rules.hard`.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from taskseed.checks.choices.booleans import polar_option, yes_or_no
from taskseed.checks.choices.choices import match_option
from taskseed.checks.lists.lists import compare_lists, list_key
from taskseed.checks.maths.expressions import compare_expressions, expression_key
from taskseed.checks.numbers.quantities import Quantity, Verdict, equal_numbers, number_key, parse_number
from taskseed.checks.reading import MAX_CHARS, normalise_text
from taskseed.checks.rules import NO_RULES, Rules, leads, rules_of
from taskseed.checks.short_answers.short import equal_short, short_key
from taskseed.checks.spans.spans import same_span, stands_in
from taskseed.checks.structures.structured import MAX_STRUCTURED, canonical_structure

__all__ = [
    "Quantity",
    "Rules",
    "Verdict",
    "equal_numbers",
    "equal_short",
    "match_option",
    "normalise_text",
    "parse_number",
    "pool_votes",
    "rules_of",
    "same_answer",
    "vote_key",
]

_BETWEEN_ITEMS = re.compile(r"[,;](?:\sand\b)?|\sand\s|\n")
_GLOSS = re.compile(r"(\S[^()]*?) \(([^()]+)\)")


def same_answer(kind: str, said: str, gold: str, rules: Rules = NO_RULES) -> Verdict:
    """Say whether an answer is the gold answer. The two are not interchangeable: gold is what must be met.

    :param kind: a kind of question, or `list` for answers that are lists.
    :param rules: the question, the gold's aliases, and what the question's task goes by.
    """
    limit = MAX_STRUCTURED if kind == "structured" else MAX_CHARS
    if max(len(said), len(gold)) > limit:
        return "unknown"
    said = _extracted(said, rules)
    if rules.options or kind in {"multiple_choice", "boolean"}:
        # The gold is an option's text, even where that reads as another option's label.
        x, y = vote_key(kind, said, rules), gold if gold in rules.options else vote_key(kind, gold, rules)
        if x is None or y is None:
            return "unknown"
        return "equal" if x == y else "different"
    verdict = _compared(kind, said, gold, rules)
    if verdict != "equal" and any(_compared(kind, said, alias, rules) == "equal" for alias in rules.aliases):
        return "equal"
    return verdict


def _compared(kind: str, said: str, gold: str, rules: Rules) -> Verdict:
    """Compare with one of the texts that are right."""
    if kind == "number":
        return equal_numbers(said, gold, rules.question)
    if kind == "expression":
        return compare_expressions(said, gold, rules)
    if kind == "list":
        return compare_lists(said, gold, rules)
    if kind in ("structured", "code", "free_text"):
        x, y = _KEYS[kind](said, rules.question), _KEYS[kind](gold, "")
        if x is None or y is None:
            return "unknown"
        return "equal" if x == y else "different" if kind == "structured" else "unknown"
    if kind == "span":
        return _spans(said, gold, rules)
    verdict = equal_short(said, gold, (), rules)
    return _listed(said, gold, rules) if verdict == "unknown" and kind == "short_answer" else verdict


def _spans(said: str, gold: str, rules: Rules) -> Verdict:
    """Compare two stretches of a passage; what is not taken from it is `unknown`, whatever it means."""
    taken = not rules.context or (stands_in(said, rules.context) and (";" not in said or ";" in gold))
    # What a sentence or a question adds is read with the passage, in `same_span`.
    verdict = equal_short(said, gold, (), replace(rules, question="")) if taken else "unknown"
    if verdict == "unknown" and said.count(" ") < 3:  # a number whose unit the question says
        verdict = equal_numbers(said, gold, rules.question) if taken else "unknown"
    return "equal" if verdict == "unknown" and same_span(said, gold, rules) else verdict


def _listed(said: str, gold: str, rules: Rules) -> Verdict:
    """Compare two short answers that are both lists of three or more, in any order."""
    long_enough = all(len(_BETWEEN_ITEMS.findall(text)) > 1 for text in (said, gold))
    return "equal" if long_enough and compare_lists(said, gold, rules) == "equal" else "unknown"


def vote_key(kind: str, answer: str, rules: Rules = NO_RULES) -> str | None:
    """Return the text under which a solve's answer is counted; None where it cannot be read.

    The option's text for a question with options; `yes` or `no` for a boolean without them; the exact number
    and unit ("72", "5/2", "50 %") for a number, without the unit where the question asks in it; a date in ISO
    8601; the normalised text otherwise. Code and expressions keep their case; structured answers are
    canonical JSON; free text is taken to the letter, white space apart. A span that does not occur in the
    passage is no vote.

    :param rules: its aliases all mean one answer; each of them votes for the first.
    """
    if len(answer) > (MAX_STRUCTURED if kind == "structured" else MAX_CHARS):
        return None
    answer = _extracted(answer, rules)
    if rules.options or kind == "multiple_choice":
        return _option(answer, rules)
    if kind in _KEYS:
        return _KEYS[kind](answer, rules.question)
    if kind == "span" and rules.context and not stands_in(answer, rules.context):
        return None
    key = short_key(answer)
    if key is None or not rules.aliases:
        return key
    same = any(equal_short(answer, alias, (), rules) == "equal" for alias in rules.aliases)
    return short_key(rules.aliases[0]) if same else key


def _option(answer: str, rules: Rules) -> str | None:
    """Return the text of the option that an answer names, by its text, its letter, or its yes or no."""
    index = match_option(answer, rules.options, rules.question)
    if index is None:
        index = polar_option(answer, rules.options, rules.question)
    return None if index is None else rules.options[index]


def _extracted(answer: str, rules: Rules) -> str:
    """Return what stands behind the words by which the task itself finds an answer, if they stand there."""
    for before, after in leads(rules.extractor):
        head, found, tail = answer.rpartition(before)
        if found:
            tail = tail.split("\n")[0].strip()
            return tail.removesuffix(".").removesuffix(after) or head
    return answer


def pool_votes(kind: str, keys: Sequence[str | None]) -> list[str | None]:
    """Let votes with a gloss join the bare votes, where it is clear what they mean.

    Short answers and spans: "orangutan (genus pongo)" joins "orangutan" where no other gloss stands beside it
    ("mercury (planet)" and "mercury (element)" stay apart). Keys of other kinds stay as they are: a number
    that lacks a unit which the question does not ask in is another vote. The order does not matter.
    """
    if kind not in ("short_answer", "span"):
        return list(keys)
    glosses = _additions(keys, _split_gloss)
    return [_without_gloss(key, set(keys), glosses) for key in keys]


def _additions(keys: Sequence[str | None], split: Callable[[str], Sequence[str]]) -> dict[str, set[str]]:
    """Return what was added to each bare key."""
    found: dict[str, set[str]] = {}
    for bare, added in (split(key) for key in keys if key):
        if added:
            found.setdefault(bare, set()).add(added)
    return found


def _split_gloss(key: str) -> tuple[str, str]:
    match = _GLOSS.fullmatch(key)
    return (match[1], match[2]) if match else (key, "")


def _without_gloss(key: str | None, said: set[str | None], glosses: dict[str, set[str]]) -> str | None:
    bare, gloss = _split_gloss(key or "")
    return bare if gloss and bare in said and len(glosses[bare]) == 1 else key


def _list_key(answer: str, question: str) -> str | None:
    return list_key(answer, short_key, question)


def _free_key(answer: str, _: str) -> str | None:
    """Return the text to the letter but for its white space: case and signs may be the answer."""
    return " ".join(unicodedata.normalize("NFC", answer).split()) or None


def _code_key(answer: str, _: str) -> str | None:
    return answer.strip() or None


_KEYS: dict[str, Callable[[str, str], str | None]] = {
    "boolean": yes_or_no,
    "expression": expression_key,
    "list": _list_key,
    "number": number_key,
    "structured": canonical_structure,
    "code": _code_key,
    "free_text": _free_key,
}
