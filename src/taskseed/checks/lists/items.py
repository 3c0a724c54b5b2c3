"""From the text of a list to its items, in each way in which it may be read. Pure, linear, bounded."""

import json
import re
from collections.abc import Iterator

from taskseed.checks.reading import MAX_CHARS, clean, spoken

__all__ = ["from_json", "plain_list", "readings", "restored"]

_MAX_ITEMS = 200
_MAX_BRACKETS = 20
_BULLET = re.compile(r"\s*[-*+•–·▪◦‣■→✓]\s+")
_NUMBER = re.compile(
    r"\s*[*_]{0,2}(?:\((?P<a>[0-9]{1,3}|[A-Za-z])\)|(?P<b>[0-9]{1,3}|[A-Za-z])[.)])[*_]{0,2}\s+"
)
_INLINE = re.compile(
    r"(?:(?<=^)|(?<=[\s,;:]))(?:\((?P<a>[0-9]{1,2}|[a-zA-Z])\)|(?P<b>[0-9]{1,2}|[a-zA-Z])[.)])\s"
)
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_LEADING_AND = re.compile(r"^\s*(?:and|&)\s", re.IGNORECASE)
_BOTH = re.compile(r"^\s*both\s", re.IGNORECASE)
_JOINT = re.compile(r",?\s+(?:as well as|along with|together with|and also)\s+", re.IGNORECASE)
_THEN = re.compile(
    r"[,;]?\s+(?:(?:and|then|which is)\s)?(?:then|followed by|next|and finally|finally|lastly)[,:]?\s+",
    re.IGNORECASE,
)
_FIRST = re.compile(r"^\s*first(?:ly)?[,:]?\s+", re.IGNORECASE)
_COUNTS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ARROW = re.compile(r"\s*(?:→|⟶|⇒|-->|->|=>)\s*")
_SLASH = re.compile(r"\s*/\s*|\s+\|\s+")
# A comma between digits is part of the number: "1,200; 3".
_COMMA = re.compile(r",(?![0-9]{3}(?![0-9]))|,\s")
# Names that hold an "and" themselves, so that no list is ever read into them.
_JOINED = re.compile(
    r"\b(trinidad|bosnia|antigua|(?:saint|st\.?) kitts|s(?:ã|a)o tom(?:é|e)|(?:saint|st\.?) vincent|turks|"
    r"wallis|newfoundland|"
    r"jammu|romeo|antony|troilus|pride|sense|war|crime|tyne|svalbard|heard island|south georgia|procter|"
    r"marks|"
    r"johnson|rock|rhythm|research)\s(?:and|&)\s(?=(?:the\s)?(?:tobago|herzegovina|barbuda|nevis|pr(?:í|i)ncipe|grenadines|"
    r"caicos|futuna|labrador|kashmir|juliet|cleopatra|cressida|prejudice|sensibility|peace|punishment|wear|"
    r"jan mayen|mcdonald|south sandwich|gamble|spencer|johnson|roll|blues|development)\b)",
    re.IGNORECASE,
)
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
_DATE = re.compile(rf"\b({_MONTHS}\s[0-3]?[0-9](?:st|nd|rd|th)?),(?=\s?[0-9]{{4}}\b)", re.IGNORECASE)
# What stands for a sign that separates nothing, since it stands in brackets or quotes.
_KEPT = {",": "\ue000", ";": "\ue001", "/": "\ue002", ":": "\ue003", "|": "\ue004"}
_KEPT_AND = "\ue005"
_RESTORED = {**{ord(mark): sign for sign, mark in _KEPT.items()}, ord(_KEPT_AND): "and"}
_BRACKETED = re.compile(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}")
_QUOTED = re.compile(r"\"([^\"\n]{1,200})\"|(?<![\w'])'([^'\n]{1,200})'(?![\w'])")
_LATEX = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\\(?:left|right|displaystyle|bigl?|bigr)(?![a-zA-Z])", ""),
        (r"\\(?:text|textbf|textit|mathrm|mathbf|mbox)\s?\{([^{}]*)\}", r"\1"),
        (r"\\(?:quad|qquad|;|:| )", " "),
        (r"\\[,!]", ""),
        (r"\\(?:lbrace|\{)", "{"),
        (r"\\(?:rbrace|\})", "}"),
        (r"\\[()\[\]]", ""),
        (r"\\in(?![a-zA-Z])", " ∈ "),
        (r"\\pm(?![a-zA-Z])|\+/-", "±"),
        (r"\\(?:to|rightarrow|longrightarrow|Rightarrow)(?![a-zA-Z])", " → "),
        (r"\\(?:ldots|dots|cdots)(?![a-zA-Z])", "..."),
        (r"\\(?:lor|vee)(?![a-zA-Z])", " or "),
        (r"\\(?:land|wedge)(?![a-zA-Z])", " and "),
        (r"\\(?:lt|le|leq|leqslant)(?![a-zA-Z])", " < "),
        (r"\\(?:gt|ge|geq|geqslant)(?![a-zA-Z])", " > "),
        (r"\\%", "%"),
    )
)
_MATHS = re.compile(r"(?<!\\)\${1,2}(?=[^\s$])([^$\n]*?[^\s\\$])\${1,2}(?!\d)")


