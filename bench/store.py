"""The response store at a million responses: `python bench/store.py`.

Two processes: one writes (each answer waits until it is durable, so many at once), one opens the store and
looks responses up in a random order. The pages of the file are in the cache of the operating system.
"""

import argparse
import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from measure import ROOT, machine, memory_mb, run, table, versions

from taskseed.store import ResponseStore

THIS = Path(__file__)


def key(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


async def write(folder: Path, count: int, size: int, at_once: int) -> dict:
    store = ResponseStore(folder)
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            text = f'{{"response": "{number} '
            await store.put([(key(number), text.encode() + b"x" * (size - len(text) - 2) + b'"}')])

    started = time.monotonic()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    seconds = time.monotonic() - started
    store.close()
    return {"seconds": seconds, "peak": memory_mb("VmHWM")}


def read(folder: Path, count: int, size: int, lookups: int) -> dict:
    before = memory_mb("VmHWM")
    started = time.monotonic()
    store = ResponseStore(folder)
    opened = time.monotonic() - started
    peak, after = memory_mb("VmHWM"), memory_mb("VmRSS")
    assert len(store) == count
    keys = [key(number) for number in random.Random(0).sample(range(count), min(lookups, count))]
    started = time.monotonic()
    for wanted in keys:
        payload = store.get(wanted)
        assert payload is not None
        assert len(payload) == size
    seconds = time.monotonic() - started
    absent = [key(-1 - number) for number in range(len(keys))]
    started = time.monotonic()
    assert not any(store.get(wanted) for wanted in absent)
    missed = time.monotonic() - started
    return {
        "opened": opened,
        "before": before,
        "peak": peak,
        "after": after,
        "gets": len(keys) / seconds,
        "misses": len(absent) / missed,
    }


def report(count: int, size: int, at_once: int, folder: Path) -> None:
    written = run(sys.executable, THIS, "--step", "write", *_sizes(count, size, at_once, folder), ours=True)
    opened = run(sys.executable, THIS, "--step", "read", *_sizes(count, size, at_once, folder), ours=True)
    wrote, found = written.told, opened.told
    assert isinstance(wrote, dict)
    assert isinstance(found, dict)
    on_disk = sum(path.stat().st_size for path in (folder / "store").iterdir()) / 1e6
    rows = [
        ("write, s", f"{wrote['seconds']:.1f}"),
        ("written per second", f"{count / wrote['seconds']:,.0f}"),
        ("write, CPU us per response", f"{written.cpu / count * 1e6:.1f}"),
        ("peak memory while writing, MB", f"{wrote['peak']:.0f}"),
        ("on disk, MB", f"{on_disk:,.0f}"),
        ("open, s", f"{found['opened']:.1f}"),
        ("memory before opening, MB", f"{found['before']:.0f}"),
        ("peak memory while opening, MB", f"{found['peak']:.0f}"),
        ("memory once it is open, MB", f"{found['after']:.0f}"),
        ("get() per second, found", f"{found['gets']:,.0f}"),
        ("get() per second, not there", f"{found['misses']:,.0f}"),
    ]
    print(table(("response store", f"{count:,} responses of {size:,} bytes"), rows))


def _sizes(count: int, size: int, at_once: int, folder: Path) -> list[str]:
    sizes = {"--responses": count, "--bytes": size, "--at-once": at_once, "--folder": folder}
    return [str(part) for pair in sizes.items() for part in pair]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=2000, help="of each response's JSON")
    parser.add_argument("--at-once", type=int, default=512, help="responses that come together")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="on the disk that is measured")
    parser.add_argument("--step", choices=("write", "read"))
    options = parser.parse_args()
    sizes = options.responses, options.bytes
    if options.step == "write":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            told = runner.run(write(options.folder / "store", *sizes, options.at_once))
        print(json.dumps(told))
    elif options.step == "read":
        print(json.dumps(read(options.folder / "store", *sizes, 200_000)))
    else:
        started = time.monotonic()
        print(f"{machine()}, {versions(sys.executable, ('uvloop',))}; {options.at_once} at once\n")
        options.folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            report(*sizes, options.at_once, Path(folder))
        print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
