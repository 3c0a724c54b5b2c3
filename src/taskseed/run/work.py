"""How many completions a run still needs, from what its seeds have needed so far.

The basis of every projection, for the roles that are asked:

- the writer needs, for each seed that is still to be written from, what the seeds written from now needed on
  average;
- the solver (and the voter, which takes turns with it) needs, for each question, what the questions solved
  now needed on average, within the recipe's `min_votes` and `max_votes` (all questions of a shard are under
  way at once: those that end first are few beside the answers that are there). How many questions there will
  be is known for shards that are screened; for the others it is what screened seeds gave on average.
- the judge of free text needs, for each question, what the questions solved now needed on average.

Nothing is projected before `BASIS` seeds are written from, a shard is screened and `BASIS` questions are
solved; with `--accept`, not before a shard is finished, whose rows tell how many shards it takes.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from taskseed.recipe import Recipe
from taskseed.run.directory import RunDirectory
from taskseed.run.events import Event

__all__ = ["BASIS", "Work"]

BASIS = 10  # fewer seeds or questions than this say little of the others


class Work:
    """Counts what is done of a run's shards.

    :param recipe: says which roles are asked, and the bounds of votes.
    :param seeds: how many seeds there are, in shards of the recipe's size; 0 where no shards are done.
    :param accept: the run ends with the shard that reaches this many rows, or None.
    """

    def __init__(self, recipe: Recipe, seeds: int, accept: int | None = None) -> None:
        self._writes = recipe.generate.kind != "numeric"
        self._solves = recipe.models.role("solver") is not None
        self._voters = ("solver", "voter") if recipe.models.role("voter") else ("solver",)
        self._votes = recipe.enrich.min_votes, recipe.enrich.max_votes
        size = recipe.shard_size
        self._seeds = [min(size, seeds - first) for first in range(0, seeds, size)]  # of each shard
        self._accept = accept
        self._finished: Counter[str] = Counter()
        self._before: dict[str, set[int]] = {"generate": set(), "enrich": set()}
        self._questions: dict[int, int] = {}  # of the shards that are screened
        self._rows = 0
        self._written = self._solved = 0

    def wrote(self) -> None:
        """Say that all slots of a seed are filled or dropped."""
        self._written += 1

    def solved(self) -> None:
        """Say that a question's vote is decided."""
        self._solved += 1

    def resume(self, directory: RunDirectory, done: Mapping[str, Sequence[int]]) -> list[Event]:
        """Take in what earlier invocations have done; returns what there is to tell of it.

        :param done: the shards that each stage has finished.
        """
        told = []
        for stage, shards in done.items():
            counts = [directory.shard_count(stage, shard) for shard in shards]
            for shard, count in zip(shards, counts, strict=True):
                self.finish(stage, shard, count.kept)
            if stage in self._before:
                self._before[stage].update(shards)
            if shards:
                kept, entered = sum(c.kept for c in counts), sum(c.entered for c in counts)
                told.append(Event(stage, len(shards), len(self._seeds), kept, entered - kept))
        return told

    def finish(self, stage: str, shard: int, kept: int) -> int:
        """Say that a stage has finished a shard; returns how many shards it has finished."""
        self._finished[stage] += 1
        if stage == "screen":
            self._questions[shard] = kept
        if stage == "filter":
            self._rows += kept
        return self._finished[stage]

    def units(self) -> dict[str, tuple[int, int]]:
        """Return, by stage that asks, how many units this invocation has finished and how many are known."""
        known = {"generate": self._to_write(len(self._seeds)), "enrich": self._to_solve()}
        done = {"generate": self._written, "enrich": self._solved}
        asks = {"generate": self._writes, "enrich": self._solves}
        return {stage: (done[stage], total) for stage, total in known.items() if total and asks[stage]}

    def to_come(self, there: Mapping[str, int]) -> dict[str, float] | None:
        """Return how many completions are still expected, by role; None while there is no basis.

        :param there: the completions that this invocation got or found, by role.
        """
        shards = self._shards()
        if not shards:
            return None
        found: dict[str, float | None] = {
            "writer": self._of_writer(shards, there.get("writer", 0)) if self._writes else 0.0,
        }
        # They take turns. What the voter answered of seeds is counted with its votes; the solver's is not.
        solving = there.get("solver", 0) * len(self._voters)
        wanted = self._of_solver(shards, solving) if self._solves else 0.0
        for role in self._voters:
            found[role] = None if wanted is None else wanted / len(self._voters)
        if there.get("judge"):
            found["judge"] = self._of_judge(shards, there["judge"])
        known = {role: completions for role, completions in found.items() if completions is not None}
        return known if len(known) == len(found) else None

    def _shards(self) -> int:
        """Return how many shards the run takes; 0 where nobody can say."""
        if self._accept is None:
            return len(self._seeds)
        if not self._rows:
            return 0
        return min(len(self._seeds), math.ceil(self._accept * self._finished["filter"] / self._rows))

    def _to_write(self, shards: int) -> int:
        return sum(self._seeds[n] for n in range(shards) if n not in self._before["generate"])

    def _to_solve(self) -> int:
        return sum(count for n, count in self._questions.items() if n not in self._before["enrich"])

    def _of_writer(self, shards: int, there: int) -> float | None:
        left = self._to_write(shards) - self._written
        if left <= 0:
            return 0.0
        return left * there / self._written if self._written >= BASIS else None

    def _of_solver(self, shards: int, there: int) -> float | None:
        wanted = self._questions_in(shards)
        if wanted is None or wanted <= self._solved:
            return wanted if wanted is None else 0.0
        if self._solved < BASIS:
            return None
        least, most = self._votes
        return max(0.0, wanted * min(most, max(least, there / self._solved)) - there)

    def _of_judge(self, shards: int, there: int) -> float | None:
        wanted = self._questions_in(shards)
        if wanted is None or wanted <= self._solved:
            return wanted if wanted is None else 0.0
        return wanted * there / self._solved - there if self._solved >= BASIS else None

    def _questions_in(self, shards: int) -> float | None:
        """Return how many questions there are to solve in the first shards; None while nobody can say."""
        screened = sum(self._seeds[n] for n in self._questions)
        if not screened:
            return None
        unscreened = sum(self._seeds[n] for n in range(shards) if n not in self._questions)
        return self._to_solve() + unscreened * sum(self._questions.values()) / screened
