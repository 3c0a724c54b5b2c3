"""Options and answers as models write them, resolved to texts."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Options", "option_index", "plain_text", "read_options", "same_text", "split_inline_options"]

_MAX_OPTIONS = 100

_LABEL = r"(?:[A-Za-z]|\d{1,2})"
# "1.5 km" and "3 - 2" start with no label: a full stop or colon needs a space after it.
_LABELLED = re.compile(
    rf"\s*(?:\(({_LABEL})\)\s*|\[({_LABEL})\]\s*|({_LABEL})\s?(?:[)）：、．]\s*|[.:]\s+))(\S.*)", re.DOTALL
)
_LABEL_ONLY = re.compile(
    rf"(?:(?:the\s)?(?:correct\s)?(?:answer|option|choice)(?:\sis)?\s*:?\s*)?[(\[]?({_LABEL})[)\].:]?",
    re.IGNORECASE,
)
_TEXT_KEYS = ("text", "option", "content", "value", "choice", "answer")
_RIGHT_KEYS = ("correct", "is_correct", "isCorrect", "right")


@dataclass(frozen=True, slots=True)
class Options:
    """Option texts without labels; the labels they had (`A`, `B`, …), upper case, or none; the marked one."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    marked: int | None = None


def plain_text(value: Any) -> str | None:
    """Return a string or number as stripped text; None for anything else and for the empty text."""
    if isinstance(value, str):
        return value.strip() or None
    return None


def same_text(text: str) -> str:
    """Return the form in which two options are the same: NFKC, no case, single spaces, no final full stop."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.removesuffix(".").rstrip()


def read_options(raw: Any) -> Options | None:
    """Return options given as a list, as an object by label, or as lines; None if they are none of these."""
    if isinstance(raw, str):
        raw = [line for line in raw.splitlines() if line.strip()]
    if isinstance(raw, Mapping):
        return _by_label(raw)
    if not isinstance(raw, list) or not 2 <= len(raw) <= _MAX_OPTIONS:
        return None
    if all(isinstance(o, Mapping) for o in raw):
        return _from_objects(raw)
    texts = [plain_text(o) for o in raw]
    if any(t is None for t in texts):
        return None
    return _without_labels([t for t in texts if t is not None])


def split_inline_options(question: str) -> tuple[str, Options | None]:
    """Return a question without the labelled option lines at its end, and those options."""
    lines = question.rstrip().split("\n")
    first = len(lines)
    while first > 1 and len(lines) - first < _MAX_OPTIONS and _LABELLED.fullmatch(lines[first - 1]):
        first -= 1
    stem = "\n".join(lines[:first]).rstrip()
    found = _without_labels([line.strip() for line in lines[first:]])
    if len(lines) - first < 2 or not found.labels or not stem:
        return question, None
    return stem.removesuffix("\nOptions:").rstrip(), found


def option_index(answer: Any, options: Options) -> int | str:
    """Return the index of the option that an answer names by text, label or index, or what is wrong with it.

    Text comes before label and label before index; a label and a text that disagree name nothing.
    An index counts from 0; the number of options itself can only be the last one counted from 1. Where an
    option is a number, a number is never read as an index: it may be a wrong value.
    """
    if isinstance(answer, bool):
        answer = "true" if answer else "false"
    if isinstance(answer, Mapping):
        answer = _answer_of_object(answer)
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, str) or not answer.strip():
        return "the answer is not one text"
    matches = _matches(answer, options)
    if len(matches) == 1:
        return matches[0]
    if matches:
        return f"the answer equals {len(matches)} options"
    by_label = _by_label_of(answer.strip(), options)
    if by_label is not None:
        return by_label
    return "the answer is not an option"


def _matches(text: str, options: Options) -> list[int]:
    exact = [i for i, option in enumerate(options.texts) if option == text.strip()]
    if len(exact) == 1:  # case can be all the difference: "Ss" and "SS" are two genotypes
        return exact
    wanted = same_text(text)
    return [i for i, option in enumerate(options.texts) if same_text(option) == wanted]


def _by_label_of(answer: str, options: Options) -> int | None:
    count = len(options.texts)
    if answer in options.labels:
        return options.labels.index(answer)
    if answer.isdecimal():
        index = int(answer) if len(answer) < 4 else count + 1
        numeric = any(option[:1].isdecimal() for option in options.texts)
        return min(index, count - 1) if index <= count and not numeric else None
    if only := _LABEL_ONLY.fullmatch(answer):
        return _label_index(only.group(1), options)
    labelled = _LABELLED.fullmatch(answer)
    if labelled is None:
        return None
    label, text = _parts(labelled)
    index_of_label = _label_index(label, options)
    return index_of_label if index_of_label in _matches(text, options) else None


def _label_index(label: str, options: Options) -> int | None:
    labels = options.labels or tuple(chr(ord("A") + i) for i in range(min(26, len(options.texts))))
    return labels.index(label.upper()) if label.upper() in labels else None


def _answer_of_object(answer: Mapping[Any, Any]) -> Any:
    for key in (*_TEXT_KEYS, "label", "key", "letter", "index"):
        if key in answer:
            return answer[key]
    return None


def _by_label(raw: Mapping[Any, Any]) -> Options | None:
    texts = [plain_text(v) for v in raw.values()]
    if not 2 <= len(texts) <= _MAX_OPTIONS or any(t is None for t in texts):
        return None
    names = [str(k).strip().strip("().") for k in raw]
    labels = tuple(re.sub(r"(?i)^(?:option|choice)[\s_]*", "", n).upper() for n in names)
    kept = _without_labels([t for t in texts if t is not None])
    return Options(kept.texts, labels)


def _from_objects(raw: list[Mapping[str, Any]]) -> Options | None:
    texts, labels, marked = [], [], []
    for i, item in enumerate(raw):
        text = next((plain_text(item[k]) for k in _TEXT_KEYS if k in item), None)
        if text is None and len(item) == 1:  # {"A": "…"}
            ((label, value),) = item.items()
            text = plain_text(value)
        else:
            label = next((item[k] for k in ("label", "key", "letter", "id") if k in item), "")
        if text is None:
            return None
        texts.append(text)
        labels.append(str(label).strip("(). ").upper())
        marked += [i for k in _RIGHT_KEYS if item.get(k) is True]
    kept = _without_labels(texts)
    own = tuple(labels) if all(labels) else kept.labels
    return Options(kept.texts, own, marked[0] if len(marked) == 1 else None)


def _without_labels(texts: list[str]) -> Options:
    """Strip labels where every option has one and together they count up: A, B, C … or 1, 2, 3 …"""
    found = [_LABELLED.fullmatch(t) for t in texts]
    parts = [_parts(m) for m in found if m is not None]
    labels = tuple(label.upper() for label, _ in parts)
    letters = tuple(chr(ord("A") + i) for i in range(min(26, len(texts))))
    numbers = tuple(str(i + 1) for i in range(len(texts)))
    if len(parts) == len(texts) and labels in (letters, numbers):
        return Options(tuple(text.strip() for _, text in parts), labels)
    return Options(tuple(texts))


def _parts(match: re.Match[str]) -> tuple[str, str]:
    *labels, text = match.groups()
    return next(label for label in labels if label is not None), text
