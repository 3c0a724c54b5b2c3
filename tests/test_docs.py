"""What the documentation says is what the program does."""

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskseed.recipe import Recipe, parse_recipe
from taskseed.records import KINDS
from taskseed.sandbox import available
from tests.run.helpers import commands, taskseed

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "taskseed"

# A call of this name has a reason among its arguments, at this place.
PLACE = dict.fromkeys(("Fault", "RowProblem", "NotLoadable", "Refusal", "_all_problems"), 0)
PLACE |= {"of": 1, "_refused": 1, "setdefault": 1, "Verdict": 2}
SNAKE = re.compile(r"[a-z]+(_[a-z]+)*")
NOT_REASONS = {*KINDS, "recomputed", "executed", "vote", "hub", "own"}


def shown(command: str) -> str:
    """Return the row of docs/commands.md that shows a command."""
    lines = (DOCS / "commands.md").read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if re.match(rf"\| `taskseed {command}\b", line)), "")


def test_each_command_is_documented() -> None:
    """docs/commands.md shows each command that --help lists, and no other."""
    listed = sorted({words[0] for words in commands()})
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:`taskseed (\w+)[^|]*)\|", text, flags=re.M)
    assert sorted(set(rows)) == listed
    options = {name for c in listed for name in re.findall(r"--[a-z-]+", shown(c))}
    helped = {name for c in commands() for name in re.findall(r"--[a-z-]+", taskseed(*c, "--help").stdout)}
    assert options - helped == set()


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested settings by dotted key."""
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    return {
        k: v for key, inner in value.items() for k, v in flat(inner, f"{prefix}.{key}".strip(".")).items()
    }


def documented_recipe() -> str:
    """Return the YAML block of docs/recipe.md."""
    found = re.search(r"```yaml\n(.*?)```", (DOCS / "recipe.md").read_text(encoding="utf-8"), flags=re.S)
    assert found is not None
    return found.group(1)


def test_each_recipe_key_is_documented_with_its_default() -> None:
    """The recipe in docs/recipe.md has every key, and besides what must be given, every default."""
    documented = flat(yaml.safe_load(documented_recipe()))
    least = "name: n\ntasks: {include: [a]}\nmodels: {writer: {model: m}}\n"
    defaults = flat(parse_recipe(least).model_dump(mode="json"))
    assert sorted(documented) == sorted(defaults)
    free = {"name", "tasks.include", "models.writer.model"}
    plain = {"models.writer.base_url": ["http://localhost:8000/v1"]}
    assert {k: plain.get(k, v) for k, v in documented.items() if k not in free} == {
        k: v for k, v in defaults.items() if k not in free
    }


def test_the_documented_recipe_is_a_recipe() -> None:
    """The YAML block of docs/recipe.md is accepted as it stands."""
    assert isinstance(parse_recipe(documented_recipe()), Recipe)


def constants(node: ast.AST) -> Iterator[str]:
    """Yield the words that an expression may be: of a choice, each."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and SNAKE.fullmatch(node.value):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from (word for value in node.values for word in constants(value))
    elif isinstance(node, ast.Tuple) and node.elts:
        yield from constants(node.elts[0])


def reasons_in(tree: ast.AST, with_returns: bool) -> Iterator[str]:
    """Yield the reasons that a module gives: in calls, in what it returns, in what it calls `reason`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "_drop":
                yield from (word for arg in node.args for word in constants(arg))
            elif name in PLACE and len(node.args) > PLACE[name]:
                yield from constants(node.args[PLACE[name]])
            elif name == "Worked":
                yield from (
                    word for arg in node.args if isinstance(arg, ast.Tuple) for word in constants(arg)
                )
        elif isinstance(node, ast.Return) and node.value is not None and with_returns:
            yield from constants(node.value)
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["reason"]:
            yield from constants(node.value)


def given_reasons() -> set[str]:
    """Return every drop reason that the sources name."""
    judging = [
        *(SOURCE / "stages").glob("*.py"),
        SOURCE / "checks/format.py",
        SOURCE / "checks/enrichment.py",
    ]
    judging += [p for p in (SOURCE / "numeric").glob("*.py") if p.name != "tokens.py"]  # styles of numbers
    judging.append(SOURCE / "tasks/suitability.py")
    files = {**dict.fromkeys(judging, True), SOURCE / "run/calibrate.py": False}
    files |= {path: False for path in (SOURCE / "tasks").rglob("*.py") if path not in files}
    trees = [(ast.parse(path.read_text(encoding="utf-8")), returns) for path, returns in files.items()]
    return {reason for tree, returns in trees for reason in reasons_in(tree, returns)} - NOT_REASONS


def documented_reasons() -> list[tuple[str, str]]:
    """Return (stages, reason) of docs/drop-reasons.md."""
    text = (DOCS / "drop-reasons.md").read_text(encoding="utf-8")
    return re.findall(r"^\| ([a-z, ]+) \| `([a-z_]+)` \|", text, flags=re.M)


def test_each_drop_reason_is_documented() -> None:
    """docs/drop-reasons.md has each reason that the sources give, and none that they do not."""
    assert sorted({reason for _, reason in documented_reasons()}) == sorted(given_reasons())


@pytest.mark.parametrize("column", [0, 1])
def test_the_reasons_name_stages_and_each_pair_once(column: int) -> None:
    """Each row names stages of the flow, or calibration, and no stage has a reason twice."""
    stages = ("collect", "normalize", "calibrate", "generate", "screen", "enrich", "filter", "package")
    pairs = [(stage, reason) for listed, reason in documented_reasons() for stage in listed.split(", ")]
    assert sorted(set(pairs)) == sorted(pairs)
    assert {stage for stage, _ in pairs} == set(stages)


def test_the_page_of_tasks_is_what_the_catalogue_says() -> None:
    """docs/tasks.md is what docs/make_tasks.py writes, and the README gives the same counts."""
    made = runpy.run_path(str(DOCS / "make_tasks.py"))["page"]()
    assert made == (DOCS / "tasks.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (counts,) = re.findall(r"\*\*(\d+) in (\d+) families may seed\*\*", made)
    assert f"{counts[0]} tasks in {counts[1]} families may seed" in readme
    (unread,) = re.findall(r"(\d+) are not read yet", made)
    assert f"{unread} are not read yet" in readme


def test_the_page_of_prompts_is_what_is_sent() -> None:
    """docs/prompts.md is what docs/make_prompts.py writes: a change of a prompt is seen there."""
    made = runpy.run_path(str(DOCS / "make_prompts.py"))["page"]()
    assert made == (DOCS / "prompts.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", made, flags=re.M) == list(KINDS)


@pytest.mark.skipif(available() is None, reason="the demo's code questions want a sandbox")
def test_the_pages_of_the_demo_are_what_it_makes() -> None:
    """docs/first-run.md and docs/examples.md are what docs/make_first_run.py writes."""
    for name, made in runpy.run_path(str(DOCS / "make_first_run.py"))["pages"]().items():
        assert made == (DOCS / name).read_text(encoding="utf-8")


def test_there_is_an_example_of_each_kind_in_each_style() -> None:
    """docs/examples.md has a kept row of every kind in every style but `direct`, which writes nothing."""
    page = (DOCS / "examples.md").read_text(encoding="utf-8")
    shown = {
        kind: set(re.findall(r"style `(\w+)`", text))
        for kind, text in zip(*[iter(re.split(r"^## (\w+)$", page, flags=re.M)[1:])] * 2, strict=True)
    }
    plain = {"reasoning", "knowledge"}
    assert shown == {
        kind: plain | ({"distractors"} if kind == "multiple_choice" else set()) for kind in KINDS
    }
