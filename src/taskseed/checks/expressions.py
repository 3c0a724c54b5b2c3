"""Saying whether two mathematical answers are the same: values, equations, intervals, tuples, sets, matrices.

Exact algebra decides (`checks.algebra`). What it cannot decide may be put to a computer algebra system, which
is not pure, and comes in as a callable.
"""

import re
from collections.abc import Callable, Sequence

from taskseed.checks.algebra import decided, same
from taskseed.checks.formulas import Unreadable, read_formula
from taskseed.checks.quantities import Verdict, equal_numbers, parse_number
from taskseed.checks.reading import spoken

__all__ = ["compare_expressions", "expression_key"]

_HARD_CHARS = 500
_RELATIONS = {"=": "=", "<": "<", ">": ">", "≤": "≤", "≥": "≥", "≠": "≠"}
_RELATION_SPELLINGS = (
    ("\\leqslant", "≤"), ("\\geqslant", "≥"), ("\\leq", "≤"), ("\\geq", "≥"), ("\\le", "≤"), ("\\ge", "≥"),
    ("\\neq", "≠"), ("\\ne", "≠"), ("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("\\lt", "<"), ("\\gt", ">"),
    ("==", "="),
)  # fmt: skip
_FLIPPED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠"}
_OPENING, _CLOSING = "([{", ")]}"
_MATRIX = re.compile(r"\\begin\{([pbvB]?matrix)\}(.*?)\\end\{\1\}", re.DOTALL)
_OR = re.compile(r"\s(?:or|and|\\text\s?\{\s?(?:or|and)\s?\}|\\lor|\\vee|∨)\s|;", re.IGNORECASE)
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")


def expression_key(answer: str) -> str | None:
    """Return a plain number's exact value, else the expression without spaces; "y = 5" stays an equation."""
    text = spoken(answer)
    if text is None:
        return None
    quantity = None if "=" in text else parse_number(text)
    if quantity is not None and not quantity.unit and text[:1] in "-+0123456789. ":
        return str(quantity.value)
    # A fraction written in LaTeX has no slash: "\\frac{1}{2}x" and "1/2x" need not be the same.
    words = (_maths(answer) if "frac" in answer else text).split()
    return re.sub(r"(?<!\w) | (?!\w)", "", " ".join(words))


def compare_expressions(said: str, gold: str, hard: Callable[[str, str], Verdict] | None = None) -> Verdict:
    """Say whether two answers are the same mathematical object.

    `equal` and `different` are exact. "x = 5" beside "5", "50 %" beside "50", and "1/2x" are `unknown`.

    :param hard: is asked where exact algebra does not know, and both are expressions of one shape.
    """
    left, right = expression_key(said), expression_key(gold)
    if left is None or right is None:
        return "unknown"
    if left == right:
        return "equal"
    numbers = parse_number(said), parse_number(gold)
    if numbers[0] and numbers[1] and "=" not in left + right and (numbers[0].unit and numbers[1].unit):
        return equal_numbers(said, gold)
    a, b = _maths(said), _maths(gold)
    verdict = _compare(a, b, 0)
    if verdict != "unknown" or hard is None or max(len(a), len(b)) > _HARD_CHARS or not _one_shape(a, b):
        return verdict
    return hard(a, b)


def _maths(answer: str) -> str:
    """Return the expression itself, in LaTeX as it was written."""
    text = spoken(answer, keep_latex=True) or ""
    for spelled, sign in _RELATION_SPELLINGS:
        text = re.sub(re.escape(spelled) + r"(?![a-zA-Z])", f" {sign} ", text)
    return re.sub(r"\\left\b|\\right\b", "", text).replace("\\$", "$").strip()


def _one_shape(a: str, b: str) -> bool:
    """Say whether two texts may be put to a system that takes "x = 5" for 5, and "10 cm" for 10."""
    for sign in "=<>≤≥%°$":
        if a.count(sign) != b.count(sign):
            return False
    words = {w for t in (a, b) for w in _WORDS.findall(re.sub(r"\\[a-zA-Z]+", " ", t))}
    return "%" not in a and not (words - {"sin", "cos", "tan", "ln", "log", "exp", "sqrt", "pi"})


def _compare(a: str, b: str, depth: int) -> Verdict:
    if depth > 3:
        return "unknown"
    parts = _OR.split(a), _OR.split(b)
    if len(parts[0]) > 1 or len(parts[1]) > 1:
        return _as_sets(_repeated_variable(parts[0]), _repeated_variable(parts[1]), depth)
    relations = _relation(a), _relation(b)
    if relations[0] or relations[1]:
        return _relations(relations[0], relations[1], depth)
    matrices = _MATRIX.fullmatch(a.strip()), _MATRIX.fullmatch(b.strip())
    if matrices[0] and matrices[1]:
        return _matrices(matrices[0][2], matrices[1][2], depth)
    groups = _group(a), _group(b)
    if groups[0] and groups[1]:
        return _groups(groups[0], groups[1], depth)
    lists = _split(a), _split(b)
    if len(lists[0]) > 1 and len(lists[1]) > 1:
        return _in_turn(lists[0], lists[1], depth, otherwise="unknown")
    return _values(a, b)


def _values(a: str, b: str) -> Verdict:
    try:
        x, y = read_formula(a), read_formula(b)
    except Unreadable:
        return "unknown"
    if same(x, y):
        return "equal"
    # A capital letter may be carelessness.
    return "different" if decided(x, y) and a.casefold() != b.casefold() else "unknown"


def _relation(text: str) -> tuple[str, str, str] | None:
    """Return both sides of the one relation in a text, and its sign."""
    found = [(i, c) for i, c in enumerate(text) if c in _RELATIONS]
    if len(found) != 1:
        return None
    at, sign = found[0]
    return text[:at].strip(), sign, text[at + 1 :].strip()


def _relations(a: tuple[str, str, str] | None, b: tuple[str, str, str] | None, depth: int) -> Verdict:
    if a is None or b is None:
        return "unknown"
    if _compare(a[0], b[0], depth + 1) != "equal":
        b = (b[2], _FLIPPED[b[1]], b[0])
    if _compare(a[0], b[0], depth + 1) != "equal":
        return "unknown"
    if a[1] != b[1]:
        return "different" if _compare(a[2], b[2], depth + 1) == "equal" else "unknown"
    sides = [_split(a[2]), _split(b[2])]
    if len(sides[0]) > 1 and len(sides[1]) > 1 and a[1] == "=":
        return _as_sets(sides[0], sides[1], depth + 1)
    verdict = _compare(a[2], b[2], depth + 1)
    return verdict if verdict != "different" or re.fullmatch(r"[A-Za-z]", a[0]) else "unknown"


def _repeated_variable(parts: Sequence[str]) -> list[str]:
    """Return `["x = 2", "x = 3"]` for "x = 2 or 3", too."""
    head = re.match(r"\s*([A-Za-z])\s?=", parts[0])
    return [p if head is None or "=" in p else f"{head[1]} = {p}" for p in parts]


def _group(text: str) -> tuple[str, str, list[str]] | None:
    """Return the brackets around a whole text, braces for a set, and the parts between its commas."""
    text = text.replace("\\{", "{").replace("\\}", "}").strip()
    if len(text) < 2 or text[0] not in _OPENING or text[-1] not in _CLOSING:
        return None
    parts = _split(text[1:-1])
    return (text[0], text[-1], parts) if len(parts) > 1 or text[0] == "{" else None


def _groups(a: tuple[str, str, list[str]], b: tuple[str, str, list[str]], depth: int) -> Verdict:
    if a[:2] == b[:2] == ("{", "}"):
        return _as_sets(a[2], b[2], depth)
    if a[:2] == b[:2]:
        return _in_turn(a[2], b[2], depth)
    both = "{" not in a[0] + b[0] and len(a[2]) == len(b[2]) == 2
    return "different" if both and a[:2] != b[:2] and _in_turn(a[2], b[2], depth) != "unknown" else "unknown"


def _split(text: str) -> list[str]:
    """Split a text at the commas that stand in no brackets."""
    parts, start, depth = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        # "1,200" is one number; "(1,200)" is a pair that nobody can tell from it.
        if sign == "," and depth == 0 and text[max(0, i - 1) : i + 2] != "{,}":
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def _matrices(a: str, b: str, depth: int) -> Verdict:
    rows = [[line.split("&") for line in text.strip().removesuffix("\\\\").split("\\\\")] for text in (a, b)]
    if [len(row) for row in rows[0]] != [len(row) for row in rows[1]]:
        return "different"
    cells = [[cell.strip() for row in matrix for cell in row] for matrix in rows]
    return _in_turn(cells[0], cells[1], depth)


def _in_turn(a: Sequence[str], b: Sequence[str], depth: int, otherwise: Verdict = "different") -> Verdict:
    if len(a) != len(b) or len(a) > 30:
        return "unknown" if otherwise == "unknown" else "different"
    verdicts = {_compare(x, y, depth + 1) for x, y in zip(a, b, strict=True)}
    if verdicts == {"equal"}:
        return "equal"
    return otherwise if "unknown" not in verdicts else "unknown"


def _as_sets(a: Sequence[str], b: Sequence[str], depth: int) -> Verdict:
    if max(len(a), len(b)) > 12:
        return "unknown"
    verdicts = [[_compare(x, y, depth + 1) for y in b] for x in a]
    covered = all("equal" in row for row in verdicts) and all(
        any(row[i] == "equal" for row in verdicts) for i in range(len(b))
    )
    if covered:
        return "equal" if len(a) == len(b) else "unknown"
    return "unknown" if any("unknown" in row for row in verdicts) else "different"
