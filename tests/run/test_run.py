"""Whole runs against a scripted model: balance, resume, determinism, limits."""

import asyncio
import random
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taskseed.errors import EndpointError, StoppedShort, UsageError, WaitingForBatch
from taskseed.io import lock
from taskseed.recipe import load_recipe, parse_recipe
from taskseed.records import KINDS
from taskseed.tasks import BUILTIN_PATH
from tests import teacher
from tests.run.helpers import NUMERIC, dropped, make, model_recipe, rows, told, unbalanced
from tests.servers import MockServer, Reply, error


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A finished run over five shards."""
    out = tmp_path_factory.mktemp("finished") / "run"
    with MockServer(teacher.respond) as server:
        state = make(model_recipe(server.base_url), out)
        assert state["requests"]["sent"] == server.requests
    return out, state


def test_every_stage_balances(finished: tuple[Path, dict]) -> None:
    """At every stage, what went in was kept or dropped with a reason."""
    _, state = finished
    assert unbalanced(state) == []
    entered = {s["stage"]: s["in"] for s in state["stages"]}
    kept = {s["stage"]: s["kept"] for s in state["stages"]}
    assert entered["generate"] == 2 * kept["normalize"]
    assert entered["screen"] == kept["generate"]
    assert entered["enrich"] == kept["screen"]
    assert entered["package"] == kept["filter"]
    assert state["dataset"]["rows"] == kept["package"] == len(rows(finished[0]))


def test_bad_answers_are_dropped_with_their_reasons(finished: tuple[Path, dict]) -> None:
    """Malformed questions, wrong proposals, minority and unread solves are all named."""
    reasons = {s["stage"]: set(s["dropped"]) for s in finished[1]["stages"]}
    assert "disagrees_with_writer" in reasons["enrich"]
    assert {"minority", "unparsed", "not_selected"} <= reasons["filter"]


def test_kept_answers_are_right(finished: tuple[Path, dict]) -> None:
    """With a teacher that is right nine times in ten, the votes keep no wrong answer here."""
    for row in rows(finished[0]):
        a, b, c = (int(word) for word in row["question"].split() if word.isdigit())
        assert row["answer"] == str(a * b + c)
        assert row["votes_for"] / row["votes_total"] == pytest.approx(row["agreement"])
        assert row["text"].endswith(f"Answer: {a * b + c}")
        assert row["writer_model"] == row["solver_model"] == "teacher"
        assert row["model_license"] == "unknown"


def test_no_solve_sees_the_proposed_answer(tmp_path: Path) -> None:
    """The proposal is in no solver's request unless it is in the question itself."""
    with MockServer(teacher.respond) as server:
        make(model_recipe(server.base_url), tmp_path, limit=10)
        solves = [
            r["messages"][-1]["content"]
            for r in server.received
            if "# Seed" not in r["messages"][-1]["content"]
        ]
    assert solves != []
    for prompt in solves:
        question = prompt.rpartition("# Question")[2]
        a, b, c = (int(word) for word in question.split() if word.isdigit())
        assert str(a * b + c) not in prompt.replace(question, "").split()


def test_a_finished_run_asks_for_nothing(finished: tuple[Path, dict]) -> None:
    """Run again, with the server gone, it ends with the same hash and sends nothing."""
    out, state = finished
    with MockServer(teacher.respond) as gone:
        url = gone.base_url
    again = make(model_recipe(url), out)
    assert again["dataset"] == state["dataset"]
    assert (again["last"]["sent"], state["last"]["sent"]) == (0, state["requests"]["sent"])
    assert again["requests"] == state["requests"]


def test_the_order_of_responses_changes_nothing(finished: tuple[Path, dict], tmp_path: Path) -> None:
    """With other delays and another concurrency the rows are the same, in the same order."""
    shuffle = random.Random(7)

    def late(request: dict, number: int) -> Reply:
        reply = teacher.respond(request, number)
        return Reply(reply.body, delay=shuffle.random() * 0.05)

    with MockServer(late) as server:
        state = make(model_recipe(server.base_url, concurrency=31), tmp_path)
    assert state["dataset"] == finished[1]["dataset"]


