"""What a shape reads from a row, and how a row's fields are named."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Draft", "RowProblem", "choose", "field", "option_texts", "plain", "text"]

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)\}")


class RowProblem(Exception):
    """A row that cannot become a seed.

    :param reason: `gold_out_of_range`, `empty_question`, `empty_answer`, `several_answers` or `bad_row`.
    :param evidence: the value that is wrong.
    """

    def __init__(self, reason: str, evidence: str) -> None:
        super().__init__(reason, evidence)
        self.reason = reason
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a seed, as a shape read it from a row."""

    kind: str
    question: str
    answer: str
    context: str | None = None
    options: tuple[str, ...] = ()
    answer_index: int | None = None
    aliases: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    solution: str | None = None
    schema: str | None = None  # the JSON schema that an answer must fit


def field(row: Mapping[str, Any], path: str) -> Any:
    """Return the value of a field; `a.b` is field `b` of `a`, or of every element where `a` is a list.

    `a.0` is the first element of `a`.

    :raises RowProblem: if the row has no such field.
    """
    value: Any = row
    for name in path.split("."):
        try:
            if isinstance(value, list):
                value = value[int(name)] if name.isdecimal() else [v[name] for v in value]
            else:
                value = value[name]
        except (KeyError, TypeError, IndexError) as missing:
            raise RowProblem("bad_row", f"the row has no field `{path}`") from missing
    return value


def plain(value: Any) -> str:
    """Return a value as text without space around it; None is empty, a list is one line per element."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(p for p in map(plain, value) if p)
    return str(value).replace("\r\n", "\n").strip()


def text(row: Mapping[str, Any], spec: str) -> str:
    """Return a field as text; a spec with `{field}` in it is a template of fields, one that asks is the text.

    :raises RowProblem: if the row lacks a field.
    """
    if spec.endswith("?") and "{" not in spec:
        return spec
    if "{" not in spec:
        return plain(field(row, spec))
    return _PLACEHOLDER.sub(lambda match: plain(field(row, match[1])), spec).strip()


def option_texts(row: Mapping[str, Any], spec: str | Sequence[str]) -> tuple[str, ...]:
    """Return the option texts: one field that lists them, or one field for each.

    :raises RowProblem: if a field is missing, not a list of texts, or an option is empty.
    """
    values = field(row, spec) if isinstance(spec, str) else [field(row, name) for name in spec]
    if not isinstance(values, list | tuple):
        raise RowProblem("bad_row", f"`{spec}` is not a list of options")
    options = tuple(plain(v) for v in values)
    if len(options) < 2 or not all(options):
        raise RowProblem("bad_row", f"options: {list(options)!r:.300}")
    return options


def choose(options: Sequence[str], index: int, shown: Any) -> str:
    """Return the gold option.

    :raises RowProblem: if the index is not that of an option.
    """
    if not 0 <= index < len(options):
        raise RowProblem("gold_out_of_range", f"gold {shown!r:.100} of {len(options)} options")
    return options[index]
