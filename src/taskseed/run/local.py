"""A run on this machine: the lock, the event loop, and what Ctrl-C means."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from taskseed.errors import Interrupted, StoppedShort, TaskseedError, UsageError, WaitingForBatch
from taskseed.io import lock
from taskseed.recipe import Recipe
from taskseed.run.adopt import adopt_recipe
from taskseed.run.askers import Gate, check_budget, check_endpoints, resolve_keys
from taskseed.run.directory import STAGES
from taskseed.run.events import Watch
from taskseed.run.ledger import StateFile
from taskseed.run.pipeline import Pipeline, Spending

__all__ = ["RunOptions", "calm_collector", "interruptible", "run_local"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line adds to a recipe for one invocation.

    :param limit: use at most this many seeds.
    :param accept: end with the shard that reaches this many rows, and keep exactly as many.
    :param update: accept that the recipe has changed since the run directory was made.
    :param spending: the most that the run directory may spend over its life.
    :param last_stage: stop after this stage.
    """

    limit: int | None = None
    accept: int | None = None
    update: bool = False
    spending: Spending = field(default_factory=Spending)
    last_stage: str = "package"

    def __post_init__(self) -> None:
        if self.last_stage not in STAGES:
            raise UsageError(f"there is no stage `{self.last_stage}`", f"stages: {', '.join(STAGES)}")


def run_local(recipe: Recipe, root: Path, options: RunOptions, watch: Watch) -> None:
    """Make, or go on making, the data set of a recipe in a run directory.

    What is done stays done, and responses that were stored are not asked again.

    :raises UsageError: if the recipe cannot be run, or the directory was made from another one.
    :raises RunError: if the world failed; the run can be resumed.
    :raises StoppedShort: if the seeds ran out before `accept`, or a limit of spending is reached.
    :raises Interrupted: after Ctrl-C; the run can be resumed.
    """
    if options.last_stage == "package":
        resolve_keys(recipe)  # before anything is written or read
        check_budget(recipe, options.spending.usd, options.spending.tokens)
    with lock(root):
        state = StateFile(root)
        adopt_recipe(recipe, root, options.update)
        state.write("stopped", "it did not end by itself")
        try:
            _run(Pipeline(recipe, root, watch), options)
        except WaitingForBatch as waiting:
            state.write("waiting", waiting.message)
            raise
        except TaskseedError as problem:
            state.write("stopped", problem.message)
            raise
        except KeyboardInterrupt:  # while nothing is asked there is nothing to finish
            state.write("stopped", "interrupted")
            raise Interrupted("interrupted", "run the same command again to go on") from None
        if options.last_stage == "package":
            state.write("done")


def _run(pipeline: Pipeline, options: RunOptions) -> None:
    asks = options.last_stage == "package"
    if asks and not pipeline.is_packaged:
        asyncio.run(check_endpoints(pipeline.recipe))  # before any work
    prepared = pipeline.prepare(options.limit)
    if not asks:
        return
    gate = Gate()
    work = pipeline.work(prepared, options.accept, gate, options.spending)
    with calm_collector(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        try:
            shards = runner.run(interruptible(work, gate, pipeline.tell_traffic))
        except StoppedShort as short:
            shards = pipeline.leading(prepared)
            rows = pipeline.package(prepared, shards, options.accept) if shards else 0
            done = f"{shards} of {prepared.shards} shards are finished and make a data set of {rows} rows"
            raise StoppedShort(f"{short.message}; {done}", short.hint) from None
    rows = pipeline.package(prepared, shards, options.accept)
    if options.accept is not None and rows < options.accept:
        raise StoppedShort(
            f"the seeds ran out at {rows} of {options.accept} rows",
            "name more tasks, raise generate.questions_per_seed, or drop --limit",
        )


@contextlib.contextmanager
def calm_collector() -> Iterator[None]:
    """Let the garbage collector look less often, and not at what was there before.

    With thousands of requests waiting there is always much that is young and alive; at its usual thresholds
    the collector then takes about a tenth of the CPU time and finds nothing.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def interruptible(work: Coroutine[None, None, T], gate: Gate, told: Callable[[], None]) -> T:
    """Do the work; the first Ctrl-C lets what is in flight come back, the second ends at once.

    :param told: is called once the gate is shut, to say so.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def interrupt() -> None:
        if gate.shut:
            task.cancel()
        else:
            gate.close()
            told()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        raise Interrupted("stopped at once", "run the same command again to go on") from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
