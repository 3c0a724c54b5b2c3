"""screen: free checks, each with its reason, and scores on everything that was looked at."""

import dataclasses

import pytest

from taskseed.checks.duplicates import NearDuplicates
from taskseed.recipe import ScreenSpec
from taskseed.records import Dropped, Question
from taskseed.stages.screen import question_text, screen
from tests.stages.makers import COLOURS, HELD_OUT, choice, code, guards, question, seed, variant

SEEDS = {s.seed_id: s for s in map(seed, range(8))}
PLANTED = guards(HELD_OUT)
REPLACED = HELD_OUT.replace("Vardoya", "Runde").replace("brass", "silver")
TALE = (
    "When the mill race froze in January, the miller of Tarn hung copper kettles over the paddles and let "
    "them drip all night. How many hours did the wheel stand still in the week {n}?"
)


def run(questions, index=PLANTED, seen=None, run_tests=None, **spec):
    """Screen questions of `SEEDS`."""
    seen = NearDuplicates(0.8) if seen is None else seen
    return screen(questions, SEEDS, ScreenSpec(**spec), index, seen, run_tests)


def outcomes(entries):
    """Return each entry's reason, or `kept`."""
    return [e.reason if isinstance(e, Dropped) else "kept" for e in entries]


def test_a_sound_question_is_kept_with_its_scores():
    """Nothing of the question changes but its three scores, which are zero or small where nothing is near."""
    (kept,) = run([question()])
    assert (
        dataclasses.replace(kept, seed_similarity=None, heldout_overlap=None, nearest_duplicate=None)
        == question()
    )
    assert 0.0 <= kept.seed_similarity < 0.2
    assert (kept.heldout_overlap, kept.nearest_duplicate) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("asked", "reason", "evidence"),
    [
        (question(answer="many"), "bad_schema", "many"),
        (choice(answer_index=1), "bad_schema", "the answer is not the option its index points at"),
        (
            choice(options=("Cobalt", *COLOURS[1:])),
            "duplicate_options",
            "Cobalt | emerald | cobalt | saffron",
        ),
        (choice(options=(*COLOURS[:3], "None of the above")), "catch_all_option", "None of the above"),
        (
            question(question="According to the text, how many stay?"),
            "missing_passage",
            "According to the text",
        ),
        (question(question="How many does [NAME] keep?"), "placeholder", "[NAME]"),
    ],
)
def test_faults_of_schema_and_form_are_named(asked, reason, evidence):
    """Each fault is a reason of its own, with what shows it."""
    (dropped,) = run([asked])
    assert (dropped.reason, dropped.score, dropped.id) == (reason, None, asked.question_id)
    assert dropped.evidence.endswith(evidence)


def test_a_copy_of_its_seed_is_dropped_from_the_threshold_on():
    """A question that says what its seed says is `seed_copy`, with the similarity and the seed's text."""
    copied = question(question=SEEDS[seed().seed_id].question.replace("Ana", "Mia"), answer="12")
    (dropped,) = run([copied], seed_copy=13 / 15)
    assert (dropped.reason, dropped.evidence) == ("seed_copy", f"seed: {seed().question}")
    assert dropped.score == 13 / 15  # one of 14 word triples on each side is not in the other
    (kept,) = run([copied], seed_copy=0.87)
    assert kept.seed_similarity == dropped.score


def test_a_seed_is_copied_by_its_own_questions_only():
    """A question is compared with the seed it was written from, not with its neighbours."""
    assert outcomes(run([question(1, question=seed(0).question)])) == ["kept"]


def test_held_out_text_is_dropped_from_the_threshold_on():
    """A question that holds a guarded text is `contaminated`, with score and place; others keep theirs."""
    planted = question(question=REPLACED)
    (dropped,) = run([planted])
    assert (dropped.reason, dropped.evidence[:33]) == ("contaminated", "held/out/test row 0, question: A ")
    assert 0.5 <= dropped.score < 1.0
    (kept,) = run([planted], contamination=1.0)
    assert kept.heldout_overlap == dropped.score


def test_held_out_text_is_found_in_passage_options_and_answer():
    """A guarded text counts wherever in the question a reader meets it, and in its answer."""
    in_answer = question(1, kind="short_answer", answer=HELD_OUT)
    in_options = choice(2, options=(*COLOURS[:3], HELD_OUT))
    assert outcomes(run([question(context=HELD_OUT), in_answer, in_options])) == ["contaminated"] * 3


def test_the_earlier_of_two_near_duplicates_stays():
    """The later one is dropped with their similarity and the other's id."""
    first, second, third = (question(n, question=TALE.format(n=n)) for n in (1, 2, 3))
    kept, *dropped = run([first, second, third])
    assert isinstance(kept, Question)
    assert {(d.reason, d.evidence) for d in dropped} == {("near_duplicate", f"question {first.question_id}")}
    assert [d.score >= 0.8 for d in dropped] == [True, True]


