"""Drawing new numbers for a template, and rejecting draws that the seed's world would not allow."""

import math
import random
from collections.abc import Sequence
from fractions import Fraction

from taskseed.numeric.expression import BadExpression, evaluate
from taskseed.numeric.grid import decimals
from taskseed.numeric.template import Template, Variable

__all__ = ["allowed", "draw"]


def draw(template: Template, rng: random.Random, share: float) -> list[Fraction]:
    """Return one proposal of the variables.

    :param share: 0..1, how far the search has come; it first varies every free number, later fewer.
    """
    free = list(template.free)
    if share > 0.5 and len(free) > 1:
        free = rng.sample(free, rng.randint(1, len(free) - 1))
    common = rng.uniform(0.55, 1.9) if rng.random() < 0.5 else None
    values = [v.value for v in template.variables]
    for index in free:
        values[index] = _fresh(template.variables[index], rng, common)
    return values


def _fresh(variable: Variable, rng: random.Random, common: float | None) -> Fraction:
    low, high = math.ceil(variable.low / variable.grid), math.floor(variable.high / variable.grid)
    if low > high:
        return variable.value
    if common is None:
        return rng.randint(low, high) * variable.grid
    near = float(variable.value / variable.grid) * common * rng.uniform(0.8, 1.25)
    return min(max(round(near), low), high) * variable.grid


def allowed(template: Template, variables: Sequence[Fraction]) -> list[Fraction] | None:
    """Return the values of all sources, or None where the draw breaks a rule.

    Whole numbers stay whole and others keep at most their decimals, signs stay, one stays one, and the
    order of all numbers and results stays that of the seed. Shares of a whole stay within 100 %.
    """
    for variable, value in zip(template.variables, variables, strict=True):
        if value != variable.value and value <= 1 <= variable.value:
            return None
        if not _alike(variable.value, value):
            return None
    if sum(ref.at(variables) for ref in template.shares) > 100:
        return None
    values = list(variables)
    for step in template.steps:
        try:
            value = evaluate(step.program, [ref.at(values) for ref in step.operands])
        except BadExpression:
            return None
        if not _alike(step.value, value) or (step.high is not None and value > step.high):
            return None
        values.append(value)
    return values if _in_order(template, values) else None


def _alike(old: Fraction, new: Fraction) -> bool:
    if (old > 0) != (new > 0) or (old < 0) != (new < 0) or (old == 1) != (new == 1):
        return False
    if old.denominator == 1 or new.denominator == 1:
        return old.denominator == new.denominator
    before, after = decimals(old), decimals(new)
    return before is not None and after is not None and after <= before


def _in_order(template: Template, values: Sequence[Fraction]) -> bool:
    below: Fraction | None = None  # the greatest new value among smaller seed values
    group: list[Fraction] = []
    last: Fraction | None = None
    for seed_value, ref in template.ranked:
        if seed_value != last and group:
            below, group = max(group), []
        value = ref.at(values)
        if below is not None and value <= below:
            return False
        group.append(value)
        last = seed_value
    return True
