"""What writers send, and the draft or fault that is read from it."""
# ruff: noqa: E501 - a reply stays on one line

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.prompts import Draft, Malformed, parse_draft
from taskseed.records import KINDS

OPTIONS = ("soil", "sunlight", "wind", "noise")
CHOICE = Draft("What do leaves catch?", None, OPTIONS, "sunlight", 1, ())
GOOD = '{"question": "What do leaves catch?", "options": ["soil", "sunlight", "wind", "noise"], "answer": "sunlight"}'
HEAD = '{"question": "What do leaves catch?", '
LIST = '"options": ["soil", "sunlight", "wind", "noise"]'

# (what is odd about it, what was sent): all of these are the draft CHOICE.
SAME = [
    ("as asked", GOOD),
    ("in a fence", f"```json\n{GOOD}\n```"),
    ("in a fence without a language", f"```\n{GOOD}\n```"),
    ("in a fence that never closes", f"```json\n{GOOD}"),
    ("prose around it", f"Sure! Here is the new item:\n\n{GOOD}\n\nLet me know if you need {{more}} of them."),
    ("a thinking block left in it", f'<think>Perhaps {{"question": "x"}}?</think>\n{GOOD}'),
    ("a byte order mark", "\ufeff" + GOOD),
    ("indented", json.dumps(json.loads(GOOD), indent=4)),
    ("trailing commas", HEAD + '"options": ["soil", "sunlight", "wind", "noise",], "answer": "sunlight",}'),
    ("single quotes", GOOD.replace('"', "'")),
    ("typographic quotes", GOOD.replace('"', "”").replace("”question”", "“question”")),
    ("typographic quotes that match", "{“question”: “What do leaves catch?”, " + LIST + ", “answer”: “sunlight”}"),
    ("bare keys", '{question: "What do leaves catch?", options: ["soil", "sunlight", "wind", "noise"], answer: "sunlight"}'),
    ("comments", HEAD + "// four of them\n" + LIST + ', /* the right one */ "answer": "sunlight"}'),
    ("a missing comma at a line end", HEAD + LIST + '\n"answer": "sunlight"}'),
    ("no spaces", GOOD.replace(": ", ":").replace(", ", ",")),
    ("other keys beside it", HEAD + LIST + ', "answer": "sunlight", "difficulty": 3, "explanation": null}'),
    ("keys in capitals", '{"Question": "What do leaves catch?", "Options": ["soil", "sunlight", "wind", "noise"], "ANSWER": "sunlight"}'),
    ("other names of the keys", '{"new_question": "What do leaves catch?", "choices": ["soil", "sunlight", "wind", "noise"], "correct_answer": "sunlight"}'),
    ("in a list", f"[{GOOD}]"),
    ("in a wrapper", f'{{"item": {GOOD}}}'),
    ("in a list in a wrapper", f'{{"items": [{GOOD}]}}'),
    ("a first version, then a better one", '{"question": "Old?", "options": ["x", "y"], "answer": "x"}\nBetter:\n' + GOOD),
    ("labels in the options", HEAD + '"options": ["A) soil", "B) sunlight", "C) wind", "D) noise"], "answer": "sunlight"}'),
    ("labels with a full stop", HEAD + '"options": ["a. soil", "b. sunlight", "c. wind", "d. noise"], "answer": "b"}'),
    ("labels in parentheses", HEAD + '"options": ["(A) soil", "(B) sunlight", "(C) wind", "(D) noise"], "answer": "(B)"}'),
    ("numbers as labels", HEAD + '"options": ["1. soil", "2. sunlight", "3. wind", "4. noise"], "answer": 2}'),
    ("full-width labels", HEAD + '"options": ["A：soil", "B：sunlight", "C：wind", "D：noise"], "answer": "B：sunlight"}'),
    ("options by label", HEAD + '"options": {"A": "soil", "B": "sunlight", "C": "wind", "D": "noise"}, "answer": "B"}'),
    ("options by long label", HEAD + '"options": {"option_1": "soil", "option_2": "sunlight", "option_3": "wind", "option_4": "noise"}, "answer": 2}'),
    ("options as objects", HEAD + '"options": [{"label": "A", "text": "soil"}, {"label": "B", "text": "sunlight"}, {"label": "C", "text": "wind"}, {"label": "D", "text": "noise"}], "answer": "B"}'),
    ("options as objects, one marked", HEAD + '"options": [{"text": "soil", "correct": false}, {"text": "sunlight", "correct": true}, {"text": "wind", "correct": false}, {"text": "noise", "correct": false}]}'),
    ("options as one-key objects", HEAD + '"options": [{"A": "soil"}, {"B": "sunlight"}, {"C": "wind"}, {"D": "noise"}], "answer": "B"}'),
    ("options as lines", HEAD + '"options": "A) soil\\nB) sunlight\\nC) wind\\nD) noise", "answer": "B"}'),
    ("options as keys of the item", HEAD + '"A": "soil", "B": "sunlight", "C": "wind", "D": "noise", "answer": "B"}'),
    ("options as keys with a name", HEAD + '"option_a": "soil", "option_b": "sunlight", "option_c": "wind", "option_d": "noise", "answer": "B"}'),
    ("options only in the question", '{"question": "What do leaves catch?\\nA) soil\\nB) sunlight\\nC) wind\\nD) noise", "answer": "B"}'),
    ("options in the question too", '{"question": "What do leaves catch?\\n\\nOptions:\\nA. soil\\nB. sunlight\\nC. wind\\nD. noise", ' + LIST + ', "answer": "sunlight"}'),
    ("answer as label", HEAD + LIST + ', "answer": "B"}'),
    ("answer as small label", HEAD + LIST + ', "answer": "b)"}'),
    ("answer as label in words", HEAD + LIST + ', "answer": "Option B"}'),
    ("answer as label and text", HEAD + LIST + ', "answer": "B) sunlight"}'),
    ("answer as index", HEAD + LIST + ', "answer": 1}'),
    ("answer as an own index key", HEAD + LIST + ', "answer_index": 1}'),
    ("answer beside a wrong index", HEAD + LIST + ', "answer": "sunlight", "answer_index": 3}'),
    ("answer as object", HEAD + LIST + ', "answer": {"label": "B", "text": "sunlight"}}'),
    ("answer as list of one", HEAD + LIST + ', "answer": ["sunlight"]}'),
    ("answer in other case, with a full stop", HEAD + LIST + ', "answer": " Sunlight. "}'),
    ("a passage that says it is none", HEAD + LIST + ', "answer": "sunlight", "passage": "N/A"}'),
]  # fmt: skip

