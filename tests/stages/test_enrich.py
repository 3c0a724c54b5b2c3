"""enrich: questions become decided questions by the votes of independent solves."""

import asyncio
import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.checks.votes import p_majority
from taskseed.errors import EndpointError
from taskseed.models.base import Completion
from taskseed.models.stored import Answer
from taskseed.prompts import load_prompts
from taskseed.recipe import EnrichSpec
from taskseed.records import Decision, Dropped, from_table, to_table
from taskseed.stages.enrich import Solver, accept_unsolved, enrich
from tests.stages.makers import COLOURS, Script, choice, code, question, silence, variant

PROMPTS = load_prompts()
STYLES = {name: PROMPTS.texts[f"solve/style/{name}.md"][:40] for name in ("direct", "reasoning", "knowledge")}


def run(questions, script, *, run_tests=None, **spec):
    """Solve questions with a scripted solver; three votes suffice unless `spec` says otherwise."""
    solver = Solver(script.ask, "solver", {"temperature": 1}, PROMPTS, run_tests)
    spec = EnrichSpec(**{"min_votes": 3, "max_votes": 8, "confidence": 0.9, **spec})
    return asyncio.run(enrich(questions, solver, spec, 0))


def says(*answers):
    """Return a script that gives these answers in turn, by sample index."""
    return Script(lambda text, index: f"Because of {index}.\n\nAnswer: {answers[index % len(answers)]}")


def shown(text):
    """Return the options of a prompt by their letter."""
    return dict(re.findall(r"^([A-Z])\) (.+)$", text, re.MULTILINE))


def test_agreeing_votes_confirm_the_proposed_answer():
    """Three equal votes decide; the decision keeps the proposal's wording, the counts and every solve."""
    (made,) = run([question(answer="72 travellers")], says("72 travellers."))
    assert (made.answer, made.answer_index, made.verifier) == ("72 travellers", None, "vote+equivalence")
    assert (made.votes_for, made.votes_total, made.votes_unparsed, made.agreement) == (3, 3, 0, 1.0)
    assert made.p_majority == p_majority(3, 0)
    assert [(s.index, s.enrichment, s.vote == made.winner) for s in made.solves] == [
        (n, f"Because of {n}.", True) for n in range(3)
    ]
    assert {(s.solver_model, len(s.solver_prompt), s.finish_reason) for s in made.solves} == {
        ("solver", 16, "stop")
    }


def test_solving_stops_as_soon_as_the_vote_is_decided():
    """With a confidence that three votes reach, three are asked; with one that takes five, five."""
    script = says("72")
    run([question()], script)
    assert script.indices == [0, 1, 2]
    script = says("72")
    (made,) = run([question()], script, confidence=0.98, rule="beta")
    assert (script.indices, made.votes_total) == ([0, 1, 2, 3, 4], 5)


def test_a_split_vote_is_asked_on_until_it_is_decided():
    """One dissent costs further solves, and the dissenter counts."""
    answers = ("72", "70", "72", "72", "72", "72", "72")
    found = {}
    for rule in ("predictive", "beta", "window"):
        (made,) = run([question()], says(*answers), rule=rule)
        found[rule] = (made.votes_for, made.votes_total)
    assert found == {"predictive": (4, 5), "beta": (5, 6), "window": (5, 6)}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["72", "70", "none of your business"]), min_size=1, max_size=9),
    st.integers(1, 9),
    st.sampled_from(["predictive", "beta", "window"]),
)
def test_never_fewer_than_min_nor_more_than_max_votes(answers, limit, rule):
    """However the votes fall, between `min_votes` and `max_votes` are asked, each index once."""
    script = says(*answers)
    least = min(3, limit)
    run([question()], script, min_votes=least, max_votes=limit, min_agreement=0.0, rule=rule)
    assert script.indices == list(range(len(script.indices)))
    assert least <= len(script.indices) <= limit


def test_a_tie_is_undecided():
    """Two answers that share the lead both lose; the evidence is the ballot, and the solves are kept."""
    (made,) = run([question()], says("72", "70"), min_votes=4, max_votes=4)
    assert (made.reason, made.score) == ("undecided", 0.5)
    assert made.evidence == "0 reasoning: 72; 1 knowledge: 70; 2 reasoning: 72; 3 knowledge: 70"
    assert [s["vote"] for s in json.loads(made.record)["solves"]] == ["72", "70", "72", "70"]


