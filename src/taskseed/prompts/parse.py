"""What writers send back, read as drafts: tolerant of form, strict about content, never inventive.

The replies of solvers are read in `final_answer`; both readers are offered here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskseed.prompts.final_answer import Solved, after_thinking, looks_refused, parse_solve, unfenced
from taskseed.prompts.jsonish import MAX_CHARS, scan_objects
from taskseed.prompts.options import Options, option_index, read_options, same_text, split_inline_options

__all__ = ["MIN_TESTS", "Draft", "Malformed", "Solved", "parse_draft", "parse_solve"]

MIN_TESTS = 3
"""Fewer asserts than these do not tell a right function from a wrong one."""

_NAMES = {
    "question": ("question", "newquestion", "questiontext", "problem", "stem", "query", "prompt"),
    "passage": ("passage", "newpassage", "context", "text", "article", "paragraph"),
    "options": ("options", "choices", "answerchoices", "answeroptions", "alternatives"),
    "answer": (
        "answer",
        "correctanswer",
        "rightanswer",
        "finalanswer",
        "correctoption",
        "answertext",
        "gold",
    ),
    "index": (
        "answerindex",
        "correctindex",
        "answeridx",
        "answerlabel",
        "label",
        "correctlabel",
        "answerkey",
    ),
    "tests": ("tests", "testlist", "testcases", "asserts", "assertions", "checks"),
    "refusal": ("refusal", "refused", "error", "skip"),
}
_PLACEHOLDER = re.compile(r"[\W_]*|<[^<>]{0,80}>|\[(?:new |the )?(?:passage|question|answer)[^\[\]]{0,60}\]")
_ABSENT = ("", "-", "n/a", "none", "null")
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
    :param tests: one assert each; empty unless the kind is `code`.
    :param schema: the JSON schema that the answer must fit, where one was asked for.
    """

    question: str
    context: str | None
    options: tuple[str, ...]
    answer: str
    answer_index: int | None
    tests: tuple[str, ...]
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """A reply that holds no draft.

    :param reason: `refused` where the model declined, else `malformed`.
    :param evidence: what is wrong and, after a colon, the part that shows it, shortened.
    """

    reason: str
    evidence: str


class _Fault(Exception):
    """What is wrong with a reply, and the part that shows it."""

    def __init__(self, what: str, shown: Any = "") -> None:
        super().__init__(what, shown)
        self.what = what
        self.shown = shown


def parse_draft(text: str, kind: str, needs_context: bool) -> Draft | Malformed:
    """Return the draft in a writer's reply, or why there is none. Never raises; work is bounded.

    :param kind: the seed's kind, one of `records.KINDS`.
    :param needs_context: whether a passage was asked for; without one the reply is malformed.
    """
    body = after_thinking(text)
    if len(body) > MAX_CHARS:
        return _malformed(f"longer than {MAX_CHARS} characters", body)
    try:
        fields = _fields(body)
        return _draft(fields if kind == "code" else _with_latex(fields), kind, needs_context)
    except _Fault as fault:
        if fault.what == "refused":
            return Malformed("refused", _short(fault.shown))
        return _malformed(fault.what, fault.shown)


def _fields(body: str) -> dict[str, Any]:
    """Return the reply's object under our names. Of several, the last is the writer's last word."""
    scan = scan_objects(body)
    found = [_named(o) for o in scan.objects]
    items = [f for f in found if "question" in f]
    # A lone object inside another ({"item": {…}}) is the item.
    items = items or [f for o in scan.objects for v in o.values() for f in _inner(v)]
    if items and not scan.cut_off:
        return items[-1]
    for refusal in (f["refusal"] for f in found if "refusal" in f):
        raise _Fault("refused", refusal)
    if scan.cut_off:
        raise _Fault("cut off inside the JSON object", body[-200:])
    if not scan.objects and looks_refused(body):
        raise _Fault("refused", body)
    raise _Fault("no question in the JSON object" if scan.objects else "no JSON object", body)


def _inner(value: Any) -> list[dict[str, Any]]:
    inner = value[:1] if isinstance(value, list) else [value]
    named = [_named(v) for v in inner if isinstance(v, Mapping)]
    return [f for f in named if "question" in f]


def _named(found: Mapping[str, Any]) -> dict[str, Any]:
    keys = {re.sub(r"[\W_]", "", k).casefold(): v for k, v in found.items()}
    fields = {}
    for name, spellings in _NAMES.items():
        for spelling in spellings:
            if spelling in keys and name not in fields:
                fields[name] = keys[spelling]
    if "options" not in fields:
        fields |= _loose_options(keys)
    return fields


def _loose_options(keys: Mapping[str, Any]) -> dict[str, Any]:
    for pattern in ("{}", "option{}", "choice{}"):
        loose = {}
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if (key := pattern.format(letter)) not in keys:
                break
            loose[letter] = keys[key]
        if len(loose) > 1:
            return {"options": loose}
    return {}


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
    return Draft(question, context, (), answer, None, tests)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise _Fault(f"no {name}")
    if isinstance(value, str):
        return _clean(value, name)
    raise _Fault(f"the {name} is not a text", value)


def _clean(value: str, name: str) -> str:
    text = value.strip()
    # An answer may be a mere sign ("+", "∅"); a question or passage may not.
    empty = not text or text in ("...", "…") if name == "answer" else _PLACEHOLDER.fullmatch(text)
    if empty:
        raise _Fault(f"empty {name}", text)
    if _LONE_HALF.search(text):
        raise _Fault(f"the {name} holds characters that are no text")
    return text


def _choice(fields: Mapping[str, Any], question: str, context: str | None) -> Draft:
    stem, inline = split_inline_options(question)
    options = read_options(fields["options"]) if "options" in fields else inline
    if options is None:
        raise _Fault("no list of options", fields.get("options"))
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
            raise _Fault("no answer")
        return options.marked
    if isinstance(answer, str):
        answer = _clean(answer, "answer")
    index = option_index(answer, options)
    if isinstance(index, str):
        raise _Fault(index, answer)
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
        raise _Fault("no answer")
    if not isinstance(value, str):
        raise _Fault("the answer is not one text", value)
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
        raise _Fault("the answer is not one word", value)
    return known if known in ("yes", "no", "true", "false") else word


def _tests(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(t, str) for t in value):
        value = "\n".join(unfenced(t) for t in value)
    if not isinstance(value, str):
        raise _Fault("the tests are not asserts", value)
    tests: list[str] = []
    for line in unfenced(value).splitlines():
        if line.startswith("assert"):
            tests.append(line.rstrip())
        elif tests and line.strip() and (line[:1].isspace() or line[:1] in ")]}"):
            tests[-1] += "\n" + line.rstrip()
        elif line.strip() and not line.lstrip().startswith("#"):
            raise _Fault("the tests are not asserts", line)
    if len(tests) < MIN_TESTS:
        raise _Fault(f"fewer than {MIN_TESTS} tests", value)
    return tuple(_clean(t, "test") for t in tests)


def _malformed(what: str, shown: Any) -> Malformed:
    shown = _short(shown)
    return Malformed("malformed", f"{what}: {shown}" if shown else what)


def _short(shown: Any) -> str:
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)
    return _LONE_HALF.sub("\ufffd", " ".join(text[:400].split()))[:300]
