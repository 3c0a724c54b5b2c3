"""The keys of a recipe and their defaults: a contract (`docs/recipe.md`)."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

__all__ = [
    "AxesSpec",
    "DifficultySpec",
    "EnrichSpec",
    "GenerateSpec",
    "HeldOutSpec",
    "LlamacppOptions",
    "ModelSpec",
    "ModelsSpec",
    "PackageSpec",
    "Price",
    "Recipe",
    "RegistersSpec",
    "ResponsesSpec",
    "ScreenSpec",
    "TasksSpec",
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
    """USD per million tokens; `cached_input` is for input from a prompt cache, null: as `input`."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _cache_is_cheaper(self) -> "Price":
        """A budget counts all input at `input`, which must be the most that it can cost."""
        if self.cached_input is not None and self.cached_input > self.input:
            raise ValueError(f"`cached_input` ({self.cached_input}) is above `input` ({self.input})")
        return self


class LlamacppOptions(_Spec):
    """What `options` may say with `engine: llamacpp`."""

    context: int = Field(default=8192, ge=256)
    gpu_layers: int | None = Field(default=None, ge=0)
    threads: MaybeCount = None


class ModelSpec(_Spec):
    """One model on one endpoint (or several that serve the same model), or served by the run itself."""

    engine: Literal["openai", "llamacpp", "vllm", "none"] = "openai"
    base_url: Names = Field(default=("http://localhost:8000/v1",), min_length=1)
    model: str = ""
    api_key_env: str | None = "OPENAI_API_KEY"
    license: str | None = None
    price: Price | None = None
    concurrency: Literal["auto"] | Count = "auto"
    requests_per_minute: float | None = Field(default=None, gt=0)
    tokens_per_minute: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=600, gt=0)
    headers: dict[str, str] = Field(default_factory=dict)
    stream: bool = False
    ca_file: Path | None = None
    schema_hints: Literal["auto", "never"] = "auto"
    sampling: dict[str, Any] = Field(default_factory=lambda: {"temperature": 1.0, "max_tokens": 4096})
    options: dict[str, Any] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the model is called in requests and rows: of a file its name, not the folders it lies in."""
        is_file = self.engine == "llamacpp" and self.model.lower().endswith(".gguf") and ":" not in self.model
        return Path(self.model).name if is_file else self.model

    @field_validator("api_key_env")
    @classmethod
    def _no_key(cls, name: str | None) -> str | None:
        """A key that is pasted here would stand in the run directory."""
        if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError("it names the environment variable that holds the key")
        return name

    @field_validator("sampling")
    @classmethod
    def _one_spelling(cls, sampling: dict[str, Any]) -> dict[str, Any]:
        """`1.0` and `1` ask for the same, so that they must not be paid for twice."""
        return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in sampling.items()}

    @field_validator("options")
    @classmethod
    def _of_the_engine(cls, options: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        engine = info.data.get("engine")
        if engine == "llamacpp":
            LlamacppOptions.model_validate(options)
        elif options and engine in ("openai", "none"):
            raise ValueError(f"`engine: {engine}` takes no options; what a request says stands in `sampling`")
        elif {"model", "hf_token"} & set(options):
            raise ValueError("`model` has its own key, and a token belongs into the variable HF_TOKEN")
        return options

    @model_validator(mode="after")
    def _named(self) -> "ModelSpec":
        if self.engine != "none" and not self.model:
            raise ValueError("`model` must name a model, for example `Qwen/Qwen3-32B`")
        return self


class ModelsSpec(_Spec):
    """The models by role; a role may name another role's model."""

    writer: ModelSpec | None = None
    solver: ModelSpec | Literal["writer", "judge"] | None = "writer"
    voter: ModelSpec | Literal["writer", "judge"] | None = None
    judge: ModelSpec | Literal["writer", "solver"] | None = None

    def role(self, name: str) -> ModelSpec | None:
        """Return the model that plays a role, following the names of other roles; a circle is no model."""
        spec = getattr(self, name)
        for _ in type(self).model_fields:
            spec = getattr(self, spec) if isinstance(spec, str) else spec
        if spec is None or isinstance(spec, str) or spec.engine == "none":
            return None
        return spec  # type: ignore[no-any-return]

    def prices(self) -> dict[str, Price | None]:
        """Return the price of each role's model, by role."""
        return {name: spec.price for name in type(self).model_fields if (spec := self.role(name))}

    def names(self) -> dict[str, str]:
        """Return the name of each role's model, by role."""
        return {name: spec.model for name in type(self).model_fields if (spec := self.role(name))}

    @model_validator(mode="after")
    def _independent(self) -> "ModelsSpec":
        """The same model would give the same answers to the same requests: one vote, counted twice."""
        solver, voter = self.role("solver"), self.role("voter")
        if voter is not None and solver is None:
            raise ValueError("`voter` votes beside a `solver`, and there is none")
        if voter is not None and solver is not None and voter.name == solver.name:
            raise ValueError(f"`voter` is the solver's model, `{voter.name}`; it must be another one")
        return self


