"""The recipe: the YAML file a run is made from.

Keys and defaults are a contract (`docs/recipe.md`). An unknown key, a wrong type or a value out of range
is a `UsageError` that names the key, the line and, where one is near, the right spelling.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from taskseed.errors import UsageError

__all__ = [
    "EnrichSpec",
    "GenerateSpec",
    "HeldOutSpec",
    "ModelSpec",
    "PackageSpec",
    "Price",
    "Recipe",
    "ResponsesSpec",
    "ScreenSpec",
    "TasksSpec",
    "load_recipe",
    "parse_recipe",
    "redacted",
]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
MaybeCount = Annotated[int | None, Field(ge=1)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TasksSpec(_Spec):
    """Where seeds come from."""

    include: Names = Field(min_length=1)
    exclude: Names = ()
    include_path: Path | None = None
    hub: Path | None = None
    max_seeds_per_task: MaybeCount = None
    max_seeds_per_family: MaybeCount = None
    min_train_rows: int = Field(default=50, ge=0)
    license_policy: Literal["any", "commercial"] | tuple[str, ...] = "any"
    allow_unverifiable: bool = False


class HeldOutSpec(_Spec):
    """What must not appear in the data, besides the seeded families' own held-out splits."""

    suites: Names = ("core",)
    tasks: Names = ()
    require: Names = ()


class Price(_Spec):
    """USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class ModelSpec(_Spec):
    """One model on one endpoint (or several endpoints that serve the same model)."""

    engine: Literal["openai", "llamacpp", "vllm", "none"] = "openai"
    base_url: Names = ("http://localhost:8000/v1",)
    model: str = ""
    api_key_env: str | None = "OPENAI_API_KEY"
    license: str | None = None
    price: Price | None = None
    concurrency: Literal["auto"] | Count = "auto"
    timeout: float = Field(default=600, gt=0)
    headers: dict[str, str] = Field(default_factory=dict)
    sampling: dict[str, Any] = Field(default_factory=lambda: {"temperature": 1.0, "max_tokens": 4096})

    @field_validator("sampling")
    @classmethod
    def _one_spelling(cls, sampling: dict[str, Any]) -> dict[str, Any]:
        """`1.0` and `1` ask for the same, so that they must not be paid for twice."""
        return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in sampling.items()}

    @model_validator(mode="after")
    def _named(self) -> "ModelSpec":
        if self.engine != "none" and not self.model:
            raise ValueError("`model` must name a model, for example `Qwen/Qwen3-32B`")
        return self


class ModelsSpec(_Spec):
    """The models by role; a role may name another role's model."""

    writer: ModelSpec | None = None
    solver: ModelSpec | Literal["writer", "judge"] | None = "writer"
    judge: ModelSpec | Literal["writer", "solver"] | None = None

    def role(self, name: str) -> ModelSpec | None:
        """Return the model that plays a role, following one name of another role."""
        spec = getattr(self, name)
        if isinstance(spec, str):
            spec = getattr(self, spec)
        if spec is None or isinstance(spec, str) or spec.engine == "none":
            return None
        return spec  # type: ignore[no-any-return]

    def prices(self) -> dict[str, Price | None]:
        """Return the price of each role's model, by role."""
        return {name: spec.price for name in type(self).model_fields if (spec := self.role(name))}


class ResponsesSpec(_Spec):
    """Where responses are kept, and what happens when one is not there."""

    store: Path | None = None
    on_miss: Literal["call", "queue", "refuse"] = "call"


class GenerateSpec(_Spec):
    """How questions are made."""

    kind: Literal["model", "numeric"] = "model"
    questions_per_seed: Count = 2
    numeric_variants: int = Field(default=0, ge=0)
    examples: int = Field(default=3, ge=0, le=20)
    attempts: Count = 3

    @model_validator(mode="after")
    def _counted_once(self) -> "GenerateSpec":
        if self.kind == "numeric" and self.numeric_variants:
            raise ValueError("`numeric_variants` come beside a writer's questions; use `questions_per_seed`")
        return self


class ScreenSpec(_Spec):
    """Thresholds of the free checks; a score at or above its threshold drops."""

    near_duplicate: float = Field(default=0.8, gt=0, le=1)
    seed_copy: Share = 0.8
    contamination: Share = 0.5


