"""`taskseed doctor`: can this machine do what a recipe asks, and what to do where it cannot.

Each check really tries: the sandbox is attacked, the disk is asked, the endpoint answers small requests, and
what it honours of them is kept for later runs.
"""

import asyncio
import platform
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from taskseed.errors import EndpointError, TaskseedError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt
from taskseed.models.capabilities import Capabilities, probe
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.models.remembered import remember
from taskseed.recipe import ModelSpec, Recipe
from taskseed.run.askers import endpoints, own_models
from taskseed.run.engines import OWN, Found
from taskseed.sandbox import available, why_unavailable
from taskseed.stages.collect import choose_tasks
from taskseed.tasks import Catalogue

__all__ = ["Finding", "check_machine", "check_recipe"]

_ASKED = "Reply with the single word: ready"
_ANSWER_TOKENS = 64
_LITTLE_DISK = 2_000_000_000  # bytes; a run of a million responses of 2 KB needs about as much


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    :param state: `ok`; `lacks` where a run works with less; `fails` where it cannot work.
    :param fix: what to do, where there is something to do.
    """

    what: str
    state: Literal["ok", "lacks", "fails"]
    said: str
    fix: str = ""


def check_machine(catalogue: Catalogue, place: Path) -> Iterator[Finding]:
    """Yield what this machine has.

    :param place: where runs will be written.
    """
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    words = f"lm-evaluation-harness {catalogue.harness_version}, {len(catalogue.entries):,} tasks"
    yield Finding("harness", "ok", words)
    yield _sandbox()
    yield _disk(place)


def check_recipe(recipe: Recipe, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether the recipe's tasks can be read, its endpoints answer and what they honour.

    Costs a few hundred tokens per model and endpoint.
    """
    yield _tasks(recipe, catalogue)
    if recipe.responses.on_miss != "call":
        yield Finding("models", "ok", f"asked by nobody: responses.on_miss is {recipe.responses.on_miss}")
        return
    try:
        found = endpoints(recipe)
    except UsageError as problem:
        yield Finding("models", "fails", problem.message, problem.hint)
        return
    known: dict[tuple[str, str], Finding] = {}  # roles often share a model
    for role, spec, served in found:
        for endpoint in served:
            same = endpoint.base_url, spec.model_dump_json()
            if same not in known:
                known[same] = asyncio.run(_endpoint(spec, endpoint))
            yield replace(known[same], what=f"models.{role}")
    seen: dict[str, str] = {}
    for role, spec in own_models(recipe):
        like = seen.setdefault(spec.model_dump_json(), role)
        if like == role:
            yield asyncio.run(_own(role, spec))
        else:
            yield Finding(f"models.{role}", "ok", f"the same as models.{like}")


def _sandbox() -> Finding:
    found = available()
    if found is not None:
        return Finding("sandbox", "ok", f"{found.name} contains every attempt to break out")
    fix = "install bubblewrap, or use a Linux kernel with Landlock (5.13 or newer)"
    return Finding("sandbox", "lacks", f"code tasks will be refused: {why_unavailable()}", fix)


def _disk(place: Path) -> Finding:
    there = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free at {there}"
    if free < _LITTLE_DISK:
        return Finding("disk", "lacks", said, "a million responses of 2 KB need about 2 GB")
    return Finding("disk", "ok", said)


def _tasks(recipe: Recipe, catalogue: Catalogue) -> Finding:
    try:
        judged = recipe.models.role("judge") is not None
        chosen = choose_tasks(catalogue, recipe.tasks, lambda what, done, total: None, judged=judged)
    except TaskseedError as problem:
        return Finding("tasks", "fails", problem.message, problem.hint)
    reasons = Counter(dropped.reason for dropped in chosen.dropped)
    refused = "".join(f", {count} {reason}" for reason, count in reasons.most_common())
    return Finding("tasks", "ok", f"{len(chosen.entries)} can be read and may seed{refused}")


async def _endpoint(spec: ModelSpec, endpoint: Endpoint) -> Finding:
    name = endpoint.name
    async with OpenAIEngine(endpoint) as engine:
        try:
            await engine.check()
            found = await probe(engine.post, spec.model, spec.sampling)
        except EndpointError as problem:
            return Finding("", "fails", problem.message, problem.hint)
        except EngineFailure as failure:
            said = f"{name} does not answer a request to {spec.model}: {failure.reason}: {failure.detail}"
            return Finding("", "fails", said, "check the model's name, and the recipe's sampling for it")
    remember(name, spec.model, found, now=time.time())
    return _answered(f"{name} answers as {spec.model}; {_words(found)}", found, spec)


async def _own(role: str, spec: ModelSpec) -> Finding:
    """Look for a model that a run serves itself; load and ask it, if it is here and memory is free for it."""
    what = f"models.{role}"
    engine = OWN[spec.engine]
    try:
        found = await engine.look(spec)
        if (lacking := _not_to_load(what, found)) is not None:
            return lacking
        async with engine.open(spec, lambda name, done, total: None) as opened:
            completions = await opened.complete(_small(spec), 2)
    except TaskseedError as problem:
        return Finding(what, "fails", problem.message, problem.hint)
    except EngineFailure as failure:
        said = f"{found.said}, does not answer: {failure.reason}: {failure.detail}"
        return Finding(what, "fails", said, "check the recipe's sampling and options for it")
    return _own_answered(what, f"{found.said}, is loaded and answers", completions)


def _not_to_load(what: str, found: Found) -> Finding | None:
    free = _free_memory()
    memory = "" if free is None else f", {free / 1e9:.1f} GB of memory free"
    if free is not None and found.size > free:
        fix = "take a smaller one (fewer bits per weight), or end other programs"
        return Finding(what, "lacks", f"{found.said}{memory}: it was not loaded", fix)
    if not found.here:
        return Finding(what, "ok", f"{found.said}, is on the Hub: a run downloads it first{memory}")
    return None


def _free_memory() -> int | None:
    """Return the bytes of memory that programs can get, where the system tells (Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return found[0] if found else None


def _small(spec: ModelSpec) -> Prompt:
    """Return a short question with the recipe's sampling, so that what the server refuses in it shows now."""
    limit = "max_completion_tokens" if "max_completion_tokens" in spec.sampling else "max_tokens"
    sampling = {**spec.sampling, limit: _ANSWER_TOKENS}
    return Prompt(spec.name, ({"role": "user", "content": _ASKED},), sampling)


def _own_answered(what: str, said: str, completions: Sequence[Completion]) -> Finding:
    several = "several samples per request" if len(completions) > 1 else "one sample per request"
    return Finding(what, "ok", f"{said}; {several}")


def _answered(said: str, found: Capabilities, spec: ModelSpec) -> Finding:
    if not found.usage:
        fix = "costs will be unknown; a budget goes by the lengths of the texts"
        return Finding("", "lacks", f"{said}; tells no token counts", fix)
    if found.max_tokens_field is None:
        fix = "answers may be longer than the recipe allows, so that a budget may be overspent"
        return Finding("", "lacks", said, fix)
    if spec.price is None:
        said = f"{said}; no `price` in the recipe, so costs will be unknown"
    return Finding("", "ok", said)


def _words(found: Capabilities) -> str:
    titles = ("honours", "does not honour", "could not be told:")
    parts = zip(titles, found.told(), strict=True)
    return "; ".join(f"{title} {', '.join(names)}" for title, names in parts if names)
