"""Option letters in texts: replaced by the options' texts, or the text cannot be kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.letters import Rewritten, without_letters

SHOWN = ("crimson", "emerald", "cobalt", "saffron")


@pytest.mark.parametrize(
    ("text", "rewritten", "replaced"),
    [
        ("Option B fails because it is green.", "Option “emerald” fails because it is green.", 1),
        ("So option (B) is right.", "So option “emerald” is right.", 1),
        ("The answer is **C**.", "The answer is “cobalt”.", 1),
        ("The correct answer is C: cobalt.", "The correct answer is “cobalt”.", 1),
        ("B is wrong and C is correct.", "“emerald” is wrong and “cobalt” is correct.", 2),
        ("A) crimson is red.\nB) emerald is not.", "“crimson” is red.\n“emerald” is not.", 2),
        ("**A.** crimson: red\n**B.** emerald: green", "“crimson”: red\n“emerald”: green", 2),
        (
            "Options A and C are out; options B, C, and D remain.",
            "Options “crimson” and “cobalt” are out; options “emerald”, “cobalt”, and “saffron” remain.",
            5,
        ),
        ("Emerald (B) is green, cobalt (option C) blue.", "Emerald is green, cobalt blue.", 2),
        ("Option B (emerald) is green.", "Option “emerald” is green.", 1),
        ("Option C, cobalt, is blue.", "Option “cobalt” is blue.", 1),
        ("We rule out B and choose C.", "We rule out “emerald” and choose “cobalt”.", 2),
        ("La opción B es incorrecta.", "La opción “emerald” es incorrecta.", 1),
        ("Die Antwort C ist falsch.", "Die Antwort “cobalt” ist falsch.", 1),
        ("所以选项B错误。", "所以选项“emerald”错误。", 1),
    ],
)
def test_an_options_letter_becomes_its_text(text: str, rewritten: str, replaced: int) -> None:
    """Option B is the second shown; where its text stands beside the letter already, it is not said twice."""
    assert without_letters(text, SHOWN) == Rewritten(rewritten, replaced)


@pytest.mark.parametrize(
    "text",
    [
        "Vitamin C prevents scurvy, and vitamin C is right here.",
        "Plan B (the fallback) is used.",
        "A and B meet.",
        "Blood type A is rare. A dog. I see.",
        "Hepatitis B is viral.",
        "The choice I made, the options I have.",
        "The answer A gave",
        "From not B, conclude not A. Since B is false, A must be false.",
        "If the first alternative holds, so does the second.",
        "Sample C was heated.",
    ],
)
def test_letters_that_name_other_things_stay(text: str) -> None:
    """Vitamins, plans, blood types, variables, the article and the pronoun are no options."""
    assert without_letters(text, SHOWN) == Rewritten(text, 0)


@pytest.mark.parametrize(
    ("text", "unsafe"),
    [
        ("Therefore (C) follows.", "(C)"),
        ("The first option is red.", "The first option"),
        ("As option 2 says", "option 2"),
        ("Option F is odd.", "Option F"),
        ("Options A through C fail.", "Options A throu"),
        ("Both A and B are wrong.", "Both A and B"),
        ("Then option (b) fails.", "option (b)"),
        ("- **A.** It is red.\n- **B.** It is green.", "- **A.**"),
        ("所以选项B错误, 因此C", "因此C"),
        ("B is wrong. With A and B at hand, B follows.", "B"),
    ],
)
def test_what_cannot_be_told_is_named(text: str, unsafe: str) -> None:
    """Ranges, ordinals, letters beyond the options and lists of the text's own are not guessed at."""
    assert without_letters(text, SHOWN) == unsafe


def test_letters_that_the_question_uses_are_the_questions() -> None:
    """Where the question speaks of points A and B, only "option B" is an option."""
    text = "Option B lies east. Point B is west, so B is wrong."
    asked = "Where is point B, seen from point A?"
    said = "Option “east” lies east. Point B is west, so B is wrong."
    assert without_letters(text, ("north", "east"), asked) == Rewritten(said, 1)
    assert without_letters("Type A is wrong; B is correct.", ("A", "B", "AB", "O")) == Rewritten(
        "Type A is wrong; B is correct.", 0
    )


def test_without_options_nothing_is_a_letter() -> None:
    """A question without options has none whose letters could be named."""
    assert without_letters("Option B fails.", ()) == Rewritten("Option B fails.", 0)


@given(
    st.text(alphabet="ABCDEI ().*:\n-option,isf“”", max_size=60), st.lists(st.text(max_size=9), max_size=5)
)
def test_any_text_is_rewritten_or_named(text: str, shown: list[str]) -> None:
    """No text raises; what stays unreplaced is counted as such."""
    made = without_letters(text, shown)
    assert isinstance(made, str) or made.replaced or made.text == text
