"""Batches: rounds of files, answered in every way a file can be answered."""

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskseed.errors import RunError, UsageError, WaitingForBatch
from taskseed.io import lock
from taskseed.models.base import Prompt
from taskseed.models.stored import Pending, decode_answer, request_key
from taskseed.recipe import parse_recipe
from taskseed.run import batch
from taskseed.run.batch import PendingFile, export_batch, import_batch
from taskseed.run.events import unwatched
from taskseed.store import ResponseStore
from tests import teacher
from tests.run.helpers import make, model_recipe, rows, taskseed, told, unbalanced
from tests.servers import MockServer

QUEUED = ("responses.on_miss=queue", "tasks.max_seeds_per_task=20")
FOREIGN = "f" * 64


def requests_of(paths: list[Path]) -> list[dict[str, Any]]:
    """Return the request lines of files."""
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def answered(request: dict[str, Any], shape: str = "openai") -> dict[str, Any]:
    """Return the line that a batch makes of a request that the teacher answers."""
    body = teacher.respond(request["body"], 0).body
    response = {"status_code": 200, "request_id": "r", "body": body}
    line = {"id": "batch_req_1", "custom_id": request["custom_id"], "response": response, "error": None}
    return line if shape == "openai" else {**line, "id": "vllm-1"}


def failed(request: dict[str, Any], how: str) -> dict[str, Any]:
    """Return the line of a request that failed: it may be asked again."""
    line = {"id": "batch_req_2", "custom_id": request["custom_id"]}
    if how == "expired":
        return {**line, "response": None, "error": {"code": "batch_expired", "message": "too late"}}
    if how == "busy":
        return {
            **line,
            "response": {"status_code": 429, "body": {"error": {"message": "slow"}}},
            "error": None,
        }
    return {**line, "response": {"status_code": 500, "request_id": "vllm-2"}, "error": "engine died"}


def write_lines(path: Path, lines: list[Any]) -> Path:
    """Write a file of JSON lines; text stands as it is."""
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines) + "\n")
    return path


def rounds(out: Path, answer, most: int = 40) -> int:
    """Run a recipe with batches until it is done; `answer` turns requests into lines. Returns the rounds."""
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=QUEUED)
    for number in range(most):
        try:
            make(recipe, out)
        except WaitingForBatch:
            files = export_batch(recipe, out, out / f"requests-{number}.jsonl", 50_000)
            lines = answer(requests_of([f.path for f in files]), number)
            file = write_lines(out / f"responses-{number}.jsonl", lines)
            import_batch(recipe, out, [file], unwatched)
        else:
            return number
    raise AssertionError(f"not done after {most} rounds")


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> tuple[dict[str, Any], int]:
    """What the same recipe makes of the same answers when they are asked one by one, and how many came."""
    out = tmp_path_factory.mktemp("live")
    with MockServer(teacher.respond) as server:
        state = make(model_recipe(server.base_url, sets=QUEUED[1:]), out)
    return state["dataset"], state["requests"]["answered"]


def test_a_run_by_batches_makes_what_a_live_run_makes(tmp_path, live):
    """Rounds of generation and votes end with the same data set, and every response was asked once."""
    made = rounds(tmp_path, lambda asked, _: [answered(r) for r in asked])
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=QUEUED)
    state = told(tmp_path, recipe)
    assert state["dataset"] == live[0]
    assert state["requests"]["answered"] == state["requests"]["sent"] == live[1]
    assert state["tokens"]["output"] > 0
    assert (state["state"], unbalanced(state)) == ("done", [])
    assert made >= 3  # questions, votes, more votes
    assert not (tmp_path / batch.NAME).exists()


@pytest.mark.parametrize("seed", range(6))
def test_any_way_of_answering_ends_with_the_same_data_set(tmp_path, live, seed):
    """Half-answered, shuffled, doubled, with failures: later rounds ask what is missing, nothing twice."""
    rng = random.Random(seed)

    def answer(asked: list[dict[str, Any]], number: int) -> list[Any]:
        lines: list[Any] = []
        for request in asked:
            fate = rng.choice(["openai", "vllm", "missing", "expired", "busy", "died", "twice"])
            if fate in ("openai", "vllm"):
                lines.append(answered(request, fate))
            elif fate == "twice":
                lines += [answered(request), answered({**request, "body": {**request["body"], "seed": 1}})]
            elif fate != "missing":
                lines.append(failed(request, fate))
        rng.shuffle(lines)
        return lines

    def faithful(asked: list[dict[str, Any]], number: int) -> list[Any]:
        # Of a request answered twice the first line counts; with other words it is another data set.
        first: dict[str, Any] = {}
        lines = answer(asked, number)
        right = {r["custom_id"]: answered(r) for r in asked}
        for i, line in enumerate(lines):
            if line["response"] and line["response"]["status_code"] == 200:
                first.setdefault(line["custom_id"], i)
        return [right[x["custom_id"]] if first.get(x["custom_id"]) == i else x for i, x in enumerate(lines)]

    rounds(tmp_path, faithful)
    state = told(tmp_path, model_recipe("http://127.0.0.1:9/v1", sets=QUEUED))
    assert state["dataset"] == live[0]
    assert state["requests"]["answered"] == live[1]