def plain_list(text: str) -> str | None:
    r"""Return a list's text without what wraps it: `\boxed{}`, emphasis, mathematics, "The answer is"."""
    if len(text) > MAX_CHARS:
        return None
    text = clean("".join(c for c in text if not "\ue000" <= c <= "\ue005")).replace("{,}", ",")
    text = re.sub(r"[^\S\n]{2,}", " ", re.sub(r"\s*+\n\s*+", "\n", text))
    if "$" in text:
        text = _MATHS.sub(r"\1", text)
    if "\\" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
        if text.count("\\boxed{") > 1:
            text = re.sub(r"\\boxed\{([^{}]*)\}", r"\1", text)
        text = text.replace("\\$", "$")
    if len(_QUOTED.findall(text)) > 1:
        text = _QUOTED.sub(lambda m: _kept(m[1] or m[2]), text)
    return spoken(text, keep_latex=True)


def _kept(text: str) -> str:
    for sign, mark in _KEPT.items():
        text = text.replace(sign, mark)
    return _AND.sub(f" {_KEPT_AND} ", text)


def restored(item: str) -> str:
    """Return an item with its own commas and "and" again."""
    return item.translate(_RESTORED)


def from_json(text: str) -> tuple[str, list[str]] | None:
    """Return the items of a JSON list of texts and numbers, and the key that it stands behind, if any."""
    body = re.sub(r"^\s*```\w{0,10}\s*\n|\n\s*```\s*$", "", text.strip())
    if body[:1] not in ("[", "{") or body.count("[") + body.count("{") > 3:
        return None
    try:
        value = json.loads(body, parse_int=str, parse_float=str, object_pairs_hook=list)
    except ValueError:
        return None
    key = ""
    if body[0] == "{":
        if len(value) != 1:
            return None
        key, value = value[0]
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        return None
    return key, value


def readings(text: str, *, gold: bool = False) -> Iterator[list[str]]:
    """Yield the lists that a plain text may be, the likeliest first.

    A last "and" separates two items or stands in one. Of a gold, an "and" elsewhere separates nothing.
    """
    text = _JOINED.sub(lambda m: f"{m[1]} {_KEPT_AND} ", text.strip())
    text = _DATE.sub(lambda m: m[1] + _KEPT[","], text)
    seen: list[list[str]] = []
    for raw in _lists(text, gold=gold):
        items = [_item(part) for part in raw]
        items = [item for item in items if item]
        if items and len(items) <= _MAX_ITEMS and items not in seen:
            seen.append(items)
            yield items


def _item(part: str) -> str:
    part = _LEADING_AND.sub("", part).strip().strip("\"'`*_").rstrip(".;,").strip()
    return re.sub(r"^\*\*([^*]+)\*\*", r"\1", part)


