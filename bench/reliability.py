"""Is `p_majority` what it says? A reliability plot over simulated runs of the teacher in `bench/teacher.py`.

`python bench/reliability.py` prints a table, `--plot FILE` also writes it as SVG. Each run has questions of
its own, which go through the real `enrich` stage, the engine and the store as in `bench/votes.py`.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import uvloop

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import teacher
from bench.measure import machine, table, versions
from bench.server import serving
from bench.votes import MIXES, Teacher, adaptive, fixed, opened, questions_of

from taskseed.checks.votes import VoteRule, decide, tally
from taskseed.recipe import EnrichSpec
from taskseed.records import Decision
from taskseed.stages.enrich import enrich


@dataclass
class Bin:
    """What came of the votes with about one `p_majority`, by run: (votes, sum of p, leaders that are it)."""

    by_run: dict[int, list[float]] = field(default_factory=dict)

    def add(self, run: int, p: float, is_majority: bool) -> None:
        cells = self.by_run.setdefault(run, [0, 0, 0])
        for i, amount in enumerate((1, p, is_majority)):
            cells[i] += amount

    def figures(self) -> tuple[int, float, float, float, float]:
        """Return votes, mean p, observed share, and its 95 % interval: bootstrap over runs."""
        cells = np.array(list(self.by_run.values()))
        rng = np.random.default_rng(0)
        drawn = cells[rng.integers(0, len(cells), (1000, len(cells)))].sum(axis=1)
        low, high = np.percentile(drawn[:, 2] / drawn[:, 0], [2.5, 97.5])
        votes, p, hits = cells.sum(axis=0)
        return int(votes), p / votes, hits / votes, float(low), float(high)


# what the prior of `p_majority` takes for granted: two answers, any share of the solves as likely as another
ASSUMED = "where its assumption holds"
EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)


async def reliability(
    runs: int, count: int, model: Teacher, mixes: Sequence[tuple[float, float]], spec: EnrichSpec
) -> list[Bin]:
    """Return, by bin of `p_majority`, what became of all votes that ended with a leader."""
    bins = [Bin() for _ in EDGES[1:]]
    for run in range(runs):
        deck = teacher.deck(*mixes[run % len(mixes)], run)
        made = await enrich(questions_of(deck, count), model.solver(), spec, run)
        for number, entry in enumerate(made):
            if not isinstance(entry, Decision):
                continue
            known = teacher.truth(deck, number)
            _put(bins, run, entry.p_majority, entry.answer == known.options[known.majority])
    return bins


def assumed(runs: int, count: int) -> list[Bin]:
    """Return the same of votes on two answers whose shares are drawn evenly, ended by the default rule."""
    bins = [Bin() for _ in EDGES[1:]]
    rule = VoteRule()
    for run in range(runs):
        rng = random.Random(run)
        for _ in range(count):
            share, votes = rng.random(), list[str | None]()
            while not votes or decide(tally(votes), rule) == "more":
                votes.append("a" if rng.random() < share else "b")
            counted = tally(votes)
            if counted.p_majority is not None:
                hit = (share > 0.5) == (counted.leader == "a")
                _put(bins, run, counted.p_majority, hit)
    return bins


def _put(bins: Sequence[Bin], run: int, p: float, hit: bool) -> None:
    bins[int(np.searchsorted(EDGES, p, side="right")) - 1].add(run, p, hit)


def reliability_rows(name: str, bins: Sequence[Bin]) -> list[list[str]]:
    rows = []
    for edge, found in zip(EDGES[:-1], bins, strict=True):
        if found.by_run:
            votes, p, share, low, high = found.figures()
            rows.append(
                [name, f"{edge:.2f}–", f"{votes:,}", f"{p:.3f}", f"{share:.3f}", f"{low:.3f} to {high:.3f}"]
            )
    return rows


def plot(series: Sequence[tuple[str, str, Sequence[Bin]]]) -> str:
    """Return the reliability plot as SVG: p_majority across, the observed share up, the diagonal dashed."""
    size, left, base = 360, 60, 400

    def x(p: float) -> float:
        return round(left + (p - 0.5) * 2 * size, 1)

    def y(p: float) -> float:
        return round(base - (p - 0.5) * 2 * size, 1)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 480" font-family="sans-serif"'
        ' font-size="12">',
        '<rect width="460" height="480" fill="white"/>',
        f'<path d="M{x(0.5)} {y(1)}V{y(0.5)}H{x(1)}" fill="none" stroke="black"/>',
        f'<path d="M{x(0.5)} {y(0.5)}L{x(1)} {y(1)}" stroke="grey" stroke-dasharray="4"/>',
    ]
    for tick in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        parts.append(f'<text x="{x(tick)}" y="{base + 18}" text-anchor="middle">{tick}</text>')
        parts.append(f'<text x="{left - 8}" y="{y(tick) + 4}" text-anchor="end">{tick}</text>')
    parts.append(
        f'<text x="{x(0.75)}" y="{base + 38}" text-anchor="middle">p_majority, mean of the bin</text>'
    )
    parts.append('<text x="16" y="30">share of leaders that are the model\'s majority answer</text>')
    for number, (name, colour, bins) in enumerate(series):
        parts.append(f'<circle cx="{x(0.55)}" cy="{60 + 18 * number}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x(0.55) + 10}" y="{64 + 18 * number}">{name}</text>')
        for found in bins[1:]:  # below one half there are few, beyond the plot
            if found.by_run:
                _, p, share, low, high = found.figures()
                parts.append(
                    f'<path d="M{x(p)} {y(max(low, 0.5))}V{y(high)}" stroke="{colour}"/>'
                    f'<circle cx="{x(p)}" cy="{y(max(share, 0.5))}" r="4" fill="{colour}"/>'
                )
    return "\n".join([*parts, "</svg>\n"])


async def measure(url: str, options: argparse.Namespace) -> list[tuple[str, str, list[Bin]]]:
    anyone = {"on_disagreement": "replace", "min_agreement": 0.0}
    wanted = (
        ("the default rule", "black", MIXES, adaptive(8, on_disagreement="replace")),
        ("always 5 solves", "royalblue", MIXES, fixed(5, **anyone)),
        ("`beta`, all that it decides", "firebrick", MIXES, adaptive(8, rule="beta", **anyone)),
    )
    rows: list[list[str]] = []
    series = [(ASSUMED, "seagreen", assumed(options.runs, options.per_run))]
    rows += reliability_rows(*series[0][::2])
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        async with opened(url, Path(folder)) as model:
            for name, colour, mixes, spec in wanted:
                bins = await reliability(options.runs, options.per_run, model, mixes, spec)
                rows += reliability_rows(name, bins)
                series.append((name.replace("`", ""), colour, bins))
    print(f"{options.runs} runs of {options.per_run} questions, the three mixes in turn\n")
    print(table(("votes", "p_majority", "decided", "mean", "is the majority answer", "95 % interval"), rows))
    return series


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200, help="simulated runs")
    parser.add_argument("--per-run", type=int, default=60, help="questions of each")
    parser.add_argument("--plot", type=Path, help="where to write the plot (SVG)")
    parser.add_argument("--folder", help="where the store is put; default: the folder for temporary files")
    options = parser.parse_args()
    print(f"{machine()}, {versions(sys.executable, ['numpy', 'pycurl', 'uvloop'])}\n")
    with (
        serving("--texts", "bench.teacher:answer") as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        series = runner.run(measure(server.base_url, options))
    if options.plot:
        options.plot.write_text(plot(series), encoding="utf-8")


if __name__ == "__main__":
    main()
