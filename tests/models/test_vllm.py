"""vLLM in process, as far as it can be tested without it: an object plays `LLM`, keeping what it is told."""

import asyncio
import importlib.util
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt, Usage
from taskseed.models.vllm import Offline, VllmEngine, completions_of_output, open_vllm, sampling_of
from taskseed.recipe import parse_recipe


def prompt(text="hi", **sampling):
    """Return a prompt with a sampling."""
    return Prompt("m", ({"role": "user", "content": text},), sampling)


def output(*texts, reason="stop"):
    """Return what `LLM.chat` returns for one conversation."""
    choices = [SimpleNamespace(text=t, token_ids=[1] * len(t.split()), finish_reason=reason) for t in texts]
    return SimpleNamespace(prompt_token_ids=[1, 2, 3], outputs=choices)


class Playing:
    """Plays `vllm.LLM`: repeats each conversation's text, refuses `bad`, stops for `dead`; waits for `go`."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.samplings: list[dict[str, object]] = []
        self.templates: list[object] = []
        self.threads: set[str] = set()
        self.go = threading.Event()
        self.go.set()

    def chat(self, messages, sampling_params, *, use_tqdm, chat_template_kwargs) -> Sequence[object]:
        """Answer conversations in order."""
        self.go.wait(5)
        texts = [conversation[0]["content"] for conversation in messages]
        self.batches.append(texts)
        self.samplings += sampling_params
        self.templates.append(chat_template_kwargs)
        self.threads.add(threading.current_thread().name)
        if "dead" in texts:
            raise RuntimeError("the engine core died")
        if "bad" in texts:
            raise ValueError("too long")
        return [output(*[text] * p.get("n", 1)) for text, p in zip(texts, sampling_params, strict=True)]


def ask(playing, *asked, moment=0.01):
    """Ask all at once; return the texts, or why there are none."""

    async def run():
        with ThreadPoolExecutor(1, thread_name_prefix="vllm") as pool:
            engine = VllmEngine(Offline(playing, dict), pool, moment=moment)
            return await asyncio.gather(*(one(engine, p) for p in asked))

    async def one(engine, p):
        try:
            return [c.text for c in await engine.complete(p, 1)]
        except EngineFailure as failure:
            return failure.reason

    return asyncio.run(run())


def test_sampling_is_spelled_for_vllm():
    """Names are vLLM's own, but one; `extra_body` is flat; what the chat template gets stands apart."""
    template = {"enable_thinking": False}
    stated = {"temperature": 0.7, "seed": 4, "stop": ["x"], "max_completion_tokens": 9}
    stated["extra_body"] = {"top_k": 20, "chat_template_kwargs": template}
    named = {"temperature": 0.7, "seed": 4, "stop": ["x"], "max_tokens": 9, "top_k": 20}
    assert sampling_of(prompt(**stated), 1) == (named, template)
    assert sampling_of(prompt(max_tokens=5, stream=True), 3) == ({"max_tokens": 5, "n": 3}, None)


@pytest.mark.parametrize("name", ["response_format", "structured_outputs", "tools"])
def test_a_setting_that_only_a_server_takes_is_refused(name):
    """It is not dropped in silence: text would come back that is not what was asked for."""
    with pytest.raises(EngineFailure, match=name) as caught:
        sampling_of(prompt(**{name: {}}), 1)
    assert caught.value.reason == "refused_400"


def test_outputs_become_completions():
    """Thinking is set apart, tokens are counted per choice, and those of the prompt once."""
    found = completions_of_output(output("<think>2+2</think>4", "a b c", reason="length"))
    assert found == [
        Completion("4", "2+2", "length", Usage(3, 1)),
        Completion("a b c", "", "length", Usage(0, 3)),
    ]


def test_requests_of_a_moment_go_together_and_answers_find_their_way():
    """One call of `LLM.chat` for all that came in a moment, each with its own sampling, in one thread."""
    playing = Playing()
    texts = [f"q{i}" for i in range(20)]
    assert ask(playing, *(prompt(t, seed=i) for i, t in enumerate(texts))) == [[t] for t in texts]
    assert playing.batches == [texts]
    assert playing.samplings == [{"seed": i, "max_tokens": None} for i in range(20)]
    assert playing.threads == {"vllm_0"}


def test_what_comes_while_a_batch_runs_waits_as_one_batch():
    """One batch runs at a time; the next one grows until then, however many moments pass."""
    playing = Playing()
    playing.go.clear()

    async def run():
        with ThreadPoolExecutor(1) as pool:
            engine = VllmEngine(Offline(playing, dict), pool, moment=0.0)
            tasks = []
            for i in range(5):
                tasks.append(asyncio.create_task(engine.complete(prompt(f"q{i}"), 1)))
                await asyncio.sleep(0.01)
            playing.go.set()
            await asyncio.gather(*tasks)

    asyncio.run(run())
    assert playing.batches == [["q0"], ["q1", "q2", "q3", "q4"]]


def test_settings_of_the_chat_template_do_not_mix():
    """`LLM.chat` takes them once for all conversations, so others go in a batch of their own."""
    playing = Playing()
    kinds = [{"a": 1}, {"a": 1}, {"a": 2}]
    ask(playing, *(prompt(str(i), chat_template_kwargs=kind) for i, kind in enumerate(kinds)))
    assert (playing.batches, playing.templates) == ([["0", "1"], ["2"]], [{"a": 1}, {"a": 2}])


def test_a_refused_request_does_not_take_the_others_with_it():
    """vLLM refuses a batch for one request: it is halved until that one stands alone."""
    playing = Playing()
    texts = ["a", "b", "bad", "c", "d", "e"]
    assert ask(playing, *map(prompt, texts)) == [["a"], ["b"], "refused_400", ["c"], ["d"], ["e"]]


def test_an_engine_that_ended_ends_the_run():
    """All that wait hear it as the end of the run, which can be resumed, not as answers that failed."""
    with pytest.raises(EndpointError, match="the engine core died"):
        ask(Playing(), prompt("a"), prompt("dead"))


def test_a_request_that_is_given_up_leaves_the_others_their_answers():
    """Cancelling one of a batch cancels that one alone."""
    playing = Playing()

    async def run():
        with ThreadPoolExecutor(1) as pool:
            engine = VllmEngine(Offline(playing, dict), pool, moment=0.01)
            first, second = (asyncio.create_task(engine.complete(prompt(t), 1)) for t in ("a", "b"))
            await asyncio.sleep(0)
            first.cancel()
            return await second, first.cancelled()

    assert asyncio.run(run()) == ([Completion("b", usage=Usage(3, 1))], True)


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed")
def test_without_the_package_it_says_what_to_install():
    """Before anything else, as a usage error."""

    async def run():
        async with open_vllm("m", {}):
            pass

    with pytest.raises(UsageError) as caught:
        asyncio.run(run())
    assert caught.value.hint == "pip install 'taskseed[vllm]'"


def test_options_are_vllm_s_own_but_for_names_that_have_another_place():
    """What `vllm.LLM` takes is vLLM's to say; a token would be written into the run directory."""
    recipe = "name: n\ntasks: {include: [a]}\nmodels: {writer: {engine: vllm, model: m, options: {%s}}}"
    options = parse_recipe(recipe % "max_model_len: 8192, quantization: fp8").models.writer.options
    assert options == {"max_model_len": 8192, "quantization": "fp8"}
    with pytest.raises(UsageError, match="HF_TOKEN"):
        parse_recipe(recipe % "hf_token: x")
