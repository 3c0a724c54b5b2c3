"""The models of a recipe as callables: engine, layers and store put together, one chain per role."""

import asyncio
import contextlib
import os
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from taskseed.errors import EndpointError, Interrupted, UsageError
from taskseed.models.base import Completion, Engine, Prompt
from taskseed.models.breaker import Breaker
from taskseed.models.budget import Budget, Budgeted, Rate, most_output
from taskseed.models.counted import Counted
from taskseed.models.limit import Places
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.models.pool import Desk
from taskseed.models.retry import Retrying
from taskseed.models.stored import Answer, Asker, Pending
from taskseed.recipe import ModelSpec, Recipe
from taskseed.run.engines import OWN
from taskseed.run.events import Event, Watch
from taskseed.run.headers import resolve_headers
from taskseed.run.ledger import InvocationCounters
from taskseed.run.services import Service, open_service, service_key
from taskseed.run.usage import CALIBRATION, recipe_role
from taskseed.store import ResponseStore

__all__ = [
    "Askers",
    "Gate",
    "check_budget",
    "check_endpoints",
    "endpoints",
    "open_askers",
    "own_models",
    "resolve_keys",
]

ROLES_IN_USE = ("writer", "solver", "voter", "judge")


@dataclass(slots=True)
class Gate:
    """Lets requests out until it is shut; what is in flight then still comes back and is stored."""

    shut: bool = False
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        """Let nothing more out, and end all waits."""
        self.shut = True
        self._closing.set()

    def check(self) -> None:
        """See that the gate is open.

        :raises Interrupted: if it is shut.
        """
        if self.shut:
            raise Interrupted("interrupted", "run the same command again to go on")

    async def wait(self, seconds: float) -> None:
        """Wait for some seconds, or until the gate is shut: nobody need wait to be refused."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


class _Gated:
    """Refuses to send once the gate is shut."""

    def __init__(self, engine: Engine, gate: Gate) -> None:
        self._engine = engine
        self._gate = gate

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        self._gate.check()
        return await self._engine.complete(prompt, n)


@dataclass(slots=True)
class Askers:
    """The callables of the roles in use.

    :param counters: this invocation's totals.
    """

    counters: InvocationCounters
    by_role: dict[str, Asker] = field(default_factory=dict)
    desks: list[Desk] = field(default_factory=list)

    def must_be_alive(self, failure: str) -> None:
        """See that each endpoint that was asked has answered something in this invocation.

        :param failure: what one of the failed requests got, for the message.
        :raises EndpointError: if one has not: then nothing may be concluded about single requests.
        """
        for role in self.by_role:
            failed = self.counters.of(role, "failed")
            if failed and not self.counters.of(role, "answered"):
                name = recipe_role(role)
                raise EndpointError(
                    f"models.{name}: none of {failed} requests got a usable answer; one of them: {failure}",
                    "mend the recipe or the server, then run the same command again: nothing is lost",
                )

    async def ask(self, role: str, prompt: Prompt, indices: Sequence[int]) -> Sequence[Answer]:
        """Ask a role's model; see `Asker.ask`."""
        return await self.by_role[role].ask(prompt, indices)


def resolve_keys(recipe: Recipe) -> dict[str, str | None]:
    """Return the API key of each role in use, from the environment.

    A missing variable is an error only where the recipe names one that is not the default, or the endpoint is
    not on this machine: local servers seldom want a key.

    :raises UsageError: naming the variable.
    """
    keys: dict[str, str | None] = {}
    for role, spec in _roles(recipe):
        if spec.engine != "openai" or recipe.responses.on_miss != "call":
            continue
        key = os.environ.get(spec.api_key_env) if spec.api_key_env else None
        if not key and spec.api_key_env and _wants_key(spec):
            raise UsageError(
                f"models.{role}: the environment variable `{spec.api_key_env}` is not set",
                f"export {spec.api_key_env}=..., or set models.{role}.api_key_env to null if none is needed",
            )
        keys[role] = key or None
    return keys


def _wants_key(spec: ModelSpec) -> bool:
    local = ("://localhost", "://127.", "://0.0.0.0", "://[::1]")
    named = "api_key_env" in spec.model_fields_set
    return named or not all(any(host in url for host in local) for url in spec.base_url)


def check_budget(recipe: Recipe, usd: float | None, tokens: int | None) -> None:
    """See that a budget can be kept: each role's answers must have a limit, and for USD a price.

    :raises UsageError: naming what is missing.
    """
    if usd is None and tokens is None:
        return
    for role, spec in _roles(recipe):
        most_output(Prompt(spec.model, (), spec.sampling))
        if usd is not None and spec.price is None:
            raise UsageError(
                f"models.{role} has no price, so a budget in USD cannot be kept",
                f"set models.{role}.price (USD per million tokens), or use --budget-tokens",
            )


async def check_endpoints(recipe: Recipe) -> None:
    """See that each role in use has an endpoint that can be reached and takes the key; costs no tokens.

    Of a model that the run serves itself: that it is there. It is not loaded.

    :raises UsageError: if a package, a model or a key is missing.
    :raises EndpointError: if all endpoints of a role cannot be used; of several, one that can is enough.
    """
    if not _asks(recipe):
        return
    for _, _, served in endpoints(recipe):
        problems = [problem for endpoint in served if (problem := await _checked(endpoint))]
        if len(problems) == len(served):
            raise problems[0]
    for _, spec in own_models(recipe):
        await OWN[spec.engine].look(spec)


