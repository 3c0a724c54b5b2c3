"""The live panel of a run: stages, requests, pace, cost and endpoints, made for 80 columns."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from taskseed.cli.messages import human
from taskseed.cli.traffic import Pace, cost_words, endpoint_words, pace_words, request_words, time_words
from taskseed.run.directory import SHARDED
from taskseed.run.events import Event, Traffic

__all__ = ["Panel"]

UNITS = {"generate": "seeds", "enrich": "questions"}


@dataclass(slots=True)
class _Stage:
    """What is known of one stage."""

    name: str
    done: int = 0
    total: int = 0
    kept: int = 0
    dropped: int = 0
    note: str = ""

    @property
    def words(self) -> str:
        """How far it is."""
        if not self.total:
            return human(self.done) if self.done else ""
        of = f"{human(self.done)} of {human(self.total)}"
        if self.name in SHARDED:
            return of + (" shard" if self.total == 1 else " shards")
        return "done" if self.done >= self.total else of


class Panel:
    """Takes in what a run tells and shows it as it is now.

    :param clock: a clock in seconds that never goes back; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._stages: dict[str, _Stage] = {}
        self._traffic: Traffic | None = None
        self._pace = Pace()
        self._ended = False

    def take(self, told: Event | Traffic) -> None:
        """Take in what the run tells."""
        if isinstance(told, Traffic):
            self._traffic = told
            self._pace.add(told)
            for name, (_, known) in told.units.items():
                if known:  # a stage is under way before its first shard is finished
                    self._stages.setdefault(name, _Stage(name))
            return
        stage = self._stages.setdefault(told.stage, _Stage(told.stage))
        stage.done, stage.total, stage.note = told.done, told.total, told.note
        stage.kept += told.kept
        stage.dropped += told.dropped

    def end(self) -> None:
        """Say that nothing more comes: what is shown from now on is how it ended."""
        self._ended = True

    def render(self) -> RenderableType:
        """Return what to show now; called from the thread that refreshes the screen."""
        # The cursor stays in the last line: an echoed ^C at the end of a full one would move the panel.
        return Group(self._funnel(), self._facts(), Text())

    def _funnel(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=True)
        table.add_column("stage", width=9, no_wrap=True)
        table.add_column("done", no_wrap=True)
        table.add_column("kept", justify="right", no_wrap=True)
        table.add_column("dropped", justify="right", no_wrap=True)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis", style="dim")
        for stage in list(self._stages.values()):
            counts = (stage.kept, stage.dropped)
            kept, dropped = (human(n) if any(counts) else "" for n in counts)
            table.add_row(stage.name, stage.words, kept, dropped, Text(self._note(stage)))
        return table

    def _note(self, stage: _Stage) -> str:
        done, known = self._traffic.units.get(stage.name, (0, 0)) if self._traffic else (0, 0)
        if stage.note or self._ended or done >= known:
            return stage.note
        return f"{human(done)} of {human(known)} {UNITS[stage.name]}"

    def _facts(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=9, no_wrap=True, style="bold")
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        ended, traffic = self._ended, self._traffic
        rows = []
        if traffic is not None and (traffic.total.sent or traffic.total.from_store):
            rows.append(("requests", request_words(traffic)))
            if traffic.total.sent:
                rows.append(("pace", pace_words(self._pace, ended=ended)))
                rows.append(("cost", cost_words(traffic, ended=ended)))
        rows.append(("time", time_words(self._clock() - self._began, traffic, self._pace, ended=ended)))
        if traffic is not None:
            rows += [("endpoint", words) for words in endpoint_words(traffic.endpoints, ended=ended)]
        for label, words in rows:
            table.add_row(label, Text(words))
        return table
