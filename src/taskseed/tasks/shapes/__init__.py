"""The shapes that rows come in; `data/shapes.yaml` says which set has which. A new one is a line here."""

from collections.abc import Callable, Mapping
from typing import Any

from taskseed.tasks.shapes import aliases, boxed, code, fixed, options, pairs, schema, worked_number
from taskseed.tasks.shapes.base import Draft, RowProblem

__all__ = ["KIND_OF_SHAPE", "SHAPES", "Draft", "RowProblem"]

SHAPES: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Draft]] = {
    "options": options.read,
    "fixed": fixed.read,
    "worked_number": worked_number.read,
    "boxed": boxed.read,
    "aliases": aliases.read,
    "code": code.read,
    "pairs": pairs.read,
    "schema": schema.read,
}

KIND_OF_SHAPE = {
    "options": "multiple_choice",
    "worked_number": "number",
    "boxed": "expression",
    "aliases": "short_answer",
    "code": "code",
    "pairs": "structured",
    "schema": "structured",
}
