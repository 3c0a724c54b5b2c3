"""Which part of an answer is its conclusion, and which the working before it. Pure."""

import re

__all__ = ["conclusion"]

_RESULT = re.compile(
    r"(?:(?:^|[\s,;.:])(?:so|thus|therefore|hence|which (?:leaves|gives|makes|means|is|equals)|for a "
    r"total of|"
    r"that (?:leaves|gives|makes)|→|⇒)|,\s(?:leaving|giving|making))(?:,\s|\s)(?!that\b|far\b|much\b|many\b)",
    re.IGNORECASE,
)
_RECKONED = re.compile(
    r"(?:add|subtract|multiply|divid|tak)\w*\b[^.=]{1,80}?\b(?:gives(?: us| you)?|(?:to|and|we|you) "
    r"(?:get|obtain)|leaves|"
    r"equals|is)\s",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+|;\s")


def conclusion(text: str) -> tuple[list[str], str]:
    """Return the working of an answer and its last statement: "He had 72, lost 30, so 42" ends in "42"."""
    reckoned = _RECKONED.match(text)
    if reckoned is not None:
        return [text[: reckoned.end()]], text[reckoned.end() :].strip(" .,;")
    parts = [part.strip(" .,;") for part in _RESULT.split(_SENTENCE.sub(" ; ", text))]
    parts = [part for part in parts if part] or [""]
    before, sign, last = parts[-1].rpartition(" ; ")
    return [*parts[:-1], *([before] if sign else [])], last.strip()
