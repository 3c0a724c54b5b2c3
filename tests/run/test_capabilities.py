"""Runs ask endpoints in the way that they are known, or found out, to honour."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskseed.models.capabilities import Capabilities
from taskseed.models.remembered import remember
from taskseed.recipe import parse_recipe
from tests import teacher
from tests.obedient import NO_MAX_TOKENS
from tests.run.helpers import ALIKE, make, model_recipe, unbalanced
from tests.servers import MockServer, Reply

SETS = ("tasks.max_seeds_per_task=8", "models.writer.sampling.max_tokens=400", *ALIKE)
ALL = Capabilities(True, "max_tokens", True, True, True, True, True)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run makes that knows nothing of its endpoint, which honours n."""
    with MockServer(teacher.respond) as server:
        return make(model_recipe(server.base_url, sets=SETS), tmp_path_factory.mktemp("plain"))


def run_with(server: MockServer, out: Path, *sets: str, known: Capabilities | None = None) -> dict[str, Any]:
    """Run the recipe on a server of which this was found out."""
    if known is not None:
        remember(server.base_url, "teacher", known, now=time.time())
    return make(model_recipe(server.base_url, sets=(*SETS, *sets)), out)


def schema_of(request: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a request, if it has one."""
    return request.get("response_format", {}).get("json_schema", {}).get("schema")


def is_written(request: dict[str, Any]) -> bool:
    """Say whether a request is the writer's."""
    return "# Seed" in request["messages"][-1]["content"]


def test_a_run_finds_out_by_itself_that_max_completion_tokens_is_wanted(
    tmp_path: Path, plain: dict[str, Any]
) -> None:
    """The requests in flight are refused once, and counted; the rows are the same, and so are the keys."""

    def reasoning_model(request: dict[str, Any], number: int) -> Reply:
        return NO_MAX_TOKENS if "max_tokens" in request else teacher.respond(request, number)

    with MockServer(reasoning_model) as server:
        state = run_with(server, tmp_path / "run")
        refused = [r for r in server.received if "max_tokens" in r]
        taken = [r["max_completion_tokens"] for r in server.received if "max_tokens" not in r]
        assert state["requests"]["sent"] == server.requests
    assert (state["state"], state["dataset"], unbalanced(state)) == ("done", plain["dataset"], [])
    assert 1 <= len(refused) <= 8
    assert (state["requests"]["failed"], set(taken)) == (len(refused), {400})
    with MockServer(teacher.respond) as other:
        again = make(model_recipe(other.base_url, sets=SETS), tmp_path / "run")
        assert (other.requests, again["dataset"]) == (0, plain["dataset"])


def test_a_run_believes_what_the_doctor_found(tmp_path: Path, plain: dict[str, Any]) -> None:
    """A known name of the limit is used, and a server that ignores n is asked one by one, from the start."""
    known = replace(ALL, n=False, max_tokens_field="max_completion_tokens", json_schema=False)
    with MockServer(teacher.respond) as server:
        state = run_with(server, tmp_path / "run", known=known)
        spelt = {(r.get("n"), "max_tokens" in r, r["max_completion_tokens"]) for r in server.received}
    assert (spelt, state["dataset"]) == ({(None, False, 400)}, plain["dataset"])


def test_a_run_asks_no_questions_of_its_own(tmp_path: Path, plain: dict[str, Any]) -> None:
    """Where nothing is known, each request is one of the run's, with several samples and no schema."""
    with MockServer(teacher.respond) as server:
        state = run_with(server, tmp_path / "run")
        kinds = {is_written(r) or "# Question" in r["messages"][-1]["content"] for r in server.received}
        assert (kinds, [r for r in server.received if schema_of(r)]) == ({True}, [])
        assert max(r.get("n", 1) for r in server.received) > 1
    assert state["requests"] == plain["requests"]


def test_the_writer_gets_a_schema_where_it_is_honoured(tmp_path: Path, plain: dict[str, Any]) -> None:
    """All of the writer's requests and none of the solver's; what is made of the answers is the same."""
    with MockServer(teacher.respond) as server:
        state = run_with(server, tmp_path / "run", known=ALL)
        keys = {is_written(r): list((schema_of(r) or {}).get("properties", {})) for r in server.received}
        found = {is_written(r): schema_of(r) is not None for r in server.received}
    assert found == {True: True, False: False}
    assert keys[True] == ["question", "explanation", "answer"]
    assert state["dataset"] == plain["dataset"]


def test_never_means_never(tmp_path: Path, plain: dict[str, Any]) -> None:
    """With `schema_hints: never` no request has a schema; and it may be changed without --update."""
    with MockServer(teacher.respond) as server:
        state = run_with(server, tmp_path / "run", "models.writer.schema_hints=never", known=ALL)
        assert [r for r in server.received if schema_of(r)] == []
        asked = server.requests
        run_with(server, tmp_path / "run", known=ALL)
        assert server.requests == asked
    assert state["dataset"] == plain["dataset"]


REAL = """
name: peer
shard_size: 4
tasks: {{include: [taskseed_maths]}}
held_out: {{suites: []}}
generate: {{questions_per_seed: 2, examples: 1, attempts: 1}}
models:
  writer:
    model: random
    base_url: "{url}"
    # The quotation mark (token 261) is made likelier, so that a random string ends at all.
    sampling: {{temperature: 1.0, max_tokens: 300, seed: 1, extra_body: {{logit_bias: [[261, 1.5]]}}}}
enrich: {{min_votes: 1, max_votes: 1}}
"""


@pytest.mark.parametrize(("hints", "most", "least"), [("auto", 16, 9), ("never", 0, 0)])
def test_a_random_model_that_is_held_to_the_schema_writes_readable_nonsense(
    real_server: str, tmp_path: Path, hints: str, most: int, least: int
) -> None:
    """llama.cpp's server holds it to the keys, so that most replies are questions; without, none is."""
    remember(real_server, "random", ALL, now=time.time())
    sets = (f"models.writer.schema_hints={hints}",)
    state = make(parse_recipe(REAL.format(url=real_server), sets=sets), tmp_path / "run", limit=8)
    generate = next(s for s in state["stages"] if s["stage"] == "generate")
    assert generate["in"] == 16
    assert least <= generate["kept"] <= most
    assert unbalanced(state) == []
