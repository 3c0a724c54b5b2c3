"""The engines that a run starts itself: how each is looked at and opened, by its name in a recipe."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from taskseed.models.base import Engine
from taskseed.models.llamacpp import Tell, find_model, open_llamacpp
from taskseed.models.vllm import check_vllm, open_vllm
from taskseed.recipe import LlamacppOptions, ModelSpec

__all__ = ["OWN", "Found", "OwnEngine", "at_once"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a model found, without loading it.

    :param said: what it is, in a few words.
    :param size: bytes of memory that it needs at least; 0 where that cannot be told.
    :param here: whether nothing has to be downloaded first, as far as that can be told.
    """

    said: str
    size: int = 0
    here: bool = True


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """An engine that a run starts itself.

    :param look: sees that package and model are there, or says what is missing by raising `UsageError` or
        `EndpointError`; loads nothing.
    :param open: gives the engine for as long as its block runs.
    :param places: requests at once where the recipe says `auto`.
    """

    look: Callable[[ModelSpec], Awaitable[Found]]
    open: Callable[[ModelSpec, Tell], AbstractAsyncContextManager[Engine]]
    places: int


async def _look_at_llamacpp(spec: ModelSpec) -> Found:
    found = await asyncio.to_thread(find_model, spec.model)
    size = f"{found.size / 1e9:.1f} GB" if found.size >= 1e9 else f"{found.size / 1e6:.1f} MB"
    return Found(f"{found.name}, {size}", found.size, bool(found.paths))


def _open_llamacpp(spec: ModelSpec, tell: Tell) -> AbstractAsyncContextManager[Engine]:
    options = LlamacppOptions.model_validate(spec.options)
    return open_llamacpp(spec.model, options, at_once(spec), seconds=spec.timeout, tell=tell)


async def _look_at_vllm(spec: ModelSpec) -> Found:
    check_vllm()
    return Found(spec.model)


def _open_vllm(spec: ModelSpec, tell: Tell) -> AbstractAsyncContextManager[Engine]:
    return open_vllm(spec.model, spec.options)


OWN: Mapping[str, OwnEngine] = {
    "llamacpp": OwnEngine(_look_at_llamacpp, _open_llamacpp, places=4),
    "vllm": OwnEngine(_look_at_vllm, _open_vllm, places=256),
}


def at_once(spec: ModelSpec) -> int:
    """Return how many requests a model of an engine of our own gets at once."""
    return OWN[spec.engine].places if spec.concurrency == "auto" else spec.concurrency
