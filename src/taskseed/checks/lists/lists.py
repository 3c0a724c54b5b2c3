"""Answers that are lists or sets of short texts. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence

from taskseed.checks.lists.asked_order import (
    asks_for_points,
    asks_to_solve,
    chain_runs,
    counts_alike,
    is_set_of_numbers,
    order_counts,
    order_may_count,
)
from taskseed.checks.lists.items import from_json, plain_list, readings, restored
from taskseed.checks.lists.members import is_mathematical, same_item, without_shared_noun
from taskseed.checks.lists.sentences import doubts, frames, label_says_nothing
from taskseed.checks.numbers.numerals import words_as_digits
from taskseed.checks.numbers.quantities import Verdict, parse_number
from taskseed.checks.rules import Rules

__all__ = ["compare_lists", "list_key"]

_MAX_PAIRS = 2_500  # of items that are compared
_MAX_READINGS = 60
_EQUATION = re.compile(r"([A-Za-z])(?:_?\{?[0-9]{1,2}\}?)?\s?=\s?(?=[^=\s])")
_OPEN = re.compile(r"\.\.\.|…")
_OR = re.compile(r",?\s+or\s+", re.IGNORECASE)
_CHAIN = re.compile(r"\s*[<≤]\s*|\s*[>≥]\s*")
_BRACES = re.compile(r"\s*(?:\$\s*)?\\?\{.*\}\s*\$?\s*", re.DOTALL)
_SENTENCE = re.compile(r"\s(?:is|are|was|were|has|have|of)\s|:|[.!]\s", re.IGNORECASE)
_POINT = re.compile(r"\([^(),]{1,40}(?:,[^(),]{1,40}){1,2}\)")
_LETTERS = re.compile(r"[A-Z](?:\s?[A-Z]){1,9}")
_LETTERS_ASKED = re.compile(
    r"\b(?:letters?|options?|choices?|statements?|(?:select|choose|mark|tick|pick) all)\b", re.IGNORECASE
)
_EXTRANEOUS = re.compile(r"\s?[(;,]\s?(?:[a-z]\s?=\s?)?(-?[0-9./]{1,20}) is extraneous\)?\.?\s*$")
_GLOSS_COUNTS = re.compile(r"\((?:the|all|these|those) ([0-9]{1,3}) ")
_ASKED_COUNT = re.compile(r"\b(?:which|what|name|list|give|the|are) (?:the )?([2-9])\b")


def compare_lists(said: str, gold: str, rules: Rules) -> Verdict:
    """Compare two lists item by item.

    Without an order the items must be the same, each as often. Numbers in another order are `unknown`, since
    a list of numbers may be a sequence, unless the question asks for a set. A list that lacks an item, or has
    one more, is `different`.
    """
    comparison = _Comparison(gold, rules)
    return comparison.verdict(said)


class _Comparison:
    """Compares texts with one gold; what has been compared is not compared again."""

    def __init__(self, gold: str, rules: Rules) -> None:
        self.gold = gold
        self.rules = rules
        self.question = rules.question
        self.solving = asks_to_solve(rules.question)
        self.pairs: dict[tuple[str, str], Verdict] = {}
        self.left = _MAX_PAIRS
        self.wanted = _gold_readings(gold, rules, solving=self.solving)

    def verdict(self, said: str) -> Verdict:
        """Return `equal` where one reading of a text is one of the gold's, else what its likeliest one is."""
        if not self.wanted or bool(_OPEN.search(said)) != bool(_OPEN.search(self.gold)):
            return "unknown"
        if doubts(said, self.gold, self.question, solving=self.solving):
            return "unknown"
        counted = _GLOSS_COUNTS.search(words_as_digits(said.casefold()))
        if counted and all(len(items) != int(counted[1]) for items in self.wanted):
            return "unknown"
        first: Verdict | None = None
        for n, items in enumerate(_said_readings(said, self.wanted[0], self.question, solving=self.solving)):
            for wanted in self.wanted:
                verdict = self._compared(items, wanted, said)
                if verdict == "equal" or self.left <= 0:
                    return verdict if self.left > 0 else "unknown"
                first = first or verdict
            if n >= _MAX_READINGS:
                break
        # A sentence that is not understood may list the gold's items after all.
        return "unknown" if first is None or _SENTENCE.search(said) else first

    def _same(self, said: str, gold: str, golds: Sequence[str]) -> Verdict:
        if (said, gold) not in self.pairs:
            self.left -= 1
            self.pairs[said, gold] = same_item(said, gold, golds, self.rules) if self.left > 0 else "unknown"
        return self.pairs[said, gold]

    def _compared(self, items: list[str], wanted: list[str], said: str) -> Verdict:
        verdict = self._matched(items, wanted, said)
        if verdict != "equal" and len(items) == len(wanted):
            bare = without_shared_noun(items, self.question), without_shared_noun(wanted, self.question)
            measured = _with_shared_unit(items)
            for left, right in ((bare[0], wanted), (bare[0], bare[1]), (items, bare[1]), (measured, wanted)):
                if (left, right) != (items, wanted) and self._matched(left, right, said) == "equal":
                    return "equal"
        return verdict

    def _matched(self, left: list[str], right: list[str], said: str) -> Verdict:
        if len(left) * len(right) > _MAX_PAIRS:
            return "unknown"

        def same(a: str, b: str) -> Verdict:
            return self._same(a, b, right)

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
        return self._in_another_order(left, said)

    def _in_another_order(self, items: list[str], said: str) -> Verdict:
        if order_counts(self.question):
            return "different"
        if all(is_mathematical(item) or ("=" not in item and parse_number(item)) for item in items):
            joined = _joined(items, said) and (not self.question or counts_alike(self.question, len(items)))
            a_set = joined or is_set_of_numbers(self.question)
            a_set = a_set or (all(map(_POINT.fullmatch, items)) and asks_for_points(self.question))
            a_set = a_set or "±" in said or "\\pm" in said or _BRACES.fullmatch(self.gold) is not None
            return "equal" if a_set else "unknown"
        return "unknown" if order_may_count(self.question) or _OPEN.search(said) else "equal"


