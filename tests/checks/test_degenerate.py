"""Loops and broken ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.degenerate import looping, stops_mid_sentence


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("the the the " * 70, "the the the"),
        ("ha " * 9, "ha ha ha"),
        ("so we get five and " * 12, "so we get five and"),
        ("the same line again and again\n" * 4, "the same line again and again"),
        ("一二三四五" * 20, "一 二 三 四 五"),
        ("1 " * 200, "1 1 1"),
    ],
)
def test_what_comes_over_and_over_is_named(text: str, repeated: str) -> None:
    """Words, phrases and lines that repeat are found, in scripts without spaces too."""
    assert looping(text) == repeated


def test_few_new_word_triples_are_a_loop() -> None:
    """A long text that turns about a few sentences is a loop, though none follows itself at once."""
    said = ["One is this.", "Two is that.", "Three is it.", "Four is so."]
    text = " ".join(said[(n * n + n // 7) % 4] for n in range(120))
    assert looping(text) == "one is this"


@pytest.mark.parametrize(
    "text",
    [
        "3 + 3 + 3 + 3 + 3 + 3 + 3 + 3 + 3 + 3 = 30",
        "very, very, very good",
        "5 × 5 = 25, 6 × 6 = 36, 7 × 7 = 49, 8 × 8 = 64, 9 × 9 = 81, 10 × 10 = 100",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
        "",
    ],
)
def test_sums_tables_and_emphasis_are_no_loop(text: str) -> None:
    """What repeats numbers, signs or a word now and then is a text like others."""
    assert looping(text) == ""


@pytest.mark.parametrize("text", ["and so, we take the", "First, 3 apples,", "porque el", "it is inter-"])
def test_a_sentence_that_breaks_off_is_found(text: str) -> None:
    """A comma, a hyphen or a word that nothing ends with stands at the end."""
    assert stops_mid_sentence(text) == text


@pytest.mark.parametrize(
    "text", ["So it is 72", "x = 5", "- one item", "He went in", "Type A", "Answer:", "これです", ""]
)
def test_an_end_without_a_full_stop_is_no_fault(text: str) -> None:
    """Formulas, list items and labels end without one."""
    assert stops_mid_sentence(text) == ""


@given(st.text(alphabet="ab1 \n.,語", max_size=300))
def test_any_text_is_judged(text: str) -> None:
    """What is said to repeat has words of the text; no text raises."""
    assert all(word in text.casefold() for word in looping(text).casefold().split())
