"""The records of this room: what tracing a worked problem finds, and what re-sampling it returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from taskseed.numeric.expression import evaluate

__all__ = ["Mention", "Ref", "Refusal", "Step", "Template", "Variable", "Variant", "run_steps"]


@dataclass(frozen=True, slots=True)
class Variant:
    """A problem with new numbers and its recomputed solution.

    :param solution: prose, without `<<...>>` annotations and without the `####` line.
    :param answer: a plain decimal number: `1200`, `2.5`.
    :param changed: (old, new) text of each number of the question that changed, in order.
    """

    question: str
    solution: str
    answer: str
    changed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a problem, or a draw, gives no variant; `reason` is snake_case and stable."""

    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A value as a line of one source: `offset + scale * values[source]`; a constant has no source.

    Sources are the variables, then the results of the steps, in order.
    """

    source: int | None
    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def at(self, values: Sequence[Fraction]) -> Fraction:
        """Return the value that this refers to, given the values of all sources."""
        if self.source is None:
            return self.offset
        return self.offset + self.scale * values[self.source]


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation of the solution; `program` is postfix over `operands`."""

    program: tuple[int | str, ...]
    operands: tuple[Ref, ...]
    value: Fraction
    high: Fraction | None = None  # a limit of the world on the result


@dataclass(frozen=True, slots=True)
class Variable:
    """A number of the question that may be drawn anew, between `low` and `high`, in multiples of `grid`."""

    value: Fraction
    low: Fraction
    high: Fraction
    grid: Fraction


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text that shows a value; `style` is `digits` or `word`."""

    start: int
    end: int
    text: str
    style: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class Template:
    """A traced problem. Opaque: pass it to `vary`.

    :param free: indices of the variables that may change; the others keep their value.
    :param ranked: the values whose order must be kept, each as (seed value, where it comes from).
    :param shares: percentages that together are at most 100 in the seed, and must stay so.
    """

    question: str
    solution: str
    variables: tuple[Variable, ...]
    free: tuple[int, ...]
    steps: tuple[Step, ...]
    ranked: tuple[tuple[Fraction, Ref], ...]
    shares: tuple[Ref, ...]
    in_question: tuple[Mention, ...]
    in_solution: tuple[Mention, ...]


def run_steps(steps: Sequence[Step], variables: Sequence[Fraction]) -> list[Fraction]:
    """Return the values of all sources: the variables, then each step's exact result.

    :raises BadExpression: a division by zero.
    """
    values = list(variables)
    for step in steps:
        values.append(evaluate(step.program, [ref.at(values) for ref in step.operands]))
    return values