def _joined(items: Sequence[str], said: str) -> bool:
    """Say whether "and" joins amounts that are no sequence of counts: "15 cm and 10 cm", "1/2 and -3"."""
    counts = all(re.fullmatch(r"[0-9.,]+", item) for item in items)
    return not counts and re.search(r"\sand\s", said, re.IGNORECASE) is not None


def _gold_readings(gold: str, rules: Rules, *, solving: bool) -> list[list[str]]:
    read = from_json(gold)
    if read is not None:
        return [read[1]] if not read[0] else []
    text = plain_list(gold)
    if text is None:
        return []
    if solving:
        text = _OR.sub(", ", text)
    found = [_plain_items(items, solving=solving) for items in readings(text, gold=True)]
    m = _ASKED_COUNT.search(words_as_digits(rules.question.casefold()))
    counted = [items for items in found if m and len(items) == int(m[1])]
    return counted or found


def _said_readings(said: str, wanted: Sequence[str], question: str, *, solving: bool) -> Iterator[list[str]]:
    read = from_json(said)
    if read is not None:
        key = read[0].replace("_", " ")
        if not key or label_says_nothing(f"{key}:", question, len(read[1])):
            yield read[1]
        return
    text = plain_list(said)
    if text is None:
        return
    if solving or "solution" in question:
        text = _without_extraneous(text, wanted)
    if solving:
        text = re.sub(r"\beither\s", "", _OR.sub(", ", text))
    yield from _chained(text, question)
    for body in frames(text, wanted, question, len(wanted)):
        plain = plain_list(body)  # the list itself may stand in emphasis
        if plain is not None:
            yield from _run_together(plain, wanted, question)
            yield from (_plain_items(items, solving=True) for items in readings(plain))