def test_a_request_that_the_server_refuses_is_dropped_and_not_asked_again(tmp_path):
    """A 400 for one request is a fact about it, once others were answered."""

    def answer(asked: list[dict[str, Any]], number: int) -> list[Any]:
        refused = {"status_code": 400, "body": {"error": {"message": "too long"}}}
        lines = [answered(r) for r in asked]
        return [{**lines[0], "response": refused}, *lines[1:]] if number == 0 else lines

    rounds(tmp_path, answer)
    state = told(tmp_path, model_recipe("http://127.0.0.1:9/v1", sets=QUEUED))
    assert state["stages"][2]["dropped"]["no_response"] == 1
    assert (unbalanced(state), state["requests"]["failed"]) == ([], 1)


# -- the import alone: every file against a plain account of what it should do

PROMPTS = [Prompt("m", ({"role": "user", "content": f"question {i}"},), {}) for i in range(4)]
KEYS = [request_key(p, 0) for p in PROMPTS]
RECIPE = parse_recipe("name: t\ntasks: {include: [x]}\nmodels: {writer: {model: m}}")


def waiting(root: Path) -> Path:
    """Make a run directory that waits for the four requests."""
    pending = PendingFile(root)
    for prompt, key in zip(PROMPTS, KEYS, strict=True):
        pending.add("writer", Pending(key, prompt, 0))
        pending.add("solver", Pending(key, prompt, 0))
    assert len(pending) == len(KEYS)
    pending.finish()
    pending.close()
    return root


def line_of(key: str, fate: str) -> Any:
    """Return one line about a request."""
    if fate == "garbage":
        return "{not json"
    if fate == "request":
        return {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": {}}
    if fate == "foreign":
        return answered({"custom_id": FOREIGN, "body": {"messages": [{"content": "# Question 1"}]}})
    if fate == "refused":
        response = {"status_code": 422, "body": {"error": {"message": "no"}}}
        return {"custom_id": key, "response": response, "error": None}
    if fate == "expired":
        return failed({"custom_id": key}, "expired")
    body = {"choices": [{"index": 0, "message": {"content": fate}, "finish_reason": "stop"}]}
    return {"custom_id": key, "response": {"status_code": 200, "body": body}, "error": None}


FATES = st.sampled_from(["one", "two", "refused", "expired", "garbage", "foreign", "request"])


def expected(lines: list[tuple[str, str]]) -> dict[str, Any]:
    """Say what an import does with lines, in plain words: the first outcome of a request counts."""
    taken: dict[str, str] = {}
    bad = expired = 0
    for key, fate in lines:
        if fate in ("garbage", "foreign", "request") or key in taken:
            bad += 1
        elif fate == "expired":
            expired += 1
        else:
            taken[key] = fate
    words = {key: fate for key, fate in taken.items() if fate != "refused"}
    believed = len(taken) - len(words) if words else 0
    return {"words": words, "refused": believed, "bad": bad, "expired": expired}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KEYS), FATES), max_size=10), st.integers(0, 10))
def test_an_import_takes_every_good_line_and_names_every_other(lines, cut):
    """The store holds what the account says; a second time nothing is new."""
    with tempfile.TemporaryDirectory() as folder:
        root = waiting(Path(folder))
        written = [line_of(key, fate) for key, fate in lines]
        files = [write_lines(root / "a", written[:cut]), write_lines(root / "b", written[cut:])]
        done = import_batch(RECIPE, root, files, unwatched)
        wanted = expected(lines)
        assert done.stored == len(wanted["words"])
        assert (done.refused, done.bad, done.failed["batch_expired"]) == (
            wanted["refused"],
            wanted["bad"],
            wanted["expired"],
        )
        assert (done.known, len(done.named)) == (0, wanted["bad"])
        store = ResponseStore(root / "responses")
        for prompt, key in zip(PROMPTS, KEYS, strict=True):
            payload = store.get(key)
            text = decode_answer(payload, 0).completion if payload else None
            assert (text.text if text else None) == wanted["words"].get(key)
            if payload:
                assert json.loads(payload)["request"]["messages"] == [dict(m) for m in prompt.messages]
        assert done.left == sum(key not in store for key in KEYS)
        store.close()
        again = import_batch(RECIPE, root, files, unwatched)
        assert (again.stored, again.refused, again.left) == (0, 0, done.left)
        assert again.known >= done.stored + done.refused


