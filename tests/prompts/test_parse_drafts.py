"""What writers send who were asked for several items, and the entries that are read from it."""
# ruff: noqa: E501 - a reply stays on one line

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.prompts import Draft, Malformed, parse_draft, parse_drafts
from taskseed.records import KINDS

NAMES = ("Lea", "Max", "Noa")
ITEMS = [
    {"item": n + 1, "question": f"Who won race {n + 1}?", "answer": name} for n, name in enumerate(NAMES)
]
DRAFTS = [Draft(f"Who won race {n + 1}?", None, (), name, None, ()) for n, name in enumerate(NAMES)]
ONE, TWO, THREE = map(json.dumps, ITEMS)
BARE = [{k: v for k, v in item.items() if k != "item"} for item in ITEMS]


def read(sent: str, count: int = 3) -> list[Draft | Malformed]:
    """Return what is read from a reply to a request for short answers."""
    return parse_drafts(sent, "short_answer", False, count)


# (what is odd about it, what was sent): all of these are the three drafts.
SAME = [
    ("as asked", json.dumps({"items": ITEMS})),
    ("indented, in a fence", f"```json\n{json.dumps({'items': ITEMS}, indent=2)}\n```"),
    ("without numbers", json.dumps({"items": BARE})),
    ("numbers as texts", json.dumps({"items": [{**i, "item": str(i["item"])} for i in ITEMS]})),
    ("in another order", json.dumps({"items": ITEMS[::-1]})),
    ("under another key", json.dumps({"questions": ITEMS})),
    ("beside another list", json.dumps({"notes": ["done"], "items": ITEMS})),
    ("a list alone", json.dumps(ITEMS)),
    ("one object a line", f"{ONE}\n{TWO}\n{THREE}"),
    ("objects in prose", f"First:\n{ONE}\nSecond:\n{TWO}\nThird:\n{THREE}\nDone."),
    ("by name", json.dumps({f"item_{n + 1}": item for n, item in enumerate(BARE)})),
    ("each in a wrapper", "\n".join(json.dumps({"item": item}) for item in BARE)),
    ("more than asked", json.dumps({"items": [*BARE, {"question": "Who came last?", "answer": "Ada"}]})),
    ("a first list, then a better one", json.dumps({"items": BARE[::-1]}) + json.dumps({"items": BARE})),
    ("after thinking", f"<think>{ONE}</think>{json.dumps({'items': ITEMS})}"),
    ("trailing commas", f'{{"items": [{ONE}, {TWO}, {THREE},],}}'),
    ("never closed", f'{{"items": [{ONE}, {TWO}, {THREE}'),
    ("numbers that are not numbers", json.dumps({"items": [{**i, "item": "first"} for i in ITEMS]})),
    ("the same number twice", json.dumps({"items": [{**i, "item": 1} for i in ITEMS]})),
    ("numbers from 0", json.dumps({"items": [{**i, "item": n} for n, i in enumerate(ITEMS)]})),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sent"), SAME, ids=[w for w, _ in SAME])
def test_an_odd_form_is_read_as_the_items_it_holds(what: str, sent: str) -> None:
    """Whatever the form, the same three items are read in the order of their numbers, else as they came."""
    assert read(sent) == DRAFTS


# (what was sent, which of the three are drafts, what the evidence of the others says)
PARTLY = [
    (json.dumps({"items": ITEMS[:2]}), [0, 1], "2 of 3 items came"),
    (json.dumps({"items": ITEMS[1:]}), [1, 2], "2 of 3 items came"),
    (json.dumps({"items": [ITEMS[2]]}), [2], "1 of 3 items came"),
    (ONE, [0], "1 of 3 items came"),
    (f'{{"items": [{ONE}, {TWO}, {THREE[:-9]}', [0, 1], "2 of 3 items came, the next one cut off"),
    (f"{ONE}\n{TWO[:20]}", [0], "1 of 3 items came, the next one cut off"),
    (f'{{"items": [{ONE}, {{"item": 2, "question": oh}}, {THREE}]}}', [0, 2], "2 of 3 items came"),
    (json.dumps({"items": [ITEMS[0], {"item": 2, "question": "Who?"}, ITEMS[2]]}), [0, 2], "no answer"),
    (json.dumps({"items": [ITEMS[0], {"item": 2, "question": "", "answer": "x"}, ITEMS[2]]}), [0, 2], "empty question"),
    (json.dumps({"items": [ITEMS[0], "none", ITEMS[2]]}), [0, 2], "2 of 3 items came"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "drafts", "evidence"), PARTLY)
def test_each_item_stands_or_falls_alone(sent: str, drafts: list[int], evidence: str) -> None:
    """What is whole is read; each of the others is malformed, with evidence that says what came of it."""
    found = read(sent)
    assert {n: d for n, d in enumerate(found) if isinstance(d, Draft)} == {n: DRAFTS[n] for n in drafts}
    faults = [d for d in found if isinstance(d, Malformed)]
    assert {(f.reason, f.evidence.partition(": ")[0]) for f in faults} == {("malformed", evidence)}


NOTHING = [
    ("", "malformed", "no JSON object"),
    ("[]", "malformed", "no JSON object"),
    ('{"items": []}', "malformed", "no question in the JSON object"),
    ('{"items": "three of them"}', "malformed", "no question in the JSON object"),
    ('{"items": [[]]}', "malformed", "no question in the JSON object"),
    ('{"items": [{"item": 1, "question": "Who', "malformed", "cut off inside the JSON object"),
    ("I'm sorry, I can't write these.", "refused", "I'm sorry, I can't write these."),
    ('{"refusal": "No."}', "refused", "No."),
]


@pytest.mark.parametrize(("sent", "reason", "evidence"), NOTHING)
def test_a_reply_without_items_is_the_fault_of_each(sent: str, reason: str, evidence: str) -> None:
    """All three entries say the same, as a reply to a request for one item would."""
    found = read(sent)
    assert [(f.reason, f.evidence.partition(": ")[0]) for f in found] == [(reason, evidence)] * 3


def test_one_item_may_be_refused() -> None:
    """A refusal stands at its own place; the others are read."""
    sent = json.dumps({"items": [ITEMS[0], {"item": 2, "refusal": "Not this."}, ITEMS[2]]})
    assert read(sent) == [DRAFTS[0], Malformed("refused", "Not this."), DRAFTS[2]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_for_one_is_read_as_one(kind: str) -> None:
    """With a count of 1 the reader is that of a single item: its last word counts."""
    for sent in (ONE, f"{ONE}\n{TWO}", "no", ONE[:-4]):
        assert parse_drafts(sent, kind, False, 1) == [parse_draft(sent, kind, False)]


def test_items_of_code_and_passages_keep_their_parts() -> None:
    """Tests, options and passages of each item are its own."""
    tests = [[f"assert f{n}({i}) == {i}" for i in range(5)] for n in (1, 2)]
    code = [
        {"question": f"f{n}?", "answer": f"def f{n}(i): return i", "tests": t} for n, t in enumerate(tests, 1)
    ]
    found = parse_drafts(json.dumps({"items": code}), "code", False, 2)
    assert [d.tests for d in found] == [tuple(t) for t in tests]  # type: ignore[union-attr]
    spans = [{"passage": f"P{n}.", "question": f"Q{n}?", "answer": f"A{n}"} for n in (1, 2)]
    read_spans = parse_drafts(json.dumps({"items": [spans[0], {**spans[1], "passage": ""}]}), "span", True, 2)
    assert read_spans == [Draft("Q1?", "P1.", (), "A1", None, ()), Malformed("malformed", "empty passage")]


def test_options_that_are_objects_are_no_items() -> None:
    """A list of options inside an item is not taken for the list of items."""
    options = [{"label": "A", "text": "soil"}, {"label": "B", "text": "light"}]
    items = [{"question": f"Q{n}?", "options": options, "answer": "B"} for n in (1, 2)]
    found = parse_drafts("\n".join(map(json.dumps, items)), "multiple_choice", False, 2)
    assert found == [Draft(f"Q{n}?", None, ("soil", "light"), "light", 1, ()) for n in (1, 2)]


# (answer, question, aliases as sent, aliases as kept)
ALIASES = [
    ("water", "What is ice made of?", ["H2O", "H₂O"], ("H2O",)),
    ("carbon dioxide", "Which gas?", ["CO2", "carbonic acid gas"], ("CO2", "carbonic acid gas")),
    ("Mercury", "Which planet is nearest to the Sun?", ["mercury", "MERCURY."], ()),
    ("lead", "Which is heavier, lead or tin?", ["tin", "Pb"], ("Pb",)),
    ("tin", "Which metal is in pewter besides setting agents?", ["Sn", "setting"], ("Sn",)),
    ("he", "Who did it, the man?", ["the man", "him"], ("him",)),
    ("1969", "In which year?", "nineteen sixty-nine", ("nineteen sixty-nine",)),
    ("Oslo", "Which city?", [], ()),
    ("Oslo", "Which city?", None, ()),
    ("Oslo", "Which city?", "none", ()),
    ("Oslo", "Which city?", ["", " ", "N/A", "Kristiania", "kristiania "], ("Kristiania",)),
    ("Oslo", "Which city?", {"old": "Kristiania"}, ()),
    ("Oslo", "Which city?", [["Kristiania"]], ()),
    ("Oslo", "Which city?", ["x" * 201, "half \ud83d"], ()),
    ("Oslo", "Which city?", [f"name {n}" for n in range(20)], tuple(f"name {n}" for n in range(8))),
    ("東京", "日本の首都は?", ["東京都", "東京"], ("東京都",)),
]


@pytest.mark.parametrize(("answer", "question", "sent", "kept"), ALIASES)
def test_aliases_are_other_spellings_that_the_question_does_not_name(
    answer: str, question: str, sent: object, kept: tuple[str, ...]
) -> None:
    """Of the aliases sent, distinct short texts are kept; what is no such list costs the draft nothing."""
    reply = json.dumps({"question": question, "answer": answer, "aliases": sent})
    assert parse_draft(reply, "short_answer", False) == Draft(question, None, (), answer, None, (), kept)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("short_answer", "code", "multiple_choice")])
