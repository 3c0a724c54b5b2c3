"""The card and the attribution page say what is in the rows, and what is not known."""

import dataclasses

import pytest
import yaml

from taskseed.checks.artifacts import FIGURES
from taskseed.dataset.card import CardFacts, SourceLicense, attribution, card, count_rows
from taskseed.records import Sample, to_table
from tests.stages.makers import sample

FACTS = CardFacts(
    name="glazes",
    taskseed_version="1.2.3",
    harness_version="0.4.13",
    sha256="abc123",
    guards_checked={"held/out/test": 7, "other/test": 5},
    guards_unchecked={},
    funnel=[
        {"stage": "screen", "in": 9, "kept": 4, "dropped": {"seed_copy": 1, "near_duplicate": 4}},
        {"stage": "package", "in": 4, "kept": 4, "dropped": {}},
    ],
    tokenizer="words",
)
ROWS = [
    sample(0, tokens=10),
    sample(1, tokens=5, style="direct", agreement=0.6),
    sample(2, tokens=1, task="another", license="CC-BY-4.0"),
    sample(3, verifier="recomputed", derivation="numeric_variant", agreement=None, votes_total=0),
]


def page(rows=ROWS, **changes):
    """Return the card of rows."""
    return card(count_rows(to_table(rows, Sample)), dataclasses.replace(FACTS, **changes))


def header(text):
    """Return the YAML at the head of a card."""
    return yaml.safe_load(text.split("---\n")[1])


def table_after(text, heading):
    """Return the cells of the table under a heading."""
    lines = text.partition(heading)[2].split("\n\n##")[0].splitlines()
    return [[c.strip() for c in line.strip("| ").split(" | ")] for line in lines if line.startswith("| ")]


def test_the_header_is_yaml_that_names_the_files():
    """The Hub reads the data's place, the name and tags from the head of the card."""
    made = header(page())
    assert made["pretty_name"] == "glazes"
    assert made["configs"] == [
        {"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*.parquet"}]}
    ]
    assert "taskseed" in made["tags"]


@pytest.mark.parametrize(
    ("licenses", "stated"),
    [(["MIT", "MIT"], "mit"), (["MIT", "CC-BY-4.0"], "other"), (["unknown"], "other"), ([], "other")],
)
def test_one_known_licence_is_stated_and_anything_else_is_other(licenses, stated):
    """Mixed or unknown terms are not summed up in one word."""
    assert header(page([sample(n, license=name) for n, name in enumerate(licenses)]))["license"] == stated


def test_rows_tokens_and_hash_are_stated():
    """The card counts rows and tokens of the table it is given."""
    assert "4 rows, 16 tokens (words), content hash `abc123`." in page()


def test_the_composition_counts_rows_by_task_kind_capability_and_style():
    """Each combination is one line, in order."""
    assert table_after(page(), "## What is in it")[1:] == [
        ["another", "multiple_choice", "knowledge", "knowledge", "1"],
        ["made_up", "multiple_choice", "knowledge", "direct", "1"],
        ["made_up", "multiple_choice", "knowledge", "knowledge", "2"],
    ]


def test_where_nobody_voted_there_is_no_agreement():
    """Means are over the rows that have votes; a row without votes shows a dash, never a number."""
    assert table_after(page(), "## How the answers were established")[1:] == [
        ["recomputed", "numeric_variant", "1", "0.0", "–"],
        ["vote", "written", "3", "5.0", "0.733"],
    ]


def test_the_funnel_names_reasons_by_how_often_they_came():
    """Each stage's line has its counts and its reasons, the most frequent first."""
    assert table_after(page(), "## From task to row")[1:] == [
        ["screen", "9", "4", "near_duplicate 4, seed_copy 1"],
        ["package", "4", "4", "–"],
    ]


def line(task, stage, **amounts):
    """Return a line of the manifest's `usage_by_task`."""
    names = ("answers", "input", "output", "cached_input", "reasoning", "estimated_input", "estimated_output")
    usage = {**dict.fromkeys(names, 0), **amounts}
    usage["estimated"] = usage["estimated_input"] + usage["estimated_output"]
    return {"task": task, "stage": stage, "cost_usd": 0.5, **usage}


def told(stage):
    """Return the heads of a stage's columns."""
    return [f"{stage}: {words}" for words in ("answers", "tokens in", "tokens out")]


def test_what_it_cost_is_told_by_task_and_stage():
    """Tokens in and out by stage, per kept row, and USD; a task without a kept row has no such quotient."""
    usage = [
        line("made_up", "generate", answers=4, input=100, output=50, cached_input=60),
        line("nothing", "generate", answers=1, input=10, output=20),
        line("made_up", "enrich", answers=9, input=300, output=150, reasoning=120),
    ]
    made = page(usage=usage)
    assert table_after(made, "## What it cost") == [
        ["task", "rows", *told("generate"), *told("enrich"), "tokens per row", "USD"],
        ["made_up", "3", "4", "100", "50", "9", "300", "150", "200", "1.0000"],
        ["nothing", "0", "1", "10", "20", "0", "0", "0", "–", "0.5000"],
        ["all", "3", "5", "110", "70", "9", "300", "150", "210", "1.5000"],
    ]
    assert (
        "60 of the tokens in came from a prompt cache. 120 of the tokens out were spent on thinking." in made
    )
    assert ("~" in made, "unknown where a model has no price" in made) == (False, False)