def test_a_line_not_taken_is_named_with_its_number(tmp_path):
    """The message leads to the line; blank lines count, as an editor counts them."""
    root = waiting(tmp_path)
    lines = [line_of(KEYS[0], "one"), "", line_of(KEYS[0], "two"), line_of(KEYS[1], "foreign"), "{"]
    file = write_lines(root / "out.jsonl", lines)
    done = import_batch(RECIPE, root, [file], unwatched)
    assert done.named == [
        f"{file}, line 3: its request was answered already by {file}, line 1",
        f"{file}, line 4: the run does not wait for `{FOREIGN}`",
        f"{file}, line 5: not JSON: {{",
    ]


def test_a_server_that_refuses_everything_is_not_believed(tmp_path):
    """A batch to a wrong address fails as a whole: its requests still wait."""
    root = waiting(tmp_path)
    done = import_batch(
        RECIPE, root, [write_lines(root / "o", [line_of(k, "refused") for k in KEYS])], unwatched
    )
    assert (done.refused, dict(done.failed), done.left) == (0, {"refused_422": 4}, 4)


def test_exports_keep_to_one_model_and_a_number_of_requests_per_file(tmp_path):
    """Several files are numbered; together they ask for each request once."""
    pending = PendingFile(tmp_path)
    prompts = [Prompt(m, ({"role": "user", "content": f"{m}{i}"},), {}) for i in range(5) for m in "ab"]
    for prompt in prompts:
        pending.add("writer", Pending(request_key(prompt, 0), prompt, 0))
    pending.finish()
    files = export_batch(RECIPE, tmp_path, tmp_path / "r.jsonl", 2)
    assert sorted(f.path.name for f in files) == [f"r-{n}.jsonl" for n in range(1, 7)]
    for file in files:
        assert {r["body"]["model"] for r in requests_of([file.path])} == {file.model}
    assert sorted(r["custom_id"] for r in requests_of([f.path for f in files])) == sorted(
        request_key(p, 0) for p in prompts
    )
    assert list(tmp_path.glob(".*.tmp")) == []


def test_exports_keep_to_the_size_that_openai_takes(tmp_path, monkeypatch):
    """A file ends before the line that would make it too large."""
    monkeypatch.setattr(batch, "MOST_BYTES", 500)
    files = export_batch(RECIPE, waiting(tmp_path), tmp_path / "r.jsonl", 50_000)
    assert len(files) > 1
    assert all(f.path.stat().st_size == f.bytes <= 500 for f in files)


def test_what_was_answered_meanwhile_is_not_exported(tmp_path):
    """After a half-answered batch the next export asks the rest, and at last nothing."""
    root = waiting(tmp_path)
    import_batch(RECIPE, root, [write_lines(root / "o", [line_of(KEYS[1], "one")])], unwatched)
    (file,) = export_batch(RECIPE, root, root / "next.jsonl", 50_000)
    assert {r["custom_id"] for r in requests_of([file.path])} == set(KEYS) - {KEYS[1]}
    import_batch(RECIPE, root, [write_lines(root / "p", [line_of(k, "one") for k in KEYS])], unwatched)
    with pytest.raises(UsageError, match="nothing waits"):
        export_batch(RECIPE, root, root / "last.jsonl", 50_000)
    assert not (root / "last.jsonl").exists()


def test_nothing_is_written_over(tmp_path):
    """An answer file with the name of the export is safe."""
    root = waiting(tmp_path)
    (root / "r.jsonl").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        export_batch(RECIPE, root, root / "r.jsonl", 50_000)
    (root / "x-2.jsonl").write_text("mine")
    with pytest.raises(UsageError, match=r"x-2\.jsonl"):
        export_batch(RECIPE, root, root / "x.jsonl", 1)
    assert sorted(p.name for p in root.glob("*.jsonl")) == ["pending.jsonl", "r.jsonl", "x-2.jsonl"]


def test_a_damaged_list_of_requests_is_an_error(tmp_path):
    """A flipped word would store an answer under another question."""
    root = waiting(tmp_path)
    text = (root / batch.NAME).read_text()
    (root / batch.NAME).write_text(text.replace("question 2", "question 7"))
    with pytest.raises(RunError, match="damaged at byte"):
        export_batch(RECIPE, root, root / "r.jsonl", 50_000)


