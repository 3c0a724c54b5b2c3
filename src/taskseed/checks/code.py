"""Code that is trivially wrong, to see whether tests notice. Pure: nothing is run here."""

import ast
from collections import Counter
from collections.abc import Iterable

__all__ = ["trivial_stubs"]

_FIRST = "args[0] if args else None"


def trivial_stubs(code: str, tests: Iterable[str]) -> list[str]:
    """Return programs that define the functions of `code` without doing their work.

    Each function returns nothing, or its first argument, or the value that the tests expect most often. Tests
    that such a program passes do not tell right code from wrong. Empty where `code` defines no function.
    """
    names = _functions(code)
    if not names:
        return []
    answers = ["None", _FIRST, *(text for text in [_usual(tests)] if text not in (None, "None"))]
    return ["".join(f"def {name}(*args, **kwargs):\n    return {a}\n\n\n" for name in names) for a in answers]


def _functions(code: str) -> list[str]:
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node.name for node in body if isinstance(node, ast.FunctionDef)]


def _usual(tests: Iterable[str]) -> str | None:
    """Return the literal that most asserts compare with, as source; None where none does."""
    found: Counter[str] = Counter()
    for test in tests:
        try:
            nodes = [n.test for n in ast.walk(ast.parse(test)) if isinstance(n, ast.Assert)]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found.update(text for node in nodes if (text := _expected(node)) is not None)
    return min(found, key=lambda text: (-found[text], text)) if found else None


def _expected(node: ast.expr) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "False"
    if isinstance(node, ast.Call):
        return "True"
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    if not isinstance(node.ops[0], ast.Eq | ast.Is):
        return None
    try:
        ast.literal_eval(node.comparators[0])
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return ast.unparse(node.comparators[0])