def test_other_kinds_have_no_aliases(kind: str) -> None:
    """An alias of a number, span or yes would loosen what has one form."""
    reply = json.dumps({"question": "Which?", "answer": "yes", "aliases": ["sure"]})
    assert parse_draft(reply, kind, False).aliases == ()  # type: ignore[union-attr]


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
TEXT = WORDS.filter(lambda t: "think>" not in t).map(lambda t: f"w{t}w")


@given(
    pairs=st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=6),
    extra=st.integers(0, 3),
    numbered=st.booleans(),
    order=st.randoms(use_true_random=False),
    form=st.sampled_from(["wrapper", "list", "lines", "fence"]),
)
def test_any_items_in_any_tolerated_form_read_back_as_themselves(
    pairs: list[tuple[str, str]], extra: int, numbered: bool, order, form: str
) -> None:
    """Each item lands on the place of its number, or where it came; places without one say so."""
    items = [{"item": n + 1, "question": q, "answer": a} for n, (q, a) in enumerate(pairs)]
    if numbered:
        order.shuffle(items)
    else:
        items = [{k: v for k, v in item.items() if k != "item"} for item in items]
    listed = json.dumps(items, ensure_ascii=False)
    sent = {
        "wrapper": f'{{"items": {listed}}}',
        "list": listed,
        "lines": "\n".join(json.dumps(i) for i in items),
        "fence": f'```json\n{{"items": {listed}}}\n```',
    }[form]
    count = len(pairs) + extra
    found = parse_drafts(sent, "free_text", False, count)
    assert found[: len(pairs)] == [Draft(q, None, (), a, None, ()) for q, a in pairs]
    assert [f.reason for f in found[len(pairs) :]] == ["malformed"] * extra  # type: ignore[union-attr]


