"""A run with a second model as an independent voter."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from taskseed.run.events import unwatched
from taskseed.run.pipeline import Spending
from taskseed.run.plan import make_plan
from tests import teacher
from tests.run.helpers import make, model_recipe, rows, unbalanced
from tests.servers import MockServer, Reply

PRICES = ("models.voter.price={input: 10.0, output: 20.0}", "models.voter.license=MIT")


class Asked:
    """Answers as the teacher does, the voter in words of its own, and counts requests by model."""

    def __init__(self) -> None:
        self.by_model: Counter[str] = Counter()

    def __call__(self, request: dict[str, Any], number: int) -> Reply:
        """Answer one request."""
        self.by_model[request["model"]] += 1
        reply = teacher.respond(request, number)
        if request["model"] == "other":
            for choice in reply.body["choices"]:
                choice["message"]["content"] = f"Seen in this way. {choice['message']['content']}"
        return reply


def recipe_with(url: str, *sets: str):
    """Return a recipe whose voter lives at the same endpoint."""
    voter = ("models.voter.model=other", f"models.voter.base_url={url}", "models.voter.api_key_env=null")
    sampling = "models.voter.sampling={temperature: 1.0, seed: 100}"
    return model_recipe(url, sets=(*voter, sampling, *sets))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Asked]:
    """A finished run of twelve seeds, what it says, and who was asked."""
    out, asked = tmp_path_factory.mktemp("voter"), Asked()
    with MockServer(asked) as server:
        state = make(recipe_with(server.base_url, *PRICES), out, limit=12)
    return out, state, asked


def test_both_models_are_asked_and_told_apart(finished) -> None:
    """The voter has its own line in the account, with its own price; together the lines are the whole."""
    _, state, asked = finished
    by_role = {row["role"]: row for row in state["usage"]}
    assert list(by_role) == ["writer", "solver", "voter"]
    assert (by_role["voter"]["model"], by_role["voter"]["stage"]) == ("other", "enrich")
    assert by_role["voter"]["requests"] == asked.by_model["other"]
    took = by_role["voter"]
    assert took["cost_usd"] == pytest.approx((took["input"] * 10 + took["output"] * 20) / 1e6, abs=1e-6)
    assert state["requests"]["sent"] == sum(asked.by_model.values())
    assert state["cost_usd"] == pytest.approx(sum(row["cost_usd"] for row in state["usage"]), abs=1e-5)
    assert unbalanced(state) == []


def test_shards_tell_the_voter_s_answers_from_the_solver_s(finished) -> None:
    """By task too, each has a line of its own with its own price, and all together are what was paid for."""
    _, state, _ = finished
    by_role = {row["role"]: row for row in state["usage_by_task"] if row["stage"] == "enrich"}
    assert {role: row["model"] for role, row in by_role.items()} == {"solver": "teacher", "voter": "other"}
    for paid in (row for row in state["usage"] if row["stage"] == "enrich"):
        told = by_role[paid["role"]]
        assert [told[k] for k in ("answers", "input", "output")] == [
            paid[k] for k in ("answers", "input", "output")
        ]
        assert told["cost_usd"] == pytest.approx(paid["cost_usd"], abs=1e-6)


def test_the_voter_solves_seeds_too_and_is_counted_as_itself(tmp_path: Path) -> None:
    """Calibration asks both models by turns; the voter's share has its own price, in each account."""
    asked = Asked()
    with MockServer(asked) as server:
        recipe = recipe_with(server.base_url, *PRICES, "enrich.calibrate=4", "enrich.min_votes=4")
        state = make(recipe, tmp_path, limit=12)
    told = state["calibration"]
    assert {place["model"] for place in told["places"]} <= {"teacher", "other"}
    assert told["voted"]["answers"] >= 2 * told["asked"] > 0
    assert told["took"]["answers"] >= 2 * told["asked"]
    by_stage = {(row["stage"], row["role"]): row for row in state["usage_by_task"]}
    solver, voter = by_stage["calibrate", "solver"], by_stage["calibrate", "voter"]
    assert (solver["model"], voter["model"]) == ("teacher", "other")
    assert voter["answers"] == told["voted"]["answers"]
    assert voter["cost_usd"] == pytest.approx((voter["input"] * 10 + voter["output"] * 20) / 1e6, abs=1e-6)
    paid = {(row["stage"], row["role"]): row for row in state["usage"]}
    assert paid["calibrate", "solver"]["answers"] == solver["answers"]
    assert paid["enrich", "voter"]["answers"] == voter["answers"] + by_stage["enrich", "voter"]["answers"]
    assert paid["enrich", "voter"]["requests"] == asked.by_model["other"]


def test_rows_say_whose_they_are_and_who_agreed(finished) -> None:
    """Both models' solves are kept, each row under its own model's terms; votes by model sum to all votes."""
    out, _, _ = finished
    made = rows(out)
    assert {(row["solver_model"], row["model_license"]) for row in made} == {
        ("teacher", "unknown"),
        ("other", "MIT AND unknown"),
    }
    for row in made:
        cast = json.loads(row["votes_by_model"])
        assert set(cast) == {"teacher", "other"}
        assert [sum(column) for column in zip(*cast.values(), strict=True)] == [
            row["votes_for"],
            row["votes_total"],
        ]
        cast = json.loads(row["votes_by_style"])
        assert sum(total for _, total in cast.values()) == row["votes_total"]


def test_a_voter_added_later_pays_for_no_solve_of_the_solver_again(tmp_path: Path) -> None:
    """What the solver has answered is found: only solves that it never made, and the voter's, are asked."""
    asked = Asked()
    with MockServer(asked) as server:
        make(model_recipe(server.base_url, sets=("enrich.min_votes=6",)), tmp_path, limit=12)
        before = asked.by_model["teacher"]
        both = recipe_with(server.base_url, "enrich.min_votes=6")
        state = make(both, tmp_path, limit=12, update=True)
        assert server.repeats == 0
    assert asked.by_model["teacher"] == before
    assert asked.by_model["other"] > 0
    assert unbalanced(state) == []


def test_a_pilot_counts_the_voter(tmp_path: Path) -> None:
    """A plan's cost has the voter's price, and the run lies within its interval."""
    with MockServer(teacher.respond) as server:
        recipe = recipe_with(server.base_url, *PRICES)
        plan = make_plan(recipe, tmp_path, 12, 12, Spending(), unwatched)
        state = make(recipe, tmp_path, limit=12)
    blind = plan.calibration["took"]
    assert plan.figures["usd"].pilot + blind["usd"] == pytest.approx(state["cost_usd"], rel=1e-3)
    assert plan.figures["answers"].pilot + blind["answers"] == state["requests"]["answered"]


def test_bounds_count_the_dearer_model_for_half_of_the_votes(tmp_path: Path) -> None:
    """Without a pilot, the most that it can cost is above what a voter at the solver's price would cost."""
    limits = ("models.writer.sampling={max_tokens: 100}", "models.voter.sampling={max_tokens: 100}")
    most = {}
    for name, price in (("dear", 20.0), ("alike", 2.0)):
        sets = (*limits, f"models.voter.price={{input: 1.0, output: {price}}}")
        recipe = recipe_with("http://127.0.0.1:9/v1", *sets)
        most[name] = make_plan(recipe, tmp_path / name, 0, 12, Spending(), unwatched).figures
    answers = 12 * 2 * 6 / 2  # of the voter: questions x max_votes / 2
    difference = most["dear"]["usd"].high - most["alike"]["usd"].high
    assert difference == pytest.approx(answers * 100 * 18 / 1e6)
