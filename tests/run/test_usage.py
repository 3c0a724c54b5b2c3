"""What a run took, against an account that the server keeps."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from taskseed.errors import StoppedShort
from taskseed.io import read_table, write_table
from taskseed.recipe import Recipe
from taskseed.run.events import unwatched
from taskseed.run.pipeline import Spending
from taskseed.run.plan import make_plan
from taskseed.tasks import BUILTIN_PATH
from tests import teacher
from tests.run.helpers import ALIKE, make, model_recipe, rows, taskseed, told
from tests.servers import MockServer, Reply

PRICES = ("models.writer.price={input: 2.0, output: 8.0, cached_input: 0.5}",)
MARK = "Ouagadougou"
SUMMED = ("input", "output", "cached_input", "reasoning", "estimated")


class Bill:
    """A server's answers, with cached and reasoning tokens, and what it would bill for them, by stage."""

    def __init__(self) -> None:
        self.by_stage: dict[str, Counter[str]] = {"generate": Counter(), "enrich": Counter()}
        self.of_mine: Counter[str] = Counter()

    def __call__(self, request: dict[str, Any], number: int) -> Reply:
        """Answer as the teacher does, half of the prompt from a cache, a third of the output thinking."""
        reply = teacher.respond(request, number)
        usage = reply.body["usage"]
        cached, thought = usage["prompt_tokens"] // 2, usage["completion_tokens"] // 3
        usage["prompt_tokens_details"] = {"cached_tokens": cached}
        usage["completion_tokens_details"] = {"reasoning_tokens": thought}
        prompt = request["messages"][-1]["content"]
        billed = Counter(
            answers=len(reply.body["choices"]),
            requests=1,
            input=usage["prompt_tokens"],
            output=usage["completion_tokens"],
            cached_input=cached,
            reasoning=thought,
        )
        self.by_stage["generate" if "# Seed" in prompt else "enrich"].update(billed)
        if "# Seed" in prompt and MARK in prompt:
            self.of_mine.update(billed)
        return reply


def untold(request: dict[str, Any], number: int) -> Reply:
    """Answer as the teacher does, without a word about tokens."""
    reply = teacher.respond(request, number)
    del reply.body["usage"]
    return reply


def two_tasks(url: str, folder: Path, sets: tuple[str, ...] = PRICES) -> Recipe:
    """Return a recipe over the built-in maths task and one of its own whose seeds all carry a mark."""
    if not folder.exists():
        shutil.copytree(BUILTIN_PATH / "taskseed_maths", folder / "mine")
        task, train = folder / "mine" / "taskseed_maths.yaml", folder / "mine" / "train.jsonl"
        task.write_text(task.read_text().replace("task: taskseed_maths", "task: mine"))
        seeds = [json.loads(line) for line in train.read_text().splitlines()]
        marked = [{**seed, "question": f"In {MARK}: {seed['question']}"} for seed in seeds]
        train.write_text("".join(json.dumps(seed) + "\n" for seed in marked))
    chosen = ("tasks.include=[taskseed_maths, mine]", f"tasks.include_path={folder}", "shard_size=16")
    return model_recipe(url, sets=(*chosen, "tasks.max_seeds_per_task=14", *ALIKE, *sets))


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe, dict[str, Any], Bill]:
    """A finished run, what it says it took, and the server's account."""
    folder, bill = tmp_path_factory.mktemp("billed"), Bill()
    with MockServer(bill) as server:
        recipe = two_tasks(server.base_url, folder / "tasks")
        return folder / "run", recipe, make(recipe, folder / "run"), bill


def usd(billed: Counter[str]) -> float:
    """Return what the server would bill."""
    full = billed["input"] - billed["cached_input"]
    return (full * 2.0 + billed["cached_input"] * 0.5 + billed["output"] * 8.0) / 1e6


def sums(table: list[dict[str, Any]], **where: str) -> dict[str, int]:
    """Return the sums of the lines of a table that are of a stage or task."""
    chosen = [row for row in table if all(row[name] == value for name, value in where.items())]
    return {name: sum(row[name] for row in chosen) for name in ("answers", *SUMMED)}


def test_each_stage_took_what_the_server_would_bill(billed) -> None:
    """Requests, answers, tokens and USD by stage are the server's own; choices share one prompt."""
    _, _, state, bill = billed
    assert [(row["stage"], row["role"], row["model"]) for row in state["usage"]] == [
        ("generate", "writer", "teacher"),
        ("enrich", "solver", "teacher"),
    ]
    for row in state["usage"]:
        account = bill.by_stage[row["stage"]]
        assert {name: row[name] for name in account} == dict(account)
        assert row["cost_usd"] == pytest.approx(usd(account), abs=1e-6)
    whole = bill.by_stage["generate"] + bill.by_stage["enrich"]
    assert bill.by_stage["generate"]["answers"] > bill.by_stage["generate"]["requests"]
    assert state["tokens"] == {name: whole[name] for name in SUMMED}
    assert state["cost_usd"] == pytest.approx(usd(whole), abs=1e-6)


