"""The recipe: the YAML file a run is made from.

Keys and defaults are a contract (`docs/recipe.md`). An unknown key, a wrong type or a value out of range
is a `UsageError` that names the key, the line and, where one is near, the right spelling.
"""

from taskseed.recipe.reading import load_recipe, parse_recipe, redacted
from taskseed.recipe.spec import (
    AxesSpec,
    EnrichSpec,
    GenerateSpec,
    HeldOutSpec,
    LlamacppOptions,
    ModelSpec,
    PackageSpec,
    Price,
    Recipe,
    ResponsesSpec,
    ScreenSpec,
    TasksSpec,
)

__all__ = [
    "AxesSpec",
    "EnrichSpec",
    "GenerateSpec",
    "HeldOutSpec",
    "LlamacppOptions",
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
