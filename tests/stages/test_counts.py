"""Law 1 at every stage: as many entries come out as candidates went in, whatever they are."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskseed.checks.duplicates import NearDuplicates
from taskseed.prompts import load_prompts
from taskseed.recipe import EnrichSpec, ScreenSpec
from taskseed.records import KINDS, Decision, Dropped, Question, Sample, from_table, to_table
from taskseed.stages.enrich import Solver, accept_unsolved, enrich
from taskseed.stages.filter import FilterRules, filter_solves
from taskseed.stages.package import choose, finish, order_rows
from taskseed.stages.screen import screen
from tests.stages.makers import ANSWERS, HELD_OUT, TEXTS, Script, guards, questions, seed, silence

PROMPTS = load_prompts()
PLANTED = guards(HELD_OUT)
SEEDS = {s.seed_id: s for s in map(seed, range(4))}
MANY = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
SAID = TEXTS | TEXTS.map("Thus.\n\nAnswer: {}".format) | TEXTS.map("It is \\boxed{{{}}}".format)
REPLIES = ANSWERS.map(lambda answer: [f"Thus.\n\nAnswer: {answer}"]) | st.lists(
    SAID | st.none(), min_size=1, max_size=6
)


def storable(entries, record_type):
    """Return how many entries there are once they were written and read."""
    kept = [e for e in entries if not isinstance(e, Dropped)]
    dropped = [e for e in entries if isinstance(e, Dropped)]
    assert from_table(to_table(kept, record_type), record_type) == kept
    assert from_table(to_table(dropped, Dropped), Dropped) == dropped
    assert [d for d in dropped if not d.reason or not d.id] == []
    return len(kept) + len(dropped)


async def run_tests(source, checks):
    """Fail code whose source has an even length."""
    return None if len(source) % 2 else "failed"


@MANY
@given(questions([*KINDS, "riddle"]))
def test_screen_returns_an_entry_per_question(asked):
    """Sound, broken, copied and planted questions each end once, and can be stored."""
    runs = [None, lambda source, checks: None if len(source) % 2 else "failed"]
    for run in runs:
        made = screen(asked, SEEDS, ScreenSpec(), PLANTED, NearDuplicates(0.8), run)
        assert storable(made, Question) == len(asked)
        assert [e.question_id if isinstance(e, Question) else e.id for e in made] == [
            q.question_id for q in asked
        ]


@MANY
@given(questions(), REPLIES, st.sampled_from(["drop", "replace"]))
def test_enrich_filter_and_package_account_for_every_candidate(asked, replies, on_disagreement):
    """Whatever solvers say: an entry per question, then per solve of the decided, then per sample."""

    def reply(text, index):
        said = replies[index % len(replies)]
        return silence(index) if said is None else said

    solver = Solver(Script(reply).ask, "solver", {}, PROMPTS, run_tests)
    spec = EnrichSpec(
        styles=("reasoning", "direct", "distractors"),
        min_votes=2,
        max_votes=4,
        confidence=0.6,
        on_disagreement=on_disagreement,
    )
    solved = asyncio.run(enrich(asked, solver, spec, 0))
    assert storable(solved, Decision) == len(asked)
    unsolved = accept_unsolved(asked)
    assert storable(unsolved, Decision) == len(asked)
    decisions = [e for e in [*solved, *unsolved] if isinstance(e, Decision)]
    made = filter_solves(decisions, SEEDS, FilterRules(0.5, 2, spec.styles, {}), PLANTED)
    assert storable(made, Sample) == sum(len(d.solves) for d in decisions)
    samples = [e for e in made if isinstance(e, Sample)]
    rows, dropped = choose(order_rows([finish(samples)]), None)
    assert rows.num_rows + len(dropped) == len(samples)
