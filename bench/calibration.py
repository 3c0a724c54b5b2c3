"""Does the reported interval of the label precision cover the truth? 100 data sets of a simulated teacher.

`python bench/calibration.py` prints two tables. In the first only the teacher is simulated: orders, votes,
stopping rule and estimator are the project's own. The second is of whole runs of the pipeline over a local
HTTP server, a process of its own, that answers sums. The truth is the share of the kept generated questions
whose label is their one right answer; what is kept of ill-posed questions counts as wrong.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from measure import machine, table
from server import serving

from taskseed.checks.calibration import Solved, calibrate, level_of, wilson
from taskseed.checks.label_precision import LabelPrecision, Voted, label_precision
from taskseed.checks.votes import VoteRule, decide, permutation, support, tally
from taskseed.recipe import parse_recipe
from taskseed.run.events import unwatched
from taskseed.run.ledger import status
from taskseed.run.local import RunOptions, run_local
from taskseed.tasks import BUILTIN_PATH

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
        name="the same, disagreements replaced",
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
    replace(CALM, name="(2) broken, 95 %; no slips; 20 % ill-posed", taste=0.95, slips=0.0, ill=0.2),
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
    first, second = (int(i) for i in rng.permutation(OPTIONS)[:2])
    chances = np.zeros(OPTIONS)
    if rng.random() < 0.5:
        chances[[first, second]] = [world.taste, 1 - world.taste]
        return Item(chances, -1, first if rng.random() < world.taste else second)
    chances[:] = 1 / OPTIONS
    return Item(chances, -1, first)


def solve(
    item: Item, world: World, rule: VoteRule, rng: np.random.Generator, keepable: list[str] | None = None
) -> list[str | None]:
    """Return the votes of one question, with the project's orders and stopping rule.

    :param keepable: the one answer that can be kept; None where any answer can.
    """
    votes: list[str | None] = []
    base = int(rng.integers(1 << 30))
    while not votes or decide(tally(votes), rule, support(votes, keepable)) == "more":
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
            keepable = None if world.replaced else [str(item.proposed)]
            counted = tally(solve(item, world, rule, rng, keepable))
            # as a run counts them: would the vote be decided if it had been for the answer to be kept?
            if decide(counted, rule, None if world.replaced else counted.votes_for) != "agreed":
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


ABOUT = "keeps more or less"  # marks a question with two defensible answers
PEOPLE = ("baker", "gardener", "tailor", "potter", "florist", "farmer", "plumber", "sailor", "smith", "nurse")
THINGS = ("rolls", "tulips", "buttons", "bowls", "roses", "turnips", "pipes", "ropes", "nails", "pencils")
RECIPE = """
name: calibration
tasks: {{include: [sums], include_path: "{tasks}"}}
held_out: {{suites: []}}
models:
  writer: {{model: m, base_url: "{url}", sampling: {{temperature: 1.0, max_tokens: 500, seed: {seed}}}}}
