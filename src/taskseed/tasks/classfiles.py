"""Tasks written as Python classes, judged by their methods without running them.

Such a task (`class: !function task.SQuAD2`) declares nothing in YAML: its data set stands in class
attributes, and `has_training_docs` and its like say which splits it has. The source is parsed, never
imported.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskseed.tasks.yamlfiles import FunctionName

__all__ = ["declared_by_class"]

_ATTRIBUTES = {"DATASET_PATH": "dataset_path", "DATASET_NAME": "dataset_name"}
_SPLITS = {"training": "train", "validation": "validation", "test": "test"}


def declared_by_class(config: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the config keys that a task's class stands for; empty where it has none or cannot be read.

    A split counts where `has_<role>_docs` returns a plain True, under the name that `<role>_docs` reads from
    `self.dataset`, else under the usual one. Base classes of the same file are looked through.

    :param folder: of the YAML file that names the class.
    """
    named = config.get("class")
    if not isinstance(named, FunctionName) or "." not in named:
        return {}
    module, _, name = named.rpartition(".")
    try:
        tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    line = list(_ancestry(name, classes))
    found: dict[str, Any] = {key: _constant(line, attribute) for attribute, key in _ATTRIBUTES.items()}
    for role, usual in _SPLITS.items():
        if _returns_true(_method(line, f"has_{role}_docs")):
            found[f"{role}_split"] = _split_read(_method(line, f"{role}_docs")) or usual
    return {key: value for key, value in found.items() if value is not None}


def _ancestry(name: str, classes: Mapping[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """Yield a class and its bases of the same file, nearest first."""
    waiting, seen = [name], set()
    while waiting:
        node = classes.get(waiting.pop(0))
        if node is not None and node.name not in seen:
            seen.add(node.name)
            yield node
            waiting += [base.id for base in node.bases if isinstance(base, ast.Name)]


def _constant(line: list[ast.ClassDef], attribute: str) -> Any:
    for node in line:
        for statement in node.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(isinstance(t, ast.Name) and t.id == attribute for t in targets):
                value = statement.value if isinstance(statement, ast.Assign) else None
                return value.value if isinstance(value, ast.Constant) else None
    return None


def _method(line: list[ast.ClassDef], name: str) -> ast.FunctionDef | None:
    methods = (m for node in line for m in node.body if isinstance(m, ast.FunctionDef) and m.name == name)
    return next(methods, None)


def _returns_true(method: ast.FunctionDef | None) -> bool:
    returned = [n for n in ast.walk(method) if isinstance(n, ast.Return)] if method else []
    values = [n.value.value for n in returned if isinstance(n.value, ast.Constant)]
    return values == [True] and len(returned) == 1


def _split_read(method: ast.FunctionDef | None) -> str | None:
    """Return the name in `self.dataset["name"]`, where the method reads one split."""
    subscripts = [n for n in ast.walk(method) if isinstance(n, ast.Subscript)] if method else []
    names = {
        n.slice.value
        for n in subscripts
        if isinstance(n.value, ast.Attribute)
        and n.value.attr == "dataset"
        and isinstance(n.slice, ast.Constant)
    }
    return str(names.pop()) if len(names) == 1 else None
