"""enrich: questions → decided questions, each with every solve that was made of it.

A solve is at once a vote and a candidate record. Solves come in small rounds, their styles in turn, their
options in balanced orders, until the vote is decided. No solve ever sees the proposed answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from taskseed.checks.answers import Verdict, pool_votes, rules_of, same_answer, vote_key
from taskseed.checks.orders import shown_order
from taskseed.checks.schemas import SchemaFit
from taskseed.checks.votes import Tally, VoteRule, decide, tally
from taskseed.concurrency import settle
from taskseed.models.base import CUT_OFF, Prompt
from taskseed.models.stored import Answer, Ask, Spent, untold
from taskseed.prompts import PromptSet, parse_solve, solver_messages, styles_of
from taskseed.recipe import EnrichSpec
from taskseed.records import Decision, Dropped, Question, Solve, content_id
from taskseed.stages.judging import Groups, Judge

__all__ = ["Solver", "accept_unsolved", "confirms", "enrich"]

STAGE = "enrich"
PASSES, FAILS = "passes the tests", "fails the tests"
FITS, VIOLATES = "fits the schema", "does not fit the schema"

T = TypeVar("T")
Hard = Callable[[str, str], Verdict] | None
RunTests = Callable[[str, Sequence[str]], Awaitable[str | None]]
Fits = Callable[[str, Sequence[str]], Awaitable[Sequence[SchemaFit]]]


@dataclass(frozen=True, slots=True)
class Solver:
    """The model that solves, and how it is asked.

    :param run_tests: runs a code answer against a question's tests and returns what failed; None where
        nothing may be run.
    :param spent: is told of each ask.
    :param judge: says which free-text answers are the same; None where they are so to the letter alone.
    :param fits: says whether answers fit a JSON schema; without it no answer to such a question can be read.
    :param hard: compares two expressions by computer algebra; None where none is installed.
    """

    ask: Ask
    model: str
    sampling: dict[str, object]
    prompts: PromptSet
    run_tests: RunTests | None
    spent: Spent = untold
    judge: Judge | None = None
    hard: Hard = None
    fits: Fits | None = None


async def enrich(
    questions: Sequence[Question],
    solver: Solver,
    spec: EnrichSpec,
    random_seed: int,
    solved: Callable[[], None] | None = None,
) -> list[Decision | Dropped]:
    """Solve each question until its vote is decided; returns one entry per question, in order.

    :param solved: is called as each question ends.
    """
    return await settle((_enrich_one(q, solver, spec, random_seed) for q in questions), solved)


def accept_unsolved(questions: Sequence[Question]) -> list[Decision | Dropped]:
    """Accept numeric variants on their recomputation alone, where no solver is configured."""
    return [
        _recomputed(q)
        if q.derivation == "numeric_variant"
        else _drop(q, (), "undecided", None, "no solver is configured")
        for q in questions
    ]


def _recomputed(question: Question) -> Decision:
    return Decision(
        question=question,
        answer=question.answer,
        answer_index=question.answer_index,
        votes_for=0,
        votes_total=0,
        votes_unparsed=0,
        agreement=None,
        p_majority=None,
        verifier="recomputed",
        winner=_vote(question, question.answer) or question.answer,
        solves=_worked(question),
    )


def _worked(question: Question) -> tuple[Solve, ...]:
    """A numeric variant's recomputed solution is a candidate record, though it is not a vote."""
    if question.solution is None:
        return ()
    return (
        Solve(
            solve_id=content_id("solution", question.question_id),
            question_id=question.question_id,
            seed_id=question.seed_id,
            task=question.task,
            index=-1,
            style="reasoning",
            enrichment=question.solution,
            answer=question.answer,
            vote=_vote(question, question.answer),
            finish_reason="stop",
            solver_model=None,
            solver_prompt=None,
        ),
    )