def _lists(text: str, *, gold: bool) -> Iterator[list[str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        yield from _of_lines(lines)
        return
    text = _without_brackets(text)
    for _ in range(3):
        text = _BRACKETED.sub(lambda m: m[0][0] + _kept(m[0][1:-1]) + m[0][-1], text)
    numbered = _numbered(text)
    if numbered:
        yield numbered
        return
    text = _JOINT.sub(" and ", _BOTH.sub("", text))
    if _ARROW.search(text):
        yield _ARROW.split(text)
        return
    if counted := _counted(text):
        yield counted
    if _THEN.search(text):
        yield re.split(
            r",\s", _THEN.sub(", ", re.sub(r"\sfirst(?=, then\b)", "", _FIRST.sub("", text), flags=re.I))
        )
    yield from _separated(text, gold=gold)


def _counted(text: str) -> list[str]:
    """Return the items of "first, Mercury; second, Venus"; none where nothing is counted in words."""
    parts = re.split(
        r"[,;.]\s{1,3}(?:and\s)?(?=(?:second|third|fourth|fifth|sixth)(?:ly)?\b)", text, flags=re.IGNORECASE
    )
    counts = [
        re.match(rf"{word}(?:ly)?[,:]?\s", part, re.IGNORECASE)
        for word, part in zip(_COUNTS, parts, strict=False)
    ]
    if len(parts) < 2 or len(counts) < len(parts) or not all(counts):
        return []
    return [part[m.end() :] for m, part in zip(counts, parts, strict=True) if m]


def _of_lines(lines: list[str]) -> Iterator[list[str]]:
    numbers = [_NUMBER.match(line) for line in lines]
    if all(numbers) and _in_turn([(m["a"] or m["b"]) for m in numbers if m]):
        yield [_NUMBER.sub("", line, count=1) for line in lines]
    elif all(_BULLET.match(line) for line in lines):
        yield [_BULLET.sub("", line, count=1) for line in lines]
    elif not any(m and (m["a"] or m["b"]).isdigit() for m in numbers) and not any(
        _BULLET.match(line) for line in lines
    ):
        yield lines


def _in_turn(labels: list[str]) -> bool:
    """Say whether labels count from 1 or A on."""
    if labels[0].isdigit():
        return labels == [str(i + 1) for i in range(len(labels))]
    start = ord("a" if labels[0].islower() else "A")
    return labels == [chr(start + i) for i in range(len(labels))]


def _numbered(text: str) -> list[str]:
    """Return the items of "(1) apples (2) pears" and "a) copper, b) tin"; none where nothing is counted."""
    at: list[re.Match[str]] = []
    for m in _INLINE.finditer(text):
        labels = [n["a"] or n["b"] for n in (*at, m)]
        if (at or m.start() == 0) and _in_turn(labels):
            at.append(m)
    if len(at) < 2:
        return []
    ends = [*(m.start() for m in at[1:]), len(text)]
    parts = [text[m.end() : end].strip(" ,;") for m, end in zip(at, ends, strict=True)]
    return [re.sub(r"[,;]?\s(?:and|&)$", "", part) for part in parts]


def _without_brackets(text: str) -> str:
    """Drop the brackets around a whole list."""
    text = re.sub(r"^[A-Za-z]\s{0,3}(?:∈|=)\s{0,3}(?=[\[{(].*[\]})]$)", "", text.strip())
    if len(text) < 3 or (text[0], text[-1]) not in {("[", "]"), ("{", "}"), ("(", ")")}:
        return text
    depth = 0
    for i, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return text[1:-1].strip() if i == len(text) - 1 else text
    return text


def _separated(text: str, *, gold: bool) -> Iterator[list[str]]:
    if ";" in text:
        parts = text.split(";")
    elif _COMMA.search(text):
        parts = _COMMA.split(text)
    elif " + " in text and not re.search(r"[0-9=\\]", text):
        parts = text.split(" + ")
    elif re.fullmatch(r"-?[0-9]{1,9}(?:\s-?(?![0-9]{3}(?![0-9]))[0-9]{1,9}){2,}+", text):
        parts = text.split()
    elif _slashed(text):
        parts = _SLASH.split(text)
    else:
        parts = [text]
    *first, last = parts
    if not first or not _LEADING_AND.match(last):
        yield from ([*first, *split] for split in _at_and(last))
    yield parts
    if first and not gold:
        yield [piece for part in parts for piece in _AND.split(_LEADING_AND.sub("", part))]


def _slashed(text: str) -> bool:
    """Say whether strokes separate three words or more: "red/green" may be one or the other."""
    parts = _SLASH.split(text)
    return len(parts) > 2 and not any(re.search(r"[0-9=\\]", part) for part in parts)


def _at_and(text: str) -> Iterator[list[str]]:
    """Yield a text split at each of its few "and"s, and at all of them."""
    joints = list(_AND.finditer(text))
    if not 0 < len(joints) <= 8:
        if joints:
            yield _AND.split(text)
        return
    yield _AND.split(text)
    if len(joints) > 1:
        yield from ([text[: m.start()], text[m.end() :]] for m in reversed(joints))
