"""filter: solves of agreed questions → samples. Each solve's own text is verified here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from taskseed.checks.answers import rules_of, same_answer
from taskseed.checks.enrichment import arrives_elsewhere, enrichment_fault, never_names
from taskseed.checks.equations import Equations, check_equations
from taskseed.checks.letters import without_letters
from taskseed.checks.orders import own_turns, shown_order
from taskseed.checks.selection import select
from taskseed.guards import GuardIndex, Match
from taskseed.models.base import CUT_OFF
from taskseed.prompts import parse_solve
from taskseed.records import Decision, Dropped, Question, Sample, Seed, Solve, content_id

__all__ = ["FilterRules", "filter_solves"]

STAGE = "filter"

_SAYS_SO = re.compile(r"\banswer\s(?:is|would be|should be)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FilterRules:
    """What a kept solve must satisfy.

    :param styles: in the order in which they take turns.
    :param licenses: terms of each model's output by model name.
    :param random_seed: the recipe's, from which each solve's order of the options follows.
    :param keep_wrong_arithmetic: whether texts with equations that do not hold are kept, with their number.
    """

    contamination: float
    keep_per_question: int
    styles: tuple[str, ...]
    licenses: Mapping[str, str]
    random_seed: int = 0
    keep_wrong_arithmetic: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """A solve with its text as it would be kept, and what was found out about it.

    :param letters: how many option letters were replaced in the text.
    :param equations: None where the text is not one about mathematics.
    :param fault: reason, score and evidence.
    """

    solve: Solve
    letters: int = 0
    equations: Equations | None = None
    fault: tuple[str, float | None, str] | None = None


def filter_solves(
    decisions: Sequence[Decision], seeds: Mapping[str, Seed], rules: FilterRules, guards: GuardIndex
) -> list[Sample | Dropped]:
    """Return one entry per solve of the decided questions, in order: its sample, or why it was dropped.

    Option letters in a solve's text are replaced by the options' texts before anything else is judged. The
    text of a returned sample is empty; packaging writes it.
    """
    read = []
    for decision in decisions:
        turns = own_turns(decision.solves)
        solves = decision.solves
        read.append([_read(decision, s, turns.get(s.solve_id), seeds[s.seed_id], rules) for s in solves])
    matches = iter(guards.score([_kept_text(r.solve) for reads in read for r in reads]))
    out: list[Sample | Dropped] = []
    for decision, reads in zip(decisions, read, strict=True):
        out += _one_question(decision, [_guarded(r, next(matches), rules) for r in reads], seeds, rules)
    return out


def _one_question(
    decision: Decision, reads: Sequence[_Read], seeds: Mapping[str, Seed], rules: FilterRules
) -> list[Sample | Dropped]:
    fit = sorted((r for r in reads if r.fault is None), key=lambda r: r.solve.index)
    question_id = decision.question.question_id
    turns = _turns([r.solve.style for r in fit], rules.styles, question_id)
    made = select(
        [_kept_text(r.solve) for r in fit], [r.solve.style for r in fit], turns, rules.keep_per_question
    )
    kept = {fit[i].solve.solve_id for i in made.chosen}
    overlaps = {r.solve.solve_id: overlap for r, overlap in zip(fit, made.overlaps, strict=True)}
    out: list[Sample | Dropped] = []
    for entry in reads:
        solve = entry.solve
        if entry.fault is not None:
            out.append(_drop(solve, *entry.fault))
        elif solve.solve_id in kept:
            out.append(_sample(decision, entry, seeds[solve.seed_id], rules))
        else:
            evidence = f"{len(kept)} others of this question were kept"
            out.append(_drop(solve, "not_selected", overlaps[solve.solve_id], evidence))
    return out


def _turns(present: Sequence[str], styles: Sequence[str], question_id: str) -> list[str]:
    """Return the styles in the order in which they are covered.

    The style whose turn comes first changes with the question, so that no style is always the one left out.
    """
    known = sorted(set(present), key=lambda s: (styles.index(s) if s in styles else len(styles), s))
    first = int(question_id, 16) % len(known) if known else 0
    return known[first:] + known[:first]


def _kept_text(solve: Solve) -> str:
    """Return what a sample of this solve carries: what a `direct` solve says besides is not kept."""
    return "" if solve.style == "direct" else solve.enrichment


def _read(decision: Decision, solve: Solve, turn: int | None, seed: Seed, rules: FilterRules) -> _Read:
    """Read one solve.

    :param turn: its number among those of its model; None of a worked solution.
    """
    fault = _vote_fault(decision, solve)
    if fault or solve.style == "direct":
        return _Read(solve, fault=(fault[0], None, fault[1]) if fault else None)
    question, letters = decision.question, 0
    if question.options and turn is not None:
        order = shown_order(question, turn, rules.random_seed)
        asked = f"{question.context or ''}\n{question.question}"
        rewritten = without_letters(solve.enrichment, [question.options[i] for i in order], asked)
        if isinstance(rewritten, str):
            reason = "option_letters"
            return _Read(solve, fault=(reason, None, rewritten))
        solve, letters = replace(solve, enrichment=rewritten.text), rewritten.replaced
    equations = check_equations(solve.enrichment) if _is_mathematics(question, seed) else None
    return _Read(solve, letters, equations, _text_fault(decision, solve, seed, equations, rules))


def _is_mathematics(question: Question, seed: Seed) -> bool:
    chosen = question.kind == "multiple_choice" and seed.domain == "mathematics"
    return chosen or question.kind in ("number", "expression")


def _guarded(read: _Read, match: Match | None, rules: FilterRules) -> _Read:
    overlap = match.score if match else 0.0
    if read.fault is not None:
        return read
    if match is not None and overlap >= rules.contamination:
        where = f"{match.guard} row {match.row}, {match.field}"
        reason = "contaminated"
        return replace(read, fault=(reason, overlap, f"{where}: {match.excerpt}"))
    return replace(read, solve=replace(read.solve, heldout_overlap=overlap))


def _vote_fault(decision: Decision, solve: Solve) -> tuple[str, str] | None:
    if solve.finish_reason in CUT_OFF:
        return "truncated", solve.enrichment[-300:]
    if solve.vote is None:
        return "unparsed", solve.enrichment[-300:] or "no text"
    if solve.vote != decision.winner:
        return "minority", f"{solve.vote}; the winner is {decision.winner}"
    return None


def _text_fault(
    decision: Decision, solve: Solve, seed: Seed, equations: Equations | None, rules: FilterRules
) -> tuple[str, float | None, str] | None:
    question, text = decision.question, solve.enrichment
    if not text.strip():
        return "empty_enrichment", None, f"style {solve.style} with nothing beside the answer"
    # A programmer's text is about its code, in the language of programmers.
    language = "" if question.kind == "code" else seed.language
    fault = enrichment_fault(text, language, question.question)
    if fault:
        return fault[0], None, fault[1]
    elsewhere = _elsewhere(decision, text)
    if elsewhere:
        return "inconsistent_reasoning", None, elsewhere
    # What is wrong about another option may be stated as wrong arithmetic, to say where it comes from.
    if equations and equations.wrong and solve.style != "distractors" and not rules.keep_wrong_arithmetic:
        count = len(equations.wrong)
        return "inconsistent_reasoning", float(count), f"does not hold: {'; '.join(equations.wrong)}"
    if question.kind == "number" and solve.style == "reasoning" and never_names(text, decision.answer):
        return "inconsistent_reasoning", None, f"{decision.answer} does not stand in the text: {text[-300:]}"
    return None


def _elsewhere(decision: Decision, text: str) -> str:
    """Return what the text arrives at if that is not the kept answer, else ""."""
    question = decision.question
    if question.kind in ("code", "structured", "free_text"):
        return ""
    solved = parse_solve(text, question.kind)
    stated = solved.answer
    if stated is None or len(stated) >= len(text.strip()) - 1:  # a lone line is read as an answer whole
        return ""
    verdict = same_answer(question.kind, stated, decision.answer, rules_of(question))
    marked = _SAYS_SO.search(text.strip()[len(solved.enrichment) :]) is None
    others = [o for i, o in enumerate(question.options) if i != decision.answer_index]
    if not arrives_elsewhere(stated, marked, verdict, decision.answer, others):
        return ""
    return f"the text arrives at {stated}, the answer is {decision.answer}"


def _sample(decision: Decision, read: _Read, seed: Seed, rules: FilterRules) -> Sample:
    q, solve = decision.question, read.solve
    enrichment = _kept_text(solve)
    # A solve that passes the tests, or fits the schema, is verified itself; its text explains its own.
    own = solve.answer if q.kind == "code" or q.schema is not None else None
    answer = own or decision.answer
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
        votes_by_style=decision.votes_by_style,
        votes_by_model=decision.votes_by_model,
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
        judge_model=decision.judge_model,
        letters_replaced=read.letters,
        equations_judged=None if read.equations is None else read.equations.judged,
        equations_wrong=None if read.equations is None else len(read.equations.wrong),
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
