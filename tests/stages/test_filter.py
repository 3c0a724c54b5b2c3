"""filter: each solve of a decided question becomes a sample or is dropped for one reason."""

import dataclasses

import pytest

from taskseed.checks.orders import shown_order
from taskseed.records import Dropped, Sample
from taskseed.stages.filter import FilterRules, filter_solves
from tests.stages.makers import (
    COLOURS,
    HELD_OUT,
    choice,
    code,
    decision,
    guards,
    question,
    seed,
    solve,
    variant,
)

SEEDS = {s.seed_id: s for s in map(seed, range(8))}
STYLES = ("reasoning", "knowledge", "direct")


def run(*decisions, keep=2, styles=STYLES, licenses=None, contamination=0.5, index=None):
    """Filter the solves of decisions on questions of `SEEDS`."""
    rules = FilterRules(contamination, keep, styles, licenses or {})
    return filter_solves(decisions, SEEDS, rules, index or guards())


def outcomes(entries):
    """Return each entry's reason, or `kept`."""
    return [e.reason if isinstance(e, Dropped) else "kept" for e in entries]


def test_there_is_one_entry_per_solve_in_order():
    """The entries follow the decisions and their solves."""
    asked = [question(n) for n in range(3)]
    made = run(*(decision(q, [solve(q, i) for i in range(n)]) for n, q in enumerate(asked)), keep=8)
    assert [m.question_id for m in made] == [asked[1].question_id] + [asked[2].question_id] * 2
    assert outcomes(made) == ["kept"] * 3


@pytest.mark.parametrize(
    ("asked", "changes", "reason", "evidence"),
    [
        (question(), {"finish_reason": "length"}, "truncated", "what went away."),
        (question(), {"vote": None}, "unparsed", "what went away."),
        (question(), {"vote": None, "enrichment": ""}, "unparsed", "no text"),
        (question(), {"vote": "70"}, "minority", "70; the winner is 72"),
        (question(), {"enrichment": " \n"}, "empty_enrichment", "nothing beside the answer"),
        (question(), {"enrichment": "Round and round we go.\n" * 4}, "degenerate", "Round and round we go."),
        (question(), {"enrichment": "The prompt says 90."}, "about_itself", "The prompt says"),
        (choice(), {"enrichment": "Azurite made it, so option F."}, "option_letters", "option F"),
        (choice(), {"enrichment": "The first option is a lake."}, "option_letters", "The first option"),
        (question(), {"enrichment": "We subtract the 18 from the"}, "truncated", "18 from the"),
        (
            question(),
            {"enrichment": "18 left, 90 were there, 71 stay."},
            "inconsistent_reasoning",
            "72 does not",
        ),
        (question(), {"enrichment": "90 - 18 = 74 stay."}, "inconsistent_reasoning", "90 - 18 = 74"),
        (
            question(),
            {"enrichment": "Answer: 70\nNo: 72."},
            "inconsistent_reasoning",
            "at 70, the answer is 72",
        ),
        (choice(), {"enrichment": "The answer is crimson."}, "inconsistent_reasoning", "crimson"),
    ],
)
def test_each_fault_of_a_solve_is_named(asked, changes, reason, evidence):
    """The reason says what is wrong with the solve, the evidence shows it, the other solve is kept."""
    made = run(decision(asked, [solve(asked, 0, **changes), solve(asked, 1)]))
    assert outcomes(made) == [reason, "kept"]
    assert evidence in made[0].evidence
    assert (made[0].id, made[0].stage) == (solve(asked, 0).solve_id, "filter")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (question(), "90 - 18 = 72, so (A) train of thought: 72 stay."),
        (question(), "It is 3 + 4 of the story that matters here."),
        (choice(), "Cobalt ores came from Saxony; crimson is lake."),
        (code(), "The answer is simple: double it."),
        (question(kind="short_answer", answer="Oslo"), "5 + 5 = 11 is how the joke goes."),
    ],
)
def test_texts_that_do_not_contradict_the_answer_are_kept(asked, text):
    """A text that states no other answer and no wrong sum stays."""
    winner = decision(asked, [solve(asked, enrichment=text)])
    assert outcomes(run(winner)) == ["kept"]