@given(pairs=st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=5), cut=st.integers(1, 400))
def test_a_cut_never_makes_an_item_up(pairs: list[tuple[str, str]], cut: int) -> None:
    """What is read of a reply that was cut off is what was sent, from the first item on."""
    sent = json.dumps({"items": [{"question": q, "answer": a} for q, a in pairs]}, ensure_ascii=False)[:-cut]
    found = parse_drafts(sent, "free_text", False, len(pairs))
    whole = [isinstance(f, Draft) for f in found]
    assert whole == sorted(whole, reverse=True)
    made = [Draft(q, None, (), a, None, ()) for q, a in pairs]
    assert [f for f in found if isinstance(f, Draft)] == made[: sum(whole)]


@given(
    sent=st.text(max_size=300) | st.text('{}[]",:\\ itemquestionanswer\n', max_size=300),
    kind=st.sampled_from(KINDS),
    needs=st.booleans(),
    count=st.integers(1, 5),
)
def test_any_text_gives_as_many_entries_as_were_asked_for(
    sent: str, kind: str, needs: bool, count: int
) -> None:
    """No text raises, there is one entry for each place, and each can be stored as UTF-8."""
    found = parse_drafts(sent, kind, needs, count)
    shown = [f.evidence if isinstance(f, Malformed) else f.question + f.answer for f in found]
    assert (len(found), [text.encode().decode() for text in shown]) == (count, shown)


HOSTILE = [
    "{",
    '{"a":[',
    "[{",
    '{"items":[',
    '{"items":[{"question":"q","answer":"a"},',
    '"',
    "[",
    '{"question":{',
    "{// ",
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("size", [190_000, 1_000_000])
def test_hostile_replies_cost_little(unit: str, size: int) -> None:
    """Nested lists, open items and the like are read or refused within a second of processor time."""
    sent = unit * (size // len(unit))
    begin = time.process_time()
    assert len(parse_drafts(sent, "short_answer", False, 20)) == 20
    assert time.process_time() - begin < 1.0
