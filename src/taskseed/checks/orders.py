"""In which order a solve was shown the options. Pure: the order is recomputed wherever it is needed."""

from taskseed.checks.votes import permutation
from taskseed.records import Question, content_id

__all__ = ["shown_order"]


def shown_order(question: Question, index: int, random_seed: int) -> tuple[int, ...]:
    """Return the order in which solve `index` of a question is shown the options: place j shows `result[j]`.

    :param index: the solve's number, from 0.
    :param random_seed: the recipe's.
    :raises ValueError: if `index` is negative.
    """
    base = int(content_id("order", random_seed, question.question_id), 16)
    return permutation(len(question.options), index, base)
