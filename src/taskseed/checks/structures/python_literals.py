"""Python literals read as JSON, where a question takes them. Pure; nothing is evaluated."""

import re

__all__ = ["python_as_json", "takes_python"]

_ASKED = re.compile(
    r"\bpython(?:'s|ic)? (?:dict|dictionary|list|literal|object|value|repr|expression|syntax|notation)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:no|not|never|without|strict|strictly|valid|only|rather|instead)\b|n't\b", re.IGNORECASE
)
_ALLOWED = re.compile(r"\b(?:accept(?:ed|able)?|allowed|permitted|fine|either)\b", re.IGNORECASE)
# The closing quote may be missing, so that the search never goes back.
_TOKEN = re.compile(
    r"'(?P<single>(?:[^'\\\n]|\\.)*+)'?|\"(?:[^\"\\\n]|\\.)*+\"?|\b(?P<name>[A-Za-z_]\w{0,30})\b"
)
_NAMES = {"True": "true", "False": "false", "None": "null"}


def takes_python(question: str) -> bool:
    """Say whether a question takes a Python literal: it asks for one, or allows it beside JSON."""
    text = question[-20_000:]
    if _ASKED.search(text) is None or _REFUSED.search(text):
        return False
    return "json" not in text.casefold() or _ALLOWED.search(text) is not None


def python_as_json(text: str) -> str:
    """Write a Python literal of dictionaries, lists, strings, numbers and constants as JSON.

    A text that is no such literal, in a fence or not, stays as it is.
    """
    body = re.sub(r"^\s*```(?:python|py)?[ \t]*\n|\n[ \t]*```\s*$", "", text.strip())
    if body[:1] not in ("[", "{") or any(
        m["name"] and m["name"] not in _NAMES for m in _TOKEN.finditer(body)
    ):
        return text
    return _TOKEN.sub(_json_token, body)


def _json_token(token: re.Match[str]) -> str:
    if token["name"]:
        return _NAMES[token["name"]]
    if token["single"] is None:
        return token[0]
    inside = re.sub(r'\\.|"', lambda m: {"\\'": "'", '"': '\\"'}.get(m[0], m[0]), token["single"])
    return f'"{inside}"'
