"""Lists, sets and tuples of expressions as they are written: brackets, commas, "and", ±. Pure and linear."""

import re
from dataclasses import dataclass

__all__ = ["AND", "Items", "group_of", "items_of", "split_at_commas"]

_OPENING, _CLOSING = "([{⟨", ")]}⟩"
AND = re.compile(r",?\s(?:and|or)\s|;", re.IGNORECASE)
_OR = re.compile(r"\sor\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Items:
    """A list, as it was written.

    :param free: the order does not count: a set, or the solutions for one variable, or both signs of ±.
    """

    items: tuple[str, ...]
    free: bool
    variable: str = ""
    braces: bool = False
    choice: bool = False


def items_of(text: str) -> Items:
    """Return the parts of a list or a set, without the variable that they are for."""
    inner = re.fullmatch(r"\\?\{(.*?)\\?\}", text)
    braces = inner is not None and _balanced(inner[1])
    body = inner[1] if inner and braces else text
    choice = _OR.search(body) is not None
    parts = [p for p in split_at_commas(AND.sub(",", body)) if p.strip()]
    heads = [re.match(r"([A-Za-z])(?:\s?_\s?\{?\s?\d\s?[},]?)?\s?=\s?(?=[^=])", p) for p in parts]
    variable = ""
    if heads and heads[0] and all(h is None or h[1] == heads[0][1] for h in heads):
        variable = heads[0][1]
        parts = [p[h.end() :] if h else p for p, h in zip(parts, heads, strict=True)]
    if any("=" in p for p in parts) and variable:
        return Items((text,), free=False)
    expanded = [sign for p in parts for sign in _both_signs(p)]
    if len(expanded) < 2 and not braces:
        return Items((text,), free=False)
    free = braces or bool(variable) or len(expanded) > len(parts)
    return Items(tuple(expanded), free, variable, braces, choice)


def _both_signs(text: str) -> list[str]:
    """Return both values of "1 ± √2"."""
    if "±" not in text or text.count("±") > 1:
        return [text]
    head, _, tail = text.partition("±")
    return [f"{head}+{tail}", f"{head}-{tail}"]


def _balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def group_of(text: str) -> tuple[str, str, list[str]] | None:
    """Return the brackets around a whole text, braces for a set, and the parts between its commas."""
    text = text.replace("\\{", "{").replace("\\}", "}").strip()
    if len(text) < 2 or text[0] not in _OPENING or text[-1] not in _CLOSING:
        return None
    parts = split_at_commas(text[1:-1])
    return (text[0], text[-1], parts) if len(parts) > 1 or text[0] == "{" else None


def split_at_commas(text: str) -> list[str]:
    """Split a text at the commas that stand in no brackets."""
    parts, start, depth = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        # "1,200" is one number; "(1,200)" is a pair that nobody can tell from it.
        if sign == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]
