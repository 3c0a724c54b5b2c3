"""generate: slots become questions or dropped slots."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.errors import EndpointError
from taskseed.models.base import Completion
from taskseed.models.stored import Answer
from taskseed.prompts import draw_axes, labels, load_prompts
from taskseed.recipe import AxesSpec, GenerateSpec
from taskseed.records import KINDS, Dropped, Question
from taskseed.stages.generate import Writer, generate_numeric, generate_with_model
from tests.numeric.problems import ALL, APPLES
from tests.stages.makers import Script, draft, seed, silence

PROMPTS = load_prompts()


def run(seeds, script, *, random_seed=0, can_run_code=False, **spec):
    """Generate with a scripted writer."""
    writer = Writer(script.ask, "writer", {"temperature": 1}, PROMPTS, can_run_code)
    return asyncio.run(generate_with_model(seeds, seeds, writer, GenerateSpec(**spec), random_seed))


def worked(number=0, problem=APPLES):
    """Return a seed with a worked solution."""
    return seed(number, question=problem[0], solution=problem[1], answer=problem[1].rpartition(" ")[2])


def test_every_slot_of_every_seed_is_there_in_order():
    """Three seeds with two questions each give six entries, by seed and slot, whatever comes of them."""
    seeds = [seed(n) for n in (2, 0, 1)]
    script = Script(lambda text, index: draft() if "figs" in text.rpartition("# Seed")[2] else "no JSON")
    made = run(seeds, script, questions_per_seed=2, examples=0)
    places = [(e.seed_id, e.slot if isinstance(e, Question) else json.loads(e.record)["slot"]) for e in made]
    assert places == [(s.seed_id, slot) for s in seeds for slot in (0, 1)]
    assert [type(e) for e in made] == [Dropped, Dropped, Question, Question, Dropped, Dropped]


def test_a_question_carries_the_draft_and_where_it_comes_from():
    """Text and answer are the writer's, the kind is the seed's, and the model and prompt are named."""
    (made,) = run([seed()], Script(lambda text, index: draft()), questions_per_seed=1)
    assert (made.question, made.answer) == ("How many oars do 6 boats with 4 oars each have?", "24")
    assert (made.kind, made.task, made.seed_id, made.slot) == ("number", "made_up", seed().seed_id, 0)
    assert (made.derivation, made.writer_model, len(made.writer_prompt)) == ("written", "writer", 16)


def test_equal_texts_in_two_slots_are_two_questions():
    """The slot is part of a question's id."""
    made = run([seed()], Script(lambda text, index: draft()), questions_per_seed=2)
    assert made[0].question == made[1].question
    assert len({m.question_id for m in made}) == 2


def test_malformed_text_is_asked_again_and_then_dropped_with_its_text():
    """Only the malformed slot is asked again, with indices nobody had, `attempts` times in all."""
    script = Script(lambda text, index: draft() if index == 0 else f"I like turtle {index}")
    made = run([seed()], script, questions_per_seed=2, attempts=3)
    assert script.indices == [0, 1, 3, 5]
    assert isinstance(made[0], Question)
    assert (made[1].reason, made[1].stage) == ("malformed", "generate")
    assert made[1].evidence.endswith("I like turtle 5")


