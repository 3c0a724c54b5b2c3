"""screen: questions → questions worth a solver's tokens. Free checks only, scores stored.

A shard is screened after all earlier shards, so that of two duplicates the one in the lowest
(shard, position) stays, whatever order responses arrived in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from taskseed.checks.code import trivial_stubs
from taskseed.checks.duplicates import Duplicate, NearDuplicates, similarity
from taskseed.checks.format import format_fault, schema_fault
from taskseed.checks.structures.schemas import TRIVIAL, SchemaFit
from taskseed.guards import GuardIndex, Match
from taskseed.recipe import ScreenSpec
from taskseed.records import Dropped, Question, Seed

__all__ = ["RunTests", "group_of", "question_text", "screen"]

STAGE = "screen"

Fits = Callable[[str, Sequence[str]], Sequence[SchemaFit]]  # a JSON schema, answers -> whether each fits
RunTests = Callable[[str, Sequence[str]], str | None]  # code, asserts -> what failed, or None


@dataclass(frozen=True, slots=True)
class _Checks:
    """What runs aside: tests of code, and JSON schemas."""

    run_tests: RunTests | None
    fits: Fits | None


@dataclass(frozen=True, slots=True)
class _Scored:
    question: Question
    match: Match | None
    reason: str | None
    score: float | None
    evidence: str


def question_text(question: Question | Seed) -> str:
    """Return all text of a question that a reader sees: passage, question and options."""
    return "\n".join(part for part in (question.context, question.question, *question.options) if part)


def screen(
    questions: Sequence[Question],
    seeds: dict[str, Seed],
    spec: ScreenSpec,
    guards: GuardIndex,
    seen: NearDuplicates,
    run_tests: RunTests | None,
    fits: Fits | None = None,
) -> list[Question | Dropped]:
    """Return one entry per question, in order: the question with its scores, or why it was dropped.

    :param seeds: the seeds of these questions by `seed_id`.
    :param seen: the questions of all earlier shards; those that pass here are added.
    :param run_tests: runs a code question's own answer against its tests; None where nothing may be run.
    :param fits: says whether answers fit a JSON schema; without it no question with a schema passes.
    """
    scored = _score(questions, seeds, spec, guards, _Checks(run_tests, fits))
    candidates = [s for s in scored if s.reason is None]
    duplicates = iter(
        seen.offer(
            [s.question.question_id for s in candidates],
            [question_text(s.question) for s in candidates],
            [group_of(s.question) for s in candidates],
        )
    )
    out: list[Question | Dropped] = []
    for entry in scored:
        if entry.reason is None:
            out.append(_unique(entry.question, next(duplicates)))
        else:
            out.append(_drop(entry.question, entry.reason, entry.score, entry.evidence))
    return out


def group_of(question: Question) -> str:
    """Variants of one seed differ in their numbers only, by design: near-equality is no fault among them."""
    return question.seed_id if question.derivation == "numeric_variant" else question.question_id


def _score(
    questions: Sequence[Question],
    seeds: dict[str, Seed],
    spec: ScreenSpec,
    guards: GuardIndex,
    checks: _Checks,
) -> list[_Scored]:
    copies = similarity(
        [question_text(q) for q in questions], [question_text(seeds[q.seed_id]) for q in questions]
    )
    guarded = guards.score([f"{question_text(q)}\n{q.answer}" for q in questions])
    scored = []
    for question, copy, match in zip(questions, copies, guarded, strict=True):
        question = replace(question, seed_similarity=copy, heldout_overlap=match.score if match else 0.0)
        verdict = _verdict(question, seeds[question.seed_id], spec, match, checks)
        scored.append(_Scored(question, match, *verdict))
    return scored


def _verdict(
    question: Question, seed: Seed, spec: ScreenSpec, match: Match | None, checks: _Checks
) -> tuple[str | None, float | None, str]:
    fault = schema_fault(question) or format_fault(question)
    if fault:
        return fault.reason, None, fault.evidence
    if _copies(question, seed, spec.seed_copy):
        return "seed_copy", question.seed_similarity, f"seed: {seed.question}"
    if match is not None and match.score >= spec.contamination:
        where = f"{match.guard} row {match.row}, {match.field}"
        return "contaminated", match.score, f"{where}: {match.excerpt}"
    if question.kind == "code":
        return _tested(question, checks.run_tests)
    if question.schema is not None:
        return _fitted(question, question.schema, checks.fits)
    return None, None, ""


def _copies(question: Question, seed: Seed, threshold: float) -> bool:
    if (
        question.derivation == "numeric_variant"
    ):  # alike but for its numbers, by design: it must differ at all
        return question.question == seed.question
    return (question.seed_similarity or 0.0) >= threshold


def _tested(question: Question, run_tests: RunTests | None) -> tuple[str | None, float | None, str]:
    if run_tests is None:
        return "no_sandbox", None, "code answers are verified by running them, and no sandbox is available"
    failed = run_tests(question.answer, question.checks)
    if failed:
        return "tests_fail", None, failed
    for stub in trivial_stubs(question.answer, question.checks):
        if run_tests(stub, question.checks) is None:
            return "weak_tests", None, f"they pass with: {stub.strip()}"
    return None, None, ""


def _fitted(question: Question, schema: str, fits: Fits | None) -> tuple[str | None, float | None, str]:
    if fits is None:
        return "schema_fails", None, "nothing here checks answers against a JSON schema"
    own, *trivial = fits(schema, [question.answer, *TRIVIAL])
    if own.verdict != "fits":
        return "schema_fails", None, own.detail
    passing = next(
        (text for text, fit in zip(TRIVIAL, trivial, strict=True) if fit.verdict != "violates"), None
    )
    return (None, None, "") if passing is None else ("weak_schema", None, f"it is fitted by: {passing}")


def _unique(question: Question, nearest: Duplicate | None) -> Question | Dropped:
    question = replace(question, nearest_duplicate=nearest.score if nearest else 0.0)
    if nearest is not None and nearest.is_duplicate:
        return _drop(question, "near_duplicate", nearest.score, f"question {nearest.other_id}")
    return question


def _drop(question: Question, reason: str, score: float | None, evidence: str) -> Dropped:
    return Dropped.of(
        STAGE,
        reason,
        question,
        id=question.question_id,
        task=question.task,
        seed_id=question.seed_id,
        score=score,
        evidence=evidence,
    )
