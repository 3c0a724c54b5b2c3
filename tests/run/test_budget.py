"""A run with a budget: it stops in time, keeps what it has, and goes on with more."""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from taskseed.errors import StoppedShort, UsageError
from taskseed.run.pipeline import Spending
from tests import teacher
from tests.run.helpers import make, model_recipe, rows, taskseed, told, unbalanced
from tests.servers import MockServer, Reply

LIMITED = ("models.writer.sampling.max_tokens=200", "shard_size=6")


def test_a_budget_is_kept_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    """Stopped again and again by a growing budget, the data set is that of a run without one."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=LIMITED)
        whole = make(recipe, tmp_path / "whole")
        total = whole["tokens"]["input"] + whole["tokens"]["output"]
        packaged = []
        for share in (0.2, 0.5, 0.8):
            tokens = int(total * share)
            with pytest.raises(StoppedShort, match="the budget is spent") as caught:
                make(recipe, tmp_path / "run", spending=Spending(tokens=tokens))
            state = told(tmp_path / "run", recipe)
            assert state["tokens"]["input"] + state["tokens"]["output"] <= tokens
            assert (caught.value.exit_code, state["state"], unbalanced(state)) == (3, "stopped", [])
            packaged.append(len(rows(tmp_path / "run")))
        assert 0 < packaged[-1] < whole["dataset"]["rows"]
        assert packaged == sorted(packaged)
        done = make(recipe, tmp_path / "run", spending=Spending(tokens=2 * total + 100_000))
    assert done["dataset"] == whole["dataset"]
    assert done["requests"]["answered"] == whole["requests"]["answered"]


def test_dollars_are_kept_to(tmp_path: Path) -> None:
    """The cost that `status` tells stays within the budget."""
    with MockServer(teacher.respond) as server:
        recipe = model_recipe(server.base_url, sets=LIMITED)
        with pytest.raises(StoppedShort, match="USD"):
            make(recipe, tmp_path, spending=Spending(usd=0.02))
        assert 0.005 < told(tmp_path, recipe)["cost_usd"] <= 0.02


@pytest.mark.slow
def test_no_random_run_passes_its_budget(tmp_path: Path) -> None:
    """Over 100 runs with random budgets, concurrency, delays and failures, none spends more than it may."""
    calm = tmp_path / "calm"
    outcomes = Counter()
    with MockServer(teacher.respond) as server:
        make(model_recipe(server.base_url, sets=LIMITED), calm, limit=3, last_stage="normalize")
    for number in range(100):
        rng = random.Random(number)
        out = tmp_path / f"run{number}"
        shutil.copytree(calm, out)
        usd = rng.choice([0.001, 0.004, 0.02, 0.05, 0.1]) * rng.uniform(0.8, 1.2)
        with MockServer(lambda request, n, rng=rng: troubled(request, n, rng)) as server:
            recipe = model_recipe(server.base_url, concurrency=rng.choice([1, 3, 16]), sets=LIMITED)
            try:
                make(recipe, out, limit=3, spending=Spending(usd=usd))
                outcomes["done"] += 1
            except StoppedShort:
                outcomes["stopped"] += 1
            spent = told(out, recipe)["cost_usd"]
            lost = told(out, recipe)["requests"]["possibly_billed"]
        assert spent <= usd
        # what a lost answer may have cost was set aside in full: 200 tokens at 2 USD per million
        assert spent + lost * 200 * 2e-6 <= usd + 200 * 2e-6
        shutil.rmtree(out)
    assert min(outcomes["done"], outcomes["stopped"]) >= 10


def troubled(request: dict, number: int, rng: random.Random) -> Reply:
    """Answer as the teacher does, now and then late, broken or not at all."""
    fate = rng.random()
    if fate < 0.01:
        return Reply({"error": {"message": "busy"}}, 429, {"retry-after": "0"})
    if fate < 0.025:
        return Reply(b"", action="reset")
    reply = teacher.respond(request, number)
    return Reply(reply.body, reply.status, reply.headers, rng.choice([0, 0, 0.01]), reply.action)


def test_a_budget_that_cannot_be_kept_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    """Without a price no USD can be counted, without a limit of output no request be reserved."""
    with MockServer(teacher.respond) as server:
        unpriced = model_recipe(server.base_url, sets=(*LIMITED, "models.writer.price=null"))
        with pytest.raises(UsageError, match=r"models\.writer has no price"):
            make(unpriced, tmp_path, spending=Spending(usd=1.0))
        with pytest.raises(UsageError, match="limit of output tokens"):
            make(model_recipe(server.base_url), tmp_path, spending=Spending(tokens=1000))
    assert server.requests == 0
    assert list(tmp_path.iterdir()) == []


def test_a_budget_of_nothing_is_a_usage_error() -> None:
    """The option is named as it is typed."""
    done = taskseed("run", "x.yaml", "--budget-usd", "0")
    assert (done.returncode, "--budget-usd 0" in done.stderr) == (2, True)
