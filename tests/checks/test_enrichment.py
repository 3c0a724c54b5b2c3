"""What may not stand beside an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.checks.test_languages import TEXTS

from taskseed.checks.enrichment import arrives_elsewhere, enrichment_fault, never_names


@pytest.mark.parametrize(
    ("text", "reason", "evidence"),
    [
        ("As an AI, I cannot feel.", "about_itself", "As an AI"),
        ("I'm an AI and know this.", "about_itself", "I'm an AI"),
        ("As a large language model I say so.", "about_itself", "As a large language model"),
        ("The proposed answer is wrong.", "about_itself", "The proposed answer"),
        ("As given above, it is 5.", "about_itself", "As given above"),
        ("The instructions say to be brief.", "about_itself", "The instructions say"),
        ("In the prompt there are two.", "about_itself", "In the prompt"),
        ("Unlike the seed question, this has two.", "about_itself", "seed question"),
        ("Als KI weiß ich das nicht.", "about_itself", "Als KI"),
        ("作为一个人工智能，我不知道。", "about_itself", "作为一个人工智能"),
        ("the same line again and again\n" * 4, "degenerate", "the same line again and again"),
        ("the the the " * 70, "degenerate", "the the the"),
        ("x" * 60_000, "degenerate", "x" * 200),
        ("We take the 18 from the", "truncated", "We take the 18 from the"),
        (TEXTS["de"], "wrong_language", f"de instead of en: {TEXTS['de'][:200]}"),
    ],
)
def test_unfit_texts_have_a_reason(text: str, reason: str, evidence: str) -> None:
    """Each fault is named, with the words that show it."""
    assert enrichment_fault(text, "en") == (reason, evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Vitamin C prevents scurvy.",
        "Let it dry according to the instructions on the bottle.",
        "The seed sprouts in spring, as seen above.",
        "A prompt reply helps; the user of a lathe wears goggles.",
        "A language model predicts the next word.",
        "The answer follows.",
        TEXTS["en"],
    ],
)
def test_ordinary_texts_are_fit(text: str) -> None:
    """Words that models use of themselves have other uses."""
    assert enrichment_fault(text, "en") is None


@pytest.mark.parametrize(
    ("stated", "marked", "verdict", "elsewhere"),
    [
        ("72", True, "equal", False),
        ("71", True, "different", True),
        ("71", False, "different", True),
        ("the sum of both", False, "unknown", False),  # "the answer is the sum of both": says nothing
        ("the river Danube, of course", False, "unknown", False),  # names the kept one
        ("the Rhine, not the Elbe", False, "unknown", True),  # names another option
        ("Vistula", False, "unknown", True),
        ("vistula", True, "unknown", True),
        ("vistula", False, "unknown", False),
        ("see above", True, "unknown", True),
        ("above", True, "unknown", False),
    ],
)
def test_what_a_text_states_is_held_against_the_kept_answer(
    stated: str, marked: bool, verdict: str, elsewhere: bool
) -> None:
    """What cannot be compared is a contradiction only where it names something else."""
    assert arrives_elsewhere(stated, marked, verdict, "Danube", ("Rhine", "Elbe")) is elsewhere


@pytest.mark.parametrize(
    ("text", "answer", "never"),
    [
        ("90 were there, 18 left, so 70 + 2 stay.", "72", True),
        ("90 were there, 18 left, so 72 stay.", "72", False),
        ("2 and 3 and 4: nine.", "9", False),
        ("That is 1,280.00 of 5 and 6.", "$1,280", False),
        ("1 280 of 5 and 6.", "1280", False),
        ("A third of 12 and 13 and 14.", "1/3", False),
        ("Just reason.", "72", False),
    ],
)
def test_reasoning_that_reckons_names_its_result(text: str, answer: str, never: bool) -> None:
    """A whole number that is the answer stands in the text, in whatever spelling; else it leads elsewhere."""
    assert never_names(text, answer) is never


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_text_is_judged(text: str, answer: str) -> None:
    """No text raises, and every reason is one of the list."""
    fault = enrichment_fault(text, "en", answer)
    assert fault is None or fault[0] in ("degenerate", "truncated", "about_itself", "wrong_language")
    assert never_names(text, answer) in (True, False)
