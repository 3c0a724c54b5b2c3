"""kill -9 at any moment: nothing is paid twice but what was in flight, and the data set is the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from taskseed.recipe import parse_recipe
from tests.run.helpers import MODEL, told, unbalanced
from tests.servers import ServerProcess, server_process

CONCURRENCY = 8
DELAY = 0.05
KILLS = int(os.environ.get("TASKSEED_KILLS", "20"))  # that hit a run under way


def start(recipe: Path, out: Path, hash_seed: int, *more: str) -> subprocess.Popen[bytes]:
    """Start a run in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "taskseed", "run", str(recipe), "--out", str(out), "--quiet", *more],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def in_flight(server: ServerProcess, at: float) -> int:
    """Return how many requests had arrived but were not answered at a time."""
    arrived = sum(e["time"] <= at for e in server.entries("arrived"))
    return arrived - sum(e["time"] <= at for e in server.entries("answered"))


def repeats(server: ServerProcess) -> int:
    """Return how many requests the server had received before, word for word."""
    return sum(n - 1 for n in Counter(e["key"] for e in server.entries("arrived")).values())


@pytest.mark.slow
@pytest.mark.timeout(max(300, 15 * KILLS))
def test_killed_at_random_moments_it_ends_with_the_same_hash(tmp_path: Path) -> None:
    """Over many kills -9 at random fractions of the run time, repeats stay within what was in flight."""
    rng = random.Random(20261122)
    with server_process(tmp_path / "calm.log", "tests.teacher:respond", delay=DELAY) as server:
        text = MODEL.format(url=server.base_url, concurrency=CONCURRENCY)
        recipe = tmp_path / "calm.yaml"
        recipe.write_text(text)
        began = time.monotonic()
        process = start(recipe, tmp_path / "calm", 0)
        _, problem = process.communicate()
        took = time.monotonic() - began
        assert (process.returncode, problem) == (0, b"")
        calm = told(tmp_path / "calm", parse_recipe(text))
        assert repeats(server) == 0
    trial = interrupted = 0
    while interrupted < KILLS and trial < KILLS:
        trial += 1
        name = f"run{trial}"
        with server_process(tmp_path / f"{name}.log", "tests.teacher:respond", delay=DELAY) as server:
            recipe = tmp_path / f"{name}.yaml"
            recipe.write_text(MODEL.format(url=server.base_url, concurrency=CONCURRENCY))
            allowed = 0
            for part in (0.8, 0.65, 0.55, 0.5):  # less is left to do after each kill
                process = start(recipe, tmp_path / name, rng.randrange(1000))
                time.sleep(rng.uniform(0.3, part) * took)
                interrupted += process.poll() is None
                process.send_signal(signal.SIGKILL)
                moment = time.time()
                process.communicate()
                # an answer may be on its way into the store when the process dies: it was in flight too
                allowed += min(CONCURRENCY, in_flight(server, moment) + CONCURRENCY)
            process = start(recipe, tmp_path / name, rng.randrange(1000))
            _, problem = process.communicate()
            assert (process.returncode, problem) == (0, b"")
            ended = told(tmp_path / name, parse_recipe(recipe.read_text()))
            assert ended["dataset"] == calm["dataset"]
            assert unbalanced(ended) == []
            assert repeats(server) <= allowed
            # a request is counted just before it goes out: a kill may fall between the two
            assert 0 <= ended["requests"]["sent"] - len(server.entries("arrived")) <= allowed
    assert interrupted >= KILLS


def test_one_interrupt_lets_what_is_in_flight_come_back(tmp_path: Path) -> None:
    """Ctrl-C once: exit code 130, every answer that was under way is stored, and the run goes on later."""
    with server_process(tmp_path / "log", "tests.teacher:respond", delay=0.5) as server:
        recipe = tmp_path / "r.yaml"
        recipe.write_text(MODEL.format(url=server.base_url, concurrency=CONCURRENCY))
        command = ["--limit", "6"]
        process = start(recipe, tmp_path / "run", 0, *command)
        while len(server.entries("arrived")) < 3:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, problem = process.communicate()
        assert process.returncode == 130
        assert problem.decode().splitlines() == [
            "error: interrupted",
            "hint: run the same command again to go on",
        ]
        assert len(server.entries("answered")) == len(server.entries("arrived"))
        again = start(recipe, tmp_path / "run", 1, *command)
        again.communicate()
        assert again.returncode == 0
        assert repeats(server) == 0
