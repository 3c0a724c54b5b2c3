"""What is asked of writers and solvers."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.errors import UsageError
from taskseed.prompts import (
    judge_messages,
    load_prompts,
    parse_draft,
    solver_messages,
    styles_of,
    writer_messages,
    writer_schema,
)
from taskseed.prompts.compose import EXAMPLE_LIMIT, option_label
from taskseed.prompts.library import BLOCKS
from taskseed.prompts.parse import Draft
from taskseed.records import KINDS, Question
from tests.prompts.makers import ITEMS, Item, question, seed, siblings

PROMPTS = load_prompts()


def in_order(asked: Question) -> list[int]:
    """Return the order in which nothing is moved."""
    return list(range(len(asked.options)))


def written(kind: str, **changes: object) -> str:
    """Return the writer's prompt for a seed with some fields changed."""
    messages, _ = writer_messages(PROMPTS, dataclasses.replace(seed(kind), **changes), siblings(kind))
    return messages[0]["content"]


def items_in(prompt: str) -> list[dict[str, object]]:
    """Return the JSON items of a writer's prompt: siblings first, the seed last."""
    found, decoder, at = [], json.JSONDecoder(), 0
    while (at := prompt.find("\n{\n", at) + 1) > 0:
        item, at = decoder.raw_decode(prompt, at)
        found.append(item)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_style_is_one_user_message(kind: str) -> None:
    """Writers and solvers of every kind get one message of role user and a hash of 16 digits."""
    asked = question(kind)
    made = [writer_messages(PROMPTS, seed(kind), siblings(kind))]
    made += [solver_messages(PROMPTS, asked, style, in_order(asked)) for style in styles_of(asked)]
    assert [[m["role"] for m in messages] for messages, _ in made] == [["user"]] * len(made)
    assert [len(prompt_hash) for _, prompt_hash in made] == [16] * len(made)
    assert len({prompt_hash for _, prompt_hash in made}) == len(made)


def test_the_writer_sees_seed_and_siblings_as_the_json_it_shall_write() -> None:
    """Seed and siblings are shown in the reply's own form, with the calculator marks taken out."""
    shown = items_in(written("number"))
    assert shown == [
        {"question": "Tim has 3 bags of 4 nuts. How many nuts?", "explanation": "3*4=12", "answer": "12"},
        {
            "question": ITEMS["number"].question,
            "explanation": "He bakes 6*12=72 rolls.\n72-50=22 are left.",
            "answer": "22",
        },
    ]


def test_what_seeds_share_stands_before_the_seed() -> None:
    """Two seeds with the same siblings share all of the prompt up to the seed's own text."""
    head = "\n# Seed\n"
    one = written("multiple_choice")
    other = written("multiple_choice", question="Which gas makes bread rise?", seed_id="99")
    assert one.partition(head)[0] == other.partition(head)[0]


def test_the_gold_option_stands_elsewhere_in_each_sibling() -> None:
    """Four siblings of four options show the right one at each position once, and nothing else moves."""
    four = [dataclasses.replace(siblings("multiple_choice")[0], seed_id=str(i)) for i in range(4)]
    messages, _ = writer_messages(PROMPTS, seed("multiple_choice"), four)
    shown = items_in(messages[0]["content"])[:4]
    assert sorted(s["options"].index("heart") for s in shown) == [0, 1, 2, 3]
    assert [[o for o in s["options"] if o != "heart"] for s in shown] == [["lung", "liver", "kidney"]] * 4


def test_the_gold_option_of_seeds_takes_every_position() -> None:
    """Over 400 seeds whose gold is always at index 2, each of four positions is shown 70 to 130 times."""
    made = [written("multiple_choice", seed_id=str(i)) for i in range(400)]
    places = [items_in(m)[-1]["options"].index("condensation") for m in made]
    counts = [places.count(i) for i in range(4)]
    assert [70 <= c <= 130 for c in counts] == [True] * 4