# (what was sent, what the evidence says): no draft, reason `malformed`.
MALFORMED = [
    ("", "no JSON object"),
    ("What do leaves catch? Sunlight.", "no JSON object"),
    ("{}", "no JSON object"),
    ("null", "no JSON object"),
    ('{"answer": "sunlight"}', "no question in the JSON object"),
    (GOOD[:-2], "cut off"),
    (GOOD[:60], "cut off"),
    ("```json\n" + GOOD[:-14], "cut off"),
    (GOOD + '\n{"question": "Another', "cut off"),
    ("<think>Let me see. " + GOOD, "no JSON object"),
    (HEAD + '"answer": "sunlight"}', "no list of options"),
    (HEAD + '"options": ["sunlight"], "answer": "sunlight"}', "no list of options"),
    (HEAD + '"options": "soil, sunlight", "answer": "sunlight"}', "no list of options"),
    (HEAD + '"options": [["soil"], ["sunlight"]], "answer": "sunlight"}', "no list of options"),
    (HEAD + '"options": ["soil", null], "answer": "soil"}', "no list of options"),
    (HEAD + '"options": ["soil", ""], "answer": "soil"}', "no list of options"),
    (HEAD + LIST + "}", "no answer"),
    (HEAD + LIST + ', "answer": null}', "no answer"),
    (HEAD + LIST + ', "answer": ""}', "empty answer"),
    (HEAD + LIST + ', "answer": "..."}', "empty answer"),
    (HEAD + LIST + ', "answer": "moonlight"}', "the answer is not an option"),
    (HEAD + LIST + ', "answer": "F"}', "the answer is not an option"),
    (HEAD + LIST + ', "answer": 7}', "the answer is not an option"),
    (HEAD + LIST + ', "answer": "both A and C"}', "the answer is not an option"),
    (HEAD + LIST + ', "answer": "C) sunlight"}', "the answer is not an option"),
    (HEAD + LIST + ', "answer": ["soil", "wind"]}', "the answer is not one text"),
    (HEAD + '"options": ["3", "7", "12"], "answer": "2"}', "the answer is not an option"),
    (HEAD + '"options": ["soil", "Soil.", "wind"], "answer": "SOIL"}', "the answer equals 2 options"),
    ('{"question": "", ' + LIST + ', "answer": "B"}', "empty question"),
    ('{"question": "<the new question>", ' + LIST + ', "answer": "B"}', "empty question"),
    ('{"question": ["What?"], ' + LIST + ', "answer": "B"}', "the question is not a text"),
    ('{"question": "half \\ud83d", ' + LIST + ', "answer": "B"}', "characters that are no text"),
    (HEAD + '"options": ["soil", "say "yes", sunlight"], "answer": "soil"}', "no JSON object"),
]

