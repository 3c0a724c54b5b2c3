"""What each shape reads from rows of our own writing, in the field names of the real sets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.tasks.normalise import shape_of
from taskseed.tasks.shapes import SHAPES, Draft, RowProblem
from taskseed.tasks.shapes.boxed import last_boxed
from taskseed.tasks.shapes.rendered import Rendered, from_choices, from_text, unwrap
from taskseed.tasks.tables import shapes
from tests.tasks.helpers import entry

ARC = {
    "question": " Which of these is a source of light? ",
    "choices": {"text": ["a lamp", "a spoon", "a rug"], "label": ["1", "2", "3"]},
    "answerKey": "1",
}
PARCEL = '{"type": "object", "required": ["to"], "properties": {"to": {"type": "string"}}}'
ASKED = "Generate a JSON object that matches the following JSON schema."
GOLDEN: list[tuple[str, str | None, dict[str, Any], Draft]] = [
    (
        "allenai/ai2_arc",
        "ARC-Easy",
        ARC,
        Draft(
            "multiple_choice",
            "Which of these is a source of light?",
            "a lamp",
            options=("a lamp", "a spoon", "a rug"),
            answer_index=0,
        ),
    ),
    (
        "epfl-dlab/JSONSchemaBench",
        "Github_easy",
        {"json_schema": PARCEL, "unique_id": "Github_easy---o1"},
        Draft("structured", f"{ASKED}\n\nJSON schema:\n```json\n{PARCEL}\n```", "", schema=PARCEL),
    ),
    (
        "epfl-dlab/JSONSchemaBench",
        "Github_hard",
        {"json_schema": PARCEL, "json_object": '{"to": "Oslo"}'},
        Draft(
            "structured",
            f"{ASKED}\n\nJSON schema:\n```json\n{PARCEL}\n```",
            '{"to": "Oslo"}',
            schema=PARCEL,
        ),
    ),
    (
        "allenai/winogrande",
        "winogrande_xl",
        {
            "sentence": "Mara thanked Ines because _ had helped.",
            "option1": "Mara",
            "option2": "Ines",
            "answer": "2",
        },
        Draft(
            "multiple_choice",
            "Mara thanked Ines because _ had helped.",
            "Ines",
            options=("Mara", "Ines"),
            answer_index=1,
        ),
    ),
    (
        "allenai/sciq",
        None,
        {
            "question": "What do bees make?",
            "support": "Bees make honey.",
            "distractor1": "milk",
            "distractor2": "oil",
            "distractor3": "tea",
            "correct_answer": "honey",
        },
        Draft(
            "multiple_choice",
            "What do bees make?",
            "honey",
            context="Bees make honey.",
            options=("milk", "oil", "tea", "honey"),
            answer_index=3,
        ),
    ),
    (
        "EleutherAI/headqa",
        "en",
        {
            "qtext": "Where is the femur?",
            "ra": 2,
            "answers": [{"aid": 1, "atext": "arm"}, {"aid": 2, "atext": "leg"}],
        },
        Draft("multiple_choice", "Where is the femur?", "leg", options=("arm", "leg"), answer_index=1),
    ),
    (
        "aps/super_glue",
        "boolq",
        {"question": "is tin a metal", "passage": "Tin is a metal.", "label": 1},
        Draft("boolean", "is tin a metal?", "yes", context="Tin is a metal."),
    ),
    (
        "bigbio/pubmed_qa",
        "pubmed_qa_labeled_fold0_source",
        {
            "QUESTION": "Does rest help?",
            "CONTEXTS": ["We asked.", "Some said so."],
            "final_decision": "maybe",
        },
        Draft(
            "multiple_choice",
            "Does rest help?",
            "maybe",
            context="We asked.\nSome said so.",
            options=("yes", "no", "maybe"),
            answer_index=2,
        ),
    ),
    (
        "orai-nlp/basqueGLUE",
        "qnli",
        {"question": "Nor da?", "sentence": "Ane da.", "label": 0},
        Draft(
            "boolean",
            "Nor da?\nAurreko galderari erantzuten al dio emandako testuak?",
            "bai",
            context="Ane da.",
            options=("bai", "ez"),
            answer_index=0,
        ),
    ),
    (
        "openai/gsm8k",
        "main",
        {
            "question": "Ana has 3 bags of 4 figs. How many figs?",
            "answer": "She has 3*4=<<3*4=12>>12.\n#### 12",
        },
        Draft(
            "number",
            "Ana has 3 bags of 4 figs. How many figs?",
            "12",
            solution="She has 3*4=<<3*4=12>>12.\n#### 12",
        ),
    ),
    (
        "EleutherAI/hendrycks_math",
        "algebra",
        {
            "problem": "Halve $x$ if $x=3$.",
            "solution": "First \\boxed{3}, then $\\boxed{\\frac{3}{2}}$.",
        },
        Draft(
            "expression",
            "Halve $x$ if $x=3$.",
            "\\frac{3}{2}",
            solution="First \\boxed{3}, then $\\boxed{\\frac{3}{2}}$.",
        ),
    ),
    (
        "stanfordnlp/web_questions",
        None,
        {"question": "who wrote it?", "answers": ["Lena Ray", "L. Ray", "Lena Ray"]},
        Draft("short_answer", "who wrote it?", "Lena Ray", aliases=("L. Ray",)),
    ),
    (
        "mandarjoshi/trivia_qa",
        "rc.nocontext",
        {"question": "Capital of Peru?", "answer": {"value": "Lima", "aliases": ["Lima", "City of Kings"]}},
        Draft("short_answer", "Capital of Peru?", "Lima", aliases=("City of Kings",)),
    ),
    (
        "Rakuten/JGLUE",
        "JSQuAD",
        {"question": "誰？", "context": "花子が来た。", "answers": {"text": ["花子"], "answer_start": [0]}},
        Draft("span", "誰？", "花子", context="花子が来た。"),
    ),
    (
        "google-research-datasets/mbpp",
        "full",
        {
            "text": "Write a function to add.",
            "code": "def add(a, b):\r\n  return a + b",
            "test_list": ["assert add(1, 2) == 3"],
            "test_setup_code": "import math",
        },
        Draft(
            "code",
            "Write a function to add.",
            "def add(a, b):\n  return a + b",
            checks=("import math", "assert add(1, 2) == 3"),
        ),
    ),
]


@pytest.mark.parametrize(("path", "config", "row", "draft"), GOLDEN, ids=[g[0] for g in GOLDEN])
def test_golden_rows(path: str, config: str | None, row: dict[str, Any], draft: Draft) -> None:
    """A row in a data set's own fields gives exactly this question, context, options and answer text."""
    spec = shape_of(entry(dataset_path=path, dataset_name=config, training_split="train"))
    assert spec is not None
    assert SHAPES[spec["shape"]](row, spec) == draft


