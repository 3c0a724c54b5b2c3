"""Tokens added up, and estimated where nobody tells them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.models.base import Completion, Prompt, Usage
from taskseed.models.usage import total, with_estimates

PROMPT = Prompt("m", ({"role": "system", "content": "é" * 3}, {"role": "user", "content": "x" * 8}), {})

counts = st.integers(0, 20)
completions = st.lists(
    st.builds(
        Completion,
        st.text(max_size=9),
        st.text(max_size=9),
        usage=st.just(Usage()) | st.builds(Usage, counts, counts),
    ),
    max_size=4,
)


def used(*answers: Completion) -> list[Usage]:
    """Return what is said of answers to the prompt."""
    return [c.usage for c in with_estimates(PROMPT, answers)]


def test_lengths_stand_for_tokens_that_are_not_told():
    """A third of the bytes, rounded up: of the prompt once, of each text and its thinking."""
    assert used(Completion("a" * 4), Completion("bc", "d" * 5)) == [
        Usage(estimated_input=5, estimated_output=2),
        Usage(estimated_output=3),
    ]


def test_only_what_is_not_told_is_estimated():
    """Output that a server tells stays as it is told, and so does input."""
    assert used(Completion("abc", usage=Usage(0, 7))) == [Usage(0, 7, estimated_input=5)]
    assert used(Completion("abc", usage=Usage(7, 0))) == [Usage(7, 0, estimated_output=1)]
    assert used(Completion("", usage=Usage(7, 0))) == [Usage(7, 0)]


def test_a_share_of_nothing_is_no_reason_to_estimate():
    """Of three completions that used two tokens, the third's share is 0, and that is what was told."""
    shares = (Completion("a", usage=Usage(7, 1)), Completion("b", usage=Usage(0, 1)), Completion("c"))
    assert used(*shares) == [c.usage for c in shares]


@given(completions)
def test_estimates_are_made_once_and_change_nothing_that_was_told(answers):
    """Estimating again adds nothing; what was told stays; each side is told or estimated, never both."""
    made = with_estimates(PROMPT, answers)
    assert with_estimates(PROMPT, made) == made
    bare = [replace(c.usage, estimated_input=0, estimated_output=0) for c in made]
    assert [replace(c, usage=u) for c, u in zip(made, bare, strict=True)] == answers
    sums = total(made)
    assert (sums.input and sums.estimated_input, sums.output and sums.estimated_output) == (0, 0)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_prompt_of_several_completions_is_estimated_once(n):
    """The input does not grow with the number of completions."""
    assert total(with_estimates(PROMPT, [Completion("abc")] * n)) == Usage(
        estimated_input=5, estimated_output=n
    )


def test_nothing_has_no_tokens():
    """The total of no completions is zero."""
    assert total([]) == Usage()
