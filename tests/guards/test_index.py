"""The held-out index."""

import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.errors import RunError
from taskseed.guards import GuardIndex, GuardIndexBuilder

NOUNS = "river copper lantern orchard violin glacier pepper saddle comet harbour thistle engine".split()  # noqa: SIM905
VERBS = "bends follows warms hides lifts repairs counts paints crosses measures".split()  # noqa: SIM905
INSTRUCTION = "Read the passage carefully and choose the single best answer from the options given below."


def sentence(rng, length):
    """Return a random sentence."""
    return " ".join(
        rng.choice(NOUNS if i % 2 else VERBS) + rng.choice(["", "s", "ing"]) for i in range(length)
    )


def held_out(length=14, rows=300, seed=1):
    """Return held-out rows with a number in each question."""
    rng = random.Random(seed)
    return [{"question": f"{sentence(rng, length)} {i + 3} times", "label": i % 2} for i in range(rows)]


def index_of(rows, name="a/test"):
    """Return the index of one guard."""
    builder = GuardIndexBuilder()
    builder.add(name, rows)
    return builder.build()


def scores(index, texts):
    """Return the scores, 0 where nothing matched."""
    return [0.0 if match is None else match.score for match in index.score(texts)]


def with_words_changed(text, count, seed):
    """Return the text with some words replaced."""
    rng = random.Random(seed)
    parts = text.split()
    for i in rng.sample(range(len(parts)), count):
        parts[i] = "zz" + "abcdefghij"[i % 10]
    return " ".join(parts)


@pytest.mark.parametrize("length", [12, 30, 60])
def test_copies_are_found(length):
    """Copies, recased, with other numbers, three words changed, or inside a long text, score over a half."""
    rows = held_out(length)
    index = index_of(rows)
    rng = random.Random(5)
    questions = [row["question"] for row in rows]
    around = " ".join(f"filler{rng.randrange(5000)}" for _ in range(100))
    assert scores(index, questions) == [pytest.approx(1.0)] * len(rows)
    changed = [q.upper().replace(" ", ", ") + "?" for q in questions]
    assert min(scores(index, changed)) > 0.99
    numbers = [" ".join("99" if w.isdigit() else w for w in q.split()) for q in questions]
    assert min(scores(index, numbers)) > 0.99
    assert min(scores(index, [with_words_changed(q, 3, i) for i, q in enumerate(questions)])) >= 0.5
    assert min(scores(index, [f"{around} {q} {around}" for q in questions])) > 0.99


def test_the_match_names_its_source():
    """A match says which guard, row and field it is, and shows the held-out text."""
    builder = GuardIndexBuilder()
    builder.add("first/test", held_out(rows=5))
    row = {
        "id": "x1",
        "data": {"parts": ["Where do seven silver herons gather before the winter storms arrive in Oslo"]},
    }
    nested = {"data": {"story": row["data"]["parts"][0]}}
    builder.add("second/test", [{"data": {"story": "too short"}}, nested])
    match = builder.build().score(
        ["where do seven silver herons gather before the winter storms arrive in oslo?"]
    )[0]
    assert (match.guard, match.row, match.field) == ("second/test", 1, "data.story")
    assert match.excerpt == row["data"]["parts"][0]
    assert match.score == pytest.approx(1.0)


def test_shared_instructions_weigh_little():
    """A text that shares only an instruction of many held-out items stays under a half."""
    rng = random.Random(3)
    rows = [{"q": f"{INSTRUCTION} {sentence(rng, 20)}"} for _ in range(200)]
    index = index_of(rows)
    assert max(scores(index, [f"{INSTRUCTION} What colour are ripe lemons in the garden of my aunt?"])) < 0.3


def test_unrelated_texts_score_nothing():
    """Texts that share no phrase with any item have no match."""
    index = index_of(held_out())
    assert (
        index.score(["The quick brown fox jumps over the lazy dog near the old bridge", "", "7"])
        == [None] * 3
    )


