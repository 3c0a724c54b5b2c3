"""Comparing what is made of values: equations, inequalities, intervals, tuples, lists, sets, matrices."""

import re
from collections.abc import Sequence
from fractions import Fraction

from taskseed.checks.maths.algebra import Value, add, approximate, decided, multiply, number, same
from taskseed.checks.maths.asked_forms import Asked
from taskseed.checks.maths.brackets import AND, Items, group_of, items_of, split_at_commas
from taskseed.checks.maths.forms import divides_by_letters, form_of
from taskseed.checks.maths.formulas import Unreadable, evaluate, read_formula
from taskseed.checks.maths.matrices import as_rows
from taskseed.checks.maths.real_sets import is_bare_pair, read_set, same_set
from taskseed.checks.maths.syntax import parse_formula
from taskseed.checks.numbers.quantities import Verdict

__all__ = ["Comparer"]

_RELATIONS = "=<>≤≥≠"
_FLIPPED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠"}
_NAME = re.compile(
    # x, x_1, f(3), f'(x), f^{-1}(x), P(A|B), AB, ∠ABC, θ, v with an arrow
    r"[A-Za-z](?:\s?_\s?\{?\w{1,6}\}?)?'{0,3}(?:(?:\s?\^\s?\{?\s?-1\s?\}?)?\s?\([A-Za-z0-9, |+]{1,12}\))?"
    r"|(?:m\s?)?(?:\\angle|∠)\s?[A-Z]{1,3}|\|?[A-Z]{2,3}\|?|[α-ωΔ]"
    r"|\\(?:alpha|beta|gamma|delta|theta|phi|lambda|mu|sigma|omega|rho|varphi|Delta)"
    r"|\\(?:vec|overline|hat)\s?\{?\s?[A-Za-z]{1,2}\s?\}?"
)
_OF_INTEGERS = re.compile(
    r"(?:(?:any|all|every|some|an)\s)?(?:integers?\s)?([a-z])\s?(?:∈\s?ℤ|(?:is\s)?(?:an|"
    r"any)\s(?:arbitrary\s)?integer)?"
)
_RATIO = re.compile(r"([^:=]{1,60}?)\s?(?::|\bto\b)\s?([^:=]{1,60})")
# "√2 ≈ 1.41", "√2 (about 1.41)": the exact value first.
_ROUNDED = re.compile(
    r",?\s?\(?\s?(?:or\s)?(?:≈|about|approximately|roughly|approx\.?)\s?(-?\d{1,12}(?:\.\d{1,12})?)\s?\)?$"
)
_COUNT = r"\b(?:how many|number of)\b"
_MAX_ITEMS = 30


