"""Runs that serve their model themselves, with a real llama.cpp and a tiny model of random weights."""

import asyncio
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from taskseed.errors import UsageError
from taskseed.recipe import load_recipe, parse_recipe
from taskseed.run.askers import Gate, open_askers
from taskseed.run.events import unwatched
from taskseed.run.ledger import InvocationCounters
from tests import peer
from tests.models.engines import MemoryStore
from tests.run.helpers import dropped, make, taskseed, unbalanced

if importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("gguf") is None:
    pytest.skip("xllamacpp or gguf is not installed", allow_module_level=True)

RECIPE = """
name: own
shard_size: 4
tasks: {{include: [taskseed_maths]}}
held_out: {{suites: []}}
generate: {{questions_per_seed: 2, examples: 1, attempts: 2}}
models:
  writer:
    engine: llamacpp
    model: {model}
    sampling: {{temperature: 1.0, max_tokens: 40}}
    options: {{context: 8192, threads: 1}}
"""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Yield the path of a tiny model."""
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    peer.make_model(path)
    return path


def written(folder: Path, model: object) -> str:
    """Write a recipe; returns its path."""
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(model=model))
    return str(path)


def states(text: str) -> dict[str, str]:
    """Return the state of each of a doctor's findings, by what was checked."""
    lines = [line.split() for line in text.splitlines() if not line.startswith(" ")]
    return {words[1]: words[0] for words in lines}


def stored(out: Path) -> list[dict[str, object]]:
    """Return the entries of the response store."""
    lines = [
        line for file in sorted((out / "responses").glob("*.seg")) for line in file.read_text().splitlines()
    ]
    return [json.loads(line.split(" ", 2)[2]) for line in lines]


def test_a_run_serves_its_model_itself(model: Path, tmp_path: Path) -> None:
    """Nonsense is dropped with reasons, what was cut is known to be cut, and again nothing is asked."""
    recipe = parse_recipe(RECIPE.format(model=model))
    state = make(recipe, tmp_path, limit=4)
    generate = next(s for s in state["stages"] if s["stage"] == "generate")
    assert (state["state"], generate["in"], generate["kept"]) == ("done", 8, 0)
    assert generate["dropped"] == {"malformed": 8}
    assert {d["evidence"] != "" for d in dropped(tmp_path, "generate")} == {True}
    assert unbalanced(state) == []
    assert state["dataset"]["rows"] == 0
    responses = [entry["response"] for entry in stored(tmp_path)]
    assert len(responses) == state["requests"]["answered"] == state["requests"]["sent"] == 16
    assert state["tokens"]["output"] == sum(r["usage"]["output"] for r in responses)
    # (A text may also end by itself with its last token.)
    assert {r["usage"]["output"] for r in responses if r["finish_reason"] == "length"} == {40}
    assert {entry["request"]["model"] for entry in stored(tmp_path)} == {"tiny.gguf"}
    assert make(recipe, tmp_path, limit=4)["last"]["sent"] == 0


def test_the_folders_of_a_model_and_its_options_may_change(model: Path, tmp_path: Path) -> None:
    """Responses belong to the file's name: moved, and with another context, the run goes on as it was."""
    out = tmp_path / "out"
    make(parse_recipe(RECIPE.format(model=model)), out, limit=2)
    moved = tmp_path / model.name
    moved.write_bytes(model.read_bytes())
    recipe = parse_recipe(RECIPE.format(model=moved), sets=["models.writer.options={context: 2048}"])
    assert make(recipe, out, limit=2)["last"]["sent"] == 0


def test_a_model_beside_its_recipe_is_found(model: Path, tmp_path: Path) -> None:
    """A relative path is taken from the recipe's folder where the file is there, else left alone."""
    (tmp_path / "tiny.gguf").write_bytes(model.read_bytes())
    for name, meant in (("tiny.gguf", str(tmp_path / "tiny.gguf")), ("org/repo:x.gguf", "org/repo:x.gguf")):
        recipe = load_recipe(Path(written(tmp_path, name)))
        assert recipe.models.writer is not None
        assert recipe.models.writer.model == meant