REFUSED = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, I can’t write this item.",
    "I cannot create a question about this.",
    "Unfortunately, I am unable to do that.",
    "As an AI language model, I do not write such items.",
    "**Sorry**, no.",
    "Lo siento, no puedo ayudar con eso.",
    "抱歉，我无法完成。",
    '{"error": "The seed is harmful."}',
    '{"refusal": "I can\'t."}',
]


@pytest.mark.parametrize(("what", "sent"), SAME, ids=[w for w, _ in SAME])
def test_an_odd_form_is_read_as_what_it_says(what: str, sent: str) -> None:
    """Whatever the form, the same content is read as the same draft."""
    assert parse_draft(sent, "multiple_choice", False) == CHOICE


@pytest.mark.parametrize(("sent", "evidence"), MALFORMED)
def test_what_is_not_all_there_is_malformed(sent: str, evidence: str) -> None:
    """Missing, cut off or contradictory content is malformed, with evidence that says what is wrong."""
    found = parse_draft(sent, "multiple_choice", False)
    assert isinstance(found, Malformed)
    assert (found.reason, evidence in found.evidence) == ("malformed", True), found


@pytest.mark.parametrize("sent", REFUSED)
def test_a_refusal_is_told_apart(sent: str) -> None:
    """A reply that declines has the reason `refused`."""
    found = parse_draft(sent, "multiple_choice", False)
    assert isinstance(found, Malformed)
    assert found.reason == "refused"


def test_an_apology_before_an_item_is_no_refusal() -> None:
    """What counts is whether an item is there."""
    assert parse_draft("Sorry for the delay.\n" + GOOD, "multiple_choice", False) == CHOICE


# (kind, the answer as JSON, the answer that is read or None for malformed)
ANSWERS = [
    ("number", '"22"', "22"),
    ("number", "22", "22"),
    ("number", "1.50", "1.50"),
    ("number", "1e3", "1e3"),
    ("number", "-7", "-7"),
    ("number", '"$1,200"', "$1,200"),
    ("number", '["22"]', "22"),
    ("number", '["22", "23"]', None),
    ("number", '{"value": 22}', None),
    ("number", '""', None),
    ("expression", '"\\frac{1}{2}"', "\\frac{1}{2}"),
    ("expression", '"\\\\frac{1}{2}"', "\\frac{1}{2}"),
    ("expression", '"2 \\times 3"', "2 \\times 3"),
    ("expression", '"\\beta + \\rho"', "\\beta + \\rho"),
    ("expression", '"\\(x\\)"', "\\(x\\)"),
    ("short_answer", '"mercury"', "mercury"),
    ("short_answer", "1969", "1969"),
    ("short_answer", '"+"', "+"),
    ("short_answer", "null", None),
    ("short_answer", '"He said "no" twice"', 'He said "no" twice'),
    ("short_answer", '"caf\\u00e9 \\ud83d\\ude00"', "café 😀"),
    ("short_answer", '"two\nlines"', "two\nlines"),
    ("boolean", "true", "yes"),
    ("boolean", "false", "no"),
    ("boolean", '"Yes."', "yes"),
    ("boolean", '"True"', "true"),
    ("boolean", '"bai"', "bai"),
    ("boolean", '"B", "options": ["yes", "no"]', "no"),
    ("boolean", '"It depends on what you mean by a warm winter."', None),
    ("structured", '{"a": [1, 2.0]}', '{"a": ["1", "2.0"]}'),
    ("structured", '"{}"', "{}"),
    ("free_text", '"Because ice is less dense."', "Because ice is less dense."),
]


