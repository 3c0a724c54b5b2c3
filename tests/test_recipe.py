"""The recipe file: defaults, and errors that name the key, the line and the mend."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.errors import UsageError
from taskseed.recipe import load_recipe, parse_recipe, redacted

NUMERIC = "name: n\ntasks: {include: [gsm8k]}\ngenerate: {kind: numeric}\n"
MODEL = "name: m\ntasks:\n  include: [piqa]\nmodels:\n  writer:\n    model: some/model\n"


def test_defaults_are_those_of_the_contract() -> None:
    """A recipe of six lines gets the documented defaults."""
    recipe = parse_recipe(MODEL)
    assert recipe.shard_size == 2000
    assert recipe.held_out.suites == ("core",)
    assert recipe.generate.model_dump(include={"kind", "questions_per_seed", "examples"}) == {
        "kind": "model",
        "questions_per_seed": 2,
        "examples": 3,
    }
    assert recipe.screen.model_dump() == {"near_duplicate": 0.8, "seed_copy": 0.8, "contamination": 0.5}
    assert recipe.enrich.styles == ("reasoning", "knowledge")
    assert (recipe.enrich.min_votes, recipe.enrich.max_votes) == (3, 8)
    assert recipe.models.role("solver") == recipe.models.role("writer")
    assert recipe.models.role("judge") is None


@pytest.mark.parametrize(
    ("sets", "judge"),
    [
        (("models.judge=solver",), "Qwen"),
        (("models.judge=writer",), "Qwen"),
        (("models.solver=judge", "models.judge={model: J}"), "J"),
    ],
)
def test_a_role_may_name_a_role_that_names_another(sets: tuple[str, ...], judge: str) -> None:
    """The judge may be the solver although the solver is the writer; names are followed to the model."""
    text = "name: t\ntasks: {include: [gsm8k]}\nmodels: {writer: {model: Qwen}}\n"
    spec = parse_recipe(text, sets=sets).models.role("judge")
    assert spec is not None
    assert spec.model == judge


def test_roles_that_name_each_other_are_no_model() -> None:
    """A circle of names is told like a missing model."""
    text = "name: t\ntasks: {include: [gsm8k]}\nmodels: {writer: {model: Qwen}}\n"
    with pytest.raises(UsageError, match=r"models\.solver"):
        parse_recipe(text, sets=("models.solver=judge", "models.judge=solver"))


def test_a_numeric_recipe_needs_no_model() -> None:
    """`kind: numeric` runs without any model block."""
    assert parse_recipe(NUMERIC).models.role("solver") is None


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (NUMERIC + "shardsize: 3\n", "x.yaml, line 4: unknown key `shardsize`", "did you mean `shard_size`?"),
        (
            MODEL + "    modle: y\n",
            "x.yaml, line 7: unknown key `models.writer.modle`",
            "did you mean `model`?",
        ),
        (
            NUMERIC + "screen:\n  contaminaton: 0.4\n",
            "x.yaml, line 5: unknown key `screen.contaminaton`",
            "did you mean `contamination`?",
        ),
        ("name: a\ntasks: [\n", "x.yaml, line 3", "mend the YAML; see docs/recipe.md for an example"),
        (
            "name: a\nname: b\n",
            "x.yaml, line 2: `name` is given twice (first on line 1)",
            "keep one of the two",
        ),
        (
            MODEL + "    price: {input: 1, output: 2, cached: 0.1}\n",
            "x.yaml, line 7: unknown key `models.writer.price.cached`",
            "did you mean `cached_input`?",
        ),
        (
            MODEL + "    price: {input: 1, output: 2, cached_input: 1.5}\n",
            "x.yaml, line 7: `models.writer.price`: `cached_input` (1.5) is above `input` (1.0)",
            "see docs/recipe.md for the values it takes",
        ),
        ("- a\n", "x.yaml is not a recipe: it holds no keys", "start from docs/recipe.md"),
        ("", "x.yaml is not a recipe: it holds no keys", "start from docs/recipe.md"),
        ("tasks: {include: [a]}\n", "`name` is missing", "add it; see docs/recipe.md"),
        (
            "name: a\ntasks: {include: [piqa]}\n",
            "`generate.kind: model` needs `models.writer`",
            "see docs/recipe.md for the values it takes",
        ),
        (
            NUMERIC.replace("numeric}", "numeric, numeric_variants: 1}"),
            "`generate`: `numeric_variants` come beside a writer's questions; use `questions_per_seed`",
            "see docs/recipe.md for the values it takes",
        ),
        (
            NUMERIC + "shard_size: 0\n",
            "x.yaml, line 4: `shard_size`: Input should be greater than or equal to 1, not `0`",
            "see docs/recipe.md for the values it takes",
        ),
        (
            MODEL + "generate: {axes: {difficulty: {hard: 2}}}\n",
            "x.yaml, line 7: unknown key `generate.axes.difficulty.hard`",
            "did you mean `harder`?",
        ),
        (
            MODEL + "generate:\n  axes:\n    topic: 0.5\n",
            "x.yaml, line 9: unknown key `generate.axes.topic`",
            "did you mean `topics`?",
        ),
        (
            MODEL + "generate:\n  axes:\n    difficulty: {same: 0, harder: 0}\n",
            "x.yaml, line 9: `generate.axes.difficulty`: at least one weight must be above 0",
            "see docs/recipe.md for the values it takes",
        ),
        (
            MODEL + "generate: {axes: {registers: {plain: .inf}}}\n",
            "`generate.axes.registers.plain`: Input should be a finite number",
            "see docs/recipe.md for the values it takes",
        ),
        (
            MODEL + "generate: {questions_per_call: 21}\n",
            "`generate.questions_per_call`: Input should be less than or equal to 20, not `21`",
            "see docs/recipe.md for the values it takes",
        ),
        (
            NUMERIC + "enrich: {min_votes: 9}\n",
            "`max_votes` (8) is below `min_votes` (9)",
            "see docs/recipe.md for the values it takes",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(text: str, message: str, hint: str) -> None:
    """Every kind of mistake gives one message that names it and one hint that mends it."""
    with pytest.raises(UsageError) as caught:
        parse_recipe(text, "x.yaml")
    assert message in caught.value.message
    assert caught.value.hint == hint
    assert caught.value.exit_code == 2


def test_axes_are_on_by_default_and_can_be_switched_off_or_set_one_by_one() -> None:
    """`null` switches all axes off; a weight or share that is given leaves the others at their defaults."""
    axes = parse_recipe(MODEL, sets=["generate.axes.difficulty.same=0"]).generate.axes
    assert axes is not None
    assert axes.model_dump() == {
        "difficulty": {"same": 0, "harder": 1},
        "registers": {"same": 8, "plain": 1, "formal": 1, "conversational": 1},
        "topics": 0.5,
        "settings": 0.8,
        "answers": True,
    }
    assert parse_recipe(MODEL, sets=["generate.axes=null"]).generate.axes is None


def test_overrides_are_yaml_values_at_dotted_keys() -> None:
    """`--set` parses its value as YAML and makes missing sections."""
    recipe = parse_recipe(NUMERIC, sets=["enrich.max_votes=5", "tasks.exclude=[a, b]", "tasks.hub=/data/hub"])
    assert recipe.enrich.max_votes == 5
    assert recipe.tasks.exclude == ("a", "b")
    assert recipe.tasks.hub == Path("/data/hub")


@pytest.mark.parametrize("bad", ["novalue", "=3", "name.x=1", "a.b.c=1"])
def test_a_bad_override_is_a_usage_error(bad: str) -> None:
    """An override that is not KEY=VALUE of a known key is refused."""
    with pytest.raises(UsageError):
        parse_recipe(NUMERIC, sets=[bad])


def test_a_relative_path_is_taken_from_the_recipes_folder(tmp_path: Path) -> None:
    """A mirror that lies beside the recipe is found from any working directory."""
    (tmp_path / "hub").mkdir()
    path = tmp_path / "r.yaml"
    path.write_text("name: n\ntasks: {include: [gsm8k], hub: hub}\ngenerate: {kind: numeric}\n")
    assert load_recipe(path).tasks.hub == tmp_path / "hub"


def test_a_missing_recipe_is_a_usage_error(tmp_path: Path) -> None:
    """A path to nothing names the path."""
    with pytest.raises(UsageError, match="there is no recipe"):
        load_recipe(tmp_path / "no.yaml")


def test_secrets_are_not_in_the_resolved_recipe() -> None:
    """Header values and URL passwords are left out of what is written down."""
    text = MODEL + "    base_url: https://me:hunter2@host/v1\n    headers: {X-Key: hunter3}\n"
    data = redacted(parse_recipe(text))
    assert data["models"]["writer"]["base_url"] == ["https://host/v1"]
    assert "hunter" not in str(data)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("api_key_env: sk-hunter4", "it names the environment variable that holds the key"),
        ("headers: hunter4", "Input should be a valid dictionary"),
        ("headers: {X-Key: {a: hunter4}}", "Input should be a valid string"),
        ("headers: {X-Key: 481516}", "Input should be a valid string"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(line: str, said: str) -> None:
    """A key or header that is written wrongly is refused without being shown."""
    with pytest.raises(UsageError) as caught:
        parse_recipe(MODEL + f"    {line}\n")
    assert said in caught.value.message
    assert [word for word in ("hunter4", "481516") if word in str(caught.value)] == []


def test_a_voter_is_another_model_than_the_solver() -> None:
    """The solver's own model as the voter would count each vote twice: it is refused, by whichever role."""
    models = "name: t\ntasks: {include: [arc_easy]}\nmodels: {writer: {model: x}, "
    recipe = parse_recipe(models + "voter: {model: y}}\n")
    assert recipe.models.names() == {"writer": "x", "solver": "x", "voter": "y"}
    assert parse_recipe(models + "solver: {model: y}, voter: writer}\n").models.names()["voter"] == "x"
    for voter in ("writer", "{model: x, base_url: http://elsewhere/v1}"):
        with pytest.raises(UsageError, match="`voter` is the solver's model, `x`"):
            parse_recipe(models + f"voter: {voter}}}\n")