@pytest.mark.parametrize(
    ("options", "said", "hint"),
    [
        ("contxt: 4096", "unknown key `models.writer.options.contxt`", "did you mean `context`?"),
        ("context: 1", "models.writer.options.context", "see docs/recipe.md"),
        ("threads: many", "models.writer.options.threads", "see docs/recipe.md"),
    ],
)
def test_a_wrong_option_is_named_with_its_line(options: str, said: str, hint: str) -> None:
    """As every other key of a recipe."""
    with pytest.raises(UsageError) as caught:
        parse_recipe(RECIPE.format(model="m.gguf").replace("context: 8192, threads: 1", options))
    assert said in caught.value.message
    assert "line 12" in caught.value.message
    assert hint in caught.value.hint


def test_a_served_model_takes_no_options() -> None:
    """They would do nothing there, in silence."""
    with pytest.raises(UsageError, match="takes no options"):
        parse_recipe("name: n\ntasks: {include: [a]}\nmodels: {writer: {model: m, options: {context: 4096}}}")


def test_a_missing_file_ends_a_run_before_any_work(tmp_path: Path) -> None:
    """With exit code 2, and the path that was looked for."""
    done = taskseed("run", written(tmp_path, tmp_path / "none.gguf"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert f"error: there is no model file `{tmp_path / 'none.gguf'}`" in done.stderr
    assert not (tmp_path / "out" / "normalize").exists()


def test_doctor_loads_and_asks_the_model(model: Path, tmp_path: Path) -> None:
    """Package, file, size and memory are looked at, then it answers a small question; once for both roles."""
    done = taskseed("doctor", written(tmp_path, model))
    assert (done.returncode, done.stderr) == (0, "")
    assert states(done.stdout)["models.writer"] == states(done.stdout)["models.solver"] == "ok"
    assert "tiny.gguf, 0.6 MB, is loaded and answers; one sample per request" in done.stdout
    assert "the same as models.writer" in done.stdout


def test_doctor_does_not_load_what_memory_cannot_hold(tmp_path: Path) -> None:
    """A file of more bytes than there are free lacks memory: it is said, and nothing is tried."""
    huge = tmp_path / "huge.gguf"
    with huge.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(1 << 42)  # sparse: it takes no room
    done = taskseed("doctor", written(tmp_path, huge))
    assert (done.returncode, states(done.stdout)["models.writer"]) == (0, "lacks")
    assert "huge.gguf, 4398.0 GB" in done.stdout


def test_doctor_says_what_is_wrong_with_a_model(model: Path, tmp_path: Path) -> None:
    """A missing file and one that llama.cpp cannot load fail, each with what to do."""
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(model.read_bytes()[:2000])
    for path, said in (
        (tmp_path / "none.gguf", "there is no model file"),
        (cut, "llama.cpp cannot load cut.gguf"),
    ):
        done = taskseed("doctor", written(tmp_path, path))
        assert (done.returncode, states(done.stdout)["models.writer"]) == (1, "fails")
        assert said in done.stdout
        assert "→" in done.stdout


@contextlib.contextmanager
def hub(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve a repository `org/repo` as the Hub does; yields the address and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            asked.append(f"{self.command} {path}")
            listed = {
                "id": "org/repo",
                "siblings": [{"rfilename": n, "size": len(b)} for n, b in files.items()],
            }
            served = {f"/org/repo/resolve/main/{name}": body for name, body in files.items()}
            served["/api/models/org/repo"] = json.dumps(listed).encode()
            body = served.get(path, b"")
            self.send_response(200 if path in served else 404)
            self.send_header("x-repo-commit", COMMIT)
            self.send_header("etag", f'"{path.rpartition("/")[2]}"')
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def online(address: str, home: Path) -> dict[str, str]:
    """Return the environment in which the Hub is at an address."""
    return {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0"}


def test_a_model_of_the_hub_is_downloaded_once(model: Path, tmp_path: Path) -> None:
    """The one model of a repository is downloaded with its progress told; then it is here, also offline."""
    home, out = tmp_path / "home", tmp_path / "out"
    files = {"README.md": b"#", "tiny.gguf": model.read_bytes(), "mmproj-tiny.gguf": b"GGUF"}
    with hub(files) as (address, asked):
        found = taskseed("doctor", written(tmp_path, "org/repo"), **online(address, home))
        assert states(found.stdout)["models.writer"] == "ok"
        assert "tiny.gguf, 0.6 MB, is on the Hub: a run downloads it first" in found.stdout
        assert "GET /org/repo/resolve/main/tiny.gguf" not in asked
        recipe = written(tmp_path, "org/repo:tiny.gguf")
        done = taskseed("run", recipe, "--limit", "2", "--out", str(out), **online(address, home))
        assert done.returncode == 0, done.stderr
        assert "MB of tiny.gguf downloaded" in done.stderr
        assert asked.count("GET /org/repo/resolve/main/tiny.gguf") == 1
    assert {entry["request"]["model"] for entry in stored(out)} == {"org/repo:tiny.gguf"}
    offline = looked({"HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}, "org/repo:tiny.gguf")
    assert offline == f"org/repo:tiny.gguf is tiny.gguf {len(files['tiny.gguf'])}\n"


LOOK = """
import sys
from taskseed.errors import Interrupted, TaskseedError
from taskseed.models.llamacpp import fetch_model, find_model

def stop(name, done, total):
    raise Interrupted(f"{name} {done} of {total}")

for name in sys.argv[1:]:
    try:
        found = find_model(name)
        print(name, "is", *found.files, found.size)
        fetch_model(found, stop)
    except TaskseedError as problem:
        print(name, type(problem).__name__, problem.message, "->", problem.hint)
"""


def looked(environment: dict[str, str], *names: str) -> str:
    """Look for models, and begin to download each, in a process of its own."""
    command = [sys.executable, "-c", LOOK, *names]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def test_which_file_of_the_hub_is_meant_is_asked(tmp_path: Path) -> None:
    """Several models are named; a word of a name chooses; nothing found and no Hub are said."""
    names = ["m-Q4_K_M.gguf", "m-Q8_0.gguf", "b-00001-of-00002.gguf", "b-00002-of-00002.gguf"]
    with hub(dict.fromkeys(names, b"GGUF")) as (address, _):
        asked = ["org/repo", "org/repo:q8", "org/repo:Q2", "org/repo:b-", "org/none"]
        said = looked(online(address, tmp_path), *asked)
    assert (
        "org/repo UsageError `org/repo` holds 3 GGUF models -> name one, like org/repo:FILE: b-00001" in said
    )
    assert "org/repo:q8 is m-Q8_0.gguf 4\n" in said
    assert "org/repo:Q2 UsageError `org/repo` holds no GGUF models named like `Q2`" in said
    assert "org/repo:b- is b-00001-of-00002.gguf b-00002-of-00002.gguf 8\n" in said
    assert "org/none EndpointError the Hugging Face Hub does not give `org/none`" in said
    said = looked({"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}, "org/repo")
    assert "offline" in said
    assert "name a GGUF file on this machine, or org/repo:file.gguf if it was downloaded before" in said


def test_ctrl_c_ends_a_download(tmp_path: Path) -> None:
    """What hears of the progress may end it, and the reason reaches the caller as it was."""
    with hub({"m.gguf": b"GGUF" * 100}) as (address, _):
        said = looked(online(address, tmp_path), "org/repo")
    assert "org/repo Interrupted m.gguf 400 of 400" in said


def test_roles_that_ask_the_same_model_share_its_server(model: Path, tmp_path: Path) -> None:
    """Whatever their sampling; with other options it is another server with places of its own."""
    own = "{{engine: llamacpp, model: {}, options: {{context: {}, threads: 1}}, sampling: {{max_tokens: 9}}}}"

    async def places(context: int) -> int:
        recipe = parse_recipe(RECIPE.format(model=model) + f"  solver: {own.format(model, context)}")
        with contextlib.closing(InvocationCounters(tmp_path)) as counters:
            async with contextlib.AsyncExitStack() as stack:
                askers = await open_askers(
                    recipe, MemoryStore(), counters, Gate(), lambda *_: None, None, unwatched, stack
                )
                return sum(desk.places.count for desk in askers.desks)

    assert [asyncio.run(places(8192)), asyncio.run(places(2048))] == [4, 8]
