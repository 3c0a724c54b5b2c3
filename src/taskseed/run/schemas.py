"""Answers checked against JSON schemas, in processes that can be killed."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from taskseed.checks.structures.schemas import SchemaFit
from taskseed.workers import Workers

__all__ = ["open_schemas"]

_VIOLATIONS = "taskseed.checks.structures.validation:violations"


def open_schemas(stack: AsyncExitStack) -> Callable[[str, Sequence[str]], list[SchemaFit]]:
    """Return what says of each of some answers whether it fits a schema.

    A call takes three seconds and a gigabyte at most, in a process of its own; what takes more is `unknown`.
    It blocks: call it from a thread.

    :param stack: ends the processes.
    """
    workers = Workers()
    stack.callback(workers.close)

    def fits(schema: str, answers: Sequence[str]) -> list[SchemaFit]:
        outcome = workers.call(_VIOLATIONS, schema, list(answers))
        if outcome.status != "done":
            return [SchemaFit("unknown", f"{outcome.status}: {outcome.detail}")] * len(answers)
        return [SchemaFit("violates", found) if found else SchemaFit("fits") for found in outcome.value]

    return fits
