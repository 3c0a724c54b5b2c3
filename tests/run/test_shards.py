"""What the output of a shard's stages, and a calibration, is made from."""

from taskseed.recipe import parse_recipe
from taskseed.run.calibrate import calibration_mark
from taskseed.run.fingerprints import parts
from taskseed.run.shards import shard_fingerprints
from tests.run.helpers import MODEL

RECIPE = parse_recipe(MODEL.format(url="http://127.0.0.1:9/v1", concurrency=1))


def marks(maths: str | None) -> dict[str, str]:
    """Return the fingerprints with something, or nothing, that compares expressions."""
    return shard_fingerprints(parts(RECIPE), "upstream", "guards", "prompts", maths=maths)


def test_what_compares_expressions_decides_votes_again() -> None:
    """Installed, removed or in another version: questions stay, votes and what follows are decided anew."""
    none, one, two = marks(None), marks("math-verify 1"), marks("math-verify 2")
    same = {stage for stage in none if none[stage] == one[stage] == two[stage]}
    assert same == {"generate", "screen"}
    assert [len({m[stage] for m in (none, one, two)}) for stage in ("enrich", "filter")] == [3, 3]


def test_what_compares_expressions_makes_a_calibration_anew() -> None:
    """How good the solver is was measured with the votes as they were."""
    made = {
        calibration_mark(parts(RECIPE), "upstream", "prompts", 20, maths) for maths in (None, "math-verify 1")
    }
    assert len(made) == 2
