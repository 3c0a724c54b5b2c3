"""Reading a recipe: YAML to the strict model, errors with the line and the nearest key."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from taskseed.errors import UsageError
from taskseed.recipe.spec import (
    AxesSpec,
    DifficultySpec,
    EnrichSpec,
    GenerateSpec,
    HeldOutSpec,
    LlamacppOptions,
    ModelSpec,
    ModelsSpec,
    PackageSpec,
    Price,
    Recipe,
    RegistersSpec,
    ResponsesSpec,
    ScreenSpec,
    TasksSpec,
)

__all__ = ["load_recipe", "parse_recipe", "redacted"]


def load_recipe(path: Path, sets: Iterable[str] = ()) -> Recipe:
    """Read a recipe file and apply `KEY=VALUE` overrides.

    A relative path inside the file is taken from the file's folder where it exists there, else from the
    working directory; a path in an override is taken from the working directory.

    :raises UsageError: if the file cannot be read, is not YAML, or does not describe a recipe.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"there is no recipe `{path}`", "name an existing file, for example examples/gsm8k-numeric.yaml"
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot read the recipe `{path}`: {problem}", "name a YAML text file") from problem
    return parse_recipe(text, str(path), sets, folder=path.parent)


def parse_recipe(
    text: str, name: str = "recipe", sets: Iterable[str] = (), folder: Path | None = None
) -> Recipe:
    """Return the recipe that a YAML text describes; see `load_recipe`.

    :raises UsageError: with the line of the first mistake.
    """
    data, lines = _parse_yaml(text, name)
    if folder is not None:
        _anchor_paths(data, folder)
    for assignment in sets:
        _apply(data, assignment)
    try:
        return Recipe.model_validate(data)
    except ValidationError as problem:
        raise _explain(problem, lines, name) from None


def redacted(recipe: Recipe) -> dict[str, Any]:
    """Return the resolved recipe as plain data, without header values and URL passwords."""
    data = recipe.model_dump(mode="json")
    for role in data["models"].values():
        if isinstance(role, dict):
            role["headers"] = dict.fromkeys(role["headers"], "(not stored)")
            role["base_url"] = [re.sub(r"//[^/@\s]*@", "//", u) for u in role["base_url"]]
    return data


def _parse_yaml(text: str, name: str) -> tuple[dict[str, Any], dict[tuple[Any, ...], int]]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except RecursionError:
        raise UsageError(f"{name}: its values are nested too deeply", "start from docs/recipe.md") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        what = getattr(problem, "problem", None) or "not a YAML document"
        raise UsageError(f"{where}: {what}", "mend the YAML; see docs/recipe.md for an example") from None
    if not isinstance(data, dict) or node is None:
        raise UsageError(f"{name} is not a recipe: it holds no keys", "start from docs/recipe.md")
    if _holds_itself(data):
        raise UsageError(f"{name}: an alias stands for a value that holds it", "write the value out")
    lines: dict[tuple[Any, ...], int] = {}
    for path, line in _walk(node, ()):
        if path in lines and isinstance(path[-1], str):
            raise UsageError(
                f"{name}, line {line}: `{path[-1]}` is given twice (first on line {lines[path]})",
                "keep one of the two",
            )
        lines[path] = line
    return data, lines