def test_short_fields_are_joined():
    """A row whose values are all short is guarded by them together, without ids and labels."""
    rows = [
        {
            "id": f"q{i}x9",
            "label": "yes",
            "question": f"Which bird eats {noun}?",
            "choices": [f"{noun} heron", "grey owl", "red kite"],
        }
        for i, noun in enumerate(NOUNS)
    ]
    index = index_of(rows)
    match = index.score(["Which bird eats copper? copper heron, grey owl, red kite"])[0]
    assert (match.row, match.field) == (1, "question + choices.0 + choices.1 + choices.2")
    assert match.score == pytest.approx(1.0)


def test_rows_without_words_are_counted():
    """Rows that give no item are reported, not silently skipped."""
    index = index_of([{"q": "1 + 2 = 3"}, {"q": None}, *held_out(rows=2)])
    assert (index.guards, index.uncovered, index.items) == ({"a/test": 4}, {"a/test": 2}, 2)


def test_tables_and_rows_give_the_same_index():
    """An Arrow table and its rows give one index, and so do rows added in two parts."""
    rows = held_out()
    builder = GuardIndexBuilder()
    builder.add("a/test", rows[:100])
    builder.add("a/test", rows[100:])
    prints = {
        index_of(rows).fingerprint,
        index_of(pa.Table.from_pylist(rows)).fingerprint,
        builder.build().fingerprint,
    }
    assert len(prints) == 1
    assert index_of(rows[:-1]).fingerprint not in prints


def test_save_and_load(tmp_path):
    """A loaded index has the fingerprint, guards and matches of the saved one."""
    index = index_of(held_out())
    path = tmp_path / "guards.npz"
    index.save(path)
    again = GuardIndex.load(path)
    texts = [row["question"] for row in held_out()[:20]] + ["nothing at all like it"]
    assert again.fingerprint == index.fingerprint
    assert again.guards == index.guards
    assert again.score(texts) == index.score(texts)
    assert [p.name for p in tmp_path.iterdir()] == ["guards.npz"]


def test_foreign_files_are_refused(tmp_path):
    """A file that is no guard index is an error that names it."""
    path = tmp_path / "guards.npz"
    path.write_bytes(b"not an archive")
    with pytest.raises(RunError, match=r"guards\.npz"):
        GuardIndex.load(path)


def test_an_empty_index_matches_nothing():
    """An index without guards can be built and scores nothing."""
    index = GuardIndexBuilder().build()
    assert (index.items, index.guards, index.score(["any text of some words at all"])) == (0, {}, [None])


@given(
    st.lists(st.sampled_from(["a", "b c", "12", "the heron sleeps", "Where do"]), max_size=12),
    st.integers(0, 6),
)
def test_scores_do_not_depend_on_the_batch(parts, cut):
    """A text's match is the same whatever it is scored with."""
    index = index_of([{"q": "Where do the grey herons sleep when the river is frozen over"}])
    texts = [" ".join(parts[i:]) for i in range(len(parts))]
    assert index.score(texts) == index.score(texts[:cut]) + index.score(texts[cut:])


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=30),
        lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=4), x, max_size=4),
    )
)
def test_rows_of_any_shape_are_accepted(value):
    """A row may hold anything; it is read and counted."""
    assert index_of([{"x": value}]).guards == {"a/test": 1}


@pytest.mark.hub
def test_every_changed_gsm8k_question_is_found():
    """Every GSM8K test question with three words or one number changed scores at least a half."""
    hub = os.environ.get("TASKSEED_TEST_HUB")
    if not hub:
        pytest.skip("TASKSEED_TEST_HUB is unset")
    table = pq.read_table(Path(hub) / "openai/gsm8k/main/test.parquet")
    index = index_of(table)
    questions = table.column("question").to_pylist()
    changed = [with_words_changed(q, 3, i) for i, q in enumerate(questions)]
    numbers = [" ".join("41" if w.isdigit() else w for w in q.split()) for q in questions]
    assert sum(s < 0.5 for s in scores(index, changed)) == 0
    assert sum(s < 0.5 for s in scores(index, numbers)) == 0