def test_a_change_downstream_asks_only_what_changed(finished: tuple[Path, dict], tmp_path: Path) -> None:
    """`--update` with another `keep_per_question` sends nothing; a changed recipe without it is refused."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url)
        make(recipe, tmp_path, limit=10)
        sent = server.requests
        other = model_recipe(server.base_url, sets=("enrich.keep_per_question=1",))
        with pytest.raises(UsageError, match=r"enrich\.keep_per_question was 2, is 1"):
            make(other, tmp_path, limit=10)
        state = make(other, tmp_path, limit=10, update=True)
        assert server.requests == sent
    assert (
        max(
            sum(r["question_id"] == q for r in rows(tmp_path))
            for q in {r["question_id"] for r in rows(tmp_path)}
        )
        == 1
    )
    assert unbalanced(state) == []


def test_a_larger_limit_pays_only_for_the_new_seeds(tmp_path: Path) -> None:
    """Going from 10 to 20 seeds repeats no request."""
    with MockServer(teacher.respond) as server:
        make(model_recipe(server.base_url, sets=("generate.examples=0",)), tmp_path, limit=10)
        make(model_recipe(server.base_url, sets=("generate.examples=0",)), tmp_path, limit=20)
        assert server.repeats == 0
    assert len(list((tmp_path / "normalize/kept").glob("*.parquet"))) == 2


def test_accept_keeps_exactly_as_many(tmp_path: Path) -> None:
    """The run ends with the shard that reaches the number, and keeps that number."""
    with MockServer(teacher.respond) as server:
        state = make(model_recipe(server.base_url), tmp_path, accept=30)
        url = server.base_url
    assert state["dataset"]["rows"] == 30
    assert make(model_recipe(url), tmp_path, accept=30)["dataset"] == state["dataset"]  # with the server gone
    assert len(list((tmp_path / "filter/kept").glob("*.parquet"))) < 5
    assert unbalanced(state) == []
    ids = [r["id"] for r in rows(tmp_path)]
    assert ids == sorted(ids)


def test_seeds_that_run_out_stop_short(tmp_path: Path) -> None:
    """More rows than there can be: exit code 3, and everything made is kept."""
    recipe = parse_recipe(NUMERIC)
    with pytest.raises(StoppedShort, match="the seeds ran out at"):
        make(recipe, tmp_path, accept=100_000)
    assert told(tmp_path, recipe)["dataset"]["rows"] > 50


def test_an_endpoint_that_dies_stops_the_run_and_it_goes_on_later(
    tmp_path: Path, finished: tuple[Path, dict]
) -> None:
    """Errors in the middle end the run with what to do; afterwards it ends as if nothing had been."""

    def dying(request: dict, number: int) -> Reply:
        return teacher.respond(request, number) if number < 60 else error(400 + 101)

    with MockServer(dying) as server:
        with pytest.raises(EndpointError) as caught:
            make(model_recipe(server.base_url), tmp_path)
        port = server.port
    assert "nothing is lost" in caught.value.hint
    with MockServer(teacher.respond, port=port) as server:
        state = make(model_recipe(server.base_url), tmp_path)
    assert state["dataset"] == finished[1]["dataset"]
    assert unbalanced(state) == []


def test_one_poisoned_request_is_one_dropped_candidate(tmp_path: Path) -> None:
    """A request that the server always refuses ends as a drop with what the server said."""
    poisoned: list[str] = []

    def refuse_one(request: dict, number: int) -> Reply:
        text = request["messages"][-1]["content"]
        if number == 5:
            poisoned.append(text)
        return error(400) if text in poisoned else teacher.respond(request, number)

    with MockServer(refuse_one) as server:
        state = make(model_recipe(server.base_url, concurrency=1), tmp_path, limit=10)
    lost = [d for s in ("generate", "enrich") for d in dropped(tmp_path, s) if d["reason"] == "no_response"]
    assert {d["evidence"] for d in lost} == {"refused_400: 400 failed with 400"}
    assert unbalanced(state) == []


def test_replay_refuses_what_was_not_recorded(tmp_path: Path, finished: tuple[Path, dict]) -> None:
    """`on_miss: refuse` with the store of a finished run makes the same data set and opens no connection."""
    sets = ("responses.on_miss=refuse", f"responses.store={finished[0] / 'responses'}")
    state = make(model_recipe("http://127.0.0.1:9/v1", sets=sets), tmp_path)
    assert state["dataset"] == finished[1]["dataset"]
    assert state["requests"]["sent"] == 0
    words = "replayed from recorded answers"
    assert words in (tmp_path / "dataset" / "README.md").read_text()
    assert words not in (finished[0] / "dataset" / "README.md").read_text()


def test_a_queued_run_waits_and_asks_nothing(tmp_path: Path) -> None:
    """`on_miss: queue` ends with exit code 4 and the number of requests that wait, without a connection."""
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=("responses.on_miss=queue",))
    with pytest.raises(WaitingForBatch, match="requests wait for a batch") as caught:
        make(recipe, tmp_path)
    assert caught.value.exit_code == 4
    state = told(tmp_path, recipe)
    assert (state["state"], state["requests"]["sent"]) == ("waiting", 0)


def test_a_later_shard_that_lacks_responses_does_not_hold_back_an_earlier_one(
    tmp_path: Path, finished: tuple[Path, dict]
) -> None:
    """Where only the first shard's responses are recorded, it is done, and the later ones wait."""
    writing = tmp_path / "written"
    with MockServer(teacher.respond) as server:
        make(model_recipe(server.base_url, sets=("tasks.max_seeds_per_task=12",)), writing)
    sets = ("responses.on_miss=queue", f"responses.store={writing / 'responses'}")
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=(*sets, "generate.examples=0"))
    with pytest.raises(WaitingForBatch):
        make(recipe, tmp_path / "none")  # other prompts: nothing is recorded
    assert list((tmp_path / "none/screen").glob("kept/*.parquet")) == []
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=sets)
    with pytest.raises(WaitingForBatch):
        make(recipe, tmp_path / "some")
    assert [p.name for p in (tmp_path / "some/screen/kept").iterdir()] == ["00000.parquet"]


