"""The prompts as they are sent, for a person to review.

After a wanted change of prompt text: `TASKSEED_UPDATE_GOLDEN=1 pytest tests/prompts/test_golden.py`,
then read the difference in `tests/prompts/golden/` before you commit it.
"""

import os
from pathlib import Path

import pytest

from taskseed.prompts import judge_messages, load_prompts, solver_messages, styles_of, writer_messages
from taskseed.records import KINDS
from tests.prompts.makers import question, seed, siblings

GOLDEN = Path(__file__).parent / "golden"
CASES = [(kind, "writer") for kind in KINDS] + [(k, s) for k in KINDS for s in styles_of(question(k))]
CASES += [("free_text", "judge"), ("span", "judge")]  # without a passage, and with one
CASES += [("schema", "writer"), ("schema", "reasoning")]  # of kind `structured`


def rendered(kind: str, part: str) -> str:
    """Return the prompt of a writer, a judge, or a solver in a style, as it is sent."""
    prompts = load_prompts()
    if part == "writer":
        messages, _ = writer_messages(prompts, seed(kind), siblings(kind))
    elif part == "judge":
        other = "Ice weighs less than the same volume of water."
        messages, _ = judge_messages(prompts, question(kind), question(kind).answer, other)
    else:
        asked = question(kind)
        messages, _ = solver_messages(prompts, asked, part, list(range(len(asked.options)))[::-1])
    return messages[0]["content"] + "\n"


@pytest.mark.parametrize(("kind", "part"), CASES)
def test_the_prompt_is_as_reviewed(kind: str, part: str) -> None:
    """The rendered prompt equals its reviewed copy."""
    path = GOLDEN / f"{kind}-{part}.md"
    if os.environ.get("TASKSEED_UPDATE_GOLDEN"):
        path.write_text(rendered(kind, part), encoding="utf-8")
    assert rendered(kind, part) == path.read_text(encoding="utf-8")


def test_there_is_no_reviewed_copy_without_a_prompt() -> None:
    """Every golden file belongs to a case."""
    assert sorted(p.stem for p in GOLDEN.iterdir()) == sorted(f"{k}-{p}" for k, p in CASES)
