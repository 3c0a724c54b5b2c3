"""enrich: questions → decided questions, each with every solve that was made of it.

A solve is at once a vote and a candidate record. Solves come in small rounds (as many as are certainly still
needed), their models and styles in turn, their options in balanced orders, until the vote is decided. No
solve ever sees the proposed answer. Where only that answer can be kept, the vote ends once it is settled
whether it is; the votes themselves know nothing of it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from taskseed.checks.orders import shown_order
from taskseed.checks.votes import Tally, decide, still_needed, support, tally
from taskseed.concurrency import settle
from taskseed.models.base import CUT_OFF, Prompt
from taskseed.models.stored import Answer, Ask, Spent, untold
from taskseed.prompts import PromptSet, parse_solve, solver_messages, styles_of
from taskseed.recipe import EnrichSpec
from taskseed.records import Decision, Dropped, Question, Solve, canonical_json, content_id
from taskseed.stages.ballots import Fits, Hard, RunTests, cast, confirms, is_run, merged, rule_of, vote_for
from taskseed.stages.judging import Groups, Judge

__all__ = ["Solver", "accept_unsolved", "enrich"]

STAGE = "enrich"

T = TypeVar("T")


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
    voter: Solver | None = None,
) -> list[Decision | Dropped]:
    """Solve each question until its vote is decided; returns one entry per question, in order.

    :param solved: is called as each question ends.
    :param voter: a second model, of another name, that solves every other time; its votes weigh the same.
    """
    solvers = [solver] if voter is None else [solver, voter]
    return await settle((_enrich_one(q, solvers, spec, random_seed) for q in questions), solved)


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
        winner=vote_for(question, question.answer) or question.answer,
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
            vote=vote_for(question, question.answer),
            finish_reason="stop",
            solver_model=None,
            solver_prompt=None,
        ),
    )


async def _enrich_one(
    question: Question, solvers: Sequence[Solver], spec: EnrichSpec, random_seed: int
) -> Decision | Dropped:
    rule = rule_of(spec)
    styles = [s for s in spec.styles if s in styles_of(question)] or ["direct"]
    ballot = _Ballot(question, spec, _groups(question, solvers[0], spec), solvers[0].hard)
    while True:
        solves = ballot.solves
        more = range(len(solves), len(solves) + still_needed(ballot.votes, rule, ballot.keepable))
        turns = [_turn(question, i, solvers) for i in more]
        made = await settle(_solve(question, t, styles[t.own % len(styles)], random_seed) for t in turns)
        ballot.solves = [*solves, *(s for s in made if isinstance(s, Solve))]
        missing = next((m for m in made if isinstance(m, Answer)), None) or await _count(ballot)
        if missing is not None:
            return _unanswered(question, ballot.solves, missing)
        counted = tally(ballot.votes)
        verdict = decide(counted, rule, support(ballot.votes, ballot.keepable))
        if verdict != "more":
            return await _aside(ballot, _decided, ballot, counted, verdict)


@dataclass(slots=True)
class _Ballot:
    """What the solves of a question have come to.

    :param groups: what a judge says of free text; None where votes are compared without one.
    :param votes: of each solve, in order.
    :param keepable: the votes for the proposed answer by their names, where no other answer can be kept; None
        where another one can be.
    """

    question: Question
    spec: EnrichSpec
    groups: Groups | None
    hard: Hard
    solves: list[Solve] = field(default_factory=list)
    votes: list[str | None] = field(default_factory=list)
    keepable: list[str] | None = None
    _known: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Not where code or a schema lets only the proposal be kept in any case: those who solve seeds blind
        # say `replace` so that nothing about a vote depends on the gold answer.
        self.keepable = [] if self.spec.on_disagreement == "drop" else None

    def confirms(self, vote: str) -> bool:
        """Say whether a vote is for the proposed answer; each is compared once."""
        if self.groups is not None:
            return vote == self.groups.proposed
        if vote not in self._known:
            self._known[vote] = confirms(self.question, vote, self.hard)
        return self._known[vote]

    def merge(self) -> None:
        """Count votes for equivalent answers under one name."""
        self.put(merged(self.question, self.solves, self.hard))

    def put(self, votes: list[str | None]) -> None:
        """Take the votes, and see which of them are for the only answer that can be kept."""
        self.votes = votes
        if self.keepable is not None:
            self.keepable = [v for v in dict.fromkeys(votes) if v is not None and self.confirms(v)]


async def _count(ballot: _Ballot) -> Answer | None:
    """Bring the votes up to date; returns the answer of a judge that is no response."""
    if ballot.groups is None:
        await _aside(ballot, ballot.merge)
        return None
    votes = await ballot.groups.votes(_read(ballot.solves))
    if isinstance(votes, Answer):
        return votes
    ballot.put(votes)
    return None


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


async def _aside(ballot: _Ballot, work: Callable[..., T], *given: Any) -> T:
    """Compare votes in a thread where it may take computer algebra, which is slow."""
    if ballot.question.kind == "expression" and ballot.hard is not None:
        return await asyncio.to_thread(work, *given)
    return work(*given)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whose turn a solve is.

    :param index: the solve's number among all of its question.
    :param own: its number among those of its model, by which styles and orders of options go round, so that
        each model meets all of them.
    """

    index: int
    own: int
    solver: Solver


