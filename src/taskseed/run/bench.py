"""What is done with the seeds of a shard: each stage with everything it needs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field

from taskseed.checks.answers import Verdict
from taskseed.checks.duplicates import NearDuplicates
from taskseed.checks.structures.schemas import SchemaFit
from taskseed.guards import GuardIndex
from taskseed.models.base import Prompt
from taskseed.models.stored import Answer, Ask, Spent
from taskseed.prompts import PromptSet
from taskseed.recipe import Recipe
from taskseed.records import Decision, Dropped, Question, Sample, Seed
from taskseed.run.askers import Askers, Gate
from taskseed.run.directory import RunDirectory
from taskseed.run.events import Watch
from taskseed.run.usage import CALIBRATION, Tallies
from taskseed.run.work import Work
from taskseed.sandbox import Sandbox, run_asserts
from taskseed.stages.enrich import Solver, accept_unsolved, enrich
from taskseed.stages.filter import FilterRules, filter_solves
from taskseed.stages.generate import Writer, generate_numeric, generate_with_model, too_weak
from taskseed.stages.judging import Judge
from taskseed.stages.screen import screen

__all__ = ["Bench"]


@dataclass(frozen=True, slots=True)
class Bench:
    """The stages of a shard, ready to use; a stage's result does not depend on what else is under way.

    :param pending: the requests that wait for a batch.
    :param work: learns of each seed that is written from and each question that is solved.
    :param fits: says whether answers fit a JSON schema.
    :param hard: compares expressions by computer algebra, where it is installed.
    :param weak: the families that the solver cannot do, and how that shows; nothing is asked for them.
    """

    recipe: Recipe
    directory: RunDirectory
    prompts: PromptSet
    guards: GuardIndex
    askers: Askers
    pending: Sized
    find_sandbox: Callable[[], Sandbox | None]
    watch: Watch
    gate: Gate
    work: Work
    hard: Callable[[str, str], Verdict] | None = None
    fits: Callable[[str, Sequence[str]], Sequence[SchemaFit]] | None = None
    weak: Mapping[str, str] = field(default_factory=dict)

    async def generate(
        self, seeds: Sequence[Seed], siblings: Sequence[Seed], spent: Spent
    ) -> list[Question | Dropped]:
        """Return one entry per slot of the seeds; those of weak families are dropped first.

        :param siblings: the shard's seeds, from which the writer is shown examples.
        :param spent: is told of each answer that came.
        """
        recipe = self.recipe
        if any(seed.family in self.weak for seed in seeds):
            fit = [seed for seed in seeds if seed.family not in self.weak]
            refused = too_weak([s for s in seeds if s.family in self.weak], recipe.generate, self.weak)
            for _ in range(len(seeds) - len(fit)):
                self.work.wrote()
            return [*refused, *(await self.generate(fit, siblings, spent) if fit else ())]
        if recipe.generate.kind == "numeric":
            return await asyncio.to_thread(_variants_alone, seeds, recipe)
        spec = recipe.models.role("writer")
        assert spec is not None  # noqa: S101 - the recipe's own check
        writer = Writer(
            ask=self._asking("writer"),
            model=spec.name,
            sampling=spec.sampling,
            prompts=self.prompts,
            can_run_code=self._sandbox_for(seeds) is not None,
            spent=spent,
            free_text=recipe.models.role("judge") is not None or recipe.tasks.allow_unverifiable,
        )
        written = await generate_with_model(
            seeds, siblings, writer, recipe.generate, recipe.seed, self.work.wrote
        )
        return [*written, *await asyncio.to_thread(_variants_beside, seeds, recipe)]

    async def screen(
        self, questions: Sequence[Question], seeds: dict[str, Seed], seen: NearDuplicates
    ) -> list[Question | Dropped]:
        """Return one entry per question; `seen` learns those that are kept."""
        return await asyncio.to_thread(
            screen,
            questions,
            seeds,
            self.recipe.screen,
            self.guards,
            seen,
            self._run_tests if self._sandbox_for(questions) else None,
            self.fits,
        )

    async def enrich(self, questions: Sequence[Question], took: Tallies) -> list[Decision | Dropped]:
        """Return one entry per question; `took` learns what each answer that came took, by role."""
        solver = self._solver("solver", questions, took)
        if solver is None:
            return accept_unsolved(questions)
        voter = self._solver("voter", questions, took)
        spec, seed = self.recipe.enrich, self.recipe.seed
        return await enrich(questions, solver, spec, seed, self.work.solved, voter)

    async def solve_seeds(
        self, seeds: Sequence[Question], took: Tallies, solved: Callable[[], None]
    ) -> list[Decision | Dropped]:
        """Solve seeds blind, as questions are solved; what the solver is asked is counted as calibration.

        A voter, which has a price of its own, is counted as the voter here too.

        Whatever the recipe says, votes for another answer than the gold one are decided too, so that nothing
        about a vote, not even when it ends, can depend on the gold answer.

        :param seeds: as questions whose proposed answer is the gold one.
        :param took: learns what each answer that came took, by role.
        :param solved: is called as each seed's vote ends.
        """
        solver = self._solver("solver", seeds, took, CALIBRATION)
        assert solver is not None  # noqa: S101 - the recipe's own check
        voter = self._solver("voter", seeds, took)
        rules = self.recipe.enrich.model_copy(update={"on_disagreement": "replace"})
        return await enrich(seeds, solver, rules, self.recipe.seed, solved, voter)

    def _solver(
        self, role: str, questions: Sequence[Question], took: Tallies, purpose: str | None = None
    ) -> Solver | None:
        spec = self.recipe.models.role(role)
        if spec is None:
            return None
        return Solver(
            ask=self._asking(purpose or role),
            model=spec.name,
            sampling=spec.sampling,
            prompts=self.prompts,
            run_tests=self._run_tests_aside if self._sandbox_for(questions) else None,
            spent=took.of(role).add,
            judge=self._judge(took),
            hard=self.hard,
            fits=self._fits_aside if self.fits else None,
        )

    def can_run_code(self) -> bool:
        """Whether there is a sandbox; looking for one takes seconds the first time."""
        return self.find_sandbox() is not None

    async def filter(self, decisions: Sequence[Decision], seeds: dict[str, Seed]) -> list[Sample | Dropped]:
        """Return one entry per solve of the decided questions."""
        recipe = self.recipe
        terms = {}
        for role in ("writer", "solver", "voter"):
            spec = recipe.models.role(role)
            if spec is not None and spec.license:
                terms[spec.name] = spec.license
        rules = FilterRules(
            contamination=recipe.screen.contamination,
            keep_per_question=recipe.enrich.keep_per_question,
            styles=recipe.enrich.styles,
            licenses=terms,
            random_seed=recipe.seed,
            keep_wrong_arithmetic=recipe.enrich.on_wrong_arithmetic == "keep",
        )
        return await asyncio.to_thread(filter_solves, decisions, seeds, rules, self.guards)

    def _judge(self, took: Tallies) -> Judge | None:
        spec = self.recipe.models.role("judge")
        if spec is None:
            return None
        asking = self._asking("judge")
        return Judge(asking, spec.name, spec.sampling, self.prompts, took.of("judge").add)

    def _asking(self, role: str) -> Ask:
        async def ask(prompt: Prompt, indices: Sequence[int]) -> Sequence[Answer]:
            return await self.askers.ask(role, prompt, indices)

        return ask

    def _sandbox_for(self, records: Sequence[Seed | Question]) -> Sandbox | None:
        """Return the sandbox if any of these needs one: looking for one takes seconds."""
        return self.find_sandbox() if any(r.kind == "code" for r in records) else None

    def _run_tests(self, code: str, tests: Sequence[str]) -> str | None:
        sandbox = self.find_sandbox()
        if sandbox is None:
            return "no sandbox"
        outcome = run_asserts(sandbox, code, tests)
        return None if outcome.status == "passed" else f"{outcome.status}: {outcome.detail}"

    async def _fits_aside(self, schema: str, answers: Sequence[str]) -> Sequence[SchemaFit]:
        assert self.fits is not None  # noqa: S101 - the caller looked
        return await asyncio.to_thread(self.fits, schema, answers)

    async def _run_tests_aside(self, code: str, tests: Sequence[str]) -> str | None:
        return await asyncio.to_thread(self._run_tests, code, tests)


def _variants_alone(seeds: Sequence[Seed], recipe: Recipe) -> list[Question | Dropped]:
    """Make numeric variants in the slots that a writer would fill."""
    return generate_numeric(seeds, lambda seed: range(recipe.generate.questions_of(seed.family)), recipe.seed)


def _variants_beside(seeds: Sequence[Seed], recipe: Recipe) -> list[Question | Dropped]:
    """Make the numeric variants that come beside the writer's questions, in slots after the writer's."""
    spec = recipe.generate
    worked = [seed for seed in seeds if seed.kind == "number" and seed.solution]

    def after_the_writers(seed: Seed) -> range:
        first = spec.questions_of(seed.family)
        return range(first, first + spec.numeric_variants)

    return generate_numeric(worked, after_the_writers, recipe.seed)
