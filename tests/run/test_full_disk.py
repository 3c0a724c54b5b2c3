"""A disk that fills up in the middle of a run: no stored response is lost, none is asked for again."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from taskseed.recipe import parse_recipe
from tests import teacher
from tests.run.helpers import MODEL, make, model_recipe, told
from tests.servers import MockServer

CONCURRENCY = 8
# Runs a command on a small disk of its own, then again with space on it; prints the first exit code.
SCRIPT = (
    'mount -t tmpfs -o size="$1" none "$2" || exit 99; disk="$2"; shift 2; "$@" >/dev/null 2>"$disk.err"; '
    'echo "first: $?"; mount -o remount,size=200m "$disk"; "$@" >&2; code=$?; '
    'cp -r "$disk" "$disk.kept"; exit $code'
)


@pytest.mark.slow
def test_a_run_goes_on_after_the_disk_was_full_at_five_random_moments(tmp_path: Path) -> None:
    """With space again each run ends with the same rows, and at most what was in flight is asked again."""
    if not shutil.which("unshare") or os.geteuid():
        pytest.skip("only root can mount a small disk for one process")
    with MockServer(teacher.respond) as server:
        calm = make(model_recipe(server.base_url), tmp_path / "calm")
    rng = random.Random(5)
    stopped = 0
    for number in range(5):
        disk = tmp_path / f"disk{number}"
        disk.mkdir()
        with MockServer(teacher.respond) as server:
            recipe = tmp_path / f"{number}.yaml"
            recipe.write_text(MODEL.format(url=server.base_url, concurrency=CONCURRENCY))
            command = [
                sys.executable,
                "-m",
                "taskseed",
                "run",
                str(recipe),
                "--quiet",
                "--out",
                f"{disk}/out",
            ]
            size = f"{rng.randrange(150, 900)}k"
            done = subprocess.run(
                ["unshare", "-m", "sh", "-c", SCRIPT, "sh", size, str(disk), *command],
                env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            if done.returncode == 99 or "unshare" in done.stderr:
                pytest.skip("no private mount namespace here")
            assert done.returncode == 0, done.stderr
            assert server.repeats <= CONCURRENCY
        first = done.stdout.splitlines()[0]
        assert first in ("first: 0", "first: 1")
        if first == "first: 1":
            stopped += 1
            assert "error: the disk is full" in Path(f"{disk}.err").read_text()
        kept = Path(f"{disk}.kept") / "out"
        assert told(kept, parse_recipe(recipe.read_text()))["dataset"] == calm["dataset"]
    assert stopped >= 3
