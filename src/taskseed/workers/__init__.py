"""Calling our own functions on hostile text, in processes that can be killed.

A function that is pure but may take for ever (a computer algebra system, a schema with a pattern) is named,
not passed: `Workers().call("taskseed.checks.maths.symbolic:equal_expressions", a, b)`. Its arguments and its
result are JSON. What it raises, how long it takes and how much memory it wants are data in the `Outcome`.
"""

from taskseed.workers.pool import Outcome, Workers

__all__ = ["Outcome", "Workers"]
