"""A row as the task's own templates show it: prompt, choices and target.

For tasks without a shape of their own fields. The kind follows from the task's output type and choices,
never from looks. What does not fit is a problem of that row; nothing is guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskseed.tasks.shapes.base import Draft, RowProblem, choose, plain

__all__ = ["Rendered", "from_choices", "from_text", "unwrap"]

_ASKS = ("Question:", "question:", "Q:", "Problem:")
_LAST_LINE_MARK = re.compile(
    r"(?:^|\n)(?:Resposta|Respuesta|Réponse|Erantzuna|Svar|Antwort|Odpowiedź|Risposta|Ответ|답변|回答|الإجابة)[:：]$"
)
_ANSWER_MARK = re.compile(r"(?:(?:^|\s)[Aa]nswer:|(?:^|\n)A:)$")
_LABELS = ("ABCDEFGHIJ", "abcdefghij", "0123456789", "123456789")
_OPTION_FIELDS = ("choices", "options", "endings", "answers")
_OPTION_LINE = re.compile(r"^\s{0,8}\(?([A-Ja-j0-9])[.):][ \t]*(\S.*)$")
_YES_NO = {"yes", "no"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """One row through the task's own templates.

    :param choices: None where the task has none.
    :param target: as the task gives it: an index, a text, or a list of either.
    :param row: the row's own fields.
    """

    prompt: Any
    choices: Any
    target: Any
    row: Mapping[str, Any]


def from_text(rendered: Rendered, numbered: bool) -> Draft:
    """Return the draft of a `generate_until` row.

    :param numbered: the task extracts its answer after `####`.
    :raises RowProblem: if prompt or target is not text.
    """
    context, question = unwrap(_prompt(rendered))
    listed = rendered.target if isinstance(rendered.target, list | tuple) else [rendered.target]
    answers = tuple(dict.fromkeys(plain(a) for a in listed if plain(a))) or ("",)
    if not numbered:
        return Draft("short_answer", question, answers[0], context=context, aliases=answers[1:])
    _, mark, number = answers[0].rpartition("####")
    if not mark:
        raise RowProblem("bad_row", f"no `####` in the answer: {answers[0][-200:]!r}")
    return Draft("number", question, number.strip(), context=context, solution=answers[0])


def from_choices(rendered: Rendered) -> Draft:
    """Return the draft of a `multiple_choice` row.

    A list of targets is a list of right answers. Choices that are only labels are resolved to texts, from
    the row's fields or from the options shown in the prompt.

    :raises RowProblem: if choices or gold do not fit each other.
    """
    prompt = _prompt(rendered)
    choices = tuple(plain(c) for c in rendered.choices) if isinstance(rendered.choices, list) else ()
    if isinstance(rendered.target, list):
        return _all_right(choices, rendered.target, prompt)
    if len(choices) < 2 or not all(choices):
        raise RowProblem("bad_row", f"choices: {choices!r:.300}")
    index = _index(rendered.target, choices)
    if _are_labels(choices):
        prompt, choices = _resolved(prompt, choices, rendered.row)
    context, question = unwrap(prompt)
    answer = choose(choices, index, rendered.target)
    if {c.casefold() for c in choices} == _YES_NO:
        return Draft("boolean", question, answer, context=context)
    return Draft("multiple_choice", question, answer, context=context, options=choices, answer_index=index)


def _prompt(rendered: Rendered) -> str:
    if not isinstance(rendered.prompt, str):
        raise RowProblem("bad_row", "the task's prompt is not text (its choices are whole prompts)")
    return rendered.prompt.replace("\r\n", "\n")


def _index(target: Any, choices: Sequence[str]) -> int:
    if isinstance(target, bool | int):
        return int(target)
    shown = plain(target)
    if shown in choices:
        return choices.index(shown)
    raise RowProblem("gold_out_of_range", f"target {shown!r:.100} is none of {list(choices)!r:.200}")


def _all_right(choices: Sequence[str], targets: Sequence[Any], prompt: str) -> Draft:
    context, question = unwrap(prompt)
    right = [choose(choices, t, t) if isinstance(t, int) else plain(t) for t in targets]
    answers = tuple(dict.fromkeys(a for a in right if a)) or ("",)
    return Draft("short_answer", question, answers[0], context=context, aliases=answers[1:])


def _are_labels(choices: Sequence[str]) -> bool:
    bare = "".join(c.strip("(). ") for c in choices)
    return len(bare) == len(choices) and any(labels.startswith(bare) for labels in _LABELS)


def _resolved(prompt: str, labels: Sequence[str], row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    before, shown = _listed_options(prompt, [label.strip("(). ") for label in labels])
    for name in _OPTION_FIELDS:
        texts = _texts_of(row.get(name), len(labels))
        if texts and not _are_labels(texts):
            return (before if shown else prompt), texts
    if not shown:
        raise RowProblem("bad_row", "the choices are labels, and no field or prompt line has their texts")
    return before, shown


def _texts_of(value: Any, count: int) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = value.get("text") or list(value.values())
    if not isinstance(value, list) or len(value) != count:
        return ()
    texts = tuple(v.strip() for v in value if isinstance(v, str) and v.strip())
    return texts if len(texts) == count else ()


def _listed_options(prompt: str, labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the prompt before its option lines and the options' texts; no texts where lines are missing."""
    lines = prompt.split("\n")
    matches = [_OPTION_LINE.match(line) for line in lines]
    for start in range(len(lines) - len(labels), -1, -1):
        found = matches[start : start + len(labels)]
        if all(m and m[1] == label for m, label in zip(found, labels, strict=True)):
            return "\n".join(lines[:start]), tuple(m[2].strip() for m in found if m)
    return prompt, ()


def unwrap(prompt: str) -> tuple[str | None, str]:
    """Return (context, question) of a prompt: what stands before its last `Question:` is the context.

    The wrapper of few-shot prompts ("Question: ... Answer:", "Q: ... A:") is taken off, and a last
    line that only says so in another language ("Resposta:").
    """
    bare = _LAST_LINE_MARK.sub("", _ANSWER_MARK.sub("", prompt.strip()).rstrip()).rstrip()
    for mark in _ASKS:
        if bare.startswith(mark):
            return None, bare.removeprefix(mark).strip()
    for mark in _ASKS:
        before, found, question = bare.rpartition("\n" + mark)
        if found and question.strip():
            return before.strip() or None, question.strip()
    return None, bare
