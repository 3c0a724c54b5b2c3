"""Faults of a question that need no model to see: its schema and its form. Pure."""

import re
from dataclasses import dataclass

from taskseed.checks.answers import normalise_text, rules_of, vote_key
from taskseed.checks.schemas import schema_refusal
from taskseed.records import KINDS, Question
from taskseed.text import without_schema

__all__ = ["Fault", "format_fault", "schema_fault"]

_LONGEST = 20_000  # characters; beyond it a question is a dump, not a question
_LEANS_ON = re.compile(
    r"\b(according to the (text|passage|article|paragraph|story|author)|in the (passage|text) above|"
    r"the passage (says|states|mentions)|based on the (passage|text|article))\b",
    re.IGNORECASE,
)
_CATCH_ALL = re.compile(
    r"^\W*((all|none|both|neither|any)( of)?( the)? (above|preceding|(other )?(options|answers|choices))\b|"
    r"(all|none|both|neither|any) of (these|those|them)\W*$|both [a-e] and [a-e]\b)",
    re.IGNORECASE,
)
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

    `duplicate_options`, `catch_all_option` ("all of the above" has no meaning once options are permuted),
    `missing_passage` (it leans on a text that is not there), `placeholder`.
    """
    q = question
    folded = [normalise_text(option) for option in q.options]
    if len(set(folded)) < len(folded) or "" in folded:
        return Fault("duplicate_options", " | ".join(q.options))
    catch_all = next((o for o in q.options if _CATCH_ALL.search(o)), None)
    if catch_all is not None:
        return Fault("catch_all_option", catch_all)
    if not q.context and (leaning := _LEANS_ON.search(q.question)):
        return Fault("missing_passage", leaning.group())
    asked = q.question if q.schema is None else without_schema(q.question, q.schema)
    if q.kind != "code" and (mask := _MASK.search(asked)):
        return Fault("placeholder", mask.group())
    return None