@pytest.mark.parametrize("role", ["writer", "solver", "voter", "judge"])
def test_a_ca_file_is_taken_from_the_recipes_folder(tmp_path: Path, role: str) -> None:
    """A certificate that lies beside the recipe is found for each role, from any working directory."""
    (tmp_path / "ca.pem").touch()
    path = tmp_path / "r.yaml"
    text = MODEL.replace("writer:", f"{role}:") + "    ca_file: ca.pem\n"
    path.write_text(text if role == "writer" else text + "  writer: {model: x}\n")
    spec = load_recipe(path).models.role(role)
    assert spec is not None
    assert spec.ca_file == tmp_path / "ca.pem"


@given(st.text(max_size=300))
def test_any_text_is_a_recipe_or_a_usage_error(text: str) -> None:
    """No text makes the reader fail in another way."""
    with contextlib.suppress(UsageError):
        parse_recipe(text)


@pytest.mark.parametrize("role", ["solver", "voter", "judge"])
def test_a_role_that_is_no_role_is_named(role):
    """A misspelt role's name is told with the names there are, and without words of the parser."""
    with pytest.raises(
        UsageError, match=f"`models.{role}`: Input should be 'writer' or .*, not `nobody`"
    ) as told:
        parse_recipe(
            f"name: x\ntasks: {{include: [arc_easy]}}\nmodels: {{writer: {{model: m}}, {role}: nobody}}\n"
        )
    assert "[" not in str(told.value)