def _without_extraneous(text: str, wanted: Sequence[str]) -> str:
    """Return a text without its "(7 is extraneous)", where 7 is none of the gold's items."""
    m = _EXTRANEOUS.search(text)
    value = parse_number(m[1]) if m else None
    if m is None or value is None or any(parse_number(item) in (None, value) for item in wanted):
        return text
    return text[: m.start()]


def _run_together(text: str, wanted: Sequence[str], question: str) -> Iterator[list[str]]:
    """Yield the items of "ACD", where letters are asked for, and of "Lennon / McCartney", where two are."""
    if _LETTERS.fullmatch(text) and _LETTERS_ASKED.search(question) and all(map(_is_letter, wanted)):
        yield [c for c in text if c.isalpha()]
    parts = text.split(" / ")
    asked = _ASKED_COUNT.search(words_as_digits(question.casefold()))
    if (
        len(parts) == 2
        and asked
        and asked[1] == "2"
        and not re.search(r"[/,;=\\\d]|\s(?:and|&)\s", "".join(parts))
    ):
        yield parts


def _is_letter(item: str) -> bool:
    return len(item) == 1 and "A" <= item <= "Z"


def _chained(text: str, question: str) -> Iterator[list[str]]:
    """Yield the items of "2 < 3 < 5", where the question asks for them that way round."""
    for sign, other in ("<>", "><"):
        signs = {"<": "<≤", ">": ">≥"}
        one_way = any(c in text for c in signs[sign]) and not any(c in text for c in signs[other] + ",;")
        if one_way and chain_runs(question, sign):
            yield [part.strip() for part in _CHAIN.split(text)]


def _plain_items(items: Sequence[str], *, solving: bool) -> list[str]:
    """Return items as they are compared: "x = ±2" as "2" and "-2"."""
    whole = [restored(item) for item in items]
    return [value for item in (_without_unknown(whole) if solving else whole) for value in _both_signs(item)]


def _without_unknown(items: list[str]) -> list[str]:
    """Drop the one unknown before all items, or before the first: "x₁ = 1, x₂ = 4"."""
    heads = [_EQUATION.match(item) for item in items]
    names = {m[1] for m in heads if m}
    if len(names) != 1 or heads[0] is None or not (all(heads) or not any(heads[1:])):
        return items
    return [item[m.end() :] if m else item for item, m in zip(items, heads, strict=True)]


def _both_signs(item: str) -> list[str]:
    if item.count("±") != 1 or len(item) > 100:
        return [item]
    return [
        item.replace("±", "+").strip().removeprefix("+").strip(),
        item.replace("± ", "-").replace("±", "-"),
    ]


def _with_shared_unit(items: list[str]) -> list[str]:
    """Return "10 and 15 cm" with the unit behind each number."""
    m = re.fullmatch(r"-?[0-9.,]{1,20}(\s?[^\W\d_]{1,15}|\s?%)", items[-1])
    if m is None or not all(re.fullmatch(r"-?[0-9.,]{1,20}", item) for item in items[:-1]):
        return items
    return [*(item + m[1] for item in items[:-1]), items[-1]]


def list_key(text: str, key: Callable[[str], str | None], question: str = "") -> str | None:
    """Return the text under which a list votes: its items' keys, sorted unless their order may count."""
    read = from_json(text)
    plain = plain_list(text) if read is None else None
    items = read[1] if read is not None and not read[0] else next(readings(plain), []) if plain else []
    if not items or doubts(text, "", question, solving=False) or _OPEN.search(text):
        return None
    keys = [key(restored(item)) for item in items]
    found = [k for k in keys if k is not None]
    if not found or len(found) < len(keys):
        return None
    numeric = all(re.fullmatch(r"[-+]?[0-9./]+", k) for k in found)
    return "; ".join(found if order_may_count(question) or numeric else sorted(found))
