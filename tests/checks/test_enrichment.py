"""What may not stand beside an answer."""

import pytest

from taskseed.checks.enrichment import arithmetic_faults, enrichment_fault


@pytest.mark.parametrize(
    "text",
    [
        "She has 3 + 4 = 7 apples.",
        "That is 220 * 15/100 = 33 pupils.",
        "50 + 25 + 37 = 112",
        "It costs $1,200 / 7 = $171.43.",
        "10 - 2 * 3 = 4, so 4 are left.",
        "100 / 3 = 33",
        "6 x 7 = 42",
        "-3 + 5 = 2",
        "2 * (3 + 4) = 14",
        "3 + 4 = 7 + 2 = 9",
        "2^3 + 1 = 9",
        "20% * 50 = 10",
        "On 2020-01-02 nothing = 5 happened.",
        "5 apples + 3 pears = 8 pieces",
        "0 / 0 = 1",
        "24 × 18 = 24 × 20 − 24 × 2 = 480 − 48 = 432",
        "19 · 38 = 20 · 38 − 1 · 38 = 760 − 38 = 722",
        "pages 10–20 = 11 pages",
        "",
    ],
)
def test_true_and_unjudged_equations_are_no_fault(text: str) -> None:
    """What holds, is rounded, or is not a plain equation is left alone."""
    assert arithmetic_faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("She has 3 + 4 = 8 apples.", "3 + 4 = 8"),
        ("so 12 * 12 = 124.", "12 * 12 = 124"),
        ("10 - 2 * 3 = 24", "10 - 2 * 3 = 24"),
        ("$7.50 + $2.25 = $9.74", "$7.50 + $2.25 = $9.74"),
        ("100 / 3 = 34", "100 / 3 = 34"),
        ("1,000 + 1 = 1,002", "1,000 + 1 = 1,002"),
        ("so 480 − 48 = 431", "480 − 48 = 431"),
        ("and 6 · 7 = 41", "6 · 7 = 41"),
    ],
)
def test_a_wrong_equation_is_found(text: str, fault: str) -> None:
    """The equation that does not hold is returned as it stands."""
    assert arithmetic_faults(text) == [fault]


@pytest.mark.parametrize(
    ("text", "has_options", "reason"),
    [
        ("As an AI, I cannot feel.", False, "about_itself"),
        ("The proposed answer is wrong.", False, "about_itself"),
        ("So option B is right.", True, "option_letters"),
        ("Therefore (C) follows.", True, "option_letters"),
        ("the same line again and again\n" * 4, False, "degenerate"),
        ("x" * 60_000, False, "degenerate"),
    ],
)
def test_unfit_texts_have_a_reason(text: str, has_options: bool, reason: str) -> None:
    """Each fault is named."""
    fault = enrichment_fault(text, has_options)
    assert fault is not None
    assert fault[0] == reason


@pytest.mark.parametrize(
    "text", ["Vitamin C prevents scurvy.", "Plan B (the fallback) is used.", "A and B meet."]
)
def test_letters_that_are_words_are_no_fault(text: str) -> None:
    """A letter that names a thing is not an option's letter."""
    assert enrichment_fault(text, has_options=True) is None