def test_a_leader_with_too_small_a_share_is_low_agreement():
    """A sure leader of a scattered vote is not agreed on."""
    scattered = says("72", "72", "72", "72", "1", "2", "3")
    (made,) = run([question()], scattered, min_votes=7, confidence=0.85, min_agreement=0.7)
    assert (made.reason, made.score) == ("low_agreement", 4 / 7)


def test_unread_and_truncated_solves_count_in_the_total():
    """A solve without an answer, and one that was cut off after its answer, are votes for nobody."""

    def reply(text, index):
        cut = Completion("So.\n\nAnswer: 72", finish_reason="length")
        return {1: "I would rather not say.", 4: cut}.get(index, "So.\n\nAnswer: 72")

    (made,) = run([question()], Script(reply), min_votes=9, max_votes=9)
    assert (made.votes_for, made.votes_total, made.votes_unparsed, made.agreement) == (7, 9, 2, 7 / 9)
    assert [s.index for s in made.solves if s.vote is None] == [1, 4]


@pytest.mark.parametrize(
    ("kind", "answer", "votes"),
    [
        ("number", "72", ("72.0", "seventy-two", "72", "72 travellers")),
        ("short_answer", "the Nile", ("The Nile", "nile.", "**Nile**")),
        ("boolean", "yes", ("Yes", "yes.", "True")),
        ("expression", "x + 1", ("x+1", "$x + 1$", "x + 1")),
    ],
)
def test_votes_for_equivalent_answers_merge(kind, answer, votes):
    """Different spellings of one answer are one vote, under the name of the first."""
    (made,) = run([question(kind=kind, answer=answer)], says(*votes), min_votes=len(votes))
    assert (made.votes_for, made.votes_total, made.answer) == (len(votes), len(votes), answer)
    assert {s.vote for s in made.solves} == {made.winner}


def test_votes_for_an_alias_are_votes_for_the_answer():
    """Spellings that the writer gave as equally right are one vote, the answer's; no other word is."""
    asked = question(
        kind="short_answer", question="What is ice made of?", answer="water", aliases=("H2O", "aqua")
    )
    (made,) = run([asked], says("H2O", "Water.", "aqua", "h2o"), min_votes=4)
    assert (made.votes_for, made.votes_total, made.answer, made.winner) == (4, 4, "water", "water")
    (other,) = run([asked], says("H2O", "salt"), max_votes=4)
    assert other.reason == "undecided"


@pytest.mark.parametrize("written", ["Orangutan", "orangutan (genus Pongo)"])
def test_a_gloss_makes_no_other_answer(written):
    """Votes with and without one gloss are one answer, and the writer's own gloss does not disagree."""
    asked = question(kind="short_answer", question="Which great ape lives in Asia?", answer=written)
    (made,) = run([asked], Script(lambda text, index: f"Answer: Orangutan{' (genus Pongo)' * (index == 1)}"))
    assert (made.answer, made.votes_for, made.agreement) == (written, made.votes_total, 1.0)


def test_disagreement_with_the_writer_drops():
    """Votes that agree on another answer drop the question, naming both."""
    (made,) = run([question()], says("70"), rule="beta")
    assert (made.reason, made.score, made.evidence) == ("disagrees_with_writer", 1.0, "72 / 70")


def test_a_vote_ends_once_the_writer_s_answer_will_hardly_be_confirmed():
    """One of three solves for it is the end of it, though nobody knows yet what else it would have been."""
    script = says("70", "72", "70")
    (made,) = run([question()], script)
    assert (made.reason, made.score, script.indices) == ("disagrees_with_writer", 2 / 3, [0, 1, 2])
    assert made.evidence == "72 / 70; 0 reasoning: 70; 1 knowledge: 72; 2 reasoning: 70"
    asked_on = says("70", "72", "70")
    run([question()], asked_on, on_disagreement="replace")
    assert asked_on.indices == [0, 1, 2, 3, 4, 5, 6]


def test_solves_come_in_rounds_of_as_many_as_are_certainly_needed():
    """Three at once; after two of three, two more could settle it, and do."""
    rounds = []
    flying = 0

    async def ask(prompt, indices):
        nonlocal flying
        if not flying:
            rounds.append([])
        flying += 1
        rounds[-1] += indices
        await asyncio.sleep(0.001)
        flying -= 1
        return [Answer(i, Completion(f"Answer: {70 if i == 1 else 72}")) for i in indices]

    solver = Solver(ask, "solver", {}, PROMPTS, None)
    (made,) = asyncio.run(enrich([question()], solver, EnrichSpec(), 0))
    assert rounds == [[0, 1, 2], [3, 4]]
    assert (made.votes_for, made.votes_total) == (4, 5)


