"""Memory while requests wait: `python bench/memory.py`.

First the asker layer alone, with every request asked at once as a task of its own and a server that never
answers: what one waiting request costs. Then runs over many made-up seeds, which never do that: two shards
(`LOOKAHEAD`) are under way, and only their requests exist. One run is killed while nearly a million requests
are still to come; one goes to its end. What grows there is what the run must know of everything before: the
store's index, and the questions seen so far.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import ROOT, machine, memory_mb, run, table, versions
from server import Served, serving

THIS = Path(__file__)
WORDS = "A boat with a red sail crosses the wide bay before noon and carries salt to the islands."
RECIPE = """
name: bench
tasks: {{include: [gsm8k], hub: {hub}}}
held_out: {{suites: []}}
models: {{writer: {{model: m, base_url: "{url}", api_key_env: null, concurrency: {at_once}}}}}
generate: {{questions_per_seed: 1}}
"""


async def queue(url: str, count: int, at_once: int, folder: Path) -> None:
    """Tell the memory in MB with nothing asked, with the prompts' texts alone, and with all of them asked."""
    from engine import opened
    from work import prompt

    async with opened(url, folder, str(at_once)) as engine:
        idle = memory_mb("VmRSS")
        texts = [prompt(number) for number in range(count)]
        alone = memory_mb("VmRSS")
        del texts
        tasks = [asyncio.create_task(engine.ask(number)) for number in range(count)]
        while engine.counters.of("writer", "sent") < min(at_once, count):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.5)
        told = [idle, alone, memory_mb("VmRSS")]
        print(json.dumps(told), flush=True)
        assert len(tasks) == count
        os._exit(0)  # a million tasks would take minutes to cancel


def queued(count: int, at_once: int, folder: Path) -> list[str]:
    with serving("--faults", "hang=1") as server:
        sizes = ("--requests", count, "--at-once", at_once, "--folder", folder, "--url", server.base_url)
        told = run(sys.executable, THIS, "--step", "queue", *sizes, ours=True).told
    assert isinstance(told, list)
    idle, alone, asked = told
    growth = asked - idle
    return [
        f"{count:,}",
        f"{idle:.0f}",
        f"{growth:.0f}",
        f"{alone - idle:.0f}",
        f"{growth * 2**20 / count:,.0f}",
    ]


def write_rows(hub: Path, count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = hub / "openai" / "gsm8k" / "main"
    folder.mkdir(parents=True)
    rows = [{"question": f"{n} {WORDS}", "answer": f"{n} boats.\n#### {n}"} for n in range(count)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "train.parquet")


def make(folder: Path, last_stage: str) -> None:
    from taskseed.recipe import load_recipe
    from taskseed.run.local import RunOptions, run_local

    recipe = load_recipe(folder / "recipe.yaml")
    run_local(recipe, folder / "out", RunOptions(last_stage=last_stage), lambda event: None)


def watch(
    process: subprocess.Popen[bytes], server: Served, stop_after: int | None = None
) -> list[tuple[int, float]]:
    """Return (requests so far, memory in MB) as often as can be, until the process ends.

    :param stop_after: so many requests end it.
    """
    seen = []
    while process.poll() is None:
        try:
            seen.append((server.stats()["requests"], memory_mb("VmRSS", process.pid)))
        except (AssertionError, FileNotFoundError, ProcessLookupError):
            break  # it ended meanwhile
        if stop_after is not None and seen[-1][0] >= stop_after:
            process.kill()
        time.sleep(0.2)
    process.wait()
    return seen


@contextmanager
def started(seeds: int, at_once: int, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Served]]:
    """Start a run over so many made-up seeds, which are normalised already."""
    write_rows(folder / "hub", seeds)
    with serving("--texts", "texts:answer") as server:
        recipe = RECIPE.format(hub=folder / "hub", url=server.base_url, at_once=at_once)
        (folder / "recipe.yaml").write_text(recipe)
        run(sys.executable, THIS, "--step", "normalize", "--folder", folder, ours=True)
        command = [sys.executable, THIS, "--step", "package", "--folder", folder]
        with subprocess.Popen(command) as process:
            yield process, server


def run_ahead(seeds: int, at_once: int, folder: Path, answers: int) -> list[str]:
    """Return memory while nearly all requests of a run are still to come; then the run is killed."""
    with started(seeds, at_once, folder) as (process, server):
        seen = watch(process, server, answers)
    idle = [memory for requests, memory in seen if not requests][-1]
    return [f"{seeds:,}", f"{answers:,}", f"{idle:.0f}", f"{max(memory for _, memory in seen) - idle:.0f}"]


def whole_run(seeds: int, at_once: int, folder: Path) -> list[str]:
    with started(seeds, at_once, folder) as (process, server):
        began = time.monotonic()
        seen = watch(process, server)
        seconds, stats = time.monotonic() - began, server.stats()
    assert process.returncode == 0
    idle = [memory for requests, memory in seen if not requests][-1]
    asking = [(requests, memory) for requests, memory in seen if 0 < requests < stats["requests"]]
    peaks = [
        max(memory for requests, memory in asking if requests <= share * stats["requests"]) - idle
        for share in (0.5, 1.0)
    ]
    after = max(memory for requests, memory in seen if requests == stats["requests"]) - idle
    return [
        f"{seeds:,}",
        f"{stats['requests']:,}",
        f"{seconds:.0f}",
        f"{idle:.0f}",
        *(f"{peak:.0f}" for peak in peaks),
        f"{after:.0f}",
    ]


def report(options: argparse.Namespace, folder: Path) -> None:
    print(f"{machine()}, {versions(sys.executable, ('pycurl', 'uvloop'))}; {options.at_once} at once\n")
    rows = [
        queued(count, options.at_once, folder / f"queue-{count}")
        for count in (options.requests // 10, options.requests)
    ]
    columns = ("asked at once", "idle, MB", "growth, MB", "of it prompts, MB", "bytes per request")
    print(table(columns, rows), flush=True)
    ahead = []
    for seeds in (options.ahead // 10, options.ahead):
        (folder / f"ahead-{seeds}").mkdir()
        ahead.append(run_ahead(seeds, options.at_once, folder / f"ahead-{seeds}", 20_000))
    columns = ("seeds of the run", "requests until it was killed", "idle, MB", "growth, MB")
    print(f"\n{table(columns, ahead)}", flush=True)
    runs = []
    for seeds in (options.seeds // 10, options.seeds):
        (folder / f"run-{seeds}").mkdir()
        runs.append(whole_run(seeds, options.at_once, folder / f"run-{seeds}"))
    columns = (
        "seeds of the run", "requests", "s", "idle, MB", "growth in the first half of the requests, MB",
        "in all of them", "in what follows (packaging)",
    )  # fmt: skip
    print(f"\n{table(columns, runs)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1_000_000, help="asked at once of the asker layer")
    parser.add_argument("--ahead", type=int, default=250_000, help="seeds of the run that is killed")
    parser.add_argument("--seeds", type=int, default=100_000, help="of the whole run")
    parser.add_argument("--at-once", type=int, default=512)
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="where the runs are put")
    parser.add_argument("--step", choices=("queue", "normalize", "package"))
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.step == "queue":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(queue(options.url, options.requests, options.at_once, options.folder))
    elif options.step:
        make(options.folder, options.step)
    else:
        started = time.monotonic()
        options.folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            report(options, Path(folder))
        print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
