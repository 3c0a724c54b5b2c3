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
    ("options", "reason", "evidence"),
    [
        (("10 cm", "0.1 m", "1 m"), "duplicate_options", "10 cm = 0.1 m"),
        (("twelve", "12", "13"), "duplicate_options", "twelve = 12"),
        (("1-10", "5-15", "20-30"), "overlapping_options", "1-10 / 5-15"),
        (("between 1 and 4 km", "2 km", "9 km"), "overlapping_options", "between 1 and 4 km / 2 km"),
        (("more than 5", "at least 10", "3"), "overlapping_options", "more than 5 / at least 10"),
        (
            ("Danube", "Rhine", "the Rhine and the Elbe"),
            "overlapping_options",
            "Rhine / the Rhine and the Elbe",
        ),
    ],
)
def test_options_that_overlap_are_a_fault(options, reason, evidence):
    """Quantities, ranges and conjunctions are compared by what they hold."""
    made = changed(CHOICE, question="Which is it?", options=options, answer=options[1])
    assert format_fault(made) == Fault(reason, evidence)


@pytest.mark.parametrize(
    "options",
    [
        ("0.5", "1/2", "2"),  # the spelling may be the question
        ("5", "5 cm", "6 cm"),
        ("10-20", "20-30", "30-40"),
        ("more than 5", "5", "less than 5"),
        ("red", "blue", "green and yellow"),
        ("Danube and Elbe", "Rhine", "Danube"),  # neither is the answer
        ("between 0 and 28", "28", "100"),
    ],
)
def test_options_that_only_look_alike_are_kept(options):
    """Notations, units, ranges that touch, and wrong options that hold each other are no fault."""
    assert format_fault(changed(CHOICE, question="Which is it?", options=options, answer=options[1])) is None


@pytest.mark.parametrize(
    ("question", "options", "evidence"),
    [
        ("Which of these numbers is not prime?", ("4", "7", "6"), "4 | 6"),
        ("Which number is divisible by 6?", ("12", "7", "18"), "12 | 18"),
        ("Which of the following is not greater than 5?", ("3", "9", "4"), "3 | 4"),
        ("Which word starts with the letter B?", ("bat", "ball", "cat"), "bat | ball"),
        ("Which of these words does not contain the letter e?", ("sun", "tree", "moon"), "sun | moon"),
    ],
)
def test_two_right_answers_are_found_where_arithmetic_or_spelling_decides(question, options, evidence):
    """Negated or not, such a stem must be true of one option."""
    made = changed(CHOICE, question=question, options=options, answer=options[1])
    assert format_fault(made) == Fault("two_right_answers", evidence)


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Which of these numbers is not prime?", ("4", "7", "5")),
        ("Which of these is not a mammal?", ("shark", "trout", "whale")),
        ("Which number is divisible by 6 and even?", ("12", "7", "18")),
        ("Which number is divisible by 0?", ("12", "7", "18")),
        ("Which number is prime?", ("2", "3 or 5", "7")),
    ],
)
def test_what_arithmetic_does_not_decide_is_left_to_the_votes(question, options):
    """Knowledge, further conditions and options that are no numbers are not judged."""
    assert format_fault(changed(CHOICE, question=question, options=options, answer=options[1])) is None


@pytest.mark.parametrize(
    ("question", "kind", "answer", "given"),
    [
        ("What land did God give to Israel?", "short_answer", "Israel", "israel"),
        ("In which museum hangs the Munch Museum's Scream?", "short_answer", "the Munch Museum", ""),
        ("Is the Nile longer, or the Volga?", "short_answer", "the Volga", ""),
        ("What is the capital of Norway?", "short_answer", "Oslo", ""),
        ("How many are 3 and 72?", "number", "72", ""),
    ],
)
def test_a_question_that_says_its_answer_is_a_fault(question, kind, answer, given):
    """The answer stands in the question as it is, and nothing is offered as an alternative to it."""
    found = format_fault(changed(question=question, kind=kind, answer=answer))
    assert found == (Fault("answered_by_wording", given) if given else None)


def test_a_question_that_names_other_options_too_is_none():
    """Where the stem speaks of several options, the answer among them tells nothing."""
    told = changed(CHOICE, question="What sets the Rhine apart?", options=("Danube", "Rhine", "Elbe"))
    assert format_fault(told) == Fault("answered_by_wording", "rhine")
    both = changed(told, question="The Rhine meets the Elbe by canal. What is wider?")
    assert format_fault(both) is None


@pytest.mark.parametrize(
    "option",
    [
        "All of the above",
        "A and B",
        "B and C only",
        "both (a) and (c)",
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
        "Angers and Bonn",
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
        ("In the story, who left?", "In the story,"),
        ("As described in the passage, who left?", "As described in the passage"),
        ("What does the author imply by this?", "the author imply"),
        ("What is the author's main point?", "the author's main"),
        ("What does paragraph 2 say?", "paragraph 2"),
        ("Según el texto, ¿quién se fue?", "Según el texto"),
        ("本文によると、誰が去ったか。", "本文によると"),
    ],
)
def test_leaning_on_a_passage_that_is_not_there_is_a_fault(question, evidence):
    """The same words are no fault where there is a passage."""
    assert format_fault(changed(question=question)) == Fault("missing_passage", evidence)
    assert format_fault(changed(question=question, context="He left.")) is None


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("What does Figure 2 show?", "Figure 2"),
        ("Use the graph above to find the slope.", "the graph above"),
        ("Which rock is shown in the picture?", "shown in the picture"),
        ("From the following table, who won?", "From the following table"),
    ],
)
def test_a_picture_is_never_there(question, evidence):
    """A passage does not show one, unless it speaks of it itself."""
    assert format_fault(changed(question=question)) == Fault("missing_passage", evidence)
    assert format_fault(changed(question=question, context="He left.")) == Fault("missing_passage", evidence)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the author of Emma?",
        "Based on the theory of plates, why do quakes happen?",
        "What is told in the story of Noah?",
        "Name the product of the reaction shown below: 2 H2 + O2 gives water.",
        "Who won, by the table? | team | points |\n| A | 3 |",
        "Water enters a cell through its membrane. Based on this information, what is the membrane like?",
        f"{'Anna went to the market and bought three apples for Pa. ' * 5}According to the story: who?",
    ],
)
def test_a_question_that_brings_its_own_text_leans_on_nothing(question):
    """Works with a name, facts before the sentence, data after it and passages in the question are there."""
    assert format_fault(changed(question=question)) is None


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
    known = {
        "bad_schema", "duplicate_options", "catch_all_option", "missing_passage", "placeholder",
        "overlapping_options", "two_right_answers", "answered_by_wording",
    }  # fmt: skip
    assert reasons - known == set()
