"""Calibration of a run: seeds solved blind before anything is written, and what follows from it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskseed.errors import StoppedShort, UsageError, WaitingForBatch
from taskseed.recipe import Recipe
from taskseed.records import Seed
from taskseed.run.calibrate import as_question, choose_seeds
from taskseed.run.directory import RunDirectory
from taskseed.run.events import unwatched
from taskseed.run.pipeline import Spending
from taskseed.run.plan import make_plan
from tests import teacher
from tests.run.helpers import dropped, make, model_recipe, rows, taskseed, told, unbalanced
from tests.scholar import golds, scholar
from tests.servers import MockServer, Reply, chat, server_process
from tests.stages.makers import seed

MATHS, LOGIC = "taskseed_maths", "taskseed_logic"
FEW = "tasks.min_train_rows=10"
BOTH = (f"tasks.include=[{MATHS}, {LOGIC}]", FEW, "shard_size=40", "models.writer.sampling.max_tokens=200")


def recipe_of(url: str, calibrate: int, *sets: str) -> Recipe:
    """Return a recipe over both tasks."""
    return model_recipe(url, sets=(*BOTH, f"enrich.calibrate={calibrate}", *sets))


def of_seeds(server: MockServer) -> list[str]:
    """Return the prompts in which a seed was to be solved, in order of arrival."""
    known = [*golds(MATHS), *golds(LOGIC)]
    prompts = [request["messages"][-1]["content"] for request in server.received]
    return [p for p in prompts if "# Seed" not in p and any(q in p for q in known)]


def answers(server: MockServer, writing: bool) -> int:
    """Return how many completions were asked for, by whether a question was to be written."""
    return sum(
        r.get("n") or 1 for r in server.received if ("# Seed" in r["messages"][-1]["content"]) == writing
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe, dict[str, Any], MockServer]:
    """A finished run whose teacher knows the maths and none of the logic, which is refused."""
    out = tmp_path_factory.mktemp("measured") / "run"
    with MockServer(scholar([MATHS], ignores=[LOGIC])) as server:
        recipe = recipe_of(server.base_url, 8, "enrich.min_precision=0.8")
        return out, recipe, make(recipe, out), server


def test_figures_are_the_teachers(measured) -> None:
    """Eight seeds of each family, all right in the one it knows, all wrong in the other."""
    figures = {f["family"]: f for f in measured[2]["calibration"]["families"]}
    assert sorted(figures) == [LOGIC, MATHS]
    for family, right in ((MATHS, 8), (LOGIC, 0)):
        found = figures[family]
        assert (found["seeds"], found["decided"], found["right"]) == (8, 8, right)
        assert found["accuracy"] == found["precision"] == right / 8
        assert (found["coverage"], found["levels"][0]["votes"]) == (1.0, 8)
    assert figures[MATHS]["precision_low"] == pytest.approx(0.6756, abs=1e-4)
    assert figures[LOGIC]["precision_high"] == pytest.approx(0.3244, abs=1e-4)


def test_seeds_are_solved_before_anything_is_written(measured) -> None:
    """Nothing is paid for a family before it is known whether the teacher can do it."""
    _, _, _, server = measured
    seeds = of_seeds(server)
    first = [request["messages"][-1]["content"] for request in server.received[: len(seeds)]]
    assert sorted(first) == sorted(seeds)


def test_a_seed_is_solved_blind(measured) -> None:
    """No worked solution and no gold mark stands in a request that solves a seed."""
    marks = ("<<", "####", "gold")
    assert [p for p in of_seeds(measured[3]) if any(mark in p for mark in marks)] == []


def test_a_weak_family_is_refused_before_it_is_paid_for(measured) -> None:
    """Its slots are dropped with the reason and the figures, and the writer was asked for none of them."""
    out, _, state, server = measured
    generate = next(stage for stage in state["stages"] if stage["stage"] == "generate")
    weak = [d for d in dropped(out, "generate") if d["reason"] == "teacher_too_weak"]
    assert generate["dropped"]["teacher_too_weak"] == len(weak) == 2 * 24
    assert {d["task"] for d in weak} == {LOGIC}
    assert {d["evidence"] for d in weak} == {
        "0 of 8 decided votes on its seeds were right, which is at most 0.324; enrich.min_precision is 0.8"
    }
    written = [r["messages"][-1]["content"] for r in server.received]
    assert [p for p in written if "# Seed" in p and any(q in p for q in golds(LOGIC))] == []
    assert unbalanced(state) == []
    assert {row["task"] for row in rows(out)} == {MATHS}


def test_it_is_paid_as_a_stage_of_its_own(measured) -> None:
    """Both accounts have a line for it, with the answers that the server gave; the sums are the server's."""
    _, _, state, server = measured
    by_stage = {row["stage"]: row for row in state["usage"]}
    assert [(row["stage"], row["role"]) for row in state["usage"]] == [
        ("calibrate", "solver"),
        ("generate", "writer"),
        ("enrich", "solver"),
    ]
    assert (
        by_stage["calibrate"]["answers"] == len(of_seeds(server)) == state["calibration"]["took"]["answers"]
    )
    assert by_stage["calibrate"]["answers"] + by_stage["enrich"]["answers"] == answers(server, writing=False)
    assert state["requests"]["sent"] == server.requests
    by_task = {(row["stage"], row["task"]): row["answers"] for row in state["usage_by_task"]}
    both = by_task["calibrate", MATHS] + by_task["calibrate", LOGIC]
    assert both == by_stage["calibrate"]["answers"]
    for name in ("input", "output"):
        assert state["tokens"][name] == sum(row[name] for row in state["usage"])
    assert state["cost_usd"] == pytest.approx(sum(row["cost_usd"] for row in state["usage"]))


