"""What stopping rules cost and keep: a simulated teacher (bench/teacher.py) drives the real stages.

Questions go into `enrich` and `filter` as they come from `screen`; every solve is a request over HTTP to the
teacher, through the whole engine and the response store, read by the real parser. A solve that one way of
voting has paid for is found in the store by the next, so that all are compared on the same solves.
`python bench/votes.py` prints the tables.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import uvloop

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import engine, teacher
from bench.measure import machine, table, versions
from bench.server import serving

from taskseed.checks.answers import match_option
from taskseed.checks.votes import tally
from taskseed.guards import GuardIndexBuilder
from taskseed.models.base import Prompt
from taskseed.models.stored import Ask
from taskseed.prompts import PromptSet, load_prompts, parse_solve, solver_messages
from taskseed.recipe import EnrichSpec
from taskseed.records import Decision, Dropped, Question, Sample, Seed, Solve, content_id
from taskseed.run.usage import Tally
from taskseed.stages.enrich import Solver, enrich
from taskseed.stages.filter import FilterRules, filter_solves

MIXES = ((8.0, 1.0), (4.0, 1.0), (2.0, 1.0))
SAMPLING = {"temperature": 1, "max_tokens": 4096, "seed": 0}
STYLES = ("reasoning", "knowledge")
NO_GUARDS = GuardIndexBuilder().build()


@dataclass(frozen=True)
class Outcome:
    """What one way of voting made of the questions of a deck.

    :param kept: by question, whether it was kept.
    :param right: by question, whether it was kept with the right answer; an ill-posed one has none.
    :param solves: by question, solves paid for (for letters: votes and enrichments).
    """

    name: str
    kept: np.ndarray
    right: np.ndarray
    solves: np.ndarray
    records: int
    tokens: int

    @property
    def precision(self) -> float:
        return float(self.right.sum() / max(1, self.kept.sum()))


@dataclass(frozen=True)
class Way:
    """A way of voting.

    :param most: the most solves that a question gets.
    :param against: the name of the fixed number of solves that it is compared with.
    :param spec: the recipe's block, or how peers vote on letters.
    """

    most: int
    against: str
    spec: "EnrichSpec | Letters"


@dataclass(frozen=True)
class Letters:
    """How peers vote.

    :param min_agreement: the least share of the read votes; 0 is a plain majority vote.
    :param together: whether the votes are one request for eight samples: its prompt is read once.
    """

    min_agreement: float = 0.0
    together: bool = False


@dataclass(frozen=True)
class Teacher:
    """The teacher behind the whole engine."""

    ask: Ask
    prompts: PromptSet
    seed: int = 0
    spent: Tally = field(default_factory=Tally)

    def solver(self) -> Solver:
        return Solver(self.ask, "m", SAMPLING, self.prompts, None, self.spent.add)


@asynccontextmanager
async def opened(url: str, folder: Path, at_once: int = 64) -> AsyncIterator[Teacher]:
    """Open the engine as `run` does."""
    async with engine.opened(url, folder, str(at_once)) as whole:
        yield Teacher(whole.asker.ask, load_prompts())


def questions_of(deck: str, count: int) -> list[Question]:
    """Return a deck's questions, each with the answer that its writer proposes."""
    return [_question(deck, number) for number in range(count)]


def _question(deck: str, number: int) -> Question:
    options, proposed = teacher.truth(deck, number).options, teacher.proposal(deck, number)
    return Question(
        question_id=content_id("question", deck, number),
        seed_id=content_id("seed", deck, number),
        task="simulated",
        slot=0,
        kind="multiple_choice",
        question=teacher.question_text(deck, number),
        context=None,
        options=options,
        answer=options[proposed],
        answer_index=proposed,
        aliases=(),
        checks=(),
        solution=None,
        derivation="written",
        writer_model="m",
        writer_prompt="simulated",
    )


def _seed(question: Question) -> Seed:
    return Seed(
        seed_id=question.seed_id,
        task="simulated",
        family="simulated",
        also_tasks=(),
        capability="knowledge",
        domain="none",
        language="en",
        kind=question.kind,
        question=question.question,
        context=None,
        options=question.options,
        answer=question.answer,
        answer_index=question.answer_index,
        aliases=(),
        checks=(),
        solution=None,
        extractor=None,
        equivalence=None,
        license="MIT",
        source_dataset="simulated",
        source_config=None,
        source_split="train",
        source_revision=None,
        source_row=0,
        harness_version="",
    )