def test_the_earlier_stays_across_calls():
    """What an earlier shard kept drops its duplicates in a later one; what it dropped does not."""
    seen = NearDuplicates(0.8)
    first, second = question(1, question=TALE.format(n=1)), question(2, question=TALE.format(n=2))
    broken = question(4, question=TALE.format(n=4).replace("Tarn", "[NAME]"))
    assert outcomes(run([broken], seen=seen)) == ["placeholder"]
    assert outcomes(run([first], seen=seen)) == ["kept"]
    assert outcomes(run([second], seen=seen)) == ["near_duplicate"]


def test_how_questions_are_cut_into_calls_changes_nothing():
    """One call and a call per question give the same entries."""
    asked = [question(n, question=TALE.format(n=n % 3) + " And why?" * (n % 2)) for n in range(8)]
    seen = NearDuplicates(0.8)
    assert [run([q], seen=seen)[0] for q in asked] == run(asked)


def test_a_distant_relative_is_kept_with_its_similarity():
    """Below the threshold the nearest question's similarity is stored."""
    words = TALE.format(n=1)
    kept = run(
        [question(1, question=words), question(2, question=words.replace("copper kettles", "wet sacks"))]
    )
    assert outcomes(kept) == ["kept", "kept"]
    assert 0.5 <= kept[1].nearest_duplicate < 0.8


def test_numeric_variants_may_resemble_their_seed_unless_identical():
    """A variant differs in its numbers only, by design; the very text of the seed is a copy."""
    text = seed().question
    made = run([variant(question=text.replace("3", "8")), variant(question=text, slot=1)], seed_copy=0.5)
    assert outcomes(made) == ["kept", "seed_copy"]
    assert made[0].seed_similarity > 0.5


def test_two_variants_of_one_seed_are_duplicates_only_if_equal():
    """Near-equality among variants of one seed is no fault; equality but for case and spaces is."""
    slots = [TALE.format(n=1), TALE.format(n=2), TALE.format(n=1).replace(" ", "  ").upper()]
    made = run([variant(question=q, question_id=f"v{n}", slot=n) for n, q in enumerate(slots)])
    assert outcomes(made) == ["kept", "kept", "near_duplicate"]
    assert (made[2].score, made[2].evidence) == (1.0, "question v0")


def test_variants_of_two_seeds_are_compared_like_all_questions():
    """A variant that nearly repeats another seed's variant is dropped."""
    made = run([variant(1, question=TALE.format(n=1)), variant(2, question=TALE.format(n=2))])
    assert outcomes(made) == ["kept", "near_duplicate"]


def test_code_must_pass_its_own_tests():
    """The proposed code is run against the proposed asserts; what failed is the evidence."""
    ran = []

    def run_tests(source, checks):
        ran.append((source, tuple(checks)))
        return None if source == code(0).answer else "failed: AssertionError"

    made = run([code(0), code(1), question()], run_tests=run_tests)
    assert outcomes(made) == ["kept", "tests_fail", "kept"]
    assert made[1].evidence == "failed: AssertionError"
    assert [source for source, _ in ran if "*args" not in source] == [code(0).answer, code(1).answer]
    assert {checks for _, checks in ran} == {code(0).checks, code(1).checks}


@pytest.mark.parametrize(
    ("checks", "stub"),
    [
        (("assert twice0(0) == 0", "assert twice0(0) is not None"), "args[0]"),
        (("assert twice0(2) == 4", "assert twice0(2) > 3"), "return 4"),
    ],
)
def test_tests_that_a_stub_passes_are_too_weak(checks, stub):
    """Code that only returns its argument or a constant must fail a test, or wrong solves would pass."""

    def run_tests(source, tests):
        names = {}
        try:
            exec("\n".join((source, *tests)), names)
        except (AssertionError, TypeError) as problem:
            return repr(problem)
        return None

    made = run([code(0, checks=checks), code(2)], run_tests=run_tests)
    assert outcomes(made) == ["weak_tests", "kept"]
    assert stub in made[0].evidence


def test_code_is_dropped_where_nothing_may_be_run():
    """Without a sandbox code is not kept."""
    assert outcomes(run([code()])) == ["no_sandbox"]


def test_only_what_passed_all_else_is_run():
    """Contaminated code is dropped unrun."""

    def never(source, checks):
        raise AssertionError(source)

    assert outcomes(run([code(question=f"Write f(n). {HELD_OUT}")], run_tests=never)) == ["contaminated"]


def test_the_text_of_a_question_is_all_a_reader_sees():
    """Passage, question and options, one per line; not the answer."""
    asked = choice(context="A passage.", question="Which?")
    assert question_text(asked) == "A passage.\nWhich?\ncrimson\nemerald\ncobalt\nsaffron"
    assert question_text(seed()) == seed().question