def test_agreement_is_told_by_style_and_by_model():
    """Of each style, and of each model, it is said how many solves agreed, of how many."""
    (made,) = run([question()], says("72", "72", "72", "70", "72"), min_votes=5, max_votes=5)
    assert made.votes_by_style == '{"knowledge":[1,2],"reasoning":[3,3]}'
    assert made.votes_by_model == '{"solver":[4,5]}'
    assert from_table(to_table([made], Decision), Decision) == [made]


def voted(solver, voter, asked, **spec):
    """Solve a question with two scripted models."""
    solvers = [
        Solver(script.ask, name, {"temperature": 1}, PROMPTS, None)
        for name, script in (("solver", solver), ("voter", voter))
    ]
    spec = EnrichSpec(**{"min_votes": 8, "max_votes": 8, **spec})
    return asyncio.run(enrich([asked], solvers[0], spec, 0, voter=solvers[1]))[0]


def test_a_voter_solves_every_other_time_and_its_votes_weigh_the_same():
    """Each model answers samples 0, 1, 2, ... of its own, in all styles; who said what is told."""
    scripts = says("72"), says("72", "70", "72", "72")
    made = voted(*scripts, question())
    assert [script.indices for script in scripts] == [[0, 1, 2, 3]] * 2
    by_turns = [s.solver_model for s in made.solves]
    assert by_turns in (["solver", "voter"] * 4, ["voter", "solver"] * 4)
    assert [s.index for s in made.solves] == list(range(8))
    assert [s.style for s in made.solves] == ["reasoning", "reasoning", "knowledge", "knowledge"] * 2
    assert (made.votes_for, made.votes_total, made.agreement) == (7, 8, 7 / 8)
    assert made.votes_by_model == '{"solver":[4,4],"voter":[3,4]}'
    assert len({s.solve_id for s in made.solves}) == 8


def test_either_model_begins_with_half_of_the_questions():
    """So that neither's solves are always the earlier ones, of which the filter keeps."""
    first = Counter(voted(says("72"), says("72"), question(n)).solves[0].solver_model for n in range(40))
    assert first.total() == 40
    assert min(first["solver"], first["voter"]) >= 10


def test_each_of_two_models_sees_each_option_in_each_place():
    """A model's love of a place cannot win: the orders go round for each model by itself."""
    scripts = says("A"), says("A")
    voted(*scripts, choice())
    for script in scripts:
        orders = [shown(text) for text, _ in script.asked]
        for letter in "ABCD":
            assert sorted(order[letter] for order in orders) == sorted(COLOURS)


def test_a_model_s_requests_are_the_same_with_and_without_a_voter():
    """What a solver answered before there was a voter is found again."""
    alone, beside = says("72"), says("72")
    run([question()], alone, min_votes=4, max_votes=4)
    voted(beside, says("72"), question())
    assert alone.asked == beside.asked


def test_disagreement_can_replace_answer_and_index():
    """With `replace` the votes' answer and its index stand in the place of the proposal."""
    (made,) = run([choice()], says("saffron"), on_disagreement="replace")
    assert (made.answer, made.answer_index, made.verifier, made.question.answer) == (
        "saffron",
        3,
        "vote",
        "cobalt",
    )
    (made,) = run([question()], says("$70"), on_disagreement="replace")
    assert (made.answer, made.answer_index) == ("$70", None)


def test_options_are_shown_in_balanced_orders():
    """Over four solves each option stands once in each place, so that a love of places decides nothing."""
    script = says("A")
    (made,) = run([choice()], script, min_votes=4, max_votes=4)
    orders = [shown(text) for text, _ in script.asked]
    for letter in "ABCD":
        assert sorted(order[letter] for order in orders) == sorted(COLOURS)
    assert (made.reason, made.score) == ("undecided", 0.25)


def test_a_letter_means_the_option_that_the_solve_saw_there():
    """Solves that name one option by the letter it had for each of them agree on that option."""
    script = Script(lambda text, index: next(f"Answer: {k}" for k, v in shown(text).items() if v == "cobalt"))
    (made,) = run([choice()], script)
    assert [s.answer for s in made.solves] == [
        next(k for k, v in shown(text).items() if v == "cobalt") for text, _ in script.asked
    ]
    assert len({s.answer for s in made.solves}) > 1
    assert (made.winner, made.answer, made.answer_index) == ("cobalt", "cobalt", 2)


