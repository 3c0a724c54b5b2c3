"""What solvers send, and the final answer and enrichment that are read from it."""
# ruff: noqa: E501 - a reply stays on one line

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.prompts import Solved, parse_solve
from taskseed.records import KINDS

WHY = "Six trays of 12 are 72.\n\n72 - 50 = 22."
CASES = [
    # the contract and its variations: (kind, sent, enrichment, answer)
    ("number", f"{WHY}\n\nAnswer: 22", WHY, "22"),
    ("number", "Answer: 22", "", "22"),
    ("number", f"{WHY}\nanswer: 22\n", WHY, "22"),
    ("number", f"{WHY}\n**Answer:** 22", WHY, "22"),
    ("number", f"{WHY}\n**Answer: 22**", WHY, "22"),
    ("number", f"{WHY}\n**Answer**: 22", WHY, "22"),
    ("number", f"{WHY}\n*Answer: 22*", WHY, "22"),
    ("number", f"{WHY}\n__Final Answer:__ 22", WHY, "22"),
    ("number", f"{WHY}\nFinal answer: **22**", WHY, "22"),
    ("number", f"{WHY}\nThe final answer is: 22", WHY, "22"),
    ("number", f"{WHY}\n### Final Answer\n\n22", WHY, "22"),
    ("number", f"{WHY}\n**Final Answer**\n\\boxed{{22}}", WHY, "22"),
    ("number", f"{WHY}\n---\n**Answer:**\n\n22", WHY, "22"),
    ("number", f"{WHY}\n> Answer: 22", WHY, "22"),
    ("number", f"{WHY}\n- Answer: 22", WHY, "22"),
    ("number", f"{WHY}\nAnswer: -5", WHY, "-5"),
    ("number", f"{WHY}\nAnswer: `22`", WHY, "22"),
    ("number", f"{WHY}\nAnswer: $22$", WHY, "22"),
    ("number", f"{WHY}\nAnswer: $1,200", WHY, "$1,200"),
    ("number", f"{WHY}\nAnswer: \\(22\\)", WHY, "22"),
    ("number", f"{WHY}\nAnswer: $\\boxed{{22}}$", WHY, "22"),
    ("number", f"{WHY}\nAnswer: <22>", WHY, "22"),
    ("number", f"{WHY}\nAnswer：22", WHY, "22"),
    # without an answer line
    ("number", f"{WHY}\nSo $\\boxed{{22}}$.", WHY, "22"),
    ("number", f"{WHY}\nAnswer: 21\n\nWait, I forgot one.\n\n\\boxed{{22}}", f"{WHY}\nAnswer: 21\n\nWait, I forgot one.", "22"),
    ("number", f"{WHY}\nAnswer: 22\n\\boxed{{22}}", WHY, "22"),
    ("expression", "Halve it.\n\\boxed{\\frac{1}{2}}", "Halve it.", "\\frac{1}{2}"),
    ("number", f"{WHY}\nSo the answer is 22.", WHY, "22"),
    ("number", f"{WHY}\nTherefore, the correct answer is **22**.", WHY, "22"),
    ("number", '{"answer": "22"}', "", "22"),
    ("number", '{"answer": 22.50}', "", "22.50"),
    ("number", '```json\n{"reasoning": "72 - 50", "answer": "22"}\n```', "72 - 50", "22"),
    ("boolean", '{"explanation": "It does.", "final_answer": true}', "It does.", "yes"),
    ("number", "22", "", "22"),
    ("multiple_choice", "sunlight", "", "sunlight"),
    # answers of other kinds
    ("multiple_choice", "Light.\nAnswer: (B) sunlight", "Light.", "(B) sunlight"),
    ("multiple_choice", "Light.\nAnswer: “sunlight”", "Light.", "sunlight"),
    ("multiple_choice", "Light.\nThe correct option: sunlight", "Light.", "sunlight"),
    ("multiple_choice", "Option: soil. It is below.\nOption: sunlight.\n\nAnswer: sunlight", "Option: soil. It is below.\nOption: sunlight.", "sunlight"),
    ("multiple_choice", "Light.\n\\boxed{\\text{sunlight}}", "Light.", "sunlight"),
    ("multiple_choice", "Answer: soil\nNo, leaves catch light.\nAnswer: sunlight", "Answer: soil\nNo, leaves catch light.", "sunlight"),
    ("short_answer", "Luz.\nRespuesta: la luz", "Luz.", "la luz"),
    ("short_answer", "Argia.\nErantzuna: argia", "Argia.", "argia"),
    ("short_answer", "光です。\n答え：光", "光です。", "光"),
    ("short_answer", "答案：光", "", "光"),
    ("short_answer", "Licht.\n**Antwort:** das Licht", "Licht.", "das Licht"),
    ("short_answer", 'He wrote it.\nAnswer: "Emma"', "He wrote it.", "Emma"),
    ("short_answer", "Answer: Ozark 'Bud' Lee 'Jr'", "", "Ozark 'Bud' Lee 'Jr'"),
    ("short_answer", "Answer: St. Petersburg", "", "St. Petersburg"),
    ("free_text", "Density.\nAnswer: Ice is light.\nIt floats.", "Density.", "Ice is light.\nIt floats."),
    ("structured", 'Symbols.\nAnswer:\n```json\n{"a": 1,\n "b": 2}\n```', "Symbols.", '{"a": 1,\n "b": 2}'),
    # no answer: the whole reply is kept as the enrichment
    ("number", WHY, WHY, None),
    ("number", "", "", None),
    ("number", f"{WHY}\nAnswer:", f"{WHY}\nAnswer:", None),
    ("number", f"{WHY}\nAnswer: <number>", f"{WHY}\nAnswer: <number>", None),
    ("number", "<think>Six trays of 12", "", None),
    ("number", "<think>Answer: 21</think>Answer: 22", "", "22"),
    ("number", "I'm sorry, I can't help.", "I'm sorry, I can't help.", None),
    ("number", "\\boxed{22", "\\boxed{22", None),
    ("number", '{"reasoning": "no answer"', '{"reasoning": "no answer"', None),
    ("number", "The number of trays is missing.\nAnswer: unanswerable", "The number of trays is missing.", None),
    ("number", "It is missing.\n**Answer:** *Unanswerable*.", "It is missing.", None),
    # code
    ("code", "Split it.\n\n```python\ndef f():\n    pass\n```", "Split it.", "def f():\n    pass"),
    ("code", "First:\n```python\nx\n```\nBetter:\n```py\ndef f():\n    pass\n```\nDone.", "First:\n```python\nx\n```\nBetter:", "def f():\n    pass"),
    ("code", "~~~\ndef f(): pass\n~~~", "", "def f(): pass"),
    ("code", "1. So:\n   ```python\n   def f():\n       pass\n   ```", "1. So:", "def f():\n    pass"),
    ("code", "def f():\n    pass", "", "def f():\n    pass"),
    ("code", "from math import pi\ndef f(): return pi", "", "from math import pi\ndef f(): return pi"),
    ("code", "Split it.\n```python\ndef f():\n    pa", "Split it.\n```python\ndef f():\n    pa", None),
    ("code", "Use split.", "Use split.", None),
    ("code", "```python\n```", "```python\n```", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "enrichment", "answer"), CASES)