async def _enrich_one(
    question: Question, solver: Solver, spec: EnrichSpec, random_seed: int
) -> Decision | Dropped:
    rule = VoteRule(spec.min_votes, spec.max_votes, spec.confidence, spec.min_agreement)
    styles = [s for s in spec.styles if s in styles_of(question)] or ["direct"]
    solves: list[Solve] = []
    groups = _groups(question, solver, spec)
    while True:
        wanted = range(len(solves), max(spec.min_votes, len(solves) + 1))
        made = await settle(_solve(question, i, styles[i % len(styles)], solver, random_seed) for i in wanted)
        solves += [s for s in made if isinstance(s, Solve)]
        for missing in (m for m in made if isinstance(m, Answer)):
            return _unanswered(question, solves, missing)
        votes: list[str | None] | Answer
        if groups is None:
            votes = await _aside(question, solver, _merged, question, solves, solver.hard)
        else:
            votes = await groups.votes(_read(solves))
        if isinstance(votes, Answer):
            return _unanswered(question, solves, votes)
        counted = tally(votes)
        verdict = decide(counted, rule)
        if verdict != "more":
            solves = [replace(s, vote=v) for s, v in zip(solves, votes, strict=True)]
            ballot = _Ballot(tuple(solves), counted, groups, solver.hard)
            return await _aside(question, solver, _decided, question, ballot, verdict, spec.on_disagreement)


def _groups(question: Question, solver: Solver, spec: EnrichSpec) -> Groups | None:
    if question.kind != "free_text" or solver.judge is None:
        return None
    anchored = spec.on_disagreement == "drop"
    return Groups(question, solver.judge, anchored=anchored, max_votes=spec.max_votes)


def _read(solves: Sequence[Solve]) -> list[str | None]:
    return [None if s.vote is None else s.answer for s in solves]


def _unanswered(question: Question, solves: Sequence[Solve], missing: Answer) -> Dropped:
    detail = f"{missing.failure}: {missing.detail}".rstrip(": ")
    return _drop(question, solves, "no_response", None, detail)


async def _aside(question: Question, solver: Solver, work: Callable[..., T], *given: Any) -> T:
    """Compare votes in a thread where it may take computer algebra, which is slow."""
    if question.kind == "expression" and solver.hard is not None:
        return await asyncio.to_thread(work, *given)
    return work(*given)


async def _solve(
    question: Question, index: int, style: str, solver: Solver, random_seed: int
) -> Solve | Answer:
    """Return one solve, or the answer that is no response."""
    order = shown_order(question, index, random_seed)
    messages, prompt_hash = solver_messages(solver.prompts, question, style, order)
    prompt = Prompt(solver.model, messages, solver.sampling)
    answers = await solver.ask(prompt, [index])
    solver.spent(question.task, prompt, answers)
    answer = answers[0]
    if answer.completion is None:
        return answer
    completion = answer.completion
    solved = parse_solve(completion.text, question.kind)
    readable = _storable(solved.answer) if solved.answer and completion.finish_reason not in CUT_OFF else None
    return Solve(
        solve_id=content_id("solve", question.question_id, index, completion.text),
        question_id=question.question_id,
        seed_id=question.seed_id,
        task=question.task,
        index=index,
        style=style,
        enrichment=_storable(solved.enrichment),
        answer=readable,
        vote=await _cast(question, readable, [question.options[i] for i in order], solver),
        finish_reason=completion.finish_reason,
        solver_model=solver.model,
        solver_prompt=prompt_hash,
    )


def _storable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which a reply's JSON escapes can spell."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


async def _cast(question: Question, answer: str | None, shown: Sequence[str], solver: Solver) -> str | None:
    """Return what a solve voted for; a letter stands for the option in that place as the solve saw them."""
    if answer is None:
        return None
    if question.schema is not None:
        return await _fit(question.schema, answer, solver.fits)
    if question.kind != "code":
        rules = replace(rules_of(question), options=tuple(shown), aliases=_spellings(question))
        return vote_key(question.kind, answer, rules)
    if solver.run_tests is None:
        return None
    return FAILS if await solver.run_tests(answer, question.checks) else PASSES


async def _fit(schema: str, answer: str, fits: Fits | None) -> str | None:
    """Return what a solve voted for whose answer is right if it fits a schema; None where nobody can tell."""
    if fits is None:
        return None
    (found,) = await fits(schema, [answer])
    return {"fits": FITS, "violates": VIOLATES}.get(found.verdict)


def _is_run(question: Question) -> bool:
    """Say whether an answer is right by what it does, and not by what it is: many are."""
    return question.kind == "code" or question.schema is not None


def _vote(question: Question, answer: str) -> str | None:
    return vote_key(question.kind, answer, replace(rules_of(question), aliases=_spellings(question)))


def _spellings(question: Question) -> tuple[str, ...]:
    """Return all spellings of the proposed answer where it has several, so that they count as one vote."""
    return (question.answer, *question.aliases) if question.aliases else ()


