"""The first minute: `taskseed demo`."""

import json
from pathlib import Path

from tests.run.helpers import taskseed

NO_NETWORK = """
import socket

def refuse(*arguments, **named):
    raise AssertionError("the demo opened a connection")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
"""


def test_the_demo_runs_offline_and_again_for_nothing(tmp_path: Path) -> None:
    """It ends with rows and both refusals in sight, opens no connection, and a second time sends nothing."""
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    out = tmp_path / "demo"
    first = taskseed("demo", "--out", str(out), PYTHONPATH=str(tmp_path))
    again = taskseed("demo", "--out", str(out), PYTHONPATH=str(tmp_path))
    assert (first.returncode, again.returncode) == (0, 0)
    assert "split_is_scored" in first.stdout
    assert "exemplars_only" in first.stdout
    assert "No model was asked." in first.stdout
    hashes = [
        line for run in (first, again) for line in run.stdout.splitlines() if line.startswith("sha256:")
    ]
    assert len(hashes) == 2
    assert hashes[0] == hashes[1]
    told = json.loads(taskseed("status", str(out), "--json").stdout)
    assert (told["state"], told["requests"]["sent"], told["last"]["sent"]) == ("done", 0, 0)
    assert told["dataset"]["rows"] >= 80


def test_a_sound_run_directory_verifies_and_a_changed_one_does_not(tmp_path: Path) -> None:
    """`verify` ends with 0 for what the run made, and with 1 and the place once a file was changed."""
    out = tmp_path / "demo"
    assert taskseed("demo", "--out", str(out), "--quiet").returncode == 0
    assert taskseed("verify", str(out)).stdout == "every file is as the run made it\n"
    kept = out / "filter" / "kept" / "00000.parquet"
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 0xFF
    kept.write_bytes(bytes(data))
    (out / "dataset" / "data" / "train-00000.parquet").write_bytes(
        (out / "package" / "dropped" / "00000.parquet").read_bytes()
    )
    checked = taskseed("verify", str(out))
    assert checked.returncode == 1
    assert str(out / "dataset") in checked.stdout
