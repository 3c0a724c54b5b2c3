"""filter: solves of agreed questions → samples. Each solve's own text is verified here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from taskseed.checks.answers import same_answer
from taskseed.checks.enrichment import arithmetic_faults, enrichment_fault
from taskseed.guards import GuardIndex, Match
from taskseed.models.base import CUT_OFF
from taskseed.prompts import parse_solve
from taskseed.records import Decision, Dropped, Sample, Seed, Solve, content_id

__all__ = ["FilterRules", "filter_solves"]

STAGE = "filter"


@dataclass(frozen=True, slots=True)
class FilterRules:
    """What a kept solve must satisfy.

    :param styles: in the order in which they take turns.
    :param licenses: terms of each model's output by model name.
    """

    contamination: float
    keep_per_question: int
    styles: tuple[str, ...]
    licenses: Mapping[str, str]


def filter_solves(
    decisions: Sequence[Decision], seeds: Mapping[str, Seed], rules: FilterRules, guards: GuardIndex
) -> list[Sample | Dropped]:
    """Return one entry per solve of the decided questions, in order: its sample, or why it was dropped.

    The text of a returned sample is empty; packaging writes it.
    """
    solves = [s for d in decisions for s in d.solves]
    matches = iter(guards.score([_kept_text(s) for s in solves]))
    out: list[Sample | Dropped] = []
    for decision in decisions:
        judged = [_judge(decision, s, next(matches), rules) for s in decision.solves]
        fit = [entry for entry in judged if isinstance(entry, Solve)]
        kept = {s.solve_id for s in _select(fit, rules, decision.question.question_id)}
        for entry in judged:
            if isinstance(entry, Dropped):
                out.append(entry)
            elif entry.solve_id in kept:
                out.append(_sample(decision, entry, seeds[entry.seed_id], rules))
            else:
                evidence = f"{len(kept)} others of this question were kept"
                out.append(_drop(entry, "not_selected", None, evidence))
    return out


def _kept_text(solve: Solve) -> str:
    """Return what a sample of this solve carries: what a `direct` solve says besides is not kept."""
    return "" if solve.style == "direct" else solve.enrichment


def _judge(decision: Decision, solve: Solve, match: Match | None, rules: FilterRules) -> Solve | Dropped:
    fault = _vote_fault(decision, solve) or _text_fault(decision, solve)
    if fault:
        return _drop(solve, fault[0], None, fault[1])
    overlap = match.score if match else 0.0
    if match is not None and overlap >= rules.contamination:
        where = f"{match.guard} row {match.row}, {match.field}"
        return _drop(solve, "contaminated", overlap, f"{where}: {match.excerpt}")
    return replace(solve, heldout_overlap=overlap)


def _vote_fault(decision: Decision, solve: Solve) -> tuple[str, str] | None:
    if solve.finish_reason in CUT_OFF:
        return "truncated", solve.enrichment[-300:]
    if solve.vote is None:
        return "unparsed", solve.enrichment[-300:] or "no text"
    if solve.vote != decision.winner:
        return "minority", f"{solve.vote}; the winner is {decision.winner}"
    return None


def _text_fault(decision: Decision, solve: Solve) -> tuple[str, str] | None:
    question, text = decision.question, solve.enrichment
    if solve.style == "direct":
        return None
    if not text.strip():
        return "empty_enrichment", f"style {solve.style} with nothing beside the answer"
    fault = enrichment_fault(text, has_options=bool(question.options))
    if fault:
        return fault
    stated = None if question.kind == "code" else parse_solve(text, question.kind).answer
    if stated is not None and len(stated) < len(text.strip()) - 1:  # a lone line is read as an answer whole
        same = same_answer(question.kind, stated, decision.answer, question.options, question.aliases)
        if same == "different":
            return "inconsistent_reasoning", f"the text arrives at {stated}, the answer is {decision.answer}"
    wrong = arithmetic_faults(text) if question.kind == "number" else []
    return ("inconsistent_reasoning", f"does not hold: {wrong[0]}") if wrong else None


def _select(fit: Sequence[Solve], rules: FilterRules, question_id: str) -> list[Solve]:
    """Choose up to `keep_per_question`: one of each style in turn, earliest first, no text twice.

    The style whose turn comes first changes with the question, so that no style is always the one left out.
    """
    queues: dict[str, list[Solve]] = {}
    seen: set[str] = set()
    for solve in sorted(fit, key=lambda s: s.index):
        if _kept_text(solve) not in seen:
            seen.add(_kept_text(solve))
            queues.setdefault(solve.style, []).append(solve)
    order = sorted(queues, key=lambda s: rules.styles.index(s) if s in rules.styles else len(rules.styles))
    first = int(question_id, 16) % len(order) if order else 0
    order = order[first:] + order[:first]
    chosen: list[Solve] = []
    while order and len(chosen) < rules.keep_per_question:
        for style in order:
            if queues[style] and len(chosen) < rules.keep_per_question:
                chosen.append(queues[style].pop(0))
        order = [s for s in order if queues[s]]
    return chosen


def _sample(decision: Decision, solve: Solve, seed: Seed, rules: FilterRules) -> Sample:
    q = decision.question
    enrichment = _kept_text(solve)
    # A solve that passes the tests is verified itself, and its text explains its own code, not the writer's.
    answer = solve.answer if q.kind == "code" and solve.answer else decision.answer
    return Sample(
        id=content_id("sample", q.question_id, solve.style, enrichment, answer),
        question_id=q.question_id,
        seed_id=q.seed_id,
        task=seed.task,
        family=seed.family,
        also_tasks=seed.also_tasks,
        capability=seed.capability,
        domain=seed.domain,
        language=seed.language,
        kind=q.kind,
        question=q.question,
        context=q.context,
        options=q.options,
        answer=answer,
        answer_index=decision.answer_index,
        aliases=q.aliases if answer == q.answer else (),
        style=solve.style,
        enrichment=enrichment,
        text="",
        votes_for=decision.votes_for,
        votes_total=decision.votes_total,
        votes_unparsed=decision.votes_unparsed,
        agreement=decision.agreement,
        p_majority=decision.p_majority,
        verifier=decision.verifier,
        derivation=q.derivation,
        axes=q.axes,
        seed_similarity=q.seed_similarity,
        heldout_overlap=max(q.heldout_overlap or 0.0, solve.heldout_overlap or 0.0),
        nearest_duplicate=q.nearest_duplicate,
        license=seed.license,
        model_license=_model_license(q.writer_model, solve.solver_model, rules.licenses),
        source_dataset=seed.source_dataset,
        source_config=seed.source_config,
        source_split=seed.source_split,
        source_revision=seed.source_revision,
        source_row=seed.source_row,
        writer_model=q.writer_model,
        solver_model=solve.solver_model,
        writer_prompt=q.writer_prompt,
        solver_prompt=solve.solver_prompt,
        tokens=0,
    )


def _model_license(writer: str | None, solver: str | None, licenses: Mapping[str, str]) -> str | None:
    """Return the terms of the models whose words are in the row; None where no model wrote any."""
    terms = sorted({licenses.get(m, "unknown") for m in (writer, solver) if m is not None})
    return " AND ".join(terms) if terms else None


def _drop(solve: Solve, reason: str, score: float | None, evidence: str) -> Dropped:
    return Dropped.of(
        STAGE,
        reason,
        solve,
        id=solve.solve_id,
        task=solve.task,
        seed_id=solve.seed_id,
        score=score,
        evidence=evidence,
    )
