"""Answers that are lists or sets of short texts. Pure."""

import re
from collections.abc import Callable

from taskseed.checks.quantities import Verdict
from taskseed.checks.reading import spoken

__all__ = ["compare_lists", "list_key", "order_counts", "split_list"]

_MAX_ITEMS = 200
_BULLET = re.compile(r"\s*(?:[-*•–]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])\s+")
_ALTERNATIVE = re.compile(r"\b(?:or|either|neither|nor|not|but|except|without)\b", re.IGNORECASE)
_LAST = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_ORDERED = re.compile(
    r"\b(?:in (?:the )?(?:(?:correct|right|chronological|alphabetical|ascending|descending) )?order|"
    r"order(?:ed)? "
    r"(?:of|by|from)|arrange|rank|sort|sequence|steps?|"
    r"from (?:smallest|largest|lowest|highest|least|greatest|oldest|newest|"
    r"first|earliest))\b",
    re.IGNORECASE,
)

Compare = Callable[[str, str], Verdict]


def order_counts(question: str) -> bool:
    """Say whether a question asks for things in an order."""
    return _ORDERED.search(question[-4000:]) is not None


def split_list(text: str) -> list[str] | None:
    """Return the items of a list, or None where the text offers alternatives or takes something away.

    Reads bullets and numbers on lines of their own, brackets, semicolons, commas, and a last "and".
    """
    said = spoken(text) if "\n" not in text.strip() else text.strip()
    if said is None or len(text) > 2000:
        return None
    lines = [line for line in said.splitlines() if line.strip()]
    if len(lines) > 1:
        items = [_BULLET.sub("", line, count=1) for line in lines]
    else:
        items = _split_line(said.strip())
    items = [item.strip().strip("\"'`*").rstrip(".;,").strip() for item in items]
    items = [item for item in items if item]
    if not items or len(items) > _MAX_ITEMS or any(_ALTERNATIVE.search(item) for item in items):
        return None
    return items


def _split_line(text: str) -> list[str]:
    if len(text) > 1 and (text[0], text[-1]) in {("[", "]"), ("{", "}"), ("(", ")")}:
        text = text[1:-1]
    if re.match(r"1[.)]\s", text) and re.search(r"\s2[.)]\s", text):
        return re.split(r"(?:^|[\s,;])[0-9]{1,3}[.)]\s", text)
    separator = ";" if ";" in text else ","
    # A comma between digits is part of the number: "1,200; 3".
    parts = re.split(r";" if separator == ";" else r",(?![0-9]{3}(?![0-9]))|,\s", text)
    parts = [re.sub(r"^\s*(?:and|&|both)\s", "", part, flags=re.IGNORECASE) for part in parts]
    if len(parts) > 1:
        return [*parts[:-1], *_LAST.split(parts[-1])] if len(_LAST.split(parts[-1])) == 2 else parts
    return _LAST.split(parts[0])


def compare_lists(said: str, gold: str, same: Compare, *, ordered: bool) -> Verdict:
    """Compare two lists item by item.

    Without an order the items must be the same, each as often. Numbers in another order are `unknown`, since
    a list of numbers may be a sequence. A list that lacks an item, or has one more, is `different`.

    :param same: compares two items.
    """
    left, right = split_list(said), split_list(gold)
    if left is None or right is None or len(left) * len(right) > 2_500:
        return "unknown"
    if len(left) == len(right) and all(same(a, b) == "equal" for a, b in zip(left, right, strict=True)):
        return "equal"
    rest = list(right)
    for item in left:
        found = next((i for i, other in enumerate(rest) if same(item, other) == "equal"), None)
        if found is None:
            repeated = any(same(item, other) == "equal" for other in right)
            unlike = all(same(item, other) == "different" for other in rest)
            return "unknown" if repeated or (not unlike and len(left) == len(right)) else "different"
        del rest[found]
    if rest:
        repeated = all(any(same(item, other) == "equal" for other in left) for item in rest)
        return "unknown" if repeated else "different"
    if ordered:
        return "different"
    return "unknown" if all(re.fullmatch(r"[-+]?[0-9.,]+", item) for item in left) else "equal"


def list_key(text: str, key: Callable[[str], str | None], *, ordered: bool) -> str | None:
    """Return the text under which a list votes: its items' keys, sorted unless their order counts."""
    items = split_list(text)
    keys = [key(item) for item in items or []]
    found = [k for k in keys if k is not None]
    if not found or len(found) < len(keys):
        return None
    numeric = all(re.fullmatch(r"[-+]?[0-9./]+", k) for k in found)
    return "; ".join(found if ordered or numeric else sorted(found))
