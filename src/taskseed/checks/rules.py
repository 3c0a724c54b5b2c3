"""What a comparison of answers may go by: the question, and the rules of the task that it is of. Pure."""

import functools
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from taskseed.checks.numbers.quantities import Verdict
from taskseed.records import Question, Seed

__all__ = ["NO_RULES", "Ignored", "Rules", "ignored", "leads", "rules_of"]

_MAX_JSON = 20_000
_KEPT_SIGNS = frozenset("+#%$&*=<>^~@\\|/")  # punctuation that changes what a word is: "C++", "C#"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison may go by, besides the two answers.

    :param options: the question's options, in the order in which their labels count.
    :param aliases: other texts that mean the same as the gold.
    :param context: the passage that a span must occur in.
    :param question: what was asked; an answer may leave out a unit that it asks in.
    :param equivalence: JSON: what the task's metrics ignore when they compare answers.
    :param extractor: JSON: how the task itself finds an answer in a text.
    :param hard: compares two expressions by means that take time, where they are at hand.
    """

    options: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    context: str | None = None
    question: str = ""
    equivalence: str | None = None
    extractor: str | None = None
    hard: Callable[[str, str], Verdict] | None = None


NO_RULES = Rules()


def rules_of(asked: Seed | Question, hard: Callable[[str, str], Verdict] | None = None) -> Rules:
    """Return the rules of a question's or a seed's own answer."""
    return Rules(
        options=asked.options,
        aliases=asked.aliases,
        context=asked.context,
        question=asked.question,
        equivalence=asked.equivalence,
        extractor=asked.extractor,
        hard=hard,
    )


@dataclass(frozen=True, slots=True)
class Ignored:
    """What a task's metrics ignore.

    :param case: upper and lower case.
    :param punctuation: signs that are neither in a number nor part of a word such as "C++".
    :param literals: texts that are dropped before comparing.
    """

    case: bool = False
    punctuation: bool = False
    literals: tuple[str, ...] = ()

    def alike(self, left: str, right: str) -> bool:
        """Say whether two texts are the same once this is ignored; texts of nothing else are not."""
        if not (self.case or self.punctuation or self.literals):
            return False
        reduced = self._reduced(left)
        return bool(reduced) and reduced == self._reduced(right)

    def _reduced(self, text: str) -> str:
        for literal in self.literals:
            if not literal.isspace() and not (literal in ",." and re.search(r"[0-9]", text)):
                text = text.replace(literal, "")
        if self.case:
            text = text.casefold()
        if self.punctuation and not re.search(r"[0-9][.,:/-][0-9]|^-", text):
            text = "".join(c for c in text if c not in string.punctuation or c in _KEPT_SIGNS)
        return " ".join(text.split())


@functools.lru_cache(maxsize=512)
def ignored(equivalence: str | None) -> Ignored:
    """Return what a task's metrics ignore, from the JSON of `Seed.equivalence`; nothing where it is not
    clear.

    Of `regexes_to_ignore` those are read that are plain text; "true" as text is not `true`.
    """
    rules = [rule for rule in _json(equivalence).values() if isinstance(rule, dict)]
    if not rules:
        return Ignored()
    # What all the task's metrics ignore; a metric that says nothing of it does not.
    literals = {text for rule in rules for text in _literals(rule.get("regexes_to_ignore"))}
    return Ignored(
        case=all(rule.get("ignore_case") is True for rule in rules),
        punctuation=all(rule.get("ignore_punctuation") is True for rule in rules),
        literals=tuple(sorted(literals)),
    )


def _literals(patterns: Any) -> list[str]:
    if not isinstance(patterns, list):
        return []
    bare = [p.replace("\\$", "$").replace("\\,", ",") for p in patterns if isinstance(p, str)]
    return [text for text in bare if len(text) < 20 and text in (",", "$", " ", "%")]


@functools.lru_cache(maxsize=512)
def leads(extractor: str | None) -> tuple[tuple[str, str], ...]:
    """Return the texts between which a task's own regular expressions find its answers.

    "Die Antwort lautet (\\-?[0-9\\.\\,]+)" gives ("Die Antwort lautet ", ""). Only the plain text before and
    behind the one group is used, so that no pattern of a task runs on what a model wrote.
    """
    found: list[tuple[str, str]] = []
    for step in _json_list(extractor):
        pattern = step.get("regex_pattern") if isinstance(step, dict) else None
        if isinstance(pattern, str) and step.get("function") == "regex" and len(pattern) < 300:
            before, after = _around_group(pattern)
            if len(before.strip()) > 2:
                found.append((before, after))
    return tuple(found)


def _around_group(pattern: str) -> tuple[str, str]:
    around = re.fullmatch(
        r"(?:\(\?<=([^()\[\]]*)\)|([^()\[\]|*+?]*))\((?!\?).*\)([^()\[\]|*+?]*)(?:\(\?=.*\))?", pattern
    )
    if around is None:
        return "", ""
    texts = [around[1] or around[2] or "", around[3] or ""]
    plain = [re.sub(r"\\([^\w\s])|\\s", lambda m: m[1] or " ", text) for text in texts]
    if any(re.search(r"\\\w", text) for text in plain):
        return "", ""
    return plain[0], plain[1].rstrip(".")


def _json(text: str | None) -> dict[str, Any]:
    value = _parsed(text)
    return value if isinstance(value, dict) else {}


def _json_list(text: str | None) -> list[Any]:
    value = _parsed(text)
    return value if isinstance(value, list) else []


def _parsed(text: str | None) -> Any:
    if not text or len(text) > _MAX_JSON:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
