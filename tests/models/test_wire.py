"""Answers of vLLM and SGLang, byte for byte as their protocol files have them, through the engine."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from taskseed.models.base import Completion, EngineFailure
from taskseed.models.openai import Endpoint, OpenAIEngine
from tests.models.engines import PROMPT
from tests.servers import MockServer, Reply

WIRE = Path(__file__).parent / "wire"


def through(reply: Reply, n: int = 1, stream: bool = False) -> list[Completion]:
    """Return what the engine makes of a reply."""

    async def run(url: str) -> Sequence[Completion]:
        async with OpenAIEngine(Endpoint(url, stream=stream)) as engine:
            return await engine.complete(PROMPT, n)

    with MockServer(lambda request, number: reply) as server:
        return list(asyncio.run(run(server.base_url)))


def body(name: str) -> bytes:
    """Return a body of the folder."""
    return (WIRE / name).read_bytes()


@pytest.mark.parametrize(
    ("server", "first", "second"),
    [
        ("vllm", ("\n\nAnswer: 4", "Two and two are four.", "stop"), ("Answer: fo", "", "length")),
        ("sglang", ("Answer: 4", "Two and two are four.", "stop"), ("", "", "abort")),
    ],
)
def test_an_answer_is_read(server: str, first: tuple[str, ...], second: tuple[str, ...]) -> None:
    """Text, thinking and the reason of the end, whatever the fields are called; the input counts once."""
    found = through(Reply(body(f"{server}-chat.json")), n=2)
    assert [(c.text, c.reasoning, c.finish_reason) for c in found] == [first, second]
    assert found[1].usage.input == 0
    total = {"vllm": (23, 41), "sglang": (17, 40)}[server]
    assert (found[0].usage.input, sum(c.usage.output for c in found)) == total


@pytest.mark.parametrize("server", ["vllm", "sglang"])
def test_a_prompt_that_is_too_long_is_refused_in_its_words(server: str) -> None:
    """A nested and a flat error body are the same refusal, which is not retried."""
    with pytest.raises(EngineFailure, match="context length") as caught:
        through(Reply(body(f"{server}-error.json"), status=400))
    assert (caught.value.reason, caught.value.retryable) == ("refused_400", False)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_stream_is_put_together(size: int) -> None:
    """However the bytes are cut, the thinking, the text and the counts are those of the whole answer."""
    data = body("vllm-stream.txt")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    (found,) = through(Reply(pieces=pieces), stream=True)
    assert (found.text, found.reasoning, found.finish_reason) == ("Answer: 4", "Two and two.", "stop")
    assert (found.usage.input, found.usage.output) == (23, 12)