def test_a_long_sibling_is_left_out() -> None:
    """A sibling beyond the limit is not shown, and with none left there is no head for siblings."""
    long = seed("short_answer", Item("Who?", "he", context="word " * EXAMPLE_LIMIT))
    messages, _ = writer_messages(PROMPTS, seed("short_answer"), [long])
    assert messages == writer_messages(PROMPTS, seed("short_answer"), [])[0]
    assert "# Siblings" not in messages[0]["content"]


def test_a_passage_is_asked_for_where_the_seed_has_one() -> None:
    """The passage's block and key appear for seeds with a context, and only there."""
    marks = ("Write a new passage first", '- "passage": the new passage')
    assert [m in written("span") for m in marks] == [True, True]
    assert [m in written("short_answer") for m in marks] == [False, False]


def contract(kind: str, **changes: object) -> dict[str, str]:
    """Return what the contract says of each key, in order."""
    said = written(kind, **changes).partition("An item is one JSON object")[2].partition("Inside strings")[0]
    return {line.split('"')[1]: line for line in said.splitlines() if line.startswith('- "')}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("multiple_choice", ["question", "options", "explanation", "answer"]),
        ("number", ["question", "explanation", "answer"]),
        ("span", ["passage", "question", "explanation", "answer"]),
        ("short_answer", ["question", "explanation", "answer", "aliases"]),
        ("code", ["question", "explanation", "answer", "tests"]),
    ],
)
def test_the_contract_lists_the_keys_of_the_kind(kind: str, keys: list[str]) -> None:
    """The reply's keys are those the kind needs, the explanation before the answer."""
    assert list(contract(kind)) == keys


@pytest.mark.parametrize("context", [None, "A passage about tides."])
@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_has_the_keys_of_the_contract(kind: str, context: str | None) -> None:
    """In its order, each a string or a list of strings as it says, all wanted and no other allowed."""
    schema = writer_schema(PROMPTS, dataclasses.replace(seed(kind), context=context))
    assert schema is not None
    said = contract(kind, context=context)
    lists = {key: "a list of strings" in line for key, line in said.items()}
    found = {
        key: value == {"type": "array", "items": {"type": "string"}}
        for key, value in schema["properties"].items()
    }
    assert (list(found), found, schema["required"]) == (list(said), lists, list(said))
    assert [v for k, v in schema["properties"].items() if not lists[k]] == [{"type": "string"}] * list(
        lists.values()
    ).count(False)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)


@pytest.mark.parametrize("kind", KINDS)
def test_what_fits_the_schema_can_be_read(kind: str) -> None:
    """A reply with these keys alone is a draft: a model that is held to the schema loses nothing."""
    schema = writer_schema(PROMPTS, seed(kind))
    assert schema is not None
    reply = {key: f"Some {key}" for key in schema["properties"]}
    if kind == "boolean":
        reply["answer"] = "yes"
    given = {
        "options": ["Some answer", "another"],
        "tests": [f"assert f({n}) == 1" for n in range(5)],
        "aliases": [],
    }
    reply |= {key: value for key, value in given.items() if key in reply}
    found = parse_draft(json.dumps(reply), kind, needs_context="passage" in reply)
    assert isinstance(found, Draft)
    assert (found.question, found.context) == (reply["question"], reply.get("passage"))


def test_a_contract_of_the_users_own_has_no_schema(tmp_path: Path) -> None:
    """Its keys are not known; other blocks may be the user's."""
    own = tmp_path / "generate"
    own.mkdir()
    (own / "intro.md").write_text("Write.")
    assert writer_schema(load_prompts(tmp_path), seed("number")) == writer_schema(PROMPTS, seed("number"))
    (own / "contract.md").write_text("Reply in YAML. {{ kind }} {{ has_context }}")
    assert writer_schema(load_prompts(tmp_path), seed("number")) is None