@pytest.mark.parametrize(
    ("path", "change", "reason"),
    [
        ("allenai/ai2_arc", {"answerKey": "4"}, "gold_out_of_range"),
        ("allenai/ai2_arc", {"answerKey": None}, "gold_out_of_range"),
        ("allenai/ai2_arc", {"choices": {"text": ["a", ""], "label": ["1", "2"]}}, "bad_row"),
        ("allenai/ai2_arc", {"choices": None}, "bad_row"),
        ("allenai/ai2_arc", {"choices": {"text": ["one"], "label": ["1"]}}, "bad_row"),
        ("baber/piqa", {"goal": "g", "sol1": "a", "sol2": "b", "label": -1}, "gold_out_of_range"),
        ("baber/piqa", {"goal": "g", "sol1": "a", "sol2": "b", "label": "?"}, "gold_out_of_range"),
        ("openai/gsm8k", {"answer": "seven"}, "bad_row"),
        ("EleutherAI/hendrycks_math", {"problem": "p", "solution": "\\boxed{1"}, "bad_row"),
        ("facebook/anli", {"premise": "p", "hypothesis": "h", "label": 3}, "gold_out_of_range"),
        ("google-research-datasets/mbpp", {"text": "t", "code": "c", "test_list": []}, "bad_row"),
    ],
)
def test_rows_that_do_not_fit_say_why(path: str, change: dict[str, Any], reason: str) -> None:
    """A wrong gold, missing options or a missing field is a problem of that row, with its reason."""
    spec = shape_of(entry(dataset_path=path, training_split="train"))
    assert spec is not None
    with pytest.raises(RowProblem) as caught:
        SHAPES[spec["shape"]]({**ARC, **change}, spec)
    assert caught.value.reason == reason