def test_card_and_manifest_say_it(measured) -> None:
    """The manifest has what status has; the card has the label precision and a line per family."""
    out, _, state, _ = measured
    assert json.loads((out / "manifest.json").read_text())["calibration"] == state["calibration"]
    labels = state["calibration"]["label_precision"]
    questions = {row["question_id"] for row in rows(out)}
    assert labels["questions"] == len(questions)
    assert labels["low"] <= 1.0 <= labels["high"]  # every kept answer is right: tests/run/test_run.py
    card = (out / "dataset" / "README.md").read_text()
    assert f"Expected label precision: **{labels['expected']:.1%}**" in card
    assert f"| {LOGIC} | 8 | 0.0% (0.0%–32.4%) | 100.0% (67.6%–100.0%) | 0.0% (0.0%–32.4%) |" in card


def test_the_label_precision_counts_the_runs_own_disagreements(measured) -> None:
    """Agreement with the writer is that of the decided votes of the run.

    A vote that ended because the writer's answer would hardly be confirmed, with solves for several answers,
    is not one of them.
    """
    out, _, state, _ = measured
    enrich = next(stage for stage in state["stages"] if stage["stage"] == "enrich")
    against = [d for d in dropped(out, "enrich") if d["reason"] == "disagrees_with_writer"]
    votes = [Counter(solve["vote"] for solve in json.loads(d["record"])["solves"]) for d in against]
    disagreed = sum(len(of_one) == 1 for of_one in votes)
    assert 0 < disagreed < len(votes)
    assert state["calibration"]["label_precision"]["agreement_with_writer"] == pytest.approx(
        enrich["kept"] / (enrich["kept"] + disagreed)
    )


def test_what_became_of_each_seed_is_kept(measured) -> None:
    """calibrate/kept and dropped have every seed with its votes; a wrong vote names both answers."""
    out, _, _, _ = measured
    wrong = dropped(out, "calibrate")
    assert Counter((d["task"], d["reason"]) for d in wrong) == {(LOGIC, "disagrees_with_gold"): 8}
    assert {d["stage"] for d in wrong} == {"calibrate"}
    gold = golds(LOGIC)
    for entry in wrong:
        assert entry["evidence"].partition(" / ")[0] in gold.values()
    assert len(RunDirectory(out).read_shard("normalize", 0, Seed)) == 40
    assert RunDirectory(out).shard_count("calibrate", 0).kept == 8