def _merged(question: Question, solves: Sequence[Solve], hard: Hard) -> list[str | None]:
    """Return each solve's vote, with votes for equivalent answers under the name of the first of them."""
    if question.options or _is_run(question):
        return [s.vote for s in solves]
    names: list[str] = []
    votes: list[str | None] = []
    for vote in pool_votes(question.kind, [s.vote for s in solves]):
        if vote is not None:
            vote = next((n for n in names if n == vote or _alike(question, n, vote, hard)), vote)
            names.append(vote)
        votes.append(vote)
    return votes


def _alike(question: Question, left: str, right: str, hard: Hard) -> bool:
    """Say whether each of two votes would be right if the other were; so their order does not matter."""
    return _same(question, left, right, hard) and _same(question, right, left, hard)


def _same(question: Question, said: str, gold: str, hard: Hard) -> bool:
    # The aliases are the proposed answer's, and count only where that is the gold.
    rules = replace(rules_of(question, hard), aliases=question.aliases if gold == question.answer else ())
    return same_answer(question.kind, said, gold, rules) == "equal"


@dataclass(frozen=True, slots=True)
class _Ballot:
    """What a decision is made of: the solves with their votes, the count, and what a judge said."""

    solves: tuple[Solve, ...]
    counted: Tally
    groups: Groups | None
    hard: Hard


def _decided(question: Question, ballot: _Ballot, verdict: str, on_disagreement: str) -> Decision | Dropped:
    solves, counted = ballot.solves, ballot.counted
    if verdict != "agreed" or counted.leader is None:
        reason = "low_agreement" if verdict == "low_agreement" else "undecided"
        return _drop(question, solves, reason, counted.agreement, _votes(solves))
    winner = counted.leader
    if ballot.groups is not None:
        confirmed = winner == ballot.groups.proposed
    else:
        confirmed = confirms(question, winner, ballot.hard)
    if not confirmed and (on_disagreement == "drop" or _is_run(question)):
        return _drop(
            question, solves, "disagrees_with_writer", counted.agreement, f"{question.answer} / {winner}"
        )
    answer, index = _established(question, winner, solves, confirmed)
    judge = ballot.groups.judge_behind(winner) if ballot.groups else None
    return Decision(
        question=question,
        answer=answer,
        answer_index=index,
        votes_for=counted.votes_for,
        votes_total=counted.votes_total,
        votes_unparsed=counted.votes_unparsed,
        agreement=counted.agreement,
        p_majority=counted.p_majority,
        verifier="judge" if judge else _verifier(question, confirmed),
        winner=winner,
        solves=(*solves, *(replace(w, vote=winner) for w in _worked(question) if confirmed)),
        judge_model=judge,
    )


def confirms(question: Question, winner: str, hard: Hard = None) -> bool:
    """Tell whether a vote is for the answer that stands in the question; of code, that it passes.

    Of free text that a judge grouped, this holds where each answer was compared (`on_disagreement: replace`):
    the votes of a group with the question's own answer bear that answer's text.
    """
    if question.kind == "free_text" and winner == question.answer:
        return True
    if _is_run(question):
        return winner in (PASSES, FITS)
    if question.options:
        return winner == question.answer
    pooled = pool_votes(question.kind, [winner, _vote(question, question.answer)])
    return len(set(pooled)) == 1 or _same(question, winner, question.answer, hard)


def _established(
    question: Question, winner: str, solves: Sequence[Solve], confirmed: bool
) -> tuple[str, int | None]:
    if confirmed:
        return question.answer, question.answer_index
    if not question.options:
        return next(s.answer or winner for s in solves if s.vote == winner), None
    index = question.options.index(winner)  # a vote on a question with options is the text of one
    return question.options[index], index


def _verifier(question: Question, confirmed: bool) -> str:
    """Return what established the answer; votes that replace a recomputed answer stand for themselves."""
    if _is_run(question):
        return "executed"
    if question.derivation == "numeric_variant" and confirmed:
        return "recomputed"
    to_the_letter = question.options or question.kind in ("boolean", "free_text")
    return "vote" if to_the_letter else "vote+equivalence"


def _votes(solves: Sequence[Solve]) -> str:
    return "; ".join(f"{s.index} {s.style}: {'unread' if s.vote is None else s.vote}" for s in solves)


def _drop(
    question: Question, solves: Sequence[Solve], reason: str, score: float | None, evidence: str
) -> Dropped:
    candidate: dict[str, Any] = {"question": question, "solves": list(solves)}
    return Dropped.of(
        STAGE,
        reason,
        candidate,
        id=question.question_id,
        task=question.task,
        seed_id=question.seed_id,
        score=score,
        evidence=evidence,
    )
