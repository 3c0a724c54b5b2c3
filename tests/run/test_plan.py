"""A plan before paying: bounds from prompt lengths, or a pilot's figures with intervals."""

import json
from pathlib import Path

import pytest

from taskseed.errors import StoppedShort, UsageError
from taskseed.recipe import Recipe, parse_recipe
from taskseed.run.events import unwatched
from taskseed.run.pipeline import Spending
from taskseed.run.plan import Plan, make_plan
from tests import teacher
from tests.run.helpers import NUMERIC, make, model_recipe, taskseed, told
from tests.servers import MockServer

SETS = ("shard_size=30", "models.writer.sampling.max_tokens=200")


def planned(recipe: Recipe, out: Path, pilot: int = 0, limit: int | None = None, **spending: float) -> Plan:
    """Return a plan."""
    return make_plan(recipe, out, pilot, limit, Spending(**spending), unwatched)


def test_a_pilot_tells_what_the_run_will_take_and_is_not_asked_twice(tmp_path: Path) -> None:
    """The whole run lies within the intervals, and asks for nothing that the pilot has asked."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=SETS)
        plan = planned(recipe, tmp_path / "run", pilot=25)
        asked = server.requests
        piloted = told(tmp_path / "run", recipe)
        state = make(recipe, tmp_path / "run")
        other = make(recipe, tmp_path / "without")
    assert (plan.seeds, plan.pilot) == (59, 25)
    assert 0 < asked == piloted["requests"]["sent"]
    assert state["dataset"] == other["dataset"]
    blind = plan.calibration["took"]["answers"]
    assert state["requests"]["answered"] == other["requests"]["answered"] + blind
    took = {
        "answers": other["requests"]["answered"],
        "input": other["tokens"]["input"],
        "output": other["tokens"]["output"],
        "usd": other["cost_usd"],
        "rows": other["dataset"]["rows"],
    }
    for name, amount in took.items():
        figure = plan.figures[name]
        assert figure.low <= amount <= figure.high, name
        assert figure.low <= figure.middle <= figure.high
        assert figure.pilot == pytest.approx(figure.middle * 25 / 59)
    assert plan.seconds > 0
    assert json.loads((tmp_path / "run" / "plan.json").read_text())["pilot"] == 25


def test_a_second_plan_asks_nothing_and_says_the_same(tmp_path: Path) -> None:
    """What was asked is in the store; only the pace cannot be told again."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=SETS)
        first = planned(recipe, tmp_path, pilot=8)
        asked = server.requests
        again = planned(recipe, tmp_path, pilot=8)
    assert server.requests == asked
    assert (again.figures, again.seconds) == (first.figures, None)


def test_without_a_pilot_nothing_is_asked_and_the_bounds_hold(tmp_path: Path) -> None:
    """Between at least and at most lies what the run takes; the server need not be up for the plan."""
    plan = planned(model_recipe("http://127.0.0.1:9/v1", sets=SETS), tmp_path / "plan")
    assert (plan.pilot, plan.seconds) == (0, None)
    with MockServer(teacher.respond) as server:
        state = make(model_recipe(server.base_url, sets=SETS), tmp_path / "run")
    took = {
        "answers": state["requests"]["answered"],
        "output": state["tokens"]["output"],
        "usd": state["cost_usd"],
        "rows": state["dataset"]["rows"],
    }
    for name, amount in took.items():
        assert plan.figures[name].low <= amount <= plan.figures[name].high, name


def test_what_cannot_be_told_is_not_told(tmp_path: Path) -> None:
    """Without a price there is no cost, without a limit of output no bound on it."""
    unpriced = model_recipe("http://127.0.0.1:9/v1", sets=("models.writer.price=null",))
    figures = planned(unpriced, tmp_path).figures
    assert (figures["usd"].high, figures["output"].high) == (None, None)


def test_a_numeric_run_asks_nothing(tmp_path: Path) -> None:
    """Its plan has no answers in it."""
    figures = planned(parse_recipe(NUMERIC), tmp_path).figures
    assert (figures["answers"].high, figures["usd"].high) == (0, 0)
    assert figures["rows"].high > 0


def test_a_pilot_keeps_to_the_budget(tmp_path: Path) -> None:
    """A pilot cannot cost more than the run may."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=SETS)
        with pytest.raises(StoppedShort):
            planned(recipe, tmp_path, pilot=20, tokens=8000)
        tokens = told(tmp_path, recipe)["tokens"]
        assert 0 < tokens["input"] + tokens["output"] <= 8000


def test_a_queue_has_no_pilot(tmp_path: Path) -> None:
    """Batch files are answered tomorrow."""
    recipe = model_recipe("http://127.0.0.1:9/v1", sets=("responses.on_miss=queue",))
    with pytest.raises(UsageError, match="asks an endpoint"):
        planned(recipe, tmp_path, pilot=3)
    assert list(tmp_path.iterdir()) == []


def test_the_command_shows_bounds_and_intervals(tmp_path: Path) -> None:
    """First the bounds, then the pilot's table; the exit code is 0."""
    recipe, out = tmp_path / "r.yaml", tmp_path / "out"
    with MockServer(teacher.respond) as server:
        recipe.write_text(
            "name: r\ntasks: {include: [taskseed_maths]}\nheld_out: {suites: []}\nmodels:\n"
            f"  writer: {{model: teacher, base_url: '{server.base_url}', price: {{input: 1, output: 2}}}}\n"
        )
        bounds = taskseed("plan", str(recipe), "--out", str(out), "--quiet")
        pilot = taskseed("plan", str(recipe), "--out", str(out), "--pilot", "5", "--quiet")
    assert (bounds.returncode, bounds.stderr, pilot.returncode, pilot.stderr) == (0, "", 0, "")
    assert "at least" in bounds.stdout
    assert "--pilot 50" in bounds.stdout
    assert "from a pilot of 5 of 59 seeds (8.5%)" in pilot.stdout
    assert "95 % interval" in pilot.stdout
    assert "are kept" in pilot.stdout
    assert taskseed("status", str(out)).stdout.startswith(
        f"{out}: stopped (a plan was made, nothing was run)"
    )
    assert taskseed("plan", str(recipe), "--pilot", "0").returncode == 2


def test_several_questions_per_call_are_fewer_answers(tmp_path: Path) -> None:
    """With two questions of a seed in one request, at least half as many of the writer's answers are told."""
    least = [
        planned(
            model_recipe("http://127.0.0.1:9/v1", sets=(*SETS, f"generate.questions_per_call={n}")),
            tmp_path / str(n),
        )
        .figures["answers"]
        .low
        for n in (1, 2)
    ]
    assert least[1] == least[0] / 2