def _records(decisions: Sequence[Decision]) -> int:
    """Return how many records the real filter keeps of decided questions."""
    seeds = {d.question.seed_id: _seed(d.question) for d in decisions}
    rules = FilterRules(contamination=0.5, keep_per_question=2, styles=STYLES, licenses={})
    return sum(isinstance(entry, Sample) for entry in filter_solves(decisions, seeds, rules, NO_GUARDS))


def _outcome(
    name: str, deck: str, answers: Sequence[str | None], solves: Sequence[int], records: int, spent: Tally
) -> Outcome:
    """:param answers: by question, the answer it was kept with; None where it was dropped."""
    truths = [teacher.truth(deck, number) for number in range(len(answers))]
    right = [
        truth.gold is not None and answer == truth.options[truth.gold]
        for truth, answer in zip(truths, answers, strict=True)
    ]
    kept = np.array([answer is not None for answer in answers])
    return Outcome(name, kept, np.array(right), np.array(solves), records, spent.sums()[1].tokens)


async def reuse(
    name: str, deck: str, questions: Sequence[Question], model: Teacher, spec: EnrichSpec
) -> Outcome:
    """Vote as the pipeline does: options permuted, votes on text, agreeing solves are the enrichment."""
    spent = Tally()
    solver = replace(model.solver(), spent=spent.add)
    made = await enrich(questions, solver, spec, model.seed)
    decisions = [entry for entry in made if isinstance(entry, Decision)]
    answers = [entry.answer if isinstance(entry, Decision) else None for entry in made]
    solves = [_solves_of(entry) for entry in made]
    return _outcome(name, deck, answers, solves, _records(decisions), spent)


def _solves_of(entry: Decision | Dropped) -> int:
    if isinstance(entry, Decision):
        return len(entry.solves)
    return entry.record.count('"solve_id":')


async def letters(
    name: str, deck: str, questions: Sequence[Question], model: Teacher, peer: "Letters"
) -> Outcome:
    """Vote as peers do: eight solves of one order, unread ones left out, then the enrichment is asked for."""
    spent = Tally()

    async def solved(question: Question, style: str, indices: Sequence[int]) -> list[Solve]:
        order = range(len(question.options))
        messages, prompt_hash = solver_messages(model.prompts, question, style, order)
        prompt = Prompt("m", messages, SAMPLING)
        answers = await model.ask(prompt, indices)
        spent.add("simulated", prompt, answers)
        return [_solve(question, style, a.index, a.completion.text, prompt_hash) for a in answers]

    async def one(question: Question) -> tuple[Decision | None, int]:
        first = 100 if peer.together else 0  # not the samples that were paid for one by one
        rounds = [[*range(first, first + 8)]] if peer.together else [[i] for i in range(8)]
        votes = [solve.vote for asked in rounds for solve in await solved(question, "reasoning", asked)]
        counted = tally([vote for vote in votes if vote is not None])
        if counted.leader != question.answer or (counted.agreement or 0) < peer.min_agreement:
            return None, 8
        paid = [s for style in STYLES for s in await solved(question, style, [8])]
        decision = Decision(
            question, question.answer, question.answer_index, counted.votes_for, 8, 0,
            counted.agreement, counted.p_majority, "vote", question.answer, tuple(paid),
        )  # fmt: skip
        return decision, 10

    made = await asyncio.gather(*(one(question) for question in questions))
    decisions = [decision for decision, _ in made if decision is not None]
    answers = [decision.answer if decision else None for decision, _ in made]
    return _outcome(name, deck, answers, [n for _, n in made], _records(decisions), spent)


def _solve(question: Question, style: str, index: int, text: str, prompt: str) -> Solve:
    read = parse_solve(text, question.kind)
    at = match_option(read.answer, question.options) if read.answer else None
    return Solve(
        solve_id=content_id("letters", question.question_id, style, index),
        question_id=question.question_id,
        seed_id=question.seed_id,
        task=question.task,
        index=index,
        style=style,
        enrichment=read.enrichment,
        answer=read.answer,
        vote=None if at is None else question.options[at],
        finish_reason="stop",
        solver_model="m",
        solver_prompt=prompt,
    )


def fixed(votes: int, **changes: object) -> EnrichSpec:
    return EnrichSpec.model_validate({"min_votes": votes, "max_votes": votes, **changes})


def adaptive(most: int, **changes: object) -> EnrichSpec:
    return EnrichSpec.model_validate({"max_votes": most, **changes})