def test_the_language_of_the_seed_is_asked_for() -> None:
    """The last paragraph names the seed's language."""
    assert "in the seed's language (eu)" in written("short_answer", language="eu").splitlines()[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_no_solver_sees_the_proposed_answer(kind: str) -> None:
    """Answer, aliases, solution and checks are in no solver's prompt; the answer only as an option."""
    secret = "quibblefrost"
    item = ITEMS[kind]
    options = ("zinc", f"{secret} one", "tin") if kind == "multiple_choice" else ()
    asked = dataclasses.replace(
        question(kind),
        options=options,
        answer=f"{secret} one",
        answer_index=1 if options else None,
        aliases=(f"{secret} two",),
        checks=(f"assert {secret}",),
        solution=f"so it is {secret} three",
    )
    for style in styles_of(asked):
        text = solver_messages(PROMPTS, asked, style, in_order(asked))[0][0]["content"]
        assert text.count(secret) == len(options[1:2])
        assert text.count(item.question) == 1
        assert text.count(item.context or item.question) == 1


def test_a_solver_prompt_is_the_same_whatever_the_proposed_answer() -> None:
    """Changing which option is proposed changes nothing in the prompt or its hash."""
    asked = question("multiple_choice")
    other = dataclasses.replace(asked, answer="melting", answer_index=1)
    assert solver_messages(PROMPTS, asked, "reasoning", [3, 1, 0, 2]) == solver_messages(
        PROMPTS, other, "reasoning", [3, 1, 0, 2]
    )


@given(order=st.permutations(range(4)))
def test_options_are_shown_in_the_given_order(order: list[int]) -> None:
    """Labels A, B, C, D stand before the options in the order asked for."""
    asked = question("multiple_choice")
    text = solver_messages(PROMPTS, asked, "direct", order)[0][0]["content"]
    expected = "\n".join(f"{'ABCD'[i]}) {asked.options[o]}" for i, o in enumerate(order))
    assert text.endswith(f"# Question\n\n{asked.question}\n\n{expected}")


def test_a_boolean_question_names_its_own_two_words() -> None:
    """The words to choose from are the question's options in the given order, else yes and no."""
    asked = question("boolean")
    basque = dataclasses.replace(asked, options=("bai", "ez"))
    assert "one of yes / no:" in solver_messages(PROMPTS, asked, "direct", [])[0][0]["content"]
    assert "one of ez / bai:" in solver_messages(PROMPTS, basque, "direct", [1, 0])[0][0]["content"]
    assert 'answered with "bai" or "ez"' in written("boolean", options=("bai", "ez"))


def test_only_questions_with_options_have_the_style_distractors() -> None:
    """Other kinds refuse the style and name the styles that fit."""
    assert styles_of(question("multiple_choice")) == ("direct", "reasoning", "knowledge", "distractors")
    with pytest.raises(UsageError, match="distractors does not fit a number question") as caught:
        solver_messages(PROMPTS, question("number"), "distractors", [])
    assert caught.value.hint == "use direct, reasoning, knowledge"


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], []])
def test_an_order_that_is_no_permutation_is_refused(order: list[int]) -> None:
    """Every option must be shown exactly once."""
    with pytest.raises(ValueError, match="not a permutation"):
        solver_messages(PROMPTS, question("multiple_choice"), "direct", order)


def test_labels_go_on_after_z() -> None:
    """The 27th option is AA, the 77th BY."""
    assert [option_label(i) for i in (0, 25, 26, 51, 52, 76)] == ["A", "Z", "AA", "AZ", "BA", "BY"]


def used_by(changed: str, folder: Path) -> set[str]:
    """Return which prompts change their hash when a block changes."""
    path = folder / changed
    path.parent.mkdir(parents=True)
    path.write_text(PROMPTS.texts[changed] + "\nMore.\n", encoding="utf-8")
    mine = load_prompts(folder)
    hits = set()
    for kind in ITEMS:  # the kinds, and data that must fit a schema
        asked = question(kind)
        for axes in (({},), ({"topic": "tides"}, {})):
            arguments = (seed(kind), siblings(kind), axes)
            if writer_messages(PROMPTS, *arguments)[1] != writer_messages(mine, *arguments)[1]:
                hits.add(f"write {kind}")
        for style in styles_of(asked):
            arguments = (asked, style, in_order(asked))
            if solver_messages(PROMPTS, *arguments)[1] != solver_messages(mine, *arguments)[1]:
                hits.add(f"{style} {kind}")
        if judge_messages(PROMPTS, asked, "a", "b")[1] != judge_messages(mine, asked, "a", "b")[1]:
            hits.add(f"judge {kind}")
    return hits


