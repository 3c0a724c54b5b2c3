"""Answers that are made to take time or memory: every check that reads them, on each of them."""

import importlib.util
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from taskseed.checks.answers import Rules, same_answer, vote_key
from taskseed.records import KINDS
from taskseed.run.maths import open_maths
from taskseed.workers import Workers

ATTACKS = {
    "power tower": "9^9^9^9",
    "tall tower": "2^(10^10)",
    "huge factorial": "(10^9)!",
    "factorials": "9!" + "!" * 500,
    "braces": "{" * 50_000,
    "open fractions": "\\frac{" * 50_000,
    "nested fractions": "\\frac{1}{" * 80 + "2" + "}" * 80,
    "nested roots": "\\sqrt{" * 80 + "2" + "}" * 80,
    "nested parentheses": "(" * 240 + "1" + ")" * 240,
    "ten megabytes of digits": "9" * 10_000_000,
    "digits within the limit": "9" * 1_999,
    "long sum": "1+" * 240 + "1",
    "big power of a sum": "(a+b+c+d+e+f+g)^50",
    "powers of powers": "((((x+1)^9)^9)^9)^9",
    "product of sums": "(a+b)(c+d)(e+f)(g+h)(k+l)(m+n)(p+q)(r+s)(t+u)(v+w)",
    "roots of roots": "√" * 400 + "2",
    "radicand": "\\sqrt{99999999999999999999}",
    "regex bomb": "a" * 30 + "!",
    "spaces": "1" + " " * 1_990 + "2",
    "commas": "1," * 900,
    "list": "a, " * 600,
    "and": "a and " * 300,
    "dots": "a.b." * 400,
    "months": "July " * 300,
    "hyphens": "co-" * 500,
    "words": "one hundred and " * 120,
    "not": "not " * 400,
    "labels": "(A) " * 400,
    "why": "x. It is. " * 180,
    "relations": "x = 1 or " * 120,
    "sets": "{" + "1," * 200 + "1}",
    "matrix": "\\begin{pmatrix}" + "1&" * 300 + "1\\end{pmatrix}",
    "units": "1 m 1 m " * 200,
    "dollars": "$" * 1_999,
    "marks": "e" + "\u0301" * 1_900,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_check_takes_a_second(name):
    """No kind's check takes long, raises, or calls the attack equal to an answer."""
    text = ATTACKS[name]
    context = "The red house stood by the sea. " * 200
    rules = Rules(options=("71", "72"), question="How many cm? " * 50, context=context)
    start = time.process_time()
    for kind in (*KINDS, "list"):
        own = rules if kind == "multiple_choice" else Rules(question=rules.question, context=context)
        assert same_answer(kind, text, "72", own) != "equal"
        assert same_answer(kind, "72", text, own) != "equal"
        vote_key(kind, text, own)
    assert time.process_time() - start < 2.0  # thirty readings, on a slow machine


def test_workers_bound_what_checks_cannot():
    """Each attack on a function that computes what it is told ends in time, and the next call is served."""
    with Workers(size=2, wall_s=1.0) as workers:
        for function, argument in (("spin", 9), ("backtrack", "a" * 40 + "!"), ("swell", 4096)):
            start = time.monotonic()
            assert workers.call(f"tests.workers.jobs:{function}", argument).status != "done"
            assert time.monotonic() - start < 4
            assert workers.call("tests.workers.jobs:add", 1, 1).value == 2


needs_maths = pytest.mark.skipif(
    importlib.util.find_spec("math_verify") is None, reason="the extra `maths` is not installed"
)


@pytest.fixture(scope="module")
def hard():
    """Return what compares expressions by computer algebra."""
    with ExitStack() as stack:
        yield open_maths(stack)


@needs_maths
@pytest.mark.parametrize(
    ("said", "gold", "verdict"),
    [
        ("\\sin^2 x + \\cos^2 x", "1", "equal"),
        ("\\ln(x^2)", "2\\ln(x)", "unknown"),
        ("\\sin(2x)", "2\\sin(x)\\cos(x)", "equal"),
        ("\\frac{\\sin(x)}{\\cos(x)}", "\\tan(x)", "equal"),
        ("\\sin^2 x", "1", "unknown"),
        ("\\sqrt{3+2\\sqrt{2}}", "1+\\sqrt{2}", "equal"),
        ("5", "x = 5", "unknown"),
        ("101", "101_2", "unknown"),
        ("1210_4", "1210_3", "different"),
        ("1, 9, 4", "1,4,9", "unknown"),
        ("1/2x", "\\frac{x}{2}", "unknown"),
        ("1.4142136", "\\sqrt{2}", "different"),
        ("50\\%", "50", "unknown"),
        ("10", "10 \\text{ cm}", "unknown"),
    ],
)
def test_computer_algebra_proves_more(hard, said, gold, verdict):
    """Identities beyond exact algebra are proved; a unit, a percentage, an equation stay apart."""
    assert same_answer("expression", said, gold, Rules(hard=hard)) == verdict


@needs_maths
@pytest.mark.parametrize("name", [n for n, text in ATTACKS.items() if len(text) <= 600])
def test_computer_algebra_is_bounded(hard, name):
    """No attack holds computer algebra up for more than four seconds, and others are served meanwhile."""
    with ThreadPoolExecutor(2) as threads:
        start = time.monotonic()
        attacked = threads.submit(hard, ATTACKS[name], "\\sin(x)")
        assert attacked.result() == "unknown"
        assert time.monotonic() - start < 4 + 3  # and the start of a fresh process, if the last was killed


def test_without_computer_algebra_an_identity_is_unknown():
    """What exact algebra does not know is unknown where nothing else can be asked."""
    assert same_answer("expression", "\\sqrt{3+2\\sqrt{2}}", "1+\\sqrt{2}") == "unknown"
