"""JSON schemas that a model wrote: read, and refused where checking an answer has no bounds. Pure.

Answers are checked in `validation`, in a process that can be killed. What is refused here would need the
network (references to other documents), never ends (references in a circle), or means something else to each
implementation (anchors, dynamic references, unknown dialects).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from taskseed.checks.structures.structured import read_structure

__all__ = ["DIALECTS", "MAX_SCHEMA", "TRIVIAL", "SchemaFit", "schema_refusal"]

MAX_SCHEMA = 20_000  # characters
_MAX_DEPTH = 30
_MAX_NODES = 3_000
_MAX_PATTERN = 200

TRIVIAL = ("{}", "[]", '""', "0", "null", "true")
"""What says nothing: a schema that one of these fits tells no answer from another."""

DIALECTS = (
    "http://json-schema.org/draft-04/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
# Keywords whose schemas say something of the same value as the schema that they stand in.
_SAME_VALUE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies")
_SCHEMA_MAPS = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies")
_PLAIN_VALUES = ("enum", "const", "default", "examples")
_NOT_READ = ("$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor", "$anchor")


@dataclass(frozen=True, slots=True)
class SchemaFit:
    """Whether an answer fits a schema.

    :param verdict: `unknown` where it could not be told: it took too long, or the validator failed.
    :param detail: one line about what does not fit, or why nothing can be said; empty for `fits`.
    """

    verdict: Literal["fits", "violates", "unknown"]
    detail: str = ""


def schema_refusal(text: str) -> str | None:
    """Return why answers cannot be checked against a schema, or None where they can. Never raises."""
    if len(text) > MAX_SCHEMA:
        return f"longer than {MAX_SCHEMA} characters"
    try:
        schema = read_structure(text)
    except (ValueError, RecursionError) as fault:
        return f"not one JSON value: {fault}"[:200]
    if not isinstance(schema, dict) or not schema:
        return "not an object with keywords"
    dialect = schema.get("$schema", DIALECTS[-1])
    if not isinstance(dialect, str) or dialect.removesuffix("#") not in DIALECTS:
        return f"the dialect {dialect!r:.100} is not known"
    nodes: dict[int, dict[str, Any]] = {}
    for count, (node, depth) in enumerate(_nodes(schema)):
        if count >= _MAX_NODES or depth > _MAX_DEPTH:
            return (
                f"more than {_MAX_NODES} subschemas" if depth <= _MAX_DEPTH else f"deeper than {_MAX_DEPTH}"
            )
        if (problem := _problem(node, schema)) is not None:
            return problem
        nodes[id(node)] = node
    return _circle(nodes, schema)


def _nodes(schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield every subschema with its depth; data (`enum`, `const`, `default`) holds none."""
    waiting: list[tuple[Any, int]] = [(schema, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, list):
            waiting += [(item, depth) for item in node]
        elif isinstance(node, dict):
            yield node, depth
            for keyword, value in node.items():
                if keyword in _SCHEMA_MAPS and isinstance(value, dict):
                    waiting += [(inner, depth + 1) for inner in value.values()]
                elif keyword not in _PLAIN_VALUES:
                    waiting.append((value, depth + 1))


def _problem(node: dict[str, Any], root: dict[str, Any]) -> str | None:
    used = next((keyword for keyword in _NOT_READ if keyword in node), None)
    if used is not None:
        return f"`{used}` is not read"
    if node is not root and any(isinstance(node.get(keyword), str) for keyword in ("$id", "id", "$schema")):
        return "a schema inside has an identity of its own"
    if "$ref" in node and not isinstance(_target(node["$ref"], root), dict | bool):
        return f"`$ref` {node['$ref']!r:.100} points at no schema in this document"
    patterns = [node.get("pattern"), *(node.get("patternProperties") or ())]
    if any(isinstance(p, str) and len(p) > _MAX_PATTERN for p in patterns):
        return f"a pattern of more than {_MAX_PATTERN} characters"
    return None


def _target(reference: Any, root: dict[str, Any]) -> Any:
    """Return what a reference inside the document points at; None where it leads elsewhere or nowhere."""
    if not isinstance(reference, str) or (reference != "#" and not reference.startswith("#/")):
        return None
    value: Any = root
    for part in reference[2:].split("/") if reference != "#" else ():
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and part.isdecimal() and len(part) < 6 and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def _circle(nodes: dict[int, dict[str, Any]], root: dict[str, Any]) -> str | None:
    """Say whether references lead round without going deeper into the value: checking that never ends.

    A tree whose children are trees is fine: each step goes into the value, which ends.
    """
    done: set[int] = set()
    for start in nodes.values():
        path: list[tuple[int, Iterator[dict[str, Any]]]] = []
        open_: set[int] = set()
        _enter(start, root, path, open_, done)
        while path:
            here, left = path[-1]
            following = next(left, None)
            if following is None:
                path.pop()
                open_.discard(here)
                done.add(here)
            elif id(following) in open_:
                return "`$ref` leads in a circle"
            else:
                _enter(following, root, path, open_, done)
    return None


def _enter(
    node: dict[str, Any],
    root: dict[str, Any],
    path: list[tuple[int, Iterator[dict[str, Any]]]],
    open_: set[int],
    done: set[int],
) -> None:
    if id(node) not in done:
        path.append((id(node), iter(_of_the_same_value(node, root))))
        open_.add(id(node))


def _of_the_same_value(node: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    found = [_target(node["$ref"], root)] if "$ref" in node else []
    for keyword in _SAME_VALUE:
        value = node.get(keyword)
        if isinstance(value, dict) and keyword in ("dependentSchemas", "dependencies"):
            value = list(value.values())
        found += value if isinstance(value, list) else [value]
    return [inner for inner in found if isinstance(inner, dict)]
