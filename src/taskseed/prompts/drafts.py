"""A writer's item, its keys under our names, read as a draft: strict about content, never inventive."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskseed.prompts.final_answer import unfenced
from taskseed.prompts.options import Options, option_index, read_options, same_text, split_inline_options

__all__ = ["MIN_TESTS", "Draft", "Fault", "Malformed", "draft_of", "malformed"]

MIN_TESTS = 5
"""Fewer different asserts than these do not tell a right function from a wrong one."""

_MOST_ALIASES = 8
_LONGEST_ALIAS = 200
_PLACEHOLDER = re.compile(r"[\W_]*|<[^<>]{0,80}>|\[(?:new |the )?(?:passage|question|answer)[^\[\]]{0,60}\]")
_ABSENT = ("", "-", "n/a", "none", "null")
_SIGNS = re.compile(r"[\W_]+")
_LONE_HALF = re.compile("[\ud800-\udfff\x00]")
_LATEX = (
    # A control character before these letters stands in no text but a LaTeX command read as an escape.
    (re.compile(r"\x08(?=[a-z])"), r"\\b"),
    (re.compile(r"\x0c(?=[a-z])"), r"\\f"),
    (re.compile(r"\t(?=imes\b|ext\{|heta\b|frac\b|au\b|riangle\b|extbf\{)"), r"\\t"),
    (re.compile(r"\r(?=ho\b|ight)"), r"\\r"),
    (re.compile(r"\n(?=eq\b|abla\b)"), r"\\n"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A new question as its writer sent it.

    :param context: the passage, where one was written.
    :param options: texts without labels; empty unless the kind is `multiple_choice`.
    :param answer: the answer as text: for multiple choice the text of the option at `answer_index`.
    :param tests: one assert each, all different; empty unless the kind is `code`.
    :param aliases: other spellings of the answer; empty unless the kind is `short_answer`.
    :param schema: the JSON schema that the answer must fit, where one was asked for.
    """

    question: str
    context: str | None
    options: tuple[str, ...]
    answer: str
    answer_index: int | None
    tests: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """A reply that holds no draft.

    :param reason: `refused` where the model declined, else `malformed`.
    :param evidence: what is wrong and, after a colon, the part that shows it, shortened.
    """

    reason: str
    evidence: str


class Fault(Exception):
    """What is wrong with a reply, and the part that shows it."""

    def __init__(self, what: str, shown: Any = "") -> None:
        super().__init__(what, shown)
        self.what = what
        self.shown = shown


def draft_of(fields: Mapping[str, Any], kind: str, needs_context: bool) -> Draft | Malformed:
    """Return the draft that an item's fields make, or why they make none.

    :param fields: what was sent, by our names: `question`, `passage`, `options`, `answer`, ...
    """
    try:
        return _draft(fields if kind == "code" else _with_latex(fields), kind, needs_context)
    except Fault as fault:
        return malformed(fault)


def malformed(fault: Fault) -> Malformed:
    """Return a fault as what is told of the reply."""
    shown = _short(fault.shown)
    if fault.what == "refused":
        return Malformed("refused", shown)
    return Malformed("malformed", f"{fault.what}: {shown}" if shown else fault.what)