def test_every_set_names_a_shape_that_exists() -> None:
    """Every entry of `shapes.yaml` names a shape of the list, `rendered`, or `none` with the reason why."""
    named = {name: spec["shape"] for name, spec in shapes().items()}
    assert set(named.values()) - {*SHAPES, "rendered", "none"} == set()
    assert [name for name, spec in shapes().items() if spec["shape"] == "none" and not spec.get("why")] == []


NAMES = {"shape": "pairs", "question": "{text}", "listed": "target"}
TAGS = {"shape": "pairs", "question": "{text}", "left": "words", "right": "tags", "names": ["NOUN", "VERB"]}


@pytest.mark.parametrize(
    ("spec", "row", "answer"),
    [
        (NAMES, {"target": "PER: Zola $$ LOC: Rio: Sul"}, '[["PER", "Zola"], ["LOC", "Rio: Sul"]]'),
        (NAMES, {"target": ""}, "[]"),
        (NAMES, {"target": "none"}, "bad_row"),
        (NAMES, {"target": "PER: Zola $$ "}, "bad_row"),
        (TAGS, {"words": ["Boats", "sail"], "tags": [0, 1]}, '[["Boats", "NOUN"], ["sail", "VERB"]]'),
        (TAGS, {"words": ["Boats", "sail"], "tags": [0]}, "bad_row"),
        (TAGS, {"words": ["Boats"], "tags": [2]}, "gold_out_of_range"),
        (TAGS, {"words": "Boats", "tags": [0]}, "bad_row"),
    ],
)
def test_lists_of_pairs(spec: dict[str, Any], row: dict[str, Any], answer: str) -> None:
    """Names with labels and words with tags become a JSON list; what does not pair up is a row's problem."""
    whole = {"text": "Boats sail", **row}
    if answer.startswith("["):
        made = SHAPES["pairs"](whole, spec)
        assert (made.kind, made.answer) == ("structured", answer)
    else:
        with pytest.raises(RowProblem, match=answer):
            SHAPES["pairs"](whole, spec)


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("\\boxed{2}", "2"),
        ("so \\boxed{\\text{a}_{1}} and no more", "\\text{a}_{1}"),
        ("\\boxed 7$.", "7"),
        ("\\fbox{9}", "9"),
        ("no box", None),
        ("\\boxed{{1}", None),
        ("\\boxed{}", ""),
    ],
)
def test_the_last_box(solution: str, answer: str | None) -> None:
    """The answer is what the last complete box holds, with nested braces."""
    assert last_boxed(solution) == answer


@given(st.text(alphabet="{}\\boxed $1", max_size=60))
def test_any_text_has_at_most_one_last_box(text: str) -> None:
    """Reading a box never fails, and what it holds is part of the text."""
    assert (last_boxed(text) or "") in text