class EnrichSpec(_Spec):
    """Solving and voting."""

    styles: tuple[Literal["direct", "reasoning", "knowledge", "distractors"], ...] = Field(
        default=("reasoning", "knowledge"), min_length=1
    )
    min_votes: Count = 3
    max_votes: Count = 8
    confidence: float = Field(default=0.95, gt=0.5, lt=1.0)
    min_agreement: Share = 0.6
    keep_per_question: Count = 2
    on_disagreement: Literal["drop", "replace"] = "drop"

    @model_validator(mode="after")
    def _ordered(self) -> "EnrichSpec":
        if self.max_votes < self.min_votes:
            raise ValueError(f"`max_votes` ({self.max_votes}) is below `min_votes` ({self.min_votes})")
        return self


class PackageSpec(_Spec):
    """What a trainer reads."""

    text: Literal["canonical"] = "canonical"


class Recipe(_Spec):
    """Everything a run is made from."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    seed: int = 0
    shard_size: Count = 2000
    tasks: TasksSpec
    held_out: HeldOutSpec = HeldOutSpec()
    models: ModelsSpec = ModelsSpec()
    responses: ResponsesSpec = ResponsesSpec()
    generate: GenerateSpec = GenerateSpec()
    screen: ScreenSpec = ScreenSpec()
    enrich: EnrichSpec = EnrichSpec()
    package: PackageSpec = PackageSpec()
    prompts: Path | None = None

    @model_validator(mode="after")
    def _has_writer(self) -> "Recipe":
        if self.generate.kind == "model" and self.models.role("writer") is None:
            raise ValueError("`generate.kind: model` needs `models.writer`")
        if self.generate.kind == "model" and self.models.role("solver") is None:
            raise ValueError(
                "`generate.kind: model` needs a `models.solver`: unverified answers are not kept"
            )
        return self


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


_PATHS = (("tasks", "include_path"), ("tasks", "hub"), ("responses", "store"), ("prompts",))


def _anchor_paths(data: dict[str, Any], folder: Path) -> None:
    for keys in _PATHS:
        holder: Any = data
        for key in keys[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        value = holder.get(keys[-1]) if isinstance(holder, dict) else None
        if isinstance(value, str) and not Path(value).expanduser().is_absolute():
            beside = folder / value
            holder[keys[-1]] = str(beside if beside.exists() else Path(value).expanduser())


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
    error = (unknown or errors)[0]
    path = tuple(part for part in error["loc"] if _is_key(part, error["loc"]))
    dotted = ".".join(str(p) for p in path)
    line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)
    where = f"{name}, line {line}" if line else name
    if unknown:
        near = difflib.get_close_matches(str(path[-1]), sorted(_siblings(path)), n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(_siblings(path)))}"
        return UsageError(f"{where}: unknown key `{dotted}`", hint)
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return UsageError(f"{where}: `{dotted}` is missing", "add it; see docs/recipe.md")
    given = "" if isinstance(error.get("input"), dict | list) else f", not `{error.get('input')}`"
    subject = f"`{dotted}`: " if dotted else ""
    return UsageError(f"{where}: {subject}{message}{given}", "see docs/recipe.md for the values it takes")


_SECTIONS: Mapping[str, type[BaseModel]] = {
    "tasks": TasksSpec,
    "held_out": HeldOutSpec,
    "models": ModelsSpec,
    "writer": ModelSpec,
    "solver": ModelSpec,
    "judge": ModelSpec,
    "price": Price,
    "responses": ResponsesSpec,
    "generate": GenerateSpec,
    "screen": ScreenSpec,
    "enrich": EnrichSpec,
    "package": PackageSpec,
}


def _is_key(part: str | int, loc: tuple[str | int, ...]) -> bool:
    """Tell keys of the file from the names of union members that pydantic puts into a location."""
    known = part in Recipe.model_fields or any(part in spec.model_fields for spec in _SECTIONS.values())
    return isinstance(part, int) or known or part == loc[-1]


def _siblings(path: tuple[Any, ...]) -> set[str]:
    """Return the keys that are known where `path` ends."""
    owner = _SECTIONS.get(str(path[-2]), Recipe) if len(path) > 1 else Recipe
    return set(owner.model_fields)