@pytest.mark.parametrize("answer_index", [0, 2])
def test_an_option_too_long_to_be_read_can_be_voted_for_by_its_letter(answer_index):
    """A vote for an option is its text, whatever its length: it confirms the proposal or replaces it."""
    options = (*COLOURS[:2], "a very long answer " * 150, COLOURS[3])
    asked = choice(options=options, answer=options[answer_index], answer_index=answer_index)
    script = Script(
        lambda text, index: next(f"Answer: {k}" for k, v in shown(text).items() if "very long" in v)
    )
    (made,) = run([asked], script, on_disagreement="replace")
    assert (made.answer, made.answer_index, made.winner) == (options[2], 2, options[2])


def test_the_order_of_options_depends_on_random_seed_and_question():
    """Another question, or another random seed, begins with another order somewhere among many."""

    def first_orders(random_seed, numbers):
        script = says("A")
        solver = Solver(script.ask, "solver", {}, PROMPTS, None)
        spec = EnrichSpec(min_votes=1, max_votes=1)
        asyncio.run(enrich([choice(n) for n in numbers], solver, spec, random_seed))
        return [tuple(shown(text).values()) for text, _ in script.asked]

    assert first_orders(1, range(12)) == first_orders(1, range(12))
    assert first_orders(1, range(12)) != first_orders(2, range(12))
    assert len(set(first_orders(1, range(12)))) > 1


def test_styles_come_in_turn():
    """Each solve is asked in the next style, and says which."""
    script = says("72")
    styles = ("reasoning", "direct", "knowledge")
    (made,) = run([question()], script, styles=styles, min_votes=7, max_votes=7)
    assert [s.style for s in made.solves] == [*styles, *styles, "reasoning"]
    assert [STYLES[s.style] in text for s, (text, _) in zip(made.solves, script.asked, strict=True)] == [
        True
    ] * 7


def test_distractors_are_for_multiple_choice_only():
    """Other kinds skip that style; where it is the only one they are solved `direct`."""
    both, only = ("distractors", "reasoning"), ("distractors",)
    styles = [
        [s.style for s in run([asked], says(asked.answer), styles=wanted)[0].solves]
        for asked, wanted in ((choice(), both), (question(), both), (question(), only))
    ]
    assert styles == [["distractors", "reasoning", "distractors"], ["reasoning"] * 3, ["direct"] * 3]


def test_code_votes_by_running_the_tests():
    """Each solve's own code is run against the question's tests; passing solves confirm the proposal."""
    ran = []

    async def run_tests(source, checks):
        ran.append((source, checks))
        return "failed" if "3 * n" in source else None

    script = Script(
        lambda text, index: f"Double it.\n\n```python\ndef twice0(n):\n    return {2 + (index == 1)} * n\n```"
    )
    (made,) = run([code()], script, run_tests=run_tests, min_votes=5, confidence=0.85)
    assert Counter(s.vote for s in made.solves) == {"passes the tests": 4, "fails the tests": 1}
    assert (made.answer, made.verifier, made.votes_for, made.votes_total) == (code().answer, "executed", 4, 5)
    assert ran[1] == ("def twice0(n):\n    return 3 * n", code().checks)


@pytest.mark.parametrize("on_disagreement", ["drop", "replace"])
def test_code_that_all_solves_fail_is_dropped(on_disagreement):
    """Where the solves agree that the tests fail, nothing is put in the proposal's place."""

    async def run_tests(source, checks):
        return "failed: AssertionError"

    script = Script(lambda text, index: "```python\ndef twice0(n):\n    return 0\n```")
    (made,) = run([code()], script, run_tests=run_tests, on_disagreement=on_disagreement)
    assert made.reason == "disagrees_with_writer"


def test_code_is_not_voted_on_where_nothing_may_be_run():
    """Without a sandbox no code solve is a vote."""
    (made,) = run([code()], Script(lambda text, index: f"```python\n{code().answer}\n```"))
    assert (made.reason, made.score) == ("undecided", 0.0)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(
        ["number", "short_answer", "span", "expression", "boolean", "code", "structured", "free_text"]
    )
)
def test_no_prompt_contains_the_proposed_answer(kind):
    """Answer, aliases, tests and solution of the proposal are in no request."""
    asked = question(
        kind=kind, answer="qwxz 731", aliases=("zzyzx",), checks=("assert vvkk(1)",), solution="hence qqjj"
    )
    script = says("72", "70")
    run([asked], script)
    assert len(script.asked) >= 3
    for text, _ in script.asked:
        assert [word for word in ("qwxz", "731", "zzyzx", "vvkk", "qqjj") if word in text] == []


