"""What a trainer reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.dataset.text import canonical_text, count_tokens
from tests.stages.makers import sample

GOLDEN = {
    "multiple_choice": (
        sample(question=" Which glaze was used? ", enrichment="Smalt was common.\n"),
        "Question: Which glaze was used?\nOptions:\n- crimson\n- emerald\n- cobalt\n- saffron\n\n"
        "Smalt was common.\n\nAnswer: cobalt",
    ),
    "passage": (
        sample(
            kind="span",
            context="The kiln was cold.\n",
            question="What was cold?",
            options=(),
            answer="the kiln",
        ),
        "The kiln was cold.\n\nQuestion: What was cold?\n\n"
        "Smalt, a ground glass coloured with cobalt ore, was the common blue of such workshops."
        "\n\nAnswer: the kiln",
    ),
    "direct": (
        sample(
            kind="number", question="How many?", options=(), answer="72", style="direct", enrichment=" \n"
        ),
        "Question: How many?\n\nAnswer: 72",
    ),
    "boolean": (
        sample(kind="boolean", question="Is it?", options=("bai", "ez"), answer="ez", enrichment=""),
        "Question: Is it?\nOptions:\n- bai\n- ez\n\nAnswer: ez",
    ),
    "code": (
        sample(
            kind="code",
            question="Write f(n).",
            options=(),
            answer="def f(n):\n    return n\n",
            enrichment="Easy.",
        ),
        "Question: Write f(n).\n\nEasy.\n\nAnswer:\n```python\ndef f(n):\n    return n\n```",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_canonical_text(name):
    """Passage, question, options without letters, enrichment and the answer in words, in this form."""
    made, text = GOLDEN[name]
    assert canonical_text(made) == text


def test_labels_have_no_place_in_the_text():
    """The text depends on the answer's words and not on its index."""
    assert canonical_text(sample(answer_index=0)) == canonical_text(sample(answer_index=2))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n\t", 0),
        ("Answer: 72", 4),
        ("x_1 + 3.5", 7),
        ("naïve café", 2),
        ("don't", 3),
        ("語学", 1),
        ("👍👍", 2),
    ],
)
def test_tokens_are_words_digits_and_signs(text, tokens):
    """A run of letters is one token, each digit and each other sign is one."""
    assert count_tokens(text) == tokens


@given(st.text(max_size=60), st.text(max_size=60))
def test_tokens_of_two_lines_add_up(left, right):
    """A line break never joins two tokens."""
    assert count_tokens(f"{left}\n{right}") == count_tokens(left) + count_tokens(right)