class ResponsesSpec(_Spec):
    """Where responses are kept, and what happens when one is not there."""

    store: Path | None = None
    on_miss: Literal["call", "queue", "refuse"] = "call"


Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Weights(_Spec):
    """How often each value of an axis is drawn, relative to the others."""

    @model_validator(mode="after")
    def _some_weight(self) -> "_Weights":
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError("at least one weight must be above 0")
        return self


class DifficultySpec(_Weights):
    """How hard a question is, beside its seed."""

    same: Weight = 4
    harder: Weight = 1


class RegistersSpec(_Weights):
    """How a question is worded: as its seed, in plain words, formally, or as somebody speaks."""

    same: Weight = 8
    plain: Weight = 1
    formal: Weight = 1
    conversational: Weight = 1


class AxesSpec(_Spec):
    """What a question is asked to be like, drawn for each slot (`taskseed.prompts.axes`).

    Difficulty and register are mostly the seed's own: a data set is to train what its seeds train. Half of
    the questions of knowledge get a topic, so that the other half stays as near its seed as the writer likes;
    a setting changes no capability, so most of the stories get one.
    """

    difficulty: DifficultySpec = DifficultySpec()
    registers: RegistersSpec = RegistersSpec()
    topics: Share = 0.5
    settings: Share = 0.8
    answers: bool = True


class GenerateSpec(_Spec):
    """How questions are made."""

    kind: Literal["model", "numeric"] = "model"
    questions_per_seed: Count = 2
    questions_by_family: dict[str, Count] = Field(default_factory=dict)
    numeric_variants: int = Field(default=0, ge=0)
    questions_per_call: int = Field(default=1, ge=1, le=20)
    axes: AxesSpec | None = AxesSpec()
    examples: int = Field(default=3, ge=0, le=20)
    attempts: Count = 3

    def questions_of(self, family: str) -> int:
        """Return how many questions each seed of a family gives."""
        return self.questions_by_family.get(family, self.questions_per_seed)

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
    rule: Literal["predictive", "beta", "window"] = "predictive"
    futility: float = Field(default=0.2, ge=0.0, le=0.5)
    keep_per_question: Count = 2
    on_disagreement: Literal["drop", "replace"] = "drop"
    on_wrong_arithmetic: Literal["drop", "keep"] = "drop"
    calibrate: int = Field(default=0, ge=0)
    min_precision: float | None = Field(default=None, gt=0, le=1)

    @model_validator(mode="after")
    def _measured(self) -> "EnrichSpec":
        """A precision that nobody measures cannot refuse anything."""
        if self.min_precision is not None and not self.calibrate:
            raise ValueError("`min_precision` needs `calibrate`: say how many seeds of each family to solve")
        return self

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
        if self.enrich.calibrate and self.models.role("solver") is None:
            raise ValueError("`enrich.calibrate` needs a `models.solver`: it solves the seeds")
        return self
