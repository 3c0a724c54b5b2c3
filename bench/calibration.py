"""Does the reported interval of the label precision cover the truth? 100 data sets of a simulated teacher.

`python bench/calibration.py` prints the table; `--runs 100` is the default, `--real` adds one whole run of the
pipeline over a local HTTP server. In the 100 runs only the teacher is simulated: orders, votes, the stopping
rule and the estimator are the project's own. The truth is the share of the kept generated questions with one
right answer whose label it is; what is kept of ill-posed questions counts as wrong.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
from measure import machine, table

from taskseed.checks.calibration import Solved, calibrate, level_of, wilson
from taskseed.checks.label_precision import LabelPrecision, Voted, label_precision
from taskseed.checks.votes import VoteRule, decide, permutation, tally

OPTIONS = 4


@dataclass(frozen=True)
class World:
    """A teacher, and the questions that it writes.

    :param seeds: Beta mix that each seed's accuracy (the chance of one solve) is drawn from.
    :param written: the same of well-posed generated questions.
    :param ill: share of the generated questions without one right answer: half with two, half with none.
    :param taste: how often a solve takes the first of two defensible answers; the writer's is the first or
        the second with the same odds.
    :param slips: how often the writer's answer to a well-posed question is wrong.
    :param alike: how often such a slip is the mistake that solves like most.
    :param twin: the writer takes whatever solves like most, so that it shares every mistake of the majority.
    :param bias: how often a solve takes the first place whatever stands there.
    :param unread: how often a solve cannot be read.
    """

    name: str
    seeds: tuple[float, float] = (8, 1)
    written: tuple[float, float] = (8, 1)
    ill: float = 0.1
    taste: float = 0.5
    slips: float = 0.05
    alike: float = 0.5
    twin: bool = False
    bias: float = 0.1
    unread: float = 0.03
    families: int = 5
    per_family: int = 30
    questions: int = 60
    replaced: bool = False


CALM = World("Beta(8,1), 10 % ill-posed")
WORLDS = (
    CALM,
    replace(CALM, name="none ill-posed", ill=0.0),
    replace(CALM, name="20 % ill-posed", ill=0.2),
    replace(CALM, name="Beta(4,1)", seeds=(4, 1), written=(4, 1)),
    replace(CALM, name="Beta(2,1)", seeds=(2, 1), written=(2, 1)),
    replace(CALM, name="the writer is never wrong", slips=0.0),
    replace(CALM, name="15 % slips, all as solves err", slips=0.15, alike=1.0),
    replace(CALM, name="Beta(4,1), the writer shares all mistakes", seeds=(4, 1), written=(4, 1), twin=True),
    replace(CALM, name="the same at Beta(2,1)", seeds=(2, 1), written=(2, 1), twin=True),
    replace(
        CALM,
        name="the same, of disagreements replaced",
        seeds=(2, 1),
        written=(2, 1),
        twin=True,
        replaced=True,
    ),
    replace(CALM, name="disagreements replaced", replaced=True),
    replace(CALM, name="1 family, 20 seeds, 40 questions", families=1, per_family=20, questions=40),
    replace(CALM, name="40 families, 10 seeds each", families=40, per_family=10, questions=20),
    replace(CALM, name="2,000 questions of 1 family", families=1, questions=2000),
    replace(CALM, name="harder questions: seeds (8,1), written (4,1)", written=(4, 1)),
    replace(CALM, name="(2) broken: both prefer one answer, 80 %", taste=0.8),
)


@dataclass(frozen=True)
class Item:
    """One question: the chances of its options, and which is right; -1 where there is no one right."""

    chances: np.ndarray
    right: int
    proposed: int


def seed_item(world: World, rng: np.random.Generator) -> Item:
    return _posed(world.seeds, rng)


def _posed(mix: tuple[float, float], rng: np.random.Generator) -> Item:
    """A well-posed question: wrong solves mostly make the same mistake."""
    accuracy = rng.beta(*mix)
    right, *others = (int(i) for i in rng.permutation(OPTIONS))
    chances = np.zeros(OPTIONS)
    chances[right] = accuracy
    chances[others] = (1 - accuracy) * np.array([0.7, 0.15, 0.15])
    return Item(chances, right, right)


def written_item(world: World, rng: np.random.Generator) -> Item:
    if rng.random() >= world.ill:
        item = _posed(world.written, rng)
        if world.twin:
            return replace(item, proposed=int(item.chances.argmax()))
        if rng.random() >= world.slips:
            return item
        wrong = [i for i in range(OPTIONS) if i != item.right]
        liked = max(wrong, key=lambda i: item.chances[i])
        return replace(item, proposed=liked if rng.random() < world.alike else int(rng.choice(wrong)))
    first, second, *others = (int(i) for i in rng.permutation(OPTIONS))
    chances = np.zeros(OPTIONS)
    if rng.random() < 0.5:
        chances[[first, second]] = [world.taste, 1 - world.taste]
        return Item(chances, -1, first if rng.random() < world.taste else second)
    chances[:] = 1 / OPTIONS
    return Item(chances, -1, first)


def solve(item: Item, world: World, rule: VoteRule, rng: np.random.Generator) -> list[str | None]:
    """Return the votes of one question, with the project's orders and stopping rule."""
    votes: list[str | None] = []
    base = int(rng.integers(1 << 30))
    while not votes or decide(tally(votes), rule) == "more":
        order = permutation(OPTIONS, len(votes), base)
        if rng.random() < world.unread:
            votes.append(None)
        elif rng.random() < world.bias:
            votes.append(str(order[0]))
        else:
            votes.append(str(int(rng.choice(OPTIONS, p=item.chances))))
    return votes