generate: {{questions_per_seed: 2}}
screen: {{near_duplicate: 1.0, seed_copy: 1.0, contamination: 1.0}}
enrich: {{calibrate: 50}}
"""


def _sum(draw: random.Random, marked: bool) -> tuple[str, int, int, int]:
    a, b, c = draw.randint(3, 400), draw.randint(3, 400), draw.randint(2, 900)
    who, what = draw.choice(PEOPLE), draw.choice(THINGS)
    keeps = ABOUT if marked else "keeps"
    text = f"A {who} fills {b} boxes with {a} {what} each and {keeps} {c} {what}. How many {what} are there?"
    return text, a, b, c


def _answers(question: str) -> tuple[int, int]:
    """The sum, and what another reader may take for the answer where it is marked."""
    b, a, c = (int(number) for number in re.findall(r"\d+", question)[:3])
    return a * b + c, a * b


def texts(prompt: str, choice: int) -> str:
    """What the server says: a new sum, one in ten of them ambiguous, or a solve of one."""
    draw = random.Random(hashlib.sha256(f"{choice} {prompt}".encode()).digest())
    if "# Seed" in prompt:
        marked = draw.random() < 0.1
        question, *_ = _sum(draw, marked)
        right, other = _answers(question)
        if marked:
            proposed = right if draw.random() < 0.5 else other
        else:
            proposed = right if draw.random() >= 0.05 else right + 10
        return json.dumps({"question": question, "explanation": "", "answer": str(proposed)})
    question = prompt.rpartition("# Question")[2]
    right, other = _answers(question)
    if draw.random() < 0.03:
        return "Hard to say."
    if ABOUT in question:
        said = right if draw.random() < 0.5 else other
    else:
        accuracy = random.Random(f"accuracy {question}").betavariate(4, 1)
        wrong = right + 10 if draw.random() < 0.7 else right + draw.randint(11, 99)
        said = right if draw.random() < accuracy else wrong
    return f"Count the boxes and what is left.\n\nAnswer: {said}"


def _task(folder: Path, number: int) -> None:
    """Write a task of 200 sums."""
    shutil.copytree(BUILTIN_PATH / "taskseed_maths", folder / "sums")
    old = folder / "sums" / "taskseed_maths.yaml"
    (folder / "sums" / "sums.yaml").write_text(old.read_text().replace("task: taskseed_maths", "task: sums"))
    old.unlink()
    draw, lines = random.Random(f"task {number}"), []
    for _ in range(200):
        question, a, b, c = _sum(draw, marked=False)
        worked = f"{a} * {b} = <<{a}*{b}={a * b}>>{a * b}\n#### {a * b + c}"
        lines.append(json.dumps({"question": question, "answer": worked}) + "\n")
    (folder / "sums" / "train.jsonl").write_text("".join(lines))


def whole_run(number: int, url: str) -> list[str]:
    """Run the pipeline; returns the row of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        _task(root / "tasks", number)
        recipe = parse_recipe(RECIPE.format(tasks=root / "tasks", url=url, seed=1000 * (number + 1)))
        run_local(recipe, root / "run", RunOptions(), unwatched)
        told: dict[str, Any] = status(root / "run", {}, recipe.models.names())
        found = sorted((root / "run/dataset/data").glob("*.parquet"))
        rows = {r["question_id"]: r for f in found for r in pq.read_table(f).to_pylist()}
    right = sum(
        ABOUT not in r["question"] and r["answer"] == str(_answers(r["question"])[0]) for r in rows.values()
    )
    overall, labels = told["calibration"]["overall"], told["calibration"]["label_precision"]
    truth = right / len(rows)
    return [
        str(number + 1),
        f"{overall['right']} of {overall['decided']} of {overall['seeds']}",
        str(len(rows)),
        f"{100 * labels['agreement_with_writer']:.1f}",
        f"{100 * truth:.1f}",
        f"{100 * labels['low']:.1f}–{100 * labels['high']:.1f}",
        "yes" if labels["low"] <= truth <= labels["high"] else "**no**",
        f"{told['calibration']['took']['answers']} of {told['requests']['answered']}",
    ]


WHOLE = (
    "run",
    "right of decided of solved seeds",
    "questions kept",
    "decided votes that agree with the writer, %",
    "true precision, %",
    "interval, %",
    "covers",
    "answers for calibration, of all",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="simulated data sets per row")
    parser.add_argument("--whole", type=int, default=5, help="whole runs over HTTP")
    options = parser.parse_args()
    rule = VoteRule()
    started = time.monotonic()
    print(f"{machine()}, numpy {version('numpy')}; {options.runs} runs per row\n")
    print(table(COLUMNS, [row(world, rule, options.runs) for world in WORLDS]))
    with serving("--texts", "calibration:texts") as server:
        rows = [whole_run(number, server.base_url) for number in range(options.whole)]
    print(f"\n{table(WHOLE, rows)}\n\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
