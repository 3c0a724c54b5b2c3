"""Client CPU per request, side by side: `make bench`, or `python bench/client.py`.

Each driver runs in a process and an environment of its own against the same mock server on loopback, in
rounds. What is compared is the CPU time of the driver's whole process tree per request, start-up excluded:
CPU at N requests minus CPU at N/10 (or at as many as there are at once). Ratios hold within one run only.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from measure import PEERS, environment, machine, run, table, versions
from server import Served, serving


@dataclass(frozen=True)
class Driver:
    """What is measured.

    :param peer: whose environment it runs in; None is the project's.
    :param script: in `peers/`, or the project's engine.
    :param packages: whose versions stand under the table.
    :param requests: how many in one run; fewer where a request takes milliseconds.
    """

    name: str
    peer: str | None
    script: str
    packages: Sequence[str]
    requests: int = 20_000
    more: Sequence[str] = ()
    remote: bool = False

    @property
    def python(self) -> str:
        return environment(self.peer) if self.peer else sys.executable


AIOHTTP = "aiohttp, raw"
ENGINE = "../engine.py"
DRIVERS = (
    Driver(AIOHTTP, "aiohttp", "run_aiohttp.py", ("aiohttp", "uvloop")),
    Driver("pycurl, raw", "pycurl", "run_pycurl.py", ("pycurl", "orjson")),
    Driver("pyreqwest, raw", "pyreqwest", "run_pyreqwest.py", ("pyreqwest",)),
    Driver("taskseed, whole engine", None, ENGINE, ("pycurl", "uvloop", "orjson")),
    Driver("taskseed, whole engine, n=4", None, ENGINE, (), more=("--samples", "4")),
    Driver("datatrove, on localhost", "datatrove", "run_datatrove.py", ("datatrove",), 10_000),
    Driver("datatrove, as elsewhere", "datatrove", "run_datatrove.py", ("openai",), 5000, remote=True),
    Driver("openai", "openai", "run_openai.py", ("openai",), 5000),
    Driver("NeMo Data Designer", "data-designer", "run_data_designer.py", ("data-designer",), 2500),
)


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds and connections of one driver in one round."""

    per_request: float
    start_up: float
    per_second: float


def requests_of(driver: Driver, at_once: int, share: float) -> int:
    return max(2 * at_once, round(driver.requests * share))


def cost(driver: Driver, server: Served, at_once: int, share: float) -> Cost:
    """Return what a request costs, and see that each was answered."""
    many = requests_of(driver, at_once, share)
    few = max(at_once, many // 10)  # so that both have opened all their connections
    url = server.base_url.replace("127.0.0.1", "127.0.0.2") if driver.remote else server.base_url
    used = []
    for count in (few, many):
        server.reset()
        used.append(
            run(
                driver.python,
                PEERS / driver.script,
                url,
                count,
                at_once,
                *driver.more,
                ours=driver.peer is None,
            )
        )
        answers = server.stats()["answers"]
        assert answers == count, f"{driver.name}: {answers} answers to {count} requests"
    marginal = (used[1].cpu - used[0].cpu) / (many - few)
    return Cost(marginal, used[0].cpu - few * marginal, (many - few) / (used[1].seconds - used[0].seconds))


def measured(drivers: Sequence[Driver], at_once: int, rounds: int, share: float) -> dict[str, list[Cost]]:
    taken: dict[str, list[Cost]] = {driver.name: [] for driver in drivers}
    with serving() as server:
        for number in range(rounds):
            for driver in drivers:
                print(f"({at_once} at once, round {number + 1}: {driver.name})", file=sys.stderr)
                taken[driver.name].append(cost(driver, server, at_once, share))
    return taken


def spread_of(values: Sequence[float], form: str) -> str:
    told = f"{statistics.median(values):{form}}"
    return f"{told} ({min(values):{form}}–{max(values):{form}})" if len(values) > 1 else told


def report(drivers: Sequence[Driver], at_once: int, rounds: int, share: float) -> None:
    taken = measured(drivers, at_once, rounds, share)
    base = taken[AIOHTTP]
    rows = []
    for driver in drivers:
        costs = taken[driver.name]
        ratios = [own.per_request / other.per_request for own, other in zip(costs, base, strict=True)]
        rows.append(
            (
                driver.name,
                f"{requests_of(driver, at_once, share):,}",
                spread_of([c.per_request * 1e3 for c in costs], ".3f"),
                spread_of(ratios, ".2f"),
                f"{statistics.median(c.start_up for c in costs):.1f}",
                f"{statistics.median(c.per_second for c in costs):,.0f}",
            )
        )
    columns = (
        "client",
        "requests",
        "CPU ms per request",
        "ratio to raw aiohttp",
        "start-up, CPU s",
        "requests/s",
    )
    print(
        f"\n{at_once} at once, 0 ms latency, 600 characters per answer, median (min–max) of {rounds} rounds\n"
    )
    print(table(columns, rows), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-once", type=int, nargs="+", default=[64, 512])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="of the requests, for a quick look")
    parser.add_argument("--only", nargs="+", default=[], help="drivers whose names hold one of these")
    options = parser.parse_args()
    started = time.monotonic()
    drivers = [d for d in DRIVERS if not options.only or any(part in d.name for part in options.only)]
    if AIOHTTP not in (driver.name for driver in drivers):
        drivers.insert(0, DRIVERS[0])
    told = dict.fromkeys(versions(d.python, [p]) for d in drivers for p in d.packages)
    print(f"{machine()}, {', '.join(told)}")
    for at_once in options.at_once:
        report(drivers, at_once, options.rounds, options.share)
    print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