def test_the_final_answer_and_the_text_before_it(
    kind: str, sent: str, enrichment: str, answer: str | None
) -> None:
    """A solver's reply is taken apart into its final answer and what stands before it."""
    assert parse_solve(sent, kind) == Solved(enrichment, answer)


TEXT = st.from_regex(r"\w[\w ,;]{0,40}\w", fullmatch=True).filter(lambda t: "answer" not in t.casefold())


@given(
    enrichment=st.lists(TEXT, max_size=4).map("\n".join),
    answer=TEXT,
    line=st.sampled_from(
        [
            "Answer: {}",
            "**Answer:** {}",
            "**Answer: {}**",
            "Final answer: {}",
            "### Answer\n{}",
            "Answer:\n{}",
            "\\boxed{{{}}}",
        ]
    ),
)
def test_any_answer_in_any_tolerated_line_is_found(enrichment: str, answer: str, line: str) -> None:
    """The form of the last line changes neither answer nor enrichment."""
    solved = parse_solve(f"{enrichment}\n\n{line.format(answer)}\n", "short_answer")
    assert solved == Solved(enrichment.strip(), answer.strip())


@given(
    sent=st.text(max_size=300) | st.text("Answer: *_\\boxed{}`#\n1.", max_size=300),
    kind=st.sampled_from(KINDS),
)
def test_any_text_is_taken_apart(sent: str, kind: str) -> None:
    """No text raises, and both parts are trimmed parts of what was sent."""
    solved = parse_solve(sent, kind)
    assert solved.enrichment == solved.enrichment.strip()
    if not sent.lstrip().startswith(("{", "`", "~")):
        assert sent.find(solved.enrichment) >= 0
    assert solved.answer != ""


HOSTILE = [
    "answer ",
    "Answer: ",
    "\nAnswer:",
    "\n**Answer",
    "the answer is ",
    "\\boxed{",
    "\\boxed{1}",
    "```\n",
    "* ",
    "\n",
    "\n###### *",
    "_",
    "$",
    "{",
    '{"a":',
    "<think>",
    "</think>",
    "\u3000",
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("kind", ["number", "code", "structured"])
def test_hostile_replies_cost_little(unit: str, kind: str) -> None:
    """Repeated marks and open boxes are read or refused in well under a second of processor time."""
    begin = time.process_time()
    parse_solve(unit * (199_000 // len(unit)), kind)
    parse_solve(unit * (1_000_000 // len(unit)), kind)
    assert time.process_time() - begin < 1.0
