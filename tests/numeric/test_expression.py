"""The arithmetic of annotations."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.numeric.expression import BadExpression, evaluate, parse, to_fraction


def value(text):
    """Parse and evaluate."""
    expression = parse(text)
    return evaluate(expression.program, expression.operands)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("48/2", Fraction(24)),
        ("2+3*4", Fraction(14)),
        ("(2+3)*4", Fraction(20)),
        ("10-4-3", Fraction(3)),
        ("60/(5/2)", Fraction(24)),
        ("1,200 * .05", Fraction(60)),
        ("-3+5", Fraction(2)),
        ("+7", Fraction(7)),
        ("8*-2", Fraction(-16)),
        ("-2*3+1", Fraction(-5)),
        ("20.*3", Fraction(60)),
    ],
)
def test_values_are_exact(text, result):
    """An annotation's value follows the usual precedence, exactly."""
    assert value(text) == result


@pytest.mark.parametrize(
    "text",
    ["", "2+", "(2", "2)", "2 3", "2(3)", "x*2", "2**3", "2//3", "()", "*2", "1" * 16, "1+" * 150 + "1"],
)
def test_anything_else_is_refused(text):
    """What is not plain arithmetic of bounded size is not read at all."""
    with pytest.raises(BadExpression):
        parse(text)


def test_division_by_zero_is_named():
    """A division by zero is a bad expression, not a crash."""
    with pytest.raises(BadExpression):
        value("4/(3-3)")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from("+-*/"))
def test_two_operators_agree_with_python(a, b, c, operator):
    """The parser agrees with Python's own arithmetic on fractions."""
    expected = {"+": a + Fraction(b) / c, "-": a - Fraction(b) / c, "*": a * Fraction(b) / c}
    expected["/"] = Fraction(a) / b / c if b else None
    if expected[operator] is not None:
        assert value(f"{a}{operator}{b}/{c}") == expected[operator]


def test_numbers_lose_only_their_commas():
    """Grouped thousands and bare decimals have their exact value."""
    assert (to_fraction("12,400"), to_fraction(".05")) == (Fraction(12400), Fraction(1, 20))