def test_an_answer_on_a_later_attempt_fills_its_slot():
    """What was malformed twice and then well formed is a question of its slot."""
    script = Script(lambda text, index: draft() if index == 4 else "no")
    (made,) = run([seed()], script, questions_per_seed=1, attempts=9)
    assert (made.slot, made.answer, script.indices) == (0, "24", [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("reply", "reason", "evidence"),
    [
        (
            "I'm sorry, but I can't help with that.",
            "refused",
            "refused: I'm sorry, but I can't help with that.",
        ),
        (Completion("Half", finish_reason="content_filter"), "refused", "Half"),
        (Completion("", finish_reason="content_filter"), "refused", "content filter"),
        (silence(), "no_response", "timeout: nothing came"),
        (silence(failure="queued", detail=""), "no_response", "queued"),
    ],
)
def test_refusals_and_missing_responses_are_not_asked_again(reply, reason, evidence):
    """A refusal, a filtered reply and a missing response end the slot at the first attempt."""
    script = Script(lambda text, index: reply)
    (made,) = run([seed()], script, questions_per_seed=1, attempts=3)
    assert (made.reason, made.evidence, script.indices) == (reason, evidence, [0])


def test_a_reply_that_was_cut_off_is_malformed():
    """Even a reply that parses is not trusted if it ended at max_tokens; it is asked again."""
    script = Script(lambda text, index: Completion(draft(), finish_reason="length"))
    (made,) = run([seed()], script, questions_per_seed=1, attempts=2)
    assert (made.reason, script.indices) == ("malformed", [0, 1])
    assert made.evidence == f"cut off (length): {draft()}"


def test_code_is_asked_for_only_where_it_can_be_run():
    """Without a sandbox each slot of a code seed is `no_sandbox`, unasked; with one it is asked."""
    coding = seed(
        kind="code", question="Write f(n).", answer="def f(n): return n", checks=("assert f(1) == 1",)
    )
    reply = draft("Write g(n).", "def g(n):\n    return n", tests=[f"assert g({n}) == {n}" for n in range(5)])
    script = Script(lambda text, index: reply)
    made = run([coding], script, questions_per_seed=2)
    assert ([m.reason for m in made], script.asked) == (["no_sandbox", "no_sandbox"], [])
    (written,) = run([coding], script, questions_per_seed=1, can_run_code=True)
    assert written.checks == tuple(f"assert g({n}) == {n}" for n in range(5))


def test_a_family_may_give_another_number_of_questions():
    """`questions_by_family` counts for its families, `questions_per_seed` for the others."""
    seeds = [seed(0, family="large"), seed(1)]
    script = Script(lambda text, index: draft(f"How many oars do {index + 6} boats with 4 oars each have?"))
    made = run(seeds, script, questions_per_seed=3, questions_by_family={"large": 1})
    assert [(m.seed_id, m.slot) for m in made] == [(seeds[0].seed_id, 0)] + [
        (seeds[1].seed_id, n) for n in range(3)
    ]


def test_a_structured_answer_is_json_as_text():
    """A question whose answer is a list is written like any other; its answer is the list's JSON."""
    tagged = seed(kind="structured", question="Tag these words: new boats", answer='[["new", "ADJ"]]')
    script = Script(lambda text, index: draft("Tag these words: go !", [["go", "VERB"], ["!", "PUNCT"]]))
    (made,) = run([tagged], script, questions_per_seed=1)
    assert made.answer == '[["go", "VERB"], ["!", "PUNCT"]]'


def test_kinds_that_nothing_verifies_are_refused_unasked():
    """No token is paid for a kind whose answers cannot be checked."""
    script = Script(lambda text, index: draft())
    made = run([seed(kind="free_text")], script, questions_per_seed=2, can_run_code=True)
    assert ([m.reason for m in made], script.asked) == (["unverifiable", "unverifiable"], [])


def test_a_seed_whose_own_answer_no_vote_could_mean_is_refused_unasked():
    """A yes-or-no question answered in words that no vote is counted under is not paid for."""
    script = Script(lambda text, index: draft())
    (made,) = run([seed(kind="boolean", answer="bai")], script, questions_per_seed=1)
    assert (made.reason, made.evidence.rpartition(" ")[2], script.asked) == ("unverifiable", "bai", [])


def test_examples_are_siblings_and_never_the_seed_itself():
    """A prompt shows as many siblings of the task as asked for, and the seed's own text once."""
    seeds = [seed(n) for n in range(6)] + [seed(7, task="other")]
    script = Script(lambda text, index: draft())
    run(seeds, script, questions_per_seed=1, examples=3)
    for own, (text, _) in zip(seeds, script.asked, strict=True):
        shown = [s for s in seeds if json.dumps(s.question) in text.partition("# Seed")[0]]
        assert own not in shown
        assert text.count(own.question) == 1
        assert [s.task for s in shown] == [own.task] * (3 if own.task == "made_up" else 0)


def test_examples_depend_on_the_random_seed_only():
    """The same random seed draws the same examples again, another one others; other tasks change nothing."""

    def prompts(random_seed, others=()):
        script = Script(lambda text, index: draft())
        run([*(seed(n) for n in range(8)), *others], script, random_seed=random_seed, examples=2)
        return [text for text, _ in script.asked if "trombone" not in text]

    assert prompts(1) == prompts(1)
    assert prompts(1) != prompts(2)
    assert prompts(1) == prompts(1, [seed(9, task="other", question="How many valves has a trombone?")])


def test_a_boolean_takes_the_options_of_its_task():
    """The answers to choose from are the seed's, spelled as there; any other answer has no index."""
    asked = seed(kind="boolean", options=("True", "False"), answer="True", answer_index=0)
    script = Script(lambda text, index: draft("Is tin a metal?", ["false", "perhaps"][index]))
    first, second = run([asked], script, questions_per_seed=2)
    assert (first.options, first.answer, first.answer_index) == (("True", "False"), "False", 1)
    assert (second.answer, second.answer_index) == ("perhaps", None)


def test_an_unusable_endpoint_ends_the_stage_only_when_all_requests_have_ended():
    """An error leaves after the other requests came back, so that what they cost is in the store."""
    came = []

    async def ask(prompt, indices):
        if "figs" in prompt.messages[-1]["content"]:
            raise EndpointError("gone")
        await asyncio.sleep(0.01)
        came.extend(indices)
        return [silence(i) for i in indices]

    writer = Writer(ask, "writer", {}, PROMPTS, can_run_code=False)
    spec = GenerateSpec(questions_per_seed=1, examples=0)
    seeds = [seed(0), seed(1), seed(2)]
    with pytest.raises(EndpointError):
        asyncio.run(generate_with_model(seeds, seeds, writer, spec, 0))
    assert came == [0, 0]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(KINDS), max_size=4),
    st.lists(
        st.sampled_from([draft(), "{", "I cannot", "", '{"question": "\\ud800?", "answer": "1"}']), min_size=1
    ),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_each_slot_ends_once(kinds, replies, per_seed, attempts):
    """Whatever comes back, there is one entry per slot, and no index of a seed is asked twice."""
    seeds = [seed(n, kind=kind) for n, kind in enumerate(kinds)]
    script = Script(lambda text, index: replies[index % len(replies)])
    made = run(seeds, script, questions_per_seed=per_seed, attempts=attempts, can_run_code=True)
    assert [m.seed_id for m in made] == [s.seed_id for s in seeds for _ in range(per_seed)]
    assert len(set(script.asked)) == len(script.asked)