def test_tasks_share_what_the_stages_took(billed) -> None:
    """By task nothing is lost or counted twice, and a task whose prompts are known took what those took."""
    _, _, state, bill = billed
    table = state["usage_by_task"]
    assert [(row["stage"], row["task"]) for row in table] == [
        (stage, task) for stage in ("generate", "enrich") for task in ("mine", "taskseed_maths")
    ]
    for stage, account in bill.by_stage.items():
        assert sums(table, stage=stage) == {name: account[name] for name in ("answers", *SUMMED)}
    mine = sums(table, stage="generate", task="mine")
    assert mine == {name: bill.of_mine[name] for name in ("answers", *SUMMED)}
    assert state["shards_without_usage"] == 0


def test_manifest_and_card_have_the_table(billed) -> None:
    """The manifest has both accounts; the card has tokens per kept row of each task."""
    out, _, state, _ = billed
    manifest = json.loads((out / "manifest.json").read_text())
    for name in ("usage", "usage_by_task", "tokens", "cost_usd", "shards_without_usage"):
        assert manifest[name] == state[name]
    card = (out / "dataset" / "README.md").read_text()
    kept = Counter(row["task"] for row in rows(out))
    for task in ("mine", "taskseed_maths"):
        took = sums(state["usage_by_task"], task=task)
        line = next(line for line in card.splitlines() if line.startswith(f"| {task} | {kept[task]} |"))
        assert line.split(" | ")[-2] == f"{(took['input'] + took['output']) / kept[task]:.0f}"
    assert f"{state['tokens']['cached_input']} of the tokens in came from a prompt cache." in card


def test_status_shows_cached_and_reasoning_tokens_where_there_are_any(billed) -> None:
    """The command says them in words, and the stages in a table."""
    out, _, state, _ = billed
    text = taskseed("status", str(out)).stdout
    tokens = {name: f"{amount:,}" for name, amount in state["tokens"].items()}
    assert (
        f"tokens: {tokens['input']} in ({tokens['cached_input']} from a prompt cache), "
        f"{tokens['output']} out ({tokens['reasoning']} reasoning); cost: {state['cost_usd']:.4f} USD"
    ) in text
    assert [line.split()[0] for line in text.splitlines() if line.endswith(" teacher")] == [
        "generate", "enrich",
    ]  # fmt: skip
    assert "~" not in text
    assert json.loads(taskseed("status", str(out), "--json").stdout)["usage"] == state["usage"]


def test_a_replay_pays_nothing_and_its_tasks_took_the_same(billed, tmp_path: Path) -> None:
    """What was found in a store was paid for elsewhere: no cost here, the same tokens behind the rows."""
    out, recipe, state, _ = billed
    sets = ("responses.on_miss=refuse", f"responses.store={out / 'responses'}", "models.writer.price=null")
    again = two_tasks("http://127.0.0.1:9/v1", recipe.tasks.include_path, sets)
    replayed = make(again, tmp_path)
    assert replayed["dataset"] == state["dataset"]
    assert (replayed["cost_usd"], replayed["usage"]) == (0.0, [])
    assert replayed["tokens"] == dict.fromkeys(SUMMED, 0)
    unpriced = [{**row, "cost_usd": None} for row in state["usage_by_task"]]
    assert replayed["usage_by_task"] == unpriced
    assert "unknown" in (tmp_path / "dataset" / "README.md").read_text().partition("## What it cost")[2]


