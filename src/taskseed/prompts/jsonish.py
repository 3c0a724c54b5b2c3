"""A bounded, tolerant scanner for the JSON objects in what a model sent.

Strict JSON is tried first. Then a scanner that forgives what models do: single or typographic quotes,
raw line breaks and unescaped quotes in strings, trailing commas, comments, bare keys, Python's
`True/False/None`. It never completes what is cut off and never makes up a value: where the reading is
in doubt, the object is not read. Work is bounded for any input.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MAX_CHARS", "Scan", "scan_objects"]

MAX_CHARS = 200_000
"""Longer replies are not read: a reply of 32,000 tokens has about 130,000 characters."""

_MAX_DEPTH = 8
_MAX_NODES = 2_000
_MAX_INNER_QUOTES = 200
_MAX_STARTS = 40

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*[^*]{0,500}\*/)*")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_NUMBER = re.compile(r"-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,4})?(?![\w.])")
_AFTER_STRING = re.compile(r"\s*(?:[,:}\]]|\Z|//|/\*)")
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|["\'\\/bfnrt]|\r?\n)')
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CLOSERS = {'"': '"', "'": "'", "“": '“”"', "”": '“”"', "„": '“”"', "‘": "‘’", "’": "‘’"}
_DOUBLE = '"“”„'  # an apostrophe stands alone, a double quote does not
_STOPS = {closers: re.compile(rf"[{closers}\\]") for closers in set(_CLOSERS.values())}
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_START = re.compile(r"""\{\s*["'“”„‘’A-Za-z_/]""")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a text held.

    :param objects: the complete top-level objects, in order.
    :param cut_off: whether the text ends inside an object.
    """

    objects: tuple[dict[str, Any], ...]
    cut_off: bool


class _NoValue(Exception):
    """The text is no value at this place.

    :param ended: whether it might have been one, had it not ended.
    """

    def __init__(self, ended: bool = False) -> None:
        super().__init__(ended)
        self.ended = ended


def scan_objects(text: str) -> Scan:
    """Return the complete JSON objects in the first `MAX_CHARS` characters of a text.

    Numbers come as the strings they were written as (`1.50` stays `1.50`).
    """
    text = text[:MAX_CHARS]
    objects: list[dict[str, Any]] = []
    position, cut_off = 0, False
    for _ in range(_MAX_STARTS):
        start = _START.search(text, position)
        if start is None:
            break
        value, position, cut_off = _object_at(text, start.start())
        if value is not None:
            objects.append(value)
        elif cut_off:
            break
    return Scan(tuple(objects), cut_off)


def _object_at(text: str, at: int) -> tuple[dict[str, Any] | None, int, bool]:
    """Return the object that starts at `at` or None, where to go on, and whether it was cut off."""
    try:
        value, end = _STRICT.raw_decode(text, at)
    except (ValueError, RecursionError):
        pass
    else:
        return (value, end, False) if _is_shallow(value) else (None, end, False)
    scanner = _Scanner(text)
    try:
        value, end = scanner.value(at, 0)
    except _NoValue as fault:
        return None, at + 1, fault.ended
    return value, end, False


def _is_shallow(value: Any) -> bool:
    """Return whether a value nests at most `_MAX_DEPTH` levels, so that others may recurse into it."""
    layer = [value]
    for _ in range(_MAX_DEPTH + 1):
        parts = [v.values() if isinstance(v, dict) else v for v in layer if isinstance(v, dict | list)]
        layer = [child for part in parts for child in part]
    return not layer


_STRICT = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)


@dataclass(slots=True)
class _Scanner:
    text: str
    nodes: int = field(default=0)

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        self.nodes += 1
        if depth > _MAX_DEPTH or self.nodes > _MAX_NODES:
            raise _NoValue
        first = self._peek(at)
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._list(at, depth)
        if first in _CLOSERS:
            return self._string(at)
        if number := _NUMBER.match(self.text, at):
            return number.group(), number.end()
        word = _BARE.match(self.text, at)
        if word is None or word.group() not in _WORDS:
            raise _NoValue(ended=word is not None and word.end() == len(self.text))
        return _WORDS[word.group()], word.end()

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._space(at + 1)
        while self._peek(at) != "}":
            key, at = self._key(at)
            at = self._space(at)
            if self._peek(at) != ":":
                raise _NoValue
            found[key], at = self.value(self._space(at + 1), depth + 1)
            at = self._separator(at, "}")
        return found, at + 1

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._space(at + 1)
        while self._peek(at) != "]":
            item, at = self.value(at, depth + 1)
            found.append(item)
            at = self._separator(at, "]")
        return found, at + 1

    def _key(self, at: int) -> tuple[str, int]:
        if self._peek(at) in _CLOSERS:
            return self._string(at)
        bare = _BARE.match(self.text, at)
        if bare is None:
            raise _NoValue
        return bare.group(), bare.end()

    def _separator(self, at: int, closer: str) -> int:
        """Step over a comma; it may be missing only before the closer or at the end of a line."""
        after = self._space(at)
        if self._peek(after) == ",":
            return self._space(after + 1)
        if self._peek(after) != closer and "\n" not in self.text[at:after]:
            raise _NoValue
        return after

    def _string(self, at: int) -> tuple[str, int]:
        """Read a string; a quote that nothing of JSON follows is part of it, if such quotes come in pairs."""
        stops = _STOPS[_CLOSERS[self.text[at]]]
        inner, position = 0, at + 1
        while inner <= _MAX_INNER_QUOTES:
            stop = stops.search(self.text, position)
            if stop is None:
                raise _NoValue(ended=True)
            position = stop.end()
            if stop.group() == "\\":
                position += 1
            elif _AFTER_STRING.match(self.text, position):
                if inner % 2 and self.text[at] in _DOUBLE:
                    raise _NoValue
                return _unescape(self.text[at + 1 : stop.start()]), position
            else:
                inner += 1
        raise _NoValue

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _peek(self, at: int) -> str:
        if at >= len(self.text):
            raise _NoValue(ended=True)
        return self.text[at]


def _unescape(raw: str) -> str:
    """Decode JSON escapes; a backslash that starts none stays (`\\(x\\)` is meant as it stands)."""
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_escaped, raw)
    # Two escapes may make one character beyond the basic plane; a lone half of one stays what it is.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "u":
        return chr(int(code[1:], 16))
    return _PLAIN.get(code, code)
