"""Stubs: programs that do nothing, by which weak tests are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.checks.code import trivial_stubs

CODE = "import math\n\ndef area(r, unit='m'):\n    return math.pi * r * r\n"


def returned(stub: str, name: str, *arguments: object) -> object:
    """Run a stub and call one of its functions."""
    names: dict = {}
    exec(stub, names)
    return names[name](*arguments)


def test_each_function_of_the_code_is_there_and_does_nothing():
    """Nothing, the first argument, and the value that most asserts expect."""
    code = CODE + "def other():\n    pass\n"
    stubs = trivial_stubs(code, ["assert area(1) == 3", "assert area(2) == 5", "assert area(9) == 5"])
    assert [returned(s, "area", 8, "km") for s in stubs] == [None, 8, 5]
    assert [returned(s, "other") for s in stubs] == [None, None, 5]


@pytest.mark.parametrize(
    ("tests", "usual"),
    [
        (["assert area(1) is None"], None),
        (["assert not area(1)", "assert area(2) == [1, 'a']", "assert not area(3)"], False),
        (["assert area(1)"], True),
        (["assert area(1) == [1, 'a']"], [1, "a"]),
        (["assert area(1) == {'b': (2, -1)}"], {"b": (2, -1)}),
    ],
)
def test_the_usual_answer_is_read_from_the_asserts(tests, usual):
    """Literals and truth values; what is `None` is no third stub."""
    stubs = trivial_stubs(CODE, tests)
    assert returned(stubs[-1], "area") == usual
    assert len(stubs) == (2 if usual is None else 3)


def test_what_cannot_be_read_has_no_usual_answer():
    """A computed expectation, a tolerance, broken text."""
    assert (
        len(trivial_stubs(CODE, ["assert area(1) == x + 1", "assert abs(area(1) - 3) < 1", "assert ("])) == 2
    )


def test_code_without_a_function_has_no_stub():
    """Neither a lambda nor a class nor what is no Python."""
    assert trivial_stubs("f = lambda x: x\nclass A:\n    def g(self): pass\n", ["assert f(1) == 1"]) == []
    assert trivial_stubs("def (", []) == []
    assert trivial_stubs("\0", []) == []


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=3))
def test_no_text_breaks_it(code, tests):
    """What a model wrote is read, never run."""
    assert isinstance(trivial_stubs(code, tests), list)
