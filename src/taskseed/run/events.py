"""What a run tells whoever watches it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Asked", "EndpointState", "Event", "Traffic", "Watch", "unwatched"]


@dataclass(frozen=True, slots=True)
class Event:
    """Progress of one stage.

    :param stage: one of the stages, or what else takes time: `import`, `model` (a download).
    :param done: units of work finished so far, of `total` (tasks, guards, rows, shards, responses or MB).
    :param total: 0 where nobody knows it.
    :param kept: how many more were kept since the stage's last event; `dropped` likewise.
    :param note: what is going on, in a few words.
    """

    stage: str
    done: int
    total: int
    kept: int = 0
    dropped: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one role, or all of them, asked in this invocation.

    :param sent: requests, those that were sent again included; `failed` of them got no usable answer.
    :param answered: completions that came; `from_store` completions were there already.
    :param input: tokens, as the servers tell them; `output` likewise.
    :param usd: what they cost; None where a price is not known.
    """

    sent: int = 0
    answered: int = 0
    failed: int = 0
    from_store: int = 0
    input: int = 0
    output: int = 0
    usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class EndpointState:
    """How one endpoint does now.

    :param name: its address without credentials.
    :param places: requests that may be out at once now; they find themselves if `adapts`.
    :param in_flight: requests that are out.
    :param held: places of requests that are not out: they wait to be asked again, or are being stored.
    :param waiting: requests that wait for a place.
    :param too_many: how often it answered 429 in this invocation.
    :param failovers: how many of its requests went on to another endpoint.
    :param rests: it failed, or asked to be left alone, and gets nothing now.
    """

    name: str
    places: int
    adapts: bool
    in_flight: int
    held: int
    waiting: int
    too_many: int = 0
    failovers: int = 0
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is under way now, told once a second while models may be asked.

    :param at: seconds on a clock that never goes back.
    :param total: what all roles asked.
    :param by_role: the same by role.
    :param usd_before: what earlier invocations cost; None where a price is not known.
    :param units: by stage, units finished and known so far: seeds written from, questions solved.
    :param to_come: completions that are still expected, by role; None while there is no basis
        (`taskseed.run.work` says what it is).
    :param stopping: whether no new request goes out any more, because of Ctrl-C.
    """

    at: float
    total: Asked
    by_role: Mapping[str, Asked] = field(default_factory=dict)
    endpoints: tuple[EndpointState, ...] = ()
    usd_before: float | None = 0.0
    units: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    to_come: Mapping[str, float] | None = None
    stopping: bool = False

    @property
    def in_flight(self) -> int:
        """How many requests are out, over all endpoints."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)

    @property
    def share(self) -> float | None:
        """How much of the completions that this invocation needs is there: a projection, from 0 to 1."""
        if self.to_come is None:
            return None
        there = self.total.answered + self.total.from_store
        expected = there + sum(self.to_come.values())
        return there / expected if expected else None

    @property
    def projected_usd(self) -> float | None:
        """What the run will have cost over its life: a projection.

        Completions to come are taken to cost what the role's completions of this invocation cost on average.
        None where there is no basis, a price is not known, or the servers tell no tokens.
        """
        if self.to_come is None or self.usd_before is None or self.total.usd is None:
            return None
        if not self.total.output:
            return None
        usd = self.usd_before + self.total.usd
        for role, completions in self.to_come.items():
            asked = self.by_role[role]
            if not completions:
                continue
            if not asked.answered or asked.usd is None:
                return None
            usd += completions * asked.usd / asked.answered
        return usd


Watch = Callable[[Event | Traffic], None]


def unwatched(_: Event | Traffic) -> None:
    """Watch nothing."""
