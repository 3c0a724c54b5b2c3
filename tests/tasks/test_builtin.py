"""The built-in demo tasks: their sums are right, and each shows the fault it was made to show."""

import importlib.resources
import json
import re
from fractions import Fraction
from typing import Any

import pytest
import yaml

BUILTIN = importlib.resources.files("taskseed").joinpath("tasks", "builtin")
NEAR_COPY = ("maths-train-036", "maths-test-001")
HARD_TO_TRACE = {f"maths-train-{n:03d}" for n in range(37, 45)}
# The 2 of "half" and "twice", days in a week, a dozen or months in a year, hours in a day, minutes in an
# hour, per cent, and the thousand of kilometres, kilograms and litres.
WORLD_CONSTANTS = {Fraction(n) for n in (2, 7, 12, 24, 60, 100, 1000)}
KINDS = ("science", "physical", "reading", "facts", "logic", "mundo", "python")
FILES = {
    "taskseed_maths/train.jsonl": 60,
    "taskseed_maths/test.jsonl": 14,
    "taskseed_leaky/test.jsonl": 20,
    "taskseed_exemplars/train.jsonl": 6,
    "taskseed_exemplars/test.jsonl": 10,
    **{f"taskseed_{kind}/{split}.jsonl": n for kind in KINDS for split, n in (("train", 24), ("test", 8))},
}
YAMLS = {
    "taskseed_maths": "taskseed_maths/taskseed_maths.yaml",
    "taskseed_leaky_quiz": "taskseed_leaky/taskseed_leaky_quiz.yaml",
    "taskseed_exemplars": "taskseed_exemplars/taskseed_exemplars.yaml",
    **{f"taskseed_{kind}": f"taskseed_{kind}/taskseed_{kind}.yaml" for kind in KINDS},
}
ASKS = ("question", "goal", "pregunta", "text")  # the field that asks, by task
NUMBER = r"\d+(?:\.\d+)?"
ANNOTATION = re.compile(r"<<([^<>=]+)=([^<>=]+)>>")


def text_of(name: str) -> str:
    """Return the text of a built-in file, named by folder and file."""
    return BUILTIN.joinpath(name).read_text(encoding="utf-8")


def rows_of(name: str) -> list[dict[str, Any]]:
    """Return the rows of a built-in JSONL file, in file order."""
    return [json.loads(line) for line in text_of(name).splitlines()]


def numbers_in(text: str) -> list[Fraction]:
    """Return every number that the text writes in digits."""
    return [Fraction(n) for n in re.findall(NUMBER, text)]


def value_of(expression: str) -> Fraction:
    """Return the exact value of numbers joined by + - * /, with the usual precedence."""
    tokens = re.findall(rf"{NUMBER}|[-+*/]", expression)
    assert "".join(tokens) == expression
    total, factor, sign = Fraction(0), Fraction(tokens[0]), 1
    for operator, number in zip(tokens[1::2], tokens[2::2], strict=True):
        if operator == "*":
            factor *= Fraction(number)
        elif operator == "/":
            factor /= Fraction(number)
        else:
            total += sign * factor
            factor, sign = Fraction(number), 1 if operator == "+" else -1
    return total + sign * factor


MATHS = [row for split in ("train", "test") for row in rows_of(f"taskseed_maths/{split}.jsonl")]
TRACEABLE = [row for row in MATHS if row["id"] not in HARD_TO_TRACE]


def by_id(rows: list[dict[str, Any]]) -> Any:
    """Run a test once per row, named by the row's id."""
    return pytest.mark.parametrize("row", rows, ids=[row["id"] for row in rows])


@pytest.mark.parametrize(("expression", "value"), [("7-2-1", 4), ("2+3*4", 14), ("8/4/2", 1), ("9*2/3-1", 5)])
def test_the_evaluator_follows_precedence_and_goes_left_to_right(expression: str, value: int) -> None:
    """The evaluator that these tests rely on gives the values that arithmetic gives."""
    assert value_of(expression) == value


@by_id(MATHS)
def test_every_annotation_is_exactly_right(row: dict[str, Any]) -> None:
    """In every annotation the expression has exactly the value that is written behind it."""
    found = ANNOTATION.findall(row["answer"])
    assert [value_of(expression) for expression, _ in found] == [Fraction(value) for _, value in found]


@by_id(MATHS)
def test_the_prose_repeats_each_annotation(row: dict[str, Any]) -> None:
    """The prose has the annotation's expression before it and the annotation's value behind it."""
    pattern = rf"([\d.]+(?: [-+*/] [\d.]+| ?/ ?\d+)+) = \$?<<([^<>=]+)=([^<>=]+)>>({NUMBER})"
    found = re.findall(pattern, row["answer"])
    assert len(found) == len(ANNOTATION.findall(row["answer"]))
    assert [(e.replace(" ", ""), v) for e, _, _, v in found] == [(e, v) for _, e, v, _ in found]


@by_id(MATHS)
def test_the_last_line_is_the_last_result(row: dict[str, Any]) -> None:
    """The number after `####` stands alone on the last line and equals the last annotation's value."""
    *_, last = row["answer"].splitlines()
    assert last == f"#### {ANNOTATION.findall(row['answer'])[-1][1]}"


@by_id(MATHS)
def test_a_solution_has_two_to_six_steps_on_one_line_each(row: dict[str, Any]) -> None:
    """Every solution has 2 to 6 lines before the answer, and no line has more than one annotation."""
    *steps, _ = row["answer"].splitlines()
    assert len(steps) in range(2, 7)
    assert max(len(ANNOTATION.findall(step)) for step in steps) == 1


