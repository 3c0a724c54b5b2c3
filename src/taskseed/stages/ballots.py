"""What a solve voted for, and whether that is the answer which stands in the question.

Not a stage: `enrich` counts these votes, and calibration compares them with gold answers.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from taskseed.checks.answers import Verdict, pool_votes, rules_of, same_answer, vote_key
from taskseed.checks.structures.schemas import SchemaFit
from taskseed.checks.votes import VoteRule
from taskseed.recipe import EnrichSpec
from taskseed.records import Question, Solve

__all__ = [
    "FAILS",
    "FITS",
    "PASSES",
    "VIOLATES",
    "Fits",
    "Hard",
    "RunTests",
    "cast",
    "confirms",
    "is_run",
    "merged",
    "rule_of",
    "vote_for",
]

PASSES, FAILS = "passes the tests", "fails the tests"
FITS, VIOLATES = "fits the schema", "does not fit the schema"

Hard = Callable[[str, str], Verdict] | None
RunTests = Callable[[str, Sequence[str]], Awaitable[str | None]]
Fits = Callable[[str, Sequence[str]], Awaitable[Sequence[SchemaFit]]]


def rule_of(spec: EnrichSpec) -> VoteRule:
    """Return when a recipe's votes are decided."""
    return VoteRule(
        spec.min_votes, spec.max_votes, spec.confidence, spec.min_agreement, spec.rule, spec.futility
    )


async def cast(
    question: Question,
    answer: str | None,
    shown: Sequence[str],
    run_tests: RunTests | None,
    fits: Fits | None,
) -> str | None:
    """Return what a solve voted for; None where its answer cannot be read.

    :param shown: the options in the order in which the solve saw them; a letter stands for one by its place.
    :param run_tests: runs a code answer against tests and returns what failed; None where nothing may be run.
    :param fits: says whether answers fit a JSON schema; None where nobody can tell.
    """
    if answer is None:
        return None
    if question.schema is not None:
        return await _fit(question.schema, answer, fits)
    if question.kind != "code":
        rules = replace(rules_of(question), options=tuple(shown), aliases=_spellings(question))
        return vote_key(question.kind, answer, rules)
    if run_tests is None:
        return None
    return FAILS if await run_tests(answer, question.checks) else PASSES


async def _fit(schema: str, answer: str, fits: Fits | None) -> str | None:
    """Return what a solve voted for whose answer is right if it fits a schema; None where nobody can tell."""
    if fits is None:
        return None
    (found,) = await fits(schema, [answer])
    return {"fits": FITS, "violates": VIOLATES}.get(found.verdict)


def is_run(question: Question) -> bool:
    """Say whether an answer is right by what it does, and not by what it is: many are."""
    return question.kind == "code" or question.schema is not None


def vote_for(question: Question, answer: str) -> str | None:
    """Return the vote that an answer is; None where it cannot be read."""
    return vote_key(question.kind, answer, replace(rules_of(question), aliases=_spellings(question)))


def _spellings(question: Question) -> tuple[str, ...]:
    """Return all spellings of the proposed answer where it has several, so that they count as one vote."""
    return (question.answer, *question.aliases) if question.aliases else ()


def merged(question: Question, solves: Sequence[Solve], hard: Hard) -> list[str | None]:
    """Return each solve's vote, with votes for equivalent answers under the name of the first of them."""
    if question.options or is_run(question):
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


def confirms(question: Question, winner: str, hard: Hard = None) -> bool:
    """Tell whether a vote is for the answer that stands in the question; of code, that it passes.

    Of free text that a judge grouped, this holds where each answer was compared (`on_disagreement: replace`):
    the votes of a group with the question's own answer bear that answer's text.
    """
    if question.kind == "free_text" and winner == question.answer:
        return True
    if is_run(question):
        return winner in (PASSES, FITS)
    if question.options:
        return winner == question.answer
    pooled = pool_votes(question.kind, [winner, vote_for(question, question.answer)])
    return len(set(pooled)) == 1 or _same(question, winner, question.answer, hard)