def test_a_seed_without_a_worked_solution_has_no_variants():
    """Where there is nothing to recompute, each slot says so."""
    made = generate_numeric([seed()], lambda _: range(2), 0)
    assert [m.reason for m in made] == ["no_worked_solution"] * 2


def test_a_solution_that_cannot_be_traced_is_refused():
    """A solution whose numbers do not come from the question is not varied."""
    (made,) = generate_numeric(
        [seed(solution="He must be 12, as everyone knows.\n#### 12")], lambda _: range(1), 0
    )
    assert made.reason == "no_annotation"


def test_variants_of_a_seed_differ_from_it_and_from_each_other():
    """Each slot has numbers of its own; the recomputed answer stands at the end of the solution."""
    made = [m for m in generate_numeric([worked()], lambda _: range(6), 0) if isinstance(m, Question)]
    assert [m.slot for m in made] == list(range(6))
    assert len({m.question for m in made} | {APPLES[0]}) == 7
    assert {(m.derivation, m.writer_model, m.kind) for m in made} == {("numeric_variant", None, "number")}
    assert [m.solution.rstrip(".").endswith(f"${m.answer}") for m in made] == [True] * 6


def test_variants_depend_on_seed_slot_and_random_seed_only():
    """Neighbours and the number of slots change no variant; another random seed does."""
    seeds = [worked(n, problem) for n, problem in enumerate(ALL)]
    alone = [generate_numeric([s], lambda _: range(1), 5)[0] for s in seeds]
    together = generate_numeric(seeds, lambda _: range(2), 5)
    assert together[::2] == alone
    assert generate_numeric(seeds, lambda _: range(1), 6) != alone


def test_when_the_numbers_run_out_the_slot_is_dropped():
    """Slots beyond the variants there are end as `no_valid_sample`, and none is given twice."""
    narrow = (
        "Ida has 2 apples and buys 3 more. How many apples has she?",
        "She has 2 + 3 = <<2+3=5>>5 apples.\n#### 5",
    )
    made = generate_numeric([worked(problem=narrow)], lambda _: range(40), 0)
    kept = [m.question for m in made if isinstance(m, Question)]
    assert {m.reason for m in made if isinstance(m, Dropped)} == {"no_valid_sample"}
    assert 0 < len(set(kept)) == len(kept) < len(made) == 40


def items(*texts: str) -> str:
    """Return a reply with numbered items."""
    made = [json.loads(draft(f"How many oars do {t} boats with 4 oars each have?")) for t in texts]
    return json.dumps({"items": [{"item": n + 1, **item} for n, item in enumerate(made)]})


def slots_of(made) -> list[int | str]:
    """Return the slot of each question, the reason of each drop."""
    return [m.slot if isinstance(m, Question) else m.reason for m in made]


