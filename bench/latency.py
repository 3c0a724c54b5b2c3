"""What is left of an endpoint's throughput when its latencies are real: `python bench/latency.py`.

The mock server draws lognormal latencies. The most that any client can reach with so many requests at once
is N / (sum of the latencies / concurrency). The table says which share of it each driver reached, and how
long places stood empty after the last request had come: the tail, which no client can fill.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from measure import PEERS, environment, machine, run, table, versions
from server import serving

# With places of its own choice, `auto` starts at 16 and is offered as many requests as it will take.
DRIVERS = {
    "aiohttp, raw": ("aiohttp", "run_aiohttp.py", ()),
    "taskseed, whole engine": (None, "../engine.py", ()),
    "taskseed, `concurrency: auto`": (None, "../engine.py", ("--concurrency", "auto")),
}


def measured(name: str, count: int, at_once: int, median: float, sigma: float) -> Sequence[str]:
    """Return a row of the table."""
    peer, script, more = DRIVERS[name]
    python = environment(peer) if peer else sys.executable
    with serving("--median", str(median), "--sigma", str(sigma)) as server:
        used = run(python, PEERS / script, server.base_url, count, at_once, *more, ours=peer is None)
        stats = server.stats()
    assert stats["answers"] == count, stats
    seconds = stats["last_end"]
    best = stats["latencies"] / at_once
    tail = seconds - stats["last_arrival"]
    steady = stats["busy"] - stats["busy_in_tail"]
    return (
        name,
        f"{count / seconds:,.0f}",
        f"{count / best:,.0f}",
        f"{best / seconds:.1%}",
        f"{steady / (at_once * stats['last_arrival']):.1%}",
        f"{tail:.1f} of {seconds:.1f}",
        f"{1 - stats['busy_in_tail'] / (at_once * tail):.0%}",
        str(stats["peak"]),
        f"{used.cpu / count * 1e3:.2f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, nargs="+", default=[20_000, 60_000])
    parser.add_argument("--at-once", type=int, default=512)
    parser.add_argument("--median", type=float, default=1.0, help="seconds")
    parser.add_argument("--sigma", type=float, default=0.5)
    options = parser.parse_args()
    started = time.monotonic()
    print(f"{machine()}, {versions(sys.executable, ('pycurl', 'uvloop'))}; ", end="")
    print(f"{options.at_once} at once, ", end="")
    print(f"latency lognormal, median {options.median:g} s, sigma {options.sigma:g}\n")
    rows = [
        (f"{count:,}", *measured(name, count, options.at_once, options.median, options.sigma))
        for count in options.requests
        for name in DRIVERS
    ]
    columns = (
        "requests",
        "client",
        "requests/s",
        "possible",
        "share of possible",
        "busy until the last request came",
        "tail, s",
        "places idle in the tail",
        "most at once",
        "CPU ms per request, start-up included",
    )
    print(table(columns, rows))
    print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
