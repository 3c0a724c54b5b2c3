"""The engine that runs vLLM inside this process, by its offline class `LLM`; `vllm` is imported here alone.

Written against vLLM 0.33.0, from the sources in its wheel (`vllm/entrypoints/llm.py`: `LLM.chat` takes a list
of conversations and a list of `SamplingParams` and returns their `RequestOutput`s in order) and from
https://docs.vllm.ai/en/stable/serving/offline_inference/. It has never run on a GPU: only what is pure is
tested, with an object that plays `LLM`. `vllm serve` with the engine `openai` keeps a GPU busier: here a
batch ends with its longest answer.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Any

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, Engine, EngineFailure, Prompt, Usage
from taskseed.models.replies import split_thinking
from taskseed.models.wire import chat_body

__all__ = ["Offline", "VllmEngine", "check_vllm", "completions_of_output", "open_vllm", "sampling_of"]

_MOMENT = 0.05  # seconds in which the requests of a batch are collected
_SHAPED = ("response_format", "structured_outputs", "tools")  # need classes of vLLM, not values


@dataclass(frozen=True, slots=True)
class Offline:
    """What is used of vLLM.

    :param llm: a `vllm.LLM`.
    :param params: makes `vllm.SamplingParams` of keyword arguments.
    :param refusals: what `llm` raises for a request that it will not take.
    :param ends: what `llm` raises when it cannot go on.
    """

    llm: Any
    params: Callable[..., Any]
    refusals: tuple[type[Exception], ...] = (ValueError, TypeError)
    ends: tuple[type[Exception], ...] = (RuntimeError,)


@dataclass(frozen=True, slots=True)
class _Request:
    messages: list[dict[str, str]]
    sampling: dict[str, Any]


@dataclass(slots=True)
class _Batch:
    """Requests that go to vLLM together; `outcomes` has one entry for each, in order."""

    template: dict[str, Any] | None
    requests: list[_Request] = field(default_factory=list)
    outcomes: "asyncio.Task[list[list[Completion] | EngineFailure]] | None" = None


class VllmEngine:
    """Collects requests into batches; one batch runs at a time, in the thread of the given pool.

    :param offline: vLLM, or what plays it.
    :param pool: a pool of one thread, the one that `offline.llm` was made in.
    :param moment: seconds in which a batch is collected; while another one runs, it goes on growing.
    """

    def __init__(self, offline: Offline, pool: ThreadPoolExecutor, *, moment: float = _MOMENT) -> None:
        self._offline = offline
        self._pool = pool
        self._moment = moment
        self._turn = asyncio.Lock()
        self._open: _Batch | None = None

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return `n` completions of one prompt.

        :raises EngineFailure: if vLLM refuses the request.
        :raises EndpointError: if vLLM cannot go on.
        """
        sampling, template = sampling_of(prompt, n)
        batch = self._open
        if batch is None or batch.template != template:
            batch = self._open = _Batch(template)
            batch.outcomes = asyncio.create_task(self._run(batch))
        place = len(batch.requests)
        batch.requests.append(_Request([dict(message) for message in prompt.messages], sampling))
        assert batch.outcomes is not None  # noqa: S101 -- set with the batch
        # Shielded: the others of the batch still wait for it.
        outcome = (await asyncio.shield(batch.outcomes))[place]
        if isinstance(outcome, EngineFailure):
            raise outcome
        return outcome

    async def _run(self, batch: _Batch) -> list[list[Completion] | EngineFailure]:
        await asyncio.sleep(self._moment)
        async with self._turn:
            if self._open is batch:
                self._open = None
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._answer, batch.requests, batch.template)

    def _answer(
        self, requests: Sequence[_Request], template: dict[str, Any] | None
    ) -> list[list[Completion] | EngineFailure]:
        """Answer requests together; where vLLM refuses, halve them until the refused ones stand alone."""
        used = self._offline
        try:
            outputs = used.llm.chat(
                [request.messages for request in requests],
                [used.params(**request.sampling) for request in requests],
                use_tqdm=False,
                chat_template_kwargs=template,
            )
        except used.refusals as refusal:
            if len(requests) == 1:
                return [EngineFailure("refused_400", str(refusal)[:300])]
            half = len(requests) // 2
            return [*self._answer(requests[:half], template), *self._answer(requests[half:], template)]
        except used.ends as end:
            raise EndpointError(
                f"vLLM cannot go on: {end}", "run the same command again: nothing is lost"
            ) from end
        return [completions_of_output(output) for output in outputs]


def sampling_of(prompt: Prompt, n: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the keyword arguments of `SamplingParams`, and those of the chat template.

    :raises EngineFailure: for a setting that only a server takes.
    """
    settings = chat_body(prompt, n)
    del settings["model"], settings["messages"]
    template = settings.pop("chat_template_kwargs", None)
    for name in _SHAPED:
        if name in settings:
            raise EngineFailure(
                "refused_400", f"`{name}` is not known to `engine: vllm`; use a server for it"
            )
    if "max_completion_tokens" in settings:
        settings["max_tokens"] = settings.pop("max_completion_tokens")
    settings.setdefault("max_tokens", None)  # as on a server: until the context is full; vLLM's default is 16
    return settings, template


def completions_of_output(output: Any) -> list[Completion]:
    """Return the completions of a `vllm.RequestOutput`; the prompt's tokens count on the first."""
    found = []
    for i, choice in enumerate(output.outputs):
        text, reasoning = split_thinking(choice.text)
        usage = Usage(len(output.prompt_token_ids or ()) if i == 0 else 0, len(choice.token_ids))
        found.append(Completion(text, reasoning, choice.finish_reason or "unknown", usage))
    return found


def check_vllm() -> None:
    """See that vLLM can be imported; loads nothing.

    :raises UsageError: if it is not installed.
    """
    if find_spec("vllm") is None:
        raise UsageError("`engine: vllm` needs the package `vllm`", "pip install 'taskseed[vllm]'")


@asynccontextmanager
async def open_vllm(model: str, options: Mapping[str, Any]) -> AsyncIterator[Engine]:
    """Give an engine for a model for as long as the block runs.

    :param model: a Hub id or a folder.
    :param options: further arguments of `vllm.LLM`.
    :raises UsageError: if vLLM is not installed, or does not take the options.
    :raises EndpointError: if vLLM cannot load the model.
    """
    check_vllm()
    pool = ThreadPoolExecutor(
        1, thread_name_prefix="vllm"
    )  # vLLM's sockets belong to the thread that made them
    try:
        loading = asyncio.get_running_loop().run_in_executor(pool, partial(_load, model, options))
        yield VllmEngine(await loading, pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _load(model: str, options: Mapping[str, Any]) -> Offline:
    os.environ.setdefault("VLLM_LOGGING_STREAM", "ext://sys.stderr")  # by default it logs to stdout
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    import vllm
    from vllm.exceptions import VLLMClientError, VLLMServerError

    try:
        llm = vllm.LLM(model=model, **options)
    except TypeError as problem:
        raise UsageError(f"vLLM does not take these options: {problem}", "see docs/recipe.md") from problem
    except (OSError, ValueError, RuntimeError) as problem:
        raise EndpointError(
            f"vLLM cannot load `{model}`: {problem}", "look at what it logged above, and at options"
        ) from problem
    refusals = (VLLMClientError, ValueError, TypeError)
    return Offline(llm, vllm.SamplingParams, refusals, (VLLMServerError, RuntimeError))