def test_edited_task_files_of_ones_own_are_read_again(tmp_path: Path) -> None:
    """A row added to a task under `include_path` is there in the next run, without another flag."""
    folder = tmp_path / "mine"
    shutil.copytree(BUILTIN_PATH / "taskseed_maths", folder / "mine")
    task = folder / "mine" / "taskseed_maths.yaml"
    task.write_text(task.read_text().replace("task: taskseed_maths", "task: mine"))
    recipe = parse_recipe(NUMERIC.replace("[taskseed_maths]", f"[mine], include_path: {folder}"))
    before = make(recipe, tmp_path / "run")
    rows_file = folder / "mine" / "train.jsonl"
    lines = rows_file.read_text().splitlines()
    rows_file.write_text("\n".join(lines[:55]) + "\n")
    after = make(recipe, tmp_path / "run")
    assert [state["stages"][1]["in"] for state in (before, after)] == [len(lines), 55]


def test_status_reads_a_run_that_is_under_way(tmp_path: Path) -> None:
    """While another process holds the directory, the state is `running` and the counts so far are there."""
    recipe = parse_recipe(NUMERIC)
    make(recipe, tmp_path)
    with lock(tmp_path):
        state = told(tmp_path, recipe)
    assert (state["state"], unbalanced(state)) == ("running", [])
    assert told(tmp_path, recipe)["state"] == "done"


def test_a_numeric_run_needs_no_model(tmp_path: Path) -> None:
    """Numeric variants are kept on their recomputation, with no vote."""
    state = make(parse_recipe(NUMERIC), tmp_path)
    made = rows(tmp_path)
    assert unbalanced(state) == []
    assert {(r["verifier"], r["votes_total"], r["derivation"]) for r in made} == {
        ("recomputed", 0, "numeric_variant")
    }
    assert {r["agreement"] for r in made} == {None}


def test_the_example_of_every_kind_has_seeds_of_every_kind(tmp_path: Path) -> None:
    """Without a network, nine seeds of each built-in task: every kind that the checks know is among them."""
    recipe = load_recipe(Path(__file__).parents[2] / "examples" / "every-kind.yaml")
    make(recipe, tmp_path, last_stage="normalize")
    seeds = pq.read_table(tmp_path / "normalize/kept/00000.parquet").to_pylist()
    assert Counter(s["task"] for s in seeds) == dict.fromkeys({s["task"] for s in seeds}, 9)
    assert len({s["task"] for s in seeds}) == 12
    assert {s["kind"] for s in seeds} == set(KINDS)
    assert {s["language"] for s in seeds} == {"en", "es"}
    assert all(s["options"] and s["answer"] in s["options"] for s in seeds if s["task"] == "taskseed_logic")


def test_numeric_variants_come_beside_what_the_writer_writes(tmp_path: Path) -> None:
    """Each worked seed gets slots of both sorts; both are voted on, and the balance counts both."""
    sets = ("generate.questions_per_seed=1", "generate.numeric_variants=2", "tasks.max_seeds_per_task=10")
    with MockServer(teacher.respond) as server:
        state = make(model_recipe(server.base_url, sets=sets), tmp_path)
    assert [s["in"] for s in state["stages"] if s["stage"] == "generate"] == [10 + 2 * 10]
    assert unbalanced(state) == []
    made = [r for f in (tmp_path / "generate/kept").iterdir() for r in pq.read_table(f).to_pylist()]
    assert {(r["derivation"], r["slot"]) for r in made} == {
        ("written", 0),
        ("numeric_variant", 1),
        ("numeric_variant", 2),
    }
    assert len({r["id"] for r in dropped(tmp_path, "generate")} | {r["question_id"] for r in made}) == 30
    assert "`derivation` is `numeric_variant`" in (tmp_path / "dataset" / "README.md").read_text()


def test_variants_are_voted_on_where_a_solver_is_configured(tmp_path: Path) -> None:
    """With a solver, numeric variants get votes; those the votes contradict are dropped."""
    text = NUMERIC + "models: {solver: null}\n"
    with MockServer(teacher.respond) as server:
        text = NUMERIC + f'models: {{writer: {{model: teacher, base_url: "{server.base_url}"}}}}\n'
        state = make(parse_recipe(text), tmp_path, limit=12)
    by_stage = {s["stage"]: s for s in state["stages"]}
    assert by_stage["enrich"]["in"] == by_stage["screen"]["kept"] > 0
    assert sum(by_stage["enrich"]["dropped"].values()) > 0
    assert unbalanced(state) == []


def test_a_run_works_inside_no_running_loop_twice(tmp_path: Path) -> None:
    """Two runs in one process do not disturb each other's event loop."""
    recipe = parse_recipe(NUMERIC)
    first = make(recipe, tmp_path / "a")
    asyncio.run(asyncio.sleep(0))
    assert make(recipe, tmp_path / "b")["dataset"] == first["dataset"]