def test_a_run_under_way_is_not_disturbed(tmp_path):
    """Export and import wait their turn."""
    root = waiting(tmp_path)
    with lock(root), pytest.raises(RunError, match="in use by process"):
        import_batch(RECIPE, root, [write_lines(root / "o", [])], unwatched)


def test_a_changed_recipe_forgets_what_the_old_one_waited_for(tmp_path):
    """Answers to questions that nobody asks any more would be paid for nothing."""
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=QUEUED)
    with pytest.raises(WaitingForBatch):
        make(recipe, tmp_path)
    before = {r["key"] for r in requests_of([tmp_path / batch.NAME])}
    changed = model_recipe("http://127.0.0.1:9/v1", sets=(*QUEUED, "models.writer.model=other"))
    with pytest.raises(WaitingForBatch):
        make(changed, tmp_path, update=True)
    after = {r["key"] for r in requests_of([tmp_path / batch.NAME])}
    assert before
    assert not before & after


def test_a_killed_runs_half_list_is_never_exported(tmp_path):
    """Only a list that was finished counts, and what is left of a killed run goes with the next."""
    killed = PendingFile(tmp_path)
    killed.add("writer", Pending(KEYS[0], PROMPTS[0], 0))
    with pytest.raises(UsageError, match="nothing waits"):
        export_batch(RECIPE, tmp_path, tmp_path / "r.jsonl", 50_000)
    PendingFile(tmp_path).close()
    assert [p.name for p in tmp_path.iterdir() if "pending" in p.name] == []


# -- as a user meets it


def test_the_commands_walk_through_a_whole_run(tmp_path):
    """run → 4, export, import, run, ... → 0: each step says the next one."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "name: t\ntasks: {include: [taskseed_maths], max_seeds_per_task: 4}\nheld_out: {suites: []}\n"
        "models: {writer: {model: teacher, sampling: {seed: 1, max_tokens: 300}}}\n"
        "responses: {on_miss: queue}\ngenerate: {questions_per_seed: 1}\n"
    )
    out = tmp_path / "a run"
    for number in range(9):
        ran = taskseed("run", str(recipe), "--out", str(out), "--quiet")
        if ran.returncode == 0:
            break
        assert ran.returncode == 4, ran.stderr
        assert f"taskseed batch export '{out}' requests.jsonl" in ran.stderr
        asked, got = tmp_path / f"{number}.jsonl", tmp_path / f"{number}.out"
        exported = taskseed("batch", "export", str(out), str(asked))
        assert "at most" in exported.stdout
        assert f"vllm run-batch -i {asked}" in exported.stdout
        write_lines(got, [answered(r) for r in requests_of([asked])])
        imported = taskseed("batch", "import", str(out), str(got), "--quiet")
        assert (imported.returncode, imported.stderr) == (0, "")
        assert "0 requests without a response" in imported.stdout
    assert ran.returncode == 0
    assert rows(out)
    nothing = taskseed("batch", "export", str(out), str(tmp_path / "more.jsonl"))
    assert (nothing.returncode, "nothing waits" in nothing.stderr) == (2, True)


def test_bad_lines_end_with_a_usage_error_that_names_them(tmp_path):
    """Exit code 2, the line number, and the good lines are stored all the same."""
    root = waiting(tmp_path)
    (root / "recipe.yaml").write_text("name: t\ntasks: {include: [x]}\nmodels: {writer: {model: m}}\n")
    file = write_lines(root / "o.jsonl", [line_of(KEYS[0], "one"), line_of(KEYS[0], "foreign")])
    ended = taskseed("batch", "import", str(root), str(file))
    assert ended.returncode == 2
    assert ended.stdout.startswith("1 response stored")
    assert f"{file}, line 2" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "{here}/none", "r.jsonl"), "not a run directory"),
        (("import", "{here}/none", "r.jsonl"), "not a run directory"),
        (("import", "{here}", "{here}/no.jsonl"), "there is no file"),
        (("import", "{here}", "{here}"), "there is no file"),
        (("export", "{here}", "r.jsonl", "--requests-per-file", "0"), "requests-per-file"),
    ],
)
def test_wrong_arguments_are_usage_errors(tmp_path, arguments, said):
    """One error line, one hint line, exit code 2."""
    root = waiting(tmp_path)
    (root / "recipe.yaml").write_text("name: t\ntasks: {include: [x]}\nmodels: {writer: {model: m}}\n")
    ended = taskseed("batch", *(a.format(here=root) for a in arguments))
    assert (ended.returncode, ended.stderr.count("error:")) == (2, 1)
    assert said in ended.stderr