def _walk(
    node: yaml.Node, path: tuple[Any, ...], seen: set[int] | None = None
) -> Iterator[tuple[tuple[Any, ...], int]]:
    seen = set() if seen is None else seen
    if id(node) in seen:  # an alias: what it stands for was walked where it was written
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, key.value)
            yield here, key.start_mark.line + 1
            yield from _walk(value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield (*path, i), value.start_mark.line + 1
            yield from _walk(value, (*path, i), seen)


def _holds_itself(value: Any, above: tuple[int, ...] = (), cleared: set[int] | None = None) -> bool:
    cleared = set() if cleared is None else cleared
    if not isinstance(value, dict | list) or id(value) in cleared:
        return False
    inner = value.values() if isinstance(value, dict) else value
    if id(value) in above or any(_holds_itself(v, (*above, id(value)), cleared) for v in inner):
        return True
    cleared.add(id(value))
    return False


_PATHS = (
    ("tasks", "include_path"),
    ("tasks", "hub"),
    ("responses", "store"),
    ("prompts",),
    *(("models", role, "ca_file") for role in ModelsSpec.model_fields),
)


def _anchor_paths(data: dict[str, Any], folder: Path) -> None:
    for keys in _PATHS:
        holder: Any = data
        for key in keys[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        value = holder.get(keys[-1]) if isinstance(holder, dict) else None
        if isinstance(value, str) and not Path(value).expanduser().is_absolute():
            beside = folder / value
            holder[keys[-1]] = str(beside if beside.exists() else Path(value).expanduser())
    models = data.get("models")
    for role in models.values() if isinstance(models, dict) else ():
        if isinstance(role, dict) and role.get("engine") == "llamacpp":
            beside = folder / str(role.get("model"))
            role["model"] = str(beside) if beside.is_file() else role.get("model")


def _apply(data: dict[str, Any], assignment: str) -> None:
    key, equals, value = assignment.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"`--set {assignment}` is not KEY=VALUE", "for example --set enrich.max_votes=5")
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError:
        raise UsageError(f"`--set {assignment}`: the value is not YAML", "quote it") from None
    holder = data
    *parents, last = key.strip().split(".")
    for part in parents:
        below = holder.get(part)
        if below is None:
            below = holder[part] = {}
        if not isinstance(below, dict):
            raise UsageError(f"`--set {key}`: `{part}` holds no keys", "see docs/recipe.md")
        holder = below
    holder[last] = parsed


def _explain(problem: ValidationError, lines: Mapping[tuple[Any, ...], int], name: str) -> UsageError:
    errors = problem.errors(include_url=False)
    unknown = [e for e in errors if e["type"] == "extra_forbidden"]
    # Of what may be a name or a block, the names are said where neither came.
    named = [e for e in errors if e["type"] == "literal_error" and _is_role(e["loc"])]
    named = [e for e in named if not isinstance(e["input"], dict)]
    error = (unknown or named or errors)[0]
    path = tuple(part for part in error["loc"] if _is_key(part, error["loc"]))
    dotted = ".".join(str(p) for p in path)
    line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)
    where = f"{name}, line {line}" if line else name
    if unknown:
        near = difflib.get_close_matches(str(path[-1]), sorted(_siblings(path)), n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(_siblings(path)))}"
        return UsageError(f"{where}: unknown key `{dotted}`", hint)
    message = error["msg"].removeprefix("Value error, ")
    if error in named:
        message += " (another role), or a block of its own"
    if error["type"] == "missing":
        return UsageError(f"{where}: `{dotted}` is missing", "add it; see docs/recipe.md")
    untold = isinstance(error.get("input"), dict | list) or _MAY_BE_SECRET.intersection(error["loc"])
    given = "" if untold else f", not `{error.get('input')}`"
    subject = f"`{dotted}`: " if dotted else ""
    return UsageError(f"{where}: {subject}{message}{given}", "see docs/recipe.md for the values it takes")


_MAY_BE_SECRET = frozenset({"api_key_env", "headers"})

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "tasks": TasksSpec,
    "held_out": HeldOutSpec,
    "models": ModelsSpec,
    "writer": ModelSpec,
    "solver": ModelSpec,
    "voter": ModelSpec,
    "judge": ModelSpec,
    "price": Price,
    "options": LlamacppOptions,
    "responses": ResponsesSpec,
    "generate": GenerateSpec,
    "axes": AxesSpec,
    "difficulty": DifficultySpec,
    "registers": RegistersSpec,
    "screen": ScreenSpec,
    "enrich": EnrichSpec,
    "package": PackageSpec,
}


def _is_role(loc: tuple[str | int, ...]) -> bool:
    return len(loc) == 3 and loc[0] == "models"


def _is_key(part: str | int, loc: tuple[str | int, ...]) -> bool:
    """Tell keys of the file from the names of union members that pydantic puts into a location."""
    known = part in Recipe.model_fields or any(part in spec.model_fields for spec in _SECTIONS.values())
    tag = isinstance(part, str) and "[" in part  # "literal['writer','judge']"
    return isinstance(part, int) or known or (part == loc[-1] and not tag)


def _siblings(path: tuple[Any, ...]) -> set[str]:
    """Return the keys that are known where `path` ends."""
    owner = _SECTIONS.get(str(path[-2]), Recipe) if len(path) > 1 else Recipe
    return set(owner.model_fields)
