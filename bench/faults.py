"""A bad endpoint against a good one: `python bench/faults.py`.

One request in five fails: errors, resets, cut JSON, web pages, hangs. The table says how long the whole
engine takes against the same latencies without faults, what became of every request, and whether the server
has answered one request twice. A fault takes as long as an answer, a hang lasts until the client gives up.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from measure import machine, run, table, versions
from server import serving

ENGINE = Path(__file__).parent / "engine.py"
FAULTS = "http_500=0.1,http_429=0.05,reset=0.02,truncated=0.02,html=0.01,hang=0.01"
TIMEOUT = 5.0
LONGEST = 4.0  # no honest answer may come after the timeout: the server would count it, the client would not


def measured(
    faults: str, concurrency: str, count: int, options: argparse.Namespace
) -> tuple[float, Sequence[str]]:
    """Return the seconds and the cells of a row.

    :raises RuntimeError: if a request is unaccounted for.
    """
    latencies = ("--median", str(options.median), "--sigma", "0.5", "--longest", str(LONGEST))
    with serving(*latencies, "--faults", faults, "--count") as server:
        more = ("--timeout", TIMEOUT, "--concurrency", concurrency)
        used = run(sys.executable, ENGINE, server.base_url, count, options.at_once, *more, ours=True)
        stats = server.stats()
    told = used.told
    assert isinstance(told, dict)
    outcomes = told["outcomes"]
    if sum(outcomes.values()) != count or told["stored"] != outcomes["answered"]:
        raise RuntimeError(f"requests are unaccounted for: {told}")
    drops = ", ".join(f"{n} {reason}" for reason, n in outcomes.items() if reason != "answered")
    cells = (
        f"{outcomes['answered']:,}",
        drops or "none",
        f"{stats['requests']:,}",
        f"{told['failed']:,} ({told['possibly_billed']:,})",
        f"{stats['answers']:,}",
        str(stats["answered_twice"]),
        str(stats["peak"]),
    )
    return told["seconds"], cells


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=512)
    parser.add_argument("--median", type=float, default=1.0, help="median latency in seconds")
    options = parser.parse_args()
    started = time.monotonic()
    print(f"{machine()}, {versions(sys.executable, ('pycurl', 'uvloop'))}; {options.requests:,} requests, ")
    print(f"{options.at_once} asked at once, latency lognormal, median {options.median:g} s, sigma 0.5, ")
    print(f"at most {LONGEST:g} s; timeout {TIMEOUT:g} s; faults {FAULTS.replace(',', ', ')}\n")
    rows = []
    # With faults `auto` goes down to a few requests at once, so that all of them would take an hour.
    for concurrency, count in ((str(options.at_once), options.requests), ("auto", options.requests // 20)):
        good = 0.0
        for name, faults in (("none", ""), ("the mix", FAULTS)):
            seconds, cells = measured(faults, concurrency, count, options)
            good = good or seconds
            rows.append((concurrency, name, f"{count:,}", f"{seconds:.1f}", f"{seconds / good:.2f}", *cells))
    columns = (
        "concurrency", "faults", "requests", "s", "ratio", "answered", "dropped", "sent",
        "failed (possibly billed)", "answers given", "given twice", "most at once",
    )  # fmt: skip
    print(table(columns, rows))
    print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