def test_letters_become_the_texts_of_the_options_that_the_solve_saw():
    """Each solve saw its own order; the same letter stands for another option in each, and is counted."""
    asked = choice()
    solves = [solve(asked, n, enrichment=f"In way {n} option B is the one that fails.") for n in range(4)]
    made = run(decision(asked, solves), keep=4)
    named = [COLOURS[shown_order(asked, n, 0)[1]] for n in range(4)]
    assert [m.enrichment for m in made] == [
        f"In way {n} option “{name}” is the one that fails." for n, name in enumerate(named)
    ]
    assert sorted(named) == sorted(COLOURS)
    assert [m.letters_replaced for m in made] == [1] * 4


def test_letters_of_two_models_are_read_in_the_order_that_each_saw():
    """Orders go round for each model by itself: the second solve of all is the first of the voter."""
    asked = choice()
    texts = [f"In way {n} option B is the one that fails." for n in range(4)]
    solves = [
        solve(asked, n, enrichment=text, solver_model=("solver", "voter")[n % 2])
        for n, text in enumerate(texts)
    ]
    made = run(decision(asked, solves), keep=4)
    assert [m.enrichment for m in made] == [
        f"In way {n} option “{COLOURS[shown_order(asked, n // 2, 0)[1]]}” is the one that fails."
        for n in range(4)
    ]


def test_wrong_arithmetic_is_counted_and_kept_if_the_recipe_says_so():
    """A sample says how many equations it has and how many fail; the latter is a dropped one's score."""
    asked = question()
    judged = decision(asked, [solve(asked, 0, enrichment="90 - 18 = 72, and 70 + 2 = 73, and 9 * 8 = 71.")])
    dropped = run(judged)
    rules = FilterRules(0.5, 2, STYLES, {}, keep_wrong_arithmetic=True)
    (kept,) = filter_solves([judged], SEEDS, rules, guards())
    assert [(d.reason, d.score, d.evidence) for d in dropped] == [
        ("inconsistent_reasoning", 2.0, "does not hold: 70 + 2 = 73; 9 * 8 = 71")
    ]
    assert (kept.equations_judged, kept.equations_wrong) == (3, 2)


def test_why_other_options_fail_may_be_wrong_arithmetic():
    """In the style `distractors` wrong sums are counted only: they say where the wrong options come from."""
    owner = dataclasses.replace(SEEDS[choice().seed_id], domain="mathematics")
    asked = choice()
    text = "Crimson comes from reckoning 3 + 4 = 8, which is not so."
    judged = decision(asked, [solve(asked, 0, style="distractors", enrichment=text)])
    (kept,) = filter_solves([judged], {owner.seed_id: owner}, FilterRules(0.5, 2, STYLES, {}), guards())
    assert (kept.equations_judged, kept.equations_wrong) == (1, 1)


def test_equations_are_judged_in_mathematics_only():
    """Where the question is no mathematics, the columns are null."""
    asked = question(kind="short_answer", answer="Oslo")
    (kept,) = run(
        decision(asked, [solve(asked, 0, enrichment="Oslo has 700,000 people and lies on a fjord.")])
    )
    assert (kept.equations_judged, kept.equations_wrong, kept.letters_replaced) == (None, None, 0)


def test_a_text_in_another_language_than_the_seeds_is_dropped():
    """The seeds are English, and so is the question: a German text beside it is not for its reader."""
    asked = question()
    text = (
        "Am Anfang sind 90 Reisende in dem Zug, und in Hamar steigen 18 von ihnen aus. Das ist eine einfache "
        "Subtraktion: Man nimmt die 18, die nicht mehr mitfahren, von den 90 weg, und so sind es am Ende 72."
    )
    assert outcomes(run(decision(asked, [solve(asked, 0, enrichment=text)]))) == ["wrong_language"]


def test_of_a_style_the_text_least_like_those_chosen_is_kept():
    """The second of two places goes to another way of saying it, not to the earlier near copy."""
    asked = question()
    texts = [
        "There were 90 travellers; take away the 18 who got off in Hamar and 72 stay in the train.",
        "There were 90 travellers; take away the 18 who left in Hamar, and 72 stay in the train.",
        "Count up from 18: to 20 it is 2, to 90 another 70, so that 72 have not got off.",
    ]
    solves = [solve(asked, n, enrichment=text) for n, text in enumerate(texts)]
    made = run(decision(asked, solves), keep=2)
    assert outcomes(made) == ["kept", "not_selected", "kept"]
    assert 0.3 < made[1].score < 0.8