def test_status_shows_it(measured) -> None:
    """The command prints a table by family, the votes by agreement and the label precision."""
    out, _, state, _ = measured
    text = taskseed("status", str(out)).stdout
    labels = state["calibration"]["label_precision"]
    assert "calibration: 16 seeds, whose answers are known, solved blind" in text
    assert "leaders that were right, by agreement: 8 of 16 at 100%\n" in text
    assert f"expected label precision: {labels['expected']:.1%}" in text
    assert json.loads(taskseed("status", str(out), "--json").stdout)["calibration"] == state["calibration"]


def test_a_finished_run_asks_for_nothing(measured) -> None:
    """With the server gone it ends with the same data and the same figures."""
    out, recipe, state, _ = measured
    again = make(recipe, out)
    assert again["last"]["sent"] == 0
    assert (again["dataset"], again["calibration"]) == (state["dataset"], state["calibration"])


def test_a_change_asks_only_what_changed(tmp_path: Path) -> None:
    """More seeds: only those are asked. A threshold: nothing is, until a family is no longer refused."""
    with MockServer(scholar([MATHS], ignores=[LOGIC])) as server:

        def updated(calibrate: int, *sets: str) -> tuple[dict[str, Any], int]:
            before = server.requests
            state = make(recipe_of(server.base_url, calibrate, *sets), tmp_path, update=True)
            assert unbalanced(state) == []
            return state, server.requests - before

        plain, _ = updated(0)
        assert (plain["calibration"], of_seeds(server)) == (None, [])
        five, asked = updated(5)
        assert asked == len(of_seeds(server)) == five["calibration"]["took"]["answers"]
        with pytest.raises(UsageError, match=r"enrich\.calibrate was 5, is 7"):
            make(recipe_of(server.base_url, 7), tmp_path)
        seven, asked = updated(7)
        assert asked == seven["calibration"]["took"]["answers"] - five["calibration"]["took"]["answers"] > 0
        assert seven["dataset"] == five["dataset"] == plain["dataset"]
        assert seven["calibration"]["asked"] == 14
        strict, asked = updated(7, "enrich.min_precision=0.9")
        assert (asked, strict["dataset"]["rows"] > 0) == (0, True)
        assert strict["stages"][2]["dropped"]["teacher_too_weak"] == 48
        back, asked = updated(7)
        assert (asked, back["dataset"]) == (0, plain["dataset"])
        of_seeds_before = len(of_seeds(server))
        replaced, _ = updated(7, "enrich.on_disagreement=replace")
        assert len(of_seeds(server)) == of_seeds_before  # what votes may replace changes nothing for seeds
        assert replaced["calibration"]["families"] == seven["calibration"]["families"]
        none, asked = updated(0)
        assert (asked, none["calibration"], none["dataset"]) == (0, None, plain["dataset"])
    assert set(server.bodies.values()) == {1}


def test_a_stopped_calibration_goes_on_where_it_was(tmp_path: Path) -> None:
    """A budget that ends in it: nothing is written, and nothing is asked twice."""
    with MockServer(scholar([MATHS], ignores=[LOGIC])) as server:
        recipe = recipe_of(server.base_url, 8, "enrich.min_precision=0.8")
        with pytest.raises(StoppedShort, match="budget"):
            make(recipe, tmp_path, spending=Spending(tokens=12_000))
        stopped = server.requests
        assert 0 < stopped == len(of_seeds(server)) < 48
        assert told(tmp_path, recipe)["calibration"] is None
        state = make(recipe, tmp_path)
        assert state["calibration"]["asked"] == 16
    assert set(server.bodies.values()) == {1}


