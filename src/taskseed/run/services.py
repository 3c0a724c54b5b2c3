"""Models as they are served: on one endpoint or several, with places and allowances that roles share."""

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from taskseed.models.base import Engine
from taskseed.models.limit import Paced, Places
from taskseed.models.llamacpp import Tell
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.models.pool import Desk, Member, Pool, SharedPlaces
from taskseed.models.rated import Rated, Spacing
from taskseed.models.remembered import recall
from taskseed.models.spelling import Spelling, Spelt
from taskseed.recipe import ModelSpec
from taskseed.run.engines import OWN, at_once

__all__ = ["Service", "open_service", "service_key"]

# What makes two roles' models one service: they go to the same place, in the same way.
_HOW = {"engine", "timeout", "concurrency", "requests_per_minute", "tokens_per_minute"}
_OWN = {"model", "options"}
_SERVED = {"base_url", "api_key_env", "headers", "stream", "ca_file"}


def service_key(spec: ModelSpec) -> str:
    """Return a text that is equal for models that share endpoints, places and allowances."""
    return spec.model_dump_json(include=_HOW | (_OWN if spec.engine in OWN else _SERVED))


@dataclass(frozen=True, slots=True)
class Service:
    """Endpoints that are open, and what all roles that use them share.

    :param desks: one per endpoint.
    :param clients: what sends to each.
    :param spellings: how each wants its requests.
    :param places: what an asker holds until an answer is durable.
    :param allowances: requests and tokens a minute, where the recipe limits them.
    """

    desks: tuple[Desk, ...]
    clients: tuple[Engine, ...]
    spellings: tuple[Spelling, ...]
    places: Places
    allowances: tuple[Spacing, Spacing] | None

    @property
    def name(self) -> str:
        """The endpoints' names, for messages."""
        return ", ".join(desk.places.name for desk in self.desks)

    def ignores_n(self, model: str) -> bool:
        """Say whether an endpoint was seen to send one sample where several were asked for."""
        return any(spelling.ignores_n(model) for spelling in self.spellings)

    def engine(self, inside: Callable[[Engine], Engine], *, hints: bool) -> Engine:
        """Return what sends one role's requests.

        :param inside: the role's own layers, around each client, so that each attempt passes them.
        :param hints: whether schemas may be sent where they are honoured.
        """
        lines: list[Engine] = []
        for desk, client, spelling in zip(self.desks, self.clients, self.spellings, strict=True):
            sending: Engine = Spelt(inside(client), spelling, hints=hints)
            if self.allowances:
                sending = Rated(sending, *self.allowances)
            lines.append(Paced(sending, desk.places))
        if len(lines) == 1:
            return lines[0]
        return Pool([Member(desk, line) for desk, line in zip(self.desks, lines, strict=True)])


async def open_service(
    spec: ModelSpec, endpoints: Sequence[Endpoint], tell: Tell, stack: AsyncExitStack
) -> Service:
    """Open a model's endpoints, or start the engine that serves it, for as long as `stack` is open.

    :param endpoints: none for an engine of our own.
    :param tell: hears how the download of a model goes.
    :raises UsageError: if a package or a model is missing.
    :raises EndpointError: if a model cannot be loaded.
    """
    if spec.engine in OWN:
        clients = [await stack.enter_async_context(OWN[spec.engine].open(spec, tell))]
        desks: tuple[Desk, ...] = (Desk(Places(at_once(spec), name=f"{spec.engine}, {spec.model}")),)
    else:
        fixed = None if spec.concurrency == "auto" else spec.concurrency
        clients = [await stack.enter_async_context(OpenAIEngine(endpoint)) for endpoint in endpoints]
        desks = tuple(Desk(Places(fixed, name=endpoint.name)) for endpoint in endpoints)
    places = desks[0].places if len(desks) == 1 else SharedPlaces(desks)
    limits = spec.requests_per_minute, spec.tokens_per_minute
    allowances = (Spacing(limits[0]), Spacing(limits[1])) if any(limits) else None
    spellings = tuple(_spelling(desk.places.name) for desk in desks)
    return Service(desks, tuple(clients), spellings, places, allowances)


def _spelling(endpoint: str) -> Spelling:
    return Spelling(lambda model: recall(endpoint, model, now=time.time()))