def test_where_no_tokens_are_told_estimates_are_marked(tmp_path: Path) -> None:
    """Nothing is told, so input and output are 0, and estimates stand apart with their sign."""
    with MockServer(untold) as server:
        recipe = model_recipe(server.base_url, sets=("tasks.max_seeds_per_task=10",))
        state = make(recipe, tmp_path)
        asked = [sum(len(m["content"].encode()) for m in r["messages"]) for r in server.received]
    tokens, table = state["tokens"], state["usage"]
    assert (tokens["input"], tokens["output"]) == (0, 0)
    assert sum(row["estimated_input"] for row in table) == sum(-(-size // 3) for size in asked)
    assert tokens["estimated"] == sum(row["estimated"] for row in table)
    assert sums(state["usage_by_task"])["estimated"] == tokens["estimated"]
    usd = sum(row["estimated_input"] * 1.0 + row["estimated_output"] * 2.0 for row in table) / 1e6
    assert state["cost_usd"] == pytest.approx(usd, abs=1e-6)
    text = taskseed("status", str(tmp_path)).stdout
    assert (
        f"tokens: 0 in, 0 out, ~{tokens['estimated']:,} estimated from the lengths of texts; "
        f"cost: ~{state['cost_usd']:.4f} USD"
    ) in text
    assert "| ~" in (tmp_path / "dataset" / "README.md").read_text()


def test_an_unknown_price_is_said(tmp_path: Path) -> None:
    """A solver without a price makes the whole unknown; the writer's own cost is told."""
    with MockServer(teacher.respond) as server:
        solver = f"models.solver={{model: other, base_url: '{server.base_url}'}}"
        recipe = model_recipe(server.base_url, sets=("tasks.max_seeds_per_task=6", solver))
        state = make(recipe, tmp_path)
    assert state["cost_usd"] is None
    assert [(row["model"], row["cost_usd"] is None) for row in state["usage"]] == [
        ("teacher", False),
        ("other", True),
    ]
    assert "cost: unknown (a model has no `price` in the recipe)" in taskseed("status", str(tmp_path)).stdout


def test_a_run_of_an_earlier_version_is_read_and_what_it_does_not_tell_is_said(
    billed, tmp_path: Path
) -> None:
    """Shards, counters and responses without the new numbers stay; none is asked or made again."""
    out, recipe, state, _ = billed
    old = tmp_path / "run"
    shutil.copytree(out, old)
    for path in [p for stage in ("generate", "enrich") for p in sorted((old / stage / "kept").iterdir())]:
        table = read_table(path)
        marks = {k.decode(): v for k, v in pq.read_schema(path).metadata.items() if k != b"usage_by_role"}
        write_table(path, table.replace_schema_metadata(marks))
    shutil.rmtree(old / "package")
    with MockServer(Bill()) as server:
        again = make(two_tasks(server.base_url, recipe.tasks.include_path), old)
    assert server.requests == 0
    assert again["dataset"] == state["dataset"]
    assert again["requests"] == state["requests"]
    shards = len(list((old / "generate" / "kept").iterdir()))
    assert (again["usage_by_task"], again["shards_without_usage"]) == ([], shards)
    assert f"{shards} shards were made by an earlier version" in (old / "dataset" / "README.md").read_text()


def test_a_run_whose_stages_asked_one_role_each_is_read(billed, tmp_path: Path) -> None:
    """Shards of a version that told usage by task alone say the same of the writer and the solver."""
    out, recipe, state, _ = billed
    old = tmp_path / "run"
    shutil.copytree(out, old)
    for stage, role in (("generate", "writer"), ("enrich", "solver")):
        for path in sorted((old / stage / "kept").iterdir()):
            marks = {k.decode(): v for k, v in pq.read_schema(path).metadata.items()}
            by_role = json.loads(marks.pop("usage_by_role"))
            write_table(
                path, read_table(path).replace_schema_metadata({**marks, "usage": json.dumps(by_role[role])})
            )
    again = told(old, recipe)
    assert (again["usage_by_task"], again["shards_without_usage"]) == (state["usage_by_task"], 0)


def test_a_resumed_budget_knows_what_was_estimated(tmp_path: Path) -> None:
    """The same budget again lets nothing more out than it did: estimates were spent as well."""
    budget = Spending(tokens=6000)
    with MockServer(untold) as server:
        recipe = model_recipe(server.base_url, sets=("models.writer.sampling.max_tokens=200",))
        sent = []
        for _ in range(2):
            with pytest.raises(StoppedShort, match="of 6,000 tokens"):
                make(recipe, tmp_path, spending=budget)
            sent.append(server.requests)
    assert sent[0] == sent[1] > 0


def test_a_pilot_knows_cached_and_estimated_tokens(tmp_path: Path) -> None:
    """Stored answers cost what they did when they came, cached input at its own price, estimates too."""
    bill = Bill()
    with MockServer(bill) as server:
        recipe = two_tasks(server.base_url, tmp_path / "tasks", (*PRICES, "shard_size=40"))
        plan = make_plan(recipe, tmp_path / "a", 40, None, Spending(), unwatched)
        whole = bill.by_stage["generate"] + bill.by_stage["enrich"]
        state = told(tmp_path / "a", recipe)
    assert plan.figures["usd"].pilot + plan.calibration["took"]["usd"] == pytest.approx(usd(whole))
    assert state["cost_usd"] == pytest.approx(usd(whole), abs=1e-6)
    with MockServer(untold) as server:
        recipe = model_recipe(server.base_url, sets=("tasks.max_seeds_per_task=5",))
        plan = make_plan(recipe, tmp_path / "b", 5, None, Spending(), unwatched)
        state = told(tmp_path / "b", recipe)
    assert plan.estimated
    took = {name: plan.figures[name].pilot + plan.calibration["took"][name] for name in ("input", "output")}
    assert sum(took.values()) == state["tokens"]["estimated"]
    stored = [
        orjson.loads(line.split(b" ", 2)[2])
        for f in (tmp_path / "b/responses").iterdir()
        for line in f.open("rb")
    ]
    assert sum(s["response"]["usage"]["estimated_output"] for s in stored) == took["output"]
