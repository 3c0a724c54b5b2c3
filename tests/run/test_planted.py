"""Held-out questions that are planted, slightly changed, are stopped: as seeds and as a writer's output."""

import json
import os
import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taskseed.recipe import parse_recipe
from tests.run.helpers import dropped, make, rows
from tests.servers import MockServer, Reply, chat

HUB = os.environ.get("TASKSEED_TEST_HUB", "")
pytestmark = [
    pytest.mark.hub,
    pytest.mark.skipif(not HUB, reason="TASKSEED_TEST_HUB names no mirror of public data"),
]
PLANTED = 20


def changed(question: str, rng: random.Random, number: bool) -> str:
    """Return a question with one number or three words changed."""
    if number:
        spot = rng.choice(list(re.finditer(r"\d+", question)))
        return f"{question[: spot.start()]}{int(spot.group()) + rng.randint(1, 9)}{question[spot.end() :]}"
    words = question.split(" ")
    for at in rng.sample(range(len(words)), 3):
        words[at] = rng.choice(["green", "seldom", "harbour", "whistle", "perhaps", "ladder"])
    return " ".join(words)


def planted() -> list[dict[str, str]]:
    """Return twenty rows of the test split, ten with one number and ten with three words changed."""
    rng = random.Random(4)
    test = pq.read_table(Path(HUB) / "openai/gsm8k/main/test.parquet").to_pylist()
    chosen = rng.sample([r for r in test if re.search(r"\d", r["question"])], PLANTED)
    return [r | {"question": changed(r["question"], rng, i % 2 == 0)} for i, r in enumerate(chosen)]


def test_planted_rows_never_become_seeds(tmp_path: Path) -> None:
    """Twenty changed test rows among a training split are all dropped as `heldout_overlap`."""
    train = pq.read_table(Path(HUB) / "openai/gsm8k/main/train.parquet").slice(0, 300).to_pylist()
    folder = tmp_path / "hub/openai/gsm8k/main"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([*planted(), *train]), folder / "train.parquet")
    (folder / "test.parquet").symlink_to(Path(HUB).resolve() / "openai/gsm8k/main/test.parquet")
    recipe = parse_recipe(
        f"name: p\ntasks: {{include: [gsm8k], hub: {tmp_path / 'hub'}}}\nheld_out: {{suites: []}}\n"
        "generate: {kind: numeric}\n"
    )
    make(recipe, tmp_path / "run")
    stopped = [d for d in dropped(tmp_path / "run", "normalize") if d["reason"] == "heldout_overlap"]
    positions = {json.loads(d["record"])["source_row"] for d in stopped}
    assert set(range(PLANTED)) - positions == set()
    assert max(r["heldout_overlap"] for r in rows(tmp_path / "run")) < 0.5


def test_planted_questions_of_a_writer_are_contaminated(tmp_path: Path) -> None:
    """A writer that recites changed test questions gets none of them past the screen."""
    recited = iter(planted() * 2)

    def recite(request: dict, number: int) -> Reply:
        row = next(recited)
        final = row["answer"].rpartition("#### ")[2].replace(",", "")
        return chat(json.dumps({"question": row["question"], "explanation": "", "answer": final}))

    with MockServer(recite) as server:
        recipe = parse_recipe(
            f"name: p\ntasks: {{include: [gsm8k], hub: {HUB}}}\nheld_out: {{suites: []}}\n"
            "generate: {questions_per_seed: 1}\n"
            f'models: {{writer: {{model: m, base_url: "{server.base_url}", concurrency: 1}}}}\n'
        )
        make(recipe, tmp_path, limit=PLANTED)
    reasons = [d["reason"] for d in dropped(tmp_path, "screen")]
    assert reasons == ["contaminated"] * PLANTED
