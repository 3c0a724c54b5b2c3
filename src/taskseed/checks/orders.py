"""In which order a solve was shown the options. Pure: the order is recomputed wherever it is needed."""

from collections import Counter
from collections.abc import Iterable

from taskseed.checks.votes import permutation
from taskseed.records import Question, Solve, content_id

__all__ = ["own_turns", "shown_order"]


def shown_order(question: Question, turn: int, random_seed: int) -> tuple[int, ...]:
    """Return the order in which a solve of a question is shown the options: place j shows `result[j]`.

    :param turn: the solve's number among those of its model, from 0: so orders go round for each model.
    :param random_seed: the recipe's.
    :raises ValueError: if `turn` is negative.
    """
    base = int(content_id("order", random_seed, question.question_id), 16)
    return permutation(len(question.options), turn, base)


def own_turns(solves: Iterable[Solve]) -> dict[str, int]:
    """Return, by `solve_id`, each solve's number among those of its model, from 0.

    :param solves: all of one question; the worked solution among them, which is no vote, has no turn.
    """
    made: Counter[str | None] = Counter()
    turns = {}
    for solve in sorted((s for s in solves if s.index >= 0), key=lambda s: s.index):
        turns[solve.solve_id] = made[solve.solver_model]
        made[solve.solver_model] += 1
    return turns
