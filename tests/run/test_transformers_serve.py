"""The engine and a whole run against `transformers serve`, where an environment that has it is named.

`TASKSEED_TRANSFORMERS=PYTHON make test`, with a Python that has `transformers[serving]` and torch.
"""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskseed.errors import EndpointError
from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.openai import Endpoint, OpenAIEngine
from tests.run.helpers import make, model_recipe, unbalanced

PYTHON = os.environ.get("TASKSEED_TRANSFORMERS")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="TASKSEED_TRANSFORMERS names no Python with transformers"),
]
SAID = ({"role": "user", "content": "What is 2 + 2?"},)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Yield the base URL and the model's name of a server of its own."""
    folder = tmp_path_factory.mktemp("transformers")
    (folder / "home" / "hub").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    script = str(Path(__file__).parent.parent / "hf_peer.py")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.Popen(
        [str(PYTHON), script, str(folder / "model"), "--port", str(port)],
        env={**environment, "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("w"),
    )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        deadline = time.monotonic() + 200
        while not asyncio.run(answers(url)):
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(1)
        yield url, str(folder / "model")
    finally:
        process.kill()
        process.wait()


async def answers(url: str) -> bool:
    """Return whether the server is up."""
    async with OpenAIEngine(Endpoint(url)) as engine:
        try:
            await engine.check()
        except EndpointError:
            return False
        return True


def complete(url: str, model: str, n: int = 1, stream: bool = False, **sampling: object) -> list[Completion]:
    """Ask one small question."""

    async def run() -> list[Completion]:
        async with OpenAIEngine(Endpoint(url, timeout=120.0, stream=stream)) as engine:
            return list(await engine.complete(Prompt(model, SAID, {"max_tokens": 8, **sampling}), n))

    return asyncio.run(run())


def test_it_answers_with_text_tokens_and_the_reason_why_it_stopped(served: tuple[str, str]) -> None:
    """Four tokens at most, counted, and cut off by the limit."""
    (found,) = complete(*served, max_tokens=4)
    assert (found.finish_reason, found.usage.output) == ("length", 4)
    assert found.usage.input > 10
    assert found.text != ""


def test_it_ignores_n_and_gives_one_sample(served: tuple[str, str]) -> None:
    """A server that ignores `n` gives what it gives; the layer above asks for the rest one by one."""
    assert len(complete(*served, n=3)) == 1


def test_a_stream_of_it_is_the_same_answer(served: tuple[str, str]) -> None:
    """Streamed and whole, a greedy answer has the same text and the same tokens."""
    (whole,), (streamed,) = complete(*served), complete(*served, stream=True)
    assert (streamed.text, streamed.finish_reason) == (whole.text, whole.finish_reason)
    assert streamed.usage == whole.usage


def test_a_field_that_it_does_not_know_is_a_refusal(served: tuple[str, str]) -> None:
    """422 with `detail` is a fact about the request: not retried, and its words are told."""
    with pytest.raises(EngineFailure) as caught:
        complete(*served, extra_body={"no_such_field": 1})
    assert (caught.value.reason, caught.value.retryable) == ("refused_422", False)
    assert "no_such_field" in caught.value.detail


def test_a_run_against_it_ends_cleanly(served: tuple[str, str], tmp_path: Path) -> None:
    """Its text is no question: every slot is dropped with a reason, and a second run asks for nothing."""
    url, model = served
    sets = (f"models.writer.model={model}", "models.writer.sampling={max_tokens: 40}", "generate.attempts=1")
    recipe = model_recipe(url, concurrency=2, sets=sets)
    state = make(recipe, tmp_path, limit=3)
    assert (state["state"], state["dataset"]["rows"], unbalanced(state)) == ("done", 0, [])
    assert state["stages"][2]["dropped"] == {"malformed": 6}
    assert make(recipe, tmp_path, limit=3)["last"]["sent"] == 0
