"""Ctrl-C: once lets what is in flight come back, twice stops at once; the run goes on later."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

from tests import teacher
from tests.run.helpers import ALIKE, MODEL, NUMERIC, taskseed
from tests.servers import MockServer, Reply, error

LIMIT = ("--limit", "6")


def start(folder: Path, text: str, *more: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start a run in a process of its own."""
    recipe = folder / "recipe.yaml"
    recipe.write_text(text)
    return subprocess.Popen(
        [sys.executable, "-m", "taskseed", "run", str(recipe), "--out", str(folder / "out"), *more],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    """Wait for a process; returns its exit code and the lines on stderr."""
    _, problem = process.communicate(timeout=60)
    return process.returncode, problem.splitlines()


def test_once_it_says_what_it_waits_for_and_how_to_go_on(tmp_path: Path) -> None:
    """The first Ctrl-C says how many requests it finishes, saves them, and the end says how to resume."""

    def slow(request: dict, number: int) -> Reply:
        return Reply(teacher.respond(request, number).body, delay=1.0)

    with MockServer(slow) as server:
        text = MODEL.format(url=server.base_url, concurrency=3)
        process = start(tmp_path, text, *LIMIT)
        until(lambda: server.requests >= 3)
        process.send_signal(signal.SIGINT)
        code, lines = ended(process)
        assert code == 130
        assert "finishing 3 requests in flight; press Ctrl-C again to stop at once" in lines
        assert lines[-2:] == ["error: interrupted", "hint: run the same command again to go on"]
        assert (server.requests, server.answered) == (3, 3)
        server.respond = teacher.respond
        assert ended(start(tmp_path, text, *LIMIT))[0] == 0
        assert server.repeats == 0


def test_twice_it_stops_at_once_and_goes_on_later(tmp_path: Path) -> None:
    """With a server that never answers, the second Ctrl-C ends the run; only what was out is asked again."""

    def hanging(request: dict, number: int) -> Reply:
        return teacher.respond(request, number) if number < 2 else Reply(action="hang")

    with MockServer(hanging) as server:
        text = MODEL.format(url=server.base_url, concurrency=3)
        process = start(tmp_path, text, *LIMIT)
        until(lambda: server.requests >= 5)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        assert any(line.startswith("finishing 3 requests in flight") for line in said)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        code, lines = ended(process)
        assert code == 130
        assert lines[-2:] == ["error: stopped at once", "hint: run the same command again to go on"]
        assert time.monotonic() - began < 10
        server.respond = teacher.respond
        assert ended(start(tmp_path, text, *LIMIT))[0] == 0
        assert server.repeats == 3


def test_once_it_does_not_wait_to_ask_again(tmp_path: Path) -> None:
    """Requests that wait for a minute, as the server asked them to, are not in flight: the run ends."""

    def busy(request: dict, number: int) -> Reply:
        return teacher.respond(request, number) if number < 2 else error(429, retry_after="60")

    with MockServer(busy) as server:
        process = start(tmp_path, MODEL.format(url=server.base_url, concurrency=3), *LIMIT)
        until(lambda: server.answered >= 5)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130
        assert time.monotonic() - began < 20


def test_status_tells_what_the_invocation_under_way_has_asked(tmp_path: Path) -> None:
    """While a run waits for its server, `taskseed status` says what it sent; once it is over, it does not."""

    def hanging(request: dict, number: int) -> Reply:
        return teacher.respond(request, number) if number < 2 else Reply(action="hang")

    with MockServer(hanging) as server:
        alike = (word for key in ALIKE for word in ("--set", key))
        process = start(tmp_path, MODEL.format(url=server.base_url, concurrency=3), *LIMIT, *alike)
        until(lambda: server.requests >= 5)
        lines = taskseed("status", str(tmp_path / "out")).stdout.splitlines()
        assert "shards finished, of 1: generate 0, screen 0, enrich 0, filter 0" in lines
        now = [line for line in lines if line.startswith("under way for 0:0")]
        assert [re.sub(r".*?: |[(].*?[)]", "", line) for line in now] == [
            "5 requests sent , 4 answers, 0 failed, 0 answers from the store"
        ]
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        ended(process)
    assert "under way" not in taskseed("status", str(tmp_path / "out")).stdout


def test_on_a_terminal_a_panel_stays_on_the_screen(tmp_path: Path) -> None:
    """Whatever is drawn over, the last state is there in the end, and no line is wider than the terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
    process = start(tmp_path, NUMERIC, stderr=theirs)
    os.close(theirs)
    screen = b""
    try:
        while chunk := os.read(ours, 65536):
            screen += chunk
    except OSError:  # the other end is closed
        pass
    process.communicate()
    os.close(ours)
    drawn = screen.decode().rpartition("stage ")[2]
    lines = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).rstrip() for line in drawn.splitlines()]
    assert process.returncode == 0
    assert [line.split()[0] for line in lines[1:] if line] == [
        "collect",
        "normalize",
        "generate",
        "screen",
        "enrich",
        "filter",
        "package",
        "time",
    ]
    assert max(map(len, lines)) <= 80