@by_id(TRACEABLE)
def test_every_operand_has_a_source(row: dict[str, Any]) -> None:
    """In a traceable row, an operand is in the question, an earlier result or a world constant."""
    known, unknown = {*numbers_in(row["question"]), *WORLD_CONSTANTS}, []
    for expression, value in ANNOTATION.findall(row["answer"]):
        unknown += [n for n in numbers_in(expression) if n not in known]
        known.add(Fraction(value))
    assert unknown == []


@pytest.mark.parametrize("name", FILES)
def test_row_counts(name: str) -> None:
    """Each file has the number of rows that its README states."""
    assert len(rows_of(name)) == FILES[name]


def test_ids_are_unique() -> None:
    """No two rows of the built-in tasks share an id."""
    ids = [row["id"] for name in FILES for row in rows_of(name)]
    assert len(set(ids)) == sum(FILES.values())


def test_questions_are_unique() -> None:
    """No question stands in the built-in tasks twice, in particular not in training and held-out rows."""
    asked = [next(row[f] for f in ASKS if f in row) for name in FILES for row in rows_of(name)]
    questions = [question.casefold() for question in asked]
    assert len(set(questions)) == sum(FILES.values())


def test_one_training_row_nearly_copies_a_held_out_row() -> None:
    """Only one training row has nearly the words of a held-out row; it differs in the name only."""

    def words(row: dict[str, Any]) -> set[str]:
        return set(re.findall(r"\w+", row["question"].casefold()))

    train, test = rows_of("taskseed_maths/train.jsonl"), rows_of("taskseed_maths/test.jsonl")
    close = [
        (a["id"], b["id"], words(a) ^ words(b))
        for a in train
        for b in test
        if len(words(a) & words(b)) > 0.5 * len(words(a) | words(b))
    ]
    assert close == [(*NEAR_COPY, {"bruno", "malik"})]


def test_each_quiz_row_has_four_different_options() -> None:
    """Each quiz question has four different options, and the right one stands equally often at each place."""
    rows = rows_of("taskseed_leaky/test.jsonl")
    assert {len(set(row["choices"])) for row in rows} == {4}
    assert sorted(row["answer"] for row in rows) == [place for place in range(4) for _ in range(5)]


@pytest.mark.parametrize(
    ("kind", "options", "answer", "count"),
    [
        ("science", "choices", "answer", 4),
        ("logic", "choices", "answer", 4),
        ("mundo", "opciones", "respuesta", 4),
        ("physical", ("sol1", "sol2"), "label", 2),
        ("reading", None, "label", 2),
    ],
)
@pytest.mark.parametrize("split", ["train", "test"])
def test_gold_places_are_balanced_and_options_differ(
    kind: str, options: Any, answer: str, count: int, split: str
) -> None:
    """The right answer stands equally often at each place, so that no place gives it away."""
    rows = rows_of(f"taskseed_{kind}/{split}.jsonl")
    places = [row[answer] for row in rows]
    assert sorted(places) == [place for place in range(count) for _ in range(len(rows) // count)]
    if options is not None:
        shown = [row[options] if isinstance(options, str) else [row[o] for o in options] for row in rows]
        assert {len({o.casefold() for o in os}) for os in shown} == {count}


STUBS = ("None", "0", "1", "-1", "''", "[]", "{}", "False", "True", "a[0] if a else None")


@by_id([row for split in ("train", "test") for row in rows_of(f"taskseed_python/{split}.jsonl")])
def test_reference_code_passes_its_asserts_and_no_stub_does(row: dict[str, Any]) -> None:
    """What is asked can be told from the asserts: returning a constant or the first argument fails one."""
    names: dict[str, Any] = {}
    exec(row["code"], names)
    for check in row["test_list"]:
        exec(check, dict(names))
    assert len(row["test_list"]) >= 5
    (function,) = re.findall(r"Write a function `(\w+)\(", row["text"])
    for stub in STUBS:
        stubbed: dict[str, Any] = {}
        exec(f"def {function}(*a):\n    return {stub}", stubbed)
        with pytest.raises((AssertionError, TypeError, AttributeError)):
            exec("\n".join(row["test_list"]), stubbed)


@by_id([row for split in ("train", "test") for row in rows_of(f"taskseed_facts/{split}.jsonl")])
def test_aliases_are_other_spellings(row: dict[str, Any]) -> None:
    """No alias repeats the answer, and the question does not hold it."""
    spellings = [row["answer"], *row["aliases"]]
    assert len({s.casefold() for s in spellings}) == len(spellings)
    assert not re.search(rf"\b{re.escape(row['answer'])}\b", row["question"], re.IGNORECASE)


@pytest.mark.parametrize("task", YAMLS)
def test_yaml_is_plain_and_its_files_lie_beside_it(task: str) -> None:
    """Each task's YAML holds no code, and names files in its own folder with the splits it declares."""
    config = yaml.safe_load(text_of(YAMLS[task]))
    files = config["dataset_kwargs"]["data_files"]
    folder = YAMLS[task].split("/")[0]
    assert (config["task"], config["dataset_path"], config["tag"]) == (task, "json", ["taskseed_demo"])
    assert {config["training_split"], config["test_split"]} == set(files)
    assert {f"{folder}/{file}" for file in files.values()} == {f for f in FILES if f.startswith(folder + "/")}


def test_the_leaky_quiz_trains_on_what_it_scores() -> None:
    """The leaky quiz names the same split for training and for testing."""
    config = yaml.safe_load(text_of(YAMLS["taskseed_leaky_quiz"]))
    assert (config["training_split"], config["test_split"]) == ("test", "test")


@pytest.mark.parametrize("folder", sorted({name.split("/")[0] for name in FILES}))
def test_each_readme_states_the_licence(folder: str) -> None:
    """Each folder's README states the licence of its texts."""
    assert re.findall(r"Apache-2\.0", text_of(f"{folder}/README.md")) == ["Apache-2.0"]
