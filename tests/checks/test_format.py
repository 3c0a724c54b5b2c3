"""Faults of schema and form that need no model to see."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.format import Fault, format_fault, schema_fault
from taskseed.records import KINDS, Question

PLAIN = Question(
    question_id="q",
    seed_id="s",
    task="t",
    slot=0,
    kind="short_answer",
    question="Which river flows through Vienna?",
    context=None,
    options=(),
    answer="the Danube",
    answer_index=None,
    aliases=(),
    checks=(),
    solution=None,
    derivation="written",
    writer_model=None,
    writer_prompt=None,
)
CHOICE = dataclasses.replace(
    PLAIN, kind="multiple_choice", options=("Danube", "Rhine", "Elbe"), answer="Rhine", answer_index=1
)


def changed(base=PLAIN, /, **changes):
    """Return a question with other fields."""
    return dataclasses.replace(base, **changes)


@pytest.mark.parametrize(
    "sound",
    [
        PLAIN,
        CHOICE,
        changed(kind="boolean", answer="yes"),
        changed(kind="boolean", answer="False"),
        changed(CHOICE, kind="boolean", options=("bai", "ez"), answer="ez"),
        changed(kind="number", answer="1,200 kg"),
        changed(kind="expression", question="Simplify $x^{{2}} / {{n}}$.", answer="$x^2$"),
        changed(kind="span", answer="Danube", context="Vienna lies on the Danube."),
        changed(
            kind="code",
            question="Write f() for {{}} and <body>.",
            answer="def f(): ...",
            checks=("assert f()",),
        ),
        changed(question="Nach welchem Text? 語", answer="語"),
        changed(CHOICE, options=tuple(f"option {n}" for n in range(26)), answer="option 1"),
    ],
)
def test_sound_questions_have_no_fault(sound):
    """A question whose fields fit its kind passes both checks."""
    assert (schema_fault(sound), format_fault(sound)) == (None, None)


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        (changed(kind="riddle"), "unknown kind riddle"),
        (changed(question=" \n"), "empty question or answer"),
        (changed(answer=""), "empty question or answer"),
        (changed(context="x" * 20_000), "longer than 20000 characters"),
        (changed(kind="multiple_choice"), "0 options"),
        (changed(CHOICE, options=("Rhine",), answer_index=0), "1 options"),
        (changed(CHOICE, options=tuple(map(str, range(27))), answer="1"), "27 options"),
        (changed(CHOICE, answer_index=0), "the answer is not the option its index points at"),
        (changed(CHOICE, answer_index=None), "the answer is not the option its index points at"),
        (changed(CHOICE, answer_index=-2), "the answer is not the option its index points at"),
        (changed(CHOICE, answer_index=3), "the answer is not the option its index points at"),
        (changed(CHOICE, answer="rhine"), "the answer is not the option its index points at"),
        (changed(kind="number", answer="many"), "no vote could mean this answer to a number question: many"),
        (changed(kind="boolean", answer="bai"), "no vote could mean this answer to a boolean question: bai"),
        (changed(kind="code", answer="def f(): ..."), "a code question without tests"),
    ],
)
def test_fields_that_contradict_each_other_are_bad_schema(question, evidence):
    """The first contradiction is named."""
    assert schema_fault(question) == Fault("bad_schema", evidence)


@pytest.mark.parametrize(
    "options",
    [
        ("Danube", "Rhine", "Rhine"),
        ("Danube", "Rhine", "the rhine."),
        ("Danube", "Rhine", " "),
        ("Danube", "Rhine", "“Danube”"),
    ],
)
def test_options_that_say_the_same_or_nothing_are_duplicates(options):
    """Options are compared without case, articles, quotes and full stops."""
    assert format_fault(changed(CHOICE, options=options)) == Fault("duplicate_options", " | ".join(options))


@pytest.mark.parametrize(
    "option",
    [
        "All of the above",
        "none of the above.",
        "All the above",
        "None of these",
        "Both of them",
        "Both A and B",
        "Neither of the other options",
        "All answers are right",
        "Any of the preceding",
    ],
)
def test_options_about_other_options_are_catch_alls(option):
    """An option that speaks of others by their place means nothing once they are shown in another order."""
    assert format_fault(changed(CHOICE, options=("Danube", "Rhine", option))) == Fault(
        "catch_all_option", option
    )


@pytest.mark.parametrize(
    "option",
    [
        "All of the mixture will evaporate.",
        "None of the students passed",
        "Both of these rivers flow north",
        "all rivers",
        "none",
        "Above the Danube",
        "vitamins A and B",
    ],
)
def test_options_that_only_begin_like_catch_alls_are_kept(option):
    """Quantities of things are answers of their own."""
    assert format_fault(changed(CHOICE, options=("Danube", "Rhine", option))) is None


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("According to the passage, who left?", "According to the passage"),
        ("What did he see, based on the article?", "based on the article"),
        ("In the text above, who left?", "In the text above"),
    ],
)
def test_leaning_on_a_passage_that_is_not_there_is_a_fault(question, evidence):
    """The same words are no fault where there is a passage."""
    assert format_fault(changed(question=question)) == Fault("missing_passage", evidence)
    assert format_fault(changed(question=question, context="He left.")) is None


@pytest.mark.parametrize(
    ("question", "mask"),
    [
        ("When was [CITY NAME] built?", "[CITY NAME]"),
        ("Who is <name>?", "<name>"),
        ("How old is {{ person }}?", "{{ person"),
        ("TODO write this", "TODO"),
        ("Lorem ipsum dolor?", "Lorem ipsum"),
    ],
)
def test_a_text_that_was_not_filled_in_is_a_placeholder(question, mask):
    """Masks and templates are no questions, except that code may be full of such signs."""
    assert format_fault(changed(question=question)) == Fault("placeholder", mask)
    assert format_fault(changed(kind="code", question=question)) is None


@given(
    st.sampled_from(KINDS),
    st.text(max_size=40),
    st.text(max_size=40),
    st.lists(st.text(max_size=9), max_size=4),
)
def test_any_text_is_judged(kind, question, answer, options):
    """No text raises, and what is at fault has a reason from the list."""
    asked = changed(kind=kind, question=question, answer=answer, options=tuple(options), answer_index=0)
    reasons = {fault.reason for fault in (schema_fault(asked), format_fault(asked)) if fault is not None}
    known = {"bad_schema", "duplicate_options", "catch_all_option", "missing_passage", "placeholder"}
    assert reasons - known == set()