@pytest.mark.parametrize(("kind", "sent", "expected"), ANSWERS)
def test_answers_of_each_kind(kind: str, sent: str, expected: str | None) -> None:
    """An answer is kept as the writer spelled it, or the reply is malformed."""
    found = parse_draft(f'{{"question": "Which one?", "answer": {sent}}}', kind, False)
    assert (found.answer if isinstance(found, Draft) else None) == expected


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["1.5 km", "2.5 km", "3.5 km"], ["1.5 km", "2.5 km", "3.5 km"]),
        (["1:30", "2:30", "3:30"], ["1:30", "2:30", "3:30"]),
        (["a - b", "b - c", "c - d"], ["a - b", "b - c", "c - d"]),
        (["A) one", "two", "C) three"], ["A) one", "two", "C) three"]),
        (["B) one", "C) two", "D) three"], ["B) one", "C) two", "D) three"]),
        (["A", "B", "AB"], ["A", "B", "AB"]),
        (["A) (A) x", "B) y", "C) z"], ["(A) x", "y", "z"]),
        ([1, 2.50, "3"], ["1", "2.5", "3"]),
    ],
)
def test_labels_are_stripped_only_where_all_options_have_them(options: list[object], kept: list[str]) -> None:
    """A start that looks like a label is content unless all options count up with it."""
    sent = json.dumps({"question": "Which one?", "options": options, "answer": kept[1]})
    found = parse_draft(sent, "multiple_choice", False)
    assert (found.options, found.answer) == (tuple(kept), kept[1])  # type: ignore[union-attr]


def test_case_tells_options_apart_where_the_answer_has_it() -> None:
    """Of options that differ in case alone, the one spelled as the answer is the answer."""
    sent = '{"question": "Which genotype?", "options": ["SS", "Ss", "ss"], "answer": "Ss"}'
    found = parse_draft(sent, "multiple_choice", False)
    assert found == Draft("Which genotype?", None, ("SS", "Ss", "ss"), "Ss", 1, ())


TEST_LINES = [f"assert f({n}) == {n * n}" for n in (1, 2, -1, 0, 30)]


@pytest.mark.parametrize(
    "tests",
    [
        TEST_LINES,
        "\n".join(TEST_LINES),
        "# usual\n" + "\n\n".join(TEST_LINES),
        ["```python\n" + "\n".join(TEST_LINES) + "\n```"],
        [TEST_LINES[0], "\n".join(TEST_LINES[1:])],
    ],
)
@pytest.mark.parametrize(
    "code", ["def f(x):\n    return x * x", "```python\ndef f(x):\n    return x * x\n```"]
)
def test_code_comes_with_its_asserts(tests: object, code: str) -> None:
    """Fences around code go, and asserts are told apart however they are listed."""
    sent = json.dumps({"question": "Write f(x).", "answer": code, "tests": tests})
    found = parse_draft(sent, "code", False)
    assert found == Draft("Write f(x).", None, (), "def f(x):\n    return x * x", None, tuple(TEST_LINES))


def test_an_assert_may_go_over_several_lines() -> None:
    """Indented lines and closing brackets belong to the assert before them."""
    long = "assert f([\n    1,\n]) == 1"
    sent = json.dumps(
        {"question": "Write f(x).", "answer": "def f(x): ...", "tests": [long, *TEST_LINES[:4]]}
    )
    assert parse_draft(sent, "code", False).tests == (long, *TEST_LINES[:4])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("tests", "evidence"),
    [
        (TEST_LINES[:4], "fewer than 5 different tests"),
        ([*TEST_LINES[:4], TEST_LINES[0]], "fewer than 5 different tests"),
        ([], "fewer than 5 different tests"),
        (None, "the tests are not asserts"),
        ([{"input": 1, "output": 1}] * 5, "the tests are not asserts"),
        (["f(1) == 1"] * 5, "the tests are not asserts"),
        (["import os", *TEST_LINES], "the tests are not asserts"),
    ],
)
def test_code_without_enough_asserts_is_malformed(tests: object, evidence: str) -> None:
    """Tests are never made from what is not an assert."""
    sent = json.dumps({"question": "Write f(x).", "answer": "def f(x): ...", "tests": tests})
    found = parse_draft(sent, "code", False)
    assert isinstance(found, Malformed)
    assert found.evidence.partition(":")[0] == evidence