@pytest.mark.parametrize(
    ("prompt", "context", "question"),
    [
        ("Question: Why?\nAnswer:", None, "Why?"),
        ("Q: Why?\nA:", None, "Why?"),
        ("A passage.\n\nQuestion: Why?\nAnswer:", "A passage.", "Why?"),
        ("Warum?\nAntwort:", None, "Warum?"),
        ("Name a vitamin A:", None, "Name a vitamin A:"),
        ("The cat sat", None, "The cat sat"),
    ],
)
def test_few_shot_wrappers_are_taken_off(prompt: str, context: str | None, question: str) -> None:
    """The wrapper goes, the passage before the question is the context, and other text stays."""
    assert unwrap(prompt) == (context, question)


def rendered(prompt: Any, choices: Any, target: Any, /, **row: Any) -> Rendered:
    """Return a row as the harness would show it."""
    return Rendered(prompt, choices, target, row)


def test_labels_are_resolved_from_the_prompt() -> None:
    """Choices that are only letters become the texts that the prompt lists, and leave the question."""
    draft = from_choices(rendered("Question: Warm?\nA. ice\nB. fire\nC. snow\nAnswer:", ["A", "B", "C"], 1))
    assert (draft.question, draft.options, draft.answer) == ("Warm?", ("ice", "fire", "snow"), "fire")


def test_labels_are_resolved_from_a_field_of_the_row() -> None:
    """Choices that are only letters become the texts of the row's own list of choices."""
    draft = from_choices(
        rendered("Warm?\nA. ice\nB. fire\nAnswer:", ["A", "B"], "B", choices=["the ice", "the fire"])
    )
    assert (draft.question, draft.answer, draft.answer_index) == ("Warm?", "the fire", 1)


def test_labels_without_texts_are_no_answer() -> None:
    """An answer is never only a letter: without texts the row is refused."""
    with pytest.raises(RowProblem):
        from_choices(rendered("Warm?\nAnswer:", ["A", "B"], 0))


def test_the_kind_comes_from_the_choices() -> None:
    """Yes and no make a boolean without options; a digit as an option stays an option."""
    asked = from_choices(rendered("Question: Is it?\nAnswer:", ["no", "yes"], 1))
    assert (asked.kind, asked.answer, asked.options) == ("boolean", "yes", ())
    counted = from_choices(rendered("How many?", ["30", "3", "33"], "3"))
    assert (counted.kind, counted.answer, counted.answer_index) == ("multiple_choice", "3", 1)


def test_a_list_of_targets_is_a_list_of_right_answers() -> None:
    """All listed indices are right: one answer, the others aliases."""
    draft = from_choices(rendered("Question: Who?\nAnswer:", ["Ann", "Anne"], [0, 1]))
    assert (draft.kind, draft.answer, draft.aliases) == ("short_answer", "Ann", ("Anne",))


def test_a_prompt_that_is_an_index_does_not_fit() -> None:
    """Inverted tasks, whose prompt is an index into whole sentences, need a shape of their own."""
    with pytest.raises(RowProblem):
        from_choices(rendered(1, ["a b", "a c"], "x"))


def test_a_number_after_hashes_only_where_the_task_extracts_one() -> None:
    """`#### n` is a number for a task that extracts it, and plain text for any other."""
    row = rendered("Question: 1+1?\nAnswer:", None, "1+1=2\n#### 2")
    assert (from_text(row, numbered=True).kind, from_text(row, numbered=True).answer) == ("number", "2")
    assert from_text(row, numbered=False).kind == "short_answer"


@pytest.mark.parametrize(
    "schema", ["", "[1]", "true", "{", "{" * 3000, '{"a": "' + "x" * 20_000 + '"}', None]
)
def test_a_schema_that_is_no_object_or_too_long_is_no_seed(schema: Any) -> None:
    """The row says why: there is nothing that an answer could be checked against."""
    with pytest.raises(RowProblem) as problem:
        SHAPES["schema"]({"json_schema": schema}, {"schema": "json_schema", "instruction": ASKED})
    assert problem.value.reason == "bad_row"