def test_several_questions_of_one_call_fill_its_slots_in_order() -> None:
    """Five slots with two to a call are three calls, asked under their first slots."""
    replies = {0: items("ten", "twenty"), 2: items("30", "40"), 4: draft("How many oars have 50 boats?")}
    script = Script(lambda text, index: replies[index])
    made = run([seed()], script, questions_per_seed=5, questions_per_call=2, attempts=1)
    assert (script.indices, slots_of(made)) == ([0, 2, 4], [0, 1, 2, 3, 4])
    assert [m.question.split()[4] for m in made[:4]] == ["ten", "twenty", "30", "40"]
    counts = ["write 2 new items" in text for text, _ in script.asked]
    assert counts == [True, True, False]


def test_items_that_did_not_come_are_asked_for_again_and_alone() -> None:
    """Of three items only the second came; the next attempt asks for the two others, under new indices."""
    second = json.dumps({"items": [{"item": 2, **json.loads(draft())}]})
    script = Script(lambda text, index: second if index == 0 else items("ten", "twenty"))
    made = run([seed()], script, questions_per_seed=3, questions_per_call=3, attempts=3)
    assert (script.indices, slots_of(made)) == ([0, 3], [0, 1, 2])
    assert [m.question.split()[4] for m in made] == ["ten", "6", "twenty"]
    assert "write 2 new items" in script.asked[1][0]


def test_items_that_never_come_are_dropped_with_what_came() -> None:
    """A slot whose item is missing to the end is malformed, and its evidence counts the items."""
    script = Script(lambda text, index: items("ten") if index == 0 else "no")
    made = run([seed()], script, questions_per_seed=3, questions_per_call=3, attempts=1)
    assert slots_of(made) == [0, "malformed", "malformed"]
    assert [m.evidence.partition(": {")[0] for m in made[1:]] == ["malformed: 1 of 3 items came"] * 2


@pytest.mark.parametrize(
    ("reply", "ends"),
    [
        (silence(), ["no_response"] * 2),
        (Completion(items("ten", "twenty"), finish_reason="content_filter"), ["refused"] * 2),
        ("I'm sorry, but I can't help with that.", ["refused"] * 2),
        (Completion(items("ten", "twenty")[:-60], finish_reason="length"), [0, "malformed"]),
        (Completion(items("ten", "twenty"), finish_reason="length"), [0, 1]),
    ],
)
def test_what_befalls_a_call_befalls_its_slots(reply, ends) -> None:
    """A missing, filtered or refused reply ends each slot; of a reply cut off, whole items count."""
    script = Script(lambda text, index: reply)
    made = run([seed()], script, questions_per_seed=2, questions_per_call=2, attempts=1)
    assert slots_of(made) == ends


@settings(deadline=None, max_examples=60)
@given(
    per_seed=st.integers(1, 7),
    per_call=st.integers(1, 4),
    attempts=st.integers(1, 3),
    replies=st.lists(
        st.sampled_from([items("1"), items("1", "2", "3"), items("1", "2")[:-9], "no", "[]", silence()]),
        min_size=1,
    ),
    axes=st.booleans(),
)
def test_each_slot_of_a_call_ends_once(per_seed, per_call, attempts, replies, axes) -> None:
    """Whatever comes back, each slot has one entry in its place, and no request is sent twice."""
    script = Script(lambda text, index: replies[index % len(replies)])
    spec = {} if axes else {"axes": None}
    spec |= {"questions_per_seed": per_seed, "questions_per_call": per_call, "attempts": attempts}
    made = run([seed(n) for n in range(3)], script, **spec)
    places = [m.slot if isinstance(m, Question) else json.loads(m.record)["slot"] for m in made]
    assert places == [*range(per_seed)] * 3
    assert len(set(script.asked)) == len(script.asked)


def test_slots_that_ask_the_same_share_one_request() -> None:
    """Without axes and siblings the slots of a seed differ in their sample index alone: one ask for all."""
    asks = []

    async def ask(prompt, indices):
        asks.append(list(indices))
        return [Answer(i, Completion(draft())) for i in indices]

    writer = Writer(ask, "writer", {}, PROMPTS, can_run_code=False)
    for axes in (None, AxesSpec()):
        spec = GenerateSpec(questions_per_seed=3, examples=0, axes=axes)
        asyncio.run(generate_with_model([seed()], [seed()], writer, spec, 0))
    assert asks == [[0, 1, 2], [0], [1], [2]]
    spec = GenerateSpec(questions_per_seed=5, questions_per_call=2, examples=0, axes=None, attempts=1)
    asyncio.run(generate_with_model([seed()], [seed()], writer, spec, 0))
    assert asks[4:] == [[0, 2], [4]]