def test_estimates_and_unknown_prices_are_marked():
    """An estimate has its sign wherever it went in; without a price the cost is unknown, not 0."""
    usage = [
        line("made_up", "generate", answers=4, input=100, output=50),
        line("made_up", "enrich", answers=9, estimated_input=30, estimated_output=60, cost_usd=None),
    ]
    made = page(usage=usage)
    assert table_after(made, "## What it cost")[1:] == [
        ["made_up", "3", "4", "100", "50", "9", "~30", "~60", "~80", "unknown"]
    ]
    assert "no token counts were told" in made
    assert "unknown where a model has no price" in made


def test_where_nothing_is_known_of_the_cost_nothing_is_told():
    """No model asked, and shards of an earlier version, are different things."""
    assert "## What it cost\n\nNo model was asked.\n" in page()
    assert "## What it cost\n\n3 shards were made by an earlier version" in page(shards_without_usage=3)


def test_unchecked_guards_are_listed():
    """What was checked is counted, what could not be loaded is named with the reason."""
    assert "Checked against 2 held-out sets (12 rows). None was left unchecked." in page()
    missing = page(guards_unchecked={"gated/test": "offline"})
    assert "**unchecked**" in missing
    assert table_after(missing, "## Held-out sets")[1:] == [["gated/test", "offline"]]


def test_notes_stand_in_the_card():
    """What the run wants said is said as it is."""
    assert "\n\nNumbers were changed.\n\n" in page(notes=["Numbers were changed."])


def test_an_empty_data_set_has_a_card():
    """Where nothing was kept the card says so."""
    made = page([])
    assert "0 rows, 0 tokens" in made
    assert "No row was kept." in made


def test_cells_cannot_break_a_table():
    """A pipe or a line break in a name stays inside its cell."""
    made = page([sample(task="a|b\nc")])
    assert "| a\\|b c | multiple_choice | knowledge | knowledge | 1 |" in made


def test_attribution_names_each_source_with_its_rows_and_terms():
    """Every source has its line; unknown terms and missing obligations are shown as such."""
    rows = [sample(0), sample(1), sample(2, source_config="main")]
    sources = [
        SourceLicense("made/up", None, "MIT", "attribution", "the data set's card"),
        SourceLicense("made/up", "main", "unknown", "", ""),
    ]
    made = attribution(count_rows(to_table(rows, Sample)), sources)
    assert table_after(made, "# Attribution")[1:] == [
        ["made/up", "–", "2", "MIT", "attribution", "the data set's card"],
        ["made/up", "main", "1", "unknown", "–", "–"],
    ]


@pytest.mark.parametrize(
    ("writer", "solver", "ending"),
    [
        ("w", "s", "are part of the rows: `s`, `w`.\n"),
        (None, "s", "are part of the rows: `s`.\n"),
        (None, None, "it is stated |\n|---|---|---|---|---|---|\n"),
    ],
)
def test_attribution_names_the_models_whose_words_are_in_the_rows(writer, solver, ending):
    """Models are named once each; where none wrote, none is named."""
    made = attribution(count_rows(to_table([sample(writer_model=writer, solver_model=solver)], Sample)), [])
    assert made.endswith(ending.replace("are part", "is part"))


def test_what_gives_answers_away_is_told_with_intervals_and_seeds():
    """Each figure stands with its interval, what chance gives and the seeds' own; what is above is marked."""
    rate = {"value": 0.7, "low": 0.65, "high": 0.74, "expected": 0.25}
    seeds = {"value": 0.3, "low": 0.2, "high": 0.4, "expected": 0.25}
    figures = {name: {"made": rate, "seeds": seeds, "above": name == "gold_longest"} for name in FIGURES}
    figures["choices_only"] = {"made": None, "seeds": None, "above": False}
    figures["catch_all"] = {"made": rate, "seeds": None, "above": False}
    entry = {"task": "glazes", "model": "m", "questions": 400, "seed_questions": 90}
    entry["figures"] = figures
    places = {"positions": [90, 110], "seed_positions": []}
    made = page(artifacts=[{**entry, **places}, {**entry, **places, "task": None}])
    head, first, last = table_after(made, "## What gives answers away")
    told = "70 (65–74) · 25 · 30 (20–40)"
    assert first == [
        "glazes", "m", "400 · 90", f"▲ {told}", told, told, told, "70 (65–74) · 25 · –", "too few",
        "90 110 · –",
    ]  # fmt: skip
    assert (last[0], len(head)) == ("all", len(first))
    assert "What gives answers away" not in page()