@pytest.mark.parametrize("changed", sorted(BLOCKS))
def test_a_changed_block_changes_the_hashes_of_the_prompts_it_is_in(changed: str, tmp_path: Path) -> None:
    """Every block is in some prompt, and only prompts of its own stage and style change their hash."""
    hits = used_by(changed, tmp_path)
    stage, _, name = changed.removesuffix(".md").partition("/")
    assert hits != set()
    assert {h.startswith("write ") for h in hits} == {stage == "generate"}
    assert {h.startswith("judge ") for h in hits} == {stage == "judge"}
    if name.startswith("style/"):
        assert {h.split()[0] for h in hits} == {name.removeprefix("style/")}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_several_items_is_a_list_of_one(kind: str) -> None:
    """Each item of the list is the single item's schema with its number before it."""
    one, several = writer_schema(PROMPTS, seed(kind)), writer_schema(PROMPTS, seed(kind), 2)
    assert one is not None
    assert several is not None
    item = several["properties"]["items"]["items"]
    assert (several["required"], several["additionalProperties"]) == (["items"], False)
    assert list(item["properties"]) == item["required"] == ["item", *one["properties"]]
    assert {**item["properties"]} == {"item": {"type": "integer"}, **one["properties"]}


def test_several_items_of_the_users_own_block_have_no_schema(tmp_path: Path) -> None:
    """A user's `generate/several.md` may ask for another list; a request for one item does not use it."""
    (tmp_path / "generate").mkdir()
    (tmp_path / "generate/several.md").write_text("Write {{ count }} lines of JSON.")
    mine = load_prompts(tmp_path)
    assert writer_schema(mine, seed("number"), 2) is None
    assert writer_schema(mine, seed("number")) == writer_schema(PROMPTS, seed("number"))


def test_a_request_for_several_items_says_how_many_behind_the_contract() -> None:
    """The instruction and the count stand once, before anything that differs from seed to seed."""
    two = writer_messages(PROMPTS, seed("number"), siblings("number"), [{}, {}])[0][0]["content"]
    one = written("number")
    head, told, tail = two.partition("\n\nThis time write 2 new items instead of one.")
    assert (two.count("2 new items"), one.startswith(head), told != "") == (1, True, True)
    assert one.endswith(tail[tail.index("# Siblings") :])


def test_aliases_are_shown_and_asked_for_where_the_contract_names_them(tmp_path: Path) -> None:
    """Seeds of short answers show at most eight; a contract of an earlier version shows and asks for none."""
    trivia = dataclasses.replace(seed("short_answer"), aliases=tuple(f"name {n}" for n in range(30)))
    shown = items_in(writer_messages(PROMPTS, trivia, siblings("short_answer"))[0][0]["content"])
    assert [item["aliases"] for item in shown] == [[], [f"name {n}" for n in range(8)]]
    assert ["aliases" in item for kind in ("number", "span") for item in items_in(written(kind))] == [
        False
    ] * 4
    (tmp_path / "generate").mkdir()
    old = "Reply with one JSON object. {{ kind }} {{ has_context }}"
    (tmp_path / "generate/contract.md").write_text(old)
    mine = load_prompts(tmp_path)
    shown = items_in(writer_messages(mine, trivia, siblings("short_answer"))[0][0]["content"])
    assert ["aliases" in item for item in shown] == [False, False]


def test_the_seeds_own_gold_turns_with_the_slot() -> None:
    """Turned by 0 to 3, a seed of four options shows its right one at each place; nothing else moves."""
    texts = [
        writer_messages(PROMPTS, seed("multiple_choice"), siblings("multiple_choice"), turn=turn)[0][0][
            "content"
        ]
        for turn in range(4)
    ]
    assert sorted(items_in(t)[-1]["options"].index("condensation") for t in texts) == [0, 1, 2, 3]
    assert len({t.partition("# Seed")[0] for t in texts}) == 1
