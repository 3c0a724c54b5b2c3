"""Numbers in prose."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.numeric.tokens import scan


def read(text, *, fractions=True):
    """Return what matters of each token."""
    return [(t.text, t.values[0], t.style, t.unit) for t in scan(text, fractions=fractions)]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("1,250 nuts", ("1,250", 1250, "digits", "")),
        ("a 5-mile run", ("5", 5, "digits", "")),
        ("weighs 20kg", ("20", 20, "digits", "")),
        ("$2.50 each", ("2.50", Fraction(5, 2), "digits", "dollar")),
        ("30 dollars", ("30", 30, "digits", "dollar")),
        ("75 cents", ("75", 75, "digits", "cent")),
        ("15% off", ("15", 15, "digits", "percent")),
        ("forty percent", ("forty", 40, "word", "percent")),
        ("Twenty-eight birds", ("Twenty-eight", 28, "word", "")),
        ("two hundred birds", ("two hundred", 200, "fixed", "")),
        ("one hundred and five", ("one hundred and five", 105, "fixed", "")),
        ("3 million people", ("3", 3, "fixed", "")),
        ("one bird", ("one", 1, "fixed", "")),
        ("3/4 of it", ("3/4", Fraction(3, 4), "fixed", "")),
        ("2 1/2 cups", ("2 1/2", Fraction(5, 2), "fixed", "")),
        ("two-thirds of it", ("two-thirds", Fraction(2, 3), "fixed", "")),
        ("half of it", ("half", Fraction(1, 2), "fixed", "")),
        ("twice that", ("twice", 2, "fixed", "")),
        ("a dozen eggs", ("dozen", 12, "fixed", "")),
        ("the 3rd day", ("3", 3, "fixed", "")),
        ("at 5 pm", ("5", 5, "fixed", "")),
        ("in 2019 he", ("2019", 2019, "fixed", "")),
        ("March 14 was", ("14", 14, "fixed", "")),
        ("grade 4 pupils", ("4", 4, "fixed", "")),
        ("a 6-sided die", ("6", 6, "fixed", "")),
        ("a $20 bill", ("20", 20, "fixed", "dollar")),
        ("5y = 20", ("5", 5, "glued", "")),
    ],
)
def test_each_class_of_number_is_told_apart(text, token):
    """The first number of a text has this text, value, style and unit."""
    assert read(text)[0] == token


def test_a_slash_in_a_solution_divides():
    """In a solution `20/4` is two numbers; in a question it is one fraction."""
    assert [t[1] for t in read("20/4 = 5", fractions=False)] == [20, 4, 5]
    assert [t[1] for t in read("20/4 = 5")] == [5, 5]


@given(st.text(max_size=300))
def test_tokens_lie_in_the_text_in_order(text):
    """Every token is the text between its ends, and tokens do not overlap."""
    tokens = scan(text, fractions=True)
    assert [t.text for t in tokens] == [text[t.start : t.end] for t in tokens]
    ends = [0, *(t.end for t in tokens)]
    assert [t.start for t in tokens if t.start < ends[tokens.index(t)]] == []


@pytest.mark.parametrize(
    "text", ["1" * 20_000, "one " * 5_000, "1,111" * 4_000, "1/" * 10_000, "Ann, " * 4_000]
)
def test_long_hostile_text_is_read(text):
    """A scan of a long repetitive text ends, with tokens that lie in it."""
    assert [t.text for t in scan(text, fractions=True)] == [
        text[t.start : t.end] for t in scan(text, fractions=True)
    ]
