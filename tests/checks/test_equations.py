"""Equations in running text: what surely does not hold is found, what is doubtful is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.equations import check_equations

HOLD = [
    "She has 3 + 4 = 7 apples.",
    "That is 220 * 15/100 = 33 pupils.",
    "It costs $1,200 / 7 = $171.43.",
    "10 - 2 * 3 = 4, so 4 are left.",
    "100 / 3 = 33",
    "6 x 7 = 42",
    "-3 + 5 = 2",
    "2 * (3 + 4) = 14",
    "2^3 + 1 = 9",
    "20% * 50 = 10",
    "24 × 18 = 24 × 20 − 24 × 2 = 480 − 48 = 432",
    "15/60 * 100 = 25%",
    "100% - 20% = 80%",
    "1/4 of 80 = 20",
    "30% of 200 is 60.",
    "540 - 280 = 260 minutes (4 hours 20 minutes)",
    "9,250 ÷ 25,500 ≈ 0.36",
    r"$\frac{1}{2} \times 20 = 10$",
    r"$\frac12 + \frac7{10} + \frac{9}5 = 3$",
    r"$3 \cdot 4 = 12$, so $12 + 1 = 13$.",
    "2 1/2 + 3 = 5.5",
    "1.200 + 300 = 1.500",
    "In all 72 ÷ 8 = 9 days.",
    "7 packs × 18 balls/pack = 126 balls",
]
UNJUDGED = [
    r"$a_{n} - 3 + 4 = 7$",
    "3 + 4 = 7 + 2 = 9",  # reckoning on
    "On 2020-01-02 nothing = 5 happened.",
    "5 × 12 inches = 5 feet",  # units of two sizes
    "50 cents * 4 = $2",
    "2 hours 30 minutes + 15 minutes = 2 hours 45 minutes",
    "4 pounds - 6 ounces = 58 ounces",
    "She pays 10 per day for 6 days + 5 = 65",  # words that may be a product
    "half of 20 + 4 = 14",
    "the sum of 3 and 4 + 1 = 9",
    "17 / 5 = 3 remainder 2",
    "12 * 1000 = 12 thousand",
    "3 dozen + 4 = 40",
    "50 - 20% = 40",
    "20 - 20% = 16",
    "3/4 = 45 minutes on",  # of an hour
    "x + 3 + 4 = 9",
    "2x + 3 = 9",
    "so 2d = 42 and d = 21 kilometres",
    "17 % 5 = 2",  # a programmer's remainder
    "C(5,2) = 10",
    "5! = 120",
    "3:30 + 1:15 = 4:45",
    "0900-0130 = 0730 hours",
    "28 / 1/5 = 140",
    "-3^2 = 9",
    "pages 10–20 = 11 pages",
    "20の半分 + 4 = 14",
    "3,5 + 1,5 = 5",
    "if a == 3 + 4 = 9",
    "12 is 4 less than 16.",
    "3 + 4 is 8 less than 15",
    "not 3 + 4 = 8",
    "0 / 0 = 1",
    "10 + 5 = 16 more than before",
    "45 + 30 = 1 hour, 15 minutes",
    "1/0 = 3",
    "- 5 + 3 = 8",  # a bullet
    "200 - 18 = 182 and a half",
]
WRONG = [
    ("She has 3 + 4 = 8 apples.", "3 + 4 = 8 apples"),
    ("10 - 2 * 3 = 24", "10 - 2 * 3 = 24"),
    ("$7.50 + $2.25 = $9.74", "$7.50 + $2.25 = $9.74"),
    ("100 / 3 = 34", "100 / 3 = 34"),
    ("1,000 + 1 = 1,002", "1,000 + 1 = 1,002"),
    ("so 480 − 48 = 431", "480 - 48 = 431"),
    ("and 6 · 7 = 41", "6 * 7 = 41"),
    ("2 * (3 + 4) = 15", "2 * (3 + 4) = 15"),
    ("2^3 = 9", "2^3 = 9"),
    (r"$2^{3} = 9$", "$2^(3) = 9"),
    (r"$3 \times 4 = 13$", "$3  *  4 = 13"),
    (r"\frac{1}{2} \times 20 = 11", "((1)/(2))  *  20 = 11"),
    (r"\frac12 + \frac13 = \frac57", "((1)/(2)) + ((1)/(3)) = ((5)/(7))"),
    ("20% of 50 = 12", "20% of 50 = 12"),
    ("20% of 50 is 12.", "20% of 50 is 12"),
    ("12 × 45 minutes = 520 minutes", "12 * 45 minutes = 520 minutes"),
    ("72 m ÷ 8 m per day = 8 days.", "72 m / 8 m per day = 8 days"),
    ("x = 3 + 4 = 8", "3 + 4 = 8"),
    ("24 × 18 = 480 − 48 = 431", "480 - 48 = 431"),
    ("3 + 4 is 8.", "3 + 4 is 8"),
    ("3 + 4 equals 8", "3 + 4 equals 8"),
    ("10/3 ≈ 3.5", "10/3 ≈ 3.5"),
    ("(3 + 4) * 2 = 13", "(3 + 4) * 2 = 13"),
    ("(49 − 23 = 27)", "49 - 23 = 27"),
    ("3 plus 4 = 8", "3 plus 4 = 8"),
    ("20 divided by 4 = 6", "20 / 4 = 6"),
    ("3/4 + 1/4 = 2", "3/4 + 1/4 = 2"),
    ("3² + 4² = 26", "3^2 + 4^2 = 26"),
    ("a total of $10 - $3 = $9 on cake", "$10 - $3 = $9 on cake"),
    ("6 coats * $120/coat = $730", "6 coats * $120/coat = $730"),
]


@pytest.mark.parametrize("text", HOLD)
def test_what_holds_is_no_fault(text: str) -> None:
    """The equation is judged, and it holds: exactly, or rounded to the digits that are shown."""
    checked = check_equations(text)
    assert (checked.judged >= 1, checked.wrong) == (True, ())


@pytest.mark.parametrize("text", UNJUDGED)
def test_what_is_doubtful_is_no_fault(text: str) -> None:
    """Where words, units or signs may mean something else than the bare numbers, nothing is wrong."""
    assert check_equations(text).wrong == ()


@pytest.mark.parametrize(("text", "shown"), WRONG)
def test_what_does_not_hold_is_found(text: str, shown: str) -> None:
    """The equation is returned as it stands in the plain spelling of the text."""
    assert check_equations(text).wrong == (shown,)


def test_equations_are_counted() -> None:
    """Every judged equation counts, chains by their parts; the wrong ones are listed in order."""
    checked = check_equations("3 + 4 = 7.\n2 * 2 = 5, then 6 / 2 = 3.\n1 + 1 = 2 + 1 = 4")
    assert (checked.judged, checked.wrong) == (5, ("2 * 2 = 5", "2 + 1 = 4"))


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9^9 = 3",
        "(((9^9)^9)^9)^9 = 3",
        "2^64^64 = 3",
        "9" * 100_000 + " + 1 = 1",
        "1+" * 50_000 + "1 = 3",
        "(" * 50_000 + "1 = 2",
        "\\frac{" * 20_000 + " = 1",
        "**" * 30_000 + "1 + 1 = 3",
        "1 = " * 20_000,
        "3 a a a + " * 8_000 + "1 = 2",
    ],
)
@pytest.mark.timeout(4)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    """Towers of powers, endless numbers, braces and chains are not reckoned with, and not wrong."""
    assert check_equations(text).wrong == ()


@given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from("+*"), st.integers(1, 50))
def test_a_true_sum_or_product_holds_and_a_changed_one_does_not(a: int, b: int, sign: str, off: int) -> None:
    """For whole numbers the judgement is that of exact arithmetic."""
    result = a + b if sign == "+" else a * b
    assert check_equations(f"We get {a} {sign} {b} = {result}.").wrong == ()
    assert len(check_equations(f"We get {a} {sign} {b} = {result + off}.").wrong) == 1


@given(st.text(alphabet="0123456789+-*/^()=≈% .,$xofisminutes\\{}½²\n", max_size=120))
def test_any_text_is_read(text: str) -> None:
    """No text raises, and what is wrong is counted among what is judged."""
    checked = check_equations(text)
    assert len(checked.wrong) <= checked.judged