async def _checked(endpoint: Endpoint) -> EndpointError | None:
    async with OpenAIEngine(endpoint) as engine:
        try:
            await engine.check()
        except EndpointError as problem:
            return problem
    return None


def endpoints(recipe: Recipe) -> list[tuple[str, ModelSpec, tuple[Endpoint, ...]]]:
    """Return each role in use whose model is served elsewhere, with the model and where that is.

    :raises UsageError: if a key is missing.
    """
    keys = resolve_keys(recipe)
    served = [(role, spec) for role, spec in _roles(recipe) if spec.engine not in OWN]
    return [(role, spec, _endpoints(spec, keys.get(role), role)) for role, spec in served]


def own_models(recipe: Recipe) -> list[tuple[str, ModelSpec]]:
    """Return each role in use whose model the run serves itself."""
    return [(role, spec) for role, spec in _roles(recipe) if spec.engine in OWN]


def _asks(recipe: Recipe) -> bool:
    return recipe.responses.on_miss == "call"


def _roles(recipe: Recipe) -> list[tuple[str, ModelSpec]]:
    """Return the roles that a run asks, with their models."""
    found = [(role, recipe.models.role(role)) for role in ROLES_IN_USE]
    written = recipe.generate.kind != "numeric"  # numbers need no writer, and no judge of free text
    needed = ROLES_IN_USE if written else ("solver", "voter")
    return [(role, spec) for role, spec in found if spec is not None and role in needed]


def _purposes(recipe: Recipe) -> list[tuple[str, ModelSpec]]:
    """Return what is counted apart, with its model: the roles in use, and last the solver's calibration."""
    roles = _roles(recipe)
    return [*roles, *((CALIBRATION, spec) for role, spec in roles if role == "solver")]


async def open_askers(
    recipe: Recipe,
    store: ResponseStore,
    counters: InvocationCounters,
    gate: Gate,
    queue: Callable[[str, Pending], None],
    budget: Budget | None,
    watch: Watch,
    stack: AsyncExitStack,
) -> Askers:
    """Build the chain of each role in use; see `check_endpoints`.

    :param queue: gets, with the role, each request that a batch is to answer.
    :param budget: what all roles together may spend; None is no limit.
    :param watch: hears how the download of a model goes.
    :raises UsageError: if a package, a model or a key is missing.
    :raises EndpointError: if a model cannot be loaded.
    """
    askers = Askers(counters)
    served = {role: found for role, _, found in endpoints(recipe)} if _asks(recipe) else {}
    services: dict[str, Service] = {}
    for purpose, spec in _purposes(recipe):
        role = recipe_role(purpose)
        engine: Engine | None = None
        places: Places | None = None
        if _asks(recipe):
            key = service_key(spec)
            if key not in services:
                tell = partial(_tell, watch, gate)
                services[key] = await open_service(spec, served.get(role, ()), tell, stack)
                askers.desks += services[key].desks
            service = services[key]
            layers = _own_layers(spec, purpose, counters, gate, budget)
            line = service.engine(layers, hints=spec.schema_hints == "auto")
            patient = Retrying(line, rng=random.Random(f"{recipe.seed} {purpose}"), sleep=gate.wait)
            engine, places = Breaker(patient, service.name), service.places
        askers.by_role[purpose] = Asker(
            engine,
            store,
            recipe.responses.on_miss,
            counters,
            role=purpose,
            places=places,
            queue=partial(queue, purpose),
            one_by_one=role in served and services[service_key(spec)].ignores_n(spec.model),
        )
    return askers


def _own_layers(
    spec: ModelSpec, role: str, counters: InvocationCounters, gate: Gate, budget: Budget | None
) -> Callable[[Engine], Engine]:
    """Return what wraps a client for one role: gate, budget and counter, which each attempt passes."""

    def wrapped(client: Engine) -> Engine:
        sending: Engine = Counted(client, counters, role)
        if budget is not None:
            price = spec.price
            sending = Budgeted(sending, budget, Rate(price.input, price.output) if price else Rate(0.0, 0.0))
        return _Gated(sending, gate)

    return wrapped


def _tell(watch: Watch, gate: Gate, name: str, done: int, total: int) -> None:
    """Say how far the download of a model is; once the gate is shut, end it."""
    if gate.shut:
        raise Interrupted("interrupted while a model was downloaded", "run the same command again to go on")
    watch(Event("model", done >> 20, total >> 20, note=f"MB of {name} downloaded"))


def _endpoints(spec: ModelSpec, key: str | None, role: str) -> tuple[Endpoint, ...]:
    shared = Endpoint(
        base_url="",
        api_key=key,
        headers=resolve_headers(role, spec.headers),
        timeout=spec.timeout,
        stream=spec.stream,
        ca_file=spec.ca_file,
    )
    return tuple(replace(shared, base_url=url) for url in spec.base_url)