def ways() -> tuple[dict[str, Way], dict[str, Way]]:
    """Return the ways of voting by name, and settings beside the defaults."""
    main = {
        "(a) 8 letters, majority": Way(8, "", Letters()),
        "(a) the same, asked for with `n: 8`": Way(8, "", Letters(together=True)),
        "(a) 8 letters, share ≥ 0.6": Way(8, "", Letters(min_agreement=0.6)),
        "(b) fixed 8": Way(8, "", fixed(8)),
        "(b) fixed 32": Way(32, "", fixed(32)),
    }
    for most in (8, 32):
        for rule in ("predictive", "beta", "window"):
            main[f"(c) `{rule}`, max {most}"] = Way(most, f"(b) fixed {most}", adaptive(most, rule=rule))
    settings = {}
    for most in (8, 32):
        for futility in (0.1, 0.3):
            spec = adaptive(most, futility=futility)
            settings[f"(c) max {most}, `futility: {futility}`"] = Way(most, f"(b) fixed {most}", spec)
    for most in (8, 32):
        votes = {"on_disagreement": "replace"}
        alone = f"(b) fixed {most}, `replace`"
        settings[alone] = Way(most, "", fixed(most, **votes))
        for rule in ("predictive", "beta"):
            name = f"(c) `{rule}`, max {most}, `replace`"
            settings[name] = Way(most, alone, adaptive(most, rule=rule, **votes))
    return main, settings


async def compare(
    deck: str, questions: Sequence[Question], long: int, model: Teacher, found: dict[str, Outcome],
    some: Mapping[str, Way],
) -> list[list[str]]:  # fmt: skip
    """Return the rows of one deck's table.

    :param long: how many of the questions are solved up to 32 times.
    :param found: what was found for the deck so far; gets what is found now.
    """
    rows = []
    for name, way in some.items():
        asked = questions if way.most < 32 else questions[:long]
        if isinstance(way.spec, EnrichSpec):
            found[name] = await reuse(name, deck, asked, model, way.spec)
        else:
            found[name] = await letters(name, deck, asked, model, way.spec)
        print(f"  {deck} {name}", file=sys.stderr)
        rows.append(_row(found[name], found.get(way.against), next(iter(found.values()))))
    return rows


COLUMNS = (
    "way of voting", "precision", "against (b), points", "kept", "solves per question", "fewer than (b)",
    "tokens per kept record", "fewer than (a)",
)  # fmt: skip


def _row(outcome: Outcome, fixed_n: Outcome | None, peers: Outcome) -> list[str]:
    per_record = outcome.tokens / max(1, outcome.records)
    peers_per_record = peers.tokens / max(1, peers.records)
    solves = float(outcome.solves.mean())
    difference = fewer = "–"
    if fixed_n is not None:
        low, high = _interval(outcome, fixed_n)
        gained = 100 * (outcome.precision - fixed_n.precision)
        difference = f"{gained:+.2f} ({low:+.2f} to {high:+.2f})"
        fewer = f"{1 - solves / float(fixed_n.solves.mean()):.1%}"
    return [
        outcome.name,
        f"{outcome.precision:.2%}",
        difference,
        f"{outcome.kept.mean():.1%}",
        f"{solves:.2f}",
        fewer,
        f"{per_record:,.0f}",
        "–" if outcome is peers else f"{1 - per_record / peers_per_record:.1%}",
    ]


def _interval(one: Outcome, other: Outcome) -> tuple[float, float]:
    """Return the 95 % interval of the difference of precisions in points: paired bootstrap over questions."""
    rng = np.random.default_rng(0)
    weights = rng.multinomial(len(one.kept), np.full(len(one.kept), 1 / len(one.kept)), size=1000)
    precisions = [(w @ way.right) / max(1, w @ way.kept) for way in (one, other) for w in weights]
    mine, its = np.array(precisions).reshape(2, -1)
    low, high = np.percentile(100 * (mine - its), [2.5, 97.5])
    return float(low), float(high)


async def main(options: argparse.Namespace) -> None:
    head = f"{machine()}, {versions(sys.executable, ['numpy', 'pycurl', 'uvloop'])}"
    print(f"{head}; {options.questions:,} questions per mix, {options.long:,} of them for 32 solves")
    with serving("--texts", "bench.teacher:answer") as server:
        for mix in MIXES:
            deck, found = teacher.deck(*mix), {}
            questions = questions_of(deck, options.questions)
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                async with opened(server.base_url, Path(folder)) as model:
                    for some, title in zip(ways(), ("the ways of voting", "other settings"), strict=True):
                        rows = await compare(deck, questions, options.long, model, found, some)
                        print(f"\nAccuracy per question from Beta({mix[0]:g}, {mix[1]:g}): {title}\n")
                        print(table(COLUMNS, rows), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=5000, help="per mix")
    parser.add_argument("--long", type=int, default=1200, help="of them, those solved up to 32 times")
    parser.add_argument("--folder", help="where stores are put; default: the folder for temporary files")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(parser.parse_args()))