def _turn(question: Question, index: int, solvers: Sequence[Solver]) -> _Turn:
    """Say whose turn it is; which model begins changes with the question: neither is always first."""
    own, place = divmod(index, len(solvers))
    first = int(content_id("turn", question.question_id), 16)
    return _Turn(index, own, solvers[(first + place) % len(solvers)])


async def _solve(question: Question, turn: _Turn, style: str, random_seed: int) -> Solve | Answer:
    """Return one solve, or the answer that is no response."""
    solver = turn.solver
    order = shown_order(question, turn.own, random_seed)
    messages, prompt_hash = solver_messages(solver.prompts, question, style, order)
    prompt = Prompt(solver.model, messages, solver.sampling)
    answers = await solver.ask(prompt, [turn.own])
    solver.spent(question.task, prompt, answers)
    answer = answers[0]
    if answer.completion is None:
        return answer
    completion = answer.completion
    solved = parse_solve(completion.text, question.kind)
    readable = _storable(solved.answer) if solved.answer and completion.finish_reason not in CUT_OFF else None
    shown = [question.options[i] for i in order]
    return Solve(
        solve_id=content_id("solve", question.question_id, turn.index, completion.text),
        question_id=question.question_id,
        seed_id=question.seed_id,
        task=question.task,
        index=turn.index,
        style=style,
        enrichment=_storable(solved.enrichment),
        answer=readable,
        vote=await cast(question, readable, shown, solver.run_tests, solver.fits),
        finish_reason=completion.finish_reason,
        solver_model=solver.model,
        solver_prompt=prompt_hash,
    )


def _storable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which a reply's JSON escapes can spell."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _decided(ballot: _Ballot, counted: Tally, verdict: str) -> Decision | Dropped:
    question, groups = ballot.question, ballot.groups
    solves = [replace(s, vote=v) for s, v in zip(ballot.solves, ballot.votes, strict=True)]
    if verdict != "agreed" or counted.leader is None:
        if verdict == "unconfirmed":
            evidence = f"{question.answer} / {counted.leader}; {_votes(solves)}"
            return _drop(question, solves, "disagrees_with_writer", counted.agreement, evidence)
        reason = "low_agreement" if verdict == "low_agreement" else "undecided"
        return _drop(question, solves, reason, counted.agreement, _votes(solves))
    winner = counted.leader
    confirmed = ballot.confirms(winner)
    if not confirmed and (ballot.spec.on_disagreement == "drop" or is_run(question)):
        return _drop(
            question, solves, "disagrees_with_writer", counted.agreement, f"{question.answer} / {winner}"
        )
    answer, index = _established(question, winner, solves, confirmed)
    judge = groups.judge_behind(winner) if groups else None
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
        votes_by_style=_shares((s.style, s.vote == winner) for s in solves),
        votes_by_model=_shares((s.solver_model, s.vote == winner) for s in solves),
        judge_model=judge,
    )


def _shares(votes: Iterable[tuple[str | None, bool]]) -> str:
    """Return, as JSON by what stands first, how many votes are for the winner and how many there are."""
    given = list(votes)
    total, agreeing = Counter(name for name, _ in given), Counter(name for name, wins in given if wins)
    return canonical_json({str(name): [agreeing[name], count] for name, count in total.items()}).decode()


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
    if is_run(question):
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