@dataclass(frozen=True)
class Found:
    """What one run reports, and what is true."""

    reported: LabelPrecision
    truth: float
    naive: tuple[float, float]


def run(world: World, rule: VoteRule, number: int) -> Found:
    rng = np.random.default_rng([20261126, number])
    solved: list[Solved] = []
    for family in range(world.families):
        for _ in range(world.per_family):
            item = seed_item(world, rng)
            votes = solve(item, world, rule, rng)
            counted = tally(votes)
            leads = None if counted.leader is None else counted.leader == str(item.right)
            first = votes[: rule.min_votes]
            solved.append(
                Solved(
                    str(family),
                    decide(counted, rule) == "agreed",
                    counted.agreement if counted.leader is not None else None,
                    leads,
                    len(first),
                    sum(v == str(item.right) for v in first),
                )
            )
    kept: Counter[tuple[str, int]] = Counter()
    agreed = disagreed = right = 0
    for family in range(world.families):
        for _ in range(world.questions):
            item = written_item(world, rng)
            counted = tally(solve(item, world, rule, rng))
            if decide(counted, rule) != "agreed":
                continue
            confirmed = counted.leader == str(item.proposed)
            agreed, disagreed = agreed + confirmed, disagreed + (not confirmed)
            if confirmed or world.replaced:
                kept[str(family), level_of(counted.agreement or 0.0)] += 1
                right += counted.leader == str(item.right)
    calibration = calibrate(solved)
    reported = label_precision(calibration, Voted(kept, agreed, disagreed, world.replaced), realised=True)
    assert reported is not None
    overall = calibration.overall
    return Found(reported, right / kept.total(), wilson(overall.right, overall.decided))


def row(world: World, rule: VoteRule, runs: int) -> list[str]:
    found = [run(world, rule, number) for number in range(runs)]
    covered = sum(f.reported.low <= f.truth <= f.reported.high for f in found)
    naive = sum(f.naive[0] <= f.truth <= f.naive[1] for f in found)

    def mean(values: Sequence[float]) -> str:
        return f"{100 * float(np.mean(values)):.1f}"

    return [
        world.name,
        mean([f.truth for f in found]),
        f"{mean([f.reported.low for f in found])}–{mean([f.reported.high for f in found])}",
        mean([f.reported.expected for f in found]),
        mean([abs(f.reported.expected - f.truth) for f in found]),
        f"**{100 * covered / runs:.0f} %**",
        f"{100 * naive / runs:.0f} %",
    ]


COLUMNS = (
    "teacher",
    "true precision, %",
    "interval, mean ends",
    "middle",
    "middle is off by",
    "interval covers",
    "of seeds alone covers",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    options = parser.parse_args()
    rule = VoteRule()
    started = time.monotonic()
    print(f"{machine()}, numpy {version('numpy')}; {options.runs} runs per row\n")
    print(table(COLUMNS, [row(world, rule, options.runs) for world in WORLDS]))
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