@pytest.mark.slow
def test_killed_while_seeds_are_solved_it_pays_only_what_was_in_flight_again(tmp_path: Path) -> None:
    """After a kill -9 the same figures come, and no more is repeated than was out at that moment."""
    with server_process(tmp_path / "log", "tests.teacher:respond", delay=0.1) as server:
        recipe = recipe_of(
            server.base_url, 20, "models.writer.concurrency=4", "models.writer.api_key_env=null"
        )
        file = tmp_path / "recipe.yaml"
        file.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "taskseed",
                "run",
                str(file),
                "--out",
                str(tmp_path / "run"),
                "--quiet",
                "--limit",
                "14",
            ],
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        until = time.monotonic() + 60
        while time.monotonic() < until and (not server.log.exists() or len(server.entries("answered")) < 10):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert told(tmp_path / "run", recipe)["calibration"] is None
        state = make(recipe, tmp_path / "run", limit=14)
        repeated = Counter(entry["key"] for entry in server.entries("arrived"))
        assert sum(times - 1 for times in repeated.values()) <= 4
    with MockServer(teacher.respond) as other:
        calm = make(recipe_of(other.base_url, 20), tmp_path / "calm", limit=14)
    assert state["calibration"] == calm["calibration"]
    assert state["dataset"] == calm["dataset"]


def test_where_nothing_was_recorded_nothing_is_told(tmp_path: Path) -> None:
    """A replay without the seeds' answers counts them as lost, and makes up no figure."""
    recipe = recipe_of("http://127.0.0.1:9/v1", 3, "responses.on_miss=refuse", "enrich.min_precision=0.9")
    state = make(recipe, tmp_path)
    found = state["calibration"]
    assert (found["asked"], found["lost"], found["overall"]["seeds"]) == (6, 6, 0)
    assert (found["overall"]["precision"], found["label_precision"]) == (None, None)
    assert "teacher_too_weak" not in state["stages"][2]["dropped"]
    assert "6 more got no response" in taskseed("status", str(tmp_path)).stdout


def test_a_place_that_is_preferred_shows(tmp_path: Path) -> None:
    """A model that always takes the first option shown is told from the right options' places."""

    def first(request: dict[str, Any], number: int) -> Reply:
        prompt = request["messages"][-1]["content"]
        option = prompt.rpartition("\nA) ")[2].partition("\n")[0]
        return chat(*[f"It stands first.\n\nAnswer: {option}"] * (request.get("n") or 1))

    with MockServer(first) as server:
        recipe = model_recipe(
            server.base_url,
            sets=(f"tasks.include=[{LOGIC}]", FEW, "enrich.calibrate=12", "enrich.min_votes=4"),
        )
        (place,) = make(recipe, tmp_path)["calibration"]["places"]
    assert (place["model"], place["place"], place["chosen"][0]) == ("teacher", 0, 1.0)
    assert place["gold"][0] == 0.25  # four solves show each option once in each place
    assert place["excess"] == 0.75
    assert 0.5 < place["low"] < 0.75 < place["high"] < 1.0


def test_it_waits_for_a_batch_before_anything_is_written(tmp_path: Path) -> None:
    """With on_miss: queue only the seeds are asked at first."""
    recipe = recipe_of("http://127.0.0.1:9/v1", 3, "responses.on_miss=queue")
    with pytest.raises(WaitingForBatch):
        make(recipe, tmp_path)
    waiting = [json.loads(line) for line in (tmp_path / "pending.jsonl").read_text().splitlines()]
    assert {entry["role"] for entry in waiting} == {"calibration"}
    assert len(waiting) == 3 * 2 * 3


def test_a_plan_tells_what_the_labels_will_be(tmp_path: Path) -> None:
    """Its pilot solves about as many seeds as it takes; what it took is told, and not asked again."""
    with MockServer(scholar([MATHS], ignores=[LOGIC])) as server:
        recipe = recipe_of(server.base_url, 0)
        plan = make_plan(recipe, tmp_path, 10, None, Spending(), unwatched)
        assert plan.calibration["asked"] == 10
        assert plan.calibration["took"]["answers"] == len(of_seeds(server))
        assert {f["family"]: f["precision"] for f in plan.calibration["families"]} == {MATHS: 1.0, LOGIC: 0.0}
        assert plan.calibration["label_precision"]["questions"] > 0
        wanted = recipe_of(server.base_url, 5)
        state = make(wanted, tmp_path, update=True)
        assert state["calibration"]["asked"] == 10
        assert set(server.bodies.values()) == {1}