def test_a_question_keeps_the_axes_it_was_asked_with() -> None:
    """Each slot's axes are on its question and in its prompt, and are the same in any call size."""
    script = Script(lambda text, index: items("ten", "twenty") if "new items" in text else draft())
    alone = run([seed()], script, questions_per_seed=2)
    pair = run([seed()], script, questions_per_seed=2, questions_per_call=2)
    assert [m.axes for m in alone] == [m.axes for m in pair]
    drawn = [draw_axes(PROMPTS, AxesSpec(), seed(), slot, 0) for slot in (0, 1)]
    assert [m.axes for m in alone] == [labels(axes) for axes in drawn]
    for (text, _), axes in zip(script.asked, drawn, strict=False):
        assert [f": {value}" in text for axis, value in axes.items() if axis in ("setting", "place")] == [
            True
        ] * (len(axes) - 2)
    assert [m.axes for m in run([seed()], script, questions_per_seed=2, axes=None)] == [(), ()]


def test_more_questions_per_seed_leave_the_first_ones_as_they_are() -> None:
    """The requests of two slots are among those of four: raising the number asks for the new ones only."""

    def asked(**spec):
        script = Script(lambda text, index: draft())
        run([seed(n) for n in range(9)], script, **spec)
        return set(script.asked)

    assert asked(questions_per_seed=2) - asked(questions_per_seed=4) == set()


def test_the_slots_of_a_seed_see_other_siblings() -> None:
    """Six siblings shown by two in three slots are all shown once; a fourth slot begins again."""
    seeds = [seed(n) for n in range(7)]
    script = Script(lambda text, index: draft())
    run(seeds, script, questions_per_seed=4, examples=2)
    texts = [
        text.partition("# Seed")[0] for text, _ in script.asked if text.rpartition("# Seed")[2].count("figs")
    ]
    shown = [[n for n, s in enumerate(seeds) if json.dumps(s.question) in text] for text in texts]
    assert sorted(n for slot in shown[:3] for n in slot) == [1, 2, 3, 4, 5, 6]
    assert (len(shown), shown[3]) == (4, shown[0])


def test_the_gold_option_of_the_seed_moves_from_slot_to_slot() -> None:
    """Four slots show the seed's right option at each of its four places once."""
    item = seed(kind="multiple_choice", options=("zinc", "tin", "lead", "iron"), answer="tin", answer_index=1)
    script = Script(lambda text, index: "no")
    run([item], script, questions_per_seed=4, attempts=1)
    shown = [
        json.JSONDecoder().raw_decode(text.rpartition("# Seed")[2].strip())[0] for text, _ in script.asked
    ]
    assert sorted(s["options"].index("tin") for s in shown) == [0, 1, 2, 3]


def test_options_that_all_seeds_of_a_task_share_are_drawn_as_answers() -> None:
    """A task whose options are labels asks for each label in turn; fewer than three seeds do not show it."""
    words = ("no", "yes", "maybe")
    orders = [words[n % 3 :] + words[: n % 3] for n in range(4)]
    labelled = [
        seed(n, kind="multiple_choice", options=order, answer="yes", answer_index=order.index("yes"))
        for n, order in enumerate(orders)
    ]
    reply = draft("Is tin a metal?", "yes", options=["no", "yes", "maybe"])
    script = Script(lambda text, index: reply)
    made = run(labelled, script, questions_per_seed=3)
    asked = [[a for a in m.axes if a.startswith("answer=")] for m in made[:3]]
    assert sorted(asked) == [["answer=maybe"], ["answer=no"], ["answer=yes"]]
    few = run(labelled[:2], script, questions_per_seed=1)
    assert [[a.partition("=")[0] for a in m.axes][-2:] for m in few] == [["position", "longest"]] * 2


def test_aliases_of_a_short_answer_are_kept() -> None:
    """Other spellings that the writer gives stand on the question."""
    asked = seed(kind="short_answer", question="Which gas do plants take up?", answer="carbon dioxide")
    script = Script(lambda text, index: draft("What is ice made of?", "water", aliases=["H2O", "water"]))
    (made,) = run([asked], script, questions_per_seed=1)
    assert (made.answer, made.aliases) == ("water", ("H2O",))


def test_what_requests_of_one_task_share_stands_first() -> None:
    """All prompts of a task are the same up to the siblings: a prefix cache serves the instructions."""
    seeds = [seed(n) for n in range(8)]
    script = Script(lambda text, index: draft())
    run(seeds, script, questions_per_seed=3)
    heads = {text.partition("# Siblings")[0] for text, _ in script.asked}
    assert (len(heads), len(script.asked)) == (1, 24)
    assert {text.partition("# Siblings")[2] == "" for text, _ in script.asked} == {False}
