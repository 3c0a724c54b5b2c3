"""Progress on stderr: a live panel on a terminal, plain lines otherwise, nothing with `--quiet`."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live

from taskseed.cli.messages import human, stderr
from taskseed.cli.panel import Panel
from taskseed.cli.traffic import Pace, cost_words, endpoint_words, pace_words, request_words, time_words
from taskseed.run.events import Event, Traffic, Watch, unwatched

__all__ = ["watching"]

PLAIN_EVERY_S = 5.0
TRAFFIC_EVERY_S = 10.0
REFRESHES_PER_S = 2


@contextlib.contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """Give a `Watch` that shows progress for as long as the block runs."""
    console = stderr()
    if quiet:
        yield unwatched
    elif sys.stderr.isatty() and not console.is_dumb_terminal:
        panel = Panel()
        with Live(
            console=console,
            get_renderable=panel.render,
            refresh_per_second=REFRESHES_PER_S,
            redirect_stdout=sys.stdout.isatty(),
        ):
            try:
                yield _Live(panel, console)
            finally:
                panel.end()
    else:
        yield _Plain(console)


class _Stopping:
    """Says once what the first Ctrl-C does."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = False

    def tell(self, traffic: Traffic) -> None:
        """Say it as soon as the run stops."""
        if traffic.stopping and not self._said:
            self._said = True
            number = traffic.in_flight
            what = "1 request" if number == 1 else f"{human(number)} requests"
            self._console.print(f"finishing {what} in flight; press Ctrl-C again to stop at once")


class _Live:
    """Shows a panel; what must not be lost when it changes is printed above it."""

    def __init__(self, panel: Panel, console: Console) -> None:
        self._panel = panel
        self._console = console
        self._stopping = _Stopping(console)

    def __call__(self, told: Event | Traffic) -> None:
        if isinstance(told, Traffic):
            self._stopping.tell(told)
        elif told.note and told.done >= told.total > 0:
            self._console.print(f"{told.stage}: {told.note}", markup=False, soft_wrap=True)
            told = Event(told.stage, told.done, told.total, told.kept, told.dropped)
        self._panel.take(told)


class _Plain:
    """Prints lines: of a stage at most every 5 s and when it is done, of the traffic at most every 10 s."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stopping = _Stopping(console)
        self._began = time.monotonic()
        self._sums: dict[str, tuple[int, int]] = {}
        self._said: dict[str, float] = {}
        self._pace = Pace()

    def __call__(self, told: Event | Traffic) -> None:
        if isinstance(told, Traffic):
            self._traffic(told)
        else:
            self._event(told)

    def _event(self, event: Event) -> None:
        kept, dropped = self._sums.get(event.stage, (0, 0))
        kept, dropped = self._sums[event.stage] = kept + event.kept, dropped + event.dropped
        if (event.done < event.total or not event.total) and not self._due(event.stage, PLAIN_EVERY_S):
            return
        counts = f"kept {kept}, dropped {dropped}" if kept or dropped else ""
        words = "  ".join(part for part in (counts, event.note) if part)
        if words:
            of = f"/{event.total}" if event.total else ""
            self._print(f"{event.stage}: {event.done}{of}  {words}")

    def _traffic(self, traffic: Traffic) -> None:
        self._stopping.tell(traffic)
        self._pace.add(traffic)
        if not traffic.total.sent or not self._due("requests", TRAFFIC_EVERY_S):
            return
        parts = (
            request_words(traffic),
            pace_words(self._pace),
            cost_words(traffic),
            time_words(time.monotonic() - self._began, traffic, self._pace),
            *endpoint_words(traffic.endpoints),
        )
        self._print(f"requests: {'; '.join(part for part in parts if part)}")

    def _due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._said.get(what, float("-inf")) < seconds:
            return False
        self._said[what] = now
        return True

    def _print(self, line: str) -> None:
        self._console.print(line.rstrip(), markup=False)