def test_a_plan_counts_what_the_recipe_solves(tmp_path: Path) -> None:
    """With `calibrate` in the recipe its seeds are part of the figures and refused families of the pilot."""
    with MockServer(scholar([MATHS], ignores=[LOGIC])) as server:
        recipe = recipe_of(server.base_url, 8, "enrich.min_precision=0.8")
        bounds = make_plan(recipe, tmp_path / "bounds", 0, None, Spending(), unwatched)
        plan = make_plan(recipe, tmp_path / "run", 20, None, Spending(), unwatched)
        state = make(recipe, tmp_path / "run")
    assert list(plan.calibration["weak"]) == [LOGIC]
    answered = state["requests"]["answered"]
    assert plan.figures["answers"].low <= answered <= plan.figures["answers"].high
    assert answered <= bounds.figures["answers"].high
    assert plan.calibration["took"]["answers"] == state["calibration"]["took"]["answers"]


def test_the_command_prints_a_plans_calibration(tmp_path: Path) -> None:
    """After the table of figures come families, labels and the cost."""
    recipe = tmp_path / "r.yaml"
    with MockServer(scholar([MATHS])) as server:
        recipe.write_text(
            f"name: r\ntasks: {{include: [{MATHS}]}}\nheld_out: {{suites: []}}\nmodels:\n"
            f"  writer: {{model: teacher, base_url: '{server.base_url}', price: {{input: 1, output: 2}}}}\n"
        )
        done = taskseed("plan", str(recipe), "--out", str(tmp_path / "out"), "--pilot", "5", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert "calibration: 5 seeds, whose answers are known, solved blind (95 % intervals)" in done.stdout
    assert "expected label precision: " in done.stdout
    assert "solving the seeds took 20 answers" in done.stdout


def test_seeds_are_drawn_by_the_recipes_seed(measured) -> None:
    """The same seed draws the same, more are those and others, and another seed draws others."""
    directory = RunDirectory(measured[0])

    def ids(count: int, random_seed: int) -> list[str]:
        chosen = choose_seeds(directory, 3, count, random_seed, lambda: True)
        assert [len(found) for found in chosen.values()] == [count, count]
        return [seed.seed_id for found in chosen.values() for seed in found]

    assert ids(6, 1) == ids(6, 1)
    assert set(ids(6, 1)) < set(ids(9, 1))
    assert ids(6, 1) != ids(6, 2)


def test_seeds_that_no_vote_can_judge_are_not_drawn(tmp_path: Path) -> None:
    """Without a sandbox code is not solved: nothing would be learnt of it. Families are then fewer."""
    with MockServer(scholar([MATHS])) as server:
        recipe = model_recipe(server.base_url, sets=(f"tasks.include=[{MATHS}, taskseed_python]", FEW))
        make(recipe, tmp_path, last_stage="normalize")
    shards = len(RunDirectory(tmp_path).shards("normalize"))
    with_code = choose_seeds(RunDirectory(tmp_path), shards, 4, 0, lambda: True)
    without = choose_seeds(RunDirectory(tmp_path), shards, 4, 0, lambda: False)
    assert (list(with_code), list(without)) == ([MATHS, "taskseed_python"], [MATHS])


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (("enrich.min_precision=0.9",), "`min_precision` needs `calibrate`"),
        (("enrich.calibrate=-1",), "greater than or equal to 0"),
        (("enrich.calibrate=3", "enrich.min_precision=1.5"), "less than or equal to 1"),
        (
            ("enrich.calibrate=3", "generate.kind=numeric", "models.solver=null"),
            "`enrich.calibrate` needs a `models.solver`",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(sets: tuple[str, ...], said: str) -> None:
    """A recipe that would promise a figure that nobody takes is an error."""
    with pytest.raises(UsageError, match=said):
        model_recipe("http://127.0.0.1:9/v1", sets=sets)


def test_a_seed_is_solved_under_its_tasks_own_rules() -> None:
    """What finds, compares and checks answers goes with the seed into the question that is solved."""
    rules = {"extractor": '{"a": 1}', "equivalence": '{"b": 2}', "schema": '{"type": "object"}'}
    question = as_question(seed(kind="structured", **rules))
    assert {name: getattr(question, name) for name in rules} == rules
