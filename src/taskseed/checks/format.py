"""Faults of a question that need no model to see: its schema and its form. Pure."""

import re
from dataclasses import dataclass

from taskseed.checks.answers import normalise_text, rules_of, vote_key
from taskseed.checks.options import both_right, holding, overlapping, same_value
from taskseed.checks.structures.schemas import schema_refusal
from taskseed.checks.wording import answered_by_wording, leans_on
from taskseed.records import KINDS, Question
from taskseed.text import without_schema

__all__ = ["Fault", "format_fault", "is_catch_all", "schema_fault"]

_LONGEST = 20_000  # characters; beyond it a question is a dump, not a question
_CATCH_ALL = re.compile(
    r"^\W*((all|none|both|neither|any)( of)?( the)? (above|preceding|(other )?(options|answers|choices))\b|"
    r"(all|none|both|neither|any) of (these|those|them)\W*$|both [a-e] and [a-e]\b)",
    re.IGNORECASE,
)
_LETTERS_ONLY = re.compile(
    r"\W*(?:both |neither |only )?\(?[A-F]\)?(?:,? \(?[A-F]\)?)*,? (?:and|or|nor|&) \(?[A-F]\)?(?: only)?\W*",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b[aA] (?=[a-z])")
_ONE_LETTER = re.compile(r"(?<![\w'’])[A-Fa-f](?![\w'’])")
_MASK = re.compile(r"(\[[A-Z][A-Z_ ]{2,}\]|<[a-z_]{3,}>|\{\{\s?[a-z_]{2,}|\bTODO\b|\b(?i:lorem ipsum)\b)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a question cannot be used."""

    reason: str
    evidence: str


def schema_fault(question: Question) -> Fault | None:
    """Return `bad_schema` if the fields contradict each other or the kind, else None."""
    q = question
    problem = None
    if q.kind not in KINDS:
        problem = f"unknown kind {q.kind}"
    elif not q.question.strip() or not q.answer.strip():
        problem = "empty question or answer"
    elif len(q.question) + len(q.context or "") + len(q.answer) > _LONGEST:
        problem = f"longer than {_LONGEST} characters"
    elif q.kind == "multiple_choice" and not 2 <= len(q.options) <= 26:
        problem = f"{len(q.options)} options"
    elif q.options and not _points_at_answer(q):
        problem = "the answer is not the option its index points at"
    elif not q.options and q.kind != "code" and vote_key(q.kind, q.answer, rules_of(q)) is None:
        problem = f"no vote could mean this answer to a {q.kind} question: {q.answer}"
    elif q.kind == "code" and not q.checks:
        problem = "a code question without tests"
    elif q.schema is not None and (refusal := schema_refusal(q.schema)):
        problem = f"answers cannot be checked against its JSON schema: {refusal}"
    return Fault("bad_schema", problem) if problem else None


def _points_at_answer(q: Question) -> bool:
    return (
        q.answer_index is not None
        and 0 <= q.answer_index < len(q.options)
        and q.options[q.answer_index] == q.answer
    )


def format_fault(question: Question) -> Fault | None:
    """Return why a question's form makes it unusable, else None.

    `duplicate_options` (by their texts, or by the quantities that they state), `overlapping_options` (a range
    that meets another, an option that holds the answer), `catch_all_option` ("all of the above" means nothing
    once options are permuted), `two_right_answers` (as far as arithmetic and spelling decide),
    `missing_passage` (it leans on a text or picture that is not there), `answered_by_wording`, `placeholder`.
    """
    q = question
    fault = _options_fault(q) if q.options else None
    if fault is not None or q.kind == "code":
        return fault
    if leaning := leans_on(q.question, q.context):
        return Fault("missing_passage", leaning)
    asked = q.question if q.schema is None else without_schema(q.question, q.schema)
    if mask := _MASK.search(asked):
        return Fault("placeholder", mask.group())
    if q.kind in ("multiple_choice", "short_answer"):
        given = answered_by_wording(q.question, q.answer, q.options, q.answer_index)
        return Fault("answered_by_wording", given) if given else None
    return None


def _options_fault(q: Question) -> Fault | None:
    folded = [normalise_text(option) for option in q.options]
    if len(set(folded)) < len(folded) or "" in folded:
        return Fault("duplicate_options", " | ".join(q.options))
    catch_all = next((o for o in q.options if is_catch_all(o) or _names_letters(o, q)), None)
    if catch_all is not None:
        return Fault("catch_all_option", catch_all)
    if equal := same_value(q.options):
        return Fault("duplicate_options", " = ".join(equal))
    answer = q.answer_index
    if met := overlapping(q.options) or (None if answer is None else holding(q.options, answer)):
        return Fault("overlapping_options", " / ".join(met))
    if right := both_right(q.question, q.options):
        return Fault("two_right_answers", " | ".join(right))
    return None


def is_catch_all(option: str) -> bool:
    """Tell whether an option speaks of the others by their places: "all of the above", "both A and B"."""
    return _CATCH_ALL.search(option) is not None


def _names_letters(option: str, q: Question) -> bool:
    """Tell whether an option names others ("A and B"), and not an A or a B that the question speaks of."""
    if len(option) > 40 or _LETTERS_ONLY.fullmatch(option) is None:
        return False
    if any(len(other.strip()) == 1 for other in q.options):
        return False
    return _ONE_LETTER.search(_ARTICLE.sub("", f"{q.context or ''} {q.question}")) is None
