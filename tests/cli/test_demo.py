"""The first minute: `taskseed demo`, which replays recorded answers."""

import dataclasses
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import orjson
import pytest

from taskseed.checks.votes import permutation
from taskseed.cli.demo import RECORDED
from taskseed.models.base import Prompt
from taskseed.models.stored import request_key
from taskseed.prompts import load_prompts, solver_messages, styles_of
from taskseed.prompts.library import BLOCKS
from taskseed.recipe import load_recipe
from taskseed.records import KINDS, Question, content_id, from_table
from taskseed.store import ResponseStore
from tests.run.helpers import dropped, rows, taskseed, unbalanced

NO_NETWORK = """
import socket

def refuse(*arguments, **named):
    raise AssertionError("the demo opened a connection")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
"""
TASKS = (
    "algebra", "facts", "forms", "logic", "maths", "mundo", "passages", "physical", "python", "reading",
    "science", "whys",
)  # fmt: skip


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> tuple[Path, str]:
    """A demo's run directory and what it printed; no connection could be opened."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    done = taskseed("demo", "--out", str(folder / "demo"), PYTHONPATH=str(folder))
    assert done.returncode == 0, done.stderr
    return folder / "demo", done.stdout


def exchanges(folder: Path) -> list[dict]:
    """Return every exchange of a store, as a reader of its files would."""
    lines = [line for file in folder.glob("*.seg") for line in file.read_bytes().splitlines()]
    return [orjson.loads(line.split(b" ", 2)[2]) for line in lines]


def test_the_demo_makes_rows_of_every_kind_and_says_that_they_are_recorded(shown) -> None:
    """At least 40 rows over all tasks, kinds and styles; output and card say that no model was asked."""
    folder, told = shown
    made = rows(folder)
    assert {row["task"] for row in made} == {f"taskseed_{name}" for name in TASKS}
    assert {row["kind"] for row in made} == set(KINDS)
    assert {row["style"] for row in made} == {"reasoning", "knowledge", "distractors"}
    assert len(made) >= 40
    assert {row["writer_model"] for row in made if row["derivation"] == "written"} == {"recorded-llm"}
    assert {row["solver_model"] for row in made} <= {"recorded-llm", None}
    assert "Nothing was asked of a model now." in told
    assert "replayed from recorded answers" in (folder / "dataset" / "README.md").read_text()
    for reason in ("split_is_scored", "exemplars_only", "heldout_overlap"):
        assert reason in told


def test_the_demo_again_sends_nothing_and_ends_with_the_same_hash(shown) -> None:
    """A second run asks nothing, changes nothing, and every stage balances."""
    folder, told = shown
    again = taskseed("demo", "--out", str(folder)).stdout
    hashes = [line for text in (told, again) for line in text.splitlines() if line.startswith("sha256:")]
    assert len(set(hashes)) == 1
    assert len(hashes) == 2
    state = json.loads(taskseed("status", str(folder), "--json").stdout)
    assert (state["state"], state["requests"]["sent"], state["last"]["sent"]) == ("done", 0, 0)
    assert unbalanced(state) == []


def test_everything_was_recorded(shown) -> None:
    """No candidate of the demo is lost to an answer that nobody recorded."""
    folder, _ = shown
    lost = [d["evidence"] for stage in ("generate", "enrich") for d in dropped(folder, stage)]
    assert [text for text in lost if text.startswith("not_recorded")] == []


def test_the_recording_is_sound_and_as_large_as_it_says() -> None:
    """At least 60 questions, three to eight solves for each that was solved, nothing damaged."""
    store = ResponseStore(RECORDED / "responses")
    assert (store.damaged, len(store)) == ([], len(exchanges(RECORDED / "responses")))
    roles = Counter(exchange["role"] for exchange in exchanges(RECORDED / "responses"))
    assert roles["writer"] >= 60
    assert {exchange["request"]["model"] for exchange in exchanges(RECORDED / "responses")} == {
        "recorded-llm"
    }


def test_the_recording_keeps_the_prompts_it_was_made_with() -> None:
    """Its folder holds every block that its recipe has a use for: no later change of one reaches the demo."""
    kept = {
        path.relative_to(RECORDED / "prompts").as_posix() for path in (RECORDED / "prompts").rglob("*.md")
    }
    spec = load_recipe(RECORDED / "recipe.yaml").generate
    unused = {"generate/axes.md": spec.axes is None, "generate/several.md": spec.questions_per_call == 1}
    assert {name for name in BLOCKS if name not in kept and not unused.get(name)} == set()


def test_no_solve_was_shown_the_proposed_answer(shown) -> None:
    """Each recorded solve's request is, to the byte, what a question with another answer would have asked."""
    folder, _ = shown
    recipe = load_recipe(RECORDED / "recipe.yaml")
    solver = recipe.models.role("solver")
    prompts, store = load_prompts(RECORDED / "prompts"), ResponseStore(RECORDED / "responses")
    found = 0
    for question in questions(folder):
        blind = dataclasses.replace(
            question,
            answer="SECRET",
            answer_index=None,
            aliases=("SECRET",),
            checks=("SECRET",),
            solution="SECRET",
        )
        base = int(content_id("order", recipe.seed, question.question_id), 16)
        styles = [s for s in recipe.enrich.styles if s in styles_of(question)]
        for index in range(recipe.enrich.max_votes):
            order = permutation(len(question.options), index, base)
            messages, _ = solver_messages(prompts, blind, styles[index % len(styles)], order)
            assert "SECRET" not in messages[0]["content"]
            found += request_key(Prompt(solver.model, messages, solver.sampling), index) in store
    asked = Counter(exchange["role"] for exchange in exchanges(RECORDED / "responses"))
    assert found == asked["solver"]


