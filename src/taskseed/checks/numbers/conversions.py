"""Whether two quantities in two units are the same amount: exactly, or not at all. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from taskseed.checks.numbers.units import is_measured, measure

__all__ = ["Quantity", "Verdict", "across_units", "kelvins"]

Verdict = Literal["equal", "different", "unknown"]

# Units that share a name, or between which a reader may convert by a habit that is not exact.
_NEAR = frozenset(map(frozenset, (("pound", "£"), ("cent", "€"), ("cent", "eurocent"), ("cent", "£"))))
_NEAR_DIMENSIONS = (frozenset({"kitchen", "length"}), frozenset({"time", "calendar"}))
# Degrees, and where zero is in kelvins. A bare "C" or "F" is a temperature beside another one.
_TEMPERATURES = {
    "°C": (Fraction(1), Fraction("273.15")),
    "°F": (Fraction(5, 9), Fraction("459.67") * 5 / 9),
    "K": (Fraction(1), Fraction(0)),
}
_BARE_DEGREES = {"C": "°C", "F": "°F"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount and its unit; the unit is empty where none was written."""

    value: Fraction
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit else str(self.value)


def kelvins(quantity: Quantity) -> Fraction | None:
    """Return a temperature in kelvins; None for anything else. "25 C" is one, though it may be a charge."""
    unit = quantity.unit.removeprefix("degree ")
    if _BARE_DEGREES.get(unit, unit) not in _TEMPERATURES:
        return None
    scale, zero = _TEMPERATURES[_BARE_DEGREES.get(unit, unit)]
    return quantity.value * scale + zero


def across_units(x: Quantity, y: Quantity) -> Verdict:
    """Say whether two quantities with units are the same amount.

    Units of one dimension convert exactly ("100 cm" and "1 m"), temperatures with their zero. What differs
    by less than a hundredth is `unknown`: somebody may have rounded. So are two different counted things.
    """
    if x.unit == y.unit:
        return "equal" if x.value == y.value else "different"
    if not (is_measured(x.unit) and is_measured(y.unit)):
        return "unknown"
    (scale, kind), (other_scale, other_kind) = measure(x.unit), measure(y.unit)
    a, b = x.value * scale, y.value * other_scale
    if kind != other_kind:
        warmth = kelvins(x), kelvins(y)
        if warmth[0] is None or warmth[1] is None:
            return "unknown" if _near(x.unit, y.unit, dict(kind + other_kind)) else "different"
        a, b = warmth[0], warmth[1]
    if a == b:
        return "equal"
    return "unknown" if abs(a - b) * 100 < abs(b) else "different"


def _near(unit: str, other: str, dimensions: dict[str, int]) -> bool:
    return frozenset({unit, other}) in _NEAR or any(pair <= dimensions.keys() for pair in _NEAR_DIMENSIONS)
