"""A server that no one here wrote: llama.cpp with a tiny random model."""

from pathlib import Path

from taskseed.recipe import parse_recipe
from tests.run.helpers import dropped, make, unbalanced

RECIPE = """
name: peer
shard_size: 4
tasks: {{include: [taskseed_maths]}}
held_out: {{suites: []}}
generate: {{questions_per_seed: 2, examples: 1, attempts: 2}}
models:
  writer: {{model: random, base_url: "{url}", sampling: {{temperature: 1.0, max_tokens: 60}}}}
"""


def test_nonsense_is_dropped_with_reasons_and_the_run_ends_cleanly(real_server: str, tmp_path: Path) -> None:
    """A random model's text never becomes a question; each slot says why, and the funnel balances."""
    recipe = parse_recipe(RECIPE.format(url=real_server))
    state = make(recipe, tmp_path, limit=8)
    generate = next(s for s in state["stages"] if s["stage"] == "generate")
    assert (state["state"], generate["in"], generate["kept"]) == ("done", 16, 0)
    assert generate["dropped"] == {"malformed": 16}
    assert {d["evidence"] != "" for d in dropped(tmp_path, "generate")} == {True}
    assert unbalanced(state) == []
    assert state["requests"]["answered"] >= 32
    assert state["tokens"]["output"] > 0
    assert state["dataset"]["rows"] == 0
    sent = state["requests"]["sent"]
    assert make(recipe, tmp_path, limit=8)["requests"]["sent"] == sent