def _with_latex(value: Any) -> Any:
    """Return a value with LaTeX commands restored of which JSON read the start as a control character."""
    if isinstance(value, str):
        for pattern, meant in _LATEX:
            value = pattern.sub(meant, value)
        return value
    if isinstance(value, list):
        return [_with_latex(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _with_latex(v) for k, v in value.items()}
    return value


def _draft(fields: Mapping[str, Any], kind: str, needs_context: bool) -> Draft:
    question = _text(fields, "question")
    passage = fields.get("passage")
    absent = passage is None or (isinstance(passage, str) and same_text(passage) in _ABSENT)
    context = _text(fields, "passage") if needs_context or not absent else None
    if kind == "multiple_choice":
        return _choice(fields, question, context)
    answer = _answer(fields, kind)
    tests = _tests(fields.get("tests")) if kind == "code" else ()
    aliases = _aliases(fields.get("aliases"), answer, question) if kind == "short_answer" else ()
    return Draft(question, context, (), answer, None, tests, aliases)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise Fault(f"no {name}")
    if isinstance(value, str):
        return _clean(value, name)
    raise Fault(f"the {name} is not a text", value)


def _clean(value: str, name: str) -> str:
    text = value.strip()
    # An answer may be a mere sign ("+", "∅"); a question or passage may not.
    empty = not text or text in ("...", "…") if name == "answer" else _PLACEHOLDER.fullmatch(text)
    if empty:
        raise Fault(f"empty {name}", text)
    if _LONE_HALF.search(text):
        raise Fault(f"the {name} holds characters that are no text")
    return text


def _choice(fields: Mapping[str, Any], question: str, context: str | None) -> Draft:
    stem, inline = split_inline_options(question)
    options = read_options(fields["options"]) if "options" in fields else inline
    if options is None:
        raise Fault("no list of options", fields.get("options"))
    if inline is not None and sorted(map(same_text, inline.texts)) == sorted(map(same_text, options.texts)):
        question = stem
    texts = tuple(_clean(t, "option") for t in options.texts)
    options = Options(texts, options.labels, options.marked)
    index = _index(fields, options)
    return Draft(question, context, texts, texts[index], index, ())


def _index(fields: Mapping[str, Any], options: Options) -> int:
    answer = fields.get("answer", fields.get("index"))
    if answer is None:
        if options.marked is None:
            raise Fault("no answer")
        return options.marked
    if isinstance(answer, str):
        answer = _clean(answer, "answer")
    index = option_index(answer, options)
    if isinstance(index, str):
        raise Fault(index, answer)
    return index


def _answer(fields: Mapping[str, Any], kind: str) -> str:
    value = fields.get("answer")
    if isinstance(value, list) and len(value) == 1 and kind != "structured":
        value = value[0]
    if isinstance(value, bool):
        words = ("yes", "no") if kind == "boolean" else ("true", "false")
        return words[not value]
    if kind == "structured" and isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if value is None:
        raise Fault("no answer")
    if not isinstance(value, str):
        raise Fault("the answer is not one text", value)
    if kind == "code":
        value = unfenced(value)
    elif kind == "boolean":
        value = _boolean(value, fields)
    return _clean(value, "answer")


def _boolean(value: str, fields: Mapping[str, Any]) -> str:
    """Return the word that a boolean answer names, by a label of given options or as a word."""
    options = read_options(fields.get("options"))
    index = option_index(value, options) if options else ""
    word = options.texts[index] if options and isinstance(index, int) else value.strip()
    known = same_text(word)
    if len(word) > 40:
        raise Fault("the answer is not one word", value)
    return known if known in ("yes", "no", "true", "false") else word


def _aliases(value: Any, answer: str, question: str) -> tuple[str, ...]:
    """Return the other spellings that a draft gives; none where they are no list of texts.

    A wrong alias would make a wrong answer right, so that none is taken which the question itself names
    ("Which is heavier, lead or tin?").
    """
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(alias, str) for alias in given):
        return ()
    asked = _words(question)
    kept: dict[str, str] = {same_text(answer): ""}
    for alias in map(str.strip, given):
        form = same_text(alias)
        fit = form not in _ABSENT and len(alias) <= _LONGEST_ALIAS and not _LONE_HALF.search(alias)
        if fit and _words(alias) not in asked:
            kept.setdefault(form, alias)
    return tuple(kept.values())[1 : _MOST_ALIASES + 1]


def _words(text: str) -> str:
    return f" {_SIGNS.sub(' ', text.casefold()).strip()} "


def _tests(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(t, str) for t in value):
        value = "\n".join(unfenced(t) for t in value)
    if not isinstance(value, str):
        raise Fault("the tests are not asserts", value)
    tests: list[str] = []
    for line in unfenced(value).splitlines():
        if line.startswith("assert"):
            tests.append(line.rstrip())
        elif tests and line.strip() and (line[:1].isspace() or line[:1] in ")]}"):
            tests[-1] += "\n" + line.rstrip()
        elif line.strip() and not line.lstrip().startswith("#"):
            raise Fault("the tests are not asserts", line)
    tests = list(dict.fromkeys(tests))
    if len(tests) < MIN_TESTS:
        raise Fault(f"fewer than {MIN_TESTS} different tests", value)
    return tuple(_clean(t, "test") for t in tests)


def _short(shown: Any) -> str:
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)
    return _LONE_HALF.sub("\ufffd", " ".join(text[:400].split()))[:300]
