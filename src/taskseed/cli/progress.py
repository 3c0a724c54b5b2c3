"""Progress on stderr: a live line on a terminal, plain lines otherwise, nothing with `--quiet`."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from taskseed.cli.messages import stderr
from taskseed.run.events import Event, Watch, unwatched

__all__ = ["watching"]

PLAIN_EVERY_S = 5.0


@contextlib.contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """Give a `Watch` that shows progress for as long as the block runs."""
    if quiet:
        yield unwatched
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[words]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=stderr(), transient=False) as progress:
            yield _Live(progress)
    else:
        yield _Plain()


def _words(event: Event, kept: int, dropped: int) -> str:
    counts = f"kept {kept}, dropped {dropped}" if kept or dropped else ""
    return "  ".join(part for part in (counts, event.note) if part)


class _Counting:
    """Sums what the shards of a stage kept and dropped."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, int]] = {}

    def sums(self, event: Event) -> tuple[int, int]:
        """Return a stage's totals with this event counted in."""
        kept, dropped = self._sums.get(event.stage, (0, 0))
        self._sums[event.stage] = kept + event.kept, dropped + event.dropped
        return self._sums[event.stage]


class _Live(_Counting):
    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._lines: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        if event.stage not in self._lines:
            self._lines[event.stage] = self._progress.add_task(event.stage, total=None, words="")
        words = _words(event, *self.sums(event))
        self._progress.update(
            self._lines[event.stage], completed=event.done, total=event.total or None, words=words
        )


class _Plain(_Counting):
    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        kept, dropped = self.sums(event)
        now = time.monotonic()
        if (event.done < event.total or not event.total) and now - self._said.get(
            event.stage, float("-inf")
        ) < PLAIN_EVERY_S:
            return
        self._said[event.stage] = now
        words = _words(event, kept, dropped)
        if not words:
            return
        of = f"/{event.total}" if event.total else ""
        stderr().print(f"{event.stage}: {event.done}{of}  {words}".rstrip(), markup=False)