def test_multiple_choice_shows_nothing_of_the_proposal_but_the_options():
    """Two questions that differ in the proposed option only are asked in the same words."""
    scripts = []
    for index in (1, 2):
        scripts.append(says("A"))
        asked = choice(question_id="same", answer=COLOURS[index], answer_index=index)
        run([asked], scripts[-1], min_votes=4, max_votes=4)
    assert scripts[0].asked == scripts[1].asked


def test_a_missing_response_drops_the_question_with_the_solves_that_came():
    """One request without a response ends the question as `no_response`; what the others said is kept."""
    script = Script(lambda text, index: silence(1) if index == 1 else "Answer: 72")
    (made,) = run([question()], script)
    assert (made.reason, made.evidence, script.indices) == ("no_response", "timeout: nothing came", [0, 1, 2])
    assert [s["index"] for s in json.loads(made.record)["solves"]] == [0, 2]


def test_an_unusable_endpoint_ends_the_stage_only_when_all_requests_have_ended():
    """An error leaves after the other requests came back, so that what they cost is in the store."""
    came = []

    async def ask(prompt, indices):
        if indices == [0]:
            raise EndpointError("gone")
        await asyncio.sleep(0.01)
        came.extend(indices)
        return [silence(i) for i in indices]

    solver = Solver(ask, "solver", {}, PROMPTS, None)
    with pytest.raises(EndpointError):
        asyncio.run(enrich([question(0), question(1)], solver, EnrichSpec(), 0))
    assert sorted(came) == [1, 1, 2, 2]


def test_a_reply_that_spells_half_a_character_can_be_stored():
    """JSON escapes of a lone surrogate are no text: they are replaced, in votes, enrichments and ballots."""
    reply = json.dumps({"why": "a \ud83d b", "answer": "Oslo \ud83d"})
    kept, dropped = run(
        [question(0, kind="short_answer", answer="Oslo ?"), question(1, kind="short_answer", answer="Rome")],
        Script(lambda text, index: reply),
    )
    assert [(s.enrichment, s.answer) for s in kept.solves] == [("a ? b", "Oslo ?")] * 3
    assert from_table(to_table([kept], Decision), Decision) == [kept]
    assert from_table(to_table([dropped], Dropped), Dropped) == [dropped]


def test_a_confirmed_variant_offers_its_recomputed_solution():
    """Votes that confirm the recomputation make its solution a candidate record beside the solves."""
    (made,) = run([variant()], says("72"))
    *solves, recomputed = made.solves
    assert (made.verifier, made.votes_total, len(solves)) == ("recomputed", 3, 3)
    assert (recomputed.enrichment, recomputed.style, recomputed.index) == ("90 - 18 = 72", "reasoning", -1)
    assert (recomputed.vote, recomputed.solver_model, recomputed.solver_prompt) == (made.winner, None, None)


def test_an_unconfirmed_variant_loses_its_recomputed_solution():
    """Votes against the recomputation drop the variant, or replace its answer on their own authority."""
    (dropped,) = run([variant()], says("70"))
    assert dropped.reason == "disagrees_with_writer"
    (made,) = run([variant()], says("70"), on_disagreement="replace")
    assert (made.answer, made.verifier, len(made.solves)) == ("70", "vote+equivalence", 4)


def test_without_a_solver_variants_stand_on_their_recomputation():
    """Nobody votes: 0 of 0, no agreement; a written question is not kept."""
    made, dropped = accept_unsolved([variant(), question(1)])
    assert (made.votes_for, made.votes_total, made.agreement, made.p_majority) == (0, 0, None, None)
    assert (made.verifier, made.answer, [s.enrichment for s in made.solves]) == (
        "recomputed",
        "72",
        ["90 - 18 = 72"],
    )
    assert (dropped.reason, dropped.evidence) == ("undecided", "no solver is configured")


def test_questions_keep_their_order():
    """Entries come in the order of the questions, whichever was decided first."""
    slow = {0: 0.02, 1: 0.0, 2: 0.01}

    async def ask(prompt, indices):
        number = int(re.search(r"Train (\d)", prompt.messages[-1]["content"])[1])
        await asyncio.sleep(slow[number])
        return await says("72").ask(prompt, indices)

    solver = Solver(ask, "solver", {}, PROMPTS, None)
    asked = [question(n) for n in range(3)]
    made = asyncio.run(enrich(asked, solver, EnrichSpec(), 0))
    assert [m.question for m in made] == asked