def test_a_passage_is_kept_and_may_be_required() -> None:
    """Where a passage was asked for, a reply without one is malformed; one that came is kept in any case."""
    with_one = '{"passage": "Orle is a port.", "question": "What is Orle?", "answer": "a port"}'
    without = '{"question": "What is Orle?", "answer": "a port"}'
    expected = Draft("What is Orle?", "Orle is a port.", (), "a port", None, ())
    assert [parse_draft(with_one, "span", needed) for needed in (True, False)] == [expected, expected]
    assert parse_draft(without, "span", True) == Malformed("malformed", "no passage")


CHARACTERS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
TEXT = CHARACTERS.filter(lambda t: "think>" not in t).map(lambda t: f"w{t}w")
WRAPPINGS = st.sampled_from(
    [
        "{}",
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here it is:\n{}",
        "{}\nDone.",
        "<think>hm</think>{}",
        "[{}]",
        '{{"item": {}}}',
    ]
)


@st.composite
def choices(draw: st.DrawFn) -> Draft:
    """Draw a multiple-choice draft; the first character keeps its options apart and free of labels."""
    options = draw(st.lists(TEXT, min_size=2, max_size=6, unique_by=lambda t: t.casefold()))
    index = draw(st.integers(0, len(options) - 1))
    texts = tuple(f"{chr(0x4E00 + i)} {o}" for i, o in enumerate(options))
    return Draft(draw(TEXT), draw(st.none() | TEXT), texts, texts[index], index, ())


@given(
    draft=choices(),
    wrapping=WRAPPINGS,
    indent=st.none() | st.integers(0, 3),
    ascii_only=st.booleans(),
    answer=st.sampled_from("tli"),
    labelled=st.booleans(),
)
def test_a_valid_draft_in_any_tolerated_form_reads_back_as_itself(
    draft: Draft, wrapping: str, indent: int | None, ascii_only: bool, answer: str, labelled: bool
) -> None:
    """Fences, prose, indentation, escapes, labels and ways to name the answer do not change a draft."""
    index = draft.answer_index or 0
    named = {"t": draft.answer, "l": "ABCDEF"[index], "i": index}[answer]
    options = [f"{'ABCDEF'[i]}) {o}" if labelled else o for i, o in enumerate(draft.options)]
    item: dict[str, object] = {"question": draft.question, "options": options, "answer": named}
    if draft.context is not None:
        item["passage"] = draft.context
    sent = wrapping.format(json.dumps(item, indent=indent, ensure_ascii=ascii_only))
    assert parse_draft(sent, "multiple_choice", False) == draft


@given(question=TEXT, answer=TEXT, cut=st.integers(1, 30))
def test_a_reply_that_is_cut_off_is_never_a_draft(question: str, answer: str, cut: int) -> None:
    """Without its end the object is malformed, wherever the cut is."""
    sent = json.dumps({"question": question, "answer": answer})[:-cut]
    assert isinstance(parse_draft(sent, "short_answer", False), Malformed)


@given(
    sent=st.text(max_size=300) | st.text("{}[]\",:\\ abquestionwr\n'“”", max_size=300),
    kind=st.sampled_from(KINDS),
    needs=st.booleans(),
)
def test_any_text_gives_a_draft_or_a_fault(sent: str, kind: str, needs: bool) -> None:
    """No text raises, and what is returned can be stored as UTF-8."""
    found = parse_draft(sent, kind, needs)
    shown = found.evidence if isinstance(found, Malformed) else found.question + found.answer
    assert shown.encode().decode() == shown


HOSTILE = [
    "{",
    '{"',
    '{"a":',
    '{"a":[',
    "[{",
    '"',
    '{"a":"\\',
    '{"question": "',
    '{"a": "x" ',
    "“",
    "{// ",
    "/*",
    "A) x\n",
    "\\",
    "[",
    " ",
    '{"question":{',
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("size", [190_000, 1_000_000])
def test_hostile_replies_cost_little(unit: str, size: int) -> None:
    """Nested braces, open strings and the like are read or refused within a second of processor time."""
    sent = unit * (size // len(unit))
    begin = time.process_time()
    parse_draft(sent, "multiple_choice", False)
    parse_draft('{"question": "q?", "answer": "' + sent, "code", True)
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize("depth", [20, 500, 3_000, 50_000])
def test_deep_nesting_is_malformed(depth: int) -> None:
    """An object that nests deeper than any item does is not read."""
    deep = "[" * depth + "]" * depth
    found = parse_draft(f'{{"question": "q?", "answer": {deep}}}', "structured", False)
    assert isinstance(found, Malformed)
