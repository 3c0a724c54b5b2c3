"""What is said of a run's traffic: pace, cost, time left, endpoints."""

import math
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from taskseed.cli.messages import human
from taskseed.run.events import EndpointState, Traffic

__all__ = ["Pace", "cost_words", "endpoint_words", "pace_words", "request_words", "time_words"]

PACE_S = 10.0  # of the rates that are shown
LEFT_S = 60.0  # of the rate that the time left is projected from: an endpoint's own swings are shorter
SHORTEST_S = 0.9  # a rate over less than what is told every second means nothing
MOST_ENDPOINTS = 3  # that get a line of their own


class Pace:
    """Remembers what was told in the last minute, for rates."""

    def __init__(self) -> None:
        self._told: deque[Traffic] = deque()
        self._first: Traffic | None = None

    def add(self, traffic: Traffic) -> None:
        """Take in what is told now."""
        self._first = self._first or traffic
        self._told.append(traffic)
        while len(self._told) > 2 and self._told[1].at <= traffic.at - LEFT_S:
            self._told.popleft()

    def per_second(self, name: str, seconds: float) -> float | None:
        """Return how fast a total of `Asked` rose over the last seconds; None before a second has passed."""
        if not self._told:
            return None
        now = self._told[-1]
        earlier = [told for told in self._told if told.at <= now.at - seconds]
        return _rate(earlier[-1] if earlier else self._told[0], now, name)

    def on_average(self, name: str) -> float | None:
        """Return how fast a total rose over the whole invocation; None before a second has passed."""
        return _rate(self._first, self._told[-1], name) if self._first else None


def _rate(first: Traffic, last: Traffic, name: str) -> float | None:
    seconds = last.at - first.at
    if seconds < SHORTEST_S:
        return None
    return float(getattr(last.total, name) - getattr(first.total, name)) / seconds


def request_words(traffic: Traffic) -> str:
    """Return what became of the requests of this invocation."""
    total = traffic.total
    parts = [f"{human(total.sent)} sent", f"{human(traffic.in_flight)} in flight"]
    parts += [f"{human(total.failed)} failed"] if total.failed else []
    parts += [f"{human(total.from_store)} answers from the store"] if total.from_store else []
    return ", ".join(parts)


def pace_words(pace: Pace, *, ended: bool = False) -> str:
    """Return requests and tokens per second, lately or, once it has ended, on average; empty at first."""
    names = ("sent", "input", "output")
    rates = [pace.on_average(n) if ended else pace.per_second(n, PACE_S) for n in names]
    sent, tokens_in, tokens_out = rates
    if sent is None or tokens_in is None or tokens_out is None:
        return ""
    average = " on average" if ended else ""
    return f"{sent:,.1f} requests/s, {_short(tokens_in)} tokens/s in, {_short(tokens_out)} out{average}"


def cost_words(traffic: Traffic, *, ended: bool = False) -> str:
    """Return the cost and the tokens so far, and the projected cost where there is a basis."""
    total = traffic.total
    if total.answered and not total.output:
        return "unknown: the server tells no token counts"
    if total.usd is None or traffic.usd_before is None:
        usd = "unknown (a model has no `price`)"
    else:
        usd = f"{traffic.usd_before + total.usd:,.4f} USD so far"
        projected = None if ended or traffic.stopping else traffic.projected_usd
        usd += f", ~{_about(projected)} projected" if projected is not None else ""
    now = "now " if traffic.usd_before else ""  # tokens are this invocation's, USD the run's
    return f"{usd}; {now}{_short(total.input)} tokens in, {_short(total.output)} out"


def time_words(elapsed: float, traffic: Traffic | None, pace: Pace, *, ended: bool = False) -> str:
    """Return how long it took so far, and the projected time left where there is a basis."""
    words = str(timedelta(seconds=int(elapsed)))
    if ended or traffic is None:
        return words
    if traffic.stopping:
        return f"{words} so far; stopping: {_requests(traffic.in_flight)} in flight"
    rate = pace.per_second("answered", LEFT_S)
    if traffic.share is None or traffic.to_come is None or not rate:
        return f"{words} so far"
    left = _span(sum(traffic.to_come.values()) / rate)
    return f"{words} so far; projected: ~{left} left, {int(100 * traffic.share)} % of the answers are there"


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{human(number)} requests"


def endpoint_words(endpoints: Sequence[EndpointState], *, ended: bool = False) -> list[str]:
    """Return a line for each endpoint; one for all where they are many."""
    if len(endpoints) <= MOST_ENDPOINTS:
        return [", ".join(part for part in (_state([e], ended), _host(e)) if part) for e in endpoints]
    return [f"{len(endpoints)} endpoints: {_state(endpoints, ended)}"]


def _host(endpoint: EndpointState) -> str:
    """Return an endpoint's address without its scheme, which would only take room."""
    return endpoint.name.partition("://")[2] or endpoint.name


def _state(endpoints: Sequence[EndpointState], ended: bool) -> str:
    def total(name: str) -> int:
        return sum(getattr(endpoint, name) for endpoint in endpoints)

    found = " (auto)" if any(endpoint.adapts for endpoint in endpoints) else ""
    places = f"{human(total('places'))} at once{found}"
    if ended:
        parts = [f"up to {places}"]
    else:
        parts = [f"{human(total('in_flight'))} of {places}"]
        parts += [f"{human(total('held'))} paused or stored"] if total("held") else []
        parts += [f"{human(total('waiting'))} waiting"] if total("waiting") else []
    parts += [f"{human(total('too_many'))} × 429"] if total("too_many") else []
    parts += [f"{human(total('failovers'))} failed over"] if total("failovers") else []
    if (resting := total("rests")) and not ended:
        parts.append("resting" if len(endpoints) == 1 else f"{resting} resting")
    return ", ".join(parts)


def _short(number: float) -> str:
    """Return a count: whole below a million, with three digits above."""
    if number < 999_999.5:
        return human(number)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if number >= size * 0.9995:
            return f"{number / size:.3g} {letter}"
    return human(number)


def _about(number: float) -> str:
    """Return a number with two digits: 0.0042, 3.1, 1,200."""
    if number <= 0:
        return "0"
    places = 1 - math.floor(math.log10(number))
    return f"{round(number, places):,.{max(0, places)}f}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{_about(seconds / size)} {unit}"
    return f"{_about(seconds)} s"
