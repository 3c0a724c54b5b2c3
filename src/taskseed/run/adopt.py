"""A run directory belongs to one recipe: the first run writes it down, later ones must agree with it."""

from pathlib import Path

import yaml

from taskseed.errors import UsageError
from taskseed.io import write_bytes
from taskseed.prompts import load_prompts
from taskseed.recipe import Recipe, parse_recipe, redacted
from taskseed.run.directory import read_json
from taskseed.run.fingerprints import Change, changes

__all__ = ["adopt_recipe"]


def adopt_recipe(recipe: Recipe, root: Path, update: bool) -> None:
    """Write the resolved recipe into a run directory, or see that it is the one the directory was made from.

    :param update: take a changed recipe; the stages it affects are done again from the stored responses.
    :raises UsageError: if the directory was made from another recipe, showing what differs.
    """
    path, prompts_path = root / "recipe.yaml", root / "prompts.json"
    prompts = load_prompts(recipe.prompts)
    digest = prompts.hash(sorted(prompts.texts))
    begun = (root / "collect" / "stage.json").exists()  # before that there is nothing a change could spoil
    if path.exists() and begun and not update:
        stored = parse_recipe(path.read_text(encoding="utf-8"), str(path))
        differing = changes(stored, recipe)
        known = read_json(prompts_path)
        if known and known["hash"] != digest:
            differing.append(Change("prompts", known["hash"], digest, "generate"))
        if differing:
            raise UsageError(
                f"`{root}` was made from another recipe: {_shown(differing)}",
                "give --update to keep all responses and redo what this affects (from stage "
                f"{differing[0].stage} on), or another folder with --out",
            )
    text = yaml.safe_dump(redacted(recipe), sort_keys=False, allow_unicode=True)
    write_bytes(path, text.encode())
    write_bytes(prompts_path, b'{"hash": "%s"}\n' % digest.encode())


def _shown(differing: list[Change]) -> str:
    listed = [f"{c.key} was {_short(c.before)}, is {_short(c.after)}" for c in differing[:5]]
    more = len(differing) - len(listed)
    return "; ".join(listed) + (f"; and {more} more" if more > 0 else "")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