def questions(folder: Path) -> list[Question]:
    """Return the questions that were solved."""
    from taskseed.io import read_table

    files = sorted((folder / "screen" / "kept").glob("*.parquet"))
    return [question for file in files for question in from_table(read_table(file), Question)]


def test_the_exchanges_can_be_read_with_the_command_it_prints(shown) -> None:
    """What the demo prints as a way to read the exchanges gives JSON, one exchange a line."""
    folder, told = shown
    command = re.search(r"cut -d' ' -f3- (\S+)", told)
    assert command is not None
    assert command.group(1) == f"{folder}/responses/*.seg"
    assert len(exchanges(folder / "responses")) == len(exchanges(RECORDED / "responses"))


def test_a_demo_of_another_version_is_made_anew(shown, tmp_path) -> None:
    """A folder that an older demo made is taken over; one that holds another run is refused, untouched."""
    folder, told = shown
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    recipe = (old / "recipe.yaml").read_text()
    (old / "recipe.yaml").write_text(recipe.replace("max_seeds_per_task: 6", "max_seeds_per_task: 5"))
    again = taskseed("demo", "--out", str(old))
    assert again.returncode == 0
    assert next(x for x in again.stdout.splitlines() if x.startswith("sha256:")) in told
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "recipe.yaml").write_text(recipe.replace("name: demo", "name: mine").replace(": 6", ": 5", 1))
    shutil.rmtree(other / "responses")
    refused = taskseed("demo", "--out", str(other))
    assert refused.returncode == 2
    assert "was made from another recipe" in refused.stderr
    assert not (other / "responses").exists()


def test_a_sound_run_directory_verifies_and_a_changed_one_does_not(shown, tmp_path: Path) -> None:
    """`verify` ends with 0 for what the run made, and with 1 and the place once a file was changed."""
    out = tmp_path / "demo"
    shutil.copytree(shown[0], out)
    assert taskseed("verify", str(out)).stdout == "every file is as the run made it\n"
    kept = out / "filter" / "kept" / "00000.parquet"
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 0xFF
    kept.write_bytes(bytes(data))
    (out / "dataset" / "data" / "train-00000.parquet").write_bytes(
        (out / "package" / "dropped" / "00000.parquet").read_bytes()
    )
    checked = taskseed("verify", str(out))
    assert checked.returncode == 1
    assert str(out / "dataset") in checked.stdout
