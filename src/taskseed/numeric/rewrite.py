"""Writing a draw back into the question and the solution, and checking what was written."""

import random
import re
from collections.abc import Sequence
from fractions import Fraction

from taskseed.numeric.equations import false_equations
from taskseed.numeric.grid import in_style, plain_text
from taskseed.numeric.sample import allowed, draw
from taskseed.numeric.template import Mention, Refusal, Template, Variant
from taskseed.numeric.tokens import scan

__all__ = ["vary"]

_VOWEL = re.compile(r"8|11(?!\d)|18(?!\d)|11,|18,|eight|eleven", re.I)
_ARTICLE = re.compile(r"\b([Aa])n?(\s+\$?)$")


def vary(template: Template, rng: random.Random, tries: int = 400) -> Variant | Refusal:
    """Return a variant with new numbers and another answer, or the refusal `no_valid_sample`.

    The same template and state of `rng` give the same variant.
    """
    answer = template.steps[-1].value
    for attempt in range(tries):
        variables = draw(template, rng, attempt / tries)
        values = allowed(template, variables)
        if values is None or values[-1] == answer:
            continue
        variant = _written(template, values)
        if variant is not None:
            return variant
    return Refusal("no_valid_sample", f"{tries} tries over {len(template.free)} numbers")


def _written(template: Template, values: Sequence[Fraction]) -> Variant | None:
    question = _replaced(template.question, template.in_question, values)
    solution = _replaced(template.solution, template.in_solution, values)
    if question is None or solution is None or not _consistent(template, question[0], solution[0], values):
        return None
    answer = plain_text(values[-1])
    return Variant(question[0].strip(), solution[0].strip(), answer, question[1])


def _replaced(
    text: str, mentions: Sequence[Mention], values: Sequence[Fraction]
) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return the text with every mention's new value, and which of them changed."""
    commas = re.search(r"\d,\d{3}\b", text) is not None
    pieces: list[str] = []
    changed: list[tuple[str, str]] = []
    position = 0
    for mention in mentions:
        new = in_style(mention.ref.at(values), mention.text, mention.style, commas=commas)
        if new is None:
            return None
        before = text[position : mention.start]
        if new != mention.text and not _same_value(new, mention.text):
            changed.append((mention.text, new))
            before = _with_article(before, new)
        else:
            new = mention.text
        pieces += [before, new]
        position = mention.end
    return "".join([*pieces, text[position:]]), tuple(changed)


def _with_article(before: str, new: str) -> str:
    article = r"\1n\2" if _VOWEL.match(new) else r"\1\2"
    return _ARTICLE.sub(article, before)


def _same_value(new: str, old: str) -> bool:
    return new.replace(",", "") == old.replace(",", "")


def _consistent(template: Template, question: str, solution: str, values: Sequence[Fraction]) -> bool:
    """Read the written texts again: every number must be the bound one, every equation must hold."""
    if false_equations(solution):
        return False
    for text, mentions, fractions in (
        (question, template.in_question, True),
        (solution, template.in_solution, False),
    ):
        shown = [t.values[0] for t in scan(text, fractions=fractions)]
        for mention in mentions:
            if mention.ref.at(values) not in shown:
                return False
    return True