def test_a_near_copy_is_not_kept_even_if_there_is_room():
    """A text that repeats a kept one almost to the word adds nothing to train on."""
    asked = question()
    said = "There were 90 travellers in the train to Hamar; 18 of them got off there, so 72 of them stay"
    solves = [solve(asked, n, enrichment=said + end) for n, end in enumerate((".", " on."))]
    made = run(decision(asked, solves), keep=2)
    assert outcomes(made) == ["kept", "not_selected"]


def test_an_enrichment_with_held_out_text_is_contaminated():
    """A guarded text in what a solve wrote drops it from the threshold on, with score and place."""
    asked = question()
    planted = decision(asked, [solve(asked, enrichment=f"I remember this: {HELD_OUT}"), solve(asked, 1)])
    made = run(planted, index=guards(HELD_OUT))
    assert outcomes(made) == ["contaminated", "kept"]
    assert (made[0].score, made[0].evidence[:31]) == (1.0, "held/out/test row 0, question: ")


def test_the_overlap_of_a_sample_is_the_larger_of_question_and_enrichment():
    """Both texts stand in the sample, so that the higher score is the sample's."""
    near, far = (question(n, heldout_overlap=overlap) for n, overlap in ((0, 0.45), (1, 0.01)))
    half = " ".join(HELD_OUT.split()[: len(HELD_OUT.split()) // 3]) + "."
    decisions = [decision(q, [solve(q, 0), solve(q, 1, enrichment=half)]) for q in (near, far)]
    overlaps = [s.heldout_overlap for s in run(*decisions, keep=8, index=guards(HELD_OUT))]
    assert overlaps[:3] == [0.45, 0.45, 0.01]
    assert 0.05 <= overlaps[3] < 0.45


def test_a_direct_sample_carries_nothing_beside_the_answer():
    """What a `direct` solve says besides is neither judged nor kept; of two such solves one is chosen."""
    asked = question()
    chatter = f"As an AI I say: {HELD_OUT}"
    solves = [solve(asked, n, style="direct", enrichment=text) for n, text in enumerate([chatter, ""])]
    kept, other = run(decision(asked, solves), index=guards(HELD_OUT))
    assert (kept.style, kept.enrichment, kept.heldout_overlap) == ("direct", "", 0.0)
    assert outcomes([other]) == ["not_selected"]


def test_styles_are_covered_before_any_comes_twice():
    """Up to `keep_per_question` are chosen: one of each style in turn, the earliest first."""
    asked = dataclasses.replace(question(), question_id="0")
    styles = ["knowledge", "knowledge", "reasoning", "reasoning", "direct"]
    solves = [solve(asked, n, style=s) for n, s in enumerate(styles)]
    chosen = {
        keep: [n for n, e in enumerate(run(decision(asked, solves), keep=keep)) if isinstance(e, Sample)]
        for keep in range(1, 6)
    }
    assert chosen == {1: [2], 2: [0, 2], 3: [0, 2, 4], 4: [0, 2, 3, 4], 5: [0, 1, 2, 3, 4]}


def test_no_style_is_always_the_one_left_out():
    """With more styles than places, the style whose turn comes first changes with the question."""
    styles = ("reasoning", "knowledge", "direct")
    kept = []
    for number in range(3):
        asked = dataclasses.replace(question(), question_id=f"{number:x}")
        made = run(decision(asked, [solve(asked, n, style=s) for n, s in enumerate(styles)]), keep=2)
        kept.append({entry.style for entry in made if isinstance(entry, Sample)})
    assert kept == [{"reasoning", "knowledge"}, {"knowledge", "direct"}, {"direct", "reasoning"}]


def test_a_code_sample_carries_the_code_that_its_text_explains():
    """A solve that passes the tests is kept with its own code, not with the writer's."""
    asked = code()
    own = "def twice0(n):\n    return n + n"
    passing = solve(asked, 0, answer=own, vote="passes the tests")
    (sample,) = run(decision(asked, [passing], winner="passes the tests"))
    assert (sample.answer, asked.answer == own) == (own, False)


def test_what_is_not_selected_says_how_many_were_kept():
    """A fit solve beyond `keep_per_question` ends as `not_selected`."""
    asked = question()
    made = run(decision(asked, [solve(asked, n) for n in range(4)]), keep=2)
    assert outcomes(made) == ["kept", "kept", "not_selected", "not_selected"]
    assert made[3].evidence == "2 others of this question were kept"


def test_no_text_is_kept_twice():
    """Two solves of one question with the same text give one sample."""
    asked = question()
    made = run(decision(asked, [solve(asked, n, enrichment="Take 18 from 90.") for n in range(2)]))
    assert outcomes(made) == ["kept", "not_selected"]


def test_a_bad_solve_makes_room_for_a_good_one():
    """Selection is among fit solves only."""
    asked = question()
    solves = [solve(asked, 0, enrichment="90 - 18 = 82."), solve(asked, 1), solve(asked, 2)]
    assert outcomes(run(decision(asked, solves), keep=2)) == ["inconsistent_reasoning", "kept", "kept"]


@pytest.mark.parametrize(
    ("licenses", "writer", "solver", "terms"),
    [
        ({"writer": "MIT", "solver": "MIT"}, "writer", "solver", "MIT"),
        ({"writer": "MIT", "solver": "Apache-2.0"}, "writer", "solver", "Apache-2.0 AND MIT"),
        ({"writer": "MIT"}, "writer", "solver", "MIT AND unknown"),
        ({}, "writer", "solver", "unknown"),
        ({"solver": "MIT"}, None, "solver", "MIT"),
        ({"solver": "MIT"}, None, None, None),
    ],
)
def test_the_terms_of_all_models_that_wrote_apply(licenses, writer, solver, terms):
    """Both models' terms hold together, what is not stated is unknown; where no model wrote it is null."""
    asked = question(writer_model=writer)
    (made,) = run(decision(asked, [solve(asked, solver_model=solver)]), licenses=licenses)
    assert made.model_license == terms


def test_a_sample_carries_question_vote_solve_and_source():
    """Every column comes from the record that knows it; the text is left to packaging."""
    owner = seed(0, also_tasks=("also",), license="CC-BY-4.0", source_row=17)
    asked = choice(seed_similarity=0.1, nearest_duplicate=0.2, aliases=("azure",), axes=("topic=glazes",))
    judged = decision(asked, [solve(asked)], votes_for=3, votes_total=4, votes_unparsed=1, agreement=0.75)
    rules = FilterRules(0.5, 1, STYLES, {})
    (made,) = filter_solves([judged], {owner.seed_id: owner}, rules, guards())
    rows = [dataclasses.asdict(r) for r in (owner, asked, judged, solve(asked))]
    for source, names in zip(
        rows,
        (
            "task family also_tasks capability domain language license source_dataset source_config "
            "source_split source_revision source_row",
            "question_id seed_id kind question context options aliases axes derivation seed_similarity "
            "nearest_duplicate writer_model writer_prompt",
            "answer answer_index votes_for votes_total votes_unparsed agreement p_majority verifier",
            "style enrichment solver_model solver_prompt",
        ),
        strict=True,
    ):
        assert {n: getattr(made, n) for n in names.split()} == {n: source[n] for n in names.split()}
    assert (made.text, made.tokens) == ("", 0)


def test_a_replaced_answer_is_the_samples_answer():
    """Where votes replaced the proposal, answer and index are those of the decision, without its aliases."""
    asked = choice(aliases=("azure",))
    solves = [solve(asked, n, vote="saffron", answer="saffron") for n in range(2)]
    made = run(decision(asked, solves, answer="saffron", answer_index=3, winner="saffron"))
    assert [(m.answer, m.answer_index, m.aliases) for m in made] == [("saffron", 3, ())] * 2


def test_a_recomputed_solution_is_a_sample_without_a_model():
    """A variant's own solution is kept like a solve; no model's name or terms are on it."""
    asked = variant()
    own = solve(asked, -1, enrichment="90 - 18 = 72", solver_model=None, solver_prompt=None)
    (made,) = run(decision(asked, [own], votes_for=0, votes_total=0, agreement=None, verifier="recomputed"))
    assert (made.enrichment, made.model_license, made.writer_model, made.solver_model) == (
        "90 - 18 = 72",
        *[None] * 3,
    )


def test_ids_of_samples_depend_on_what_they_say():
    """The same question, style, text and answer have one id; any other has another."""
    asked = question()
    one = run(decision(asked, [solve(asked, 0, enrichment="Subtract.")]))[0].id
    again = run(decision(asked, [solve(asked, 5, enrichment="Subtract.")]))[0].id
    other = run(decision(asked, [solve(asked, 0, enrichment="Take away.")]))[0].id
    style = run(decision(asked, [solve(asked, 0, enrichment="Subtract.", style="knowledge")]))[0].id
    assert one == again
    assert len({one, other, style}) == 3