class Comparer:
    """Compares two texts in the spelling of `mathtext.maths_of`, by what their question asks."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def compare(self, a: str, b: str, depth: int = 0) -> Verdict:
        """Say whether a text is the other; `b` is the gold."""
        if depth > 3:
            return "unknown"
        a, b = a.strip(), b.strip()
        if _unspaced(a) == _unspaced(b):
            return "equal" if a else "unknown"
        if depth == 0:
            a = self.without_name(a, b)
            b = self._without_tuple_names(b, a)
        for way in (
            self._families,
            self._sets,
            self._lists,
            self._ratios,
            self._related,
            self._matrices,
            self._grouped,
        ):
            verdict = way(a, b, depth)
            if verdict is not None:
                return verdict
        return self._values(a, b)

    def without_name(self, said: str, gold: str) -> str:
        """Return the right side of "x = 17" where the gold is no equation, and x is what was asked for.

        The left sides of a chain are names, or the same value: "10/2 = 5".
        """
        if re.search(r"[=<>≤≥≠≈]", gold):
            return said
        rounded = _ROUNDED.search(said)
        if rounded and self._is_rounded(said[: rounded.start()].rpartition("=")[2], rounded[1]):
            said = said[: rounded.start()].strip()
        sides = [side.strip() for side in said.split("=")]
        if (
            not 1 < len(sides) < 6
            or not all(sides)
            or re.search(r"[<>≤≥≠≈]", said)
            or len(split_at_commas(said)) > 1
        ):
            return said
        if len(sides) == 2 and self._is_name(sides[1]) and not self._is_name(sides[0]):
            sides.reverse()  # "5 = x"
        if any(not self._is_name(side) and self.compare(side, gold, 1) != "equal" for side in sides[:-1]):
            return said
        return sides[-1]

    def _is_name(self, side: str) -> bool:
        text = re.sub(r"[\s\\{}]", "", side)
        if self.asked.names:
            return text in {re.sub(r"[{}]", "", name) for name in self.asked.names}
        if len(side) == 1 and side not in "nNkmM" and self.asked.says(_COUNT):
            return False  # "x = 2" is no number of solutions
        tuples = re.fullmatch(r"\(([A-Za-zα-ω\\](?:\s?,\s?[A-Za-zα-ω\\]{1,7}){1,4})\)", side)
        return bool(_NAME.fullmatch(side)) or bool(
            tuples and self._in_order(tuples[1].replace(" ", "").split(","))
        )

    def _in_order(self, names: Sequence[str]) -> bool:
        bare = [name.removeprefix("\\") for name in names]
        asked = self.asked.in_tuple
        return list(asked) == bare if set(asked) == set(bare) else bare == sorted(bare)

    def _is_rounded(self, exact: str, rounded: str) -> bool:
        try:
            a, b = (approximate(read_formula(text)) for text in (exact, rounded))
        except Unreadable:
            return False
        return a is not None and b is not None and abs(a - b) <= abs(a) * 0.01

    def _without_tuple_names(self, gold: str, said: str) -> str:
        """Return "(3, -4)" of the gold "(x, y) = (3, -4)", beside an answer that is a tuple."""
        left, sign, right = gold.partition("=")
        names = re.fullmatch(r"\(\s?[a-z](?:\s?,\s?[a-z]){1,4}\s?\)", left.strip())
        return right.strip() if sign and names and "=" not in said and "=" not in right else gold

    def _families(self, a: str, b: str, depth: int) -> Verdict | None:
        """Compare "π/4 + kπ, where k is an integer" with the same for another letter."""
        found = [
            re.split(r",\s?(?=[a-z]\s?∈\s?ℤ)|,?\s(?:where|for|with)\s", text, maxsplit=1) for text in (a, b)
        ]
        names = [_integer_name(parts[1]) if len(parts) == 2 else "" for parts in found]
        if not any(names):
            return None
        if not all(names):
            return "unknown"
        renamed = re.sub(rf"(?<![A-Za-z\\]){names[0]}(?![A-Za-z])", names[1], found[0][0])
        verdict = self.compare(renamed, found[1][0], depth + 1)
        return verdict if verdict == "equal" else "unknown"

    def _sets(self, a: str, b: str, depth: int) -> Verdict | None:
        """Compare two sets of real numbers; a pair beside a pair, and solutions, are left to others."""
        if is_bare_pair(a) and is_bare_pair(b):
            return None
        x, y = read_set(a), read_set(b)
        if x is None or y is None:
            return None
        if same_set(x, y):
            asked = self.asked.says(r"\binterval notation\b") and re.search(r"[<>≤≥]", a)
            return "unknown" if asked else "equal"
        wide = all(any(low is not high for low, high in s.intervals) for s in (x, y))
        return "different" if wide and not (x.variable and y.variable and x.variable != y.variable) else None

    def _lists(self, a: str, b: str, depth: int) -> Verdict | None:
        if tuple_of_names := self._named_tuple(a, b):
            return self._in_turn(*tuple_of_names, depth)
        x, y = items_of(a), items_of(b)
        if len(x.items) < 2 and len(y.items) < 2 and not (x.braces and y.braces):
            return None
        return self._listed(x, y, depth)

    def _listed(self, x: Items, y: Items, depth: int) -> Verdict:
        if len(x.items) != len(y.items):
            if x.braces and y.braces and self._all_known([*x.items, *y.items]):
                return "different"
            return "unknown"
        if y.variable and x.variable != y.variable:
            return "unknown"
        if x.choice and not (y.choice or x.variable or y.braces or self.asked.unordered):
            return "unknown"  # "1 or 2" may be doubt
        if self._in_turn(x.items, y.items, depth, otherwise="unknown") == "equal":
            return "equal"
        if not (x.free or y.free or self.asked.unordered):
            return "unknown"
        return self._as_sets(x.items, y.items, depth, both_sets=x.braces and y.braces)

    def _all_known(self, items: Sequence[str]) -> bool:
        try:
            return decided(*(read_formula(item) for item in items))
        except Unreadable:
            return False

    def _named_tuple(self, a: str, b: str) -> tuple[list[str], list[str]] | None:
        """Return the parts of "x = 3, y = -4" in the order of the gold pair, and the parts of that pair."""
        group = group_of(b)
        named = [
            re.fullmatch(r"(\\?[A-Za-zα-ω]{1,7})\s?=\s?([^=]{1,80})", part)
            for part in split_at_commas(AND.sub(",", a))
        ]
        if group is None or group[:2] != ("(", ")") or len(named) != len(group[2]):
            return None
        found = {m[1].removeprefix("\\"): m[2] for m in named if m}
        names = list(found)
        if len(found) != len(named):
            return None
        if set(self.asked.in_tuple) == set(names):
            return [found[name] for name in self.asked.in_tuple], group[2]
        if set(names) <= set("xyz"):
            return [found[name] for name in sorted(names)], group[2]
        return ([found[name] for name in names], group[2]) if names == sorted(names) else None

    def _ratios(self, a: str, b: str, depth: int) -> Verdict | None:
        x, y = _RATIO.fullmatch(a), _RATIO.fullmatch(b)
        if x is None or y is None:
            return None
        return self._in_turn(x.groups(), y.groups(), depth)

    def _related(self, a: str, b: str, depth: int) -> Verdict | None:
        x, y = _relation(a), _relation(b)
        if x is None and y is None:
            return "unknown" if _relation_signs(a) or _relation_signs(b) else None
        if x is None or y is None:
            return "unknown"
        turned = (y[2], _FLIPPED[y[1]], y[0])
        fitting = next((z for z in (y, turned) if self.compare(x[0], z[0], depth + 1) == "equal"), None)
        if fitting is None:
            return "equal" if self._same_curve(x, y) else "unknown"
        if x[1] != fitting[1]:
            return "different" if self.compare(x[2], fitting[2], depth + 1) == "equal" else "unknown"
        verdict = self.compare(x[2], fitting[2], depth + 1)
        return verdict if verdict != "different" or re.fullmatch(r"[A-Za-z]", x[0]) else "unknown"

    def _same_curve(self, a: tuple[str, str, str], b: tuple[str, str, str]) -> bool:
        """Say whether two equations in several letters are multiples of each other, and neither has to be
        brought into a form: one that is solved for a letter may have been asked so.
        """
        if a[1] != "=" or b[1] != "=" or self.asked.form:
            return False
        try:
            left, right = (add(read_formula(x[0]), read_formula(x[2]), -1) for x in (a, b))
            factor = _proportion(left, right)
        except (Unreadable, ValueError, ArithmeticError):
            return False
        letters = {
            name
            for m in right.above
            for name, _ in m
            if name.isalpha() and len(name) == 1 and name not in "eiπ"
        }
        if factor is None or factor == 0 or len(letters) < 2:
            return False
        asked = self.asked.says(r"\bequation of\b|\bequation for the (?:line|circle)")
        return asked or (abs(factor) == 1 and not (_is_solved(a) or _is_solved(b)))

    def _matrices(self, a: str, b: str, depth: int) -> Verdict | None:
        x, y = as_rows(a), as_rows(b)
        if x is None and y is None:
            return None
        if x is None or y is None:
            return self._vectors(x or y, b if x else a, depth)
        if x[0] != y[0]:
            return "unknown"
        if [len(row) for row in x[1]] != [len(row) for row in y[1]]:
            return "different"
        return self._in_turn([c for row in x[1] for c in row], [c for row in y[1] for c in row], depth)

    def _vectors(self, matrix: tuple[str, list[list[str]]] | None, other: str, depth: int) -> Verdict:
        """Compare a column with "⟨1, 2⟩", or with "(1, 2)" where a vector was asked for."""
        group = group_of(other)
        if matrix is None or group is None or matrix[0] or any(len(row) != 1 for row in matrix[1]):
            return "unknown"
        if group[0] != "⟨" and not (group[0] == "(" and self.asked.says(r"\bvector\b")):
            return "unknown"
        verdict = self._in_turn([row[0] for row in matrix[1]], group[2], depth)
        return verdict if verdict == "equal" else "unknown"

    def _grouped(self, a: str, b: str, depth: int) -> Verdict | None:
        x, y = group_of(a), group_of(b)
        if x is None or y is None or len(x[2]) < 2:
            return None
        vectors = {x[0], y[0]} == {"⟨", "("} and (
            y[0] == "⟨" or self.asked.says(r"\bvector|\bpoint|\bdirection")
        )
        if x[:2] == y[:2] or vectors:
            return self._in_turn(x[2], y[2], depth)
        both = "{" not in x[0] + y[0] and "⟨" not in x[0] + y[0] and len(x[2]) == len(y[2]) == 2
        return "different" if both and self._in_turn(x[2], y[2], depth) != "unknown" else "unknown"

    def _values(self, a: str, b: str) -> Verdict:
        try:
            left, right = parse_formula(a), parse_formula(b)
            x, y = evaluate(left), evaluate(right)
        except Unreadable:
            return "unknown"
        if same(x, y):
            if divides_by_letters(left) != divides_by_letters(right):
                return "unknown"  # (x^2-1)/(x-1) has no value at 1, where x+1 has one
            return "equal" if not self.asked.form or form_of(left) == form_of(right) else "unknown"
        if (
            re.search(r"\+\s?C$", b)
            and re.search(r"\+\s?c$", a)
            and self.compare(f"{a[:-1]}C", b, 3) == "equal"
        ):
            return "equal" if self.asked.says(r"\\int|integral|antiderivative|differential") else "unknown"
        # A capital letter may be carelessness.
        return "different" if decided(x, y) and a.casefold() != b.casefold() else "unknown"

    def _in_turn(
        self, a: Sequence[str], b: Sequence[str], depth: int, otherwise: Verdict = "different"
    ) -> Verdict:
        if len(a) != len(b) or len(a) > _MAX_ITEMS:
            return "unknown" if otherwise == "unknown" else "different"
        verdicts = {self.compare(x, y, depth + 1) for x, y in zip(a, b, strict=True)}
        if verdicts == {"equal"}:
            return "equal"
        return otherwise if "unknown" not in verdicts else "unknown"

    def _as_sets(self, a: Sequence[str], b: Sequence[str], depth: int, *, both_sets: bool) -> Verdict:
        """Compare in any order; each item has one of its own on the other side."""
        if len(a) > 12:
            return "unknown"
        verdicts = [[self.compare(x, y, depth + 1) for y in b] for x in a]
        left = set(range(len(b)))
        for row in verdicts:
            at = next((i for i in sorted(left) if row[i] == "equal"), None)
            if at is None:
                return (
                    "unknown"
                    if "unknown" in {v for r in verdicts for v in r} or not both_sets
                    else "different"
                )
            left.remove(at)
        return "equal"


def _unspaced(text: str) -> str:
    return re.sub(r"(?<!\w)\s|\s(?!\w)", "", text)


def _integer_name(condition: str) -> str:
    """Return k of "k ∈ ℤ" and "any integer k"; nothing of any other condition."""
    m = _OF_INTEGERS.fullmatch(condition.strip(" .)"))
    return m[1] if m and re.search("ℤ|integer", condition) else ""


def _proportion(a: Value, b: Value) -> Fraction | None:
    """Return the number by which `a` is `b`, if it is a multiple."""
    if not b.above:
        return None
    monomial = max(b.above, key=str)
    factor = a.above.get(monomial, Fraction(0)) / b.above[monomial]
    return factor if factor and same(a, multiply(number(factor), b)) else None


def _is_solved(relation: tuple[str, str, str]) -> bool:
    return any(re.fullmatch(r"[A-Za-z]|[a-z]\([a-z]\)", side) for side in (relation[0], relation[2]))


def _relation_signs(text: str) -> bool:
    return any(sign in text for sign in _RELATIONS)


def _relation(text: str) -> tuple[str, str, str] | None:
    """Return both sides of the one relation in a text, and its sign."""
    found = [(i, c) for i, c in enumerate(text) if c in _RELATIONS]
    if len(found) != 1:
        return None
    at, sign = found[0]
    return text[:at].strip(), sign, text[at + 1 :].strip()
